//! The calls of one conversation that are under way.

use std::collections::HashMap;
use std::sync::Arc;

use envoi_protocol::io::{CallId, HttpCall, HttpReply, IoFault};
use tokio::task::{AbortHandle, Id, JoinSet};

use crate::net::Network;
use crate::net::budgets::Budgets;

/// Calls under way. Dropping them abandons them all.
#[derive(Debug, Default)]
pub(super) struct Calls {
    tasks: JoinSet<Result<HttpReply, IoFault>>,
    by_task: HashMap<Id, CallId>,
    handles: HashMap<CallId, AbortHandle>,
}

impl Calls {
    /// Carries out a call; a retry when its host's budget has room.
    pub(super) fn start(&mut self, network: &Arc<dyn Network>, budgets: &Arc<Budgets>, call: HttpCall) {
        let id = call.id;
        let handle = if call.retry {
            let (network, budgets) = (Arc::clone(network), Arc::clone(budgets));
            self.tasks.spawn(async move {
                budgets.turn(&call).await;
                network.call(call).await
            })
        } else {
            self.tasks.spawn(network.call(call))
        };
        self.by_task.insert(handle.id(), id);
        self.handles.insert(id, handle);
    }

    /// Abandons a call: it will not be reported.
    pub(super) fn cancel(&mut self, call: CallId) {
        if let Some(handle) = self.handles.remove(&call) {
            handle.abort();
        }
    }

    /// Abandons all.
    pub(super) fn cancel_all(&mut self) {
        self.handles.clear();
        self.tasks.abort_all();
    }

    /// Whether any is under way.
    pub(super) fn any(&self) -> bool {
        !self.handles.is_empty()
    }

    /// The next call that ends; waits for ever if there is none. May be dropped and called again.
    pub(super) async fn next(&mut self) -> (CallId, Result<HttpReply, IoFault>) {
        loop {
            let (task, result) = match self.tasks.join_next_with_id().await {
                None => return std::future::pending().await,
                Some(Ok((task, result))) => (task, result),
                // Cut short or panicked: as far as anybody knows the request may have arrived.
                Some(Err(broken)) => (broken.id(), Err(IoFault::Broken)),
            };
            if let Some(call) = self.by_task.remove(&task)
                && self.handles.remove(&call).is_some()
            {
                return (call, result);
            }
        }
    }
}
