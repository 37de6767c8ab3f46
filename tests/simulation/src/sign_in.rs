//! Signing in: what a seed decides about it, and the person in front of the company's own page. All of it is drawn from numbers of its
//! own, so that a world of guests is the same with and without it.

use envoi_protocol::io::SignInFault;
use fastrand::Rng;

/// How a company wants to know who is there.
#[derive(Debug, Clone)]
pub(crate) struct SignIn {
    /// Nobody chats as a guest.
    pub(crate) required: bool,
    /// When a guest thinks of signing in, in milliseconds.
    pub(crate) at: u64,
    /// How long a pass is good, in seconds.
    pub(crate) pass_seconds: u64,
    /// Whether an exchange gives a key to new passes.
    pub(crate) keys: bool,
    /// Whether a renewal gives another key, and the one before is worth nothing any more.
    pub(crate) rotates: bool,
}

/// What comes of a page that is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    SignsIn,
    /// The person goes back to the program and says that they do not want to.
    Cancels,
    Fails(SignInFault),
}

/// What the service does about those who sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Whim {
    /// Every pass that was given runs out.
    PassesRunOut,
    /// No pass is made anew.
    NoRenewal,
    /// No code is exchanged.
    NoExchange,
    /// Everything works.
    None,
}

impl SignIn {
    pub(crate) fn new(seed: u64) -> Option<Self> {
        let mut rng = Rng::with_seed(seed ^ 0x0051_6e1e);
        let required = match rng.u8(0..8) {
            0..=1 => return None,
            2..=4 => true,
            _ => false,
        };
        Some(Self {
            required,
            at: rng.u64(2_000..150_000),
            pass_seconds: rng.choice([20, 120, 3_600]).unwrap_or(3_600),
            keys: rng.u8(0..4) > 0,
            rotates: rng.bool(),
        })
    }
}

/// The person, the browser, and how the service feels about them.
#[derive(Debug)]
pub(crate) struct Browser {
    rng: Rng,
}

impl Browser {
    pub(crate) fn new(seed: u64) -> Self {
        Self { rng: Rng::with_seed(seed ^ 0xb705_e700) }
    }

    /// How long the program takes until it listens for the page's answer.
    pub(crate) fn opens_after(&mut self) -> u64 {
        self.rng.u64(1..50)
    }

    /// How long the person takes. In the evening nobody dawdles.
    pub(crate) fn takes(&mut self, busy: bool) -> u64 {
        if busy { self.rng.u64(300..15_000) } else { 300 }
    }

    pub(crate) fn outcome(&mut self, busy: bool) -> Outcome {
        match self.rng.u8(0..16) {
            _ if !busy => Outcome::SignsIn,
            0 => Outcome::Cancels,
            1 => Outcome::Fails(SignInFault::Declined),
            2 => Outcome::Fails(SignInFault::TimedOut),
            3 => Outcome::Fails(SignInFault::Deaf),
            _ => Outcome::SignsIn,
        }
    }

    /// Whether a guest who may sign in does so now.
    pub(crate) fn wants(&mut self) -> bool {
        self.rng.u8(0..3) == 0
    }

    /// After how many steps the program dies once it has a pass, if so.
    pub(crate) fn doom(&mut self) -> Option<u32> {
        (self.rng.u8(0..4) == 0).then(|| self.rng.u32(0..12))
    }

    /// What the service does next, and when it changes its mind.
    pub(crate) fn whim(&mut self) -> (Whim, u64) {
        let whims = [Whim::PassesRunOut, Whim::PassesRunOut, Whim::NoRenewal, Whim::NoExchange, Whim::None];
        (self.rng.choice(whims).unwrap_or(Whim::None), self.rng.u64(1_000..60_000))
    }

    /// 43 characters that only the program knows until it exchanges a code.
    pub(crate) fn verifier(&mut self) -> String {
        std::iter::repeat_with(|| self.rng.alphanumeric()).take(43).collect()
    }
}
