//! Bayeux messages. What comes in may be an array or a single object, and a member of an unexpected kind is as good as absent.

use std::borrow::Cow;
use std::fmt;

use serde::Serialize;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::{Value, json};

use super::Refusal;
use super::advice::{Advice, Reconnect};
use crate::kit::loose::{Atom, List, Object};

/// Channels of the protocol itself.
pub(super) const HANDSHAKE: &str = "/meta/handshake";
pub(super) const CONNECT: &str = "/meta/connect";
pub(super) const SUBSCRIBE: &str = "/meta/subscribe";
pub(super) const DISCONNECT: &str = "/meta/disconnect";

/// A message of the server.
#[derive(Clone, PartialEq, Default)]
pub(super) struct Message {
    /// Empty if it has none, and then it is no message.
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
    let bytes = bytes.trim_ascii_start();
    let mut messages = match bytes.first() {
        Some(b'[') => whole::<List<Message>>(bytes)?.items,
        Some(b'{') => whole::<Object<Message>>(bytes)?.0.into_iter().collect(),
        _ => return Err("an array of messages"),
    };
    messages.retain(|message| !message.channel.is_empty());
    Ok(messages)
}

/// Looking at all bytes at once is quicker than at each string; spoilt ones may stand where nobody reads.
fn whole<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, &'static str> {
    let read = match str::from_utf8(bytes) {
        Ok(text) => serde_json::from_str(text),
        Err(_) => serde_json::from_slice(bytes),
    };
    read.map_err(|_| "JSON")
}

impl<'de> Deserialize<'de> for Message {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Read;

        impl<'de> Visitor<'de> for Read {
            type Value = Message;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a message")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut message = Message::default();
                while let Some(name) = map.next_key::<Atom<'de>>()? {
                    message.take(name.word().unwrap_or_default(), &mut map)?;
                }
                Ok(message)
            }
        }

        from.deserialize_map(Read)
    }
}

impl Message {
    /// Takes in one member. What is said twice is meant as it was said last.
    fn take<'de, A: MapAccess<'de>>(&mut self, name: &str, from: &mut A) -> Result<(), A::Error> {
        let text = |from: &mut A| {
            let atom = from.next_value::<Atom<'de>>()?;
            Ok(atom.text().map(Cow::into_owned))
        };
        match name {
            "channel" => self.channel = text(from)?.unwrap_or_default(),
            "id" => self.id = text(from)?,
            "clientId" => self.client = text(from)?,
            "successful" => self.successful = from.next_value::<Atom<'de>>()?.truth(),
            "error" => self.error = text(from)?,
            "advice" => self.advice = from.next_value::<Object<Advice>>()?.0,
            "supportedConnectionTypes" => {
                self.ways = match from.next_value()? {
                    Value::Array(ways) => {
                        Some(ways.iter().filter_map(Value::as_str).map(str::to_owned).collect())
                    }
                    _ => None,
                }
            }
            "ext" => self.ack = from.next_value::<Value>()?.get_mut("ack").map(Value::take),
            "data" => self.data = Some(from.next_value()?),
            _ => {
                from.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }

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

/// A connect, as it is written.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Connect<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    advice: Option<AtOnce>,
    channel: &'static str,
    client_id: &'a str,
    connection_type: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    ext: Option<Ack>,
    id: &'a str,
}

#[derive(Serialize)]
struct AtOnce {
    timeout: u8,
}

#[derive(Serialize)]
struct Ack {
    ack: i64,
}

/// What is said on a channel, as it is written.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Publish<'a> {
    channel: &'a str,
    client_id: &'a str,
    data: &'a Value,
    id: &'a str,
}

/// Messages as they travel.
pub(super) fn together(messages: &[String]) -> String {
    let room = messages.iter().map(|message| message.len() + 1).sum::<usize>() + 1;
    let mut all = String::with_capacity(room);
    for (at, message) in messages.iter().enumerate() {
        all.push(if at == 0 { '[' } else { ',' });
        all.push_str(message);
    }
    all.push(']');
    all
}

/// A handshake.
pub(super) fn handshake(id: &str, ways: &[&str]) -> String {
    let message = json!({
        "id": id,
        "channel": HANDSHAKE,
        "version": "1.0",
        "minimumVersion": "1.0",
        "supportedConnectionTypes": ways,
        "advice": { "timeout": 60_000, "interval": 0 },
        "ext": { "ack": true },
    });
    message.to_string()
}

/// A connect; `at_once` asks the server not to hold it.
pub(super) fn connect(id: &str, client: &str, way: &str, at_once: bool, ack: Option<i64>) -> String {
    written(&Connect {
        advice: at_once.then_some(AtOnce { timeout: 0 }),
        channel: CONNECT,
        client_id: client,
        connection_type: way,
        ext: ack.map(|ack| Ack { ack }),
        id,
    })
}

/// The end of a session.
pub(super) fn disconnect(id: &str, client: &str, ext: Option<&Value>) -> String {
    let mut message = json!({ "id": id, "channel": DISCONNECT, "clientId": client });
    if let (Some(ext), Some(members)) = (ext, message.as_object_mut()) {
        members.insert("ext".to_owned(), ext.clone());
    }
    message.to_string()
}

/// A wish to hear a channel.
pub(super) fn subscribe(id: &str, client: &str, channel: &str) -> String {
    json!({ "id": id, "channel": SUBSCRIBE, "clientId": client, "subscription": channel }).to_string()
}

/// Words for a channel.
pub(super) fn publish(id: &str, client: &str, channel: &str, data: &Value) -> String {
    written(&Publish { channel, client_id: client, data, id })
}

/// Texts, numbers and a value that was JSON before can all be written.
fn written(message: &impl Serialize) -> String {
    serde_json::to_string(message).unwrap_or_default()
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
    fn no_member_of_another_kind_spoils_the_rest() {
        const NAMES: [&str; 10] = [
            "id",
            "clientId",
            "successful",
            "error",
            "advice",
            "supportedConnectionTypes",
            "ext",
            "timestamp",
            "version",
            "",
        ];
        for odd in
            ["null", "true", "-1", "1.5", "\"x\"", "[1,[2]]", "{\"ack\":{\"b\":[]}}", "{\"interval\":{}}"]
        {
            for name in NAMES {
                let json =
                    format!(r#"[{odd},{{"{name}":{odd},"channel":"/a","data":{odd}}},{{"channel":"/b"}}]"#);
                let found = read(json.as_bytes()).expect(&json);
                let channels: Vec<_> = found.iter().map(|message| message.channel.as_str()).collect();
                assert_eq!(channels, ["/a", "/b"], "{json}");
                assert_eq!(found[0].data, Some(serde_json::from_str(odd).unwrap()), "{json}");
            }
        }
    }

    #[test]
    fn what_stands_there_twice_counts_as_it_stands_last() {
        let twice = r#"{"channel":"/a","data":1,"id":"1","id":2,"data":{"x":3},"advice":{"interval":-1,"interval":5}}"#;
        let found = read(twice.as_bytes()).unwrap().remove(0);
        assert_eq!((found.id.as_deref(), found.data), (Some("2"), Some(json!({ "x": 3 }))));
        assert!(!found.advice.unwrap().never);
    }

    #[test]
    fn messages_are_written_as_json() {
        let connect = connect("7", "c\"1", "long-polling", true, Some(-1));
        let publish = publish("8", "c", "/service/a", &json!({ "text": "é\n" }));
        let all: Value = serde_json::from_str(&together(&[connect, publish])).unwrap();
        assert_eq!(
            all,
            json!([
                { "id": "7", "channel": "/meta/connect", "clientId": "c\"1", "connectionType": "long-polling",
                  "advice": { "timeout": 0 }, "ext": { "ack": -1 } },
                { "id": "8", "channel": "/service/a", "clientId": "c", "data": { "text": "é\n" } },
            ])
        );
        assert_eq!(
            together(&[super::connect("1", "c", "websocket", false, None)]).matches("advice").count(),
            0
        );
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
