//! What only yellow.ai has: a banner with the way back to the bot, live agents who come and go, and a bot that goes on.

use envoi_protocol::view::{Banner, Command, PhaseView, Role, Snapshot};
use envoi_tests::way::Way;
use serde_json::{Value, json};

use crate::bench::{Bench, lay};

/// With the sandbox's own program as the bot.
async fn bench(settings: Value) -> Bench {
    let bench = lay(Way::named("yellow"), "asynchronous", "").await;
    bench.centre.set("yellow", json!({ "bot": "own" })).await;
    bench.centre.set("yellow", settings).await;
    bench
}

fn banner(snapshot: &Snapshot) -> Option<&Banner> {
    snapshot.banner.as_ref()
}

fn agents(snapshot: &Snapshot) -> usize {
    snapshot.people.iter().filter(|person| person.role == Role::Agent).count()
}

/// The banner may stand in the answer to a message, and the agent only in what is read later.
fn both_are_there(snapshot: &Snapshot) -> bool {
    banner(snapshot).is_some() && agents(snapshot) == 1
}

fn both_are_gone(snapshot: &Snapshot) -> bool {
    banner(snapshot).is_none() && agents(snapshot) == 0
}

async fn events(bench: &Bench) -> Vec<Value> {
    bench.centre.chat().await["events"].as_array().cloned().unwrap_or_default()
}

#[tokio::test]
async fn in_every_printed_form_the_banner_leads_back_to_the_bot_and_the_chat_goes_on() {
    let each = [
        ("object", "close"),
        ("array", "update"),
        ("quick_replies", "close"),
        ("set", "update"),
        ("text", "close"),
    ];
    for (form, event) in each {
        let bench = bench(json!({ "form": form, "banner": event })).await;
        let chat = bench.customer.start().await;
        chat.send("agent").await;
        let shown = chat.until("the agent and the banner", both_are_there).await;
        let choice = banner(&shown).and_then(|banner| banner.choices().next()).expect("a button").id.clone();
        chat.does(Command::ChooseBanner { choice }).await.unwrap();
        bench.centre.hears("talk to bot").await;
        let back = chat.until("the agent and the banner to go", both_are_gone).await;
        assert_eq!(back.phase, PhaseView::Open, "{form}: nothing is over");
        chat.shows("I am back. What can I do for you?").await;
        chat.send("hello").await;
        chat.shows("You said: hello").await;
        chat.quit().await;
    }
}

#[tokio::test]
async fn the_words_that_a_banner_without_a_button_asks_for_lead_back_too() {
    let bench = bench(json!({ "form": "text_only" })).await;
    let chat = bench.customer.start().await;
    chat.send("agent").await;
    let shown = chat.until("the agent and the banner", both_are_there).await;
    assert_eq!(banner(&shown).map(|banner| banner.choices().count()), Some(0));
    chat.send("Talk to bot").await;
    chat.until("the agent and the banner to go", both_are_gone).await;
    chat.quit().await;
}

#[tokio::test]
async fn asking_to_leave_is_not_leaving_until_the_agent_closes_the_ticket() {
    let bench = bench(json!({ "exit": "silent" })).await;
    let chat = bench.customer.start().await;
    chat.send("agent").await;
    chat.until("the agent and the banner", both_are_there).await;
    chat.send("talk to bot").await;
    chat.until("the banner to wait", |snapshot| banner(snapshot).is_some_and(|banner| banner.pending)).await;
    bench.centre.say("One moment").await;
    let stays = chat.shows("One moment").await;
    assert_eq!(agents(&stays), 1);
    bench.centre.act("leave", json!({})).await;
    chat.until("the agent and the banner to go", both_are_gone).await;
    chat.send("hello").await;
    chat.shows("You said: hello").await;
    chat.quit().await;
}

#[tokio::test]
async fn a_banner_that_is_put_away_is_told_to_the_bot_and_leaves_nobody() {
    let bench = bench(json!({})).await;
    let chat = bench.customer.start().await;
    chat.send("agent").await;
    chat.until("the agent and the banner", both_are_there).await;
    chat.does(Command::CloseBanner).await.unwrap();
    envoi_tests::eventually("the bot to be told", || async {
        events(&bench).await.iter().any(|event| event["code"] == "ym_closed_promotion").then_some(())
    })
    .await;
    assert_eq!(agents(&chat.snapshot().await), 1);
    chat.quit().await;
}
