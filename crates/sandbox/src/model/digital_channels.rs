//! Digital Channels v3 as a deterministic model: the seven operations of the customer.
//!
//! The facts behind it are in `docs/protocols/digital-channels-v3.md`; where that file says that nothing public fixes
//! a behaviour, the choice is a switch in [`settings::Settings`] or is named in section 13 there. What the contact
//! centre does (an agent joins, a state changes) is in [`acts`], and how the rest of the sandbox sees
//! a chat in `neutral`. Every method takes the time in unix milliseconds.

pub mod acts;
pub mod entry;
mod neutral;
pub mod refusal;
pub mod session;
pub mod settings;
pub mod token;

use bytes::Bytes;
use serde_json::{Map, Value, json};

use self::entry::{Audience, Index, Lasting};
use self::refusal::Refusal;
use self::session::{Death, Participant, Reading, Session, Transport};
use self::settings::{Join, SendAfterEnd, Settings};
use self::token::Claims;
use crate::ids::Ids;
use crate::model::picture::{self, Picture};
use crate::options::Options;

/// The name of this model.
pub const NAME: &str = "digital_channels";

/// The members of `data` in a request, after bracket nesting has been undone.
pub type Fields = Map<String, Value>;

/// The whole contact centre as this service shows it.
#[derive(Debug)]
pub struct Centre {
    /// The switches.
    pub settings: Settings,
    /// All chats, oldest first.
    pub sessions: Vec<Session>,
    ids: Ids,
}

/// Who asks: a transport of a chat, proven by its token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The chat.
    pub session: String,
    /// The connection.
    pub transport: String,
    /// How many tokens were given out before this caller's one.
    pub token_number: usize,
}

/// Answer to a create or a join.
#[derive(Debug, Clone)]
pub struct Joined {
    /// The new token.
    pub token: String,
    /// The chat it opens.
    pub session: String,
}

impl Joined {
    /// `data` of the answer.
    #[must_use]
    pub fn to_data(&self) -> Value {
        let uri = format!("/nexus/v3/chat/sessions/{}", self.session);
        json!({ "clientToken": self.token, "entity": { "id": self.session, "selfUri": uri } })
    }
}

/// Answer to a text or a typing notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// Taken.
    Taken,
    /// Not taken: the chat is over, and the answer says so at its top level.
    ChatEnded,
}

impl Centre {
    /// An empty contact centre.
    #[must_use]
    pub fn new(settings: Settings, ids: Ids) -> Self {
        Self { settings, sessions: Vec::new(), ids }
    }

    /// An empty contact centre as the sandbox is started with it.
    #[must_use]
    pub fn start(options: &Options, ids: Ids) -> Self {
        let settings = Settings {
            poll_hold_ms: u64::try_from(options.poll_hold.as_millis()).unwrap_or(u64::MAX),
            api_keys: options.api_keys.clone(),
            endpoints: options.endpoints.clone(),
            ..Settings::default()
        };
        Self::new(settings, ids)
    }

    /// A fresh id, as for `referenceId`.
    pub fn fresh_id(&mut self) -> String {
        self.ids.uuid()
    }

    /// A chat by its id, or the newest one by the word `latest`.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<&Session> {
        if id == "latest" { self.sessions.last() } else { self.sessions.iter().find(|one| one.id == id) }
    }

    /// Whether `x-api-key` opens this contact centre.
    ///
    /// # Errors
    /// [`Refusal::UnknownApiKey`] otherwise.
    pub fn check_key(&self, key: Option<&str>) -> Result<(), Refusal> {
        let known = key.is_some_and(|key| self.settings.api_keys.iter().any(|one| one == key));
        if known { Ok(()) } else { Err(Refusal::UnknownApiKey) }
    }

    /// Who a request for `session` comes from.
    ///
    /// # Errors
    /// [`Refusal::NoSession`] and its silent form for an unknown or lost chat, [`Refusal::NotAuthorized`] for a token
    /// that does not open it.
    pub fn caller(&self, session: &str, token: Option<&str>) -> Result<Caller, Refusal> {
        let found = self.sessions.iter().find(|one| one.id == session).ok_or(Refusal::NoSession)?;
        match found.death {
            None => {}
            Some(Death::Unauthorized) => return Err(Refusal::NotAuthorized),
            Some(Death::NotFoundWithoutWords) => return Err(Refusal::NoSessionWithoutWords),
            Some(Death::NotFound | Death::UnauthorizedOnJoin) => return Err(Refusal::NoSession),
        }
        let claims = token.and_then(Claims::verify).ok_or(Refusal::NotAuthorized)?;
        let number = found.transports.iter().position(|one| one.id == claims.transport_id);
        match number {
            Some(token_number) if claims.session_id == found.id => {
                Ok(Caller { session: found.id.clone(), transport: claims.transport_id, token_number })
            }
            _ => Err(Refusal::NotAuthorized),
        }
    }

    /// Creates a chat.
    ///
    /// # Errors
    /// [`Refusal::UnknownEndpoint`], [`Refusal::NoNickname`].
    pub fn create(&mut self, now: u64, mut fields: Fields) -> Result<Joined, Refusal> {
        let endpoint = take_text(&mut fields, "endpoint");
        if !self.settings.endpoints.contains(&endpoint) {
            return Err(Refusal::UnknownEndpoint);
        }
        let nickname = take_text(&mut fields, "nickname");
        if nickname.trim().is_empty() {
            return Err(Refusal::NoNickname);
        }
        let mut session = Session::new(self.ids.uuid(), endpoint, now);
        if let Some(Value::Object(user_data)) = fields.remove("userData") {
            session.user_data = user_data;
        }
        session.form = fields;
        let customer =
            Participant { id: self.ids.uuid(), kind: "Customer".to_owned(), nickname, present: true };
        let from = customer.from();
        session.participants.push(customer);
        session.say(&mut self.ids, now, from, json!({ "type": "ParticipantJoined" }));
        self.sessions.push(session);
        self.connect_newest()
    }

    /// Opens another connection to the chat of `token`.
    ///
    /// # Errors
    /// [`Refusal::NotAuthorized`] for a forged token, [`Refusal::NoSession`] for a chat that is gone or over,
    /// [`Refusal::UnknownEndpoint`] for an endpoint that is given and not known.
    pub fn join(&mut self, now: u64, token: &str, mut fields: Fields) -> Result<Joined, Refusal> {
        let claims = Claims::verify(token).ok_or(Refusal::NotAuthorized)?;
        let at =
            self.sessions.iter().position(|one| one.id == claims.session_id).ok_or(Refusal::NoSession)?;
        let session = self.sessions.get_mut(at).ok_or(Refusal::NoSession)?;
        match session.death {
            None => {}
            Some(Death::Unauthorized | Death::UnauthorizedOnJoin) => return Err(Refusal::NotAuthorized),
            Some(Death::NotFoundWithoutWords) => return Err(Refusal::NoSessionWithoutWords),
            Some(Death::NotFound) => return Err(Refusal::NoSession),
        }
        if session.ended {
            return Err(Refusal::NoSession);
        }
        let endpoint = take_text(&mut fields, "endpoint");
        if !endpoint.is_empty() && !self.settings.endpoints.contains(&endpoint) {
            return Err(Refusal::UnknownEndpoint);
        }
        if let Some(Value::Object(user_data)) = fields.remove("userData") {
            session.user_data.extend(user_data);
        }
        session.touched = now;
        if self.settings.join == Join::DifferentSession {
            let mut moved = session.clone();
            session.death = Some(Death::NotFound);
            moved.moved_from = Some(std::mem::replace(&mut moved.id, self.ids.uuid()));
            moved.transports.clear();
            if let Some(customer) = moved.participants.first_mut() {
                customer.id = self.ids.uuid();
            }
            self.sessions.push(moved);
        } else {
            // The chat that was joined last is what `latest` means from here on.
            let joined = self.sessions.remove(at);
            self.sessions.push(joined);
        }
        self.connect_newest()
    }

    fn connect_newest(&mut self) -> Result<Joined, Refusal> {
        let transport = self.ids.uuid();
        let session = self.sessions.last_mut().ok_or(Refusal::NoSession)?;
        let participant_id = session.customer().map(|one| one.id.clone()).unwrap_or_default();
        session.transports.push(Transport {
            id: transport.clone(),
            delivered: 0,
            last: None,
            told_end: false,
        });
        let claims = Claims { session_id: session.id.clone(), transport_id: transport, participant_id };
        Ok(Joined { token: claims.sign(), session: session.id.clone() })
    }

    /// What a poll gives at this moment: an empty reading means that a real service would hold it.
    ///
    /// # Errors
    /// [`Refusal::NoSession`] once this transport has been told that the chat ended.
    pub fn poll(&mut self, caller: &Caller, now: u64, from: Option<Index>) -> Result<Reading, Refusal> {
        let resume = self.settings.resume;
        self.session(caller)?.poll(&caller.transport, now, from, resume)
    }

    /// The newest `count` entries.
    ///
    /// # Errors
    /// As [`Centre::poll`].
    pub fn newest(&mut self, caller: &Caller, count: usize) -> Result<Reading, Refusal> {
        self.session(caller)?.newest(&caller.transport, count)
    }

    /// A page of history that ends with the entry at `index`.
    ///
    /// # Errors
    /// As [`Centre::poll`].
    pub fn older(&mut self, caller: &Caller, index: Index, count: usize) -> Result<Reading, Refusal> {
        self.session(caller)?.older(&caller.transport, index, count)
    }

    /// Takes a text or a typing notice of the customer.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] for another type or a text without words, [`Refusal::NoSession`] after the end.
    pub fn send(&mut self, caller: &Caller, now: u64, fields: &Fields) -> Result<Sent, Refusal> {
        let send_after_end = self.settings.send_after_end;
        let (session, ids) = self.session_and_ids(caller)?;
        if session.ended {
            return match send_after_end {
                SendAfterEnd::NotFound => Err(Refusal::NoSession),
                SendAfterEnd::ChatEnded => Ok(Sent::ChatEnded),
            };
        }
        let text = fields.get("text").and_then(Value::as_str).unwrap_or_default();
        let from = session.customer().map(Participant::from).ok_or(Refusal::NoSession)?;
        let kind = fields.get("type").and_then(Value::as_str).unwrap_or_default();
        match kind {
            "Text" if text.is_empty() => {
                return Err(Refusal::Malformed("data[text] is missing.".to_owned()));
            }
            "Text" => {
                session.customer_typing = None;
                session.say(ids, now, from, json!({ "type": "Text", "text": text }));
            }
            "TypingStarted" | "TypingStopped" => {
                session.customer_typing = (kind == "TypingStarted").then(|| text.to_owned());
                let body = json!({ "type": kind, "text": text });
                session.append(ids, now, from, body, Lasting::Passing, Audience::Centre);
            }
            other => {
                return Err(Refusal::Malformed(format!("data[type] is \"{other}\"; Text was expected.")));
            }
        }
        Ok(Sent::Taken)
    }

    /// Takes a picture of the customer.
    ///
    /// # Errors
    /// [`Refusal::NotAPicture`], [`Refusal::PictureTooLarge`], [`Refusal::TooManyPictures`], and
    /// [`Refusal::NoSession`] after the end.
    pub fn image(&mut self, caller: &Caller, now: u64, name: &str, bytes: Bytes) -> Result<(), Refusal> {
        let (limit, count) = (self.settings.picture_bytes, self.settings.pictures_per_session);
        let (session, ids) = self.running(caller)?;
        let mime = picture::mime(&bytes).ok_or(Refusal::NotAPicture)?;
        if bytes.len() > limit {
            return Err(Refusal::PictureTooLarge);
        }
        if session.pictures.iter().filter(|one| one.from_customer).count() >= count {
            return Err(Refusal::TooManyPictures);
        }
        let from = session.customer().map(Participant::from).ok_or(Refusal::NoSession)?;
        let name = picture::file_name(name);
        add_picture(
            session,
            ids,
            now,
            from,
            Picture { id: String::new(), name, mime, bytes, from_customer: true },
        );
        Ok(())
    }

    /// Merges attached data into what the chat has.
    ///
    /// # Errors
    /// [`Refusal::NoSession`] after the end.
    pub fn user_data(&mut self, caller: &Caller, fields: Fields) -> Result<(), Refusal> {
        self.running(caller)?.0.user_data.extend(fields);
        Ok(())
    }

    /// The customer leaves, which ends the chat.
    ///
    /// # Errors
    /// [`Refusal::OtherParticipant`] when `participant` is not the caller, [`Refusal::NoSession`] after the end.
    pub fn leave(&mut self, caller: &Caller, now: u64, participant: &str) -> Result<(), Refusal> {
        let (session, ids) = self.running(caller)?;
        if session.customer().is_none_or(|one| one.id != participant) {
            return Err(Refusal::OtherParticipant);
        }
        session.customer_typing = None;
        session.part(ids, now, participant);
        session.ended = true;
        Ok(())
    }

    /// A picture of the caller's chat. Also given after the end, so that a last picture can still be fetched.
    ///
    /// # Errors
    /// [`Refusal::NotAuthorized`] without a valid token, [`Refusal::NoSuchPath`] when the chat holds no such picture.
    pub fn media(&self, token: Option<&str>, id: &str) -> Result<Picture, Refusal> {
        let claims = token.and_then(Claims::verify).ok_or(Refusal::NotAuthorized)?;
        let caller = self.caller(&claims.session_id, token)?;
        let session = self.find(&caller.session).ok_or(Refusal::NoSession)?;
        session.pictures.iter().find(|one| one.id == id).cloned().ok_or(Refusal::NoSuchPath)
    }

    fn session(&mut self, caller: &Caller) -> Result<&mut Session, Refusal> {
        Ok(self.session_and_ids(caller)?.0)
    }

    fn running(&mut self, caller: &Caller) -> Result<(&mut Session, &mut Ids), Refusal> {
        let found = self.session_and_ids(caller)?;
        if found.0.ended { Err(Refusal::NoSession) } else { Ok(found) }
    }

    fn session_and_ids(&mut self, caller: &Caller) -> Result<(&mut Session, &mut Ids), Refusal> {
        let session = self.sessions.iter_mut().find(|one| one.id == caller.session);
        Ok((session.ok_or(Refusal::NoSession)?, &mut self.ids))
    }
}

/// Puts a picture into a chat and announces it by an entry whose `content` says where it is.
fn add_picture(session: &mut Session, ids: &mut Ids, now: u64, from: Value, picture: Picture) -> Value {
    let picture = Picture { id: ids.uuid(), ..picture };
    let name: String = url::form_urlencoded::byte_serialize(picture.name.as_bytes()).collect();
    let part = json!({
        "type": "image",
        "mime": picture.mime,
        "url": format!("/media/{}/{}", picture.id, name.replace('+', "%20")),
        "name": picture.name,
        "length": picture.bytes.len(),
    });
    session.pictures.push(picture);
    session.say(ids, now, from, json!({ "type": "Image", "content": [part] }))
}

fn take_text(fields: &mut Fields, name: &str) -> String {
    match fields.remove(name) {
        Some(Value::String(text)) => text,
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests;
