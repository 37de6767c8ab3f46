//! One chat from its start to its end.

use std::time::Duration;

use envoi_engine::keyring::VaultError;
use envoi_engine::keyring::memory::Trouble;
use envoi_engine::published::Published;
use envoi_protocol::attention::News;
use envoi_protocol::fault::FaultCode;
use envoi_protocol::view::{
    Command, Content, CopyFormat, DeliveryView, EndReason, LinkView, Memory, PhaseView, Settings, Snippet,
};

use crate::bench::{Bench, code, hear, send, start, token, until, words};

#[tokio::test(start_paused = true)]
async fn a_chat_goes_both_ways() {
    let bench = Bench::new();
    let (inbox, conversation) = bench.chat().await;
    bench.centre().agent_says("Good day");
    until(&conversation, |snapshot| words(snapshot) == ["Good day"]).await;
    conversation.command(send("Hello")).await.unwrap();
    let snapshot = until(&conversation, |snapshot| {
        snapshot
            .items
            .iter()
            .any(|item| matches!(&item.content, Content::Message { delivery: Some(DeliveryView::Sent), .. }))
    })
    .await;
    assert_eq!(words(&snapshot), ["Good day", "Hello"]);
    tokio::time::sleep(Duration::from_secs(10)).await;
    let later = conversation.snapshot().await.unwrap();
    assert_eq!(words(&later), ["Good day", "Hello"], "the service's copy is not a second message");
    assert_eq!(later.link, LinkView::Up);
    let row = inbox.app_view().conversations.into_iter().next().unwrap();
    assert!(matches!(row.snippet, Snippet::Message { text: Some(text), .. } if text == "Hello"));
}

#[tokio::test(start_paused = true)]
async fn the_token_is_kept_before_the_first_message_leaves() {
    let bench = Bench::new();
    let inbox = bench.open().await;
    let conversation = inbox.conversation(&inbox.open_conversation("tidewater").unwrap()).unwrap();
    assert_eq!(bench.index(), serde_json::json!({}), "nothing to come back to yet");
    conversation.command(start()).await.unwrap();
    conversation.command(send("Hello")).await.unwrap();
    until(&conversation, |_| !bench.centre().received.is_empty()).await;
    assert_eq!(bench.centre().received, [("Hello".to_owned(), vec![token(1)])]);
    assert_eq!(conversation.snapshot().await.unwrap().memory, Memory::Kept);
    assert_eq!(bench.index()[conversation.id()]["deployment"], "tidewater");
    let file = std::fs::read_to_string(bench.profile().conversations_file()).unwrap();
    assert!(!file.contains(&token(1)), "the list holds no secret");
}

#[tokio::test(start_paused = true)]
async fn updates_are_numbered_without_a_gap_and_lead_to_the_snapshot() {
    let bench = Bench::new();
    let inbox = bench.open().await;
    let mut stream = inbox.subscribe();
    let conversation = inbox.conversation(&inbox.open_conversation("tidewater").unwrap()).unwrap();
    conversation.command(start()).await.unwrap();
    conversation.command(send("Hello")).await.unwrap();
    until(&conversation, |snapshot| words(snapshot) == ["Hello"] && snapshot.phase == PhaseView::Open).await;
    let seq = conversation.snapshot().await.unwrap().seq;
    let mut last = 0;
    while last < seq {
        let update = hear(&mut stream, |published| match published {
            Published::Update(update) => Some(update),
            _ => None,
        })
        .await;
        assert_eq!(update.conversation, conversation.id());
        assert_eq!(update.seq, last + 1);
        last = update.seq;
    }
}

#[tokio::test(start_paused = true)]
async fn ending_a_chat_leaves_deletes_the_token_and_frees_the_company() {
    let bench = Bench::new();
    let (inbox, conversation) = bench.chat().await;
    assert_eq!(inbox.open_conversation("tidewater").unwrap(), conversation.id(), "one live chat per company");
    conversation.command(Command::End).await.unwrap();
    let over = until(&conversation, |snapshot| matches!(snapshot.phase, PhaseView::Over { .. })).await;
    assert!(matches!(over.phase, PhaseView::Over { reason: EndReason::EndedByMe, .. }));
    until(&conversation, |_| bench.centre().left && bench.vault.tokens().is_empty()).await;
    until(&conversation, |_| bench.index() == serde_json::json!({})).await;
    assert_eq!(code(conversation.command(send("?")).await.unwrap_err()), FaultCode::ChatOver);
    assert_ne!(inbox.open_conversation("tidewater").unwrap(), conversation.id());
    assert_eq!(inbox.app_view().conversations.len(), 2);
    inbox.delete(conversation.id()).await.unwrap();
    assert_eq!(inbox.app_view().conversations.len(), 1);
    assert!(inbox.conversation(conversation.id()).is_err());
}

#[tokio::test(start_paused = true)]
async fn deleting_a_chat_that_goes_on_ends_it_and_leaves_nothing_behind() {
    let bench = Bench::new();
    let (inbox, conversation) = bench.chat().await;
    bench.centre().agent_says("Your code is xylophone");
    until(&conversation, |snapshot| words(snapshot) == ["Your code is xylophone"]).await;
    assert_eq!(inbox.search("xylo", None).await.unwrap().hits.len(), 1);
    inbox.delete(conversation.id()).await.unwrap();
    assert!(bench.centre().left, "the other side knows");
    assert!(inbox.app_view().conversations.is_empty());
    assert!(inbox.search("xylo", None).await.unwrap().hits.is_empty());
    assert!(bench.vault.tokens().is_empty());
    assert_eq!(bench.index(), serde_json::json!({}));
    inbox.close().await;
    let inbox = bench.open().await;
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert!(inbox.app_view().conversations.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_closed_case_shows_the_companys_own_words_and_writing_goes_on() {
    let bench = Bench::new();
    let (_inbox, conversation) = bench.chat().await;
    bench.centre().state("Finalizing");
    let closing = until(&conversation, |snapshot| matches!(snapshot.phase, PhaseView::Closing { .. })).await;
    assert!(
        matches!(closing.phase, PhaseView::Closing { text: Some(text), .. } if text == "Case closed by Tidewater.")
    );
    conversation.command(send("My meter is still wrong")).await.unwrap();
    until(&conversation, |snapshot| snapshot.phase == PhaseView::Open).await;
}

#[tokio::test(start_paused = true)]
async fn without_a_password_store_the_chat_works_and_says_so() {
    for (trouble, expected) in [
        (VaultError::Missing("test".into()), FaultCode::KeyringMissing),
        (VaultError::Locked("test".into()), FaultCode::KeyringLocked),
        (VaultError::Failed("test".into()), FaultCode::KeyringFailed),
        (VaultError::TooLong { limit: 10 }, FaultCode::KeyringFailed),
    ] {
        let bench = Bench::new();
        bench.vault.trouble(Trouble::All(trouble));
        let (_inbox, conversation) = bench.chat().await;
        conversation.command(send("Hello")).await.unwrap();
        until(&conversation, |_| bench.centre().received.len() == 1).await;
        assert_eq!(conversation.snapshot().await.unwrap().memory, Memory::NotKept { why: expected });
        assert_eq!(bench.index(), serde_json::json!({}), "what cannot come back is not on the list");
    }
}

#[tokio::test(start_paused = true)]
async fn a_list_that_cannot_be_written_means_not_kept_and_leaves_no_token() {
    let bench = Bench::new();
    std::fs::create_dir_all(bench.profile().conversations_file().join("in-the-way")).unwrap();
    let (_inbox, conversation) = bench.chat().await;
    let snapshot = until(&conversation, |snapshot| matches!(snapshot.memory, Memory::NotKept { .. })).await;
    assert_eq!(snapshot.memory, Memory::NotKept { why: FaultCode::DiskFailed });
    assert!(bench.vault.tokens().is_empty());
}

#[tokio::test(start_paused = true)]
async fn losing_the_network_loses_nothing() {
    let bench = Bench::new();
    let (_inbox, conversation) = bench.chat().await;
    bench.centre().offline = true;
    until(&conversation, |snapshot| {
        matches!(snapshot.link, LinkView::Down { cause: FaultCode::Offline, .. })
    })
    .await;
    conversation.command(send("Are you there?")).await.unwrap();
    assert!(conversation.has_unsent().await.unwrap());
    tokio::time::sleep(Duration::from_secs(120)).await;
    bench.centre().offline = false;
    conversation.command(Command::TryNow).await.unwrap();
    until(&conversation, |snapshot| snapshot.link == LinkView::Up).await;
    until(&conversation, |_| bench.centre().received.len() == 1).await;
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(bench.centre().received.len(), 1, "sent once");
}

#[tokio::test(start_paused = true)]
async fn a_reply_notifies_unless_it_is_seen() {
    let bench = Bench::new();
    let (inbox, conversation) = bench.chat().await;
    let mut stream = inbox.subscribe();
    let notice = |published| match published {
        Published::Notice(notice) => Some(notice),
        _ => None,
    };
    inbox.watching(Some(conversation.id()), true).await;
    bench.centre().agent_says("Seen");
    until(&conversation, |snapshot| words(snapshot) == ["Seen"]).await;
    tokio::time::sleep(Duration::from_secs(30)).await;
    inbox.watching(Some(conversation.id()), false).await;
    bench.centre().agent_says("Not seen");
    let told = hear(&mut stream, notice).await;
    assert_eq!((&*told.conversation, &*told.company), (conversation.id(), "Tidewater Energy"));
    assert_eq!(told.news, News::Message { who: Some("Maya".into()), text: Some("Not seen".into()) });
}

#[tokio::test(start_paused = true)]
async fn what_a_notification_tells_is_chosen_while_the_chat_goes_on() {
    use envoi_protocol::view::NotifyLevel;
    let bench = Bench::new();
    let (inbox, _conversation) = bench.chat().await;
    let mut stream = inbox.subscribe();
    inbox.set_settings(Settings { notify: NotifyLevel::Company, ..Settings::default() }).await.unwrap();
    bench.centre().agent_says("Secret");
    let told = hear(&mut stream, |published| match published {
        Published::Notice(notice) => Some(notice),
        _ => None,
    })
    .await;
    assert_eq!(told.news, News::Message { who: None, text: None });
}

#[tokio::test(start_paused = true)]
async fn waking_up_gives_up_old_connections_and_looks_at_once() {
    let bench = Bench::new();
    let (_inbox, conversation) = bench.chat().await;
    until(&conversation, |_| bench.network.open() == 1).await;
    let before = bench.network.refreshed();
    bench.clock.sleep(Duration::from_secs(3_600));
    bench.centre().agent_says("While you slept");
    tokio::time::sleep(Duration::from_secs(6)).await;
    assert_eq!(bench.network.refreshed(), before + 1);
    until(&conversation, |snapshot| words(snapshot) == ["While you slept"]).await;
    assert!(bench.network.open() <= 1, "never two polls at once");
}

#[tokio::test(start_paused = true)]
async fn closing_abandons_the_poll_and_does_not_end_the_chat() {
    let bench = Bench::new();
    let (inbox, conversation) = bench.chat().await;
    until(&conversation, |_| bench.network.open() == 1).await;
    inbox.close().await;
    tokio::task::yield_now().await;
    assert_eq!(bench.network.open(), 0);
    assert!(!bench.centre().left);
    assert_eq!(bench.vault.tokens(), [conversation.id()]);
    assert_eq!(code(conversation.command(send("?")).await.unwrap_err()), FaultCode::TooLate);
}

#[tokio::test(start_paused = true)]
async fn a_listener_that_is_too_slow_is_told() {
    let bench = Bench::new();
    let (inbox, conversation) = bench.chat().await;
    let mut stream = inbox.subscribe();
    for number in 0..600 {
        bench.centre().agent_says(&format!("Message {number}"));
        until(&conversation, |snapshot| snapshot.items.len() > number).await;
    }
    hear(&mut stream, |published| matches!(published, Published::Missed).then_some(())).await;
}

#[tokio::test(start_paused = true)]
async fn a_copy_is_saved_as_text() {
    let bench = Bench::new();
    let (inbox, conversation) = bench.chat().await;
    bench.centre().agent_says("Good day");
    until(&conversation, |snapshot| words(snapshot) == ["Good day"]).await;
    let folder = tempfile::tempdir().unwrap();
    let path = inbox.save_copy(conversation.id(), CopyFormat::Text, folder.path()).await.unwrap();
    assert_eq!(path.file_name().unwrap(), "Envoi Tidewater Energy 2026-01-05.txt");
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains("Maya: Good day\n"), "{text}");
    std::fs::write(folder.path().join("file"), "").unwrap();
    let refused =
        inbox.save_copy(conversation.id(), CopyFormat::Text, &folder.path().join("file")).await.unwrap_err();
    assert_eq!(refused.code, FaultCode::DiskFailed);
}
