//! The computer's password store: slow, one thing at a time, and at times locked.

use envoi_protocol::fault::FaultCode;
use envoi_protocol::token::ResumeToken;
use fastrand::Rng;

#[derive(Debug)]
pub(crate) struct Keyring {
    rng: Rng,
    pub(crate) token: Option<ResumeToken>,
    /// Nobody has unlocked it.
    pub(crate) away: bool,
    busy_until: u64,
}

impl Keyring {
    pub(crate) fn new(seed: u64) -> Self {
        Self { rng: Rng::with_seed(seed), token: None, away: false, busy_until: 0 }
    }

    /// When something that is asked of it now is done.
    pub(crate) fn done(&mut self, now: u64) -> u64 {
        let slow = self.rng.u8(0..20) == 0;
        let takes = if slow { self.rng.u64(1_000..12_000) } else { self.rng.u64(1..100) };
        self.busy_until = self.busy_until.max(now) + takes;
        self.busy_until
    }

    /// Whether everything that was asked of it is done.
    pub(crate) fn is_idle(&self, now: u64) -> bool {
        self.busy_until < now
    }

    /// How long until it is done with everything that was asked of it, in milliseconds.
    pub(crate) fn busy_for(&self, now: u64) -> u64 {
        self.busy_until.saturating_sub(now)
    }

    /// Keeps a token.
    ///
    /// # Errors
    /// While it is locked.
    pub(crate) fn keep(&mut self, token: ResumeToken) -> Result<(), FaultCode> {
        if self.away {
            return Err(FaultCode::KeyringLocked);
        }
        self.token = Some(token);
        Ok(())
    }
}
