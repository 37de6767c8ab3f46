//! 401, 403 and 404 at each step of a running or kept chat: what is over, what only waits, and what the person can do.

use std::collections::BTreeMap;

use envoi_protocol::event::Attachment;
use envoi_protocol::fault::FaultCode;
use envoi_protocol::view::{
    Command, Content, DeliveryView, EndReason, HistoryView, LinkView, Memory, PhaseView, Snapshot,
};
use envoi_tests::customer::{Chat, deliveries, words};
use envoi_tests::eventually;
use envoi_tests::way::Ability;
use serde_json::{Value, json};

use crate::bench::{Bench, with};

/// A status that says nothing more.
fn bare(on: &str, code: u16) -> Value {
    json!({ "on": on, "kind": "status", "code": code, "body": "empty" })
}

#[tokio::test]
async fn poll() {
    with("asynchronous", "", &[Ability::Statuses], async |bench| {
        let chat = open(bench).await;
        bench.centre.fault_reads(bare("poll", 404)).await;
        is_lost(bench, &chat, &[]).await;
        chat.quit().await;
    })
    .await;
    for (code, told) in [(401, FaultCode::SignInAgain), (403, FaultCode::WrongKey)] {
        with("asynchronous", "", &[Ability::Statuses], async |bench| {
            let chat = open(bench).await;
            let mut fault = bare("read", code);
            fault["times"] = json!(0);
            bench.centre.fault_reads(fault).await;
            let down = chat.until("the fault", |snapshot| snapshot.fault.is_some()).await;
            assert_eq!((down.fault.unwrap().code, down.phase), (told, PhaseView::Open), "not given up");
            bench.centre.say("Said meanwhile").await;
            bench.centre.mend().await;
            // Nobody looks at this chat, so by itself it would take its time.
            chat.does(Command::TryNow).await.unwrap();
            let up = chat.shows("Said meanwhile").await;
            assert_eq!(up.phase, PhaseView::Open);
            let up = chat.until("the connection", |snapshot| snapshot.link == LinkView::Up).await;
            assert_eq!(up.fault, None);
            chat.send("Back again").await;
            chat.quit().await;
        })
        .await;
    }
}

#[tokio::test]
async fn send() {
    with("asynchronous", "", &[Ability::Statuses], async |bench| {
        let chat = open(bench).await;
        bench.centre.fault(bare("send", 404)).await;
        chat.write("Do not lose this").await;
        is_lost(bench, &chat, &["Do not lose this"]).await;
        chat.quit().await;
    })
    .await;
    for (code, told) in [(401, FaultCode::SignInAgain), (403, FaultCode::WrongKey)] {
        with("asynchronous", "", &[Ability::Statuses], async |bench| {
            let chat = open(bench).await;
            bench.centre.fault(bare("send", code)).await;
            chat.write("Do not lose this").await;
            chat.until("the message to be stuck", |snapshot| {
                deliveries(snapshot, "Do not lose this").any(|delivery| is_stuck(delivery, told))
            })
            .await;
            chat.send("The next one goes").await;
            let stuck = chat.snapshot().await;
            let item = stuck.items.iter().find(|item| is_stuck_item(&item.content)).unwrap().id.clone();
            chat.does(Command::Retry { item }).await.unwrap();
            chat.sent("Do not lose this").await;
            assert_eq!(bench.centre.count("Do not lose this").await, 1);
            chat.quit().await;
        })
        .await;
    }
}

#[tokio::test]
async fn upload() {
    with("asynchronous", "", &[Ability::Statuses], async |bench| {
        let chat = open(bench).await;
        bench.centre.fault(bare("upload", 404)).await;
        attach(&chat, b"\x89PNG\r\n\x1a\n....".to_vec()).await.unwrap();
        let over = chat.until("the end", |one| matches!(one.phase, PhaseView::Over { .. })).await;
        assert!(
            matches!(over.phase, PhaseView::Over { reason: EndReason::Lost, unsent: 1, .. }),
            "{:?}",
            over.phase
        );
        chat.quit().await;
    })
    .await;
    with("asynchronous", "", &[Ability::Statuses], async |bench| {
        bench.set(json!({ "picture_bytes": 100, "pictures_per_session": 1 })).await;
        let chat = open(bench).await;
        let png = |bytes: usize| [&b"\x89PNG\r\n\x1a\n"[..], &vec![0; bytes]].concat();
        bench.centre.fault(bare("upload", 401)).await;
        for (bytes, told) in [
            (png(20), Some(FaultCode::SignInAgain)),
            (b"no picture at all".to_vec(), Some(FaultCode::FileType)),
            (png(200), Some(FaultCode::FileSize)),
            (png(20), None),
            (png(20), Some(FaultCode::FileCount)),
        ] {
            attach(&chat, bytes).await.unwrap();
            let done = |snapshot: &Snapshot| {
                pictures(snapshot).any(|delivery| match told {
                    None => *delivery == DeliveryView::Sent,
                    Some(told) => is_stuck(delivery, told),
                })
            };
            let snapshot = chat.until(&format!("the picture to be {told:?}"), done).await;
            assert_eq!((snapshot.phase, snapshot.link), (PhaseView::Open, LinkView::Up));
        }
        let refused = chat
            .conversation
            .attach(Attachment { name: "a.pdf".into(), mime: "application/pdf".into(), bytes: vec![1] })
            .await
            .unwrap_err();
        assert_eq!(refused.code, FaultCode::FileType);
        chat.send("Words go through").await;
        chat.quit().await;
    })
    .await;
}

#[tokio::test]
async fn history() {
    for code in [401, 404, 500] {
        with("asynchronous", "", &[Ability::Statuses], async |bench| {
            let chat = long(bench).await;
            bench.centre.fault(bare("history", code)).await;
            chat.does(Command::Older).await.unwrap();
            let told = chat.until("the fault", |snapshot| snapshot.fault.is_some()).await;
            assert_eq!(
                (told.history, told.phase),
                (HistoryView::More, PhaseView::Open),
                "it can be asked for again"
            );
            bench.centre.say("Still here").await;
            chat.shows("Still here").await;
            while chat.until("a page", |one| one.history != HistoryView::Loading).await.history
                == HistoryView::More
            {
                chat.does(Command::Older).await.unwrap();
            }
            let complete = chat.snapshot().await;
            assert_eq!((words(&complete).len(), complete.fault), (31, None), "nothing is wrong any more");
            chat.quit().await;
        })
        .await;
    }
    with("asynchronous", "", &[Ability::Statuses], async |bench| {
        let chat = long(bench).await;
        bench.centre.act("kill", json!({})).await;
        chat.does(Command::Older).await.unwrap();
        is_lost(bench, &chat, &[]).await;
        chat.quit().await;
    })
    .await;
}

#[tokio::test]
async fn user_data() {
    for code in [401, 403, 404] {
        with("asynchronous", "", &[Ability::Statuses], async |bench| {
            let chat = open(bench).await;
            bench.centre.fault(bare("userdata", code)).await;
            let data = BTreeMap::from([("meter".to_owned(), "4711".to_owned())]);
            chat.does(Command::UserData { data: data.clone() }).await.unwrap();
            let told = chat.until("the fault", |snapshot| snapshot.fault.is_some()).await;
            assert_eq!(told.phase, PhaseView::Open);
            chat.does(Command::UserData { data }).await.unwrap();
            eventually("the data to arrive", || async {
                (bench.centre.chat().await["user_data"]["meter"] == "4711").then_some(())
            })
            .await;
            chat.send("Words go through").await;
            chat.quit().await;
        })
        .await;
    }
}

#[tokio::test]
async fn leave() {
    for (code, tries) in [(401, 2), (404, 1), (500, 2)] {
        with("asynchronous", "", &[Ability::Statuses], async |bench| {
            let chat = open(bench).await;
            bench.centre.fault(bare("leave", code)).await;
            chat.does(Command::End).await.unwrap();
            let over = chat.until("the end", |one| matches!(one.phase, PhaseView::Over { .. })).await;
            assert!(
                matches!(over.phase, PhaseView::Over { reason: EndReason::EndedByMe, .. }),
                "{:?}",
                over.phase
            );
            eventually("the token to be deleted", || async {
                bench.customer.vault.tokens().is_empty().then_some(())
            })
            .await;
            eventually("the service to be told", || async {
                (bench.centre.requests("on=leave&done=true").await.len() == tries).then_some(())
            })
            .await;
            chat.quit().await;
        })
        .await;
    }
}

#[tokio::test]
async fn join_and_restore() {
    for (mode, on, code) in [
        ("asynchronous", "join", 401),
        ("asynchronous", "join", 404),
        ("asynchronous", "restore", 401),
        ("asynchronous", "restore", 404),
        ("synchronous", "restore", 401),
        ("synchronous", "restore", 404),
    ] {
        with(mode, "", &[Ability::Statuses], async |bench| {
            kept(bench).await;
            bench.centre.fault(bare(on, code)).await;
            let chat = bench.customer.open().await;
            is_lost(bench, &chat, &[]).await;
            chat.quit().await;
            let chat = bench.customer.start().await;
            chat.send("A new chat works").await;
            chat.quit().await;
        })
        .await;
    }
}

#[tokio::test]
async fn a_kept_chat_is_not_given_up_for_what_may_pass() {
    for mode in ["asynchronous", "synchronous"] {
        for (fault, told) in [
            (json!({ "kind": "status", "code": 403, "body": "empty" }), FaultCode::WrongKey),
            (json!({ "kind": "status", "code": 500 }), FaultCode::ServiceError),
            (json!({ "kind": "status", "code": 429 }), FaultCode::RateLimited),
            (json!({ "kind": "html" }), FaultCode::CaptivePortal),
            (json!({ "kind": "truncated" }), FaultCode::UnreadableAnswer),
            (json!({ "kind": "oversized" }), FaultCode::AnswerTooLarge),
            (json!({ "kind": "drop" }), FaultCode::NotAnswering),
        ] {
            with(mode, "", &[Ability::Statuses], async |bench| {
                kept(bench).await;
                let mut fault = fault.clone();
                (fault["on"], fault["times"]) = (json!("any"), json!(2));
                bench.centre.fault(fault.clone()).await;
                let chat = bench.customer.open().await;
                chat.until(
                    &format!("{told:?} to be told"),
                    |snapshot| matches!(&snapshot.link, LinkView::Down { cause, .. } if *cause == told),
                )
                .await;
                assert_eq!(bench.customer.vault.tokens().len(), 1, "the token stays: {fault}");
                let open = chat.shows("Kept words").await;
                assert_eq!(open.phase, PhaseView::Open);
                let up = chat.until("the connection", |snapshot| snapshot.link == LinkView::Up).await;
                assert_eq!(up.fault, None, "{fault}");
                chat.send("Here again").await;
                chat.quit().await;
            })
            .await;
        }
    }
}

#[tokio::test]
async fn a_kept_chat_survives_a_wrong_address_and_a_wrong_key_in_the_file() {
    with("asynchronous", "", &[Ability::Statuses], async |bench| {
        kept(bench).await;
        let plain = bench.address().replace("http://", "https://");
        for (setting, value, told) in
            [("url", &*plain, FaultCode::UnsafeConnection), ("api_key", "another-key", FaultCode::WrongKey)]
        {
            bench.customer.configure(&bench.deployments_with(setting, value));
            let chat = bench.customer.open().await;
            chat.until(
                &format!("{told:?} to be told"),
                |snapshot| matches!(&snapshot.link, LinkView::Down { cause, .. } if *cause == told),
            )
            .await;
            chat.quit().await;
        }
        bench.customer.configure("[[deployment]]\nid = 1\n");
        let inbox = bench.customer.inbox().await;
        assert!(!inbox.app_view().config_faults.is_empty());
        assert_eq!(inbox.app_view().conversations.len(), 1, "it stays in the list");
        inbox.close().await;
        bench.customer.configure(&bench.deployments("asynchronous", ""));
        let chat = bench.customer.open().await;
        chat.shows("Kept words").await;
        chat.quit().await;
    })
    .await;
}

/// A chat with a poll open.
async fn open(bench: &Bench) -> Chat {
    let chat = bench.customer.start().await;
    bench.centre.join("Maya").await;
    chat.until("Maya to join", |snapshot| !snapshot.people.is_empty()).await;
    bench.is_listened_to().await;
    chat
}

/// A chat that was picked up, with more history than fits a page.
async fn long(bench: &Bench) -> Chat {
    let chat = bench.customer.start().await;
    bench.centre.join("Maya").await;
    bench.centre.act("burst", json!({ "count": 30 })).await;
    chat.shows("Message 30").await;
    chat.quit().await;
    bench.customer.lose_archive();
    let chat = bench.customer.open().await;
    chat.until("history", |snapshot| snapshot.history == HistoryView::More).await;
    chat.shows("Message 30").await;
    bench.is_listened_to().await;
    chat
}

/// A chat with words, kept over the end of the program.
async fn kept(bench: &Bench) {
    let chat = bench.customer.start().await;
    chat.send("Kept words").await;
    chat.until("the chat to be kept", |snapshot| snapshot.memory == Memory::Kept).await;
    chat.quit().await;
}

/// Waits until the chat is lost; these own words are still there, and counted as not sent.
async fn is_lost(bench: &Bench, chat: &Chat, unsent: &[&str]) {
    let over = chat.until("the end", |snapshot| matches!(snapshot.phase, PhaseView::Over { .. })).await;
    let PhaseView::Over { reason, unsent: count, .. } = over.phase else { panic!("it is over") };
    assert_eq!((reason, count as usize), (EndReason::Lost, unsent.len()));
    for text in unsent {
        assert!(words(&over).iter().any(|word| word == text), "{text} is still there");
    }
    eventually("the token to be deleted", || async {
        bench.customer.vault.tokens().is_empty().then_some(())
    })
    .await;
}

async fn attach(chat: &Chat, bytes: Vec<u8>) -> Result<(), envoi_protocol::fault::Fault> {
    chat.conversation.attach(Attachment { name: "a.png".into(), mime: "image/png".into(), bytes }).await
}

/// How far the own pictures have come.
fn pictures(snapshot: &Snapshot) -> impl Iterator<Item = &DeliveryView> {
    snapshot.items.iter().filter_map(|item| match &item.content {
        Content::Picture { delivery, .. } => delivery.as_ref(),
        _ => None,
    })
}

fn is_stuck(delivery: &DeliveryView, why: FaultCode) -> bool {
    matches!(delivery, DeliveryView::Stuck { fault } if fault.code == why)
}

fn is_stuck_item(content: &Content) -> bool {
    matches!(content, Content::Message { delivery: Some(DeliveryView::Stuck { .. }), .. })
}
