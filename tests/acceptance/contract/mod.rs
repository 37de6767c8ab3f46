//! The contract suite: what every service has to keep, tried through the real engine against the sandbox over real sockets.

mod conversation;
mod finalization;
mod gms;
mod outage;
mod restart;
mod web_messaging;
mod yellow;

/// The smallest picture there is: one pixel.
pub(crate) const PICTURE: &str =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
