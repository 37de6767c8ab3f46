//! What the contact centre does in a chat: the actions behind the control API, the script and the console page.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use thiserror::Error;

use super::entry::{self, Audience, Entry, Index, Lasting};
use super::picture::{self, Picture};
use super::session::{Death, Participant, Session};
use super::{Centre, add_picture};
use crate::ids::Ids;

/// The picture that an agent sends when none is given: an electricity meter.
const METER: &[u8] = include_bytes!("../../script/meter.png");

/// One thing the contact centre does. `by` is the name or participant id of who does it; without it, whoever of the
/// contact centre joined last and is still there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum Action {
    /// Somebody joins.
    Join {
        /// Name shown to the customer.
        name: String,
        /// `from.type`: Agent, Supervisor, Bot, External or any other word.
        #[serde(default = "agent", rename = "type")]
        kind: String,
    },
    /// Somebody starts or stops typing.
    Typing {
        /// Started or stopped.
        on: bool,
        /// Preview text; normally none.
        #[serde(default)]
        text: Option<String>,
        /// Who.
        #[serde(default)]
        by: Option<String>,
    },
    /// Somebody writes.
    Say {
        /// The words.
        text: String,
        /// Who.
        #[serde(default)]
        by: Option<String>,
    },
    /// A `PushUrl` entry.
    PushUrl {
        /// The address.
        url: String,
        /// Who.
        #[serde(default)]
        by: Option<String>,
    },
    /// A `Notice` entry.
    Notice {
        /// Its text.
        #[serde(default)]
        text: Option<String>,
        /// Who.
        #[serde(default)]
        by: Option<String>,
    },
    /// A `Structured` entry.
    Structured {
        /// Kind of the content: `quick-replies`, `generic`, ...
        content_type: String,
        /// The content itself.
        content: Value,
        /// Fallback text.
        #[serde(default)]
        text: Option<String>,
        /// Who.
        #[serde(default)]
        by: Option<String>,
    },
    /// Somebody sends a picture.
    Image {
        /// The file in base64; without it a picture of an electricity meter.
        #[serde(default)]
        base64: Option<String>,
        /// File name.
        #[serde(default)]
        name: Option<String>,
        /// Who.
        #[serde(default)]
        by: Option<String>,
    },
    /// Somebody leaves.
    Leave {
        /// Who.
        #[serde(default)]
        by: Option<String>,
    },
    /// The interaction changes its state.
    State {
        /// Any word; `Finalizing` and `Completed` are the documented ones.
        state: String,
    },
    /// The contact centre ends the chat: everybody of it leaves and `chatEnded` becomes true.
    End {
        /// Without the `ParticipantLeft` entries.
        #[serde(default)]
        quiet: bool,
    },
    /// Any entry at all.
    Push {
        /// Its JSON.
        entry: Map<String, Value>,
        /// Adds the members that a well-formed entry has and this one lacks.
        #[serde(default = "yes")]
        fill: bool,
        /// Keeps it in history. Without, it comes in one plain poll only.
        #[serde(default = "yes")]
        keep: bool,
    },
    /// An entry comes a second time, with the same index and id.
    Duplicate {
        /// Which one; without it the newest of history.
        #[serde(default)]
        index: Option<String>,
    },
    /// A text that arrives last and belongs before the newest entry.
    OutOfOrder {
        /// The words.
        text: String,
        /// Who.
        #[serde(default)]
        by: Option<String>,
    },
    /// Several texts in one millisecond.
    Burst {
        /// How many, at most 1000.
        count: usize,
        /// The words before the number.
        #[serde(default)]
        text: Option<String>,
        /// Who.
        #[serde(default)]
        by: Option<String>,
    },
    /// The service loses the chat.
    Kill {
        /// How it answers from here on.
        #[serde(default = "not_found")]
        mode: Death,
    },
    /// Undoes `kill`.
    Revive {},
}

fn agent() -> String {
    "Agent".to_owned()
}

fn yes() -> bool {
    true
}

fn not_found() -> Death {
    Death::NotFound
}

/// Why an action could not be done.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ActionError {
    /// No chat goes by that id.
    #[error("no chat goes by the id \"{0}\"; GET /control/sessions lists them, and \"latest\" is the newest")]
    NoSuchSession(String),
    /// Nobody could do it.
    #[error("nobody of the contact centre is in this chat: join first")]
    NobodyThere,
    /// `by` names nobody who is here.
    #[error(
        "\"{0}\" is not in this chat; `by` takes the name or participant id of somebody who joined and has not left"
    )]
    NotThere(String),
    /// The chat is over.
    #[error("this chat has ended")]
    Ended,
    /// `index` names no entry.
    #[error("this chat has no entry to repeat at \"{0}\"")]
    NoSuchEntry(String),
    /// The picture is not one.
    #[error("`base64` is not a PNG, JPEG or GIF file in base64")]
    NotAPicture,
}

impl Centre {
    /// Does `actions` one after the other, so that one poll sees the outcome of all. Gives the entries they made.
    ///
    /// # Errors
    /// The first [`ActionError`]; the actions before it stay done.
    pub fn act(&mut self, session: &str, now: u64, actions: Vec<Action>) -> Result<Vec<Value>, ActionError> {
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
            let joined = Participant { id: ids.uuid(), kind, nickname: name, present: true };
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
            let picture = given_picture(base64.as_deref(), name.as_deref())?;
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
        Action::Kill { mode } => session.death = Some(mode),
        Action::Revive {} => session.death = None,
    }
    Ok(())
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

fn given_picture(base64: Option<&str>, name: Option<&str>) -> Result<Picture, ActionError> {
    let bytes = match base64 {
        None => Bytes::from_static(METER),
        Some(text) => STANDARD.decode(text).map_err(|_| ActionError::NotAPicture)?.into(),
    };
    let mime = picture::mime(&bytes).ok_or(ActionError::NotAPicture)?;
    let name = picture::file_name(name.unwrap_or("meter.png"));
    Ok(Picture { id: String::new(), name, mime, bytes, from_customer: false })
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
