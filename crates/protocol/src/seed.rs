//! All that is random in one conversation. It is drawn outside and handed in, for here is no randomness of our own.
//!
//! Two kinds of things are made from it, and must not be mixed: gaps between tries, which anybody may see, and credentials that a service
//! lets its clients make. Whoever sees the one must learn nothing of the other, and of several credentials none may tell the next.

use std::fmt;

use sha2::{Digest as _, Sha256};

/// What a conversation's gaps and credentials are made from.
#[derive(Clone, PartialEq, Eq)]
pub struct Seed {
    dice: u64,
    secret: [u8; 32],
}

impl Seed {
    /// Takes what the system's source of random numbers gave.
    #[must_use]
    pub const fn new(dice: u64, secret: [u8; 32]) -> Self {
        Self { dice, secret }
    }

    /// For gaps and names that are no secrets.
    #[must_use]
    pub const fn dice(&self) -> u64 {
        self.dice
    }

    /// The credential of this number: 128 bits, for whoever does not know the seed as good as drawn.
    #[must_use]
    pub fn credential(&self, number: u64) -> u128 {
        let mut hash = Sha256::new();
        hash.update(self.secret);
        hash.update(number.to_be_bytes());
        hash.finalize().iter().take(16).fold(0, |whole, byte| (whole << 8) | u128::from(*byte))
    }
}

/// For tests and worlds that are played again: everything follows from one number, and nothing is a secret.
impl From<u64> for Seed {
    fn from(number: u64) -> Self {
        Self { dice: number, secret: Sha256::digest(number.to_be_bytes()).into() }
    }
}

impl fmt::Debug for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seed(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_follow_from_the_secret_alone_and_differ() {
        let seed = Seed::new(1, [7; 32]);
        assert_eq!(seed.credential(1), Seed::new(2, [7; 32]).credential(1));
        assert_ne!(seed.credential(1), seed.credential(2));
        assert_ne!(seed.credential(1), Seed::new(1, [8; 32]).credential(1));
        assert!(seed.credential(1).leading_zeros() < 40, "all bits are used");
        assert_eq!(format!("{seed:?}"), "Seed(…)");
    }
}
