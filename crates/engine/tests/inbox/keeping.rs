//! What is kept on this computer, for how long, and what it is good for without a network.

use std::time::Duration;

use envoi_engine::archive::key::ACCOUNT;
use envoi_engine::keyring::memory::Trouble;
use envoi_engine::keyring::{Vault as _, VaultError};
use envoi_protocol::view::{
    ArchiveView, Command, Content, DeliveryView, Keep, LinkView, Memory, PhaseView, Settings, Snapshot,
};

use crate::bench::{Bench, send, until, words};

fn deliveries(snapshot: &Snapshot) -> Vec<DeliveryView> {
    let delivery = |content: &Content| match content {
        Content::Message { delivery, .. } => delivery.clone(),
        _ => None,
    };
    snapshot.items.iter().filter_map(|item| delivery(&item.content)).collect()
}

/// A chat with an answer in it, and then the program ends.
async fn chat_and_quit(bench: &Bench) -> String {
    let (inbox, conversation) = bench.chat().await;
    bench.centre().agent_says("The café opens at nine");
    until(&conversation, |snapshot| words(snapshot).len() == 1 && snapshot.memory == Memory::Kept).await;
    inbox.close().await;
    conversation.id().to_owned()
}

#[tokio::test(start_paused = true)]
async fn without_a_network_everything_can_be_read_searched_and_written() {
    let bench = Bench::new();
    let id = chat_and_quit(&bench).await;
    bench.centre().offline = true;
    let inbox = bench.open().await;
    let conversation = inbox.conversation(&id).unwrap();
    until(&conversation, |snapshot| words(snapshot) == ["The café opens at nine"]).await;
    for text in ["one", "two", "three"] {
        conversation.command(send(text)).await.unwrap();
    }
    conversation.command(Command::Draft { text: "and fo".into() }).await.unwrap();
    let found = inbox.search("cafe NIN", None).await.unwrap();
    assert_eq!((found.len(), found[0].conversation.as_str()), (1, id.as_str()));
    assert_eq!(inbox.search("two", Some(&id)).await.unwrap().len(), 1, "what waits can be found as well");
    inbox.close().await;

    let inbox = bench.open().await;
    let conversation = inbox.conversation(&id).unwrap();
    let waiting = until(&conversation, |snapshot| words(snapshot).len() == 4).await;
    assert_eq!(waiting.draft, "and fo");
    assert!(!deliveries(&waiting).contains(&DeliveryView::Sent), "{:?}", deliveries(&waiting));
    bench.centre().offline = false;
    conversation.command(Command::TryNow).await.unwrap();
    until(&conversation, |snapshot| deliveries(snapshot) == vec![DeliveryView::Sent; 3]).await;
    let received: Vec<String> = bench.centre().received.iter().map(|(text, _)| text.clone()).collect();
    assert_eq!(received, ["one", "two", "three"]);
}

#[tokio::test(start_paused = true)]
async fn on_a_shared_computer_nothing_is_left() {
    let bench = Bench::new();
    let inbox = bench.open().await;
    inbox.set_settings(Settings { keep: Keep::UntilQuit, ..Settings::default() }).await.unwrap();
    inbox.close().await;
    let (inbox, conversation) = bench.chat().await;
    bench.centre().agent_says("Hush");
    let snapshot = until(&conversation, |snapshot| words(snapshot) == ["Hush"]).await;
    assert_eq!(snapshot.memory, Memory::Shared);
    assert_eq!(inbox.search("hush", None).await.unwrap().len(), 1, "it can be searched while it is there");
    assert!(bench.vault.accounts().is_empty() && !bench.profile().archive_file().exists());
    inbox.close().await;
    let inbox = bench.open().await;
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert!(inbox.app_view().conversations.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_chat_that_is_no_longer_to_be_kept_is_deleted_at_the_end() {
    let bench = Bench::new();
    let (inbox, conversation) = bench.chat().await;
    bench.centre().agent_says("Hush");
    until(&conversation, |snapshot| words(snapshot) == ["Hush"] && snapshot.memory == Memory::Kept).await;
    inbox.set_settings(Settings { keep: Keep::UntilQuit, ..Settings::default() }).await.unwrap();
    inbox.close().await;
    assert!(bench.vault.tokens().is_empty());
    let inbox = bench.open().await;
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert!(inbox.app_view().conversations.is_empty());
    assert!(inbox.search("hush", None).await.unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_is_older_than_the_chosen_days_is_deleted() {
    let bench = Bench::new();
    let id = chat_and_quit(&bench).await;
    bench.clock.set_forward(8 * 24 * 60 * 60 * 1_000);
    let inbox = bench.open().await;
    inbox.set_settings(Settings { keep: Keep::Days { days: 7 }, ..Settings::default() }).await.unwrap();
    inbox.close().await;
    let inbox = bench.open().await;
    until(&inbox.conversation(&id).unwrap(), |snapshot| snapshot.phase == PhaseView::Open).await;
    for _ in 0..100 {
        if inbox.search("cafe", None).await.unwrap().is_empty() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("it is still found");
}

#[tokio::test(start_paused = true)]
async fn a_damaged_archive_is_set_aside_and_the_chat_is_read_again_from_its_service() {
    let bench = Bench::new();
    let id = chat_and_quit(&bench).await;
    std::fs::write(bench.profile().archive_file(), "this is no archive, however long it may be ".repeat(500))
        .unwrap();
    let inbox = bench.open().await;
    let conversation = inbox.conversation(&id).unwrap();
    until(&conversation, |snapshot| {
        words(snapshot) == ["The café opens at nine"] && snapshot.link == LinkView::Up
    })
    .await;
    let ArchiveView::Rebuilt { aside } = inbox.app_view().archive else { panic!("it is told") };
    assert!(std::fs::read_to_string(aside).unwrap().starts_with("this is no archive"));
    assert_eq!(inbox.search("cafe", None).await.unwrap().len(), 1);
    inbox.close().await;
    let inbox = bench.open().await;
    until(&inbox.conversation(&id).unwrap(), |snapshot| snapshot.link == LinkView::Up).await;
    assert_eq!(inbox.app_view().archive, ArchiveView::Kept, "told once");
}

#[tokio::test(start_paused = true)]
async fn a_lost_key_is_like_a_damaged_archive() {
    let bench = Bench::new();
    let id = chat_and_quit(&bench).await;
    bench.vault.delete(ACCOUNT).unwrap();
    let inbox = bench.open().await;
    until(&inbox.conversation(&id).unwrap(), |snapshot| words(snapshot) == ["The café opens at nine"]).await;
    assert!(matches!(inbox.app_view().archive, ArchiveView::Rebuilt { .. }));
}

#[tokio::test(start_paused = true)]
async fn without_a_password_store_nothing_is_written_and_the_chat_works() {
    let bench = Bench::new();
    bench.vault.trouble(Trouble::All(VaultError::Missing("test".into())));
    let (inbox, conversation) = bench.chat().await;
    bench.centre().agent_says("Hush");
    until(&conversation, |snapshot| words(snapshot) == ["Hush"]).await;
    assert!(matches!(inbox.app_view().archive, ArchiveView::Memory { .. }));
    assert_eq!(inbox.search("hush", None).await.unwrap().len(), 1);
    assert!(!bench.profile().archive_file().exists(), "there is no plain file");
}
