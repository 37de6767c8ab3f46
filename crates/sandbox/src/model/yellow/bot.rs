//! The bot's own program: it echoes, raises a ticket for whoever asks for an agent, is silent while an agent is there, and takes the
//! customer back in one of the ways that public pages describe, with its banner in any of the forms that they print.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::ticket::Status;
use super::{Pen, Session, Settings};

/// Who plays the bot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bot {
    /// A script, or whoever uses the control API.
    Script,
    /// The program of this file.
    Own,
}

/// With which event the banner is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shown {
    /// `ui-event-update-promotion`, as nearly all pages have it.
    Update,
    /// `ui-event-close-promotion` with data, as one page has it.
    Close,
}

/// The form of the banner's data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// One object with a button.
    Object,
    /// One object without: the words are to be typed.
    TextOnly,
    /// A list.
    Array,
    /// The wrapper of the older widget.
    QuickReplies,
    /// A list with settings beside it: the second banner is a picture.
    Set,
    /// The first, as a text of JSON.
    Text,
}

/// What becomes of the wish to leave the agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Exit {
    /// The bot closes the ticket.
    Closes,
    /// The agent is told, and decides.
    AsksAgent,
    /// Nothing.
    Silent,
    /// The agent closed the ticket just before.
    AgentFirst,
}

const UPDATE: &str = "ui-event-update-promotion";
pub(super) const CLOSE: &str = "ui-event-close-promotion";

impl Session {
    /// The customer is about to write something.
    pub(super) fn bot_is_first(&mut self, pen: &mut Pen<'_>, text: &str) {
        let settings = pen.settings;
        if settings.exit == Exit::AgentFirst && self.asks_out(settings, text) {
            self.agent_leaves(pen);
        }
    }

    /// The customer has written something.
    pub(super) fn bot_hears(&mut self, pen: &mut Pen<'_>, text: &str) {
        let settings = pen.settings;
        if settings.bot == Bot::Script {
            return;
        }
        if self.asks_out(settings, text) {
            self.wants_out(pen);
        } else if self.agent().is_some() {
            // It is paused: the words are the agent's.
        } else if is(text, "agent") {
            let status = if settings.agents_online { Status::Open } else { Status::Queued };
            self.raise(pen, status);
            if settings.agents_online {
                self.assigned(pen, "Maya");
            }
        } else {
            self.put(pen, "BOT", json!(format!("You said: {text}")));
        }
    }

    /// The customer has sent a file by its address.
    pub(super) fn bot_is_sent(&mut self, pen: &mut Pen<'_>, kind: &str) {
        if pen.settings.bot == Bot::Own && self.agent().is_none() {
            self.put(pen, "BOT", json!(format!("You sent: {kind}")));
        }
    }

    fn asks_out(&self, settings: &Settings, text: &str) -> bool {
        settings.bot == Bot::Own && self.agent().is_some() && is(text, &settings.phrase)
    }

    pub(super) fn banner(&mut self, pen: &mut Pen<'_>) {
        let settings = pen.settings;
        let option = json!({ "title": "Back to the bot", "text": settings.phrase });
        let one = json!({ "title": "You are talking to an agent.", "options": [option] });
        let data = match settings.form {
            Form::Object => one,
            Form::TextOnly => {
                json!({ "title": format!("Type '{}' to leave the agent.", settings.phrase), "options": [] })
            }
            Form::Array => json!([one]),
            Form::QuickReplies => json!({ "quickReplies": [one] }),
            Form::Set => {
                let picture = json!({ "type": "image", "imageURL": "https://tidewater.example/banner.png",
                    "linkType": "url", "linkURL": "https://tidewater.example/" });
                let how = json!({ "state": "close", "textOnMinimise": "You are talking to an agent." });
                json!({ "banners": [one, picture], "bannerSettings": how })
            }
            Form::Text => Value::String(one.to_string()),
        };
        let code = if settings.banner == Shown::Update { UPDATE } else { CLOSE };
        self.event(pen, "BOT", code, Some(data));
    }

    fn wants_out(&mut self, pen: &mut Pen<'_>) {
        match pen.settings.exit {
            Exit::Closes => {
                self.event(pen, "BOT", CLOSE, None);
                self.resolved(pen);
                self.put(pen, "BOT", json!("I am back. What can I do for you?"));
            }
            Exit::AsksAgent => self.put(pen, "NOTIFICATION", json!("The customer asks to leave.")),
            Exit::Silent | Exit::AgentFirst => {}
        }
    }
}

/// As an intent would compare them.
fn is(text: &str, phrase: &str) -> bool {
    text.trim().to_lowercase() == phrase.trim().to_lowercase()
}
