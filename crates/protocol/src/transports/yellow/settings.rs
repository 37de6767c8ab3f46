//! The settings of a yellow.ai deployment. The documented API takes a key that opens everything about a bot, so it is accepted only
//! for a service on this computer; elsewhere a relay of the contact centre holds it. See `docs/protocols/yellow.md`, "The relay".

use std::time::Duration;

use url::Url;

use crate::fault::FaultCode;
use crate::io::HeaderValue;
use crate::kit::banner::WithPayload;
use crate::kit::settings::{Reading, is_loopback};
use crate::token::Secret;
use crate::transport::{Settings as Raw, SettingsError};
use crate::view::{SettingField, SettingKind};

/// Every name that may stand in the configuration.
const NAMES: [&str; 12] = [
    "url",
    "bot",
    "relay_key",
    "api_key",
    "headers",
    "messages_path",
    "source",
    "close_with_payload",
    "widget_events",
    "poll_ms",
    "idle_poll_ms",
    "request_timeout_ms",
];

/// Settings that were checked.
#[derive(Debug, Clone)]
pub(super) struct Settings {
    /// Where texts and events go.
    pub(super) message: Url,
    /// Where messages are read.
    pub(super) messages: Url,
    pub(super) bot: String,
    /// Sent with every request. All may be secret.
    pub(super) headers: Vec<(String, HeaderValue)>,
    pub(super) source: Option<String>,
    pub(super) on_close: WithPayload,
    /// Whether the bot is told that the chat was opened or left and that a banner was put away.
    pub(super) widget_events: bool,
    /// Gap between two reads while an agent is there, and the least one otherwise.
    pub(super) poll: Duration,
    /// The longest gap.
    pub(super) idle_poll: Duration,
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
        field("url", SettingKind::Address, true, "https://relay.example.com/chat"),
        field("bot", SettingKind::Text, true, "x1657623696077"),
        field("relay_key", SettingKind::Key, false, "a1b2c3d4e5"),
    ]
}

impl Settings {
    /// Reads and checks everything.
    ///
    /// # Errors
    /// All that is wrong, each with the name of its field.
    pub(super) fn read(raw: &Raw) -> Result<Self, Vec<SettingsError>> {
        let mut read = Reading::new(raw, &NAMES);
        let base = read.address("url", "give the address of the relay that the contact centre runs");
        let bot = read.required("bot", "give the bot's id, which looks like x1657623696077");
        let mut headers = read.headers("headers", &["x-api-key", "authorization"]);
        if let Some(key) = read.key("relay_key") {
            let value = Secret::new(format!("Bearer {}", key.expose()));
            headers.push(("authorization".to_owned(), HeaderValue::Secret(value)));
        }
        if let Some(key) = read.key("api_key") {
            if base.as_ref().is_some_and(is_loopback) {
                headers.push(("x-api-key".to_owned(), HeaderValue::Secret(key)));
            } else {
                let problem = "opens everything about the bot, so it must not be on people's computers; remove it here, \
                               keep it in the relay that `url` leads to, and give that relay's own key as relay_key \
                               (api_key is only for a service on this computer)";
                read.wrong("api_key", FaultCode::FieldBad, problem);
            }
        }
        let path = read.text("messages_path").unwrap_or_else(|| "/data/messages".to_owned());
        if !path.starts_with('/') || path.contains(['?', '#', '\\']) || path.starts_with("//") {
            let problem = "must be a path such as /data/messages or /api/agents/data/messages";
            read.wrong("messages_path", FaultCode::FieldBad, problem);
        }
        let source = read.text("source");
        let on_close =
            read.word("close_with_payload", ("show", WithPayload::Show), &[("hide", WithPayload::Hide)]);
        let widget_events = read.flag("widget_events", true);
        let poll = read.milliseconds("poll_ms", 2_500, 100, 10_000);
        let idle_poll = read.milliseconds("idle_poll_ms", 15_000, 100, 120_000);
        let request_timeout = read.milliseconds("request_timeout_ms", 30_000, 500, 600_000);
        let settings = base.zip(bot).map(|(base, bot)| Self {
            message: below(&base, "/integrations/sync/v1/message"),
            messages: below(&base, &path),
            bot,
            headers,
            source,
            on_close,
            widget_events,
            poll,
            idle_poll,
            request_timeout,
        });
        read.finish(settings)
    }
}

fn below(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    if let Ok(mut steps) = url.path_segments_mut() {
        steps.pop_if_empty().extend(path.split('/').filter(|step| !step.is_empty()));
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn read(given: &Value) -> Result<Settings, Vec<SettingsError>> {
        let Value::Object(mut raw) = json!({ "url": "https://relay.example/chat/", "bot": "x1" }) else {
            panic!("an object")
        };
        raw.extend(given.as_object().unwrap().clone());
        Settings::read(&raw)
    }

    #[test]
    fn the_key_of_the_service_is_refused_for_any_other_computer() {
        let errors = read(&json!({ "api_key": "k" })).unwrap_err();
        let [error] = errors.as_slice() else { panic!("one mistake: {errors:?}") };
        assert_eq!(error.field, "api_key");
        assert!(error.problem.contains("relay_key"), "it says what to do");
        for url in ["http://127.0.0.1:8700", "http://localhost:1", "https://[::1]/a"] {
            let settings = read(&json!({ "api_key": "k", "url": url })).unwrap();
            assert_eq!(settings.headers.first().unwrap().0, "x-api-key", "{url}");
        }
        assert!(read(&json!({ "headers": { "X-Api-Key": "k" } })).is_err(), "nor by another way");
    }

    #[test]
    fn both_addresses_hang_below_the_configured_one() {
        let settings = read(&json!({})).unwrap();
        assert_eq!(settings.message.as_str(), "https://relay.example/chat/integrations/sync/v1/message");
        assert_eq!(settings.messages.as_str(), "https://relay.example/chat/data/messages");
        let settings = read(&json!({ "messages_path": "/api/agents/data/messages" })).unwrap();
        assert_eq!(settings.messages.path(), "/chat/api/agents/data/messages");
        for bad in ["data", "//evil.example", "/a?b", "/a\\b"] {
            assert!(read(&json!({ "messages_path": bad })).is_err(), "{bad}");
        }
    }

    #[test]
    fn every_mistake_is_named_with_its_field() {
        let given = json!({ "bot": "", "close_with_payload": "maybe", "poll_ms": 50, "relay": "k" });
        let fields: Vec<_> = read(&given).unwrap_err().into_iter().map(|error| error.field).collect();
        assert_eq!(fields, ["relay", "bot", "close_with_payload", "poll_ms"]);
    }
}
