//! A chat that is going on: its key, what is held of its transcript, what is read, and what is written.
//!
//! Everything comes as deliveries on one channel, and no delivery says what it answers. So a reading is known by what is in it:
//! it is asked for from an entry that was told already, and the answer is the delivery that holds this entry. What comes by
//! itself never does.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::cursor::Cursor;
use super::desk::{Desk, failure, pairs, refused};
use crate::event::{Batch, Entry, EntryKey, EntryKind, Event, IdleAlert, LocalId, Origin, Role, Trace};
use crate::io::{Deadline, IoFault, Moment, Now};
use crate::kit::bayeux::{Outcome, Ticket, Trouble};
use crate::link::Link;
use crate::token::Secret;
use crate::transport::{Failure, FileRules};
use crate::transports::gms::cursor::Cursor as Read;
use crate::transports::gms::held::{Fresh, Held};
use crate::transports::gms::map::{self, Silence};
use crate::transports::gms::pass::Pass;
use crate::transports::gms::wire::{Envelope, Message, Refusal, Standing};
use crate::view::EndReason;

/// How often a reading is asked for that is not answered.
const REPEAT: Duration = Duration::from_secs(3);
/// How soon deliveries are read again that may have been lost with an answer.
const SOON: Duration = Duration::from_secs(1);
/// After so many of those the service is asked more seldom.
const OFTEN: u32 = 30;
/// How seldom.
const SELDOM: Duration = Duration::from_secs(30);
/// Pause before data is offered again that was not taken.
const OFFER_GAP: Duration = Duration::from_secs(10);
/// How often it is offered in all.
const OFFERS: u32 = 5;

#[derive(Debug)]
pub(super) struct Chat {
    pub(super) keys: Pass,
    /// Which files are taken, as the service said last.
    pub(super) rules: Option<FileRules>,
    held: Held,
    /// The first position that was read.
    oldest: u64,
    told: String,
    /// `Joined` was told.
    joined: bool,
    /// Where to begin is not known: the newest page is to be found.
    find_newest: bool,
    /// The service knows this session as the chat's.
    attached: bool,
    reading: Option<Reading>,
    reconcile: bool,
    older: bool,
    sending: Option<Sending>,
    /// What was said beside texts, and how to tell that it failed.
    small: BTreeMap<Ticket, Small>,
    offers: u32,
    offer_at: Moment,
    idle: bool,
}

/// What a reading is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Aim {
    /// The newest entry, to find out where the newest page begins.
    Newest,
    /// To have the chat delivered here, from where it was read.
    Attach,
    /// To find out what arrived.
    Prove,
    /// An older page.
    Older,
}

#[derive(Debug)]
struct Reading {
    aim: Aim,
    from: u64,
    tries: u32,
    /// When it is asked for again.
    again: Moment,
    /// Nothing comes by itself before this is answered.
    first: bool,
    /// Good answers that did not hold the entry that was asked for.
    near: u32,
}

/// A text on its way.
#[derive(Debug)]
struct Sending {
    local: LocalId,
    text: Secret,
    ticket: Ticket,
    /// The server took it; the service's own copy has to come by then.
    until: Option<Moment>,
}

#[derive(Debug)]
enum Small {
    Silent,
    Told,
    UserData(BTreeMap<String, String>),
}

impl Chat {
    /// A chat that was just begun.
    pub(super) fn begun(desk: &Desk, keys: Pass) -> Self {
        Self::new(desk, keys, Held::default(), 1, true)
    }

    /// A kept chat.
    pub(super) fn kept(desk: &Desk, keys: Pass, cursor: Option<&str>) -> Self {
        let cursor = cursor.map(Cursor::of);
        let find_newest = cursor.is_none() && desk.asynchronous;
        let cursor = cursor.unwrap_or(Cursor { oldest: 1, ..Cursor::default() });
        let held = Held::from(cursor.read.next, cursor.read.bots());
        Self { find_newest, ..Self::new(desk, keys, held, cursor.oldest, false) }
    }

    fn new(desk: &Desk, keys: Pass, held: Held, oldest: u64, joined: bool) -> Self {
        Self {
            keys,
            rules: desk.rules(),
            held,
            oldest,
            told: String::new(),
            joined,
            find_newest: false,
            attached: joined,
            reading: None,
            reconcile: false,
            older: false,
            sending: None,
            small: BTreeMap::new(),
            offers: 0,
            offer_at: Moment(0),
            idle: false,
        }
    }

    pub(super) fn send(&mut self, desk: &mut Desk, now: Now, local: LocalId, text: &str) {
        if !desk.is_up() || self.sending.is_some() {
            let failure = Failure::Io(IoFault::Unreachable);
            return desk.tell(Event::NotSent { local, failure, trace: Trace::None });
        }
        let ticket = desk.say(now, "sendMessage", Some(&self.keys), members(&[("message", text)]));
        self.sending = Some(Sending { local, text: Secret::new(text), ticket, until: None });
    }

    pub(super) fn typing(&mut self, desk: &mut Desk, now: Now, on: bool, preview: Option<&str>) {
        if desk.is_up() {
            let operation = if on { "startTyping" } else { "stopTyping" };
            let more = members(&[("message", preview.unwrap_or_default())]);
            let ticket = desk.say(now, operation, Some(&self.keys), more);
            self.small.insert(ticket, Small::Silent);
        }
    }

    /// Says something that nobody waits for; failing is told.
    pub(super) fn mention(&mut self, desk: &mut Desk, now: Now, operation: &str, more: Map<String, Value>) {
        let ticket = desk.say(now, operation, Some(&self.keys), more);
        self.small.insert(ticket, Small::Told);
    }

    /// The person is still there.
    pub(super) fn stay_on(&mut self, desk: &mut Desk, now: Now) {
        let more = json!({ "eventAttributes": { "purpose": "cancel-idle-timer" } });
        if let Value::Object(more) = more {
            self.mention(desk, now, "customNotice", more);
        }
        if std::mem::take(&mut self.idle) {
            desk.tell(Event::Idle(None));
        }
    }

    pub(super) fn reconcile(&mut self) {
        self.reconcile = true;
    }

    pub(super) fn older(&mut self, desk: &mut Desk) {
        if self.oldest <= 1 {
            desk.tell(Event::NoOlder);
        } else if desk.is_up() {
            self.older = true;
        } else {
            desk.tell(Event::OlderFailed(Failure::Io(IoFault::Unreachable)));
        }
    }

    /// There is a session with the server: the chat is to be delivered in it.
    pub(super) fn ready(&mut self, now: Now, fresh: bool) {
        self.attached = false;
        let aim = if self.find_newest { Aim::Newest } else { Aim::Attach };
        // Whatever was read for is wanted still.
        match self.reading.take().map(|reading| reading.aim) {
            Some(Aim::Older) => self.older = true,
            Some(Aim::Prove) => self.reconcile = true,
            _ => {}
        }
        self.read(now, aim, fresh);
    }

    /// There is none.
    pub(super) fn apart(&mut self) {
        self.attached = false;
    }

    fn read(&mut self, now: Now, aim: Aim, first: bool) {
        let from = self.held.next().saturating_sub(1).max(1);
        self.reading = Some(Reading { aim, from, tries: 0, again: now.at, first, near: 0 });
    }

    /// Starts whatever is due.
    pub(super) fn go_on(&mut self, desk: &mut Desk, now: Now) {
        if let Some(sending) =
            self.sending.take_if(|sending| sending.until.is_some_and(|until| until <= now.at))
        {
            let failure = Failure::Io(IoFault::Timeout);
            desk.tell(Event::NotSent { local: sending.local, failure, trace: Trace::Lingering });
        }
        if !desk.client.is_ready() {
            return;
        }
        if self.reading.is_none() && self.attached {
            if std::mem::take(&mut self.reconcile) {
                self.read(now, Aim::Prove, false);
            } else if std::mem::take(&mut self.older) {
                self.read(now, Aim::Older, false);
                let from = self.oldest.saturating_sub(desk.settings.page).max(1);
                if let Some(reading) = &mut self.reading {
                    reading.from = from;
                }
            }
        }
        self.ask(desk, now);
        if self.attached && !desk.user_data.is_empty() && self.offer_at <= now.at {
            let offering = |small: &Small| matches!(small, Small::UserData(_));
            if !self.small.values().any(offering) {
                let data = std::mem::take(&mut desk.user_data);
                let more = pairs(data.iter().map(|(name, value)| (name.as_str(), value.as_str())));
                let more = Map::from_iter([("userData".to_owned(), more)]);
                let ticket = desk.say(now, "updateData", Some(&self.keys), more);
                self.small.insert(ticket, Small::UserData(data));
            }
        }
    }

    /// Asks for what is read, once more if it was asked for long ago.
    fn ask(&mut self, desk: &mut Desk, now: Now) {
        let Some(reading) = self.reading.as_mut().filter(|reading| reading.again <= now.at) else { return };
        let (aim, from, tries) = (reading.aim, reading.from, reading.tries);
        if aim == Aim::Older && tries > 2 {
            self.reading = None;
            return desk.tell(Event::OlderFailed(Failure::Io(IoFault::Timeout)));
        }
        reading.tries = tries.saturating_add(1);
        reading.again = now.at.after(if tries < OFTEN { REPEAT } else { SELDOM });
        let again = reading.again;
        let (operation, position) = match aim {
            Aim::Newest => ("refresh", json!(-1)),
            Aim::Older => ("refresh", json!(from)),
            Aim::Attach | Aim::Prove => ("requestNotifications", json!(from)),
        };
        let mut more = members(&[("message", "")]);
        more.insert("transcriptPosition".to_owned(), position);
        if desk.asynchronous && aim == Aim::Attach {
            more.insert("userData".to_owned(), pairs([("GCTI_Chat_AsyncMode", "true")]));
        }
        let ticket = desk.say(now, operation, Some(&self.keys), more);
        self.small.insert(ticket, Small::Silent);
        if tries > 0 && matches!(aim, Aim::Attach | Aim::Newest) {
            desk.down(tries, again, &Failure::Io(IoFault::Timeout));
        }
    }

    pub(super) fn deadline(&self, desk: &Desk) -> Option<Deadline> {
        let copy = self.sending.as_ref().and_then(|sending| sending.until);
        let copy = copy.map(|at| Deadline { at, why: "patience with a message" });
        if !desk.client.is_ready() {
            return copy;
        }
        let again = self.reading.as_ref().map(|reading| Deadline { at: reading.again, why: "reading again" });
        let offer = self.attached && !desk.user_data.is_empty();
        let offering = self.small.values().any(|small| matches!(small, Small::UserData(_)));
        let offer =
            (offer && !offering).then_some(Deadline { at: self.offer_at, why: "data for the service" });
        Deadline::earlier(copy, Deadline::earlier(again, offer))
    }

    /// Something that was said has ended.
    pub(super) fn published(&mut self, desk: &mut Desk, now: Now, ticket: Ticket, outcome: Outcome) {
        // The answer that did not come may have held deliveries: they are read again.
        if matches!(outcome, Outcome::Unknown(_)) && self.attached && self.reading.is_none() {
            self.read(now, Aim::Attach, false);
            if let Some(reading) = &mut self.reading {
                reading.again = now.at.after(SOON);
            }
        }
        if let Some(mut sending) = self.sending.take_if(|sending| sending.ticket == ticket) {
            let local = sending.local;
            let (failure, trace) = match outcome {
                Outcome::Done => {
                    // Only the server of this session has it. The chat has it when its copy comes.
                    sending.until = Some(now.at.after(desk.settings.request_timeout));
                    self.sending = Some(sending);
                    return;
                }
                Outcome::Refused(refusal) => (refused(&refusal), Trace::None),
                Outcome::Unsent(trouble) => (failure(&trouble), Trace::None),
                Outcome::Unknown(trouble) => (failure(&trouble), trace(&trouble)),
            };
            return desk.tell(Event::NotSent { local, failure, trace });
        }
        let failed = match outcome {
            Outcome::Done => None,
            Outcome::Refused(refusal) => Some(refused(&refusal)),
            Outcome::Unsent(trouble) | Outcome::Unknown(trouble) => Some(failure(&trouble)),
        };
        match (self.small.remove(&ticket), failed) {
            (Some(Small::Told), Some(failure)) => desk.tell(Event::Trouble(failure.fault())),
            (Some(Small::UserData(data)), Some(failure)) => {
                self.offers += 1;
                if self.offers < OFFERS || matches!(failure, Failure::Io(_)) {
                    self.offer_at = now.at.after(OFFER_GAP);
                    desk.give_again(data);
                } else {
                    self.offers = 0;
                    desk.tell(Event::Trouble(failure.fault()));
                }
            }
            (Some(Small::UserData(_)), None) => self.offers = 0,
            _ => {}
        }
    }

    /// Something came on the chat's channel. Tells why the chat is over, if it is.
    pub(super) fn delivered(&mut self, desk: &mut Desk, now: Now, data: &Value) -> Option<EndReason> {
        let envelope = Envelope::deserialize(data).ok()?;
        if let Some(refusal) = envelope.refusal(200) {
            let unsaid = !envelope.is_ours();
            if unsaid && envelope.messages().is_empty() {
                return None;
            }
            if !unsaid {
                return self.refused(desk, now, &refusal);
            }
        }
        let newer = self.keys.renewed(&envelope);
        if !envelope.ended() && newer != self.keys {
            self.keys = newer;
            if self.joined {
                desk.tell(Event::Token(self.keys.token()));
            }
        }
        self.take(desk, now, &envelope)
    }

    /// The answer to a start, which is already known to be good.
    pub(super) fn first(&mut self, desk: &mut Desk, now: Now, envelope: &Envelope<'_>) -> Option<EndReason> {
        desk.link(Link::Up);
        let fresh = self.held.take(now, envelope.messages(), true);
        let end = envelope.ended().then(|| fresh.end());
        self.tell(desk, now, envelope, fresh, false);
        self.tell_cursor(desk);
        self.ask_limits(desk, now);
        end
    }

    fn refused(&mut self, desk: &mut Desk, now: Now, refusal: &Refusal) -> Option<EndReason> {
        if let Some(sending) = self.sending.take() {
            let (failure, trace) = (refusal.failure.clone(), refusal.trace());
            desk.tell(Event::NotSent { local: sending.local, failure, trace });
        } else if !refusal.is_final() && refusal.standing != Standing::Passing {
            desk.tell(Event::Trouble(refusal.failure.fault()));
        }
        if refusal.is_final() {
            // Whoever ends a chat is told in good answers. A refusal says that there is none any more, whatever became of it.
            return Some(EndReason::Lost);
        }
        if refusal.standing == Standing::Passing {
            // The chat's own server is away, or another takes the chat over: asked again until it answers.
            let first = self.reading.as_ref().is_some_and(|reading| reading.first);
            if !matches!(&self.reading, Some(reading) if matches!(reading.aim, Aim::Attach | Aim::Newest)) {
                self.ready(now, false);
            }
            if let Some(reading) = &mut self.reading {
                reading.first = first;
                reading.tries = reading.tries.max(1);
                reading.again = now.at.after(REPEAT);
                let (tries, again) = (reading.tries, reading.again);
                desk.down(tries, again, &refusal.failure);
            }
        }
        None
    }

    /// Takes good news in. Tells why the chat is over, if it is.
    fn take(&mut self, desk: &mut Desk, now: Now, envelope: &Envelope<'_>) -> Option<EndReason> {
        let messages = envelope.messages();
        if self.find_newest {
            // What comes by itself meanwhile is read again from where the newest page begins.
            if matches!(&self.reading, Some(reading) if reading.aim == Aim::Newest) {
                self.newest_found(desk, now, messages);
            }
            return envelope.ended().then_some(EndReason::EndedByThem);
        }
        if matches!(&self.reading, Some(reading) if reading.aim == Aim::Older) {
            self.older_came(desk, now, messages);
        }
        let (answered, whole) = match &mut self.reading {
            Some(reading) if matches!(reading.aim, Aim::Attach | Aim::Prove) => {
                let holds = messages.iter().any(|message| message.index() == Some(reading.from));
                reading.near = reading.near.saturating_add(1);
                let whole = holds || std::mem::take(&mut reading.first);
                // A service that begins behind the position never holds it: after a few good answers that has to do.
                let enough = reading.aim == Aim::Attach || reading.near > 2 && reading.tries > 2;
                (whole || enough, whole)
            }
            _ => (false, false),
        };
        let restoring = !self.joined;
        if restoring {
            self.joined = true;
            desk.tell(Event::Joined { token: self.keys.token(), resumed: true });
        }
        let fresh = self.held.take(now, messages, whole);
        let joined = fresh.joined;
        let end = envelope.ended().then(|| fresh.end());
        self.tell(desk, now, envelope, fresh, restoring);
        if answered {
            let reading = self.reading.take();
            let attaches = reading.as_ref().is_some_and(|reading| reading.aim == Aim::Attach);
            if attaches {
                self.attached = true;
                self.ask_limits(desk, now);
            }
            if reading.is_some_and(|reading| reading.aim == Aim::Prove) || whole && self.reconcile {
                self.reconcile = false;
                desk.tell(Event::Reconciled);
            }
        } else if joined {
            self.ask_limits(desk, now);
        }
        self.tell_cursor(desk);
        if self.attached {
            desk.link(Link::Up);
        }
        end
    }

    /// Tells what is new, and what follows from it.
    fn tell(&mut self, desk: &mut Desk, now: Now, envelope: &Envelope<'_>, fresh: Fresh, restoring: bool) {
        let Fresh { mut missed, live, silence, .. } = fresh;
        if let Some(sending) = &self.sending {
            let copy = |entry: &Entry| {
                entry.from.role == Role::Me
                    && matches!(&entry.kind, EntryKind::Text(text) if text.trim() == sending.text.expose().trim())
            };
            if missed.iter().chain(&live).any(copy) {
                let local = sending.local;
                self.sending = None;
                desk.tell(Event::Sent { local });
            }
        }
        if restoring {
            missed.extend(live);
            missed.sort_by_key(|entry| entry.key);
            desk.tell(Event::Batch(Batch { origin: Origin::Restored, entries: missed }));
        } else {
            for (origin, entries) in [(Origin::Missed, missed), (Origin::Live, live)] {
                if !entries.is_empty() {
                    desk.tell(Event::Batch(Batch { origin, entries }));
                }
            }
        }
        match silence.map(|(silence, _)| silence) {
            Some(Silence::Ending { seconds, text }) if !envelope.ended() => {
                let seconds = envelope.idle_seconds().or(seconds);
                let ends_at =
                    seconds.map(|seconds| now.at.after(Duration::from_secs(seconds.min(31_536_000))));
                self.idle = true;
                desk.tell(Event::Idle(Some(IdleAlert { ends_at, text })));
            }
            Some(_) if std::mem::take(&mut self.idle) => desk.tell(Event::Idle(None)),
            _ => {}
        }
    }

    /// Where the newest page begins is known.
    fn newest_found(&mut self, desk: &mut Desk, now: Now, messages: &[Message<'_>]) {
        let newest = messages.iter().filter_map(Message::index).max();
        let Some(newest) = newest else { return };
        self.find_newest = false;
        self.oldest = newest.saturating_sub(desk.settings.page).max(1);
        self.held = Held::from(self.oldest, self.held.bots.clone());
        self.read(now, Aim::Attach, true);
        if let Some(reading) = &mut self.reading {
            reading.from = self.oldest;
        }
    }

    /// Whatever is older than what is held belongs to the page that was asked for.
    fn older_came(&mut self, desk: &mut Desk, now: Now, messages: &[Message<'_>]) {
        let Some(from) = self.reading.as_ref().map(|reading| reading.from) else { return };
        let mut entries = BTreeMap::new();
        for message in messages {
            let Some(index) = message.index().filter(|index| (from..self.oldest).contains(index)) else {
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
        self.reading = None;
        self.oldest = from;
        desk.tell(Event::Batch(Batch { origin: Origin::Older, entries: entries.into_values().collect() }));
        self.tell_cursor(desk);
    }

    fn tell_cursor(&mut self, desk: &mut Desk) {
        let read = Read::new(self.held.next(), None, &self.held.bots);
        let text = Cursor { read, oldest: self.oldest }.text();
        if text != self.told {
            self.told.clone_from(&text);
            desk.tell(Event::Cursor(text));
        }
    }
}

/// What a text may have left behind whose end is not known.
fn trace(trouble: &Trouble) -> Trace {
    match trouble {
        Trouble::Io(IoFault::Timeout) | Trouble::Status(504) => Trace::Lingering,
        _ => Trace::Transcript,
    }
}

/// Members of an operation.
pub(super) fn members(pairs: &[(&str, &str)]) -> Map<String, Value> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), Value::from(*value))).collect()
}
