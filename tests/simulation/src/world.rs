//! One world: everything in it follows from one number, and nothing in it waits for real time.

mod browser;
mod course;
mod machine;
mod people;
mod perils;
mod sockets;
mod wire;

use std::collections::{BTreeMap, VecDeque};

use envoi_protocol::fault::FaultCode;
use envoi_protocol::io::{CallId, HttpCall, HttpReply, IoFault, Method, SignInCall};
use envoi_protocol::session::{Input, Output};
use envoi_protocol::stored::{Commit, Place};
use envoi_protocol::token::{ResumeToken, Secret};
use envoi_protocol::transport::Settings;
use envoi_protocol::transports::{self, Service};
use envoi_protocol::view::{Command, DeliveryView, Fault, HistoryView, LinkView, Memory};
use fastrand::Rng;

use crate::agenda::{Agenda, Appointment};
use crate::agent::Agent;
use crate::archive::Archive;
use crate::breakage::Breakage;
use crate::centre::{self, Act, Centre, Served, Ticket};
use crate::customer::Customer;
use crate::disk::Disk;
use crate::keyring::Keyring;
use crate::network::{Fate, Flight, Network, Outage, truncated};
use crate::oracle::Oracle;
use crate::plan::{End, Plan};
use crate::program::{Program, Start};
use crate::sign_in::Browser;
use crate::verdict::{Tally, Verdict, Violation, Wrong};

/// Longest virtual time in which all is said, whatever the weather.
const LONGEST_DAY: u64 = 6 * 3_600_000;
/// How long the program may take to find back by itself once everything works: an open poll that nobody answers is given up
/// after 70 s, and the longest gap between tries is 30 s.
pub(crate) const RECOVERY: u64 = 180_000;
/// How long a working chat may take for anything.
pub(crate) const PROMPTLY: u64 = 3_000;
/// Requests within one second after which it counts as a hot loop.
const HOT: usize = 30;

use sockets::OnSocket;

/// Something to come.
#[derive(Debug)]
pub(crate) enum Event {
    /// The program's deadline.
    Tick,
    /// A request arrives at the service.
    Arrive(Ticket),
    /// A held request has been held for long enough, or a slow service is done.
    Ripen,
    /// An answer, or the news of a broken connection, reaches the client.
    Land { life: u64, ticket: Ticket, result: Box<Result<HttpReply, IoFault>> },
    /// An answer comes a second time.
    Echo { life: u64, call: CallId, reply: HttpReply },
    /// The program listens for the answer of the sign-in page.
    Page { life: u64, call: SignInCall },
    /// The sign-in page answers.
    Answers { life: u64, call: SignInCall },
    /// The service changes its mind about those who sign in.
    Whim,
    /// Something comes on a socket.
    OnSocket(Ticket, OnSocket),
    /// The client's patience with a request ends.
    GiveUp(Ticket),
    /// The password store has come to this token.
    Keep { life: u64, token: ResumeToken },
    /// A broken password store keeps what it said it had kept.
    KeptLate { life: u64, token: ResumeToken },
    /// A broken archive writes what it said it had written.
    Promised { life: u64 },
    /// The archive has read older rows.
    Recalled { life: u64, before: Place, count: usize, until: Option<String> },
    /// The person starts the program again.
    Boot,
    /// The other side acts.
    Agent,
    /// The person acts.
    Customer,
    /// Something happens to the computer or the network.
    Peril,
    /// The chat ends.
    End(End),
    /// An outage ends.
    NetworkBack,
    /// There is room on the disk again.
    DiskBack,
    /// Somebody unlocks the password store.
    KeyringBack,
    /// The lid is opened.
    Awake,
}

/// How the program ends before its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Death {
    /// Its memory is gone.
    Killed,
    /// And so is what was not synced.
    PowerCut,
}

/// What is to be done with one world.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Name of the service in the registry of transports.
    pub transport: String,
    /// Whether to write down what happens.
    pub log: bool,
    /// Whether the real archive runs beside its twin, on a real disk.
    pub real_archive: bool,
    /// Whether requests may arrive after their client has given them up.
    pub late: bool,
    /// Whether nobody signs in, whatever the seed says.
    pub guests: bool,
    /// A mistake to be made on purpose.
    pub breakage: Option<Breakage>,
}

pub(crate) struct World {
    plan: Plan,
    rng: Rng,
    seed: u64,
    agenda: Agenda<Event>,
    centre: Box<dyn Centre>,
    service: &'static Service,
    settings: Settings,
    network: Network,
    agent: Agent,
    customer: Customer,
    browser: Browser,
    oracle: Oracle,
    program: Option<Program>,
    life: u64,
    archive: Archive,
    keyring: Keyring,
    /// After how many steps of the program it dies, and how.
    doom: Option<(u32, Death)>,
    /// What the computer will do when it wakes up.
    asleep: Option<Vec<Event>>,
    /// Kinds of request that the service has shut, and until when.
    shut: BTreeMap<&'static str, u64>,
    recent: VecDeque<u64>,
    tally: Tally,
    violations: Vec<Violation>,
    log: Option<Vec<String>>,
    busy: bool,
    /// There was nothing to pick the chat up with when it was given up.
    bereft: bool,
    /// The program has thrown a token away that still opened the chat.
    threw_away: bool,
    /// The chat has come to its end, whether the program knows or not.
    ended: bool,
    /// It may have come to its end.
    closed: bool,
    /// The person was told that the chat is kept.
    told_kept: bool,
    breakage: Option<Breakage>,
    /// What a broken archive has said yes to and not written.
    promised: VecDeque<Commit>,
}

impl World {
    fn new(seed: u64, options: &Options) -> Self {
        let mut plan = Plan::new(seed, options.late);
        plan.sign_in = plan.sign_in.filter(|_| !options.guests && centre::knows_people(&options.transport));
        let mut rng = Rng::with_seed(seed ^ 0x5eed);
        let centre = centre::named(&options.transport, &plan, rng.u64(..)).expect("a known service");
        plan.end = plan.end.filter(|(end, _)| centre.ends(*end));
        let service = transports::named(&options.transport).expect("a known transport");
        let settings = centre.settings(&plan);
        let network = Network::new(&plan, rng.u64(..));
        let agent = Agent::new(&plan, rng.u64(..));
        let customer = Customer::new(&plan, centre.form(), rng.u64(..));
        let archive = Archive::new(Disk::new(rng.u64(..)), options.real_archive, options.breakage);
        let keyring = Keyring::new(rng.u64(..));
        Self {
            plan,
            rng,
            seed,
            agenda: Agenda::default(),
            centre,
            service,
            settings,
            network,
            agent,
            customer,
            browser: Browser::new(seed),
            oracle: Oracle::new(options.late),
            program: None,
            life: 0,
            archive,
            keyring,
            doom: None,
            asleep: None,
            shut: BTreeMap::new(),
            recent: VecDeque::new(),
            tally: Tally::default(),
            violations: Vec::new(),
            log: options.log.then(Vec::new),
            busy: true,
            bereft: false,
            threw_away: false,
            ended: false,
            closed: false,
            told_kept: false,
            breakage: options.breakage,
            promised: VecDeque::new(),
        }
    }

    fn note(&mut self, line: impl FnOnce() -> String) {
        if let Some(log) = &mut self.log {
            let at = self.agenda.now();
            log.push(format!("{:>6}.{:03}  {}", at / 1_000, at % 1_000, line()));
        }
    }

    fn blame(&mut self, wrong: Wrong, what: String) {
        self.note(|| format!("!! {wrong:?}: {what}"));
        if self.violations.len() < 20 {
            self.violations.push(Violation { wrong, at: self.agenda.now(), what });
        }
    }

    /// Lets time pass until `enough` holds, and says whether it does.
    fn advance(&mut self, longest: u64, mut enough: impl FnMut(&Self) -> bool) -> bool {
        let until = self.agenda.now() + longest;
        loop {
            if enough(self) {
                return true;
            }
            match self.agenda.next(until) {
                Some(event) => self.happen(event),
                None => {
                    self.agenda.turn(until);
                    return enough(self);
                }
            }
            // Whatever is found wrong first explains the rest.
            if !self.violations.is_empty() {
                return false;
            }
        }
    }

    fn happen(&mut self, event: Event) {
        // A sleeping computer notices nothing; the world goes on.
        let ours = matches!(
            event,
            Event::Tick
                | Event::Land { .. }
                | Event::Echo { .. }
                | Event::GiveUp(_)
                | Event::OnSocket(_, OnSocket::Told(_) | OnSocket::GiveUp)
                | Event::Customer
                | Event::Keep { .. }
                | Event::Recalled { .. }
                | Event::Boot
                | Event::Page { .. }
                | Event::Answers { .. }
        );
        if ours && let Some(later) = &mut self.asleep {
            later.push(event);
            return;
        }
        match event {
            Event::Tick => {
                if let Some(program) = &mut self.program {
                    program.tick = None;
                }
                self.feed(Input::Tick);
            }
            Event::Arrive(ticket) => self.arrive(ticket),
            Event::Ripen => self.ripen(),
            Event::Land { life, ticket, result } => self.land(life, ticket, *result),
            Event::Echo { life, call, reply } => {
                if life == self.life {
                    self.feed(Input::Reply { call, result: Ok(reply) });
                }
            }
            Event::GiveUp(ticket) => self.give_up(ticket),
            Event::Page { life, call } => self.page(life, call),
            Event::Answers { life, call } => self.page_answers(life, call),
            Event::Whim => self.whim(),
            Event::OnSocket(ticket, event) => self.on_socket_event(ticket, event),
            Event::Keep { life, token } if life == self.life && self.program.is_some() => {
                let result = match self.breakage {
                    Some(Breakage::TokenNeverKept) => Ok(()),
                    Some(Breakage::ForgetsTheDoubt) if self.centre.is_doubtful(token.secret.expose()) => {
                        Ok(())
                    }
                    Some(Breakage::TokenKeptLate) => {
                        self.agenda.after(30_000, Event::KeptLate { life, token });
                        Ok(())
                    }
                    _ => self.keyring.keep(token),
                };
                self.note(|| format!("   the password store: {result:?}"));
                self.feed(Input::Remembered(result));
            }
            Event::Recalled { life, before, count, until } if life == self.life => {
                let (rows, more) = self.archive.recall(before, count, until.as_deref());
                self.feed(Input::Recalled { rows, more });
            }
            Event::KeptLate { life, token } => {
                if life == self.life && self.program.is_some() {
                    self.keyring.token = Some(token);
                }
            }
            Event::Promised { life } if life == self.life => {
                if let Some(commit) = self.promised.pop_front() {
                    let _ = self.archive.write(&commit);
                }
            }
            Event::Keep { .. } | Event::Recalled { .. } | Event::Promised { .. } => {}
            Event::Boot => self.boot(),
            Event::End(end) => self.end_chat(end),
            Event::DiskBack => {
                self.archive.disk.full = false;
                self.note(|| "there is room on the disk".to_owned());
            }
            Event::KeyringBack => {
                self.keyring.away = false;
                self.note(|| "the password store is unlocked".to_owned());
            }
            Event::Agent => self.agents(),
            Event::Customer => self.customers(),
            Event::Peril => self.peril(),
            Event::NetworkBack => {
                self.network.outage = None;
                self.note(|| "the network is back".to_owned());
                if self.plan.signals && self.asleep.is_none() {
                    self.feed(Input::Wake);
                }
            }
            Event::Awake => self.awake(),
        }
    }
}

/// Lets one world run its course.
///
/// # Panics
/// If the transport is not known.
#[must_use]
pub fn run(seed: u64, options: &Options) -> Verdict {
    World::new(seed, options).run()
}
