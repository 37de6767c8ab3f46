//! Telling a service's answer from anything else that may stand in its place, and what an HTTP status means wherever the
//! service has no word of its own for it.

use serde::Deserialize;

use crate::event::Trace;
use crate::io::{HttpReply, IoFault};
use crate::transport::Failure;

/// What stands in a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content<'a> {
    /// Nothing.
    Nothing,
    /// A JSON object, by its first character.
    Object(&'a [u8]),
    /// A web page.
    Page,
    /// Anything else.
    Other(&'a [u8]),
}

impl<'a> Content<'a> {
    /// Looks at a body.
    #[must_use]
    pub fn of(reply: &'a HttpReply) -> Self {
        let text = reply.body.trim_ascii();
        let text = text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(text);
        match text.first() {
            None => Self::Nothing,
            Some(b'<') => Self::Page,
            Some(b'{') => Self::Object(text),
            Some(_) => Self::Other(text),
        }
    }
}

/// What stands in a body where a service puts an envelope of its own around everything.
#[derive(Debug)]
pub enum Enveloped<E> {
    /// Nothing.
    Nothing,
    /// The envelope, or a JSON object that could be one: its members are optional.
    Envelope(Box<E>),
    /// A web page.
    Page,
    /// Anything else.
    Other,
}

impl<'a, E: Deserialize<'a>> Enveloped<E> {
    /// Reads a body.
    #[must_use]
    pub fn of(reply: &'a HttpReply) -> Self {
        let text = match Content::of(reply) {
            Content::Nothing => return Self::Nothing,
            Content::Page => return Self::Page,
            _ if reply.content_type.to_ascii_lowercase().contains("html") => return Self::Page,
            Content::Other(_) => return Self::Other,
            Content::Object(text) => text,
        };
        // Looking at all bytes at once is quicker than at each string; spoilt ones may stand where nobody reads.
        let envelope = match str::from_utf8(text) {
            Ok(text) => serde_json::from_str(text),
            Err(_) => serde_json::from_slice(text),
        };
        envelope.map_or(Self::Other, |envelope| Self::Envelope(Box::new(envelope)))
    }
}

/// What an answer's status means where nothing else is said; `None` if the status is good.
#[must_use]
pub fn by_status(reply: &HttpReply) -> Option<Failure> {
    let status = reply.status;
    Some(match (status, Content::of(reply)) {
        (429, _) => Failure::RateLimited { after: reply.retry_after },
        // Redirects, and the two statuses that only a proxy or a network's sign-in gives.
        (300..=399 | 407 | 511, _) => Failure::NotTheService { status },
        (..500, Content::Page) => Failure::NotTheService { status },
        (200..=299, _) => return None,
        (401 | 403, _) => Failure::WrongKey,
        (404 | 410, _) => Failure::Gone,
        (408 | 425 | 500.., _) => Failure::Service { status },
        _ => Failure::Declined { status, code: String::new() },
    })
}

/// What a failed request may have left with the service all the same.
#[must_use]
pub fn trace(failure: &Failure) -> Trace {
    match failure {
        // Whoever waited has given up; whoever works on it may not have.
        Failure::Io(IoFault::Timeout) | Failure::Service { status: 408 | 504 } => Trace::Lingering,
        Failure::Io(fault) if fault.may_have_arrived() => Trace::Transcript,
        Failure::Service { .. } | Failure::Unreadable { .. } => Trace::Transcript,
        // A page under a good status: whoever made it may also have passed the request on.
        Failure::NotTheService { status } if (200..300).contains(status) => Trace::Transcript,
        _ => Trace::None,
    }
}

/// A code of the service as it may stand in a message of ours.
#[must_use]
pub fn tidy(code: &str) -> String {
    code.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-')).take(64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(status: u16, body: &str) -> HttpReply {
        HttpReply { status, body: body.as_bytes().to_vec(), ..HttpReply::default() }
    }

    #[test]
    fn a_body_is_told_by_how_it_begins() {
        for (body, content) in [
            ("", Content::Nothing),
            (" \n", Content::Nothing),
            ("\u{feff}{}", Content::Object(b"{}")),
            (" <!doctype html>", Content::Page),
            ("[1]", Content::Other(b"[1]")),
            ("Chat not found", Content::Other(b"Chat not found")),
        ] {
            assert_eq!(Content::of(&reply(200, body)), content, "{body:?}");
        }
    }

    #[test]
    fn a_page_or_a_redirect_is_never_the_service() {
        assert_eq!(by_status(&reply(200, "{}")), None);
        for status in [200, 302, 403, 404] {
            assert_eq!(by_status(&reply(status, "<html>")), Some(Failure::NotTheService { status }));
        }
        assert_eq!(by_status(&reply(503, "<html>")), Some(Failure::Service { status: 503 }));
        assert_eq!(by_status(&reply(403, "{}")), Some(Failure::WrongKey));
        assert_eq!(by_status(&reply(410, "")), Some(Failure::Gone));
        assert_eq!(by_status(&reply(400, "")), Some(Failure::Declined { status: 400, code: String::new() }));
    }

    #[test]
    fn what_may_have_arrived_leaves_a_trace() {
        assert_eq!(trace(&Failure::Io(IoFault::Timeout)), Trace::Lingering);
        assert_eq!(trace(&Failure::Io(IoFault::Broken)), Trace::Transcript);
        assert_eq!(trace(&Failure::Io(IoFault::Unreachable)), Trace::None);
        assert_eq!(trace(&Failure::Service { status: 504 }), Trace::Lingering);
        assert_eq!(trace(&Failure::Service { status: 500 }), Trace::Transcript);
        assert_eq!(trace(&Failure::NotTheService { status: 200 }), Trace::Transcript);
        assert_eq!(trace(&Failure::NotTheService { status: 302 }), Trace::None);
        assert_eq!(trace(&Failure::WrongKey), Trace::None);
    }
}
