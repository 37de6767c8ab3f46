//! The agent console page, from this program's own bytes, under a policy that lets it load nothing else.

use axum::Router;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const PAGE: &str = include_str!("../console/console.html");
const STYLE: &str = include_str!("../console/console.css");
const BEHAVIOUR: &str = include_str!("../console/console.js");
const ICON: &str = include_str!("../console/icon.svg");

/// The page and its files.
pub(crate) fn router() -> Router {
    Router::new()
        .route("/console", get(|| page("text/html; charset=utf-8", PAGE)))
        .route("/console/console.css", get(|| page("text/css; charset=utf-8", STYLE)))
        .route("/console/console.js", get(|| page("text/javascript; charset=utf-8", BEHAVIOUR)))
        .route("/console/icon.svg", get(|| page("image/svg+xml", ICON)))
}

async fn page(mime: &'static str, text: &'static str) -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, mime),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (headers, text)
}
