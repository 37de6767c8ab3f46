//! What the contact centre does in a chat of this service.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::chat::{Death, Session, event};
use super::files::File;
use super::{Centre, NAME, set};
use crate::action::{Action, ActionError};
use crate::chat::Who;
use crate::model::picture::Picture;

impl Centre {
    /// Does `actions` one after the other, so that one reading sees the outcome of all.
    ///
    /// # Errors
    /// The first [`ActionError`]; the actions before it stay done.
    pub fn act_all(&mut self, chat: &str, now: u64, actions: Vec<Action>) -> Result<(), ActionError> {
        self.pass(now);
        let id = self.find(chat).map(|one| one.id.clone());
        let missing = || ActionError::NoSuchSession(chat.to_owned());
        let id = id.ok_or_else(missing)?;
        for action in actions {
            let file = self.name(24);
            let found = self.chats.iter_mut().find(|one| one.id == id).ok_or_else(missing)?;
            act(found, now, action, file)?;
        }
        Ok(())
    }
}

fn act(chat: &mut Session, now: u64, action: Action, file: String) -> Result<(), ActionError> {
    if chat.ended && !matches!(action, Action::Kill { .. } | Action::Revive {} | Action::Push { .. }) {
        return Err(ActionError::Ended);
    }
    match action {
        Action::Join { name, kind } => {
            chat.join(now, &name, &word(kind));
        }
        Action::Typing { on, text, by } => {
            let by = speaker(chat, by.as_deref())?;
            let kind = if on { "TypingStarted" } else { "TypingStopped" };
            chat.say(now, by, with_text(json!({ "type": kind }), text));
        }
        Action::Say { text, by } => {
            let by = speaker(chat, by.as_deref())?;
            chat.say(now, by, json!({ "type": "Message", "text": text, "messageType": "text" }));
        }
        Action::PushUrl { url, by } => {
            let by = speaker(chat, by.as_deref())?;
            chat.say(now, by, json!({ "type": "PushUrl", "text": url }));
        }
        Action::Notice { text, by } => {
            let by = speaker(chat, by.as_deref())?;
            chat.say(now, by, with_text(json!({ "type": "CustomNotice" }), text));
        }
        Action::Structured { content_type, content, text, by } => {
            let by = speaker(chat, by.as_deref())?;
            let mut rich = json!({ "contentType": content_type, "content": content });
            set(&mut rich, "text", text.clone().map(Value::from));
            let attributes =
                json!({ "structured-content": { "genesys-chat": { "content": rich.to_string() } } });
            let body = json!({ "type": "Message", "eventAttributes": attributes });
            chat.say(now, by, with_text(body, text));
        }
        Action::Image { base64, name, by } => {
            let by = speaker(chat, by.as_deref())?;
            let picture = Picture::given(base64.as_deref(), name.as_deref())?;
            chat.share(now, by, File::new(file, &picture.name, picture.bytes, false), Map::new());
        }
        Action::File { base64, name, mime: _, by } => {
            let by = speaker(chat, by.as_deref())?;
            let bytes = STANDARD.decode(base64).map_err(|_| ActionError::NotAFile)?;
            chat.share(now, by, File::new(file, &name, bytes.into(), false), Map::new());
        }
        Action::IdleAlert { text, seconds } => {
            let mut user_data = json!({ "next-idle-timer-type": "CLOSE" });
            set(&mut user_data, "next-idle-timer-secs", seconds.map(|seconds| json!(seconds.to_string())));
            chat.closes_at = seconds.map(|seconds| now.saturating_add(seconds.saturating_mul(1_000)));
            chat.say(now, 0, with_text(json!({ "type": "IdleAlert", "userData": user_data }), text));
        }
        Action::Leave { by } => {
            let who = speaker(chat, by.as_deref())?;
            chat.part(now, who);
        }
        Action::End { quiet } => {
            if !quiet {
                let present: Vec<u64> = chat.centre_present().map(|one| one.number).collect();
                for who in present {
                    chat.part(now, who);
                }
            }
            chat.customer_typing = None;
            chat.end();
        }
        Action::Push { entry, fill, keep } => push(chat, now, entry, fill, keep),
        Action::Duplicate { index } => {
            let wanted = |one: &super::chat::Event| {
                let at = one.index.map(|index| index.to_string());
                at.is_some() && (index.is_none() || at == index)
            };
            let found = chat.events.iter().rev().find(|one| wanted(one)).cloned();
            let found = found.ok_or_else(|| ActionError::NoSuchEntry(index.unwrap_or_default()))?;
            chat.once(now, found.by, found.body);
        }
        Action::Burst { count, text, by } => {
            let by = speaker(chat, by.as_deref())?;
            let text = text.unwrap_or_else(|| "Message".to_owned());
            for number in 1..=count.min(1000) {
                chat.say(now, by, json!({ "type": "Message", "text": format!("{text} {number}") }));
            }
        }
        Action::Kill { mode } => chat.death = Some(death(mode)?),
        Action::Revive {} => {
            if chat.death.take() == Some(Death::Away) {
                // Another chat server has it now.
                chat.move_house();
            }
        }
        Action::State { .. }
        | Action::OutOfOrder { .. }
        | Action::QuickReplies { .. }
        | Action::Cards { .. }
        | Action::Banner { .. } => return Err(action.unsupported(NAME)),
    }
    Ok(())
}

fn push(chat: &mut Session, now: u64, entry: Map<String, Value>, fill: bool, keep: bool) {
    let by = chat.centre_present().next_back().map_or(0, |one| one.number);
    match (fill, keep) {
        (true, true) => chat.say(now, by, Value::Object(entry)),
        (true, false) => {
            let body = event(Value::Object(entry), None, chat.from(by), now);
            chat.once(now, by, body);
        }
        (false, _) => chat.once(now, by, Value::Object(entry)),
    }
}

fn speaker(chat: &Session, by: Option<&str>) -> Result<u64, ActionError> {
    let found = match by {
        None => chat.centre_present().next_back().ok_or(ActionError::NobodyThere)?,
        Some(by) => chat
            .centre_present()
            .rev()
            .find(|one| one.number.to_string() == by || one.nickname == by)
            .ok_or_else(|| ActionError::NotThere(by.to_owned()))?,
    };
    Ok(found.number)
}

/// The service's own word for who somebody is.
fn word(kind: String) -> String {
    match Who::named(&kind) {
        Who::Customer => "Client".to_owned(),
        _ => kind,
    }
}

fn with_text(mut body: Value, text: Option<String>) -> Value {
    set(&mut body, "text", text.map(Value::from));
    body
}

fn death(mode: Option<String>) -> Result<Death, ActionError> {
    let Some(mode) = mode else { return Ok(Death::Final) };
    Death::named(&mode).ok_or(ActionError::UnknownWord {
        member: "mode",
        given: mode,
        known: "2, 2_ended, 404, 404_empty and 1",
    })
}
