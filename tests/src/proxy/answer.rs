//! An answer on its way back to the client, as bytes: whole, spoilt, or made up.

use std::fmt::{self, Write as _};

use bytes::Bytes;
use hyper::StatusCode;
use hyper::header::{self, HeaderMap, HeaderName};

/// Where a captive portal leads.
pub(super) const SIGN_IN: &str = "/sign-in";

/// Headers that the proxy decides on itself.
const OWN: [HeaderName; 4] =
    [header::CONNECTION, header::CONTENT_LENGTH, header::TRANSFER_ENCODING, header::DATE];

/// A whole answer.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

/// How the body is announced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Framing {
    /// By its length.
    Whole,
    /// By a length that it does not reach.
    Short,
    /// As chunks, of which the last is missing.
    CutChunks,
    /// There is none: from here on the connection is something else.
    Upgrade,
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "answered {}, {} bytes", self.status.as_u16(), self.body.len())
    }
}

impl Answer {
    pub(super) fn new(status: StatusCode, headers: HeaderMap, body: Bytes) -> Self {
        Self { status, headers, body }
    }

    /// A gateway's own page.
    pub(super) fn bad_gateway() -> Self {
        let page =
            "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>";
        Self::page(StatusCode::BAD_GATEWAY, page)
    }

    /// The way to a network's sign-in.
    pub(super) fn redirect() -> Self {
        let mut answer = Self::page(StatusCode::FOUND, "<html><body>Please sign in.</body></html>");
        answer.headers.insert(header::LOCATION, header::HeaderValue::from_static(SIGN_IN));
        answer
    }

    /// A network's sign-in.
    pub(super) fn sign_in() -> Self {
        let page = "<!doctype html><html><head><title>Welcome</title></head><body><form method=\"post\">\
                    <input name=\"room\"><button>Go online</button></form></body></html>";
        Self::page(StatusCode::OK, page)
    }

    fn page(status: StatusCode, page: &'static str) -> Self {
        let html = header::HeaderValue::from_static("text/html; charset=utf-8");
        Self::new(
            status,
            HeaderMap::from_iter([(header::CONTENT_TYPE, html)]),
            Bytes::from_static(page.as_bytes()),
        )
    }

    /// Everything before the body.
    pub(super) fn head(&self, framing: Framing) -> Vec<u8> {
        let reason = self.status.canonical_reason().unwrap_or_default();
        let mut head = format!("HTTP/1.1 {} {reason}\r\n", self.status.as_u16()).into_bytes();
        for (name, value) in self.headers.iter().filter(|(name, _)| !OWN.contains(name)) {
            head.extend_from_slice(name.as_str().as_bytes());
            head.extend_from_slice(b": ");
            head.extend_from_slice(value.as_bytes());
            head.extend_from_slice(b"\r\n");
        }
        let mut last = String::new();
        let written = match framing {
            Framing::Whole => write!(last, "content-length: {}\r\n\r\n", self.body.len()),
            Framing::Short => write!(last, "content-length: {}\r\n\r\n", self.body.len() + 64),
            Framing::CutChunks => write!(last, "transfer-encoding: chunked\r\n\r\n"),
            Framing::Upgrade => write!(last, "connection: upgrade\r\n\r\n"),
        };
        written.expect("a string takes text");
        head.extend_from_slice(last.as_bytes());
        head
    }

    /// The body as it goes over the wire.
    pub(super) fn body(&self, framing: Framing) -> Vec<u8> {
        match framing {
            Framing::Whole | Framing::Short => self.body.to_vec(),
            Framing::Upgrade => Vec::new(),
            Framing::CutChunks => {
                let (first, second) = self.body.split_at(self.body.len() / 2);
                let mut bytes = Vec::new();
                for chunk in [first, second].into_iter().filter(|chunk| !chunk.is_empty()) {
                    bytes.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
                    bytes.extend_from_slice(chunk);
                    bytes.extend_from_slice(b"\r\n");
                }
                bytes
            }
        }
    }

    /// All of it.
    pub(super) fn bytes(&self, framing: Framing) -> Vec<u8> {
        let mut bytes = self.head(framing);
        bytes.extend_from_slice(&self.body(framing));
        bytes
    }
}
