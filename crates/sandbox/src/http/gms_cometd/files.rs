//! Files beside CometD: one address, and the operation in a field.

use std::sync::Arc;

use axum::extract::{ConnectInfo, DefaultBodyLimit, FromRequest as _, Multipart, Request, State};
use axum::http::{HeaderMap, header};
use axum::response::Response;
use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::call::browser;
use crate::fault::Damage;
use crate::http::answer::{Answer, Content};
use crate::http::exchange::{self, Exchange, Ticket};
use crate::http::wire::Wire;
use crate::log::{self, Key, Operation};
use crate::model::gms::refusal::Refusal;
use crate::model::gms::{self, Credentials};
use crate::model::gms_cometd::NAME;
use crate::world::{Shared, World};

/// Largest request body that is read, in bytes: well above the largest file.
const BODY_LIMIT: usize = 32 * 1024 * 1024;

/// One request for files.
struct Call {
    headers: Vec<String>,
    content_type: Option<String>,
    browser: Option<String>,
    fields: Vec<(String, String)>,
    file: Option<(String, Bytes)>,
}

pub(super) async fn serve(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(wire): ConnectInfo<Wire>,
    request: Request,
) -> Response {
    let call = Call::read(request).await;
    exchange::serve(&shared, &wire, &call).await
}

impl Call {
    async fn read(request: Request) -> Self {
        let (parts, body) = request.into_parts();
        let content_type = parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let content_type = content_type.map(str::to_owned);
        let mut call = Self {
            headers: parts.headers.keys().map(|name| name.as_str().to_owned()).collect(),
            browser: browser(&parts.headers),
            content_type,
            fields: Vec::new(),
            file: None,
        };
        let Ok(bytes) = axum::body::to_bytes(body, BODY_LIMIT).await else { return call };
        if call.content_type.as_deref().is_some_and(|kind| kind.starts_with("multipart/form-data")) {
            call.read_parts(&parts.headers, bytes).await;
        } else {
            call.fields = url::form_urlencoded::parse(&bytes).into_owned().collect();
        }
        call
    }

    async fn read_parts(&mut self, headers: &HeaderMap, bytes: Bytes) {
        let mut request = Request::new(axum::body::Body::from(bytes));
        *request.headers_mut() = headers.clone();
        DefaultBodyLimit::max(BODY_LIMIT).apply(&mut request);
        let Ok(mut parts) = Multipart::from_request(request, &()).await else { return };
        while let Ok(Some(part)) = parts.next_field().await {
            let name = part.name().unwrap_or_default().to_owned();
            let file = part.file_name().map(str::to_owned);
            let Ok(bytes) = part.bytes().await else { return };
            match file {
                Some(file) => {
                    self.fields.push((name, format!("{file}; {} bytes", bytes.len())));
                    self.file = Some((file, bytes));
                }
                None => self.fields.push((name, String::from_utf8_lossy(&bytes).into_owned())),
            }
        }
    }

    fn field(&self, name: &str) -> &str {
        self.fields.iter().find(|(one, _)| one == name).map(|(_, value)| value.as_str()).unwrap_or_default()
    }

    fn done(&self, world: &mut World, now: u64) -> Result<Answer, Refusal> {
        let who = Credentials { key: self.field("secureKey").to_owned(), ..Credentials::default() };
        let server = &world.models.gms_cometd.server.settings;
        if server.needs_cookie && !server.websocket && self.browser.is_none() {
            return Err(Refusal::NoKey);
        }
        let centre = &mut world.models.gms;
        let operation = match self.field("operation") {
            // One client writes it so.
            "fileGetLimits" | "fileGetsLimits" => gms::Operation::Limits,
            "fileUpload" | "" => {
                let (name, bytes) = self.file.clone().ok_or(Refusal::Malformed)?;
                gms::Operation::Upload { name, bytes, data: Map::new() }
            }
            "fileDelete" => gms::Operation::Delete { file: self.field("fileId").to_owned() },
            "fileDownload" => {
                let file = centre.download(now, &who, self.field("fileId"))?;
                let body = Content::Bytes("application/octet-stream".to_owned(), file.bytes);
                return Ok(Answer { status: 200, headers: Vec::new(), body });
            }
            _ => return Err(Refusal::Malformed),
        };
        let answer = centre.perform(now, &who, None, operation)?;
        Ok(Answer { status: 200, headers: Vec::new(), body: Content::Json(answer) })
    }
}

impl Exchange for Call {
    fn written(&self, world: &World) -> log::Request {
        let key = self.field("secureKey");
        let chat = world.models.gms.chats.iter().find(|chat| chat.opens(key));
        let operation = match self.field("operation") {
            "fileUpload" | "" => Operation::Upload,
            "fileDownload" => Operation::Download,
            "fileGetLimits" | "fileGetsLimits" | "fileDelete" => Operation::Signal,
            _ => Operation::Unknown,
        };
        log::Request {
            method: "POST".to_owned(),
            path: "/genesys/2/chat-ntf".to_owned(),
            headers: self.headers.clone(),
            content_type: self.content_type.clone(),
            client_key: if chat.is_some() { Key::Right } else { Key::Wrong },
            session: chat.map(|chat| chat.id.clone()),
            fields: self.fields.iter().filter(|(name, _)| name != "secureKey").cloned().collect(),
            ..log::Request::arriving(NAME, operation)
        }
    }

    async fn perform(&self, shared: &Arc<Shared>, _: &Ticket) -> Answer {
        match shared.change(|world, now| self.done(world, now)) {
            Ok(answer) => answer,
            Err(refusal) => {
                let body = refusal.body().map_or(Content::Empty, Content::Json);
                Answer { status: refusal.status(), headers: Vec::new(), body }
            }
        }
    }

    fn error(&self, _: &mut World, status: u16, code: Option<&Value>, _: &str) -> Content {
        let code = code.cloned().unwrap_or_else(|| json!(status));
        Content::Json(json!({ "errors": [{ "code": code, "advice": "" }] }))
    }

    fn spoil(&self, _: &Damage, _: &mut Answer) {}
}
