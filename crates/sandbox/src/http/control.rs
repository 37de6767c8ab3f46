//! The control API: what a test, or the console page, makes the contact centre do. Described in `docs/SANDBOX.md`.
//!
//! JSON in, JSON out. An error is `{"error": "..."}` under a 4xx status and says what to do.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{ConnectInfo, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use bytes::Bytes;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use tokio::time::{Instant, timeout_at};

use crate::action::{Action, ActionError};
use crate::fault::{FaultRequest, On};
use crate::log::{Outcome, Request};
use crate::world::{Shared, World};

use super::wire::Wire;

/// Longest time a control request waits for something to happen.
const LONGEST_WAIT_MS: u64 = 60_000;

type Held = State<Arc<Shared>>;

/// The routes under `/control`.
pub(crate) fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/control", get(overview))
        .route("/control/sessions", get(sessions))
        .route("/control/sessions/{session}", get(session))
        .route("/control/sessions/{session}/batch", post(batch))
        .route("/control/sessions/{session}/{action}", post(act))
        .route("/control/faults", get(faults).post(add_fault).delete(clear_faults))
        .route("/control/faults/{id}", delete(remove_fault))
        .route("/control/settings", get(settings).put(change_settings))
        .route("/control/settings/{service}", get(settings_of).put(change_settings_of))
        .route("/control/log", get(log).delete(clear_log))
        .route("/control/release", post(release))
        .route("/control/restart", post(restart))
        .route("/control/reset", post(reset))
        .fallback(|| async { Problem::not_found("nothing is served here; docs/SANDBOX.md lists what is") })
        .method_not_allowed_fallback(|| async {
            let text = "this path does not take this method; docs/SANDBOX.md lists what it takes";
            Problem(StatusCode::METHOD_NOT_ALLOWED, text.to_owned())
        })
        .with_state(shared)
}

/// An error of the control API.
struct Problem(StatusCode, String);

impl Problem {
    fn bad(text: impl Into<String>) -> Self {
        Self(StatusCode::BAD_REQUEST, text.into())
    }

    fn not_found(text: impl Into<String>) -> Self {
        Self(StatusCode::NOT_FOUND, text.into())
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        (self.0, Json(json!({ "error": self.1 }))).into_response()
    }
}

impl From<ActionError> for Problem {
    fn from(error: ActionError) -> Self {
        let status = match error {
            ActionError::NoSuchSession(_) => StatusCode::NOT_FOUND,
            ActionError::NotAPicture | ActionError::NotAFile | ActionError::UnknownWord { .. } => {
                StatusCode::BAD_REQUEST
            }
            _ => StatusCode::CONFLICT,
        };
        Self(status, error.to_string())
    }
}

impl From<QueryRejection> for Problem {
    fn from(error: QueryRejection) -> Self {
        Self::bad(error.body_text())
    }
}

impl From<PathRejection> for Problem {
    fn from(error: PathRejection) -> Self {
        Self::bad(error.body_text())
    }
}

type Answer = Result<Json<Value>, Problem>;

async fn overview(State(shared): Held) -> Json<Value> {
    shared.with(|world, _| {
        let chats = world.chats();
        Json(json!({
            "sessions": chats.len(),
            "latest": chats.last().map(|one| one.id.as_str()),
            "faults": world.faults.list().len(),
            "last_request": world.log.last(),
            "settings": world.settings(),
        }))
    })
}

/// `version` seen before, and how long to wait for another one.
#[derive(Deserialize)]
struct Since {
    since: Option<u64>,
    wait_ms: Option<u64>,
}

async fn sessions(State(shared): Held, since: Result<Query<Since>, QueryRejection>) -> Answer {
    let Query(since) = since?;
    let look = |world: &mut World, _| {
        let changed = since.since.is_none_or(|since| since != world.version);
        changed.then(|| {
            let mut chats = world.chats();
            chats.reverse();
            json!({ "version": world.version, "sessions": chats })
        })
    };
    let found = wait(&shared, since.wait_ms, look).await;
    Ok(Json(found.unwrap_or_else(|| json!({ "version": since.since, "unchanged": true }))))
}

async fn session(State(shared): Held, Path(session): Path<String>) -> Answer {
    shared.with(|world, _| {
        let chat = world.chat(&session)?;
        let mut whole = json!(chat);
        if let Some(whole) = whole.as_object_mut() {
            whole.insert("transcript".to_owned(), json!(world.lines(&chat, 0)));
            whole.insert("faults".to_owned(), json!(world.faults.list()));
            whole.extend(chat.more);
        }
        Ok(Json(whole))
    })
}

async fn act(State(shared): Held, Path((session, action)): Path<(String, String)>, body: Bytes) -> Answer {
    let mut fields: Map<String, Value> = read(&body)?;
    fields.insert("do".to_owned(), Value::String(action.replace('-', "_")));
    let action: Action = value(Value::Object(fields))?;
    done(&shared, &session, vec![action])
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Batch {
    actions: Vec<Value>,
}

async fn batch(State(shared): Held, Path(session): Path<String>, body: Bytes) -> Answer {
    let batch: Batch = read(&body)?;
    let actions: Result<Vec<Action>, Problem> = batch.actions.into_iter().map(value).collect();
    done(&shared, &session, actions?)
}

fn done(shared: &Shared, session: &str, actions: Vec<Action>) -> Answer {
    let lines = shared.change(|world, now| world.act(session, now, actions))?;
    Ok(Json(json!({ "lines": lines })))
}

async fn faults(State(shared): Held) -> Json<Value> {
    Json(json!({ "faults": shared.with(|world, _| world.faults.list()) }))
}

async fn add_fault(State(shared): Held, body: Bytes) -> Answer {
    let mut request: FaultRequest = read(&body)?;
    shared.change(|world, _| {
        if let Some(session) = &request.session {
            request.session = Some(world.chat(session)?.id);
        }
        let id = world.faults.add(request).map_err(|error| Problem::bad(error.to_string()))?;
        Ok(Json(json!({ "id": id })))
    })
}

async fn clear_faults(State(shared): Held) -> Json<Value> {
    shared.change(|world, _| world.faults.clear());
    Json(json!({}))
}

async fn remove_fault(State(shared): Held, id: Result<Path<u64>, PathRejection>) -> Answer {
    let Path(id) = id?;
    let removed = shared.change(|world, _| world.faults.remove(id));
    if removed { Ok(Json(json!({}))) } else { Err(Problem::not_found(format!("no fault has the id {id}"))) }
}

async fn settings(State(shared): Held) -> Json<Value> {
    Json(json!(shared.with(|world, _| world.settings())))
}

/// Changes settings of several services, each under its name.
async fn change_settings(State(shared): Held, body: Bytes) -> Answer {
    let services: Map<String, Value> = read(&body)?;
    shared.change(|world, _| {
        for (service, changes) in services {
            let Value::Object(changes) = changes else {
                let text =
                    format!("`{service}` is no object: settings stand under the name of their service");
                return Err(Problem::bad(text));
            };
            configure(world, &service, changes)?;
        }
        Ok(Json(json!(world.settings())))
    })
}

async fn settings_of(State(shared): Held, Path(service): Path<String>) -> Answer {
    let settings = shared.with(|world, _| world.settings().remove(&service));
    settings.map(Json).ok_or_else(|| unknown_service(&service))
}

async fn change_settings_of(State(shared): Held, Path(service): Path<String>, body: Bytes) -> Answer {
    let changes: Map<String, Value> = read(&body)?;
    shared.change(|world, _| Ok(Json(configure(world, &service, changes)?)))
}

/// Changes those settings of a service that are given, and gives all.
fn configure(world: &mut World, service: &str, changes: Map<String, Value>) -> Result<Value, Problem> {
    let model = world.models.all_mut().into_iter().find(|model| model.name() == service);
    let model = model.ok_or_else(|| unknown_service(service))?;
    let mut merged = model.settings();
    if let Some(merged) = merged.as_object_mut() {
        merged.extend(changes);
    }
    model.configure(merged).map_err(Problem::bad)?;
    Ok(model.settings())
}

fn unknown_service(name: &str) -> Problem {
    Problem::not_found(format!("no service goes by the name \"{name}\"; GET /control/settings names them"))
}

/// Which requests of the log are wanted.
#[derive(Deserialize)]
struct Wanted {
    #[serde(default)]
    after: u64,
    on: Option<On>,
    service: Option<String>,
    session: Option<String>,
    #[serde(default)]
    done: bool,
    #[serde(default)]
    open: bool,
    wait_ms: Option<u64>,
}

async fn log(State(shared): Held, wanted: Result<Query<Wanted>, QueryRejection>) -> Answer {
    let Query(wanted) = wanted?;
    let look = |world: &mut World, _| {
        let session = wanted.session.as_deref().and_then(|id| world.chat(id).ok()).map(|one| one.id);
        let matches = |request: &&Request| {
            wanted.on.is_none_or(|on| on.strikes(request.operation))
                && wanted.service.as_deref().is_none_or(|service| service == request.service)
                && (wanted.session.is_none() || request.session == session)
                && (!wanted.done || request.outcome != Outcome::Open)
                && (!wanted.open || request.outcome == Outcome::Open)
        };
        let found: Vec<&Request> = world.log.after(wanted.after).filter(matches).collect();
        let answer = json!({ "requests": found, "last": world.log.last() });
        (!found.is_empty()).then_some(answer)
    };
    let found = wait(&shared, wanted.wait_ms, look).await;
    let none = || json!({ "requests": [], "last": shared.with(|world, _| world.log.last()) });
    Ok(Json(found.unwrap_or_else(none)))
}

async fn clear_log(State(shared): Held) -> Json<Value> {
    shared.with(|world, _| world.log.clear());
    Json(json!({}))
}

async fn release(State(shared): Held) -> Json<Value> {
    shared.change(|world, _| world.released += 1);
    Json(json!({}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Restart {
    #[serde(default)]
    down_ms: u64,
}

async fn restart(State(shared): Held, ConnectInfo(own): ConnectInfo<Wire>, body: Bytes) -> Answer {
    let restart: Restart = read(&body)?;
    shared.change(|world, now| world.down_until = now.saturating_add(restart.down_ms));
    shared.wires.cut_service_except(&own);
    Ok(Json(json!({})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reset {
    #[serde(default)]
    keep_settings: bool,
}

async fn reset(State(shared): Held, ConnectInfo(own): ConnectInfo<Wire>, body: Bytes) -> Answer {
    let reset: Reset = read(&body)?;
    shared.change(|world, _| {
        for model in world.models.all_mut() {
            model.clear();
            let initial = shared.initial.get(model.name()).filter(|_| !reset.keep_settings);
            if let Some(Err(problem)) = initial.map(|initial| model.configure(initial.clone())) {
                tracing::error!(service = model.name(), problem, "the first settings were not taken back");
            }
        }
        world.faults.clear();
        world.log.clear();
        world.down_until = 0;
    });
    shared.wires.cut_service_except(&own);
    Ok(Json(json!({})))
}

/// Looks again at each change until `look` finds something or the time is over.
async fn wait<R>(
    shared: &Shared,
    wait_ms: Option<u64>,
    mut look: impl FnMut(&mut World, u64) -> Option<R>,
) -> Option<R> {
    let until = Instant::now() + Duration::from_millis(wait_ms.unwrap_or(0).min(LONGEST_WAIT_MS));
    let mut bell = shared.listen();
    loop {
        bell.mark_unchanged();
        let found = shared.with(&mut look);
        if found.is_some() {
            return found;
        }
        match timeout_at(until, bell.changed()).await {
            Ok(Ok(())) => {}
            _ => return None,
        }
    }
}

/// A JSON body; an empty one counts as `{}`.
fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    let body = if body.is_empty() { b"{}".as_slice() } else { body };
    serde_json::from_slice(body).map_err(|error| Problem::bad(format!("the body cannot be read: {error}")))
}

fn value<T: DeserializeOwned>(value: Value) -> Result<T, Problem> {
    serde_json::from_value(value).map_err(|error| Problem::bad(error.to_string()))
}
