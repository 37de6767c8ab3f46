//! What only Web Messaging has: one word for the end of a case, an end for reading only, an end that the service has to confirm,
//! and a connection that is taken away.

use std::collections::BTreeMap;

use envoi_protocol::fault::FaultCode;
use envoi_protocol::view::{
    Command, Content, DeliveryView, EndReason, LinkView, Offer, PhaseView, Role, SignInView, Snapshot,
};
use envoi_tests::centre::Centre;
use envoi_tests::customer::{Chat, deliveries, words};
use envoi_tests::eventually;
use envoi_tests::way::Way;
use serde_json::{Value, json};

use crate::bench::{Bench, lay};

async fn bench(mode: &str, more: &str) -> Bench {
    lay(Way::named("web_messaging"), mode, more).await
}

fn is_over(snapshot: &Snapshot) -> bool {
    matches!(snapshot.phase, PhaseView::Over { .. })
}

#[tokio::test]
async fn a_case_that_the_other_side_ends_is_closed_and_writing_opens_the_next() {
    let bench = bench("asynchronous", "").await;
    let chat = bench.customer.start().await;
    chat.send("Hello").await;
    bench.centre.join("Maya").await;
    bench.centre.say("Good day").await;
    chat.shows("Good day").await;
    bench.centre.state("Completed").await;
    chat.until(
        "the banner",
        |snapshot| matches!(&snapshot.phase, PhaseView::Closing { by: Some(by), .. } if by == "Maya"),
    )
    .await;
    assert!(bench.centre.requests("on=leave").await.is_empty(), "the chat stays open");
    chat.send("Another question").await;
    assert_eq!(chat.snapshot().await.phase, PhaseView::Open);
    chat.quit().await;
}

#[tokio::test]
async fn a_synchronous_chat_ends_with_its_case_and_the_conversation_is_cleared() {
    let bench = bench("synchronous", "").await;
    let chat = bench.customer.start().await;
    chat.send("Hello").await;
    bench.centre.join("Maya").await;
    bench.centre.state("Completed").await;
    let over = chat.until("the end", is_over).await;
    assert!(matches!(over.phase, PhaseView::Over { reason: EndReason::EndedByThem, .. }), "{:?}", over.phase);
    bench.centre.request_after(0, "on=leave&done=true").await;
    assert!(!bench.centre.customer_is_there().await);
    chat.quit().await;
}

#[tokio::test]
async fn an_end_for_reading_only_is_the_end_also_when_it_came_meanwhile() {
    let bench = bench("asynchronous", "").await;
    let chat = bench.customer.start().await;
    chat.send("Hello").await;
    bench.centre.join("Maya").await;
    chat.quit().await;
    let actions = json!({ "actions": [{ "do": "say", "text": "Last words" }, { "do": "end" }] });
    bench.centre.act("batch", actions).await;
    let chat = bench.customer.open().await;
    let over = chat.until("the end", is_over).await;
    assert!(matches!(over.phase, PhaseView::Over { reason: EndReason::ReadOnly, .. }), "{:?}", over.phase);
    assert_eq!(words(&over), ["Hello", "Last words"], "what came before the end is there");
    eventually("the token to be deleted", || async {
        bench.customer.vault.tokens().is_empty().then_some(())
    })
    .await;
    assert!(chat.does(Command::Send { text: "Too late".into() }).await.is_err());
    chat.quit().await;
}

#[tokio::test]
async fn the_end_is_said_until_the_service_confirms_it() {
    let bench = bench("asynchronous", "").await;
    let chat = bench.customer.start().await;
    chat.send("Good bye").await;
    // The word arrives and the connection breaks before the service has said anything.
    bench.centre.fault(json!({ "on": "leave", "kind": "drop" })).await;
    chat.does(Command::End).await.unwrap();
    chat.until("the end", is_over).await;
    eventually("the conversation to be cleared", || async {
        (!bench.centre.customer_is_there().await).then_some(())
    })
    .await;
    assert_eq!(
        bench.centre.requests("on=leave").await.len(),
        2,
        "a closed socket ends nothing, so it is said again"
    );
    chat.quit().await;
}

#[tokio::test]
async fn every_error_on_the_socket_has_its_reaction_and_costs_no_message() {
    let status = |code: u16| json!({ "kind": "status", "code": 400, "status_code": code });
    let with = |mut fault: Value, name: &str, value: Value| {
        fault[name] = value;
        fault
    };
    let raw = |text: &str| json!({ "kind": "status", "code": 200, "body": "raw", "text": text });
    let close = |code: u16| json!({ "kind": "close", "value": code });
    for (fault, refused) in [
        (status(5_000), None),
        (with(status(5_000), "after_effect", json!(true)), None),
        (status(4_029), None),
        (close(1_011), None),
        (with(close(1_001), "after_effect", json!(true)), None),
        // No answer that can be read came in time, and nothing proves that the message will not arrive.
        (raw("{"), Some(FaultCode::PerhapsSent)),
        (with(raw(r#"{"class":"Hologram","code":200,"body":[]}"#), "after_effect", json!(true)), None),
        (status(4_011), Some(FaultCode::MessageTooLong)),
        (status(4_012), Some(FaultCode::Declined)),
    ] {
        let bench = bench("asynchronous", "").await;
        bench.customer.configure(&bench.hasty_deployments());
        let chat = bench.customer.start().await;
        chat.looks().await;
        bench.centre.fault(with(fault.clone(), "on", json!("send"))).await;
        chat.write("First").await;
        chat.write("Second").await;
        chat.sent("Second").await;
        let snapshot = chat.snapshot().await;
        let stuck = deliveries(&snapshot, "First").find_map(|delivery| match delivery {
            DeliveryView::Stuck { fault } => Some(fault.code),
            _ => None,
        });
        assert_eq!(stuck, refused, "{fault}");
        let heard: Vec<String> = bench.centre.texts().await.into_iter().map(|(_, text)| text).collect();
        let expected = if refused.is_some() { vec!["Second"] } else { vec!["First", "Second"] };
        assert_eq!(heard, expected, "{fault}");
        assert_eq!(snapshot.phase, PhaseView::Open, "{fault}");
        chat.quit().await;
    }
}

#[tokio::test]
async fn an_error_that_ends_the_session_ends_the_chat_with_its_own_reason() {
    for (code, reason) in
        [(4_006, EndReason::Expired), (4_007, EndReason::Expired), (409, EndReason::ReadOnly)]
    {
        let bench = bench("asynchronous", "").await;
        let chat = bench.customer.start().await;
        bench.centre.fault(json!({ "on": "send", "kind": "status", "code": 400, "status_code": code })).await;
        chat.write("Too late").await;
        let over = chat.until("the end", is_over).await;
        let PhaseView::Over { reason: told, unsent, .. } = over.phase else { panic!("it is over") };
        assert_eq!((told, unsent), (reason, 1), "{code}");
        chat.quit().await;
    }
}

#[tokio::test]
async fn the_fourth_window_takes_the_connection_and_the_person_takes_it_back() {
    let bench = bench("asynchronous", "").await;
    let chat = bench.customer.start().await;
    chat.send("Hello").await;
    chat.looks().await;
    let account = bench.customer.vault.tokens().first().cloned().expect("the chat is kept");
    let token = bench.customer.vault.peek(&account).expect("its token is kept");
    let token = String::from_utf8(token).expect("it is text");
    let url = bench.way.address(&bench.centre);
    let mut windows = Vec::new();
    for _ in 0..3 {
        windows.push(window(&bench.centre, &url, &token).await);
    }
    let away =
        chat.until("the connection to be taken away", |snapshot| snapshot.link == LinkView::Idle).await;
    assert_eq!(away.fault.map(|fault| fault.code), Some(FaultCode::OpenElsewhere));
    bench.centre.join("Maya").await;
    bench.centre.say("Are you there?").await;
    assert_eq!(chat.snapshot().await.link, LinkView::Idle, "nothing is taken back by itself");
    chat.does(Command::TryNow).await.unwrap();
    chat.shows("Are you there?").await;
    chat.send("Here I am").await;
    drop(windows);
    chat.quit().await;
}

#[tokio::test]
async fn what_the_form_held_goes_with_the_beginning_and_later_data_with_the_next_words() {
    let bench = bench("asynchronous", "form = [{ name = \"firstname\" }, { name = \"subject\" }]").await;
    let chat = bench.customer.open().await;
    let form = [("firstname", "Ann"), ("subject", "My October bill")];
    let form = form.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    chat.does(Command::Start { form }).await.unwrap();
    let seen = eventually("the form to arrive", || async {
        let seen = bench.centre.get("/sessions").await["sessions"][0].clone();
        let seen = if seen.is_null() { Value::Null } else { bench.centre.chat().await };
        (seen["nickname"] == "Ann").then_some(seen)
    })
    .await;
    assert_eq!((&seen["form"]["subject"], &seen["endpoint"]), (&json!("My October bill"), &json!("Support")));
    let data = BTreeMap::from([("meter".to_owned(), "4711".to_owned())]);
    chat.does(Command::UserData { data }).await.unwrap();
    chat.send("Hello").await;
    assert_eq!(bench.centre.chat().await["user_data"]["meter"], "4711");
    chat.quit().await;
}

#[tokio::test]
async fn a_form_is_filled_in_where_it_stands_and_its_answers_arrive_as_one_message() {
    let bench = bench("asynchronous", "").await;
    let chat = bench.customer.start().await;
    chat.send("Hello").await;
    bench.centre.join("Maya").await;
    let component = |kind: &str, part: Value| json!({ "formComponentType": kind, kind.to_lowercase(): part });
    let parts = json!([
        component("Input", json!({ "id": "number", "title": "Number", "isRequired": true })),
        json!({ "formComponentType": "DatePicker", "datePicker": { "id": "day", "title": "Day" } }),
    ]);
    let form = json!({ "cannedResponseId": "c1", "introduction": { "title": "Your meter" },
        "formPages": [{ "title": "Reading", "pageComponents": parts }], "replyMessage": { "title": "There you are" } });
    bench.centre.act("structured", json!({ "content_type": "Form", "content": form })).await;
    let asks = |snapshot: &Snapshot| offer(snapshot).is_some_and(|(_, offer, _)| offer.questions.is_some());
    let asked = chat.until("the questions", asks).await;
    let item = offer(&asked).map(|(item, ..)| item).unwrap();
    let fill = |number: &str, day: &str| {
        let answers = [("number", number), ("day", day)];
        let answers = answers.map(|(id, value)| (id.to_owned(), vec![value.to_owned()])).into();
        Command::Fill { item: item.clone(), answers }
    };
    let refused = chat.does(fill("4711", "soon")).await.unwrap_err();
    assert_eq!((refused.code, refused.detail.as_deref()), (FaultCode::FieldBad, Some("day")));
    chat.does(fill("4711", "2026-01-06")).await.unwrap();
    bench.centre.hears("There you are").await;
    let transcript = bench.centre.chat().await["transcript"].clone();
    let sent =
        transcript.as_array().unwrap().iter().rev().find(|line| line["text"] == "There you are").unwrap();
    let response = sent["wire"].pointer("/content/0/form/response").cloned().unwrap_or_default();
    let given: Vec<_> = response
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["component"]["buttonResponse"]["payload"].clone())
        .collect();
    assert_eq!(given, ["4711", "2026-01-06"]);
    let own = "There you are\nNumber: 4711\nDay: 2026-01-06";
    let after = chat.shows(own).await;
    assert_eq!(
        offer(&after).map(|(.., answered)| answered),
        Some(vec!["number".to_owned(), "day".to_owned()])
    );
    assert_eq!(
        words(&after).iter().filter(|text| text.contains("There you are")).count(),
        1,
        "its copy is the same row"
    );
    assert!(chat.does(fill("1", "2026-01-06")).await.is_err(), "it is answered once");
    chat.quit().await;
}

#[tokio::test]
async fn the_picture_of_a_card_comes_through_the_engine_and_marked_words_lose_their_marks() {
    let bench = bench("asynchronous", "").await;
    bench.centre.set("web_messaging", json!({ "markdown": true })).await;
    // Another service of the sandbox has a place for a picture.
    let place = bench.centre.service("yellow");
    let picture = b"\x89PNG\r\n\x1a\npicture";
    let head = "--x\r\nContent-Disposition: form-data; name=\"images\"; filename=\"boat.png\"\r\nContent-Type: image/png\r\n\r\n";
    let body = [head.as_bytes(), picture, b"\r\n--x--\r\n"].concat();
    let request = bench.centre.browser().build().unwrap().post(format!("{place}/api/chat/upload")).body(body);
    let request = request.header("content-type", "multipart/form-data; boundary=x");
    let answer = request.send().await.unwrap().text().await.unwrap();
    let picture = serde_json::from_str::<Value>(&answer).unwrap()["url"].clone();
    let chat = bench.customer.start().await;
    chat.send("Hello").await;
    bench.centre.join("Maya").await;
    let card = json!({ "title": "Boat", "image": picture, "actions": [] });
    bench.centre.act("cards", json!({ "cards": [{ "title": "Plain", "actions": [] }, card] })).await;
    let shown = chat.until("the cards", |snapshot| offer(snapshot).is_some()).await;
    let item = offer(&shown).map(|(item, ..)| item).unwrap();
    let media = chat.conversation.media(&format!("{item}#1")).await.unwrap();
    assert_eq!((media.mime.as_str(), media.bytes.ends_with(b"picture")), ("image/png", true));
    assert!(chat.conversation.media(&format!("{item}#0")).await.is_err(), "that card has none");
    bench.centre.say("*See* [your bill](https://x.example/b)").await;
    chat.shows("See your bill (https://x.example/b)").await;
    chat.quit().await;
}

#[tokio::test]
async fn a_program_has_the_name_that_the_deployment_gives_it() {
    let bench = bench("asynchronous", "").await;
    bench.centre.set("web_messaging", json!({ "bot_name": "Tessa" })).await;
    let chat = bench.customer.start().await;
    chat.send("Hello").await;
    bench.centre.act("join", json!({ "name": "flow-7", "type": "Bot" })).await;
    bench.centre.say("Good day").await;
    let shown = chat.shows("Good day").await;
    let Some(Content::Message { from, .. }) = shown.items.last().map(|item| &item.content) else {
        panic!("{:?}", shown.items)
    };
    assert_eq!((from.role, from.name.as_deref()), (Role::Bot, Some("Tessa")));
    chat.quit().await;
}

/// The newest offer: its item, what is offered, and what was answered.
fn offer(snapshot: &Snapshot) -> Option<(String, Offer, Vec<String>)> {
    snapshot.items.iter().rev().find_map(|item| match &item.content {
        Content::Offer { offer, answered, .. } => Some((item.id.clone(), offer.clone(), answered.clone())),
        _ => None,
    })
}

/// Another window with the same conversation, as a program of a few lines.
async fn window(centre: &Centre, url: &str, token: &str) -> tokio::task::JoinHandle<()> {
    use futures_util::{SinkExt as _, StreamExt as _};
    use reqwest_websocket::{Message, Upgrade as _};

    let client = centre.browser().http1_only().build().unwrap();
    let request = client.get(format!("{}/v1?deploymentId=Support", url.replacen("http", "ws", 1)));
    let mut socket = request.upgrade().send().await.unwrap().into_websocket().await.unwrap();
    let configure = json!({ "action": "configureSession", "deploymentId": "Support", "token": token });
    socket.send(Message::Text(configure.to_string())).await.unwrap();
    socket.next().await.expect("the session is configured").unwrap();
    tokio::spawn(async move { while socket.next().await.is_some() {} })
}

/// A bench of a company that wants to know who is there.
async fn signing_in() -> Bench {
    let bench = bench("asynchronous", "").await;
    let page = format!("{}/sign-in/authorize", bench.way.address(&bench.centre).trim_end_matches('/'));
    let file = bench.deployments_with("sign_in_url", page);
    bench.customer.configure(&format!("{file}sign_in_client = \"envoi\"\n"));
    bench
}

/// The person signs in with a browser: the page, its one button, and the way back. Gives the last page.
async fn signs_in(bench: &Bench, chat: &Chat) -> String {
    let is_open = |snapshot: &Snapshot| matches!(snapshot.sign_in, Some(SignInView::Browser { .. }));
    let Some(SignInView::Browser { address }) = chat.until("the sign-in page", is_open).await.sign_in else {
        panic!("the page was open")
    };
    let browser = bench.centre.browser().build().unwrap();
    let asks = browser.get(&address).send().await.unwrap().text().await.unwrap();
    let yes = asks.split("href=\"").nth(1).unwrap().split('"').next().unwrap().replace("&amp;", "&");
    let (origin, _) = address.split_once("/sign-in/").unwrap();
    let goes = browser.get(format!("{origin}{yes}")).send().await.unwrap();
    let back = goes.headers()["location"].to_str().unwrap().to_owned();
    browser.get(back).send().await.unwrap().text().await.unwrap()
}

#[tokio::test]
async fn a_person_signs_in_once_and_their_chat_goes_on_until_they_leave() {
    let bench = signing_in().await;
    let chat = bench.customer.open().await;
    chat.ask().await;
    let page = signs_in(&bench, &chat).await;
    assert!(page.contains("You can close this window"), "{page}");
    chat.until("the chat", |snapshot| snapshot.phase == PhaseView::Open && snapshot.sign_in.is_none()).await;
    chat.send("Hello").await;
    bench.centre.join("Maya").await;
    chat.quit().await;

    // The pass is not kept: a restart makes it anew, and nobody signs in again.
    let chat = bench.customer.open().await;
    bench.centre.say("Welcome back").await;
    chat.shows("Welcome back").await;
    assert_eq!(chat.snapshot().await.sign_in, None);

    // It runs out, and the connection is lost.
    bench.centre.set("web_messaging", json!({ "pass_round": 1 })).await;
    bench.centre.post("/release", json!({})).await;
    chat.send("Still me").await;
    assert_eq!(chat.snapshot().await.sign_in, None);

    chat.does(Command::End).await.unwrap();
    let over = chat.until("the end", is_over).await;
    assert!(matches!(over.phase, PhaseView::Over { reason: EndReason::EndedByMe, .. }), "{:?}", over.phase);
    signed_out(&bench).await;
    chat.quit().await;
}

/// Waits until the service was told that the person signs out.
async fn signed_out(bench: &Bench) {
    eventually("the sign-out", || async {
        let made = bench.centre.requests("done=true").await;
        let signs_out =
            |one: &Value| one["path"].as_str().is_some_and(|path| path.ends_with("/token/revoke"));
        made.iter().any(signs_out).then_some(())
    })
    .await;
}

/// A bench of a company where guests may sign in while the chat runs.
async fn stepping_up() -> Bench {
    let bench = bench("asynchronous", "").await;
    let page = format!("{}/sign-in/authorize", bench.way.address(&bench.centre).trim_end_matches('/'));
    let file = bench.deployments_with("sign_in_url", page);
    bench.customer.configure(&format!("{file}sign_in_client = \"envoi\"\nsign_in_optional = true\n"));
    bench.centre.set("web_messaging", json!({ "session_upgrade": true })).await;
    bench
}

/// Waits until the service has taken the guest for somebody, and what makes new passes is kept.
async fn is_known(bench: &Bench) {
    let known = || async {
        let account = bench.customer.vault.tokens().first().cloned()?;
        let kept = String::from_utf8(bench.customer.vault.peek(&account)?).ok()?;
        (kept.contains("\"refresh\":\"") && !kept.contains("doubt")).then_some(())
    };
    eventually("the sign-in", known).await;
}

#[tokio::test]
async fn a_guest_signs_in_while_the_chat_runs_and_stays_so() {
    let bench = stepping_up().await;
    let chat = bench.customer.start().await;
    chat.send("Hello").await;
    bench.centre.join("Maya").await;
    let account = bench.customer.vault.tokens().first().cloned().expect("the chat is kept");
    let guest = bench.customer.vault.peek(&account).expect("its token is kept");
    let url = bench.way.address(&bench.centre);
    let elsewhere = window(&bench.centre, &url, &String::from_utf8(guest).expect("it is text")).await;
    assert!(chat.snapshot().await.abilities.sign_in, "a guest may sign in");
    chat.does(Command::SignIn).await.unwrap();
    signs_in(&bench, &chat).await;
    let closed = tokio::time::timeout(std::time::Duration::from_secs(60), elsewhere).await;
    assert!(closed.is_ok(), "other devices are told that somebody signed in");
    is_known(&bench).await;
    let after = chat.snapshot().await;
    assert_eq!((&after.phase, after.fault, after.abilities.sign_in), (&PhaseView::Open, None, false));
    chat.send("It is me").await;
    let transcript = bench.centre.chat().await["transcript"].clone();
    let said = transcript.as_array().unwrap().iter().rev().find(|line| line["text"] == "It is me").unwrap();
    assert_eq!(said["wire"]["metadata"]["authenticated"], "true");
    chat.quit().await;

    let chat = bench.customer.open().await;
    bench.centre.say("Welcome back").await;
    let back = chat.shows("Welcome back").await;
    assert!(words(&back).contains(&"It is me".to_owned()) && !back.abilities.sign_in, "{back:?}");
    chat.does(Command::End).await.unwrap();
    chat.until("the end", is_over).await;
    signed_out(&bench).await;
    chat.quit().await;
}

#[tokio::test]
async fn a_guest_whose_sign_in_is_not_taken_goes_on_as_one() {
    let bench = stepping_up().await;
    let chat = bench.customer.start().await;
    chat.send("Hello").await;
    let declined = |snapshot: &Snapshot| {
        snapshot.fault.as_ref().is_some_and(|fault| fault.code == FaultCode::SignInDeclined)
            && snapshot.abilities.sign_in
    };
    // The code is not taken.
    bench.centre.set("web_messaging", json!({ "exchange_refuses": true })).await;
    chat.does(Command::SignIn).await.unwrap();
    signs_in(&bench, &chat).await;
    chat.until("the refusal", declined).await;
    chat.send("Still a guest").await;
    // The code is taken, and the session is not.
    bench.centre.set("web_messaging", json!({ "exchange_refuses": false, "session_upgrade": false })).await;
    chat.does(Command::SignIn).await.unwrap();
    signs_in(&bench, &chat).await;
    chat.until("the other refusal", declined).await;
    chat.send("And still").await;
    chat.quit().await;
    let chat = bench.customer.open().await;
    bench.centre.join("Maya").await;
    bench.centre.say("Welcome back").await;
    chat.shows("Welcome back").await;
    chat.quit().await;
}

#[tokio::test]
async fn a_connection_that_is_lost_with_the_answer_costs_neither_the_chat_nor_the_sign_in() {
    let bench = stepping_up().await;
    let chat = bench.customer.start().await;
    chat.send("Hello").await;
    // Somebody waits, so the connection is made again soon.
    chat.looks().await;
    // The session is somebody's, and nobody hears of it.
    bench.centre.fault(json!({ "on": "join", "kind": "drop" })).await;
    chat.does(Command::SignIn).await.unwrap();
    signs_in(&bench, &chat).await;
    is_known(&bench).await;
    chat.send("It is me").await;
    let transcript = bench.centre.chat().await["transcript"].clone();
    let said = transcript.as_array().unwrap().iter().rev().find(|line| line["text"] == "It is me").unwrap();
    assert_eq!(said["wire"]["metadata"]["authenticated"], "true");
    chat.quit().await;
}

#[tokio::test]
async fn whoever_does_not_sign_in_has_no_chat_and_may_try_again() {
    let bench = signing_in().await;
    bench.centre.set("web_messaging", json!({ "sign_in_declines": true })).await;
    let chat = bench.customer.open().await;
    chat.ask().await;
    signs_in(&bench, &chat).await;
    let declined = |snapshot: &Snapshot| {
        snapshot.fault.as_ref().is_some_and(|fault| fault.code == FaultCode::SignInDeclined)
    };
    assert_eq!(chat.until("the refusal", declined).await.phase, PhaseView::Fresh);
    bench.centre.set("web_messaging", json!({ "sign_in_declines": false })).await;
    chat.ask().await;
    signs_in(&bench, &chat).await;
    chat.until("the chat", |snapshot| snapshot.phase == PhaseView::Open).await;
    chat.quit().await;
}
