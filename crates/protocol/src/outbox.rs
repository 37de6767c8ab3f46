//! Ordered sending of one conversation's messages.
//!
//! What it promises:
//! - **Nothing is lost.** A message is kept on disk before its echo says that it is being sent, and before its request leaves
//!   the computer. Closing, killing and unplugging change nothing: it goes out in its turn when the link is back.
//! - **Order.** Messages leave in the order in which they were written, one at a time. A message that is stuck, because only
//!   the person can help, does not hold up the ones behind it; when it is retried, it goes behind those that wait.
//! - **Three outcomes.** A message is sent, will be tried again by itself, or is stuck until the person acts. It is shown as
//!   sent when the service said so, or when its copy stands in the service's transcript, and at no other time.
//! - **Never twice on a guess.** When it is not known whether a message arrived, it is not sent again before the service's
//!   transcript was read back to where it was whole, and does not hold it.
//! - **An honest cancel.** Taking a message back works until it is on its way; afterwards the answer is no. What was taken
//!   back never arrives. A file that is on its way can be given up: the service's machine says whether that was in time, and
//!   until then the file stands where it stood.
//!
//! What may be sent again, and when, is a matter of the trace that a failed try may have left ([`Trace`]):
//!
//! | how a try ended | what is known | what follows |
//! |---|---|---|
//! | not reached, refused, asked to slow down | it did not arrive | sent again, or stuck, as the failure is |
//! | the connection broke, a 5xx, an unreadable answer, the program died | if it arrived, the transcript holds it | the transcript decides |
//! | no answer in time, or a gateway that gave up waiting | it may still be under way | the transcript can prove that it arrived, nothing can prove that it will not: if it is not there, the person is asked |
//!
//! What the services help with. None of them is known to drop a message that comes a second time. The transcript of each proves
//! arrival, by the words and the order of own entries; none can prove that something will not arrive. So two things remain
//! unknowable everywhere: a request that a proxy on the way delivers after its connection to us broke arrives a second time; and
//! of two messages with the same words it cannot be told which of them is in doubt, which changes nothing for whoever reads them.
//!
//! | service | what says that a message arrived | what is particular |
//! |---|---|---|
//! | `digital_channels` | the answer, or its copy in the transcript | there is no client-chosen message key |
//! | `gms` | the answer, or its copy | an error that passes may hide a message that the chat server took: the transcript decides there as well |
//! | `gms_cometd` | its copy alone | the answer to a publication is the word of the CometD server, not of the chat; a copy that does not come in time leaves it in doubt, and so does an answer that is lost |
//! | `chat_session` | the answer, or its copy | reads go on from the last known number, so nothing is given only once |
//! | `web_messaging` | its repetition with the name of the request, or its copy in the history | an error need not say what it is about, so one message at a time is unconfirmed, and it is the one |
//! | `yellow` | the answer, or its copy in a read that begins after it | how soon a message stands in a read nobody has published: one that stands there later still is sent a second time |
//!
//! See docs/DECISIONS.md, and docs/protocols/ for the facts of each.

mod parcel;

use std::collections::VecDeque;

pub use self::parcel::Delivery;
use self::parcel::{Parcel, same};
use crate::event::{LocalId, Trace};
use crate::fault::{Fault, FaultCode};
use crate::io::{Deadline, Moment};
use crate::kit::backoff::{Backoff, Urgency};
use crate::stored::{ParcelChange, ParcelContent, Progress, ProgressState, StoredParcel};
use crate::transport::Failure;

/// Somebody waits for every message in here.
const URGENCY: Urgency = Urgency::Watched;
/// Tries after which a message that the service itself keeps failing on needs the person.
const PATIENCE: u32 = 7;

/// Messages that have left the composer and are not yet in the service's transcript.
#[derive(Debug, Clone)]
pub struct Outbox {
    /// In the order of their turns.
    parcels: VecDeque<Parcel>,
    next_turn: u64,
    backoff: Backoff,
    rng: fastrand::Rng,
    /// Messages that are no longer here and still in the archive.
    gone: Vec<LocalId>,
    /// Whether what is to be kept has to survive a power cut.
    firm: bool,
}

/// What a failed try leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aftermath {
    /// Nothing to do: it is tried again by itself, stuck, or gone already.
    Nothing,
    /// The transcript has to be read.
    Reconcile,
    /// It had been given up, did not arrive, and is no longer here.
    Withdrawn,
}

impl Outbox {
    /// An empty outbox; the seed is for the jitter of its waits.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            parcels: VecDeque::new(),
            next_turn: 0,
            backoff: Backoff::default(),
            rng: fastrand::Rng::with_seed(seed),
            gone: Vec::new(),
            firm: false,
        }
    }

    /// Takes in what the archive held. Whatever was on its way when the program ended is in doubt.
    pub fn restore(&mut self, parcels: Vec<StoredParcel>) {
        for StoredParcel { local, turn, content, progress } in parcels {
            self.next_turn = self.next_turn.max(turn.saturating_add(1));
            let saved = Some((turn, progress.clone()));
            let delivery = match progress.state {
                ProgressState::Queued => Delivery::Queued,
                ProgressState::Sending | ProgressState::Unsure => Delivery::Unsure { lingering: false },
                ProgressState::Lingering => Delivery::Unsure { lingering: true },
                ProgressState::Sent => Delivery::Sent,
                ProgressState::Stuck(fault) => Delivery::Stuck(fault),
            };
            let Progress { attempts, left, .. } = progress;
            self.parcels.push_back(Parcel {
                local,
                turn,
                content,
                delivery,
                attempts,
                left,
                failure: None,
                withdrawn: false,
                saved,
            });
        }
        self.parcels.make_contiguous().sort_by_key(|parcel| parcel.turn);
    }

    /// All messages as they are kept. The one that is `indoors` has not left, whatever it counts as.
    #[must_use]
    pub fn at_hand(&self, indoors: Option<LocalId>) -> Vec<StoredParcel> {
        let stored = |parcel: &Parcel| {
            let mut progress = parcel.progress();
            if indoors == Some(parcel.local) && progress.state == ProgressState::Sending {
                progress.state = ProgressState::Queued;
            }
            StoredParcel { local: parcel.local, turn: parcel.turn, content: parcel.content.clone(), progress }
        };
        self.parcels.iter().map(stored).collect()
    }

    /// None of the messages is kept: all of them are to be.
    pub fn owe_all(&mut self) {
        self.gone.clear();
        for parcel in &mut self.parcels {
            parcel.saved = None;
        }
    }

    /// The transcript in which messages in doubt might be found can no longer be read: the person is asked about them.
    pub fn give_up_doubts(&mut self) {
        for parcel in &mut self.parcels {
            if matches!(parcel.delivery, Delivery::Unsure { .. }) {
                parcel.delivery = Delivery::Stuck(Fault::new(FaultCode::PerhapsSent));
            }
        }
    }

    /// Takes a message in.
    pub fn push(&mut self, local: LocalId, content: ParcelContent) {
        let turn = self.take_turn();
        let delivery = Delivery::Queued;
        self.parcels.push_back(Parcel {
            local,
            turn,
            content,
            delivery,
            attempts: 0,
            left: false,
            failure: None,
            withdrawn: false,
            saved: None,
        });
    }

    /// The message to send now, if there is one; it counts as on its way from here on.
    pub fn dispatch(&mut self, now: Moment) -> Option<(LocalId, ParcelContent)> {
        let next = self
            .parcels
            .iter_mut()
            .find(|parcel| !matches!(parcel.delivery, Delivery::Sent | Delivery::Stuck(_)))?;
        let due = match next.delivery {
            Delivery::Queued => true,
            Delivery::Waiting { until } => now >= until,
            _ => false,
        };
        due.then(|| {
            next.delivery = Delivery::Sending;
            next.attempts = next.attempts.saturating_add(1);
            (next.local, next.content.clone())
        })
    }

    /// The service took a message.
    pub fn sent(&mut self, local: LocalId) {
        if let Some(parcel) = self.parcels.iter_mut().find(|parcel| parcel.local == local) {
            self.backoff.anew();
            parcel.delivery = Delivery::Sent;
            parcel.left = true;
        }
    }

    /// A try failed and may have left this trace.
    pub fn failed(&mut self, now: Moment, local: LocalId, failure: &Failure, trace: Trace) -> Aftermath {
        let Some(parcel) = self.parcels.iter_mut().find(|parcel| parcel.local == local) else {
            return Aftermath::Nothing;
        };
        if parcel.withdrawn && trace == Trace::None {
            self.remove(local);
            return Aftermath::Withdrawn;
        }
        parcel.left |= trace != Trace::None;
        parcel.failure = Some(failure.fault());
        let own_trouble = !matches!(failure, Failure::Io(_) | Failure::RateLimited { .. });
        if trace == Trace::None && (!failure.may_pass() || (own_trouble && parcel.attempts >= PATIENCE)) {
            parcel.delivery = Delivery::Stuck(failure.fault());
            return Aftermath::Nothing;
        }
        if trace != Trace::None {
            parcel.delivery = Delivery::Unsure { lingering: trace == Trace::Lingering };
            return Aftermath::Reconcile;
        }
        let wait = self.backoff.fail(URGENCY, &mut self.rng) + failure.retry_after().unwrap_or_default();
        parcel.delivery = Delivery::Waiting { until: now.after(wait) };
        Aftermath::Nothing
    }

    /// The transcript was read to its end. What is still unsure did not arrive and goes out again, unless it may yet arrive,
    /// or the service has failed on it too often: then the person decides. Gives the names of those that had been given up, did
    /// not arrive, and are no longer here.
    pub fn reconciled(&mut self, now: Moment) -> Vec<LocalId> {
        let given_up: Vec<LocalId> = self
            .parcels
            .iter()
            .filter(|parcel| parcel.withdrawn && parcel.delivery == Delivery::Unsure { lingering: false })
            .map(|parcel| parcel.local)
            .collect();
        for local in &given_up {
            self.remove(*local);
        }
        for parcel in &mut self.parcels {
            let Delivery::Unsure { lingering } = parcel.delivery else { continue };
            parcel.delivery = if lingering {
                Delivery::Stuck(Fault::new(FaultCode::PerhapsSent))
            } else if parcel.attempts >= PATIENCE {
                Delivery::Stuck(parcel.failure.clone().unwrap_or(Fault::new(FaultCode::NotAnswering)))
            } else {
                let wait = self.backoff.fail(URGENCY, &mut self.rng);
                Delivery::Waiting { until: now.after(wait) }
            };
        }
        given_up
    }

    /// So many bytes of so many have left. Told a hundred times at most.
    pub fn uploading(&mut self, local: LocalId, sent: u64, total: u64) {
        let percent = |sent: u64, total: u64| sent.saturating_mul(100).checked_div(total);
        let Some(parcel) = self.parcels.iter_mut().find(|parcel| parcel.local == local) else { return };
        let told = match parcel.delivery {
            Delivery::Sending => None,
            Delivery::Uploading { sent, total } => percent(sent, total),
            _ => return,
        };
        let sent = sent.min(total);
        if total > 0 && told != percent(sent, total) {
            parcel.delivery = Delivery::Uploading { sent, total };
        }
    }

    /// Notes that a file on its way was given up. `false` means that it is none, or not on its way.
    pub fn withdraw(&mut self, local: LocalId) -> bool {
        let on_its_way = |parcel: &&mut Parcel| {
            matches!(parcel.delivery, Delivery::Sending | Delivery::Uploading { .. })
                && parcel.content.attachment().is_some()
        };
        let parcel = self.parcels.iter_mut().find(|parcel| parcel.local == local).filter(on_its_way);
        parcel.map(|parcel| parcel.withdrawn = true).is_some()
    }

    /// What a message holds; `None` if it is not here.
    #[must_use]
    pub fn content(&self, local: LocalId) -> Option<&ParcelContent> {
        self.parcels.iter().find(|parcel| parcel.local == local).map(|parcel| &parcel.content)
    }

    /// Takes out a message without a row that is stuck: nobody could retry it. Gives what is wrong with it.
    pub fn give_up_hidden(&mut self) -> Option<Fault> {
        let (local, fault) =
            self.parcels.iter().find_map(|parcel| match (&parcel.content, &parcel.delivery) {
                (ParcelContent::Hidden(_), Delivery::Stuck(fault)) => Some((parcel.local, fault.clone())),
                _ => None,
            })?;
        self.remove(local);
        Some(fault)
    }

    /// An own message came with the transcript: takes out the parcel it is the copy of; words match if they are the same but for
    /// white space. Of several, what the service has acknowledged is owed a copy before what is on its way, and that before what
    /// the transcript did not hold when it was read; among equals the oldest wins.
    pub fn claim(&mut self, copy: &ParcelContent) -> Option<(LocalId, ParcelContent)> {
        let rank = |parcel: &Parcel| match parcel.delivery {
            Delivery::Sent => 0,
            Delivery::Sending | Delivery::Uploading { .. } | Delivery::Unsure { .. } => 1,
            _ => 2,
        };
        let left = |parcel: &Parcel| parcel.left || rank(parcel) == 1;
        let matching = self.parcels.iter().enumerate();
        let matching = matching.filter(|(_, parcel)| left(parcel) && same(&parcel.content, copy));
        let (at, _) = matching.min_by_key(|(_, parcel)| rank(parcel))?;
        let parcel = self.parcels.remove(at)?;
        self.forget(&parcel);
        Some((parcel.local, parcel.content))
    }

    /// Takes a message back. `false` means that it is on its way or has arrived.
    pub fn cancel(&mut self, local: LocalId) -> bool {
        let free = self.delivery(local).is_some_and(|delivery| {
            matches!(delivery, Delivery::Queued | Delivery::Waiting { .. } | Delivery::Stuck(_))
        });
        free && self.remove(local)
    }

    /// Tries a stuck message again, behind the ones that wait. `false` means that it is not stuck.
    pub fn retry(&mut self, local: LocalId) -> bool {
        let at = self
            .parcels
            .iter()
            .position(|parcel| parcel.local == local && matches!(parcel.delivery, Delivery::Stuck(_)));
        let Some(mut parcel) = at.and_then(|at| self.parcels.remove(at)) else { return false };
        parcel.delivery = Delivery::Queued;
        parcel.attempts = 0;
        parcel.turn = self.take_turn();
        self.parcels.push_back(parcel);
        true
    }

    /// Ends all waits: the person asked to try now, or the connection is back.
    pub fn hurry(&mut self) {
        for parcel in &mut self.parcels {
            if matches!(parcel.delivery, Delivery::Waiting { .. }) {
                parcel.delivery = Delivery::Queued;
            }
        }
    }

    /// Messages that have not left, or are not known to have arrived.
    #[must_use]
    pub fn unsent(&self) -> u32 {
        let count = self.parcels.iter().filter(|parcel| parcel.delivery != Delivery::Sent).count();
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    /// Bytes of the files that the service has not acknowledged.
    #[must_use]
    pub fn waiting_bytes(&self) -> u64 {
        let waiting = self.parcels.iter().filter(|parcel| parcel.delivery != Delivery::Sent);
        let files = waiting.filter_map(|parcel| parcel.content.attachment());
        files.fold(0, |all, file| all.saturating_add(u64::try_from(file.bytes.len()).unwrap_or(u64::MAX)))
    }

    /// Whether there is nothing in it, and nothing of it is still to be kept.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.parcels.is_empty() && self.gone.is_empty() && !self.firm
    }

    /// Why a message is stuck, if one is; of several, one that has not arrived for certain counts.
    #[must_use]
    pub fn stuck(&self) -> Option<FaultCode> {
        let codes = self.parcels.iter().filter_map(|parcel| match &parcel.delivery {
            Delivery::Stuck(fault) => Some(fault.code),
            _ => None,
        });
        codes.min_by_key(|code| *code == FaultCode::PerhapsSent)
    }

    /// Whether the transcript has to tell what became of a message.
    #[must_use]
    pub fn is_in_doubt(&self) -> bool {
        self.parcels.iter().any(|parcel| matches!(parcel.delivery, Delivery::Unsure { .. }))
    }

    /// How far a message has come; `None` if it is not here.
    #[must_use]
    pub fn delivery(&self, local: LocalId) -> Option<&Delivery> {
        self.parcels.iter().find(|parcel| parcel.local == local).map(|parcel| &parcel.delivery)
    }

    /// Names of all messages here, in their order, with how far each has come.
    pub fn deliveries(&self) -> impl Iterator<Item = (LocalId, &Delivery)> + '_ {
        self.parcels.iter().map(|parcel| (parcel.local, &parcel.delivery))
    }

    /// When a wait ends.
    #[must_use]
    pub fn deadline(&self) -> Option<Deadline> {
        let waits = self.parcels.iter().filter_map(|parcel| match parcel.delivery {
            Delivery::Waiting { until } => Some(until),
            _ => None,
        });
        waits.min().map(|at| Deadline { at, why: "next try of a message" })
    }

    /// What has to be kept since the last call, and whether it has to survive a power cut.
    pub fn unsaved(&mut self) -> (Vec<ParcelChange>, bool) {
        let mut firm = std::mem::take(&mut self.firm);
        let mut changes: Vec<ParcelChange> = self.gone.drain(..).map(ParcelChange::Gone).collect();
        for parcel in &mut self.parcels {
            let progress = parcel.progress();
            let (local, turn) = (parcel.local, parcel.turn);
            let change = match &parcel.saved {
                Some((saved_turn, saved)) if *saved_turn == turn && *saved == progress => continue,
                Some(_) => {
                    // Words that were held back by a full disk may leave only now, when they are in doubt already.
                    firm |= matches!(
                        progress.state,
                        ProgressState::Sending | ProgressState::Unsure | ProgressState::Lingering
                    );
                    ParcelChange::Move { local, turn, progress: progress.clone() }
                }
                None => {
                    firm = true;
                    let (content, progress) = (parcel.content.clone(), progress.clone());
                    ParcelChange::Put(StoredParcel { local, turn, content, progress })
                }
            };
            parcel.saved = Some((turn, progress));
            changes.push(change);
        }
        (changes, firm)
    }

    fn remove(&mut self, local: LocalId) -> bool {
        let at = self.parcels.iter().position(|parcel| parcel.local == local);
        let taken = at.and_then(|at| self.parcels.remove(at));
        if let Some(parcel) = &taken {
            self.forget(parcel);
            // What was taken back must not come back with a power cut.
            self.firm = true;
        }
        taken.is_some()
    }

    fn take_turn(&mut self) -> u64 {
        let turn = self.next_turn;
        self.next_turn = turn.saturating_add(1);
        turn
    }

    fn forget(&mut self, parcel: &Parcel) {
        if parcel.saved.is_some() {
            self.gone.push(parcel.local);
        }
    }
}

#[cfg(test)]
mod tests;
