//! The newest messages as they are looked for, in memory.
//!
//! A word of which somebody has typed two letters is in half of all messages. The index would have to bring all of them into
//! order first; here the newest are looked through, and there are enough hits after a few hundred. A word that is rare here is
//! rare in the index, which is quick then. What has come since the index was last brought up to date is here in any case.

use std::collections::{HashSet, VecDeque};

use rusqlite::{Connection, params};

use super::error::ArchiveError;
use super::index::Folded;
use super::item::searchable;

/// Messages that are held at first.
const FIRST: i64 = 2_000;

/// Messages from which on it is rather begun anew.
const MOST: usize = 20_000;

/// The newest messages of all conversations, or of one.
#[derive(Debug)]
pub(super) struct Recent {
    conversation: Option<i64>,
    /// Newest first.
    messages: VecDeque<Folded>,
    ids: HashSet<i64>,
}

impl Recent {
    /// Reads the newest messages, of one conversation if there is one. The index has to be up to date.
    pub(super) fn read(connection: &Connection, conversation: Option<i64>) -> Result<Self, ArchiveError> {
        let mut recent = Self { conversation, messages: VecDeque::new(), ids: HashSet::new() };
        let mut select = match conversation {
            None => connection.prepare_cached(
                "SELECT id, text, whole, conversation FROM row WHERE ?1 IS NULL ORDER BY id DESC LIMIT ?2",
            )?,
            Some(_) => connection.prepare_cached(
                "SELECT id, text, whole, conversation FROM row WHERE conversation = ?1
                 ORDER BY major DESC, minor DESC, echo DESC LIMIT ?2",
            )?,
        };
        let mut rows = select.query(params![conversation, FIRST])?;
        while let Some(row) = rows.next()? {
            let text = |column| row.get_ref(column)?.as_str_or_null().map_err(rusqlite::Error::from);
            if let Some(text) = searchable(text(1)?, text(2)?)? {
                let message = Folded::new(row.get(0)?, row.get(3)?, &text);
                recent.ids.insert(message.id);
                recent.messages.push_back(message);
            }
        }
        Ok(recent)
    }

    /// Whether these are the messages of this conversation, or of all.
    pub(super) fn is_of(&self, conversation: Option<i64>) -> bool {
        self.conversation == conversation
    }

    /// Takes new messages in. False if they are not newer than all that are here, or if there are too many now.
    pub(super) fn add(&mut self, conversation: i64, new: &[Folded]) -> bool {
        if self.conversation.is_some_and(|own| own != conversation) {
            return true;
        }
        for message in new {
            if self.messages.front().is_some_and(|newest| newest.id >= message.id) {
                return false;
            }
            self.ids.insert(message.id);
            self.messages.push_front(message.clone());
        }
        self.messages.len() <= MOST
    }

    pub(super) fn has(&self, id: i64) -> bool {
        self.ids.contains(&id)
    }

    /// Messages that have all these parts in their folded text, newest first.
    pub(super) fn with<'a>(&'a self, parts: &'a [String]) -> impl Iterator<Item = i64> + 'a {
        let has_all = |message: &&Folded| parts.iter().all(|part| message.words.contains(part.as_str()));
        self.messages.iter().filter(has_all).map(|message| message.id)
    }

    /// The share of these messages that have this part: never none, since there may be some elsewhere.
    #[allow(clippy::cast_precision_loss)]
    pub(super) fn share(&self, part: &str) -> f64 {
        let having = self.messages.iter().filter(|message| message.words.contains(part)).count();
        (having + 1) as f64 / (self.messages.len() + 1) as f64
    }
}
