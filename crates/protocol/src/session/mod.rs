//! One conversation as a machine: a transport, a phase, a link, an outbox and a timeline, without any I/O.
//!
//! The one rule holds here too: feed one [`Input`], drain [`Session::poll`] until it is silent, then read
//! [`Session::deadline`].

mod answers;
mod commands;
mod events;
mod expiry;
mod files;
mod ledger;
mod publish;
mod questions;
mod salvage;
mod setup;
mod shelved;
mod sign_in;
mod signals;
mod standing;
mod transcript;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use files::abilities;
use ledger::{Ledger, Told};
use publish::Published;

pub use files::{LARGEST_FILE, MOST_WAITING};
pub use setup::{Preferences, Setup};

use crate::attention::{self, Attention, News, Notice, Watching};
use crate::event::{
    Attachment, Batch, Entry, EntryForm, EntryKey, EntryKind, Event, IdleAlert, InteractionState, LocalId,
    Media, Origin, Person, Role, Trace,
};
use crate::fault::{Fault, FaultClass, FaultCode};
use crate::finalize::{Activity, Closure, Finalization, Mode, Reading, finalize};
use crate::followup;
use crate::io::{
    CallId, Deadline, Frame, HttpCall, HttpReply, IoFault, Moment, Now, SignInCall, SignInEvent, SocketCall,
    SocketEvent, SocketId,
};
use crate::kit::backoff::Urgency;
use crate::kit::queue;
use crate::link::Link;
use crate::masking::Filters;
use crate::outbox::{Aftermath, Outbox};
use crate::phase::{Ending, Phase};
use crate::stored::{
    Commit, ParcelContent, Place, Stored, StoredParcel, StoredPhase, StoredRow, StoredState,
};
use crate::text;
use crate::timeline::{self, Row, Timeline};
use crate::token::{ResumeToken, TOKEN_LIMIT};
use crate::transport::{Action, Failure, Request, Transport};
use crate::view::{
    self, Abilities, Banner, Change, Choice, ChoiceDoes, Command, Content, DeliveryView, EndReason, Guard,
    HistoryView, IdleView, Memory, NotifyLevel, Offer, SignInView, Snapshot, Snippet, Update,
};

/// What a session is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// Time has passed.
    Tick,
    /// A call has ended.
    Reply {
        /// Which.
        call: CallId,
        /// How.
        result: Result<HttpReply, IoFault>,
    },
    /// Something happens on a socket.
    Socket {
        /// Which.
        socket: SocketId,
        /// What.
        event: SocketEvent,
    },
    /// Something happens while the person signs in.
    SignIn {
        /// Which sign-in.
        call: CallId,
        /// What.
        event: SignInEvent,
    },
    /// Part of a call's body has left.
    Progress {
        /// Which call.
        call: CallId,
        /// How many bytes of it so far.
        sent: u64,
    },
    /// The person wants something.
    Command(Command),
    /// The person sends a picture or another file.
    Attach(Attachment),
    /// The interface wants the bytes of the picture or file in this item.
    Media {
        /// Identifier of the item.
        item: String,
        /// Where they are, as it was kept, for an item that is not at hand.
        url: Option<String>,
    },
    /// Whether the person sees this conversation has changed.
    Watching(Watching),
    /// The person's choices have changed.
    Preferences(Preferences),
    /// The answer to [`Output::Remember`].
    Remembered(Result<(), FaultCode>),
    /// The answer to [`Output::Commit`].
    Committed(Result<(), FaultCode>),
    /// The answer to [`Output::Recall`].
    Recalled {
        /// Rows directly before those that are held, oldest first; none if the archive cannot be read.
        rows: Vec<StoredRow>,
        /// Whether there are yet older ones.
        more: bool,
    },
    /// What is older than `before` (milliseconds since 1970-01-01 UTC) is not kept any longer: the archive has deleted it, if
    /// there was `any`.
    Expired {
        /// What is older goes.
        before: i64,
        /// Whether the archive had something to delete.
        any: bool,
    },
    /// The computer woke up or the network changed.
    Wake,
}

/// What a session wants done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Carry out a call.
    Call(HttpCall),
    /// Abandon a call.
    Cancel(CallId),
    /// Have the person sign in. [`Output::Cancel`] abandons it.
    SignIn(SignInCall),
    /// Open this address of a sign-in page in the person's browser, or show it.
    Browse(String),
    /// Open a socket.
    Open(SocketCall),
    /// Say something on a socket.
    Say(SocketId, Frame),
    /// Close a socket when all is said; nothing more is reported of it.
    Shut(SocketId),
    /// Drop a socket with whatever has not left yet; nothing more is reported of it.
    Cut(SocketId),
    /// Put the token in the password store, replacing an older one, and answer with [`Input::Remembered`].
    Remember(ResumeToken),
    /// Delete the token from the password store.
    Forget,
    /// Write this in one transaction, or nothing of it, and answer with [`Input::Committed`] before anything else is fed in.
    /// Until then nothing that rests on it leaves the session.
    Commit(Arc<Commit>),
    /// Read older rows from the archive and answer with [`Input::Recalled`].
    Recall {
        /// Those directly before this place.
        before: Place,
        /// How many; unless `until` is given.
        count: usize,
        /// All from a few before this item on.
        until: Option<String>,
    },
    /// Publish this to interfaces.
    Update(Update),
    /// Raise a notification of the operating system.
    Notify(Notice),
    /// The bytes asked for with [`Input::Media`].
    Media {
        /// Identifier of the item.
        item: String,
        /// Its content.
        content: Result<Media, Fault>,
    },
    /// The last command was not carried out, for this reason.
    Refused(Fault),
    /// The chat has ended and the deployment asks that the window goes away.
    CloseWindow,
}

/// How long the first messages wait for the password store: it may be asking the person to unlock it.
const PATIENCE_WITH_KEYRING: Duration = Duration::from_secs(8);
/// Typing counts as stopped this long after the last key, as in the service's own client.
const TYPING_PAUSE: Duration = Duration::from_secs(2);

/// One conversation.
#[derive(Debug)]
pub struct Session {
    setup: Setup,
    transport: Box<dyn Transport>,
    phase: Phase,
    link: Link,
    outbox: Outbox,
    timeline: Timeline,
    attention: Attention,
    watching: Watching,
    closure: Closure,
    /// Entries up to here had their effect in an earlier run.
    past: Option<EntryKey>,
    seen: Option<EntryKey>,
    /// The other side was told that everything up to here was read.
    read: Option<EntryKey>,
    unread: u32,
    /// Whether the service has nothing older than the oldest row; what the archive has is the timeline's matter.
    history_complete: bool,
    /// What is older than this is not kept: milliseconds since 1970-01-01 UTC.
    kept_since: Option<i64>,
    /// An older page was asked for.
    loading: bool,
    /// The item that a page of the archive is to bring.
    revealing: Option<String>,
    guard: Option<Guard>,
    memory: Memory,
    fault: Option<Fault>,
    /// Who types, and until when it is believed.
    typing: Vec<(Person, Moment)>,
    /// When the own typing counts as stopped; `None` while nothing was told.
    own_typing: Option<Moment>,
    /// Sending waits until the token is kept, or until this moment.
    keeping: Option<Moment>,
    /// Tokens that the password store was given and has not answered for.
    tokens_out: u32,
    /// The password store has a token of this chat, if an older one.
    ever_kept: bool,
    /// The chat is being ended for this reason, which is not the one that the transport knows.
    ending: Option<EndReason>,
    /// The agent who was there last: whoever closes a case is not named by the service.
    last_agent: Option<String>,
    media: BTreeMap<String, Vec<String>>,
    next_local: u64,
    /// What the transport was told of the urgency, and how many messages there were then.
    pressed: (Urgency, u64),
    draft: String,
    /// What the service can do, as it was last asked.
    abilities: Arc<Abilities>,
    banner: Option<Banner>,
    /// The message that the banner's buttons wait for.
    leaving: Option<LocalId>,
    idle: Option<IdleAlert>,
    /// The person is being asked to sign in.
    signing_in: Option<(CallId, SignInView)>,
    filters: Filters,
    /// For the transport, after a restart.
    cursor: Option<String>,
    /// What the service was asked for a chat with, until the token is kept.
    form: Option<BTreeMap<String, String>>,
    /// A kept chat is being picked up.
    resuming: bool,
    /// Why it can only be read, if so.
    shelved: Option<Fault>,
    started: bool,
    published: Published,
    ledger: Ledger,
    /// What rests on something that is not kept yet.
    held: VecDeque<Output>,
    /// The message whose request is among what is held, so that it has certainly not left.
    indoors: Option<LocalId>,
    /// A try has ended whose words are still among what is held.
    adrift: bool,
    /// Something happened that may have changed what is kept or told.
    stirred: bool,
    outputs: VecDeque<Output>,
}

impl Session {
    /// A conversation that has not begun, or one to be picked up if `setup.token` is there. What the archive holds of it is
    /// there at once.
    #[must_use]
    pub fn new(mut setup: Setup, transport: Box<dyn Transport>) -> Self {
        let stored = setup.stored.take();
        let is_over = |stored: &Stored| matches!(stored.state.phase, StoredPhase::Over { .. });
        let over = stored.as_deref().is_some_and(is_over);
        let resuming = setup.token.is_some() && !over;
        let abilities = abilities(transport.as_ref());
        let filters = Filters::new(setup.hidden.iter().map(String::as_str));
        let mut session = Self {
            transport,
            phase: if resuming { Phase::Joining } else { Phase::Fresh },
            link: if resuming { Link::Restoring } else { Link::Idle },
            outbox: Outbox::new(setup.seed.dice()),
            timeline: Timeline::default(),
            attention: Attention::default(),
            watching: Watching::default(),
            closure: Closure::default(),
            past: None,
            seen: None,
            read: None,
            unread: 0,
            history_complete: true,
            kept_since: None,
            loading: false,
            revealing: None,
            guard: None,
            memory: if resuming { Memory::Kept } else { Memory::Nothing },
            fault: None,
            typing: Vec::new(),
            own_typing: None,
            keeping: None,
            tokens_out: 0,
            ever_kept: resuming,
            ending: None,
            last_agent: None,
            media: BTreeMap::new(),
            next_local: 0,
            pressed: (Urgency::default(), 0),
            draft: String::new(),
            abilities,
            banner: None,
            leaving: None,
            idle: None,
            signing_in: None,
            filters,
            cursor: None,
            form: None,
            resuming,
            shelved: None,
            started: false,
            published: Published::default(),
            ledger: Ledger::new(Told::Nothing),
            held: VecDeque::new(),
            indoors: None,
            adrift: false,
            stirred: true,
            outputs: VecDeque::new(),
            setup,
        };
        if let Some(stored) = stored {
            session.restore(*stored);
        }
        session.published = session.public();
        session
    }

    /// Takes one input in. Afterwards, drain [`Session::poll`] and read [`Session::deadline`].
    pub fn handle(&mut self, now: Now, input: Input) {
        if let Input::Committed(result) = input {
            return self.committed(now, result);
        }
        let passing = matches!(input, Input::Tick | Input::Socket { event: SocketEvent::Text(_), .. });
        self.stirred = !(passing && self.started && self.is_still());
        if !self.started {
            self.started = true;
            self.begin(now);
        }
        match input {
            Input::Tick => self.transport.tick(now),
            Input::Reply { call, result } => self.transport.reply(now, call, result),
            Input::Socket { socket, event } => {
                if matches!(event, SocketEvent::Closed(_) | SocketEvent::Failed(_)) {
                    self.silence(socket);
                }
                self.transport.socket(now, socket, event);
            }
            Input::SignIn { call, event } => self.sign_in_told(now, call, event),
            Input::Progress { call, sent } => self.transport.progress(now, call, sent),
            Input::Command(command) => {
                if let Err(fault) = self.command(now, command) {
                    self.held.push_back(Output::Refused(fault));
                }
            }
            Input::Attach(attachment) => {
                if let Err(fault) = self.attach(now, attachment) {
                    self.held.push_back(Output::Refused(fault));
                }
            }
            Input::Media { item, url } => self.fetch_media(now, item, url),
            Input::Watching(watching) => {
                self.watching = watching;
                if watching.sees() {
                    self.attention.seen();
                }
            }
            Input::Preferences(preferences) => self.setup.preferences = preferences,
            Input::Remembered(result) => self.remembered(now, result),
            Input::Committed(_) => {}
            Input::Recalled { rows, more } => self.recalled(rows, more),
            Input::Expired { before, any } => self.expired(before, any),
            Input::Wake => {
                self.transport.request(now, Request::Wake);
                self.outbox.hurry();
            }
        }
        self.settle(now);
    }

    /// The next thing to do, until there is none.
    pub fn poll(&mut self) -> Option<Output> {
        queue::next(&mut self.outputs)
    }

    /// When to tick at the latest.
    #[must_use]
    pub fn deadline(&self) -> Option<Deadline> {
        let begins = !self.started
            && (self.resuming || self.form.is_some() || self.is_orphaned() || self.has_leftover());
        let start = begins.then_some(Deadline { at: Moment(0), why: "start" });
        let own = self.own_typing.map(|at| Deadline { at, why: "typing stopped" });
        let theirs = self.typing.iter().map(|(_, until)| *until).min();
        let theirs = theirs.map(|at| Deadline { at, why: "typing forgotten" });
        let keeping = self.keeping.map(|at| Deadline { at, why: "patience with the password store" });
        let sending = self.outbox.deadline().filter(|_| self.may_dispatch());
        let ledger = self.ledger.deadline();
        [start, own, theirs, keeping, sending, ledger, self.attention.deadline(), self.transport.deadline()]
            .into_iter()
            .fold(None, Deadline::earlier)
    }

    /// Whether time alone changes nothing of what is kept or told, as long as the service tells nothing.
    fn is_still(&self) -> bool {
        self.ledger.is_clear()
            && self.held.is_empty()
            && self.outbox.is_empty()
            && self.own_typing.is_none()
            && self.typing.is_empty()
            && self.keeping.is_none()
            && self.attention.deadline().is_none()
    }

    /// Whether nothing more will come.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.phase.is_over()
    }

    /// Whether the person has started it.
    #[must_use]
    pub fn is_fresh(&self) -> bool {
        self.phase == Phase::Fresh
    }

    /// Whether messages are still to be sent or a call of theirs is under way.
    #[must_use]
    pub fn has_unsent(&self) -> bool {
        self.outbox.unsent() > 0
    }

    /// Runs everything that follows from the last input, has it kept, and publishes what changed.
    pub(super) fn settle(&mut self, now: Now) {
        self.run_timers(now);
        self.press(now);
        loop {
            while let Some(action) = self.transport.poll() {
                match action {
                    Action::Call(call) => self.held.push_back(Output::Call(call)),
                    Action::Cancel(call) => {
                        self.stirred = true;
                        self.abandon(call);
                    }
                    Action::SignIn(call) => {
                        self.stirred = true;
                        self.sign_in(call);
                    }
                    Action::Open(call) => self.held.push_back(Output::Open(call)),
                    Action::Say(socket, frame) => self.held.push_back(Output::Say(socket, frame)),
                    Action::Shut(socket) => self.abandon_socket(socket, Output::Shut(socket)),
                    Action::Cut(socket) => {
                        self.silence(socket);
                        self.abandon_socket(socket, Output::Cut(socket));
                    }
                    Action::Event(event) => {
                        self.stirred = true;
                        self.event(now, event);
                    }
                }
            }
            if self.tell_read(now) {
                self.stirred = true;
                continue;
            }
            if !self.may_dispatch() {
                break;
            }
            let Some((local, content)) = self.outbox.dispatch(now.at) else { break };
            self.stirred = true;
            self.indoors = Some(local);
            let request = match content {
                ParcelContent::Text(text) | ParcelContent::Hidden(text) => Request::Send { local, text },
                ParcelContent::Picture(attachment) | ParcelContent::File(attachment) => {
                    Request::Attach { local, attachment }
                }
                ParcelContent::Answer { text, payloads, .. } if payloads.is_empty() => {
                    Request::Send { local, text }
                }
                ParcelContent::Answer { text, payloads, .. } => Request::Answer { local, text, payloads },
            };
            self.transport.request(now, request);
        }
        if self.stirred {
            self.look_after_sending();
            self.book(now);
        } else {
            self.pass();
        }
    }

    /// Tells the transport how much depends on the connection, and that something more was written.
    fn press(&mut self, now: Now) {
        let waited_for = self.watching.sees() || self.outbox.unsent() > 0;
        let urgency = if waited_for { Urgency::Watched } else { Urgency::Background };
        let pressed = (urgency, self.next_local);
        if pressed != self.pressed {
            self.pressed = pressed;
            self.transport.request(now, Request::Urgency(urgency));
        }
    }

    pub(super) fn may_dispatch(&self) -> bool {
        self.phase.is_joined() && self.link.is_up() && self.keeping.is_none() && self.ending.is_none()
    }

    pub(super) fn run_timers(&mut self, now: Now) {
        if self.own_typing.is_some_and(|until| now.at >= until) {
            self.own_typing = None;
            self.transport.request(now, Request::Typing { on: false, preview: None });
        }
        if self.keeping.is_some_and(|until| now.at >= until) {
            self.keeping = None;
        }
        self.typing.retain(|(_, until)| now.at < *until);
        if let Some(news) = self.attention.due(now.at, self.notify_level()) {
            self.notify(news);
        }
    }

    /// How much a notification tells: no more than the person wants and the contact centre allows.
    fn notify_level(&self) -> NotifyLevel {
        match self.setup.preferences.notify {
            NotifyLevel::Full if self.transport.capabilities().discreet => NotifyLevel::Name,
            level => level,
        }
    }

    pub(super) fn notify(&mut self, news: News) {
        let conversation = self.setup.conversation.clone();
        let company = self.setup.deployment.name.clone();
        self.held.push_back(Output::Notify(Notice { conversation, company, news }));
    }

    pub(super) fn change_phase(&mut self, change: impl FnOnce(Phase) -> Phase) {
        self.phase = change(std::mem::replace(&mut self.phase, Phase::Fresh));
    }

    pub(super) fn typing_people(&self) -> Vec<Person> {
        self.typing.iter().map(|(person, _)| person.clone()).collect()
    }

    pub(super) fn phase_view(&self) -> view::PhaseView {
        if self.shelved.is_some() && !self.phase.is_over() {
            return view::PhaseView::Shelved;
        }
        self.phase.view(
            self.setup.closing_text.as_deref(),
            self.setup.closes_window && !self.setup.deployment.asynchronous,
        )
    }
}

#[cfg(test)]
mod tests;
