//! Runs conversations: carries out what the machines of `envoi-protocol` ask for, and knows no service.
//!
//! From the outside in:
//! - [`inbox`] is everything of one profile: its conversations, companies and settings.
//! - [`conversation`] is one conversation with its owner task; [`published`] is what it tells interfaces.
//! - [`archive`] is all that was said, encrypted; [`index`] is the list of what can be picked up.
//! - [`deployments`] is the file of companies; [`settings`] are the person's choices.
//! - [`net`], [`keyring`], [`clock`], [`wake`] and [`disk`] are the outside world, the first three behind traits with twins
//!   for tests.
//! - [`runtime`] are the threads it all runs on; `turns` keeps those that block few.
//! - [`profile`] says where everything is; [`transcript`] is what "Save a copy" writes.

pub mod archive;
pub mod clock;
pub mod conversation;
pub mod deployments;
pub mod disk;
pub mod inbox;
pub mod index;
pub mod keyring;
pub mod net;
pub mod profile;
pub mod published;
pub mod runtime;
pub mod settings;
pub mod transcript;
mod turns;
pub mod wake;
