//! What a transport noticed, except the transcript, and what it leads to.

use super::*;

impl Session {
    pub(super) fn event(&mut self, now: Now, event: Event) {
        match event {
            Event::Joined { token, resumed } => {
                self.fault = None;
                self.resuming = false;
                self.abilities = abilities(self.transport.as_ref());
                // With a cursor, reading goes on where the archive ends, and what it says of the beginning is true.
                if self.cursor.is_none() {
                    self.history_complete = !(resumed && self.abilities.history);
                }
                // Whatever was said in a chat that was begun here is to be read, from its first word on.
                if !resumed {
                    self.cursor = Some(String::new());
                }
                self.change_phase(Phase::joined);
                self.remember(now, token);
                if self.outbox.is_in_doubt() {
                    self.transport.request(now, Request::Reconcile);
                }
            }
            Event::Token(token) => self.remember(now, token),
            Event::NotJoined(failure) => self.not_joined(now, &failure),
            Event::Batch(batch) => {
                if batch.origin == Origin::Older {
                    self.older_came(false);
                }
                self.batch(now, batch);
            }
            Event::NoOlder => self.older_came(true),
            Event::OlderFailed(failure) => {
                self.loading = false;
                self.fault = Some(failure.fault());
            }
            Event::Sent { local } => {
                // The service takes what the person says: whatever was wrong with something else is not in the way.
                self.fault = None;
                if self.outbox.delivery(local).is_some() {
                    self.outbox.sent(local);
                    self.timeline.settle(local);
                }
            }
            Event::NotSent { local, failure, trace } => {
                let trace = self.left_behind(local, trace);
                match self.outbox.failed(now.at, local, &failure, trace) {
                    Aftermath::Nothing => {}
                    Aftermath::Reconcile => self.transport.request(now, Request::Reconcile),
                    Aftermath::Withdrawn => self.timeline.remove(local),
                }
            }
            Event::Reconciled => {
                for local in self.outbox.reconciled(now.at) {
                    self.timeline.remove(local);
                }
            }
            Event::Progress { local, sent, total } => self.outbox.uploading(local, sent, total),
            Event::Capabilities => self.abilities = abilities(self.transport.as_ref()),
            Event::Idle(alert) => self.idle_told(now, alert),
            Event::Banner(banner) => self.banner_told(banner),
            Event::Cursor(cursor) => self.cursor = Some(cursor),
            Event::Media { url, content } => {
                for item in self.media.remove(&url).unwrap_or_default() {
                    let content = content.clone().map_err(|failure| failure.fault());
                    self.held.push_back(Output::Media { item, content });
                }
            }
            Event::Link(link) => {
                if link.is_up() && !self.link.is_up() {
                    self.outbox.hurry();
                    self.fault = None;
                }
                self.link = link;
            }
            Event::Over(reason) => self.over(now, reason),
            Event::Trouble(fault) => self.fault = Some(fault),
        }
    }

    /// There is more of the history, or all of it: what was wrong with an earlier page is so no more. What is wrong with the
    /// connection ends with the connection's own recovery.
    fn older_came(&mut self, complete: bool) {
        self.loading = false;
        self.history_complete = complete;
        if self.link.is_up() {
            self.fault = None;
        }
    }

    pub(super) fn not_joined(&mut self, now: Now, failure: &Failure) {
        match failure.class() {
            FaultClass::SignInAgain | FaultClass::Gone if self.resuming => self.over(now, EndReason::Lost),
            _ => {
                self.fault = Some(failure.fault());
                self.link = Link::Idle;
                if !self.resuming {
                    self.phase = Phase::Fresh;
                    self.form = None;
                }
            }
        }
    }

    pub(super) fn over(&mut self, now: Now, reason: EndReason) {
        if self.phase.is_over() {
            return;
        }
        let reason = self.ending.take().filter(|_| reason == EndReason::EndedByMe).unwrap_or(reason);
        let by = self.last_agent.clone().filter(|_| reason == EndReason::EndedByThem);
        let ending = Ending { reason, by, at: now.wall, unsent: self.outbox.unsent() };
        self.change_phase(|phase| phase.over(ending));
        self.link = Link::Idle;
        self.typing.clear();
        self.own_typing = None;
        self.keeping = None;
        self.guard = None;
        self.banner = None;
        self.leaving = None;
        self.idle = None;
        self.signing_in = None;
        self.resuming = false;
        self.loading = false;
        self.form = None;
        self.memory = Memory::Nothing;
        self.fault = None;
        self.setup.token = None;
        self.held.push_back(Output::Forget);
        if reason != EndReason::EndedByMe
            && !self.watching.sees()
            && self.setup.preferences.notify != NotifyLevel::Nothing
        {
            self.attention.flush(now.at);
            self.notify(News::ChatEnded);
        }
    }
}
