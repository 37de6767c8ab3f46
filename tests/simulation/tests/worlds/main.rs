//! Two hundred worlds of every service, and every mistake that the judge has to find.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod broken;
mod found;
mod healthy;
