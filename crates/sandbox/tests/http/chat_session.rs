//! The chat session service over HTTP, by a client that only knows the wire.

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Centre, centre};

struct Customer<'a> {
    centre: &'a Centre,
    chat: String,
}

fn base(centre: &Centre) -> String {
    centre.running.directory().services["chat_session"].clone()
}

/// The status, and the JSON or else the words of the answer.
async fn asks(centre: &Centre, method: Method, path: &str, body: &Value) -> (u16, Value) {
    let request = centre.customers.request(method, format!("{}{path}", base(centre)));
    let answer = request.header("apikey", "sandbox-key").json(body).send().await.unwrap();
    let status = answer.status().as_u16();
    let text = answer.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

fn opening() -> Value {
    json!({ "operationName": "RequestChat", "nickname": "Ann", "subject": "Bill", "userData": { "plan": "gold" } })
}

impl<'a> Customer<'a> {
    async fn start(centre: &'a Centre) -> Self {
        let (status, answer) = asks(centre, Method::POST, "", &opening()).await;
        assert_eq!((status, &answer["statusCode"]), (200, &json!(0)), "{answer}");
        let chat = answer["id"].as_str().unwrap().to_owned();
        assert_eq!(answer["path"], format!("/api/v2/chats/{chat}"));
        Self { centre, chat }
    }

    async fn does(&self, body: Value) -> (u16, Value) {
        asks(self.centre, Method::POST, &format!("/{}", self.chat), &body).await
    }

    async fn says(&self, text: &str) -> (u16, Value) {
        self.does(json!({ "operationName": "SendMessage", "text": text })).await
    }

    /// Types and texts from a number on.
    async fn reads(&self, index: &str) -> Vec<(String, String)> {
        let (status, answer) =
            asks(self.centre, Method::GET, &format!("/{}/messages{index}", self.chat), &Value::Null).await;
        assert_eq!((status, &answer["statusCode"]), (200, &json!(0)), "{answer}");
        let text = |one: &Value, name: &str| one[name].as_str().unwrap_or_default().to_owned();
        let messages = answer["messages"].as_array().unwrap();
        messages.iter().map(|one| (text(one, "type"), text(one, "text"))).collect()
    }
}

#[tokio::test]
async fn a_chat_is_started_written_to_read_and_ended() {
    let centre = centre().await;
    let ann = Customer::start(&centre).await;
    let chat = centre.look("/sessions/latest").await;
    assert_eq!((&chat["service"], &chat["nickname"]), (&json!("chat_session"), &json!("Ann")));
    centre.act("join", json!({ "name": "Maya" })).await;
    ann.does(json!({ "operationName": "SendStartTypingNotification" })).await;
    assert!(centre.look("/sessions/latest").await["customer_typing"].is_string());
    assert_eq!(ann.says("a&b=[c]").await, (200, json!({ "statusCode": 0 })));
    centre.act("say", json!({ "text": "Hi" })).await;
    let read = ann.reads("?index=1").await;
    let joined = || ("ParticipantJoined".to_owned(), String::new());
    let text = |text: &str| ("Text".to_owned(), text.to_owned());
    assert_eq!(read, [joined(), joined(), joined(), text("a&b=[c]"), text("Hi")]);
    assert_eq!(ann.reads("?index=5").await, [text("Hi")], "a number is where the read begins");
    assert!(ann.reads("").await.is_empty(), "without one, only what was not given yet");
    let (_, state) = asks(&centre, Method::GET, &format!("/{}", ann.chat), &Value::Null).await;
    assert_eq!(
        (&state["chat"]["state"], state["chat"]["participants"].as_array().unwrap().len()),
        (&json!("Chatting"), 3)
    );
    assert_eq!(ann.does(json!({ "operationName": "Complete" })).await.0, 200);
    assert_eq!(ann.reads("").await, [("ParticipantLeft".to_owned(), String::new())]);
    assert_eq!(ann.says("x").await.0, 400, "it is over");
    assert_eq!(centre.look("/sessions/latest").await["ended"], true);
    let log = centre.log("after=0").await;
    assert!(log.iter().all(|one| one["operation"] != "unknown"), "{log:?}");
    assert!(!json!(log).to_string().contains("sandbox-key"), "no key stands in the log");
}

#[tokio::test]
async fn the_contact_centre_ends_a_chat_in_either_way() {
    for (end, last) in [("entry", "SessionEnded"), ("customer_left", "ParticipantLeft")] {
        let centre = centre().await;
        centre.control(Method::PUT, "/settings/chat_session", json!({ "end": end })).await;
        let ann = Customer::start(&centre).await;
        centre.act("join", json!({ "name": "Maya" })).await;
        centre.act("end", json!({})).await;
        assert_eq!(ann.reads("?index=1").await.last().unwrap().0, last, "{end}");
        assert_eq!(ann.says("x").await.0, 400);
    }
}

#[tokio::test]
async fn what_goes_wrong_is_told_in_the_services_words() {
    let centre = centre().await;
    let closed = centre.customers.post(base(&centre)).json(&opening()).send().await.unwrap();
    assert_eq!(closed.status(), 403, "without a key nothing opens");
    assert_eq!(closed.json::<Value>().await.unwrap()["statusCode"], 4);
    for body in [json!({ "operationName": "RequestChat", "nickname": "Ann" }), json!({})] {
        assert_eq!(asks(&centre, Method::POST, "", &body).await, (400, json!("Bad Request")));
    }
    let (status, words) = asks(&centre, Method::GET, "/nobody/messages", &Value::Null).await;
    assert_eq!((status, words), (400, json!("Chat not found nobody")), "words, and no JSON");
    let ann = Customer::start(&centre).await;
    assert_eq!(ann.does(json!({ "operationName": "SendMessage" })).await.0, 400);
    assert_eq!(ann.does(json!({ "operationName": "Dance" })).await, (405, json!("Method Not Allowed")));
    centre.fault(json!({ "on": "send", "kind": "status", "code": 503, "after_effect": true })).await;
    assert_eq!(ann.says("kept").await.0, 503);
    assert_eq!(
        ann.reads("?index=3").await,
        [("Text".into(), "kept".into())],
        "it took effect before its answer was lost"
    );
    for (mode, status) in [("404", 404), ("404_empty", 404), ("400", 400)] {
        centre.act("kill", json!({ "mode": mode })).await;
        let (given, body) = ann.says("x").await;
        assert_eq!(given, status);
        assert_eq!(body == json!(""), mode == "404_empty", "{mode}: {body}");
    }
    centre.act("revive", json!({})).await;
    assert_eq!(ann.says("x").await.0, 200);
    centre.control(Method::PUT, "/settings/chat_session", json!({ "key_header": "contact_center_id" })).await;
    assert_eq!(ann.says("x").await.0, 403, "the other header is wanted now");
}
