//! Which events of the transcript were told already, and from where to read on.
//!
//! An event is known by its index, whichever answer brings it. A reading from a position tells all that there is from there on, so
//! what follows on its last event is the next position, also where an index is missing: not every event is for the customer. What
//! comes by itself is told at once, and does not move the position past something that did not come.

use std::collections::{BTreeSet, HashSet};

use foldhash::fast::RandomState;

use super::map::{self, Bots, Silence};
use super::wire::Message;
use crate::event::{Entry, EntryKey, EntryKind, Role};
use crate::io::Now;
use crate::kit::fingerprint::fingerprint;
use crate::view::EndReason;

/// Minor numbers of events without an index.
const RANGE: u64 = 1 << 40;

/// What was told of a transcript.
#[derive(Debug, Clone, Default)]
pub(crate) struct Held {
    /// Everything before it was told.
    next: u64,
    /// What was told after it.
    ahead: BTreeSet<u64>,
    /// The newest that was told.
    newest: Option<EntryKey>,
    /// What was told without an index.
    odd: HashSet<u64, RandomState>,
    pub(crate) bots: Bots,
}

/// What was new in an answer.
#[derive(Debug, Default)]
pub(crate) struct Fresh {
    /// What happened before something that was told earlier, oldest first.
    pub(crate) missed: Vec<Entry>,
    /// The rest, oldest first.
    pub(crate) live: Vec<Entry>,
    /// The last word on the silence in the chat, and when it was said, in milliseconds since 1970.
    pub(crate) silence: Option<(Silence, Option<i64>)>,
    /// Somebody of the contact centre joined.
    pub(crate) joined: bool,
}

impl Fresh {
    /// Why the chat is over, if the answer with these says that it is: because nothing happened, or because somebody ended it. Whoever
    /// is taken out while everybody else stays was silent for too long.
    pub(crate) fn end(&self) -> EndReason {
        let left = |who: fn(Role) -> bool| {
            self.live.iter().any(|entry| entry.kind == EntryKind::Left && who(entry.from.role))
        };
        let taken_out = left(|role| role == Role::Me) && !left(|role| role != Role::Me);
        if matches!(self.silence, Some((Silence::Ended, _))) || taken_out {
            EndReason::Expired
        } else {
            EndReason::EndedByThem
        }
    }
}

impl Held {
    /// Nothing was told before this position, and everything before it was.
    pub(crate) fn from(next: u64, bots: Bots) -> Self {
        Self { next: next.max(1), bots, ..Self::default() }
    }

    /// The position to read on from.
    pub(crate) fn next(&self) -> u64 {
        self.next.max(1)
    }

    /// Whether something was told while something before it was not.
    pub(crate) fn has_gap(&self) -> bool {
        !self.ahead.is_empty()
    }

    /// Takes an answer in: a reading of everything from a position up to the end, or what came by itself.
    pub(crate) fn take(&mut self, now: Now, messages: &[Message<'_>], whole: bool) -> Fresh {
        self.next = self.next.max(1);
        let mut fresh = Fresh::default();
        let newest = self.newest;
        for (key, message, kind) in self.placed(messages) {
            if key.minor == 0 {
                if key.major < self.next || !self.ahead.insert(key.major) {
                    continue;
                }
                if let Some(word) = map::silence(message) {
                    fresh.silence = Some((word, map::time(message)));
                }
            }
            let at = map::time(message).unwrap_or(now.wall);
            let from = map::person(message, &mut self.bots);
            fresh.joined |= kind == EntryKind::Joined && from.role != Role::Me;
            self.newest = self.newest.max(Some(key));
            let entry = Entry { key, at, from, kind };
            if newest.is_some_and(|newest| key.major < newest.major) {
                &mut fresh.missed
            } else {
                &mut fresh.live
            }
            .push(entry);
        }
        if let Some(last) = messages.iter().filter_map(Message::index).max().filter(|_| whole) {
            self.next = self.next.max(last + 1);
            self.ahead = self.ahead.split_off(&self.next);
        }
        while self.ahead.remove(&self.next) {
            self.next += 1;
        }
        fresh
    }

    /// Every message with its place, in the order of the places.
    fn placed<'m, 'a>(&mut self, messages: &'m [Message<'a>]) -> Vec<(EntryKey, &'m Message<'a>, EntryKind)> {
        let mut before = self.newest.map_or(self.next.saturating_sub(1), |newest| newest.major);
        let mut placed = Vec::with_capacity(messages.len());
        for message in messages {
            let kind = map::kind(message);
            if let Some(index) = message.index() {
                before = before.max(index);
                placed.push((EntryKey { major: index, minor: 0 }, message, kind));
            } else if kind != EntryKind::Other
                && let Some(minor) = self.place_of_our_own(message)
            {
                placed.push((EntryKey { major: before, minor }, message, kind));
            }
        }
        placed.sort_by_key(|(key, ..)| *key);
        placed
    }

    /// A place for what has no index, within that of the event before it: the same each time, so that it is told once. Without a
    /// time it is not recognised, since two people may well say "ok".
    fn place_of_our_own(&mut self, message: &Message<'_>) -> Option<u64> {
        let from = message.from.0.as_ref().and_then(|from| from.participant_id.text());
        let parts = [message.utc_time.text(), message.kind.text(), from, message.text.text()];
        let likeness = parts.map(Option::unwrap_or_default).join("\u{1f}");
        let mut minor = 1 + fingerprint(likeness.as_bytes()) % RANGE;
        while !self.odd.insert(minor) {
            if message.utc_time.text().is_some() {
                return None;
            }
            minor += 1;
        }
        Some(minor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::Moment;

    const NOW: Now = Now { at: Moment(0), wall: 9_000 };

    fn take(held: &mut Held, json: &str, whole: bool) -> (Vec<u64>, Vec<u64>) {
        let messages: Vec<Message<'_>> = serde_json::from_str(json).unwrap();
        let fresh = held.take(NOW, &messages, whole);
        let indexes = |entries: &[Entry]| entries.iter().map(|entry| entry.key.major).collect();
        (indexes(&fresh.missed), indexes(&fresh.live))
    }

    fn said(indexes: &[u64]) -> String {
        let one = |index: &u64| {
            format!(r#"{{"index":{index},"type":"Message","from":{{"type":"Agent"}},"text":"{index}"}}"#)
        };
        format!("[{}]", indexes.iter().map(one).collect::<Vec<_>>().join(","))
    }

    #[test]
    fn what_came_is_told_once_and_in_order() {
        let mut held = Held::default();
        assert_eq!(take(&mut held, &said(&[2, 1, 3]), true), (vec![], vec![1, 2, 3]));
        assert_eq!(held.next(), 4);
        assert_eq!(take(&mut held, &said(&[2, 3, 4]), true), (vec![], vec![4]));
        assert_eq!(held.next(), 5);
    }

    #[test]
    fn what_comes_by_itself_does_not_skip_what_did_not_come() {
        let mut held = Held::from(5, Bots::default());
        assert_eq!(take(&mut held, &said(&[7]), false), (vec![], vec![7]));
        assert_eq!(held.next(), 5);
        assert_eq!(take(&mut held, &said(&[5, 6, 7]), true), (vec![5, 6], vec![]));
        assert_eq!(held.next(), 8);
        assert_eq!(take(&mut held, &said(&[8]), false), (vec![], vec![8]));
        assert_eq!(held.next(), 9);
        take(&mut held, &said(&[12]), false);
        take(&mut held, &said(&[9]), true);
        assert_eq!(held.next(), 10, "a reading tells nothing of what was said after it");
    }

    #[test]
    fn a_reading_passes_over_what_is_not_for_the_customer() {
        let mut held = Held::from(5, Bots::default());
        assert_eq!(take(&mut held, &said(&[6, 9]), true), (vec![], vec![6, 9]));
        assert_eq!(held.next(), 10);
    }

    #[test]
    fn what_has_no_index_has_a_place_all_the_same_and_is_told_once() {
        let mut held = Held::from(5, Bots::default());
        let typing = r#"[{"type":"TypingStarted","utcTime":7,"from":{"type":"Agent","participantId":2}}]"#;
        assert_eq!(take(&mut held, typing, true), (vec![], vec![4]));
        assert_eq!(take(&mut held, typing, true), (vec![], vec![]));
        assert_eq!(held.next(), 5, "a made-up place is not read on from");
        let again = typing.replace(":7", ":8");
        assert_eq!(take(&mut held, &again, true), (vec![], vec![4]));
        let notice = r#"[{"type":"Notice","text":"file-client-cfg-get","from":{"type":"Client"}}]"#;
        assert_eq!(take(&mut held, notice, true), (vec![], vec![]));
    }

    #[test]
    fn an_index_beyond_belief_is_none() {
        let mut held = Held::default();
        take(&mut held, &said(&[u64::MAX, 0]), true);
        assert_eq!(held.next(), 1);
    }
}
