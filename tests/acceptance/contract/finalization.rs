//! What a finished case leads to, in both modes, as it happens and inside history.

use envoi_engine::published::Published;
use envoi_protocol::view::{Change, Content, EndReason, PhaseView, Snapshot};
use envoi_tests::customer::{Chat, words};
use envoi_tests::eventually;
use envoi_tests::way::Ability;
use serde_json::json;

use crate::bench::{Bench, on_every_service};

#[tokio::test]
async fn an_asynchronous_case_closes_once_and_writing_opens_the_next() {
    on_every_service("asynchronous", &[Ability::States], async |bench| {
        let chat = greeted(bench).await;
        bench.centre.state("Finalizing").await;
        let closing = chat.until("the banner", is_closing).await;
        assert!(matches!(closing.phase, PhaseView::Closing { by: Some(by), text: None } if by == "Maya"));
        bench.centre.state("Completed").await;
        bench.centre.act("leave", json!({})).await;
        chat.until("Maya to leave", |snapshot| snapshot.people.is_empty()).await;
        let closed = chat.snapshot().await;
        assert!(is_closing(&closed));
        assert_eq!(cases(&closed), 1, "both states are one end");
        assert_eq!(banners(&chat), 1);
        assert!(bench.centre.requests("on=leave").await.is_empty(), "the chat stays open");

        chat.send("Another question about my meter").await;
        assert_eq!(chat.snapshot().await.phase, PhaseView::Open);
        bench.centre.join("Robin").await;
        bench.centre.state("Completed").await;
        let again = chat.until("the second banner", is_closing).await;
        assert_eq!((cases(&again), banners(&chat)), (2, 2));
        chat.quit().await;
    })
    .await;
}

#[tokio::test]
async fn the_last_state_of_what_comes_together_counts() {
    on_every_service("asynchronous", &[Ability::States], async |bench| {
        let chat = greeted(bench).await;
        let state = |state: &str| json!({ "do": "state", "state": state });
        let say = |text: &str| json!({ "do": "say", "text": text });
        let actions = [state("Finalizing"), state("Resting"), say("Not yet")];
        bench.centre.act("batch", json!({ "actions": actions })).await;
        let open = chat.shows("Not yet").await;
        assert_eq!(open.phase, PhaseView::Open, "the last word was that it goes on");
        let actions = [say("Bye"), state("Finalizing"), state("Completed")];
        bench.centre.act("batch", json!({ "actions": actions })).await;
        chat.until("the banner", is_closing).await;
        assert_eq!(banners(&chat), 1);
        chat.quit().await;
    })
    .await;
}

#[tokio::test]
async fn an_asynchronous_case_that_closed_meanwhile_is_found_closed_once() {
    on_every_service("asynchronous", &[Ability::States], async |bench| {
        let chat = greeted(bench).await;
        chat.quit().await;
        bench.centre.state("Finalizing").await;
        bench.centre.state("Completed").await;
        for _ in 0..2 {
            let chat = bench.customer.open().await;
            let closing = chat.until("the banner", is_closing).await;
            assert_eq!(cases(&closing), 1);
            chat.quit().await;
        }
        let chat = bench.customer.open().await;
        chat.until("the banner", is_closing).await;
        chat.send("My meter again").await;
        chat.quit().await;
        let chat = bench.customer.open().await;
        let open = chat.shows("My meter again").await;
        assert_eq!(open.phase, PhaseView::Open, "somebody wrote after the case was closed");
        chat.quit().await;
    })
    .await;
}

#[tokio::test]
async fn a_synchronous_chat_ends_with_its_case_and_the_person_is_taken_out() {
    for state in ["Finalizing", "Completed"] {
        on_every_service("synchronous", &[Ability::States], async |bench| {
            let chat = greeted(bench).await;
            bench.centre.state(state).await;
            is_ended(bench, &chat).await;
            chat.quit().await;
        })
        .await;
    }
}

#[tokio::test]
async fn a_synchronous_case_that_closed_meanwhile_ends_the_chat() {
    on_every_service("synchronous", &[Ability::States], async |bench| {
        let chat = greeted(bench).await;
        chat.quit().await;
        bench.centre.say("Good bye").await;
        bench.centre.state("Completed").await;
        let chat = bench.customer.open().await;
        is_ended(bench, &chat).await;
        assert_eq!(
            words(&chat.snapshot().await),
            ["Hello", "Good day", "Good bye"],
            "the transcript stays readable"
        );
        chat.quit().await;
    })
    .await;
}

/// A chat in which both sides have written.
async fn greeted(bench: &Bench) -> Chat {
    let chat = bench.customer.start().await;
    chat.send("Hello").await;
    bench.centre.join("Maya").await;
    bench.centre.say("Good day").await;
    chat.shows("Good day").await;
    chat
}

async fn is_ended(bench: &Bench, chat: &Chat) {
    let over = chat.until("the end", |snapshot| matches!(snapshot.phase, PhaseView::Over { .. })).await;
    assert!(matches!(over.phase, PhaseView::Over { reason: EndReason::EndedByThem, .. }), "{:?}", over.phase);
    bench.centre.request_after(0, "on=leave&done=true").await;
    assert!(!bench.centre.customer_is_there().await);
    eventually("the token to be deleted", || async {
        bench.customer.vault.tokens().is_empty().then_some(())
    })
    .await;
}

fn is_closing(snapshot: &Snapshot) -> bool {
    matches!(snapshot.phase, PhaseView::Closing { .. })
}

fn cases(snapshot: &Snapshot) -> usize {
    snapshot.items.iter().filter(|item| matches!(item.content, Content::CaseClosed { .. })).count()
}

/// How often the banner was put up.
fn banners(chat: &Chat) -> usize {
    let closing = |published: &Published| matches!(published, Published::Update(update) if matches!(update.change, Change::Phase(PhaseView::Closing { .. })));
    chat.told().iter().filter(|published| closing(published)).count()
}
