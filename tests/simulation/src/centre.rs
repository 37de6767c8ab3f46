//! The other side of the wire: a service as a deterministic model with a front that speaks HTTP, and what it has on record. The
//! record is the truth by which everything is judged.

mod chat_session;
mod digital_channels;
mod yellow;

use std::collections::BTreeMap;

use envoi_protocol::io::{HttpCall, HttpReply};
use envoi_protocol::transport::Settings;

use crate::plan::{End, Plan};

/// One request in this world, whichever run of the program made it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Ticket(pub(crate) u64);

/// What becomes of a request that has arrived.
#[derive(Debug)]
pub(crate) enum Served {
    /// It is answered.
    Answer(HttpReply),
    /// It is held until there is something to say, at the latest until then (unix milliseconds).
    Held(u64),
}

/// Something that the other side does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Act {
    Join(String),
    Leave,
    Typing,
    Say(String),
    /// The interaction comes to this state.
    State(&'static str),
    /// The newest entry is handed out a second time.
    Repeat,
    /// The chat is ended for good.
    End,
    /// The service loses the chat, and says so in one of several ways.
    Lose(u8),
}

/// One message that the service has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Spoken {
    /// Counts the chats that the service has begun for this person.
    pub(crate) chat: u32,
    /// Whether the customer wrote it.
    pub(crate) mine: bool,
    pub(crate) text: String,
}

/// A service.
pub(crate) trait Centre {
    /// What stands in a deployment's configuration.
    fn settings(&self, plan: &Plan) -> Settings;

    /// What the person fills in.
    fn form(&self) -> BTreeMap<String, String>;

    /// Whether a chat of this service can come to such an end.
    fn ends(&self, _: End) -> bool {
        true
    }

    /// How long after something was said a client may come to hear of it, where nothing is held open: the longest gap between two
    /// reads, in milliseconds.
    fn gap(&self, _: &Plan) -> u64 {
        0
    }

    /// The kind of request: the service may ask to slow down each kind for itself.
    fn lane(&self, call: &HttpCall) -> &'static str;

    /// The words that a request brings, if it brings a message.
    fn words(&self, call: &HttpCall) -> Option<String>;

    /// A request arrives. The time is unix milliseconds, here and below.
    fn serve(&mut self, now: u64, ticket: Ticket, call: &HttpCall) -> Served;

    /// Held requests that are answered now.
    fn ripe(&mut self, now: u64) -> Vec<(Ticket, HttpReply)>;

    /// The connection of a held request is gone, and the service knows.
    fn hang_up(&mut self, ticket: Ticket);

    /// Whether a token still opens a chat.
    fn opens(&self, token: &str) -> bool;

    /// The other side does something, in this order and at once.
    fn act(&mut self, now: u64, acts: Vec<Act>);

    /// Messages that came since the last call, in the order of the transcript.
    fn news(&mut self) -> Vec<Spoken>;
}

/// A service by its name in the registry of transports.
pub(crate) fn named(transport: &str, plan: &Plan, seed: u64) -> Option<Box<dyn Centre>> {
    match transport {
        "chat_session" => Some(Box::new(chat_session::Front::new(plan, seed))),
        "digital_channels" => Some(Box::new(digital_channels::Front::new(plan, seed))),
        "yellow" => Some(Box::new(yellow::Front::new(plan, seed))),
        _ => None,
    }
}
