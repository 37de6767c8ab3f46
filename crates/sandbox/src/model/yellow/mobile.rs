//! What a customer's program may ask for besides messages: a token, how much is unread, to be reminded, to be seen, a place for a file,
//! and how the bot looks. Envoi asks for none of it; the published programs do, and so may a relay.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::{Centre, Refusal};
use crate::chat::{Kind, Who};

/// Stands for where this service is, in what the model says: the front puts its own address there.
pub const HOST: &str = "https://yellow.sandbox.invalid";

/// Largest file that is taken, in bytes.
pub const FILE_LIMIT: usize = 20 << 20;

/// What is known of customers' programs.
#[derive(Debug, Default)]
pub(super) struct Mobile {
    /// For each token that was given out: for whom, and until when (unix ms).
    tokens: BTreeMap<String, (String, u64)>,
    /// Whose device each is.
    devices: BTreeMap<String, String>,
    files: BTreeMap<String, (String, Bytes)>,
}

fn word<'a>(body: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    body.get(name).and_then(Value::as_str).filter(|word| !word.is_empty())
}

fn done() -> Value {
    json!({ "success": true, "message": "success" })
}

fn not_done(message: &str) -> Value {
    json!({ "success": false, "message": message })
}

impl Centre {
    /// Gives a token that stands for a customer for a while. The name of the customer is the one that messages are sent under.
    ///
    /// # Errors
    /// 400 without one.
    pub fn encrypt(&mut self, now: u64, body: &Map<String, Value>) -> Result<Value, Refusal> {
        let user = word(body, "ymAuthenticationToken");
        let user = user.ok_or(Refusal(400, "ymAuthenticationToken is required"))?.to_owned();
        if word(body, "botId") != Some(self.settings.bot_id.as_str()) {
            return Err(Refusal(400, "bot not found"));
        }
        let token = self.ids.uuid().replace('-', "");
        let until = now.saturating_add(self.settings.auth_seconds.saturating_mul(1_000));
        self.mobile.tokens.insert(token.clone(), (user, until));
        Ok(json!({ "success": true, "message": "Success", "data": { "token": token } }))
    }

    /// Whom a token stands for: the customer whose name it is, or whom it was given out for.
    fn user(&self, now: u64, body: &Map<String, Value>) -> Result<String, &'static str> {
        let token = word(body, "ymAuthenticationToken").ok_or("ymAuthenticationToken is required")?;
        match self.mobile.tokens.get(token) {
            Some((_, until)) if *until <= now => Err("the token is no longer good"),
            Some((user, _)) => Ok(user.clone()),
            None => Ok(token.to_owned()),
        }
    }

    /// How many messages of the bot and the agents came since the customer last read.
    #[must_use]
    pub fn unread(&self, now: u64, body: &Map<String, Value>) -> Value {
        let user = match self.user(now, body) {
            Ok(user) => user,
            Err(message) => return not_done(message),
        };
        let Some(chat) = self.chats.iter().find(|chat| chat.sender == user) else {
            return not_done("the bot was never opened with this token");
        };
        let news = chat.lines.iter().skip(chat.seen).filter(|line| {
            matches!(line.who, Who::Bot | Who::Agent)
                && matches!(line.kind, Kind::Text | Kind::Picture | Kind::File | Kind::Structured)
        });
        // The published program has it as a text.
        let count = news.count().to_string();
        json!({ "success": true, "message": "success", "data": { "unreadCount": count } })
    }

    /// A device is to be reminded of a customer's messages.
    pub fn register(&mut self, now: u64, body: &Map<String, Value>) -> Value {
        let Some(device) = word(body, "deviceToken") else { return not_done("deviceToken is required") };
        match self.user(now, body) {
            Ok(user) => {
                self.mobile.devices.insert(device.to_owned(), user);
                done()
            }
            Err(message) => not_done(message),
        }
    }

    /// A device is to be left alone.
    pub fn unregister(&mut self, body: &Map<String, Value>) -> Value {
        let known = word(body, "deviceToken").and_then(|device| self.mobile.devices.remove(device));
        if known.is_some() { done() } else { not_done("this device is not known") }
    }

    /// A customer is there or not.
    pub fn presence(&mut self, user: &str, status: &str) -> Value {
        let chat = self.chats.iter_mut().find(|chat| chat.sender == user);
        if let Some(customer) = chat.and_then(|chat| chat.people.first_mut()) {
            customer.present = status == "online";
        }
        done()
    }

    /// Takes a file, and gives the address under which it can be sent.
    ///
    /// # Errors
    /// 413 if it is too large.
    pub fn upload(&mut self, mime: &str, bytes: Bytes) -> Result<Value, Refusal> {
        if bytes.len() > FILE_LIMIT {
            return Err(Refusal(413, "File too large"));
        }
        let id = self.ids.uuid();
        self.mobile.files.insert(id.clone(), (mime.to_owned(), bytes));
        Ok(json!({ "success": true, "url": format!("{HOST}/files/{id}") }))
    }

    /// A file at its address.
    ///
    /// # Errors
    /// 404 if there is none.
    pub fn file(&self, id: &str) -> Result<(String, Bytes), Refusal> {
        self.mobile.files.get(id).cloned().ok_or(Refusal(404, "Not Found"))
    }

    /// How the bot looks.
    #[must_use]
    pub fn look(&self) -> Value {
        let data = json!({
            "botName": self.settings.bot_id,
            "botTitle": "Tidewater Energy",
            "botDesc": "Ask about your bill",
            "botIntro": "Hello",
            "botIcon": "",
            "skin": {},
            "promotions": [],
            "languages": ["en"],
            "botType": "yellowmessenger",
            "welcomeOptions": [],
        });
        json!({ "success": true, "message": "success", "data": data })
    }
}
