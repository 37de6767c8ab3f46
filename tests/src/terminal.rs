//! The terminal client as another program runs it: commands in and updates out, one JSON line each.

use std::ffi::OsStr;
use std::process::{Output, Stdio};
use std::sync::Arc;

use envoi_protocol::view::{Change, Command as Wish, Item, Snapshot, Update};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use crate::{PATIENCE, program};

/// A line that it says, in the interface's own vocabulary.
#[derive(Debug, Clone)]
pub enum Line {
    /// Everything anew.
    Snapshot(Box<Snapshot>),
    /// One step further.
    Update(Box<Update>),
    /// The line of this number that it was told was carried out.
    Done(u64),
    /// Why a line that it was told was not carried out.
    Error(Value),
}

impl Line {
    /// The items that it tells of.
    #[must_use]
    pub fn items(&self) -> Vec<Arc<Item>> {
        match self {
            Self::Snapshot(snapshot) => snapshot.items.clone(),
            Self::Update(update) => match &update.change {
                Change::Items(items) => items.put.iter().map(|placed| placed.item.clone()).collect(),
                _ => Vec::new(),
            },
            Self::Done(_) | Self::Error(_) => Vec::new(),
        }
    }

    fn read(text: &str) -> Result<Self, serde_json::Error> {
        let value: Value = serde_json::from_str(text)?;
        if let Some(snapshot) = value.get("snapshot") {
            Ok(Self::Snapshot(serde_json::from_value(snapshot.clone())?))
        } else if let Some(number) = value.pointer("/done/line").and_then(Value::as_u64) {
            Ok(Self::Done(number))
        } else if let Some(error) = value.get("error") {
            Ok(Self::Error(error.clone()))
        } else {
            Ok(Self::Update(serde_json::from_value(value)?))
        }
    }
}

/// A running chat in JSON lines. Dropping it kills it.
#[derive(Debug)]
pub struct Terminal {
    child: Child,
    input: Option<ChildStdin>,
    output: Lines<BufReader<ChildStdout>>,
    said: Vec<Line>,
    told: u64,
}

impl Terminal {
    /// `envoi-cli chat --json` with further arguments and variables.
    #[must_use]
    pub fn chat(arguments: &[&OsStr], environment: &[(&str, &str)]) -> Self {
        let mut child = command(environment)
            .args(["chat", "--json"])
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("envoi-cli starts");
        let input = child.stdin.take();
        let output = BufReader::new(child.stdout.take().expect("its output is piped")).lines();
        Self { child, input, output, said: Vec::new(), told: 0 }
    }

    /// Wishes something. Gives back the number of the line that says so.
    pub async fn wish(&mut self, wish: &Wish) -> u64 {
        let line = serde_json::to_string(wish).expect("a command can be written");
        self.tell(&line).await
    }

    /// Says any line to it. Gives back the line's number.
    pub async fn tell(&mut self, line: &str) -> u64 {
        let input = self.input.as_mut().expect("its input is open");
        input.write_all(format!("{line}\n").as_bytes()).await.expect("it listens");
        self.told += 1;
        self.told
    }

    /// Hears what it says until this moment.
    pub async fn listen(&mut self, until: tokio::time::Instant) {
        let ended = tokio::time::timeout_at(until, async { while self.line().await.is_some() {} }).await;
        assert!(ended.is_err(), "it ended by itself after {:#?}", self.said);
    }

    /// Asks for the whole conversation.
    pub async fn snapshot(&mut self) -> Snapshot {
        self.tell("{\"do\":\"snapshot\"}").await;
        self.says("a snapshot", |line| match line {
            Line::Snapshot(snapshot) => Some((**snapshot).clone()),
            _ => None,
        })
        .await
    }

    /// Waits for a line like this.
    pub async fn says<T>(&mut self, what: &str, mut pick: impl FnMut(&Line) -> Option<T>) -> T {
        loop {
            let Ok(line) = tokio::time::timeout(PATIENCE, self.line()).await else {
                panic!("waited in vain for {what} after {:#?}", self.said)
            };
            let line = line.unwrap_or_else(|| panic!("it ended without {what} after {:#?}", self.said));
            if let Some(found) = pick(&line) {
                return found;
            }
        }
    }

    /// Waits until it says something about an item with these words that also fits.
    pub async fn shows(&mut self, text: &str, fits: &str) {
        self.says(&format!("{text:?} with {fits:?}"), |line| {
            let items = line.items();
            let told = items.iter().map(|item| serde_json::to_string(item).unwrap_or_default());
            told.into_iter().find(|told| told.contains(text) && told.contains(fits)).map(drop)
        })
        .await;
    }

    /// Ends its input, and gives back its exit code and everything that it ever said.
    pub async fn finish(mut self) -> (Option<i32>, Vec<Line>) {
        drop(self.input.take());
        let ending = async {
            while self.line().await.is_some() {}
            self.child.wait().await.expect("it can be waited for").code()
        };
        let code = tokio::time::timeout(PATIENCE, ending).await.expect("it ends with its input");
        (code, self.said)
    }

    /// Ends it as a crash does. Gives back everything that it ever said; its last words may have been cut short.
    pub async fn kill(mut self) -> Vec<Line> {
        self.child.kill().await.expect("it ran");
        while let Some(text) = self.output.next_line().await.expect("it says text") {
            match Line::read(&text) {
                Ok(line) => self.said.push(line),
                Err(why) if why.is_eof() => break,
                Err(why) => panic!("not a line ({why}): {text}"),
            }
        }
        self.said
    }

    async fn line(&mut self) -> Option<Line> {
        let text = self.output.next_line().await.expect("it says text")?;
        let line = Line::read(&text).unwrap_or_else(|why| panic!("not a line ({why}): {text}"));
        self.said.push(line.clone());
        Some(line)
    }
}

/// Runs `envoi-cli` to its end.
pub async fn run(arguments: &[&OsStr], environment: &[(&str, &str)]) -> Output {
    let running = command(environment).args(arguments).stdin(Stdio::null()).output();
    tokio::time::timeout(PATIENCE, running).await.expect("it ends").expect("envoi-cli starts")
}

fn command(environment: &[(&str, &str)]) -> Command {
    let mut command = Command::new(program("envoi-cli"));
    command.envs(environment.iter().copied()).env("LC_ALL", "C.UTF-8").env_remove("ENVOI_LOG");
    command
}
