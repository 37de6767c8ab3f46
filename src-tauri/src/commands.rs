//! What the web view may ask for. Every command here is named in `build.rs` and allowed in `capabilities/main.json`.
//!
//! The web view is hostile ground: whatever it names (a conversation, an item, an address) is looked up, never believed.
#![allow(
    clippy::needless_pass_by_value,
    reason = "a command's arguments are made by the framework, by value"
)]

use std::sync::{Arc, Mutex, PoisonError};

use envoi_engine::inbox::Inbox;
use envoi_protocol::event::Attachment;
use envoi_protocol::fault::{Fault, FaultCode};
use envoi_protocol::text;
use envoi_protocol::view::{
    AppView, Choice, ChoiceDoes, Command, Content, CopyFormat, DeploymentView, Details, FieldFault,
    NewDeployment, SearchView, Settings, Snapshot,
};
use tauri::ipc::{Invoke, InvokeBody, Request, Response};
use tauri::{AppHandle, Manager as _, State, WebviewWindow, command};
use tauri_plugin_dialog::DialogExt as _;
use tauri_plugin_opener::OpenerExt as _;

use crate::{demo, window};

/// The conversation that the interface begins with, if the program was started for one.
#[derive(Debug, Default)]
pub(crate) struct Beginning(Mutex<Option<String>>);

impl Beginning {
    /// Sets it; the interface asks once.
    pub(crate) fn set(&self, conversation: String) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(conversation);
    }

    fn take(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// All commands.
pub(crate) fn handler() -> impl Fn(Invoke) -> bool + Send + Sync + 'static {
    tauri::generate_handler![
        add_deployment,
        app_view,
        attach,
        beginning,
        check_deployment,
        command,
        delete_conversation,
        deployment_details,
        details,
        hide_window,
        media,
        open_conversation,
        open_demo,
        open_link,
        quit,
        remove_deployment,
        save_copy,
        save_file,
        search,
        set_settings,
        snapshot,
        watching,
    ]
}

#[command]
fn app_view(inbox: State<'_, Inbox>) -> AppView {
    inbox.app_view()
}

#[command]
fn beginning(beginning: State<'_, Beginning>) -> Option<String> {
    beginning.take()
}

#[command]
async fn snapshot(inbox: State<'_, Inbox>, conversation: String) -> Result<Snapshot, Fault> {
    inbox.conversation(&conversation)?.snapshot().await
}

#[command]
async fn command(inbox: State<'_, Inbox>, conversation: String, command: Command) -> Result<(), Fault> {
    inbox.conversation(&conversation)?.command(command).await
}

/// The file travels as a raw body; what describes it travels as headers.
#[command]
async fn attach(inbox: State<'_, Inbox>, request: Request<'_>) -> Result<(), Fault> {
    let header = |name: &'static str| {
        let value = request.headers().get(name).and_then(|value| value.to_str().ok());
        value.map(str::to_owned).ok_or_else(|| Fault::with_detail(FaultCode::FieldMissing, name))
    };
    let InvokeBody::Raw(bytes) = request.body() else {
        return Err(Fault::with_detail(FaultCode::FieldBad, "body"));
    };
    let name = percent_decoded(&header("name")?);
    let attachment = Attachment { name, mime: header("mime")?, bytes: bytes.clone() };
    inbox.conversation(&header("conversation")?)?.attach(attachment).await
}

#[command]
async fn media(inbox: State<'_, Inbox>, conversation: String, item: String) -> Result<Response, Fault> {
    let media = inbox.conversation(&conversation)?.media(&item).await?;
    if !media.mime.starts_with("image/") {
        return Err(Fault::with_detail(FaultCode::FileType, media.mime));
    }
    Ok(Response::new(media.bytes))
}

#[command]
async fn watching(inbox: State<'_, Inbox>, conversation: Option<String>, focused: bool) -> Result<(), Fault> {
    inbox.watching(conversation.as_deref(), focused).await;
    Ok(())
}

#[command]
async fn check_deployment(
    inbox: State<'_, Inbox>,
    deployment: NewDeployment,
) -> Result<Vec<FieldFault>, Fault> {
    Ok(inbox.check_deployment(&deployment).await)
}

#[command]
async fn add_deployment(
    inbox: State<'_, Inbox>,
    deployment: NewDeployment,
) -> Result<Arc<DeploymentView>, Vec<FieldFault>> {
    inbox.add_deployment(&deployment).await
}

#[command]
fn deployment_details(inbox: State<'_, Inbox>, deployment: String) -> Result<NewDeployment, Fault> {
    inbox.deployment_details(&deployment)
}

#[command]
async fn remove_deployment(inbox: State<'_, Inbox>, deployment: String) -> Result<(), Fault> {
    inbox.remove_deployment(&deployment).await
}

// Async, because what it starts needs the runtime.
#[command]
async fn open_conversation(inbox: State<'_, Inbox>, deployment: String) -> Result<String, Fault> {
    inbox.open_conversation(&deployment)
}

#[command]
async fn open_demo(app: AppHandle) -> Result<String, Fault> {
    demo::open(&app).await
}

#[command]
async fn delete_conversation(inbox: State<'_, Inbox>, conversation: String) -> Result<(), Fault> {
    inbox.delete(&conversation).await
}

#[command]
async fn search(
    inbox: State<'_, Inbox>,
    text: String,
    conversation: Option<String>,
) -> Result<SearchView, Fault> {
    inbox.search(&text, conversation.as_deref()).await
}

#[command]
async fn set_settings(inbox: State<'_, Inbox>, settings: Settings) -> Result<(), Fault> {
    inbox.set_settings(settings).await
}

#[command]
async fn save_copy(
    app: AppHandle,
    inbox: State<'_, Inbox>,
    conversation: String,
    format: CopyFormat,
) -> Result<String, Fault> {
    let unknown = |error: tauri::Error| Fault::with_detail(FaultCode::DiskFailed, error.to_string());
    let folder = app.path().download_dir().or_else(|_| app.path().home_dir()).map_err(unknown)?;
    let file = inbox.save_copy(&conversation, format, &folder).await?;
    Ok(file.display().to_string())
}

#[command]
async fn details(inbox: State<'_, Inbox>, conversation: String) -> Result<Details, Fault> {
    inbox.conversation(&conversation)?.details().await
}

/// Saves the picture or file of an item where the person says, and gives that place; nothing if they thought better of it. What was
/// saved is never opened.
#[command]
async fn save_file(
    window: WebviewWindow,
    inbox: State<'_, Inbox>,
    conversation: String,
    item: String,
) -> Result<Option<String>, Fault> {
    let conversation = inbox.conversation(&conversation)?;
    let snapshot = conversation.snapshot().await?;
    let name = snapshot.items.iter().find(|row| row.id == item).and_then(|row| match &row.content {
        Content::Picture { name, .. } | Content::File { name, .. } => Some(file_name(name)),
        _ => None,
    });
    let name = name.ok_or(Fault::new(FaultCode::TooLate))?;
    let (tell, told) = tokio::sync::oneshot::channel();
    window.dialog().file().set_parent(&window).set_file_name(name).save_file(move |place| {
        // Whoever asked may have gone.
        let _ = tell.send(place);
    });
    let Some(place) = told.await.ok().flatten() else { return Ok(None) };
    let failed = |cause: String| Fault::with_detail(FaultCode::DiskFailed, cause);
    let place = place.into_path().map_err(|cause| failed(cause.to_string()))?;
    let media = conversation.media(&item).await?;
    let path = place.clone();
    let written =
        tauri::async_runtime::spawn_blocking(move || envoi_engine::disk::replace(&path, &media.bytes));
    written.await.map_err(|cause| failed(cause.to_string()))?.map_err(|cause| failed(cause.to_string()))?;
    Ok(Some(place.display().to_string()))
}

/// A name that somebody gave a file as one that a folder can hold.
fn file_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let plain = |c: char| if c.is_control() || "<>:\"|?*".contains(c) { '_' } else { c };
    let plain: String = last.trim().trim_start_matches('.').chars().take(120).map(plain).collect();
    if plain.is_empty() { String::from("file") } else { plain }
}

/// What stands for the banner where an item is named: no item is called so.
const BANNER: &str = "banner";

/// Opens a link only if it stands in that row of that conversation, or in its banner, and is of a kind that does no harm.
#[command]
async fn open_link(
    app: AppHandle,
    inbox: State<'_, Inbox>,
    conversation: String,
    item: String,
    href: String,
) -> Result<(), Fault> {
    let snapshot = inbox.conversation(&conversation)?.snapshot().await?;
    let leads = |choice: &Choice| matches!(&choice.does, ChoiceDoes::Open { href: to } if *to == href);
    let in_banner = item == BANNER && snapshot.banner.iter().any(|banner| banner.choices().any(leads));
    let in_row = snapshot.items.iter().filter(|row| row.id == item).any(|row| match &row.content {
        Content::Message { text, .. } | Content::Local { text } => {
            text.iter().any(|run| run.href.as_deref() == Some(&href))
        }
        Content::Offer { offer, .. } => offer.choices().any(leads),
        _ => false,
    });
    let stands_there = in_banner || in_row;
    if !stands_there || !text::is_openable(&href) {
        return Err(Fault::new(FaultCode::BadAddress));
    }
    let failed =
        |error: tauri_plugin_opener::Error| Fault::with_detail(FaultCode::Unsupported, error.to_string());
    app.opener().open_url(href, None::<&str>).map_err(failed)
}

#[command]
fn hide_window(window: WebviewWindow) {
    window::hide(&window);
}

#[command]
fn quit(app: AppHandle) {
    app.exit(0);
}

fn percent_decoded(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_received_name_is_one_that_a_folder_can_hold_and_leads_nowhere_else() {
        for (given, name) in [
            ("Contract.pdf", "Contract.pdf"),
            ("../../etc/passwd", "passwd"),
            ("C:\\Windows\\x.dll", "x.dll"),
            (".bashrc", "bashrc"),
            ("a\nb:c?.pdf", "a_b_c_.pdf"),
            ("..", "file"),
            ("", "file"),
        ] {
            assert_eq!(file_name(given), name, "{given}");
        }
    }
}
