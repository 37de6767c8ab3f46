//! One message on its way: what it holds, how far it has come, and which copy of the transcript is its own.

use crate::event::LocalId;
use crate::fault::Fault;
use crate::io::{Moment, Now};
use crate::stored::{ParcelContent, Progress, ProgressState};
use crate::view::DeliveryView;

/// How far a message has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivery {
    /// Waits its turn.
    Queued,
    /// On its way.
    Sending,
    /// On its way, and so many bytes of so many have left.
    Uploading {
        /// What has left.
        sent: u64,
        /// All of it.
        total: u64,
    },
    /// Certainly not arrived; tried again at `until`.
    Waiting {
        /// When.
        until: Moment,
    },
    /// Perhaps arrived: the transcript has to tell.
    Unsure {
        /// Whether it may also arrive later.
        lingering: bool,
    },
    /// The service has it, and its own copy has not come back yet.
    Sent,
    /// Only the person can help.
    Stuck(Fault),
}

#[derive(Debug, Clone)]
pub(super) struct Parcel {
    pub(super) local: LocalId,
    pub(super) turn: u64,
    pub(super) content: ParcelContent,
    pub(super) delivery: Delivery,
    pub(super) attempts: u32,
    /// Whether any try may have reached the service, so that its copy may turn up.
    pub(super) left: bool,
    /// How the last try failed.
    pub(super) failure: Option<Fault>,
    /// The person has given it up while it was on its way.
    pub(super) withdrawn: bool,
    /// As it stands in the archive; `None` if it does not.
    pub(super) saved: Option<(u64, Progress)>,
}

impl Parcel {
    /// What of it matters after a restart: moments mean nothing then.
    pub(super) fn progress(&self) -> Progress {
        let state = match &self.delivery {
            Delivery::Queued | Delivery::Waiting { .. } => ProgressState::Queued,
            Delivery::Sending | Delivery::Uploading { .. } => ProgressState::Sending,
            Delivery::Unsure { lingering: false } => ProgressState::Unsure,
            Delivery::Unsure { lingering: true } => ProgressState::Lingering,
            Delivery::Sent => ProgressState::Sent,
            Delivery::Stuck(fault) => ProgressState::Stuck(fault.clone()),
        };
        Progress { state, attempts: self.attempts, left: self.left }
    }
}

impl Delivery {
    /// As an interface sees it.
    #[must_use]
    pub fn view(&self, now: Now) -> DeliveryView {
        match self {
            Self::Queued => DeliveryView::Queued,
            Self::Sending | Self::Unsure { .. } => DeliveryView::Sending,
            Self::Uploading { sent, total } => DeliveryView::Uploading { sent: *sent, total: *total },
            Self::Waiting { until } => DeliveryView::Waiting { until: now.wall_at(*until) },
            Self::Sent => DeliveryView::Sent,
            Self::Stuck(fault) => DeliveryView::Stuck { fault: fault.clone() },
        }
    }
}

/// Whether a message of the transcript may be the copy of one of ours.
pub(super) fn same(ours: &ParcelContent, copy: &ParcelContent) -> bool {
    match (words(ours), words(copy)) {
        (Some(ours), Some(copy)) => ours.split_whitespace().eq(copy.split_whitespace()),
        // A service renames and recodes files, and may take a picture for a file: the order has to do.
        (None, None) => true,
        _ => false,
    }
}

fn words(content: &ParcelContent) -> Option<&str> {
    match content {
        ParcelContent::Text(text) | ParcelContent::Answer { text, .. } | ParcelContent::Hidden(text) => {
            Some(text)
        }
        ParcelContent::Picture(_) | ParcelContent::File(_) => None,
    }
}
