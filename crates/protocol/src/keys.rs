//! Which entries were there before: a set of keys, kept as a list in their order.
//!
//! Entries come in the order of their keys nearly always, so a new one is put behind the last, without a look at the others.
//! History goes in front. What comes in between is rare, and costs a move of what stands on one side of it.

use std::collections::VecDeque;

use crate::event::EntryKey;

/// A set of keys.
#[derive(Debug, Clone, Default)]
pub(crate) struct Keys(VecDeque<EntryKey>);

impl Keys {
    /// Puts a key in; `false` if it was there already.
    pub(crate) fn insert(&mut self, key: EntryKey) -> bool {
        if self.0.back().is_none_or(|last| *last < key) {
            self.0.push_back(key);
            return true;
        }
        match self.0.binary_search(&key) {
            Ok(_) => false,
            Err(at) => {
                self.0.insert(at, key);
                true
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_key_is_new_once_wherever_it_belongs() {
        let mut rng = fastrand::Rng::with_seed(5);
        let (mut keys, mut model) = (Keys::default(), BTreeSet::new());
        for _ in 0..4_000 {
            let key = EntryKey { major: rng.u64(0..60), minor: rng.u64(0..60) };
            assert_eq!(keys.insert(key), model.insert(key), "{key}");
        }
        assert!(keys.0.iter().eq(&model), "they stand in their order");
    }
}
