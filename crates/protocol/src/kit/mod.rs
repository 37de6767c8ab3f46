//! What transports are made of: small parts that more than one service needs, without any service's words in them.

pub mod answer;
pub mod backoff;
pub mod banner;
pub mod bayeux;
pub mod budget;
pub mod calls;
pub mod desk;
pub mod digits;
pub mod farewell;
pub mod fields;
pub mod fingerprint;
pub mod gates;
pub mod jwt;
pub mod loose;
pub mod pairs;
pub mod queue;
pub mod settings;
pub mod timestamp;
pub mod tries;
pub mod window;
