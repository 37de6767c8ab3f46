//! The run over bad networks: a number of people write to a contact centre and are written to, each through a proxy that breaks
//! things on a schedule, and in the end every message is counted.
//!
//! The same run is made with Envoi's engine and with a plain client that polls, and sends again whatever failed. The contact
//! centre's own transcript is what both are judged by.

mod agents;
mod envoi;
mod naive;
mod person;
pub mod report;
pub mod tally;

use std::collections::{BTreeMap, HashSet};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use envoi_sandbox::{Options, Script};
use serde_json::Value;

use crate::centre::Centre;
use crate::eventually;
use crate::proxy::schedule::Schedule;
use crate::proxy::{Counts, Proxy};
use crate::way::Way;
use tally::{Tally, differences, surplus};

pub use envoi::envoi;
pub use naive::naive;

/// How long the contact centre holds a poll that has nothing to tell.
const POLL_HOLD: Duration = Duration::from_millis(1_500);
/// After everything has arrived: time for what should not come any more.
const AFTERMATH: Duration = Duration::from_millis(1_200);
/// Without any news for so long, a client has given up: longer than all that may come together after a few failures, the waits
/// between tries and a service's own limits.
const PATIENCE: Duration = Duration::from_secs(180);

/// What is to be tried.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// Messages each way, over all people.
    pub messages: usize,
    /// How many people write at once, each in a conversation of their own.
    pub people: usize,
    /// Seed of the weather, and of how agents write.
    pub seed: u64,
    /// Entries per page of history that Envoi asks for; `None` is what it does by itself.
    pub page: Option<u16>,
}

/// What became of it.
#[derive(Debug)]
pub struct Outcome {
    /// From the people to the contact centre.
    pub there: Tally,
    /// From the contact centre to the people; for Envoi, all that stands in the window.
    pub back: Tally,
    /// Shown as sent, and not arrived.
    pub falsely_sent: usize,
    /// Neither sent nor given back to the person when all was over.
    pub unsettled: usize,
    /// How often a person had to help.
    pub help: Help,
    /// How long it took.
    pub took: Duration,
    /// Requests and frames that went through the proxies.
    pub requests: u64,
    /// How many of them met what.
    pub faults: BTreeMap<&'static str, u64>,
    /// Of everybody with whom something went wrong: what, and all that went over their network.
    pub stories: Vec<String>,
}

/// How often a person was asked about a message that got stuck, by what they did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Help {
    /// It had surely not arrived: *Retry*.
    pub retried: usize,
    /// It had perhaps arrived; the person asked the other side, and it had not: *Retry*.
    pub asked_and_retried: usize,
    /// It had perhaps arrived; the person asked the other side, and it had: taken back.
    pub asked_and_taken_back: usize,
}

impl Outcome {
    /// Whether every message is where it belongs, once and in order.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        let tallies = self.there == Tally::default() && self.back == Tally::default();
        tallies && self.falsely_sent == 0 && self.unsettled == 0
    }
}

impl Plan {
    /// How many messages this person writes, and is written.
    fn share(&self, person: usize) -> usize {
        self.messages / self.people + usize::from(person < self.messages % self.people)
    }

    /// What this person writes. People repeat themselves: some words come more than once.
    fn words(&self, person: usize) -> Vec<String> {
        let word = |number: usize| match number % 23 {
            11 => String::from("ok"),
            _ => format!("Question {number} of person {person}, about the meter"),
        };
        (0..self.share(person)).map(word).collect()
    }
}

/// A contact centre, and a bad way to it for everybody.
struct Ground {
    centre: Arc<Centre>,
    ways: Vec<Proxy>,
    counts: Arc<Counts>,
    /// Address of the service, each along one of `ways`.
    addresses: Vec<String>,
}

impl Ground {
    async fn lay(way: Way, plan: Plan) -> Self {
        let options = Options { script: Script::None, poll_hold: POLL_HOLD, ..Options::default() };
        let centre = Arc::new(Centre::inside(options).await);
        let address = reqwest::Url::parse(&way.address(&centre)).expect("the service has an address");
        let upstream = SocketAddr::from((
            [127, 0, 0, 1],
            address.port_or_known_default().expect("the service has a port"),
        ));
        let counts = Arc::<Counts>::default();
        let (mut ways, mut addresses) = (Vec::new(), Vec::new());
        for person in 0..plan.people {
            let schedule = Schedule::new(plan.seed, person);
            let proxy = Proxy::start(upstream, schedule, Arc::clone(&counts)).await.expect("a port is free");
            let mut through = address.clone();
            through.set_port(Some(proxy.address().port())).expect("the address has a port");
            addresses.push(through.to_string());
            ways.push(proxy);
        }
        Self { centre, ways, counts, addresses }
    }

    /// The chats in the contact centre, in the order of the people.
    async fn chats(&self, name: impl Fn(usize) -> String) -> Vec<String> {
        // A name may follow a moment after the start.
        eventually("everybody to have a chat", || async {
            let all = self.centre.get("/sessions").await;
            let all = all["sessions"].as_array().cloned().unwrap_or_default();
            let of = |person| {
                let chat = all.iter().find(|chat| chat["nickname"] == name(person).as_str())?;
                chat["id"].as_str().map(str::to_owned)
            };
            (0..self.ways.len()).map(of).collect()
        })
        .await
    }

    fn begin(&self) {
        for way in &self.ways {
            way.begin();
        }
    }
}

/// Everything that was written in a chat, as the contact centre has it: whether by the customer, and the words.
async fn transcript(centre: &Centre, chat: &str) -> Vec<(bool, String)> {
    let chat = centre.get(&format!("/sessions/{chat}")).await;
    let lines = chat["transcript"].as_array().cloned().unwrap_or_default();
    let texts = lines.iter().filter(|line| line["kind"] == "text");
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    texts.map(|line| (line["who"] == "customer", word(&line["text"]))).collect()
}

/// What one client has to say for itself in the end, about one person.
struct Account {
    /// What was written, in order.
    wrote: Vec<String>,
    /// What was shown as sent.
    sent: Vec<String>,
    /// What is shown in the end: whether by the person, and the words.
    shown: Vec<(bool, String)>,
    /// Whether `shown` holds the person's own words as well.
    shows_own: bool,
    /// Sent again by the person, and therefore behind what was written later.
    moved: HashSet<String>,
    unsettled: usize,
    help: Help,
}

impl Outcome {
    /// Counts one person, and tells what went wrong.
    fn add(&mut self, account: &Account, transcript: &[(bool, String)]) -> Vec<String> {
        let mine = |lines: &[(bool, String)], mine: bool| -> Vec<String> {
            lines.iter().filter(|(own, _)| *own == mine).map(|(_, text)| text.clone()).collect()
        };
        let arrived = mine(transcript, true);
        let (theirs, seen) = (mine(transcript, false), mine(&account.shown, false));
        let there = Tally::of(&account.wrote, &arrived, |text| account.moved.contains(text));
        let back = if account.shows_own {
            Tally::of(transcript, &account.shown, |_| false)
        } else {
            Tally::of(&theirs, &seen, |_| false)
        };
        self.there += there;
        self.back += back;
        self.falsely_sent += surplus(&account.sent, &arrived);
        self.unsettled += account.unsettled;
        self.help.retried += account.help.retried;
        self.help.asked_and_retried += account.help.asked_and_retried;
        self.help.asked_and_taken_back += account.help.asked_and_taken_back;
        if there == Tally::default() && back == Tally::default() && account.unsettled == 0 {
            return Vec::new();
        }
        let told = |way: &str, differences: Vec<String>| -> Vec<String> {
            differences.into_iter().map(|difference| format!("{way}: {difference}")).collect()
        };
        let mut lines = vec![format!("there {there:?}, back {back:?}, {} unsettled", account.unsettled)];
        lines.extend(told("there", differences(&account.wrote, &arrived)));
        lines.extend(told("back", differences(&theirs, &seen)));
        if account.shows_own {
            lines.extend(told("window", differences(transcript, &account.shown)));
        }
        lines
    }
}

async fn judge(ground: &Ground, chats: &[String], accounts: &[Account], took: Duration) -> Outcome {
    let mut outcome = Outcome {
        there: Tally::default(),
        back: Tally::default(),
        falsely_sent: 0,
        unsettled: 0,
        help: Help::default(),
        took,
        requests: ground.counts.requests(),
        faults: ground.counts.faults(),
        stories: Vec::new(),
    };
    for ((chat, account), way) in chats.iter().zip(accounts).zip(&ground.ways) {
        let lines = outcome.add(account, &transcript(&ground.centre, chat).await);
        if !lines.is_empty() {
            outcome.stories.push([lines, way.journal()].concat().join("\n"));
        }
    }
    outcome
}
