//! Installing system packages: the exact commands of each family, shown before they run, and never with more rights than
//! was agreed to.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

use crate::{
    job::Job,
    stop::Stop,
    system::{Family, need::Need},
    tree,
};

/// Whether something may be installed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Consent {
    /// The user is asked, unless no rights have to be borrowed.
    Ask,
    /// Yes, without a question.
    Given,
    /// Only say what would happen.
    DryRun,
}

/// Shows the commands, asks where that is due, and runs them.
pub(crate) fn install(commands: &[Job], by_hand: &[String], consent: Consent) -> Result<(), Stop> {
    if commands.is_empty() {
        return Err(Stop::Missing(format!("please install these yourself: {}", by_hand.join("; "))));
    }
    let root = is_root();
    let borrow = cfg!(target_os = "linux") && !root;
    let jobs: Vec<Job> =
        commands.iter().map(|job| if borrow { with_sudo(job) } else { job.clone() }).collect();
    println!("To install it:");
    jobs.iter().for_each(|job| println!("  {job}"));
    match consent {
        Consent::DryRun => return Ok(()),
        Consent::Given => {}
        Consent::Ask if root => {}
        Consent::Ask => ask()?,
    }
    if borrow && tree::find_program("sudo").is_none() {
        return Err(Stop::Missing("sudo is not there: please run the commands above as root".to_owned()));
    }
    jobs.iter().try_for_each(Job::run)
}

/// The commands that install these needs, as root.
pub(crate) fn commands(family: Family, needs: &[Need]) -> Vec<Job> {
    let packages = packages(family, needs);
    if packages.is_empty() {
        return Vec::new();
    }
    let install = |line: &str| Job::new("env").args(line.split_whitespace()).args(packages.iter().copied());
    match family {
        Family::Debian => vec![
            Job::new("apt-get").args(["update"]),
            install("DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends"),
        ],
        Family::Fedora => {
            vec![install("LC_ALL=C.UTF-8 dnf install --assumeyes --setopt=install_weak_deps=False")]
        }
        // A list of packages from another day names files that are gone, and Arch supports no new list without the packages
        // that belong to it.
        Family::Arch => vec![install("LC_ALL=C.UTF-8 pacman -Syu --needed --noconfirm")],
        Family::Suse => vec![install("LC_ALL=C.UTF-8 zypper --non-interactive install --no-recommends")],
        Family::Macos | Family::Windows | Family::Other => Vec::new(),
    }
}

/// Every package once, in the order of the table.
fn packages(family: Family, needs: &[Need]) -> Vec<&'static str> {
    let mut packages = Vec::new();
    for package in needs.iter().flat_map(|need| need.packages(family).split_whitespace()) {
        if !packages.contains(&package) {
            packages.push(package);
        }
    }
    packages
}

fn with_sudo(job: &Job) -> Job {
    job.clone().behind("sudo")
}

fn ask() -> Result<(), Stop> {
    let declined = || Stop::Missing("nothing was installed: run the commands above, or use --yes".to_owned());
    if !io::stdin().is_terminal() {
        return Err(declined());
    }
    print!("Run this now? [y/N] ");
    io::stdout().flush().map_err(|_| declined())?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer).map_err(|_| declined())?;
    if matches!(answer.trim(), "y" | "Y" | "yes") { Ok(()) } else { Err(declined()) }
}

/// True when we may install without borrowing rights.
pub(crate) fn is_root() -> bool {
    #[cfg(unix)]
    return rustix::process::geteuid().is_root();
    #[cfg(not(unix))]
    return false;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::need::{Purpose, needs};

    fn lines(family: Family, purpose: Purpose) -> Vec<String> {
        let needs: Vec<_> = needs(&[purpose]).collect();
        commands(family, &needs).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn apt_is_updated_first_and_never_asks() {
        let lines = lines(Family::Debian, Purpose::Run);
        assert_eq!(lines[0], "apt-get update");
        let head = "env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends build-essential ";
        assert!(lines[1].starts_with(head), "{}", lines[1]);
        assert!(lines[1].contains(" libwebkit2gtk-4.1-dev "), "{}", lines[1]);
    }

    #[test]
    fn each_package_is_named_once() {
        let lines = lines(Family::Debian, Purpose::Run);
        assert_eq!(lines[1].matches("build-essential").count(), 1);
    }

    #[test]
    fn rpm_families_install_by_what_a_package_provides() {
        assert!(lines(Family::Fedora, Purpose::Run)[0].contains("'pkgconfig(webkit2gtk-4.1)'"));
        assert!(lines(Family::Suse, Purpose::Drive)[0].contains(" /usr/bin/WebKitWebDriver"));
    }

    #[test]
    fn rights_are_borrowed_for_the_whole_command() {
        let needs: Vec<_> = needs(&[Purpose::Drive]).collect();
        let line = with_sudo(&commands(Family::Arch, &needs)[0]).to_string();
        assert_eq!(line, "sudo env LC_ALL=C.UTF-8 pacman -Syu --needed --noconfirm webkitgtk-6.0");
    }
}
