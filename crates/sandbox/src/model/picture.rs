//! Pictures: told by the first bytes of the file, from either side, whatever the service.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;

use crate::action::ActionError;

/// The picture that an agent sends when none is given: an electricity meter.
const METER: &[u8] = include_bytes!("../script/meter.png");

/// A picture that a chat holds.
#[derive(Debug, Clone)]
pub struct Picture {
    /// Last part of its URL but the name; unique in the sandbox.
    pub id: String,
    /// File name as it was given, without any folder.
    pub name: String,
    /// Media type, from the content.
    pub mime: &'static str,
    /// The file itself.
    pub bytes: Bytes,
    /// Whether the customer sent it: only those count towards the limit.
    pub from_customer: bool,
}

impl Picture {
    /// The picture that an agent sends: this file in base64 under this name, or else the meter. Its id is still to be given.
    ///
    /// # Errors
    /// [`ActionError::NotAPicture`].
    pub fn given(base64: Option<&str>, name: Option<&str>) -> Result<Self, ActionError> {
        let bytes = match base64 {
            None => Bytes::from_static(METER),
            Some(text) => STANDARD.decode(text).map_err(|_| ActionError::NotAPicture)?.into(),
        };
        let mime = mime(&bytes).ok_or(ActionError::NotAPicture)?;
        let name = file_name(name.unwrap_or("meter.png"));
        Ok(Self { id: String::new(), name, mime, bytes, from_customer: false })
    }
}

/// The media type of a PNG, JPEG or GIF file; `None` for anything else.
#[must_use]
pub fn mime(bytes: &[u8]) -> Option<&'static str> {
    if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        Some("image/png")
    } else if bytes.starts_with(b"\xff\xd8\xff") {
        Some("image/jpeg")
    } else if bytes.starts_with(b"GIF87a") || bytes.starts_with(b"GIF89a") {
        Some("image/gif")
    } else {
        None
    }
}

/// The last component of a file name, so that no path travels on. Never empty.
#[must_use]
pub fn file_name(given: &str) -> String {
    let last = given.rsplit(['/', '\\']).next().unwrap_or_default();
    let kept: String = last.chars().filter(|c| !c.is_control()).take(120).collect();
    if kept.is_empty() { "picture".to_owned() } else { kept }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_known_by_its_content() {
        assert_eq!(mime(b"\x89PNG\r\n\x1a\n...."), Some("image/png"));
        assert_eq!(mime(b"\xff\xd8\xff\xe0"), Some("image/jpeg"));
        assert_eq!(mime(b"GIF89a"), Some("image/gif"));
        assert_eq!(mime(b"%PDF-1.7"), None);
        assert_eq!(mime(b""), None);
    }

    #[test]
    fn a_file_name_carries_no_folder() {
        assert_eq!(file_name("../../etc/passwd"), "passwd");
        assert_eq!(file_name("C:\\pictures\\meter.png"), "meter.png");
        assert_eq!(file_name("/"), "picture");
    }
}
