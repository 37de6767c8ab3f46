//! What is still said to the service after the end: that the person has left, and once more if that was not heard.

use super::desk::{Desk, Lane, Pass, Purpose};
use super::wire;
use crate::io::{Deadline, HttpReply, IoFault, Moment, Now};
use crate::token::{ResumeToken, Secret};
use crate::transport::Failure;

/// Where the farewell stands.
#[derive(Debug)]
pub(super) enum Farewell {
    /// Nothing is left to say.
    Said,
    /// The person left while a session was asked for: it is ended as soon as it is known.
    AfterStart,
    /// The call is out; it will be repeated once.
    First(Pass),
    /// To be repeated then.
    Again { pass: Pass, due: Moment },
}

impl Farewell {
    /// Tells the service that the person leaves.
    pub(super) fn say(desk: &mut Desk, pass: Pass) -> Self {
        desk.leave(&pass);
        Self::First(pass)
    }

    pub(super) fn deadline(&self, desk: &Desk) -> Option<Deadline> {
        match self {
            Self::Again { due, .. } => {
                Some(Deadline { at: (*due).max(desk.gates.opens(&Lane::Leave)), why: "leaving again" })
            }
            _ => None,
        }
    }

    pub(super) fn go_on(&mut self, desk: &mut Desk, now: Now) {
        if let Self::Again { pass, due } = self
            && *due <= now.at
            && desk.open(now, &Lane::Leave).is_ok()
        {
            desk.leave(pass);
            *self = Self::Said;
        }
    }

    pub(super) fn answered(
        self,
        desk: &mut Desk,
        now: Now,
        purpose: &Purpose,
        result: &Result<HttpReply, IoFault>,
    ) -> Self {
        let answer = wire::judge(result);
        match (self, purpose) {
            (Self::AfterStart, Purpose::Create) => {
                let token = answer.as_ref().ok().and_then(wire::Envelope::token);
                let token = token.map(|token| ResumeToken { secret: Secret::new(token) });
                match token.and_then(|token| Pass::of(token).ok()) {
                    Some(pass) => Self::say(desk, pass),
                    None => Self::Said,
                }
            }
            (Self::First(pass), Purpose::Leave) => match answer {
                Ok(_) => Self::Said,
                Err(refusal) if refusal.failure == Failure::Gone => Self::Said,
                Err(refusal) => {
                    desk.heed(now, Lane::Leave, &refusal.failure);
                    Self::Again { pass, due: now.at.after(desk.settings.poll_gap) }
                }
            },
            (farewell, _) => farewell,
        }
    }
}
