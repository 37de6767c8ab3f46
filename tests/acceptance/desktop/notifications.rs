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

/// A moment after which notifications count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Since(i64);

/// Takes all notifications off the screen; from now on they count.
pub(super) fn from_now() -> Since {
    let past = past();
    Since(past.iter().map(|(id, _)| *id).max().unwrap_or(0))
}

impl Since {
    /// Takes what is on screen away, and says what everything since then said, oldest first.
    pub(super) fn shown(self) -> Vec<Shown> {
        past().into_iter().filter(|(id, _)| *id > self.0).map(|(_, shown)| shown).collect()
    }
}

/// Everything that was ever shown, by its number.
fn past() -> Vec<(i64, Shown)> {
    dunstctl(&["close-all"]);
    let history: Value = serde_json::from_str(&dunstctl(&["history"])).expect("the history is JSON");
    let text = |row: &Value, name: &str| row[name]["data"].as_str().unwrap_or_default().to_owned();
    let rows = history["data"][0].as_array().cloned().unwrap_or_default();
    let told = |row: &Value| {
        let id = row["id"]["data"].as_i64().unwrap_or_default();
        (id, Shown { title: text(row, "summary"), body: text(row, "body") })
    };
    let mut past: Vec<_> = rows.iter().map(told).collect();
    past.sort_by_key(|(id, _)| *id);
    past
}

fn dunstctl(arguments: &[&str]) -> String {
    let output = Command::new("dunstctl").args(arguments).output().expect("dunstctl runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}
