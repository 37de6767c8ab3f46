//! Which conversations can be picked up: `conversations.json` of the profile. It names them; what opens them is in the keyring,
//! and what was said in them is in the archive. It stands beside the archive because it has to outlive it: a chat whose
//! archive was damaged is picked up by its token and read again from the service.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use envoi_protocol::view::ConfigFault;
use serde::{Deserialize, Serialize};

use crate::disk;
use crate::turns::Turns;

/// One conversation that comes back after a restart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Id of the company.
    pub deployment: String,
    /// Name of the company, for when it is no longer in the file.
    pub company: String,
    /// When the conversation was begun: milliseconds since 1970-01-01 UTC.
    pub created: i64,
    /// True once the chat is over and only its token is left to be deleted.
    #[serde(default)]
    pub ended: bool,
    /// True while everything of the conversation is being deleted.
    #[serde(default)]
    pub deleted: bool,
}

/// The list, in memory and in its file. Writing blocks: call it from a blocking thread.
#[derive(Debug)]
pub struct Index {
    file: PathBuf,
    list: Mutex<List>,
    /// The change up to which the file has them all. Held while writing, so that the file never goes back to an older state.
    written: Mutex<u64>,
    /// How many may wait for it on threads.
    turns: Turns,
}

/// Threads that may be at it at once: one writes, and what the others have changed is written together by the next.
const THREADS: usize = 4;

#[derive(Debug, Default)]
struct List {
    entries: BTreeMap<String, Entry>,
    /// How many changes there were.
    changes: u64,
}

#[derive(Debug, Deserialize)]
struct Document {
    version: u32,
    conversations: BTreeMap<String, Entry>,
}

/// The same, as it is written.
#[derive(Debug, Serialize)]
struct Written<'a> {
    version: u32,
    conversations: &'a BTreeMap<String, Entry>,
}

const VERSION: u32 = 1;

impl Index {
    /// Reads the list. A file that cannot be understood is set aside under another name, and that is said.
    #[must_use]
    pub fn load(file: &Path) -> (Self, Option<ConfigFault>) {
        let (entries, fault) = match read(file) {
            Ok(entries) => (entries, None),
            Err(message) => (BTreeMap::new(), Some(message)),
        };
        let fault = fault.map(|message| ConfigFault {
            file: file.display().to_string(),
            line: None,
            field: String::new(),
            message,
        });
        let list = Mutex::new(List { entries, changes: 0 });
        let turns = Turns::new(THREADS);
        (Self { file: file.to_path_buf(), list, written: Mutex::default(), turns }, fault)
    }

    /// All conversations by name.
    #[must_use]
    pub fn entries(&self) -> BTreeMap<String, Entry> {
        self.list().entries.clone()
    }

    /// Adds or replaces a conversation.
    ///
    /// # Errors
    ///
    /// If the file cannot be written; the list is then as before.
    pub fn put(&self, conversation: &str, entry: Entry) -> io::Result<()> {
        self.change(conversation, |_| Some(entry))
    }

    /// Changes a conversation, if it is there.
    ///
    /// # Errors
    ///
    /// As [`Index::put`].
    pub fn edit(&self, conversation: &str, edit: impl FnOnce(&mut Entry)) -> io::Result<()> {
        self.change(conversation, |entry| {
            let mut entry = entry?.clone();
            edit(&mut entry);
            Some(entry)
        })
    }

    /// Takes a conversation off the list.
    ///
    /// # Errors
    ///
    /// As [`Index::put`].
    pub fn remove(&self, conversation: &str) -> io::Result<()> {
        self.change(conversation, |_| None)
    }

    /// Does something with it on a blocking thread, in turn.
    ///
    /// # Errors
    ///
    /// As the work, or that it broke off.
    pub(crate) async fn on_thread(
        self: &Arc<Self>,
        work: impl FnOnce(&Self) -> io::Result<()> + Send + 'static,
    ) -> io::Result<()> {
        let index = Arc::clone(self);
        let done = self.turns.on_thread(move || work(&index)).await;
        done.unwrap_or_else(|broken| Err(io::Error::other(broken)))
    }

    /// Changes one entry in its place: a copy of the whole list for each change would leave holes all over the memory. Whoever
    /// comes while the file is being written has their change written together with those of all others who wait.
    fn change(
        &self,
        conversation: &str,
        change: impl FnOnce(Option<&Entry>) -> Option<Entry>,
    ) -> io::Result<()> {
        let (before, mine) = {
            let mut list = self.list();
            let after = change(list.entries.get(conversation));
            if after.as_ref() == list.entries.get(conversation) {
                return Ok(());
            }
            list.changes += 1;
            (place(&mut list.entries, conversation, after), list.changes)
        };
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        if *written >= mine {
            return Ok(());
        }
        match self.write() {
            Ok(newest) => *written = newest,
            Err(cause) => {
                place(&mut self.list().entries, conversation, before);
                return Err(cause);
            }
        }
        Ok(())
    }

    /// Writes the list as it is now, and says up to which change that is.
    fn write(&self) -> io::Result<u64> {
        let (bytes, newest) = {
            let list = self.list();
            let document = Written { version: VERSION, conversations: &list.entries };
            (serde_json::to_vec_pretty(&document)?, list.changes)
        };
        disk::replace(&self.file, &bytes)?;
        Ok(newest)
    }

    fn list(&self) -> MutexGuard<'_, List> {
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Puts this entry, or none, where the one before was, and gives that back.
fn place(entries: &mut BTreeMap<String, Entry>, conversation: &str, entry: Option<Entry>) -> Option<Entry> {
    match entry {
        Some(entry) => entries.insert(conversation.to_owned(), entry),
        None => entries.remove(conversation),
    }
}

fn read(file: &Path) -> Result<BTreeMap<String, Entry>, String> {
    let bytes = match disk::read(file) {
        Ok(Some(bytes)) => bytes,
        Ok(None) => return Ok(BTreeMap::new()),
        Err(cause) => return Err(format!("the list of conversations cannot be read: {cause}")),
    };
    let problem = match serde_json::from_slice::<Document>(&bytes) {
        Ok(document) if document.version == VERSION => return Ok(document.conversations),
        Ok(document) => {
            format!("it is of version {}, and this Envoi knows version {VERSION}", document.version)
        }
        Err(problem) => problem.to_string(),
    };
    Err(match disk::set_aside(file) {
        Ok(aside) => format!(
            "the list of conversations could not be understood ({problem}); it was kept as {}, and a new one was begun",
            aside.display()
        ),
        Err(cause) => {
            format!("the list of conversations could not be understood ({problem}) nor set aside ({cause})")
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn entry() -> Entry {
        Entry {
            deployment: "tidewater".into(),
            company: "Tidewater Energy".into(),
            created: 1,
            ended: false,
            deleted: false,
        }
    }

    #[test]
    fn what_was_put_is_there_after_a_restart() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("conversations.json");
        let (index, fault) = Index::load(&file);
        assert_eq!(fault, None);
        index.put("a", entry()).unwrap();
        index.put("b", entry()).unwrap();
        index.edit("a", |entry| entry.ended = true).unwrap();
        index.remove("b").unwrap();
        index.edit("gone", |entry| entry.ended = true).unwrap();
        let (again, fault) = Index::load(&file);
        assert_eq!(fault, None);
        assert_eq!(again.entries(), [("a".to_owned(), Entry { ended: true, ..entry() })].into());
    }

    #[test]
    fn what_many_put_at_once_is_all_there_after_a_restart() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("conversations.json");
        let (index, _) = Index::load(&file);
        std::thread::scope(|scope| {
            for number in 0..16 {
                let (index, file) = (&index, &file);
                scope.spawn(move || {
                    let id = format!("c{number}");
                    index.put(&id, entry()).unwrap();
                    let (again, _) = Index::load(file);
                    assert!(again.entries().contains_key(&id), "it is in the file once that was said");
                });
            }
        });
        let (again, fault) = Index::load(&file);
        assert_eq!(fault, None);
        assert_eq!(again.entries(), index.entries());
        assert_eq!(again.entries().len(), 16);
    }

    #[test]
    fn a_file_that_cannot_be_understood_is_kept_and_told() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("conversations.json");
        for content in
            ["{\"version\": 1, \"conver", "[]", "{\"version\": 9, \"conversations\": {}}", "\0\0\0\0"]
        {
            fs::write(&file, content).unwrap();
            let (index, fault) = Index::load(&file);
            assert!(index.entries().is_empty());
            let message = fault.unwrap().message;
            let told = message.split("kept as ").nth(1).and_then(|rest| rest.split(", and").next());
            assert_eq!(fs::read_to_string(told.expect("its new name is told")).unwrap(), content);
            index.put("a", entry()).unwrap();
        }
    }

    #[test]
    fn a_list_that_cannot_be_written_stays_as_it_was() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("folder-in-the-way");
        fs::create_dir_all(file.join("x")).unwrap();
        let (index, _) = Index::load(&file);
        assert!(index.put("a", entry()).is_err());
        assert!(index.entries().is_empty());
    }
}
