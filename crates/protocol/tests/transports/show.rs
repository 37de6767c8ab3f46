//! Events, calls, sockets and tokens as JSON, so that a tape can name them.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use envoi_protocol::event::{Entry, EntryKind, Event, InteractionState};
use envoi_protocol::io::{Body, Frame, HeaderValue, HttpCall, Method, Part, SignInCall, SocketCall};
use envoi_protocol::link::Link;
use envoi_protocol::transport::Capabilities;
use serde_json::{Map, Value, json};
use url::{Url, form_urlencoded};

/// An event.
pub(crate) fn event(event: &Event) -> Value {
    match event {
        Event::Joined { token, resumed } => {
            json!({ "event": "joined", "token": token.secret.expose(), "resumed": resumed })
        }
        Event::Token(token) => json!({ "event": "token", "token": token.secret.expose() }),
        Event::NotJoined(failure) => json!({ "event": "not_joined", "failure": failure.code() }),
        Event::Batch(batch) => json!({
            "event": "batch",
            "origin": format!("{:?}", batch.origin).to_lowercase(),
            "entries": batch.entries.iter().map(entry).collect::<Vec<_>>(),
        }),
        Event::NoOlder => json!({ "event": "no_older" }),
        Event::OlderFailed(failure) => json!({ "event": "older_failed", "failure": failure.code() }),
        Event::Sent { local } => json!({ "event": "sent", "local": local.0 }),
        Event::NotSent { local, failure, trace } => {
            let trace = format!("{trace:?}").to_lowercase();
            json!({ "event": "not_sent", "local": local.0, "failure": failure.code(), "trace": trace })
        }
        Event::Cursor(cursor) => json!({ "event": "cursor", "cursor": cursor }),
        Event::Reconciled => json!({ "event": "reconciled" }),
        Event::Media { url, content: Ok(media) } => {
            json!({ "event": "media", "url": url, "mime": media.mime, "size": media.bytes.len() })
        }
        Event::Media { url, content: Err(failure) } => {
            json!({ "event": "media", "url": url, "failure": failure.code() })
        }
        Event::Progress { local, sent, total } => {
            json!({ "event": "progress", "local": local.0, "sent": sent, "total": total })
        }
        Event::Capabilities => json!({ "event": "capabilities" }),
        Event::Idle(None) => json!({ "event": "idle", "alert": null }),
        Event::Idle(Some(alert)) => {
            json!({ "event": "idle", "alert": { "ends": alert.ends_at.is_some(), "text": alert.text } })
        }
        Event::Banner(banner) => json!({ "event": "banner", "banner": banner }),
        Event::Link(Link::Down { attempt, cause, .. }) => {
            json!({ "event": "link", "link": "down", "attempt": attempt, "cause": cause })
        }
        Event::Link(link) => json!({ "event": "link", "link": format!("{link:?}").to_lowercase() }),
        Event::Over(reason) => json!({ "event": "over", "reason": reason }),
        Event::Trouble(fault) => json!({ "event": "trouble", "code": fault.code }),
    }
}

fn entry(entry: &Entry) -> Value {
    let mut shown = json!({
        "key": entry.key.to_string(),
        "at": entry.at,
        "from": entry.from.id,
        "name": entry.from.name,
        "role": entry.from.role,
    });
    let kind = match &entry.kind {
        EntryKind::Text(text) => json!({ "kind": "text", "text": text }),
        EntryKind::Picture { name, size, url } => {
            json!({ "kind": "picture", "file": name, "size": size, "url": url })
        }
        EntryKind::File { name, size, mime, url } => {
            json!({ "kind": "file", "file": name, "size": size, "mime": mime, "url": url })
        }
        EntryKind::Offer(offer) => json!({ "kind": "offer", "offer": offer }),
        EntryKind::Withdrawn { url } => json!({ "kind": "withdrawn", "url": url }),
        EntryKind::Joined => json!({ "kind": "joined" }),
        EntryKind::Left => json!({ "kind": "left" }),
        EntryKind::Typing(lasts) => {
            json!({ "kind": "typing", "on": lasts.is_some(), "lasts_ms": lasts.map(|lasts| lasts.as_millis()) })
        }
        EntryKind::State(state) => json!({ "kind": "state", "state": match state {
            InteractionState::Finalizing => "finalizing",
            InteractionState::Completed => "completed",
            InteractionState::Other(word) => word,
        } }),
        EntryKind::Unsupported => json!({ "kind": "unsupported" }),
        EntryKind::Other => json!({ "kind": "other" }),
    };
    if let (Value::Object(shown), Value::Object(kind)) = (&mut shown, kind) {
        shown.extend(kind);
    }
    shown
}

/// What a service can do.
pub(crate) fn capabilities(can: &Capabilities) -> Value {
    json!({
        "files": can.files.is_some(),
        "history": can.history,
        "typing": can.typing,
        "user_data": can.user_data,
        "read_receipts": can.read_receipts,
        "nickname": can.nickname,
        "notices": can.notices,
        "end": can.end,
        "sign_in": can.sign_in,
        "discreet": can.discreet,
        "longest_text": can.longest_text,
    })
}

/// A call, with its query, form and headers taken apart.
pub(crate) fn call(call: &HttpCall) -> Value {
    let url = &call.url;
    let pairs = |pairs: form_urlencoded::Parse<'_>| -> Map<String, Value> {
        pairs.map(|(name, value)| (name.into_owned(), Value::String(value.into_owned()))).collect()
    };
    let headers = headers(&call.headers);
    let mut shown = json!({
        "what": call.what,
        "method": match call.method {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Delete => "DELETE",
        },
        "origin": url.origin().ascii_serialization(),
        "path": url.path(),
        "query": pairs(url.query_pairs()),
        "headers": headers,
        "timeout_ms": u64::try_from(call.timeout.as_millis()).unwrap(),
    });
    let (name, body) = match &call.body {
        Body::Empty => ("empty", Value::Bool(true)),
        Body::Form(form) => ("form", Value::Object(pairs(form_urlencoded::parse(form.as_bytes())))),
        Body::Json(text) => ("json", serde_json::from_str(text).expect("a JSON body is JSON")),
        Body::Multipart(parts) => ("multipart", parts.iter().map(part).collect()),
        Body::Bytes { mime, bytes } => ("bytes", json!({ "mime": mime, "size": bytes.len() })),
    };
    shown[name] = body;
    shown
}

/// A socket to open, with its query and headers taken apart.
pub(crate) fn socket(call: &SocketCall) -> Value {
    let url = Url::parse(&call.url).expect("a machine asks for a real address");
    let query: Map<String, Value> = url
        .query_pairs()
        .map(|(name, value)| (name.into_owned(), Value::String(value.into_owned())))
        .collect();
    json!({
        "what": call.what,
        "scheme": url.scheme(),
        "host": url.host_str(),
        "path": url.path(),
        "query": query,
        "headers": headers(&call.headers),
        "timeout_ms": u64::try_from(call.timeout.as_millis()).unwrap(),
        "ping_ms": call.ping.map(|every| u64::try_from(every.as_millis()).unwrap()),
    })
}

/// A sign-in that is asked for.
pub(crate) fn sign_in(call: &SignInCall) -> Value {
    json!({
        "page": call.page,
        "client": call.client,
        "scope": call.scope,
        "port": call.port,
        "timeout_ms": u64::try_from(call.timeout.as_millis()).unwrap(),
    })
}

/// What is said on a socket: JSON if it is JSON, otherwise its words.
pub(crate) fn frame(frame: &Frame) -> Value {
    serde_json::from_str(&frame.0).unwrap_or_else(|_| Value::String(frame.0.clone()))
}

fn headers(headers: &[(String, HeaderValue)]) -> Map<String, Value> {
    let shown = headers.iter().map(|(name, value)| {
        let value = match value {
            HeaderValue::Plain(value) => value,
            HeaderValue::Secret(secret) => secret.expose(),
        };
        (name.to_lowercase(), Value::String(value.to_owned()))
    });
    shown.collect()
}

fn part(part: &Part) -> Value {
    match part {
        Part::Field { name, value } => json!({ "field": name, "value": value }),
        Part::File { name, file, mime, bytes } => {
            json!({ "file": name, "name": file, "mime": mime, "size": bytes.len() })
        }
    }
}

/// Replaces `<token SESSION PARTICIPANT>` by a token that names them.
pub(crate) fn with_tokens(value: &Value) -> Value {
    match value {
        Value::String(text) => match text.strip_prefix("<token ").and_then(|rest| rest.strip_suffix('>')) {
            Some(ids) => Value::String(token(ids)),
            None => value.clone(),
        },
        Value::Array(list) => list.iter().map(with_tokens).collect(),
        Value::Object(map) => {
            Value::Object(map.iter().map(|(name, value)| (name.clone(), with_tokens(value))).collect())
        }
        other => other.clone(),
    }
}

fn token(ids: &str) -> String {
    let (session, participant) = ids.split_once(' ').expect("a token names a session and a participant");
    let claims = json!({ "sessionId": session, "transportId": "T", "participantId": participant });
    let encode = |text: &str| BASE64_URL_SAFE_NO_PAD.encode(text);
    format!("{}.{}.{}", encode(r#"{"alg":"HS256","typ":"JWT"}"#), encode(&claims.to_string()), "c2ln")
}

/// Whether `found` is as expected: all named members as named, `*` for anything that is there and not empty.
pub(crate) fn matches(expected: &Value, found: &Value) -> bool {
    match (expected, found) {
        (Value::String(any), found) if any == "*" => !found.is_null() && found != "",
        (Value::Object(expected), Value::Object(found)) => {
            expected.iter().all(|(name, value)| found.get(name).is_some_and(|found| matches(value, found)))
        }
        (Value::Array(expected), Value::Array(found)) => {
            expected.len() == found.len()
                && expected.iter().zip(found).all(|(expected, found)| matches(expected, found))
        }
        (expected, found) => expected == found,
    }
}
