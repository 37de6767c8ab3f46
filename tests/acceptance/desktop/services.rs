//! The same story in the window on services that have little in common with Digital Channels: one that talks over a socket, and
//! one that is asked again and again. The window must not show which it is.

use serde_json::json;

use envoi_tests::centre::Centre;
use envoi_tests::eventually;
use envoi_tests::window::Window;

use super::{company_of, start};

#[tokio::test]
async fn web_messaging_from_its_start_over_a_crash_to_the_persons_end() {
    let (profile, centre) = company_of("web_messaging", "asynchronous", "").await;
    let window = over_a_crash(profile.path(), &centre).await;
    centre.state("Completed").await;
    window.part("closing").await;
    window.picture("web-messaging-closing").await;
    window.write("One more question about my meter").await;
    window.gone("[data-part=\"closing\"]").await;
    centre.hears("One more question about my meter").await;

    window.click("end-chat").await;
    window.click("confirm-end").await;
    let ended = window.part("ended").await;
    assert_eq!(ended.attr("data-reason").await.unwrap().as_deref(), Some("ended_by_me"));
    eventually("the service to have ended it", || async {
        (!centre.customer_is_there().await).then_some(())
    })
    .await;
    window.gone("[data-part=\"composer\"]").await;
}

#[tokio::test]
async fn gms_from_its_start_over_a_crash_to_the_other_sides_end() {
    let (profile, centre) = company_of("gms", "synchronous", "").await;
    let window = over_a_crash(profile.path(), &centre).await;
    let before = window.messages().await;
    centre.act("end", json!({})).await;
    let ended = window.part("ended").await;
    assert_eq!(ended.attr("data-reason").await.unwrap().as_deref(), Some("ended_by_them"));
    window.picture("gms-ended").await;
    window.gone("[data-part=\"composer\"]").await;
    assert_eq!(window.messages().await, before, "the transcript stays readable");
}

/// Ann and Maya talk, the program is killed, Maya writes on, and everything is there again.
async fn over_a_crash(profile: &std::path::Path, centre: &Centre) -> Window {
    let window = Window::open(profile, &[]).await;
    start(&window).await;
    window.write("My bill is too high").await;
    window.find("[data-role=\"me\"][data-delivery=\"sent\"]").await;
    centre.hears("My bill is too high").await;
    centre.join("Maya").await;
    centre.act("typing", json!({ "on": true })).await;
    window.part("typing").await;
    centre.say("How can I help?").await;
    window.shows("agent", "How can I help?").await;
    let before = window.messages().await;
    window.kill().await;

    centre.say("This came while you were away").await;
    let window = Window::open(profile, &[]).await;
    window.shows("agent", "This came while you were away").await;
    let after = window.messages().await;
    assert_eq!(after[..before.len()], before, "the same transcript");
    assert_eq!(after.len(), before.len() + 1);
    window.write("Yes, I am back").await;
    centre.hears("Yes, I am back").await;
    assert_eq!(centre.count("My bill is too high").await, 1);
    centre.say("Glad it is sorted").await;
    window.shows("agent", "Glad it is sorted").await;
    window
}
