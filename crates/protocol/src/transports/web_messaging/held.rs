//! What was told already, and where a later run reads on.
//!
//! A message has its place at its time; within a millisecond a number that follows from its name decides, so that the place is
//! the same each time it comes, live or from the history. Frames may come in any order, so what lies shortly before the newest
//! is not taken for whole: a later run reads that stretch again and knows by name what was told of it.

use std::collections::{BTreeSet, VecDeque};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::map::{self, Message, Style};
use crate::event::{Entry, EntryKey};
use crate::io::Now;
use crate::kit::fingerprint::fingerprint;

/// How long before the newest message something may still turn up, in milliseconds.
const SLACK: u64 = 10_000;
/// Most keys of that stretch, and of what was told beyond a gap, that are kept over a restart.
const RECENT: usize = 200;

/// What was told of a transcript.
#[derive(Debug, Default)]
pub(super) struct Held {
    /// Minor numbers of all messages that were met in this run.
    known: BTreeSet<u64>,
    /// What an earlier run had told: everything from the one to the other.
    told: Option<(EntryKey, EntryKey)>,
    newest: Option<EntryKey>,
    oldest: Option<EntryKey>,
    recent: VecDeque<EntryKey>,
    /// Messages from the oldest to the newest, to guess at the page of history that comes next.
    count: u64,
    /// Messages without a name or a time.
    nameless: u64,
}

/// What is kept for a later run.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Cursor {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) newest: Option<EntryKey>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) oldest: Option<EntryKey>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) recent: Vec<EntryKey>,
    pub(super) count: u64,
}

impl Cursor {
    /// As it is kept.
    pub(super) fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// What was kept; empty if it cannot be read, which only costs reading once more.
    pub(super) fn read(text: &str) -> Self {
        serde_json::from_str(text).unwrap_or_default()
    }
}

/// Messages of one frame or page that were not told before.
#[derive(Debug, Default)]
pub(super) struct Fresh {
    /// In the order of their keys.
    pub(super) entries: Vec<Entry>,
    /// Both ends of all that came, also of what was known.
    pub(super) ends: Option<(EntryKey, EntryKey)>,
    /// It comes from a page before the oldest that was told: nothing of it is near the newest.
    older: bool,
}

impl Held {
    /// What an earlier run had told.
    pub(super) fn from(cursor: &Cursor) -> Self {
        let before = |key: EntryKey| EntryKey { major: key.major.saturating_sub(SLACK), minor: 0 };
        // Where more was told than could be kept, what lies before it counts as told.
        let first = cursor.recent.iter().min().copied().filter(|_| cursor.recent.len() >= RECENT);
        let until =
            cursor.newest.map(|newest| first.map_or(before(newest), |first| before(newest).max(first)));
        Self {
            known: cursor.recent.iter().map(|key| key.minor).collect(),
            told: cursor.oldest.zip(until).filter(|(oldest, until)| oldest < until),
            newest: cursor.newest,
            oldest: cursor.oldest,
            recent: cursor.recent.iter().copied().collect(),
            count: cursor.count,
            nameless: 0,
        }
    }

    /// Where a later run reads on, if everything up to `frontier` was told without a gap. What was told beyond it is known by name.
    pub(super) fn cursor(&self, frontier: Option<EntryKey>) -> Cursor {
        let since = frontier.map_or(0, |frontier| frontier.major.saturating_sub(SLACK));
        let recent = self.recent.iter().filter(|key| key.major >= since);
        Cursor {
            newest: frontier,
            oldest: self.oldest.filter(|_| frontier.is_some()),
            recent: recent.copied().collect(),
            count: self.count,
        }
    }

    pub(super) fn newest(&self) -> Option<EntryKey> {
        self.newest
    }

    pub(super) fn oldest(&self) -> Option<EntryKey> {
        self.oldest
    }

    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// Whether a page that reaches back to this key leaves no gap to `frontier`.
    pub(super) fn reaches(key: EntryKey, frontier: EntryKey) -> bool {
        key.major.saturating_add(SLACK) < frontier.major
    }

    /// Takes a message in; whatever of it is news goes into `fresh`.
    pub(super) fn take(&mut self, now: Now, body: &Value, read: Message, fresh: &mut Fresh) {
        let wall = u64::try_from(now.wall).unwrap_or_default();
        let minor = match (&read.name, read.at) {
            (Some(name), _) => fingerprint(name.as_bytes()),
            // Without any name it is recognised by all of it, and without a time not at all: people do say "ok" twice.
            (None, Some(_)) => fingerprint(body.to_string().as_bytes()),
            (None, None) => {
                self.nameless = self.nameless.saturating_add(1);
                fingerprint(format!("{wall}#{}", self.nameless).as_bytes())
            }
        };
        let newest = self.newest.map_or(wall, |newest| newest.major);
        let major = read.at.and_then(|at| u64::try_from(at).ok()).unwrap_or(newest);
        let key = EntryKey { major, minor };
        if read.stays && read.at.is_some() {
            fresh.ends = Some(fresh.ends.map_or((key, key), |(from, to)| (from.min(key), to.max(key))));
        }
        let told = self.told.is_some_and(|(from, to)| from <= key && key <= to);
        if told || !self.known.insert(minor) {
            return;
        }
        if read.stays {
            self.count = self.count.saturating_add(1);
            self.newest = self.newest.max(Some(key));
            self.oldest = Some(self.oldest.map_or(key, |oldest| oldest.min(key)));
            if !fresh.older {
                if self.recent.len() == RECENT {
                    self.recent.pop_front();
                }
                self.recent.push_back(key);
            }
        }
        let at = read.at.unwrap_or(now.wall);
        for (part, kind) in (0_u64..).zip(read.kinds) {
            // The first part has the message's own place, the others their own beside it.
            let place = if part == 0 { minor } else { fingerprint(format!("{minor}#{part}").as_bytes()) };
            if part == 0 || self.known.insert(place) {
                let key = EntryKey { major, minor: place };
                fresh.entries.push(Entry { key, at, from: read.from.clone(), kind });
            }
        }
        fresh.entries.sort_by_key(|entry| entry.key);
    }

    /// Takes a whole page or frame in.
    pub(super) fn take_all<'a>(
        &mut self,
        now: Now,
        style: &Style,
        bodies: impl Iterator<Item = &'a Value>,
    ) -> Fresh {
        self.take_into(now, style, bodies, Fresh::default())
    }

    /// The same for a page before the oldest.
    pub(super) fn take_older<'a>(
        &mut self,
        now: Now,
        style: &Style,
        bodies: impl Iterator<Item = &'a Value>,
    ) -> Fresh {
        self.take_into(now, style, bodies, Fresh { older: true, ..Fresh::default() })
    }

    fn take_into<'a>(
        &mut self,
        now: Now,
        style: &Style,
        bodies: impl Iterator<Item = &'a Value>,
        mut fresh: Fresh,
    ) -> Fresh {
        for body in bodies {
            self.take(now, body, map::message(body, style), &mut fresh);
        }
        fresh
    }
}

#[cfg(test)]
mod tests {
    use super::super::map::PLAIN;
    use super::*;
    use crate::event::EntryKind;
    use crate::io::Moment;
    use serde_json::json;

    const NOW: Now = Now { at: Moment(0), wall: 9_000 };

    fn text(id: &str, second: u32) -> Value {
        json!({ "type": "Text", "direction": "Outbound", "text": id, "id": id,
            "channel": { "time": format!("2026-01-05T10:{:02}:{:02}Z", second / 60, second % 60) } })
    }

    fn words(fresh: &Fresh) -> Vec<String> {
        let text = |entry: &Entry| match &entry.kind {
            EntryKind::Text(text) => text.clone(),
            other => format!("{other:?}"),
        };
        fresh.entries.iter().map(text).collect()
    }

    #[test]
    fn what_came_is_told_once_and_in_order() {
        let mut held = Held::default();
        let page = [text("c", 3), text("a", 1), text("b", 2)];
        assert_eq!(words(&held.take_all(NOW, PLAIN, page.iter())), ["a", "b", "c"]);
        let again = held.take_all(NOW, PLAIN, page.iter());
        assert!(again.entries.is_empty());
        assert_eq!(again.ends.unwrap().0, held.oldest().unwrap(), "what is known counts for paging");
    }

    #[test]
    fn every_part_of_a_message_has_its_own_place() {
        let mut held = Held::default();
        let mut body = text("a", 1);
        body["content"] = json!([{ "contentType": "Attachment", "attachment": { "url": "https://x.example", "mime": "image/png" } }]);
        let fresh = held.take_all(NOW, PLAIN, std::iter::once(&body));
        assert_eq!(fresh.entries.len(), 2);
        assert!(fresh.entries.is_sorted_by(|one, next| one.key < next.key));
        assert!(held.take_all(NOW, PLAIN, std::iter::once(&body)).entries.is_empty());
    }

    #[test]
    fn a_later_run_tells_only_what_is_new() {
        let mut held = Held::default();
        let page: Vec<Value> = [("a", 0), ("b", 100), ("c", 200)].map(|(id, at)| text(id, at)).to_vec();
        held.take_all(NOW, PLAIN, page.iter());
        let cursor = Cursor::read(&held.cursor(held.newest()).text());
        assert_eq!(cursor, held.cursor(held.newest()));
        assert_eq!(cursor.recent.len(), 1, "only what is near the newest has to be known by name");
        let mut later = Held::from(&cursor);
        let late = [text("late", 195), text("d", 201)];
        let fresh = later.take_all(NOW, PLAIN, page.iter().chain(&late));
        assert_eq!(words(&fresh), ["late", "d"]);
        assert_eq!(Cursor::read("what"), Cursor::default());
    }

    #[test]
    fn a_message_without_a_time_comes_after_the_newest() {
        let mut held = Held::default();
        held.take_all(NOW, PLAIN, [text("a", 1)].iter());
        let odd = json!({ "type": "Text", "text": "x", "id": "x", "channel": { "time": null } });
        let fresh = held.take_all(NOW, PLAIN, [odd].iter());
        assert_eq!(fresh.entries[0].key.major, held.oldest().unwrap().major);
    }
}
