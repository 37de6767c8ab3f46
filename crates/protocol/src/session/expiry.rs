//! What became too old to be kept. The archive deletes it; the session lets go of it as well, and does not fetch it again.

use super::*;

impl Session {
    /// What is older than `before` was deleted, in the archive; `any` if there was something.
    pub(super) fn expired(&mut self, before: i64, any: bool) {
        let outbox = &self.outbox;
        let gone = self.timeline.expire(before, |local| outbox.delivery(local).is_some());
        self.kept_since = Some(before);
        // Whatever the service has before what was deleted is older still.
        self.history_complete |= any || gone;
        if any || gone {
            self.unread = self.unread.min(self.shown());
        }
    }

    /// Whether an entry is not to be shown because it would be deleted at once. What the person has not seen is shown once,
    /// whatever its age.
    pub(super) fn is_expired(&self, key: EntryKey, at: i64, origin: Origin) -> bool {
        let seen = origin == Origin::Older || self.seen.is_some_and(|seen| key <= seen);
        seen && self.kept_since.is_some_and(|since| at < since)
    }

    /// Messages of the other side that are here.
    fn shown(&self) -> u32 {
        let theirs = self
            .timeline
            .items()
            .filter(|item| item.content.said_by().is_some_and(|from| from.role != Role::Me));
        u32::try_from(theirs.count()).unwrap_or(u32::MAX)
    }
}
