//! What guests ask for over the socket.

use serde_json::{Map, Value, json};

use super::file::{HOST, Place, TAGGING};
use super::session::{Keeps, Message, Session, inbound, iso};
use super::{Centre, Pass, Push, frame};
use crate::chat::{Kind, Who};

/// What a request is, for the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asks {
    /// The configuration of a session.
    Configure,
    /// Join.
    Start,
    /// Words, an answer or a file.
    Send,
    /// Typing.
    Typing,
    /// The end.
    Clear,
    /// A place for a file.
    Place,
    /// A pass, an address, an echo and the like.
    Sign,
    /// What is not known.
    Unknown,
}

/// A refusal.
struct No {
    code: u16,
    words: &'static str,
}

const NOT_CONFIGURED: No = No { code: 400, words: "The session is not configured" };
const READ_ONLY: No = No { code: 409, words: "Session is read-only, no new messages allowed" };

/// What a frame asks for, as far as it can be read.
#[must_use]
pub fn asks(text: &str) -> (Asks, Value) {
    let Ok(request) = serde_json::from_str::<Value>(text) else { return (Asks::Unknown, Value::Null) };
    let at = |path: &str| request.pointer(path).and_then(Value::as_str).unwrap_or_default();
    let asks = match (at("/action"), at("/message/type")) {
        ("configureSession" | "configureAuthenticatedSession", _) => Asks::Configure,
        ("onMessage", "Event") => {
            match (at("/message/events/0/eventType"), at("/message/events/0/presence/type")) {
                ("Typing", _) => Asks::Typing,
                (_, "Join") => Asks::Start,
                (_, "Clear") => Asks::Clear,
                _ => Asks::Unknown,
            }
        }
        ("onMessage", _) => Asks::Send,
        ("onAttachment", _) => Asks::Place,
        (
            "echo" | "getJwt" | "getAttachment" | "deleteAttachment" | "closeSession" | "getConfiguration",
            _,
        ) => Asks::Sign,
        _ => Asks::Unknown,
    };
    (asks, request)
}

/// The words that a request brings, if it brings a message.
#[must_use]
pub fn words(request: &Value) -> Option<String> {
    request.pointer("/message/text")?.as_str().map(str::to_owned)
}

impl Centre {
    /// A guest says something on a connection. Gives the HTTP-like code of the answer.
    pub fn hear(&mut self, now: u64, connection: u64, text: &str) -> u16 {
        let (asks, request) = asks(text);
        let tracing = request.get("tracingId").and_then(Value::as_str).map(str::to_owned);
        match self.perform(now, connection, asks, &request, tracing.as_deref()) {
            Ok(()) => 200,
            Err(no) => {
                self.push_error(connection, no.code, no.words, tracing.as_deref());
                no.code
            }
        }
    }

    /// What a guest says is answered with an error, although nothing is wrong with it. If it takes effect all the same, its own answer
    /// is kept back.
    pub fn refuse(
        &mut self,
        now: u64,
        connection: u64,
        text: &str,
        code: u16,
        words: &str,
        after_effect: bool,
    ) {
        let (_, request) = asks(text);
        if after_effect {
            let due = |centre: &Self| centre.connections.get(&connection).map_or(0, |one| one.due.len());
            let before = due(self);
            self.hear(now, connection, text);
            if let Some(one) = self.connections.get_mut(&connection) {
                one.due.truncate(before);
            }
        }
        self.push_error(connection, code, words, request.get("tracingId").and_then(Value::as_str));
    }

    fn push_error(&mut self, connection: u64, code: u16, words: &str, tracing: Option<&str>) {
        let named = tracing.filter(|_| self.settings.errors_are_named);
        let answer = if matches!(code, 429 | 4029) {
            let body = json!({ "retryAfter": 3, "errorCode": 4029, "errorMessage": words });
            frame("TooManyRequestsErrorMessage", 429, body, named)
        } else {
            frame("string", code, json!(words), named)
        };
        self.push(connection, answer);
    }

    fn push(&mut self, connection: u64, frame: Value) {
        if let Some(one) = self.connections.get_mut(&connection) {
            one.due.push_back(Push::Frame(frame));
        }
    }

    fn perform(
        &mut self,
        now: u64,
        at: u64,
        asks: Asks,
        request: &Value,
        tracing: Option<&str>,
    ) -> Result<(), No> {
        self.count(now, at)?;
        if asks == Asks::Configure {
            return self.configure_session(now, at, request, tracing);
        }
        let token = self.token_of(at).map(str::to_owned).ok_or(NOT_CONFIGURED)?;
        self.expire(now, &token);
        let session = self.session(&token).ok_or(No { code: 4006, words: "session has expired" })?;
        let read_only = session.read_only;
        let action = request.get("action").and_then(Value::as_str).unwrap_or_default();
        match (asks, action) {
            (Asks::Clear, _) => self.clear_conversation(now, &token, tracing),
            (Asks::Send | Asks::Start | Asks::Typing | Asks::Place, _) if read_only => Err(READ_ONLY),
            (Asks::Start, _) => self.begin(now, &token, request, tracing),
            (Asks::Typing, _) => self.guest_types(now, &token),
            (Asks::Send, _) => self.say(now, &token, request, tracing),
            (Asks::Place, _) => self.place(at, &token, request, tracing),
            (_, "echo") => self.echo(now, at, &token, tracing),
            (_, "getJwt") => {
                let pass = format!("e30.{}.sandbox", self.ids.uuid());
                let until = now + self.settings.pass_seconds * 1_000;
                self.passes.retain(|_, pass| now < pass.until);
                self.passes.insert(pass.clone(), Pass { token, until });
                let body = json!({ "jwt": pass, "exp": until / 1_000 });
                self.push(at, frame("JwtResponse", 200, body, tracing));
                Ok(())
            }
            (_, "getAttachment") => self.where_is(now, at, &token, request, tracing),
            (_, "deleteAttachment") => {
                let id = text(request, "/attachmentId");
                self.places.retain(|_, place| place.id != id);
                self.push(
                    at,
                    frame("AttachmentDeletedResponse", 200, json!({ "attachmentId": id }), tracing),
                );
                Ok(())
            }
            (_, "closeSession") => {
                let others: Vec<u64> = self
                    .connections
                    .iter()
                    .filter(|(id, one)| **id != at && one.token.as_deref() == Some(&token))
                    .map(|(id, _)| *id)
                    .collect();
                for other in others {
                    self.drop_one(other);
                }
                let body = json!({ "connected": false, "newSession": false, "readOnly": read_only });
                self.push(at, frame("SessionResponse", 200, body, tracing));
                Ok(())
            }
            (_, "getConfiguration") => {
                let body = json!({ "allowedMedia": self.settings.media(), "maxCustomDataBytes": 2048, "messageRoutingEnabled": true });
                self.push(at, frame("GetConfigurationResponse", 200, body, tracing));
                Ok(())
            }
            _ => Err(No { code: 400, words: "The request is not understood" }),
        }
    }

    /// Keeps to the limit on requests.
    fn count(&mut self, now: u64, at: u64) -> Result<(), No> {
        let limits = self.settings.limits;
        let Some(connection) = self.connections.get_mut(&at) else { return Err(NOT_CONFIGURED) };
        connection.requests.retain(|time| time + 60_000 > now);
        if limits && connection.requests.len() >= 60 {
            return Err(No { code: 429, words: "Too many requests" });
        }
        connection.requests.push_back(now);
        Ok(())
    }

    /// A session that was quiet for too long is over.
    fn expire(&mut self, now: u64, token: &str) {
        if self.session(token).is_some_and(|session| session.ends <= now) {
            self.lose(token, "expired");
        }
    }

    /// The session is over and its token opens it no more.
    pub(super) fn lose(&mut self, token: &str, how: &str) {
        let event = match how {
            "cleared" => "SessionClearedEvent",
            "logout" => "LogoutEvent",
            _ => "SessionExpiredEvent",
        };
        if let Some(session) = self.session_mut(token) {
            session.gone = true;
            session.dead = Some(how.to_owned());
        }
        self.tell_all(token, &frame(event, 200, json!({}), None));
        if how == "cleared" {
            self.drop_all(token, &json!({}));
        }
    }

    fn drop_one(&mut self, at: u64) {
        if let Some(one) = self.connections.get_mut(&at) {
            one.due.push_back(Push::Frame(frame("ConnectionClosedEvent", 200, json!({}), None)));
            one.due.push_back(Push::Close(1000));
            one.token = None;
        }
    }

    fn configure_session(
        &mut self,
        now: u64,
        at: u64,
        request: &Value,
        tracing: Option<&str>,
    ) -> Result<(), No> {
        let deployment = self.connections.get(&at).map(|one| one.deployment.clone()).unwrap_or_default();
        let token = text(request, "/token");
        if token.is_empty() || text(request, "/deploymentId") != deployment {
            return Err(No { code: 400, words: "The deployment or the token is not good" });
        }
        self.expire(now, &token);
        let person = self.who_configures(now, &token, request)?;
        let start_new = request.get("startNew").and_then(Value::as_bool).unwrap_or_default();
        if start_new && let Some(session) = self.session_mut(&token) {
            session.gone = true;
        }
        let cleared = self.upgrade(now, at, &token, person.as_deref());
        let seconds = self.settings.session_seconds;
        let new = self.session(&token).is_none();
        if new {
            let id = self.ids.uuid();
            let session = Session::new(id, &token, &deployment, now, seconds);
            self.sessions.push(Session { person, ..session });
        } else if let Some(place) = self.sessions.iter().rposition(|one| one.token == token && !one.gone) {
            let mut session = self.sessions.remove(place);
            session.touched = now;
            self.sessions.push(session);
        }
        if let Some(one) = self.connections.get_mut(&at) {
            one.token = Some(token.clone());
        }
        // Three connections: a fourth closes the oldest.
        let of = |(id, one): (&u64, &super::Connection)| {
            (one.token.as_deref() == Some(token.as_str())).then_some(*id)
        };
        let all: Vec<u64> = self.connections.iter().filter_map(of).collect();
        if let Some(oldest) = all.first().filter(|_| all.len() > 3) {
            self.drop_one(*oldest);
        }
        let Some(session) = self.session(&token) else { return Err(NOT_CONFIGURED) };
        let body = json!({
            "connected": true,
            "newSession": new,
            "readOnly": session.read_only,
            "maxCustomDataBytes": 2048,
            "allowedMedia": self.settings.media(),
            "blockedExtensions": [".ade", ".adp", ".exe"],
            "clearedExistingSession": cleared,
            "durationSeconds": seconds,
            "expirationDate": session.ends / 1_000,
        });
        self.push(at, frame("SessionResponse", 200, body, tracing));
        Ok(())
    }

    /// A guest's session becomes that of somebody who signed in: their other devices are told, and other sessions of theirs end. Whether
    /// there were any.
    fn upgrade(&mut self, now: u64, at: u64, token: &str, person: Option<&str>) -> bool {
        let Some(person) = person else { return false };
        let others = self.sessions.iter().filter(|one| !one.gone && one.person.as_deref() == Some(person));
        let others: Vec<String> = others.map(|one| one.token.clone()).collect();
        let Some(session) = self.session_mut(token).filter(|session| session.person.is_none()) else {
            return false;
        };
        session.person = Some(person.to_owned());
        let signed_in = json!({ "reason": "signedIn" });
        for token in &others {
            if let Some(session) = self.session_mut(token) {
                session.gone = true;
                session.dead = Some("signedIn".to_owned());
            }
            self.drop_all(token, &signed_in);
        }
        if let Some(one) = self.connections.get_mut(&at) {
            one.token = None;
        }
        self.drop_all(token, &signed_in);
        if let Some(one) = self.connections.get_mut(&at) {
            one.token = Some(token.to_owned());
        }
        self.event(now, token, "SignIn", None);
        !others.is_empty()
    }

    /// Who configures a session: somebody who signed in, or a guest. Neither can take the other's.
    fn who_configures(&self, now: u64, token: &str, request: &Value) -> Result<Option<String>, No> {
        let person = match request.get("action").and_then(Value::as_str) {
            Some("configureAuthenticatedSession") => {
                let person = self.bearer(now, &text(request, "/data/code"));
                Some(person.ok_or(No { code: 401, words: "Unauthorized" })?)
            }
            _ => None,
        };
        match (self.session(token).map(|session| &session.person), &person) {
            (Some(Some(_)), None) => {
                Err(No { code: 4017, words: "An authenticated session cannot become a guest's" })
            }
            (Some(None), Some(_)) if !self.settings.session_upgrade => {
                Err(No { code: 403, words: "Step-up is not allowed" })
            }
            (Some(Some(theirs)), Some(ours)) if theirs != ours => {
                Err(No { code: 403, words: "Session authentication failed" })
            }
            _ => Ok(person),
        }
    }

    /// Takes in what the guest tells of themselves.
    fn attributes(&mut self, token: &str, request: &Value) -> Result<(), No> {
        let paths = ["/message/channel/metadata/customAttributes", "/channel/metadata/customAttributes"];
        let given = paths.iter().find_map(|path| request.pointer(path)).and_then(Value::as_object);
        let Some(given) = given else { return Ok(()) };
        let size: usize =
            given.iter().map(|(key, value)| key.len() + value.as_str().map_or(0, str::len)).sum();
        if size > 2_048 {
            return Err(No {
                code: 4013,
                words: "Custom Attributes in channel metadata is larger than 2048 bytes",
            });
        }
        if let Some(session) = self.session_mut(token) {
            let texts =
                given.iter().filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())));
            session.data.extend(texts);
        }
        Ok(())
    }

    fn begin(&mut self, now: u64, token: &str, request: &Value, tracing: Option<&str>) -> Result<(), No> {
        self.attributes(token, request)?;
        self.event(now, token, "Join", tracing);
        Ok(())
    }

    /// The copy of a presence of the guest.
    fn event(&mut self, now: u64, token: &str, presence: &str, tracing: Option<&str>) {
        let (id, message_id) = (self.ids.uuid(), self.ids.uuid());
        let Some(session) = self.session_mut(token) else { return };
        let at = session.time(now);
        let events = json!({ "events": [{ "eventType": "Presence", "presence": { "type": presence } }] });
        let mut body = inbound(&id, &message_id, at, "Event", events);
        let kind = if presence == "Clear" { Kind::Left } else { Kind::Joined };
        if let Some(person) = session.person.as_deref().filter(|_| presence == "SignIn")
            && let Some(channel) = body.get_mut("channel").and_then(Value::as_object_mut)
        {
            channel.insert("from".to_owned(), json!({ "firstName": person }));
        }
        let name = session.nickname().unwrap_or_default();
        let message = Message {
            number: 0,
            at,
            who: Who::Customer,
            name,
            kind,
            text: String::new(),
            keeps: Keeps::Kept,
            body,
        };
        let body = session.add(message);
        self.publish(token, tracing, body);
    }

    fn guest_types(&mut self, now: u64, token: &str) -> Result<(), No> {
        if !self.settings.typing {
            return Err(No { code: 403, words: "Turn on the Feature Toggle or fix the configuration." });
        }
        let id = self.ids.uuid();
        let Some(session) = self.session_mut(token) else { return Err(NOT_CONFIGURED) };
        session.typing = true;
        let at = session.time(now);
        let name = session.nickname().unwrap_or_default();
        session.add(Message {
            number: 0,
            at,
            who: Who::Customer,
            name,
            kind: Kind::Typing,
            text: String::new(),
            keeps: Keeps::Hidden,
            body: json!({ "id": id, "type": "Event" }),
        });
        Ok(())
    }

    fn say(&mut self, now: u64, token: &str, request: &Value, tracing: Option<&str>) -> Result<(), No> {
        let words = text(request, "/message/text");
        if words.len() > 4_096 {
            return Err(No { code: 4011, words: "Message length is larger than 4096" });
        }
        let limits = self.settings.limits;
        if let Some(session) = self.session_mut(token) {
            session.sent.retain(|time| time + 1_000 > now);
            if limits && session.sent.len() >= 5 {
                return Err(No { code: 429, words: "The rate is too high for this session" });
            }
            session.sent.push_back(now);
        }
        let given =
            request.pointer("/message/content").and_then(Value::as_array).cloned().unwrap_or_default();
        let mut content = Vec::new();
        let mut files = Vec::new();
        for item in given {
            match item.pointer("/attachment/id").and_then(Value::as_str) {
                Some(id) => {
                    let mine = self.files.get(id).is_some_and(|file| file.token == token);
                    if !mine {
                        return Err(No {
                            code: 4010,
                            words: "attachment has not been successfully uploaded",
                        });
                    }
                    files.extend(self.files.get(id).map(|file| (file.name.clone(), file.mime.clone())));
                    content.extend(self.attachment(now, id));
                }
                None => content.push(item),
            }
        }
        if words.is_empty() && content.is_empty() {
            return Err(No { code: 400, words: "The message is empty" });
        }
        self.attributes(token, request)?;
        let (id, message_id) = (self.ids.uuid(), self.ids.uuid());
        let seconds = self.settings.session_seconds;
        let Some(session) = self.session_mut(token) else { return Err(NOT_CONFIGURED) };
        session.typing = false;
        session.ends = now + seconds * 1_000;
        let at = session.time(now);
        let mut more = Map::new();
        if !words.is_empty() {
            more.insert("text".to_owned(), json!(words));
        }
        if !content.is_empty() {
            more.insert("content".to_owned(), Value::Array(content));
        }
        let word = request.pointer("/message/type").and_then(Value::as_str).unwrap_or("Text");
        let mut body = inbound(&id, &message_id, at, word, Value::Object(more));
        if session.person.is_some()
            && let Some(metadata) = body.get_mut("metadata").and_then(Value::as_object_mut)
        {
            metadata.insert("authenticated".to_owned(), json!("true"));
        }
        let (kind, words) = match files.first() {
            Some((name, mime)) if mime.starts_with("image/") => (Kind::Picture, name.clone()),
            Some((name, _)) => (Kind::File, name.clone()),
            None => (Kind::Text, words),
        };
        let name = session.nickname().unwrap_or_default();
        let body = session.add(Message {
            number: 0,
            at,
            who: Who::Customer,
            name,
            kind,
            text: words,
            keeps: Keeps::Kept,
            body,
        });
        self.publish(token, tracing, body);
        Ok(())
    }

    fn clear_conversation(&mut self, now: u64, token: &str, tracing: Option<&str>) -> Result<(), No> {
        if !self.settings.clear {
            return Err(No { code: 403, words: "Presence events Conversation Clear are not supported" });
        }
        let cleared = frame("SessionClearedEvent", 200, json!({}), None);
        if self.settings.cleared_first {
            self.tell_all(token, &cleared);
        }
        self.event(now, token, "Clear", tracing);
        if !self.settings.cleared_first {
            self.tell_all(token, &cleared);
        }
        if let Some(session) = self.session_mut(token) {
            session.gone = true;
            session.cleared = true;
        }
        self.drop_all(token, &json!({}));
        Ok(())
    }

    fn echo(&mut self, now: u64, at: u64, token: &str, tracing: Option<&str>) -> Result<(), No> {
        let limits = self.settings.limits;
        let Some(connection) = self.connections.get_mut(&at) else { return Err(NOT_CONFIGURED) };
        connection.echoes.retain(|time| time + 60_000 > now);
        if limits && connection.echoes.len() >= 2 {
            return Err(No { code: 429, words: "Too many echoes" });
        }
        connection.echoes.push_back(now);
        let id = self.ids.uuid();
        let seconds = self.settings.session_seconds;
        let ends = self.session(token).map_or(now, |session| session.ends) / 1_000;
        let body = json!({
            "id": id, "type": "Text", "direction": "Inbound", "text": "ping",
            "channel": { "time": iso(now), "type": "Private", "from": {}, "to": {} },
            "metadata": { "durationSeconds": seconds.to_string(), "expirationDate": ends.to_string() },
        });
        self.push(at, frame("StructuredMessage", 200, body, tracing));
        Ok(())
    }

    fn place(&mut self, at: u64, token: &str, request: &Value, tracing: Option<&str>) -> Result<(), No> {
        let id = Some(text(request, "/attachmentId"))
            .filter(|id| !id.is_empty())
            .unwrap_or_else(|| self.ids.uuid());
        let name = text(request, "/fileName");
        let size = request.get("fileSize").and_then(Value::as_u64).unwrap_or_default();
        let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
        let code = if !self.settings.uploads {
            Some(4000)
        } else if ending.is_none_or(|ending| ["ade", "adp", "exe"].contains(&ending.as_str())) {
            Some(4001)
        } else if size == 0 || size > self.settings.file_kilobytes * 1_024 {
            Some(4002)
        } else {
            None
        };
        if let Some(code) = code {
            let body =
                json!({ "attachmentId": id, "errorCode": code, "errorMessage": "The file is not taken" });
            self.push(at, frame("GenerateUrlError", 200, body, tracing));
            return Ok(());
        }
        let (key, tag) = (self.ids.uuid(), format!("session={}", self.ids.uuid()));
        let mime = text(request, "/fileType");
        let url = format!("{HOST}/uploads/{key}");
        let body = json!({
            "attachmentId": id, "url": url, "headers": { TAGGING: tag }, "fileName": name, "fileSize": size, "fileType": mime,
        });
        self.places.insert(key, Place { token: token.to_owned(), id, name, mime, size, tag });
        self.push(at, frame("PresignedUrlResponse", 200, body, tracing));
        Ok(())
    }

    fn where_is(
        &mut self,
        now: u64,
        at: u64,
        token: &str,
        request: &Value,
        tracing: Option<&str>,
    ) -> Result<(), No> {
        let id = text(request, "/attachmentId");
        let file = self.files.get(&id).filter(|file| file.token == token);
        let size = file.map(|file| file.bytes.len());
        let (Some(size), Some(url)) = (size, self.address(now, &id)) else {
            return Err(No { code: 4009, words: "attachment not found" });
        };
        let body = json!({ "attachmentId": id, "url": url, "headers": {}, "fileSize": size });
        self.push(at, frame("PresignedUrlResponse", 200, body, tracing));
        Ok(())
    }
}

fn text(request: &Value, path: &str) -> String {
    request.pointer(path).and_then(Value::as_str).unwrap_or_default().to_owned()
}
