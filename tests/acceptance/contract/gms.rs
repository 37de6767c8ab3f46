//! What only GMS chat has, whichever way it travels: a warning before silence ends it, a chat server that another one takes the place of,
//! what was read, addresses to open, and files that are taken back.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use envoi_protocol::event::Attachment;
use envoi_protocol::fault::FaultCode;
use envoi_protocol::view::{Command, Content, DeliveryView, EndReason, LinkView, PhaseView, Snapshot};
use envoi_tests::customer::words;
use envoi_tests::eventually;
use envoi_tests::way::Way;
use serde_json::{Value, json};

use super::PICTURE;
use crate::bench::{Bench, lay};

/// Both ways lead to the same chats.
async fn benches(mode: &str) -> [Bench; 2] {
    [lay(Way::named("gms"), mode, "").await, lay(Way::named("gms_cometd"), mode, "").await]
}

fn file(snapshot: &Snapshot) -> Option<(String, bool)> {
    snapshot.items.iter().find_map(|item| match &item.content {
        Content::File { withdrawn, .. } | Content::Picture { withdrawn, .. } => {
            Some((item.id.clone(), *withdrawn))
        }
        _ => None,
    })
}

#[tokio::test]
async fn whoever_is_warned_of_silence_can_say_that_they_are_there_and_is_out_if_not() {
    for bench in benches("synchronous").await {
        let chat = bench.customer.start().await;
        bench.centre.join("Maya").await;
        bench.centre.act("idle_alert", json!({ "text": "Still there?", "seconds": 600 })).await;
        let warned = chat.until("the warning", |snapshot| snapshot.idle.is_some()).await.idle.unwrap();
        assert_eq!((warned.text.as_deref(), warned.ends_at.is_some()), (Some("Still there?"), true));
        assert!(bench.centre.chat().await["closes_at"].is_u64());
        chat.does(Command::StayOn).await.unwrap();
        eventually("the contact centre to know", || async {
            bench.centre.chat().await["closes_at"].is_null().then_some(())
        })
        .await;
        let after = chat.until("the warning to go", |snapshot| snapshot.idle.is_none()).await;
        assert_eq!((&after.phase, &after.fault), (&PhaseView::Open, &None));
        chat.send("I am").await;
        bench.centre.act("idle_alert", json!({ "seconds": 1 })).await;
        let over = chat.until("the end", |snapshot| matches!(snapshot.phase, PhaseView::Over { .. })).await;
        assert!(
            matches!(over.phase, PhaseView::Over { reason: EndReason::Expired, .. }),
            "{}: {:?}",
            bench.service(),
            over.phase
        );
        chat.quit().await;
    }
}

#[tokio::test]
async fn another_chat_server_takes_the_chat_over_and_nothing_is_lost() {
    for bench in benches("asynchronous").await {
        let chat = bench.customer.start().await;
        chat.looks().await;
        bench.centre.join("Maya").await;
        chat.send("Before").await;
        bench.centre.act("kill", json!({ "mode": "1" })).await;
        chat.write("During").await;
        let is_down = |snapshot: &Snapshot| matches!(snapshot.link, LinkView::Down { .. });
        let down = chat.until("the connection to be down", is_down).await;
        assert_eq!(down.phase, PhaseView::Open, "{}: the chat is not its server", bench.service());
        bench.centre.act("revive", json!({})).await;
        bench.centre.say("From the other side").await;
        chat.sent("During").await;
        chat.shows("From the other side").await;
        let up = chat.until("the connection", |snapshot| snapshot.link == LinkView::Up).await;
        assert_eq!((bench.centre.count("During").await, up.fault), (1, None));
        chat.quit().await;
    }
}

#[tokio::test]
async fn what_was_read_is_told_where_the_company_wants_it() {
    let bench = lay(Way::named("gms"), "asynchronous", "").await;
    bench.customer.configure(&bench.deployments_with("read_receipts", true));
    let chat = bench.customer.start().await;
    assert!(chat.snapshot().await.abilities.read_receipts);
    bench.centre.join("Maya").await;
    bench.centre.say("Please read this").await;
    chat.shows("Please read this").await;
    assert_eq!(bench.centre.chat().await["read"], Value::Null, "it was not looked at yet");
    chat.does(Command::Seen).await.unwrap();
    let read =
        eventually("the contact centre to know", || async { bench.centre.chat().await["read"].as_u64() })
            .await;
    let transcript = bench.centre.chat().await["transcript"].clone();
    let line = transcript.as_array().unwrap().iter().find(|line| line["text"] == "Please read this").unwrap();
    assert_eq!(line["id"], json!(read.to_string()));
    assert_eq!(chat.snapshot().await.fault, None);
    chat.quit().await;
}

#[tokio::test]
async fn a_message_that_is_one_address_goes_as_one_to_open_where_the_company_wants_it() {
    for bench in benches("asynchronous").await {
        bench.customer.configure(&bench.deployments_with("push_urls", true));
        let chat = bench.customer.start().await;
        bench.centre.join("Maya").await;
        chat.send("https://tidewater.example/bill").await;
        chat.send("See https://tidewater.example/bill").await;
        let transcript = bench.centre.chat().await["transcript"].clone();
        let said = transcript.as_array().unwrap().iter().filter(|line| line["who"] == "customer");
        let said: Vec<_> = said.filter(|line| line["text"].as_str() != Some("")).collect();
        let said: Vec<_> = said.iter().map(|line| (line["kind"].as_str(), line["text"].as_str())).collect();
        let expected = [
            (Some("link"), Some("https://tidewater.example/bill")),
            (Some("text"), Some("See https://tidewater.example/bill")),
        ];
        assert_eq!(said, expected, "{}", bench.service());
        let own = ["https://tidewater.example/bill", "See https://tidewater.example/bill"];
        assert_eq!(words(&chat.snapshot().await), own, "each is one row");
        chat.quit().await;
    }
}

#[tokio::test]
async fn a_file_is_refused_with_its_reason_and_one_that_is_taken_back_can_no_longer_be_had() {
    for bench in benches("asynchronous").await {
        let chat = bench.customer.start().await;
        bench.centre.join("Maya").await;
        chat.until("the limits of files", |snapshot| {
            snapshot.abilities.files.as_ref().is_some_and(|rules| rules.largest == Some(10_485_760))
        })
        .await;
        bench.centre.act("image", json!({ "base64": PICTURE, "name": "answer.png" })).await;
        let shown = chat.until("the picture", |snapshot| file(snapshot).is_some()).await;
        let (item, _) = file(&shown).unwrap();
        let bytes = BASE64_STANDARD.decode(PICTURE).unwrap();
        assert_eq!(chat.conversation.media(&item).await.unwrap().bytes, bytes);
        let id = bench.centre.chat().await["files"][0]["id"].clone();
        let entry = json!({ "type": "FileDeleted", "userData": { "file-id": id } });
        bench.centre.act("push", json!({ "entry": entry, "fill": true })).await;
        chat.until("the picture to go", |snapshot| file(snapshot).is_some_and(|(_, withdrawn)| withdrawn))
            .await;

        // The service takes fewer kinds than it said a moment ago.
        bench.set(json!({ "file_types": ["zip"] })).await;
        let attachment = Attachment { name: "meter.png".into(), mime: "image/png".into(), bytes };
        chat.conversation.attach(attachment).await.unwrap();
        let stuck = |snapshot: &Snapshot| {
            snapshot.items.iter().find_map(|item| match &item.content {
                Content::Picture { delivery: Some(DeliveryView::Stuck { fault }), .. } => Some(fault.code),
                _ => None,
            })
        };
        let refused = chat.until("the refusal", |snapshot| stuck(snapshot).is_some()).await;
        assert_eq!(stuck(&refused), Some(FaultCode::FileType), "{}", bench.service());
        chat.quit().await;
    }
}
