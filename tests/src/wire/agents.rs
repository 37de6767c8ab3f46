//! The agents of the run: each writes in one chat, singly and in bursts, and keeps roughly in step with the customer.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::centre::Centre;

/// How many messages an agent may be ahead of the customer.
const LEAD: usize = 40;
/// Most messages at once.
const BURST: usize = 12;

/// Has this many messages written in each chat. Ends when all are written.
pub(super) fn write(centre: &Arc<Centre>, chats: &[(String, usize)], seed: u64) -> JoinSet<()> {
    let mut agents = JoinSet::new();
    for (number, (chat, messages)) in chats.iter().enumerate() {
        let dice = fastrand::Rng::with_seed(seed.wrapping_add(number as u64));
        agents.spawn(agent(Arc::clone(centre), chat.clone(), *messages, dice));
    }
    agents
}

async fn agent(centre: Arc<Centre>, chat: String, messages: usize, mut dice: fastrand::Rng) {
    centre.post(&format!("/sessions/{chat}/join"), json!({ "name": "Maya" })).await;
    let mut written = 0;
    while written < messages {
        sleep(Duration::from_millis(dice.u64(5..60))).await;
        if written > heard(&centre, &chat).await.saturating_sub(written) + LEAD {
            continue;
        }
        let wish = if dice.u8(..10) < 7 { 1 } else { dice.usize(2..=BURST) };
        let count = wish.min(messages - written);
        let say = |number| json!({ "do": "say", "text": format!("Answer {number}, in good time") });
        let actions: Vec<_> = (written..written + count).map(say).collect();
        centre.post(&format!("/sessions/{chat}/batch"), json!({ "actions": actions })).await;
        written += count;
    }
}

/// Number of entries in a chat.
async fn heard(centre: &Centre, chat: &str) -> usize {
    let all = centre.get("/sessions").await;
    let one = all["sessions"].as_array().and_then(|all| all.iter().find(|one| one["id"] == chat));
    let entries = one.and_then(|one| one["entries"].as_u64()).unwrap_or_default();
    usize::try_from(entries).unwrap_or(usize::MAX)
}
