//! The connection's state. It says nothing about the conversation, see `phase.rs`.

use crate::fault::FaultCode;
use crate::io::{Moment, Now};
use crate::view::LinkView;

/// Where the connection stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Link {
    /// Not needed.
    #[default]
    Idle,
    /// Works.
    Up,
    /// A kept conversation is being picked up.
    Restoring,
    /// Does not work.
    Down {
        /// Failed tries in a row, from 1.
        attempt: u32,
        /// When the next one is due.
        retry_at: Moment,
        /// What is in the way.
        cause: FaultCode,
    },
}

impl Link {
    /// Whether something can be sent now.
    #[must_use]
    pub const fn is_up(self) -> bool {
        matches!(self, Self::Up)
    }

    /// As an interface sees it.
    #[must_use]
    pub fn view(self, now: Now) -> LinkView {
        match self {
            Self::Idle => LinkView::Idle,
            Self::Up => LinkView::Up,
            Self::Restoring => LinkView::Restoring,
            Self::Down { attempt, retry_at, cause } => {
                LinkView::Down { attempt, retry_at: now.wall_at(retry_at), cause }
            }
        }
    }
}
