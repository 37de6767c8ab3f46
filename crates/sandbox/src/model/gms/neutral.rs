//! Chats of this service in the sandbox's own words.

use serde_json::{Value, json};

use super::chat::{Event, Participant, Session};
use super::{CUSTOMER, Centre, NAME};
use crate::action::{Action, ActionError};
use crate::chat::{Chat, Kind, Lasting, Line, Person, Who};
use crate::model::Model;

impl Model for Centre {
    fn name(&self) -> &'static str {
        NAME
    }

    fn chats(&self) -> Vec<Chat> {
        self.chats.iter().map(chat).collect()
    }

    fn chat(&self, id: &str) -> Option<Chat> {
        self.chats.iter().find(|one| one.id == id).map(chat)
    }

    fn lines(&self, id: &str, from: usize) -> Vec<Line> {
        let found = self.chats.iter().find(|one| one.id == id);
        found
            .map(|one| one.events.iter().skip(from).map(|event| line(one, event)).collect())
            .unwrap_or_default()
    }

    fn act(&mut self, id: &str, now: u64, actions: Vec<Action>) -> Result<Vec<Line>, ActionError> {
        self.pass(now);
        let before = self.find(id).map_or(0, |one| one.events.len());
        self.act_all(id, now, actions)?;
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
    }
}

fn chat(chat: &Session) -> Chat {
    let files: Vec<Value> = chat.files.iter().map(file).collect();
    let more = json!({
        "form": chat.form,
        "user_data": chat.user_data,
        "service_name": chat.service,
        "files": files,
        "read": chat.read,
        "closes_at": chat.closes_at,
    });
    Chat {
        id: chat.id.clone(),
        service: NAME,
        endpoint: chat.endpoint.clone(),
        created: chat.created,
        touched: chat.created,
        moved_from: None,
        nickname: chat.customer().map(|one| one.nickname.clone()),
        participants: chat.participants.iter().map(person).collect(),
        entries: chat.events.len(),
        customer_typing: chat.customer_typing.clone(),
        ended: chat.ended,
        dead: chat.death.map(|death| death.name().to_owned()),
        more: more.as_object().cloned().unwrap_or_default(),
    }
}

fn file(file: &super::files::File) -> Value {
    json!({ "id": file.id, "name": file.name, "size": file.bytes.len(), "deleted": file.deleted,
            "from_customer": file.from_customer })
}

fn person(one: &Participant) -> Person {
    Person {
        id: one.number.to_string(),
        who: if one.number == CUSTOMER { Who::Customer } else { Who::named(&one.kind) },
        word: one.kind.clone(),
        name: one.nickname.clone(),
        present: one.present,
    }
}

fn line(chat: &Session, event: &Event) -> Line {
    let at = |pointer: &str| event.body.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let picture = |name: &str| {
        ["png", "jpg", "jpeg", "gif"].iter().any(|ending| name.to_ascii_lowercase().ends_with(ending))
    };
    let name = at("/userData/file-name");
    let (kind, text) = match at("/type") {
        "Message" if event.body.pointer("/eventAttributes/structured-content").is_some() => {
            (Kind::Structured, at("/text"))
        }
        "Message" => (Kind::Text, at("/text")),
        "FileUploaded" if picture(name) => (Kind::Picture, name),
        "FileUploaded" => (Kind::File, name),
        "PushUrl" => (Kind::Link, at("/text")),
        "Notice" | "CustomNotice" => (Kind::Notice, at("/text")),
        "ParticipantJoined" => (Kind::Joined, ""),
        "ParticipantLeft" => (Kind::Left, ""),
        "TypingStarted" => (Kind::Typing, at("/text")),
        "TypingStopped" => (Kind::TypingStopped, ""),
        "IdleAlert" => (Kind::IdleAlert, at("/text")),
        "IdleClose" => (Kind::Ended, at("/text")),
        _ => (Kind::Other, at("/text")),
    };
    let who = chat.participants.iter().find(|one| one.number == event.by);
    Line {
        id: event.index.map(|index| index.to_string()).unwrap_or_default(),
        at: event.at,
        who: match who {
            Some(one) if one.number == CUSTOMER => Who::Customer,
            Some(one) => Who::named(&one.kind),
            None => Who::System,
        },
        name: who.map(|one| one.nickname.clone()).unwrap_or_default(),
        kind,
        text: text.to_owned(),
        lasting: match (event.index, kind) {
            (None, _) => Lasting::Once,
            (Some(_), Kind::Typing | Kind::TypingStopped) => Lasting::Passing,
            _ => Lasting::Kept,
        },
        to_customer: !(event.by == CUSTOMER && matches!(kind, Kind::Typing | Kind::TypingStopped)),
        wire: event.body.clone(),
    }
}
