//! Where a conversation stands. Trouble with the connection is not here, see `link.rs`.
//!
//! A phase owns what exists only in it, and a transition consumes it: whatever is not carried over is gone on purpose.

use std::collections::BTreeMap;

use crate::event::{Person, Role};
use crate::stored::StoredPhase;
use crate::view::{EndReason, PhaseView};

/// Where a conversation stands.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub enum Phase {
    /// Nothing was started.
    #[default]
    Fresh,
    /// The service was asked for a chat, or to pick one up.
    Joining,
    /// Messages can be written.
    Open(Present),
    /// The case is closed and the chat goes on.
    Closing {
        /// Who is there still.
        present: Present,
        /// Who closed the case.
        by: Option<String>,
    },
    /// Nothing more will come.
    Over(Ending),
}

/// Who is on the other side, by the service's identifier.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Present(BTreeMap<String, Person>);

/// The end of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Ending {
    /// Which end it is.
    pub reason: EndReason,
    /// Who ended it.
    pub by: Option<String>,
    /// When, milliseconds since 1970-01-01 UTC.
    pub at: i64,
    /// Own messages that never left.
    pub unsent: u32,
}

impl Phase {
    /// Whether words can be taken; they may have to wait for the connection.
    #[must_use]
    pub const fn may_write(&self) -> bool {
        matches!(self, Self::Joining | Self::Open(_) | Self::Closing { .. })
    }

    /// Whether the service has the person in a chat.
    #[must_use]
    pub const fn is_joined(&self) -> bool {
        matches!(self, Self::Open(_) | Self::Closing { .. })
    }

    /// Whether nothing more will come.
    #[must_use]
    pub const fn is_over(&self) -> bool {
        matches!(self, Self::Over(_))
    }

    /// Everybody on the other side.
    #[must_use]
    pub fn people(&self) -> Vec<Person> {
        match self {
            Self::Open(present) | Self::Closing { present, .. } => present.0.values().cloned().collect(),
            Self::Fresh | Self::Joining | Self::Over(_) => Vec::new(),
        }
    }

    /// Changes who is there; without effect where nobody can be.
    pub fn present_mut(&mut self) -> Option<&mut Present> {
        match self {
            Self::Open(present) | Self::Closing { present, .. } => Some(present),
            Self::Fresh | Self::Joining | Self::Over(_) => None,
        }
    }

    /// The service has taken the person in.
    #[must_use]
    pub fn joined(self) -> Self {
        match self {
            Self::Fresh | Self::Joining => Self::Open(Present::default()),
            other => other,
        }
    }

    /// The case was closed.
    #[must_use]
    pub fn closing(self, by: Option<String>) -> Self {
        match self {
            Self::Open(present) => Self::Closing { present, by },
            other => other,
        }
    }

    /// A new case has begun.
    #[must_use]
    pub fn reopened(self) -> Self {
        match self {
            Self::Closing { present, .. } => Self::Open(present),
            other => other,
        }
    }

    /// The conversation is over. The first end counts.
    #[must_use]
    pub fn over(self, ending: Ending) -> Self {
        match self {
            Self::Over(first) => Self::Over(first),
            _ => Self::Over(ending),
        }
    }

    /// As it is kept.
    #[must_use]
    pub fn stored(&self) -> StoredPhase {
        let people = || self.people();
        match self {
            Self::Fresh => StoredPhase::Fresh,
            Self::Joining => StoredPhase::Joining { fields: BTreeMap::new() },
            Self::Open(_) => StoredPhase::Open { people: people() },
            Self::Closing { by, .. } => StoredPhase::Closing { people: people(), by: by.clone() },
            Self::Over(Ending { reason, by, at, unsent }) => {
                StoredPhase::Over { reason: *reason, by: by.clone(), at: *at, unsent: *unsent }
            }
        }
    }

    /// As it was kept.
    #[must_use]
    pub fn restored(stored: StoredPhase) -> Self {
        let present =
            |people: Vec<Person>| Present(people.into_iter().map(|one| (one.id.clone(), one)).collect());
        match stored {
            StoredPhase::Fresh => Self::Fresh,
            StoredPhase::Joining { .. } => Self::Joining,
            StoredPhase::Open { people } => Self::Open(present(people)),
            StoredPhase::Closing { people, by } => Self::Closing { present: present(people), by },
            StoredPhase::Over { reason, by, at, unsent } => Self::Over(Ending { reason, by, at, unsent }),
        }
    }

    /// As an interface sees it, with the deployment's words and wishes.
    #[must_use]
    pub fn view(&self, closing_text: Option<&str>, closes_window: bool) -> PhaseView {
        match self {
            Self::Fresh => PhaseView::Fresh,
            Self::Joining => PhaseView::Joining,
            Self::Open(_) => PhaseView::Open,
            Self::Closing { by, .. } => {
                PhaseView::Closing { by: by.clone(), text: closing_text.map(ToOwned::to_owned) }
            }
            Self::Over(Ending { reason, by, at, unsent }) => PhaseView::Over {
                reason: *reason,
                by: by.clone(),
                at: *at,
                unsent: *unsent,
                closes_window: closes_window && *reason == EndReason::EndedByThem,
            },
        }
    }
}

impl Present {
    /// Somebody joined, or is now called something else.
    pub fn join(&mut self, person: Person) {
        self.0.insert(person.id.clone(), person);
    }

    /// Somebody left.
    pub fn leave(&mut self, id: &str) {
        self.0.remove(id);
    }

    /// Somebody who speaks is there, even if the joining was not told. Returns whether this was news.
    pub fn speak(&mut self, person: &Person) -> bool {
        if self.0.contains_key(&person.id) {
            return self.know(person);
        }
        let counts = matches!(person.role, Role::Agent | Role::Supervisor | Role::Bot);
        if counts {
            self.join(person.clone());
        }
        counts
    }

    /// Something was told of somebody, who may be called something else by now, or have a name at last. Returns whether this was news
    /// of somebody who is there.
    pub fn know(&mut self, person: &Person) -> bool {
        let Some(known) = self.0.get_mut(&person.id) else { return false };
        // With every message: nearly always nothing is new.
        if known.role == person.role && (person.name.is_none() || known.name == person.name) {
            return false;
        }
        let name = person.name.as_ref().or(known.name.as_ref()).cloned();
        *known = Person { name, ..person.clone() };
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn maya() -> Person {
        Person { id: "a1".into(), name: Some("Maya".into()), role: Role::Agent }
    }

    fn ending(reason: EndReason) -> Ending {
        Ending { reason, by: None, at: 1, unsent: 0 }
    }

    #[test]
    fn whoever_is_there_is_known_by_their_latest_name() {
        let mut present = Present::default();
        let nameless = Person { name: None, ..maya() };
        assert!(present.speak(&nameless), "somebody is there");
        assert!(present.speak(&maya()), "and has a name now");
        assert!(!present.speak(&nameless), "which stays where none is told");
        let renamed = Person { name: Some("Maya R.".into()), ..maya() };
        assert!(present.know(&renamed));
        assert_eq!(present.0.values().collect::<Vec<_>>(), [&renamed]);
        assert!(!present.know(&Person { id: "a2".into(), ..maya() }), "being named is not being there");
        assert_eq!(present.0.len(), 1);
    }

    #[test]
    fn the_people_stay_through_a_closing() {
        let mut phase = Phase::Joining.joined();
        phase.present_mut().unwrap().join(maya());
        let phase = phase.closing(Some("Maya".into()));
        assert_eq!(phase.people(), [maya()]);
        assert!(phase.may_write(), "a closed case does not end the chat");
        assert_eq!(phase.reopened().people(), [maya()]);
    }

    #[test]
    fn the_first_end_counts() {
        let phase = Phase::Fresh.joined().over(ending(EndReason::EndedByThem)).over(ending(EndReason::Lost));
        assert_eq!(phase, Phase::Over(ending(EndReason::EndedByThem)));
        assert!(!phase.may_write());
        assert_eq!(phase.clone().joined(), phase, "an end is an end");
    }

    #[test]
    fn the_window_closes_only_when_the_other_side_ended_it() {
        let by_me = Phase::Fresh.joined().over(ending(EndReason::EndedByMe));
        assert!(matches!(by_me.view(None, true), PhaseView::Over { closes_window: false, .. }));
        let by_them = Phase::Fresh.joined().over(ending(EndReason::EndedByThem));
        assert!(matches!(by_them.view(None, true), PhaseView::Over { closes_window: true, .. }));
    }
}
