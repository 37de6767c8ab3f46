//! A disk with one file that is only ever appended to. It keeps what was synced; a power cut loses or tears what was not, and a
//! full disk takes a part of a record and then nothing.

use fastrand::Rng;

#[derive(Debug)]
pub(crate) struct Disk {
    rng: Rng,
    bytes: Vec<u8>,
    synced: usize,
    /// Nothing more fits.
    pub(crate) full: bool,
}

/// There is no room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Full;

impl Disk {
    pub(crate) fn new(seed: u64) -> Self {
        Self { rng: Rng::with_seed(seed), bytes: Vec::new(), synced: 0, full: false }
    }

    /// Everything that is in the file.
    pub(crate) fn read(&self) -> &[u8] {
        &self.bytes
    }

    /// Writes a record at the end; of a record that does not fit, a part may be there.
    ///
    /// # Errors
    /// [`Full`].
    pub(crate) fn append(&mut self, record: &[u8]) -> Result<(), Full> {
        if self.full {
            self.tear(record);
            return Err(Full);
        }
        self.bytes.extend_from_slice(record);
        Ok(())
    }

    /// Writes a part of a record: the writer died, or there was no more room.
    pub(crate) fn tear(&mut self, record: &[u8]) {
        let part = self.rng.usize(..record.len().max(1));
        self.bytes.extend_from_slice(record.get(..part).unwrap_or_default());
    }

    /// Cuts the file off there.
    pub(crate) fn truncate(&mut self, length: usize) {
        self.bytes.truncate(length);
        self.synced = self.synced.min(length);
    }

    /// Everything written so far survives from here on.
    pub(crate) fn sync(&mut self) {
        self.synced = self.bytes.len();
    }

    /// The power is cut: of what was not synced, the beginning may be there, and its last bytes may be anything.
    pub(crate) fn power_cut(&mut self) {
        let unsynced = self.bytes.len() - self.synced;
        let kept = self.rng.usize(..=unsynced);
        self.bytes.truncate(self.synced + kept);
        let spoilt = self.rng.usize(..=kept.min(16));
        let from = self.bytes.len() - spoilt;
        let mut junk = std::mem::take(&mut self.rng);
        self.bytes.iter_mut().skip(from).for_each(|byte| *byte = junk.u8(..));
        self.rng = junk;
    }
}
