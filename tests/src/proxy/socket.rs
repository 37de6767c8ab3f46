//! A connection that has become a WebSocket: frame after frame, each with its fate, in either direction.
//!
//! The proxy knows where a frame begins and ends (RFC 6455, section 5.2), and nothing else of them. What has arrived has arrived, what had not when
//! the connection ended never will, and frames of one direction stay in their order.

use std::fmt;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body_util::{BodyExt as _, Full};
use hyper::StatusCode;
use hyper::client::conn::http1::handshake;
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, sleep_until, timeout};

use super::Path;
use super::answer::{Answer, Framing};
use super::connection::{Driver, Failed, HALF, SILENCE, gone};
use super::request::Request;
use super::schedule::{Fault, Lane, Page, Stage};

/// How long a server may take to close its end.
const GOODBYE: Duration = Duration::from_secs(1);
/// A gateway's goodbye: a close frame with the code that is registered for it, 1014.
const BAD_GATEWAY: [u8; 4] = [0x88, 0x02, 0x03, 0xf6];

/// How a connection ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// One side has closed it.
    Closed,
    /// It is reset.
    Reset,
    /// It is closed in good order, without the goodbye that sockets have.
    Cut,
    /// Nothing is heard any more, and nothing is closed.
    Silent,
    /// A gateway says goodbye.
    Gateway,
}

/// Carries a request for a socket, and the socket if there is one, to their end.
pub(super) async fn serve(
    mut stream: TcpStream,
    rest: BytesMut,
    path: &Path,
    request: Request,
    fate: Option<Fault>,
) {
    let (end, server) = match open(&mut stream, path, request, fate).await {
        Ok(mut server) => (talk(&mut stream, &mut server, rest, path).await, Some(server)),
        Err((end, server)) => (end, server),
    };
    // A connection that cannot be ended in this way has ended in another.
    let _ = match end {
        End::Reset => stream.set_zero_linger(),
        End::Gateway => {
            let told = stream.write_all(&BAD_GATEWAY).await;
            told.and(stream.shutdown().await)
        }
        End::Silent => {
            swallow(&mut stream, SILENCE).await;
            Ok(())
        }
        End::Closed | End::Cut => stream.shutdown().await,
    };
    drop(stream);
    if let Some(mut server) = server {
        // What was passed on is read before the end of it is.
        let _ = server.shutdown().await;
        swallow(&mut server, GOODBYE).await;
    }
}

type Server = TokioIo<Upgraded>;

/// Asks the server for a socket and tells the client what came of it; an end if nothing did.
async fn open(
    stream: &mut TcpStream,
    path: &Path,
    request: Request,
    fate: Option<Fault>,
) -> Result<Server, (End, Option<Server>)> {
    let early = |end| Err((end, None));
    match &fate {
        Some(Fault::Reset(Stage::Before)) => return early(End::Reset),
        Some(Fault::HalfOpen { forwarded: false }) => return early(End::Silent),
        Some(Fault::BadGateway { forwarded: false }) => return page(stream, &Answer::bad_gateway()).await,
        Some(Fault::Portal { page: Page::Redirect, .. }) => return page(stream, &Answer::redirect()).await,
        Some(Fault::Portal { page: Page::InPlace, .. }) => return page(stream, &Answer::sign_in()).await,
        Some(Fault::Latency { before, .. }) => wait(stream, *before).await.map_err(|end| (end, None))?,
        _ => {}
    }
    let name = request.to_string();
    let asked = tokio::select! {
        biased;
        () = gone(stream) => {
            path.ended(&name, "given up by the client");
            return early(End::Closed);
        }
        asked = ask(path, request) => asked,
    };
    let Ok((answer, server)) = asked else {
        return page(stream, &Answer::bad_gateway()).await;
    };
    path.ended(&name, &answer.to_string());
    let Some(server) = server else {
        return page(stream, &answer).await;
    };
    match answered(stream, &answer.head(Framing::Upgrade), fate).await {
        Ok(()) => Ok(server),
        Err(end) => Err((end, Some(server))),
    }
}

/// Tells the client that its socket is open, in the way that befalls the answer.
async fn answered(stream: &mut TcpStream, head: &[u8], fate: Option<Fault>) -> Result<(), End> {
    let half = head.split_at(head.len() / 2).0;
    match fate {
        Some(Fault::Latency { after, .. }) => wait(stream, after).await?,
        Some(Fault::Buffered { hold, .. }) => wait(stream, hold).await?,
        Some(Fault::Reset(Stage::After)) => return Err(End::Reset),
        Some(Fault::Reset(Stage::Amid)) => {
            write(stream, half).await?;
            wait(stream, HALF).await?;
            return Err(End::Reset);
        }
        Some(Fault::HalfOpen { .. }) => return Err(End::Silent),
        Some(Fault::CutChunks) => {
            write(stream, half).await?;
            return Err(End::Cut);
        }
        Some(Fault::ShortBody) => {
            write(stream, head).await?;
            return Err(End::Cut);
        }
        Some(Fault::BadGateway { .. }) => {
            write(stream, &Answer::bad_gateway().bytes(Framing::Whole)).await?;
            return Err(End::Closed);
        }
        Some(Fault::Drip { piece, gap }) => {
            for piece in head.chunks(piece) {
                write(stream, piece).await?;
                wait(stream, gap).await?;
            }
            return Ok(());
        }
        _ => {}
    }
    write(stream, head).await
}

/// Something else than a socket is the answer.
async fn page(stream: &mut TcpStream, answer: &Answer) -> Result<Server, (End, Option<Server>)> {
    // Whether the client still hears it or not, this is the end.
    let _ = write(stream, &answer.bytes(Framing::Whole)).await;
    Err((End::Closed, None))
}

async fn wait(stream: &TcpStream, time: Duration) -> Result<(), End> {
    tokio::select! {
        biased;
        () = gone(stream) => Err(End::Closed),
        () = sleep(time) => Ok(()),
    }
}

async fn write(to: &mut (impl AsyncWrite + Unpin), bytes: &[u8]) -> Result<(), End> {
    to.write_all(bytes).await.map_err(|_| End::Closed)?;
    to.flush().await.map_err(|_| End::Closed)
}

/// The server's answer, and the socket if it is one.
async fn ask(path: &Path, request: Request) -> Result<(Answer, Option<Server>), Failed> {
    let stream = TcpStream::connect(path.upstream).await?;
    stream.set_nodelay(true)?;
    let (mut sender, connection) = handshake::<_, Full<Bytes>>(TokioIo::new(stream)).await?;
    let _driver = Driver::start(connection.with_upgrades());
    let mut response = sender.send_request(request.onward_for_socket()).await?;
    let server = if response.status() == StatusCode::SWITCHING_PROTOCOLS {
        Some(TokioIo::new(hyper::upgrade::on(&mut response).await?))
    } else {
        None
    };
    let (head, body) = response.into_parts();
    let body = if server.is_some() { Bytes::new() } else { body.collect().await?.to_bytes() };
    Ok((Answer::new(head.status, head.headers, body), server))
}

/// Passes frames on in both directions.
async fn talk(stream: &mut TcpStream, server: &mut Server, rest: BytesMut, path: &Path) -> End {
    let (from_client, to_client) = stream.split();
    let (from_server, to_server) = tokio::io::split(server);
    let mut up = Passage { from: from_client, to: to_server, rest, lane: Lane::Up, path };
    let mut down =
        Passage { from: from_server, to: to_client, rest: BytesMut::new(), lane: Lane::Down, path };
    tokio::select! {
        end = up.run() => end,
        end = down.run() => end,
    }
}

/// One direction.
struct Passage<'a, R, W> {
    from: R,
    to: W,
    /// What came and was not passed on yet.
    rest: BytesMut,
    lane: Lane,
    path: &'a Path,
}

impl<R: AsyncRead + Unpin, W: AsyncWrite + Unpin> Passage<'_, R, W> {
    async fn run(&mut self) -> End {
        loop {
            while let Some(frame) = Frame::take(&mut self.rest) {
                if let Err(end) = self.carry(&frame).await {
                    return end;
                }
            }
            match self.from.read_buf(&mut self.rest).await {
                Ok(0) | Err(_) => return End::Closed,
                Ok(_) => {}
            }
        }
    }

    async fn carry(&mut self, frame: &Frame) -> Result<(), End> {
        let bytes = &frame.bytes;
        // Pings and goodbyes are the connection's own.
        let fate = if frame.is_control() { None } else { self.path.fate(self.lane, frame) };
        let Some(fate) = fate else { return write(&mut self.to, bytes).await };
        let (half, other) = bytes.split_at(bytes.len() / 2);
        match fate {
            Fault::Latency { before, .. } => {
                self.wait(before).await?;
                write(&mut self.to, bytes).await
            }
            Fault::Reset(Stage::Before) | Fault::Portal { .. } => Err(End::Reset),
            Fault::Reset(Stage::After) => {
                write(&mut self.to, bytes).await?;
                Err(End::Reset)
            }
            Fault::Reset(Stage::Amid) => {
                write(&mut self.to, half).await?;
                self.wait(HALF).await?;
                Err(End::Reset)
            }
            Fault::HalfOpen { forwarded } => {
                if forwarded {
                    write(&mut self.to, bytes).await?;
                }
                Err(End::Silent)
            }
            Fault::Drip { piece, gap } => {
                for piece in bytes.chunks(piece) {
                    write(&mut self.to, piece).await?;
                    self.wait(gap).await?;
                }
                Ok(())
            }
            Fault::CutChunks => {
                write(&mut self.to, half).await?;
                Err(End::Cut)
            }
            Fault::ShortBody => {
                write(&mut self.to, bytes).await?;
                Err(End::Cut)
            }
            Fault::Buffered { hold, head_first } => {
                if head_first {
                    write(&mut self.to, half).await?;
                    self.wait(hold).await?;
                    write(&mut self.to, other).await
                } else {
                    self.wait(hold).await?;
                    write(&mut self.to, bytes).await
                }
            }
            Fault::BadGateway { forwarded } => {
                if forwarded {
                    write(&mut self.to, bytes).await?;
                }
                Err(End::Gateway)
            }
        }
    }

    /// Lets time pass. A client that goes away meanwhile takes along what it had said; what a server had said still arrives.
    async fn wait(&mut self, time: Duration) -> Result<(), End> {
        let until = Instant::now() + time;
        loop {
            tokio::select! {
                () = sleep_until(until) => return Ok(()),
                read = self.from.read_buf(&mut self.rest), if self.lane == Lane::Up => match read {
                    Ok(0) | Err(_) => return Err(End::Closed),
                    Ok(_) => {}
                },
            }
        }
    }
}

/// Takes in what comes, for so long at most, and passes nothing on.
async fn swallow(from: &mut (impl AsyncRead + Unpin), time: Duration) {
    let mut bytes = [0; 1_024];
    let ends = async { while from.read(&mut bytes).await.is_ok_and(|count| count > 0) {} };
    // Whether it ended or the time did makes no difference.
    let _ = timeout(time, ends).await;
}

/// One frame, as it is on the wire.
#[derive(Debug, PartialEq, Eq)]
struct Frame {
    bytes: Bytes,
    /// Where the payload begins.
    payload: usize,
    masked: bool,
}

impl Frame {
    /// The next one, if it is whole.
    fn take(rest: &mut BytesMut) -> Option<Self> {
        let second = *rest.get(1)?;
        let masked = second & 0x80 != 0;
        let (length, head) = match second & 0x7f {
            126 => (u64::from(u16::from_be_bytes(rest.get(2..4)?.try_into().ok()?)), 4),
            127 => (u64::from_be_bytes(rest.get(2..10)?.try_into().ok()?), 10),
            short => (u64::from(short), 2),
        };
        let payload = if masked { head + 4 } else { head };
        let whole = usize::try_from(length).ok()?.checked_add(payload)?;
        (rest.len() >= whole).then(|| Self { bytes: rest.split_to(whole).freeze(), payload, masked })
    }

    fn is_control(&self) -> bool {
        self.bytes.first().is_some_and(|first| first & 0x08 != 0)
    }

    fn words(&self) -> Vec<u8> {
        let (head, payload) = self.bytes.split_at(self.payload);
        let key = if self.masked { head.split_at(self.payload - 4).1 } else { &[0] };
        payload.iter().zip(key.iter().cycle()).map(|(byte, key)| byte ^ key).collect()
    }
}

impl fmt::Display for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "frame {}", String::from_utf8_lossy(&self.words()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_found_in_the_bytes_whatever_its_length() {
        for length in [0_usize, 5, 125, 126, 300, 70_000] {
            for masked in [false, true] {
                let mut bytes = vec![0x81];
                let mask = if masked { 0x80 } else { 0 };
                match u16::try_from(length) {
                    Ok(short @ ..126) => bytes.push(mask | u8::try_from(short).unwrap()),
                    Ok(long) => {
                        bytes.push(mask | 126);
                        bytes.extend(long.to_be_bytes());
                    }
                    Err(_) => {
                        bytes.push(mask | 127);
                        bytes.extend((length as u64).to_be_bytes());
                    }
                }
                let key = [1, 2, 3, 4];
                if masked {
                    bytes.extend(key);
                }
                let letters = std::iter::repeat_n(b'x', length).enumerate();
                bytes.extend(letters.map(|(at, byte)| if masked { byte ^ key[at % 4] } else { byte }));
                let mut rest = BytesMut::from(&bytes[..bytes.len() - 1]);
                if length > 0 {
                    assert_eq!(Frame::take(&mut rest), None, "it is not whole");
                }
                let mut rest = BytesMut::from(&bytes[..]);
                rest.extend_from_slice(&[0x89, 0]);
                let frame = Frame::take(&mut rest).unwrap();
                assert_eq!((frame.is_control(), frame.words().len()), (false, length));
                assert!(frame.words().iter().all(|byte| *byte == b'x'));
                assert!(Frame::take(&mut rest).unwrap().is_control() && rest.is_empty());
            }
        }
    }
}
