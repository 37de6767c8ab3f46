//! Did the computer sleep, or did somebody set the clock? Pure: two looks at the clocks are compared.

use std::time::Duration;

use envoi_protocol::io::Now;

/// How often the clocks are looked at.
pub const EVERY: Duration = Duration::from_secs(5);

/// How far the clocks may drift apart between two looks before it counts as sleep.
const JUMP: Duration = Duration::from_secs(2);

/// Remembers the last look.
#[derive(Debug, Clone, Copy)]
pub struct Wake {
    now: Now,
    running: Duration,
}

impl Wake {
    /// The first look: the time, and how long tokio's clock (which may stand still during sleep) has been running.
    #[must_use]
    pub const fn new(now: Now, running: Duration) -> Self {
        Self { now, running }
    }

    /// Another look. True if open calls should be doubted: the waiting clock ran ahead of tokio's, which means sleep, or
    /// the wall clock was set.
    pub fn jumped(&mut self, now: Now, running: Duration) -> bool {
        let waited = now.at.since(self.now.at);
        let ran = running.saturating_sub(self.running);
        let on_the_wall = now.wall.saturating_sub(self.now.wall);
        *self = Self { now, running };
        let expected = i64::try_from(waited.as_millis()).unwrap_or(i64::MAX);
        let set = on_the_wall.saturating_sub(expected).unsigned_abs();
        // Where both clocks include sleep, a look that comes far too late tells it all the same.
        waited.saturating_sub(ran) > JUMP
            || ran > EVERY.saturating_mul(4)
            || u128::from(set) > JUMP.as_millis()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use envoi_protocol::io::Moment;

    fn look(at: u64, wall: i64) -> Now {
        Now { at: Moment(at), wall }
    }

    #[test]
    fn an_ordinary_interval_is_no_wake() {
        let mut wake = Wake::new(look(0, 0), Duration::ZERO);
        assert!(!wake.jumped(look(5_004, 5_003), Duration::from_millis(5_001)));
        assert!(!wake.jumped(look(10_004, 10_003), Duration::from_millis(10_001)));
    }

    #[test]
    fn sleep_is_noticed_once() {
        let mut wake = Wake::new(look(0, 0), Duration::ZERO);
        assert!(wake.jumped(look(3_600_000, 3_600_000), Duration::from_secs(5)));
        assert!(!wake.jumped(look(3_605_000, 3_605_000), Duration::from_secs(10)));
    }

    #[test]
    fn sleep_is_noticed_where_tokios_clock_includes_it() {
        let mut wake = Wake::new(look(0, 0), Duration::ZERO);
        assert!(wake.jumped(look(60_000, 60_000), Duration::from_secs(60)));
    }

    #[test]
    fn a_wall_clock_set_back_is_noticed() {
        let mut wake = Wake::new(look(0, 100_000), Duration::ZERO);
        assert!(wake.jumped(look(5_000, 40_000), Duration::from_secs(5)));
    }
}
