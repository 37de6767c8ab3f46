//! The person in front of the screen, who knows nothing but what is on it.

use envoi_protocol::view::{Command, DeliveryView, HistoryView, LinkView, Memory, PhaseView};
use fastrand::Rng;

use crate::plan::Plan;
use crate::screen::Screen;

/// Words that are said more than once; some of them are questioned after a closed case.
const AGAIN: [&str; 4] = ["ok", "Thanks!", "yes", "I see"];

#[derive(Debug)]
pub(crate) struct Customer {
    rng: Rng,
    written: u32,
    left: u32,
    pace: (u64, u64),
    alike: bool,
    form: std::collections::BTreeMap<String, String>,
}

impl Customer {
    pub(crate) fn new(plan: &Plan, form: std::collections::BTreeMap<String, String>, seed: u64) -> Self {
        let rng = Rng::with_seed(seed);
        Self { rng, written: 0, left: plan.mine, pace: plan.my_pace, alike: plan.alike, form }
    }

    /// Whether everything was written that was to be written.
    pub(crate) fn is_done(&self) -> bool {
        self.left == 0
    }

    /// How long until the next act.
    pub(crate) fn pause(&mut self) -> u64 {
        self.rng.u64(50..=self.pace.0)
    }

    /// The next things to do, one after the other.
    pub(crate) fn act(&mut self, screen: &Screen) -> Vec<Command> {
        if let Some(command) = self.must(screen) {
            return vec![command];
        }
        match self.rng.u8(0..40) {
            0..=2 => vec![Command::Typing { text: "I ".to_owned() }],
            3 | 4 => self.take_back(screen).into_iter().collect(),
            5 | 6 => self.older(screen).into_iter().collect(),
            7 => vec![Command::Seen],
            8 => vec![Command::Draft { text: format!("draft {}", self.rng.u8(..)) }],
            9 => vec![Command::TryNow],
            _ => (0..self.rng.u64(1..=self.pace.1)).map(|_| self.write()).collect(),
        }
    }

    /// What anybody would do who wants to get on: start, answer the question, press *Retry*.
    pub(crate) fn must(&mut self, screen: &Screen) -> Option<Command> {
        if screen.guard.is_some() {
            return Some(if self.rng.u8(0..4) > 0 { Command::SendAnyway } else { Command::DontSend });
        }
        if screen.phase == PhaseView::Fresh {
            return Some(Command::Start { form: self.form.clone() });
        }
        if screen.link == LinkView::Idle && screen.fault.is_some() {
            return Some(Command::TryNow);
        }
        if matches!(screen.memory, Memory::NotKept { .. }) && self.rng.bool() {
            return Some(Command::TryNow);
        }
        let stuck = screen.own(|delivery| matches!(delivery, DeliveryView::Stuck { .. }));
        stuck.first().map(|item| Command::Retry { item: item.clone() })
    }

    /// The next message.
    pub(crate) fn write(&mut self) -> Command {
        self.written += 1;
        self.left = self.left.saturating_sub(1);
        let text = match self.rng.choice(AGAIN).filter(|_| self.alike && self.rng.u8(0..3) == 0) {
            Some(again) => again.to_owned(),
            None => format!("word #{}", self.written),
        };
        Command::Send { text }
    }

    fn take_back(&mut self, screen: &Screen) -> Option<Command> {
        let own = screen.own(|delivery| *delivery != DeliveryView::Sent);
        self.rng.choice(own).map(|item| Command::Cancel { item })
    }

    pub(crate) fn older(&mut self, screen: &Screen) -> Option<Command> {
        (screen.history == HistoryView::More).then_some(Command::Older)
    }
}
