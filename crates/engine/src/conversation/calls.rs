//! The calls of one conversation that are under way.

use std::sync::Arc;

use envoi_protocol::io::{CallId, HttpCall, HttpReply, IoFault};
use tokio::sync::mpsc;
use tokio::task::{AbortHandle, JoinSet};

use crate::net::Network;
use crate::net::budgets::Budgets;

/// Calls under way. Dropping them abandons them all.
#[derive(Debug, Default)]
pub(super) struct Calls {
    tasks: JoinSet<Result<HttpReply, IoFault>>,
    /// Those that are wanted. There are few at a time, and nearly always none: a list without any holds no room.
    wanted: Vec<(CallId, AbortHandle)>,
    /// Made with the first call that tells how far it has come.
    progress: Option<Progress>,
}

#[derive(Debug)]
struct Progress {
    tell: mpsc::UnboundedSender<(CallId, u64)>,
    heard: mpsc::UnboundedReceiver<(CallId, u64)>,
}

/// What happens to a call.
#[derive(Debug)]
pub(super) enum Report {
    /// It has ended.
    Ended(CallId, Result<HttpReply, IoFault>),
    /// So many bytes of its body have left.
    Sent(CallId, u64),
}

impl Calls {
    /// Carries out a call; a retry when its host's budget has room.
    pub(super) fn start(&mut self, network: &Arc<dyn Network>, budgets: &Arc<Budgets>, call: HttpCall) {
        let id = call.id;
        let handle = if call.progress {
            let progress = self.progress.get_or_insert_with(|| {
                let (tell, heard) = mpsc::unbounded_channel();
                Progress { tell, heard }
            });
            let tell = progress.tell.clone();
            // Nobody is left to be told when this fails.
            let told = Arc::new(move |sent| {
                let _ = tell.send((id, sent));
            });
            self.tasks.spawn(network.call_telling(call, told))
        } else if call.retry {
            let (network, budgets) = (Arc::clone(network), Arc::clone(budgets));
            self.tasks.spawn(async move {
                budgets.turn(&call).await;
                network.call(call).await
            })
        } else {
            self.tasks.spawn(network.call(call))
        };
        self.wanted.push((id, handle));
    }

    /// Abandons a call: it will not be reported.
    pub(super) fn cancel(&mut self, call: CallId) {
        if let Some((_, handle)) = self.take(|(wanted, _)| *wanted == call) {
            handle.abort();
        }
    }

    /// Abandons all.
    pub(super) fn cancel_all(&mut self) {
        self.wanted = Vec::new();
        self.tasks.abort_all();
    }

    /// Whether any is under way.
    pub(super) fn any(&self) -> bool {
        !self.wanted.is_empty()
    }

    /// The next call that ends; waits for ever if there is none. May be dropped and called again.
    pub(super) async fn next(&mut self) -> Report {
        loop {
            let joined = tokio::select! {
                joined = self.tasks.join_next_with_id() => joined,
                (call, sent) = told(&mut self.progress) => {
                    if self.wanted.iter().any(|(wanted, _)| *wanted == call) {
                        return Report::Sent(call, sent);
                    }
                    continue;
                }
            };
            let (task, result) = match joined {
                None => return std::future::pending().await,
                Some(Ok((task, result))) => (task, result),
                // Cut short or panicked: as far as anybody knows the request may have arrived.
                Some(Err(broken)) => (broken.id(), Err(IoFault::Broken)),
            };
            if let Some((call, _)) = self.take(|(_, handle)| handle.id() == task) {
                return Report::Ended(call, result);
            }
        }
    }

    /// Takes a call off the list; with the last one the list gives its room back.
    fn take(&mut self, is_it: impl Fn(&(CallId, AbortHandle)) -> bool) -> Option<(CallId, AbortHandle)> {
        let at = self.wanted.iter().position(is_it)?;
        let taken = self.wanted.swap_remove(at);
        if self.wanted.is_empty() {
            self.wanted = Vec::new();
        }
        Some(taken)
    }
}

async fn told(progress: &mut Option<Progress>) -> (CallId, u64) {
    match progress {
        Some(progress) => match progress.heard.recv().await {
            Some(told) => told,
            None => std::future::pending().await,
        },
        None => std::future::pending().await,
    }
}
