//! Scripted agents.

use std::sync::Arc;

use thiserror::Error;

use crate::world::Shared;

/// A scenario.
#[derive(Debug, Clone)]
pub struct Scenario {}

/// What is wrong with a script, and where.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("line {line}: {text}")]
pub struct ScriptError {
    /// Line number, counted from 1.
    pub line: usize,
    /// What is wrong.
    pub text: String,
}

impl Scenario {
    /// Parse.
    ///
    /// # Errors
    /// x
    pub fn parse(_text: &str) -> Result<Self, ScriptError> {
        Ok(Self {})
    }

    /// Built in.
    pub(crate) fn built_in() -> Result<Self, ScriptError> {
        Ok(Self {})
    }
}

pub(crate) async fn play(_shared: Arc<Shared>, _scenario: Arc<Scenario>, _speed: f64) {}
