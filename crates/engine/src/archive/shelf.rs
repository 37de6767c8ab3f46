//! Where a profile's conversations are kept: in its encrypted archive once the password store has given the key, and in memory
//! for those that are not to outlive the program, or for all if there is no key. It is opened when it is first needed, so that
//! no password store asks anybody for anything before there is something to keep. One that is found damaged while the program
//! runs is replaced at once.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use envoi_protocol::fault::FaultCode;
use envoi_protocol::view::ArchiveView;
use tokio::sync::{Mutex, Notify, watch};

use super::key;
use super::{Archive, ArchiveError, ArchiveKey, Opened, aside};
use crate::keyring::Keyring;

/// How long a conversation that has just begun waits for the key: the password store may be asking the person.
const PATIENCE: Duration = Duration::from_secs(8);

/// The archives of one profile. Clones are the same.
#[derive(Debug, Clone)]
pub(crate) struct Shelf {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    file: PathBuf,
    keyring: Keyring,
    state: watch::Sender<State>,
    /// For what is not to outlive the program.
    fleeting: Archive,
    /// One opening at a time.
    turn: Mutex<()>,
    /// Rings when the archive meets damage.
    alarm: Arc<Notify>,
}

#[derive(Debug, Clone)]
enum State {
    /// Nothing was asked for.
    Closed,
    Opening,
    Open {
        archive: Archive,
        aside: Option<String>,
        key: ArchiveKey,
        /// It was said to be damaged, and nothing was found.
        doubted: bool,
    },
    Memory {
        why: FaultCode,
    },
}

impl Shelf {
    /// A shelf that is not open yet.
    ///
    /// # Errors
    ///
    /// That not even an archive in memory can be made.
    pub(crate) fn new(file: PathBuf, keyring: Keyring) -> Result<Self, ArchiveError> {
        let fleeting = Archive::in_memory()?;
        let state = watch::Sender::new(State::Closed);
        let shared = Shared { file, keyring, state, fleeting, turn: Mutex::default(), alarm: Arc::default() };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// Asks the password store for the key and opens the archive, unless that was done. Afterwards there is one to write to,
    /// whatever came of it.
    pub(crate) async fn open(&self) {
        let shared = &self.shared;
        let _turn = shared.turn.lock().await;
        if matches!(*shared.state.borrow(), State::Open { .. }) {
            return;
        }
        shared.state.send_replace(State::Opening);
        let key = match key::recall(&shared.keyring).await {
            Ok(recalled) => recalled.key,
            Err(refused) => {
                tracing::warn!(%refused, "there is no key for the archive");
                shared.state.send_replace(State::Memory { why: refused.code() });
                return;
            }
        };
        let file = shared.file.clone();
        // A file whose key is gone from the store cannot be read any more: it is set aside like a damaged one.
        let opening = key.clone();
        let opened = tokio::task::spawn_blocking(move || Archive::open(&file, &opening));
        let state = match opened.await {
            Ok(Ok((archive, opened))) => {
                let archive = archive.watched_by(Arc::clone(&shared.alarm));
                State::Open { archive, aside: where_to(opened), key, doubted: false }
            }
            Ok(Err(refused)) => {
                tracing::warn!(%refused, "the archive cannot be opened");
                State::Memory { why: refused.code() }
            }
            Err(_) => State::Memory { why: FaultCode::DiskFailed },
        };
        shared.state.send_replace(state);
    }

    /// The archive to write to: the encrypted one, or the one in memory if the key cannot be had, or not in time.
    pub(crate) async fn archive(&self) -> Archive {
        if self.lasting().is_none() {
            let shelf = self.clone();
            // On its own, so that an answer that comes too late for this conversation is there for the next.
            let opening = tokio::spawn(async move { shelf.open().await });
            if tokio::time::timeout(PATIENCE, opening).await.is_err() {
                tracing::warn!("the password store does not answer: this conversation is not kept");
            }
        }
        self.lasting().unwrap_or_else(|| self.fleeting())
    }

    /// Waits until the archive has met damage.
    pub(crate) async fn damaged(&self) {
        self.shared.alarm.notified().await;
    }

    /// Looks through an archive that has met damage, and begins a new one if that is so. Whoever has the old one is told that it is
    /// replaced. False if that has to be tried again, for instance because the disk is full.
    pub(crate) async fn mend(&self) -> bool {
        let shared = &self.shared;
        let _turn = shared.turn.lock().await;
        let before = shared.state.borrow().clone();
        let State::Open { archive, aside, key, doubted } = before else { return true };
        let (file, opening) = (shared.file.clone(), key.clone());
        let opened = tokio::task::spawn_blocking(move || {
            archive.retire(ArchiveError::Replaced)?;
            // Where nothing is found and damage is met all the same, looking once more would not help.
            let opened =
                if doubted { Archive::begin_anew(&file, &opening) } else { Archive::open(&file, &opening) };
            if let Err(refused) = &opened {
                archive.retire(refused.clone())?;
            }
            opened
        });
        match opened.await {
            Ok(Ok((archive, opened))) => {
                let archive = archive.watched_by(Arc::clone(&shared.alarm));
                let doubted = !matches!(opened, Opened::Rebuilt { .. });
                let aside = where_to(opened).or(aside);
                shared.state.send_replace(State::Open { archive, aside, key, doubted });
                true
            }
            Ok(Err(refused)) => {
                tracing::warn!(%refused, "a damaged archive cannot be replaced yet");
                false
            }
            Err(_) => false,
        }
    }

    /// Deletes what was set aside before a time (milliseconds since 1970-01-01 UTC), or all of it without one.
    pub(crate) async fn forget_set_aside(&self, before: Option<i64>) {
        let file = self.shared.file.clone();
        let removed = tokio::task::spawn_blocking(move || aside::remove(&file, before)).await;
        if let Ok(Err(cause)) = removed {
            tracing::warn!(%cause, "an unreadable archive could not be deleted");
        }
    }

    /// Waits until it is worth asking for the [`Shelf::view`] again.
    pub(crate) async fn changed(&self) {
        let mut state = self.shared.state.subscribe();
        // The sender lives as long as this shelf.
        let _ = state.changed().await;
    }

    /// For what is not to outlive the program.
    pub(crate) fn fleeting(&self) -> Archive {
        self.shared.fleeting.clone()
    }

    /// The encrypted archive, if it is open.
    pub(crate) fn lasting(&self) -> Option<Archive> {
        match &*self.shared.state.borrow() {
            State::Open { archive, .. } => Some(archive.clone()),
            State::Closed | State::Opening | State::Memory { .. } => None,
        }
    }

    /// As interfaces see it.
    pub(crate) fn view(&self) -> ArchiveView {
        match &*self.shared.state.borrow() {
            State::Opening => ArchiveView::Opening,
            State::Closed | State::Open { aside: None, .. } => ArchiveView::Kept,
            State::Open { aside: Some(aside), .. } => ArchiveView::Rebuilt { aside: aside.clone() },
            State::Memory { why } => ArchiveView::Memory { why: *why },
        }
    }
}

fn where_to(opened: Opened) -> Option<String> {
    match opened {
        Opened::Rebuilt { aside } => Some(aside.display().to_string()),
        Opened::Fresh | Opened::Existing => None,
    }
}
