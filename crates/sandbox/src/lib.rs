//! A contact centre on this computer: what the demo talks to and what tests run against.
//!
//! - [`Sandbox::start`] starts it, [`Options`] says how, [`Directory`] says where it then is.
//! - [`model`] holds the services as deterministic models, without I/O, clock or randomness. [`chat`] and [`action`] are the
//!   words in which all of them are looked at and told what to do.
//! - `http` holds their fronts on loopback, all on one port, with the control API and the agent console page.
//! - `script` plays agents by a scenario; `fault` says what goes wrong on demand; `log` remembers every request.
//!
//! Nothing here is shared with the client's own code: a server written from the client's types would agree with its
//! mistakes. How to use it: `docs/SANDBOX.md`.

pub mod action;
pub mod bayeux;
pub mod chat;
mod fault;
mod http;
mod ids;
mod log;
pub mod model;
mod options;
mod sandbox;
mod script;
mod world;

pub use ids::Ids;
pub use options::{Directory, Options, Script, Secure};
pub use sandbox::{Error, Running, Sandbox, scenario};
pub use script::{On, Rule, Scenario, ScriptError, Step};
