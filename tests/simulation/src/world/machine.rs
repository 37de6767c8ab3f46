//! The program in its world: its start, every step of it, what it writes, and its death at any of these steps.

use super::*;

impl World {
    pub(super) fn boot(&mut self) {
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
        if let Some(what) = self.archive.difference(self.plan.rows) {
            self.blame(Wrong::Lost, format!("in the archive {what}"));
        }
        let start = Start {
            service: self.service,
            settings: &self.settings,
            plan: &self.plan,
            token: match self.breakage {
                Some(Breakage::ReturnsAsAGuest) => {
                    let kept = self.keyring.token.as_ref();
                    kept.map(|token| ResumeToken {
                        secret: Secret::new(self.centre.bare(token.secret.expose())),
                    })
                }
                _ => self.keyring.token.clone(),
            },
            stored: self.archive.load(self.plan.rows),
            seed: self.seed ^ (self.life << 32),
            breakage: self.breakage,
        };
        let program = Program::start(start, self.agenda.told());
        self.note(|| "the program starts".to_owned());
        self.oracle.opened(&program.screen);
        self.program = Some(program);
        self.feed(Input::Tick);
        // It may have given the chat up in an earlier life, for want of a token, and died before it could say so.
        self.bereft |= self.keyring.token.is_none() && !self.threw_away && self.is_over();
    }

    /// One input in, everything out. Gives back why a command was not carried out.
    pub(super) fn feed(&mut self, input: Input) -> Option<Fault> {
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
                Output::Cancel(call) if program.signing_in == Some(call) => program.signing_in = None,
                Output::Cancel(call) => self.cancel(&mut program, call),
                Output::Open(call) => self.open(&mut program, call),
                Output::Say(socket, frame) => self.say(&program, socket, frame),
                Output::Shut(socket) => self.shut(&mut program, socket),
                Output::Cut(socket) => self.cut(&mut program, socket),
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
                    let opens = token.is_some_and(|token| self.centre.opens(token.secret.expose()));
                    self.bereft |= !opens;
                    self.threw_away |= opens;
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
                Output::SignIn(call) if self.plan.sign_in.is_some() => {
                    self.asks_to_sign_in(&mut program, call);
                }
                Output::SignIn(_) => self.blame(Wrong::Gap, "nobody can sign in here".to_owned()),
                // The page is open as soon as the program listens.
                Output::Browse(_) => {}
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
    pub(super) fn write(&mut self, commit: &Commit) -> Option<Result<(), FaultCode>> {
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
        for words in self.archive.under_way() {
            self.oracle.may_have_left(words);
        }
        if let Some(what) = self.archive.trouble.take() {
            self.blame(Wrong::Lost, format!("the archive does not take a commit: {what}"));
        }
        if let Some(death) = self.dies() {
            self.die(death);
            return None;
        }
        Some(written.map_err(|_| FaultCode::DiskFailed))
    }

    /// Whether the program dies at this step.
    pub(super) fn dies(&mut self) -> Option<Death> {
        let (steps, death) = self.doom?;
        self.doom = steps.checked_sub(1).map(|steps| (steps, death));
        (steps == 0).then_some(death)
    }

    /// The program is gone, and its connections with it.
    pub(super) fn die(&mut self, death: Death) {
        self.note(|| format!("the program dies: {death:?}"));
        self.program = None;
        if death == Death::PowerCut {
            self.archive.power_cut();
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
        self.drop_sockets();
        // Nobody is so quick with a restart that what is on the way has not arrived.
        let on_the_way = self.network.sockets.values().map(|socket| socket.last.0).max().unwrap_or_default();
        let slow = on_the_way.saturating_sub(self.agenda.now());
        let wait = slow.max(self.network.longest()) + self.rng.u64(100..5_000);
        self.agenda.after(wait, Event::Boot);
    }

    pub(super) fn command(&mut self, command: Command) -> Option<Fault> {
        self.note(|| format!("person: {command:?}"));
        self.feed(Input::Command(command))
    }
}
