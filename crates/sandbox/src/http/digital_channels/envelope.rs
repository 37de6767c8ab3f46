//! The envelope that every answer of Digital Channels v3 stands in.

use serde_json::{Value, json};

use crate::http::answer::{Answer, Content, put};
use crate::model::digital_channels::refusal::Refusal;

/// The envelope of a success.
pub(super) fn success(operation_id: Option<&str>, reference: &str, data: Value) -> Answer {
    let mut body = envelope(operation_id, reference, &json!({ "code": "SUCCESS" }));
    put(&mut body, "data", data);
    Answer { status: 200, headers: Vec::new(), body: Content::Json(body) }
}

/// The envelope of a refusal.
pub(super) fn refusal(operation_id: Option<&str>, reference: &str, refusal: &Refusal) -> Answer {
    let body = refusal.code().map_or(Content::Empty, |code| {
        let status = json!({ "code": code, "message": refusal.message() });
        Content::Json(envelope(operation_id, reference, &status))
    });
    Answer { status: refusal.status(), headers: Vec::new(), body }
}

/// The envelope of an error that a fault asks for.
pub(super) fn error(
    operation_id: Option<&str>,
    reference: &str,
    status: u16,
    code: Option<&Value>,
    message: &str,
) -> Content {
    let code = code.cloned().unwrap_or_else(|| usual_code(status).into());
    Content::Json(envelope(operation_id, reference, &json!({ "code": code, "message": message })))
}

fn envelope(operation_id: Option<&str>, reference: &str, status: &Value) -> Value {
    let mut body = json!({ "status": status, "referenceId": reference });
    if let Some(id) = operation_id {
        put(&mut body, "operationId", json!(id));
    }
    body
}

/// The code that usually comes with a status here, so that a bare `{"code": 404}` does what one expects.
fn usual_code(status: u16) -> &'static str {
    match status {
        401 => "AUTHENTICATION_REQUIRED",
        403 => "INVALID_CONTACT_CENTER",
        404 => "INVALID_SESSION",
        413 => "LIMIT_FILE_SIZE",
        429 => "TOO_MANY_REQUESTS",
        200..300 => "SUCCESS",
        _ => "INTERNAL_ERROR",
    }
}
