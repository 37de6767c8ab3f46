//! The switches of the model: what a deployment may be set to, and what no public source fixes.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// How the deployments of the model are. All can be changed while it runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the service's own")]
pub struct Settings {
    /// Accepted values of `deploymentId`.
    pub deployments: Vec<String>,
    /// Hosts that `Origin` may name, exactly or as the end after a dot; empty for any or none.
    pub origins: Vec<String>,
    /// Whether the deployments take chats.
    pub active: bool,
    /// Whether a new session begins with Join.
    pub auto_start: bool,
    /// Whether the guest may end the conversation.
    pub clear: bool,
    /// Whether the guest is told that the other side has ended its part.
    pub disconnect: bool,
    /// Whether typing of the guest is taken.
    pub typing: bool,
    /// Whether the words of the other side count as marked up.
    pub markdown: bool,
    /// What programs are called by the deployments, whatever their messages say; empty for nothing.
    pub bot_name: String,
    /// Whether files are taken.
    pub uploads: bool,
    /// Largest file that a guest may send, in kilobytes.
    pub file_kilobytes: u64,
    /// How long a session lasts after the last message, in seconds.
    pub session_seconds: u64,
    /// How long a pass for the history is good, in seconds.
    pub pass_seconds: u64,
    /// How long the address of a file is good, in seconds.
    pub place_seconds: u64,
    /// Whether the limits on requests are kept to: messages, echoes, requests, reads of the history.
    pub limits: bool,
    /// Whether an error names the request that it is about.
    pub errors_are_named: bool,
    /// Whether a guest may sign in while the chat runs.
    pub session_upgrade: bool,
    /// Whether the sign-in page asks before it sends the browser on; otherwise it does so at once.
    pub sign_in_asks: bool,
    /// Whether the sign-in page says no.
    pub sign_in_declines: bool,
    /// Who signs in.
    pub person: String,
    /// Whether no code is exchanged.
    pub exchange_refuses: bool,
    /// Whether no pass is made anew.
    pub renewal_refuses: bool,
    /// Whether an exchange gives something that makes new passes.
    pub refresh_tokens: bool,
    /// Whether a renewal gives another such thing, and the one before makes none any more.
    pub rotates_keys: bool,
    /// How long the pass of somebody who signed in is good, in seconds.
    pub signed_in_seconds: u64,
    /// Any other number than before, and every such pass that was given so far has run out.
    pub pass_round: u64,
    /// Whether the session's end is told before the copy of the word that ended it.
    pub cleared_first: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            deployments: vec!["Support".to_owned(), "Sales".to_owned()],
            origins: Vec::new(),
            active: true,
            auto_start: true,
            clear: true,
            disconnect: true,
            typing: true,
            markdown: false,
            bot_name: String::new(),
            uploads: true,
            file_kilobytes: 10_240,
            session_seconds: 259_200,
            pass_seconds: 60,
            place_seconds: 600,
            limits: true,
            errors_are_named: true,
            session_upgrade: false,
            sign_in_asks: true,
            sign_in_declines: false,
            person: "Sam".to_owned(),
            exchange_refuses: false,
            renewal_refuses: false,
            refresh_tokens: true,
            rotates_keys: false,
            signed_in_seconds: 3_600,
            pass_round: 0,
            cleared_first: false,
        }
    }
}

impl Settings {
    pub(super) fn config(&self, deployment: &str) -> Value {
        json!({
            "id": deployment,
            "version": "1",
            "status": if self.active { "Active" } else { "Inactive" },
            "languages": ["en-us"],
            "defaultLanguage": "en-us",
            "messenger": {
                "enabled": true,
                "apps": { "conversations": {
                    "enabled": true,
                    "showAgentTypingIndicator": true,
                    "showUserTypingIndicator": self.typing,
                    "autoStart": { "enabled": self.auto_start },
                    "conversationDisconnect": { "enabled": self.disconnect, "type": "Send" },
                    "conversationClear": { "enabled": self.clear },
                    "notifications": { "enabled": true, "notificationContentType": "IncludeMessagesContent" },
                    "markdown": { "enabled": self.markdown },
                    "humanize": { "enabled": !self.bot_name.is_empty(), "bot": { "name": self.bot_name } },
                    "sessionDurationSeconds": self.session_seconds,
                } },
                "fileUpload": {
                    "enableAttachments": self.uploads,
                    "modes": [{ "fileTypes": ["*/*"], "maxFileSizeKB": self.file_kilobytes }],
                },
                "styles": { "primaryColor": "#2a60c8" },
            },
            "auth": { "enabled": true, "allowSessionUpgrade": self.session_upgrade },
        })
    }

    pub(super) fn media(&self) -> Value {
        let types = if self.uploads { json!([{ "type": "*/*" }]) } else { json!([]) };
        json!({ "inbound": { "fileTypes": types, "maxFileSizeKB": self.file_kilobytes } })
    }
}
