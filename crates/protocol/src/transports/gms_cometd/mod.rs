//! Genesys Mobile Services (GMS), chat version 2, over CometD: the server tells by itself what happens in the chat.
//!
//! The facts, their sources and how sure each is: `docs/protocols/gms-cometd.md`. What the service says and means is the same as
//! over plain HTTP and is read by `transports/gms/`; how messages travel is `kit/bayeux`'s matter. Here is what lies between.
//!
//! - `settings.rs` what a deployment says, `cursor.rs` where to read on
//! - `desk.rs` what all states share, `chat.rs` a chat that goes on, `reading.rs` what is read of it, `files.rs` its files
//! - `farewell.rs` what is still said after the end
//! - `tapes/` each known fact as a small recorded conversation

mod chat;
mod cursor;
mod desk;
mod farewell;
mod files;
mod reading;
mod settings;

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use self::chat::{Chat, members};
use self::desk::{Desk, failure, refused};
use self::farewell::Farewell;
use self::settings::Settings;
use super::Service;
use super::gms::pass::Pass;
use super::gms::wire::Envelope;
use crate::event::{EntryForm, Event, Trace};
use crate::io::{CallId, Deadline, HttpCall, HttpReply, IoFault, Moment, Now, SocketEvent, SocketId};
use crate::kit::bayeux::{self, Outcome, Output, Ticket};
use crate::kit::queue;
use crate::link::Link;
use crate::transport::{Action, Capabilities, Failure, Request, Transport};
use crate::view::EndReason;

/// How long the answer to a start may take: it comes when the chat is there, not when the request has arrived.
const START: Duration = Duration::from_secs(30);

/// This service in the registry.
pub const SERVICE: Service = Service {
    id: "gms_cometd",
    name: "Genesys Mobile Services (CometD)",
    fields: settings::fields,
    build: |raw, asynchronous, seed| {
        let desk = Desk::new(Settings::read(raw)?, asynchronous, seed.dice());
        Ok(Box::new(GmsCometd { desk, state: State::Fresh }))
    },
    probe: |raw| Ok(probe(&Settings::read(raw)?)),
    judge: |result| bayeux::judge_probe(&result).map_err(|trouble| failure(&trouble)),
};

/// The machine of one conversation.
#[derive(Debug)]
struct GmsCometd {
    desk: Desk,
    state: State,
}

#[derive(Debug)]
enum State {
    /// Nothing was asked for.
    Fresh,
    /// A new chat was asked for, with this data.
    Starting { ticket: Ticket, given: BTreeMap<String, String>, left: bool, until: Moment },
    /// There is a chat, perhaps one that is being picked up.
    Open(Box<Chat>),
    /// All is told.
    Over(Farewell),
}

impl Transport for GmsCometd {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            files: match &self.state {
                State::Open(chat) => chat.rules().cloned(),
                _ => self.desk.rules(),
            },
            history: true,
            typing: true,
            user_data: true,
            nickname: true,
            notices: true,
            end: true,
            longest_text: self.desk.settings.longest_text,
            ..Capabilities::default()
        }
    }

    fn request(&mut self, now: Now, request: Request) {
        let state = std::mem::replace(&mut self.state, State::Fresh);
        self.state = self.asked(now, state, request);
        self.go_on(now);
    }

    fn reply(&mut self, now: Now, call: CallId, result: Result<HttpReply, IoFault>) {
        if !self.desk.client.reply(now, call, result.as_ref().map_err(|fault| *fault))
            && let Some(errand) = self.desk.files.close(call)
        {
            if let (Ok(reply), Some(url)) = (&result, &self.desk.settings.files) {
                self.desk.client.take_cookies(url.path(), &reply.cookies);
            }
            if let State::Open(chat) = &mut self.state {
                chat.file_ended(&mut self.desk, now, errand, &result);
            }
        }
        self.go_on(now);
    }

    fn socket(&mut self, now: Now, socket: SocketId, event: SocketEvent) {
        self.desk.client.socket(now, socket, event);
        self.go_on(now);
    }

    fn progress(&mut self, now: Now, call: CallId, sent: u64) {
        if let Some(errand) = self.desk.files.look(call).cloned() {
            let errand = Chat::upload_goes_on(&mut self.desk, errand, sent);
            self.desk.files.change(call, errand);
        }
        self.go_on(now);
    }

    fn tick(&mut self, now: Now) {
        self.go_on(now);
    }

    fn poll(&mut self) -> Option<Action> {
        queue::next(&mut self.desk.out)
    }

    fn deadline(&self) -> Option<Deadline> {
        let own = match &self.state {
            State::Fresh => None,
            State::Starting { until, .. } => Some(Deadline { at: *until, why: "patience with a start" }),
            State::Open(chat) => chat.deadline(&self.desk),
            State::Over(farewell) => farewell.deadline(),
        };
        Deadline::earlier(own, self.desk.client.deadline())
    }
}

impl GmsCometd {
    /// Takes up what the client noticed and does what is due, until both are silent.
    fn go_on(&mut self, now: Now) {
        self.desk.client.tick(now);
        loop {
            while let Some(output) = self.desk.client.poll() {
                let state = std::mem::replace(&mut self.state, State::Fresh);
                self.state = self.noticed(now, state, output);
            }
            match &mut self.state {
                State::Fresh => {}
                State::Starting { until, given, .. } => {
                    if *until <= now.at {
                        let given = std::mem::take(given);
                        // The chat may come into being all the same: it is not to stay behind.
                        self.desk.client.leave(now, None);
                        self.state = not_joined(&mut self.desk, given, Failure::Io(IoFault::Timeout));
                    }
                }
                State::Open(chat) => chat.go_on(&mut self.desk, now),
                State::Over(farewell) => farewell.go_on(&mut self.desk, now),
            }
            let Some(output) = self.desk.client.poll() else { return };
            let state = std::mem::replace(&mut self.state, State::Fresh);
            self.state = self.noticed(now, state, output);
        }
    }

    fn noticed(&mut self, now: Now, state: State, output: Output) -> State {
        let desk = &mut self.desk;
        let action = match output {
            Output::Call(call) => Action::Call(call),
            Output::Cancel(call) => Action::Cancel(call),
            Output::Open(call) => Action::Open(call),
            Output::Say(socket, frame) => Action::Say(socket, frame),
            Output::Shut(socket) => Action::Shut(socket),
            output => return self.told(now, state, output),
        };
        desk.out.push_back(action);
        state
    }

    fn told(&mut self, now: Now, state: State, output: Output) -> State {
        let desk = &mut self.desk;
        match (state, output) {
            (State::Starting { ticket, given, left, until }, output) => match output {
                Output::Ready { .. } => State::Starting { ticket, given, left: true, until },
                Output::Down { trouble, .. } if !left => {
                    desk.client.leave(now, None);
                    not_joined(desk, given, failure(&trouble))
                }
                Output::Stopped(trouble) => not_joined(desk, given, failure(&trouble)),
                Output::Published(ended, Outcome::Unsent(trouble)) if ended == ticket => {
                    desk.client.leave(now, None);
                    not_joined(desk, given, failure(&trouble))
                }
                Output::Published(ended, Outcome::Refused(refusal)) if ended == ticket => {
                    desk.client.leave(now, None);
                    not_joined(desk, given, refused(&refusal))
                }
                Output::Delivery(delivery) if delivery.channel == desk.settings.channel => {
                    started(desk, now, State::Starting { ticket, given, left, until }, &delivery.data)
                }
                _ => State::Starting { ticket, given, left, until },
            },
            (State::Open(mut chat), output) => match output {
                Output::Ready { fresh } => {
                    chat.ready(now, fresh);
                    // What binds the chat travels with the subscription, not behind it.
                    chat.go_on(desk, now);
                    State::Open(chat)
                }
                Output::Gap => {
                    chat.missed();
                    State::Open(chat)
                }
                Output::Down { attempt, retry_at, trouble } => {
                    chat.apart();
                    desk.down(attempt, retry_at, &failure(&trouble));
                    State::Open(chat)
                }
                Output::Published(ticket, outcome) => {
                    chat.published(desk, now, ticket, outcome);
                    State::Open(chat)
                }
                Output::Delivery(delivery) if delivery.channel == desk.settings.channel => {
                    match chat.delivered(desk, now, &delivery.data) {
                        Some(reason) => over(desk, now, reason),
                        None => State::Open(chat),
                    }
                }
                // The server wants no more of us, and says that asking again is of no use.
                Output::Stopped(trouble) => {
                    desk.tell(Event::Trouble(failure(&trouble).fault()));
                    over(desk, now, EndReason::Lost)
                }
                _ => State::Open(chat),
            },
            (State::Over(farewell), output) => {
                let channel = desk.settings.channel.clone();
                State::Over(farewell.noticed(desk, now, &channel, output))
            }
            (State::Fresh, _) => State::Fresh,
        }
    }

    fn asked(&mut self, now: Now, state: State, request: Request) -> State {
        let desk = &mut self.desk;
        match (state, request) {
            (state, Request::Leave) => leave(desk, now, state),
            (state, Request::UserData(data)) => {
                desk.user_data.extend(data);
                state
            }
            (state, Request::Urgency(urgency)) => {
                desk.client.urgency(now, urgency);
                state
            }
            (state, Request::TryNow) => {
                desk.client.try_now(now);
                state
            }
            (state @ (State::Starting { .. } | State::Open(_)), Request::Wake) => {
                desk.client.wake(now);
                state
            }
            (State::Fresh, Request::Start(form)) => start(desk, now, &form),
            (State::Fresh, Request::Resume { token, cursor }) => {
                desk.link(Link::Restoring);
                match Pass::of(&token) {
                    Some(keys) => {
                        let chat = Chat::kept(desk, keys, cursor.as_deref());
                        desk.start(now);
                        State::Open(Box::new(chat))
                    }
                    None => over(desk, now, EndReason::Lost),
                }
            }
            (State::Open(mut chat), request) => {
                match request {
                    // Nothing of what this service says can be answered with more than words.
                    Request::Send { local, text } | Request::Answer { local, text, .. } => {
                        chat.send(desk, now, local, &text);
                    }
                    Request::Attach { local, attachment } => chat.upload(desk, now, local, attachment),
                    Request::Withdraw { local } => chat.withdraw(desk, local),
                    Request::Typing { on, preview } => chat.typing(desk, now, on, preview.as_deref()),
                    Request::Media { url } => chat.download(desk, now, url),
                    Request::Older => chat.older(desk),
                    Request::Reconcile => chat.reconcile(),
                    Request::Nickname(name) => {
                        chat.mention(desk, now, "updateNickname", members(&[("nickname", &name)]));
                    }
                    Request::Notice(text) => {
                        chat.mention(desk, now, "customNotice", members(&[("message", &text)]));
                    }
                    Request::StayOn => chat.stay_on(desk, now),
                    Request::Start(_)
                    | Request::Resume { .. }
                    | Request::UserData(_)
                    | Request::Urgency(_)
                    | Request::TryNow
                    | Request::Wake
                    // Over CometD the service has no word for it that is known.
                    | Request::Read { .. }
                    | Request::BannerClosed
                    | Request::SignIn
                    | Request::Leave => {}
                }
                State::Open(chat)
            }
            (state, request) => {
                refuse(desk, &state, request);
                state
            }
        }
    }
}

fn start(desk: &mut Desk, now: Now, form: &EntryForm) -> State {
    let given = std::mem::take(&mut desk.user_data);
    let more = desk.form(form, &given);
    desk.start(now);
    let ticket = desk.say(now, "requestChat", None, more);
    State::Starting { ticket, given, left: false, until: now.at.after(START) }
}

/// The answer to a start, or something that is none.
fn started(desk: &mut Desk, now: Now, state: State, data: &Value) -> State {
    let State::Starting { given, .. } = &state else { return state };
    let Ok(envelope) = Envelope::deserialize(data) else { return state };
    if let Some(refusal) = envelope.refusal(200) {
        if !envelope.is_ours() {
            return state;
        }
        let given = given.clone();
        desk.client.leave(now, None);
        return not_joined(desk, given, refusal.failure);
    }
    let Some(keys) = Pass::first(&envelope).ok() else { return state };
    desk.tell(Event::Joined { token: keys.token(), resumed: false });
    let mut chat = Chat::begun(desk, keys);
    match chat.first(desk, now, &envelope) {
        Some(reason) => over(desk, now, reason),
        None => State::Open(Box::new(chat)),
    }
}

fn not_joined(desk: &mut Desk, given: BTreeMap<String, String>, failure: Failure) -> State {
    desk.give_again(given);
    desk.tell(Event::NotJoined(failure));
    State::Fresh
}

/// The person leaves.
fn leave(desk: &mut Desk, now: Now, state: State) -> State {
    let farewell = match state {
        State::Over(farewell) => return State::Over(farewell),
        State::Fresh => Farewell::Said,
        State::Starting { left, .. } => Farewell::after_start(desk, now, left),
        State::Open(chat) => Farewell::say(desk, now, chat.keys),
    };
    give_files_up(desk);
    desk.tell(Event::Over(EndReason::EndedByMe));
    State::Over(farewell)
}

/// Ends the chat from the other side.
fn over(desk: &mut Desk, now: Now, reason: EndReason) -> State {
    give_files_up(desk);
    desk.client.leave(now, None);
    desk.tell(Event::Over(reason));
    State::Over(Farewell::Said)
}

fn give_files_up(desk: &mut Desk) {
    for call in desk.files.close_all(|_| true) {
        desk.out.push_back(Action::Cancel(call));
    }
}

/// What is asked of a chat that is not there.
fn refuse(desk: &mut Desk, state: &State, request: Request) {
    let failure = match state {
        State::Over(_) => Failure::Gone,
        _ => Failure::Unsupported,
    };
    match request {
        Request::Send { local, .. } | Request::Attach { local, .. } | Request::Answer { local, .. } => {
            desk.tell(Event::NotSent { local, failure, trace: Trace::None });
        }
        Request::Older => desk.tell(Event::OlderFailed(failure)),
        Request::Media { url } => desk.tell(Event::Media { url, content: Err(failure) }),
        Request::Reconcile if matches!(state, State::Over(_)) => desk.tell(Event::Reconciled),
        _ => {}
    }
}

/// A handshake, which tells whether a server answers there and lets us in. What it opens is forgotten by itself.
fn probe(settings: &Settings) -> HttpCall {
    bayeux::probe(&settings.bayeux())
}
