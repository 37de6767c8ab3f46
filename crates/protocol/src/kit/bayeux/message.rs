//! Bayeux messages. What comes in may be an array or a single object, and a member of an unexpected kind is as good as absent.

use serde_json::{Map, Value, json};

use super::Refusal;
use super::advice::{Advice, Reconnect};

/// Channels of the protocol itself.
pub(super) const HANDSHAKE: &str = "/meta/handshake";
pub(super) const CONNECT: &str = "/meta/connect";
pub(super) const SUBSCRIBE: &str = "/meta/subscribe";
pub(super) const DISCONNECT: &str = "/meta/disconnect";

/// A message of the server.
#[derive(Clone, PartialEq)]
pub(super) struct Message {
    pub(super) channel: String,
    pub(super) id: Option<String>,
    pub(super) client: Option<String>,
    /// `None` if it is a delivery and no reply.
    pub(super) successful: Option<bool>,
    pub(super) error: Option<String>,
    pub(super) advice: Option<Advice>,
    /// Ways of travelling that the server knows; `None` if it does not say.
    pub(super) ways: Option<Vec<String>>,
    /// What the acknowledgement extension says: a number, or that it is in use.
    pub(super) ack: Option<Value>,
    pub(super) data: Option<Value>,
}

/// Reads what came; messages without a channel are left out.
///
/// # Errors
/// If it is no JSON, or neither an array nor an object.
pub(super) fn read(bytes: &[u8]) -> Result<Vec<Message>, &'static str> {
    match serde_json::from_slice(bytes).map_err(|_| "JSON")? {
        Value::Array(list) => Ok(list.into_iter().filter_map(message).collect()),
        whole @ Value::Object(_) => Ok(message(whole).into_iter().collect()),
        _ => Err("an array of messages"),
    }
}

fn message(value: Value) -> Option<Message> {
    let Value::Object(mut members) = value else { return None };
    let text = |members: &Map<String, Value>, name: &str| match members.get(name)? {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    let ways = members.get("supportedConnectionTypes").and_then(Value::as_array);
    let ways = ways.map(|ways| ways.iter().filter_map(Value::as_str).map(str::to_owned).collect());
    Some(Message {
        channel: text(&members, "channel")?,
        id: text(&members, "id"),
        client: text(&members, "clientId"),
        successful: members.get("successful").and_then(|value| match value {
            Value::Bool(value) => Some(*value),
            Value::String(word) => word.parse().ok(),
            _ => None,
        }),
        error: text(&members, "error"),
        advice: members.get("advice").filter(|advice| advice.is_object()).map(Advice::read),
        ways,
        ack: members.get("ext").and_then(|ext| ext.get("ack")).cloned(),
        data: members.remove("data"),
    })
}

impl Message {
    /// What a reply that is not successful says.
    pub(super) fn refusal(&self) -> Refusal {
        let error = self.error.as_deref().unwrap_or_default();
        let code = error.split(':').next().and_then(|code| code.trim().parse().ok());
        let words = error.rsplit(':').next().unwrap_or_default();
        let plain = |character: &char| character.is_ascii_alphanumeric() || " _-".contains(*character);
        let words = words.chars().filter(plain).take(64).collect();
        Refusal { code, words, lost: self.next() == Some(Reconnect::Handshake) }
    }

    /// What a reply that is not successful asks for. The codes are decided by, never the words: every server has its own.
    pub(super) fn next(&self) -> Option<Reconnect> {
        let advised = self.advice.as_ref().and_then(|advice| advice.reconnect);
        let code = self.error.as_deref().and_then(|error| error.split(':').next());
        let unknown = code.is_some_and(|code| matches!(code.trim(), "401" | "402"));
        match advised {
            Some(Reconnect::Stop) => Some(Reconnect::Stop),
            _ if unknown => Some(Reconnect::Handshake),
            advised => advised,
        }
    }

    /// Whether the acknowledgement extension is in use from here on.
    pub(super) fn acknowledges(&self) -> bool {
        match &self.ack {
            Some(Value::Bool(on)) => *on,
            Some(Value::Object(more)) => more.get("enabled").and_then(Value::as_bool).unwrap_or(true),
            Some(Value::Number(_)) => true,
            _ => false,
        }
    }
}

/// A handshake.
pub(super) fn handshake(id: &str, ways: &[&str]) -> Value {
    json!({
        "id": id,
        "channel": HANDSHAKE,
        "version": "1.0",
        "minimumVersion": "1.0",
        "supportedConnectionTypes": ways,
        "advice": { "timeout": 60_000, "interval": 0 },
        "ext": { "ack": true },
    })
}

/// A connect; `at_once` asks the server not to hold it.
pub(super) fn connect(id: &str, client: &str, way: &str, at_once: bool, ack: Option<i64>) -> Value {
    let mut message = json!({ "id": id, "channel": CONNECT, "clientId": client, "connectionType": way });
    if let Some(members) = message.as_object_mut() {
        if at_once {
            members.insert("advice".to_owned(), json!({ "timeout": 0 }));
        }
        if let Some(ack) = ack {
            members.insert("ext".to_owned(), json!({ "ack": ack }));
        }
    }
    message
}

/// The end of a session.
pub(super) fn disconnect(id: &str, client: &str, ext: Option<&Value>) -> Value {
    let mut message = json!({ "id": id, "channel": DISCONNECT, "clientId": client });
    if let (Some(ext), Some(members)) = (ext, message.as_object_mut()) {
        members.insert("ext".to_owned(), ext.clone());
    }
    message
}

/// A wish to hear a channel.
pub(super) fn subscribe(id: &str, client: &str, channel: &str) -> Value {
    json!({ "id": id, "channel": SUBSCRIBE, "clientId": client, "subscription": channel })
}

/// Words for a channel.
pub(super) fn publish(id: &str, client: &str, channel: &str, data: &Value) -> Value {
    json!({ "id": id, "channel": channel, "clientId": client, "data": data })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(json: &Value) -> Message {
        read(json.to_string().as_bytes()).unwrap().remove(0)
    }

    #[test]
    fn an_array_and_a_single_object_are_both_read() {
        let reply = json!({ "channel": "/meta/connect", "id": 7, "successful": true });
        assert!(one(&reply) == one(&json!([reply])));
        assert_eq!(one(&reply).id.as_deref(), Some("7"));
        let mixed = json!([7, null, { "data": 1 }, { "channel": "/a", "data": { "x": [] } }, "b"]);
        let found = read(mixed.to_string().as_bytes()).unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].successful, &found[0].data), (None, &Some(json!({ "x": [] }))));
        assert!(read(b"7").is_err());
        assert!(read(b"[{").is_err());
    }

    #[test]
    fn every_spelling_of_a_lost_session_is_known_by_its_number() {
        for error in [
            "402::Unknown client",
            "402::session_unknown",
            "401:abc:Unknown client",
            "402:x1:Unknown Client ID",
        ] {
            let refusal = one(&json!({ "channel": "/a", "successful": false, "error": error })).refusal();
            assert!(refusal.lost, "{error}");
        }
        let denied =
            one(&json!({ "channel": "/a", "successful": false, "error": "403:/a:Subscription denied" }));
        assert_eq!(
            denied.refusal(),
            Refusal { code: Some(403), words: "Subscription denied".into(), lost: false }
        );
    }

    #[test]
    fn advice_to_stop_stands_above_the_number() {
        let stop = json!({ "channel": "/meta/connect", "successful": false, "error": "402::x", "advice": { "reconnect": "none" } });
        assert_eq!(one(&stop).next(), Some(Reconnect::Stop));
        let lost = json!({ "channel": "/meta/connect", "successful": false, "advice": { "reconnect": "handshake" } });
        assert!(one(&lost).refusal().lost);
        let odd = json!({ "channel": "/meta/connect", "successful": false, "error": "402::x", "advice": { "reconnect": "retry" } });
        assert_eq!(
            one(&odd).next(),
            Some(Reconnect::Handshake),
            "an unknown session is not found by asking again"
        );
    }

    #[test]
    fn the_acknowledgement_extension_is_used_if_it_was_confirmed() {
        let with =
            |ack: Value| one(&json!({ "channel": "/meta/handshake", "ext": { "ack": ack } })).acknowledges();
        assert!(with(json!(true)));
        assert!(with(json!({ "enabled": true, "batch": 1 })));
        assert!(!with(json!(false)));
        assert!(!with(json!("yes")));
        assert!(!one(&json!({ "channel": "/meta/handshake", "ext": [] })).acknowledges());
    }
}
