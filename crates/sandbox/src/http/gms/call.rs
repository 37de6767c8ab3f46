//! A customer's request, read: which operation it is and what it carries, whichever encoding it came in.

use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, Request};
use axum::http::{HeaderMap, Method, header};
use bytes::Bytes;
use serde_json::{Map, Value};

use crate::http::form;
use crate::log;
use crate::model::gms::refusal::Refusal;
use crate::model::gms::{Credentials, Operation};

/// Largest request body that is read, in bytes: well above the largest file, so that one that is too large is refused in the
/// service's own words.
const BODY_LIMIT: usize = 64 * 1024 * 1024;

/// Fields whose values are secret.
const SECRET: [&str; 1] = ["secureKey"];

/// One request of the customer.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) operation: log::Operation,
    pub(super) method: String,
    pub(super) path: String,
    pub(super) query: Vec<(String, String)>,
    pub(super) headers: Vec<String>,
    pub(super) content_type: Option<String>,
    pub(super) api_key: Option<String>,
    /// The service in the path.
    pub(super) service: String,
    pub(super) who: Credentials,
    /// What is wanted, or why it cannot be done at all.
    pub(super) wish: Result<Wish, Refusal>,
    fields: Vec<(String, String)>,
}

/// What the customer wants.
#[derive(Debug)]
pub(super) enum Wish {
    /// A new chat.
    Start(Map<String, Value>),
    /// Anything in a chat, perhaps with the transcript from a position on.
    Do {
        /// Where the transcript is to begin.
        position: Option<i64>,
        /// What is to be done.
        operation: Operation,
    },
    /// A file.
    Download(String),
}

/// A body, read.
#[derive(Debug, Default)]
struct Body {
    /// All fields under their wire names.
    fields: Vec<(String, String)>,
    /// The same with their brackets undone.
    nested: Map<String, Value>,
    file: Option<(String, Bytes)>,
}

impl Call {
    /// Reads a request with its body.
    pub(super) async fn read(request: Request) -> Self {
        let (parts, body) = request.into_parts();
        let path = parts.uri.path().to_owned();
        let header = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok());
        let kind = header(header::CONTENT_TYPE.as_str()).map(str::to_owned);
        let query = parts.uri.query().unwrap_or_default();
        let read = match axum::body::to_bytes(body, BODY_LIMIT).await {
            Ok(bytes) => Body::read(kind.as_deref().unwrap_or_default(), &parts.headers, bytes).await,
            Err(_) => Err(Refusal::FileSize { allowed: BODY_LIMIT }),
        };
        let (body, problem) = match read {
            Ok(body) => (body, None),
            Err(refusal) => (Body::default(), Some(refusal)),
        };
        let steps: Vec<String> = path
            .strip_prefix("/genesys/2/chat/")
            .unwrap_or_default()
            .split('/')
            .filter(|step| !step.is_empty())
            .map(unescaped)
            .collect();
        let steps: Vec<&str> = steps.iter().map(String::as_str).collect();
        let text = |name: &str| body.nested.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let who = Credentials {
            chat: steps.get(1).map(|chat| (*chat).to_owned()),
            user: Some(text("userId")).filter(|user| !user.is_empty()),
            key: text("secureKey"),
        };
        let rest = steps.get(1..).unwrap_or_default();
        let (operation, wish) = wish(rest, &body);
        let wish = if parts.method == Method::POST { wish } else { Err(Refusal::NoSuchPath) };
        Self {
            operation,
            method: parts.method.to_string(),
            service: steps.first().map(|service| (*service).to_owned()).unwrap_or_default(),
            query: url::form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
            headers: parts.headers.keys().map(|name| name.as_str().to_owned()).collect(),
            content_type: kind,
            api_key: header("apikey").map(str::to_owned),
            who,
            wish: problem.map_or(wish, Err),
            fields: body.fields,
            path,
        }
    }

    /// The fields as they may stand in the log.
    pub(super) fn logged(&self) -> Vec<(String, String)> {
        let shown = |(name, value): &(String, String)| {
            let hidden = SECRET.contains(&name.as_str()) && !value.is_empty();
            (name.clone(), if hidden { "…".to_owned() } else { value.clone() })
        };
        self.fields.iter().map(shown).collect()
    }
}

/// Which operation a path below a service asks for.
fn wish(path: &[&str], body: &Body) -> (log::Operation, Result<Wish, Refusal>) {
    use log::Operation as O;
    let text = |name: &str| body.nested.get(name).and_then(Value::as_str).map(str::to_owned);
    let number = |name: &str| text(name).and_then(|text| text.parse::<i64>().ok());
    let data = || match body.nested.get("userData") {
        Some(Value::Object(data)) => data.clone(),
        _ => Map::new(),
    };
    // Over HTTP they are JSON in a field.
    let attributes = || text("eventAttributes").and_then(|text| serde_json::from_str(&text).ok());
    let position = number("transcriptPosition");
    let done = |operation| Ok(Wish::Do { position, operation });
    let step = path.get(1..).unwrap_or_default();
    match (path.len(), step) {
        (0, _) => (O::Start, Ok(Wish::Start(body.nested.clone()))),
        (_, ["refresh"]) => {
            let whole = position.is_none_or(|position| position == 1);
            let kind = if whole { O::Restore } else { O::Poll };
            (kind, done(Operation::Refresh { preview: text("message") }))
        }
        (_, ["send"]) => {
            let words = text("message").unwrap_or_default();
            let operation =
                Operation::Send { text: words, kind: text("messageType"), attributes: attributes() };
            (O::Send, done(operation))
        }
        (_, ["startTyping"]) => (O::Typing, done(Operation::Typing { on: true, preview: text("message") })),
        (_, ["stopTyping"]) => (O::Typing, done(Operation::Typing { on: false, preview: text("message") })),
        (_, ["readReceipt"]) => {
            let up_to = position.and_then(|position| u64::try_from(position).ok()).unwrap_or_default();
            (O::Signal, Ok(Wish::Do { position: None, operation: Operation::Receipt { up_to } }))
        }
        (_, ["pushUrl"]) => (O::Send, done(Operation::PushUrl(text("pushUrl").unwrap_or_default()))),
        (_, ["updateNickname"]) => {
            (O::Userdata, done(Operation::Nickname(text("nickname").unwrap_or_default())))
        }
        (_, ["updateData"]) => (O::Userdata, done(Operation::UserData(data()))),
        (_, ["customNotice"]) => {
            (O::Signal, done(Operation::Notice { text: text("message"), attributes: attributes() }))
        }
        (_, ["disconnect"]) => (O::Leave, done(Operation::Disconnect)),
        (_, ["file", "limits"]) => (O::Signal, done(Operation::Limits)),
        (_, ["file"]) => {
            let upload = body.file.clone().ok_or(Refusal::Malformed);
            let upload = upload.map(|(name, bytes)| Operation::Upload { name, bytes, data: data() });
            (O::Upload, upload.and_then(done))
        }
        (_, ["file", file, "download"]) => (O::Download, Ok(Wish::Download((*file).to_owned()))),
        (_, ["file", file, "delete"]) => (O::Signal, done(Operation::Delete { file: (*file).to_owned() })),
        _ => (O::Unknown, Err(Refusal::NoSuchPath)),
    }
}

impl Body {
    async fn read(kind: &str, headers: &HeaderMap, bytes: Bytes) -> Result<Self, Refusal> {
        let mut body = if kind.to_ascii_lowercase().starts_with("multipart/form-data") {
            Self::multipart(headers, bytes).await?
        } else {
            Self { fields: url::form_urlencoded::parse(&bytes).into_owned().collect(), ..Self::default() }
        };
        body.nested = form::nest(body.fields.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        Ok(body)
    }

    async fn multipart(headers: &HeaderMap, bytes: Bytes) -> Result<Self, Refusal> {
        let mut request = Request::new(axum::body::Body::from(bytes));
        *request.headers_mut() = headers.clone();
        // The size was checked before.
        DefaultBodyLimit::max(BODY_LIMIT).apply(&mut request);
        let mut parts = Multipart::from_request(request, &()).await.map_err(|_| Refusal::Malformed)?;
        let mut body = Self::default();
        while let Some(part) = parts.next_field().await.map_err(|_| Refusal::Malformed)? {
            let name = part.name().unwrap_or_default().to_owned();
            let file = part.file_name().map(str::to_owned);
            let kind = part.content_type().unwrap_or("none").to_owned();
            let bytes = part.bytes().await.map_err(|_| Refusal::Malformed)?;
            match file {
                Some(file) => {
                    body.fields.push((name.clone(), format!("{file}; {kind}; {} bytes", bytes.len())));
                    if name == "file" {
                        body.file = Some((file, bytes));
                    }
                }
                None => body.fields.push((name, String::from_utf8_lossy(&bytes).into_owned())),
            }
        }
        Ok(body)
    }
}

/// A step of a path without its escapes.
fn unescaped(step: &str) -> String {
    let plus = step.replace('+', "%2B");
    url::form_urlencoded::parse(plus.as_bytes()).next().map(|(name, _)| name.into_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn operation(path: &str, form: &str) -> log::Operation {
        let fields: Vec<_> = url::form_urlencoded::parse(form.as_bytes()).into_owned().collect();
        let nested = form::nest(fields.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        let path: Vec<&str> = path.split('/').filter(|step| !step.is_empty()).collect();
        wish(&path, &Body { fields, nested, file: None }).0
    }

    #[test]
    fn every_operation_has_its_path() {
        use log::Operation as O;
        for (path, form, expected) in [
            ("", "", O::Start),
            ("C/refresh", "transcriptPosition=1", O::Restore),
            ("C/refresh", "transcriptPosition=2", O::Poll),
            ("C/send", "message=x", O::Send),
            ("C/pushUrl", "", O::Send),
            ("C/startTyping", "", O::Typing),
            ("C/stopTyping", "", O::Typing),
            ("C/readReceipt", "", O::Signal),
            ("C/updateNickname", "", O::Userdata),
            ("C/updateData", "", O::Userdata),
            ("C/customNotice", "", O::Signal),
            ("C/disconnect", "", O::Leave),
            ("C/file/limits", "", O::Signal),
            ("C/file", "", O::Upload),
            ("C/file/f/download", "", O::Download),
            ("C/file/f/delete", "", O::Signal),
            ("C/notify", "", O::Unknown),
            ("C", "", O::Unknown),
        ] {
            assert_eq!(operation(path, form), expected, "{path}");
        }
    }

    #[test]
    fn a_step_of_a_path_is_read_without_its_escapes() {
        assert_eq!(unescaped("a%2Fb"), "a/b");
        assert_eq!(unescaped("a+b=c"), "a+b");
    }
}
