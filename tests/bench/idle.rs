//! Ten thousand Web Messaging chats in which nothing happens, in one process without a window: what one more costs in memory, and
//! what the heartbeats of all of them cost in processor time. The peer is Node with bare `ws` sockets that do the same heartbeat and
//! the same pings, and know nothing of chats. Without TLS, whose buffers are the same for everybody.
//!
//! How near both goals are, and what is in the way, is in "What an idle chat holds" in docs/DECISIONS.md: the peer alone takes more than
//! 1.5 % of a core, since its sockets do not wait for each other.

use std::time::Duration;

use crate::crowd::{self, Cost, Watch};
use crate::guests;

/// Chats that count, each with a company of its own; one more is there before them.
const CHATS: usize = 10_000;
const HEARTBEAT: Duration = Duration::from_secs(30);
/// All have had a heartbeat by then.
const WATCH: Watch = Watch { settle: Duration::from_secs(35), window: Duration::from_secs(60) };
/// Resident bytes of a chat.
const MOST_MEMORY: f64 = 12.0 * 1_024.0;
/// Share of one core.
const MOST_TIME: f64 = 0.015;

pub(crate) fn run() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let address = guests::start().await;
        let ours = crowd::ours(&deployments(&format!("http://{address}")), WATCH, async |_| {}).await;
        println!("idle: {CHATS} Web Messaging chats in one process, an echo every {} s", HEARTBEAT.as_secs());
        row("envoi", ours);
        let arguments = [
            format!("ws://{address}/v1?deploymentId=Support"),
            CHATS.to_string(),
            HEARTBEAT.as_secs().to_string(),
        ];
        if let Some(peer) = crowd::peer("idle.mjs", &arguments, None, WATCH, async |_| {}).await {
            row("ws", peer);
        }
        println!(
            "  (goal: at most {:.0} KiB and {:.1} % of a core)",
            MOST_MEMORY / 1_024.0,
            MOST_TIME * 100.0
        );
    });
}

fn row(name: &str, cost: Cost) {
    let memory = cost.memory as f64 / CHATS as f64 / 1_024.0;
    let share = cost.time.as_secs_f64() / WATCH.window.as_secs_f64() * 100.0;
    println!("  {name:<6} {memory:>6.1} KiB a chat   {share:>5.2} % of a core");
}

fn deployments(url: &str) -> String {
    let company = |number| {
        format!(
            "[[deployment]]\nid = \"t{number}\"\nname = \"T\"\nservice = \"web_messaging\"\nmode = \"asynchronous\"\n\
             [deployment.settings]\nurl = \"{url}\"\ndeployment_id = \"Support\"\nheartbeat_ms = {}\n",
            HEARTBEAT.as_millis()
        )
    };
    (0..=CHATS).map(company).collect()
}
