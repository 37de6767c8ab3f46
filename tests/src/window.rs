//! The real window, held by the web view's own driver.
//!
//! Needs a desktop and the programs named in the environment: `cargo xtask test --only desktop` provides both.

use std::env;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use fantoccini::elements::Element;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};

use crate::{PATIENCE, eventually, screen};

/// A running app. Dropping it kills it.
#[derive(Debug)]
pub struct Window {
    client: Client,
    driver: Driver,
}

#[derive(Debug)]
struct Driver {
    child: Child,
    profile: String,
}

impl Drop for Driver {
    fn drop(&mut self) {
        for process in processes(&self.profile) {
            signal("-KILL", process);
        }
        // The web view's driver is its child and would outlive it.
        let group = format!("-{}", self.child.id());
        let _ = Command::new("kill").args(["-KILL", "--", &group]).status();
        let _ = self.child.wait();
    }
}

/// A variable that `cargo xtask test` sets.
#[must_use]
pub fn provided(key: &str) -> String {
    env::var(key)
        .unwrap_or_else(|_| panic!("{key} is not set: run this through `cargo xtask test --only desktop`"))
}

impl Window {
    /// Starts the app on this profile's folder, with further arguments.
    pub async fn open(profile: &Path, arguments: &[&str]) -> Self {
        Self::open_with(profile, arguments, &[]).await
    }

    /// As [`Window::open`], with these variables in the app's environment.
    pub async fn open_with(profile: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        assert_eq!(provided("ENVOI_DESKTOP"), "1");
        let (port, native) = (free_port(), free_port());
        let child = Command::new(provided("TAURI_DRIVER"))
            .args(["--port", &port.to_string(), "--native-port", &native.to_string()])
            .args(["--native-driver", &provided("WEBKIT_DRIVER")])
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .process_group(0)
            .spawn()
            .expect("tauri-driver starts");
        let profile = profile.display().to_string();
        let driver = Driver { child, profile: profile.clone() };
        for port in [port, native] {
            eventually("the driver to listen", || async move {
                TcpStream::connect((Ipv4Addr::LOCALHOST, port)).ok().map(drop)
            })
            .await;
        }
        let mut args = vec!["--profile", &profile];
        args.extend(arguments);
        let wanted = json!({ "browserName": "wry", "tauri:options": { "application": provided("ENVOI_APP"), "args": args } });
        let mut builder = ClientBuilder::new(HttpConnector::new());
        builder.capabilities(wanted.as_object().cloned().unwrap());
        let client = builder.connect(&format!("http://127.0.0.1:{port}")).await.expect("the window opens");
        Self { client, driver }
    }

    /// The element with this `data-part`, as soon as it is there and shown.
    pub async fn part(&self, name: &str) -> Element {
        self.find(&format!("[data-part=\"{name}\"]")).await
    }

    /// The first element that a selector finds, as soon as it is there and shown.
    pub async fn find(&self, selector: &str) -> Element {
        eventually(&format!("{selector} in the window"), || async {
            let element = self.client.find(Locator::Css(selector)).await.ok()?;
            element.is_displayed().await.ok()?.then_some(element)
        })
        .await
    }

    /// The first element that a selector finds, shown or not.
    pub async fn element(&self, selector: &str) -> Element {
        eventually(&format!("{selector} in the page"), || async {
            self.client.find(Locator::Css(selector)).await.ok()
        })
        .await
    }

    /// Waits until nothing matches a selector.
    pub async fn gone(&self, selector: &str) {
        eventually(&format!("{selector} to go"), || async {
            let found = self.client.find_all(Locator::Css(selector)).await.ok()?;
            found.is_empty().then_some(())
        })
        .await;
    }

    /// Clicks a part.
    pub async fn click(&self, part: &str) {
        self.part(part).await.click().await.expect("it can be clicked");
    }

    /// Writes into the composer and sends.
    pub async fn write(&self, text: &str) {
        let composer = self.find("[data-part=\"composer\"] textarea").await;
        composer.send_keys(text).await.expect("the composer takes keys");
        self.click("send").await;
    }

    /// The texts of all messages, in order, with the role of who wrote them.
    pub async fn messages(&self) -> Vec<(String, String)> {
        let script = "return [...document.querySelectorAll('[data-part=\"message\"]')]\
            .map(m => [m.dataset.role, (m.querySelector('[data-part=\"words\"]') ?? m).textContent.trim()])";
        let found = self.run(script).await;
        serde_json::from_value(found).unwrap_or_default()
    }

    /// Waits until a message of this role and text is shown.
    pub async fn shows(&self, role: &str, text: &str) {
        let wanted = (role.to_owned(), text.to_owned());
        let start = std::time::Instant::now();
        loop {
            let messages = self.messages().await;
            if messages.contains(&wanted) {
                return;
            }
            assert!(start.elapsed() < crate::PATIENCE, "waited in vain for {wanted:?} among {messages:?}");
            tokio::time::sleep(Duration::from_millis(40)).await;
        }
    }

    /// Runs a script in the page.
    pub async fn run(&self, script: &str) -> Value {
        self.client.execute(script, Vec::new()).await.unwrap_or_else(|error| panic!("{script}: {error}"))
    }

    /// Runs a script that calls back in the page.
    pub async fn run_async(&self, script: &str) -> Value {
        self.client
            .execute_async(script, Vec::new())
            .await
            .unwrap_or_else(|error| panic!("{script}: {error}"))
    }

    /// Saves a picture of the window under this name, in the folder of the run's logs.
    pub async fn picture(&self, name: &str) {
        let settled = "const done = arguments[arguments.length - 1]; \
            requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => done(null), 50)))";
        self.run_async(settled).await;
        let picture = screen::picture(self.number());
        let folder = env::var("ENVOI_DESKTOP_LOGS").map_or_else(|_| env::temp_dir(), Into::into);
        std::fs::write(folder.join(format!("{name}.png")), picture).expect("the picture can be saved");
    }

    /// Closes the window by its own button. The first time it explains that this does not quit.
    pub async fn close_by_person(&self) {
        let mut pressed: Option<Instant> = None;
        let start = Instant::now();
        loop {
            assert!(start.elapsed() < PATIENCE, "waited in vain for the window to go, or to explain itself");
            let Some(window) = self.on_screen() else { return };
            if let Ok(explained) = self.client.find(Locator::Css("[data-part=\"got-it\"]")).await
                && explained.click().await.is_ok()
            {
                return;
            }
            // A key that comes while the window is being raised goes to nobody: a person presses it again.
            if pressed.is_none_or(|pressed| pressed.elapsed() > Duration::from_secs(2)) {
                assert!(press(&window, "alt+F4") || !self.is_on_screen());
                pressed = Some(Instant::now());
            }
            tokio::time::sleep(Duration::from_millis(40)).await;
        }
    }

    /// Closes the window by its own button until it asks its question.
    pub async fn ask_to_close(&self, question: &str) {
        let start = Instant::now();
        let mut pressed: Option<Instant> = None;
        loop {
            assert!(start.elapsed() < PATIENCE, "waited in vain for {question}");
            if self.client.find(Locator::Css(question)).await.is_ok() {
                return;
            }
            let window = self.on_screen().expect("it asks before it goes");
            if pressed.is_none_or(|pressed| pressed.elapsed() > Duration::from_secs(2)) {
                press(&window, "alt+F4");
                pressed = Some(Instant::now());
            }
            tokio::time::sleep(Duration::from_millis(40)).await;
        }
    }

    /// Whether the window can be seen on the screen.
    #[must_use]
    pub fn is_on_screen(&self) -> bool {
        self.on_screen().is_some()
    }

    /// The display's number of the window.
    #[must_use]
    pub fn number(&self) -> u32 {
        let number = self.on_screen().and_then(|number| number.parse().ok());
        number.expect("the window is on the screen")
    }

    fn on_screen(&self) -> Option<String> {
        titled("^Envoi$")
    }

    /// Process number of the app.
    #[must_use]
    pub fn process(&self) -> u32 {
        processes(&self.driver.profile).first().copied().expect("the app runs")
    }

    /// Ends the app as a crash does, and its driver with it.
    pub async fn kill(self) {
        self.end("-KILL").await;
    }

    /// Ends the app as the system does at logout.
    pub async fn terminate(self) {
        self.end("-TERM").await;
    }

    /// The driver is not asked to end its session: it would wait for a window that is gone.
    async fn end(self, how: &str) {
        let profile = &self.driver.profile;
        let processes = processes(profile);
        for process in &processes {
            signal(how, *process);
        }
        eventually("the app to be gone", || async {
            processes.iter().all(|process| is_over(*process)).then_some(())
        })
        .await;
    }
}

/// Presses keys in a window; false if that could not be done, for instance because it is gone.
pub fn press(window: &str, keys: &str) -> bool {
    let keys = ["windowactivate", "--sync", window, "key", keys];
    Command::new("xdotool").args(keys).status().expect("xdotool runs").success()
}

/// The display's number of a window whose title is like this, if it can be seen.
#[must_use]
pub fn titled(like: &str) -> Option<String> {
    let output = Command::new("xdotool").args(["search", "--onlyvisible", "--name", like]).output().ok()?;
    String::from_utf8(output.stdout).ok()?.lines().next().map(str::to_owned)
}

/// Processes of the app that run on this profile.
fn processes(profile: &str) -> Vec<u32> {
    let app = provided("ENVOI_APP");
    let Ok(entries) = std::fs::read_dir("/proc") else { return Vec::new() };
    entries
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter(|process: &u32| {
            let line = std::fs::read(format!("/proc/{process}/cmdline")).unwrap_or_default();
            let line = String::from_utf8_lossy(&line).into_owned();
            line.starts_with(&app) && line.split('\0').any(|word| word == profile)
        })
        .collect()
}

/// Whether a process holds nothing any more: its memory goes first, and what it has open a moment later.
#[must_use]
pub fn is_over(process: u32) -> bool {
    let Ok(told) = std::fs::read_to_string(format!("/proc/{process}/stat")) else { return true };
    told.rsplit(')').next().is_some_and(|rest| rest.trim_start().starts_with(['Z', 'X']))
}

fn signal(signal: &str, process: u32) {
    let _ = Command::new("kill").args([signal, &process.to_string()]).status();
}

fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .expect("a free port")
        .port()
}
