//! A kept conversation that cannot be opened yet: its token is being read, or the password store is locked. It stays in the list
//! and says why.

use std::sync::Arc;

use envoi_protocol::fault::Fault;
use envoi_protocol::view::{
    Abilities, DeploymentView, HistoryView, LinkView, Memory, PhaseView, Row, Snapshot, Snippet,
};

use super::super::published::Standing;

/// Why it cannot be opened yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Why {
    /// The password store is being asked; it may be asking the person.
    Asking,
    /// The password store did not give the token.
    Keyring(Fault),
}

impl Why {
    /// What to answer to whoever wants something of the conversation.
    pub(crate) fn fault(&self) -> Fault {
        match self {
            Self::Asking => Fault::with_detail(
                envoi_protocol::fault::FaultCode::KeyringLocked,
                "the password store has not answered yet",
            ),
            Self::Keyring(fault) => fault.clone(),
        }
    }
}

/// The conversation as an interface sees it.
pub(crate) fn snapshot(
    conversation: &str,
    deployment: &Arc<DeploymentView>,
    why: &Why,
    seq: u64,
) -> Snapshot {
    let (link, memory, fault) = match why {
        Why::Asking => (LinkView::Restoring, Memory::Asking, None),
        Why::Keyring(fault) => (LinkView::Idle, Memory::NotKept { why: fault.code }, Some(fault.clone())),
    };
    Snapshot {
        conversation: conversation.to_owned(),
        seq,
        deployment: Arc::clone(deployment),
        phase: PhaseView::Joining,
        link,
        people: Vec::new(),
        typing: Vec::new(),
        items: Vec::new(),
        history: HistoryView::Complete,
        guard: None,
        memory,
        unread: 0,
        fault,
        abilities: Abilities::default(),
        banner: None,
        idle: None,
        sign_in: None,
        draft: String::new(),
    }
}

/// Its row in the list.
pub(crate) fn standing(conversation: &str, deployment: &Arc<DeploymentView>) -> Standing {
    Standing {
        row: Row {
            conversation: conversation.to_owned(),
            deployment: Arc::clone(deployment),
            at: None,
            unread: 0,
            snippet: Snippet::Empty,
            draft: String::new(),
        },
        over: false,
    }
}
