//! What macOS and Windows need besides Rust and Node.js, and the commands that get it. These were written from the vendors'
//! manuals; the Linux families are what the project's own machines try.

use crate::{
    job::Job,
    system::{Family, need::Purpose},
};

/// One thing to have on a system without a package manager of its own kind.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Elsewhere {
    family: Family,
    /// What it is, in plain words.
    pub(crate) what: &'static str,
    present: &'static [&'static str],
    install: &'static [&'static str],
}

const WEB_VIEW_KEY: &str =
    r"HKLM\SOFTWARE\WOW6432Node\Microsoft\EdgeUpdate\Clients\{F3017226-FE2A-4295-8BDF-00C3A9A7E4C5}";

const THINGS: &[Elsewhere] = &[
    Elsewhere {
        family: Family::Macos,
        what: "the command line tools",
        present: &["xcode-select", "-p"],
        install: &["xcode-select", "--install"],
    },
    Elsewhere {
        family: Family::Windows,
        what: "the web view (WebView2)",
        present: &["reg", "query", WEB_VIEW_KEY, "/v", "pv"],
        install: &["winget", "install", "--exact", "--id", "Microsoft.EdgeWebView2Runtime"],
    },
    Elsewhere {
        family: Family::Windows,
        what: "Perl",
        present: &["perl", "-v"],
        install: &["winget", "install", "--exact", "--id", "StrawberryPerl.StrawberryPerl"],
    },
    Elsewhere {
        family: Family::Windows,
        what: "the assembler NASM",
        present: &["nasm", "-v"],
        install: &["winget", "install", "--exact", "--id", "NASM.NASM"],
    },
];

impl Elsewhere {
    /// The call that gets it.
    pub(crate) fn install(&self) -> Job {
        job(self.install)
    }
}

/// What a family needs to build and run the app; tests on a virtual display are for Linux alone.
pub(crate) fn things(family: Family, purposes: &[Purpose]) -> impl Iterator<Item = Elsewhere> {
    let wanted = purposes.contains(&Purpose::Run);
    THINGS.iter().filter(move |thing| wanted && thing.family == family).copied()
}

/// What of it is not there.
pub(crate) fn missing(family: Family, purposes: &[Purpose]) -> Vec<Elsewhere> {
    things(family, purposes).filter(|thing| job(thing.present).probe().is_none()).collect()
}

fn job(line: &[&str]) -> Job {
    let (program, args) = line.split_first().map_or(("true", line), |(program, args)| (*program, args));
    Job::new(program).args(args.iter().copied())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_system_has_its_own_commands() {
        let lines = |family| {
            things(family, &[Purpose::Run]).map(|thing| thing.install().to_string()).collect::<Vec<_>>()
        };
        assert_eq!(lines(Family::Macos), ["xcode-select --install"]);
        assert!(lines(Family::Windows).iter().all(|line| line.starts_with("winget install --exact --id ")));
        assert!(lines(Family::Debian).is_empty());
    }
}
