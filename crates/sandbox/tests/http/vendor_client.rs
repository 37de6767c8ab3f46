//! The walk of the vendor's browser client, in its order and with its encodings, and every rule it needs a server to
//! keep (`docs/protocols/digital-channels-v3.md`, what a test server must do so that the real client works).

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::harness::*;

const FORM: &str = "application/x-www-form-urlencoded; charset=UTF-8";

fn form(request: RequestBuilder, body: &'static str) -> RequestBuilder {
    request.header("content-type", FORM).header("origin", "https://shop.example").body(body)
}

/// Rule 1: a JSON object in every answer, never an empty one.
async fn object(request: RequestBuilder) -> (u16, Value) {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    assert_ne!(status, 204);
    assert_eq!(response.headers()["content-type"], "application/json");
    let body: Value = response.json().await.unwrap();
    assert!(body.is_object());
    (status, body)
}

/// Rule 2: a string index, and a `from` with a type, in every entry.
fn entries(body: &Value) -> Vec<Value> {
    let messages = body["data"]["messages"].as_array().unwrap().clone();
    for entry in &messages {
        assert!(entry["index"].is_string(), "{entry}");
        assert!(entry["from"]["type"].is_string(), "{entry}");
        assert!(entry["utcTime"].is_string(), "{entry}");
    }
    messages
}

#[tokio::test]
async fn the_vendor_client_can_live_here() {
    let centre = centre().await;
    let get = |customer: &Customer, query: &str| customer.request(Method::GET, &format!("/messages?{query}"));

    // Create: names first, operationId last, spaces as plus signs.
    let create = form(
        centre.http.post(centre.base()).header("x-api-key", "sandbox-key"),
        "data%5BfirstName%5D=Ann+Mary&data%5BlastName%5D=&data%5Bnickname%5D=Ann+Mary&data%5Bendpoint%5D=Support\
         &data%5BuserData%5D%5B_genesys_source%5D=web&data%5Bemail%5D=a%40b.c&operationId=1a2b3-c4d5e-f6a7b-c8d9e-0f1a2b3c4",
    );
    let (status, body) = object(create).await;
    assert_eq!(status, 200);
    assert_eq!(body["operationId"], "1a2b3-c4d5e-f6a7b-c8d9e-0f1a2b3c4");
    // Rule 3: the token decodes with plain base64 (`Customer::new` does just that).
    let customer = Customer::new(&centre, &body);

    // First poll, agent, typing, text; rule 7: one entry has one index on all four kinds of read.
    let (_, body) = object(get(&customer, "operationId=2")).await;
    let joined = entries(&body);
    assert_eq!(joined[0]["from"]["nickname"], "Ann Mary");
    centre.act("join", json!({ "name": "Maya" })).await;
    centre.act("typing", json!({ "on": true })).await;
    centre.act("say", json!({ "text": "Hello" })).await;
    let (_, body) = object(get(&customer, "operationId=3")).await;
    let polled = entries(&body);
    assert_eq!(types(&polled), ["ParticipantJoined", "TypingStarted", "Text"]);
    let from = indexes(&polled)[0].clone();
    let (_, body) = object(get(&customer, &format!("operationId=4&index={from}"))).await;
    assert_eq!(entries(&body), polled, "a poll with an index after a pause");

    // Rule 6: both orders of operationId and data.
    let messages = || customer.request(Method::POST, "/messages");
    let (status, _) =
        object(form(messages(), "operationId=5&data%5Btype%5D=Text&data%5Btext%5D=hi+there")).await;
    assert_eq!(status, 200);
    let (status, _) =
        object(form(messages(), "data%5Btype%5D=TypingStarted&data%5Btext%5D=&operationId=6")).await;
    assert_eq!(status, 200);
    let userdata = customer.request(Method::PUT, "/userdata");
    assert_eq!(object(form(userdata, "data%5Border%5D=1&operationId=7")).await.0, 200);
    assert_eq!(object(get(&customer, "operationId=8")).await.1["data"]["messages"][0]["text"], "hi there");

    // Restore with a token: no names; then the count read; then a plain poll that repeats nothing.
    centre.act("burst", json!({ "count": 30 })).await;
    let join = centre.http.post(centre.base()).header("x-api-key", "sandbox-key");
    let join = join.header("x-nexus-client-key", &customer.token);
    let body = "data%5Bendpoint%5D=Support&data%5BuserData%5D%5B_genesys_source%5D=web&operationId=9";
    let (status, body) = object(form(join, body)).await;
    assert_eq!(status, 200);
    let restored = Customer::new(&centre, &body);
    let (_, body) = object(get(&restored, "count=20&operationId=10")).await;
    let mut known = indexes(&entries(&body));
    let (_, body) = object(get(&restored, "operationId=11")).await;
    assert!(entries(&body).is_empty());
    let (_, body) = object(get(&restored, "count=10000&operationId=12")).await;
    let whole = indexes(&entries(&body));
    assert!(!types(&entries(&body)).contains(&"TypingStarted".to_owned()));

    // Rule 4: history pages ascend and end with the index; the end is a page of that one entry.
    loop {
        let oldest = known[0].clone();
        let (_, body) = object(get(&restored, &format!("index={oldest}&count=16&operationId=13"))).await;
        let mut page = indexes(&entries(&body));
        assert_eq!(page.pop(), Some(oldest), "a page ends with the index asked for");
        if page.is_empty() {
            break;
        }
        page.extend(known);
        known = page;
    }
    assert_eq!(known, whole);
    assert_eq!(known[0], indexes(&joined)[0]);

    // Rule 5: a poll that is open at the DELETE gets a 200; the DELETE has a body.
    centre.set(json!({ "poll_hold_ms": 20_000 })).await;
    let leave = async {
        centre.log("on=poll&open=true").await;
        let path = format!("/participants/{}", restored.participant);
        object(form(restored.request(Method::DELETE, &path), "operationId=15")).await
    };
    let ((status, body), (left, answer)) = tokio::join!(object(get(&restored, "operationId=14")), leave);
    assert_eq!((left, &answer["status"]["code"]), (200, &json!("SUCCESS")));
    assert_eq!((status, &body["data"]["chatEnded"]), (200, &json!(true)));
    assert_eq!(types(&entries(&body)), ["ParticipantLeft"]);
    assert_eq!(object(get(&restored, "operationId=16")).await.0, 404, "later the chat is gone");

    // Rule 6: the odd path after an end by the contact centre, with and without a token.
    let odd = || {
        let url = format!("{}/undefined/participants/undefined", centre.base());
        form(centre.http.delete(url).header("x-api-key", "sandbox-key"), "operationId=17")
    };
    let (status, body) = object(odd()).await;
    assert_eq!((status, &body["status"]["code"]), (404, &json!("INVALID_SESSION")));
    assert_eq!(object(odd().header("x-nexus-client-key", &restored.token)).await.0, 404);

    // What the log kept of it all.
    let leave = &centre.log("on=leave").await[0];
    assert_eq!(leave["fields"], json!([["operationId", "15"]]));
    assert_eq!(leave["content_type"], FORM);
}
