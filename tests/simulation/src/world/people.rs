//! The person and the agents, each acting in their own time.

use super::*;

impl World {
    pub(super) fn agents(&mut self) {
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

    pub(super) fn customers(&mut self) {
        let commands = match &self.program {
            Some(program) if self.busy && !self.customer.is_done() => self.customer.act(&program.screen),
            Some(program) => self.customer.must(&program.screen).into_iter().collect(),
            None => Vec::new(),
        };
        let commands: Vec<Command> =
            self.may_sign_in().filter(|_| self.busy).into_iter().chain(commands).collect();
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
}
