//! The real password store: what is in it and when, and what the person is told when it does not open.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use envoi_engine::keyring::{SystemVault, Vault as _};
use envoi_engine::profile::Profile;
use envoi_protocol::view::{self, Change, PhaseView};
use envoi_tests::eventually;
use envoi_tests::terminal::{Line, Terminal, run};
use envoi_tests::window::Window;
use serde_json::json;

use super::{company, start};

#[tokio::test]
async fn the_token_is_in_the_store_alone_and_only_as_long_as_the_chat_goes_on() {
    let (profile, centre) = company("asynchronous", "").await;
    assert_eq!(entries(profile.path()), 0);
    let window = Window::open(profile.path(), &[]).await;
    start(&window).await;
    // The token, and the key of the archive.
    eventually("the token to be kept", || async { (entries(profile.path()) == 2).then_some(()) }).await;
    window.gone("[data-part=\"memory\"]").await;

    let conversation =
        window.find("[data-conversation]").await.attr("data-conversation").await.unwrap().unwrap();
    let service = Profile::folder(profile.path()).unwrap().keyring_service().to_owned();
    let token = tokio::task::spawn_blocking(move || SystemVault::new(service).get(&conversation));
    let token =
        token.await.unwrap().expect("the store is open").expect("it is under the conversation's name");
    for file in files(profile.path()) {
        let bytes = std::fs::read(&file).unwrap_or_default();
        let found = bytes.windows(token.len()).any(|window| window == token);
        assert!(!found, "the token stands in {}", file.display());
    }

    centre.join("Maya").await;
    centre.act("end", json!({})).await;
    window.part("ended").await;
    eventually("the token to be deleted", || async { (entries(profile.path()) == 1).then_some(()) }).await;
}

#[tokio::test]
async fn without_a_store_the_chat_works_and_says_that_it_is_not_kept() {
    is_not_kept(&[("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent")], "keyring_missing").await;
}

#[tokio::test]
async fn with_a_locked_store_the_chat_works_and_says_that_it_is_not_kept() {
    let bus = LockedBus::start().await;
    is_not_kept(&[("DBUS_SESSION_BUS_ADDRESS", &bus.address)], "keyring_locked").await;
}

#[tokio::test]
async fn the_terminal_client_picks_up_what_a_crash_left_and_its_doctor_is_content() {
    let (profile, centre) = company("asynchronous", "").await;
    let arguments: Vec<&OsStr> = vec![
        OsStr::new("--deployment"),
        OsStr::new("tidewater"),
        OsStr::new("--profile"),
        profile.path().as_os_str(),
    ];
    let doctor = [&[OsStr::new("doctor")], &arguments[..]].concat();
    let report = run(&doctor, &[]).await;
    assert_eq!(report.status.code(), Some(0), "{report:?}");
    assert_eq!(entries(profile.path()), 0, "the doctor leaves nothing behind");

    let mut chat = Terminal::chat(&arguments, &[]);
    let form = [("firstname".to_owned(), "Ann".to_owned())].into();
    chat.wish(&view::Command::Start { form }).await;
    chat.wish(&view::Command::Send { text: "My bill is too high".into() }).await;
    chat.shows("My bill is too high", "\"sent\"").await;
    chat.kill().await;
    centre.join("Maya").await;
    centre.say("Let me see").await;

    // Who always gives the form does not start a kept chat anew, and is not told that it could not be.
    let again = [&arguments[..], &[OsStr::new("--form"), OsStr::new("firstname=Ann")]].concat();
    let mut chat = Terminal::chat(&again, &[]);
    chat.shows("My bill is too high", "\"replayed\":true").await;
    chat.says("Maya's answer or the open chat", |line| match line {
        Line::Update(update) => {
            matches!(update.change, Change::Phase(PhaseView::Open) | Change::People(_)).then_some(())
        }
        _ => None,
    })
    .await;
    chat.wish(&view::Command::End).await;
    let over = |line: &Line| match line {
        Line::Update(update) => matches!(update.change, Change::Phase(PhaseView::Over { .. })).then_some(()),
        _ => None,
    };
    chat.says("the end", over).await;
    let (code, said) = chat.finish().await;
    assert_eq!(code, Some(0));
    assert!(!said.iter().any(|line| matches!(line, Line::Error(_))), "{said:?}");
    assert_eq!(centre.count("My bill is too high").await, 1);
    eventually("the token to be deleted", || async { (entries(profile.path()) == 1).then_some(()) }).await;
}

/// A chat in both directions in an app whose store does not open; and nothing of it after a restart.
async fn is_not_kept(environment: &[(&str, &str)], why: &str) {
    let (profile, centre) = company("asynchronous", "").await;
    let window = Window::open_with(profile.path(), &[], environment).await;
    start(&window).await;
    window.find(&format!("[data-part=\"archive\"][data-why=\"{why}\"]")).await;
    window.picture(why).await;
    window.write("It works all the same").await;
    centre.hears("It works all the same").await;
    centre.join("Maya").await;
    centre.say("So it does").await;
    window.shows("agent", "So it does").await;
    window.kill().await;
    assert_eq!(entries(profile.path()), 0);
    let window = Window::open_with(profile.path(), &[], environment).await;
    window.part("company").await;
    window.gone("[data-part=\"row\"]").await;
}

/// How many entries of this profile are in the desktop's store, asked past our own client.
fn entries(profile: &Path) -> usize {
    let service = Profile::folder(profile).expect("the profile's folder").keyring_service().to_owned();
    let output = Command::new("dbus-send")
        .args(["--session", "--print-reply", "--dest=org.freedesktop.secrets", "/org/freedesktop/secrets"])
        .arg("org.freedesktop.Secret.Service.SearchItems")
        .arg(format!("dict:string:string:service,{service}"))
        .output()
        .expect("dbus-send runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).lines().filter(|line| line.contains("object path")).count()
}

fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).expect("the folder can be read").flatten();
    entries
        .flat_map(|entry| if entry.path().is_dir() { files(&entry.path()) } else { vec![entry.path()] })
        .collect()
}

/// A message bus with a password store that is locked, and nobody who could ask for its password.
struct LockedBus {
    address: String,
    daemons: Vec<Child>,
    _home: tempfile::TempDir,
}

impl LockedBus {
    async fn start() -> Self {
        let home = tempfile::tempdir().expect("a temporary folder");
        let listen = format!("unix:path={}", home.path().join("bus").display());
        let settings = home.path().join("bus.conf");
        let rules =
            "<allow send_destination=\"*\" eavesdrop=\"true\"/><allow eavesdrop=\"true\"/><allow own=\"*\"/>";
        let text = format!(
            "<busconfig><type>session</type><listen>{listen}</listen><auth>EXTERNAL</auth>\
             <policy context=\"default\">{rules}</policy></busconfig>"
        );
        std::fs::write(&settings, text).expect("the folder can be written to");
        let mut bus = Self { address: listen, daemons: Vec::new(), _home: home };
        bus.spawn(Command::new("dbus-daemon").arg("--nofork").arg("--config-file").arg(&settings));
        let socket = bus._home.path().join("bus");
        eventually("the message bus", || async { socket.exists().then_some(()) }).await;
        let mut store = Command::new("gnome-keyring-daemon");
        store.args(["--foreground", "--components=secrets"]);
        for (variable, folder) in [("XDG_RUNTIME_DIR", "run"), ("XDG_DATA_HOME", "data")] {
            let folder = bus._home.path().join(folder);
            std::fs::create_dir(&folder).expect("the folder can be written to");
            store.env(variable, folder);
        }
        bus.spawn(store.env("DBUS_SESSION_BUS_ADDRESS", bus.address.clone()));
        eventually("the password store", || async {
            let asked = Command::new("dbus-send")
                .args([
                    "--session",
                    "--print-reply=literal",
                    "--dest=org.freedesktop.DBus",
                    "/org/freedesktop/DBus",
                ])
                .args(["org.freedesktop.DBus.NameHasOwner", "string:org.freedesktop.secrets"])
                .env("DBUS_SESSION_BUS_ADDRESS", &bus.address)
                .output()
                .ok()?;
            String::from_utf8_lossy(&asked.stdout).contains("true").then_some(())
        })
        .await;
        bus
    }

    fn spawn(&mut self, command: &mut Command) {
        let child = command.stdin(Stdio::null()).spawn().expect("a part of the desktop starts");
        self.daemons.push(child);
    }
}

impl Drop for LockedBus {
    fn drop(&mut self) {
        for daemon in self.daemons.iter_mut().rev() {
            let _ = daemon.kill();
            let _ = daemon.wait();
        }
    }
}
