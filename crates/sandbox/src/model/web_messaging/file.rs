//! Files: a place is named, the bytes are put there, and both sides can have them.

use bytes::Bytes;
use serde_json::{Value, json};

use super::{Centre, frame};

/// A place that was named for a file that is to come.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) token: String,
    pub(super) id: String,
    pub(super) name: String,
    pub(super) mime: String,
    pub(super) size: u64,
    pub(super) tag: String,
}

/// A file that the service has.
#[derive(Debug, Clone)]
pub(super) struct Stored {
    pub(super) token: String,
    pub(super) name: String,
    pub(super) mime: String,
    pub(super) bytes: Bytes,
    /// What makes its address good, and until when.
    pub(super) keys: Vec<(String, u64)>,
}

/// The header that goes with a file that is put.
pub const TAGGING: &str = "x-amz-tagging";

impl Centre {
    /// Bytes are put in a place. `host` is where this service is, for the address of the file.
    ///
    /// # Errors
    /// The HTTP status of the refusal.
    pub fn put(
        &mut self,
        now: u64,
        key: &str,
        tag: Option<&str>,
        mime: Option<&str>,
        bytes: Bytes,
    ) -> Result<(), u16> {
        let place = self.places.get(key).cloned().ok_or(403_u16)?;
        if tag != Some(place.tag.as_str()) || mime != Some(place.mime.as_str()) {
            return Err(403);
        }
        self.places.remove(key);
        let right = u64::try_from(bytes.len()).is_ok_and(|size| size == place.size);
        let event = if right {
            json!({ "attachmentId": place.id, "downloadUrl": "", "timestamp": super::session::iso(now) })
        } else {
            json!({ "attachmentId": place.id, "errorCode": 4002, "errorMessage": "size", "timestamp": super::session::iso(now) })
        };
        let class = if right { "UploadSuccessEvent" } else { "UploadFailureEvent" };
        if right {
            let Place { token, name, mime, .. } = place.clone();
            self.files.insert(place.id.clone(), Stored { token, name, mime, bytes, keys: Vec::new() });
        }
        self.tell_all(&place.token, &frame(class, 200, event, None));
        Ok(())
    }

    /// A file at its address.
    ///
    /// # Errors
    /// The HTTP status of the refusal.
    pub fn file(&self, now: u64, id: &str, key: &str) -> Result<(String, Bytes), u16> {
        let file = self.files.get(id).ok_or(404_u16)?;
        let good = file.keys.iter().any(|(one, until)| one == key && now < *until);
        if good { Ok((file.mime.clone(), file.bytes.clone())) } else { Err(404) }
    }

    /// An address of a file, good for a while.
    pub(super) fn address(&mut self, now: u64, id: &str) -> Option<String> {
        let key = self.ids.uuid();
        let until = now + self.settings.place_seconds * 1_000;
        let file = self.files.get_mut(id)?;
        file.keys.retain(|(_, until)| now < *until);
        file.keys.push((key.clone(), until));
        Some(format!("{HOST}/files/{id}?key={key}"))
    }

    /// A file as it stands in a message.
    pub(super) fn attachment(&mut self, now: u64, id: &str) -> Option<Value> {
        let url = self.address(now, id)?;
        let file = self.files.get(id)?;
        let kind = match file.mime.split('/').next() {
            Some("image") => "Image",
            Some("video") => "Video",
            Some("audio") => "Audio",
            _ => "File",
        };
        Some(json!({ "contentType": "Attachment", "attachment": {
            "id": id, "url": url, "filename": file.name, "fileSize": file.bytes.len(), "mediaType": kind, "mime": file.mime,
        } }))
    }
}

/// Stands for where the service is, in what the model says: the front puts its own address there.
pub const HOST: &str = "https://files.sandbox.invalid";
