//! Small files of ours, written so that they are whole at every instant: beside the old one, flushed, then renamed.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use jiff::Timestamp;

/// Replaces the file `path` by `bytes`, making the folder if need be. Only the owner can read what is written.
///
/// # Errors
///
/// Whatever the file system says; the old file is then untouched.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // A link to a file kept elsewhere stays a link.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(&path).map_err(|refused| refused.error)?;
    flush_folder(folder)
}

/// Moves a file that cannot be read out of the way, under a name with the date, and says where to.
///
/// # Errors
///
/// Whatever the file system says; the file is then where it was.
pub fn set_aside(path: &Path) -> io::Result<PathBuf> {
    let date = Timestamp::now().strftime("%Y-%m-%d-%H%M%S").to_string();
    for attempt in 1_u32.. {
        let ending =
            if attempt == 1 { format!("unreadable-{date}") } else { format!("unreadable-{date}-{attempt}") };
        let mut name = path.file_name().unwrap_or_default().to_os_string();
        name.push(format!(".{ending}"));
        let aside = path.with_file_name(name);
        if !aside.exists() {
            fs::rename(path, &aside)?;
            return Ok(aside);
        }
    }
    Err(io::Error::from(io::ErrorKind::AlreadyExists))
}

/// Reads a file; `None` if there is none.
///
/// # Errors
///
/// Whatever else the file system says.
pub fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(missing) if missing.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(other) => Err(other),
    }
}

/// Writes the text of a conversation into a folder, as [`create`] names it, and says where.
///
/// # Errors
///
/// Whatever the file system says.
pub fn copy(folder: &Path, company: &str, wall: i64, text: &str) -> io::Result<PathBuf> {
    let (path, mut file) = create(folder, company, wall, "txt")?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    Ok(path)
}

/// Makes a file for a copy of a conversation, named after the company and the day. Nothing that is there is overwritten.
/// `wall` is the time in milliseconds since 1970-01-01 UTC.
///
/// # Errors
///
/// Whatever the file system says.
pub fn create(folder: &Path, company: &str, wall: i64, ending: &str) -> io::Result<(PathBuf, File)> {
    fs::create_dir_all(folder)?;
    let plain = |c: char| if c.is_alphanumeric() || matches!(c, ' ' | '-' | '_') { c } else { ' ' };
    let company: String = company.chars().map(plain).take(60).collect();
    let company = company.split_whitespace().collect::<Vec<_>>().join(" ");
    let day = Timestamp::from_millisecond(wall).unwrap_or_default().strftime("%Y-%m-%d").to_string();
    let name = if company.is_empty() { format!("Envoi {day}") } else { format!("Envoi {company} {day}") };
    for number in 1_u32.. {
        let again = if number == 1 { String::new() } else { format!(" ({number})") };
        let path = folder.join(format!("{name}{again}.{ending}"));
        match File::options().write(true).create_new(true).open(&path) {
            Ok(file) => return Ok((path, file)),
            Err(taken) if taken.kind() == io::ErrorKind::AlreadyExists => {}
            Err(other) => return Err(other),
        }
    }
    Err(io::Error::from(io::ErrorKind::AlreadyExists))
}

/// A rename lasts through a power cut only when the folder is flushed as well; Windows has no such call.
fn flush_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_made_with_its_folder_and_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("new/notes.json");
        assert_eq!(read(&path).unwrap(), None);
        replace(&path, b"one").unwrap();
        replace(&path, b"two").unwrap();
        assert_eq!(read(&path).unwrap().unwrap(), b"two");
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "no draft is left behind");
    }

    #[test]
    fn copies_have_plain_names_and_never_overwrite() {
        let dir = tempfile::tempdir().unwrap();
        let save = |company| copy(dir.path(), company, 1_763_683_200_000, "words").unwrap();
        assert_eq!(
            save("../Tide: Water/Energy").file_name().unwrap(),
            "Envoi Tide Water Energy 2025-11-21.txt"
        );
        assert_eq!(
            save("../Tide: Water/Energy").file_name().unwrap(),
            "Envoi Tide Water Energy 2025-11-21 (2).txt"
        );
        assert_eq!(save("/..").file_name().unwrap(), "Envoi 2025-11-21.txt");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 3);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_a_link_and_strangers_cannot_read() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().unwrap();
        let real = dir.path().join("real.toml");
        let link = dir.path().join("link.toml");
        fs::write(&real, "old").unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        replace(&link, b"new").unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().file_type().is_symlink());
        assert_eq!(fs::read(&real).unwrap(), b"new");
        assert_eq!(fs::metadata(&real).unwrap().permissions().mode() & 0o077, 0);
    }

    #[test]
    fn what_cannot_be_read_is_kept_under_another_name() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("conversations.json");
        fs::write(&path, "{").unwrap();
        let first = set_aside(&path).unwrap();
        fs::write(&path, "[").unwrap();
        let second = set_aside(&path).unwrap();
        assert!(!path.exists());
        assert_eq!(fs::read(first).unwrap(), b"{");
        assert_eq!(fs::read(second).unwrap(), b"[");
    }
}
