//! The tables, and how a connection is prepared.
//!
//! A change of a table is a new migration at the end of the list; none is ever edited. The version of a file is the number
//! of migrations that it has seen.

use rusqlite::Connection;
use rusqlite_migration::{M, Migrations};

use super::error::ArchiveError;
use super::log;

/// Keys of the service and turns are unsigned, and SQLite's numbers are not: see [`super::place::ordered`].
///
/// A row's `id` grows with its time, see [`super::place::first_id`]: the search goes through the index in the order of the
/// ids, newest first, and stops when it has enough.
///
/// The index of words holds no text and no positions: what it finds is looked at again, see [`super::search`]. SQLite's option
/// to take words out of such an index at once loses others (3.51.3, found by our tests): see [`super::remove`]. A page of the index is a little smaller than usual, because the cipher needs a part
/// of each page of the file.
const FIRST: &str = "
CREATE TABLE conversation (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    deployment TEXT NOT NULL DEFAULT '',
    company TEXT NOT NULL DEFAULT '',
    over INTEGER NOT NULL DEFAULT 0,
    state TEXT
) STRICT;
CREATE TABLE row (
    id INTEGER PRIMARY KEY,
    conversation INTEGER NOT NULL,
    major INTEGER NOT NULL,
    minor INTEGER NOT NULL,
    echo INTEGER NOT NULL,
    own INTEGER,
    at INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    person INTEGER,
    text TEXT,
    whole TEXT,
    media_url TEXT
) STRICT;
CREATE UNIQUE INDEX row_place ON row (conversation, major, minor, echo);
CREATE UNIQUE INDEX row_own ON row (conversation, own) WHERE own IS NOT NULL;
CREATE TABLE person (
    number INTEGER PRIMARY KEY,
    conversation INTEGER NOT NULL,
    person TEXT NOT NULL,
    UNIQUE (conversation, person)
) STRICT;
CREATE TABLE unindexed (ids BLOB NOT NULL) STRICT;
CREATE TABLE parcel (
    conversation INTEGER NOT NULL,
    local INTEGER NOT NULL,
    turn INTEGER NOT NULL,
    content TEXT NOT NULL,
    progress TEXT NOT NULL,
    PRIMARY KEY (conversation, local)
) STRICT, WITHOUT ROWID;
CREATE TABLE picture (
    id INTEGER PRIMARY KEY,
    conversation INTEGER NOT NULL,
    item TEXT NOT NULL,
    mime TEXT NOT NULL,
    bytes BLOB NOT NULL,
    UNIQUE (conversation, item)
) STRICT;
CREATE TABLE note (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE VIRTUAL TABLE words USING fts5(
    text, content='', columnsize=0, detail=none, tokenize='ascii'
);
INSERT INTO words (words, rank) VALUES ('automerge', 16), ('pgsz', 3900);
";

const MIGRATIONS: &[M<'_>] = &[M::up(FIRST)];

/// Version of a file that this Envoi writes.
pub(super) const VERSION: i64 = MIGRATIONS.len() as i64;

/// Statements kept prepared: all that there are.
const STATEMENTS: usize = 64;

/// Prepares a connection that can read its file already, and brings the tables up to date.
pub(super) fn prepare(connection: &mut Connection) -> Result<(), ArchiveError> {
    let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if version > VERSION {
        return Err(ArchiveError::Newer { version, known: VERSION });
    }
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    if version == 0 {
        // Only possible before the first table: space that becomes free can then be given back.
        connection.execute_batch("PRAGMA auto_vacuum = INCREMENTAL;")?;
    }
    connection.execute_batch(
        "PRAGMA secure_delete = ON;
         PRAGMA foreign_keys = ON;
         PRAGMA journal_mode = WAL;
         PRAGMA synchronous = NORMAL;
         PRAGMA cache_size = -32000;",
    )?;
    connection.execute_batch(log::NEVER_BY_ITSELF)?;
    Migrations::from_slice(MIGRATIONS).to_latest(connection)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_migrations_apply() {
        Migrations::from_slice(MIGRATIONS).validate().unwrap();
    }
}
