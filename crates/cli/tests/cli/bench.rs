//! The sandbox with a company, and the program that talks to it.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Output, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use envoi_sandbox::{Options, Running, Sandbox, Script};
use serde_json::Value;

const PATIENCE: Duration = Duration::from_secs(20);

/// The sandbox, and a folder with a profile and a file for its company.
pub(crate) struct Bench {
    runtime: tokio::runtime::Runtime,
    pub(crate) sandbox: Running,
    pub(crate) dir: tempfile::TempDir,
}

impl Bench {
    pub(crate) fn new(script: Script) -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let options =
            Options { script, poll_hold: Duration::from_millis(200), speed: 20.0, ..Options::default() };
        let sandbox = runtime.block_on(Sandbox::start(options)).unwrap();
        let bench = Self { runtime, sandbox, dir: tempfile::tempdir().unwrap() };
        bench.write("company.toml", &bench.company());
        bench
    }

    pub(crate) fn company(&self) -> String {
        let directory = self.sandbox.directory();
        format!(
            "id = \"tidewater\"\nname = \"Tidewater Energy\"\nservice = \"digital_channels\"\nmode = \"asynchronous\"\n\
             [settings]\nurl = \"{}\"\napi_key = \"{}\"\nendpoint = \"{}\"\n",
            directory.services["digital_channels"], directory.api_keys[0], directory.endpoints[0]
        )
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.dir.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    pub(crate) fn profile(&self) -> PathBuf {
        self.dir.path().join("profile")
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_envoi-cli"));
        command
            .args(arguments)
            .current_dir(self.dir.path())
            // No password store, whatever this computer has: what it says of that is part of the test.
            .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent")
            .env("XDG_RUNTIME_DIR", "/nonexistent")
            .env("HOME", self.dir.path())
            .env("LANG", "en_GB.UTF-8")
            .env_remove("ENVOI_LOG");
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).stdin(Stdio::null()).output().unwrap()
    }

    pub(crate) fn chat(&self, more: &[&str]) -> Chat {
        let profile = self.profile();
        let mut arguments =
            vec!["chat", "--deployment", "company.toml", "--profile", profile.to_str().unwrap()];
        arguments.extend(more);
        Chat::start(self.command(&arguments))
    }

    /// Asks the sandbox's control API something.
    pub(crate) fn control(&self, path: &str, body: &Value) {
        let control = self.sandbox.directory().control.clone();
        let (host, base) = control.trim_start_matches("http://").split_once('/').unwrap();
        let body = body.to_string();
        let mut stream = std::net::TcpStream::connect(host).unwrap();
        let head = format!(
            "POST /{base}/{path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-type: application/json\r\n\
             content-length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(body.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{path}: {answer}");
    }

    pub(crate) fn stop(self) {
        self.runtime.block_on(self.sandbox.stop());
    }
}

/// A chat that is running.
pub(crate) struct Chat {
    child: Child,
    input: Option<ChildStdin>,
    lines: mpsc::Receiver<String>,
    seen: Vec<String>,
}

impl Chat {
    pub(crate) fn start(mut command: Command) -> Self {
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (send, lines) = mpsc::channel();
        let output = child.stdout.take().unwrap();
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if send.send(line).is_err() {
                    return;
                }
            }
        });
        let input = child.stdin.take();
        Self { child, input, lines, seen: Vec::new() }
    }

    pub(crate) fn say(&mut self, line: &str) {
        writeln!(self.input.as_mut().unwrap(), "{line}").unwrap();
    }

    pub(crate) fn tell(&mut self, command: &Value) {
        self.say(&command.to_string());
    }

    /// The next line that is like this; those before it are put aside.
    pub(crate) fn until(&mut self, like: impl Fn(&str) -> bool) -> String {
        loop {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(line) => {
                    self.seen.push(line.clone());
                    if like(&line) {
                        return line;
                    }
                }
                Err(why) => {
                    // What it would still say is worth more than a tidy end.
                    let _ = self.child.kill();
                    let mut errors = String::new();
                    let _ = self.child.stderr.take().unwrap().read_to_string(&mut errors);
                    panic!("never said ({why}); what was said:\n{}\n{errors}", self.seen.join("\n"));
                }
            }
        }
    }

    pub(crate) fn json(&mut self, like: impl Fn(&Value) -> bool) -> Value {
        let line = self
            .until(|line| like(&serde_json::from_str(line).unwrap_or_else(|_| panic!("not JSON: {line}"))));
        serde_json::from_str(&line).unwrap()
    }

    /// Ends the input, and gives back the exit code and everything that was said.
    pub(crate) fn finish(mut self) -> (i32, Vec<String>, String) {
        drop(self.input.take());
        self.seen.extend(self.lines.iter());
        let output = self.child.wait_with_output().unwrap();
        (output.status.code().unwrap(), self.seen, String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

pub(crate) fn text(output: &Output) -> (String, String) {
    let read = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (read(&output.stdout), read(&output.stderr))
}

pub(crate) fn phase(line: &Value, phase: &str) -> bool {
    line["change"]["change"] == "phase" && line["change"]["to"]["phase"] == phase
}

/// Whether a line puts an item with these words.
pub(crate) fn words<'a>(line: &'a Value, words: &str) -> Option<&'a Value> {
    let put = line["change"]["to"]["put"].as_array()?;
    put.iter().map(|placed| &placed["item"]).find(|item| item["content"]["text"][0]["text"] == words)
}
