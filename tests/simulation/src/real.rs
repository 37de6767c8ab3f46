//! The real archive beside its twin: an encrypted database in a folder that goes away. It is given the same commits, and has to give
//! the same back. What it does when the power is cut is the database's own promise, so there nothing is lost.

use std::sync::Arc;

use envoi_engine::archive::{Archive, ArchiveKey};
use envoi_protocol::stored::{Commit, Place, Stored, StoredRow};

/// Name of the one conversation.
const CONVERSATION: &str = "tide";

pub(crate) struct Real {
    folder: tempfile::TempDir,
    archive: Option<Archive>,
}

impl Real {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder"), archive: None }
    }

    /// Opens the file as a new run of the program does.
    pub(crate) fn open(&mut self) {
        self.archive = None;
        let key = ArchiveKey::from_bytes(&[7; 32]).expect("a key of the right length");
        let opened = Archive::open(&self.folder.path().join("archive.db"), &key);
        self.archive = Some(opened.expect("the archive opens").0);
    }

    /// # Errors
    /// What it says instead of taking the commit.
    pub(crate) fn write(&self, commit: &Commit) -> Result<(), String> {
        self.archive().commit(CONVERSATION, commit).map_err(|error| error.to_string())
    }

    pub(crate) fn load(&self, count: usize) -> Option<Stored> {
        self.archive().load(CONVERSATION, count).expect("the archive can be read")
    }

    pub(crate) fn recall(&self, before: Place, count: usize) -> (Vec<StoredRow>, bool) {
        let page = self.archive().page(CONVERSATION, before, count).expect("the archive can be read");
        (page.rows, page.more)
    }

    fn archive(&self) -> &Archive {
        self.archive.as_ref().expect("the archive was opened")
    }
}

/// What the real archive (the first) gives back differently from its twin; how far back they go may differ.
pub(crate) fn difference(real: Option<&Stored>, twin: Option<&Stored>) -> Option<String> {
    let (real, twin) = match (real, twin) {
        (None, None) => return None,
        (Some(real), Some(twin)) => (real, twin),
        _ => return Some(format!("a conversation is there: {}, {}", real.is_some(), twin.is_some())),
    };
    if real.state != twin.state {
        return Some(format!("the state is {:?}, not {:?}", real.state, twin.state));
    }
    if real.parcels != twin.parcels {
        return Some(format!("on the way are {:?}, not {:?}", real.parcels, twin.parcels));
    }
    let rows = real.rows.iter().rev().zip(twin.rows.iter().rev());
    let row = rows.into_iter().find(|(real, twin)| settled(real) != settled(twin));
    row.map(|(real, twin)| format!("a row is {real:?}, not {twin:?}"))
}

/// A row without what it says of its delivery, which is the outbox's to say.
fn settled(row: &StoredRow) -> StoredRow {
    let mut row = row.clone();
    if let Some(delivery) = Arc::make_mut(&mut row.item).content.delivery_mut() {
        *delivery = None;
    }
    row
}
