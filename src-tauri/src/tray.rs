//! The icon in the system's tray: the way back to a hidden window, and out of the program.
//!
//! On Linux a tray shows no icon without a menu and reports no clicks on it, so the first item of the menu opens the window.

use tauri::AppHandle;
use tauri::menu::{Menu, MenuItem};
use tauri::tray::{MouseButton, MouseButtonState, TrayIconBuilder, TrayIconEvent};

use crate::window;
use crate::words::Words;

const OPEN: &str = "open";
const QUIT: &str = "quit";

/// Puts the icon there. A desktop without a tray is no reason to fail.
pub(crate) fn put(app: &AppHandle, words: &Words) {
    if let Err(error) = build(app, words) {
        tracing::warn!(%error, "there is no tray to put an icon in");
    }
}

fn build(app: &AppHandle, words: &Words) -> tauri::Result<()> {
    let open = MenuItem::with_id(app, OPEN, words.say("tray-open"), true, None::<&str>)?;
    let quit = MenuItem::with_id(app, QUIT, words.say("tray-quit"), true, None::<&str>)?;
    let menu = Menu::with_items(app, &[&open, &quit])?;
    let mut tray =
        TrayIconBuilder::with_id("main").menu(&menu).tooltip("Envoi").show_menu_on_left_click(false);
    if let Some(icon) = app.default_window_icon() {
        tray = tray.icon(icon.clone());
    }
    tray.on_menu_event(|app, event| match event.id().as_ref() {
        OPEN => window::raise(app),
        QUIT => app.exit(0),
        _ => {}
    })
    .on_tray_icon_event(|tray, event| {
        let clicked = matches!(
            event,
            TrayIconEvent::Click { button: MouseButton::Left, button_state: MouseButtonState::Up, .. }
        );
        if clicked {
            window::raise(tray.app_handle());
        }
    })
    .build(app)?;
    Ok(())
}
