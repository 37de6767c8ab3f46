//! What this machine lacks, and how it is got: the check in front of every command that needs more than Rust.

mod elsewhere;
mod family;
mod install;
mod need;
mod tool;

use crate::{job::Job, stop::Stop};

pub(crate) use self::{
    family::Family,
    install::{Consent, is_root},
    need::{BROWSERS, Purpose},
};

/// Makes sure that everything for `purposes` is there: system packages, Node.js, cargo components and cargo tools.
pub(crate) fn ensure(purposes: &[Purpose], consent: Consent) -> Result<(), Stop> {
    let family = Family::of_this_machine();
    let missing = Missing::look(family, purposes);
    if missing.is_empty() {
        println!("system: {family}, it lacks nothing");
    } else {
        println!("system: {family}. Missing:");
        missing.lines().for_each(|line| println!("  {line}"));
        install::install(&missing.commands(), &missing.by_hand(), consent)?;
    }
    let tools = tool::missing(purposes);
    if consent == Consent::DryRun {
        tools.iter().for_each(|tool| println!("would also run: {}", tool.install()));
        tool::check_toolchain(purposes)?;
        return Err(Stop::DryRun);
    }
    if let Some(line) = Missing::look(family, purposes).lines().next() {
        let then = elsewhere::then(family);
        return Err(Stop::Missing(format!("still missing after installing: {line}{then}")));
    }
    tool::check_toolchain(purposes)?;
    tools.iter().try_for_each(|tool| tool.install().run())
}

/// Prints the whole check. With `family`: the commands for such a machine that has nothing yet.
pub(crate) fn doctor(family: Option<Family>) {
    let missing = if let Some(family) = family {
        println!("{family}: all that Envoi needs, on a machine that has nothing of it");
        Missing::everything(family, Purpose::ALL)
    } else {
        let family = Family::of_this_machine();
        println!("system: {family}");
        if cfg!(target_os = "linux") {
            for need in need::needs(Purpose::ALL) {
                println!("  {}  {need}", if need.probe.found() { "found  " } else { "MISSING" });
            }
        }
        tool::report().iter().for_each(|line| println!("  {line}"));
        Missing::look(family, Purpose::ALL)
    };
    if missing.is_empty() {
        println!("the system lacks nothing");
        return;
    }
    println!("to install what is missing:");
    missing.commands().iter().for_each(|job| println!("  {job}"));
    missing.by_hand().iter().for_each(|line| println!("  {line}"));
}

/// What a machine lacks.
struct Missing {
    family: Family,
    needs: Vec<need::Need>,
    elsewhere: Vec<elsewhere::Elsewhere>,
}

impl Missing {
    fn look(family: Family, purposes: &[Purpose]) -> Self {
        let needs = if cfg!(target_os = "linux") { need::missing(purposes) } else { Vec::new() };
        Self { family, needs, elsewhere: elsewhere::missing(family, purposes) }
    }

    fn everything(family: Family, purposes: &[Purpose]) -> Self {
        let linux = !matches!(family, Family::Macos | Family::Windows);
        let needs = if linux { need::needs(purposes).collect() } else { Vec::new() };
        Self { family, needs, elsewhere: elsewhere::things(family, purposes).collect() }
    }

    fn is_empty(&self) -> bool {
        self.needs.is_empty() && self.elsewhere.is_empty()
    }

    fn lines(&self) -> impl Iterator<Item = String> {
        let needs = self.needs.iter().map(ToString::to_string);
        needs.chain(self.elsewhere.iter().map(|thing| thing.what.to_owned()))
    }

    fn commands(&self) -> Vec<Job> {
        let mut jobs = install::commands(self.family, &self.needs);
        jobs.extend(self.elsewhere.iter().map(elsewhere::Elsewhere::install));
        jobs
    }

    fn by_hand(&self) -> Vec<String> {
        if self.family == Family::Other { self.lines().collect() } else { Vec::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_system_without_a_known_package_manager_gets_a_list_instead_of_commands() {
        let missing = Missing::everything(Family::Other, Purpose::ALL);
        assert!(missing.commands().is_empty());
        assert!(missing.by_hand().iter().any(|line| line.contains("webkit2gtk-4.1")));
    }

    #[test]
    fn every_known_system_gets_commands_and_no_homework() {
        for family in
            [Family::Debian, Family::Fedora, Family::Arch, Family::Suse, Family::Macos, Family::Windows]
        {
            let missing = Missing::everything(family, Purpose::ALL);
            assert!(!missing.commands().is_empty(), "{family}");
            assert!(missing.by_hand().is_empty(), "{family}");
        }
    }
}
