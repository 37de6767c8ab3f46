//! A chat that is going on: what was read of its transcript, and what is written to it.
//!
//! Entries are numbered from 1 without gaps, and every read names the last number that is known. So one number is all that has to
//! be remembered: whatever was lost on its way comes again, and a read that was begun after a message left tells whether it
//! arrived.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;

use super::requests::{FIRST, message, typing};
use super::wire::{Answer, Entry as Said};
use super::{Desk, Lane, Purpose, map};
use crate::event::{Batch, Entry, EntryKey, EntryKind, Event, LocalId, Origin, Trace};
use crate::io::{CallId, Deadline, IoFault, Moment, Now};
use crate::kit::answer::trace;
use crate::kit::backoff::Urgency;
use crate::kit::budget::Budget;
use crate::kit::fingerprint::fingerprint;
use crate::link::Link;
use crate::transport::{Action, Failure};
use crate::view::EndReason;

/// Reads that may follow each other without a pause, and how often there is one more.
const READS: Budget = Budget::new(30, Duration::from_secs(1));
/// After something was taken, its copy is fetched this soon.
const SOON: Duration = Duration::from_millis(400);
/// After a wake, a message that was on its way is given this long to be answered.
const GRACE: Duration = Duration::from_secs(2);

/// Where reading goes on after a restart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Cursor {
    /// Number of the last entry that was told.
    index: u64,
}

impl Cursor {
    /// What was kept; the beginning if it cannot be read.
    pub(super) fn read(text: &str) -> Self {
        serde_json::from_str(text).unwrap_or_default()
    }
}

#[derive(Debug)]
pub(super) struct Chat {
    pub(super) url: Url,
    /// The last entry that was told.
    last: Cursor,
    /// Entries without a number that were told.
    odd: BTreeSet<EntryKey>,
    /// The chat is being picked up: the next answer tells where it stands.
    restoring: bool,
    reading: Option<CallId>,
    due: Moment,
    pace: Budget,
    /// Somebody wants to know what arrived: since before the read that is out, or not yet.
    proving: bool,
    reconcile: bool,
    /// Messages on their way that are not trusted any more, and until when.
    doubted: Option<(Moment, Vec<CallId>)>,
}

impl Chat {
    /// A new chat, or with a cursor one that is picked up.
    pub(super) fn new(now: Now, url: Url, picked_up: Option<Cursor>, reconcile: bool) -> Self {
        Self {
            url,
            restoring: picked_up.is_some(),
            last: picked_up.unwrap_or_default(),
            odd: BTreeSet::new(),
            reading: None,
            due: now.at,
            pace: READS,
            proving: false,
            reconcile,
            doubted: None,
        }
    }

    pub(super) fn text(&self, desk: &mut Desk, now: Now, local: LocalId, text: &str) {
        match desk.open(now, &Lane::Messages) {
            Ok(()) => {
                let body = message(text, desk.settings.typed_urls);
                desk.say(&self.url, Purpose::Text(local), "send", &body);
            }
            Err(failure) => desk.tell(Event::NotSent { local, failure, trace: Trace::None }),
        }
    }

    pub(super) fn typing(&self, desk: &mut Desk, now: Now, on: bool) {
        if desk.open(now, &Lane::Messages).is_ok() {
            desk.say(&self.url, Purpose::Typing, "typing", &typing(on));
        }
    }

    pub(super) fn reconcile(&mut self, now: Now) {
        self.reconcile = true;
        self.due = self.due.min(now.at);
    }

    /// The connection is to be tried now. A gate that the service has shut is not forced: the try stays due when it was.
    pub(super) fn try_now(&mut self, desk: &mut Desk, now: Now) {
        if desk.open(now, &Lane::Reads).is_ok() {
            desk.anew();
            self.due = now.at;
        }
    }

    /// Somebody has begun to look or has written something, or nobody looks any more.
    pub(super) fn urgent(&mut self, desk: &mut Desk, now: Now, urgency: Urgency) {
        let by = desk.urgent(now, &Lane::Reads, urgency);
        if let Some(by) = by.filter(|by| *by < self.due && !desk.is_healthy()) {
            self.due = by;
            desk.hurry();
        }
    }

    /// Open calls cannot be trusted any more.
    pub(super) fn wake(&mut self, desk: &mut Desk, now: Now) {
        if let Some(call) = self.reading.take() {
            desk.calls.close(call);
            desk.out.push_back(Action::Cancel(call));
            self.reconcile |= std::mem::take(&mut self.proving);
        }
        let out = desk.calls.named(|purpose| matches!(purpose, Purpose::Text(_)));
        self.doubted = (!out.is_empty()).then(|| (now.at.after(GRACE), out));
        self.try_now(desk, now);
    }

    /// Starts whatever is due.
    pub(super) fn go_on(&mut self, desk: &mut Desk, now: Now) {
        if let Some((_, calls)) = self.doubted.take_if(|(until, _)| *until <= now.at) {
            for call in calls {
                if let Some(Purpose::Text(local)) = desk.calls.close(call) {
                    desk.out.push_back(Action::Cancel(call));
                    let failure = Failure::Io(IoFault::Timeout);
                    desk.tell(Event::NotSent { local, failure, trace: Trace::Lingering });
                }
            }
        }
        if self.reading.is_none() && self.opens(desk, now.at) <= now.at {
            // What is taken here was seen to be there.
            let _ = self.pace.take(now);
            self.proving |= std::mem::take(&mut self.reconcile);
            self.reading = Some(desk.read(&self.url, self.last.index.max(FIRST)));
        }
    }

    pub(super) fn deadline(&self, desk: &Desk) -> Option<Deadline> {
        let why = if desk.is_healthy() { "next poll" } else { "next try" };
        let read = self.reading.is_none().then(|| Deadline { at: self.opens(desk, Moment(0)), why });
        let doubted = self.doubted.as_ref();
        Deadline::earlier(read, doubted.map(|(at, _)| Deadline { at: *at, why: "patience with a message" }))
    }

    fn opens(&self, desk: &Desk, now: Moment) -> Moment {
        self.due.max(desk.gates.opens(&Lane::Reads)).max(self.pace.opens(now))
    }

    /// A text, or a notice of typing, has its answer.
    pub(super) fn said(
        &mut self,
        desk: &mut Desk,
        now: Now,
        local: Option<LocalId>,
        answer: Result<Answer<'_>, Failure>,
    ) {
        let failure = match answer {
            Ok(_) => {
                self.due = self.due.min(now.at.after(SOON));
                return local.into_iter().for_each(|local| desk.tell(Event::Sent { local }));
            }
            Err(failure) => failure,
        };
        desk.heed(now, Lane::Messages, &failure);
        let Some(local) = local else { return };
        // Whether the chat is gone is for a read to say: it brings what was said before that.
        if matches!(failure, Failure::Gone | Failure::Io(IoFault::Unreachable | IoFault::Tls)) {
            self.try_now(desk, now);
        }
        let trace = trace(&failure);
        desk.tell(Event::NotSent { local, failure, trace });
    }

    /// The read that was out has ended. Tells why the chat is over, if it is.
    pub(super) fn read(
        &mut self,
        desk: &mut Desk,
        now: Now,
        answer: Result<Answer<'_>, Failure>,
    ) -> Option<EndReason> {
        self.reading = None;
        match answer {
            Ok(answer) => {
                desk.worked();
                self.due = now.at.after(desk.settings.poll);
                let (entries, end) = self.take(now, &answer.messages.items);
                let restored = std::mem::take(&mut self.restoring);
                if restored || !entries.is_empty() {
                    let origin = if restored { Origin::Restored } else { Origin::Live };
                    desk.tell(Event::Batch(Batch { origin, entries }));
                    desk.tell(Event::Cursor(serde_json::to_string(&self.last).unwrap_or_default()));
                }
                // Who asked since this read was begun is told by the next.
                if std::mem::take(&mut self.proving) && !self.reconcile {
                    desk.tell(Event::Reconciled);
                }
                desk.link(Link::Up);
                end
            }
            Err(Failure::Gone) => Some(EndReason::Lost),
            Err(failure) => {
                self.reconcile |= std::mem::take(&mut self.proving);
                self.due = desk.failed(now, Lane::Reads, &failure);
                None
            }
        }
    }

    /// What is new in an answer, in order, and why the session is over if it is.
    fn take(&mut self, now: Now, said: &[Said<'_>]) -> (Vec<Entry>, Option<EndReason>) {
        let mut placed = Vec::with_capacity(said.len());
        let mut before = self.last.index;
        let mut odd: Vec<EntryKey> = Vec::new();
        for entry in said {
            let key = match entry.index.number() {
                Some(index) => {
                    before = index;
                    EntryKey { major: index, minor: 0 }
                }
                // Known by what it says, and by how often that was said in this place.
                None => {
                    let mut key = EntryKey { major: before, minor: likeness(entry) };
                    while odd.contains(&key) {
                        key.minor = key.minor.saturating_add(1);
                    }
                    odd.push(key);
                    key
                }
            };
            placed.push((key, entry));
        }
        placed.sort_by_key(|(key, _)| *key);
        placed.dedup_by_key(|(key, _)| *key);
        placed.retain(|(key, _)| match key.minor {
            0 => key.major > self.last.index,
            _ => self.odd.insert(*key),
        });
        let mut end = None;
        for (key, entry) in &placed {
            end = map::ending(entry).unwrap_or(end);
            if key.minor == 0 {
                self.last.index = key.major;
            }
        }
        let entries = placed.into_iter().map(|(key, entry)| {
            let kind = match map::kind(entry) {
                // Whoever typed then has sent it, or has not.
                EntryKind::Typing(_) if self.restoring => EntryKind::Other,
                kind => kind,
            };
            Entry { key, at: map::time(entry).unwrap_or(now.wall), from: map::person(entry), kind }
        });
        (entries.collect(), end)
    }
}

/// What an entry without a number is recognised by: never 0, and far below what overflows.
fn likeness(entry: &Said<'_>) -> u64 {
    let from = entry.from.0.as_ref().and_then(|from| from.participant_id.text());
    let parts = [entry.kind.text(), from, entry.text.text(), entry.timestamp.text()];
    1 + fingerprint(parts.map(Option::unwrap_or_default).join("\u{1f}").as_bytes()) % (1 << 40)
}

impl Desk {
    /// Says something to a chat.
    pub(super) fn say(&mut self, chat: &Url, purpose: Purpose, what: &'static str, body: &Value) {
        let id = self.calls.open(purpose);
        let call = self.settings.operation(id, chat, what, body);
        self.out.push_back(Action::Call(call));
    }

    fn read(&mut self, chat: &Url, from: u64) -> CallId {
        let retry = self.made();
        let id = self.calls.open(Purpose::Read);
        let call = self.settings.messages(id, chat, from, retry);
        self.out.push_back(Action::Call(call));
        id
    }
}
