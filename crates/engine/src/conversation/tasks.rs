//! The tasks of one conversation that are under way. There are few at a time and nearly always none, and none take no room: the
//! runtime's own set has a block on the heap even while it is empty.

use std::task::{Context, Poll};

use tokio::task::{AbortHandle, Id, JoinError, JoinSet};

/// Tasks under way. Dropping them abandons them all.
#[derive(Debug)]
pub(super) struct Tasks<T>(Option<JoinSet<T>>);

impl<T> Default for Tasks<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T: Send + 'static> Tasks<T> {
    /// Begins one.
    pub(super) fn spawn(&mut self, task: impl Future<Output = T> + Send + 'static) -> AbortHandle {
        self.0.get_or_insert_with(JoinSet::new).spawn(task)
    }

    /// The next one that ends; `None` if there are none.
    pub(super) fn poll_next(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<(Id, T), JoinError>>> {
        let Some(tasks) = &mut self.0 else { return Poll::Ready(None) };
        let joined = tasks.poll_join_next_with_id(context);
        if tasks.is_empty() {
            self.0 = None;
        }
        joined
    }

    /// Lets go of those that have ended, whatever they ended with. Whether any is left.
    pub(super) fn any(&mut self) -> bool {
        let Some(tasks) = &mut self.0 else { return false };
        while tasks.try_join_next().is_some() {}
        if tasks.is_empty() {
            self.0 = None;
        }
        self.0.is_some()
    }

    /// Abandons all.
    pub(super) fn abort_all(&mut self) {
        if let Some(tasks) = &mut self.0 {
            tasks.abort_all();
        }
    }
}
