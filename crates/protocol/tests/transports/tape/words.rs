//! What the words of a tape stand for: requests of a session, faults, and answers in a service's envelope.

use std::collections::BTreeMap;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use envoi_protocol::event::{Attachment, EntryForm, EntryKey, LocalId};
use envoi_protocol::io::{IoFault, SignInFault, SignedIn};
use envoi_protocol::kit::backoff::Urgency;
use envoi_protocol::token::{ResumeToken, Secret};
use envoi_protocol::transport::Request;
use serde_json::{Value, json};

pub(super) fn envelope(status: &Value, data: &Value) -> Vec<u8> {
    let mut whole = json!({ "status": status, "operationId": "echo", "referenceId": "5b1e0000" });
    if !data.is_null() {
        whole["data"] = data.clone();
    }
    whole.to_string().into_bytes()
}

pub(super) fn io_fault(name: &str) -> Result<IoFault, String> {
    Ok(match name {
        "unreachable" => IoFault::Unreachable,
        "broken" => IoFault::Broken,
        "timeout" => IoFault::Timeout,
        "tls" => IoFault::Tls,
        "too_large" => IoFault::TooLarge,
        "bad_request" => IoFault::BadRequest,
        other => return Err(format!("\"{other}\" is no fault")),
    })
}

pub(super) fn request(what: &Value) -> Result<Request, String> {
    let strings = |value: &Value| -> BTreeMap<String, String> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let map = value.as_object().cloned().unwrap_or_default();
        map.iter().map(|(name, value)| (name.clone(), text(value))).collect()
    };
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (name, with) = match what {
        Value::String(name) => (name.as_str(), &Value::Null),
        Value::Object(map) => {
            map.iter().next().map(|(name, with)| (name.as_str(), with)).ok_or("which request?")?
        }
        _ => return Err("a request is a word, or an object with one member".to_owned()),
    };
    let local = LocalId(with["local"].as_u64().unwrap_or_default());
    Ok(match name {
        "start" => Request::Start(EntryForm {
            fields: strings(&with["fields"]),
            user_data: strings(&with["user_data"]),
        }),
        "resume" => Request::Resume { token: ResumeToken { secret: Secret::new(text(with)) }, cursor: None },
        "resume_from" => Request::Resume {
            token: ResumeToken { secret: Secret::new(text(&with["token"])) },
            cursor: Some(text(&with["cursor"])),
        },
        "send" => Request::Send { local, text: text(&with["text"]) },
        "attach" => Request::Attach {
            local,
            attachment: Attachment {
                name: text(&with["name"]),
                mime: text(&with["mime"]),
                bytes: BASE64_STANDARD.decode(text(&with["base64"])).map_err(|error| error.to_string())?,
            },
        },
        "answer" => Request::Answer {
            local,
            text: text(&with["text"]),
            payloads: with["payloads"].as_array().cloned().unwrap_or_default().iter().map(text).collect(),
        },
        "withdraw" => Request::Withdraw { local },
        "read" => Request::Read {
            up_to: EntryKey {
                major: with["major"].as_u64().unwrap_or_default(),
                minor: with["minor"].as_u64().unwrap_or_default(),
            },
        },
        "nickname" => Request::Nickname(text(with)),
        "notice" => Request::Notice(text(with)),
        "sign_in" => Request::SignIn,
        "stay_on" => Request::StayOn,
        "banner_closed" => Request::BannerClosed,
        "reconcile" => Request::Reconcile,
        "typing" => Request::Typing {
            on: with["on"].as_bool().unwrap_or_default(),
            preview: with["preview"].as_str().map(str::to_owned),
        },
        "older" => Request::Older,
        "user_data" => Request::UserData(strings(with)),
        "media" => Request::Media { url: text(with) },
        "urgency" => Request::Urgency(match with.as_str() {
            Some("watched") => Urgency::Watched,
            Some("background") => Urgency::Background,
            _ => return Err("urgency is \"watched\" or \"background\"".to_owned()),
        }),
        "try_now" => Request::TryNow,
        "wake" => Request::Wake,
        "leave" => Request::Leave,
        other => return Err(format!("\"{other}\" is no request")),
    })
}

pub(super) fn signed_in(what: &Value) -> Result<Result<SignedIn, SignInFault>, String> {
    let text = |name: &str| what[name].as_str().unwrap_or_default().to_owned();
    Ok(match what["fault"].as_str() {
        None => Ok(SignedIn {
            code: Secret::new(text("code")),
            verifier: Secret::new(text("verifier")),
            redirect_uri: text("redirect_uri"),
        }),
        Some("declined") => Err(SignInFault::Declined),
        Some("timed_out") => Err(SignInFault::TimedOut),
        Some("given_up") => Err(SignInFault::GivenUp),
        Some(other) => return Err(format!("\"{other}\" is no fault of a sign-in")),
    })
}
