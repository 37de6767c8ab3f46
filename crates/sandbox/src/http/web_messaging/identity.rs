//! Signing in over HTTP: the company's page, and what the service is asked about passes. What is said is decided by the model.

use std::collections::HashMap;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{ConnectInfo, OriginalUri, Query, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde_json::Value;

use super::{Call, What, problem};
use crate::http::answer::{Answer, Content};
use crate::http::exchange;
use crate::http::wire::Wire;
use crate::log::Operation;
use crate::model::web_messaging::identity::Page;
use crate::world::{Shared, World};

/// What is asked.
pub(super) enum Asked {
    Page { agreed: bool },
    Exchange(Value),
    Renew(Value),
    Revoke,
}

impl Asked {
    /// What a request asks, with the name of its method.
    fn of(method: &Method, path: &str, body: &[u8]) -> Option<(&'static str, Self)> {
        let request = || serde_json::from_slice(body).unwrap_or_default();
        Some(match (method.as_str(), path) {
            ("GET", "/sign-in/authorize") => ("GET", Self::Page { agreed: false }),
            ("GET", "/sign-in/agree") => ("GET", Self::Page { agreed: true }),
            ("POST", "/api/v2/webdeployments/token/oauthcodegrantjwtexchange") => {
                ("POST", Self::Exchange(request()))
            }
            ("POST", "/api/v2/webdeployments/token/refresh") => ("POST", Self::Renew(request())),
            ("DELETE", "/api/v2/webdeployments/token/revoke") => ("DELETE", Self::Revoke),
            _ => return None,
        })
    }
}

pub(super) async fn asked(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(wire): ConnectInfo<Wire>,
    OriginalUri(address): OriginalUri,
    method: Method,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let Some((method, asked)) = Asked::of(&method, address.path(), &body) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let (path, what) = (address.path().to_owned(), What::Identity(asked));
    let call = Call { operation: Operation::Setup, method, path, query, headers, what };
    exchange::serve(&shared, &wire, &call).await
}

impl Call {
    /// What the sign-in page and the service say about who somebody is.
    pub(super) fn identify(&self, shared: &Arc<Shared>, asked: &Asked) -> Answer {
        let given = |given: Result<Value, u16>| match given {
            Ok(given) => Answer { status: 200, headers: Vec::new(), body: Content::Json(given) },
            Err(status) => Answer { status, headers: Vec::new(), body: problem(status, "refused") },
        };
        match asked {
            Asked::Page { agreed } => {
                let page =
                    |world: &mut World, _| world.models.web_messaging.sign_in_page(&self.query, *agreed);
                match shared.change(page) {
                    Page::Asks(yes) => html(200, &format!("<p><a href=\"{}\">Sign in</a></p>", quoted(&yes))),
                    Page::Refuses(why) => html(400, &format!("<p>{}</p>", quoted(why))),
                    Page::Goes(to) => {
                        Answer { status: 302, headers: vec![("location", to)], body: Content::Empty }
                    }
                }
            }
            Asked::Exchange(request) => {
                given(shared.change(|world, now| world.models.web_messaging.exchange(now, request)))
            }
            Asked::Renew(request) => {
                given(shared.change(|world, now| world.models.web_messaging.renew(now, request)))
            }
            Asked::Revoke => {
                let pass = self.bearer();
                match shared.change(|world, now| world.models.web_messaging.revoke(now, pass)) {
                    Ok(()) => Answer { status: 204, headers: Vec::new(), body: Content::Empty },
                    Err(status) => given(Err(status)),
                }
            }
        }
    }
}

/// A page for a browser.
fn html(status: u16, body: &str) -> Answer {
    let page = format!(
        "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>Sign in</title>\n\
         <body><h1>The sandbox\u{2019}s sign-in page</h1>{body}</body></html>\n"
    );
    Answer {
        status,
        headers: Vec::new(),
        body: Content::Bytes("text/html; charset=utf-8".to_owned(), page.into()),
    }
}

fn quoted(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}
