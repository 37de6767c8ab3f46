//! The control API: acting, looking, switching, and its errors.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::*;

async fn error(centre: &Centre, method: Method, path: &str, body: &'static str) -> (StatusCode, String) {
    let response = centre.http.request(method, centre.control_url(path)).body(body).send().await.unwrap();
    let status = response.status();
    let body: Value = response.json().await.unwrap();
    (status, body["error"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn every_kind_of_participant_and_entry_can_be_played() {
    let centre = centre().await;
    let customer = centre.customer().await;
    for (name, kind) in
        [("Tide", "Bot"), ("Flow", "External"), ("Sue", "Supervisor"), ("Maya", "Agent"), ("X", "Odd")]
    {
        centre.act("join", json!({ "name": name, "type": kind })).await;
    }
    centre.act("say", json!({ "text": "by name", "by": "Tide" })).await;
    centre.act("push-url", json!({ "url": "https://a.example/" })).await;
    centre.act("notice", json!({ "text": "n" })).await;
    centre
        .act("structured", json!({ "content_type": "quick-replies", "content": { "a": 1 }, "text": "t" }))
        .await;
    centre.act("state", json!({ "state": "SomeOtherState" })).await;
    centre.act("push", json!({ "entry": { "type": "Odder", "extra": [1] } })).await;
    let made = centre.act("leave", json!({ "by": "Sue" })).await;
    assert_eq!(made["lines"][0]["wire"]["type"], "ParticipantLeft");
    let messages = customer.messages("").await;
    let kinds: Vec<&Value> = messages.iter().skip(1).take(5).map(|one| &one["from"]["type"]).collect();
    assert_eq!(kinds, ["Bot", "External", "Supervisor", "Agent", "Odd"]);
    assert_eq!(messages[6]["from"]["nickname"], "Tide");
    let expected = ["Text", "PushUrl", "Notice", "Structured", "System", "Odder", "ParticipantLeft"];
    assert_eq!(types(&messages[6..]), expected);
    assert_eq!(messages[9]["contentType"], "quick-replies");
    assert_eq!(messages[10]["data"]["interactionState"], "SomeOtherState");
    assert_eq!(messages[11]["extra"], json!([1]));
    assert!(messages.iter().all(|one| one["from"]["type"].is_string() && one["index"].is_string()));
}

#[tokio::test]
async fn a_batch_is_seen_by_one_read() {
    let centre = centre().await;
    centre.set(json!({ "poll_hold_ms": 20_000 })).await;
    let customer = centre.customer().await;
    centre.act("join", json!({ "name": "Maya" })).await;
    customer.messages("").await;
    let (messages, ()) = tokio::join!(customer.messages(""), async {
        centre.log("on=poll&open=true").await;
        let actions = json!([{ "do": "say", "text": "bye" }, { "do": "state", "state": "Finalizing" }, { "do": "state", "state": "Completed" }]);
        centre.act("batch", json!({ "actions": actions })).await;
    });
    assert_eq!(types(&messages), ["Text", "System", "System"]);
}

#[tokio::test]
async fn odd_deliveries_can_be_asked_for() {
    let centre = centre().await;
    let customer = centre.customer().await;
    centre.act("join", json!({ "name": "Maya" })).await;
    centre.act("say", json!({ "text": "one" })).await;
    let first = customer.messages("").await;
    centre.act("duplicate", nothing()).await;
    centre.act("out_of_order", json!({ "text": "late" })).await;
    centre
        .act("push", json!({ "entry": { "type": "Text", "index": 5 }, "fill": false, "keep": false }))
        .await;
    let odd = customer.messages("").await;
    assert_eq!(odd[0], *first.last().unwrap());
    assert_eq!(texts(&odd), ["one", "late"]);
    assert_eq!(odd[2], json!({ "type": "Text", "index": 5 }));
    assert_eq!(texts(&customer.messages("count=20").await), ["late", "one"]);
}

#[tokio::test]
async fn a_chat_shows_what_its_customer_did() {
    let centre = centre().await;
    let customer = centre.customer().await;
    customer.say("hello").await;
    customer.sending("TypingStarted", "and").send().await.unwrap();
    let chat = centre.look(&format!("/sessions/{}", customer.session)).await;
    assert_eq!((&chat["nickname"], &chat["customer_typing"]), (&json!("Ann"), &json!("and")));
    let transcript = chat["transcript"].as_array().unwrap();
    let lasting: Vec<&Value> = transcript.iter().map(|line| &line["lasting"]).collect();
    assert_eq!(lasting, ["kept", "kept", "passing"]);
    let told: Vec<_> = transcript.iter().map(|line| (&line["who"], &line["kind"], &line["text"])).collect();
    assert_eq!(told[1], (&json!("customer"), &json!("text"), &json!("hello")));
    assert_eq!(told[2], (&json!("customer"), &json!("typing"), &json!("and")));
    assert_eq!(transcript[2]["to_customer"], false);
    assert!(transcript[2]["wire"]["index"].is_string());
    let list = centre.look("/sessions").await;
    assert_eq!(list["sessions"][0]["id"], customer.session.as_str());
    let wait = format!("/sessions?since={}&wait_ms=5000", list["version"]);
    let (changed, ()) = tokio::join!(centre.look(&wait), async {
        customer.say("news").await;
    });
    assert!(changed["version"].as_u64() > list["version"].as_u64());
    let unchanged = centre.look(&format!("/sessions?since={}&wait_ms=1", changed["version"])).await;
    assert_eq!(unchanged["unchanged"], true);
}

#[tokio::test]
async fn the_log_tells_the_exact_wire_and_no_secret() {
    let centre = centre().await;
    let customer = centre.customer().await;
    customer.say("a b&c").await;
    let log = centre.log("on=send&done=true").await;
    let send = &log[0];
    assert_eq!(send["method"], "POST");
    assert_eq!(
        send["fields"],
        json!([["operationId", "s"], ["data[type]", "Text"], ["data[text]", "a b&c"]])
    );
    assert_eq!(send["content_type"], "application/x-www-form-urlencoded");
    assert_eq!(
        (&send["api_key"], &send["client_key"], &send["token"]),
        (&json!("right"), &json!("right"), &json!(1))
    );
    assert_eq!((&send["status"], &send["outcome"]), (&json!(200), &json!("answered")));
    let headers = send["headers"].as_array().unwrap();
    assert!(headers.contains(&json!("x-nexus-client-key")));
    let create = &centre.log("on=start").await[0];
    assert_eq!((&create["client_key"], &create["token"]), (&json!("missing"), &Value::Null));
    let all = centre.look("/log").await.to_string();
    assert!(!all.contains(&customer.token) && !all.contains("sandbox-key"));
    let later = centre.look(&format!("/log?after={}", send["n"])).await;
    assert_eq!(later["requests"], json!([]));
    assert_eq!(later["last"], send["n"]);
}

#[tokio::test]
async fn errors_say_what_to_do() {
    let centre = centre().await;
    let none = error(&centre, Method::POST, "/sessions/latest/say", "{\"text\": \"x\"}").await;
    assert!(none.0 == 404 && none.1.contains("GET /control/sessions"), "{none:?}");
    centre.customer().await;
    let nobody = error(&centre, Method::POST, "/sessions/latest/say", "{\"text\": \"x\"}").await;
    assert!(nobody.0 == 409 && nobody.1.contains("join first"), "{nobody:?}");
    let missing = error(&centre, Method::POST, "/sessions/latest/say", "{}").await;
    assert!(missing.0 == 400 && missing.1.contains("text"), "{missing:?}");
    let unknown = error(&centre, Method::POST, "/sessions/latest/dance", "").await;
    assert!(unknown.0 == 400 && unknown.1.contains("out_of_order"), "{unknown:?}");
    let extra = error(&centre, Method::POST, "/sessions/latest/end", "{\"quite\": true}").await;
    assert!(extra.0 == 400 && extra.1.contains("quite"), "{extra:?}");
    let json = error(&centre, Method::POST, "/faults", "{").await;
    assert!(json.0 == 400, "{json:?}");
    let fault = error(&centre, Method::POST, "/faults", "{\"on\": \"poll\", \"kind\": \"slow\"}").await;
    assert!(fault.0 == 400 && fault.1.contains("ms"), "{fault:?}");
    let setting = error(&centre, Method::PUT, "/settings/digital_channels", "{\"poll_hold\": 1}").await;
    assert!(setting.0 == 400 && setting.1.contains("poll_hold"), "{setting:?}");
    let service = error(&centre, Method::PUT, "/settings", "{\"nowhere\": {}}").await;
    assert!(service.0 == 404 && service.1.contains("nowhere"), "{service:?}");
    let banner = error(&centre, Method::POST, "/sessions/latest/banner", "{\"event\": \"ui-event-x\"}").await;
    assert!(banner.0 == 409 && banner.1.contains("digital_channels has no such thing"), "{banner:?}");
    let query = error(&centre, Method::GET, "/log?on=sometimes", "").await;
    assert!(query.0 == 400, "{query:?}");
    let id = error(&centre, Method::DELETE, "/faults/first", "").await;
    assert!(id.0 == 400, "{id:?}");
    let nowhere = error(&centre, Method::GET, "/nowhere", "").await;
    assert!(nowhere.0 == 404 && nowhere.1.contains("SANDBOX.md"), "{nowhere:?}");
    let method = error(&centre, Method::DELETE, "/settings", "").await;
    assert!(method.0 == 405, "{method:?}");
}

#[tokio::test]
async fn settings_change_and_a_reset_undoes_everything() {
    let centre = centre().await;
    let customer = centre.customer().await;
    centre.set(json!({ "api_keys": ["other"] })).await;
    assert_eq!(refused(customer.read("").await).await, (403, "INVALID_CONTACT_CENTER".to_owned()));
    centre.fault(json!({ "on": "any", "kind": "drop", "times": 0 })).await;
    centre.control(Method::POST, "/reset", nothing()).await;
    let now = centre.look("").await;
    assert_eq!((&now["sessions"], &now["faults"]), (&json!(0), &json!(0)));
    assert_eq!(now["settings"]["digital_channels"]["api_keys"], json!(["sandbox-key"]));
    assert_eq!(now["settings"]["digital_channels"]["poll_hold_ms"], 200);
    assert_eq!(refused(customer.read("").await).await, (404, "INVALID_SESSION".to_owned()));
    centre.set(json!({ "resume": "exclusive" })).await;
    centre.control(Method::POST, "/reset", json!({ "keep_settings": true })).await;
    assert_eq!(centre.look("/settings").await["digital_channels"]["resume"], "exclusive");
}
