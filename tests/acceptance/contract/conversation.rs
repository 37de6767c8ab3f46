//! A chat from its start to its end, while nothing fails.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use envoi_protocol::event::Attachment;
use envoi_protocol::fault::FaultCode;
use envoi_protocol::view::{
    Command, Content, DeliveryView, EndReason, Item, LinkView, Memory, Person, PhaseView, Role, Snapshot,
};
use envoi_tests::customer::{said, words};
use envoi_tests::eventually;
use envoi_tests::way::Ability;
use serde_json::{Value, json};

use super::PICTURE;
use crate::bench::{on_every_service, with};

#[tokio::test]
async fn a_start_hands_over_the_form_and_all_attached_data() {
    let more = "user_data = { plan = \"gold\" }\n\
        form = [{ name = \"firstname\", required = true }, { name = \"subject\" }]";
    with("asynchronous", more, &[Ability::Form], async |bench| {
        let chat = bench.customer.open().await;
        let data = BTreeMap::from([("page".to_owned(), "billing".to_owned())]);
        chat.does(Command::UserData { data }).await.unwrap();
        let form = [("firstname", "Ann"), ("subject", "My October bill")];
        let form = form.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        chat.does(Command::Start { form }).await.unwrap();
        chat.until("the chat to start", |snapshot| snapshot.phase == PhaseView::Open).await;
        let seen = bench.centre.chat().await;
        assert_eq!(seen["nickname"], "Ann");
        assert_eq!(seen["endpoint"], bench.way.endpoint);
        assert_eq!(seen["form"]["subject"], "My October bill");
        assert_eq!(
            (&seen["user_data"]["plan"], &seen["user_data"]["page"]),
            (&json!("gold"), &json!("billing"))
        );
        chat.quit().await;
    })
    .await;
}

#[tokio::test]
async fn data_given_during_a_chat_arrives() {
    on_every_service("asynchronous", &[Ability::UserData, Ability::DataAtOnce], async |bench| {
        let chat = bench.customer.start().await;
        let data = BTreeMap::from([("meter".to_owned(), "4711".to_owned())]);
        chat.does(Command::UserData { data }).await.unwrap();
        eventually("the data to arrive", || async {
            (bench.centre.chat().await["user_data"]["meter"] == "4711").then_some(())
        })
        .await;
        assert_eq!(chat.snapshot().await.fault, None);
        chat.quit().await;
    })
    .await;
}

#[tokio::test]
async fn what_a_service_cannot_be_told_is_refused_and_not_dropped() {
    on_every_service("asynchronous", &[], async |bench| {
        let chat = bench.customer.start().await;
        let data = BTreeMap::from([("meter".to_owned(), "4711".to_owned())]);
        for (ability, command) in [
            (Ability::UserData, Command::UserData { data }),
            (Ability::Nickname, Command::Nickname { name: "Annie".into() }),
            (Ability::Notices, Command::Notice { text: "{}".into() }),
        ] {
            let refused = chat.does(command).await.err().map(|fault| fault.code);
            let expected = bench.way.lacks(ability).then_some(FaultCode::Unsupported);
            assert_eq!(refused, expected, "{}: {ability:?}", bench.service());
        }
        chat.send("Hello").await;
        assert_eq!(chat.snapshot().await.fault, None, "{}", bench.service());
        chat.quit().await;
    })
    .await;
}

#[tokio::test]
async fn words_go_both_ways_and_an_own_message_is_one_row_and_arrives_once() {
    on_every_service("asynchronous", &[], async |bench| {
        let chat = bench.customer.start().await;
        bench.centre.join("Maya").await;
        bench.centre.say("How can I help?").await;
        chat.shows("How can I help?").await;
        chat.send("My bill is too high").await;
        // What comes after the service's own copy of the message comes after it in the window, too.
        bench.centre.say("Let me see").await;
        let snapshot = chat.shows("Let me see").await;
        let expected = [
            (Role::Agent, "How can I help?"),
            (Role::Me, "My bill is too high"),
            (Role::Agent, "Let me see"),
        ];
        assert_eq!(said(&snapshot), expected.map(|(role, text)| (role, text.to_owned())));
        let people: Vec<_> = snapshot.people.iter().map(|person| person.name.as_deref()).collect();
        assert_eq!(people, [Some("Maya")], "{}: whoever speaks is there", bench.service());
        assert_eq!((snapshot.link, snapshot.fault), (LinkView::Up, None));
        assert_eq!(bench.centre.count("My bill is too high").await, 1);
        chat.quit().await;
    })
    .await;
}

#[tokio::test]
async fn who_comes_and_goes_is_told_and_whoever_leaves_does_not_end_the_chat() {
    on_every_service("asynchronous", &[Ability::People], async |bench| {
        let chat = bench.customer.start().await;
        let agents = |snapshot: &Snapshot| {
            let people = snapshot.people.iter().filter(|person| person.role == Role::Agent);
            people.filter_map(|person| person.name.clone()).collect::<Vec<_>>()
        };
        bench.centre.join("Maya").await;
        chat.until("Maya to be there", |snapshot| agents(snapshot) == ["Maya"]).await;
        bench.centre.act("leave", json!({})).await;
        let alone = chat.until("Maya to be gone", |snapshot| agents(snapshot).is_empty()).await;
        assert_eq!((alone.phase, alone.link), (PhaseView::Open, LinkView::Up));
        let name = |person: &Person| person.name.clone().filter(|_| person.role == Role::Agent);
        let rows: Vec<_> = alone
            .items
            .iter()
            .filter_map(|item| match &item.content {
                Content::Joined { person } => Some(("joined", name(person)?)),
                Content::Left { person } => Some(("left", name(person)?)),
                _ => None,
            })
            .collect();
        assert_eq!(rows, [("joined", "Maya".to_owned()), ("left", "Maya".to_owned())], "{}", bench.service());
        chat.send("Is anybody there?").await;
        bench.centre.join("Jonas").await;
        bench.centre.say("I am").await;
        let snapshot = chat.shows("I am").await;
        assert_eq!(agents(&snapshot), ["Jonas"]);
        chat.quit().await;
    })
    .await;
}

#[tokio::test]
async fn the_same_words_twice_are_two_messages_in_the_order_in_which_they_were_written() {
    on_every_service("asynchronous", &[], async |bench| {
        let chat = bench.customer.start().await;
        for text in ["One", "Same", "Same", "Two"] {
            chat.write(text).await;
        }
        chat.sent("Two").await;
        bench.centre.join("Maya").await;
        bench.centre.say("Noted").await;
        let snapshot = chat.shows("Noted").await;
        assert_eq!(words(&snapshot), ["One", "Same", "Same", "Two", "Noted"]);
        let heard: Vec<String> = bench.centre.texts().await.into_iter().map(|(_, text)| text).collect();
        assert_eq!(heard, ["One", "Same", "Same", "Two", "Noted"]);
        chat.quit().await;
    })
    .await;
}

#[tokio::test]
async fn typing_of_the_other_side_is_shown_and_ends() {
    on_every_service("asynchronous", &[Ability::TheirTyping], async |bench| {
        let chat = bench.customer.start().await;
        bench.centre.join("Maya").await;
        bench.centre.act("typing", json!({ "on": true })).await;
        let typing = chat.until("Maya to type", |snapshot| !snapshot.typing.is_empty()).await;
        assert_eq!(typing.typing[0].name.as_deref(), Some("Maya"));
        bench.centre.act("typing", json!({ "on": false })).await;
        chat.until("Maya to stop", |snapshot| snapshot.typing.is_empty()).await;
        bench.centre.act("typing", json!({ "on": true })).await;
        chat.until("Maya to type again", |snapshot| !snapshot.typing.is_empty()).await;
        bench.centre.say("Here you are").await;
        let snapshot = chat.shows("Here you are").await;
        assert!(snapshot.typing.is_empty(), "whoever has written has stopped typing");
        chat.quit().await;
    })
    .await;
}

#[tokio::test]
async fn own_typing_is_told_on_the_first_key_and_ends_two_seconds_after_the_last() {
    on_every_service("asynchronous", &[Ability::Typing], async |bench| {
        let chat = bench.customer.start().await;
        let mut last_key = 0;
        for text in ["H", "He", "Hel", "Hell", "Hello"] {
            last_key = unix_ms();
            chat.does(Command::Typing { text: text.to_owned() }).await.unwrap();
            // Between the keys of a slow typist.
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
        let started = bench.centre.request_after(0, "on=typing").await;
        assert_ne!(bench.centre.chat().await["customer_typing"], Value::Null);
        assert_eq!(bench.centre.requests("on=typing").await.len(), 1, "told once for all the keys");
        let ends = bench.way.can(&[Ability::TypingEnds]);
        if ends {
            let started = started["n"].as_u64().unwrap();
            let stopped = bench.centre.request_after(started, "on=typing&done=true").await;
            let pause = stopped["at"].as_i64().unwrap() - last_key;
            assert!(pause >= 1_950, "stopped {pause} ms after the last key");
        }
        let sent = bench.centre.requests("on=typing").await;
        assert!(
            sent.iter().all(|request| !request.to_string().contains("Hel")),
            "what is typed stays here: {sent:?}"
        );
        assert!(!ends || bench.centre.chat().await["customer_typing"].is_null());
        chat.quit().await;
    })
    .await;
}

#[tokio::test]
async fn another_name_and_a_notice_for_programs_reach_the_contact_centre() {
    on_every_service("asynchronous", &[Ability::Nickname, Ability::Notices], async |bench| {
        let chat = bench.customer.start().await;
        bench.centre.join("Maya").await;
        chat.does(Command::Nickname { name: "  Annie ".into() }).await.unwrap();
        eventually("the new name", || async {
            (bench.centre.chat().await["nickname"] == "Annie").then_some(())
        })
        .await;
        chat.does(Command::Notice { text: r#"{"page":"/bills"}"#.into() }).await.unwrap();
        eventually("the notice", || async {
            let transcript = bench.centre.chat().await["transcript"].as_array().cloned().unwrap_or_default();
            let is_it = |line: &Value| {
                (&line["kind"], &line["who"], &line["text"])
                    == (&json!("notice"), &json!("customer"), &json!(r#"{"page":"/bills"}"#))
            };
            transcript.iter().any(is_it).then_some(())
        })
        .await;
        chat.send("Hello").await;
        bench.centre.say("Hello, Annie").await;
        let snapshot = chat.shows("Hello, Annie").await;
        assert_eq!(words(&snapshot), ["Hello", "Hello, Annie"], "neither has a row");
        assert_eq!(snapshot.fault, None);
        chat.quit().await;
    })
    .await;
}

#[tokio::test]
async fn many_at_once_stand_in_the_services_order() {
    on_every_service("asynchronous", &[Ability::OutOfOrder, Ability::Restore], async |bench| {
        let chat = bench.customer.start().await;
        bench.centre.join("Maya").await;
        // In one millisecond: 10 has to stand after 9, and not between 1 and 2.
        bench.centre.act("burst", json!({ "count": 15 })).await;
        let snapshot = chat.shows("Message 15").await;
        let burst: Vec<String> = (1..=15).map(|number| format!("Message {number}")).collect();
        assert_eq!(words(&snapshot), burst);
        // It comes last, and its place is before the last of the others.
        bench.centre.act("out_of_order", json!({ "text": "Late" })).await;
        let snapshot = chat.shows("Late").await;
        let late = words(&snapshot);
        assert_ne!(late.last().map(String::as_str), Some("Late"));
        chat.quit().await;
        let chat = bench.customer.open().await;
        let snapshot = chat.shows("Late").await;
        assert_eq!(words(&snapshot), late, "as history has it");
        chat.quit().await;
    })
    .await;
}

#[tokio::test]
async fn what_comes_twice_is_shown_once() {
    on_every_service("asynchronous", &[Ability::Duplicates], async |bench| {
        let chat = bench.customer.start().await;
        bench.centre.join("Maya").await;
        bench.centre.say("Once").await;
        chat.shows("Once").await;
        chat.send("Mine").await;
        bench.centre.act("duplicate", json!({})).await;
        bench.centre.say("After").await;
        chat.shows("After").await;
        bench.centre.act("duplicate", json!({})).await;
        bench.centre.say("Last").await;
        let snapshot = chat.shows("Last").await;
        assert_eq!(words(&snapshot), ["Once", "Mine", "After", "Last"]);
        chat.quit().await;
    })
    .await;
}

#[tokio::test]
async fn what_nobody_knows_breaks_nothing() {
    on_every_service("asynchronous", &[Ability::Push], async |bench| {
        let chat = bench.customer.start().await;
        bench.centre.join("Maya").await;
        let before = chat.until("Maya to be there", |snapshot| !snapshot.people.is_empty()).await.items.len();
        for entry in [
            json!({ "type": "SomethingNew", "content": [[1, null]] }),
            json!({ "type": 7, "text": { "not": "a text" } }),
            json!({ "type": "System", "event": "InteractionStateChange", "data": { "interactionState": "Resting" } }),
            json!({ "type": "System", "event": "SomethingElse", "data": [] }),
        ] {
            bench.centre.act("push", json!({ "entry": entry, "fill": true })).await;
        }
        for raw in [json!({}), json!({ "type": null, "from": "somebody", "index": [] }), json!({ "from": {} })] {
            bench.centre.act("push", json!({ "entry": raw, "fill": false, "keep": false })).await;
        }
        bench.centre.say("Still here").await;
        let snapshot = chat.shows("Still here").await;
        assert_eq!(snapshot.items.len(), before + 1, "{:#?}", snapshot.items);
        assert_eq!((snapshot.phase, snapshot.link), (PhaseView::Open, LinkView::Up));
        chat.send("So am I").await;
        chat.quit().await;
    })
    .await;
}

#[tokio::test]
async fn what_somebody_said_and_nobody_can_show_is_one_row_in_its_place() {
    on_every_service("asynchronous", &[Ability::Restore], async |bench| {
        let chat = bench.customer.start().await;
        bench.centre.join("Maya").await;
        bench.centre.say("Look").await;
        chat.shows("Look").await;
        let entry = match bench.service() {
            "web_messaging" => json!({ "type": "Structured", "content": [{ "contentType": "Hologram" }] }),
            "yellow" => json!({ "message": { "hologram": { "depth": 3 } } }),
            _ => json!({ "type": "Hologram", "text": "depth 3" }),
        };
        bench.centre.act("push", json!({ "entry": entry, "fill": true })).await;
        bench.centre.say("Nice?").await;
        let rows = |snapshot: &Snapshot| -> Vec<String> {
            let rows = snapshot.items.iter().filter_map(|item| match &item.content {
                Content::Message { text, .. } => Some(text.iter().map(|run| run.text.as_str()).collect()),
                Content::Unsupported { .. } => Some("?".to_owned()),
                _ => None,
            });
            rows.collect()
        };
        let snapshot = chat.shows("Nice?").await;
        assert_eq!(rows(&snapshot), ["Look", "?", "Nice?"], "{}", bench.service());
        assert_eq!(snapshot.unread, 3);
        chat.quit().await;
        let chat = bench.customer.open().await;
        bench.centre.say("There?").await;
        let snapshot = chat.shows("There?").await;
        assert_eq!(rows(&snapshot), ["Look", "?", "Nice?", "There?"], "{}", bench.service());
        chat.quit().await;
    })
    .await;
}

#[tokio::test]
async fn pictures_go_both_ways_byte_for_byte() {
    on_every_service("asynchronous", &[Ability::Files, Ability::TheirPictures], async |bench| {
        let chat = bench.customer.start().await;
        let bytes = BASE64_STANDARD.decode(PICTURE).unwrap();
        let attachment =
            Attachment { name: "meter.png".into(), mime: "image/png".into(), bytes: bytes.clone() };
        chat.conversation.attach(attachment).await.unwrap();
        chat.until("the picture to be sent", |snapshot| {
            snapshot.items.iter().any(|item| {
                matches!(&item.content, Content::Picture { delivery: Some(DeliveryView::Sent), .. })
            })
        })
        .await;
        bench.centre.join("Maya").await;
        bench.centre.act("image", json!({ "base64": PICTURE, "name": "answer.png" })).await;
        let snapshot = chat
            .until("the agent's picture", |snapshot| {
                snapshot.items.iter().any(
                    |item| matches!(&item.content, Content::Picture { from, .. } if from.role == Role::Agent),
                )
            })
            .await;
        let pictures: Vec<_> = snapshot
            .items
            .iter()
            .filter_map(|item| match &item.content {
                Content::Picture { from, name, .. } => Some((from.role, &**name, &*item.id)),
                _ => None,
            })
            .collect();
        assert_eq!(
            pictures.iter().map(|(role, name, _)| (*role, *name)).collect::<Vec<_>>(),
            [(Role::Me, "meter.png"), (Role::Agent, "answer.png")]
        );
        for (_, _, item) in pictures {
            let media = chat.conversation.media(item).await.unwrap();
            assert_eq!((&*media.mime, &media.bytes), ("image/png", &bytes));
        }
        assert_eq!(bench.centre.requests("on=upload").await.len(), 1, "uploaded once");
        chat.quit().await;
    })
    .await;
}

#[tokio::test]
async fn files_of_any_kind_go_both_ways_byte_for_byte() {
    on_every_service("asynchronous", &[Ability::AnyFiles], async |bench| {
        let chat = bench.customer.start().await;
        let bytes = b"%PDF-1.7\nA reading\n%%EOF\n".to_vec();
        let attachment =
            Attachment { name: "reading.pdf".into(), mime: "application/pdf".into(), bytes: bytes.clone() };
        chat.conversation.attach(attachment).await.unwrap();
        let is_sent = |item: &Item| matches!(&item.content, Content::File { delivery: Some(DeliveryView::Sent), .. });
        chat.until("the file to be sent", |snapshot| snapshot.items.iter().any(|item| is_sent(item))).await;
        bench.centre.join("Maya").await;
        let file = json!({ "base64": BASE64_STANDARD.encode(&bytes), "name": "bill.pdf", "mime": "application/pdf" });
        bench.centre.act("file", file).await;
        let theirs = |snapshot: &Snapshot| {
            let mut files = snapshot.items.iter().filter_map(|item| match &item.content {
                Content::File { from, name, .. } if from.role == Role::Agent => {
                    Some((item.id.clone(), name.clone()))
                }
                _ => None,
            });
            files.next()
        };
        let snapshot = chat.until("the agent's file", |snapshot| theirs(snapshot).is_some()).await;
        let own = snapshot.items.iter().find(|item| is_sent(item)).unwrap();
        assert!(matches!(&own.content, Content::File { name, .. } if name == "reading.pdf"));
        let (item, name) = theirs(&snapshot).unwrap();
        assert_eq!(name, "bill.pdf");
        for item in [&own.id, &item] {
            assert_eq!(chat.conversation.media(item).await.unwrap().bytes, bytes);
        }
        assert_eq!(bench.centre.requests("on=upload").await.len(), 1, "uploaded once");
        chat.quit().await;
    })
    .await;
}

#[tokio::test]
async fn leaving_takes_the_person_out_and_leaves_no_token_behind() {
    for mode in ["asynchronous", "synchronous"] {
        on_every_service(mode, &[Ability::End], async |bench| {
            let chat = bench.customer.start().await;
            chat.send("Good bye").await;
            chat.until("the chat to be kept", |snapshot| snapshot.memory == Memory::Kept).await;
            assert_eq!(bench.customer.vault.tokens(), [chat.conversation.id()]);
            chat.does(Command::End).await.unwrap();
            let over =
                chat.until("the end", |snapshot| matches!(snapshot.phase, PhaseView::Over { .. })).await;
            let PhaseView::Over { reason, unsent, .. } = over.phase else { panic!("it is over") };
            assert_eq!((reason, unsent), (EndReason::EndedByMe, 0));
            assert_eq!(words(&over), ["Good bye"], "the transcript stays");
            bench.centre.request_after(0, "on=leave&done=true").await;
            assert!(!bench.centre.customer_is_there().await);
            eventually("the token to be deleted", || async {
                bench.customer.vault.tokens().is_empty().then_some(())
            })
            .await;
            chat.quit().await;
        })
        .await;
    }
}

#[tokio::test]
async fn when_the_other_side_ends_the_chat_it_is_over_with_all_its_words() {
    for mode in ["asynchronous", "synchronous"] {
        on_every_service(mode, &[Ability::EndByThem], async |bench| {
            let chat = bench.customer.start().await;
            bench.centre.join("Maya").await;
            chat.send("Hello").await;
            let actions = json!({ "actions": [{ "do": "say", "text": "Last words" }, { "do": "end" }] });
            bench.centre.act("batch", actions).await;
            let over =
                chat.until("the end", |snapshot| matches!(snapshot.phase, PhaseView::Over { .. })).await;
            assert!(
                matches!(over.phase, PhaseView::Over { reason: EndReason::EndedByThem, .. }),
                "{:?}",
                over.phase
            );
            assert_eq!(words(&over), ["Hello", "Last words"], "what came with the end counts");
            let last = bench.centre.last_request().await;
            eventually("the token to be deleted", || async {
                bench.customer.vault.tokens().is_empty().then_some(())
            })
            .await;
            assert!(chat.does(Command::Send { text: "Too late".into() }).await.is_err());
            // A session with the server, where there is one beside the chat, is still taken leave of.
            let asks = |request: &serde_json::Value| {
                request["n"].as_u64() > Some(last) && request["operation"] != "signal"
            };
            let requests = bench.centre.requests("").await;
            assert!(!requests.iter().any(asks), "nothing is asked of the service any more: {requests:?}");
            chat.quit().await;
        })
        .await;
    }
}

fn unix_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    i64::try_from(since.as_millis()).unwrap()
}
