//! GMS chat, version 2, as a deterministic model: one transcript for each chat, and the operations of the customer on it.
//!
//! The facts behind it are in `docs/protocols/gms-chat-v2.md`; where that file says that nothing public fixes a behaviour, the
//! choice is a switch in [`settings::Settings`]. The model knows no transport: the same chat may be asked over HTTP and over
//! CometD in turn. Every method takes the time in unix milliseconds.

pub mod acts;
pub mod chat;
pub mod files;
mod neutral;
pub mod refusal;
pub mod settings;
#[cfg(test)]
mod tests;

use bytes::Bytes;
use serde_json::{Map, Value, json};

use self::chat::{Death, Session};
use self::files::File;
use self::refusal::Refusal;
use self::settings::Settings;
use crate::ids::Ids;
use crate::options::Options;

/// Its name in the sandbox.
pub const NAME: &str = "gms";

/// Participant number of the customer.
pub const CUSTOMER: u64 = 1;

/// Members of a request or of attached data.
pub type Fields = Map<String, Value>;

/// Who asks: what a request carries beside its operation. Only the key is needed; the others have to fit if they are there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Credentials {
    /// `chatId`: over HTTP it stands in the path.
    pub chat: Option<String>,
    /// `userId`.
    pub user: Option<String>,
    /// `secureKey`.
    pub key: String,
}

/// What the customer wants done.
#[derive(Debug, Clone, PartialEq)]
pub enum Operation {
    /// A text.
    Send {
        /// The words.
        text: String,
        /// `messageType`.
        kind: Option<String>,
        /// `eventAttributes`, as an object.
        attributes: Option<Value>,
    },
    /// What there is from a position on, perhaps with what the customer is typing.
    Refresh {
        /// The preview.
        preview: Option<String>,
    },
    /// The customer starts or stops typing.
    Typing {
        /// Started or stopped.
        on: bool,
        /// The preview.
        preview: Option<String>,
    },
    /// Everything up to this position was read.
    Receipt {
        /// The position.
        up_to: u64,
    },
    /// An address to open.
    PushUrl(String),
    /// The customer is called otherwise.
    Nickname(String),
    /// More attached data.
    UserData(Fields),
    /// A notice for programs.
    Notice {
        /// Its text.
        text: Option<String>,
        /// `eventAttributes`, as an object.
        attributes: Option<Value>,
    },
    /// The customer leaves.
    Disconnect,
    /// What may be uploaded.
    Limits,
    /// A file.
    Upload {
        /// Its name.
        name: String,
        /// Its content.
        bytes: Bytes,
        /// Further user data with it.
        data: Fields,
    },
    /// Takes a file back.
    Delete {
        /// Which.
        file: String,
    },
}

/// The whole contact centre as this service shows it.
#[derive(Debug)]
pub struct Centre {
    /// The switches.
    pub settings: Settings,
    /// All chats; the one that was created last stands last.
    pub chats: Vec<Session>,
    ids: Ids,
}

impl Centre {
    /// An empty contact centre.
    #[must_use]
    pub fn new(settings: Settings, ids: Ids) -> Self {
        Self { settings, chats: Vec::new(), ids }
    }

    /// The one of a sandbox.
    #[must_use]
    pub fn start(options: &Options, ids: Ids) -> Self {
        Self::new(Settings { api_keys: options.api_keys.clone(), ..Settings::default() }, ids)
    }

    /// A chat by its id, or the newest one by the word `latest`.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<&Session> {
        if id == "latest" { self.chats.last() } else { self.chats.iter().find(|one| one.id == id) }
    }

    /// Whether the proxy in front lets a request with this key through.
    ///
    /// # Errors
    /// [`Refusal::NoKey`], [`Refusal::WrongKey`].
    pub fn check_proxy_key(&self, key: Option<&str>) -> Result<(), Refusal> {
        match key {
            None if self.settings.proxy_key => Err(Refusal::NoKey),
            Some(key) if !self.settings.api_keys.iter().any(|one| one == key) => Err(Refusal::WrongKey),
            _ => Ok(()),
        }
    }

    /// Whether there is such a service.
    ///
    /// # Errors
    /// [`Refusal::UnknownService`].
    pub fn check_service(&self, service: &str) -> Result<(), Refusal> {
        let known = self.settings.services.iter().any(|one| one == service);
        if known { Ok(()) } else { Err(Refusal::UnknownService) }
    }

    /// Lets time pass: whoever was silent for too long is taken out, and what was announced to end ends. Tells whether something
    /// has changed.
    pub fn pass(&mut self, now: u64) -> bool {
        let silence = self.settings.silence_ms;
        let mut changed = false;
        for chat in &mut self.chats {
            changed |= chat.pass(now, silence);
        }
        changed
    }

    /// When time will next change something by itself.
    #[must_use]
    pub fn due(&self) -> Option<u64> {
        let silence = self.settings.silence_ms;
        self.chats.iter().filter_map(|chat| chat.due(silence)).min()
    }

    /// Creates a chat. The answer names it and its key.
    ///
    /// # Errors
    /// [`Refusal::NoName`], [`Refusal::NoLastName`], [`Refusal::BadEmail`], [`Refusal::Closed`].
    pub fn request_chat(&mut self, now: u64, service: &str, mut fields: Fields) -> Result<Value, Refusal> {
        self.pass(now);
        if self.settings.closed {
            return Err(Refusal::Closed);
        }
        let mut take = |name: &str| match fields.remove(name) {
            Some(Value::String(text)) => text.trim().to_owned(),
            _ => String::new(),
        };
        let (nickname, first, last) = (take("nickname"), take("firstName"), take("lastName"));
        let endpoint = take("endpoint");
        let nickname = match (nickname.as_str(), first.as_str(), last.as_str()) {
            ("", "", "") => return Err(Refusal::NoName),
            ("", "", _) => return Err(Refusal::NoFirstName),
            ("", _, "") if self.settings.last_name => return Err(Refusal::NoLastName),
            ("", first, last) => format!("{first} {last}").trim().to_owned(),
            _ => nickname,
        };
        let email = fields.get("emailAddress").and_then(Value::as_str).unwrap_or_default();
        if !email.is_empty() && !email.contains('@') {
            return Err(Refusal::BadEmail);
        }
        let user_data = match fields.remove("userData") {
            Some(Value::Object(data)) => data,
            _ => Map::new(),
        };
        for name in ["alias", "secureKey", "userId", "chatId", "text", "operation"] {
            fields.remove(name);
        }
        let mut form = fields;
        for (name, value) in [("firstName", first), ("lastName", last)] {
            if !value.is_empty() {
                form.insert(name.to_owned(), json!(value));
            }
        }
        form.retain(|_, value| value.as_str() != Some(""));
        let id = self.name(16);
        let user = self.name(16);
        let key = self.fresh_key();
        let mut chat = Session::new(id, user, key, now);
        chat.service = service.to_owned();
        chat.endpoint = endpoint;
        chat.form = form;
        chat.user_data = user_data;
        chat.join(now, &nickname, "Client");
        let answer = chat.answer(Some(1), now);
        self.chats.push(chat);
        Ok(answer)
    }

    /// The chat that a request is for. A wrong key puts the customer out of a chat that was named.
    ///
    /// # Errors
    /// [`Refusal::Over`] and the others that a chat that is lost gives.
    pub fn identify(&mut self, now: u64, who: &Credentials) -> Result<String, Refusal> {
        self.pass(now);
        let removes = self.settings.wrong_key_removes;
        let found = match &who.chat {
            Some(id) => self.chats.iter_mut().find(|one| one.id == *id),
            None => self.chats.iter_mut().find(|one| one.opens(&who.key)),
        };
        let chat = found.ok_or(Refusal::Over { ended: false })?;
        match chat.death {
            None | Some(Death::Away) => {}
            Some(Death::Final) => return Err(Refusal::Over { ended: false }),
            Some(Death::FinalAndEnded) => return Err(Refusal::Over { ended: true }),
            Some(Death::NotFound) => return Err(Refusal::NotFound),
            Some(Death::NotFoundWithoutWords) => return Err(Refusal::NoSuchPath),
        }
        if !chat.opens(&who.key) || who.user.as_ref().is_some_and(|user| *user != chat.user) {
            if removes && !chat.ended {
                chat.part_customer(now);
            }
            return Err(Refusal::Over { ended: false });
        }
        if chat.death == Some(Death::Away) {
            return Err(Refusal::Away);
        }
        if chat.hiccups > 0 {
            chat.hiccups -= 1;
            if chat.hiccups == 0 {
                chat.move_house();
            }
            return Err(Refusal::Away);
        }
        chat.used(&who.key);
        chat.heard(now);
        Ok(chat.id.clone())
    }

    /// Does what the customer wants, and answers with the transcript from `position` on, if one was asked for.
    ///
    /// # Errors
    /// Every [`Refusal`] that fits the operation.
    pub fn perform(
        &mut self,
        now: u64,
        who: &Credentials,
        position: Option<i64>,
        operation: Operation,
    ) -> Result<Value, Refusal> {
        let id = self.identify(now, who)?;
        let rules = self.settings.clone();
        let file_name = matches!(operation, Operation::Upload { .. }).then(|| self.name(24));
        let position = match &operation {
            Operation::Refresh { .. } => Some(position.unwrap_or(1)),
            _ => position.filter(|position| *position != 0),
        };
        let chat = self.chats.iter_mut().find(|one| one.id == id).ok_or(Refusal::NotFound)?;
        if chat.ended && !matches!(operation, Operation::Refresh { .. } | Operation::Disconnect) {
            return Err(Refusal::Over { ended: true });
        }
        let mut extra = Map::new();
        match operation {
            Operation::Refresh { preview } => {
                if let Some(preview) = preview.filter(|text| !text.is_empty()) {
                    chat.customer_typing = Some(preview);
                }
            }
            Operation::Send { text, kind, attributes } => {
                if text.chars().count() > rules.longest_text {
                    return Err(Refusal::TooLong);
                }
                if text.is_empty() {
                    return Err(Refusal::Malformed);
                }
                let mut body = json!({ "type": "Message", "text": text });
                set(&mut body, "messageType", kind.map(Value::from));
                set(&mut body, "eventAttributes", attributes);
                chat.speak(now, body);
            }
            Operation::Typing { on, preview } => {
                let preview = preview.unwrap_or_default();
                if preview.chars().count() > rules.longest_text {
                    return Err(Refusal::TooLong);
                }
                let mut body = json!({ "type": if on { "TypingStarted" } else { "TypingStopped" } });
                set(&mut body, "text", (!preview.is_empty()).then(|| json!(preview)));
                chat.customer_typing = on.then_some(preview);
                chat.say(now, CUSTOMER, body);
            }
            Operation::Receipt { up_to } => chat.read = Some(up_to),
            Operation::PushUrl(url) => {
                chat.speak(now, json!({ "type": "PushUrl", "text": url }));
            }
            Operation::Nickname(name) => {
                if name.trim().is_empty() {
                    return Err(Refusal::NoName);
                }
                if let Some(customer) = chat.participants.first_mut() {
                    customer.nickname = name;
                }
                chat.say(now, CUSTOMER, json!({ "type": "NicknameUpdated" }));
            }
            Operation::UserData(data) => chat.user_data.extend(data),
            Operation::Notice { text, attributes } => {
                let purpose = attributes.as_ref().and_then(|one| one.get("purpose")).and_then(Value::as_str);
                if purpose == Some("cancel-idle-timer") {
                    chat.closes_at = None;
                }
                let mut body = json!({ "type": "CustomNotice" });
                set(&mut body, "text", text.map(Value::from));
                set(&mut body, "eventAttributes", attributes);
                chat.say(now, CUSTOMER, body);
            }
            Operation::Disconnect => {
                if !chat.ended {
                    chat.part_customer(now);
                }
            }
            Operation::Limits => {
                let notice = json!({ "type": "Notice", "text": "file-client-cfg-get", "utcTime": now,
                    "from": chat.from(CUSTOMER), "userData": files::limits(&rules, &chat.files) });
                // Neither an index nor a name of the chat stands in this answer.
                return Ok(json!({ "messages": [notice], "chatEnded": false, "statusCode": 0 }));
            }
            Operation::Upload { name, bytes, data } => {
                files::check(&rules, chat, &name, &bytes)?;
                let file = File::new(file_name.unwrap_or_default(), &name, bytes, true);
                extra.insert("userData".to_owned(), json!({ "file-id": file.id }));
                chat.share(now, CUSTOMER, file, data);
            }
            Operation::Delete { file } => chat.withdraw(now, CUSTOMER, &file)?,
        }
        if rules.key_turns > 0 && chat.answers % rules.key_turns == rules.key_turns - 1 {
            let key = self.fresh_key();
            if let Some(chat) = self.chats.iter_mut().find(|one| one.id == id) {
                chat.give_key(key);
            }
        }
        let chat = self.chats.iter_mut().find(|one| one.id == id).ok_or(Refusal::NotFound)?;
        if rules.alias_turns > 0 && chat.answers % rules.alias_turns == rules.alias_turns - 1 {
            chat.move_house();
        }
        let mut answer = chat.answer(position, now);
        if let Some(answer) = answer.as_object_mut() {
            answer.extend(extra);
        }
        Ok(answer)
    }

    /// A file of the chat.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] if there is none of that name.
    pub fn download(&mut self, now: u64, who: &Credentials, file: &str) -> Result<File, Refusal> {
        let id = self.identify(now, who)?;
        let chat = self.find(&id).ok_or(Refusal::NotFound)?;
        chat.files.iter().find(|one| one.id == file && !one.deleted).cloned().ok_or(Refusal::NotFound)
    }

    /// What stands in the transcript of a chat from a position on, as an answer: for a front that delivers by itself.
    #[must_use]
    pub fn reading(&mut self, now: u64, chat: &str, position: i64) -> Option<Value> {
        let chat = self.chats.iter_mut().find(|one| one.id == chat)?;
        Some(chat.answer(Some(position), now))
    }

    /// The customer of a chat was heard of, by a front that holds a connection.
    pub fn heard(&mut self, now: u64, chat: &str) {
        self.pass(now);
        if let Some(chat) = self.chats.iter_mut().find(|one| one.id == chat && !one.ended) {
            chat.heard(now);
        }
    }

    /// A word of hexadecimal digits.
    fn name(&mut self, digits: usize) -> String {
        let text: String = self.ids.uuid().chars().filter(|c| *c != '-').collect();
        text.to_ascii_uppercase().chars().take(digits).collect()
    }

    /// A key as newer servers make them: long, and with characters that have to be escaped.
    fn fresh_key(&mut self) -> String {
        let plain: String = [self.ids.uuid(), self.ids.uuid()].concat().replace('-', "+");
        format!("{plain}/x==")
    }
}

fn set(body: &mut Value, name: &str, value: Option<Value>) {
    if let (Some(value), Some(body)) = (value, body.as_object_mut()) {
        body.insert(name.to_owned(), value);
    }
}
