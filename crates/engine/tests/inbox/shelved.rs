//! Chats whose company is no longer in the configuration, or whose entry there has a mistake: they can be read, and go on when it
//! is back.

use envoi_engine::keyring::memory::MemoryVault;
use envoi_engine::published::Published;
use envoi_protocol::fault::FaultCode;
use envoi_protocol::view::{
    Change, Command, CopyFormat, EndReason, HistoryView, LinkView, Memory, PhaseView, Snapshot,
};

use crate::bench::{Bench, COMPANY, code, hear, new_company, send, until, words};

/// A long chat, and then the program ends.
async fn long_chat_and_quit(bench: &Bench) -> String {
    let (inbox, conversation) = bench.chat().await;
    for n in 0..300 {
        bench.centre().agent_says(&format!("number {n}"));
    }
    conversation.command(send("Hello")).await.unwrap();
    until(&conversation, |snapshot| {
        words(snapshot).len() == 301 && snapshot.memory == Memory::Kept && bench.centre().received.len() == 1
    })
    .await;
    conversation.command(Command::Seen).await.unwrap();
    inbox.close().await;
    conversation.id().to_owned()
}

fn remove_company(bench: &Bench) {
    std::fs::write(bench.profile().deployments_file(), "").unwrap();
}

fn is_shelved(snapshot: &Snapshot) -> bool {
    snapshot.phase == PhaseView::Shelved
}

fn tokens(vault: &MemoryVault) -> usize {
    vault.tokens().len()
}

#[tokio::test(start_paused = true)]
async fn a_chat_whose_company_was_removed_can_be_read_searched_and_copied() {
    let bench = Bench::new();
    let id = long_chat_and_quit(&bench).await;
    remove_company(&bench);
    let calls = bench.network.made().len();
    let inbox = bench.open().await;
    let conversation = inbox.conversation(&id).unwrap();
    let snapshot = until(&conversation, is_shelved).await;
    assert_eq!(snapshot.deployment.name, "Tidewater Energy");
    assert_eq!((snapshot.deployment.available, &snapshot.link), (false, &LinkView::Idle));
    assert_eq!(snapshot.fault.as_ref().unwrap().code, FaultCode::CompanyGone);
    assert_eq!(words(&snapshot).last().map(String::as_str), Some("Hello"));
    assert_eq!(snapshot.history, HistoryView::More);
    conversation.command(Command::Reveal { item: "e1767607203000-0".into() }).await.unwrap();
    conversation.command(Command::Older).await.unwrap();
    let all = until(&conversation, |snapshot| snapshot.history == HistoryView::Complete).await;
    assert_eq!((words(&all).len(), words(&all)[0].as_str()), (301, "number 0"));
    assert_eq!(inbox.search("number 7", Some(&id)).await.unwrap().hits.len(), 11);
    let copy = inbox.save_copy(&id, CopyFormat::Text, &bench.dir.path().join("copies")).await.unwrap();
    assert!(std::fs::read_to_string(copy).unwrap().contains("number 299"));

    assert_eq!(code(conversation.command(send("Hi")).await.unwrap_err()), FaultCode::CompanyGone);
    assert_eq!(code(conversation.command(Command::End).await.unwrap_err()), FaultCode::CompanyGone);
    assert_eq!(bench.network.made().len(), calls, "nobody is asked for anything");
    assert_eq!(tokens(&bench.vault), 1, "and the chat is not given up");
    assert!(!inbox.app_view().conversations[0].deployment.available);
    inbox.close().await;

    std::fs::write(bench.profile().deployments_file(), COMPANY).unwrap();
    let inbox = bench.open().await;
    let open = until(&inbox.conversation(&id).unwrap(), |snapshot| snapshot.phase == PhaseView::Open).await;
    assert_eq!(open.fault, None);
}

#[tokio::test(start_paused = true)]
async fn a_company_that_is_added_again_has_its_chat_back_at_once() {
    let bench = Bench::new();
    let id = long_chat_and_quit(&bench).await;
    remove_company(&bench);
    let inbox = bench.open().await;
    let conversation = inbox.conversation(&id).unwrap();
    let before = until(&conversation, is_shelved).await;
    let mut stream = inbox.subscribe();
    assert_eq!(inbox.add_deployment(&new_company("Tidewater")).await.unwrap().id, "tidewater");
    let first = hear(&mut stream, |published| match published {
        Published::Update(update) => Some(update),
        _ => None,
    })
    .await;
    assert!(first.seq > before.seq + 1, "every view notices a gap, and asks for the company as it is now");
    let open = until(&conversation, |snapshot| snapshot.phase == PhaseView::Open).await;
    assert!(open.deployment.available && open.fault.is_none());
    assert_eq!(inbox.open_conversation("tidewater").unwrap(), id);
    conversation.command(send("Back again")).await.unwrap();
    until(&conversation, |_| bench.centre().received.len() == 2).await;
    let mut last = first.seq;
    while last < open.seq {
        let update = hear(&mut stream, |published| match published {
            Published::Update(update) => Some(update),
            _ => None,
        })
        .await;
        assert_eq!(update.seq, last + 1, "there is no other gap");
        last = update.seq;
    }
}

#[tokio::test(start_paused = true)]
async fn a_company_with_a_mistake_is_told_from_one_that_was_removed() {
    let bench = Bench::new();
    let id = long_chat_and_quit(&bench).await;
    for broken in [COMPANY.replace("https:", "ftp:"), COMPANY.replace("mode = ", "mode ")] {
        std::fs::write(bench.profile().deployments_file(), broken).unwrap();
        let inbox = bench.open().await;
        let conversation = inbox.conversation(&id).unwrap();
        let snapshot = until(&conversation, is_shelved).await;
        assert_eq!(snapshot.fault.unwrap().code, FaultCode::CompanyBroken);
        assert!(words(&conversation.snapshot().await.unwrap()).len() >= 200);
        inbox.close().await;
    }
}

#[tokio::test(start_paused = true)]
async fn what_had_not_left_when_the_company_was_removed_can_be_taken_back() {
    let bench = Bench::new();
    let (inbox, conversation) = bench.chat().await;
    until(&conversation, |snapshot| snapshot.memory == Memory::Kept).await;
    bench.centre().offline = true;
    until(&conversation, |snapshot| matches!(snapshot.link, LinkView::Down { .. })).await;
    conversation.command(send("one")).await.unwrap();
    conversation.command(send("two")).await.unwrap();
    inbox.close().await;
    bench.centre().offline = false;
    remove_company(&bench);
    let inbox = bench.open().await;
    let conversation = inbox.conversation(conversation.id()).unwrap();
    let snapshot = until(&conversation, is_shelved).await;
    let item = snapshot.items.last().unwrap().id.clone();
    conversation.command(Command::Cancel { item }).await.unwrap();
    inbox.close().await;
    std::fs::write(bench.profile().deployments_file(), COMPANY).unwrap();
    let inbox = bench.open().await;
    let conversation = inbox.conversation(conversation.id()).unwrap();
    until(&conversation, |_| bench.centre().received.len() == 1).await;
    assert_eq!(bench.centre().received[0].0, "one");
}

#[tokio::test(start_paused = true)]
async fn an_ended_chat_stays_readable_without_its_company() {
    let bench = Bench::new();
    let (inbox, conversation) = bench.chat().await;
    bench.centre().agent_says("Good day");
    until(&conversation, |snapshot| words(snapshot).len() == 1 && snapshot.memory == Memory::Kept).await;
    conversation.command(Command::End).await.unwrap();
    until(&conversation, |_| tokens(&bench.vault) == 0).await;
    inbox.close().await;
    remove_company(&bench);
    let inbox = bench.open().await;
    for _ in 0..600 {
        if inbox.conversation(conversation.id()).is_ok() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    let conversation = inbox.conversation(conversation.id()).unwrap();
    let over = until(&conversation, |snapshot| !words(snapshot).is_empty()).await;
    assert!(matches!(over.phase, PhaseView::Over { reason: EndReason::EndedByMe, .. }));
    assert_eq!(over.fault, None);
}

#[tokio::test(start_paused = true)]
async fn a_chat_whose_company_was_removed_can_be_deleted() {
    let bench = Bench::new();
    let id = long_chat_and_quit(&bench).await;
    remove_company(&bench);
    let inbox = bench.open().await;
    until(&inbox.conversation(&id).unwrap(), is_shelved).await;
    inbox.delete(&id).await.unwrap();
    assert_eq!((tokens(&bench.vault), bench.index()), (0, serde_json::json!({})));
    assert!(inbox.app_view().conversations.is_empty());
    assert!(inbox.search("number", None).await.unwrap().hits.is_empty());
}

#[tokio::test(start_paused = true)]
async fn the_list_shows_changes_of_a_chat_that_can_only_be_read() {
    let bench = Bench::new();
    let (inbox, conversation) = bench.chat().await;
    bench.centre().agent_says("Unseen");
    until(&conversation, |snapshot| snapshot.unread == 1 && snapshot.memory == Memory::Kept).await;
    inbox.close().await;
    remove_company(&bench);
    let inbox = bench.open().await;
    let conversation = inbox.conversation(conversation.id()).unwrap();
    until(&conversation, is_shelved).await;
    let mut stream = inbox.subscribe();
    assert_eq!(inbox.app_view().conversations[0].unread, 1);
    conversation.command(Command::Seen).await.unwrap();
    hear(&mut stream, |published| match published {
        Published::Update(update) if update.change == Change::Unread(0) => Some(()),
        _ => None,
    })
    .await;
    assert_eq!(inbox.app_view().conversations[0].unread, 0);
}
