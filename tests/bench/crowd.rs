//! A process that holds many chats at once and does nothing else, so that its memory and its processor time are those of the
//! chats. The benchmark program starts itself once more for it, and hears in lines of JSON how far it is.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use envoi_engine::clock::SystemClock;
use envoi_engine::inbox::{Inbox, Options, World};
use envoi_engine::keyring::{Vault, VaultError};
use envoi_engine::net::http::HttpNetworks;
use envoi_engine::profile::Profile;
use envoi_protocol::view::{Command, PhaseView};
use envoi_tests::centre::Centre;
use futures_util::{StreamExt as _, stream};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader};

use crate::bare;

/// The word with which this program is called again.
pub(crate) const WORD: &str = "crowd";

/// Chats that begin at the same time.
const AT_ONCE: usize = 32;

/// How a crowd is measured.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Watch {
    /// From the last start until it counts.
    pub(crate) settle: Duration,
    /// How long it counts.
    pub(crate) window: Duration,
}

/// What a process came to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cost {
    /// Resident bytes that the chats added to a process with one.
    pub(crate) memory: u64,
    /// Processor time in the window.
    pub(crate) time: Duration,
}

/// The chats of a profile whose companies stand in this file of companies, in a process of its own.
pub(crate) async fn ours(deployments: &str, watch: Watch, on: impl AsyncFnMut(&str)) -> Cost {
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::write(folder.path().join("deployments.toml"), deployments).expect("the profile can be written");
    let mut command = again(WORD);
    command.arg(folder.path()).args(seconds(watch));
    cost(command, on).await
}

/// As many bare sessions of a Bayeux server, in a process of its own.
pub(crate) async fn floor(
    kind: bare::Kind,
    centre: &Centre,
    count: usize,
    watch: Watch,
    on: impl AsyncFnMut(&str),
) -> Cost {
    let mut command = again(bare::WORD);
    command.arg(kind.word()).arg(centre.service("gms_cometd")).arg(count.to_string()).args(seconds(watch));
    command.args(centre.certificate());
    cost(command, on).await
}

/// This program once more.
fn again(word: &str) -> tokio::process::Command {
    let program = std::env::current_exe().expect("this program has a place");
    let mut command = tokio::process::Command::new(program);
    command.arg(word);
    command
}

/// A program of `tests/peers` that says the same lines. `None` if its packages are not installed.
pub(crate) async fn peer(
    name: &str,
    arguments: &[String],
    certificate: Option<PathBuf>,
    watch: Watch,
    on: impl AsyncFnMut(&str),
) -> Option<Cost> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers");
    if !folder.join("node_modules").is_dir() {
        println!("  {name} is left out: its packages are not installed, `npm ci` in tests/peers does that");
        return None;
    }
    let mut command = tokio::process::Command::new("node");
    command.arg(folder.join(name)).args(arguments).args(seconds(watch));
    command.envs(certificate.map(|file| ("NODE_EXTRA_CA_CERTS", file)));
    Some(cost(command, on).await)
}

fn seconds(watch: Watch) -> [String; 2] {
    [watch.settle, watch.window].map(|time| time.as_secs().to_string())
}

/// Runs it to its end; `on` hears each of its words when it says them.
async fn cost(mut command: tokio::process::Command, mut on: impl AsyncFnMut(&str)) -> Cost {
    let mut child =
        command.stdout(Stdio::piped()).stdin(Stdio::null()).kill_on_drop(true).spawn().expect("it starts");
    let mut lines = BufReader::new(child.stdout.take().expect("its output is piped")).lines();
    let mut heard: BTreeMap<String, Value> = BTreeMap::new();
    while let Some(line) = lines.next_line().await.expect("it says text") {
        let line: Value = serde_json::from_str(&line).expect("every line is JSON");
        let word = line["at"].as_str().expect("a line says where it is").to_owned();
        on(&word).await;
        heard.insert(word, line);
    }
    let number = |word: &str, name: &str| {
        heard.get(word).and_then(|line| line[name].as_u64()).unwrap_or_else(|| panic!("it never said {word}"))
    };
    let time = number("end", "cpu_us") - number("begin", "cpu_us");
    Cost {
        memory: number("end", "rss").saturating_sub(number("start", "rss")),
        time: Duration::from_micros(time),
    }
}

/// The process itself: a chat with each company of the profile in this folder.
pub(crate) fn run(arguments: &[String]) {
    let [folder, settle, window] = arguments else { panic!("a folder and two times in seconds") };
    let [settle, window] = [settle, window].map(|text| Duration::from_secs(text.parse().expect("seconds")));
    // As in the app.
    let runtime = envoi_engine::runtime::start().expect("a runtime");
    runtime.block_on(hold(PathBuf::from(folder), Watch { settle, window }));
}

async fn hold(folder: PathBuf, watch: Watch) {
    let world = World {
        networks: Arc::new(HttpNetworks::new()),
        vault: Arc::new(Elsewhere(folder.join("passwords"))),
        clock: Arc::new(SystemClock::start()),
    };
    let profile = Profile::folder(&folder).expect("a profile");
    let inbox = Inbox::open(profile, world, Options::default()).await.expect("it opens");
    let mut companies: Vec<String> =
        inbox.app_view().deployments.iter().map(|company| company.id.clone()).collect();
    assert!(!companies.is_empty(), "the file of companies can be read: {:?}", inbox.app_view().config_faults);
    // One more costs what it costs once the program is there: the first brings its code into memory, and the archive's buffers.
    begin(&inbox, companies.remove(0)).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    say("start");
    stream::iter(companies).for_each_concurrent(AT_ONCE, |company| begin(&inbox, company)).await;
    tokio::time::sleep(watch.settle).await;
    say("begin");
    tokio::time::sleep(watch.window).await;
    say("end");
    inbox.close().await;
}

/// The password store is another process in truth, whose memory is not ours; here each secret is a file.
#[derive(Debug)]
struct Elsewhere(PathBuf);

impl Elsewhere {
    fn file(&self, account: &str) -> PathBuf {
        self.0.join(account.replace(|letter: char| !letter.is_ascii_alphanumeric(), "_"))
    }
}

impl Vault for Elsewhere {
    fn get(&self, account: &str) -> Result<Option<Vec<u8>>, VaultError> {
        match std::fs::read(self.file(account)) {
            Err(fault) if fault.kind() == ErrorKind::NotFound => Ok(None),
            read => read.map(Some).map_err(|fault| failed(&fault)),
        }
    }

    fn set(&self, account: &str, secret: &[u8]) -> Result<(), VaultError> {
        std::fs::create_dir_all(&self.0)
            .and_then(|()| std::fs::write(self.file(account), secret))
            .map_err(|fault| failed(&fault))
    }

    fn delete(&self, account: &str) -> Result<(), VaultError> {
        match std::fs::remove_file(self.file(account)) {
            Err(fault) if fault.kind() != ErrorKind::NotFound => Err(failed(&fault)),
            _ => Ok(()),
        }
    }
}

fn failed(fault: &std::io::Error) -> VaultError {
    VaultError::Failed(fault.to_string())
}

async fn begin(inbox: &Inbox, company: String) {
    let id = inbox.open_conversation(&company).expect("a conversation");
    let conversation = inbox.conversation(&id).expect("it is there");
    let form = BTreeMap::from([("firstname".to_owned(), "Ann".to_owned())]);
    conversation.command(Command::Start { form }).await.expect("it starts");
    for _ in 0..1_000 {
        let snapshot = conversation.snapshot().await.expect("it runs");
        if snapshot.phase == PhaseView::Open {
            return;
        }
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
    panic!("a chat with {company} did not begin: {:?}", conversation.snapshot().await);
}

/// Tells how far it is, and what it has cost so far.
pub(crate) fn say(word: &str) {
    println!("{}", json!({ "at": word, "rss": resident(), "cpu_us": processor_time().as_micros() as u64 }));
}

/// Resident bytes of this process.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("the system tells it");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("it has resident memory");
    let kilobytes: u64 = line.trim().trim_end_matches(" kB").parse().expect("in kilobytes");
    kilobytes * 1_024
}

/// Processor time of this process, also of threads that have ended; in steps of ten milliseconds, as the system counts it.
fn processor_time() -> Duration {
    let line = std::fs::read_to_string("/proc/self/stat").expect("the system tells it");
    // Behind the name, which may hold anything, stand the state and ten numbers, and then those of both kinds of time.
    let (_, numbers) = line.rsplit_once(')').expect("it has a name");
    let ticks = numbers.split_whitespace().skip(11).take(2).filter_map(|number| number.parse::<u64>().ok());
    Duration::from_millis(ticks.sum::<u64>() * 10)
}
