//! The bench: a profile in a temporary folder, and a contact centre of one chat that answers from memory.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use base64::Engine as _;
use envoi_engine::clock::VirtualClock;
use envoi_engine::conversation::Conversation;
use envoi_engine::inbox::{Inbox, Options, World};
use envoi_engine::keyring::memory::MemoryVault;
use envoi_engine::net::memory::{Answer, MemoryNetwork};
use envoi_engine::profile::Profile;
use envoi_engine::published::{Published, Subscription};
use envoi_protocol::fault::Fault;
use envoi_protocol::io::{Body, HeaderValue, HttpCall, HttpReply, IoFault, Method};
use envoi_protocol::view::{Command, Content, NewDeployment, PhaseView, Snapshot};
use serde_json::{Value, json};

/// How long the contact centre holds a poll.
const HOLD: Duration = Duration::from_secs(2);

/// What every picture of the contact centre is.
pub(crate) const PNG: &[u8] = b"\x89PNG\r\n\x1a\n and so on";

pub(crate) const COMPANY: &str = r#"
[[deployment]]
id = "tidewater"
name = "Tidewater Energy"
service = "digital_channels"
mode = "asynchronous"
closing_text = { en = "Case closed by Tidewater.", de = "Fall geschlossen." }

[deployment.settings]
url = "https://chat.tidewater.example/nexus/v3/chat/sessions"
api_key = "k-1"
endpoint = "Support"
"#;

/// A contact centre of one chat.
#[derive(Debug, Default)]
pub(crate) struct Centre {
    entries: Vec<Value>,
    told: usize,
    tokens: u32,
    /// What was presented with each request for a session.
    pub(crate) presented: Vec<Option<String>>,
    /// Texts that came, with the tokens that the password store held at that moment.
    pub(crate) received: Vec<(String, Vec<String>)>,
    pub(crate) left: bool,
    /// Nobody can be reached.
    pub(crate) offline: bool,
    /// Connections are dead without anybody having been told.
    pub(crate) silent: bool,
    /// Something on the way holds the answers to polls back.
    pub(crate) buffered: bool,
    /// Everything is answered with a request to wait for so long.
    pub(crate) slow_down: Option<Duration>,
    /// The chat is not known any more.
    pub(crate) dead: bool,
    /// Answer to everything, in place of a proper one.
    pub(crate) instead: Option<Answer>,
}

impl Centre {
    fn add(&mut self, kind: &str, from: Value, more: Value) {
        let number = self.entries.len() as u64 + 1;
        let index = format!("{}-0", 1_767_607_200_000_u64 + number * 1_000);
        let mut entry = json!({
            "type": kind, "from": from, "visibility": "All", "id": format!("e{number}"),
            "utcTime": "2026-01-05T10:00:00.000Z", "streamId": index, "index": index,
        });
        for (key, value) in more.as_object().unwrap() {
            entry[key] = value.clone();
        }
        self.entries.push(entry);
    }

    pub(crate) fn agent_says(&mut self, text: &str) {
        let from = json!({"participantId": "A1", "type": "Agent", "nickname": "Maya"});
        self.add("Text", from, json!({ "text": text }));
    }

    pub(crate) fn agent_sends_picture(&mut self, name: &str) {
        let from = json!({"participantId": "A1", "type": "Agent", "nickname": "Maya"});
        let picture =
            json!({"type": "image", "mime": "image/png", "url": format!("/files/{name}"), "name": name});
        self.add("Text", from, json!({ "content": [picture] }));
    }

    pub(crate) fn state(&mut self, state: &str) {
        let from = json!({"participantId": "00000000-0000-0000-0000-000000000000", "type": "System"});
        self.add(
            "System",
            from,
            json!({"event": "InteractionStateChange", "data": {"interactionState": state}}),
        );
    }

    fn customer() -> Value {
        json!({"participantId": "P1", "type": "Customer", "nickname": "Ann"})
    }

    fn answer(&mut self, call: &HttpCall, vault: &MemoryVault) -> Answer {
        if self.offline {
            return Answer::fault(IoFault::Unreachable);
        }
        if self.silent || (self.buffered && call.what == "poll") {
            return Answer::silence();
        }
        if let Some(wait) = self.slow_down {
            let mut answer = Answer::json(429, "");
            answer.result = answer.result.map(|reply| HttpReply { retry_after: Some(wait), ..reply });
            return answer;
        }
        if let Some(instead) = &self.instead {
            return instead.clone();
        }
        let path = call
            .url
            .as_str()
            .split('?')
            .next()
            .unwrap()
            .trim_start_matches("https://chat.tidewater.example/nexus/v3/chat/");
        let query = call.url.query().unwrap_or_default();
        let parameter = |name: &str| {
            query.split('&').find_map(|pair| pair.strip_prefix(&format!("{name}="))).map(str::to_owned)
        };
        let good = |data: Value| {
            Answer::json(200, &json!({"status": {"code": "SUCCESS"}, "data": data}).to_string())
        };
        if self.dead {
            return Answer::json(404, r#"{"status": {"code": "INVALID_SESSION"}}"#);
        }
        match (call.method, path) {
            (Method::Post, "sessions") => {
                self.presented.push(header(call, "x-nexus-client-key"));
                if self.entries.is_empty() {
                    self.add("ParticipantJoined", Self::customer(), json!({}));
                }
                self.tokens += 1;
                good(json!({"clientToken": token(self.tokens), "entity": {"id": "S1", "selfUri": "/S1"}}))
            }
            (Method::Get, "sessions/S1/messages") => match parameter("count") {
                Some(count) => {
                    let until = parameter("index").map_or(self.entries.len(), |index| {
                        self.entries.iter().position(|entry| entry["index"] == *index).unwrap() + 1
                    });
                    let from = until.saturating_sub(count.parse().unwrap());
                    good(json!({"messages": self.entries[from..until]}))
                }
                None => {
                    let fresh: Vec<Value> = match parameter("index") {
                        Some(index) => {
                            let at = self.entries.iter().position(|entry| entry["index"] == *index);
                            self.entries[at.map_or(0, |at| at + 1)..].to_vec()
                        }
                        None => self.entries[self.told..].to_vec(),
                    };
                    self.told = self.entries.len();
                    let held = if fresh.is_empty() { HOLD } else { Duration::ZERO };
                    good(json!({"messages": fresh, "chatEnded": false})).after(held)
                }
            },
            (Method::Post, "sessions/S1/messages") => {
                let Body::Form(form) = &call.body else { panic!("not a form") };
                let field = |name: &str| {
                    let all = url::form_urlencoded::parse(form.as_bytes());
                    all.into_owned().find(|(key, _)| key == name).map(|(_, value)| value)
                };
                if field("data[type]").as_deref() == Some("Text") {
                    let text = field("data[text]").unwrap();
                    let kept = vault.tokens().into_iter().filter_map(|account| vault.peek(&account));
                    let kept = kept.map(|secret| String::from_utf8(secret).unwrap()).collect();
                    self.received.push((text.clone(), kept));
                    self.add("Text", Self::customer(), json!({ "text": text }));
                }
                good(json!({}))
            }
            (Method::Delete, "sessions/S1/participants/P1") => {
                self.left = true;
                good(json!({}))
            }
            (Method::Get, path) if path.ends_with(".png") => {
                let mut answer = Answer::json(200, "");
                answer.result = answer.result.map(|reply| HttpReply {
                    content_type: "image/png".to_owned(),
                    body: PNG.to_vec(),
                    ..reply
                });
                answer
            }
            (method, path) => panic!("nobody asked for {method:?} {path}"),
        }
    }
}

fn header(call: &HttpCall, name: &str) -> Option<String> {
    call.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| match value {
        HeaderValue::Plain(text) => text.clone(),
        HeaderValue::Secret(secret) => secret.expose().to_owned(),
    })
}

/// The token of the n-th join: only `transportId` differs.
pub(crate) fn token(number: u32) -> String {
    let part = |value: Value| base64::prelude::BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let claims = json!({"sessionId": "S1", "transportId": format!("T{number}"), "participantId": "P1"});
    format!("{}.{}.c2ln", part(json!({"alg": "HS256", "typ": "JWT"})), part(claims))
}

/// A profile, the world around it, and the contact centre at its other end.
pub(crate) struct Bench {
    pub(crate) dir: tempfile::TempDir,
    pub(crate) vault: MemoryVault,
    pub(crate) clock: Arc<VirtualClock>,
    pub(crate) network: MemoryNetwork,
    centre: Arc<Mutex<Centre>>,
}

impl Bench {
    /// A profile with one company.
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("deployments.toml"), COMPANY).unwrap();
        let centre = Arc::new(Mutex::new(Centre::default()));
        let vault = MemoryVault::default();
        let network = MemoryNetwork::new({
            let (centre, vault) = (Arc::clone(&centre), vault.clone());
            move |call| centre.lock().unwrap().answer(call, &vault)
        });
        Self { dir, vault, clock: Arc::new(VirtualClock::start(1_767_607_000_000)), network, centre }
    }

    pub(crate) fn centre(&self) -> MutexGuard<'_, Centre> {
        self.centre.lock().unwrap()
    }

    pub(crate) fn profile(&self) -> Profile {
        Profile::folder(self.dir.path()).unwrap()
    }

    pub(crate) fn world(&self) -> World {
        World {
            networks: Arc::new(self.network.clone()),
            vault: Arc::new(self.vault.clone()),
            clock: Arc::clone(&self.clock) as _,
        }
    }

    pub(crate) async fn open(&self) -> Inbox {
        let options = Options { seed: Some(7), ..Options::default() };
        Inbox::open(self.profile(), self.world(), options).await.unwrap()
    }

    /// Opens the profile and starts a chat.
    pub(crate) async fn chat(&self) -> (Inbox, Conversation) {
        let inbox = self.open().await;
        let id = inbox.open_conversation("tidewater").unwrap();
        let conversation = inbox.conversation(&id).unwrap();
        conversation.command(start()).await.unwrap();
        until(&conversation, |snapshot| snapshot.phase == PhaseView::Open).await;
        (inbox, conversation)
    }

    /// What `conversations.json` holds.
    pub(crate) fn index(&self) -> Value {
        match std::fs::read(self.profile().conversations_file()) {
            Ok(bytes) => serde_json::from_slice::<Value>(&bytes).unwrap()["conversations"].clone(),
            Err(_) => json!({}),
        }
    }
}

/// Starts a chat as Ann.
pub(crate) fn start() -> Command {
    Command::Start { form: BTreeMap::from([("firstname".to_owned(), "Ann".to_owned())]) }
}

pub(crate) fn send(text: &str) -> Command {
    Command::Send { text: text.to_owned() }
}

/// Waits until the conversation looks like this, a minute of its time at most.
pub(crate) async fn until(conversation: &Conversation, met: impl Fn(&Snapshot) -> bool) -> Snapshot {
    for _ in 0..600 {
        let snapshot = conversation.snapshot().await.unwrap();
        if met(&snapshot) {
            return snapshot;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("never happened; at last: {:#?}", conversation.snapshot().await);
}

/// Waits for something that is published, a minute at most.
pub(crate) async fn hear<T>(stream: &mut Subscription, pick: impl Fn(Published) -> Option<T>) -> T {
    let wanted = async {
        loop {
            if let Some(found) = pick(stream.next().await.expect("the stream ended")) {
                return found;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(60), wanted).await.expect("was not published")
}

/// The words in the timeline, in order.
pub(crate) fn words(snapshot: &Snapshot) -> Vec<String> {
    let words = snapshot.items.iter().filter_map(|item| match &item.content {
        Content::Message { text, .. } => Some(text.iter().map(|run| run.text.as_str()).collect()),
        _ => None,
    });
    words.collect()
}

pub(crate) fn code(fault: Fault) -> envoi_protocol::fault::FaultCode {
    fault.code
}

pub(crate) fn new_company(name: &str) -> NewDeployment {
    NewDeployment {
        id: None,
        service: "digital_channels".into(),
        name: name.into(),
        asynchronous: true,
        settings: [
            ("url", "https://chat.tidewater.example/nexus/v3/chat/sessions"),
            ("api_key", "k-2"),
            ("endpoint", "Sales"),
        ]
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .into(),
    }
}
