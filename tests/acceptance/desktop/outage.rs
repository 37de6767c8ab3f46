//! Trouble with the service, as the person in front of the window sees it.

use envoi_tests::centre::Centre;
use envoi_tests::eventually;
use envoi_tests::window::Window;
use serde_json::json;

use super::{company, configure, start};

#[tokio::test]
async fn an_outage_shows_its_strip_and_try_now_sends_what_waited_once() {
    let centre = Centre::process(&["--script", "none"]).await;
    let profile = tempfile::tempdir().expect("a temporary folder");
    // The next try by itself is most of a minute away: what comes sooner was asked for.
    configure(
        profile.path(),
        &(centre.deployment("digital_channels", "asynchronous", "") + "poll_gap_ms = 60000\n"),
    );
    let window = Window::open(profile.path(), &[]).await;
    start(&window).await;
    centre.join("Maya").await;
    centre.say("How can I help?").await;
    window.shows("agent", "How can I help?").await;

    centre.post("/restart", json!({ "down_ms": 5_000 })).await;
    window.part("strip").await;
    window.write("Are you there?").await;
    window.shows("me", "Are you there?").await;
    let unsent = "[data-role=\"me\"]:not([data-delivery=\"sent\"])";
    window.find(unsent).await;
    window.picture("outage").await;
    centre.say("I was away").await;
    eventually("the connection to be back", || async {
        let click = "const button = document.querySelector('[data-part=\"try-now\"]'); button?.click(); return !button";
        (window.run(click).await == json!(true)).then_some(())
    })
    .await;
    window.shows("agent", "I was away").await;
    window.gone(unsent).await;
    centre.hears("Are you there?").await;
    assert_eq!(centre.count("Are you there?").await, 1);
}

#[tokio::test]
async fn a_start_that_fails_says_why_and_keeps_what_was_entered() {
    let (profile, centre) = company("asynchronous", "").await;
    let window = Window::open(profile.path(), &[]).await;
    centre.set("digital_channels", json!({ "api_keys": ["another-key"] })).await;
    window.click("company").await;
    window.find("input[name=\"firstname\"]").await.send_keys("Ann").await.expect("the form takes keys");
    window.click("start-chat").await;
    let fault = window.find("[data-part=\"fault\"][data-code=\"wrong_key\"]").await;
    let words = fault.text().await.expect("it has words");
    assert!(words.contains("key isn’t accepted"), "{words}");
    window.picture("wrong-key").await;
    centre.set("digital_channels", json!({ "api_keys": ["sandbox-key"] })).await;
    window.click("start-chat").await;
    window.find("[data-part=\"composer\"] textarea").await;
    assert_eq!(centre.chat().await["nickname"], "Ann");
}
