//! The switches of this service: what is accepted, how the bot's own program behaves, and what nothing public fixes.

use serde::{Deserialize, Serialize};

use super::bot::{Bot, Exit, Form, Shown};

/// The switches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Accepted keys, of the service itself or of a relay.
    pub api_keys: Vec<String>,
    /// The token of the agents' side.
    pub agent_token: String,
    /// The bot that is known.
    pub bot_id: String,
    /// Who plays the bot.
    pub bot: Bot,
    /// With which event the bot's own program shows its banner.
    pub banner: Shown,
    /// In which of the printed forms it gives the banner's data.
    pub form: Form,
    /// What it does when the customer wants to leave the agent.
    pub exit: Exit,
    /// The words for that.
    pub phrase: String,
    /// Whether an agent is free as soon as one is asked for.
    pub agents_online: bool,
    /// The order of a page of messages.
    pub order: Order,
    /// Where the bot's answers stand.
    pub answers: Answers,
    /// How they stand in the answer to a message.
    pub array: Array,
    /// By how much the clock that stamps messages goes wrong, in milliseconds.
    pub skew_ms: i64,
    /// How long a customer's token is good, in seconds.
    pub auth_seconds: u64,
}

/// The order of a page of messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// The newest first.
    NewestFirst,
    /// The oldest first.
    OldestFirst,
}

/// Where the bot's answers stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answers {
    /// In the answer to a message, and among the messages.
    Both,
    /// Among the messages only.
    Messages,
    /// In the answer to a message only.
    Answer,
}

/// How the bot's answers stand in the answer to a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Array {
    /// As they were said.
    InOrder,
    /// The last first.
    Reversed,
    /// All of them, and all of them again.
    Twice,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            api_keys: vec!["sandbox-key".to_owned()],
            agent_token: "sandbox-agent".to_owned(),
            bot_id: "x1657623696077".to_owned(),
            bot: Bot::Script,
            banner: Shown::Update,
            form: Form::Object,
            exit: Exit::Closes,
            phrase: "talk to bot".to_owned(),
            agents_online: true,
            order: Order::NewestFirst,
            answers: Answers::Both,
            array: Array::InOrder,
            skew_ms: 0,
            auth_seconds: 1_800,
        }
    }
}
