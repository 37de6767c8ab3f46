//! Doors that a service has shut for a while: until when no request of a kind may be sent.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::io::{Moment, Now};

/// When requests of each kind may be sent again.
#[derive(Debug, Clone)]
pub struct Gates<K> {
    opens: BTreeMap<K, Moment>,
}

impl<K: Ord> Default for Gates<K> {
    fn default() -> Self {
        Self { opens: BTreeMap::new() }
    }
}

impl<K: Ord> Gates<K> {
    /// Shuts a gate; a gate that is shut for longer already stays so.
    pub fn shut(&mut self, now: Now, kind: K, wait: Duration) {
        let until = now.at.after(wait);
        let opens = self.opens.entry(kind).or_insert(until);
        *opens = (*opens).max(until);
    }

    /// When the gate opens; the zero moment if it was never shut.
    pub fn opens(&self, kind: &K) -> Moment {
        self.opens.get(kind).copied().unwrap_or_default()
    }

    /// How long the gate stays shut; `None` if it is open.
    pub fn shut_for(&self, now: Now, kind: &K) -> Option<Duration> {
        let wait = self.opens(kind).since(now.at);
        (!wait.is_zero()).then_some(wait)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gate_opens_when_the_longest_wait_is_over() {
        let mut gates = Gates::default();
        let at = |ms| Now { at: Moment(ms), wall: 0 };
        gates.shut(at(0), "read", Duration::from_secs(5));
        gates.shut(at(1_000), "read", Duration::from_secs(1));
        assert_eq!(gates.shut_for(at(4_000), &"read"), Some(Duration::from_secs(1)));
        assert_eq!(gates.shut_for(at(5_000), &"read"), None);
        assert_eq!(gates.shut_for(at(0), &"send"), None);
    }
}
