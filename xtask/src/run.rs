//! `cargo xtask run`: from a fresh machine to the open app in one command.

use std::{env, path::Path, time::Duration};

use crate::{
    RunArgs,
    desktop::VirtualDesktop,
    interface,
    job::Job,
    stop::Stop,
    system::{self, Purpose},
    test, tree,
};

/// One demo conversation, with the time that the scripted agent takes to type.
const SCREENSHOT_LIMIT: Duration = Duration::from_secs(180);

/// Installs, builds and opens.
pub(crate) fn run(args: &RunArgs) -> Result<(), Stop> {
    if !args.virtual_display && !args.install.dry_run && !has_display() {
        return Err(Stop::Missing(
            "this machine has no display to open a window on (neither DISPLAY nor WAYLAND_DISPLAY is set).\n\
             Run it on a display of its own with: cargo xtask run --virtual-display"
                .to_owned(),
        ));
    }
    system::ensure(&purposes(args), args.install.consent())?;
    interface::build()?;
    Job::cargo("build --package envoi").run()?;
    match &args.screenshot {
        Some(file) => take_screenshot(file),
        None => open(args),
    }
}

/// Runs any program on a virtual desktop, with the environment that the window's tests have.
pub(crate) fn on_virtual_desktop(command: &[String]) -> Result<(), Stop> {
    let (program, args) = command.split_first().ok_or_else(|| Stop::Missing("which program?".to_owned()))?;
    let desktop = VirtualDesktop::start()?;
    let dir = env::current_dir().map_err(Stop::file("."))?;
    desktop.job(program).args(args).envs(test::programs("debug")).dir(dir).run()
}

fn open(args: &RunArgs) -> Result<(), Stop> {
    let app = tree::program("debug", "envoi");
    if !args.virtual_display {
        return Job::new(app).args(app_args(args)).run();
    }
    let desktop = VirtualDesktop::start()?;
    let display = desktop.display();
    println!("virtual desktop: display {display}, logs in {}. End it with Ctrl-C.", desktop.logs().display());
    println!("See it with: import -display {display} -window root picture.png");
    desktop.job(app).args(app_args(args)).run()
}

fn take_screenshot(file: &Path) -> Result<(), Stop> {
    let file = env::current_dir().unwrap_or_default().join(file);
    Job::cargo("build --package xtask-screenshot").run()?;
    let desktop = VirtualDesktop::start()?;
    desktop
        .job(tree::program("debug", "xtask-screenshot"))
        .args([file])
        .envs(test::programs("debug"))
        .limit(SCREENSHOT_LIMIT)
        .run()
}

fn app_args(args: &RunArgs) -> Vec<String> {
    let mut list = Vec::new();
    if args.demo {
        list.push("--demo".to_owned());
    }
    if let Some(profile) = &args.profile {
        list.extend(["--profile".to_owned(), profile.clone()]);
    }
    list.extend(args.rest.iter().cloned());
    list
}

fn purposes(args: &RunArgs) -> Vec<Purpose> {
    let mut purposes = vec![Purpose::Run];
    if args.virtual_display {
        purposes.push(Purpose::VirtualDisplay);
    }
    if args.screenshot.is_some() {
        purposes.push(Purpose::Drive);
    }
    purposes
}

/// Only X and Wayland tell by their variables; elsewhere there is always a desktop.
fn has_display() -> bool {
    let set = |key| env::var_os(key).is_some_and(|value| !value.is_empty());
    !cfg!(target_os = "linux") || set("DISPLAY") || set("WAYLAND_DISPLAY")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Cli, Command};
    use clap::Parser as _;

    fn args(line: &str) -> RunArgs {
        match Cli::try_parse_from(line.split_whitespace()).unwrap().command {
            Command::Run(args) => args,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_the_app_understands_is_handed_on() {
        let args = args("xtask run --yes --demo --profile second -- --hidden");
        assert_eq!(app_args(&args), ["--demo", "--profile", "second", "--hidden"]);
    }

    #[test]
    fn only_a_picture_needs_the_driver() {
        assert_eq!(purposes(&args("xtask run")), [Purpose::Run]);
        assert_eq!(purposes(&args("xtask run --virtual-display")), [Purpose::Run, Purpose::VirtualDisplay]);
        let picture = args("xtask run --virtual-display --screenshot a.png");
        assert_eq!(purposes(&picture), [Purpose::Run, Purpose::VirtualDisplay, Purpose::Drive]);
    }
}
