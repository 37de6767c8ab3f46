//! What interfaces hear: one stream of everything that happens in a profile.
//!
//! The stream is bounded. A listener that falls behind loses the oldest and is told so with [`Published::Missed`]; it then
//! asks for the application's view and the snapshots it needs. An interface that subscribes first, then takes a snapshot, and
//! ignores updates up to its number misses nothing.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use envoi_protocol::attention::Notice;
use envoi_protocol::view::{AppView, ConfigFault, Row, Update};
use tokio::sync::{Notify, broadcast};

/// How many a listener may be behind.
const BACKLOG: usize = 1_024;

/// Something that happened.
#[derive(Debug, Clone)]
pub enum Published {
    /// One step of one conversation.
    Update(Update),
    /// Something outside of single conversations changed, or a conversation's row did.
    App(Box<AppView>),
    /// A notification of the operating system is to be raised.
    Notice(Notice),
    /// The person is to sign in here, in their browser.
    Browse {
        /// For which conversation.
        conversation: String,
        /// Where.
        address: String,
    },
    /// A chat has ended and its company asks that the window goes away.
    CloseWindow {
        /// Which conversation.
        conversation: String,
    },
    /// The listener was too slow: what was lost has to be asked for.
    Missed,
}

/// A listener's end of the stream.
#[derive(Debug)]
pub struct Subscription {
    stream: broadcast::Receiver<Published>,
}

impl Subscription {
    /// The next thing that happens; `None` when the profile was closed.
    pub async fn next(&mut self) -> Option<Published> {
        match self.stream.recv().await {
            Ok(published) => Some(published),
            Err(broadcast::error::RecvError::Lagged(_)) => Some(Published::Missed),
            Err(broadcast::error::RecvError::Closed) => None,
        }
    }
}

/// Where a conversation stands, as the list of conversations sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Standing {
    /// Its row.
    pub(crate) row: Row,
    /// Nothing more will come.
    pub(crate) over: bool,
}

/// The sending end.
#[derive(Debug)]
pub(crate) struct Publisher {
    stream: broadcast::Sender<Published>,
    standings: Mutex<BTreeMap<String, Standing>>,
    faults: Mutex<Vec<ConfigFault>>,
    /// Rings when the application's view is no longer what it was.
    pub(crate) changed: Notify,
}

impl Publisher {
    pub(crate) fn new() -> Self {
        Self {
            stream: broadcast::Sender::new(BACKLOG),
            standings: Mutex::default(),
            faults: Mutex::default(),
            changed: Notify::new(),
        }
    }

    pub(crate) fn subscribe(&self) -> Subscription {
        Subscription { stream: self.stream.subscribe() }
    }

    pub(crate) fn send(&self, published: Published) {
        // That nobody listens is no fault: the terminal client does without some of it.
        let _ = self.stream.send(published);
    }

    /// A conversation stands here now.
    pub(crate) fn stand(&self, conversation: &str, standing: Standing) {
        let mut standings = self.standings.lock().unwrap_or_else(PoisonError::into_inner);
        if standings.get(conversation) != Some(&standing) {
            standings.insert(conversation.to_owned(), standing);
            drop(standings);
            self.changed.notify_one();
        }
    }

    /// Whether nothing more will come of a conversation.
    pub(crate) fn is_over(&self, conversation: &str) -> bool {
        let standings = self.standings.lock().unwrap_or_else(PoisonError::into_inner);
        standings.get(conversation).is_some_and(|standing| standing.over)
    }

    /// Whether anybody listens.
    pub(crate) fn is_heard(&self) -> bool {
        self.stream.receiver_count() > 0
    }

    /// A conversation is gone.
    pub(crate) fn gone(&self, conversation: &str) {
        self.standings.lock().unwrap_or_else(PoisonError::into_inner).remove(conversation);
        self.changed.notify_one();
    }

    /// Something that was kept cannot be read.
    pub(crate) fn fault(&self, fault: ConfigFault) {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner).push(fault);
        self.changed.notify_one();
    }

    /// Everything of that kind so far.
    pub(crate) fn faults(&self) -> Vec<ConfigFault> {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn standings(&self) -> BTreeMap<String, Standing> {
        self.standings.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
