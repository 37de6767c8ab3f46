//! A contact centre of the sandbox, as a process of its own or inside the test, and the hand that plays its agents.

use std::path::PathBuf;
use std::process::Stdio;

use envoi_sandbox::Secure;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::way::{Listening, Way};
use crate::{eventually, program};

/// Its name in its folder.
const CERTIFICATE: &str = "certificate.pem";

/// A running sandbox. Dropping it ends it.
#[derive(Debug)]
pub struct Centre {
    /// Where its services are.
    pub directory: Value,
    client: reqwest::Client,
    _running: Running,
    /// Where the certificate is, if the services speak TLS.
    certificate: Option<tempfile::TempDir>,
}

#[derive(Debug)]
enum Running {
    Process(#[allow(dead_code, reason = "kills the process when dropped")] Child),
    Inside(#[allow(dead_code, reason = "stops when dropped")] Box<envoi_sandbox::Running>),
}

impl Centre {
    /// Starts the sandbox program, with these further options.
    pub async fn process(options: &[&str]) -> Self {
        Self::program(options, None).await
    }

    /// As [`Centre::process`], with the services over TLS.
    pub async fn secure_process(options: &[&str]) -> Self {
        Self::program(options, Some(tempfile::tempdir().expect("a temporary folder"))).await
    }

    async fn program(options: &[&str], certificate: Option<tempfile::TempDir>) -> Self {
        let tls = certificate.iter().map(|folder| folder.path().join(CERTIFICATE));
        let mut child = Command::new(program("envoi-sandbox"))
            .args(["serve", "--listen", "127.0.0.1:0"])
            .args(options)
            .args(tls.flat_map(|file| ["--tls".into(), file.into_os_string()]))
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .kill_on_drop(true)
            .spawn()
            .expect("the sandbox starts");
        let output = child.stdout.take().expect("its output is piped");
        let line =
            BufReader::new(output).lines().next_line().await.unwrap().expect("it says when it is ready");
        let directory = serde_json::from_str(&line).expect("in one line of JSON");
        Self { directory, client: reqwest::Client::new(), _running: Running::Process(child), certificate }
    }

    /// Starts the sandbox inside this process.
    pub async fn inside(options: envoi_sandbox::Options) -> Self {
        Self::within(options, None).await
    }

    /// As [`Centre::inside`], with the services over TLS.
    pub async fn secure_inside(mut options: envoi_sandbox::Options) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        options.secure =
            Some(Secure { listen: options.listen, certificate: folder.path().join(CERTIFICATE) });
        Self::within(options, Some(folder)).await
    }

    async fn within(options: envoi_sandbox::Options, certificate: Option<tempfile::TempDir>) -> Self {
        let running = envoi_sandbox::Sandbox::start(options).await.expect("the sandbox starts");
        let directory = serde_json::to_value(running.directory()).unwrap();
        let running = Running::Inside(Box::new(running));
        Self { directory, client: reqwest::Client::new(), _running: running, certificate }
    }

    /// The address of a service, by the name it has in deployment files.
    #[must_use]
    pub fn service(&self, name: &str) -> String {
        self.directory[name].as_str().expect("the sandbox serves it").to_owned()
    }

    /// The certificate that a client has to trust, if the services speak TLS.
    #[must_use]
    pub fn certificate(&self) -> Option<PathBuf> {
        self.certificate.as_ref().map(|folder| folder.path().join(CERTIFICATE))
    }

    /// A plain client that trusts it, and follows no redirects.
    pub fn browser(&self) -> reqwest::ClientBuilder {
        let browser = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
        match self.certificate() {
            None => browser,
            Some(file) => {
                let certificate = std::fs::read(file).expect("it was written");
                let certificate = reqwest::Certificate::from_pem(&certificate).expect("as PEM");
                browser.tls_certs_merge([certificate])
            }
        }
    }

    /// The line of a deployment file that trusts it; nothing where the services speak in the clear.
    #[must_use]
    pub fn trust(&self) -> String {
        self.certificate().map(|file| format!("extra_ca_file = {file:?}\n")).unwrap_or_default()
    }

    /// A deployment file's entry for a service of this centre, named `Tidewater Energy`, with further lines of TOML. Settings may
    /// be added behind it.
    #[must_use]
    pub fn deployment(&self, service: &str, mode: &str, more: &str) -> String {
        let way = Way::named(service);
        let settings = way.calm_settings(self, &way.address(self));
        let more = format!("brand = \"#00786a\"\n{}{more}", self.trust());
        way.deployment("tidewater", "Tidewater Energy", mode, &more, &settings)
    }

    /// Asks the control API.
    pub async fn get(&self, path: &str) -> Value {
        let answer = self.client.get(self.control(path)).send().await.expect("the control API answers");
        serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap()
    }

    /// Tells the control API to do something.
    pub async fn post(&self, path: &str, body: Value) -> Value {
        self.ask(reqwest::Method::POST, path, body).await
    }

    async fn ask(&self, method: reqwest::Method, path: &str, body: Value) -> Value {
        let request = self.client.request(method, self.control(path)).body(body.to_string());
        let answer = request.send().await.expect("the control API answers");
        let status = answer.status();
        let said: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
        assert!(status.is_success(), "{path}: {status} {said}");
        said
    }

    /// An agent of this name joins the latest chat.
    pub async fn join(&self, name: &str) {
        self.act("join", json!({ "name": name })).await;
    }

    /// The agent writes.
    pub async fn say(&self, text: &str) {
        self.act("say", json!({ "text": text })).await;
    }

    /// The interaction is in another state.
    pub async fn state(&self, state: &str) {
        self.act("state", json!({ "state": state })).await;
    }

    /// Anything else in the latest chat.
    pub async fn act(&self, action: &str, body: Value) -> Value {
        self.post(&format!("/sessions/latest/{action}"), body).await
    }

    /// The next matching requests fail in this way.
    pub async fn fault(&self, fault: Value) {
        self.post("/faults", fault).await;
    }

    /// As [`Centre::fault`], for the poll that is open as well: it is answered, so that the next one meets the fault.
    pub async fn fault_reads(&self, fault: Value) {
        self.fault(fault).await;
        self.release().await;
    }

    /// Nothing fails any more.
    pub async fn mend(&self) {
        self.ask(reqwest::Method::DELETE, "/faults", json!({})).await;
    }

    /// Answers every open poll.
    pub async fn release(&self) {
        self.post("/release", json!({})).await;
    }

    /// Changes switches of a model of the sandbox.
    pub async fn set(&self, model: &str, settings: Value) {
        self.ask(reqwest::Method::PUT, &format!("/settings/{model}"), settings).await;
    }

    /// What the customer's client put on the wire, oldest first; `which` as in the log's query, for instance `on=send`.
    pub async fn requests(&self, which: &str) -> Vec<Value> {
        let log = self.get(&format!("/log?after=0&{which}")).await;
        log["requests"].as_array().cloned().unwrap_or_default()
    }

    /// Number of the last request so far.
    pub async fn last_request(&self) -> u64 {
        self.get("/log?after=0").await["last"].as_u64().expect("a number")
    }

    /// Waits for a request after this number, and gives back the first.
    pub async fn request_after(&self, number: u64, which: &str) -> Value {
        let wait = crate::PATIENCE.as_millis();
        let log = self.get(&format!("/log?after={number}&{which}&wait_ms={wait}")).await;
        log["requests"].get(0).cloned().unwrap_or_else(|| panic!("waited in vain for a request with {which}"))
    }

    /// Waits until the client would hear of news at once: a read is held, or was answered a moment ago, or a socket is open.
    pub async fn is_listened_to(&self, listening: Listening) {
        let (after, which) = match listening {
            Listening::HeldReads => (0, "on=poll&open=true"),
            Listening::ShortReads => (self.last_request().await, "on=poll&done=true"),
            Listening::Socket => (0, "on=socket&open=true"),
        };
        self.request_after(after, which).await;
    }

    /// The latest chat as the contact centre sees it.
    pub async fn chat(&self) -> Value {
        self.get("/sessions/latest").await
    }

    /// Whether the customer is among those present in the latest chat.
    pub async fn customer_is_there(&self) -> bool {
        let chat = self.chat().await;
        let people = chat["participants"].as_array().cloned().unwrap_or_default();
        people.iter().any(|person| person["who"] == "customer" && person["present"] == true)
    }

    /// All texts of the latest chat, in order, with who wrote them: `customer`, `agent` and so on.
    pub async fn texts(&self) -> Vec<(String, String)> {
        let chat = self.chat().await;
        let transcript = chat["transcript"].as_array().cloned().unwrap_or_default();
        let texts = transcript.iter().filter(|line| line["kind"] == "text");
        let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        texts.map(|line| (word(&line["who"]), word(&line["text"]))).collect()
    }

    /// Waits until the customer has written this.
    pub async fn hears(&self, text: &str) {
        let wanted = ("customer".to_owned(), text.to_owned());
        eventually(&format!("the centre to hear {text:?}"), || async {
            self.texts().await.contains(&wanted).then_some(())
        })
        .await;
    }

    /// Waits until a chat is there.
    pub async fn greets(&self) -> Value {
        eventually("a chat to begin", || async {
            let chat = self.chat().await;
            chat["id"].is_string().then_some(chat)
        })
        .await
    }

    /// How many times the customer has written this.
    pub async fn count(&self, text: &str) -> usize {
        self.texts().await.iter().filter(|(who, said)| who == "customer" && said == text).count()
    }

    fn control(&self, path: &str) -> String {
        format!("{}{path}", self.directory["control"].as_str().expect("the sandbox has controls"))
    }
}
