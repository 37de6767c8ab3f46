//! The task that owns one conversation: it feeds the session one input at a time, carries out what the session asks for, and
//! publishes what changed. It waits for calls, for the password store and for the clock at once, and never for one of them alone.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use envoi_protocol::attention::Watching;
use envoi_protocol::event::Media;
use envoi_protocol::fault::{Fault, FaultCode};
use envoi_protocol::session::{Input, Output, Session};
use envoi_protocol::stored::{Commit, Place, StoredRow};
use envoi_protocol::view::{
    Change, Command, ConfigFault, DeploymentView, ItemsChange, Placed, Snapshot, Update,
};
use tokio::sync::{mpsc, oneshot};

use super::calls::{Calls, Report};
use super::memory::{Done, Job, Memory, Recalled};
use super::sockets::Sockets;
use super::waiting::{self, Why};
use super::{Ask, Conversation};
use crate::archive::shelf::Shelf;
use crate::archive::{Archive, ArchiveError};
use crate::clock::Clock;
use crate::deployments::{Deployment, Particulars};
use crate::net::Network;
use crate::net::budgets::Budgets;
use crate::published::{Published, Publisher, Standing};

/// How many wishes may wait for the owner.
const WISHES: usize = 64;
/// How long a chat that has ended may still say so to its service when it is closed.
const FAREWELL: Duration = Duration::from_secs(3);

/// What a conversation begins from.
#[derive(Debug)]
pub(crate) struct Beginning {
    pub(crate) common: Common,
    pub(crate) memory: Memory,
    /// As interfaces see the company, also when it is gone from the configuration.
    pub(crate) company: DeploymentView,
    /// The company and the way to it, or why there is none.
    pub(crate) reach: Result<(Deployment, Arc<dyn Network>), Fault>,
    pub(crate) particulars: Particulars,
    /// Whether it was kept and has to be read first.
    pub(crate) recall: bool,
    /// Where what is said is kept.
    pub(crate) shelf: Shelf,
    /// Whether it is to outlive the program.
    pub(crate) lasts: bool,
}

/// What all conversations of a profile share.
#[derive(Debug, Clone)]
pub(crate) struct Common {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) publisher: Arc<Publisher>,
    pub(crate) budgets: Arc<Budgets>,
    /// Path of the list of conversations, for when one of them has lost its token.
    pub(crate) index_file: String,
}

/// Starts the task of a conversation.
pub(crate) fn begin(beginning: Beginning) -> Conversation {
    let (wishes, asked) = mpsc::channel(WISHES);
    let handle = Conversation::new(&beginning.particulars.conversation, &beginning.company.id, wishes);
    let mut owner = Owner {
        id: beginning.particulars.conversation.clone(),
        state: State::Waiting(Why::Asking),
        seq: 0,
        watching: Watching::default(),
        calls: Calls::default(),
        sockets: Sockets::default(),
        media: HashMap::new(),
        archive: None,
        beginning,
    };
    owner.open();
    tokio::spawn(owner.run(asked));
    handle
}

#[derive(Debug)]
struct Owner {
    id: String,
    beginning: Beginning,
    state: State,
    /// Number of the last update that was published while waiting; the session's own numbers are counted from there.
    seq: u64,
    watching: Watching,
    calls: Calls,
    sockets: Sockets,
    media: HashMap<String, Vec<oneshot::Sender<Result<Media, Fault>>>>,
    /// Where this conversation is written, once that is known.
    archive: Option<Archive>,
}

#[derive(Debug)]
enum State {
    Waiting(Why),
    Running(Box<Session>),
}

impl Owner {
    /// The first thing: a new conversation runs at once, a kept one reads its token. Nobody has seen anything of it yet.
    fn open(&mut self) {
        if let Err(fault) = &self.beginning.reach {
            self.state = State::Waiting(Why::Company(fault.clone()));
        } else if self.beginning.recall {
            self.beginning.memory.ask(Job::Recall);
        } else {
            self.state = self.session(None);
        }
        self.stand();
    }

    async fn run(mut self, mut asked: mpsc::Receiver<Ask>) {
        let closed = loop {
            let pause = self.pause();
            tokio::select! {
                ask = asked.recv() => match ask {
                    Some(Ask::Close(answer)) => break Some(answer),
                    Some(ask) => self.answer(ask).await,
                    None => break None,
                },
                ended = self.calls.next() => self.feed_report(ended).await,
                (socket, event) = self.sockets.next() => {
                    self.feed(Input::Socket { socket, event }).await;
                }
                done = self.beginning.memory.next() => self.done(done).await,
                () = sleep(pause) => {
                    self.feed(Input::Tick).await;
                }
            }
        };
        self.say_farewell().await;
        self.calls.cancel_all();
        self.sockets.cut_all();
        while self.beginning.memory.is_busy() {
            self.beginning.memory.next().await;
        }
        if let Some(answer) = closed {
            // Whoever asked may have gone.
            let _ = answer.send(());
        }
    }

    /// A chat that was ended just now tells its service before everything stops.
    async fn say_farewell(&mut self) {
        let over = matches!(&self.state, State::Running(session) if session.is_over());
        let until = tokio::time::Instant::now() + FAREWELL;
        while over && (self.calls.any() || self.sockets.any()) {
            tokio::select! {
                ended = self.calls.next() => self.feed_report(ended).await,
                (socket, event) = self.sockets.next() => {
                    self.feed(Input::Socket { socket, event }).await;
                }
                () = tokio::time::sleep_until(until) => return,
            }
        }
    }

    /// How long nothing has to happen by itself.
    fn pause(&self) -> Option<Duration> {
        let State::Running(session) = &self.state else { return None };
        let deadline = session.deadline()?;
        // A deadline that has passed is met at once, but never in a busy loop.
        Some(deadline.at.since(self.beginning.common.clock.now().at).max(Duration::from_millis(1)))
    }

    async fn answer(&mut self, ask: Ask) {
        // An answer nobody waits for any more is dropped: the interface went away.
        match ask {
            Ask::Command(Command::TryNow, answer) if matches!(self.state, State::Waiting(_)) => {
                let _ = answer.send(self.recall_again());
            }
            Ask::Command(command, answer) => {
                let _ = answer.send(self.feed_or_refuse(Input::Command(command)).await);
            }
            Ask::Attach(attachment, answer) => {
                let _ = answer.send(self.feed_or_refuse(Input::Attach(attachment)).await);
            }
            Ask::Media(item, answer) => {
                if let State::Waiting(why) = &self.state {
                    let _ = answer.send(Err(why.fault()));
                } else {
                    self.show_media(item, answer).await;
                }
            }
            Ask::Snapshot(answer) => {
                let _ = answer.send(self.snapshot());
            }
            Ask::Archive(answer) => {
                let _ = answer.send(self.archive().await);
            }
            Ask::Unsent(answer) => {
                let unsent = matches!(&self.state, State::Running(session) if session.has_unsent());
                let _ = answer.send(unsent);
            }
            Ask::Watching(watching) => {
                if self.watching != watching {
                    self.watching = watching;
                    self.feed(Input::Watching(watching)).await;
                }
            }
            Ask::Preferences(preferences) => {
                self.beginning.particulars.preferences = preferences;
                self.feed(Input::Preferences(preferences)).await;
            }
            Ask::Wake => {
                self.feed(Input::Wake).await;
            }
            Ask::Delete(answer) => {
                // The session is not fed any more: nothing of it may be written again.
                self.state = State::Waiting(Why::Asking);
                self.beginning.memory.ask(Job::Delete);
                let (id, fleeting) = (self.id.clone(), self.beginning.shelf.fleeting());
                let deleted = tokio::task::spawn_blocking(move || fleeting.delete(&id)).await;
                if let Ok(Err(refused)) = deleted {
                    tracing::warn!(%refused, "a conversation in memory could not be deleted");
                }
                let _ = answer.send(());
            }
            Ask::Close(_) => {}
        }
    }

    fn snapshot(&self) -> Snapshot {
        match &self.state {
            State::Waiting(why) => waiting::snapshot(&self.id, &self.beginning.company, why, self.seq),
            State::Running(session) => {
                let mut snapshot = session.snapshot(self.beginning.common.clock.now());
                snapshot.seq += self.seq;
                snapshot
            }
        }
    }

    fn recall_again(&mut self) -> Result<(), Fault> {
        match &self.state {
            State::Waiting(Why::Keyring(_)) => {
                self.wait(Why::Asking);
                self.beginning.memory.ask(Job::Recall);
                Ok(())
            }
            State::Waiting(Why::Company(fault)) => Err(fault.clone()),
            State::Waiting(Why::Asking) | State::Running(_) => Ok(()),
        }
    }

    async fn done(&mut self, done: Done) {
        match done {
            Done::Remembered(result) => {
                self.feed(Input::Remembered(result)).await;
            }
            Done::Recalled(Ok(recalled)) => {
                if recalled.token.is_none() && recalled.stored.is_none() {
                    self.lost();
                }
                self.run_session(*recalled).await;
            }
            Done::Recalled(Err(refused)) => {
                tracing::warn!(conversation = self.id, %refused, "a kept conversation cannot be opened yet");
                self.wait(Why::Keyring(refused.fault()));
            }
            Done::Quiet => {}
        }
    }

    /// The store answered, and there is no token: somebody deleted it. The person is told, and may start anew.
    fn lost(&mut self) {
        let message = format!(
            "the chat with {} cannot be picked up again: its entry is no longer in the system's password store",
            self.beginning.company.name
        );
        self.beginning.common.publisher.fault(ConfigFault {
            file: self.beginning.common.index_file.clone(),
            line: None,
            field: self.id.clone(),
            message,
        });
        self.beginning.memory.ask(Job::Forget);
    }

    /// Waits for this reason now.
    fn wait(&mut self, why: Why) {
        let before = self.snapshot();
        self.state = State::Waiting(why);
        self.bridge(&before);
        self.stand();
    }

    /// From waiting to a session, which goes on where interfaces left off.
    async fn run_session(&mut self, recalled: Recalled) {
        let before = self.snapshot();
        self.archive = Some(recalled.archive.clone());
        self.state = self.session(Some(recalled));
        self.bridge(&before);
        self.feed(Input::Watching(self.watching)).await;
        self.stand();
    }

    fn session(&self, recalled: Option<Recalled>) -> State {
        let deployment = match &self.beginning.reach {
            Ok((deployment, _)) => deployment,
            Err(fault) => return State::Waiting(Why::Company(fault.clone())),
        };
        let mut particulars = self.beginning.particulars.clone();
        let transport = match deployment.transport(particulars.seed) {
            Ok(transport) => transport,
            Err(problems) => {
                let detail = problems.first().map(ToString::to_string).unwrap_or_default();
                return State::Waiting(Why::Company(Fault::with_detail(FaultCode::FieldBad, detail)));
            }
        };
        if let Some(recalled) = recalled {
            particulars.token = recalled.token;
            particulars.stored = recalled.stored;
        }
        State::Running(Box::new(Session::new(deployment.setup(particulars), transport)))
    }

    /// Publishes what differs from an earlier snapshot, which had no items: while there is no session there are none.
    fn bridge(&mut self, before: &Snapshot) {
        let base = before.seq;
        self.seq = base;
        let after = self.snapshot();
        let mut changes = Vec::new();
        if !after.items.is_empty() {
            let mut above = None;
            let put = after.items.iter().map(|item| {
                let after = above.replace(item.id.clone());
                Placed { after, item: Arc::clone(item) }
            });
            changes.push(Change::Items(ItemsChange { removed: Vec::new(), put: put.collect() }));
        }
        if before.people != after.people {
            changes.push(Change::People(after.people));
        }
        if before.unread != after.unread {
            changes.push(Change::Unread(after.unread));
        }
        if before.abilities != after.abilities {
            changes.push(Change::Abilities(after.abilities));
        }
        if before.banner != after.banner {
            changes.push(Change::Banner(after.banner));
        }
        if before.phase != after.phase {
            changes.push(Change::Phase(after.phase));
        }
        if before.link != after.link {
            changes.push(Change::Link(after.link));
        }
        if before.memory != after.memory {
            changes.push(Change::Memory(after.memory));
        }
        if before.history != after.history {
            changes.push(Change::History(after.history));
        }
        if before.fault != after.fault {
            changes.push(Change::Fault(after.fault));
        }
        for change in changes {
            self.seq += 1;
            let update = Update { conversation: self.id.clone(), seq: self.seq, change };
            self.beginning.common.publisher.send(Published::Update(update));
        }
    }

    async fn feed_report(&mut self, report: Report) {
        let input = match report {
            Report::Ended(call, result) => Input::Reply { call, result },
            Report::Sent(call, sent) => Input::Progress { call, sent },
        };
        self.feed(input).await;
    }

    async fn feed_or_refuse(&mut self, input: Input) -> Result<(), Fault> {
        if let State::Waiting(why) = &self.state {
            return Err(why.fault());
        }
        self.feed(input).await.map_or(Ok(()), Err)
    }

    /// One input in, everything out, in order. Gives back why a command was not carried out. What has to be kept is kept
    /// before anything else happens; see the session's ledger.
    async fn feed(&mut self, input: Input) -> Option<Fault> {
        let mut next = Some(input);
        let mut refused = None;
        while let Some(input) = next.take() {
            let now = self.beginning.common.clock.now();
            let State::Running(session) = &mut self.state else { return None };
            session.handle(now, input);
            while let Some(output) = self.output() {
                match output {
                    Output::Commit(commit) => {
                        next = Some(Input::Committed(self.commit(commit).await));
                        break;
                    }
                    Output::Recall { before, count, until } => {
                        next = Some(self.recall(before, count, until).await);
                        break;
                    }
                    Output::Refused(fault) => refused = Some(fault),
                    output => self.carry_out(output),
                }
            }
        }
        self.stand();
        refused
    }

    fn output(&mut self) -> Option<Output> {
        match &mut self.state {
            State::Running(session) => session.poll(),
            State::Waiting(_) => None,
        }
    }

    fn carry_out(&mut self, output: Output) {
        match output {
            Output::Call(call) => {
                if let Ok((_, network)) = &self.beginning.reach {
                    self.calls.start(network, &self.beginning.common.budgets, call);
                }
            }
            Output::Cancel(call) => self.calls.cancel(call),
            Output::Open(call) => {
                if let Ok((_, network)) = &self.beginning.reach {
                    self.sockets.open(network, &self.beginning.common.budgets, call);
                }
            }
            Output::Say(socket, frame) => self.sockets.say(socket, frame),
            Output::Shut(socket) => self.sockets.shut(socket),
            Output::Remember(token) => self.beginning.memory.ask(Job::Remember(token)),
            Output::Forget => self.beginning.memory.ask(Job::Forget),
            Output::Update(mut update) => {
                update.seq += self.seq;
                self.beginning.common.publisher.send(Published::Update(update));
            }
            Output::Notify(notice) => self.beginning.common.publisher.send(Published::Notice(notice)),
            Output::Media { item, content } => {
                self.keep_media(&item, &content);
                for waiting in self.media.remove(&item).unwrap_or_default() {
                    let _ = waiting.send(content.clone());
                }
            }
            Output::CloseWindow => {
                let conversation = self.id.clone();
                self.beginning.common.publisher.send(Published::CloseWindow { conversation });
            }
            // Answered where they are taken out.
            Output::Commit(_) | Output::Recall { .. } | Output::Refused(_) => {}
        }
    }

    /// The archive that this conversation is written to.
    async fn archive(&mut self) -> Archive {
        if let Some(archive) = &self.archive {
            return archive.clone();
        }
        let shelf = &self.beginning.shelf;
        let archive = if self.beginning.lasts { shelf.archive().await } else { shelf.fleeting() };
        self.archive.insert(archive).clone()
    }

    async fn commit(&mut self, commit: Arc<Commit>) -> Result<(), FaultCode> {
        let id = self.id.clone();
        self.in_archive(move |archive| archive.commit(&id, &commit)).await.map_err(|refused| {
            tracing::warn!(conversation = self.id, %refused, "a conversation cannot be kept");
            refused.code()
        })
    }

    async fn recall(&mut self, before: Place, count: usize, until: Option<String>) -> Input {
        let id = self.id.clone();
        let page = self
            .in_archive(move |archive| match until {
                Some(item) => archive.since(&id, &item, before),
                None => archive.page(&id, before, count).map(Some),
            })
            .await;
        let (rows, more): (Vec<StoredRow>, bool) = match page {
            Ok(Some(page)) => (page.rows, page.more),
            // Not there: nothing is known of what is.
            Ok(None) => (Vec::new(), true),
            Err(refused) => {
                tracing::warn!(conversation = self.id, %refused, "older messages cannot be read");
                (Vec::new(), true)
            }
        };
        Input::Recalled { rows, more }
    }

    /// A picture that was seen before is shown without asking anybody.
    async fn show_media(&mut self, item: String, answer: oneshot::Sender<Result<Media, Fault>>) {
        let (id, name) = (self.id.clone(), item.clone());
        let kept = self.in_archive(move |archive| archive.picture(&id, &name)).await;
        if let Ok(Some(media)) = kept {
            let _ = answer.send(Ok(media));
            return;
        }
        self.media.entry(item.clone()).or_default().push(answer);
        self.feed(Input::Media { item }).await;
    }

    /// Keeps a picture for later. That it cannot be kept is no matter: the service has it.
    fn keep_media(&self, item: &str, content: &Result<Media, Fault>) {
        if let (Ok(media), Some(archive)) = (content, &self.archive) {
            let (archive, id, item, media) =
                (archive.clone(), self.id.clone(), item.to_owned(), media.clone());
            tokio::task::spawn_blocking(move || {
                if let Err(refused) = archive.put_picture(&id, &item, &media) {
                    tracing::debug!(%refused, "a picture is not kept");
                }
            });
        }
    }

    async fn in_archive<T: Send + 'static>(
        &mut self,
        work: impl FnOnce(&Archive) -> Result<T, ArchiveError> + Send + 'static,
    ) -> Result<T, ArchiveError> {
        let archive = self.archive().await;
        let done = tokio::task::spawn_blocking(move || work(&archive)).await;
        done.unwrap_or_else(|broken| Err(ArchiveError::Io(broken.to_string())))
    }

    /// Tells the list where the conversation stands.
    fn stand(&self) {
        let standing = match &self.state {
            State::Waiting(_) => waiting::standing(&self.id, &self.beginning.company),
            State::Running(session) => Standing { row: session.row(), over: session.is_over() },
        };
        self.beginning.common.publisher.stand(&self.id, standing);
    }
}

async fn sleep(pause: Option<Duration>) {
    match pause {
        Some(pause) => tokio::time::sleep(pause).await,
        None => std::future::pending().await,
    }
}
