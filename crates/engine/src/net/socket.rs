//! WebSockets over the same clients as everything else, so that proxies, certificates and headers are the same.
//!
//! One task holds one socket: it opens it, says what it is told, tells what comes, and looks whether the other side still
//! answers. It ends when the socket does, or when nobody wants it any more.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use envoi_protocol::io::{Frame, IoFault, SocketCall, SocketEvent, SocketFault, SocketId};
use futures_channel::mpsc;
use futures_util::future::BoxFuture;
use futures_util::stream::Peekable;
use futures_util::{FutureExt as _, SinkExt as _, StreamExt as _};
use reqwest::{Client, header};
use reqwest_websocket::{CloseCode, Error, HandshakeError, Message, Upgrade as _, WebSocket};
use tokio::time::{Instant, Sleep, sleep_until, timeout};
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
pub(super) fn run(
    client: Client,
    call: SocketCall,
    line: Line,
    zero: Instant,
) -> impl Future<Output = ()> + Send {
    // On the heap for as long as it takes, with all that only this needs: it is several times the size of a socket that is open.
    let opening = Box::pin(begin(client, call, line, zero));
    async move {
        let talk = opening.await;
        if let Some(talk) = talk {
            talk.await;
        }
    }
}

/// Opens a socket, and gives back what is to be done while it is open.
async fn begin(
    client: Client,
    call: SocketCall,
    mut line: Line,
    zero: Instant,
) -> Option<BoxFuture<'static, ()>> {
    let (id, what, patience) = (call.id, call.what, call.timeout);
    let rhythm = call.ping.map(|every| Rhythm { every, zero });
    if line.is_shut() {
        return None;
    }
    let opened = match timeout(patience, open(client, call)).await {
        Ok(opened) => opened,
        Err(_elapsed) => Err(SocketFault::Io(IoFault::Timeout)),
    };
    match opened {
        Ok(socket) => {
            tracing::debug!(what, id = id.0, "a socket is open");
            let heard = line.tell(id, SocketEvent::Open).await;
            heard.then(|| Talk { socket, line, id, rhythm, asked: false, written: true }.go_on())
        }
        Err(fault) => {
            tracing::debug!(what, id = id.0, %fault, "a socket did not open");
            line.tell(id, SocketEvent::Failed(fault)).await;
            None
        }
    }
}

async fn open(client: Client, call: SocketCall) -> Result<WebSocket, SocketFault> {
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
    answer.into_websocket().await.map_err(|error| match error {
        Error::Handshake(HandshakeError::UnexpectedStatusCode(_)) => {
            SocketFault::Refused { status, retry_after }
        }
        // Something answered that does not know how to: a proxy, or a page.
        Error::Handshake(_) => SocketFault::Refused { status, retry_after: None },
        other => fault_of(&other),
    })
}

/// A socket that is open. There may be thousands in which nothing happens, so all that they need is in one place.
struct Talk {
    socket: WebSocket,
    line: Line,
    id: SocketId,
    rhythm: Option<Rhythm>,
    /// The other side was asked whether it is there, and was not heard since.
    asked: bool,
    /// All that was said has left.
    written: bool,
}

/// How a socket ends.
enum End {
    /// It is closed from this side.
    Shut,
    /// Nobody listens.
    Unheard,
    /// The other side closes it.
    Closed(CloseCode),
    /// Anything else, as it is told.
    Told(SocketEvent),
}

impl Talk {
    /// Says and tells until there is an end.
    fn go_on(self) -> BoxFuture<'static, ()> {
        let mut talk = self;
        Box::pin(async move {
            // One alarm that is set on, which costs next to nothing, in place of another one for every frame.
            let mut alarm = pin!(sleep_until(talk.due()));
            let end = poll_fn(|context| talk.poll(context, alarm.as_mut())).await;
            Box::pin(talk.end(end)).await;
        })
    }

    /// Says what is to be said and tells what comes, until there is an end.
    fn poll(&mut self, context: &mut Context<'_>, mut alarm: Pin<&mut Sleep>) -> Poll<End> {
        loop {
            if !self.written
                && let Poll::Ready(done) = self.socket.poll_flush_unpin(context)
            {
                self.written = true;
                if let Err(error) = done {
                    return Poll::Ready(End::Told(failed(&error)));
                }
            }
            let rings = alarm.as_mut().poll(context).is_ready();
            if rings && !self.asked {
                self.asked = true;
                alarm.as_mut().reset(self.due());
                // What waits to leave asks as well.
                if self.written
                    && let Err(error) = self.say(Message::Ping(reqwest_websocket::Bytes::new()))
                {
                    return Poll::Ready(End::Told(failed(&error)));
                }
                continue;
            }
            // One thing after the other: what does not leave holds up what comes behind it.
            if self.written
                && let Poll::Ready(said) = self.line.say.poll_next_unpin(context)
            {
                let Some(Frame(text)) = said else { return Poll::Ready(End::Shut) };
                if let Err(error) = self.say(Message::Text(text)) {
                    return Poll::Ready(End::Told(failed(&error)));
                }
                continue;
            }
            // Nothing is read for which there is no room: the other side has to wait then, and is not taken for dead.
            let Ok(()) = ready!(self.line.tell.poll_ready(context)) else { return Poll::Ready(End::Unheard) };
            let Poll::Ready(heard) = self.socket.poll_next_unpin(context) else {
                let dead = SocketEvent::Failed(SocketFault::Io(IoFault::Timeout));
                return if rings { Poll::Ready(End::Told(dead)) } else { Poll::Pending };
            };
            self.asked = false;
            if self.rhythm.is_some() {
                alarm.as_mut().reset(self.due());
            }
            match heard {
                Some(Ok(Message::Text(text))) => {
                    let event = SocketEvent::Text(Frame(text));
                    if self.line.tell.start_send((self.id, event)).is_err() {
                        return Poll::Ready(End::Unheard);
                    }
                }
                Some(Ok(Message::Close { code, .. })) => return Poll::Ready(End::Closed(code)),
                Some(Ok(_)) => {}
                Some(Err(error)) => return Poll::Ready(End::Told(failed(&error))),
                None => return Poll::Ready(End::Told(SocketEvent::Closed(None))),
            }
        }
    }

    /// Says something, once all before it has left.
    fn say(&mut self, message: Message) -> Result<(), Error> {
        self.written = false;
        self.socket.start_send_unpin(message)
    }

    /// When the other side is to be asked next, or counts as dead, if it was heard or asked now.
    fn due(&self) -> Instant {
        let now = Instant::now();
        self.rhythm.map_or_else(|| now + LATER, |rhythm| rhythm.next(now))
    }

    async fn end(self, end: End) {
        let Self { mut socket, mut line, id, .. } = self;
        let last = match end {
            // Whoever shuts a socket does not wait for an answer.
            End::Shut => return drop(timeout(GOODBYE, socket.close(CloseCode::Normal, None)).await),
            End::Unheard => return,
            End::Closed(code) => {
                // The answer to a close is written by the next look at the socket.
                let _ = timeout(GOODBYE, socket.next()).await;
                SocketEvent::Closed(Some(u16::from(code)).filter(|code| *code != NO_CODE))
            }
            End::Told(event) => event,
        };
        tracing::debug!(id = id.0, ?last, "a socket has ended");
        line.tell(id, last).await;
    }
}

/// Stands for a close without a code: RFC 6455, section 7.1.5.
const NO_CODE: u16 = 1005;

/// Longer than any silence.
const LATER: Duration = Duration::from_secs(30 * 24 * 3_600);

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
