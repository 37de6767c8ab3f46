//! Where reading goes on after a restart: the next position, and what else has to be known there. Kept with the transcript by
//! whoever keeps that; see `Event::Cursor`.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::map::Bots;

/// Where reading goes on.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Cursor {
    /// The next position; 0 if nothing was read.
    #[serde(default)]
    pub(crate) next: u64,
    /// When the service last answered, in milliseconds since 1970, as far as it was worth telling.
    #[serde(default)]
    pub(crate) seen: Option<i64>,
    /// Participants that are programs.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    bots: BTreeSet<String>,
}

impl Cursor {
    pub(crate) fn new(next: u64, seen: Option<i64>, bots: &Bots) -> Self {
        Self { next, seen, bots: bots.0.clone() }
    }

    /// Participants that are programs.
    pub(crate) fn bots(&self) -> Bots {
        Bots(self.bots.clone())
    }

    /// As it is kept.
    pub(crate) fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// What was kept; empty if it cannot be read, which only costs reading everything again.
    pub(crate) fn read(text: &str) -> Self {
        serde_json::from_str(text).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_as_it_was_kept() {
        let cursor = Cursor::new(12, Some(1_700_000_000_000), &Bots(BTreeSet::from(["3".to_owned()])));
        assert_eq!(Cursor::read(&cursor.text()), cursor);
        assert_eq!(Cursor::read(r#"{"next":4}"#), Cursor::new(4, None, &Bots::default()));
        assert_eq!(Cursor::read("what"), Cursor::default());
        assert_eq!(Cursor::read(""), Cursor::default());
    }
}
