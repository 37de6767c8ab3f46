//! The real network: HTTP with the certificates and proxies of the system.
//!
//! Redirects are not followed, cookies are not kept, and nothing of an address beyond its host is logged.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use envoi_protocol::io::{Body, HeaderValue, HttpCall, HttpReply, IoFault, Method, Part, SocketCall};
use envoi_protocol::token::Secret;
use futures_util::future::BoxFuture;
use futures_util::stream;
use reqwest::header::{self, HeaderMap};
use reqwest::{Client, ClientBuilder, multipart};
use rustls::ClientConfig;
use tokio::time::Instant;
use url::Url;

use super::outlook::Outlook;
use super::socket::{self, Line};
use super::trust::Trust;
use super::{Network, Networks, Route, RouteError, Told, classify, is_loopback};

/// The versions of HTTP, as they are named when two sides agree on TLS.
const H2: &[u8] = b"h2";
const H1: &[u8] = b"http/1.1";

/// Name and version under which Envoi asks.
pub const USER_AGENT: &str = concat!("Envoi/", env!("CARGO_PKG_VERSION"));

/// Longest time to make a connection; beyond it the service counts as unreachable.
const CONNECT: Duration = Duration::from_secs(15);

/// After this long without a byte a connection is probed, then this often, and after so many probes without an answer it is
/// given up: one that died in silence is noticed after half a minute, not when the poll on it runs out of time.
const PROBE: Duration = Duration::from_secs(15);
const PROBE_AGAIN: Duration = Duration::from_secs(5);
const PROBES: u32 = 3;

/// Longest time that a connection is kept for the next call: somebody on the way may forget it without a word, and a message
/// that goes out on it is not answered.
const IDLE: Duration = Duration::from_secs(30);

/// This many calls at most share a set of connections before another one is made. A service that speaks HTTP/2 takes all of them on one
/// connection, and may let any above its limit wait, behind polls that nobody will answer soon; RFC 9113, section 6.5.2, asks for
/// no limit below 100, and that is a common one.
const SHARE: usize = 80;

/// Keeps the connections for each route.
#[derive(Debug)]
pub struct HttpNetworks {
    trust: Trust,
    by_route: Mutex<HashMap<Route, Arc<HttpNetwork>>>,
    /// How often was looked for the ways out, and what was seen last.
    looked: Mutex<(u32, Outlook)>,
}

impl HttpNetworks {
    /// No connections so far.
    #[must_use]
    pub fn new() -> Self {
        Self { trust: Trust::begin(), by_route: Mutex::default(), looked: Mutex::default() }
    }
}

impl Default for HttpNetworks {
    fn default() -> Self {
        Self::new()
    }
}

impl Networks for HttpNetworks {
    fn along(&self, route: &Route) -> Result<Arc<dyn Network>, RouteError> {
        let mut by_route = self.by_route.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = by_route.get(route) {
            return Ok(Arc::clone(known) as Arc<dyn Network>);
        }
        let made = Arc::new(HttpNetwork::trusting(route.clone(), &self.trust)?);
        by_route.insert(route.clone(), Arc::clone(&made));
        Ok(made)
    }

    fn refresh(&self) {
        let by_route = self.by_route.lock().unwrap_or_else(PoisonError::into_inner);
        for network in by_route.values() {
            network.refresh();
        }
    }

    fn outlook(&self) -> Outlook {
        let mut looked = self.looked.lock().unwrap_or_else(PoisonError::into_inner);
        let (looks, outlook) = *looked;
        *looked = (looks.wrapping_add(1), outlook.again(looks));
        looked.1
    }
}

/// The connections along one route.
pub struct HttpNetwork {
    route: Route,
    /// Whom every connection trusts.
    trusted: ClientConfig,
    clients: Mutex<Clients>,
    /// From where the sockets count their seconds.
    zero: Instant,
}

struct Clients {
    first: Arc<Set>,
    /// In the order in which they are filled.
    more: Vec<Arc<Set>>,
    /// For sockets: they are opened by HTTP/1.1.
    sockets: Set,
}

/// A set of connections. Every call that is under way on it holds it.
struct Set {
    far: Client,
    /// For this computer, past every proxy: a proxy's `localhost` is another computer.
    near: Client,
}

impl HttpNetwork {
    /// Connections along a route.
    ///
    /// # Errors
    ///
    /// [`RouteError`] if a part of the route cannot be used.
    pub fn new(route: Route) -> Result<Self, RouteError> {
        Self::trusting(route, &Trust::begin())
    }

    fn trusting(route: Route, trust: &Trust) -> Result<Self, RouteError> {
        let trusted = trust.config(route.extra_ca_file.as_deref())?;
        let clients = Clients::new(&route, &trusted)?;
        Ok(Self { route, trusted, clients: Mutex::new(clients), zero: Instant::now() })
    }

    /// The first set with room for another call; a new one if none has any.
    fn set(&self) -> Arc<Set> {
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        // Each is held here as well.
        if let Some(free) = clients.sets().find(|set| Arc::strong_count(set) <= SHARE) {
            return Arc::clone(free);
        }
        match Set::new(&self.route, &self.trusted) {
            Ok(set) => clients.more.push(Arc::new(set)),
            Err(problem) => {
                tracing::warn!(%problem, "connections are shared by more calls than they should be");
            }
        }
        Arc::clone(clients.more.last().unwrap_or(&clients.first))
    }

    fn refresh(&self) {
        match Clients::new(&self.route, &self.trusted) {
            Ok(fresh) => *self.clients.lock().unwrap_or_else(PoisonError::into_inner) = fresh,
            Err(problem) => tracing::warn!(%problem, "keeping old connections"),
        }
    }
}

impl fmt::Debug for HttpNetwork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A proxy's address may hold a password.
        f.debug_struct("HttpNetwork").field("proxy", &self.route.proxy.is_some()).finish_non_exhaustive()
    }
}

impl Network for HttpNetwork {
    fn call(&self, call: HttpCall) -> BoxFuture<'static, Result<HttpReply, IoFault>> {
        Box::pin(within_limits(self.set(), call, None))
    }

    fn call_telling(&self, call: HttpCall, told: Told) -> BoxFuture<'static, Result<HttpReply, IoFault>> {
        Box::pin(within_limits(self.set(), call, Some(told)))
    }

    fn connect(&self, call: SocketCall, line: Line) -> BoxFuture<'static, ()> {
        let near = Url::parse(&call.url).is_ok_and(|url| is_loopback(&url));
        let clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        let client = if near { &clients.sockets.near } else { &clients.sockets.far };
        Box::pin(socket::run(client.clone(), call, line, self.zero))
    }
}

async fn within_limits(set: Arc<Set>, call: HttpCall, told: Option<Told>) -> Result<HttpReply, IoFault> {
    let (what, id) = (call.what, call.id.0);
    let timeout = call.timeout;
    let result = match tokio::time::timeout(timeout, carry_out(set.to(&call.url), call, told)).await {
        Ok(result) => result,
        Err(_elapsed) => Err(IoFault::Timeout),
    };
    match &result {
        Ok(reply) => {
            tracing::debug!(what, id, status = reply.status, bytes = reply.body.len(), "answered");
        }
        Err(fault) => tracing::debug!(what, id, %fault, "failed"),
    }
    result
}

impl Clients {
    fn new(route: &Route, trusted: &ClientConfig) -> Result<Self, RouteError> {
        let first = Arc::new(Set::new(route, trusted)?);
        Ok(Self { first, more: Vec::new(), sockets: Set::along(route, trusted, &[H1])? })
    }

    fn sets(&self) -> impl Iterator<Item = &Arc<Set>> {
        std::iter::once(&self.first).chain(&self.more)
    }
}

impl Set {
    fn new(route: &Route, trusted: &ClientConfig) -> Result<Self, RouteError> {
        Self::along(route, trusted, &[H2, H1])
    }

    /// Clients that offer these versions of HTTP, best first.
    fn along(route: &Route, trusted: &ClientConfig, versions: &[&[u8]]) -> Result<Self, RouteError> {
        let near = builder(trusted, versions).no_proxy();
        let mut far = builder(trusted, versions);
        if let Some(address) = &route.proxy {
            let proxy = reqwest::Proxy::all(address.clone());
            far = far.proxy(proxy.map_err(|refused| RouteError::Proxy(classify::cause(&refused)))?);
        }
        let build = |builder: ClientBuilder| {
            builder.build().map_err(|refused| RouteError::Client(classify::cause(&refused)))
        };
        Ok(Self { far: build(far)?, near: build(near)? })
    }

    fn to(&self, url: &Url) -> &Client {
        if is_loopback(url) { &self.near } else { &self.far }
    }
}

/// A client of this trust, with the versions of HTTP that it offers, best first.
fn builder(trusted: &ClientConfig, versions: &[&[u8]]) -> ClientBuilder {
    let mut tls = trusted.clone();
    tls.alpn_protocols = versions.iter().map(|version| version.to_vec()).collect();
    let client = Client::builder()
        .tls_backend_preconfigured(tls)
        .user_agent(USER_AGENT)
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .connect_timeout(CONNECT)
        .pool_idle_timeout(IDLE)
        .tcp_keepalive(PROBE)
        .tcp_keepalive_interval(PROBE_AGAIN)
        .tcp_keepalive_retries(PROBES)
        .http2_keep_alive_interval(PROBE)
        .http2_keep_alive_timeout(PROBE);
    // Without an agreement the library would try what it likes best.
    if versions.contains(&H2) { client } else { client.http1_only() }
}

async fn carry_out(client: &Client, call: HttpCall, sent: Option<Told>) -> Result<HttpReply, IoFault> {
    let HttpCall { what, url, limit, .. } = call;
    let told = |error: reqwest::Error| {
        let fault = classify::fault(&error);
        tracing::debug!(what, cause = classify::cause(&error), %fault, "no answer");
        fault
    };
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err(IoFault::BadRequest);
    }
    let method = match call.method {
        Method::Get => reqwest::Method::GET,
        Method::Post => reqwest::Method::POST,
        Method::Put => reqwest::Method::PUT,
        Method::Delete => reqwest::Method::DELETE,
    };
    let mut request = client.request(method, url).headers(headers(&call.headers)?);
    // An answer may be a long time coming.
    drop(call.headers);
    request = match call.body {
        Body::Empty => request,
        Body::Form(text) => {
            request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded").body(text)
        }
        Body::Json(text) => request.header(header::CONTENT_TYPE, "application/json").body(text),
        Body::Multipart(parts) => request.multipart(form(parts, sent.as_ref())?),
        Body::Bytes { mime, bytes } => {
            let request =
                request.header(header::CONTENT_TYPE, mime).header(header::CONTENT_LENGTH, bytes.len());
            match sent {
                Some(sent) => request.body(counted(bytes, sent)),
                None => request.body(bytes),
            }
        }
    };
    let mut response = request.send().await.map_err(told)?;
    let status = response.status().as_u16();
    let text = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
    let content_type = text(header::CONTENT_TYPE).unwrap_or_default().to_owned();
    let retry_after = text(header::RETRY_AFTER).and_then(|value| {
        // Their clock, not ours: ours may be a day off, and a wait must not be.
        let theirs = text(header::DATE).and_then(|value| httpdate::parse_http_date(value).ok());
        retry_after(value, theirs.unwrap_or_else(std::time::SystemTime::now))
    });
    let cookies = response.headers().get_all(header::SET_COOKIE).iter();
    let cookies = cookies.filter_map(|value| value.to_str().ok().map(Secret::new)).collect();
    // What a service announces is no more to be trusted than what it sends.
    let announced = response.content_length().and_then(|length| usize::try_from(length).ok()).unwrap_or(0);
    if announced > limit {
        return Err(IoFault::TooLarge);
    }
    let mut body = Vec::with_capacity(announced);
    while let Some(chunk) = response.chunk().await.map_err(told)? {
        if body.len().saturating_add(chunk.len()) > limit {
            return Err(IoFault::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(HttpReply { status, content_type, retry_after, cookies, body })
}

pub(super) fn headers(fields: &[(String, HeaderValue)]) -> Result<HeaderMap, IoFault> {
    let mut headers = HeaderMap::with_capacity(fields.len());
    for (name, value) in fields {
        let name = header::HeaderName::from_bytes(name.as_bytes()).map_err(|_| IoFault::BadRequest)?;
        let (text, secret) = match value {
            HeaderValue::Plain(text) => (text.as_str(), false),
            HeaderValue::Secret(secret) => (secret.expose(), true),
        };
        let mut value = header::HeaderValue::from_str(text).map_err(|_| IoFault::BadRequest)?;
        value.set_sensitive(secret);
        headers.append(name, value);
    }
    Ok(headers)
}

fn form(parts: Vec<Part>, sent: Option<&Told>) -> Result<multipart::Form, IoFault> {
    parts.into_iter().try_fold(multipart::Form::new(), |form, part| {
        Ok(match part {
            Part::Field { name, value } => form.text(name, value),
            Part::File { name, file, mime, bytes } => {
                let part = match sent {
                    Some(sent) => {
                        let length = bytes.len() as u64;
                        multipart::Part::stream_with_length(counted(bytes, Arc::clone(sent)), length)
                    }
                    None => multipart::Part::bytes(bytes),
                };
                let part = part.file_name(file);
                form.part(name, part.mime_str(&mime).map_err(|_| IoFault::BadRequest)?)
            }
        })
    })
}

/// Bytes that are told of as they leave, a piece at a time.
fn counted(bytes: Vec<u8>, sent: Told) -> reqwest::Body {
    const PIECE: usize = 64 * 1024;
    let pieces = stream::unfold((bytes, 0_usize), move |(bytes, at)| {
        // Asked for more: what was given before has left.
        sent(at as u64);
        let piece = bytes.get(at..bytes.len().min(at.saturating_add(PIECE))).unwrap_or_default().to_vec();
        async move {
            let next = at.saturating_add(piece.len());
            (!piece.is_empty()).then_some((Ok::<_, std::io::Error>(piece), (bytes, next)))
        }
    });
    reqwest::Body::wrap_stream(pieces)
}

/// `Retry-After` as a duration, from seconds or a date: RFC 9110, section 10.2.3. A date in the past is no wait at all.
pub(super) fn retry_after(value: &str, now: std::time::SystemTime) -> Option<Duration> {
    if let Ok(seconds) = value.trim().parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let date = httpdate::parse_http_date(value).ok()?;
    Some(date.duration_since(now).unwrap_or(Duration::ZERO))
}

#[cfg(test)]
mod tests;
