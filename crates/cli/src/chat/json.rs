//! The chat as JSON lines, in the same vocabulary as the window's interface. The contract is in `docs/manual/cli.md`.

use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::process::ExitCode;

use envoi_engine::conversation::Conversation;
use envoi_engine::published::{Published, Subscription};
use envoi_protocol::fault::Fault;
use envoi_protocol::view::{AppView, ArchiveView, Command, LinkView, PhaseView};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::input::LONGEST;
use super::{Plan, attachment, settle, was_refused};
use crate::{Trouble, words};

/// What a line may ask for beside a [`Command`].
#[derive(Debug, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
enum Extra {
    /// Send a file.
    Attach { path: String },
    /// Save the picture or file of an item as a new file.
    Save { item: String, path: String },
    /// Say who was there and how much was said.
    Details,
    /// Say every row that is kept.
    Transcript,
    /// Say the whole conversation again.
    Snapshot,
    /// Stop without ending the chat, as the end of the input does.
    Quit,
}

/// Why a line was not carried out.
#[derive(Debug)]
struct Refusal {
    message: String,
    fault: Option<Fault>,
}

pub(super) async fn talk(
    conversation: &Conversation,
    mut stream: Subscription,
    mut lines: mpsc::Receiver<String>,
    plan: &Plan,
    view: &AppView,
) -> Result<ExitCode, Trouble> {
    let mut told = snapshot(conversation).await?;
    let mut profile = Profile::default();
    profile.tell(view)?;
    let mut form = Some(&plan.form).filter(|form| !form.is_empty());
    let mut number = 0_u64;
    loop {
        begin(conversation, &mut form).await?;
        tokio::select! {
            published = stream.next() => {
                let Some(published) = published else { break };
                if let Published::App(view) = &published {
                    profile.tell(view)?;
                }
                told = tell(conversation, published, told).await?;
            }
            line = lines.recv() => {
                let Some(line) = line else { break };
                number += 1;
                if line.trim().is_empty() {
                    continue;
                }
                match carry_out(conversation, &line).await {
                    Ok(Next::GoOn) => done(number)?,
                    Ok(Next::Answer(answer)) => {
                        say(&answer)?;
                        done(number)?;
                    }
                    Ok(Next::Snapshot) => {
                        told = snapshot(conversation).await?;
                        done(number)?;
                    }
                    Ok(Next::Stop) => {
                        done(number)?;
                        break;
                    }
                    Err(refusal) => error(Some(number), &refusal)?,
                }
            }
        }
    }
    let settled = settle(conversation, plan.patience);
    tokio::pin!(settled);
    let unsent = loop {
        tokio::select! {
            unsent = &mut settled => break unsent,
            Some(published) = stream.next() => told = tell(conversation, published, told).await?,
        }
    };
    // What was published up to here is still to be said.
    while let Ok(Some(published)) =
        tokio::time::timeout(std::time::Duration::from_millis(20), stream.next()).await
    {
        told = tell(conversation, published, told).await?;
    }
    if unsent > 0 {
        error(None, &Refusal { message: words::not_sent(unsent), fault: None })?;
        return Ok(ExitCode::FAILURE);
    }
    Ok(if was_refused(conversation).await { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Starts the chat with the form that was given, once it is known that there is none to be picked up.
async fn begin(
    conversation: &Conversation,
    form: &mut Option<&BTreeMap<String, String>>,
) -> Result<(), Trouble> {
    let Some(given) = *form else { return Ok(()) };
    let snapshot = conversation.snapshot().await.map_err(|fault| Trouble(format!("{fault:?}")))?;
    // A kept chat waits for the password store before it is known what it is.
    if snapshot.phase == PhaseView::Joining && snapshot.link == LinkView::Restoring {
        return Ok(());
    }
    *form = None;
    if snapshot.phase == PhaseView::Fresh
        && let Err(fault) = conversation.command(Command::Start { form: given.clone() }).await
    {
        error(None, &Refusal { message: String::from("the chat was not started"), fault: Some(fault) })?;
    }
    Ok(())
}

/// What was told of the profile.
#[derive(Debug, Default)]
struct Profile(Option<Value>);

impl Profile {
    /// Says when something of the profile could not be read, and what became of it.
    fn tell(&mut self, view: &AppView) -> Result<(), Trouble> {
        let rebuilt = matches!(view.archive, ArchiveView::Rebuilt { .. });
        let archive = rebuilt.then_some(&view.archive);
        if archive.is_none() && view.config_faults.is_empty() {
            return Ok(());
        }
        let now = json!({ "profile": { "archive": archive, "config_faults": view.config_faults } });
        if self.0.as_ref() != Some(&now) {
            say(&now)?;
            self.0 = Some(now);
        }
        Ok(())
    }
}

#[derive(Debug)]
enum Next {
    GoOn,
    Answer(Value),
    Snapshot,
    Stop,
}

async fn carry_out(conversation: &Conversation, line: &str) -> Result<Next, Refusal> {
    let refuse = |message: String| Refusal { message, fault: None };
    if line.len() >= LONGEST {
        return Err(refuse(format!("a line may have at most {LONGEST} bytes")));
    }
    let value: Value =
        serde_json::from_str(line).map_err(|problem| refuse(format!("this is not JSON: {problem}")))?;
    let fault = |fault: Fault| Refusal { message: String::from("this was not done"), fault: Some(fault) };
    match value.get("do").and_then(Value::as_str) {
        None => {
            Err(refuse(String::from("a command is an object with a \"do\", for instance {\"do\":\"seen\"}")))
        }
        Some("attach" | "save" | "details" | "transcript" | "snapshot" | "quit") => {
            match serde_json::from_value(value).map_err(|problem| refuse(problem.to_string()))? {
                Extra::Attach { path } => {
                    let attachment = attachment::read(&path).map_err(refuse)?;
                    conversation.attach(attachment).await.map_err(fault)?;
                    Ok(Next::GoOn)
                }
                Extra::Save { item, path } => {
                    let media = conversation.media(&item).await.map_err(fault)?;
                    attachment::save(&path, &media).map_err(refuse)?;
                    Ok(Next::GoOn)
                }
                Extra::Details => {
                    let details = conversation.details().await.map_err(fault)?;
                    Ok(Next::Answer(json!({ "details": details })))
                }
                Extra::Transcript => {
                    let items = conversation.transcript().await.map_err(fault)?;
                    Ok(Next::Answer(json!({ "transcript": items })))
                }
                Extra::Snapshot => Ok(Next::Snapshot),
                Extra::Quit => Ok(Next::Stop),
            }
        }
        Some(_) => {
            let command: Command =
                serde_json::from_value(value).map_err(|problem| refuse(problem.to_string()))?;
            conversation.command(command).await.map_err(fault)?;
            Ok(Next::GoOn)
        }
    }
}

/// Says one thing that happened. Gives back the number of the last update that was said.
async fn tell(conversation: &Conversation, published: Published, told: u64) -> Result<u64, Trouble> {
    match published {
        Published::Update(update) if update.conversation == conversation.id() && update.seq > told => {
            if update.seq > told + 1 {
                return snapshot(conversation).await;
            }
            say(&serde_json::to_value(&update)?)?;
            Ok(update.seq)
        }
        Published::Missed => snapshot(conversation).await,
        // Where to sign in stands in the update.
        Published::Browse { .. }
        | Published::Update(_)
        | Published::App(_)
        | Published::Notice(_)
        | Published::CloseWindow { .. } => Ok(told),
    }
}

async fn snapshot(conversation: &Conversation) -> Result<u64, Trouble> {
    let snapshot = conversation.snapshot().await.map_err(|fault| Trouble(format!("{fault:?}")))?;
    say(&json!({ "snapshot": snapshot }))?;
    Ok(snapshot.seq)
}

/// A line was carried out: whatever has to outlive the program is in the archive by now.
fn done(line: u64) -> io::Result<()> {
    say(&json!({ "done": { "line": line } }))
}

fn error(line: Option<u64>, refusal: &Refusal) -> io::Result<()> {
    say(&json!({ "error": { "line": line, "message": refusal.message, "fault": refusal.fault } }))
}

fn say(value: &Value) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{value}")?;
    out.flush()
}
