//! What each purpose needs from the system, how its presence is seen, and what its package is called in each family. A new
//! dependency is one new row in [`NEEDS`].

use std::fmt;

use crate::{job::Job, system::Family, tree};

/// What something is needed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Building the app and opening it.
    Run,
    /// Running it on a display of its own.
    VirtualDisplay,
    /// Driving its window through WebDriver.
    Drive,
    /// Looking at a window from outside, as a person does.
    Window,
    /// The interface in a browser.
    Browser,
    /// The Rust tests.
    Test,
    /// Checking the sources; this needs nothing of the system, only components of the Rust toolchain.
    Lint,
}

impl Purpose {
    /// Every purpose.
    pub(crate) const ALL: &[Self] =
        &[Self::Run, Self::VirtualDisplay, Self::Drive, Self::Window, Self::Browser, Self::Test, Self::Lint];

    /// The purpose as the end of "needed to ...".
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Run => "build and run the app",
            Self::VirtualDisplay => "run without a display",
            Self::Drive => "drive the window",
            Self::Window => "look at the window",
            Self::Browser => "try the interface in a browser",
            Self::Test => "run the tests",
            Self::Lint => "check the sources",
        }
    }
}

/// How the presence of something is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Probe {
    /// A program is on the search path.
    Program(&'static str),
    /// One of several programs is.
    AnyProgram(&'static [&'static str]),
    /// A library with its headers, by its pkg-config name.
    Library(&'static str),
    /// A font family.
    Font(&'static str),
}

impl Probe {
    /// True when it is there.
    pub(crate) fn found(&self) -> bool {
        match self {
            Self::Program(name) => tree::find_program(name).is_some(),
            Self::AnyProgram(names) => names.iter().any(|name| tree::find_program(name).is_some()),
            Self::Library(name) => Job::new("pkg-config").args(["--exists", name]).probe().is_some(),
            Self::Font(name) => {
                let pattern = format!(":family={name}");
                Job::new("fc-list").args([pattern.as_str()]).probe().is_some_and(|fonts| !fonts.is_empty())
            }
        }
    }
}

impl fmt::Display for Probe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Program(name) => write!(f, "program {name}"),
            Self::AnyProgram(names) => write!(f, "program {}", names.join(" or ")),
            Self::Library(name) => write!(f, "library {name}"),
            Self::Font(name) => write!(f, "font {name}"),
        }
    }
}

/// One thing that the system has to provide.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Need {
    /// What it is, in plain words.
    pub(crate) what: &'static str,
    /// What it is for.
    pub(crate) purpose: Purpose,
    /// How its presence is seen.
    pub(crate) probe: Probe,
    debian: &'static str,
    fedora: &'static str,
    arch: &'static str,
    suse: &'static str,
}

impl Need {
    /// What to install in a family, separated by blanks; nothing where the family has it by other means.
    pub(crate) fn packages(&self, family: Family) -> &'static str {
        match family {
            Family::Debian => self.debian,
            Family::Fedora => self.fedora,
            Family::Arch => self.arch,
            Family::Suse => self.suse,
            Family::Macos | Family::Windows | Family::Other => "",
        }
    }
}

impl fmt::Display for Need {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}), needed to {}", self.what, self.probe, self.purpose.words())
    }
}

const fn need(what: &'static str, purpose: Purpose, probe: Probe, packages: [&'static str; 4]) -> Need {
    let [debian, fedora, arch, suse] = packages;
    Need { what, purpose, probe, debian, fedora, arch, suse }
}

/// Everything, on Linux. The names are those of Debian, Fedora, Arch and openSUSE, in this order. The two rpm families also
/// install by what a package provides, which is kept where package names differ from release to release.
const NEEDS: &[Need] = &[
    need(
        "a C and C++ compiler",
        Purpose::Run,
        Probe::Program("c++"),
        ["build-essential", "gcc gcc-c++", "base-devel", "gcc gcc-c++"],
    ),
    need("make", Purpose::Run, Probe::Program("make"), ["build-essential", "make", "base-devel", "make"]),
    need("Perl", Purpose::Run, Probe::Program("perl"), ["perl", "perl-core", "perl", "perl"]),
    need(
        "pkg-config",
        Purpose::Run,
        Probe::Program("pkg-config"),
        ["pkg-config", "/usr/bin/pkg-config", "pkgconf", "/usr/bin/pkg-config"],
    ),
    need(
        "the web view (WebKitGTK)",
        Purpose::Run,
        Probe::Library("webkit2gtk-4.1"),
        ["libwebkit2gtk-4.1-dev", "pkgconfig(webkit2gtk-4.1)", "webkit2gtk-4.1", "pkgconfig(webkit2gtk-4.1)"],
    ),
    need(
        "the window toolkit (GTK 3)",
        Purpose::Run,
        Probe::Library("gtk+-3.0"),
        ["libgtk-3-dev", "pkgconfig(gtk+-3.0)", "gtk3", "pkgconfig(gtk+-3.0)"],
    ),
    need(
        "the tray icon",
        Purpose::Run,
        Probe::Library("ayatana-appindicator3-0.1"),
        [
            "libayatana-appindicator3-dev",
            "pkgconfig(ayatana-appindicator3-0.1)",
            "libayatana-appindicator",
            "pkgconfig(ayatana-appindicator3-0.1)",
        ],
    ),
    need(
        "a virtual X display",
        Purpose::VirtualDisplay,
        Probe::Program("Xvfb"),
        ["xvfb", "/usr/bin/Xvfb", "xorg-server-xvfb", "/usr/bin/Xvfb"],
    ),
    need(
        "a message bus",
        Purpose::VirtualDisplay,
        Probe::Program("dbus-daemon"),
        ["dbus", "/usr/bin/dbus-daemon", "dbus", "/usr/bin/dbus-daemon"],
    ),
    need(
        "a way to ask the message bus",
        Purpose::VirtualDisplay,
        Probe::Program("dbus-send"),
        ["dbus", "/usr/bin/dbus-send", "dbus", "/usr/bin/dbus-send"],
    ),
    need(
        "a Secret Service",
        Purpose::VirtualDisplay,
        Probe::Program("gnome-keyring-daemon"),
        ["gnome-keyring", "gnome-keyring", "gnome-keyring", "gnome-keyring"],
    ),
    need(
        "a notification daemon",
        Purpose::VirtualDisplay,
        Probe::Program("dunst"),
        ["dunst", "dunst", "dunst", "dunst"],
    ),
    need(
        "a window manager",
        Purpose::VirtualDisplay,
        Probe::Program("openbox"),
        ["openbox", "openbox", "openbox", "openbox"],
    ),
    need(
        "fonts",
        Purpose::VirtualDisplay,
        Probe::Font("DejaVu Sans"),
        [
            "fontconfig fonts-dejavu-core",
            "fontconfig dejavu-sans-fonts",
            "fontconfig ttf-dejavu",
            "fontconfig dejavu-fonts",
        ],
    ),
    need(
        "the web view's driver",
        Purpose::Drive,
        Probe::Program("WebKitWebDriver"),
        ["webkit2gtk-driver", "/usr/bin/WebKitWebDriver", "webkitgtk-6.0", "/usr/bin/WebKitWebDriver"],
    ),
    need(
        "pictures of windows (ImageMagick)",
        Purpose::Window,
        Probe::Program("import"),
        ["imagemagick", "ImageMagick", "imagemagick", "ImageMagick"],
    ),
    need(
        "a mouse and keyboard",
        Purpose::Window,
        Probe::Program("xdotool"),
        ["xdotool", "xdotool", "xdotool", "xdotool"],
    ),
    need(
        "a view into the Secret Service",
        Purpose::Window,
        Probe::Program("secret-tool"),
        ["libsecret-tools", "/usr/bin/secret-tool", "libsecret", "/usr/bin/secret-tool"],
    ),
    need(
        "a browser for the interface's own tests",
        Purpose::Browser,
        Probe::AnyProgram(BROWSERS),
        ["chromium", "chromium", "chromium", "chromium"],
    ),
];

/// Browsers that the interface's own tests can drive, the first found wins.
pub(crate) const BROWSERS: &[&str] =
    &["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];

/// What these purposes need, on Linux.
pub(crate) fn needs(purposes: &[Purpose]) -> impl Iterator<Item = Need> {
    NEEDS.iter().filter(|need| purposes.contains(&need.purpose)).copied()
}

/// What of it is not there.
pub(crate) fn missing(purposes: &[Purpose]) -> Vec<Need> {
    needs(purposes).filter(|need| !need.probe.found()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_need_has_a_package_in_every_linux_family() {
        for need in NEEDS {
            for family in [Family::Debian, Family::Fedora, Family::Arch, Family::Suse] {
                assert!(!need.packages(family).is_empty(), "{} in {family}", need.what);
            }
        }
    }

    #[test]
    fn running_asks_for_nothing_that_only_tests_need() {
        let run: Vec<_> = needs(&[Purpose::Run]).map(|need| need.what).collect();
        assert!(run.contains(&"the web view (WebKitGTK)"));
        assert!(!run.contains(&"a virtual X display"));
        assert!(!run.contains(&"a browser for the interface's own tests"));
    }

    #[test]
    fn what_is_not_there_is_not_found() {
        assert!(!Probe::Program("envoi-no-such-program").found());
        assert!(!Probe::Library("envoi-no-such-library").found());
        assert!(!Probe::Font("Envoi No Such Font").found());
    }
}
