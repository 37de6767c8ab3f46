//! How Web Messaging talks: its frames, its pages of history and its deployment configuration.

use envoi_protocol::io::{HttpCall, Method};
use serde_json::{Value, json};

use super::super::MARK;
use super::super::story::{Source, anything as any_json};
use super::Manner;

pub(super) const MANNER: Manner = Manner {
    service: "web_messaging",
    // Of eight worlds two know of no sign-in, two want one, and four allow one.
    more: |seed| match seed & 7 {
        0 | 1 => Value::Null,
        two => {
            json!({ "sign_in_url": "https://id.example/a", "sign_in_client": "envoi", "sign_in_optional": two > 3 })
        }
    },
    signs_in: true,
    token,
    cursor: |source| {
        let (newest, oldest) = (key(source), key(source));
        json!({ "newest": newest, "oldest": oldest, "recent": [newest], "count": source.byte() }).to_string()
    },
    answer,
    frame,
    is_read: |call| matches!(call.what, "history" | "configuration"),
    is_farewell: |_| false,
    makes_way: |call| call.what == "sign-in",
    places: &[
        "https://webmessaging.mypurecloud.de",
        "https://api.mypurecloud.de",
        "https://api-cdn.mypurecloud.de",
    ],
    is_keyless: |call| call.method == Method::Put || call.what == "file",
    last_sockets: 2,
    names: &[
        "class",
        "code",
        "body",
        "tracingId",
        "type",
        "direction",
        "channel",
        "time",
        "messageId",
        "id",
        "events",
        "eventType",
        "presence",
        "content",
        "contentType",
        "attachment",
        "entities",
        "total",
        "metadata",
        "newSession",
    ],
    words: &[
        "",
        "Inbound",
        "Outbound",
        "Text",
        "Structured",
        "Event",
        "Typing",
        "Presence",
        "Disconnect",
        "Clear",
        "true",
        "2026-01-05T10:00:00.000Z",
        "SessionResponse",
        "StructuredMessage",
        "string",
        "M1",
        "https://files.example/1",
    ],
};

fn anything(source: &mut Source<'_>, depth: u8) -> Value {
    any_json(source, &MANNER, depth)
}

/// A guest's, somebody's, or one of which nobody knows.
fn token(source: &mut Source<'_>) -> String {
    let bare = format!("{MARK}-{}", source.below(3));
    let key = format!("{MARK}.kept");
    match source.below(4) {
        0 => json!({ "token": bare, "refresh": key }).to_string(),
        1 => json!({ "token": bare, "refresh": key, "doubt": true }).to_string(),
        2 => json!({ "token": bare, "refresh": null }).to_string(),
        _ => bare,
    }
}

fn key(source: &mut Source<'_>) -> Value {
    json!({ "major": 1_767_607_200_000_u64 + u64::from(source.below(40)) * 10_000, "minor": source.byte() })
}

/// An answer over HTTP.
fn answer(source: &mut Source<'_>, call: &HttpCall) -> Value {
    match call.what {
        "configuration" => config(source),
        "history" => {
            let entities: Vec<Value> = (0..source.below(6)).map(|_| message(source)).collect();
            let mut page =
                json!({ "entities": entities, "pageSize": 25, "pageNumber": 1, "total": source.byte() });
            if source.below(8) == 0 {
                page["entities"] = anything(source, 3);
            }
            page
        }
        "sign-in" => match source.below(4) {
            0 => json!({ "jwt": format!("{MARK}.pass.{}", call.id.0) }),
            _ => {
                json!({ "jwt": format!("{MARK}.pass.{}", call.id.0), "refreshToken": format!("{MARK}.key.{}", call.id.0) })
            }
        },
        _ => anything(source, 2),
    }
}

fn config(source: &mut Source<'_>) -> Value {
    let mut flag = || source.below(4) != 0;
    let conversations = json!({
        "enabled": true,
        "showUserTypingIndicator": flag(),
        "autoStart": { "enabled": flag() },
        "conversationClear": { "enabled": flag() },
    });
    let auth = json!({ "enabled": flag(), "allowSessionUpgrade": flag() });
    let mut config = json!({
        "id": "D", "status": "Active", "auth": auth,
        "messenger": { "enabled": true, "apps": { "conversations": conversations }, "fileUpload": { "enableAttachments": flag() } },
    });
    match source.below(16) {
        0 => config["messenger"] = anything(source, 3),
        1 => config["status"] = json!("Inactive"),
        _ => {}
    }
    config
}

/// A frame; most often it answers what was said last.
fn frame(source: &mut Source<'_>, said: Option<&Value>) -> Value {
    let name = said.and_then(|said| said.get("tracingId")).cloned().unwrap_or_default();
    let action = said.and_then(|said| said.get("action")).and_then(Value::as_str).unwrap_or_default();
    let id = said.and_then(|said| said.get("attachmentId")).cloned().unwrap_or(json!("A1"));
    let mut frame = match source.below(16) {
        0 => error(source),
        1 => {
            json!({ "class": source.one_of(&["SessionClearedEvent", "ConnectionClosedEvent", "SessionExpiredEvent", "LogoutEvent"]),
                "body": { "reason": source.one_of(&["", "", "signedIn"]) } })
        }
        2 => {
            json!({ "class": source.one_of(&["UploadSuccessEvent", "UploadFailureEvent", "GenerateUrlError", "AttachmentDeletedResponse"]), "body": { "attachmentId": id, "errorCode": 4001 } })
        }
        3..=5 => json!({ "class": "StructuredMessage", "code": 200, "body": message(source) }),
        _ => match action {
            "configureSession" | "configureAuthenticatedSession" => {
                json!({ "class": "SessionResponse", "code": 200, "body": session(source) })
            }
            "getJwt" => {
                json!({ "class": "JwtResponse", "code": 200, "body": { "jwt": format!("{MARK}.jwt"), "exp": 1_767_607_260 } })
            }
            "onAttachment" | "getAttachment" => {
                json!({ "class": "PresignedUrlResponse", "code": 200, "body": {
                "attachmentId": id, "headers": { "x-amz-tagging": "a" },
                "url": source.one_of(&["https://files.example/1", "http://files.example/1", "ftp://x"]) } })
            }
            "onMessage" => {
                let mut body = message(source);
                body["direction"] = json!("Inbound");
                json!({ "class": "StructuredMessage", "code": 200, "body": body })
            }
            _ => json!({ "class": "StructuredMessage", "code": 200, "body": message(source) }),
        },
    };
    if source.below(4) != 0 {
        frame["tracingId"] = name;
    }
    match source.below(16) {
        0 => frame["body"] = anything(source, 3),
        1 => frame["class"] = anything(source, 1),
        2 => frame["code"] = anything(source, 1),
        _ => {}
    }
    frame
}

fn error(source: &mut Source<'_>) -> Value {
    let codes = [400, 401, 403, 404, 408, 409, 429, 4006, 4007, 4011, 4013, 4017, 4029, 5000, 503, 9999];
    let code = source.one_of(&codes);
    match source.below(3) {
        0 => {
            json!({ "class": "TooManyRequestsErrorMessage", "code": 429, "body": { "retryAfter": source.below(9), "errorCode": 4029 } })
        }
        1 => json!({ "class": "ErrorMessage", "body": { "errorCode": code, "errorMessage": "no" } }),
        _ => {
            json!({ "class": "string", "code": code, "body":
                source.one_of(&["Presence events Conversation Clear are not supported", "Session authentication failed"]) })
        }
    }
}

fn session(source: &mut Source<'_>) -> Value {
    let mut session = json!({
        "connected": true,
        "newSession": source.below(3) == 0,
        "readOnly": source.below(8) == 0,
        "allowedMedia": { "inbound": { "fileTypes": [{ "type": "*/*" }], "maxFileSizeKB": 1 } },
        "durationSeconds": source.byte(),
        "expirationDate": 1_767_607_200 + u64::from(source.byte()),
    });
    if source.below(8) == 0 {
        session["connected"] = anything(source, 1);
    }
    session
}

/// A message. Names come from a small set, so that they are met again.
fn message(source: &mut Source<'_>) -> Value {
    let number = source.below(12);
    let mut message = json!({
        "type": source.one_of(&["Text", "Text", "Structured", "Event", "Hologram"]),
        "direction": source.one_of(&["Outbound", "Inbound"]),
        "id": format!("M{number}"),
        "text": "words",
        "channel": { "time": format!("2026-01-05T10:{:02}:00.000Z", number), "from": { "nickname": "Tom" } },
        "originatingEntity": "Human",
    });
    if message["type"] == "Event" {
        message["events"] = json!([{ "eventType": source.one_of(&["Typing", "Presence"]), "typing": { "type": "On" },
            "presence": { "type": source.one_of(&["Join", "Disconnect", "Clear", "SessionExpired", "SignIn"]) } }]);
        message["metadata"] = json!({ "readOnly": source.one_of(&["true", "false"]) });
    }
    if source.below(4) == 0 {
        message["content"] = json!([{ "contentType": "Attachment", "attachment": { "id": "A1", "url": "https://files.example/1" } },
            { "contentType": "QuickReply", "quickReply": { "text": "Yes", "payload": "y" } }]);
    }
    for _ in 0..source.below(3) {
        let member =
            source.one_of(&["type", "direction", "id", "text", "channel", "content", "events", "metadata"]);
        message[member] = anything(source, 2);
    }
    message
}
