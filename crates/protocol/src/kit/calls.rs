//! The calls that are out, and what each was for: a reply is understood by its purpose, and a late or foreign one by nobody.

use std::collections::BTreeMap;

use crate::io::CallId;

/// Calls in flight.
#[derive(Debug, Clone)]
pub struct Calls<P> {
    last: u64,
    out: BTreeMap<CallId, P>,
}

impl<P> Default for Calls<P> {
    fn default() -> Self {
        Self { last: 0, out: BTreeMap::new() }
    }
}

impl<P> Calls<P> {
    /// No calls; the first will be named by the number after this. For a machine of two parts, each with calls of its own.
    #[must_use]
    pub fn from(last: u64) -> Self {
        Self { last, out: BTreeMap::new() }
    }

    /// Notes a new call and names it.
    pub fn open(&mut self, purpose: P) -> CallId {
        self.last += 1;
        let id = CallId(self.last);
        self.out.insert(id, purpose);
        id
    }

    /// Ends a call; `None` if it was not in flight.
    pub fn close(&mut self, id: CallId) -> Option<P> {
        let purpose = self.out.remove(&id);
        if self.out.is_empty() {
            // A map that was filled once holds on to its room.
            self.out = BTreeMap::new();
        }
        purpose
    }

    /// What a call is for that is in flight.
    pub fn look(&self, id: CallId) -> Option<&P> {
        self.out.get(&id)
    }

    /// Notes something else of a call that is in flight.
    pub fn change(&mut self, id: CallId, purpose: P) {
        if let Some(known) = self.out.get_mut(&id) {
            *known = purpose;
        }
    }

    /// Whether a call of this kind is in flight.
    pub fn any(&self, of: impl Fn(&P) -> bool) -> bool {
        self.out.values().any(of)
    }

    /// Names of all calls of this kind that are in flight.
    pub fn named(&self, of: impl Fn(&P) -> bool) -> Vec<CallId> {
        self.out.iter().filter(|(_, purpose)| of(purpose)).map(|(id, _)| *id).collect()
    }

    /// Ends all calls of this kind and names them, so that they can be cancelled.
    pub fn close_all(&mut self, of: impl Fn(&P) -> bool) -> Vec<CallId> {
        let ids = self.named(of);
        for id in &ids {
            self.out.remove(id);
        }
        ids
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_ends_once() {
        let mut calls = Calls::default();
        let one = calls.open("poll");
        let two = calls.open("send");
        assert_ne!(one, two);
        assert_eq!(calls.close(one), Some("poll"));
        assert_eq!(calls.close(one), None);
        assert!(calls.any(|purpose| *purpose == "send"));
        assert_eq!(calls.close_all(|_| true), [two]);
        assert!(!calls.any(|_| true));
    }
}
