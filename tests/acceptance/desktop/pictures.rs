//! Pictures in the real window: really painted, in both directions.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use envoi_tests::eventually;
use envoi_tests::window::Window;
use serde_json::json;

use super::{company, start};

#[tokio::test]
async fn a_picture_that_comes_is_painted_again_after_a_restart_too() {
    let (profile, centre) = company("asynchronous", "").await;
    let window = Window::open(profile.path(), &[]).await;
    start(&window).await;
    centre.join("Maya").await;
    centre.act("image", json!({})).await;
    painted(&window, 1).await;
    window.picture("picture").await;
    window.kill().await;
    let window = Window::open(profile.path(), &[]).await;
    painted(&window, 1).await;
}

#[tokio::test]
async fn a_picture_that_cannot_be_loaded_can_be_asked_for_again() {
    let (profile, centre) = company("asynchronous", "").await;
    let window = Window::open(profile.path(), &[]).await;
    start(&window).await;
    centre.join("Maya").await;
    centre.fault(json!({ "on": "download", "kind": "status", "code": 500 })).await;
    centre.act("image", json!({})).await;
    let again = window.find("[data-part=\"picture\"] figcaption button").await;
    again.click().await.expect("it can be clicked");
    painted(&window, 1).await;
}

#[tokio::test]
async fn a_picture_that_goes_out_is_painted_and_arrives() {
    let (profile, centre) = company("asynchronous", "").await;
    let window = Window::open(profile.path(), &[]).await;
    start(&window).await;
    let bytes = BASE64_STANDARD.decode(crate::contract::PICTURE).expect("it is a picture");
    let file = profile.path().join("meter.png");
    std::fs::write(&file, &bytes).expect("the folder can be written to");
    let chooser = window.element("[data-part=\"file\"]").await;
    chooser.send_keys(&file.display().to_string()).await.expect("a file can be chosen");
    painted(&window, 1).await;
    eventually("the picture to arrive", || async {
        let chat = centre.chat().await;
        let entries = chat["transcript"].as_array().cloned().unwrap_or_default();
        entries.iter().any(|row| row["text"] == "meter.png").then_some(())
    })
    .await;
    window.find("[data-role=\"me\"][data-delivery=\"sent\"]").await;
}

/// Waits until so many pictures have come to be pixels.
async fn painted(window: &Window, count: usize) {
    let script = "return [...document.querySelectorAll('[data-part=\"picture\"] img')]\
        .filter(image => image.complete && image.naturalWidth > 0 && image.clientWidth > 0).length";
    eventually(&format!("{count} painted pictures"), || async {
        (window.run(script).await == json!(count)).then_some(())
    })
    .await;
}
