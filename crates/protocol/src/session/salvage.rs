//! When the archive was lost while a conversation goes on, or its company was removed or changed: everything that is at hand, so that
//! the same conversation begins once more with it and has it written to the archive.

use super::*;

impl Session {
    /// Ends this session and gives what another of the same conversation begins from. Its calls are to be abandoned, as if the
    /// program had died: what was on its way is looked up. Nothing of [`Setup::stored`] is in the archive, see
    /// [`Session::owe_all`].
    #[must_use]
    pub fn salvage(self) -> Setup {
        // The archive has lost what is older than the rows here: the service is read again from its newest page on.
        self.at_hand(|stored| Stored {
            more: false,
            state: StoredState { cursor: None, ..stored.state },
            ..stored
        })
    }

    /// The same while the archive is whole: what is older than the rows here is there, and what was read of the service stays read.
    #[must_use]
    pub fn set_down(self) -> Setup {
        self.at_hand(|stored| stored)
    }

    fn at_hand(mut self, change: impl FnOnce(Stored) -> Stored) -> Setup {
        // What has certainly not left does not have to be looked up.
        let indoors = self.indoors.take();
        let parcels = self.outbox.at_hand(indoors);
        let more = self.timeline.horizon().is_some();
        let stored = change(Stored { rows: self.timeline.rows(), more, parcels, state: self.state() });
        Setup { stored: Some(Box::new(stored)), ..self.setup }
    }

    /// Nothing of what this session begins from is in the archive: all of it is still to be kept.
    pub fn owe_all(&mut self) {
        self.ledger = Ledger::new(Told::Nothing);
        self.timeline.owe_all();
        self.outbox.owe_all();
    }
}
