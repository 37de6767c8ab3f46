//! The project's own commands, called as `cargo xtask COMMAND`. This file is the table of contents: what can be asked for,
//! and where it is done. Nothing here is part of the app.

mod bench;
mod desktop;
mod icons;
mod interface;
mod job;
mod kills;
mod package;
mod phase;
mod run;
mod simulate;
mod stop;
mod system;
mod test;
mod tree;
mod types;
mod wire;

use std::{path::PathBuf, process::ExitCode};

use clap::{Args, Parser, Subcommand};

use crate::{phase::Phase, stop::Stop, system::Consent};

/// Set up, run, test and package Envoi.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

/// What can be asked for.
#[derive(Debug, Subcommand)]
enum Command {
    /// Install what is missing, build the interface and the app, and open it.
    Run(RunArgs),
    /// Install what the tests need and run everything.
    Test(TestArgs),
    /// Measure speed against the peers named in the results.
    Bench(BenchArgs),
    /// Let whole simulated worlds run their course, with faults of every kind, and judge them.
    Simulate {
        /// For instance `--seeds 10000`, or `--seed 42` for one of them line by line; `--help` tells the rest.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        rest: Vec<String>,
    },
    /// Send messages through networks that break things, with Envoi and with a plain client, and count what became of them.
    ///
    /// Between the clients and the sandbox stand proxies that add latency, reset connections before, after and amid an answer,
    /// leave them half-open, let bytes drip, cut chunks and bodies short, hold answers back, and answer with a gateway's 502 or
    /// a captive portal's page, on a schedule that follows from the seed. The table shows what was lost, duplicated, reordered
    /// and falsely shown as sent, judged by the contact centre's own transcript; the command fails if any of that is Envoi's.
    Wire(WireArgs),
    /// Kill the client again and again while both sides write, and look whether anything is lost or sent twice (Linux).
    Kills(KillsArgs),
    /// Build the .deb and the .rpm.
    Package(PackageArgs),
    /// Run any program on a virtual desktop (display, D-Bus, Secret Service, notifications) that ends with it.
    Desktop {
        /// The program and its arguments.
        #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
        command: Vec<String>,
    },
    /// Install the interface's npm packages when they changed, and build it.
    Ui,
    /// Generate the interface's TypeScript types from `crates/protocol/src/view.rs`.
    Types {
        /// Only compare, and fail when they are stale.
        #[arg(long)]
        check: bool,
    },
    /// Generate every size of the icons from `icons/*.svg`.
    Icons,
    /// Say what this machine lacks, and how to get it, without changing anything.
    Doctor {
        /// Show the commands for another system instead of looking at this one.
        #[arg(long, value_name = "SYSTEM")]
        family: Option<system::Family>,
    },
}

/// How installing is agreed to.
#[derive(Debug, Clone, Copy, Args)]
struct InstallArgs {
    /// Install missing system packages without asking.
    #[arg(long, short)]
    yes: bool,
    /// Only print what would be installed, then stop.
    #[arg(long)]
    dry_run: bool,
}

impl InstallArgs {
    fn consent(self) -> Consent {
        match (self.dry_run, self.yes) {
            (true, _) => Consent::DryRun,
            (false, true) => Consent::Given,
            (false, false) => Consent::Ask,
        }
    }
}

/// Options of `cargo xtask run`.
#[derive(Debug, Args)]
struct RunArgs {
    #[command(flatten)]
    install: InstallArgs,
    /// Go straight into the demo contact centre.
    #[arg(long)]
    demo: bool,
    /// Keep settings, stored data and keyring entries under this name or in this folder.
    #[arg(long, value_name = "NAME|DIR")]
    profile: Option<String>,
    /// Run on a display of its own, with a private D-Bus, Secret Service and notification daemon (Linux).
    #[arg(long)]
    virtual_display: bool,
    /// Drive one whole demo conversation, save a picture of its end, and quit.
    #[arg(long, value_name = "FILE", requires = "virtual_display")]
    screenshot: Option<PathBuf>,
    /// Passed on to the app.
    #[arg(last = true)]
    rest: Vec<String>,
}

/// Options of `cargo xtask test`.
#[derive(Debug, Args)]
struct TestArgs {
    #[command(flatten)]
    install: InstallArgs,
    /// Run only this phase (may be repeated).
    #[arg(long, value_name = "PHASE")]
    only: Vec<Phase>,
    /// Also install the built .deb on this machine, start it, and remove it again (needs root; on by default in CI).
    #[arg(long)]
    install_package: bool,
}

/// Options of `cargo xtask bench`.
#[derive(Debug, Args)]
struct BenchArgs {
    #[command(flatten)]
    install: InstallArgs,
    /// Passed on to the benchmark program, for example the name of one case.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    rest: Vec<String>,
}

/// Options of `cargo xtask wire`.
#[derive(Debug, Args)]
struct WireArgs {
    #[command(flatten)]
    install: InstallArgs,
    /// Messages each way.
    #[arg(long, default_value_t = 10_000)]
    messages: u32,
    /// Seed of what goes wrong.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Passed on to the program, for example `-- --people 4 --stories DIR`; `-- --help` lists what it takes.
    #[arg(last = true)]
    rest: Vec<String>,
}

/// Options of `cargo xtask kills`.
#[derive(Debug, Args)]
struct KillsArgs {
    #[command(flatten)]
    install: InstallArgs,
    /// How often, over all services.
    #[arg(long, default_value_t = 2_000)]
    count: u32,
    /// Only with this service; otherwise the first one gets half of the count, and the others share the rest.
    #[arg(long)]
    service: Option<String>,
}

/// Options of `cargo xtask package`.
#[derive(Debug, Args)]
struct PackageArgs {
    #[command(flatten)]
    install: InstallArgs,
}

fn main() -> ExitCode {
    let result = job::watch_for_interruption().and_then(|()| dispatch(Cli::parse().command));
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(Stop::DryRun) => ExitCode::SUCCESS,
        Err(Stop::Interrupted) => {
            eprintln!("\nxtask: stopped");
            ExitCode::from(130)
        }
        Err(stop) => {
            eprintln!("\nxtask: {stop}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(command: Command) -> Result<(), Stop> {
    match command {
        Command::Run(args) => run::run(&args),
        Command::Test(args) => test::run(&args),
        Command::Bench(args) => bench::run(args.install.consent(), &args.rest),
        Command::Simulate { rest } => simulate::run(&rest),
        Command::Wire(args) => wire::run(&args),
        Command::Kills(args) => kills::run(&args),
        Command::Package(args) => package::run(args.install.consent()),
        Command::Desktop { command } => run::on_virtual_desktop(&command),
        Command::Ui => interface::run(),
        Command::Types { check } => types::run(check),
        Command::Icons => icons::run(),
        Command::Doctor { family } => {
            system::doctor(family);
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_picture_is_only_taken_on_a_display_of_our_own() {
        assert!(Cli::try_parse_from(["xtask", "run", "--screenshot", "a.png"]).is_err());
        assert!(Cli::try_parse_from(["xtask", "run", "--virtual-display", "--screenshot", "a.png"]).is_ok());
    }

    #[test]
    fn a_dry_run_never_installs_even_with_yes() {
        let install = InstallArgs { yes: true, dry_run: true };
        assert_eq!(install.consent(), Consent::DryRun);
    }
}
