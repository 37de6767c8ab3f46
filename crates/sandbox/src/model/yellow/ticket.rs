//! Tickets: the legs of a chat with live agents, from being raised to being closed.

use std::ops::Range;

use serde::Serialize;
use serde_json::{Value, json};

use super::bot::CLOSE;
use super::{Bot, Pen, Session};
use crate::chat::{Person, Who};

/// One leg with a live agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Ticket {
    pub(super) id: String,
    pub(super) status: Status,
    pub(super) reopened_from: Option<String>,
    /// When it was raised, unix ms.
    raised: u64,
    assigned_to: Option<String>,
    /// The lines that belong to it.
    #[serde(skip)]
    lines: Range<usize>,
}

/// How far a ticket is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum Status {
    Open,
    Queued,
    Assigned,
    Resolved,
}

impl Session {
    /// The ticket that is not closed yet.
    pub(super) fn open_ticket(&self) -> Option<&Ticket> {
        self.tickets.last().filter(|ticket| ticket.status != Status::Resolved)
    }

    /// The lines of a ticket; none if there is no such ticket.
    pub(super) fn leg(&self, id: &str) -> Range<usize> {
        let found = self.tickets.iter().find(|ticket| ticket.id == id);
        found.map_or(0..0, |ticket| match ticket.status {
            Status::Resolved => ticket.lines.clone(),
            _ => ticket.lines.start..self.lines.len(),
        })
    }

    /// The bot asks for a live agent.
    pub(super) fn raise(&mut self, pen: &mut Pen<'_>, status: Status) {
        let reopened_from = self.tickets.last().map(|ticket| ticket.id.clone());
        *pen.tickets += 1;
        let id = (100_000 + *pen.tickets).to_string();
        let first = self.lines.len();
        self.tickets.push(Ticket {
            id: id.clone(),
            status,
            reopened_from,
            raised: pen.now,
            assigned_to: None,
            lines: first..first,
        });
        let code = if status == Status::Queued { "ticket-queued" } else { "ticket-opened" };
        self.event(pen, "NOTIFICATION", code, Some(json!({ "ticketId": id })));
    }

    /// An agent takes the ticket; one is raised if none is open. The bot's own program then shows its banner.
    pub(super) fn assigned(&mut self, pen: &mut Pen<'_>, name: &str) {
        if self.open_ticket().is_none() {
            self.raise(pen, Status::Open);
        }
        let id = format!("agent-{}", self.people.len());
        let word = "AGENT".to_owned();
        self.people.push(Person { id, who: Who::Agent, word, name: name.to_owned(), present: true });
        let ticket = self.tickets.last_mut().map(|ticket| {
            ticket.status = Status::Assigned;
            ticket.assigned_to = Some(name.to_owned());
            ticket.id.clone()
        });
        let data = json!({ "agentName": name, "ticketId": ticket });
        self.event(pen, "NOTIFICATION", "ticket-assigned", Some(data));
        self.put(pen, "NOTIFICATION", json!(format!("*{name}* has joined the conversation")));
        if pen.settings.bot == Bot::Own {
            self.banner(pen);
        }
    }

    /// The ticket is closed: the agents leave, and the conversation goes on with the bot.
    pub(super) fn resolved(&mut self, pen: &mut Pen<'_>) {
        let gone: Vec<String> = self
            .people
            .iter_mut()
            .filter(|one| one.present && one.who == Who::Agent)
            .map(|one| {
                one.present = false;
                one.name.clone()
            })
            .collect();
        let ticket = self.tickets.last().map(|ticket| ticket.id.clone());
        self.event(pen, "NOTIFICATION", "ticket-closed", Some(json!({ "ticketId": ticket })));
        for name in gone {
            self.put(pen, "NOTIFICATION", json!(format!("*{name}* has left the conversation")));
        }
        let end = self.lines.len();
        if let Some(ticket) = self.tickets.last_mut() {
            ticket.status = Status::Resolved;
            ticket.lines.end = end;
        }
    }

    /// The agent leaves of their own accord.
    pub(super) fn agent_leaves(&mut self, pen: &mut Pen<'_>) {
        self.resolved(pen);
        if pen.settings.bot == Bot::Own {
            self.event(pen, "BOT", CLOSE, None);
        }
    }

    /// A ticket as the agents' side shows it.
    pub(super) fn shown(&self, ticket: &Ticket, bot: &str) -> Value {
        let name = self.people.first().map(|one| one.name.clone()).unwrap_or_default();
        json!({
            "ticketId": ticket.id,
            "_id": ticket.id,
            "botId": bot,
            "uid": self.sender,
            "source": "yellowmessenger",
            "ticketType": "livechat",
            "status": ticket.status,
            "contact": { "name": name, "phone": "", "email": "" },
            "assignedTo": ticket.assigned_to,
            "timestamp": ticket.raised,
            "reopenedFrom": ticket.reopened_from,
            "collaborators": [],
            "tags": [],
            "logs": [],
        })
    }
}
