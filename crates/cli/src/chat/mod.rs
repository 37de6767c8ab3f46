//! A chat in the terminal: opens the profile for one company and hands over to [`plain`] (for people) or [`json`] (for
//! programs). Both leave the chat un-ended when the input ends, once what was written has been sent.

mod attachment;
mod filling;
mod input;
mod json;
mod plain;
mod screen;

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use envoi_engine::conversation::Conversation;
use envoi_engine::deployments::Deployment;
use envoi_engine::inbox::{Inbox, Options, World};
use envoi_engine::profile::Profile;
use envoi_protocol::view::{DeliveryView, PhaseView, Snapshot};

use crate::{Trouble, words};

/// What was given with the command.
#[derive(Debug)]
pub(crate) struct Plan {
    /// Values of the entry form.
    pub(crate) form: BTreeMap<String, String>,
    /// How long to wait for unsent messages once the input has ended.
    pub(crate) patience: Duration,
}

/// Chats with `company` until the input ends or the chat does.
pub(crate) async fn run(
    profile: Profile,
    company: Arc<Deployment>,
    plan: Plan,
    json: bool,
) -> Result<ExitCode, Trouble> {
    let id = company.view.id.clone();
    let name = company.view.name.clone();
    let world = World::system(&profile);
    let options = Options {
        languages: sys_locale::get_locales().collect(),
        companies: vec![company],
        only: Some(id.clone()),
        ..Options::default()
    };
    let inbox = Inbox::open(profile, world, options).await?;
    let stream = inbox.subscribe();
    let told = |fault| Trouble(words::fault(&fault, &name));
    let conversation = inbox.conversation(&inbox.open_conversation(&id).map_err(told)?).map_err(told)?;
    // Whoever runs this waits for the answers.
    inbox.watching(Some(conversation.id()), true).await;
    let lines = input::lines();
    let view = inbox.app_view();
    let talked = if json {
        json::talk(&conversation, stream, lines, &plan, &view).await
    } else {
        plain::talk(&conversation, stream, lines, &plan, &view).await
    };
    inbox.close().await;
    talked
}

/// Waits until nothing written is still on its way, `patience` at most; says how many messages were not sent.
async fn settle(conversation: &Conversation, patience: Duration) -> u64 {
    let deadline = tokio::time::Instant::now() + patience;
    loop {
        let Ok(snapshot) = conversation.snapshot().await else { return 0 };
        let (waiting, stuck) = unsent(&snapshot);
        let joining = matches!(snapshot.phase, PhaseView::Joining) && snapshot.fault.is_none();
        let going_on = !matches!(snapshot.phase, PhaseView::Over { .. } | PhaseView::Fresh);
        if !going_on || (waiting == 0 && !joining) || tokio::time::Instant::now() >= deadline {
            return waiting + stuck;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Whether the chat was asked for and not begun.
async fn was_refused(conversation: &Conversation) -> bool {
    let snapshot = conversation.snapshot().await;
    snapshot.is_ok_and(|snapshot| snapshot.phase == PhaseView::Fresh && snapshot.fault.is_some())
}

/// How many own messages are on their way, and how many are stuck.
fn unsent(snapshot: &Snapshot) -> (u64, u64) {
    let deliveries = snapshot.items.iter().filter_map(|item| item.content.delivery());
    deliveries.fold((0, 0), |(waiting, stuck), delivery| match delivery {
        DeliveryView::Sent => (waiting, stuck),
        DeliveryView::Stuck { .. } => (waiting, stuck + 1),
        DeliveryView::Queued
        | DeliveryView::Sending
        | DeliveryView::Uploading { .. }
        | DeliveryView::Waiting { .. } => (waiting + 1, stuck),
    })
}
