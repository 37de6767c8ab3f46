//! `cargo xtask kills`: the acceptance test that kills the terminal client again and again, on a virtual desktop with a password
//! store of its own, as often as asked. What is tried, and how it is judged, is all in `tests/acceptance/desktop/kills.rs`.

use crate::{
    KillsArgs,
    desktop::VirtualDesktop,
    interface,
    job::Job,
    stop::Stop,
    system::{self, Purpose},
    test, tree,
};

/// Builds everything, then kills.
pub(crate) fn run(args: &KillsArgs) -> Result<(), Stop> {
    system::ensure(&[Purpose::Run, Purpose::Test, Purpose::VirtualDisplay], args.install.consent())?;
    interface::build()?;
    // As `cargo xtask test` builds it, so that nothing is built twice.
    Job::cargo("build --workspace --bins --tests").run()?;
    let desktop = VirtualDesktop::start()?;
    desktop
        .job(tree::cargo())
        .args(["nextest", "run", "--workspace", "--profile", "kills"])
        .envs(test::programs("debug"))
        .env("ENVOI_KILLS", args.count.to_string())
        .envs(args.service.iter().map(|name| ("ENVOI_KILLS_SERVICE", name.as_str())))
        .run()
}
