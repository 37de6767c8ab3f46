//! How the chat session service talks. Its token is the place of a chat, which stands in every address: there is nothing secret in it
//! beside the configured key, so no mark either.

use serde_json::{Map, Value, json};

use super::super::story::{Source, anything as any_json};
use super::Manner;

pub(super) const MANNER: Manner = Manner {
    service: "chat_session",
    more: |_| Value::Null,
    signs_in: false,
    token,
    cursor: |source| json!({ "index": source.below(14) }).to_string(),
    answer: |source, _| answer(source),
    frame: |_, _| Value::Null,
    is_read: |call| call.what == "read",
    is_farewell: |call| call.what == "leave",
    makes_way: |_| false,
    places: &[],
    is_keyless: |_| false,
    last_sockets: 0,
    names: &["statusCode", "id", "path", "messages", "index", "from", "type", "content", "reason", "party"],
    words: &[
        "",
        "0",
        "1",
        "7",
        "18446744073709551615",
        "/api/c1",
        "//evil.example/",
        "Customer",
        "SessionEnded",
    ],
};

fn anything(source: &mut Source<'_>, depth: u8) -> Value {
    any_json(source, &MANNER, depth)
}

fn token(source: &mut Source<'_>) -> String {
    let place = match source.below(8) {
        0 => anything(source, 2),
        1 => json!({ "id": ".." }),
        2 => json!({ "id": "c/1?#", "path": "//evil.example" }),
        _ => json!({ "id": source.one_of(&["c1", "c2"]) }),
    };
    place.to_string()
}

/// Something that looks like an answer of the service.
fn answer(source: &mut Source<'_>) -> Value {
    let mut whole = Map::new();
    if source.below(8) != 0 {
        whole.insert("statusCode".to_owned(), json!(source.one_of(&[0, 0, 0, 0, 0, 6])));
    }
    if source.below(2) == 0 {
        whole.insert("id".to_owned(), json!(source.one_of(&["c1", "c2", "..", ""])));
        whole.insert("path".to_owned(), json!(source.one_of(&["/api/c1", "//evil.example"])));
    }
    if source.below(4) != 0 {
        let entries = (0..source.below(6)).map(|_| entry(source)).collect();
        whole.insert("messages".to_owned(), Value::Array(entries));
    }
    if source.below(16) == 0 {
        whole.insert(source.one_of(MANNER.names).to_owned(), anything(source, 3));
    }
    Value::Object(whole)
}

/// An entry of a transcript. Numbers come from a small set, so that they are met again.
fn entry(source: &mut Source<'_>) -> Value {
    let types = [
        "Text",
        "Text",
        "MessageReceived",
        "ParticipantJoined",
        "ParticipantLeft",
        "ParticipantRejoined",
        "TypingStarted",
        "AgentTyping",
        "Notice",
        "Hologram",
    ];
    let mut entry = json!({
        "type": source.one_of(&types),
        "index": source.below(14),
        "from": { "participantId": source.below(4), "type": source.one_of(&["Agent", "Customer", "X"]) },
        "text": "words",
    });
    match source.below(64) {
        0 => entry["type"] = json!("SessionEnded"),
        1..=8 => {
            if let Value::Object(entry) = &mut entry {
                entry.remove("index");
            }
        }
        9..=24 => {
            let member = source.one_of(&["index", "from", "type", "text", "content", "timestamp", "reason"]);
            entry[member] = anything(source, 2);
        }
        _ => {}
    }
    entry
}
