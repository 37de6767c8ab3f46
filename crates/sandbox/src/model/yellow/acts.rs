//! What the contact centre does in a chat of this service.

use serde_json::{Map, Value, json};

use super::{Centre, NAME, Pen, Session};
use crate::action::{Action, ActionError};
use crate::chat::{Lasting, Person, Who};

impl Centre {
    /// Carries the actions out, all before anybody reads.
    ///
    /// # Errors
    /// The first [`ActionError`]; the actions before it stay done.
    pub fn perform(&mut self, id: &str, now: u64, actions: Vec<Action>) -> Result<(), ActionError> {
        let Self { settings, chats, ids, tickets, .. } = self;
        let found = match id {
            "latest" => chats.last_mut(),
            id => chats.iter_mut().find(|one| one.sender == id),
        };
        let session = found.ok_or_else(|| ActionError::NoSuchSession(id.to_owned()))?;
        let mut pen = Pen { now, ids, settings, tickets };
        actions.into_iter().try_for_each(|action| act(session, &mut pen, action))
    }
}

fn act(session: &mut Session, pen: &mut Pen<'_>, action: Action) -> Result<(), ActionError> {
    match action {
        Action::Join { name, kind } => match Who::named(&kind) {
            Who::Agent => session.assigned(pen, &name),
            who => {
                // Nobody but an agent is announced.
                let id = format!("{}-{}", kind.to_lowercase(), session.people.len());
                session.people.push(Person { id, who, word: "BOT".to_owned(), name, present: true });
            }
        },
        Action::Typing { on, text: _, by } => {
            let kind = speaker(session, by.as_deref())?.word.clone();
            session.put(pen, &kind, json!({ "typing": on }));
        }
        Action::Say { text, by } | Action::PushUrl { url: text, by } => {
            say(session, pen, by.as_deref(), json!(text))?;
        }
        Action::QuickReplies { text, options, by } => {
            let options: Vec<Value> =
                options.iter().map(|one| json!({ "title": one, "text": one })).collect();
            let replies = json!({ "quickReplies": { "title": text, "options": options } });
            say(session, pen, by.as_deref(), replies)?;
        }
        Action::Cards { cards, by } => say(session, pen, by.as_deref(), json!({ "cards": cards }))?,
        Action::Structured { content_type, content, text, by } => {
            let mut body = Map::new();
            body.insert(content_type, content);
            body.extend(text.map(|text| ("message".to_owned(), json!(text))));
            say(session, pen, by.as_deref(), Value::Object(body))?;
        }
        Action::Notice { text, by: _ } => {
            session.put(pen, "NOTIFICATION", json!(text.unwrap_or_default()));
        }
        Action::Banner { event, data } => session.event(pen, "BOT", &event, data),
        Action::Burst { count, text, by } => {
            let text = text.unwrap_or_else(|| "Message".to_owned());
            for number in 1..=count.min(1000) {
                say(session, pen, by.as_deref(), json!(format!("{text} {number}")))?;
            }
        }
        Action::Leave { by } => {
            let (id, who) = {
                let one = speaker(session, by.as_deref())?;
                (one.id.clone(), one.who)
            };
            let others =
                session.people.iter().any(|one| one.present && one.who == Who::Agent && one.id != id);
            if let Some(one) =
                session.people.iter_mut().find(|one| one.id == id && (who != Who::Agent || others))
            {
                one.present = false;
                return Ok(());
            }
            session.agent_leaves(pen);
        }
        Action::Push { entry, fill, keep } => {
            let lasting = if keep { Lasting::Kept } else { Lasting::Once };
            if fill {
                session.put(pen, "BOT", Value::Null);
                if let Some(mut line) = session.lines.pop() {
                    if let Some(wire) = line.wire.as_object_mut() {
                        wire.extend(entry);
                    }
                    session.line(pen.now, line.wire, lasting);
                }
            } else {
                session.line(pen.now, Value::Object(entry), lasting);
            }
        }
        Action::Duplicate { index } => {
            let mut kept = session.lines.iter().rev().filter(|line| line.lasting == Lasting::Kept);
            let found = kept.find(|line| index.as_ref().is_none_or(|id| *id == line.id));
            let wire = found.map(|line| line.wire.clone());
            let wire = wire.ok_or_else(|| ActionError::NoSuchEntry(index.unwrap_or_default()))?;
            session.line(pen.now, wire, Lasting::Once);
        }
        Action::OutOfOrder { text, by } => {
            let clock = session.clock;
            say(session, pen, by.as_deref(), json!(text))?;
            // Nothing else has this time: they are apart by one at least, and this one lies beside the newest.
            if let Some(line) = session.lines.last_mut() {
                put(&mut line.wire, "created", json!(clock.saturating_sub(1)));
            }
            session.clock = clock;
        }
        action => return Err(action.unsupported(NAME)),
    }
    Ok(())
}

fn put(wire: &mut Value, member: &str, value: Value) {
    if let Some(wire) = wire.as_object_mut() {
        wire.insert(member.to_owned(), value);
    }
}

fn say(
    session: &mut Session,
    pen: &mut Pen<'_>,
    by: Option<&str>,
    message: Value,
) -> Result<(), ActionError> {
    let (kind, name) = {
        let one = speaker(session, by)?;
        (one.word.clone(), one.name.clone())
    };
    session.put(pen, &kind, message);
    if kind == "AGENT"
        && let Some(line) = session.lines.last_mut()
    {
        put(&mut line.wire, "agentName", json!(name));
        line.name = name;
    }
    Ok(())
}

fn speaker<'a>(session: &'a Session, by: Option<&str>) -> Result<&'a Person, ActionError> {
    let mut here = session.people.iter().rev().filter(|one| one.present && one.who != Who::Customer);
    match by {
        None => here.next().ok_or(ActionError::NobodyThere),
        Some(by) => here
            .find(|one| one.id == by || one.name == by)
            .ok_or_else(|| ActionError::NotThere(by.to_owned())),
    }
}
