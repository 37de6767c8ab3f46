//! Each fault on a socket, as a client and a server see it.

use super::*;

const FRAME: &[u8] = b"\x81\x06Hello!";
const NEXT: &[u8] = b"\x81\x04Next";

/// A server that opens every socket and says everything back. It tells what came, and with nothing at all that a socket has ended.
async fn echo() -> (SocketAddr, mpsc::UnboundedReceiver<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (news, told) = mpsc::unbounded_channel();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let news = news.clone();
            tokio::spawn(async move {
                let mut bytes = [0; 4_096];
                let head =
                    "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n";
                if stream.read(&mut bytes).await.is_ok() && stream.write_all(head.as_bytes()).await.is_ok() {
                    while let Ok(count @ 1..) = stream.read(&mut bytes).await {
                        let _ = news.send(bytes[..count].to_vec());
                        let _ = stream.write_all(&bytes[..count]).await;
                    }
                    let _ = news.send(Vec::new());
                }
            });
        }
    });
    (address, told)
}

async fn knock(proxy: &Proxy) -> TcpStream {
    let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
    let request = "GET /v1?deploymentId=Support HTTP/1.1\r\nhost: here\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n";
    stream.write_all(request.as_bytes()).await.unwrap();
    stream
}

/// A socket that opened in fine weather, and on which the next frame of either direction meets this.
async fn open(upstream: SocketAddr, fault: Fault) -> (Proxy, TcpStream) {
    let proxy = Proxy::start(upstream, Schedule::first(fault), Arc::default()).await.unwrap();
    let mut stream = knock(&proxy).await;
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(timeout(Duration::from_secs(10), stream.read_u8()).await.expect("it opens").unwrap());
    }
    let head = String::from_utf8(head).unwrap();
    assert!(head.starts_with("HTTP/1.1 101") && head.contains("connection: upgrade"), "{head}");
    proxy.begin();
    (proxy, stream)
}

/// All that comes until the socket ends.
async fn all(told: &mut mpsc::UnboundedReceiver<Vec<u8>>) -> Vec<u8> {
    let mut came = Vec::new();
    loop {
        let bytes =
            timeout(Duration::from_secs(10), told.recv()).await.expect("the server learns of the end");
        match bytes {
            Some(bytes) if !bytes.is_empty() => came.extend(bytes),
            _ => return came,
        }
    }
}

#[tokio::test]
async fn a_socket_ends_in_many_ways_and_the_server_has_the_frame_or_not() {
    const GATEWAY: &[u8] = &[0x88, 2, 3, 0xf6];
    let half = &FRAME[..FRAME.len() / 2];
    let nothing: &[u8] = &[];
    for (fault, there, back, was_reset) in [
        (Fault::Reset(Stage::Before), nothing, Some(nothing), true),
        (Fault::Reset(Stage::After), FRAME, None, true),
        (Fault::Reset(Stage::Amid), half, None, true),
        (Fault::CutChunks, half, None, false),
        (Fault::ShortBody, FRAME, None, false),
        (Fault::BadGateway { forwarded: false }, nothing, Some(GATEWAY), false),
        (Fault::BadGateway { forwarded: true }, FRAME, None, false),
    ] {
        let (upstream, mut told) = echo().await;
        let (_proxy, mut stream) = open(upstream, fault.clone()).await;
        stream.write_all(FRAME).await.unwrap();
        let mut bytes = Vec::new();
        let ended = timeout(Duration::from_secs(10), stream.read_to_end(&mut bytes)).await;
        assert_eq!(ended.expect("it ends").is_err(), was_reset, "{fault:?}");
        if let Some(back) = back {
            assert_eq!(bytes, back, "{fault:?}");
        }
        assert_eq!(all(&mut told).await, there, "{fault:?}");
    }
}

#[tokio::test]
async fn slow_frames_come_whole_and_in_their_order() {
    let hold = Duration::from_millis(80);
    for fault in [
        Fault::Latency { before: hold, after: hold },
        Fault::Buffered { hold, head_first: false },
        Fault::Buffered { hold, head_first: true },
        Fault::Drip { piece: 3, gap: Duration::from_millis(1) },
    ] {
        let (upstream, _told) = echo().await;
        let (_proxy, mut stream) = open(upstream, fault.clone()).await;
        stream.write_all(&[FRAME, NEXT].concat()).await.unwrap();
        let mut back = vec![0; FRAME.len() + NEXT.len()];
        timeout(Duration::from_secs(10), stream.read_exact(&mut back)).await.expect("they come").unwrap();
        assert_eq!(back, [FRAME, NEXT].concat(), "{fault:?}");
    }
}

#[tokio::test]
async fn a_frame_that_is_on_its_way_is_lost_with_its_client() {
    let wait = Duration::from_secs(60);
    for fault in [
        Fault::Latency { before: wait, after: wait },
        Fault::Buffered { hold: wait, head_first: false },
        Fault::HalfOpen { forwarded: false },
    ] {
        let (upstream, mut told) = echo().await;
        let (_proxy, mut stream) = open(upstream, fault.clone()).await;
        stream.write_all(FRAME).await.unwrap();
        drop(stream);
        assert!(all(&mut told).await.is_empty(), "{fault:?}");
    }
}

#[tokio::test]
async fn nothing_is_heard_on_a_half_open_socket() {
    let (upstream, mut told) = echo().await;
    let (_proxy, mut stream) = open(upstream, Fault::HalfOpen { forwarded: true }).await;
    stream.write_all(&[FRAME, NEXT].concat()).await.unwrap();
    assert_eq!(told.recv().await.unwrap(), FRAME, "and nothing behind it");
    let heard = timeout(Duration::from_millis(200), stream.read(&mut [0])).await;
    assert!(heard.is_err(), "neither a byte nor an end");
}

#[tokio::test]
async fn a_request_for_a_socket_has_its_fate_as_any_other() {
    for (fault, answer) in [
        (Fault::BadGateway { forwarded: false }, "HTTP/1.1 502"),
        (Fault::BadGateway { forwarded: true }, "HTTP/1.1 502"),
        (Fault::Portal { page: Page::Redirect, stays: Duration::ZERO }, "HTTP/1.1 302"),
        (Fault::Portal { page: Page::InPlace, stays: Duration::ZERO }, "HTTP/1.1 200"),
        (Fault::ShortBody, "HTTP/1.1 101"),
    ] {
        let (upstream, _told) = echo().await;
        let proxy = proxy(upstream, fault.clone()).await;
        let (text, reset) = rest(&mut knock(&proxy).await).await;
        assert!(text.starts_with(answer) && !reset, "{fault:?}: {text}");
    }
    let (upstream, mut told) = echo().await;
    let proxy = proxy(upstream, Fault::Reset(Stage::Before)).await;
    assert_eq!(rest(&mut knock(&proxy).await).await, (String::new(), true));
    assert!(told.try_recv().is_err());
}
