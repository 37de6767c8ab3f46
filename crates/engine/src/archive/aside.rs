//! Files that could not be read and were set aside: they hold what they held, encrypted with the same key. They wait for somebody
//! who can still read something of them, and go when their time is over or when a conversation is deleted, which may be in them.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// Days after which a file goes.
pub(crate) const DAYS: u16 = 30;

/// Deletes what was set aside in place of this file: before a time (milliseconds since 1970-01-01 UTC), or all of it without one.
///
/// # Errors
///
/// Whatever the file system says; what could be deleted is deleted all the same.
pub(crate) fn remove(file: &Path, before: Option<i64>) -> io::Result<()> {
    let mut failed = None;
    for (aside, at) in list(file)? {
        if before.is_none_or(|before| at < before)
            && let Err(cause) = fs::remove_file(&aside)
            && cause.kind() != io::ErrorKind::NotFound
        {
            failed = Some(cause);
        }
    }
    failed.map_or(Ok(()), Err)
}

/// The files, with the time at which each was set aside. A log that belongs to one is a file as well; a folder is nothing of ours.
fn list(file: &Path) -> io::Result<Vec<(PathBuf, i64)>> {
    let (Some(folder), Some(name)) = (file.parent(), file.file_name().and_then(|name| name.to_str())) else {
        return Ok(Vec::new());
    };
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(none) if none.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(other) => return Err(other),
    };
    let beginning = format!("{name}.unreadable-");
    let mut files = Vec::new();
    for entry in entries {
        let entry = entry?;
        let named = entry.file_name();
        let date = named.to_str().and_then(|named| named.strip_prefix(&beginning)).and_then(time);
        if let Some(at) = date
            && entry.file_type()?.is_file()
        {
            files.push((entry.path(), at));
        }
    }
    Ok(files)
}

/// The time in the name of a file, which may have a number and an ending behind it.
fn time(ending: &str) -> Option<i64> {
    let date = DateTime::strptime("%Y-%m-%d-%H%M%S", ending.get(..17)?).ok()?;
    Some(date.to_zoned(TimeZone::UTC).ok()?.timestamp().as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn what_was_set_aside_goes_when_its_time_is_over_and_nothing_else_does() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("archive.db");
        fs::write(&file, "the archive").unwrap();
        for name in ["2026-01-05-100000", "2026-01-05-100000-wal", "2026-03-01-000000-2", "whenever"] {
            fs::write(folder.path().join(format!("archive.db.unreadable-{name}")), "x").unwrap();
        }
        fs::write(folder.path().join("other.db.unreadable-2026-01-05-100000"), "x").unwrap();
        fs::create_dir(folder.path().join("archive.db.unreadable-2026-01-05-100001")).unwrap();
        let february = 1_769_904_000_000;
        remove(&file, Some(february)).unwrap();
        let left = [
            "archive.db",
            "archive.db.unreadable-2026-01-05-100001",
            "archive.db.unreadable-2026-03-01-000000-2",
            "archive.db.unreadable-whenever",
            "other.db.unreadable-2026-01-05-100000",
        ];
        assert_eq!(names(folder.path()), left);
    }

    #[test]
    fn all_of_it_goes_with_a_deleted_conversation() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("archive.db");
        fs::write(&file, "not readable").unwrap();
        disk::set_aside(&file).unwrap();
        remove(&file, None).unwrap();
        assert_eq!(names(folder.path()), [""; 0]);
        remove(&folder.path().join("nowhere/archive.db"), None).unwrap();
    }
}
