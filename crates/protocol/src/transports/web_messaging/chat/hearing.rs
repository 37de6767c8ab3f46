//! What the service says on the socket, and what follows from it.

use serde_json::{Value, json};

use super::{Begin, Chat, End, Errand, Line, presence};
use crate::event::{Batch, Event, Origin};
use crate::fault::{Fault, FaultCode};
use crate::io::{Now, SocketId};
use crate::link::Link;
use crate::transport::Failure;
use crate::transports::web_messaging::desk::{Desk, Lane};
use crate::transports::web_messaging::held::Fresh;
use crate::transports::web_messaging::identity;
use crate::transports::web_messaging::map::{self, Presence};
use crate::transports::web_messaging::pulse::PING;
use crate::transports::web_messaging::wire::{Frame, Lasts, Refusal, Says, Session};
use crate::view::EndReason;

impl Chat {
    /// The service said something.
    pub(super) fn heard(&mut self, desk: &mut Desk, now: Now, frame: Frame) -> Option<End> {
        let Frame { tracing, says } = frame;
        let configuring = matches!(self.line, Line::Configuring { .. });
        if self.is_answer(desk, tracing.as_deref(), &says) {
            self.pulse.answered();
        }
        match says {
            Says::Session(session) if configuring => self.configured(desk, now, session),
            Says::Session(session) => {
                if session.connected && Self::answers_upgrade(desk, tracing.as_deref()) {
                    self.upgraded(desk);
                }
                tell_cleared(desk, &session);
                self.pulse.lasts(now, session.lasts, false);
                (session.read_only && session.connected).then_some(End::Over(EndReason::ReadOnly))
            }
            Says::Expired => Some(End::Over(EndReason::Expired)),
            Says::Cleared => Some(End::Over(EndReason::EndedByMe)),
            Says::SignedOut => Some(End::Over(EndReason::SignedOut)),
            Says::Dropped { signed_in: true } => Some(End::Over(EndReason::SignedInElsewhere)),
            Says::Dropped { signed_in: false } => {
                if let Some(socket) = self.line.socket() {
                    desk.shut(socket);
                }
                self.put_down(desk, now, &Failure::OpenElsewhere)
            }
            Says::Refused(refusal) => self.refused(desk, now, tracing.as_deref(), &refusal),
            _ if configuring => None,
            Says::Message(body) => self.message(desk, now, tracing.as_deref(), &body),
            Says::Jwt(pass) => {
                self.reader.admitted(now, pass);
                None
            }
            Says::Place(place) => {
                if !self.shelf.found(desk, now, &place) {
                    self.place_found(desk, now, place);
                }
                None
            }
            Says::Stored { id } => {
                self.stored(&id);
                None
            }
            Says::NotStored { id, refusal } => {
                self.not_stored(desk, now, id.as_deref(), &refusal);
                None
            }
            Says::Other => None,
        }
    }

    /// Whether this comes because of something that was said here. Errors are not promised to name what they are about.
    fn is_answer(&self, desk: &Desk, name: Option<&str>, says: &Says) -> bool {
        match says {
            Says::Jwt(_) | Says::Place(_) | Says::Refused(_) => true,
            Says::Session(_) => Self::answers_upgrade(desk, name),
            Says::Message(body) => {
                let ours =
                    name == Some(PING) || self.parcel.as_ref().is_some_and(|parcel| parcel.is_named(name));
                ours && map::is_own(body)
            }
            _ => false,
        }
    }

    fn configured(&mut self, desk: &mut Desk, now: Now, session: Session) -> Option<End> {
        let Line::Configuring { socket, .. } = self.line else { return None };
        if !session.connected {
            return None;
        }
        self.tries.worked();
        self.line = Line::Ready { socket };
        if let Some(identity) = &mut desk.identity {
            identity.taken();
        }
        let doubted = std::mem::take(&mut desk.doubtful);
        tell_cleared(desk, &session);
        desk.session_files = session.files;
        desk.most_custom = session.most_custom.unwrap_or(desk.most_custom);
        self.pulse.lasts(now, session.lasts, session.new);
        if session.read_only {
            self.ending = Some(EndReason::ReadOnly);
        }
        let begun = self.begin.take().map(|begin| *begin);
        if let Some(begin) = &begun {
            let resumed = matches!(begin, Begin::PickedUp(_));
            if !(resumed && session.new) {
                let token = identity::kept(&self.token, desk.identity.as_deref(), false);
                desk.tell(Event::Joined { token, resumed });
                desk.show_abilities();
            }
        } else {
            if doubted {
                self.keep_identity(desk);
            }
            desk.show_abilities();
        }
        match begun {
            Some(Begin::New) => {
                desk.link(Link::Up);
                if session.new && desk.config.as_ref().is_some_and(|config| config.autostart) {
                    self.join(desk, now, socket);
                }
                if session.read_only {
                    return Some(End::Over(EndReason::ReadOnly));
                }
            }
            // The service has made a new conversation for the token: the one that was is no more.
            _ if session.new => return Some(End::Over(EndReason::Lost)),
            Some(Begin::PickedUp(_)) => self.reader.catch_up(now, Origin::Restored),
            None => {
                self.reader.catch_up(now, Origin::Live);
                if self.ending.is_none() && !self.reader.restores() {
                    desk.link(Link::Up);
                }
            }
        }
        None
    }

    fn join(&mut self, desk: &mut Desk, now: Now, socket: SocketId) {
        let data = desk.data_that_fits();
        let mut message = presence("Join");
        if !data.is_empty()
            && let Some(message) = message.as_object_mut()
        {
            message.insert("channel".to_owned(), json!({ "metadata": { "customAttributes": data } }));
        }
        self.given = std::mem::take(&mut desk.user_data);
        let name = desk.say(now, socket, &self.token, json!({ "action": "onMessage", "message": message }));
        self.errand(name, Errand::Join);
    }

    /// A message of the conversation, live.
    fn message(&mut self, desk: &mut Desk, now: Now, name: Option<&str>, body: &Value) -> Option<End> {
        let own = map::is_own(body);
        if own && name == Some(PING) {
            self.pulse.lasts(now, Lasts::read(body.pointer("/metadata").unwrap_or(&Value::Null)), false);
            return None;
        }
        let read = map::message(body, desk.style());
        self.shelf.keep(now, &read.files);
        if read.said {
            self.pulse.moved(now);
        }
        if own && let Some(name) = name {
            self.confirm(desk, now, name);
        }
        let event = read.event;
        let mut fresh = Fresh::default();
        self.held.take(now, body, read, &mut fresh);
        if !fresh.entries.is_empty() {
            self.reader.told_live(&fresh.entries);
            desk.tell(Event::Batch(Batch { origin: Origin::Live, entries: fresh.entries }));
            self.tell_cursor(desk);
        }
        match event {
            Some(Presence::Disconnect { read_only: true }) => Some(End::Over(EndReason::ReadOnly)),
            Some(Presence::SignIn) => {
                self.upgraded(desk);
                None
            }
            Some(Presence::Expired) => Some(End::Over(EndReason::Expired)),
            _ => None,
        }
    }

    /// The service did not do something. Errors are not promised to name what they are about.
    fn refused(&mut self, desk: &mut Desk, now: Now, name: Option<&str>, refusal: &Refusal) -> Option<End> {
        let failure = refusal.failure();
        let known = matches!(failure, Failure::Gone | Failure::RateLimited { .. } | Failure::Service { .. });
        match &self.line {
            Line::Configuring { name: asked, .. }
                if desk.doubtful && name.is_none_or(|name| name == asked) =>
            {
                match desk.identity {
                    Some(_) if !known => return self.try_as_a_guest(desk, now, refusal),
                    None if refusal.code == 4_017 => return self.was_upgraded(desk, now),
                    _ => {}
                }
            }
            Line::Ready { .. } if Self::answers_upgrade(desk, name) => {
                return self.upgrade_refused(desk, now, name, refusal);
            }
            _ => {}
        }
        if desk.identity.is_some() && refusal.is_about_the_pass() {
            return self.pass_refused(desk, now);
        }
        // The session is of somebody who signed in, and we cannot say who that was.
        if refusal.code == 4_017 {
            return Some(self.end_or_fail(EndReason::SignedOut, failure));
        }
        if let Line::Configuring { name: asked, .. } = &self.line {
            if name.is_some_and(|name| name != asked) {
                return None;
            }
            return match failure {
                Failure::Gone if refusal.code == 409 => Some(End::Over(EndReason::ReadOnly)),
                Failure::Gone => Some(self.end_or_fail(EndReason::Expired, failure)),
                Failure::RateLimited { .. } | Failure::Service { .. } => self.lost(desk, now, &failure),
                _ => {
                    if let Some(socket) = self.line.socket() {
                        desk.shut(socket);
                    }
                    self.put_down(desk, now, &failure)
                }
            };
        }
        let errand =
            self.errands.iter().find(|(asked, _)| name == Some(asked.as_str())).map(|(_, errand)| *errand);
        match errand {
            Some(Errand::Typing) => {
                if refusal.code == 403
                    && let Some(config) = &mut desk.config
                {
                    config.typing = false;
                    desk.show_abilities();
                }
                desk.heed(now, Lane::Messages, &failure);
                return None;
            }
            Some(Errand::Join) => {
                // It goes with the first words instead.
                desk.give_again(std::mem::take(&mut self.given));
                return None;
            }
            Some(Errand::Other) => return None,
            None => {}
        }
        if self.reader.is_asked(name) {
            return self.read_failed(desk, now, failure);
        }
        match refusal.code {
            409 => {
                self.parcel_refused(desk, now, refusal);
                return Some(End::Over(EndReason::ReadOnly));
            }
            4006 | 4007 => return Some(End::Over(EndReason::Expired)),
            _ => {}
        }
        if name.is_none() || self.parcel.as_ref().is_some_and(|parcel| parcel.is_named(name)) {
            self.parcel_refused(desk, now, refusal);
        }
        None
    }

    fn end_or_fail(&self, reason: EndReason, failure: Failure) -> End {
        if self.is_new() { End::NotJoined(failure) } else { End::Over(reason) }
    }
}

/// The service has ended another chat of the same person.
fn tell_cleared(desk: &mut Desk, session: &Session) {
    if session.cleared_elsewhere {
        desk.tell(Event::Trouble(Fault::new(FaultCode::ClearedElsewhere)));
    }
}
