//! The services over TLS, as the world reaches them: HTTP/2 with whoever speaks it, HTTP/1.1 with everybody else, on a port of
//! their own. The certificate is made at each start and names this computer alone.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::extract::connect_info::Connected;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::serve::{IncomingStream, Listener};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::server::TlsStream;

use super::wire::{Wire, WireStream};
use crate::options::Secure;
use crate::sandbox::Error;
use crate::world::Shared;

/// Longest time for the two sides to agree; a caller that says nothing is let go.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// Connections that have agreed and wait to be served.
const WAITING: usize = 64;
/// What a front reads the scheme of its own address from.
const SCHEME: &str = "x-forwarded-proto";

/// The services, for connections of a [`SecureListener`].
pub(crate) fn router(shared: &Arc<Shared>) -> Router {
    super::services(shared).layer(middleware::from_fn(announce))
}

/// The address under which a caller knows this sandbox, up to the path.
pub(super) fn origin(headers: &HeaderMap) -> String {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let host = text(header::HOST.as_str()).unwrap_or("127.0.0.1");
    format!("{}://{host}", text(SCHEME).unwrap_or("http"))
}

/// HTTP/2 has no header that names the host, and nothing in a request says that it came by TLS: both are put where the fronts look.
async fn announce(mut request: Request, next: Next) -> Response {
    let host = request.uri().authority().and_then(|host| HeaderValue::from_str(host.as_str()).ok());
    let headers = request.headers_mut();
    if let Some(host) = host {
        headers.entry(header::HOST).or_insert(host);
    }
    headers.insert(SCHEME, HeaderValue::from_static("https"));
    next.run(request).await
}

/// Gives out connections on which both sides have agreed on TLS.
pub(crate) struct SecureListener {
    address: SocketAddr,
    agreed: mpsc::Receiver<(SecureStream, SocketAddr)>,
    accepting: JoinHandle<()>,
}

pub(crate) type SecureStream = TlsStream<WireStream>;

impl SecureListener {
    /// Listens, and writes the certificate that a client has to trust.
    ///
    /// # Errors
    /// [`Error::Listen`], and [`Error::Certificate`] if it cannot be made or written.
    pub(crate) async fn bind(secure: &Secure, shared: &Arc<Shared>) -> Result<Self, Error> {
        let failed = |source| Error::Listen { address: secure.listen, source };
        let listener = TcpListener::bind(secure.listen).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let acceptor = certify(address, secure)?;
        let (agree, agreed) = mpsc::channel(WAITING);
        let accepting = tokio::spawn(accept(listener, acceptor, Arc::clone(shared), agree));
        Ok(Self { address, agreed, accepting })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for SecureListener {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Listener for SecureListener {
    type Io = SecureStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        match self.agreed.recv().await {
            Some(agreed) => agreed,
            // Whoever accepts ends with this listener and not before.
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        Ok(self.address)
    }
}

impl Connected<IncomingStream<'_, SecureListener>> for Wire {
    fn connect_info(stream: IncomingStream<'_, SecureListener>) -> Self {
        stream.io().get_ref().0.wire.clone()
    }
}

async fn accept(
    mut listener: TcpListener,
    acceptor: TlsAcceptor,
    shared: Arc<Shared>,
    agree: mpsc::Sender<(SecureStream, SocketAddr)>,
) {
    loop {
        let (stream, address): (TcpStream, _) = Listener::accept(&mut listener).await;
        let agreeing = acceptor.accept(WireStream::new(stream, &shared.wires));
        let agree = agree.clone();
        tokio::spawn(async move {
            match tokio::time::timeout(HANDSHAKE, agreeing).await {
                // It fails when the sandbox stops.
                Ok(Ok(stream)) => drop(agree.send((stream, address)).await),
                Ok(Err(error)) => tracing::debug!(%error, "a caller did not agree on TLS"),
                Err(_elapsed) => tracing::debug!("a caller said nothing"),
            }
        });
    }
}

/// Makes a certificate for this address and `localhost`, and writes it where it is wanted.
fn certify(address: SocketAddr, secure: &Secure) -> Result<TlsAcceptor, Error> {
    let failed = |problem: &dyn ToString| Error::Certificate {
        path: secure.certificate.clone(),
        problem: problem.to_string(),
    };
    let names = vec!["localhost".to_owned(), address.ip().to_string()];
    let made = rcgen::generate_simple_self_signed(names).map_err(|error| failed(&error))?;
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).map_err(|error| failed(&error))?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(|builder| {
            builder.with_no_client_auth().with_single_cert(vec![made.cert.der().clone()], key)
        })
        .map_err(|error| failed(&error))?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    std::fs::write(&secure.certificate, made.cert.pem()).map_err(|error| failed(&error))?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}
