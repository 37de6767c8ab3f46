//! What a configuration may say, and how its mistakes are told.

use super::*;
use crate::token::Secret;
use serde_json::{Value, json};

fn raw(value: Value) -> Raw {
    match value {
        Value::Object(map) => map,
        _ => panic!("settings are a table"),
    }
}

fn good() -> Raw {
    raw(
        json!({ "url": "https://h.example/nexus/v3/chat/sessions/", "endpoint": "Support", "api_key": "KEY" }),
    )
}

fn with(name: &str, value: Value) -> Raw {
    let mut raw = good();
    raw.insert(name.to_owned(), value);
    raw
}

/// Field and problem of the only mistake.
fn problem(raw: &Raw) -> (String, String) {
    let errors = Settings::read(raw).unwrap_err();
    assert_eq!(errors.len(), 1, "{errors:?}");
    (errors[0].field.clone(), errors[0].problem.clone())
}

#[test]
fn defaults_are_those_of_the_service() {
    let settings = Settings::read(&good()).unwrap();
    assert_eq!(settings.base.as_str(), "https://h.example/nexus/v3/chat/sessions");
    assert_eq!(settings.page, 20);
    assert_eq!(settings.poll_gap, Duration::from_secs(3));
    assert_eq!(settings.request_timeout, Duration::from_secs(9));
    assert_eq!(settings.poll_timeout, Duration::from_secs(70));
    assert!(!settings.json);
    assert_eq!(settings.headers, [("x-api-key".to_owned(), HeaderValue::Secret(Secret::new("KEY")))]);
}

#[test]
fn all_mistakes_are_told_at_once() {
    let wrong = raw(json!({
        "url": "http://h.example/x", "api_key": 7, "headers": { "a b": "x", "host": "y", "x": 1 }, "page": 3, "json": "yes"
    }));
    let mut fields: Vec<String> =
        Settings::read(&wrong).unwrap_err().into_iter().map(|error| error.field).collect();
    fields.sort();
    assert_eq!(
        fields,
        ["api_key", "endpoint", "headers.a b", "headers.host", "headers.x", "json", "page", "url"]
    );
}

#[test]
fn a_misspelt_setting_names_the_nearest_known_one() {
    let (field, problem) = problem(&with("pol_gap", json!(3)));
    assert_eq!(field, "pol_gap");
    assert!(problem.contains("\"poll_gap_ms\""), "{problem}");
}

#[test]
fn plain_http_is_for_this_computer_only() {
    for fine in ["http://localhost:8080/s", "http://127.0.0.1:1/s", "http://[::1]/s", "https://h.example/s"] {
        assert!(Settings::read(&with("url", json!(fine))).is_ok(), "{fine}");
    }
    for bad in [
        "http://h.example/s",
        "http://localhost.h.example/s",
        "ftp://localhost/s",
        "https://u:p@h.example/s",
        "https://h.example/s?x=1",
        "https://h.example/s#x",
        "h.example/s",
        "https://",
    ] {
        let errors = Settings::read(&with("url", json!(bad))).unwrap_err();
        assert_eq!(errors[0].code, FaultCode::BadAddress, "{bad}");
    }
}

#[test]
fn the_key_is_given_once_and_never_quoted() {
    let (field, _) = problem(&with("headers", json!({ "X-API-Key": "OTHER" })));
    assert_eq!(field, "headers.x-api-key");
    let (field, problem) = problem(&with("api_key", json!("SE\nCRET")));
    assert_eq!(field, "api_key");
    assert!(!problem.contains("CRET"));
    assert!(!format!("{:?}", Settings::read(&good()).unwrap()).contains("KEY"), "a key does not show itself");
}

#[test]
fn identifiers_cannot_leave_their_place_in_the_address() {
    let settings = Settings::read(&good()).unwrap();
    assert_eq!(
        settings.address(&["a/b?c#d", "messages"]).as_str(),
        "https://h.example/nexus/v3/chat/sessions/a%2Fb%3Fc%23d/messages"
    );
}

#[test]
fn pictures_come_from_the_configured_service_only() {
    let settings = Settings::read(&good()).unwrap();
    assert_eq!(
        settings.media("/files/1.png").unwrap().as_str(),
        "https://h.example/nexus/v3/chat/files/1.png"
    );
    for foreign in [
        "//evil.example/x",
        "https://evil.example/x",
        "x.png",
        "/\\evil.example/x",
        "\\\\evil.example",
        "",
        "data:,x",
    ] {
        assert!(settings.media(foreign).is_none(), "{foreign}");
    }
    for odd in ["/@evil.example/x", "/:80@evil.example/", "/../../../../x"] {
        let url = settings.media(odd).unwrap();
        assert_eq!(url.host_str(), Some("h.example"), "{odd}");
    }
}
