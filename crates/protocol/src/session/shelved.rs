//! A conversation whose company cannot be reached as things are configured: it was removed, or its entry has a mistake. What was
//! said can be read to its beginning, searched and copied; nothing can be written, and nothing is asked of anybody. What the
//! archive holds stays as it is, so that the chat goes on where it was once the company is back.

use super::*;
use crate::transport::Capabilities;

/// Stands where there is no service. Nothing is ever asked of it that would have to be answered.
#[derive(Debug)]
struct Absent;

impl Transport for Absent {
    fn capabilities(&self) -> Capabilities {
        Capabilities::default()
    }
    fn request(&mut self, _: Now, _: Request) {}
    fn reply(&mut self, _: Now, _: CallId, _: Result<HttpReply, IoFault>) {}
    fn tick(&mut self, _: Now) {}
    fn poll(&mut self) -> Option<Action> {
        None
    }
    fn deadline(&self) -> Option<Deadline> {
        None
    }
}

impl Session {
    /// A conversation that can only be read, for this reason.
    #[must_use]
    pub fn shelved(setup: Setup, why: Fault) -> Self {
        let mut session = Self::new(setup, Box::new(Absent));
        session.resuming = false;
        session.link = Link::Idle;
        if session.form.is_some() {
            // What was filled in waits for the company.
            session.phase = Phase::Joining;
        }
        session.fault = Some(why.clone()).filter(|_| !session.phase.is_over());
        session.shelved = Some(why);
        session.published = session.public();
        session
    }

    /// Whether it can only be read.
    #[must_use]
    pub fn is_shelved(&self) -> bool {
        self.shelved.is_some()
    }

    /// Why this cannot be done here, if so.
    pub(super) fn withheld(&self, command: &Command) -> Option<Fault> {
        let allowed = matches!(
            command,
            Command::Older
                | Command::Reveal { .. }
                | Command::Seen
                | Command::Draft { .. }
                | Command::Cancel { .. }
        );
        self.shelved.clone().filter(|_| !allowed)
    }

    /// Whether the service may have something older than the oldest row, and can be asked.
    pub(super) fn reaches_further(&self) -> bool {
        !self.history_complete && self.phase.is_joined() && self.shelved.is_none()
    }
}
