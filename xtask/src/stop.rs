//! Why a command stopped early, in words that say what to do next.

use std::{io, path::PathBuf, time::Duration};

/// Every way in which a command ends without having done its work.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Stop {
    /// A program could not be started at all.
    #[error("cannot start `{program}`: {source}")]
    Start { program: String, source: io::Error },
    /// A program ran and reported failure.
    #[error("`{line}` failed ({status})")]
    Failed { line: String, status: String },
    /// A program took longer than it may.
    #[error("`{line}` did not finish within {}", crate::phase::seconds(*.limit))]
    TimedOut { line: String, limit: Duration },
    /// A file could not be read or written.
    #[error("{}: {source}", .path.display())]
    File { path: PathBuf, source: io::Error },
    /// Something is missing that is not installed for the user, or was not allowed to be.
    #[error("{0}")]
    Missing(String),
    /// A check of ours did not hold.
    #[error("{0}")]
    Check(String),
    /// A background program of the virtual desktop did not come up.
    #[error("the virtual desktop did not start: {0}")]
    Desktop(String),
    /// Only asked what would be installed.
    #[error("nothing was changed")]
    DryRun,
    /// Ctrl-C, or a request to end.
    #[error("stopped")]
    Interrupted,
}

impl Stop {
    /// Names the file with an error of the file system.
    pub(crate) fn file(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { path, source }
    }
}
