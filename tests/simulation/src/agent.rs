//! The people of the contact centre: they come and go, type, write single messages and bursts, close cases, and write again.

use fastrand::Rng;

use crate::centre::Act;
use crate::plan::Plan;

const NAMES: [&str; 4] = ["Maya", "Tom", "Ines", "Bo"];

#[derive(Debug)]
pub(crate) struct Agent {
    rng: Rng,
    present: bool,
    said: u32,
    left: u32,
    pace: (u64, u64),
    closes: bool,
}

impl Agent {
    pub(crate) fn new(plan: &Plan, seed: u64) -> Self {
        let rng = Rng::with_seed(seed);
        Self {
            rng,
            present: false,
            said: 0,
            left: plan.theirs,
            pace: plan.their_pace,
            closes: plan.asynchronous,
        }
    }

    /// Whether everything was said that was to be said.
    pub(crate) fn is_done(&self) -> bool {
        self.left == 0
    }

    /// Messages said so far.
    pub(crate) fn said(&self) -> u32 {
        self.said
    }

    /// How long until the next act.
    pub(crate) fn pause(&mut self) -> u64 {
        self.rng.u64(50..=self.pace.0)
    }

    /// The next act.
    pub(crate) fn act(&mut self) -> Vec<Act> {
        let mut acts = Vec::new();
        if !self.present {
            acts.push(self.join());
        }
        match self.rng.u8(0..20) {
            0 => {
                acts.push(Act::Leave);
                self.present = false;
            }
            1 => {
                // A transfer: there is always one of them who knows.
                acts.push(self.join());
            }
            2 if self.closes => {
                acts.push(Act::State("Finalizing"));
                if self.rng.bool() {
                    acts.push(Act::State("Completed"));
                }
            }
            3 if self.closes => acts.push(Act::State("Completed")),
            4 | 5 => acts.push(Act::Typing),
            6 => {
                acts.push(self.say());
                acts.push(Act::Repeat);
            }
            _ => {
                for _ in 0..self.rng.u64(1..=self.pace.1) {
                    acts.push(self.say());
                }
            }
        }
        acts
    }

    /// One more message, beyond what was planned: to see whether it is seen.
    pub(crate) fn probe(&mut self) -> (String, Vec<Act>) {
        let join = (!self.present).then(|| self.join());
        let say = self.say();
        let Act::Say(text) = &say else { unreachable!("a message is said") };
        (text.clone(), join.into_iter().chain([say.clone()]).collect())
    }

    fn join(&mut self) -> Act {
        self.present = true;
        let name = self.rng.choice(NAMES).unwrap_or("Maya");
        Act::Join(name.to_owned())
    }

    fn say(&mut self) -> Act {
        self.said += 1;
        self.left = self.left.saturating_sub(1);
        Act::Say(format!("reply {}", self.said))
    }
}
