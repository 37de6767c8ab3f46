//! A thousand chats by long poll in one process: processor time of one poll in which nothing comes, and memory of one chat. The
//! peer is npm's `cometd` with `cometd-nodejs-client`, the client that contact centres' own pages use, with as many sessions in
//! one Node process, each with a jar of cookies of its own: a server slows several sessions of one browser down. Beside it stands
//! the floor, bare hyper connections that only read bytes. All poll the sandbox, which answers a poll with nothing to say after a
//! moment: once over TLS, which is how services are reached, and once in the clear.
//!
//! The floor takes more time than the goal allows, and most of what is above it is the HTTP library's: see "What an idle chat holds"
//! in docs/DECISIONS.md, where the instructions of a poll are told apart.

use std::time::Duration;

use envoi_protocol::transports;
use envoi_tests::centre::Centre;
use envoi_tests::way::Way;
use serde_json::json;

use crate::bare::Kind;
use crate::crowd::{self, Cost, Watch};

/// Chats that count; one more is there before them.
const CHATS: usize = 1_000;
/// How long a poll is held.
const HOLD: &str = "2000";
const WATCH: Watch = Watch { settle: Duration::from_secs(10), window: Duration::from_secs(30) };
/// Services whose news come by long poll.
const SERVICES: &[&str] = &["digital_channels", "gms_cometd"];
/// How many times less than the peer.
const TIME: f64 = 8.0;
const MEMORY: f64 = 4.0;

pub(crate) fn run() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        println!("polls: {CHATS} chats in one process, each poll held for {HOLD} ms");
        println!("  over TLS, as services are reached; Envoi by HTTP/2, which the peer does not speak:");
        measure(Side::Secure, &[("bare HTTP/1.1", Kind::Tls), ("bare HTTP/2", Kind::Shared)]).await;
        println!("  (goal: at most 1/{TIME:.0} of its time and 1/{MEMORY:.0} of its memory)");
        println!("  in the clear, everybody by HTTP/1.1:");
        measure(Side::Clear, &[("bare HTTP/1.1", Kind::Clear)]).await;
    });
}

/// How the sandbox is reached.
#[derive(Debug, Clone, Copy)]
enum Side {
    Secure,
    Clear,
}

async fn measure(side: Side, floors: &[(&str, Kind)]) {
    let peer = peer(side).await;
    if let Some(peer) = peer {
        row("cometd", peer, None);
    }
    for (name, kind) in floors {
        row(name, floor(side, *kind).await, peer);
    }
    for name in SERVICES {
        if transports::named(name).is_none() {
            println!("  {name} is left out: it is not offered yet");
            continue;
        }
        let centre = centre(side).await;
        let mut count = Count::default();
        let hear = async |word: &str| count.hear(&centre, word).await;
        let cost = crowd::ours(&deployments(&centre, name), WATCH, hear).await;
        row(name, Figures::of(cost, count.polls), peer);
    }
}

/// What the peer comes to.
async fn peer(side: Side) -> Option<Figures> {
    let centre = centre(side).await;
    let (url, mut count) = (centre.service("gms_cometd"), Count::default());
    let hear = async |word: &str| count.hear(&centre, word).await;
    let arguments = [url, CHATS.to_string()];
    let cost = crowd::peer("polls.mjs", &arguments, centre.certificate(), WATCH, hear).await?;
    Some(Figures::of(cost, count.polls))
}

/// What the same polls come to with nothing around them.
async fn floor(side: Side, kind: Kind) -> Figures {
    let centre = centre(side).await;
    let mut count = Count::default();
    let hear = async |word: &str| count.hear(&centre, word).await;
    let cost = crowd::floor(kind, &centre, CHATS, WATCH, hear).await;
    Figures::of(cost, count.polls)
}

/// The sandbox as a process of its own, which lets any number of sessions of one browser live.
async fn centre(side: Side) -> Centre {
    let options = ["--script", "none", "--poll-hold-ms", HOLD];
    let centre = match side {
        Side::Secure => Centre::secure_process(&options).await,
        Side::Clear => Centre::process(&options).await,
    };
    centre.set("gms_cometd", json!({ "needs_cookie": false, "multiple_interval_ms": 0 })).await;
    centre
}

/// How often the sandbox was asked in the window: nothing but polls goes on in it.
#[derive(Debug, Default)]
struct Count {
    begun: u64,
    polls: u64,
}

impl Count {
    async fn hear(&mut self, centre: &Centre, word: &str) {
        match word {
            "begin" => self.begun = centre.last_request().await,
            "end" => self.polls = centre.last_request().await - self.begun,
            _ => {}
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct Figures {
    /// Microseconds of a poll.
    time: f64,
    /// KiB of a chat.
    memory: f64,
    polls: u64,
}

impl Figures {
    fn of(cost: Cost, polls: u64) -> Self {
        Self {
            time: cost.time.as_secs_f64() * 1e6 / polls as f64,
            memory: cost.memory as f64 / CHATS as f64 / 1_024.0,
            polls,
        }
    }
}

fn row(name: &str, figures: Figures, peer: Option<Figures>) {
    let Figures { time, memory, polls } = figures;
    let ratio = peer
        .map(|peer| format!("   1/{:.1} and 1/{:.1} of the peer", peer.time / time, peer.memory / memory));
    println!(
        "  {name:<16} {time:>6.0} µs a poll   {memory:>6.1} KiB a chat   {polls} polls{}",
        ratio.unwrap_or_default()
    );
}

fn deployments(centre: &Centre, service: &str) -> String {
    let way = Way::named(service);
    let (settings, trust) = (way.calm_settings(centre, &way.address(centre)), centre.trust());
    (0..=CHATS)
        .map(|number| way.deployment(&format!("t{number}"), "T", "asynchronous", &trust, &settings))
        .collect()
}
