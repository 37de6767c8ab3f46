//! The services as deterministic models: no I/O, no clock, no randomness. Time and the seed of the ids come in.

pub mod digital_channels;
