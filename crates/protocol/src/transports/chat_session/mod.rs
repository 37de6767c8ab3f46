//! The older Genesys chat session API over its REST service: a chat that is read every few seconds.
//!
//! The facts, their sources and how sure each is: `docs/protocols/chat-session.md`. It is the smallest transport, and the one
//! that `docs/ADDING-A-SERVICE.md` walks through.
//!
//! - `settings.rs` what a deployment says, `wire.rs` what the service says, `map.rs` the same in the normalised language
//! - `requests.rs` the calls, `chat.rs` a chat that goes on; here is what leads to one and from it
//! - `tapes/` each known fact as a small recorded conversation

mod chat;
mod map;
mod requests;
mod settings;
mod wire;

use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};
use std::time::Duration;

use url::Url;

use self::chat::{Chat, Cursor};
use self::settings::Settings;
use self::wire::Place;
use super::Service;
use crate::event::{EntryForm, Event, LocalId, Trace};
use crate::io::{CallId, Deadline, HttpReply, IoFault, Now};
use crate::kit::{desk, farewell};
use crate::link::Link;
use crate::token::ResumeToken;
use crate::transport::{Action, Capabilities, Failure, Request, Transport};
use crate::view::EndReason;

/// This service in the registry.
pub const SERVICE: Service = Service {
    id: "chat_session",
    name: "Genesys chat session (HTCC)",
    fields: settings::fields,
    build: |raw, _, seed| {
        let settings = Settings::read(raw)?;
        let desk = Desk { kit: desk::Desk::new(seed.dice(), settings.poll), settings };
        let state = State::Fresh;
        Ok(Box::new(ChatSession { desk, state, user_data: BTreeMap::new(), reconcile: false }))
    },
    probe: |raw| Ok(Settings::read(raw)?.probe()),
    judge: |result| wire::judge_probe(&result),
};

/// Pause before leaving is said once more.
const AGAIN: Duration = Duration::from_secs(3);

/// The machine of one conversation.
#[derive(Debug)]
struct ChatSession {
    desk: Desk,
    state: State,
    /// Data for the service that it was not given yet: it takes some only with the start.
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
    /// A chat was asked for.
    Starting,
    /// There is a chat.
    Open(Box<Chat>),
    /// All is told.
    Over(Farewell),
}

/// Where the farewell stands. The address opens the chat.
type Farewell = farewell::Farewell<Url>;

/// What a call is for.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Purpose {
    Start,
    Read,
    Text(LocalId),
    Typing,
    Leave,
}

/// Kinds of requests that the service may ask to slow down, each for itself. A chat has one address for all that is said to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Lane {
    Starts,
    Reads,
    Messages,
}

impl Purpose {
    const fn lane(&self) -> Lane {
        match self {
            Self::Start => Lane::Starts,
            Self::Read => Lane::Reads,
            Self::Text(_) | Self::Typing | Self::Leave => Lane::Messages,
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

impl Transport for ChatSession {
    fn capabilities(&self) -> Capabilities {
        // The whole transcript is read at once, so there are no older pages.
        Capabilities { typing: true, end: true, ..Capabilities::default() }
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
        self.state = self.answered(now, state, &purpose, &result);
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
            State::Over(farewell) => farewell.deadline(self.desk.gates.opens(&Lane::Messages)),
            State::Fresh | State::Starting => None,
        }
    }
}

impl ChatSession {
    /// Starts whatever is due in the present state.
    fn go_on(&mut self, now: Now) {
        let desk = &mut self.desk;
        match &mut self.state {
            State::Open(chat) => chat.go_on(desk, now),
            State::Over(farewell) => farewell.go_on(desk, now),
            State::Fresh | State::Starting => {}
        }
    }

    fn asked(&mut self, now: Now, state: State, request: Request) -> State {
        let desk = &mut self.desk;
        match (state, request) {
            (state, Request::Leave) => self.leave(now, state),
            (State::Fresh, Request::Start(form)) => self.start(now, &form),
            (State::Fresh, Request::Resume { token, cursor }) => self.resume(now, &token, cursor.as_deref()),
            (State::Open(mut chat), request) => {
                match request {
                    Request::Send { local, text } | Request::Answer { local, text, .. } => {
                        chat.text(desk, now, local, &text);
                    }
                    Request::Typing { on, .. } => chat.typing(desk, now, on),
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
            (state @ State::Over(_), request) => {
                desk.decline(request, &Failure::Gone);
                state
            }
            (state, request) => {
                desk.decline(request, &Failure::Io(IoFault::Unreachable));
                state
            }
        }
    }

    fn start(&mut self, now: Now, form: &EntryForm) -> State {
        if let Err(failure) = self.desk.open(now, &Lane::Starts) {
            self.desk.tell(Event::NotJoined(failure));
            return State::Fresh;
        }
        let id = self.desk.calls.open(Purpose::Start);
        let call = self.desk.settings.request_chat(id, form, &self.user_data);
        self.desk.out.push_back(Action::Call(call));
        State::Starting
    }

    /// There is nothing to ask for: whoever knows the address of the chat reads it.
    fn resume(&mut self, now: Now, token: &ResumeToken, cursor: Option<&str>) -> State {
        let desk = &mut self.desk;
        desk.link(Link::Restoring);
        match Place::of(token).and_then(|place| Some((desk.settings.address(&place)?, place))) {
            Some((url, place)) => {
                desk.tell(Event::Joined { token: place.token(), resumed: true });
                let cursor = cursor.map(Cursor::read).unwrap_or_default();
                State::Open(Box::new(Chat::new(now, url, Some(cursor), std::mem::take(&mut self.reconcile))))
            }
            None => desk.over(EndReason::Lost),
        }
    }

    fn leave(&mut self, now: Now, state: State) -> State {
        let farewell = match state {
            State::Over(farewell) => return State::Over(farewell),
            State::Fresh => Farewell::Said,
            State::Starting => Farewell::AfterStart,
            State::Open(chat) => Farewell::say(&mut self.desk, now, chat.url),
        };
        self.desk.cancel(|purpose| *purpose == Purpose::Read);
        self.desk.tell(Event::Over(EndReason::EndedByMe));
        State::Over(farewell)
    }

    fn answered(
        &mut self,
        now: Now,
        state: State,
        purpose: &Purpose,
        result: &Result<HttpReply, IoFault>,
    ) -> State {
        let answer = wire::judge(result);
        match (state, purpose) {
            (State::Starting, Purpose::Start) => {
                let place = answer.and_then(|answer| {
                    answer.place().ok_or(Failure::Unreadable { why: "an id for the new chat" })
                });
                self.started(now, place)
            }
            (State::Open(mut chat), purpose) => {
                let desk = &mut self.desk;
                let end = match purpose {
                    Purpose::Read => chat.read(desk, now, answer),
                    Purpose::Text(local) => {
                        chat.said(desk, now, Some(*local), answer);
                        None
                    }
                    Purpose::Typing => {
                        chat.said(desk, now, None, answer);
                        None
                    }
                    Purpose::Start | Purpose::Leave => None,
                };
                match end {
                    Some(reason) => desk.over(reason),
                    None => State::Open(chat),
                }
            }
            (State::Over(farewell), purpose) => {
                State::Over(farewell.answered(&mut self.desk, now, purpose, answer))
            }
            (state, _) => state,
        }
    }

    fn started(&mut self, now: Now, place: Result<Place, Failure>) -> State {
        let desk = &mut self.desk;
        let url = place.and_then(|place| {
            let url = desk.settings.address(&place);
            url.map(|url| (url, place)).ok_or(Failure::Unreadable { why: "a path on the same service" })
        });
        match url {
            Ok((url, place)) => {
                self.user_data.clear();
                desk.tell(Event::Joined { token: place.token(), resumed: false });
                desk.link(Link::Up);
                State::Open(Box::new(Chat::new(now, url, None, std::mem::take(&mut self.reconcile))))
            }
            Err(failure) => {
                // Nothing was asked for but the address itself.
                let unknown = matches!(failure, Failure::Gone | Failure::NotTheService { status: 404 });
                let failure = if unknown { Failure::UnknownAddress } else { failure };
                desk.heed(now, Lane::Starts, &failure);
                desk.tell(Event::NotJoined(failure));
                State::Fresh
            }
        }
    }
}

impl Desk {
    /// Ends the chat from the other side: nothing is said or told any more.
    fn over(&mut self, reason: EndReason) -> State {
        self.cancel(|purpose| *purpose == Purpose::Read);
        self.tell(Event::Over(reason));
        State::Over(Farewell::Said)
    }

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

impl Farewell {
    /// Tells the service that the person leaves, now or when it is ready to hear it.
    fn say(desk: &mut Desk, now: Now, chat: Url) -> Self {
        if desk.open(now, &Lane::Messages).is_err() {
            return Self::Again { pass: chat, due: now.at };
        }
        desk.say(&chat, Purpose::Leave, "leave", &requests::complete());
        Self::First(chat)
    }

    fn go_on(&mut self, desk: &mut Desk, now: Now) {
        if let Some(chat) = self.last(now, desk.gates.opens(&Lane::Messages)) {
            desk.say(&chat, Purpose::Leave, "leave", &requests::complete());
        }
    }

    fn answered(
        self,
        desk: &mut Desk,
        now: Now,
        purpose: &Purpose,
        answer: Result<wire::Answer<'_>, Failure>,
    ) -> Self {
        match (self, purpose) {
            (Self::AfterStart, Purpose::Start) => {
                let place = answer.ok().and_then(|answer| answer.place());
                match place.and_then(|place| desk.settings.address(&place)) {
                    Some(chat) => Self::say(desk, now, chat),
                    None => Self::Said,
                }
            }
            (Self::First(chat), Purpose::Leave) => match answer {
                Ok(_) | Err(Failure::Gone | Failure::Declined { .. }) => Self::Said,
                Err(failure) => {
                    desk.heed(now, Lane::Messages, &failure);
                    Self::Again { pass: chat, due: now.at.after(AGAIN) }
                }
            },
            (farewell, _) => farewell,
        }
    }
}
