//! What the web view may ask for. Every command here is named in `build.rs` and allowed in `capabilities/main.json`.
//!
//! The web view is hostile ground: whatever it names (a conversation, an item, an address) is looked up, never believed.
#![allow(
    clippy::needless_pass_by_value,
    reason = "a command's arguments are made by the framework, by value"
)]

use std::sync::{Mutex, PoisonError};

use envoi_engine::inbox::Inbox;
use envoi_protocol::event::Attachment;
use envoi_protocol::fault::{Fault, FaultCode};
use envoi_protocol::text;
use envoi_protocol::view::{
    AppView, Command, Content, CopyFormat, DeploymentView, FieldFault, NewDeployment, SearchView, Settings,
    Snapshot,
};
use tauri::ipc::{Invoke, InvokeBody, Request, Response};
use tauri::{AppHandle, Manager as _, State, WebviewWindow, command};
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
        hide_window,
        media,
        open_conversation,
        open_demo,
        open_link,
        quit,
        save_copy,
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

/// The picture travels as a raw body; what describes it travels as headers.
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
) -> Result<DeploymentView, Vec<FieldFault>> {
    inbox.add_deployment(&deployment).await
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

/// Opens a link only if it stands in that message of that conversation, and is of a kind that does no harm.
#[command]
async fn open_link(
    app: AppHandle,
    inbox: State<'_, Inbox>,
    conversation: String,
    item: String,
    href: String,
) -> Result<(), Fault> {
    let snapshot = inbox.conversation(&conversation)?.snapshot().await?;
    let stands_there = snapshot.items.iter().filter(|row| row.id == item).any(|row| match &row.content {
        Content::Message { text, .. } => text.iter().any(|run| run.href.as_deref() == Some(&href)),
        _ => false,
    });
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
