//! What is still said to the service after the end: that the person has left, and once more if that was not heard.

use super::desk::{Desk, Lane, Pass, Purpose};
use super::wire;
use crate::io::{HttpReply, IoFault, Now};
use crate::kit::farewell;
use crate::token::{ResumeToken, Secret};
use crate::transport::Failure;

/// Where the farewell stands.
pub(super) type Farewell = farewell::Farewell<Pass>;

impl Farewell {
    /// Tells the service that the person leaves.
    pub(super) fn say(desk: &mut Desk, pass: Pass) -> Self {
        desk.leave(&pass);
        Self::First(pass)
    }

    pub(super) fn go_on(&mut self, desk: &mut Desk, now: Now) {
        if let Some(pass) = self.last(now, desk.gates.opens(&Lane::Leave)) {
            desk.leave(&pass);
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
                match token.and_then(|token| Pass::of(token, &desk.settings).ok()) {
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
