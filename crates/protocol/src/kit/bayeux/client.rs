//! The session with a server as its user has it: begun, hurried, woken up, and asked what it wants. What is due is done in `due.rs`,
//! and what comes is heard in `hearing.rs`.

use std::collections::VecDeque;
use std::time::Duration;

use super::advice::Advice;
use super::carrier::{Errand, Lane, Over, Way};
use super::jar::Jar;
use super::publishing::Post;
use super::{Options, Output, Trouble};
use crate::io::{Deadline, HeaderValue, IoFault, Moment, Now};
use crate::kit::backoff::{AT_ONCE, Backoff, Urgency, within};
use crate::kit::budget::Budget;
use crate::kit::calls::Calls;
use crate::kit::gates::Gates;
use crate::kit::queue;
use crate::token::Secret;

/// Connects that may follow each other without a pause, and how often there is one more. A server may answer the connect with each
/// delivery, and a burst of messages is not to become as large a burst of requests: what was missed comes with the next one.
pub(super) const CONNECTS: Budget = Budget::new(12, Duration::from_millis(250));
/// The same for handshakes.
pub(super) const HANDSHAKES: Budget = Budget::new(5, Duration::from_secs(2));
/// After a wake, what was on its way is given this long to be answered: its connection may be dead unnoticed.
pub(super) const GRACE: Duration = Duration::from_secs(2);

/// The client of one server, for one user.
#[derive(Debug)]
pub struct Client {
    pub(super) options: Options,
    pub(super) rng: fastrand::Rng,
    pub(super) calls: Calls<Errand>,
    pub(super) gates: Gates<Lane>,
    pub(super) jar: Jar,
    pub(super) way: Way,
    pub(super) state: State,
    pub(super) post: Post,
    pub(super) channels: Vec<String>,
    pub(super) last_message: u64,
    pub(super) last_socket: u64,
    pub(super) out: VecDeque<Output>,
    pub(super) advice: Advice,
    pub(super) backoff: Backoff,
    pub(super) failed: u32,
    pub(super) hurried: bool,
    pub(super) urgency: Urgency,
    pub(super) connects: Budget,
    pub(super) handshakes: Budget,
    /// What is wrong, since something worked last.
    pub(super) trouble: Option<Trouble>,
    /// Nothing is asked for any more but by its user.
    pub(super) quiet: bool,
    /// Something was fed in, and what is due has not been done since.
    pub(super) due: Option<Now>,
}

/// Where the session stands.
#[derive(Debug)]
pub(super) enum State {
    /// Nothing was asked for.
    Idle,
    /// The handshake is due then.
    Shake { due: Moment },
    /// The handshake is out.
    Shaking { message: String, over: Over, until: Option<Moment> },
    /// There is a session.
    Session(Session),
    /// All is said.
    Stopped,
}

#[derive(Debug)]
pub(super) struct Session {
    pub(super) client: Secret,
    pub(super) over: Over,
    pub(super) connect: Connect,
    /// The server answered the last connect well: what is published may leave.
    pub(super) proved: bool,
    /// It did so at least once.
    pub(super) worked: bool,
    /// The next connect is not to be held: it is to show that the session is there.
    pub(super) quick: bool,
    /// Last batch that was received, if they are numbered.
    pub(super) ack: Option<i64>,
    /// When the server was last heard.
    pub(super) heard: Moment,
}

#[derive(Debug)]
pub(super) enum Connect {
    Due(Moment),
    Out { message: String, since: Moment, until: Option<Moment>, quick: bool, brought: bool },
}

impl Client {
    /// A client that does nothing until it is started.
    #[must_use]
    pub fn new(options: Options, seed: u64) -> Self {
        let way = if options.socket.is_some() { Way::Socket } else { Way::Requests };
        Self {
            options,
            rng: fastrand::Rng::with_seed(seed),
            calls: Calls::default(),
            gates: Gates::default(),
            jar: Jar::default(),
            way,
            state: State::Idle,
            post: Post::default(),
            channels: Vec::new(),
            last_message: 0,
            last_socket: 0,
            out: VecDeque::new(),
            advice: Advice::default(),
            backoff: Backoff::default(),
            failed: 0,
            hurried: false,
            urgency: Urgency::default(),
            connects: CONNECTS,
            handshakes: HANDSHAKES,
            trouble: None,
            quiet: false,
            due: None,
        }
    }

    /// Begins, or begins again after having stopped; listening to these channels.
    pub fn start(&mut self, now: Now, channels: Vec<String>) {
        if matches!(self.state, State::Idle | State::Stopped) {
            self.channels = channels;
            self.advice = Advice::default();
            self.failed = 0;
            self.post.leaving = false;
            self.quiet = false;
            self.state = State::Shake { due: now.at };
        }
        self.due = Some(now);
    }

    /// Makes no further connects and handshakes, for whoever is about to leave. What is on its way is still heard, and what is
    /// published still leaves.
    pub fn quiet(&mut self) {
        self.quiet = true;
    }

    /// Whether there is a session in which the server answers.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        matches!(&self.state, State::Session(session) if session.proved)
    }

    /// The cookies for a request for this path of the server, made by somebody else in the name of this client.
    #[must_use]
    pub fn cookies(&self, path: &str) -> Option<(String, HeaderValue)> {
        self.jar.header(path)
    }

    /// Takes in what such a request was answered with.
    pub fn take_cookies(&mut self, path: &str, set: &[Secret]) {
        self.jar.take(path, set);
    }

    /// How much depends on the connection from here on: a try that is due later is made within a second if somebody waits for it.
    pub fn urgency(&mut self, now: Now, urgency: Urgency) {
        self.urgency = urgency;
        if urgency == Urgency::Watched && self.failed > 0 {
            let by = now.at.after(within(AT_ONCE, &mut self.rng));
            self.bring_forward(by);
        }
        self.due = Some(now);
    }

    /// Tries now what would be tried later. A gate that the server has shut stays so.
    pub fn try_now(&mut self, now: Now) {
        if self.failed > 0 {
            self.backoff.anew();
            self.bring_forward(now.at);
        }
        self.due = Some(now);
    }

    /// The computer slept or the network is another: no open connection can be trusted.
    pub fn wake(&mut self, now: Now) {
        self.backoff.anew();
        self.doubt_posts(now);
        let asked_for_socket = self.options.socket.is_some();
        // What was said on a socket that is given up may still arrive, and nobody would know when: if something has no answer yet,
        // the socket has a moment to bring it.
        if matches!(self.way, Way::Open(_)) && self.waits_on_socket() {
            self.due = Some(now);
            return;
        }
        if let Way::Open(id) | Way::Opening(id) = self.way {
            self.out.push_back(Output::Shut(id));
            self.socket_is_gone(&Trouble::Io(IoFault::Timeout));
        }
        match &mut self.state {
            State::Shaking { .. } => {
                self.cancel(|errand| matches!(errand, Errand::Handshake { .. }));
                self.state = State::Shake { due: now.at };
            }
            State::Session(session) => {
                session.quick = true;
                // What was under way on the connection that is given up is lost: whoever reads has to read again.
                session.proved = false;
                session.connect = Connect::Due(now.at);
                self.cancel(|errand| matches!(errand, Errand::Connect { .. }));
                self.out.push_back(Output::Gap);
            }
            State::Shake { .. } => self.bring_forward(now.at),
            State::Idle | State::Stopped => {}
        }
        // Another network may let sockets through; a session that lives on requests goes on so.
        if asked_for_socket {
            self.way = Way::Socket;
        }
        self.hurried = true;
        self.due = Some(now);
    }

    fn bring_forward(&mut self, by: Moment) {
        let due = match &mut self.state {
            State::Shake { due } => due,
            State::Session(Session { connect: Connect::Due(due), .. }) => due,
            _ => return,
        };
        if by < *due {
            *due = by;
            self.hurried = true;
        }
    }

    /// Time has passed.
    pub fn tick(&mut self, now: Now) {
        self.due = Some(now);
    }

    /// The next thing to do or to know, until there is none.
    pub fn poll(&mut self) -> Option<Output> {
        // Whoever hears what came may want nothing more: so it is told before anything follows from it.
        if self.out.is_empty()
            && let Some(now) = self.due.take()
        {
            self.go_on(now);
        }
        queue::next(&mut self.out)
    }

    /// When to tick at the latest.
    #[must_use]
    pub fn deadline(&self) -> Option<Deadline> {
        let step = match &self.state {
            State::Idle | State::Stopped => None,
            State::Shake { .. } | State::Session(Session { connect: Connect::Due(_), .. }) if self.quiet => {
                None
            }
            State::Shake { .. } if matches!(self.way, Way::Opening(_)) => None,
            State::Shake { due } => {
                let opens = self.gates.opens(&Lane::Handshake).max(self.handshakes.opens(Moment(0)));
                Some(Deadline { at: (*due).max(opens), why: "handshake" })
            }
            State::Shaking { until, .. } => until.map(|at| Deadline { at, why: "patience with a handshake" }),
            State::Session(session) => match &session.connect {
                Connect::Due(_) if session.over == Over::Socket && matches!(self.way, Way::Opening(_)) => {
                    None
                }
                Connect::Due(due) => {
                    let opens = self.gates.opens(&Lane::Connect).max(self.connects.opens(Moment(0)));
                    Some(Deadline { at: (*due).max(opens), why: "connect" })
                }
                Connect::Out { until, .. } => until.map(|at| Deadline { at, why: "patience with a connect" }),
            },
        };
        Deadline::earlier(step, self.post_deadline())
    }
}
