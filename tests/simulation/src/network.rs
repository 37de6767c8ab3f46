//! The network: every request has a fate of its own, and at times all have the same.
//!
//! What it keeps to is the truth of TCP: a request that has not arrived when its connection ends never arrives. What breaks that
//! truth, a proxy that delivers what its client has given up, is a fate of its own and has to be asked for.

mod socket;

use std::collections::BTreeMap;
use std::time::Duration;

use envoi_protocol::io::{HttpCall, HttpReply, IoFault};
use fastrand::Rng;

use crate::agenda::Appointment;
use crate::centre::Ticket;
use crate::plan::Plan;
use crate::verdict::Tally;

pub(crate) use socket::{Opening, Passage, Socket};

/// What becomes of one request.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Fate {
    /// It arrives, and so does the answer.
    Fine,
    /// It arrives, and the answer comes twice.
    Twice,
    /// It does not arrive, which is noticed.
    Unarrived(IoFault),
    /// It does not arrive, and nobody ever says so.
    Swallowed,
    /// It arrives, and the connection breaks: an answer that was not held back is lost.
    Cut,
    /// It arrives, and the answer is never seen.
    Mute,
    /// It arrives, and the answer is too slow.
    Slow(u64),
    /// It arrives, and the answer comes mutilated.
    Truncated,
    /// Somebody else answers, and it does not arrive.
    Instead(HttpReply),
    /// It arrives, and then somebody else answers.
    After(HttpReply),
    /// It arrives only after its client has given it up.
    Late(u64),
}

/// A time in which nothing gets through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outage {
    /// Every connection is refused.
    Refused,
    /// Nothing comes back.
    Silence,
    /// A network's sign-in page answers everything.
    Portal,
    /// Something between does not have the right certificate.
    Intercepted,
}

/// A request that is out.
#[derive(Debug)]
pub(crate) struct Flight {
    /// Which run of the program made it.
    pub(crate) life: u64,
    pub(crate) call: HttpCall,
    /// Whether it is a read of what is new.
    pub(crate) reads: bool,
    pub(crate) fate: Fate,
    pub(crate) gives_up: Appointment,
    /// Whether the client still waits for it.
    pub(crate) waited_for: bool,
    pub(crate) arrived: bool,
    /// Whether the service holds it.
    pub(crate) held: bool,
}

#[derive(Debug)]
pub(crate) struct Network {
    rng: Rng,
    struck: u32,
    delay: u64,
    late: bool,
    count: u64,
    pub(crate) outage: Option<Outage>,
    pub(crate) flights: BTreeMap<Ticket, Flight>,
    pub(crate) sockets: BTreeMap<Ticket, Socket>,
}

impl Network {
    pub(crate) fn new(plan: &Plan, seed: u64) -> Self {
        Self {
            rng: Rng::with_seed(seed),
            struck: plan.struck,
            delay: plan.delay,
            late: plan.late,
            count: 0,
            outage: None,
            flights: BTreeMap::new(),
            sockets: BTreeMap::new(),
        }
    }

    /// From here on everything works.
    pub(crate) fn calm(&mut self) {
        self.struck = 0;
        self.delay = self.delay.min(100);
        self.outage = None;
    }

    pub(crate) fn ticket(&mut self) -> Ticket {
        self.count += 1;
        Ticket(self.count)
    }

    /// How long one way takes.
    pub(crate) fn way(&mut self) -> u64 {
        self.rng.u64(1..=self.delay)
    }

    /// Reads that are out.
    pub(crate) fn reads(&self) -> usize {
        let reads = |flight: &&Flight| flight.waited_for && flight.reads;
        self.flights.values().filter(reads).count()
    }

    /// Whether a read is out, where reads bring what comes, or a socket open that does.
    pub(crate) fn listens(&self, by_reads: bool) -> bool {
        let hears = |flight: &Flight| by_reads && matches!(flight.fate, Fate::Fine | Fate::Twice);
        self.hears_by_socket()
            || self
                .flights
                .values()
                .any(|flight| flight.waited_for && flight.reads && flight.arrived && hears(flight))
    }

    /// Whether the service still holds something that nobody waits for, and does not know.
    pub(crate) fn is_haunted(&self) -> bool {
        self.flights.values().any(|flight| !flight.waited_for && flight.held)
            || self.sockets.values().any(|socket| !socket.here && socket.there)
    }

    /// The longest that one way takes.
    pub(crate) fn longest(&self) -> u64 {
        self.delay
    }

    /// Draws what becomes of a request; only one that brings words may come late.
    pub(crate) fn fate(&mut self, call: &HttpCall, brings_words: bool, tally: &mut Tally) -> Fate {
        if let Some(outage) = self.outage {
            tally.fault("request during an outage");
            return match outage {
                Outage::Refused => Fate::Unarrived(IoFault::Unreachable),
                Outage::Silence => Fate::Swallowed,
                Outage::Portal => Fate::Instead(self.portal()),
                Outage::Intercepted => Fate::Unarrived(IoFault::Tls),
            };
        }
        if self.rng.u32(0..1_000) >= self.struck {
            return Fate::Fine;
        }
        let timeout = u64::try_from(call.timeout.as_millis()).unwrap_or(u64::MAX);
        let (kind, fate) = match self.rng.u8(0..22) {
            0 => ("unreachable", Fate::Unarrived(IoFault::Unreachable)),
            1 => ("cut before arrival", Fate::Unarrived(IoFault::Broken)),
            2 => ("not trusted", Fate::Unarrived(IoFault::Tls)),
            3 => ("half-open before arrival", Fate::Swallowed),
            4..=6 => ("cut after arrival", Fate::Cut),
            7 => ("half-open after arrival", Fate::Mute),
            8 => ("answer later than the timeout", Fate::Slow(timeout + self.rng.u64(1..20_000))),
            9 => ("slow answer", Fate::Slow(self.rng.u64(1..timeout))),
            10 => ("answer twice", Fate::Twice),
            11 => ("truncated answer", Fate::Truncated),
            12 => ("429 with Retry-After", Fate::Instead(limited(Some(self.rng.u64(1..30))))),
            13 => ("429", Fate::Instead(limited(None))),
            14 => ("401 page", Fate::Instead(page(401))),
            15 => ("403 page", Fate::Instead(page(403))),
            16 => ("404 page", Fate::Instead(page(404))),
            17 => ("409", Fate::Instead(declined(409))),
            18 => ("5xx page before arrival", Fate::Instead(page(self.bad_status()))),
            19 | 20 => ("5xx page after arrival", Fate::After(page(self.bad_status()))),
            _ if self.late && brings_words => {
                ("late arrival", Fate::Late(timeout + self.rng.u64(100..20_000)))
            }
            _ => ("captive portal", Fate::Instead(self.portal())),
        };
        tally.fault(kind);
        fate
    }

    fn bad_status(&mut self) -> u16 {
        self.rng.choice([500, 502, 503]).unwrap_or(500)
    }

    fn portal(&mut self) -> HttpReply {
        page(self.rng.choice([200, 302, 511]).unwrap_or(200))
    }
}

/// What is left of an answer whose end was cut off.
pub(crate) fn truncated(mut reply: HttpReply) -> HttpReply {
    reply.body.truncate(reply.body.len() / 2);
    reply
}

fn page(status: u16) -> HttpReply {
    HttpReply {
        status,
        content_type: "text/html; charset=utf-8".to_owned(),
        retry_after: None,
        cookies: Vec::new(),
        body: b"<!doctype html><title>Sorry</title><p>Please try again later.".to_vec(),
    }
}

fn declined(status: u16) -> HttpReply {
    let body = br#"{"status":{"code":"CONFLICT"}}"#.to_vec();
    HttpReply {
        status,
        content_type: "application/json".to_owned(),
        retry_after: None,
        cookies: Vec::new(),
        body,
    }
}

fn limited(seconds: Option<u64>) -> HttpReply {
    let retry_after = seconds.map(Duration::from_secs);
    let body = br#"{"status":{"code":"TOO_MANY_REQUESTS"}}"#.to_vec();
    HttpReply {
        status: 429,
        content_type: "application/json".to_owned(),
        retry_after,
        cookies: Vec::new(),
        body,
    }
}
