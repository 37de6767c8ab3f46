//! The task that owns one conversation: it feeds the session one input at a time, carries out what the session asks for, and
//! publishes what changed. It waits for calls, for the password store and for the clock at once, and never for one of them alone.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use envoi_protocol::attention::Watching;
use envoi_protocol::event::Media;
use envoi_protocol::fault::{Fault, FaultCode};
use envoi_protocol::session::{Input, Kept, Output, Session};
use envoi_protocol::token::ResumeToken;
use envoi_protocol::view::{Change, Command, ConfigFault, DeploymentView, Snapshot, Update};
use tokio::sync::{mpsc, oneshot};

use super::calls::Calls;
use super::memory::{Done, Job, Memory};
use super::waiting::{self, Why};
use super::{Ask, Conversation};
use crate::clock::Clock;
use crate::deployments::{Deployment, Particulars};
use crate::net::Network;
use crate::net::budgets::Budgets;
use crate::published::{Published, Publisher, Standing};
use crate::transcript;

/// How many wishes may wait for the owner.
const WISHES: usize = 64;

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
    /// Whether a token was kept and has to be read first.
    pub(crate) recall: bool,
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
        media: HashMap::new(),
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
    media: HashMap<String, Vec<oneshot::Sender<Result<Media, Fault>>>>,
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
                    Some(ask) => self.answer(ask),
                    None => break None,
                },
                (call, result) = self.calls.next() => {
                    self.feed(Input::Reply { call, result });
                }
                done = self.beginning.memory.next() => self.done(done),
                () = sleep(pause) => {
                    self.feed(Input::Tick);
                }
            }
        };
        self.calls.cancel_all();
        while self.beginning.memory.is_busy() {
            self.beginning.memory.next().await;
        }
        if let Some(answer) = closed {
            // Whoever asked may have gone.
            let _ = answer.send(());
        }
    }

    /// How long nothing has to happen by itself.
    fn pause(&self) -> Option<Duration> {
        let State::Running(session) = &self.state else { return None };
        let deadline = session.deadline()?;
        // A deadline that has passed is met at once, but never in a busy loop.
        Some(deadline.at.since(self.beginning.common.clock.now().at).max(Duration::from_millis(1)))
    }

    fn answer(&mut self, ask: Ask) {
        // An answer nobody waits for any more is dropped: the interface went away.
        match ask {
            Ask::Command(Command::TryNow, answer) if matches!(self.state, State::Waiting(_)) => {
                let _ = answer.send(self.recall_again());
            }
            Ask::Command(command, answer) => {
                let _ = answer.send(self.feed_or_refuse(Input::Command(command)));
            }
            Ask::Attach(attachment, answer) => {
                let _ = answer.send(self.feed_or_refuse(Input::Attach(attachment)));
            }
            Ask::Media(item, answer) => {
                if let State::Waiting(why) = &self.state {
                    let _ = answer.send(Err(why.fault()));
                } else {
                    self.media.entry(item.clone()).or_default().push(answer);
                    self.feed(Input::Media { item });
                }
            }
            Ask::Snapshot(answer) => {
                let _ = answer.send(self.snapshot());
            }
            Ask::Transcript(answer) => {
                let _ = answer.send(transcript::text(&self.snapshot(), &jiff::tz::TimeZone::system()));
            }
            Ask::Unsent(answer) => {
                let unsent = matches!(&self.state, State::Running(session) if session.has_unsent());
                let _ = answer.send(unsent);
            }
            Ask::Watching(watching) => {
                if self.watching != watching {
                    self.watching = watching;
                    self.feed(Input::Watching(watching));
                }
            }
            Ask::Preferences(preferences) => {
                self.beginning.particulars.preferences = preferences;
                self.feed(Input::Preferences(preferences));
            }
            Ask::Wake => {
                self.feed(Input::Wake);
            }
            Ask::Forget(answer) => {
                self.beginning.memory.ask(Job::Forget);
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

    fn done(&mut self, done: Done) {
        match done {
            Done::Remembered(result) => {
                self.feed(Input::Remembered(result));
            }
            Done::Recalled(result) => match result {
                Ok(Some(token)) => self.run_session(Some(token)),
                Ok(None) => self.lost(),
                Err(refused) => {
                    tracing::warn!(conversation = self.id, %refused, "a kept conversation cannot be opened yet");
                    self.wait(Why::Keyring(refused.fault()));
                }
            },
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
        self.run_session(None);
    }

    /// Waits for this reason now.
    fn wait(&mut self, why: Why) {
        let before = self.snapshot();
        self.state = State::Waiting(why);
        self.bridge(&before);
        self.stand();
    }

    /// From waiting to a session, which goes on where interfaces left off.
    fn run_session(&mut self, token: Option<ResumeToken>) {
        let before = self.snapshot();
        self.state = self.session(token);
        self.bridge(&before);
        self.feed(Input::Watching(self.watching));
        self.stand();
    }

    fn session(&self, token: Option<ResumeToken>) -> State {
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
        if token.is_none() {
            // What was noted belongs to a chat that is not this one.
            particulars.kept = Kept::default();
        }
        particulars.token = token;
        State::Running(Box::new(Session::new(deployment.setup(particulars), transport)))
    }

    /// Publishes what differs from an earlier snapshot; items cannot, while there is no session there are none.
    fn bridge(&mut self, before: &Snapshot) {
        let base = before.seq;
        self.seq = base;
        let after = self.snapshot();
        let mut changes = Vec::new();
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

    fn feed_or_refuse(&mut self, input: Input) -> Result<(), Fault> {
        if let State::Waiting(why) = &self.state {
            return Err(why.fault());
        }
        self.feed(input).map_or(Ok(()), Err)
    }

    /// One input in, everything out, in order. Gives back why a command was not carried out.
    fn feed(&mut self, input: Input) -> Option<Fault> {
        let State::Running(session) = &mut self.state else { return None };
        session.handle(self.beginning.common.clock.now(), input);
        let mut refused = None;
        while let Some(output) = session.poll() {
            match output {
                Output::Call(call) => {
                    if let Ok((_, network)) = &self.beginning.reach {
                        self.calls.start(network, &self.beginning.common.budgets, call);
                    }
                }
                Output::Cancel(call) => self.calls.cancel(call),
                Output::Remember(token) => self.beginning.memory.ask(Job::Remember(token)),
                Output::Forget => self.beginning.memory.ask(Job::Forget),
                Output::Keep(kept) => self.beginning.memory.ask(Job::Keep(kept)),
                Output::Update(mut update) => {
                    update.seq += self.seq;
                    self.beginning.common.publisher.send(Published::Update(update));
                }
                Output::Notify(notice) => self.beginning.common.publisher.send(Published::Notice(notice)),
                Output::Media { item, content } => {
                    for waiting in self.media.remove(&item).unwrap_or_default() {
                        let _ = waiting.send(content.clone());
                    }
                }
                Output::Refused(fault) => refused = Some(fault),
                Output::CloseWindow => {
                    let conversation = self.id.clone();
                    self.beginning.common.publisher.send(Published::CloseWindow { conversation });
                }
            }
        }
        self.stand();
        refused
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
