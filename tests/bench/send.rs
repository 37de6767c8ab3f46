//! From Enter to the last byte of the request at the other end of a loopback connection: the engine with its real archive on a real
//! disk, which has to have the message before the request leaves. The limit is what nobody notices. Beside it stands what the
//! disk and the connection alone take on this machine: a page written and flushed, and the same request by bare hyper.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use envoi_engine::archive::key::ACCOUNT;
use envoi_engine::archive::{Archive, ArchiveKey};
use envoi_engine::clock::SystemClock;
use envoi_engine::conversation::Conversation;
use envoi_engine::inbox::{Inbox, Options, World};
use envoi_engine::keyring::memory::MemoryVault;
use envoi_engine::net::http::HttpNetworks;
use envoi_engine::profile::Profile;
use envoi_protocol::view::{Command, Memory, PhaseView, Snapshot};
use http_body_util::{BodyExt as _, Full};
use hyper::Request;
use hyper::body::Bytes;
use hyper_util::rt::TokioIo;

use crate::percentile;
use crate::service::Service;

/// As many as it takes that one slow moment of the disk does not make the figure: ten may be slower than it.
const MESSAGES: usize = 1_000;
/// Pause of somebody who writes fast.
const GAP: Duration = Duration::from_millis(20);
/// Milliseconds from which on a person might notice.
const LIMIT: f64 = 5.0;
/// Bytes of a page of the archive.
const PAGE: usize = 4_096;

pub(crate) fn run() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let ours = on_a_runtime(engine(Service::start(), folder.path().to_path_buf()));
    let disk = flushes(folder.path());
    let connection = on_a_runtime(hyper_alone(Service::start()));
    println!(
        "send: {MESSAGES} messages, from Enter to the request's last byte at the other end, committed first"
    );
    row("envoi", &ours);
    row("disk", &disk);
    row("hyper", &connection);
    let p99 = percentile(ours, 0.99);
    println!("  p99     {p99:.2} ms (limit: {LIMIT} ms)");
}

fn row(name: &str, times: &[f64]) {
    let [p50, p95, p99] = [0.5, 0.95, 0.99].map(|share| percentile(times.to_vec(), share));
    println!("  {name:<6}  p50 {p50:.2} ms, p95 {p95:.2} ms, p99 {p99:.2} ms");
}

fn on_a_runtime<F: Future<Output = Vec<f64>> + Send + 'static>(case: F) -> Vec<f64> {
    // As in the app: several threads, of which one has the conversation.
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(case)
}

async fn engine(service: Service, folder: std::path::PathBuf) -> Vec<f64> {
    let file = format!(
        "[[deployment]]\nid = \"t\"\nname = \"T\"\nservice = \"digital_channels\"\nmode = \"asynchronous\"\n[deployment.settings]\n\
         url = \"{}\"\nendpoint = \"Support\"\napi_key = \"key\"\n",
        service.url()
    );
    std::fs::write(folder.join("deployments.toml"), file).expect("the profile can be written");
    let vault = MemoryVault::default();
    let world = World {
        networks: Arc::new(HttpNetworks::new()),
        vault: Arc::new(vault.clone()),
        clock: Arc::new(SystemClock::start()),
    };
    let profile = Profile::folder(&folder).expect("a profile");
    let archive = profile.archive_file();
    let inbox = Inbox::open(profile, world, Options::default()).await.expect("it opens");
    let id = inbox.open_conversation("t").expect("a conversation");
    let conversation = inbox.conversation(&id).expect("it is there");
    let form = BTreeMap::from([("firstname".to_owned(), "Ann".to_owned())]);
    conversation.command(Command::Start { form }).await.expect("it starts");
    let is_kept = |snapshot: &Snapshot| snapshot.phase == PhaseView::Open && snapshot.memory == Memory::Kept;
    until(&conversation, is_kept).await;
    let mut times = Vec::with_capacity(MESSAGES);
    // The first makes the connection and fills the caches.
    for message in 0..=MESSAGES {
        let text = format!("Message {message} of usual length, about the meter in the cellar");
        let enter = Instant::now();
        let sent = conversation.command(Command::Send { text });
        let (sent, arrived) = tokio::join!(sent, service.arrived());
        sent.expect("it is taken");
        if message > 0 {
            times.push(arrived.saturating_duration_since(enter).as_secs_f64() * 1e3);
        }
        tokio::time::sleep(GAP).await;
    }
    inbox.close().await;
    drop(inbox);
    let key = vault.peek(ACCOUNT).and_then(|bytes| ArchiveKey::from_bytes(&bytes)).expect("there is a key");
    let (archive, _) = Archive::open(&archive, &key).expect("the archive opens");
    let kept = archive.load(&id, MESSAGES * 2).expect("it can be read").expect("the chat is in it");
    assert_eq!(kept.rows.len(), MESSAGES + 1, "every message is in the file");
    times
}

async fn until(conversation: &Conversation, met: impl Fn(&Snapshot) -> bool) {
    for _ in 0..2_000 {
        if conversation.snapshot().await.is_ok_and(|snapshot| met(&snapshot)) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the chat did not begin");
}

/// What it takes to write a page and have it on the disk itself.
fn flushes(folder: &Path) -> Vec<f64> {
    let mut file = File::create(folder.join("page")).expect("a file");
    let page = [7_u8; PAGE];
    let mut times = Vec::with_capacity(MESSAGES);
    for _ in 0..MESSAGES {
        let start = Instant::now();
        file.write_all(&page).and_then(|()| file.sync_data()).expect("it is written");
        times.push(start.elapsed().as_secs_f64() * 1e3);
        std::thread::sleep(GAP / 4);
    }
    times
}

async fn hyper_alone(service: Service) -> Vec<f64> {
    let stream = tokio::net::TcpStream::connect(service.address()).await.expect("it listens");
    stream.set_nodelay(true).expect("no delay");
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.expect("it speaks HTTP");
    tokio::spawn(connection);
    let mut times = Vec::with_capacity(MESSAGES);
    for message in 0..=MESSAGES {
        let text = format!(
            "operationId=0123456789&data%5Btype%5D=Text&data%5Btext%5D=Message+{message}+of+usual+length"
        );
        let request = Request::post(format!("{}/S1/messages", service.url()))
            .header("host", service.address().to_string())
            .header("content-type", "application/x-www-form-urlencoded")
            .header("x-api-key", "key")
            .body(Full::<Bytes>::from(text))
            .expect("a good request");
        let start = Instant::now();
        let (answer, arrived) = tokio::join!(sender.send_request(request), service.arrived());
        let answer = answer.expect("it answers").into_body().collect().await.expect("with a body").to_bytes();
        assert!(!answer.is_empty());
        if message > 0 {
            times.push(arrived.saturating_duration_since(start).as_secs_f64() * 1e3);
        }
        tokio::time::sleep(GAP / 4).await;
    }
    times
}
