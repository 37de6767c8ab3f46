//! The agents' side over HTTP: the calls of the vendor's published program for agents, and of a desk of somebody else's. Whoever asks
//! shows `x-auth-token`, or a key that opens everything anyway.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::model::yellow::{Centre, Refusal};
use crate::world::Shared;

type Held = State<Arc<Shared>>;

/// The routes of the agents' side.
pub(super) fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/yellow/api/agents/tickets/ticket/{id}", get(ticket))
        .route("/yellow/api/agents/tickets/filtered", post(filtered))
        .route("/yellow/api/agents/tickets/reassign", post(reassign))
        .route("/yellow/api/agents/tickets/resolve", post(resolve))
        .route("/yellow/api/agents/user/status", get(status))
        .route("/yellow/api/agents/data/send", post(send))
        .route("/yellow/integrations/genericIntegration/custom-live-agent", post(desk))
        .with_state(shared)
}

async fn ticket(State(shared): Held, headers: HeaderMap, Path(id): Path<String>) -> Response {
    answer(&shared, &headers, |centre, _| centre.ticket(&id))
}

async fn filtered(State(shared): Held, headers: HeaderMap, body: Bytes) -> Response {
    answer(&shared, &headers, |centre, _| centre.tickets(&object(&body)))
}

async fn reassign(State(shared): Held, headers: HeaderMap, body: Bytes) -> Response {
    answer(&shared, &headers, |centre, now| centre.reassign(now, &object(&body)))
}

async fn resolve(State(shared): Held, headers: HeaderMap, body: Bytes) -> Response {
    answer(&shared, &headers, |centre, now| centre.resolve(now, &object(&body)))
}

#[derive(Deserialize)]
struct User {
    #[serde(default)]
    uid: String,
}

async fn status(State(shared): Held, headers: HeaderMap, Query(user): Query<User>) -> Response {
    answer(&shared, &headers, |centre, _| centre.paused(&user.uid))
}

async fn send(State(shared): Held, headers: HeaderMap, body: Bytes) -> Response {
    answer(&shared, &headers, |centre, now| centre.agent_says(now, &object(&body)))
}

async fn desk(State(shared): Held, headers: HeaderMap, body: Bytes) -> Response {
    answer(&shared, &headers, |centre, now| centre.desk_says(now, &object(&body)))
}

fn answer(shared: &Shared, headers: &HeaderMap, does: impl FnOnce(&mut Centre, u64) -> Value) -> Response {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let (token, key) = (header("x-auth-token"), header("x-api-key"));
    let done = shared.change(|world, now| {
        let centre = &mut world.models.yellow;
        centre.check_agent(token, key).map(|()| does(centre, now))
    });
    match done {
        Ok(body) => Json(body).into_response(),
        Err(Refusal(status, message)) => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::FORBIDDEN);
            (status, Json(json!({ "success": false, "message": message }))).into_response()
        }
    }
}

/// What is no object says nothing, and is refused for what it lacks.
fn object(body: &Bytes) -> Map<String, Value> {
    serde_json::from_slice(body).unwrap_or_default()
}
