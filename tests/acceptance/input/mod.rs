//! Bad input of every kind: each gets a clear error, and nothing is lost by it.

mod files;
mod keyring;
mod starting;
mod steps;
