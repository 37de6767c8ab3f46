//! What is due: handshakes and connects, each in its time, and giving up what was not answered.

use super::carrier::{Errand, Lane, Over, Way};
use super::client::{Client, Connect, Session, State};
use super::message;
use super::{Output, Trouble};
use crate::io::{IoFault, Now, SocketId};

impl Client {
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
}
