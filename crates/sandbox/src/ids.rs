//! Ids that look random and are not: one seed gives the same ids in the same order on every run.
//!
//! The models take their ids from here, so that a run of a model can be repeated exactly.

use std::hash::{BuildHasher, RandomState};

/// A source of ids, fully determined by its seed.
#[derive(Debug, Clone)]
pub struct Ids {
    state: u64,
}

impl Ids {
    /// Ids that follow from `seed`.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self { state: seed }
    }

    /// Ids that differ from run to run.
    #[must_use]
    pub fn unpredictable() -> Self {
        Self::seeded(RandomState::new().hash_one("envoi-sandbox"))
    }

    /// Ids of their own for one of several users, by its number; those of number 0 are these.
    #[must_use]
    pub fn branch(&self, number: u64) -> Self {
        if number == 0 { self.clone() } else { Self { state: mix(self.state ^ mix(number)) } }
    }

    /// The next id, in the text form of a version 4 UUID.
    pub fn uuid(&mut self) -> String {
        let high = (self.next() & 0xffff_ffff_ffff_0fff) | 0x0000_0000_0000_4000;
        let low = (self.next() & 0x3fff_ffff_ffff_ffff) | 0x8000_0000_0000_0000;
        format!(
            "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
            high >> 32,
            (high >> 16) & 0xffff,
            high & 0xffff,
            low >> 48,
            low & 0xffff_ffff_ffff
        )
    }

    /// One step of SplitMix64: small, well mixed, and good enough for names.
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.state)
    }
}

fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_ids() {
        let mut a = Ids::seeded(7);
        let mut b = Ids::seeded(7);
        let first = a.uuid();
        assert_eq!(first, b.uuid());
        assert_ne!(first, a.uuid(), "the next id is another one");
        assert_ne!(first, Ids::seeded(8).uuid());
    }

    #[test]
    fn a_branch_has_ids_of_its_own() {
        let ids = Ids::seeded(7);
        let first = |number| ids.branch(number).uuid();
        assert_eq!(first(0), ids.clone().uuid());
        assert_eq!(first(1), first(1));
        assert!(first(1) != first(2) && first(1) != first(0));
    }

    #[test]
    fn an_id_has_the_form_of_a_version_4_uuid() {
        let mut ids = Ids::seeded(1);
        for _ in 0..200 {
            let id = ids.uuid();
            let parts: Vec<&str> = id.split('-').collect();
            assert_eq!(parts.iter().map(|part| part.len()).collect::<Vec<_>>(), [8, 4, 4, 4, 12], "{id}");
            assert!(parts[2].starts_with('4'), "{id}");
            assert!(parts[3].starts_with(['8', '9', 'a', 'b']), "{id}");
        }
    }
}
