//! Drives one whole demo conversation in the real window, from the first word to the closing banner, and saves a picture of
//! it: `xtask-screenshot FILE`. Called by `cargo xtask run --virtual-display --screenshot FILE`, which names the programs
//! in the environment.

mod driver;

use std::{
    env, fs, io,
    path::PathBuf,
    process::ExitCode,
    time::{Duration, Instant},
};

use fantoccini::{Client, Locator, error::CmdError};

use crate::driver::Driver;

/// How long the person at the other end may take to answer.
const ANSWER_LIMIT: Duration = Duration::from_secs(30);
/// How long the window may take to come up.
const START_LIMIT: Duration = Duration::from_secs(30);
/// Longer than an agent waits between two sentences of one answer.
const PAUSE: Duration = Duration::from_millis(1500);
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// What the customer writes; the demo's agent answers each, and closes the case after the last.
const WORDS: &[&str] = &[
    "My October bill is much higher than usual.",
    "Yes please. The meter says 4187 right now.",
    "No, that's all. That was quick!",
];
/// What the customer enters when the contact centre asks who they are.
const NICKNAME: &str = "Sam";

/// Longer than any movement of the interface.
const SETTLED: Duration = Duration::from_millis(600);
/// A picture taken earlier can show the frame before.
const TWO_FRAMES: &str =
    "const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(() => done()));";

// How the interface names its parts.
const COMPOSER: &str = "[data-part='composer'] textarea";
const SEND: &str = "[data-part='send']";
const MESSAGE: &str = "[data-part='message']";
const TYPING: &str = "[data-part='typing']";
const CLOSING: &str = "[data-part='closing']";
const START_CHAT: &str = "[data-part='start-chat']";
const FIELDS: &str = "[data-part='entry-form'] input";

/// Why there is no picture.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("usage: xtask-screenshot FILE")]
    Usage,
    #[error("{0} is not set: call this through `cargo xtask run --virtual-display --screenshot FILE`")]
    Environment(&'static str),
    #[error("cannot start {program}: {source}")]
    Start { program: String, source: io::Error },
    #[error("{0} does not answer")]
    Silent(String),
    #[error("cannot open the window: {0}")]
    Session(#[from] fantoccini::error::NewSessionError),
    #[error("the window's driver: {0}")]
    Command(#[from] CmdError),
    #[error("{0} did not happen in time; a picture of the window as it is lies in {file}", file = .1.display())]
    Waited(String, PathBuf),
    #[error("{}: {source}", .path.display())]
    File { path: PathBuf, source: io::Error },
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run().await {
        Ok(file) => {
            println!("screenshot: wrote {}", file.display());
            ExitCode::SUCCESS
        }
        Err(failure) => {
            eprintln!("screenshot: {failure}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<PathBuf, Failure> {
    let file = PathBuf::from(env::args_os().nth(1).ok_or(Failure::Usage)?);
    let app = env::var("ENVOI_APP").map_err(|_| Failure::Environment("ENVOI_APP"))?;
    let profile = tempfile::tempdir().map_err(|source| Failure::File { path: env::temp_dir(), source })?;
    let driver = Driver::start(START_LIMIT).await?;
    let args = ["--demo".to_owned(), "--profile".to_owned(), profile.path().display().to_string()];
    let client = driver.open(&app, &args).await?;

    let window = Window { client, file };
    let ended = window.converse().await;
    let saved = match ended {
        Ok(()) => window.save().await,
        // What the window shows is the best explanation.
        Err(failure) => window.save().await.and(Err(failure)),
    };
    window.client.close().await?;
    saved.map(|()| window.file)
}

/// The app's window and the file that its picture goes to.
struct Window {
    client: Client,
    file: PathBuf,
}

impl Window {
    /// Enters, writes, listens, and stops when the case is closed.
    async fn converse(&self) -> Result<(), Failure> {
        self.enter().await?;
        self.listen("the greeting", 0).await?;
        for words in WORDS {
            let before = self.count(MESSAGE).await?;
            self.client.find(Locator::Css(COMPOSER)).await?.send_keys(words).await?;
            self.client.find(Locator::Css(SEND)).await?.click().await?;
            self.listen(&format!("an answer to “{words}”"), before + 1).await?;
        }
        self.wait("the closing banner", ANSWER_LIMIT, async || Ok(self.count(CLOSING).await? > 0)).await
    }

    /// Waits until there are more than `before` messages, nobody types, and nothing has come for a while.
    async fn listen(&self, what: &str, before: usize) -> Result<(), Failure> {
        let mut last = (before, Instant::now());
        self.wait(what, ANSWER_LIMIT, async || {
            let count = self.count(MESSAGE).await?;
            if count != last.0 || self.count(TYPING).await? > 0 {
                last = (count, Instant::now());
            }
            Ok(count > before && last.1.elapsed() > PAUSE)
        })
        .await
    }

    /// Fills in the entry form if there is one.
    async fn enter(&self) -> Result<(), Failure> {
        self.wait("the window", START_LIMIT, async || {
            Ok(self.count(START_CHAT).await? > 0 || self.count(COMPOSER).await? > 0)
        })
        .await?;
        if self.count(START_CHAT).await? == 0 {
            return Ok(());
        }
        for field in self.client.find_all(Locator::Css(FIELDS)).await? {
            if field.prop("value").await?.is_none_or(|value| value.is_empty()) {
                field.send_keys(NICKNAME).await?;
            }
        }
        self.client.find(Locator::Css(START_CHAT)).await?.click().await?;
        self.wait("the chat", START_LIMIT, async || Ok(self.count(COMPOSER).await? > 0)).await
    }

    async fn count(&self, css: &str) -> Result<usize, Failure> {
        Ok(self.client.find_all(Locator::Css(css)).await?.len())
    }

    async fn wait(
        &self,
        what: &str,
        limit: Duration,
        mut holds: impl AsyncFnMut() -> Result<bool, Failure>,
    ) -> Result<(), Failure> {
        let start = Instant::now();
        while !holds().await? {
            if start.elapsed() > limit {
                return Err(Failure::Waited(what.to_owned(), self.file.clone()));
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
        Ok(())
    }

    /// Takes the picture once the window has drawn what it knows, and nothing moves any more.
    async fn save(&self) -> Result<(), Failure> {
        tokio::time::sleep(SETTLED).await;
        self.client.execute_async(TWO_FRAMES, Vec::new()).await?;
        let picture = self.client.screenshot().await?;
        fs::write(&self.file, picture).map_err(|source| Failure::File { path: self.file.clone(), source })
    }
}
