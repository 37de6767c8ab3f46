//! The chat session service: a front for the sandbox's model, without sockets. Every request is answered at once.

use std::collections::BTreeMap;

use envoi_protocol::io::{Body, HeaderValue, HttpCall, HttpReply, Method};
use envoi_protocol::transport::Settings;
use envoi_sandbox::Ids;
use envoi_sandbox::action::Action;
use envoi_sandbox::chat::{Kind, Lasting, Who};
use envoi_sandbox::model::Model as _;
use envoi_sandbox::model::chat_session::{self as model, Refusal, Resume};
use serde_json::{Map, Value, json};

use super::{Act, Centre, Served, Spoken, Ticket};
use crate::plan::Plan;

const ROOT: &str = "/api/v2/chats";

#[derive(Debug)]
pub(crate) struct Front {
    model: model::Centre,
    /// Whether a closed case is the end: the service has no states, so its agent ends the chat.
    closing_ends: bool,
    /// The chat whose record was given last, and how many of its lines.
    told: (String, usize),
    chats: u32,
}

impl Front {
    pub(crate) fn new(plan: &Plan, seed: u64) -> Self {
        let resume = if plan.inclusive { Resume::Inclusive } else { Resume::Exclusive };
        let end = if plan.json { model::End::CustomerLeft } else { model::End::Entry };
        let settings = model::Settings { resume, end, ..model::Settings::default() };
        let model = model::Centre::new(settings, Ids::seeded(seed));
        Self { model, closing_ends: !plan.asynchronous, told: (String::new(), 0), chats: 0 }
    }

    fn perform(&mut self, now: u64, call: &HttpCall) -> Result<Value, Refusal> {
        let key = call.headers.iter().find(|(name, _)| name == "apikey").map(|(_, value)| match value {
            HeaderValue::Plain(text) => text.as_str(),
            HeaderValue::Secret(secret) => secret.expose(),
        });
        self.model.check_key(key, None)?;
        let url = &call.url;
        let below = url.path().strip_prefix(ROOT).unwrap_or("/elsewhere/a/b");
        let steps: Vec<&str> = below.split('/').filter(|step| !step.is_empty()).collect();
        match (call.method, steps.as_slice()) {
            (Method::Post, []) => self.model.request_chat(now, &body(call)),
            (Method::Post, [chat]) => self.model.operation(chat, now, &body(call)),
            (Method::Get, [chat, "messages"]) => {
                let index = url.query_pairs().find(|(name, _)| name == "index");
                self.model.messages(chat, index.and_then(|(_, value)| value.parse().ok()))
            }
            _ => Err(Refusal::Bare(404)),
        }
    }
}

impl Centre for Front {
    fn settings(&self, plan: &Plan) -> Settings {
        let settings = json!({
            "url": format!("https://chat.example.com{ROOT}"),
            "api_key": "sandbox-key",
            "poll_ms": plan.poll_gap,
            "request_timeout_ms": plan.request_timeout,
        });
        serde_json::from_value(settings).expect("an object")
    }

    fn form(&self) -> BTreeMap<String, String> {
        BTreeMap::from([("firstname".to_owned(), "Ann".to_owned())])
    }

    /// Nothing is held: the longest gap between two reads, and the way there and back.
    fn hears_within(&self, plan: &Plan) -> u64 {
        3_500 + plan.poll_gap
    }

    fn lane(&self, call: &HttpCall) -> &'static str {
        match (call.method, call.url.path().ends_with(ROOT)) {
            (Method::Get, _) => "reads",
            (_, true) => "starts",
            (_, false) => "messages",
        }
    }

    fn words(&self, call: &HttpCall) -> Option<String> {
        let body = body(call);
        let words = body.get("text").and_then(Value::as_str)?;
        (body.get("operationName")? == "SendMessage").then(|| words.to_owned())
    }

    fn serve(&mut self, now: u64, _: Ticket, call: &HttpCall) -> Served {
        let (status, content_type, body) = match self.perform(now, call) {
            Ok(body) => (200, "application/json", body.to_string()),
            Err(Refusal::Code(status, code)) => {
                (status, "application/json", json!({ "statusCode": code }).to_string())
            }
            Err(Refusal::Words(status, words)) => (status, "text/html", words),
            Err(Refusal::Bare(status)) => (status, "", String::new()),
        };
        Served::Answer(HttpReply {
            status,
            content_type: content_type.to_owned(),
            retry_after: None,
            cookies: Vec::new(),
            body: body.into_bytes(),
        })
    }

    fn ripe(&mut self, _: u64) -> Vec<(Ticket, HttpReply)> {
        Vec::new()
    }

    fn hang_up(&mut self, _: Ticket) {}

    fn opens(&self, token: &str) -> bool {
        let token: Value = serde_json::from_str(token).unwrap_or_default();
        let id = token["id"].as_str().unwrap_or_default();
        self.model.chats().iter().any(|chat| chat.id == id && !chat.ended && chat.dead.is_none())
    }

    fn act(&mut self, now: u64, acts: Vec<Act>) {
        let actions = acts.into_iter().filter_map(|act| {
            Some(match act {
                Act::Join(name) => Action::Join { name, kind: "Agent".to_owned() },
                Act::Leave => Action::Leave { by: None },
                Act::Typing => Action::Typing { on: true, text: None, by: None },
                Act::Say(text) => Action::Say { text, by: None },
                Act::State(_) if self.closing_ends => Action::End { quiet: false },
                Act::State(_) => return None,
                Act::End => Action::End { quiet: false },
                Act::Lose(how) => {
                    Action::Kill { mode: Some(["404", "404_empty", "400"][usize::from(how % 3)].to_owned()) }
                }
                Act::Repeat => Action::Duplicate { index: None },
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
