//! What goes wrong, and when. The fate of a request follows from the seed, from whose way it goes, from whether it reads or
//! writes, and from how many of its kind went before it: two clients on the same seed meet the same weather. So it is with the frames of a
//! socket, in either direction; what ends their connection comes less often, since all that follows hangs on it.

use std::time::Duration;

/// Something that goes wrong with one request, or with one frame of a socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// It takes longer.
    Latency {
        /// Before it is passed on.
        before: Duration,
        /// Before the answer is.
        after: Duration,
    },
    /// The connection is reset.
    Reset(Stage),
    /// Nothing is heard any more, and nothing is closed.
    HalfOpen {
        /// It still got through; its answer does not.
        forwarded: bool,
    },
    /// The answer comes a few bytes at a time.
    Drip {
        /// Bytes at a time.
        piece: usize,
        /// Between two pieces.
        gap: Duration,
    },
    /// The answer comes in chunks, and the connection closes before the last one.
    CutChunks,
    /// The answer announces more bytes than it has.
    ShortBody,
    /// Something collects the answer before it passes it on.
    Buffered {
        /// For how long.
        hold: Duration,
        /// All but the body is passed on at once.
        head_first: bool,
    },
    /// A gateway says that it got no answer, with a page.
    BadGateway {
        /// It had passed the request on, which was answered.
        forwarded: bool,
    },
    /// A network's sign-in answers in place of the service, to this and to what follows.
    Portal {
        /// In which form.
        page: Page,
        /// For how long.
        stays: Duration,
    },
}

/// When a connection is reset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Before the request is passed on.
    Before,
    /// After it was answered, of which nothing is passed on.
    After,
    /// In the middle of the answer.
    Amid,
}

/// How a sign-in page comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    /// As a redirect to it.
    Redirect,
    /// As if it had been asked for.
    InPlace,
}

/// Kinds of requests, and of frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lane {
    /// Requests that only look.
    Read,
    /// All others.
    Write,
    /// Frames to the server.
    Up,
    /// Frames to the client.
    Down,
}

/// How many requests in a thousand meet what, by kind.
const READS: &[(u32, Kind)] = &[
    (80, Kind::Latency),
    (15, Kind::Reset(Stage::Before)),
    (20, Kind::Reset(Stage::After)),
    (15, Kind::Reset(Stage::Amid)),
    (5, Kind::HalfOpen(false)),
    (5, Kind::HalfOpen(true)),
    (30, Kind::Drip),
    (20, Kind::CutChunks),
    (15, Kind::ShortBody),
    (40, Kind::Buffered),
    (10, Kind::BadGateway(false)),
    (10, Kind::BadGateway(true)),
    (3, Kind::Portal),
];
const WRITES: &[(u32, Kind)] = &[
    (80, Kind::Latency),
    (12, Kind::Reset(Stage::Before)),
    (12, Kind::Reset(Stage::After)),
    (10, Kind::Reset(Stage::Amid)),
    (4, Kind::HalfOpen(false)),
    (4, Kind::HalfOpen(true)),
    (20, Kind::Drip),
    (10, Kind::CutChunks),
    (10, Kind::ShortBody),
    (10, Kind::Buffered),
    (8, Kind::BadGateway(false)),
    (8, Kind::BadGateway(true)),
    (3, Kind::Portal),
];

const UPS: &[(u32, Kind)] = &[
    (80, Kind::Latency),
    (8, Kind::Reset(Stage::Before)),
    (10, Kind::Reset(Stage::After)),
    (6, Kind::Reset(Stage::Amid)),
    (2, Kind::HalfOpen(false)),
    (2, Kind::HalfOpen(true)),
    (20, Kind::Drip),
    (4, Kind::CutChunks),
    (6, Kind::ShortBody),
    (20, Kind::Buffered),
    (4, Kind::BadGateway(false)),
    (6, Kind::BadGateway(true)),
    (2, Kind::Portal),
];
const DOWNS: &[(u32, Kind)] = &[
    (80, Kind::Latency),
    (10, Kind::Reset(Stage::Before)),
    (6, Kind::Reset(Stage::After)),
    (8, Kind::Reset(Stage::Amid)),
    (2, Kind::HalfOpen(false)),
    (2, Kind::HalfOpen(true)),
    (30, Kind::Drip),
    (6, Kind::CutChunks),
    (4, Kind::ShortBody),
    (20, Kind::Buffered),
    (6, Kind::BadGateway(false)),
    (4, Kind::BadGateway(true)),
    (2, Kind::Portal),
];

/// Tells the dice of frames from those of requests.
const FRAMES: u64 = 1 << 62;

#[derive(Debug, Clone, Copy)]
enum Kind {
    Latency,
    Reset(Stage),
    HalfOpen(bool),
    Drip,
    CutChunks,
    ShortBody,
    Buffered,
    BadGateway(bool),
    Portal,
}

/// The weather on one person's way.
#[derive(Debug, Clone)]
pub struct Schedule {
    seed: u64,
    /// Meets the first request, whatever the seed says, and then nothing more goes wrong.
    only: Option<Fault>,
}

impl Schedule {
    /// The weather of a seed, on the way of this person.
    #[must_use]
    pub fn new(seed: u64, person: usize) -> Self {
        let mut dice = fastrand::Rng::with_seed(seed);
        let person = u64::try_from(person).unwrap_or(u64::MAX);
        Self { seed: dice.u64(..) ^ person.wrapping_mul(0x9e37_79b9_7f4a_7c15), only: None }
    }

    /// Fine weather but for the first request of each kind.
    #[must_use]
    pub fn first(fault: Fault) -> Self {
        Self { seed: 0, only: Some(fault) }
    }

    /// What becomes of the request of this number among its kind, counted from 1.
    #[must_use]
    pub fn fault(&self, lane: Lane, number: u64) -> Option<Fault> {
        if let Some(fault) = &self.only {
            return (number == 1).then(|| fault.clone());
        }
        let (table, salt) = match lane {
            Lane::Read => (READS, 0),
            Lane::Write => (WRITES, 1),
            Lane::Up => (UPS, FRAMES),
            Lane::Down => (DOWNS, FRAMES | 1),
        };
        let mut dice = fastrand::Rng::with_seed(self.seed);
        let mut dice = fastrand::Rng::with_seed(dice.u64(..) ^ (number << 1 | salt));
        // Seeds that are neighbours begin alike.
        let _ = (dice.u64(..), dice.u64(..));
        let mut roll = dice.u32(0..1_000);
        for (share, kind) in table {
            match roll.checked_sub(*share) {
                Some(rest) => roll = rest,
                None => return Some(Fault::draw(*kind, &mut dice)),
            }
        }
        None
    }
}

impl Fault {
    /// Name for tables.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Latency { .. } => "latency",
            Self::Reset(Stage::Before) => "reset before it was passed on",
            Self::Reset(Stage::After) => "reset before the answer",
            Self::Reset(Stage::Amid) => "reset amid the answer",
            Self::HalfOpen { forwarded: false } => "half-open, swallowed",
            Self::HalfOpen { forwarded: true } => "half-open, answer lost",
            Self::Drip { .. } => "byte drip",
            Self::CutChunks => "last chunk missing",
            Self::ShortBody => "body cut short",
            Self::Buffered { .. } => "buffered answer",
            Self::BadGateway { forwarded: false } => "502 page",
            Self::BadGateway { forwarded: true } => "502 page, passed on",
            Self::Portal { page: Page::Redirect, .. } => "captive portal, redirect",
            Self::Portal { page: Page::InPlace, .. } => "captive portal, page",
        }
    }

    fn draw(kind: Kind, dice: &mut fastrand::Rng) -> Self {
        let mut ms = |from, to| Duration::from_millis(dice.u64(from..=to));
        match kind {
            Kind::Latency => Self::Latency { before: ms(5, 150), after: ms(5, 150) },
            Kind::Reset(stage) => Self::Reset(stage),
            Kind::HalfOpen(forwarded) => Self::HalfOpen { forwarded },
            Kind::Drip => Self::Drip { gap: ms(1, 4), piece: dice.usize(1..=24) },
            Kind::CutChunks => Self::CutChunks,
            Kind::ShortBody => Self::ShortBody,
            Kind::Buffered => Self::Buffered { hold: ms(200, 1_500), head_first: dice.bool() },
            Kind::BadGateway(forwarded) => Self::BadGateway { forwarded },
            Kind::Portal => Self::Portal {
                stays: ms(200, 1_500),
                page: if dice.bool() { Page::Redirect } else { Page::InPlace },
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn fates(seed: u64, person: usize, lane: Lane) -> Vec<Option<Fault>> {
        let schedule = Schedule::new(seed, person);
        (1..=20_000).map(|number| schedule.fault(lane, number)).collect()
    }

    #[test]
    fn the_same_seed_has_the_same_weather_and_another_has_another() {
        assert_eq!(fates(7, 1, Lane::Read), fates(7, 1, Lane::Read));
        assert_ne!(fates(7, 1, Lane::Read), fates(8, 1, Lane::Read));
        assert_ne!(fates(7, 1, Lane::Read), fates(7, 2, Lane::Read));
        assert_ne!(fates(7, 1, Lane::Read), fates(7, 1, Lane::Write));
    }

    #[test]
    fn everything_goes_wrong_as_often_as_the_tables_say() {
        let tables = [(Lane::Read, READS), (Lane::Write, WRITES), (Lane::Up, UPS), (Lane::Down, DOWNS)];
        for (lane, table) in tables {
            let fates = fates(3, 0, lane);
            let names: BTreeSet<_> = fates.iter().flatten().map(Fault::name).collect();
            assert_eq!(names.len(), 14, "{names:?}");
            let expected: u32 = table.iter().map(|(share, _)| share).sum();
            let struck = fates.iter().flatten().count() / 20;
            let expected = expected as usize;
            assert!(
                struck.abs_diff(expected) < expected / 10,
                "{struck} of a thousand in place of {expected}"
            );
        }
    }
}
