//! The file: opened with its key, or set aside and begun anew, so that a start never fails on what is in it.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};

use super::error::ArchiveError;
use super::key::ArchiveKey;
use super::{index, log, schema, words};
use crate::disk;

/// Bytes of the smallest page that there is.
const SHORTEST: u64 = 512;

/// How a file was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opened {
    /// There was none.
    Fresh,
    /// As it was left.
    Existing,
    /// It could not be read, and a new one was begun.
    Rebuilt {
        /// Where the old one is now.
        aside: PathBuf,
    },
}

pub(super) fn open(file: &Path, key: &ArchiveKey) -> Result<(Connection, Opened), ArchiveError> {
    let was_there = has_content(file) || has_content(&beside(file, "-wal"));
    make_room(file)?;
    let length = fs::metadata(file).map_or(0, |metadata| metadata.len());
    // SQLite takes what is shorter than any page for an empty file.
    let is_candidate = if was_there { length >= SHORTEST } else { length == 0 };
    let unreadable = if file.is_file() && is_candidate {
        match attempt(file, key) {
            Ok(connection) => {
                return Ok((connection, if was_there { Opened::Existing } else { Opened::Fresh }));
            }
            Err(error) if error.is_of_the_file() => error,
            Err(error) => return Err(error),
        }
    } else {
        ArchiveError::NotAnArchive
    };
    tracing::warn!(%unreadable, "the archive cannot be used");
    begin_anew(file, key)
}

/// Moves whatever is there out of the way and begins a new file.
pub(super) fn begin_anew(file: &Path, key: &ArchiveKey) -> Result<(Connection, Opened), ArchiveError> {
    let aside = set_aside(file).map_err(|cause| ArchiveError::io(&cause))?;
    tracing::warn!(aside = %aside.display(), "the archive is begun anew");
    make_room(file)?;
    Ok((attempt(file, key)?, Opened::Rebuilt { aside }))
}

/// Says that the file was found damaged, so that the next start looks at all of it.
pub(super) fn suspect(file: &Path) {
    if let Err(cause) = File::create(beside(file, ".suspect")) {
        tracing::warn!(%cause, "a damaged archive could not be marked");
    }
}

/// Opens the file and reads what a start needs of it.
fn attempt(file: &Path, key: &ArchiveKey) -> Result<Connection, ArchiveError> {
    let flags =
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(file, flags)?;
    connection.execute_batch("PRAGMA cipher_log_level = NONE;")?;
    connection.execute_batch(&key.pragma())?;
    // The key is used only when something is read.
    connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get::<_, i64>(0))?;
    let suspect = beside(file, ".suspect");
    if suspect.exists() {
        examine(&connection)?;
    }
    schema::prepare(&mut connection)?;
    glance(&mut connection)?;
    match fs::remove_file(&suspect) {
        Err(cause) if cause.kind() != io::ErrorKind::NotFound => Err(ArchiveError::io(&cause)),
        _ => Ok(connection),
    }
}

/// Looks at every page.
fn examine(connection: &Connection) -> Result<(), ArchiveError> {
    let mut pages = connection.prepare("PRAGMA cipher_integrity_check")?;
    if pages.exists([])? {
        return Err(ArchiveError::Damaged("pages do not have their checksum".to_owned()));
    }
    let told: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if told == "ok" { Ok(()) } else { Err(ArchiveError::Damaged(told)) }
}

/// Reads all that is small; what is damaged deeper inside is found when it is read. Makes the index of words anew if it was
/// made with another folding.
pub(super) fn glance(connection: &mut Connection) -> Result<(), ArchiveError> {
    super::row::conversations(connection)?;
    index::noted(connection)?;
    let folding = words::folding();
    let kept = connection
        .prepare_cached("SELECT 1 FROM note WHERE name = 'folding' AND value = ?1")?
        .exists([&folding])?;
    if !kept {
        let transaction = super::begin(connection)?;
        index::anew(&transaction)?;
        transaction.execute(
            "INSERT INTO note (name, value) VALUES ('folding', ?1) ON CONFLICT DO UPDATE SET value = ?1",
            [&folding],
        )?;
        transaction.commit()?;
        log::shorten(connection);
    }
    Ok(())
}

/// Moves the file out of the way, its log with it so that the two can still be read together.
fn set_aside(file: &Path) -> io::Result<PathBuf> {
    if !file.exists() {
        File::create(file)?;
    }
    let aside = disk::set_aside(file)?;
    let log = beside(file, "-wal");
    if log.exists() {
        fs::rename(&log, beside(&aside, "-wal"))?;
    }
    for ending in ["-shm", ".suspect"] {
        match fs::remove_file(beside(file, ending)) {
            Err(cause) if cause.kind() != io::ErrorKind::NotFound => return Err(cause),
            _ => {}
        }
    }
    Ok(aside)
}

/// Makes the folder and an empty file that only the owner can read; SQLite gives its log the same rights.
fn make_room(file: &Path) -> Result<(), ArchiveError> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    private(folder, file).map_err(|cause| ArchiveError::io(&cause))
}

#[cfg(unix)]
fn private(folder: &Path, file: &Path) -> io::Result<()> {
    use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
    let only = |path: &Path, mode| match fs::metadata(path)?.permissions().mode() & 0o777 {
        rights if rights == mode => Ok(()),
        _ => fs::set_permissions(path, fs::Permissions::from_mode(mode)),
    };
    fs::create_dir_all(folder)?;
    only(folder, 0o700)?;
    match File::options().write(true).create_new(true).mode(0o600).open(file) {
        Ok(_) => Ok(()),
        Err(there) if there.kind() == io::ErrorKind::AlreadyExists => {
            if file.is_file() {
                fs::set_permissions(file, fs::Permissions::from_mode(0o600))
            } else {
                Ok(())
            }
        }
        Err(other) => Err(other),
    }
}

/// The folder of a person's data is theirs alone already.
#[cfg(not(unix))]
fn private(folder: &Path, _file: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)
}

fn has_content(file: &Path) -> bool {
    fs::metadata(file).is_ok_and(|metadata| metadata.is_dir() || metadata.len() > 0)
}

/// The file whose name is this one's with an ending.
fn beside(file: &Path, ending: &str) -> PathBuf {
    let mut name: OsString = file.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}
