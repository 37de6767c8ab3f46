//! The session with a server: shaking hands, connecting over and over, and what follows from each answer.

use std::collections::VecDeque;
use std::time::Duration;

use super::advice::{Advice, Reconnect};
use super::carrier::{Errand, Lane, Over, Way};
use super::jar::Jar;
use super::message::{self, Message};
use super::publishing::Post;
use super::{Delivery, Options, Outcome, Output, Trouble};
use crate::io::{CallId, Deadline, HeaderValue, HttpReply, IoFault, Moment, Now, SocketEvent, SocketId};
use crate::kit::backoff::{AT_ONCE, Backoff, Urgency, within};
use crate::kit::budget::Budget;
use crate::kit::calls::Calls;
use crate::kit::gates::Gates;
use crate::token::Secret;

/// Connects that may follow each other without a pause, and how often there is one more. A server may answer the connect with each
/// delivery, and a burst of messages is not to become as large a burst of requests: what was missed comes with the next one.
pub(super) const CONNECTS: Budget = Budget::new(16, Duration::from_millis(250));
/// The same for handshakes.
pub(super) const HANDSHAKES: Budget = Budget::new(5, Duration::from_secs(2));
/// Least pause after a connect that was answered at once and brought nothing.
const PAUSE: Duration = Duration::from_secs(1);
/// After a wake, what was on its way is given this long to be answered: its connection may be dead unnoticed.
pub(super) const GRACE: Duration = Duration::from_secs(2);
/// A connect that was made less long ago tells as much as a new one would.
const DOUBT: Duration = Duration::from_secs(3);
/// Pause after a request to slow down that names no time.
const UNNAMED: Duration = Duration::from_secs(3);

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
    advice: Advice,
    backoff: Backoff,
    failed: u32,
    hurried: bool,
    urgency: Urgency,
    connects: Budget,
    handshakes: Budget,
    /// What is wrong, since something worked last.
    pub(super) trouble: Option<Trouble>,
    /// Nothing is asked for any more but by its user.
    quiet: bool,
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
    worked: bool,
    /// The next connect is not to be held: it is to show that the session is there.
    quick: bool,
    /// Last batch that was received, if they are numbered.
    ack: Option<i64>,
    /// When the server was last heard.
    heard: Moment,
}

#[derive(Debug)]
pub(super) enum Connect {
    Due(Moment),
    Out { message: String, since: Moment, until: Option<Moment>, quick: bool, brought: bool },
}

/// What a failure is answered with, after a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Again {
    Handshake,
    Connect,
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

    /// Reports the end of a call. Tells whether it was one of this client's.
    pub fn reply(&mut self, now: Now, call: CallId, result: Result<&HttpReply, IoFault>) -> bool {
        let Some(errand) = self.calls.close(call) else { return false };
        let lane = errand.lane();
        let read = self.judge(now, lane, result);
        match (errand, read) {
            (Errand::Handshake { message }, read) => match read {
                Ok(messages) => {
                    self.hear(now, Over::Requests, messages);
                    let unheard =
                        matches!(&self.state, State::Shaking { message: out, .. } if *out == message);
                    if unheard {
                        self.fail(now, Again::Handshake, Trouble::Unreadable("the answer to a handshake"));
                    }
                }
                Err(trouble) => self.no_handshake(now, trouble),
            },
            (Errand::Connect { message }, read) => match read {
                Ok(messages) => {
                    self.hear(now, Over::Requests, messages);
                    if self.is_connecting(&message) {
                        self.fail(now, Again::Connect, Trouble::Unreadable("the answer to a connect"));
                    }
                }
                Err(trouble) if self.is_connecting(&message) => self.fail(now, Again::Connect, trouble),
                Err(_) => {}
            },
            (Errand::Publish { messages: sent }, read) => self.post_ended(now, &sent, read),
            (Errand::Leave { messages: sent }, read) => self.post_ended(now, &sent, read),
        }
        self.due = Some(now);
        true
    }

    /// Reports what happens on a socket. Tells whether it is this client's.
    pub fn socket(&mut self, now: Now, socket: SocketId, event: SocketEvent) -> bool {
        let ours = matches!(self.way, Way::Opening(id) | Way::Open(id) if id == socket);
        if !ours {
            return false;
        }
        match event {
            SocketEvent::Open => self.way = Way::Open(socket),
            SocketEvent::Text(frame) => {
                // Whatever is not understood is no answer; what waits for one has its own patience.
                if let Ok(messages) = message::read(frame.0.as_bytes()) {
                    self.hear(now, Over::Socket, messages);
                }
            }
            SocketEvent::Closed(_) => self.socket_ended(now, &Trouble::Io(IoFault::Broken), None),
            SocketEvent::Failed(fault) => {
                let after = match fault {
                    crate::io::SocketFault::Refused { retry_after, .. } => retry_after,
                    crate::io::SocketFault::Io(_) => None,
                };
                self.socket_ended(now, &fault.into(), after);
            }
        }
        self.due = Some(now);
        true
    }

    fn socket_ended(&mut self, now: Now, trouble: &Trouble, after: Option<Duration>) {
        self.socket_is_gone(trouble);
        if let Some(after) = after {
            // The server is there, and wants to be left alone: requests would fare no better.
            self.gates.shut(now, Lane::Handshake, after);
            self.way = Way::Socket;
            return self.fail(now, Again::Handshake, trouble.clone());
        }
        match &self.state {
            State::Session(session) if session.over == Over::Socket && self.way == Way::Socket => {
                self.fail(now, Again::Connect, trouble.clone());
            }
            State::Session(session) if session.over == Over::Requests => {}
            State::Shake { .. } | State::Shaking { .. } | State::Session(_) => {
                // It could not be opened, or nobody shook hands on it: whether requests fare better is found out at once.
                self.way = Way::Detour;
                self.state = State::Shake { due: now.at };
            }
            State::Idle | State::Stopped => {}
        }
    }

    /// The socket is no more, and with it what was said on it. Afterwards the way is `Socket` if it was open, else `Detour`.
    fn socket_is_gone(&mut self, trouble: &Trouble) {
        let was_open = matches!(self.way, Way::Open(_));
        let shaking = matches!(self.state, State::Shaking { over: Over::Socket, .. });
        self.way = if was_open && !shaking { Way::Socket } else { Way::Detour };
        self.posts_lost(trouble);
    }

    /// A handshake that was asked for by request has no answer. Where a socket was given up for requests, it is tried again next.
    fn no_handshake(&mut self, now: Now, trouble: Trouble) {
        if self.way == Way::Detour {
            self.way = Way::Socket;
        }
        self.fail(now, Again::Handshake, trouble);
    }

    fn is_connecting(&self, message: &str) -> bool {
        matches!(
            &self.state,
            State::Session(Session { connect: Connect::Out { message: out, .. }, .. }) if out == message
        )
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
        self.out.pop_front()
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

    /// Does what is due.
    pub(super) fn go_on(&mut self, now: Now) {
        self.expire(now);
        self.step(now);
        self.send_posts(now);
    }

    /// What was said on a socket and has no answer in time: the socket is as good as dead.
    fn expire(&mut self, now: Now) {
        let late = match &self.state {
            State::Shaking { until, .. } => until.is_some_and(|until| until <= now.at),
            State::Session(Session { connect: Connect::Out { until, .. }, .. }) => {
                until.is_some_and(|until| until <= now.at)
            }
            _ => false,
        };
        let late = late || self.is_late_on_socket(now);
        if late && let Way::Open(id) = self.way {
            self.out.push_back(Output::Shut(id));
            self.socket_ended(now, &Trouble::Io(IoFault::Timeout), None);
        }
        self.expire_posts(now);
    }

    fn step(&mut self, now: Now) {
        if self.quiet {
            return;
        }
        match &self.state {
            State::Shake { due } => {
                let opens = self.gates.opens(&Lane::Handshake).max(self.handshakes.opens(now.at));
                if (*due).max(opens) > now.at {
                    return;
                }
                match self.way {
                    Way::Opening(_) => {}
                    Way::Socket => self.open(),
                    Way::Open(id) => {
                        // What is taken here was seen to be there.
                        let _ = self.handshakes.take(now);
                        self.shake_on(now, id);
                    }
                    Way::Requests | Way::Detour => {
                        let _ = self.handshakes.take(now);
                        self.shake();
                    }
                }
            }
            State::Session(session) => {
                let Connect::Due(due) = session.connect else { return };
                let opens = self.gates.opens(&Lane::Connect).max(self.connects.opens(now.at));
                if due.max(opens) > now.at {
                    return;
                }
                // A server that has heard nothing for so long has forgotten this client.
                let hold = self.advice.hold.unwrap_or(self.options.hold);
                let remembered = self.advice.patience.map(|patience| patience + hold + self.advice.interval);
                if !session.proved && remembered.is_some_and(|most| now.at.since(session.heard) > most) {
                    self.state = State::Shake { due: now.at };
                    return self.step(now);
                }
                match (session.over, self.way) {
                    (Over::Socket, Way::Opening(_)) => {}
                    (Over::Socket, Way::Open(id)) => {
                        let _ = self.connects.take(now);
                        self.connect(now, Some(id));
                    }
                    (Over::Socket, Way::Requests | Way::Detour) => {
                        self.state = State::Shake { due: now.at };
                        self.step(now);
                    }
                    (Over::Socket, Way::Socket) => self.open(),
                    (Over::Requests, _) => {
                        let _ = self.connects.take(now);
                        self.connect(now, None);
                    }
                }
            }
            State::Idle | State::Shaking { .. } | State::Stopped => {}
        }
    }

    fn connect(&mut self, now: Now, socket: Option<SocketId>) {
        let id = self.name_message();
        let State::Session(session) = &mut self.state else { return };
        let at_once = std::mem::take(&mut session.quick);
        let hold = self.advice.hold.unwrap_or(self.options.hold);
        let patience = if at_once { self.options.timeout } else { hold + self.options.margin };
        let words = message::connect(&id, session.client.expose(), session.over.word(), at_once, session.ack);
        session.connect = Connect::Out {
            message: id.clone(),
            since: now.at,
            until: socket.map(|_| now.at.after(patience)),
            quick: at_once,
            brought: false,
        };
        match socket {
            Some(socket) => self.say(socket, &[words]),
            None => {
                self.request(Errand::Connect { message: id }, &[words], patience);
            }
        }
    }

    /// Whether a try is one more after failures, which nobody here asked for.
    pub(super) fn is_retry(&mut self) -> bool {
        let hurried = std::mem::take(&mut self.hurried);
        self.failed > 0 && !hurried
    }

    /// Takes in what came, in order. What is said about the session counts only where the session travels: an answer to an
    /// earlier one may still be under way elsewhere.
    pub(super) fn hear(&mut self, now: Now, from: Over, messages: Vec<Message>) {
        let mut later = Vec::new();
        for message in messages {
            match message.channel.as_str() {
                message::HANDSHAKE => self.shaken(now, from, &message),
                // What stands beside the reply to a connect belongs before what follows from it.
                message::CONNECT => later.push(message),
                message::SUBSCRIBE => self.answered(now, &message),
                message::DISCONNECT => {
                    let ours = matches!(&self.state, State::Session(session) if session.over == from);
                    if ours && !self.post.leaving {
                        self.lose(now);
                    }
                }
                _ if message.successful.is_some() => self.answered(now, &message),
                _ => self.deliver(message),
            }
        }
        for message in later {
            self.connected(now, from, &message);
        }
    }

    fn deliver(&mut self, message: Message) {
        if let State::Session(Session { connect: Connect::Out { brought, .. }, .. }) = &mut self.state {
            *brought = true;
        }
        if let Some(data) = message.data {
            self.out.push_back(Output::Delivery(Delivery { channel: message.channel, data }));
        }
    }

    fn shaken(&mut self, now: Now, from: Over, reply: &Message) {
        let State::Shaking { message, over, .. } = &self.state else { return };
        if *over != from || reply.id.as_ref().is_some_and(|id| id != message) {
            return;
        }
        let over = *over;
        // It may stand in the answer to something else.
        self.cancel(|errand| matches!(errand, Errand::Handshake { .. }));
        self.advice = reply.advice.clone().unwrap_or_default();
        let good = reply.client.as_ref().filter(|_| reply.successful != Some(false));
        let Some(client) = good else {
            let refusal = Trouble::Refused(reply.refusal());
            return match reply.next() {
                Some(Reconnect::Stop) => self.stop(refusal),
                _ => self.no_handshake(now, refusal),
            };
        };
        if reply.ways.as_ref().is_some_and(|ways| !ways.iter().any(|way| way == over.word())) {
            return self.no_common_way(now, over, reply);
        }
        if self.way == Way::Detour {
            // Requests are answered and the socket was not: it was the socket.
            self.way = Way::Requests;
        }
        self.state = State::Session(Session {
            client: Secret::new(client.as_str()),
            over,
            connect: Connect::Due(now.at),
            proved: false,
            worked: false,
            quick: true,
            ack: reply.acknowledges().then_some(-1),
            heard: now.at,
        });
    }

    fn no_common_way(&mut self, now: Now, over: Over, reply: &Message) {
        let requests =
            reply.ways.as_ref().is_some_and(|ways| ways.iter().any(|way| way == Over::Requests.word()));
        if over == Over::Requests || !requests {
            return self.stop(Trouble::NoWay);
        }
        if let Way::Open(id) = self.way {
            self.out.push_back(Output::Shut(id));
        }
        self.way = Way::Requests;
        self.state = State::Shake { due: now.at };
    }

    fn connected(&mut self, now: Now, from: Over, reply: &Message) {
        let State::Session(session) = &mut self.state else { return };
        if session.over != from {
            return;
        }
        let Connect::Out { message, since, quick, brought, .. } = &session.connect else { return };
        if reply.id.as_ref().is_some_and(|id| id != message) {
            return;
        }
        let fruitless = !*quick && !*brought && now.at.since(*since) < PAUSE;
        // It may stand in the answer to something else.
        for call in self.calls.close_all(|errand| matches!(errand, Errand::Connect { .. })) {
            self.out.push_back(Output::Cancel(call));
        }
        if let Some(advice) = &reply.advice {
            self.advice = advice.clone();
        }
        if reply.successful == Some(false) {
            return match reply.next() {
                Some(Reconnect::Stop) => self.stop(Trouble::Refused(reply.refusal())),
                Some(Reconnect::Handshake) => self.lose(now),
                Some(Reconnect::Retry) | None => {
                    self.fail(now, Again::Connect, Trouble::Refused(reply.refusal()));
                }
            };
        }
        let pause = if fruitless { PAUSE } else { Duration::ZERO };
        session.connect = Connect::Due(now.at.after(self.advice.interval.max(pause)));
        session.heard = now.at;
        if let Some(ack) =
            reply.ack.as_ref().and_then(serde_json::Value::as_i64).filter(|_| session.ack.is_some())
        {
            session.ack = Some(ack);
        }
        let fresh = !std::mem::replace(&mut session.worked, true);
        let proved = std::mem::replace(&mut session.proved, true);
        self.failed = 0;
        self.trouble = None;
        self.backoff.worked();
        if !proved {
            if fresh {
                self.subscribe_all(now);
            }
            self.out.push_back(Output::Ready { fresh });
        }
        match reply.advice.as_ref().and_then(|advice| advice.reconnect) {
            Some(Reconnect::Stop) => self.stop(Trouble::Refused(reply.refusal())),
            Some(Reconnect::Handshake) => self.lose(now),
            Some(Reconnect::Retry) | None => {
                if self.advice.never {
                    self.stop(Trouble::Refused(reply.refusal()));
                }
            }
        }
    }

    /// The server does not know this session any more. One that never worked is no better the next time at once.
    pub(super) fn lose(&mut self, now: Now) {
        let State::Session(session) = &self.state else { return };
        let worked = session.worked;
        self.cancel(|errand| matches!(errand, Errand::Connect { .. }));
        if worked {
            self.state = State::Shake { due: now.at.after(self.advice.interval) };
        } else {
            self.fail(
                now,
                Again::Handshake,
                Trouble::Refused(super::Refusal { lost: true, ..Default::default() }),
            );
        }
    }

    fn fail(&mut self, now: Now, again: Again, trouble: Trouble) {
        if self.advice.never {
            return self.stop(trouble);
        }
        let lane = match again {
            Again::Handshake => Lane::Handshake,
            Again::Connect => Lane::Connect,
        };
        if let Trouble::Busy { after } = &trouble {
            self.gates.shut(now, lane, after.unwrap_or(UNNAMED));
        }
        self.failed = self.failed.saturating_add(1);
        let wait = self.backoff.fail(self.urgency, &mut self.rng);
        let wait = wait.max(self.advice.interval).max(Duration::from_millis(1));
        let due = self.gates.opens(&lane).max(now.at).after(wait);
        match (again, &mut self.state) {
            (Again::Connect, State::Session(session)) => {
                session.connect = Connect::Due(due);
                session.quick = true;
                session.proved = false;
            }
            _ => self.state = State::Shake { due },
        }
        self.trouble = Some(trouble.clone());
        self.out.push_back(Output::Down { attempt: self.failed, retry_at: due, trouble });
    }

    /// A message could not be sent: whether the connection is still there is found out now, not when the open connect gives up.
    pub(super) fn doubt(&mut self, now: Now) {
        if let State::Session(session) = &mut self.state
            && session.over == Over::Requests
            && let Connect::Out { since, .. } = &session.connect
            && now.at.since(*since) >= DOUBT
        {
            session.connect = Connect::Due(now.at);
            session.quick = true;
            session.proved = false;
            self.cancel(|errand| matches!(errand, Errand::Connect { .. }));
            self.out.push_back(Output::Gap);
        }
    }

    fn stop(&mut self, trouble: Trouble) {
        self.cease(&trouble);
        self.out.push_back(Output::Stopped(trouble));
    }

    /// Nothing more is said or waited for, but for what is on its way by request.
    pub(super) fn cease(&mut self, trouble: &Trouble) {
        self.cancel(|errand| matches!(errand, Errand::Handshake { .. } | Errand::Connect { .. }));
        if let Way::Open(id) | Way::Opening(id) = self.way {
            self.out.push_back(Output::Shut(id));
        }
        self.way = if self.options.socket.is_some() { Way::Socket } else { Way::Requests };
        self.state = State::Stopped;
        self.posts_lost(trouble);
        for ticket in self.post.take_waiting() {
            self.out.push_back(Output::Published(ticket, Outcome::Unsent(trouble.clone())));
        }
    }
}
