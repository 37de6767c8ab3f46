//! The twin of the network: calls go to a handler in the same process, delays are tokio's, which a test may pause.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use envoi_protocol::io::{
    CallId, Frame, HttpCall, HttpReply, IoFault, SocketCall, SocketEvent, SocketFault, SocketId,
};
use futures_util::StreamExt as _;
use futures_util::future::BoxFuture;
use tokio::sync::mpsc;

use super::outlook::Outlook;
use super::socket::Line;
use super::{Network, Networks, Route, RouteError};

/// What becomes of one call.
#[derive(Debug, Clone)]
pub struct Answer {
    /// How long it takes.
    pub after: Duration,
    /// How it ends.
    pub result: Result<HttpReply, IoFault>,
}

impl Answer {
    /// A JSON answer, at once.
    #[must_use]
    pub fn json(status: u16, body: &str) -> Self {
        let content_type = String::from("application/json");
        let reply = HttpReply {
            status,
            content_type,
            retry_after: None,
            cookies: Vec::new(),
            body: body.as_bytes().to_vec(),
        };
        Self { after: Duration::ZERO, result: Ok(reply) }
    }

    /// No answer, at once.
    #[must_use]
    pub const fn fault(fault: IoFault) -> Self {
        Self { after: Duration::ZERO, result: Err(fault) }
    }

    /// No answer, ever: the call runs into its own time limit.
    #[must_use]
    pub const fn silence() -> Self {
        Self { after: Duration::MAX, result: Err(IoFault::Timeout) }
    }

    /// The same, later.
    #[must_use]
    pub const fn after(mut self, wait: Duration) -> Self {
        self.after = wait;
        self
    }
}

type Handler = dyn FnMut(&HttpCall) -> Answer + Send;

/// A network whose other end is a closure. Clones are the same network.
#[derive(Clone)]
pub struct MemoryNetwork {
    handler: Arc<Mutex<Box<Handler>>>,
    log: Arc<Mutex<Log>>,
    peers: Arc<Mutex<Option<mpsc::UnboundedSender<Peer>>>>,
}

/// The other end of a socket that somebody wants to open.
#[derive(Debug)]
pub struct Peer {
    /// What was asked for.
    pub call: SocketCall,
    line: Line,
}

impl Peer {
    /// Tells that something happened; the first should be that it is open.
    pub async fn tell(&mut self, event: SocketEvent) {
        self.line.tell(self.call.id, event).await;
    }

    /// What is said next; `None` when it was shut.
    pub async fn hear(&mut self) -> Option<Frame> {
        self.line.say.next().await
    }

    /// Its name.
    #[must_use]
    pub const fn id(&self) -> SocketId {
        self.call.id
    }
}

#[derive(Debug, Default)]
struct Log {
    made: Vec<HttpCall>,
    open: Vec<CallId>,
    refreshed: u32,
    outlook: Outlook,
}

impl MemoryNetwork {
    /// A network that answers with `handler`.
    pub fn new(handler: impl FnMut(&HttpCall) -> Answer + Send + 'static) -> Self {
        Self { handler: Arc::new(Mutex::new(Box::new(handler))), log: Arc::default(), peers: Arc::default() }
    }

    /// Sockets that are asked for from here on; before, they are refused as unreachable.
    #[must_use]
    pub fn listen(&self) -> mpsc::UnboundedReceiver<Peer> {
        let (asked, peers) = mpsc::unbounded_channel();
        *self.peers.lock().unwrap_or_else(PoisonError::into_inner) = Some(asked);
        peers
    }

    /// Every call so far, in order.
    #[must_use]
    pub fn made(&self) -> Vec<HttpCall> {
        self.log().made.clone()
    }

    /// How many calls have neither ended nor been abandoned.
    #[must_use]
    pub fn open(&self) -> usize {
        self.log().open.len()
    }

    /// How often the connections were given up.
    #[must_use]
    pub fn refreshed(&self) -> u32 {
        self.log().refreshed
    }

    /// The computer moves to another network, or loses its own.
    pub fn moves(&self, outlook: Outlook) {
        self.log().outlook = outlook;
    }

    fn log(&self) -> std::sync::MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for MemoryNetwork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MemoryNetwork")
    }
}

impl Network for MemoryNetwork {
    fn call(&self, call: HttpCall) -> BoxFuture<'static, Result<HttpReply, IoFault>> {
        let network = self.clone();
        Box::pin(async move {
            let _open = Open::new(&network, &call);
            let answer = network.handler.lock().unwrap_or_else(PoisonError::into_inner)(&call);
            if answer.after >= call.timeout {
                tokio::time::sleep(call.timeout).await;
                return Err(IoFault::Timeout);
            }
            if !answer.after.is_zero() {
                tokio::time::sleep(answer.after).await;
            }
            match answer.result {
                Ok(reply) if reply.body.len() > call.limit => Err(IoFault::TooLarge),
                result => result,
            }
        })
    }

    fn connect(&self, call: SocketCall, line: Line) -> BoxFuture<'static, ()> {
        let network = self.clone();
        Box::pin(async move {
            let peers = network.peers.lock().unwrap_or_else(PoisonError::into_inner).clone();
            let id = call.id;
            let refused = match peers {
                Some(peers) => peers.send(Peer { call, line }).err().map(|unheard| unheard.0.line),
                None => Some(line),
            };
            if let Some(mut line) = refused {
                let fault = SocketFault::Io(IoFault::Unreachable);
                line.tell(id, SocketEvent::Failed(fault)).await;
            }
        })
    }
}

impl Networks for MemoryNetwork {
    fn along(&self, _route: &Route) -> Result<Arc<dyn Network>, RouteError> {
        Ok(Arc::new(self.clone()))
    }

    fn refresh(&self) {
        self.log().refreshed += 1;
    }

    fn outlook(&self) -> Outlook {
        self.log().outlook
    }
}

/// A call on the list of open ones, until it ends or is dropped.
struct Open {
    network: MemoryNetwork,
    id: CallId,
}

impl Open {
    fn new(network: &MemoryNetwork, call: &HttpCall) -> Self {
        let mut log = network.log();
        log.made.push(call.clone());
        log.open.push(call.id);
        drop(log);
        Self { network: network.clone(), id: call.id }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        let mut log = self.network.log();
        if let Some(at) = log.open.iter().position(|id| *id == self.id) {
            log.open.swap_remove(at);
        }
    }
}
