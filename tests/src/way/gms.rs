//! GMS chat, version 2, over HTTP in the sandbox.

use serde_json::json;

use super::{Ability, EVERY_READ, Listening, Way};

/// It is read often, because nothing of the tests is about waiting.
pub(super) const WAY: Way = Way {
    service: "gms",
    model: "gms",
    endpoint: "Support",
    modes: &["asynchronous", "synchronous"],
    lacks: &[
        (Ability::History, "the whole transcript is read at once"),
        (Ability::Receipts, "they are sent only where a deployment asks for them"),
        (Ability::States, "the service has no states of an interaction"),
        (Ability::Moves, "a chat keeps its name"),
        (Ability::Renewal, "a return brings a new key only if the service wants one"),
        (Ability::OutOfOrder, "the transcript is numbered as it grows"),
        (Ability::HeldReads, "reads are answered at once"),
        (Ability::Sockets, "this transport speaks HTTP only"),
        (Ability::Statuses, "what is lost is told by status codes in the answer, and no endpoint is checked"),
        (Ability::PlainClient, "no plain client speaks it"),
    ],
    listening: Listening::ShortReads,
    reads: EVERY_READ,
    lost: &["2", "2_ended", "404"],
    lost_meanwhile: &[
        ("asynchronous", "2"),
        ("asynchronous", "2_ended"),
        ("asynchronous", "404"),
        ("synchronous", "2"),
        ("synchronous", "404"),
    ],
    url: "url",
    settings: |place| {
        vec![("url", place.url.into()), ("api_key", "sandbox-key".into()), ("endpoint", "Support".into())]
    },
    pace: || vec![("poll_ms", 250.into()), ("poll_min_ms", 250.into())],
    haste: || vec![("request_timeout_ms", 700.into()), ("file_timeout_ms", 5_000.into())],
    pages: |_| Vec::new(),
    // How often the service wants another key, and another chat server takes over, is its own matter.
    switches: || {
        vec![
            json!({ "key_turns": 0, "alias_turns": 0 }),
            json!({ "key_turns": 3, "alias_turns": 0 }),
            json!({ "key_turns": 0, "alias_turns": 2 }),
        ]
    },
    uncounted: || serde_json::Value::Null,
};
