//! Places and times as SQLite's numbers.

use envoi_protocol::event::{EntryKey, LocalId};
use envoi_protocol::stored::Place;
use rusqlite::Row;

/// An unsigned number as a signed one, in the same order: [`Place::LAST`] is the largest there is.
pub(super) const fn ordered(number: u64) -> i64 {
    (number ^ (1 << 63)).cast_signed()
}

/// Back from [`ordered`].
pub(super) const fn unordered(number: i64) -> u64 {
    number.cast_unsigned() ^ (1 << 63)
}

/// The three columns of a place that begin at `first`.
pub(super) fn read(row: &Row<'_>, first: usize) -> rusqlite::Result<Place> {
    let major = unordered(row.get(first)?);
    let minor = unordered(row.get(first + 1)?);
    Ok(Place { key: EntryKey { major, minor }, echo: unordered(row.get(first + 2)?) })
}

/// A place as three columns.
pub(super) const fn columns(place: Place) -> [i64; 3] {
    [ordered(place.key.major), ordered(place.key.minor), ordered(place.echo)]
}

/// The own message whose row has this identifier.
pub(super) fn own(item: &str) -> Option<LocalId> {
    Some(LocalId(item.strip_prefix('m')?.parse().ok()?))
}

/// The entry whose row has this identifier.
pub(super) fn entry(item: &str) -> Option<EntryKey> {
    let (major, minor) = item.strip_prefix('e')?.split_once('-')?;
    Some(EntryKey { major: major.parse().ok()?, minor: minor.parse().ok()? })
}

/// 2010-01-01 UTC in seconds: before that there was no such chat.
const EARLIEST: i64 = 1_262_304_000;

/// The smallest identifier of a row of this time (milliseconds since 1970-01-01 UTC). Each second has sixteen; if more
/// happened in it, they take some of the seconds after it.
pub(super) fn first_id(at: i64) -> i64 {
    let seconds = at.div_euclid(1_000).saturating_sub(EARLIEST).clamp(0, 1 << 40);
    1 + (seconds << 4)
}

/// The identifiers to try for a row of this time and place, one after the other. Conversation and place have their part in it, so
/// that rows do not run out of identifiers where a service gives many the same time, or many conversations begin at once.
pub(super) fn ids(at: i64, conversation: i64, place: Place) -> impl Iterator<Item = i64> {
    let first = first_id(at);
    let own = [conversation.cast_unsigned(), place.key.major, place.key.minor, place.echo]
        .into_iter()
        .fold(0_u64, |mixed, part| (mixed.rotate_left(21) ^ part).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    (0..160_u32).map(move |attempt| match attempt {
        0..16 => first + i64::from(attempt),
        // Anywhere in a stretch that grows, so that a few tries are enough however many there are.
        _ => {
            let stretch = 16_u64 << (attempt / 4).min(30);
            let anywhere =
                (first.cast_unsigned() ^ own ^ u64::from(attempt)).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 16;
            first + (anywhere % stretch).cast_signed()
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_order() {
        let numbers = [0, 1, 2, u64::MAX / 2, u64::MAX / 2 + 1, u64::MAX - 1, u64::MAX];
        assert!(numbers.iter().map(|number| ordered(*number)).is_sorted());
        assert!(numbers.iter().all(|number| unordered(ordered(*number)) == *number));
    }

    #[test]
    fn identifiers_grow_with_time_whatever_the_time_says() {
        let times = [i64::MIN, 0, 1_700_000_000_000, 1_700_000_001_000, 1_800_000_000_000];
        assert!(times.iter().map(|at| first_id(*at)).is_sorted());
        assert!(first_id(i64::MAX) > first_id(1_800_000_000_000));
        assert!(ids(i64::MAX, 1, Place { key: Place::LAST, echo: 1 }).all(|id| id > 0));
    }

    #[test]
    fn rows_are_named_as_the_timeline_names_them() {
        assert_eq!(own("m7"), Some(LocalId(7)));
        assert_eq!(own("e7-1"), None);
        assert_eq!(entry("e7-1"), Some(EntryKey { major: 7, minor: 1 }));
        assert_eq!(entry("m7"), None);
    }

    #[test]
    fn a_thousand_rows_of_one_instant_find_their_identifiers() {
        let mut taken = std::collections::HashSet::new();
        for minor in 0..1_000 {
            let place = Place { key: EntryKey { major: 5, minor }, echo: 0 };
            assert!(ids(1_767_607_200_000, 1, place).any(|id| taken.insert(id)), "{minor}");
        }
    }

    #[test]
    fn the_first_words_of_a_thousand_conversations_find_their_identifiers() {
        let mut taken = std::collections::HashSet::new();
        for conversation in 0..1_000 {
            let place = Place { key: Place::LAST, echo: 1 };
            assert!(ids(1_767_607_200_000, conversation, place).any(|id| taken.insert(id)), "{conversation}");
        }
    }
}
