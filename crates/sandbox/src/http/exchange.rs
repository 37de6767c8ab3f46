//! One request of a customer from its arrival to its answer, the same for every service: it is written down, a fault may strike it,
//! it is carried out, and the end of it is written down as well.

use std::sync::Arc;
use std::time::Duration;

use axum::response::Response;
use serde_json::Value;
use tokio::time::sleep;

use super::answer::{Answer, Content};
use super::wire::Wire;
use crate::fault::{Damage, ReplacementBody};
use crate::log::{self, Outcome};
use crate::world::{Shared, World};

/// A request of one service, read.
pub(crate) trait Exchange: Send + Sync {
    /// How it stands in the log.
    fn written(&self, world: &World) -> log::Request;

    /// Does what it asks for.
    fn perform(&self, shared: &Arc<Shared>, ticket: &Ticket) -> impl Future<Output = Answer> + Send;

    /// The body of an error that a fault asks for, in the service's own form; `code` is absent where the usual one for the HTTP
    /// status is meant.
    fn error(&self, world: &mut World, status: u16, code: Option<&Value>, message: &str) -> Content;

    /// What [`Damage::NumericStatus`] and [`Damage::NoToken`] do to an answer of this service.
    fn spoil(&self, damage: &Damage, answer: &mut Answer);
}

/// Serves a request.
pub(crate) async fn serve(shared: &Arc<Shared>, wire: &Wire, call: &impl Exchange) -> Response {
    wire.carries_service();
    let ticket = Ticket::open(shared, |world| call.written(world));
    if shared.with(|world, now| world.down_until > now) {
        return ticket.cut(wire);
    }
    match ticket.strike().map(Damage::without_socket) {
        Some(Damage::Replace { after_effect, answer }) => {
            if after_effect {
                call.perform(shared, &ticket).await;
            }
            let Some(by) = answer else { return ticket.cut(wire) };
            let body = match by.body {
                ReplacementBody::Empty => Content::Empty,
                ReplacementBody::Text(mime, text) => Content::Bytes(mime, text.into()),
                ReplacementBody::Error { code, message } => {
                    shared.with(|world, _| call.error(world, by.status, code.as_ref(), &message))
                }
            };
            ticket.answered(by.status);
            Answer { status: by.status, headers: by.headers, body }.into_response(None)
        }
        Some(Damage::Hang { after_effect }) => {
            if after_effect {
                call.perform(shared, &ticket).await;
            }
            std::future::pending().await
        }
        damage => {
            if let Some(Damage::Slow(ms)) = damage {
                sleep(Duration::from_millis(ms)).await;
            }
            let mut answer = call.perform(shared, &ticket).await;
            ticket.answered(answer.status);
            if let Some(damage) = &damage {
                call.spoil(damage, &mut answer);
            }
            answer.into_response(damage.as_ref())
        }
    }
}

/// A request's line in the log. Closed as `gone` when nobody closed it: the client went away first.
///
/// A socket has one for as long as it is open, and one for each frame that comes in over it.
pub(crate) struct Ticket {
    shared: Arc<Shared>,
    number: u64,
    request: log::Request,
}

impl Ticket {
    /// Writes a request down.
    pub(crate) fn open(shared: &Arc<Shared>, written: impl FnOnce(&World) -> log::Request) -> Self {
        let (number, request) = shared.with(|world, now| {
            let request = written(world);
            (world.log.add(now, request.clone()), request)
        });
        shared.ring();
        tracing::debug!(number, service = request.service, operation = ?request.operation, "a request came in");
        Self { shared: Arc::clone(shared), number, request }
    }

    /// What is to be done to this request, if anything: the oldest fault that matches, which is used up by it.
    pub(crate) fn strike(&self) -> Option<Damage> {
        let log::Request { service, operation, session, .. } = &self.request;
        let damage = self.shared.with(|world, _| world.faults.take(service, *operation, session.as_deref()));
        if damage.is_some() {
            // A change, so that the console page shows how many are left.
            self.shared.change(|world, _| world.log.amend(self.number, |request| request.fault = true));
        }
        damage
    }

    /// Adds to what stands in the log.
    pub(crate) fn amend(&self, change: impl FnOnce(&mut log::Request)) {
        self.shared.with(|world, _| world.log.amend(self.number, change));
    }

    /// It has its answer.
    pub(crate) fn answered(&self, status: u16) {
        self.close(Outcome::Answered, Some(status));
    }

    /// Cuts the connection instead of an answer. What is given back never leaves.
    pub(crate) fn cut(self, wire: &Wire) -> Response {
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
