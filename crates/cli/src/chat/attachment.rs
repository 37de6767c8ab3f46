//! A file to send, and one to save.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use envoi_protocol::event::{Attachment, Media};

/// More than any service takes: read to here, and let the service's machine judge.
const MOST: u64 = 64 * 1024 * 1024;

/// Saves what was received as a new file: nothing is overwritten, and nothing is opened.
pub(super) fn save(path: &str, media: &Media) -> Result<(), String> {
    let failed = |cause: std::io::Error| format!("{path} cannot be written: {cause}");
    let mut file = fs::File::create_new(path).map_err(failed)?;
    file.write_all(&media.bytes).and_then(|()| file.sync_all()).map_err(failed)
}

/// Reads a file.
pub(super) fn read(path: &str) -> Result<Attachment, String> {
    let file = Path::new(path);
    let failed = |cause: std::io::Error| format!("{path} cannot be read: {cause}");
    let about = fs::metadata(file).map_err(failed)?;
    if !about.is_file() {
        return Err(format!("{path} is not a file"));
    }
    if about.len() > MOST {
        return Err(format!("{path} is too large"));
    }
    let mime = mime_guess::from_path(file).first_or_octet_stream();
    Ok(Attachment {
        name: file.file_name().map_or_else(|| path.to_owned(), |name| name.to_string_lossy().into_owned()),
        mime: mime.essence_str().to_owned(),
        bytes: fs::read(file).map_err(failed)?,
    })
}
