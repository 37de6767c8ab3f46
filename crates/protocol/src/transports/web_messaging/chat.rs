//! A conversation: its token, the connection that it hangs on, and what the service says there.
//!
//! The connection is made in steps: the deployment's own configuration, unless it is known, then the socket, then the
//! configuration of the session, which is the first word on every socket. A connection that is lost is made again by itself; one
//! that the service took away because the conversation is open elsewhere is made again only when somebody asks.

mod hearing;

use std::collections::VecDeque;
use std::time::Duration;

use serde_json::{Value, json};

use super::desk::{Desk, Lane, Purpose};
use super::held::{Cursor, Held};
use super::identity::Identity;
use super::media::Shelf;
use super::parcel::Parcel;
use super::pulse::Pulse;
use super::reading::Reader;
use super::wire::{self, Frame};
use crate::event::Event;
use crate::io::{
    Deadline, Frame as Text, HttpReply, IoFault, Moment, Now, SocketEvent, SocketFault, SocketId,
};
use crate::kit::backoff::Urgency;
use crate::kit::pairs::Pairs;
use crate::kit::tries::Tries;
use crate::link::Link;
use crate::token::{ResumeToken, Secret};
use crate::transport::Failure;
use crate::view::EndReason;

/// The service takes no more than one configuration of a session in a second.
const GAP: Duration = Duration::from_secs(1);
/// Messages of the last second that an earlier run is thought to have said: one of the five that the service takes is left.
const BEFORE: usize = 4;
/// How often the other side may be told of typing.
const TYPING: Duration = Duration::from_secs(5);
/// Small requests whose answers are told apart by their names.
const ERRANDS: usize = 8;

/// How a chat begins.
#[derive(Debug, Clone)]
pub(super) enum Begin {
    /// With nothing before it.
    New,
    /// In the middle: the newest page is read first, and whatever lies between that and the cursor next.
    PickedUp(Option<Cursor>),
}

/// Why a chat does not go on.
#[derive(Debug)]
pub(super) enum End {
    /// It never began.
    NotJoined(Failure),
    Over(EndReason),
}

/// Where the connection stands.
#[derive(Debug)]
pub(super) enum Line {
    /// Not wanted until somebody asks for it.
    Idle,
    /// To be made then.
    Waiting { due: Moment },
    /// The deployment's configuration is asked for.
    Fetching,
    /// The person is being asked who they are, or the service for a pass.
    Identifying,
    /// The socket is being opened.
    Opening { socket: SocketId },
    /// The session is being configured, until then at the latest.
    Configuring { socket: SocketId, name: String, until: Moment },
    /// All can be said.
    Ready { socket: SocketId },
}

impl Line {
    pub(super) fn socket(&self) -> Option<SocketId> {
        match self {
            Self::Opening { socket } | Self::Configuring { socket, .. } | Self::Ready { socket } => {
                Some(*socket)
            }
            Self::Idle | Self::Waiting { .. } | Self::Fetching | Self::Identifying => None,
        }
    }
}

/// A small request whose failing matters little.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Errand {
    Join,
    Typing,
    Other,
}

#[derive(Debug)]
pub(super) struct Chat {
    pub(super) token: ResumeToken,
    /// How it began, until it did.
    begin: Option<Box<Begin>>,
    pub(super) line: Line,
    pub(super) tries: Tries,
    pub(super) held: Held,
    pub(super) reader: Reader,
    pub(super) parcel: Option<Box<Parcel>>,
    pub(super) shelf: Shelf,
    pub(super) pulse: Pulse,
    /// Why the chat is over as soon as its last words were read.
    pub(super) ending: Option<EndReason>,
    errands: VecDeque<(String, Errand)>,
    /// What was given with the beginning of the conversation, in case that it is refused.
    given: Pairs,
    typing_opens: Moment,
    configured: Option<Moment>,
}

impl Chat {
    pub(super) fn new(desk: &mut Desk, now: Now, token: ResumeToken, begin: Begin) -> Self {
        let held = match &begin {
            Begin::PickedUp(Some(cursor)) => Held::from(cursor),
            Begin::New | Begin::PickedUp(None) => Held::default(),
        };
        let mut chat = Self {
            reader: Reader::new(now, &begin),
            token,
            begin: Some(Box::new(begin)),
            line: Line::Waiting { due: now.at },
            tries: Tries::default(),
            held,
            parcel: None,
            shelf: Shelf::default(),
            pulse: Pulse::new(now),
            ending: None,
            errands: VecDeque::new(),
            given: Pairs::default(),
            typing_opens: Moment(0),
            configured: None,
        };
        if chat.is_kept() {
            // An earlier run may have ended just now, in the midst of sending.
            for _ in 0..BEFORE {
                desk.messages.take(now);
            }
        }
        if std::mem::take(&mut desk.reconcile) {
            chat.reader.prove();
        }
        chat
    }

    /// Whether the service has taken the person in.
    pub(super) fn is_joined(&self) -> bool {
        self.begin.is_none()
    }

    /// Whether it is one that was kept.
    pub(super) fn is_kept(&self) -> bool {
        matches!(self.begin.as_deref(), Some(Begin::PickedUp(_)))
    }

    pub(super) fn is_new(&self) -> bool {
        matches!(self.begin.as_deref(), Some(Begin::New))
    }

    /// The socket on which everything can be said.
    pub(super) fn ready(&self) -> Option<SocketId> {
        match self.line {
            Line::Ready { socket } => Some(socket),
            _ => None,
        }
    }

    /// Starts whatever is due.
    pub(super) fn go_on(&mut self, desk: &mut Desk, now: Now) -> Option<End> {
        match self.line {
            Line::Waiting { due } if self.opens(desk, due) <= now.at => {
                let retry = self.tries.made();
                if desk.config.is_none() && desk.open(now, &Lane::Config).is_ok() {
                    desk.fetch_config(retry);
                    self.line = Line::Fetching;
                    None
                } else {
                    self.connect(desk, now, retry)
                }
            }
            Line::Configuring { until, .. } if until <= now.at => {
                self.lost(desk, now, &Failure::Io(IoFault::Timeout))
            }
            Line::Ready { socket } => self.go_on_talking(desk, now, socket),
            _ => None,
        }
    }

    fn go_on_talking(&mut self, desk: &mut Desk, now: Now, socket: SocketId) -> Option<End> {
        if self.pulse.is_dead(now) || self.parcel.as_ref().is_some_and(|parcel| parcel.is_overdue(now)) {
            return self.lost(desk, now, &Failure::Io(IoFault::Timeout));
        }
        if self.pulse.wants_echo(desk, now) {
            self.pulse.asked(now);
            desk.echo(now, socket, &self.token);
        }
        if let Some(alert) = self.pulse.alert(now) {
            desk.tell(Event::Idle(alert));
        }
        self.shelf.go_on(desk, now);
        self.give_overdue_file_up(desk, now);
        if let Some(end) = self.upgrade_on(desk, now, socket) {
            return Some(end);
        }
        // That may have cost the connection.
        self.ready()?;
        self.send_on(desk, now, socket);
        self.read_on(desk, now, socket)
    }

    pub(super) fn deadline(&self, desk: &Desk) -> Option<Deadline> {
        let at = |at: Moment, why: &'static str| Some(Deadline { at, why });
        match &self.line {
            Line::Idle | Line::Fetching | Line::Identifying | Line::Opening { .. } => None,
            Line::Waiting { due } => at(self.opens(desk, *due), "next try"),
            Line::Configuring { until, .. } => at(*until, "patience with the service"),
            Line::Ready { .. } => [
                self.pulse.deadline(desk),
                self.parcel_deadline(desk),
                self.read_deadline(desk),
                self.shelf.deadline(),
                self.upgrade_deadline(desk),
            ]
            .into_iter()
            .fold(None, Deadline::earlier),
        }
    }

    fn opens(&self, desk: &Desk, due: Moment) -> Moment {
        due.max(desk.gates.opens(&Lane::Socket)).max(self.gap_ends())
    }

    /// When the session may be configured again at the earliest.
    pub(super) fn gap_ends(&self) -> Moment {
        self.configured.map_or(Moment(0), |at| at.after(GAP))
    }

    pub(super) fn configured_at(&mut self, now: Now) {
        self.configured = Some(now.at);
    }

    /// The deployment's configuration came, or not.
    pub(super) fn config_came(
        &mut self,
        desk: &mut Desk,
        now: Now,
        result: &Result<HttpReply, IoFault>,
    ) -> Option<End> {
        desk.heed_reply(now, Lane::Config, result);
        match wire::judge_config(result) {
            Ok(config) if !config.active => return Some(End::NotJoined(Failure::Closed)),
            Ok(config) => desk.config = Some(config),
            Err(failure) => {
                desk.heed(now, Lane::Config, &failure);
                if self.is_new() {
                    return Some(End::NotJoined(failure));
                }
                // A conversation that goes on can do without; it is asked for again with the next connection.
            }
        }
        self.connect(desk, now, false)
    }

    /// Something happened on a socket.
    pub(super) fn socket(
        &mut self,
        desk: &mut Desk,
        now: Now,
        id: SocketId,
        event: SocketEvent,
    ) -> Option<End> {
        if self.line.socket() != Some(id) {
            return None;
        }
        match event {
            SocketEvent::Open => {
                self.configured = Some(now.at);
                let configure = configure(desk);
                let name = desk.say(now, id, &self.token, configure);
                let until = now.at.after(desk.settings.request_timeout);
                self.line = Line::Configuring { socket: id, name, until };
                None
            }
            SocketEvent::Text(Text(text)) => {
                self.pulse.heard(now);
                let frame = Frame::read(&text)?;
                self.heard(desk, now, frame)
            }
            SocketEvent::Closed(_) => self.gone(desk, now, &Failure::Io(IoFault::Broken)),
            // Access is denied: no later try will help.
            SocketEvent::Failed(SocketFault::Refused { status: 403, .. }) => {
                self.put_down(desk, now, &Failure::UnknownEndpoint)
            }
            SocketEvent::Failed(fault) => {
                let retry_after = match fault {
                    SocketFault::Refused { retry_after, .. } => retry_after,
                    SocketFault::Io(_) => None,
                };
                if let Some(wait) = retry_after {
                    desk.gates.shut(now, Lane::Socket, wait);
                }
                self.gone(desk, now, &Failure::from(fault))
            }
        }
    }

    /// A connection that does not answer is given up from this side.
    pub(super) fn lost(&mut self, desk: &mut Desk, now: Now, failure: &Failure) -> Option<End> {
        if let Some(socket) = self.line.socket() {
            desk.cut(socket);
        }
        self.gone(desk, now, failure)
    }

    /// The connection is no more; it is made again.
    fn gone(&mut self, desk: &mut Desk, now: Now, failure: &Failure) -> Option<End> {
        self.drop_what_hung_on_it(desk, now, failure);
        if self.is_new() {
            desk.heed(now, Lane::Socket, failure);
            return Some(End::NotJoined(failure.clone()));
        }
        let due = desk.failed(now, Lane::Socket, &mut self.tries, failure);
        self.line = Line::Waiting { due };
        None
    }

    /// The connection is no more, and is made again only when somebody asks for it.
    fn put_down(&mut self, desk: &mut Desk, now: Now, failure: &Failure) -> Option<End> {
        self.drop_what_hung_on_it(desk, now, &Failure::Io(IoFault::Broken));
        if !self.is_joined() {
            return Some(End::NotJoined(failure.clone()));
        }
        self.line = Line::Idle;
        desk.link(Link::Idle);
        desk.trouble(failure);
        None
    }

    pub(super) fn drop_what_hung_on_it(&mut self, desk: &mut Desk, now: Now, failure: &Failure) {
        self.line = Line::Idle;
        self.drop_parcel(desk, now, failure);
        self.stop_reading(desk);
        self.shelf.drop_asked(desk, failure);
        self.pulse.rest();
        desk.upgrade_in_doubt();
        self.errands.clear();
    }

    pub(super) fn errand(&mut self, name: String, errand: Errand) {
        if self.errands.len() == ERRANDS {
            self.errands.pop_front();
        }
        self.errands.push_back((name, errand));
    }

    /// Tells that the person is typing, as often as the service wants to hear it.
    pub(super) fn typing(&mut self, desk: &mut Desk, now: Now, on: bool) {
        let Some(socket) = self
            .ready()
            .filter(|_| on && desk.typing() && self.ending.is_none() && desk.upgraded_by() <= now.at)
        else {
            return;
        };
        let room = desk.requests.opens(now.at) <= now.at && desk.open(now, &Lane::Messages).is_ok();
        if now.at < self.typing_opens || !room {
            return;
        }
        self.typing_opens = now.at.after(TYPING);
        let message =
            json!({ "type": "Event", "events": [{ "eventType": "Typing", "typing": { "type": "On" } }] });
        let name = desk.say(now, socket, &self.token, json!({ "action": "onMessage", "message": message }));
        self.errand(name, Errand::Typing);
    }

    /// The connection is to be tried now. A gate that the service has shut is not forced.
    pub(super) fn try_now(&mut self, desk: &Desk, now: Now) {
        match &mut self.line {
            Line::Idle => {
                self.tries.anew();
                self.line = Line::Waiting { due: now.at };
            }
            Line::Waiting { due } if desk.open(now, &Lane::Socket).is_ok() => {
                self.tries.anew();
                *due = now.at;
            }
            Line::Ready { .. } => self.reader.hurry(now),
            _ => {}
        }
    }

    /// The computer woke up or the network changed: what is open may be dead without anybody having been told.
    pub(super) fn wake(&mut self, desk: &mut Desk, now: Now) {
        match self.line {
            Line::Idle => {}
            Line::Waiting { .. } => self.try_now(desk, now),
            // Whatever was asked for on the old network is asked for anew.
            Line::Fetching => {
                desk.cancel(|purpose| *purpose == Purpose::Config);
                self.tries.anew();
                self.line = Line::Waiting { due: now.at };
            }
            // A page that the person reads stays; what the service was asked for runs into its own time limit.
            Line::Identifying => {}
            Line::Opening { socket } | Line::Configuring { socket, .. } => {
                desk.cut(socket);
                self.tries.anew();
                self.line = Line::Waiting { due: now.at };
            }
            Line::Ready { .. } => {
                let owed =
                    self.reader.is_owed() || self.parcel.as_ref().is_some_and(|parcel| parcel.is_out());
                self.pulse.doubt(now, owed);
                self.tries.anew();
                self.read_anew(desk, now);
            }
        }
    }

    /// Somebody has begun to look or has written something, or nobody looks any more.
    pub(super) fn urgent(&mut self, desk: &mut Desk, now: Now, urgency: Urgency) {
        let by = desk.urgent(now, &Lane::Socket, urgency);
        if let (Some(by), Line::Waiting { due }) = (by, &mut self.line)
            && by < *due
        {
            *due = by;
            self.tries.hurry();
        }
        if let Some(by) = by {
            self.reader.hurry_by(by);
        }
    }

    /// Takes everything back that is still out, because the chat is over.
    pub(super) fn fold_up(&mut self, desk: &mut Desk) {
        Self::stop_identifying(desk);
        desk.upgrade_in_doubt();
        desk.upgrade = None;
        desk.cancel(|purpose| {
            matches!(purpose, Purpose::Config | Purpose::History | Purpose::Put | Purpose::File { .. })
        });
    }
}

/// The first word on every socket.
pub(super) fn configure(desk: &Desk) -> Value {
    configure_as(desk, desk.identity.as_deref())
}

/// The same for somebody, or for a guest.
pub(super) fn configure_as(desk: &Desk, identity: Option<&Identity>) -> Value {
    let deployment = &desk.settings.deployment;
    match identity.map(|identity| identity.pass().map(Secret::expose)) {
        None => json!({ "action": "configureSession", "deploymentId": deployment, "startNew": false }),
        Some(pass) => json!({
            "action": "configureAuthenticatedSession",
            "deploymentId": deployment,
            "startNew": false,
            "data": { "code": pass },
        }),
    }
}

/// A message that is nothing but a presence.
pub(super) fn presence(kind: &str) -> Value {
    json!({ "type": "Event", "events": [{ "eventType": "Presence", "presence": { "type": kind } }] })
}
