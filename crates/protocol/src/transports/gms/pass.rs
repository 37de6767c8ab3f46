//! What opens a chat: its identifiers and its key. The service may replace the key, and the alias of the server that has the chat,
//! with every answer; what came last is what is kept and sent.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::wire::Envelope;
use crate::kit::fields::Fields;
use crate::token::{ResumeToken, Secret};
use crate::transport::Failure;

/// Most bytes of a key that are taken, and of each of the rest: all of it has to fit into a password store.
const LONGEST_KEY: usize = 1_280;
const LONGEST: usize = 256;

/// What opens a chat.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Pass {
    /// `chatId`.
    pub(crate) chat: String,
    /// `userId`; empty if the service named none.
    pub(crate) user: String,
    /// `secureKey`.
    pub(crate) key: Secret,
    /// `alias`; empty if the service named none.
    pub(crate) alias: String,
}

/// As it is kept.
#[derive(Serialize, Deserialize)]
struct Kept<'a> {
    chat: &'a str,
    #[serde(default)]
    user: &'a str,
    key: &'a str,
    #[serde(default)]
    alias: &'a str,
}

impl fmt::Debug for Pass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pass(…)")
    }
}

impl Pass {
    /// What a start was answered with.
    ///
    /// # Errors
    /// [`Failure::Unreadable`] if the answer does not name a chat and its key.
    pub(crate) fn first(envelope: &Envelope<'_>) -> Result<Self, Failure> {
        let none =
            Self { chat: String::new(), user: String::new(), key: Secret::new(""), alias: String::new() };
        none.renewed(envelope).checked().ok_or(Failure::Unreadable { why: "a chat and its key" })
    }

    /// What was kept.
    pub(crate) fn of(token: &ResumeToken) -> Option<Self> {
        // A text with an escape cannot be borrowed, and neither of these has one unless somebody else wrote it.
        let kept: Kept<'_> = serde_json::from_str(token.secret.expose()).ok()?;
        let pass = Self {
            chat: kept.chat.to_owned(),
            user: kept.user.to_owned(),
            key: Secret::new(kept.key),
            alias: kept.alias.to_owned(),
        };
        pass.checked()
    }

    /// As it is kept.
    pub(crate) fn token(&self) -> ResumeToken {
        let kept = Kept { chat: &self.chat, user: &self.user, key: self.key.expose(), alias: &self.alias };
        ResumeToken { secret: Secret::new(serde_json::to_string(&kept).unwrap_or_default()) }
    }

    /// With whatever an answer says anew.
    pub(crate) fn renewed(&self, envelope: &Envelope<'_>) -> Self {
        let newer = |new: Option<&str>, old: &str, longest: usize| {
            let usable =
                |text: &&str| text.len() <= longest && !text.contains(['"', '\\']) && !has_control(text);
            new.filter(usable).unwrap_or(old).to_owned()
        };
        Self {
            chat: newer(envelope.chat_id.text(), &self.chat, LONGEST),
            user: newer(envelope.user_id.text(), &self.user, LONGEST),
            key: Secret::new(newer(envelope.secure_key.text(), self.key.expose(), LONGEST_KEY)),
            alias: newer(envelope.alias.text(), &self.alias, LONGEST),
        }
    }

    /// The fields that stand in every request but the first.
    pub(crate) fn sign(&self, fields: &mut Fields) {
        fields.set(&["alias"], self.alias.as_str());
        fields.set(&["secureKey"], self.key.expose());
        fields.set(&["userId"], self.user.as_str());
    }

    /// Identifiers that could not stand in an address are as good as none.
    fn checked(self) -> Option<Self> {
        let usable = !matches!(self.chat.as_str(), "" | "." | "..") && !self.key.expose().is_empty();
        usable.then_some(self)
    }
}

fn has_control(text: &str) -> bool {
    text.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::token::TOKEN_LIMIT;

    fn first(json: &str) -> Option<Pass> {
        Pass::first(&serde_json::from_str(json).unwrap()).ok()
    }

    const START: &str = r#"{"chatId":"C1","userId":"U1","secureKey":"a+b/c==","alias":204}"#;

    #[test]
    fn it_is_kept_and_read_and_does_not_show_itself() {
        let pass = first(START).unwrap();
        assert_eq!(Pass::of(&pass.token()), Some(pass.clone()));
        assert!(!format!("{pass:?}").contains("a+b"));
        let long = format!(r#"{{"chatId":"C1","secureKey":"{}"}}"#, "k".repeat(LONGEST_KEY));
        assert!(first(&long).unwrap().token().secret.expose().len() < TOKEN_LIMIT);
    }

    #[test]
    fn whatever_an_answer_says_anew_replaces_the_old_and_the_rest_stays() {
        let pass = first(START).unwrap();
        let newer = pass.renewed(&serde_json::from_str(r#"{"secureKey":"new","alias":""}"#).unwrap());
        assert_eq!((newer.key.expose(), newer.alias.as_str(), newer.chat.as_str()), ("new", "204", "C1"));
        let odd = pass.renewed(&serde_json::from_str(r#"{"secureKey":"\"","chatId":[1]}"#).unwrap());
        assert_eq!(odd, pass);
    }

    #[test]
    fn what_names_no_chat_is_none() {
        for json in [
            "{}",
            r#"{"chatId":"C1"}"#,
            r#"{"secureKey":"k"}"#,
            r#"{"chatId":"..","secureKey":"k"}"#,
            r#"{"chatId":"","secureKey":"k"}"#,
        ] {
            assert_eq!(first(json), None, "{json}");
        }
        for token in ["", "{}", "x", r#"{"chat":"..","key":"k"}"#] {
            assert_eq!(Pass::of(&ResumeToken { secret: Secret::new(token) }), None, "{token}");
        }
    }
}
