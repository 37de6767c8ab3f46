//! The sockets of one conversation that are open or being opened.

use std::sync::Arc;
use std::task::{Context, Poll, ready};

use envoi_protocol::io::{Frame, SocketCall, SocketEvent, SocketId};
use futures_channel::mpsc;
use futures_util::StreamExt as _;
use tokio::task::AbortHandle;

use super::tasks::Tasks;
use crate::net::Network;
use crate::net::budgets::Budgets;
use crate::net::socket::Line;

/// How many reports may wait for the owner; a socket that has more to tell waits, and its peer with it.
const REPORTS: usize = 8;

/// Sockets by name. Dropping them cuts them all.
#[derive(Debug, Default)]
pub(super) struct Sockets {
    /// Nearly always one or none: with room for as many as there are.
    lines: Vec<Held>,
    tasks: Tasks<()>,
    /// Made with the first socket: most conversations never have one.
    told: Option<Told>,
}

/// One socket, from this side.
#[derive(Debug)]
struct Held {
    id: SocketId,
    says: mpsc::UnboundedSender<Frame>,
    task: AbortHandle,
}

#[derive(Debug)]
struct Told {
    tell: mpsc::Sender<(SocketId, SocketEvent)>,
    heard: mpsc::Receiver<(SocketId, SocketEvent)>,
}

impl Sockets {
    /// Opens a socket; after a failure when its host's budget has room.
    pub(super) fn open(&mut self, network: &Arc<dyn Network>, budgets: &Arc<Budgets>, call: SocketCall) {
        let told = self.told.get_or_insert_with(|| {
            let (tell, heard) = mpsc::channel(REPORTS);
            Told { tell, heard }
        });
        let (says, say) = mpsc::unbounded();
        let line = Line { say: say.peekable(), tell: told.tell.clone() };
        let (id, network) = (call.id, Arc::clone(network));
        self.tasks.any();
        let task = if call.retry {
            let budgets = Arc::clone(budgets);
            // The wait is over long before the socket is.
            let turn = Box::pin(async move {
                budgets.turn_to_open(&call).await;
                (network, call, line)
            });
            self.tasks.spawn(async move {
                let (network, call, line) = turn.await;
                let opened = network.connect(call, line);
                opened.await;
            })
        } else {
            self.tasks.spawn(network.connect(call, line))
        };
        self.take(id);
        self.lines.reserve_exact(1);
        self.lines.push(Held { id, says, task });
    }

    /// Says something. On a socket that is no more it is lost, as it would be on the way.
    pub(super) fn say(&self, socket: SocketId, frame: Frame) {
        if let Some(held) = self.lines.iter().find(|held| held.id == socket) {
            // Its end is told by itself.
            let _ = held.says.unbounded_send(frame);
        }
    }

    /// Closes a socket when all is said; nothing more is told of it.
    pub(super) fn shut(&mut self, socket: SocketId) {
        self.take(socket);
    }

    /// Drops a socket with what it has not said yet; nothing more is told of it.
    pub(super) fn cut(&mut self, socket: SocketId) {
        if let Some(held) = self.take(socket) {
            held.task.abort();
        }
    }

    /// Cuts all.
    pub(super) fn cut_all(&mut self) {
        self.lines.clear();
        self.tasks.abort_all();
    }

    /// Whether any is still saying goodbye or open.
    pub(super) fn any(&mut self) -> bool {
        self.tasks.any()
    }

    /// The next thing that happens.
    pub(super) fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<(SocketId, SocketEvent)> {
        // One end of the line is held here, so it does not end.
        while let Some(told) = &mut self.told
            && let Some((socket, event)) = ready!(told.heard.poll_next_unpin(context))
        {
            let last = matches!(event, SocketEvent::Closed(_) | SocketEvent::Failed(_));
            let known = if last {
                self.take(socket).is_some()
            } else {
                self.lines.iter().any(|held| held.id == socket)
            };
            if known {
                return Poll::Ready((socket, event));
            }
        }
        Poll::Pending
    }

    fn take(&mut self, socket: SocketId) -> Option<Held> {
        let at = self.lines.iter().position(|held| held.id == socket)?;
        Some(self.lines.swap_remove(at))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use envoi_protocol::io::{HttpCall, HttpReply, IoFault};
    use futures_util::future::BoxFuture;

    use super::*;
    use crate::clock::SystemClock;

    /// A network that takes nothing off anybody's hands: whatever is said on it is being said for ever.
    #[derive(Debug)]
    struct Clogged;

    impl Network for Clogged {
        fn call(&self, _: HttpCall) -> BoxFuture<'static, Result<HttpReply, IoFault>> {
            Box::pin(std::future::pending())
        }

        fn connect(&self, _: SocketCall, line: Line) -> BoxFuture<'static, ()> {
            Box::pin(async move {
                let _line = line;
                std::future::pending::<()>().await;
            })
        }
    }

    fn saying() -> Sockets {
        let network: Arc<dyn Network> = Arc::new(Clogged);
        let mut sockets = Sockets::default();
        let call = SocketCall {
            id: SocketId(1),
            what: "chat",
            url: "wss://chat.example.com".to_owned(),
            headers: Vec::new(),
            timeout: Duration::from_secs(10),
            ping: None,
            limit: 1_000,
            retry: false,
        };
        sockets.open(&network, &Arc::new(Budgets::new(Arc::new(SystemClock::start()))), call);
        sockets.say(SocketId(1), Frame("Hello".to_owned()));
        sockets
    }

    #[tokio::test]
    async fn a_socket_that_is_cut_does_not_finish_what_it_was_saying() {
        let mut shut = saying();
        shut.shut(SocketId(1));
        for _ in 0..10 {
            tokio::task::yield_now().await;
        }
        assert!(shut.any(), "it says its last first");
        let mut cut = saying();
        cut.cut(SocketId(1));
        while cut.any() {
            tokio::task::yield_now().await;
        }
    }
}
