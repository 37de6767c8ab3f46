//! Chats of this service in the sandbox's own words.

use serde_json::{Value, json};

use super::{Centre, Death, NAME, Session};
use crate::action::{Action, ActionError};
use crate::chat::{Chat, Kind, Lasting, Line, Who};
use crate::model::Model;

impl Model for Centre {
    fn name(&self) -> &'static str {
        NAME
    }

    fn chats(&self) -> Vec<Chat> {
        self.chats.iter().map(chat).collect()
    }

    fn lines(&self, id: &str, from: usize) -> Vec<Line> {
        let session = self.chats.iter().find(|one| one.id == id);
        session
            .map(|one| one.entries.iter().skip(from).map(|(_, line)| line.clone()).collect())
            .unwrap_or_default()
    }

    fn act(&mut self, id: &str, now: u64, actions: Vec<Action>) -> Result<Vec<Line>, ActionError> {
        let before = self.chats.iter().find(|one| one.id == id).map_or(0, |one| one.entries.len());
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
    }
}

fn chat(session: &Session) -> Chat {
    let more = json!({ "form": { "subject": session.subject }, "user_data": session.user_data });
    Chat {
        id: session.id.clone(),
        service: NAME,
        endpoint: "chats".to_owned(),
        created: session.created,
        touched: session.created,
        moved_from: None,
        nickname: session.people.first().map(|one| one.name.clone()),
        participants: session.people.clone(),
        entries: session.entries.len(),
        customer_typing: session.typing.then(String::new),
        ended: session.ended,
        dead: session.death.map(|death| death.name().to_owned()),
        more: more.as_object().cloned().unwrap_or_default(),
    }
}

impl Death {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::NotFound => "404",
            Self::Empty => "404_empty",
            Self::Words => "400",
        }
    }
}

/// A line of an entry as the customer's client gets it.
pub(super) fn line(at: u64, wire: Value, lasting: Lasting) -> Line {
    let word = |pointer: &str| wire.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
    let kind = match word("/type").as_str() {
        "Text" => Kind::Text,
        "ParticipantJoined" => Kind::Joined,
        "ParticipantLeft" => Kind::Left,
        "TypingStarted" => Kind::Typing,
        "TypingStopped" => Kind::TypingStopped,
        "Notice" => Kind::Notice,
        "SessionEnded" => Kind::Ended,
        _ => Kind::Other,
    };
    Line {
        id: wire.get("index").map(Value::to_string).unwrap_or_default(),
        at,
        who: Who::named(&word("/from/type")),
        name: word("/from/nickname"),
        kind,
        text: word("/text"),
        lasting,
        to_customer: true,
        wire,
    }
}
