//! The HTTP front of Digital Channels v3: reads requests, holds polls, writes them down, and lets faults strike.
//!
//! What an answer says is decided by the model; this file only carries it.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderName, Method, header};
use axum::response::Response;
use axum::routing::any;
use serde_json::json;
use tokio::time::{Instant, sleep, sleep_until, timeout_at};
use tower_http::cors::{Any, CorsLayer};

use super::answer::{Answer, Content};
use super::call::Call;
use super::wire::Wire;
use crate::fault::Damage;
use crate::log::{self, Key, Operation, Outcome};
use crate::model::digital_channels::entry::Index;
use crate::model::digital_channels::refusal::Refusal;
use crate::model::digital_channels::session::Reading;
use crate::model::digital_channels::{Caller, Sent};
use crate::world::{Shared, World};

/// How long a second poll waits for the first one of its transport to go away. A client that drops a poll and
/// starts another one may be faster than the news of the closed connection.
const SECOND_POLL_GRACE: Duration = Duration::from_millis(60);

/// The routes of the service.
pub(crate) fn router(shared: Arc<Shared>) -> Router {
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
    wire.carries_service();
    let call = Call::read(request).await;
    let ticket = Ticket::open(&shared, &call);
    if shared.with(|world, now| world.down_until > now) {
        return ticket.cut(&wire);
    }
    let damage = shared.with(|world, _| world.faults.take(call.operation, ticket.session.as_deref()));
    if damage.is_some() {
        // A change, so that the console page shows how many are left.
        shared.change(|world, _| world.log.amend(ticket.number, |request| request.fault = true));
    }
    match damage {
        Some(Damage::Replace { after_effect, answer }) => {
            if after_effect {
                perform(&shared, &call, &ticket).await;
            }
            let Some(replacement) = answer else { return ticket.cut(&wire) };
            let reference = shared.with(|world, _| world.centre.fresh_id());
            let answer = Answer::replacement(call.operation_id.as_deref(), &reference, replacement);
            ticket.answered(answer.status);
            answer.into_response(None)
        }
        Some(Damage::Hang { after_effect }) => {
            if after_effect {
                perform(&shared, &call, &ticket).await;
            }
            std::future::pending().await
        }
        damage => {
            if let Some(Damage::Slow(ms)) = damage {
                sleep(Duration::from_millis(ms)).await;
            }
            let answer = perform(&shared, &call, &ticket).await;
            ticket.answered(answer.status);
            answer.into_response(damage.as_ref())
        }
    }
}

/// Does what the request asks for.
async fn perform(shared: &Arc<Shared>, call: &Call, ticket: &Ticket) -> Answer {
    let result = match call.operation {
        Operation::Poll | Operation::Resume => poll(shared, call, ticket).await,
        _ => shared.change(|world, now| at_once(world, now, call)),
    };
    let id = call.operation_id.as_deref();
    let reference = shared.with(|world, _| world.centre.fresh_id());
    match result {
        Ok(Done::Data(data)) => Answer::success(id, &reference, data),
        Ok(Done::ChatEnded) => Answer::success(id, &reference, json!({})).with("chatEnded", json!(true)),
        Ok(Done::File(mime, bytes)) => {
            Answer { status: 200, headers: Vec::new(), body: Content::Bytes(mime.to_owned(), bytes) }
        }
        Err(refusal) => Answer::refusal(id, &reference, &refusal),
    }
}

enum Done {
    Data(serde_json::Value),
    ChatEnded,
    File(&'static str, bytes::Bytes),
}

/// Every operation but the two that may be held.
fn at_once(world: &mut World, now: u64, call: &Call) -> Result<Done, Refusal> {
    let centre = &mut world.centre;
    if let Some(problem) = &call.problem {
        return Err(problem.clone());
    }
    centre.check_key(call.api_key.as_deref())?;
    let token = call.client_key.as_deref();
    let session = call.session.as_deref().unwrap_or_default();
    let done = |data| Ok(Done::Data(data));
    match call.operation {
        Operation::Create => done(centre.create(now, call.data.clone())?.to_data()),
        Operation::Join => done(centre.join(token.unwrap_or_default(), call.data.clone())?.to_data()),
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
        Operation::Images => {
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
        Operation::Media => {
            let picture = centre.media(token, call.target.as_deref().unwrap_or_default())?;
            Ok(Done::File(picture.mime, picture.bytes))
        }
        Operation::Poll | Operation::Resume | Operation::Unknown => Err(Refusal::NoSuchPath),
    }
}

/// Holds the request until there is something to say, the hold time is over, or somebody wants polls answered.
async fn poll(shared: &Arc<Shared>, call: &Call, ticket: &Ticket) -> Result<Done, Refusal> {
    let from = index(call)?;
    let session = call.session.as_deref().unwrap_or_default();
    let token = call.client_key.as_deref();
    let caller = shared.with(|world, _| {
        world.centre.check_key(call.api_key.as_deref())?;
        world.centre.caller(session, token)
    })?;
    let Some(_open) = OpenPoll::begin(shared, &caller).await else {
        ticket.amend(|request| request.second_poll = true);
        let last = shared.with(|world, _| {
            let transport = world.centre.find(&caller.session)?.transport(&caller.transport)?;
            transport.last
        });
        return Ok(Done::Data(Reading { messages: Vec::new(), last, ended: false }.to_data()));
    };
    let mut bell = shared.listen();
    let begun = Instant::now();
    let released = shared.with(|world, _| world.released);
    loop {
        bell.mark_unchanged();
        let (reading, hold, now_released) = shared.with(|world, now| {
            world.centre.caller(session, token)?;
            let reading = world.centre.poll(&caller, now, from)?;
            Ok((reading, world.centre.settings.poll_hold_ms, world.released))
        })?;
        let deadline = begun + Duration::from_millis(hold.min(60_000));
        let over = now_released != released || Instant::now() >= deadline;
        if !reading.messages.is_empty() || reading.ended || over {
            return Ok(Done::Data(reading.to_data()));
        }
        tokio::select! {
            changed = bell.changed() => if changed.is_err() { return Err(Refusal::NoSession) },
            () = sleep_until(deadline) => {}
        }
    }
}

/// The mark that a transport has a poll open. Removed when the poll is answered or its client goes away.
struct OpenPoll {
    shared: Arc<Shared>,
    transport: String,
}

impl OpenPoll {
    async fn begin(shared: &Arc<Shared>, caller: &Caller) -> Option<Self> {
        let until = Instant::now() + SECOND_POLL_GRACE;
        let mut bell = shared.listen();
        loop {
            bell.mark_unchanged();
            if shared.with(|world, _| world.polling.insert(caller.transport.clone())) {
                return Some(Self { shared: Arc::clone(shared), transport: caller.transport.clone() });
            }
            if timeout_at(until, bell.changed()).await.is_err() {
                return None;
            }
        }
    }
}

impl Drop for OpenPoll {
    fn drop(&mut self) {
        self.shared.with(|world, _| world.polling.remove(&self.transport));
        self.shared.ring();
    }
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

/// A request's line in the log. Closed as `gone` when nobody closed it: the client went away first.
struct Ticket {
    shared: Arc<Shared>,
    number: u64,
    session: Option<String>,
}

impl Ticket {
    fn open(shared: &Arc<Shared>, call: &Call) -> Self {
        let (number, session) = shared.with(|world, now| {
            let request = written(world, now, call);
            let session = request.session.clone();
            (world.log.add(request), session)
        });
        shared.ring();
        tracing::debug!(number, operation = ?call.operation, "a request came in");
        Self { shared: Arc::clone(shared), number, session }
    }

    fn amend(&self, change: impl FnOnce(&mut log::Request)) {
        self.shared.with(|world, _| world.log.amend(self.number, change));
    }

    fn answered(&self, status: u16) {
        self.close(Outcome::Answered, Some(status));
    }

    fn cut(self, wire: &Wire) -> Response {
        self.close(Outcome::Cut, None);
        wire.cut();
        Response::default()
    }

    fn close(&self, outcome: Outcome, status: Option<u16>) {
        let closed = self.shared.with(|world, now| {
            let mut closed = false;
            world.log.amend(self.number, |request| {
                if request.outcome == Outcome::Open {
                    request.outcome = outcome;
                    request.status = status;
                    request.done = Some(now);
                    closed = true;
                }
            });
            closed
        });
        if closed {
            self.shared.ring();
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.close(Outcome::Gone, None);
    }
}

fn written(world: &World, now: u64, call: &Call) -> log::Request {
    let token = call.client_key.as_deref();
    let claims = token.and_then(crate::model::digital_channels::token::Claims::verify);
    let claimed = claims.as_ref().map(|claims| claims.session_id.clone());
    let caller = claimed.as_deref().and_then(|session| world.centre.caller(session, token).ok());
    let right = call.session.as_ref().is_none_or(|session| claimed.as_ref() == Some(session));
    log::Request {
        n: 0,
        at: now,
        operation: call.operation,
        method: call.method.clone(),
        path: call.path.clone(),
        query: call.query.clone(),
        headers: call.headers.clone(),
        content_type: call.content_type.clone(),
        api_key: match call.api_key.as_deref() {
            None => Key::Missing,
            Some(key) if world.centre.check_key(Some(key)).is_ok() => Key::Right,
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
        second_poll: false,
        fault: false,
        status: None,
        outcome: Outcome::Open,
        done: None,
    }
}
