//! The state that is kept, by reference: after every input the session asks whether it is still what the archive was told, and
//! nearly always it is.

use std::hash::{BuildHasher as _, Hash};

use foldhash::quality::FixedState;

use super::*;

/// As [`StoredState`], whose every field follows from one here.
#[derive(Debug, Hash)]
pub(super) struct Standing<'a> {
    deployment: &'a str,
    company: &'a str,
    created: i64,
    phase: &'a Phase,
    /// What the service was asked for a chat with.
    form: Option<&'a BTreeMap<String, String>>,
    closure: Closure,
    newest: Option<EntryKey>,
    seen: Option<EntryKey>,
    unread: u32,
    last_agent: Option<&'a str>,
    cursor: Option<&'a str>,
    history_complete: bool,
    next_local: u64,
    draft: &'a str,
    banner: Option<&'a Banner>,
    hidden: &'a [String],
}

impl Standing<'_> {
    /// A number that stands for it as long as the program runs: another state has another one, as far as 64 bits can tell them
    /// apart. To hold the state itself would make a session in which nothing happens larger by a sixth.
    pub(super) fn mark(&self) -> u64 {
        FixedState::default().hash_one(self)
    }

    /// As it is kept.
    pub(super) fn stored(&self) -> StoredState {
        let phase = match (self.form, self.phase) {
            // Until the token is kept, a restart can only begin anew.
            (Some(fields), Phase::Joining | Phase::Open(_)) => {
                StoredPhase::Joining { fields: fields.clone() }
            }
            (_, phase) => phase.stored(),
        };
        StoredState {
            deployment: self.deployment.to_owned(),
            company: self.company.to_owned(),
            created: self.created,
            phase,
            closure: self.closure,
            newest: self.newest,
            seen: self.seen,
            unread: self.unread,
            last_agent: self.last_agent.map(str::to_owned),
            cursor: self.cursor.map(str::to_owned),
            history_complete: self.history_complete,
            next_local: self.next_local,
            draft: self.draft.to_owned(),
            banner: self.banner.cloned(),
            hidden: self.hidden.to_vec(),
        }
    }
}

impl Session {
    /// Where the conversation stands.
    pub(super) fn standing(&self) -> Standing<'_> {
        Standing {
            deployment: &self.setup.deployment.id,
            company: &self.setup.deployment.name,
            created: self.setup.created,
            phase: &self.phase,
            form: self.form.as_ref(),
            closure: self.closure,
            newest: self.timeline.newest().max(self.past),
            seen: self.seen,
            unread: self.unread,
            last_agent: self.last_agent.as_deref(),
            cursor: self.cursor.as_deref(),
            history_complete: self.history_complete,
            next_local: self.next_local,
            draft: &self.draft,
            banner: self.banner.as_ref(),
            hidden: self.filters.added(),
        }
    }
}
