//! A herd: ten thousand conversations hang on one service when it restarts. Whatever the restart takes, they must not come back
//! all at once. Virtual time, no sockets, and a service of a few lines.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use envoi_protocol::attention::Watching;
use envoi_protocol::io::{CallId, HttpCall, HttpReply, IoFault, Method};
use envoi_protocol::session::{Input, Output, Session};
use serde_json::json;

use crate::kept::{now, session, token};

const CLIENTS: usize = 10_000;
/// One in so many has the window in front.
const WATCHED: usize = 10;
/// When the service goes down.
const DOWN: u64 = 60_000;
/// What is looked at from there on.
const MINUTE: u64 = 60_000;
/// How long the service holds a poll, and how long an answer takes at least.
const HELD: u64 = 25_000;
const TRIP: u64 = 40;

const NOTHING_NEW: &str = r#"{"status":{"code":"SUCCESS"},"data":{"messages":[],"chatEnded":false}}"#;

/// How the service fails while it is down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outage {
    /// Nobody listens.
    Refused,
    /// Something in front of it answers: 502.
    BadGateway,
    /// Something in front of it asks for time: 503 with a `Retry-After` of so many seconds.
    Unavailable(u64),
}

#[derive(Debug)]
struct Client {
    session: Session,
    out: BTreeMap<CallId, (Kind, u64)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Join,
    Poll,
    Newest,
}

/// What happens next to a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Next {
    Tick,
    Ends(CallId),
}

struct World {
    outage: Outage,
    up: u64,
    joined: String,
    /// Tries to come back, in milliseconds after the service went down.
    attempts: Vec<u64>,
    /// All requests from there on, polls of a chat that is connected again included.
    requests: Vec<u64>,
    queue: BinaryHeap<Reverse<(u64, usize, Next)>>,
}

impl World {
    fn is_down(&self, at: u64) -> bool {
        (DOWN..self.up).contains(&at)
    }

    /// When a call that is made now will end.
    fn ends(&self, at: u64, kind: Kind) -> u64 {
        if self.is_down(at) {
            return at + TRIP;
        }
        let done = at + if kind == Kind::Poll { HELD } else { TRIP };
        // What is open when the service goes down breaks there.
        if at < DOWN && done >= DOWN { DOWN } else { done }
    }

    fn answer(&self, made: u64, at: u64, kind: Kind) -> Result<HttpReply, IoFault> {
        let reply = |status, body: &str, after: Option<u64>| {
            Ok(HttpReply {
                status,
                content_type: "application/json".to_owned(),
                retry_after: after.map(std::time::Duration::from_secs),
                cookies: Vec::new(),
                body: body.as_bytes().to_vec(),
            })
        };
        if made < DOWN && at == DOWN {
            return Err(IoFault::Broken);
        }
        if self.is_down(made) {
            return match self.outage {
                Outage::Refused => Err(IoFault::Unreachable),
                Outage::BadGateway => reply(502, "", None),
                Outage::Unavailable(seconds) => reply(503, "", Some(seconds)),
            };
        }
        reply(200, if kind == Kind::Join { &self.joined } else { NOTHING_NEW }, None)
    }
}

fn kind(call: &HttpCall) -> Kind {
    match call.method {
        Method::Post => Kind::Join,
        _ if call.what == "poll" => Kind::Poll,
        _ => Kind::Newest,
    }
}

fn seed(number: usize) -> u64 {
    u64::try_from(number).unwrap() * 7_919 + 13
}

fn feed(world: &mut World, clients: &mut [Client], who: usize, at: u64, input: Input) {
    let client = &mut clients[who];
    let was_up = client.out.values().any(|(kind, _)| *kind == Kind::Poll);
    client.session.handle(now(at), input);
    while let Some(output) = client.session.poll() {
        match output {
            Output::Call(call) => {
                let kind = kind(&call);
                let ends = world.ends(at, kind);
                client.out.insert(call.id, (kind, at));
                world.queue.push(Reverse((ends, who, Next::Ends(call.id))));
                if at >= DOWN {
                    world.requests.push(at - DOWN);
                    if kind != Kind::Poll && !was_up {
                        world.attempts.push(at - DOWN);
                    }
                }
            }
            Output::Cancel(call) => {
                client.out.remove(&call);
            }
            Output::Commit(_) => client.session.handle(now(at), Input::Committed(Ok(()))),
            _ => {}
        }
    }
    if let Some(deadline) = client.session.deadline() {
        world.queue.push(Reverse((deadline.at.0.max(at + 1), who, Next::Tick)));
    }
}

/// The most in any window of a second, and the mean of a second in the first minute.
fn peak_and_mean(times: &[u64]) -> (usize, f64) {
    let mut times = times.to_vec();
    times.sort_unstable();
    let mut from = 0;
    let mut peak = 0;
    for (at, time) in times.iter().enumerate() {
        while times[from] + 1_000 <= *time {
            from += 1;
        }
        peak = peak.max(at - from + 1);
    }
    let first_minute = times.iter().filter(|time| **time < MINUTE).count();
    (peak, first_minute as f64 / 60.0)
}

struct Tally {
    attempts: Vec<u64>,
    requests: Vec<u64>,
    connected: usize,
}

fn restart(outage: Outage, lasts: u64, watched: usize) -> Tally {
    let mut world = World {
        outage,
        up: DOWN + lasts,
        joined: json!({ "status": { "code": "SUCCESS" }, "data": { "clientToken": token(1) } }).to_string(),
        attempts: Vec::new(),
        requests: Vec::new(),
        queue: BinaryHeap::new(),
    };
    let mut clients: Vec<Client> =
        (0..CLIENTS).map(|number| Client { session: session(seed(number)), out: BTreeMap::new() }).collect();
    let mut dice = fastrand::Rng::with_seed(lasts + 1);
    for who in 0..CLIENTS {
        // They came at some time of the half minute before, and one in some looks.
        let came = DOWN - dice.u64(1_000..30_000);
        world.queue.push(Reverse((came, who, Next::Tick)));
    }
    let end = DOWN + lasts + MINUTE;
    while let Some(Reverse((at, who, next))) = world.queue.pop() {
        if at > end {
            break;
        }
        match next {
            Next::Tick => {
                let client = &clients[who];
                let fresh = client.session.deadline().is_some_and(|deadline| deadline.why == "start");
                if fresh && watched > 0 && who % watched == 0 {
                    let sees = Watching { shown: true, focused: true };
                    feed(&mut world, &mut clients, who, at, Input::Watching(sees));
                } else if client.session.deadline().is_some_and(|deadline| deadline.at.0 <= at) {
                    feed(&mut world, &mut clients, who, at, Input::Tick);
                }
            }
            Next::Ends(call) => {
                if let Some((kind, made)) = clients[who].out.remove(&call) {
                    let result = world.answer(made, at, kind);
                    feed(&mut world, &mut clients, who, at, Input::Reply { call, result });
                }
            }
        }
    }
    let polling = |client: &&Client| client.out.values().any(|(kind, _)| *kind == Kind::Poll);
    let connected = clients.iter().filter(polling).count();
    Tally { attempts: world.attempts, requests: world.requests, connected }
}

fn ratio(times: &[u64]) -> (usize, f64, f64) {
    let (peak, mean) = peak_and_mean(times);
    (peak, mean, peak as f64 / mean)
}

/// The service is away for so many seconds; one client in so many is watched.
fn check(outage: Outage, lasts: u64, watched: usize) {
    let tally = restart(outage, lasts * 1_000, watched);
    let (peak, mean, from_down) = ratio(&tally.attempts);
    let since_up: Vec<u64> = tally.attempts.iter().filter_map(|at| at.checked_sub(lasts * 1_000)).collect();
    let (_, _, from_up) = ratio(&since_up);
    let (all_peak, all_mean, all) = ratio(&tally.requests);
    println!(
        "{outage:?} for {lasts} s, 1 in {watched} watched: at most {peak} tries in a second, {mean:.0} in the mean of the first \
         minute: {from_down:.2}; counted from its return: {from_up:.2}; all requests {all_peak}, {all_mean:.0}: {all:.2}; \
         connected a minute after its return: {}",
        tally.connected
    );
    assert!(from_down <= 3.0, "{peak} tries in a second, {mean:.0} in the mean");
    assert!(from_up <= 3.0, "counted from the return of the service: {from_up:.2}");
    assert!(all <= 3.0, "{all_peak} requests in a second, {all_mean:.0} in the mean");
    assert!(tally.connected >= CLIENTS * 95 / 100, "{} are back a minute after the service", tally.connected);
}

#[test]
fn a_restart_that_takes_no_time_at_all() {
    check(Outage::Refused, 0, WATCHED);
}

#[test]
fn a_restart_of_five_seconds() {
    check(Outage::Refused, 5, WATCHED);
}

#[test]
fn a_restart_of_twenty_seconds_behind_a_gateway() {
    check(Outage::BadGateway, 20, WATCHED);
}

#[test]
fn a_restart_of_a_minute() {
    check(Outage::Refused, 60, WATCHED);
}

#[test]
fn a_service_that_names_the_same_moment_to_everybody() {
    check(Outage::Unavailable(10), 10, WATCHED);
}
