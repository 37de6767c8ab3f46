//! What a failing network or service does to a chat: nothing is lost, and nothing arrives twice.

use envoi_engine::published::Published;
use envoi_protocol::fault::FaultCode;
use envoi_protocol::view::{Change, Command, DeliveryView, LinkView, PhaseView};
use envoi_tests::customer::{deliveries, words};
use envoi_tests::way::Ability;
use serde_json::json;

use crate::bench::{Bench, on_every_service, on_every_variant};

#[tokio::test]
async fn a_message_arrives_exactly_once_whatever_becomes_of_its_request() {
    for (fault, certain) in [
        // It never happened, and the service says so.
        (json!({ "kind": "status", "code": 503 }), false),
        // It never happened, or only the answer was lost: from here nobody can tell.
        (json!({ "kind": "drop" }), false),
        (json!({ "kind": "drop", "after_effect": true }), true),
        (json!({ "kind": "status", "code": 500, "after_effect": true }), true),
        (json!({ "kind": "status", "code": 502, "body": "html" }), false),
        (json!({ "kind": "cut_body" }), true),
        (json!({ "kind": "truncated" }), true),
        (json!({ "kind": "html", "after_effect": true }), true),
        (json!({ "kind": "oversized" }), true),
    ] {
        on_every_service("asynchronous", &[Ability::Requests, Ability::Transcript], async |bench| {
            let chat = bench.customer.start().await;
            bench.centre.join("Maya").await;
            let mut fault = fault.clone();
            fault["on"] = json!("send");
            bench.centre.fault(fault.clone()).await;
            chat.write("Exactly once").await;
            chat.write("And then this").await;
            chat.sent("Exactly once").await;
            chat.sent("And then this").await;
            bench.centre.say("Got it").await;
            let snapshot = chat.shows("Got it").await;
            assert_eq!(words(&snapshot), ["Exactly once", "And then this", "Got it"], "{fault}");
            let heard: Vec<String> = bench.centre.texts().await.into_iter().map(|(_, text)| text).collect();
            assert_eq!(heard, ["Exactly once", "And then this", "Got it"], "{fault}");
            let tries = bench.centre.requests("on=send").await.len();
            assert_eq!(tries, if certain { 2 } else { 3 }, "sent again only if it has not arrived: {fault}");
            chat.quit().await;
        })
        .await;
    }
}

#[tokio::test]
async fn a_message_whose_answer_never_comes_arrives_exactly_once() {
    on_every_service("asynchronous", &[Ability::Requests, Ability::Transcript], async |bench| {
        bench.customer.configure(&bench.hasty_deployments());
        let chat = bench.customer.start().await;
        bench.centre.fault(json!({ "on": "send", "kind": "hang", "after_effect": true })).await;
        chat.send("Exactly once").await;
        assert_eq!(bench.centre.count("Exactly once").await, 1);
        assert_eq!(bench.centre.requests("on=send").await.len(), 1);
        chat.quit().await;
    })
    .await;
}

#[tokio::test]
async fn a_service_that_asks_to_slow_down_is_obeyed() {
    on_every_service(
        "asynchronous",
        &[Ability::Requests, Ability::HeldReads, Ability::Statuses],
        async |bench| {
            let chat = bench.customer.start().await;
            chat.looks().await;
            bench.is_listened_to().await;
            let slow = json!({ "on": "read", "kind": "status", "code": 429, "retry_after": 2 });
            bench.centre.fault_reads(slow).await;
            chat.until("the connection to be down", |snapshot| {
                matches!(snapshot.link, LinkView::Down { cause: FaultCode::RateLimited, .. })
            })
            .await;
            // The person's wish to try now does not outrank the service's.
            chat.does(Command::TryNow).await.unwrap();
            chat.until("the connection", |snapshot| snapshot.link == LinkView::Up).await;
            let slow = json!({ "on": "send", "kind": "status", "code": 429, "retry_after": 2 });
            bench.centre.fault(slow).await;
            chat.write("Patiently").await;
            chat.until("the message to wait", |snapshot| {
                deliveries(snapshot, "Patiently")
                    .any(|delivery| matches!(delivery, DeliveryView::Waiting { .. }))
            })
            .await;
            chat.sent("Patiently").await;
            assert_eq!(bench.centre.count("Patiently").await, 1);
            for on in ["read", "send"] {
                let requests = bench.centre.requests(&format!("on={on}")).await;
                let at = requests.iter().position(|request| request["status"] == 429).expect("it was struck");
                let pause = requests[at + 1]["at"].as_i64().unwrap() - requests[at]["done"].as_i64().unwrap();
                assert!(pause >= 1_990, "{on} again after {pause} ms");
            }
            chat.quit().await;
        },
    )
    .await;
}

#[tokio::test]
async fn reading_goes_on_after_each_kind_of_failure_and_loses_nothing() {
    for (fault, cause) in [
        (json!({ "kind": "status", "code": 500 }), FaultCode::ServiceError),
        (json!({ "kind": "status", "code": 503, "body": "html" }), FaultCode::ServiceError),
        (json!({ "kind": "drop" }), FaultCode::NotAnswering),
        (json!({ "kind": "drop", "after_effect": true }), FaultCode::NotAnswering),
        (json!({ "kind": "cut_body" }), FaultCode::NotAnswering),
        (json!({ "kind": "truncated" }), FaultCode::UnreadableAnswer),
        (json!({ "kind": "oversized" }), FaultCode::AnswerTooLarge),
        (json!({ "kind": "html" }), FaultCode::CaptivePortal),
        (json!({ "kind": "redirect", "location": "http://127.0.0.1:9/" }), FaultCode::CaptivePortal),
    ] {
        on_every_service("asynchronous", &[Ability::Requests, Ability::HeldReads], async |bench| {
            let chat = bench.customer.start().await;
            chat.looks().await;
            bench.centre.join("Maya").await;
            bench.centre.say("Before").await;
            chat.shows("Before").await;
            bench.is_listened_to().await;
            let mut fault = fault.clone();
            (fault["on"], fault["times"]) = (json!("read"), json!(2));
            bench.centre.fault(fault.clone()).await;
            // This answers the poll that is open; what the next one should have brought is spoilt.
            bench.centre.say("During").await;
            bench.centre.say("More").await;
            let down = |snapshot: &envoi_protocol::view::Snapshot| matches!(&snapshot.link, LinkView::Down { cause: told, .. } if *told == cause);
            chat.until(&format!("{cause:?} to be told"), down).await;
            chat.does(Command::TryNow).await.unwrap();
            bench.centre.say("After").await;
            let snapshot = chat.shows("After").await;
            assert_eq!(words(&snapshot), ["Before", "During", "More", "After"], "{fault}");
            chat.until("the connection", |snapshot| snapshot.link == LinkView::Up).await;
            chat.send("Here as well").await;
            chat.quit().await;
        })
        .await;
    }
}

#[tokio::test]
async fn an_answer_that_is_slow_or_odd_is_an_answer() {
    for fault in [
        json!({ "kind": "slow", "ms": 600 }),
        json!({ "kind": "slow_body", "ms": 600 }),
        json!({ "kind": "numeric_status" }),
    ] {
        on_every_service("asynchronous", &[Ability::Requests], async |bench| {
            for on in ["start", "send", "read"] {
                let mut fault = fault.clone();
                fault["on"] = json!(on);
                bench.centre.fault(fault).await;
            }
            let chat = bench.customer.start().await;
            bench.centre.join("Maya").await;
            chat.send("Hello").await;
            bench.centre.say("Good day").await;
            let snapshot = chat.shows("Good day").await;
            assert_eq!(words(&snapshot), ["Hello", "Good day"], "{fault}");
            let down = |published: &Published| match published {
                Published::Update(update) => matches!(update.change, Change::Link(LinkView::Down { .. })),
                _ => false,
            };
            assert!(!chat.told().iter().any(down), "nothing has failed: {fault}");
            chat.quit().await;
        })
        .await;
    }
}

#[tokio::test]
async fn after_waking_up_the_service_is_asked_anew_and_only_once_at_a_time() {
    on_every_service("asynchronous", &[Ability::Requests], async |bench| {
        let chat = bench.customer.start().await;
        bench.centre.join("Maya").await;
        bench.centre.say("Before").await;
        chat.shows("Before").await;
        bench.is_listened_to().await;
        let last = bench.centre.last_request().await;
        chat.inbox.wake().await;
        bench.centre.request_after(last, "on=read").await;
        bench.centre.say("After").await;
        let snapshot = chat.shows("After").await;
        assert_eq!(words(&snapshot), ["Before", "After"]);
        chat.quit().await;
    })
    .await;
}

#[tokio::test]
async fn a_service_that_is_away_for_a_while_comes_back_to_everything() {
    for mode in ["asynchronous", "synchronous"] {
        on_every_variant(mode, &[], async |bench| {
            let chat = bench.customer.start().await;
            chat.looks().await;
            bench.centre.join("Maya").await;
            chat.send("Before").await;
            bench.is_listened_to().await;
            bench.centre.post("/restart", json!({ "down_ms": 1_500 })).await;
            chat.until("the connection to be down", |snapshot| {
                matches!(snapshot.link, LinkView::Down { .. })
            })
            .await;
            chat.write("During").await;
            bench.centre.say("From the other side").await;
            assert_eq!(chat.snapshot().await.phase, PhaseView::Open, "the chat is not the connection");
            chat.until("the connection", |snapshot| snapshot.link == LinkView::Up).await;
            chat.sent("During").await;
            chat.shows("From the other side").await;
            bench.centre.say("Last").await;
            chat.shows("Last").await;
            for text in ["Before", "During"] {
                assert_eq!(bench.centre.count(text).await, 1);
            }
            let snapshot = chat.snapshot().await;
            assert_eq!(
                words(&snapshot),
                ["Before", "From the other side", "During", "Last"],
                "the service's order"
            );
            assert_eq!(snapshot.fault, None);
            chat.quit().await;
        })
        .await;
    }
}

#[tokio::test]
async fn a_start_while_the_service_is_away_waits_for_it() {
    for mode in ["asynchronous", "synchronous"] {
        on_every_service(mode, &[Ability::Restore], async |bench| {
            let chat = bench.customer.start().await;
            chat.send("Hello").await;
            chat.quit().await;
            bench.centre.post("/restart", json!({ "down_ms": 1_500 })).await;
            let chat = bench.customer.open().await;
            chat.until("the connection to be down", |snapshot| {
                matches!(snapshot.link, LinkView::Down { .. })
            })
            .await;
            let snapshot = chat.shows("Hello").await;
            assert_eq!(snapshot.phase, PhaseView::Open);
            assert_eq!(kept(bench), 1);
            chat.quit().await;
        })
        .await;
    }
}

fn kept(bench: &Bench) -> usize {
    bench.customer.vault.tokens().len()
}
