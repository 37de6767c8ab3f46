//! What the service says, as it stands on the wire: the answer object, its messages, and how an answer is judged.
//!
//! The same object is the body of every answer over HTTP and the `data` of every delivery over CometD, so both transports read
//! it from here. Everything is optional and may be of an unexpected kind; see `docs/protocols/gms-chat-v2.md`, "Answers".

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::event::{Media, Trace};
use crate::io::{HttpReply, IoFault};
use crate::kit::answer::{self, Enveloped, tidy};
use crate::kit::loose::{List, Object, Pairs, Scalar};
use crate::transport::Failure;

/// Highest index that is believed: beyond it a number has no exact place in JSON.
const HIGHEST: u64 = 1 << 53;

/// The answer object.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Envelope<'a> {
    #[serde(borrow, default)]
    status_code: Scalar<'a>,
    #[serde(borrow, default)]
    pub(crate) chat_id: Scalar<'a>,
    #[serde(borrow, default)]
    pub(crate) user_id: Scalar<'a>,
    #[serde(borrow, default)]
    pub(crate) secure_key: Scalar<'a>,
    #[serde(borrow, default)]
    pub(crate) alias: Scalar<'a>,
    #[serde(borrow, default)]
    chat_ended: Scalar<'a>,
    #[serde(borrow, default)]
    messages: List<Message<'a>>,
    /// An upload is answered with `file-id` here.
    #[serde(borrow, default)]
    pub(crate) user_data: Pairs<'a>,
    #[serde(borrow, default)]
    errors: List<Complaint<'a>>,
    #[serde(borrow, default)]
    error: Object<Complaint<'a>>,
    #[serde(borrow, default)]
    idle_timer_expire: Scalar<'a>,
}

/// One of the errors of an answer.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Complaint<'a> {
    #[serde(borrow, default)]
    code: Scalar<'a>,
    #[serde(borrow, default)]
    advice: Scalar<'a>,
}

/// One event of the transcript.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Message<'a> {
    #[serde(borrow, default)]
    index: Scalar<'a>,
    #[serde(borrow, default, rename = "type")]
    pub(crate) kind: Scalar<'a>,
    #[serde(borrow, default)]
    pub(crate) from: Object<From<'a>>,
    #[serde(borrow, default)]
    pub(crate) utc_time: Scalar<'a>,
    #[serde(borrow, default)]
    pub(crate) text: Scalar<'a>,
    #[serde(borrow, default)]
    pub(crate) user_data: Pairs<'a>,
    #[serde(default)]
    pub(crate) event_attributes: Attributes,
}

/// Who caused an event.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct From<'a> {
    #[serde(borrow, default)]
    pub(crate) nickname: Scalar<'a>,
    #[serde(borrow, default)]
    pub(crate) participant_id: Scalar<'a>,
    #[serde(borrow, default, rename = "type")]
    pub(crate) kind: Scalar<'a>,
}

/// Structured extras of an event. Any part of them may be JSON written into a text.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Attributes(Value);

impl<'de> Deserialize<'de> for Attributes {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Value::deserialize(from).map(Self)
    }
}

impl Attributes {
    /// The text at the end of this path.
    pub(crate) fn text(&self, path: &[&str]) -> Option<String> {
        let found = find(&self.0, path)?;
        found.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
    }

    /// Whether there is a rich message among them.
    pub(crate) fn has_content(&self) -> bool {
        find(&self.0, &["structured-content"]).is_some_and(|content| !content.is_null())
    }
}

fn find(value: &Value, path: &[&str]) -> Option<Value> {
    match (path, value) {
        ([], value) => Some(value.clone()),
        ([first, rest @ ..], Value::Object(members)) => find(members.get(*first)?, rest),
        (_, Value::String(text)) if text.trim_start().starts_with('{') => {
            find(&serde_json::from_str(text).ok()?, path)
        }
        _ => None,
    }
}

impl Message<'_> {
    /// Its place in the transcript, counted from 1.
    pub(crate) fn index(&self) -> Option<u64> {
        self.index.number().filter(|index| (1..HIGHEST).contains(index))
    }
}

impl<'a> Envelope<'a> {
    /// Whether it looks like this service's at all.
    pub(crate) fn is_ours(&self) -> bool {
        self.status_code.text().is_some() || self.complaint().is_some()
    }

    /// The events.
    pub(crate) fn messages(&self) -> &[Message<'a>] {
        &self.messages.items
    }

    /// Whether the service says that the chat is over.
    pub(crate) fn ended(&self) -> bool {
        self.chat_ended.is("true")
    }

    /// Whether the service says that the chat goes on. An answer may leave it open.
    pub(crate) fn goes_on(&self) -> bool {
        self.chat_ended.is("false")
    }

    /// Seconds until the chat is ended because nothing happens.
    pub(crate) fn idle_seconds(&self) -> Option<u64> {
        self.idle_timer_expire.number()
    }

    /// Its first error, in either of the two places.
    fn complaint(&self) -> Option<&Complaint<'a>> {
        let error = || self.error.0.as_ref();
        self.errors.items.iter().find(|complaint| complaint.code.text().is_some()).or_else(error)
    }

    /// What the answer says of itself: why it is none, if so. `http` is the status it came with; a delivery over CometD has none,
    /// which is as good as 200.
    pub(crate) fn refusal(&self, http: u16) -> Option<Refusal> {
        let good = (200..300).contains(&http);
        let standing = match self.status_code.text() {
            Some("0") => Standing::Fine,
            Some("1") => Standing::Passing,
            Some("2") => Standing::Final,
            _ => Standing::Unsaid,
        };
        let complaint = self.complaint();
        let code = complaint.and_then(|complaint| complaint.code.text());
        match (standing, code) {
            (Standing::Fine, _) if good => None,
            (Standing::Passing, _) => Some(Refusal {
                standing: Standing::Passing,
                ..Refusal::bare(Failure::Service { status: http })
            }),
            (Standing::Unsaid, None) if good => {
                Some(Refusal::bare(Failure::Unreadable { why: "an answer with a status code" }))
            }
            (standing, code) => {
                let failure = code.map_or_else(|| by_status(http), |code| by_code(http, code));
                // What is wrong with one request does not end the chat.
                let about_the_request = matches!(
                    failure,
                    Failure::NameMissing
                        | Failure::FieldBad { .. }
                        | Failure::FileCount
                        | Failure::FileSize
                        | Failure::FileType
                        | Failure::TooLong
                );
                let standing = match standing {
                    Standing::Final if about_the_request && !self.ended() => Standing::Unsaid,
                    // An answer under a bad status is no success, whatever it says.
                    Standing::Fine => Standing::Unsaid,
                    standing => standing,
                };
                let advice = complaint.and_then(|complaint| complaint.advice.number());
                Some(Refusal { failure, standing, advice, named: code.is_some() })
            }
        }
    }
}

/// How an answer stands to the chat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Success.
    Fine,
    /// The service is in trouble with itself: the same request may succeed later.
    Passing,
    /// Nothing will succeed any more: the chat is over.
    Final,
    /// It does not say.
    Unsaid,
}

/// Why an answer is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) failure: Failure,
    pub(crate) standing: Standing,
    /// What the service advises: with a refused file, how many or how large they may be.
    pub(crate) advice: Option<u64>,
    /// True if the service itself named the reason; false if it was told from the HTTP status alone.
    pub(crate) named: bool,
}

impl Refusal {
    pub(crate) fn bare(failure: Failure) -> Self {
        Self { failure, standing: Standing::Unsaid, advice: None, named: false }
    }

    /// The chat is over: the service said so, or no longer knows it.
    pub(crate) fn is_final(&self) -> bool {
        self.standing == Standing::Final || self.named && self.failure == Failure::Gone
    }

    /// What the request may have left with the service all the same.
    pub(crate) fn trace(&self) -> Trace {
        if self.standing == Standing::Passing {
            // The chat server refused, or was not reached, or its answer was not: nobody says which.
            return Trace::Transcript;
        }
        answer::trace(&self.failure)
    }
}

/// Judges an answer over HTTP: the answer object of a success, or why it is none.
pub(crate) fn judge(result: &Result<HttpReply, IoFault>) -> Result<Envelope<'_>, Refusal> {
    let reply = result.as_ref().map_err(|fault| Refusal::bare(Failure::Io(*fault)))?;
    let status = reply.status;
    let good = (200..300).contains(&status);
    match (status, Enveloped::<Envelope<'_>>::of(reply)) {
        (429, _) => Err(Refusal::bare(Failure::RateLimited { after: reply.retry_after })),
        // Redirects, and the two statuses that only a proxy or a network's sign-in gives.
        (300..=399 | 407 | 511, _) => Err(Refusal::bare(Failure::NotTheService { status })),
        (_, Enveloped::Envelope(envelope)) if good || envelope.is_ours() => match envelope.refusal(status) {
            None => Ok(*envelope),
            Some(refusal) => Err(refusal),
        },
        (_, Enveloped::Page) if status < 500 => Err(Refusal::bare(Failure::NotTheService { status })),
        (_, Enveloped::Nothing | Enveloped::Other) if good => {
            Err(Refusal::bare(Failure::Unreadable { why: "a JSON object" }))
        }
        _ => Err(Refusal::bare(by_status(status))),
    }
}

/// Judges the answer to a call for a file.
pub(crate) fn judge_file(result: &Result<HttpReply, IoFault>) -> Result<Media, Failure> {
    match result {
        Ok(reply) if (200..300).contains(&reply.status) => {
            let mime = reply.content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
            // A refusal comes as JSON; a file of that kind does not look like one.
            if mime.contains("json")
                && let Enveloped::Envelope(envelope) = Enveloped::<Envelope<'_>>::of(reply)
                && let Some(refusal) = envelope.refusal(reply.status).filter(|_| envelope.is_ours())
            {
                return Err(refusal.failure);
            }
            if reply.body.is_empty() {
                return Err(Failure::Unreadable { why: "a file" });
            }
            let told = !matches!(mime.as_str(), "" | "application/octet-stream" | "binary/octet-stream");
            let mime = if told { mime } else { kind_of(&reply.body).to_owned() };
            Ok(Media { mime, bytes: reply.body.clone() })
        }
        _ => match judge(result) {
            Ok(_) => Err(Failure::Unreadable { why: "a file" }),
            Err(refusal) => Err(refusal.failure),
        },
    }
}

/// Judges the answer to a call that reads a chat that cannot exist: does the service answer there, and let the key through?
pub(crate) fn judge_probe(result: &Result<HttpReply, IoFault>) -> Result<(), Failure> {
    match judge(result) {
        Ok(_) => Ok(()),
        Err(refusal) => match &refusal.failure {
            Failure::WrongKey | Failure::UnknownEndpoint | Failure::Io(_) => Err(refusal.failure),
            // That it does not know the chat, or cannot read it, is answer enough.
            _ if refusal.standing != Standing::Unsaid => Ok(()),
            Failure::Service { .. } | Failure::RateLimited { .. } => Err(refusal.failure),
            _ if refusal.named => Ok(()),
            Failure::NotTheService { status: 404 } => Err(Failure::UnknownAddress),
            _ => Err(refusal.failure),
        },
    }
}

/// What a file is, where the service does not say: pictures are known by their first bytes.
fn kind_of(bytes: &[u8]) -> &'static str {
    const SIGNS: [(&[u8], &str); 5] = [
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"\xff\xd8\xff", "image/jpeg"),
        (b"GIF8", "image/gif"),
        (b"BM", "image/bmp"),
        (b"%PDF-", "application/pdf"),
    ];
    let webp = bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP");
    let known = SIGNS.iter().find(|(sign, _)| bytes.starts_with(sign)).map(|(_, kind)| *kind);
    known.or(webp.then_some("image/webp")).unwrap_or("application/octet-stream")
}

/// The service's own codes.
fn by_code(status: u16, code: &str) -> Failure {
    match code {
        "102" | "161" => Failure::NameMissing,
        "103" => Failure::FieldBad { field: "lastname" },
        "201" => Failure::FileCount,
        "202" => Failure::FileSize,
        "203" => Failure::FileType,
        "204" => Failure::TooLong,
        "240" => Failure::Closed,
        "306" => Failure::UnknownEndpoint,
        "364" => Failure::FieldBad { field: "email" },
        "401" | "403" => Failure::WrongKey,
        "404" => Failure::Gone,
        "500" => Failure::Service { status: 500 },
        "503" => Failure::Service { status: 503 },
        other => match by_status(status) {
            Failure::Declined { status, .. } => Failure::Declined { status, code: tidy(other) },
            failure => failure,
        },
    }
}

fn by_status(status: u16) -> Failure {
    match status {
        401 | 403 => Failure::WrongKey,
        // Whether it is the service, the chat or the address that is missing, it does not say.
        404 => Failure::UnknownAddress,
        408 | 425 | 500.. => Failure::Service { status },
        _ => Failure::Declined { status, code: String::new() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn reply(status: u16, content_type: &str, body: &[u8]) -> Result<HttpReply, IoFault> {
        let content_type = content_type.to_owned();
        Ok(HttpReply { status, content_type, body: body.to_vec(), ..HttpReply::default() })
    }

    fn json(status: u16, body: &str) -> Result<HttpReply, IoFault> {
        reply(status, "application/json", body.as_bytes())
    }

    fn refused(answer: &Result<HttpReply, IoFault>) -> Refusal {
        judge(answer).unwrap_err()
    }

    #[test]
    fn three_status_codes() {
        assert!(judge(&json(200, r#"{"statusCode":0,"errors":[{"code":204}]}"#)).is_ok());
        assert!(judge(&json(200, r#"{"statusCode":"0"}"#)).is_ok());
        let passing = refused(&json(200, r#"{"statusCode":1,"errors":[{"code":500}],"chatEnded":true}"#));
        assert_eq!((passing.standing, passing.is_final()), (Standing::Passing, false));
        assert!(passing.failure.may_pass());
        let last = refused(&json(200, r#"{"statusCode":2,"errors":[{"code":404,"advice":"no"}]}"#));
        assert_eq!((last.failure.clone(), last.is_final()), (Failure::Gone, true));
        assert!(refused(&json(200, r#"{"statusCode":2}"#)).is_final());
        assert!(!refused(&json(200, r#"{"statusCode":7}"#)).is_final());
        assert!(!refused(&json(200, "{}")).is_final());
    }

    #[test]
    fn codes_with_advice_are_about_the_request_unless_the_chat_has_ended() {
        let too_large = refused(&json(400, r#"{"errors":[{"code":202,"advice":"1024"}]}"#));
        assert_eq!((too_large.failure.clone(), too_large.advice), (Failure::FileSize, Some(1024)));
        assert!(!too_large.is_final());
        let too_long = refused(&json(200, r#"{"statusCode":2,"errors":[{"code":204}]}"#));
        assert_eq!((too_long.failure.clone(), too_long.is_final()), (Failure::TooLong, false));
        let ended = refused(&json(200, r#"{"statusCode":2,"chatEnded":true,"errors":[{"code":204}]}"#));
        assert!(ended.is_final());
        for (code, failure) in [
            (102, Failure::NameMissing),
            (103, Failure::FieldBad { field: "lastname" }),
            (161, Failure::NameMissing),
            (201, Failure::FileCount),
            (203, Failure::FileType),
            (240, Failure::Closed),
            (306, Failure::UnknownEndpoint),
            (364, Failure::FieldBad { field: "email" }),
            (401, Failure::WrongKey),
            (503, Failure::Service { status: 503 }),
            (249, Failure::Declined { status: 400, code: "249".to_owned() }),
        ] {
            let body = format!(r#"{{"errors":[{{"code":{code},"advice":"words"}}]}}"#);
            assert_eq!(refused(&json(400, &body)).failure, failure, "{code}");
        }
        let alone = refused(&json(400, r#"{"error":{"code":"364"}}"#));
        assert_eq!(alone.failure, Failure::FieldBad { field: "email" });
    }

    #[test]
    fn statuses_without_the_services_words() {
        for (answer, failure) in [
            (json(404, ""), Failure::UnknownAddress),
            (json(404, r#"{"message":"no route"}"#), Failure::UnknownAddress),
            (json(502, ""), Failure::Service { status: 502 }),
            (reply(502, "text/html", b"<p>"), Failure::Service { status: 502 }),
            (reply(200, "text/html", b"<p>"), Failure::NotTheService { status: 200 }),
            (json(302, ""), Failure::NotTheService { status: 302 }),
            (json(403, ""), Failure::WrongKey),
            (json(200, ""), Failure::Unreadable { why: "a JSON object" }),
            (json(200, "[]"), Failure::Unreadable { why: "a JSON object" }),
            (Err(IoFault::Tls), Failure::Io(IoFault::Tls)),
        ] {
            let refusal = refused(&answer);
            assert_eq!(refusal.failure, failure, "{answer:?}");
            assert!(!refusal.is_final(), "{answer:?}");
        }
        let mut slow_down = json(429, "").unwrap();
        slow_down.retry_after = Some(Duration::from_secs(7));
        assert_eq!(refused(&Ok(slow_down)).failure.retry_after(), Some(Duration::from_secs(7)));
    }

    #[test]
    fn a_probe_tells_the_service_from_anything_else() {
        for fine in [
            json(200, r#"{"statusCode":2,"errors":[{"code":404}]}"#),
            json(404, r#"{"errors":[{"code":404}]}"#),
            json(200, r#"{"statusCode":1}"#),
            json(200, r#"{"statusCode":0,"messages":[]}"#),
            json(400, r#"{"errors":[{"code":249}]}"#),
        ] {
            assert_eq!(judge_probe(&fine), Ok(()), "{fine:?}");
        }
        for (answer, failure) in [
            (json(403, r#"{"errors":[{"code":403}]}"#), Failure::WrongKey),
            (json(401, ""), Failure::WrongKey),
            (json(400, r#"{"errors":[{"code":306}]}"#), Failure::UnknownEndpoint),
            (json(404, ""), Failure::UnknownAddress),
            (reply(404, "text/html", b"<p>"), Failure::UnknownAddress),
            (reply(200, "text/html", b"<p>"), Failure::NotTheService { status: 200 }),
            (json(200, "{}"), Failure::Unreadable { why: "an answer with a status code" }),
            (json(503, ""), Failure::Service { status: 503 }),
            (Err(IoFault::Unreachable), Failure::Io(IoFault::Unreachable)),
        ] {
            assert_eq!(judge_probe(&answer), Err(failure), "{answer:?}");
        }
    }

    #[test]
    fn what_a_lost_answer_may_have_left() {
        let trace = |answer| refused(&answer).trace();
        assert_eq!(trace(json(200, r#"{"statusCode":1}"#)), Trace::Transcript);
        assert_eq!(trace(Err(IoFault::Timeout)), Trace::Lingering);
        assert_eq!(trace(Err(IoFault::Broken)), Trace::Transcript);
        assert_eq!(trace(Err(IoFault::Unreachable)), Trace::None);
        assert_eq!(trace(json(200, "{")), Trace::Transcript);
        assert_eq!(trace(json(504, "")), Trace::Lingering);
        assert_eq!(trace(json(400, r#"{"errors":[{"code":204}]}"#)), Trace::None);
    }

    #[test]
    fn attributes_may_be_written_into_texts() {
        let path = ["structured-content", "genesys-chat", "content", "text"];
        for attributes in [
            r#"{"structured-content":{"genesys-chat":{"content":{"text":"Hi"}}}}"#,
            r#"{"structured-content":{"genesys-chat":{"content":"{\"text\":\"Hi\"}"}}}"#,
            r#""{\"structured-content\":{\"genesys-chat\":{\"content\":{\"text\":\"Hi\"}}}}""#,
        ] {
            let read: Attributes = serde_json::from_str(attributes).unwrap();
            assert_eq!(read.text(&path).as_deref(), Some("Hi"), "{attributes}");
        }
        for odd in ["null", "7", "[]", "\"{\"", r#"{"structured-content":[]}"#] {
            let read: Attributes = serde_json::from_str(odd).unwrap();
            assert_eq!(read.text(&path), None, "{odd}");
        }
    }

    #[test]
    fn a_file_is_known_by_its_first_bytes_where_the_service_does_not_say() {
        let mime = |kind: &str, bytes: &[u8]| judge_file(&reply(200, kind, bytes)).map(|media| media.mime);
        assert_eq!(mime("application/octet-stream", b"\x89PNG\r\n\x1a\nrest").as_deref(), Ok("image/png"));
        assert_eq!(mime("", b"RIFF0000WEBPrest").as_deref(), Ok("image/webp"));
        assert_eq!(mime("", b"hello").as_deref(), Ok("application/octet-stream"));
        assert_eq!(mime("Text/Plain; charset=utf-8", b"hello").as_deref(), Ok("text/plain"));
        assert_eq!(mime("application/json", br#"{"a":1}"#).as_deref(), Ok("application/json"));
        let gone = br#"{"statusCode":2,"errors":[{"code":404}]}"#;
        assert_eq!(mime("application/json", gone), Err(Failure::Gone));
        assert!(mime("", b"").is_err());
    }
}
