//! Stories from bytes: requests, answers of every kind, and the words that services are known to use.

use std::collections::BTreeMap;
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use envoi_protocol::event::{Attachment, EntryForm, LocalId};
use envoi_protocol::io::{HttpReply, IoFault};
use envoi_protocol::kit::backoff::Urgency;
use envoi_protocol::token::{ResumeToken, Secret};
use envoi_protocol::transport::Request;
use serde_json::{Map, Value, json};

use super::MARK;

/// Bytes as a row of choices. An exhausted source chooses zero.
pub(super) struct Source<'a>(pub(super) &'a [u8]);

impl Source<'_> {
    pub(super) fn byte(&mut self) -> u8 {
        let (first, rest) = self.0.split_first().map_or((0, self.0), |(first, rest)| (*first, rest));
        self.0 = rest;
        first
    }

    pub(super) fn below(&mut self, end: u8) -> u8 {
        self.byte() % end
    }

    pub(super) fn one_of<T: Clone>(&mut self, list: &[T]) -> T {
        list[usize::from(self.byte()) % list.len()].clone()
    }

    pub(super) fn raw(&mut self) -> Vec<u8> {
        let length = usize::from(self.byte()).min(self.0.len());
        let (taken, rest) = self.0.split_at(length);
        self.0 = rest;
        taken.to_vec()
    }
}

/// A request. A message gets the name that `local` makes for it.
pub(super) fn request(source: &mut Source<'_>, local: impl FnOnce() -> LocalId) -> Request {
    let words = ["", "hi", "a&b=[c]", "\u{1f600}\n", "phone"];
    match source.below(32) {
        0..=6 => {
            let fields =
                [("firstname", "Ann"), ("email", "a@b.example"), ("endpoint", "x"), ("a[b]", "\u{0}")];
            let fields = fields.iter().filter(|_| source.below(2) == 0);
            Request::Start(EntryForm {
                fields: fields.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
                user_data: BTreeMap::new(),
            })
        }
        7..=10 => Request::Resume {
            token: ResumeToken { secret: Secret::new(token(source)) },
            cursor: match source.below(6) {
                0..=2 => None,
                3 => Some(anything(source, 2).to_string()),
                _ => Some(json!({ "frontier": place(source), "oldest": place(source) }).to_string()),
            },
        },
        11..=13 => Request::Send { local: local(), text: source.one_of(&words).to_owned() },
        14 => Request::Attach {
            local: local(),
            attachment: Attachment {
                name: source.one_of(&words).to_owned(),
                mime: "image/png".to_owned(),
                bytes: source.raw(),
            },
        },
        15..=16 => Request::Reconcile,
        17 => Request::Typing { on: source.below(2) == 0, preview: None },
        18..=20 => Request::Older,
        21 => {
            let (key, value) = (source.one_of(&words).to_owned(), source.one_of(&words).to_owned());
            Request::UserData(BTreeMap::from([(key, value)]))
        }
        22..=24 => {
            let urls =
                ["/f/1", "//evil.example/x", "https://evil.example", "/\\evil.example", "/../..", "/@e:1/"];
            let url = match source.below(8) {
                0 => String::from_utf8_lossy(&source.raw()).into_owned(),
                _ => source.one_of(&urls).to_owned(),
            };
            Request::Media { url }
        }
        25 => Request::Urgency(source.one_of(&[Urgency::Watched, Urgency::Background])),
        26..=27 => Request::TryNow,
        28..=30 => Request::Wake,
        _ => match source.below(4) {
            0 => Request::Leave,
            _ => Request::TryNow,
        },
    }
}

/// What becomes of a call, and how long it took in milliseconds.
pub(super) fn result(source: &mut Source<'_>) -> (u64, Result<HttpReply, IoFault>) {
    let faults = [
        IoFault::Unreachable,
        IoFault::Broken,
        IoFault::Timeout,
        IoFault::Tls,
        IoFault::TooLarge,
        IoFault::BadRequest,
    ];
    let statuses = [200, 200, 201, 204, 302, 400, 401, 403, 404, 413, 429, 429, 500, 502, 0, 999];
    let good = source.below(8) < 5;
    if !good && source.below(3) == 0 {
        return (0, Err(source.one_of(&faults)));
    }
    let status = if good { 200 } else { source.one_of(&statuses) };
    let retry_after = match source.below(3) {
        0 if matches!(status, 302 | 429 | 500 | 502) => {
            Some(Duration::from_millis(u64::from(source.byte()) * 500))
        }
        _ => None,
    };
    let types = ["application/json", "application/json", "", "text/html; charset=utf-8", "image/png"];
    let body = match source.below(if good { 12 } else { 8 }) {
        0 => source.raw(),
        1 => Vec::new(),
        2 => b"<html>".to_vec(),
        3 => anything(source, 4).to_string().into_bytes(),
        4 => {
            let mut cut = envelope(source).to_string().into_bytes();
            cut.truncate(usize::from(source.byte()));
            cut
        }
        _ => envelope(source).to_string().into_bytes(),
    };
    let content_type = if good { "application/json" } else { source.one_of(&types) }.to_owned();
    let took = u64::from(source.byte()) * 10;
    (took, Ok(HttpReply { status, content_type, retry_after, body }))
}

/// A token, most often a good one.
fn token(source: &mut Source<'_>) -> String {
    let claims = match source.below(8) {
        0 => anything(source, 2),
        1 => json!({ "sessionId": "..", "participantId": "P1" }),
        2 => json!({ "sessionId": "S/1?#", "participantId": "P 1", "more": [1] }),
        _ => json!({ "sessionId": source.one_of(&["S1", "S2"]), "participantId": "P1" }),
    };
    format!("{MARK}.{}.{MARK}", BASE64_URL_SAFE_NO_PAD.encode(claims.to_string()))
}

/// Something that looks like an answer of a service that we know.
fn envelope(source: &mut Source<'_>) -> Value {
    let codes = [
        "SUCCESS",
        "SUCCESS",
        "SUCCESS",
        "success",
        "INVALID_SESSION",
        "AUTHENTICATION_REQUIRED",
        "INVALID_CONTACT_CENTER",
        "INVALID_ENDPOINT",
        "INVALID_NICKNAME",
        "LIMIT_FILE_SIZE",
        "NEW_CODE",
    ];
    let code = match source.below(12) {
        0 => source.one_of(&codes),
        _ => "SUCCESS",
    };
    let mut data = Map::new();
    if source.below(3) == 0 {
        data.insert("clientToken".to_owned(), json!(token(source)));
    }
    if source.below(4) != 0 {
        let entries = (0..source.below(6)).map(|_| entry(source)).collect();
        data.insert("messages".to_owned(), Value::Array(entries));
    }
    if source.below(8) == 0 {
        data.insert("chatEnded".to_owned(), json!(source.below(4) == 0));
    }
    let mut whole = json!({ "status": { "code": code }, "operationId": "o", "data": data });
    match source.below(16) {
        0 => whole["status"]["code"] = anything(source, 1),
        1 => whole["data"] = anything(source, 3),
        2 => whole["chatEnded"] = anything(source, 1),
        _ => {}
    }
    whole
}

/// An entry of a transcript. Indexes come from a small set, so that they are met again.
fn entry(source: &mut Source<'_>) -> Value {
    let types = [
        "Text",
        "Text",
        "Message",
        "PushUrl",
        "System",
        "ParticipantJoined",
        "ParticipantLeft",
        "TypingStarted",
        "Structured",
        "Hologram",
    ];
    let mut entry = json!({
        "type": source.one_of(&types),
        "index": format!("{}-{}", 1_000 + u64::from(source.below(12)), source.below(12)),
        "from": { "participantId": source.one_of(&["P1", "A1", ""]), "type": source.one_of(&["Agent", "Customer", "X"]) },
        "text": "words",
    });
    if source.below(6) == 0 {
        entry["content"] = json!([{ "type": "image", "url": "/f/1" }, { "type": "image", "url": "/f/2" }]);
    }
    let members =
        ["index", "index", "from", "type", "text", "content", "id", "utcTime", "visibility", "data", "event"];
    for _ in 0..source.below(3) {
        let member = source.one_of(&members);
        entry[member] = anything(source, 2);
    }
    entry
}

/// Any JSON at all, with values that matter somewhere.
fn anything(source: &mut Source<'_>, depth: u8) -> Value {
    let words = [
        "",
        "All",
        "Agent",
        "1000-3",
        "1001-281474976710656",
        "18446744073709551615-18446744073709551615",
        "1005-4294967296",
        "-1-0",
        "u1",
        "u2",
        "InteractionStateChange",
        "2021-07-09T10:25:38.829Z",
        "true",
        "/f/3",
    ];
    let names = [
        "status",
        "code",
        "data",
        "messages",
        "index",
        "from",
        "type",
        "interactionState",
        "url",
        "chatEnded",
    ];
    let end = if depth == 0 { 9 } else { 11 };
    match source.below(end) {
        0 => Value::Null,
        1 => json!(source.below(2) == 0),
        2 => json!(source.byte()),
        3 => json!(-i64::from(source.byte())),
        4 => json!(u64::MAX),
        5 => json!(f64::from(source.byte()) * 1e300),
        6 => json!(String::from_utf8_lossy(&source.raw())),
        7..=8 => json!(source.one_of(&words)),
        9 => Value::Array((0..source.below(4)).map(|_| anything(source, depth - 1)).collect()),
        _ => {
            let member =
                |source: &mut Source<'_>| (source.one_of(&names).to_owned(), anything(source, depth - 1));
            Value::Object((0..source.below(4)).map(|_| member(source)).collect())
        }
    }
}

fn place(source: &mut Source<'_>) -> String {
    format!("{}-{}", 1_000 + u64::from(source.below(12)), source.below(12))
}
