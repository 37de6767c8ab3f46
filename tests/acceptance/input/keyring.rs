//! A password store that is locked, missing or failing: the chat works, is not remembered, and says so.

use envoi_engine::keyring::VaultError;
use envoi_engine::keyring::memory::Trouble;
use envoi_protocol::fault::FaultCode;
use envoi_protocol::view::{Command, Memory, PhaseView};
use envoi_tests::customer::words;
use envoi_tests::eventually;
use envoi_tests::way::Ability;

use crate::bench::with;

fn troubles() -> [(VaultError, FaultCode); 4] {
    [
        (VaultError::Locked("test".into()), FaultCode::KeyringLocked),
        (VaultError::Missing("test".into()), FaultCode::KeyringMissing),
        (VaultError::Failed("test".into()), FaultCode::KeyringFailed),
        (VaultError::TooLong { limit: 10 }, FaultCode::KeyringFailed),
    ]
}

#[tokio::test]
async fn the_chat_works_says_that_it_is_not_kept_and_is_kept_as_soon_as_it_can_be() {
    for (error, why) in troubles() {
        for trouble in [Trouble::All(error.clone()), Trouble::Writing(error.clone())] {
            with("asynchronous", "", &[Ability::Restore, Ability::End], async |bench| {
                bench.customer.vault.trouble(trouble.clone());
                let chat = bench.customer.start().await;
                chat.send("It works all the same").await;
                bench.centre.join("Maya").await;
                bench.centre.say("So it does").await;
                let snapshot = chat.shows("So it does").await;
                assert_eq!(snapshot.memory, Memory::NotKept { why });
                assert_eq!(snapshot.fault, None);
                bench.customer.vault.trouble(Trouble::None);
                chat.does(Command::TryNow).await.unwrap();
                chat.until("the chat to be kept", |snapshot| snapshot.memory == Memory::Kept).await;
                chat.quit().await;
                let chat = bench.customer.open().await;
                let snapshot = chat.shows("So it does").await;
                assert_eq!(words(&snapshot), ["It works all the same", "So it does"]);
                chat.quit().await;
            })
            .await;
        }
    }
}

#[tokio::test]
async fn what_was_not_kept_does_not_come_back_and_leaves_nothing_behind() {
    with("asynchronous", "", &[Ability::Restore, Ability::End], async |bench| {
        bench.customer.vault.trouble(Trouble::Writing(VaultError::Locked("test".into())));
        let chat = bench.customer.start().await;
        chat.send("Hello").await;
        chat.until("the news", |one| one.memory == Memory::NotKept { why: FaultCode::KeyringLocked }).await;
        chat.quit().await;
        let inbox = bench.customer.inbox().await;
        assert!(inbox.app_view().conversations.is_empty());
        assert_eq!(inbox.app_view().config_faults, []);
        inbox.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_store_that_does_not_open_at_the_start_is_not_taken_for_no_chat() {
    for (error, why) in troubles() {
        with("asynchronous", "", &[Ability::Restore, Ability::End], async |bench| {
            let chat = bench.customer.start().await;
            chat.send("Kept words").await;
            chat.until("the chat to be kept", |snapshot| snapshot.memory == Memory::Kept).await;
            chat.quit().await;

            bench.customer.vault.trouble(Trouble::All(error.clone()));
            let chat = bench.customer.open().await;
            let waiting = chat.until("the fault", |snapshot| snapshot.fault.is_some()).await;
            assert_eq!((waiting.phase, waiting.memory), (PhaseView::Joining, Memory::NotKept { why }));
            assert_eq!(bench.centre.get("").await["sessions"], 1, "no second chat is started in its place");
            bench.customer.vault.trouble(Trouble::None);
            chat.does(Command::TryNow).await.unwrap();
            let open = chat.shows("Kept words").await;
            assert_eq!((open.phase, open.memory, open.fault), (PhaseView::Open, Memory::Kept, None));
            chat.quit().await;
        })
        .await;
    }
}

#[tokio::test]
async fn a_token_that_cannot_be_deleted_is_deleted_at_the_next_start() {
    with("asynchronous", "", &[Ability::Restore, Ability::End], async |bench| {
        let chat = bench.customer.start().await;
        chat.until("the chat to be kept", |snapshot| snapshot.memory == Memory::Kept).await;
        bench.customer.vault.trouble(Trouble::Deleting(VaultError::Locked("test".into())));
        chat.does(Command::End).await.unwrap();
        chat.until("the end", |snapshot| matches!(snapshot.phase, PhaseView::Over { .. })).await;
        bench.centre.request_after(0, "on=leave&done=true").await;
        chat.quit().await;
        assert_eq!(bench.customer.vault.tokens().len(), 1);
        bench.customer.vault.trouble(Trouble::None);
        let inbox = bench.customer.inbox().await;
        assert!(inbox.app_view().conversations.is_empty(), "what has ended does not come back");
        eventually("the token to be deleted", || async {
            bench.customer.vault.tokens().is_empty().then_some(())
        })
        .await;
        inbox.close().await;
    })
    .await;
}
