//! Reads that are held until there is something to say.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep_until, timeout_at};

use crate::world::{Shared, World};

/// How long a second poll waits for the first one of its connection to go away. A client that drops a poll and
/// starts another one may be faster than the news of the closed connection.
const SECOND_POLL_GRACE: Duration = Duration::from_millis(60);
/// Longest time that a poll is held, in milliseconds.
const LONGEST_HOLD_MS: u64 = 60_000;

/// What there is at this moment.
pub(crate) struct Look<T> {
    /// The answer, if it were given now.
    pub(crate) answer: T,
    /// Whether it is worth giving.
    pub(crate) news: bool,
    /// How long to hold an answer that is not, in milliseconds from the beginning.
    pub(crate) hold_ms: u64,
}

/// Holds a request until there is something to say, the hold time is over, or somebody wants polls answered.
///
/// # Errors
/// Whatever `look` says.
pub(crate) async fn until_news<T, E>(
    shared: &Arc<Shared>,
    mut look: impl FnMut(&mut World, u64) -> Result<Look<T>, E> + Send,
) -> Result<T, E> {
    let mut bell = shared.listen();
    let begun = Instant::now();
    let released = shared.with(|world, _| world.released);
    loop {
        bell.mark_unchanged();
        let (found, now_released) =
            shared.with(|world, now| look(world, now).map(|found| (found, world.released)))?;
        let deadline = begun + Duration::from_millis(found.hold_ms.min(LONGEST_HOLD_MS));
        if found.news || now_released != released || Instant::now() >= deadline {
            return Ok(found.answer);
        }
        tokio::select! {
            changed = bell.changed() => if changed.is_err() { return Ok(found.answer) },
            () = sleep_until(deadline) => {}
        }
    }
}

/// The mark that a connection has a poll open. Removed when the poll is answered or its client goes away.
pub(crate) struct OpenPoll {
    shared: Arc<Shared>,
    connection: String,
}

impl OpenPoll {
    /// The mark, or nothing if the connection has another poll open. `connection` is unique over all services.
    pub(crate) async fn begin(shared: &Arc<Shared>, connection: &str) -> Option<Self> {
        let until = Instant::now() + SECOND_POLL_GRACE;
        let mut bell = shared.listen();
        loop {
            bell.mark_unchanged();
            if shared.with(|world, _| world.polling.insert(connection.to_owned())) {
                return Some(Self { shared: Arc::clone(shared), connection: connection.to_owned() });
            }
            if timeout_at(until, bell.changed()).await.is_err() {
                return None;
            }
        }
    }
}

impl Drop for OpenPoll {
    fn drop(&mut self) {
        self.shared.with(|world, _| world.polling.remove(&self.connection));
        self.shared.ring();
    }
}
