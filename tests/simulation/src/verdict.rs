//! What a world came to: what was counted, and everything that must not have happened.

use std::collections::BTreeMap;
use std::fmt;

/// Something that must not happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wrong {
    /// A message that was accepted is not in the service's transcript, or one of the service's is not in the client's.
    Lost,
    /// A message is there twice, at the service or at the client.
    Duplicated,
    /// Messages stand in another order than they were written in.
    Reordered,
    /// A message was shown as sent, and the service did not have it.
    FalselySent,
    /// Nothing moves any more, or not soon enough.
    Stuck,
    /// A message that was taken back arrived.
    NotTakenBack,
    /// The person was asked whether a message arrived that has certainly not left.
    FalselyAsked,
    /// A message left before it was kept.
    Uncommitted,
    /// An update is missing, or does not lead to what the session itself would show.
    Gap,
    /// Two reads at once.
    TwoReads,
    /// A request before the time that the service allowed.
    TooSoon,
    /// Requests without a pause.
    HotLoop,
    /// A secret was shown or printed.
    Told,
}

impl Wrong {
    /// The five that nothing is allowed of, in the order in which they are printed.
    pub const FIVE: [(Self, &'static str); 5] = [
        (Self::Lost, "lost"),
        (Self::Duplicated, "duplicated"),
        (Self::Reordered, "reordered"),
        (Self::FalselySent, "falsely \"sent\""),
        (Self::Stuck, "stuck"),
    ];
}

/// One thing that must not have happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Of which kind.
    pub wrong: Wrong,
    /// Virtual milliseconds since the beginning.
    pub at: u64,
    /// What it was.
    pub what: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} at {} ms: {}", self.wrong, self.at, self.what)
    }
}

/// What was counted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tally {
    /// Messages of the person that the service has.
    pub mine: u64,
    /// Messages of the other side that the person has seen.
    pub theirs: u64,
    /// Requests.
    pub requests: u64,
    /// Starts of the program after it died.
    pub restarts: u64,
    /// How often somebody was asked to sign in.
    pub sign_ins: u64,
    /// Virtual milliseconds that passed.
    pub time: u64,
    /// Messages that arrived twice, out of turn or after they were taken back, because a request arrived after its client had
    /// given it up: with this service nobody can avoid it. Only where that was asked for.
    pub unavoidable: u64,
    /// Faults by kind.
    pub faults: BTreeMap<&'static str, u64>,
}

impl Tally {
    /// Counts a fault.
    pub(crate) fn fault(&mut self, kind: &'static str) {
        *self.faults.entry(kind).or_default() += 1;
    }

    /// Adds another one's counts.
    pub fn add(&mut self, other: &Self) {
        self.mine += other.mine;
        self.theirs += other.theirs;
        self.requests += other.requests;
        self.restarts += other.restarts;
        self.sign_ins += other.sign_ins;
        self.time += other.time;
        self.unavoidable += other.unavoidable;
        for (kind, count) in &other.faults {
            *self.faults.entry(kind).or_default() += count;
        }
    }
}

/// What one world came to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Verdict {
    /// What was counted.
    pub tally: Tally,
    /// What must not have happened, in the order in which it was found.
    pub violations: Vec<Violation>,
    /// What happened, line by line, if that was asked for.
    pub log: Vec<String>,
}
