//! The same run with a plain client, which is a program of its own: `naive.mjs`.

use std::process::Stdio;
use std::time::{Duration, Instant};

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use super::{Account, Ground, Help, Outcome, Plan, agents, judge};
use crate::way::Way;

/// It sends again for ever: beyond this it is broken, or we are.
const LIMIT: Duration = Duration::from_secs(30 * 60);

/// Makes the run, and counts.
pub async fn naive(way: Way, plan: Plan) -> Outcome {
    let ground = Ground::lay(way, plan).await;
    let name = |person: usize| format!("Norm {person}");
    let mut client = Client::start();
    let people = ground
        .addresses
        .iter()
        .enumerate()
        .map(|(person, url)| json!({ "url": url, "name": name(person), "words": plan.words(person) }));
    let limit = |name: &str| {
        let settings = way.hasty_settings(&ground.centre, "", None);
        settings.iter().find(|(setting, _)| *setting == name).and_then(|(_, value)| value.as_integer())
    };
    client
        .tell(&json!({
            "service": way.service,
            "request_timeout_ms": limit("request_timeout_ms"),
            "poll_timeout_ms": limit("poll_timeout_ms"),
            "people": people.collect::<Vec<_>>(),
        }))
        .await;
    client.says("ready").await;
    let chats = ground.chats(name).await;

    let begun = Instant::now();
    ground.begin();
    let to_write: Vec<_> =
        chats.iter().cloned().enumerate().map(|(person, chat)| (chat, plan.share(person))).collect();
    let agents = agents::write(&ground.centre, &to_write, plan.seed);
    client.tell(&json!("go")).await;
    client.says("written").await;
    agents.join_all().await;
    client.tell(&json!("last")).await;
    let said: Vec<Said> = client.hear().await;
    let took = begun.elapsed();
    let account = |(person, said): (usize, Said)| Account {
        wrote: plan.words(person),
        sent: said.sent,
        shown: said.shown.into_iter().map(|text| (false, text)).collect(),
        shows_own: false,
        moved: std::collections::HashSet::new(),
        unsettled: 0,
        help: Help::default(),
    };
    let accounts: Vec<_> = said.into_iter().enumerate().map(account).collect();
    judge(&ground, &chats, &accounts, took).await
}

/// What it says of one person.
#[derive(Debug, Deserialize)]
struct Said {
    sent: Vec<String>,
    shown: Vec<String>,
}

struct Client {
    _child: Child,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
}

impl Client {
    fn start() -> Self {
        let mut child = Command::new("node")
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/src/wire/naive.mjs"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("node runs");
        let input = child.stdin.take().expect("its input is piped");
        let output = child.stdout.take().expect("its output is piped");
        Self { _child: child, input, output: BufReader::new(output).lines() }
    }

    async fn tell(&mut self, word: &Value) {
        self.input.write_all(format!("{word}\n").as_bytes()).await.expect("it listens");
    }

    async fn says(&mut self, word: &str) {
        let said: String = self.hear().await;
        assert_eq!(said, word);
    }

    async fn hear<T: DeserializeOwned>(&mut self) -> T {
        let line = tokio::time::timeout(LIMIT, self.output.next_line()).await.expect("it comes to an end");
        let line = line.expect("it says text").expect("it does not end before its account");
        serde_json::from_str(&line).expect("it says what is asked")
    }
}
