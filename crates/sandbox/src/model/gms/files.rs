//! Files: what may be uploaded, and how much of it was.

use bytes::Bytes;
use serde_json::{Value, json};

use super::chat::Session;
use super::refusal::Refusal;
use super::settings::Settings;

/// A file that a chat holds.
#[derive(Debug, Clone)]
pub struct File {
    /// `file-id`.
    pub id: String,
    /// Its name as it was given, without any folder.
    pub name: String,
    /// Content.
    pub bytes: Bytes,
    /// Whether the customer sent it: only those count towards the limits.
    pub from_customer: bool,
    /// Whether it was taken back.
    pub deleted: bool,
}

impl File {
    /// A file of this name.
    #[must_use]
    pub fn new(id: String, name: &str, bytes: Bytes, from_customer: bool) -> Self {
        let name = crate::model::picture::file_name(name);
        Self { id, name, bytes, from_customer, deleted: false }
    }

    fn ending(name: &str) -> String {
        name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default()
    }
}

fn used(files: &[File]) -> (usize, usize) {
    let own: Vec<&File> = files.iter().filter(|one| one.from_customer && !one.deleted).collect();
    (own.len(), own.iter().map(|one| one.bytes.len()).sum())
}

/// The limits as the service tells them: every value is a text.
pub(super) fn limits(rules: &Settings, files: &[File]) -> Value {
    let (count, size) = used(files);
    json!({
        "upload-max-files": rules.files.to_string(),
        "upload-max-file-size": rules.file_bytes.to_string(),
        "upload-max-total-size": rules.all_file_bytes.to_string(),
        "upload-file-types": rules.file_types.join(":"),
        "upload-need-agent": rules.files_need_agent.to_string(),
        "used-upload-max-files": count.to_string(),
        "used-upload-max-total-size": size.to_string(),
        "download-attempts": "10",
        "used-download-attempts": "0",
        "delete-file": "odd",
    })
}

/// Whether a file is taken.
///
/// # Errors
/// [`Refusal::FileCount`], [`Refusal::FileSize`], [`Refusal::FileType`].
pub(super) fn check(rules: &Settings, chat: &Session, name: &str, bytes: &Bytes) -> Result<(), Refusal> {
    let (count, size) = used(&chat.files);
    if !rules.file_types.contains(&File::ending(name)) {
        return Err(Refusal::FileType);
    }
    if count >= rules.files || rules.files_need_agent && chat.centre_present().next().is_none() {
        return Err(Refusal::FileCount { allowed: rules.files });
    }
    let left = rules.file_bytes.min(rules.all_file_bytes.saturating_sub(size));
    if bytes.len() > left {
        return Err(Refusal::FileSize { allowed: left });
    }
    Ok(())
}
