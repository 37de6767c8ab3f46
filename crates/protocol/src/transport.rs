//! What a transport is: the machine that speaks one service's language.
//!
//! A transport is fed one thing at a time ([`Transport::request`], [`Transport::reply`], [`Transport::socket`],
//! [`Transport::progress`] or [`Transport::tick`]), is then drained
//! with [`Transport::poll`] until it is silent, and then asked for its [`Transport::deadline`]. It does no I/O, reads no clock and
//! draws no random numbers but from the seed it was built with. It knows nothing of outbox, timeline or finalization.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::event::{Attachment, EntryForm, EntryKey, Event, LocalId};
use crate::fault::{Fault, FaultClass, FaultCode};
use crate::io::{
    CallId, Deadline, Frame, HttpCall, HttpReply, IoFault, Now, SignInCall, SignInFault, SignedIn,
    SocketCall, SocketEvent, SocketFault, SocketId,
};
use crate::kit::backoff::Urgency;
use crate::token::ResumeToken;

pub use crate::view::{FileKinds, FileRules};

/// The machine of one service. It lives for one conversation.
pub trait Transport: fmt::Debug + Send {
    /// What the service can do.
    fn capabilities(&self) -> Capabilities;

    /// Asks for something. Every request is answered by events, soon or late; none is answered twice.
    fn request(&mut self, now: Now, request: Request);

    /// Reports the end of a call. An unknown or cancelled `call` is ignored.
    fn reply(&mut self, now: Now, call: CallId, result: Result<HttpReply, IoFault>);

    /// Reports what happens on a socket. An unknown or shut `socket` is ignored.
    fn socket(&mut self, now: Now, socket: SocketId, event: SocketEvent) {
        let _ = (now, socket, event);
    }

    /// Reports how many bytes of a call's body have left, if the call asked for it.
    fn progress(&mut self, now: Now, call: CallId, sent: u64) {
        let _ = (now, call, sent);
    }

    /// Reports the end of a sign-in. An unknown or cancelled `call` is ignored.
    fn signed_in(&mut self, now: Now, call: CallId, result: Result<SignedIn, SignInFault>) {
        let _ = (now, call, result);
    }

    /// Reports that the token that was told last outlives the program, or that none of this chat ever did: whatever must not be asked
    /// before that can be asked now.
    fn kept(&mut self, now: Now) {
        let _ = now;
    }

    /// Time has passed.
    fn tick(&mut self, now: Now);

    /// The next thing to do, until there is none.
    fn poll(&mut self) -> Option<Action>;

    /// When to tick at the latest.
    fn deadline(&self) -> Option<Deadline>;
}

/// What a transport wants done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Carry out a call.
    Call(HttpCall),
    /// Abandon a call; it will not be reported.
    Cancel(CallId),
    /// Have the person sign in. Abandoned as a call is.
    SignIn(SignInCall),
    /// Open a socket.
    Open(SocketCall),
    /// Say something on an open socket. What is said on any other is dropped.
    Say(SocketId, Frame),
    /// Close a socket from this side; nothing more is reported of it. What was said before still leaves, unless
    /// it waited to be kept together with a message.
    Shut(SocketId),
    /// Give up a socket that does not answer, at once and without a goodbye; nothing more is reported of it. What was said on it and is still
    /// on its way here is dropped, so that nothing of it arrives when it is not expected any more.
    Cut(SocketId),
    /// Take notice.
    Event(Event),
}

/// What is said to one question of several that are answered together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answered {
    /// The question.
    pub question: String,
    /// The words of each value, and what the service wants back for it.
    pub values: Vec<(String, String)>,
}

/// What a session wants of a transport.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// Start a new chat. Answered by `Joined` or `NotJoined`.
    Start(EntryForm),
    /// Pick up a kept chat. Answered by `Joined` and a `Restored` batch, by `NotJoined`, or by `Over(Lost)`; while the
    /// service cannot be reached it keeps trying and says so with `Link`.
    Resume {
        /// What opens it.
        token: ResumeToken,
        /// The last [`Event::Cursor`], if what was read before was kept, or an empty one if the chat was begun here and
        /// nothing of it was read; without it reading begins at the newest page.
        cursor: Option<String>,
    },
    /// Send a text. Answered by `Sent` or `NotSent`. One at a time: the session waits for the answer.
    Send {
        /// Name of the message.
        local: LocalId,
        /// The words.
        text: String,
    },
    /// Send a picture. Answered as `Send`.
    Attach {
        /// Name of the message.
        local: LocalId,
        /// The picture.
        attachment: Attachment,
    },
    /// Send one of the answers that an entry offers. Answered as `Send`; the service's copy is found by its words.
    Answer {
        /// Name of the message.
        local: LocalId,
        /// The words that stand for it in the transcript.
        text: String,
        /// What the offer gave to be sent along, as it came; one for each choice. For questions that are answered together: what they
        /// gave for all of them, then an [`Answered`] for each question, as JSON.
        payloads: Vec<String>,
    },
    /// Give up an upload that is under way. Answered by `NotSent` if it had not been handed over yet; otherwise by nothing.
    Withdraw {
        /// Name of the message.
        local: LocalId,
    },
    /// The person has seen everything up to here. Not answered; failing is no matter.
    Read {
        /// The newest entry on screen.
        up_to: EntryKey,
    },
    /// The person wants to be called by another name. Failing is told as `Trouble`.
    Nickname(String),
    /// A message for the other side's programs that is no part of the conversation. Failing is told as `Trouble`.
    Notice(String),
    /// The person is still there, after [`Event::Idle`].
    StayOn,
    /// The banner was put away by the person. Not answered.
    BannerClosed,
    /// Find out what really arrived: read the newest entries again. Answered by batches and then `Reconciled`.
    Reconcile,
    /// The person started or stopped typing. Not answered; failing is no matter.
    Typing {
        /// Started or stopped.
        on: bool,
        /// What the composer holds, if the deployment asks for previews.
        preview: Option<String>,
    },
    /// Load an older page. Answered by an `Older` batch, `NoOlder` or `OlderFailed`.
    Older,
    /// Give the service more data. Before a start it is kept for it.
    UserData(BTreeMap<String, String>),
    /// Load a picture. Answered by `Media`.
    Media {
        /// As in the entry.
        url: String,
    },
    /// How much depends on the connection from here on. `Watched` means that somebody has begun to look, or has written
    /// something: a try that is due later is made within a second. Not answered.
    Urgency(Urgency),
    /// The composer should be believed: try the connection now.
    TryNow,
    /// The computer woke up or the network changed: look at once, and doubt open calls.
    Wake,
    /// The person wants to sign in while the chat runs. Failing is told as `Trouble`.
    SignIn,
    /// End the chat for good. Answered by `Over(EndedByMe)` without waiting for the service; the call is repeated once.
    Leave,
}

/// What a service can do. It may change while a chat runs: see [`Event::Capabilities`].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Capabilities {
    /// Which files can be sent; `None` if none can.
    pub files: Option<FileRules>,
    /// Older pages can be loaded.
    pub history: bool,
    /// Typing can be shown to the other side.
    pub typing: bool,
    /// More data can be given while the chat runs.
    pub user_data: bool,
    /// The other side can be told what was read.
    pub read_receipts: bool,
    /// The person can be called by another name while the chat runs.
    pub nickname: bool,
    /// Notices can be sent to the other side's programs.
    pub notices: bool,
    /// The person can end the chat for good. Where this is not so, a chat can only be put away.
    pub end: bool,
    /// The person is a guest, and may sign in while the chat runs.
    pub sign_in: bool,
    /// The contact centre wants no words of a conversation in notifications.
    pub discreet: bool,
    /// Most characters of one message.
    pub longest_text: Option<usize>,
}

/// Why a service did not do what it was asked. Closed: every transport maps its own words to these.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// There was no answer.
    #[error("{0}")]
    Io(#[from] IoFault),
    /// The service asked to slow down.
    #[error("the service asked to slow down")]
    RateLimited {
        /// For how long, if it said.
        after: Option<Duration>,
    },
    /// An error of the service's own.
    #[error("the service failed with status {status}")]
    Service {
        /// HTTP status.
        status: u16,
    },
    /// Something that is not the service answered: a page, or a redirect to one.
    #[error("a web page answered in place of the service (status {status})")]
    NotTheService {
        /// HTTP status.
        status: u16,
    },
    /// The answer could not be understood.
    #[error("the answer could not be understood: {why}")]
    Unreadable {
        /// What was expected, without quoting what came.
        why: &'static str,
    },
    /// The key is not accepted.
    #[error("the key is not accepted")]
    WrongKey,
    /// No chat service at this address.
    #[error("no chat service answers at this address")]
    UnknownAddress,
    /// The entry point is not known.
    #[error("the service does not know this entry point")]
    UnknownEndpoint,
    /// A first name or nickname is missing.
    #[error("the service wants a first name")]
    NameMissing,
    /// The token is not accepted.
    #[error("the service wants to know again who is there")]
    SignInAgain,
    /// The chat goes on as soon as the person signs in.
    #[error("the person has to sign in")]
    SignInNeeded,
    /// The person did not sign in.
    #[error("{0}")]
    SignIn(#[from] SignInFault),
    /// The session is not known, or over.
    #[error("the service no longer has this chat")]
    Gone,
    /// The kind of file is not taken.
    #[error("this kind of file is not taken")]
    FileType,
    /// The file is too large.
    #[error("the file is too large")]
    FileSize,
    /// The file is empty.
    #[error("the file is empty")]
    FileEmpty,
    /// The name of the file is not taken.
    #[error("the name of the file is not taken")]
    FileName,
    /// Too many files.
    #[error("no more files are taken")]
    FileCount,
    /// Declined with a code that has no reaction of its own.
    #[error("declined by the service: status {status}, code {code}")]
    Declined {
        /// HTTP status.
        status: u16,
        /// The service's code, letters, digits, `_` and `-` only, cut to 64 characters.
        code: String,
    },
    /// The text is too long.
    #[error("the text is too long")]
    TooLong,
    /// The service takes no new chats at the moment.
    #[error("the service takes no new chats at the moment")]
    Closed,
    /// The same chat was opened elsewhere, and the service lets only so many be open.
    #[error("the chat was opened elsewhere")]
    OpenElsewhere,
    /// A field of the entry form is not accepted.
    #[error("the service does not accept the field {field}")]
    FieldBad {
        /// Wire name of the field.
        field: &'static str,
    },
    /// The service cannot do this.
    #[error("the service cannot do this")]
    Unsupported,
}

impl From<SocketFault> for Failure {
    fn from(fault: SocketFault) -> Self {
        match fault {
            SocketFault::Io(fault) => Self::Io(fault),
            SocketFault::Refused { status: 429, retry_after } => Self::RateLimited { after: retry_after },
            SocketFault::Refused { status: status @ 500.., .. } => Self::Service { status },
            SocketFault::Refused { status: 401 | 403, .. } => Self::WrongKey,
            SocketFault::Refused { status: 404, .. } => Self::UnknownAddress,
            SocketFault::Refused { status, .. } => Self::NotTheService { status },
        }
    }
}

impl Failure {
    /// Stable code for interfaces.
    #[must_use]
    pub const fn code(&self) -> FaultCode {
        match self {
            Self::Io(IoFault::Unreachable) => FaultCode::Offline,
            Self::Io(IoFault::Broken | IoFault::Timeout) => FaultCode::NotAnswering,
            Self::Io(IoFault::Tls) => FaultCode::UnsafeConnection,
            Self::Io(IoFault::TooLarge) => FaultCode::AnswerTooLarge,
            Self::Io(IoFault::BadRequest) => FaultCode::BadAddress,
            Self::RateLimited { .. } => FaultCode::RateLimited,
            Self::Service { .. } => FaultCode::ServiceError,
            Self::NotTheService { .. } => FaultCode::CaptivePortal,
            Self::Unreadable { .. } => FaultCode::UnreadableAnswer,
            Self::WrongKey => FaultCode::WrongKey,
            Self::UnknownAddress => FaultCode::UnknownAddress,
            Self::UnknownEndpoint => FaultCode::UnknownEndpoint,
            Self::NameMissing => FaultCode::NameMissing,
            Self::SignInAgain => FaultCode::SignInAgain,
            Self::SignInNeeded => FaultCode::SignInNeeded,
            Self::SignIn(SignInFault::Declined) => FaultCode::SignInDeclined,
            Self::SignIn(SignInFault::TimedOut | SignInFault::GivenUp) => FaultCode::SignInUnfinished,
            Self::SignIn(SignInFault::Deaf | SignInFault::BadPage) => FaultCode::SignInFailed,
            Self::Gone => FaultCode::ChatGone,
            Self::FileType => FaultCode::FileType,
            Self::FileSize => FaultCode::FileSize,
            Self::FileEmpty => FaultCode::FileEmpty,
            Self::FileName => FaultCode::FileName,
            Self::FileCount => FaultCode::FileCount,
            Self::Declined { .. } => FaultCode::Declined,
            Self::TooLong => FaultCode::MessageTooLong,
            Self::Closed => FaultCode::ServiceClosed,
            Self::OpenElsewhere => FaultCode::OpenElsewhere,
            Self::FieldBad { .. } => FaultCode::FieldBad,
            Self::Unsupported => FaultCode::Unsupported,
        }
    }

    /// What to do about it.
    #[must_use]
    pub const fn class(&self) -> FaultClass {
        self.code().class()
    }

    /// Whether the same request may succeed later. Malformed answers count: something between us and the service may
    /// have spoilt them.
    #[must_use]
    pub const fn may_pass(&self) -> bool {
        matches!(self.class(), FaultClass::Retry | FaultClass::Malformed)
    }

    /// How long the service asked to wait.
    #[must_use]
    pub const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::RateLimited { after } => *after,
            _ => None,
        }
    }

    /// As an interface sees it.
    #[must_use]
    pub fn fault(&self) -> Fault {
        match self {
            Self::Service { status } | Self::NotTheService { status } => {
                Fault::with_detail(self.code(), status.to_string())
            }
            Self::Declined { status, code } if code.is_empty() => {
                Fault::with_detail(self.code(), status.to_string())
            }
            Self::Declined { status, code } => Fault::with_detail(self.code(), format!("{status} {code}")),
            Self::Unreadable { why } => Fault::with_detail(self.code(), *why),
            Self::FieldBad { field } => Fault::with_detail(self.code(), *field),
            Self::Io(fault) => Fault::with_detail(self.code(), fault.to_string()),
            Self::SignIn(fault @ (SignInFault::Deaf | SignInFault::BadPage)) => {
                Fault::with_detail(self.code(), fault.to_string())
            }
            _ => Fault::new(self.code()),
        }
    }
}

/// Settings of a transport as they stand in a configuration file, checked by the transport that they are for.
pub type Settings = serde_json::Map<String, serde_json::Value>;

/// A setting that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {problem}")]
pub struct SettingsError {
    /// Name of the setting, for instance `url` or `headers.x-api-key`.
    pub field: String,
    /// What is wrong with it and what would be right, in English, without its value if that may be secret.
    pub problem: String,
    /// Stable code for interfaces: `FieldMissing`, `FieldBad` or `BadAddress`.
    pub code: FaultCode,
}
