//! Digital Channels: a front for the sandbox's model, without sockets. It reads what is on the wire, as a server would.

use std::collections::BTreeMap;

use envoi_protocol::io::{Body, HeaderValue, HttpCall, HttpReply, Method};
use envoi_protocol::transport::Settings;
use envoi_sandbox::Ids;
use envoi_sandbox::action::Action;
use envoi_sandbox::model::digital_channels::entry::Index;
use envoi_sandbox::model::digital_channels::refusal::Refusal;
use envoi_sandbox::model::digital_channels::settings::{self, Join, Resume};
use envoi_sandbox::model::digital_channels::token::Claims;
use envoi_sandbox::model::digital_channels::{Caller, Centre as Model, Fields, Sent};
use serde_json::{Map, Value, json};

use super::{Act, Centre, Served, Spoken, Ticket};
use crate::plan::Plan;

const ROOT: &str = "/nexus/v3/chat/sessions";

#[derive(Debug)]
pub(crate) struct Front {
    model: Model,
    held: BTreeMap<Ticket, Held>,
    /// The chat whose record was given last, and how many of its entries.
    told: (String, usize),
    chats: u32,
}

#[derive(Debug)]
struct Held {
    caller: Caller,
    from: Option<Index>,
    until: u64,
    operation: Option<String>,
}

/// A request, read.
struct Read {
    method: Method,
    path: Vec<String>,
    query: BTreeMap<String, String>,
    key: Option<String>,
    token: Option<String>,
    operation: Option<String>,
    data: Fields,
}

enum Done {
    Data(Value),
    Ended,
    Hold(Held),
}

impl Front {
    pub(crate) fn new(plan: &Plan, seed: u64) -> Self {
        let resume = if plan.inclusive { Resume::Inclusive } else { Resume::Exclusive };
        let join = if plan.moves { Join::DifferentSession } else { Join::SameSession };
        let settings =
            settings::Settings { poll_hold_ms: plan.hold, resume, join, ..settings::Settings::default() };
        Self {
            model: Model::new(settings, Ids::seeded(seed)),
            held: BTreeMap::new(),
            told: (String::new(), 0),
            chats: 0,
        }
    }

    fn perform(&mut self, now: u64, read: &Read) -> Result<Done, Refusal> {
        let model = &mut self.model;
        model.check_key(read.key.as_deref())?;
        let token = read.token.as_deref();
        let path: Vec<&str> = read.path.iter().map(String::as_str).collect();
        let caller = |model: &Model, session: &str| model.caller(session, token);
        match (read.method, path.as_slice()) {
            (Method::Post, []) => {
                let joined = match token {
                    Some(token) => model.join(now, token, read.data.clone())?,
                    None => model.create(now, read.data.clone())?,
                };
                Ok(Done::Data(joined.to_data()))
            }
            (Method::Get, [session, "messages"]) => {
                let caller = caller(model, session)?;
                let index = read.query.get("index").and_then(|index| Index::parse(index));
                let count = read.query.get("count").and_then(|count| count.parse::<usize>().ok());
                match (index, count) {
                    (from, None) => self.poll(now, read, caller, from),
                    (None, Some(count)) => Ok(Done::Data(model.newest(&caller, count)?.to_data())),
                    (Some(index), Some(count)) => {
                        Ok(Done::Data(model.older(&caller, index, count)?.to_data()))
                    }
                }
            }
            (Method::Post, [session, "messages"]) => {
                let caller = caller(model, session)?;
                match model.send(&caller, now, &read.data)? {
                    Sent::Taken => Ok(Done::Data(json!({}))),
                    Sent::ChatEnded => Ok(Done::Ended),
                }
            }
            (Method::Put, [session, "userdata"]) => {
                let caller = caller(model, session)?;
                model.user_data(&caller, read.data.clone())?;
                Ok(Done::Data(json!({})))
            }
            (Method::Delete, [session, "participants", who]) => {
                let caller = caller(model, session)?;
                model.leave(&caller, now, who)?;
                Ok(Done::Data(json!({})))
            }
            _ => Err(Refusal::NoSuchPath),
        }
    }

    fn poll(&mut self, now: u64, read: &Read, caller: Caller, from: Option<Index>) -> Result<Done, Refusal> {
        // A second poll of one connection is answered at once and empty.
        if self.held.values().any(|held| held.caller.transport == caller.transport) {
            return Ok(Done::Data(json!({ "messages": [], "chatEnded": false })));
        }
        let reading = self.model.poll(&caller, now, from)?;
        if reading.messages.is_empty() && !reading.ended {
            let until = now + self.model.settings.poll_hold_ms;
            return Ok(Done::Hold(Held { caller, from, until, operation: read.operation.clone() }));
        }
        Ok(Done::Data(reading.to_data()))
    }

    fn success(&mut self, operation: Option<&str>, data: &Value) -> HttpReply {
        let reference = self.model.fresh_id();
        let status = json!({ "code": "SUCCESS" });
        answer(
            200,
            &json!({ "status": status, "data": data, "operationId": operation, "referenceId": reference }),
        )
    }

    fn refusal(&mut self, operation: Option<&str>, refusal: &Refusal) -> HttpReply {
        let Some(code) = refusal.code() else {
            return HttpReply {
                status: refusal.status(),
                content_type: String::new(),
                retry_after: None,
                cookies: Vec::new(),
                body: Vec::new(),
            };
        };
        let reference = self.model.fresh_id();
        let status = json!({ "code": code, "message": refusal.message() });
        let body = json!({ "status": status, "operationId": operation, "referenceId": reference });
        answer(refusal.status(), &body)
    }
}

impl Centre for Front {
    fn settings(&self, plan: &Plan) -> Settings {
        let settings = json!({
            "url": format!("https://chat.example.com{ROOT}"),
            "endpoint": "Support",
            "api_key": "sandbox-key",
            "poll_gap_ms": plan.poll_gap,
            "page": plan.page,
            "request_timeout_ms": plan.request_timeout,
            "json": plan.json,
        });
        serde_json::from_value(settings).expect("an object")
    }

    fn form(&self) -> BTreeMap<String, String> {
        BTreeMap::from([("firstname".to_owned(), "Ann".to_owned())])
    }

    fn lane(&self, call: &HttpCall) -> &'static str {
        match (call.method, call.url.path().rsplit('/').next().unwrap_or_default()) {
            (Method::Get, _) => "reads",
            (Method::Post, "sessions") => "sessions",
            (Method::Post, _) => "messages",
            (Method::Put, _) => "user data",
            (Method::Delete, _) => "leave",
        }
    }

    fn words(&self, call: &HttpCall) -> Option<String> {
        let data = read(call).data;
        let text = data.get("text").and_then(Value::as_str)?;
        (data.get("type")?.as_str() == Some("Text")).then(|| text.to_owned())
    }

    fn serve(&mut self, now: u64, ticket: Ticket, call: &HttpCall) -> Served {
        let read = read(call);
        match self.perform(now, &read) {
            Ok(Done::Hold(held)) => {
                let until = held.until;
                self.held.insert(ticket, held);
                Served::Held(until)
            }
            Ok(Done::Data(data)) => Served::Answer(self.success(read.operation.as_deref(), &data)),
            Ok(Done::Ended) => {
                Served::Answer(answer(200, &json!({ "status": { "code": "SUCCESS" }, "chatEnded": true })))
            }
            Err(refusal) => Served::Answer(self.refusal(read.operation.as_deref(), &refusal)),
        }
    }

    fn ripe(&mut self, now: u64) -> Vec<(Ticket, HttpReply)> {
        let mut ripe = Vec::new();
        for (ticket, held) in std::mem::take(&mut self.held) {
            match self.model.poll(&held.caller, now, held.from) {
                Ok(reading) if reading.messages.is_empty() && !reading.ended && now < held.until => {
                    self.held.insert(ticket, held);
                }
                Ok(reading) => {
                    ripe.push((ticket, self.success(held.operation.as_deref(), &reading.to_data())));
                }
                Err(refusal) => ripe.push((ticket, self.refusal(held.operation.as_deref(), &refusal))),
            }
        }
        ripe
    }

    fn hang_up(&mut self, ticket: Ticket) {
        self.held.remove(&ticket);
    }

    fn opens(&self, token: &str) -> bool {
        let session = Claims::verify(token).map(|claims| claims.session_id).unwrap_or_default();
        self.model.caller(&session, Some(token)).is_ok()
    }

    fn act(&mut self, now: u64, acts: Vec<Act>) {
        let actions = acts.into_iter().map(|act| match act {
            Act::Join(name) => Action::Join { name, kind: "Agent".to_owned() },
            Act::Leave => Action::Leave { by: None },
            Act::Typing => Action::Typing { on: true, text: None, by: None },
            Act::Say(text) => Action::Say { text, by: None },
            Act::State(state) => Action::State { state: state.to_owned() },
            Act::End => Action::End { quiet: false },
            Act::Lose(how) => Action::Kill {
                mode: Some(["404", "404_empty", "401", "401_on_join"][usize::from(how % 4)].to_owned()),
            },
            Act::Repeat => Action::Duplicate { index: None },
        });
        // An agent who is not there cannot say anything: whoever writes the script looks to that.
        self.model.perform("latest", now, actions.collect()).expect("an act that can be done");
    }

    fn news(&mut self) -> Vec<Spoken> {
        let Some(session) = self.model.find("latest") else { return Vec::new() };
        if self.told.0 != session.id {
            let moved = session.moved_from.as_ref() == Some(&self.told.0);
            self.told = (session.id.clone(), if moved { self.told.1 } else { 0 });
            self.chats += u32::from(!moved);
        }
        let entries = session.entries.iter().skip(self.told.1);
        self.told.1 = session.entries.len();
        let spoken = entries.filter(|entry| entry.is_history() && entry.text_of("type") == "Text");
        let spoken = spoken.map(|entry| Spoken {
            chat: self.chats,
            mine: entry.is_from_customer(),
            text: entry.text_of("text").to_owned(),
        });
        spoken.collect()
    }
}

fn answer(status: u16, body: &Value) -> HttpReply {
    HttpReply {
        status,
        content_type: "application/json".to_owned(),
        retry_after: None,
        cookies: Vec::new(),
        body: body.to_string().into_bytes(),
    }
}

fn read(call: &HttpCall) -> Read {
    let url = &call.url;
    let path = url.path().strip_prefix(ROOT).unwrap_or("/elsewhere");
    let header = |name: &str| {
        call.headers.iter().find(|(one, _)| one.eq_ignore_ascii_case(name)).map(|(_, value)| match value {
            HeaderValue::Plain(text) => text.clone(),
            HeaderValue::Secret(secret) => secret.expose().to_owned(),
        })
    };
    let query: BTreeMap<String, String> = url.query_pairs().into_owned().collect();
    let mut body = match &call.body {
        Body::Form(form) => nest(form),
        Body::Json(json) => serde_json::from_str(json).unwrap_or_default(),
        Body::Empty | Body::Multipart(_) | Body::Bytes { .. } => Map::new(),
    };
    let operation = body.remove("operationId").and_then(|id| id.as_str().map(str::to_owned));
    let data = match body.remove("data") {
        Some(Value::Object(data)) => data,
        _ => Map::new(),
    };
    Read {
        method: call.method,
        path: path.split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect(),
        key: header("x-api-key"),
        token: header("x-nexus-client-key"),
        operation: operation.or_else(|| query.get("operationId").cloned()),
        query,
        data,
    }
}

/// Undoes bracket nesting.
fn nest(form: &str) -> Map<String, Value> {
    let mut root = Map::new();
    for (name, value) in url::form_urlencoded::parse(form.as_bytes()) {
        let steps: Vec<&str> = name.split('[').map(|step| step.trim_end_matches(']')).collect();
        let Some((last, steps)) = steps.split_last() else { continue };
        let mut at = &mut root;
        for step in steps {
            let inner = at.entry(*step).or_insert_with(|| Value::Object(Map::new()));
            at = inner.as_object_mut().expect("a name is either a field or a group");
        }
        at.insert((*last).to_owned(), Value::String(value.into_owned()));
    }
    root
}
