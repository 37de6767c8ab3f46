//! What a conversation leaves on disk: what a session commits, and what it is rebuilt from.
//!
//! A session tells its changes as a [`Commit`]. Whoever drives it writes the whole commit in one transaction, or nothing of
//! it, and says so; until then nothing that rests on it leaves the session. After a restart the newest part comes back as
//! [`Stored`], and older rows follow as they are asked for. How it is written is the archive's matter; the words in here are
//! people's, so wherever it is written is encrypted.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::event::{Attachment, EntryKey, LocalId, Person};
use crate::fault::Fault;
use crate::finalize::Closure;
use crate::view::{Banner, EndReason, Item};

/// Changes that belong together: all of them are written, or none.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Commit {
    /// Places at which there is no row any more. They are cleared before rows are put.
    pub cleared: Vec<Place>,
    /// New and changed rows, each in place of what stood there.
    pub rows: Vec<StoredRow>,
    /// Rows older than all that the session holds. What stands at their place already is the same and stays.
    pub late: Vec<StoredRow>,
    /// New and changed own messages, in the order in which that happened.
    pub parcels: Vec<ParcelChange>,
    /// Everything else, if any of it changed.
    pub state: Option<Box<StoredState>>,
    /// Whether it has to survive a power cut from here on. What a service can say again does not have to.
    pub firm: bool,
}

impl Commit {
    /// Whether there is nothing to write.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.cleared.is_empty()
            && self.rows.is_empty()
            && self.late.is_empty()
            && self.parcels.is_empty()
            && self.state.is_none()
    }
}

/// Where a row stands: ordered by the key, then by the echo.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Place {
    /// Key of the entry, or of the entry behind which an own message stands; [`Place::LAST`] while it waits at the end.
    pub key: EntryKey,
    /// Zero for the entry itself; own messages behind it count from one in the order in which they came there.
    pub echo: u64,
}

impl Place {
    /// Key of the rows that wait at the end.
    pub const LAST: EntryKey = EntryKey { major: u64::MAX, minor: u64::MAX };
}

/// A row of the timeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredRow {
    /// Where it stands.
    pub place: Place,
    /// What an interface sees. Whatever it says of its delivery is not to be believed: the outbox knows.
    pub item: Arc<Item>,
    /// Address of a picture or file within the service.
    pub media_url: Option<String>,
}

/// A change of one own message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ParcelChange {
    /// It was written.
    Put(StoredParcel),
    /// It has come further, or stands elsewhere in the order.
    Move {
        /// Which.
        local: LocalId,
        /// Its place in the order of sending.
        turn: u64,
        /// How far it has come.
        progress: Progress,
    },
    /// It is the service's now, or was taken back.
    Gone(LocalId),
}

/// An own message that is not yet in the service's transcript.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredParcel {
    /// Its name, and that of its row.
    pub local: LocalId,
    /// Its place in the order of sending: smaller ones leave first.
    pub turn: u64,
    /// What it holds.
    pub content: ParcelContent,
    /// How far it has come.
    pub progress: Progress,
}

/// What an own message holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ParcelContent {
    /// Words.
    Text(String),
    /// A picture.
    Picture(Attachment),
    /// A file of another kind.
    File(Attachment),
    /// What was chosen of an offer or a banner.
    Answer {
        /// The item of the offer; `None` for a banner.
        offer: Option<String>,
        /// The words that stand for it in the transcript.
        text: String,
        /// What the service wants back with them; empty for plain words.
        payloads: Vec<String>,
    },
    /// Words without a row.
    Hidden(String),
}

impl ParcelContent {
    /// The file that is to be sent, if it is one.
    #[must_use]
    pub const fn attachment(&self) -> Option<&Attachment> {
        match self {
            Self::Picture(attachment) | Self::File(attachment) => Some(attachment),
            Self::Text(_) | Self::Answer { .. } | Self::Hidden(_) => None,
        }
    }
}

/// How far an own message has come, as far as a restart is concerned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// The state that a restart begins from.
    pub state: ProgressState,
    /// Tries so far.
    pub attempts: u32,
    /// Whether any try may have reached the service.
    pub left: bool,
}

/// See [`Progress`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ProgressState {
    /// Waits its turn, or for its next try.
    Queued,
    /// Was on its way: after a restart nobody knows whether it arrived, and the transcript has to tell.
    Sending,
    /// Perhaps arrived; the transcript tells.
    Unsure,
    /// Perhaps arrived or still under way: the transcript can tell that it did, never that it will not.
    Lingering,
    /// The service has it; its copy has not come back yet.
    Sent,
    /// Only the person can help.
    Stuck(Fault),
}

/// Everything of a conversation that is neither a row nor an own message on its way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredState {
    /// Id of the company.
    pub deployment: String,
    /// Name of the company, for when it is no longer in the configuration.
    pub company: String,
    /// When the conversation was begun: milliseconds since 1970-01-01 UTC.
    pub created: i64,
    /// Where it stands.
    pub phase: StoredPhase,
    /// What became of the last closing state, see `finalize.rs`.
    pub closure: Closure,
    /// Newest entry that was read: what comes again up to here has had its effect.
    pub newest: Option<EntryKey>,
    /// Newest entry that was seen by the person.
    pub seen: Option<EntryKey>,
    /// Messages of the other side that were not seen.
    pub unread: u32,
    /// Who closed, or may close, the case.
    pub last_agent: Option<String>,
    /// What the transport needs to read on without a gap; only it understands this.
    pub cursor: Option<String>,
    /// Whether the service has nothing older than the oldest row.
    pub history_complete: bool,
    /// The next own message's name.
    pub next_local: u64,
    /// What stands in the composer.
    pub draft: String,
    /// What stands above the conversation.
    #[serde(default)]
    pub banner: Option<Banner>,
    /// What is hidden from the timeline beside what the company hides, see `masking.rs`.
    #[serde(default)]
    pub hidden: Vec<String>,
}

/// Where a conversation stood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "phase", rename_all = "snake_case")]
pub enum StoredPhase {
    /// Nothing was started.
    Fresh,
    /// The service was asked for a chat with this form, and nobody knows what became of it.
    Joining {
        /// Values of the entry form by wire name.
        fields: BTreeMap<String, String>,
    },
    /// Messages could be written.
    Open {
        /// Who was there.
        people: Vec<Person>,
    },
    /// The case was closed and the banner was up.
    Closing {
        /// Who was there.
        people: Vec<Person>,
        /// Who closed the case.
        by: Option<String>,
    },
    /// It was over.
    Over {
        /// Which end it was.
        reason: EndReason,
        /// Who ended it.
        by: Option<String>,
        /// When, milliseconds since 1970-01-01 UTC.
        at: i64,
        /// Own messages that never left.
        unsent: u32,
    },
}

/// What a session is rebuilt from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// The newest rows, oldest first, at least as far back as the oldest own message that is still on its way.
    pub rows: Vec<StoredRow>,
    /// Whether there are older ones.
    pub more: bool,
    /// Own messages on their way, in the order of their turns.
    pub parcels: Vec<StoredParcel>,
    /// Everything else.
    pub state: StoredState,
}
