//! The other side of the wire: a service as a deterministic model with a front that speaks HTTP or over sockets, and what it has on record. The
//! record is the truth by which everything is judged.

mod chat_session;
mod digital_channels;
mod gms;
mod gms_cometd;
mod web_messaging;
mod yellow;

use std::collections::BTreeMap;
use std::time::Duration;

use envoi_protocol::io::{HttpCall, HttpReply, Method, SignInCall, SignedIn, SocketCall};
use envoi_protocol::transport::Settings;

use crate::plan::{End, Plan};
use crate::sign_in::Whim;
use crate::world::{PROMPTLY, RECOVERY};

/// One request or socket in this world, whichever run of the program made it.
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

/// What a service answers to the request for a socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(dead_code, reason = "a service that opens sockets says so")]
pub(crate) enum Upgrade {
    /// It is open.
    Open,
    /// It is not.
    Refused { status: u16, retry_after: Option<Duration> },
}

/// What a service does on a socket.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(dead_code, reason = "a service that opens sockets makes them")]
pub(crate) enum Push {
    /// It says something.
    Text(String),
    /// It closes the socket, with this code.
    Close(Option<u16>),
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

    /// The kind of request: the service may ask to slow down each kind for itself.
    fn lane(&self, call: &HttpCall) -> &'static str;

    /// Whether a request is a read of what is new: of these only one may be out.
    fn is_read(&self, call: &HttpCall) -> bool {
        call.method == Method::Get
    }

    /// Whether a read that is out brings what comes: not where reads tell only what was said, and sockets bring what comes.
    fn hears_by_reads(&self) -> bool {
        true
    }

    /// How soon a working chat hears of news, in milliseconds. A service that sends reads off at once is asked every few seconds:
    /// one gap, and the way there and back.
    fn hears_within(&self, plan: &Plan) -> u64 {
        if plan.hold < PROMPTLY { PROMPTLY + 500 } else { PROMPTLY }
    }

    /// How long it may take at most until everything that waits was said: a service may take only so many messages in a minute.
    fn rests_within(&self) -> u64 {
        RECOVERY
    }

    /// How long the service may refuse to have more of what was missed read: it may take only so many reads in a minute.
    fn reads_within(&self) -> u64 {
        0
    }

    /// The words that a request brings, if it brings a message.
    fn words(&self, call: &HttpCall) -> Option<String>;

    /// A request arrives. The time is unix milliseconds, here and below.
    fn serve(&mut self, now: u64, ticket: Ticket, call: &HttpCall) -> Served;

    /// Held requests that are answered now.
    fn ripe(&mut self, now: u64) -> Vec<(Ticket, HttpReply)>;

    /// A socket is asked for.
    fn connect(&mut self, _now: u64, _socket: Ticket, _call: &SocketCall) -> Upgrade {
        Upgrade::Refused { status: 404, retry_after: None }
    }

    /// A frame arrives on an open socket.
    fn frame(&mut self, _now: u64, _socket: Ticket, _text: &str) {}

    /// The words that a frame brings, if it brings a message.
    fn words_of_frame(&self, _text: &str) -> Option<String> {
        None
    }

    /// What the service has to say on its sockets now. It is asked after everything that may have changed something.
    fn pushes(&mut self, _now: u64) -> Vec<(Ticket, Push)> {
        Vec::new()
    }

    /// The connection of a held request or an open socket is gone, and the service knows.
    fn hang_up(&mut self, ticket: Ticket);

    /// A person signs in on the company's page; nothing if there is none.
    fn sign_in(&mut self, _call: &SignInCall, _verifier: &str) -> Option<SignedIn> {
        None
    }

    /// The service does something about those who sign in.
    fn whim(&mut self, _whim: Whim) {}

    /// The session's own token, of what is kept.
    fn bare(&self, kept: &str) -> String {
        kept.to_owned()
    }

    /// Whether it is kept that nobody knows whose the session is.
    fn is_doubtful(&self, _kept: &str) -> bool {
        false
    }

    /// In what a kept token says something else of who the person is than the service does, when all is quiet.
    fn contradicts(&self, _kept: &str) -> Option<String> {
        None
    }

    /// What nobody may see.
    fn secrets(&self) -> Vec<String> {
        Vec::new()
    }

    /// Whether a token still opens a chat.
    fn opens(&self, token: &str) -> bool;

    /// The other side does something, in this order and at once.
    fn act(&mut self, now: u64, acts: Vec<Act>);

    /// Messages that came since the last call, in the order of the transcript.
    fn news(&mut self) -> Vec<Spoken>;
}

/// Whether a service may want to know who is there.
pub(crate) fn knows_people(transport: &str) -> bool {
    transport == "web_messaging"
}

/// A service by its name in the registry of transports.
pub(crate) fn named(transport: &str, plan: &Plan, seed: u64) -> Option<Box<dyn Centre>> {
    match transport {
        "gms" => Some(Box::new(gms::Front::new(plan, seed))),
        "gms_cometd" => Some(Box::new(gms_cometd::Front::new(plan, seed))),
        "chat_session" => Some(Box::new(chat_session::Front::new(plan, seed))),
        "digital_channels" => Some(Box::new(digital_channels::Front::new(plan, seed))),
        "web_messaging" => Some(Box::new(web_messaging::Front::new(plan, seed))),
        "yellow" => Some(Box::new(yellow::Front::new(plan, seed))),
        _ => None,
    }
}
