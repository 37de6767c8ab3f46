//! Small signs between the person and the service that are no messages: still there, seen, called otherwise; and lines that only
//! this computer has.

use super::*;

impl Session {
    /// The service is about to end the chat, or no longer.
    pub(super) fn idle_told(&mut self, now: Now, alert: Option<IdleAlert>) {
        let alert = alert.filter(|_| !self.phase.is_over());
        let begins = self.idle.is_none() && alert.is_some();
        self.idle =
            alert.map(|IdleAlert { ends_at, text }| IdleAlert { ends_at, text: text.map(text::clean) });
        if begins && !self.watching.sees() && self.setup.preferences.notify != NotifyLevel::Nothing {
            self.attention.flush(now.at);
            self.notify(News::StillThere);
        }
    }

    /// The person is still there.
    pub(super) fn stay_on(&mut self, now: Now) -> Result<(), Fault> {
        self.idle.take().ok_or(Fault::new(FaultCode::TooLate))?;
        self.transport.request(now, Request::StayOn);
        Ok(())
    }

    pub(super) fn idle_view(&self, now: Now) -> Option<IdleView> {
        let IdleAlert { ends_at, text } = self.idle.as_ref()?;
        Some(IdleView { ends_at: ends_at.map(|at| now.wall_at(at)), text: text.clone() })
    }

    /// Tells the other side what was read, if it can be told, the person allows it, and there is news. Says whether it did.
    pub(super) fn tell_read(&mut self, now: Now) -> bool {
        let Some(up_to) = self.seen.filter(|seen| Some(*seen) > self.read) else { return false };
        let allowed = self.abilities.read_receipts && self.setup.preferences.show_read;
        if !allowed || !self.phase.is_joined() || !self.link.is_up() {
            return false;
        }
        self.read = Some(up_to);
        self.transport.request(now, Request::Read { up_to });
        true
    }

    pub(super) fn nickname(&mut self, now: Now, name: &str) -> Result<(), Fault> {
        let name =
            text::name(name.trim().to_owned()).ok_or(Fault::with_detail(FaultCode::FieldMissing, "name"))?;
        self.signal(now, self.abilities.nickname, Request::Nickname(name))
    }

    pub(super) fn notice(&mut self, now: Now, notice: String) -> Result<(), Fault> {
        if notice.trim().is_empty() {
            return Err(Fault::with_detail(FaultCode::FieldMissing, "text"));
        }
        self.signal(now, self.abilities.notices, Request::Notice(notice))
    }

    /// Puts a line of this computer's own into the timeline.
    pub(super) fn inject(&mut self, now: Now, words: String) -> Result<(), Fault> {
        if matches!(self.phase, Phase::Fresh | Phase::Over(_)) {
            return Err(Fault::new(FaultCode::ChatOver));
        }
        if words.trim().is_empty() {
            return Err(Fault::with_detail(FaultCode::FieldMissing, "text"));
        }
        let local = self.take_local();
        let content = Content::Local { text: text::runs(text::clean(words)) };
        self.timeline.inject(local, timeline::plain(timeline::row_of(local), now.wall, false, content));
        Ok(())
    }

    /// Sends words that the timeline does not show.
    pub(super) fn send_hidden(&mut self, now: Now, words: &str, pattern: Option<&str>) -> Result<(), Fault> {
        self.may_say(now, words)?;
        let hidden = match pattern {
            Some(pattern) => self.filters.add(pattern),
            None if self.filters.hide(words) => Ok(()),
            None => self.filters.add_words(words),
        };
        hidden.map_err(|problem| Fault::with_detail(FaultCode::FieldBad, format!("pattern: {problem}")))?;
        self.push_hidden(now, words);
        Ok(())
    }

    /// Queues words without a row.
    pub(super) fn push_hidden(&mut self, now: Now, words: &str) {
        let local = self.take_local();
        self.outbox.push(local, ParcelContent::Hidden(words.to_owned()));
        self.spoke(now);
    }

    /// Hides what these expressions find, from here on: all of them, or none if one cannot be used.
    pub(super) fn hide(&mut self, patterns: &[String]) -> Result<(), Fault> {
        let mut filters = self.filters.clone();
        for (at, pattern) in patterns.iter().enumerate() {
            filters.add(pattern).map_err(|problem| {
                Fault::with_detail(FaultCode::FieldBad, format!("patterns[{at}]: {problem}"))
            })?;
        }
        self.filters = filters;
        Ok(())
    }

    pub(super) fn signal(&mut self, now: Now, able: bool, request: Request) -> Result<(), Fault> {
        if !self.phase.is_joined() {
            return Err(Fault::new(FaultCode::ChatOver));
        }
        if !able {
            return Err(Fault::new(FaultCode::Unsupported));
        }
        self.transport.request(now, request);
        Ok(())
    }
}
