//! The requests: see `docs/protocols/yellow.md`, "Requests".

use serde_json::{Value, json};
use url::Url;

use super::settings::Settings;
use crate::io::{Body, CallId, HttpCall, Method};

/// Most bytes of an answer.
const ANSWER: usize = 8 << 20;
/// Most messages of a page, as the documentation bounds it.
pub(super) const PAGE: usize = 100;

impl Settings {
    /// Says something to the bot, or through it to the agent: a text or an event.
    pub(super) fn message(&self, id: CallId, sender: &str, what: &'static str, data: &Value) -> HttpCall {
        let body = json!({ "botId": self.bot, "sender": sender, "data": data });
        self.call(id, what, Method::Post, self.message.clone(), Body::Json(body.to_string()), false)
    }

    /// Reads a page of messages.
    pub(super) fn page(
        &self,
        id: CallId,
        sender: &str,
        limit: usize,
        offset: usize,
        retry: bool,
    ) -> HttpCall {
        let mut url = self.messages.clone();
        url.query_pairs_mut()
            .append_pair("bot", &self.bot)
            .append_pair("uid", sender)
            .append_pair("limit", &limit.to_string())
            .append_pair("offset", &offset.to_string());
        if let Some(source) = &self.source {
            url.query_pairs_mut().append_pair("source", source);
        }
        self.call(id, "read", Method::Get, url, Body::Empty, retry)
    }

    /// Reads a message of nobody.
    pub(super) fn probe(&self) -> HttpCall {
        HttpCall { what: "probe", ..self.page(CallId(0), "envoi-probe", 1, 0, false) }
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

/// A text, exactly as it is.
pub(super) fn text(words: &str) -> Value {
    json!({ "message": words })
}

/// An event of the customer.
pub(super) fn event(code: &str, data: &Value) -> Value {
    match data {
        Value::Null => json!({ "event": { "code": code } }),
        data => json!({ "event": { "code": code, "data": data } }),
    }
}
