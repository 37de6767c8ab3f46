//! yellow.ai behind a relay: a front for the sandbox's model, without sockets. Every request is answered at once.

use std::collections::BTreeMap;

use envoi_protocol::io::{Body, HeaderValue, HttpCall, HttpReply, Method};
use envoi_protocol::transport::Settings;
use envoi_sandbox::Ids;
use envoi_sandbox::action::Action;
use envoi_sandbox::chat::{Kind, Lasting, Who};
use envoi_sandbox::model::Model as _;
use envoi_sandbox::model::yellow::{self as model, Order, Refusal};
use serde_json::{Map, Value, json};

use super::{Act, Centre, Served, Spoken, Ticket};
use crate::plan::{End, Plan};

const ROOT: &str = "https://relay.example.com/chat";

#[derive(Debug)]
pub(crate) struct Front {
    model: model::Centre,
    /// The customer whose record was given last, and how many of its lines.
    told: (String, usize),
    chats: u32,
}

impl Front {
    pub(crate) fn new(plan: &Plan, seed: u64) -> Self {
        let order = if plan.inclusive { Order::NewestFirst } else { Order::OldestFirst };
        let settings = model::Settings { order, ..model::Settings::default() };
        Self { model: model::Centre::new(settings, Ids::seeded(seed)), told: (String::new(), 0), chats: 0 }
    }

    fn perform(&mut self, now: u64, call: &HttpCall) -> Result<Value, Refusal> {
        let key =
            call.headers.iter().find(|(name, _)| name == "authorization").map(|(_, value)| match value {
                HeaderValue::Plain(text) => text.as_str(),
                HeaderValue::Secret(secret) => secret.expose(),
            });
        self.model.check_key(key.and_then(|key| key.strip_prefix("Bearer ")))?;
        let url = &call.url;
        match (call.method, url.path()) {
            (Method::Post, "/chat/integrations/sync/v1/message") => self.model.message(now, &body(call)),
            (Method::Get, "/chat/data/messages") => {
                let query: BTreeMap<String, String> = url.query_pairs().into_owned().collect();
                let number = |name: &str| query.get(name).and_then(|text| text.parse().ok());
                let sender = query.get("uid").map(String::as_str).unwrap_or_default();
                let limit = number("limit").unwrap_or(100).min(100);
                Ok(self.model.messages(sender, limit, number("offset").unwrap_or(0)))
            }
            _ => Err(Refusal(404, "Not Found")),
        }
    }
}

impl Centre for Front {
    fn settings(&self, plan: &Plan) -> Settings {
        let settings = json!({
            "url": ROOT,
            "bot": "x1657623696077",
            "relay_key": "sandbox-key",
            "poll_ms": plan.poll_gap,
            "request_timeout_ms": plan.request_timeout,
        });
        serde_json::from_value(settings).expect("an object")
    }

    fn form(&self) -> BTreeMap<String, String> {
        BTreeMap::from([("firstname".to_owned(), "Ann".to_owned())])
    }

    /// There is no end but that the person puts the chat away.
    fn ends(&self, end: End) -> bool {
        end == End::Mine
    }

    /// Nothing is held: the longest gap between two reads, and the way there and back.
    fn hears_within(&self, plan: &Plan) -> u64 {
        3_500 + 15_000.max(plan.poll_gap)
    }

    fn lane(&self, call: &HttpCall) -> &'static str {
        if call.method == Method::Get { "reads" } else { "messages" }
    }

    fn words(&self, call: &HttpCall) -> Option<String> {
        body(call).get("data")?.get("message")?.as_str().map(str::to_owned)
    }

    fn serve(&mut self, now: u64, _: Ticket, call: &HttpCall) -> Served {
        let (status, body) = match self.perform(now, call) {
            Ok(body) => (200, body),
            Err(Refusal(status, message)) => (status, json!({ "success": false, "message": message })),
        };
        Served::Answer(HttpReply {
            status,
            content_type: "application/json".to_owned(),
            retry_after: None,
            cookies: Vec::new(),
            body: body.to_string().into_bytes(),
        })
    }

    fn ripe(&mut self, _: u64) -> Vec<(Ticket, HttpReply)> {
        Vec::new()
    }

    fn hang_up(&mut self, _: Ticket) {}

    fn opens(&self, token: &str) -> bool {
        let token: Value = serde_json::from_str(token).unwrap_or_default();
        self.model.chats.iter().any(|chat| token["sender"] == chat.sender.as_str())
    }

    fn act(&mut self, now: u64, acts: Vec<Act>) {
        let actions = acts.into_iter().filter_map(|act| {
            Some(match act {
                Act::Join(name) => Action::Join { name, kind: "Agent".to_owned() },
                Act::Leave => Action::Leave { by: None },
                Act::Typing => Action::Typing { on: true, text: None, by: None },
                Act::Say(text) => Action::Say { text, by: None },
                Act::Repeat => Action::Duplicate { index: None },
                // There is no such thing here.
                Act::State(_) | Act::End | Act::Lose(_) => return None,
            })
        });
        let actions = actions.collect();
        // An agent who is not there cannot say anything: whoever writes the script looks to that.
        self.model.perform("latest", now, actions).expect("an act that can be done");
    }

    fn news(&mut self) -> Vec<Spoken> {
        let Some(chat) = self.model.chats().pop() else { return Vec::new() };
        if self.told.0 != chat.id {
            self.told = (chat.id, 0);
            self.chats += 1;
        }
        let lines = self.model.lines(&self.told.0, self.told.1);
        self.told.1 += lines.len();
        let spoken =
            lines.into_iter().filter(|line| line.lasting == Lasting::Kept && line.kind == Kind::Text);
        let chat = self.chats;
        spoken.map(|line| Spoken { chat, mine: line.who == Who::Customer, text: line.text }).collect()
    }
}

fn body(call: &HttpCall) -> Map<String, Value> {
    match &call.body {
        Body::Json(json) => serde_json::from_str(json).unwrap_or_default(),
        _ => Map::new(),
    }
}
