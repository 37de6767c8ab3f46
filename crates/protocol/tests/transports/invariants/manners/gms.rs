//! How GMS chat talks: its keys, its answer objects and its messages.

use serde_json::{Map, Value, json};

use super::super::MARK;
use super::super::story::{Source, anything as any_json};
use super::Manner;

pub(super) const MANNER: Manner = Manner {
    service: "gms",
    more: |_| Value::Null,
    signs_in: false,
    token,
    cursor: |source| {
        json!({ "next": source.below(14), "seen": 1_767_607_000_000_i64, "bots": ["3"] }).to_string()
    },
    answer: |source, _| answer(source),
    frame: |_, _| Value::Null,
    is_read: |call| call.what == "refresh",
    is_farewell: |call| call.what == "leave",
    makes_way: |_| false,
    places: &[],
    is_keyless: |_| false,
    last_sockets: 0,
    names: &[
        "statusCode",
        "chatId",
        "secureKey",
        "alias",
        "chatEnded",
        "messages",
        "index",
        "from",
        "type",
        "userData",
        "errors",
        "code",
        "eventAttributes",
    ],
    words: &[
        "",
        "0",
        "1",
        "2",
        "..",
        "true",
        "9007199254740991",
        "18446744073709551615",
        "Client",
        "CLOSE",
        "file-id",
        "{\"structured-content\":{}}",
    ],
};

fn anything(source: &mut Source<'_>, depth: u8) -> Value {
    any_json(source, &MANNER, depth)
}

/// A token, most often a good one.
fn token(source: &mut Source<'_>) -> String {
    let kept = match source.below(8) {
        0 => anything(source, 2),
        1 => json!({ "chat": "..", "key": MARK }),
        2 => json!({ "chat": "C/1?#", "user": "U 1", "key": format!("{MARK}+/=&"), "alias": "204" }),
        _ => json!({ "chat": source.one_of(&["C1", "C2"]), "user": "U1", "key": MARK, "alias": "204" }),
    };
    kept.to_string()
}

/// Something that looks like an answer of a service that we know.
fn answer(source: &mut Source<'_>) -> Value {
    let mut whole = Map::new();
    if source.below(16) != 0 {
        whole.insert("statusCode".to_owned(), json!(source.one_of(&[0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 2])));
    }
    if source.below(2) == 0 {
        let key = format!("{MARK}{}", source.below(4));
        for (name, value) in [("chatId", "C1"), ("userId", "U1"), ("secureKey", &*key), ("alias", "204")] {
            whole.insert(name.to_owned(), json!(value));
        }
    }
    if source.below(4) != 0 {
        let messages = (0..source.below(6)).map(|_| message(source)).collect();
        whole.insert("messages".to_owned(), Value::Array(messages));
    }
    match source.below(16) {
        0 => {
            whole.insert("chatEnded".to_owned(), json!(source.below(4) == 0));
        }
        1..=8 => {
            whole.insert("chatEnded".to_owned(), json!(false));
        }
        _ => {}
    }
    match source.below(24) {
        0 => {
            let code = source.one_of(&[102, 161, 201, 202, 203, 204, 240, 306, 364, 401, 404, 500, 999]);
            whole.insert("errors".to_owned(), json!([{ "code": code, "advice": "5" }]));
        }
        1 => {
            whole.insert("idleTimerExpire".to_owned(), json!(source.byte()));
        }
        2 => {
            whole.insert("userData".to_owned(), json!({ "file-id": source.one_of(&["f1", "..", "a/b"]) }));
        }
        3 => {
            whole.insert(source.one_of(MANNER.names).to_owned(), anything(source, 3));
        }
        _ => {}
    }
    Value::Object(whole)
}

/// A message of a transcript. Indexes come from a small set, so that they are met again.
fn message(source: &mut Source<'_>) -> Value {
    let types = [
        "Message",
        "Message",
        "PushUrl",
        "ParticipantJoined",
        "ParticipantLeft",
        "TypingStarted",
        "FileUploaded",
        "FileDeleted",
        "Notice",
        "CustomNotice",
        "IdleAlert",
        "IdleClose",
        "Hologram",
    ];
    let mut message = json!({
        "type": source.one_of(&types),
        "index": 1 + u64::from(source.below(14)),
        "from": { "participantId": source.below(4), "type": source.one_of(&["Agent", "Client", "External", "X"]),
                  "nickname": "Somebody" },
        "text": "words",
    });
    match source.below(48) {
        0..=7 => {
            if let Value::Object(message) = &mut message {
                message.remove("index");
            }
        }
        8 => message["userData"] = json!({ "next-idle-timer-type": "CLOSE", "next-idle-timer-secs": "40" }),
        9 => message["userData"] = json!({ "upload-max-files": "5", "upload-file-types": "png:pdf" }),
        10..=12 => message["userData"] = json!({ "file-id": "f1", "file-name": "a.png", "file-size": "7" }),
        13 => message["eventAttributes"] = json!({ "GCTI_SYSTEM": { "party-info": { "style": "BOT" } } }),
        14..=20 => {
            let members = ["index", "from", "type", "text", "userData", "utcTime", "eventAttributes"];
            let member = source.one_of(&members);
            message[member] = anything(source, 2);
        }
        _ => {}
    }
    message
}
