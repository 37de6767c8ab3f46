//! The HTTP front of the chat session service: five requests, each answered at once.
//!
//! What an answer says is decided by the model; this file only carries it.

use std::sync::Arc;

use axum::Router;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderName, Method, header};
use axum::response::Response;
use axum::routing::any;
use serde_json::{Map, Value, json};
use tower_http::cors::{Any, CorsLayer};

use super::answer::{Answer, Content, put};
use super::exchange::{self, Exchange, Ticket};
use super::form;
use super::wire::Wire;
use super::{Front, Place};
use crate::fault::Damage;
use crate::log::{self, Key, Operation};
use crate::model::chat_session::{NAME, Refusal};
use crate::world::{Shared, World};

/// How the service is reached.
pub(super) const FRONT: Front =
    Front { router, places: &[Place { name: NAME, scheme: "http", path: "/api/v2/chats" }] };

/// Largest request body that is read, in bytes.
const BODY_LIMIT: usize = 1 << 20;

/// The routes of the service. A chat is found at both paths that a start may name.
fn router(shared: Arc<Shared>) -> Router {
    let cors = CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([Method::GET, Method::POST])
        .allow_headers([
            HeaderName::from_static("apikey"),
            HeaderName::from_static("contactcenterid"),
            header::CONTENT_TYPE,
        ])
        .expose_headers([header::RETRY_AFTER]);
    let mut router = Router::new().route("/api/v2/chats", any(serve)).route("/api/v2/chats/", any(serve));
    for root in ["/api/v2/chats", "/api/v2/elsewhere/chats"] {
        router = router.route(&format!("{root}/{{*path}}"), any(serve));
    }
    router.layer(cors).with_state(shared)
}

async fn serve(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(wire): ConnectInfo<Wire>,
    request: Request,
) -> Response {
    let call = Call::read(request).await;
    exchange::serve(&shared, &wire, &call).await
}

/// One request of the customer.
#[derive(Debug)]
struct Call {
    operation: Operation,
    method: String,
    path: String,
    query: Vec<(String, String)>,
    headers: Vec<String>,
    content_type: Option<String>,
    apikey: Option<String>,
    contact_center: Option<String>,
    chat: Option<String>,
    body: Map<String, Value>,
}

impl Call {
    async fn read(request: Request) -> Self {
        let (parts, body) = request.into_parts();
        let header = |name: &str| parts.headers.get(name)?.to_str().ok().map(str::to_owned);
        let path = parts.uri.path().to_owned();
        let query = parts.uri.query().unwrap_or_default();
        let query = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let bytes = axum::body::to_bytes(body, BODY_LIMIT).await.unwrap_or_default();
        let body: Map<String, Value> = serde_json::from_slice(&bytes).unwrap_or_default();
        let below = path.split_once("/chats").map_or("", |(_, below)| below);
        let steps: Vec<&str> = below.split('/').filter(|step| !step.is_empty()).collect();
        let (operation, chat) = match (&parts.method, steps.as_slice()) {
            (&Method::POST, []) => (Operation::Start, None),
            (&Method::POST, [chat]) => (said(&body), Some(*chat)),
            (&Method::GET, [chat, "messages"]) => (Operation::Poll, Some(*chat)),
            (&Method::GET, [chat]) => (Operation::Restore, Some(*chat)),
            (_, [chat, ..]) => (Operation::Unknown, Some(*chat)),
            (_, []) => (Operation::Unknown, None),
        };
        let chat = chat.map(str::to_owned);
        Self {
            operation,
            method: parts.method.to_string(),
            query,
            headers: parts.headers.keys().map(|name| name.as_str().to_owned()).collect(),
            content_type: header(header::CONTENT_TYPE.as_str()),
            apikey: header("apikey"),
            contact_center: header("contactcenterid"),
            chat,
            body,
            path,
        }
    }
}

fn said(body: &Map<String, Value>) -> Operation {
    match body.get("operationName").and_then(Value::as_str) {
        Some("SendMessage") => Operation::Send,
        Some("SendStartTypingNotification" | "SendStopTypingNotification") => Operation::Typing,
        Some("Complete") => Operation::Leave,
        _ => Operation::Unknown,
    }
}

impl Exchange for Call {
    fn written(&self, world: &World) -> log::Request {
        let centre = &world.models.chat_session;
        let key = self.apikey.as_deref().or(self.contact_center.as_deref());
        let right = centre.check_key(self.apikey.as_deref(), self.contact_center.as_deref()).is_ok();
        log::Request {
            method: self.method.clone(),
            path: self.path.clone(),
            query: self.query.clone(),
            headers: self.headers.clone(),
            content_type: self.content_type.clone(),
            api_key: match key {
                None => Key::Missing,
                Some(_) if right => Key::Right,
                Some(_) => Key::Wrong,
            },
            session: self.chat.clone(),
            fields: form::flatten(&self.body),
            ..log::Request::arriving(NAME, self.operation)
        }
    }

    async fn perform(&self, shared: &Arc<Shared>, _: &Ticket) -> Answer {
        let result = match self.operation {
            // A read that nobody waits for is no change; the others wake the player of the script.
            Operation::Poll | Operation::Restore => shared.with(|world, now| perform(world, now, self)),
            _ => shared.change(|world, now| perform(world, now, self)),
        };
        let (status, body) = match result {
            Ok(body) => (200, Content::Json(body)),
            Err(Refusal::Code(status, code)) => (status, Content::Json(json!({ "statusCode": code }))),
            Err(Refusal::Words(status, words)) => {
                (status, Content::Bytes("text/html; charset=utf-8".to_owned(), words.into()))
            }
            Err(Refusal::Bare(status)) => (status, Content::Empty),
        };
        Answer { status, headers: Vec::new(), body }
    }

    fn error(&self, _: &mut World, status: u16, code: Option<&Value>, message: &str) -> Content {
        let code = code.cloned().unwrap_or_else(|| json!(status));
        Content::Json(json!({ "statusCode": code, "errorMessage": message }))
    }

    fn spoil(&self, damage: &Damage, answer: &mut Answer) {
        let Content::Json(body) = &mut answer.body else { return };
        match damage {
            Damage::NumericStatus { value, code } => {
                answer.status = code.unwrap_or(answer.status);
                put(body, "statusCode", json!(value));
            }
            Damage::NoToken => {
                if let Some(body) = body.as_object_mut() {
                    body.remove("id");
                }
            }
            _ => {}
        }
    }
}

fn perform(world: &mut World, now: u64, call: &Call) -> Result<Value, Refusal> {
    let centre = &mut world.models.chat_session;
    centre.check_key(call.apikey.as_deref(), call.contact_center.as_deref())?;
    let chat = call.chat.as_deref().unwrap_or_default();
    match call.operation {
        Operation::Start => match call.body.get("operationName").and_then(Value::as_str) {
            Some("RequestChat") => centre.request_chat(now, &call.body),
            _ => Err(Refusal::Words(400, "Bad Request".to_owned())),
        },
        Operation::Poll => {
            let index = call.query.iter().find(|(name, _)| name == "index");
            centre.messages(chat, index.and_then(|(_, value)| value.parse().ok()))
        }
        Operation::Restore => centre.metadata(chat),
        Operation::Send | Operation::Typing | Operation::Leave => centre.operation(chat, now, &call.body),
        _ => Err(Refusal::Words(405, "Method Not Allowed".to_owned())),
    }
}
