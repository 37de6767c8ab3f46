//! The bench that conversations are tried on: a transport that says what it is told to, an archive, and a clock that is turned by hand.

use std::sync::Mutex;

use super::*;
use crate::view::DeploymentView;

/// A transport whose events are queued by the test and whose requests are read by it.
#[derive(Debug, Clone, Default)]
pub(super) struct Script(pub(super) Arc<Mutex<Lines>>);

#[derive(Debug, Default)]
pub(super) struct Lines {
    pub(super) actions: VecDeque<Action>,
    pub(super) requests: Vec<Request>,
    pub(super) urgency: Vec<Urgency>,
    pub(super) capabilities: Option<Capabilities>,
    /// How often it was told that its token is kept.
    pub(super) kept: u32,
}

impl Transport for Script {
    fn capabilities(&self) -> Capabilities {
        self.0.lock().unwrap().capabilities.clone().unwrap_or(Capabilities {
            files: Some(FileRules { kinds: FileKinds::Pictures, largest: None, needs_agent: false }),
            history: true,
            typing: true,
            user_data: true,
            end: true,
            ..Capabilities::default()
        })
    }
    fn request(&mut self, _: Now, request: Request) {
        let mut lines = self.0.lock().unwrap();
        if request == Request::Leave {
            lines.actions.push_back(Action::Event(Event::Over(EndReason::EndedByMe)));
        }
        match request {
            Request::Urgency(urgency) => lines.urgency.push(urgency),
            request => lines.requests.push(request),
        }
    }
    fn reply(&mut self, _: Now, _: CallId, _: Result<HttpReply, IoFault>) {}
    fn kept(&mut self, _: Now) {
        self.0.lock().unwrap().kept += 1;
    }
    fn tick(&mut self, _: Now) {}
    fn poll(&mut self) -> Option<Action> {
        self.0.lock().unwrap().actions.pop_front()
    }
    fn deadline(&self) -> Option<Deadline> {
        None
    }
}

pub(super) struct Bench {
    pub(super) session: Session,
    pub(super) script: Script,
    pub(super) now: Now,
    pub(super) outputs: Vec<Output>,
    pub(super) entries: u64,
    pub(super) archive: Archive,
    pub(super) setup: Setup,
}

pub(super) fn deployment(asynchronous: bool) -> Arc<DeploymentView> {
    Arc::new(DeploymentView {
        id: "tide".into(),
        name: "Tidewater Energy".into(),
        brand: None,
        asynchronous,
        pictures: true,
        form: Vec::new(),
        demo: false,
        keep: None,
        available: true,
        editable: false,
    })
}

pub(super) fn setup(asynchronous: bool) -> Setup {
    Setup {
        conversation: "tide-1".into(),
        deployment: deployment(asynchronous),
        closing_text: None,
        guard: true,
        closes_window: false,
        typing_preview: false,
        user_data: BTreeMap::new(),
        hidden: Vec::new(),
        preferences: Preferences::default(),
        token: None,
        created: 1,
        keeps: true,
        stored: None,
        seed: 1.into(),
    }
}

pub(super) fn token(characters: &str) -> ResumeToken {
    ResumeToken { secret: crate::token::Secret::new(characters) }
}

pub(super) fn resume(characters: &str) -> Request {
    Request::Resume { token: token(characters), cursor: None }
}

pub(super) fn maya() -> Person {
    Person { id: "a1".into(), name: Some("Maya".into()), role: Role::Agent }
}

impl Bench {
    pub(super) fn new(setup: Setup) -> Self {
        let script = Script::default();
        let session = Session::new(setup.clone(), Box::new(script.clone()));
        let now = Now { at: Moment(0), wall: 1_000_000 };
        Self { session, script, now, outputs: Vec::new(), entries: 0, archive: Archive::default(), setup }
    }

    /// The program died, and was started again with what the archive and the password store hold.
    pub(super) fn restarted(self) -> Self {
        self.restarted_with(Some(token("t1")), 100)
    }

    pub(super) fn restarted_with(self, token: Option<ResumeToken>, newest: usize) -> Self {
        let stored = self.archive.stored(newest).map(Box::new);
        let bench = Self::new(Setup { token, stored, ..self.setup.clone() });
        bench.following(self)
    }

    /// The same, when the company is gone from the configuration.
    pub(super) fn shelved(self, why: Fault) -> Self {
        self.shelved_with(Some(token("t1")), why)
    }

    pub(super) fn shelved_with(self, token: Option<ResumeToken>, why: Fault) -> Self {
        let stored = self.archive.stored(20).map(Box::new);
        let setup = Setup { token, stored, ..self.setup.clone() };
        let mut bench = Self::new(setup.clone());
        bench.session = Session::shelved(setup, why);
        bench.following(self)
    }

    /// The archive was lost, and a new one begun, while the conversation goes on.
    pub(super) fn salvaged(mut self) -> Self {
        let salvaged = self.session.salvage();
        assert_eq!(salvaged.token, Some(token("t1")));
        self.script = Script::default();
        self.session = Session::new(salvaged, Box::new(self.script.clone()));
        self.session.owe_all();
        self.archive = Archive::default();
        self.outputs.clear();
        self.feed(Input::Tick);
        self
    }

    pub(super) fn following(mut self, before: Self) -> Self {
        (self.archive, self.entries, self.now) = (before.archive, before.entries, before.now);
        self.feed(Input::Tick);
        self
    }

    /// A chat in which messages can be sent.
    pub(super) fn open(setup: Setup) -> Self {
        let mut bench = Self::new(setup);
        bench.command(Command::Start { form: BTreeMap::new() });
        bench.tell([Event::Joined { token: token("t1"), resumed: false }, Event::Link(Link::Up)]);
        bench.feed(Input::Remembered(Ok(())));
        bench
    }

    pub(super) fn feed(&mut self, input: Input) {
        self.session.handle(self.now, input);
        while let Some(output) = self.session.poll() {
            if let Output::Commit(commit) = &output {
                self.archive.take(commit);
                self.session.handle(self.now, Input::Committed(self.archive.answer()));
            }
            if let Output::Recall { before, count, .. } = &output {
                let (rows, more) = self.archive.page(*before, *count);
                self.session.handle(self.now, Input::Recalled { rows, more });
            }
            self.outputs.push(output);
        }
    }

    pub(super) fn command(&mut self, command: Command) {
        self.feed(Input::Command(command));
    }

    pub(super) fn send(&mut self, text: &str) {
        self.command(Command::Send { text: text.into() });
    }

    pub(super) fn tell(&mut self, events: impl IntoIterator<Item = Event>) {
        self.act(events.into_iter().map(Action::Event));
    }

    pub(super) fn act(&mut self, actions: impl IntoIterator<Item = Action>) {
        self.script.0.lock().unwrap().actions.extend(actions);
        self.feed(Input::Tick);
    }

    pub(super) fn call(&self, id: u64) -> HttpCall {
        HttpCall {
            id: CallId(id),
            what: "send",
            method: crate::io::Method::Post,
            url: "https://tide.example".parse().unwrap(),
            headers: Vec::new(),
            body: crate::io::Body::Empty,
            timeout: Duration::from_secs(9),
            limit: 1_000,
            retry: false,
            progress: false,
        }
    }

    pub(super) fn wait(&mut self, milliseconds: u64) {
        self.now.at.0 += milliseconds;
        self.now.wall += i64::try_from(milliseconds).unwrap();
        self.feed(Input::Tick);
    }

    pub(super) fn entry(&mut self, from: Person, kind: EntryKind) -> Entry {
        self.entries += 1;
        let at = i64::try_from(self.entries).unwrap();
        Entry { key: EntryKey { major: self.entries, minor: 0 }, at, from, kind }
    }

    pub(super) fn batch(&mut self, origin: Origin, kinds: impl IntoIterator<Item = (Person, EntryKind)>) {
        let entries = kinds.into_iter().map(|(from, kind)| self.entry(from, kind)).collect();
        self.tell([Event::Batch(Batch { origin, entries })]);
    }

    pub(super) fn live(&mut self, from: Person, kind: EntryKind) {
        self.batch(Origin::Live, [(from, kind)]);
    }

    /// What the service can do from here on.
    pub(super) fn able(&mut self, capabilities: Capabilities) {
        self.script.0.lock().unwrap().capabilities = Some(capabilities);
        self.tell([Event::Capabilities]);
    }

    /// The last command was refused for this reason.
    pub(super) fn refusal(&mut self, command: Command) -> Option<FaultCode> {
        self.outputs.clear();
        self.command(command);
        self.outputs.iter().find_map(|output| match output {
            Output::Refused(fault) => Some(fault.code),
            _ => None,
        })
    }

    pub(super) fn requests(&self) -> Vec<Request> {
        std::mem::take(&mut self.script.0.lock().unwrap().requests)
    }

    pub(super) fn snapshot(&self) -> Snapshot {
        self.session.snapshot(self.now)
    }

    pub(super) fn notices(&mut self) -> Vec<News> {
        let taken = std::mem::take(&mut self.outputs);
        let news = taken.into_iter().filter_map(|output| match output {
            Output::Notify(notice) => Some(notice.news),
            _ => None,
        });
        news.collect()
    }
}

pub(super) fn says(text: &str) -> EntryKind {
    EntryKind::Text(text.into())
}

pub(super) fn state(state: InteractionState) -> EntryKind {
    EntryKind::State(state)
}

pub(super) fn system() -> Person {
    Person { id: "0".into(), name: None, role: Role::System }
}

pub(super) fn texts(snapshot: &Snapshot) -> Vec<String> {
    let words = |item: &std::sync::Arc<view::Item>| match &item.content {
        Content::Message { text, .. } => text.iter().map(|run| run.text.as_str()).collect(),
        Content::CaseClosed { .. } => "(case closed)".to_owned(),
        other => format!("{other:?}"),
    };
    snapshot.items.iter().map(words).collect()
}

pub(super) fn me() -> Person {
    Person { id: "p1".into(), name: None, role: Role::Me }
}

pub(super) fn deliveries(snapshot: &Snapshot) -> Vec<DeliveryView> {
    let delivery = |item: &Arc<view::Item>| match &item.content {
        Content::Message { delivery, .. } | Content::Picture { delivery, .. } => delivery.clone(),
        _ => None,
    };
    snapshot.items.iter().filter_map(delivery).collect()
}

/// A batch of entries of the agent, each with its time.
pub(super) fn page(origin: Origin, times: impl IntoIterator<Item = u64>) -> Event {
    let entry = |time: u64| Entry {
        key: EntryKey { major: time, minor: 0 },
        at: i64::try_from(time).unwrap(),
        from: maya(),
        kind: says(&time.to_string()),
    };
    Event::Batch(Batch { origin, entries: times.into_iter().map(entry).collect() })
}
