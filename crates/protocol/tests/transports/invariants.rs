//! What holds of every transport, whatever is asked of it and whatever the other side says.
//!
//! Arbitrary bytes are read as a story: requests, answers (good, odd and broken), faults and time. The story is played, and after
//! each step all of this must be true:
//!
//! - nothing panics, and no call is made twice under one name or abandoned twice
//! - there are never two reads in flight
//! - no key is told twice, and the keys of one batch ascend
//! - the end is told at most once; after it come only answers to requests, and no calls but two to leave
//! - nothing is asked before the moment that a `Retry-After` named for that kind of request
//! - keys and tokens go to the configured origin only, and never stand in a `Debug` print
//! - a message is answered at most once, and only if it was sent
//! - a chat that is open goes on by itself: a read is out, or there is a deadline, and it lies ahead
//!
//! The property test and the fuzz target are both nothing but this.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use envoi_protocol::event::{Attachment, EntryForm, EntryKey, Event, LocalId};
use envoi_protocol::io::{CallId, HttpCall, HttpReply, IoFault, Method, Moment, Now};
use envoi_protocol::link::Link;
use envoi_protocol::token::{ResumeToken, Secret};
use envoi_protocol::transport::{Action, Request, Settings, Transport};
use envoi_protocol::transports::Service;
use serde_json::{Map, Value, json};
use url::{Origin, Url};

/// Most steps of one story.
const STEPS: usize = 80;
/// Stands in every token and key, so that one can be searched for.
const MARK: &str = "HUSHHUSH";

/// Plays the story that the bytes tell, and says how many steps it had.
///
/// # Panics
/// If something does not hold.
pub(crate) fn play(service: &Service, bytes: &[u8]) -> usize {
    let mut source = Source(bytes);
    let mut stage = Stage::new(service, source.below(4) != 0, u64::from(source.byte()));
    let mut steps = 0;
    while !source.0.is_empty() && steps < STEPS {
        stage.step(&mut source);
        steps += 1;
    }
    steps
}

/// Bytes as a row of choices. An exhausted source chooses zero.
struct Source<'a>(&'a [u8]);

impl Source<'_> {
    fn byte(&mut self) -> u8 {
        let (first, rest) = self.0.split_first().map_or((0, self.0), |(first, rest)| (*first, rest));
        self.0 = rest;
        first
    }

    fn below(&mut self, end: u8) -> u8 {
        self.byte() % end
    }

    fn one_of<T: Clone>(&mut self, list: &[T]) -> T {
        list[usize::from(self.byte()) % list.len()].clone()
    }

    fn raw(&mut self) -> Vec<u8> {
        let length = usize::from(self.byte()).min(self.0.len());
        let (taken, rest) = self.0.split_at(length);
        self.0 = rest;
        taken.to_vec()
    }
}

/// A machine, and all that must be remembered to judge it.
struct Stage {
    machine: Box<dyn Transport>,
    now: Now,
    origin: Origin,
    out: BTreeMap<CallId, HttpCall>,
    named: BTreeSet<CallId>,
    keys: BTreeSet<EntryKey>,
    /// Messages that were sent and not answered.
    waiting: BTreeSet<LocalId>,
    next_local: u64,
    /// When each kind of request may be sent again.
    opens: HashMap<(Method, String), Moment>,
    link: Option<Link>,
    joined: bool,
    over: bool,
    leaving: u32,
    /// The step is a request, which is answered even after the end.
    asking: bool,
}

impl Stage {
    fn new(service: &Service, asynchronous: bool, seed: u64) -> Self {
        let mut settings = Settings::new();
        for field in (service.fields)() {
            settings.insert(field.name, json!(field.example.expect("every setting has an example")));
        }
        settings.insert("api_key".to_owned(), json!(format!("key-{MARK}")));
        let probe = (service.probe)(&settings).expect("the examples are good settings");
        let machine = (service.build)(&settings, asynchronous, seed).expect("the examples are good settings");
        Self {
            machine,
            now: Now { at: Moment(5_000), wall: 1_767_607_200_000 },
            origin: Url::parse(&probe.url).unwrap().origin(),
            out: BTreeMap::new(),
            named: BTreeSet::new(),
            keys: BTreeSet::new(),
            waiting: BTreeSet::new(),
            next_local: 0,
            opens: HashMap::new(),
            link: None,
            joined: false,
            over: false,
            leaving: 0,
            asking: false,
        }
    }

    fn step(&mut self, source: &mut Source<'_>) {
        self.asking = false;
        match source.below(16) {
            0..=4 => {
                self.asking = true;
                let request = self.request(source);
                self.machine.request(self.now, request);
            }
            5..=12 => match self.out.keys().nth(usize::from(source.below(4))).copied() {
                Some(id) => {
                    let call = self.out.remove(&id).unwrap();
                    let result = self.result(source, &call);
                    self.machine.reply(self.now, id, result);
                }
                // A reply that nobody waits for.
                None => self.machine.reply(self.now, CallId(u64::MAX), Err(IoFault::Broken)),
            },
            13 => self.pass(u64::from(source.byte()) * 40),
            _ => match self.machine.deadline() {
                Some(deadline) => self.pass(
                    u64::try_from(deadline.at.since(self.now.at).as_millis()).unwrap().min(1_000_000_000),
                ),
                None => self.pass(10_000),
            },
        }
        self.drain();
        self.goes_on();
    }

    fn pass(&mut self, ms: u64) {
        self.now.at = self.now.at.after(Duration::from_millis(ms));
        self.now.wall += i64::try_from(ms).unwrap();
        self.machine.tick(self.now);
    }

    fn drain(&mut self) {
        for _ in 0..200 {
            match self.machine.poll() {
                None => return,
                Some(Action::Call(call)) => self.called(call),
                Some(Action::Cancel(id)) => {
                    assert!(self.out.remove(&id).is_some(), "only a call that is out can be abandoned");
                }
                Some(Action::Event(event)) => self.told(&event),
            }
        }
        panic!("the machine does not fall silent");
    }

    fn called(&mut self, call: HttpCall) {
        let url = Url::parse(&call.url).expect("a machine asks for a real address");
        assert_eq!(url.origin(), self.origin, "keys go to the configured service only");
        assert!(!format!("{call:?}").contains(MARK), "no key or token stands in a print of a call");
        let kind = (call.method, url.path().to_owned());
        let opens = self.opens.get(&kind).copied().unwrap_or_default();
        assert!(self.now.at >= opens, "{kind:?} was asked before its Retry-After had passed");
        if self.over {
            assert_eq!(
                call.method,
                Method::Delete,
                "nothing but leaving is said after the end: {}",
                call.what
            );
        }
        if call.method == Method::Delete {
            self.leaving += 1;
            assert!(self.leaving <= 2, "leaving is said twice at most");
        }
        assert!(self.named.insert(call.id), "a name of a call is used once");
        let is_read = |call: &HttpCall| call.method == Method::Get && call.what != "picture";
        assert!(!is_read(&call) || !self.out.values().any(is_read), "one read at a time");
        self.out.insert(call.id, call);
    }

    fn told(&mut self, event: &Event) {
        let answers = matches!(
            event,
            Event::NotSent { .. } | Event::OlderFailed(_) | Event::Media { .. } | Event::Reconciled
        );
        assert!(!self.over || (answers && self.asking), "after the end there is nothing to tell: {event:?}");
        match event {
            Event::Joined { .. } => self.joined = true,
            Event::NotJoined(_) => self.joined = false,
            Event::Batch(batch) => {
                let ascending = batch.entries.is_sorted_by(|one, next| one.key < next.key);
                assert!(ascending, "the keys of a batch ascend");
                for entry in &batch.entries {
                    assert!(self.keys.insert(entry.key), "{} was told already", entry.key);
                }
            }
            Event::Sent { local } | Event::NotSent { local, .. } => {
                assert!(self.waiting.remove(local), "a message is answered once, if it was sent");
            }
            Event::Link(link) => {
                assert_ne!(Some(*link), self.link, "a link that has not changed is not told");
                if let Link::Down { retry_at, attempt, .. } = link {
                    assert!(*retry_at > self.now.at && *attempt > 0, "a link that is down is tried again");
                }
                self.link = Some(*link);
            }
            Event::Over(_) => self.over = true,
            _ => {}
        }
    }

    fn goes_on(&self) {
        let deadline = self.machine.deadline();
        if let Some(deadline) = deadline {
            assert!(deadline.at > self.now.at, "what is due is done: {}", deadline.why);
        }
        if self.joined && !self.over {
            let reads = self.out.values().any(|call| call.method == Method::Get && call.what != "picture");
            assert!(reads || deadline.is_some(), "an open chat goes on by itself");
        }
        assert!(!format!("{:?}", self.machine).contains(MARK), "no secret stands in a print of the machine");
    }

    fn request(&mut self, source: &mut Source<'_>) -> Request {
        let mut local = || {
            self.next_local += 1;
            self.waiting.insert(LocalId(self.next_local));
            LocalId(self.next_local)
        };
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
            7..=10 => Request::Resume(ResumeToken { secret: Secret::new(token(source)) }),
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
                let urls = [
                    "/f/1",
                    "//evil.example/x",
                    "https://evil.example",
                    "/\\evil.example",
                    "/../..",
                    "/@e:1/",
                ];
                let url = match source.below(8) {
                    0 => String::from_utf8_lossy(&source.raw()).into_owned(),
                    _ => source.one_of(&urls).to_owned(),
                };
                Request::Media { url }
            }
            25..=27 => Request::TryNow,
            28..=30 => Request::Wake,
            _ => match source.below(4) {
                0 => Request::Leave,
                _ => Request::TryNow,
            },
        }
    }

    /// What becomes of a call. A `Retry-After` is written down to be kept to.
    fn result(&mut self, source: &mut Source<'_>, call: &HttpCall) -> Result<HttpReply, IoFault> {
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
            return Err(source.one_of(&faults));
        }
        let status = if good { 200 } else { source.one_of(&statuses) };
        let retry_after = match source.below(3) {
            0 if status == 429 => Some(Duration::from_millis(u64::from(source.byte()) * 500)),
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
        self.now.at = self.now.at.after(Duration::from_millis(u64::from(source.byte()) * 10));
        if let Some(wait) = retry_after {
            let kind = (call.method, Url::parse(&call.url).unwrap().path().to_owned());
            self.opens.insert(kind, self.now.at.after(wait));
        }
        Ok(HttpReply { status, content_type, retry_after, body })
    }
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
