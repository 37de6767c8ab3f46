//! The front of Web Messaging: the socket, and over HTTP the deployment's configuration, the history, and files, all on one port.
//! Signing in has a file of its own.
//!
//! What is said is decided by the model; this file only carries it, and puts the sandbox's own address where the model has a
//! placeholder.

mod identity;

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::extract::{ConnectInfo, DefaultBodyLimit, Path, Query, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{any, get, put};
use serde_json::{Value, json};
use tokio::time::sleep;

use super::answer::{Answer, Content};
use super::exchange::{self, Exchange, Ticket};
use super::wire::Wire;
use super::{Front, Place, secure};
use crate::fault::{Damage, Replacement, ReplacementBody};
use crate::log::{self, Key, Operation};
use crate::model::web_messaging::file::{HOST, TAGGING};
use crate::model::web_messaging::request::{Asks, asks};
use crate::model::web_messaging::{NAME, Push};
use crate::world::{Shared, World};

/// How the service is reached: one address stands for all three of the real one.
pub(super) const FRONT: Front = Front { router, places: &[Place { name: NAME, scheme: "http", path: "" }] };

/// Largest file that is taken in at all.
const LARGEST: usize = 64 << 20;

fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/v1", get(socket))
        .route("/webdeployments/v1/deployments/{id}/config.json", get(config))
        .route("/api/v2/webmessaging/messages", get(history))
        .route("/uploads/{key}", put(upload).layer(DefaultBodyLimit::max(LARGEST)))
        .route("/files/{id}", get(file))
        .route("/sign-in/{page}", any(identity::asked))
        .route("/api/v2/webdeployments/token/{act}", any(identity::asked))
        .with_state(shared)
}

/// A request over HTTP, read.
struct Call {
    operation: Operation,
    method: &'static str,
    path: String,
    query: HashMap<String, String>,
    headers: HeaderMap,
    what: What,
}

enum What {
    Config { deployment: String },
    History,
    Upload { key: String, bytes: Bytes },
    File { id: String },
    Identity(identity::Asked),
}

impl Call {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    fn bearer(&self) -> Option<&str> {
        let (scheme, pass) = self.header("authorization")?.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then_some(pass)
    }

    fn number(&self, name: &str, usual: u64) -> u64 {
        self.query.get(name).and_then(|text| text.parse().ok()).unwrap_or(usual)
    }
}

async fn config(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(wire): ConnectInfo<Wire>,
    Path(deployment): Path<String>,
    headers: HeaderMap,
) -> Response {
    let path = format!("/webdeployments/v1/deployments/{deployment}/config.json");
    let what = What::Config { deployment };
    let call =
        Call { operation: Operation::Setup, method: "GET", path, query: HashMap::new(), headers, what };
    exchange::serve(&shared, &wire, &call).await
}

async fn history(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(wire): ConnectInfo<Wire>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    let first = query.get("pageNumber").is_none_or(|page| page == "1");
    let operation = if first { Operation::Restore } else { Operation::History };
    let path = "/api/v2/webmessaging/messages".to_owned();
    let call = Call { operation, method: "GET", path, query, headers, what: What::History };
    exchange::serve(&shared, &wire, &call).await
}

async fn upload(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(wire): ConnectInfo<Wire>,
    Path(key): Path<String>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Response {
    let path = "/uploads/KEY".to_owned();
    let what = What::Upload { key, bytes };
    let call =
        Call { operation: Operation::Upload, method: "PUT", path, query: HashMap::new(), headers, what };
    exchange::serve(&shared, &wire, &call).await
}

async fn file(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(wire): ConnectInfo<Wire>,
    Path(id): Path<String>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    let path = format!("/files/{id}");
    let call =
        Call { operation: Operation::Download, method: "GET", path, query, headers, what: What::File { id } };
    exchange::serve(&shared, &wire, &call).await
}

impl Exchange for Call {
    fn written(&self, _: &World) -> log::Request {
        let secret = |name: &String| ["key", "state", "code_challenge"].contains(&name.as_str());
        let query = self.query.iter().filter(|(name, _)| !secret(name));
        let mut query: Vec<_> = query.map(|(name, value)| (name.clone(), value.clone())).collect();
        query.sort();
        log::Request {
            method: self.method.to_owned(),
            path: self.path.clone(),
            query,
            headers: self.headers.keys().map(ToString::to_string).collect(),
            content_type: self.header("content-type").map(str::to_owned),
            ..log::Request::arriving(NAME, self.operation)
        }
    }

    async fn perform(&self, shared: &Arc<Shared>, _: &Ticket) -> Answer {
        let done: Result<Content, u16> = match &self.what {
            What::Config { deployment } => {
                let found = shared.with(|world, _| world.models.web_messaging.config(deployment));
                found.map(Content::Json).ok_or(403)
            }
            What::History => {
                let pass = self.bearer();
                let (page, size) = (self.number("pageNumber", 1), self.number("pageSize", 25));
                let page =
                    shared.with(|world, now| world.models.web_messaging.history(now, pass, page, size));
                page.map(|page| Content::Json(here(&page, &self.headers)))
            }
            What::Upload { key, bytes } => {
                let (tag, mime) = (self.header(TAGGING), self.header("content-type"));
                let put = |world: &mut World, now| {
                    world.models.web_messaging.put(now, key, tag, mime, bytes.clone())
                };
                shared.change(put).map(|()| Content::Empty)
            }
            What::File { id } => {
                let key = self.query.get("key").map(String::as_str).unwrap_or_default();
                let found = shared.with(|world, now| world.models.web_messaging.file(now, id, key));
                found.map(|(mime, bytes)| Content::Bytes(mime, bytes))
            }
            What::Identity(asked) => return self.identify(shared, asked),
        };
        match done {
            Ok(body) => Answer { status: 200, headers: Vec::new(), body },
            Err(status) => Answer { status, headers: Vec::new(), body: problem(status, "refused") },
        }
    }

    fn error(&self, _: &mut World, status: u16, _: Option<&Value>, message: &str) -> Content {
        problem(status, message)
    }

    fn spoil(&self, _: &Damage, _: &mut Answer) {}
}

/// A page for a browser.
fn problem(status: u16, message: &str) -> Content {
    Content::Json(json!({ "message": message, "status": status, "code": "sandbox" }))
}

/// Puts the sandbox's own address in the place of the model's.
fn here(value: &Value, headers: &HeaderMap) -> Value {
    let text = local(&value.to_string(), headers);
    serde_json::from_str(&text).unwrap_or_default()
}

fn local(text: &str, headers: &HeaderMap) -> String {
    text.replace(HOST, &secure::origin(headers))
}

/// The upgrade.
async fn socket(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(wire): ConnectInfo<Wire>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    wire.carries_service();
    let ticket = Ticket::open(&shared, |_| {
        let mut shown: Vec<_> = query.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
        shown.sort();
        log::Request {
            method: "GET".to_owned(),
            path: "/v1".to_owned(),
            query: shown,
            headers: headers.keys().map(ToString::to_string).collect(),
            ..log::Request::arriving(NAME, Operation::Socket)
        }
    });
    if shared.with(|world, now| world.down_until > now) {
        return ticket.cut(&wire);
    }
    match ticket.strike().map(Damage::without_socket) {
        Some(Damage::Replace { answer: None, .. }) => return ticket.cut(&wire),
        Some(Damage::Replace { answer: Some(by), .. }) => {
            let body = match by.body {
                ReplacementBody::Empty => Content::Empty,
                ReplacementBody::Text(mime, text) => Content::Bytes(mime, text.into()),
                ReplacementBody::Error { message, .. } => problem(by.status, &message),
            };
            ticket.answered(by.status);
            return Answer { status: by.status, headers: by.headers, body }.into_response(None);
        }
        Some(Damage::Hang { .. }) => std::future::pending().await,
        Some(Damage::Slow(ms)) => sleep(Duration::from_millis(ms)).await,
        _ => {}
    }
    let origin = headers.get(header::ORIGIN).and_then(|value| value.to_str().ok());
    let deployment = query.get("deploymentId").map(String::as_str);
    let connected = shared.change(|world, _| world.models.web_messaging.connect(deployment, origin));
    match connected {
        Ok(number) => {
            let line = Line { shared, wire, headers, number, silent: false, waiting: VecDeque::new() };
            upgrade.on_upgrade(move |socket| line.talk(socket, ticket)).into_response()
        }
        Err(status) => {
            ticket.answered(status);
            Answer { status, headers: Vec::new(), body: problem(status, "access denied") }.into_response(None)
        }
    }
}

/// A socket that is open.
struct Line {
    shared: Arc<Shared>,
    wire: Wire,
    headers: HeaderMap,
    number: u64,
    /// A fault has made it dumb: it takes everything and says nothing.
    silent: bool,
    /// What came while a fault held up what was said before it.
    waiting: VecDeque<String>,
}

impl Line {
    async fn talk(mut self, mut socket: WebSocket, ticket: Ticket) {
        let mut bell = self.shared.listen();
        loop {
            bell.mark_unchanged();
            if !self.silent && !self.say_what_is_due(&mut socket).await {
                break;
            }
            let text = match self.waiting.pop_front() {
                Some(text) => text,
                None => tokio::select! {
                    rung = bell.changed() => if rung.is_err() { break } else { continue },
                    heard = socket.recv() => match heard {
                        Some(Ok(Message::Text(text))) => text.as_str().to_owned(),
                        Some(Ok(Message::Close(_)) | Err(_)) | None => break,
                        Some(Ok(_)) => continue,
                    },
                },
            };
            if !self.hear(&mut socket, &text).await {
                break;
            }
        }
        self.shared.change(|world, _| world.models.web_messaging.hang_up(self.number));
        drop(ticket);
    }

    /// False if that was the last.
    async fn say_what_is_due(&self, socket: &mut WebSocket) -> bool {
        let due = self.shared.with(|world, _| world.models.web_messaging.due(self.number));
        for push in due {
            let last = matches!(push, Push::Close(_));
            let message = match push {
                Push::Frame(frame) => Message::Text(local(&frame.to_string(), &self.headers).into()),
                Push::Close(code) => Message::Close(Some(CloseFrame { code, reason: "".into() })),
            };
            if socket.send(message).await.is_err() || last {
                return false;
            }
        }
        true
    }

    /// False if the socket ended meanwhile.
    async fn hear(&mut self, socket: &mut WebSocket, text: &str) -> bool {
        let ticket = Ticket::open(&self.shared, |world| self.written(world, text));
        match ticket.strike() {
            Some(Damage::Close { after_effect, code }) => {
                if after_effect {
                    self.perform(text);
                }
                let closing = CloseFrame { code, reason: "".into() };
                let _ = socket.send(Message::Close(Some(closing))).await;
                return false;
            }
            Some(Damage::Replace { after_effect, answer }) => {
                return self.answer_instead(socket, ticket, text, after_effect, answer).await;
            }
            Some(Damage::Hang { after_effect }) => {
                self.silent = true;
                if after_effect {
                    self.perform(text);
                }
            }
            damage => {
                if let Some(Damage::Slow(ms)) = damage
                    && !self.hold_up(socket, ms).await
                {
                    return false;
                }
                let code = self.perform(text);
                ticket.answered(code);
            }
        }
        true
    }

    /// Answers a frame with something else: an error of the service's own, or a text as it stands. What has no such form cuts the
    /// socket. False if the socket ended meanwhile.
    async fn answer_instead(
        &mut self,
        socket: &mut WebSocket,
        ticket: Ticket,
        text: &str,
        after_effect: bool,
        answer: Option<Replacement>,
    ) -> bool {
        let (status, body) = match answer {
            Some(Replacement { status, body, .. }) => (status, Some(body)),
            None => (0, None),
        };
        match body {
            Some(ReplacementBody::Error { code, message }) => {
                let code = code.as_ref().and_then(Value::as_u64).and_then(|code| u16::try_from(code).ok());
                let code = code.unwrap_or(status);
                self.shared.change(|world, now| {
                    let centre = &mut world.models.web_messaging;
                    centre.refuse(now, self.number, text, code, &message, after_effect);
                });
                ticket.answered(status);
            }
            Some(ReplacementBody::Text(mime, raw)) if !mime.contains("html") => {
                if after_effect {
                    self.perform(text);
                }
                ticket.answered(status);
                return socket.send(Message::Text(raw.into())).await.is_ok();
            }
            _ => {
                if after_effect {
                    self.perform(text);
                }
                self.wire.cut();
                drop(ticket);
            }
        }
        true
    }

    /// Lets time pass while something is on its way, and keeps what comes behind it. False if the socket ends before it arrives, and
    /// it with the socket.
    async fn hold_up(&mut self, socket: &mut WebSocket, ms: u64) -> bool {
        let arrives = sleep(Duration::from_millis(ms));
        tokio::pin!(arrives);
        loop {
            tokio::select! {
                () = &mut arrives => return true,
                heard = socket.recv() => match heard {
                    Some(Ok(Message::Text(text))) => self.waiting.push_back(text.as_str().to_owned()),
                    Some(Ok(Message::Close(_)) | Err(_)) | None => return false,
                    Some(Ok(_)) => {}
                },
            }
        }
    }

    fn perform(&self, text: &str) -> u16 {
        self.shared.change(|world, now| world.models.web_messaging.hear(now, self.number, text))
    }

    fn written(&self, world: &World, text: &str) -> log::Request {
        let centre = &world.models.web_messaging;
        let (asks, request) = asks(text);
        let at = |path: &str| request.pointer(path).and_then(Value::as_str);
        let token = at("/token");
        let session = token.and_then(|token| centre.session(token));
        let operation = match asks {
            Asks::Configure if session.is_some() => Operation::Join,
            Asks::Configure => Operation::Start,
            Asks::Send => Operation::Send,
            Asks::Typing => Operation::Typing,
            Asks::Clear => Operation::Leave,
            Asks::Start | Asks::Place | Asks::Sign => Operation::Signal,
            Asks::Unknown => Operation::Unknown,
        };
        let fields = [("action", "/action"), ("type", "/message/type"), ("text", "/message/text")];
        let fields =
            fields.iter().filter_map(|(name, path)| Some(((*name).to_owned(), at(path)?.to_owned())));
        log::Request {
            method: "FRAME".to_owned(),
            path: "/v1".to_owned(),
            client_key: match (token, session) {
                // A token that opens nothing yet begins a session.
                (Some(_), None) if asks == Asks::Configure => Key::Unused,
                (None, _) => Key::Missing,
                (Some(_), Some(_)) => Key::Right,
                (Some(_), None) => Key::Wrong,
            },
            session: session.map(|one| one.id.clone()),
            fields: fields.collect(),
            ..log::Request::arriving(NAME, operation)
        }
    }
}
