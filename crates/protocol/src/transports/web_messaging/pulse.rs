//! Whether the service still answers, and how long the session lasts.
//!
//! The socket is looked after by pings; the echo is the service's own. It also tells when the session ends, so one is asked for
//! before the person is warned, and one after the end. The service takes two in a minute.

use std::time::Duration;

use super::desk::Desk;
use super::wire::Lasts;
use crate::event::IdleAlert;
use crate::io::{Deadline, Moment, Now};

/// The name under which an echo is asked for, so that its answer is not taken for a message.
pub(super) const PING: &str = "SGVhbHRoQ2hlY2tNZXNzYWdlSWQ=";
/// Least time between two echoes.
const LEAST: Duration = Duration::from_secs(30);
/// How long an echo may take; and after a wake, when the connection is in doubt.
const PATIENCE: Duration = Duration::from_secs(20);
const IN_DOUBT: Duration = Duration::from_secs(1);
/// The person is warned so long before the end.
const WARNING: Duration = Duration::from_secs(300);
/// What is known of the end is made sure so long before the warning.
const BEFORE: Duration = Duration::from_secs(10);
/// The service is asked so long after the end.
const AFTER: Duration = Duration::from_secs(2);

#[derive(Debug)]
pub(super) struct Pulse {
    heard: Moment,
    echoed: Option<Moment>,
    awaited: Option<Awaited>,
    /// The connection is in doubt.
    doubted: bool,
    ends: Option<Moment>,
    duration: Option<Duration>,
    stage: Stage,
}

/// What tells that the connection lives, and until when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Awaited {
    Anything(Moment),
    /// After a wake, what was under way may still come while nothing of ours gets through: only an answer tells that we are heard.
    Answer(Moment),
}

impl Awaited {
    fn until(self) -> Moment {
        match self {
            Self::Anything(until) | Self::Answer(until) => until,
        }
    }
}

/// What was done about the end that is coming.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Far,
    MadeSure,
    Warned,
    Asked,
}

impl Pulse {
    pub(super) fn new(now: Now) -> Self {
        Self {
            heard: now.at,
            echoed: None,
            awaited: None,
            doubted: false,
            ends: None,
            duration: None,
            stage: Stage::Far,
        }
    }

    /// Something came.
    pub(super) fn heard(&mut self, now: Now) {
        self.heard = now.at;
        self.awaited = self.awaited.filter(|awaited| matches!(awaited, Awaited::Answer(_)));
    }

    /// What came answers something that was said here.
    pub(super) fn answered(&mut self) {
        self.awaited = None;
        self.doubted = false;
    }

    /// The connection is no more.
    pub(super) fn rest(&mut self) {
        self.awaited = None;
        self.doubted = false;
        self.echoed = None;
    }

    /// The connection may be dead without anybody having been told. `owed` says whether the service owes an answer already.
    pub(super) fn doubt(&mut self, now: Now, owed: bool) {
        if self.echo_opens() <= now.at {
            self.doubted = true;
            self.awaited = None;
        } else if owed && !matches!(self.awaited, Some(Awaited::Answer(_))) {
            self.awaited = Some(Awaited::Answer(now.at.after(IN_DOUBT)));
        } else {
            // It cannot be asked now; the pings tell.
            self.awaited.get_or_insert(Awaited::Anything(now.at.after(PATIENCE)));
        }
    }

    /// What is awaited did not come.
    pub(super) fn is_dead(&self, now: Now) -> bool {
        self.awaited.is_some_and(|awaited| awaited.until() <= now.at)
    }

    /// Whether an echo is to be asked for now.
    pub(super) fn wants_echo(&self, desk: &Desk, now: Now) -> bool {
        self.echo_due(desk).is_some_and(|due| due <= now.at)
    }

    /// An echo is asked for.
    pub(super) fn asked(&mut self, now: Now) {
        self.echoed = Some(now.at);
        self.awaited = Some(if std::mem::take(&mut self.doubted) {
            Awaited::Answer(now.at.after(IN_DOUBT))
        } else {
            Awaited::Anything(now.at.after(PATIENCE))
        });
        self.stage = match (self.stage, self.ends) {
            (Stage::Far, Some(ends)) if before(ends, WARNING + BEFORE) <= now.at => Stage::MadeSure,
            (Stage::Warned, Some(ends)) if ends.after(AFTER) <= now.at => Stage::Asked,
            (stage, _) => stage,
        };
    }

    /// The service told how long the session lasts.
    pub(super) fn lasts(&mut self, now: Now, lasts: Lasts, new: bool) {
        self.duration = lasts.duration.or(self.duration);
        let left = lasts.until.map(|until| until.saturating_sub(now.wall).max(0));
        let left = left.and_then(|left| u64::try_from(left).ok()).map(Duration::from_millis);
        // Clocks differ: what is left is never more than all of it.
        let left = match (left, self.duration) {
            (_, Some(all)) if new => Some(all),
            (Some(left), Some(all)) => Some(left.min(all)),
            (left, _) => left,
        };
        if let Some(left) = left.filter(|left| !left.is_zero()) {
            self.ends = Some(now.at.after(left));
        }
    }

    /// Something was said: the end has moved.
    pub(super) fn moved(&mut self, now: Now) {
        if let Some(duration) = self.duration {
            self.ends = Some(now.at.after(duration));
        }
    }

    /// Whether the person is to be warned now, or no longer.
    #[expect(
        clippy::option_option,
        reason = "outside: whether there is news; inside: whether there is an alert"
    )]
    pub(super) fn alert(&mut self, now: Now) -> Option<Option<IdleAlert>> {
        let ends = self.ends?;
        let near = before(ends, WARNING) <= now.at;
        if !near && self.stage >= Stage::Warned {
            self.stage = Stage::Far;
            return Some(None);
        }
        if !near && before(ends, WARNING + BEFORE) > now.at {
            self.stage = Stage::Far;
        }
        if near && self.stage < Stage::Warned {
            self.stage = Stage::Warned;
            return Some(Some(IdleAlert { ends_at: Some(ends), text: None }));
        }
        None
    }

    pub(super) fn deadline(&self, desk: &Desk) -> Option<Deadline> {
        let echo = self.echo_due(desk).map(|at| Deadline { at, why: "echo" });
        let answer =
            self.awaited.map(|awaited| Deadline { at: awaited.until(), why: "patience with an echo" });
        let warning = self.ends.filter(|_| self.stage < Stage::Warned);
        let warning = warning.map(|ends| Deadline { at: before(ends, WARNING), why: "warning of the end" });
        Deadline::earlier(Deadline::earlier(echo, answer), warning)
    }

    fn echo_opens(&self) -> Moment {
        self.echoed.map_or(Moment(0), |at| at.after(LEAST))
    }

    /// When the next echo is to be asked for; never while an answer is awaited.
    fn echo_due(&self, desk: &Desk) -> Option<Moment> {
        if self.awaited.is_some() {
            return None;
        }
        let every = desk.settings.heartbeat;
        let last = self.echoed.map_or(self.heard, |echoed| echoed.max(self.heard));
        let regular = (!every.is_zero()).then(|| last.after(every).gathered(every));
        let end = match (self.stage, self.ends) {
            (Stage::Far, Some(ends)) => Some(before(ends, WARNING + BEFORE)),
            (Stage::Warned, Some(ends)) => Some(ends.after(AFTER)),
            _ => None,
        };
        let doubt = self.doubted.then_some(Moment(0));
        let due = [regular, end, doubt].into_iter().flatten().min()?;
        Some(due.max(self.echo_opens()))
    }
}

fn before(moment: Moment, by: Duration) -> Moment {
    Moment(moment.0.saturating_sub(u64::try_from(by.as_millis()).unwrap_or(u64::MAX)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::settings::Settings;
    use super::*;

    fn desk(heartbeat: u64) -> Desk {
        let raw = json!({ "domain": "mypurecloud.de", "deployment_id": "D", "heartbeat_ms": heartbeat });
        Desk::new(Settings::read(raw.as_object().unwrap()).unwrap(), 1.into())
    }

    fn at(ms: u64) -> Now {
        Now { at: Moment(ms), wall: 0 }
    }

    fn due(pulse: &Pulse, desk: &Desk) -> u64 {
        pulse.deadline(desk).unwrap().at.0
    }

    #[test]
    fn after_a_wake_only_an_answer_tells_that_the_service_hears_us() {
        let desk = desk(60_000);
        let mut pulse = Pulse::new(at(60_000));
        pulse.doubt(at(90_000), false);
        assert!(pulse.wants_echo(&desk, at(90_000)));
        pulse.asked(at(90_000));
        pulse.heard(at(90_500));
        assert!(pulse.is_dead(at(91_000)), "news may come while nothing of ours gets through");
        pulse.answered();
        assert!(!pulse.is_dead(at(91_000)));
    }

    #[test]
    fn where_no_echo_may_be_asked_for_an_answer_that_is_owed_tells_as_well() {
        let mut pulse = Pulse::new(at(60_000));
        pulse.asked(at(89_000));
        pulse.answered();
        pulse.doubt(at(90_000), true);
        // The network changes once more: the answer is no less late.
        pulse.doubt(at(90_900), true);
        pulse.heard(at(90_950));
        assert!(pulse.is_dead(at(91_000)));
        pulse.rest();
        pulse.doubt(at(92_000), false);
        assert!(!pulse.is_dead(at(93_000)));
    }

    #[test]
    fn chats_that_began_within_a_second_ask_for_their_echoes_together() {
        let desk = desk(60_000);
        for began in [61_000, 61_400, 61_999] {
            let mut pulse = Pulse::new(at(began));
            assert_eq!(due(&pulse, &desk), 121_000, "began at {began}");
            pulse.asked(at(121_003));
            pulse.heard(at(121_050));
            assert_eq!(due(&pulse, &desk), 181_000, "and stay together");
        }
    }

    #[test]
    fn an_echo_is_never_asked_for_sooner_than_the_service_takes_one() {
        let desk = desk(30_000);
        let mut pulse = Pulse::new(at(61_400));
        assert_eq!(due(&pulse, &desk), 91_000);
        pulse.asked(at(91_003));
        pulse.heard(at(91_050));
        assert_eq!(due(&pulse, &desk), 121_003);
    }
}
