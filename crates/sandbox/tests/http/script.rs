//! Scripted agents over the wire: the story of the demo, and scenarios from files.

use std::io::Write as _;

use envoi_sandbox::{Options, Script};
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::*;

async fn demo() -> Centre {
    start(Options { script: Script::BuiltIn, speed: 40.0, ..options() }).await
}

fn states(messages: &[Value]) -> Vec<&str> {
    messages
        .iter()
        .filter_map(|one| one.pointer("/data/interactionState"))
        .filter_map(Value::as_str)
        .collect()
}

fn from(messages: &[Value], name: &str) -> Vec<String> {
    let by: Vec<Value> = messages.iter().filter(|one| one["from"]["nickname"] == name).cloned().collect();
    texts(&by)
}

#[tokio::test]
async fn the_demo_greets_answers_shows_a_picture_closes_and_starts_again() {
    let centre = demo().await;
    let customer = centre.customer().await;
    let said = |count: usize| move |all: &[Value]| from(all, "Maya").len() >= count;
    let hello = customer.poll_until(said(1)).await;
    assert_eq!(from(&hello, "Tide").len(), 1);
    assert!(from(&hello, "Tide")[0].contains("Ann"), "the bot knows the name");
    let kinds = types(&hello);
    let position = |kind: &str| kinds.iter().position(|one| one == kind).unwrap();
    assert!(position("TypingStarted") < position("TypingStopped"), "{kinds:?}");
    assert_eq!(kinds.last().unwrap(), "Text");

    customer.say("Why is my October bill so high?").await;
    let bill = customer.poll_until(said(2)).await;
    assert!(from(&bill, "Maya")[0].contains("October"));

    customer.say("Can you show me a photo?").await;
    let photo = customer.poll_until(said(2)).await;
    assert!(photo.iter().any(|one| one.pointer("/content/0/type") == Some(&json!("image"))));

    customer.say("Something quite unexpected").await;
    assert_eq!(from(&customer.poll_until(said(1)).await, "Maya").len(), 1, "there is always an answer");

    customer.say("Thanks, that's all. Bye!").await;
    let closed = customer.poll_until(|all| types(all).contains(&"ParticipantLeft".to_owned())).await;
    assert_eq!(states(&closed), ["Finalizing", "Completed"]);
    assert_eq!(types(&closed).last().unwrap(), "ParticipantLeft");

    customer.say("Hello once more").await;
    let again = customer.poll_until(said(1)).await;
    assert!(types(&again).contains(&"ParticipantJoined".to_owned()), "a new case, an agent joins again");

    customer.say("please end the chat").await;
    let mut ended = false;
    for _ in 0..50 {
        ended = customer.data("").await["chatEnded"] == true;
        if ended {
            break;
        }
    }
    assert!(ended);
}

#[tokio::test]
async fn the_script_goes_on_in_a_chat_that_a_join_moved() {
    let centre = demo().await;
    let customer = centre.customer().await;
    customer.poll_until(|all| !from(all, "Maya").is_empty()).await;
    centre.set(json!({ "join": "different_session" })).await;
    let moved = Customer::new(&centre, &centre.join(&customer.token).await.json().await.unwrap());
    moved.messages("count=100").await;
    moved.say("hello").await;
    let answer = moved.poll_until(|all| !from(all, "Maya").is_empty()).await;
    assert!(!types(&answer).contains(&"ParticipantJoined".to_owned()), "nobody greets a second time");
}

#[tokio::test]
async fn two_chats_are_played_apart() {
    let centre = demo().await;
    let (first, second) = (centre.customer().await, centre.customer().await);
    let greeted = |all: &[Value]| !from(all, "Maya").is_empty();
    first.poll_until(greeted).await;
    second.poll_until(greeted).await;
    first.say("thanks").await;
    first.poll_until(greeted).await;
    assert!(second.messages("").await.is_empty());
}

#[tokio::test]
async fn a_scenario_from_a_file_is_played() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.png"), png()).unwrap();
    let path = folder.path().join("story.toml");
    let mut file = std::fs::File::create(&path).unwrap();
    let text = r#"
        name = "Fernway Rail"
        [[rule]]
        on = "start"
        steps = [{ join = "Ravi" }, { join = "Sue", as = "Supervisor" }, { say = "Hello {nickname}", by = "Ravi" }]
        [[rule]]
        on = "message"
        words = ["ticket"]
        steps = [{ image = "a.png", by = "Ravi" }, { state = "Parked" }, { leave = "Sue" }, { wait = 10 }, { end = true }]
    "#;
    file.write_all(text.as_bytes()).unwrap();
    let centre = start(Options { script: Script::File(path), ..options() }).await;
    let customer = centre.customer().await;
    let greeting = customer.poll_until(|all| !texts(all).is_empty()).await;
    assert_eq!(texts(&greeting), ["Hello Ann"]);
    assert_eq!(greeting.last().unwrap()["from"]["nickname"], "Ravi");
    customer.say("My ticket, please").await;
    let mut all = Vec::new();
    loop {
        let data = customer.data("").await;
        all.extend(data["messages"].as_array().unwrap().clone());
        if data["chatEnded"] == true {
            break;
        }
    }
    assert_eq!(types(&all), ["Text", "Image", "System", "ParticipantLeft", "ParticipantLeft"]);
    assert_eq!(states(&all), ["Parked"]);
    assert_eq!(all[1]["content"][0]["name"], "a.png");
}

#[tokio::test]
async fn a_reset_ends_the_play_and_new_chats_are_played_from_the_start() {
    let centre = demo().await;
    let customer = centre.customer().await;
    customer.poll_until(|all| !from(all, "Tide").is_empty()).await;
    centre.control(Method::POST, "/reset", nothing()).await;
    let customer = centre.customer().await;
    customer.poll_until(|all| !from(all, "Maya").is_empty()).await;
}
