//! Questions that are answered together: a form that stands in the conversation.

use serde::{Deserialize, Serialize};

use super::Choice;

/// Questions that are answered together, with `Fill`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Questionnaire {
    /// The questions, in order.
    pub questions: Vec<Question>,
    /// What stands on the button that sends the answers; `None` lets the interface word it.
    pub button: Option<String>,
    /// The words that the answers are sent with.
    pub reply: String,
    /// What the service wants back with the answers, unread.
    pub payload: String,
}

/// One question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Question {
    /// Unique within its questionnaire.
    pub id: String,
    /// What stands above it, where a part of the questionnaire begins.
    pub heading: Option<String>,
    /// What is asked.
    pub label: String,
    /// What helps to answer it.
    pub hint: Option<String>,
    /// True if nothing can be sent without it.
    pub required: bool,
    /// What an answer is.
    pub takes: Takes,
}

/// What answers a question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "takes", rename_all = "snake_case")]
pub enum Takes {
    /// Words.
    Words {
        /// True for several lines.
        lines: bool,
        /// Most characters (Unicode scalar values).
        longest: u32,
    },
    /// The identifiers of choices. What they do is of no matter here.
    Choices {
        /// True if several can be chosen.
        multiple: bool,
        /// The choices.
        choices: Vec<Choice>,
    },
    /// A day, as `YYYY-MM-DD`.
    Day {
        /// The first that can be chosen.
        first: Option<String>,
        /// The last that can be chosen.
        last: Option<String>,
    },
}
