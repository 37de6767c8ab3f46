//! What is still said to the service after the end: that the person has left, and once more if that was not heard.

use std::time::Duration;

use super::desk::{Desk, Lane, Purpose};
use super::pass::Pass;
use super::wire;
use crate::io::{HttpReply, IoFault, Now};
use crate::kit::farewell;

/// Pause before leaving is said once more.
const AGAIN: Duration = Duration::from_secs(3);

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
            (Self::AfterStart, Purpose::Start) => match answer.map(|envelope| Pass::first(&envelope)) {
                Ok(Ok(pass)) => Self::say(desk, pass),
                _ => Self::Said,
            },
            (Self::First(pass), Purpose::Leave) => match answer {
                Ok(_) => Self::Said,
                Err(refusal) if refusal.is_final() => Self::Said,
                Err(refusal) => {
                    desk.heed(now, Lane::Leave, &refusal.failure);
                    Self::Again { pass, due: now.at.after(AGAIN) }
                }
            },
            (farewell, _) => farewell,
        }
    }
}
