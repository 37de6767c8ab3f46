//! The switches of the model: what no public source fixes, or what every contact centre sets for itself.

use serde::{Deserialize, Serialize};

/// How the model behaves. All can be changed while it runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Names of services in the address.
    pub services: Vec<String>,
    /// Accepted values of `apikey`, the header that a proxy in front asks for.
    pub api_keys: Vec<String>,
    /// Whether the proxy wants one at all.
    pub proxy_key: bool,
    /// After so long without any request the customer is taken out, in milliseconds; 0 for never. Asynchronous chats are spared.
    pub silence_ms: u64,
    /// Whether a wrong key puts the customer out of the chat at once.
    pub wrong_key_removes: bool,
    /// A new key with every so many-th answer; 0 for never.
    pub key_turns: u32,
    /// A new alias with every so many-th answer; 0 for never.
    pub alias_turns: u32,
    /// Whether no chat can be started now.
    pub closed: bool,
    /// Whether a last name is wanted where no nickname is given.
    pub last_name: bool,
    /// Most characters of a text.
    pub longest_text: usize,
    /// How many files a customer may upload in one chat.
    pub files: usize,
    /// Most bytes of one file.
    pub file_bytes: usize,
    /// Most bytes of all files of a customer.
    pub all_file_bytes: usize,
    /// Endings that are taken, lower case without the dot.
    pub file_types: Vec<String>,
    /// Whether files are taken only while somebody of the contact centre is there.
    pub files_need_agent: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            services: vec!["customer-support".to_owned()],
            api_keys: vec!["sandbox-key".to_owned()],
            proxy_key: false,
            silence_ms: 45_000,
            wrong_key_removes: true,
            key_turns: 0,
            alias_turns: 0,
            closed: false,
            last_name: false,
            longest_text: 16_384,
            files: 5,
            file_bytes: 10_485_760,
            all_file_bytes: 99_614_720,
            file_types: ["gif", "jpeg", "jpg", "pdf", "png", "txt", "zip"].map(str::to_owned).to_vec(),
            files_need_agent: false,
        }
    }
}
