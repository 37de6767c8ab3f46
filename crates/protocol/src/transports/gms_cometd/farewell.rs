//! What is still said after the end: that the person leaves the chat, then that this client leaves the server, and not before the
//! first has had its effect.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Map;

use super::desk::Desk;
use crate::io::{Deadline, Moment, Now};
use crate::kit::bayeux::{Outcome, Output, Ticket};
use crate::transports::gms::pass::Pass;
use crate::transports::gms::wire::Envelope;

/// How long the chat's end is waited for, and how long after a failure leaving is said again.
const PATIENCE: Duration = Duration::from_secs(3);
/// How long a chat that was asked for is waited for, to leave it, and a session with the server.
const START: Duration = Duration::from_secs(30);

/// Where the farewell stands.
#[derive(Debug)]
pub(super) enum Farewell {
    /// Nothing is left to say.
    Said,
    /// The person left while a chat was asked for: it is left as soon as it is there.
    AfterStart { until: Moment },
    /// There is no session with the server: one is made, only to leave the chat in it.
    Returning { keys: Pass, failed: bool, until: Moment },
    /// The chat was told; the session with the server ends when the chat has ended, or then.
    Leaving { ticket: Ticket, keys: Pass, until: Moment },
    /// To be said again then, together with the end of the session.
    Again { keys: Pass, due: Moment },
}

impl Farewell {
    /// Tells the chat that the person leaves.
    pub(super) fn say(desk: &mut Desk, now: Now, keys: Pass) -> Self {
        if desk.client.is_ready() {
            return Self::leave(desk, now, keys);
        }
        // What waits for a session is not said any more: the person sees that it was not.
        desk.client.keep_back();
        desk.client.try_now(now);
        Self::Returning { keys, failed: false, until: now.at.after(START) }
    }

    fn leave(desk: &mut Desk, now: Now, keys: Pass) -> Self {
        desk.client.quiet();
        let ticket = desk.say(now, "disconnect", Some(&keys), Map::new());
        Self::Leaving { ticket, keys, until: now.at.after(PATIENCE) }
    }

    /// The person left while a chat was asked for; `left` if the request may have arrived.
    pub(super) fn after_start(desk: &mut Desk, now: Now, left: bool) -> Self {
        if left {
            desk.client.quiet();
            Self::AfterStart { until: now.at.after(START) }
        } else {
            desk.client.leave(now, None);
            Self::Said
        }
    }

    pub(super) fn deadline(&self) -> Option<Deadline> {
        match self {
            Self::Said => None,
            Self::AfterStart { until } | Self::Returning { until, .. } | Self::Leaving { until, .. } => {
                Some(Deadline { at: *until, why: "patience with the end" })
            }
            Self::Again { due, .. } => Some(Deadline { at: *due, why: "leaving again" }),
        }
    }

    pub(super) fn go_on(&mut self, desk: &mut Desk, now: Now) {
        match self {
            Self::AfterStart { until } | Self::Returning { until, .. } | Self::Leaving { until, .. }
                if *until <= now.at =>
            {
                desk.client.leave(now, None);
                *self = Self::Said;
            }
            Self::Again { keys, due } if *due <= now.at => {
                desk.say_last(now, "disconnect", keys);
                *self = Self::Said;
            }
            _ => {}
        }
    }

    pub(super) fn noticed(self, desk: &mut Desk, now: Now, channel: &str, output: Output) -> Self {
        match (self, output) {
            (Self::Returning { keys, .. }, Output::Ready { .. }) => Self::leave(desk, now, keys),
            // Like every farewell it is tried twice.
            (Self::Returning { failed: true, .. }, Output::Down { .. }) => {
                desk.client.leave(now, None);
                Self::Said
            }
            (Self::Returning { keys, until, .. }, Output::Down { .. }) => {
                Self::Returning { keys, failed: true, until }
            }
            (Self::Returning { .. }, Output::Stopped(_)) => Self::Said,
            (Self::Leaving { ticket, keys, until }, Output::Published(ended, outcome)) if ended == ticket => {
                match outcome {
                    Outcome::Done => Self::Leaving { ticket, keys, until },
                    _ => Self::Again { keys, due: now.at.after(PATIENCE) },
                }
            }
            (Self::Leaving { ticket, keys, until }, Output::Delivery(delivery))
                if delivery.channel == channel =>
            {
                let ended = Envelope::deserialize(&delivery.data).is_ok_and(|envelope| envelope.ended());
                if ended {
                    desk.client.leave(now, None);
                    return Self::Said;
                }
                Self::Leaving { ticket, keys, until }
            }
            (Self::AfterStart { until }, Output::Delivery(delivery)) if delivery.channel == channel => {
                let keys = Envelope::deserialize(&delivery.data)
                    .ok()
                    .and_then(|envelope| Pass::first(&envelope).ok());
                match keys {
                    Some(keys) => {
                        desk.say_last(now, "disconnect", &keys);
                        Self::Said
                    }
                    None => Self::AfterStart { until },
                }
            }
            (farewell, _) => farewell,
        }
    }
}
