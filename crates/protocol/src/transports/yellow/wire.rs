//! What the service says, as it stands on the wire, and how an answer is judged. Everything is optional and may be of an
//! unexpected kind: see `docs/protocols/yellow.md`.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::io::{HttpReply, IoFault};
use crate::kit::answer::{Content, by_status, tidy};
use crate::kit::loose::{List, Object, Scalar};
use crate::kit::timestamp;
use crate::transport::Failure;

/// Any answer: `success`, and what belongs to it.
#[derive(Debug, Default, Deserialize)]
struct Envelope<'a> {
    #[serde(borrow, default)]
    success: Scalar<'a>,
    #[serde(borrow, default)]
    message: Scalar<'a>,
}

/// The answer to a text or an event: what the bot said at once.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Said {
    #[serde(default)]
    data: Object<SaidData>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SaidData {
    #[serde(default)]
    message_array: List<Item>,
}

/// The answer to a read.
#[derive(Debug, Default, Deserialize)]
struct Page {
    #[serde(default)]
    data: List<Item>,
}

/// One message.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(transparent)]
pub(super) struct Item(Map<String, Value>);

/// What a message holds.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Body {
    /// Words.
    Text(String),
    /// An object with a member that says what it is.
    Object(Map<String, Value>),
}

/// Who sent a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sender {
    /// The person.
    User,
    Bot,
    Agent,
    /// The service itself.
    Notification,
    Other,
}

impl Item {
    fn word(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str().filter(|text| !text.is_empty())
    }

    /// The service's own name for it.
    pub(super) fn id(&self) -> Option<&str> {
        self.word("_id")
    }

    /// When it was made, in milliseconds since 1970: a text as documented elsewhere, or a number.
    pub(super) fn created(&self) -> Option<u64> {
        match self.0.get("created")? {
            Value::Number(number) => number.as_u64(),
            Value::String(text) => {
                text.parse().ok().or_else(|| u64::try_from(timestamp::of_text(text)?).ok())
            }
            _ => None,
        }
    }

    /// Who sent it; what the bot answers at once does not say so.
    pub(super) fn sender(&self) -> Sender {
        let is = |word: &str| self.word("messageType").is_some_and(|kind| kind.eq_ignore_ascii_case(word));
        match () {
            () if self.word("messageType").is_none() || is("BOT") => Sender::Bot,
            () if is("USER") => Sender::User,
            () if is("AGENT") => Sender::Agent,
            () if is("NOTIFICATION") => Sender::Notification,
            () => Sender::Other,
        }
    }

    /// The name of the agent, where an item carries one.
    pub(super) fn agent(&self) -> Option<&str> {
        ["agentName", "displayName"].iter().find_map(|name| self.word(name))
    }

    /// Whether what it holds stands in a member of its own.
    pub(super) fn has_message(&self) -> bool {
        self.0.get("message").is_some_and(|message| !message.is_null())
    }

    /// What it holds: plain words, or an object, perhaps as a text of JSON.
    pub(super) fn body(&self) -> Option<Body> {
        match self.0.get("message") {
            Some(Value::String(text)) if text.trim_start().starts_with('{') => {
                Some(serde_json::from_str(text).map_or_else(|_| Body::Text(text.clone()), Body::Object))
            }
            Some(Value::String(text)) => Some(Body::Text(text.clone())),
            Some(Value::Object(object)) => Some(Body::Object(object.clone())),
            // Without a message, the item itself is the object.
            None | Some(Value::Null) => Some(Body::Object(self.0.clone())),
            Some(_) => None,
        }
    }
}

/// The answer to a text or an event.
pub(super) fn said(result: &Result<HttpReply, IoFault>) -> Result<Vec<Item>, Failure> {
    let text = judge(result)?;
    let said: Said = serde_json::from_slice(text).map_err(|_| OBJECT)?;
    Ok(said.data.0.unwrap_or_default().message_array.items)
}

/// The answer to a read.
pub(super) fn page(result: &Result<HttpReply, IoFault>) -> Result<Vec<Item>, Failure> {
    let text = judge(result)?;
    let page: Page = serde_json::from_slice(text).map_err(|_| OBJECT)?;
    Ok(page.data.items)
}

/// Judges the answer to a call for one message of nobody.
pub(super) fn judge_probe(result: &Result<HttpReply, IoFault>) -> Result<(), Failure> {
    match page(result) {
        Err(Failure::NotTheService { status: 404 }) => Err(Failure::UnknownAddress),
        result => result.map(|_| ()),
    }
}

const OBJECT: Failure = Failure::Unreadable { why: "a JSON object with \"success\"" };

fn judge(result: &Result<HttpReply, IoFault>) -> Result<&[u8], Failure> {
    let reply = result.as_ref().map_err(|fault| Failure::Io(*fault))?;
    let failure = by_status(reply);
    let (Content::Object(text), None | Some(Failure::Declined { .. })) = (Content::of(reply), &failure)
    else {
        return Err(match failure {
            // A person has no session that could be gone: the address is wrong.
            Some(Failure::Gone) => Failure::UnknownAddress,
            Some(failure) => failure,
            None => OBJECT,
        });
    };
    let envelope: Envelope<'_> = serde_json::from_slice(text).map_err(|_| OBJECT)?;
    match (failure, envelope.success.text()) {
        (None, Some("true")) => Ok(text),
        (None, None) => Err(OBJECT),
        _ => {
            let code = tidy(envelope.message.text().unwrap_or_default());
            Err(Failure::Declined { status: reply.status, code })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(status: u16, body: &str) -> Result<HttpReply, IoFault> {
        Ok(HttpReply { status, body: body.as_bytes().to_vec(), ..HttpReply::default() })
    }

    fn item(json: &str) -> Item {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn an_answer_is_good_only_if_the_service_says_so() {
        assert_eq!(said(&reply(200, r#"{"success":true}"#)), Ok(Vec::new()));
        assert_eq!(page(&reply(200, r#"{"success":true,"data":[{"_id":"a"},7]}"#)).unwrap().len(), 1);
        let declined = |status, code: &str| Failure::Declined { status, code: code.to_owned() };
        for (answer, failure) in [
            (reply(200, r#"{"success":false,"message":"no bot"}"#), declined(200, "nobot")),
            (reply(400, r#"{"success":false,"message":"x"}"#), declined(400, "x")),
            (reply(401, r#"{"success":false}"#), Failure::WrongKey),
            (reply(404, "{}"), Failure::UnknownAddress),
            (reply(200, "{}"), OBJECT),
            (reply(200, "[]"), OBJECT),
            (reply(200, ""), OBJECT),
            (reply(200, r#"{"success":true,"#), OBJECT),
            (reply(200, "<html>"), Failure::NotTheService { status: 200 }),
            (reply(502, ""), Failure::Service { status: 502 }),
        ] {
            assert_eq!(said(&answer), Err(failure), "{answer:?}");
        }
    }

    #[test]
    fn a_message_is_words_or_an_object_that_may_be_a_text() {
        let body = |json: &str| item(json).body();
        let text = |words: &str| Some(Body::Text(words.to_owned()));
        assert_eq!(body(r#"{"message":"hi"}"#), text("hi"));
        assert_eq!(body(r#"{"message":"7"}"#), text("7"));
        assert_eq!(body(r#"{"message":"{half"}"#), text("{half"));
        let Some(Body::Object(object)) = body(r#"{"message":"{\"image\":\"https://e.test\"}"}"#) else {
            panic!("an object")
        };
        assert_eq!(object["image"], "https://e.test");
        assert!(matches!(body(r#"{"message":{"typing":true}}"#), Some(Body::Object(_))));
        assert!(matches!(body(r#"{"_id":"a","quickReplies":{}}"#), Some(Body::Object(_))));
        assert_eq!(body(r#"{"message":7}"#), None);
    }

    #[test]
    fn a_time_is_a_text_or_a_number() {
        assert_eq!(item(r#"{"created":"2026-01-05T10:00:00.250Z"}"#).created(), Some(1_767_607_200_250));
        assert_eq!(item(r#"{"created":1767607200250}"#).created(), Some(1_767_607_200_250));
        assert_eq!(item(r#"{"created":"yesterday"}"#).created(), None);
        assert_eq!(item(r#"{"created":"1960-01-05T10:00:00Z"}"#).created(), None);
    }
}
