//! The notification daemon of the desktop, as a person sees it: what is on screen, and a click on it.

use std::process::Command;

use envoi_tests::eventually;
use serde_json::Value;

/// A notification that was on screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shown {
    /// First line.
    pub(super) title: String,
    /// Second line.
    pub(super) body: String,
}

/// How many notifications are on screen.
pub(super) fn displayed() -> usize {
    dunstctl(&["count", "displayed"]).trim().parse().expect("a number")
}

/// Waits until so many notifications are on screen.
pub(super) async fn wait_for(count: usize) {
    eventually(&format!("{count} notifications"), || async { (displayed() == count).then_some(()) }).await;
}

/// Clicks the notification on top, with the mouse.
pub(super) async fn click() {
    wait_for(1).await;
    // It stands in the upper right corner of a screen of 1440 pixels, 16 pixels from its edges.
    let moved = Command::new("xdotool").args(["mousemove", "1340", "40", "click", "1"]).status();
    assert!(moved.expect("xdotool runs").success());
    wait_for(0).await;
}

/// Takes all notifications off the screen, and forgets the past.
pub(super) fn clear() {
    dunstctl(&["close-all"]);
    dunstctl(&["history-clear"]);
}

/// Takes what is on screen away, and says what everything since [`clear`] said, oldest first.
pub(super) fn collect() -> Vec<Shown> {
    dunstctl(&["close-all"]);
    let history: Value = serde_json::from_str(&dunstctl(&["history"])).expect("the history is JSON");
    let text = |row: &Value, name: &str| row[name]["data"].as_str().unwrap_or_default().to_owned();
    let rows = history["data"][0].as_array().cloned().unwrap_or_default();
    let shown = rows.iter().map(|row| Shown { title: text(row, "summary"), body: text(row, "body") });
    shown.rev().collect()
}

fn dunstctl(arguments: &[&str]) -> String {
    let output = Command::new("dunstctl").args(arguments).output().expect("dunstctl runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}
