//! What is read of a chat: where to begin, what was missed, what arrived, and older pages.
//!
//! Everything comes as deliveries on one channel, and no delivery says what it answers. So a reading is known by what is in it:
//! it is asked for from an entry that was told already, and the answer is the delivery that begins with this entry. What comes by
//! itself never does. Two readings from one entry could be taken for each other, which matters where one has to prove what did not
//! arrive: such a reading begins before every other one whose answer may be on its way.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::json;

use super::chat::{Chat, Small, members};
use super::desk::{Desk, pairs};
use crate::event::{Batch, Entry, EntryKey, Event, Origin};
use crate::io::{Deadline, IoFault, Moment, Now};
use crate::link::Link;
use crate::transport::Failure;
use crate::transports::gms::held::Held;
use crate::transports::gms::map;
use crate::transports::gms::wire::{Envelope, Message};
use crate::view::EndReason;

/// How often a reading is asked for that is not answered.
const REPEAT: Duration = Duration::from_secs(3);
/// How soon deliveries are read again that may have been lost.
const SOON: Duration = Duration::from_secs(1);
/// After so many of those the service is asked more seldom.
const OFTEN: u32 = 30;
/// How seldom.
const SELDOM: Duration = Duration::from_secs(30);
/// No answer is on its way for longer.
const LATE: Duration = Duration::from_secs(60);
/// How far back a reading begins that has to be told from another one, where no event before it is known: so many in a row are
/// hardly ever kept from the customer.
const BACK: u64 = 16;
/// So many events are known by their indexes.
const KNOWN: usize = 256;
/// So often a reading is taken by the service, and so many deliveries come after that, before it counts as one whose answer does
/// not begin with what was asked for.
const ENOUGH: u32 = 3;

/// What is read, and what for.
#[derive(Debug, Default)]
pub(super) struct Reader {
    reading: Option<Reading>,
    /// What was asked for in this session a short while ago: an answer may come late, and twice.
    asked: Vec<Asked>,
    /// Indexes that came: there is an event for the customer.
    known: BTreeSet<u64>,
    /// Somebody waits to be told that the transcript was read.
    reconcile: bool,
    older: bool,
    /// What is missing from here on did not come when it was read for.
    vain: Option<u64>,
}

/// What a reading is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Aim {
    /// The newest entry, to find out where the newest page begins.
    Newest,
    /// To have the chat delivered here, from where it was read.
    Attach,
    /// To find out what came meanwhile.
    Again,
    /// An older page.
    Older,
}

#[derive(Debug)]
struct Reading {
    aim: Aim,
    span: Span,
    tries: u32,
    /// When it is asked for again.
    again: Moment,
    /// Nothing comes by itself before this is answered, and nothing that came can have been lost.
    first: bool,
    /// Somebody waits for it, to know what arrived before it was asked for.
    proves: bool,
    /// How often the service has taken it: what was asked for may not even have left.
    taken: u32,
    /// Good deliveries after it was taken often enough, that did not begin with what was asked for.
    near: u32,
}

/// Where a reading begins, and the end of what was told then: the answer begins between the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Span {
    from: u64,
    below: u64,
}

#[derive(Debug)]
struct Asked {
    from: u64,
    at: Moment,
}

impl Span {
    fn begins(self, messages: &[Message<'_>]) -> bool {
        let first = messages.iter().filter_map(Message::index).min();
        first.is_some_and(|first| (self.from..self.below).contains(&first))
    }

    fn is_held(self, messages: &[Message<'_>]) -> bool {
        messages.iter().filter_map(Message::index).any(|index| (self.from..self.below).contains(&index))
    }
}

impl Chat {
    /// It is to be found out what arrived.
    pub(super) fn reconcile(&mut self) {
        let reader = &mut self.reader;
        reader.reconcile = true;
        // What was to be read soon is read now, and for both.
        reader.reading.take_if(|reading| reading.aim == Aim::Again && reading.tries == 0);
    }

    /// An older page is wanted.
    pub(super) fn older(&mut self, desk: &mut Desk) {
        if self.oldest <= 1 {
            desk.tell(Event::NoOlder);
        } else if desk.is_up() {
            self.reader.older = true;
        } else {
            desk.tell(Event::OlderFailed(Failure::Io(IoFault::Unreachable)));
        }
    }

    /// There is a session with the server: the chat is to be delivered in it.
    pub(super) fn ready(&mut self, now: Now, fresh: bool) {
        self.attached = false;
        if fresh {
            // What was asked for in another session is not delivered in this one.
            self.reader.asked.clear();
        }
        let aim = if self.find_newest { Aim::Newest } else { Aim::Attach };
        self.read(now, aim, fresh);
    }

    /// There is none.
    pub(super) fn apart(&mut self) {
        self.attached = false;
        self.missed();
    }

    /// What came last may have been lost: what comes next may be behind it.
    pub(super) fn missed(&mut self) {
        if let Some(reading) = &mut self.reader.reading {
            reading.first = false;
        }
    }

    /// What was lost with an answer is read again, soon.
    pub(super) fn read_again(&mut self, now: Now) {
        self.missed();
        if self.attached && self.reader.reading.is_none() {
            self.read(now, Aim::Again, false);
            if let Some(reading) = &mut self.reader.reading {
                reading.again = now.at.after(SOON);
            }
        }
    }

    fn read(&mut self, now: Now, aim: Aim, first: bool) {
        let reader = &mut self.reader;
        // Whatever was read for is wanted still.
        if let Some(reading) = reader.reading.take() {
            reader.older |= reading.aim == Aim::Older;
            reader.reconcile |= reading.proves;
        }
        let proves = matches!(aim, Aim::Attach | Aim::Again) && std::mem::take(&mut reader.reconcile);
        let next = self.held.next();
        let mut span = Span { from: next.saturating_sub(1).max(1), below: next };
        if proves {
            reader.asked.retain(|asked| now.at.since(asked.at) < LATE);
            let lowest = reader.asked.iter().map(|asked| asked.from).min();
            if let Some(lowest) = lowest.filter(|lowest| *lowest <= span.from) {
                let before = reader.known.range(..lowest).next_back().copied();
                let from = before.unwrap_or(lowest.saturating_sub(BACK).max(1));
                span = Span { from, below: lowest };
            }
        }
        // At the beginning of a chat there is nothing before.
        span.below = span.below.max(span.from + 1);
        reader.reading =
            Some(Reading { aim, span, tries: 0, again: now.at, first, proves, taken: 0, near: 0 });
    }

    /// Begins the next reading, and asks for what is read, once more if it was asked for long ago.
    pub(super) fn read_on(&mut self, desk: &mut Desk, now: Now) {
        if self.reader.reading.is_none() && self.attached {
            if self.reader.reconcile {
                self.read(now, Aim::Again, false);
            } else if std::mem::take(&mut self.reader.older) {
                self.read(now, Aim::Older, false);
                let from = self.oldest.saturating_sub(desk.settings.page).max(1);
                self.begin_at(Span { from, below: self.oldest });
            } else if self.held.has_gap() && self.reader.vain != Some(self.held.next()) {
                // Not every event is for the customer, and some may have been lost: which it is, a reading tells.
                self.read_again(now);
            }
        }
        self.ask(desk, now);
    }

    fn begin_at(&mut self, span: Span) {
        if let Some(reading) = &mut self.reader.reading {
            reading.span = span;
        }
    }

    fn ask(&mut self, desk: &mut Desk, now: Now) {
        let reader = &mut self.reader;
        let Some(reading) = reader.reading.as_mut().filter(|reading| reading.again <= now.at) else { return };
        let (aim, span, tries) = (reading.aim, reading.span, reading.tries);
        if aim == Aim::Older && tries > 2 {
            reader.reading = None;
            return desk.tell(Event::OlderFailed(Failure::Io(IoFault::Timeout)));
        }
        reading.tries = tries.saturating_add(1);
        reading.again = now.at.after(if tries < OFTEN { REPEAT } else { SELDOM });
        let again = reading.again;
        let (operation, position) = match aim {
            Aim::Newest => ("refresh", json!(-1)),
            Aim::Older => ("refresh", json!(span.from)),
            Aim::Attach | Aim::Again => ("requestNotifications", json!(span.from)),
        };
        if aim != Aim::Newest {
            reader.asked.retain(|asked| now.at.since(asked.at) < LATE);
            reader.asked.push(Asked { from: span.from, at: now.at });
        }
        let mut more = members(&[("message", "")]);
        more.insert("transcriptPosition".to_owned(), position);
        if desk.asynchronous && aim == Aim::Attach {
            more.insert("userData".to_owned(), pairs([("GCTI_Chat_AsyncMode", "true")]));
        }
        let ticket = desk.say(now, operation, Some(&self.keys), more);
        self.small.insert(ticket, Small::Reading);
        if tries > 0 && !self.attached {
            desk.down(tries, again, &Failure::Io(IoFault::Timeout));
        }
    }

    /// The server has taken what was asked for.
    pub(super) fn reading_taken(&mut self) {
        if let Some(reading) = &mut self.reader.reading {
            reading.taken = reading.taken.saturating_add(1);
        }
    }

    /// When what is read is asked for again.
    pub(super) fn read_deadline(&self) -> Option<Deadline> {
        self.reader.reading.as_ref().map(|reading| Deadline { at: reading.again, why: "reading again" })
    }

    /// The chat's own server is away, or another takes the chat over: it is asked for again until it answers.
    pub(super) fn server_away(&mut self, desk: &mut Desk, now: Now, failure: &Failure) {
        let attaches = |reading: &Reading| matches!(reading.aim, Aim::Attach | Aim::Newest);
        let first = self.reader.reading.as_ref().is_some_and(|reading| reading.first);
        if !self.reader.reading.as_ref().is_some_and(attaches) {
            self.ready(now, false);
        }
        self.attached = false;
        if let Some(reading) = &mut self.reader.reading {
            reading.first = first;
            reading.tries = reading.tries.max(1);
            reading.again = now.at.after(REPEAT);
            desk.down(reading.tries, reading.again, failure);
        }
    }

    /// Takes good news in. Tells why the chat is over, if it is.
    pub(super) fn take(&mut self, desk: &mut Desk, now: Now, envelope: &Envelope<'_>) -> Option<EndReason> {
        let messages = envelope.messages();
        let aim = self.reader.reading.as_ref().map(|reading| reading.aim);
        if self.find_newest {
            // What comes by itself meanwhile is read again from where the newest page begins.
            if aim == Some(Aim::Newest) {
                self.newest_found(desk, now, messages);
            }
            return envelope.ended().then_some(EndReason::EndedByThem);
        }
        if aim == Some(Aim::Older) {
            self.older_came(desk, now, messages);
        }
        let whole = self.reader.is_whole(messages);
        let restoring = !self.joined;
        if restoring {
            self.joined = true;
            desk.tell(Event::Joined { token: self.keys.token(), resumed: true });
        }
        let fresh = self.held.take(now, messages, whole);
        let joined = fresh.joined;
        let end = envelope.ended().then(|| fresh.end());
        self.tell(desk, now, envelope, fresh, restoring);
        let attaches = aim == Some(Aim::Attach) && !std::mem::replace(&mut self.attached, true);
        if attaches || joined {
            self.ask_limits(desk, now);
        }
        if let Some(reading) = self.reader.reading.take_if(|reading| reading.is_done(whole)) {
            self.reader.vain = (!whole).then(|| self.held.next());
            // A doubt that came up meanwhile is settled by a reading of its own, which settles the older one too.
            if reading.proves && !self.reader.reconcile {
                desk.tell(Event::Reconciled);
            }
        }
        self.tell_cursor(desk);
        if self.attached {
            desk.link(Link::Up);
        }
        end
    }

    /// Where the newest page begins is known.
    fn newest_found(&mut self, desk: &Desk, now: Now, messages: &[Message<'_>]) {
        let newest = messages.iter().filter_map(Message::index).max();
        let Some(newest) = newest else { return };
        self.find_newest = false;
        self.oldest = newest.saturating_sub(desk.settings.page).max(1);
        self.held = Held::from(self.oldest, self.held.bots.clone());
        self.read(now, Aim::Attach, true);
        self.begin_at(Span { from: self.oldest, below: self.oldest + 1 });
    }

    /// Whatever is older than what is held belongs to the page that was asked for.
    fn older_came(&mut self, desk: &mut Desk, now: Now, messages: &[Message<'_>]) {
        let Some(span) = self.reader.reading.as_ref().map(|reading| reading.span) else { return };
        let mut entries = BTreeMap::new();
        for message in messages {
            let Some(index) = message.index().filter(|index| (span.from..self.oldest).contains(index)) else {
                continue;
            };
            let at = map::time(message).unwrap_or(now.wall);
            let kind = map::kind(message);
            let from = map::person(message, &mut self.held.bots);
            let key = EntryKey { major: index, minor: 0 };
            entries.insert(key, Entry { key, at, from, kind });
        }
        if entries.is_empty() {
            return;
        }
        self.reader.reading = None;
        self.oldest = span.from;
        desk.tell(Event::Batch(Batch { origin: Origin::Older, entries: entries.into_values().collect() }));
        self.tell_cursor(desk);
    }
}

impl Reader {
    /// Whether a good answer is what is read, from where it was asked for up to the end.
    fn is_whole(&mut self, messages: &[Message<'_>]) -> bool {
        self.known.extend(messages.iter().filter_map(Message::index));
        while self.known.len() > KNOWN {
            self.known.pop_first();
        }
        let Some(reading) = self.reading.as_mut().filter(|reading| reading.aim.reads_on()) else {
            return false;
        };
        if reading.taken >= ENOUGH {
            reading.near = reading.near.saturating_add(1);
        }
        let it = if reading.proves { reading.span.begins(messages) } else { reading.span.is_held(messages) };
        it || std::mem::take(&mut reading.first)
    }
}

impl Aim {
    const fn reads_on(self) -> bool {
        matches!(self, Self::Attach | Self::Again)
    }
}

impl Reading {
    /// Whether it is over: a service that begins behind the position never gives what was asked for, and after a few good
    /// answers those have to do. They prove nothing, though, for they may have come by themselves: who waits for a proof reads from
    /// further back, so that the answer begins with something that was told, unless there is nothing before.
    fn is_done(&mut self, whole: bool) -> bool {
        if whole || !self.aim.reads_on() || self.near < ENOUGH {
            return whole && self.aim.reads_on();
        }
        if !self.proves || self.span.from <= 1 {
            return true;
        }
        self.span.from = self.span.from.saturating_sub(BACK).max(1);
        self.taken = 0;
        self.near = 0;
        false
    }
}
