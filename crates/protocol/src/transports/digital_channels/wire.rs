//! What the service says, as it stands on the wire: the envelope, the entries, and how an answer is judged.
//!
//! Everything is optional and may be of an unexpected kind; see `docs/protocols/digital-channels-v3.md`, "Envelope",
//! "Entries" and "Errors".

use serde::Deserialize;

use crate::event::{Media, Trace};
use crate::io::{HttpReply, IoFault};
use crate::kit::answer::{self, Enveloped, tidy};
use crate::kit::jwt;
use crate::kit::loose::{List, Object, Scalar};
use crate::token::Secret;
use crate::transport::Failure;

/// The envelope around every answer.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Envelope<'a> {
    #[serde(borrow, default)]
    status: Object<Status<'a>>,
    #[serde(borrow, default)]
    data: Object<Data<'a>>,
    /// Beside `data` in answers to a send.
    #[serde(borrow, default)]
    chat_ended: Scalar<'a>,
    #[serde(borrow, default)]
    operation_id: Scalar<'a>,
    #[serde(borrow, default)]
    reference_id: Scalar<'a>,
}

#[derive(Debug, Default, Deserialize)]
struct Status<'a> {
    #[serde(borrow, default)]
    code: Scalar<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Data<'a> {
    #[serde(borrow, default)]
    client_token: Scalar<'a>,
    #[serde(borrow, default)]
    messages: List<Entry<'a>>,
    #[serde(borrow, default)]
    chat_ended: Scalar<'a>,
}

/// One entry of the transcript.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Entry<'a> {
    #[serde(borrow, default, rename = "type")]
    pub(super) kind: Scalar<'a>,
    #[serde(borrow, default)]
    pub(super) index: Scalar<'a>,
    #[serde(borrow, default)]
    pub(super) stream_id: Scalar<'a>,
    #[serde(borrow, default)]
    pub(super) id: Scalar<'a>,
    #[serde(borrow, default)]
    pub(super) utc_time: Scalar<'a>,
    #[serde(borrow, default)]
    pub(super) visibility: Scalar<'a>,
    #[serde(borrow, default)]
    pub(super) from: Object<From<'a>>,
    #[serde(borrow, default)]
    pub(super) text: Scalar<'a>,
    #[serde(borrow, default)]
    pub(super) url: Scalar<'a>,
    #[serde(borrow, default)]
    pub(super) content_type: Scalar<'a>,
    /// Parts of a picture entry, or the object of a structured one.
    #[serde(borrow, default)]
    pub(super) content: List<Part<'a>>,
    #[serde(borrow, default)]
    pub(super) event: Scalar<'a>,
    #[serde(borrow, default)]
    pub(super) data: Object<Details<'a>>,
}

/// Who caused an entry.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct From<'a> {
    #[serde(borrow, default)]
    pub(super) participant_id: Scalar<'a>,
    #[serde(borrow, default, rename = "type")]
    pub(super) kind: Scalar<'a>,
    #[serde(borrow, default)]
    pub(super) nickname: Scalar<'a>,
    #[serde(borrow, default)]
    pub(super) first_name: Scalar<'a>,
}

/// One part of an entry with content.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Part<'a> {
    #[serde(borrow, default, rename = "type")]
    pub(super) kind: Scalar<'a>,
    #[serde(borrow, default)]
    pub(super) mime: Scalar<'a>,
    #[serde(borrow, default)]
    pub(super) url: Scalar<'a>,
    #[serde(borrow, default)]
    pub(super) name: Scalar<'a>,
    #[serde(borrow, default)]
    pub(super) length: Scalar<'a>,
}

/// Details of a system event.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Details<'a> {
    #[serde(borrow, default)]
    pub(super) interaction_state: Scalar<'a>,
}

impl<'a> Envelope<'a> {
    /// Whether it looks like this service's at all.
    fn is_ours(&self) -> bool {
        self.status.0.is_some() || self.operation_id.0.is_some() || self.reference_id.0.is_some()
    }

    /// The service's own code, in capitals; `None` for success, for numbers, and where there is none.
    fn code(&self) -> Option<String> {
        let text = self.status.0.as_ref()?.code.text()?;
        let named = !text.eq_ignore_ascii_case("SUCCESS") && text.parse::<f64>().is_err();
        named.then(|| text.to_ascii_uppercase())
    }

    /// The token that an answer to a join carries.
    pub(super) fn token(&self) -> Option<&str> {
        self.data.0.as_ref()?.client_token.text()
    }

    /// The entries.
    pub(super) fn entries(&self) -> &[Entry<'a>] {
        self.data.0.as_ref().map_or(&[], |data| &data.messages.items)
    }

    /// Whether the service says that the chat is over, in either of the two places.
    pub(super) fn ended(&self) -> bool {
        self.chat_ended.is("true") || self.data.0.as_ref().is_some_and(|data| data.chat_ended.is("true"))
    }
}

/// What the token says about whom it stands for.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Ids {
    pub(super) session_id: String,
    pub(super) participant_id: String,
}

impl Ids {
    /// Reads them from the token. Identifiers that could not stand in an address are as good as none.
    pub(super) fn of(token: &Secret) -> Result<Self, Failure> {
        let usable = |id: &str| !matches!(id, "" | "." | "..");
        jwt::claims::<Self>(token.expose())
            .filter(|ids| usable(&ids.session_id) && usable(&ids.participant_id))
            .ok_or(Failure::Unreadable { why: "a token that names session and participant" })
    }
}

/// Why an answer is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) failure: Failure,
    /// True if the service itself named the reason; false if it was told from the HTTP status alone.
    pub(super) named: bool,
}

impl Refusal {
    fn bare(failure: Failure) -> Self {
        Self { failure, named: false }
    }

    /// The service itself says that the session is not known, or that it cannot be authorized. No later try will help.
    pub(super) fn is_final(&self) -> bool {
        self.named && matches!(self.failure, Failure::Gone | Failure::SignInAgain)
    }

    /// What the request may have left with the service all the same.
    pub(super) fn trace(&self) -> Trace {
        answer::trace(&self.failure)
    }
}

/// Judges an answer: the envelope of a success, or why it is none.
pub(super) fn judge(result: &Result<HttpReply, IoFault>) -> Result<Envelope<'_>, Refusal> {
    let reply = result.as_ref().map_err(|fault| Refusal::bare(Failure::Io(*fault)))?;
    let status = reply.status;
    let good = (200..300).contains(&status);
    match (status, Enveloped::<Envelope<'_>>::of(reply)) {
        (429, _) => Err(Refusal::bare(Failure::RateLimited { after: reply.retry_after })),
        // Redirects, and the two statuses that only a proxy or a network's sign-in gives.
        (300..=399 | 407 | 511, _) => Err(Refusal::bare(Failure::NotTheService { status })),
        (_, Enveloped::Envelope(envelope)) => match envelope.code() {
            Some(code) => Err(named(status, &code)),
            None if good => Ok(*envelope),
            None => Err(Refusal::bare(by_status(status, ""))),
        },
        (_, Enveloped::Page) if status < 500 => Err(Refusal::bare(Failure::NotTheService { status })),
        (_, Enveloped::Other) if good => Err(Refusal::bare(Failure::Unreadable { why: "a JSON object" })),
        (_, Enveloped::Nothing) if good => Ok(Envelope::default()),
        _ => Err(Refusal::bare(by_status(status, ""))),
    }
}

/// Judges the answer to a call for a picture.
pub(super) fn judge_picture(result: &Result<HttpReply, IoFault>) -> Result<Media, Failure> {
    match result {
        Ok(reply) if (200..300).contains(&reply.status) => {
            let mime = reply.content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
            if mime.contains("html") {
                return Err(Failure::NotTheService { status: reply.status });
            }
            if mime.contains("json") || reply.body.is_empty() {
                return Err(Failure::Unreadable { why: "a picture" });
            }
            Ok(Media { mime, bytes: reply.body.clone() })
        }
        _ => match judge(result) {
            Ok(_) => Err(Failure::Unreadable { why: "a picture" }),
            Err(refusal) => Err(refusal.failure),
        },
    }
}

/// Judges the answer to a call that asks for a session that cannot exist: does the service answer there, and take the key?
pub(super) fn judge_probe(result: &Result<HttpReply, IoFault>) -> Result<(), Failure> {
    let reply = result.as_ref().map_err(|fault| Failure::Io(*fault))?;
    let content = Enveloped::<Envelope<'_>>::of(reply);
    if let Enveloped::Envelope(envelope) = &content
        && envelope.is_ours()
    {
        return match envelope.code().as_deref() {
            Some("INVALID_CONTACT_CENTER") => Err(Failure::WrongKey),
            _ if reply.status == 429 => Err(Failure::RateLimited { after: reply.retry_after }),
            _ if reply.status == 403 => Err(Failure::WrongKey),
            _ if reply.status >= 500 => Err(Failure::Service { status: reply.status }),
            _ => Ok(()),
        };
    }
    match reply.status {
        404 | 405 | 410 => Err(Failure::UnknownAddress),
        // Without a session there is nobody who could be known: that it asks is answer enough.
        401 if !matches!(content, Enveloped::Page) => Ok(()),
        _ => match judge(result) {
            Ok(_) => Err(Failure::Unreadable { why: "the envelope of a chat service" }),
            Err(refusal) => Err(refusal.failure),
        },
    }
}

fn named(status: u16, code: &str) -> Refusal {
    let failure = match code {
        "INVALID_CONTACT_CENTER" => Failure::WrongKey,
        "INVALID_ENDPOINT" => Failure::UnknownEndpoint,
        "INVALID_NICKNAME" => Failure::NameMissing,
        "AUTHENTICATION_REQUIRED" => Failure::SignInAgain,
        "INVALID_SESSION" => Failure::Gone,
        "INVALID_FILE_TYPE" => Failure::FileType,
        "LIMIT_FILE_SIZE" => Failure::FileSize,
        "LIMIT_FILE_COUNT" => Failure::FileCount,
        other => return Refusal::bare(by_status(status, other)),
    };
    Refusal { failure, named: true }
}

fn by_status(status: u16, code: &str) -> Failure {
    match status {
        401 => Failure::SignInAgain,
        403 => Failure::WrongKey,
        404 => Failure::Gone,
        408 | 425 | 500.. => Failure::Service { status },
        _ => Failure::Declined { status, code: tidy(code) },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn reply(status: u16, content_type: &str, body: &str) -> Result<HttpReply, IoFault> {
        let content_type = content_type.to_owned();
        Ok(HttpReply {
            status,
            content_type,
            retry_after: None,
            cookies: Vec::new(),
            body: body.as_bytes().to_vec(),
        })
    }

    fn json(status: u16, body: &str) -> Result<HttpReply, IoFault> {
        reply(status, "application/json", body)
    }

    #[test]
    fn a_probe_tells_the_service_from_anything_else() {
        let envelope = |code: &str| format!(r#"{{"status":{{"code":"{code}"}},"operationId":"x"}}"#);
        for fine in [
            json(404, &envelope("INVALID_SESSION")),
            json(401, &envelope("AUTHENTICATION_REQUIRED")),
            json(400, &envelope("SOMETHING")),
            json(200, &envelope("SUCCESS")),
            json(401, ""),
        ] {
            assert_eq!(judge_probe(&fine), Ok(()), "{fine:?}");
        }
        let page = "<!doctype html><p>Welcome";
        for (answer, failure) in [
            (json(403, &envelope("INVALID_CONTACT_CENTER")), Failure::WrongKey),
            (json(200, &envelope("INVALID_CONTACT_CENTER")), Failure::WrongKey),
            (json(403, r#"{"message":"Forbidden"}"#), Failure::WrongKey),
            (json(403, ""), Failure::WrongKey),
            (json(404, ""), Failure::UnknownAddress),
            (json(404, r#"{"message":"no route"}"#), Failure::UnknownAddress),
            (reply(404, "text/html", page), Failure::UnknownAddress),
            (reply(200, "text/html", page), Failure::NotTheService { status: 200 }),
            (reply(403, "text/html", page), Failure::NotTheService { status: 403 }),
            (json(302, ""), Failure::NotTheService { status: 302 }),
            (json(503, ""), Failure::Service { status: 503 }),
            (json(503, &envelope("OOPS")), Failure::Service { status: 503 }),
            (json(200, "{}"), Failure::Unreadable { why: "the envelope of a chat service" }),
            (json(200, "[]"), Failure::Unreadable { why: "a JSON object" }),
            (Err(IoFault::Tls), Failure::Io(IoFault::Tls)),
        ] {
            assert_eq!(judge_probe(&answer), Err(failure), "{answer:?}");
        }
    }

    #[test]
    fn a_code_of_the_service_is_quoted_tidily() {
        let long = format!(r#"{{"status":{{"code":"odd <b>{}"}}}}"#, "x".repeat(200));
        let Err(Refusal { failure: Failure::Declined { status, code }, .. }) = judge(&json(400, &long))
        else {
            panic!("an unknown code is declined");
        };
        assert_eq!(status, 400);
        assert_eq!(code.len(), 64);
        assert!(code.starts_with("ODDBXXX"));
    }

    #[test]
    fn the_time_to_wait_is_kept() {
        let mut answer = json(429, "").unwrap();
        answer.retry_after = Some(Duration::from_secs(7));
        let refusal = judge(&Ok(answer)).unwrap_err();
        assert_eq!(refusal.failure.retry_after(), Some(Duration::from_secs(7)));
    }

    #[test]
    fn a_token_that_names_nobody_is_none() {
        use base64::Engine;
        use base64::prelude::BASE64_URL_SAFE_NO_PAD;
        let ids = |claims: &str| {
            Ids::of(&Secret::new(format!("h.{}.s", BASE64_URL_SAFE_NO_PAD.encode(claims)))).ok()
        };
        let good = ids(r#"{"sessionId":"S","participantId":"P","exp":1,"more":{"a":[]}}"#).unwrap();
        assert_eq!((good.session_id.as_str(), good.participant_id.as_str()), ("S", "P"));
        for bad in [
            "{}",
            "[]",
            r#"{"sessionId":"S"}"#,
            r#"{"sessionId":"","participantId":"P"}"#,
            r#"{"sessionId":"..","participantId":"P"}"#,
            r#"{"sessionId":7,"participantId":"P"}"#,
        ] {
            assert_eq!(ids(bad), None, "{bad}");
        }
    }
}
