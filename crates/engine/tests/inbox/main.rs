//! A profile as the window and the terminal client use it: real transport, paused time, and twins in place of network and
//! password store.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::needless_pass_by_value,
    reason = "tests may fail loudly, also in their helpers"
)]

mod bench;
mod chat;
mod companies;
mod keeping;
mod link;
mod restart;
mod shelved;
