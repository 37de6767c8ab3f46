//! The floor of the long polls: bare hyper connections that say what a Bayeux client says and only read the bytes of the answers,
//! without addresses, proxies, limits, clocks or chats. Below it no client on this library gets.

use std::net::SocketAddr;
use std::time::Duration;

use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::SendRequest;
use hyper::{Request, Uri};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};

use crate::crowd::{self, Watch};

/// The word with which this program is called again.
pub(crate) const WORD: &str = "bare";

/// The process itself: so many sessions with the server at this address.
pub(crate) fn run(arguments: &[String]) {
    let [url, count, settle, window] = arguments else {
        panic!("an address, how many, and two times in seconds")
    };
    let [settle, window] = [settle, window].map(|text| Duration::from_secs(text.parse().expect("seconds")));
    let (url, count): (Uri, usize) = (url.parse().expect("an address"), count.parse().expect("a number"));
    // As in the app: on more threads it takes more.
    let runtime = envoi_engine::runtime::start().expect("a runtime");
    runtime.block_on(hold(url, count, Watch { settle, window }));
}

async fn hold(url: Uri, count: usize, watch: Watch) {
    let address =
        url.authority().expect("it names a host").as_str().parse().expect("it is a number and a port");
    // The first brings the code into memory.
    tokio::spawn(Session::begin(address, url.path().to_owned()).await.poll());
    tokio::time::sleep(Duration::from_secs(1)).await;
    crowd::say("start");
    for _ in 0..count {
        let session = Session::begin(address, url.path().to_owned()).await;
        tokio::spawn(session.poll());
    }
    tokio::time::sleep(watch.settle).await;
    crowd::say("begin");
    tokio::time::sleep(watch.window).await;
    crowd::say("end");
}

struct Session {
    sender: SendRequest<Full<Bytes>>,
    address: SocketAddr,
    path: String,
    client: String,
}

impl Session {
    async fn begin(address: SocketAddr, path: String) -> Self {
        let stream = tokio::net::TcpStream::connect(address).await.expect("it listens");
        let (sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.expect("it speaks HTTP");
        tokio::spawn(connection);
        let mut session = Self { sender, address, path, client: String::new() };
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
        let request = Request::post(&self.path)
            .header("host", self.address.to_string())
            .header("content-type", "application/json")
            .body(Full::from(what.to_string()))
            .expect("a good request");
        self.sender.ready().await.expect("it stays open");
        let answer = self.sender.send_request(request).await.expect("it answers");
        answer.into_body().collect().await.expect("with a body").to_bytes()
    }
}
