//! What holds of every transport, whatever is asked of it and whatever the other side says.
//!
//! Arbitrary bytes are read as a story: requests, answers (good, odd and broken), faults and time. The story is played, and after
//! each step all of this must be true:
//!
//! - nothing panics, and no call is made twice under one name or abandoned twice
//! - there are never two reads in flight, nor two sockets; nothing is said on a socket that is not open
//! - a call that goes where the service points has none of our keys with it
//! - no key is told twice, and the keys of one batch ascend
//! - the end is told at most once; after it come only answers to requests, and no calls but two to leave, with what makes way for them
//! - nothing is asked before the moment that a `Retry-After` named for that kind of request
//! - keys and tokens go to the configured origin only, and never stand in a `Debug` print
//! - a message is answered at most once, and only if it was sent
//! - a chat that is open goes on by itself: a read is out, or there is a deadline, and it lies ahead. Only a link that was told
//!   to be idle waits for somebody to ask
//!
//! The story may end the program and begin it anew with what was kept. Where people sign in, more must be true: see `identity.rs`.
//! The property test and the fuzz target are both nothing but this.

mod identity;
mod manners;
mod story;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use envoi_protocol::event::{EntryKey, Event, LocalId};
use envoi_protocol::io::{
    CallId, HeaderValue, HttpCall, IoFault, Method, Moment, Now, SocketCall, SocketEvent, SocketId,
};
use envoi_protocol::link::Link;
use envoi_protocol::transport::{Action, Request, Settings, Transport};
use envoi_protocol::transports::Service;
use envoi_protocol::view::SettingKind;
use identity::Identity;
use manners::Manner;
use serde_json::{Value, json};
use story::Source;
use url::{Origin, Url};

/// Most steps of one story.
const STEPS: usize = 80;
/// Stands in every token and key, so that one can be searched for.
const MARK: &str = "HUSHHUSH";
/// Most calls after the end that make way for leaving.
const WAYS: u32 = 8;

/// Plays the story that the bytes tell, and says how many steps it had.
///
/// # Panics
/// If something does not hold.
pub(crate) fn play(service: &Service, bytes: &[u8]) -> usize {
    let mut source = Source(bytes);
    let (asynchronous, seed) = (source.below(4) != 0, u64::from(source.byte()));
    let mut stage = Stage::new(service, asynchronous, seed);
    let mut steps = 0;
    while !source.0.is_empty() && steps < STEPS {
        stage.step(&mut source);
        steps += 1;
    }
    stage.doubt_ends(seed & 8 == 0, seed & 16 == 0);
    steps
}

/// A machine, and all that must be remembered to judge it.
struct Stage<'a> {
    service: &'a Service,
    asynchronous: bool,
    seed: u64,
    manner: &'static Manner,
    machine: Box<dyn Transport>,
    now: Now,
    origins: Vec<Origin>,
    sockets: BTreeMap<SocketId, Socket>,
    named_sockets: BTreeSet<SocketId>,
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
    ways: u32,
    last_sockets: u32,
    /// The step is a request, which is answered even after the end.
    asking: bool,
    /// Where to read on, as it was told last.
    cursor: Option<String>,
    identity: Identity,
}

/// A socket that was asked for and has not ended.
#[derive(Debug, Default)]
struct Socket {
    open: bool,
    /// What was said on it last.
    said: Option<Value>,
}

impl<'a> Stage<'a> {
    fn new(service: &'a Service, asynchronous: bool, seed: u64) -> Self {
        let mut settings = Settings::new();
        for field in (service.fields)() {
            let example = field.example.expect("every setting has an example");
            // Services have different names for their keys.
            let value = if field.kind == SettingKind::Key { format!("key-{MARK}") } else { example };
            settings.insert(field.name, json!(value));
        }
        if let Value::Object(more) = (manners::of(service.id).more)(seed) {
            settings.extend(more);
        }
        let probe = (service.probe)(&settings).expect("the examples are good settings");
        let machine =
            (service.build)(&settings, asynchronous, &seed.into()).expect("the examples are good settings");
        Self {
            service,
            asynchronous,
            seed,
            manner: manners::of(service.id),
            machine,
            now: Now { at: Moment(5_000), wall: 1_767_607_200_000 },
            origins: origins(&settings, probe.url.as_str(), manners::of(service.id)),
            sockets: BTreeMap::new(),
            named_sockets: BTreeSet::new(),
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
            ways: 0,
            last_sockets: 0,
            asking: false,
            cursor: None,
            identity: Identity::new(&settings),
        }
    }

    /// The same, after the program has ended: only what is kept is still known.
    fn reborn(&self) -> Self {
        let anew = Stage::new(self.service, self.asynchronous, self.seed);
        Self { now: self.now, cursor: self.cursor.clone(), identity: self.identity.reborn(), ..anew }
    }

    fn step(&mut self, source: &mut Source<'_>) {
        self.asking = false;
        match source.below(16) {
            0..=4 => {
                self.asking = true;
                let local = LocalId(self.next_local);
                let request = story::request(source, self.manner, || {
                    self.waiting.insert(local);
                    self.next_local += 1;
                    local
                });
                if !self.over && matches!(request, Request::Start(_) | Request::Resume { .. }) {
                    // One that failed before may have made a session of its own, and left it.
                    self.leaving = 0;
                }
                self.identity.requested(&request);
                self.machine.request(self.now, request);
            }
            5..=8 if self.identity.out.is_some() => {
                let call = self.identity.out.unwrap();
                self.answers_page(source, call);
            }
            5..=8 if !self.sockets.is_empty() => self.hears(source),
            5..=12 => match self.out.keys().nth(usize::from(source.below(4))).copied() {
                Some(id) => {
                    let call = self.out.remove(&id).unwrap();
                    let (took, result) = story::result(source, self.manner, &call);
                    self.now.at = self.now.at.after(Duration::from_millis(took));
                    if let Some(wait) = result.as_ref().ok().and_then(|reply| reply.retry_after) {
                        self.opens.insert(kind(&call), self.now.at.after(wait));
                    }
                    if let Some(reply) = result.as_ref().ok().filter(|_| call.what == "sign-in") {
                        self.identity.answered(reply);
                    }
                    self.machine.reply(self.now, id, result);
                }
                // A reply that nobody waits for.
                None => self.machine.reply(self.now, CallId(u64::MAX), Err(IoFault::Broken)),
            },
            13 => match source.byte() {
                0..=39 => self.restart(),
                40..=139 => self.keeps(),
                byte => self.pass(u64::from(byte) * 40),
            },
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

    /// Something happens on a socket.
    fn hears(&mut self, source: &mut Source<'_>) {
        let nth = usize::from(source.below(4)) % self.sockets.len();
        let (id, socket) = self.sockets.iter_mut().nth(nth).unwrap();
        let id = *id;
        let event = if socket.open {
            story::frame(source, self.manner, socket.said.as_ref())
        } else {
            story::opening(source)
        };
        match event {
            SocketEvent::Open => socket.open = true,
            SocketEvent::Closed(_) | SocketEvent::Failed(_) => {
                self.sockets.remove(&id);
            }
            SocketEvent::Text(_) => {}
        }
        self.now.at = self.now.at.after(Duration::from_millis(u64::from(source.byte()) * 10));
        self.machine.socket(self.now, id, event);
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
                    let page = self.identity.out.take_if(|out| *out == id).is_some();
                    assert!(
                        page || self.out.remove(&id).is_some(),
                        "only a call that is out can be abandoned"
                    );
                }
                Some(Action::SignIn(call)) => {
                    assert!(!self.over, "nobody signs in after the end");
                    assert!(self.named.insert(call.id), "a name of a call is used once");
                    self.identity.signs_in(&call);
                }
                Some(Action::Open(call)) => self.opened(&call),
                Some(Action::Say(id, frame)) => {
                    let socket =
                        self.sockets.get_mut(&id).expect("only on a socket that is there is anything said");
                    assert!(socket.open, "nothing is said on a socket before it is open");
                    socket.said = serde_json::from_str(&frame.0).ok();
                    if self.manner.signs_in {
                        self.identity.said(socket.said.as_ref().expect("a frame is JSON"));
                    }
                }
                Some(Action::Shut(id) | Action::Cut(id)) => {
                    assert!(self.sockets.remove(&id).is_some(), "only a socket that is there can be shut");
                }
                Some(Action::Event(event)) => self.told(&event),
            }
        }
        panic!("the machine does not fall silent");
    }

    fn called(&mut self, call: HttpCall) {
        let url = &call.url;
        if (self.manner.is_keyless)(&call) {
            let bare = call.headers.iter().all(|(_, value)| match value {
                HeaderValue::Plain(value) => !value.contains(MARK),
                HeaderValue::Secret(value) => !value.expose().contains(MARK),
            });
            assert!(bare && !url.as_str().contains(MARK), "no key goes where the service points");
            assert_eq!(url.scheme(), "https", "and nothing goes there in the open");
        } else {
            assert!(self.origins.contains(&url.origin()), "keys go to the configured service only");
        }
        assert!(!format!("{call:?}").contains(MARK), "no key or token stands in a print of a call");
        let kind = kind(&call);
        let opens = self.opens.get(&kind).copied().unwrap_or_default();
        assert!(self.now.at >= opens, "{kind:?} was asked before its Retry-After had passed");
        let leaves = (self.manner.is_farewell)(&call);
        if self.over && !leaves {
            let makes_way = (self.manner.makes_way)(&call);
            assert!(makes_way, "nothing but leaving is said after the end: {}", call.what);
            self.ways += 1;
            assert!(self.ways <= WAYS, "leaving is not made way for without end");
        }
        if leaves {
            self.leaving += 1;
            assert!(self.leaving <= 2, "leaving one chat is said twice at most");
        }
        assert!(self.named.insert(call.id), "a name of a call is used once");
        if call.what == "sign-in" {
            self.identity.called(&call);
        }
        let is_read = self.manner.is_read;
        assert!(!is_read(&call) || !self.out.values().any(is_read), "one read at a time");
        self.out.insert(call.id, call);
    }

    fn opened(&mut self, call: &SocketCall) {
        let url = Url::parse(&call.url).expect("a machine asks for a real address");
        let host = |origin: &Origin| match origin {
            Origin::Tuple(_, host, port) => Some((host.clone(), *port)),
            Origin::Opaque(_) => None,
        };
        let known: Vec<_> = self.origins.iter().filter_map(host).collect();
        assert!(known.contains(&host(&url.origin()).unwrap()), "sockets go to the configured service only");
        assert!(!format!("{call:?}").contains(MARK), "no key or token stands in a print of a socket");
        if self.over {
            self.last_sockets += 1;
            assert!(self.last_sockets <= self.manner.last_sockets, "no socket is opened after the end");
        }
        assert!(self.named_sockets.insert(call.id), "a name of a socket is used once");
        assert!(self.sockets.is_empty(), "one socket at a time");
        self.sockets.insert(call.id, Socket::default());
    }

    fn told(&mut self, event: &Event) {
        let answers = matches!(
            event,
            Event::NotSent { .. } | Event::OlderFailed(_) | Event::Media { .. } | Event::Reconciled
        );
        assert!(!self.over || (answers && self.asking), "after the end there is nothing to tell: {event:?}");
        assert!(!format!("{event:?}").contains(MARK), "no secret stands in a print of an event");
        if self.manner.signs_in {
            self.identity.event(event);
        }
        match event {
            Event::Cursor(cursor) => self.cursor = Some(cursor.clone()),
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
            let reads = self.out.values().any(self.manner.is_read) || !self.sockets.is_empty();
            let waits = self.link == Some(Link::Idle);
            let identifies =
                self.identity.out.is_some() || self.out.values().any(|call| call.what == "sign-in");
            assert!(reads || waits || identifies || deadline.is_some(), "an open chat goes on by itself");
        }
        assert!(!format!("{:?}", self.machine).contains(MARK), "no secret stands in a print of the machine");
    }
}

/// What a `Retry-After` is about.
fn kind(call: &HttpCall) -> (Method, String) {
    (call.method, call.url.path().to_owned())
}

/// Where keys may go: every address in the settings, the one that is probed, and those that follow from the settings.
fn origins(settings: &Settings, probe: &str, manner: &Manner) -> Vec<Origin> {
    let follow = manner.places.iter().copied();
    let addresses = settings.values().filter_map(Value::as_str).chain([probe]).chain(follow);
    addresses.filter_map(|text| Url::parse(text).ok()).map(|url| url.origin()).collect()
}
