//! The archive's twin: keeps commits as the real one does, in memory, and may be told to refuse.

use std::collections::BTreeMap;

use crate::event::LocalId;
use crate::fault::FaultCode;
use crate::stored::{Commit, ParcelChange, Place, Stored, StoredParcel, StoredRow, StoredState};

#[derive(Debug, Clone, Default)]
pub(super) struct Archive {
    rows: BTreeMap<Place, StoredRow>,
    parcels: BTreeMap<LocalId, StoredParcel>,
    state: Option<StoredState>,
    /// Refuses while it is set.
    pub(super) full: bool,
}

impl Archive {
    pub(super) fn answer(&self) -> Result<(), FaultCode> {
        if self.full { Err(FaultCode::DiskFailed) } else { Ok(()) }
    }

    pub(super) fn take(&mut self, commit: &Commit) {
        if self.full {
            return;
        }
        for place in &commit.cleared {
            self.rows.remove(place);
        }
        self.rows.extend(commit.rows.iter().map(|row| (row.place, row.clone())));
        for row in &commit.late {
            self.rows.entry(row.place).or_insert_with(|| row.clone());
        }
        for change in &commit.parcels {
            match change {
                ParcelChange::Put(parcel) => drop(self.parcels.insert(parcel.local, parcel.clone())),
                ParcelChange::Move { local, turn, progress } => {
                    let parcel = self.parcels.get_mut(local).expect("what moves was put before");
                    (parcel.turn, parcel.progress) = (*turn, progress.clone());
                }
                ParcelChange::Gone(local) => drop(self.parcels.remove(local).expect("it was put before")),
            }
        }
        if let Some(state) = &commit.state {
            self.state = Some((**state).clone());
        }
    }

    /// What a restart finds, with so many rows at once.
    pub(super) fn stored(&self, newest: usize) -> Option<Stored> {
        let skip = self.rows.len().saturating_sub(newest);
        let mut parcels: Vec<StoredParcel> = self.parcels.values().cloned().collect();
        parcels.sort_by_key(|parcel| parcel.turn);
        Some(Stored {
            rows: self.rows.values().skip(skip).cloned().collect(),
            more: skip > 0,
            parcels,
            state: self.state.clone()?,
        })
    }

    /// Rows directly before a place, and whether there are older ones.
    pub(super) fn page(&self, before: Place, count: usize) -> (Vec<StoredRow>, bool) {
        let older: Vec<StoredRow> = self.rows.range(..before).map(|(_, row)| row.clone()).collect();
        let skip = older.len().saturating_sub(count);
        (older[skip..].to_vec(), skip > 0)
    }
}
