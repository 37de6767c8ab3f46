//! The server side of Bayeux 1.0, as a deterministic model: sessions, connects that are held, deliveries, acknowledgements, and the
//! ways in which servers lose their clients. It knows no service: what is published is its user's.
//!
//! Every method takes the time in unix milliseconds. Connects are held here by name; whoever carries requests and sockets asks
//! [`Server::ripe`] when to answer.

pub mod settings;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, VecDeque};

use serde_json::{Value, json};

use self::settings::Settings;
use crate::ids::Ids;

/// By what a session travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Over {
    /// Requests.
    Requests,
    /// A socket.
    Socket,
}

/// A server.
#[derive(Debug)]
pub struct Server {
    /// The switches.
    pub settings: Settings,
    sessions: BTreeMap<String, Session>,
    ids: Ids,
    last_hold: u64,
}

/// One client.
#[derive(Debug)]
struct Session {
    browser: Option<String>,
    over: Over,
    /// What is to be delivered.
    queue: VecDeque<Value>,
    /// Whether deliveries are numbered and repeated until they are acknowledged.
    acks: bool,
    batch: i64,
    unacknowledged: Vec<(i64, Vec<Value>)>,
    held: Option<Held>,
    /// When it was last heard.
    heard: u64,
}

/// A connect that waits.
#[derive(Debug, Clone)]
struct Held {
    name: u64,
    until: u64,
    reply: Value,
}

/// What becomes of a message.
#[derive(Debug, Clone, PartialEq)]
pub enum Received {
    /// It is answered with this.
    Reply(Value),
    /// A connect that is held under this name.
    Hold {
        /// Whose it is.
        client: String,
        /// Its name.
        hold: u64,
    },
    /// Words for a channel; whoever takes them says this afterwards.
    Publish {
        /// Who says it.
        client: String,
        /// Where.
        channel: String,
        /// What.
        data: Value,
        /// The acknowledgement.
        reply: Value,
    },
}

impl Server {
    /// A server without sessions.
    #[must_use]
    pub fn new(settings: Settings, ids: Ids) -> Self {
        Self { settings, sessions: BTreeMap::new(), ids, last_hold: 0 }
    }

    /// Forgets all sessions, as a server does that is started anew.
    pub fn forget_all(&mut self) {
        self.sessions.clear();
    }

    /// A new name for a browser.
    pub fn browser(&mut self) -> String {
        self.ids.uuid().replace('-', "")
    }

    /// Whether this session is known.
    #[must_use]
    pub fn knows(&self, client: &str) -> bool {
        self.sessions.contains_key(client)
    }

    /// Forgets whoever was silent for too long.
    pub fn pass(&mut self, now: u64) {
        let patience = self.settings.max_interval_ms.saturating_add(self.settings.interval_ms);
        self.sessions
            .retain(|_, session| session.held.is_some() || now.saturating_sub(session.heard) <= patience);
    }

    /// A message comes in.
    pub fn receive(&mut self, now: u64, browser: Option<&str>, over: Over, message: &Value) -> Received {
        self.pass(now);
        let channel = message["channel"].as_str().unwrap_or_default().to_owned();
        if channel == "/meta/handshake" {
            return Received::Reply(self.handshake(now, browser, over, message));
        }
        let client = message["clientId"].as_str().unwrap_or_default().to_owned();
        let stranger =
            |session: &Session| self.settings.needs_cookie && session.browser.as_deref() != browser;
        let unknown =
            self.sessions.get(&client).is_none_or(|session| over == Over::Requests && stranger(session));
        if unknown {
            return Received::Reply(self.unknown(message));
        }
        if let Some(session) = self.sessions.get_mut(&client) {
            session.heard = now;
            session.over = over;
        }
        match channel.as_str() {
            "/meta/connect" => self.connect(now, &client, over, message),
            "/meta/subscribe" | "/meta/unsubscribe" => {
                let mut reply = reply(message, true);
                put(&mut reply, "subscription", message["subscription"].clone());
                Received::Reply(reply)
            }
            "/meta/disconnect" => {
                self.sessions.remove(&client);
                Received::Reply(reply(message, true))
            }
            meta if meta.starts_with("/meta/") || meta.is_empty() => {
                let mut reply = reply(message, false);
                put(&mut reply, "error", json!(format!("404:{meta}:Unknown Channel")));
                Received::Reply(reply)
            }
            _ => {
                let data = message["data"].clone();
                Received::Publish { client, channel, data, reply: reply(message, true) }
            }
        }
    }

    fn handshake(&mut self, now: u64, browser: Option<&str>, over: Over, message: &Value) -> Value {
        if let Some(advice) = &self.settings.refuse_handshakes {
            let mut reply = reply(message, false);
            put(&mut reply, "error", json!("403::handshake_denied"));
            put(&mut reply, "advice", json!({ "reconnect": advice, "interval": self.settings.interval_ms }));
            return reply;
        }
        let client = self.ids.uuid().replace('-', "");
        let acks = self.settings.acks && message["ext"]["ack"] == json!(true);
        let session = Session {
            browser: browser.map(str::to_owned),
            over,
            queue: VecDeque::new(),
            acks,
            batch: 0,
            unacknowledged: Vec::new(),
            held: None,
            heard: now,
        };
        self.sessions.insert(client.clone(), session);
        let mut reply = reply(message, true);
        put(&mut reply, "clientId", json!(client));
        put(&mut reply, "version", json!("1.0"));
        put(&mut reply, "minimumVersion", json!("1.0"));
        let mut ways = vec!["long-polling", "callback-polling"];
        if self.settings.websocket {
            ways.insert(0, "websocket");
        }
        put(&mut reply, "supportedConnectionTypes", json!(ways));
        if acks {
            put(&mut reply, "ext", json!({ "ack": true }));
        }
        if self.settings.advice {
            put(&mut reply, "advice", self.advice("retry"));
        }
        reply
    }

    fn advice(&self, reconnect: &str) -> Value {
        json!({
            "reconnect": reconnect,
            "interval": self.settings.interval_ms,
            "timeout": self.settings.hold_ms,
            "maxInterval": self.settings.max_interval_ms,
        })
    }

    fn unknown(&self, message: &Value) -> Value {
        let mut reply = reply(message, false);
        put(&mut reply, "error", json!(self.settings.unknown));
        let meta = message["channel"].as_str().unwrap_or_default().starts_with("/meta/");
        if self.settings.advice && (meta || self.settings.advice_to_publishers) {
            put(&mut reply, "advice", json!({ "reconnect": "handshake", "interval": 0 }));
        }
        reply
    }

    fn connect(&mut self, now: u64, client: &str, over: Over, message: &Value) -> Received {
        if let Some(advice) = &self.settings.refuse_connects {
            let mut reply = reply(message, false);
            put(&mut reply, "error", json!("500::refused"));
            put(&mut reply, "advice", json!({ "reconnect": advice, "interval": self.settings.interval_ms }));
            return Received::Reply(reply);
        }
        let browser = self.sessions.get(client).and_then(|session| session.browser.clone());
        let beside = |other: (&String, &Session)| {
            other.0 != client
                && other.1.held.is_some()
                && other.1.over == Over::Requests
                && other.1.browser == browser
        };
        let crowded = browser.is_some() && over == Over::Requests && self.sessions.iter().any(beside);
        self.last_hold += 1;
        let name = self.last_hold;
        let mut hold = message["advice"]["timeout"].as_u64().unwrap_or(self.settings.hold_ms);
        let mut reply = reply(message, true);
        if crowded {
            hold = 0;
            let mut advice = self.advice("retry");
            put(&mut advice, "interval", json!(self.settings.multiple_interval_ms));
            put(&mut advice, "multiple-clients", json!(true));
            put(&mut reply, "advice", advice);
        } else if self.settings.advice {
            put(&mut reply, "advice", self.advice("retry"));
        }
        let Some(session) = self.sessions.get_mut(client) else { return Received::Reply(reply) };
        if let Some(last) = message["ext"]["ack"].as_i64().filter(|_| session.acks) {
            session.unacknowledged.retain(|(number, _)| *number > last);
            // What was not acknowledged is delivered once more, before what came since.
            for (_, batch) in session.unacknowledged.drain(..).rev() {
                for delivery in batch.into_iter().rev() {
                    session.queue.push_front(delivery);
                }
            }
        }
        session.held = Some(Held { name, until: now.saturating_add(hold.min(self.settings.hold_ms)), reply });
        Received::Hold { client: client.to_owned(), hold: name }
    }

    /// Something is to be delivered to a client.
    pub fn deliver(&mut self, client: &str, channel: &str, data: Value) {
        if let Some(session) = self.sessions.get_mut(client) {
            session.queue.push_back(json!({ "channel": channel, "data": data }));
        }
    }

    /// The answer to a held connect, if its time has come; `at_once` whatever the time. Empty if another connect has taken its place
    /// or the session is gone.
    pub fn ripe(&mut self, now: u64, client: &str, hold: u64, at_once: bool) -> Option<Vec<Value>> {
        let first = self.settings.deliveries_first;
        let Some(session) = self.sessions.get_mut(client) else { return Some(Vec::new()) };
        let Some(held) = session.held.clone().filter(|held| held.name == hold) else {
            return Some(Vec::new());
        };
        if session.queue.is_empty() && held.until > now && !at_once {
            return None;
        }
        session.held = None;
        session.heard = now;
        let deliveries: Vec<Value> = session.queue.drain(..).collect();
        let mut reply = held.reply;
        if session.acks {
            session.batch += 1;
            put(&mut reply, "ext", json!({ "ack": session.batch }));
            session.unacknowledged.push((session.batch, deliveries.clone()));
        }
        let mut answer = deliveries;
        answer.insert(if first { answer.len() } else { 0 }, reply);
        Some(answer)
    }

    /// The answer to a connect whose place was taken.
    #[must_use]
    pub fn overtaken(&self, client: &str, message: &Value) -> Value {
        if self.knows(client) { reply(message, true) } else { self.unknown(message) }
    }

    /// When a held connect is answered at the latest.
    #[must_use]
    pub fn due(&self, client: &str) -> Option<u64> {
        self.sessions.get(client)?.held.as_ref().map(|held| held.until)
    }

    /// The connection of a held connect is gone.
    pub fn hang_up(&mut self, now: u64, client: &str, hold: u64) {
        if let Some(session) = self.sessions.get_mut(client)
            && session.held.as_ref().is_some_and(|held| held.name == hold)
        {
            session.held = None;
            session.heard = now;
        }
    }

    /// What may be delivered beside a connect: nothing where deliveries are numbered, since only connects carry numbers.
    pub fn flush(&mut self, client: &str) -> Vec<Value> {
        match self.sessions.get_mut(client) {
            Some(session) if !session.acks => session.queue.drain(..).collect(),
            _ => Vec::new(),
        }
    }
}

fn reply(message: &Value, successful: bool) -> Value {
    let mut reply = json!({ "channel": message["channel"], "successful": successful });
    if !message["id"].is_null() {
        put(&mut reply, "id", message["id"].clone());
    }
    reply
}

fn put(object: &mut Value, name: &str, value: Value) {
    if let Some(object) = object.as_object_mut() {
        object.insert(name.to_owned(), value);
    }
}
