//! From an agent's message readable on the socket to painted in the real window. The page notes when the row is in it, and the
//! time behind the animation frame in which it is drawn; the web view rounds its clock to a millisecond. The first figure is
//! ours alone, the second has the web view's wait for a frame and its painting in it.

use std::time::{Duration, UNIX_EPOCH};

use envoi_tests::window::Window;
use serde_json::Value;

use crate::service::Service;
use crate::{median, percentile};

const MESSAGES: usize = 200;

/// Notes when each new message is painted, by its text.
const WATCH: &str = "
    window.painted = {};
    window.placed = {};
    const clock = () => performance.timeOrigin + performance.now();
    const note = (text) => requestAnimationFrame(() => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => { window.painted[text] ??= clock(); };
        port2.postMessage(null);
    });
    new MutationObserver((changes) => {
        for (const change of changes) for (const node of change.addedNodes) {
            const words = node.querySelector?.('[data-part=\"words\"]');
            if (!words) continue;
            window.placed[words.textContent.trim()] ??= clock();
            note(words.textContent.trim());
        }
    }).observe(document.querySelector('[role=\"log\"]') ?? document.body, { childList: true, subtree: true });
    return null;";

pub(crate) fn run() {
    if std::env::var("ENVOI_DESKTOP").is_err() {
        println!("paint: not measured, because there is no desktop: `cargo xtask bench` provides one");
        return;
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let (placed, painted) = runtime.block_on(measure());
    println!("paint: {} messages, from readable on the socket, in ms", painted.len());
    say("in the page", placed);
    say("painted", painted);
    println!("  (goal: painted at most 16.7 at p99)");
}

fn say(what: &str, times: Vec<f64>) {
    let [p95, p99] = [0.95, 0.99].map(|share| percentile(times.clone(), share));
    println!("  {what:<12} median {:>5.1}   p95 {p95:>5.1}   p99 {p99:>5.1}", median(times));
}

/// How long each message took until it was in the page, and until it was painted.
async fn measure() -> (Vec<f64>, Vec<f64>) {
    let service = Service::start();
    let profile = tempfile::tempdir().expect("a temporary folder");
    let file = format!(
        "[[deployment]]\nid = \"t\"\nname = \"Tidewater Energy\"\nservice = \"digital_channels\"\nmode = \"asynchronous\"\n\
         [deployment.settings]\nurl = \"{}\"\nendpoint = \"Support\"\napi_key = \"key\"\n",
        service.url()
    );
    std::fs::write(profile.path().join("deployments.toml"), file).expect("the profile can be written");
    let window = Window::open(profile.path(), &[]).await;
    window.click("company").await;
    window.find("input[name=\"firstname\"]").await.send_keys("Ann").await.expect("the form takes keys");
    window.click("start-chat").await;
    window.find("[data-part=\"composer\"] textarea").await;
    window.run(WATCH).await;
    let mut written = Vec::new();
    for number in 0..MESSAGES {
        let text = format!("Message {number}: the new bill will be £64.20");
        let at = service.say(text.clone());
        let at = tokio::task::spawn_blocking(move || at.recv())
            .await
            .expect("a thread")
            .expect("the client polls");
        written.push((text, at.duration_since(UNIX_EPOCH).expect("after 1970").as_secs_f64() * 1e3));
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    let noted: Value = window.run("return [window.placed, window.painted]").await;
    let times = |seen: &Value| -> Vec<f64> {
        // The first few warm everything up.
        let time = |(text, at): &(String, f64)| Some(seen[text].as_f64()? - at);
        written.iter().skip(10).filter_map(time).collect()
    };
    let (placed, painted) = (times(&noted[0]), times(&noted[1]));
    assert_eq!((placed.len(), painted.len()), (MESSAGES - 10, MESSAGES - 10), "every message was painted");
    (placed, painted)
}
