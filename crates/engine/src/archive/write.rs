//! A commit, written: cleared places, rows, late rows, own messages and state in one transaction.
//!
//! A row that goes from one place to another keeps its identifier here, so that what it says is not taken out of the index of
//! words and put in again. So clearing only marks rows, and what is still marked when the new rows are in goes then.

use std::sync::Arc;

use envoi_protocol::event::{Attachment, LocalId};
use envoi_protocol::stored::{
    Commit, ParcelChange, ParcelContent, Place, Progress, StoredParcel, StoredPhase, StoredRow, StoredState,
};
use envoi_protocol::timeline;
use envoi_protocol::view::{DeliveryView, Item, Person};
use rusqlite::{CachedStatement, OptionalExtension as _, Transaction, params};

use super::error::ArchiveError;
use super::index::{self, Folded};
use super::place::{columns, ids, ordered, own};
use super::row::StoredContent;
use super::{item, picture, words};

const INSERTION: &str = "INSERT OR IGNORE INTO row
         (id, conversation, major, minor, echo, own, at, kind, person, text, whole, media_url)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";

/// One conversation within a transaction.
pub(super) struct Writer<'t> {
    transaction: &'t Transaction<'t>,
    conversation: i64,
    /// Rows that stand at a cleared place.
    marked: Vec<i64>,
    /// The last place that is taken: what comes after it needs no looking up.
    last: Option<Place>,
    /// Whose rows were written so far.
    people: Vec<(Person, i64)>,
    /// Rows of this commit that are to go into the index of words.
    new: Vec<Folded>,
    only_new: bool,
    folded: String,
    /// Kept for as long as rows come: looking it up for each would take as long as part of the work.
    insertion: Option<CachedStatement<'t>>,
}

/// What a commit did, as far as it can be searched.
pub(super) struct Done {
    pub(super) conversation: i64,
    /// New rows with words.
    pub(super) new: Vec<Folded>,
    /// Whether nothing but them changed.
    pub(super) only_new: bool,
}

impl<'t> Writer<'t> {
    pub(super) fn write(
        transaction: &'t Transaction<'t>,
        conversation: &str,
        commit: &Commit,
    ) -> Result<Done, ArchiveError> {
        let number = number(transaction, conversation)?;
        let last = last(transaction, number)?;
        let mut writer = Self {
            transaction,
            conversation: number,
            marked: Vec::new(),
            last,
            people: Vec::new(),
            new: Vec::new(),
            only_new: true,
            folded: String::new(),
            insertion: None,
        };
        for place in &commit.cleared {
            let standing = writer.at(*place)?;
            writer.marked.extend(standing);
        }
        for row in &commit.rows {
            writer.put(row)?;
        }
        for row in &commit.late {
            if writer.at(row.place)?.is_none() {
                writer.insert(row, &settled(&row.item))?;
            }
        }
        for id in std::mem::take(&mut writer.marked) {
            writer.remove(id)?;
        }
        index::note(transaction, &writer.new)?;
        for change in &commit.parcels {
            writer.parcel(change)?;
        }
        if let Some(state) = &commit.state {
            writer.state(state)?;
        }
        Ok(Done { conversation: number, new: writer.new, only_new: writer.only_new })
    }

    fn cached(&self, sql: &str) -> Result<CachedStatement<'t>, ArchiveError> {
        Ok(self.transaction.prepare_cached(sql)?)
    }

    /// The row at a place.
    fn at(&self, place: Place) -> Result<Option<i64>, ArchiveError> {
        if self.last.is_none_or(|last| place > last) {
            return Ok(None);
        }
        let [major, minor, echo] = columns(place);
        let mut find = self.cached(
            "SELECT id FROM row WHERE conversation = ?1 AND major = ?2 AND minor = ?3 AND echo = ?4",
        )?;
        Ok(find.query_row([self.conversation, major, minor, echo], |row| row.get(0)).optional()?)
    }

    /// The row of an own message, wherever it stands.
    fn own(&self, local: LocalId) -> Result<Option<i64>, ArchiveError> {
        let mut find = self.cached("SELECT id FROM row WHERE conversation = ?1 AND own = ?2")?;
        Ok(find.query_row([self.conversation, local.0.cast_signed()], |row| row.get(0)).optional()?)
    }

    fn put(&mut self, row: &StoredRow) -> Result<(), ArchiveError> {
        let item = settled(&row.item);
        let standing = self.at(row.place)?;
        let moved = match own(&row.item.id) {
            Some(local) => self.own(local)?,
            None => None,
        };
        let Some(id) = moved.or(standing) else { return self.insert(row, &item) };
        if let Some(other) = standing.filter(|other| *other != id) {
            self.marked.retain(|marked| *marked != other);
            self.remove(other)?;
        }
        self.marked.retain(|marked| *marked != id);
        self.update(id, row, &item)
    }

    fn insert(&mut self, row: &StoredRow, item: &Item) -> Result<(), ArchiveError> {
        let [major, minor, echo] = columns(row.place);
        let written = item::write(item, row.place)?;
        let person = written.from.map(|from| self.person(from)).transpose()?;
        let own = own(&item.id).map(|local| local.0.cast_signed());
        let insert = match &mut self.insertion {
            Some(known) => known,
            none => none.insert(self.transaction.prepare_cached(INSERTION)?),
        };
        for id in ids(item.at, self.conversation, row.place) {
            let values = params![
                id,
                self.conversation,
                major,
                minor,
                echo,
                own,
                item.at,
                written.kind,
                person,
                written.text,
                written.whole,
                row.media_url
            ];
            // The place is free, so only the identifier can be taken.
            if insert.execute(values)? == 1 {
                self.last = self.last.max(Some(row.place));
                self.note(id, item);
                return Ok(());
            }
        }
        // Nothing is wrong with what is in the file, so it stays where it is.
        Err(ArchiveError::Io("no identifier is free for one more row".to_owned()))
    }

    fn update(&mut self, id: i64, row: &StoredRow, item: &Item) -> Result<(), ArchiveError> {
        let Some(old) = item::get(self.transaction, id)? else { return Ok(()) };
        let old = old.item;
        let [major, minor, echo] = columns(row.place);
        let written = item::write(item, row.place)?;
        let person = written.from.map(|from| self.person(from)).transpose()?;
        let reworded = words::of(&old) != words::of(item);
        if reworded {
            self.unindex(id, &old)?;
        }
        self.cached(
            "UPDATE row SET major = ?2, minor = ?3, echo = ?4, own = ?5, at = ?6, kind = ?7, person = ?8, text = ?9,
                 whole = ?10, media_url = ?11
             WHERE id = ?1",
        )?
        .execute(params![
            id,
            major,
            minor,
            echo,
            own(&item.id).map(|local| local.0.cast_signed()),
            item.at,
            written.kind,
            person,
            written.text,
            written.whole,
            row.media_url
        ])?;
        self.last = self.last.max(Some(row.place));
        if old.id != item.id {
            picture::remove(self.transaction, self.conversation, &old.id)?;
        }
        if reworded {
            self.only_new = false;
            self.note(id, item);
        }
        Ok(())
    }

    fn note(&mut self, id: i64, item: &Item) {
        self.new.extend(words::of(item).map(|text| Folded::new(id, self.conversation, &text)));
    }

    /// Takes a row's words out of the index. The row has to stand as it was: what was only noted so far is put in first, from there.
    fn unindex(&mut self, id: i64, item: &Item) -> Result<(), ArchiveError> {
        let Some(text) = words::of(item) else { return Ok(()) };
        self.only_new = false;
        if let Some(new) = self.new.iter().position(|new| new.id == id) {
            self.new.swap_remove(new);
            return Ok(());
        }
        if index::is_behind(self.transaction)? {
            index::catch_up(self.transaction)?;
        }
        index::remove(self.transaction, self.conversation, id, &text, &mut self.folded)
    }

    fn person(&mut self, person: &Person) -> Result<i64, ArchiveError> {
        if let Some((_, number)) = self.people.iter().find(|(known, _)| known == person) {
            return Ok(*number);
        }
        let number = item::number_of(self.transaction, self.conversation, person)?;
        self.people.push((person.clone(), number));
        Ok(number)
    }

    /// Takes a row out, with its words and its picture.
    fn remove(&mut self, id: i64) -> Result<(), ArchiveError> {
        let Some(row) = item::get(self.transaction, id)? else { return Ok(()) };
        self.unindex(id, &row.item)?;
        self.cached("DELETE FROM row WHERE id = ?1")?.execute([id])?;
        picture::remove(self.transaction, self.conversation, &row.item.id)
    }

    fn parcel(&mut self, change: &ParcelChange) -> Result<(), ArchiveError> {
        match change {
            ParcelChange::Put(parcel) => self.put_parcel(parcel),
            ParcelChange::Move { local, turn, progress } => self.move_parcel(*local, *turn, progress),
            ParcelChange::Gone(local) => self.forget_parcel(*local),
        }
    }

    fn put_parcel(&self, parcel: &StoredParcel) -> Result<(), ArchiveError> {
        let content = match &parcel.content {
            ParcelContent::Text(text) => StoredContent::Text(text.clone()),
            ParcelContent::Picture(Attachment { name, .. }) => StoredContent::Picture { name: name.clone() },
            ParcelContent::File(Attachment { name, .. }) => StoredContent::File { name: name.clone() },
            ParcelContent::Answer { offer, text, payloads } => {
                StoredContent::Answer { offer: offer.clone(), text: text.clone(), payloads: payloads.clone() }
            }
            ParcelContent::Hidden(text) => StoredContent::Hidden(text.clone()),
        };
        if let Some(Attachment { mime, bytes, .. }) = parcel.content.attachment() {
            // A file of its own, so that it is not written again whenever the message comes further.
            let item = timeline::row_of(parcel.local);
            picture::put(self.transaction, self.conversation, &item, mime, bytes)?;
        }
        self.cached(
            "INSERT INTO parcel (conversation, local, turn, content, progress) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT DO UPDATE SET turn = ?3, content = ?4, progress = ?5",
        )?
        .execute(params![
            self.conversation,
            parcel.local.0.cast_signed(),
            ordered(parcel.turn),
            serde_json::to_string(&content)?,
            serde_json::to_string(&parcel.progress)?
        ])?;
        Ok(())
    }

    fn move_parcel(&self, local: LocalId, turn: u64, progress: &Progress) -> Result<(), ArchiveError> {
        self.cached("UPDATE parcel SET turn = ?3, progress = ?4 WHERE conversation = ?1 AND local = ?2")?
            .execute(params![
                self.conversation,
                local.0.cast_signed(),
                ordered(turn),
                serde_json::to_string(progress)?
            ])?;
        Ok(())
    }

    /// Its picture stays for as long as its row does.
    fn forget_parcel(&self, local: LocalId) -> Result<(), ArchiveError> {
        self.cached("DELETE FROM parcel WHERE conversation = ?1 AND local = ?2")?
            .execute([self.conversation, local.0.cast_signed()])?;
        if self.own(local)?.is_none() {
            picture::remove(self.transaction, self.conversation, &timeline::row_of(local))?;
        }
        Ok(())
    }

    fn state(&self, state: &StoredState) -> Result<(), ArchiveError> {
        let over = matches!(state.phase, StoredPhase::Over { .. });
        let json = serde_json::to_string(state)?;
        self.cached(
            "UPDATE conversation SET deployment = ?2, company = ?3, over = ?4, state = ?5 WHERE number = ?1",
        )?
        .execute(params![self.conversation, state.deployment, state.company, over, json])?;
        Ok(())
    }
}

/// The number of a conversation, which gets one if it is new.
fn number(transaction: &Transaction<'_>, conversation: &str) -> Result<i64, ArchiveError> {
    if let Some(number) = super::row::number(transaction, conversation)? {
        return Ok(number);
    }
    transaction.prepare_cached("INSERT INTO conversation (name) VALUES (?1)")?.execute([conversation])?;
    Ok(transaction.last_insert_rowid())
}

fn last(transaction: &Transaction<'_>, conversation: i64) -> Result<Option<Place>, ArchiveError> {
    let mut last = transaction.prepare_cached(
        "SELECT major, minor, echo FROM row WHERE conversation = ?1
         ORDER BY major DESC, minor DESC, echo DESC LIMIT 1",
    )?;
    Ok(last.query_row([conversation], |row| super::place::read(row, 0)).optional()?)
}

/// A row as it is kept: how far an own message has come is with the parcels, and a row without one was sent.
fn settled(item: &Arc<Item>) -> Arc<Item> {
    let mut item = Arc::clone(item);
    if item.content.delivery().is_some_and(|delivery| *delivery != DeliveryView::Sent)
        && let Some(delivery) = Arc::make_mut(&mut item).content.delivery_mut()
    {
        *delivery = Some(DeliveryView::Sent);
    }
    item
}
