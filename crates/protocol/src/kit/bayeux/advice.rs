//! What a server wants of its client, as it says with its answers. Newer advice replaces older; what it leaves out is as if
//! nothing had been said.

use std::time::Duration;

use serde_json::Value;

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

impl Advice {
    /// Reads what is understood of it.
    pub(super) fn read(value: &Value) -> Self {
        let number = |name: &str| {
            let value = value.get(name)?;
            value.as_i64().or_else(|| value.as_str()?.trim().parse().ok())
        };
        let millis = |ms: i64| Duration::from_millis(u64::try_from(ms).unwrap_or_default());
        let interval = number("interval").unwrap_or_default();
        Self {
            reconnect: value.get("reconnect").and_then(Value::as_str).and_then(|word| match word {
                "retry" => Some(Reconnect::Retry),
                "handshake" => Some(Reconnect::Handshake),
                "none" => Some(Reconnect::Stop),
                _ => None,
            }),
            interval: millis(interval.clamp(0, LONGEST_INTERVAL)),
            never: interval < 0,
            hold: number("timeout").map(|ms| millis(ms.clamp(0, LONGEST_HOLD))),
            patience: number("maxInterval").filter(|ms| *ms > 0).map(millis),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn advice_is_read_as_far_as_it_is_understood() {
        let advice = Advice::read(&json!({
            "reconnect": "handshake", "interval": "2000", "timeout": 30_000, "maxInterval": -1, "multiple-clients": true
        }));
        assert_eq!(advice.reconnect, Some(Reconnect::Handshake));
        assert_eq!(advice.interval, Duration::from_secs(2));
        assert_eq!(advice.hold, Some(Duration::from_secs(30)));
        assert_eq!(advice.patience, None);
        assert_eq!(
            Advice::read(&json!({ "reconnect": 7, "timeout": [], "interval": {} })),
            Advice::default()
        );
        assert_eq!(Advice::read(&json!("none")), Advice::default());
    }

    #[test]
    fn no_number_stops_a_client_for_hours() {
        let advice = Advice::read(&json!({ "interval": i64::MAX, "timeout": i64::MAX }));
        assert_eq!(advice.interval, Duration::from_secs(300));
        assert_eq!(advice.hold, Some(Duration::from_secs(600)));
        assert!(Advice::read(&json!({ "interval": -1 })).never);
    }
}
