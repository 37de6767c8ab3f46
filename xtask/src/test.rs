//! `cargo xtask test`: everything that is checked, phase by phase, each with its own runner's words and with its time. The
//! first phase that fails ends the run.

use std::{
    env,
    io::Write as _,
    time::{Duration, Instant},
};

use crate::{
    TestArgs,
    desktop::VirtualDesktop,
    interface,
    job::Job,
    package,
    phase::{self, Outcome, Phase},
    stop::Stop,
    system::{self, BROWSERS, Purpose},
    tree, types,
};

/// The window's tests, all together.
const DESKTOP_LIMIT: Duration = Duration::from_secs(20 * 60);

/// Runs the phases asked for.
pub(crate) fn run(args: &TestArgs) -> Result<(), Stop> {
    let phases = Phase::selected(&args.only);
    system::ensure(&purposes(&phases), args.install.consent())?;

    let mut results = Vec::new();
    let mut failure = None;
    for phase in phases {
        heading(phase);
        let start = Instant::now();
        let ended = carry_out(phase, args);
        let outcome = match &ended {
            Ok(outcome) => outcome.clone(),
            Err(_) => Outcome::Failed,
        };
        if let Outcome::Skipped(reason) = &outcome {
            println!("{}: skipped, {reason}", phase.name());
        }
        results.push((phase, outcome, start.elapsed()));
        if let Err(stop) = ended {
            failure = Some(stop);
            break;
        }
    }
    println!("\n{}", phase::table(&results));
    failure.map_or(Ok(()), Err)
}

fn carry_out(phase: Phase, args: &TestArgs) -> Result<Outcome, Stop> {
    if phase.packs_interface() {
        interface::build()?;
    }
    match phase {
        Phase::Format => Job::cargo("fmt --all --check").run()?,
        Phase::UiCheck => {
            interface::install()?;
            Job::npm("run check").run()?;
        }
        Phase::UiTest => {
            interface::install()?;
            Job::npm("test").env("CI", "true").run()?;
        }
        Phase::UiBuild => interface::build()?,
        Phase::UiBrowser => {
            let browser = BROWSERS.iter().find_map(|name| tree::find_program(name)).unwrap_or_default();
            Job::npm("run e2e").env("ENVOI_CHROMIUM", browser).run()?;
        }
        Phase::Types => types::run(true)?,
        Phase::Clippy => Job::cargo("clippy --workspace --all-targets -- -D warnings").run()?,
        Phase::Tests => {
            interface::install_peers()?;
            Job::cargo("nextest run --workspace").run()?;
        }
        Phase::Docs => Job::cargo("test --doc --workspace").run()?,
        Phase::Fuzz => return fuzz(),
        Phase::Desktop => return desktop(),
        Phase::Package => package::build()?,
        Phase::Install => return install(args),
    }
    Ok(Outcome::Passed)
}

/// Only built here: a real search takes hours, and its finds come back as property tests.
fn fuzz() -> Result<Outcome, Stop> {
    let manifest = tree::root().join("tests").join("fuzz").join("Cargo.toml");
    if !manifest.is_file() {
        return Ok(Outcome::Skipped("there is no tests/fuzz".to_owned()));
    }
    let target = tree::target();
    Job::cargo("build --manifest-path").args([manifest]).args(["--target-dir"]).args([target]).run()?;
    Ok(Outcome::Passed)
}

/// The window's tests find everything that they need in their environment.
fn desktop() -> Result<Outcome, Stop> {
    if !cfg!(target_os = "linux") {
        return Ok(Outcome::Skipped("there are virtual displays on Linux only".to_owned()));
    }
    // With the tests' own features, so that nothing is built twice.
    Job::cargo("build --workspace --bins --tests").run()?;
    let desktop = VirtualDesktop::start()?;
    println!("virtual desktop: display {}, logs in {}", desktop.display(), desktop.logs().display());
    desktop
        .job(tree::cargo())
        .args(["nextest", "run", "--workspace", "--profile", "desktop"])
        .envs(programs("debug"))
        .limit(DESKTOP_LIMIT)
        .run()?;
    Ok(Outcome::Passed)
}

/// Where the programs are that drive the window and that are driven.
pub(crate) fn programs(profile: &str) -> Vec<(&'static str, std::path::PathBuf)> {
    let own = |name| tree::program(profile, name);
    let other = |name| tree::find_program(name).unwrap_or_default();
    vec![
        ("ENVOI_APP", own("envoi")),
        ("ENVOI_SANDBOX", own("envoi-sandbox")),
        ("ENVOI_CLI", own("envoi-cli")),
        ("TAURI_DRIVER", other("tauri-driver")),
        ("WEBKIT_DRIVER", other("WebKitWebDriver")),
    ]
}

fn install(args: &TestArgs) -> Result<Outcome, Stop> {
    let wanted = args.install_package || env::var_os("CI").is_some_and(|value| value == "true");
    let reason = if !wanted {
        "it changes this machine: ask for it with --install-package"
    } else if !system::is_root() {
        "installing a package needs root"
    } else if tree::find_program("dpkg").is_none() {
        "this system has no dpkg"
    } else {
        package::try_installed()?;
        return Ok(Outcome::Passed);
    };
    Ok(Outcome::Skipped(reason.to_owned()))
}

fn purposes(phases: &[Phase]) -> Vec<Purpose> {
    let mut purposes = Vec::new();
    for purpose in phases.iter().flat_map(|phase| phase.purposes()) {
        if !purposes.contains(purpose) {
            purposes.push(*purpose);
        }
    }
    purposes
}

fn heading(phase: Phase) {
    println!("\n==== {} {}", phase.name(), "=".repeat(70_usize.saturating_sub(phase.name().len())));
    let _ = std::io::stdout().flush();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_single_phase_asks_the_machine_only_for_what_it_needs() {
        assert_eq!(purposes(&[Phase::Format]), [Purpose::Lint]);
        assert!(purposes(&[Phase::UiTest]).is_empty());
        assert!(!purposes(&[Phase::Tests]).contains(&Purpose::VirtualDisplay));
    }

    #[test]
    fn the_whole_run_asks_for_everything_once() {
        let mut all = purposes(Phase::ALL);
        let count = all.len();
        all.dedup();
        assert_eq!((all.len(), count), (Purpose::ALL.len(), Purpose::ALL.len()));
    }
}
