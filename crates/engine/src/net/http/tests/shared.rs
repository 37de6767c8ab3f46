//! Calls that share a connection over HTTP/2, tried against a server that lets a hundred of them share one.

use std::convert::Infallible;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::service::service_fn;
use hyper::{Response, Version};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::sync::watch;

use super::*;

/// What the server does with whoever asks.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mood {
    Answers,
    /// Every call waits.
    Holds,
    /// The connections that there are fall silent: nothing is read from them and nothing is closed.
    Silent,
}

struct Server {
    mood: watch::Sender<Mood>,
    address: String,
    seen: Arc<Seen>,
    certificate: tempfile::TempDir,
}

#[derive(Default)]
struct Seen {
    connections: AtomicUsize,
    waiting: AtomicUsize,
}

impl Server {
    async fn start() -> Self {
        let key = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
        let certificate = tempfile::tempdir().unwrap();
        std::fs::write(certificate.path().join("ca.pem"), key.cert.pem()).unwrap();
        let acceptor = acceptor(&key, &[H2]);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("https://{}/", listener.local_addr().unwrap());
        let (mood, seen) = (watch::Sender::new(Mood::Answers), Arc::<Seen>::default());
        let server = Self { mood: mood.clone(), address, seen: Arc::clone(&seen), certificate };
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let stream = acceptor.accept(stream).await.unwrap();
                seen.connections.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(serve(stream, mood.subscribe(), Arc::clone(&seen)));
            }
        });
        server
    }

    fn network(&self) -> HttpNetwork {
        let file = self.certificate.path().join("ca.pem");
        HttpNetwork::new(Route { proxy: None, extra_ca_file: Some(file) }).unwrap()
    }

    fn connections(&self) -> usize {
        self.seen.connections.load(Ordering::SeqCst)
    }
}

async fn serve(
    stream: tokio_rustls::server::TlsStream<TcpStream>,
    mut mood: watch::Receiver<Mood>,
    seen: Arc<Seen>,
) {
    let now = mood.clone();
    let answer = service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
        let (mut now, seen) = (now.clone(), Arc::clone(&seen));
        async move {
            assert_eq!(request.version(), Version::HTTP_2);
            seen.waiting.fetch_add(1, Ordering::SeqCst);
            let _ = now.wait_for(|mood| *mood == Mood::Answers).await;
            seen.waiting.fetch_sub(1, Ordering::SeqCst);
            Ok::<_, Infallible>(Response::new(Full::new(Bytes::from_static(b"here"))))
        }
    });
    let mut connection = pin!(
        hyper::server::conn::http2::Builder::new(TokioExecutor::new())
            .max_concurrent_streams(100)
            .serve_connection(TokioIo::new(stream), answer)
    );
    tokio::select! {
        _ended = connection.as_mut() => {}
        () = async { drop(mood.wait_for(|mood| *mood == Mood::Silent).await) } => std::future::pending().await,
    }
}

#[tokio::test]
async fn more_polls_than_a_connection_may_carry_all_reach_the_service() {
    let server = Server::start().await;
    let network = Arc::new(server.network());
    assert_eq!(network.call(call(&server.address)).await.unwrap().body, b"here");
    server.mood.send_replace(Mood::Holds);
    let polls: Vec<_> = (0..150)
        .map(|_| {
            let (network, poll) = (Arc::clone(&network), call(&server.address));
            tokio::spawn(async move { network.call(poll).await })
        })
        .collect();
    tokio::time::timeout(Duration::from_secs(4), async {
        while server.seen.waiting.load(Ordering::SeqCst) < polls.len() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await
    .expect("all of them wait at the service, none before it");
    server.mood.send_replace(Mood::Answers);
    for poll in polls {
        assert_eq!(poll.await.unwrap().unwrap().body, b"here");
    }
}

#[tokio::test]
async fn a_shared_connection_that_died_in_silence_is_given_up_and_not_used_again() {
    let server = Server::start().await;
    let network = server.network();
    assert_eq!(network.call(call(&server.address)).await.unwrap().body, b"here");
    server.mood.send_replace(Mood::Silent);
    tokio::time::pause();
    let start = tokio::time::Instant::now();
    let poll = HttpCall { timeout: Duration::from_secs(300), ..call(&server.address) };
    let fault = network.call(poll).await.unwrap_err();
    assert!(fault.may_have_arrived(), "{fault:?}");
    let given_up = start.elapsed();
    assert!(given_up <= 2 * PROBE + Duration::from_secs(1), "after {given_up:?}");
    tokio::time::resume();
    server.mood.send_replace(Mood::Answers);
    assert_eq!(network.call(call(&server.address)).await.unwrap().body, b"here");
    assert_eq!(server.connections(), 2);
}
