//! The agents' side of the service: what the vendor's program for agents, and a desk of somebody else's, ask for. A customer's client
//! never does; it is here so that a bot's tickets can be worked on with the published calls.

use serde_json::{Map, Value, json};

use super::ticket::{Status, Ticket};
use super::{Centre, Refusal, Session};

/// Most tickets of a page, where nothing else is asked for.
const PAGE: usize = 50;
const NO_TICKET: &str = "the customer has no open ticket";

fn word<'a>(body: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    body.get(name).and_then(Value::as_str).filter(|word| !word.is_empty())
}

/// A name that may be given as a number too.
fn name_of(body: &Map<String, Value>, name: &str) -> Option<String> {
    match body.get(name)? {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn done(data: &Value) -> Value {
    json!({ "success": true, "message": "success", "data": data })
}

fn not_done(message: &str) -> Value {
    json!({ "success": false, "message": message })
}

impl Centre {
    /// Whether somebody of the agents' side asks: by its token, or by a key that opens everything anyway.
    ///
    /// # Errors
    /// 401 without either, 403 with another.
    pub fn check_agent(&self, token: Option<&str>, key: Option<&str>) -> Result<(), Refusal> {
        match token {
            Some(token) if token == self.settings.agent_token => Ok(()),
            Some(_) => Err(Refusal(403, "Forbidden")),
            None => self.check_key(key),
        }
    }

    fn with_ticket(&self, id: &str) -> Option<(&Session, &Ticket)> {
        let all = self.chats.iter().flat_map(|chat| chat.tickets.iter().map(move |ticket| (chat, ticket)));
        all.into_iter().find(|(_, ticket)| ticket.id == id)
    }

    /// A ticket by its id.
    #[must_use]
    pub fn ticket(&self, id: &str) -> Value {
        let found = self.with_ticket(id);
        let shown = found.map(|(chat, ticket)| done(&chat.shown(ticket, &self.settings.bot_id)));
        shown.unwrap_or_else(|| not_done("ticket not found"))
    }

    /// The tickets in these states and of these agents, oldest first.
    #[must_use]
    pub fn tickets(&self, body: &Map<String, Value>) -> Value {
        let filter = body.get("filter").and_then(Value::as_object);
        let list = |name: &str| -> Option<Vec<String>> {
            let list = filter?.get(name)?.as_array()?;
            let words = list.iter().filter_map(|one| Some(one.as_str()?.to_lowercase()));
            Some(words.collect()).filter(|list: &Vec<_>| !list.is_empty())
        };
        let number = |name: &str| filter?.get(name)?.as_u64().and_then(|number| usize::try_from(number).ok());
        let (statuses, agents) = (list("statuses"), list("agents"));
        let asked = |shown: &Value| {
            let fits = |wanted: &Option<Vec<String>>, member: &str| {
                let is = shown[member].as_str().unwrap_or_default().to_lowercase();
                wanted.as_ref().is_none_or(|wanted| wanted.contains(&is))
            };
            fits(&statuses, "status") && fits(&agents, "assignedTo")
        };
        let bot = &self.settings.bot_id;
        let all = self.chats.iter().flat_map(|chat| chat.tickets.iter().map(|one| chat.shown(one, bot)));
        let page =
            all.filter(asked).skip(number("offset").unwrap_or(0)).take(number("limit").unwrap_or(PAGE));
        done(&json!(page.collect::<Vec<_>>()))
    }

    /// Closes a ticket. One that is closed cannot be closed again.
    pub fn resolve(&mut self, now: u64, body: &Map<String, Value>) -> Value {
        let Some(id) = name_of(body, "ticketId") else { return not_done("ticketId is required") };
        match self.open_with(&id) {
            Some(sender) => {
                if let Some((chat, mut pen)) = self.chat(now, &sender) {
                    chat.agent_leaves(&mut pen);
                }
                self.ticket(&id)
            }
            None => not_done("there is no open ticket of this id"),
        }
    }

    /// Gives a ticket to an agent: also the way in which one takes a ticket that waits.
    pub fn reassign(&mut self, now: u64, body: &Map<String, Value>) -> Value {
        let (Some(id), Some(agent)) = (name_of(body, "ticketId"), name_of(body, "agentId")) else {
            return not_done("ticketId and agentId are required");
        };
        match self.open_with(&id) {
            Some(sender) => {
                if let Some((chat, mut pen)) = self.chat(now, &sender) {
                    chat.assigned(&mut pen, &agent);
                }
                self.ticket(&id)
            }
            None => not_done("there is no open ticket of this id"),
        }
    }

    fn open_with(&self, ticket: &str) -> Option<String> {
        let (chat, ticket) = self.with_ticket(ticket)?;
        (ticket.status != Status::Resolved).then(|| chat.sender.clone())
    }

    /// Whether the bot is silent because an agent is there.
    #[must_use]
    pub fn paused(&self, uid: &str) -> Value {
        match self.chats.iter().find(|chat| chat.sender == uid) {
            Some(chat) => done(&json!({ "paused": chat.agent().is_some() })),
            None => not_done("user not found"),
        }
    }

    /// An agent says something to a customer, or types.
    pub fn agent_says(&mut self, now: u64, body: &Map<String, Value>) -> Value {
        let (Some(uid), Some(message)) = (word(body, "uid"), word(body, "message")) else {
            return not_done("uid and message are required");
        };
        let agent = name_of(body, "agentId").unwrap_or_else(|| "agent".to_owned());
        self.agent_writes(now, uid, &agent, Value::String(message.to_owned()))
    }

    /// The agent who has the ticket says this. The words are another's, so whoever has none takes the open ticket with them.
    fn agent_writes(&mut self, now: u64, uid: &str, agent: &str, message: Value) -> Value {
        let Some((chat, mut pen)) = self.chat(now, uid) else { return not_done("user not found") };
        if chat.open_ticket().is_none() {
            return not_done(NO_TICKET);
        }
        if chat.agent().is_none() {
            chat.assigned(&mut pen, agent);
        }
        chat.put(&mut pen, "AGENT", message);
        let id = chat.lines.last().map(|line| line.id.clone());
        done(&json!({ "_id": id }))
    }

    /// What a desk of somebody else's tells of a chat that it has. What its answer says is the request again.
    pub fn desk_says(&mut self, now: u64, body: &Map<String, Value>) -> Value {
        let result = self.heard_of_desk(now, body);
        let status = if result.is_ok() { "success" } else { "failure" };
        let message = result.err().unwrap_or("success");
        json!({ "status": status, "data": body, "message": message })
    }

    fn heard_of_desk(&mut self, now: u64, body: &Map<String, Value>) -> Result<(), &'static str> {
        let event = word(body, "event").ok_or("event is required")?;
        let sender = name_of(body, "senderId").ok_or("senderId is required")?;
        let agent = word(body, "agentName").unwrap_or("Agent").to_owned();
        let (chat, mut pen) = self.chat(now, &sender).ok_or("the sender is not known")?;
        match event {
            "ticket-assigned" => chat.assigned(&mut pen, &agent),
            "ticket-closed" if chat.open_ticket().is_some() => chat.agent_leaves(&mut pen),
            "ticket-closed" => return Err(NO_TICKET),
            "agent-logout" | "agent-inactivity" => chat.event(&mut pen, "NOTIFICATION", event, None),
            "payload-received-from-agent" => {
                let message = body.get("message").and_then(Value::as_object).ok_or("message is required")?;
                let content = message.get("payLoad").and_then(|payload| payload["content"].as_str());
                let content = content.ok_or("message.payLoad.content is required")?.to_owned();
                let message = match word(message, "type").unwrap_or("text") {
                    "text" => Value::String(content),
                    kind => json!({ kind: content }),
                };
                if chat.open_ticket().is_none() {
                    return Err(NO_TICKET);
                }
                self.agent_writes(now, &sender, &agent, message);
            }
            _ => return Err("this event is not known"),
        }
        Ok(())
    }
}
