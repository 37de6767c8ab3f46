//! The settings of a GMS deployment that is reached over CometD.

use std::time::Duration;

use url::Url;

use crate::fault::FaultCode;
use crate::io::HeaderValue;
use crate::kit::bayeux;
use crate::kit::settings::{Reading, service_address};
use crate::transport::{Settings as Raw, SettingsError};
use crate::view::{SettingField, SettingKind};

/// Every name that may stand in the configuration.
const NAMES: [&str; 17] = [
    "url",
    "service",
    "channel",
    "files_url",
    "websocket",
    "endpoint",
    "api_key",
    "headers",
    "page",
    "request_timeout_ms",
    "hold_ms",
    "margin_ms",
    "files",
    "push_urls",
    "subject",
    "language",
    "longest_message",
];

/// Most bytes of one answer.
const ANSWER: usize = 4 << 20;

/// Settings that were checked.
#[derive(Debug, Clone)]
pub(super) struct Settings {
    /// Address of the CometD server, without a slash at the end.
    pub(super) url: Url,
    /// Channel of the chat service.
    pub(super) channel: String,
    /// Where files are sent and fetched; `None` if they are not wanted.
    pub(super) files: Option<Url>,
    pub(super) websocket: bool,
    /// Where a chat begins, where there are several such places.
    pub(super) endpoint: Option<String>,
    pub(super) headers: Vec<(String, HeaderValue)>,
    /// Entries per page of history.
    pub(super) page: u64,
    pub(super) request_timeout: Duration,
    /// How long a connect may be held if the server does not say.
    pub(super) hold: Duration,
    /// What an answer may take beyond that.
    pub(super) margin: Duration,
    /// A text that is exactly one web address is said as an address to open.
    pub(super) push_urls: bool,
    /// What chats are about, if the form does not ask.
    pub(super) subject: Option<String>,
    /// The person's language, as the service codes it.
    pub(super) language: Option<String>,
    /// Most characters of a message.
    pub(super) longest_text: Option<usize>,
}

/// What a person has to know to add a company of this service.
pub(super) fn fields() -> Vec<SettingField> {
    let field = |name: &str, kind, example: &str| SettingField {
        name: name.to_owned(),
        kind,
        required: true,
        example: Some(example.to_owned()),
    };
    vec![
        field("url", SettingKind::Address, "https://gms.example.com/genesys/cometd"),
        field("service", SettingKind::Text, "customer-support"),
    ]
}

impl Settings {
    /// Reads and checks everything.
    ///
    /// # Errors
    /// All that is wrong, each with the name of its field.
    pub(super) fn read(raw: &Raw) -> Result<Self, Vec<SettingsError>> {
        let mut reading = Reading::new(raw, &NAMES);
        let url =
            reading.address("url", "give the address of the CometD server that the integrator told you");
        let service = reading.text("service");
        let channel =
            reading.text("channel").or_else(|| service.map(|name| format!("/service/chatV2/{name}")));
        match &channel {
            None => reading.wrong(
                "service",
                FaultCode::FieldMissing,
                "is missing; give the name of the chat service, as the contact centre set it up",
            ),
            Some(channel) if !is_channel(channel) => {
                let field = if raw.contains_key("channel") { "channel" } else { "service" };
                let problem =
                    "holds a character that cannot stand in a channel; use letters, digits, / - _ . and ~";
                reading.wrong(field, FaultCode::FieldBad, problem);
            }
            Some(_) => {}
        }
        let given = reading.text("files_url");
        let wanted = reading.flag("files", true);
        let files = match (given, &url) {
            (Some(text), _) => service_address(&text)
                .map_err(|problem| reading.wrong("files_url", FaultCode::BadAddress, problem))
                .ok(),
            (None, Some(url)) => beside(url),
            (None, None) => None,
        };
        let mut headers = reading.headers("headers", &["cookie", "apikey"]);
        headers.extend(reading.key("api_key").map(|key| ("apikey".to_owned(), HeaderValue::Secret(key))));
        let (websocket, endpoint) = (reading.flag("websocket", true), reading.text("endpoint"));
        let page = reading.number("page", 20, 5, 200);
        let request_timeout = reading.milliseconds("request_timeout_ms", 9_000, 500, 600_000);
        let hold = reading.milliseconds("hold_ms", 60_000, 500, 600_000);
        let margin = reading.milliseconds("margin_ms", 10_000, 500, 600_000);
        let push_urls = reading.flag("push_urls", false);
        let (subject, language) = (reading.text("subject"), reading.text("language"));
        let longest = reading.number("longest_message", 0, 0, 1_000_000);
        let settings = url.map(without_slash).zip(channel).map(|(url, channel)| Self {
            url,
            channel,
            files: files.filter(|_| wanted),
            websocket,
            endpoint,
            headers,
            page,
            request_timeout,
            hold,
            margin,
            push_urls,
            subject,
            language,
            longest_text: usize::try_from(longest).ok().filter(|longest| *longest > 0),
        });
        reading.finish(settings)
    }

    /// For the Bayeux client.
    pub(super) fn bayeux(&self) -> bayeux::Options {
        let socket = self.url.as_str().strip_prefix("http").map(|rest| format!("ws{rest}"));
        bayeux::Options {
            url: self.url.clone(),
            socket: socket.filter(|_| self.websocket),
            headers: self.headers.clone(),
            timeout: self.request_timeout,
            hold: self.hold,
            margin: self.margin,
            limit: ANSWER,
        }
    }
}

fn without_slash(mut url: Url) -> Url {
    let path = url.path().trim_end_matches('/').to_owned();
    url.set_path(&path);
    url
}

/// Files are served beside the CometD server, unless something stands in between that moves them.
fn beside(url: &Url) -> Option<Url> {
    let base = url.path().trim_end_matches('/').strip_suffix("/cometd")?;
    let mut files = url.clone();
    files.set_path(&format!("{base}/2/chat-ntf"));
    Some(files)
}

fn is_channel(channel: &str) -> bool {
    let fine = |byte: u8| byte.is_ascii_alphanumeric() || b"/-_.~!$()@".contains(&byte);
    channel.starts_with('/')
        && !channel.ends_with('/')
        && !channel.contains("//")
        && channel.bytes().all(fine)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn read(settings: Value) -> Result<Settings, Vec<String>> {
        let Value::Object(raw) = settings else { panic!("an object") };
        Settings::read(&raw).map_err(|errors| errors.into_iter().map(|error| error.field).collect())
    }

    #[test]
    fn two_settings_are_enough() {
        let settings =
            read(json!({ "url": "https://gms.example.com/genesys/cometd/", "service": "customer-support" }))
                .unwrap();
        assert_eq!(settings.channel, "/service/chatV2/customer-support");
        assert_eq!(settings.files.as_ref().unwrap().as_str(), "https://gms.example.com/genesys/2/chat-ntf");
        let bayeux = settings.bayeux();
        assert_eq!(bayeux.url.as_str(), "https://gms.example.com/genesys/cometd");
        assert_eq!(bayeux.socket.as_deref(), Some("wss://gms.example.com/genesys/cometd"));
    }

    #[test]
    fn what_an_integrator_has_moved_is_taken_as_given() {
        let settings = read(json!({
            "url": "https://a.example/x", "channel": "/service/chatV2/other", "websocket": false,
            "files_url": "https://a.example/files",
        }))
        .unwrap();
        assert_eq!(settings.channel, "/service/chatV2/other");
        assert_eq!(settings.files.as_ref().unwrap().as_str(), "https://a.example/files");
        assert_eq!(settings.bayeux().socket, None);
        let unknown = read(json!({ "url": "https://a.example/x", "service": "s" })).unwrap();
        assert_eq!(unknown.files, None, "where files are is not guessed");
    }

    #[test]
    fn mistakes_are_named() {
        let errors =
            read(json!({ "url": "http://a.example", "page": 1, "pge": 2, "service": "a b" })).unwrap_err();
        assert_eq!(errors, ["pge", "url", "service", "page"]);
        assert_eq!(read(json!({ "url": "https://a.example/cometd" })).unwrap_err(), ["service"]);
    }
}
