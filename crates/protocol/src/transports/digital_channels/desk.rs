//! What every state of the machine works with: the settings, and the desk of the kit with this service's kinds of calls.

use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};

use url::Url;

use super::settings::Settings;
use super::wire::Ids;
use crate::event::LocalId;
use crate::kit::desk;
use crate::token::ResumeToken;
use crate::transport::Failure;

/// What a call is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Purpose {
    Create,
    Join,
    Read,
    Write(Write),
    Media { url: String },
    Leave,
}

impl Purpose {
    pub(super) fn lane(&self) -> Lane {
        match self {
            Self::Create | Self::Join => Lane::Sessions,
            Self::Read => Lane::Reads,
            Self::Write(write) => write.lane(),
            Self::Media { .. } => Lane::Media,
            Self::Leave => Lane::Leave,
        }
    }
}

/// What is written to a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Write {
    Text(LocalId),
    Picture(LocalId),
    Typing,
    UserData(BTreeMap<String, String>),
}

impl Write {
    pub(super) fn lane(&self) -> Lane {
        match self {
            Self::Text(_) | Self::Typing => Lane::Messages,
            Self::Picture(_) => Lane::Pictures,
            Self::UserData(_) => Lane::UserData,
        }
    }
}

/// Kinds of requests that a service may ask to slow down, each for itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Lane {
    Sessions,
    Reads,
    Messages,
    Pictures,
    UserData,
    Media,
    Leave,
}

/// What opens a session: the token, whom it names, and where the session is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pass {
    pub(super) token: ResumeToken,
    pub(super) ids: Ids,
    /// Address of what is said in it: every poll begins from there.
    pub(super) messages: Url,
}

impl Pass {
    pub(super) fn of(token: ResumeToken, settings: &Settings) -> Result<Self, Failure> {
        let ids = Ids::of(&token.secret)?;
        let messages = settings.address(&[&ids.session_id, "messages"]);
        Ok(Self { token, ids, messages })
    }
}

/// What all states share.
#[derive(Debug)]
pub(super) struct Desk {
    kit: desk::Desk<Purpose, Lane>,
    pub(super) settings: Settings,
    /// Data for the service that it was not given yet.
    pub(super) user_data: BTreeMap<String, String>,
    /// A reconciliation was asked for before there was anything to read.
    pub(super) reconcile: bool,
}

impl Desk {
    pub(super) fn new(settings: Settings, seed: u64) -> Self {
        let kit = desk::Desk::new(seed, settings.poll_gap);
        Self { kit, settings, user_data: BTreeMap::new(), reconcile: false }
    }

    /// Data that the service did not take is given again, unless newer values have come.
    pub(super) fn give_again(&mut self, data: BTreeMap<String, String>) {
        for (key, value) in data {
            self.user_data.entry(key).or_insert(value);
        }
    }
}

impl Deref for Desk {
    type Target = desk::Desk<Purpose, Lane>;

    fn deref(&self) -> &Self::Target {
        &self.kit
    }
}

impl DerefMut for Desk {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.kit
    }
}
