//! A picture to send, from a file.

use std::fs;
use std::path::Path;

use envoi_protocol::event::Attachment;

/// More than any service takes: read to here, and let the service's machine judge.
const MOST: u64 = 64 * 1024 * 1024;

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
