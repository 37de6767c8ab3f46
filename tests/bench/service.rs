//! A Digital Channels service that does nothing but answer fast and say when: the benchmarks measure the client, so the
//! sandbox's own work must not be in the figures. It runs on a thread of its own.

use std::net::SocketAddr;
use std::sync::{Arc, mpsc as answers};
use std::time::{Duration, Instant, SystemTime};

use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Mutex, mpsc};

/// A running service. It ends with the process.
pub(crate) struct Service {
    address: SocketAddr,
    pushes: mpsc::UnboundedSender<Push>,
    arrived: Mutex<mpsc::UnboundedReceiver<Instant>>,
}

struct Push {
    text: String,
    written: answers::Sender<SystemTime>,
}

impl Service {
    pub(crate) fn start() -> Self {
        let (pushes, waiting) = mpsc::unbounded_channel();
        let (arrivals, arrived) = mpsc::unbounded_channel();
        let (ready, address) = answers::channel();
        std::thread::spawn(move || {
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async {
                let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
                ready.send(listener.local_addr().expect("it has an address")).expect("somebody waits");
                let waiting = Arc::new(Mutex::new((waiting, 0_u64)));
                loop {
                    let (stream, _) = listener.accept().await.expect("connections come");
                    tokio::spawn(serve(stream, Arc::clone(&waiting), arrivals.clone()));
                }
            });
        });
        let address = address.recv().expect("the service starts");
        Self { address, pushes, arrived: Mutex::new(arrived) }
    }

    /// Address of its chats.
    pub(crate) fn url(&self) -> String {
        format!("http://{}/nexus/v3/chat/sessions", self.address)
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// When the next of the customer's messages was read from its socket, to its last byte.
    pub(crate) async fn arrived(&self) -> Instant {
        let next = async { self.arrived.lock().await.recv().await.expect("the service runs") };
        tokio::time::timeout(Duration::from_secs(20), next).await.expect("the message came")
    }

    /// Answers the next poll with an agent's message, and says when its last byte was handed to the socket.
    pub(crate) fn say(&self, text: String) -> answers::Receiver<SystemTime> {
        let (written, receiver) = answers::channel();
        self.pushes.send(Push { text, written }).expect("the service runs");
        receiver
    }
}

type Waiting = Arc<Mutex<(mpsc::UnboundedReceiver<Push>, u64)>>;

async fn serve(mut stream: TcpStream, waiting: Waiting, arrivals: mpsc::UnboundedSender<Instant>) {
    let _ = stream.set_nodelay(true);
    let mut bytes = Vec::new();
    loop {
        let Some(head) = read_head(&mut stream, &mut bytes).await else { return };
        let mut written = None;
        let body = match head.split(' ').collect::<Vec<_>>()[..] {
            ["POST", path, ..] if path.ends_with("/sessions") => {
                // {"sessionId":"S1","transportId":"T1","participantId":"P1"}
                let claims = "eyJzZXNzaW9uSWQiOiJTMSIsInRyYW5zcG9ydElkIjoiVDEiLCJwYXJ0aWNpcGFudElkIjoiUDEifQ";
                json!({ "status": { "code": "SUCCESS" }, "data": { "clientToken": format!("e30.{claims}.c2ln") } })
            }
            ["GET", path, ..] if path.contains("/messages") && !path.contains("count=") => {
                let mut waiting = waiting.lock().await;
                let Some(push) = waiting.0.recv().await else { return };
                waiting.1 += 1;
                written = Some(push.written);
                let index = format!("{}-0", 1_767_607_200_000 + waiting.1);
                json!({ "status": { "code": "SUCCESS" }, "operationId": "op", "referenceId": "ref", "data": {
                    "messages": [{ "type": "Text", "text": push.text, "index": index, "streamId": index,
                        "from": { "participantId": "A1", "type": "Agent", "nickname": "Maya" }, "visibility": "All",
                        "id": format!("00000000-0000-4000-8000-{:012}", waiting.1), "utcTime": "2026-01-05T10:00:03.012Z" }],
                    "lastDeliveredIndex": index, "chatEnded": false } })
            }
            ["POST", path, ..] if path.ends_with("/messages") => {
                let _ = arrivals.send(Instant::now());
                json!({ "status": { "code": "SUCCESS" }, "data": {} })
            }
            _ => json!({ "status": { "code": "SUCCESS" }, "data": {} }),
        };
        let body = body.to_string();
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        if stream.write_all(format!("{head}{body}").as_bytes()).await.is_err() {
            return;
        }
        if let Some(written) = written {
            let _ = written.send(SystemTime::now());
        }
    }
}

/// The request line, when head and body of a request have come.
async fn read_head(stream: &mut TcpStream, bytes: &mut Vec<u8>) -> Option<String> {
    loop {
        let text = String::from_utf8_lossy(bytes).into_owned();
        if let Some(end) = text.find("\r\n\r\n") {
            let head = text.get(..end)?.to_owned();
            let length = head.lines().find_map(|line| {
                line.to_ascii_lowercase().strip_prefix("content-length:")?.trim().parse().ok()
            });
            let whole = end + 4 + length.unwrap_or(0);
            if bytes.len() >= whole {
                bytes.drain(..whole);
                return head.lines().next().map(str::to_owned);
            }
        }
        let mut part = [0; 8_192];
        let count = stream.read(&mut part).await.ok().filter(|count| *count > 0)?;
        bytes.extend_from_slice(&part[..count]);
    }
}
