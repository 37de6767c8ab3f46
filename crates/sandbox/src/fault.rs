//! Faults on demand: what goes wrong with the next requests of the customer, and how.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use thiserror::Error;

use crate::log::Operation;

/// Which requests a fault strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum On {
    /// Every request of the customer.
    Any,
    /// Every read: plain poll, poll with an index, restore, history.
    Read,
    /// A plain poll or a poll with an index.
    Poll,
    /// A poll with an index.
    Resume,
    /// The read of the newest entries by `count`.
    Restore,
    /// A page by `index` and `count`.
    History,
    /// A new chat.
    Create,
    /// A chat opened with a token.
    Join,
    /// A text.
    Send,
    /// A typing notice.
    Typing,
    /// An upload.
    Images,
    /// An update of attached data.
    Userdata,
    /// The end by the customer.
    Leave,
    /// A download.
    Media,
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
            Self::Create => operation == O::Create,
            Self::Join => operation == O::Join,
            Self::Send => operation == O::Send,
            Self::Typing => operation == O::Typing,
            Self::Images => operation == O::Images,
            Self::Userdata => operation == O::Userdata,
            Self::Leave => operation == O::Leave,
            Self::Media => operation == O::Media,
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
    /// Only requests of this chat (a session id).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// `status`, `drop`, `html`, `redirect`, `hang`: the request takes effect first, only its answer is lost.
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
    /// `numeric_status`: the number.
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

/// What is done to one request.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Damage {
    /// Another answer instead of the real one.
    Replace {
        /// The request takes effect first.
        after_effect: bool,
        /// The answer; `None` cuts the connection.
        answer: Option<Replacement>,
    },
    /// No answer.
    Hang {
        /// The request takes effect first.
        after_effect: bool,
    },
    /// Wait, then answer as usual.
    Slow(u64),
    /// Answer as usual, spread over this many milliseconds.
    SlowBody(u64),
    /// Half of the JSON.
    Truncated,
    /// Half of the body, then a cut.
    CutBody,
    /// Padded to this many bytes.
    Oversized(usize),
    /// A number as `status.code`.
    NumericStatus {
        /// The number.
        value: i64,
        /// The HTTP status, if not the real one.
        code: Option<u16>,
    },
    /// Without `clientToken`.
    NoToken,
}

/// An answer that stands in for the real one.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Replacement {
    /// HTTP status.
    pub status: u16,
    /// Extra headers.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: ReplacementBody,
}

/// Body of a [`Replacement`].
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum ReplacementBody {
    /// The envelope of an error; code and message.
    Envelope(Value, String),
    /// Text with its media type.
    Text(String, String),
    /// Nothing.
    Empty,
}

/// Why a fault was not taken.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum FaultError {
    /// A member that this kind needs is missing.
    #[error("`{0}` is missing: this kind of fault needs it")]
    Missing(&'static str),
    /// The status is no HTTP status.
    #[error("`code` is {0}; an HTTP status between 200 and 599 was expected")]
    BadStatus(u16),
}

/// The faults that are waiting for requests.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    waiting: Vec<Fault>,
    last_id: u64,
}

#[derive(Debug)]
struct Fault {
    id: u64,
    skip: u32,
    /// `None` strikes until it is removed.
    left: Option<u32>,
    request: FaultRequest,
    damage: Damage,
}

impl Faults {
    /// Adds a fault and gives its id.
    ///
    /// # Errors
    /// [`FaultError`] when the request lacks what its kind needs.
    pub(crate) fn add(&mut self, request: FaultRequest) -> Result<u64, FaultError> {
        let damage = damage(&request)?;
        self.last_id += 1;
        let left = (request.times > 0).then_some(request.times);
        self.waiting.push(Fault { id: self.last_id, skip: request.skip, left, request, damage });
        Ok(self.last_id)
    }

    /// Takes what is to be done to this request, if anything: the oldest fault that matches.
    pub(crate) fn take(&mut self, operation: Operation, session: Option<&str>) -> Option<Damage> {
        let matches = |fault: &Fault| {
            fault.request.on.strikes(operation)
                && fault.request.session.as_deref().is_none_or(|wanted| session == Some(wanted))
        };
        for fault in self.waiting.iter_mut().filter(|fault| matches(fault)) {
            if fault.skip > 0 {
                fault.skip -= 1;
                continue;
            }
            let damage = fault.damage.clone();
            if let Some(left) = &mut fault.left {
                *left -= 1;
            }
            self.waiting.retain(|fault| fault.left != Some(0));
            return Some(damage);
        }
        None
    }

    /// Removes one fault; whether it was there.
    pub(crate) fn remove(&mut self, id: u64) -> bool {
        let before = self.waiting.len();
        self.waiting.retain(|fault| fault.id != id);
        before != self.waiting.len()
    }

    /// Removes all.
    pub(crate) fn clear(&mut self) {
        self.waiting.clear();
    }

    /// The waiting faults as JSON: `id`, `left` (null for all), `skip`, and the request.
    #[must_use]
    pub(crate) fn list(&self) -> Vec<Value> {
        let one = |fault: &Fault| {
            let request = serde_json::to_value(&fault.request).unwrap_or_default();
            serde_json::json!({ "id": fault.id, "left": fault.left, "skip": fault.skip, "fault": request })
        };
        self.waiting.iter().map(one).collect()
    }
}

fn damage(request: &FaultRequest) -> Result<Damage, FaultError> {
    let after_effect = request.after_effect;
    let replace = |answer| Damage::Replace { after_effect, answer };
    Ok(match request.kind {
        Kind::Status => replace(Some(status_answer(request)?)),
        Kind::Drop => replace(None),
        Kind::Html => replace(Some(Replacement { status: 200, headers: Vec::new(), body: portal() })),
        Kind::Redirect => {
            let location = request.location.clone().ok_or(FaultError::Missing("location"))?;
            let headers = vec![("location", location)];
            replace(Some(Replacement { status: 302, headers, body: ReplacementBody::Empty }))
        }
        Kind::Hang => Damage::Hang { after_effect },
        Kind::Slow => Damage::Slow(request.ms.ok_or(FaultError::Missing("ms"))?),
        Kind::SlowBody => Damage::SlowBody(request.ms.ok_or(FaultError::Missing("ms"))?),
        Kind::Truncated => Damage::Truncated,
        Kind::CutBody => Damage::CutBody,
        Kind::Oversized => Damage::Oversized(request.bytes.unwrap_or(10 * 1024 * 1024)),
        Kind::NumericStatus => {
            let code = request.code.map(checked_status).transpose()?;
            Damage::NumericStatus { value: request.value.unwrap_or(0), code }
        }
        Kind::NoToken => Damage::NoToken,
    })
}

fn status_answer(request: &FaultRequest) -> Result<Replacement, FaultError> {
    let status = checked_status(request.code.ok_or(FaultError::Missing("code"))?)?;
    let mut headers = Vec::new();
    if let Some(retry_after) = &request.retry_after {
        let value = retry_after.as_str().map_or_else(|| retry_after.to_string(), str::to_owned);
        headers.push(("retry-after", value));
    }
    let body = match request.body.unwrap_or(BodyKind::Envelope) {
        BodyKind::Empty => ReplacementBody::Empty,
        BodyKind::Html => ReplacementBody::Text(
            "text/html; charset=utf-8".to_owned(),
            format!("<!doctype html><title>{status}</title><h1>{status}</h1><p>The server is unwell.</p>"),
        ),
        BodyKind::Raw => ReplacementBody::Text(
            request.content_type.clone().unwrap_or_else(|| "application/json".to_owned()),
            request.text.clone().ok_or(FaultError::Missing("text"))?,
        ),
        BodyKind::Envelope => {
            let code = request.status_code.clone().unwrap_or_else(|| usual_code(status).into());
            let message = request.message.clone().unwrap_or_else(|| "This fault was asked for.".to_owned());
            ReplacementBody::Envelope(code, message)
        }
    };
    Ok(Replacement { status, headers, body })
}

fn checked_status(status: u16) -> Result<u16, FaultError> {
    if (200..600).contains(&status) { Ok(status) } else { Err(FaultError::BadStatus(status)) }
}

/// The code that usually comes with a status here, so that a bare `{"code": 404}` does what one expects.
fn usual_code(status: u16) -> &'static str {
    match status {
        401 => "AUTHENTICATION_REQUIRED",
        403 => "INVALID_CONTACT_CENTER",
        404 => "INVALID_SESSION",
        413 => "LIMIT_FILE_SIZE",
        429 => "TOO_MANY_REQUESTS",
        200..300 => "SUCCESS",
        _ => "INTERNAL_ERROR",
    }
}

fn portal() -> ReplacementBody {
    let page = "<!doctype html><html lang=\"en\"><title>Guest network</title><h1>Welcome</h1>\
                <p>Accept the terms to use this network.</p></html>";
    ReplacementBody::Text("text/html; charset=utf-8".to_owned(), page.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fault(json: Value) -> FaultRequest {
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn a_fault_strikes_as_often_as_asked_and_only_what_it_names() {
        let mut faults = Faults::default();
        faults.add(fault(json!({ "on": "poll", "kind": "drop", "times": 2, "skip": 1 }))).unwrap();
        assert_eq!(faults.take(Operation::Send, None), None);
        assert_eq!(faults.take(Operation::Poll, None), None, "the first one passes");
        assert!(faults.take(Operation::Poll, None).is_some());
        assert!(faults.take(Operation::Resume, None).is_some());
        assert_eq!(faults.take(Operation::Poll, None), None);
        assert!(faults.list().is_empty());
    }

    #[test]
    fn a_fault_for_one_chat_leaves_the_others_alone() {
        let mut faults = Faults::default();
        faults.add(fault(json!({ "on": "any", "kind": "hang", "times": 0, "session": "a" }))).unwrap();
        assert_eq!(faults.take(Operation::Send, Some("b")), None);
        for _ in 0..5 {
            assert!(faults.take(Operation::Send, Some("a")).is_some());
        }
        assert!(faults.remove(1));
        assert_eq!(faults.take(Operation::Send, Some("a")), None);
    }

    #[test]
    fn a_fault_that_lacks_something_says_what() {
        let mut faults = Faults::default();
        let missing = faults.add(fault(json!({ "on": "send", "kind": "slow" })));
        assert_eq!(missing, Err(FaultError::Missing("ms")));
        let bad = faults.add(fault(json!({ "on": "send", "kind": "status", "code": 99 })));
        assert_eq!(bad, Err(FaultError::BadStatus(99)));
    }
}
