//! Keeps web pages of other origins away from the control API and the console.
//!
//! The sandbox listens on loopback, where any page in a browser on this computer could reach it. Pages give
//! themselves away by the headers that browsers add, and a rebound name by its Host.

use axum::Json;
use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// Lets a request through if its Host is loopback and no other origin sent it.
pub(crate) async fn same_origin(request: Request, next: Next) -> Response {
    match problem(request.headers()) {
        None => next.run(request).await,
        Some(problem) => (StatusCode::FORBIDDEN, Json(json!({ "error": problem }))).into_response(),
    }
}

fn problem(headers: &HeaderMap) -> Option<&'static str> {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let host = text(header::HOST.as_str()).unwrap_or_default();
    if !is_loopback(host) {
        return Some("the Host header does not name this computer's loopback address");
    }
    if text(header::ORIGIN.as_str()).is_some_and(|origin| origin != format!("http://{host}")) {
        return Some("requests from pages of another origin are refused");
    }
    if text("sec-fetch-site").is_some_and(|site| site != "same-origin" && site != "none") {
        return Some("requests from pages of another site are refused");
    }
    None
}

fn is_loopback(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.chars().all(|c| c.is_ascii_digit()) => name,
        _ => host,
    };
    matches!(name, "127.0.0.1" | "localhost" | "[::1]")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(headers: &[(&'static str, &str)]) -> bool {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, value.parse().unwrap());
        }
        problem(&map).is_some()
    }

    #[test]
    fn only_loopback_names_are_served() {
        assert!(!refused(&[("host", "127.0.0.1:4000")]));
        assert!(!refused(&[("host", "localhost:4000")]));
        assert!(!refused(&[("host", "[::1]:4000")]));
        assert!(refused(&[("host", "rebound.example:4000")]));
        assert!(refused(&[("host", "127.0.0.1.example")]));
        assert!(refused(&[]));
    }

    #[test]
    fn pages_of_other_origins_are_refused() {
        let host = ("host", "127.0.0.1:4000");
        assert!(!refused(&[host, ("origin", "http://127.0.0.1:4000")]));
        assert!(refused(&[host, ("origin", "http://127.0.0.1:4001")]));
        assert!(refused(&[host, ("origin", "null")]));
        assert!(refused(&[host, ("sec-fetch-site", "cross-site")]));
        assert!(!refused(&[host, ("sec-fetch-site", "same-origin")]));
    }
}
