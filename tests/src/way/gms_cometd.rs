//! GMS chat over CometD in the sandbox, by requests; the story in `acceptance/peers.rs` and the simulation have the socket.

use serde_json::json;

use super::{Ability, Listening, Way};

/// Its chats are those of GMS, whatever they are reached by.
pub(super) const WAY: Way = Way {
    service: "gms_cometd",
    model: "gms",
    endpoint: "Support",
    modes: &["asynchronous", "synchronous"],
    lacks: &[
        (Ability::Receipts, "no word for it is known over CometD"),
        (Ability::States, "the service has no states of an interaction"),
        (Ability::Moves, "a chat keeps its name"),
        (Ability::Renewal, "a return brings a new key only if the service wants one"),
        (Ability::OutOfOrder, "the transcript is numbered as it grows"),
        (Ability::Sockets, "the row goes by requests, so that each can be lost or spoilt by itself"),
        (
            Ability::Statuses,
            "what is lost is told by status codes in the deliveries, and no endpoint is checked",
        ),
    ],
    listening: Listening::HeldReads,
    // One connect at a time is the protocol's rule. What is read from a position is published, and answered by whatever the connect
    // that waits beside it brings.
    reads: &["poll"],
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
        let files = place.url.trim_end_matches('/').trim_end_matches("/cometd");
        vec![
            ("url", place.url.into()),
            ("service", "customer-support".into()),
            ("files_url", format!("{files}/2/chat-ntf").into()),
            ("websocket", false.into()),
            ("endpoint", "Support".into()),
        ]
    },
    pace: Vec::new,
    haste: || vec![("request_timeout_ms", 900.into()), ("margin_ms", 900.into())],
    pages: |entries| vec![("page", i64::from(entries).into())],
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
