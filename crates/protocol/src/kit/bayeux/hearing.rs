//! What comes, and what follows from it: answers to requests, messages and ends of a socket, in the order of the session.

use std::time::Duration;

use super::advice::Reconnect;
use super::carrier::{Errand, Lane, Over, Way};
use super::client::{Client, Connect, Session, State};
use super::message::{self, Message};
use super::{Delivery, Outcome, Output, Trouble};
use crate::io::{CallId, HttpReply, IoFault, Now, SocketEvent, SocketId};
use crate::token::Secret;

/// Least pause after a connect that was answered at once and brought nothing.
const PAUSE: Duration = Duration::from_secs(1);
/// A connect that was held and brought nothing is followed by the next with the next whole one of these: the connects of one process
/// leave together, and those of two do not.
const TOGETHER: Duration = Duration::from_millis(100);
/// A connect that was made less long ago tells as much as a new one would.
const DOUBT: Duration = Duration::from_secs(3);
/// Pause after a request to slow down that names no time.
const UNNAMED: Duration = Duration::from_secs(3);

/// What a failure is answered with, after a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Again {
    Handshake,
    Connect,
}

impl Client {
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

    pub(super) fn socket_ended(&mut self, now: Now, trouble: &Trouble, after: Option<Duration>) {
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
    pub(super) fn socket_is_gone(&mut self, trouble: &Trouble) {
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
        let quiet = !*quick && !*brought;
        let fruitless = quiet && now.at.since(*since) < PAUSE;
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
        let due = now.at.after(self.advice.interval);
        session.connect = Connect::Due(match (quiet, fruitless) {
            (_, true) => due.max(now.at.after(PAUSE)),
            (true, false) if self.advice.interval.is_zero() => due.next(TOGETHER),
            (_, false) => due,
        });
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
