//! Starting and stopping, as a library and as a program.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::time::Duration;

use envoi_sandbox::{Directory, Error, Options, Sandbox, Script};

use crate::harness::*;

#[tokio::test]
async fn only_loopback_is_listened_on() {
    let listen = "0.0.0.0:0".parse().unwrap();
    let error = Sandbox::start(Options { listen, ..options() }).await.unwrap_err();
    assert!(matches!(error, Error::NotLoopback(_)));
    assert!(error.to_string().contains("127.0.0.1"), "{error}");
}

#[tokio::test]
async fn a_taken_port_and_odd_options_are_named() {
    let centre = centre().await;
    let listen = centre.origin().trim_start_matches("http://").parse().unwrap();
    let error = Sandbox::start(Options { listen, ..options() }).await.unwrap_err();
    assert!(matches!(error, Error::Listen { .. }), "{error}");
    let error = Sandbox::start(Options { speed: 0.0, ..options() }).await.unwrap_err();
    assert!(error.to_string().contains("speed"), "{error}");
    let error = Sandbox::start(Options { api_keys: Vec::new(), ..options() }).await.unwrap_err();
    assert!(error.to_string().contains("API key"), "{error}");
}

#[tokio::test]
async fn a_script_with_a_mistake_is_named_with_file_and_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("story.toml");
    std::fs::write(&path, "[[rule]]\non = \"start\"\nsteps = [\n  { sing = 1 },\n]\n").unwrap();
    let script = Script::File(path.clone());
    let error = Sandbox::start(Options { script, ..options() }).await.unwrap_err().to_string();
    assert!(error.starts_with(&format!("{}:4:", path.display())) && error.contains("sing"), "{error}");
    let script = Script::File(folder.path().join("missing.toml"));
    let error = Sandbox::start(Options { script, ..options() }).await.unwrap_err().to_string();
    assert!(error.contains("missing.toml"), "{error}");
}

#[tokio::test]
async fn a_stopped_or_dropped_sandbox_answers_nobody_and_cuts_open_polls() {
    for stop in [true, false] {
        let centre = centre().await;
        centre.set(serde_json::json!({ "poll_hold_ms": 20_000 })).await;
        let customer = centre.customer().await;
        customer.messages("").await;
        let base = centre.base().to_owned();
        let poll = customer.request(reqwest::Method::GET, "/messages").send();
        let (poll, http) = tokio::join!(poll, async {
            centre.log("on=poll&open=true").await;
            let Centre { running, http, .. } = centre;
            if stop {
                running.stop().await;
            } else {
                drop(running);
            }
            http
        });
        poll.unwrap_err();
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert!(http.get(base).send().await.unwrap_err().is_connect());
    }
}

#[tokio::test]
async fn the_same_seed_gives_the_same_ids() {
    let first = centre().await.customer().await.token;
    assert_eq!(first, centre().await.customer().await.token);
    let other = start(Options { seed: None, ..options() }).await.customer().await.token;
    assert_ne!(first, other);
}

#[cfg(unix)]
#[tokio::test]
async fn the_program_prints_one_line_serves_and_stops() {
    let mut program = Command::new(env!("CARGO_BIN_EXE_envoi-sandbox"))
        .args(["serve", "--listen", "127.0.0.1:0", "--script", "none", "--api-key", "k1", "--api-key", "k2"])
        .args(["--endpoint", "Billing", "--poll-hold-ms", "100", "--seed", "3"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(program.stdout.take().unwrap()).lines();
    let directory: Directory = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
    assert!(directory.services["digital_channels"].ends_with("/nexus/v3/chat/sessions"));
    assert_eq!(
        (directory.api_keys, directory.endpoints),
        (vec!["k1".into(), "k2".into()], vec!["Billing".into()])
    );
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    assert_eq!(http.get(&directory.control).send().await.unwrap().status(), 200);
    assert_eq!(http.get(&directory.console).send().await.unwrap().status(), 200);
    let stopped = Command::new("kill").arg(program.id().to_string()).status().unwrap();
    assert!(stopped.success());
    assert!(program.wait().unwrap().success());
    assert!(lines.next().is_none(), "nothing else is printed");
}

#[test]
fn the_program_refuses_what_it_cannot_do() {
    let run = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_envoi-sandbox")).args(arguments).output().unwrap();
        (output.status.success(), String::from_utf8(output.stderr).unwrap())
    };
    let (good, error) = run(&["serve", "--listen", "0.0.0.0:0"]);
    assert!(!good && error.contains("not a loopback address"), "{error}");
    let (good, error) = run(&["serve", "--script", "nowhere.toml"]);
    assert!(!good && error.contains("nowhere.toml"), "{error}");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("story.toml");
    std::fs::write(&path, "[[rule]]\non = \"start\"\nsteps = [{ wait = 1 }]\n").unwrap();
    assert!(run(&["check", path.to_str().unwrap()]).0);
}
