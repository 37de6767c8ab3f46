//! Chats of this service in the sandbox's own words.

use serde_json::{Value, json};

use super::entry::{self, Audience, Entry};
use super::session::{Participant, Session, Transport};
use super::{Centre, NAME};
use crate::action::{Action, ActionError};
use crate::chat::{Chat, Kind, Lasting, Line, Person, Who};
use crate::model::Model;

impl Model for Centre {
    fn name(&self) -> &'static str {
        NAME
    }

    fn chats(&self) -> Vec<Chat> {
        self.sessions.iter().map(chat).collect()
    }

    fn chat(&self, id: &str) -> Option<Chat> {
        self.sessions.iter().find(|one| one.id == id).map(chat)
    }

    fn lines(&self, id: &str, from: usize) -> Vec<Line> {
        let session = self.sessions.iter().find(|one| one.id == id);
        session.map(|one| one.entries.iter().skip(from).map(line).collect()).unwrap_or_default()
    }

    fn act(&mut self, id: &str, now: u64, actions: Vec<Action>) -> Result<Vec<Line>, ActionError> {
        let before = self.find(id).map_or(0, |one| one.entries.len());
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
        self.sessions.clear();
    }
}

fn chat(session: &Session) -> Chat {
    let transports: Vec<Value> = session.transports.iter().map(transport).collect();
    let more = json!({ "form": session.form, "user_data": session.user_data, "transports": transports });
    Chat {
        id: session.id.clone(),
        service: NAME,
        endpoint: session.endpoint.clone(),
        created: session.created,
        touched: session.touched,
        moved_from: session.moved_from.clone(),
        nickname: session.customer().map(|one| one.nickname.clone()),
        participants: session.participants.iter().map(person).collect(),
        entries: session.entries.len(),
        customer_typing: session.customer_typing.clone(),
        ended: session.ended,
        dead: session.death.map(|death| death.name().to_owned()),
        more: more.as_object().cloned().unwrap_or_default(),
    }
}

fn person(one: &Participant) -> Person {
    Person {
        id: one.id.clone(),
        who: Who::named(&one.kind),
        word: one.kind.clone(),
        name: one.nickname.clone(),
        present: one.present,
    }
}

fn transport(one: &Transport) -> Value {
    json!({
        "id": one.id,
        "delivered": one.delivered,
        "last_index": one.last.map(|index| index.to_string()),
        "told_end": one.told_end,
    })
}

fn line(entry: &Entry) -> Line {
    let at = |pointer: &str| entry.body.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let (kind, text) = match entry.text_of("type") {
        "Text" => (Kind::Text, at("/text")),
        "Image" => (Kind::Picture, at("/content/0/name")),
        "PushUrl" => (Kind::Link, at("/url")),
        "Notice" => (Kind::Notice, at("/text")),
        "Structured" => (Kind::Structured, at("/text")),
        "ParticipantJoined" => (Kind::Joined, ""),
        "ParticipantLeft" => (Kind::Left, ""),
        "TypingStarted" => (Kind::Typing, at("/text")),
        "TypingStopped" => (Kind::TypingStopped, ""),
        "System" => (Kind::State, at("/data/interactionState")),
        _ => (Kind::Other, at("/text")),
    };
    Line {
        id: at("/id").to_owned(),
        at: entry.at,
        who: Who::named(at("/from/type")),
        name: at("/from/nickname").to_owned(),
        kind,
        text: text.to_owned(),
        lasting: match entry.lasting {
            entry::Lasting::Kept => Lasting::Kept,
            entry::Lasting::Passing => Lasting::Passing,
            entry::Lasting::Once => Lasting::Once,
        },
        to_customer: entry.audience == Audience::Everyone,
        wire: entry.body.clone(),
    }
}
