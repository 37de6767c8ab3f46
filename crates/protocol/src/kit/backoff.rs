//! How long to wait after failures in a row: full jitter, which is any moment up to a ceiling that doubles.
//!
//! Two things decide the ceiling. Whoever looks, or has words waiting, is answered sooner than a chat in the background. And it
//! matters how the failures began. If something that worked was lost, others have probably lost it in the same instant: a
//! service that restarts breaks every poll at once, and ten thousand clients that come back within half a second keep it
//! down. Then the first wait is spread wide, and those who look go first. If the failures began with something that
//! happened here alone (a start, a wake, another network, somebody who asks), there is no crowd, and the waits begin small.
//! The figures and how they were found: `docs/DECISIONS.md`.

use std::ops::Range;
use std::time::Duration;

/// The first ceiling where there is no crowd.
pub const BASE: Duration = Duration::from_millis(500);

/// How soon a hurried try follows on whatever hurries it, at the latest.
pub const AT_ONCE: Duration = Duration::from_secs(1);

/// How much depends on the connection right now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Urgency {
    /// Nobody looks, and nothing waits to be sent.
    #[default]
    Background,
    /// Somebody looks, or has words that wait.
    Watched,
}

impl Urgency {
    /// No wait is longer.
    #[must_use]
    pub const fn cap(self) -> Duration {
        match self {
            Self::Background => Duration::from_secs(60),
            Self::Watched => Duration::from_secs(30),
        }
    }

    /// Where the first wait lies after a loss that many have probably suffered at once, in milliseconds.
    #[must_use]
    pub const fn spread(self) -> Range<u64> {
        match self {
            Self::Background => 5_000..40_000,
            Self::Watched => 0..5_000,
        }
    }
}

/// How a row of failures began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Beginning {
    /// With something that happened here alone.
    #[default]
    Here,
    /// With the loss of something that worked.
    Loss,
}

/// A growing gap.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Backoff {
    beginning: Beginning,
    failures: u32,
}

impl Backoff {
    /// The wait after one more failure.
    pub fn fail(&mut self, urgency: Urgency, rng: &mut fastrand::Rng) -> Duration {
        let failures = self.failures;
        self.failures = failures.saturating_add(1);
        let spread = urgency.spread();
        let ceiling = match (self.beginning, failures) {
            (Beginning::Loss, 0) => return Duration::from_millis(rng.u64(spread)),
            (Beginning::Loss, _) => Duration::from_millis(spread.end),
            (Beginning::Here, _) => BASE,
        };
        let grown = ceiling.saturating_mul(2_u32.saturating_pow(failures)).min(urgency.cap());
        within(grown, rng)
    }

    /// Something worked: the next failure is a loss.
    pub fn worked(&mut self) {
        *self = Self { beginning: Beginning::Loss, failures: 0 };
    }

    /// Something happened here that makes a failure worth little: the waits begin small again.
    pub fn anew(&mut self) {
        *self = Self::default();
    }
}

/// Any wait up to `ceiling`.
pub fn within(ceiling: Duration, rng: &mut fastrand::Rng) -> Duration {
    Duration::from_millis(rng.u64(0..=u64::try_from(ceiling.as_millis()).unwrap_or(u64::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The least and the most of many first, second, ... waits, in milliseconds.
    fn waits(beginning: Beginning, urgency: Urgency) -> Vec<(u128, u128)> {
        let mut found = vec![(u128::MAX, 0); 10];
        for seed in 0..2_000 {
            let mut rng = fastrand::Rng::with_seed(seed);
            let mut backoff = Backoff { beginning, failures: 0 };
            for (least, most) in &mut found {
                let wait = backoff.fail(urgency, &mut rng).as_millis();
                (*least, *most) = ((*least).min(wait), (*most).max(wait));
            }
        }
        found
    }

    fn assert_spans(found: &[(u128, u128)], expected: &[(u128, u128)]) {
        for ((least, most), (from, to)) in found.iter().zip(expected) {
            let tenth = (to - from) / 10;
            assert!((*from..from + tenth).contains(least), "{least} is not near {from}: {found:?}");
            assert!((to - tenth..=*to).contains(most), "{most} is not near {to}: {found:?}");
        }
    }

    #[test]
    fn waits_lie_anywhere_below_a_ceiling_that_doubles_up_to_the_cap() {
        let grown = |cap: u128| (0..10).map(|n| (0, (500 << n).min(cap))).collect::<Vec<_>>();
        assert_spans(&waits(Beginning::Here, Urgency::Watched), &grown(30_000));
        assert_spans(&waits(Beginning::Here, Urgency::Background), &grown(60_000));
    }

    #[test]
    fn after_a_loss_those_who_look_go_first_and_the_others_are_spread() {
        assert_spans(&waits(Beginning::Loss, Urgency::Watched), &[(0, 5_000), (0, 10_000), (0, 20_000)]);
        assert_spans(&waits(Beginning::Loss, Urgency::Background), &[(5_000, 40_000), (0, 60_000)]);
    }

    #[test]
    fn what_happens_here_makes_waits_small_again_and_what_works_makes_the_next_failure_a_loss() {
        let mut rng = fastrand::Rng::with_seed(7);
        let mut backoff = Backoff::default();
        for _ in 0..40 {
            backoff.fail(Urgency::Background, &mut rng);
        }
        backoff.anew();
        assert!(backoff.fail(Urgency::Background, &mut rng) <= BASE);
        backoff.worked();
        assert!(backoff.fail(Urgency::Background, &mut rng) >= Duration::from_secs(5));
    }
}
