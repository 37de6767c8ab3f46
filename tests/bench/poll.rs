//! One long-poll cycle in processor time: the engine with everything it does for an answer (request, decode, reduce, publish, to
//! a listener that reads it) against a bare hyper loop that sends the same request and only reads the bytes. Both wait the same
//! time between polls, on one thread whose processor time is read from the system.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use envoi_engine::clock::SystemClock;
use envoi_engine::inbox::{Inbox, Options, World};
use envoi_engine::keyring::memory::MemoryVault;
use envoi_engine::net::http::HttpNetworks;
use envoi_engine::profile::Profile;
use envoi_engine::published::Published;
use envoi_protocol::view::{Change, Command, Content};
use http_body_util::{BodyExt as _, Empty};
use hyper::Request;
use hyper::body::Bytes;
use hyper_util::rt::TokioIo;

use crate::service::Service;
use crate::thread_time;

const CYCLES: usize = 100;
/// Average of the engine's own wait between two polls.
const GAP: Duration = Duration::from_millis(125);

pub(crate) fn run() {
    let peer = on_a_thread(hyper_loop);
    let ours = on_a_thread(engine);
    let us = |time: Duration| time.as_secs_f64() * 1e6 / CYCLES as f64;
    println!("poll: {CYCLES} cycles, processor time of one");
    println!("  envoi  {:>8.0} µs", us(ours));
    println!("  hyper  {:>8.0} µs", us(peer));
    println!("  ratio  {:.2} (goal: at most 2)", us(ours) / us(peer));
}

fn on_a_thread<F: Future<Output = Duration>>(case: impl FnOnce(Service) -> F + Send + 'static) -> Duration {
    let thread = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(case(Service::start()))
    });
    thread.join().expect("the case runs to its end")
}

async fn hyper_loop(service: Service) -> Duration {
    let stream = tokio::net::TcpStream::connect(service.address()).await.expect("it listens");
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.expect("it speaks HTTP");
    tokio::spawn(connection);
    let mut start = Duration::ZERO;
    for cycle in 0..=CYCLES {
        if cycle == 1 {
            start = thread_time();
        }
        let _ = service.say(format!("Message {cycle} of usual length, about the meter"));
        let request = Request::get(format!(
            "{}/S1/messages?operationId=0123456789-01234-01234-01234-{cycle}",
            service.url()
        ))
        .header("host", service.address().to_string())
        .header("x-api-key", "key")
        .header("x-nexus-client-key", "e30.eyJzZXNzaW9uSWQiOiJTMSJ9.c2ln")
        .body(Empty::<Bytes>::new())
        .expect("a good request");
        let answer = sender.send_request(request).await.expect("it answers");
        let body = answer.into_body().collect().await.expect("with a body").to_bytes();
        assert!(body.len() > 100);
        tokio::time::sleep(GAP).await;
    }
    thread_time() - start
}

async fn engine(service: Service) -> Duration {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = format!(
        "[[deployment]]\nid = \"t\"\nname = \"T\"\nservice = \"digital_channels\"\nmode = \"asynchronous\"\n[deployment.settings]\n\
         url = \"{}\"\nendpoint = \"Support\"\napi_key = \"key\"\n",
        service.url()
    );
    std::fs::write(folder.path().join("deployments.toml"), file).expect("the profile can be written");
    let world = World {
        networks: Arc::new(HttpNetworks::new()),
        vault: Arc::new(MemoryVault::default()),
        clock: Arc::new(SystemClock::start()),
    };
    let profile = Profile::folder(folder.path()).expect("a profile");
    let inbox = Inbox::open(profile, world, Options::default()).await.expect("it opens");
    let mut stream = inbox.subscribe();
    let id = inbox.open_conversation("t").expect("a conversation");
    let form = BTreeMap::from([("firstname".to_owned(), "Ann".to_owned())]);
    inbox.conversation(&id).expect("it is there").command(Command::Start { form }).await.expect("it starts");
    let mut start = Duration::ZERO;
    for cycle in 0..=CYCLES {
        if cycle == 1 {
            start = thread_time();
        }
        let _ = service.say(format!("Message {cycle} of usual length, about the meter"));
        let begun = Instant::now();
        while !is_message(stream.next().await) {
            assert!(begun.elapsed() < Duration::from_secs(20), "the message came");
        }
    }
    let used = thread_time() - start;
    inbox.close().await;
    used
}

fn is_message(published: Option<Published>) -> bool {
    let Some(Published::Update(update)) = published else { return false };
    let Change::Items(items) = update.change else { return false };
    items.put.iter().any(|placed| matches!(placed.item.content, Content::Message { .. }))
}
