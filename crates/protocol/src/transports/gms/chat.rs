//! A chat that is going on: what opens it, what is held of its transcript, and what is written to it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::alarm::Alarm;
use super::desk::{Desk, Lane, Purpose, Write};
use super::held::Held;
use super::map::{self, Limits};
use super::opening;
use super::pass::Pass;
use super::reading::{Reader, Told};
use super::wire::{self, Envelope, Refusal};
use crate::event::{Attachment, EntryKey, Event, LocalId, Trace};
use crate::io::{CallId, Deadline, HttpReply, IoFault, Moment, Now};
use crate::transport::{Action, Failure, FileRules};
use crate::view::EndReason;

/// How often data about the person, or a question for limits, is offered to a service that fails.
const OFFERS: u32 = 5;
/// Pause between two such offers.
const OFFER_GAP: Duration = Duration::from_secs(10);
/// After a wake, a message that was on its way is given this long to be answered: its connection may be dead without anybody
/// having been told.
const GRACE: Duration = Duration::from_secs(2);

#[derive(Debug)]
pub(super) struct Chat {
    pub(super) pass: Pass,
    /// How often it was renewed.
    pub(super) renewed: u32,
    pub(super) held: Held,
    pub(super) reader: Reader,
    pub(super) files: Option<FileRules>,
    /// The service is to be asked for the limits of files.
    ask_limits: bool,
    asked_limits: u32,
    pub(super) alarm: Alarm,
    offers: u32,
    /// The last position that was confirmed as read.
    receipt: u64,
    /// Files that were given up after they had left: they are taken back when the service names them.
    withdrawn: BTreeSet<LocalId>,
    /// How much of each file has left.
    sent: BTreeMap<CallId, u64>,
    /// Messages on their way that are not trusted any more, and until when.
    doubted: Option<(Moment, Vec<CallId>)>,
}

impl Chat {
    pub(super) fn new(desk: &Desk, pass: Pass, held: Held, reader: Reader) -> Self {
        Self {
            pass,
            renewed: 0,
            held,
            reader,
            files: desk.settings.files_so_far(),
            ask_limits: desk.settings.files,
            asked_limits: 0,
            alarm: Alarm::default(),
            offers: 0,
            receipt: 0,
            withdrawn: BTreeSet::new(),
            sent: BTreeMap::new(),
            doubted: None,
        }
    }

    pub(super) fn text(&mut self, desk: &mut Desk, now: Now, local: LocalId, text: &str) {
        let address = desk.settings.push_urls && opening::is_one_address(text);
        let lane = if address { Lane::Addresses } else { Lane::Texts };
        match desk.open(now, &lane) {
            Ok(()) if address => desk.address((&self.pass, self.renewed), local, text.trim()),
            Ok(()) => desk.text((&self.pass, self.renewed), self.held.next(), local, text),
            Err(failure) => desk.tell(Event::NotSent { local, failure, trace: Trace::None }),
        }
    }

    pub(super) fn file(&mut self, desk: &mut Desk, now: Now, local: LocalId, file: Attachment) {
        let taken =
            if desk.settings.files { desk.open(now, &Lane::Files) } else { Err(Failure::Unsupported) };
        match taken {
            Ok(()) => desk.upload((&self.pass, self.renewed), local, file),
            Err(failure) => desk.tell(Event::NotSent { local, failure, trace: Trace::None }),
        }
    }

    /// A file is given up. What has left as a whole may have arrived: it is taken back when the service has named it.
    pub(super) fn withdraw(&mut self, desk: &mut Desk, local: LocalId) {
        let is_it = |purpose: &Purpose| matches!(purpose, Purpose::Write(Write::File { local: known, .. }) if *known == local);
        let Some(call) = desk.calls.named(|errand| is_it(&errand.purpose)).first().copied() else { return };
        let has_left = self.sent.get(&call).is_some_and(|sent| *sent == u64::MAX);
        if has_left {
            self.withdrawn.insert(local);
            return;
        }
        desk.calls.close(call);
        self.sent.remove(&call);
        desk.out.push_back(Action::Cancel(call));
        let failure = Failure::Io(IoFault::Broken);
        desk.tell(Event::NotSent { local, failure, trace: Trace::None });
    }

    /// So much of a file has left.
    pub(super) fn progress(&mut self, desk: &mut Desk, call: CallId, purpose: &Purpose, sent: u64) {
        if let Purpose::Write(Write::File { local, size }) = purpose {
            // The body is a little larger than the file that it holds.
            let all = sent >= *size;
            self.sent.insert(call, if all { u64::MAX } else { sent });
            desk.tell(Event::Progress { local: *local, sent: sent.min(*size), total: *size });
        }
    }

    pub(super) fn typing(&mut self, desk: &mut Desk, now: Now, on: bool, preview: Option<&str>) {
        if desk.open(now, &Lane::Typing).is_ok() {
            desk.typing((&self.pass, self.renewed), on, preview);
        }
    }

    pub(super) fn nickname(&mut self, desk: &mut Desk, now: Now, name: &str) {
        match desk.open(now, &Lane::Nicknames) {
            Ok(()) => desk.nickname((&self.pass, self.renewed), name),
            Err(failure) => desk.tell(Event::Trouble(failure.fault())),
        }
    }

    pub(super) fn notice(&mut self, desk: &mut Desk, now: Now, text: &str) {
        match desk.open(now, &Lane::Notices) {
            Ok(()) => desk.notice((&self.pass, self.renewed), text),
            Err(failure) => desk.tell(Event::Trouble(failure.fault())),
        }
    }

    pub(super) fn stay_on(&mut self, desk: &mut Desk, now: Now) {
        match desk.open(now, &Lane::Notices) {
            Ok(()) => desk.stay_on((&self.pass, self.renewed)),
            Err(failure) => desk.tell(Event::Trouble(failure.fault())),
        }
    }

    pub(super) fn seen(&mut self, desk: &mut Desk, now: Now, up_to: EntryKey) {
        let news = desk.settings.read_receipts && up_to.major > self.receipt;
        if news && desk.open(now, &Lane::Receipts).is_ok() {
            self.receipt = up_to.major;
            desk.receipt((&self.pass, self.renewed), up_to.major);
        }
    }

    pub(super) fn media(&mut self, desk: &mut Desk, now: Now, url: String) {
        let known = |purpose: &Purpose| matches!(purpose, Purpose::Media { url: known } if *known == url);
        if desk.calls.any(|errand| known(&errand.purpose)) {
            return;
        }
        match (desk.open(now, &Lane::Media), map::file_named(&url)) {
            (Err(failure), _) => desk.tell(Event::Media { url, content: Err(failure) }),
            (Ok(()), Some(file)) => desk.media((&self.pass, self.renewed), url, &file),
            (Ok(()), None) => {
                let failure = Failure::Declined { status: 0, code: "FOREIGN_ADDRESS".to_owned() };
                desk.tell(Event::Media { url, content: Err(failure) });
            }
        }
    }

    pub(super) fn media_came(
        &mut self,
        desk: &mut Desk,
        now: Now,
        url: String,
        result: &Result<HttpReply, IoFault>,
    ) {
        let content = wire::judge_file(result);
        if let Err(failure) = &content {
            desk.heed(now, Lane::Media, failure);
        }
        desk.tell(Event::Media { url, content });
    }

    /// Starts whatever is due.
    pub(super) fn go_on(&mut self, desk: &mut Desk, now: Now) {
        self.give_doubted_up(desk, now);
        self.read_on(desk, now);
        if self.has_data(desk) && desk.open(now, &Lane::UserData).is_ok() {
            let data = std::mem::take(&mut desk.user_data);
            desk.user_data((&self.pass, self.renewed), data);
        }
        if self.wants_limits(desk) && desk.open(now, &Lane::Limits).is_ok() {
            self.ask_limits = false;
            self.asked_limits += 1;
            desk.limits((&self.pass, self.renewed));
        }
    }

    pub(super) fn deadline(&self, desk: &Desk) -> Option<Deadline> {
        let later =
            |wanted: bool, lane: Lane, why| wanted.then(|| Deadline { at: desk.gates.opens(&lane), why });
        let data = later(self.has_data(desk), Lane::UserData, "data for the service");
        let limits = later(self.wants_limits(desk), Lane::Limits, "limits of files");
        let doubted =
            self.doubted.as_ref().map(|(at, _)| Deadline { at: *at, why: "patience with a message" });
        [self.read_deadline(desk), data, limits, doubted].into_iter().fold(None, Deadline::earlier)
    }

    fn has_data(&self, desk: &Desk) -> bool {
        let offering = |purpose: &Purpose| matches!(purpose, Purpose::Write(Write::UserData(_)));
        !desk.user_data.is_empty()
            && self.reader.is_settled()
            && desk.is_healthy()
            && !desk.calls.any(|errand| offering(&errand.purpose))
    }

    fn wants_limits(&self, desk: &Desk) -> bool {
        self.ask_limits
            && self.reader.is_settled()
            && desk.is_healthy()
            && !desk.calls.any(|errand| errand.purpose == Purpose::Limits)
    }

    /// What is taken may have changed: somebody came, or a file has left.
    pub(super) fn doubt_limits(&mut self, desk: &Desk) {
        self.ask_limits = desk.settings.files;
        self.asked_limits = 0;
    }

    pub(super) fn limits_came(&mut self, desk: &mut Desk, now: Now, answer: Result<Envelope<'_>, Refusal>) {
        let files = match answer {
            Ok(envelope) => map::limits(envelope.messages()).and_then(|Limits { rules }| rules),
            Err(refusal) => {
                desk.heed(now, Lane::Limits, &refusal.failure);
                if refusal.failure.may_pass() && self.asked_limits < OFFERS {
                    desk.gates.shut(now, Lane::Limits, OFFER_GAP);
                    self.ask_limits = true;
                    return;
                }
                None
            }
        };
        self.take_files(desk, files);
    }

    fn take_files(&mut self, desk: &mut Desk, files: Option<FileRules>) {
        if self.files != files {
            self.files = files;
            desk.tell(Event::Capabilities);
        }
    }

    /// Messages that are on their way may have gone out on a connection that is dead.
    pub(super) fn doubt_writes(&mut self, desk: &Desk, now: Now) {
        let is_message =
            |purpose: &Purpose| matches!(purpose, Purpose::Write(write) if write.local().is_some());
        let out = desk.calls.named(|errand| is_message(&errand.purpose));
        self.doubted = (!out.is_empty()).then(|| (now.at.after(GRACE), out));
    }

    /// What was doubted and is still not answered may have arrived, or not: the transcript has to tell.
    fn give_doubted_up(&mut self, desk: &mut Desk, now: Now) {
        let Some((_, calls)) = self.doubted.take_if(|(until, _)| *until <= now.at) else { return };
        for call in calls {
            let Some(errand) = desk.calls.close(call) else { continue };
            if let Purpose::Write(write) = errand.purpose
                && let Some(local) = write.local()
            {
                self.sent.remove(&call);
                desk.out.push_back(Action::Cancel(call));
                let failure = Failure::Io(IoFault::Timeout);
                desk.tell(Event::NotSent { local, failure, trace: Trace::Lingering });
            }
        }
    }

    /// Takes over what opens the chat from now on, if an answer says so anew. An answer to a request that left with an older pass
    /// may be older itself.
    pub(super) fn renew(&mut self, desk: &mut Desk, pass: u32, envelope: &Envelope<'_>) {
        let renewed = self.pass.renewed(envelope);
        if pass == self.renewed && renewed != self.pass && !envelope.ended() {
            self.renewed = self.renewed.wrapping_add(1);
            desk.tell(Event::Token(renewed.token()));
            self.pass = renewed;
        }
    }

    /// A write has ended. Tells why the chat is over, if it is.
    pub(super) fn write_ended(
        &mut self,
        desk: &mut Desk,
        now: Now,
        (call, pass): (CallId, u32),
        write: Write,
        answer: Result<Envelope<'_>, Refusal>,
    ) -> Option<EndReason> {
        self.sent.remove(&call);
        match answer {
            Ok(envelope) => self.written(desk, now, pass, &write, &envelope),
            Err(refusal) => self.not_written(desk, now, write, refusal),
        }
    }

    fn written(
        &mut self,
        desk: &mut Desk,
        now: Now,
        pass: u32,
        write: &Write,
        envelope: &Envelope<'_>,
    ) -> Option<EndReason> {
        if let Some(local) = write.local() {
            desk.tell(Event::Sent { local });
            self.hurry(desk, now);
        }
        self.renew(desk, pass, envelope);
        match write {
            Write::File { local, .. } => {
                self.doubt_limits(desk);
                let file = envelope.user_data.text("file-id");
                if self.withdrawn.remove(local)
                    && let Some(file) = file
                    && desk.open(now, &Lane::Deletes).is_ok()
                {
                    desk.delete((&self.pass, self.renewed), file);
                }
            }
            Write::UserData(_) => self.offers = 0,
            Write::StayOn => {
                if let Some(quiet) = self.alarm.off() {
                    desk.tell(quiet);
                }
            }
            _ => {}
        }
        self.told(desk, now, envelope, Told { whole: false, restoring: false })
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
        let Refusal { failure, advice, .. } = refusal;
        if let Some(local) = write.local() {
            desk.tell(Event::NotSent { local, failure: failure.clone(), trace });
        }
        match write {
            Write::File { local, .. } => {
                self.withdrawn.remove(&local);
                if let (Failure::FileSize, Some(most), Some(rules)) = (&failure, advice, &self.files) {
                    let rules = FileRules { largest: Some(most), ..rules.clone() };
                    self.take_files(desk, Some(rules));
                }
                if matches!(failure, Failure::FileCount | Failure::FileSize | Failure::FileType) {
                    self.doubt_limits(desk);
                }
            }
            Write::UserData(data) => self.offer_again(desk, now, data, &failure),
            Write::Nickname | Write::Notice | Write::StayOn => desk.tell(Event::Trouble(failure.fault())),
            // Failing is no matter here, not even when it is said to be the end: the next read tells.
            Write::Typing | Write::Receipt | Write::Delete => return None,
            Write::Text(_) | Write::Address(_) => {}
        }
        if is_final {
            return Some(EndReason::Lost);
        }
        if matches!(failure, Failure::Io(IoFault::Unreachable | IoFault::Tls)) && desk.is_healthy() {
            self.try_now(desk, now);
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
