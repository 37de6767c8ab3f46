//! Decode and reduce: poll answers as bytes in, a de-duplicated timeline with presence, phases and numbered updates out, on
//! one core. The peer is Node: `JSON.parse` and de-duplication in a `Map`, which is what a plain client does. Both begin with
//! the bytes of an answer as the network gives them, and both have a list of what is new after each. Somebody looks at the
//! chat: the peer gathers no notifications.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Lines, Write};
use std::process::{Child, ChildStdout, Command as Process, Stdio};
use std::time::Instant;

use envoi_protocol::attention::Watching;
use envoi_protocol::io::{CallId, HttpReply, Moment, Now};
use envoi_protocol::session::{Input, Output, Preferences, Session, Setup};
use envoi_protocol::transports;
use envoi_protocol::view::{Command, DeploymentView};
use serde_json::json;
use tempfile::TempDir;

use crate::median;

/// Answers in one round.
const ANSWERS: usize = 800;
/// Entries in one answer; every tenth was there before.
const ENTRIES: usize = 25;
/// Rounds of each side, by turns, so that a busy computer slows both; the median counts.
const ROUNDS: usize = 9;

pub(crate) fn run() {
    let bodies = bodies();
    let megabytes = bodies.iter().map(String::len).sum::<usize>() as f64 / 1e6;
    let mut node = Node::start(&bodies);
    let (mut ours, mut peer, mut rows) = (Vec::new(), Vec::new(), 0);
    for _ in 0..ROUNDS {
        let (seconds, kept) = reduce(&bodies);
        let (peer_seconds, peer_kept) = node.round();
        assert_eq!(kept, peer_kept, "both sides keep the same entries");
        rows = kept;
        ours.push(seconds);
        peer.push(peer_seconds);
    }
    let (ours, peer) = (median(ours), median(peer));
    let entries = (ANSWERS * ENTRIES) as f64;
    println!("reduce: {ANSWERS} answers, {entries} entries, {megabytes:.1} MB, {rows} rows kept");
    println!("  envoi  {:>10.0} entries/s  {:>7.1} MB/s", entries / ours, megabytes / ours);
    println!("  node   {:>10.0} entries/s  {:>7.1} MB/s", entries / peer, megabytes / peer);
    println!("  ratio  {:.2} (goal: at least 2)", peer / ours);
}

/// Answers as the service gives them: texts of usual length, typing now and then, and some entries twice.
fn bodies() -> Vec<String> {
    let mut rng = fastrand::Rng::with_seed(11);
    let words = [
        "the",
        "meter",
        "reading",
        "was",
        "an",
        "estimate",
        "so",
        "your",
        "bill",
        "is",
        "corrected",
        "today",
        "Zähler",
        "£64.20",
    ];
    let mut past = Vec::new();
    let mut at = 1_767_607_200_000_u64;
    let answer = |_| {
        let messages: Vec<_> = (0..ENTRIES)
            .map(|_| {
                if !past.is_empty() && rng.u8(0..10) == 0 {
                    return serde_json::Value::clone(&past[rng.usize(..past.len())]);
                }
                at += rng.u64(1..4_000);
                let index = format!("{at}-{}", rng.u8(0..14));
                let text: Vec<_> = (0..rng.usize(4..18)).map(|_| words[rng.usize(..words.len())]).collect();
                let entry = json!({
                    "type": "Text", "text": text.join(" "), "index": index, "streamId": index,
                    "from": { "participantId": "6a7b1c52-93de-4a40-8d8e-55f3f2f9a4c1", "type": "Agent", "nickname": "Maya" },
                    "visibility": "All", "id": format!("00000000-0000-4000-8000-{:012x}", rng.u32(..)), "utcTime": "2026-01-05T10:00:03.012Z",
                });
                past.push(entry.clone());
                entry
            })
            .collect();
        let last = messages.last().map(|entry| entry["index"].clone());
        json!({ "status": { "code": "SUCCESS" }, "operationId": "op", "referenceId": "ref",
            "data": { "messages": messages, "lastDeliveredIndex": last, "chatEnded": false } })
        .to_string()
    };
    (0..ANSWERS).map(answer).collect()
}

/// Seconds for one round, and the rows of the timeline afterwards.
fn reduce(bodies: &[String]) -> (f64, usize) {
    let mut chat = Chat::joined();
    let replies: Vec<_> = bodies.iter().map(|body| reply(body.clone())).collect();
    let start = Instant::now();
    for reply in replies {
        chat.answer_poll(reply);
    }
    let seconds = start.elapsed().as_secs_f64();
    (seconds, chat.session.snapshot(chat.now).items.len())
}

/// The peer, which does one round for each line that it is given.
struct Node {
    process: Child,
    answers: Lines<BufReader<ChildStdout>>,
    _folder: TempDir,
}

impl Node {
    fn start(bodies: &[String]) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = folder.path().join("bodies.jsonl");
        std::fs::write(&file, bodies.join("\n")).expect("the bodies can be written");
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/bench/reduce.mjs");
        let mut node = Process::new("node");
        node.arg(script).arg(&file).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = node.spawn().expect("node runs");
        let answers = BufReader::new(process.stdout.take().expect("it is piped")).lines();
        Self { process, answers, _folder: folder }
    }

    /// Seconds for one round, and the rows kept.
    fn round(&mut self) -> (f64, usize) {
        let stdin = self.process.stdin.as_mut().expect("it is piped");
        stdin.write_all(b"\n").expect("node waits for the next round");
        let answer = self.answers.next().expect("node answers").expect("node prints text");
        let (nanoseconds, rows) = answer.split_once(' ').expect("two numbers");
        (nanoseconds.parse::<f64>().unwrap() / 1e9, rows.parse().unwrap())
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}

fn reply(body: String) -> HttpReply {
    let content_type = "application/json".to_owned();
    HttpReply { status: 200, content_type, retry_after: None, cookies: Vec::new(), body: body.into_bytes() }
}

/// A chat whose network is this program.
struct Chat {
    session: Session,
    now: Now,
    call: Option<CallId>,
}

impl Chat {
    fn joined() -> Self {
        let settings = json!({ "url": "https://chat.example/nexus/v3/chat/sessions", "endpoint": "Support", "api_key": "k" });
        let service = transports::named("digital_channels").expect("it is in the registry");
        let transport =
            (service.build)(settings.as_object().unwrap(), true, &1.into()).expect("the settings are good");
        let deployment = DeploymentView {
            id: "t".into(),
            name: "T".into(),
            brand: None,
            asynchronous: true,
            pictures: true,
            form: Vec::new(),
            demo: false,
            keep: None,
            available: true,
            editable: false,
        };
        let setup = Setup {
            conversation: "t-1".into(),
            deployment: deployment.into(),
            closing_text: None,
            guard: true,
            closes_window: false,
            typing_preview: false,
            user_data: BTreeMap::new(),
            hidden: Vec::new(),
            preferences: Preferences::default(),
            token: None,
            created: 1_767_607_200_000,
            keeps: true,
            stored: None,
            seed: 1.into(),
        };
        let now = Now { at: Moment(0), wall: 1_767_607_200_000 };
        let mut chat = Self { session: Session::new(setup, transport), now, call: None };
        let form = BTreeMap::from([("firstname".to_owned(), "Ann".to_owned())]);
        chat.feed(Input::Command(Command::Start { form }));
        // {"sessionId":"S1","transportId":"T1","participantId":"P1"}
        let claims = "eyJzZXNzaW9uSWQiOiJTMSIsInRyYW5zcG9ydElkIjoiVDEiLCJwYXJ0aWNpcGFudElkIjoiUDEifQ";
        let body = json!({ "status": { "code": "SUCCESS" }, "data": { "clientToken": format!("e30.{claims}.c2ln") } });
        chat.answer(reply(body.to_string()));
        chat.feed(Input::Remembered(Ok(())));
        chat.feed(Input::Watching(Watching { shown: true, focused: true }));
        chat
    }

    fn answer_poll(&mut self, body: HttpReply) {
        while self.call.is_none() {
            let deadline = self.session.deadline().expect("a chat that runs polls again");
            self.now.at = self.now.at.max(deadline.at);
            self.feed(Input::Tick);
        }
        self.now.at.0 += 1;
        self.answer(body);
    }

    fn answer(&mut self, reply: HttpReply) {
        let call = self.call.take().expect("a call is open");
        self.feed(Input::Reply { call, result: Ok(reply) });
    }

    fn feed(&mut self, input: Input) {
        self.session.handle(self.now, input);
        while let Some(output) = self.session.poll() {
            match output {
                Output::Call(call) => self.call = Some(call.id),
                Output::Cancel(_) => self.call = None,
                // What an archive costs is measured by itself.
                Output::Commit(commit) => {
                    std::hint::black_box(commit);
                    self.session.handle(self.now, Input::Committed(Ok(())));
                }
                other => {
                    std::hint::black_box(other);
                }
            }
        }
    }
}
