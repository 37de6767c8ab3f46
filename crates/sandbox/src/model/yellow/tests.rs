//! What the model does, as a relay would see it.

use super::*;
use crate::model::Model;

fn own(exit: Exit) -> Centre {
    Centre::new(Settings { bot: Bot::Own, exit, ..Settings::default() }, Ids::seeded(1))
}

fn send(centre: &mut Centre, data: &Value) -> Value {
    let body = json!({ "botId": "x1657623696077", "sender": "s1", "data": data });
    centre.message(1_000, body.as_object().unwrap()).unwrap()
}

fn say(centre: &mut Centre, text: &str) -> Value {
    send(centre, &json!({ "message": text }))
}

/// Types and messages, oldest first.
fn read(centre: &mut Centre) -> Vec<String> {
    let page = centre.messages("s1", 100, 0);
    let data = page["data"].as_array().unwrap().iter().rev();
    data.map(|one| format!("{} {}", one["messageType"].as_str().unwrap(), one["message"].as_str().unwrap()))
        .collect()
}

#[test]
fn what_is_missing_is_refused() {
    let mut centre = own(Exit::Closes);
    for body in [
        json!({}),
        json!({ "botId": "b", "sender": "s", "data": {} }),
        json!({ "botId": "x1657623696077", "sender": "s", "data": {} }),
    ] {
        assert!(centre.message(1, body.as_object().unwrap()).is_err(), "{body}");
    }
    assert_eq!(centre.check_key(None).unwrap_err().0, 401);
    assert_eq!(centre.check_key(Some("x")).unwrap_err().0, 403);
}

#[test]
fn the_bot_echoes_and_its_answer_stands_in_both_places() {
    let mut centre = own(Exit::Closes);
    let answer = say(&mut centre, "hi");
    assert_eq!(answer["data"]["messageArray"][0]["message"], "You said: hi");
    assert_eq!(read(&mut centre), ["USER hi", "BOT You said: hi"]);
    centre.settings.answers = Answers::Answer;
    say(&mut centre, "ho");
    assert_eq!(read(&mut centre).last().unwrap(), "USER ho");
}

#[test]
fn an_agent_pauses_the_bot_and_the_words_lead_back() {
    let mut centre = own(Exit::Closes);
    say(&mut centre, "Agent");
    let messages = read(&mut centre);
    assert!(messages.contains(&"NOTIFICATION *Maya* has joined the conversation".to_owned()));
    assert!(messages.last().unwrap().contains("ui-event-update-promotion"));
    assert_eq!(say(&mut centre, "hello?")["data"]["messageArray"], json!([]), "the bot is silent");
    let back = say(&mut centre, " Talk to BOT ");
    assert_eq!(back["data"]["messageArray"].as_array().unwrap().len(), 2, "the banner goes, the bot greets");
    assert_eq!(Model::chats(&centre)[0].more["ticket"]["status"], "RESOLVED");
    assert!(read(&mut centre).contains(&"NOTIFICATION *Maya* has left the conversation".to_owned()));
    say(&mut centre, "agent");
    assert_eq!(Model::chats(&centre)[0].more["ticket"]["reopened_from"], "100001", "another ticket");
}

#[test]
fn asking_the_agent_or_nobody_closes_nothing() {
    for exit in [Exit::AsksAgent, Exit::Silent] {
        let mut centre = own(exit);
        say(&mut centre, "agent");
        say(&mut centre, "talk to bot");
        assert_eq!(Model::chats(&centre)[0].more["ticket"]["status"], "ASSIGNED");
    }
}

#[test]
fn pages_come_in_the_order_that_was_set() {
    let mut centre = own(Exit::Closes);
    for text in ["a", "b"] {
        say(&mut centre, text);
    }
    let first = |centre: &mut Centre| centre.messages("s1", 1, 1)["data"][0]["message"].clone();
    assert_eq!(first(&mut centre), "b");
    centre.settings.order = Order::OldestFirst;
    assert_eq!(first(&mut centre), "You said: a");
    assert_eq!(centre.messages("s2", 10, 0)["data"], json!([]));
}

#[test]
fn what_the_client_raises_is_written_down() {
    let mut centre = own(Exit::Closes);
    send(&mut centre, &json!({ "event": { "code": "bot-opened", "data": { "firstname": "Ann" } } }));
    send(&mut centre, &json!({ "event": { "code": "ym_closed_promotion" } }));
    let chat = Model::chats(&centre).pop().unwrap();
    assert_eq!(chat.nickname.as_deref(), Some("Ann"));
    assert_eq!(chat.more["events"][1]["code"], "ym_closed_promotion");
    assert!(read(&mut centre).is_empty(), "it is no message");
}
