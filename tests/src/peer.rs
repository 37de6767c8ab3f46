//! Programs of others that Envoi is tried against, in `tests/peers`: each is started with Node, is told what to do and tells what
//! happens in lines of JSON. And Envoi's own Bayeux client without a chat around it, over real requests.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use envoi_protocol::io::{Body, CallId, HeaderValue, HttpCall, HttpReply, IoFault, Moment, Now};
use envoi_protocol::kit::bayeux::{Client, Options, Output};
use envoi_protocol::token::Secret;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::mpsc;
use tokio::task::AbortHandle;

/// Whatever a test waits for has come by then, or never comes.
const PATIENCE: Duration = Duration::from_secs(60);

/// A program of somebody else.
#[derive(Debug)]
pub struct Peer {
    _child: Child,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
}

impl Peer {
    /// Starts a program of `tests/peers`.
    ///
    /// # Panics
    /// If its packages are not installed: `cargo xtask test` sees to that.
    #[must_use]
    pub fn start(program: &str, arguments: &[&str]) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers");
        assert!(
            folder.join("node_modules").is_dir(),
            "the packages of {} are missing; run `npm ci` there, or `cargo xtask test`",
            folder.display()
        );
        let mut child = Command::new("node")
            .arg(folder.join(program))
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("node runs");
        let input = child.stdin.take().expect("its input is piped");
        let output = BufReader::new(child.stdout.take().expect("its output is piped")).lines();
        Self { _child: child, input, output }
    }

    /// Tells it what to do.
    ///
    /// # Panics
    /// If it does not listen any more.
    pub async fn tell(&mut self, word: &Value) {
        self.input.write_all(format!("{word}\n").as_bytes()).await.expect("it listens");
    }

    /// The next line for which this is so; what comes before it is passed over.
    ///
    /// # Panics
    /// If there is none.
    pub async fn says(&mut self, what: &str, mut so: impl FnMut(&Value) -> bool) -> Value {
        let mut before = Vec::new();
        loop {
            let line = tokio::time::timeout(PATIENCE, self.output.next_line()).await;
            let line = line.unwrap_or_else(|_| panic!("it never said {what}, only {before:#?}"));
            let line = line.expect("it says text");
            let line = line.unwrap_or_else(|| panic!("it ended before it said {what}, after {before:#?}"));
            let line: Value = serde_json::from_str(&line).expect("every line is JSON");
            if so(&line) {
                return line;
            }
            before.push(line);
        }
    }

    /// What it says of this, next.
    ///
    /// # Panics
    /// If it says nothing of it.
    pub async fn hears(&mut self, name: &str) -> Value {
        let mut line = self.says(name, |line| line.get(name).is_some()).await;
        line[name].take()
    }
}

/// Envoi's Bayeux client over real requests.
#[derive(Debug)]
pub struct Bayeux {
    client: Client,
    http: reqwest::Client,
    begun: Instant,
    calls: BTreeMap<CallId, AbortHandle>,
    ended: mpsc::UnboundedReceiver<(CallId, Result<HttpReply, IoFault>)>,
    end: mpsc::UnboundedSender<(CallId, Result<HttpReply, IoFault>)>,
}

impl Bayeux {
    /// A client of the server at this address, which listens to this channel.
    #[must_use]
    pub fn start(url: &str, channel: &str) -> Self {
        let options = Options {
            url: url.parse().expect("an address"),
            socket: None,
            headers: Vec::new(),
            timeout: Duration::from_secs(10),
            hold: Duration::from_secs(30),
            margin: Duration::from_secs(20),
            limit: 1 << 20,
        };
        let (end, ended) = mpsc::unbounded_channel();
        let http = reqwest::Client::new();
        let client = Client::new(options, 7);
        let mut this = Self { client, http, begun: Instant::now(), calls: BTreeMap::new(), ended, end };
        this.client.start(this.now(), vec![channel.to_owned()]);
        this
    }

    fn now(&self) -> Now {
        let at = u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        Now { at: Moment(at), wall: 0 }
    }

    /// Asks something of it.
    pub fn ask<T>(&mut self, ask: impl FnOnce(&mut Client, Now) -> T) -> T {
        let now = self.now();
        ask(&mut self.client, now)
    }

    /// Goes on until it says something for which this is so.
    ///
    /// # Panics
    /// If it never does.
    pub async fn says(&mut self, what: &str, mut so: impl FnMut(&Output) -> bool) -> Output {
        let limit = tokio::time::Instant::now() + PATIENCE;
        loop {
            while let Some(output) = self.client.poll() {
                match output {
                    Output::Call(call) => self.carry_out(call),
                    Output::Cancel(id) => {
                        if let Some(call) = self.calls.remove(&id) {
                            call.abort();
                        }
                    }
                    output if so(&output) => return output,
                    _ => {}
                }
            }
            let due = self.client.deadline().map(|deadline| deadline.at.since(self.now().at));
            let due = tokio::time::Instant::now() + due.unwrap_or(PATIENCE);
            tokio::select! {
                ended = self.ended.recv() => {
                    let (id, result) = ended.expect("this end is kept");
                    let now = self.now();
                    self.calls.remove(&id);
                    self.client.reply(now, id, result.as_ref().map_err(|fault| *fault));
                }
                () = tokio::time::sleep_until(due.min(limit)) => {
                    assert!(tokio::time::Instant::now() < limit, "it never said {what}");
                    let now = self.now();
                    self.client.tick(now);
                }
            }
        }
    }

    fn carry_out(&mut self, call: HttpCall) {
        let (id, end, http) = (call.id, self.end.clone(), self.http.clone());
        let task = tokio::spawn(async move {
            let result = carry_out(&http, call).await.map_err(|error| match error.is_connect() {
                true => IoFault::Unreachable,
                false if error.is_timeout() => IoFault::Timeout,
                false => IoFault::Broken,
            });
            // Whoever does not listen any more needs no answer.
            drop(end.send((id, result)));
        });
        self.calls.insert(id, task.abort_handle());
    }
}

async fn carry_out(http: &reqwest::Client, call: HttpCall) -> Result<HttpReply, reqwest::Error> {
    let Body::Json(body) = call.body else { panic!("Bayeux is JSON") };
    let mut request =
        http.post(call.url).timeout(call.timeout).header("content-type", "application/json").body(body);
    for (name, value) in call.headers {
        let value = match value {
            HeaderValue::Plain(value) => value,
            HeaderValue::Secret(value) => value.expose().to_owned(),
        };
        request = request.header(name, value);
    }
    let answer = request.send().await?;
    let text = |value: &reqwest::header::HeaderValue| value.to_str().unwrap_or_default().to_owned();
    Ok(HttpReply {
        status: answer.status().as_u16(),
        content_type: answer.headers().get("content-type").map(text).unwrap_or_default(),
        retry_after: None,
        cookies: answer
            .headers()
            .get_all("set-cookie")
            .iter()
            .map(|value| Secret::new(text(value)))
            .collect(),
        body: answer.bytes().await?.to_vec(),
    })
}
