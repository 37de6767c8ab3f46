//! The HTTP front of yellow.ai: the two documented calls that a relay passes on, and the second path under which messages are known to
//! be read. It takes the service's key as well as a relay's, so it can be either.

use std::sync::Arc;

use axum::Router;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{Method, header};
use axum::response::Response;
use axum::routing::any;
use serde_json::{Map, Value, json};

use super::answer::{Answer, Content, put};
use super::exchange::{self, Exchange, Ticket};
use super::form;
use super::wire::Wire;
use super::{Front, Place};
use crate::fault::Damage;
use crate::log::{self, Key, Operation};
use crate::model::yellow::{NAME, Refusal};
use crate::world::{Shared, World};

/// How the service is reached.
pub(super) const FRONT: Front =
    Front { router, places: &[Place { name: NAME, scheme: "http", path: "/yellow" }] };

/// Largest request body that is read, in bytes.
const BODY_LIMIT: usize = 1 << 20;
/// Most messages of a page.
const PAGE: usize = 100;

fn router(shared: Arc<Shared>) -> Router {
    Router::new().route("/yellow/{*path}", any(serve)).with_state(shared)
}

async fn serve(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(wire): ConnectInfo<Wire>,
    request: Request,
) -> Response {
    let call = Call::read(request).await;
    exchange::serve(&shared, &wire, &call).await
}

/// One request of the customer, or of a relay for them.
#[derive(Debug)]
struct Call {
    operation: Operation,
    method: String,
    path: String,
    query: Vec<(String, String)>,
    headers: Vec<String>,
    content_type: Option<String>,
    key: Option<String>,
    sender: Option<String>,
    body: Map<String, Value>,
}

impl Call {
    async fn read(request: Request) -> Self {
        let (parts, body) = request.into_parts();
        let header = |name: &str| parts.headers.get(name)?.to_str().ok().map(str::to_owned);
        let path = parts.uri.path().to_owned();
        let query = parts.uri.query().unwrap_or_default();
        let query: Vec<(String, String)> =
            url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let bytes = axum::body::to_bytes(body, BODY_LIMIT).await.unwrap_or_default();
        let body: Map<String, Value> = serde_json::from_slice(&bytes).unwrap_or_default();
        let operation = match (&parts.method, path.as_str()) {
            (&Method::POST, "/yellow/integrations/sync/v1/message") => said(&body),
            (&Method::GET, "/yellow/data/messages" | "/yellow/api/agents/data/messages") => Operation::Poll,
            _ => Operation::Unknown,
        };
        let bearer = header(header::AUTHORIZATION.as_str());
        let bearer = bearer.and_then(|value| value.strip_prefix("Bearer ").map(str::to_owned));
        let uid = query.iter().find(|(name, _)| name == "uid").map(|(_, value)| value.clone());
        Self {
            operation,
            method: parts.method.to_string(),
            headers: parts.headers.keys().map(|name| name.as_str().to_owned()).collect(),
            content_type: header(header::CONTENT_TYPE.as_str()),
            key: header("x-api-key").or(bearer),
            sender: body.get("sender").and_then(Value::as_str).map(str::to_owned).or(uid),
            body,
            query,
            path,
        }
    }

    fn number(&self, name: &str) -> Option<usize> {
        self.query.iter().find(|(one, _)| one == name)?.1.parse().ok()
    }
}

fn said(body: &Map<String, Value>) -> Operation {
    let code = body.get("data").and_then(|data| data.pointer("/event/code")?.as_str());
    match code {
        None => Operation::Send,
        Some("bot-opened") => Operation::Start,
        Some("bot-closed") => Operation::Leave,
        Some(_) => Operation::Signal,
    }
}

impl Exchange for Call {
    fn written(&self, world: &World) -> log::Request {
        let key = self.key.as_deref();
        log::Request {
            method: self.method.clone(),
            path: self.path.clone(),
            query: self.query.clone(),
            headers: self.headers.clone(),
            content_type: self.content_type.clone(),
            api_key: match key {
                None => Key::Missing,
                Some(_) if world.models.yellow.check_key(key).is_ok() => Key::Right,
                Some(_) => Key::Wrong,
            },
            session: self.sender.clone(),
            fields: form::flatten(&self.body),
            ..log::Request::arriving(NAME, self.operation)
        }
    }

    async fn perform(&self, shared: &Arc<Shared>, _: &Ticket) -> Answer {
        let result = match self.operation {
            Operation::Poll => shared.with(|world, _| {
                let centre = &mut world.models.yellow;
                centre.check_key(self.key.as_deref())?;
                let limit = self.number("limit").unwrap_or(PAGE).min(PAGE);
                let offset = self.number("offset").unwrap_or_default();
                Ok(centre.messages(self.sender.as_deref().unwrap_or_default(), limit, offset))
            }),
            Operation::Unknown => Err(Refusal(404, "Not Found")),
            _ => shared.change(|world, now| {
                let centre = &mut world.models.yellow;
                centre.check_key(self.key.as_deref())?;
                centre.message(now, &self.body)
            }),
        };
        let (status, body) = match result {
            Ok(body) => (200, body),
            Err(Refusal(status, message)) => (status, json!({ "success": false, "message": message })),
        };
        Answer { status, headers: Vec::new(), body: Content::Json(body) }
    }

    fn error(&self, _: &mut World, _: u16, code: Option<&Value>, message: &str) -> Content {
        let message = code.and_then(Value::as_str).unwrap_or(message);
        Content::Json(json!({ "success": false, "message": message }))
    }

    fn spoil(&self, damage: &Damage, answer: &mut Answer) {
        let Content::Json(body) = &mut answer.body else { return };
        match damage {
            Damage::NumericStatus { value, code } => {
                answer.status = code.unwrap_or(answer.status);
                put(body, "message", json!(value));
            }
            // There is no token; what the bot says at once is what can be missing.
            Damage::NoToken => {
                if let Some(data) = body["data"].as_object_mut() {
                    data.remove("messageArray");
                }
            }
            _ => {}
        }
    }
}
