//! Genesys Digital Channels, version 3: a chat over HTTP, read by long poll.
//!
//! The facts, their sources and how sure each is: `docs/protocols/digital-channels-v3.md`. Here is the machine: its states, and
//! what moves it from one to the next.
//!
//! - `settings.rs` what a deployment says, `wire.rs` what the service says, `map.rs` the same in the normalised language
//! - `requests.rs` the calls, `desk.rs` what all states share
//! - `chat.rs` a chat that goes on, `reading.rs` its reads, `held.rs` what was told already, `cursor.rs` where to read on
//! - `farewell.rs` what is still said to the service after the end
//! - `tapes/` each known fact as a small recorded conversation

mod chat;
mod cursor;
mod desk;
mod farewell;
mod held;
mod map;
mod reading;
mod requests;
mod settings;
mod wire;

use std::collections::BTreeMap;

use self::chat::{Begin, Chat};
use self::cursor::Cursor;
use self::desk::{Desk, Lane, Pass, Purpose};
use self::farewell::Farewell;
use self::settings::Settings;
use super::Service;
use crate::event::{EntryForm, Event, Trace};
use crate::io::{CallId, Deadline, HttpReply, IoFault, Moment, Now};
use crate::kit::backoff::Urgency;
use crate::kit::tries::Tries;
use crate::link::Link;
use crate::token::{ResumeToken, Secret};
use crate::transport::{Action, Capabilities, Failure, FileKinds, FileRules, Request, Transport};
use crate::view::EndReason;

/// This service in the registry.
pub const SERVICE: Service = Service {
    id: "digital_channels",
    name: "Genesys Digital Channels",
    fields: settings::fields,
    build: |raw, asynchronous, seed| {
        let desk = Desk::new(Settings::read(raw)?, seed.dice());
        Ok(Box::new(DigitalChannels { desk, asynchronous, state: State::Fresh }))
    },
    probe: |raw| Ok(requests::probe(&Settings::read(raw)?)),
    judge: |result| wire::judge_probe(&result),
};

/// The machine of one conversation.
#[derive(Debug)]
struct DigitalChannels {
    desk: Desk,
    asynchronous: bool,
    state: State,
}

#[derive(Debug)]
enum State {
    /// Nothing was asked for.
    Fresh,
    /// A new session was asked for, with this data.
    Starting { given: BTreeMap<String, String> },
    /// A kept session is asked for, until there is an answer.
    Resuming(Resuming),
    /// There is a session.
    Open(Box<Chat>),
    /// All is told.
    Over(Farewell),
}

#[derive(Debug)]
struct Resuming {
    token: ResumeToken,
    cursor: Option<Cursor>,
    /// When to try again; `None` while a call is out.
    due: Option<Moment>,
    given: BTreeMap<String, String>,
    tries: Tries,
}

impl Transport for DigitalChannels {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            files: Some(FileRules { kinds: FileKinds::Pictures, largest: None, needs_agent: false }),
            history: true,
            typing: true,
            user_data: true,
            end: true,
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
            State::Fresh | State::Starting { .. } => None,
            State::Resuming(resuming) => resuming.due.map(|due| {
                let opens = self.desk.gates.opens(&Lane::Sessions);
                Deadline { at: due.max(opens), why: "next try" }
            }),
            State::Open(chat) => chat.deadline(&self.desk),
            State::Over(farewell) => farewell.deadline(self.desk.gates.opens(&Lane::Leave)),
        }
    }
}

impl DigitalChannels {
    /// Starts whatever is due in the present state.
    fn go_on(&mut self, now: Now) {
        let desk = &mut self.desk;
        match &mut self.state {
            State::Fresh | State::Starting { .. } => {}
            State::Resuming(resuming) => resuming.go_on(desk, now),
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
            (State::Fresh, Request::Resume { token, cursor }) => self.resume(now, token, cursor.as_deref()),
            (State::Resuming(mut resuming), Request::Resume { token, .. }) => {
                resuming.token = token;
                resuming.hurry(desk, now);
                State::Resuming(resuming)
            }
            (State::Resuming(mut resuming), Request::TryNow) => {
                resuming.hurry(desk, now);
                State::Resuming(resuming)
            }
            (State::Resuming(mut resuming), Request::Wake) => {
                desk.cancel(|purpose| *purpose == Purpose::Join);
                resuming.due.get_or_insert(now.at);
                resuming.hurry(desk, now);
                State::Resuming(resuming)
            }
            (State::Resuming(mut resuming), Request::Urgency(urgency)) => {
                resuming.urgent(desk, now, urgency);
                State::Resuming(resuming)
            }
            (State::Open(mut chat), request) => {
                match request {
                    Request::Send { local, text } => chat.text(desk, now, local, &text),
                    Request::Attach { local, attachment } => chat.picture(desk, now, local, attachment),
                    Request::Typing { on, preview } => chat.typing(desk, now, on, preview.as_deref()),
                    Request::Media { url } => chat.media(desk, now, url),
                    Request::Older => chat.older(desk, now),
                    Request::Reconcile => chat.reconcile(desk, now),
                    Request::Urgency(urgency) => chat.urgent(desk, now, urgency),
                    Request::TryNow => chat.try_now(desk, now),
                    Request::Wake => chat.wake(desk, now),
                    // Nothing of what this service says can be answered with more than words.
                    Request::Answer { local, text, .. } => chat.text(desk, now, local, &text),
                    Request::Nickname(_) | Request::Notice(_) => {
                        desk.tell(Event::Trouble(Failure::Unsupported.fault()));
                    }
                    Request::Start(_)
                    | Request::Resume { .. }
                    | Request::UserData(_)
                    | Request::Withdraw { .. }
                    | Request::Read { .. }
                    | Request::SignIn
                    | Request::StayOn
                    | Request::BannerClosed
                    | Request::Leave => {}
                }
                State::Open(chat)
            }
            (state, Request::Urgency(urgency)) => {
                desk.urgent(now, &Lane::Sessions, urgency);
                state
            }
            (state, request) => {
                refuse(desk, &state, request);
                state
            }
        }
    }

    fn start(&mut self, now: Now, form: &EntryForm) -> State {
        if let Err(failure) = self.desk.open(now, &Lane::Sessions) {
            self.desk.tell(Event::NotJoined(failure));
            return State::Fresh;
        }
        let given = std::mem::take(&mut self.desk.user_data);
        self.desk.create(form, &given);
        State::Starting { given }
    }

    fn resume(&mut self, now: Now, token: ResumeToken, cursor: Option<&str>) -> State {
        let cursor = cursor.map(Cursor::read);
        self.desk.link(Link::Restoring);
        if self.asynchronous {
            let tries = Tries::default();
            return State::Resuming(Resuming {
                token,
                cursor,
                due: Some(now.at),
                given: BTreeMap::new(),
                tries,
            });
        }
        // A synchronous chat has one session from its start to its end, so there is nothing to ask for.
        match Pass::of(token, &self.desk.settings) {
            Ok(pass) => joined(&mut self.desk, now, pass, Begin::PickedUp(cursor)),
            Err(_) => over(&mut self.desk, EndReason::Lost),
        }
    }

    fn leave(&mut self, state: State) -> State {
        let desk = &mut self.desk;
        let farewell = match state {
            State::Over(farewell) => return State::Over(farewell),
            State::Fresh => Farewell::Said,
            // The session may come into being all the same.
            State::Starting { .. } => Farewell::AfterStart,
            State::Resuming(resuming) => match Pass::of(resuming.token, &desk.settings) {
                Ok(pass) => Farewell::say(desk, pass),
                Err(_) => Farewell::Said,
            },
            State::Open(chat) => Farewell::say(desk, chat.pass),
        };
        desk.cancel(|purpose| matches!(purpose, Purpose::Read | Purpose::Join | Purpose::Media { .. }));
        desk.tell(Event::Over(EndReason::EndedByMe));
        State::Over(farewell)
    }

    fn answered(
        &mut self,
        now: Now,
        state: State,
        purpose: Purpose,
        result: &Result<HttpReply, IoFault>,
    ) -> State {
        let desk = &mut self.desk;
        if let Ok(reply) = result {
            desk.heed_reply(now, purpose.lane(), reply);
        }
        match (state, purpose) {
            (State::Starting { given }, Purpose::Create) => created(desk, now, given, result),
            (State::Resuming(resuming), Purpose::Join) => resuming.answered(desk, now, result),
            (State::Open(mut chat), purpose) => {
                let end = match purpose {
                    Purpose::Read => chat.read_ended(desk, now, wire::judge(result)),
                    Purpose::Write(write) => chat.write_ended(desk, now, write, wire::judge(result)),
                    Purpose::Media { url } => {
                        let content = wire::judge_picture(result);
                        if let Err(failure) = &content {
                            desk.heed(now, Lane::Media, failure);
                        }
                        desk.tell(Event::Media { url, content });
                        None
                    }
                    Purpose::Create | Purpose::Join | Purpose::Leave => None,
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

impl Resuming {
    fn go_on(&mut self, desk: &mut Desk, now: Now) {
        let due = self.due.is_some_and(|due| due <= now.at) && desk.open(now, &Lane::Sessions).is_ok();
        if due {
            self.due = None;
            let newer = std::mem::take(&mut desk.user_data);
            self.given.extend(newer);
            desk.join(&self.token, &self.given, self.tries.made());
        }
    }

    /// A try that waits is made now, unless the service has shut the gate: then it stays due when it was.
    fn hurry(&mut self, desk: &Desk, now: Now) {
        if desk.open(now, &Lane::Sessions).is_ok() {
            self.tries.anew();
            self.due = self.due.map(|_| now.at);
        }
    }

    fn urgent(&mut self, desk: &mut Desk, now: Now, urgency: Urgency) {
        let by = desk.urgent(now, &Lane::Sessions, urgency);
        if let (Some(by), Some(due)) = (by, self.due)
            && by < due
        {
            self.due = Some(by);
            self.tries.hurry();
        }
    }

    fn answered(mut self, desk: &mut Desk, now: Now, result: &Result<HttpReply, IoFault>) -> State {
        let answer = wire::judge(result);
        let failure = match answer.as_ref().map(|envelope| pass_of(envelope, &desk.settings)) {
            Ok(Ok(pass)) => return joined(desk, now, pass, Begin::PickedUp(self.cursor)),
            Ok(Err(failure)) => failure,
            Err(refusal) => refusal.failure.clone(),
        };
        match &failure {
            Failure::Gone => over(desk, EndReason::Lost),
            // The keys and the way to the service are not the chat's fault: they can be mended while the token is kept.
            Failure::Io(IoFault::BadRequest) => self.give_up(desk, failure),
            failure if failure.may_pass() || matches!(failure, Failure::Io(_) | Failure::WrongKey) => {
                self.due = Some(desk.failed_of(now, Lane::Sessions, &mut self.tries, failure));
                State::Resuming(self)
            }
            _ => self.give_up(desk, failure),
        }
    }

    fn give_up(self, desk: &mut Desk, failure: Failure) -> State {
        desk.give_again(self.given);
        desk.link(Link::Idle);
        desk.tell(Event::NotJoined(failure));
        State::Fresh
    }
}

fn created(
    desk: &mut Desk,
    now: Now,
    given: BTreeMap<String, String>,
    result: &Result<HttpReply, IoFault>,
) -> State {
    let answer = wire::judge(result);
    let failure = match answer.as_ref().map(|envelope| pass_of(envelope, &desk.settings)) {
        Ok(Ok(pass)) => return joined(desk, now, pass, Begin::New),
        Ok(Err(failure)) => failure,
        Err(refusal) => match &refusal.failure {
            // Nothing was asked for but the address itself.
            Failure::Gone if !refusal.named => Failure::UnknownAddress,
            Failure::NotTheService { status: 404 } => Failure::UnknownAddress,
            other => other.clone(),
        },
    };
    desk.heed(now, Lane::Sessions, &failure);
    desk.give_again(given);
    desk.tell(Event::NotJoined(failure));
    State::Fresh
}

fn pass_of(envelope: &wire::Envelope<'_>, settings: &Settings) -> Result<Pass, Failure> {
    let token = envelope.token().ok_or(Failure::Unreadable { why: "a token for the new session" })?;
    Pass::of(ResumeToken { secret: Secret::new(token) }, settings)
}

fn joined(desk: &mut Desk, now: Now, pass: Pass, begin: Begin) -> State {
    let resumed = matches!(begin, Begin::PickedUp(_));
    desk.tell(Event::Joined { token: pass.token.clone(), resumed });
    if !resumed {
        desk.link(Link::Up);
    }
    State::Open(Box::new(Chat::new(desk, now, pass, begin)))
}

/// Ends the chat from the other side: nothing is said or told any more.
fn over(desk: &mut Desk, reason: EndReason) -> State {
    desk.cancel(|purpose| matches!(purpose, Purpose::Read | Purpose::Join | Purpose::Media { .. }));
    desk.tell(Event::Over(reason));
    State::Over(Farewell::Said)
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
