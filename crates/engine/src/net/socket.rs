//! WebSockets over the same clients as everything else, so that proxies, certificates and headers are the same.
//!
//! One task holds one socket: it opens it, says what it is told, tells what comes, and looks whether the other side still
//! answers. It ends when the socket does, or when nobody wants it any more.

use std::future::poll_fn;
use std::pin::Pin;
use std::time::Duration;

use envoi_protocol::io::{Frame, IoFault, SocketCall, SocketEvent, SocketFault, SocketId};
use futures_channel::mpsc;
use futures_util::stream::Peekable;
use futures_util::{FutureExt as _, SinkExt as _, StreamExt as _};
use reqwest::{Client, header};
use reqwest_websocket::{CloseCode, Error, HandshakeError, Message, Upgrade as _, WebSocket};
use tokio::time::{Instant, sleep_until, timeout};
use tungstenite::protocol::WebSocketConfig;
use url::Url;

use super::{classify, http};

/// How long a socket may take to say goodbye.
const GOODBYE: Duration = Duration::from_secs(3);
/// Bytes that are read at once: a socket is idle nearly always, and has room for so much and as much again all the time. What is
/// longer gets its room when its length is known. The default of the library is 128 KiB.
const READ: usize = 512;
/// Bytes that are gathered before they are written.
const WRITE: usize = 0;

/// Both ends of the line between a conversation and the task of one socket.
#[derive(Debug)]
pub struct Line {
    /// What is to be said. When it ends, everything before it is said, and then the socket is closed.
    pub say: Peekable<mpsc::UnboundedReceiver<Frame>>,
    /// What happens. Whoever does not listen stops the socket.
    pub tell: mpsc::Sender<(SocketId, SocketEvent)>,
}

impl Line {
    /// Tells what happened; false if nobody listens any more.
    pub async fn tell(&mut self, socket: SocketId, event: SocketEvent) -> bool {
        let room = poll_fn(|context| self.tell.poll_ready(context)).await;
        room.is_ok() && self.tell.start_send((socket, event)).is_ok()
    }

    /// Whether the socket is not wanted any more, and nothing is left to be said on it.
    fn is_shut(&mut self) -> bool {
        matches!(Pin::new(&mut self.say).peek().now_or_never(), Some(None))
    }
}

/// Opens a socket and keeps it. Long waits for a ping end on whole seconds after `zero`.
pub(super) fn run(client: Client, call: SocketCall, line: Line, zero: Instant) -> impl Future<Output = ()> {
    let kept = Kept { id: call.id, what: call.what, ping: call.ping.map(|every| Rhythm { every, zero }) };
    let patience = call.timeout;
    // On the heap for as long as it takes, with all that only this needs: it is several times the size of a socket that is open.
    keep(kept, patience, Box::pin(open(client, call)), line)
}

/// What is to be known of a socket that is open.
#[derive(Debug, Clone, Copy)]
struct Kept {
    id: SocketId,
    what: &'static str,
    ping: Option<Rhythm>,
}

async fn keep(
    kept: Kept,
    patience: Duration,
    opening: impl Future<Output = Result<Box<WebSocket>, SocketFault>>,
    mut line: Line,
) {
    let Kept { id, what, ping } = kept;
    if line.is_shut() {
        return;
    }
    let opened = match timeout(patience, opening).await {
        Ok(opened) => opened,
        Err(_elapsed) => Err(SocketFault::Io(IoFault::Timeout)),
    };
    match opened {
        Ok(socket) => {
            tracing::debug!(what, id = id.0, "a socket is open");
            if line.tell(id, SocketEvent::Open).await
                && let Some(last) = talk(socket, id, ping, &mut line).await
            {
                tracing::debug!(what, id = id.0, ?last, "a socket has ended");
                line.tell(id, last).await;
            }
        }
        Err(fault) => {
            tracing::debug!(what, id = id.0, %fault, "a socket did not open");
            line.tell(id, SocketEvent::Failed(fault)).await;
        }
    }
}

async fn open(client: Client, call: SocketCall) -> Result<Box<WebSocket>, SocketFault> {
    let url = Url::parse(&call.url).map_err(|_| IoFault::BadRequest)?;
    if !matches!(url.scheme(), "ws" | "wss") || !url.has_host() {
        return Err(SocketFault::Io(IoFault::BadRequest));
    }
    let limit = Some(call.limit);
    let config = WebSocketConfig::default()
        .read_buffer_size(READ)
        .write_buffer_size(WRITE)
        .max_message_size(limit)
        .max_frame_size(limit);
    let request = client.get(url).headers(http::headers(&call.headers)?);
    let answer =
        request.upgrade().web_socket_config(config).send().await.map_err(|error| fault_of(&error))?;
    let text = answer.headers().get(header::RETRY_AFTER).and_then(|value| value.to_str().ok());
    let retry_after = text.and_then(|text| http::retry_after(text, std::time::SystemTime::now()));
    let status = answer.status().as_u16();
    answer.into_websocket().await.map(Box::new).map_err(|error| match error {
        Error::Handshake(HandshakeError::UnexpectedStatusCode(_)) => {
            SocketFault::Refused { status, retry_after }
        }
        // Something answered that does not know how to: a proxy, or a page.
        Error::Handshake(_) => SocketFault::Refused { status, retry_after: None },
        other => fault_of(&other),
    })
}

/// Says and tells until there is an end. `None` if it was closed from this side.
async fn talk(
    mut socket: Box<WebSocket>,
    id: SocketId,
    ping: Option<Rhythm>,
    line: &mut Line,
) -> Option<SocketEvent> {
    let mut pulse = Pulse::new(ping);
    loop {
        tokio::select! {
            said = line.say.next() => match said {
                Some(Frame(text)) => {
                    if let Err(error) = socket.send(Message::Text(text)).await {
                        return Some(failed(&error));
                    }
                }
                None => {
                    // Whoever shuts a socket does not wait for an answer.
                    let _ = timeout(GOODBYE, Box::pin((*socket).close(CloseCode::Normal, None))).await;
                    return None;
                }
            },
            heard = socket.next() => {
                pulse.heard();
                let event = match heard {
                    Some(Ok(Message::Text(text))) => SocketEvent::Text(Frame(text)),
                    Some(Ok(Message::Close { code, .. })) => {
                        let code = Some(u16::from(code)).filter(|code| *code != NO_CODE);
                        // The answer to a close is written by the next look at the socket.
                        let _ = timeout(GOODBYE, socket.next()).await;
                        return Some(SocketEvent::Closed(code));
                    }
                    Some(Ok(_)) => continue,
                    Some(Err(error)) => return Some(failed(&error)),
                    None => return Some(SocketEvent::Closed(None)),
                };
                if !line.tell(id, event).await {
                    return None;
                }
            },
            () = sleep_until(pulse.due) => match pulse.beat() {
                Beat::Ask => {
                    if let Err(error) = socket.send(Message::Ping(reqwest_websocket::Bytes::new())).await {
                        return Some(failed(&error));
                    }
                }
                Beat::Dead => return Some(SocketEvent::Failed(SocketFault::Io(IoFault::Timeout))),
            },
        }
    }
}

/// Stands for a close without a code: RFC 6455, section 7.1.5.
const NO_CODE: u16 = 1005;

/// Longer than any silence.
const LATER: Duration = Duration::from_secs(30 * 24 * 3_600);

/// When the other side was heard last, and whether it was asked since.
#[derive(Debug)]
struct Pulse {
    rhythm: Option<Rhythm>,
    due: Instant,
    asked: bool,
}

enum Beat {
    Ask,
    Dead,
}

impl Pulse {
    fn new(rhythm: Option<Rhythm>) -> Self {
        let mut pulse = Self { rhythm, due: Instant::now(), asked: false };
        pulse.heard();
        pulse
    }

    fn heard(&mut self) {
        self.asked = false;
        self.wait();
    }

    fn beat(&mut self) -> Beat {
        if self.asked {
            return Beat::Dead;
        }
        self.asked = true;
        self.wait();
        Beat::Ask
    }

    fn wait(&mut self) {
        let now = Instant::now();
        self.due = self.rhythm.map_or_else(|| now + LATER, |rhythm| rhythm.next(now));
    }
}

/// How often a silent peer is asked.
#[derive(Debug, Clone, Copy)]
struct Rhythm {
    every: Duration,
    zero: Instant,
}

impl Rhythm {
    /// A wait that may be a little longer, so that it ends together with others.
    const LONG: Duration = Duration::from_secs(10);

    /// When the peer is asked that was heard now. Of a long wait it is the whole second behind it: what many sockets do at once
    /// wakes the computer up once. The one before it would do as well, if it did not come just before the echoes and heartbeats
    /// that transports send at a multiple of this time, whose answers make the ping superfluous.
    fn next(self, now: Instant) -> Instant {
        let due = now + self.every.min(LATER);
        let part = due.duration_since(self.zero).subsec_nanos();
        let rest = if self.every < Self::LONG || part == 0 { 0 } else { 1_000_000_000 - part };
        due + Duration::from_nanos(rest.into())
    }
}

fn failed(error: &Error) -> SocketEvent {
    match error {
        Error::Tungstenite(tungstenite::Error::ConnectionClosed | tungstenite::Error::AlreadyClosed) => {
            SocketEvent::Closed(None)
        }
        other => SocketEvent::Failed(fault_of(other)),
    }
}

fn fault_of(error: &Error) -> SocketFault {
    SocketFault::Io(match error {
        Error::Reqwest(error) => classify::fault(error),
        Error::Tungstenite(tungstenite::Error::Capacity(_)) => IoFault::TooLarge,
        _ => IoFault::Broken,
    })
}

#[cfg(test)]
mod tests;
