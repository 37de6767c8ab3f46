//! Which family of systems a machine belongs to: the one thing that decides how a package is called and installed.

use std::{fmt, fs};

/// Systems that install alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Family {
    /// Debian, Ubuntu and what is made from them: apt.
    Debian,
    /// Fedora and its relatives: dnf.
    Fedora,
    /// Arch and what is made from it: pacman.
    Arch,
    /// openSUSE and SLE: zypper.
    Suse,
    /// macOS: the command line tools.
    Macos,
    /// Windows: winget.
    Windows,
    /// A Linux that we know no package manager for.
    Other,
}

impl Family {
    /// The family of the machine we run on.
    pub(crate) fn of_this_machine() -> Self {
        if cfg!(target_os = "macos") {
            return Self::Macos;
        }
        if cfg!(windows) {
            return Self::Windows;
        }
        let release = ["/etc/os-release", "/usr/lib/os-release"]
            .into_iter()
            .find_map(|file| fs::read_to_string(file).ok());
        Self::from_os_release(&release.unwrap_or_default())
    }

    /// Reads `ID` and `ID_LIKE` of an os-release file
    /// (<https://www.freedesktop.org/software/systemd/man/latest/os-release.html>).
    pub(crate) fn from_os_release(text: &str) -> Self {
        let value = |key: &str| {
            let line = text.lines().find_map(|line| line.trim().strip_prefix(key)?.strip_prefix('='));
            line.unwrap_or_default().trim().trim_matches(['"', '\'']).to_ascii_lowercase()
        };
        let (id, like) = (value("ID"), value("ID_LIKE"));
        std::iter::once(id.as_str())
            .chain(like.split_whitespace())
            .find_map(Self::from_id)
            .unwrap_or(Self::Other)
    }

    fn from_id(id: &str) -> Option<Self> {
        match id {
            "debian" | "ubuntu" | "raspbian" | "linuxmint" | "pop" => Some(Self::Debian),
            "fedora" | "rhel" | "centos" => Some(Self::Fedora),
            "arch" | "archarm" | "manjaro" | "endeavouros" => Some(Self::Arch),
            "suse" | "opensuse" | "sles" => Some(Self::Suse),
            _ if id.starts_with("opensuse-") => Some(Self::Suse),
            _ => None,
        }
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Debian => "Debian family",
            Self::Fedora => "Fedora family",
            Self::Arch => "Arch family",
            Self::Suse => "openSUSE family",
            Self::Macos => "macOS",
            Self::Windows => "Windows",
            Self::Other => "a system without a known package manager",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn systems_are_recognised_by_name() {
        let cases = [
            ("ID=debian\nVERSION_ID=\"12\"\n", Family::Debian),
            ("NAME=\"Fedora Linux\"\nID=fedora\n", Family::Fedora),
            ("ID=arch\n", Family::Arch),
            ("ID=\"opensuse-tumbleweed\"\nID_LIKE=\"opensuse suse\"\n", Family::Suse),
            ("ID=\"opensuse-leap\"\n", Family::Suse),
        ];
        for (text, family) in cases {
            assert_eq!(Family::from_os_release(text), family, "{text}");
        }
    }

    #[test]
    fn an_unknown_system_is_taken_for_what_it_is_like() {
        assert_eq!(Family::from_os_release("ID=neon\nID_LIKE=\"ubuntu debian\"\n"), Family::Debian);
        assert_eq!(Family::from_os_release("ID=nobara\nID_LIKE=\"rhel centos fedora\"\n"), Family::Fedora);
        assert_eq!(Family::from_os_release("ID='cachyos'\nID_LIKE='arch'\n"), Family::Arch);
    }

    #[test]
    fn keys_that_only_end_alike_are_not_read() {
        assert_eq!(Family::from_os_release("VERSION_ID=debian\nBUILD_ID=arch\n"), Family::Other);
        assert_eq!(Family::from_os_release(""), Family::Other);
    }
}
