//! Each fault, as it looks from the other end of the connection.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::*;

#[tokio::test]
async fn a_status_strikes_as_often_as_asked_with_its_headers_and_body() {
    let centre = centre().await;
    let customer = centre.customer().await;
    centre.fault(json!({ "on": "poll", "kind": "status", "code": 429, "retry_after": 7, "times": 2 })).await;
    for _ in 0..2 {
        let response = customer.read("").await;
        assert_eq!(response.headers()["retry-after"], "7");
        assert_eq!(refused(response).await, (429, "TOO_MANY_REQUESTS".to_owned()));
    }
    assert_eq!(types(&customer.messages("").await), ["ParticipantJoined"], "nothing was lost by it");

    centre.fault(json!({ "on": "send", "kind": "status", "code": 503, "body": "html" })).await;
    let response = customer.sending("Text", "x").send().await.unwrap();
    assert_eq!(response.status(), 503);
    assert!(response.headers()["content-type"].to_str().unwrap().starts_with("text/html"));
    assert!(response.text().await.unwrap().starts_with("<!doctype html>"));

    centre.fault(json!({ "on": "send", "kind": "status", "code": 500, "body": "empty" })).await;
    let response = customer.sending("Text", "x").send().await.unwrap();
    assert_eq!((response.status().as_u16(), response.bytes().await.unwrap().len()), (500, 0));

    centre
        .fault(json!({ "on": "join", "kind": "status", "code": 400, "status_code": "ODD", "message": "m" }))
        .await;
    assert_eq!(refused(centre.join(&customer.token).await).await, (400, "ODD".to_owned()));

    let raw = json!({ "on": "userdata", "kind": "status", "code": 200, "body": "raw", "text": "[1]" });
    centre.fault(raw).await;
    let put = customer.request(Method::PUT, "/userdata").form(&[("data[a]", "1")]).send().await.unwrap();
    assert_eq!(put.json::<Value>().await.unwrap(), json!([1]));
    assert!(customer.messages("").await.is_empty(), "none of the texts arrived");
}

#[tokio::test]
async fn a_drop_happens_before_or_after_the_effect() {
    let centre = centre().await;
    let customer = centre.customer().await;
    centre.fault(json!({ "on": "send", "kind": "drop" })).await;
    let error = customer.sending("Text", "never").send().await.unwrap_err();
    assert!(!error.is_timeout() && error.status().is_none(), "{error}");
    centre.fault(json!({ "on": "send", "kind": "drop", "after_effect": true })).await;
    customer.sending("Text", "arrived").send().await.unwrap_err();
    assert_eq!(texts(&customer.messages("").await), ["arrived"]);
    let outcomes: Vec<Value> = centre.log("on=send").await.iter().map(|one| one["outcome"].clone()).collect();
    assert_eq!(outcomes, ["cut", "cut"]);
}

#[tokio::test]
async fn late_answers_are_whole() {
    let centre = centre().await;
    let customer = centre.customer().await;
    for kind in ["slow", "slow_body"] {
        centre.fault(json!({ "on": "send", "kind": kind, "ms": 300 })).await;
        let begun = Instant::now();
        customer.say(kind).await;
        assert!(begun.elapsed() >= Duration::from_millis(290), "{kind}: {:?}", begun.elapsed());
    }
    assert_eq!(texts(&customer.messages("").await), ["slow", "slow_body"]);
}

#[tokio::test]
async fn a_hang_gives_no_answer_until_the_client_goes() {
    let centre = centre().await;
    let customer = centre.customer().await;
    centre.fault(json!({ "on": "send", "kind": "hang", "after_effect": true })).await;
    let error = customer.sending("Text", "x").timeout(Duration::from_millis(200)).send().await.unwrap_err();
    assert!(error.is_timeout());
    assert_eq!(texts(&customer.messages("").await), ["x"]);
    assert_eq!(centre.log("on=send&done=true").await[0]["outcome"], "gone");
}

#[tokio::test]
async fn broken_bodies_are_broken_as_named() {
    let centre = centre().await;
    let customer = centre.customer().await;
    centre.fault(json!({ "on": "poll", "kind": "truncated" })).await;
    let response = customer.read("").await;
    assert_eq!(response.status(), 200);
    let text = response.text().await.unwrap();
    assert!(text.starts_with('{') && serde_json::from_str::<Value>(&text).is_err(), "{text}");

    centre.fault(json!({ "on": "restore", "kind": "cut_body" })).await;
    let response = customer.read("count=20").await;
    assert_eq!(response.status(), 200);
    response.bytes().await.unwrap_err();

    centre.fault(json!({ "on": "restore", "kind": "oversized" })).await;
    let body = customer.read("count=20").await.bytes().await.unwrap();
    assert!(body.len() > 10 * 1024 * 1024);
    let body: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(types(body["data"]["messages"].as_array().unwrap()), ["ParticipantJoined"]);
}

#[tokio::test]
async fn answers_that_are_not_what_they_should_be() {
    let centre = centre().await;
    let customer = centre.customer().await;
    centre.fault(json!({ "on": "send", "kind": "numeric_status", "value": 1, "code": 400 })).await;
    let response = customer.sending("Text", "x").send().await.unwrap();
    assert_eq!(response.status(), 400);
    assert_eq!(response.json::<Value>().await.unwrap()["status"]["code"], 1);

    centre.fault(json!({ "on": "any", "kind": "html" })).await;
    let response = customer.read("").await;
    assert_eq!(response.status(), 200);
    assert!(response.headers()["content-type"].to_str().unwrap().starts_with("text/html"));

    centre.fault(json!({ "on": "any", "kind": "redirect", "location": "https://portal.example/" })).await;
    let response = customer.read("").await;
    assert_eq!(
        (response.status().as_u16(), &response.headers()["location"]),
        (302, &"https://portal.example/".parse().unwrap())
    );

    centre.fault(json!({ "on": "join", "kind": "no_token" })).await;
    let answer: Value = centre.join(&customer.token).await.json().await.unwrap();
    assert_eq!(answer["status"]["code"], "SUCCESS");
    assert_eq!(answer["data"].get("clientToken"), None);
}

#[tokio::test]
async fn faults_wait_for_their_request_and_can_be_taken_back() {
    let centre = centre().await;
    let customer = centre.customer().await;
    centre.fault(json!({ "on": "read", "kind": "status", "code": 500, "times": 0, "skip": 1, "session": "latest" })).await;
    assert_eq!(customer.read("").await.status(), 200);
    assert_eq!(customer.read("count=20").await.status(), 500);
    assert_eq!(customer.read("count=20").await.status(), 500);
    let stranger = centre.customer().await;
    assert_eq!(stranger.read("").await.status(), 200);
    let waiting = centre.look("/faults").await;
    assert_eq!(waiting["faults"][0]["left"], Value::Null);
    let id = waiting["faults"][0]["id"].clone();
    centre.control(Method::DELETE, &format!("/faults/{id}"), nothing()).await;
    assert_eq!(customer.read("count=20").await.status(), 200);
    assert_eq!(centre.log("on=restore").await[0]["fault"], true);
}

#[tokio::test]
async fn a_restart_cuts_customers_and_keeps_chats() {
    let centre = centre().await;
    centre.set(json!({ "poll_hold_ms": 20_000 })).await;
    let customer = centre.customer().await;
    customer.messages("").await;
    let poll = customer.request(Method::GET, "/messages").send();
    let (poll, ()) = tokio::join!(poll, async {
        centre.log("on=poll&open=true").await;
        centre.control(Method::POST, "/restart", json!({ "down_ms": 600 })).await;
    });
    poll.unwrap_err();
    customer.request(Method::GET, "/messages").send().await.unwrap_err();
    tokio::time::sleep(Duration::from_millis(650)).await;
    customer.say("still here").await;
    assert_eq!(texts(&customer.messages("").await), ["still here"]);
}
