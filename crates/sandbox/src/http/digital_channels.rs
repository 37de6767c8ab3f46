//! The HTTP front of Digital Channels v3: reads requests and holds polls.
//!
//! What an answer says is decided by the model; this file only carries it.

mod call;
mod envelope;

use std::sync::Arc;

use axum::Router;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderName, Method, header};
use axum::response::Response;
use axum::routing::any;
use serde_json::{Value, json};
use tower_http::cors::{Any, CorsLayer};

use self::call::Call;
use super::answer::{Answer, Content, put};
use super::exchange::{self, Exchange, Ticket};
use super::poll::{Look, OpenPoll, until_news};
use super::wire::Wire;
use super::{Front, Place};
use crate::fault::Damage;
use crate::log::{self, Key, Operation};
use crate::model::digital_channels::entry::Index;
use crate::model::digital_channels::refusal::Refusal;
use crate::model::digital_channels::session::Reading;
use crate::model::digital_channels::token::Claims;
use crate::model::digital_channels::{NAME, Sent};
use crate::world::{Shared, World};

/// How the service is reached.
pub(super) const FRONT: Front =
    Front { router, places: &[Place { name: NAME, scheme: "http", path: "/nexus/v3/chat/sessions" }] };

/// The routes of the service.
fn router(shared: Arc<Shared>) -> Router {
    let cors = CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([Method::GET, Method::POST, Method::PUT, Method::DELETE])
        .allow_headers([
            HeaderName::from_static("x-api-key"),
            HeaderName::from_static("x-nexus-client-key"),
            header::CONTENT_TYPE,
        ])
        .expose_headers([header::RETRY_AFTER]);
    Router::new().route("/nexus/v3/chat/{*path}", any(serve)).layer(cors).with_state(shared)
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
        written(world, self)
    }

    async fn perform(&self, shared: &Arc<Shared>, ticket: &Ticket) -> Answer {
        let result = match self.operation {
            Operation::Poll | Operation::Resume => poll(shared, self, ticket).await,
            _ => shared.change(|world, now| at_once(world, now, self)),
        };
        let id = self.operation_id.as_deref();
        let reference = shared.with(|world, _| world.models.digital_channels.fresh_id());
        match result {
            Ok(Done::Data(data)) => envelope::success(id, &reference, data),
            Ok(Done::ChatEnded) => {
                envelope::success(id, &reference, json!({})).with("chatEnded", json!(true))
            }
            Ok(Done::File(mime, bytes)) => {
                Answer { status: 200, headers: Vec::new(), body: Content::Bytes(mime.to_owned(), bytes) }
            }
            Err(refusal) => envelope::refusal(id, &reference, &refusal),
        }
    }

    fn error(&self, world: &mut World, status: u16, code: Option<&Value>, message: &str) -> Content {
        let reference = world.models.digital_channels.fresh_id();
        envelope::error(self.operation_id.as_deref(), &reference, status, code, message)
    }

    fn spoil(&self, damage: &Damage, answer: &mut Answer) {
        let Content::Json(body) = &mut answer.body else { return };
        match damage {
            Damage::NumericStatus { value, code } => {
                answer.status = code.unwrap_or(answer.status);
                if let Some(status) = body.get_mut("status") {
                    put(status, "code", json!(value));
                }
            }
            Damage::NoToken => {
                if let Some(data) = body.get_mut("data").and_then(Value::as_object_mut) {
                    data.remove("clientToken");
                }
            }
            _ => {}
        }
    }
}

enum Done {
    Data(serde_json::Value),
    ChatEnded,
    File(&'static str, bytes::Bytes),
}

/// Every operation but the two that may be held.
fn at_once(world: &mut World, now: u64, call: &Call) -> Result<Done, Refusal> {
    let centre = &mut world.models.digital_channels;
    if let Some(problem) = &call.problem {
        return Err(problem.clone());
    }
    centre.check_key(call.api_key.as_deref())?;
    let token = call.client_key.as_deref();
    let session = call.session.as_deref().unwrap_or_default();
    let done = |data| Ok(Done::Data(data));
    match call.operation {
        Operation::Start => done(centre.create(now, call.data.clone())?.to_data()),
        Operation::Join => done(centre.join(now, token.unwrap_or_default(), call.data.clone())?.to_data()),
        Operation::Restore => {
            let caller = centre.caller(session, token)?;
            done(centre.newest(&caller, count(call)?)?.to_data())
        }
        Operation::History => {
            let caller = centre.caller(session, token)?;
            let index = index(call)?.unwrap_or(Index { ms: 0, seq: 0 });
            done(centre.older(&caller, index, count(call)?)?.to_data())
        }
        Operation::Send | Operation::Typing => {
            let caller = centre.caller(session, token)?;
            match centre.send(&caller, now, &call.data)? {
                Sent::Taken => done(json!({})),
                Sent::ChatEnded => Ok(Done::ChatEnded),
            }
        }
        Operation::Upload => {
            let caller = centre.caller(session, token)?;
            let file =
                call.file.clone().ok_or_else(|| Refusal::Malformed("The part file is missing.".into()))?;
            centre.image(&caller, now, &file.name, file.bytes)?;
            done(json!({}))
        }
        Operation::Userdata => {
            let caller = centre.caller(session, token)?;
            centre.user_data(&caller, call.data.clone())?;
            done(json!({}))
        }
        Operation::Leave => {
            let caller = centre.caller(session, token)?;
            centre.leave(&caller, now, call.target.as_deref().unwrap_or_default())?;
            done(json!({}))
        }
        Operation::Download => {
            let picture = centre.media(token, call.target.as_deref().unwrap_or_default())?;
            Ok(Done::File(picture.mime, picture.bytes))
        }
        _ => Err(Refusal::NoSuchPath),
    }
}

/// The two operations that may be held.
async fn poll(shared: &Arc<Shared>, call: &Call, ticket: &Ticket) -> Result<Done, Refusal> {
    let from = index(call)?;
    let session = call.session.as_deref().unwrap_or_default();
    let token = call.client_key.as_deref();
    let caller = shared.with(|world, _| {
        let centre = &world.models.digital_channels;
        centre.check_key(call.api_key.as_deref())?;
        centre.caller(session, token)
    })?;
    let Some(_open) = OpenPoll::begin(shared, &caller.transport).await else {
        ticket.amend(|request| request.second_poll = true);
        let last = shared.with(|world, _| {
            let transport =
                world.models.digital_channels.find(&caller.session)?.transport(&caller.transport)?;
            transport.last
        });
        return Ok(Done::Data(Reading { messages: Vec::new(), last, ended: false }.to_data()));
    };
    let reading = until_news(shared, |world, now| {
        let centre = &mut world.models.digital_channels;
        centre.caller(session, token)?;
        let reading = centre.poll(&caller, now, from)?;
        let news = !reading.messages.is_empty() || reading.ended;
        Ok(Look { answer: reading, news, hold_ms: centre.settings.poll_hold_ms })
    });
    Ok(Done::Data(reading.await?.to_data()))
}

fn index(call: &Call) -> Result<Option<Index>, Refusal> {
    let read = |text: &str| {
        let problem = || Refusal::Malformed(format!("index is \"{text}\"; <ms>-<sequence> was expected."));
        Index::parse(text).ok_or_else(problem)
    };
    call.parameter("index").map(read).transpose()
}

fn count(call: &Call) -> Result<usize, Refusal> {
    let text = call.parameter("count").unwrap_or_default();
    match text.parse() {
        Ok(count) if count > 0 => Ok(count),
        _ => Err(Refusal::Malformed(format!("count is \"{text}\"; a number above 0 was expected."))),
    }
}

fn written(world: &World, call: &Call) -> log::Request {
    let centre = &world.models.digital_channels;
    let token = call.client_key.as_deref();
    let claims = token.and_then(Claims::verify);
    let claimed = claims.as_ref().map(|claims| claims.session_id.clone());
    let caller = claimed.as_deref().and_then(|session| centre.caller(session, token).ok());
    let right = call.session.as_ref().is_none_or(|session| claimed.as_ref() == Some(session));
    log::Request {
        method: call.method.clone(),
        path: call.path.clone(),
        query: call.query.clone(),
        headers: call.headers.clone(),
        content_type: call.content_type.clone(),
        api_key: match call.api_key.as_deref() {
            None => Key::Missing,
            Some(key) if centre.check_key(Some(key)).is_ok() => Key::Right,
            Some(_) => Key::Wrong,
        },
        client_key: match (token, &caller) {
            (None, _) => Key::Missing,
            (Some(_), Some(_)) if right => Key::Right,
            (Some(_), _) => Key::Wrong,
        },
        token: caller.map(|caller| caller.token_number + 1),
        session: call.session.clone().or(claimed),
        fields: call.fields.clone(),
        ..log::Request::arriving(NAME, call.operation)
    }
}
