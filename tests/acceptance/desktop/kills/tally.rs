//! What came of all the deaths, in figures.

use std::fmt;
use std::time::Duration;

/// What happened in all chats together.
#[derive(Default)]
pub(super) struct Tally {
    pub(super) kills: usize,
    /// Kills of a process that nobody had waited for.
    pub(super) early: usize,
    /// From the start of a process to its first line.
    pub(super) spoke: Vec<Duration>,
    /// From the start of a process to where it can be written to.
    pub(super) opened: Vec<Duration>,
    pub(super) taken: usize,
    /// Taken, and not shown as sent before the process died.
    pub(super) unsent: usize,
    pub(super) refused: usize,
    pub(super) unanswered: usize,
    pub(super) unanswered_arrived: usize,
    pub(super) answers: usize,
    pub(super) retried: usize,
    pub(super) taken_back: usize,
}

impl Tally {
    /// Adds what came of others.
    pub(super) fn add(&mut self, other: Self) {
        self.kills += other.kills;
        self.early += other.early;
        self.spoke.extend(other.spoke);
        self.opened.extend(other.opened);
        self.taken += other.taken;
        self.unsent += other.unsent;
        self.refused += other.refused;
        self.unanswered += other.unanswered;
        self.unanswered_arrived += other.unanswered_arrived;
        self.answers += other.answers;
        self.retried += other.retried;
        self.taken_back += other.taken_back;
    }

    /// The time that this share of the starts did not exceed.
    pub(super) fn quantile(times: &[Duration], percent: usize) -> Duration {
        let mut times = times.to_vec();
        times.sort_unstable();
        let last = times.len().saturating_sub(1);
        times.get(last * percent / 100).copied().unwrap_or_default()
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let starts = |times: &[Duration]| {
            let [median, late, last] =
                [50, 99, 100].map(|percent| Self::quantile(times, percent).as_millis());
            format!("median {median} ms, p99 {late} ms, slowest {last} ms, of {}", times.len())
        };
        writeln!(f, "{} kills, {} of them during the start", self.kills, self.early)?;
        writeln!(f, "start to first line: {}", starts(&self.spoke))?;
        writeln!(f, "start to open chat:  {}", starts(&self.opened))?;
        writeln!(
            f,
            "own messages acknowledged: {}, not yet sent when the process died: {}",
            self.taken, self.unsent
        )?;
        writeln!(f, "not acknowledged: {}, of which arrived: {}", self.unanswered, self.unanswered_arrived)?;
        writeln!(f, "refused: {}; agent's messages: {}", self.refused, self.answers)?;
        write!(f, "the person had to help: {} sent again, {} taken back", self.retried, self.taken_back)
    }
}
