//! A person who signs in on a page of a company's own, in the system's browser: OAuth 2.0 for native programs (RFC 8252).
//!
//! The answer comes back to a listener on this computer that lives as long as one sign-in. It hears one answer, the one with the
//! `state` that was drawn for it; everything else is turned away, whoever it comes from. Proof that the code is ours is a verifier
//! that never leaves this process but to the service that exchanges it (PKCE, RFC 7636, `S256`).
//!
//! The few lines of OAuth are our own: a library for it would bring the half that the service does here, the exchange.

use std::convert::Infallible;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use envoi_protocol::io::{SignInCall, SignInEvent, SignInFault, SignedIn};
use envoi_protocol::token::Secret;
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{self, HeaderValue};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use sha2::{Digest as _, Sha256};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use url::{Url, form_urlencoded};

use super::is_loopback;

mod page;

pub use page::Page;

/// How long a browser may take with the head of a request, and to fetch the answer once somebody has signed in.
const PATIENCE: Duration = Duration::from_secs(5);
/// Connections at a time: browsers open more than they use.
const CONNECTIONS: usize = 16;

/// Has a person sign in, and says what happens with `tell`. Dropping the future abandons it.
pub async fn run(call: SignInCall, page: Arc<Page>, tell: impl Fn(SignInEvent)) {
    let prepared = match prepare(&call).await {
        Ok(prepared) => prepared,
        Err(fault) => return tell(SignInEvent::Failed(fault)),
    };
    let Prepared { listener, address, redirect_uri, state, verifier } = prepared;
    tell(SignInEvent::Page { address });
    let (answer, mut answered) = oneshot::channel();
    let ear = Arc::new(Ear { host: host_of(&redirect_uri), state, page, answer: Mutex::new(Some(answer)) });
    let mut connections = JoinSet::new();
    let heard = tokio::time::timeout(call.timeout, async {
        loop {
            tokio::select! {
                heard = &mut answered => return heard.unwrap_or(Err(SignInFault::Deaf)),
                accepted = listener.accept(), if connections.len() < CONNECTIONS => {
                    if let Ok((stream, _)) = accepted {
                        connections.spawn(serve(stream, Arc::clone(&ear)));
                    }
                }
                Some(_) = connections.join_next() => {}
            }
        }
    });
    let result = heard.await.unwrap_or(Err(SignInFault::TimedOut));
    drop(listener);
    tell(match result {
        Ok(code) => SignInEvent::Done(SignedIn { code, verifier, redirect_uri }),
        Err(fault) => SignInEvent::Failed(fault),
    });
    // The browser still reads what it was answered.
    let _ = tokio::time::timeout(PATIENCE, async { while connections.join_next().await.is_some() {} }).await;
}

struct Prepared {
    listener: TcpListener,
    address: String,
    redirect_uri: String,
    state: String,
    verifier: Secret,
}

async fn prepare(call: &SignInCall) -> Result<Prepared, SignInFault> {
    let mut page = Url::parse(&call.page).map_err(|_| SignInFault::BadPage)?;
    if page.scheme() != "https" && !(page.scheme() == "http" && is_loopback(&page)) {
        return Err(SignInFault::BadPage);
    }
    let deaf = |cause: std::io::Error| {
        tracing::warn!(%cause, "the answer of a sign-in page cannot be listened for");
        SignInFault::Deaf
    };
    // By number, so that nobody's idea of `localhost` comes in between.
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, call.port.unwrap_or(0))).await.map_err(deaf)?;
    let port = listener.local_addr().map_err(deaf)?.port();
    let redirect_uri = format!("http://127.0.0.1:{port}/");
    let (state, verifier) = (random()?, random()?);
    let challenge = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()));
    {
        let mut query = page.query_pairs_mut();
        query
            .append_pair("response_type", "code")
            .append_pair("client_id", &call.client)
            .append_pair("redirect_uri", &redirect_uri);
        if !call.scope.is_empty() {
            query.append_pair("scope", &call.scope);
        }
        query
            .append_pair("state", &state)
            .append_pair("code_challenge", &challenge)
            .append_pair("code_challenge_method", "S256");
    }
    Ok(Prepared { listener, address: page.into(), redirect_uri, state, verifier: Secret::new(verifier) })
}

/// 256 random bits that can stand in an address.
fn random() -> Result<String, SignInFault> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|refused| {
        tracing::error!(%refused, "the system gives no random numbers");
        SignInFault::Deaf
    })?;
    Ok(BASE64_URL_SAFE_NO_PAD.encode(bytes))
}

fn host_of(redirect_uri: &str) -> String {
    redirect_uri.trim_start_matches("http://").trim_end_matches('/').to_owned()
}

/// What hears the one answer.
struct Ear {
    /// As a browser names this listener. A page elsewhere whose name leads here is not meant.
    host: String,
    state: String,
    page: Arc<Page>,
    answer: Mutex<Option<oneshot::Sender<Result<Secret, SignInFault>>>>,
}

async fn serve(stream: tokio::net::TcpStream, ear: Arc<Ear>) {
    let answer = service_fn(move |request: Request<Incoming>| {
        let response = ear.hear(&request);
        async move { Ok::<_, Infallible>(response) }
    });
    let served = hyper::server::conn::http1::Builder::new()
        .keep_alive(false)
        .timer(TokioTimer::new())
        .header_read_timeout(PATIENCE)
        .serve_connection(TokioIo::new(stream), answer)
        .await;
    if let Err(cause) = served {
        tracing::debug!(%cause, "a browser's connection ended early");
    }
}

impl Ear {
    fn hear(&self, request: &Request<Incoming>) -> Response<Full<Bytes>> {
        let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
        let here = request.method() == Method::GET && request.uri().path() == "/" && host == Some(&self.host);
        let query = request.uri().query().unwrap_or_default();
        let one = |name: &str| {
            let mut found = form_urlencoded::parse(query.as_bytes())
                .filter(|(key, _)| key == name)
                .map(|(_, value)| value);
            // Twice is as good as not at all.
            found.next().filter(|_| found.next().is_none())
        };
        if !here || one("state").as_deref() != Some(&self.state) {
            return response(StatusCode::BAD_REQUEST, self.page.stray());
        }
        let result = match (one("code"), one("error")) {
            (Some(code), None) if !code.is_empty() => Ok(Secret::new(code)),
            (_, Some(error)) => {
                tracing::info!(%error, "the sign-in page said no");
                Err(SignInFault::Declined)
            }
            _ => return response(StatusCode::BAD_REQUEST, self.page.stray()),
        };
        let answer = self.answer.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(answer) = answer else { return response(StatusCode::BAD_REQUEST, self.page.stray()) };
        let signed_in = result.is_ok();
        // Nobody is left to be told when the sign-in was given up in this instant.
        let _ = answer.send(result);
        response(StatusCode::OK, if signed_in { self.page.done() } else { self.page.declined() })
    }
}

fn response(status: StatusCode, html: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(html)));
    *response.status_mut() = status;
    let fields = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CONTENT_SECURITY_POLICY, page::POLICY),
    ];
    for (name, value) in fields {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

#[cfg(test)]
mod tests;
