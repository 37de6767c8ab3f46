//! yellow.ai, through a relay of the contact centre: texts and events go to the bot over the documented REST call, and what the bot and
//! the agents say is read every few seconds.
//!
//! The facts, their sources and how sure each is: `docs/protocols/yellow.md`. It was never tried against the real service.
//!
//! - `settings.rs` what a deployment says, `wire.rs` what the service says, `map.rs` the same in the normalised language
//! - `leg.rs` bot, agent and banner, `held.rs` which messages were told, `chat.rs` a chat that goes on
//! - `requests.rs` the calls; banners themselves are in `kit/banner.rs`, for every service that carries them
//! - `tapes/` each known fact as a small recorded conversation

mod chat;
mod held;
mod leg;
mod map;
mod requests;
mod settings;
mod wire;

use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use self::chat::Chat;
use self::held::Cursor;
use self::settings::Settings;
use super::Service;
use crate::event::{EntryForm, Event, LocalId, Trace};
use crate::io::{CallId, Deadline, HttpReply, IoFault, Now};
use crate::kit::desk;
use crate::link::Link;
use crate::token::{ResumeToken, Secret};
use crate::transport::{Action, Capabilities, Failure, Request, Transport};
use crate::view::EndReason;

/// This service in the registry.
pub const SERVICE: Service = Service {
    id: "yellow",
    name: "yellow.ai (through a relay)",
    fields: settings::fields,
    build: |raw, _, seed| {
        let settings = Settings::read(raw)?;
        let desk = Desk { kit: desk::Desk::new(seed.dice(), settings.poll), settings };
        Ok(Box::new(Yellow { desk, state: State::Fresh, user_data: BTreeMap::new(), reconcile: false }))
    },
    probe: |raw| Ok(Settings::read(raw)?.probe()),
    judge: |result| wire::judge_probe(&result),
};

/// The machine of one conversation.
#[derive(Debug)]
struct Yellow {
    desk: Desk,
    state: State,
    /// Data for the bot that it was not given yet: it takes some only when the chat is opened.
    user_data: BTreeMap<String, String>,
    /// A reconciliation was asked for before there was anything to read.
    reconcile: bool,
}

/// What all states share.
#[derive(Debug)]
struct Desk {
    kit: desk::Desk<Purpose, Lane>,
    settings: Settings,
}

#[derive(Debug)]
enum State {
    /// Nothing was asked for.
    Fresh,
    /// The bot is told that the chat was opened, under this new name; or else whether it answers is found out by a read.
    Starting { sender: String },
    /// There is a chat.
    Open(Box<Chat>),
    /// All is told.
    Over,
}

/// What a call is for.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Purpose {
    Start,
    Read,
    Text { local: LocalId, words: String },
    Event,
}

/// Kinds of requests that the service may ask to slow down, each for itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Lane {
    Reads,
    Messages,
}

/// What picks a chat up again: the name that the bot knows the person by.
#[derive(Serialize, Deserialize)]
struct Token {
    sender: String,
}

impl Purpose {
    const fn lane(&self) -> Lane {
        match self {
            Self::Read => Lane::Reads,
            Self::Start | Self::Text { .. } | Self::Event => Lane::Messages,
        }
    }
}

impl Deref for Desk {
    type Target = desk::Desk<Purpose, Lane>;

    fn deref(&self) -> &Self::Target {
        &self.kit
    }
}

impl DerefMut for Desk {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.kit
    }
}

impl Transport for Yellow {
    fn capabilities(&self) -> Capabilities {
        // A chat with a bot has no end of its own, and everything is read at once: there are no older pages.
        Capabilities::default()
    }

    fn request(&mut self, now: Now, request: Request) {
        let state = std::mem::replace(&mut self.state, State::Fresh);
        self.state = self.asked(now, state, request);
        self.go_on(now);
    }

    fn reply(&mut self, now: Now, call: CallId, result: Result<HttpReply, IoFault>) {
        let Some(purpose) = self.desk.calls.close(call) else { return };
        if let Ok(reply) = &result {
            self.desk.heed_reply(now, purpose.lane(), reply);
        }
        let state = std::mem::replace(&mut self.state, State::Fresh);
        self.state = self.answered(now, state, purpose, &result);
        self.go_on(now);
    }

    fn tick(&mut self, now: Now) {
        self.go_on(now);
    }

    fn poll(&mut self) -> Option<Action> {
        self.desk.take_next()
    }

    fn deadline(&self) -> Option<Deadline> {
        match &self.state {
            State::Open(chat) => chat.deadline(&self.desk),
            State::Fresh | State::Starting { .. } | State::Over => None,
        }
    }
}

impl Yellow {
    fn go_on(&mut self, now: Now) {
        if let State::Open(chat) = &mut self.state {
            chat.go_on(&mut self.desk, now);
        }
    }

    fn asked(&mut self, now: Now, state: State, request: Request) -> State {
        let desk = &mut self.desk;
        match (state, request) {
            (state, Request::Leave) => self.leave(now, state),
            (State::Fresh, Request::Start(form)) => self.start(now, form),
            (State::Fresh, Request::Resume { token, cursor }) => self.resume(now, &token, cursor.as_deref()),
            (State::Open(mut chat), request) => {
                match request {
                    Request::Send { local, text } => chat.text(desk, now, local, &text),
                    Request::Answer { local, text, payloads } => {
                        chat.answer(desk, now, local, &text, &payloads);
                    }
                    Request::BannerClosed => chat.banner_closed(desk, now),
                    Request::Reconcile => chat.reconcile(now),
                    Request::Urgency(urgency) => chat.urgent(desk, now, urgency),
                    Request::TryNow => chat.try_now(desk, now),
                    Request::Wake => chat.wake(desk, now),
                    other => desk.decline(other, &Failure::Unsupported),
                }
                State::Open(chat)
            }
            (state, Request::UserData(data)) => {
                self.user_data.extend(data);
                state
            }
            (state, Request::Urgency(urgency)) => {
                desk.urgent(now, &Lane::Reads, urgency);
                state
            }
            (state, Request::Reconcile) => {
                self.reconcile = true;
                state
            }
            (State::Over, request) => {
                desk.decline(request, &Failure::Gone);
                State::Over
            }
            (state, request) => {
                desk.decline(request, &Failure::Io(IoFault::Unreachable));
                state
            }
        }
    }

    /// A chat begins with a name: nothing has to be asked for but whether the service is there at all.
    fn start(&mut self, now: Now, form: EntryForm) -> State {
        let desk = &mut self.desk;
        if let Err(failure) = desk.open(now, &Lane::Messages).and(desk.open(now, &Lane::Reads)) {
            desk.tell(Event::NotJoined(failure));
            return State::Fresh;
        }
        let sender = format!("envoi-{:016x}{:016x}", desk.rng.u64(..), desk.rng.u64(..));
        let all = form.user_data.into_iter().chain(self.user_data.clone()).chain(form.fields);
        let data: Map<String, Value> = all.map(|(name, value)| (name, json!(value))).collect();
        let data = if data.is_empty() { Value::Null } else { Value::Object(data) };
        if desk.settings.widget_events {
            desk.say(&sender, Purpose::Start, "start", &requests::event("bot-opened", &data));
        } else {
            desk.read(&sender, Purpose::Start, 1, 0);
        }
        State::Starting { sender }
    }

    fn resume(&mut self, now: Now, token: &ResumeToken, cursor: Option<&str>) -> State {
        let desk = &mut self.desk;
        desk.link(Link::Restoring);
        let kept = serde_json::from_str::<Token>(token.secret.expose()).ok();
        match kept.map(|token| token.sender).filter(|sender| (1..=200).contains(&sender.len())) {
            Some(sender) => {
                desk.tell(Event::Joined { token: token_of(&sender), resumed: true });
                // One that cannot be read costs reading everything once more.
                let cursor: Option<Cursor> =
                    cursor.map(|text| serde_json::from_str(text).unwrap_or_default());
                let reconcile = std::mem::take(&mut self.reconcile);
                State::Open(Box::new(Chat::new(desk, now, sender, Some(cursor.as_ref()), reconcile)))
            }
            None => {
                desk.tell(Event::Over(EndReason::Lost));
                State::Over
            }
        }
    }

    /// The bot is told, and is not asked.
    fn leave(&mut self, now: Now, state: State) -> State {
        let desk = &mut self.desk;
        desk.cancel(|purpose| matches!(purpose, Purpose::Read | Purpose::Start));
        match state {
            State::Over => return State::Over,
            State::Open(chat) if desk.settings.widget_events && desk.open(now, &Lane::Messages).is_ok() => {
                desk.say(&chat.sender, Purpose::Event, "leave", &requests::event("bot-closed", &Value::Null));
            }
            State::Fresh | State::Starting { .. } | State::Open(_) => {}
        }
        desk.tell(Event::Over(EndReason::EndedByMe));
        State::Over
    }

    /// What the bot says to the opening of the chat; nothing if it was not told of it.
    fn started(&self, result: &Result<HttpReply, IoFault>) -> Result<Vec<wire::Item>, Failure> {
        if self.desk.settings.widget_events {
            return wire::said(result);
        }
        wire::page(result).map(|_| Vec::new())
    }

    fn answered(
        &mut self,
        now: Now,
        state: State,
        purpose: Purpose,
        result: &Result<HttpReply, IoFault>,
    ) -> State {
        match (state, purpose) {
            (State::Starting { sender }, Purpose::Start) => match self.started(result) {
                Ok(items) => {
                    self.user_data.clear();
                    let desk = &mut self.desk;
                    desk.tell(Event::Joined { token: token_of(&sender), resumed: false });
                    desk.worked();
                    desk.link(Link::Up);
                    let reconcile = std::mem::take(&mut self.reconcile);
                    let mut chat = Chat::new(desk, now, sender, None, reconcile);
                    chat.answered(desk, now, items);
                    State::Open(Box::new(chat))
                }
                Err(failure) => {
                    let desk = &mut self.desk;
                    let unknown = failure == Failure::NotTheService { status: 404 };
                    let failure = if unknown { Failure::UnknownAddress } else { failure };
                    desk.heed(now, Lane::Messages, &failure);
                    desk.tell(Event::NotJoined(failure));
                    State::Fresh
                }
            },
            (State::Open(mut chat), purpose) => {
                let desk = &mut self.desk;
                match purpose {
                    Purpose::Read => chat.read(desk, now, wire::page(result)),
                    Purpose::Text { local, words } => chat.said(desk, now, local, &words, wire::said(result)),
                    Purpose::Event => match wire::said(result) {
                        Ok(items) => chat.answered(desk, now, items),
                        Err(failure) => {
                            desk.heed(now, Lane::Messages, &failure);
                        }
                    },
                    Purpose::Start => {}
                }
                State::Open(chat)
            }
            (state, _) => state,
        }
    }
}

impl Desk {
    /// Answers what cannot be done.
    fn decline(&mut self, request: Request, failure: &Failure) {
        let failure = failure.clone();
        match request {
            Request::Send { local, .. } | Request::Answer { local, .. } => {
                self.tell(Event::NotSent { local, failure, trace: Trace::None });
            }
            Request::Attach { local, .. } => {
                self.tell(Event::NotSent { local, failure: Failure::Unsupported, trace: Trace::None });
            }
            Request::Media { url } => self.tell(Event::Media { url, content: Err(Failure::Unsupported) }),
            Request::Older => self.tell(Event::OlderFailed(Failure::Unsupported)),
            Request::Nickname(_) | Request::Notice(_) | Request::UserData(_)
                if failure == Failure::Unsupported =>
            {
                self.tell(Event::Trouble(failure.fault()));
            }
            _ => {}
        }
    }
}

fn token_of(sender: &str) -> ResumeToken {
    let token = Token { sender: sender.to_owned() };
    ResumeToken { secret: Secret::new(serde_json::to_string(&token).unwrap_or_default()) }
}
