//! A Bayeux request, read: its messages, whose they are, and which operation they are for.

use axum::extract::Request;
use axum::http::{HeaderMap, header};
use serde_json::{Map, Value};

use crate::http::form;
use crate::log::{self, Key, Operation};
use crate::model::gms_cometd::NAME;
use crate::world::World;

/// Largest request body that is read, in bytes.
const BODY_LIMIT: usize = 4 * 1024 * 1024;

/// One request, or one frame.
#[derive(Debug)]
pub(super) struct Call {
    method: String,
    path: String,
    headers: Vec<String>,
    content_type: Option<String>,
    pub(super) browser: Option<String>,
    /// `None` if the body cannot be read.
    pub(super) messages: Option<Vec<Value>>,
}

impl Call {
    /// Reads a request with its body.
    pub(super) async fn read(request: Request) -> Self {
        let (parts, body) = request.into_parts();
        let bytes = axum::body::to_bytes(body, BODY_LIMIT).await.ok();
        let content_type = parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        Self {
            method: parts.method.to_string(),
            path: parts.uri.path().to_owned(),
            headers: parts.headers.keys().map(|name| name.as_str().to_owned()).collect(),
            content_type: content_type.map(str::to_owned),
            browser: browser(&parts.headers),
            messages: bytes.and_then(|bytes| messages(&bytes)),
        }
    }

    /// A frame of a socket.
    pub(super) fn frame(browser: Option<String>, text: &str) -> Self {
        Self {
            method: "FRAME".to_owned(),
            path: "/genesys/cometd".to_owned(),
            headers: Vec::new(),
            content_type: None,
            browser,
            messages: messages(text.as_bytes()),
        }
    }

    /// Its line in the log.
    pub(super) fn written(&self, world: &World) -> log::Request {
        let list = self.messages.as_deref().unwrap_or_default();
        let main = list.iter().find(|message| message["data"].is_object()).or(list.first());
        let operation = main.map_or(Operation::Unknown, operation);
        let gateway = &world.models.gms_cometd;
        let client = main.and_then(|message| message["clientId"].as_str());
        let key =
            main.and_then(|message| message["data"]["secureKey"].as_str()).filter(|key| !key.is_empty());
        let by_key = key.and_then(|key| world.models.gms.chats.iter().find(|chat| chat.opens(key)));
        let bound = client.and_then(|client| gateway.chat_of(client)).map(str::to_owned);
        let named = main.and_then(|message| message["data"]["chatId"].as_str()).filter(|id| !id.is_empty());
        log::Request {
            method: self.method.clone(),
            path: self.path.clone(),
            headers: self.headers.clone(),
            content_type: self.content_type.clone(),
            client_key: match (key, by_key) {
                (None, _) => Key::Unused,
                (Some(_), Some(_)) => Key::Right,
                (Some(_), None) => Key::Wrong,
            },
            session: by_key.map(|chat| chat.id.clone()).or(named.map(str::to_owned)).or(bound),
            fields: main.map(fields).unwrap_or_default(),
            ..log::Request::arriving(NAME, operation)
        }
    }
}

/// The cookie by which a server knows a browser.
pub(super) fn browser(headers: &HeaderMap) -> Option<String> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = all.flat_map(|text| text.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == "BAYEUX_BROWSER").map(|(_, value)| value.to_owned())
}

fn messages(bytes: &[u8]) -> Option<Vec<Value>> {
    match serde_json::from_slice(bytes).ok()? {
        Value::Array(list) => Some(list),
        lone @ Value::Object(_) => Some(vec![lone]),
        _ => None,
    }
}

/// The members of a message, with the key left out: the log holds no secrets.
fn fields(message: &Value) -> Vec<(String, String)> {
    let mut members: Map<String, Value> = message.as_object().cloned().unwrap_or_default();
    members.remove("clientId");
    if let Some(data) = members.get_mut("data").and_then(Value::as_object_mut) {
        data.remove("secureKey");
    }
    form::flatten(&members)
}

fn operation(message: &Value) -> Operation {
    match message["channel"].as_str().unwrap_or_default() {
        "/meta/connect" => return Operation::Poll,
        "/meta/disconnect" => return Operation::Signal,
        meta if meta.starts_with("/meta/") => return Operation::Setup,
        _ => {}
    }
    match message["data"]["operation"].as_str().unwrap_or_default() {
        "requestChat" => Operation::Start,
        "requestNotifications" => Operation::Resume,
        "refresh" if message["data"]["transcriptPosition"] == -1 => Operation::Restore,
        "refresh" => Operation::History,
        "sendMessage" | "pushUrl" => Operation::Send,
        "startTyping" | "stopTyping" => Operation::Typing,
        "updateData" => Operation::Userdata,
        "disconnect" => Operation::Leave,
        "customNotice" | "updateNickname" => Operation::Signal,
        _ => Operation::Unknown,
    }
}
