//! Chats of this service in the sandbox's own words.

use serde_json::{Value, json};

use super::session::{Keeps, Message, Session};
use super::{Centre, NAME};
use crate::action::{Action, ActionError};
use crate::chat::{Chat, Lasting, Line, Person, Who};
use crate::model::Model;

impl Model for Centre {
    fn name(&self) -> &'static str {
        NAME
    }

    fn chats(&self) -> Vec<Chat> {
        self.sessions.iter().map(|one| self.told(one)).collect()
    }

    fn chat(&self, id: &str) -> Option<Chat> {
        self.sessions.iter().find(|one| one.id == id).map(|one| self.told(one))
    }

    fn lines(&self, id: &str, from: usize) -> Vec<Line> {
        let session = self.sessions.iter().find(|one| one.id == id);
        session.map(|one| one.messages.iter().skip(from).map(line).collect()).unwrap_or_default()
    }

    fn act(&mut self, id: &str, now: u64, actions: Vec<Action>) -> Result<Vec<Line>, ActionError> {
        let before = self.sessions.iter().find(|one| one.id == id).map_or(0, |one| one.messages.len());
        self.perform_actions(id, now, actions)?;
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
        self.passes.clear();
        self.places.clear();
        self.files.clear();
    }
}

impl Centre {
    fn told(&self, session: &Session) -> Chat {
        let over = session.gone || session.read_only;
        let connections =
            self.connections.values().filter(|one| one.token.as_deref() == Some(&session.token)).count();
        let nickname = session.nickname();
        let customer = Person {
            id: "guest".to_owned(),
            who: Who::Customer,
            word: "Guest".to_owned(),
            name: nickname.clone().unwrap_or_default(),
            present: !over,
        };
        let others = session.people.iter().map(|one| Person {
            id: one.id.clone(),
            who: Who::named(&one.word),
            word: one.word.clone(),
            name: one.name.clone(),
            present: one.present,
        });
        let more = json!({
            "form": session.data, "user_data": session.data, "connections": connections, "read_only": session.read_only,
        });
        Chat {
            id: session.id.clone(),
            service: NAME,
            endpoint: session.deployment.clone(),
            created: session.created,
            touched: session.touched,
            moved_from: None,
            nickname,
            participants: std::iter::once(customer).chain(others).collect(),
            entries: session.messages.len(),
            customer_typing: session.typing.then(String::new),
            ended: over,
            dead: session.dead.clone(),
            more: more.as_object().cloned().unwrap_or_default(),
        }
    }
}

fn line(message: &Message) -> Line {
    let id = message.body.get("id").and_then(Value::as_str).unwrap_or_default();
    Line {
        id: id.to_owned(),
        at: message.at,
        who: message.who,
        name: message.name.clone(),
        kind: message.kind,
        text: message.text.clone(),
        lasting: match message.keeps {
            Keeps::Kept => Lasting::Kept,
            Keeps::Passing | Keeps::Hidden => Lasting::Passing,
            Keeps::Once => Lasting::Once,
        },
        to_customer: message.keeps != Keeps::Hidden,
        wire: message.body.clone(),
    }
}
