//! Each of the seven operations, as a customer's client meets it.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::*;

#[tokio::test]
async fn create_answers_with_a_token_and_echoes_the_operation() {
    let centre = centre().await;
    let fields = [
        ("data[firstName]", "Ann"),
        ("data[nickname]", "Ann"),
        ("data[endpoint]", "Support"),
        ("data[userData][plan]", "gold"),
        ("data[userData][_genesys_source]", "web"),
        ("data[email]", "ann@example.org"),
        ("operationId", "c0ffee-1"),
    ];
    let answer: Value = centre.post_sessions(&fields).send().await.unwrap().json().await.unwrap();
    assert_eq!(answer["status"]["code"], "SUCCESS");
    assert_eq!(answer["operationId"], "c0ffee-1");
    let customer = Customer::new(&centre, &answer);
    assert_eq!(answer["data"]["entity"]["id"], customer.session.as_str());
    assert_eq!(answer["data"]["entity"]["selfUri"], format!("/nexus/v3/chat/sessions/{}", customer.session));
    let chat = centre.look("/sessions/latest").await;
    assert_eq!(chat["user_data"], json!({ "plan": "gold", "_genesys_source": "web" }));
    assert_eq!(chat["form"], json!({ "firstName": "Ann", "email": "ann@example.org" }));
}

#[tokio::test]
async fn json_bodies_are_taken_as_well() {
    let centre = centre().await;
    let body = json!({ "operationId": "j", "data": { "endpoint": "Sales", "nickname": "Ann" } });
    let request = centre.http.post(centre.base()).header("x-api-key", "sandbox-key").json(&body);
    let answer: Value = request.send().await.unwrap().json().await.unwrap();
    let customer = Customer::new(&centre, &answer);
    let text = json!({ "operationId": "t", "data": { "type": "Text", "text": "as JSON" } });
    let sent = customer.request(Method::POST, "/messages").json(&text).send().await.unwrap();
    assert_eq!(sent.json::<Value>().await.unwrap()["operationId"], "t");
    assert_eq!(texts(&customer.messages("").await), ["as JSON"]);
    let broken =
        customer.request(Method::POST, "/messages").header("content-type", "application/json").body("{");
    assert_eq!(refused(broken.send().await.unwrap()).await, (400, "INVALID_REQUEST".to_owned()));
}

#[tokio::test]
async fn keys_are_checked_in_order_key_chat_token() {
    let centre = centre().await;
    let customer = centre.customer().await;
    let url = format!("{}/{}/messages", centre.base(), customer.session);
    let get = |url: &str| centre.http.get(url);
    let expect = |status, code: &str| (status, code.to_owned());

    let no_key = get(&url).header("x-nexus-client-key", &customer.token).send().await.unwrap();
    assert_eq!(refused(no_key).await, expect(403, "INVALID_CONTACT_CENTER"));
    let bad_key = get(&url).header("x-api-key", "other").send().await.unwrap();
    assert_eq!(refused(bad_key).await, expect(403, "INVALID_CONTACT_CENTER"));
    let no_token = get(&url).header("x-api-key", "sandbox-key").send().await.unwrap();
    assert_eq!(refused(no_token).await, expect(401, "AUTHENTICATION_REQUIRED"));
    let bad_token = get(&url).header("x-api-key", "sandbox-key").header("x-nexus-client-key", "a.b.c");
    assert_eq!(refused(bad_token.send().await.unwrap()).await, expect(401, "AUTHENTICATION_REQUIRED"));
    let unknown = get(&format!("{}/nobody/messages", centre.base())).header("x-api-key", "sandbox-key");
    assert_eq!(refused(unknown.send().await.unwrap()).await, expect(404, "INVALID_SESSION"));

    let create = |fields: &'static [(&str, &str)]| centre.post_sessions(fields).send();
    let endpoint = create(&[("data[endpoint]", "Nowhere"), ("data[nickname]", "Ann")]).await.unwrap();
    assert_eq!(refused(endpoint).await, expect(400, "INVALID_ENDPOINT"));
    let nickname = create(&[("data[endpoint]", "Support")]).await.unwrap();
    assert_eq!(refused(nickname).await, expect(400, "INVALID_NICKNAME"));
}

#[tokio::test]
async fn a_poll_is_held_and_answered_as_soon_as_there_is_news() {
    let centre = centre().await;
    centre.set(json!({ "poll_hold_ms": 20_000 })).await;
    let customer = centre.customer().await;
    customer.messages("").await;
    let poll = async {
        let data = customer.data("").await;
        (data, Instant::now())
    };
    let agent = async {
        centre.log("on=poll&open=true").await;
        centre.act("join", json!({ "name": "Maya" })).await;
        Instant::now()
    };
    let ((data, answered), joined) = tokio::join!(poll, agent);
    assert_eq!(types(data["messages"].as_array().unwrap()), ["ParticipantJoined"]);
    assert_eq!(data["chatEnded"], false);
    assert_eq!(data["lastDeliveredIndex"], data["messages"][0]["index"]);
    assert!(answered.saturating_duration_since(joined) < Duration::from_secs(2));
}

#[tokio::test]
async fn a_poll_with_nothing_to_say_ends_empty_after_the_hold_time() {
    let centre = centre().await;
    let customer = centre.customer().await;
    let first = customer.data("").await;
    let begun = Instant::now();
    let second = customer.data("").await;
    assert!(begun.elapsed() >= Duration::from_millis(190));
    assert_eq!(second["messages"], json!([]));
    assert_eq!(second["chatEnded"], false);
    assert_eq!(second["lastDeliveredIndex"], first["lastDeliveredIndex"], "the position is told again");
}

#[tokio::test]
async fn a_second_poll_of_a_transport_is_answered_at_once_and_empty() {
    let centre = centre().await;
    centre.set(json!({ "poll_hold_ms": 20_000 })).await;
    let customer = centre.customer().await;
    customer.messages("").await;
    let second = async {
        centre.log("on=poll&open=true").await;
        let begun = Instant::now();
        let data = customer.data("").await;
        assert!(begun.elapsed() < Duration::from_secs(2));
        centre.control(Method::POST, "/release", nothing()).await;
        data
    };
    let (first, second) = tokio::join!(customer.data(""), second);
    assert_eq!((&first["messages"], &second["messages"]), (&json!([]), &json!([])));
    let marked: Vec<bool> =
        centre.log("on=poll").await.iter().map(|one| one["second_poll"].as_bool().unwrap()).collect();
    assert_eq!(marked, [false, false, true]);
}

#[tokio::test]
async fn a_poll_that_its_client_dropped_does_not_block_the_next() {
    let centre = centre().await;
    centre.set(json!({ "poll_hold_ms": 20_000 })).await;
    let customer = centre.customer().await;
    customer.messages("").await;
    for _ in 0..5 {
        let dropped = tokio::time::timeout(Duration::from_millis(50), customer.data("")).await;
        assert!(dropped.is_err(), "it was held");
    }
    let (data, ()) = tokio::join!(customer.data(""), async {
        tokio::time::sleep(Duration::from_millis(150)).await;
        centre.act("join", json!({ "name": "Maya" })).await;
    });
    assert_eq!(types(data["messages"].as_array().unwrap()), ["ParticipantJoined"]);
    assert_eq!(centre.log("on=poll&done=true").await[1]["outcome"], "gone");
}

#[tokio::test]
async fn a_text_comes_back_to_who_sent_it() {
    let centre = centre().await;
    let customer = centre.customer().await;
    let answer = customer.say("Zażółć & more=1 + 2 🙂").await;
    assert_eq!((&answer["status"]["code"], &answer["operationId"]), (&json!("SUCCESS"), &json!("s")));
    let other = customer.say("again").await;
    assert_ne!(answer["referenceId"], other["referenceId"]);
    let messages = customer.messages("").await;
    assert_eq!(texts(&messages), ["Zażółć & more=1 + 2 🙂", "again"]);
    let echo = &messages[1];
    assert_eq!(echo["from"]["participantId"], customer.participant.as_str());
    for member in ["index", "streamId", "id", "utcTime", "visibility"] {
        assert!(echo[member].is_string(), "{member} in {echo}");
    }
    let empty = customer.sending("Text", "").send().await.unwrap();
    assert_eq!(refused(empty).await, (400, "INVALID_REQUEST".to_owned()));
}

#[tokio::test]
async fn typing_is_seen_by_the_other_side_only() {
    let centre = centre().await;
    let customer = centre.customer().await;
    customer.messages("").await;
    customer.sending("TypingStarted", "I wo").send().await.unwrap();
    assert_eq!(centre.look("/sessions/latest").await["customer_typing"], "I wo");
    customer.sending("TypingStopped", "").send().await.unwrap();
    assert_eq!(centre.look("/sessions/latest").await["customer_typing"], Value::Null);
    assert!(customer.messages("").await.is_empty());
    centre.act("join", json!({ "name": "Maya" })).await;
    centre.act("typing", json!({ "on": true })).await;
    let seen = customer.messages("").await;
    assert_eq!(types(&seen), ["ParticipantJoined", "TypingStarted"]);
    assert!(seen[1]["index"].is_string());
    assert_eq!(types(&customer.messages("count=20").await), ["ParticipantJoined", "ParticipantJoined"]);
}

#[tokio::test]
async fn history_goes_back_page_by_page_to_the_single_first_entry() {
    let centre = centre().await;
    let customer = centre.customer().await;
    centre.act("join", json!({ "name": "Maya" })).await;
    centre.act("burst", json!({ "count": 40 })).await;
    let newest = customer.messages("count=20").await;
    assert_eq!(newest.len(), 20);
    assert!(customer.messages("").await.is_empty(), "what a count read gave does not come again");
    let mut oldest = indexes(&newest)[0].clone();
    let mut pages = 0;
    loop {
        let page = customer.messages(&format!("index={oldest}&count=20")).await;
        let page = indexes(&page);
        assert_eq!(page.last(), Some(&oldest));
        pages += 1;
        if page.len() == 1 {
            break;
        }
        oldest.clone_from(&page[0]);
    }
    assert_eq!(pages, 3);
    let wrong = customer.read("index=yesterday&count=20").await;
    assert_eq!(refused(wrong).await, (400, "INVALID_REQUEST".to_owned()));
    let wrong = customer.read("count=many").await;
    assert_eq!(refused(wrong).await, (400, "INVALID_REQUEST".to_owned()));
}

#[tokio::test]
async fn a_join_gives_a_new_token_and_both_go_on() {
    let centre = centre().await;
    let first = centre.customer().await;
    first.say("before").await;
    let answer: Value = centre.join(&first.token).await.json().await.unwrap();
    let second = Customer::new(&centre, &answer);
    assert_eq!(second.session, first.session);
    assert_ne!(claims(&second.token)["transportId"], claims(&first.token)["transportId"]);
    assert_eq!(texts(&second.messages("count=20").await), ["before"]);
    second.say("after").await;
    assert_eq!(texts(&first.messages("").await), ["before", "after"]);
    assert_eq!(texts(&second.messages("").await), ["after"]);
    let log = centre.log("on=send").await;
    assert_eq!((&log[0]["token"], &log[1]["token"]), (&json!(1), &json!(2)));

    centre.set(json!({ "join": "different_session" })).await;
    let answer: Value = centre.join(&second.token).await.json().await.unwrap();
    let third = Customer::new(&centre, &answer);
    assert_ne!(third.session, second.session);
    assert_eq!(texts(&third.messages("count=20").await), ["before", "after"]);
    assert_eq!(refused(second.read("").await).await, (404, "INVALID_SESSION".to_owned()));
}

#[tokio::test]
async fn pictures_go_both_ways_and_are_fetched_with_both_keys() {
    let centre = centre().await;
    let customer = centre.customer().await;
    assert_eq!(upload(&customer, "meter.png", png()).await.status(), 200);
    centre.act("join", json!({ "name": "Maya" })).await;
    centre.act("image", nothing()).await;
    let messages = customer.messages("").await;
    let parts: Vec<&Value> = messages.iter().filter_map(|one| one.pointer("/content/0")).collect();
    assert_eq!(parts.len(), 2);
    let root = centre.base().trim_end_matches("/sessions").to_owned();
    for (part, length) in [(parts[0], 500), (parts[1], parts[1]["length"].as_u64().unwrap())] {
        let url = format!("{root}{}", part["url"].as_str().unwrap());
        let bare = centre.http.get(&url).header("x-api-key", "sandbox-key").send().await.unwrap();
        assert_eq!(refused(bare).await, (401, "AUTHENTICATION_REQUIRED".to_owned()));
        let request = centre.http.get(&url).header("x-api-key", "sandbox-key");
        let file = request.header("x-nexus-client-key", &customer.token).send().await.unwrap();
        assert_eq!(file.headers()["content-type"], "image/png");
        assert_eq!(file.bytes().await.unwrap().len() as u64, length);
    }
    let text = upload(&customer, "a.png", b"not a picture".to_vec()).await;
    assert_eq!(refused(text).await, (400, "INVALID_FILE_TYPE".to_owned()));
    let mut large = png();
    large.resize(2_097_153, 0);
    assert_eq!(refused(upload(&customer, "a.png", large).await).await, (413, "LIMIT_FILE_SIZE".to_owned()));
    let mut largest = png();
    largest.resize(2_097_152, 0);
    assert_eq!(upload(&customer, "a.png", largest).await.status(), 200);
    assert_eq!(upload(&customer, "a.png", png()).await.status(), 200);
    assert_eq!(refused(upload(&customer, "a.png", png()).await).await, (400, "LIMIT_FILE_COUNT".to_owned()));
    let log = centre.log("on=upload").await;
    assert_eq!(log[0]["fields"], json!([["file", "meter.png; image/png; 500 bytes"], ["operationId", "up"]]));
}

#[tokio::test]
async fn attached_data_is_merged() {
    let centre = centre().await;
    let customer = centre.customer().await;
    let put =
        |fields: &'static [(&str, &str)]| customer.request(Method::PUT, "/userdata").form(fields).send();
    assert_eq!(
        put(&[("operationId", "u"), ("data[order]", "4711"), ("data[plan]", "gold")]).await.unwrap().status(),
        200
    );
    assert_eq!(put(&[("data[plan]", "silver"), ("operationId", "u")]).await.unwrap().status(), 200);
    assert_eq!(
        centre.look("/sessions/latest").await["user_data"],
        json!({ "order": "4711", "plan": "silver" })
    );
}

#[tokio::test]
async fn the_end_by_the_contact_centre_is_told_and_then_the_chat_is_gone() {
    let centre = centre().await;
    let customer = centre.customer().await;
    centre.act("join", json!({ "name": "Maya" })).await;
    centre.act("end", nothing()).await;
    let data = customer.data("").await;
    assert_eq!(data["chatEnded"], true);
    assert_eq!(types(data["messages"].as_array().unwrap()).last().unwrap(), "ParticipantLeft");
    assert_eq!(refused(customer.read("").await).await, (404, "INVALID_SESSION".to_owned()));
    let late = customer.sending("Text", "late").send().await.unwrap();
    assert_eq!(refused(late).await, (404, "INVALID_SESSION".to_owned()));
    centre.set(json!({ "send_after_end": "chat_ended" })).await;
    let late = customer.say("late").await;
    assert_eq!(late["chatEnded"], true);
}

#[tokio::test]
async fn the_end_by_the_customer_removes_nobody_else_and_is_told_once() {
    let centre = centre().await;
    let customer = centre.customer().await;
    let made = centre.act("join", json!({ "name": "Maya" })).await;
    let agent = made["lines"][0]["wire"]["from"]["participantId"].as_str().unwrap();
    assert_eq!(refused(customer.remove(agent).await).await, (403, "INVALID_PARTICIPANT".to_owned()));
    assert_eq!(customer.remove(&customer.participant).await.status(), 200);
    let data = customer.data("count=20").await;
    assert_eq!(data["chatEnded"], true);
    assert_eq!(types(data["messages"].as_array().unwrap()).last().unwrap(), "ParticipantLeft");
    let again = customer.remove(&customer.participant).await;
    assert_eq!(refused(again).await, (404, "INVALID_SESSION".to_owned()));
    assert_eq!(refused(customer.read("").await).await, (404, "INVALID_SESSION".to_owned()));
}

#[tokio::test]
async fn lost_chats_answer_in_every_way_a_real_one_might() {
    let centre = centre().await;
    let customer = centre.customer().await;
    centre.act("kill", nothing()).await;
    assert_eq!(refused(customer.read("").await).await, (404, "INVALID_SESSION".to_owned()));
    assert_eq!(refused(centre.join(&customer.token).await).await, (404, "INVALID_SESSION".to_owned()));
    centre.act("kill", json!({ "mode": "404_empty" })).await;
    let silent = customer.read("").await;
    assert_eq!(silent.status(), 404);
    assert_eq!(silent.bytes().await.unwrap().len(), 0);
    centre.act("kill", json!({ "mode": "401_on_join" })).await;
    assert_eq!(
        refused(centre.join(&customer.token).await).await,
        (401, "AUTHENTICATION_REQUIRED".to_owned())
    );
    centre.act("kill", json!({ "mode": "401" })).await;
    assert_eq!(refused(customer.read("").await).await, (401, "AUTHENTICATION_REQUIRED".to_owned()));
    centre.act("revive", nothing()).await;
    assert_eq!(customer.read("").await.status(), 200);
}

#[tokio::test]
async fn an_open_poll_hears_that_its_chat_was_lost() {
    let centre = centre().await;
    centre.set(json!({ "poll_hold_ms": 20_000 })).await;
    let customer = centre.customer().await;
    customer.messages("").await;
    let (answer, ()) = tokio::join!(customer.read(""), async {
        centre.log("on=poll&open=true").await;
        centre.act("kill", nothing()).await;
    });
    assert_eq!(refused(answer).await, (404, "INVALID_SESSION".to_owned()));
}

#[tokio::test]
async fn unknown_paths_and_methods_are_answered_in_json() {
    let centre = centre().await;
    let customer = centre.customer().await;
    let response = customer.request(Method::GET, "/nothing").send().await.unwrap();
    assert_eq!(refused(response).await, (404, "NOT_FOUND".to_owned()));
    let response = customer.request(Method::PATCH, "/messages").send().await.unwrap();
    assert_eq!(refused(response).await, (405, "METHOD_NOT_ALLOWED".to_owned()));
}
