//! A request of a customer's program, or of a relay for it, read: what it is and what it carries, whichever encoding it came in.

use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, Request};
use axum::http::{HeaderMap, Method, header};
use bytes::Bytes;
use serde_json::{Map, Value};

use crate::http::{form, secure};
use crate::log::Operation;
use crate::model::yellow::{FILE_LIMIT, Page};

/// Largest request body that is read, in bytes: above the largest file, so that one that is too large is refused in words.
const BODY_LIMIT: usize = FILE_LIMIT + (1 << 20);
/// Most messages of a page.
const PAGE: usize = 100;
/// Fields whose values are secret.
const SECRET: [&str; 2] = ["ymAuthenticationToken", "deviceToken"];

/// One request.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) operation: Operation,
    pub(super) wish: Wish,
    pub(super) method: String,
    pub(super) path: String,
    pub(super) query: Vec<(String, String)>,
    pub(super) headers: Vec<String>,
    pub(super) content_type: Option<String>,
    /// Where the sandbox was asked, for addresses that it gives out.
    pub(super) origin: String,
    pub(super) key: Option<String>,
    pub(super) sender: Option<String>,
    /// What the body carries, as it may stand in the log.
    pub(super) fields: Vec<(String, String)>,
}

/// What is wanted.
#[derive(Debug)]
pub(super) enum Wish {
    /// To say something to the bot.
    Message(Map<String, Value>),
    /// To read.
    Messages(Page),
    /// A token for a customer.
    Encrypt(Map<String, Value>),
    /// To know how much is unread.
    Unread(Map<String, Value>),
    /// To be reminded.
    Register(Map<String, Value>),
    /// To be left alone.
    Unregister(Map<String, Value>),
    /// To be seen, or not.
    Presence(String),
    /// A place for a file: its type and its bytes, if there is one.
    Upload(Option<(String, Bytes)>),
    /// A file.
    File(String),
    /// To know how the bot looks.
    Look,
    /// Something else.
    Unknown,
}

/// A body, read.
#[derive(Debug, Default)]
struct Body {
    fields: Vec<(String, String)>,
    json: Map<String, Value>,
    file: Option<(String, Bytes)>,
}

impl Wish {
    /// Whether it takes the key that opens everything about the bot.
    pub(super) fn needs_key(&self) -> bool {
        matches!(
            self,
            Self::Message(_) | Self::Messages(_) | Self::Encrypt(_) | Self::Register(_) | Self::Unregister(_)
        )
    }
}

impl Call {
    pub(super) async fn read(request: Request) -> Self {
        let (parts, body) = request.into_parts();
        let header = |name: &str| parts.headers.get(name)?.to_str().ok().map(str::to_owned);
        let path = parts.uri.path().to_owned();
        let query = parts.uri.query().unwrap_or_default();
        let query: Vec<(String, String)> =
            url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let content_type = header(header::CONTENT_TYPE.as_str());
        let bytes = axum::body::to_bytes(body, BODY_LIMIT).await;
        // What is larger than all that is read is larger than a file may be.
        let bytes = bytes.unwrap_or_else(|_| Bytes::from(vec![0; FILE_LIMIT + 1]));
        let body = Body::read(content_type.as_deref().unwrap_or_default(), &parts.headers, bytes).await;
        let value = |name: &str| query.iter().find(|(one, _)| one == name).map(|(_, value)| value.clone());
        let field =
            |name: &str| body.fields.iter().find(|(one, _)| one == name).map(|(_, text)| text.clone());
        let bearer = header(header::AUTHORIZATION.as_str());
        let bearer = bearer.and_then(|value| value.strip_prefix("Bearer ").map(str::to_owned));
        let sender = body.json.get("sender").and_then(Value::as_str).map(str::to_owned);
        let sender = sender.or_else(|| value("uid")).or_else(|| field("user"));
        let page = Page {
            limit: value("limit").and_then(|text| text.parse().ok()).unwrap_or(PAGE).min(PAGE),
            offset: value("offset").and_then(|text| text.parse().ok()).unwrap_or_default(),
            ticket: value("ticketId").filter(|text| !text.is_empty()),
            source: value("source").filter(|text| !text.is_empty()),
        };
        let shown = |(name, value): &(String, String)| {
            let hidden = SECRET.contains(&name.as_str()) && !value.is_empty();
            (name.clone(), if hidden { "…".to_owned() } else { value.clone() })
        };
        let fields = body.fields.iter().map(shown).collect();
        let below = path.strip_prefix("/yellow").unwrap_or_default();
        let (operation, wish) = wish(&parts.method, below, page, body);
        Self {
            operation,
            wish,
            method: parts.method.to_string(),
            headers: parts.headers.keys().map(|name| name.as_str().to_owned()).collect(),
            origin: secure::origin(&parts.headers),
            key: header("x-api-key").or(bearer),
            content_type,
            sender,
            fields,
            query,
            path,
        }
    }
}

fn wish(method: &Method, path: &str, page: Page, body: Body) -> (Operation, Wish) {
    use Operation as O;
    match (method.as_str(), path) {
        ("POST", "/integrations/sync/v1/message") => (said(&body.json), Wish::Message(body.json)),
        ("GET", "/data/messages" | "/api/agents/data/messages") => (O::Poll, Wish::Messages(page)),
        ("POST", "/api/plugin/encryptYmAuth") => (O::Setup, Wish::Encrypt(body.json)),
        ("GET", "/api/plugin/mapping") => (O::Setup, Wish::Look),
        ("POST", "/api/mobile-backend/message/unreadMsgs") => (O::Signal, Wish::Unread(body.json)),
        ("PUT", "/api/mobile-backend/device-token") => (O::Signal, Wish::Register(body.json)),
        ("DELETE", "/api/mobile-backend/device-token") => (O::Signal, Wish::Unregister(body.json)),
        ("POST", "/api/presence/usersPresence/log_user_profile") => {
            let status = body.fields.into_iter().find(|(name, _)| name == "status");
            (O::Signal, Wish::Presence(status.map(|(_, status)| status).unwrap_or_default()))
        }
        ("POST", "/api/chat/upload") => (O::Upload, Wish::Upload(body.file)),
        ("GET", path) => match path.strip_prefix("/files/") {
            Some(id) => (O::Download, Wish::File(id.to_owned())),
            None => (O::Unknown, Wish::Unknown),
        },
        _ => (O::Unknown, Wish::Unknown),
    }
}

fn said(body: &Map<String, Value>) -> Operation {
    let code = body.get("data").and_then(|data| data.pointer("/event/code")?.as_str());
    match code {
        None => Operation::Send,
        Some("bot-opened") => Operation::Start,
        Some("bot-closed") => Operation::Leave,
        Some(_) => Operation::Signal,
    }
}

impl Body {
    async fn read(kind: &str, headers: &HeaderMap, bytes: Bytes) -> Self {
        let kind = kind.to_ascii_lowercase();
        if kind.starts_with("multipart/form-data") {
            if bytes.len() > FILE_LIMIT {
                return Self { file: Some((String::new(), bytes)), ..Self::default() };
            }
            return Self::multipart(headers, bytes).await.unwrap_or_default();
        }
        if kind.starts_with("application/x-www-form-urlencoded") {
            let fields = url::form_urlencoded::parse(&bytes).into_owned().collect();
            return Self { fields, ..Self::default() };
        }
        let json: Map<String, Value> = serde_json::from_slice(&bytes).unwrap_or_default();
        Self { fields: form::flatten(&json), json, file: None }
    }

    /// The first file in a part `images` or `file`.
    async fn multipart(headers: &HeaderMap, bytes: Bytes) -> Option<Self> {
        let mut request = Request::new(axum::body::Body::from(bytes));
        *request.headers_mut() = headers.clone();
        // The size was checked before.
        DefaultBodyLimit::max(BODY_LIMIT).apply(&mut request);
        let mut parts = Multipart::from_request(request, &()).await.ok()?;
        let mut body = Self::default();
        while let Some(part) = parts.next_field().await.ok()? {
            let name = part.name().unwrap_or_default().to_owned();
            let file = part.file_name().unwrap_or_default().to_owned();
            let kind = part.content_type().unwrap_or("application/octet-stream").to_owned();
            let bytes = part.bytes().await.ok()?;
            body.fields.push((name.clone(), format!("{file}; {kind}; {} bytes", bytes.len())));
            if body.file.is_none() && (name == "images" || name == "file") {
                body.file = Some((kind, bytes));
            }
        }
        Some(body)
    }
}
