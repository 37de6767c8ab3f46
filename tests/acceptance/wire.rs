//! Bad networks on real sockets: nothing is lost, doubled, reordered or falsely shown as sent, where a plain client fails.
//! `cargo xtask wire` makes the same run larger.

use envoi_tests::way::{Ability, Way};
use envoi_tests::wire::{self, Plan, report};

/// Pages long enough that whatever is looked for is on the newest one: what happens otherwise is for the larger run to show.
const PLAN: Plan = Plan { messages: 120, people: 12, seed: 1, page: Some(200) };

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_message_arrives_once_and_in_order_over_a_bad_network() {
    for way in Way::with(&[Ability::BadNetworks]) {
        let plain = async {
            if way.can(&[Ability::PlainClient]) { Some(wire::naive(way, PLAN).await) } else { None }
        };
        let (envoi, naive) = tokio::join!(wire::envoi(way, PLAN), plain);
        let table = report::table(way.service, PLAN, &envoi, naive.as_ref());
        println!("{table}");
        assert!(envoi.is_clean(), "{table}\n{}", envoi.stories.join("\n\n"));
        // The network is bad enough, and the count sees it.
        let bad = naive.is_none_or(|naive| !naive.is_clean());
        assert!(bad, "{table}");
    }
}
