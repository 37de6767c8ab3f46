//! Envoi's conversations as machines: no I/O, no clock, no randomness, no async.
//!
//! **The one rule: feed one input, then drain every output, then read the deadline.** Time and random seeds are inputs.
//! Whoever keeps the rule can run a conversation over real sockets, in a test, in a simulation or from a recorded tape, and
//! gets the same thing each time.
//!
//! From the outside in:
//! - [`session`] is one conversation: it joins the parts below.
//! - [`transport`] is what a service's machine has to do, [`transports`] are those machines, [`kit`] is what they are made of.
//! - [`event`] is the normalised language between the two.
//! - [`phase`] is where the conversation stands, [`link`] where the connection stands; the two are never mixed.
//! - [`finalize`], [`followup`] and [`attention`] are decisions, pure and with their truth in tables; [`masking`] is what a
//!   company does not want to have shown, and [`details`] what a transcript says about who was there.
//! - [`outbox`] and [`timeline`] are what was written and what is shown.
//! - [`stored`] is what a conversation leaves on disk and is rebuilt from.
//! - [`view`] and [`fault`] are all that an interface sees; [`io`] and [`token`] are what a driver handles.

pub mod attention;
pub mod details;
pub mod event;
pub mod fault;
pub mod finalize;
pub mod followup;
pub mod io;
mod keys;
pub mod kit;
pub mod link;
pub mod masking;
pub mod outbox;
pub mod phase;
pub mod seed;
pub mod session;
pub mod stored;
pub mod text;
pub mod timeline;
pub mod token;
pub mod transport;
pub mod transports;
pub mod view;
