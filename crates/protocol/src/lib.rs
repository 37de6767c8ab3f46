//! Placeholder.
pub mod fault;
pub mod view;
