//! One chat: its entries in order of arrival, who is in it, and how far each connection of the customer has read.

use serde_json::{Map, Value, json};

use super::entry::{Audience, Entry, Index, Lasting, fill};
use super::refusal::Refusal;
use super::settings::Resume;
use crate::ids::Ids;
use crate::model::picture::Picture;

/// Somebody who is or was in a chat.
#[derive(Debug, Clone)]
pub struct Participant {
    /// UUID.
    pub id: String,
    /// `from.type`: Customer, Agent, Supervisor, Bot, External, or any other word a test wants.
    pub kind: String,
    /// `from.nickname`.
    pub nickname: String,
    /// Whether the participant has joined and not left.
    pub present: bool,
}

impl Participant {
    /// `from` of an entry by this participant.
    #[must_use]
    pub fn from(&self) -> Value {
        json!({ "participantId": self.id, "type": self.kind, "nickname": self.nickname })
    }
}

/// One connection of the customer, made by a create or a join.
#[derive(Debug, Clone)]
pub struct Transport {
    /// UUID, named by the token.
    pub id: String,
    /// How many entries, in order of arrival, this transport has been given.
    pub delivered: usize,
    /// The newest index handed to it.
    pub last: Option<Index>,
    /// Whether it has been told that the chat ended.
    pub told_end: bool,
}

/// How a chat that the service lost answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Death {
    /// 404 and `INVALID_SESSION` on everything.
    NotFound,
    /// 404 with an empty body on everything.
    NotFoundWithoutWords,
    /// 401 on everything.
    Unauthorized,
    /// 401 on a join, 404 and `INVALID_SESSION` on everything else.
    UnauthorizedOnJoin,
}

impl Death {
    /// All of them, with their names in the control API.
    const NAMES: [(Self, &'static str); 4] = [
        (Self::NotFound, "404"),
        (Self::NotFoundWithoutWords, "404_empty"),
        (Self::Unauthorized, "401"),
        (Self::UnauthorizedOnJoin, "401_on_join"),
    ];

    /// The one of this name in the control API.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(_, one)| *one == name).map(|(death, _)| *death)
    }

    /// Its name in the control API.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(one, _)| *one == self).map_or("", |(_, name)| name)
    }
}

/// What a read gives.
#[derive(Debug, Clone)]
pub struct Reading {
    /// Entries as they go over the wire, oldest first.
    pub messages: Vec<Value>,
    /// Newest index that this transport has ever been given.
    pub last: Option<Index>,
    /// Whether the chat is over.
    pub ended: bool,
}

impl Reading {
    /// `data` of the answer.
    #[must_use]
    pub fn to_data(&self) -> Value {
        let mut data = json!({ "messages": self.messages, "chatEnded": self.ended });
        if let (Some(last), Some(object)) = (self.last, data.as_object_mut()) {
            object.insert("lastDeliveredIndex".to_owned(), json!(last.to_string()));
        }
        data
    }
}

/// One chat.
#[derive(Debug, Clone)]
pub struct Session {
    /// UUID.
    pub id: String,
    /// The id it had before a join moved it.
    pub moved_from: Option<String>,
    /// The endpoint it was created through.
    pub endpoint: String,
    /// When it was created, unix ms.
    pub created: u64,
    /// When it was created or joined last, unix ms.
    pub touched: u64,
    /// What the entry form sent, beside names and user data.
    pub form: Map<String, Value>,
    /// Attached data as it stands.
    pub user_data: Map<String, Value>,
    /// Everybody who ever was here; the customer is the first.
    pub participants: Vec<Participant>,
    /// The customer's connections, oldest first.
    pub transports: Vec<Transport>,
    /// Everything that happened, in order of arrival.
    pub entries: Vec<Entry>,
    /// Pictures of both sides.
    pub pictures: Vec<Picture>,
    /// What the customer is typing; `None` when nothing.
    pub customer_typing: Option<String>,
    /// Whether the chat is over.
    pub ended: bool,
    /// Set when the chat is to be treated as lost.
    pub death: Option<Death>,
    newest: Index,
}

impl Session {
    /// An empty chat.
    #[must_use]
    pub fn new(id: String, endpoint: String, now: u64) -> Self {
        Self {
            id,
            moved_from: None,
            endpoint,
            created: now,
            touched: now,
            form: Map::new(),
            user_data: Map::new(),
            participants: Vec::new(),
            transports: Vec::new(),
            entries: Vec::new(),
            pictures: Vec::new(),
            customer_typing: None,
            ended: false,
            death: None,
            newest: Index { ms: 0, seq: 0 },
        }
    }

    /// Appends a well-formed entry of `from`: `body` holds what is special to it.
    pub fn append(
        &mut self,
        ids: &mut Ids,
        now: u64,
        from: Value,
        body: Value,
        lasting: Lasting,
        audience: Audience,
    ) -> Value {
        let index = self.newest.next(now);
        self.newest = index;
        let mut body = if let Value::Object(body) = body { body } else { Map::new() };
        fill(&mut body, index, &ids.uuid(), now, from);
        let body = Value::Object(body);
        let index = body.get("index").and_then(Value::as_str).and_then(Index::parse);
        self.entries.push(Entry { index, at: now, lasting, audience, body: body.clone() });
        body
    }

    /// Appends an entry that everybody sees and history keeps.
    pub fn say(&mut self, ids: &mut Ids, now: u64, from: Value, body: Value) -> Value {
        self.append(ids, now, from, body, Lasting::Kept, Audience::Everyone)
    }

    /// Appends exactly `body`, for a plain poll alone.
    pub fn repeat(&mut self, now: u64, body: Value) {
        let index = body.get("index").and_then(Value::as_str).and_then(Index::parse);
        self.entries.push(Entry {
            index,
            at: now,
            lasting: Lasting::Once,
            audience: Audience::Everyone,
            body,
        });
    }

    /// The customer.
    #[must_use]
    pub fn customer(&self) -> Option<&Participant> {
        self.participants.iter().find(|one| one.kind == "Customer")
    }

    /// Everybody of the contact centre who is here, in order of joining.
    pub fn centre_present(&self) -> impl DoubleEndedIterator<Item = &Participant> {
        self.participants.iter().filter(|one| one.present && one.kind != "Customer")
    }

    /// Marks a participant as gone and writes it down.
    pub fn part(&mut self, ids: &mut Ids, now: u64, participant: &str) -> Option<Value> {
        let one = self.participants.iter_mut().find(|one| one.id == participant && one.present)?;
        one.present = false;
        let from = one.from();
        Some(self.say(ids, now, from, json!({ "type": "ParticipantLeft" })))
    }

    /// The transport named by a token.
    #[must_use]
    pub fn transport(&self, id: &str) -> Option<&Transport> {
        self.transports.iter().find(|one| one.id == id)
    }

    /// Everything that `transport` has not been given yet, or, with `from`, everything at or after that index.
    ///
    /// # Errors
    /// [`Refusal::NoSession`] once the transport has been told that the chat ended.
    pub fn poll(
        &mut self,
        transport: &str,
        now: u64,
        from: Option<Index>,
        resume: Resume,
    ) -> Result<Reading, Refusal> {
        let (delivered, ended) = self.position(transport)?;
        let messages: Vec<&Entry> = match from {
            None => self.entries.iter().skip(delivered).filter(|entry| entry.is_for_poll(now)).collect(),
            Some(from) => {
                let wanted = |index: Index| match resume {
                    Resume::Inclusive => index >= from,
                    Resume::Exclusive => index > from,
                };
                let held = self.entries.iter().filter(|entry| entry.lasting != Lasting::Once);
                held.filter(|entry| entry.is_for_poll(now) && entry.index.is_some_and(wanted)).collect()
            }
        };
        let last = messages.iter().filter_map(|entry| entry.index).max();
        let messages: Vec<Value> = messages.iter().map(|entry| entry.body.clone()).collect();
        let moves = !messages.is_empty() || ended;
        let last = self.hand_out(transport, last, moves, ended);
        Ok(Reading { messages, last, ended })
    }

    /// The newest `count` entries of history. They count as delivered.
    ///
    /// # Errors
    /// As [`Session::poll`].
    pub fn newest(&mut self, transport: &str, count: usize) -> Result<Reading, Refusal> {
        let (_, ended) = self.position(transport)?;
        let (messages, last) = page(&self.history(), count);
        let last = self.hand_out(transport, last, true, ended);
        Ok(Reading { messages, last, ended })
    }

    /// At most `count` entries of history, ending with the one at `index`; the first entry alone when `index` is older.
    ///
    /// # Errors
    /// As [`Session::poll`].
    pub fn older(&mut self, transport: &str, index: Index, count: usize) -> Result<Reading, Refusal> {
        let (_, ended) = self.position(transport)?;
        let mut history = self.history();
        // Never an empty page: the vendor's client would stop polling for good.
        let first = history.first().and_then(|entry| entry.index).unwrap_or(index);
        history.retain(|entry| entry.index.is_some_and(|at| at <= index.max(first)));
        let (messages, last) = page(&history, count);
        let last = self.hand_out(transport, last, false, ended);
        Ok(Reading { messages, last, ended })
    }

    /// History in order of index: what arrived out of order stands where it belongs.
    fn history(&self) -> Vec<&Entry> {
        let mut history: Vec<&Entry> =
            self.entries.iter().filter(|entry| entry.is_history() && entry.index.is_some()).collect();
        history.sort_by_key(|entry| entry.index);
        history.dedup_by_key(|entry| entry.index);
        history
    }

    fn position(&self, transport: &str) -> Result<(usize, bool), Refusal> {
        let transport = self.transport(transport).ok_or(Refusal::NotAuthorized)?;
        if transport.told_end { Err(Refusal::NoSession) } else { Ok((transport.delivered, self.ended)) }
    }

    fn hand_out(&mut self, transport: &str, last: Option<Index>, moves: bool, ended: bool) -> Option<Index> {
        let all = self.entries.len();
        let transport = self.transports.iter_mut().find(|one| one.id == transport)?;
        if moves {
            transport.delivered = all;
        }
        transport.last = transport.last.max(last);
        transport.told_end |= ended;
        transport.last
    }
}

fn page(history: &[&Entry], count: usize) -> (Vec<Value>, Option<Index>) {
    let start = history.len().saturating_sub(count);
    let page = history.iter().skip(start);
    (page.map(|entry| entry.body.clone()).collect(), history.last().and_then(|entry| entry.index))
}
