//! The HTTP front of GMS chat, version 2: every operation is a POST below the address of a service.
//!
//! What an answer says is decided by the model; this file only carries it.

mod call;

use std::sync::Arc;

use axum::Router;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderName, Method, header};
use axum::response::Response;
use axum::routing::any;
use serde_json::{Value, json};
use tower_http::cors::{Any, CorsLayer};

use self::call::{Call, Wish};
use super::answer::{Answer, Content, put};
use super::exchange::{self, Exchange, Ticket};
use super::wire::Wire;
use super::{Front, Place};
use crate::fault::Damage;
use crate::log::{self, Key};
use crate::model::gms::refusal::Refusal;
use crate::model::gms::{NAME, Operation};
use crate::world::{Shared, World};

/// How the service is reached.
pub(super) const FRONT: Front = Front {
    router,
    places: &[Place { name: NAME, scheme: "http", path: "/genesys/2/chat/customer-support" }],
};

/// The routes of the service.
fn router(shared: Arc<Shared>) -> Router {
    let cors = CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([Method::POST])
        .allow_headers([HeaderName::from_static("apikey"), header::AUTHORIZATION, header::CONTENT_TYPE])
        .expose_headers([header::RETRY_AFTER]);
    Router::new().route("/genesys/2/chat/{*path}", any(serve)).layer(cors).with_state(shared)
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
        let centre = &world.models.gms;
        let named = self.who.chat.as_deref().and_then(|chat| centre.find(chat));
        let known = named.is_some_and(|chat| chat.opens(&self.who.key));
        log::Request {
            method: self.method.clone(),
            path: self.path.clone(),
            query: self.query.clone(),
            headers: self.headers.clone(),
            content_type: self.content_type.clone(),
            api_key: match self.api_key.as_deref() {
                None => Key::Missing,
                Some(key) if centre.check_proxy_key(Some(key)).is_ok() => Key::Right,
                Some(_) => Key::Wrong,
            },
            client_key: match (self.who.key.is_empty(), known) {
                (true, _) => Key::Missing,
                (false, true) => Key::Right,
                (false, false) => Key::Wrong,
            },
            session: self.who.chat.clone(),
            fields: self.logged(),
            ..log::Request::arriving(NAME, self.operation)
        }
    }

    async fn perform(&self, shared: &Arc<Shared>, _: &Ticket) -> Answer {
        let done = match &self.wish {
            // Who only looks wakes nobody, unless time has changed something by itself.
            Ok(Wish::Do { operation: Operation::Refresh { .. }, .. }) => {
                let changed = shared.with(|world, now| world.models.gms.pass(now));
                if changed {
                    shared.change(|_, _| ());
                }
                shared.with(|world, now| carried(world, now, self))
            }
            _ => shared.change(|world, now| carried(world, now, self)),
        };
        match done {
            Ok(content) => Answer { status: 200, headers: Vec::new(), body: content },
            Err(refusal) => {
                let body = refusal.body().map_or(Content::Empty, Content::Json);
                Answer { status: refusal.status(), headers: Vec::new(), body }
            }
        }
    }

    fn error(&self, _: &mut World, status: u16, code: Option<&Value>, message: &str) -> Content {
        let usual = || if (200..300).contains(&status) { json!(404) } else { json!(status) };
        let code = code.cloned().unwrap_or_else(usual);
        let mut body = json!({ "errors": [{ "code": code, "advice": message }] });
        if (200..300).contains(&status) {
            put(&mut body, "statusCode", json!(2));
        }
        Content::Json(body)
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
                    body.remove("secureKey");
                    body.remove("chatId");
                }
            }
            _ => {}
        }
    }
}

fn carried(world: &mut World, now: u64, call: &Call) -> Result<Content, Refusal> {
    let centre = &mut world.models.gms;
    centre.check_proxy_key(call.api_key.as_deref())?;
    centre.check_service(&call.service)?;
    match &call.wish {
        Err(refusal) => Err(refusal.clone()),
        Ok(Wish::Start(fields)) => centre.request_chat(now, &call.service, fields.clone()).map(Content::Json),
        Ok(Wish::Do { position, operation }) => {
            centre.perform(now, &call.who, *position, operation.clone()).map(Content::Json)
        }
        Ok(Wish::Download(file)) => {
            let file = centre.download(now, &call.who, file)?;
            Ok(Content::Bytes("application/octet-stream".to_owned(), file.bytes))
        }
    }
}
