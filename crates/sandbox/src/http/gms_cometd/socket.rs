//! The socket: the same messages in both directions, and deliveries whenever there are any.

#![allow(clippy::indexing_slicing, reason = "a member of a JSON value that is not there is null")]

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde_json::Value;
use tokio::time::{sleep, timeout};

use super::LONGEST_DELAY;
use super::call::{Call, browser};
use crate::bayeux::{Over, Received};
use crate::fault::Damage;
use crate::http::answer::{Answer, Content};
use crate::http::exchange::Ticket;
use crate::http::wire::Wire;
use crate::log::{self, Operation};
use crate::model::gms_cometd::NAME;
use crate::world::Shared;

/// The upgrade to a socket.
pub(super) async fn open(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(wire): ConnectInfo<Wire>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    wire.carries_service();
    let ticket = Ticket::open(&shared, |_| log::Request {
        method: "GET".to_owned(),
        path: "/genesys/cometd".to_owned(),
        headers: headers.keys().map(|name| name.as_str().to_owned()).collect(),
        ..log::Request::arriving(NAME, Operation::Socket)
    });
    if shared.with(|world, now| world.down_until > now) {
        return ticket.cut(&wire);
    }
    match ticket.strike().map(Damage::without_socket) {
        Some(Damage::Replace { answer: Some(by), .. }) => {
            ticket.answered(by.status);
            return Answer { status: by.status, headers: by.headers, body: Content::Empty }
                .into_response(None);
        }
        Some(Damage::Replace { answer: None, .. }) => return ticket.cut(&wire),
        Some(Damage::Hang { .. }) => std::future::pending().await,
        Some(Damage::Slow(ms)) => sleep(Duration::from_millis(ms).min(LONGEST_DELAY)).await,
        _ => {}
    }
    let served = shared.with(|world, _| world.models.gms_cometd.server.settings.websocket);
    match upgrade {
        Ok(upgrade) if served => {
            let browser = browser(&headers);
            upgrade.on_upgrade(move |socket| async move {
                talk(&shared, &wire, socket, browser).await;
                ticket.answered(101);
            })
        }
        Ok(_) => {
            ticket.answered(403);
            StatusCode::FORBIDDEN.into_response()
        }
        Err(rejection) => {
            ticket.answered(400);
            rejection.into_response()
        }
    }
}

/// What is known of one socket.
struct Line {
    over: Over,
    clients: BTreeSet<String>,
    /// The connect that is held, with its message.
    held: Option<(String, u64, Value)>,
}

async fn talk(shared: &Arc<Shared>, wire: &Wire, mut socket: WebSocket, browser: Option<String>) {
    let number = shared.with(|world, _| world.models.gms_cometd.server.socket());
    let mut line = Line { over: Over::Socket(number), clients: BTreeSet::new(), held: None };
    let mut bell = shared.listen();
    loop {
        bell.mark_unchanged();
        let (said, wait) = shared.with(|world, now| {
            let models = &mut world.models;
            models.gms.pass(now);
            let gateway = &mut models.gms_cometd;
            let mut said = Vec::new();
            for client in &line.clients {
                gateway.collect(&mut models.gms, now, client);
            }
            if let Some((client, hold, message)) = line.held.take() {
                match gateway.server.ripe(now, &client, hold, false) {
                    None => line.held = Some((client, hold, message)),
                    Some(answer) if answer.is_empty() => {
                        said.push(gateway.server.overtaken(&client, &message));
                    }
                    Some(answer) => said.extend(answer),
                }
            }
            for client in &line.clients {
                said.extend(gateway.server.flush(client, line.over));
            }
            let due = line.held.as_ref().and_then(|(client, ..)| gateway.server.due(client));
            // Time may end a chat before the holding is over.
            let due = due.into_iter().chain(models.gms.due()).min();
            (said, due.map_or(60_000, |due| due.saturating_sub(now)))
        });
        if !said.is_empty()
            && socket.send(Message::Text(Value::Array(said).to_string().into())).await.is_err()
        {
            break;
        }
        tokio::select! {
            changed = bell.changed() => if changed.is_err() { break },
            () = sleep(Duration::from_millis(wait.max(1))) => {}
            frame = socket.recv() => match frame {
                Some(Ok(Message::Text(text))) => {
                    if heard(shared, wire, &mut socket, &mut line, browser.clone(), text.as_str()).await.is_none() {
                        break;
                    }
                }
                Some(Ok(Message::Close(_)) | Err(_)) | None => break,
                Some(Ok(_)) => {}
            },
        }
    }
    shared.with(|world, now| {
        if let Some((client, hold, _)) = &line.held {
            world.models.gms_cometd.server.hang_up(now, client, *hold);
        }
    });
}

/// A frame came in. Nothing if the socket is to be given up.
async fn heard(
    shared: &Arc<Shared>,
    wire: &Wire,
    socket: &mut WebSocket,
    line: &mut Line,
    browser: Option<String>,
    text: &str,
) -> Option<()> {
    let call = Call::frame(browser, text);
    let ticket = Ticket::open(shared, |world| call.written(world));
    let damage = ticket.strike();
    let (after_effect, cuts, hangs) = match &damage {
        Some(Damage::Replace { after_effect, .. } | Damage::Close { after_effect, .. }) => {
            (*after_effect, true, false)
        }
        Some(Damage::Hang { after_effect }) => (*after_effect, false, true),
        _ => (true, false, false),
    };
    if let Some(Damage::Slow(ms)) = damage {
        sleep(Duration::from_millis(ms).min(LONGEST_DELAY)).await;
    }
    let mut replies = Vec::new();
    if after_effect {
        shared.change(|world, now| {
            let models = &mut world.models;
            for message in call.messages.iter().flatten() {
                let from = call.browser.as_deref();
                match models.gms_cometd.receive(&mut models.gms, now, from, line.over, message) {
                    Received::Hold { client, hold } => {
                        line.clients.insert(client.clone());
                        line.held = Some((client, hold, message.clone()));
                    }
                    Received::Reply(reply) | Received::Publish { reply, .. } => {
                        line.clients.extend(reply["clientId"].as_str().map(str::to_owned));
                        replies.push(reply);
                    }
                }
            }
        });
    }
    if let Some(Damage::Close { code, .. }) = damage {
        let _ = socket.send(Message::Close(Some(CloseFrame { code, reason: "".into() }))).await;
        return None;
    }
    if cuts {
        ticket.cut(wire);
        return None;
    }
    if hangs {
        // Silence from here on, until the other side gives up.
        while timeout(LONGEST_DELAY, socket.recv()).await.is_ok_and(|frame| matches!(frame, Some(Ok(_)))) {}
        return None;
    }
    ticket.answered(200);
    if replies.is_empty() {
        return Some(());
    }
    socket.send(Message::Text(Value::Array(replies).to_string().into())).await.ok()
}
