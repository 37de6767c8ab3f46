//! What every state of the machine works with: the settings, the calls that are out, shut gates, and the way out for actions.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use super::settings::Settings;
use super::wire::Ids;
use crate::event::{Event, LocalId};
use crate::fault::FaultCode;
use crate::io::{HttpReply, Moment, Now};
use crate::kit::backoff::{AT_ONCE, Backoff, Urgency, within};
use crate::kit::calls::Calls;
use crate::kit::gates::Gates;
use crate::link::Link;
use crate::token::ResumeToken;
use crate::transport::{Action, Failure};

/// What a call is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Purpose {
    Create,
    Join,
    Read,
    Write(Write),
    Media { url: String },
    Leave,
}

impl Purpose {
    pub(super) fn lane(&self) -> Lane {
        match self {
            Self::Create | Self::Join => Lane::Sessions,
            Self::Read => Lane::Reads,
            Self::Write(write) => write.lane(),
            Self::Media { .. } => Lane::Media,
            Self::Leave => Lane::Leave,
        }
    }
}

/// What is written to a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Write {
    Text(LocalId),
    Picture(LocalId),
    Typing,
    UserData(BTreeMap<String, String>),
}

impl Write {
    pub(super) fn lane(&self) -> Lane {
        match self {
            Self::Text(_) | Self::Typing => Lane::Messages,
            Self::Picture(_) => Lane::Pictures,
            Self::UserData(_) => Lane::UserData,
        }
    }
}

/// Kinds of requests that a service may ask to slow down, each for itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Lane {
    Sessions,
    Reads,
    Messages,
    Pictures,
    UserData,
    Media,
    Leave,
}

/// What opens a session: the token, and whom it names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pass {
    pub(super) token: ResumeToken,
    pub(super) ids: Ids,
}

impl Pass {
    pub(super) fn of(token: ResumeToken) -> Result<Self, Failure> {
        Ok(Self { ids: Ids::of(&token.secret)?, token })
    }
}

/// Failures in a row, and the gap after each.
#[derive(Debug, Clone, Default)]
pub(super) struct Tries {
    backoff: Backoff,
    pub(super) failed: u32,
    /// The next try is one that somebody or something here asked for.
    hurried: bool,
}

impl Tries {
    pub(super) fn worked(&mut self) {
        self.backoff.worked();
        self.failed = 0;
    }

    /// Something happened here: what failed before says little about the next try.
    pub(super) fn anew(&mut self) {
        self.backoff.anew();
        self.hurried = true;
    }

    /// The next try is asked for.
    pub(super) fn hurry(&mut self) {
        self.hurried = true;
    }

    /// A try is made. Tells whether it is one more after failures, which nobody asked for.
    pub(super) fn made(&mut self) -> bool {
        let hurried = std::mem::take(&mut self.hurried);
        self.failed > 0 && !hurried
    }
}

#[derive(Debug)]
pub(super) struct Desk {
    pub(super) settings: Settings,
    pub(super) rng: fastrand::Rng,
    pub(super) calls: Calls<Purpose>,
    pub(super) gates: Gates<Lane>,
    pub(super) out: VecDeque<Action>,
    /// Data for the service that it was not given yet.
    pub(super) user_data: BTreeMap<String, String>,
    /// A reconciliation was asked for before there was anything to read.
    pub(super) reconcile: bool,
    urgency: Urgency,
    link: Link,
    trouble: Option<FaultCode>,
}

impl Desk {
    pub(super) fn new(settings: Settings, seed: u64) -> Self {
        Self {
            settings,
            rng: fastrand::Rng::with_seed(seed),
            calls: Calls::default(),
            gates: Gates::default(),
            out: VecDeque::new(),
            user_data: BTreeMap::new(),
            reconcile: false,
            urgency: Urgency::default(),
            link: Link::Idle,
            trouble: None,
        }
    }

    pub(super) fn tell(&mut self, event: Event) {
        self.out.push_back(Action::Event(event));
    }

    /// Tells how the connection is, if that is news.
    pub(super) fn link(&mut self, link: Link) {
        if link == Link::Up {
            self.trouble = None;
        }
        if self.link != link {
            self.link = link;
            self.tell(Event::Link(link));
        }
    }

    /// How much depends on the connection from here on. Gives back by when a try that is due later is to be made; a gate that
    /// the service has shut stays so for everybody.
    pub(super) fn urgent(&mut self, now: Now, lane: Lane, urgency: Urgency) -> Option<Moment> {
        self.urgency = urgency;
        let hurries = urgency == Urgency::Watched && self.open(now, lane).is_ok();
        hurries.then(|| now.at.after(within(AT_ONCE, &mut self.rng)))
    }

    /// A try failed that will be repeated: tells so, and when. Where a moment was named to many at once, the wait begins
    /// there: otherwise all of them would come back in that moment.
    pub(super) fn failed(&mut self, now: Now, lane: Lane, tries: &mut Tries, failure: &Failure) -> Moment {
        self.heed(now, lane, failure);
        tries.failed = tries.failed.saturating_add(1);
        let wait = tries.backoff.fail(self.urgency, &mut self.rng).max(Duration::from_millis(1));
        let due = self.gates.opens(&lane).max(now.at).after(wait);
        self.link(Link::Down { attempt: tries.failed, retry_at: due, cause: failure.code() });
        self.trouble(failure);
        due
    }

    /// Tells of a failure that will not pass by itself, once until something works again.
    pub(super) fn trouble(&mut self, failure: &Failure) {
        let passes = failure.may_pass() || matches!(failure, Failure::Io(_));
        if !passes && self.trouble != Some(failure.code()) {
            self.trouble = Some(failure.code());
            self.tell(Event::Trouble(failure.fault()));
        }
    }

    /// Shuts the gate that the service asked to be shut.
    pub(super) fn heed(&mut self, now: Now, lane: Lane, failure: &Failure) {
        // A request to slow down that names no time is one all the same.
        let unnamed = matches!(failure, Failure::RateLimited { .. }).then_some(self.settings.poll_gap);
        if let Some(wait) = failure.retry_after().or(unnamed) {
            self.gates.shut(now, lane, wait);
        }
    }

    /// Keeps to a `Retry-After`, whatever else the answer says: a 429 carries one, a 503 or a redirect may.
    pub(super) fn heed_reply(&mut self, now: Now, lane: Lane, reply: &HttpReply) {
        if let Some(wait) = reply.retry_after.filter(|_| !(200..300).contains(&reply.status)) {
            self.gates.shut(now, lane, wait);
        }
    }

    /// Whether a request may be sent now; otherwise the answer it gets in place of the service's.
    pub(super) fn open(&self, now: Now, lane: Lane) -> Result<(), Failure> {
        match self.gates.shut_for(now, &lane) {
            Some(wait) => Err(Failure::RateLimited { after: Some(wait) }),
            None => Ok(()),
        }
    }

    /// Abandons calls.
    pub(super) fn cancel(&mut self, of: impl Fn(&Purpose) -> bool) {
        for id in self.calls.close_all(of) {
            self.out.push_back(Action::Cancel(id));
        }
    }

    /// Data that the service did not take is given again, unless newer values have come.
    pub(super) fn give_again(&mut self, data: BTreeMap<String, String>) {
        for (key, value) in data {
            self.user_data.entry(key).or_insert(value);
        }
    }
}
