//! The task that owns one conversation: it feeds the session one input at a time, carries out what the session asks for, and
//! publishes what changed. It waits for calls, for the password store and for the clock at once, and never for one of them alone.

use std::future::poll_fn;
use std::ops::ControlFlow;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use envoi_protocol::attention::Watching;
use envoi_protocol::event::Media;
use envoi_protocol::fault::{Fault, FaultCode};
use envoi_protocol::seed::Seed;
use envoi_protocol::session::{Input, Output, Session, Setup};
use envoi_protocol::stored::{Commit, Place, StoredRow};
use envoi_protocol::transport::{SettingsError, Transport};
use envoi_protocol::view::{Command, ConfigFault, DeploymentView, Snapshot, Update};
use futures_channel::mpsc;
use futures_util::future::BoxFuture;
use futures_util::{FutureExt as _, StreamExt as _};
use tokio::sync::oneshot;
use tokio::time::{Instant, Sleep};

use super::calls::Calls;
use super::memory::{Done, Job, Memory, Recalled};
use super::sign_ins::SignIns;
use super::sockets::Sockets;
use super::waiting::{self, Why};
use super::{Ask, Conversation};
use crate::archive::shelf::Shelf;
use crate::archive::{Archive, ArchiveError};
use crate::clock::Clock;
use crate::deployments::{Deployment, Particulars};
use crate::net::Network;
use crate::net::budgets::Budgets;
use crate::net::sign_in::Page;
use crate::published::{Published, Publisher, Standing};

mod bridge;
mod farewell;
mod kept;

/// Least wait for a deadline.
const LEAST: Duration = Duration::from_millis(1);

/// What a conversation begins from.
#[derive(Debug)]
pub(crate) struct Beginning {
    pub(crate) common: Arc<Common>,
    pub(crate) memory: Memory,
    /// As interfaces see the company, also when it is gone from the configuration.
    pub(crate) company: Arc<DeploymentView>,
    /// The company and the way to it, or why there is none.
    pub(crate) reach: Result<(Arc<Deployment>, Arc<dyn Network>), Fault>,
    pub(crate) particulars: Particulars,
    /// Whether it was kept and has to be read first.
    pub(crate) recall: bool,
    /// Where what is said is kept.
    pub(crate) shelf: Shelf,
    /// Whether it is to outlive the program.
    pub(crate) lasts: bool,
}

/// What all conversations of a profile share.
#[derive(Debug)]
pub(crate) struct Common {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) publisher: Arc<Publisher>,
    pub(crate) budgets: Arc<Budgets>,
    /// What the browser shows to whoever has signed in.
    pub(crate) sign_in_page: Arc<Page>,
    /// Path of the list of conversations, for when one of them has lost its token.
    pub(crate) index_file: String,
}

/// Starts the task of a conversation.
pub(crate) fn begin(beginning: Beginning) -> Conversation {
    let (wishes, asked) = mpsc::unbounded();
    let handle = Conversation::new(&beginning.particulars.conversation, &beginning.company.id, wishes);
    let mut owner = Box::new(Owner {
        state: State::Waiting(Why::Asking),
        seq: 0,
        watching: Watching::default(),
        calls: Calls::default(),
        sockets: Sockets::default(),
        sign_ins: SignIns::default(),
        media: Vec::new(),
        archive: None,
        asked,
        waits: false,
        beginning,
    });
    owner.open();
    tokio::spawn(owner.run());
    handle
}

#[derive(Debug)]
struct Owner {
    beginning: Beginning,
    state: State,
    /// Number of the last update that was published while waiting; the session's own numbers are counted from there.
    seq: u64,
    watching: Watching,
    calls: Calls,
    sockets: Sockets,
    sign_ins: SignIns,
    /// Who waits for the content of which item.
    media: Vec<(String, oneshot::Sender<Result<Media, Fault>>)>,
    /// Where this conversation is written, once that is known.
    archive: Option<Archive>,
    asked: mpsc::UnboundedReceiver<Ask>,
    /// Something has to happen by itself, when the alarm is set to.
    waits: bool,
}

/// What an owner waits for, all at once.
#[derive(Debug)]
enum Happening {
    Asked(Ask),
    Remembered(Done),
    Fed(Input),
    /// Nobody wants it any more; whoever asked for the end waits for it.
    Ends(Option<oneshot::Sender<()>>),
}

/// What came of an input.
#[derive(Debug, Default)]
struct Course {
    /// Something was kept or told.
    moved: bool,
    /// Why a command was not carried out.
    refused: Option<Fault>,
}

/// What the session waits for before anything else is fed in.
#[derive(Debug)]
enum Pending {
    Commit(Arc<Commit>),
    Recall { before: Place, count: usize, until: Option<String> },
}

#[derive(Debug)]
enum State {
    Waiting(Why),
    Running(Box<Session>),
}

impl Owner {
    fn id(&self) -> &str {
        &self.beginning.particulars.conversation
    }

    /// The first thing: a new conversation runs at once, a kept one reads its token. Nobody has seen anything of it yet.
    fn open(&mut self) {
        if self.beginning.recall {
            self.beginning.memory.ask(Job::Recall);
        } else {
            self.state = self.session(None);
        }
        self.stand();
    }

    fn run(self: Box<Self>) -> impl Future<Output = ()> + Send {
        let mut owner = self;
        // What stands here is there as long as the conversation is. What it takes to wait for the archive has several times the size.
        async move {
            // One alarm that is set on, which costs next to nothing: another one each time something happens would be taken out of
            // the runtime's list and put into it again.
            let mut alarm = pin!(tokio::time::sleep(Duration::ZERO));
            loop {
                owner.set(alarm.as_mut());
                let happening = poll_fn(|context| owner.poll_next(context, alarm.as_mut())).await;
                let Some(work) = owner.meet(happening) else { continue };
                if work.await.is_break() {
                    return;
                }
            }
        }
    }

    /// The next thing that happens. The clock goes first: others may have something to say all the time.
    fn poll_next(&mut self, context: &mut Context<'_>, alarm: Pin<&mut Sleep>) -> Poll<Happening> {
        if self.waits && alarm.poll(context).is_ready() {
            return Poll::Ready(Happening::Fed(Input::Tick));
        }
        if let Poll::Ready(ask) = self.asked.poll_next_unpin(context) {
            return Poll::Ready(match ask {
                Some(Ask::Close(answer)) => Happening::Ends(Some(answer)),
                Some(ask) => Happening::Asked(ask),
                None => Happening::Ends(None),
            });
        }
        if let Poll::Ready(done) = self.beginning.memory.poll_next(context) {
            return Poll::Ready(Happening::Remembered(done));
        }
        if let Poll::Ready(report) = self.calls.poll_next(context) {
            return Poll::Ready(Happening::Fed(report.input()));
        }
        if let Poll::Ready((call, event)) = self.sign_ins.poll_next(context) {
            return Poll::Ready(Happening::Fed(Input::SignIn { call, event }));
        }
        self.sockets.poll_next(context).map(|(socket, event)| Happening::Fed(Input::Socket { socket, event }))
    }

    /// Deals with what happened, at once if it can be done, and otherwise gives back what is to be done before anything else. Nearly
    /// all that happens to a conversation in which nobody writes is an echo, a ping, a poll.
    fn meet(&mut self, happening: Happening) -> Option<BoxFuture<'_, ControlFlow<()>>> {
        match happening {
            Happening::Fed(input) => {
                let mut course = Course::default();
                let Some(pending) = self.follow(input, &mut course) else {
                    self.arrive(&course);
                    return None;
                };
                Some(Box::pin(async move {
                    self.see_through(pending, &mut course).await;
                    self.arrive(&course);
                    ControlFlow::Continue(())
                }))
            }
            Happening::Asked(ask) => Some(Box::pin(self.answer(ask).map(ControlFlow::Continue))),
            Happening::Remembered(done) => Some(Box::pin(self.done(done).map(ControlFlow::Continue))),
            Happening::Ends(answer) => Some(Box::pin(self.wind_up(answer).map(ControlFlow::Break))),
        }
    }

    /// Sets the alarm to when something has to happen by itself.
    fn set(&mut self, alarm: Pin<&mut Sleep>) {
        let deadline = match &self.state {
            State::Running(session) => session.deadline(),
            State::Waiting(_) => None,
        };
        self.waits = deadline.is_some();
        let Some(deadline) = deadline else { return };
        // A deadline that has passed is met at once, but never in a busy loop.
        let pause = deadline.at.since(self.beginning.common.clock.now().at).max(LEAST);
        let (due, set) = (Instant::now() + pause, alarm.deadline());
        // The machine's clock counts whole milliseconds: it may be the moment that was meant before.
        if alarm.is_elapsed() || due.max(set).duration_since(due.min(set)) >= LEAST {
            alarm.reset(due);
        }
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
            Ask::Media(item, url, answer) => {
                if let State::Waiting(why) = &self.state {
                    let _ = answer.send(Err(why.fault()));
                } else {
                    self.show_media(item, url, answer).await;
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
            Ask::Expired { before, any } => {
                self.feed(Input::Expired { before, any }).await;
            }
            Ask::Returned(company, network) => self.returned(company, network).await,
            Ask::Withdrawn(company, why) => self.withdrawn(company, why).await,
            Ask::Replaced => self.replaced().await,
            Ask::Delete(answer) => {
                // The session is not fed any more: nothing of it may be written again.
                self.state = State::Waiting(Why::Asking);
                self.beginning.memory.ask(Job::Delete);
                let (id, fleeting) = (self.id().to_owned(), self.beginning.shelf.fleeting());
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
            State::Waiting(why) => waiting::snapshot(self.id(), &self.beginning.company, why, self.seq),
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
                tracing::warn!(conversation = self.id(), %refused, "a kept conversation cannot be opened yet");
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
            field: self.id().to_owned(),
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
        let mut before = self.snapshot();
        if self.is_shelved() {
            // What the company looks like is told by snapshots alone: a number is left out, so that every view asks for one.
            before.seq += 1;
        }
        self.archive = Some(recalled.archive.clone());
        self.state = self.session(Some(recalled));
        self.bridge(&before);
        self.feed(Input::Watching(self.watching)).await;
        self.stand();
    }

    fn session(&self, recalled: Option<Recalled>) -> State {
        let mut particulars = self.beginning.particulars.clone();
        if let Some(recalled) = recalled {
            particulars.token = recalled.token;
            particulars.stored = recalled.stored.map(Box::new);
        }
        let setup = match &self.beginning.reach {
            Ok((deployment, _)) => deployment.setup(particulars),
            Err(_) => particulars.shelved(self.beginning.company.clone()),
        };
        State::Running(Box::new(self.over(setup)))
    }

    /// A session over the service's machine, or over none if there is no way to the service.
    fn over(&self, setup: Setup) -> Session {
        match self.transport(&setup.seed) {
            Ok(transport) => Session::new(setup, transport),
            Err(why) => Session::shelved(setup, why),
        }
    }

    /// The machine that speaks to the company, or why there is none.
    fn transport(&self, seed: &Seed) -> Result<Box<dyn Transport>, Fault> {
        let (deployment, _) = self.beginning.reach.as_ref().map_err(Clone::clone)?;
        let broken = |problems: Vec<SettingsError>| {
            let detail = problems.first().map(ToString::to_string).unwrap_or_default();
            Fault::with_detail(FaultCode::CompanyBroken, detail)
        };
        deployment.transport(seed).map_err(broken)
    }

    fn is_shelved(&self) -> bool {
        matches!(&self.state, State::Running(session) if session.is_shelved())
    }

    /// The company was removed: what was said can be read, and nothing more is asked of anybody.
    async fn withdrawn(&mut self, company: Arc<DeploymentView>, why: Fault) {
        self.beginning.company = company;
        self.beginning.reach = Err(why);
        self.begin_anew(Session::set_down, |owner, taken| {
            let Setup { token, stored, .. } = taken;
            let particulars = Particulars { token, stored, ..owner.beginning.particulars.clone() };
            particulars.shelved(owner.beginning.company.clone())
        })
        .await;
        self.stand();
    }

    /// The company is back, or was changed: what could only be read goes on, and everything goes on with what is right.
    async fn returned(&mut self, company: Arc<Deployment>, network: Arc<dyn Network>) {
        self.beginning.company = Arc::clone(&company.view);
        self.beginning.reach = Ok((company, network));
        if self.is_shelved() && self.beginning.lasts {
            // Until the token is read it can still be read only.
            self.beginning.memory.ask(Job::Recall);
        } else {
            self.begin_anew(Session::set_down, |owner, taken| match &owner.beginning.reach {
                Ok((company, _)) => {
                    let Setup { token, stored, preferences, keeps, .. } = taken;
                    let setup = company.setup(owner.beginning.particulars.clone());
                    Setup { token, stored, preferences, keeps, ..setup }
                }
                Err(_) => taken,
            })
            .await;
            self.stand();
        }
    }

    /// Publishes what differs from an earlier snapshot.
    fn bridge(&mut self, before: &Snapshot) {
        self.seq = before.seq;
        let after = self.snapshot();
        for change in bridge::changes(before, after) {
            self.seq += 1;
            let update = Update { conversation: self.id().to_owned(), seq: self.seq, change };
            self.beginning.common.publisher.send(Published::Update(update));
        }
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
        let mut course = Course::default();
        if let Some(pending) = self.follow(input, &mut course) {
            self.see_through(pending, &mut course).await;
        }
        self.arrive(&course);
        course.refused
    }

    /// One input in, and out whatever follows from it, up to what has to be waited for.
    fn follow(&mut self, input: Input, course: &mut Course) -> Option<Pending> {
        let State::Running(session) = &mut self.state else { return None };
        session.handle(self.beginning.common.clock.now(), input);
        while let Some(output) = self.output() {
            course.moved |= matches!(output, Output::Commit(_) | Output::Update(_));
            match output {
                Output::Commit(commit) => return Some(Pending::Commit(commit)),
                Output::Recall { before, count, until } => {
                    return Some(Pending::Recall { before, count, until });
                }
                Output::Refused(fault) => course.refused = Some(fault),
                output => self.carry_out(output),
            }
        }
        None
    }

    /// Waits for what has to be waited for, and for what follows from that.
    async fn see_through(&mut self, pending: Pending, course: &mut Course) {
        let mut next = Some(pending);
        while let Some(pending) = next.take() {
            let input = match pending {
                Pending::Commit(commit) => Input::Committed(self.commit(commit).await),
                Pending::Recall { before, count, until } => self.recall(before, count, until).await,
            };
            next = self.follow(input, course);
        }
    }

    /// All that follows from an input has happened. Whatever the list shows of a conversation is kept or told when it changes, and
    /// most of what comes changes nothing: the next poll, an echo.
    fn arrive(&self, course: &Course) {
        if course.moved {
            self.stand();
        }
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
            Output::Cancel(call) => {
                self.calls.cancel(call);
                self.sign_ins.cancel(call);
            }
            Output::SignIn(call) => {
                self.sign_ins.start(call, Arc::clone(&self.beginning.common.sign_in_page));
            }
            Output::Browse(address) => {
                let conversation = self.id().to_owned();
                self.beginning.common.publisher.send(Published::Browse { conversation, address });
            }
            Output::Open(call) => {
                if let Ok((_, network)) = &self.beginning.reach {
                    self.sockets.open(network, &self.beginning.common.budgets, call);
                }
            }
            Output::Say(socket, frame) => self.sockets.say(socket, frame),
            Output::Shut(socket) => self.sockets.shut(socket),
            Output::Cut(socket) => self.sockets.cut(socket),
            Output::Remember(token) => self.beginning.memory.ask(Job::Remember(token)),
            Output::Forget => self.beginning.memory.ask(Job::Forget),
            Output::Update(mut update) => {
                update.seq += self.seq;
                self.beginning.common.publisher.send(Published::Update(update));
            }
            Output::Notify(notice) => self.beginning.common.publisher.send(Published::Notice(notice)),
            Output::Media { item, content } => {
                self.keep_media(&item, &content);
                let all = std::mem::take(&mut self.media);
                let (asked, others) = all.into_iter().partition(|(of, _)| *of == item);
                self.media = others;
                let asked: Vec<_> = asked;
                for (_, waiting) in asked {
                    let _ = waiting.send(content.clone());
                }
            }
            Output::CloseWindow => {
                let conversation = self.id().to_owned();
                self.beginning.common.publisher.send(Published::CloseWindow { conversation });
            }
            // Answered where they are taken out.
            Output::Commit(_) | Output::Recall { .. } | Output::Refused(_) => {}
        }
    }

    /// Tells the list where the conversation stands.
    fn stand(&self) {
        let standing = match &self.state {
            State::Waiting(_) => waiting::standing(self.id(), &self.beginning.company),
            State::Running(session) => Standing { row: session.row(), over: session.is_over() },
        };
        self.beginning.common.publisher.stand(self.id(), standing);
    }
}
