//! Did the computer sleep, did somebody set the clock, or is this another network? Pure: two looks at the clocks and at the ways
//! out are compared.

use std::time::Duration;

use envoi_protocol::io::Now;

use crate::net::outlook::Outlook;

/// How often is looked: half of the second within which a service is to be asked again.
pub const EVERY: Duration = Duration::from_millis(500);

/// How far the clocks may drift apart between two looks before it counts as sleep.
const JUMP: Duration = Duration::from_secs(2);

/// Where all clocks include sleep, a look that comes this late tells it. A busy computer is late as well, but hardly so much.
const LATE: Duration = Duration::from_secs(5);

/// Remembers the last look.
#[derive(Debug, Clone, Copy)]
pub struct Wake {
    now: Now,
    running: Duration,
    outlook: Outlook,
}

/// Why open calls should be doubted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doubt {
    /// The computer slept, or somebody set the clock.
    Slept,
    /// There is a way out that was not there before.
    Moved,
}

impl Wake {
    /// The first look: the time, how long tokio's clock (which may stand still during sleep) has been running, and the ways out.
    #[must_use]
    pub const fn new(now: Now, running: Duration, outlook: Outlook) -> Self {
        Self { now, running, outlook }
    }

    /// Another look.
    pub fn look(&mut self, now: Now, running: Duration, outlook: Outlook) -> Option<Doubt> {
        let waited = now.at.since(self.now.at);
        let ran = running.saturating_sub(self.running);
        let on_the_wall = now.wall.saturating_sub(self.now.wall);
        let moved = self.outlook.opens(outlook);
        *self = Self { now, running, outlook };
        let expected = i64::try_from(waited.as_millis()).unwrap_or(i64::MAX);
        let set = on_the_wall.saturating_sub(expected).unsigned_abs();
        let slept = waited.saturating_sub(ran) > JUMP || ran > LATE || u128::from(set) > JUMP.as_millis();
        match (slept, moved) {
            (true, _) => Some(Doubt::Slept),
            (false, true) => Some(Doubt::Moved),
            (false, false) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use super::*;
    use envoi_protocol::io::Moment;

    const DAY: i64 = 86_400_000;

    fn at(at: u64, wall: i64) -> Now {
        Now { at: Moment(at), wall }
    }

    fn wake(wall: i64) -> Wake {
        Wake::new(at(0, wall), Duration::ZERO, Outlook::default())
    }

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    fn home(last: u8) -> Outlook {
        Outlook { v4: Some(IpAddr::V4(Ipv4Addr::new(10, 0, 0, last))), v6: None }
    }

    #[test]
    fn an_ordinary_interval_is_no_wake() {
        let mut wake = wake(0);
        assert_eq!(wake.look(at(504, 503), ms(501), Outlook::default()), None);
        assert_eq!(wake.look(at(4_504, 4_503), ms(4_501), Outlook::default()), None, "a busy computer");
    }

    #[test]
    fn sleep_is_noticed_once() {
        let mut wake = wake(0);
        assert_eq!(wake.look(at(3_600_000, 3_600_000), ms(500), Outlook::default()), Some(Doubt::Slept));
        assert_eq!(wake.look(at(3_600_500, 3_600_500), ms(1_000), Outlook::default()), None);
    }

    #[test]
    fn sleep_is_noticed_where_tokios_clock_includes_it() {
        assert_eq!(wake(0).look(at(60_000, 60_000), ms(60_000), Outlook::default()), Some(Doubt::Slept));
    }

    #[test]
    fn a_wall_clock_that_is_set_is_noticed_either_way() {
        for set in [-DAY, DAY] {
            let mut wake = wake(2 * DAY);
            let look = at(500, 2 * DAY + 500 + set);
            assert_eq!(wake.look(look, ms(500), Outlook::default()), Some(Doubt::Slept), "{set}");
        }
    }

    #[test]
    fn another_network_is_noticed_once_and_a_lost_one_when_there_is_one_again() {
        let mut wake = Wake::new(at(0, 0), Duration::ZERO, home(1));
        let mut looks = 0;
        let mut look = |outlook| {
            looks += 500;
            wake.look(at(looks, i64::try_from(looks).unwrap()), ms(looks), outlook)
        };
        assert_eq!(look(home(1)), None);
        assert_eq!(look(home(2)), Some(Doubt::Moved));
        assert_eq!(look(home(2)), None);
        assert_eq!(look(Outlook::default()), None);
        assert_eq!(look(home(2)), Some(Doubt::Moved), "connections did not survive it");
    }
}
