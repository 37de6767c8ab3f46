//! What comes back after a restart, what does not, and how each is told.

use std::time::Duration;

use envoi_engine::inbox::{Inbox, Options};
use envoi_engine::keyring::VaultError;
use envoi_engine::keyring::memory::Trouble;
use envoi_engine::profile::ProfileError;
use envoi_engine::published::Published;
use envoi_protocol::fault::FaultCode;
use envoi_protocol::view::{Command, EndReason, LinkView, Memory, PhaseView, Snapshot};

use crate::bench::{Bench, code, hear, send, token, until, words};

/// A chat with some words in it, and then the program ends.
async fn chat_and_quit(bench: &Bench) -> String {
    let (inbox, conversation) = bench.chat().await;
    bench.centre().agent_says("Good day");
    conversation.command(send("Hello")).await.unwrap();
    until(&conversation, |snapshot| words(snapshot).len() == 2 && bench.centre().received.len() == 1).await;
    inbox.close().await;
    conversation.id().to_owned()
}

#[tokio::test(start_paused = true)]
async fn a_kept_chat_comes_back_with_its_words_and_a_new_token() {
    let bench = Bench::new();
    let id = chat_and_quit(&bench).await;
    assert_eq!(bench.vault.peek(&id).unwrap(), token(1).into_bytes());
    let inbox = bench.open().await;
    let conversation = inbox.conversation(&id).unwrap();
    let snapshot = until(&conversation, |snapshot| snapshot.phase == PhaseView::Open).await;
    let snapshot = if words(&snapshot).len() == 2 {
        snapshot
    } else {
        until(&conversation, |snapshot| words(snapshot).len() == 2).await
    };
    let mut told = words(&snapshot);
    told.sort();
    assert_eq!(told, ["Good day", "Hello"]);
    assert!(snapshot.items.iter().all(|item| item.replayed), "nothing of it is announced");
    assert_eq!(bench.centre().presented, [None, Some(token(1))]);
    until(&conversation, |_| bench.vault.peek(&id) == Some(token(2).into_bytes())).await;
    assert_eq!(inbox.open_conversation("tidewater").unwrap(), id, "it is the company's live chat");
}

#[tokio::test(start_paused = true)]
async fn a_killed_program_comes_back_as_well() {
    let bench = Bench::new();
    let (inbox, conversation) = bench.chat().await;
    let id = conversation.id().to_owned();
    until(&conversation, |snapshot| snapshot.memory == Memory::Kept).await;
    let kept = std::fs::read(bench.profile().conversations_file()).unwrap();
    inbox.close().await;
    // As if nothing had been written since.
    std::fs::write(bench.profile().conversations_file(), kept).unwrap();
    let inbox = bench.open().await;
    until(&inbox.conversation(&id).unwrap(), |snapshot| snapshot.phase == PhaseView::Open).await;
}

#[tokio::test(start_paused = true)]
async fn replayed_history_raises_no_notification() {
    let bench = Bench::new();
    let id = chat_and_quit(&bench).await;
    let inbox = bench.open().await;
    let mut stream = inbox.subscribe();
    until(&inbox.conversation(&id).unwrap(), |snapshot| snapshot.phase == PhaseView::Open).await;
    bench.centre().agent_says("News");
    let told = hear(&mut stream, |published| match published {
        Published::Notice(notice) => Some(notice),
        _ => None,
    })
    .await;
    assert!(
        format!("{:?}", told.news).contains("News"),
        "the first notification is about what is new: {told:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_locked_password_store_is_not_taken_for_no_chat() {
    for (trouble, expected) in [
        (VaultError::Locked("test".into()), FaultCode::KeyringLocked),
        (VaultError::Missing("test".into()), FaultCode::KeyringMissing),
        (VaultError::Failed("test".into()), FaultCode::KeyringFailed),
    ] {
        let bench = Bench::new();
        let id = chat_and_quit(&bench).await;
        bench.vault.trouble(Trouble::All(trouble));
        let inbox = bench.open().await;
        let mut stream = inbox.subscribe();
        let conversation = inbox.conversation(&id).unwrap();
        let waiting = until(&conversation, |snapshot| snapshot.fault.is_some()).await;
        assert_eq!(waiting.memory, Memory::NotKept { why: expected });
        assert_eq!(waiting.fault.as_ref().unwrap().code, expected);
        assert_eq!(inbox.app_view().conversations.len(), 1);
        assert_eq!(code(conversation.command(send("Hi")).await.unwrap_err()), expected);
        assert_eq!(bench.centre().presented.len(), 1, "no second chat was started");

        conversation.command(Command::TryNow).await.unwrap();
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert_eq!(conversation.snapshot().await.unwrap().memory, Memory::NotKept { why: expected });

        bench.vault.trouble(Trouble::None);
        conversation.command(Command::TryNow).await.unwrap();
        let open = until(&conversation, |snapshot| snapshot.phase == PhaseView::Open).await;
        assert_eq!((open.memory, open.fault), (Memory::Kept, None));
        // The numbers went on through all of it.
        let mut last = waiting.seq;
        while last < open.seq {
            let update = hear(&mut stream, |published| match published {
                Published::Update(update) if update.seq > waiting.seq => Some(update),
                _ => None,
            })
            .await;
            assert_eq!(update.seq, last + 1);
            last = update.seq;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_chat_whose_token_somebody_deleted_is_over_and_keeps_its_words() {
    let bench = Bench::new();
    let id = chat_and_quit(&bench).await;
    envoi_engine::keyring::Vault::delete(&bench.vault, &id).unwrap();
    let inbox = bench.open().await;
    let over =
        |snapshot: &Snapshot| matches!(snapshot.phase, PhaseView::Over { reason: EndReason::Lost, .. });
    let snapshot = until(&inbox.conversation(&id).unwrap(), over).await;
    assert_eq!(words(&snapshot).len(), 2);
    until(&inbox.conversation(&id).unwrap(), |_| bench.index() == serde_json::json!({})).await;
    inbox.close().await;
    let inbox = bench.open().await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let again = until(&inbox.conversation(&id).unwrap(), over).await;
    assert_eq!(words(&again).len(), 2, "an ended chat stays readable");
}

#[tokio::test(start_paused = true)]
async fn a_chat_without_token_and_archive_can_be_begun_anew_and_is_told() {
    let bench = Bench::new();
    let id = chat_and_quit(&bench).await;
    envoi_engine::keyring::Vault::delete(&bench.vault, &id).unwrap();
    std::fs::remove_file(bench.profile().archive_file()).unwrap();
    let inbox = bench.open().await;
    until(&inbox.conversation(&id).unwrap(), |snapshot| snapshot.phase == PhaseView::Fresh).await;
    let faults = inbox.app_view().config_faults;
    assert!(
        faults.len() == 1 && faults[0].message.contains("Tidewater Energy cannot be picked up again"),
        "{faults:?}"
    );
    until(&inbox.conversation(&id).unwrap(), |_| bench.index() == serde_json::json!({})).await;
}

#[tokio::test(start_paused = true)]
async fn a_chat_that_the_service_lost_is_over_and_forgotten() {
    let bench = Bench::new();
    let id = chat_and_quit(&bench).await;
    bench.centre().dead = true;
    let inbox = bench.open().await;
    let conversation = inbox.conversation(&id).unwrap();
    let over = until(&conversation, |snapshot| matches!(snapshot.phase, PhaseView::Over { .. })).await;
    assert!(matches!(over.phase, PhaseView::Over { reason: EndReason::Lost, .. }));
    until(&conversation, |_| bench.vault.tokens().is_empty() && bench.index() == serde_json::json!({})).await;
}

#[tokio::test(start_paused = true)]
async fn a_start_without_a_network_waits_for_it() {
    let bench = Bench::new();
    let id = chat_and_quit(&bench).await;
    bench.centre().offline = true;
    let inbox = bench.open().await;
    let conversation = inbox.conversation(&id).unwrap();
    until(&conversation, |snapshot| matches!(snapshot.link, LinkView::Down { .. })).await;
    assert_eq!(bench.vault.tokens(), [id]);
    bench.centre().offline = false;
    until(&conversation, |snapshot| snapshot.phase == PhaseView::Open && snapshot.link == LinkView::Up).await;
}

#[tokio::test(start_paused = true)]
async fn a_token_that_could_not_be_deleted_is_deleted_at_the_next_start() {
    let bench = Bench::new();
    let (inbox, conversation) = bench.chat().await;
    bench.vault.trouble(Trouble::Deleting(VaultError::Locked("test".into())));
    conversation.command(Command::End).await.unwrap();
    until(&conversation, |_| bench.index()[conversation.id()]["ended"] == true).await;
    assert_eq!(bench.vault.tokens(), [conversation.id()]);
    inbox.close().await;

    bench.vault.trouble(Trouble::None);
    let _inbox = bench.open().await;
    for _ in 0..100 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(bench.vault.tokens().is_empty());
    assert_eq!(bench.index(), serde_json::json!({}));
    assert_eq!(bench.centre().presented.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn two_engines_do_not_run_on_one_profile() {
    let bench = Bench::new();
    let inbox = bench.open().await;
    let second = Inbox::open(bench.profile(), bench.world(), Options::default()).await;
    assert!(matches!(second, Err(ProfileError::InUse { .. })));
    inbox.close().await;
    bench.open().await;
}

#[tokio::test(start_paused = true)]
async fn a_list_that_cannot_be_understood_is_told_and_the_rest_works() {
    let bench = Bench::new();
    std::fs::write(bench.profile().conversations_file(), "{\"version\":1,\"conv").unwrap();
    std::fs::write(bench.profile().settings_file(), "no").unwrap();
    let (inbox, _conversation) = bench.chat().await;
    let faults = inbox.app_view().config_faults;
    assert_eq!(faults.len(), 2, "{faults:?}");
    assert!(faults.iter().all(|fault| fault.message.contains("kept as")), "{faults:?}");
}

#[tokio::test(start_paused = true)]
async fn one_company_alone_can_be_picked_up() {
    let bench = Bench::new();
    let id = chat_and_quit(&bench).await;
    let options = Options { only: Some("another".into()), ..Options::default() };
    let inbox = Inbox::open(bench.profile(), bench.world(), options).await.unwrap();
    assert!(inbox.app_view().conversations.is_empty());
    inbox.close().await;
    assert_eq!(bench.vault.tokens(), [id.as_str()], "the other one stays kept");
    assert!(bench.index().get(&id).is_some());
}
