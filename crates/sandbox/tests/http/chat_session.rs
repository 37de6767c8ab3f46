//! The chat session service over HTTP, by a client that only knows the wire.

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::harness::{Centre, centre};

struct Customer<'a> {
    centre: &'a Centre,
    chat: String,
}

fn request(centre: &Centre, method: Method, path: &str) -> RequestBuilder {
    let url = format!("{}{path}", centre.running.directory().services["chat_session"]);
    centre.customers.request(method, url).header("apikey", "sandbox-key")
}

async fn answer(request: RequestBuilder) -> (u16, Value) {
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap_or(Value::Null))
}

impl<'a> Customer<'a> {
    async fn start(centre: &'a Centre) -> Self {
        let body = json!({ "operationName": "RequestChat", "nickname": "Jane Roe", "subject": "Bill", "userData": { "plan": "gold" } });
        let (status, begun) = answer(request(centre, Method::POST, "").json(&body)).await;
        assert_eq!(status, 200, "{begun}");
        let chat = begun["id"].as_str().unwrap().to_owned();
        assert!(begun["path"].as_str().unwrap().ends_with(&chat));
        Self { centre, chat }
    }

    async fn does(&self, body: Value) -> (u16, Value) {
        answer(request(self.centre, Method::POST, &format!("/{}", self.chat)).json(&body)).await
    }

    async fn reads(&self, index: &str) -> (u16, Value) {
        answer(request(self.centre, Method::GET, &format!("/{}/messages?index={index}", self.chat))).await
    }
}

fn texts(answer: &Value) -> Vec<&str> {
    answer["messages"].as_array().unwrap().iter().filter_map(|one| one["text"].as_str()).collect()
}

#[tokio::test]
async fn a_chat_is_started_written_to_read_and_ended() {
    let centre = centre().await;
    let jane = Customer::start(&centre).await;
    let chat = centre.look("/sessions/latest").await;
    assert_eq!((&chat["nickname"], &chat["user_data"]["plan"]), (&json!("Jane Roe"), &json!("gold")));
    centre.act("join", json!({ "name": "Maya" })).await;
    assert_eq!(jane.does(json!({ "operationName": "SendMessage", "text": "Hello" })).await.0, 200);
    centre.act("say", json!({ "text": "Hi" })).await;
    assert_eq!(texts(&jane.reads("1").await.1), ["Hello", "Hi"]);
    jane.does(json!({ "operationName": "SendStartTypingNotification" })).await;
    assert!(!centre.look("/sessions/latest").await["customer_typing"].is_null());
    let (status, about) = answer(request(&centre, Method::GET, &format!("/{}", jane.chat))).await;
    assert_eq!(status, 200, "{about}");
    assert_eq!(jane.does(json!({ "operationName": "Complete" })).await.0, 200);
    assert_eq!(centre.look("/sessions/latest").await["ended"], true);
    assert_ne!(jane.does(json!({ "operationName": "SendMessage", "text": "Too late" })).await.0, 200);
    let log = centre.log("after=0").await;
    let operations: Vec<&str> = log.iter().map(|one| one["operation"].as_str().unwrap()).collect();
    assert_eq!(operations, ["start", "send", "poll", "typing", "restore", "leave", "send"]);
    assert!(log.iter().all(|one| one["api_key"] == "right"), "{log:?}");
}

#[tokio::test]
async fn what_is_not_understood_or_not_allowed_is_refused_in_the_services_words() {
    let centre = centre().await;
    let jane = Customer::start(&centre).await;
    let nameless = json!({ "operationName": "RequestChat", "subject": "Bill" });
    assert_eq!(answer(request(&centre, Method::POST, "").json(&nameless)).await.0 / 100, 4);
    let url = format!("{}/{}", centre.running.directory().services["chat_session"], jane.chat);
    let (status, stranger) = answer(centre.customers.get(&url).header("apikey", "other")).await;
    assert_eq!((status, &stranger["statusCode"]), (403, &json!(4)));
    assert_eq!(answer(centre.customers.get(&url).header("contactcenterid", "sandbox-key")).await.0, 200);
    assert_eq!(jane.does(json!({ "operationName": "Dance" })).await.0, 405);
    centre.act("kill", json!({ "mode": "404" })).await;
    let (status, lost) = jane.reads("1").await;
    assert_eq!((status, &lost["statusCode"]), (404, &json!(6)));
}

#[tokio::test]
async fn faults_spoil_answers_before_or_after_they_took_effect() {
    let centre = centre().await;
    let jane = Customer::start(&centre).await;
    let say = |text: &str| json!({ "operationName": "SendMessage", "text": text });
    centre
        .fault(json!({ "on": "poll", "service": "chat_session", "kind": "numeric_status", "value": 9 }))
        .await;
    assert_eq!(jane.reads("1").await.1["statusCode"], 9);
    centre.fault(json!({ "on": "send", "kind": "status", "code": 500, "after_effect": true })).await;
    assert_eq!(jane.does(say("kept")).await.0, 500);
    centre.fault(json!({ "on": "send", "kind": "status", "code": 503 })).await;
    assert_eq!(jane.does(say("lost")).await.0, 503);
    assert_eq!(
        texts(&jane.reads("1").await.1),
        ["kept"],
        "only what took effect before its answer was spoilt"
    );
}
