//! Rows and own messages, read back: the newest, a page of older ones, or all from a certain one on.

use envoi_protocol::event::{Attachment, LocalId};
use envoi_protocol::stored::{ParcelContent, Place, Stored, StoredParcel, StoredRow, StoredState};
use envoi_protocol::timeline;
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde::{Deserialize, Serialize};

use super::error::ArchiveError;
use super::item::columns as row_columns;
use super::place::{self, columns, entry, own, unordered};
use super::{Listed, Page, item, picture};

/// What an own message holds, without the bytes of its file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum StoredContent {
    Text(String),
    Picture { name: String },
    File { name: String },
    Answer { offer: Option<String>, text: String, payloads: Vec<String> },
    Hidden(String),
}

/// Rows shown before the one that was looked for.
const BEFORE: usize = 20;

/// Rows that are looked at for the newest message of a conversation.
const LOOK_BACK: usize = 50;

pub(super) fn number(connection: &Connection, conversation: &str) -> Result<Option<i64>, ArchiveError> {
    let mut find = connection.prepare_cached("SELECT number FROM conversation WHERE name = ?1")?;
    Ok(find.query_row([conversation], |row| row.get(0)).optional()?)
}

pub(super) fn load(
    connection: &Connection,
    conversation: &str,
    newest: usize,
) -> Result<Option<Stored>, ArchiveError> {
    let Some(number) = number(connection, conversation)? else { return Ok(None) };
    let mut state = connection.prepare_cached("SELECT state FROM conversation WHERE number = ?1")?;
    let state: Option<String> = state.query_row([number], |row| row.get(0))?;
    let Some(state) = state else { return Ok(None) };
    let state = serde_json::from_str(&state)?;
    let parcels = parcels(connection, number)?;
    // Those that wait at the end come on top: without a row of the transcript nobody would know where it begins.
    let mut rows = before(connection, number, None, newest.saturating_add(parcels.len()))?;
    if let Some(oldest) = oldest_own(connection, number)?
        && rows.first().is_none_or(|first| oldest < first.place)
    {
        let first = rows.first().map(|row| row.place);
        let mut older = from(connection, number, oldest, first)?;
        older.append(&mut rows);
        rows = older;
    }
    let more = more(connection, number, rows.first().map(|row| row.place))?;
    Ok(Some(Stored { rows, more, parcels, state }))
}

pub(super) fn page(
    connection: &Connection,
    conversation: &str,
    before_place: Option<Place>,
    count: usize,
) -> Result<Page, ArchiveError> {
    let Some(number) = number(connection, conversation)? else { return Ok(Page::default()) };
    let rows = before(connection, number, before_place, count)?;
    let more = match rows.first() {
        Some(first) => more(connection, number, Some(first.place))?,
        None => more(connection, number, before_place)?,
    };
    Ok(Page { rows, more })
}

pub(super) fn since(
    connection: &Connection,
    conversation: &str,
    item: &str,
    before_place: Place,
) -> Result<Option<Page>, ArchiveError> {
    let Some(number) = number(connection, conversation)? else { return Ok(None) };
    let Some(place) = find(connection, number, item)? else { return Ok(None) };
    if place >= before_place {
        // It is among what the caller has.
        return Ok(Some(Page { rows: Vec::new(), more: more(connection, number, Some(before_place))? }));
    }
    let mut rows = before(connection, number, Some(place), BEFORE)?;
    rows.append(&mut from(connection, number, place, Some(before_place))?);
    let more = more(connection, number, rows.first().map(|row| row.place))?;
    Ok(Some(Page { rows, more }))
}

/// Where the row of this identifier stands.
fn find(connection: &Connection, conversation: i64, item: &str) -> Result<Option<Place>, ArchiveError> {
    let read = |row: &Row<'_>| place::read(row, 0);
    let found = match (own(item), entry(item)) {
        (Some(LocalId(local)), _) => connection
            .prepare_cached("SELECT major, minor, echo FROM row WHERE conversation = ?1 AND own = ?2")?
            .query_row([conversation, local.cast_signed()], read),
        (None, Some(key)) => {
            let [major, minor, echo] = columns(Place { key, echo: 0 });
            connection
                .prepare_cached(
                    "SELECT major, minor, echo FROM row
                     WHERE conversation = ?1 AND major = ?2 AND minor = ?3 AND echo = ?4 AND own IS NULL",
                )?
                .query_row([conversation, major, minor, echo], read)
        }
        (None, None) => return Ok(None),
    };
    Ok(found.optional()?)
}

/// The newest rows before a place (of all, without one), oldest first.
fn before(
    connection: &Connection,
    conversation: i64,
    before: Option<Place>,
    count: usize,
) -> Result<Vec<StoredRow>, ArchiveError> {
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    let mut rows = match before {
        Some(before) => {
            let [major, minor, echo] = columns(before);
            let mut select = connection.prepare_cached(concat!(
                "SELECT ",
                row_columns!(),
                " FROM row
                 WHERE conversation = ?1 AND (major, minor, echo) < (?2, ?3, ?4)
                 ORDER BY major DESC, minor DESC, echo DESC LIMIT ?5"
            ))?;
            collect(
                connection,
                conversation,
                select.query(params![conversation, major, minor, echo, count])?,
            )?
        }
        None => {
            let mut select = connection.prepare_cached(concat!(
                "SELECT ",
                row_columns!(),
                " FROM row WHERE conversation = ?1
                 ORDER BY major DESC, minor DESC, echo DESC LIMIT ?2"
            ))?;
            collect(connection, conversation, select.query(params![conversation, count])?)?
        }
    };
    rows.reverse();
    Ok(rows)
}

/// The rows from a place on up to another, which is not among them; to the end without one.
fn from(
    connection: &Connection,
    conversation: i64,
    first: Place,
    before: Option<Place>,
) -> Result<Vec<StoredRow>, ArchiveError> {
    let [major, minor, echo] = columns(first);
    let Some(before) = before else {
        let mut select = connection.prepare_cached(concat!(
            "SELECT ",
            row_columns!(),
            " FROM row
             WHERE conversation = ?1 AND (major, minor, echo) >= (?2, ?3, ?4) ORDER BY major, minor, echo"
        ))?;
        return collect(connection, conversation, select.query([conversation, major, minor, echo])?);
    };
    let [to_major, to_minor, to_echo] = columns(before);
    let mut select = connection.prepare_cached(
        concat!("SELECT ", row_columns!(), " FROM row
         WHERE conversation = ?1 AND (major, minor, echo) >= (?2, ?3, ?4) AND (major, minor, echo) < (?5, ?6, ?7)
         ORDER BY major, minor, echo"),
    )?;
    collect(
        connection,
        conversation,
        select.query([conversation, major, minor, echo, to_major, to_minor, to_echo])?,
    )
}

/// The rows behind a place (from the beginning, without one), at most so many.
pub(super) fn behind(
    connection: &Connection,
    conversation: i64,
    after: Option<Place>,
    count: i64,
) -> Result<Vec<StoredRow>, ArchiveError> {
    match after {
        Some(after) => {
            let [major, minor, echo] = columns(after);
            let mut select = connection.prepare_cached(concat!(
                "SELECT ",
                row_columns!(),
                " FROM row
                 WHERE conversation = ?1 AND (major, minor, echo) > (?2, ?3, ?4)
                 ORDER BY major, minor, echo LIMIT ?5"
            ))?;
            collect(connection, conversation, select.query([conversation, major, minor, echo, count])?)
        }
        None => {
            let mut select = connection.prepare_cached(concat!(
                "SELECT ",
                row_columns!(),
                " FROM row WHERE conversation = ?1
                 ORDER BY major, minor, echo LIMIT ?2"
            ))?;
            collect(connection, conversation, select.query([conversation, count])?)
        }
    }
}

/// Whether there are rows before this place; at all, without one.
fn more(connection: &Connection, conversation: i64, before: Option<Place>) -> Result<bool, ArchiveError> {
    match before {
        Some(before) => {
            let [major, minor, echo] = columns(before);
            let mut any = connection.prepare_cached(
                "SELECT 1 FROM row WHERE conversation = ?1 AND (major, minor, echo) < (?2, ?3, ?4) LIMIT 1",
            )?;
            Ok(any.exists([conversation, major, minor, echo])?)
        }
        None => {
            let mut any = connection.prepare_cached("SELECT 1 FROM row WHERE conversation = ?1 LIMIT 1")?;
            Ok(any.exists([conversation])?)
        }
    }
}

fn collect(
    connection: &Connection,
    conversation: i64,
    mut rows: rusqlite::Rows<'_>,
) -> Result<Vec<StoredRow>, ArchiveError> {
    let people = item::people(connection, conversation)?;
    let mut collected = Vec::new();
    while let Some(row) = rows.next()? {
        collected.push(item::read(row, &people)?);
    }
    Ok(collected)
}

/// Where the first row of an own message stands that is still on its way.
fn oldest_own(connection: &Connection, conversation: i64) -> Result<Option<Place>, ArchiveError> {
    let mut select = connection.prepare_cached(
        // Parcels are few: for each of them its row, never the other way round.
        "SELECT major, minor, echo FROM parcel CROSS JOIN row
         ON row.conversation = parcel.conversation AND row.own = parcel.local AND row.own IS NOT NULL
         WHERE parcel.conversation = ?1 ORDER BY major, minor, echo LIMIT 1",
    )?;
    Ok(select.query_row([conversation], |row| place::read(row, 0)).optional()?)
}

/// The own messages that are on their way, by their turns.
pub(super) fn parcels(connection: &Connection, conversation: i64) -> Result<Vec<StoredParcel>, ArchiveError> {
    let mut select = connection.prepare_cached(
        "SELECT local, turn, content, progress FROM parcel WHERE conversation = ?1 ORDER BY turn, local",
    )?;
    let mut rows = select.query([conversation])?;
    let mut parcels = Vec::new();
    while let Some(row) = rows.next()? {
        let local = LocalId(row.get::<_, i64>(0)?.cast_unsigned());
        let text = |column| row.get_ref(column)?.as_str().map_err(rusqlite::Error::from);
        let content = match serde_json::from_str(text(2)?)? {
            StoredContent::Text(text) => ParcelContent::Text(text),
            StoredContent::Picture { name } => {
                ParcelContent::Picture(attachment(connection, conversation, local, name)?)
            }
            StoredContent::File { name } => {
                ParcelContent::File(attachment(connection, conversation, local, name)?)
            }
            StoredContent::Answer { offer, text, payloads } => {
                ParcelContent::Answer { offer, text, payloads }
            }
            StoredContent::Hidden(text) => ParcelContent::Hidden(text),
        };
        let progress = serde_json::from_str(text(3)?)?;
        parcels.push(StoredParcel { local, turn: unordered(row.get(1)?), content, progress });
    }
    Ok(parcels)
}

fn attachment(
    connection: &Connection,
    conversation: i64,
    local: LocalId,
    name: String,
) -> Result<Attachment, ArchiveError> {
    let media = picture::get(connection, conversation, &timeline::row_of(local))?;
    let media = media.ok_or_else(|| ArchiveError::Damaged("a queued file is gone".to_owned()))?;
    Ok(Attachment { name, mime: media.mime, bytes: media.bytes })
}

fn is_said(row: &StoredRow) -> bool {
    row.item.content.said_by().is_some()
}

/// All conversations, as a list of them shows them.
pub(super) fn conversations(connection: &Connection) -> Result<Vec<Listed>, ArchiveError> {
    let mut select = connection.prepare_cached(
        "SELECT number, name, state,
             (SELECT count(*) FROM parcel WHERE parcel.conversation = number),
             (SELECT count(*) FROM parcel WHERE parcel.conversation = number
                 AND json_type(progress, '$.state') = 'object')
         FROM conversation WHERE state IS NOT NULL ORDER BY number",
    )?;
    let mut rows = select.query([])?;
    let mut listed = Vec::new();
    while let Some(row) = rows.next()? {
        let number = row.get(0)?;
        let state: String = row.get(2)?;
        let state: StoredState = serde_json::from_str(&state)?;
        let newest = before(connection, number, None, 1)?.pop();
        let message = match &newest {
            Some(row) if is_said(row) => newest.clone(),
            Some(_) => {
                let rows = before(connection, number, None, LOOK_BACK)?;
                rows.into_iter().rev().find(is_said)
            }
            None => None,
        };
        let (waiting, stuck) = (row.get(3)?, row.get(4)?);
        listed.push(Listed { conversation: row.get(1)?, state, newest, message, waiting, stuck });
    }
    Ok(listed)
}
