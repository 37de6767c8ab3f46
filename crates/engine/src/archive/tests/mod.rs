//! The archive as those who use it see it.

use std::path::PathBuf;
use std::sync::Arc;

use envoi_protocol::event::{Attachment, EntryKey, LocalId, Media};
use envoi_protocol::fault::{Fault, FaultCode};
use envoi_protocol::finalize::Closure;
use envoi_protocol::stored::{
    Commit, ParcelChange, ParcelContent, Place, Progress, ProgressState, StoredParcel, StoredPhase,
    StoredRow, StoredState,
};
use envoi_protocol::text::runs;
use envoi_protocol::timeline::{me, row_at, row_of};
use envoi_protocol::view::{Content, DeliveryView, EndReason, Item, Person, Role};

use super::*;

mod contents;
mod damage;
mod finding;
mod log;
mod removal;
mod richer;

/// Noon of a day in 2026.
const NOON: i64 = 1_780_000_000_000;

fn key() -> ArchiveKey {
    ArchiveKey::from_bytes(&[7; 32]).unwrap()
}

/// A folder with an archive in it.
struct Kept {
    folder: tempfile::TempDir,
}

impl Kept {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("archive/archive.db")
    }

    fn open(&self) -> (Archive, Opened) {
        Archive::open(&self.file(), &key()).unwrap()
    }
}

fn at(major: u64) -> Place {
    Place { key: EntryKey { major, minor: 0 }, echo: 0 }
}

const fn waiting(echo: u64) -> Place {
    Place { key: Place::LAST, echo }
}

fn agent() -> Person {
    Person { id: "a1".into(), name: Some("Maya".into()), role: Role::Agent }
}

fn said(id: String, place: Place, time: i64, from: Person, words: &str) -> StoredRow {
    let delivery = (from.role == Role::Me).then_some(DeliveryView::Sent);
    let content = Content::Message { from, text: runs(words.to_owned()), delivery };
    StoredRow { place, item: Arc::new(Item { id, at: time, replayed: false, content }), media_url: None }
}

/// Words of the agent, as many seconds after noon as their key says.
fn theirs(major: u64, words: &str) -> StoredRow {
    let time = NOON + 1_000 * i64::try_from(major).unwrap();
    said(row_at(at(major).key), at(major), time, agent(), words)
}

/// Words of the person.
fn mine(local: u64, place: Place, words: &str) -> StoredRow {
    said(row_of(LocalId(local)), place, NOON, me(), words)
}

fn state() -> StoredState {
    StoredState {
        deployment: "tidewater".into(),
        company: "Tidewater Energy".into(),
        created: NOON,
        phase: StoredPhase::Open { people: vec![agent()] },
        closure: Closure::default(),
        newest: None,
        seen: None,
        unread: 0,
        last_agent: None,
        cursor: Some("c1".into()),
        history_complete: false,
        next_local: 0,
        draft: "Dear".into(),
        banner: None,
        hidden: Vec::new(),
    }
}

fn over(at: i64) -> StoredState {
    StoredState {
        phase: StoredPhase::Over { reason: EndReason::EndedByThem, by: None, at, unsent: 0 },
        ..state()
    }
}

const fn queued() -> Progress {
    Progress { state: ProgressState::Queued, attempts: 0, left: false }
}

fn words(local: u64, turn: u64, text: &str) -> ParcelChange {
    let content = ParcelContent::Text(text.to_owned());
    ParcelChange::Put(StoredParcel { local: LocalId(local), turn, content, progress: queued() })
}

fn with_rows(rows: Vec<StoredRow>) -> Commit {
    Commit { rows, state: Some(Box::new(state())), ..Commit::default() }
}

fn ids(rows: &[StoredRow]) -> Vec<&str> {
    rows.iter().map(|row| row.item.id.as_str()).collect()
}

fn found(archive: &Archive, query: &str) -> Vec<String> {
    archive.search(query, None, 50).unwrap().into_iter().map(|hit| hit.item).collect()
}
