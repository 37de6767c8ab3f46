//! Genesys Cloud Web Messaging as a model: sessions by their tokens, connections by their numbers, and what each connection is
//! still to be told. Written from `docs/protocols/web-messaging.md` and the sources named there.
//!
//! - `request.rs` what guests ask for, `session.rs` a session and its messages, `file.rs` files on their way
//! - `neutral.rs` the chats in the sandbox's own words, `action.rs` what the contact centre does

mod action;
pub mod file;
pub mod identity;
mod neutral;
pub mod request;
pub mod session;
pub mod settings;

use std::collections::{BTreeMap, VecDeque};

use serde_json::{Value, json};

use self::file::{Place, Stored};
use self::identity::Identities;
use self::session::Session;
use self::settings::Settings;
use crate::ids::Ids;
use crate::options::Options;

/// The model's name.
pub const NAME: &str = "web_messaging";

/// The service.
#[derive(Debug)]
pub struct Centre {
    /// What no public source fixes.
    pub settings: Settings,
    ids: Ids,
    /// All sessions, the one that was created or configured last at the end.
    pub(crate) sessions: Vec<Session>,
    connections: BTreeMap<u64, Connection>,
    last_connection: u64,
    passes: BTreeMap<String, Pass>,
    places: BTreeMap<String, Place>,
    identities: Identities,
    files: BTreeMap<String, Stored>,
}

/// A socket that is open.
#[derive(Debug, Clone, Default)]
struct Connection {
    deployment: String,
    /// The session that it was configured for.
    token: Option<String>,
    /// What it is still to be told.
    due: VecDeque<Push>,
    /// When its requests of the last minute came, and its echoes.
    requests: VecDeque<u64>,
    echoes: VecDeque<u64>,
}

/// Something for a connection.
#[derive(Debug, Clone, PartialEq)]
pub enum Push {
    /// A frame.
    Frame(Value),
    /// The connection is closed with this code.
    Close(u16),
}

/// What opens the history, for a minute.
#[derive(Debug, Clone)]
struct Pass {
    token: String,
    until: u64,
}

impl Centre {
    /// An empty service.
    #[must_use]
    pub fn new(settings: Settings, ids: Ids) -> Self {
        Self {
            settings,
            ids,
            sessions: Vec::new(),
            connections: BTreeMap::new(),
            last_connection: 0,
            passes: BTreeMap::new(),
            places: BTreeMap::new(),
            identities: Identities::default(),
            files: BTreeMap::new(),
        }
    }

    /// As the sandbox starts it.
    pub(crate) fn start(options: &Options, ids: Ids) -> Self {
        Self::new(Settings { deployments: options.endpoints.clone(), ..Settings::default() }, ids)
    }

    /// The configuration of a deployment; `None` if there is no such deployment.
    #[must_use]
    pub fn config(&self, deployment: &str) -> Option<Value> {
        let known = self.settings.deployments.iter().any(|one| one == deployment);
        known.then(|| self.settings.config(deployment))
    }

    /// A socket is asked for.
    ///
    /// # Errors
    /// The HTTP status of the refusal.
    pub fn connect(&mut self, deployment: Option<&str>, origin: Option<&str>) -> Result<u64, u16> {
        let deployment = deployment.unwrap_or_default();
        if !self.settings.deployments.iter().any(|one| one == deployment) {
            return Err(403);
        }
        if !self.settings.origins.is_empty() && !origin.is_some_and(|origin| self.allows(origin)) {
            return Err(403);
        }
        self.last_connection += 1;
        let connection = Connection { deployment: deployment.to_owned(), ..Connection::default() };
        self.connections.insert(self.last_connection, connection);
        Ok(self.last_connection)
    }

    fn allows(&self, origin: &str) -> bool {
        let host = origin.split("://").last().unwrap_or_default();
        let host = host.split([':', '/']).next().unwrap_or_default().to_ascii_lowercase();
        self.settings.origins.iter().any(|one| host == *one || host.ends_with(&format!(".{one}")))
    }

    /// What a connection is to be told, in order.
    pub fn due(&mut self, connection: u64) -> Vec<Push> {
        let found = self.connections.get_mut(&connection);
        found.map(|one| one.due.drain(..).collect()).unwrap_or_default()
    }

    /// A socket is no more.
    pub fn hang_up(&mut self, connection: u64) {
        self.connections.remove(&connection);
    }

    /// The token that a connection was configured with.
    #[must_use]
    pub fn token_of(&self, connection: u64) -> Option<&str> {
        self.connections.get(&connection)?.token.as_deref()
    }

    /// The session of a token, unless it is no more.
    #[must_use]
    pub fn session(&self, token: &str) -> Option<&Session> {
        self.sessions.iter().rev().find(|one| one.token == token && !one.gone)
    }

    fn session_mut(&mut self, token: &str) -> Option<&mut Session> {
        self.sessions.iter_mut().rev().find(|one| one.token == token && !one.gone)
    }

    /// A page of the history.
    ///
    /// # Errors
    /// The HTTP status of the refusal.
    pub fn history(&mut self, now: u64, pass: Option<&str>, page: u64, size: u64) -> Result<Value, u16> {
        let pass =
            pass.and_then(|pass| self.passes.get(pass)).filter(|pass| now < pass.until).ok_or(401_u16)?;
        let token = pass.token.clone();
        let limits = self.settings.limits;
        let session = self.session_mut(&token).ok_or(404_u16)?;
        session.reads.retain(|at| at + 60_000 > now);
        if limits && session.reads.len() >= 10 {
            return Err(429);
        }
        session.reads.push_back(now);
        let mut kept: Vec<&session::Message> =
            session.messages.iter().filter(|one| one.is_history()).collect();
        kept.sort_by_key(|one| std::cmp::Reverse((one.at, one.number)));
        let total = u64::try_from(kept.len()).unwrap_or(u64::MAX);
        let size = size.clamp(1, 100);
        let from = usize::try_from(page.saturating_sub(1).saturating_mul(size)).unwrap_or(usize::MAX);
        let count = usize::try_from(size).unwrap_or(usize::MAX);
        let entities: Vec<Value> =
            kept.into_iter().skip(from).take(count).map(|one| one.body.clone()).collect();
        Ok(json!({
            "entities": entities,
            "pageSize": size,
            "pageNumber": page,
            "total": total,
            "pageCount": total.div_ceil(size),
        }))
    }

    /// Tells all connections of a session.
    fn tell_all(&mut self, token: &str, frame: &Value) {
        let connections = self.connections.values_mut();
        for connection in connections.filter(|one| one.token.as_deref() == Some(token)) {
            connection.due.push_back(Push::Frame(frame.clone()));
        }
    }

    /// The service drops the connections of a session.
    fn drop_all(&mut self, token: &str, body: &Value) {
        self.tell_all(token, &frame("ConnectionClosedEvent", 200, body.clone(), None));
        let connections = self.connections.values_mut();
        for connection in connections.filter(|one| one.token.as_deref() == Some(token)) {
            connection.due.push_back(Push::Close(1000));
            connection.token = None;
        }
    }

    /// A message of the conversation reaches all connections; `tracing` is that of the guest's request.
    fn publish(&mut self, token: &str, tracing: Option<&str>, body: Value) {
        self.tell_all(token, &frame("StructuredMessage", 200, body, tracing));
    }
}

/// A frame as the service sends it.
fn frame(class: &str, code: u16, body: Value, tracing: Option<&str>) -> Value {
    let answers = tracing.is_some() && class != "StructuredMessage" || code >= 400;
    let mut frame = json!({
        "type": if answers { "response" } else { "message" },
        "class": class,
        "code": code,
    });
    if let Some(whole) = frame.as_object_mut() {
        whole.insert("body".to_owned(), body);
        whole.extend(tracing.map(|tracing| ("tracingId".to_owned(), json!(tracing))));
    }
    frame
}

#[cfg(test)]
mod tests;
