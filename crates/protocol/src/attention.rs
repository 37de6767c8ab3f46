//! Does this deserve the person's attention? Pure: who watches what, what came, and how much a notification may tell.
//!
//! A burst becomes one notification: the first message waits a moment for its companions ([`GATHER`]), and after a
//! notification the same conversation is quiet for a while ([`QUIET`]); what comes meanwhile is told at its end, as a count.

use std::time::Duration;

use crate::event::{Entry, Origin, Role};
use crate::io::{Deadline, Moment};
use crate::view::NotifyLevel;

/// How long the first message waits for companions.
pub const GATHER: Duration = Duration::from_millis(700);

/// How long a conversation stays quiet after a notification.
pub const QUIET: Duration = Duration::from_secs(6);

/// Whether the person sees this conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Watching {
    /// This conversation is the one shown.
    pub shown: bool,
    /// The window is visible and has the focus.
    pub focused: bool,
}

impl Watching {
    /// Whether what comes is seen as it comes.
    #[must_use]
    pub const fn sees(self) -> bool {
        self.shown && self.focused
    }
}

/// A notification to raise. Words are chosen by whoever raises it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Which conversation it is about.
    pub conversation: String,
    /// Name of the company.
    pub company: String,
    /// What to say.
    pub news: News,
}

/// What a notification says. What a level does not allow is not in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// One message.
    Message {
        /// Who wrote it; `None` if the level hides it or the service gave no name.
        who: Option<String>,
        /// What was written; `None` if the level hides it or it is a picture or a file.
        text: Option<String>,
    },
    /// Several messages.
    Messages {
        /// Who wrote them, if it was one person and the level allows it.
        who: Option<String>,
        /// How many.
        count: u32,
    },
    /// The case was closed.
    CaseClosed,
    /// The chat is about to be ended because nothing happens.
    StillThere,
    /// The chat is over.
    ChatEnded,
}

/// Whether an entry deserves a notification: only what the other side says, live, while nobody looks.
#[must_use]
pub fn deserves(entry: &Entry, origin: Origin, mine: bool, watching: Watching, level: NotifyLevel) -> bool {
    let content = entry.kind.is_said();
    let person = !matches!(entry.from.role, Role::Me | Role::System);
    content && person && !mine && origin == Origin::Live && !watching.sees() && level != NotifyLevel::Nothing
}

/// Gathers what came into notifications.
#[derive(Debug, Clone, Default)]
pub struct Attention {
    waiting: Vec<Waiting>,
    state: State,
}

#[derive(Debug, Clone)]
struct Waiting {
    who: Option<String>,
    text: Option<String>,
}

#[derive(Debug, Clone, Copy, Default)]
enum State {
    #[default]
    Calm,
    Gathering {
        until: Moment,
    },
    Quiet {
        until: Moment,
    },
}

impl Attention {
    /// A message came that deserves a notification.
    pub fn message(&mut self, now: Moment, who: Option<String>, text: Option<String>) {
        self.waiting.push(Waiting { who, text });
        if matches!(self.state, State::Calm) {
            self.state = State::Gathering { until: now.after(GATHER) };
        }
    }

    /// The person looks: what was gathered is not worth telling any more.
    pub fn seen(&mut self) {
        self.waiting.clear();
        if matches!(self.state, State::Gathering { .. }) {
            self.state = State::Calm;
        }
    }

    /// What to raise now, if anything.
    pub fn due(&mut self, now: Moment, level: NotifyLevel) -> Option<News> {
        match self.state {
            State::Gathering { until } | State::Quiet { until } if now >= until => {
                let gathered = std::mem::take(&mut self.waiting);
                if gathered.is_empty() || level == NotifyLevel::Nothing {
                    self.state = State::Calm;
                    return None;
                }
                self.state = State::Quiet { until: now.after(QUIET) };
                Some(news(gathered, level))
            }
            _ => None,
        }
    }

    /// Takes everything that was gathered, for an end that is told at once.
    pub fn flush(&mut self, now: Moment) {
        self.waiting.clear();
        self.state = State::Quiet { until: now.after(QUIET) };
    }

    /// When to ask again.
    #[must_use]
    pub fn deadline(&self) -> Option<Deadline> {
        match self.state {
            State::Calm => None,
            State::Gathering { until } | State::Quiet { until } => {
                Some(Deadline { at: until, why: "notification" })
            }
        }
    }
}

fn news(mut gathered: Vec<Waiting>, level: NotifyLevel) -> News {
    let names = matches!(level, NotifyLevel::Name | NotifyLevel::Full);
    let words = level == NotifyLevel::Full;
    let count = u32::try_from(gathered.len()).unwrap_or(u32::MAX);
    let first = gathered.first().and_then(|message| message.who.clone());
    let one_person = gathered.iter().all(|message| message.who == first);
    let who = first.filter(|_| names && one_person);
    match gathered.pop() {
        Some(only) if count == 1 => News::Message { who, text: only.text.filter(|_| words) },
        _ => News::Messages { who, count },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{EntryKey, EntryKind, Person};

    fn entry(role: Role, kind: EntryKind) -> Entry {
        let from = Person { id: "p".into(), name: None, role };
        Entry { key: EntryKey { major: 1, minor: 0 }, at: 1, from, kind }
    }

    fn words() -> EntryKind {
        EntryKind::Text("hello".into())
    }

    #[test]
    fn only_what_nobody_sees_is_told() {
        let away = Watching::default();
        let other_chat = Watching { shown: false, focused: true };
        let behind = Watching { shown: true, focused: false };
        let looking = Watching { shown: true, focused: true };
        let full = NotifyLevel::Full;
        let agent = entry(Role::Agent, words());
        for (watching, expected) in [(away, true), (other_chat, true), (behind, true), (looking, false)] {
            assert_eq!(deserves(&agent, Origin::Live, false, watching, full), expected, "{watching:?}");
        }
        for origin in [Origin::Restored, Origin::Older] {
            assert!(!deserves(&agent, origin, false, away, full), "replayed history never notifies");
        }
        assert!(
            !deserves(&agent, Origin::Live, true, away, full),
            "own words from another window never notify"
        );
        assert!(!deserves(&agent, Origin::Live, false, away, NotifyLevel::Nothing));
        for kind in [EntryKind::Joined, EntryKind::Left, EntryKind::typing(true), EntryKind::Other] {
            assert!(!deserves(&entry(Role::Agent, kind), Origin::Live, false, away, full));
        }
        assert!(!deserves(&entry(Role::System, words()), Origin::Live, false, away, full));
        assert!(deserves(&entry(Role::Bot, words()), Origin::Live, false, away, full));
        assert!(deserves(&entry(Role::Agent, EntryKind::Unsupported), Origin::Live, false, away, full));
    }

    #[test]
    fn a_burst_becomes_one_notification_and_the_rest_a_count() {
        let mut attention = Attention::default();
        attention.message(Moment(0), Some("Maya".into()), Some("One".into()));
        attention.message(Moment(100), Some("Maya".into()), Some("Two".into()));
        assert_eq!(attention.due(Moment(699), NotifyLevel::Full), None);
        let maya = || Some("Maya".to_owned());
        assert_eq!(
            attention.due(Moment(700), NotifyLevel::Full),
            Some(News::Messages { who: maya(), count: 2 })
        );
        attention.message(Moment(1_000), maya(), Some("Three".into()));
        assert_eq!(attention.due(Moment(2_000), NotifyLevel::Full), None, "quiet for a while");
        assert_eq!(
            attention.due(Moment(6_700), NotifyLevel::Full),
            Some(News::Message { who: maya(), text: Some("Three".into()) })
        );
        assert_eq!(attention.due(Moment(12_700), NotifyLevel::Full), None);
        assert!(attention.deadline().is_none(), "calm again");
    }

    #[test]
    fn a_level_hides_what_it_hides() {
        for (level, expected) in [
            (NotifyLevel::Company, News::Message { who: None, text: None }),
            (NotifyLevel::Name, News::Message { who: Some("Maya".into()), text: None }),
            (NotifyLevel::Full, News::Message { who: Some("Maya".into()), text: Some("Hi".into()) }),
        ] {
            let mut attention = Attention::default();
            attention.message(Moment(0), Some("Maya".into()), Some("Hi".into()));
            assert_eq!(attention.due(Moment(700), level), Some(expected));
        }
    }

    #[test]
    fn looking_at_it_takes_the_notification_back() {
        let mut attention = Attention::default();
        attention.message(Moment(0), None, None);
        attention.seen();
        assert_eq!(attention.due(Moment(10_000), NotifyLevel::Full), None);
    }
}
