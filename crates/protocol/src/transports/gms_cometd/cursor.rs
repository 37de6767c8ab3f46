//! Where reading goes on after a restart: as for this service over HTTP, and how far back was read, since the history of an
//! asynchronous chat is read in pages.

use serde::{Deserialize, Serialize};

use crate::transports::gms::cursor::Cursor as Read;

/// Where reading goes on, in both directions.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Cursor {
    #[serde(flatten)]
    pub(super) read: Read,
    /// The first position that was read; 1 if there is nothing before.
    #[serde(default = "first")]
    pub(super) oldest: u64,
}

fn first() -> u64 {
    1
}

impl Cursor {
    /// As it is kept.
    pub(super) fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// What was kept; the beginning if it cannot be read.
    pub(super) fn of(text: &str) -> Self {
        let cursor: Self = serde_json::from_str(text).unwrap_or_default();
        Self { oldest: cursor.oldest.clamp(1, cursor.read.next.max(1)), ..cursor }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transports::gms::map::Bots;

    #[test]
    fn a_cursor_is_read_as_it_was_kept() {
        let bots = Bots(["3".to_owned()].into());
        let cursor = Cursor { read: Read::new(12, None, &bots), oldest: 7 };
        assert_eq!(Cursor::of(&cursor.text()), cursor);
        for odd in ["", "what", "{}", r#"{"next":"x"}"#] {
            assert_eq!((Cursor::of(odd).read.next, Cursor::of(odd).oldest), (0, 1), "{odd}");
        }
    }
}
