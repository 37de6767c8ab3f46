//! How yellow.ai talks. Its token is the name that the bot knows the person by, which stands in every address: there is nothing
//! secret in it beside the relay's key, so no mark either.

use serde_json::{Value, json};

use super::super::story::{Source, anything as any_json};
use super::Manner;

pub(super) const MANNER: Manner = Manner {
    service: "yellow",
    more: |_| Value::Null,
    signs_in: false,
    token: |source| match source.below(6) {
        0 => anything(source, 2).to_string(),
        _ => json!({ "sender": source.one_of(&["s1", "s 2&"]) }).to_string(),
    },
    cursor: |source| {
        json!({ "recent": [{ "major": time(source), "minor": source.byte() }], "agent": source.one_of(&["", "Maya"]) })
            .to_string()
    },
    answer: |source, call| answer(source, call.what == "read"),
    frame: |_, _| Value::Null,
    is_read: |call| call.what == "read",
    is_farewell: |call| call.what == "leave",
    makes_way: |_| false,
    places: &[],
    is_keyless: |_| false,
    last_sockets: 0,
    names: &[
        "success",
        "message",
        "data",
        "messageArray",
        "event",
        "code",
        "_id",
        "created",
        "messageType",
        "title",
    ],
    words: &[
        "",
        "true",
        "ui-event-update-promotion",
        "ui-event-close-promotion",
        "ticket-closed",
        "Maya has joined the conversation",
        "{\"message\":\"x\"}",
        "2026-01-05T10:00:00.000Z",
        "18446744073709551615",
    ],
};

fn anything(source: &mut Source<'_>, depth: u8) -> Value {
    any_json(source, &MANNER, depth)
}

/// Times come from a small set, most of them apart by more than what is read again after a restart.
fn time(source: &mut Source<'_>) -> u64 {
    1_000_000 + u64::from(source.below(6)) * 40_000 + u64::from(source.below(2))
}

fn answer(source: &mut Source<'_>, page: bool) -> Value {
    // Now and then a full page, so that there is another one.
    let count = if source.below(12) == 0 { 100 } else { usize::from(source.below(5)) };
    let items: Vec<Value> = (0..count).map(|_| item(source, page)).collect();
    let mut whole = match page {
        true => json!({ "success": true, "message": "success", "data": items }),
        false => json!({ "success": true, "data": { "messageArray": items } }),
    };
    match source.below(16) {
        0 => whole["success"] = anything(source, 1),
        1 => whole["data"] = anything(source, 3),
        _ => {}
    }
    whole
}

fn item(source: &mut Source<'_>, page: bool) -> Value {
    let bodies = [
        json!("words"),
        json!({ "message": "words" }),
        json!({ "event": { "code": "ui-event-update-promotion", "data": { "title": "t", "options": [{ "text": "hi" }] } } }),
        json!({ "event": { "code": "ui-event-close-promotion" } }),
        json!({ "event": { "code": "ticket-assigned", "data": { "agentName": "Maya" } } }),
        json!({ "event": { "code": "ticket-closed" } }),
        json!({ "quickReplies": { "title": "t", "options": [{ "title": "a", "text": "a" }] } }),
        json!({ "typing": true }),
    ];
    let mut item =
        json!({ "_id": source.one_of(&["a", "b", "c", "d", "e"]), "message": source.one_of(&bodies) });
    if page {
        item["created"] = json!(time(source));
        item["messageType"] = json!(source.one_of(&["BOT", "USER", "AGENT", "NOTIFICATION", "X"]));
    }
    if source.below(4) == 0 {
        let member = source.one_of(&["_id", "created", "messageType", "message", "agentName"]);
        item[member] = anything(source, 2);
    }
    item
}
