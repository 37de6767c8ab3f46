//! Reading the settings of a deployment, every mistake named at once: what to do about each is part of the error.

use std::fmt::Display;
use std::time::Duration;

use serde_json::Value;
use url::{Host, Url};

use crate::fault::FaultCode;
use crate::io::HeaderValue;
use crate::token::Secret;
use crate::transport::{Settings, SettingsError};

/// Headers that HTTP itself or the body fills in.
const RESERVED: [&str; 7] =
    ["content-type", "content-length", "content-encoding", "transfer-encoding", "connection", "host", "te"];

/// Reading with a list of mistakes.
#[derive(Debug)]
pub struct Reading<'a> {
    raw: &'a Settings,
    errors: Vec<SettingsError>,
}

impl<'a> Reading<'a> {
    /// Begins, and notes every name that is not among `names`: with the known name that was most likely meant, or with all of
    /// them.
    #[must_use]
    pub fn new(raw: &'a Settings, names: &[&str]) -> Self {
        let mut reading = Self { raw, errors: Vec::new() };
        for name in raw.keys().filter(|name| !names.contains(&name.as_str())) {
            let near = names
                .iter()
                .map(|known| (strsim::damerau_levenshtein(known, name), *known))
                .filter(|(distance, known)| *distance <= (known.len() / 2).max(1))
                .min();
            let problem = match near {
                Some((_, near)) => {
                    format!("is not a setting of this service; did you mean \"{near}\"? Otherwise remove it")
                }
                None => format!("is not a setting of this service, which has: {}", names.join(", ")),
            };
            reading.wrong(name, FaultCode::FieldBad, problem);
        }
        reading
    }

    /// Notes a mistake.
    pub fn wrong(&mut self, field: impl Display, code: FaultCode, problem: impl Into<String>) {
        self.errors.push(SettingsError { field: field.to_string(), problem: problem.into(), code });
    }

    /// Whether there is such a setting at all.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.raw.get(name).is_some_and(|value| !value.is_null())
    }

    /// How many mistakes there were so far.
    #[must_use]
    pub fn mistakes(&self) -> usize {
        self.errors.len()
    }

    /// The result, if there was no mistake and everything is there.
    ///
    /// # Errors
    /// All mistakes.
    pub fn finish<T>(self, settings: Option<T>) -> Result<T, Vec<SettingsError>> {
        match settings {
            Some(settings) if self.errors.is_empty() => Ok(settings),
            _ => Err(self.errors),
        }
    }

    /// A text without the blanks around it; `None` if there is none.
    pub fn text(&mut self, name: &str) -> Option<String> {
        self.exact(name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
    }

    /// A text exactly as it is.
    pub fn exact(&mut self, name: &str) -> Option<String> {
        match self.raw.get(name) {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) => Some(text.clone()),
            Some(_) => {
                self.wrong(name, FaultCode::FieldBad, "must be a text in quotes");
                None
            }
        }
    }

    /// A text that has to be there; `what` says what to give.
    pub fn required(&mut self, name: &str, what: &str) -> Option<String> {
        let before = self.errors.len();
        let text = self.text(name);
        if text.is_none() && self.errors.len() == before {
            self.wrong(name, FaultCode::FieldMissing, format!("is missing; {what}"));
        }
        text
    }

    /// One of a few words, each with what it stands for; the first is the default.
    pub fn word<T: Copy>(&mut self, name: &str, first: (&str, T), others: &[(&str, T)]) -> T {
        let Some(text) = self.text(name) else { return first.1 };
        match std::iter::once(&first).chain(others).find(|(word, _)| *word == text) {
            Some((_, meaning)) => *meaning,
            None => {
                let words: Vec<_> =
                    std::iter::once(&first).chain(others).map(|(word, _)| format!("\"{word}\"")).collect();
                let problem = format!("must be one of {} (usually \"{}\")", words.join(", "), first.0);
                self.wrong(name, FaultCode::FieldBad, problem);
                first.1
            }
        }
    }

    /// A whole number within bounds.
    pub fn number(&mut self, name: &str, default: u64, least: u64, most: u64) -> u64 {
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

    /// A time in milliseconds within bounds.
    pub fn milliseconds(&mut self, name: &str, default: u64, least: u64, most: u64) -> Duration {
        Duration::from_millis(self.number(name, default, least, most))
    }

    /// Yes or no.
    pub fn flag(&mut self, name: &str, default: bool) -> bool {
        match self.raw.get(name) {
            None | Some(Value::Null) => default,
            Some(Value::Bool(value)) => *value,
            Some(_) => {
                self.wrong(name, FaultCode::FieldBad, "must be true or false");
                default
            }
        }
    }

    /// An address that keys may be sent to: see [`service_address`].
    pub fn address(&mut self, name: &str, what: &str) -> Option<Url> {
        let text = self.required(name, what)?;
        service_address(&text).map_err(|problem| self.wrong(name, FaultCode::BadAddress, problem)).ok()
    }

    /// A key that travels in a header.
    pub fn key(&mut self, name: &str) -> Option<Secret> {
        let key = self.text(name)?;
        if is_sendable(&key) {
            return Some(Secret::new(key));
        }
        let problem = "holds a character that cannot be sent; copy the key again, without line breaks";
        self.wrong(name, FaultCode::FieldBad, problem);
        None
    }

    /// Further headers, all secret. `ours` are those that the transport fills in itself, lower case.
    pub fn headers(&mut self, name: &str, ours: &[&str]) -> Vec<(String, HeaderValue)> {
        match self.raw.get(name) {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::Object(table)) => {
                table.iter().filter_map(|(header, value)| self.header(name, header, value, ours)).collect()
            }
            Some(_) => {
                self.wrong(name, FaultCode::FieldBad, "must be a table of texts, one for each header");
                Vec::new()
            }
        }
    }

    fn header(
        &mut self,
        table: &str,
        name: &str,
        value: &Value,
        ours: &[&str],
    ) -> Option<(String, HeaderValue)> {
        let field = format!("{table}.{name}");
        let lower = name.to_ascii_lowercase();
        let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        let problem = if name.is_empty() || !name.bytes().all(token) {
            "is not a name that a header can have; use letters, digits and -"
        } else if RESERVED.contains(&lower.as_str()) || ours.contains(&lower.as_str()) {
            "is filled in by Envoi; remove it"
        } else {
            match value {
                Value::String(text) if is_sendable(text) => {
                    return Some((lower, HeaderValue::Secret(Secret::new(text.as_str()))));
                }
                Value::String(_) => "holds a character that a header cannot carry",
                _ => "must be a text in quotes",
            }
        };
        self.wrong(field, FaultCode::FieldBad, problem);
        None
    }
}

fn is_sendable(value: &str) -> bool {
    value.bytes().all(|byte| (b' '..=b'~').contains(&byte))
}

/// An address that keys may be sent to: `https`, or `http` to this computer, without user name, query or fragment.
///
/// # Errors
/// What is wrong with it and what to do.
pub fn service_address(text: &str) -> Result<Url, &'static str> {
    let url = Url::parse(text).map_err(|_| "is not an address; it looks like https://HOST/PATH")?;
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
    Ok(url)
}

/// Whether an address leads to this computer.
#[must_use]
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_mistake_is_named_with_its_field() {
        let Value::Object(raw) = json!({
            "urll": "x", "url": "http://example.org", "gap": 7, "how": "odd", "on": "yes", "key": "a\nb",
            "headers": { "te": "x", "x-a": 1, "x b": "c", "x-ok": "fine" },
        }) else {
            panic!("an object")
        };
        let mut reading = Reading::new(&raw, &["url", "gap", "how", "on", "key", "headers", "name"]);
        reading.address("url", "give it");
        reading.number("gap", 10, 8, 20);
        reading.word("how", ("so", 1), &[("other", 2)]);
        reading.flag("on", false);
        reading.key("key");
        assert_eq!(reading.headers("headers", &["x-ours"]).len(), 1);
        reading.required("name", "give a name");
        let errors = reading.finish(Some(())).unwrap_err();
        let fields: Vec<_> = errors.iter().map(|error| error.field.as_str()).collect();
        let expected =
            ["urll", "url", "gap", "how", "on", "key", "headers.te", "headers.x b", "headers.x-a", "name"];
        assert_eq!(fields, expected);
        assert!(errors.iter().any(|error| error.problem.contains("did you mean \"url\"?")));
    }

    #[test]
    fn a_name_that_is_like_none_is_told_with_all_there_are() {
        let Value::Object(raw) = json!({ "poll": 3 }) else { panic!("an object") };
        let errors = Reading::new(&raw, &["url", "api_key"]).finish(Some(())).unwrap_err();
        let [error] = errors.as_slice() else { panic!("{errors:?}") };
        assert_eq!(error.problem, "is not a setting of this service, which has: url, api_key");
    }

    #[test]
    fn keys_go_to_https_or_to_this_computer() {
        for good in ["https://a.example/x", "http://localhost:8080/", "http://127.0.0.1/a", "http://[::1]/"] {
            assert!(service_address(good).is_ok(), "{good}");
        }
        for bad in ["http://a.example", "ftp://a.example", "https://a@b.example", "https://a.example/?b", "a"]
        {
            assert!(service_address(bad).is_err(), "{bad}");
        }
    }
}
