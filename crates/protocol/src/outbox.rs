//! Ordered sending of one conversation's messages.
//!
//! What it promises:
//! - **Order.** Messages leave in the order in which they were written, one at a time. A message that is stuck, because only
//!   the person can help, does not hold up the ones behind it.
//! - **Three outcomes.** A message is sent, will be tried again by itself, or is stuck until the person acts.
//! - **Never twice on a guess.** When it is not known whether a message arrived (the connection broke after the request had
//!   left), it is not sent again until the service's transcript was read and does not hold it.
//! - **An honest cancel.** Taking a message back works until it is on its way; afterwards the answer is no.
//!
//! What it cannot promise: Digital Channels has no client-chosen message key, so a request that some proxy delivers after
//! the transcript was read arrives a second time. See docs/DECISIONS.md.

use std::collections::VecDeque;

use crate::event::{Attachment, LocalId};
use crate::fault::Fault;
use crate::io::{Deadline, Moment, Now};
use crate::kit::backoff::{Backoff, Urgency};
use crate::transport::Failure;
use crate::view::DeliveryView;

/// Somebody waits for every message in here.
const URGENCY: Urgency = Urgency::Watched;
/// Tries after which a message that the service itself keeps failing on needs the person.
const PATIENCE: u32 = 7;

/// Messages that have left the composer and are not yet in the service's transcript.
#[derive(Debug, Clone)]
pub struct Outbox {
    parcels: VecDeque<Parcel>,
    backoff: Backoff,
    rng: fastrand::Rng,
}

/// What a parcel holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// Words.
    Text(String),
    /// A picture.
    Picture(Attachment),
}

/// How far a message has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivery {
    /// Waits its turn.
    Queued,
    /// On its way.
    Sending,
    /// Certainly not arrived; tried again at `until`.
    Waiting {
        /// When.
        until: Moment,
    },
    /// Perhaps arrived: the transcript has to tell.
    Unsure,
    /// The service has it, and its own copy has not come back yet.
    Sent,
    /// Only the person can help.
    Stuck(Fault),
}

#[derive(Debug, Clone)]
struct Parcel {
    local: LocalId,
    content: Content,
    delivery: Delivery,
    attempts: u32,
}

/// What a failed try leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aftermath {
    /// Nothing to do: it is tried again by itself, stuck, or gone already.
    Nothing,
    /// The transcript has to be read.
    Reconcile,
}

impl Outbox {
    /// An empty outbox; the seed is for the jitter of its waits.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { parcels: VecDeque::new(), backoff: Backoff::default(), rng: fastrand::Rng::with_seed(seed) }
    }

    /// Takes a message in.
    pub fn push(&mut self, local: LocalId, content: Content) {
        self.parcels.push_back(Parcel { local, content, delivery: Delivery::Queued, attempts: 0 });
    }

    /// The message to send now, if there is one; it counts as on its way from here on.
    pub fn dispatch(&mut self, now: Moment) -> Option<(LocalId, Content)> {
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
            next.attempts += 1;
            (next.local, next.content.clone())
        })
    }

    /// The service took a message.
    pub fn sent(&mut self, local: LocalId) {
        if let Some(parcel) = self.parcels.iter_mut().find(|parcel| parcel.local == local) {
            self.backoff.anew();
            parcel.delivery = Delivery::Sent;
        }
    }

    /// A try failed. `perhaps` means that the message may have arrived.
    pub fn failed(&mut self, now: Moment, local: LocalId, failure: &Failure, perhaps: bool) -> Aftermath {
        let Some(parcel) = self.parcels.iter_mut().find(|parcel| parcel.local == local) else {
            return Aftermath::Nothing;
        };
        let own_trouble = !matches!(failure, Failure::Io(_) | Failure::RateLimited { .. });
        if !failure.may_pass() || (own_trouble && parcel.attempts >= PATIENCE) {
            parcel.delivery = Delivery::Stuck(failure.fault());
            return Aftermath::Nothing;
        }
        if perhaps {
            parcel.delivery = Delivery::Unsure;
            return Aftermath::Reconcile;
        }
        let wait = self.backoff.fail(URGENCY, &mut self.rng) + failure.retry_after().unwrap_or_default();
        parcel.delivery = Delivery::Waiting { until: now.after(wait) };
        Aftermath::Nothing
    }

    /// The transcript was read to its end: what is still unsure did not arrive, and goes out again.
    pub fn reconciled(&mut self, now: Moment) {
        for parcel in &mut self.parcels {
            if parcel.delivery == Delivery::Unsure {
                let wait = self.backoff.fail(URGENCY, &mut self.rng);
                parcel.delivery = Delivery::Waiting { until: now.after(wait) };
            }
        }
    }

    /// An own message came with the transcript: takes out the parcel it is the copy of. The oldest match wins; words
    /// match if they are the same but for white space.
    pub fn claim(&mut self, copy: &Content) -> Option<(LocalId, Content)> {
        let at = self.parcels.iter().position(|parcel| {
            let left = matches!(parcel.delivery, Delivery::Sending | Delivery::Unsure | Delivery::Sent)
                || (parcel.attempts > 0 && matches!(parcel.delivery, Delivery::Waiting { .. }));
            left && same(&parcel.content, copy)
        })?;
        self.parcels.remove(at).map(|parcel| (parcel.local, parcel.content))
    }

    /// Takes a message back. `false` means that it is on its way or has arrived.
    pub fn cancel(&mut self, local: LocalId) -> bool {
        let at = self.parcels.iter().position(|parcel| {
            parcel.local == local
                && matches!(parcel.delivery, Delivery::Queued | Delivery::Waiting { .. } | Delivery::Stuck(_))
        });
        at.and_then(|at| self.parcels.remove(at)).is_some()
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

    /// Whether a message is stuck.
    #[must_use]
    pub fn is_stuck(&self) -> bool {
        self.parcels.iter().any(|parcel| matches!(parcel.delivery, Delivery::Stuck(_)))
    }

    /// How far a message has come; `None` if it is not here.
    #[must_use]
    pub fn delivery(&self, local: LocalId) -> Option<&Delivery> {
        self.parcels.iter().find(|parcel| parcel.local == local).map(|parcel| &parcel.delivery)
    }

    /// Names of all messages here, in their order.
    pub fn locals(&self) -> impl Iterator<Item = LocalId> + '_ {
        self.parcels.iter().map(|parcel| parcel.local)
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
}

impl Delivery {
    /// As an interface sees it.
    #[must_use]
    pub fn view(&self, now: Now) -> DeliveryView {
        match self {
            Self::Queued => DeliveryView::Queued,
            Self::Sending | Self::Unsure => DeliveryView::Sending,
            Self::Waiting { until } => DeliveryView::Waiting { until: now.wall_at(*until) },
            Self::Sent => DeliveryView::Sent,
            Self::Stuck(fault) => DeliveryView::Stuck { fault: fault.clone() },
        }
    }
}

fn same(ours: &Content, copy: &Content) -> bool {
    match (ours, copy) {
        (Content::Text(ours), Content::Text(copy)) => ours.split_whitespace().eq(copy.split_whitespace()),
        // A service renames and recodes pictures: the order has to do.
        (Content::Picture(_), Content::Picture(_)) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::io::IoFault;

    const A: LocalId = LocalId(1);
    const B: LocalId = LocalId(2);

    fn text(words: &str) -> Content {
        Content::Text(words.into())
    }

    fn two() -> Outbox {
        let mut outbox = Outbox::new(1);
        outbox.push(A, text("a"));
        outbox.push(B, text("b"));
        outbox
    }

    #[test]
    fn one_at_a_time_and_in_order() {
        let mut outbox = two();
        assert_eq!(outbox.dispatch(Moment(0)), Some((A, text("a"))));
        assert_eq!(outbox.dispatch(Moment(0)), None, "a is on its way");
        outbox.sent(A);
        assert_eq!(outbox.dispatch(Moment(0)), Some((B, text("b"))));
    }

    #[test]
    fn what_cannot_have_arrived_is_tried_again_before_the_next() {
        let mut outbox = two();
        outbox.dispatch(Moment(0));
        let unreachable = Failure::Io(IoFault::Unreachable);
        assert_eq!(outbox.failed(Moment(0), A, &unreachable, false), Aftermath::Nothing);
        assert_eq!(outbox.dispatch(Moment(0)), None, "b does not overtake a");
        let due = outbox.deadline().unwrap().at;
        assert_eq!(outbox.dispatch(due), Some((A, text("a"))));
    }

    #[test]
    fn what_may_have_arrived_waits_for_the_transcript() {
        let mut outbox = two();
        outbox.dispatch(Moment(0));
        let broken = Failure::Io(IoFault::Broken);
        assert_eq!(outbox.failed(Moment(0), A, &broken, true), Aftermath::Reconcile);
        outbox.hurry();
        assert_eq!(outbox.dispatch(Moment(u64::MAX)), None, "never on a guess");
        assert_eq!(outbox.claim(&text(" a\n")), Some((A, text("a"))), "the transcript has it");
        outbox.reconciled(Moment(0));
        assert_eq!(outbox.dispatch(Moment(0)), Some((B, text("b"))));
    }

    #[test]
    fn what_the_transcript_does_not_have_goes_out_again() {
        let mut outbox = two();
        outbox.dispatch(Moment(0));
        outbox.failed(Moment(0), A, &Failure::Io(IoFault::Broken), true);
        outbox.reconciled(Moment(0));
        let due = outbox.deadline().unwrap().at;
        assert_eq!(outbox.dispatch(due), Some((A, text("a"))));
    }

    #[test]
    fn a_refused_message_is_stuck_and_holds_nobody_up() {
        let mut outbox = two();
        outbox.dispatch(Moment(0));
        outbox.failed(Moment(0), A, &Failure::FileType, false);
        assert!(outbox.is_stuck());
        assert_eq!(outbox.dispatch(Moment(0)), Some((B, text("b"))));
        assert!(outbox.retry(A));
        outbox.sent(B);
        assert_eq!(outbox.dispatch(Moment(0)), Some((A, text("a"))));
        assert!(!outbox.retry(A), "it is not stuck now");
    }

    #[test]
    fn a_service_that_keeps_failing_needs_the_person_at_last() {
        let mut outbox = two();
        for _ in 0..PATIENCE {
            outbox.hurry();
            assert_eq!(outbox.dispatch(Moment(0)).map(|(local, _)| local), Some(A));
            outbox.failed(Moment(0), A, &Failure::Service { status: 500 }, false);
        }
        assert!(matches!(outbox.delivery(A), Some(Delivery::Stuck(_))));
    }

    #[test]
    fn slowing_down_is_obeyed() {
        let mut outbox = two();
        outbox.dispatch(Moment(0));
        let limited = Failure::RateLimited { after: Some(Duration::from_secs(90)) };
        outbox.failed(Moment(0), A, &limited, false);
        assert_eq!(outbox.dispatch(Moment(89_999)), None);
        assert!(outbox.deadline().unwrap().at <= Moment(90_500));
        assert!(outbox.dispatch(Moment(90_500)).is_some());
    }

    #[test]
    fn cancel_is_honest() {
        let mut outbox = two();
        outbox.dispatch(Moment(0));
        assert!(!outbox.cancel(A), "on its way");
        assert!(outbox.cancel(B));
        outbox.sent(A);
        assert!(!outbox.cancel(A), "arrived");
        assert_eq!(outbox.unsent(), 0);
    }

    #[test]
    fn a_message_never_sent_is_not_taken_for_its_twin() {
        let mut outbox = Outbox::new(1);
        outbox.push(A, text("ok"));
        assert_eq!(outbox.claim(&text("ok")), None, "somebody wrote the same on another device");
        outbox.dispatch(Moment(0));
        assert_eq!(outbox.claim(&text("ok")).map(|(local, _)| local), Some(A));
    }
}
