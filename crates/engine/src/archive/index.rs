//! The index of words, and what is still to be put into it.
//!
//! Putting many rows in at once is three times as fast as a few at a time. So a commit only notes which rows are new, in the
//! same transaction, and they go into the index when there are many, or when somebody searches.

use rusqlite::{Connection, params};

use super::error::ArchiveError;
use super::item::searchable;
use super::words;

/// So many rows go into the index together.
pub(super) const TOGETHER: usize = 5_000;

/// Notes that a row is to go into the index.
pub(super) fn note(connection: &Connection, id: i64) -> Result<(), ArchiveError> {
    connection.prepare_cached("INSERT OR IGNORE INTO unindexed (id) VALUES (?1)")?.execute([id])?;
    Ok(())
}

/// Takes a row out of the index that has these words, if it is in it.
pub(super) fn remove(
    connection: &Connection,
    conversation: i64,
    id: i64,
    text: &str,
    folded: &mut String,
) -> Result<(), ArchiveError> {
    if connection.prepare_cached("DELETE FROM unindexed WHERE id = ?1")?.execute([id])? == 0 {
        words::fold(conversation, text, folded);
        connection
            .prepare_cached("INSERT INTO words (words, rowid, text) VALUES ('delete', ?1, ?2)")?
            .execute(params![id, *folded])?;
    }
    Ok(())
}

/// How many rows are still to go into the index.
pub(super) fn waiting(connection: &Connection) -> Result<usize, ArchiveError> {
    let count: i64 = connection.query_row("SELECT count(*) FROM unindexed", [], |row| row.get(0))?;
    Ok(usize::try_from(count).unwrap_or(usize::MAX))
}

/// Puts all rows into the index that wait for it.
pub(super) fn catch_up(connection: &Connection) -> Result<(), ArchiveError> {
    let select = "SELECT row.id, conversation, text, whole FROM unindexed CROSS JOIN row USING (id) ORDER BY unindexed.id";
    put(connection, select)?;
    connection.execute("DELETE FROM unindexed", [])?;
    Ok(())
}

/// Makes the index from all rows.
pub(super) fn anew(connection: &Connection) -> Result<(), ArchiveError> {
    connection.execute_batch("INSERT INTO words (words) VALUES ('delete-all'); DELETE FROM unindexed;")?;
    put(connection, "SELECT id, conversation, text, whole FROM row ORDER BY id")
}

fn put(connection: &Connection, select: &str) -> Result<(), ArchiveError> {
    let mut select = connection.prepare_cached(select)?;
    let mut insert = connection.prepare_cached("INSERT INTO words (rowid, text) VALUES (?1, ?2)")?;
    let mut rows = select.query([])?;
    let mut folded = String::new();
    while let Some(row) = rows.next()? {
        let text = |column| row.get_ref(column)?.as_str_or_null().map_err(rusqlite::Error::from);
        if let Some(text) = searchable(text(2)?, text(3)?)? {
            words::fold(row.get(1)?, &text, &mut folded);
            insert.execute(params![row.get::<_, i64>(0)?, folded])?;
        }
    }
    Ok(())
}
