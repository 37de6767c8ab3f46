//! `cargo xtask simulate`: builds the simulation for speed and hands everything over to it. What a world is and how it is
//! judged is all in `tests/simulation`.

use crate::{job::Job, stop::Stop, tree};

/// Builds, then simulates.
pub(crate) fn run(rest: &[String]) -> Result<(), Stop> {
    Job::cargo("build --profile bench --package envoi-simulation --bin simulate").run()?;
    // Cargo puts what it builds with the bench profile among the releases.
    Job::new(tree::program("release", "simulate")).args(rest).run()
}
