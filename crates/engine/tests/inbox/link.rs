//! The connection: sleep, other networks, clocks that jump, and connections that are dead without saying so. From the moment at
//! which the service can be reached, it is asked within a second, and everything works within three.

use std::time::Duration;

use envoi_engine::conversation::Conversation;
use envoi_engine::net::outlook::Outlook;
use envoi_protocol::fault::FaultCode;
use envoi_protocol::view::{Command, Content, DeliveryView, LinkView};

use crate::bench::{Bench, COMPANY, send, start, until, words};

const DAY_MS: i64 = 86_400_000;

/// The way out in a network of this number.
fn network(number: u8) -> Outlook {
    Outlook { v4: Some([10, 0, number, 1].into()), v6: None }
}

/// The service can be reached from here on: it is asked within a second, and the agent's words are there within three.
async fn comes_back(bench: &Bench, conversation: &Conversation, text: &str) {
    let before = bench.network.made().len();
    bench.centre().agent_says(text);
    let shows = |snapshot: &_| words(snapshot).iter().any(|words| words == text);
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(bench.network.made().len() > before, "asked within a second");
    tokio::time::sleep(Duration::from_secs(2)).await;
    let snapshot = conversation.snapshot().await.unwrap();
    assert!(shows(&snapshot), "shown within three seconds: {:?}", words(&snapshot));
    assert_eq!(snapshot.link, LinkView::Up);
    assert!(bench.network.open() <= 1, "never two polls at once");
}

#[tokio::test(start_paused = true)]
async fn after_sleep_a_poll_on_a_dead_connection_is_not_waited_for() {
    let bench = Bench::new();
    let (_inbox, conversation) = bench.chat().await;
    bench.centre().silent = true;
    tokio::time::sleep(Duration::from_secs(10)).await;
    bench.clock.sleep(Duration::from_secs(3_600));
    bench.centre().silent = false;
    comes_back(&bench, &conversation, "While you slept").await;
}

#[tokio::test(start_paused = true)]
async fn in_another_network_the_service_is_asked_at_once() {
    let bench = Bench::new();
    bench.network.moves(network(1));
    let (_inbox, conversation) = bench.chat().await;
    let before = bench.network.refreshed();
    bench.centre().silent = true;
    tokio::time::sleep(Duration::from_secs(10)).await;
    bench.centre().silent = false;
    bench.network.moves(network(2));
    comes_back(&bench, &conversation, "In the office").await;
    assert_eq!(bench.network.refreshed(), before + 1, "connections of the old network are given up");
}

#[tokio::test(start_paused = true)]
async fn a_network_that_was_away_for_an_hour_is_used_at_once() {
    let bench = Bench::new();
    bench.network.moves(network(1));
    let (_inbox, conversation) = bench.chat().await;
    bench.network.moves(Outlook::default());
    bench.centre().offline = true;
    tokio::time::sleep(Duration::from_secs(3_600)).await;
    bench.centre().offline = false;
    bench.network.moves(network(1));
    comes_back(&bench, &conversation, "Back on the train").await;
}

#[tokio::test(start_paused = true)]
async fn a_message_that_went_out_on_a_dead_connection_does_not_hold_up_the_next() {
    let bench = Bench::new();
    bench.network.moves(network(1));
    let (_inbox, conversation) = bench.chat().await;
    bench.centre().silent = true;
    tokio::time::sleep(Duration::from_secs(3)).await;
    conversation.command(send("Hello")).await.unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    bench.centre().silent = false;
    bench.network.moves(network(2));
    conversation.command(send("Are you there?")).await.unwrap();
    comes_back(&bench, &conversation, "Good day").await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let received: Vec<String> = bench.centre().received.iter().map(|(text, _)| text.clone()).collect();
    assert_eq!(received, ["Are you there?"], "the one in doubt is not sent again unasked");
    let snapshot = conversation.snapshot().await.unwrap();
    let asked = snapshot.items.iter().any(|item| {
        matches!(&item.content, Content::Message { delivery: Some(DeliveryView::Stuck { fault }), .. }
            if fault.code == FaultCode::PerhapsSent)
    });
    assert!(asked, "the person decides: {:#?}", snapshot.items);
}

#[tokio::test(start_paused = true)]
async fn nothing_waits_for_the_clock_on_the_wall() {
    for jump in [-DAY_MS, DAY_MS] {
        let bench = Bench::new();
        let (_inbox, conversation) = bench.chat().await;
        bench.clock.set_forward(jump);
        comes_back(&bench, &conversation, "Good day").await;
        bench.centre().offline = true;
        until(&conversation, |snapshot| matches!(snapshot.link, LinkView::Down { .. })).await;
        bench.clock.set_forward(-jump);
        bench.centre().offline = false;
        comes_back(&bench, &conversation, "Good night").await;
    }
}

#[tokio::test(start_paused = true)]
async fn answers_that_are_held_back_are_no_broken_connection_and_delay_words_for_one_poll_at_most() {
    let bench = Bench::new();
    let (_inbox, conversation) = bench.chat().await;
    bench.centre().buffered = true;
    tokio::time::sleep(Duration::from_secs(5)).await;
    for text in ["One", "Two", "Three"] {
        bench.centre().agent_says(text);
        tokio::time::sleep(Duration::from_secs(75)).await;
        let snapshot = conversation.snapshot().await.unwrap();
        assert_eq!(snapshot.link, LinkView::Up);
        assert_eq!(words(&snapshot).last().map(String::as_str), Some(text));
    }
}

#[tokio::test(start_paused = true)]
async fn coming_back_to_the_window_and_writing_bring_a_try_within_a_second() {
    let bench = Bench::new();
    let (inbox, conversation) = bench.chat().await;
    bench.centre().offline = true;
    tokio::time::sleep(Duration::from_secs(600)).await;
    bench.centre().offline = false;
    inbox.watching(Some(conversation.id()), true).await;
    comes_back(&bench, &conversation, "Welcome back").await;

    inbox.watching(None, false).await;
    bench.centre().offline = true;
    tokio::time::sleep(Duration::from_secs(600)).await;
    bench.centre().offline = false;
    conversation.command(send("Hello?")).await.unwrap();
    comes_back(&bench, &conversation, "Hello!").await;
    assert_eq!(bench.centre().received.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn not_even_the_person_asks_before_the_service_allows_it() {
    let bench = Bench::new();
    let (inbox, conversation) = bench.chat().await;
    bench.centre().slow_down = Some(Duration::from_secs(90));
    until(&conversation, |snapshot| matches!(snapshot.link, LinkView::Down { .. })).await;
    let asked = bench.network.made().len();
    for round in 0_u8..8 {
        conversation.command(Command::TryNow).await.unwrap();
        conversation.command(send("Hello?")).await.unwrap();
        inbox.watching(Some(conversation.id()), round % 2 == 0).await;
        inbox.wake().await;
        bench.network.moves(network(round));
        tokio::time::sleep(Duration::from_secs(10)).await;
    }
    assert_eq!(bench.network.made().len(), asked, "nothing is asked before the time");
    bench.centre().slow_down = None;
    until(&conversation, |snapshot| snapshot.link == LinkView::Up).await;
    until(&conversation, |_| bench.centre().received.len() == 8).await;
}

#[tokio::test(start_paused = true)]
async fn many_chats_with_one_host_share_a_budget_of_retries() {
    const CHATS: usize = 30;
    let bench = Bench::new();
    let companies = (0..CHATS).map(|number| COMPANY.replace("\"tidewater\"", &format!("\"t{number}\"")));
    std::fs::write(bench.dir.path().join("deployments.toml"), companies.collect::<String>()).unwrap();
    let inbox = bench.open().await;
    for number in 0..CHATS {
        let id = inbox.open_conversation(&format!("t{number}")).unwrap();
        inbox.conversation(&id).unwrap().command(start()).await.unwrap();
    }
    tokio::time::sleep(Duration::from_secs(10)).await;
    bench.centre().offline = true;
    tokio::time::sleep(Duration::from_secs(60)).await;
    let before = bench.network.made().len();
    tokio::time::sleep(Duration::from_secs(600)).await;
    let asked = bench.network.made().len() - before;
    assert!((150..=210).contains(&asked), "{asked} retries in ten minutes, where 200 come in");
}
