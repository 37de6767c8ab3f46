//! The settings of a chat session deployment. What the public facts leave open (which header carries the key, how the address
//! of a chat is made, how an address is sent) is a setting with a stated default: see `docs/protocols/chat-session.md`.

use std::time::Duration;

use url::Url;

use super::wire::Place;
use crate::fault::FaultCode;
use crate::io::HeaderValue;
use crate::kit::settings::Reading;
use crate::transport::{Settings as Raw, SettingsError};
use crate::view::{SettingField, SettingKind};

/// Every name that may stand in the configuration.
const NAMES: [&str; 8] =
    ["url", "api_key", "key_header", "headers", "chat_address", "urls", "poll_ms", "request_timeout_ms"];

/// Settings that were checked.
#[derive(Debug, Clone)]
pub(super) struct Settings {
    /// Where chats are asked for, exactly as it was given.
    pub(super) base: Url,
    /// Sent with every request; the key is the first. All may be secret.
    pub(super) headers: Vec<(String, HeaderValue)>,
    by_path: bool,
    /// An address that is sent alone is marked as one.
    pub(super) typed_urls: bool,
    /// Gap between two reads.
    pub(super) poll: Duration,
    pub(super) request_timeout: Duration,
}

/// What a person has to know to add a company of this service.
pub(super) fn fields() -> Vec<SettingField> {
    let field = |name: &str, kind, required, example: &str| SettingField {
        name: name.to_owned(),
        kind,
        required,
        example: Some(example.to_owned()),
    };
    vec![
        field("url", SettingKind::Address, true, "https://chat.example.com/api/v2/chats"),
        field("api_key", SettingKind::Key, true, "a1b2c3d4e5"),
        field("key_header", SettingKind::Text, false, "apikey"),
    ]
}

impl Settings {
    /// Reads and checks everything.
    ///
    /// # Errors
    /// All that is wrong, each with the name of its field.
    pub(super) fn read(raw: &Raw) -> Result<Self, Vec<SettingsError>> {
        let mut read = Reading::new(raw, &NAMES);
        let base = read.address("url", "give the address that the contact centre's integrator told you");
        let key_header =
            read.word("key_header", ("apikey", "apikey"), &[("ContactCenterId", "contactcenterid")]);
        let key = read.key("api_key");
        let mut headers = read.headers("headers", &[key_header]);
        match key {
            Some(key) => headers.insert(0, (key_header.to_owned(), HeaderValue::Secret(key))),
            None if raw.get("api_key").is_none_or(|key| key.is_null() || key == "") => {
                let problem = "is missing; give the key or id that the contact centre's integrator told you";
                read.wrong("api_key", FaultCode::FieldMissing, problem);
            }
            None => {}
        }
        let by_path = read.word("chat_address", ("id", false), &[("path", true)]);
        let typed_urls = read.word("urls", ("text", false), &[("typed", true)]);
        let poll = read.milliseconds("poll_ms", 3_000, 100, 60_000);
        let request_timeout = read.milliseconds("request_timeout_ms", 9_000, 500, 600_000);
        let settings = base.map(|base| Self { base, headers, by_path, typed_urls, poll, request_timeout });
        read.finish(settings)
    }

    /// Address of a chat. `None` if the service named a path that leads somewhere else: the key travels with the request.
    pub(super) fn address(&self, place: &Place) -> Option<Url> {
        let mut url = self.base.clone();
        if self.by_path {
            let path = place.path.as_deref().filter(|path| path.starts_with('/') && !path.contains('\\'))?;
            url = self.base.join(path).ok().filter(|url| url.origin() == self.base.origin())?;
            url.path_segments_mut().ok()?.pop_if_empty();
        } else {
            url.path_segments_mut().ok()?.pop_if_empty().push(&place.id);
        }
        Some(url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn read(given: &Value) -> Result<Settings, Vec<SettingsError>> {
        let Value::Object(mut raw) = json!({ "url": "https://c.example/api/v2/chats", "api_key": "k" })
        else {
            panic!("an object")
        };
        raw.extend(given.as_object().unwrap().clone());
        Settings::read(&raw)
    }

    fn place(id: &str, path: Option<&str>) -> Place {
        Place { id: id.to_owned(), path: path.map(str::to_owned) }
    }

    #[test]
    fn a_chat_hangs_below_the_address_whether_or_not_that_ends_with_a_slash() {
        for url in ["https://c.example/api/v2/chats", "https://c.example/api/v2/chats/"] {
            let settings = read(&json!({ "url": url })).unwrap();
            let chat = settings.address(&place("a/b", Some("/odd"))).unwrap();
            assert_eq!(chat.as_str(), "https://c.example/api/v2/chats/a%2Fb");
            assert_eq!(settings.base.as_str(), url, "what starts a chat is asked as it was given");
        }
    }

    #[test]
    fn the_service_may_name_the_path_but_no_other_host() {
        let settings = read(&json!({ "chat_address": "path" })).unwrap();
        let address = |path| settings.address(&place("1", path)).map(String::from);
        assert_eq!(address(Some("/v/chats/1/")).as_deref(), Some("https://c.example/v/chats/1"));
        for bad in [
            None,
            Some("//evil.example/1"),
            Some("https://evil.example/1"),
            Some("/\\evil.example"),
            Some(""),
        ] {
            assert_eq!(address(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn the_key_travels_in_the_configured_header() {
        let header = |given: Value| read(&given).unwrap().headers.first().unwrap().0.clone();
        assert_eq!(header(json!({})), "apikey");
        assert_eq!(header(json!({ "key_header": "ContactCenterId" })), "contactcenterid");
        let wrong = |given: Value| read(&given).unwrap_err().first().unwrap().field.clone();
        assert_eq!(wrong(json!({ "key_header": "x" })), "key_header");
        assert_eq!(wrong(json!({ "api_key": "" , "headers": {"apikey": "x"} })), "headers.apikey");
        assert_eq!(wrong(json!({ "api_key": null })), "api_key");
    }
}
