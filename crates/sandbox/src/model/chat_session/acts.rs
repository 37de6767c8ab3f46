//! What the contact centre does in a chat of this service.

use serde_json::{Map, Value, json};

use super::{Centre, Death, End, NAME, Session};
use crate::action::{Action, ActionError};
use crate::chat::{Lasting, Who};

impl Centre {
    /// Carries the actions out, all before anybody reads.
    ///
    /// # Errors
    /// The first [`ActionError`]; the actions before it stay done.
    pub fn perform(&mut self, id: &str, now: u64, actions: Vec<Action>) -> Result<(), ActionError> {
        let end = self.settings.end;
        let found = match id {
            "latest" => self.chats.last_mut(),
            id => self.chats.iter_mut().find(|one| one.id == id),
        };
        let session = found.ok_or_else(|| ActionError::NoSuchSession(id.to_owned()))?;
        actions.into_iter().try_for_each(|action| act(session, now, end, action))
    }
}

fn act(session: &mut Session, now: u64, end: End, action: Action) -> Result<(), ActionError> {
    if session.ended && !matches!(action, Action::Kill { .. } | Action::Revive {} | Action::Push { .. }) {
        return Err(ActionError::Ended);
    }
    match action {
        Action::Join { name, kind } => {
            session.joins(now, &name, &kind);
        }
        Action::Typing { on, text: _, by } => {
            let who = speaker(session, by.as_deref())?;
            let kind = if on { "TypingStarted" } else { "TypingStopped" };
            session.says(now, who, json!({ "type": kind }));
        }
        Action::Say { text, by } | Action::PushUrl { url: text, by } => {
            let who = speaker(session, by.as_deref())?;
            session.says(now, who, json!({ "type": "Text", "text": text }));
        }
        Action::Notice { text, by } => {
            let who = speaker(session, by.as_deref())?;
            session.says(now, who, json!({ "type": "Notice", "text": text.unwrap_or_default() }));
        }
        Action::Burst { count, text, by } => {
            let who = speaker(session, by.as_deref())?;
            let text = text.unwrap_or_else(|| "Message".to_owned());
            for number in 1..=count.min(1000) {
                session.says(now, who, json!({ "type": "Text", "text": format!("{text} {number}") }));
            }
        }
        Action::Leave { by } => {
            let who = speaker(session, by.as_deref())?;
            session.parts(now, who);
        }
        Action::End { quiet } => {
            while let Ok(who) = speaker(session, None)
                && !quiet
            {
                session.parts(now, who);
            }
            match end {
                End::Entry => {
                    let reason = json!({ "code": 2, "description": "ended by the agent" });
                    session.says(now, 1, json!({ "type": "SessionEnded", "reason": reason }));
                }
                End::CustomerLeft => session.parts(now, 0),
            }
            session.typing = false;
            session.ended = true;
        }
        Action::Push { entry, fill, keep } => push(session, now, entry, fill, keep),
        Action::Duplicate { index } => duplicate(session, now, index.as_deref())?,
        Action::Kill { mode } => session.death = Some(death(mode.as_deref())?),
        Action::Revive {} => session.death = None,
        action => return Err(action.unsupported(NAME)),
    }
    Ok(())
}

/// Who of the contact centre does something; the service's own participant only if it is named.
fn speaker(session: &Session, by: Option<&str>) -> Result<usize, ActionError> {
    let here =
        session.people.iter().enumerate().rev().filter(|(_, one)| one.present && one.who != Who::Customer);
    match by {
        None => {
            let mut people = here.filter(|(place, _)| *place > 1);
            people.next().map(|(place, _)| place).ok_or(ActionError::NobodyThere)
        }
        Some(by) => {
            let mut named = here.filter(|(_, one)| one.id == by || one.name == by);
            named.next().map(|(place, _)| place).ok_or_else(|| ActionError::NotThere(by.to_owned()))
        }
    }
}

fn death(mode: Option<&str>) -> Result<Death, ActionError> {
    match mode {
        None | Some("404") => Ok(Death::NotFound),
        Some("404_empty") => Ok(Death::Empty),
        Some("400") => Ok(Death::Words),
        Some(given) => Err(ActionError::UnknownWord {
            member: "mode",
            given: given.to_owned(),
            known: "404, 404_empty and 400",
        }),
    }
}

fn push(session: &mut Session, now: u64, entry: Map<String, Value>, fill: bool, keep: bool) {
    let lasting = if keep { Lasting::Kept } else { Lasting::Once };
    if fill {
        session.says(now, speaker(session, None).unwrap_or(1), Value::Object(entry));
        if let Some((_, line)) = session.entries.last_mut() {
            line.lasting = lasting;
        }
    } else {
        session.put(now, Value::Object(entry), lasting);
    }
}

fn duplicate(session: &mut Session, now: u64, index: Option<&str>) -> Result<(), ActionError> {
    let wanted = |line: &crate::chat::Line| {
        line.lasting == Lasting::Kept && index.is_none_or(|index| line.id == index)
    };
    let found =
        session.entries.iter().rev().find(|(_, line)| wanted(line)).map(|(_, line)| line.wire.clone());
    let wire = found.ok_or_else(|| ActionError::NoSuchEntry(index.unwrap_or_default().to_owned()))?;
    session.put(now, wire, Lasting::Once);
    Ok(())
}
