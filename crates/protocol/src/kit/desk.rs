//! What every state of a machine works with: the calls that are out, shut gates, how the connection is, and the way out for
//! actions. `P` is what a call is for, `L` the kinds of requests that the service may ask to slow down, each for itself.

use std::collections::VecDeque;
use std::ops::Range;
use std::time::Duration;

use super::backoff::{AT_ONCE, Urgency, within};
use super::calls::Calls;
use super::gates::Gates;
use super::queue;
use super::tries::Tries;
use crate::event::Event;
use crate::fault::FaultCode;
use crate::io::{HttpReply, Moment, Now};
use crate::link::Link;
use crate::transport::{Action, Failure};

/// The desk of one machine.
#[derive(Debug)]
pub struct Desk<P, L> {
    /// For jitter.
    pub rng: fastrand::Rng,
    /// Calls in flight.
    pub calls: Calls<P>,
    /// Doors that the service has shut.
    pub gates: Gates<L>,
    /// What is to be done, first things first.
    pub out: VecDeque<Action>,
    /// What a request to slow down counts as that names no time.
    slow: Duration,
    urgency: Urgency,
    link: Link,
    trouble: Option<FaultCode>,
    /// Of a machine that tries one thing at a time.
    tries: Tries,
}

impl<P, L: Ord> Desk<P, L> {
    /// An empty desk. `slow` is what a request to slow down counts as that names no time.
    #[must_use]
    pub fn new(seed: u64, slow: Duration) -> Self {
        Self {
            rng: fastrand::Rng::with_seed(seed),
            calls: Calls::default(),
            gates: Gates::default(),
            out: VecDeque::new(),
            slow,
            urgency: Urgency::default(),
            link: Link::Idle,
            trouble: None,
            tries: Tries::default(),
        }
    }

    /// The next thing to do, until there is none.
    pub fn take_next(&mut self) -> Option<Action> {
        queue::next(&mut self.out)
    }

    /// Tells something.
    pub fn tell(&mut self, event: Event) {
        self.out.push_back(Action::Event(event));
    }

    /// Tells how the connection is, if that is news.
    pub fn link(&mut self, link: Link) {
        if link == Link::Up {
            self.trouble = None;
        }
        if self.link != link {
            self.link = link;
            self.tell(Event::Link(link));
        }
    }

    /// Abandons calls.
    pub fn cancel(&mut self, of: impl Fn(&P) -> bool) {
        for id in self.calls.close_all(of) {
            self.out.push_back(Action::Cancel(id));
        }
    }

    /// How much depends on the connection from here on. Gives back by when a try that is due later is to be made; a gate that
    /// the service has shut stays so for everybody.
    pub fn urgent(&mut self, now: Now, lane: &L, urgency: Urgency) -> Option<Moment> {
        self.urgency = urgency;
        let hurries = urgency == Urgency::Watched && self.open(now, lane).is_ok();
        hurries.then(|| now.at.after(within(AT_ONCE, &mut self.rng)))
    }

    /// Something worked.
    pub fn worked(&mut self) {
        self.tries.worked();
    }

    /// Something happened here: what failed before says little about the next try.
    pub fn anew(&mut self) {
        self.tries.anew();
    }

    /// The next try is asked for.
    pub fn hurry(&mut self) {
        self.tries.hurry();
    }

    /// A try is made. Tells whether it is one more after failures, which nobody asked for.
    pub fn made(&mut self) -> bool {
        self.tries.made()
    }

    /// Whether nothing failed since something last worked.
    #[must_use]
    pub const fn is_healthy(&self) -> bool {
        self.tries.failed == 0
    }

    /// A try failed that will be repeated: tells so, and when. Where a moment was named to many at once, the wait begins
    /// there: otherwise all of them would come back in that moment.
    pub fn failed(&mut self, now: Now, lane: L, failure: &Failure) -> Moment {
        self.failed_within(now, lane, failure, Duration::MAX)
    }

    /// As [`Desk::failed`], of a machine that tries several things, each with a count of its own.
    pub fn failed_of(&mut self, now: Now, lane: L, tries: &mut Tries, failure: &Failure) -> Moment {
        self.repeats(now, lane, tries, failure, Duration::MAX)
    }

    /// As [`Desk::failed`], with no longer wait than `most` from when the service can be asked again: where silence has
    /// consequences.
    pub fn failed_within(&mut self, now: Now, lane: L, failure: &Failure, most: Duration) -> Moment {
        let mut tries = std::mem::take(&mut self.tries);
        let due = self.repeats(now, lane, &mut tries, failure, most);
        self.tries = tries;
        due
    }

    fn repeats(&mut self, now: Now, lane: L, tries: &mut Tries, failure: &Failure, most: Duration) -> Moment {
        let due = self.next_try(now, lane, tries, failure, Duration::from_millis(1)..most);
        self.down(tries, due, failure);
        due
    }

    /// A try failed that will be repeated: gives back when. The wait is within `bounds`, counted from when the service can be asked
    /// again.
    pub fn next_try(
        &mut self,
        now: Now,
        lane: L,
        tries: &mut Tries,
        failure: &Failure,
        bounds: Range<Duration>,
    ) -> Moment {
        let opens = self.heed(now, lane, failure);
        tries.failed = tries.failed.saturating_add(1);
        let wait = tries.backoff.fail(self.urgency, &mut self.rng).min(bounds.end).max(bounds.start);
        opens.max(now.at).after(wait)
    }

    /// Tells that the connection does not work until the next try.
    pub fn down(&mut self, tries: &Tries, due: Moment, failure: &Failure) {
        self.link(Link::Down { attempt: tries.failed, retry_at: due, cause: failure.code() });
        self.trouble(failure);
    }

    /// Somebody has asked: what was told before is told again, if it is still so.
    pub fn calm(&mut self) {
        self.trouble = None;
    }

    /// Tells of a failure that will not pass by itself, once until something works again.
    pub fn trouble(&mut self, failure: &Failure) {
        let passes = failure.may_pass() || matches!(failure, Failure::Io(_));
        if !passes && self.trouble != Some(failure.code()) {
            self.trouble = Some(failure.code());
            self.tell(Event::Trouble(failure.fault()));
        }
    }

    /// Shuts the gate that the service asked to be shut, and tells when it opens.
    pub fn heed(&mut self, now: Now, lane: L, failure: &Failure) -> Moment {
        // A request to slow down that names no time is one all the same.
        let unnamed = matches!(failure, Failure::RateLimited { .. }).then_some(self.slow);
        let opens = self.gates.opens(&lane);
        match failure.retry_after().or(unnamed) {
            Some(wait) => {
                self.gates.shut(now, lane, wait);
                opens.max(now.at.after(wait))
            }
            None => opens,
        }
    }

    /// Keeps to a `Retry-After`, whatever else the answer says: a 429 carries one, a 503 or a redirect may.
    pub fn heed_reply(&mut self, now: Now, lane: L, reply: &HttpReply) {
        if let Some(wait) = reply.retry_after.filter(|_| !(200..300).contains(&reply.status)) {
            self.gates.shut(now, lane, wait);
        }
    }

    /// Whether a request may be sent now; otherwise the answer it gets in place of the service's.
    ///
    /// # Errors
    /// That the service asked to slow down, and for how long from now.
    pub fn open(&self, now: Now, lane: &L) -> Result<(), Failure> {
        match self.gates.shut_for(now, lane) {
            Some(wait) => Err(Failure::RateLimited { after: Some(wait) }),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> Now {
        Now { at: Moment(ms), wall: 0 }
    }

    fn told(desk: &mut Desk<(), u8>) -> Vec<Action> {
        desk.out.drain(..).collect()
    }

    #[test]
    fn what_has_not_changed_is_not_told() {
        let mut desk = Desk::<(), u8>::new(1, Duration::from_secs(3));
        desk.link(Link::Up);
        desk.link(Link::Up);
        assert_eq!(told(&mut desk), [Action::Event(Event::Link(Link::Up))]);
        let due = desk.failed(at(10), 0, &Failure::WrongKey);
        assert!(due > Moment(10));
        let second = desk.failed(due_now(due), 0, &Failure::WrongKey);
        assert!(second > due);
        let troubles = told(&mut desk);
        let troubles = troubles.iter().filter(|one| matches!(one, Action::Event(Event::Trouble(_))));
        assert_eq!(troubles.count(), 1, "the same trouble is told once");
    }

    fn due_now(due: Moment) -> Now {
        Now { at: due, wall: 0 }
    }

    #[test]
    fn a_try_comes_after_the_moment_that_the_service_named() {
        let mut desk = Desk::<(), u8>::new(1, Duration::from_secs(3));
        let limited = Failure::RateLimited { after: Some(Duration::from_secs(60)) };
        assert!(desk.failed(at(0), 1, &limited) > Moment(60_000));
        assert!(desk.open(at(59_999), &1).is_err() && desk.open(at(59_999), &2).is_ok());
        assert_eq!(
            desk.urgent(at(10), &1, Urgency::Watched),
            None,
            "nobody can hurry what the service forbids"
        );
        let unnamed = Failure::RateLimited { after: None };
        assert_eq!(desk.heed(at(0), 3, &unnamed), Moment(3_000));
    }

    #[test]
    fn a_try_that_was_asked_for_is_not_one_more() {
        let mut desk = Desk::<(), u8>::new(1, Duration::from_secs(3));
        assert!(!desk.made(), "nothing has failed");
        desk.failed(at(0), 1, &Failure::WrongKey);
        assert!(desk.made());
        desk.hurry();
        assert!(!desk.made());
        assert!(desk.made() && !desk.is_healthy());
        desk.worked();
        assert!(!desk.made() && desk.is_healthy());
    }
}
