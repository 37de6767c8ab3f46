//! Answers to the customer, whatever the service, and what faults do to them.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use serde_json::{Value, json};

use crate::fault::Damage;

/// An answer before it becomes bytes.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Content,
}

/// Body of an [`Answer`].
#[derive(Debug, Clone)]
pub(crate) enum Content {
    /// JSON.
    Json(Value),
    /// Media type and bytes.
    Bytes(String, Bytes),
    /// Nothing.
    Empty,
}

impl Answer {
    /// Sets a member at the top level of a JSON body.
    pub(crate) fn with(mut self, name: &str, value: Value) -> Self {
        if let Content::Json(body) = &mut self.body {
            put(body, name, value);
        }
        self
    }

    /// The response, with whatever `damage` does to the bytes of an answer that was made.
    pub(crate) fn into_response(mut self, damage: Option<&Damage>) -> Response {
        let padding = match damage {
            Some(Damage::Oversized(size)) => *size,
            _ => 0,
        };
        if padding > 0 {
            self = self.with("padding", json!("x".repeat(padding)));
        }
        let (mime, bytes) = match self.body {
            Content::Json(value) => {
                // What is no object has no member for the padding.
                let spaces = if value.is_object() { 0 } else { padding };
                let text = value.to_string() + &" ".repeat(spaces);
                ("application/json".to_owned(), Bytes::from(text))
            }
            Content::Bytes(mime, bytes) => (mime, bytes),
            Content::Empty => (String::new(), Bytes::new()),
        };
        let length = bytes.len();
        let half = bytes.slice(..length / 2);
        let body = match damage {
            Some(Damage::Truncated) => Body::from(half),
            Some(Damage::CutBody) => half_then_cut(half),
            Some(Damage::SlowBody(ms)) => trickle(bytes, Duration::from_millis(*ms)),
            _ => Body::from(bytes),
        };
        let mut response = Response::new(body);
        *response.status_mut() =
            StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        if matches!(damage, Some(Damage::CutBody)) {
            headers.insert(header::CONTENT_LENGTH, length.into());
        }
        if let Ok(mime) = HeaderValue::from_str(&mime)
            && !mime.is_empty()
        {
            headers.insert(header::CONTENT_TYPE, mime);
        }
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        for (name, value) in self.headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
        response
    }
}

/// Sets a member of an object.
pub(crate) fn put(object: &mut Value, name: &str, value: Value) {
    if let Some(object) = object.as_object_mut() {
        object.insert(name.to_owned(), value);
    }
}

/// A body that fails after its first piece, once that piece had the time to leave.
fn half_then_cut(half: Bytes) -> Body {
    let cut = stream::once(async {
        tokio::time::sleep(Duration::from_millis(30)).await;
        Err(std::io::Error::from(std::io::ErrorKind::ConnectionAborted))
    });
    Body::from_stream(stream::iter([Ok(half)]).chain(cut))
}

/// A body that takes `whole` to arrive, in ten pieces.
fn trickle(bytes: Bytes, whole: Duration) -> Body {
    const PIECES: usize = 10;
    let size = bytes.len().div_ceil(PIECES).max(1);
    Body::from_stream(stream::unfold(bytes, move |mut rest| async move {
        if rest.is_empty() {
            return None;
        }
        tokio::time::sleep(whole / u32::try_from(PIECES).unwrap_or(1)).await;
        let piece = rest.split_to(size.min(rest.len()));
        Some((Ok::<_, Infallible>(piece), rest))
    }))
}
