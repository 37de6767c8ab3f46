//! Failures in a row of one kind of try, and the gap after each.

use super::backoff::Backoff;

/// How the tries of one thing went.
#[derive(Debug, Clone, Default)]
pub struct Tries {
    pub(super) backoff: Backoff,
    /// How many failed since one last worked.
    pub failed: u32,
    /// The next try is one that somebody or something here asked for.
    hurried: bool,
}

impl Tries {
    /// One worked.
    pub fn worked(&mut self) {
        self.backoff.worked();
        self.failed = 0;
    }

    /// Something happened here: what failed before says little about the next try.
    pub fn anew(&mut self) {
        self.backoff.anew();
        self.hurried = true;
    }

    /// The next one is asked for.
    pub fn hurry(&mut self) {
        self.hurried = true;
    }

    /// Whether the next one is asked for.
    #[must_use]
    pub const fn is_hurried(&self) -> bool {
        self.hurried
    }

    /// One is made. Tells whether it is one more after failures, which nobody asked for.
    pub fn made(&mut self) -> bool {
        let hurried = std::mem::take(&mut self.hurried);
        self.failed > 0 && !hurried
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_try_that_was_asked_for_is_not_one_more() {
        let mut tries = Tries::default();
        assert!(!tries.made(), "nothing has failed");
        tries.failed = 1;
        assert!(tries.made());
        tries.hurry();
        assert!(!tries.made(), "somebody asked");
        assert!(tries.made(), "for one only");
        tries.anew();
        assert!(!tries.made());
        tries.worked();
        assert!(!tries.made());
    }
}
