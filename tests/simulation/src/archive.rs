//! The twin of the real archive: the same transactions, kept as a journal on a disk that tears.
//!
//! A record is its length, a checksum, and the commit as JSON. What follows the first record that is not whole does not exist.

use std::collections::BTreeMap;

use envoi_protocol::event::LocalId;
use envoi_protocol::stored::{
    Commit, ParcelChange, ParcelContent, Place, ProgressState, Stored, StoredParcel, StoredRow, StoredState,
};
use envoi_protocol::timeline::row_of;

use crate::breakage::Breakage;
use crate::disk::{Disk, Full};
use crate::real::{Real, difference};

/// Length and checksum.
const HEAD: usize = 8;

pub(crate) struct Archive {
    pub(crate) disk: Disk,
    /// The real one, if it runs beside.
    real: Option<Real>,
    /// What the real one said when it did not take a commit.
    pub(crate) trouble: Option<String>,
    table: Table,
    /// Where the last whole record ends.
    end: usize,
    commits: u64,
    synced: u64,
    breakage: Option<Breakage>,
}

/// What all commits so far come to.
#[derive(Debug, Default)]
struct Table {
    rows: BTreeMap<Place, StoredRow>,
    /// With the number of the commit that changed it last.
    parcels: BTreeMap<LocalId, (StoredParcel, u64)>,
    state: Option<StoredState>,
}

impl Archive {
    pub(crate) fn new(disk: Disk, real: bool, breakage: Option<Breakage>) -> Self {
        let real = real.then(Real::new);
        Self { disk, real, trouble: None, table: Table::default(), end: 0, commits: 0, synced: 0, breakage }
    }

    /// Reads everything that the disk still has, as a new run of the program does.
    pub(crate) fn open(&mut self) {
        if let Some(real) = &mut self.real {
            real.open();
        }
        self.table = Table::default();
        self.end = 0;
        self.commits = 0;
        let bytes = self.disk.read();
        while let Some(commit) = record(&bytes[self.end..]) {
            self.end += HEAD + commit.len();
            self.commits += 1;
            let commit = serde_json::from_slice(commit).expect("a commit that was written can be read");
            self.table.apply(&commit, self.commits);
        }
        self.disk.truncate(self.end);
        // Whoever opens a database makes sure of what it found.
        self.disk.sync();
        self.synced = self.commits;
    }

    /// Writes a commit, whole or not at all.
    ///
    /// # Errors
    /// [`Full`].
    pub(crate) fn write(&mut self, commit: &Commit) -> Result<(), Full> {
        let bytes = bytes_of(commit);
        if let Err(full) = self.disk.append(&bytes) {
            self.disk.truncate(self.end);
            return Err(full);
        }
        if let Some(real) = &self.real {
            self.trouble = self.trouble.take().or(real.write(commit).err());
        }
        self.end += bytes.len();
        self.commits += 1;
        self.table.apply(commit, self.commits);
        let soft = match self.breakage {
            Some(Breakage::NeverSyncs) => true,
            Some(Breakage::TakesBackSoftly) => {
                commit.parcels.iter().all(|change| matches!(change, ParcelChange::Gone(_)))
            }
            _ => false,
        };
        if commit.firm && !soft {
            self.sync();
        }
        Ok(())
    }

    /// The program dies while it writes this.
    pub(crate) fn tear(&mut self, commit: &Commit) {
        let bytes = bytes_of(commit);
        self.disk.tear(&bytes);
    }

    /// The power is cut.
    pub(crate) fn power_cut(&mut self) {
        if self.real.is_none() {
            self.disk.power_cut();
        }
    }

    /// What the real archive, if there is one, gives back differently from its twin.
    pub(crate) fn difference(&self, count: usize) -> Option<String> {
        difference(self.real.as_ref()?.load(count).as_ref(), self.load(count).as_ref())
    }

    fn sync(&mut self) {
        self.disk.sync();
        self.synced = self.commits;
    }

    /// What a session is rebuilt from, with so many rows besides those that wait at the end.
    pub(crate) fn load(&self, count: usize) -> Option<Stored> {
        let state = self.table.state.clone()?;
        let rows = &self.table.rows;
        let underway = |row: &StoredRow| self.table.parcels.keys().any(|local| row_of(*local) == row.item.id);
        let oldest = rows.values().position(underway).unwrap_or(rows.len());
        let waiting = rows.keys().rev().take_while(|place| place.key == Place::LAST).count();
        let start = rows.len().saturating_sub(waiting + count).min(oldest);
        let mut parcels: Vec<StoredParcel> =
            self.table.parcels.values().map(|(parcel, _)| parcel.clone()).collect();
        parcels.sort_by_key(|parcel| parcel.turn);
        let rows = rows.values().skip(start).cloned().collect();
        let mut stored = Stored { rows, more: start > 0, parcels, state };
        if let Some(breakage) = self.breakage {
            breakage.spoil(&mut stored);
        }
        Some(stored)
    }

    /// Rows directly before a place, oldest first, and whether there are yet older ones.
    pub(crate) fn recall(&self, before: Place, count: usize, until: Option<&str>) -> (Vec<StoredRow>, bool) {
        if let Some(real) = self.real.as_ref().filter(|_| until.is_none()) {
            return real.recall(before, count);
        }
        let older: Vec<&StoredRow> = self.table.rows.range(..before).map(|(_, row)| row).collect();
        let start = match until.and_then(|id| older.iter().position(|row| row.item.id == id)) {
            Some(at) => at.saturating_sub(count),
            None => older.len().saturating_sub(count),
        };
        (older[start..].iter().map(|row| (*row).clone()).collect(), start > 0)
    }

    /// The words of messages that are on their way as far as is kept.
    pub(crate) fn under_way(&self) -> impl Iterator<Item = &str> {
        self.table.parcels.values().filter_map(|(parcel, _)| match &parcel.content {
            ParcelContent::Text(text) if parcel.progress.state == ProgressState::Sending => {
                Some(text.as_str())
            }
            _ => None,
        })
    }

    /// Whether it would survive a power cut that a message with these words may have left.
    pub(crate) fn knows_of(&self, words: &str) -> bool {
        self.table.parcels.values().any(|(parcel, commit)| {
            let same = matches!(&parcel.content, ParcelContent::Text(text) if text == words);
            let doubt = matches!(
                parcel.progress.state,
                ProgressState::Sending | ProgressState::Unsure | ProgressState::Lingering
            );
            same && doubt && *commit <= self.synced
        })
    }
}

impl Table {
    fn apply(&mut self, commit: &Commit, number: u64) {
        for place in &commit.cleared {
            self.rows.remove(place);
        }
        for row in &commit.rows {
            self.rows.insert(row.place, row.clone());
        }
        for row in &commit.late {
            self.rows.entry(row.place).or_insert_with(|| row.clone());
        }
        for change in &commit.parcels {
            match change {
                ParcelChange::Put(parcel) => {
                    self.parcels.insert(parcel.local, (parcel.clone(), number));
                }
                ParcelChange::Move { local, turn, progress } => {
                    if let Some((parcel, changed)) = self.parcels.get_mut(local) {
                        parcel.turn = *turn;
                        parcel.progress = progress.clone();
                        *changed = number;
                    }
                }
                ParcelChange::Gone(local) => drop(self.parcels.remove(local)),
            }
        }
        if let Some(state) = &commit.state {
            self.state = Some((**state).clone());
        }
    }
}

fn bytes_of(commit: &Commit) -> Vec<u8> {
    let json = serde_json::to_vec(commit).expect("a commit can be written");
    let mut bytes = Vec::with_capacity(HEAD + json.len());
    bytes.extend_from_slice(&u32::try_from(json.len()).expect("a small commit").to_le_bytes());
    bytes.extend_from_slice(&crc32fast::hash(&json).to_le_bytes());
    bytes.extend_from_slice(&json);
    bytes
}

/// The first record, if it is whole.
fn record(bytes: &[u8]) -> Option<&[u8]> {
    let number = |from: usize| Some(u32::from_le_bytes(bytes.get(from..from + 4)?.try_into().ok()?));
    let (length, checksum) = (usize::try_from(number(0)?).ok()?, number(4)?);
    let json = bytes.get(HEAD..HEAD.checked_add(length)?)?;
    (crc32fast::hash(json) == checksum && length > 0).then_some(json)
}
