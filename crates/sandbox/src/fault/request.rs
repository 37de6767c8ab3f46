//! A fault as it is asked for: which requests it strikes, and what goes wrong with them.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::log::Operation;

/// Which requests a fault strikes, in words that are the same for every service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum On {
    /// Every request of the customer.
    Any,
    /// Every read: of what is new, of the newest, of what is older.
    Read,
    /// A read of what is new.
    Poll,
    /// A read of what is new behind a known entry.
    Resume,
    /// A read of the newest entries.
    Restore,
    /// A read of older entries.
    History,
    /// Whatever comes before a chat.
    Setup,
    /// A new chat.
    #[serde(alias = "create")]
    Start,
    /// A chat opened with a token.
    Join,
    /// The upgrade to a socket.
    Socket,
    /// A text.
    Send,
    /// A typing notice.
    Typing,
    /// An upload.
    #[serde(alias = "images")]
    Upload,
    /// An update of attached data.
    Userdata,
    /// The end by the customer.
    Leave,
    /// A download.
    #[serde(alias = "media")]
    Download,
    /// A sign of life, a receipt and the like.
    Signal,
}

impl On {
    /// Whether a request for `operation` is meant.
    #[must_use]
    pub(crate) fn strikes(self, operation: Operation) -> bool {
        use Operation as O;
        match self {
            Self::Any => true,
            Self::Read => matches!(operation, O::Poll | O::Resume | O::Restore | O::History),
            Self::Poll => matches!(operation, O::Poll | O::Resume),
            Self::Resume => operation == O::Resume,
            Self::Restore => operation == O::Restore,
            Self::History => operation == O::History,
            Self::Setup => operation == O::Setup,
            Self::Start => operation == O::Start,
            Self::Join => operation == O::Join,
            Self::Socket => operation == O::Socket,
            Self::Send => operation == O::Send,
            Self::Typing => operation == O::Typing,
            Self::Upload => operation == O::Upload,
            Self::Userdata => operation == O::Userdata,
            Self::Leave => operation == O::Leave,
            Self::Download => operation == O::Download,
            Self::Signal => operation == O::Signal,
        }
    }
}

/// A fault as it is asked for through the control API.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FaultRequest {
    /// Which requests.
    pub on: On,
    /// What happens.
    pub kind: Kind,
    /// How many requests it strikes; 0 means all until it is removed.
    #[serde(default = "once")]
    pub times: u32,
    /// How many matching requests pass first.
    #[serde(default)]
    pub skip: u32,
    /// Only requests of this service, by its name in the directory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// Only requests of this chat (a session id).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// `status`, `drop`, `close`, `html`, `redirect`, `hang`: the request takes effect first, only its answer is lost.
    #[serde(default)]
    pub after_effect: bool,
    /// `status`, `numeric_status`: the HTTP status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<u16>,
    /// `status`: value of `Retry-After`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<Value>,
    /// `status`: what the body is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<BodyKind>,
    /// `status`: `status.code` of the envelope.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_code: Option<Value>,
    /// `status`: `status.message` of the envelope.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// `status` with body `raw`: the body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// `status` with body `raw`: its media type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// `slow`, `slow_body`: how long, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ms: Option<u64>,
    /// `oversized`: size of the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<usize>,
    /// `numeric_status`: the number. `close`: the code, 1001 without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<i64>,
    /// `redirect`: where to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
}

fn once() -> u32 {
    1
}

/// The kinds of fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// An HTTP status.
    Status,
    /// The connection is cut without an answer.
    Drop,
    /// The socket is closed with a code, without an answer; where there is no socket, as `drop`.
    Close,
    /// The answer comes late.
    Slow,
    /// The body trickles.
    SlowBody,
    /// No answer ever; the connection stays open.
    Hang,
    /// Half of the JSON, with a length that fits it.
    Truncated,
    /// Half of the body, then the connection is cut.
    CutBody,
    /// A very large answer.
    Oversized,
    /// `status.code` is a number.
    NumericStatus,
    /// 200 with an HTML page, as from a captive portal.
    Html,
    /// 302.
    Redirect,
    /// A create or join that succeeds without `clientToken`.
    NoToken,
}

/// What the body of a `status` fault is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum BodyKind {
    /// The JSON envelope of an error.
    Envelope,
    /// Nothing.
    Empty,
    /// An HTML page.
    Html,
    /// `text`, as `content_type`.
    Raw,
}
