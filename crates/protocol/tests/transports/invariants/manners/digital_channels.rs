//! How Digital Channels talks: its tokens, its envelopes and its entries.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use envoi_protocol::io::Method;
use serde_json::{Map, Value, json};

use super::super::MARK;
use super::super::story::{Source, anything as any_json};
use super::Manner;

pub(super) const MANNER: Manner = Manner {
    service: "digital_channels",
    more: |_| Value::Null,
    signs_in: false,
    token,
    cursor: |source| json!({ "frontier": place(source), "oldest": place(source) }).to_string(),
    answer: |source, _| envelope(source),
    frame: |_, _| Value::Null,
    is_read: |call| call.method == Method::Get && call.what != "picture",
    is_farewell: |call| call.method == Method::Delete,
    makes_way: |_| false,
    places: &[],
    is_keyless: |_| false,
    last_sockets: 0,
    names: &[
        "status",
        "code",
        "data",
        "messages",
        "index",
        "from",
        "type",
        "interactionState",
        "url",
        "chatEnded",
    ],
    words: &[
        "",
        "All",
        "Agent",
        "1000-3",
        "1001-281474976710656",
        "18446744073709551615-18446744073709551615",
        "1005-4294967296",
        "-1-0",
        "u1",
        "u2",
        "InteractionStateChange",
        "2021-07-09T10:25:38.829Z",
        "true",
        "/f/3",
    ],
};

fn anything(source: &mut Source<'_>, depth: u8) -> Value {
    any_json(source, &MANNER, depth)
}

/// A token, most often a good one.
fn token(source: &mut Source<'_>) -> String {
    let claims = match source.below(8) {
        0 => anything(source, 2),
        1 => json!({ "sessionId": "..", "participantId": "P1" }),
        2 => json!({ "sessionId": "S/1?#", "participantId": "P 1", "more": [1] }),
        _ => json!({ "sessionId": source.one_of(&["S1", "S2"]), "participantId": "P1" }),
    };
    format!("{MARK}.{}.{MARK}", BASE64_URL_SAFE_NO_PAD.encode(claims.to_string()))
}

/// Something that looks like an answer of a service that we know.
fn envelope(source: &mut Source<'_>) -> Value {
    let codes = [
        "SUCCESS",
        "SUCCESS",
        "SUCCESS",
        "success",
        "INVALID_SESSION",
        "AUTHENTICATION_REQUIRED",
        "INVALID_CONTACT_CENTER",
        "INVALID_ENDPOINT",
        "INVALID_NICKNAME",
        "LIMIT_FILE_SIZE",
        "NEW_CODE",
    ];
    let code = match source.below(12) {
        0 => source.one_of(&codes),
        _ => "SUCCESS",
    };
    let mut data = Map::new();
    if source.below(3) == 0 {
        data.insert("clientToken".to_owned(), json!(token(source)));
    }
    if source.below(4) != 0 {
        let entries = (0..source.below(6)).map(|_| entry(source)).collect();
        data.insert("messages".to_owned(), Value::Array(entries));
    }
    if source.below(8) == 0 {
        data.insert("chatEnded".to_owned(), json!(source.below(4) == 0));
    }
    let mut whole = json!({ "status": { "code": code }, "operationId": "o", "data": data });
    match source.below(16) {
        0 => whole["status"]["code"] = anything(source, 1),
        1 => whole["data"] = anything(source, 3),
        2 => whole["chatEnded"] = anything(source, 1),
        _ => {}
    }
    whole
}

/// An entry of a transcript. Indexes come from a small set, so that they are met again.
fn entry(source: &mut Source<'_>) -> Value {
    let types = [
        "Text",
        "Text",
        "Message",
        "PushUrl",
        "System",
        "ParticipantJoined",
        "ParticipantLeft",
        "TypingStarted",
        "Structured",
        "Hologram",
    ];
    let mut entry = json!({
        "type": source.one_of(&types),
        "index": format!("{}-{}", 1_000 + u64::from(source.below(12)), source.below(12)),
        "from": { "participantId": source.one_of(&["P1", "A1", ""]), "type": source.one_of(&["Agent", "Customer", "X"]) },
        "text": "words",
    });
    if source.below(6) == 0 {
        entry["content"] = json!([{ "type": "image", "url": "/f/1" }, { "type": "image", "url": "/f/2" }]);
    }
    let members =
        ["index", "index", "from", "type", "text", "content", "id", "utcTime", "visibility", "data", "event"];
    for _ in 0..source.below(3) {
        let member = source.one_of(&members);
        entry[member] = anything(source, 2);
    }
    entry
}

fn place(source: &mut Source<'_>) -> String {
    format!("{}-{}", 1_000 + u64::from(source.below(12)), source.below(12))
}
