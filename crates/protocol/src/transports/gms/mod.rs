//! Genesys Mobile Services (GMS), chat version 2, over plain HTTP: a chat that is read by asking again and again.

pub(super) mod cursor;
pub(super) mod held;
pub(super) mod map;
pub(super) mod wire;
