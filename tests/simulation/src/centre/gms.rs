//! GMS chat over HTTP: a front for the sandbox's model, without sockets. Every request is answered at once.

use std::collections::BTreeMap;

use envoi_protocol::io::{Body, HeaderValue, HttpCall, HttpReply};
use envoi_protocol::transport::Settings;
use envoi_sandbox::Ids;
use envoi_sandbox::action::{Action, ActionError};
use envoi_sandbox::chat::{Kind, Lasting, Who};
use envoi_sandbox::model::Model as _;
use envoi_sandbox::model::gms::refusal::Refusal;
use envoi_sandbox::model::gms::{self as model, Credentials, Operation, settings};
use serde_json::{Map, Value, json};

use super::{Act, Centre, PROMPTLY, Served, Spoken, Ticket};
use crate::plan::Plan;

const ROOT: &str = "/genesys/2/chat/customer-support";

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
        // Whoever is away for long is not taken out: here the chat has to outlast every outage.
        let turns = if plan.moves { 97 } else { 0 };
        let settings = settings::Settings {
            silence_ms: 0,
            key_turns: turns,
            alias_turns: if plan.json { 97 } else { 0 },
            ..settings::Settings::default()
        };
        Self {
            model: model::Centre::new(settings, Ids::seeded(seed)),
            closing_ends: !plan.asynchronous,
            told: (String::new(), 0),
            chats: 0,
        }
    }

    /// The chats, for a front that reaches them by other means.
    pub(super) fn model(&mut self) -> &mut model::Centre {
        &mut self.model
    }

    fn perform(&mut self, now: u64, call: &HttpCall) -> Result<Value, Refusal> {
        let key = call.headers.iter().find(|(name, _)| name == "apikey").map(|(_, value)| match value {
            HeaderValue::Plain(text) => text.as_str(),
            HeaderValue::Secret(secret) => secret.expose(),
        });
        self.model.check_proxy_key(key)?;
        let steps = steps(call);
        let steps: Vec<&str> = steps.iter().map(String::as_str).collect();
        let fields = fields(call);
        let text = |name: &str| fields.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let [chat, step @ ..] = steps.as_slice() else {
            return self.model.request_chat(now, "customer-support", fields);
        };
        let who = Credentials {
            chat: Some((*chat).to_owned()),
            user: Some(text("userId")),
            key: text("secureKey"),
        };
        let position = text("transcriptPosition").parse().ok();
        let operation = match step {
            ["refresh"] => Operation::Refresh { preview: None },
            ["send"] => {
                Operation::Send { text: text("message"), kind: Some(text("messageType")), attributes: None }
            }
            ["startTyping"] => Operation::Typing { on: true, preview: None },
            ["stopTyping"] => Operation::Typing { on: false, preview: None },
            ["updateData"] => Operation::UserData(match fields.get("userData") {
                Some(Value::Object(data)) => data.clone(),
                _ => Map::new(),
            }),
            ["file", "limits"] => Operation::Limits,
            ["disconnect"] => Operation::Disconnect,
            _ => return Err(Refusal::NoSuchPath),
        };
        self.model.perform(now, &who, position, operation)
    }
}

impl Centre for Front {
    fn settings(&self, plan: &Plan) -> Settings {
        let settings = json!({
            "url": format!("https://chat.example.com{ROOT}"),
            "api_key": "sandbox-key",
            "poll_ms": gap(plan),
            "request_timeout_ms": plan.request_timeout,
            // As above: being away for long is not the end here.
            "restore_timeout_ms": 604_800_000,
        });
        serde_json::from_value(settings).expect("an object")
    }

    fn form(&self) -> BTreeMap<String, String> {
        BTreeMap::from([("nickname".to_owned(), "Ann".to_owned())])
    }

    fn lane(&self, call: &HttpCall) -> &'static str {
        match steps(call).last().map(String::as_str) {
            Some("refresh") => "reads",
            Some("send") => "messages",
            Some("startTyping" | "stopTyping") => "typing",
            Some("updateData") => "user data",
            Some("limits") => "limits",
            Some("disconnect") => "leave",
            _ => "starts",
        }
    }

    fn is_read(&self, call: &HttpCall) -> bool {
        call.what == "refresh"
    }

    fn hears_within(&self, plan: &Plan) -> u64 {
        gap(plan) + PROMPTLY
    }

    fn words(&self, call: &HttpCall) -> Option<String> {
        let is_text = steps(call).last().is_some_and(|step| step == "send");
        let fields = fields(call);
        let words = fields.get("message").and_then(Value::as_str).filter(|_| is_text)?;
        Some(words.to_owned())
    }

    fn serve(&mut self, now: u64, _: Ticket, call: &HttpCall) -> Served {
        let (status, body) = match self.perform(now, call) {
            Ok(body) => (200, Some(body)),
            Err(refusal) => (refusal.status(), refusal.body()),
        };
        Served::Answer(HttpReply {
            status,
            content_type: "application/json".to_owned(),
            body: body.map(|body| body.to_string()).unwrap_or_default().into_bytes(),
            ..HttpReply::default()
        })
    }

    fn ripe(&mut self, _: u64) -> Vec<(Ticket, HttpReply)> {
        Vec::new()
    }

    fn hang_up(&mut self, _: Ticket) {}

    fn opens(&self, token: &str) -> bool {
        let token: Value = serde_json::from_str(token).unwrap_or_default();
        let key = token["key"].as_str().unwrap_or_default();
        let chat = self.model.find(token["chat"].as_str().unwrap_or_default());
        chat.is_some_and(|chat| chat.opens(key) && !chat.ended && chat.death.is_none())
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
                    Action::Kill { mode: Some(["2", "2_ended", "404"][usize::from(how % 3)].to_owned()) }
                }
                Act::Repeat => Action::Duplicate { index: None },
            })
        });
        let actions = actions.collect();
        match self.model.act_all("latest", now, actions) {
            // A key that was lost with the program puts the customer out, which the other side learns as it acts.
            Ok(()) | Err(ActionError::Ended) => {}
            // An agent who is not there cannot say anything: whoever writes the script looks to that.
            Err(problem) => panic!("an act that can be done: {problem}"),
        }
    }

    fn news(&mut self) -> Vec<Spoken> {
        let Some(id) = self.model.find("latest").map(|chat| chat.id.clone()) else { return Vec::new() };
        if self.told.0 != id {
            self.told = (id, 0);
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

/// The longest gap between two reads.
fn gap(plan: &Plan) -> u64 {
    plan.poll_gap.clamp(500, 3_000)
}

/// The path below the service.
fn steps(call: &HttpCall) -> Vec<String> {
    let below = call.url.path().strip_prefix(ROOT).unwrap_or("/elsewhere/a");
    below.split('/').filter(|step| !step.is_empty()).map(str::to_owned).collect()
}

/// The fields of a form, with the brackets of attached data undone.
fn fields(call: &HttpCall) -> Map<String, Value> {
    let Body::Form(form) = &call.body else { return Map::new() };
    let mut fields = Map::new();
    let mut data = Map::new();
    for (name, value) in url::form_urlencoded::parse(form.as_bytes()) {
        match name.strip_prefix("userData[").and_then(|rest| rest.strip_suffix(']')) {
            Some(key) => data.insert(key.to_owned(), Value::String(value.into_owned())),
            None => fields.insert(name.into_owned(), Value::String(value.into_owned())),
        };
    }
    if !data.is_empty() {
        fields.insert("userData".to_owned(), Value::Object(data));
    }
    fields
}
