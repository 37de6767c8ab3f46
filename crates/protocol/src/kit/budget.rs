//! A budget of requests: so many at once, and one more after each interval. What is not there has to be waited for.
//!
//! A transport paces its own reads with one, whatever the service answers; the engine shares one among all conversations that
//! try to come back to the same host.

use std::time::Duration;

use crate::io::{Moment, Now};

/// A bucket that fills with time and is emptied by requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Budget {
    most: u32,
    every: Duration,
    /// When the bucket will be full again; everything else follows from it.
    full: Moment,
}

impl Budget {
    /// A full bucket: `most` requests at once (at least one), and one more after each `every`.
    #[must_use]
    pub const fn new(most: u32, every: Duration) -> Self {
        Self { most, every, full: Moment(0) }
    }

    /// Takes one request out.
    ///
    /// # Errors
    ///
    /// How long to wait if there is none; nothing is taken then.
    pub fn take(&mut self, now: Now) -> Result<(), Duration> {
        match self.opens(now.at).since(now.at) {
            wait if wait.is_zero() => {
                self.full = self.full.max(now.at).after(self.every);
                Ok(())
            }
            wait => Err(wait),
        }
    }

    /// Puts one request in, as far as there is room.
    pub fn put(&mut self) {
        let every = u64::try_from(self.every.as_millis()).unwrap_or(u64::MAX);
        self.full = Moment(self.full.0.saturating_sub(every));
    }

    /// When the next request can be taken; `now` or earlier if there is one.
    #[must_use]
    pub fn opens(&self, now: Moment) -> Moment {
        let room = self.every.saturating_mul(self.most.saturating_sub(1));
        let missing = self.full.since(now);
        now.after(missing.saturating_sub(room))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn at(ms: u64) -> Now {
        Now { at: Moment(ms), wall: 0 }
    }

    #[test]
    fn what_is_there_goes_at_once_and_the_rest_as_it_comes_in() {
        let mut budget = Budget::new(3, SECOND);
        for _ in 0..3 {
            assert_eq!(budget.take(at(10_000)), Ok(()));
        }
        assert_eq!(budget.take(at(10_000)), Err(SECOND));
        assert_eq!(budget.take(at(10_400)), Err(Duration::from_millis(600)));
        assert_eq!(budget.take(at(11_000)), Ok(()));
        assert!(budget.take(at(11_000)).is_err());
    }

    #[test]
    fn it_fills_up_and_does_not_run_over() {
        let mut budget = Budget::new(2, SECOND);
        budget.take(at(0)).unwrap();
        let taken = (0..10).filter(|_| budget.take(at(3_600_000)).is_ok()).count();
        assert_eq!(taken, 2);
    }

    #[test]
    fn what_is_put_in_can_be_taken_and_no_more() {
        let mut budget = Budget::new(1, SECOND);
        budget.put();
        assert_eq!((budget.take(at(5_000)), budget.take(at(5_000))), (Ok(()), Err(SECOND)));
        budget.put();
        assert_eq!((budget.take(at(5_000)), budget.take(at(5_000))), (Ok(()), Err(SECOND)));
    }

    #[test]
    fn any_minute_holds_no_more_than_what_was_there_and_what_came_in() {
        let mut budget = Budget::new(10, SECOND);
        let taken = (0..60_000).filter(|ms| budget.take(at(*ms)).is_ok()).count();
        assert_eq!(taken, 10 + 59);
    }
}
