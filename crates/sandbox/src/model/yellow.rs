//! yellow.ai as a deterministic model: what a bot and live agents say to a customer, with its tickets and banners.
//!
//! The facts behind it are in `docs/protocols/yellow.md`; where that file says that nothing public fixes a behaviour, the choice is a
//! switch in [`Settings`]. The bot's own program is in `bot`, what the contact centre does in `acts`, and how the rest of the sandbox
//! sees a chat in `neutral`.

mod acts;
mod bot;
mod neutral;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::chat::{Lasting, Line, Person, Who};
use crate::ids::Ids;
use crate::options::Options;

pub use self::bot::{Bot, Exit, Shown};

/// The name of this model.
pub const NAME: &str = "yellow";

/// The switches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Accepted keys, of the service itself or of a relay.
    pub api_keys: Vec<String>,
    /// The bot that is known.
    pub bot_id: String,
    /// Who plays the bot.
    pub bot: Bot,
    /// With which event the bot's own program shows its banner.
    pub banner: Shown,
    /// What it does when the customer wants to leave the agent.
    pub exit: Exit,
    /// The words for that.
    pub phrase: String,
    /// Whether an agent is free as soon as one is asked for.
    pub agents_online: bool,
    /// The order of a page of messages.
    pub order: Order,
    /// Where the bot's answers stand.
    pub answers: Answers,
}

/// The order of a page of messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// The newest first.
    NewestFirst,
    /// The oldest first.
    OldestFirst,
}

/// Where the bot's answers stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answers {
    /// In the answer to a message, and among the messages.
    Both,
    /// Among the messages only.
    Messages,
    /// In the answer to a message only.
    Answer,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            api_keys: vec!["sandbox-key".to_owned()],
            bot_id: "x1657623696077".to_owned(),
            bot: Bot::Script,
            banner: Shown::Update,
            exit: Exit::Closes,
            phrase: "talk to bot".to_owned(),
            agents_online: true,
            order: Order::NewestFirst,
            answers: Answers::Both,
        }
    }
}

/// The whole contact centre as this service shows it.
#[derive(Debug)]
pub struct Centre {
    /// The switches.
    pub settings: Settings,
    /// All customers, the latest last.
    pub chats: Vec<Session>,
    ids: Ids,
}

/// Everything with one customer.
#[derive(Debug)]
pub struct Session {
    /// What the bot knows the customer by.
    pub sender: String,
    created: u64,
    /// The time of the newest message: no two have the same.
    clock: u64,
    people: Vec<Person>,
    lines: Vec<Line>,
    ticket: Option<Ticket>,
    tickets: u32,
    /// Events that the customer's client has raised, oldest first.
    events: Vec<Value>,
}

/// One leg with a live agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Ticket {
    id: String,
    status: &'static str,
    reopened_from: Option<String>,
}

/// Why a request was not granted: the status and what is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal(pub u16, pub &'static str);

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

    /// Whether a key opens this contact centre.
    ///
    /// # Errors
    /// 401 without one, 403 with another.
    pub fn check_key(&self, key: Option<&str>) -> Result<(), Refusal> {
        match key {
            None => Err(Refusal(401, "Unauthorized")),
            Some(key) if self.settings.api_keys.iter().any(|one| one == key) => Ok(()),
            Some(_) => Err(Refusal(403, "Forbidden")),
        }
    }

    /// Takes a message or an event of the customer, and gives what the bot says at once.
    ///
    /// # Errors
    /// 400 if something is missing.
    pub fn message(&mut self, now: u64, body: &Map<String, Value>) -> Result<Value, Refusal> {
        let word = |name: &str| body.get(name).and_then(Value::as_str).filter(|word| !word.is_empty());
        let (Some(bot), Some(sender), Some(data)) = (word("botId"), word("sender"), body.get("data")) else {
            return Err(Refusal(400, "botId, sender and data are required"));
        };
        if bot != self.settings.bot_id {
            return Err(Refusal(400, "bot not found"));
        }
        let text = data.get("message").and_then(Value::as_str);
        let event = data.get("event").filter(|event| event.get("code").is_some_and(Value::is_string));
        if text.is_none() && event.is_none() {
            return Err(Refusal(400, "data has no message"));
        }
        let (sender, text, event) = (sender.to_owned(), text.map(str::to_owned), event.cloned());
        let settings = self.settings.clone();
        let ids = &mut self.ids;
        let place = self.chats.iter().position(|one| one.sender == sender).unwrap_or_else(|| {
            self.chats.push(Session::new(&sender, now));
            self.chats.len() - 1
        });
        let Some(chat) = self.chats.get_mut(place) else { return Err(Refusal(500, "lost")) };
        let before = chat.lines.len();
        if let Some(event) = event {
            chat.raised(now, &event);
        }
        if let Some(text) = text {
            chat.put(now, ids, "USER", Value::String(text.clone()));
            if settings.bot == Bot::Own {
                chat.bot_hears(now, ids, &settings, &text);
            }
        }
        let said = chat.lines.iter_mut().skip(before).filter(|line| line.who == Who::Bot);
        let mut array = Vec::new();
        for line in said {
            if settings.answers != Answers::Messages {
                array.push(answer(&line.wire));
            }
            if settings.answers == Answers::Answer {
                line.to_customer = false;
            }
        }
        let data = json!({ "messageArray": array, "targetLanguage": "en", "botId": bot, "sender": sender });
        Ok(json!({ "success": true, "message": "success", "data": data }))
    }

    /// A page of messages; nothing of a customer who is not known.
    pub fn messages(&mut self, sender: &str, limit: usize, offset: usize) -> Value {
        let chat = self.chats.iter_mut().find(|one| one.sender == sender);
        let order = self.settings.order;
        let mut data: Vec<Value> = Vec::new();
        if let Some(chat) = chat {
            let all: Vec<Value> =
                chat.lines.iter().filter(|line| line.to_customer).map(|line| line.wire.clone()).collect();
            let page =
                |list: &mut dyn Iterator<Item = &Value>| list.skip(offset).take(limit).cloned().collect();
            data = match order {
                Order::NewestFirst => page(&mut all.iter().rev()),
                Order::OldestFirst => page(&mut all.iter()),
            };
            for line in &mut chat.lines {
                line.to_customer &= line.lasting != Lasting::Once;
            }
        }
        json!({ "success": true, "message": "success", "data": data })
    }
}

/// A message as it stands in the answer to another one: without its time and without who sent it.
fn answer(wire: &Value) -> Value {
    let mut answer = Map::new();
    answer.insert("_id".to_owned(), wire["_id"].clone());
    answer.insert("messageTags".to_owned(), json!([]));
    match wire["message"].as_str().and_then(|text| serde_json::from_str::<Map<String, Value>>(text).ok()) {
        Some(object) => answer.extend(object),
        None => {
            answer.insert("message".to_owned(), wire["message"].clone());
        }
    }
    Value::Object(answer)
}

impl Session {
    fn new(sender: &str, now: u64) -> Self {
        let customer = Person {
            id: "user".to_owned(),
            who: Who::Customer,
            word: "USER".to_owned(),
            name: String::new(),
            present: true,
        };
        Self {
            sender: sender.to_owned(),
            created: now,
            clock: 0,
            people: vec![customer],
            lines: Vec::new(),
            ticket: None,
            tickets: 0,
            events: Vec::new(),
        }
    }

    /// The customer's client has raised an event.
    fn raised(&mut self, now: u64, event: &Value) {
        if event["code"] == "bot-opened"
            && let Some(customer) = self.people.first_mut()
        {
            customer.name =
                event.pointer("/data/firstname").and_then(Value::as_str).unwrap_or_default().to_owned();
        }
        if let Some(customer) = self.people.first_mut() {
            customer.present = event["code"] != "bot-closed";
        }
        self.events.push(json!({ "at": now, "code": event["code"], "data": event["data"] }));
    }

    /// A message of this type, with a time that no other has.
    fn put(&mut self, now: u64, ids: &mut Ids, kind: &str, message: Value) {
        self.clock = now.max(self.clock + 1);
        let wire = json!({
            "_id": ids.uuid(),
            "created": self.clock,
            "uid": self.sender,
            "message": if message.is_object() { Value::String(message.to_string()) } else { message },
            "messageType": kind,
            "source": "yellowmessenger",
            "messageTags": [],
        });
        self.line(now, wire, Lasting::Kept);
    }

    /// A message exactly as it is.
    fn line(&mut self, now: u64, wire: Value, lasting: Lasting) {
        self.lines.push(neutral::line(now, wire, lasting));
    }

    /// An event of the bot or the service.
    fn event(&mut self, now: u64, ids: &mut Ids, kind: &str, code: &str, data: Option<Value>) {
        let mut event = json!({ "code": code });
        if let (Some(data), Some(event)) = (data, event.as_object_mut()) {
            event.insert("data".to_owned(), data);
        }
        self.put(now, ids, kind, json!({ "event": event }));
    }

    /// The agent of the ticket that is open.
    fn agent(&self) -> Option<&Person> {
        self.people.iter().rev().find(|one| one.present && one.who == Who::Agent)
    }
}

#[cfg(test)]
mod tests;
