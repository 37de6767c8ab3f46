//! The contract suite: what every service has to keep, tried through the real engine against the sandbox over real sockets.

mod conversation;
mod finalization;
mod outage;
mod restart;
