//! What a fault does to the one request that it strikes: an HTTP request, the upgrade to a socket, or a frame that came over one.

use serde_json::Value;

use super::FaultError;
use super::request::{BodyKind, FaultRequest, Kind};

/// What is done to one request.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Damage {
    /// Another answer instead of the real one.
    Replace {
        /// The request takes effect first.
        after_effect: bool,
        /// The answer; `None` cuts the connection. What a frame is answered with is its service's matter.
        answer: Option<Replacement>,
    },
    /// No answer, and the socket is closed.
    Close {
        /// The request takes effect first.
        after_effect: bool,
        /// With this code.
        code: u16,
    },
    /// No answer. A socket stays open and silent from here on.
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
    /// An error in the service's own form.
    Error {
        /// Its code; without it, the usual one for the HTTP status.
        code: Option<Value>,
        /// Its message.
        message: String,
    },
    /// Text with its media type.
    Text(String, String),
    /// Nothing.
    Empty,
}

impl Damage {
    /// What `request` asks to be done.
    ///
    /// # Errors
    /// [`FaultError`] when it lacks what its kind needs.
    pub(crate) fn of(request: &FaultRequest) -> Result<Self, FaultError> {
        damage(request)
    }

    /// The same where there is no socket that could be closed.
    #[must_use]
    pub(crate) fn without_socket(self) -> Self {
        match self {
            Self::Close { after_effect, .. } => Self::Replace { after_effect, answer: None },
            other => other,
        }
    }
}

fn damage(request: &FaultRequest) -> Result<Damage, FaultError> {
    let after_effect = request.after_effect;
    let replace = |answer| Damage::Replace { after_effect, answer };
    Ok(match request.kind {
        Kind::Status => replace(Some(status_answer(request)?)),
        Kind::Drop => replace(None),
        Kind::Close => Damage::Close { after_effect, code: close_code(request.value)? },
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
            let message = request.message.clone().unwrap_or_else(|| "This fault was asked for.".to_owned());
            ReplacementBody::Error { code: request.status_code.clone(), message }
        }
    };
    Ok(Replacement { status, headers, body })
}

/// A code that an endpoint may close a socket with.
fn close_code(given: Option<i64>) -> Result<u16, FaultError> {
    let given = given.unwrap_or(1001);
    let code =
        u16::try_from(given).ok().filter(|code| matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999));
    code.ok_or(FaultError::BadClose(given))
}

fn checked_status(status: u16) -> Result<u16, FaultError> {
    if (200..600).contains(&status) { Ok(status) } else { Err(FaultError::BadStatus(status)) }
}

fn portal() -> ReplacementBody {
    let page = "<!doctype html><html lang=\"en\"><title>Guest network</title><h1>Welcome</h1>\
                <p>Accept the terms to use this network.</p></html>";
    ReplacementBody::Text("text/html; charset=utf-8".to_owned(), page.to_owned())
}
