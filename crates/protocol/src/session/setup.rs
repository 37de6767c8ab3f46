//! What a conversation is made from: whom it is with, what the deployment and the person have chosen, and what was kept of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::seed::Seed;
use crate::stored::Stored;
use crate::token::ResumeToken;
use crate::view::{DeploymentView, NotifyLevel};

/// What makes one conversation different from another.
#[derive(Debug, Clone)]
pub struct Setup {
    /// Name of the conversation.
    pub conversation: String,
    /// Whom it is with. `deployment.asynchronous` decides what a closed case means.
    pub deployment: Arc<DeploymentView>,
    /// The deployment's own words for the closing banner, in the person's language.
    pub closing_text: Option<String>,
    /// Whether a likely "thanks" after a closed case is questioned.
    pub guard: bool,
    /// Whether the window goes away when a synchronous chat ends.
    pub closes_window: bool,
    /// Whether what is being typed is shown to the other side before it is sent.
    pub typing_preview: bool,
    /// Data for the start, beside what the form holds.
    pub user_data: BTreeMap<String, String>,
    /// Regular expressions of what the timeline does not show, see `masking.rs`.
    pub hidden: Vec<String>,
    /// The person's choices.
    pub preferences: Preferences,
    /// When the conversation was begun: milliseconds since 1970-01-01 UTC.
    pub created: i64,
    /// Whether tokens are kept. If not, the conversation ends with the program.
    pub keeps: bool,
    /// The token of a kept chat: the session picks it up at its first input.
    pub token: Option<ResumeToken>,
    /// What the archive holds of it.
    pub stored: Option<Box<Stored>>,
    /// Seed of all that is random here.
    pub seed: Seed,
}

/// The person's choices, as far as a conversation is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Preferences {
    /// How much a notification tells.
    pub notify: NotifyLevel,
    /// Whether the other side sees typing at all.
    pub show_typing: bool,
    /// Whether the other side is told what was read.
    pub show_read: bool,
}

impl Default for Preferences {
    fn default() -> Self {
        Self { notify: NotifyLevel::Full, show_typing: true, show_read: true }
    }
}
