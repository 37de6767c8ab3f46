//! Which messages were told already, and what a new one comes to.
//!
//! Pages of messages overlap by design, and their order is not documented: a message is known by its time and its name. What the bot
//! answers at once has no time, so it waits for its copy among the messages that are read; if none comes, it is told by itself.

use std::collections::{BTreeSet, HashSet};

use foldhash::fast::RandomState;
use serde::{Deserialize, Serialize};

use super::leg::{Move, Standing};
use super::map;
use super::wire::{Item, Sender};
use crate::event::{Entry, EntryKey, EntryKind};
use crate::io::Now;
use crate::kit::banner::WithPayload;
use crate::kit::fingerprint::fingerprint;

/// How many of the newest messages a cursor names. One that is not among them and newer than the oldest of them was not told: it may
/// have been written by another server, and have come late.
const RECENT: usize = 50;
/// Places between two messages of the same millisecond: one before, for who comes, and one after, for who goes.
const PLACES: u64 = 4;

/// Where reading goes on after a restart.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Cursor {
    /// The newest messages that were told, oldest first.
    recent: Vec<EntryKey>,
    /// The agent who is there, by name or an empty one.
    agent: Option<String>,
}

#[derive(Debug)]
pub(super) struct Held {
    pub(super) standing: Standing,
    told: BTreeSet<EntryKey>,
    /// Names of messages that were told without their time.
    alone: HashSet<String, RandomState>,
    /// What an earlier run has told: all up to the first of these, and of what follows up to the second only what is in `told`.
    before: Option<(EntryKey, EntryKey)>,
    newest: Option<EntryKey>,
    /// What the bot answered at once, and whether a read was begun since.
    waiting: Vec<(Item, bool)>,
    on_close: WithPayload,
}

/// What was new in a read.
#[derive(Debug, Default)]
pub(super) struct Fresh {
    /// Oldest first.
    pub(super) entries: Vec<Entry>,
}

impl Held {
    pub(super) fn new(cursor: Option<&Cursor>, on_close: WithPayload) -> Self {
        let cursor = cursor.cloned().unwrap_or_default();
        let agent = cursor.agent.map(|name| Some(name).filter(|name| !name.is_empty()));
        let told: BTreeSet<EntryKey> = cursor.recent.into_iter().collect();
        let nothing = EntryKey { major: 0, minor: 0 };
        let first = told.first().filter(|_| told.len() >= RECENT).copied().unwrap_or(nothing);
        Self {
            standing: Standing::with(agent),
            alone: HashSet::default(),
            before: told.last().map(|last| (first, *last)),
            newest: told.last().copied(),
            told,
            waiting: Vec::new(),
            on_close,
        }
    }

    pub(super) fn cursor(&self) -> Cursor {
        let agent = self.standing.agent.as_ref().map(|name| name.clone().unwrap_or_default());
        let mut recent: Vec<EntryKey> = self.told.iter().rev().take(RECENT).copied().collect();
        recent.reverse();
        Cursor { recent, agent }
    }

    /// The bot answered at once. What it says of the banner counts at once, too.
    pub(super) fn answered(&mut self, items: Vec<Item>) {
        for item in items {
            let meaning = map::meaning(&item, self.on_close);
            if meaning.banner.is_some() {
                // The agent's leg is followed in the messages alone, where it stands among all others.
                let banner = map::Meaning { kind: EntryKind::Other, leg: None, closes: false, ..meaning };
                self.standing.hear(Sender::Other, &banner);
            } else {
                self.waiting.push((item, false));
            }
        }
    }

    /// A read begins: whatever was answered before must be in it.
    pub(super) fn begin(&mut self) {
        for (_, covered) in &mut self.waiting {
            *covered = true;
        }
    }

    /// Whether a message was told already.
    pub(super) fn knows(&self, item: &Item) -> bool {
        let Some(at) = item.created() else { return false };
        let name = item.id().map_or_else(|| format!("{item:?}"), str::to_owned);
        let key = place(&name, at);
        self.told.contains(&key) || self.is_old(key)
    }

    fn is_old(&self, key: EntryKey) -> bool {
        self.before.is_some_and(|(first, _)| key < first)
    }

    /// Takes all messages of a read in. While history is `quiet`, what it says of the banner is past.
    pub(super) fn take(&mut self, now: Now, mut items: Vec<Item>, quiet: bool) -> Fresh {
        items.sort_by_key(Item::created);
        let mut fresh = Fresh::default();
        let (covered, waiting): (Vec<_>, Vec<_>) = self.waiting.drain(..).partition(|(_, covered)| *covered);
        self.waiting = waiting;
        let copy = |one: &Item| {
            items.iter().any(|item| match (one.id(), item.id()) {
                (Some(one), Some(other)) if one == other => true,
                _ => item.sender() == Sender::Bot && item.body() == one.body() && !self.knows(item),
            })
        };
        let alone: Vec<Item> = covered.into_iter().map(|(item, _)| item).filter(|item| !copy(item)).collect();
        for item in &items {
            self.take_one(now, item, Source::Page, quiet, &mut fresh);
        }
        for item in &alone {
            // What they say of the banner was heard when they came.
            self.take_one(now, item, Source::Answer, true, &mut fresh);
        }
        fresh.entries.sort_by_key(|entry| entry.key);
        fresh
    }

    fn take_one(&mut self, now: Now, item: &Item, source: Source, quiet: bool, fresh: &mut Fresh) {
        let name = item.id().map_or_else(|| format!("{item:?}"), str::to_owned);
        let key = match item.created() {
            Some(_) if self.alone.contains(&name) => return,
            Some(at) => place(&name, at),
            None => {
                // What has neither time nor name is known by what it says, if it may come again.
                if !self.alone.insert(name.clone()) && (source == Source::Page || item.id().is_some()) {
                    return;
                }
                let wall = u64::try_from(now.wall).unwrap_or_default();
                place(&name, self.newest.map_or(wall, |newest| newest.major.saturating_add(1)))
            }
        };
        if self.is_old(key) || !self.told.insert(key) {
            return;
        }
        let mut meaning = map::meaning(item, self.on_close);
        let past = self.before.is_some_and(|(_, last)| key <= last);
        if quiet || past {
            meaning.banner = None;
        }
        let sender = item.sender();
        // What an earlier run has heard, it has kept.
        let moved = if past { None } else { self.standing.hear(sender, &meaning) };
        self.newest = self.newest.max(Some(key));
        let at = i64::try_from(key.major).unwrap_or(i64::MAX);
        let name = item.agent().or_else(|| self.standing.agent.as_ref()?.as_deref());
        let from = map::person(sender, name);
        let step = |minor: u64| EntryKey { minor, ..key };
        let agent = |name: Option<String>| map::person(Sender::Agent, name.as_deref());
        match moved {
            Some(Move::Came(name)) => {
                let key = step(key.minor.saturating_sub(1));
                fresh.entries.push(Entry { key, at, from: agent(name), kind: EntryKind::Joined });
            }
            Some(Move::Went(name)) => {
                let key = step(key.minor.saturating_add(1));
                fresh.entries.push(Entry { key, at, from: agent(name), kind: EntryKind::Left });
            }
            None => {}
        }
        let kind = match meaning.kind {
            EntryKind::Typing(_) if quiet => EntryKind::Other,
            kind => kind,
        };
        fresh.entries.push(Entry { key, at, from, kind });
    }
}

/// Where a message comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    /// A page, which may bring it again.
    Page,
    /// The answer to a text, which comes once.
    Answer,
}

/// The place of a message: its time, and within that millisecond its name.
fn place(name: &str, at: u64) -> EntryKey {
    EntryKey { major: at, minor: 1 + PLACES * (fingerprint(name.as_bytes()) % (1 << 40)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::Moment;
    use serde_json::{Value, json};

    const NOW: Now = Now { at: Moment(0), wall: 9_000 };

    fn items(json: &Value) -> Vec<Item> {
        serde_json::from_value(json.clone()).unwrap()
    }

    fn said(id: &str, at: u64, words: &str) -> Value {
        json!({ "_id": id, "created": at, "messageType": "BOT", "message": words })
    }

    fn words(fresh: &Fresh) -> Vec<String> {
        let word = |entry: &Entry| match &entry.kind {
            EntryKind::Text(text) => text.clone(),
            other => format!("{other:?}"),
        };
        fresh.entries.iter().map(word).collect()
    }

    fn held() -> Held {
        Held::new(None, WithPayload::Show)
    }

    #[test]
    fn what_came_is_told_once_and_in_order_of_its_time() {
        let mut held = held();
        let page = items(&json!([said("b", 20, "two"), said("a", 10, "one")]));
        assert_eq!(words(&held.take(NOW, page.clone(), false)), ["one", "two"]);
        assert!(held.take(NOW, page, false).entries.is_empty());
    }

    #[test]
    fn what_the_bot_answered_at_once_waits_for_its_copy() {
        let mut held = held();
        held.answered(items(&json!([{ "_id": "a", "message": "one" }, { "_id": "x", "message": "two" }])));
        assert!(held.take(NOW, Vec::new(), false).entries.is_empty(), "that read was begun before");
        held.begin();
        let page = items(&json!([said("a", 10, "one"), said("b", 20, "two")]));
        assert_eq!(words(&held.take(NOW, page, false)), ["one", "two"], "by name, or by what it says");
        held.begin();
        assert!(held.take(NOW, Vec::new(), false).entries.is_empty());
    }

    #[test]
    fn an_answer_without_a_copy_is_told_by_itself_and_a_late_copy_is_not() {
        let mut held = held();
        held.take(NOW, items(&json!([said("a", 10, "one")])), false);
        held.answered(items(
            &json!([{ "_id": "b", "message": "two" }, { "message": "ok" }, { "message": "ok" }]),
        ));
        held.begin();
        let fresh = held.take(NOW, items(&json!([said("a", 10, "one")])), false);
        assert_eq!(words(&fresh), ["two", "ok", "ok"]);
        assert_eq!(fresh.entries[0].key.major, 11, "after the newest");
        assert!(held.take(NOW, items(&json!([said("b", 12, "two")])), false).entries.is_empty());
    }

    #[test]
    fn a_message_without_time_or_name_is_known_by_what_it_says() {
        let mut held = held();
        let page = items(&json!([{ "messageType": "AGENT", "message": "ok" }]));
        assert_eq!(held.take(NOW, page.clone(), false).entries.len(), 2, "an agent came, and wrote");
        assert!(held.take(NOW, page, false).entries.is_empty());
    }

    #[test]
    fn who_comes_and_goes_stands_beside_the_message_that_says_so() {
        let mut held = held();
        let note = |at: u64, words: &str| json!({ "_id": at.to_string(), "created": at, "messageType": "NOTIFICATION", "message": words });
        let page =
            json!([note(5, "Maya has joined the conversation"), note(7, "Maya has left the conversation")]);
        let fresh = held.take(NOW, items(&page), false);
        assert_eq!(words(&fresh), ["Joined", "Other", "Other", "Left"]);
        assert_eq!(fresh.entries[0].from.name.as_deref(), Some("Maya"));
        assert!(fresh.entries.is_sorted_by(|one, next| one.key < next.key));
    }

    #[test]
    fn a_restart_goes_on_and_does_not_put_up_a_banner_of_the_past() {
        let mut held = held();
        let banner = |id: &str, at: u64| {
            json!({ "_id": id, "created": at, "messageType": "BOT",
            "message": { "event": { "code": "ui-event-update-promotion", "data": { "title": id } } } })
        };
        let agent = json!({ "_id": "m", "created": 100_000, "messageType": "AGENT", "agentName": "Maya", "message": "hi" });
        held.take(NOW, items(&json!([banner("old", 99_000), agent])), false);
        assert!(matches!(held.standing.news(), Some(Some(_))));
        let cursor = held.cursor();
        let mut later = Held::new(Some(&cursor), WithPayload::Show);
        assert_eq!(later.standing.agent, Some(Some("Maya".to_owned())));
        later.take(NOW, items(&json!([banner("old", 99_000), agent])), false);
        assert_eq!(later.standing.news(), None);
        later.take(NOW, items(&json!([banner("new", 101_000)])), false);
        assert!(matches!(later.standing.news(), Some(Some(_))));
    }

    #[test]
    fn a_restart_tells_nothing_twice_and_what_came_late() {
        let mut held = held();
        let page: Vec<Value> = (0..80).map(|n| said(&n.to_string(), 1_000 + 10 * n, "words")).collect();
        held.take(NOW, items(&json!(page)), false);
        let mut later = Held::new(Some(&held.cursor()), WithPayload::Show);
        assert!(later.take(NOW, items(&json!(page)), false).entries.is_empty());
        let late = items(&json!([
            said("late", 1_501, "late"),
            said("old", 1_001, "old"),
            said("new", 2_000, "new")
        ]));
        assert_eq!(words(&later.take(NOW, late, false)), ["late", "new"]);
        let text = serde_json::to_string(&held.cursor()).unwrap();
        assert!(text.len() < 4_096, "{} bytes", text.len());
    }
}
