//! The rows of a conversation: in the service's order, without duplicates, local echoes merged with the service's copies.
//!
//! A row has a place. Entries of the service stand at their key. An own message stands at the end until the service takes it,
//! then behind the newest entry known at that time, and at its own key as soon as the service's copy comes; its identifier
//! stays the same all the way, and so does the order of those that were taken one after the other. What changed since the last [`Timeline::changes`] is told as an edit script, and what has to be
//! kept since the last [`Timeline::unsaved`] as rows to write.
//!
//! After a restart only the newest rows are here. Older ones lie beyond the *horizon*, in the archive: an entry of the service
//! that belongs there goes to the archive without being shown, and does not replace what stands there.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use crate::event::{EntryKey, LocalId, Person};
use crate::keys::Keys;
use crate::stored::{Place, StoredRow};
use crate::view::{Content, DeliveryView, Item, ItemsChange, Placed};

/// Rows in order.
#[derive(Debug, Clone, Default)]
pub struct Timeline {
    /// In order of their places. What comes stands at the end and history at the beginning: both are cheap here.
    rows: VecDeque<(Place, Row)>,
    /// Where the own messages of this run stand; an entry of the service stands where its identifier says.
    own: BTreeMap<LocalId, Place>,
    known: Keys,
    newest: Option<EntryKey>,
    echoes: u64,
    /// Places where something changed since an interface was told, in any order and perhaps more than once.
    dirty: Vec<Place>,
    removed: Vec<LocalId>,
    /// Identifiers of rows that became too old.
    expired: Vec<String>,
    /// Places where something changed since it was last kept; how far a message has come is kept elsewhere.
    unsaved: Vec<Place>,
    /// Rows from before the oldest one that is held here, which the archive holds the neighbours of.
    late: Vec<StoredRow>,
    /// The oldest row that is held here, if the archive has older ones.
    horizon: Option<Place>,
    /// Whether there ever was an offer here: most conversations have none, and need not be searched for one.
    offers: bool,
}

/// A row with what an interface does not see of it.
#[derive(Debug, Clone)]
pub struct Row {
    /// What an interface sees.
    pub item: Arc<Item>,
    /// Address of a picture or file within the service.
    pub media_url: Option<String>,
}

impl Timeline {
    /// Whether an entry with this key was seen. The first call for a key says no and remembers it.
    pub fn is_known(&mut self, key: EntryKey) -> bool {
        self.newest = self.newest.max(Some(key));
        !self.known.insert(key)
    }

    /// Puts an entry of the service in its place.
    pub fn put(&mut self, key: EntryKey, row: Row) {
        let place = Place { key, echo: 0 };
        if self.is_beyond(key) {
            self.late.push(StoredRow { place, item: row.item, media_url: row.media_url });
        } else {
            self.insert(place, row);
        }
    }

    /// Whether an entry of this key belongs among rows that only the archive holds.
    #[must_use]
    pub fn is_beyond(&self, key: EntryKey) -> bool {
        self.horizon.is_some_and(|horizon| Place { key, echo: 0 } < horizon)
    }

    /// Puts the echo of an own message at the end.
    pub fn echo(&mut self, local: LocalId, row: Row) {
        let place = self.behind(Place::LAST);
        self.insert_own(local, place, row);
    }

    /// The service took an own message: from now on it stands behind what is known so far.
    pub fn settle(&mut self, local: LocalId) {
        let Some(newest) = self.newest else { return };
        if let Some(row) = self.take(local) {
            let place = self.behind(newest);
            self.insert_own(local, place, row);
        }
    }

    /// The service's copy of an own message came: it goes to its place, under the identifier it has. What the service took later
    /// stays behind it, although its own copies have not come.
    pub fn merge(&mut self, local: LocalId, key: EntryKey, at: i64, media_url: Option<String>) {
        let from = self.own.get(&local).copied();
        if let Some(mut row) = self.take(local) {
            let item = Arc::make_mut(&mut row.item);
            item.at = at;
            if let Some(delivery) = item.content.delivery_mut() {
                *delivery = Some(DeliveryView::Sent);
            }
            row.media_url = media_url;
            let to = Place { key, echo: 0 };
            self.insert_own(local, to, row);
            if let Some(from) = from.filter(|from| *from < to) {
                self.follow(from, to);
            }
        }
    }

    /// A row went from here to there: those between that have no key of their own go along behind it.
    fn follow(&mut self, from: Place, to: Place) {
        let [first, end] = [from, to].map(|place| self.find(place).unwrap_or_else(|at| at));
        let between = self.rows.iter().skip(first).take(end.saturating_sub(first));
        let overtaken: Vec<LocalId> = between
            .filter(|(place, _)| place.echo > 0)
            .filter_map(|(_, row)| local_of(&row.item.id))
            .collect();
        for local in overtaken {
            if let Some(row) = self.take(local) {
                let place = self.behind(to.key);
                self.insert_own(local, place, row);
            }
        }
    }

    /// Moves the echo of an own message behind all others that wait.
    pub fn requeue(&mut self, local: LocalId) {
        if let Some(row) = self.take(local) {
            let place = self.behind(Place::LAST);
            self.insert_own(local, place, row);
        }
    }

    /// Shows how far an own message has come.
    pub fn deliver(&mut self, local: LocalId, state: &DeliveryView) {
        let Some(place) = self.own.get(&local).copied() else { return };
        let Ok(at) = self.find(place) else { return };
        let Some((_, row)) = self.rows.get_mut(at) else { return };
        if row.item.content.delivery() == Some(state) {
            return;
        }
        if let Some(delivery) = Arc::make_mut(&mut row.item).content.delivery_mut() {
            *delivery = Some(state.clone());
            self.dirty.push(place);
        }
    }

    /// Puts a line of this computer's own behind all that is known.
    pub fn inject(&mut self, local: LocalId, row: Row) {
        let place = self.behind(self.newest.unwrap_or(EntryKey { major: 0, minor: 0 }));
        self.insert_own(local, place, row);
    }

    /// Whether there may be an offer among the rows.
    #[must_use]
    pub const fn has_offers(&self) -> bool {
        self.offers
    }

    /// Notes what was chosen of an offer; nothing if that was taken back.
    pub fn answer(&mut self, id: &str, choices: &[String]) {
        self.edit(id, |row| {
            if let Content::Offer { answered, .. } = &mut Arc::make_mut(&mut row.item).content {
                *answered = choices.to_vec();
            }
        });
    }

    /// The file of this address is no longer to be had.
    pub fn withdraw(&mut self, url: &str) {
        let same = |(_, row): &&(Place, Row)| row.media_url.as_deref() == Some(url);
        let Some(id) = self.rows.iter().rev().find(same).map(|(_, row)| row.item.id.clone()) else { return };
        self.edit(&id, |row| {
            row.media_url = None;
            if let Content::Picture { withdrawn, .. } | Content::File { withdrawn, .. } =
                &mut Arc::make_mut(&mut row.item).content
            {
                *withdrawn = true;
            }
        });
    }

    fn edit(&mut self, id: &str, change: impl FnOnce(&mut Row)) {
        if let Some(place) = self.place(id)
            && let Ok(at) = self.find(place)
            && let Some((_, row)) = self.rows.get_mut(at)
            && row.item.id == id
        {
            change(row);
            self.dirty.push(place);
            self.unsaved.push(place);
        }
    }

    /// Takes the echo of an own message away.
    pub fn remove(&mut self, local: LocalId) {
        self.take(local);
    }

    /// The row of this identifier.
    #[must_use]
    pub fn row(&self, id: &str) -> Option<&Row> {
        let (_, row) = self.rows.get(self.find(self.place(id)?).ok()?)?;
        Some(row).filter(|row| row.item.id == id)
    }

    fn place(&self, id: &str) -> Option<Place> {
        match self.local(id) {
            Some(local) => self.own.get(&local).copied(),
            None => Some(Place { key: key_of(id)?, echo: 0 }),
        }
    }

    /// The own message behind this identifier, if it is one that this run wrote.
    #[must_use]
    pub fn local(&self, id: &str) -> Option<LocalId> {
        local_of(id).filter(|local| self.own.contains_key(local))
    }

    /// All rows, oldest first.
    pub fn items(&self) -> impl DoubleEndedIterator<Item = &Arc<Item>> {
        self.rows.iter().map(|(_, row)| &row.item)
    }

    /// Takes the newest rows of the archive in, at the start; `more` if it has older ones.
    pub fn restore(&mut self, rows: Vec<StoredRow>, more: bool) {
        // Rows that wait at the end are no place in the transcript.
        self.horizon =
            rows.iter().map(|row| row.place).find(|place| place.key != Place::LAST).filter(|_| more);
        for row in rows {
            self.recall(row);
        }
        self.dirty.clear();
    }

    /// Takes rows of the archive in that are older than all that are here; `more` if it has yet older ones.
    pub fn recalled(&mut self, rows: Vec<StoredRow>, more: bool) {
        if let Some(first) = rows.first() {
            self.horizon = Some(first.place).filter(|_| more);
        } else if !more {
            self.horizon = None;
        }
        for row in rows.into_iter().rev() {
            self.recall(row);
        }
    }

    fn recall(&mut self, StoredRow { place, mut item, media_url }: StoredRow) {
        if !item.replayed {
            // What comes back was announced when it came.
            Arc::make_mut(&mut item).replayed = true;
        }
        if let Some(local) = local_of(&item.id) {
            self.own.insert(local, place);
        }
        self.echoes = self.echoes.max(place.echo);
        if place.echo == 0 && place.key != Place::LAST {
            self.newest = self.newest.max(Some(place.key));
            self.known.insert(place.key);
        }
        self.offers |= matches!(item.content, Content::Offer { .. });
        let row = Row { item, media_url };
        match self.rows.front() {
            Some((first, _)) if place < *first => self.rows.push_front((place, row)),
            _ => match self.find(place) {
                Ok(_) => return,
                Err(at) => self.rows.insert(at, (place, row)),
            },
        }
        self.dirty.push(place);
    }

    /// Lets go of rows that are older than `before` (milliseconds since 1970-01-01 UTC), which the archive has deleted; own
    /// messages that are still on their way stay. Tells whether there were any.
    pub fn expire(&mut self, before: i64, stays: impl Fn(LocalId) -> bool) -> bool {
        let own = &mut self.own;
        let expired = &mut self.expired;
        let count = self.rows.len();
        self.rows.retain(|(_, row)| {
            let local = local_of(&row.item.id).filter(|local| own.contains_key(local));
            let goes = row.item.at < before && !local.is_some_and(&stays);
            if goes {
                if let Some(local) = local {
                    own.remove(&local);
                }
                expired.push(row.item.id.clone());
            }
            !goes
        });
        let any = self.rows.len() < count;
        if any {
            // Whatever the archive had before them was older.
            self.horizon = None;
        }
        any
    }

    /// From where on rows are here, if the archive has older ones.
    #[must_use]
    pub fn horizon(&self) -> Option<Place> {
        self.horizon
    }

    /// All rows as they are kept, oldest first.
    #[must_use]
    pub fn rows(&self) -> Vec<StoredRow> {
        let stored = |(place, row): &(Place, Row)| StoredRow {
            place: *place,
            item: Arc::clone(&row.item),
            media_url: row.media_url.clone(),
        };
        self.rows.iter().map(stored).collect()
    }

    /// None of the rows is kept: all of them are to be.
    pub fn owe_all(&mut self) {
        self.unsaved = self.rows.iter().map(|(place, _)| *place).collect();
    }

    /// What has to be kept since the last call: places without a row, rows, and rows for beyond the horizon.
    pub fn unsaved(&mut self) -> (Vec<Place>, Vec<StoredRow>, Vec<StoredRow>) {
        let late = std::mem::take(&mut self.late);
        if self.unsaved.is_empty() {
            return (Vec::new(), Vec::new(), late);
        }
        let mut places = std::mem::take(&mut self.unsaved);
        places.sort_unstable();
        places.dedup();
        let mut cleared = Vec::new();
        let mut rows = Vec::with_capacity(places.len());
        let mut next = 0;
        for place in places {
            match self.walk(next, place).and_then(|at| Some((at, self.rows.get(at)?))) {
                Some((at, (_, row))) => {
                    next = at + 1;
                    rows.push(StoredRow {
                        place,
                        item: Arc::clone(&row.item),
                        media_url: row.media_url.clone(),
                    });
                }
                None => cleared.push(place),
            }
        }
        (cleared, rows, late)
    }

    /// Key of the newest entry known.
    #[must_use]
    pub fn newest(&self) -> Option<EntryKey> {
        self.newest
    }

    /// Whether something changed since the last [`Timeline::changes`].
    #[must_use]
    pub fn has_changes(&self) -> bool {
        !(self.dirty.is_empty() && self.removed.is_empty() && self.expired.is_empty())
    }

    /// What changed since the last call; `None` if nothing did.
    pub fn changes(&mut self) -> Option<ItemsChange> {
        if !self.has_changes() {
            return None;
        }
        self.dirty.sort_unstable();
        self.dirty.dedup();
        let put = self.placed(&self.dirty);
        self.dirty.clear();
        let removed = std::mem::take(&mut self.removed).into_iter();
        let removed = removed.filter(|local| !self.own.contains_key(local)).map(row_of);
        let removed = std::mem::take(&mut self.expired).into_iter().chain(removed).collect();
        Some(ItemsChange { removed, put })
    }

    /// The rows at these places, which are in order.
    fn placed(&self, places: &[Place]) -> Vec<Placed> {
        let mut put = Vec::with_capacity(places.len());
        let mut next = 0;
        for place in places {
            let Some(at) = self.walk(next, *place) else { continue };
            let before = at.checked_sub(1).and_then(|before| self.rows.get(before));
            let after = before.map(|(_, row)| row.item.id.clone());
            put.extend(self.rows.get(at).map(|(_, row)| Placed { after, item: Arc::clone(&row.item) }));
            next = at + 1;
        }
        put
    }

    /// Where the row of this place is, if there is one: most likely at `next`, since what came at once usually stands together.
    fn walk(&self, next: usize, place: Place) -> Option<usize> {
        let is_next = self.rows.get(next).is_some_and(|(at, _)| *at == place);
        if is_next { Some(next) } else { self.find(place).ok() }
    }

    fn behind(&mut self, key: EntryKey) -> Place {
        self.echoes = self.echoes.saturating_add(1);
        Place { key, echo: self.echoes }
    }

    fn insert_own(&mut self, local: LocalId, place: Place, row: Row) {
        self.own.insert(local, place);
        self.insert(place, row);
    }

    fn insert(&mut self, place: Place, row: Row) {
        self.offers |= matches!(row.item.content, Content::Offer { .. });
        match self.find(place) {
            Ok(at) => drop(self.rows.get_mut(at).map(|(_, old)| std::mem::replace(old, row))),
            // Most often: at the end.
            Err(at) if at == self.rows.len() => self.rows.push_back((place, row)),
            Err(at) => self.rows.insert(at, (place, row)),
        }
        self.dirty.push(place);
        self.unsaved.push(place);
    }

    fn take(&mut self, local: LocalId) -> Option<Row> {
        let place = self.own.remove(&local)?;
        self.removed.push(local);
        self.unsaved.push(place);
        let at = self.find(place).ok()?;
        self.rows.remove(at).map(|(_, row)| row)
    }

    /// Where in the list this place is, or where it would be.
    fn find(&self, place: Place) -> Result<usize, usize> {
        match self.rows.back() {
            Some((last, _)) if *last > place => self.rows.binary_search_by_key(&place, |(at, _)| *at),
            Some((last, _)) if *last == place => Ok(self.rows.len() - 1),
            _ => Err(self.rows.len()),
        }
    }
}

/// The own message whose row has this identifier.
fn local_of(id: &str) -> Option<LocalId> {
    Some(LocalId(id.strip_prefix('m')?.parse().ok()?))
}

/// Identifier of the row of an own message.
#[must_use]
pub fn row_of(local: LocalId) -> String {
    format!("m{}", local.0)
}

/// Identifier of the row of an entry.
#[must_use]
pub fn row_at(key: EntryKey) -> String {
    let (mut major, mut minor) = (itoa::Buffer::new(), itoa::Buffer::new());
    let (major, minor) = (major.format(key.major), minor.format(key.minor));
    let mut id = String::with_capacity(major.len() + minor.len() + 2);
    id.push('e');
    id.push_str(major);
    id.push('-');
    id.push_str(minor);
    id
}

/// The entry that an identifier of [`row_at`] names.
fn key_of(id: &str) -> Option<EntryKey> {
    let (major, minor) = id.strip_prefix('e')?.split_once('-')?;
    Some(EntryKey { major: major.parse().ok()?, minor: minor.parse().ok()? })
}

/// A row that is only what an interface sees.
#[must_use]
pub fn plain(id: String, at: i64, replayed: bool, content: Content) -> Row {
    Row { item: Arc::new(Item { id, at, replayed, content }), media_url: None }
}

/// Somebody as shown: the person in front of the screen needs no name.
#[must_use]
pub fn me() -> Person {
    Person { id: "me".to_owned(), name: None, role: crate::event::Role::Me }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::runs;

    fn key(major: u64, minor: u64) -> EntryKey {
        EntryKey { major, minor }
    }

    fn words(id: String, text: &str) -> Row {
        plain(id, 0, false, Content::Message { from: me(), text: runs(text.to_owned()), delivery: None })
    }

    fn ids(timeline: &Timeline) -> Vec<&str> {
        timeline.items().map(|item| item.id.as_str()).collect()
    }

    /// Applies an edit script as an interface does.
    fn apply(shown: &mut Vec<Arc<Item>>, change: &ItemsChange) {
        shown.retain(|item| !change.removed.contains(&item.id));
        for Placed { after, item } in &change.put {
            shown.retain(|shown| shown.id != item.id);
            let at = after.as_ref().map_or(0, |id| 1 + shown.iter().position(|item| item.id == *id).unwrap());
            shown.insert(at, item.clone());
        }
    }

    #[test]
    fn keys_are_ordered_as_two_numbers() {
        let mut timeline = Timeline::default();
        for (major, minor) in [(9, 10), (10, 0), (9, 9), (9, 2)] {
            timeline.put(key(major, minor), words(row_at(key(major, minor)), "x"));
        }
        assert_eq!(ids(&timeline), ["e9-2", "e9-9", "e9-10", "e10-0"]);
    }

    #[test]
    fn an_own_message_keeps_its_identifier_from_echo_to_copy() {
        let mut timeline = Timeline::default();
        let local = LocalId(0);
        timeline.put(key(1, 0), words(row_at(key(1, 0)), "old"));
        assert!(!timeline.is_known(key(1, 0)));
        timeline.echo(local, words(row_of(local), "mine"));
        timeline.settle(local);
        timeline.put(key(2, 0), words(row_at(key(2, 0)), "an answer"));
        assert_eq!(ids(&timeline), ["e1-0", "m0", "e2-0"], "what was taken stands before what comes later");
        timeline.merge(local, key(3, 0), 33, None);
        assert_eq!(ids(&timeline), ["e1-0", "e2-0", "m0"], "the service's order counts in the end");
        assert_eq!(timeline.row("m0").unwrap().item.at, 33);
    }

    #[test]
    fn own_messages_keep_their_order_while_their_copies_come_one_by_one() {
        let mut timeline = Timeline::default();
        assert!(!timeline.is_known(key(1, 0)));
        timeline.put(key(1, 0), words(row_at(key(1, 0)), "old"));
        let locals = [0, 1, 2].map(LocalId);
        for local in locals {
            timeline.echo(local, words(row_of(local), "mine"));
            timeline.settle(local);
        }
        timeline.echo(LocalId(3), words(row_of(LocalId(3)), "still waiting"));
        for (local, at) in locals.into_iter().zip(2..) {
            assert!(!timeline.is_known(key(at, 0)));
            timeline.merge(local, key(at, 0), 1, None);
            assert_eq!(ids(&timeline), ["e1-0", "m0", "m1", "m2", "m3"], "after the copy of {}", local.0);
        }
    }

    #[test]
    fn an_interface_that_applies_the_edits_sees_the_same_rows() {
        let mut timeline = Timeline::default();
        let mut shown = Vec::new();
        let mut rng = fastrand::Rng::with_seed(3);
        let mut locals = Vec::new();
        for step in 0..2_000 {
            match rng.u8(0..7) {
                0 | 1 => {
                    let key = key(rng.u64(1..200), rng.u64(0..12));
                    if !timeline.is_known(key) {
                        timeline.put(key, words(row_at(key), "theirs"));
                    }
                }
                2 => {
                    let local = LocalId(step);
                    timeline.echo(local, words(row_of(local), "mine"));
                    locals.push(local);
                }
                3 if !locals.is_empty() => timeline.settle(locals[rng.usize(..locals.len())]),
                4 if !locals.is_empty() => {
                    let key = key(rng.u64(1..200), rng.u64(0..12));
                    if !timeline.is_known(key) {
                        timeline.merge(locals.swap_remove(rng.usize(..locals.len())), key, 1, None);
                    }
                }
                5 if !locals.is_empty() => timeline.remove(locals.swap_remove(rng.usize(..locals.len()))),
                6 if !locals.is_empty() => timeline.requeue(locals[rng.usize(..locals.len())]),
                _ => {}
            }
            if rng.bool()
                && let Some(change) = timeline.changes()
            {
                apply(&mut shown, &change);
                assert!(shown.iter().eq(timeline.items()), "step {step}");
            }
        }
        assert!(shown.len() > 100, "the walk is worth something");
    }
}
