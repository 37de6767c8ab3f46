//! What the contact centre does in a conversation.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::file::Stored;
use super::session::{Keeps, Member, Message, outbound};
use super::{Centre, NAME};
use crate::action::{Action, ActionError};
use crate::chat::{Kind, Who};
use crate::model::picture::Picture;

/// Words for `kill`.
const LOSSES: [&str; 3] = ["expired", "cleared", "logout"];

/// Something for a conversation, before it has a time.
struct Draft {
    kind: &'static str,
    more: Value,
    line: Kind,
    text: String,
    keeps: Keeps,
}

impl Centre {
    /// Does all of it, before anybody reads.
    ///
    /// # Errors
    /// The first [`ActionError`]; the actions before it stay done.
    pub fn perform_actions(&mut self, id: &str, now: u64, actions: Vec<Action>) -> Result<(), ActionError> {
        for action in actions {
            self.one(id, now, action)?;
        }
        Ok(())
    }

    /// The session of this id in the sandbox.
    fn token_by_id(&self, id: &str) -> Result<String, ActionError> {
        let found = match id {
            "latest" => self.sessions.last(),
            id => self.sessions.iter().find(|one| one.id == id),
        };
        found.map(|one| one.token.clone()).ok_or_else(|| ActionError::NoSuchSession(id.to_owned()))
    }

    fn one(&mut self, id: &str, now: u64, action: Action) -> Result<(), ActionError> {
        let token = self.token_by_id(id)?;
        if let Action::Revive {} = action {
            if let Some(session) = self.sessions.iter_mut().rev().find(|one| one.token == token) {
                session.gone = session.cleared;
                session.dead = None;
            }
            return Ok(());
        }
        if self.session(&token).is_none() {
            return Err(ActionError::Ended);
        }
        let words = |text: String| Draft {
            kind: "Text",
            more: json!({ "text": text }),
            line: Kind::Text,
            text,
            keeps: Keeps::Kept,
        };
        match action {
            Action::Join { name, kind } => {
                let id = self.ids.uuid();
                if let Some(session) = self.session_mut(&token) {
                    session.people.push(Member { id, word: kind, name, present: true });
                }
                Ok(())
            }
            Action::Leave { by } => {
                let who = self.who(&token, by.as_deref())?.id;
                let session = self.session_mut(&token);
                if let Some(one) =
                    session.and_then(|session| session.people.iter_mut().find(|one| one.id == who))
                {
                    one.present = false;
                }
                Ok(())
            }
            Action::Typing { on, by, .. } => {
                let (word, line) = if on { ("On", Kind::Typing) } else { ("Off", Kind::TypingStopped) };
                let typing = json!({ "events": [{ "eventType": "Typing", "typing": { "type": word, "duration": 5000 } }] });
                self.add(
                    &token,
                    now,
                    by.as_deref(),
                    Draft { kind: "Event", more: typing, line, text: String::new(), keeps: Keeps::Passing },
                )
            }
            Action::Say { text, by } => self.add(&token, now, by.as_deref(), words(text)),
            Action::PushUrl { url, by } => {
                self.add(&token, now, by.as_deref(), Draft { line: Kind::Link, ..words(url) })
            }
            Action::Notice { text, by } => {
                self.add(&token, now, by.as_deref(), words(text.unwrap_or_default()))
            }
            Action::Burst { count, text, by } => {
                let text = text.unwrap_or_else(|| "Message".to_owned());
                for number in 1..=count.min(1_000) {
                    self.add(&token, now, by.as_deref(), words(format!("{text} {number}")))?;
                }
                Ok(())
            }
            Action::Structured { content_type, content, text, by } => {
                let items = match content {
                    Value::Array(items) => items,
                    one => {
                        let mut first = content_type.chars();
                        let member = first.next().map(|c| c.to_lowercase().chain(first).collect::<String>());
                        let mut item = Map::new();
                        item.insert("contentType".to_owned(), json!(content_type));
                        item.insert(member.unwrap_or_default(), one);
                        vec![Value::Object(item)]
                    }
                };
                self.structured(&token, now, by.as_deref(), text.unwrap_or_default(), &items)
            }
            Action::QuickReplies { text, options, by } => {
                let item = |option: &String| json!({ "contentType": "QuickReply", "quickReply": { "text": option, "payload": option, "action": "Message" } });
                let items: Vec<Value> = options.iter().map(item).collect();
                self.structured(&token, now, by.as_deref(), text, &items)
            }
            Action::Cards { cards, by } => {
                let items = match cards.as_slice() {
                    [one] => vec![json!({ "contentType": "Card", "card": one })],
                    many => vec![json!({ "contentType": "Carousel", "carousel": { "cards": many } })],
                };
                self.structured(&token, now, by.as_deref(), String::new(), &items)
            }
            Action::Image { base64, name, by } => {
                let Picture { name, mime, bytes, .. } = Picture::given(base64.as_deref(), name.as_deref())?;
                self.send_file(&token, now, by.as_deref(), name, mime.to_owned(), bytes)
            }
            Action::File { base64, name, mime, by } => {
                let bytes: Bytes = STANDARD.decode(base64).map_err(|_| ActionError::NotAFile)?.into();
                let mime = mime.unwrap_or_else(|| "application/octet-stream".to_owned());
                self.send_file(&token, now, by.as_deref(), name, mime, bytes)
            }
            Action::State { state } => {
                let ends = ["Finalizing", "Completed"].iter().any(|word| state.eq_ignore_ascii_case(word));
                if ends && self.settings.disconnect {
                    self.disconnect(&token, now, false, state)
                } else {
                    Ok(())
                }
            }
            Action::End { .. } => {
                self.disconnect(&token, now, true, "ended".to_owned())?;
                if let Some(session) = self.session_mut(&token) {
                    session.read_only = true;
                    for one in &mut session.people {
                        one.present = false;
                    }
                }
                Ok(())
            }
            Action::Push { entry, fill, keep } => self.push_raw(&token, now, entry, fill, keep),
            Action::Duplicate { index } => self.again(&token, index.as_deref()),
            Action::OutOfOrder { text, by } => {
                let member = self.who(&token, by.as_deref())?;
                let id = self.ids.uuid();
                let Some(session) = self.session_mut(&token) else { return Err(ActionError::Ended) };
                let newest = session.messages.iter().filter(|one| one.is_history()).map(|one| one.at).max();
                let at = newest.map_or(now, |newest| newest.saturating_sub(1));
                let body = outbound(&id, at, Some(&member), "Text", json!({ "text": text }));
                let (who, name) = (Who::named(&member.word), member.name);
                let body = session.add(Message {
                    number: 0,
                    at,
                    who,
                    name,
                    kind: Kind::Text,
                    text,
                    keeps: Keeps::Kept,
                    body,
                });
                self.publish(&token, None, body);
                Ok(())
            }
            Action::Kill { mode } => {
                let mode = mode.unwrap_or_else(|| "expired".to_owned());
                if !LOSSES.contains(&mode.as_str()) {
                    let known = "expired, cleared, logout";
                    return Err(ActionError::UnknownWord { member: "mode", given: mode, known });
                }
                self.lose(&token, &mode);
                Ok(())
            }
            action @ (Action::Banner { .. } | Action::IdleAlert { .. }) => Err(action.unsupported(NAME)),
            Action::Revive {} => Ok(()),
        }
    }

    fn who(&self, token: &str, by: Option<&str>) -> Result<Member, ActionError> {
        let session = self.session(token).ok_or(ActionError::Ended)?;
        session.member(by).cloned().ok_or_else(|| match by {
            Some(by) => ActionError::NotThere(by.to_owned()),
            None => ActionError::NobodyThere,
        })
    }

    fn add(&mut self, token: &str, now: u64, by: Option<&str>, draft: Draft) -> Result<(), ActionError> {
        let member = self.who(token, by)?;
        let id = self.ids.uuid();
        let seconds = self.settings.session_seconds;
        let Some(session) = self.session_mut(token) else { return Err(ActionError::Ended) };
        let at = session.time(now);
        if draft.keeps == Keeps::Kept {
            session.ends = now + seconds * 1_000;
        }
        let body = outbound(&id, at, Some(&member), draft.kind, draft.more);
        let message = Message {
            number: 0,
            at,
            who: Who::named(&member.word),
            name: member.name,
            kind: draft.line,
            text: draft.text,
            keeps: draft.keeps,
            body,
        };
        let body = session.add(message);
        self.publish(token, None, body);
        Ok(())
    }

    fn structured(
        &mut self,
        token: &str,
        now: u64,
        by: Option<&str>,
        text: String,
        items: &[Value],
    ) -> Result<(), ActionError> {
        let more = json!({ "text": text, "content": items });
        self.add(
            token,
            now,
            by,
            Draft { kind: "Structured", more, line: Kind::Structured, text, keeps: Keeps::Kept },
        )
    }

    fn send_file(
        &mut self,
        token: &str,
        now: u64,
        by: Option<&str>,
        name: String,
        mime: String,
        bytes: Bytes,
    ) -> Result<(), ActionError> {
        self.who(token, by)?;
        let id = self.ids.uuid();
        let line = if mime.starts_with("image/") { Kind::Picture } else { Kind::File };
        self.files.insert(
            id.clone(),
            Stored { token: token.to_owned(), name: name.clone(), mime, bytes, keys: Vec::new() },
        );
        let content: Vec<Value> = self.attachment(now, &id).into_iter().collect();
        self.add(
            token,
            now,
            by,
            Draft { kind: "Text", more: json!({ "content": content }), line, text: name, keeps: Keeps::Kept },
        )
    }

    /// The other side ends its part.
    fn disconnect(
        &mut self,
        token: &str,
        now: u64,
        read_only: bool,
        word: String,
    ) -> Result<(), ActionError> {
        let id = self.ids.uuid();
        let Some(session) = self.session_mut(token) else { return Err(ActionError::Ended) };
        let at = session.time(now);
        let member = session.member(None).cloned();
        let more = json!({
            "events": [{ "eventType": "Presence", "presence": { "type": "Disconnect" } }],
            "metadata": { "readOnly": read_only.to_string() },
        });
        let body = outbound(&id, at, member.as_ref(), "Event", more);
        let kind = if read_only { Kind::Ended } else { Kind::State };
        let message = Message {
            number: 0,
            at,
            who: Who::System,
            name: member.map(|one| one.name).unwrap_or_default(),
            kind,
            text: word,
            keeps: Keeps::Kept,
            body,
        };
        let body = session.add(message);
        self.publish(token, None, body);
        Ok(())
    }

    fn push_raw(
        &mut self,
        token: &str,
        now: u64,
        entry: Map<String, Value>,
        fill: bool,
        keep: bool,
    ) -> Result<(), ActionError> {
        let id = self.ids.uuid();
        let Some(session) = self.session_mut(token) else { return Err(ActionError::Ended) };
        let at = session.time(now);
        let member = session.member(None).cloned();
        let text = entry.get("text").and_then(Value::as_str).unwrap_or_default().to_owned();
        let body = if fill {
            outbound(&id, at, member.as_ref(), "Text", Value::Object(entry))
        } else {
            Value::Object(entry)
        };
        let keeps = if keep { Keeps::Kept } else { Keeps::Once };
        let message = Message {
            number: 0,
            at,
            who: Who::Other,
            name: String::new(),
            kind: Kind::Other,
            text,
            keeps,
            body,
        };
        let body = session.add(message);
        self.publish(token, None, body);
        Ok(())
    }

    /// A message comes a second time.
    fn again(&mut self, token: &str, index: Option<&str>) -> Result<(), ActionError> {
        let session = self.session(token).ok_or(ActionError::Ended)?;
        let known = session.messages.iter().rev().filter(|one| one.is_history());
        let mut known = known.filter(|one| {
            index.is_none_or(|index| one.body.get("id").and_then(Value::as_str) == Some(index))
        });
        let body = known.next().map(|one| one.body.clone());
        let body = body.ok_or_else(|| ActionError::NoSuchEntry(index.unwrap_or_default().to_owned()))?;
        self.publish(token, None, body);
        Ok(())
    }
}
