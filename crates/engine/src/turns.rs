//! Turns at something that blocks. Each piece of work waits for its turn without a thread: when many chats begin together, each of
//! those that wait would otherwise hold one, whose memory the program does not get rid of any more.

use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::task::JoinError;

/// So many may be at it at once. Clones take the same turns.
#[derive(Debug, Clone)]
pub(crate) struct Turns(Arc<Semaphore>);

impl Turns {
    /// Turns for so many at once.
    pub(crate) fn new(at_once: usize) -> Self {
        Self(Arc::new(Semaphore::new(at_once)))
    }

    /// Does something on a blocking thread, in turn.
    ///
    /// # Errors
    ///
    /// That the work broke off.
    pub(crate) async fn on_thread<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, JoinError> {
        // The turn travels with the work, which goes on where nobody waits for it any more. It is never refused.
        let turn = Arc::clone(&self.0).acquire_owned().await;
        let done = tokio::task::spawn_blocking(move || {
            let result = work();
            drop(turn);
            result
        });
        done.await
    }
}
