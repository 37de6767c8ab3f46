//! What is kept on this computer, for how long, and what it is good for without a network.

use std::io::{Seek as _, Write as _};
use std::time::Duration;

use envoi_engine::archive::key::ACCOUNT;
use envoi_engine::conversation::Conversation;
use envoi_engine::inbox::Inbox;
use envoi_engine::keyring::memory::Trouble;
use envoi_engine::keyring::{Vault as _, VaultError};
use envoi_engine::published::Published;
use envoi_protocol::view::{
    ArchiveView, Command, Content, CopyFormat, DeliveryView, HistoryView, Keep, LinkView, Memory, PhaseView,
    Settings, Snapshot,
};
use tokio::time::timeout;

use crate::bench::{Bench, PNG, send, until, words};

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
    assert_eq!((found.hits.len(), found.hits[0].conversation.as_str()), (1, id.as_str()));
    assert_eq!(
        inbox.search("two", Some(&id)).await.unwrap().hits.len(),
        1,
        "what waits can be found as well"
    );
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
    assert!(inbox.goes_at_quit(), "hiding the window is not enough");
    assert_eq!(
        inbox.search("hush", None).await.unwrap().hits.len(),
        1,
        "it can be searched while it is there"
    );
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
    assert!(!inbox.goes_at_quit());
    inbox.set_settings(Settings { keep: Keep::UntilQuit, ..Settings::default() }).await.unwrap();
    inbox.close().await;
    assert!(bench.vault.tokens().is_empty());
    let inbox = bench.open().await;
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert!(inbox.app_view().conversations.is_empty());
    assert!(inbox.search("hush", None).await.unwrap().hits.is_empty());
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
        if inbox.search("cafe", None).await.unwrap().hits.is_empty() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("it is still found");
}

#[tokio::test(start_paused = true)]
async fn a_copy_has_the_files_that_were_never_looked_at() {
    let bench = Bench::new();
    let (inbox, conversation) = bench.chat().await;
    bench.centre().agent_sends_picture("bill.png");
    for n in 0..300 {
        bench.centre().agent_says(&format!("number {n}"));
    }
    until(&conversation, |snapshot| words(snapshot).len() == 300 && snapshot.memory == Memory::Kept).await;
    let id = conversation.id().to_owned();
    inbox.close().await;
    let inbox = bench.open().await;
    let conversation = inbox.conversation(&id).unwrap();
    let snapshot = until(&conversation, |snapshot| snapshot.link == LinkView::Up).await;
    let at_hand = snapshot.items.iter().any(|item| matches!(item.content, Content::Picture { .. }));
    assert!(!at_hand, "it is in the archive alone");
    for format in [CopyFormat::Text, CopyFormat::Json, CopyFormat::Html] {
        let folder = tempfile::tempdir().unwrap();
        let copy = inbox.save_copy(&id, format, folder.path()).await.unwrap();
        let beside = copy.with_file_name("Envoi Tidewater Energy 2026-01-05 files").join("001-bill.png");
        assert_eq!(std::fs::read(&beside).unwrap(), PNG, "{format:?}");
        assert!(std::fs::read_to_string(copy).unwrap().contains("001-bill.png"), "{format:?}");
    }
    let asked = bench.network.made().iter().filter(|call| call.url.path().ends_with("/bill.png")).count();
    assert_eq!(asked, 1, "what is here is not fetched again");
}

#[tokio::test(start_paused = true)]
async fn a_copy_without_a_network_is_made_at_once_of_what_is_here() {
    let bench = Bench::new();
    let (inbox, conversation) = bench.chat().await;
    bench.centre().agent_sends_picture("bill.png");
    until(&conversation, |snapshot| !snapshot.items.is_empty() && snapshot.memory == Memory::Kept).await;
    bench.centre().offline = true;
    until(&conversation, |snapshot| snapshot.link != LinkView::Up).await;
    let folder = tempfile::tempdir().unwrap();
    let copy =
        timeout(Duration::from_secs(5), inbox.save_copy(conversation.id(), CopyFormat::Text, folder.path()));
    let text = std::fs::read_to_string(copy.await.unwrap().unwrap()).unwrap();
    assert!(text.contains("[picture: bill.png]"), "{text}");
}

/// How many pages of a transcript were asked for.
fn pages(bench: &Bench) -> usize {
    bench.network.made().iter().filter(|call| call.url.as_str().contains("count=")).count()
}

#[tokio::test(start_paused = true)]
async fn what_was_deleted_for_its_age_leaves_the_window_and_is_not_fetched_again() {
    let bench = Bench::new();
    let (inbox, conversation) = bench.chat().await;
    for n in 0..120 {
        bench.centre().agent_says(&format!("number {n}"));
    }
    until(&conversation, |snapshot| words(snapshot).len() == 120 && snapshot.memory == Memory::Kept).await;
    let id = conversation.id().to_owned();
    inbox.close().await;
    // A chat of which only the service knows the beginning.
    std::fs::remove_dir_all(bench.profile().archive_file().parent().unwrap()).unwrap();
    let inbox = bench.open().await;
    let conversation = inbox.conversation(&id).unwrap();
    until(&conversation, |snapshot| snapshot.history == HistoryView::More && !words(snapshot).is_empty())
        .await;
    conversation.command(Command::Seen).await.unwrap();
    bench.clock.set_forward(8 * 24 * 60 * 60 * 1_000);
    inbox.set_settings(Settings { keep: Keep::Days { days: 7 }, ..Settings::default() }).await.unwrap();
    let empty = until(&conversation, |snapshot| words(snapshot).is_empty()).await;
    assert_eq!(empty.history, HistoryView::Complete);
    let asked = pages(&bench);
    conversation.command(Command::Older).await.unwrap();
    bench.centre().agent_says("after all");
    until(&conversation, |snapshot| words(snapshot) == ["after all"]).await;
    assert_eq!(pages(&bench), asked);
    inbox.close().await;
    let inbox = bench.open().await;
    let conversation = inbox.conversation(&id).unwrap();
    let again = until(&conversation, |snapshot| snapshot.link == LinkView::Up).await;
    assert_eq!(again.history, HistoryView::Complete, "nor after a restart");
    assert!(!words(&again).contains(&"number 119".to_owned()));
    assert!(inbox.search("number", None).await.unwrap().hits.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_search_with_more_finds_than_it_gives_says_so() {
    let bench = Bench::new();
    let (inbox, conversation) = bench.chat().await;
    for n in 0..100 {
        bench.centre().agent_says(&format!("number {n}"));
    }
    until(&conversation, |snapshot| words(snapshot).len() == 100).await;
    let found = inbox.search("number", None).await.unwrap();
    assert_eq!((found.hits.len(), found.more), (100, false));
    bench.centre().agent_says("number 100");
    until(&conversation, |snapshot| words(snapshot).len() == 101).await;
    let found = inbox.search("number", None).await.unwrap();
    assert_eq!((found.hits.len(), found.more), (100, true));
}

#[tokio::test(start_paused = true)]
async fn a_draft_stands_in_the_list_also_after_a_restart() {
    let bench = Bench::new();
    let (inbox, conversation) = bench.chat().await;
    until(&conversation, |snapshot| snapshot.memory == Memory::Kept).await;
    conversation.command(Command::Draft { text: "Dear \n all".into() }).await.unwrap();
    until(&conversation, |_| inbox.app_view().conversations[0].draft == "Dear all").await;
    inbox.close().await;
    let inbox = bench.open().await;
    let conversation = inbox.conversation(conversation.id()).unwrap();
    until(&conversation, |_| inbox.app_view().conversations[0].draft == "Dear all").await;
    conversation.command(send("Dear all")).await.unwrap();
    until(&conversation, |_| inbox.app_view().conversations[0].draft.is_empty()).await;
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
    assert_eq!(inbox.search("cafe", None).await.unwrap().hits.len(), 1);
    inbox.close().await;
    let inbox = bench.open().await;
    until(&inbox.conversation(&id).unwrap(), |snapshot| snapshot.link == LinkView::Up).await;
    assert_eq!(inbox.app_view().archive, ArchiveView::Kept, "told once");
}

/// A chat of which more was said than the program keeps in memory, with its newest part on screen.
async fn vast_chat(bench: &Bench) -> (Inbox, Conversation) {
    let (inbox, conversation) = bench.chat().await;
    for n in 0..300 {
        bench.centre().agent_says(&format!("number {n} {}", "and so on and on ".repeat(700)));
    }
    until(&conversation, |snapshot| words(snapshot).len() == 300 && snapshot.memory == Memory::Kept).await;
    let id = conversation.id().to_owned();
    inbox.close().await;
    drop(inbox);
    let inbox = bench.open().await;
    let conversation = inbox.conversation(&id).unwrap();
    until(&conversation, |snapshot| snapshot.link == LinkView::Up).await;
    (inbox, conversation)
}

/// Spoils all of the archive but its beginning, while it is open.
fn spoil(bench: &Bench) {
    let file = bench.profile().archive_file();
    let length = usize::try_from(std::fs::metadata(&file).unwrap().len()).unwrap();
    let mut open = std::fs::File::options().write(true).open(file).unwrap();
    open.seek(std::io::SeekFrom::Start(16_384)).unwrap();
    open.write_all(&vec![0x55; length - 16_384]).unwrap();
}

/// Names of the files beside the archive that were set aside.
fn set_aside(bench: &Bench) -> Vec<String> {
    let folder = bench.profile().archive_file().parent().unwrap().to_path_buf();
    let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    names.map(|name| name.into_string().unwrap()).filter(|name| name.contains("unreadable")).collect()
}

#[tokio::test(start_paused = true)]
async fn damage_that_is_met_on_the_way_costs_nothing_that_is_on_screen_and_the_chat_goes_on() {
    let bench = Bench::new();
    let (inbox, conversation) = vast_chat(&bench).await;
    conversation.command(Command::Draft { text: "Dear".into() }).await.unwrap();
    let before = until(&conversation, |snapshot| words(snapshot).len() >= 200).await;
    assert!(words(&before).len() < 300, "the rest is in the file alone");
    spoil(&bench);
    conversation.command(Command::Older).await.unwrap();
    until(&conversation, |_| matches!(inbox.app_view().archive, ArchiveView::Rebuilt { .. })).await;
    assert_eq!(set_aside(&bench).len(), 1);
    let after = until(&conversation, |snapshot| {
        snapshot.link == LinkView::Up && snapshot.memory == Memory::Kept && snapshot.seq > before.seq
    })
    .await;
    assert!(words(&after).ends_with(&words(&before)) && after.draft == "Dear");
    conversation.command(send("Still here")).await.unwrap();
    until(&conversation, |_| bench.centre().received.len() == 1).await;
    assert_eq!(inbox.search("still", None).await.unwrap().hits.len(), 1);
    for _ in 0..20 {
        conversation.command(Command::Older).await.unwrap();
        until(&conversation, |snapshot| snapshot.history != HistoryView::Loading).await;
    }
    let all = conversation.snapshot().await.unwrap();
    assert_eq!(words(&all).len(), 301, "what only the file had comes back from the company");
    inbox.close().await;
    drop(inbox);

    let inbox = bench.open().await;
    let again = inbox.conversation(conversation.id()).unwrap();
    let snapshot = until(&again, |snapshot| snapshot.link == LinkView::Up).await;
    assert_eq!(words(&snapshot).last().map(String::as_str), Some("Still here"));
    assert_eq!(snapshot.draft, "", "whoever sends has no draft any more");
    assert_eq!(inbox.app_view().archive, ArchiveView::Kept);
}

#[tokio::test(start_paused = true)]
async fn after_damage_interfaces_ask_anew_because_nobody_knows_what_they_were_told() {
    let bench = Bench::new();
    let (inbox, conversation) = vast_chat(&bench).await;
    let mut stream = inbox.subscribe();
    let mut told = conversation.snapshot().await.unwrap().seq;
    spoil(&bench);
    conversation.command(Command::Older).await.unwrap();
    conversation.command(send("Are you there?")).await.unwrap();
    until(&conversation, |_| matches!(inbox.app_view().archive, ArchiveView::Rebuilt { .. })).await;
    until(&conversation, |snapshot| deliveries(snapshot).last() == Some(&DeliveryView::Sent)).await;
    let mut gaps = 0;
    while let Ok(Some(published)) = timeout(Duration::from_secs(1), stream.next()).await {
        if let Published::Update(update) = published {
            gaps += u32::from(update.seq != told + 1);
            told = update.seq;
        }
    }
    // A page and a message were under way, and each may be what meets the damage.
    assert!((1..=2).contains(&gaps), "{gaps} gaps");
    inbox.close().await;
}

#[tokio::test(start_paused = true)]
async fn what_was_set_aside_goes_with_the_first_chat_that_is_deleted() {
    let bench = Bench::new();
    let id = chat_and_quit(&bench).await;
    std::fs::write(bench.profile().archive_file(), "no archive ".repeat(500)).unwrap();
    let inbox = bench.open().await;
    until(&inbox.conversation(&id).unwrap(), |snapshot| snapshot.link == LinkView::Up).await;
    assert_eq!(set_aside(&bench).len(), 1);
    inbox.delete(&id).await.unwrap();
    assert_eq!(set_aside(&bench), [""; 0], "the deleted chat may be in there");
}

#[tokio::test(start_paused = true)]
async fn what_was_set_aside_goes_by_itself_after_a_month() {
    let bench = Bench::new();
    let id = chat_and_quit(&bench).await;
    std::fs::write(bench.profile().archive_file(), "no archive ".repeat(500)).unwrap();
    let inbox = bench.open().await;
    until(&inbox.conversation(&id).unwrap(), |snapshot| snapshot.link == LinkView::Up).await;
    inbox.close().await;
    drop(inbox);
    // The file's name has the date of the computer; this world's clock is turned to well behind it.
    bench.clock.set_forward(20 * 365 * 24 * 60 * 60 * 1_000);
    let inbox = bench.open().await;
    until(&inbox.conversation(&id).unwrap(), |_| set_aside(&bench).is_empty()).await;
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
    assert_eq!(inbox.search("hush", None).await.unwrap().hits.len(), 1);
    assert!(!bench.profile().archive_file().exists(), "there is no plain file");
}
