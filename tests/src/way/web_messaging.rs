//! Web Messaging in the sandbox.

use serde_json::json;

use super::{Ability, EVERY_READ, Listening, Way};

/// Nothing of it is quicker than usual: waits only follow on failures.
pub(super) const WAY: Way = Way {
    service: "web_messaging",
    model: "web_messaging",
    endpoint: "Support",
    modes: &["asynchronous", "synchronous"],
    lacks: &[
        (Ability::Receipts, "the service has no such request"),
        (Ability::Nickname, "the service has no such request"),
        (Ability::Notices, "the service has no such request"),
        (Ability::Form, "what the form holds goes with Join or the first words, a moment after the start"),
        (Ability::DataAtOnce, "data goes with the next words"),
        (Ability::TypingEnds, "the service is told of the beginning only"),
        (Ability::People, "guests are not told who comes and goes"),
        (Ability::States, "there is one word for the end of a case: see web_messaging.rs of the suite"),
        (Ability::EndByThem, "it ends for reading only: see web_messaging.rs of the suite"),
        (Ability::Renewal, "the token is the client's own and stays"),
        (Ability::Moves, "a token names one conversation"),
        (Ability::Push, "the entries of that story are another service's"),
        (Ability::Requests, "what is said travels over a socket"),
        (Ability::HeldReads, "news come over a socket"),
        (Ability::Statuses, "there is no key, and errors come over the socket"),
    ],
    listening: Listening::Socket,
    reads: EVERY_READ,
    lost: &["logout"],
    lost_meanwhile: &[
        ("asynchronous", "expired"),
        ("asynchronous", "cleared"),
        ("asynchronous", "logout"),
        ("synchronous", "cleared"),
    ],
    url: "url",
    settings: |place| vec![("url", place.url.into()), ("deployment_id", "Support".into())],
    pace: Vec::new,
    haste: || vec![("request_timeout_ms", 1_500.into()), ("confirm_timeout_ms", 2_500.into())],
    // Pages are always of 25.
    pages: |_| Vec::new(),
    // Whether an error says what it is about is the service's matter, and so is the order in which an end is told.
    switches: || {
        vec![
            json!({ "errors_are_named": true, "cleared_first": false }),
            json!({ "errors_are_named": false, "cleared_first": true }),
        ]
    },
    uncounted: || json!({ "limits": false }),
};
