//! Stories from bytes: requests, answers of every kind, and the words that services are known to use.

use std::collections::BTreeMap;
use std::time::Duration;

use envoi_protocol::event::{Attachment, EntryForm, EntryKey, LocalId};
use envoi_protocol::io::{Frame, HttpCall, HttpReply, IoFault, SocketEvent, SocketFault};
use envoi_protocol::kit::backoff::Urgency;
use envoi_protocol::token::{ResumeToken, Secret};
use envoi_protocol::transport::Request;
use serde_json::{Value, json};

use super::manners::Manner;

/// Every way in which a call has no answer.
const FAULTS: [IoFault; 6] = [
    IoFault::Unreachable,
    IoFault::Broken,
    IoFault::Timeout,
    IoFault::Tls,
    IoFault::TooLarge,
    IoFault::BadRequest,
];

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
pub(super) fn request(source: &mut Source<'_>, manner: &Manner, local: impl FnOnce() -> LocalId) -> Request {
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
            token: ResumeToken { secret: Secret::new((manner.token)(source)) },
            cursor: match source.below(6) {
                0..=2 => None,
                3 => Some(anything(source, manner, 2).to_string()),
                _ => Some((manner.cursor)(source)),
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
        15 => Request::Reconcile,
        16 => Request::SignIn,
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
        26 => Request::TryNow,
        27..=28 => Request::Wake,
        29..=30 => match source.below(8) {
            0 | 1 => Request::Answer {
                local: local(),
                text: source.one_of(&words).to_owned(),
                payloads: vec![source.one_of(&words).to_owned()],
            },
            2 => Request::Withdraw { local: LocalId(u64::from(source.below(4))) },
            3 => Request::Read { up_to: EntryKey { major: u64::from(source.byte()), minor: 0 } },
            4 => Request::Nickname(source.one_of(&words).to_owned()),
            5 => Request::Notice(source.one_of(&words).to_owned()),
            6 => Request::StayOn,
            _ => Request::BannerClosed,
        },
        _ => match source.below(4) {
            0 => Request::Leave,
            _ => Request::TryNow,
        },
    }
}

/// What becomes of a call, and how long it took in milliseconds.
pub(super) fn result(
    source: &mut Source<'_>,
    manner: &Manner,
    call: &HttpCall,
) -> (u64, Result<HttpReply, IoFault>) {
    let statuses = [200, 200, 201, 204, 302, 400, 401, 403, 404, 413, 429, 429, 500, 502, 0, 999];
    let good = source.below(8) < 5;
    if !good && source.below(3) == 0 {
        return (0, Err(source.one_of(&FAULTS)));
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
        3 => anything(source, manner, 4).to_string().into_bytes(),
        4 => {
            let mut cut = (manner.answer)(source, call).to_string().into_bytes();
            cut.truncate(usize::from(source.byte()));
            cut
        }
        _ => (manner.answer)(source, call).to_string().into_bytes(),
    };
    let content_type = if good { "application/json" } else { source.one_of(&types) }.to_owned();
    let took = u64::from(source.byte()) * 10;
    (took, Ok(HttpReply { status, content_type, retry_after, cookies: Vec::new(), body }))
}

/// What happens on a socket that is not open yet.
pub(super) fn opening(source: &mut Source<'_>) -> SocketEvent {
    let statuses = [400, 401, 403, 404, 407, 429, 500, 503, 200, 302];
    match source.below(8) {
        0 => SocketEvent::Failed(SocketFault::Io(source.one_of(&FAULTS))),
        1 => {
            SocketEvent::Failed(SocketFault::Refused { status: source.one_of(&statuses), retry_after: None })
        }
        _ => SocketEvent::Open,
    }
}

/// What happens on an open socket; `said` is what the machine said there last.
pub(super) fn frame(source: &mut Source<'_>, manner: &Manner, said: Option<&Value>) -> SocketEvent {
    let text = match source.below(16) {
        0 => String::from_utf8_lossy(&source.raw()).into_owned(),
        1 => anything(source, manner, 4).to_string(),
        2 => {
            let codes = [None, Some(1000), Some(1001), Some(1006), Some(1011), Some(4000)];
            return SocketEvent::Closed(source.one_of(&codes));
        }
        3 => return SocketEvent::Failed(SocketFault::Io(source.one_of(&FAULTS))),
        4 => {
            let mut cut = (manner.frame)(source, said).to_string().into_bytes();
            cut.truncate(usize::from(source.byte()));
            String::from_utf8_lossy(&cut).into_owned()
        }
        _ => (manner.frame)(source, said).to_string(),
    };
    SocketEvent::Text(Frame(text))
}

/// Any JSON at all, with names and values that matter somewhere.
pub(super) fn anything(source: &mut Source<'_>, manner: &Manner, depth: u8) -> Value {
    let end = if depth == 0 { 9 } else { 11 };
    match source.below(end) {
        0 => Value::Null,
        1 => json!(source.below(2) == 0),
        2 => json!(source.byte()),
        3 => json!(-i64::from(source.byte())),
        4 => json!(u64::MAX),
        5 => json!(f64::from(source.byte()) * 1e300),
        6 => json!(String::from_utf8_lossy(&source.raw())),
        7..=8 => json!(source.one_of(manner.words)),
        9 => Value::Array((0..source.below(4)).map(|_| anything(source, manner, depth - 1)).collect()),
        _ => {
            let member = |source: &mut Source<'_>| {
                (source.one_of(manner.names).to_owned(), anything(source, manner, depth - 1))
            };
            Value::Object((0..source.below(4)).map(|_| member(source)).collect())
        }
    }
}
