//! All that was said, kept on this computer: one encrypted SQLite file for a profile.
//!
//! What a session commits is written in one transaction, and whoever asks gets it back: the newest rows for a start, older ones
//! by pages, words by search. Without a key there is no file: the same code then works in memory.
//!
//! - `key` is what opens the file, `file` opens it or begins a new one, `schema` is what is in it.
//! - `write` takes a commit in, `row` reads it back, `item` is the form in which both know a row, `picture` holds files.
//! - `log` says when what was written goes from SQLite's log into the file.
//! - `shelf` opens it when it is needed and replaces it when it is damaged, `aside` is what becomes of a damaged file.
//! - `search` finds, with `words` as they count, `recent` for the newest messages and `index` for all; `remove` takes out.
//!
//! Every call blocks: make it from a blocking thread, or through [`Archive::on_thread`].

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use envoi_protocol::event::Media;
use envoi_protocol::stored::{Commit, Place, Stored, StoredParcel, StoredRow, StoredState};
use envoi_protocol::view::SearchHit;
use rusqlite::{Connection, Transaction, TransactionBehavior};
use tokio::sync::Notify;

use index::Behind;
use log::Log;
use recent::Recent;

use crate::turns::Turns;

pub(crate) mod aside;
mod error;
mod file;
mod index;
mod item;
pub mod key;
mod log;
mod picture;
mod place;
mod recent;
mod remove;
mod row;
mod schema;
mod search;
pub(crate) mod shelf;
mod words;
mod write;

#[cfg(test)]
mod tests;

pub use error::ArchiveError;
pub use file::Opened;
pub use key::ArchiveKey;
pub use picture::LARGEST_FILE;
pub use remove::Expired;

/// Threads that may be at it at once: it does one thing at a time, and the next stands ready.
const THREADS: usize = 2;

/// Rows that are read at once where all are wanted.
const PAGE: i64 = 500;

/// The archive. Clones are the same archive.
#[derive(Clone)]
pub struct Archive {
    inner: Arc<Mutex<Inner>>,
    /// `None` in memory.
    file: Option<Arc<PathBuf>>,
    /// Rings when damage is met.
    alarm: Arc<Notify>,
    /// How many may wait for it on threads.
    turns: Turns,
}

struct Inner {
    connection: Connection,
    /// Whether a transaction is on the disk itself before it counts as done.
    firm: bool,
    log: Log,
    /// What waits to be put into the index of words.
    behind: Behind,
    /// What was searched last: all conversations, and one.
    recent: Vec<Recent>,
    /// What everything is answered with once the file is closed.
    retired: Option<ArchiveError>,
}

/// Rows of a conversation that stand together.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Page {
    /// Oldest first.
    pub rows: Vec<StoredRow>,
    /// Whether there are rows before the first.
    pub more: bool,
}

/// A conversation, as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its name.
    pub conversation: String,
    /// Where it stands.
    pub state: StoredState,
    /// The newest row.
    pub newest: Option<StoredRow>,
    /// The newest row that is a message or a picture, if it is not far back.
    pub message: Option<StoredRow>,
    /// Own messages that are on their way or stuck.
    pub waiting: u32,
    /// Those of them that only the person can help.
    pub stuck: u32,
}

impl Archive {
    /// Opens the file, or makes it. One that the key does not open, that is damaged, or that a newer Envoi wrote is set aside
    /// under another name, and a new one is begun.
    ///
    /// # Errors
    ///
    /// [`ArchiveError::Io`] and [`ArchiveError::Full`] if the file system does not let us.
    pub fn open(file: &Path, key: &ArchiveKey) -> Result<(Self, Opened), ArchiveError> {
        let (connection, opened) = file::open(file, key)?;
        Ok((Self::over(connection, Some(Arc::new(file.to_path_buf())))?, opened))
    }

    /// Sets the file aside, whatever is in it, and begins a new one.
    ///
    /// # Errors
    ///
    /// As [`Archive::open`].
    pub fn begin_anew(file: &Path, key: &ArchiveKey) -> Result<(Self, Opened), ArchiveError> {
        let (connection, opened) = file::begin_anew(file, key)?;
        Ok((Self::over(connection, Some(Arc::new(file.to_path_buf())))?, opened))
    }

    /// Does something with it on a blocking thread, in turn.
    ///
    /// # Errors
    ///
    /// As the work, and [`ArchiveError::Io`] if that broke off.
    pub(crate) async fn on_thread<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> Result<T, ArchiveError> + Send + 'static,
    ) -> Result<T, ArchiveError> {
        let archive = self.clone();
        let done = self.turns.on_thread(move || work(&archive)).await;
        done.unwrap_or_else(|broken| Err(ArchiveError::Io(broken.to_string())))
    }

    /// The same archive, which rings this when it meets damage.
    pub(crate) fn watched_by(self, alarm: Arc<Notify>) -> Self {
        Self { alarm, ..self }
    }

    /// Closes the file: all clones answer everything with this error from now on.
    pub(crate) fn retire(&self, why: ArchiveError) -> Result<(), ArchiveError> {
        let empty = Connection::open_in_memory()?;
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.connection = empty;
        inner.recent.clear();
        inner.retired = Some(why);
        Ok(())
    }

    /// Whether another archive takes the place of this one.
    pub(crate) fn is_retired(&self) -> bool {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner).retired.is_some()
    }

    /// An archive that is gone when its last clone is.
    ///
    /// # Errors
    ///
    /// If there is no memory for it.
    pub fn in_memory() -> Result<Self, ArchiveError> {
        let mut connection = Connection::open_in_memory()?;
        schema::prepare(&mut connection)?;
        file::glance(&mut connection)?;
        Self::over(connection, None)
    }

    fn over(connection: Connection, file: Option<Arc<PathBuf>>) -> Result<Self, ArchiveError> {
        let behind = index::noted(&connection)?;
        let inner =
            Inner { connection, firm: false, log: Log::default(), behind, recent: Vec::new(), retired: None };
        let turns = Turns::new(THREADS);
        Ok(Self { inner: Arc::new(Mutex::new(inner)), file, alarm: Arc::default(), turns })
    }

    /// Whether it is kept on disk.
    #[must_use]
    pub fn is_kept(&self) -> bool {
        self.file.is_some()
    }

    /// Writes a commit: all of it, or nothing.
    ///
    /// # Errors
    ///
    /// [`ArchiveError`]; the archive is then as before.
    pub fn commit(&self, conversation: &str, commit: &Commit) -> Result<(), ArchiveError> {
        self.with(|inner| {
            inner.log.keep_short(&inner.connection, commit.firm);
            inner.set_firm(commit.firm)?;
            let transaction = begin(&mut inner.connection)?;
            let done = write::Writer::write(&transaction, conversation, commit)?;
            let rows = inner.behind.len() + done.new.len();
            // What the person writes does not wait for the index.
            let catches_up = rows >= index::TOGETHER && !commit.firm;
            match &inner.behind {
                Behind::Known(known) if catches_up && done.only_new => {
                    index::catch_up_with(&transaction, known.iter().chain(&done.new))?;
                }
                _ if catches_up => index::catch_up(&transaction)?,
                _ => {}
            }
            transaction.commit()?;
            inner.recent.retain_mut(|recent| done.only_new && recent.add(done.conversation, &done.new));
            match &mut inner.behind {
                behind if catches_up => *behind = Behind::Known(Vec::new()),
                Behind::Known(known) if done.only_new => known.extend(done.new),
                behind => *behind = Behind::Unread(rows),
            }
            Ok(())
        })
    }

    /// What a session starts from: the newest rows, at least so many (if there are), and as far back as the oldest own message
    /// that is still on its way. `None` if nothing was kept of this conversation.
    ///
    /// # Errors
    ///
    /// [`ArchiveError`].
    pub fn load(&self, conversation: &str, newest: usize) -> Result<Option<Stored>, ArchiveError> {
        self.with(|inner| row::load(&inner.connection, conversation, newest))
    }

    /// The rows before a place, at most so many.
    ///
    /// # Errors
    ///
    /// [`ArchiveError`].
    pub fn page(&self, conversation: &str, before: Place, count: usize) -> Result<Page, ArchiveError> {
        self.with(|inner| row::page(&inner.connection, conversation, Some(before), count))
    }

    /// All rows before a place from the row of this identifier on, with a few before it. `None` if there is no such row; no rows
    /// if it does not stand before the place.
    ///
    /// # Errors
    ///
    /// [`ArchiveError`].
    pub fn since(&self, conversation: &str, item: &str, before: Place) -> Result<Option<Page>, ArchiveError> {
        self.with(|inner| row::since(&inner.connection, conversation, item, before))
    }

    /// All conversations of which a state was kept, in the order in which they were first written.
    ///
    /// # Errors
    ///
    /// [`ArchiveError`].
    pub fn conversations(&self) -> Result<Vec<Listed>, ArchiveError> {
        self.with(|inner| row::conversations(&inner.connection))
    }

    /// Own messages of a conversation that are on their way, in the order of their turns.
    ///
    /// # Errors
    ///
    /// [`ArchiveError`].
    pub fn parcels(&self, conversation: &str) -> Result<Vec<StoredParcel>, ArchiveError> {
        self.with(|inner| match row::number(&inner.connection, conversation)? {
            Some(number) => row::parcels(&inner.connection, number),
            None => Ok(Vec::new()),
        })
    }

    /// Gives every row of a conversation, oldest first. The archive can be used by others meanwhile.
    ///
    /// # Errors
    ///
    /// [`ArchiveError`]; rows may have been given before.
    pub fn rows(&self, conversation: &str, each: &mut dyn FnMut(StoredRow)) -> Result<(), ArchiveError> {
        let mut after = None;
        loop {
            let rows = self.with(|inner| match row::number(&inner.connection, conversation)? {
                Some(number) => row::behind(&inner.connection, number, after, PAGE),
                None => Ok(Vec::new()),
            })?;
            let Some(last) = rows.last() else { return Ok(()) };
            after = Some(last.place);
            rows.into_iter().for_each(&mut *each);
        }
    }

    /// Messages and pictures in which all words of the query are found, newest first. The last word may be unfinished. Case,
    /// accents and vowel marks do not count.
    ///
    /// # Errors
    ///
    /// [`ArchiveError`].
    pub fn search(
        &self,
        query: &str,
        conversation: Option<&str>,
        limit: usize,
    ) -> Result<Vec<SearchHit>, ArchiveError> {
        self.with(|inner| {
            let number = match conversation {
                Some(name) => match row::number(&inner.connection, name)? {
                    Some(number) => Some(number),
                    None => return Ok(Vec::new()),
                },
                None => None,
            };
            let recent = inner.recent(number)?;
            let hits = search::search(&inner.connection, &recent, query, number, limit);
            inner.recent.push(recent);
            hits
        })
    }

    /// Keeps the content of a picture, if its conversation is kept.
    ///
    /// # Errors
    ///
    /// [`ArchiveError::TooLarge`] above [`LARGEST_FILE`], and the others.
    pub fn put_picture(&self, conversation: &str, item: &str, media: &Media) -> Result<(), ArchiveError> {
        self.with(|inner| match row::number(&inner.connection, conversation)? {
            Some(number) => {
                picture::put(&inner.connection, number, item, &media.mime, &media.bytes)?;
                log::shorten(&inner.connection);
                Ok(())
            }
            None => Ok(()),
        })
    }

    /// The content of a picture, if it was kept: received ones by [`Archive::put_picture`], own ones from the commit on that
    /// brought their message.
    ///
    /// # Errors
    ///
    /// [`ArchiveError`].
    pub fn picture(&self, conversation: &str, item: &str) -> Result<Option<Media>, ArchiveError> {
        self.with(|inner| match row::number(&inner.connection, conversation)? {
            Some(number) => picture::get(&inner.connection, number, item),
            None => Ok(None),
        })
    }

    /// Whether [`Archive::picture`] has this one.
    ///
    /// # Errors
    ///
    /// [`ArchiveError`].
    pub fn has_picture(&self, conversation: &str, item: &str) -> Result<bool, ArchiveError> {
        self.with(|inner| match row::number(&inner.connection, conversation)? {
            Some(number) => picture::is_there(&inner.connection, number, item),
            None => Ok(false),
        })
    }

    /// Takes a conversation out: its rows, words, pictures, own messages and state are no longer in the file.
    ///
    /// # Errors
    ///
    /// [`ArchiveError`].
    pub fn delete(&self, conversation: &str) -> Result<(), ArchiveError> {
        self.with(|inner| {
            inner.forget();
            inner.set_firm(true)?;
            remove::delete(&mut inner.connection, conversation)
        })
    }

    /// Takes rows out of these conversations that are older than `before` (milliseconds since 1970-01-01 UTC), and conversations
    /// that ended before it and have nothing left. Own messages that are on their way stay.
    ///
    /// # Errors
    ///
    /// [`ArchiveError`].
    pub fn expire(&self, before: i64, conversations: &[String]) -> Result<Expired, ArchiveError> {
        self.with(|inner| {
            inner.forget();
            inner.set_firm(true)?;
            remove::expire(&mut inner.connection, before, conversations)
        })
    }

    fn with<T>(&self, work: impl FnOnce(&mut Inner) -> Result<T, ArchiveError>) -> Result<T, ArchiveError> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(why) = &inner.retired {
            return Err(why.clone());
        }
        let result = work(&mut inner);
        if let Err(error) = &result
            && error.is_of_the_file()
            && let Some(file) = &self.file
        {
            tracing::error!(%error, "damage was met");
            file::suspect(file);
            self.alarm.notify_one();
        }
        result
    }
}

impl Inner {
    /// Takes the newest messages out, or reads them.
    fn recent(&mut self, conversation: Option<i64>) -> Result<Recent, ArchiveError> {
        if let Some(known) = self.recent.iter().position(|recent| recent.is_of(conversation)) {
            return Ok(self.recent.swap_remove(known));
        }
        if conversation.is_some() {
            self.recent.retain(|recent| recent.is_of(None));
        }
        match self.catch_up() {
            // What is in the index can be found on a full disk as well.
            Err(error @ (ArchiveError::Full | ArchiveError::Io(_))) => {
                tracing::warn!(%error, "the index of words is behind");
            }
            other => other?,
        }
        Recent::read(&self.connection, conversation)
    }

    /// Rows are about to be taken out.
    fn forget(&mut self) {
        self.recent.clear();
        self.behind = Behind::Unread(self.behind.len());
    }

    fn catch_up(&mut self) -> Result<(), ArchiveError> {
        if self.behind.len() > 0 {
            let transaction = begin(&mut self.connection)?;
            match &self.behind {
                Behind::Known(known) => index::catch_up_with(&transaction, known.iter())?,
                Behind::Unread(_) => index::catch_up(&transaction)?,
            }
            transaction.commit()?;
            self.behind = Behind::Known(Vec::new());
        }
        Ok(())
    }

    fn set_firm(&mut self, firm: bool) -> Result<(), ArchiveError> {
        if firm != self.firm {
            let level = if firm { "FULL" } else { "NORMAL" };
            self.connection.execute_batch(&format!("PRAGMA synchronous = {level};"))?;
            self.firm = firm;
        }
        Ok(())
    }
}

impl fmt::Debug for Archive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Archive").field("file", &self.file).finish_non_exhaustive()
    }
}

/// Begins a transaction that writes.
fn begin(connection: &mut Connection) -> Result<Transaction<'_>, ArchiveError> {
    Ok(connection.transaction_with_behavior(TransactionBehavior::Immediate)?)
}
