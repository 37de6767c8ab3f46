//! Web Messaging: a front for the sandbox's model, without real sockets. It reads what is on the wire, as a server would.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use envoi_protocol::io::{Body, HeaderValue, HttpCall, HttpReply, Method, SignInCall, SignedIn, SocketCall};
use envoi_protocol::token::Secret;
use envoi_protocol::transport::Settings;
use envoi_sandbox::Ids;
use envoi_sandbox::action::Action;
use envoi_sandbox::chat::{Kind, Who};
use envoi_sandbox::model::Model as _;
use envoi_sandbox::model::web_messaging::identity::Page;
use envoi_sandbox::model::web_messaging::request::{Asks, asks, words};
use envoi_sandbox::model::web_messaging::settings::Settings as Switches;
use envoi_sandbox::model::web_messaging::{Centre as Model, Push as Due};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use url::Url;

use super::{Act, Centre, Push, Served, Spoken, Ticket, Upgrade};
use crate::plan::Plan;
use crate::sign_in::Whim;

/// The company's sign-in page.
const PAGE: &str = "https://id.example.com/authorize";

#[derive(Debug)]
pub(crate) struct Front {
    model: Model,
    sockets: BTreeMap<Ticket, u64>,
    /// The chat whose record was given last, and how many of its lines.
    told: (String, usize),
    chats: u32,
    /// Passes and keys that were given.
    given: Vec<String>,
}

impl Front {
    pub(crate) fn new(plan: &Plan, seed: u64) -> Self {
        let switches = Switches {
            errors_are_named: plan.inclusive,
            cleared_first: plan.json,
            auto_start: plan.rows.is_multiple_of(2),
            session_upgrade: true,
            sign_in_asks: false,
            refresh_tokens: plan.sign_in.as_ref().is_none_or(|sign_in| sign_in.keys),
            rotates_keys: plan.sign_in.as_ref().is_some_and(|sign_in| sign_in.rotates),
            signed_in_seconds: plan.sign_in.as_ref().map_or(3_600, |sign_in| sign_in.pass_seconds),
            ..Switches::default()
        };
        Self {
            model: Model::new(switches, Ids::seeded(seed)),
            sockets: BTreeMap::new(),
            told: (String::new(), 0),
            chats: 0,
            given: Vec::new(),
        }
    }
}

impl Centre for Front {
    fn settings(&self, plan: &Plan) -> Settings {
        let mut settings = json!({
            "domain": "example.com",
            "deployment_id": "Support",
            "request_timeout_ms": plan.request_timeout,
            // Longer than anything in these worlds takes to arrive: what is not confirmed by then has not arrived.
            "confirm_timeout_ms": 20_000,
        });
        if let Some(sign_in) = &plan.sign_in {
            settings["sign_in_url"] = json!(PAGE);
            settings["sign_in_client"] = json!("envoi");
            settings["sign_in_optional"] = json!(!sign_in.required);
        }
        serde_json::from_value(settings).expect("an object")
    }

    fn form(&self) -> BTreeMap<String, String> {
        BTreeMap::from([("firstname".to_owned(), "Ann".to_owned())])
    }

    fn lane(&self, call: &HttpCall) -> &'static str {
        match (call.method, is_history(call)) {
            (Method::Get, true) => "history",
            (Method::Get, false) => "configuration",
            _ if is_exchange(call) => "exchanges",
            _ if is_about_passes(call) => "passes",
            _ => "uploads",
        }
    }

    fn is_read(&self, call: &HttpCall) -> bool {
        is_history(call)
    }

    fn hears_by_reads(&self) -> bool {
        false
    }

    // Sixty requests in a minute are all that it takes, and a person of these worlds may have left 150 messages waiting.
    fn rests_within(&self) -> u64 {
        300_000
    }

    // Ten reads in a minute are all that it takes, and the person writes and reads meanwhile.
    fn reads_within(&self) -> u64 {
        65_000
    }

    fn words(&self, _: &HttpCall) -> Option<String> {
        None
    }

    fn serve(&mut self, now: u64, _: Ticket, call: &HttpCall) -> Served {
        let url = &call.url;
        let header = |name: &str| {
            call.headers.iter().find(|(one, _)| one.eq_ignore_ascii_case(name)).map(
                |(_, value)| match value {
                    HeaderValue::Plain(text) => text.as_str(),
                    HeaderValue::Secret(secret) => secret.expose(),
                },
            )
        };
        let answer = if is_about_passes(call) {
            let pass = header("authorization").and_then(|text| text.strip_prefix("bearer "));
            self.identify(now, call, pass)
        } else if is_history(call) {
            let pass = header("authorization").and_then(|text| text.strip_prefix("bearer "));
            let query: BTreeMap<String, String> = url.query_pairs().into_owned().collect();
            let number =
                |name: &str, usual| query.get(name).and_then(|text| text.parse().ok()).unwrap_or(usual);
            self.model.history(now, pass, number("pageNumber", 1), number("pageSize", 25))
        } else {
            let deployment = url.path().split('/').nth(4).unwrap_or_default();
            self.model.config(deployment).ok_or(403)
        };
        Served::Answer(match answer {
            Ok(body) => reply(200, &body),
            Err(status) => reply(status, &json!({ "message": "refused", "status": status })),
        })
    }

    fn ripe(&mut self, _: u64) -> Vec<(Ticket, HttpReply)> {
        Vec::new()
    }

    fn connect(&mut self, _: u64, socket: Ticket, call: &SocketCall) -> Upgrade {
        let url = Url::parse(&call.url).expect("an address");
        assert_eq!((url.scheme(), url.path()), ("wss", "/v1"));
        let query: BTreeMap<String, String> = url.query_pairs().into_owned().collect();
        match self.model.connect(query.get("deploymentId").map(String::as_str), None) {
            Ok(number) => {
                self.sockets.insert(socket, number);
                Upgrade::Open
            }
            Err(status) => Upgrade::Refused { status, retry_after: None },
        }
    }

    fn frame(&mut self, now: u64, socket: Ticket, text: &str) {
        if let Some(number) = self.sockets.get(&socket) {
            self.model.hear(now, *number, text);
        }
    }

    fn words_of_frame(&self, text: &str) -> Option<String> {
        let (asks, request) = asks(text);
        (asks == Asks::Send).then(|| words(&request)).flatten()
    }

    fn pushes(&mut self, _: u64) -> Vec<(Ticket, Push)> {
        let mut pushes = Vec::new();
        for (ticket, number) in &self.sockets {
            for due in self.model.due(*number) {
                pushes.push((
                    *ticket,
                    match due {
                        Due::Frame(frame) => Push::Text(frame.to_string()),
                        Due::Close(code) => Push::Close(Some(code)),
                    },
                ));
            }
        }
        pushes
    }

    fn hang_up(&mut self, ticket: Ticket) {
        if let Some(number) = self.sockets.remove(&ticket) {
            self.model.hang_up(number);
        }
    }

    fn sign_in(&mut self, call: &SignInCall, verifier: &str) -> Option<SignedIn> {
        assert_eq!(call.page, PAGE);
        let redirect_uri = "http://127.0.0.1:8765/".to_owned();
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier));
        let query = [
            ("response_type", "code"),
            ("client_id", &call.client),
            ("redirect_uri", &redirect_uri),
            ("state", "s"),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ];
        let query = query.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let Page::Goes(back) = self.model.sign_in_page(&query, true) else { return None };
        let back = Url::parse(&back).ok()?;
        let code = back.query_pairs().find(|(name, _)| name == "code")?.1.into_owned();
        Some(SignedIn { code: Secret::new(code), verifier: Secret::new(verifier), redirect_uri })
    }

    fn whim(&mut self, whim: Whim) {
        let switches = &mut self.model.settings;
        switches.renewal_refuses = whim == Whim::NoRenewal;
        switches.exchange_refuses = whim == Whim::NoExchange;
        switches.pass_round += u64::from(matches!(whim, Whim::PassesRunOut | Whim::NoRenewal));
    }

    fn bare(&self, kept: &str) -> String {
        let whole: Value = serde_json::from_str(kept).unwrap_or_default();
        whole.get("token").and_then(Value::as_str).unwrap_or(kept).to_owned()
    }

    fn is_doubtful(&self, kept: &str) -> bool {
        let whole: Value = serde_json::from_str(kept).unwrap_or_default();
        whole.get("doubt").is_some()
    }

    fn contradicts(&self, kept: &str) -> Option<String> {
        let bare = self.bare(kept);
        let session = self.model.session(&bare)?;
        if self.is_doubtful(kept) {
            return Some("it is still in doubt who the person is".to_owned());
        }
        let (ours, theirs) = (kept != bare, session.person.is_some());
        (ours != theirs).then(|| format!("a session of somebody: {theirs}, and what is kept says {ours}"))
    }

    fn secrets(&self) -> Vec<String> {
        self.given.clone()
    }

    fn opens(&self, token: &str) -> bool {
        self.model.session(&self.bare(token)).is_some_and(|session| !session.read_only)
    }

    fn act(&mut self, now: u64, acts: Vec<Act>) {
        let actions: Vec<Action> = acts
            .into_iter()
            .map(|act| match act {
                Act::Join(name) => Action::Join { name, kind: "Agent".to_owned() },
                Act::Leave => Action::Leave { by: None },
                Act::Typing => Action::Typing { on: true, text: None, by: None },
                Act::Say(text) => Action::Say { text, by: None },
                Act::State(state) => Action::State { state: state.to_owned() },
                Act::End => Action::End { quiet: false },
                Act::Lose(how) => Action::Kill {
                    mode: Some(["expired", "cleared", "logout"][usize::from(how % 3)].to_owned()),
                },
                Act::Repeat => Action::Duplicate { index: None },
            })
            .collect();
        self.model.perform_actions("latest", now, actions).expect("an act that can be done");
    }

    fn news(&mut self) -> Vec<Spoken> {
        let Some(chat) = self.model.chats().pop() else { return Vec::new() };
        if self.told.0 != chat.id {
            self.told = (chat.id.clone(), 0);
            self.chats += 1;
        }
        let lines = self.model.lines(&chat.id, self.told.1);
        self.told.1 += lines.len();
        let spoken = lines.into_iter().filter(|line| line.kind == Kind::Text);
        let mine = |who: Who| who == Who::Customer;
        spoken.map(|line| Spoken { chat: self.chats, mine: mine(line.who), text: line.text }).collect()
    }
}

impl Front {
    /// What the service says about who somebody is.
    fn identify(&mut self, now: u64, call: &HttpCall, pass: Option<&str>) -> Result<Value, u16> {
        let request: Value = match &call.body {
            Body::Json(text) => serde_json::from_str(text).unwrap_or_default(),
            _ => Value::Null,
        };
        let given = if call.method == Method::Delete {
            return self.model.revoke(now, pass).map(|()| Value::Null);
        } else if is_exchange(call) {
            self.model.exchange(now, &request)?
        } else {
            self.model.renew(now, &request)?
        };
        let secrets = given.as_object().into_iter().flat_map(|given| given.values());
        self.given.extend(secrets.filter_map(Value::as_str).map(str::to_owned));
        Ok(given)
    }
}

fn is_about_passes(call: &HttpCall) -> bool {
    call.url.path().contains("/api/v2/webdeployments/token/")
}

fn is_exchange(call: &HttpCall) -> bool {
    call.url.path().ends_with("/oauthcodegrantjwtexchange")
}

fn is_history(call: &HttpCall) -> bool {
    call.url.path().contains("/api/v2/webmessaging/messages")
}

fn reply(status: u16, body: &Value) -> HttpReply {
    HttpReply {
        status,
        content_type: "application/json".to_owned(),
        retry_after: None,
        cookies: Vec::new(),
        body: body.to_string().into_bytes(),
    }
}
