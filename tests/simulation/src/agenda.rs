//! What happens when: virtual time, the wall clock of the customer's computer, and everything that is still to come.

use std::collections::BTreeMap;

use envoi_protocol::io::{Moment, Now};

/// Unix time at which every world begins, in milliseconds.
const BEGINNING: u64 = 1_767_607_200_000;

/// Names one thing to come, so that it can be called off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Appointment(u64, u64);

/// Time, and what is to come. Two things at the same millisecond come in the order in which they were put here.
#[derive(Debug)]
pub(crate) struct Agenda<E> {
    now: u64,
    /// How far the computer's wall clock is ahead, in milliseconds.
    pub(crate) skew: i64,
    count: u64,
    coming: BTreeMap<Appointment, E>,
}

impl<E> Default for Agenda<E> {
    fn default() -> Self {
        Self { now: 0, skew: 0, count: 0, coming: BTreeMap::new() }
    }
}

impl<E> Agenda<E> {
    /// Milliseconds since the beginning.
    pub(crate) fn now(&self) -> u64 {
        self.now
    }

    /// The true time: unix milliseconds.
    pub(crate) fn unix(&self) -> u64 {
        BEGINNING + self.now
    }

    /// Time as the customer's computer tells it.
    pub(crate) fn told(&self) -> Now {
        let unix = i64::try_from(self.unix()).unwrap_or(i64::MAX);
        Now { at: Moment(self.now), wall: unix + self.skew }
    }

    /// Lets something happen then; what is past happens now.
    pub(crate) fn put(&mut self, at: u64, event: E) -> Appointment {
        self.count += 1;
        let key = Appointment(at.max(self.now), self.count);
        self.coming.insert(key, event);
        key
    }

    /// Lets something happen after so many milliseconds.
    pub(crate) fn after(&mut self, wait: u64, event: E) -> Appointment {
        self.put(self.now + wait, event)
    }

    /// Calls something off.
    pub(crate) fn call_off(&mut self, key: Appointment) {
        self.coming.remove(&key);
    }

    /// Turns the clock to the next thing and gives it; nothing if it would come later than `until`.
    pub(crate) fn next(&mut self, until: u64) -> Option<E> {
        let entry = self.coming.first_entry().filter(|entry| entry.key().0 <= until)?;
        let (key, event) = entry.remove_entry();
        self.now = self.now.max(key.0);
        Some(event)
    }

    /// Turns the clock to then, at which nothing happens.
    pub(crate) fn turn(&mut self, at: u64) {
        self.now = self.now.max(at);
    }
}
