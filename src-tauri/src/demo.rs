//! The pretend company: the sandbox inside this program, on loopback, with its scripted agents.

use std::collections::BTreeMap;

use envoi_engine::inbox::Inbox;
use envoi_protocol::fault::{Fault, FaultCode};
use envoi_protocol::view::NewDeployment;
use envoi_sandbox::{Options, Running, Sandbox};
use tauri::{AppHandle, Manager as _};
use tokio::sync::Mutex;

use crate::commands::Beginning;
use crate::window;

/// The running sandbox, once it was asked for.
#[derive(Debug, Default)]
pub(crate) struct Demo(Mutex<Option<Running>>);

/// Starts the sandbox if need be, and opens the conversation with its company.
pub(crate) async fn open(app: &AppHandle) -> Result<String, Fault> {
    let demo = app.state::<Demo>();
    let inbox = app.state::<Inbox>();
    let mut running = demo.0.lock().await;
    if running.is_none() {
        let failed =
            |error: envoi_sandbox::Error| Fault::with_detail(FaultCode::ServiceError, error.to_string());
        let sandbox = Sandbox::start(Options::default()).await.map_err(failed)?;
        let company = company(&sandbox);
        inbox.add_demo(&company).map_err(|faults| first(faults.into_iter().map(|fault| fault.fault)))?;
        *running = Some(sandbox);
    }
    inbox.open_conversation(envoi_engine::inbox::DEMO)
}

/// Makes the demo what the interface begins with.
pub(crate) fn begin_with(app: &AppHandle) {
    match tauri::async_runtime::block_on(open(app)) {
        Ok(conversation) => app.state::<Beginning>().set(conversation),
        Err(fault) => tracing::error!(?fault, "the demo could not be started"),
    }
}

/// Shows the demo in a window that is there already.
pub(crate) fn show(app: &AppHandle) {
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        match open(&app).await {
            Ok(conversation) => window::show_conversation(&app, &conversation),
            Err(fault) => tracing::error!(?fault, "the demo could not be started"),
        }
    });
}

fn company(sandbox: &Running) -> NewDeployment {
    let directory = sandbox.directory();
    let settings = BTreeMap::from([
        ("url".to_owned(), directory.service("digital_channels").unwrap_or_default().to_owned()),
        ("api_key".to_owned(), directory.api_keys.first().cloned().unwrap_or_default()),
        ("endpoint".to_owned(), directory.endpoints.first().cloned().unwrap_or_default()),
    ]);
    NewDeployment {
        id: None,
        service: "digital_channels".to_owned(),
        name: "Tidewater Energy".to_owned(),
        asynchronous: true,
        settings,
    }
}

fn first(faults: impl IntoIterator<Item = Fault>) -> Fault {
    faults.into_iter().next().unwrap_or_else(|| Fault::new(FaultCode::ServiceError))
}
