//! `cargo xtask bench`: builds with the bench profile and calls the benchmark program of the `envoi-tests` package, on a
//! virtual desktop where there is one, because one of the cases is the time until something is painted. What is measured,
//! against what, and with which goal, is all in that program.

use crate::{
    desktop::VirtualDesktop,
    interface,
    job::Job,
    stop::Stop,
    system::{self, Consent, Purpose},
    test, tree,
};

/// Where cargo puts what it builds with the bench profile.
const FOLDER: &str = "release";

/// For how many milliseconds what was freed is kept for the next round. Otherwise each begins with pages that the system has to
/// clear, which Node, beside which it is measured, keeps.
const KEPT: (&str, &str) = ("MIMALLOC_PURGE_DELAY", "1000");

/// Builds everything that is measured, then measures.
pub(crate) fn run(consent: Consent, rest: &[String]) -> Result<(), Stop> {
    let purposes = [Purpose::Run, Purpose::VirtualDisplay, Purpose::Drive, Purpose::Window];
    system::ensure(&purposes, consent)?;
    interface::build()?;
    Job::cargo("build --profile bench --workspace --bins").run()?;
    let bench = tree::program(FOLDER, "bench");
    if !cfg!(target_os = "linux") {
        return Job::new(bench).args(rest).envs(test::programs(FOLDER)).env(KEPT.0, KEPT.1).run();
    }
    let desktop = VirtualDesktop::start()?;
    desktop.job(bench).args(rest).envs(test::programs(FOLDER)).env(KEPT.0, KEPT.1).run()
}
