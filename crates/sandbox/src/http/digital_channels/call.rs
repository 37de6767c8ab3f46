//! A customer's request, read: which operation it is and what it carries, whichever encoding it came in.

use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, Request};
use axum::http::{HeaderMap, Method, header};
use bytes::Bytes;
use serde_json::{Map, Value};

use crate::http::form;
use crate::log::Operation;
use crate::model::digital_channels::refusal::Refusal;

/// Largest request body that is read, in bytes: well above the largest picture, so that a picture that is too
/// large is refused in the service's own words.
const BODY_LIMIT: usize = 32 * 1024 * 1024;

/// One request of the customer.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) operation: Operation,
    pub(super) method: String,
    pub(super) path: String,
    pub(super) query: Vec<(String, String)>,
    pub(super) headers: Vec<String>,
    pub(super) content_type: Option<String>,
    pub(super) api_key: Option<String>,
    pub(super) client_key: Option<String>,
    /// Session id in the path.
    pub(super) session: Option<String>,
    /// Participant or picture in the path.
    pub(super) target: Option<String>,
    pub(super) operation_id: Option<String>,
    /// `data` of the body.
    pub(super) data: Map<String, Value>,
    /// All fields of the body under their wire names.
    pub(super) fields: Vec<(String, String)>,
    pub(super) file: Option<File>,
    /// Why the request cannot be served at all.
    pub(super) problem: Option<Refusal>,
}

/// An uploaded file.
#[derive(Debug, Clone)]
pub(super) struct File {
    pub(super) name: String,
    pub(super) bytes: Bytes,
}

impl Call {
    /// Reads a request with its body.
    pub(super) async fn read(request: Request) -> Self {
        let (parts, body) = request.into_parts();
        let path = parts.uri.path().to_owned();
        let query: Vec<(String, String)> =
            url::form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes())
                .into_owned()
                .collect();
        let header = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok());
        let client_key = header("x-nexus-client-key").filter(|key| !key.is_empty()).map(str::to_owned);
        let route = route(&parts.method, &path, &query, client_key.is_some());
        let mut call = Self {
            operation: route.operation,
            method: parts.method.to_string(),
            path,
            operation_id: query
                .iter()
                .find(|(name, _)| name == "operationId")
                .map(|(_, value)| value.clone()),
            query,
            headers: parts.headers.keys().map(|name| name.as_str().to_owned()).collect(),
            content_type: header(header::CONTENT_TYPE.as_str()).map(str::to_owned),
            api_key: header("x-api-key").map(str::to_owned),
            client_key,
            session: route.session,
            target: route.target,
            data: Map::new(),
            fields: Vec::new(),
            file: None,
            problem: route.problem,
        };
        match axum::body::to_bytes(body, BODY_LIMIT).await {
            Ok(bytes) => call.read_body(&parts.headers, bytes).await,
            Err(_) => call.problem = Some(Refusal::PictureTooLarge),
        }
        let kind = call.data.get("type").and_then(Value::as_str).unwrap_or_default();
        if call.operation == Operation::Send && kind.starts_with("Typing") {
            call.operation = Operation::Typing;
        }
        call
    }

    /// A query parameter.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(one, _)| one == name).map(|(_, value)| value.as_str())
    }

    async fn read_body(&mut self, headers: &HeaderMap, bytes: Bytes) {
        if bytes.is_empty() {
            return;
        }
        let kind = self.content_type.clone().unwrap_or_default().to_ascii_lowercase();
        let body = if kind.starts_with("multipart/form-data") {
            self.read_multipart(headers, bytes).await
        } else if kind.starts_with("application/json") {
            self.read_json(&bytes)
        } else {
            self.fields = url::form_urlencoded::parse(&bytes).into_owned().collect();
            Ok(form::nest(self.fields.iter().map(|(name, value)| (name.as_str(), value.as_str()))))
        };
        match body {
            Ok(mut body) => {
                if let Some(Value::String(id)) = body.remove("operationId") {
                    self.operation_id = Some(id);
                }
                if let Some(Value::Object(data)) = body.remove("data") {
                    self.data = data;
                }
            }
            Err(problem) => self.problem = self.problem.take().or(Some(Refusal::Malformed(problem))),
        }
    }

    fn read_json(&mut self, bytes: &[u8]) -> Result<Map<String, Value>, String> {
        match serde_json::from_slice(bytes) {
            Ok(Value::Object(body)) => {
                self.fields = form::flatten(&body);
                Ok(body)
            }
            Ok(_) => Err("The body is JSON, but no object.".to_owned()),
            Err(error) => Err(format!("The body is not JSON: {error}.")),
        }
    }

    async fn read_multipart(
        &mut self,
        headers: &HeaderMap,
        bytes: Bytes,
    ) -> Result<Map<String, Value>, String> {
        let mut request = Request::new(axum::body::Body::from(bytes));
        *request.headers_mut() = headers.clone();
        // The size was checked before; the library's own limit is lower than the largest picture.
        DefaultBodyLimit::max(BODY_LIMIT).apply(&mut request);
        let problem = |error: &dyn std::fmt::Display| format!("The multipart body cannot be read: {error}.");
        let mut parts = Multipart::from_request(request, &()).await.map_err(|error| problem(&error))?;
        while let Some(part) = parts.next_field().await.map_err(|error| problem(&error))? {
            let name = part.name().unwrap_or_default().to_owned();
            let file_name = part.file_name().map(str::to_owned);
            let content_type = part.content_type().unwrap_or("none").to_owned();
            let bytes = part.bytes().await.map_err(|error| problem(&error))?;
            if let Some(file_name) = file_name {
                self.fields
                    .push((name.clone(), format!("{file_name}; {content_type}; {} bytes", bytes.len())));
                if name == "file" {
                    self.file = Some(File { name: file_name, bytes });
                }
            } else {
                self.fields.push((name, String::from_utf8_lossy(&bytes).into_owned()));
            }
        }
        Ok(form::nest(self.fields.iter().map(|(name, value)| (name.as_str(), value.as_str()))))
    }
}

struct Route {
    operation: Operation,
    session: Option<String>,
    target: Option<String>,
    problem: Option<Refusal>,
}

fn route(method: &Method, path: &str, query: &[(String, String)], has_token: bool) -> Route {
    let parts: Vec<&str> = path
        .strip_prefix("/nexus/v3/chat/")
        .unwrap_or_default()
        .split('/')
        .filter(|part| !part.is_empty())
        .collect();
    let method = method.as_str();
    let (operation, session, target) = match (method, parts.as_slice()) {
        ("POST", ["sessions"]) if has_token => (Operation::Join, None, None),
        ("POST", ["sessions"]) => (Operation::Start, None, None),
        ("GET", ["sessions", session, "messages"]) => (read_kind(query), Some(*session), None),
        ("POST", ["sessions", session, "messages"]) => (Operation::Send, Some(*session), None),
        ("POST", ["sessions", session, "images"]) => (Operation::Upload, Some(*session), None),
        ("PUT", ["sessions", session, "userdata"]) => (Operation::Userdata, Some(*session), None),
        ("DELETE", ["sessions", session, "participants", who]) => {
            (Operation::Leave, Some(*session), Some(*who))
        }
        ("GET", ["media", id, ..]) => (Operation::Download, None, Some(*id)),
        (
            _,
            ["sessions"]
            | ["sessions", _, "messages" | "images" | "userdata"]
            | ["sessions", _, "participants", _]
            | ["media", ..],
        ) => return unknown(Refusal::WrongMethod),
        _ => return unknown(Refusal::NoSuchPath),
    };
    let owned = |text: Option<&str>| text.map(str::to_owned);
    Route { operation, session: owned(session), target: owned(target), problem: None }
}

fn unknown(problem: Refusal) -> Route {
    Route { operation: Operation::Unknown, session: None, target: None, problem: Some(problem) }
}

fn read_kind(query: &[(String, String)]) -> Operation {
    let has = |name: &str| query.iter().any(|(one, _)| one == name);
    match (has("index"), has("count")) {
        (false, false) => Operation::Poll,
        (true, false) => Operation::Resume,
        (false, true) => Operation::Restore,
        (true, true) => Operation::History,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn operation(method: &str, path: &str, query: &str, token: bool) -> Operation {
        let query: Vec<_> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        route(&method.parse().unwrap(), path, &query, token).operation
    }

    #[test]
    fn every_operation_has_its_request() {
        let base = "/nexus/v3/chat/sessions";
        assert_eq!(operation("POST", base, "", false), Operation::Start);
        assert_eq!(operation("POST", base, "", true), Operation::Join);
        let messages = format!("{base}/s/messages");
        assert_eq!(operation("GET", &messages, "operationId=1", true), Operation::Poll);
        assert_eq!(operation("GET", &messages, "index=1-0", true), Operation::Resume);
        assert_eq!(operation("GET", &messages, "count=20", true), Operation::Restore);
        assert_eq!(operation("GET", &messages, "index=1-0&count=20", true), Operation::History);
        assert_eq!(operation("DELETE", &format!("{base}/s/participants/p"), "", true), Operation::Leave);
        assert_eq!(operation("GET", "/nexus/v3/chat/media/1/a.png", "", true), Operation::Download);
    }

    #[test]
    fn a_wrong_method_is_told_from_an_unknown_path() {
        let problem = |method: &str, path: &str| route(&method.parse().unwrap(), path, &[], true).problem;
        assert_eq!(problem("PUT", "/nexus/v3/chat/sessions"), Some(Refusal::WrongMethod));
        assert_eq!(problem("GET", "/nexus/v3/chat/sessions/s"), Some(Refusal::NoSuchPath));
    }
}
