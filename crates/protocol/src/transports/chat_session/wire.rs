//! What the service says, as it stands on the wire, and how an answer is judged. Everything is optional and may be of an
//! unexpected kind: see `docs/protocols/chat-session.md`.

use serde::{Deserialize, Serialize};

use crate::io::{HttpReply, IoFault};
use crate::kit::answer::{Content, by_status, tidy};
use crate::kit::loose::{List, Object, Scalar};
use crate::token::{ResumeToken, Secret};
use crate::transport::Failure;

/// Any answer: that to a start, to a read, or to anything else.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Answer<'a> {
    #[serde(borrow, default)]
    status_code: Scalar<'a>,
    #[serde(borrow, default)]
    id: Scalar<'a>,
    #[serde(borrow, default)]
    path: Scalar<'a>,
    #[serde(borrow, default)]
    pub(super) messages: List<Entry<'a>>,
}

/// One entry of the transcript, in either of the two forms that are known.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Entry<'a> {
    #[serde(borrow, default, rename = "type")]
    pub(super) kind: Scalar<'a>,
    #[serde(borrow, default)]
    pub(super) index: Scalar<'a>,
    #[serde(borrow, default, alias = "party")]
    pub(super) from: Object<Party<'a>>,
    #[serde(borrow, default)]
    pub(super) text: Scalar<'a>,
    #[serde(borrow, default)]
    pub(super) content: Object<Words<'a>>,
    #[serde(borrow, default)]
    pub(super) is_typing: Scalar<'a>,
    #[serde(borrow, default)]
    pub(super) reason: Object<Reason<'a>>,
    #[serde(borrow, default, alias = "utcTime")]
    pub(super) timestamp: Scalar<'a>,
}

/// Who caused an entry.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Party<'a> {
    #[serde(borrow, default, alias = "id")]
    pub(super) participant_id: Scalar<'a>,
    #[serde(borrow, default, rename = "type")]
    pub(super) kind: Scalar<'a>,
    #[serde(borrow, default, alias = "name")]
    pub(super) nickname: Scalar<'a>,
}

/// The words of a message in the form of the JavaScript API.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Words<'a> {
    #[serde(borrow, default)]
    pub(super) text: Scalar<'a>,
}

/// Why a session ended: a code, or one flag that is true.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Reason<'a> {
    #[serde(borrow, default)]
    pub(super) code: Scalar<'a>,
    #[serde(borrow, default)]
    pub(super) leave_request: Scalar<'a>,
    #[serde(borrow, default)]
    pub(super) error: Scalar<'a>,
}

/// Where a chat is. This and the configured key are all that opens it, so it is what is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Place {
    pub(super) id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) path: Option<String>,
}

impl Place {
    /// Reads a kept one. An identifier that could not stand in an address is as good as none.
    pub(super) fn of(token: &ResumeToken) -> Option<Self> {
        serde_json::from_str(token.secret.expose()).ok().filter(Self::is_usable)
    }

    pub(super) fn token(&self) -> ResumeToken {
        ResumeToken { secret: Secret::new(serde_json::to_string(self).unwrap_or_default()) }
    }

    fn is_usable(&self) -> bool {
        let path = self.path.as_ref().map_or(0, String::len);
        !matches!(self.id.as_str(), "" | "." | "..") && self.id.len() <= 200 && path <= 1_000
    }
}

impl Answer<'_> {
    /// Where the chat is that was asked for.
    pub(super) fn place(&self) -> Option<Place> {
        Some(Place { id: self.id.owned()?, path: self.path.owned() }).filter(Place::is_usable)
    }
}

/// Judges an answer: what a success says, or why it is none.
pub(super) fn judge(result: &Result<HttpReply, IoFault>) -> Result<Answer<'_>, Failure> {
    let reply = result.as_ref().map_err(|fault| Failure::Io(*fault))?;
    let content = Content::of(reply);
    let failure = by_status(reply);
    if let Some(failure @ (Failure::RateLimited { .. } | Failure::NotTheService { .. })) = failure {
        return Err(failure);
    }
    if let Content::Object(text) = content
        && let Ok(answer) = serde_json::from_slice::<Answer<'_>>(text)
    {
        return match (failure, answer.status_code.text()) {
            (None, None | Some("0")) => Ok(answer),
            // The service's own word is worth more than a bare "declined".
            (None | Some(Failure::Declined { .. }), Some(code)) if code != "0" => {
                Err(Failure::Declined { status: reply.status, code: tidy(code) })
            }
            (Some(failure), _) => Err(failure),
            (None, Some(_)) => Ok(answer),
        };
    }
    match (failure, content) {
        (Some(Failure::Declined { status: 400, .. }), Content::Other(text)) if says_not_found(text) => {
            Err(Failure::Gone)
        }
        (Some(failure), _) => Err(failure),
        (None, Content::Nothing) => Ok(Answer::default()),
        (None, _) => Err(Failure::Unreadable { why: "a JSON object" }),
    }
}

/// Judges the answer to a call for the messages of a chat that cannot exist.
pub(super) fn judge_probe(result: &Result<HttpReply, IoFault>) -> Result<(), Failure> {
    let named = |reply: &HttpReply| match Content::of(reply) {
        Content::Object(text) => {
            serde_json::from_slice::<Answer<'_>>(text).is_ok_and(|answer| answer.status_code.text().is_some())
        }
        Content::Other(text) => says_not_found(text),
        _ => false,
    };
    let ours = result.as_ref().is_ok_and(|reply| reply.status < 500 && named(reply));
    match judge(result) {
        Err(Failure::WrongKey) => Err(Failure::WrongKey),
        Err(failure @ Failure::RateLimited { .. }) => Err(failure),
        _ if ours => Ok(()),
        // It knows the way to a chat and declines this one.
        Err(Failure::Declined { status: 400, .. }) => Ok(()),
        Ok(_) => Err(Failure::Unreadable { why: "the answer of a chat service" }),
        Err(
            Failure::Gone | Failure::Declined { status: 405, .. } | Failure::NotTheService { status: 404 },
        ) => Err(Failure::UnknownAddress),
        Err(failure) => Err(failure),
    }
}

/// What the one public server says of a chat that it does not have, with the status 400 and no JSON.
fn says_not_found(text: &[u8]) -> bool {
    let begins = b"chat not found";
    text.get(..begins.len()).is_some_and(|start| start.eq_ignore_ascii_case(begins))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(status: u16, body: &str) -> Result<HttpReply, IoFault> {
        Ok(HttpReply { status, body: body.as_bytes().to_vec(), ..HttpReply::default() })
    }

    #[test]
    fn an_answer_is_good_if_the_service_says_so() {
        for good in [reply(200, r#"{"statusCode":0}"#), reply(200, "{}"), reply(204, ""), reply(200, "")] {
            assert!(judge(&good).is_ok(), "{good:?}");
        }
        let declined = |status, code: &str| Failure::Declined { status, code: code.to_owned() };
        for (answer, failure) in [
            (reply(200, r#"{"statusCode":6}"#), declined(200, "6")),
            (reply(400, r#"{"statusCode":"2 <b>"}"#), declined(400, "2b")),
            (reply(400, "Bad Request"), declined(400, "")),
            (reply(400, "Chat not found 17"), Failure::Gone),
            (reply(404, r#"{"statusCode":6}"#), Failure::Gone),
            (reply(403, r#"{"statusCode":6}"#), Failure::WrongKey),
            (reply(200, "<html>"), Failure::NotTheService { status: 200 }),
            (reply(200, r#"{"statusCode":0"#), Failure::Unreadable { why: "a JSON object" }),
            (reply(503, ""), Failure::Service { status: 503 }),
        ] {
            assert_eq!(judge(&answer).err(), Some(failure), "{answer:?}");
        }
    }

    #[test]
    fn a_probe_tells_the_service_from_anything_else() {
        for fine in
            [reply(400, "Chat not found 0"), reply(404, r#"{"statusCode":6}"#), reply(400, "Bad Request")]
        {
            assert_eq!(judge_probe(&fine), Ok(()), "{fine:?}");
        }
        for (answer, failure) in [
            (reply(401, ""), Failure::WrongKey),
            (reply(404, ""), Failure::UnknownAddress),
            (reply(404, "<html>"), Failure::UnknownAddress),
            (reply(200, "<html>"), Failure::NotTheService { status: 200 }),
            (reply(200, "{}"), Failure::Unreadable { why: "the answer of a chat service" }),
            (reply(502, ""), Failure::Service { status: 502 }),
            (Err(IoFault::Tls), Failure::Io(IoFault::Tls)),
        ] {
            assert_eq!(judge_probe(&answer), Err(failure), "{answer:?}");
        }
    }

    #[test]
    fn a_place_is_read_as_it_was_kept_and_must_be_usable() {
        let place = Place { id: "c 1".into(), path: Some("/a/c1".into()) };
        assert_eq!(Place::of(&place.token()), Some(place));
        for bad in ["", "{}", r#"{"id":""}"#, r#"{"id":".."}"#, r#"{"id":7}"#, "[]"] {
            assert_eq!(Place::of(&ResumeToken { secret: Secret::new(bad) }), None, "{bad}");
        }
    }
}
