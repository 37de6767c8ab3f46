//! The log that SQLite writes to first, and when its pages go into the file itself.
//!
//! Left to itself, SQLite copies the pages at the end of the commit that made the log long, which is then several times as slow
//! as others: it waits for the disk twice more. Often that was the commit of a message that somebody had just written. So it
//! is done here, before a commit for which nobody waits; the price of beginning the log anew falls on that one as well.

use rusqlite::Connection;

use super::error::ArchiveError;

/// Pages from which on the log is long: about four megabytes.
const LONG: i64 = 1_000;

/// Pages from which on it is copied whoever waits.
const LONGEST: i64 = 4_000;

/// Leaves it to this module when the log is copied.
pub(super) const NEVER_BY_ITSELF: &str = "PRAGMA wal_autocheckpoint = 0;";

/// Commits somebody waits for, between two looks at the log's length: a look takes a tenth of such a commit's time.
const LOOKS: u32 = 32;

/// Watches how long the log is.
#[derive(Debug, Default)]
pub(super) struct Log {
    /// Commits since the last look.
    unlooked: u32,
}

impl Log {
    /// Copies the log's pages into the file if there are many, and if nobody waits or there are very many. That it cannot be
    /// done now is no reason to refuse what is to be written: it is tried again before a later commit.
    pub(super) fn keep_short(&mut self, connection: &Connection, somebody_waits: bool) {
        self.unlooked += 1;
        if somebody_waits && self.unlooked < LOOKS {
            return;
        }
        self.unlooked = 0;
        keep_to(connection, if somebody_waits { LONGEST } else { LONG });
    }
}

/// Copies the log's pages into the file if there are many.
pub(super) fn shorten(connection: &Connection) {
    keep_to(connection, LONG);
}

fn keep_to(connection: &Connection, most: i64) {
    let copied = waiting(connection).and_then(|pages| match pages {
        pages if pages >= most => checkpoint(connection, "PRAGMA wal_checkpoint(PASSIVE)").map(drop),
        _ => Ok(()),
    });
    if let Err(refused) = copied {
        tracing::debug!(%refused, "the log of the archive stays long");
    }
}

/// Pages that are in the log alone.
pub(super) fn waiting(connection: &Connection) -> Result<i64, ArchiveError> {
    checkpoint(connection, "PRAGMA wal_checkpoint(NOOP)")
}

/// Runs a checkpoint. Gives back how many pages are in the log alone afterwards.
fn checkpoint(connection: &Connection, pragma: &str) -> Result<i64, ArchiveError> {
    let mut pragma = connection.prepare_cached(pragma)?;
    Ok(pragma.query_row([], |row| Ok(row.get::<_, i64>(1)? - row.get::<_, i64>(2)?))?)
}
