//! What a seed decides beforehand: how much is said, how the service behaves where nothing public fixes it, and the weather.

use fastrand::Rng;

use crate::sign_in::SignIn;

/// How bad the network is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Weather {
    /// Delays only.
    Fair,
    /// A fault now and then.
    Changing,
    /// Hardly anything works at once.
    Storm,
}

/// How a chat may end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// The person ends it.
    Mine,
    /// The other side ends it.
    Theirs,
    /// The service loses it.
    Lost,
    /// The case is closed, which in a synchronous chat is the end.
    Closed,
}

/// Everything that a seed decides beforehand.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    /// Messages that the person means to write.
    pub(crate) mine: u32,
    /// Messages that the other side means to write.
    pub(crate) theirs: u32,
    /// Longest wait of the person between two acts, and most messages in one.
    pub(crate) my_pace: (u64, u64),
    /// The same of the other side.
    pub(crate) their_pace: (u64, u64),
    /// Whether the person says the same words again and again, too.
    pub(crate) alike: bool,
    /// Whether a likely "thanks" after a closed case is questioned.
    pub(crate) guard: bool,
    /// Of a thousand calls, so many are struck.
    pub(crate) struck: u32,
    /// Longest one-way delay in milliseconds.
    pub(crate) delay: u64,
    /// Longest wait between two perils; `None` for a quiet life.
    pub(crate) perils: Option<u64>,
    /// Whether the chat outlives its cases.
    pub(crate) asynchronous: bool,
    /// Whether every join moves the chat to another session, and the tokens of old are worth nothing.
    pub(crate) moves: bool,
    /// How the chat ends and when, if it does.
    pub(crate) end: Option<(End, u64)>,
    /// Whether requests may arrive after their client has given them up, against which no client of a service without
    /// message keys is safe.
    pub(crate) late: bool,
    /// Whether the computer says that the network is back.
    pub(crate) signals: bool,
    /// How long the service holds a poll.
    pub(crate) hold: u64,
    /// Whether a read from an index gives the entry at that index again.
    pub(crate) inclusive: bool,
    /// Whether bodies are JSON.
    pub(crate) json: bool,
    /// How many rows the archive gives at a start.
    pub(crate) rows: usize,
    pub(crate) page: u64,
    pub(crate) poll_gap: u64,
    pub(crate) request_timeout: u64,
    /// Whether people sign in, where a service knows of that.
    pub(crate) sign_in: Option<SignIn>,
}

impl Plan {
    pub(crate) fn new(seed: u64, late: bool) -> Self {
        let mut rng = Rng::with_seed(seed);
        let weather = match rng.u8(0..10) {
            0 => Weather::Fair,
            1..=6 => Weather::Changing,
            _ => Weather::Storm,
        };
        let struck = match weather {
            Weather::Fair => 0,
            Weather::Changing => rng.u32(10..80),
            Weather::Storm => rng.u32(80..350),
        };
        let perils = match weather {
            Weather::Fair => None,
            Weather::Changing => Some(rng.u64(10_000..60_000)),
            Weather::Storm => Some(rng.u64(3_000..30_000)),
        };
        let mut plan = Self {
            mine: rng.u32(80..156),
            theirs: rng.u32(70..150),
            my_pace: (rng.u64(500..8_000), rng.u64(1..7)),
            their_pace: (rng.u64(500..8_000), rng.u64(1..7)),
            alike: rng.u8(0..4) == 0,
            guard: rng.u8(0..4) != 0,
            struck,
            delay: if rng.bool() { rng.u64(5..100) } else { rng.u64(100..2_000) },
            perils,
            asynchronous: true,
            moves: false,
            end: None,
            late,
            signals: rng.bool(),
            hold: rng.choice([200, 2_000, 10_000, 25_000, 55_000]).unwrap_or(25_000),
            inclusive: rng.bool(),
            json: rng.u8(0..4) == 0,
            rows: rng.usize(5..200),
            page: rng.u64(16..60),
            poll_gap: rng.choice([100, 1_000, 3_000]).unwrap_or(3_000),
            request_timeout: rng.choice([3_000, 9_000, 20_000]).unwrap_or(9_000),
            sign_in: SignIn::new(seed),
        };
        plan.moves = rng.u8(0..16) == 0;
        plan.asynchronous = rng.u8(0..10) > 0;
        let end = match rng.u8(0..60) {
            0 => Some(End::Mine),
            1 => Some(End::Theirs),
            2 => Some(End::Lost),
            3..=20 if !plan.asynchronous => Some(End::Closed),
            _ => None,
        };
        plan.end = end.map(|end| (end, rng.u64(10_000..200_000)));
        plan
    }
}
