//! The bytes tell a story that every transport has to live through; the invariants are those of the property test.
//!
//! `cargo +nightly fuzz run transports` from `tests/fuzz` plays until something does not hold. What it finds is kept in
//! `corpus/transports`, which the property test replays.

#![no_main]
// The invariants are shared with the tests and fail as loudly as they do.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use envoi_protocol::transports::{ALL, COMING};
use libfuzzer_sys::fuzz_target;

#[path = "../../../crates/protocol/tests/transports/invariants/mod.rs"]
mod invariants;

fuzz_target!(|bytes: &[u8]| {
    for service in ALL.iter().chain(COMING) {
        invariants::play(service, bytes);
    }
});
