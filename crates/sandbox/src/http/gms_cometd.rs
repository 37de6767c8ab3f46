//! The front of GMS over CometD: requests that may be held, a socket, and files beside both.
//!
//! What is said is decided by the server in `bayeux` and the model behind it; this file only carries it.

#![allow(clippy::indexing_slicing, reason = "a member of a JSON value that is not there is null")]

mod call;
mod files;
mod socket;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{ConnectInfo, Request, State};
use axum::response::Response;
use axum::routing::{get, post};
use serde_json::{Value, json};

use self::call::Call;
use super::answer::{Answer, Content};
use super::exchange::{self, Exchange, Ticket};
use super::poll::{Look, until_news};
use super::wire::Wire;
use super::{Front, Place};
use crate::bayeux::{Over, Received};
use crate::fault::Damage;
use crate::log;
use crate::model::gms_cometd::NAME;
use crate::world::{Shared, World};

/// How the service is reached.
pub(super) const FRONT: Front = Front {
    router,
    places: &[
        Place { name: NAME, scheme: "http", path: "/genesys/cometd" },
        Place { name: "gms_cometd_files", scheme: "http", path: "/genesys/2/chat-ntf" },
    ],
};

/// The routes of the service. What stands behind the address only says what kind of message is sent.
fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/genesys/cometd", get(socket::open).post(serve))
        .route("/genesys/cometd/", get(socket::open).post(serve))
        .route("/genesys/cometd/{*kind}", post(serve))
        .route("/genesys/2/chat-ntf", post(files::serve))
        .with_state(shared)
}

async fn serve(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(wire): ConnectInfo<Wire>,
    request: Request,
) -> Response {
    let call = Call::read(request).await;
    exchange::serve(&shared, &wire, &call).await
}

/// A connect that is held for a request. Given up when its client goes away.
struct Held {
    shared: Arc<Shared>,
    client: String,
    hold: u64,
}

impl Drop for Held {
    fn drop(&mut self) {
        self.shared.with(|world, now| world.models.gms_cometd.server.hang_up(now, &self.client, self.hold));
    }
}

impl Exchange for Call {
    fn written(&self, world: &World) -> log::Request {
        self.written(world)
    }

    async fn perform(&self, shared: &Arc<Shared>, _: &Ticket) -> Answer {
        let Some(messages) = &self.messages else {
            return Answer { status: 400, headers: Vec::new(), body: Content::Empty };
        };
        let mut cookie = None;
        let mut replies = Vec::new();
        let mut held = None;
        shared.change(|world, now| {
            let models = &mut world.models;
            let mut browser = self.browser.clone();
            for message in messages {
                if message["channel"] == "/meta/handshake" && browser.is_none() {
                    browser = Some(models.gms_cometd.server.browser());
                    cookie.clone_from(&browser);
                }
                let from = browser.as_deref();
                match models.gms_cometd.receive(&mut models.gms, now, from, Over::Requests, message) {
                    Received::Reply(reply) => replies.push(reply),
                    Received::Hold { client, hold } => held = Some((client, hold, message.clone())),
                    Received::Publish { reply, .. } => replies.push(reply),
                }
            }
        });
        match held {
            Some((client, hold, message)) => {
                let held = Held { shared: Arc::clone(shared), client: client.clone(), hold };
                let mut answer = until(shared, &client, hold).await;
                drop(held);
                if answer.is_empty() {
                    answer.push(
                        shared.with(|world, _| world.models.gms_cometd.server.overtaken(&client, &message)),
                    );
                }
                replies.extend(answer);
            }
            None => {
                let client = messages.iter().find_map(|message| message["clientId"].as_str());
                let deliveries = client.map(|client| {
                    shared.with(|world, _| world.models.gms_cometd.server.flush(client, Over::Requests))
                });
                replies.splice(0..0, deliveries.unwrap_or_default());
            }
        }
        let single = shared.with(|world, _| world.models.gms_cometd.server.settings.single_object);
        let body = match <[Value; 1]>::try_from(replies) {
            Ok([lone]) if single => lone,
            Ok([lone]) => json!([lone]),
            Err(list) => Value::Array(list),
        };
        let headers = cookie.map(|name| ("set-cookie", format!("BAYEUX_BROWSER={name}; Path=/; HttpOnly")));
        Answer { status: 200, headers: headers.into_iter().collect(), body: Content::Json(body) }
    }

    fn error(&self, _: &mut World, status: u16, code: Option<&Value>, message: &str) -> Content {
        let code = code.map_or_else(|| status.to_string(), ToString::to_string);
        let channel = self.messages.iter().flatten().find_map(|one| one["channel"].as_str());
        let error = format!("{code}::{message}");
        Content::Json(json!([{ "channel": channel, "successful": false, "error": error }]))
    }

    fn spoil(&self, _: &Damage, _: &mut Answer) {}
}

/// Waits until a held connect is to be answered.
async fn until(shared: &Arc<Shared>, client: &str, hold: u64) -> Vec<Value> {
    loop {
        let mut last = true;
        let look = |world: &mut World, now: u64| {
            let models = &mut world.models;
            models.gms_cometd.collect(&mut models.gms, now, client);
            let server = &mut models.gms_cometd.server;
            let due = server.due(client).unwrap_or(now);
            let answer = server.ripe(now, client, hold, false);
            let news = answer.is_some();
            // Time may end a chat before the holding is over.
            let change = models.gms.due().map_or(due, |change| change.max(now + 1));
            last = due <= change;
            let hold_ms = due.min(change).saturating_sub(now);
            Ok::<_, std::convert::Infallible>(Look { answer: answer.unwrap_or_default(), news, hold_ms })
        };
        let released = shared.with(|world, _| world.released);
        let answer = until_news_from_now(shared, look).await;
        if !answer.is_empty() {
            return answer;
        }
        if last || shared.with(|world, _| world.released) != released {
            break;
        }
    }
    shared.with(|world, now| world.models.gms_cometd.server.ripe(now, client, hold, true)).unwrap_or_default()
}

/// As [`until_news`], where the time of holding is told from the moment of looking and not from the beginning.
async fn until_news_from_now<T>(
    shared: &Arc<Shared>,
    mut look: impl FnMut(&mut World, u64) -> Result<Look<T>, std::convert::Infallible> + Send,
) -> T {
    let begun = tokio::time::Instant::now();
    let found = until_news(shared, move |world, now| {
        let gone = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        look(world, now).map(|found| Look { hold_ms: found.hold_ms.saturating_add(gone), ..found })
    });
    match found.await {
        Ok(answer) => answer,
        Err(never) => match never {},
    }
}

/// So long a frame is delayed at most by a fault.
const LONGEST_DELAY: Duration = Duration::from_secs(60);
