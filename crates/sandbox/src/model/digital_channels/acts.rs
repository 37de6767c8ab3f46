//! What the contact centre does in a chat of this service.

use serde_json::{Map, Value, json};

use super::entry::{self, Audience, Entry, Index, Lasting};
use super::session::{Death, Participant, Session};
use super::{Centre, NAME, add_picture};
use crate::action::{Action, ActionError};
use crate::chat::Who;
use crate::ids::Ids;
use crate::model::picture::Picture;

impl Centre {
    /// Does `actions` one after the other, so that one poll sees the outcome of all. Gives the entries they made.
    ///
    /// # Errors
    /// The first [`ActionError`]; the actions before it stay done.
    pub fn perform(
        &mut self,
        session: &str,
        now: u64,
        actions: Vec<Action>,
    ) -> Result<Vec<Value>, ActionError> {
        let id = self.find(session).map(|one| one.id.clone());
        let missing = || ActionError::NoSuchSession(session.to_owned());
        let id = id.ok_or_else(missing)?;
        let found = self.sessions.iter_mut().find(|one| one.id == id).ok_or_else(missing)?;
        let mut made = Vec::new();
        for action in actions {
            act(found, &mut self.ids, now, action, &mut made)?;
        }
        Ok(made)
    }
}

fn act(
    session: &mut Session,
    ids: &mut Ids,
    now: u64,
    action: Action,
    made: &mut Vec<Value>,
) -> Result<(), ActionError> {
    if session.ended && !matches!(action, Action::Kill { .. } | Action::Revive {} | Action::Push { .. }) {
        return Err(ActionError::Ended);
    }
    match action {
        Action::Join { name, kind } => {
            let joined = Participant { id: ids.uuid(), kind: word(kind), nickname: name, present: true };
            let from = joined.from();
            session.participants.push(joined);
            made.push(session.say(ids, now, from, json!({ "type": "ParticipantJoined" })));
        }
        Action::Typing { on, text, by } => {
            let from = speaker(session, by.as_deref())?.from();
            let kind = if on { "TypingStarted" } else { "TypingStopped" };
            let body = with_text(json!({ "type": kind }), text);
            made.push(session.append(ids, now, from, body, Lasting::Passing, Audience::Everyone));
        }
        Action::Say { text, by } => {
            let from = speaker(session, by.as_deref())?.from();
            made.push(session.say(ids, now, from, json!({ "type": "Text", "text": text })));
        }
        Action::PushUrl { url, by } => {
            let from = speaker(session, by.as_deref())?.from();
            made.push(session.say(ids, now, from, json!({ "type": "PushUrl", "url": url })));
        }
        Action::Notice { text, by } => {
            let from = speaker(session, by.as_deref())?.from();
            made.push(session.say(ids, now, from, with_text(json!({ "type": "Notice" }), text)));
        }
        Action::Structured { content_type, content, text, by } => {
            let from = speaker(session, by.as_deref())?.from();
            let body = json!({ "type": "Structured", "contentType": content_type, "content": content });
            made.push(session.say(ids, now, from, with_text(body, text)));
        }
        Action::Image { base64, name, by } => {
            let from = speaker(session, by.as_deref())?.from();
            let picture = Picture::given(base64.as_deref(), name.as_deref())?;
            made.push(add_picture(session, ids, now, from, picture));
        }
        Action::Leave { by } => {
            let who = speaker(session, by.as_deref())?.id.clone();
            made.extend(session.part(ids, now, &who));
        }
        Action::State { state } => {
            let body = json!({ "type": "System", "event": "InteractionStateChange", "data": { "interactionState": state } });
            made.push(session.say(ids, now, entry::system(), body));
        }
        Action::End { quiet } => {
            if !quiet {
                let present: Vec<String> = session.centre_present().map(|one| one.id.clone()).collect();
                for who in present {
                    made.extend(session.part(ids, now, &who));
                }
            }
            session.customer_typing = None;
            session.ended = true;
        }
        Action::Push { entry, fill, keep } => made.push(push(session, ids, now, entry, fill, keep)),
        Action::Duplicate { index } => made.push(duplicate(session, now, index.as_deref())?),
        Action::OutOfOrder { text, by } => {
            let from = speaker(session, by.as_deref())?.from();
            made.push(out_of_order(session, ids, now, from, &text));
        }
        Action::Burst { count, text, by } => {
            let from = speaker(session, by.as_deref())?.from();
            let text = text.unwrap_or_else(|| "Message".to_owned());
            for number in 1..=count.min(1000) {
                let body = json!({ "type": "Text", "text": format!("{text} {number}") });
                made.push(session.say(ids, now, from.clone(), body));
            }
        }
        Action::Kill { mode } => session.death = Some(death(mode.as_deref())?),
        Action::Revive {} => session.death = None,
        Action::QuickReplies { .. }
        | Action::Cards { .. }
        | Action::File { .. }
        | Action::Banner { .. }
        | Action::IdleAlert { .. } => return Err(action.unsupported(NAME)),
    }
    Ok(())
}

/// `from.type` for this word: the known ones as the service writes them, any other as it is.
fn word(given: String) -> String {
    match Who::named(&given) {
        Who::Agent => "Agent".to_owned(),
        Who::Bot => "Bot".to_owned(),
        Who::Supervisor => "Supervisor".to_owned(),
        Who::External => "External".to_owned(),
        _ => given,
    }
}

fn death(mode: Option<&str>) -> Result<Death, ActionError> {
    match mode {
        None => Ok(Death::NotFound),
        Some(given) => Death::named(given).ok_or_else(|| ActionError::UnknownWord {
            member: "mode",
            given: given.to_owned(),
            known: "404, 404_empty, 401 and 401_on_join",
        }),
    }
}

fn speaker<'a>(session: &'a Session, by: Option<&str>) -> Result<&'a Participant, ActionError> {
    match by {
        None => session.centre_present().next_back().ok_or(ActionError::NobodyThere),
        Some(by) => session
            .centre_present()
            .rev()
            .find(|one| one.id == by || one.nickname == by)
            .ok_or_else(|| ActionError::NotThere(by.to_owned())),
    }
}

fn with_text(mut body: Value, text: Option<String>) -> Value {
    if let (Some(text), Some(body)) = (text, body.as_object_mut()) {
        body.insert("text".to_owned(), json!(text));
    }
    body
}

fn push(
    session: &mut Session,
    ids: &mut Ids,
    now: u64,
    entry: Map<String, Value>,
    fill: bool,
    keep: bool,
) -> Value {
    if !fill {
        let body = Value::Object(entry);
        session.repeat(now, body.clone());
        if let Some(pushed) = session.entries.last_mut()
            && keep
        {
            pushed.lasting = Lasting::Kept;
        }
        return body;
    }
    let speaker = session.centre_present().next_back().map(Participant::from);
    let from = speaker.unwrap_or_else(entry::system);
    let lasting = if keep { Lasting::Kept } else { Lasting::Once };
    session.append(ids, now, from, Value::Object(entry), lasting, Audience::Everyone)
}

fn duplicate(session: &mut Session, now: u64, index: Option<&str>) -> Result<Value, ActionError> {
    let wanted = |one: &&Entry| one.is_history() && index.is_none_or(|index| one.text_of("index") == index);
    let found = session.entries.iter().rev().find(wanted).map(|one| one.body.clone());
    let body = found.ok_or_else(|| ActionError::NoSuchEntry(index.unwrap_or_default().to_owned()))?;
    session.repeat(now, body.clone());
    Ok(body)
}

/// An entry whose index lies below the newest one and is not taken.
fn out_of_order(session: &mut Session, ids: &mut Ids, now: u64, from: Value, text: &str) -> Value {
    let newest = session.entries.iter().filter_map(|one| one.index).max();
    let mut index = newest.unwrap_or(Index { ms: now, seq: 0 });
    index = Index { ms: index.ms.saturating_sub(1), seq: 0 };
    while session.entries.iter().any(|one| one.index == Some(index)) {
        index.seq += 1;
    }
    let body =
        json!({ "type": "Text", "text": text, "index": index.to_string(), "streamId": index.to_string() });
    session.append(ids, now, from, body, Lasting::Kept, Audience::Everyone)
}
