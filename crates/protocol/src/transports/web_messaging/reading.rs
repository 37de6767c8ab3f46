//! Reading the history: over HTTP, with a pass that the socket gives and that lasts about a minute.
//!
//! Pages are counted from the newest message, so they shift with every new one: what matters is what stands on a page, never its
//! number. After every new connection the newest page is read, and then the next ones until what was missed is whole. The page
//! before the oldest message is looked for from where it should be.

use std::time::Duration;

use serde_json::json;

use super::chat::{Begin, Chat, End};
use super::desk::{Desk, Lane, PAGE, Purpose};
use super::held::{Cursor, Held};
use super::map::PLAIN;
use super::wire::{self, Page};
use crate::event::{Batch, Entry, EntryKey, Event, Origin};
use crate::io::{Deadline, HttpReply, IoFault, Moment, Now, SocketId};
use crate::kit::tries::Tries;
use crate::link::Link;
use crate::token::Secret;
use crate::transport::Failure;

/// How long a pass is used. It lasts a minute, and its own word for that is of another clock.
const PASS: Duration = Duration::from_secs(50);
/// Pages that are looked at for one older page at most.
const SEARCH: u32 = 8;

#[derive(Debug)]
pub(super) struct Reader {
    catch: Option<Box<CatchUp>>,
    /// Everything up to here was told, unless there is something to catch up with.
    frontier: Option<EntryKey>,
    /// Without a frontier: everything from the first message on is still to be read.
    from_the_first: bool,
    older: Option<Search>,
    /// Where the oldest messages were found last: pages only ever move away from the newest.
    oldest_page: u64,
    /// The page that was read last, and how many messages there were on all: the next page follows on it if they are as many still.
    before: Option<(u64, u64)>,
    busy: Option<Busy>,
    pass: Option<(Secret, Moment)>,
    /// A pass was asked for, under this name, until then.
    asked: Option<(String, Moment)>,
    /// A pass was turned down and another is tried.
    turned_down: bool,
    due: Moment,
    tries: Tries,
    told: Cursor,
    /// The person is told that nothing of what was before can be read.
    blind: bool,
}

/// What is still to be read up to the newest message.
#[derive(Debug)]
struct CatchUp {
    page: u64,
    origin: Origin,
    /// Somebody waits to be told that all was read.
    proving: bool,
    /// The same, who asked while a page was under way.
    again: bool,
    /// The oldest of what came live meanwhile.
    live: Option<EntryKey>,
}

/// The way to the page before the oldest message.
#[derive(Debug)]
struct Search {
    page: Option<u64>,
    /// The page before this one held nothing older.
    from_newer: bool,
    left: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Busy {
    Catch { page: u64 },
    Older { page: u64 },
}

impl Reader {
    pub(super) fn new(now: Now, begin: &Begin) -> Self {
        let (told, from_the_first) = match begin {
            Begin::New => (Cursor::default(), true),
            Begin::PickedUp(None) => (Cursor::default(), false),
            // Without a newest message, an earlier run began the chat and has read nothing of it.
            Begin::PickedUp(Some(cursor)) => (cursor.clone(), true),
        };
        Self {
            catch: None,
            frontier: told.newest,
            from_the_first,
            older: None,
            oldest_page: 1,
            before: None,
            busy: None,
            pass: None,
            asked: None,
            turned_down: false,
            due: now.at,
            tries: Tries::default(),
            told,
            blind: false,
        }
    }

    /// Something may have been missed.
    pub(super) fn catch_up(&mut self, now: Now, origin: Origin) {
        let before = self.catch.take();
        let proving = before.as_ref().is_some_and(|catch| catch.proving || catch.again);
        let restores = before.is_some_and(|catch| catch.origin == Origin::Restored);
        let origin = if restores { Origin::Restored } else { origin };
        self.catch = Some(Box::new(CatchUp { page: 1, origin, proving, again: false, live: None }));
        self.due = now.at;
        self.blind = false;
    }

    /// Somebody has to know what really arrived.
    pub(super) fn prove(&mut self) {
        let reading = matches!(self.busy, Some(Busy::Catch { .. }));
        match &mut self.catch {
            Some(catch) if reading || catch.page > 1 => catch.again = true,
            Some(catch) => catch.proving = true,
            None => {
                let catch =
                    CatchUp { page: 1, origin: Origin::Live, proving: true, again: false, live: None };
                self.catch = Some(Box::new(catch));
            }
        }
    }

    /// Whether the newest page of a kept chat is still to be told.
    pub(super) fn restores(&self) -> bool {
        self.catch.as_ref().is_some_and(|catch| catch.origin == Origin::Restored) && !self.blind
    }

    /// Messages were told as they came.
    pub(super) fn told_live(&mut self, entries: &[Entry]) {
        if let (Some(catch), Some(first)) = (&mut self.catch, entries.first()) {
            catch.live = Some(catch.live.map_or(first.key, |live| live.min(first.key)));
        }
    }

    /// A pass came.
    pub(super) fn admitted(&mut self, now: Now, pass: Secret) {
        if self.asked.take().is_some() {
            self.pass = Some((pass, now.at.after(PASS)));
        }
    }

    /// Whether a pass was asked for that did not come so far.
    pub(super) fn is_owed(&self) -> bool {
        self.asked.is_some()
    }

    /// Whether an error of this name is about the pass.
    pub(super) fn is_asked(&self, name: Option<&str>) -> bool {
        self.asked.as_ref().is_some_and(|(asked, _)| name == Some(asked.as_str()))
    }

    pub(super) fn hurry(&mut self, now: Now) {
        self.hurry_by(now.at);
    }

    pub(super) fn hurry_by(&mut self, by: Moment) {
        if self.tries.failed > 0 && by < self.due {
            self.tries.hurry();
            self.due = by;
        }
    }

    fn wants(&self) -> bool {
        self.catch.is_some() || self.older.is_some()
    }

    fn opens(&self, desk: &Desk) -> Moment {
        let gate = desk.gates.opens(&Lane::History).max(desk.reads.opens());
        // An older page that the person waits for need not wait for the next try of something else.
        if self.older.is_some() && !self.restores() { gate } else { gate.max(self.due) }
    }
}

impl Chat {
    /// A page before the oldest message is wanted.
    pub(super) fn older(&mut self, desk: &mut Desk, now: Now) {
        let failure = match self.ready() {
            None => Some(Failure::Io(IoFault::Unreachable)),
            Some(_) => desk.open(now, &Lane::History).err(),
        };
        match failure {
            Some(failure) => desk.tell(Event::OlderFailed(failure)),
            None if self.reader.older.is_none() => {
                self.reader.older = Some(Search { page: None, from_newer: false, left: SEARCH });
            }
            None => {}
        }
    }

    /// Somebody has to know what really arrived.
    pub(super) fn reconcile(&mut self, now: Now) {
        let fresh = self.reader.catch.is_none();
        self.reader.prove();
        if fresh {
            self.reader.due = now.at;
        }
    }

    /// Reads on, if there is something to read and it may be read now.
    pub(super) fn read_on(&mut self, desk: &mut Desk, now: Now, socket: SocketId) -> Option<End> {
        let reader = &mut self.reader;
        if reader.busy.is_some() {
            return None;
        }
        if let Some((_, until)) = &reader.asked {
            if now.at < *until {
                return None;
            }
            let end = self.read_failed(desk, now, Failure::Io(IoFault::Timeout));
            if end.is_some() {
                return end;
            }
        }
        if !self.reader.wants() || self.reader.opens(desk) > now.at {
            // As many pages were asked for as the service takes, whether they came or not. That is waited for; the person need not.
            if self.is_joined() && self.ending.is_none() && self.reader.wants() && desk.reads.opens() > now.at
            {
                if self.reader.restores() {
                    self.go_on_blind(desk);
                } else {
                    desk.link(Link::Up);
                }
            }
            return None;
        }
        let reader = &mut self.reader;
        let pass = reader.pass.take_if(|(_, until)| *until <= now.at);
        drop(pass);
        let Some((pass, _)) = reader.pass.clone() else {
            let name = desk.say(now, socket, &self.token, json!({ "action": "getJwt" }));
            let until = now.at.after(desk.settings.request_timeout);
            self.reader.asked = Some((name, until));
            return None;
        };
        let busy = match (&mut reader.older, &reader.catch) {
            (Some(search), catch) if catch.is_none() || !reader_restores(catch.as_deref(), reader.blind) => {
                let guess = (self.held.count() / PAGE + 1).max(reader.oldest_page);
                Busy::Older { page: *search.page.get_or_insert(guess) }
            }
            (_, Some(catch)) => Busy::Catch { page: catch.page },
            (_, None) => return None,
        };
        desk.reads.take(now);
        let page = match busy {
            Busy::Catch { page } | Busy::Older { page } => page,
        };
        let retry = self.reader.tries.made();
        self.reader.busy = Some(busy);
        desk.fetch_page(page, &pass, retry);
        None
    }

    pub(super) fn read_deadline(&self, desk: &Desk) -> Option<Deadline> {
        let reader = &self.reader;
        if reader.busy.is_some() {
            return None;
        }
        if let Some((_, until)) = &reader.asked {
            return Some(Deadline { at: *until, why: "patience with a pass" });
        }
        reader.wants().then(|| Deadline { at: reader.opens(desk), why: "page of history" })
    }

    /// The connection is no more: what was being read is read again on the next.
    pub(super) fn stop_reading(&mut self, desk: &mut Desk) {
        desk.cancel(|purpose| *purpose == Purpose::History);
        self.reader.busy = None;
        self.reader.asked = None;
        self.reader.pass = None;
        self.reader.turned_down = false;
        if self.reader.older.take().is_some() {
            desk.tell(Event::OlderFailed(Failure::Io(IoFault::Broken)));
        }
    }

    /// A page that is out cannot be trusted to come: it is asked for again.
    pub(super) fn read_anew(&mut self, desk: &mut Desk, now: Now) {
        if self.reader.busy.take().is_some() {
            desk.cancel(|purpose| *purpose == Purpose::History);
            self.reader.due = now.at;
        }
        self.reader.hurry(now);
    }

    /// A page came, or not.
    pub(super) fn page_came(
        &mut self,
        desk: &mut Desk,
        now: Now,
        result: &Result<HttpReply, IoFault>,
    ) -> Option<End> {
        desk.heed_reply(now, Lane::History, result);
        let busy = self.reader.busy.take()?;
        let page = match busy {
            Busy::Catch { page } | Busy::Older { page } => page,
        };
        match wire::judge_page(result, page, PAGE) {
            Ok(found) => {
                self.reader.turned_down = false;
                self.reader.tries.worked();
                self.reader.due = now.at;
                let before =
                    std::mem::replace(&mut self.reader.before, found.total.map(|total| (page, total)));
                let follows = before.is_some_and(|(before, total)| {
                    before.saturating_add(1) == page && found.total == Some(total)
                });
                match busy {
                    Busy::Catch { page } => self.caught_up(desk, now, page, &found),
                    Busy::Older { page } => {
                        self.older_came(desk, now, page, &found, follows);
                        None
                    }
                }
            }
            Err(Failure::Declined { status: 401, .. }) if !self.reader.turned_down => {
                // The pass ran out on the way: another one is asked for.
                self.reader.turned_down = true;
                self.reader.pass = None;
                None
            }
            Err(failure) => {
                self.reader.busy = Some(busy);
                self.read_failed(desk, now, failure)
            }
        }
    }

    fn caught_up(&mut self, desk: &mut Desk, now: Now, page: u64, found: &Page) -> Option<End> {
        let fresh = self.held.take_all(now, desk.style(), found.messages.iter());
        for body in &found.messages {
            self.shelf.keep(now, &super::map::message(body, PLAIN).files);
        }
        let reader = &mut self.reader;
        let Some(catch) = &mut reader.catch else { return None };
        let whole = found.last
            || match (reader.frontier, fresh.ends) {
                (Some(frontier), Some((oldest, _))) => Held::reaches(oldest, frontier),
                (None, _) => !reader.from_the_first,
                (Some(_), None) => false,
            };
        let restores = catch.origin == Origin::Restored;
        if page > 1 {
            tell(desk, Origin::Missed, fresh.entries);
        } else if restores {
            desk.tell(Event::Batch(Batch { origin: Origin::Restored, entries: fresh.entries }));
        } else {
            let live = catch.live;
            let (missed, news): (Vec<Entry>, Vec<Entry>) =
                fresh.entries.into_iter().partition(|entry| live.is_some_and(|live| entry.key < live));
            tell(desk, Origin::Missed, missed);
            tell(desk, Origin::Live, news);
        }
        catch.origin = Origin::Live;
        catch.page = page + 1;
        let mut again = false;
        if whole {
            let done = reader.catch.take();
            reader.frontier = self.held.newest();
            reader.from_the_first = true;
            if let Some(done) = done {
                again = done.again;
                if done.proving {
                    desk.tell(Event::Reconciled);
                }
            }
            if again {
                reader.prove();
            }
        }
        self.tell_cursor(desk);
        if whole
            && !again
            && let Some(reason) = self.ending
        {
            return Some(End::Over(reason));
        }
        if self.ending.is_none() {
            desk.link(Link::Up);
        }
        None
    }

    fn older_came(&mut self, desk: &mut Desk, now: Now, page: u64, found: &Page, follows: bool) {
        let before = self.held.oldest();
        let newest = found.messages.iter().filter_map(super::map_time).max();
        // Between this page and what was told, something may be missing, unless it follows on what was read just now.
        let gap = !follows && before.zip(newest).is_some_and(|(oldest, newest)| newest < oldest.major);
        let Some(search) = &mut self.reader.older else { return };
        search.left = search.left.saturating_sub(1);
        if gap && page > 1 && !search.from_newer && search.left > 0 {
            search.page = Some(page - 1);
            return;
        }
        let beyond = found.messages.is_empty() && page > 1 && !search.from_newer && search.left > 0;
        if beyond {
            search.page = Some(page - 1);
            return;
        }
        let fresh = self.held.take_older(now, desk.style(), found.messages.iter());
        for body in &found.messages {
            self.shelf.keep(now, &super::map::message(body, PLAIN).files);
        }
        if !fresh.entries.is_empty() {
            self.reader.older = None;
            self.reader.oldest_page = page;
            desk.tell(Event::Batch(Batch { origin: Origin::Older, entries: fresh.entries }));
            self.tell_cursor(desk);
        } else if found.last {
            self.reader.older = None;
            desk.tell(Event::NoOlder);
        } else if search.left == 0 {
            self.reader.older = None;
            desk.tell(Event::OlderFailed(Failure::Unreadable { why: "an older page" }));
        } else {
            search.page = Some(page + 1);
            search.from_newer = true;
        }
    }

    /// A page could not be read, or a pass was not to be had.
    pub(super) fn read_failed(&mut self, desk: &mut Desk, now: Now, failure: Failure) -> Option<End> {
        let busy = self.reader.busy.take();
        self.reader.asked = None;
        self.reader.turned_down = false;
        if self.reader.older.is_some() && !matches!(busy, Some(Busy::Catch { .. })) {
            self.reader.older = None;
            desk.heed(now, Lane::History, &failure);
            desk.tell(Event::OlderFailed(failure));
            return None;
        }
        self.reader.catch.as_ref()?;
        // The chat is over as it is; its last words are not waited for.
        if let Some(reason) = self.ending {
            return Some(End::Over(reason));
        }
        // More reads than the service takes are no reason not to write.
        let limited = matches!(failure, Failure::RateLimited { .. });
        let passes = (failure.may_pass() || matches!(failure, Failure::Io(_))) && !limited;
        if passes {
            let mut tries = std::mem::take(&mut self.reader.tries);
            self.reader.due = desk.failed(now, Lane::History, &mut tries, &failure);
            self.reader.tries = tries;
            return None;
        }
        let mut tries = std::mem::take(&mut self.reader.tries);
        self.reader.due = desk.next_try(now, Lane::History, &mut tries, &failure);
        self.reader.tries = tries;
        if self.reader.restores() {
            self.go_on_blind(desk);
        } else if limited {
            // An earlier page may have been lost on its way: that the service turns one down shows that it answers again.
            desk.link(Link::Up);
        }
        if !limited {
            desk.trouble(&failure);
        }
        None
    }

    /// What was said before cannot be had now, which is no reason not to go on.
    fn go_on_blind(&mut self, desk: &mut Desk) {
        self.reader.blind = true;
        if let Some(catch) = &mut self.reader.catch {
            catch.origin = Origin::Live;
        }
        desk.tell(Event::Batch(Batch { origin: Origin::Restored, entries: Vec::new() }));
        desk.link(Link::Up);
    }

    /// Tells where a later run has to read on, if that changed.
    pub(super) fn tell_cursor(&mut self, desk: &mut Desk) {
        let reader = &mut self.reader;
        if reader.catch.is_none() {
            reader.frontier = self.held.newest();
        }
        let cursor = self.held.cursor(reader.frontier);
        if cursor != reader.told {
            desk.tell(Event::Cursor(cursor.text()));
            reader.told = cursor;
        }
    }
}

fn reader_restores(catch: Option<&CatchUp>, blind: bool) -> bool {
    catch.is_some_and(|catch| catch.origin == Origin::Restored) && !blind
}

fn tell(desk: &mut Desk, origin: Origin, entries: Vec<Entry>) {
    if !entries.is_empty() {
        desk.tell(Event::Batch(Batch { origin, entries }));
    }
}
