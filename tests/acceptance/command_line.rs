//! The terminal client and the sandbox as two programs of their own: a whole conversation in JSON lines, in the vocabulary of the
//! window's interface. What single lines and options do is tried in the client's own tests.

use std::ffi::OsStr;

use envoi_protocol::view::{Change, Command, LinkView, Memory, PhaseView};
use envoi_tests::centre::Centre;
use envoi_tests::eventually;
use envoi_tests::terminal::{Line, Terminal, run};
use serde_json::json;

/// No password store, whatever this computer has.
const NO_STORE: &[(&str, &str)] = &[("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent")];

#[tokio::test]
async fn a_program_holds_a_whole_conversation_line_by_line() {
    let (profile, centre) = company().await;
    let mut chat = Terminal::chat(&arguments(profile.path()), NO_STORE);
    chat.says("a snapshot first", |line| matches!(line, Line::Snapshot(_)).then_some(())).await;
    let form = [("firstname".to_owned(), "Ann".to_owned())].into();
    chat.wish(&Command::Start { form }).await;
    let is_open = |line: &Line| phase(line).filter(|phase| *phase == PhaseView::Open);
    chat.says("the chat to open", is_open).await;
    chat.wish(&Command::Typing { text: "M".into() }).await;
    chat.wish(&Command::Send { text: "My bill is too high".into() }).await;
    chat.shows("My bill is too high", "\"sent\"").await;
    centre.join("Maya").await;
    centre.say("How can I help?").await;
    chat.shows("How can I help?", "\"agent\"").await;

    centre.post("/restart", json!({ "down_ms": 1_500 })).await;
    let down = |line: &Line| link(line).filter(|link| matches!(link, LinkView::Down { .. })).map(drop);
    chat.says("the connection to be down", down).await;
    chat.wish(&Command::Send { text: "Are you there?".into() }).await;
    let flight = chat.tell("{\"do\":\"fly\"}").await;
    chat.says("a refusal", |line| match line {
        Line::Error(error) => (error["line"] == flight).then_some(()),
        Line::Done(line) => {
            assert_ne!(*line, flight, "it cannot fly");
            None
        }
        _ => None,
    })
    .await;
    chat.shows("Are you there?", "\"sent\"").await;

    centre.state("Completed").await;
    let closing = |line: &Line| phase(line).filter(|phase| matches!(phase, PhaseView::Closing { .. }));
    chat.says("the case to close", closing).await;
    chat.wish(&Command::Send { text: "Thanks!".into() }).await;
    chat.says("the question", |line| match line {
        Line::Update(update) => matches!(update.change, Change::Guard(Some(_))).then_some(()),
        _ => None,
    })
    .await;
    chat.wish(&Command::SendAnyway).await;
    chat.shows("Thanks!", "\"sent\"").await;
    chat.wish(&Command::End).await;
    chat.says("the end", |line| phase(line).filter(|phase| matches!(phase, PhaseView::Over { .. }))).await;
    let (code, said) = chat.finish().await;
    assert_eq!(code, Some(0));
    let numbers: Vec<u64> = said
        .iter()
        .filter_map(|line| match line {
            Line::Snapshot(snapshot) => Some(snapshot.seq),
            Line::Update(update) => Some(update.seq),
            Line::Done(_) | Line::Error(_) => None,
        })
        .collect();
    assert!(numbers.windows(2).all(|pair| pair[0] + 1 == pair[1]), "{numbers:?}");
    let told = |line: &Line| match line {
        Line::Update(update) => matches!(update.change, Change::Memory(Memory::NotKept { .. })),
        _ => false,
    };
    assert!(said.iter().any(told), "without a password store that is said");
    for text in ["My bill is too high", "Are you there?", "Thanks!"] {
        assert_eq!(centre.count(text).await, 1, "{text}");
    }
    eventually("the person to be taken out", || async { (!centre.customer_is_there().await).then_some(()) })
        .await;
}

#[tokio::test]
async fn the_end_of_the_input_keeps_the_chat_going_and_a_service_that_is_away_is_told_by_the_exit_code() {
    let (profile, centre) = company().await;
    let mut more = arguments(profile.path());
    more.extend(["--form", "firstname=Ann", "--patience", "1"].map(OsStr::new));
    let mut chat = Terminal::chat(&more, NO_STORE);
    chat.says("the chat to open", |line| phase(line).filter(|phase| *phase == PhaseView::Open)).await;
    chat.wish(&Command::Send { text: "One".into() }).await;
    let (code, _) = chat.finish().await;
    assert_eq!(code, Some(0));
    centre.hears("One").await;
    assert!(centre.customer_is_there().await, "quitting does not end a chat");

    centre.fault(json!({ "on": "send", "kind": "drop", "times": 0 })).await;
    let mut chat = Terminal::chat(&more, NO_STORE);
    chat.says("the chat to open", |line| phase(line).filter(|phase| *phase == PhaseView::Open)).await;
    chat.wish(&Command::Send { text: "Two".into() }).await;
    let (code, said) = chat.finish().await;
    assert_eq!(code, Some(1));
    assert!(matches!(said.last(), Some(Line::Error(_))), "what was not sent is said: {said:?}");
}

#[tokio::test]
async fn exit_codes_tell_what_kind_of_thing_went_wrong() {
    let (profile, _centre) = company().await;
    let profile = profile.path().as_os_str();
    for (arguments, code) in [
        (vec!["chat"], 2),
        (vec!["chat", "--deployment", "nobody", "--profile"], 1),
        (vec!["deployments", "check", "/nonexistent/file.toml"], 1),
        // There is no password store here, which a doctor may not pass over.
        (vec!["doctor", "--profile"], 1),
        (vec!["schema"], 0),
    ] {
        let mut all: Vec<&OsStr> = arguments.iter().map(OsStr::new).collect();
        if arguments.last() == Some(&"--profile") {
            all.push(profile);
        }
        let ended = run(&all, NO_STORE).await;
        assert_eq!(ended.status.code(), Some(code), "{arguments:?}: {ended:?}");
    }
}

/// A profile with one company, and its contact centre.
async fn company() -> (tempfile::TempDir, Centre) {
    let centre = Centre::process(&["--script", "none"]).await;
    let profile = tempfile::tempdir().expect("a temporary folder");
    let deployments = centre.deployment("digital_channels", "asynchronous", "") + "poll_gap_ms = 200\n";
    std::fs::write(profile.path().join("deployments.toml"), deployments).expect("it can be written to");
    (profile, centre)
}

fn arguments(profile: &std::path::Path) -> Vec<&OsStr> {
    vec![OsStr::new("--deployment"), OsStr::new("tidewater"), OsStr::new("--profile"), profile.as_os_str()]
}

fn phase(line: &Line) -> Option<PhaseView> {
    match line {
        Line::Update(update) => match &update.change {
            Change::Phase(phase) => Some(phase.clone()),
            _ => None,
        },
        _ => None,
    }
}

fn link(line: &Line) -> Option<LinkView> {
    match line {
        Line::Update(update) => match &update.change {
            Change::Link(link) => Some(link.clone()),
            _ => None,
        },
        _ => None,
    }
}
