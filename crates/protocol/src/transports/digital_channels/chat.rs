//! A chat that is going on: a session, what is held of its transcript, and what is written to it.

use std::collections::BTreeMap;
use std::time::Duration;

use super::cursor::Cursor;
use super::desk::{Desk, Lane, Pass, Purpose, Write};
use super::held::Held;
use super::reading::{Reader, lost};
use super::wire::{Envelope, Refusal};
use crate::event::{Attachment, Batch, Event, LocalId, Origin, Trace};
use crate::io::{CallId, Deadline, IoFault, Moment, Now};
use crate::token::{ResumeToken, Secret};
use crate::transport::{Action, Failure};
use crate::view::EndReason;

/// How often data about the person is offered to a service that fails.
const OFFERS: u32 = 5;
/// Pause between two such offers.
const OFFER_GAP: Duration = Duration::from_secs(10);
/// After a wake, a message that was on its way is given this long to be answered: its connection may be dead without anybody
/// having been told.
const GRACE: Duration = Duration::from_secs(2);

/// How a chat begins.
#[derive(Debug, Clone)]
pub(super) enum Begin {
    /// With nothing before it.
    New,
    /// In the middle: its newest page is read first, and whatever lies between that and the cursor next.
    PickedUp(Option<Cursor>),
}

#[derive(Debug)]
pub(super) struct Chat {
    pub(super) pass: Pass,
    pub(super) held: Held,
    pub(super) reader: Reader,
    offers: u32,
    /// Messages on their way that are not trusted any more, and until when.
    doubted: Option<(Moment, Vec<CallId>)>,
}

impl Chat {
    /// A chat whose session is known: a new one, or one to be picked up, which goes on from the cursor if there is one.
    pub(super) fn new(desk: &mut Desk, now: Now, pass: Pass, begin: Begin) -> Self {
        let reconcile = std::mem::take(&mut desk.reconcile);
        let held = match &begin {
            Begin::PickedUp(Some(cursor)) => Held::from(cursor),
            Begin::New | Begin::PickedUp(None) => Held::default(),
        };
        Self { pass, held, reader: Reader::new(now, begin, reconcile), offers: 0, doubted: None }
    }

    pub(super) fn text(&mut self, desk: &mut Desk, now: Now, local: LocalId, text: &str) {
        match desk.open(now, &Lane::Messages) {
            Ok(()) => desk.message(&self.pass, Write::Text(local), "Text", text),
            Err(failure) => desk.tell(Event::NotSent { local, failure, trace: Trace::None }),
        }
    }

    pub(super) fn picture(&mut self, desk: &mut Desk, now: Now, local: LocalId, picture: Attachment) {
        match desk.open(now, &Lane::Pictures) {
            Ok(()) => desk.picture(&self.pass, local, picture),
            Err(failure) => desk.tell(Event::NotSent { local, failure, trace: Trace::None }),
        }
    }

    pub(super) fn typing(&mut self, desk: &mut Desk, now: Now, on: bool, preview: Option<&str>) {
        if desk.open(now, &Lane::Messages).is_ok() {
            let kind = if on { "TypingStarted" } else { "TypingStopped" };
            desk.message(&self.pass, Write::Typing, kind, preview.unwrap_or_default());
        }
    }

    pub(super) fn media(&mut self, desk: &mut Desk, now: Now, url: String) {
        if desk.calls.any(|purpose| matches!(purpose, Purpose::Media { url: known } if *known == url)) {
            return;
        }
        let address = desk.settings.media(&url);
        match (desk.open(now, &Lane::Media), address) {
            (Err(failure), _) => desk.tell(Event::Media { url, content: Err(failure) }),
            (Ok(()), Some(address)) => desk.media(&self.pass, url, address),
            (Ok(()), None) => {
                let failure = Failure::Declined { status: 0, code: "FOREIGN_ADDRESS".to_owned() };
                desk.tell(Event::Media { url, content: Err(failure) });
            }
        }
    }

    /// Starts whatever is due.
    pub(super) fn go_on(&mut self, desk: &mut Desk, now: Now) {
        self.give_doubted_up(desk, now);
        self.read_on(desk, now);
        if self.has_data(desk) && desk.open(now, &Lane::UserData).is_ok() {
            let data = std::mem::take(&mut desk.user_data);
            desk.user_data(&self.pass, data);
        }
    }

    pub(super) fn deadline(&self, desk: &Desk) -> Option<Deadline> {
        let offer = Deadline { at: desk.gates.opens(&Lane::UserData), why: "data for the service" };
        let offer = self.has_data(desk).then_some(offer);
        let doubted =
            self.doubted.as_ref().map(|(at, _)| Deadline { at: *at, why: "patience with a message" });
        Deadline::earlier(Deadline::earlier(self.read_deadline(desk), offer), doubted)
    }

    /// Messages that are on their way may have gone out on a connection that is dead.
    pub(super) fn doubt_writes(&mut self, desk: &Desk, now: Now) {
        let is_message =
            |purpose: &Purpose| matches!(purpose, Purpose::Write(Write::Text(_) | Write::Picture(_)));
        let out = desk.calls.named(is_message);
        self.doubted = (!out.is_empty()).then(|| (now.at.after(GRACE), out));
    }

    /// What was doubted and is still not answered may have arrived, or not: the transcript has to tell.
    fn give_doubted_up(&mut self, desk: &mut Desk, now: Now) {
        let Some((_, calls)) = self.doubted.take_if(|(until, _)| *until <= now.at) else { return };
        for call in calls {
            if let Some(Purpose::Write(Write::Text(local) | Write::Picture(local))) = desk.calls.close(call) {
                desk.out.push_back(Action::Cancel(call));
                let failure = Failure::Io(IoFault::Timeout);
                desk.tell(Event::NotSent { local, failure, trace: Trace::Lingering });
            }
        }
    }

    fn has_data(&self, desk: &Desk) -> bool {
        let offering = |purpose: &Purpose| matches!(purpose, Purpose::Write(Write::UserData(_)));
        !desk.user_data.is_empty() && self.is_healthy() && !desk.calls.any(offering)
    }

    /// A write has ended. Tells why the chat is over, if it is.
    pub(super) fn write_ended(
        &mut self,
        desk: &mut Desk,
        now: Now,
        write: Write,
        answer: Result<Envelope<'_>, Refusal>,
    ) -> Option<EndReason> {
        match answer {
            Ok(envelope) => self.written(desk, now, &write, &envelope),
            Err(refusal) => self.not_written(desk, now, write, refusal),
        }
    }

    fn written(
        &mut self,
        desk: &mut Desk,
        now: Now,
        write: &Write,
        envelope: &Envelope<'_>,
    ) -> Option<EndReason> {
        match write {
            Write::Text(local) | Write::Picture(local) => desk.tell(Event::Sent { local: *local }),
            Write::UserData(_) => self.offers = 0,
            Write::Typing => {}
        }
        self.renew(desk, envelope);
        let fresh = self.held.take(now, &self.pass.ids.participant_id, envelope.entries());
        if !fresh.entries.is_empty() {
            desk.tell(Event::Batch(Batch { origin: Origin::Live, entries: fresh.entries }));
        }
        self.tell_cursor(desk);
        envelope.ended().then_some(EndReason::EndedByThem)
    }

    /// Takes a new token over at once, if the answer carries a good one.
    fn renew(&mut self, desk: &mut Desk, envelope: &Envelope<'_>) {
        let token = envelope.token().map(|token| ResumeToken { secret: Secret::new(token) });
        if let Some(pass) = token.and_then(|token| Pass::of(token, &desk.settings).ok())
            && pass != self.pass
        {
            desk.tell(Event::Token(pass.token.clone()));
            self.pass = pass;
        }
    }

    fn not_written(
        &mut self,
        desk: &mut Desk,
        now: Now,
        write: Write,
        refusal: Refusal,
    ) -> Option<EndReason> {
        desk.heed(now, write.lane(), &refusal.failure);
        let trace = refusal.trace();
        let is_final = refusal.is_final();
        let failure = refusal.failure;
        match write {
            Write::Typing => return None,
            Write::UserData(data) => self.offer_again(desk, now, data, &failure),
            Write::Text(local) | Write::Picture(local) => {
                desk.tell(Event::NotSent { local, failure: failure.clone(), trace });
                if failure == Failure::Gone {
                    return Some(EndReason::Lost);
                }
            }
        }
        if is_final {
            return Some(lost(desk, &failure));
        }
        if matches!(failure, Failure::Io(IoFault::Unreachable | IoFault::Tls)) {
            self.doubt(desk, now);
        }
        None
    }

    fn offer_again(&mut self, desk: &mut Desk, now: Now, data: BTreeMap<String, String>, failure: &Failure) {
        let offline = matches!(failure, Failure::Io(_));
        self.offers += u32::from(!offline);
        if offline || failure.may_pass() && self.offers < OFFERS {
            desk.gates.shut(now, Lane::UserData, OFFER_GAP);
            desk.give_again(data);
        } else {
            self.offers = 0;
            desk.tell(Event::Trouble(failure.fault()));
        }
    }
}
