//! A chat that is going on: its messages are read page by page, as often as there is somebody to wait for.
//!
//! In which order a page stands is not documented. A read therefore goes on over full pages: with the newest first until it meets
//! something that is known, with the oldest first until a page is not full, where the next read begins. Pages overlap, for a message
//! that is taken away would otherwise let another one slip through between two of them.

use std::time::Duration;

use serde_json::Value;

use super::held::{Cursor, Held};
use super::requests::{PAGE, event, text};
use super::wire::Item;
use super::{Desk, Lane, Purpose};
use crate::event::{Batch, Event, LocalId, Origin, Trace};
use crate::io::{CallId, Deadline, IoFault, Moment, Now};
use crate::kit::answer::trace;
use crate::kit::backoff::Urgency;
use crate::kit::banner::CLOSED_BY_PERSON;
use crate::kit::budget::Budget;
use crate::link::Link;
use crate::transport::{Action, Failure};

/// Reads that may follow each other without a pause, and how often there is one more.
const READS: Budget = Budget::new(40, Duration::from_secs(1));
/// Most pages of one read.
const PAGES: usize = 25;
/// From one page to the next.
const STEP: usize = PAGE - PAGE / 5;
/// After something was taken, what it led to is fetched this soon.
const SOON: Duration = Duration::from_millis(200);
/// After a wake, a message that was on its way is given this long to be answered.
const GRACE: Duration = Duration::from_secs(2);

#[derive(Debug)]
pub(super) struct Chat {
    pub(super) sender: String,
    held: Held,
    /// The chat is being picked up; with a cursor, what is newer than that counts as news of the banner.
    restoring: Option<Restoring>,
    reading: Option<CallId>,
    /// The pages of the read that is going on, and where its next one begins.
    pages: Vec<Item>,
    offset: usize,
    count: usize,
    /// Where a read begins, and where the next one does once this one is whole.
    base: usize,
    next_base: usize,
    due: Moment,
    gap: Duration,
    pace: Budget,
    /// Somebody wants to know what arrived: since before the read that is out, or not yet.
    proving: bool,
    reconcile: bool,
    told: Option<Cursor>,
    /// Messages on their way that are not trusted any more, and until when.
    doubted: Option<(Moment, Vec<CallId>)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Restoring {
    Whole,
    FromCursor,
}

impl Chat {
    /// A new chat, or one that is picked up, which goes on from the cursor if there is one.
    pub(super) fn new(
        desk: &Desk,
        now: Now,
        sender: String,
        picked_up: Option<Option<&Cursor>>,
        reconcile: bool,
    ) -> Self {
        let restoring = picked_up.map(|cursor| match cursor {
            Some(_) => Restoring::FromCursor,
            None => Restoring::Whole,
        });
        Self {
            sender,
            held: Held::new(picked_up.flatten(), desk.settings.on_close),
            restoring,
            reading: None,
            pages: Vec::new(),
            offset: 0,
            count: 0,
            base: 0,
            next_base: 0,
            due: now.at,
            gap: desk.settings.poll,
            pace: READS,
            proving: false,
            reconcile,
            told: None,
            doubted: None,
        }
    }

    pub(super) fn text(&self, desk: &mut Desk, now: Now, local: LocalId, words: &str) {
        self.say(desk, now, local, words, &text(words));
    }

    /// An answer with an event in place of words: some buttons are such.
    pub(super) fn answer(&self, desk: &mut Desk, now: Now, local: LocalId, words: &str, payloads: &[String]) {
        match payloads.first().filter(|code| !code.is_empty()) {
            Some(code) => self.say(desk, now, local, words, &event(code, &Value::Null)),
            None => self.text(desk, now, local, words),
        }
    }

    fn say(&self, desk: &mut Desk, now: Now, local: LocalId, words: &str, data: &Value) {
        match desk.open(now, &Lane::Messages) {
            Ok(()) => {
                desk.say(&self.sender, Purpose::Text { local, words: words.to_owned() }, "send", data);
            }
            Err(failure) => desk.tell(Event::NotSent { local, failure, trace: Trace::None }),
        }
    }

    /// The bot is told that something happened at the person's side. Failing is no matter.
    pub(super) fn event(&self, desk: &mut Desk, now: Now, code: &str, data: &Value) {
        if desk.settings.widget_events && desk.open(now, &Lane::Messages).is_ok() {
            desk.say(&self.sender, Purpose::Event, "event", &event(code, data));
        }
    }

    pub(super) fn banner_closed(&mut self, desk: &mut Desk, now: Now) {
        self.held.standing.put_away();
        self.event(desk, now, CLOSED_BY_PERSON, &Value::Null);
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
        if let Some(by) = by.filter(|by| *by < self.due) {
            // Whoever looks is not to wait for the long gap either.
            self.due = by;
            self.gap = desk.settings.poll;
            desk.hurry();
        }
    }

    /// Open calls cannot be trusted any more.
    pub(super) fn wake(&mut self, desk: &mut Desk, now: Now) {
        if let Some(call) = self.reading.take() {
            desk.calls.close(call);
            desk.out.push_back(Action::Cancel(call));
        }
        self.begin_anew();
        let out = desk.calls.named(|purpose| matches!(purpose, Purpose::Text { .. }));
        self.doubted = (!out.is_empty()).then(|| (now.at.after(GRACE), out));
        self.try_now(desk, now);
    }

    /// The read that was going on is given up: the next one begins at its beginning.
    fn begin_anew(&mut self) {
        self.reconcile |= std::mem::take(&mut self.proving);
        self.pages.clear();
        self.next_base = self.base;
        (self.offset, self.count) = (self.base, 0);
    }

    /// Starts whatever is due.
    pub(super) fn go_on(&mut self, desk: &mut Desk, now: Now) {
        if let Some((_, calls)) = self.doubted.take_if(|(until, _)| *until <= now.at) {
            for call in calls {
                if let Some(Purpose::Text { local, .. }) = desk.calls.close(call) {
                    desk.out.push_back(Action::Cancel(call));
                    let failure = Failure::Io(IoFault::Timeout);
                    desk.tell(Event::NotSent { local, failure, trace: Trace::Lingering });
                }
            }
        }
        if self.reading.is_none() && self.opens(desk, now.at) <= now.at {
            // What is taken here was seen to be there.
            let _ = self.pace.take(now);
            if self.count == 0 {
                self.held.begin();
                self.proving |= std::mem::take(&mut self.reconcile);
            }
            self.reading = Some(desk.read(&self.sender, Purpose::Read, PAGE, self.offset));
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

    /// A text has its answer.
    pub(super) fn said(
        &mut self,
        desk: &mut Desk,
        now: Now,
        local: LocalId,
        words: &str,
        answer: Result<Vec<Item>, Failure>,
    ) {
        match answer {
            Ok(items) => {
                desk.tell(Event::Sent { local });
                self.held.standing.said(words);
                self.answered(desk, now, items);
            }
            Err(failure) => {
                desk.heed(now, Lane::Messages, &failure);
                if matches!(failure, Failure::Io(IoFault::Unreachable | IoFault::Tls)) {
                    self.try_now(desk, now);
                }
                let trace = trace(&failure);
                desk.tell(Event::NotSent { local, failure, trace });
            }
        }
    }

    /// The bot has answered a text or an event at once.
    pub(super) fn answered(&mut self, desk: &mut Desk, now: Now, items: Vec<Item>) {
        self.held.answered(items);
        self.tell_banner(desk);
        self.gap = desk.settings.poll;
        self.due = self.due.min(now.at.after(SOON));
    }

    /// A page came, or not.
    pub(super) fn read(&mut self, desk: &mut Desk, now: Now, page: Result<Vec<Item>, Failure>) {
        self.reading = None;
        let page = match page {
            Ok(page) => page,
            Err(failure) => {
                self.begin_anew();
                self.due = desk.failed(now, Lane::Reads, &failure);
                return;
            }
        };
        desk.worked();
        if self.goes_on(page) {
            self.due = now.at;
        } else {
            self.whole(desk, now);
        }
    }

    /// Takes a page in, and tells whether the read has to go on.
    fn goes_on(&mut self, page: Vec<Item>) -> bool {
        let full = page.len() >= PAGE;
        let times = page.first().and_then(Item::created).zip(page.last().and_then(Item::created));
        let newest_first = times.is_some_and(|(first, last)| first > last);
        let met = newest_first && page.last().is_some_and(|oldest| self.held.knows(oldest));
        self.pages.extend(page);
        self.count += 1;
        let on = full && self.count < PAGES && !met;
        if on {
            self.offset += STEP;
        } else if !newest_first {
            self.next_base = self.offset;
        }
        on
    }

    /// All pages of a read are there.
    fn whole(&mut self, desk: &mut Desk, now: Now) {
        let items = std::mem::take(&mut self.pages);
        self.base = self.next_base;
        (self.offset, self.count) = (self.base, 0);
        let restoring = self.restoring.take();
        let fresh = self.held.take(now, items, restoring == Some(Restoring::Whole));
        self.gap = if fresh.entries.is_empty() && self.held.standing.agent.is_none() {
            (self.gap * 2).min(desk.settings.idle_poll.max(desk.settings.poll))
        } else {
            desk.settings.poll
        };
        self.due = now.at.after(self.gap);
        if restoring.is_some() || !fresh.entries.is_empty() {
            let origin = if restoring.is_some() { Origin::Restored } else { Origin::Live };
            desk.tell(Event::Batch(Batch { origin, entries: fresh.entries }));
        }
        let cursor = self.held.cursor();
        if self.told.as_ref() != Some(&cursor) {
            desk.tell(Event::Cursor(serde_json::to_string(&cursor).unwrap_or_default()));
            self.told = Some(cursor);
        }
        self.tell_banner(desk);
        // Who asked since this read was begun is told by the next.
        if std::mem::take(&mut self.proving) && !self.reconcile {
            desk.tell(Event::Reconciled);
        }
        desk.link(Link::Up);
    }

    fn tell_banner(&mut self, desk: &mut Desk) {
        if let Some(banner) = self.held.standing.news() {
            desk.tell(Event::Banner(banner));
        }
    }
}

impl Desk {
    /// Says something to the bot.
    pub(super) fn say(&mut self, sender: &str, purpose: Purpose, what: &'static str, data: &Value) {
        let id = self.calls.open(purpose);
        let call = self.settings.message(id, sender, what, data);
        self.out.push_back(Action::Call(call));
    }

    /// Reads a page.
    pub(super) fn read(&mut self, sender: &str, purpose: Purpose, limit: usize, offset: usize) -> CallId {
        let retry = self.made();
        let id = self.calls.open(purpose);
        let call = self.settings.page(id, sender, limit, offset, retry);
        self.out.push_back(Action::Call(call));
        id
    }
}
