//! The alphabet of I/O: what the machines ask for and what they are told. No machine does any of it itself.
//!
//! A driver (the engine, a tape, the simulation) carries out [`HttpCall`]s, and reports each exactly once, as a reply or as an
//! [`IoFault`], unless it was cancelled. It opens sockets ([`SocketCall`]) and reports what happens on each, in order, until a
//! [`SocketEvent::Closed`] or [`SocketEvent::Failed`], which is the last, or until it was told to shut it. Time comes in as [`Now`]; when to come back is said as a [`Deadline`].

use std::fmt;
use std::time::Duration;

use url::Url;

use crate::token::Secret;

/// A wait that may end up to a second early, so that it ends together with others.
const LONG: Duration = Duration::from_secs(10);

/// Milliseconds on a clock that never goes back and also advances while the computer sleeps. Its zero is the driver's choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Moment(pub u64);

impl Moment {
    /// This moment and `wait` more.
    #[must_use]
    pub fn after(self, wait: Duration) -> Self {
        Self(self.0.saturating_add(u64::try_from(wait.as_millis()).unwrap_or(u64::MAX)))
    }

    /// This moment, or the whole second before it if the wait for it is one of `wait`, and that is long. Whatever a process does again
    /// and again falls together by that, and finds the computer awake once for all of it. Nothing comes later by it, and two
    /// computers do not come to do the same at once: the zero of each clock is its own.
    #[must_use]
    pub fn gathered(self, wait: Duration) -> Self {
        const SECOND: u64 = 1_000;
        if wait < LONG { self } else { Self(self.0 - self.0 % SECOND) }
    }

    /// The next moment that is a whole number of `step`, at most one step away. As with [`Moment::gathered`], what a process does then it
    /// does together, and two computers do not.
    #[must_use]
    pub fn next(self, step: Duration) -> Self {
        let step = u64::try_from(step.as_millis()).unwrap_or(u64::MAX).max(1);
        Self(self.0.saturating_add(step - self.0 % step))
    }

    /// How long it was from `earlier` to here; zero if `earlier` is later.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }
}

/// The time at which something is fed in: one clock for waiting, one for showing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Now {
    /// For waiting.
    pub at: Moment,
    /// For showing: milliseconds since 1970-01-01 UTC. May jump either way.
    pub wall: i64,
}

impl Now {
    /// What the wall clock will show at `moment`, as far as can be told now.
    #[must_use]
    pub fn wall_at(self, moment: Moment) -> i64 {
        let ahead = i64::try_from(moment.since(self.at).as_millis()).unwrap_or(i64::MAX);
        let behind = i64::try_from(self.at.since(moment).as_millis()).unwrap_or(i64::MAX);
        self.wall.saturating_add(ahead).saturating_sub(behind)
    }
}

/// When a machine wants to be ticked, and why: the reason is for logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadline {
    /// The moment.
    pub at: Moment,
    /// A few words, for instance "next poll".
    pub why: &'static str,
}

impl Deadline {
    /// The earlier of two deadlines, either of which may be missing.
    #[must_use]
    pub fn earlier(one: Option<Self>, other: Option<Self>) -> Option<Self> {
        match (one, other) {
            (Some(one), Some(other)) => Some(if other.at < one.at { other } else { one }),
            (one, other) => one.or(other),
        }
    }
}

/// Name of one call, unique within one machine's life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallId(pub u64);

/// An HTTP request to carry out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpCall {
    /// Named in the report.
    pub id: CallId,
    /// What it is for, in a word or two, for logs: the address may hold identifiers.
    pub what: &'static str,
    /// The method.
    pub method: Method,
    /// The full address, read once by whoever made it. Redirects must not be followed: a redirect of an API call is somebody else's page, and the keys
    /// must not travel there.
    pub url: Url,
    /// Header fields beside those that the body brings.
    pub headers: Vec<(String, HeaderValue)>,
    /// The body.
    pub body: Body,
    /// Longest time from start to the last byte of the answer; afterwards [`IoFault::Timeout`].
    pub timeout: Duration,
    /// Most bytes of an answer to take; beyond it [`IoFault::TooLarge`].
    pub limit: usize,
    /// One more try after a failure that nobody here asked for: it may have to wait until the host's budget has room.
    pub retry: bool,
    /// Whether to report how much of the body has left, as it leaves.
    pub progress: bool,
}

/// An HTTP method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Method {
    /// GET
    Get,
    /// POST
    Post,
    /// PUT
    Put,
    /// DELETE
    Delete,
}

/// The value of a header field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HeaderValue {
    /// May be logged.
    Plain(String),
    /// Must not be logged.
    Secret(Secret),
}

/// The body of a request.
#[derive(Clone, PartialEq, Eq)]
pub enum Body {
    /// None.
    Empty,
    /// `application/x-www-form-urlencoded`, already encoded.
    Form(String),
    /// `application/json`, already encoded.
    Json(String),
    /// `multipart/form-data`; the driver draws the boundary.
    Multipart(Vec<Part>),
    /// Bytes as they are.
    Bytes {
        /// `Content-Type`.
        mime: String,
        /// Content.
        bytes: Vec<u8>,
    },
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A body holds people's words.
        match self {
            Self::Empty => f.write_str("Empty"),
            Self::Form(form) => write!(f, "Form({} bytes)", form.len()),
            Self::Json(json) => write!(f, "Json({} bytes)", json.len()),
            Self::Multipart(parts) => f.debug_tuple("Multipart").field(parts).finish(),
            Self::Bytes { mime, bytes } => write!(f, "Bytes({mime}, {} bytes)", bytes.len()),
        }
    }
}

/// One part of a multipart body.
#[derive(Clone, PartialEq, Eq)]
pub enum Part {
    /// A field.
    Field {
        /// Its name.
        name: String,
        /// Its value.
        value: String,
    },
    /// A file.
    File {
        /// Its field name.
        name: String,
        /// Its file name.
        file: String,
        /// Its media type.
        mime: String,
        /// Its content.
        bytes: Vec<u8>,
    },
}

impl fmt::Debug for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Field { name, value } => write!(f, "Field({name}, {} bytes)", value.len()),
            Self::File { name, mime, bytes, .. } => write!(f, "File({name}, {mime}, {} bytes)", bytes.len()),
        }
    }
}

/// An HTTP answer, of whatever status.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct HttpReply {
    /// The status code.
    pub status: u16,
    /// `Content-Type` as received; empty if there was none.
    pub content_type: String,
    /// `Retry-After` in seconds from now; a date was already turned into a difference.
    pub retry_after: Option<Duration>,
    /// Every `Set-Cookie`, as received.
    pub cookies: Vec<Secret>,
    /// The body.
    pub body: Vec<u8>,
}

impl fmt::Debug for HttpReply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The body holds people's words and tokens.
        f.debug_struct("HttpReply")
            .field("status", &self.status)
            .field("content_type", &self.content_type)
            .field("retry_after", &self.retry_after)
            .field("body", &format_args!("{} bytes", self.body.len()))
            .finish()
    }
}

/// Name of one socket, unique within one machine's life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SocketId(pub u64);

/// A WebSocket to open. Text travels in both directions; the driver answers pings by itself and drops binary messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SocketCall {
    /// Named in every report.
    pub id: SocketId,
    /// What it is for, in a word or two, for logs.
    pub what: &'static str,
    /// The full address, `wss` (`ws` only to this computer). It may hold what must not be logged.
    pub url: String,
    /// Header fields of the opening request, beside those of the WebSocket protocol.
    pub headers: Vec<(String, HeaderValue)>,
    /// Longest time until it is open; afterwards [`IoFault::Timeout`].
    pub timeout: Duration,
    /// After which silence to ping, and how long an answer may take; a peer that stays silent is reported as
    /// [`IoFault::Timeout`]. The driver may wait up to a second longer, so that the pings of many sockets fall together.
    pub ping: Option<Duration>,
    /// Most bytes of one message to take; beyond it [`IoFault::TooLarge`].
    pub limit: usize,
    /// As [`HttpCall::retry`].
    pub retry: bool,
}

/// One text message of a socket.
#[derive(Clone, PartialEq, Eq)]
pub struct Frame(pub String);

impl fmt::Debug for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // It holds people's words and tokens.
        write!(f, "Frame({} bytes)", self.0.len())
    }
}

/// What happens on a socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SocketEvent {
    /// It is open.
    Open,
    /// A message came.
    Text(Frame),
    /// The other side closed it, with this code if it gave one. The last event.
    Closed(Option<u16>),
    /// It could not be opened, or broke. The last event.
    Failed(SocketFault),
}

/// Why a socket is no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum SocketFault {
    /// What was said last may have arrived unless the fault says otherwise.
    #[error("{0}")]
    Io(#[from] IoFault),
    /// The opening request was answered with something other than an open socket.
    #[error("the socket was refused with status {status}")]
    Refused {
        /// HTTP status.
        status: u16,
        /// As [`HttpReply::retry_after`].
        retry_after: Option<Duration>,
    },
}

/// A person to be asked who they are, on a sign-in page of the company's own, in the system's browser: OAuth 2.0, the code grant
/// with PKCE (RFC 6749, RFC 7636), whose answer comes back to this computer (RFC 8252). The driver draws all that is random,
/// listens, and makes the address; a [`SignInEvent::Done`] or [`SignInEvent::Failed`] is the last it reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignInCall {
    /// Named in every report. One row of names with the other calls.
    pub id: CallId,
    /// Address of the page (the authorization endpoint), `https` (`http` only to this computer), perhaps with a query.
    pub page: String,
    /// Who asks, as the company's sign-in knows us (`client_id`).
    pub client: String,
    /// What is asked for (`scope`); empty to leave it out.
    pub scope: String,
    /// The port that the answer comes back to, if the company's sign-in insists on one; otherwise any that is free.
    pub port: Option<u16>,
    /// Longest time that the person has; afterwards [`SignInFault::TimedOut`].
    pub timeout: Duration,
}

/// What happens while a person signs in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignInEvent {
    /// The answer is listened for: the browser can be opened here. The address is good for this one sign-in, and worth nothing
    /// without what the driver keeps to itself.
    Page {
        /// The full address.
        address: String,
    },
    /// The person signed in. The last event.
    Done(SignedIn),
    /// The person did not. The last event.
    Failed(SignInFault),
}

/// What a sign-in page gives for a person: a code that can be exchanged once, and what the exchange has to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// The code.
    pub code: Secret,
    /// Proves that whoever exchanges the code has asked for it (`code_verifier`).
    pub verifier: Secret,
    /// Where the code was sent to; the exchange has to name it.
    pub redirect_uri: String,
}

/// Why nobody signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum SignInFault {
    /// The page said no, or the service did not accept what it gave.
    #[error("the sign-in was declined")]
    Declined,
    /// The person took too long.
    #[error("nobody signed in in time")]
    TimedOut,
    /// The person gave it up.
    #[error("the sign-in was given up")]
    GivenUp,
    /// The answer could not have been heard: the port is taken, or this computer does not let us listen.
    #[error("the answer of the sign-in page cannot be heard on this computer")]
    Deaf,
    /// The page's address cannot be used.
    #[error("the address of the sign-in page cannot be used")]
    BadPage,
}

/// Why a call has no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum IoFault {
    /// No route, no name, no listener: nothing left this computer, or nothing arrived.
    #[error("the service cannot be reached")]
    Unreachable,
    /// The connection was made, and then broke. The request may have arrived.
    #[error("the connection broke")]
    Broken,
    /// No answer in time. The request may have arrived.
    #[error("no answer in time")]
    Timeout,
    /// No trustworthy secure connection. Nothing was sent.
    #[error("the connection cannot be trusted")]
    Tls,
    /// The answer was larger than was allowed. The request has arrived.
    #[error("the answer is too large")]
    TooLarge,
    /// The address or a header cannot be used at all. Nothing was sent.
    #[error("the address cannot be used")]
    BadRequest,
}

impl IoFault {
    /// Whether the request may have had its effect at the service.
    #[must_use]
    pub const fn may_have_arrived(self) -> bool {
        matches!(self, Self::Broken | Self::Timeout | Self::TooLarge)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_waits_end_on_a_whole_second_and_never_later_than_they_would() {
        let (minute, blink) = (Duration::from_secs(60), Duration::from_secs(2));
        for (due, together) in [(61_000, 61_000), (61_001, 61_000), (61_999, 61_000), (62_000, 62_000)] {
            assert_eq!(Moment(due).gathered(minute), Moment(together));
            assert_eq!(Moment(due).gathered(blink), Moment(due), "a second is much of two");
        }
    }

    #[test]
    fn what_is_done_in_steps_is_done_together_and_never_at_once() {
        let step = Duration::from_millis(250);
        for (now, next) in [(0, 250), (1, 250), (249, 250), (250, 500), (1_001, 1_250)] {
            assert_eq!(Moment(now).next(step), Moment(next));
        }
        assert_eq!(Moment(7).next(Duration::ZERO), Moment(8));
    }

    #[test]
    fn a_deadline_on_the_wall_follows_the_waiting_clock() {
        let now = Now { at: Moment(1_000), wall: 50_000 };
        assert_eq!(now.wall_at(Moment(1_250)), 50_250);
        assert_eq!(now.wall_at(Moment(900)), 49_900);
    }

    #[test]
    fn the_earlier_deadline_wins() {
        let near = Deadline { at: Moment(1), why: "near" };
        let far = Deadline { at: Moment(2), why: "far" };
        assert_eq!(Deadline::earlier(Some(far), Some(near)), Some(near));
        assert_eq!(Deadline::earlier(None, Some(far)), Some(far));
        assert_eq!(Deadline::earlier(None, None), None);
    }

    #[test]
    fn a_call_does_not_show_its_body_in_logs() {
        let part = Part::Field { name: "text".into(), value: "hush".into() };
        for body in [Body::Form("text=hush".into()), Body::Json("hush".into()), Body::Multipart(vec![part])] {
            assert!(!format!("{body:?}").contains("hush"));
        }
    }

    #[test]
    fn a_reply_does_not_show_its_body_in_logs() {
        let reply = HttpReply { status: 200, body: b"hush".to_vec(), ..HttpReply::default() };
        assert!(!format!("{reply:?}").contains("hush"));
    }
}
