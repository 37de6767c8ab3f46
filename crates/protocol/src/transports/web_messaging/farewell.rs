//! What is still said to the service after the person has ended the chat: the one word that ends it, until the service confirms
//! it. A closed socket ends nothing, so if there is none, one is opened for it, and if the word is not confirmed it is said once
//! more on another one.

use std::time::Duration;

use serde_json::json;

use super::chat::{configure, presence};
use super::desk::{Desk, Lane, Purpose};
use super::identity::Step;
use super::wire::{Frame, Says};
use crate::io::{
    Deadline, Frame as Text, HttpReply, IoFault, Moment, Now, SocketEvent, SocketFault, SocketId,
};
use crate::token::ResumeToken;

/// How long the service may take to confirm.
const PATIENCE: Duration = Duration::from_secs(15);
/// Gap before the second try.
const GAP: Duration = Duration::from_secs(3);

/// Where the farewell stands.
#[derive(Debug)]
pub(super) enum Farewell {
    /// Nothing is left to say.
    Said,
    /// To be said on a socket of its own.
    Due { token: ResumeToken, at: Moment, last: bool },
    /// The service is asked for a pass first: it is a chat of somebody who signed in.
    Identifying { token: ResumeToken, until: Moment, last: bool },
    /// A socket is being opened or configured for it.
    Opening { token: ResumeToken, socket: SocketId, until: Moment, last: bool },
    /// It was said and is not confirmed.
    Clearing { token: ResumeToken, socket: SocketId, until: Moment, last: bool },
}

impl Farewell {
    /// Ends the chat at the service, on a socket where everything can be said or else on one of its own.
    pub(super) fn say(desk: &mut Desk, now: Now, token: ResumeToken, socket: Option<SocketId>) -> Self {
        match socket {
            Some(socket) => Self::clear(desk, now, token, socket, false),
            None => Self::Due { token, at: now.at, last: false },
        }
    }

    fn clear(desk: &mut Desk, now: Now, token: ResumeToken, socket: SocketId, last: bool) -> Self {
        let what = json!({ "action": "onMessage", "message": presence("Clear") });
        desk.say(now, socket, &token, what);
        Self::Clearing { token, socket, until: now.at.after(PATIENCE), last }
    }

    pub(super) fn deadline(&self, desk: &Desk) -> Option<Deadline> {
        match self {
            Self::Said => None,
            Self::Due { at, .. } => {
                Some(Deadline { at: (*at).max(desk.gates.opens(&Lane::Socket)), why: "leaving" })
            }
            Self::Identifying { until, .. } | Self::Opening { until, .. } | Self::Clearing { until, .. } => {
                Some(Deadline { at: *until, why: "patience with leaving" })
            }
        }
    }

    pub(super) fn go_on(self, desk: &mut Desk, now: Now) -> Self {
        match self {
            Self::Due { token, at, last } if at <= now.at && desk.open(now, &Lane::Socket).is_ok() => {
                let until = now.at.after(PATIENCE);
                match desk.step() {
                    Step::Go => Self::Opening { token, socket: desk.connect(false), until, last },
                    Step::Renew(_) if desk.open(now, &Lane::Renewal).is_err() => {
                        Self::Due { token, at: desk.gates.opens(&Lane::Renewal), last }
                    }
                    Step::Renew(refresh) => {
                        desk.renew(&refresh, false);
                        Self::Identifying { token, until, last }
                    }
                    // Nobody signs in to leave.
                    Step::SignIn | Step::Wait => Self::Said,
                }
            }
            Self::Identifying { token, until, last } if until <= now.at => {
                desk.cancel(|purpose| *purpose == Purpose::Renew);
                again(now, token, last)
            }
            Self::Opening { token, socket, until, last } | Self::Clearing { token, socket, until, last }
                if until <= now.at =>
            {
                desk.shut(socket);
                again(now, token, last)
            }
            other => other,
        }
    }

    /// The pass was made anew, or not.
    pub(super) fn renewed(self, desk: &mut Desk, now: Now, result: &Result<HttpReply, IoFault>) -> Self {
        desk.heed_reply(now, Lane::Renewal, result);
        match self {
            Self::Identifying { token, last, .. } => match desk.renewed(result) {
                Ok(()) => Self::Due { token, at: now.at, last },
                Err(_) => again(now, token, last),
            },
            other => other,
        }
    }

    pub(super) fn socket(self, desk: &mut Desk, now: Now, id: SocketId, event: SocketEvent) -> Self {
        match self {
            Self::Opening { token, socket, until, last } if socket == id => match event {
                SocketEvent::Open => {
                    let configure = configure(desk);
                    desk.say(now, id, &token, configure);
                    Self::Opening { token, socket, until, last }
                }
                SocketEvent::Text(Text(text)) => match Frame::read(&text).map(|frame| frame.says) {
                    // Nothing is left of it at the service.
                    Some(Says::Session(session)) if session.new => hang_up(desk, socket),
                    Some(Says::Session(session)) if session.connected => {
                        Self::clear(desk, now, token, socket, last)
                    }
                    // Perhaps it is a guest's all the same.
                    Some(Says::Refused(_)) if desk.doubtful && desk.identity.is_some() && !last => {
                        desk.shut(socket);
                        desk.identity = None;
                        again(now, token, last)
                    }
                    Some(Says::Refused(refusal)) if refusal.is_about_the_pass() && !last => {
                        desk.shut(socket);
                        if let Some(identity) = &mut desk.identity {
                            identity.refused();
                        }
                        again(now, token, last)
                    }
                    Some(Says::Expired | Says::Cleared | Says::Refused(_)) => hang_up(desk, socket),
                    _ => Self::Opening { token, socket, until, last },
                },
                SocketEvent::Failed(SocketFault::Refused { status: 403, .. }) => Self::Said,
                SocketEvent::Closed(_) | SocketEvent::Failed(_) => again(now, token, last),
            },
            Self::Clearing { token, socket, until, last } if socket == id => match event {
                SocketEvent::Text(Text(text)) => match Frame::read(&text).map(|frame| frame.says) {
                    Some(Says::Cleared | Says::Expired) => hang_up(desk, socket),
                    // It cannot be ended from here.
                    Some(Says::Refused(refusal)) if refusal.code == 403 => hang_up(desk, socket),
                    Some(Says::Refused(_)) => {
                        desk.shut(socket);
                        again(now, token, last)
                    }
                    _ => Self::Clearing { token, socket, until, last },
                },
                // Perhaps it was heard and perhaps not: the next configuration tells.
                SocketEvent::Closed(_) | SocketEvent::Failed(_) => again(now, token, last),
                SocketEvent::Open => Self::Clearing { token, socket, until, last },
            },
            other => other,
        }
    }
}

fn hang_up(desk: &mut Desk, socket: SocketId) -> Farewell {
    desk.shut(socket);
    Farewell::Said
}

fn again(now: Now, token: ResumeToken, last: bool) -> Farewell {
    if last { Farewell::Said } else { Farewell::Due { token, at: now.at.after(GAP), last: true } }
}
