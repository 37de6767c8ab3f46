//! Genesys Cloud Web Messaging, the guest's side: a chat over a socket, with its history over HTTP.
//!
//! The facts, their sources and how sure each is: `docs/protocols/web-messaging.md`. Here is the machine: its states, and what
//! moves it from one to the next.
//!
//! - `settings.rs` what a deployment says here, `wire.rs` what the service says, `map.rs` the same in the normalised language,
//!   `markup.rs` words that are marked up, `form.rs` forms and what goes back with their answers
//! - `desk.rs` what all states share, and the calls
//! - `chat.rs` a chat and its connection, `chat/hearing.rs` what the service says there, `parcel.rs` what is sent, `reading.rs` the
//!   history, `media.rs` files, `pulse.rs` echoes and the end that is coming, `held.rs` what was told already
//! - `identity.rs` who the person is, where the company wants to know
//! - `upgrade.rs` a guest who signs in while the chat runs
//! - `farewell.rs` what is still said to the service after the end
//! - `tapes/` each known fact as a small recorded conversation

mod chat;
mod desk;
mod farewell;
mod form;
mod held;
mod identity;
mod map;
mod markup;
mod media;
mod parcel;
mod pulse;
mod reading;
mod settings;
mod upgrade;
mod wire;

use serde_json::Value;

use self::chat::{Begin, Chat, End, Line};
use self::desk::{Desk, Lane, Purpose};
use self::farewell::Farewell;
use self::held::Cursor;
use self::parcel::What;
use self::settings::Settings;
use super::Service;
use crate::event::{EntryForm, Event, Trace};
use crate::io::{CallId, Deadline, HttpReply, IoFault, Now, SignInFault, SignedIn, SocketEvent, SocketId};
use crate::kit::pairs::Pairs;
use crate::link::Link;
use crate::token::{ResumeToken, Secret};
use crate::transport::{Action, Capabilities, Failure, FileKinds, FileRules, Request, Transport};
use crate::view::EndReason;

/// This service in the registry.
pub const SERVICE: Service = Service {
    id: "web_messaging",
    name: "Genesys Cloud Web Messaging",
    fields: settings::fields,
    build: |raw, _asynchronous, seed| {
        let desk = Desk::new(Settings::read(raw)?, seed.clone());
        Ok(Box::new(WebMessaging { desk, state: State::Fresh }))
    },
    probe: |raw| Ok(desk::probe(&Settings::read(raw)?)),
    judge: |result| wire::judge_probe(&result),
};

/// The machine of one conversation.
#[derive(Debug)]
struct WebMessaging {
    desk: Desk,
    state: State,
}

#[derive(Debug)]
enum State {
    /// Nothing was asked for.
    Fresh,
    /// There is a chat, or there will be.
    Open(Box<Chat>),
    /// All is told.
    Over(Farewell),
}

impl Transport for WebMessaging {
    fn capabilities(&self) -> Capabilities {
        let desk = &self.desk;
        // Before the deployment was asked, this is what the service can do at all.
        let asked = desk.config.is_some() || !matches!(self.state, State::Fresh);
        let any =
            FileRules { kinds: FileKinds::AllBut { endings: Vec::new() }, largest: None, needs_agent: false };
        Capabilities {
            files: if asked { desk.files() } else { Some(any) },
            history: true,
            typing: desk.typing() || !asked,
            user_data: true,
            end: desk.clear() || !asked,
            sign_in: matches!(&self.state, State::Open(chat) if chat.is_joined() && chat.ending.is_none())
                && desk.upgradable(),
            discreet: desk.config.as_ref().is_none_or(|config| config.discreet),
            longest_text: Some(parcel::LONGEST),
            ..Capabilities::default()
        }
    }

    fn request(&mut self, now: Now, request: Request) {
        let state = std::mem::replace(&mut self.state, State::Fresh);
        self.state = self.asked(now, state, request);
        self.go_on(now);
    }

    fn reply(&mut self, now: Now, call: CallId, result: Result<HttpReply, IoFault>) {
        let Some(purpose) = self.desk.calls.close(call) else { return };
        if let State::Open(chat) = &mut self.state {
            let desk = &mut self.desk;
            let end = match purpose {
                Purpose::Config => chat.config_came(desk, now, &result),
                Purpose::History => chat.page_came(desk, now, &result),
                Purpose::Put => {
                    chat.put(desk, now, &result);
                    None
                }
                Purpose::File { url } => {
                    chat.file_came(desk, now, url, &result);
                    None
                }
                Purpose::Exchange => chat.exchanged(desk, now, &result),
                Purpose::Renew => chat.renewed(desk, now, &result),
                Purpose::SignIn | Purpose::Revoke => None,
            };
            self.end(end);
        } else if let (State::Over(farewell), Purpose::Renew) = (&mut self.state, purpose) {
            let said = std::mem::replace(farewell, Farewell::Said);
            *farewell = said.renewed(&mut self.desk, now, &result);
        }
        self.go_on(now);
    }

    fn socket(&mut self, now: Now, socket: SocketId, event: SocketEvent) {
        match &mut self.state {
            State::Fresh => {}
            State::Open(chat) => {
                let end = chat.socket(&mut self.desk, now, socket, event);
                self.end(end);
            }
            State::Over(farewell) => {
                let said = std::mem::replace(farewell, Farewell::Said);
                *farewell = said.socket(&mut self.desk, now, socket, event);
            }
        }
        self.go_on(now);
    }

    fn progress(&mut self, _now: Now, call: CallId, sent: u64) {
        if let State::Open(chat) = &self.state {
            chat.progress(&mut self.desk, call, sent);
        }
    }

    fn signed_in(&mut self, now: Now, call: CallId, result: Result<SignedIn, SignInFault>) {
        if self.desk.calls.close(call).is_some()
            && let State::Open(chat) = &mut self.state
        {
            let end = chat.signed_in(&mut self.desk, result);
            self.end(end);
        }
        self.go_on(now);
    }

    fn kept(&mut self, now: Now) {
        self.desk.doubt_kept();
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
            State::Fresh => None,
            State::Open(chat) => chat.deadline(&self.desk),
            State::Over(farewell) => farewell.deadline(&self.desk),
        }
    }
}

impl WebMessaging {
    /// Starts whatever is due in the present state.
    fn go_on(&mut self, now: Now) {
        match &mut self.state {
            State::Fresh => {}
            State::Open(chat) => {
                let end = chat.go_on(&mut self.desk, now);
                self.end(end);
            }
            State::Over(farewell) => {
                let said = std::mem::replace(farewell, Farewell::Said);
                *farewell = said.go_on(&mut self.desk, now);
                if matches!(farewell, Farewell::Said) && std::mem::take(&mut self.desk.leaving) {
                    self.desk.revoke();
                }
            }
        }
    }

    /// Leaves a chat behind that does not go on.
    fn end(&mut self, end: Option<End>) {
        let Some(end) = end else { return };
        let State::Open(mut chat) = std::mem::replace(&mut self.state, State::Fresh) else { return };
        let desk = &mut self.desk;
        chat.fold_up(desk);
        if let Some(socket) = chat.line.socket() {
            desk.shut(socket);
        }
        match end {
            End::NotJoined(failure) => {
                desk.link(Link::Idle);
                desk.tell(Event::NotJoined(failure));
            }
            End::Over(reason) => {
                desk.tell(Event::Over(reason));
                self.state = State::Over(Farewell::Said);
            }
        }
    }

    fn asked(&mut self, now: Now, state: State, request: Request) -> State {
        let desk = &mut self.desk;
        match (state, request) {
            (state, Request::Leave) => self.leave(now, state),
            (state, Request::UserData(data)) => {
                desk.user_data.extend(data);
                state
            }
            (State::Fresh, Request::Start(form)) => self.start(now, form),
            (State::Fresh, Request::Resume { token, cursor }) => {
                desk.link(Link::Restoring);
                let kept = identity::recalled(token);
                let token = kept.token;
                desk.identity = kept.identity;
                desk.doubtful = kept.doubtful;
                let begin = Begin::PickedUp(cursor.map(|text| Cursor::read(&text)));
                State::Open(Box::new(Chat::new(desk, now, token, begin)))
            }
            (State::Open(mut chat), request) => {
                open_asked(desk, &mut chat, now, request);
                State::Open(chat)
            }
            (state, Request::Urgency(urgency)) => {
                desk.urgent(now, &Lane::Socket, urgency);
                state
            }
            (state, request) => {
                refuse(desk, &state, request);
                state
            }
        }
    }

    fn start(&mut self, now: Now, form: EntryForm) -> State {
        let desk = &mut self.desk;
        let opens = desk.open(now, &Lane::Socket).and_then(|()| match desk.config {
            Some(_) => Ok(()),
            None => desk.open(now, &Lane::Config),
        });
        if let Err(failure) = opens {
            desk.tell(Event::NotJoined(failure));
            return State::Fresh;
        }
        let EntryForm { fields, user_data } = form;
        let given = std::mem::take(&mut desk.user_data);
        desk.user_data = Pairs::from(user_data);
        desk.user_data.extend(fields.into_iter().filter(|(_, value)| !value.trim().is_empty()));
        desk.user_data.extend(given);
        let token = ResumeToken { secret: Secret::new(desk.new_token()) };
        desk.doubtful = false;
        desk.upgrade = None;
        if desk.settings.sign_in.as_ref().is_some_and(|sign_in| !sign_in.optional) {
            // Whoever signed in for a try that failed has done so for this one.
            desk.identity.get_or_insert_default().ask();
        } else {
            desk.identity = None;
        }
        State::Open(Box::new(Chat::new(desk, now, token, Begin::New)))
    }

    fn leave(&mut self, now: Now, state: State) -> State {
        let desk = &mut self.desk;
        desk.leaving = true;
        let farewell = match state {
            State::Over(farewell) => return State::Over(farewell),
            State::Fresh => Farewell::Said,
            State::Open(mut chat) => {
                chat.fold_up(desk);
                let ready = chat.ready();
                if let Some(socket) = chat.line.socket().filter(|_| ready.is_none()) {
                    desk.shut(socket);
                }
                let begun = chat.is_joined() || chat.is_kept();
                // Without the deployment's word on it, it is tried.
                if begun && (desk.clear() || desk.config.is_none()) {
                    Farewell::say(desk, now, chat.token, ready)
                } else {
                    if let Some(socket) = ready {
                        desk.shut(socket);
                    }
                    Farewell::Said
                }
            }
        };
        desk.tell(Event::Over(EndReason::EndedByMe));
        State::Over(farewell)
    }
}

fn open_asked(desk: &mut Desk, chat: &mut Chat, now: Now, request: Request) {
    match request {
        Request::Send { local, text } => chat.send(desk, now, local, What::Text(text)),
        Request::Answer { local, text, payloads } => {
            chat.send(desk, now, local, What::Answer { text, payloads });
        }
        Request::Attach { local, attachment } => chat.attach(desk, now, local, attachment),
        Request::Withdraw { local } => chat.withdraw(desk, now, local),
        Request::Typing { on, .. } => chat.typing(desk, now, on),
        Request::Media { url } => chat.media(desk, now, url),
        Request::Older => chat.older(desk, now),
        Request::Reconcile => chat.reconcile(now),
        Request::Urgency(urgency) => chat.urgent(desk, now, urgency),
        Request::TryNow => {
            chat.asked_for(desk);
            chat.try_now(desk, now);
        }
        Request::Resume { token, .. } => {
            if !chat.is_joined() && matches!(chat.line, Line::Waiting { .. } | Line::Idle) {
                chat.recall(desk, token);
                // Whoever asks again takes it for granted that something happens: if nothing can, that is told once more.
                desk.link(Link::Restoring);
                desk.calm();
            }
            chat.asked_for(desk);
            chat.try_now(desk, now);
        }
        Request::Wake => chat.wake(desk, now),
        Request::SignIn => chat.upgrade(desk, now),
        Request::Nickname(_) | Request::Notice(_) => desk.tell(Event::Trouble(Failure::Unsupported.fault())),
        Request::Start(_)
        | Request::UserData(_)
        | Request::Read { .. }
        | Request::StayOn
        | Request::BannerClosed
        | Request::Leave => {}
    }
}

/// Answers what cannot be done without a session.
fn refuse(desk: &mut Desk, state: &State, request: Request) {
    let failure = if let State::Over(_) = state { Failure::Gone } else { Failure::Io(IoFault::Unreachable) };
    match request {
        Request::Send { local, .. } | Request::Attach { local, .. } | Request::Answer { local, .. } => {
            desk.tell(Event::NotSent { local, failure, trace: Trace::None });
        }
        Request::Media { url } => desk.tell(Event::Media { url, content: Err(failure) }),
        Request::Older => desk.tell(Event::OlderFailed(failure)),
        Request::Reconcile => desk.reconcile = true,
        _ => {}
    }
}

/// When a message happened, in milliseconds.
fn map_time(body: &Value) -> Option<u64> {
    map::message(body, map::PLAIN).at.and_then(|at| u64::try_from(at).ok())
}
