//! The threads that the engine runs on, for every program that has one.
//!
//! One thread deals with everything that happens; what blocks has threads of its own, which come and go. A chat hands each event
//! from one short task to the next (connection, call, owner, and back), and on several threads every such step may wake another one up,
//! which costs more than the step.

use tokio::runtime::{Builder, Runtime};

/// A runtime for an inbox and all its conversations.
///
/// # Errors
///
/// That the system gives no threads.
pub fn start() -> std::io::Result<Runtime> {
    Builder::new_multi_thread().worker_threads(1).thread_name("envoi").enable_all().build()
}
