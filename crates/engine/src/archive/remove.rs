//! Taking out what is no longer wanted, so that it is not in the file any more.
//!
//! SQLite writes zeros over what is deleted. The index of words only notes that an entry is void, and keeps the word until it
//! is put together anew: so it is. The space that became free is given back, and the log is emptied.

use envoi_protocol::stored::{StoredPhase, StoredState};
use envoi_protocol::view::Item;
use rusqlite::{Connection, OptionalExtension as _, ToSql, Transaction, params};

use super::error::ArchiveError;
use super::item::searchable;
use super::place::first_id;
use super::{index, picture, row};

/// Own messages get their time anew when the service's copy comes, and keep their identifier: a row is looked for this many
/// milliseconds beside its time.
const SLACK: i64 = 2 * 24 * 60 * 60 * 1_000;

/// What [`Archive::expire`](super::Archive::expire) took out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Expired {
    /// How many rows.
    pub rows: usize,
    /// Conversations of which nothing is left.
    pub gone: Vec<String>,
}

/// Takes a whole conversation out.
pub(super) fn delete(connection: &mut Connection, conversation: &str) -> Result<(), ArchiveError> {
    let transaction = super::begin(connection)?;
    if let Some(number) = row::number(&transaction, conversation)? {
        let all = "SELECT id, text, whole FROM row WHERE conversation = ?1";
        take(&transaction, number, all, &[&number])?;
        whole(&transaction, number)?;
    }
    transaction.commit()?;
    sweep(connection)
}

/// Takes out what is older, of these conversations.
pub(super) fn expire(
    connection: &mut Connection,
    before: i64,
    conversations: &[String],
) -> Result<Expired, ArchiveError> {
    let transaction = super::begin(connection)?;
    let mut expired = Expired::default();
    let latest = first_id(before.saturating_add(SLACK));
    for name in conversations {
        let Some(number) = row::number(&transaction, name)? else { continue };
        let old = "SELECT id, text, whole FROM row WHERE +conversation = ?1 AND at < ?2 AND id < ?3 AND NOT EXISTS (
                SELECT 1 FROM parcel WHERE parcel.conversation = row.conversation AND parcel.local = row.own)";
        let taken = take(&transaction, number, old, &[&number, &before, &latest])?;
        if taken > 0 {
            close(&transaction, number)?;
        }
        expired.rows += taken;
        transaction.execute(
            "DELETE FROM person WHERE conversation = ?1
             AND number NOT IN (SELECT person FROM row WHERE conversation = ?1 AND person IS NOT NULL)",
            [number],
        )?;
        if is_done(&transaction, number, before)? {
            whole(&transaction, number)?;
            expired.gone.push(name.clone());
        }
    }
    transaction.commit()?;
    if expired != Expired::default() {
        sweep(connection)?;
    }
    Ok(expired)
}

/// Takes these rows of a conversation out, with their words and pictures.
fn take(
    transaction: &Transaction<'_>,
    conversation: i64,
    select: &str,
    values: &[&dyn ToSql],
) -> Result<usize, ArchiveError> {
    let counting = format!("SELECT count(*) FROM ({select})");
    let count: i64 = transaction.query_row(&counting, values, |row| row.get(0))?;
    let all: i64 = transaction.query_row("SELECT count(*) FROM row", [], |row| row.get(0))?;
    if count == 0 {
        return Ok(0);
    }
    // Noting that a row is void costs as much as indexing one.
    let anew = all - count < count;
    if !anew {
        index::catch_up(transaction)?;
    }
    let mut select = transaction.prepare(select)?;
    let mut rows = select.query(values)?;
    let mut ids = Vec::new();
    let mut folded = String::new();
    while let Some(row) = rows.next()? {
        let id: i64 = row.get(0)?;
        let text = |column| row.get_ref(column)?.as_str_or_null().map_err(rusqlite::Error::from);
        if !anew && let Some(text) = searchable(text(1)?, text(2)?)? {
            index::remove(transaction, conversation, id, &text, &mut folded)?;
        }
        // Pictures are never written as their text alone.
        if let Some(whole) = text(2)? {
            let item: Item = serde_json::from_str(whole)?;
            picture::remove(transaction, conversation, &item.id)?;
        }
        ids.push(id);
    }
    let mut delete = transaction.prepare_cached("DELETE FROM row WHERE id = ?1")?;
    for id in &ids {
        delete.execute([id])?;
    }
    if anew {
        index::anew(transaction)?;
    } else {
        transaction.execute("INSERT INTO words (words) VALUES ('optimize')", [])?;
    }
    Ok(ids.len())
}

/// Whatever the service has before what was deleted is older still, and is not to be fetched again.
fn close(transaction: &Transaction<'_>, conversation: i64) -> Result<(), ArchiveError> {
    let mut state = transaction.prepare_cached("SELECT state FROM conversation WHERE number = ?1")?;
    let state: Option<String> = state.query_row([conversation], |row| row.get(0))?;
    let Some(state) = state else { return Ok(()) };
    let mut state: StoredState = serde_json::from_str(&state)?;
    if !state.history_complete {
        state.history_complete = true;
        let mut write = transaction.prepare_cached("UPDATE conversation SET state = ?2 WHERE number = ?1")?;
        write.execute(params![conversation, serde_json::to_string(&state)?])?;
    }
    Ok(())
}

/// Whether nothing is left of a conversation that ended before this time.
fn is_done(transaction: &Transaction<'_>, conversation: i64, before: i64) -> Result<bool, ArchiveError> {
    let mut left = transaction.prepare_cached(
        "SELECT state FROM conversation WHERE number = ?1
         AND NOT EXISTS (SELECT 1 FROM row WHERE row.conversation = ?1)
         AND NOT EXISTS (SELECT 1 FROM parcel WHERE parcel.conversation = ?1)",
    )?;
    let state: Option<Option<String>> = left.query_row([conversation], |row| row.get(0)).optional()?;
    let Some(Some(state)) = state else { return Ok(false) };
    let state: StoredState = serde_json::from_str(&state)?;
    Ok(matches!(state.phase, StoredPhase::Over { at, .. } if at < before))
}

/// Takes out what a conversation has besides rows.
fn whole(transaction: &Transaction<'_>, conversation: i64) -> Result<(), ArchiveError> {
    for table in ["picture", "parcel", "person"] {
        transaction.execute(&format!("DELETE FROM {table} WHERE conversation = ?1"), [conversation])?;
    }
    transaction.execute("DELETE FROM conversation WHERE number = ?1", [conversation])?;
    Ok(())
}

/// Gives free space back and empties the log.
fn sweep(connection: &Connection) -> Result<(), ArchiveError> {
    connection.execute_batch("PRAGMA incremental_vacuum; PRAGMA wal_checkpoint(TRUNCATE);")?;
    Ok(())
}
