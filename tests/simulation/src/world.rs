//! One world: everything in it follows from one number, and nothing in it waits for real time.

use std::collections::{BTreeMap, VecDeque};

use envoi_protocol::fault::FaultCode;
use envoi_protocol::io::{CallId, HttpCall, HttpReply, IoFault, Method};
use envoi_protocol::session::{Input, Output};
use envoi_protocol::stored::{Commit, Place};
use envoi_protocol::token::ResumeToken;
use envoi_protocol::transport::Settings;
use envoi_protocol::transports::{self, Service};
use envoi_protocol::view::{Command, DeliveryView, Fault, HistoryView, LinkView, Memory};
use fastrand::Rng;

use crate::agenda::Agenda;
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
use crate::verdict::{Tally, Verdict, Violation, Wrong};

/// Longest virtual time in which all is said, whatever the weather.
const LONGEST_DAY: u64 = 6 * 3_600_000;
/// How long the program may take to find back by itself once everything works: an open poll that nobody answers is given up
/// after 70 s, and the longest gap between tries is 30 s.
const RECOVERY: u64 = 180_000;
/// How long a working chat may take for anything.
const PROMPTLY: u64 = 3_000;
/// Requests within one second after which it counts as a hot loop.
const HOT: usize = 30;

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
#[derive(Debug, Clone)]
pub struct Options {
    /// Name of the service in the registry of transports.
    pub transport: String,
    /// Whether to write down what happens.
    pub log: bool,
    /// Whether requests may arrive after their client has given them up.
    pub late: bool,
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
        let plan = Plan::new(seed, options.late);
        let mut rng = Rng::with_seed(seed ^ 0x5eed);
        let centre = centre::named(&options.transport, &plan, rng.u64(..)).expect("a known service");
        let service = transports::named(&options.transport).expect("a known transport");
        let settings = centre.settings(&plan);
        let network = Network::new(&plan, rng.u64(..));
        let agent = Agent::new(&plan, rng.u64(..));
        let customer = Customer::new(&plan, centre.form(), rng.u64(..));
        let archive = Archive::new(Disk::new(rng.u64(..)), options.breakage);
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
                | Event::Customer
                | Event::Keep { .. }
                | Event::Recalled { .. }
                | Event::Boot
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
            Event::Keep { life, token } if life == self.life && self.program.is_some() => {
                let result = match self.breakage {
                    Some(Breakage::TokenNeverKept) => Ok(()),
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

    // The program.

    fn boot(&mut self) {
        if self.keyring.away && self.life > 0 {
            // The token cannot be read: the program waits for the person to unlock the store.
            self.agenda.after(500, Event::Boot);
            return;
        }
        self.tally.restarts += u64::from(self.life > 0);
        self.life += 1;
        self.shut.clear();
        self.promised.clear();
        self.recent.clear();
        self.archive.open();
        let start = Start {
            service: self.service,
            settings: &self.settings,
            plan: &self.plan,
            token: self.keyring.token.clone(),
            stored: self.archive.load(self.plan.rows),
            seed: self.seed ^ (self.life << 32),
            breakage: self.breakage,
        };
        let program = Program::start(start, self.agenda.told());
        self.note(|| "the program starts".to_owned());
        self.oracle.opened(&program.screen);
        self.program = Some(program);
        self.feed(Input::Tick);
    }

    /// One input in, everything out. Gives back why a command was not carried out.
    fn feed(&mut self, input: Input) -> Option<Fault> {
        let mut program = self.program.take()?;
        let mut refused = None;
        program.session.handle(self.agenda.told(), input);
        while let Some(output) = program.session.poll() {
            if let Some(death) = self.dies() {
                self.die(death);
                return refused;
            }
            match output {
                Output::Call(call) => self.launch(&mut program, call),
                Output::Cancel(call) => self.cancel(&mut program, call),
                Output::Commit(commit) => {
                    let Some(result) = self.write(&commit) else { return refused };
                    program.session.handle(self.agenda.told(), Input::Committed(result));
                }
                Output::Recall { before, count, until } => {
                    let wait = self.rng.u64(1..20);
                    self.agenda.after(wait, Event::Recalled { life: self.life, before, count, until });
                }
                Output::Remember(token) => {
                    let at = self.keyring.done(self.agenda.now());
                    self.agenda.put(at, Event::Keep { life: self.life, token });
                }
                Output::Forget => {
                    let token = self.keyring.token.take();
                    self.bereft |= !token.is_some_and(|token| self.centre.opens(token.secret.expose()));
                }
                Output::Update(update) => {
                    self.note(|| format!("   shows {:?}", update.change));
                    if self.breakage == Some(Breakage::LosesUpdates) && self.rng.u8(0..100) == 0 {
                        continue;
                    }
                    match program.screen.apply(&update) {
                        Ok(()) => {
                            match program.screen.memory {
                                Memory::Kept => self.told_kept = true,
                                Memory::Nothing => {}
                                _ => self.told_kept = false,
                            }
                            self.oracle.updated(&update);
                        }
                        Err(what) => self.blame(Wrong::Gap, what),
                    }
                }
                Output::Refused(fault) => {
                    self.note(|| format!("   refused: {:?}", fault.code));
                    refused = Some(fault);
                }
                Output::Notify(_) | Output::Media { .. } | Output::CloseWindow => {}
            }
        }
        if let Some(tick) = program.tick.take() {
            self.agenda.call_off(tick);
        }
        program.tick = program.session.deadline().map(|deadline| {
            // As the engine has it: at once, and never in a busy loop.
            let late = if self.breakage == Some(Breakage::IsLate) { 10_000 } else { 0 };
            self.agenda.put(late + deadline.at.0.max(self.agenda.now() + 1), Event::Tick)
        });
        self.program = Some(program);
        for (wrong, what) in self.oracle.findings() {
            self.blame(wrong, what);
        }
        refused
    }

    /// Writes a commit; nothing if the program does not live to hear of it.
    fn write(&mut self, commit: &Commit) -> Option<Result<(), FaultCode>> {
        if let Some(death) = self.dies() {
            self.archive.tear(commit);
            self.die(death);
            return None;
        }
        let written = match self.breakage {
            Some(Breakage::AnswersBeforeWriting) => {
                self.promised.push_back(commit.clone());
                self.agenda.after(20, Event::Promised { life: self.life });
                Ok(())
            }
            Some(Breakage::CursorBeforeRows) => {
                let state = Commit { state: commit.state.clone(), ..Commit::default() };
                let rest = Commit { state: None, ..commit.clone() };
                let written = self.archive.write(&state);
                if let Some(death) = self.dies() {
                    self.die(death);
                    return None;
                }
                written.and_then(|()| self.archive.write(&rest))
            }
            Some(Breakage::SwallowsWriteErrors) => self.archive.write(commit).or(Ok(())),
            _ => self.archive.write(commit),
        };
        self.note(|| {
            let firm = if commit.firm { " for good" } else { "" };
            format!("   keeps {} rows, {:?}{firm}: {written:?}", commit.rows.len(), commit.parcels)
        });
        if let Some(death) = self.dies() {
            self.die(death);
            return None;
        }
        Some(written.map_err(|_| FaultCode::DiskFailed))
    }

    /// Whether the program dies at this step.
    fn dies(&mut self) -> Option<Death> {
        let (steps, death) = self.doom?;
        self.doom = steps.checked_sub(1).map(|steps| (steps, death));
        (steps == 0).then_some(death)
    }

    /// The program is gone, and its connections with it.
    fn die(&mut self, death: Death) {
        self.note(|| format!("the program dies: {death:?}"));
        self.program = None;
        if death == Death::PowerCut {
            self.archive.disk.power_cut();
        }
        let open: Vec<Ticket> = self.network.flights.keys().copied().collect();
        for ticket in open {
            let Some(flight) = self.network.flights.get_mut(&ticket) else { continue };
            // What was handed to the operating system may still arrive.
            let still_arrives = !flight.arrived && self.rng.bool();
            if still_arrives {
                self.agenda.call_off(flight.gives_up);
                flight.waited_for = false;
            } else {
                self.end(ticket);
            }
        }
        // Nobody is so quick with a restart that what is on the way has not arrived.
        let wait = self.network.longest() + self.rng.u64(100..5_000);
        self.agenda.after(wait, Event::Boot);
    }

    fn command(&mut self, command: Command) -> Option<Fault> {
        self.note(|| format!("person: {command:?}"));
        self.feed(Input::Command(command))
    }

    // The network.

    fn launch(&mut self, program: &mut Program, call: HttpCall) {
        let now = self.agenda.now();
        self.tally.requests += 1;
        let lane = self.centre.lane(&call);
        if self.shut.get(lane).is_some_and(|opens| *opens > now) {
            self.blame(
                Wrong::TooSoon,
                format!("{} although {lane} are shut until {}", call.what, self.shut[lane]),
            );
        }
        // Messages leave one after the other as fast as they are taken; whatever else is asked for has to have its pauses.
        let words = self.centre.words(&call);
        if words.is_none() {
            self.recent.push_back(now);
        }
        while self.recent.front().is_some_and(|first| first + 1_000 < now) {
            self.recent.pop_front();
        }
        if self.recent.len() > HOT {
            self.blame(Wrong::HotLoop, format!("{} requests within a second", self.recent.len()));
        }
        if let Some(words) = words
            && !self.archive.knows_of(&words)
        {
            self.blame(
                Wrong::Uncommitted,
                format!("\"{words}\" leaves, and a power cut would forget that it did"),
            );
        }
        let ticket = self.network.ticket();
        let fate = self.network.fate(&call, &mut self.tally);
        self.note(|| format!("-> {} {} ({})", ticket.0, call.what, told(&fate)));
        let timeout = u64::try_from(call.timeout.as_millis()).unwrap_or(u64::MAX);
        let gives_up = self.agenda.after(timeout, Event::GiveUp(ticket));
        let way = self.network.way();
        match &fate {
            Fate::Unarrived(fault) => self.send_back(ticket, way, Err(*fault)),
            Fate::Instead(reply) => {
                let back = self.network.way();
                self.send_back(ticket, way + back, Ok(reply.clone()));
            }
            Fate::Swallowed => {}
            Fate::Late(wait) => drop(self.agenda.after(*wait, Event::Arrive(ticket))),
            _ => drop(self.agenda.after(way, Event::Arrive(ticket))),
        }
        program.calls.insert(call.id, ticket);
        let flight =
            Flight { life: self.life, call, fate, gives_up, waited_for: true, arrived: false, held: false };
        self.network.flights.insert(ticket, flight);
        self.break_below(ticket);
        if self.network.reads() > 1 {
            self.blame(Wrong::TwoReads, "two reads are out".to_owned());
        }
    }

    /// What a library below might do on its own.
    fn break_below(&mut self, ticket: Ticket) {
        let Some(flight) = self.network.flights.get(&ticket) else { return };
        let again = match self.breakage {
            Some(Breakage::ReadsTwice) => flight.call.method == Method::Get,
            Some(Breakage::RetriesBelow) => flight.fate == Fate::Cut && flight.call.method == Method::Post,
            _ => false,
        };
        if again {
            let copy = Flight {
                call: flight.call.clone(),
                fate: Fate::Fine,
                arrived: false,
                held: false,
                ..*flight
            };
            let (second, way) = (self.network.ticket(), self.network.way());
            self.network.flights.insert(second, copy);
            self.agenda.after(way + 1, Event::Arrive(second));
        }
    }

    fn send_back(&mut self, ticket: Ticket, wait: u64, result: Result<HttpReply, IoFault>) {
        let result = Box::new(result);
        self.agenda.after(wait, Event::Land { life: self.life, ticket, result });
    }

    fn cancel(&mut self, program: &mut Program, call: CallId) {
        let Some(ticket) = program.calls.remove(&call) else { return };
        self.note(|| format!("-x {} given up by the program", ticket.0));
        self.end(ticket);
    }

    /// The client's end of a connection is closed. What has not arrived never will, unless somebody between has it.
    fn end(&mut self, ticket: Ticket) {
        let Some(flight) = self.network.flights.get_mut(&ticket) else { return };
        flight.waited_for = false;
        self.agenda.call_off(flight.gives_up);
        let open_at_the_service = flight.fate == Fate::Mute && flight.held;
        if !matches!(flight.fate, Fate::Late(_)) && !open_at_the_service {
            self.centre.hang_up(ticket);
            self.network.flights.remove(&ticket);
        }
    }

    fn arrive(&mut self, ticket: Ticket) {
        let now = self.agenda.unix();
        let Some(flight) = self.network.flights.get_mut(&ticket) else { return };
        flight.arrived = true;
        let what = flight.call.what;
        let served = self.centre.serve(now, ticket, &flight.call);
        let cut_held = flight.fate == Fate::Cut && matches!(served, Served::Held(_));
        self.note(|| format!("   {} {what} arrived", ticket.0));
        match served {
            Served::Answer(reply) => self.answer(ticket, reply),
            Served::Held(until) => {
                if let Some(flight) = self.network.flights.get_mut(&ticket) {
                    flight.held = true;
                }
                self.agenda.after(until.saturating_sub(now), Event::Ripen);
                if cut_held {
                    // The connection breaks while the service holds the request, and both sides know.
                    let wait = self.rng.u64(1..=until.saturating_sub(now).max(1));
                    self.send_back(ticket, wait, Err(IoFault::Broken));
                }
            }
        }
        self.heard();
        self.ripen();
    }

    /// What the service has on record now, for the judge.
    fn heard(&mut self) {
        let news = self.centre.news();
        for spoken in &news {
            self.note(|| format!("   the service has \"{}\"", spoken.text));
        }
        self.oracle.heard(news);
    }

    fn ripen(&mut self) {
        let now = self.agenda.unix();
        for (ticket, reply) in self.centre.ripe(now) {
            self.answer(ticket, reply);
        }
    }

    /// The service has answered.
    fn answer(&mut self, ticket: Ticket, reply: HttpReply) {
        let way = self.network.way();
        let Some(flight) = self.network.flights.get_mut(&ticket) else { return };
        flight.held = false;
        if !flight.waited_for {
            self.network.flights.remove(&ticket);
            return;
        }
        let call = flight.call.id;
        match flight.fate.clone() {
            Fate::Mute | Fate::Late(_) => {}
            Fate::Cut => self.send_back(ticket, way, Err(IoFault::Broken)),
            Fate::Slow(wait) => self.send_back(ticket, way + wait, Ok(reply)),
            Fate::Truncated => self.send_back(ticket, way, Ok(truncated(reply))),
            Fate::After(other) => self.send_back(ticket, way, Ok(other)),
            Fate::Twice => {
                let again = way + self.network.way();
                self.agenda.after(again, Event::Echo { life: self.life, call, reply: reply.clone() });
                self.send_back(ticket, way, Ok(reply));
            }
            _ => self.send_back(ticket, way, Ok(reply)),
        }
    }

    fn land(&mut self, life: u64, ticket: Ticket, mut result: Result<HttpReply, IoFault>) {
        if life != self.life || self.program.is_none() {
            return;
        }
        let Some(flight) = self.network.flights.get_mut(&ticket) else { return };
        flight.held = false;
        if !flight.waited_for {
            return;
        }
        let id = flight.call.id;
        let lane = self.centre.lane(&flight.call);
        if let Ok(reply) = &result
            && reply.status == 429
            && let Some(wait) = reply.retry_after
        {
            let opens = self.agenda.now() + u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
            let shut = self.shut.entry(lane).or_default();
            *shut = (*shut).max(opens);
        }
        self.note(|| match &result {
            Ok(reply) => format!("<- {} status {} ({} bytes)", ticket.0, reply.status, reply.body.len()),
            Err(fault) => format!("<- {} {fault:?}", ticket.0),
        });
        self.end(ticket);
        if let Some(program) = &mut self.program {
            program.calls.remove(&id);
        }
        if self.breakage == Some(Breakage::IgnoresRetryAfter)
            && let Ok(reply) = &mut result
        {
            reply.retry_after = None;
        }
        self.feed(Input::Reply { call: id, result });
    }

    fn give_up(&mut self, ticket: Ticket) {
        let Some(flight) = self.network.flights.get(&ticket) else { return };
        if !flight.waited_for || flight.life != self.life {
            return;
        }
        let id = flight.call.id;
        self.note(|| format!("<- {} Timeout", ticket.0));
        self.end(ticket);
        if let Some(program) = &mut self.program {
            program.calls.remove(&id);
        }
        self.feed(Input::Reply { call: id, result: Err(IoFault::Timeout) });
    }

    // The people.

    fn agents(&mut self) {
        if !self.busy {
            return;
        }
        let joined = self.keyring.token.is_some();
        if joined && !self.ended && !self.agent.is_done() {
            let acts = self.agent.act();
            self.note(|| format!("agent: {acts:?}"));
            self.centre.act(self.agenda.unix(), acts);
            self.heard();
            self.ripen();
        }
        let pause = self.agent.pause();
        self.agenda.after(pause, Event::Agent);
    }

    fn customers(&mut self) {
        let commands = match &self.program {
            Some(program) if self.busy && !self.customer.is_done() => self.customer.act(&program.screen),
            Some(program) => self.customer.must(&program.screen).into_iter().collect(),
            None => Vec::new(),
        };
        for command in commands {
            self.strike(&command);
            let refused = self.command(command.clone()).is_some();
            match command {
                Command::Retry { item } if !refused => self.oracle.retried(&item),
                Command::Cancel { item } if self.breakage == Some(Breakage::AlwaysTakesBack) => {
                    self.oracle.told_taken_back(&item);
                }
                Command::Cancel { item } if !refused => self.oracle.asked_back(item),
                _ => {}
            }
        }
        let pause = if self.busy { self.customer.pause() } else { 1_000 };
        self.agenda.after(pause, Event::Customer);
    }

    // What happens to everything.

    /// What the person does is what must not be lost: the program dies then more often than at other times.
    fn strike(&mut self, command: &Command) {
        let weighty = match command {
            Command::Cancel { .. } | Command::Retry { .. } | Command::SendAnyway => self.rng.u8(0..6) == 0,
            Command::Send { .. } => self.rng.u8(0..60) == 0,
            _ => false,
        };
        if weighty && self.busy && self.plan.perils.is_some() && self.doom.is_none() {
            let death = if self.rng.bool() { Death::Killed } else { Death::PowerCut };
            self.tally.fault(if death == Death::Killed { "process death" } else { "power cut" });
            self.doom = Some((self.rng.u32(0..6), death));
        }
    }

    fn peril(&mut self) {
        let Some(most) = self.plan.perils.filter(|_| self.busy) else { return };
        let wait = self.rng.u64(1_000..=most);
        self.agenda.after(wait, Event::Peril);
        if self.asleep.is_some() || self.network.outage.is_some() {
            return;
        }
        match self.rng.u8(0..20) {
            10..=13 if self.program.is_some() => {
                self.tally.fault("process death");
                self.doom = Some((self.rng.u32(0..12), Death::Killed));
            }
            14 | 15 if self.program.is_some() => {
                self.tally.fault("power cut");
                self.doom = Some((self.rng.u32(0..12), Death::PowerCut));
            }
            16 | 17 => {
                self.tally.fault("full disk");
                self.note(|| "the disk is full".to_owned());
                self.archive.disk.full = true;
                let wait = self.rng.u64(100..30_000);
                self.agenda.after(wait, Event::DiskBack);
            }
            18 => {
                self.tally.fault("password store locked");
                self.note(|| "the password store is locked".to_owned());
                self.keyring.away = true;
                let wait = self.rng.u64(100..30_000);
                self.agenda.after(wait, Event::KeyringBack);
            }
            0..=3 => {
                let kinds = [Outage::Refused, Outage::Silence, Outage::Portal, Outage::Intercepted];
                let outage = self.rng.choice(kinds).unwrap_or(Outage::Refused);
                self.tally.fault("outage");
                self.outage(outage, 60_000);
            }
            4 => {
                self.tally.fault("restart of the service");
                self.outage(Outage::Refused, 10_000);
            }
            5..=7 => self.sleep(),
            _ => {
                self.tally.fault("clock jump");
                let day = 86_400_000;
                self.agenda.skew = self.rng.choice([-day, 0, day]).unwrap_or(0);
                self.note(|| "the clock jumps".to_owned());
            }
        }
    }

    fn outage(&mut self, outage: Outage, longest: u64) {
        self.note(|| format!("the network is gone: {outage:?}"));
        self.network.outage = Some(outage);
        let wait = self.rng.u64(500..longest);
        self.agenda.after(wait, Event::NetworkBack);
        let open: Vec<Ticket> = self.network.flights.keys().copied().collect();
        for ticket in open {
            let noticed = outage == Outage::Refused;
            let Some(flight) = self.network.flights.get_mut(&ticket) else { continue };
            if !flight.waited_for {
                continue;
            }
            if !flight.arrived && !matches!(flight.fate, Fate::Late(_)) {
                flight.fate = Fate::Swallowed;
            } else {
                flight.fate = if noticed { Fate::Cut } else { Fate::Mute };
            }
            if noticed {
                self.centre.hang_up(ticket);
                let wait = self.network.way();
                self.send_back(ticket, wait, Err(IoFault::Broken));
            }
        }
    }

    fn sleep(&mut self) {
        self.tally.fault("sleep");
        self.note(|| "the lid is closed".to_owned());
        self.asleep = Some(Vec::new());
        for flight in self.network.flights.values_mut() {
            flight.fate = if flight.arrived { Fate::Mute } else { Fate::Swallowed };
        }
        let longest = if self.rng.bool() { 60_000 } else { 3_600_000 };
        let wait = self.rng.u64(1_000..longest);
        self.agenda.after(wait, Event::Awake);
    }

    fn awake(&mut self) {
        let Some(later) = self.asleep.take() else { return };
        self.note(|| "the lid is opened".to_owned());
        if self.plan.signals {
            self.feed(Input::Wake);
        }
        for event in later {
            self.agenda.after(1, event);
        }
    }

    // The course of things.

    fn run(mut self) -> Verdict {
        self.boot();
        self.agenda.after(100, Event::Customer);
        self.agenda.after(1_000, Event::Agent);
        self.agenda.after(2_000, Event::Peril);
        if let Some((end, at)) = self.plan.end {
            self.agenda.put(at, Event::End(end));
        }
        self.advance(LONGEST_DAY, |world| {
            world.is_over()
                || world.ended
                || world.closed
                || (world.customer.is_done() && world.agent.is_done())
        });
        if self.is_over() {
            self.busy = false;
            self.end_of_chat();
        } else if self.violations.is_empty() {
            self.recover();
        }
        self.tally.mine = self.oracle.mine();
        self.tally.theirs = u64::from(self.agent.said());
        self.tally.unavoidable = self.oracle.unavoidable();
        self.tally.time = self.agenda.now();
        Verdict { tally: self.tally, violations: self.violations, log: self.log.unwrap_or_default() }
    }

    fn is_over(&self) -> bool {
        self.program.as_ref().is_some_and(|program| program.screen.is_over())
    }

    fn end_chat(&mut self, end: End) {
        if !self.busy {
            return;
        }
        if self.keyring.token.is_none() || self.program.is_none() || self.asleep.is_some() {
            self.agenda.after(5_000, Event::End(end));
            return;
        }
        self.note(|| format!("the end: {end:?}"));
        match end {
            End::Mine => {
                if self.command(Command::End).is_some() {
                    self.agenda.after(5_000, Event::End(end));
                    return;
                }
            }
            End::Theirs => self.centre.act(self.agenda.unix(), vec![Act::End]),
            End::Lost => {
                self.tally.fault("session lost");
                self.centre.act(self.agenda.unix(), vec![Act::Lose(self.rng.u8(..))]);
            }
            End::Closed => self.centre.act(self.agenda.unix(), vec![Act::State("Completed")]),
        }
        // A person who writes on behind the closing has the chat go on, and a program that dies may not have heard of the end.
        self.closed = matches!(end, End::Closed | End::Mine);
        self.ended = !self.closed;
        self.heard();
        self.ripen();
    }

    /// Nothing more will come: what was said so far must be true, also after a restart.
    fn end_of_chat(&mut self) {
        // A token that the program had no time to forget.
        let token = self.keyring.token.clone();
        self.bereft |= token.is_some_and(|token| !self.centre.opens(token.secret.expose()));
        if !self.ended && !self.closed && (!self.bereft || (self.told_kept && !self.plan.moves)) {
            self.blame(Wrong::Lost, "the chat was given up while the service has it".to_owned());
        }
        self.die(Death::Killed);
        if !self.advance(RECOVERY, Self::is_over) {
            self.stuck("the chat is no longer over after a restart");
        }
        self.oracle.judge_mine(true);
        for (wrong, what) in self.oracle.findings() {
            self.blame(wrong, what);
        }
    }

    /// From here on everything works: now everything has to come right.
    fn recover(&mut self) {
        self.busy = false;
        let promptly = self.plan.signals
            && self.program.as_ref().is_some_and(|program| program.screen.memory == Memory::Kept)
            && self.asleep.is_none()
            && !self.archive.disk.full
            && !self.keyring.away
            && !self.is_shut_out();
        self.network.calm();
        self.archive.disk.full = false;
        self.keyring.away = false;
        self.doom = None;
        self.note(|| "from here on everything works".to_owned());
        self.awake();
        if self.plan.signals {
            self.feed(Input::Wake);
        }
        let usable = |world: &Self| world.is_up() || world.is_over() || world.is_shut_out();
        if promptly && !self.ended && !self.advance(PROMPTLY, usable) {
            return self.stuck("the chat is not usable within 3 s of the network being there");
        }
        let rests = |world: &Self| world.is_over() || (world.is_settled() && !world.ended);
        if !self.advance(RECOVERY, rests) {
            self.stuck("it does not come to rest");
            return;
        }
        if self.closed {
            self.advance(PROMPTLY, Self::is_over);
        }
        if self.is_over() {
            return self.end_of_chat();
        }
        self.probe();
        if self.violations.is_empty() {
            self.read_back();
        }
        if self.violations.is_empty() {
            self.oracle.judge_mine(false);
            if let Some(program) = &self.program {
                self.oracle.judge_timeline(&program.screen);
                if !program.screen.agrees(&program.session.snapshot(self.agenda.told())) {
                    self.blame(Wrong::Gap, "the screen does not show what a snapshot shows".to_owned());
                }
            }
            for (wrong, what) in self.oracle.findings() {
                self.blame(wrong, what);
            }
        }
    }

    fn stuck(&mut self, what: &str) {
        if self.violations.is_empty() {
            let state = self.program.as_ref().map(|program| {
                let open = program.screen.own(|delivery| *delivery != DeliveryView::Sent);
                format!(
                    "{:?}, {:?}, {:?}, fault {:?}, not sent: {open:?}, reads {}, haunted {}",
                    program.screen.link,
                    program.screen.phase,
                    program.screen.memory,
                    program.screen.fault,
                    self.network.reads(),
                    self.network.is_haunted()
                )
            });
            self.blame(
                Wrong::Stuck,
                format!("{what}: {}", state.unwrap_or_else(|| "no program runs".to_owned())),
            );
        }
    }

    /// Whether the service has asked to wait, for as long as it says or for as long as is usual.
    fn is_shut_out(&self) -> bool {
        let link = self.program.as_ref().map(|program| &program.screen.link);
        self.shut.values().any(|opens| *opens > self.agenda.now())
            || matches!(link, Some(LinkView::Down { cause: FaultCode::RateLimited, .. }))
    }

    fn is_up(&self) -> bool {
        self.program.as_ref().is_some_and(|program| program.screen.is_up())
    }

    /// The link is up, and nothing of the person's waits.
    fn is_settled(&self) -> bool {
        self.program.as_ref().is_some_and(|program| {
            program.screen.is_up()
                && program.screen.memory == Memory::Kept
                && program.screen.own(|delivery| *delivery != DeliveryView::Sent).is_empty()
                && self.network.listens()
                && !self.network.is_haunted()
                && self.keyring.is_idle(self.agenda.now())
        })
    }

    /// A working chat shows and sends what is said without delay.
    fn probe(&mut self) {
        for _ in 0..2 {
            let (text, acts) = self.agent.probe();
            self.centre.act(self.agenda.unix(), acts);
            self.heard();
            self.ripen();
            let seen = |world: &Self| {
                world
                    .program
                    .as_ref()
                    .is_some_and(|program| program.screen.texts().iter().rev().any(|shown| *shown == text))
            };
            // A service that sends polls off at once is asked every few seconds: one gap, and the way there and back.
            let promptly = if self.plan.hold < PROMPTLY { PROMPTLY + 500 } else { PROMPTLY };
            if !self.advance(promptly, seen) {
                self.stuck(&format!("\"{text}\" was said and is not seen"));
                return;
            }
            let command = self.customer.write();
            self.command(command);
            if !self.advance(PROMPTLY, Self::is_settled_or_guarded) {
                self.stuck("a message does not leave");
                return;
            }
        }
    }

    fn is_settled_or_guarded(&self) -> bool {
        self.program.as_ref().is_some_and(|program| program.screen.guard.is_some()) || self.is_settled()
    }

    /// The person scrolls back to the beginning.
    fn read_back(&mut self) {
        for _ in 0..200 {
            let Some(program) = &self.program else { return };
            let Some(older) = self.customer.older(&program.screen) else { break };
            self.command(older);
            let there = |world: &Self| {
                world.program.as_ref().is_some_and(|program| program.screen.history != HistoryView::Loading)
            };
            if !self.advance(30_000, there) {
                self.stuck("an older page does not come");
                return;
            }
        }
        // The service's own copies of what was said last are still to come.
        self.advance(2 * PROMPTLY, |_| false);
    }
}

fn told(fate: &Fate) -> String {
    match fate {
        Fate::Instead(reply) => format!("does not arrive, status {} instead", reply.status),
        Fate::After(reply) => format!("arrives, status {} afterwards", reply.status),
        other => format!("{other:?}"),
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
