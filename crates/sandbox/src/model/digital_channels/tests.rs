//! The model by itself: time and ids are inputs, so every run is the same.

use serde_json::json;

use super::*;
use crate::action::{Action, ActionError};
use crate::chat::{Kind, Who};
use crate::model::Model as _;

const T: u64 = 1_767_607_200_000;

fn centre() -> Centre {
    Centre::new(Settings::default(), Ids::seeded(1))
}

fn fields(value: Value) -> Fields {
    let Value::Object(fields) = value else { panic!("{value} is no object") };
    fields
}

fn open(centre: &mut Centre) -> (Caller, String) {
    let joined = centre
        .create(T, fields(json!({ "endpoint": "Support", "nickname": "Ann", "email": "a@b", "userData": { "plan": "gold" } })))
        .unwrap();
    (centre.caller(&joined.session, Some(&joined.token)).unwrap(), joined.token)
}

fn act(centre: &mut Centre, now: u64, action: Value) -> Result<Vec<Value>, ActionError> {
    centre.perform("latest", now, vec![serde_json::from_value::<Action>(action).unwrap()])
}

fn texts(reading: &Reading) -> Vec<&str> {
    reading.messages.iter().filter_map(|one| one.get("text")).filter_map(Value::as_str).collect()
}

fn types(reading: &Reading) -> Vec<&str> {
    reading.messages.iter().map(|one| one["type"].as_str().unwrap()).collect()
}

fn index_of(message: &Value) -> Index {
    Index::parse(message["index"].as_str().unwrap()).unwrap()
}

#[test]
fn a_new_chat_keeps_what_the_form_sent_and_announces_the_customer() {
    let mut centre = centre();
    let (caller, _) = open(&mut centre);
    let session = centre.find("latest").unwrap();
    assert_eq!(Value::Object(session.form.clone()), json!({ "email": "a@b" }));
    assert_eq!(Value::Object(session.user_data.clone()), json!({ "plan": "gold" }));
    let first = centre.poll(&caller, T, None).unwrap();
    assert_eq!(types(&first), ["ParticipantJoined"]);
    assert_eq!(first.messages[0]["from"]["type"], "Customer");
    assert_eq!(first.messages[0]["from"]["nickname"], "Ann");
    assert_eq!(first.last.unwrap(), index_of(&first.messages[0]));
    assert!(centre.poll(&caller, T, None).unwrap().messages.is_empty(), "nothing is given twice");
}

#[test]
fn a_wrong_endpoint_and_a_missing_name_are_refused() {
    let mut centre = centre();
    let refused = centre.create(T, fields(json!({ "endpoint": "Nowhere", "nickname": "Ann" })));
    assert_eq!(refused.unwrap_err(), Refusal::UnknownEndpoint);
    let refused = centre.create(T, fields(json!({ "endpoint": "Support", "nickname": " " })));
    assert_eq!(refused.unwrap_err(), Refusal::NoNickname);
    assert!(centre.sessions.is_empty());
}

#[test]
fn several_entries_of_one_millisecond_count_up_past_nine() {
    let mut centre = centre();
    let (caller, _) = open(&mut centre);
    act(&mut centre, T, json!({ "do": "join", "name": "Maya" })).unwrap();
    act(&mut centre, T, json!({ "do": "burst", "count": 15 })).unwrap();
    let read = centre.poll(&caller, T, None).unwrap();
    let indexes: Vec<Index> = read.messages.iter().map(index_of).collect();
    assert!(indexes.is_sorted() && indexes.iter().any(|index| index.seq > 9), "{indexes:?}");
}

#[test]
fn both_sides_get_a_text_and_the_same_run_gives_the_same_bytes() {
    let run = || {
        let mut centre = centre();
        let (caller, _) = open(&mut centre);
        centre.send(&caller, T + 5, &fields(json!({ "type": "Text", "text": "hi" }))).unwrap();
        act(&mut centre, T + 9, json!({ "do": "join", "name": "Maya" })).unwrap();
        act(&mut centre, T + 9, json!({ "do": "say", "text": "hello" })).unwrap();
        centre.poll(&caller, T + 10, None).unwrap()
    };
    let read = run();
    assert_eq!(texts(&read), ["hi", "hello"]);
    assert_eq!(read.messages, run().messages);
}

#[test]
fn history_pages_ascend_end_with_the_index_and_stop_at_the_first_entry() {
    let mut centre = centre();
    let (caller, _) = open(&mut centre);
    act(&mut centre, T + 1, json!({ "do": "join", "name": "Maya" })).unwrap();
    act(&mut centre, T + 2, json!({ "do": "burst", "count": 50 })).unwrap();
    let mut page = centre.newest(&caller, 20).unwrap();
    let mut seen = page.messages.len();
    assert_eq!(texts(&page).last(), Some(&"Message 50"));
    loop {
        let oldest = index_of(&page.messages[0]);
        page = centre.older(&caller, oldest, 20).unwrap();
        let indexes: Vec<Index> = page.messages.iter().map(index_of).collect();
        assert!(indexes.is_sorted());
        assert_eq!(indexes.last(), Some(&oldest), "a page ends with the index that was asked for");
        if indexes.len() == 1 {
            break;
        }
        seen += indexes.len() - 1;
    }
    let before = Index { ms: 1, seq: 0 };
    assert_eq!(centre.older(&caller, before, 20).unwrap().messages, page.messages, "never an empty page");
    assert_eq!(seen, 52, "the two who joined and fifty texts");
    assert!(
        centre.poll(&caller, T + 3, None).unwrap().messages.is_empty(),
        "a count read counts as delivered"
    );
}

#[test]
fn a_read_with_an_index_is_inclusive_or_exclusive_by_switch() {
    let mut centre = centre();
    let (caller, _) = open(&mut centre);
    act(&mut centre, T + 1, json!({ "do": "join", "name": "Maya" })).unwrap();
    let made = act(&mut centre, T + 2, json!({ "do": "burst", "count": 3 })).unwrap();
    let from = index_of(&made[1]);
    let read = centre.poll(&caller, T + 3, Some(from)).unwrap();
    assert_eq!(texts(&read), ["Message 2", "Message 3"]);
    assert_eq!(
        centre.poll(&caller, T + 3, Some(from)).unwrap().messages,
        read.messages,
        "asked again, given again"
    );
    centre.settings.resume = settings::Resume::Exclusive;
    assert_eq!(texts(&centre.poll(&caller, T + 3, Some(from)).unwrap()), ["Message 3"]);
}

#[test]
fn typing_goes_to_the_other_side_only_has_an_index_and_is_no_history() {
    let mut centre = centre();
    let (caller, _) = open(&mut centre);
    act(&mut centre, T, json!({ "do": "join", "name": "Maya" })).unwrap();
    centre.poll(&caller, T, None).unwrap();
    centre.send(&caller, T + 1, &fields(json!({ "type": "TypingStarted", "text": "hel" }))).unwrap();
    assert_eq!(centre.find("latest").unwrap().customer_typing.as_deref(), Some("hel"));
    assert!(centre.poll(&caller, T + 1, None).unwrap().messages.is_empty(), "not to who types");
    act(&mut centre, T + 2, json!({ "do": "typing", "on": true })).unwrap();
    let read = centre.poll(&caller, T + 2, None).unwrap();
    assert_eq!(types(&read), ["TypingStarted"]);
    assert!(read.messages[0]["index"].is_string() && read.messages[0]["from"]["type"] == "Agent");
    assert_eq!(types(&centre.newest(&caller, 20).unwrap()), ["ParticipantJoined", "ParticipantJoined"]);
    act(&mut centre, T + 3, json!({ "do": "typing", "on": false })).unwrap();
    assert!(
        centre.poll(&caller, T + 20_000, None).unwrap().messages.is_empty(),
        "stale typing is not handed out"
    );
    centre.send(&caller, T + 4, &fields(json!({ "type": "TypingStopped", "text": "" }))).unwrap();
    assert_eq!(centre.find("latest").unwrap().customer_typing, None);
}

#[test]
fn a_join_gives_another_transport_of_the_same_chat_and_the_old_token_goes_on() {
    let mut centre = centre();
    let (caller, token) = open(&mut centre);
    centre.poll(&caller, T, None).unwrap();
    let joined = centre.join(T, &token, fields(json!({ "endpoint": "Support" }))).unwrap();
    assert_ne!(joined.token, token);
    let (old, new) = (Claims::verify(&token).unwrap(), Claims::verify(&joined.token).unwrap());
    assert_eq!((old.session_id, old.participant_id), (new.session_id, new.participant_id));
    assert_ne!(old.transport_id, new.transport_id);
    let second = centre.caller(&joined.session, Some(&joined.token)).unwrap();
    assert_eq!(second.token_number, 1);
    assert_eq!(
        types(&centre.poll(&second, T, None).unwrap()),
        ["ParticipantJoined"],
        "it has been given nothing yet"
    );
    assert!(centre.poll(&caller, T, None).unwrap().messages.is_empty());
}

#[test]
fn a_join_may_move_the_chat_to_other_ids() {
    let mut centre = centre();
    centre.settings.join = Join::DifferentSession;
    let (caller, token) = open(&mut centre);
    centre.send(&caller, T, &fields(json!({ "type": "Text", "text": "hi" }))).unwrap();
    let joined = centre.join(T, &token, Fields::new()).unwrap();
    assert_ne!(joined.session, caller.session);
    let moved = centre.caller(&joined.session, Some(&joined.token)).unwrap();
    assert_eq!(texts(&centre.newest(&moved, 20).unwrap()), ["hi"], "the transcript came along");
    assert_eq!(centre.caller(&caller.session, Some(&token)).unwrap_err(), Refusal::NoSession);
    let (old, new) = (Claims::verify(&token).unwrap(), Claims::verify(&joined.token).unwrap());
    assert_ne!(old.participant_id, new.participant_id);
    assert_eq!(centre.leave(&moved, T, &new.participant_id), Ok(()));
}

#[test]
fn tokens_open_their_own_chat_only() {
    let mut centre = centre();
    let (first, token) = open(&mut centre);
    let (second, _) = open(&mut centre);
    assert_eq!(centre.caller(&second.session, Some(&token)), Err(Refusal::NotAuthorized));
    assert_eq!(centre.caller(&first.session, None), Err(Refusal::NotAuthorized));
    assert_eq!(centre.caller("undefined", None), Err(Refusal::NoSession));
    assert_eq!(centre.join(T, "no.token.atall", Fields::new()).unwrap_err(), Refusal::NotAuthorized);
    let mut later = Centre::new(Settings::default(), Ids::seeded(2));
    assert_eq!(
        later.join(T, &token, Fields::new()).unwrap_err(),
        Refusal::NoSession,
        "genuine, of an earlier run"
    );
}

#[test]
fn the_end_is_told_once_to_each_transport() {
    let mut centre = centre();
    let (caller, token) = open(&mut centre);
    let joined = centre.join(T, &token, Fields::new()).unwrap();
    let second = centre.caller(&joined.session, Some(&joined.token)).unwrap();
    let participant = Claims::verify(&token).unwrap().participant_id;
    assert_eq!(centre.leave(&caller, T + 1, "somebody"), Err(Refusal::OtherParticipant));
    centre.leave(&caller, T + 1, &participant).unwrap();
    for one in [&caller, &second] {
        let last = centre.poll(one, T + 2, None).unwrap();
        assert_eq!(types(&last).last(), Some(&"ParticipantLeft"));
        assert!(last.ended);
        assert_eq!(centre.poll(one, T + 2, None).unwrap_err(), Refusal::NoSession);
        assert_eq!(centre.newest(one, 20).unwrap_err(), Refusal::NoSession);
    }
    assert_eq!(centre.leave(&caller, T + 3, &participant), Err(Refusal::NoSession));
    assert_eq!(centre.join(T, &token, Fields::new()).unwrap_err(), Refusal::NoSession);
}

#[test]
fn a_text_after_the_end_is_answered_as_the_switch_says() {
    let mut centre = centre();
    let (caller, _) = open(&mut centre);
    act(&mut centre, T, json!({ "do": "end" })).unwrap();
    let text = fields(json!({ "type": "Text", "text": "hi" }));
    assert_eq!(centre.send(&caller, T, &text), Err(Refusal::NoSession));
    centre.settings.send_after_end = SendAfterEnd::ChatEnded;
    assert_eq!(centre.send(&caller, T, &text), Ok(Sent::ChatEnded));
}

#[test]
fn a_lost_chat_answers_as_it_was_lost() {
    let mut centre = centre();
    let (caller, token) = open(&mut centre);
    let cases = [
        ("404", Refusal::NoSession, Refusal::NoSession),
        ("404_empty", Refusal::NoSessionWithoutWords, Refusal::NoSessionWithoutWords),
        ("401", Refusal::NotAuthorized, Refusal::NotAuthorized),
        ("401_on_join", Refusal::NoSession, Refusal::NotAuthorized),
    ];
    for (mode, on_read, on_join) in cases {
        act(&mut centre, T, json!({ "do": "kill", "mode": mode })).unwrap();
        assert_eq!(centre.caller(&caller.session, Some(&token)), Err(on_read), "{mode}");
        assert_eq!(centre.join(T, &token, Fields::new()).unwrap_err(), on_join, "{mode}");
    }
    act(&mut centre, T, json!({ "do": "revive" })).unwrap();
    assert!(centre.caller(&caller.session, Some(&token)).is_ok());
}

#[test]
fn pictures_are_checked_by_content_size_and_number() {
    let mut centre = centre();
    centre.settings.picture_bytes = 100;
    let (caller, token) = open(&mut centre);
    let png = |length: usize| {
        let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
        bytes.resize(length, 0);
        Bytes::from(bytes)
    };
    assert_eq!(centre.image(&caller, T, "a.pdf", Bytes::from_static(b"%PDF")), Err(Refusal::NotAPicture));
    assert_eq!(centre.image(&caller, T, "a.png", png(101)), Err(Refusal::PictureTooLarge));
    for _ in 0..3 {
        centre.image(&caller, T, "my meter.png", png(100)).unwrap();
    }
    assert_eq!(centre.image(&caller, T, "a.png", png(100)), Err(Refusal::TooManyPictures));
    let read = centre.poll(&caller, T, None).unwrap();
    let part = &read.messages.last().unwrap()["content"][0];
    assert_eq!(
        (&part["type"], &part["mime"], &part["length"]),
        (&json!("image"), &json!("image/png"), &json!(100))
    );
    let url = part["url"].as_str().unwrap();
    assert!(url.starts_with("/media/") && url.ends_with("/my%20meter.png"), "{url}");
    let id = url.split('/').nth(2).unwrap();
    assert_eq!(centre.media(Some(&token), id).unwrap().bytes.len(), 100);
    assert_eq!(centre.media(None, id).unwrap_err(), Refusal::NotAuthorized);
    let (_, other) = open(&mut centre);
    assert_eq!(centre.media(Some(&other), id).unwrap_err(), Refusal::NoSuchPath);
}

#[test]
fn a_duplicate_comes_again_with_its_index_and_history_has_it_once() {
    let mut centre = centre();
    let (caller, _) = open(&mut centre);
    act(&mut centre, T, json!({ "do": "join", "name": "Maya" })).unwrap();
    let made = act(&mut centre, T, json!({ "do": "say", "text": "once" })).unwrap();
    centre.poll(&caller, T, None).unwrap();
    act(&mut centre, T + 1, json!({ "do": "duplicate" })).unwrap();
    assert_eq!(centre.poll(&caller, T + 1, None).unwrap().messages, made);
    assert_eq!(texts(&centre.newest(&caller, 20).unwrap()), ["once"]);
    let missing = act(&mut centre, T, json!({ "do": "duplicate", "index": "1-1" }));
    assert_eq!(missing, Err(ActionError::NoSuchEntry("1-1".to_owned())));
}

#[test]
fn an_entry_out_of_order_arrives_last_and_history_puts_it_in_place() {
    let mut centre = centre();
    let (caller, _) = open(&mut centre);
    act(&mut centre, T + 5, json!({ "do": "join", "name": "Maya" })).unwrap();
    act(&mut centre, T + 9, json!({ "do": "say", "text": "second" })).unwrap();
    act(&mut centre, T + 10, json!({ "do": "out_of_order", "text": "first" })).unwrap();
    let read = centre.poll(&caller, T + 11, None).unwrap();
    assert_eq!(texts(&read), ["second", "first"]);
    let indexes: Vec<Index> = read.messages.iter().map(index_of).collect();
    assert!(!indexes.is_sorted());
    assert_eq!(texts(&centre.newest(&caller, 20).unwrap()), ["first", "second"]);
}

#[test]
fn any_entry_can_be_pushed_filled_up_or_exactly_as_it_is() {
    let mut centre = centre();
    let (caller, _) = open(&mut centre);
    centre.poll(&caller, T, None).unwrap();
    act(&mut centre, T, json!({ "do": "push", "entry": { "type": "Odd", "index": "7-7" } })).unwrap();
    act(&mut centre, T, json!({ "do": "push", "entry": { "index": 5 }, "fill": false, "keep": false }))
        .unwrap();
    let read = centre.poll(&caller, T, None).unwrap();
    assert_eq!(read.messages[0]["index"], "7-7");
    assert!(read.messages[0]["id"].is_string() && read.messages[0]["from"].is_object());
    assert_eq!(read.messages[1], json!({ "index": 5 }));
    assert!(types(&centre.newest(&caller, 20).unwrap()).contains(&"Odd"));
}

#[test]
fn an_action_that_nobody_can_do_says_so() {
    let mut centre = centre();
    assert!(matches!(act(&mut centre, T, json!({ "do": "end" })), Err(ActionError::NoSuchSession(_))));
    open(&mut centre);
    assert_eq!(act(&mut centre, T, json!({ "do": "say", "text": "x" })), Err(ActionError::NobodyThere));
    act(&mut centre, T, json!({ "do": "join", "name": "Maya" })).unwrap();
    let absent = act(&mut centre, T, json!({ "do": "say", "text": "x", "by": "Tom" }));
    assert_eq!(absent, Err(ActionError::NotThere("Tom".to_owned())));
    act(&mut centre, T, json!({ "do": "end" })).unwrap();
    assert_eq!(act(&mut centre, T, json!({ "do": "state", "state": "Completed" })), Err(ActionError::Ended));
}

#[test]
fn the_end_by_the_contact_centre_tells_who_left() {
    let mut centre = centre();
    let (caller, _) = open(&mut centre);
    act(&mut centre, T, json!({ "do": "join", "name": "Maya" })).unwrap();
    act(&mut centre, T, json!({ "do": "join", "name": "Watch", "type": "Supervisor" })).unwrap();
    act(&mut centre, T, json!({ "do": "state", "state": "Completed" })).unwrap();
    act(&mut centre, T, json!({ "do": "end" })).unwrap();
    let read = centre.poll(&caller, T, None).unwrap();
    let expected = [
        "ParticipantJoined",
        "ParticipantJoined",
        "ParticipantJoined",
        "System",
        "ParticipantLeft",
        "ParticipantLeft",
    ];
    assert_eq!(types(&read), expected);
    assert_eq!(read.messages[3]["from"]["participantId"], "00000000-0000-0000-0000-000000000000");
    assert_eq!(read.messages[3]["data"]["interactionState"], "Completed");
    assert!(read.ended);
}

#[test]
fn the_rest_of_the_sandbox_sees_a_chat_in_neutral_words() {
    let mut centre = centre();
    let (caller, _) = open(&mut centre);
    centre.send(&caller, T + 1, &fields(json!({ "type": "Text", "text": "hi" }))).unwrap();
    let id = centre.chats().pop().unwrap().id;
    let join = Action::Join { name: "Tide".to_owned(), kind: "bot".to_owned() };
    let made = centre
        .act(
            &id,
            T + 2,
            vec![
                join,
                Action::Image { base64: None, name: None, by: None },
                Action::State { state: "Completed".to_owned() },
                Action::Typing { on: true, text: None, by: None },
            ],
        )
        .unwrap();
    let told: Vec<_> = made.iter().map(|line| (line.who, line.kind, line.text.as_str())).collect();
    assert_eq!(
        told,
        [
            (Who::Bot, Kind::Joined, ""),
            (Who::Bot, Kind::Picture, "meter.png"),
            (Who::System, Kind::State, "Completed"),
            (Who::Bot, Kind::Typing, ""),
        ]
    );
    assert_eq!(made[0].wire["from"]["type"], "Bot", "the service's own spelling goes over the wire");
    let lines = centre.lines(&id, 1);
    assert_eq!((lines[0].who, lines[0].kind, lines[0].text.as_str()), (Who::Customer, Kind::Text, "hi"));
    assert_eq!(lines.len(), 5);
    let chat = centre.chat(&id).unwrap();
    assert_eq!((chat.nickname.as_deref(), chat.entries, chat.dead), (Some("Ann"), 6, None));
}

#[test]
fn what_the_service_has_no_such_thing_for_is_refused_by_name() {
    let mut centre = centre();
    open(&mut centre);
    act(&mut centre, T, json!({ "do": "join", "name": "Maya" })).unwrap();
    let refused = act(&mut centre, T, json!({ "do": "banner", "event": "ui-event-update-promotion" }));
    assert_eq!(refused, Err(ActionError::Unsupported { service: NAME, action: "banner" }));
    let refused = act(&mut centre, T, json!({ "do": "lose", "mode": "410" }));
    assert!(matches!(refused, Err(ActionError::UnknownWord { member: "mode", .. })), "{refused:?}");
}
