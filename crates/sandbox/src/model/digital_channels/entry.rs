//! One entry of a chat and its index.
//!
//! An index has the form `<unix ms>-<sequence>` and grows strictly from entry to entry: several entries of one
//! millisecond count up the sequence, which therefore reaches two digits and more.

use std::fmt;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// Participant id of the service itself.
pub const SYSTEM_PARTICIPANT: &str = "00000000-0000-0000-0000-000000000000";

/// How long a typing entry is worth delivering, in milliseconds. A stale one is never handed out.
pub const TYPING_LIFETIME_MS: u64 = 10_000;

/// Position of an entry in its chat. Ordered by time, then by sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Index {
    /// Unix time in milliseconds.
    pub ms: u64,
    /// Counts the entries of one millisecond from 0.
    pub seq: u64,
}

impl Index {
    /// Reads `<ms>-<seq>`; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (ms, seq) = text.split_once('-')?;
        Some(Self { ms: ms.parse().ok()?, seq: seq.parse().ok()? })
    }

    /// The index of the next entry made at `now`. Never at or below `self`, also when the clock steps back.
    #[must_use]
    pub fn next(self, now: u64) -> Self {
        if now > self.ms { Self { ms: now, seq: 0 } } else { Self { ms: self.ms, seq: self.seq + 1 } }
    }
}

impl fmt::Display for Index {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.ms, self.seq)
    }
}

/// Which reads an entry appears in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lasting {
    /// In polls and in history.
    Kept,
    /// In polls of the next ten seconds only: typing.
    Passing,
    /// In the next plain poll only: a copy or a malformed entry that history does not know.
    Once,
}

/// Who gets an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// The customer and the contact centre.
    Everyone,
    /// The contact centre alone: what the customer types.
    Centre,
}

/// One entry as it was appended to a chat.
#[derive(Debug, Clone)]
pub struct Entry {
    /// `None` only for an entry that was pushed without one on purpose.
    pub index: Option<Index>,
    /// When it was appended, unix ms.
    pub at: u64,
    /// Which reads it appears in.
    pub lasting: Lasting,
    /// Who gets it.
    pub audience: Audience,
    /// The JSON that goes over the wire.
    pub body: Value,
}

impl Entry {
    /// Whether a poll at `now` hands this entry to the customer.
    #[must_use]
    pub fn is_for_poll(&self, now: u64) -> bool {
        let fresh = self.lasting != Lasting::Passing || now.saturating_sub(self.at) <= TYPING_LIFETIME_MS;
        self.audience == Audience::Everyone && fresh
    }

    /// Whether history holds this entry.
    #[must_use]
    pub fn is_history(&self) -> bool {
        self.lasting == Lasting::Kept && self.audience == Audience::Everyone
    }

    /// A text member of the wire form, empty when absent.
    #[must_use]
    pub fn text_of(&self, member: &str) -> &str {
        self.body.get(member).and_then(Value::as_str).unwrap_or_default()
    }

    /// Whether the customer wrote it.
    #[must_use]
    pub fn is_from_customer(&self) -> bool {
        self.body.pointer("/from/type").and_then(Value::as_str) == Some("Customer")
    }
}

/// `now` as the service writes it: ISO 8601 in UTC with milliseconds.
#[must_use]
pub fn utc_time(now: u64) -> String {
    let ms = i64::try_from(now).unwrap_or(i64::MAX);
    let at = Timestamp::from_millisecond(ms).unwrap_or(Timestamp::MAX);
    at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

/// `from` of an entry that the service itself writes.
#[must_use]
pub fn system() -> Value {
    json!({ "participantId": SYSTEM_PARTICIPANT, "type": "System" })
}

/// Puts the members that every well-formed entry has into `body`, keeping those that are there.
pub fn fill(body: &mut Map<String, Value>, index: Index, id: &str, now: u64, from: Value) {
    let mut put = |name: &str, value: Value| {
        body.entry(name).or_insert(value);
    };
    put("index", json!(index.to_string()));
    put("streamId", json!(index.to_string()));
    put("id", json!(id));
    put("utcTime", json!(utc_time(now)));
    put("visibility", json!("All"));
    put("from", from);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_grows_within_a_millisecond_and_when_the_clock_steps_back() {
        let mut index = Index { ms: 0, seq: 0 }.next(1000);
        assert_eq!(index.to_string(), "1000-0");
        for _ in 0..12 {
            let next = index.next(1000);
            assert!(next > index);
            index = next;
        }
        assert_eq!(index.to_string(), "1000-12");
        assert_eq!(index.next(400).to_string(), "1000-13");
        assert_eq!(index.next(1001).to_string(), "1001-0");
    }

    #[test]
    fn indexes_are_ordered_as_two_numbers() {
        let parse = |text: &str| Index::parse(text).unwrap();
        assert!(parse("1000-9") < parse("1000-10"));
        assert!(parse("999-99") < parse("1000-0"));
        assert_eq!(Index::parse("10000"), None);
        assert_eq!(Index::parse("a-b"), None);
    }

    #[test]
    fn time_is_written_with_milliseconds_in_utc() {
        assert_eq!(utc_time(1_625_826_338_845), "2021-07-09T10:25:38.845Z");
        assert_eq!(utc_time(1_625_826_338_000), "2021-07-09T10:25:38.000Z");
    }
}
