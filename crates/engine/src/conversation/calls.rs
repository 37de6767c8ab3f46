//! The calls of one conversation that are under way.

use std::sync::Arc;
use std::task::{Context, Poll, ready};

use envoi_protocol::io::{CallId, HttpCall, HttpReply, IoFault};
use envoi_protocol::session::Input;
use tokio::sync::mpsc;
use tokio::task::AbortHandle;

use super::tasks::Tasks;
use crate::net::Network;
use crate::net::budgets::Budgets;

/// Calls under way. Dropping them abandons them all.
#[derive(Debug, Default)]
pub(super) struct Calls {
    tasks: Tasks<Result<HttpReply, IoFault>>,
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

impl Report {
    /// As a session is told of it.
    pub(super) fn input(self) -> Input {
        match self {
            Self::Ended(call, result) => Input::Reply { call, result },
            Self::Sent(call, sent) => Input::Progress { call, sent },
        }
    }
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

    /// What happens next to a call.
    pub(super) fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Report> {
        while let Some(progress) = &mut self.progress
            && let Poll::Ready(Some((call, sent))) = progress.heard.poll_recv(context)
        {
            if self.wanted.iter().any(|(wanted, _)| *wanted == call) {
                return Poll::Ready(Report::Sent(call, sent));
            }
        }
        while let Some(joined) = ready!(self.tasks.poll_next(context)) {
            let (task, result) = match joined {
                Ok((task, result)) => (task, result),
                // Cut short or panicked: as far as anybody knows the request may have arrived.
                Err(broken) => (broken.id(), Err(IoFault::Broken)),
            };
            if let Some((call, _)) = self.take(|(_, handle)| handle.id() == task) {
                return Poll::Ready(Report::Ended(call, result));
            }
        }
        // There are none.
        Poll::Pending
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
