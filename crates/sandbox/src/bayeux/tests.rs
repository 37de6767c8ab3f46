//! The server, talked to message by message.

use serde_json::{Value, json};

use super::*;

fn server() -> Server {
    Server::new(Settings::default(), Ids::seeded(7))
}

fn said(server: &mut Server, now: u64, message: &Value) -> Value {
    match server.receive(now, Some("b"), Over::Requests, message) {
        Received::Reply(reply) => reply,
        other => panic!("expected a reply, but there was {other:?}"),
    }
}

fn session(server: &mut Server, browser: &str, ack: bool) -> String {
    let message = json!({ "channel": "/meta/handshake", "id": "1", "ext": { "ack": ack } });
    match server.receive(0, Some(browser), Over::Requests, &message) {
        Received::Reply(reply) => reply["clientId"].as_str().unwrap().to_owned(),
        other => panic!("expected a reply, but there was {other:?}"),
    }
}

fn hold(server: &mut Server, now: u64, browser: &str, client: &str, more: &Value) -> u64 {
    let mut message = json!({ "channel": "/meta/connect", "clientId": client, "id": "2" });
    message.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    match server.receive(now, Some(browser), Over::Requests, &message) {
        Received::Hold { hold, .. } => hold,
        other => panic!("expected it to be held, but there was {other:?}"),
    }
}

#[test]
fn a_connect_is_held_until_there_is_something_or_its_time_is_over() {
    let mut server = server();
    let client = session(&mut server, "b", false);
    let first = hold(&mut server, 0, "b", &client, &json!({ "advice": { "timeout": 0 } }));
    assert_eq!(server.ripe(0, &client, first, false).unwrap().len(), 1);
    let next = hold(&mut server, 0, "b", &client, &json!({}));
    assert_eq!(server.ripe(24_999, &client, next, false), None);
    server.deliver(&client, "/a", json!(1));
    let answer = server.ripe(24_999, &client, next, false).unwrap();
    assert_eq!((&answer[0]["data"], &answer[1]["successful"]), (&json!(1), &json!(true)));
    let last = hold(&mut server, 30_000, "b", &client, &json!({}));
    assert!(server.ripe(55_000, &client, last, false).is_some());
}

#[test]
fn a_client_that_is_silent_is_forgotten() {
    let mut server = server();
    let client = session(&mut server, "b", false);
    let lost = said(&mut server, 10_001, &json!({ "channel": "/a", "clientId": client, "data": 1 }));
    assert_eq!((&lost["error"], lost.get("advice")), (&json!("402::Unknown client"), None));
    let lost = said(&mut server, 10_001, &json!({ "channel": "/meta/connect", "clientId": client }));
    assert_eq!(lost["advice"]["reconnect"], "handshake");
}

#[test]
fn a_session_belongs_to_its_cookie_and_two_of_one_cookie_are_slowed_down() {
    let mut server = server();
    let (one, two, other) = (
        session(&mut server, "b", false),
        session(&mut server, "b", false),
        session(&mut server, "c", false),
    );
    let lost = said(&mut server, 0, &json!({ "channel": "/meta/connect", "clientId": other }));
    assert_eq!(lost["successful"], false, "another cookie");
    hold(&mut server, 0, "b", &one, &json!({}));
    let second = hold(&mut server, 0, "b", &two, &json!({}));
    let answer = server.ripe(0, &two, second, false).unwrap();
    assert_eq!(answer[0]["advice"]["multiple-clients"], true);
    assert_eq!(answer[0]["advice"]["interval"], 2_000);
}

#[test]
fn what_was_not_acknowledged_is_delivered_again() {
    let mut server = server();
    let client = session(&mut server, "b", true);
    server.deliver(&client, "/a", json!(1));
    assert!(server.flush(&client).is_empty(), "only connects carry numbers");
    let first = hold(&mut server, 0, "b", &client, &json!({ "ext": { "ack": -1 } }));
    let answer = server.ripe(0, &client, first, false).unwrap();
    assert_eq!(answer[1]["ext"]["ack"], 1);
    let again = hold(&mut server, 0, "b", &client, &json!({ "ext": { "ack": 0 } }));
    assert_eq!(server.ripe(0, &client, again, false).unwrap()[0]["data"], 1);
    let taken = hold(&mut server, 0, "b", &client, &json!({ "ext": { "ack": 2 } }));
    assert_eq!(server.ripe(0, &client, taken, false), None);
}

#[test]
fn a_second_connect_takes_the_place_of_the_first() {
    let mut server = server();
    let client = session(&mut server, "b", false);
    let first = hold(&mut server, 0, "b", &client, &json!({}));
    let second = hold(&mut server, 0, "b", &client, &json!({}));
    assert_eq!(server.ripe(0, &client, first, false), Some(Vec::new()));
    assert_eq!(server.ripe(0, &client, second, false), None);
}
