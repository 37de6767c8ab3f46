//! The chat for a person: lines in, lines out, commands behind a slash.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write as _};
use std::process::ExitCode;

use envoi_engine::conversation::Conversation;
use envoi_engine::published::{Published, Subscription};
use envoi_protocol::view::{AppView, Command, FormField, PhaseView};
use tokio::sync::mpsc;

use super::filling::Filling;
use super::screen::Screen;
use super::{Plan, attachment, settle, was_refused};
use crate::deployments::told as mistake;
use crate::{Trouble, words};

const HELP: &str = "\
* Whatever you write is sent, except:
*   /end           end the chat for good
*   /retry         send the last stuck message again
*   /remove        take the last stuck message out
*   /again         try the connection now
*   /older         show what was said before
*   /attach PATH   send a file
*   /save PATH     save the last file or picture that was sent to you, as a new file
*   /choose N...   answer the last question with its choices of these numbers
*   /fill          answer the last questions, one line each
*   /press N       press a button of the banner
*   /stay          say that you are still there
*   /name NAME     be called by another name from here on, where the company can be told
*   /signin        sign in, where the company allows it during a chat
*   /cancel        give up answering questions, or signing in
*   /quit          leave the terminal; the chat is kept, replies wait
*   //words        send words that begin with a slash";

pub(super) async fn talk(
    conversation: &Conversation,
    mut stream: Subscription,
    mut lines: mpsc::Receiver<String>,
    plan: &Plan,
    view: &AppView,
) -> Result<ExitCode, Trouble> {
    let snapshot = conversation.snapshot().await;
    let snapshot = snapshot.map_err(|fault| Trouble(words::fault(&fault, conversation.deployment())))?;
    let company = snapshot.deployment.name.as_str();
    let gone = |fault| Trouble(words::fault(&fault, company));
    let mut screen = Screen::new(company);
    let mut seq = snapshot.seq;
    show(&screen.catch_up(&snapshot))?;
    let mut told = Told::default();
    show(&told.news(view))?;
    let mut begun = false;
    let mut filling = None;
    loop {
        match screen.phase() {
            Some(PhaseView::Over { unsent: 0, .. }) => return Ok(ExitCode::SUCCESS),
            // How many they are was shown with the end.
            Some(PhaseView::Over { .. }) => return Ok(ExitCode::FAILURE),
            Some(PhaseView::Fresh) if !begun => {
                let Some(form) = ask(&snapshot.deployment.form, &plan.form, &mut lines).await? else {
                    return Err(Trouble::from("the input ended before the chat began"));
                };
                conversation.command(Command::Start { form }).await.map_err(gone)?;
                begun = true;
            }
            // The chat was refused. What is wrong may not have been shown yet.
            Some(PhaseView::Fresh) if was_refused(conversation).await => {
                again(conversation, &mut screen).await?;
                return Ok(ExitCode::FAILURE);
            }
            _ => {}
        }
        tokio::select! {
            published = stream.next() => match published {
                Some(Published::Update(update)) if update.conversation == conversation.id() && update.seq > seq => {
                    if update.seq == seq + 1 {
                        seq = update.seq;
                        show(&screen.apply(&update.change))?;
                    } else {
                        seq = again(conversation, &mut screen).await?;
                    }
                }
                Some(Published::App(view)) => show(&told.news(&view))?,
                Some(Published::Missed) => seq = again(conversation, &mut screen).await?,
                Some(_) => {}
                None => break,
            },
            line = lines.recv() => match line {
                Some(line) => match obey(conversation, &mut screen, &mut filling, &line, company).await {
                    Ok(true) => {}
                    Ok(false) => break,
                    Err(problem) => show(&[format!("* {problem}")])?,
                },
                None => break,
            },
        }
    }
    let unsent = settle(conversation, plan.patience).await;
    again(conversation, &mut screen).await?;
    if was_refused(conversation).await {
        return Ok(ExitCode::FAILURE);
    }
    if unsent > 0 {
        return Err(Trouble(words::not_sent(unsent)));
    }
    show(&[String::from("* The chat goes on. The same command picks it up again, if it could be kept.")])?;
    Ok(ExitCode::SUCCESS)
}

/// What of the profile was told so far.
#[derive(Debug, Default)]
struct Told {
    lines: BTreeSet<String>,
}

impl Told {
    /// What is to be known of the profile and was not told yet: files that could not be read.
    fn news(&mut self, view: &AppView) -> Vec<String> {
        let faults = view.config_faults.iter().map(mistake);
        let all: Vec<String> = words::archive(&view.archive).into_iter().chain(faults).collect();
        all.into_iter()
            .filter(|line| self.lines.insert(line.clone()))
            .map(|line| format!("* {line}"))
            .collect()
    }
}

/// Does what a line says. False if that is to stop.
async fn obey(
    conversation: &Conversation,
    screen: &mut Screen,
    filling: &mut Option<Filling>,
    line: &str,
    name: &str,
) -> Result<bool, String> {
    let line = line.trim();
    let is_command = line.starts_with('/') && !line.starts_with("//");
    if filling.is_some() && !is_command && !screen.asks() {
        answer(conversation, filling, line.strip_prefix('/').unwrap_or(line), name).await?;
        return Ok(true);
    }
    let command = match line.split_once(' ').unwrap_or((line, "")) {
        ("", _) => return Ok(true),
        _ if screen.asks() => match line.to_lowercase().as_str() {
            "y" | "yes" => Command::SendAnyway,
            "n" | "no" => Command::DontSend,
            _ => return Err(String::from("y sends it as a new case, n does not")),
        },
        ("/quit", _) => return Ok(false),
        ("/help", _) => {
            show(&[HELP.to_owned()]).map_err(|cause| cause.to_string())?;
            return Ok(true);
        }
        ("/end", _) => Command::End,
        ("/again", _) => Command::TryNow,
        ("/older", _) => Command::Older,
        ("/retry", _) => match screen.last_stuck() {
            Some(item) => Command::Retry { item: item.to_owned() },
            None => return Err(String::from("no message is stuck")),
        },
        ("/remove", _) => match screen.last_stuck() {
            Some(item) => Command::Cancel { item: item.to_owned() },
            None => return Err(String::from("no message is stuck")),
        },
        ("/attach", path) => {
            let attachment = attachment::read(path.trim())?;
            conversation.attach(attachment).await.map_err(|fault| words::fault(&fault, name))?;
            return Ok(true);
        }
        ("/save", path) => {
            let Some(item) = screen.last_file() else { return Err(String::from("there is no file to save")) };
            let media = conversation.media(item).await.map_err(|fault| words::fault(&fault, name))?;
            attachment::save(path.trim(), &media)?;
            return Ok(true);
        }
        ("/choose", numbers) => match numbers_of(numbers).and_then(|numbers| screen.chosen(&numbers)) {
            Some((item, choices)) => Command::Choose { item, choices },
            None => return Err(String::from("give the numbers of choices of the last question")),
        },
        ("/fill", _) => {
            let asked = screen.questions().ok_or("there are no questions to answer")?;
            show(&filling.insert(asked).ask()).map_err(|cause| cause.to_string())?;
            return Ok(true);
        }
        ("/press", number) => match numbers_of(number).and_then(|numbers| screen.button(*numbers.first()?)) {
            Some(choice) => Command::ChooseBanner { choice: choice.to_owned() },
            None => return Err(String::from("give the number of a button of the banner")),
        },
        ("/stay", _) => Command::StayOn,
        ("/name", name) => Command::Nickname { name: name.trim().to_owned() },
        ("/signin", _) => Command::SignIn,
        ("/cancel", _) if filling.take().is_some() => {
            show(&[String::from("* Nothing was sent. /fill begins again.")])
                .map_err(|cause| cause.to_string())?;
            return Ok(true);
        }
        ("/cancel", _) => Command::CancelSignIn,
        (other, _) if other.starts_with('/') && !other.starts_with("//") => {
            return Err(format!(
                "{other} is not known; /help lists what is, //{} sends it",
                line.trim_start_matches('/')
            ));
        }
        _ => Command::Send { text: line.strip_prefix('/').unwrap_or(line).to_owned() },
    };
    if matches!(command, Command::SendAnyway | Command::DontSend) {
        screen.answered();
    }
    conversation.command(command).await.map_err(|fault| words::fault(&fault, name))?;
    Ok(true)
}

/// Takes a line as the answer to what is asked. After the last one all of them are sent.
async fn answer(
    conversation: &Conversation,
    filling: &mut Option<Filling>,
    line: &str,
    name: &str,
) -> Result<(), String> {
    let Some(asked) = filling else { return Ok(()) };
    let Some(all) = asked.answer(line)? else {
        return show(&asked.ask()).map_err(|cause| cause.to_string());
    };
    let Err(fault) = conversation.command(all).await else {
        *filling = None;
        return Ok(());
    };
    if asked.again(&fault) {
        show(&asked.ask()).map_err(|cause| cause.to_string())?;
    } else {
        *filling = None;
    }
    Err(words::fault(&fault, name))
}

fn numbers_of(text: &str) -> Option<Vec<usize>> {
    let numbers = text.split([' ', ',']).filter(|number| !number.is_empty());
    numbers.map(|number| number.parse().ok()).collect()
}

/// Asks for what the entry form needs and was not given. `None` if the input ends first.
async fn ask(
    form: &[FormField],
    given: &BTreeMap<String, String>,
    lines: &mut mpsc::Receiver<String>,
) -> io::Result<Option<BTreeMap<String, String>>> {
    let mut values = given.clone();
    for field in form {
        if values.contains_key(&field.name) {
            continue;
        }
        if let Some(value) = &field.value {
            values.insert(field.name.clone(), value.clone());
        } else if field.required {
            let label = field.label.as_deref().unwrap_or(&field.name);
            loop {
                let mut out = io::stdout().lock();
                write!(out, "{label}: ")?;
                out.flush()?;
                drop(out);
                let Some(line) = lines.recv().await else { return Ok(None) };
                if !line.trim().is_empty() {
                    values.insert(field.name.clone(), line.trim().to_owned());
                    break;
                }
            }
        }
    }
    Ok(Some(values))
}

async fn again(conversation: &Conversation, screen: &mut Screen) -> Result<u64, Trouble> {
    let snapshot = conversation
        .snapshot()
        .await
        .map_err(|fault| Trouble(words::fault(&fault, conversation.deployment())))?;
    show(&screen.catch_up(&snapshot))?;
    Ok(snapshot.seq)
}

fn show(lines: &[String]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    for line in lines {
        writeln!(out, "{line}")?;
    }
    out.flush()
}
