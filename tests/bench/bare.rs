//! The floor of the long polls: bare hyper connections that say what a Bayeux client says and only read the bytes of the answers,
//! without addresses, proxies, limits, clocks or chats. Below it no client on this library gets.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::{http1, http2};
use hyper::{Request, Response, Uri};
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use crate::crowd::{self, Watch};

/// The word with which this program is called again.
pub(crate) const WORD: &str = "bare";

/// As many sessions share a connection over HTTP/2 as calls do in Envoi.
const SHARE: usize = 80;

/// What the sessions speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// HTTP/1.1 in the clear.
    Clear,
    /// HTTP/1.1 over TLS.
    Tls,
    /// HTTP/2 over TLS, many sessions on one connection.
    Shared,
}

impl Kind {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Clear => "clear",
            Self::Tls => "tls",
            Self::Shared => "shared",
        }
    }
}

/// The process itself: so many sessions with the server at this address.
pub(crate) fn run(arguments: &[String]) {
    let [kind, url, count, settle, window, certificate @ ..] = arguments else {
        panic!("a kind, an address, how many, two times in seconds, and perhaps a certificate")
    };
    let kind = [Kind::Clear, Kind::Tls, Kind::Shared].into_iter().find(|known| known.word() == kind);
    let [settle, window] = [settle, window].map(|text| Duration::from_secs(text.parse().expect("seconds")));
    let url: Uri = url.parse().expect("an address");
    let kind = kind.expect("a kind");
    let place = Place {
        kind,
        address: url.authority().expect("a host").as_str().parse().expect("a number and a port"),
        path: url.path().to_owned(),
        tls: certificate.first().map(|file| connector(Path::new(file), kind)),
    };
    let count = count.parse().expect("a number");
    // As in the app: on more threads it takes more.
    let runtime = envoi_engine::runtime::start().expect("a runtime");
    runtime.block_on(hold(place, count, Watch { settle, window }));
}

async fn hold(place: Place, count: usize, watch: Watch) {
    // The first brings the code into memory.
    tokio::spawn(Session::begin(&place, place.line().await).await.poll());
    tokio::time::sleep(Duration::from_secs(1)).await;
    crowd::say("start");
    let mut shared = None;
    for number in 0..count {
        let line = match shared.take() {
            Some(Line::Shared(sender)) if number % SHARE != 0 => Line::Shared(sender),
            _ => place.line().await,
        };
        if let Line::Shared(sender) = &line {
            shared = Some(Line::Shared(sender.clone()));
        }
        tokio::spawn(Session::begin(&place, line).await.poll());
    }
    tokio::time::sleep(watch.settle).await;
    crowd::say("begin");
    tokio::time::sleep(watch.window).await;
    crowd::say("end");
}

/// Where the sessions go, and how.
struct Place {
    kind: Kind,
    address: SocketAddr,
    path: String,
    tls: Option<TlsConnector>,
}

impl Place {
    async fn line(&self) -> Line {
        let stream = TcpStream::connect(self.address).await.expect("it listens");
        stream.set_nodelay(true).expect("a socket");
        let Some(tls) = &self.tls else { return Line::owned(TokioIo::new(stream)).await };
        let name = ServerName::from(self.address.ip());
        let stream = TokioIo::new(tls.connect(name, stream).await.expect("it is trusted"));
        if self.kind != Kind::Shared {
            return Line::owned(stream).await;
        }
        let (sender, connection) =
            http2::handshake(TokioExecutor::new(), stream).await.expect("it speaks HTTP/2");
        tokio::spawn(connection);
        Line::Shared(sender)
    }
}

fn connector(certificate: &Path, kind: Kind) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(certificate).expect("a certificate")).expect("it can be trusted");
    let mut config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let version: &[u8] = if kind == Kind::Shared { b"h2" } else { b"http/1.1" };
    config.alpn_protocols = vec![version.to_vec()];
    TlsConnector::from(Arc::new(config))
}

/// A connection, or a part of one.
enum Line {
    Owned(http1::SendRequest<Full<Bytes>>),
    Shared(http2::SendRequest<Full<Bytes>>),
}

impl Line {
    async fn owned(stream: impl hyper::rt::Read + hyper::rt::Write + Send + Unpin + 'static) -> Self {
        let (sender, connection) = http1::handshake(stream).await.expect("it speaks HTTP");
        tokio::spawn(connection);
        Self::Owned(sender)
    }

    async fn send(&mut self, request: Request<Full<Bytes>>) -> Response<Incoming> {
        match self {
            Self::Owned(sender) => {
                sender.ready().await.expect("it stays open");
                sender.send_request(request).await
            }
            Self::Shared(sender) => {
                sender.ready().await.expect("it stays open");
                sender.send_request(request).await
            }
        }
        .expect("it answers")
    }
}

struct Session {
    line: Line,
    /// The whole address over HTTP/2, which has no header for the host.
    target: String,
    host: Option<String>,
    client: String,
}

impl Session {
    async fn begin(place: &Place, line: Line) -> Self {
        let (target, host) = match &line {
            Line::Owned(_) => (place.path.clone(), Some(place.address.to_string())),
            Line::Shared(_) => (format!("https://{}{}", place.address, place.path), None),
        };
        let mut session = Self { line, target, host, client: String::new() };
        let types = ["long-polling"];
        let answer = session
            .say(&json!([{ "channel": "/meta/handshake", "version": "1.0", "supportedConnectionTypes": types, "id": "0" }]))
            .await;
        let answer: Value = serde_json::from_slice(&answer).expect("JSON");
        session.client = answer[0]["clientId"].as_str().expect("a session").to_owned();
        session
    }

    async fn poll(mut self) {
        for id in 1_u64.. {
            let connect = json!([{
                "channel": "/meta/connect", "connectionType": "long-polling", "clientId": self.client, "id": id.to_string(),
            }]);
            assert!(!self.say(&connect).await.is_empty());
        }
    }

    async fn say(&mut self, what: &Value) -> Bytes {
        let mut request = Request::post(&self.target).header("content-type", "application/json");
        if let Some(host) = &self.host {
            request = request.header("host", host);
        }
        let request = request.body(Full::from(what.to_string())).expect("a good request");
        let answer = self.line.send(request).await;
        answer.into_body().collect().await.expect("with a body").to_bytes()
    }
}
