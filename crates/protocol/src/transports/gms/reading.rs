//! Reading a chat's transcript: one read at a time, each from the first position that was not told.
//!
//! The service keeps every event in its place, so one number is all that has to be remembered: whatever was lost on its way comes
//! again. Reads follow each other soon after something was said here and slower as nothing happens. A read that was begun after a
//! message left tells whether it has arrived. See `docs/protocols/gms-chat-v2.md`, "Reads".

use std::time::Duration;

use super::chat::Chat;
use super::cursor::Cursor;
use super::desk::{Desk, Lane};
use super::wire::{Envelope, Message, Refusal, Standing};
use crate::event::{Batch, Entry, Event, Origin};
use crate::io::{CallId, Deadline, Moment, Now};
use crate::kit::backoff::Urgency;
use crate::link::Link;
use crate::transport::{Action, Failure};
use crate::view::EndReason;

/// The gap between two reads grows by a fifth each time.
const GROWTH: (u32, u32) = (6, 5);
/// The service takes whoever is silent for so long out of the chat.
const SILENCE: Duration = Duration::from_secs(45);
/// Before that, no try comes later than this after the one before.
const RESTLESS: std::ops::RangeInclusive<u64> = 10_000..=20_000;
/// How far the time of the last answer may be behind in what is kept: each telling is written to disk.
pub(super) const GRAIN: Duration = Duration::from_secs(20);

/// The reading side of a chat.
#[derive(Debug, Clone)]
pub(super) struct Reader {
    /// The read that is out.
    busy: Option<CallId>,
    due: Moment,
    /// The present gap between two reads.
    gap: Duration,
    /// Nothing was read since the chat was picked up.
    restoring: bool,
    /// Somebody wants to know what arrived: to be told of a read that begins later.
    reconcile: bool,
    /// The read that is out will tell.
    proving: bool,
    /// How often in a row the service had trouble of its own.
    exceptions: u32,
    /// When the service last answered.
    contact: Moment,
    /// The cursor as it was last told.
    told: Cursor,
}

/// How an answer came about.
#[derive(Debug, Clone, Copy)]
pub(super) struct Told {
    /// It was asked for everything from a position on.
    pub(super) whole: bool,
    /// It is the first of a chat that is picked up.
    pub(super) restoring: bool,
}

impl Reader {
    /// Begins at once, in a new chat or in one that is picked up.
    pub(super) fn new(desk: &mut Desk, now: Now, restoring: bool, told: Cursor) -> Self {
        Self {
            busy: None,
            due: now.at,
            gap: desk.settings.poll_min,
            restoring,
            reconcile: std::mem::take(&mut desk.reconcile),
            proving: false,
            exceptions: 0,
            contact: now.at,
            told,
        }
    }

    /// Whether the chat is known to be there.
    pub(super) const fn is_settled(&self) -> bool {
        !self.restoring && self.exceptions == 0
    }
}

impl Chat {
    /// Somebody has to know what really arrived.
    pub(super) fn reconcile(&mut self, desk: &mut Desk, now: Now) {
        self.reader.reconcile = true;
        // What is out may have been answered before.
        if self.abandon(desk) || desk.is_healthy() {
            self.reader.due = now.at;
        }
    }

    /// The connection is to be tried now. A gate that the service has shut is not forced: the try stays due when it was.
    pub(super) fn try_now(&mut self, desk: &mut Desk, now: Now) {
        if desk.open(now, &Lane::Reads).is_ok() {
            desk.anew();
            self.reader.due = now.at;
        }
    }

    /// Somebody has begun to look or has written something, or nobody looks any more.
    pub(super) fn urgent(&mut self, desk: &mut Desk, now: Now, urgency: Urgency) {
        let by = desk.urgent(now, &Lane::Reads, urgency);
        if let Some(by) = by.filter(|by| *by < self.reader.due && !desk.is_healthy()) {
            self.reader.due = by;
            desk.hurry();
        }
    }

    /// An open read cannot be trusted any more.
    pub(super) fn wake(&mut self, desk: &mut Desk, now: Now) {
        self.abandon(desk);
        self.doubt_writes(desk, now);
        self.try_now(desk, now);
    }

    /// Something was said here: an answer may follow soon.
    pub(super) fn hurry(&mut self, desk: &Desk, now: Now) {
        self.reader.gap = desk.settings.poll_min;
        if desk.is_healthy() {
            self.reader.due = self.reader.due.min(now.at.after(self.reader.gap));
        }
    }

    /// Starts the next read, if none is out and its time has come.
    pub(super) fn read_on(&mut self, desk: &mut Desk, now: Now) {
        let opens = desk.gates.opens(&Lane::Reads);
        if self.reader.busy.is_some() || self.reader.due.max(opens) > now.at {
            return;
        }
        self.reader.proving |= std::mem::take(&mut self.reader.reconcile);
        let retry = desk.made();
        self.reader.busy = Some(desk.read((&self.pass, self.renewed), self.held.next(), retry));
    }

    /// When to read on.
    pub(super) fn read_deadline(&self, desk: &Desk) -> Option<Deadline> {
        let why = if desk.is_healthy() { "next read" } else { "next try" };
        let at = self.reader.due.max(desk.gates.opens(&Lane::Reads));
        self.reader.busy.is_none().then_some(Deadline { at, why })
    }

    fn abandon(&mut self, desk: &mut Desk) -> bool {
        let Some(call) = self.reader.busy.take() else { return false };
        desk.calls.close(call);
        desk.out.push_back(Action::Cancel(call));
        self.reader.reconcile |= std::mem::take(&mut self.reader.proving);
        true
    }

    /// The read that was out has ended. Tells why the chat is over, if it is.
    pub(super) fn read_ended(
        &mut self,
        desk: &mut Desk,
        now: Now,
        pass: u32,
        answer: Result<Envelope<'_>, Refusal>,
    ) -> Option<EndReason> {
        self.reader.busy = None;
        match answer {
            Ok(envelope) => self.read_came(desk, now, pass, &envelope),
            Err(refusal) => self.read_failed(desk, now, &refusal),
        }
    }

    fn read_came(
        &mut self,
        desk: &mut Desk,
        now: Now,
        pass: u32,
        envelope: &Envelope<'_>,
    ) -> Option<EndReason> {
        desk.worked();
        let reader = &mut self.reader;
        reader.exceptions = 0;
        reader.due = now.at.after(reader.gap);
        reader.gap = (reader.gap * GROWTH.0 / GROWTH.1).min(desk.settings.poll);
        let restoring = std::mem::take(&mut reader.restoring);
        self.renew(desk, pass, envelope);
        let end = self.told(desk, now, envelope, Told { whole: true, restoring });
        // Who asked since this read was begun is told by the next.
        if std::mem::take(&mut self.reader.proving) && !self.reader.reconcile {
            desk.tell(Event::Reconciled);
        }
        desk.link(Link::Up);
        // Whether an older chat goes on has to be said; in one that is known to go on it may be left open.
        end.or_else(|| (restoring && !envelope.goes_on()).then_some(EndReason::Expired))
    }

    /// Tells what stands in a good answer, and why the chat is over, if it is.
    pub(super) fn told(
        &mut self,
        desk: &mut Desk,
        now: Now,
        envelope: &Envelope<'_>,
        Told { whole, restoring }: Told,
    ) -> Option<EndReason> {
        self.reader.contact = now.at;
        // What comes with another answer is as good as a read if it begins where reading would go on.
        let first = envelope.messages().iter().filter_map(Message::index).min();
        let whole = whole || first.is_some_and(|first| first <= self.held.next());
        let fresh = self.held.take(now, envelope.messages(), whole);
        let end = envelope.ended().then(|| fresh.end());
        if fresh.joined {
            self.doubt_limits(desk);
        }
        if restoring {
            let entries = fresh.missed.into_iter().chain(fresh.live).collect();
            desk.tell(Event::Batch(Batch { origin: Origin::Restored, entries }));
        } else {
            tell(desk, Origin::Missed, fresh.missed);
            tell(desk, Origin::Live, fresh.live);
        }
        if let Some(word) = self.alarm.heed(now, fresh.silence, envelope.idle_seconds(), restoring) {
            desk.tell(word);
        }
        self.tell_cursor(desk, now);
        end
    }

    /// Tells where a later run has to read on, if that changed.
    fn tell_cursor(&mut self, desk: &mut Desk, now: Now) {
        let told = &mut self.reader.told;
        let grain = i64::try_from(GRAIN.as_millis()).unwrap_or(i64::MAX);
        let stale = told.seen.is_none_or(|seen| now.wall.saturating_sub(seen).abs() >= grain);
        let cursor = Cursor::new(self.held.next(), told.seen, &self.held.bots);
        // For how long an asynchronous chat was left does not matter.
        if cursor != *told || stale && !desk.asynchronous {
            let seen = (!desk.asynchronous).then_some(now.wall);
            *told = Cursor::new(self.held.next(), seen, &self.held.bots);
            desk.tell(Event::Cursor(told.text()));
        }
    }

    fn read_failed(&mut self, desk: &mut Desk, now: Now, refusal: &Refusal) -> Option<EndReason> {
        let failure = &refusal.failure;
        let reader = &mut self.reader;
        reader.reconcile |= std::mem::take(&mut reader.proving);
        if refusal.is_final() {
            if *failure != Failure::Gone {
                desk.trouble(failure);
            }
            return Some(EndReason::Lost);
        }
        if refusal.standing == Standing::Passing {
            reader.contact = now.at;
            reader.exceptions = reader.exceptions.saturating_add(1);
            if reader.exceptions <= desk.settings.exceptions && desk.is_healthy() {
                desk.heed(now, Lane::Reads, failure);
                reader.due = now.at.after(desk.settings.poll);
                return None;
            }
        }
        let quiet = now.at.since(reader.contact);
        let most = match SILENCE.saturating_sub(quiet) {
            left if left.is_zero() => Duration::MAX,
            left => left.min(Duration::from_millis(desk.rng.u64(RESTLESS))),
        };
        reader.due = desk.failed_within(now, Lane::Reads, failure, most);
        None
    }
}

fn tell(desk: &mut Desk, origin: Origin, entries: Vec<Entry>) {
    if !entries.is_empty() {
        desk.tell(Event::Batch(Batch { origin, entries }));
    }
}
