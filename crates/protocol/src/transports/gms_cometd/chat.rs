//! A chat that is going on: its key, what is held of its transcript, and what is written. What is read stands in `reading.rs`.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::cursor::Cursor;
use super::desk::{Desk, failure, pairs, refused};
use super::reading::Reader;
use crate::event::{Batch, Entry, EntryKind, Event, LocalId, Origin, Role, Trace};
use crate::io::{Deadline, IoFault, Moment, Now};
use crate::kit::bayeux::{Outcome, Ticket, Trouble};
use crate::link::Link;
use crate::token::Secret;
use crate::transport::{Failure, FileRules};
use crate::transports::gms::alarm::Alarm;
use crate::transports::gms::cursor::Cursor as Read;
use crate::transports::gms::held::{Fresh, Held};
use crate::transports::gms::pass::Pass;
use crate::transports::gms::wire::{Envelope, Refusal, Standing};
use crate::view::EndReason;

/// Pause before data is offered again that was not taken.
const OFFER_GAP: Duration = Duration::from_secs(10);
/// How often it is offered in all.
const OFFERS: u32 = 5;

#[derive(Debug)]
pub(super) struct Chat {
    pub(super) keys: Pass,
    /// Which files are taken, as the service said last.
    pub(super) rules: Option<FileRules>,
    pub(super) held: Held,
    /// The first position that was read.
    pub(super) oldest: u64,
    told: String,
    /// `Joined` was told.
    pub(super) joined: bool,
    /// Where to begin is not known: the newest page is to be found.
    pub(super) find_newest: bool,
    /// The service knows this session as the chat's.
    pub(super) attached: bool,
    pub(super) reader: Reader,
    sending: Option<Sending>,
    /// What was said beside texts, and how to tell that it failed.
    pub(super) small: BTreeMap<Ticket, Small>,
    /// Until then a refusal may be about something of these.
    beside: Moment,
    offers: u32,
    offer_at: Moment,
    alarm: Alarm,
    /// Files that were given up when they had left.
    pub(super) withdrawn: BTreeSet<LocalId>,
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
pub(super) enum Small {
    Silent,
    /// Something is to be read.
    Reading,
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
            reader: Reader::default(),
            sending: None,
            small: BTreeMap::new(),
            beside: Moment(0),
            offers: 0,
            offer_at: Moment(0),
            alarm: Alarm::default(),
            withdrawn: BTreeSet::new(),
        }
    }

    pub(super) fn send(&mut self, desk: &mut Desk, now: Now, local: LocalId, text: &str) {
        if !desk.is_up() || self.sending.is_some() {
            let failure = Failure::Io(IoFault::Unreachable);
            return desk.tell(Event::NotSent { local, failure, trace: Trace::None });
        }
        let ticket = desk.say_text(now, &self.keys, text);
        self.sending = Some(Sending { local, text: Secret::new(text), ticket, until: None });
    }

    pub(super) fn typing(&mut self, desk: &mut Desk, now: Now, on: bool, preview: Option<&str>) {
        if desk.is_up() {
            let operation = if on { "startTyping" } else { "stopTyping" };
            let more = members(&[("message", preview.unwrap_or_default())]);
            let ticket = desk.say(now, operation, Some(&self.keys), more);
            self.small.insert(ticket, Small::Silent);
            self.said_beside(desk, now);
        }
    }

    /// No refusal says what it is about: for a while it may be this.
    fn said_beside(&mut self, desk: &Desk, now: Now) {
        self.beside = now.at.after(desk.settings.request_timeout);
    }

    /// Says something that nobody waits for; failing is told.
    pub(super) fn mention(&mut self, desk: &mut Desk, now: Now, operation: &str, more: Map<String, Value>) {
        let ticket = desk.say(now, operation, Some(&self.keys), more);
        self.small.insert(ticket, Small::Told);
        self.said_beside(desk, now);
    }

    /// The person is still there.
    pub(super) fn stay_on(&mut self, desk: &mut Desk, now: Now) {
        let more = json!({ "eventAttributes": { "purpose": "cancel-idle-timer" } });
        if let Value::Object(more) = more {
            self.mention(desk, now, "customNotice", more);
        }
        if let Some(word) = self.alarm.off() {
            desk.tell(word);
        }
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
        self.read_on(desk, now);
        if self.attached && !desk.user_data.is_empty() && self.offer_at <= now.at {
            let offering = |small: &Small| matches!(small, Small::UserData(_));
            if !self.small.values().any(offering) {
                let data = std::mem::take(&mut desk.user_data);
                let more = pairs(data.iter().map(|(name, value)| (name.as_str(), value.as_str())));
                let more = Map::from_iter([("userData".to_owned(), more)]);
                let ticket = desk.say(now, "updateData", Some(&self.keys), more);
                self.small.insert(ticket, Small::UserData(data));
                self.said_beside(desk, now);
            }
        }
    }

    pub(super) fn deadline(&self, desk: &Desk) -> Option<Deadline> {
        let copy = self.sending.as_ref().and_then(|sending| sending.until);
        let copy = copy.map(|at| Deadline { at, why: "patience with a message" });
        if !desk.client.is_ready() {
            return copy;
        }
        let offer = self.attached && !desk.user_data.is_empty();
        let offering = self.small.values().any(|small| matches!(small, Small::UserData(_)));
        let offer =
            (offer && !offering).then_some(Deadline { at: self.offer_at, why: "data for the service" });
        Deadline::earlier(copy, Deadline::earlier(self.read_deadline(), offer))
    }

    /// Something that was said has ended.
    pub(super) fn published(&mut self, desk: &mut Desk, now: Now, ticket: Ticket, outcome: Outcome) {
        // The answer that did not come may have held deliveries.
        if matches!(outcome, Outcome::Unknown(_)) {
            self.read_again(now);
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
            (Some(Small::Reading), None) => self.reading_taken(),
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
        let about_a_text = !matches!(refusal.failure, Failure::NameMissing | Failure::FieldBad { .. });
        if let Some(sending) = self.sending.take_if(|_| about_a_text) {
            let failure = refusal.failure.clone();
            let trace = match refusal.trace() {
                // Something else may be meant that was said shortly before: then the text has arrived.
                Trace::None if now.at <= self.beside && !refusal.is_final() => Trace::Transcript,
                trace => trace,
            };
            desk.tell(Event::NotSent { local: sending.local, failure, trace });
        } else if !refusal.is_final()
            && refusal.standing != Standing::Passing
            // Without a text on its way this is a preview of one, which nobody misses.
            && refusal.failure != Failure::TooLong
        {
            desk.tell(Event::Trouble(refusal.failure.fault()));
        }
        if refusal.is_final() {
            // Whoever ends a chat is told in good answers. A refusal says that there is none any more, whatever became of it.
            return Some(EndReason::Lost);
        }
        if refusal.standing == Standing::Passing {
            self.server_away(desk, now, &refusal.failure);
        }
        None
    }

    /// Tells what is new, and what follows from it.
    pub(super) fn tell(
        &mut self,
        desk: &mut Desk,
        now: Now,
        envelope: &Envelope<'_>,
        fresh: Fresh,
        restoring: bool,
    ) {
        let Fresh { mut missed, live, silence, .. } = fresh;
        if let Some(sending) = &self.sending {
            let copy = |entry: &Entry| {
                entry.from.role == Role::Me
                    && matches!(&entry.kind, EntryKind::Text(text) if text.trim() == sending.text.expose().trim())
            };
            if missed.iter().chain(&live).any(copy) {
                let (local, ticket) = (sending.local, sending.ticket);
                self.sending = None;
                desk.client.settled(ticket);
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
        if let Some(word) = self.alarm.heed(now, silence, envelope.idle_seconds(), restoring) {
            desk.tell(word);
        }
    }

    /// Tells where a later run has to read on, if that changed.
    pub(super) fn tell_cursor(&mut self, desk: &mut Desk) {
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
