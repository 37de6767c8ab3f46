//! The chat session service in the sandbox.

use serde_json::json;

use super::{Ability, EVERY_READ, Listening, Way};

/// It is read often, because nothing of the tests is about waiting.
pub(super) const WAY: Way = Way {
    service: "chat_session",
    model: "chat_session",
    endpoint: "chats",
    modes: &["asynchronous", "synchronous"],
    lacks: &[
        (Ability::Files, "the service takes no files"),
        (Ability::TheirPictures, "the service has no files"),
        (Ability::AnyFiles, "the service has no files"),
        (Ability::History, "the whole transcript is read at once"),
        (Ability::UserData, "the service takes data with the start only"),
        (Ability::Receipts, "the service has no such request"),
        (Ability::Nickname, "the service has no such request"),
        (Ability::Notices, "the service has no such request"),
        (Ability::States, "the service has no states of an interaction"),
        (Ability::Renewal, "a chat is known by its id, which stays"),
        (Ability::Moves, "a chat is known by its id, which stays"),
        (Ability::OutOfOrder, "entries are numbered as they come"),
        (Ability::HeldReads, "reads are answered at once"),
        (Ability::Sockets, "the service speaks HTTP only"),
        (Ability::Statuses, "there is no endpoint, and an unknown chat is a 400"),
        (Ability::PlainClient, "no plain client speaks it"),
    ],
    listening: Listening::ShortReads,
    reads: EVERY_READ,
    lost: &["404", "404_empty", "400"],
    lost_meanwhile: &[
        ("asynchronous", "404"),
        ("asynchronous", "404_empty"),
        ("asynchronous", "400"),
        ("synchronous", "404"),
    ],
    url: "url",
    settings: |place| vec![("url", place.url.into()), ("api_key", "sandbox-key".into())],
    pace: || vec![("poll_ms", 200.into())],
    haste: || vec![("request_timeout_ms", 700.into())],
    pages: |_| Vec::new(),
    // Nothing public fixes any of these.
    switches: || {
        vec![
            json!({ "resume": "inclusive", "end": "entry" }),
            json!({ "resume": "exclusive", "end": "customer_left", "path": "other", "key_header": "apikey" }),
        ]
    },
    uncounted: || serde_json::Value::Null,
};
