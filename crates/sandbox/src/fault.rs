//! Faults on demand: what goes wrong with the next requests of the customer, and how.

mod damage;
mod request;

use serde_json::Value;
use thiserror::Error;

pub(crate) use self::damage::{Damage, Replacement, ReplacementBody};
pub(crate) use self::request::{FaultRequest, On};
use crate::log::Operation;

/// Why a fault was not taken.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum FaultError {
    /// A member that this kind needs is missing.
    #[error("`{0}` is missing: this kind of fault needs it")]
    Missing(&'static str),
    /// The status is no HTTP status.
    #[error("`code` is {0}; an HTTP status between 200 and 599 was expected")]
    BadStatus(u16),
    /// No code to close a socket with.
    #[error("`value` is {0}; a code that may close a socket was expected, 1001 for instance")]
    BadClose(i64),
}

/// The faults that are waiting for requests.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    waiting: Vec<Fault>,
    last_id: u64,
}

#[derive(Debug)]
struct Fault {
    id: u64,
    skip: u32,
    /// `None` strikes until it is removed.
    left: Option<u32>,
    request: FaultRequest,
    damage: Damage,
}

impl Faults {
    /// Adds a fault and gives its id.
    ///
    /// # Errors
    /// [`FaultError`] when the request lacks what its kind needs.
    pub(crate) fn add(&mut self, request: FaultRequest) -> Result<u64, FaultError> {
        let damage = Damage::of(&request)?;
        self.last_id += 1;
        let left = (request.times > 0).then_some(request.times);
        self.waiting.push(Fault { id: self.last_id, skip: request.skip, left, request, damage });
        Ok(self.last_id)
    }

    /// Takes what is to be done to this request, if anything: the oldest fault that matches.
    pub(crate) fn take(
        &mut self,
        service: &str,
        operation: Operation,
        session: Option<&str>,
    ) -> Option<Damage> {
        let matches = |fault: &Fault| {
            fault.request.on.strikes(operation)
                && fault.request.service.as_deref().is_none_or(|wanted| service == wanted)
                && fault.request.session.as_deref().is_none_or(|wanted| session == Some(wanted))
        };
        for fault in self.waiting.iter_mut().filter(|fault| matches(fault)) {
            if fault.skip > 0 {
                fault.skip -= 1;
                continue;
            }
            let damage = fault.damage.clone();
            if let Some(left) = &mut fault.left {
                *left -= 1;
            }
            self.waiting.retain(|fault| fault.left != Some(0));
            return Some(damage);
        }
        None
    }

    /// Removes one fault; whether it was there.
    pub(crate) fn remove(&mut self, id: u64) -> bool {
        let before = self.waiting.len();
        self.waiting.retain(|fault| fault.id != id);
        before != self.waiting.len()
    }

    /// Removes all.
    pub(crate) fn clear(&mut self) {
        self.waiting.clear();
    }

    /// The waiting faults as JSON: `id`, `left` (null for all), `skip`, and the request.
    #[must_use]
    pub(crate) fn list(&self) -> Vec<Value> {
        let one = |fault: &Fault| {
            let request = serde_json::to_value(&fault.request).unwrap_or_default();
            serde_json::json!({ "id": fault.id, "left": fault.left, "skip": fault.skip, "fault": request })
        };
        self.waiting.iter().map(one).collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fault(json: Value) -> FaultRequest {
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn a_fault_strikes_as_often_as_asked_and_only_what_it_names() {
        let mut faults = Faults::default();
        faults.add(fault(json!({ "on": "poll", "kind": "drop", "times": 2, "skip": 1 }))).unwrap();
        assert_eq!(faults.take("here", Operation::Send, None), None);
        assert_eq!(faults.take("here", Operation::Poll, None), None, "the first one passes");
        assert!(faults.take("here", Operation::Poll, None).is_some());
        assert!(faults.take("here", Operation::Resume, None).is_some());
        assert_eq!(faults.take("here", Operation::Poll, None), None);
        assert!(faults.list().is_empty());
    }

    #[test]
    fn a_fault_for_one_chat_leaves_the_others_alone() {
        let mut faults = Faults::default();
        faults.add(fault(json!({ "on": "any", "kind": "hang", "times": 0, "session": "a" }))).unwrap();
        assert_eq!(faults.take("here", Operation::Send, Some("b")), None);
        for _ in 0..5 {
            assert!(faults.take("here", Operation::Send, Some("a")).is_some());
        }
        assert!(faults.remove(1));
        assert_eq!(faults.take("here", Operation::Send, Some("a")), None);
    }

    #[test]
    fn a_fault_for_one_service_leaves_the_others_alone_and_older_names_are_understood() {
        let mut faults = Faults::default();
        for on in ["create", "images", "media"] {
            faults.add(fault(json!({ "on": on, "kind": "drop", "service": "here" }))).unwrap();
        }
        for operation in [Operation::Start, Operation::Upload, Operation::Download] {
            assert_eq!(faults.take("there", operation, None), None);
            assert!(faults.take("here", operation, None).is_some());
        }
    }

    #[test]
    fn a_fault_that_lacks_something_says_what() {
        let mut faults = Faults::default();
        let missing = faults.add(fault(json!({ "on": "send", "kind": "slow" })));
        assert_eq!(missing, Err(FaultError::Missing("ms")));
        let bad = faults.add(fault(json!({ "on": "send", "kind": "status", "code": 99 })));
        assert_eq!(bad, Err(FaultError::BadStatus(99)));
        let bad = faults.add(fault(json!({ "on": "send", "kind": "close", "value": 1006 })));
        assert_eq!(bad, Err(FaultError::BadClose(1006)), "that one stands for no code at all");
    }
}
