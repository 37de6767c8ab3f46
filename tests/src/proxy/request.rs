//! A request as it comes from a client: found in the bytes, and made ready to be passed on.

use std::fmt;

use bytes::{Buf as _, Bytes, BytesMut};
use http_body_util::Full;
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;

use super::answer::SIGN_IN;
use super::schedule::Lane;

/// More than any client of ours sends.
const HEADERS: usize = 64;

/// A whole request.
#[derive(Debug)]
pub(super) struct Request {
    method: hyper::Method,
    target: String,
    headers: HeaderMap,
    body: Bytes,
}

impl Request {
    /// Reads the next request; `None` when there will be none, or none that can be understood. `rest` is what came of it so far.
    pub(super) async fn read(stream: &mut TcpStream, rest: &mut BytesMut) -> Option<Self> {
        loop {
            if let Some((mut request, head, length)) = parse(rest)?
                && rest.len() >= head + length
            {
                rest.advance(head);
                request.body = rest.split_to(length).freeze();
                return Some(request);
            }
            if stream.read_buf(rest).await.ok()? == 0 {
                return None;
            }
        }
    }

    pub(super) fn lane(&self) -> Lane {
        if self.method == hyper::Method::GET { Lane::Read } else { Lane::Write }
    }

    /// Whether a redirect of our own was followed.
    pub(super) fn is_for_sign_in(&self) -> bool {
        self.target == SIGN_IN
    }

    /// Whether the connection is to become a WebSocket.
    pub(super) fn is_for_socket(&self) -> bool {
        self.headers.contains_key(header::UPGRADE)
    }

    /// The same, as it goes on.
    pub(super) fn onward_for_socket(self) -> hyper::Request<Full<Bytes>> {
        let mut request = self.onward();
        request.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
        request
    }

    /// As it goes on: what concerns the connection alone stays behind.
    pub(super) fn onward(self) -> hyper::Request<Full<Bytes>> {
        let mut request = hyper::Request::new(Full::new(self.body));
        *request.method_mut() = self.method;
        // `parse` lets nothing through that is no target.
        *request.uri_mut() = self.target.parse().unwrap_or_default();
        *request.headers_mut() = self.headers;
        request.headers_mut().remove(header::CONNECTION);
        request
    }
}

impl fmt::Display for Request {
    /// What it asks for, without what is the same every time.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let last = self.target.rsplit('/').next().unwrap_or_default();
        write!(f, "{} {last} {}", self.method, String::from_utf8_lossy(&self.body))
    }
}

/// The head of a request with its length and the length of its body. The outer `None` means that it cannot be understood, the
/// inner that there has to come more.
#[allow(clippy::option_option, reason = "the two mean different things to the one caller")]
fn parse(bytes: &[u8]) -> Option<Option<(Request, usize, usize)>> {
    let mut fields = [httparse::EMPTY_HEADER; HEADERS];
    let mut parsed = httparse::Request::new(&mut fields);
    let head = match parsed.parse(bytes).ok()? {
        httparse::Status::Complete(head) => head,
        httparse::Status::Partial => return Some(None),
    };
    let mut headers = HeaderMap::new();
    for field in parsed.headers.iter() {
        let name = HeaderName::from_bytes(field.name.as_bytes()).ok()?;
        headers.append(name, HeaderValue::from_bytes(field.value).ok()?);
    }
    // No client of ours sends a request in chunks, and guessing where one ends would be a fault that nobody asked for.
    if headers.contains_key(header::TRANSFER_ENCODING) {
        return None;
    }
    let length = match headers.get(header::CONTENT_LENGTH) {
        None => 0,
        Some(length) => length.to_str().ok()?.trim().parse().ok()?,
    };
    let target: hyper::Uri = parsed.path?.parse().ok()?;
    let request = Request {
        method: parsed.method?.parse().ok()?,
        target: target.to_string(),
        headers,
        body: Bytes::new(),
    };
    Some(Some((request, head, length)))
}
