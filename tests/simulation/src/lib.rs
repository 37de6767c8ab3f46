//! A whole world from one number: a session over the real transport machine, the service's deterministic model, a network that
//! breaks, a disk that tears, a person and agents, and virtual time. What happens in it is judged by the service's own record:
//! nothing lost, nothing twice, nothing out of order, nothing shown as sent that was not, nothing stuck.
//!
//! - `world.rs` what happens, and its folder how, `agenda.rs` time, `plan.rs` what a seed decides beforehand
//! - `centre.rs` the services and what they have on record, `agent.rs` the people there
//! - `sign_in.rs` the person in front of the company's sign-in page
//! - `network.rs` the fates of requests
//! - `program.rs` one run of the program, `screen.rs` what is seen of it, `customer.rs` the person who sees it
//! - `archive.rs` the twin of the real archive on a `disk.rs` that tears, `real.rs` the real one beside it, `keyring.rs` the
//!   password store
//! - `oracle.rs` the judge, `verdict.rs` what it came to
//! - `breakage.rs` mistakes made on purpose, each of which has to be found out
//!
//! It cannot prove that there is no fault; it is built so that a fault has a number by which it comes again.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::missing_panics_doc
)]

mod agenda;
mod agent;
mod archive;
mod breakage;
mod centre;
mod customer;
mod disk;
mod keyring;
mod network;
mod oracle;
mod plan;
mod program;
mod real;
mod screen;
mod sign_in;
mod verdict;
mod world;

pub use breakage::Breakage;
pub use verdict::{Tally, Verdict, Violation, Wrong};
pub use world::{Options, run};
