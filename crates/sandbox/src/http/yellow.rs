//! The HTTP front of yellow.ai: the two documented calls that a relay passes on, the second path under which messages are known to be
//! read, and what the published programs of customers and agents ask for besides. It takes the service's key as well as a relay's, so it
//! can be either.
//!
//! What a customer's program asks for is read in `call` and goes the way of every service's requests: written down, and in reach of
//! faults. The agents' side, in `agents`, is the contact centre itself, like the control API: neither.

mod agents;
mod call;

use std::sync::Arc;

use axum::Router;
use axum::extract::{ConnectInfo, Request, State};
use axum::response::Response;
use axum::routing::any;
use serde_json::{Value, json};

use self::call::{Call, Wish};
use super::answer::{Answer, Content, put};
use super::exchange::{self, Exchange, Ticket};
use super::wire::Wire;
use super::{Front, Place};
use crate::fault::Damage;
use crate::log::{self, Key};
use crate::model::yellow::{Centre, HOST, NAME, Refusal};
use crate::world::{Shared, World};

/// How the service is reached.
pub(super) const FRONT: Front =
    Front { router, places: &[Place { name: NAME, scheme: "http", path: "/yellow" }] };

fn router(shared: Arc<Shared>) -> Router {
    let agents = agents::router(Arc::clone(&shared));
    Router::new().route("/yellow/{*path}", any(serve)).with_state(shared).merge(agents)
}

async fn serve(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(wire): ConnectInfo<Wire>,
    request: Request,
) -> Response {
    let call = Call::read(request).await;
    exchange::serve(&shared, &wire, &call).await
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
                None if self.wish.needs_key() => Key::Missing,
                None => Key::Unused,
                Some(_) if world.models.yellow.check_key(key).is_ok() => Key::Right,
                Some(_) => Key::Wrong,
            },
            session: self.sender.clone(),
            fields: self.fields.clone(),
            ..log::Request::arriving(NAME, self.operation)
        }
    }

    async fn perform(&self, shared: &Arc<Shared>, _: &Ticket) -> Answer {
        let perform = |world: &mut World, now| self.wish_of(&mut world.models.yellow, now);
        let result = match self.wish {
            // Reads that nobody waits for are no change; the others wake the player of the script.
            Wish::Messages(..) | Wish::Unread(_) | Wish::Look | Wish::File(_) => shared.with(perform),
            _ => shared.change(perform),
        };
        let (status, body) = match result {
            Ok(body) => (200, self.with_address(body)),
            Err(Refusal(status, message)) => (status, refused(message)),
        };
        Answer { status, headers: Vec::new(), body }
    }

    fn error(&self, _: &mut World, _: u16, code: Option<&Value>, message: &str) -> Content {
        refused(code.and_then(Value::as_str).unwrap_or(message))
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

impl Call {
    fn wish_of(&self, centre: &mut Centre, now: u64) -> Result<Content, Refusal> {
        if self.wish.needs_key() {
            centre.check_key(self.key.as_deref())?;
        }
        let body = match &self.wish {
            Wish::Message(body) => centre.message(now, body)?,
            Wish::Messages(page) => centre.page(self.sender.as_deref().unwrap_or_default(), page),
            Wish::Encrypt(body) => centre.encrypt(now, body)?,
            Wish::Unread(body) => centre.unread(now, body),
            Wish::Register(body) => centre.register(now, body),
            Wish::Unregister(body) => centre.unregister(body),
            Wish::Presence(status) => centre.presence(self.sender.as_deref().unwrap_or_default(), status),
            Wish::Upload(Some((mime, bytes))) => centre.upload(mime, bytes.clone())?,
            Wish::Upload(None) => return Err(Refusal(400, "a part `images` or `file` is required")),
            Wish::File(id) => {
                let (mime, bytes) = centre.file(id)?;
                return Ok(Content::Bytes(mime, bytes));
            }
            Wish::Look => centre.look(),
            Wish::Unknown => return Err(Refusal(404, "Not Found")),
        };
        Ok(Content::Json(body))
    }

    /// Puts the sandbox's own address in the place of the model's.
    fn with_address(&self, body: Content) -> Content {
        match (&self.wish, body) {
            (Wish::Upload(_), Content::Json(mut body)) => {
                let address = body.get("url").and_then(Value::as_str).unwrap_or_default();
                let address = address.replace(HOST, &format!("{}/yellow", self.origin));
                put(&mut body, "url", json!(address));
                Content::Json(body)
            }
            (_, body) => body,
        }
    }
}

fn refused(message: &str) -> Content {
    Content::Json(json!({ "success": false, "message": message }))
}
