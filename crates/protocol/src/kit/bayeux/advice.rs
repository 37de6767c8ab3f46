//! What a server wants of its client, as it says with its answers. Newer advice replaces older; what it leaves out is as if
//! nothing had been said.

use std::fmt;
use std::time::Duration;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};

use crate::kit::loose::Atom;

/// No pause that a server asks for is longer: whoever means more can say `none`.
const LONGEST_INTERVAL: i64 = 300_000;
/// No connect is held longer.
const LONGEST_HOLD: i64 = 600_000;

/// What to do after an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reconnect {
    /// Connect once more.
    Retry,
    /// The session is no more: shake hands.
    Handshake,
    /// Stop.
    Stop,
}

/// What a server wants.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Advice {
    /// What to do next, if it says.
    pub(super) reconnect: Option<Reconnect>,
    /// Pause before the next connect.
    pub(super) interval: Duration,
    /// It does not want to be asked again at all.
    pub(super) never: bool,
    /// How long it holds a connect.
    pub(super) hold: Option<Duration>,
    /// How long beyond a hold and a pause it remembers a client that is silent.
    pub(super) patience: Option<Duration>,
}

impl<'de> Deserialize<'de> for Advice {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Read;

        impl<'de> Visitor<'de> for Read {
            type Value = Advice;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("advice")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut advice = Advice::default();
                while let Some(name) = map.next_key::<Atom<'de>>()? {
                    let value = map.next_value::<Atom<'de>>()?;
                    advice.take(name.word().unwrap_or_default(), &value);
                }
                Ok(advice)
            }
        }

        from.deserialize_map(Read)
    }
}

impl Advice {
    /// Takes in what is understood of it. What is said twice is meant as it was said last.
    fn take(&mut self, name: &str, value: &Atom<'_>) {
        let millis = |ms: i64| Duration::from_millis(u64::try_from(ms).unwrap_or_default());
        match name {
            "reconnect" => {
                self.reconnect = match value.word() {
                    Some("retry") => Some(Reconnect::Retry),
                    Some("handshake") => Some(Reconnect::Handshake),
                    Some("none") => Some(Reconnect::Stop),
                    _ => None,
                };
            }
            "interval" => {
                let interval = value.whole().unwrap_or_default();
                self.interval = millis(interval.clamp(0, LONGEST_INTERVAL));
                self.never = interval < 0;
            }
            "timeout" => self.hold = value.whole().map(|ms| millis(ms.clamp(0, LONGEST_HOLD))),
            "maxInterval" => self.patience = value.whole().filter(|ms| *ms > 0).map(millis),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kit::loose::Object;
    use serde_json::{Value, json};

    fn read(value: &Value) -> Option<Advice> {
        serde_json::from_str::<Object<Advice>>(&value.to_string()).unwrap().0
    }

    #[test]
    fn advice_is_read_as_far_as_it_is_understood() {
        let advice = read(&json!({
            "reconnect": "handshake", "interval": "2000", "timeout": 30_000, "maxInterval": -1, "multiple-clients": true
        }))
        .unwrap();
        assert_eq!(advice.reconnect, Some(Reconnect::Handshake));
        assert_eq!(advice.interval, Duration::from_secs(2));
        assert_eq!(advice.hold, Some(Duration::from_secs(30)));
        assert_eq!(advice.patience, None);
        assert_eq!(read(&json!({ "reconnect": 7, "timeout": [], "interval": {} })), Some(Advice::default()));
        assert_eq!(read(&json!("none")), None);
    }

    #[test]
    fn no_number_stops_a_client_for_hours() {
        let advice = read(&json!({ "interval": i64::MAX, "timeout": i64::MAX })).unwrap();
        assert_eq!(advice.interval, Duration::from_secs(300));
        assert_eq!(advice.hold, Some(Duration::from_secs(600)));
        assert!(read(&json!({ "interval": -1 })).unwrap().never);
    }
}
