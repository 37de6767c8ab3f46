//! The phases of `cargo xtask test`: what there is, in which order, and what each one needs from the machine.

use std::time::Duration;

use crate::system::Purpose;

/// One part of the whole test run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub(crate) enum Phase {
    /// rustfmt has nothing to change.
    Format,
    /// The interface's types hold (svelte-check).
    UiCheck,
    /// The interface's unit and component tests (vitest).
    UiTest,
    /// The interface builds.
    UiBuild,
    /// The interface in a browser, on the fake host.
    UiBrowser,
    /// The generated TypeScript types are up to date.
    Types,
    /// clippy has nothing to say.
    Clippy,
    /// Every Rust test that needs no window: unit, contract, tape, property, acceptance.
    Tests,
    /// The examples in the documentation.
    Docs,
    /// The fuzz targets build.
    Fuzz,
    /// The real window, on a virtual desktop, through WebDriver.
    Desktop,
    /// The packages are built.
    Package,
    /// The built package is installed, starts, paints, and is removed again.
    Install,
}

impl Phase {
    /// Every phase, in the order in which they run: what fails fast comes first, and the interface comes before the app
    /// that carries it.
    pub(crate) const ALL: &[Self] = &[
        Self::Format,
        Self::UiCheck,
        Self::UiTest,
        Self::UiBuild,
        Self::UiBrowser,
        Self::Types,
        Self::Clippy,
        Self::Tests,
        Self::Docs,
        Self::Fuzz,
        Self::Desktop,
        Self::Package,
        Self::Install,
    ];

    /// The phases asked for, in running order; all of them when none is named.
    pub(crate) fn selected(only: &[Self]) -> Vec<Self> {
        Self::ALL.iter().copied().filter(|phase| only.is_empty() || only.contains(phase)).collect()
    }

    /// The name, as it is given on the command line.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Format => "format",
            Self::UiCheck => "ui-check",
            Self::UiTest => "ui-test",
            Self::UiBuild => "ui-build",
            Self::UiBrowser => "ui-browser",
            Self::Types => "types",
            Self::Clippy => "clippy",
            Self::Tests => "tests",
            Self::Docs => "docs",
            Self::Fuzz => "fuzz",
            Self::Desktop => "desktop",
            Self::Package => "package",
            Self::Install => "install",
        }
    }

    /// What the machine has to have.
    pub(crate) fn purposes(self) -> &'static [Purpose] {
        match self {
            Self::UiCheck | Self::UiTest | Self::UiBuild => &[],
            Self::Format => &[Purpose::Lint],
            Self::Clippy => &[Purpose::Lint, Purpose::Run],
            Self::UiBrowser => &[Purpose::Browser],
            Self::Tests => &[Purpose::Run, Purpose::Test],
            Self::Types | Self::Docs | Self::Fuzz | Self::Package => &[Purpose::Run],
            Self::Desktop => {
                &[Purpose::Run, Purpose::Test, Purpose::VirtualDisplay, Purpose::Drive, Purpose::Window]
            }
            Self::Install => &[Purpose::Run, Purpose::VirtualDisplay, Purpose::Window],
        }
    }

    /// True when the phase compiles the app, which packs the built interface.
    pub(crate) fn packs_interface(self) -> bool {
        matches!(
            self,
            Self::UiBrowser | Self::Clippy | Self::Tests | Self::Docs | Self::Desktop | Self::Package
        )
    }
}

/// How a phase ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// All of it held.
    Passed,
    /// It was left out, for this reason.
    Skipped(String),
    /// Something did not hold.
    Failed,
}

/// The closing table: every phase with how it ended and how long it took.
pub(crate) fn table(results: &[(Phase, Outcome, Duration)]) -> String {
    let mut lines = vec![format!("{:<12} {:<8} {:>9}", "phase", "result", "time")];
    for (phase, outcome, time) in results {
        let (word, note) = match outcome {
            Outcome::Passed => ("passed", String::new()),
            Outcome::Failed => ("FAILED", String::new()),
            Outcome::Skipped(reason) => ("skipped", format!("  {reason}")),
        };
        lines.push(format!("{:<12} {word:<8} {:>9}{note}", phase.name(), seconds(*time)));
    }
    let total = results.iter().map(|(_, _, time)| *time).sum();
    lines.push(format!("{:<12} {:<8} {:>9}", "all", "", seconds(total)));
    lines.join("\n")
}

/// A duration as people say it: `0.4 s`, `12 s`, `3 min 05 s`.
pub(crate) fn seconds(time: Duration) -> String {
    match time.as_secs() {
        0..10 => format!("{:.1} s", time.as_secs_f64()),
        whole @ 10..120 => format!("{whole} s"),
        whole => format!("{} min {:02} s", whole / 60, whole % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::ValueEnum as _;

    #[test]
    fn all_phases_run_in_their_order_when_none_is_named() {
        assert_eq!(Phase::selected(&[]), Phase::ALL);
        assert!(Phase::ALL.is_sorted());
        assert_eq!(Phase::ALL, Phase::value_variants());
    }

    #[test]
    fn named_phases_run_in_running_order_and_once() {
        let only = [Phase::Desktop, Phase::Format, Phase::Desktop];
        assert_eq!(Phase::selected(&only), [Phase::Format, Phase::Desktop]);
    }

    #[test]
    fn a_phase_is_shown_by_the_name_that_selects_it() {
        for phase in Phase::ALL {
            assert_eq!(Phase::from_str(phase.name(), false), Ok(*phase));
        }
    }

    #[test]
    fn the_table_says_why_something_was_left_out() {
        let results = [
            (Phase::Format, Outcome::Passed, Duration::from_millis(400)),
            (Phase::Install, Outcome::Skipped("needs root".to_owned()), Duration::ZERO),
        ];
        let table = table(&results);
        assert!(table.contains("format       passed       0.4 s"), "{table}");
        assert!(table.contains("skipped      0.0 s  needs root"), "{table}");
    }

    #[test]
    fn times_are_said_as_people_say_them() {
        let said = [400, 12_700, 185_000].map(|millis| seconds(Duration::from_millis(millis)));
        assert_eq!(said, ["0.4 s", "12 s", "3 min 05 s"]);
    }
}
