//! How each service talks, so that a story holds what it is known to say beside what it is not: one file for each, and one line in
//! [`ALL`].

mod chat_session;
mod digital_channels;
mod gms;
mod gms_cometd;
mod web_messaging;
mod yellow;

use envoi_protocol::io::HttpCall;
use serde_json::Value;

use super::story::Source;

/// How a service talks, and how its machine is judged.
pub(crate) struct Manner {
    /// Its name in the registry.
    pub(crate) service: &'static str,
    /// Settings beside the examples, by the seed.
    pub(crate) more: fn(u64) -> Value,
    /// Whether people may sign in: see `identity.rs`.
    pub(crate) signs_in: bool,
    /// A token, most often a good one. [`MARK`](super::MARK) stands in it.
    pub(crate) token: fn(&mut Source<'_>) -> String,
    /// Where to read on.
    pub(crate) cursor: fn(&mut Source<'_>) -> String,
    /// Something that looks like an answer to this call.
    pub(crate) answer: fn(&mut Source<'_>, &HttpCall) -> Value,
    /// Something that looks like a message on a socket; perhaps an answer to what was said there last.
    pub(crate) frame: fn(&mut Source<'_>, Option<&Value>) -> Value,
    /// Whether a call reads on: there is only one of these at a time.
    pub(crate) is_read: fn(&HttpCall) -> bool,
    /// Whether a call is one of the two that may be made after the end.
    pub(crate) is_farewell: fn(&HttpCall) -> bool,
    /// Whether a call may be made after the end because without it leaving cannot be said: a few of those there may be.
    pub(crate) makes_way: fn(&HttpCall) -> bool,
    /// Addresses beside those in the settings to which the machine may go.
    pub(crate) places: &'static [&'static str],
    /// Whether a call goes wherever the service says, and therefore without any key.
    pub(crate) is_keyless: fn(&HttpCall) -> bool,
    /// How many sockets may be opened after the end, only to say that it is the end.
    pub(crate) last_sockets: u32,
    /// Names of members that matter somewhere.
    pub(crate) names: &'static [&'static str],
    /// Values that matter somewhere.
    pub(crate) words: &'static [&'static str],
}

const ALL: &[&Manner] = &[
    &digital_channels::MANNER,
    &gms::MANNER,
    &gms_cometd::MANNER,
    &chat_session::MANNER,
    &web_messaging::MANNER,
    &yellow::MANNER,
];

/// The manner of a service.
///
/// # Panics
/// If the service has none: its machine would not be tried.
pub(crate) fn of(service: &str) -> &'static Manner {
    ALL.iter().find(|manner| manner.service == service).unwrap_or_else(|| {
        panic!("how {service} talks is not told: add a file to tests/transports/invariants/manners")
    })
}
