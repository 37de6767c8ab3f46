//! What is said on channels: it waits for a session, leaves in order, and each of it is answered once.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;

use serde_json::Value;

use super::carrier::{Errand, Lane, Over, Way};
use super::client::{Client, GRACE, Session, State};
use super::message::{self, Message};
use super::{Outcome, Output, Ticket, Trouble};
use crate::io::{CallId, Deadline, IoFault, Moment, Now};
use crate::token::Secret;

/// Most messages of one request.
const BATCH: usize = 16;

/// What waits to leave, and what is on its way.
#[derive(Debug, Default)]
pub(super) struct Post {
    last: u64,
    waiting: VecDeque<Parcel>,
    /// By the name of the message.
    out: BTreeMap<String, Sent>,
    /// The session is being ended from here.
    pub(super) leaving: bool,
}

struct Parcel {
    what: What,
    expires: Moment,
}

enum What {
    Publish { ticket: Ticket, channel: String, data: Value, vital: bool },
    Subscribe { channel: String },
}

impl fmt::Debug for Parcel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // It holds people's words.
        write!(f, "Parcel(until {:?})", self.expires)
    }
}

#[derive(Debug)]
struct Sent {
    /// `None` if nobody waits for the answer.
    ticket: Option<Ticket>,
    channel: String,
    client: Secret,
    call: Option<CallId>,
    /// A socket that has no answer to it in time is worth nothing.
    vital: bool,
    /// When it is given up; a call has its own patience.
    until: Option<Moment>,
}

impl Parcel {
    fn is_vital(&self) -> bool {
        matches!(self.what, What::Publish { vital: true, .. })
    }
}

impl Post {
    /// Takes out what has not left.
    pub(super) fn take_waiting(&mut self) -> Vec<Ticket> {
        let ticket = |parcel: Parcel| match parcel.what {
            What::Publish { ticket, .. } => Some(ticket),
            What::Subscribe { .. } => None,
        };
        self.waiting.drain(..).filter_map(ticket).collect()
    }
}

impl Client {
    /// Publishes. It leaves when there is a session; if there is none in time, it is given back.
    pub fn publish(&mut self, now: Now, channel: &str, data: Value) -> Ticket {
        self.put(now, channel, data, false)
    }

    /// Publishes what must not be left in doubt needlessly. If it has no answer in time, a socket that it was said on is given up
    /// with it: nothing of it is said afterwards. And if only the computer slept, the socket has a moment to bring its answer.
    pub fn publish_vital(&mut self, now: Now, channel: &str, data: Value) -> Ticket {
        self.put(now, channel, data, true)
    }

    /// What became of it is known from elsewhere, whether it is answered or not.
    pub fn settled(&mut self, ticket: Ticket) {
        for sent in self.post.out.values_mut().filter(|sent| sent.ticket == Some(ticket)) {
            sent.vital = false;
        }
    }

    fn put(&mut self, now: Now, channel: &str, data: Value, vital: bool) -> Ticket {
        let ticket = self.ticket();
        if matches!(self.state, State::Stopped) {
            self.out.push_back(Output::Published(ticket, Outcome::Unsent(Trouble::Stopped)));
            return ticket;
        }
        let what = What::Publish { ticket, channel: channel.to_owned(), data, vital };
        let expires = now.at.after(self.options.timeout);
        self.post.waiting.push_back(Parcel { what, expires });
        self.due = Some(now);
        ticket
    }

    /// Gives back what has not left.
    pub fn keep_back(&mut self) {
        for ticket in self.post.take_waiting() {
            self.out.push_back(Output::Published(ticket, Outcome::Unsent(Trouble::Stopped)));
        }
    }

    fn ticket(&mut self) -> Ticket {
        self.post.last += 1;
        Ticket(self.post.last)
    }

    /// Ends the session, as far as there is one, and stops. `ext` goes along with the last message.
    pub fn leave(&mut self, now: Now, ext: Option<&Value>) {
        self.end(now, None, ext);
    }

    /// Publishes, and ends the session in the same breath.
    pub fn leave_saying(&mut self, now: Now, channel: &str, data: &Value) -> Ticket {
        let ticket = self.ticket();
        self.end(now, Some((ticket, channel, data)), None);
        ticket
    }

    fn end(&mut self, now: Now, last: Option<(Ticket, &str, &Value)>, ext: Option<&Value>) {
        let (id, bye) = (self.name_message(), self.name_message());
        let lane = if last.is_some() { Lane::Publish } else { Lane::Leave };
        let open = self.gates.shut_for(now, &lane).is_none();
        let session = match &self.state {
            State::Session(session) if open => Some((session.client.clone(), session.over)),
            _ => None,
        };
        let Some((client, over)) = session else {
            self.cease(&Trouble::Stopped);
            if let Some((ticket, ..)) = last {
                self.out.push_back(Output::Published(ticket, Outcome::Unsent(Trouble::Stopped)));
            }
            return;
        };
        self.post.leaving = true;
        let said = last.map(|(ticket, channel, data)| {
            (ticket, channel.to_owned(), message::publish(&id, client.expose(), channel, data))
        });
        let mut messages: Vec<String> = said.iter().map(|(_, _, words)| words.clone()).collect();
        messages.push(message::disconnect(&bye, client.expose(), ext));
        match (over, self.way) {
            (Over::Socket, Way::Open(socket)) => {
                self.say(socket, &messages);
                if let Some((ticket, channel, _)) = said {
                    let sent =
                        Sent { ticket: Some(ticket), channel, client, call: None, vital: false, until: None };
                    self.post.out.insert(id, sent);
                }
                self.cease(&Trouble::Stopped);
            }
            (Over::Socket, _) => {
                self.cease(&Trouble::Stopped);
                if let Some((ticket, ..)) = said {
                    self.out.push_back(Output::Published(ticket, Outcome::Unsent(Trouble::Stopped)));
                }
            }
            (Over::Requests, _) => {
                self.cease(&Trouble::Stopped);
                let names = said.iter().map(|_| id.clone()).collect();
                let call = self.request(Errand::Leave { messages: names }, &messages, self.options.timeout);
                if let Some((ticket, channel, _)) = said {
                    let call = Some(call);
                    let sent =
                        Sent { ticket: Some(ticket), channel, client, call, vital: false, until: None };
                    self.post.out.insert(id, sent);
                }
            }
        }
    }

    /// A new session hears nothing until it is told what to listen to.
    pub(super) fn subscribe_all(&mut self, now: Now) {
        let expires = now.at.after(self.options.timeout);
        self.post.waiting.retain(|parcel| matches!(parcel.what, What::Publish { .. }));
        for channel in self.channels.iter().rev() {
            let what = What::Subscribe { channel: channel.clone() };
            self.post.waiting.push_front(Parcel { what, expires });
        }
    }

    /// Sends what waits, if it may leave.
    pub(super) fn send_posts(&mut self, now: Now) {
        let State::Session(Session { proved: true, client, over, .. }) = &self.state else { return };
        let (client, over) = (client.clone(), *over);
        let socket = match (over, self.way) {
            (Over::Socket, Way::Open(socket)) => Some(socket),
            (Over::Socket, _) => return,
            (Over::Requests, _) => None,
        };
        let mut some = BATCH;
        if socket.is_none() {
            some = self.may_post();
            if some == 0 || self.gates.shut_for(now, &Lane::Publish).is_some() {
                return;
            }
        }
        while !self.post.waiting.is_empty() {
            let parcels: Vec<Parcel> = if some == 1 {
                let vital = self.post.waiting.iter().position(Parcel::is_vital);
                vital.and_then(|at| self.post.waiting.remove(at)).into_iter().collect()
            } else {
                let some = self.post.waiting.len().min(some);
                self.post.waiting.drain(..some).collect()
            };
            let mut messages = Vec::new();
            let mut names = Vec::new();
            for parcel in parcels {
                let id = self.name_message();
                let (ticket, channel, words, vital) = match parcel.what {
                    What::Publish { ticket, channel, data, vital } => {
                        let words = message::publish(&id, client.expose(), &channel, &data);
                        (Some(ticket), channel, words, vital)
                    }
                    What::Subscribe { channel } => {
                        let words = message::subscribe(&id, client.expose(), &channel);
                        (None, message::SUBSCRIBE.to_owned(), words, false)
                    }
                };
                let until = socket.map(|_| now.at.after(self.options.timeout));
                let sent = Sent { ticket, channel, client: client.clone(), call: None, vital, until };
                self.post.out.insert(id.clone(), sent);
                messages.push(words);
                names.push(id);
            }
            let Some(socket) = socket else {
                let call = self.request(
                    Errand::Publish { messages: names.clone() },
                    &messages,
                    self.options.timeout,
                );
                for name in &names {
                    if let Some(sent) = self.post.out.get_mut(name) {
                        sent.call = Some(call);
                    }
                }
                return;
            };
            self.say(socket, &messages);
        }
    }

    /// How many messages may leave by request now. One request at a time keeps their order; but what is vital does not wait for the
    /// answer to what is not, which may be lost.
    fn may_post(&self) -> usize {
        let busy = self.calls.any(|errand| matches!(errand, Errand::Publish { .. }));
        let urgent = self.post.waiting.iter().any(Parcel::is_vital);
        let vital_is_out = self.post.out.values().any(|sent| sent.vital && sent.call.is_some());
        match (busy, urgent && !vital_is_out) {
            (false, _) => BATCH,
            (true, true) => 1,
            (true, false) => 0,
        }
    }

    /// A reply to something that was published. Without a name it is for the oldest on its channel.
    pub(super) fn answered(&mut self, now: Now, reply: &Message) {
        let name = match &reply.id {
            Some(id) => Some(id.clone()),
            None => {
                let same = |sent: &Sent| sent.channel == reply.channel;
                let mut names: Vec<_> = self.post.out.iter().filter(|(_, sent)| same(sent)).collect();
                names.sort_by_key(|(name, _)| (name.len(), (*name).clone()));
                names.first().map(|(name, _)| (*name).clone())
            }
        };
        let Some(sent) = name.and_then(|name| self.post.out.remove(&name)) else { return };
        let refusal = (reply.successful != Some(true)).then(|| reply.refusal());
        let lost = refusal.as_ref().is_some_and(|refusal| refusal.lost);
        if let Some(ticket) = sent.ticket {
            let outcome = refusal.map_or(Outcome::Done, Outcome::Refused);
            self.out.push_back(Output::Published(ticket, outcome));
        }
        if lost && matches!(&self.state, State::Session(session) if session.client == sent.client) {
            self.lose(now);
        }
    }

    /// A request that published has ended. What was not answered in it has no answer.
    pub(super) fn post_ended(&mut self, now: Now, names: &[String], read: Result<Vec<Message>, Trouble>) {
        let trouble = match read {
            Ok(messages) => {
                self.hear(now, Over::Requests, messages);
                Trouble::Unreadable("an acknowledgement")
            }
            Err(trouble) => {
                if matches!(&trouble, Trouble::Io(_)) {
                    self.doubt(now);
                }
                trouble
            }
        };
        for name in names {
            if let Some(sent) = self.post.out.remove(name) {
                self.unanswered(&sent, &trouble);
            }
        }
    }

    fn unanswered(&mut self, sent: &Sent, trouble: &Trouble) {
        let Some(ticket) = sent.ticket else { return };
        let outcome = if trouble.may_have_arrived() {
            Outcome::Unknown(trouble.clone())
        } else {
            Outcome::Unsent(trouble.clone())
        };
        self.out.push_back(Output::Published(ticket, outcome));
    }

    /// The socket is gone: what was said on it may have arrived.
    pub(super) fn posts_lost(&mut self, trouble: &Trouble) {
        let names: Vec<_> = self
            .post
            .out
            .iter()
            .filter(|(_, sent)| sent.call.is_none())
            .map(|(name, _)| name.clone())
            .collect();
        for name in names {
            if let Some(ticket) = self.post.out.remove(&name).and_then(|sent| sent.ticket) {
                self.out.push_back(Output::Published(ticket, Outcome::Unknown(trouble.clone())));
            }
        }
    }

    /// What is on its way may have gone out on a connection that is dead.
    pub(super) fn doubt_posts(&mut self, now: Now) {
        let by = now.at.after(GRACE);
        for sent in self.post.out.values_mut() {
            sent.until = Some(sent.until.map_or(by, |until| until.min(by)));
        }
    }

    /// Whether something vital was said on the socket and has no answer yet.
    pub(super) fn waits_on_socket(&self) -> bool {
        self.post.out.values().any(|sent| sent.vital && sent.call.is_none())
    }

    /// Whether it should have one by now.
    pub(super) fn is_late_on_socket(&self, now: Now) -> bool {
        let late = |sent: &Sent| {
            sent.vital && sent.call.is_none() && sent.until.is_some_and(|until| until <= now.at)
        };
        self.post.out.values().any(late)
    }

    /// Gives up what was not answered in time, and gives back what could not leave.
    pub(super) fn expire_posts(&mut self, now: Now) {
        let late = |sent: &Sent| sent.until.is_some_and(|until| until <= now.at);
        let names: Vec<_> =
            self.post.out.iter().filter(|(_, sent)| late(sent)).map(|(name, _)| name.clone()).collect();
        for name in names {
            let Some(sent) = self.post.out.remove(&name) else { continue };
            if let Some(call) = sent.call
                && self.calls.close(call).is_some()
            {
                self.out.push_back(Output::Cancel(call));
            }
            self.unanswered(&sent, &Trouble::Io(IoFault::Timeout));
        }
        let shut = self.gates.shut_for(now, &Lane::Publish);
        let trouble = match (shut, &self.trouble) {
            (Some(after), _) => Trouble::Busy { after: Some(after) },
            (None, Some(trouble)) => trouble.clone(),
            (None, None) => Trouble::Io(IoFault::Timeout),
        };
        let (over, rest): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.post.waiting).into_iter().partition(|parcel| parcel.expires <= now.at);
        self.post.waiting = rest.into();
        for parcel in over {
            if let What::Publish { ticket, .. } = parcel.what {
                self.out.push_back(Output::Published(ticket, Outcome::Unsent(trouble.clone())));
            }
        }
    }

    pub(super) fn post_deadline(&self) -> Option<Deadline> {
        let given_up = self.post.out.values().filter_map(|sent| sent.until).min();
        let given_up = given_up.map(|at| Deadline { at, why: "patience with a message" });
        let expires = self.post.waiting.iter().map(|parcel| parcel.expires).min();
        let expires = expires.map(|at| Deadline { at, why: "patience with a session" });
        let opens = matches!(&self.state, State::Session(session) if session.proved && session.over == Over::Requests)
            && self.may_post() > 0
            && !self.post.waiting.is_empty();
        let opens =
            opens.then(|| Deadline { at: self.gates.opens(&Lane::Publish), why: "what waits to be said" });
        Deadline::earlier(Deadline::earlier(given_up, expires), opens)
    }
}
