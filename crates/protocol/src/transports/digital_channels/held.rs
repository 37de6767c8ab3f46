//! Which entries were told already, and from where to read on in either direction.
//!
//! Restore, history, reconciliation and poll overlap by design: an entry is known by its index, whichever read brings it. An
//! entry without a usable index is known by its `id`, and gets a place of its own that no index can take: the same one after
//! a restart, when only places are remembered.

use std::collections::HashSet;

use foldhash::fast::RandomState;

use super::cursor::Cursor;
use super::map;
use super::wire;
use crate::event::{Entry, EntryKey};
use crate::io::Now;
use crate::keys::Keys;
use crate::kit::fingerprint::fingerprint;

/// Minor numbers from here on are ours; the service counts within one millisecond and stays far below.
const OURS: u64 = 1 << 40;
/// How many of them there are.
const RANGE: u64 = 1 << 40;
/// Distance between the parts of one entry.
const PART: u64 = 1 << 48;

/// The entries that are held, and both ends of them.
#[derive(Debug, Clone, Default)]
pub(super) struct Held {
    keys: Keys,
    ids: HashSet<Box<str>, RandomState>,
    /// Not yet among `ids`: they belong to entries with an index, and matter once an entry without one comes.
    spare_ids: Vec<Box<str>>,
    /// From where to where everything was told in an earlier run.
    told: Vec<(EntryKey, EntryKey)>,
    oldest: Option<Place>,
    /// Key of the newest entry, also while an answer is being taken in.
    last: Option<EntryKey>,
}

/// Where an entry stands, and the service's word for it: the word goes into queries as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) key: EntryKey,
    pub(super) index: String,
}

/// What was new in one answer.
#[derive(Debug, Default)]
pub(super) struct Fresh {
    /// To be told, oldest first.
    pub(super) entries: Vec<Entry>,
    /// The newest place in the answer, new or not.
    pub(super) newest: Option<Place>,
    /// The oldest place in the answer, new or not.
    pub(super) oldest: Option<Place>,
}

impl Held {
    /// An earlier run has told everything between the ends of its cursor. None of it is told again: whoever was told may not have
    /// it at hand, and would take it for news. Without a frontier there are gaps before it, and all is read again.
    pub(super) fn from(cursor: &Cursor) -> Self {
        let ends = cursor.oldest.as_ref().zip(cursor.frontier.as_ref());
        let ahead = cursor.ahead.as_ref().map(|(from, to)| (from, to));
        let told = [ends, ahead].into_iter().flatten().map(|(from, to)| (from.key, to.key)).collect();
        Self { oldest: ends.map(|(oldest, _)| oldest.clone()), told, ..Self::default() }
    }

    /// The oldest entry that is held.
    pub(super) fn oldest(&self) -> Option<&Place> {
        self.oldest.as_ref()
    }

    /// Takes an answer in. `me` is the own participant.
    pub(super) fn take(&mut self, now: Now, me: &str, entries: &[wire::Entry<'_>]) -> Fresh {
        let mut fresh = Vec::with_capacity(entries.len());
        let mut newest: Option<(EntryKey, &str)> = None;
        let mut oldest: Option<(EntryKey, &str)> = None;
        for entry in entries {
            let place = place(entry);
            if let Some((key, index)) = place {
                oldest = place.filter(|_| oldest.is_none_or(|(oldest, _)| key < oldest)).or(oldest);
                newest = place.filter(|_| newest.is_none_or(|(newest, _)| newest < key)).or(newest);
                self.last = self.last.max(Some(key));
                if self.oldest.as_ref().is_none_or(|oldest| key < oldest.key) {
                    self.oldest = Some(Place { key, index: index.to_owned() });
                }
            }
            let Some(key) = self.admit(now, entry, place.map(|(key, _)| key)) else { continue };
            if !map::visible(entry) {
                continue;
            }
            let at = map::time(entry).unwrap_or_else(|| i64::try_from(key.major).unwrap_or(now.wall));
            let from = map::person(entry, me);
            let (kind, more) = map::kinds(entry);
            for (part, kind) in (1..).zip(more) {
                // A service that counted as far as our own numbers would lose a part here, never a whole entry.
                let Some(minor) = PART.checked_mul(part).and_then(|step| key.minor.checked_add(step)) else {
                    break;
                };
                let key = EntryKey { major: key.major, minor };
                if self.keys.insert(key) {
                    fresh.push(Entry { key, at, from: from.clone(), kind });
                }
            }
            fresh.push(Entry { key, at, from, kind });
        }
        if !fresh.is_sorted_by_key(|entry| entry.key) {
            fresh.sort_by_key(|entry| entry.key);
        }
        let owned = |(key, index): (EntryKey, &str)| Place { key, index: index.to_owned() };
        let (newest, oldest) = (newest.map(owned), oldest.map(owned));
        Fresh { entries: fresh, newest, oldest }
    }

    /// The place of an entry that was not told yet; from then on it counts as told.
    fn admit(&mut self, now: Now, entry: &wire::Entry<'_>, key: Option<EntryKey>) -> Option<EntryKey> {
        let name = entry.id.text();
        let Some(key) = key else {
            self.ids.extend(self.spare_ids.drain(..));
            let likeness = name.map(str::to_owned).or_else(|| likeness(entry));
            let known = likeness.as_ref().is_some_and(|likeness| !self.ids.insert(likeness.as_str().into()));
            return (!known).then(|| self.place_of_our_own(now, entry, likeness.as_deref()));
        };
        let told = self.told.iter().any(|(from, to)| *from <= key && key <= *to);
        let fresh = self.keys.insert(key) && !told;
        if fresh {
            self.spare_ids.extend(name.map(Box::from));
        }
        fresh.then_some(key)
    }

    /// A place for an entry without one: at its time, or else after the newest. What it is recognised by decides where within
    /// that millisecond, so that it is the same each time.
    fn place_of_our_own(&mut self, now: Now, entry: &wire::Entry<'_>, likeness: Option<&str>) -> EntryKey {
        let newest = self.last.map(|key| key.major);
        let time = map::time(entry).or_else(|| newest.is_none().then_some(now.wall));
        let major = time.and_then(|time| u64::try_from(time).ok()).or(newest).unwrap_or_default();
        let minor =
            OURS.saturating_add(likeness.map_or(0, |likeness| fingerprint(likeness.as_bytes()) % RANGE));
        let mut key = EntryKey { major, minor };
        while !self.keys.insert(key) {
            key.minor = key.minor.wrapping_add(1);
        }
        key
    }
}

fn place<'a>(entry: &'a wire::Entry<'_>) -> Option<(EntryKey, &'a str)> {
    [&entry.index, &entry.stream_id].into_iter().find_map(|scalar| {
        let index = scalar.text()?;
        Some((map::key(index)?, index))
    })
}

/// Moves a place forward, never back.
pub(super) fn raise(end: &mut Option<Place>, place: &Place) {
    if end.as_ref().is_none_or(|end| end.key < place.key) {
        *end = Some(place.clone());
    }
}

/// By what an entry with neither index nor id is recognised when it comes again: its time, its author and its words. Without a
/// time it is not recognised, since two people may well say "ok".
fn likeness(entry: &wire::Entry<'_>) -> Option<String> {
    let time = entry.utc_time.text()?;
    let from = entry.from.0.as_ref().and_then(|from| from.participant_id.text());
    let parts = [Some(time), entry.kind.text(), from, entry.text.text(), entry.url.text()];
    Some(parts.map(Option::unwrap_or_default).join("\u{1f}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::EntryKind;
    use crate::io::Moment;

    const NOW: Now = Now { at: Moment(0), wall: 9_000 };

    fn take(held: &mut Held, json: &str) -> Fresh {
        let entries: Vec<wire::Entry<'_>> = serde_json::from_str(json).unwrap();
        held.take(NOW, "P1", &entries)
    }

    fn words(fresh: &Fresh) -> Vec<String> {
        let text = |entry: &Entry| match &entry.kind {
            EntryKind::Text(text) => text.clone(),
            other => format!("{other:?}"),
        };
        fresh.entries.iter().map(text).collect()
    }

    fn text(index: &str, words: &str) -> String {
        format!(r#"{{"type":"Text","from":{{"type":"Agent"}},"index":"{index}","text":"{words}"}}"#)
    }

    #[test]
    fn what_came_is_told_once_and_in_order() {
        let mut held = Held::default();
        let page = format!("[{},{},{}]", text("5-10", "c"), text("5-9", "b"), text("4-99", "a"));
        assert_eq!(words(&take(&mut held, &page)), ["a", "b", "c"]);
        assert!(take(&mut held, &page).entries.is_empty());
        assert_eq!(held.oldest().unwrap().index, "4-99");
    }

    #[test]
    fn what_the_person_may_not_see_is_not_told_and_counts_for_paging() {
        let mut held = Held::default();
        let json =
            r#"[{"type":"Text","from":{"type":"Agent"},"index":"5-0","text":"x","visibility":"Agent"}]"#;
        assert!(take(&mut held, json).entries.is_empty());
        assert_eq!(held.oldest().unwrap().index, "5-0");
    }

    #[test]
    fn an_entry_without_an_index_is_known_by_its_id() {
        let mut held = Held::default();
        let json = r#"[{"type":"Text","from":{"type":"Agent"},"id":"u1","utcTime":5000,"text":"a"},
            {"type":"Text","from":{"type":"Agent"},"id":"u2","utcTime":5000,"index":"what","text":"b"}]"#;
        let fresh = take(&mut held, json);
        assert_eq!(words(&fresh), ["a", "b"]);
        assert!(fresh.entries.iter().all(|entry| entry.key.major == 5_000));
        assert!(take(&mut held, json).entries.is_empty());
        let later = format!("[{}]", text("5000-0", "c"));
        assert_eq!(words(&take(&mut held, &later)), ["c"], "a made-up place takes no real one");
        assert_eq!(held.oldest().unwrap().index, "5000-0", "a made-up place is not asked for");
    }

    #[test]
    fn an_entry_without_anything_comes_after_the_newest() {
        let mut held = Held::default();
        take(&mut held, &format!("[{}]", text("5-0", "a")));
        let fresh = take(&mut held, r#"[{"type":"Text","from":{"type":"Agent"},"text":"ok"}]"#);
        assert!(fresh.entries[0].key > EntryKey { major: 5, minor: 0 });
        let again = take(&mut held, r#"[{"type":"Text","from":{"type":"Agent"},"text":"ok"}]"#);
        assert!(again.entries[0].key > fresh.entries[0].key);
    }

    #[test]
    fn the_stream_id_stands_in_for_a_missing_index() {
        let mut held = Held::default();
        take(&mut held, r#"[{"type":"Text","from":{"type":"Agent"},"streamId":"7-1","text":"a"}]"#);
        assert_eq!(held.oldest().unwrap().index, "7-1");
    }

    #[test]
    fn what_an_earlier_run_told_is_not_told_again() {
        let place = |index: &str| Place { key: map::key(index).unwrap(), index: index.to_owned() };
        let ahead = Some((place("9-0"), place("9-5")));
        let cursor = Cursor { frontier: Some(place("5-0")), oldest: Some(place("3-0")), ahead };
        let mut held = Held::from(&cursor);
        let page = ["2-0", "3-0", "5-0", "7-0", "9-3", "10-0"].map(|index| text(index, index)).join(",");
        let fresh = take(&mut held, &format!("[{page}]"));
        assert_eq!(words(&fresh), ["2-0", "7-0", "10-0"], "only what lies outside of both parts");
        assert_eq!(fresh.newest.unwrap().index, "10-0");
        let cursor = Cursor { frontier: None, ..cursor };
        assert!(
            Held::from(&cursor).oldest().is_none(),
            "without a frontier there may be gaps after the oldest"
        );
    }

    #[test]
    fn every_part_of_an_entry_has_its_own_place() {
        let mut held = Held::default();
        let json = r#"[{"type":"Text","from":{"type":"Agent"},"index":"5-0","text":"look",
            "content":[{"type":"image","url":"/1"},{"type":"image","url":"/2"}]}]"#;
        let fresh = take(&mut held, json);
        assert_eq!(fresh.entries.len(), 3);
        assert!(fresh.entries.is_sorted_by(|one, next| one.key < next.key));
        assert_eq!(fresh.entries[0].key, EntryKey { major: 5, minor: 0 });
        assert!(take(&mut held, json).entries.is_empty());
    }
}
