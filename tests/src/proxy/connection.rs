//! One connection of a client: request after request, each with its fate.
//!
//! Every wait here is also a wait for the client to go away, and whoever goes away takes the request along.

use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use super::answer::{Answer, Framing};
use super::request::Request;
use super::schedule::{Fault, Page, Stage};
use super::{Path, socket};

/// How long a half-open connection stays, if the client has that much patience.
pub(super) const SILENCE: Duration = Duration::from_secs(30);
/// Long enough for half an answer to arrive before the reset overtakes it.
pub(super) const HALF: Duration = Duration::from_millis(10);

/// What a client that follows a redirect is shown.
const SIGN_IN_PAGE: Fault = Fault::Portal { page: Page::InPlace, stays: Duration::ZERO };

/// What comes after a request.
enum Then {
    /// The next one.
    Next,
    /// An end in good order.
    Close,
    /// A reset.
    Reset,
}

/// The client went away.
struct Gone;

pub(super) async fn serve(mut stream: TcpStream, path: Arc<Path>) {
    // Bytes that drip are to leave as they drip.
    let _ = stream.set_nodelay(true);
    let mut rest = BytesMut::new();
    let mut upstream = None;
    while let Some(request) = Request::read(&mut stream, &mut rest).await {
        let fate =
            if request.is_for_sign_in() { Some(SIGN_IN_PAGE) } else { path.fate(request.lane(), &request) };
        if request.is_for_socket() {
            return socket::serve(stream, rest, &path, request, fate).await;
        }
        let mut way = Way { stream: &mut stream, upstream: &mut upstream, path: &path };
        // A connection that cannot be ended in this way has ended in another.
        let _ = match way.carry(request, fate).await {
            Ok(Then::Next) => continue,
            Ok(Then::Close) => stream.shutdown().await,
            Ok(Then::Reset) => stream.set_zero_linger(),
            Err(Gone) => Ok(()),
        };
        return;
    }
}

/// The connection onward, made when it is first needed.
struct Upstream {
    sender: SendRequest<Full<Bytes>>,
    _driver: Driver,
}

/// What moves a connection onward. Dropping it closes the connection.
pub(super) struct Driver(JoinHandle<()>);

impl Driver {
    pub(super) fn start<T>(connection: impl Future<Output = T> + Send + 'static) -> Self {
        Self(tokio::spawn(async move { drop(connection.await) }))
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        self.0.abort();
    }
}

struct Way<'a> {
    stream: &'a mut TcpStream,
    upstream: &'a mut Option<Upstream>,
    path: &'a Path,
}

impl Way<'_> {
    async fn carry(&mut self, request: Request, fate: Option<Fault>) -> Result<Then, Gone> {
        let Some(fate) = fate else {
            let answer = self.forward(request).await?;
            return self.write(&answer.bytes(Framing::Whole)).await;
        };
        match fate {
            Fault::Latency { before, after } => {
                self.wait(before).await?;
                let answer = self.forward(request).await?;
                self.wait(after).await?;
                self.write(&answer.bytes(Framing::Whole)).await
            }
            Fault::Reset(Stage::Before) => Ok(Then::Reset),
            Fault::Reset(Stage::After) => self.forward(request).await.map(|_| Then::Reset),
            Fault::Reset(Stage::Amid) => {
                let bytes = self.forward(request).await?.bytes(Framing::Whole);
                let (half, _) = bytes.split_at(bytes.len() / 2);
                self.write(half).await?;
                self.wait(HALF).await?;
                Ok(Then::Reset)
            }
            Fault::HalfOpen { forwarded } => {
                if forwarded {
                    self.forward(request).await?;
                }
                self.wait(SILENCE).await?;
                Ok(Then::Close)
            }
            Fault::Drip { piece, gap } => {
                let bytes = self.forward(request).await?.bytes(Framing::Whole);
                for piece in bytes.chunks(piece) {
                    self.write(piece).await?;
                    self.wait(gap).await?;
                }
                Ok(Then::Next)
            }
            Fault::CutChunks => self.spoil(request, Framing::CutChunks).await,
            Fault::ShortBody => self.spoil(request, Framing::Short).await,
            Fault::Buffered { hold, head_first } => {
                let answer = self.forward(request).await?;
                let (head, body) = (answer.head(Framing::Whole), answer.body(Framing::Whole));
                if head_first {
                    self.write(&head).await?;
                    self.wait(hold).await?;
                } else {
                    self.wait(hold).await?;
                    self.write(&head).await?;
                }
                self.write(&body).await
            }
            Fault::BadGateway { forwarded } => {
                if forwarded {
                    self.forward(request).await?;
                }
                self.write(&Answer::bad_gateway().bytes(Framing::Whole)).await
            }
            Fault::Portal { page, .. } => {
                let answer = match page {
                    Page::Redirect => Answer::redirect(),
                    Page::InPlace => Answer::sign_in(),
                };
                self.write(&answer.bytes(Framing::Whole)).await
            }
        }
    }

    async fn spoil(&mut self, request: Request, framing: Framing) -> Result<Then, Gone> {
        let answer = self.forward(request).await?;
        self.write(&answer.bytes(framing)).await?;
        Ok(Then::Close)
    }

    /// Passes a request on and takes the whole answer. A server that does not answer is a gateway's page.
    async fn forward(&mut self, request: Request) -> Result<Answer, Gone> {
        let name = request.to_string();
        let request = request.onward();
        let asking = ask(self.upstream, self.path, request);
        let asked = tokio::select! {
            biased;
            () = gone(self.stream) => None,
            asked = asking => Some(asked),
        };
        match asked {
            Some(Ok(answer)) => {
                self.path.ended(&name, &answer.to_string());
                Ok(answer)
            }
            Some(Err(_)) => {
                *self.upstream = None;
                Ok(Answer::bad_gateway())
            }
            None => {
                self.path.ended(&name, "given up by the client");
                *self.upstream = None;
                Err(Gone)
            }
        }
    }

    async fn wait(&self, time: Duration) -> Result<(), Gone> {
        tokio::select! {
            biased;
            () = gone(self.stream) => Err(Gone),
            () = sleep(time) => Ok(()),
        }
    }

    async fn write(&mut self, bytes: &[u8]) -> Result<Then, Gone> {
        self.stream.write_all(bytes).await.map_err(|_| Gone)?;
        Ok(Then::Next)
    }
}

/// Returns when the client has closed its end.
pub(super) async fn gone(stream: &TcpStream) {
    match stream.peek(&mut [0]).await {
        Ok(0) | Err(_) => {}
        // A client that already sends its next request is there.
        Ok(_) => std::future::pending().await,
    }
}

pub(super) type Failed = Box<dyn std::error::Error + Send + Sync>;

async fn ask(
    upstream: &mut Option<Upstream>,
    path: &Path,
    request: hyper::Request<Full<Bytes>>,
) -> Result<Answer, Failed> {
    if upstream.as_ref().is_none_or(|upstream| upstream.sender.is_closed()) {
        let stream = TcpStream::connect(path.upstream).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        *upstream = Some(Upstream { sender, _driver: Driver::start(connection) });
    }
    let upstream = upstream.as_mut().ok_or("there is no connection")?;
    upstream.sender.ready().await?;
    let (head, body) = upstream.sender.send_request(request).await?.into_parts();
    Ok(Answer::new(head.status, head.headers, body.collect().await?.to_bytes()))
}
