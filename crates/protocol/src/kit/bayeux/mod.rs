//! A client of the Bayeux protocol, version 1.0: messages over long polling or a WebSocket, as a machine without I/O.
//!
//! [`Client`] keeps a session with a server: it shakes hands, holds one connect open, publishes, and says so when the session is
//! lost or found again. What it does with every kind of answer is advice of the server, and where the server gives none, what the
//! protocol says. It knows no service: channels and data are its user's.
//!
//! - `message.rs` what is said, `advice.rs` what the server wants, `jar.rs` its cookies
//! - `client.rs` the session, `due.rs` what it does in time, `hearing.rs` what follows from answers
//! - `carrier.rs` how messages travel, `publishing.rs` what is said on channels
//!
//! What holds whatever the server answers (`properties.rs`): there is never more than one connect in flight, nor a socket beside
//! another; requests never follow each other without a pause for long; and each publish is answered exactly once, with what is
//! known of it.

mod advice;
mod carrier;
mod client;
mod due;
mod hearing;
mod jar;
mod message;
#[cfg(test)]
mod properties;
mod publishing;
#[cfg(test)]
mod tests;

use std::fmt;
use std::time::Duration;

use serde_json::Value;
use url::Url;

pub use self::carrier::{judge_probe, probe};
pub use self::client::Client;
use crate::io::{CallId, Frame, HeaderValue, HttpCall, IoFault, Moment, SocketCall, SocketFault, SocketId};

/// How to reach a server.
#[derive(Debug, Clone)]
pub struct Options {
    /// Address of the server for requests, without a slash at the end. What kind of message is sent is said by one more step.
    pub url: Url,
    /// Address of the server for sockets, if one is to be tried.
    pub socket: Option<String>,
    /// Sent with every request.
    pub headers: Vec<(String, HeaderValue)>,
    /// Longest time for everything but a connect. A publish that cannot leave in this time is given back.
    pub timeout: Duration,
    /// How long a connect may be held if the server does not say.
    pub hold: Duration,
    /// What an answer may take beyond the time for which a connect is held.
    pub margin: Duration,
    /// Most bytes of one answer.
    pub limit: usize,
}

/// What a client wants done, or has noticed.
#[derive(Debug, Clone, PartialEq)]
pub enum Output {
    /// Carry out a call.
    Call(HttpCall),
    /// Abandon a call.
    Cancel(CallId),
    /// Open a socket.
    Open(SocketCall),
    /// Say something on it.
    Say(SocketId, Frame),
    /// Close it.
    Shut(SocketId),
    /// There is a session, and the server answers in it: what is published leaves from here on.
    Ready {
        /// A new session: the server knows nothing of what was said in an earlier one. Otherwise the one before was found again
        /// after an outage.
        fresh: bool,
    },
    /// A message came on a channel.
    Delivery(Delivery),
    /// A connection was given up, and with it perhaps what was delivered there last. With [`Output::Down`], it goes without saying.
    Gap,
    /// A publish has ended.
    Published(Ticket, Outcome),
    /// The server does not answer, or not well; it is tried again.
    Down {
        /// Failures in a row.
        attempt: u32,
        /// When it is tried again.
        retry_at: Moment,
        /// What is wrong.
        trouble: Trouble,
    },
    /// The server wants no more of this client, which has stopped.
    Stopped(Trouble),
}

/// A message on a channel.
#[derive(Clone, PartialEq)]
pub struct Delivery {
    /// The channel.
    pub channel: String,
    /// What was said.
    pub data: Value,
}

impl fmt::Debug for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // It holds people's words.
        f.debug_struct("Delivery").field("channel", &self.channel).finish_non_exhaustive()
    }
}

/// Name of a publish, unique within one client's life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub u64);

/// How a publish has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The server took it.
    Done,
    /// The server did not take it.
    Refused(Refusal),
    /// It cannot have arrived.
    Unsent(Trouble),
    /// It may have arrived.
    Unknown(Trouble),
}

/// What a server says when it does not do something.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Refusal {
    /// The number that its error begins with, if it does.
    pub code: Option<u16>,
    /// The words at the end of its error; letters, digits, `_`, `-` and spaces only, cut to 64 characters.
    pub words: String,
    /// The session is lost; a new one is made.
    pub lost: bool,
}

/// Why there is no good answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// There is no answer.
    #[error("{0}")]
    Io(#[from] IoFault),
    /// The server asks to slow down.
    #[error("the server asked to slow down")]
    Busy {
        /// For how long, if it said.
        after: Option<Duration>,
    },
    /// The answer has this HTTP status.
    #[error("the server answered with status {0}")]
    Status(u16),
    /// A page came, or a redirect to one.
    #[error("a page answered in place of the server (status {0})")]
    Page(u16),
    /// The answer is not understood.
    #[error("the answer could not be understood: {0}")]
    Unreadable(&'static str),
    /// The server refused.
    #[error("refused by the server")]
    Refused(Refusal),
    /// There is no way of travelling that both sides know.
    #[error("the server knows no common connection type")]
    NoWay,
    /// The client has stopped, or was never started.
    #[error("the client has stopped")]
    Stopped,
}

impl From<SocketFault> for Trouble {
    fn from(fault: SocketFault) -> Self {
        match fault {
            SocketFault::Io(fault) => Self::Io(fault),
            SocketFault::Refused { status: 429, retry_after } => Self::Busy { after: retry_after },
            SocketFault::Refused { status, .. } => Self::Status(status),
        }
    }
}

impl Trouble {
    /// Whether what was said may have had its effect.
    #[must_use]
    pub const fn may_have_arrived(&self) -> bool {
        match self {
            Self::Io(fault) => fault.may_have_arrived(),
            Self::Status(status) => *status >= 500,
            Self::Page(status) => *status < 300,
            Self::Unreadable(_) => true,
            Self::Busy { .. } | Self::Refused(_) | Self::NoWay | Self::Stopped => false,
        }
    }
}
