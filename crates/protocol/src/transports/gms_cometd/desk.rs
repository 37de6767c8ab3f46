//! What all states of the machine share: the Bayeux client, the calls for files, and what is to be told.

use std::collections::{BTreeMap, VecDeque};

use serde_json::{Map, Value};

use super::files::{Errand, Lane};
use super::settings::Settings;
use crate::event::{EntryForm, Event};
use crate::fault::FaultCode;
use crate::io::{Moment, Now};
use crate::kit::bayeux::{Client, Refusal, Ticket, Trouble};
use crate::kit::calls::Calls;
use crate::kit::gates::Gates;
use crate::link::Link;
use crate::transport::{Action, Failure};
use crate::transports::gms::opening;
use crate::transports::gms::pass::Pass;

/// Names of calls for files begin here: those of the Bayeux client count from 1.
const FILES: u64 = 1 << 32;

#[derive(Debug)]
pub(super) struct Desk {
    pub(super) settings: Settings,
    pub(super) asynchronous: bool,
    pub(super) client: Client,
    pub(super) files: Calls<Errand>,
    pub(super) gates: Gates<Lane>,
    pub(super) out: VecDeque<Action>,
    /// Data for the service that it was not given yet.
    pub(super) user_data: BTreeMap<String, String>,
    link: Link,
    trouble: Option<FaultCode>,
}

impl Desk {
    pub(super) fn new(settings: Settings, asynchronous: bool, seed: u64) -> Self {
        let client = Client::new(settings.bayeux(), seed);
        Self {
            settings,
            asynchronous,
            client,
            files: Calls::from(FILES),
            gates: Gates::default(),
            out: VecDeque::new(),
            user_data: BTreeMap::new(),
            link: Link::Idle,
            trouble: None,
        }
    }

    pub(super) fn tell(&mut self, event: Event) {
        self.out.push_back(Action::Event(event));
    }

    /// Tells how the connection is, if that is news.
    pub(super) fn link(&mut self, link: Link) {
        if link == Link::Up {
            self.trouble = None;
        }
        if self.link != link {
            self.link = link;
            self.tell(Event::Link(link));
        }
    }

    pub(super) fn is_up(&self) -> bool {
        self.link == Link::Up
    }

    /// Tells that the connection does not work, and why.
    pub(super) fn down(&mut self, attempt: u32, retry_at: Moment, failure: &Failure) {
        self.link(Link::Down { attempt, retry_at, cause: failure.code() });
        let passes = failure.may_pass() || matches!(failure, Failure::Io(_));
        if !passes && self.trouble != Some(failure.code()) {
            self.trouble = Some(failure.code());
            self.tell(Event::Trouble(failure.fault()));
        }
    }

    /// Makes for a session with the server.
    pub(super) fn start(&mut self, now: Now) {
        self.client.start(now, vec![self.settings.channel.clone()]);
    }

    /// Says an operation on the chat's channel.
    pub(super) fn say(
        &mut self,
        now: Now,
        operation: &str,
        keys: Option<&Pass>,
        more: Map<String, Value>,
    ) -> Ticket {
        let data = said(operation, keys, more);
        let channel = self.settings.channel.clone();
        self.client.publish(now, &channel, data)
    }

    /// Says a text on the chat's channel, or an address to open.
    pub(super) fn say_text(&mut self, now: Now, keys: &Pass, text: &str) -> Ticket {
        let address = self.settings.push_urls && opening::is_one_address(text);
        let (operation, member, text) =
            if address { ("pushUrl", "pushUrl", text.trim()) } else { ("sendMessage", "message", text) };
        let more = Map::from_iter([(member.to_owned(), Value::from(text))]);
        let data = said(operation, Some(keys), more);
        let channel = self.settings.channel.clone();
        self.client.publish_vital(now, &channel, data)
    }

    /// Says the last operation and ends the session with the server.
    pub(super) fn say_last(&mut self, now: Now, operation: &str, keys: &Pass) -> Ticket {
        let data = said(operation, Some(keys), Map::new());
        let channel = self.settings.channel.clone();
        self.client.leave_saying(now, &channel, &data)
    }

    /// What a new chat is asked for with.
    pub(super) fn form(&self, form: &EntryForm, given: &BTreeMap<String, String>) -> Map<String, Value> {
        let mut members: Map<String, Value> =
            opening::fields(form).map(|(name, value)| (name.to_owned(), Value::from(value))).collect();
        if let Some(subject) = &self.settings.subject {
            members.entry("subject").or_insert_with(|| Value::from(subject.as_str()));
        }
        if let Some(endpoint) = &self.settings.endpoint {
            members.insert("endpoint".to_owned(), Value::from(endpoint.as_str()));
        }
        let data = opening::attached(form, given, self.settings.language.as_deref(), self.asynchronous);
        let data = data.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        members.insert("userData".to_owned(), pairs(data));
        members
    }

    /// Data that the service did not take is given again, unless newer values have come.
    pub(super) fn give_again(&mut self, data: BTreeMap<String, String>) {
        for (key, value) in data {
            self.user_data.entry(key).or_insert(value);
        }
    }
}

fn said(operation: &str, keys: Option<&Pass>, more: Map<String, Value>) -> Value {
    let mut data = keys.map(signature).unwrap_or_default();
    data.extend(more);
    data.insert("operation".to_owned(), Value::from(operation));
    Value::Object(data)
}

/// Members that go with every operation but the first.
fn signature(pass: &Pass) -> Map<String, Value> {
    let all = [
        ("chatId", pass.chat.as_str()),
        ("userId", pass.user.as_str()),
        ("secureKey", pass.key.expose()),
        ("alias", pass.alias.as_str()),
    ];
    let there = all.into_iter().filter(|(_, value)| !value.is_empty());
    there.map(|(name, value)| (name.to_owned(), Value::from(value))).collect()
}

/// An object of texts.
pub(super) fn pairs<'a>(data: impl IntoIterator<Item = (&'a str, &'a str)>) -> Value {
    Value::Object(data.into_iter().map(|(name, value)| (name.to_owned(), Value::from(value))).collect())
}

/// The server's trouble in our words.
pub(super) fn failure(trouble: &Trouble) -> Failure {
    match trouble {
        Trouble::Io(fault) => Failure::Io(*fault),
        Trouble::Busy { after } => Failure::RateLimited { after: *after },
        Trouble::Status(401 | 403) => Failure::WrongKey,
        Trouble::Status(404) => Failure::UnknownAddress,
        Trouble::Status(status @ (408 | 425 | 500..)) => Failure::Service { status: *status },
        Trouble::Status(status) => Failure::Declined { status: *status, code: String::new() },
        Trouble::Page(status) => Failure::NotTheService { status: *status },
        Trouble::Unreadable(why) => Failure::Unreadable { why },
        Trouble::Refused(refusal) => refused(refusal),
        Trouble::NoWay => Failure::Unsupported,
        Trouble::Stopped => Failure::Io(crate::io::IoFault::Unreachable),
    }
}

/// A refusal of the server in our words. A session that is lost is made anew: what it cost may be tried again.
pub(super) fn refused(refusal: &Refusal) -> Failure {
    if refusal.lost {
        return Failure::Service { status: 200 };
    }
    let plain = |character: char| if character == ' ' { '_' } else { character };
    let words: String = refusal.words.chars().map(plain).collect();
    let code = refusal.code.map(|code| code.to_string()).into_iter().chain([words]);
    let code = code.filter(|part| !part.is_empty()).collect::<Vec<_>>().join("_");
    match refusal.code {
        Some(500..) => Failure::Service { status: 200 },
        _ => Failure::Declined { status: 200, code: code.chars().take(64).collect() },
    }
}
