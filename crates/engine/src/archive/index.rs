//! The index of words, and what is still to be put into it.
//!
//! Putting many rows in at once is three times as fast as a few at a time. So a commit only notes which rows are new, in the
//! same transaction, and they go into the index when there are many, or when somebody searches.

use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::error::ArchiveError;
use super::item::searchable;
use super::words;

/// So many rows go into the index together.
pub(super) const TOGETHER: usize = 10_000;

/// A row as the index is given it.
#[derive(Debug, Clone)]
pub(super) struct Folded {
    pub(super) id: i64,
    /// See [`words::fold`].
    pub(super) words: String,
}

impl Folded {
    pub(super) fn new(id: i64, conversation: i64, text: &str) -> Self {
        let mut words = String::with_capacity(text.len() + 16);
        words::fold(conversation, text, &mut words);
        Self { id, words }
    }
}

/// What is noted.
#[derive(Debug)]
pub(super) enum Behind {
    /// All of it is at hand.
    Known(Vec<Folded>),
    /// At most so many rows, which have to be read.
    Unread(usize),
}

impl Behind {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Known(rows) => rows.len(),
            Self::Unread(rows) => *rows,
        }
    }
}

/// Notes that these rows are to go into the index.
pub(super) fn note(connection: &Connection, rows: &[Folded]) -> Result<(), ArchiveError> {
    if !rows.is_empty() {
        let bytes: Vec<u8> = rows.iter().flat_map(|row| row.id.to_le_bytes()).collect();
        connection.prepare_cached("INSERT INTO unindexed (ids) VALUES (?1)")?.execute([bytes])?;
    }
    Ok(())
}

/// How many rows are noted.
pub(super) fn noted(connection: &Connection) -> Result<Behind, ArchiveError> {
    Ok(match read(connection)?.len() {
        0 => Behind::Known(Vec::new()),
        rows => Behind::Unread(rows),
    })
}

/// Takes a row out of the index that has these words. All that were noted are in it.
pub(super) fn remove(
    connection: &Connection,
    conversation: i64,
    id: i64,
    text: &str,
    folded: &mut String,
) -> Result<(), ArchiveError> {
    words::fold(conversation, text, folded);
    connection
        .prepare_cached("INSERT INTO words (words, rowid, text) VALUES ('delete', ?1, ?2)")?
        .execute(params![id, *folded])?;
    Ok(())
}

/// Puts all rows into the index that were noted.
pub(super) fn catch_up(connection: &Connection) -> Result<(), ArchiveError> {
    let mut ids = read(connection)?;
    if ids.is_empty() {
        return Ok(());
    }
    ids.sort_unstable();
    let mut select =
        connection.prepare_cached("SELECT id, conversation, text, whole FROM row WHERE id = ?1")?;
    let mut folded = String::new();
    for id in ids {
        let mut rows = select.query([id])?;
        if let Some(row) = rows.next()? {
            put(connection, row, &mut folded)?;
        }
    }
    connection.execute("DELETE FROM unindexed", [])?;
    Ok(())
}

/// Puts these rows into the index, which are all that were noted.
pub(super) fn catch_up_with<'a>(
    connection: &Connection,
    rows: impl Iterator<Item = &'a Folded>,
) -> Result<(), ArchiveError> {
    let mut rows: Vec<_> = rows.collect();
    rows.sort_unstable_by_key(|row| row.id);
    let mut insert = connection.prepare_cached("INSERT INTO words (rowid, text) VALUES (?1, ?2)")?;
    for row in rows {
        insert.execute(params![row.id, row.words])?;
    }
    connection.execute("DELETE FROM unindexed", [])?;
    Ok(())
}

/// Makes the index from all rows.
pub(super) fn anew(connection: &Connection) -> Result<(), ArchiveError> {
    connection.execute_batch("INSERT INTO words (words) VALUES ('delete-all'); DELETE FROM unindexed;")?;
    let mut select = connection.prepare("SELECT id, conversation, text, whole FROM row ORDER BY id")?;
    let mut rows = select.query([])?;
    let mut folded = String::new();
    while let Some(row) = rows.next()? {
        put(connection, row, &mut folded)?;
    }
    Ok(())
}

fn put(connection: &Connection, row: &Row<'_>, folded: &mut String) -> Result<(), ArchiveError> {
    let text = |column| row.get_ref(column)?.as_str_or_null().map_err(rusqlite::Error::from);
    if let Some(text) = searchable(text(2)?, text(3)?)? {
        words::fold(row.get(1)?, &text, folded);
        connection
            .prepare_cached("INSERT INTO words (rowid, text) VALUES (?1, ?2)")?
            .execute(params![row.get::<_, i64>(0)?, *folded])?;
    }
    Ok(())
}

fn read(connection: &Connection) -> Result<Vec<i64>, ArchiveError> {
    let mut select = connection.prepare_cached("SELECT ids FROM unindexed")?;
    let mut rows = select.query([])?;
    let mut ids = Vec::new();
    while let Some(row) = rows.next()? {
        let bytes = row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?;
        ids.extend(bytes.as_chunks().0.iter().map(|id| i64::from_le_bytes(*id)));
    }
    Ok(ids)
}

/// Whether any rows are noted.
pub(super) fn is_behind(connection: &Connection) -> Result<bool, ArchiveError> {
    let mut select = connection.prepare_cached("SELECT 1 FROM unindexed LIMIT 1")?;
    Ok(select.query_row([], |_| Ok(())).optional()?.is_some())
}
