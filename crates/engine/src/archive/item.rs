//! What a row of the timeline is in the table.
//!
//! Nearly every row is a message whose identifier follows from its place, from one of a few people, and whose links are found
//! again in its text. Such a row is its text and three numbers; encrypting what need not be written would be half the work of
//! taking a message in. Any other row is written as a whole.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use envoi_protocol::event::LocalId;
use envoi_protocol::stored::{Place, StoredRow};
use envoi_protocol::text::runs;
use envoi_protocol::timeline::{row_at, row_of};
use envoi_protocol::view::{Content, DeliveryView, Item, Person, Run};
use rusqlite::{Connection, OptionalExtension as _, Row};

use super::error::ArchiveError;
use super::place;
use super::words;

/// The columns that [`Stored::read`] expects, in its order.
macro_rules! columns {
    () => {
        "row.major, row.minor, row.echo, row.own, row.at, row.kind, row.person, row.text, row.whole, row.media_url"
    };
}
pub(super) use columns;

/// Bits of the column `kind`.
const REPLAYED: i64 = 1;
const OWN: i64 = 2;

/// People by their numbers.
pub(super) type People = HashMap<i64, Person>;

/// How a row is written.
#[derive(Debug)]
pub(super) struct Written<'a> {
    pub(super) kind: i64,
    /// Whose words they are; `None` if the row is written as a whole.
    pub(super) from: Option<&'a Person>,
    pub(super) text: Option<Cow<'a, str>>,
    pub(super) whole: Option<String>,
}

/// How this row is to be written at this place.
pub(super) fn write(item: &Item, place: Place) -> Result<Written<'_>, ArchiveError> {
    if let Content::Message { from, text, delivery } = &item.content
        && matches!(delivery, None | Some(DeliveryView::Sent))
        && item.id == named(place::own(&item.id), place)
        && let Some(text) = plain(text)
    {
        let kind = if item.replayed { REPLAYED } else { 0 } | if delivery.is_some() { OWN } else { 0 };
        return Ok(Written { kind, from: Some(from), text: Some(text), whole: None });
    }
    Ok(Written { kind: 0, from: None, text: None, whole: Some(serde_json::to_string(item)?) })
}

/// The text that is cut into these runs, if it is.
fn plain(cut: &[Run]) -> Option<Cow<'_, str>> {
    let text = match cut {
        [run] if run.href.is_none() => Cow::Borrowed(run.text.as_str()),
        _ => Cow::Owned(cut.iter().map(|run| run.text.as_str()).collect::<String>()),
    };
    // Every link has one of these signs, and most texts have neither.
    let is_plain = cut.len() == 1 && !text.is_empty() && !text.contains([':', '@']);
    (is_plain || runs(text.clone().into_owned()).as_slice() == cut).then_some(text)
}

/// The identifier of a row.
fn named(own: Option<LocalId>, place: Place) -> String {
    own.map_or_else(|| row_at(place.key), row_of)
}

/// The row that these columns are.
pub(super) fn read(row: &Row<'_>, people: &People) -> Result<StoredRow, ArchiveError> {
    let place = place::read(row, 0)?;
    let media_url = row.get(9)?;
    if let Some(whole) = row.get_ref(8)?.as_str_or_null().map_err(rusqlite::Error::from)? {
        return Ok(StoredRow { place, item: Arc::new(serde_json::from_str(whole)?), media_url });
    }
    let own: Option<i64> = row.get(3)?;
    let kind: i64 = row.get(5)?;
    let from = row.get::<_, Option<i64>>(6)?.and_then(|number| people.get(&number));
    let from = from.ok_or_else(|| ArchiveError::Damaged("a row is by nobody".to_owned()))?.clone();
    let delivery = (kind & OWN != 0).then_some(DeliveryView::Sent);
    let item = Item {
        id: named(own.map(|local| LocalId(local.cast_unsigned())), place),
        at: row.get(4)?,
        replayed: kind & REPLAYED != 0,
        content: Content::Message { from, text: runs(row.get(7)?), delivery },
    };
    Ok(StoredRow { place, item: Arc::new(item), media_url })
}

/// The row of this number, with its conversation.
pub(super) fn get(connection: &Connection, id: i64) -> Result<Option<StoredRow>, ArchiveError> {
    let mut select = connection.prepare_cached(concat!("SELECT ", columns!(), " FROM row WHERE id = ?1"))?;
    let mut rows = select.query([id])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let mut people = People::new();
    if let Some(number) = row.get::<_, Option<i64>>(6)? {
        people.extend(person(connection, number)?.map(|person| (number, person)));
    }
    Ok(Some(read(row, &people)?))
}

/// What can be found of a row, given its columns `text` and `whole`.
pub(super) fn searchable<'a>(
    text: Option<&'a str>,
    whole: Option<&str>,
) -> Result<Option<Cow<'a, str>>, ArchiveError> {
    match (text, whole) {
        (Some(text), _) => Ok(Some(Cow::Borrowed(text))),
        (None, Some(whole)) => {
            let item: Item = serde_json::from_str(whole)?;
            Ok(words::of(&item).map(|words| Cow::Owned(words.into_owned())))
        }
        (None, None) => Ok(None),
    }
}

/// Everybody in a conversation.
pub(super) fn people(connection: &Connection, conversation: i64) -> Result<People, ArchiveError> {
    let mut select =
        connection.prepare_cached("SELECT number, person FROM person WHERE conversation = ?1")?;
    let mut rows = select.query([conversation])?;
    let mut people = People::new();
    while let Some(row) = rows.next()? {
        let person = serde_json::from_str(row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?)?;
        people.insert(row.get(0)?, person);
    }
    Ok(people)
}

pub(super) fn person(connection: &Connection, number: i64) -> Result<Option<Person>, ArchiveError> {
    let mut select = connection.prepare_cached("SELECT person FROM person WHERE number = ?1")?;
    let person: Option<String> = select.query_row([number], |row| row.get(0)).optional()?;
    Ok(person.map(|person| serde_json::from_str(&person)).transpose()?)
}

/// The number of somebody, who gets one if they are new.
pub(super) fn number_of(
    connection: &Connection,
    conversation: i64,
    person: &Person,
) -> Result<i64, ArchiveError> {
    let json = serde_json::to_string(person)?;
    let mut find =
        connection.prepare_cached("SELECT number FROM person WHERE conversation = ?1 AND person = ?2")?;
    let known = find.query_row(rusqlite::params![conversation, json], |row| row.get(0)).optional()?;
    if let Some(number) = known {
        return Ok(number);
    }
    connection
        .prepare_cached("INSERT INTO person (conversation, person) VALUES (?1, ?2)")?
        .execute(rusqlite::params![conversation, json])?;
    Ok(connection.last_insert_rowid())
}
