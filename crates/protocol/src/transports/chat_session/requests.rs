//! The requests: see `docs/protocols/chat-session.md`, "Requests". Bodies are JSON objects with an `operationName`.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use url::Url;

use super::settings::Settings;
use crate::event::EntryForm;
use crate::io::{Body, CallId, HttpCall, Method};

/// Most bytes of an answer: a read may hold the whole transcript.
const ANSWER: usize = 8 << 20;
/// Index of the first entry.
pub(super) const FIRST: u64 = 1;

impl Settings {
    /// Asks for a chat.
    pub(super) fn request_chat(
        &self,
        id: CallId,
        form: &EntryForm,
        data: &BTreeMap<String, String>,
    ) -> HttpCall {
        let value =
            |name: &str| form.fields.get(name).map(|value| value.trim()).filter(|value| !value.is_empty());
        // Without them, the public clients send these words, and the public server declines.
        let nickname = value("nickname").or_else(|| value("firstname")).unwrap_or("Anonymous");
        let subject = value("subject").unwrap_or("No Subject");
        let mut user_data: Map<String, Value> = Map::new();
        let all = form.user_data.iter().chain(data);
        user_data.extend(all.map(|(key, value)| (key.clone(), json!(value))));
        for (name, value) in &form.fields {
            let key = match name.as_str() {
                "nickname" | "subject" => continue,
                "firstname" => "FirstName",
                "lastname" => "LastName",
                "email" => "EmailAddress",
                other => other,
            };
            user_data.insert(key.to_owned(), json!(value.trim()));
        }
        let body = json!({
            "operationName": "RequestChat", "nickname": nickname, "subject": subject, "userData": user_data,
        });
        self.call(id, "start", Method::Post, self.base.clone(), Body::Json(body.to_string()), false)
    }

    /// Says something to a chat.
    pub(super) fn operation(&self, id: CallId, chat: &Url, what: &'static str, body: &Value) -> HttpCall {
        self.call(id, what, Method::Post, chat.clone(), Body::Json(body.to_string()), false)
    }

    /// Reads from an entry on; that entry may come once more.
    pub(super) fn messages(&self, id: CallId, chat: &Url, from: u64, retry: bool) -> HttpCall {
        let mut url = chat.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.push("messages");
        }
        url.query_pairs_mut().append_pair("index", &from.to_string());
        self.call(id, "read", Method::Get, url, Body::Empty, retry)
    }

    /// Asks for the messages of a chat that cannot exist.
    pub(super) fn probe(&self) -> HttpCall {
        let mut url = self.base.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(["00000000-0000-0000-0000-000000000000", "messages"]);
        }
        url.query_pairs_mut().append_pair("index", "1");
        self.call(CallId(0), "probe", Method::Get, url, Body::Empty, false)
    }

    fn call(
        &self,
        id: CallId,
        what: &'static str,
        method: Method,
        url: Url,
        body: Body,
        retry: bool,
    ) -> HttpCall {
        HttpCall {
            id,
            what,
            method,
            url,
            headers: self.headers.clone(),
            body,
            timeout: self.request_timeout,
            limit: ANSWER,
            retry,
            progress: false,
        }
    }
}

/// A text as it is sent; an address alone is marked as one where the deployment wants that.
pub(super) fn message(text: &str, typed_urls: bool) -> Value {
    let url = typed_urls && Url::parse(text.trim()).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
    match url {
        true => json!({ "operationName": "SendMessage", "text": text.trim(), "type": "url" }),
        false => json!({ "operationName": "SendMessage", "text": text }),
    }
}

/// That the person types, or stopped.
pub(super) fn typing(on: bool) -> Value {
    json!({ "operationName": if on { "SendStartTypingNotification" } else { "SendStopTypingNotification" } })
}

/// That the person leaves.
pub(super) fn complete() -> Value {
    json!({ "operationName": "Complete" })
}
