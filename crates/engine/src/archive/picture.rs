//! Pictures: own ones from the moment they are written, and received ones once they were fetched.

use envoi_protocol::event::Media;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::error::ArchiveError;

/// Most bytes of one file that are kept: no service takes more.
pub const LARGEST_FILE: usize = 20 * 1024 * 1024;

pub(super) fn put(
    connection: &Connection,
    conversation: i64,
    item: &str,
    mime: &str,
    bytes: &[u8],
) -> Result<(), ArchiveError> {
    if bytes.len() > LARGEST_FILE {
        return Err(ArchiveError::TooLarge { size: bytes.len(), limit: LARGEST_FILE });
    }
    connection
        .prepare_cached(
            "INSERT INTO picture (conversation, item, mime, bytes) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT DO UPDATE SET mime = ?3, bytes = ?4",
        )?
        .execute(params![conversation, item, mime, bytes])?;
    Ok(())
}

pub(super) fn get(
    connection: &Connection,
    conversation: i64,
    item: &str,
) -> Result<Option<Media>, ArchiveError> {
    let mut select =
        connection.prepare_cached("SELECT mime, bytes FROM picture WHERE conversation = ?1 AND item = ?2")?;
    let media = select
        .query_row(params![conversation, item], |row| Ok(Media { mime: row.get(0)?, bytes: row.get(1)? }));
    Ok(media.optional()?)
}

pub(super) fn is_there(connection: &Connection, conversation: i64, item: &str) -> Result<bool, ArchiveError> {
    let mut select =
        connection.prepare_cached("SELECT 1 FROM picture WHERE conversation = ?1 AND item = ?2")?;
    Ok(select.exists(params![conversation, item])?)
}

pub(super) fn remove(connection: &Connection, conversation: i64, item: &str) -> Result<(), ArchiveError> {
    connection
        // Those of its cards go with it: they follow behind `#`, and `$` is the character after that.
        .prepare_cached(
            "DELETE FROM picture WHERE conversation = ?1
             AND (item = ?2 OR (item >= ?2 || '#' AND item < ?2 || '$'))",
        )?
        .execute(params![conversation, item])?;
    Ok(())
}
