//! Each way in which a call can fail, tried against a bare listener on loopback.

mod shared;

use std::io;
use std::time::SystemTime;

use envoi_protocol::io::CallId;
use envoi_protocol::token::Secret;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::*;
use crate::net::trust;

fn call(url: impl AsRef<str>) -> HttpCall {
    HttpCall {
        id: CallId(1),
        what: "test",
        method: Method::Get,
        url: url.as_ref().parse().unwrap(),
        headers: Vec::new(),
        body: Body::Empty,
        timeout: Duration::from_secs(5),
        retry: false,
        progress: false,
        limit: 1_000,
    }
}

fn network() -> HttpNetwork {
    HttpNetwork::new(Route::default()).unwrap()
}

/// A listener that treats each connection with `serve`, and its address.
async fn listen<F: Future<Output = ()> + Send + 'static>(serve: fn(TcpStream) -> F) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream));
        }
    });
    format!("127.0.0.1:{}", address.port())
}

/// Everything up to the empty line, and what came of the body with it.
async fn request(stream: &mut TcpStream) -> String {
    let mut read = Vec::new();
    let mut chunk = [0; 4_096];
    while !read.windows(4).any(|end| end == b"\r\n\r\n") {
        let count = stream.read(&mut chunk).await.unwrap_or(0);
        if count == 0 {
            break;
        }
        read.extend_from_slice(&chunk[..count]);
    }
    String::from_utf8_lossy(&read).into_owned()
}

async fn answer(stream: &mut TcpStream, head: &str, body: &[u8]) {
    let head = format!("HTTP/1.1 {head}\r\ncontent-length: {}\r\n\r\n", body.len());
    // Whoever asked may have had enough.
    let _ = stream.write_all(head.as_bytes()).await;
    let _ = stream.write_all(body).await;
}

fn reset(stream: &TcpStream) -> io::Result<()> {
    // With no time to linger, closing resets the connection.
    #[expect(deprecated, reason = "blocking is what a test of zero seconds cannot do")]
    stream.set_linger(Some(Duration::ZERO))
}

#[tokio::test]
async fn an_answer_arrives_with_its_parts() {
    let host = listen(|mut stream| async move {
        request(&mut stream).await;
        answer(
            &mut stream,
            "429 Slow\r\ncontent-type: application/json; charset=utf-8\r\nretry-after: 7",
            b"{}",
        )
        .await;
    })
    .await;
    let reply = network().call(call(format!("http://{host}/x"))).await.unwrap();
    assert_eq!((reply.status, &*reply.content_type), (429, "application/json; charset=utf-8"));
    assert_eq!((reply.retry_after, &*reply.body), (Some(Duration::from_secs(7)), b"{}".as_slice()));
}

#[tokio::test]
async fn the_request_says_what_was_asked_and_nothing_more() {
    let host = listen(|mut stream| async move {
        let seen = request(&mut stream).await;
        answer(&mut stream, "200 OK", seen.as_bytes()).await;
    })
    .await;
    let asked = HttpCall {
        method: Method::Post,
        headers: vec![
            ("x-api-key".into(), HeaderValue::Secret(Secret::new("hush"))),
            ("x-plain".into(), HeaderValue::Plain("1".into())),
        ],
        body: Body::Form("a=b".into()),
        ..call(format!("http://{host}/x?y=z"))
    };
    let seen = String::from_utf8(network().call(asked).await.unwrap().body).unwrap().to_lowercase();
    assert!(seen.starts_with("post /x?y=z http/1.1\r\n"), "{seen}");
    for line in [
        "x-api-key: hush",
        "x-plain: 1",
        "content-type: application/x-www-form-urlencoded",
        concat!("user-agent: envoi/", env!("CARGO_PKG_VERSION")),
        "accept-encoding: gzip",
    ] {
        assert!(seen.contains(&format!("\r\n{line}\r\n")), "{line} is not in\n{seen}");
    }
    assert!(!seen.contains("cookie") && !seen.contains("referer"), "{seen}");
}

#[tokio::test]
async fn a_file_travels_as_one_part_of_several() {
    let host = listen(|mut stream| async move {
        let mut seen = request(&mut stream).await;
        let mut chunk = [0; 4_096];
        while !seen.contains("BYTES") {
            let count = stream.read(&mut chunk).await.unwrap();
            seen.push_str(&String::from_utf8_lossy(&chunk[..count]));
        }
        answer(&mut stream, "200 OK", seen.as_bytes()).await;
    })
    .await;
    let field = Part::Field { name: "operationId".into(), value: "op-1".into() };
    let file = Part::File {
        name: "file".into(),
        file: "a.png".into(),
        mime: "image/png".into(),
        bytes: b"BYTES".to_vec(),
    };
    let asked = HttpCall {
        method: Method::Post,
        body: Body::Multipart(vec![field, file]),
        limit: 5_000,
        ..call(format!("http://{host}/"))
    };
    let seen = String::from_utf8(network().call(asked).await.unwrap().body).unwrap();
    assert!(seen.contains("multipart/form-data; boundary="), "{seen}");
    assert!(seen.contains("name=\"operationId\"\r\n\r\nop-1\r\n"), "{seen}");
    assert!(
        seen.contains("name=\"file\"; filename=\"a.png\"\r\nContent-Type: image/png\r\n\r\nBYTES"),
        "{seen}"
    );
}

#[tokio::test]
async fn nobody_listening_is_unreachable() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let result = network().call(call(format!("http://{address}/"))).await;
    assert_eq!(result, Err(IoFault::Unreachable));
}

#[tokio::test]
async fn a_name_that_does_not_exist_is_unreachable() {
    let result = network().call(call("http://nowhere.invalid/")).await;
    assert_eq!(result, Err(IoFault::Unreachable));
}

#[tokio::test]
async fn a_connection_reset_before_the_request_is_read_is_broken() {
    let host = listen(|stream| async move {
        reset(&stream).unwrap();
    })
    .await;
    assert_eq!(network().call(call(format!("http://{host}/"))).await, Err(IoFault::Broken));
}

#[tokio::test]
async fn a_connection_reset_after_the_request_is_broken_and_may_have_arrived() {
    let host = listen(|mut stream| async move {
        request(&mut stream).await;
        reset(&stream).unwrap();
    })
    .await;
    let fault = network().call(call(format!("http://{host}/"))).await.unwrap_err();
    assert_eq!(fault, IoFault::Broken);
    assert!(fault.may_have_arrived());
}

#[tokio::test]
async fn an_answer_that_stops_halfway_is_broken() {
    let host = listen(|mut stream| async move {
        request(&mut stream).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"messa").await.unwrap();
    })
    .await;
    assert_eq!(network().call(call(format!("http://{host}/"))).await, Err(IoFault::Broken));
}

#[tokio::test]
async fn an_answer_that_is_not_http_is_broken() {
    let host = listen(|mut stream| async move {
        request(&mut stream).await;
        stream.write_all(b"220 mail.example ESMTP ready\r\n\r\n").await.unwrap();
    })
    .await;
    assert_eq!(network().call(call(format!("http://{host}/"))).await, Err(IoFault::Broken));
}

#[tokio::test]
async fn silence_is_a_timeout() {
    let host = listen(|mut stream| async move {
        request(&mut stream).await;
        std::future::pending::<()>().await;
    })
    .await;
    let asked = HttpCall { timeout: Duration::from_millis(200), ..call(format!("http://{host}/")) };
    assert_eq!(network().call(asked).await, Err(IoFault::Timeout));
}

#[tokio::test]
async fn an_answer_that_never_ends_is_a_timeout_too() {
    let host = listen(|mut stream| async move {
        request(&mut stream).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n").await.unwrap();
        while stream.write_all(b"x").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    })
    .await;
    let asked = HttpCall { timeout: Duration::from_millis(300), ..call(format!("http://{host}/")) };
    assert_eq!(network().call(asked).await, Err(IoFault::Timeout));
}

#[tokio::test]
async fn an_answer_that_announces_too_much_is_not_even_read() {
    let host = listen(|mut stream| async move {
        request(&mut stream).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 10485760\r\n\r\n").await.unwrap();
        std::future::pending::<()>().await;
    })
    .await;
    assert_eq!(network().call(call(format!("http://{host}/"))).await, Err(IoFault::TooLarge));
}

#[tokio::test]
async fn an_answer_that_grows_too_large_is_cut() {
    let host = listen(|mut stream| async move {
        request(&mut stream).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").await.unwrap();
        while stream.write_all(b"100\r\n").await.is_ok() {
            if stream.write_all(&[b'x'; 256]).await.is_err() || stream.write_all(b"\r\n").await.is_err() {
                return;
            }
        }
    })
    .await;
    assert_eq!(network().call(call(format!("http://{host}/"))).await, Err(IoFault::TooLarge));
}

#[tokio::test]
async fn an_answer_of_exactly_the_limit_is_taken() {
    let host = listen(|mut stream| async move {
        request(&mut stream).await;
        answer(&mut stream, "200 OK", &[b'x'; 1_000]).await;
    })
    .await;
    assert_eq!(network().call(call(format!("http://{host}/"))).await.unwrap().body.len(), 1_000);
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    let host = listen(|mut stream| async move {
        let seen = request(&mut stream).await;
        assert!(seen.starts_with("GET /x "), "{seen}");
        answer(&mut stream, "302 Found\r\nlocation: /elsewhere", b"").await;
    })
    .await;
    assert_eq!(network().call(call(format!("http://{host}/x"))).await.unwrap().status, 302);
}

#[tokio::test]
async fn connections_are_used_again() {
    let host = listen(|mut stream| async move {
        for number in 1..=2_u8 {
            request(&mut stream).await;
            answer(&mut stream, "200 OK", &[b'0' + number]).await;
        }
    })
    .await;
    let network = network();
    let mut seen = Vec::new();
    for _ in 0..2 {
        seen.extend(network.call(call(format!("http://{host}/"))).await.unwrap().body);
    }
    assert_eq!(seen, b"12", "the second call came on the first one's connection");
}

#[tokio::test]
async fn plain_words_in_place_of_a_secure_connection_cannot_be_trusted() {
    let host = listen(|mut stream| async move {
        let mut chunk = [0; 64];
        let _ = stream.read(&mut chunk).await;
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
    })
    .await;
    assert_eq!(network().call(call(format!("https://{host}/"))).await, Err(IoFault::Tls));
}

fn acceptor(key: &rcgen::CertifiedKey<rcgen::KeyPair>, versions: &[&[u8]]) -> tokio_rustls::TlsAcceptor {
    trust::provider();
    let secret = rustls::pki_types::PrivateKeyDer::try_from(key.signing_key.serialize_der()).unwrap();
    let mut config = rustls::ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![key.cert.der().clone()], secret)
        .unwrap();
    config.alpn_protocols = versions.iter().map(|version| version.to_vec()).collect();
    tokio_rustls::TlsAcceptor::from(Arc::new(config))
}

/// A listener that speaks TLS with this certificate and answers everything with 200.
async fn listen_securely(key: &rcgen::CertifiedKey<rcgen::KeyPair>) -> u16 {
    let acceptor = acceptor(key, &[H1]);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            if let Ok(mut stream) = acceptor.accept(stream).await {
                let mut chunk = [0; 4_096];
                let _ = stream.read(&mut chunk).await;
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await;
                let _ = stream.shutdown().await;
            }
        }
    });
    port
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_cannot_be_trusted() {
    let key = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let port = listen_securely(&key).await;
    let fault = network().call(call(format!("https://localhost:{port}/"))).await.unwrap_err();
    assert_eq!(fault, IoFault::Tls);
    assert!(!fault.may_have_arrived());
}

#[tokio::test]
async fn a_certificate_of_the_extra_file_is_trusted_and_only_for_its_name() {
    let key = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let port = listen_securely(&key).await;
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("ca.pem");
    std::fs::write(&file, key.cert.pem()).unwrap();
    let network = HttpNetwork::new(Route { proxy: None, extra_ca_file: Some(file) }).unwrap();
    assert_eq!(network.call(call(format!("https://localhost:{port}/"))).await.unwrap().body, b"ok");
    let elsewhere = network.call(call(format!("https://127.0.0.1:{port}/"))).await;
    assert_eq!(elsewhere, Err(IoFault::Tls));
}

#[tokio::test]
async fn addresses_and_headers_that_cannot_be_used_send_nothing() {
    let header = |name: &str, value: &str| HttpCall {
        headers: vec![(name.into(), HeaderValue::Plain(value.into()))],
        ..call("http://127.0.0.1:9/")
    };
    for bad in [
        call("file:///etc/passwd"),
        call("data:text/plain,x"),
        header("x bad", "1"),
        header("x-good", "a\r\nb: c"),
    ] {
        assert_eq!(network().call(bad).await, Err(IoFault::BadRequest));
    }
}

#[tokio::test]
async fn the_same_route_gives_the_same_connections() {
    let networks = HttpNetworks::new();
    let one = networks.along(&Route::default()).unwrap();
    let same = networks.along(&Route::default()).unwrap();
    assert!(Arc::ptr_eq(&one, &same));
    let proxy = Route { proxy: Some("http://127.0.0.1:9".parse().unwrap()), extra_ca_file: None };
    assert!(!Arc::ptr_eq(&one, &networks.along(&proxy).unwrap()));
}

#[tokio::test]
async fn a_proxy_is_used_for_the_world_and_not_for_this_computer() {
    let proxy = listen(|mut stream| async move {
        let seen = request(&mut stream).await;
        answer(&mut stream, "200 OK", seen.as_bytes()).await;
    })
    .await;
    let here = listen(|mut stream| async move {
        request(&mut stream).await;
        answer(&mut stream, "200 OK", b"here").await;
    })
    .await;
    let route = Route { proxy: Some(format!("http://{proxy}").parse().unwrap()), extra_ca_file: None };
    let network = HttpNetwork::new(route).unwrap();
    let seen = network.call(call("http://chat.example.invalid/x")).await.unwrap().body;
    assert!(String::from_utf8(seen).unwrap().starts_with("GET http://chat.example.invalid/x HTTP/1.1\r\n"));
    assert_eq!(network.call(call(format!("http://{here}/"))).await.unwrap().body, b"here");
}

#[tokio::test]
async fn after_a_wake_connections_are_made_anew() {
    let host = listen(|mut stream| async move {
        for number in 1..=2_u8 {
            request(&mut stream).await;
            answer(&mut stream, "200 OK", &[b'0' + number]).await;
        }
    })
    .await;
    let networks = HttpNetworks::new();
    let network = networks.along(&Route::default()).unwrap();
    let mut seen = Vec::new();
    for _ in 0..2 {
        seen.extend(network.call(call(format!("http://{host}/"))).await.unwrap().body);
        networks.refresh();
    }
    assert_eq!(seen, b"11");
}

#[test]
fn retry_after_is_read_from_seconds_and_from_a_date() {
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_770);
    assert_eq!(retry_after("120", now), Some(Duration::from_secs(120)));
    assert_eq!(retry_after("Sun, 06 Nov 1994 08:49:37 GMT", now), Some(Duration::from_secs(7)));
    assert_eq!(retry_after("Sun, 06 Nov 1994 08:00:00 GMT", now), Some(Duration::ZERO));
    assert_eq!(retry_after("soon", now), None);
    assert_eq!(retry_after("-5", now), None);
}

#[tokio::test]
async fn a_date_to_wait_for_is_read_by_the_clock_of_whoever_named_it() {
    let host = listen(|mut stream| async move {
        request(&mut stream).await;
        let status =
            "503 Busy\r\nDate: Sun, 06 Nov 1994 08:49:00 GMT\r\nRetry-After: Sun, 06 Nov 1994 08:49:37 GMT";
        answer(&mut stream, status, b"").await;
    })
    .await;
    let reply = network().call(call(format!("http://{host}/x"))).await.unwrap();
    assert_eq!(reply.retry_after, Some(Duration::from_secs(37)), "decades off, and no matter");
}
