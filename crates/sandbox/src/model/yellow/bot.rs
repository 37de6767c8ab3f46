//! The bot's own program: it echoes, raises a ticket for whoever asks for an agent, is silent while an agent is there, and takes the
//! customer back in one of the three ways that public pages describe.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Session, Settings, Ticket};
use crate::chat::{Person, Who};
use crate::ids::Ids;

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
}

const UPDATE: &str = "ui-event-update-promotion";
const CLOSE: &str = "ui-event-close-promotion";

impl Session {
    /// The customer has written something.
    pub(super) fn bot_hears(&mut self, now: u64, ids: &mut Ids, settings: &Settings, text: &str) {
        let is = |phrase: &str| text.trim().to_lowercase() == phrase.to_lowercase();
        if self.agent().is_some() {
            if is(&settings.phrase) {
                self.wants_out(now, ids, settings.exit);
            }
        } else if is("agent") {
            let status = if settings.agents_online { "OPEN" } else { "QUEUED" };
            self.raise(now, ids, status);
            if settings.agents_online {
                self.assigned(now, ids, "Maya");
                self.banner(now, ids, settings);
            }
        } else {
            self.put(now, ids, "BOT", json!(format!("You said: {text}")));
        }
    }

    fn raise(&mut self, now: u64, ids: &mut Ids, status: &'static str) {
        let reopened_from = self.ticket.take().map(|ticket| ticket.id);
        self.tickets += 1;
        let id = (100_000 + self.tickets).to_string();
        self.ticket = Some(Ticket { id: id.clone(), status, reopened_from });
        let code = if status == "QUEUED" { "ticket-queued" } else { "ticket-opened" };
        self.event(now, ids, "NOTIFICATION", code, Some(json!({ "ticketId": id })));
    }

    /// An agent takes the ticket; one is raised if there is none.
    pub(super) fn assigned(&mut self, now: u64, ids: &mut Ids, name: &str) {
        if self.ticket.as_ref().is_none_or(|ticket| ticket.status == "RESOLVED") {
            self.raise(now, ids, "OPEN");
        }
        let id = format!("agent-{}", self.people.len());
        let word = "AGENT".to_owned();
        self.people.push(Person { id, who: Who::Agent, word, name: name.to_owned(), present: true });
        let ticket = self.ticket.as_mut().map(|ticket| {
            ticket.status = "ASSIGNED";
            ticket.id.clone()
        });
        let data = json!({ "agentName": name, "ticketId": ticket });
        self.event(now, ids, "NOTIFICATION", "ticket-assigned", Some(data));
        self.put(now, ids, "NOTIFICATION", json!(format!("*{name}* has joined the conversation")));
    }

    fn banner(&mut self, now: u64, ids: &mut Ids, settings: &Settings) {
        let option = json!({ "title": "Back to the bot", "text": settings.phrase });
        let data = json!({ "title": "You are talking to an agent.", "options": [option] });
        let code = if settings.banner == Shown::Update { UPDATE } else { CLOSE };
        self.event(now, ids, "BOT", code, Some(data));
    }

    fn wants_out(&mut self, now: u64, ids: &mut Ids, exit: Exit) {
        match exit {
            Exit::Closes => {
                self.event(now, ids, "BOT", CLOSE, None);
                self.resolved(now, ids);
                self.put(now, ids, "BOT", json!("I am back. What can I do for you?"));
            }
            Exit::AsksAgent => {
                self.put(now, ids, "NOTIFICATION", json!("The customer asks to leave."));
            }
            Exit::Silent => {}
        }
    }

    /// The ticket is closed: the agents leave.
    pub(super) fn resolved(&mut self, now: u64, ids: &mut Ids) {
        let gone: Vec<String> = self
            .people
            .iter_mut()
            .filter(|one| one.present && one.who == Who::Agent)
            .map(|one| {
                one.present = false;
                one.name.clone()
            })
            .collect();
        if let Some(ticket) = &mut self.ticket {
            ticket.status = "RESOLVED";
        }
        let ticket = self.ticket.as_ref().map_or(Value::Null, |ticket| json!(ticket.id));
        self.event(now, ids, "NOTIFICATION", "ticket-closed", Some(json!({ "ticketId": ticket })));
        for name in gone {
            self.put(now, ids, "NOTIFICATION", json!(format!("*{name}* has left the conversation")));
        }
    }

    /// The agent leaves of their own accord.
    pub(super) fn agent_leaves(&mut self, now: u64, ids: &mut Ids, settings: &Settings) {
        self.resolved(now, ids);
        if settings.bot == Bot::Own {
            self.event(now, ids, "BOT", CLOSE, None);
        }
    }
}
