//! The log of what the customer's client put on the wire, so that a test can assert on it.
//!
//! It names headers and never holds the value of a key or a token: it says whether they were there and right.

use serde::Serialize;

/// How many requests are remembered.
const KEPT: usize = 5_000;

/// What a request asked for, in words that are the same for every service. A frame of a socket counts as a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Operation {
    /// Whatever comes before a chat: a configuration, a handshake, a subscription.
    Setup,
    /// A new chat.
    Start,
    /// A chat opened with a token.
    Join,
    /// A read of what is new.
    Poll,
    /// A read of what is new behind a known entry.
    Resume,
    /// A read of the newest entries.
    Restore,
    /// A read of older entries.
    History,
    /// The upgrade to a socket; open for as long as the socket is.
    Socket,
    /// A text.
    Send,
    /// A typing notice.
    Typing,
    /// An upload.
    Upload,
    /// An update of attached data.
    Userdata,
    /// The end by the customer.
    Leave,
    /// A download.
    Download,
    /// A sign of life, a receipt and the like.
    Signal,
    /// Anything else.
    Unknown,
}

/// How a secret of a request was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Key {
    /// The service has no such secret, or this request of it needs none.
    Unused,
    /// Absent.
    Missing,
    /// There, and not accepted.
    Wrong,
    /// There, and accepted.
    Right,
}

/// How a request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    /// Not yet.
    Open,
    /// With an answer.
    Answered,
    /// The sandbox cut the connection.
    Cut,
    /// The client went away.
    Gone,
}

/// One request.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Request {
    /// Counts from 1.
    pub n: u64,
    /// When it arrived, unix ms.
    pub at: u64,
    /// The service, by its name in the directory.
    pub service: &'static str,
    /// What it asked for.
    pub operation: Operation,
    /// HTTP method; `FRAME` for a frame of a socket.
    pub method: String,
    /// Path as sent.
    pub path: String,
    /// Query parameters, decoded, in order.
    pub query: Vec<(String, String)>,
    /// Names of the headers, lower case, in order.
    pub headers: Vec<String>,
    /// Media type of the body, as sent.
    pub content_type: Option<String>,
    /// What opens the contact centre.
    pub api_key: Key,
    /// What opens the chat.
    pub client_key: Key,
    /// Which token of its chat that was, counted from 1.
    pub token: Option<usize>,
    /// The chat it was for.
    pub session: Option<String>,
    /// Fields of the body, decoded, in order. For an uploaded file the value is its name, type and size.
    pub fields: Vec<(String, String)>,
    /// Whether another poll of the same connection was open when this poll came.
    pub second_poll: bool,
    /// Whether a fault struck it.
    pub fault: bool,
    /// HTTP status of the answer.
    pub status: Option<u16>,
    /// How it ended.
    pub outcome: Outcome,
    /// When it ended, unix ms.
    pub done: Option<u64>,
}

impl Request {
    /// A request that has just arrived, of which nothing is known yet but what it is.
    pub(crate) fn arriving(service: &'static str, operation: Operation) -> Self {
        Self {
            n: 0,
            at: 0,
            service,
            operation,
            method: String::new(),
            path: String::new(),
            query: Vec::new(),
            headers: Vec::new(),
            content_type: None,
            api_key: Key::Unused,
            client_key: Key::Unused,
            token: None,
            session: None,
            fields: Vec::new(),
            second_poll: false,
            fault: false,
            status: None,
            outcome: Outcome::Open,
            done: None,
        }
    }
}

/// The requests of the customer, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Log {
    requests: std::collections::VecDeque<Request>,
    last: u64,
}

impl Log {
    /// Writes a request down and gives its number.
    pub(crate) fn add(&mut self, now: u64, request: Request) -> u64 {
        self.last += 1;
        self.requests.push_back(Request { n: self.last, at: now, ..request });
        if self.requests.len() > KEPT {
            self.requests.pop_front();
        }
        self.last
    }

    /// Changes a request that was written down, if it is still remembered.
    pub(crate) fn amend(&mut self, n: u64, change: impl FnOnce(&mut Request)) {
        if let Some(request) = self.requests.iter_mut().find(|one| one.n == n) {
            change(request);
        }
    }

    /// The requests after number `n`.
    pub(crate) fn after(&self, n: u64) -> impl Iterator<Item = &Request> {
        self.requests.iter().filter(move |one| one.n > n)
    }

    /// Number of the newest request; 0 when there was none.
    #[must_use]
    pub(crate) fn last(&self) -> u64 {
        self.last
    }

    /// Forgets all requests. Numbers go on counting.
    pub(crate) fn clear(&mut self) {
        self.requests.clear();
    }
}
