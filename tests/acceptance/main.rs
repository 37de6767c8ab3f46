//! The acceptance tests: Envoi as a whole, against the sandbox over real sockets.
//!
//! `contract` runs the same suite over every service; `input` is what happens with bad input; `command_line` is the terminal
//! client; `peers` are programs of others; `wire` is bad networks; `desktop` is the real window and needs a desktop, which `cargo xtask test` provides.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod bench;
mod command_line;
mod contract;
mod desktop;
mod input;
mod peers;
mod wire;
