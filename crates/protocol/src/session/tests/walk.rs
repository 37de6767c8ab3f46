//! A walk through offers, answers, cancels, failures and restarts, against a service that says the truth about what it got.

use super::answers::{choose, quick};
use super::*;

/// What a service does with a message.
#[derive(Debug, Clone, Copy)]
enum Fate {
    Takes,
    /// It never arrives, and that is known.
    Refuses,
    /// The connection breaks before or after it arrived.
    Breaks {
        arrived: bool,
    },
}

struct Service {
    bench: Bench,
    /// The words that arrived, in their order.
    arrived: Vec<String>,
    /// What of it the client has not read yet.
    unread: Vec<String>,
}

impl Service {
    /// The client reads the transcript to its end.
    fn read(&mut self, origin: Origin) {
        let unread = std::mem::take(&mut self.unread);
        let copies = unread.iter().map(|text| (Person { role: Role::Me, ..maya() }, says(text)));
        self.bench.batch(origin, copies.collect::<Vec<_>>());
    }

    fn answer(&mut self, rng: &mut fastrand::Rng) {
        for request in self.bench.requests() {
            let (local, text) = match request {
                Request::Answer { local, text, .. } | Request::Send { local, text } => (local, text),
                Request::Resume { .. } => {
                    self.bench
                        .tell([Event::Joined { token: token("t1"), resumed: true }, Event::Link(Link::Up)]);
                    self.bench.feed(Input::Remembered(Ok(())));
                    self.read(Origin::Restored);
                    continue;
                }
                Request::Reconcile => {
                    self.read(Origin::Missed);
                    self.bench.tell([Event::Reconciled]);
                    continue;
                }
                _ => continue,
            };
            let fate = match rng.u8(0..6) {
                0 => Fate::Refuses,
                1 => Fate::Breaks { arrived: rng.bool() },
                _ => Fate::Takes,
            };
            let arrived = matches!(fate, Fate::Takes | Fate::Breaks { arrived: true });
            if arrived {
                self.arrived.push(text.clone());
                self.unread.push(text);
            }
            let broken = Failure::Io(IoFault::Broken);
            match fate {
                Fate::Takes => self.bench.tell([Event::Sent { local }]),
                Fate::Refuses => {
                    self.bench.tell([Event::NotSent { local, failure: broken, trace: Trace::None }]);
                }
                // The program may be gone before it hears of it.
                Fate::Breaks { .. } if rng.bool() => {}
                Fate::Breaks { .. } => {
                    self.bench.tell([Event::NotSent { local, failure: broken, trace: Trace::Transcript }]);
                }
            }
            if rng.bool() {
                self.read(Origin::Live);
            }
        }
    }
}

/// Offers of a snapshot, and whether each is answered.
fn offers(snapshot: &Snapshot) -> Vec<(String, bool)> {
    let offers = snapshot.items.iter().filter_map(|item| match &item.content {
        Content::Offer { answered, .. } => Some((item.id.clone(), !answered.is_empty())),
        _ => None,
    });
    offers.collect()
}

#[test]
fn an_offer_is_answered_at_most_once_whatever_happens() {
    let mut answers = 0;
    for seed in 0..300 {
        let mut rng = fastrand::Rng::with_seed(seed);
        let mut service =
            Service { bench: Bench::open(setup(true)), arrived: Vec::new(), unread: Vec::new() };
        let mut accepted = 0_usize;
        for _ in 0..60 {
            match rng.u8(0..14) {
                0 => service.bench.live(maya(), quick(rng.bool())),
                1..=3 => {
                    let all = offers(&service.bench.snapshot());
                    if let Some((item, _)) = rng.choice(&all) {
                        let refused = service.bench.refusal(choose(item, &["yes"]));
                        accepted += usize::from(refused.is_none());
                    }
                }
                4 => {
                    let own: Vec<String> =
                        service.bench.snapshot().items.iter().map(|item| item.id.clone()).collect();
                    let own: Vec<&String> = own.iter().filter(|id| id.starts_with('m')).collect();
                    if let Some(item) = rng.choice(own) {
                        let taken_back =
                            service.bench.refusal(Command::Cancel { item: item.clone() }).is_none();
                        accepted -= usize::from(taken_back);
                    }
                }
                5 => service.bench.wait(20_000),
                6 => {
                    service.bench = service.bench.restarted();
                }
                _ => service.answer(&mut rng),
            }
            let answered = offers(&service.bench.snapshot()).iter().filter(|(_, answered)| *answered).count();
            assert_eq!(
                answered, accepted,
                "seed {seed}: every answer that was taken shows at an offer of its own"
            );
        }
        assert!(service.arrived.len() <= accepted, "seed {seed}: sent twice, or after it was taken back");
        answers += service.arrived.len();
    }
    assert!(answers > 300, "the walk is worth something: {answers}");
}
