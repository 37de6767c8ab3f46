//! When the archive was lost while a conversation goes on: everything that is at hand, so that the same conversation begins once
//! more with it and has it written to the new archive.

use super::*;

impl Session {
    /// Ends this session and gives what another of the same conversation begins from. Its calls are to be abandoned, as if the
    /// program had died: what was on its way is looked up. Nothing of [`Setup::stored`] is in the archive, see
    /// [`Session::owe_all`].
    #[must_use]
    pub fn salvage(mut self) -> Setup {
        // What has certainly not left does not have to be looked up.
        let indoors = self.indoors.take();
        let parcels = self.outbox.at_hand(indoors);
        // The archive has lost what is older than the rows here: the service is read again from its newest page on.
        let state = StoredState { cursor: None, ..self.state() };
        let stored = Stored { rows: self.timeline.rows(), more: false, parcels, state };
        Setup { stored: Some(Box::new(stored)), ..self.setup }
    }

    /// Nothing of what this session begins from is in the archive: all of it is still to be kept.
    pub fn owe_all(&mut self) {
        self.ledger = Ledger::new(Told::Nothing);
        self.timeline.owe_all();
        self.outbox.owe_all();
    }
}
