//! Digital Channels v3 in the sandbox.

use serde_json::json;

use super::{Ability, EVERY_READ, Listening, Way};

/// Failures are tried again soon, because nothing of the tests is about waiting.
pub(super) const WAY: Way = Way {
    service: "digital_channels",
    model: "digital_channels",
    endpoint: "Support",
    modes: &["asynchronous", "synchronous"],
    lacks: &[
        (Ability::AnyFiles, "the service takes and gives pictures only"),
        (Ability::Receipts, "the service has no such request"),
        (Ability::Nickname, "the service has no such request"),
        (Ability::Notices, "the service has no such request"),
        (Ability::Sockets, "the service speaks HTTP only"),
    ],
    listening: Listening::HeldReads,
    reads: EVERY_READ,
    lost: &["404", "404_empty", "401"],
    lost_meanwhile: &[
        ("asynchronous", "404"),
        ("asynchronous", "404_empty"),
        ("asynchronous", "401"),
        ("asynchronous", "401_on_join"),
        ("synchronous", "404"),
        ("synchronous", "404_empty"),
        ("synchronous", "401"),
    ],
    url: "url",
    settings: |place| {
        vec![("url", place.url.into()), ("api_key", "sandbox-key".into()), ("endpoint", "Support".into())]
    },
    pace: || vec![("poll_gap_ms", 200.into())],
    haste: || vec![("request_timeout_ms", 700.into()), ("poll_timeout_ms", 2_500.into())],
    pages: |entries| vec![("page", i64::from(entries).into())],
    // Whether a read from an entry on gives that entry again is the service's matter.
    switches: || vec![json!({ "resume": "inclusive" }), json!({ "resume": "exclusive" })],
    uncounted: || serde_json::Value::Null,
};
