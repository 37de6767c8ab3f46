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
            if let Some((mut request, head)) = parse(rest)?
                && let Some((body, length)) = body(&request.headers, &rest[head..])?
            {
                rest.advance(head + length);
                request.headers.remove(header::TRANSFER_ENCODING);
                request.body = body;
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

/// A request without its body, and the length of its head. The outer `None` means that it cannot be understood, the inner that there
/// has to come more.
#[allow(clippy::option_option, reason = "the two mean different things to the one caller")]
fn parse(bytes: &[u8]) -> Option<Option<(Request, usize)>> {
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
    let target: hyper::Uri = parsed.path?.parse().ok()?;
    let request = Request {
        method: parsed.method?.parse().ok()?,
        target: target.to_string(),
        headers,
        body: Bytes::new(),
    };
    Some(Some((request, head)))
}

/// The body that begins here, and how many bytes it took. Both `None` as in [`parse`].
#[allow(clippy::option_option, reason = "the two mean different things to the one caller")]
fn body(headers: &HeaderMap, bytes: &[u8]) -> Option<Option<(Bytes, usize)>> {
    if headers.contains_key(header::TRANSFER_ENCODING) {
        return chunks(bytes);
    }
    let length = match headers.get(header::CONTENT_LENGTH) {
        None => 0,
        Some(length) => length.to_str().ok()?.trim().parse().ok()?,
    };
    Some(bytes.get(..length).map(|body| (Bytes::copy_from_slice(body), length)))
}

/// A body in chunks, made whole. Nothing is expected behind the last one but its empty line.
#[allow(clippy::option_option, reason = "as in `parse`")]
fn chunks(bytes: &[u8]) -> Option<Option<(Bytes, usize)>> {
    const END: usize = "\r\n".len();
    let (mut whole, mut at) = (BytesMut::new(), 0);
    loop {
        let (line, size) = match httparse::parse_chunk_size(&bytes[at..]).ok()? {
            httparse::Status::Complete(found) => found,
            httparse::Status::Partial => return Some(None),
        };
        let begin = at + line;
        let end = begin + usize::try_from(size).ok()?;
        if bytes.len() < end + END {
            return Some(None);
        }
        whole.extend_from_slice(&bytes[begin..end]);
        at = end + END;
        if size == 0 {
            return Some(Some((whole.freeze(), at)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_in_chunks_is_made_whole_once_all_of_it_is_there() {
        let sent = b"4\r\n[{\"a\r\n5\r\n\":1}]\r\n0\r\n\r\nPOST";
        let whole = sent.len() - "POST".len();
        for end in 0..whole {
            assert_eq!(chunks(&sent[..end]), Some(None), "after {end} bytes");
        }
        assert_eq!(chunks(sent), Some(Some((Bytes::from_static(b"[{\"a\":1}]"), whole))));
        assert_eq!(chunks(b"many\r\n"), None);
    }
}
