//! A contact centre on this computer: what the demo talks to and what tests run against.
//!
//! - [`Sandbox::start`] starts it, [`Options`] says how, [`Directory`] says where it then is.
//! - [`model`] holds the services as deterministic models, without I/O, clock or randomness.
//! - `http` is their front on loopback, with the control API and the agent console page.
//! - `script` plays agents by a scenario; `fault` says what goes wrong on demand; `log` remembers every request.
//!
//! Nothing here is shared with the client's own code: a server written from the client's types would agree with its
//! mistakes. How to use it: `docs/SANDBOX.md`.

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
pub use options::{Directory, Options, Script};
pub use sandbox::{Error, Running, Sandbox, scenario};
pub use script::{On, Rule, Scenario, ScriptError, Step};
