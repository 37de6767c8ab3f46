//! What the model does, as the service's client would see it.

use super::*;
use crate::action::Action;
use crate::model::Model;

fn begun() -> (Centre, String) {
    let mut centre = Centre::new(Settings::default(), Ids::seeded(1));
    let body = object(json!({ "nickname": "Ann", "subject": "Bill", "userData": { "plan": "gold" } }));
    let answer = centre.request_chat(1_000, &body).unwrap();
    let id = answer["id"].as_str().unwrap().to_owned();
    assert_eq!(answer["path"], format!("/api/v2/chats/{id}"));
    (centre, id)
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        other => panic!("{other} is no object"),
    }
}

fn numbers(answer: &Value) -> Vec<u64> {
    answer["messages"].as_array().unwrap().iter().filter_map(|one| one["index"].as_u64()).collect()
}

fn say(centre: &mut Centre, id: &str, text: &str) -> Result<Value, Refusal> {
    centre.operation(id, 2_000, &object(json!({ "operationName": "SendMessage", "text": text })))
}

fn act(centre: &mut Centre, action: Value) {
    centre.perform("latest", 3_000, vec![serde_json::from_value(action).unwrap()]).unwrap();
}

#[test]
fn a_start_wants_a_name_and_a_subject() {
    let mut centre = Centre::new(Settings::default(), Ids::seeded(1));
    for body in [json!({}), json!({ "nickname": "Ann" }), json!({ "nickname": "Ann", "subject": "" })] {
        assert!(centre.request_chat(1, &object(body)).is_err());
    }
    assert!(centre.check_key(Some("sandbox-key"), None).is_ok());
    assert!(centre.check_key(None, Some("sandbox-key")).is_ok());
    assert_eq!(centre.check_key(Some("other"), None), Err(Refusal::Code(403, 4)));
}

#[test]
fn entries_are_numbered_and_read_from_a_number_on() {
    let (mut centre, id) = begun();
    say(&mut centre, &id, "Hello").unwrap();
    assert_eq!(numbers(&centre.messages(&id, Some(1)).unwrap()), [1, 2, 3]);
    assert_eq!(numbers(&centre.messages(&id, Some(3)).unwrap()), [3]);
    assert_eq!(numbers(&centre.messages(&id, Some(4)).unwrap()), Vec::<u64>::new());
    centre.settings.resume = Resume::Exclusive;
    assert_eq!(numbers(&centre.messages(&id, Some(3)).unwrap()), Vec::<u64>::new());
    assert_eq!(numbers(&centre.messages(&id, Some(2)).unwrap()), [3]);
    assert_eq!(numbers(&centre.messages(&id, None).unwrap()), Vec::<u64>::new(), "all was given already");
    say(&mut centre, &id, "More").unwrap();
    assert_eq!(numbers(&centre.messages(&id, None).unwrap()), [4]);
}

#[test]
fn an_ended_chat_is_read_and_takes_nothing() {
    let (mut centre, id) = begun();
    act(&mut centre, json!({ "do": "join", "name": "Maya" }));
    act(&mut centre, json!({ "do": "end" }));
    assert!(say(&mut centre, &id, "Hello?").is_err());
    let read = centre.messages(&id, Some(4)).unwrap();
    let types: Vec<_> = read["messages"].as_array().unwrap().iter().map(|one| one["type"].clone()).collect();
    assert_eq!(types, ["ParticipantLeft", "SessionEnded"]);
}

#[test]
fn typing_of_the_customer_is_seen_by_the_other_side_only() {
    let (mut centre, id) = begun();
    let typing = |centre: &mut Centre, name: &str| {
        centre.operation(&id, 5, &object(json!({ "operationName": name }))).unwrap();
        Model::chat(centre, &id).unwrap().customer_typing
    };
    assert!(typing(&mut centre, "SendStartTypingNotification").is_some());
    assert!(typing(&mut centre, "SendStopTypingNotification").is_none());
    assert_eq!(numbers(&centre.messages(&id, Some(1)).unwrap()), [1, 2]);
}

#[test]
fn a_lost_chat_answers_as_it_was_lost() {
    let (mut centre, id) = begun();
    for (mode, refusal) in [
        ("404", Refusal::Code(404, 6)),
        ("404_empty", Refusal::Bare(404)),
        ("400", Refusal::Words(400, format!("Chat not found {id}"))),
    ] {
        act(&mut centre, json!({ "do": "kill", "mode": mode }));
        assert_eq!(centre.messages(&id, Some(1)), Err(refusal));
    }
    act(&mut centre, json!({ "do": "revive" }));
    assert!(centre.messages(&id, Some(1)).is_ok());
}

#[test]
fn an_entry_comes_twice_or_once_only_when_told_to() {
    let (mut centre, id) = begun();
    act(&mut centre, json!({ "do": "duplicate" }));
    assert_eq!(numbers(&centre.messages(&id, Some(2)).unwrap()), [2, 2]);
    assert_eq!(numbers(&centre.messages(&id, Some(2)).unwrap()), [2]);
    act(&mut centre, json!({ "do": "push", "entry": { "type": "Odd" }, "fill": false, "keep": false }));
    assert_eq!(centre.messages(&id, Some(2)).unwrap()["messages"].as_array().unwrap().len(), 2);
    let refused = centre.perform("latest", 1, vec![Action::State { state: "Completed".into() }]);
    assert!(refused.is_err(), "there are no states");
}
