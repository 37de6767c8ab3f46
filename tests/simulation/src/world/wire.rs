//! Requests on their way: out, to the service, back, and everything that becomes of them between.

use super::*;

impl World {
    pub(super) fn launch(&mut self, program: &mut Program, call: HttpCall) {
        self.tally.requests += 1;
        self.may_ask(self.centre.lane(&call), call.what);
        let words = self.centre.words(&call);
        let brings_words = words.is_some();
        match words {
            Some(words) => self.must_be_kept(&words),
            None => self.pace(),
        }
        let ticket = self.network.ticket();
        let fate = self.network.fate(&call, brings_words, &mut self.tally);
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
        let flight = Flight {
            life: self.life,
            reads: self.centre.is_read(&call),
            call,
            fate,
            gives_up,
            waited_for: true,
            arrived: false,
            held: false,
        };
        self.network.flights.insert(ticket, flight);
        self.break_below(ticket);
        if self.network.reads() > 1 {
            self.blame(Wrong::TwoReads, "two reads are out".to_owned());
        }
    }

    /// The service may have asked to wait with requests of this kind.
    pub(super) fn may_ask(&mut self, lane: &'static str, what: &str) {
        let opens = self.shut.get(lane).copied().filter(|opens| *opens > self.agenda.now());
        if let Some(opens) = opens {
            self.blame(Wrong::TooSoon, format!("{what} although {lane} are shut until {opens}"));
        }
    }

    /// Messages leave one after the other as fast as they are taken; whatever else is asked for has to have its pauses.
    pub(super) fn pace(&mut self) {
        let now = self.agenda.now();
        self.recent.push_back(now);
        while self.recent.front().is_some_and(|first| first + 1_000 < now) {
            self.recent.pop_front();
        }
        if self.recent.len() > HOT {
            self.blame(Wrong::HotLoop, format!("{} requests within a second", self.recent.len()));
        }
    }

    /// Words that leave must be known to the archive.
    pub(super) fn must_be_kept(&mut self, words: &str) {
        self.oracle.may_have_left(words);
        if !self.archive.knows_of(words) {
            self.blame(
                Wrong::Uncommitted,
                format!("\"{words}\" leaves, and a power cut would forget that it did"),
            );
        }
    }

    /// What a library below might do on its own.
    pub(super) fn break_below(&mut self, ticket: Ticket) {
        let Some(flight) = self.network.flights.get(&ticket) else { return };
        let again = match self.breakage {
            Some(Breakage::ReadsTwice) => flight.reads,
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

    pub(super) fn send_back(&mut self, ticket: Ticket, wait: u64, result: Result<HttpReply, IoFault>) {
        let result = Box::new(result);
        self.agenda.after(wait, Event::Land { life: self.life, ticket, result });
    }

    pub(super) fn cancel(&mut self, program: &mut Program, call: CallId) {
        let Some(ticket) = program.calls.remove(&call) else { return };
        self.note(|| format!("-x {} given up by the program", ticket.0));
        self.end(ticket);
    }

    /// The client's end of a connection is closed. What has not arrived never will, unless somebody between has it.
    pub(super) fn end(&mut self, ticket: Ticket) {
        let Some(flight) = self.network.flights.get_mut(&ticket) else { return };
        flight.waited_for = false;
        self.agenda.call_off(flight.gives_up);
        let open_at_the_service = flight.fate == Fate::Mute && flight.held;
        if !matches!(flight.fate, Fate::Late(_)) && !open_at_the_service {
            self.centre.hang_up(ticket);
            self.network.flights.remove(&ticket);
        }
    }

    pub(super) fn arrive(&mut self, ticket: Ticket) {
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
    pub(super) fn heard(&mut self) {
        let news = self.centre.news();
        for spoken in &news {
            self.note(|| format!("   the service has \"{}\"", spoken.text));
        }
        self.oracle.heard(news);
    }

    pub(super) fn ripen(&mut self) {
        let now = self.agenda.unix();
        for (ticket, reply) in self.centre.ripe(now) {
            self.answer(ticket, reply);
        }
        self.push();
    }

    /// The service has answered.
    pub(super) fn answer(&mut self, ticket: Ticket, reply: HttpReply) {
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

    pub(super) fn land(&mut self, life: u64, ticket: Ticket, mut result: Result<HttpReply, IoFault>) {
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
        let about_people = flight.call.what == "sign-in";
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
        if about_people {
            self.strike_sign_in();
        }
        self.feed(Input::Reply { call: id, result });
    }

    pub(super) fn give_up(&mut self, ticket: Ticket) {
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
}

fn told(fate: &Fate) -> String {
    match fate {
        Fate::Instead(reply) => format!("does not arrive, status {} instead", reply.status),
        Fate::After(reply) => format!("arrives, status {} afterwards", reply.status),
        other => format!("{other:?}"),
    }
}
