//! What is still said to a service after the end: that the person has left, and once more if that was not heard.

use crate::io::{Deadline, Moment, Now};

/// Where the farewell stands. `P` is what opens the chat.
#[derive(Debug, PartialEq, Eq)]
pub enum Farewell<P> {
    /// Nothing is left to say.
    Said,
    /// The person left while a chat was asked for: it is ended as soon as it is known.
    AfterStart,
    /// The call is out; it will be repeated once.
    First(P),
    /// To be repeated then.
    Again {
        /// What opens the chat.
        pass: P,
        /// When.
        due: Moment,
    },
}

impl<P> Farewell<P> {
    /// When something is to be said, if the service can be asked from `opens` on.
    #[must_use]
    pub fn deadline(&self, opens: Moment) -> Option<Deadline> {
        match self {
            Self::Again { due, .. } => Some(Deadline { at: (*due).max(opens), why: "leaving again" }),
            _ => None,
        }
    }

    /// What opens the chat that is to be left now, for the last time, if the service can be asked from `opens` on.
    pub fn last(&mut self, now: Now, opens: Moment) -> Option<P> {
        self.deadline(opens).filter(|deadline| deadline.at <= now.at)?;
        match std::mem::replace(self, Self::Said) {
            Self::Again { pass, .. } => Some(pass),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaving_is_repeated_once_when_it_is_due_and_the_service_can_be_asked() {
        let at = |ms| Now { at: Moment(ms), wall: 0 };
        let mut farewell = Farewell::Again { pass: "key", due: Moment(10) };
        assert_eq!(farewell.last(at(9), Moment(0)), None);
        assert_eq!(farewell.last(at(15), Moment(20)), None, "the service asked to wait");
        assert_eq!(farewell.deadline(Moment(20)).map(|deadline| deadline.at), Some(Moment(20)));
        assert_eq!(farewell.last(at(20), Moment(20)), Some("key"));
        assert_eq!(farewell, Farewell::Said);
        assert_eq!(farewell.last(at(30), Moment(0)), None);
        for other in [Farewell::Said, Farewell::AfterStart, Farewell::First("key")] {
            assert_eq!(other.deadline(Moment(0)), None);
        }
    }
}
