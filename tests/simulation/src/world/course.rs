//! The course of things: a day on which much goes wrong, and then an evening on which all has to come right.

use super::*;
use crate::sign_in::Whim;

impl World {
    pub(super) fn run(mut self) -> Verdict {
        self.boot();
        self.agenda.after(100, Event::Customer);
        self.agenda.after(1_000, Event::Agent);
        self.agenda.after(2_000, Event::Peril);
        if self.plan.sign_in.is_some() {
            self.agenda.after(3_000, Event::Whim);
        }
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

    pub(super) fn is_over(&self) -> bool {
        self.program.as_ref().is_some_and(|program| program.screen.is_over())
    }

    pub(super) fn end_chat(&mut self, end: End) {
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
    pub(super) fn end_of_chat(&mut self) {
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
        if self.keyring.token.is_some() {
            self.blame(Wrong::Stuck, "the token of a chat that is over is still kept".to_owned());
        }
        self.oracle.judge_mine(true);
        for (wrong, what) in self.oracle.findings() {
            self.blame(wrong, what);
        }
    }

    /// From here on everything works: now everything has to come right.
    pub(super) fn recover(&mut self) {
        self.busy = false;
        let promptly = self.plan.signals
            && self.program.as_ref().is_some_and(|program| program.screen.memory == Memory::Kept)
            && self.asleep.is_none()
            && !self.archive.disk.full
            && !self.keyring.away
            && !self.is_shut_out()
            && !self.waits_for_the_person();
        self.network.calm();
        self.centre.whim(Whim::None);
        self.archive.disk.full = false;
        self.keyring.away = false;
        self.doom = None;
        self.note(|| "from here on everything works".to_owned());
        self.awake();
        if self.plan.signals {
            self.feed(Input::Wake);
        }
        let usable = |world: &Self| {
            world.is_up() || world.is_over() || world.is_shut_out() || world.waits_for_the_person()
        };
        if promptly && !self.ended && !self.advance(PROMPTLY, usable) {
            return self.stuck("the chat is not usable within 3 s of the network being there");
        }
        let rests = |world: &Self| world.is_over() || (world.is_settled() && !world.ended);
        if !self.advance(self.centre.rests_within(), rests) {
            self.stuck("it does not come to rest");
            return;
        }
        if self.closed {
            self.advance(self.centre.hears_within(&self.plan), Self::is_over);
        }
        if self.is_over() {
            return self.end_of_chat();
        }
        self.probe();
        if self.violations.is_empty() {
            self.judge_identity();
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

    pub(super) fn stuck(&mut self, what: &str) {
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
    pub(super) fn is_shut_out(&self) -> bool {
        let link = self.program.as_ref().map(|program| &program.screen.link);
        self.shut.values().any(|opens| *opens > self.agenda.now())
            || matches!(link, Some(LinkView::Down { cause: FaultCode::RateLimited, .. }))
    }

    pub(super) fn is_up(&self) -> bool {
        self.program.as_ref().is_some_and(|program| program.screen.is_up())
    }

    /// The link is up, and nothing of the person's waits.
    pub(super) fn is_settled(&self) -> bool {
        self.program.as_ref().is_some_and(|program| {
            program.screen.is_up()
                && program.screen.memory == Memory::Kept
                && program.screen.own(|delivery| *delivery != DeliveryView::Sent).is_empty()
                && self.network.listens(self.centre.hears_by_reads())
                && !self.network.is_haunted()
                && !self.network.is_held_up(self.agenda.now())
                && self.keyring.is_idle(self.agenda.now())
        })
    }

    /// A working chat shows and sends what is said without delay.
    pub(super) fn probe(&mut self) {
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
            let promptly = self.centre.hears_within(&self.plan);
            if !self.advance(promptly, seen) {
                self.stuck(&format!("\"{text}\" was said and is not seen"));
                return;
            }
            let command = self.customer.write();
            self.command(command);
            if !self.leaves_promptly() {
                self.stuck("a message does not leave");
                return;
            }
        }
    }

    /// Whether what the person wrote leaves without delay. An answer may bring a new token, and what is written waits until the
    /// password store has it: a slow store has its time, and from its answer on there is no more than the usual patience.
    fn leaves_promptly(&mut self) -> bool {
        let latest = self.agenda.now() + RECOVERY;
        let mut patience = PROMPTLY;
        while !self.advance(patience, Self::is_settled_or_guarded) {
            let slow = self.keyring.busy_for(self.agenda.now());
            if slow == 0 || self.agenda.now() > latest || !self.violations.is_empty() {
                return false;
            }
            patience = slow + PROMPTLY;
        }
        true
    }

    pub(super) fn is_settled_or_guarded(&self) -> bool {
        self.program.as_ref().is_some_and(|program| program.screen.guard.is_some()) || self.is_settled()
    }

    /// The person scrolls back to the beginning.
    pub(super) fn read_back(&mut self) {
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
        let longest = if self.plan.late { 60_000 } else { PROMPTLY + self.centre.hears_within(&self.plan) };
        self.advance(longest, |_| false);
        let shown = |world: &Self| {
            world.program.as_ref().is_some_and(|program| world.oracle.is_all_shown(&program.screen))
        };
        self.advance(self.centre.reads_within(), shown);
    }
}
