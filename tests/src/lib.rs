//! What the acceptance tests, the benchmarks and the run over bad networks share: a sandbox contact centre with its controls, the
//! customer's engine, the terminal client, the real window, and a proxy that breaks things.
//!
//! A failure here is a failed test, so these helpers say what went wrong and stop.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::missing_panics_doc
)]

pub mod centre;
pub mod customer;
pub mod peer;
pub mod proxy;
pub mod screen;
pub mod terminal;
pub mod way;
pub mod window;
pub mod wire;

use std::path::PathBuf;
use std::time::{Duration, Instant};

/// How long anything may take before a test gives up on it.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// Looks again and again until `look` has something to show; panics with `what` if it takes longer than [`PATIENCE`].
pub async fn eventually<T, F>(what: &str, mut look: impl FnMut() -> F) -> T
where
    F: Future<Output = Option<T>>,
{
    let start = Instant::now();
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(start.elapsed() < PATIENCE, "waited in vain for {what}");
        tokio::time::sleep(Duration::from_millis(40)).await;
    }
}

/// One of our own programs: where the test run says, or else beside this one.
#[must_use]
pub fn program(name: &str) -> PathBuf {
    let told = std::env::var_os(name.to_uppercase().replace('-', "_"));
    let program = told.map_or_else(
        || {
            let own = std::env::current_exe().expect("this program has a place");
            let folder =
                own.parent().and_then(std::path::Path::parent).expect("test programs are built in deps");
            folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
        },
        PathBuf::from,
    );
    assert!(program.is_file(), "{} is not built: run this through `cargo xtask test`", program.display());
    program
}
