//! yellow.ai as a deterministic model: what a bot and live agents say to a customer, with its tickets and banners.
//!
//! The facts behind it are in `docs/protocols/yellow.md`; where that file says that nothing public fixes a behaviour, the choice is a
//! switch in [`Settings`]. The bot's own program is in `bot`, its tickets are in `ticket`. What the contact centre does is in `acts` as the
//! sandbox's own controls ask for it, and in `desk` as the agents' side of the service does. What a customer's program may ask for besides
//! messages is in `mobile`, and how the rest of the sandbox sees a chat in `neutral`.

mod acts;
mod bot;
mod desk;
mod mobile;
mod neutral;
mod settings;
mod ticket;

use serde_json::{Map, Value, json};

use crate::chat::{Lasting, Line, Person, Who};
use crate::ids::Ids;
use crate::options::Options;

use self::mobile::Mobile;
use self::ticket::Ticket;

pub use self::bot::{Bot, Exit, Form, Shown};
pub use self::mobile::{FILE_LIMIT, HOST};
pub use self::settings::{Answers, Array, Order, Settings};

/// The name of this model.
pub const NAME: &str = "yellow";

/// The whole contact centre as this service shows it.
#[derive(Debug)]
pub struct Centre {
    /// The switches.
    pub settings: Settings,
    /// All customers, the latest last.
    pub chats: Vec<Session>,
    ids: Ids,
    mobile: Mobile,
    /// How many tickets there ever were.
    tickets: u32,
}

/// Which messages are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// How many at most.
    pub limit: usize,
    /// How many come before them.
    pub offset: usize,
    /// Only those of this ticket.
    pub ticket: Option<String>,
    /// Only those of this channel.
    pub source: Option<String>,
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
    /// The legs with live agents, oldest first. An agent that opens one again makes another.
    tickets: Vec<Ticket>,
    /// How many lines were there when the customer last read.
    seen: usize,
    /// Events that the customer's client has raised, oldest first.
    events: Vec<Value>,
}

/// Why a request was not granted: the status and what is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal(pub u16, pub &'static str);

/// What writing into a chat takes besides the chat.
#[derive(Debug)]
struct Pen<'a> {
    now: u64,
    ids: &'a mut Ids,
    settings: &'a Settings,
    tickets: &'a mut u32,
}

/// What a customer says.
enum Said {
    Text(String),
    /// A file, by its kind and address.
    Medium(&'static str, String),
    Event(Value),
}

impl Said {
    fn of(data: &Value) -> Option<Self> {
        let word = |name: &str| data.get(name).and_then(Value::as_str).map(str::to_owned);
        if let Some(text) = word("message") {
            return Some(Self::Text(text));
        }
        if let Some(event) = data.get("event").filter(|event| event["code"].is_string()) {
            return Some(Self::Event(event.clone()));
        }
        ["file", "image", "video"].into_iter().find_map(|kind| Some(Self::Medium(kind, word(kind)?)))
    }
}

impl Centre {
    /// An empty contact centre.
    #[must_use]
    pub fn new(settings: Settings, ids: Ids) -> Self {
        Self { settings, chats: Vec::new(), ids, mobile: Mobile::default(), tickets: 0 }
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

    /// Takes what the customer says, and gives what the bot says at once.
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
        let said = Said::of(data).ok_or(Refusal(400, "data has no message"))?;
        let Self { settings, chats, ids, tickets, .. } = self;
        let mut pen = Pen { now, ids, settings, tickets };
        let place = chats.iter().position(|one| one.sender == sender).unwrap_or_else(|| {
            chats.push(Session::new(sender, now));
            chats.len() - 1
        });
        let Some(chat) = chats.get_mut(place) else { return Err(Refusal(500, "lost")) };
        let before = chat.lines.len();
        match said {
            Said::Event(event) => chat.raised(now, &event),
            Said::Text(text) => {
                chat.bot_is_first(&mut pen, &text);
                chat.put(&mut pen, "USER", Value::String(text.clone()));
                chat.bot_hears(&mut pen, &text);
            }
            Said::Medium(kind, address) => {
                chat.put(&mut pen, "USER", json!({ kind: address }));
                chat.bot_is_sent(&mut pen, kind);
            }
        }
        let array = chat.answers(pen.settings, before);
        let data = json!({ "messageArray": array, "targetLanguage": "en", "botId": bot, "sender": sender });
        Ok(json!({ "success": true, "message": "success", "data": data }))
    }

    /// The messages of a customer in pages; nothing of one who is not known.
    pub fn messages(&mut self, sender: &str, limit: usize, offset: usize) -> Value {
        self.page(sender, &Page { limit, offset, ticket: None, source: None })
    }

    /// A page of messages; nothing of a customer who is not known.
    pub fn page(&mut self, sender: &str, page: &Page) -> Value {
        let Self { settings, chats, .. } = self;
        let chat = chats.iter_mut().find(|one| one.sender == sender);
        let data = chat.map(|chat| chat.page(settings, page)).unwrap_or_default();
        json!({ "success": true, "message": "success", "data": data })
    }

    /// The chat with this customer, and what it takes to write into it.
    fn chat(&mut self, now: u64, sender: &str) -> Option<(&mut Session, Pen<'_>)> {
        let Self { settings, chats, ids, tickets, .. } = self;
        let chat = chats.iter_mut().find(|one| one.sender == sender)?;
        Some((chat, Pen { now, ids, settings, tickets }))
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
            tickets: Vec::new(),
            seen: 0,
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

    /// What the bot has said since, as it stands in the answer to a message.
    fn answers(&mut self, settings: &Settings, before: usize) -> Vec<Value> {
        let mut array = Vec::new();
        for line in self.lines.iter_mut().skip(before).filter(|line| line.who == Who::Bot) {
            if settings.answers != Answers::Messages {
                array.push(answer(&line.wire));
            }
            if settings.answers == Answers::Answer {
                line.to_customer = false;
            }
        }
        match settings.array {
            Array::InOrder => {}
            Array::Reversed => array.reverse(),
            Array::Twice => array.extend(array.clone()),
        }
        array
    }

    fn page(&mut self, settings: &Settings, page: &Page) -> Vec<Value> {
        let leg = page.ticket.as_ref().map(|id| self.leg(id));
        let asked = |place: &usize, line: &Line| {
            let source = page.source.as_deref();
            line.to_customer
                && leg.as_ref().is_none_or(|leg| leg.contains(place))
                && source.is_none_or(|source| line.wire.get("source").is_some_and(|one| one == source))
        };
        let lines = self.lines.iter().enumerate();
        let mut all: Vec<Value> = lines
            .filter(|(place, line)| asked(place, line))
            .map(|(_, line)| skewed(line.wire.clone(), settings.skew_ms))
            .collect();
        if settings.order == Order::NewestFirst {
            all.reverse();
        }
        for line in &mut self.lines {
            line.to_customer &= line.lasting != Lasting::Once;
        }
        self.seen = self.lines.len();
        all.into_iter().skip(page.offset).take(page.limit).collect()
    }

    /// A message of this type, with a time that no other has.
    fn put(&mut self, pen: &mut Pen<'_>, kind: &str, message: Value) {
        self.clock = pen.now.max(self.clock + 1);
        let wire = json!({
            "_id": pen.ids.uuid(),
            "created": self.clock,
            "uid": self.sender,
            "message": if message.is_object() { Value::String(message.to_string()) } else { message },
            "messageType": kind,
            "source": "yellowmessenger",
            "messageTags": [],
        });
        self.line(pen.now, wire, Lasting::Kept);
    }

    /// A message exactly as it is.
    fn line(&mut self, now: u64, wire: Value, lasting: Lasting) {
        self.lines.push(neutral::line(now, wire, lasting));
    }

    /// An event of the bot or the service.
    fn event(&mut self, pen: &mut Pen<'_>, kind: &str, code: &str, data: Option<Value>) {
        let mut event = json!({ "code": code });
        if let (Some(data), Some(event)) = (data, event.as_object_mut()) {
            event.insert("data".to_owned(), data);
        }
        self.put(pen, kind, json!({ "event": event }));
    }

    /// The agent of the ticket that is open.
    fn agent(&self) -> Option<&Person> {
        self.people.iter().rev().find(|one| one.present && one.who == Who::Agent)
    }
}

/// A message whose time is told by a clock that goes wrong.
fn skewed(mut wire: Value, skew: i64) -> Value {
    if skew != 0
        && let Some(at) = wire.get("created").and_then(Value::as_u64)
        && let Some(wire) = wire.as_object_mut()
    {
        wire.insert("created".to_owned(), json!(at.saturating_add_signed(skew)));
    }
    wire
}

#[cfg(test)]
mod tests;
