//! GMS chat over CometD: a front for the sandbox's server and model, by requests that are held and, in half of the worlds, over sockets.

use std::collections::{BTreeMap, BTreeSet};

use envoi_protocol::io::{Body, HeaderValue, HttpCall, HttpReply, SocketCall};
use envoi_protocol::token::Secret;
use envoi_protocol::transport::Settings;
use envoi_sandbox::Ids;
use envoi_sandbox::bayeux::{Over, Received};
use envoi_sandbox::model::gms::{Credentials, Operation};
use envoi_sandbox::model::gms_cometd::Gateway;
use serde_json::{Value, json};

use super::{Act, Centre, Push, Served, Spoken, Ticket, Upgrade, gms};
use crate::plan::Plan;
use crate::world::RECOVERY;

/// How much longer than it is held a connect is waited for where there are sockets, in milliseconds: the end of a hold is told on a
/// socket with whatever happens next in this world.
const MARGIN: u64 = 120_000;
/// The longest wait for the next try after a connect that was lost, and everything after it, in milliseconds.
const TRIES_AGAIN: u64 = 60_000;

#[derive(Debug)]
pub(crate) struct Front {
    gateway: Gateway,
    chats: gms::Front,
    /// Connects that are held for requests.
    held: BTreeMap<Ticket, Held>,
    lines: BTreeMap<Ticket, Line>,
    websocket: bool,
    /// How long a connect is held.
    hold: u64,
    /// When something last happened here.
    now: u64,
}

/// A connect that is held.
#[derive(Debug)]
struct Held {
    client: String,
    hold: u64,
    message: Value,
}

/// An open socket.
#[derive(Debug, Default)]
struct Line {
    clients: BTreeSet<String>,
    held: Option<Held>,
    replies: Vec<Value>,
}

impl Front {
    pub(crate) fn new(plan: &Plan, seed: u64) -> Self {
        let mut gateway = Gateway::start(&envoi_sandbox::Options::default(), Ids::seeded(seed));
        let settings = &mut gateway.server.settings;
        settings.hold_ms = plan.hold;
        settings.acks = plan.json;
        settings.deliveries_first = plan.signals;
        settings.repeat = plan.guard;
        Self {
            gateway,
            chats: gms::Front::new(plan, seed),
            held: BTreeMap::new(),
            lines: BTreeMap::new(),
            websocket: plan.inclusive,
            hold: plan.hold,
            now: 0,
        }
    }

    fn files(&mut self, now: u64, call: &HttpCall) -> Served {
        let Body::Form(form) = &call.body else { return answered(404, &Value::Null, None) };
        let field = |name: &str| {
            let mut fields = url::form_urlencoded::parse(form.as_bytes());
            fields.find(|(one, _)| one == name).map(|(_, value)| value.into_owned()).unwrap_or_default()
        };
        let who = Credentials { key: field("secureKey"), ..Credentials::default() };
        match self.chats.model().perform(now, &who, None, Operation::Limits) {
            Ok(answer) => answered(200, &answer, None),
            Err(refusal) => answered(refusal.status(), &refusal.body().unwrap_or_default(), None),
        }
    }

    /// The answer to a held connect, if its time has come.
    fn look(&mut self, now: u64, held: &Held) -> Option<Vec<Value>> {
        self.gateway.collect(self.chats.model(), now, &held.client);
        let mut answer = self.gateway.server.ripe(now, &held.client, held.hold, false)?;
        if answer.is_empty() {
            answer.push(self.gateway.server.overtaken(&held.client, &held.message));
        }
        Some(answer)
    }
}

impl Centre for Front {
    fn settings(&self, plan: &Plan) -> Settings {
        let settings = json!({
            "url": "https://chat.example.com/genesys/cometd",
            "service": "customer-support",
            "websocket": self.websocket,
            "page": plan.page,
            // On a socket the slowest frame is 15 s under way, and what is given up before that arrives nevertheless.
            "request_timeout_ms": if self.websocket { 20_000 } else { plan.request_timeout },
            "margin_ms": if self.websocket { MARGIN } else { 10_000 },
        });
        serde_json::from_value(settings).expect("an object")
    }

    fn form(&self) -> BTreeMap<String, String> {
        self.chats.form()
    }

    fn lane(&self, call: &HttpCall) -> &'static str {
        match call.url.path().rsplit('/').next().unwrap_or_default() {
            "handshake" => "sessions",
            "connect" => "reads",
            "disconnect" => "leave",
            "chat-ntf" => "files",
            _ => "messages",
        }
    }

    fn hears_within(&self, plan: &Plan) -> u64 {
        // After an answer at once that brings nothing there is a pause of a second.
        if plan.hold < 1_000 { super::PROMPTLY + 1_500 } else { super::PROMPTLY }
    }

    // A connect that was swallowed by day is given up only when its time and the margin are over, also where the socket failed and
    // requests are made instead.
    fn rests_within(&self) -> u64 {
        if self.websocket { RECOVERY.max(self.hold + MARGIN + TRIES_AGAIN) } else { RECOVERY }
    }

    fn words(&self, call: &HttpCall) -> Option<String> {
        match &call.body {
            Body::Json(json) => self.words_of_frame(json),
            _ => None,
        }
    }

    fn words_of_frame(&self, text: &str) -> Option<String> {
        let messages: Vec<Value> = serde_json::from_str(text).ok()?;
        let text = messages.iter().find(|message| message["data"]["operation"] == "sendMessage")?;
        text["data"]["message"].as_str().map(str::to_owned)
    }

    fn is_read(&self, call: &HttpCall) -> bool {
        call.url.path().ends_with("/connect")
    }

    fn serve(&mut self, now: u64, ticket: Ticket, call: &HttpCall) -> Served {
        self.now = now;
        if call.url.path().ends_with("/chat-ntf") {
            return self.files(now, call);
        }
        let Body::Json(body) = &call.body else { return answered(400, &Value::Null, None) };
        let messages: Vec<Value> = serde_json::from_str(body).unwrap_or_default();
        let mut browser = cookie(call);
        let mut fresh = None;
        let mut replies = Vec::new();
        for message in messages {
            if message["channel"] == "/meta/handshake" && browser.is_none() {
                browser = Some(self.gateway.server.browser());
                fresh.clone_from(&browser);
            }
            let model = self.chats.model();
            match self.gateway.receive(model, now, browser.as_deref(), Over::Requests, &message) {
                Received::Reply(reply) | Received::Publish { reply, .. } => replies.push(reply),
                Received::Hold { client, hold } => {
                    let held = Held { client, hold, message };
                    if let Some(answer) = self.look(now, &held) {
                        return answered(200, &Value::Array(answer), None);
                    }
                    let until = self.gateway.server.due(&held.client).unwrap_or(now);
                    self.held.insert(ticket, held);
                    return Served::Held(until);
                }
            }
        }
        answered(200, &Value::Array(replies), fresh)
    }

    fn ripe(&mut self, now: u64) -> Vec<(Ticket, HttpReply)> {
        self.now = now;
        let mut ripe = Vec::new();
        for (ticket, held) in std::mem::take(&mut self.held) {
            match self.look(now, &held) {
                Some(answer) => ripe.push((ticket, reply(200, &Value::Array(answer), None))),
                None => drop(self.held.insert(ticket, held)),
            }
        }
        ripe
    }

    fn connect(&mut self, _: u64, socket: Ticket, _: &SocketCall) -> Upgrade {
        self.lines.insert(socket, Line::default());
        Upgrade::Open
    }

    fn frame(&mut self, now: u64, socket: Ticket, text: &str) {
        let Some(line) = self.lines.get_mut(&socket) else { return };
        let messages: Vec<Value> = serde_json::from_str(text).unwrap_or_default();
        for message in messages {
            match self.gateway.receive(self.chats.model(), now, None, Over::Socket(socket.0), &message) {
                Received::Reply(reply) | Received::Publish { reply, .. } => {
                    line.clients.extend(reply["clientId"].as_str().map(str::to_owned));
                    line.replies.push(reply);
                }
                Received::Hold { client, hold } => {
                    line.clients.insert(client.clone());
                    line.held = Some(Held { client, hold, message });
                }
            }
        }
    }

    fn pushes(&mut self, now: u64) -> Vec<(Ticket, Push)> {
        self.now = now;
        let mut pushes = Vec::new();
        for (ticket, mut line) in std::mem::take(&mut self.lines) {
            let mut said = std::mem::take(&mut line.replies);
            for client in &line.clients {
                self.gateway.collect(self.chats.model(), now, client);
            }
            if let Some(held) = line.held.take() {
                match self.look(now, &held) {
                    Some(answer) => said.extend(answer),
                    None => line.held = Some(held),
                }
            }
            for client in &line.clients {
                said.extend(self.gateway.server.flush(client, Over::Socket(ticket.0)));
            }
            if !said.is_empty() {
                pushes.push((ticket, Push::Text(Value::Array(said).to_string())));
            }
            self.lines.insert(ticket, line);
        }
        pushes
    }

    fn hang_up(&mut self, ticket: Ticket) {
        let gone = self.held.remove(&ticket).or(self.lines.remove(&ticket).and_then(|line| line.held));
        if let Some(held) = gone {
            self.gateway.server.hang_up(self.now, &held.client, held.hold);
        }
    }

    fn opens(&self, token: &str) -> bool {
        self.chats.opens(token)
    }

    fn act(&mut self, now: u64, acts: Vec<Act>) {
        self.chats.act(now, acts);
    }

    fn news(&mut self) -> Vec<Spoken> {
        self.chats.news()
    }
}

fn cookie(call: &HttpCall) -> Option<String> {
    let (_, value) = call.headers.iter().find(|(name, _)| name == "cookie")?;
    let text = match value {
        HeaderValue::Plain(text) => text.as_str(),
        HeaderValue::Secret(secret) => secret.expose(),
    };
    text.split("; ").find_map(|pair| pair.strip_prefix("BAYEUX_BROWSER=")).map(str::to_owned)
}

fn answered(status: u16, body: &Value, browser: Option<String>) -> Served {
    Served::Answer(reply(status, body, browser))
}

fn reply(status: u16, body: &Value, browser: Option<String>) -> HttpReply {
    HttpReply {
        status,
        content_type: "application/json".to_owned(),
        cookies: browser
            .map(|name| Secret::new(format!("BAYEUX_BROWSER={name}; Path=/")))
            .into_iter()
            .collect(),
        body: body.to_string().into_bytes(),
        ..HttpReply::default()
    }
}
