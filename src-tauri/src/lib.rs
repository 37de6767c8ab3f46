//! Envoi's desktop shell: the window, the tray, notifications, and the commands of the web view. No chat logic.
//!
//! [`run`] wires everything; what a thing does is in the file of its name. The engine's [`Inbox`] holds all conversations;
//! `commands.rs` hands the web view's wishes to it and `events.rs` carries back what it publishes.

mod arguments;
mod commands;
mod demo;
mod events;
#[cfg(target_os = "linux")]
mod graphics;
mod notifier;
mod tray;
mod window;
mod words;

pub use arguments::Arguments;

use envoi_engine::inbox::{Inbox, Options, World};
use envoi_engine::profile::{Profile, ProfileError};
use tauri::{AppHandle, Manager as _, RunEvent, WindowEvent};
use tauri_plugin_dialog::{DialogExt as _, MessageDialogKind};
use tauri_plugin_window_state::StateFlags;

use crate::words::Words;

/// Why the program cannot run.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no profile to work with.
    #[error(transparent)]
    Profile(#[from] ProfileError),
    /// The window could not be made.
    #[error("the window could not be opened: {0}")]
    Window(#[from] tauri::Error),
}

impl Error {
    /// Whether another start may succeed where this one did not.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        matches!(self, Self::Window(tauri::Error::PluginInitialization(plugin, _)) if plugin == "single-instance")
    }
}

/// Runs the program until it is quit.
///
/// # Errors
///
/// [`Error`], worded for whoever started the program.
pub fn run(arguments: Arguments) -> Result<(), Error> {
    let log = tracing_subscriber::EnvFilter::try_from_env("ENVOI_LOG").unwrap_or_else(|_| "warn".into());
    tracing_subscriber::fmt().with_env_filter(log).with_writer(std::io::stderr).init();
    #[cfg(target_os = "linux")]
    graphics::choose();

    let profile = Profile::named(arguments.profile.as_deref())?;
    let mut context = tauri::generate_context!();
    let identity = identity(&context.config().identifier, &profile);
    if cfg!(not(target_os = "linux")) {
        // Elsewhere the name of the single instance is the identifier itself.
        context.config_mut().identifier.clone_from(&identity);
    }
    let window_state = tauri_plugin_window_state::Builder::new()
        .with_state_flags(StateFlags::all() - StateFlags::VISIBLE)
        .with_filename(profile.data().join("window.json").to_string_lossy())
        .build();
    let app = tauri::Builder::default()
        .plugin(single_instance(identity))
        .plugin(tauri_plugin_dialog::init())
        .plugin(tauri_plugin_notification::init())
        .plugin(tauri_plugin_opener::Builder::new().open_js_links_on_click(false).build())
        .plugin(window_state)
        .manage(Words::of_this_system())
        .manage(demo::Demo::default())
        .manage(commands::Beginning::default())
        .invoke_handler(commands::handler())
        .on_window_event(on_window_event)
        .setup(move |app| {
            set_up(app.handle(), profile, &arguments).unwrap_or_else(|error| give_up(app.handle(), &error));
            Ok(())
        })
        .build(context)?;
    app.run(|app, event| match (event, app.try_state::<Inbox>()) {
        (RunEvent::Exit, Some(inbox)) => tauri::async_runtime::block_on(inbox.close()),
        // Without an inbox the window is gone, and what the person is being told still stands there.
        (RunEvent::ExitRequested { code: None, api, .. }, None) => api.prevent_exit(),
        _ => {}
    });
    Ok(())
}

/// Every profile is a program of its own to the system: a second start of it raises its window.
fn identity(identifier: &str, profile: &Profile) -> String {
    match profile.keyring_service().split_once('/') {
        None => identifier.to_owned(),
        Some((_, rest)) => {
            let harmless = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
            format!("{identifier}.profile_{}", rest.chars().map(harmless).collect::<String>())
        }
    }
}

fn single_instance(identity: String) -> tauri::plugin::TauriPlugin<tauri::Wry> {
    tauri_plugin_single_instance::Builder::new()
        .dbus_id(identity)
        .callback(|app, arguments, _| {
            window::raise(app);
            if arguments.iter().any(|argument| argument == "--demo") {
                demo::show(app);
            }
        })
        .build()
}

fn set_up(app: &AppHandle, profile: Profile, arguments: &Arguments) -> Result<(), Error> {
    notifier::listen(app);
    let world = World::system(&profile);
    let options = Options {
        languages: sys_locale::get_locales().collect(),
        sign_in_page: app.state::<Words>().sign_in_page(),
        ..Options::default()
    };
    let inbox = tauri::async_runtime::block_on(Inbox::open(profile, world, options))?;
    events::carry(app, &inbox);
    app.manage(inbox);
    tray::put(app, &app.state::<Words>());
    if arguments.demo {
        demo::begin_with(app);
    }
    if !arguments.hidden {
        window::raise(app);
    }
    Ok(())
}

/// There is nothing to work with, for instance because the terminal client has the profile. Whoever started the program from a
/// menu sees no standard error: they are told in a window of the system's, and the program ends with it.
fn give_up(app: &AppHandle, error: &Error) {
    eprintln!("envoi: {error}");
    if let Some(window) = app.get_webview_window(window::MAIN)
        && let Err(error) = window.destroy()
    {
        tracing::warn!(%error, "the window could not be closed");
    }
    let title = app.state::<Words>().say("cannot-start");
    let told = app.dialog().message(error.to_string()).title(title).kind(MessageDialogKind::Error);
    let app = app.clone();
    told.show(move |_| app.exit(1));
}

/// Closing the window hides it: the chats go on.
fn on_window_event(window: &tauri::Window, event: &WindowEvent) {
    if let WindowEvent::CloseRequested { api, .. } = event {
        api.prevent_close();
        window::close_requested(window.app_handle());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_profile_has_an_identity_of_its_own() {
        let work = Profile::named(Some("work")).unwrap();
        assert_eq!(identity("chat.envoi.desktop", &work), "chat.envoi.desktop.profile_work");
        let first = Profile::named(None).unwrap();
        assert_eq!(identity("chat.envoi.desktop", &first), "chat.envoi.desktop");
    }
}
