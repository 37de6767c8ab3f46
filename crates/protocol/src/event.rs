//! The normalised language: what every transport says about its service, whatever the service calls it.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::fault::Fault;
use crate::io::Moment;
use crate::link::Link;
use crate::token::ResumeToken;
use crate::transport::Failure;
use crate::view::EndReason;

pub use crate::view::{Banner, Card, Choice, ChoiceDoes, ChoiceGroup, Offer, Person, Role};

/// Something that a transport noticed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The service has taken the person in. To be remembered before anything else is asked.
    Joined {
        /// What picks the chat up again; it replaces any older one.
        token: ResumeToken,
        /// True if a kept chat was picked up, false for a new one.
        resumed: bool,
    },
    /// The service replaced the token while the chat runs. To be remembered in place of the older one; nothing else changes.
    Token(ResumeToken),
    /// The chat could not be started or picked up, and the transport has stopped trying. Back to the form, or over.
    NotJoined(Failure),
    /// Entries of the transcript. Transports drop what they have already told.
    Batch(Batch),
    /// There is nothing before the oldest entry.
    NoOlder,
    /// The page of history that was asked for will not come; it may be asked for again.
    OlderFailed(Failure),
    /// The service took a message.
    Sent {
        /// The message.
        local: LocalId,
    },
    /// A message was not taken.
    NotSent {
        /// The message.
        local: LocalId,
        /// Why, and whether trying again may help.
        failure: Failure,
        /// What the try may have left with the service all the same.
        trace: Trace,
    },
    /// Everything that the service has was read: messages in doubt that are not in the transcript have not arrived so far.
    Reconciled,
    /// What the transport needs to read on from here after a restart. Only it understands this; it is kept together with the
    /// batches before it, and given back with [`Request::Resume`].
    ///
    /// [`Request::Resume`]: crate::transport::Request::Resume
    Cursor(String),
    /// A picture or file came, or not.
    Media {
        /// Address within the service, as in [`EntryKind::Picture`].
        url: String,
        /// Its bytes and media type.
        content: Result<Media, Failure>,
    },
    /// So much of a file has left, of so much, both in bytes.
    Progress {
        /// The message.
        local: LocalId,
        /// What has left.
        sent: u64,
        /// All of it.
        total: u64,
    },
    /// What the service can do has changed.
    Capabilities,
    /// The service is about to end the chat because nothing happens, at this moment if it said so; or no longer.
    Idle(Option<IdleAlert>),
    /// What stands above the conversation has changed.
    Banner(Option<Banner>),
    /// The connection changed.
    Link(Link),
    /// The chat is over.
    Over(EndReason),
    /// Something went wrong that needs no other reaction than to be told.
    Trouble(Fault),
}

/// What a failed try to send may have left with the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Trace {
    /// Nothing: it did not arrive.
    None,
    /// If it arrived, the transcript holds it: see [`Request::Reconcile`].
    ///
    /// [`Request::Reconcile`]: crate::transport::Request::Reconcile
    Transcript,
    /// It may still be under way: the transcript can prove that it arrived, and nothing can prove that it will not.
    Lingering,
}

/// The bytes of a picture.
#[derive(Clone, PartialEq, Eq)]
pub struct Media {
    /// Media type as the service gave it.
    pub mime: String,
    /// Content.
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for Media {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Media({}, {} bytes)", self.mime, self.bytes.len())
    }
}

/// Entries that came with one answer, in the order of their keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// Live entries may notify, history never does.
    pub origin: Origin,
    /// Oldest first.
    pub entries: Vec<Entry>,
}

/// Where a batch comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Origin {
    /// Just happened.
    Live,
    /// The newest page, read while a kept chat is picked up: its last interaction state counts.
    Restored,
    /// What was missed while the connection was down, and comes after newer entries were told already: news, which does not
    /// change where the conversation stands.
    Missed,
    /// An older page that the person asked for: nothing in it changes where the conversation stands.
    Older,
}

/// One entry of the transcript.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its place and identity.
    pub key: EntryKey,
    /// When it happened, milliseconds since 1970-01-01 UTC.
    pub at: i64,
    /// Who caused it.
    pub from: Person,
    /// What it is.
    pub kind: EntryKind,
}

/// Place of an entry in the service's transcript. Two entries with the same key are one entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct EntryKey {
    /// Major number: for Digital Channels the milliseconds of the index.
    pub major: u64,
    /// Minor number: for Digital Channels the sequence within the millisecond.
    pub minor: u64,
}

impl std::fmt::Display for EntryKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}", self.major, self.minor)
    }
}

/// What an entry is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EntryKind {
    /// Words, also those of a pushed address or the text form of something richer.
    Text(String),
    /// A picture.
    Picture {
        /// Name of the file, or a plain word for it.
        name: String,
        /// Size in bytes, if told.
        size: Option<u64>,
        /// Address within the service.
        url: String,
    },
    /// A file of any kind.
    File {
        /// Name of the file, or a plain word for it.
        name: String,
        /// Size in bytes, if told.
        size: Option<u64>,
        /// Media type, if told.
        mime: Option<String>,
        /// Address within the service, as for a picture.
        url: String,
    },
    /// Words with answers to choose from.
    Offer(Offer),
    /// A file that was sent earlier is no longer to be had.
    Withdrawn {
        /// Address of that file.
        url: String,
    },
    /// The sender joined.
    Joined,
    /// The sender left.
    Left,
    /// The sender is typing, which is believed for so long unless it is told again; `None`: stopped.
    Typing(Option<Duration>),
    /// The interaction is in another state.
    State(InteractionState),
    /// Something said of a kind that is not known here, so that it cannot be shown: never what only programs tell each other.
    Unsupported,
    /// Something without a row of its own: kept so that its key counts as known.
    Other,
}

/// How long typing is believed where a service does not say.
const TYPING: Duration = Duration::from_secs(3);

impl EntryKind {
    /// Typing has begun, or stopped, at a service that does not say for how long.
    #[must_use]
    pub const fn typing(on: bool) -> Self {
        Self::Typing(if on { Some(TYPING) } else { None })
    }

    /// Whether it is something that somebody says: words, a picture, a file, an offer, or what cannot be shown.
    #[must_use]
    pub const fn is_said(&self) -> bool {
        matches!(
            self,
            Self::Text(_) | Self::Picture { .. } | Self::File { .. } | Self::Offer(_) | Self::Unsupported
        )
    }
}

/// The service is about to end the chat because nothing happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdleAlert {
    /// When it will be ended, if the service said so.
    pub ends_at: Option<Moment>,
    /// The service's own words.
    pub text: Option<String>,
}

/// State of an interaction, as the service names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InteractionState {
    /// The other side is about to finish.
    Finalizing,
    /// The other side has finished.
    Completed,
    /// Any other word: none of them is documented.
    Other(String),
}

impl InteractionState {
    /// Whether the other side is done, or about to be.
    #[must_use]
    pub const fn is_closing(&self) -> bool {
        matches!(self, Self::Finalizing | Self::Completed)
    }
}

/// Name of an own message from the moment it is written: it becomes the identifier of its row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct LocalId(pub u64);

/// A picture or another file to send.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// File name.
    pub name: String,
    /// Media type.
    pub mime: String,
    /// Content.
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for Attachment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Attachment({}, {} bytes)", self.mime, self.bytes.len())
    }
}

/// What the entry form held, and more data about the person.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EntryForm {
    /// Values of the entry form by wire name.
    pub fields: BTreeMap<String, String>,
    /// Attached data.
    pub user_data: BTreeMap<String, String>,
}
