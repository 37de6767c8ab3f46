//! The switches of the server: how it is set up, and what goes wrong with it.

use serde::{Deserialize, Serialize};

/// How the server behaves. All can be changed while it runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// How long a connect with nothing to deliver is held.
    pub hold_ms: u64,
    /// Pause between connects that clients are advised to make.
    pub interval_ms: u64,
    /// How long a client that is silent is remembered.
    pub max_interval_ms: u64,
    /// The pause for a second window of one browser.
    pub multiple_interval_ms: u64,
    /// Whether advice is given at all.
    pub advice: bool,
    /// Whether it is also given to who publishes without a session.
    pub advice_to_publishers: bool,
    /// The error for a session that is not known.
    pub unknown: String,
    /// Whether deliveries can be acknowledged.
    pub acks: bool,
    /// Whether sockets are served.
    pub websocket: bool,
    /// Whether a session by request needs the cookie that it was begun with.
    pub needs_cookie: bool,
    /// Deliveries stand before the reply to a connect, otherwise behind it.
    pub deliveries_first: bool,
    /// A lone message is answered without an array around it.
    pub single_object: bool,
    /// Everything that is read again is delivered twice.
    pub repeat: bool,
    /// Connects are refused with this advice: `retry`, `handshake` or `none`.
    pub refuse_connects: Option<String>,
    /// Handshakes are refused with this advice.
    pub refuse_handshakes: Option<String>,
    /// All sessions are forgotten when this number changes.
    pub generation: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            hold_ms: 25_000,
            interval_ms: 0,
            max_interval_ms: 10_000,
            multiple_interval_ms: 2_000,
            advice: true,
            advice_to_publishers: false,
            unknown: "402::Unknown client".to_owned(),
            acks: true,
            websocket: true,
            needs_cookie: true,
            deliveries_first: true,
            single_object: false,
            repeat: false,
            refuse_connects: None,
            refuse_handshakes: None,
            generation: 0,
        }
    }
}
