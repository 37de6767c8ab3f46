//! The chat session service as a deterministic model: a start, texts and typing notices, reads from a number on, and the leaving.
//!
//! The facts behind it are in `docs/protocols/chat-session.md`; where that file says that nothing public fixes a behaviour, the choice
//! is a switch in [`Settings`]. What the contact centre does is in `acts`, and how the rest of the sandbox sees a chat in `neutral`.

mod acts;
mod neutral;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::chat::{Kind, Lasting, Line, Person, Who};
use crate::ids::Ids;
use crate::options::Options;

/// The name of this model.
pub const NAME: &str = "chat_session";

/// The switches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Accepted values of the header that names the contact centre.
    pub api_keys: Vec<String>,
    /// Which header that is.
    pub key_header: KeyHeader,
    /// Whether a read from a number on gives the entry of that number again.
    pub resume: Resume,
    /// How the end of a chat by the contact centre is told.
    pub end: End,
    /// The path that a start is answered with, below which the chat is then found as well.
    pub path: Path,
}

/// Which header names the contact centre.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyHeader {
    /// Either will do.
    Either,
    /// `apikey`.
    Apikey,
    /// `ContactCenterId`.
    ContactCenterId,
}

/// What a read from a number on gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resume {
    /// That entry and all behind it.
    Inclusive,
    /// All behind it.
    Exclusive,
}

/// How the end of a chat is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// By an entry `SessionEnded` with the code 2.
    Entry,
    /// By the customer's own leaving.
    CustomerLeft,
}

/// Which path a start names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Path {
    /// The one below the address of the start.
    Same,
    /// Another one.
    Other,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            api_keys: vec!["sandbox-key".to_owned()],
            key_header: KeyHeader::Either,
            resume: Resume::Inclusive,
            end: End::Entry,
            path: Path::Same,
        }
    }
}

/// The whole contact centre as this service shows it.
#[derive(Debug)]
pub struct Centre {
    /// The switches.
    pub settings: Settings,
    /// All chats, oldest first.
    pub chats: Vec<Session>,
    ids: Ids,
}

/// One chat.
#[derive(Debug)]
pub struct Session {
    /// Its id: who knows it is in.
    pub id: String,
    created: u64,
    subject: String,
    user_data: Map<String, Value>,
    people: Vec<Person>,
    /// What was said, each with its number if it has one. Numbers begin with 1 and have no gaps.
    entries: Vec<(Option<u64>, Line)>,
    numbers: u64,
    /// How many entries were given to a read without a number.
    given: usize,
    typing: bool,
    /// Nothing more is taken.
    pub ended: bool,
    death: Option<Death>,
}

/// How the service answers for a chat that it has lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Death {
    /// 404 and JSON.
    NotFound,
    /// 404 and nothing.
    Empty,
    /// 400 and words.
    Words,
}

/// Why a request was not granted: the status and the body of the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// JSON with a `statusCode` that is not 0.
    Code(u16, u16),
    /// Words.
    Words(u16, String),
    /// Nothing.
    Bare(u16),
}

impl Centre {
    /// An empty contact centre.
    #[must_use]
    pub fn new(settings: Settings, ids: Ids) -> Self {
        Self { settings, chats: Vec::new(), ids }
    }

    /// An empty contact centre as the sandbox is started with it.
    #[must_use]
    pub fn start(options: &Options, ids: Ids) -> Self {
        Self::new(Settings { api_keys: options.api_keys.clone(), ..Settings::default() }, ids)
    }

    /// Whether these headers open this contact centre.
    ///
    /// # Errors
    /// 403 otherwise.
    pub fn check_key(&self, apikey: Option<&str>, contact_center: Option<&str>) -> Result<(), Refusal> {
        let key = match self.settings.key_header {
            KeyHeader::Either => apikey.or(contact_center),
            KeyHeader::Apikey => apikey,
            KeyHeader::ContactCenterId => contact_center,
        };
        let known = key.is_some_and(|key| self.settings.api_keys.iter().any(|one| one == key));
        if known { Ok(()) } else { Err(Refusal::Code(403, 4)) }
    }

    /// Begins a chat, and gives its id and path.
    ///
    /// # Errors
    /// 400 without a nickname or subject.
    pub fn request_chat(&mut self, now: u64, body: &Map<String, Value>) -> Result<Value, Refusal> {
        let word = |name: &str| body.get(name).and_then(Value::as_str).filter(|word| !word.is_empty());
        let (Some(nickname), Some(subject)) = (word("nickname"), word("subject")) else {
            return Err(Refusal::Words(400, "Bad Request".to_owned()));
        };
        let id = self.ids.uuid();
        let user_data = body.get("userData").and_then(Value::as_object).cloned().unwrap_or_default();
        let mut session = Session {
            id: id.clone(),
            created: now,
            subject: subject.to_owned(),
            user_data,
            people: Vec::new(),
            entries: Vec::new(),
            numbers: 0,
            given: 0,
            typing: false,
            ended: false,
            death: None,
        };
        session.joins(now, nickname, "Customer");
        session.joins(now, "system", "External");
        self.chats.push(session);
        let root = match self.settings.path {
            Path::Same => "/api/v2/chats",
            Path::Other => "/api/v2/elsewhere/chats",
        };
        Ok(json!({ "id": id, "statusCode": 0, "path": format!("{root}/{id}") }))
    }

    /// A chat that can be asked something.
    ///
    /// # Errors
    /// As the chat was lost, or 400 and words if there never was one.
    pub fn chat(&mut self, id: &str) -> Result<&mut Session, Refusal> {
        let missing = || Refusal::Words(400, format!("Chat not found {id}"));
        let chat = self.chats.iter_mut().find(|one| one.id == id).ok_or_else(missing)?;
        match chat.death {
            None => Ok(chat),
            Some(Death::NotFound) => Err(Refusal::Code(404, 6)),
            Some(Death::Empty) => Err(Refusal::Bare(404)),
            Some(Death::Words) => Err(missing()),
        }
    }

    /// Does what the customer's client says to a chat.
    ///
    /// # Errors
    /// 400 if the chat is over or the text is missing, 405 for an operation that is not known.
    pub fn operation(&mut self, id: &str, now: u64, body: &Map<String, Value>) -> Result<Value, Refusal> {
        let chat = self.chat(id)?;
        let bad = || Refusal::Words(400, "Bad Request".to_owned());
        let name = body.get("operationName").and_then(Value::as_str).ok_or_else(bad)?;
        if chat.ended {
            return Err(bad());
        }
        match name {
            "SendMessage" => {
                let text = body.get("text").and_then(Value::as_str).ok_or_else(bad)?;
                chat.typing = false;
                chat.says(now, 0, json!({ "type": "Text", "text": text }));
            }
            "SendStartTypingNotification" => chat.customer_types(now, true),
            "SendStopTypingNotification" => chat.customer_types(now, false),
            "Complete" => chat.completes(now),
            _ => return Err(Refusal::Words(405, "Method Not Allowed".to_owned())),
        }
        Ok(json!({ "statusCode": 0 }))
    }

    /// The entries from a number on, or those that were not given yet.
    ///
    /// # Errors
    /// As [`Centre::chat`].
    pub fn messages(&mut self, id: &str, index: Option<u64>) -> Result<Value, Refusal> {
        let resume = self.settings.resume;
        let chat = self.chat(id)?;
        let first = match (index, resume) {
            (None, _) => chat.given,
            // The first number stands for the beginning in both readings.
            (Some(0 | 1), _) => 0,
            (Some(from), Resume::Inclusive) => chat.place(from),
            (Some(from), Resume::Exclusive) => chat.place(from + 1),
        };
        let shown = chat.entries.iter().skip(first).filter(|(_, line)| line.to_customer);
        let given: Vec<Value> = shown.map(|(_, line)| line.wire.clone()).collect();
        chat.entries.iter_mut().skip(first).for_each(|(_, line)| {
            if line.lasting == Lasting::Once {
                line.to_customer = false;
            }
        });
        chat.given = chat.entries.len();
        Ok(json!({ "messages": given, "statusCode": 0 }))
    }

    /// What is known of a chat as such.
    ///
    /// # Errors
    /// As [`Centre::chat`].
    pub fn metadata(&mut self, id: &str) -> Result<Value, Refusal> {
        let chat = self.chat(id)?;
        let people: Vec<Value> = chat.people.iter().map(from).collect();
        let state = if chat.ended { "Idle" } else { "Chatting" };
        Ok(json!({ "chat": { "id": chat.id, "participants": people, "state": state }, "statusCode": 0 }))
    }
}

impl Session {
    /// Where the entry of this number stands, or the next one behind it.
    fn place(&self, from: u64) -> usize {
        let found = self.entries.iter().position(|(number, _)| number.is_some_and(|number| number >= from));
        found.unwrap_or(self.entries.len())
    }

    fn joins(&mut self, now: u64, name: &str, word: &str) -> usize {
        let id = (self.people.len() + 1).to_string();
        let who = Who::named(word);
        self.people.push(Person { id, who, word: word.to_owned(), name: name.to_owned(), present: true });
        let who = self.people.len() - 1;
        self.says(now, who, json!({ "type": "ParticipantJoined" }));
        who
    }

    fn parts(&mut self, now: u64, who: usize) {
        if let Some(person) = self.people.get_mut(who) {
            person.present = false;
        }
        self.says(now, who, json!({ "type": "ParticipantLeft" }));
    }

    fn customer_types(&mut self, now: u64, on: bool) {
        self.typing = on;
        // The other side sees it; the transcript of the customer is not kept busy with it.
        let kind = if on { Kind::Typing } else { Kind::TypingStopped };
        let name = self.people.first().map(|one| one.name.clone()).unwrap_or_default();
        let (id, text, wire) = (String::new(), String::new(), Value::Null);
        let line = Line {
            id,
            at: now,
            who: Who::Customer,
            name,
            kind,
            text,
            lasting: Lasting::Passing,
            to_customer: false,
            wire,
        };
        self.entries.push((None, line));
    }

    fn completes(&mut self, now: u64) {
        self.typing = false;
        self.parts(now, 0);
        self.ended = true;
    }

    /// An entry of somebody, with the next number. `body` has its type and what belongs to that.
    fn says(&mut self, now: u64, who: usize, mut body: Value) {
        let by = self.people.get(who).map_or(Value::Null, from);
        if let Some(body) = body.as_object_mut() {
            self.numbers += 1;
            body.entry("index").or_insert(json!(self.numbers));
            body.entry("from").or_insert(by);
        }
        self.put(now, body, Lasting::Kept);
    }

    /// An entry exactly as it is.
    fn put(&mut self, now: u64, body: Value, lasting: Lasting) {
        let number = body.get("index").and_then(Value::as_u64);
        self.entries.push((number, neutral::line(now, body, lasting)));
    }
}

fn from(person: &Person) -> Value {
    let id: u64 = person.id.parse().unwrap_or_default();
    json!({ "nickname": person.name, "participantId": id, "type": person.word })
}

#[cfg(test)]
mod tests;
