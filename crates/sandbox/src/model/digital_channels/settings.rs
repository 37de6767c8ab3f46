//! The switches of the model: what no public source fixes, so that a client has to live with either value.

use serde::{Deserialize, Serialize};

/// How the model behaves where nothing public says how the service does. All can be changed while it runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// How long a poll is held open when there is nothing to say, in milliseconds. At most 60,000.
    pub poll_hold_ms: u64,
    /// Whether a read with `index` alone gives the entry at that index again.
    pub resume: Resume,
    /// What a join with a token leads to.
    pub join: Join,
    /// Largest picture a customer may send, in bytes.
    pub picture_bytes: usize,
    /// How many pictures a customer may send in one chat.
    pub pictures_per_session: usize,
    /// How a text sent into an ended chat is answered.
    pub send_after_end: SendAfterEnd,
    /// Accepted values of `x-api-key`.
    pub api_keys: Vec<String>,
    /// Accepted values of `data[endpoint]`.
    pub endpoints: Vec<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            poll_hold_ms: 25_000,
            resume: Resume::Inclusive,
            join: Join::SameSession,
            picture_bytes: 2_097_152,
            pictures_per_session: 3,
            send_after_end: SendAfterEnd::NotFound,
            api_keys: vec!["sandbox-key".to_owned()],
            endpoints: vec!["Support".to_owned(), "Sales".to_owned()],
        }
    }
}

/// Meaning of `index` in a read without `count`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resume {
    /// Entries at and after the index.
    Inclusive,
    /// Entries after the index.
    Exclusive,
}

/// What a join with a token leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Join {
    /// The same chat and participant through a new transport.
    SameSession,
    /// The chat under a new session id and a new participant id; the old ids are gone.
    DifferentSession,
}

/// How a text sent into an ended chat is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SendAfterEnd {
    /// 404 with `INVALID_SESSION`.
    NotFound,
    /// 200 with a top-level `chatEnded: true`, which the vendor's client looks for.
    ChatEnded,
}
