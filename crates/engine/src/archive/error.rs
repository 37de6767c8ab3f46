//! What can be wrong with the archive.

use envoi_protocol::fault::{Fault, FaultCode};
use rusqlite::ErrorCode;

/// Why the archive could not do what it was asked for. Nothing of it was done then.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ArchiveError {
    /// The disk is full.
    #[error("there is no room left on the disk for the archive: make some, and it goes on by itself")]
    Full,
    /// The key is another one, or this never was an archive.
    #[error("the archive does not open with the key in the password store")]
    NotAnArchive,
    /// The file is damaged. It is looked through and set aside, at once or by the next [`Archive::open`].
    ///
    /// [`Archive::open`]: super::Archive::open
    #[error("the archive is damaged ({0}); it is set aside and begun anew")]
    Damaged(String),
    /// It was found damaged, and another is taking its place.
    #[error("the archive was damaged and is being replaced")]
    Replaced,
    /// A newer Envoi wrote it.
    #[error("the archive is of version {version}, and this Envoi knows up to {known}")]
    Newer {
        /// Of the file.
        version: i64,
        /// What is known here.
        known: i64,
    },
    /// A file is too large to be kept.
    #[error("the file has {size} bytes, and at most {limit} are kept")]
    TooLarge {
        /// Its size in bytes.
        size: usize,
        /// [`LARGEST_FILE`](super::LARGEST_FILE).
        limit: usize,
    },
    /// The file system, or anything else.
    #[error("the archive cannot be used: {0}")]
    Io(String),
}

impl ArchiveError {
    /// Stable code for interfaces.
    #[must_use]
    pub const fn code(&self) -> FaultCode {
        match self {
            Self::Full | Self::Io(_) => FaultCode::DiskFailed,
            Self::NotAnArchive | Self::Damaged(_) | Self::Replaced | Self::Newer { .. } => {
                FaultCode::ArchiveDamaged
            }
            Self::TooLarge { .. } => FaultCode::FileSize,
        }
    }

    /// As an interface sees it.
    #[must_use]
    pub fn fault(&self) -> Fault {
        Fault::with_detail(self.code(), self.to_string())
    }

    /// Whether the file itself is what is wrong, so that a new one has to be begun.
    pub(super) const fn is_of_the_file(&self) -> bool {
        matches!(self, Self::NotAnArchive | Self::Damaged(_) | Self::Newer { .. })
    }

    pub(super) fn io(cause: &std::io::Error) -> Self {
        match cause.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Self::Full,
            _ => Self::Io(cause.to_string()),
        }
    }
}

impl From<rusqlite::Error> for ArchiveError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full,
            Some(ErrorCode::NotADatabase) => Self::NotAnArchive,
            // A page whose checksum does not fit comes as one of the last two: the cipher has no code of its own.
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::OutOfMemory | ErrorCode::Unknown) => {
                Self::Damaged(error.to_string())
            }
            Some(_) => Self::Io(error.to_string()),
            // What was read is not what was ever written.
            None => Self::Damaged(error.to_string()),
        }
    }
}

impl From<serde_json::Error> for ArchiveError {
    fn from(error: serde_json::Error) -> Self {
        Self::Damaged(error.to_string())
    }
}

impl From<rusqlite_migration::Error> for ArchiveError {
    fn from(error: rusqlite_migration::Error) -> Self {
        match error {
            rusqlite_migration::Error::RusqliteError { err, .. } => err.into(),
            other => Self::Damaged(other.to_string()),
        }
    }
}
