//! Sockets over real connections on loopback, with a server that does what a test says.

// The refusals of the server's library are as large as they are.
#![allow(clippy::result_large_err)]

use std::net::TcpListener;
use std::sync::Arc;
use std::thread;

use envoi_protocol::io::HeaderValue;
use envoi_protocol::token::Secret;
use tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tungstenite::protocol::CloseFrame;

use super::*;
use crate::net::http::HttpNetworks;
use crate::net::{Networks as _, Route};

type Peer = tungstenite::WebSocket<std::net::TcpStream>;

/// A server for one socket; gives back its address.
fn serve(
    admit: impl FnOnce(&Request, Response) -> Result<Response, ErrorResponse> + Send + 'static,
    play: impl FnOnce(Peer) + Send + 'static,
) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("ws://{}/v1?deploymentId=d", listener.local_addr().unwrap());
    thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        if let Ok(peer) = tungstenite::accept_hdr(stream, admit) {
            play(peer);
        }
    });
    address
}

fn anyone(_: &Request, response: Response) -> Result<Response, ErrorResponse> {
    Ok(response)
}

fn call(url: &str) -> SocketCall {
    SocketCall {
        id: SocketId(3),
        what: "test",
        url: url.to_owned(),
        headers: vec![("origin".into(), HeaderValue::Secret(Secret::new("https://shop.example")))],
        timeout: Duration::from_secs(10),
        ping: None,
        limit: 1_000,
        retry: false,
    }
}

struct Held {
    says: mpsc::UnboundedSender<Frame>,
    heard: mpsc::Receiver<(SocketId, SocketEvent)>,
}

impl Held {
    fn open(call: SocketCall) -> Self {
        let (says, say) = mpsc::unbounded();
        let (tell, heard) = mpsc::channel(8);
        let network = HttpNetworks::new().along(&Route::default()).unwrap();
        tokio::spawn(network.connect(call, Line { say: say.peekable(), tell }));
        Self { says, heard }
    }

    async fn next(&mut self) -> SocketEvent {
        let (socket, event) = timeout(Duration::from_secs(20), self.heard.next()).await.unwrap().unwrap();
        assert_eq!(socket, SocketId(3));
        event
    }
}

fn text(words: &str) -> SocketEvent {
    SocketEvent::Text(Frame(words.to_owned()))
}

#[tokio::test]
async fn a_socket_opens_with_its_headers_and_carries_words_both_ways() {
    let url = serve(
        |request, response| {
            assert_eq!(request.headers().get("origin").unwrap(), "https://shop.example");
            assert_eq!(request.uri().query(), Some("deploymentId=d"));
            Ok(response)
        },
        |mut peer| {
            let heard = peer.read().unwrap();
            peer.send(heard).unwrap();
            peer.close(Some(CloseFrame { code: 4_001.into(), reason: "".into() })).unwrap();
            while peer.read().is_ok() {}
        },
    );
    let mut line = Held::open(call(&url));
    assert_eq!(line.next().await, SocketEvent::Open);
    line.says.unbounded_send(Frame("hello".into())).unwrap();
    assert_eq!(line.next().await, text("hello"));
    assert_eq!(line.next().await, SocketEvent::Closed(Some(4_001)));
}

#[tokio::test]
async fn a_refusal_has_its_status() {
    let url =
        serve(|_, _| Err(tungstenite::http::Response::builder().status(403).body(None).unwrap()), |_| {});
    let refused = SocketFault::Refused { status: 403, retry_after: None };
    assert_eq!(Held::open(call(&url)).next().await, SocketEvent::Failed(refused));
}

#[tokio::test]
async fn where_nobody_listens_nothing_opens() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("ws://{}/", listener.local_addr().unwrap());
    drop(listener);
    let unreachable = SocketEvent::Failed(SocketFault::Io(IoFault::Unreachable));
    assert_eq!(Held::open(call(&url)).next().await, unreachable);
    let bad = SocketEvent::Failed(SocketFault::Io(IoFault::BadRequest));
    assert_eq!(Held::open(call("https://chat.example/")).next().await, bad);
}

#[tokio::test]
async fn what_was_said_before_a_shut_arrives_and_the_close_is_a_normal_one() {
    let (told, heard) = std::sync::mpsc::channel();
    let url = serve(anyone, move |mut peer| {
        for _ in 0..3 {
            told.send(peer.read().unwrap()).unwrap();
        }
    });
    let mut line = Held::open(call(&url));
    assert_eq!(line.next().await, SocketEvent::Open);
    line.says.unbounded_send(Frame("one".into())).unwrap();
    line.says.unbounded_send(Frame("two".into())).unwrap();
    drop(line.says);
    assert!(line.heard.next().await.is_none(), "nothing is told after a shut");
    let heard: Vec<_> = heard.iter().collect();
    assert_eq!(heard[0], tungstenite::Message::text("one"));
    assert_eq!(heard[1], tungstenite::Message::text("two"));
    let tungstenite::Message::Close(Some(close)) = &heard[2] else { panic!("{heard:?}") };
    assert_eq!(u16::from(close.code), 1_000);
}

#[tokio::test]
async fn too_large_a_message_ends_the_socket() {
    let url = serve(anyone, |mut peer| {
        peer.send(tungstenite::Message::text("x".repeat(5_000))).unwrap();
        while peer.read().is_ok() {}
    });
    let mut line = Held::open(call(&url));
    assert_eq!(line.next().await, SocketEvent::Open);
    assert_eq!(line.next().await, SocketEvent::Failed(SocketFault::Io(IoFault::TooLarge)));
}

#[tokio::test]
async fn a_peer_that_falls_silent_is_noticed_and_one_that_answers_is_not() {
    let silent = serve(anyone, |peer| {
        // Neither reads nor closes.
        thread::sleep(Duration::from_secs(60));
        drop(peer);
    });
    let mut line = Held::open(SocketCall { ping: Some(Duration::from_millis(100)), ..call(&silent) });
    assert_eq!(line.next().await, SocketEvent::Open);
    assert_eq!(line.next().await, SocketEvent::Failed(SocketFault::Io(IoFault::Timeout)));

    let pings = Arc::new(std::sync::atomic::AtomicU32::new(0));
    let seen = Arc::clone(&pings);
    let awake = serve(anyone, move |mut peer| {
        while seen.load(std::sync::atomic::Ordering::SeqCst) < 3 {
            if peer.read().unwrap().is_ping() {
                seen.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            }
        }
        peer.send(tungstenite::Message::text("still here")).unwrap();
        while peer.read().is_ok() {}
    });
    let mut line = Held::open(SocketCall { ping: Some(Duration::from_secs(1)), ..call(&awake) });
    assert_eq!(line.next().await, SocketEvent::Open);
    assert_eq!(line.next().await, text("still here"));
}

#[tokio::test]
async fn pings_after_long_silences_fall_together_and_none_is_early() {
    let zero = Instant::now();
    let ms = |ms: u64| zero + Duration::from_millis(ms);
    let rhythm = Rhythm { every: Duration::from_secs(15), zero };
    for heard in [1_001, 1_500, 2_000] {
        assert_eq!(rhythm.next(ms(heard)), ms(17_000), "heard at {heard}");
    }
    let brisk = Rhythm { every: Duration::from_secs(2), zero };
    assert_eq!(brisk.next(ms(1_500)), ms(3_500), "a second is much of two");
}
