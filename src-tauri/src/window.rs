//! The one window: shown, raised, hidden. Hiding it ends nothing.

use envoi_engine::inbox::Inbox;
use serde::Serialize;
use tauri::{AppHandle, Emitter as _, Manager as _, WebviewWindow};

/// Label of the window, as in `tauri.conf.json` and the capability.
pub(crate) const MAIN: &str = "main";

/// Tells the interface which conversation to show.
#[derive(Debug, Clone, Serialize)]
struct Show<'a> {
    conversation: &'a str,
}

/// Brings the window before the person's eyes.
pub(crate) fn raise(app: &AppHandle) {
    let Some(window) = app.get_webview_window(MAIN) else { return };
    told("shown", window.show());
    told("unminimised", window.unminimize());
    told("focused", window.set_focus());
}

/// Brings the window up with this conversation in it.
pub(crate) fn show_conversation(app: &AppHandle, conversation: &str) {
    raise(app);
    told("told what to show", app.emit("show", Show { conversation }));
}

/// Takes the window off the screen; the conversations go on and replies notify.
pub(crate) fn hide(window: &WebviewWindow) {
    told("hidden", window.hide());
}

/// The person closed the window. The first time, the interface explains that this does not quit, and hides it then; where chats
/// are to be gone after quitting, it asks each time.
pub(crate) fn close_requested(app: &AppHandle) {
    let plain = |inbox: &Inbox| inbox.settings().hiding_explained && !inbox.goes_at_quit();
    let plain = app.try_state::<Inbox>().is_none_or(|inbox| plain(&inbox));
    match app.get_webview_window(MAIN) {
        Some(window) if plain => hide(&window),
        _ => told("told to explain hiding", app.emit("explain-hiding", ())),
    }
}

fn told(what: &str, result: tauri::Result<()>) {
    if let Err(error) = result {
        tracing::warn!(%error, "the window could not be {what}");
    }
}
