//! How GMS talks over CometD: Bayeux around it, and the answers and events of the chat within.

use envoi_protocol::io::{Body, HttpCall};
use serde_json::{Map, Value, json};

use super::super::MARK;
use super::super::story::{Source, anything as any_json};
use super::Manner;

pub(super) const MANNER: Manner = Manner {
    service: "gms_cometd",
    more: |_| Value::Null,
    signs_in: false,
    token,
    cursor: |source| json!({ "next": source.below(14), "oldest": source.below(6) }).to_string(),
    answer,
    frame: |source, said| Value::Array(messages(source, said)),
    // A handshake makes the way for a connect.
    is_read: |call| matches!(call.what, "connect" | "handshake"),
    is_farewell: |call| {
        let leaves = |body: &str| body.contains(r#""operation":"disconnect""#);
        call.what == "disconnect" || matches!(&call.body, Body::Json(body) if leaves(body))
    },
    // There has to be a session to leave the chat in, and a new session is told what to listen to.
    makes_way: |call| matches!(call.what, "handshake" | "connect" | "publish"),
    places: &[],
    is_keyless: |_| false,
    last_sockets: 2,
    names: &[
        "channel",
        "id",
        "clientId",
        "successful",
        "advice",
        "reconnect",
        "data",
        "statusCode",
        "chatEnded",
        "messages",
        "index",
        "type",
        "from",
        "secureKey",
        "errors",
    ],
    words: &[
        "",
        "0",
        "1",
        "2",
        "-1",
        "/meta/connect",
        "/meta/handshake",
        "/service/chatV2/customer-support",
        "402::Unknown client",
        "handshake",
        "none",
        "Client",
        "true",
        "/file/1",
    ],
};

const CHANNEL: &str = "/service/chatV2/customer-support";

fn anything(source: &mut Source<'_>, depth: u8) -> Value {
    any_json(source, &MANNER, depth)
}

fn token(source: &mut Source<'_>) -> String {
    let token = match source.below(8) {
        0 => anything(source, 2),
        1 => json!({ "key": 7 }),
        _ => json!({ "key": format!("k-{MARK}"), "user": "U1", "chat": "C1", "alias": "204" }),
    };
    token.to_string()
}

fn answer(source: &mut Source<'_>, call: &HttpCall) -> Value {
    match &call.body {
        Body::Json(body) => Value::Array(messages(source, serde_json::from_str(body).ok().as_ref())),
        _ => envelope(source, false),
    }
}

/// Replies to what was said, most often good ones, and deliveries beside them.
fn messages(source: &mut Source<'_>, said: Option<&Value>) -> Vec<Value> {
    let said = said.and_then(Value::as_array).cloned().unwrap_or_default();
    let mut list = Vec::new();
    let mut deliveries = source.below(3);
    for message in &said {
        if source.below(12) == 0 {
            continue;
        }
        let mut reply = json!({ "channel": message["channel"], "id": message["id"], "successful": true });
        if message["channel"] == "/meta/handshake" {
            reply["clientId"] = json!(format!("c-{MARK}"));
            reply["supportedConnectionTypes"] = json!(["websocket", "long-polling"]);
            reply["ext"] = json!({ "ack": source.below(2) == 0 });
        }
        if source.below(8) == 0 {
            reply["successful"] = json!(false);
            reply["error"] = json!(source.one_of(&[
                "402::Unknown client",
                "403::denied",
                "500::",
                "402::session_unknown"
            ]));
        }
        if source.below(12) == 0 {
            let word = source.one_of(&["retry", "retry", "handshake", "none"]);
            reply["advice"] =
                json!({ "reconnect": word, "interval": source.one_of(&[0, 2000, -1]), "timeout": 30_000 });
        }
        if source.below(16) == 0 {
            let member = source.one_of(MANNER.names);
            reply[member] = anything(source, 2);
        }
        let starts = message["data"]["operation"] == "requestChat";
        if starts || message["data"].is_object() && source.below(2) == 0 {
            list.push(json!({ "channel": CHANNEL, "data": envelope(source, starts) }));
        }
        list.push(reply);
    }
    while deliveries > 0 {
        deliveries -= 1;
        list.push(json!({ "channel": CHANNEL, "data": envelope(source, false) }));
    }
    list
}

fn envelope(source: &mut Source<'_>, starts: bool) -> Value {
    let mut whole = Map::new();
    let code = match source.below(12) {
        0 => source.one_of(&[1, 2]),
        _ => 0,
    };
    whole.insert("statusCode".to_owned(), json!(code));
    if starts || source.below(6) == 0 {
        whole.insert("secureKey".to_owned(), json!(format!("k{}-{MARK}", source.below(3))));
        whole.insert("userId".to_owned(), json!("U1"));
        whole.insert("chatId".to_owned(), json!("C1"));
        whole.insert("alias".to_owned(), json!(source.below(3)));
    }
    if source.below(8) != 0 {
        let messages = (0..source.below(5)).map(|_| event(source)).collect();
        whole.insert("messages".to_owned(), Value::Array(messages));
    }
    if source.below(20) == 0 {
        whole.insert("chatEnded".to_owned(), json!(source.below(2) == 0));
    }
    if source.below(16) == 0 {
        whole.insert(
            "errors".to_owned(),
            json!([{ "code": source.one_of(&[204, 240, 404, 777]), "advice": 3 }]),
        );
    }
    match source.below(16) {
        0 => anything(source, 2),
        1 => {
            let member = source.one_of(MANNER.names).to_owned();
            whole.insert(member, anything(source, 2));
            Value::Object(whole)
        }
        _ => Value::Object(whole),
    }
}

fn event(source: &mut Source<'_>) -> Value {
    let types = [
        "Message",
        "Message",
        "ParticipantJoined",
        "ParticipantLeft",
        "TypingStarted",
        "FileUploaded",
        "PushUrl",
        "IdleAlert",
        "Odd",
    ];
    let mut event = json!({
        "index": source.below(14),
        "type": source.one_of(&types),
        "from": { "type": source.one_of(&["Client", "Agent", "External"]), "participantId": source.below(3), "nickname": "N" },
        "text": source.one_of(&["hi", "words", ""]),
        "utcTime": 1_700_000_000_000_u64 + u64::from(source.below(9)),
        "userData": { "file-id": "1", "next-idle-timer-type": "CLOSE", "next-idle-timer-secs": "9" },
    });
    let members = ["index", "from", "type", "text", "userData", "utcTime"];
    for _ in 0..source.below(2) {
        let member = source.one_of(&members);
        event[member] = anything(source, 2);
    }
    event
}
