//! Reading a session's transcript: one read at a time, whatever it is for.
//!
//! The poll is what goes on when nothing else is wanted. A restore, a reconciliation or a page of history takes its place; after
//! such a pause, and after any failure, the next poll names the *frontier*, the last entry before which nothing is missing, since
//! an answer may have been lost on its way. See `docs/protocols/digital-channels-v3.md`, "Reads".
//!
//! The newest page may begin after the frontier, when more was said meanwhile than a page holds. It is told at once, and what
//! lies between is fetched next and told as missed; until it is whole, nobody is told that the transcript was read.

use std::time::Duration;

use super::chat::{Begin, Chat};
use super::cursor::Cursor;
use super::desk::{Desk, Lane};
use super::held::{Fresh, Place, raise};
use super::wire::{Envelope, Refusal};
use crate::event::{Batch, Entry, EntryKey, Event, Origin};
use crate::io::{CallId, Deadline, IoFault, Moment, Now};
use crate::kit::backoff::{Urgency, within};
use crate::kit::budget::Budget;
use crate::kit::tries::Tries;
use crate::link::Link;
use crate::transport::{Action, Failure};
use crate::view::EndReason;

/// Longest wait after an answer that held something, or that was held open. Behind one that was held and brought nothing, the next poll
/// comes with the next whole one of these: the polls of one process leave together, and those of two do not.
const SHORT_GAP: Duration = Duration::from_millis(250);
/// An empty answer that took this long was held open by the service.
const HELD_OPEN: Duration = Duration::from_secs(1);
/// Reads that may follow each other without a pause, and how often there is one more: whatever the service answers, it is not
/// asked more often than that. A person's own pages of history are not counted.
const READS: Budget = Budget::new(120, Duration::from_millis(500));

/// What a read is for.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Aim {
    /// What is new.
    Poll,
    /// The newest page, for a chat that is picked up.
    Restore,
    /// The newest page, to find out what arrived; `asked` if somebody waits for the result.
    Newest { asked: bool },
    /// The page that ends with this entry.
    Older(Place),
    /// The same, because a part between it and the frontier is missing.
    Fill(Place),
}

/// The read that is out.
#[derive(Debug, Clone)]
struct Busy {
    call: CallId,
    aim: Aim,
    since: Moment,
}

/// The reading side of a chat.
#[derive(Debug, Clone)]
pub(super) struct Reader {
    busy: Option<Busy>,
    /// When the next read may start, pages of history excepted.
    due: Moment,
    restore: bool,
    reconcile: bool,
    /// After a failure: an answer that comes at once, where a poll might be held open, tells that the connection works.
    catch_up: bool,
    older: bool,
    /// The last poll was answered at once with nothing but what was known.
    stale: bool,
    pace: Budget,
    /// The next poll has to name `frontier`.
    paused: bool,
    /// The newest entry before which nothing is missing.
    frontier: Option<Place>,
    /// Without a frontier: everything from the first entry on is still to be read.
    from_the_first: bool,
    /// Both ends of what was told ahead of the frontier.
    ahead: Option<Ahead>,
    /// Somebody waits to be told that the transcript was read.
    proving: bool,
    /// The cursor as it was last told.
    told: Cursor,
    tries: Tries,
}

/// What was told while something before it is missing.
#[derive(Debug, Clone)]
struct Ahead {
    /// The oldest that was told.
    oldest: EntryKey,
    /// From here on up to `newest` nothing is missing.
    whole: Place,
    newest: Place,
}

impl Reader {
    pub(super) fn new(now: Now, begin: Begin, reconcile: bool) -> Self {
        let (restore, from_the_first, told) = match begin {
            Begin::New => (false, true, Cursor::default()),
            Begin::PickedUp(None) => (true, false, Cursor::default()),
            // Without a frontier, an earlier run began the chat and has not read its beginning.
            Begin::PickedUp(Some(cursor)) => (true, true, cursor),
        };
        Self {
            busy: None,
            due: now.at,
            restore,
            reconcile,
            catch_up: false,
            older: false,
            stale: false,
            pace: READS,
            paused: false,
            frontier: told.frontier.clone(),
            from_the_first,
            ahead: None,
            proving: false,
            told,
            tries: Tries::default(),
        }
    }

    /// The poll was interrupted: the next one names an entry that may come once more.
    fn pause(&mut self) {
        self.paused = true;
        self.stale = false;
    }
}

impl Chat {
    /// A page of history is wanted.
    pub(super) fn older(&mut self, desk: &mut Desk, now: Now) {
        if let Err(failure) = desk.open(now, &Lane::Reads) {
            desk.tell(Event::OlderFailed(failure));
            return;
        }
        self.reader.older = true;
        self.reader.pace.put();
        self.pause_poll(desk);
        self.read_on(desk, now);
    }

    /// Somebody has to know what really arrived.
    pub(super) fn reconcile(&mut self, desk: &mut Desk, now: Now) {
        self.reader.reconcile = true;
        if self.pause_poll(desk) || self.is_healthy() {
            self.reader.due = now.at;
        }
        self.read_on(desk, now);
    }

    /// The connection is to be tried now. A gate that the service has shut is not forced: the try stays due when it was.
    pub(super) fn try_now(&mut self, desk: &mut Desk, now: Now) {
        if desk.open(now, &Lane::Reads).is_ok() {
            self.reader.tries.anew();
            self.reader.due = now.at;
        }
        self.read_on(desk, now);
    }

    /// Somebody has begun to look or has written something, or nobody looks any more.
    pub(super) fn urgent(&mut self, desk: &mut Desk, now: Now, urgency: Urgency) {
        let by = desk.urgent(now, &Lane::Reads, urgency);
        if let Some(by) = by.filter(|by| *by < self.reader.due && !self.is_healthy()) {
            self.reader.due = by;
            self.reader.tries.hurry();
        }
    }

    /// An open read cannot be trusted any more.
    pub(super) fn wake(&mut self, desk: &mut Desk, now: Now) {
        if let Some(busy) = self.abandon(desk) {
            self.want_again(&busy.aim);
        }
        self.reader.pause();
        self.doubt_writes(desk, now);
        self.try_now(desk, now);
    }

    /// A write found the connection broken: find out now, not when the open poll gives up.
    pub(super) fn doubt(&mut self, desk: &mut Desk, now: Now) {
        if self.pause_poll(desk) || self.is_healthy() {
            self.reader.catch_up = true;
            self.try_now(desk, now);
        }
    }

    /// Whether nothing failed since something last worked.
    pub(super) fn is_healthy(&self) -> bool {
        self.reader.tries.failed == 0
    }

    /// Starts the next read, if none is out and its time has come.
    pub(super) fn read_on(&mut self, desk: &mut Desk, now: Now) {
        let reader = &mut self.reader;
        if reader.busy.is_some() || desk.gates.opens(&Lane::Reads).max(reader.pace.opens(now.at)) > now.at {
            return;
        }
        if reader.older && !reader.restore {
            reader.older = false;
            match self.held.oldest().cloned() {
                Some(oldest) => return self.start(desk, now, Aim::Older(oldest)),
                None => desk.tell(Event::NoOlder),
            }
        }
        let reader = &mut self.reader;
        if reader.due > now.at {
            return;
        }
        // An answer may have been lost before there was a place to read on from.
        let unknown = reader.paused && reader.frontier.is_none() && reader.ahead.is_none();
        let aim = if std::mem::take(&mut reader.restore) {
            Aim::Restore
        } else if reader.reconcile || reader.catch_up || unknown {
            reader.catch_up = false;
            Aim::Newest { asked: std::mem::take(&mut reader.reconcile) }
        } else if let Some(ahead) = reader.ahead.as_ref().filter(|_| reader.frontier.is_none()) {
            Aim::Fill(ahead.whole.clone())
        } else {
            Aim::Poll
        };
        self.start(desk, now, aim);
    }

    /// When to read on.
    pub(super) fn read_deadline(&self, desk: &Desk) -> Option<Deadline> {
        let reader = &self.reader;
        if reader.busy.is_some() {
            return None;
        }
        let opens = desk.gates.opens(&Lane::Reads).max(reader.pace.opens(Moment(0)));
        if reader.older && !reader.restore {
            return Some(Deadline { at: opens, why: "page of history" });
        }
        let why = if reader.tries.failed > 0 { "next try" } else { "next poll" };
        Some(Deadline { at: reader.due.max(opens), why })
    }

    fn start(&mut self, desk: &mut Desk, now: Now, aim: Aim) {
        let named = self.reader.frontier.as_ref().filter(|_| self.reader.paused);
        let (what, from) = match &aim {
            Aim::Poll => ("poll", named),
            Aim::Restore => ("restore", None),
            Aim::Newest { .. } => ("reconcile", None),
            Aim::Older(oldest) | Aim::Fill(oldest) => ("history", Some(oldest)),
        };
        let polls = aim == Aim::Poll;
        let page = (!polls).then(|| desk.settings.page.to_string());
        let index = from.map(|place| ("index", place.index.as_str()));
        let count = page.as_deref().map(|page| ("count", page));
        let query = index.into_iter().chain(count);
        let timeout = if polls { desk.settings.poll_timeout } else { desk.settings.request_timeout };
        // What is taken here was seen to be there.
        let _ = self.reader.pace.take(now);
        let retry = self.reader.tries.made();
        let call = desk.read(&self.pass, what, query, timeout, retry);
        self.reader.busy = Some(Busy { call, aim, since: now.at });
    }

    /// Abandons the poll, if it is the read that is out.
    fn pause_poll(&mut self, desk: &mut Desk) -> bool {
        let polling = self.reader.busy.as_ref().is_some_and(|busy| busy.aim == Aim::Poll);
        if polling {
            self.abandon(desk);
            self.reader.pause();
        }
        polling
    }

    fn abandon(&mut self, desk: &mut Desk) -> Option<Busy> {
        let busy = self.reader.busy.take()?;
        desk.calls.close(busy.call);
        desk.out.push_back(Action::Cancel(busy.call));
        Some(busy)
    }

    fn want_again(&mut self, aim: &Aim) {
        let reader = &mut self.reader;
        match aim {
            Aim::Poll => {}
            Aim::Restore => reader.restore = true,
            Aim::Newest { asked } => {
                reader.reconcile |= *asked;
                reader.catch_up |= !*asked;
            }
            Aim::Older(_) => reader.older = true,
            // It is still missing, which is what asks for it.
            Aim::Fill(_) => {}
        }
    }

    /// The read that was out has ended. Tells why the chat is over, if it is.
    pub(super) fn read_ended(
        &mut self,
        desk: &mut Desk,
        now: Now,
        answer: Result<Envelope<'_>, Refusal>,
    ) -> Option<EndReason> {
        let busy = self.reader.busy.take()?;
        match answer {
            Ok(envelope) => self.read_came(desk, now, busy, &envelope),
            Err(refusal) => self.read_failed(desk, now, &busy.aim, &refusal),
        }
    }

    fn read_came(
        &mut self,
        desk: &mut Desk,
        now: Now,
        busy: Busy,
        envelope: &Envelope<'_>,
    ) -> Option<EndReason> {
        let fresh = self.held.take(now, &self.pass.ids.participant_id, envelope.entries());
        let nothing_new = fresh.entries.is_empty();
        let reader = &mut self.reader;
        reader.tries.worked();
        reader.due = now.at;
        match busy.aim {
            Aim::Poll => {
                let at_once = now.at.since(busy.since) < HELD_OPEN;
                let empty = envelope.entries().is_empty();
                // What is known may come once more, after a pause. A service that goes on so has nothing to say.
                let known = at_once && nothing_new && !empty;
                let stale = std::mem::replace(&mut reader.stale, known);
                reader.due = if at_once && (empty || (known && stale)) {
                    now.at.after(desk.settings.poll_gap)
                } else if empty {
                    now.at.next(SHORT_GAP)
                } else {
                    now.at.after(short_gap(desk))
                };
                self.polled(desk, fresh, empty);
            }
            Aim::Restore => self.page_came(desk, fresh, Origin::Restored, envelope.entries().len()),
            Aim::Newest { asked } => {
                reader.proving |= asked;
                self.page_came(desk, fresh, Origin::Live, envelope.entries().len());
            }
            Aim::Older(asked) => {
                reader.pause();
                let further = self.held.oldest().is_some_and(|oldest| oldest.key < asked.key);
                match (nothing_new, further) {
                    (false, _) => tell(desk, Origin::Older, fresh.entries),
                    // A page of which nothing is for the person: go on to the one before it.
                    (true, true) => reader.older = true,
                    (true, false) => desk.tell(Event::NoOlder),
                }
            }
            Aim::Fill(asked) => {
                tell(desk, Origin::Missed, fresh.entries);
                match fresh.oldest.filter(|oldest| oldest.key < asked.key) {
                    Some(oldest) => {
                        if let Some(ahead) = &mut reader.ahead {
                            ahead.whole = oldest;
                        }
                    }
                    // The beginning: now nothing is missing up to the newest.
                    None => reader.frontier = reader.ahead.take().map(|ahead| ahead.newest),
                }
            }
        }
        // Whoever asked while this was read wants to know of something younger.
        if self.reader.proving && self.reader.ahead.is_none() && !self.reader.reconcile {
            self.reader.proving = false;
            desk.tell(Event::Reconciled);
        }
        self.tell_cursor(desk);
        desk.link(Link::Up);
        envelope.ended().then_some(EndReason::EndedByThem)
    }

    /// What a poll brought continues from the frontier, or from what this client was given last. Nothing at all for a named entry
    /// is also what a service says that takes an earlier poll for open, and what it puts into that one is lost: the entry is
    /// named until something comes.
    fn polled(&mut self, desk: &mut Desk, fresh: Fresh, empty: bool) {
        let reader = &mut self.reader;
        if empty && reader.paused {
            return;
        }
        let before = reader.frontier.as_ref().map(|frontier| frontier.key);
        if let Some(newest) = &fresh.newest {
            raise(&mut reader.frontier, newest);
        }
        let reached = reader.frontier.as_ref().map(|frontier| frontier.key);
        let Some(ahead) = &reader.ahead else {
            reader.paused = false;
            return tell(desk, Origin::Live, fresh.entries);
        };
        let (missed, live): (Vec<Entry>, Vec<Entry>) =
            fresh.entries.into_iter().partition(|entry| entry.key < ahead.oldest);
        tell(desk, Origin::Missed, missed);
        tell(desk, Origin::Live, live);
        // A service that gives nothing further from there has nothing further.
        if reached >= Some(ahead.newest.key) || reached <= before {
            reader.ahead = None;
            reader.paused = false;
        }
    }

    /// The newest page came, of `count` entries. It either reaches back to the frontier, or something is missing before it.
    fn page_came(&mut self, desk: &mut Desk, fresh: Fresh, origin: Origin, count: usize) {
        let reader = &mut self.reader;
        reader.pause();
        if fresh.newest.is_none() && reader.frontier.is_none() {
            // Nothing was said so far, and nothing can have been missed.
            reader.paused = false;
        }
        if let (Some(oldest), Some(newest)) = (fresh.oldest, &fresh.newest) {
            let whole = match &reader.frontier {
                Some(frontier) => oldest.key <= frontier.key,
                // A chat that is picked up without a cursor begins with this page.
                None => {
                    !reader.from_the_first
                        || u64::try_from(count).is_ok_and(|count| count < desk.settings.page)
                }
            };
            if whole {
                reader.ahead = None;
                raise(&mut reader.frontier, newest);
            } else {
                let told = reader.ahead.as_ref().map_or(oldest.key, |ahead| ahead.oldest.min(oldest.key));
                reader.ahead = Some(Ahead { oldest: told, whole: oldest, newest: newest.clone() });
            }
        }
        if origin == Origin::Restored || !fresh.entries.is_empty() {
            desk.tell(Event::Batch(Batch { origin, entries: fresh.entries }));
        }
    }

    /// Tells where a later run has to read on, if that changed.
    pub(super) fn tell_cursor(&mut self, desk: &mut Desk) {
        let ahead = self.reader.ahead.as_ref();
        let cursor = Cursor {
            frontier: self.reader.frontier.clone(),
            oldest: self.held.oldest().cloned(),
            ahead: ahead.map(|ahead| (ahead.whole.clone(), ahead.newest.clone())),
        };
        if cursor != self.reader.told {
            desk.tell(Event::Cursor(cursor.text()));
            self.reader.told = cursor;
        }
    }

    fn read_failed(&mut self, desk: &mut Desk, now: Now, aim: &Aim, refusal: &Refusal) -> Option<EndReason> {
        let failure = &refusal.failure;
        if let Aim::Older(_) = aim {
            desk.heed(now, Lane::Reads, failure);
            desk.tell(Event::OlderFailed(failure.clone()));
            self.reader.pause();
            self.reader.due = self.reader.due.max(now.at);
            return refusal.is_final().then(|| lost(desk, failure));
        }
        let gone = *failure == Failure::Gone;
        let turned_away = *failure == Failure::SignInAgain && (refusal.named || *aim == Aim::Restore);
        if gone || turned_away {
            return Some(lost(desk, failure));
        }
        self.reader.pause();
        if *aim == Aim::Poll && *failure == Failure::Io(IoFault::Timeout) {
            // Something may hold the answers back, or nobody is there any more: a read that is answered at once tells.
            self.reader.catch_up = true;
            self.reader.due = now.at.after(short_gap(desk));
            return None;
        }
        self.reader.catch_up |= *aim == Aim::Poll;
        self.want_again(aim);
        self.reader.due = desk.failed_of(now, Lane::Reads, &mut self.reader.tries, failure);
        None
    }
}

/// The chat cannot go on. Who is turned away is told why.
pub(super) fn lost(desk: &mut Desk, failure: &Failure) -> EndReason {
    if *failure == Failure::SignInAgain {
        desk.trouble(failure);
    }
    EndReason::Lost
}

fn tell(desk: &mut Desk, origin: Origin, entries: Vec<Entry>) {
    if !entries.is_empty() {
        desk.tell(Event::Batch(Batch { origin, entries }));
    }
}

fn short_gap(desk: &mut Desk) -> Duration {
    within(SHORT_GAP, &mut desk.rng)
}
