//! What opens a chat: its key, and the names beside it. As a text it is the resume token.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::token::{ResumeToken, Secret, TOKEN_LIMIT};
use crate::transports::gms::wire::Envelope;

/// The key of a chat and the names that travel with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Keys {
    pub(super) key: Secret,
    user: Secret,
    chat: Secret,
    alias: String,
}

#[derive(Serialize, Deserialize)]
struct Text {
    key: String,
    #[serde(default)]
    user: String,
    #[serde(default)]
    chat: String,
    #[serde(default)]
    alias: String,
}

impl Keys {
    /// The keys in the answer to a start; `None` if there are none.
    pub(super) fn of(envelope: &Envelope<'_>) -> Option<Self> {
        let secret = |text: Option<&str>| Secret::new(text.unwrap_or_default());
        Some(Self {
            key: Secret::new(envelope.secure_key.text()?),
            user: secret(envelope.user_id.text()),
            chat: secret(envelope.chat_id.text()),
            alias: envelope.alias.owned().unwrap_or_default(),
        })
        .filter(|keys| keys.token().secret.expose().len() <= TOKEN_LIMIT)
    }

    /// Takes over what an answer has anew. Tells whether that was anything.
    pub(super) fn renew(&mut self, envelope: &Envelope<'_>) -> bool {
        let before = self.clone();
        let put = |secret: &mut Secret, text: Option<&str>| {
            if let Some(text) = text {
                *secret = Secret::new(text);
            }
        };
        put(&mut self.key, envelope.secure_key.text());
        put(&mut self.user, envelope.user_id.text());
        put(&mut self.chat, envelope.chat_id.text());
        if let Some(alias) = envelope.alias.owned() {
            self.alias = alias;
        }
        if self.token().secret.expose().len() > TOKEN_LIMIT {
            *self = before;
            return false;
        }
        *self != before
    }

    /// As it is kept.
    pub(super) fn token(&self) -> ResumeToken {
        let text = Text {
            key: self.key.expose().to_owned(),
            user: self.user.expose().to_owned(),
            chat: self.chat.expose().to_owned(),
            alias: self.alias.clone(),
        };
        ResumeToken { secret: Secret::new(serde_json::to_string(&text).unwrap_or_default()) }
    }

    /// What was kept; `None` if it is no such thing.
    pub(super) fn read(token: &ResumeToken) -> Option<Self> {
        let text: Text = serde_json::from_str(token.secret.expose()).ok()?;
        let Text { key, user, chat, alias } = text;
        (!key.is_empty()).then(|| Self {
            key: Secret::new(key),
            user: Secret::new(user),
            chat: Secret::new(chat),
            alias,
        })
    }

    /// Members that go with every operation.
    pub(super) fn members(&self) -> Map<String, Value> {
        let all = [
            ("chatId", self.chat.expose()),
            ("userId", self.user.expose()),
            ("secureKey", self.key.expose()),
            ("alias", self.alias.as_str()),
        ];
        let there = all.into_iter().filter(|(_, value)| !value.is_empty());
        there.map(|(name, value)| (name.to_owned(), Value::from(value))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_as_they_were_kept_and_never_shown() {
        let json = r#"{"statusCode":0,"secureKey":"hush","userId":"u","chatId":"c","alias":204}"#;
        let keys = Keys::of(&serde_json::from_str(json).unwrap()).unwrap();
        assert_eq!(Keys::read(&keys.token()), Some(keys.clone()));
        assert!(!format!("{keys:?}").contains("hush"));
        let mut newer = keys.clone();
        let json = r#"{"statusCode":0,"secureKey":"hush2","alias":"205"}"#;
        assert!(newer.renew(&serde_json::from_str(json).unwrap()));
        assert_eq!(newer.members()["chatId"], "c", "what is not said stays");
        assert!(!newer.renew(&serde_json::from_str(r#"{"statusCode":0}"#).unwrap()));
        for odd in ["", "{}", "7", r#"{"key":""}"#, "x"] {
            assert_eq!(Keys::read(&ResumeToken { secret: Secret::new(odd) }), None, "{odd}");
        }
    }
}
