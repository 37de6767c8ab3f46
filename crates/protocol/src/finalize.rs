//! What to do when the service says that an interaction is being finished: pure, with its whole truth in one table.
//!
//! The rule is the service's own ("Finalize chat" in the Digital Channels developer guide): look at the last interaction
//! state of what was read; `Finalizing` or `Completed` means that the other side is done. An asynchronous chat then shows a
//! closing banner and stays open; a synchronous one is ended, which removes the participant. What the guide leaves open is
//! decided here, and why stands in docs/DECISIONS.md:
//!
//! - Both states usually arrive, so the policy acts once per interaction and remembers that it did ([`Closure`]).
//! - A banner is not put up again from history if somebody wrote after it.
//! - `Completed` that comes after the customer has already written again belongs to the interaction before, not to the new
//!   one.

use serde::{Deserialize, Serialize};

use crate::event::{InteractionState, Origin};

/// What is known of the closing of the current interaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Closure {
    /// The interaction goes on, or none has begun.
    #[default]
    Open,
    /// `Finalizing` was acted on.
    Finalized,
    /// `Completed` was acted on, or has followed.
    Completed,
    /// `Finalizing` was acted on, and then the customer wrote: a new interaction begins while the old one may still say
    /// `Completed`.
    Reopened,
}

/// What a deployment's chats are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mode {
    /// The chat outlives its interactions.
    Asynchronous,
    /// One interaction, then the chat is over.
    Synchronous,
}

/// What to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Finalization {
    /// Nothing.
    Nothing,
    /// Put up the closing banner; the chat stays open.
    ShowBanner,
    /// End the chat: leave it, which removes the participant.
    EndChat,
}

/// What was read, as far as the policy cares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading<'a> {
    /// Where it was read.
    pub origin: Origin,
    /// The last interaction state in it, if there is one.
    pub last_state: Option<&'a InteractionState>,
    /// Whether a message of the customer, an agent or a bot follows that state within what was read.
    pub written_after: bool,
}

/// Decides what to do about a reading, given what is known already; and what is known afterwards.
#[must_use]
pub fn finalize(mode: Mode, reading: Reading<'_>, closure: Closure) -> (Finalization, Closure) {
    use Closure::{Completed, Finalized, Open, Reopened};
    use Finalization::{EndChat, Nothing, ShowBanner};

    let Some(state) = reading.last_state else { return (Nothing, closure) };
    if matches!(reading.origin, Origin::Older | Origin::Missed) {
        return (Nothing, closure);
    }
    let acted = match state {
        InteractionState::Other(_) => return (Nothing, Open),
        InteractionState::Finalizing => Finalized,
        InteractionState::Completed => Completed,
    };
    let act = match mode {
        Mode::Asynchronous => ShowBanner,
        Mode::Synchronous => EndChat,
    };
    match (closure, acted, reading.origin) {
        // Picked up again: the transcript speaks for itself. Words after the closing mean that a banner would be stale;
        // a synchronous chat is over whatever was said after it.
        (_, _, Origin::Restored) if reading.written_after && mode == Mode::Asynchronous => {
            (Nothing, if acted == Finalized { Reopened } else { Open })
        }
        (_, _, Origin::Restored) => (act, acted),
        (Open, _, _) | (Reopened, Finalized, _) => (act, acted),
        (Reopened, _, _) => (Nothing, Open),
        (Finalized | Completed, Completed, _) => (Nothing, Completed),
        (Finalized | Completed, _, _) => (Nothing, closure),
    }
}

/// Something that shows that an interaction is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Activity {
    /// The customer wrote.
    Customer,
    /// An agent, a supervisor or a bot joined.
    OtherSideJoined,
}

impl Closure {
    /// What is known after `activity`.
    #[must_use]
    pub const fn after(self, activity: Activity) -> Self {
        match (self, activity) {
            (Self::Finalized, Activity::Customer) | (Self::Reopened, Activity::Customer) => Self::Reopened,
            (_, Activity::OtherSideJoined) | (Self::Open | Self::Completed, Activity::Customer) => Self::Open,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Closure::{Completed, Finalized, Open, Reopened};
    use super::Finalization::{EndChat, Nothing, ShowBanner};
    use super::*;

    /// One row: what was read last, where, whether somebody wrote after it, what was known; then what asynchronous and
    /// synchronous chats do, and what is known afterwards in each.
    type RowOfTruth = (&'static str, Origin, bool, Closure, (Finalization, Closure), (Finalization, Closure));

    fn state(name: &str) -> Option<InteractionState> {
        match name {
            "-" => None,
            "Finalizing" => Some(InteractionState::Finalizing),
            "Completed" => Some(InteractionState::Completed),
            other => Some(InteractionState::Other(other.to_owned())),
        }
    }

    /// Every combination of the inputs, so that nothing about the policy is left to be guessed.
    #[rustfmt::skip]
    const TRUTH: &[RowOfTruth] = &[
        // read          where             after  known       asynchronous            synchronous
        ("Finalizing",   Origin::Live,     false, Open,       (ShowBanner, Finalized), (EndChat, Finalized)),
        ("Finalizing",   Origin::Live,     true,  Open,       (ShowBanner, Finalized), (EndChat, Finalized)),
        ("Finalizing",   Origin::Live,     false, Finalized,  (Nothing, Finalized),    (Nothing, Finalized)),
        ("Finalizing",   Origin::Live,     true,  Finalized,  (Nothing, Finalized),    (Nothing, Finalized)),
        ("Finalizing",   Origin::Live,     false, Completed,  (Nothing, Completed),    (Nothing, Completed)),
        ("Finalizing",   Origin::Live,     true,  Completed,  (Nothing, Completed),    (Nothing, Completed)),
        ("Finalizing",   Origin::Live,     false, Reopened,   (ShowBanner, Finalized), (EndChat, Finalized)),
        ("Finalizing",   Origin::Live,     true,  Reopened,   (ShowBanner, Finalized), (EndChat, Finalized)),
        ("Completed",    Origin::Live,     false, Open,       (ShowBanner, Completed), (EndChat, Completed)),
        ("Completed",    Origin::Live,     true,  Open,       (ShowBanner, Completed), (EndChat, Completed)),
        ("Completed",    Origin::Live,     false, Finalized,  (Nothing, Completed),    (Nothing, Completed)),
        ("Completed",    Origin::Live,     true,  Finalized,  (Nothing, Completed),    (Nothing, Completed)),
        ("Completed",    Origin::Live,     false, Completed,  (Nothing, Completed),    (Nothing, Completed)),
        ("Completed",    Origin::Live,     true,  Completed,  (Nothing, Completed),    (Nothing, Completed)),
        ("Completed",    Origin::Live,     false, Reopened,   (Nothing, Open),         (Nothing, Open)),
        ("Completed",    Origin::Live,     true,  Reopened,   (Nothing, Open),         (Nothing, Open)),
        ("Finalizing",   Origin::Restored, false, Open,       (ShowBanner, Finalized), (EndChat, Finalized)),
        ("Finalizing",   Origin::Restored, true,  Open,       (Nothing, Reopened),     (EndChat, Finalized)),
        ("Finalizing",   Origin::Restored, false, Finalized,  (ShowBanner, Finalized), (EndChat, Finalized)),
        ("Finalizing",   Origin::Restored, true,  Finalized,  (Nothing, Reopened),     (EndChat, Finalized)),
        ("Finalizing",   Origin::Restored, false, Completed,  (ShowBanner, Finalized), (EndChat, Finalized)),
        ("Finalizing",   Origin::Restored, true,  Completed,  (Nothing, Reopened),     (EndChat, Finalized)),
        ("Finalizing",   Origin::Restored, false, Reopened,   (ShowBanner, Finalized), (EndChat, Finalized)),
        ("Finalizing",   Origin::Restored, true,  Reopened,   (Nothing, Reopened),     (EndChat, Finalized)),
        ("Completed",    Origin::Restored, false, Open,       (ShowBanner, Completed), (EndChat, Completed)),
        ("Completed",    Origin::Restored, true,  Open,       (Nothing, Open),         (EndChat, Completed)),
        ("Completed",    Origin::Restored, false, Finalized,  (ShowBanner, Completed), (EndChat, Completed)),
        ("Completed",    Origin::Restored, true,  Finalized,  (Nothing, Open),         (EndChat, Completed)),
        ("Completed",    Origin::Restored, false, Completed,  (ShowBanner, Completed), (EndChat, Completed)),
        ("Completed",    Origin::Restored, true,  Completed,  (Nothing, Open),         (EndChat, Completed)),
        ("Completed",    Origin::Restored, false, Reopened,   (ShowBanner, Completed), (EndChat, Completed)),
        ("Completed",    Origin::Restored, true,  Reopened,   (Nothing, Open),         (EndChat, Completed)),
    ];

    #[test]
    fn the_whole_truth() {
        let mut expected = TRUTH.to_vec();
        // The rows that are the same for every origin, or for every known closure, are filled in here.
        for after in [false, true] {
            for known in [Open, Finalized, Completed, Reopened] {
                for origin in [Origin::Live, Origin::Restored] {
                    expected.push(("Started", origin, after, known, (Nothing, Open), (Nothing, Open)));
                    expected.push(("-", origin, after, known, (Nothing, known), (Nothing, known)));
                }
                for read in ["Finalizing", "Completed", "Started", "-"] {
                    for origin in [Origin::Older, Origin::Missed] {
                        expected.push((read, origin, after, known, (Nothing, known), (Nothing, known)));
                    }
                }
            }
        }
        assert_eq!(expected.len(), 4 * 4 * 2 * 4, "every state, origin, follow-up and closure has its row");
        for (read, origin, written_after, known, asynchronous, synchronous) in expected {
            let last = state(read);
            let reading = Reading { origin, last_state: last.as_ref(), written_after };
            let row = format!("{read} {origin:?} after={written_after} known={known:?}");
            assert_eq!(finalize(Mode::Asynchronous, reading, known), asynchronous, "asynchronous: {row}");
            assert_eq!(finalize(Mode::Synchronous, reading, known), synchronous, "synchronous: {row}");
        }
    }

    #[test]
    fn activity_opens_an_interaction_again() {
        for (known, activity, expected) in [
            (Open, Activity::Customer, Open),
            (Finalized, Activity::Customer, Reopened),
            (Completed, Activity::Customer, Open),
            (Reopened, Activity::Customer, Reopened),
            (Open, Activity::OtherSideJoined, Open),
            (Finalized, Activity::OtherSideJoined, Open),
            (Completed, Activity::OtherSideJoined, Open),
            (Reopened, Activity::OtherSideJoined, Open),
        ] {
            assert_eq!(known.after(activity), expected, "{known:?} then {activity:?}");
        }
    }

    #[test]
    fn finalizing_then_completed_acts_once() {
        let (first, known) = finalize(Mode::Asynchronous, live(&InteractionState::Finalizing), Open);
        let (second, known) = finalize(Mode::Asynchronous, live(&InteractionState::Completed), known);
        assert_eq!((first, second, known), (ShowBanner, Nothing, Completed));
    }

    #[test]
    fn the_late_end_of_an_old_case_does_not_close_the_new_one() {
        let (_, known) = finalize(Mode::Asynchronous, live(&InteractionState::Finalizing), Open);
        let known = known.after(Activity::Customer);
        let (late, known) = finalize(Mode::Asynchronous, live(&InteractionState::Completed), known);
        assert_eq!((late, known), (Nothing, Open));
        let (next, _) = finalize(Mode::Asynchronous, live(&InteractionState::Finalizing), known);
        assert_eq!(next, ShowBanner);
    }

    fn live(state: &InteractionState) -> Reading<'_> {
        Reading { origin: Origin::Live, last_state: Some(state), written_after: false }
    }
}
