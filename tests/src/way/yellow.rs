//! yellow.ai in the sandbox, which stands for the relay and for what is behind it.

use serde_json::json;

use super::{Ability, EVERY_READ, Listening, Way};

/// It is read often, because nothing of the tests is about waiting.
pub(super) const WAY: Way = Way {
    service: "yellow",
    model: "yellow",
    endpoint: "x1657623696077",
    modes: &["asynchronous"],
    lacks: &[
        (Ability::Files, "files can be sent by address only"),
        (Ability::TheirPictures, "pictures stand on other hosts, and only their address is shown"),
        (Ability::AnyFiles, "files can be sent by address only"),
        (Ability::History, "all messages are read at once"),
        (Ability::Typing, "nothing public tells how a customer's typing is told"),
        (Ability::UserData, "the bot is given data when the chat is opened only"),
        (Ability::Receipts, "the service has no such request"),
        (Ability::Nickname, "the service has no such request"),
        (Ability::Notices, "the service has no such request"),
        (Ability::States, "the service has no states of an interaction"),
        (Ability::End, "a conversation with a bot has no end"),
        (Ability::EndByThem, "a conversation with a bot has no end"),
        (Ability::Loss, "a customer is known by a name that the service cannot lose"),
        (Ability::Renewal, "a customer is known by a name that stays"),
        (Ability::Moves, "a customer is known by a name that stays"),
        (Ability::HeldReads, "reads are answered at once"),
        (Ability::Sockets, "the service speaks HTTP only"),
        (Ability::Statuses, "there is no endpoint, and nobody is unknown"),
        (Ability::PlainClient, "no plain client speaks it"),
    ],
    listening: Listening::ShortReads,
    reads: EVERY_READ,
    lost: &[],
    lost_meanwhile: &[],
    url: "url",
    settings: |place| {
        vec![("url", place.url.into()), ("bot", "x1657623696077".into()), ("relay_key", "sandbox-key".into())]
    },
    pace: || vec![("poll_ms", 200.into()), ("idle_poll_ms", 300.into())],
    haste: || vec![("request_timeout_ms", 700.into())],
    pages: |_| Vec::new(),
    // Nothing public fixes either of these.
    switches: || {
        vec![
            json!({ "order": "newest_first", "answers": "both" }),
            json!({ "order": "oldest_first", "answers": "messages" }),
        ]
    },
    uncounted: || serde_json::Value::Null,
};
