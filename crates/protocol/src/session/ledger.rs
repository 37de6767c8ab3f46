//! What is kept, and the order in which things happen: first it is kept, then it has consequences.
//!
//! Whatever an input leads to is held back while any change of the conversation waits to be written: requests, because a
//! restart must know that they may have left; the place to read on from, because what was read before it must be there;
//! what interfaces are told, because a message that is shown as on its way must be able to survive. The archive's yes lets it
//! all go, in its order. After a no everything waits, the person is told why, and the same is tried again.

use super::*;

/// Waits between tries of an archive that cannot be written.
const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(8);

/// What the archive has, and what it has yet to take.
#[derive(Debug)]
pub(super) struct Ledger {
    writing: Writing,
    told: Told,
    /// What the archive has not taken, in its order; `None` if it has taken everything, as nearly always.
    debt: Option<Box<Commit>>,
    /// The next wait after a refusal.
    wait: Duration,
}

/// The state that the archive was told last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    /// None.
    Nothing,
    /// One that is not the present one.
    Another,
    /// The one of this mark, see [`Standing::mark`](super::standing::Standing::mark).
    This(u64),
}

#[derive(Debug)]
enum Writing {
    /// Nothing is under way.
    Clear,
    /// This was handed over.
    Asked(Arc<Commit>),
    /// The archive refused; the debt is offered again.
    Refused { again: Moment, why: FaultCode },
}

impl Ledger {
    pub(super) fn new(told: Told) -> Self {
        Self { writing: Writing::Clear, told, debt: None, wait: FIRST_WAIT }
    }

    /// Whether the archive has taken everything.
    pub(super) fn is_clear(&self) -> bool {
        self.debt.is_none() && matches!(self.writing, Writing::Clear)
    }

    /// When the archive is asked again.
    pub(super) fn deadline(&self) -> Option<Deadline> {
        match self.writing {
            Writing::Refused { again, .. } => Some(Deadline { at: again, why: "next try of the archive" }),
            Writing::Clear | Writing::Asked(_) => None,
        }
    }

    /// Why the archive takes nothing, if so.
    pub(super) fn refusal(&self) -> Option<FaultCode> {
        match self.writing {
            Writing::Refused { why, .. } => Some(why),
            Writing::Clear | Writing::Asked(_) => None,
        }
    }

    /// Puts later changes behind earlier ones.
    fn owe(&mut self, later: Commit) {
        let Some(debt) = &mut self.debt else {
            self.debt = (!later.is_empty()).then(|| Box::new(later));
            return;
        };
        // A place may have been cleared and filled again: what came last counts.
        debt.rows.retain(|row| {
            !later.cleared.contains(&row.place) && !later.rows.iter().any(|new| new.place == row.place)
        });
        debt.cleared.retain(|place| !later.rows.iter().any(|row| row.place == *place));
        debt.cleared.extend(later.cleared);
        debt.rows.extend(later.rows);
        debt.late.extend(later.late);
        debt.parcels.extend(later.parcels);
        debt.state = later.state.or(debt.state.take());
        debt.firm |= later.firm;
    }
}

impl Session {
    /// Takes in what the archive holds.
    pub(super) fn restore(&mut self, stored: Stored) {
        let written = stored.state.clone();
        self.take_in(stored);
        let standing = self.standing();
        let same = standing.stored() == written;
        self.ledger.told = if same { Told::This(standing.mark()) } else { Told::Another };
    }

    fn take_in(&mut self, stored: Stored) {
        let Stored { rows, more, parcels, state } = stored;
        self.timeline.restore(rows, more);
        // What the buttons of a banner wait for, if they do.
        let for_banner =
            |parcel: &&StoredParcel| matches!(parcel.content, ParcelContent::Answer { offer: None, .. });
        self.leaving = parcels.iter().rev().find(for_banner).map(|parcel| parcel.local);
        self.outbox.restore(parcels);
        // The rows were written with what was true at the time. Nothing waits for a moment yet, so any will do.
        let now = Now { at: Moment(0), wall: 0 };
        for (local, delivery) in self.outbox.deliveries() {
            self.timeline.deliver(local, &delivery.view(now));
        }
        self.timeline.changes();
        self.closure = state.closure;
        self.past = state.newest;
        self.seen = state.seen;
        self.read = state.seen;
        self.unread = state.unread;
        self.history_complete = state.history_complete;
        self.last_agent = state.last_agent;
        self.next_local = state.next_local;
        self.draft = state.draft;
        self.banner = state.banner.filter(|_| !matches!(state.phase, StoredPhase::Over { .. }));
        for pattern in &state.hidden {
            // It was taken when it was new; a company may have listed more since.
            let _ = self.filters.add(pattern);
        }
        self.cursor = state.cursor;
        match state.phase {
            StoredPhase::Joining { fields } if self.setup.token.is_none() => self.form = Some(fields),
            StoredPhase::Fresh | StoredPhase::Joining { .. } => {}
            settled => self.phase = Phase::restored(settled),
        }
        if !self.phase.is_over() && self.setup.keeps {
            self.setup.created = state.created;
        }
    }

    /// A chat was going on, and nothing is left to pick it up with.
    pub(super) fn is_orphaned(&self) -> bool {
        self.phase.is_joined() && self.setup.token.is_none()
    }

    /// The program ended between the end of the chat and the last thing to be done about it.
    pub(super) fn has_leftover(&self) -> bool {
        self.phase.is_over() && self.setup.token.is_some()
    }

    /// The first thing that a session does.
    pub(super) fn begin(&mut self, now: Now) {
        if self.has_leftover() {
            self.setup.token = None;
            self.held.push_back(Output::Forget);
        } else if self.resuming {
            self.resume(now);
        } else if self.is_orphaned() {
            self.over(now, EndReason::Lost);
        } else if self.shelved.is_none()
            && let Some(fields) = self.form.take()
        {
            // The program ended before the service's answer was kept. Should there be a chat, nobody has written in it.
            self.outbox.give_up_doubts();
            self.start_with(now, fields);
        }
    }

    /// Everything that has to be kept and is not yet, to the archive; without such, everything that waits, on its way.
    pub(super) fn book(&mut self, now: Now) {
        let news = self.unkept();
        self.ledger.owe(news);
        self.pay(now);
    }

    /// What is owed, to the archive, unless that has its hands full; what waits, on its way if nothing is owed.
    fn pay(&mut self, now: Now) {
        match self.ledger.writing {
            Writing::Asked(_) => {}
            Writing::Refused { again, .. } if now.at < again => {}
            Writing::Clear if self.ledger.debt.is_none() => self.release(now),
            Writing::Clear | Writing::Refused { .. } => self.offer(),
        }
    }

    /// The archive has answered.
    pub(super) fn committed(&mut self, now: Now, result: Result<(), FaultCode>) {
        let before = std::mem::replace(&mut self.ledger.writing, Writing::Clear);
        let Writing::Asked(commit) = before else {
            self.ledger.writing = before;
            return;
        };
        match result {
            Ok(()) => {
                self.ledger.wait = FIRST_WAIT;
                // Whatever has changed meanwhile was booked when it did.
                self.pay(now);
            }
            Err(why) => {
                let later = self.ledger.debt.replace(Box::new(Arc::unwrap_or_clone(commit)));
                self.ledger.owe(later.map(|later| *later).unwrap_or_default());
                let wait = self.ledger.wait;
                self.ledger.wait = wait.saturating_mul(2).min(LONGEST_WAIT);
                self.ledger.writing = Writing::Refused { again: now.at.after(wait), why };
                self.tell_memory();
            }
        }
    }

    fn offer(&mut self) {
        let commit = Arc::new(self.ledger.debt.take().map(|debt| *debt).unwrap_or_default());
        self.ledger.writing = Writing::Asked(Arc::clone(&commit));
        self.outputs.push_back(Output::Commit(commit));
    }

    /// Lets go of what an input led to that changed nothing of what is kept or told: an echo, a ping, the next poll. Whoever holds
    /// thousands of chats in which nothing else happens need not look through all of each for that.
    pub(super) fn pass(&mut self) {
        debug_assert!(self.all_is_told() && !self.timeline.has_changes(), "nothing is left to be told");
        debug_assert!(
            self.ledger.told == Told::This(self.standing().mark())
                || self.ledger.told == Told::Nothing && self.is_untouched(),
            "nothing is left to be kept"
        );
        self.let_go();
    }

    fn let_go(&mut self) {
        if self.outputs.is_empty() {
            std::mem::swap(&mut self.outputs, &mut self.held);
        } else {
            self.outputs.extend(std::mem::take(&mut self.held));
        }
    }

    fn release(&mut self, now: Now) {
        self.let_go();
        self.indoors = None;
        self.adrift = false;
        self.publish(now);
    }

    /// A call is not wanted any more. One that was held back never leaves.
    pub(super) fn abandon(&mut self, call: CallId) {
        let is_it = |output: &Output| match output {
            Output::Call(held) => held.id == call,
            Output::SignIn(held) => held.id == call,
            _ => false,
        };
        self.signing_in.take_if(|(signing_in, _)| *signing_in == call);
        match self.held.iter().position(is_it) {
            Some(at) => drop(self.held.remove(at)),
            None => self.held.push_back(Output::Cancel(call)),
        }
    }

    /// A socket is not wanted any more. One that was held back is never opened.
    pub(super) fn abandon_socket(&mut self, socket: SocketId, how: Output) {
        let is_it = |output: &Output| matches!(output, Output::Open(held) if held.id == socket);
        if self.held.iter().any(is_it) {
            self.held
                .retain(|output| !is_it(output) && !matches!(output, Output::Say(on, _) if *on == socket));
        } else {
            // With a message that was held back all the while, nothing of which it hangs on has to leave any more.
            if self.indoors.is_some() || self.adrift {
                self.silence(socket);
            }
            self.held.push_back(how);
        }
    }

    /// A socket is no more. What was held back to be said on it never leaves.
    pub(super) fn silence(&mut self, socket: SocketId) {
        self.held.retain(|output| !matches!(output, Output::Say(on, _) if *on == socket));
    }

    /// What a failed try may have left: nothing, if its request was held back all the while. What was said on an open socket is
    /// still going to leave.
    pub(super) fn left_behind(&mut self, local: LocalId, trace: Trace) -> Trace {
        let was_held = self.indoors.take_if(|indoors| *indoors == local).is_some();
        let will_leave = self.held.iter().any(|output| matches!(output, Output::Say(..)));
        self.adrift |= was_held && will_leave;
        if was_held && !will_leave { Trace::None } else { trace }
    }

    /// What changed since the archive was last told.
    fn unkept(&mut self) -> Commit {
        let (cleared, rows, late) = self.timeline.unsaved();
        let (parcels, firm) = self.outbox.unsaved();
        let present = Told::This(self.standing().mark());
        let untouched = self.ledger.told == Told::Nothing && self.is_untouched();
        let changed = !untouched && self.ledger.told != present;
        let state = changed.then(|| Box::new(self.state()));
        if changed {
            self.ledger.told = present;
        }
        Commit { cleared, rows, late, parcels, state, firm }
    }

    /// A conversation that was only looked at leaves nothing behind.
    fn is_untouched(&self) -> bool {
        self.phase == Phase::Fresh && self.draft.is_empty() && self.next_local == 0
    }

    pub(super) fn state(&self) -> StoredState {
        self.standing().stored()
    }
}
