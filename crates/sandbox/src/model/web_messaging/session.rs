//! One session: the guest's token, the messages, and who of the contact centre is there.

use std::collections::{BTreeMap, VecDeque};

use serde_json::{Map, Value, json};

use crate::chat::{Kind, Who};

/// A session.
#[derive(Debug, Clone)]
pub struct Session {
    /// Its id in the sandbox; the service's own name for it is the token.
    pub id: String,
    /// What the guest opens it with.
    pub token: String,
    /// The deployment.
    pub deployment: String,
    /// Who signed in for it; `None` for a guest.
    pub person: Option<String>,
    /// When it was created, unix ms.
    pub created: u64,
    /// When it was created or configured last, unix ms.
    pub touched: u64,
    /// For reading only.
    pub read_only: bool,
    /// The token opens it no more.
    pub gone: bool,
    /// How it was lost, if it was.
    pub dead: Option<String>,
    /// Whether the guest ended it.
    pub cleared: bool,
    /// When it ends by itself, unix ms.
    pub ends: u64,
    /// All that was said and done, in order of arrival.
    pub messages: Vec<Message>,
    /// Everybody of the contact centre who ever was here.
    pub people: Vec<Member>,
    /// What the guest told of themselves.
    pub data: BTreeMap<String, String>,
    /// Whether the guest is typing.
    pub typing: bool,
    pub(super) reads: VecDeque<u64>,
    pub(super) sent: VecDeque<u64>,
}

/// Somebody of the contact centre.
#[derive(Debug, Clone)]
pub struct Member {
    /// Identifier.
    pub id: String,
    /// Agent, Bot and so on.
    pub word: String,
    /// The name that is shown.
    pub name: String,
    /// Whether they have joined and not left.
    pub present: bool,
}

/// One message.
#[derive(Debug, Clone)]
pub struct Message {
    /// Counts the messages of the session.
    pub number: u64,
    /// Its time, unix ms: `channel.time`.
    pub at: u64,
    /// Whose it is.
    pub who: Who,
    /// The name of who made it.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// Its words.
    pub text: String,
    /// Whether the history has it.
    pub keeps: Keeps,
    /// As it stands on the wire.
    pub body: Value,
}

/// Where a message appears.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keeps {
    /// Live and in the history.
    Kept,
    /// Live only: typing.
    Passing,
    /// Live, once more or malformed.
    Once,
    /// Not given to the guest at all.
    Hidden,
}

impl Message {
    /// Whether the history has it.
    #[must_use]
    pub fn is_history(&self) -> bool {
        self.keeps == Keeps::Kept
    }
}

impl Session {
    pub(super) fn new(id: String, token: &str, deployment: &str, now: u64, seconds: u64) -> Self {
        Self {
            id,
            token: token.to_owned(),
            deployment: deployment.to_owned(),
            person: None,
            created: now,
            touched: now,
            read_only: false,
            gone: false,
            dead: None,
            cleared: false,
            ends: now + seconds * 1_000,
            messages: Vec::new(),
            people: Vec::new(),
            data: BTreeMap::new(),
            typing: false,
            reads: VecDeque::new(),
            sent: VecDeque::new(),
        }
    }

    /// The time of a message that is made now: strictly rising.
    pub(super) fn time(&self, now: u64) -> u64 {
        let last = self.messages.iter().map(|one| one.at).max();
        last.map_or(now, |last| now.max(last + 1))
    }

    /// Adds a message and gives what the guest gets of it.
    pub(super) fn add(&mut self, message: Message) -> Value {
        let body = message.body.clone();
        let number = u64::try_from(self.messages.len()).unwrap_or(u64::MAX);
        self.messages.push(Message { number, ..message });
        body
    }

    /// Who does something: whoever is named, or who joined last and is there.
    pub(super) fn member(&self, by: Option<&str>) -> Option<&Member> {
        self.people.iter().rev().find(|one| one.present && by.is_none_or(|by| one.name == by || one.id == by))
    }

    /// The guest's name, as far as it was told.
    pub(super) fn nickname(&self) -> Option<String> {
        let names = ["nickname", "firstname", "firstName"];
        names.iter().find_map(|name| self.data.get(*name)).cloned()
    }
}

/// The body of a message from the contact centre.
pub(super) fn outbound(id: &str, at: u64, member: Option<&Member>, kind: &str, more: Value) -> Value {
    let from = member.map_or_else(|| json!({}), |one| json!({ "nickname": one.name }));
    let entity = member.map_or("", |one| if one.word.eq_ignore_ascii_case("bot") { "Bot" } else { "Human" });
    with(
        json!({
            "id": id,
            "type": kind,
            "direction": "Outbound",
            "channel": { "time": iso(at), "type": "Private", "from": from, "to": {} },
            "metadata": { "correlationId": id },
            "originatingEntity": entity,
        }),
        more,
    )
}

/// The copy of a message of the guest.
pub(super) fn inbound(id: &str, message_id: &str, at: u64, kind: &str, more: Value) -> Value {
    with(
        json!({
            "id": id.replace('-', ""),
            "type": kind,
            "direction": "Inbound",
            "channel": { "time": iso(at), "type": "Private", "messageId": message_id, "from": {}, "to": {} },
            "metadata": { "correlationId": id },
            "originatingEntity": "",
        }),
        more,
    )
}

fn with(mut body: Value, more: Value) -> Value {
    if let (Some(body), Value::Object(more)) = (body.as_object_mut(), more) {
        body.extend(more.into_iter().collect::<Map<_, _>>());
    }
    body
}

/// A time as the service writes it.
pub(super) fn iso(ms: u64) -> String {
    let ms = i64::try_from(ms).unwrap_or(i64::MAX);
    let time = jiff::Timestamp::from_millisecond(ms).unwrap_or_default();
    format!("{time:.3}")
}
