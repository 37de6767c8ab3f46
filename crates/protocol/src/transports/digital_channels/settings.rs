//! The settings of a Digital Channels deployment: read from the configuration file, every mistake named at once.

use std::time::Duration;

use url::Url;

use crate::fault::FaultCode;
use crate::io::HeaderValue;
use crate::kit::settings::Reading;
use crate::transport::{Settings as Raw, SettingsError};
use crate::view::{SettingField, SettingKind};

/// Every name that may stand in the configuration.
const NAMES: [&str; 11] = [
    "url",
    "endpoint",
    "api_key",
    "headers",
    "stream",
    "client_type",
    "poll_gap_ms",
    "page",
    "request_timeout_ms",
    "poll_timeout_ms",
    "json",
];

/// The header that the key travels in.
const KEY: &str = "x-api-key";

/// Settings that were checked.
#[derive(Debug, Clone)]
pub(super) struct Settings {
    /// Address of the sessions, without a slash at the end.
    pub(super) base: Url,
    /// Name of the entry point.
    pub(super) endpoint: String,
    /// Sent with every request; the key is one of them. All may be secret.
    pub(super) headers: Vec<(String, HeaderValue)>,
    pub(super) stream: Option<String>,
    pub(super) client_type: Option<String>,
    /// Gap after a read that was answered at once with nothing new, and least gap after a request to slow down.
    pub(super) poll_gap: Duration,
    /// Entries per page of history.
    pub(super) page: u64,
    pub(super) request_timeout: Duration,
    pub(super) poll_timeout: Duration,
    /// Bodies as JSON in place of forms.
    pub(super) json: bool,
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
        field("url", SettingKind::Address, "https://chat.example.com/nexus/v3/chat/sessions"),
        field("api_key", SettingKind::Key, "a1b2c3d4e5"),
        field("endpoint", SettingKind::Text, "Support"),
    ]
}

impl Settings {
    /// Reads and checks everything.
    ///
    /// # Errors
    /// All that is wrong, each with the name of its field.
    pub(super) fn read(raw: &Raw) -> Result<Self, Vec<SettingsError>> {
        let mut read = Reading::new(raw, &NAMES);
        let headers = headers(&mut read);
        let base = read.address("url", "give the address that the contact centre's integrator told you");
        let endpoint =
            read.required("endpoint", "give the name of the chat endpoint, as the contact centre set it up");
        let stream = read.text("stream");
        let client_type = read.text("client_type");
        let poll_gap = read.milliseconds("poll_gap_ms", 3_000, 100, 600_000);
        let page = read.number("page", 20, 16, 200);
        let request_timeout = read.milliseconds("request_timeout_ms", 9_000, 500, 600_000);
        let poll_timeout = read.milliseconds("poll_timeout_ms", 70_000, 500, 600_000);
        let json = read.flag("json", false);
        let settings = base.zip(endpoint).map(|(mut base, endpoint)| {
            if let Ok(mut path) = base.path_segments_mut() {
                path.pop_if_empty();
            }
            Self {
                base,
                endpoint,
                headers,
                stream,
                client_type,
                poll_gap,
                page,
                request_timeout,
                poll_timeout,
                json,
            }
        });
        read.finish(settings)
    }

    /// Address of a session's resource; identifiers are escaped.
    pub(super) fn address(&self, steps: &[&str]) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.extend(steps);
        }
        url
    }

    /// Address of a picture, or `None` if it does not hang on the configured service. The keys travel with the request, so
    /// nothing but a path below our own service will do.
    pub(super) fn media(&self, path: &str) -> Option<Url> {
        if !path.starts_with('/') || path.starts_with("//") || path.contains('\\') {
            return None;
        }
        let root = self.base.as_str();
        let root = root.strip_suffix("/sessions").unwrap_or(root).trim_end_matches('/');
        let mut url = Url::parse(&format!("{root}{path}")).ok()?;
        url.set_fragment(None);
        let ours =
            url.origin() == self.base.origin() && url.username().is_empty() && url.password().is_none();
        ours.then_some(url)
    }
}

/// The configured headers and the key, which is a header like the others.
fn headers(read: &mut Reading<'_>) -> Vec<(String, HeaderValue)> {
    let mut headers = read.headers("headers", &["x-nexus-client-key"]);
    let among = headers.iter().any(|(name, _)| name == KEY);
    let before = read.mistakes();
    match read.key("api_key") {
        Some(_) if among => {
            let problem = "is given by api_key already; remove one of the two";
            read.wrong(format!("headers.{KEY}"), FaultCode::FieldBad, problem);
        }
        Some(key) => headers.insert(0, (KEY.to_owned(), HeaderValue::Secret(key))),
        None if among || read.mistakes() > before => {}
        None => {
            let problem = "is missing; give the key that the contact centre's integrator told you";
            read.wrong("api_key", FaultCode::FieldMissing, problem);
        }
    }
    headers
}

#[cfg(test)]
mod tests;
