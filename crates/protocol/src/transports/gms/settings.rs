//! The settings of a GMS deployment: read from the configuration file, every mistake named at once.

use std::time::Duration;

use url::Url;

use crate::fault::FaultCode;
use crate::io::HeaderValue;
use crate::kit::settings::Reading;
use crate::transport::{Settings as Raw, SettingsError};
use crate::view::{SettingField, SettingKind};

/// Every name that may stand in the configuration.
const NAMES: [&str; 17] = [
    "url",
    "api_key",
    "endpoint",
    "headers",
    "language",
    "trailing_slash",
    "files",
    "read_receipts",
    "push_urls",
    "longest_message",
    "poll_min_ms",
    "poll_ms",
    "poll_exception_limit",
    "restore_timeout_ms",
    "request_timeout_ms",
    "file_timeout_ms",
    "subject",
];

/// Settings that were checked.
#[derive(Debug, Clone)]
pub(super) struct Settings {
    /// Address of the chat service, without a slash at the end.
    pub(super) base: Url,
    /// A chat is asked for at the address with a slash behind it.
    pub(super) trailing_slash: bool,
    /// Sent with every request. All may be secret.
    pub(super) headers: Vec<(String, HeaderValue)>,
    /// On which endpoint the chat starts.
    pub(super) endpoint: Option<String>,
    /// What the chat is about, if the form does not ask.
    pub(super) subject: Option<String>,
    /// The person's language, as the service codes it.
    pub(super) language: Option<String>,
    /// Files can be sent, as far as the service takes them.
    pub(super) files: bool,
    /// The service is told what was read.
    pub(super) read_receipts: bool,
    /// A text that is exactly one web address is sent as one to open.
    pub(super) push_urls: bool,
    /// Most characters of a text.
    pub(super) longest_text: Option<usize>,
    /// Gap between two reads just after something was said here.
    pub(super) poll_min: Duration,
    /// Gap between two reads when nothing happens.
    pub(super) poll: Duration,
    /// How many reads in a row the service may answer with trouble of its own before that counts.
    pub(super) exceptions: u32,
    /// A synchronous chat that was left for so long is not picked up.
    pub(super) restore_timeout: Duration,
    pub(super) request_timeout: Duration,
    /// Longest time for a file, in either direction.
    pub(super) file_timeout: Duration,
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
        field("url", SettingKind::Address, true, "https://gms.example.com/genesys/2/chat/customer-support"),
        field("api_key", SettingKind::Key, false, "a1b2c3d4e5"),
        field("endpoint", SettingKind::Text, false, "Support"),
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
        let mut headers = read.headers("headers", &[]);
        let among = headers.iter().any(|(name, _)| name == "apikey");
        match read.key("api_key") {
            Some(_) if among => {
                let problem = "is given by api_key already; remove one of the two";
                read.wrong("headers.apikey", FaultCode::FieldBad, problem);
            }
            Some(key) => headers.insert(0, ("apikey".to_owned(), HeaderValue::Secret(key))),
            None => {}
        }
        let longest = read.number("longest_message", 0, 0, 1_000_000);
        let poll_min = read.milliseconds("poll_min_ms", 500, 250, 30_000);
        // The service takes whoever is silent for 45 s out of the chat.
        let poll = read.milliseconds("poll_ms", 3_000, 250, 30_000);
        let exceptions = read.number("poll_exception_limit", 5, 0, 100);
        let settings = base.map(|mut base| {
            if let Ok(mut path) = base.path_segments_mut() {
                path.pop_if_empty();
            }
            Self {
                base,
                trailing_slash: read.flag("trailing_slash", true),
                headers,
                endpoint: read.text("endpoint"),
                subject: read.text("subject"),
                language: read.text("language"),
                files: read.flag("files", true),
                read_receipts: read.flag("read_receipts", false),
                push_urls: read.flag("push_urls", false),
                longest_text: usize::try_from(longest).ok().filter(|longest| *longest > 0),
                poll_min: poll_min.min(poll),
                poll,
                exceptions: u32::try_from(exceptions).unwrap_or(u32::MAX),
                restore_timeout: read.milliseconds("restore_timeout_ms", 60_000, 1_000, 604_800_000),
                request_timeout: read.milliseconds("request_timeout_ms", 9_000, 500, 600_000),
                file_timeout: read.milliseconds("file_timeout_ms", 600_000, 500, 3_600_000),
            }
        });
        read.finish(settings)
    }

    /// Where a chat is asked for.
    pub(super) fn start(&self) -> Url {
        let mut url = self.base.clone();
        if self.trailing_slash
            && let Ok(mut path) = url.path_segments_mut()
        {
            path.push("");
        }
        url
    }

    /// Address of an operation of a chat; identifiers are escaped.
    pub(super) fn operation(&self, steps: &[&str]) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.extend(steps);
        }
        url
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn read(given: &Value) -> Result<Settings, Vec<SettingsError>> {
        let Value::Object(mut raw) = json!({ "url": "https://g.example/genesys/2/chat/help" }) else {
            panic!("an object")
        };
        raw.extend(given.as_object().unwrap().clone());
        Settings::read(&raw)
    }

    #[test]
    fn operations_hang_below_the_address_whether_or_not_that_ends_with_a_slash() {
        for url in ["https://g.example/genesys/2/chat/help", "https://g.example/genesys/2/chat/help/"] {
            let settings = read(&json!({ "url": url })).unwrap();
            let send = settings.operation(&["a/b", "send"]);
            assert_eq!(send.as_str(), "https://g.example/genesys/2/chat/help/a%2Fb/send");
            assert_eq!(settings.start().as_str(), "https://g.example/genesys/2/chat/help/");
        }
        let plain = read(&json!({ "trailing_slash": false })).unwrap();
        assert_eq!(plain.start().as_str(), "https://g.example/genesys/2/chat/help");
    }

    #[test]
    fn the_key_of_a_proxy_and_other_headers_travel_as_secrets() {
        let headers = json!({ "api_key": "HUSH", "headers": { "Authorization": "Bearer HUSH" } });
        let settings = read(&headers).unwrap();
        let names: Vec<_> = settings.headers.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["apikey", "authorization"]);
        assert!(!format!("{settings:?}").contains("HUSH"));
        assert_eq!(read(&json!({})).unwrap().headers, [], "no key is needed where there is no proxy");
    }

    #[test]
    fn nobody_is_silent_for_longer_than_the_service_bears() {
        let settings = read(&json!({ "poll_min_ms": 5_000, "poll_ms": 2_000 })).unwrap();
        assert_eq!((settings.poll_min, settings.poll), (Duration::from_secs(2), Duration::from_secs(2)));
        let wrong = |given: Value| read(&given).unwrap_err().first().unwrap().field.clone();
        assert_eq!(wrong(json!({ "poll_ms": 31_000 })), "poll_ms");
        assert_eq!(wrong(json!({ "api_key": "a\nb" })), "api_key");
        assert_eq!(wrong(json!({ "api_key": "a", "headers": { "apikey": "b" } })), "headers.apikey");
        assert_eq!(wrong(json!({ "polls": 1 })), "polls");
        assert_eq!(wrong(json!({ "url": "http://g.example" })), "url");
    }
}
