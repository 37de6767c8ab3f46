//! The time that is fed to the machines: one clock that also advances while the computer sleeps, and the wall's.
//!
//! `std`'s and tokio's instants may stand still during sleep, so waiting is counted here and only slept with tokio.

use std::fmt;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use envoi_protocol::io::{Moment, Now};

/// Where the time comes from.
pub trait Clock: fmt::Debug + Send + Sync {
    /// The time now.
    fn now(&self) -> Now;
}

/// The computer's clocks.
#[derive(Debug)]
pub struct SystemClock {
    zero: boot_time::Instant,
}

impl SystemClock {
    /// A clock whose zero is now.
    #[must_use]
    pub fn start() -> Self {
        Self { zero: boot_time::Instant::now() }
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Now {
        let wall = match SystemTime::now().duration_since(UNIX_EPOCH) {
            Ok(since) => i64::try_from(since.as_millis()).unwrap_or(i64::MAX),
            Err(before) => i64::try_from(before.duration().as_millis()).map_or(i64::MIN, |millis| -millis),
        };
        Now { at: Moment(millis(self.zero.elapsed())), wall }
    }
}

/// The twin for tests: follows tokio's clock, which a test may pause, and can be told that the computer slept or that
/// somebody set the time.
#[derive(Debug)]
pub struct VirtualClock {
    zero: tokio::time::Instant,
    wall: AtomicI64,
    slept: AtomicU64,
}

impl VirtualClock {
    /// A clock whose zero is now, and whose wall shows `wall` milliseconds since 1970-01-01 UTC.
    #[must_use]
    pub fn start(wall: i64) -> Self {
        Self { zero: tokio::time::Instant::now(), wall: AtomicI64::new(wall), slept: AtomicU64::new(0) }
    }

    /// The computer slept for this long: both clocks advanced, tokio's did not.
    pub fn sleep(&self, nap: Duration) {
        self.slept.fetch_add(millis(nap), Ordering::SeqCst);
    }

    /// Somebody set the wall clock this many milliseconds forward, or back.
    pub fn set_forward(&self, by: i64) {
        self.wall.fetch_add(by, Ordering::SeqCst);
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> Now {
        let at = millis(self.zero.elapsed()).saturating_add(self.slept.load(Ordering::SeqCst));
        let wall = self.wall.load(Ordering::SeqCst).saturating_add(i64::try_from(at).unwrap_or(i64::MAX));
        Now { at: Moment(at), wall }
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_computers_clock_advances() {
        let clock = SystemClock::start();
        let first = clock.now();
        std::thread::sleep(Duration::from_millis(5));
        let second = clock.now();
        assert!(second.at.since(first.at) >= Duration::from_millis(4));
        assert!(second.wall > 1_700_000_000_000, "the wall clock counts from 1970");
    }

    #[tokio::test(start_paused = true)]
    async fn the_twin_follows_tokio_and_sleeps_on_command() {
        let clock = VirtualClock::start(1_000_000);
        tokio::time::sleep(Duration::from_secs(2)).await;
        assert_eq!(clock.now(), Now { at: Moment(2_000), wall: 1_002_000 });
        clock.sleep(Duration::from_secs(60));
        clock.set_forward(-500);
        assert_eq!(clock.now(), Now { at: Moment(62_000), wall: 1_061_500 });
    }
}
