//! Starting and stopping, as a library and as a program.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::time::Duration;

use envoi_sandbox::{Directory, Error, Options, Sandbox, Script, Secure};

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

#[tokio::test]
async fn over_tls_services_speak_http_2_and_only_to_whoever_trusts_their_certificate() {
    let folder = tempfile::tempdir().unwrap();
    let certificate = folder.path().join("certificate.pem");
    let secure = Some(Secure { listen: options().listen, certificate: certificate.clone() });
    let centre = start(Options { secure, ..options() }).await;
    let directory = centre.running.directory();
    assert_eq!(directory.certificate.as_ref(), Some(&certificate));
    assert!(
        directory
            .services
            .values()
            .all(|address| address.starts_with("https://") || address.starts_with("wss://"))
    );
    let (control, base) = (&directory.control, &directory.services["digital_channels"]);
    assert!(centre.http.get(base).send().await.unwrap_err().is_connect(), "nobody vouches for it");
    assert_eq!(centre.http.get(control).send().await.unwrap().status(), 200);

    let pem = std::fs::read(&certificate).unwrap();
    let trusted = reqwest::Certificate::from_pem(&pem).unwrap();
    let http = reqwest::Client::builder().no_proxy().tls_certs_merge([trusted]).build().unwrap();
    let form = [("data[endpoint]", "Support"), ("data[nickname]", "Ann"), ("operationId", "op-1")];
    let start = http.post(base).header("x-api-key", "sandbox-key").form(&form);
    let answer = start.send().await.unwrap();
    assert_eq!((answer.status().as_u16(), answer.version()), (200, reqwest::Version::HTTP_2));
    assert!(!http.get(format!("{}/control", centre.origin())).send().await.unwrap().status().is_success());
}

#[tokio::test]
async fn a_certificate_that_cannot_be_written_is_named() {
    let certificate = tempfile::tempdir().unwrap().path().join("gone").join("certificate.pem");
    let secure = Some(Secure { listen: options().listen, certificate });
    let error = Sandbox::start(Options { secure, ..options() }).await.unwrap_err();
    assert!(matches!(error, Error::Certificate { .. }) && error.to_string().contains("gone"), "{error}");
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
