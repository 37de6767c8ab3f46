//! Sudden deaths: the terminal client as a real process, with a real archive whose key is in a real password store, is killed again
//! and again while both sides write. `cargo xtask kills` does it more often.

mod tally;

use std::collections::HashSet;
use std::ffi::OsStr;
use std::time::Duration;

use envoi_protocol::fault::FaultCode;
use envoi_protocol::view::{
    Change, Command, Content, DeliveryView, HistoryView, Item, LinkView, Memory, PhaseView, Role, Snapshot,
};
use envoi_tests::PATIENCE;
use envoi_tests::centre::Centre;
use envoi_tests::customer::said;
use envoi_tests::terminal::{Line, Terminal};
use envoi_tests::way::{Ability, Way};
use serde_json::json;
use tokio::time::{Instant, sleep, sleep_until};

use self::tally::Tally;

/// How often, over all services, if `ENVOI_KILLS` does not say otherwise. `ENVOI_KILLS_SERVICE` may name the only one.
const KILLS: usize = 200;
/// After so many a new chat is begun, in a new profile.
const KILLS_PER_CHAT: usize = 100;
/// How long a process may live after it was ready, in milliseconds.
const LIFE: u64 = 300;
/// When so many own messages wait, nothing more is written until all have arrived. A service that takes few messages in a second
/// would otherwise be left with more after every death than all lives together can send, and nothing that is written would ever be
/// on its way when the program dies.
const WAITING: usize = 4;
/// How many seconds a process may take to end when its input has: what is unsent by then is told by the judge.
const LEAVING: &str = "5";
/// What a start may take, as the median of all: the machine may be busy with other things.
const START: Duration = Duration::from_secs(1);

#[tokio::test]
async fn nothing_is_lost_and_nothing_sent_twice_however_often_the_program_dies() {
    let kills =
        std::env::var("ENVOI_KILLS").map_or(KILLS, |text| text.parse().expect("ENVOI_KILLS is a number"));
    // A service that is asked for by name is tried whatever its row says: that is how what is open about it is found.
    let ways: Vec<Way> = match std::env::var("ENVOI_KILLS_SERVICE") {
        Ok(name) => vec![Way::named(&name)],
        Err(_) => Way::with(&[Ability::Kills]).collect(),
    };
    let mut whole = Tally::default();
    for (place, way) in ways.iter().copied().enumerate() {
        let mut tally = Tally::default();
        for chat in 0.. {
            let left = share(kills, place, ways.len()) - tally.kills;
            if left == 0 {
                break;
            }
            Chat::begin(way, chat).await.run(left.min(KILLS_PER_CHAT), &mut tally).await;
        }
        println!("{}\n{tally}", way.service);
        whole.add(tally);
    }
    assert!(Tally::quantile(&whole.opened, 50) <= START, "{whole}");
    // The deaths came at moments that matter.
    assert!(whole.unsent > 0 && whole.taken > whole.unsent, "{whole}");
}

/// How many of all kills a service gets: the first one most, for what it tries is the same with all, and the others a tenth each.
fn share(kills: usize, place: usize, services: usize) -> usize {
    let others = services.saturating_sub(1);
    let each = kills / 10.max(services);
    if place == 0 { kills - each * others } else { each }
}

/// One chat, its profile and its contact centre, over many processes.
struct Chat {
    profile: tempfile::TempDir,
    centre: Centre,
    dice: fastrand::Rng,
    /// Own messages, in the order in which they were written.
    written: Vec<Written>,
    /// What the agent wrote, in order.
    answers: Vec<String>,
    /// Own messages that were shown as sent.
    sent: HashSet<String>,
    /// Sent again by the person, and therefore behind what was written later.
    moved: HashSet<String>,
    /// So much waits that nothing is written.
    holds_back: bool,
}

struct Written {
    text: String,
    outcome: Outcome,
}

/// What the process said about a message before it died.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Nothing,
    Taken,
    Refused,
}

impl Chat {
    /// A chat that goes on, and whose token is kept.
    async fn begin(way: Way, seed: u64) -> Self {
        let centre = Centre::process(&["--script", "none"]).await;
        way.stop_counting(&centre).await;
        let profile = tempfile::tempdir().expect("a temporary folder");
        let settings = way.settings(&centre, &way.address(&centre));
        let mode = way.modes.first().expect("it has a mode");
        let deployments = way.deployment("tidewater", "Tidewater Energy", mode, "", &settings);
        super::configure(profile.path(), &deployments);
        let chat = Self {
            profile,
            centre,
            dice: fastrand::Rng::with_seed(seed),
            written: Vec::new(),
            answers: Vec::new(),
            sent: HashSet::new(),
            moved: HashSet::new(),
            holds_back: false,
        };
        let mut first = chat.process();
        let form = [("firstname".to_owned(), "Ann".to_owned())].into();
        first.wish(&Command::Start { form }).await;
        first
            .says("the chat to be kept", |line| {
                change(line).is_some_and(|change| *change == Change::Memory(Memory::Kept)).then_some(())
            })
            .await;
        chat.centre.greets().await;
        chat.centre.join("Maya").await;
        first.kill().await;
        chat
    }

    async fn run(mut self, kills: usize, tally: &mut Tally) {
        let mut early = false;
        for _ in 0..kills {
            // Every other death is followed by a start that is seen to its end.
            early = !early && self.dice.u8(..3) == 0;
            self.live_and_die(early, tally).await;
        }
        let shown = self.settle(tally).await;
        let faults = self.judge(&shown, tally).await;
        assert!(faults.is_empty(), "after {} kills: {faults:#?}\n{tally}", tally.kills);
    }

    /// One process: it starts, both sides write, and it is killed; an early death may come before it is ready.
    async fn live_and_die(&mut self, early: bool, tally: &mut Tally) {
        self.change_the_weather().await;
        self.holds_back = match self.waiting().await {
            0 => false,
            waiting => self.holds_back || waiting >= WAITING,
        };
        let start = Instant::now();
        let mut process = self.process();
        if !early {
            open(&mut process, start, tally).await;
        }
        let life = self.dice.u64(..=LIFE);
        let born = Instant::now();
        let at = |millis: u64| born + Duration::from_millis(millis);
        let (mut own, theirs) = (self.moments(life), self.moments(life));
        if self.holds_back {
            own.clear();
        }
        let run = tally.kills;
        let texts: Vec<String> = (0..own.len()).map(|count| format!("own {run}-{count}")).collect();
        let answers: Vec<String> = (0..theirs.len()).map(|count| format!("answer {run}-{count}")).collect();

        let answering = async {
            for (moment, text) in theirs.iter().zip(&answers) {
                sleep_until(at(*moment)).await;
                self.centre.say(text).await;
            }
        };
        let writing = async {
            let mut lines = Vec::new();
            for (moment, text) in own.iter().zip(&texts) {
                process.listen(at(*moment)).await;
                lines.push(process.wish(&Command::Send { text: text.clone() }).await);
            }
            process.listen(at(life)).await;
            (lines, process.kill().await)
        };
        let ((), (lines, told)) = tokio::join!(answering, writing);

        tally.kills += 1;
        tally.early += usize::from(early);
        self.answers.extend(answers);
        let sent = told.iter().flat_map(Line::items).filter(|item| is_sent(item)).map(|item| words(&item));
        self.sent.extend(sent);
        for (text, line) in texts.into_iter().zip(lines) {
            let outcome = told.iter().find_map(|told| match told {
                Line::Done(done) => (*done == line).then_some(Outcome::Taken),
                Line::Error(error) => (error["line"].as_u64() == Some(line)).then_some(Outcome::Refused),
                _ => None,
            });
            let outcome = outcome.unwrap_or(Outcome::Nothing);
            tally.unsent += usize::from(outcome == Outcome::Taken && !self.sent.contains(&text));
            self.written.push(Written { text, outcome });
        }
    }

    /// Own messages that were taken and have not arrived.
    async fn waiting(&self) -> usize {
        let there = self.centre.texts().await;
        let there: HashSet<&String> = there.iter().map(|(_, text)| text).collect();
        let is_waiting =
            |written: &&Written| written.outcome == Outcome::Taken && !there.contains(&written.text);
        self.written.iter().filter(is_waiting).count()
    }

    /// In every other life messages take their time, so that the program dies while they are on their way: before they arrive, or
    /// between that and the end of the service's answer.
    async fn change_the_weather(&mut self) {
        self.centre.mend().await;
        if self.dice.bool() {
            let kind = if self.dice.bool() { "slow" } else { "slow_body" };
            let slow = json!({ "on": "send", "kind": kind, "times": 0, "ms": self.dice.u64(10..150) });
            self.centre.fault(slow).await;
        }
    }

    /// When something is written within a life: now and then several messages at once.
    fn moments(&mut self, life: u64) -> Vec<u64> {
        let count = self.dice.usize(..5);
        let burst = self.dice.u8(..4) == 0;
        let together = self.dice.u64(..=life);
        let mut moments: Vec<u64> =
            (0..count).map(|_| if burst { together } else { self.dice.u64(..=life) }).collect();
        moments.sort_unstable();
        moments
    }

    /// A calm life: everything that waits is sent, the person answers where they are asked, and the whole conversation is read.
    async fn settle(&mut self, tally: &mut Tally) -> Snapshot {
        self.centre.mend().await;
        let mut process = self.process();
        open(&mut process, Instant::now(), tally).await;
        // What has come so far; as long as more comes, it is waited for.
        let (mut end, mut come) = (Instant::now() + PATIENCE, 0);
        let snapshot = loop {
            let snapshot = process.snapshot().await;
            let now_come = self.centre.texts().await.len() + shown(&snapshot).len();
            if now_come > come {
                (end, come) = (Instant::now() + PATIENCE, now_come);
            }
            let late = Instant::now() > end;
            let stuck = snapshot.items.iter().find_map(|item| match delivery(item) {
                Some(DeliveryView::Stuck { fault }) => Some((item.id.clone(), words(item), fault.code)),
                _ => None,
            });
            if let Some((item, text, code)) = stuck.filter(|_| !late) {
                let arrived = self.centre.count(&text).await > 0;
                if code == FaultCode::PerhapsSent && arrived {
                    tally.taken_back += 1;
                    process.wish(&Command::Cancel { item }).await;
                } else {
                    tally.retried += 1;
                    process.wish(&Command::Retry { item }).await;
                    self.moved.insert(text);
                }
            } else if snapshot.history == HistoryView::More {
                process.wish(&Command::Older).await;
            } else if late || self.is_settled(&snapshot).await {
                break snapshot;
            }
            sleep(Duration::from_millis(100)).await;
        };
        process.finish().await;
        snapshot
    }

    async fn is_settled(&self, snapshot: &Snapshot) -> bool {
        let mut deliveries = snapshot.items.iter().filter_map(|item| delivery(item));
        deliveries.all(|delivery| *delivery == DeliveryView::Sent)
            && shown(snapshot) == self.centre.texts().await
    }

    /// What is wrong, by the contact centre's own transcript.
    async fn judge(&self, snapshot: &Snapshot, tally: &mut Tally) -> Vec<String> {
        let transcript = self.centre.texts().await;
        let by = |who: &str| -> Vec<&String> {
            transcript.iter().filter(|(from, _)| from == who).map(|(_, text)| text).collect()
        };
        let (own, theirs) = (by("customer"), by("agent"));
        let mut faults = Vec::new();
        for Written { text, outcome } in &self.written {
            let copies = own.iter().filter(|there| **there == text).count();
            let right = match outcome {
                Outcome::Taken => copies == 1,
                Outcome::Nothing => copies <= 1,
                Outcome::Refused => copies == 0,
            };
            if !right {
                faults.push(format!("{text:?} ({outcome:?}) arrived {copies} times"));
            }
            match outcome {
                Outcome::Taken => tally.taken += 1,
                Outcome::Refused => tally.refused += 1,
                Outcome::Nothing => {
                    tally.unanswered += 1;
                    tally.unanswered_arrived += copies;
                }
            }
        }
        let falsely = self.sent.iter().filter(|text| !own.contains(text));
        faults.extend(falsely.map(|text| format!("{text:?} was shown as sent and did not arrive")));
        let turn = |text: &String| self.written.iter().position(|written| written.text == *text);
        let in_order = own.iter().filter(|text| !self.moved.contains(**text)).map(|text| turn(text));
        if !in_order.is_sorted() {
            faults.push(format!("it arrived in another order: {own:?}"));
        }
        if theirs.into_iter().ne(&self.answers) {
            faults.push("the contact centre did not write down what its agent wrote".to_owned());
        }
        tally.answers += self.answers.len();
        faults.extend(difference(&shown(snapshot), &transcript));
        let unsettled = snapshot
            .items
            .iter()
            .filter(|item| delivery(item).is_some_and(|delivery| *delivery != DeliveryView::Sent));
        faults.extend(unsettled.map(|item| format!("never settled: {:?}", item.content)));
        faults
    }

    fn process(&self) -> Terminal {
        let profile = self.profile.path().as_os_str();
        let words = ["--deployment", "tidewater", "--patience", LEAVING, "--profile"];
        let arguments: Vec<&OsStr> = words.iter().map(OsStr::new).chain([profile]).collect();
        Terminal::chat(&arguments, &[])
    }
}

/// Waits until a process that has just been started is at an open chat, with the whole of what it knew before, and then until it
/// is connected as well: what is written from there on leaves.
async fn open(process: &mut Terminal, start: Instant, tally: &mut Tally) {
    process.says("a first line", |_| Some(())).await;
    tally.spoke.push(start.elapsed());
    let mut connected = false;
    process
        .says("the chat to be open", |line| {
            connected |= is_up(line);
            change(line).is_some_and(|change| *change == Change::Phase(PhaseView::Open)).then_some(())
        })
        .await;
    tally.opened.push(start.elapsed());
    if !connected {
        process.says("the connection to be up", |line| is_up(line).then_some(())).await;
    }
}

fn change(line: &Line) -> Option<&Change> {
    match line {
        Line::Update(update) => Some(&update.change),
        _ => None,
    }
}

fn is_up(line: &Line) -> bool {
    change(line).is_some_and(|change| *change == Change::Link(LinkView::Up))
}

/// All messages in the words of [`Centre::texts`].
fn shown(snapshot: &Snapshot) -> Vec<(String, String)> {
    let name = |role| if role == Role::Me { "customer" } else { "agent" };
    said(snapshot).into_iter().map(|(role, text)| (name(role).to_owned(), text)).collect()
}

/// Where what is shown begins to differ from what was said.
fn difference(shown: &[(String, String)], there: &[(String, String)]) -> Option<String> {
    let alike = shown.iter().zip(there).take_while(|(one, other)| one == other).count();
    let rest = |all: &[(String, String)]| format!("{:?}", all.iter().skip(alike).take(8).collect::<Vec<_>>());
    (shown != there).then(|| {
        let (here, far) = (shown.len(), there.len());
        format!(
            "{here} messages are shown and {far} were written; behind the first {alike} come\n{}\nin place of\n{}",
            rest(shown),
            rest(there)
        )
    })
}

fn delivery(item: &Item) -> Option<&DeliveryView> {
    match &item.content {
        Content::Message { delivery, .. } => delivery.as_ref(),
        _ => None,
    }
}

fn is_sent(item: &Item) -> bool {
    delivery(item) == Some(&DeliveryView::Sent)
}

fn words(item: &Item) -> String {
    match &item.content {
        Content::Message { text, .. } => text.iter().map(|run| run.text.as_str()).collect(),
        _ => String::new(),
    }
}
