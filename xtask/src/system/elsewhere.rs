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
    /// It is there if one of these succeeds.
    present: &'static [&'static [&'static str]],
    install: Install,
}

/// How something is got.
#[derive(Debug, Clone, Copy)]
enum Install {
    /// A command line.
    Line(&'static [&'static str]),
    /// A package of winget, by its id.
    Winget(&'static str),
}

/// winget asks for consent to the terms of its sources and packages unless it was told the answer.
const WINGET: &[&str] = &[
    "winget",
    "install",
    "--silent",
    "--disable-interactivity",
    "--accept-source-agreements",
    "--accept-package-agreements",
    "--exact",
    "--id",
];

// For everybody or for one person, as Microsoft's own page on distributing WebView2 tells to look.
const WEB_VIEW_KEY: &str =
    r"HKLM\SOFTWARE\WOW6432Node\Microsoft\EdgeUpdate\Clients\{F3017226-FE2A-4295-8BDF-00C3A9A7E4C5}";
const OWN_WEB_VIEW_KEY: &str =
    r"HKCU\Software\Microsoft\EdgeUpdate\Clients\{F3017226-FE2A-4295-8BDF-00C3A9A7E4C5}";

const THINGS: &[Elsewhere] = &[
    Elsewhere {
        family: Family::Macos,
        what: "the command line tools",
        present: &[&["xcode-select", "-p"]],
        install: Install::Line(&["xcode-select", "--install"]),
    },
    Elsewhere {
        family: Family::Windows,
        what: "the web view (WebView2)",
        present: &[
            &["reg", "query", WEB_VIEW_KEY, "/v", "pv"],
            &["reg", "query", OWN_WEB_VIEW_KEY, "/v", "pv"],
        ],
        install: Install::Winget("Microsoft.EdgeWebView2Runtime"),
    },
    Elsewhere {
        family: Family::Windows,
        what: "Perl",
        present: &[&["perl", "-v"]],
        install: Install::Winget("StrawberryPerl.StrawberryPerl"),
    },
    Elsewhere {
        family: Family::Windows,
        what: "the assembler NASM",
        present: &[&["nasm", "-v"]],
        install: Install::Winget("NASM.NASM"),
    },
];

impl Elsewhere {
    /// The call that gets it.
    pub(crate) fn install(&self) -> Job {
        match self.install {
            Install::Line(line) => job(line),
            Install::Winget(id) => job(WINGET).args([id]),
        }
    }
}

/// What to do about something that is still not found after its installation was begun.
pub(crate) fn then(family: Family) -> &'static str {
    match family {
        Family::Windows => {
            ". Open a new terminal, so that it is on the search path, and run the same command again"
        }
        Family::Macos => {
            ". The system's own dialog installs it: run the same command again when that is through"
        }
        _ => "",
    }
}

/// What a family needs to build and run the app; tests on a virtual display are for Linux alone.
pub(crate) fn things(family: Family, purposes: &[Purpose]) -> impl Iterator<Item = Elsewhere> {
    let wanted = purposes.contains(&Purpose::Run);
    THINGS.iter().filter(move |thing| wanted && thing.family == family).copied()
}

/// What of it is not there.
pub(crate) fn missing(family: Family, purposes: &[Purpose]) -> Vec<Elsewhere> {
    let there = |thing: &Elsewhere| thing.present.iter().any(|line| job(line).probe().is_some());
    things(family, purposes).filter(|thing| !there(thing)).collect()
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
        assert!(lines(Family::Windows).iter().all(|line| line.starts_with("winget install ")));
        assert!(lines(Family::Debian).is_empty());
    }

    #[test]
    fn winget_asks_nothing() {
        for thing in things(Family::Windows, &[Purpose::Run]) {
            let line = thing.install().to_string();
            for answer in
                ["--disable-interactivity", "--accept-source-agreements", "--accept-package-agreements"]
            {
                assert!(line.contains(answer), "{line}");
            }
        }
    }

    #[test]
    fn what_a_running_terminal_cannot_see_yet_is_explained() {
        assert!(then(Family::Windows).contains("new terminal"));
        assert!(then(Family::Macos).contains("dialog"));
        assert_eq!(then(Family::Debian), "");
    }
}
