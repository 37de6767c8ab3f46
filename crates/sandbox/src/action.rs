//! What the contact centre does in a chat: the actions behind the control API, the script and the console page, one list for all
//! services. What a service has no such thing for, its model refuses as [`ActionError::Unsupported`].

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use thiserror::Error;

/// One thing the contact centre does. `by` is the name or participant id of who does it; without it, whoever of the
/// contact centre joined last and is still there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum Action {
    /// Somebody joins.
    Join {
        /// Name shown to the customer.
        name: String,
        /// Agent, Supervisor, Bot, External, or any other word that the service takes.
        #[serde(default = "agent", rename = "type")]
        kind: String,
    },
    /// Somebody starts or stops typing.
    Typing {
        /// Started or stopped.
        on: bool,
        /// Preview text; normally none.
        #[serde(default)]
        text: Option<String>,
        /// Who.
        #[serde(default)]
        by: Option<String>,
    },
    /// Somebody writes.
    Say {
        /// The words.
        text: String,
        /// Who.
        #[serde(default)]
        by: Option<String>,
    },
    /// Somebody sends an address to open.
    PushUrl {
        /// The address.
        url: String,
        /// Who.
        #[serde(default)]
        by: Option<String>,
    },
    /// A notice of the service.
    Notice {
        /// Its text.
        #[serde(default)]
        text: Option<String>,
        /// Who.
        #[serde(default)]
        by: Option<String>,
    },
    /// Structured content in the service's own form.
    Structured {
        /// Kind of the content: `quick-replies`, `generic`, ...
        content_type: String,
        /// The content itself.
        content: Value,
        /// Fallback text.
        #[serde(default)]
        text: Option<String>,
        /// Who.
        #[serde(default)]
        by: Option<String>,
    },
    /// Words with answers to choose from.
    QuickReplies {
        /// The words.
        text: String,
        /// The answers.
        options: Vec<String>,
        /// Who.
        #[serde(default)]
        by: Option<String>,
    },
    /// Cards, in the service's own form.
    Cards {
        /// The cards.
        cards: Vec<Value>,
        /// Who.
        #[serde(default)]
        by: Option<String>,
    },
    /// Somebody sends a picture.
    Image {
        /// The file in base64; without it a picture of an electricity meter.
        #[serde(default)]
        base64: Option<String>,
        /// File name.
        #[serde(default)]
        name: Option<String>,
        /// Who.
        #[serde(default)]
        by: Option<String>,
    },
    /// Somebody sends a file of any kind.
    File {
        /// The file in base64.
        base64: String,
        /// File name.
        name: String,
        /// Media type; without it, told by the service or `application/octet-stream`.
        #[serde(default)]
        mime: Option<String>,
        /// Who.
        #[serde(default)]
        by: Option<String>,
    },
    /// A banner: the event as the service calls it, and its data exactly as given.
    Banner {
        /// The event's code.
        event: String,
        /// Its data; absent when there is none.
        #[serde(default)]
        data: Option<Value>,
    },
    /// The customer is told that nothing has happened for long.
    IdleAlert {
        /// Its text.
        #[serde(default)]
        text: Option<String>,
        /// How long until the chat is closed, in seconds.
        #[serde(default)]
        seconds: Option<u64>,
    },
    /// Somebody leaves.
    Leave {
        /// Who.
        #[serde(default)]
        by: Option<String>,
    },
    /// The interaction changes its state.
    State {
        /// Any word; `Finalizing` and `Completed` are the documented ones.
        state: String,
    },
    /// The contact centre ends the chat.
    End {
        /// Without telling of those who leave with it.
        #[serde(default)]
        quiet: bool,
    },
    /// Any entry at all, in the service's own form.
    Push {
        /// Its JSON.
        entry: Map<String, Value>,
        /// Adds the members that a well-formed entry has and this one lacks.
        #[serde(default = "yes")]
        fill: bool,
        /// Keeps it in history. Without, it comes live and once only.
        #[serde(default = "yes")]
        keep: bool,
    },
    /// An entry comes a second time, as the same one.
    Duplicate {
        /// Which one, by the id of its line or by its index; without it the newest of history.
        #[serde(default, alias = "id")]
        index: Option<String>,
    },
    /// A text that arrives last and belongs before the newest entry.
    OutOfOrder {
        /// The words.
        text: String,
        /// Who.
        #[serde(default)]
        by: Option<String>,
    },
    /// Several texts in one millisecond.
    Burst {
        /// How many, at most 1000.
        count: usize,
        /// The words before the number.
        #[serde(default)]
        text: Option<String>,
        /// Who.
        #[serde(default)]
        by: Option<String>,
    },
    /// The service loses the chat.
    #[serde(alias = "lose")]
    Kill {
        /// How it answers from here on: each service has its own words. Without it, the usual way.
        #[serde(default)]
        mode: Option<String>,
    },
    /// Undoes `kill`.
    Revive {},
}

fn agent() -> String {
    "Agent".to_owned()
}

fn yes() -> bool {
    true
}

impl Action {
    /// Its name in the control API.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Join { .. } => "join",
            Self::Typing { .. } => "typing",
            Self::Say { .. } => "say",
            Self::PushUrl { .. } => "push_url",
            Self::Notice { .. } => "notice",
            Self::Structured { .. } => "structured",
            Self::QuickReplies { .. } => "quick_replies",
            Self::Cards { .. } => "cards",
            Self::Image { .. } => "image",
            Self::File { .. } => "file",
            Self::Banner { .. } => "banner",
            Self::IdleAlert { .. } => "idle_alert",
            Self::Leave { .. } => "leave",
            Self::State { .. } => "state",
            Self::End { .. } => "end",
            Self::Push { .. } => "push",
            Self::Duplicate { .. } => "duplicate",
            Self::OutOfOrder { .. } => "out_of_order",
            Self::Burst { .. } => "burst",
            Self::Kill { .. } => "kill",
            Self::Revive {} => "revive",
        }
    }

    /// The refusal of a service that has no such thing.
    #[must_use]
    pub fn unsupported(&self, service: &'static str) -> ActionError {
        ActionError::Unsupported { service, action: self.name() }
    }
}

/// Why an action could not be done.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ActionError {
    /// No chat goes by that id.
    #[error("no chat goes by the id \"{0}\"; GET /control/sessions lists them, and \"latest\" is the newest")]
    NoSuchSession(String),
    /// Nobody could do it.
    #[error("nobody of the contact centre is in this chat: join first")]
    NobodyThere,
    /// `by` names nobody who is here.
    #[error(
        "\"{0}\" is not in this chat; `by` takes the name or participant id of somebody who joined and has not left"
    )]
    NotThere(String),
    /// The chat is over.
    #[error("this chat has ended")]
    Ended,
    /// `index` names no entry.
    #[error("this chat has no entry to repeat at \"{0}\"")]
    NoSuchEntry(String),
    /// The picture is not one.
    #[error("`base64` is not a PNG, JPEG or GIF file in base64")]
    NotAPicture,
    /// The file is not one.
    #[error("`base64` is not a file in base64")]
    NotAFile,
    /// A word that the service does not know; what it is for, and the words that it knows.
    #[error("`{member}` is \"{given}\"; this service knows {known}")]
    UnknownWord {
        /// The member of the body.
        member: &'static str,
        /// What it was.
        given: String,
        /// What it could have been.
        known: &'static str,
    },
    /// The service has no such thing.
    #[error("{service} has no such thing as `{action}`")]
    Unsupported {
        /// The model's name.
        service: &'static str,
        /// The action's name.
        action: &'static str,
    },
}
