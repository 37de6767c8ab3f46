//! The CometD side of GMS: sessions of the server, the chats that are bound to them, and the operations that are published. The
//! chats themselves are the model's of GMS: one chat may be asked over HTTP and over CometD in turn.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::Model;
use super::gms::chat::Death;
use super::gms::refusal::Refusal;
use super::gms::{Centre, Credentials, Operation};
use crate::action::{Action, ActionError};
use crate::bayeux::{Over, Received, Server, settings};
use crate::chat::{Chat, Line};
use crate::ids::Ids;
use crate::options::Options;

/// Its name in the sandbox.
pub const NAME: &str = "gms_cometd";

/// What channels of the service begin with.
const CHANNELS: &str = "/service/chatV2/";

/// The server, and which chat each of its sessions has.
#[derive(Debug)]
pub struct Gateway {
    /// The server.
    pub server: Server,
    bound: BTreeMap<String, Bound>,
}

/// A chat that is delivered in a session.
#[derive(Debug, Clone)]
struct Bound {
    chat: String,
    channel: String,
    /// The next position to be delivered.
    next: u64,
    /// The end was delivered.
    ended: bool,
}

impl Gateway {
    /// The one of a sandbox.
    #[must_use]
    pub fn start(options: &Options, ids: Ids) -> Self {
        let hold_ms = u64::try_from(options.poll_hold.as_millis()).unwrap_or(u64::MAX);
        let settings = settings::Settings { hold_ms, ..settings::Settings::default() };
        Self { server: Server::new(settings, ids), bound: BTreeMap::new() }
    }

    /// The chat of a session.
    #[must_use]
    pub fn chat_of(&self, client: &str) -> Option<&str> {
        self.bound.get(client).map(|bound| bound.chat.as_str())
    }

    /// A message comes in; what is published is done at once. Gives the reply, or the connect that is held.
    pub fn receive(
        &mut self,
        centre: &mut Centre,
        now: u64,
        browser: Option<&str>,
        over: Over,
        message: &Value,
    ) -> Received {
        let received = self.server.receive(now, browser, over, message);
        if let Some(client) = message["clientId"].as_str()
            && let Some(chat) = self.chat_of(client)
        {
            centre.heard(now, chat);
        }
        match received {
            Received::Publish { client, channel, data, reply } => {
                self.published(centre, now, &client, &channel, &data);
                Received::Reply(reply)
            }
            other => other,
        }
    }

    fn published(&mut self, centre: &mut Centre, now: u64, client: &str, channel: &str, data: &Value) {
        let result = match channel.strip_prefix(CHANNELS) {
            Some(service) => {
                centre.check_service(service).and_then(|()| self.done(centre, now, client, channel, data))
            }
            None => return,
        };
        match result {
            Ok(Some(answer)) => self.server.deliver(client, channel, answer),
            Ok(None) => {}
            Err(refusal) => self.server.deliver(client, channel, refusal.delivered()),
        }
        self.collect(centre, now, client);
    }

    /// Does what is published; gives what is delivered as its answer, if it has one of its own.
    fn done(
        &mut self,
        centre: &mut Centre,
        now: u64,
        client: &str,
        channel: &str,
        data: &Value,
    ) -> Result<Option<Value>, Refusal> {
        let text = |name: &str| data[name].as_str().map(str::to_owned);
        let given = |name: &str| text(name).filter(|value| !value.is_empty());
        let object = |name: &str| data[name].as_object().cloned();
        let who = Credentials {
            chat: given("chatId"),
            user: given("userId"),
            key: given("secureKey").unwrap_or_default(),
        };
        let position = || {
            let position = &data["transcriptPosition"];
            position.as_i64().or_else(|| position.as_str()?.parse().ok())
        };
        let operation = match data["operation"].as_str().unwrap_or_default() {
            "requestChat" => {
                let service = channel.strip_prefix(CHANNELS).unwrap_or_default();
                let fields: Map<String, Value> = data.as_object().cloned().unwrap_or_default();
                let answer = centre.request_chat(now, service, fields)?;
                self.bind(client, channel, &answer);
                return Ok(Some(answer));
            }
            "requestNotifications" => {
                // Without a position, or with 0, everything is delivered.
                let from = position().filter(|position| *position != 0).unwrap_or(1);
                let answer = centre.perform(now, &who, Some(from), Operation::Refresh { preview: None })?;
                self.bind(client, channel, &answer);
                if self.server.settings.repeat {
                    self.server.deliver(client, channel, answer.clone());
                }
                return Ok(Some(answer));
            }
            "refresh" => {
                let refresh = Operation::Refresh { preview: text("message") };
                return centre.perform(now, &who, position(), refresh).map(Some);
            }
            "disconnect" => {
                let answer = centre.perform(now, &who, None, Operation::Disconnect)?;
                if let Some(bound) = self.bound.get_mut(client) {
                    bound.ended = true;
                }
                return Ok(Some(answer));
            }
            "sendMessage" => Operation::Send {
                text: text("message").unwrap_or_default(),
                kind: given("messageType"),
                attributes: object("eventAttributes").map(Value::Object),
            },
            "startTyping" => Operation::Typing { on: true, preview: text("message") },
            "stopTyping" => Operation::Typing { on: false, preview: text("message") },
            "pushUrl" => Operation::PushUrl(text("pushUrl").unwrap_or_default()),
            "updateNickname" => Operation::Nickname(text("nickname").unwrap_or_default()),
            "updateData" => Operation::UserData(object("userData").unwrap_or_default()),
            "customNotice" => Operation::Notice {
                text: given("message"),
                attributes: object("eventAttributes").map(Value::Object),
            },
            _ => return Err(Refusal::Malformed),
        };
        centre.perform(now, &who, None, operation)?;
        Ok(None)
    }

    /// From here on this session is told what happens in the chat of an answer, behind what stands in it.
    fn bind(&mut self, client: &str, channel: &str, answer: &Value) {
        let Some(chat) = answer["chatId"].as_str() else { return };
        let bound = Bound {
            chat: chat.to_owned(),
            channel: channel.to_owned(),
            next: answer["nextPosition"].as_u64().unwrap_or(1),
            ended: answer["chatEnded"] == json!(true),
        };
        self.bound.insert(client.to_owned(), bound);
    }

    /// Puts what has happened in its chat into a session's deliveries.
    pub fn collect(&mut self, centre: &mut Centre, now: u64, client: &str) {
        centre.pass(now);
        let Some(bound) = self.bound.get_mut(client) else { return };
        if !self.server.knows(client) {
            self.bound.remove(client);
            return;
        }
        let Some(chat) = centre.find(&bound.chat) else { return };
        if let Some(death) = chat.death {
            // A chat whose server cannot be reached says nothing; one that is lost says so once.
            if !bound.ended && death != Death::Away {
                bound.ended = true;
                let over = Refusal::Over { ended: death == Death::FinalAndEnded };
                self.server.deliver(client, &bound.channel, over.delivered());
            }
            return;
        }
        let news = chat.events.iter().any(|event| match event.index {
            Some(index) => index >= bound.next,
            None => !event.spent,
        });
        if news || chat.ended && !bound.ended {
            let position = i64::try_from(bound.next).unwrap_or(i64::MAX);
            let chat = bound.chat.clone();
            if let Some(answer) = centre.reading(now, &chat, position) {
                bound.next = answer["nextPosition"].as_u64().unwrap_or(bound.next);
                bound.ended |= answer["chatEnded"] == json!(true);
                self.server.deliver(client, &bound.channel, answer);
            }
        }
    }
}

impl Model for Gateway {
    fn name(&self) -> &'static str {
        NAME
    }

    // Its chats are those of GMS.
    fn chats(&self) -> Vec<Chat> {
        Vec::new()
    }

    fn lines(&self, _: &str, _: usize) -> Vec<Line> {
        Vec::new()
    }

    fn act(&mut self, id: &str, _: u64, _: Vec<Action>) -> Result<Vec<Line>, ActionError> {
        Err(ActionError::NoSuchSession(id.to_owned()))
    }

    fn settings(&self) -> Value {
        serde_json::to_value(&self.server.settings).unwrap_or_default()
    }

    fn configure(&mut self, settings: Value) -> Result<(), String> {
        let settings: settings::Settings =
            serde_json::from_value(settings).map_err(|error| error.to_string())?;
        if settings.generation != self.server.settings.generation {
            self.server.forget_all();
        }
        self.server.settings = settings;
        Ok(())
    }

    fn clear(&mut self) {
        self.server.forget_all();
        self.bound.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::gms;

    fn world() -> (Gateway, Centre, String) {
        let mut gateway = Gateway::start(&Options::default(), Ids::seeded(1));
        let mut centre = Centre::new(gms::settings::Settings::default(), Ids::seeded(2));
        let hello = json!({ "channel": "/meta/handshake", "id": "1" });
        let client = match gateway.receive(&mut centre, 0, Some("b"), Over::Socket, &hello) {
            Received::Reply(reply) => reply["clientId"].as_str().unwrap().to_owned(),
            other => panic!("expected a reply, but there was {other:?}"),
        };
        (gateway, centre, client)
    }

    fn say(gateway: &mut Gateway, centre: &mut Centre, client: &str, data: &Value) -> Vec<Value> {
        let message = json!({ "channel": "/service/chatV2/customer-support", "clientId": client, "id": "9", "data": data });
        let received = gateway.receive(centre, 0, Some("b"), Over::Socket, &message);
        assert!(matches!(received, Received::Reply(reply) if reply["successful"] == true));
        gateway.server.flush(client)
    }

    #[test]
    fn a_chat_is_begun_and_delivered_and_found_again() {
        let (mut gateway, mut centre, client) = world();
        let told = say(
            &mut gateway,
            &mut centre,
            &client,
            &json!({ "operation": "requestChat", "nickname": "Ann" }),
        );
        assert_eq!(told.len(), 1, "once, as the answer");
        let key = told[0]["data"]["secureKey"].clone();
        let told = say(
            &mut gateway,
            &mut centre,
            &client,
            &json!({ "operation": "sendMessage", "secureKey": key, "message": "hi" }),
        );
        assert_eq!(told[0]["data"]["messages"][0]["text"], "hi");
        let again = json!({ "operation": "requestNotifications", "secureKey": key, "transcriptPosition": 2 });
        let told = say(&mut gateway, &mut centre, &client, &again);
        assert_eq!(told.len(), 1);
        assert_eq!(told[0]["data"]["messages"].as_array().unwrap().len(), 1);
        let told =
            say(&mut gateway, &mut centre, &client, &json!({ "operation": "disconnect", "secureKey": key }));
        assert_eq!(told[0]["data"]["chatEnded"], true);
    }

    #[test]
    fn what_is_refused_is_delivered() {
        let (mut gateway, mut centre, client) = world();
        let told = say(&mut gateway, &mut centre, &client, &json!({ "operation": "requestChat" }));
        assert_eq!(
            (&told[0]["data"]["statusCode"], &told[0]["data"]["errors"][0]["code"]),
            (&json!(2), &json!(161))
        );
        let told = say(
            &mut gateway,
            &mut centre,
            &client,
            &json!({ "operation": "sendMessage", "secureKey": "x", "message": "hi" }),
        );
        assert_eq!(told[0]["data"]["statusCode"], 2);
    }
}
