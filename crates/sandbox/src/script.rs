//! Scripted agents: a scenario says who joins and what they say, and a player carries it out in every chat.

mod player;
mod scenario;

pub(crate) use player::play;
pub use scenario::{On, Rule, Scenario, ScriptError, Step};
