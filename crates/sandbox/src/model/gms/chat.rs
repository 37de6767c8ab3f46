//! One chat: its transcript, who is in it, and the keys that open it.

use serde_json::{Map, Value, json};

use super::CUSTOMER;
use super::files::File;
use super::refusal::Refusal;

/// How a chat that the service lost answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Death {
    /// `statusCode` 2.
    Final,
    /// `statusCode` 2 with `chatEnded`.
    FinalAndEnded,
    /// HTTP 404 with error 404.
    NotFound,
    /// HTTP 404 with nothing.
    NotFoundWithoutWords,
    /// `statusCode` 1 until it is revived: its chat server cannot be reached.
    Away,
}

impl Death {
    /// All of them, with their names in the control API.
    const NAMES: [(Self, &'static str); 5] = [
        (Self::Final, "2"),
        (Self::FinalAndEnded, "2_ended"),
        (Self::NotFound, "404"),
        (Self::NotFoundWithoutWords, "404_empty"),
        (Self::Away, "1"),
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

/// Somebody who is or was in a chat. Their number is their place, counted from 1.
#[derive(Debug, Clone)]
pub struct Participant {
    /// `participantId`.
    pub number: u64,
    /// `from.type`: Client, Agent, Supervisor, Bot, External, or any other word a test wants.
    pub kind: String,
    /// `from.nickname`.
    pub nickname: String,
    /// Whether the participant has joined and not left.
    pub present: bool,
}

/// One event as it was appended.
#[derive(Debug, Clone)]
pub struct Event {
    /// Its place in the transcript; `None` for what goes out once.
    pub index: Option<u64>,
    /// When it was appended, unix ms.
    pub at: u64,
    /// Who caused it, by number; 0 for nobody.
    pub by: u64,
    /// Whether it was handed out, if it goes out once only.
    pub spent: bool,
    /// The JSON that goes over the wire.
    pub body: Value,
}

/// One chat.
#[derive(Debug, Clone)]
pub struct Session {
    /// `chatId`.
    pub id: String,
    /// `userId` of the customer.
    pub user: String,
    /// The service in whose name it was asked for.
    pub service: String,
    /// `endpoint`, if one was given.
    pub endpoint: String,
    /// When it was created, unix ms.
    pub created: u64,
    /// What the start sent beside names and user data.
    pub form: Map<String, Value>,
    /// Attached data as it stands.
    pub user_data: Map<String, Value>,
    /// Everybody who ever was here; the customer is the first.
    pub participants: Vec<Participant>,
    /// The transcript and what went out beside it, in order of arrival.
    pub events: Vec<Event>,
    /// Files of both sides.
    pub files: Vec<File>,
    /// The preview of what the customer is typing; `None` when nothing.
    pub customer_typing: Option<String>,
    /// The last position that the customer has confirmed as read.
    pub read: Option<u64>,
    /// Whether the chat is over.
    pub ended: bool,
    /// Set when the chat is to be treated as lost.
    pub death: Option<Death>,
    /// When it is ended because nothing happens, unix ms.
    pub closes_at: Option<u64>,
    /// How many requests are still answered with `statusCode` 1 before another chat server has it.
    pub hiccups: u32,
    /// How many requests were answered.
    pub answers: u32,
    /// The keys that open it: the newest stands last. The one before is taken until the newest was used.
    keys: Vec<String>,
    /// `alias`: the number of the chat server.
    alias: u32,
    /// When the customer was last heard of, unix ms.
    heard: u64,
    next: u64,
}

impl Session {
    /// An empty chat.
    #[must_use]
    pub fn new(id: String, user: String, key: String, now: u64) -> Self {
        Self {
            id,
            user,
            service: String::new(),
            endpoint: String::new(),
            created: now,
            form: Map::new(),
            user_data: Map::new(),
            participants: Vec::new(),
            events: Vec::new(),
            files: Vec::new(),
            customer_typing: None,
            read: None,
            ended: false,
            death: None,
            closes_at: None,
            hiccups: 0,
            answers: 0,
            keys: vec![key],
            alias: 204,
            heard: now,
            next: 1,
        }
    }

    /// The customer.
    #[must_use]
    pub fn customer(&self) -> Option<&Participant> {
        self.participants.first()
    }

    /// Everybody of the contact centre who is here, in order of joining.
    pub fn centre_present(&self) -> impl DoubleEndedIterator<Item = &Participant> {
        self.participants.iter().filter(|one| one.present && one.number != CUSTOMER)
    }

    /// The key that opens it now.
    #[must_use]
    pub fn key(&self) -> &str {
        self.keys.last().map(String::as_str).unwrap_or_default()
    }

    /// Whether a key opens it.
    #[must_use]
    pub fn opens(&self, key: &str) -> bool {
        self.keys.iter().any(|one| one == key)
    }

    /// Whether the customer may be away for long.
    #[must_use]
    pub fn is_asynchronous(&self) -> bool {
        self.user_data.get("GCTI_Chat_AsyncMode").and_then(Value::as_str) == Some("true")
    }

    /// `from` of an event.
    #[must_use]
    pub fn from(&self, number: u64) -> Value {
        let who = self.participants.iter().find(|one| one.number == number);
        who.map_or_else(
            || json!({ "nickname": "", "participantId": number, "type": "External" }),
            |who| json!({ "nickname": who.nickname, "participantId": number, "type": who.kind }),
        )
    }

    /// Somebody joins. Gives their number.
    pub fn join(&mut self, now: u64, nickname: &str, kind: &str) -> u64 {
        let number = u64::try_from(self.participants.len()).unwrap_or(u64::MAX) + 1;
        let (kind, nickname) = (kind.to_owned(), nickname.to_owned());
        self.participants.push(Participant { number, kind, nickname, present: true });
        self.say(now, number, json!({ "type": "ParticipantJoined" }));
        number
    }

    /// Somebody leaves.
    pub fn part(&mut self, now: u64, number: u64) {
        let who = self.participants.iter_mut().find(|one| one.number == number && one.present);
        if let Some(who) = who {
            who.present = false;
            self.say(now, number, json!({ "type": "ParticipantLeft" }));
        }
    }

    /// The customer is out, which ends the chat.
    pub fn part_customer(&mut self, now: u64) {
        self.customer_typing = None;
        self.part(now, CUSTOMER);
        self.end();
    }

    /// It is over.
    pub fn end(&mut self) {
        self.ended = true;
        self.closes_at = None;
    }

    /// Appends an event.
    pub fn say(&mut self, now: u64, by: u64, body: Value) {
        let index = self.next;
        self.next += 1;
        let body = event(body, Some(index), self.from(by), now);
        self.events.push(Event { index: Some(index), at: now, by, spent: false, body });
    }

    /// The customer says something, which ends every silence.
    pub fn speak(&mut self, now: u64, body: Value) {
        self.customer_typing = None;
        self.closes_at = None;
        self.say(now, CUSTOMER, body);
    }

    /// Hands something out once, with the next reading.
    pub fn once(&mut self, now: u64, by: u64, body: Value) {
        self.events.push(Event { index: None, at: now, by, spent: false, body });
    }

    /// A file is there for both sides.
    pub fn share(&mut self, now: u64, by: u64, file: File, data: Map<String, Value>) {
        let mut user_data = data;
        user_data.insert("file-id".to_owned(), json!(file.id));
        user_data.insert("file-name".to_owned(), json!(file.name));
        user_data.insert("file-size".to_owned(), json!(file.bytes.len().to_string()));
        self.files.push(file);
        if by == CUSTOMER {
            self.closes_at = None;
        }
        self.say(now, by, json!({ "type": "FileUploaded", "userData": user_data }));
    }

    /// A file is no longer there.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub fn withdraw(&mut self, now: u64, by: u64, file: &str) -> Result<(), Refusal> {
        let found = self.files.iter_mut().find(|one| one.id == file && !one.deleted);
        let found = found.ok_or(Refusal::NotFound)?;
        found.deleted = true;
        let user_data = json!({ "file-id": found.id, "file-name": found.name });
        self.say(now, by, json!({ "type": "FileDeleted", "userData": user_data }));
        Ok(())
    }

    /// A new key; the one before is taken until this one was used.
    pub fn give_key(&mut self, key: String) {
        self.keys.push(key);
        let surplus = self.keys.len().saturating_sub(2);
        self.keys.drain(..surplus);
    }

    /// The customer has this key.
    pub(super) fn used(&mut self, key: &str) {
        if self.key() == key {
            let surplus = self.keys.len().saturating_sub(1);
            self.keys.drain(..surplus);
        }
    }

    /// Another chat server has the chat.
    pub fn move_house(&mut self) {
        self.alias += 1;
    }

    /// The customer was heard of.
    pub(super) fn heard(&mut self, now: u64) {
        self.heard = self.heard.max(now);
    }

    /// When time changes something by itself.
    pub(super) fn due(&self, silence: u64) -> Option<u64> {
        let out = (silence > 0 && !self.is_asynchronous()).then(|| self.heard.saturating_add(silence));
        let next = [out, self.closes_at].into_iter().flatten().min();
        next.filter(|_| !self.ended)
    }

    pub(super) fn pass(&mut self, now: u64, silence: u64) -> bool {
        let Some(due) = self.due(silence).filter(|due| *due <= now) else { return false };
        if self.closes_at == Some(due) {
            self.say(
                due,
                0,
                json!({ "type": "IdleClose", "text": "The chat was closed because nothing happened." }),
            );
            self.end();
        } else {
            self.part_customer(due);
        }
        true
    }

    /// The answer object, with the transcript from a position on if one was asked for: 0 for nothing, -1 for the last event.
    pub(super) fn answer(&mut self, position: Option<i64>, now: u64) -> Value {
        self.answers += 1;
        let mut answer = json!({
            "statusCode": 0,
            "chatId": self.id,
            "userId": self.user,
            "secureKey": self.key(),
            "alias": self.alias.to_string(),
            "chatEnded": self.ended,
            "nextPosition": self.next,
        });
        let messages = position.map(|position| self.read_from(position));
        super::set(&mut answer, "messages", messages.map(Value::Array));
        let left = self.closes_at.map(|at| at.saturating_sub(now).div_ceil(1_000));
        super::set(&mut answer, "idleTimerExpire", left.map(Value::from));
        answer
    }

    fn read_from(&mut self, position: i64) -> Vec<Value> {
        let from = match position {
            0 => return Vec::new(),
            -1 => self.next.saturating_sub(1),
            position => u64::try_from(position).unwrap_or(1),
        };
        let mut messages = Vec::new();
        for event in &mut self.events {
            match event.index {
                Some(index) if index >= from => messages.push(event.body.clone()),
                None if !event.spent => {
                    event.spent = true;
                    messages.push(event.body.clone());
                }
                _ => {}
            }
        }
        messages
    }
}

/// Puts the members that every event has into `body`, keeping those that are there.
pub(super) fn event(mut body: Value, index: Option<u64>, from: Value, now: u64) -> Value {
    if let Some(body) = body.as_object_mut() {
        let mut put = |name: &str, value: Value| {
            body.entry(name).or_insert(value);
        };
        if let Some(index) = index {
            put("index", json!(index));
        }
        put("utcTime", json!(now));
        put("from", from);
    }
    body
}
