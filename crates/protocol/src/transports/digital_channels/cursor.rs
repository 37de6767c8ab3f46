//! Where reading goes on after a restart: both ends of what was read without a gap, in the service's own words. Kept with the
//! transcript by whoever keeps that; see `Event::Cursor`.

use serde::{Deserialize, Serialize};

use super::held::Place;
use super::map;

/// Both ends of what was read without a gap.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Cursor {
    /// The newest entry before which nothing is missing.
    pub(super) frontier: Option<Place>,
    /// The oldest entry that was read.
    pub(super) oldest: Option<Place>,
    /// Both ends of what was read without a gap further on, while something before it is missing.
    pub(super) ahead: Option<(Place, Place)>,
}

#[derive(Serialize, Deserialize)]
struct Text<'a> {
    frontier: Option<&'a str>,
    oldest: Option<&'a str>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    ahead: Option<(&'a str, &'a str)>,
}

impl Cursor {
    /// As it is kept.
    pub(super) fn text(&self) -> String {
        let index = |place: &'_ Option<Place>| place.as_ref().map(|place| place.index.clone());
        let (frontier, oldest) = (index(&self.frontier), index(&self.oldest));
        let ahead = self.ahead.as_ref().map(|(from, to)| (from.index.as_str(), to.index.as_str()));
        let text = Text { frontier: frontier.as_deref(), oldest: oldest.as_deref(), ahead };
        serde_json::to_string(&text).unwrap_or_default()
    }

    /// What was kept; empty if it cannot be read, which only costs reading the newest page again.
    pub(super) fn read(text: &str) -> Self {
        let place = |index: Option<&str>| {
            let index = index?;
            Some(Place { key: map::key(index)?, index: index.to_owned() })
        };
        match serde_json::from_str::<Text<'_>>(text) {
            Ok(text) => Self {
                frontier: place(text.frontier),
                oldest: place(text.oldest),
                ahead: text.ahead.and_then(|(from, to)| place(Some(from)).zip(place(Some(to)))),
            },
            Err(_) => Self::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_as_it_was_kept() {
        let place = |index: &str| Place { key: map::key(index).unwrap(), index: index.to_owned() };
        let ahead = Some((place("1800-0"), place("1900-1")));
        let cursor = Cursor { frontier: Some(place("1700-12")), oldest: Some(place("1500-0")), ahead };
        assert_eq!(Cursor::read(&cursor.text()), cursor);
        let whole = Cursor { ahead: None, ..cursor };
        assert_eq!(Cursor::read(&whole.text()), whole);
        assert_eq!(Cursor::read("{}"), Cursor::default());
        assert_eq!(Cursor::read("what"), Cursor::default());
        assert_eq!(Cursor::read(r#"{"frontier":"seven"}"#), Cursor::default());
    }
}
