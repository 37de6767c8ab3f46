//! The settings of a Digital Channels deployment: read from the configuration file, every mistake named at once.

use std::fmt::Display;
use std::time::Duration;

use serde_json::Value;
use url::{Host, Url};

use crate::fault::FaultCode;
use crate::io::HeaderValue;
use crate::token::Secret;
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

/// Headers that the transport or HTTP itself fills in.
const RESERVED: [&str; 8] = [
    "x-nexus-client-key",
    "content-type",
    "content-length",
    "content-encoding",
    "transfer-encoding",
    "connection",
    "host",
    "te",
];

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
        let mut read = Read { raw, errors: Vec::new() };
        read.names();
        let headers = read.headers();
        let url = read.required("url", "give the address that the contact centre's integrator told you");
        let base = url.and_then(|text| read.address(&text));
        let endpoint =
            read.required("endpoint", "give the name of the chat endpoint, as the contact centre set it up");
        let stream = read.text("stream");
        let client_type = read.text("client_type");
        let poll_gap = read.milliseconds("poll_gap_ms", 3_000, 100, 600_000);
        let page = read.number("page", 20, 16, 200);
        let request_timeout = read.milliseconds("request_timeout_ms", 9_000, 500, 600_000);
        let poll_timeout = read.milliseconds("poll_timeout_ms", 70_000, 500, 600_000);
        let json = read.flag("json");
        match (base, endpoint) {
            (Some(base), Some(endpoint)) if read.errors.is_empty() => Ok(Self {
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
            }),
            _ => Err(read.errors),
        }
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

/// Reading with a list of mistakes.
struct Read<'a> {
    raw: &'a Raw,
    errors: Vec<SettingsError>,
}

impl Read<'_> {
    fn wrong(&mut self, field: impl Display, code: FaultCode, problem: impl Into<String>) {
        self.errors.push(SettingsError { field: field.to_string(), problem: problem.into(), code });
    }

    /// Unknown names, with the known name that comes nearest.
    fn names(&mut self) {
        for name in self.raw.keys().filter(|name| !NAMES.contains(&name.as_str())) {
            let near = NAMES.iter().min_by_key(|known| strsim::damerau_levenshtein(known, name));
            let near = near.copied().unwrap_or_default();
            let problem = format!("there is no such setting; did you mean \"{near}\"? Otherwise remove it");
            self.errors.push(SettingsError { field: name.clone(), problem, code: FaultCode::FieldBad });
        }
    }

    fn text(&mut self, name: &str) -> Option<String> {
        match self.raw.get(name) {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
            Some(_) => {
                self.wrong(name, FaultCode::FieldBad, "must be a text in quotes");
                None
            }
        }
    }

    fn required(&mut self, name: &str, what: &str) -> Option<String> {
        let before = self.errors.len();
        let text = self.text(name);
        if text.is_none() && self.errors.len() == before {
            self.wrong(name, FaultCode::FieldMissing, format!("is missing; {what}"));
        }
        text
    }

    fn number(&mut self, name: &str, default: u64, least: u64, most: u64) -> u64 {
        let Some(value) = self.raw.get(name).filter(|value| !value.is_null()) else { return default };
        match value.as_u64().filter(|number| (least..=most).contains(number)) {
            Some(number) => number,
            None => {
                let problem = format!("must be a whole number from {least} to {most} (usually {default})");
                self.wrong(name, FaultCode::FieldBad, problem);
                default
            }
        }
    }

    fn milliseconds(&mut self, name: &str, default: u64, least: u64, most: u64) -> Duration {
        Duration::from_millis(self.number(name, default, least, most))
    }

    fn flag(&mut self, name: &str) -> bool {
        match self.raw.get(name) {
            None | Some(Value::Null) => false,
            Some(Value::Bool(value)) => *value,
            Some(_) => {
                self.wrong(name, FaultCode::FieldBad, "must be true or false");
                false
            }
        }
    }

    fn address(&mut self, text: &str) -> Option<Url> {
        checked(text).map_err(|problem| self.wrong("url", FaultCode::BadAddress, problem)).ok()
    }

    /// The configured headers and the key, which is a header like the others.
    fn headers(&mut self) -> Vec<(String, HeaderValue)> {
        let mut headers = Vec::new();
        let raw = self.raw;
        match raw.get("headers") {
            None | Some(Value::Null) => {}
            Some(Value::Object(table)) => {
                for (name, value) in table {
                    headers.extend(self.header(name, value));
                }
            }
            Some(_) => {
                self.wrong("headers", FaultCode::FieldBad, "must be a table of texts, one for each header");
            }
        }
        let among = headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("x-api-key"));
        let before = self.errors.len();
        match self.text("api_key") {
            Some(_) if among => {
                self.wrong(
                    "headers.x-api-key",
                    FaultCode::FieldBad,
                    "is given by api_key already; remove one of the two",
                );
            }
            Some(key) if !sendable(&key) => {
                let problem =
                    "holds a character that cannot be sent; copy the key again, without line breaks";
                self.wrong("api_key", FaultCode::FieldBad, problem);
            }
            Some(key) => headers.insert(0, ("x-api-key".to_owned(), HeaderValue::Secret(Secret::new(key)))),
            None if among || self.errors.len() > before => {}
            None => {
                let problem = "is missing; give the key that the contact centre's integrator told you";
                self.wrong("api_key", FaultCode::FieldMissing, problem);
            }
        }
        headers
    }

    fn header(&mut self, name: &str, value: &Value) -> Option<(String, HeaderValue)> {
        let field = format!("headers.{name}");
        let lower = name.to_ascii_lowercase();
        let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        if name.is_empty() || !name.bytes().all(token) {
            self.wrong(
                field,
                FaultCode::FieldBad,
                "is not a name that a header can have; use letters, digits and -",
            );
            return None;
        }
        if RESERVED.contains(&lower.as_str()) {
            self.wrong(field, FaultCode::FieldBad, "is filled in by Envoi; remove it");
            return None;
        }
        match value {
            Value::String(text) if sendable(text) => {
                Some((lower, HeaderValue::Secret(Secret::new(text.as_str()))))
            }
            Value::String(_) => {
                self.wrong(field, FaultCode::FieldBad, "holds a character that a header cannot carry");
                None
            }
            _ => {
                self.wrong(field, FaultCode::FieldBad, "must be a text in quotes");
                None
            }
        }
    }
}

fn sendable(value: &str) -> bool {
    value.bytes().all(|byte| (b' '..=b'~').contains(&byte))
}

/// An address that the keys may be sent to, or what is wrong with it.
fn checked(text: &str) -> Result<Url, &'static str> {
    let mut url = Url::parse(text)
        .map_err(|_| "is not an address; it looks like https://HOST/nexus/v3/chat/sessions")?;
    match url.scheme() {
        "https" => {}
        "http" if is_loopback(&url) => {}
        "http" => return Err("must begin with https://; plain http is only for a service on this computer"),
        _ => return Err("must begin with https://"),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("must not hold a user name or password; remove what stands before the @");
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("must end with the path; remove the ? or # and what follows");
    }
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty();
    }
    Ok(url)
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests;
