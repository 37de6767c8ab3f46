//! What every state of the machine works with: the settings, and the desk of the kit with this service's kinds of calls.

use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};

use super::settings::Settings;
use crate::event::LocalId;
use crate::kit::desk;

/// A call that is out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Errand {
    pub(super) purpose: Purpose,
    /// How often the pass had been renewed when it left: an answer may renew only the pass that it was asked with.
    pub(super) pass: u32,
}

/// What a call is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Purpose {
    Start,
    Read,
    Write(Write),
    Limits,
    Media { url: String },
    Leave,
}

/// What is written to a chat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Write {
    Text(LocalId),
    Address(LocalId),
    File { local: LocalId, size: u64 },
    Typing,
    UserData(BTreeMap<String, String>),
    Nickname,
    Notice,
    StayOn,
    Receipt,
    Delete,
}

impl Write {
    /// The message that it brings, if any.
    pub(super) const fn local(&self) -> Option<LocalId> {
        match self {
            Self::Text(local) | Self::Address(local) | Self::File { local, .. } => Some(*local),
            _ => None,
        }
    }
}

/// Kinds of requests that a service may ask to slow down, each for itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Lane {
    Starts,
    Reads,
    Texts,
    Addresses,
    Files,
    Typing,
    UserData,
    Nicknames,
    Notices,
    Receipts,
    Deletes,
    Limits,
    Media,
    Leave,
}

impl Purpose {
    pub(super) const fn lane(&self) -> Lane {
        match self {
            Self::Start => Lane::Starts,
            Self::Read => Lane::Reads,
            Self::Limits => Lane::Limits,
            Self::Media { .. } => Lane::Media,
            Self::Leave => Lane::Leave,
            Self::Write(write) => write.lane(),
        }
    }
}

impl Write {
    pub(super) const fn lane(&self) -> Lane {
        match self {
            Self::Text(_) => Lane::Texts,
            Self::Address(_) => Lane::Addresses,
            Self::File { .. } => Lane::Files,
            Self::Typing => Lane::Typing,
            Self::UserData(_) => Lane::UserData,
            Self::Nickname => Lane::Nicknames,
            Self::Notice | Self::StayOn => Lane::Notices,
            Self::Receipt => Lane::Receipts,
            Self::Delete => Lane::Deletes,
        }
    }
}

/// What all states share.
#[derive(Debug)]
pub(super) struct Desk {
    kit: desk::Desk<Errand, Lane>,
    pub(super) settings: Settings,
    pub(super) asynchronous: bool,
    /// Data for the service that it was not given yet.
    pub(super) user_data: BTreeMap<String, String>,
    /// A reconciliation was asked for before there was anything to read.
    pub(super) reconcile: bool,
}

impl Desk {
    pub(super) fn new(settings: Settings, asynchronous: bool, seed: u64) -> Self {
        let kit = desk::Desk::new(seed, settings.poll);
        Self { kit, settings, asynchronous, user_data: BTreeMap::new(), reconcile: false }
    }

    /// Data that the service did not take is given again, unless newer values have come.
    pub(super) fn give_again(&mut self, data: BTreeMap<String, String>) {
        for (key, value) in data {
            self.user_data.entry(key).or_insert(value);
        }
    }

    /// Abandons what is of no use after the end.
    pub(super) fn fall_silent(&mut self) {
        self.cancel(|errand| {
            !matches!(errand.purpose, Purpose::Start | Purpose::Leave)
                && !matches!(&errand.purpose, Purpose::Write(write) if write.local().is_some())
        });
    }
}

impl Deref for Desk {
    type Target = desk::Desk<Errand, Lane>;

    fn deref(&self) -> &Self::Target {
        &self.kit
    }
}

impl DerefMut for Desk {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.kit
    }
}
