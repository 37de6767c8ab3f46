//! Genesys Mobile Services (GMS), chat version 2, over plain HTTP: a chat that is read by asking again and again.
//!
//! The facts, their sources and how sure each is: `docs/protocols/gms-chat-v2.md`. Here is the machine: its states, and what moves
//! it from one to the next.
//!
//! - `settings.rs` what a deployment says, `wire.rs` what the service says, `map.rs` the same in the normalised language
//! - `pass.rs` what opens a chat, `opening.rs` what it is begun with, `held.rs` what was told already, `cursor.rs` where to read on,
//!   `alarm.rs` the warning before silence ends it: these, `wire.rs` and `map.rs` are also what the same service over CometD is made of
//! - `requests.rs` the calls, `desk.rs` what all states share
//! - `chat.rs` a chat that goes on, `reading.rs` its reads, `farewell.rs` what is still said after the end
//! - `tapes/` each known fact as a small recorded conversation

pub(super) mod alarm;
mod chat;
pub(super) mod cursor;
mod desk;
mod farewell;
pub(super) mod held;
pub(super) mod map;
pub(super) mod opening;
pub(super) mod pass;
mod reading;
mod requests;
mod settings;
pub(super) mod wire;

use std::collections::BTreeMap;
use std::time::Duration;

use self::chat::Chat;
use self::cursor::Cursor;
use self::desk::{Desk, Errand, Lane, Purpose};
use self::farewell::Farewell;
use self::held::Held;
use self::map::Bots;
use self::pass::Pass;
use self::reading::{Reader, Told};
use self::settings::Settings;
use super::Service;
use crate::event::{EntryForm, Event, Trace};
use crate::io::{CallId, Deadline, HttpReply, IoFault, Now};
use crate::link::Link;
use crate::token::ResumeToken;
use crate::transport::{Action, Capabilities, Failure, Request, Transport};
use crate::view::EndReason;

/// This service in the registry.
pub const SERVICE: Service = Service {
    id: "gms",
    name: "Genesys Mobile Services (chat v2)",
    fields: settings::fields,
    build: |raw, asynchronous, seed| {
        let desk = Desk::new(Settings::read(raw)?, asynchronous, seed.dice());
        Ok(Box::new(Gms { desk, state: State::Fresh }))
    },
    probe: |raw| Ok(requests::probe(&Settings::read(raw)?)),
    judge: |result| wire::judge_probe(&result),
};

/// The machine of one conversation.
#[derive(Debug)]
struct Gms {
    desk: Desk,
    state: State,
}

#[derive(Debug)]
enum State {
    /// Nothing was asked for.
    Fresh,
    /// A new chat was asked for, with this data.
    Starting { given: BTreeMap<String, String> },
    /// There is a chat.
    Open(Box<Chat>),
    /// All is told.
    Over(Farewell),
}

impl Transport for Gms {
    fn capabilities(&self) -> Capabilities {
        let files = match &self.state {
            State::Open(chat) => chat.files.clone(),
            _ => self.desk.settings.files_so_far(),
        };
        // The whole transcript is read at once, so there are no older pages.
        Capabilities {
            files,
            history: false,
            typing: true,
            user_data: true,
            read_receipts: self.desk.settings.read_receipts,
            nickname: true,
            notices: true,
            end: true,
            sign_in: false,
            discreet: false,
            longest_text: self.desk.settings.longest_text,
        }
    }

    fn request(&mut self, now: Now, request: Request) {
        let state = std::mem::replace(&mut self.state, State::Fresh);
        self.state = self.asked(now, state, request);
        self.go_on(now);
    }

    fn reply(&mut self, now: Now, call: CallId, result: Result<HttpReply, IoFault>) {
        let Some(errand) = self.desk.calls.close(call) else { return };
        if let Ok(reply) = &result {
            self.desk.heed_reply(now, errand.purpose.lane(), reply);
        }
        let state = std::mem::replace(&mut self.state, State::Fresh);
        self.state = self.answered(now, state, call, errand, &result);
        self.go_on(now);
    }

    fn progress(&mut self, _: Now, call: CallId, sent: u64) {
        if let State::Open(chat) = &mut self.state {
            // What is out stays out.
            let purposes = self.desk.calls.look(call).map(|errand| errand.purpose.clone());
            if let Some(purpose) = purposes {
                chat.progress(&mut self.desk, call, &purpose, sent);
            }
        }
    }

    fn tick(&mut self, now: Now) {
        self.go_on(now);
    }

    fn poll(&mut self) -> Option<Action> {
        self.desk.take_next()
    }

    fn deadline(&self) -> Option<Deadline> {
        match &self.state {
            State::Fresh | State::Starting { .. } => None,
            State::Open(chat) => chat.deadline(&self.desk),
            State::Over(farewell) => farewell.deadline(self.desk.gates.opens(&Lane::Leave)),
        }
    }
}

impl Gms {
    /// Starts whatever is due in the present state.
    fn go_on(&mut self, now: Now) {
        let desk = &mut self.desk;
        match &mut self.state {
            State::Fresh | State::Starting { .. } => {}
            State::Open(chat) => chat.go_on(desk, now),
            State::Over(farewell) => farewell.go_on(desk, now),
        }
    }

    fn asked(&mut self, now: Now, state: State, request: Request) -> State {
        let desk = &mut self.desk;
        match (state, request) {
            (state, Request::Leave) => self.leave(state),
            (state, Request::UserData(data)) => {
                desk.user_data.extend(data);
                state
            }
            (State::Fresh, Request::Start(form)) => self.start(now, &form),
            (State::Fresh, Request::Resume { token, cursor }) => self.resume(now, &token, cursor.as_deref()),
            (State::Open(mut chat), request) => {
                match request {
                    Request::Send { local, text } | Request::Answer { local, text, .. } => {
                        chat.text(desk, now, local, &text);
                    }
                    Request::Attach { local, attachment } => chat.file(desk, now, local, attachment),
                    Request::Withdraw { local } => chat.withdraw(desk, local),
                    Request::Read { up_to } => chat.seen(desk, now, up_to),
                    Request::Nickname(name) => chat.nickname(desk, now, &name),
                    Request::Notice(text) => chat.notice(desk, now, &text),
                    Request::StayOn => chat.stay_on(desk, now),
                    Request::Typing { on, preview } => chat.typing(desk, now, on, preview.as_deref()),
                    Request::Media { url } => chat.media(desk, now, url),
                    Request::Older => desk.tell(Event::NoOlder),
                    Request::Reconcile => chat.reconcile(desk, now),
                    Request::Urgency(urgency) => chat.urgent(desk, now, urgency),
                    Request::TryNow => chat.try_now(desk, now),
                    Request::Wake => chat.wake(desk, now),
                    Request::Start(_)
                    | Request::Resume { .. }
                    | Request::UserData(_)
                    | Request::BannerClosed
                    | Request::SignIn
                    | Request::Leave => {}
                }
                State::Open(chat)
            }
            (state, Request::Urgency(urgency)) => {
                desk.urgent(now, &Lane::Reads, urgency);
                state
            }
            (state, request) => {
                let over = matches!(state, State::Over(_));
                let failure = if over { Failure::Gone } else { Failure::Io(IoFault::Unreachable) };
                desk.decline(request, failure);
                state
            }
        }
    }

    fn start(&mut self, now: Now, form: &EntryForm) -> State {
        if let Err(failure) = self.desk.open(now, &Lane::Starts) {
            self.desk.tell(Event::NotJoined(failure));
            return State::Fresh;
        }
        let given = std::mem::take(&mut self.desk.user_data);
        self.desk.start(form, &given);
        State::Starting { given }
    }

    /// There is nothing to ask for: the first read tells whether the chat goes on.
    fn resume(&mut self, now: Now, token: &ResumeToken, cursor: Option<&str>) -> State {
        let desk = &mut self.desk;
        let cursor = cursor.map(Cursor::read).unwrap_or_default();
        desk.link(Link::Restoring);
        let Some(pass) = Pass::of(token) else { return over(desk, EndReason::Lost) };
        let away = cursor.seen.map(|seen| now.wall.saturating_sub(seen)).unwrap_or_default();
        let away = Duration::from_millis(u64::try_from(away).unwrap_or_default());
        // Within the grain the service is the one to say.
        if !desk.asynchronous && away > desk.settings.restore_timeout + reading::GRAIN {
            return over(desk, EndReason::Expired);
        }
        desk.tell(Event::Joined { token: pass.token(), resumed: true });
        let held = Held::from(cursor.next, cursor.bots());
        let reader = Reader::new(desk, now, true, cursor);
        State::Open(Box::new(Chat::new(desk, pass, held, reader)))
    }

    fn leave(&mut self, state: State) -> State {
        let desk = &mut self.desk;
        let farewell = match state {
            State::Over(farewell) => return State::Over(farewell),
            State::Fresh => Farewell::Said,
            // The chat may come into being all the same.
            State::Starting { .. } => Farewell::AfterStart,
            State::Open(chat) => Farewell::say(desk, chat.pass),
        };
        desk.fall_silent();
        desk.tell(Event::Over(EndReason::EndedByMe));
        State::Over(farewell)
    }

    fn answered(
        &mut self,
        now: Now,
        state: State,
        call: CallId,
        errand: Errand,
        result: &Result<HttpReply, IoFault>,
    ) -> State {
        let desk = &mut self.desk;
        match (state, errand.purpose) {
            (State::Starting { given }, Purpose::Start) => started(desk, now, given, result),
            (State::Open(mut chat), purpose) => {
                let end = match purpose {
                    Purpose::Read => chat.read_ended(desk, now, errand.pass, wire::judge(result)),
                    Purpose::Write(write) => {
                        chat.write_ended(desk, now, (call, errand.pass), write, wire::judge(result))
                    }
                    Purpose::Limits => {
                        chat.limits_came(desk, now, wire::judge(result));
                        None
                    }
                    Purpose::Media { url } => {
                        chat.media_came(desk, now, url, result);
                        None
                    }
                    Purpose::Start | Purpose::Leave => None,
                };
                match end {
                    Some(reason) => over(desk, reason),
                    None => State::Open(chat),
                }
            }
            (State::Over(farewell), purpose) => State::Over(farewell.answered(desk, now, &purpose, result)),
            (state, _) => state,
        }
    }
}

fn started(
    desk: &mut Desk,
    now: Now,
    given: BTreeMap<String, String>,
    result: &Result<HttpReply, IoFault>,
) -> State {
    let answer = wire::judge(result);
    let failure = match &answer {
        Ok(envelope) => match Pass::first(envelope) {
            Ok(pass) => {
                desk.tell(Event::Joined { token: pass.token(), resumed: false });
                desk.link(Link::Up);
                let reader = Reader::new(desk, now, false, Cursor::default());
                let mut chat = Chat::new(desk, pass, Held::from(1, Bots::default()), reader);
                return match chat.told(desk, now, envelope, Told { whole: true, restoring: false }) {
                    Some(reason) => over(desk, reason),
                    None => State::Open(Box::new(chat)),
                };
            }
            Err(failure) => failure,
        },
        Err(refusal) => match &refusal.failure {
            // Nothing was asked for but the address itself.
            Failure::Gone | Failure::NotTheService { status: 404 } => Failure::UnknownAddress,
            other => other.clone(),
        },
    };
    desk.heed(now, Lane::Starts, &failure);
    desk.give_again(given);
    desk.tell(Event::NotJoined(failure));
    State::Fresh
}

/// Ends the chat from the other side: nothing is said or told any more.
fn over(desk: &mut Desk, reason: EndReason) -> State {
    desk.fall_silent();
    desk.tell(Event::Over(reason));
    State::Over(Farewell::Said)
}

impl Desk {
    /// Answers what cannot be done without a chat.
    fn decline(&mut self, request: Request, failure: Failure) {
        match request {
            Request::Send { local, .. } | Request::Attach { local, .. } | Request::Answer { local, .. } => {
                self.tell(Event::NotSent { local, failure, trace: Trace::None });
            }
            Request::Media { url } => self.tell(Event::Media { url, content: Err(failure) }),
            Request::Older => self.tell(Event::OlderFailed(failure)),
            Request::Reconcile => self.reconcile = true,
            _ => {}
        }
    }
}
