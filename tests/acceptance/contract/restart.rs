//! The program ends and starts again: what comes back, page by page, and what does not.

use envoi_protocol::attention::News;
use envoi_protocol::view::{Command, EndReason, HistoryView, LinkView, Memory, PhaseView, Snapshot};
use envoi_tests::customer::{Chat, said, words};
use envoi_tests::eventually;
use envoi_tests::way::{Ability, Way};
use serde_json::json;

use crate::bench::{Bench, lay, on_every_service};

#[tokio::test]
async fn the_same_transcript_comes_back_and_nothing_of_it_notifies() {
    for mode in ["asynchronous", "synchronous"] {
        on_every_service(mode, &[Ability::Restore], async |bench| {
            let before = chatted(bench).await;
            let chat = bench.customer.open().await;
            let after =
                chat.until("the transcript", |snapshot| said(snapshot).len() == said(&before).len()).await;
            assert_eq!(said(&after), said(&before));
            assert!(after.items.iter().all(|item| item.replayed));
            assert_eq!(after.people.len(), 1, "Maya is still there");
            chat.until("the connection", |snapshot| {
                (&snapshot.link, &snapshot.phase, &snapshot.memory)
                    == (&LinkView::Up, &PhaseView::Open, &Memory::Kept)
            })
            .await;
            bench.centre.say("News").await;
            let notices = chat.notices().await;
            assert_eq!(notices.len(), 1, "{notices:?}");
            let news = News::Message { who: Some("Maya".into()), text: Some("News".into()) };
            assert_eq!(notices[0].news, news);
            chat.send("I am back").await;
            chat.quit().await;
        })
        .await;
    }
}

#[tokio::test]
async fn what_was_said_meanwhile_is_there_and_counts_as_unread() {
    on_every_service("asynchronous", &[Ability::Restore, Ability::Transcript], async |bench| {
        let before = chatted(bench).await;
        bench.centre.say("While you were away").await;
        let chat = bench.customer.open().await;
        let after = chat.shows("While you were away").await;
        assert_eq!(said(&after).len(), said(&before).len() + 1);
        assert_eq!(after.unread, 1);
        chat.quit().await;
    })
    .await;
}

#[tokio::test]
async fn a_new_token_takes_the_place_of_the_old_one_at_every_start() {
    on_every_service("asynchronous", &[Ability::Renewal], async |bench| {
        chatted(bench).await;
        let account = bench.customer.vault.tokens().first().cloned().expect("the chat is kept");
        let mut seen = vec![bench.customer.vault.peek(&account)];
        for _ in 0..3 {
            let chat = bench.customer.open().await;
            chat.until("the chat to open", |snapshot| snapshot.phase == PhaseView::Open).await;
            eventually("a new token to be kept", || async {
                (bench.customer.vault.peek(&account) != *seen.last().unwrap()).then_some(())
            })
            .await;
            seen.push(bench.customer.vault.peek(&account));
            // What is read afterwards is read with it.
            let joins = bench.centre.requests("on=join").await;
            let joined = joins.last().and_then(|request| request["n"].as_u64()).unwrap();
            let read = bench.centre.request_after(joined, "on=restore").await;
            assert_eq!(read["token"], json!(seen.len()), "{read}");
            chat.quit().await;
        }
        assert_eq!(bench.customer.vault.tokens(), [account], "one entry, whatever happened");
    })
    .await;
}

#[tokio::test]
async fn a_chat_that_goes_on_under_another_name_is_followed() {
    on_every_service("asynchronous", &[Ability::Moves], async |bench| {
        bench.set(json!({ "join": "different_session" })).await;
        let before = chatted(bench).await;
        let chat = bench.customer.open().await;
        let after =
            chat.until("the transcript", |snapshot| said(snapshot).len() == said(&before).len()).await;
        assert_eq!(said(&after), said(&before), "own words are still own");
        chat.send("I am back").await;
        bench.centre.say("Welcome").await;
        chat.shows("Welcome").await;
        assert_eq!(bench.centre.count("I am back").await, 1);
        chat.quit().await;
    })
    .await;
}

#[tokio::test]
async fn history_comes_page_by_page_to_its_beginning_without_a_row_twice() {
    for mode in ["asynchronous", "synchronous"] {
        on_every_service(mode, &[Ability::History, Ability::Restore], async |bench| {
            let chat = bench.customer.start().await;
            bench.centre.join("Maya").await;
            bench.centre.act("burst", json!({ "count": 75, "text": "Line" })).await;
            chat.shows("Line 75").await;
            chat.quit().await;
            bench.customer.lose_archive();

            let chat = bench.customer.open().await;
            chat.shows("Line 75").await;
            let mut pages = 0;
            loop {
                let settled = |snapshot: &Snapshot| snapshot.history != HistoryView::Loading;
                let snapshot = chat.until("a page", settled).await;
                if snapshot.history == HistoryView::Complete {
                    break;
                }
                pages += 1;
                assert!(pages < 20, "history has an end");
                chat.does(Command::Older).await.unwrap();
            }
            let expected: Vec<String> = (1..=75).map(|number| format!("Line {number}")).collect();
            assert_eq!(words(&chat.snapshot().await), expected);
            // A synchronous chat may be short enough for its service to be read as a whole.
            let in_pages = mode == "synchronous" || pages >= 2;
            assert!(in_pages, "{}: it came in pages, {pages} after the newest", bench.service());
            bench.centre.say("Live again").await;
            chat.shows("Live again").await;
            let notices = chat.notices().await;
            assert_eq!(notices.len(), 1, "history never notifies: {notices:?}");
            chat.quit().await;
        })
        .await;
    }
}

#[tokio::test]
async fn older_pages_come_while_the_other_side_writes() {
    on_every_service("asynchronous", &[Ability::History, Ability::Restore], async |bench| {
        let chat = bench.customer.start().await;
        bench.centre.join("Maya").await;
        bench.centre.act("burst", json!({ "count": 40, "text": "Line" })).await;
        chat.shows("Line 40").await;
        chat.quit().await;
        bench.customer.lose_archive();
        let chat = bench.customer.open().await;
        chat.until("the chat to open", |snapshot| snapshot.history == HistoryView::More).await;
        bench.is_listened_to().await;
        chat.does(Command::Older).await.unwrap();
        for number in 41..=45 {
            bench.centre.say(&format!("Line {number}")).await;
        }
        chat.shows("Line 45").await;
        while chat.until("a page", |one| one.history != HistoryView::Loading).await.history
            == HistoryView::More
        {
            chat.does(Command::Older).await.unwrap();
        }
        let expected: Vec<String> = (1..=45).map(|number| format!("Line {number}")).collect();
        assert_eq!(words(&chat.snapshot().await), expected);
        chat.quit().await;
    })
    .await;
}

#[tokio::test]
async fn a_chat_that_the_service_loses_is_over_and_its_token_is_deleted() {
    for way in Way::with(&[Ability::Loss]) {
        for how in way.lost {
            let bench = lay(way, way.modes[0], "").await;
            let chat = bench.customer.start().await;
            chat.send("Hello").await;
            bench.centre.act("kill", json!({ "mode": how })).await;
            bench.centre.release().await;
            is_lost(&bench, &chat).await;
            chat.quit().await;
        }
    }
}

#[tokio::test]
async fn a_chat_that_the_service_lost_meanwhile_is_over_and_its_token_is_deleted() {
    for way in Way::with(&[Ability::Loss, Ability::Restore]) {
        for (mode, how) in way.lost_meanwhile {
            let bench = lay(way, mode, "").await;
            chatted(&bench).await;
            bench.centre.act("kill", json!({ "mode": how })).await;
            let chat = bench.customer.open().await;
            is_lost(&bench, &chat).await;
            chat.quit().await;
        }
    }
}

/// A chat with words in both directions, after which the program ends; and how it looked.
async fn chatted(bench: &Bench) -> Snapshot {
    let chat = bench.customer.start().await;
    bench.centre.join("Maya").await;
    bench.centre.say("How can I help?").await;
    chat.shows("How can I help?").await;
    chat.send("My bill is too high").await;
    bench.centre.say("Let me see").await;
    chat.shows("Let me see").await;
    chat.does(Command::Seen).await.unwrap();
    let snapshot = chat.until("the chat to be kept", |snapshot| snapshot.memory == Memory::Kept).await;
    chat.quit().await;
    snapshot
}

async fn is_lost(bench: &Bench, chat: &Chat) {
    let over = chat.until("the end", |snapshot| matches!(snapshot.phase, PhaseView::Over { .. })).await;
    // Whose person was signed out elsewhere is lost as well, and says why.
    let lost = matches!(over.phase, PhaseView::Over { reason: EndReason::Lost | EndReason::SignedOut, .. });
    assert!(lost, "{:?}", over.phase);
    eventually("the token to be deleted", || async {
        bench.customer.vault.tokens().is_empty().then_some(())
    })
    .await;
}
