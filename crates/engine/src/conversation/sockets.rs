//! The sockets of one conversation that are open or being opened.

use std::collections::HashMap;
use std::sync::Arc;

use envoi_protocol::io::{Frame, SocketCall, SocketEvent, SocketId};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::net::Network;
use crate::net::budgets::Budgets;
use crate::net::socket::Line;

/// How many reports may wait for the owner; a socket that has more to tell waits, and its peer with it.
const REPORTS: usize = 8;

/// Sockets by name. Dropping them cuts them all.
#[derive(Debug, Default)]
pub(super) struct Sockets {
    lines: HashMap<SocketId, mpsc::UnboundedSender<Frame>>,
    tasks: JoinSet<()>,
    /// Made with the first socket: most conversations never have one.
    told: Option<Told>,
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
        let (says, say) = mpsc::unbounded_channel();
        let line = Line { say, tell: told.tell.clone() };
        self.lines.insert(call.id, says);
        let network = Arc::clone(network);
        while self.tasks.try_join_next().is_some() {}
        if call.retry {
            let budgets = Arc::clone(budgets);
            self.tasks.spawn(async move {
                budgets.turn_to_open(&call).await;
                network.connect(call, line).await;
            });
        } else {
            self.tasks.spawn(network.connect(call, line));
        }
    }

    /// Says something. On a socket that is no more it is lost, as it would be on the way.
    pub(super) fn say(&self, socket: SocketId, frame: Frame) {
        if let Some(line) = self.lines.get(&socket) {
            // Its end is told by itself.
            let _ = line.send(frame);
        }
    }

    /// Closes a socket when all is said; nothing more is told of it.
    pub(super) fn shut(&mut self, socket: SocketId) {
        self.lines.remove(&socket);
    }

    /// Cuts all.
    pub(super) fn cut_all(&mut self) {
        self.lines.clear();
        self.tasks.abort_all();
    }

    /// Whether any is still saying goodbye or open.
    pub(super) fn any(&mut self) -> bool {
        while self.tasks.try_join_next().is_some() {}
        !self.tasks.is_empty()
    }

    /// The next thing that happens; waits for ever if there are no sockets. May be dropped and called again.
    pub(super) async fn next(&mut self) -> (SocketId, SocketEvent) {
        let Some(told) = &mut self.told else { return std::future::pending().await };
        loop {
            // One end of the line is held here, so it does not end.
            let Some((socket, event)) = told.heard.recv().await else { return std::future::pending().await };
            let last = matches!(event, SocketEvent::Closed(_) | SocketEvent::Failed(_));
            let known =
                if last { self.lines.remove(&socket).is_some() } else { self.lines.contains_key(&socket) };
            if known {
                return (socket, event);
            }
        }
    }
}
