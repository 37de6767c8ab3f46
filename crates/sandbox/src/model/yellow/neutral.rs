//! Chats of this service in the sandbox's own words.

use serde_json::{Map, Value, json};

use super::mobile::Mobile;
use super::{Centre, NAME, Session};
use crate::action::{Action, ActionError};
use crate::chat::{Chat, Kind, Lasting, Line, Who};
use crate::model::Model;

impl Model for Centre {
    fn name(&self) -> &'static str {
        NAME
    }

    fn chats(&self) -> Vec<Chat> {
        self.chats.iter().map(|chat| neutral(chat, &self.settings.bot_id)).collect()
    }

    fn lines(&self, id: &str, from: usize) -> Vec<Line> {
        let session = self.chats.iter().find(|one| one.sender == id);
        session.map(|one| one.lines.iter().skip(from).cloned().collect()).unwrap_or_default()
    }

    fn act(&mut self, id: &str, now: u64, actions: Vec<Action>) -> Result<Vec<Line>, ActionError> {
        let before = self.chats.iter().find(|one| one.sender == id).map_or(0, |one| one.lines.len());
        self.perform(id, now, actions)?;
        Ok(self.lines(id, before))
    }

    fn settings(&self) -> Value {
        json!(self.settings)
    }

    fn configure(&mut self, settings: Value) -> Result<(), String> {
        self.settings = serde_json::from_value(settings).map_err(|error| error.to_string())?;
        Ok(())
    }

    fn clear(&mut self) {
        self.chats.clear();
        self.mobile = Mobile::default();
        self.tickets = 0;
    }
}

fn neutral(session: &Session, bot: &str) -> Chat {
    let form = session.events.iter().find(|event| event["code"] == "bot-opened");
    let form = form.map_or(Value::Null, |event| event["data"].clone());
    let more = json!({ "form": form, "user_data": form, "events": session.events, "ticket": session.tickets.last(), "tickets": session.tickets.len() });
    Chat {
        id: session.sender.clone(),
        service: NAME,
        endpoint: bot.to_owned(),
        created: session.created,
        touched: session.created,
        moved_from: None,
        nickname: session.people.first().map(|one| one.name.clone()),
        participants: session.people.clone(),
        entries: session.lines.len(),
        customer_typing: None,
        ended: false,
        dead: None,
        more: more.as_object().cloned().unwrap_or_default(),
    }
}

/// A line of a message as the customer's client gets it.
pub(super) fn line(at: u64, wire: Value, lasting: Lasting) -> Line {
    let word = |name: &str| wire.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let who = match word("messageType").as_str() {
        "NOTIFICATION" => Who::System,
        word => Who::named(word),
    };
    let message = word("message");
    let object: Option<Map<String, Value>> = serde_json::from_str(&message).ok();
    let (kind, text) = match &object {
        None if who == Who::System && message.ends_with("has joined the conversation") => {
            (Kind::Joined, message)
        }
        None if who == Who::System && message.ends_with("has left the conversation") => (Kind::Left, message),
        None if who == Who::System => (Kind::Notice, message),
        None => (Kind::Text, message),
        Some(object) => of_object(object),
    };
    Line { id: word("_id"), at, who, name: word("agentName"), kind, text, lasting, to_customer: true, wire }
}

fn of_object(object: &Map<String, Value>) -> (Kind, String) {
    let code = object.get("event").and_then(|event| event["code"].as_str());
    match code {
        Some(code) if code.starts_with("ui-event-") => (Kind::Banner, code.to_owned()),
        Some(code) => (Kind::Other, code.to_owned()),
        None => match object.get("typing") {
            Some(Value::Bool(true)) => (Kind::Typing, String::new()),
            Some(_) => (Kind::TypingStopped, String::new()),
            None => of_content(object),
        },
    }
}

fn of_content(object: &Map<String, Value>) -> (Kind, String) {
    let word = |name: &str| object.get(name).and_then(Value::as_str).map(str::to_owned);
    if let Some(address) = word("image") {
        return (Kind::Picture, address);
    }
    if let Some(address) = word("file").or_else(|| word("video")) {
        return (Kind::File, address);
    }
    // Words alone may come as JSON as well.
    let kind =
        if object.len() == 1 && object.contains_key("message") { Kind::Text } else { Kind::Structured };
    (kind, word("message").unwrap_or_default())
}
