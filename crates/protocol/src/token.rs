//! Secrets, and the one that matters most here: the token that picks a chat up again.
//!
//! A secret has no `Serialize` and a redacted `Debug`; whoever needs the characters has to say [`Secret::expose`].

use std::fmt;

/// Characters that must not be shown, logged or sent anywhere but to the service they belong to.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes the characters in.
    #[must_use]
    pub fn new(characters: impl Into<String>) -> Self {
        Self(characters.into())
    }

    /// The characters. Only for the wire and the keyring.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// What a service gave us to be recognised by: enough to pick a conversation up again after a restart.
///
/// Small on purpose: some password stores take no more than 2,560 bytes for an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResumeToken {
    /// The service's token in the form that its transport understands.
    pub secret: Secret,
}

/// Most bytes of a [`ResumeToken`] that every password store can take (Windows allows 2,560 for the whole entry).
pub const TOKEN_LIMIT: usize = 2_400;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_does_not_show_itself() {
        let token = ResumeToken { secret: Secret::new("eyJhbGciOi") };
        assert!(!format!("{token:?}").contains("eyJ"));
        assert_eq!(token.secret.expose(), "eyJhbGciOi");
    }
}
