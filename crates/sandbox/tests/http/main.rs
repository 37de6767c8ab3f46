//! The sandbox over real sockets on loopback, by a small client of its own that shares nothing with Envoi's.

#[cfg(test)]
mod browser;
#[cfg(test)]
mod chat_session;
#[cfg(test)]
mod control;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod gms;
#[cfg(test)]
mod gms_cometd;
#[cfg(test)]
mod harness;
#[cfg(test)]
mod script;
#[cfg(test)]
mod service;
#[cfg(test)]
mod start;
#[cfg(test)]
mod vendor_client;
#[cfg(test)]
mod web_messaging;
#[cfg(test)]
mod yellow;
