//! Every transport in the registry, tried without a network: recorded conversations, and invariants under arbitrary input.

// These are tests throughout: they may fail loudly wherever they stand.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic
)]

mod calm;
mod herd;
mod invariants;
mod kept;
mod properties;
mod show;
mod tape;
