//! Each fault as a client and a server see it.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, timeout};

use super::*;
use schedule::Stage;

mod socket;

const BODY: &str = "{\"status\":{\"code\":\"SUCCESS\"}}";

/// A server that answers everything after `delay`, and tells of every request and of every client that left before its answer.
async fn server(delay: Duration) -> (SocketAddr, mpsc::UnboundedReceiver<&'static str>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (news, told) = mpsc::unbounded_channel();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let news = news.clone();
            tokio::spawn(async move {
                let mut bytes = [0; 4_096];
                while stream.read(&mut bytes).await.is_ok_and(|count| count > 0) {
                    let _ = news.send("request");
                    tokio::select! {
                        _ = stream.read(&mut bytes) => { let _ = news.send("left"); }
                        () = sleep(delay) => {
                            let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", BODY.len());
                            let _ = stream.write_all(format!("{head}{BODY}").as_bytes()).await;
                        }
                    }
                }
            });
        }
    });
    (address, told)
}

/// A proxy in which the first request meets this.
async fn proxy(upstream: SocketAddr, fault: Fault) -> Proxy {
    let schedule = Schedule::first(fault);
    let proxy = Proxy::start(upstream, schedule, Arc::default()).await.unwrap();
    proxy.begin();
    proxy
}

async fn ask(stream: &mut TcpStream) {
    let request = "POST /messages HTTP/1.1\r\nhost: here\r\ncontent-length: 2\r\n\r\nhi";
    stream.write_all(request.as_bytes()).await.unwrap();
}

/// Everything that comes until the connection ends, and whether it was reset.
async fn rest(stream: &mut TcpStream) -> (String, bool) {
    let mut bytes = Vec::new();
    let ended = timeout(Duration::from_secs(10), stream.read_to_end(&mut bytes)).await.expect("it ends");
    (String::from_utf8(bytes).unwrap(), ended.is_err())
}

async fn one(fault: Fault) -> (String, bool, usize) {
    let (upstream, mut told) = server(Duration::ZERO).await;
    let proxy = proxy(upstream, fault).await;
    let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
    ask(&mut stream).await;
    let (text, reset) = rest(&mut stream).await;
    sleep(Duration::from_millis(50)).await;
    let mut requests = 0;
    while told.try_recv().is_ok() {
        requests += 1;
    }
    (text, reset, requests)
}

#[tokio::test]
async fn a_reset_is_a_reset_and_the_server_has_seen_the_request_or_not() {
    assert_eq!(one(Fault::Reset(Stage::Before)).await, (String::new(), true, 0));
    assert_eq!(one(Fault::Reset(Stage::After)).await, (String::new(), true, 1));
    // What had arrived before a reset may be gone with it: that is the system's choice.
    let (text, reset, requests) = one(Fault::Reset(Stage::Amid)).await;
    assert!(!text.contains(BODY) && reset && requests == 1, "{text}");
}

#[tokio::test]
async fn a_spoilt_answer_ends_before_it_is_whole() {
    let (text, reset, requests) = one(Fault::CutChunks).await;
    assert!(text.contains("transfer-encoding: chunked") && !text.ends_with("0\r\n\r\n"), "{text}");
    assert_eq!((reset, requests), (false, 1));
    let (text, reset, requests) = one(Fault::ShortBody).await;
    assert!(text.contains(&format!("content-length: {}", BODY.len() + 64)) && text.ends_with(BODY), "{text}");
    assert_eq!((reset, requests), (false, 1));
}

#[tokio::test]
async fn a_page_stands_in_for_the_answer_and_the_connection_goes_on() {
    let portal = |page| Fault::Portal { page, stays: Duration::ZERO };
    for (fault, status, passed_on) in [
        (Fault::BadGateway { forwarded: false }, "502 Bad Gateway", 0),
        (Fault::BadGateway { forwarded: true }, "502 Bad Gateway", 1),
        (portal(Page::Redirect), "302 Found", 0),
        (portal(Page::InPlace), "200 OK", 0),
    ] {
        let (upstream, mut told) = server(Duration::ZERO).await;
        let proxy = proxy(upstream, fault).await;
        let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
        let mut bytes = [0; 4_096];
        ask(&mut stream).await;
        let count = stream.read(&mut bytes).await.unwrap();
        let text = String::from_utf8_lossy(&bytes[..count]).into_owned();
        assert!(text.starts_with(&format!("HTTP/1.1 {status}")) && text.contains("<html>"), "{text}");
        let mut requests = 0;
        while told.try_recv().is_ok() {
            requests += 1;
        }
        assert_eq!(requests, passed_on, "{status}");
        ask(&mut stream).await;
        let count = stream.read(&mut bytes).await.unwrap();
        assert!(String::from_utf8_lossy(&bytes[..count]).ends_with(BODY));
    }
}

#[tokio::test]
async fn slow_answers_come_whole() {
    let hold = Duration::from_millis(80);
    let drip = Fault::Drip { piece: 7, gap: Duration::from_millis(1) };
    for fault in [
        Fault::Latency { before: hold, after: hold },
        Fault::Buffered { hold, head_first: false },
        Fault::Buffered { hold, head_first: true },
        drip,
    ] {
        let (upstream, _told) = server(Duration::ZERO).await;
        let proxy = proxy(upstream, fault.clone()).await;
        let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
        let start = Instant::now();
        ask(&mut stream).await;
        let mut text = String::new();
        while !text.ends_with(BODY) {
            let mut bytes = [0; 4_096];
            let count = stream.read(&mut bytes).await.unwrap();
            assert!(count > 0, "{fault:?} ends with {text}");
            text.push_str(&String::from_utf8_lossy(&bytes[..count]));
        }
        assert!(start.elapsed() >= Duration::from_millis(10), "{fault:?} takes its time");
    }
}

#[tokio::test]
async fn a_request_that_was_given_up_is_never_passed_on() {
    let wait = Duration::from_millis(150);
    for fault in [Fault::Latency { before: wait, after: wait }, Fault::HalfOpen { forwarded: false }] {
        let (upstream, mut told) = server(Duration::ZERO).await;
        let proxy = proxy(upstream, fault.clone()).await;
        let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
        ask(&mut stream).await;
        sleep(wait / 3).await;
        drop(stream);
        sleep(wait * 2).await;
        assert!(told.try_recv().is_err(), "{fault:?}");
    }
}

#[tokio::test]
async fn a_server_that_holds_a_request_learns_that_its_client_left() {
    let (upstream, mut told) = server(Duration::from_secs(20)).await;
    let proxy = proxy(upstream, Fault::Latency { before: Duration::ZERO, after: Duration::ZERO }).await;
    let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
    ask(&mut stream).await;
    assert_eq!(told.recv().await, Some("request"));
    drop(stream);
    let left = timeout(Duration::from_secs(10), told.recv()).await.expect("at once");
    assert_eq!(left, Some("left"));
}

#[tokio::test]
async fn nothing_is_heard_on_a_half_open_connection() {
    let (upstream, mut told) = server(Duration::ZERO).await;
    let proxy = proxy(upstream, Fault::HalfOpen { forwarded: true }).await;
    let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
    ask(&mut stream).await;
    assert_eq!(told.recv().await, Some("request"));
    let heard = timeout(Duration::from_millis(200), stream.read(&mut [0])).await;
    assert!(heard.is_err(), "neither a byte nor an end");
}
