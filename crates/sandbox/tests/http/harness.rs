//! A sandbox for one test, and a customer's client that only knows the wire.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use envoi_sandbox::{Options, Running, Sandbox, Script};
use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::{Value, json};

pub(crate) struct Centre {
    pub(crate) running: Running,
    /// For the control API.
    pub(crate) http: Client,
    /// For the customers.
    pub(crate) customers: Client,
}

pub(crate) fn options() -> Options {
    Options {
        script: Script::None,
        seed: Some(1),
        poll_hold: Duration::from_millis(200),
        ..Options::default()
    }
}

pub(crate) async fn centre() -> Centre {
    start(options()).await
}

pub(crate) async fn start(options: Options) -> Centre {
    let running = Sandbox::start(options).await.unwrap();
    let client = || Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    Centre { running, http: client(), customers: client() }
}

impl Centre {
    pub(crate) fn base(&self) -> &str {
        &self.running.directory().services["digital_channels"]
    }

    /// `scheme://host:port`.
    pub(crate) fn origin(&self) -> String {
        self.base().trim_end_matches("/nexus/v3/chat/sessions").to_owned()
    }

    pub(crate) fn control_url(&self, path: &str) -> String {
        format!("{}{path}", self.running.directory().control)
    }

    pub(crate) async fn look(&self, path: &str) -> Value {
        self.http.get(self.control_url(path)).send().await.unwrap().json().await.unwrap()
    }

    /// A control request that succeeds.
    pub(crate) async fn control(&self, method: Method, path: &str, body: Value) -> Value {
        let response = self.http.request(method, self.control_url(path)).json(&body).send().await.unwrap();
        let (status, answer) = (response.status(), response.json::<Value>().await.unwrap());
        assert!(status.is_success(), "{path}: {answer}");
        answer
    }

    pub(crate) async fn act(&self, action: &str, body: Value) -> Value {
        self.control(Method::POST, &format!("/sessions/latest/{action}"), body).await
    }

    pub(crate) async fn fault(&self, fault: Value) {
        self.control(Method::POST, "/faults", fault).await;
    }

    pub(crate) async fn set(&self, settings: Value) {
        self.control(Method::PUT, "/settings/digital_channels", settings).await;
    }

    /// The requests of the log, waited for.
    pub(crate) async fn log(&self, query: &str) -> Vec<Value> {
        let found = self.look(&format!("/log?wait_ms=5000&{query}")).await;
        found["requests"].as_array().unwrap().clone()
    }

    pub(crate) fn post_sessions(&self, fields: &[(&str, &str)]) -> RequestBuilder {
        self.customers.post(self.base()).header("x-api-key", "sandbox-key").form(fields)
    }

    /// Opens a chat as Ann.
    pub(crate) async fn customer(&self) -> Customer {
        let fields = [("data[endpoint]", "Support"), ("data[nickname]", "Ann"), ("operationId", "op-1")];
        let answer = self.post_sessions(&fields).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        Customer::new(self, &answer.json().await.unwrap())
    }

    /// Opens the chat of a token once more.
    pub(crate) async fn join(&self, token: &str) -> Response {
        let request = self.post_sessions(&[("data[endpoint]", "Support"), ("operationId", "op-2")]);
        request.header("x-nexus-client-key", token).send().await.unwrap()
    }
}

pub(crate) struct Customer {
    http: Client,
    base: String,
    pub(crate) token: String,
    pub(crate) session: String,
    pub(crate) participant: String,
}

impl Customer {
    pub(crate) fn new(centre: &Centre, answer: &Value) -> Self {
        let token = answer["data"]["clientToken"].as_str().unwrap().to_owned();
        let claims = claims(&token);
        let text = |name: &str| claims[name].as_str().unwrap().to_owned();
        Self {
            http: centre.customers.clone(),
            base: centre.base().to_owned(),
            session: text("sessionId"),
            participant: text("participantId"),
            token,
        }
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http
            .request(method, format!("{}/{}{path}", self.base, self.session))
            .header("x-api-key", "sandbox-key")
            .header("x-nexus-client-key", &self.token)
    }

    pub(crate) async fn read(&self, query: &str) -> Response {
        self.request(Method::GET, &format!("/messages?operationId=r&{query}")).send().await.unwrap()
    }

    /// `data` of a read that succeeds.
    pub(crate) async fn data(&self, query: &str) -> Value {
        let response = self.read(query).await;
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "application/json");
        response.json::<Value>().await.unwrap()["data"].clone()
    }

    pub(crate) async fn messages(&self, query: &str) -> Vec<Value> {
        self.data(query).await["messages"].as_array().unwrap().clone()
    }

    pub(crate) fn sending(&self, kind: &str, text: &str) -> RequestBuilder {
        let fields = [("operationId", "s"), ("data[type]", kind), ("data[text]", text)];
        self.request(Method::POST, "/messages").form(&fields)
    }

    pub(crate) async fn say(&self, text: &str) -> Value {
        let response = self.sending("Text", text).send().await.unwrap();
        assert_eq!(response.status(), 200);
        response.json().await.unwrap()
    }

    pub(crate) async fn remove(&self, participant: &str) -> Response {
        let path = format!("/participants/{participant}");
        self.request(Method::DELETE, &path).form(&[("operationId", "d")]).send().await.unwrap()
    }

    /// Polls until `done` says so of everything received; gives it all.
    pub(crate) async fn poll_until(&self, done: impl Fn(&[Value]) -> bool) -> Vec<Value> {
        let mut all = Vec::new();
        for _ in 0..200 {
            all.extend(self.messages("").await);
            if done(&all) {
                return all;
            }
        }
        panic!("it did not come; received: {all:#?}");
    }
}

/// The middle part of a token, decoded as a browser's plain base64 function does.
pub(crate) fn claims(token: &str) -> Value {
    let middle = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&STANDARD_NO_PAD.decode(middle).unwrap()).unwrap()
}

pub(crate) fn texts(messages: &[Value]) -> Vec<String> {
    messages.iter().filter_map(|one| one["text"].as_str()).map(str::to_owned).collect()
}

pub(crate) fn types(messages: &[Value]) -> Vec<String> {
    messages.iter().filter_map(|one| one["type"].as_str()).map(str::to_owned).collect()
}

pub(crate) fn indexes(messages: &[Value]) -> Vec<String> {
    messages.iter().map(|one| one["index"].as_str().unwrap().to_owned()).collect()
}

/// Status of the envelope and of HTTP.
pub(crate) async fn refused(response: Response) -> (u16, String) {
    let status = response.status().as_u16();
    let body: Value = response.json().await.unwrap();
    assert!(body["referenceId"].is_string(), "{body}");
    (status, body["status"]["code"].as_str().unwrap().to_owned())
}

pub(crate) fn png() -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
    bytes.resize(500, 7);
    bytes
}

pub(crate) async fn upload(customer: &Customer, name: &str, bytes: Vec<u8>) -> Response {
    let part =
        reqwest::multipart::Part::bytes(bytes).file_name(name.to_owned()).mime_str("image/png").unwrap();
    let form = reqwest::multipart::Form::new().part("file", part).text("operationId", "up");
    customer.request(Method::POST, "/images").multipart(form).send().await.unwrap()
}

pub(crate) fn nothing() -> Value {
    json!({})
}
