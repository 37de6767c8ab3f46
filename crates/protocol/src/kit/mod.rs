//! What transports are made of: small parts that more than one service needs, without any service's words in them.

pub mod backoff;
pub mod budget;
pub mod calls;
pub mod fields;
pub mod fingerprint;
pub mod gates;
pub mod jwt;
pub mod loose;
