//! How long to wait after failures in a row: a growing gap with a ceiling, blurred so that many clients do not come back
//! in the same instant.

use std::time::Duration;

/// The shape of the growth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Growth {
    /// The first wait.
    pub first: Duration,
    /// Each wait is this many percent of the one before it.
    pub percent: u32,
    /// No wait is longer.
    pub most: Duration,
}

/// A growing gap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backoff {
    growth: Growth,
    next: Duration,
}

impl Backoff {
    /// Starts at the first wait.
    #[must_use]
    pub fn new(growth: Growth) -> Self {
        Self { growth, next: growth.first }
    }

    /// The wait after one more failure. Between four fifths of the nominal gap and the whole of it.
    pub fn fail(&mut self, rng: &mut fastrand::Rng) -> Duration {
        let wait = self.next;
        let grown = self.next.saturating_mul(self.growth.percent) / 100;
        self.next = grown.min(self.growth.most.max(self.growth.first));
        blurred(wait, rng)
    }

    /// The wait after a failure that does not count, for instance a request to slow down.
    pub fn hold(&self, rng: &mut fastrand::Rng) -> Duration {
        blurred(self.next, rng)
    }

    /// Something worked.
    pub fn reset(&mut self) {
        self.next = self.growth.first;
    }
}

fn blurred(wait: Duration, rng: &mut fastrand::Rng) -> Duration {
    let whole = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
    Duration::from_millis(whole - rng.u64(0..=whole / 5))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GROWTH: Growth =
        Growth { first: Duration::from_secs(3), percent: 120, most: Duration::from_secs(30) };

    #[test]
    fn waits_grow_to_the_ceiling_and_start_over() {
        let mut rng = fastrand::Rng::with_seed(7);
        let mut backoff = Backoff::new(GROWTH);
        let mut nominal = 3_000_f64;
        for _ in 0..40 {
            let wait = backoff.fail(&mut rng).as_millis() as f64;
            assert!(wait <= nominal + 1.0 && wait >= nominal * 0.79, "{wait} is not near {nominal}");
            nominal = (nominal * 1.2).min(30_000.0);
        }
        backoff.reset();
        assert!(backoff.fail(&mut rng) <= Duration::from_secs(3));
    }

    #[test]
    fn a_held_gap_does_not_grow() {
        let mut rng = fastrand::Rng::with_seed(7);
        let backoff = Backoff::new(GROWTH);
        for _ in 0..10 {
            assert!(backoff.hold(&mut rng) <= Duration::from_secs(3));
        }
    }
}
