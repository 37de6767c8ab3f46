//! Carries what the inbox publishes to where it belongs: updates and views to the web view, notices and sign-in pages to the
//! system.

use envoi_engine::inbox::Inbox;
use envoi_engine::published::Published;
use tauri::{AppHandle, Emitter as _, Manager as _};
use tauri_plugin_opener::OpenerExt as _;

use crate::{notifier, window};

/// Starts carrying. It ends with the inbox.
pub(crate) fn carry(app: &AppHandle, inbox: &Inbox) {
    let app = app.clone();
    let mut stream = inbox.subscribe();
    tauri::async_runtime::spawn(async move {
        while let Some(published) = stream.next().await {
            if let Err(error) = hand_over(&app, published) {
                tracing::warn!(%error, "the window was not told");
            }
        }
    });
}

fn hand_over(app: &AppHandle, published: Published) -> tauri::Result<()> {
    match published {
        Published::Update(update) => app.emit_to(window::MAIN, "update", update),
        Published::App(view) => app.emit_to(window::MAIN, "app", view),
        Published::Missed => app.emit_to(window::MAIN, "missed", ()),
        Published::Notice(notice) => {
            notifier::raise(app, &notice);
            Ok(())
        }
        Published::Browse { address, .. } => {
            // Whoever has no browser that opens is shown the address, and can copy it.
            if let Err(error) = app.opener().open_url(address, None::<&str>) {
                tracing::warn!(%error, "no browser was opened");
            }
            Ok(())
        }
        Published::CloseWindow { conversation } => {
            // Whoever reads another chat at that moment keeps their window.
            let is_shown = app.try_state::<Inbox>().is_some_and(|inbox| inbox.is_shown(&conversation));
            if let Some(window) = app.get_webview_window(window::MAIN).filter(|_| is_shown) {
                window::hide(&window);
            }
            Ok(())
        }
    }
}
