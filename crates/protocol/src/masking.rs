//! What is hidden from the timeline: messages in which an expression is found. They are sent and received all the same.
//!
//! One expression always counts: the token with which a co-browsing session is begun, which is meant for programs. A company may
//! list more, and so may an integrator while a chat runs; those come back after a restart. Expressions are those of the `regex`
//! crate, whose time grows with the text alone, and how large one may become is bounded.

use std::sync::LazyLock;

use regex::{Regex, RegexBuilder};

use crate::text;

/// The token of a co-browsing session, as the service's own client hides it. Made once: an expression takes more room than a
/// chat in which nothing happens.
static ALWAYS: LazyLock<Option<Regex>> = LazyLock::new(|| made(r"\{start:[0-9]{9}\}").ok());

/// Most expressions of one conversation.
pub const MOST: usize = 64;

/// Most characters of one expression.
pub const LONGEST: usize = 1_000;

/// Most bytes that one expression may take once it is made.
const LARGEST: usize = 256 * 1024;

/// What is hidden.
#[derive(Debug, Clone)]
pub struct Filters {
    /// Beside [`ALWAYS`].
    made: Vec<Regex>,
    /// The expressions that were added while the chat ran.
    added: Vec<String>,
}

/// An expression that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FilterError {
    /// It cannot be understood, or would become too large.
    #[error("must be a regular expression of the usual syntax, without look-around and back-references")]
    Unusable,
    /// It is too long.
    #[error("must have at most {LONGEST} characters")]
    TooLong,
    /// There are too many.
    #[error("there may be at most {MOST} expressions")]
    TooMany,
}

impl Filters {
    /// Those of a company, beside the one that always counts. What cannot be used is left out: it is checked where it is read.
    #[must_use]
    pub fn new<'a>(patterns: impl IntoIterator<Item = &'a str>) -> Self {
        let made = patterns.into_iter().filter_map(|pattern| made(pattern).ok()).take(MOST);
        Self { made: made.collect(), added: Vec::new() }
    }

    /// One more. An expression that is there already is no other one.
    ///
    /// # Errors
    ///
    /// Why it cannot be used; nothing has changed then.
    pub fn add(&mut self, pattern: &str) -> Result<(), FilterError> {
        if self.all().any(|made| made.as_str() == pattern) {
            return Ok(());
        }
        if self.made.len() >= MOST {
            return Err(FilterError::TooMany);
        }
        self.made.push(made(pattern)?);
        self.added.push(pattern.to_owned());
        Ok(())
    }

    /// Hides these words wherever they stand alone.
    ///
    /// # Errors
    ///
    /// As [`Filters::add`].
    pub fn add_words(&mut self, words: &str) -> Result<(), FilterError> {
        self.add(&format!(r"\A\s*{}\s*\z", regex::escape(words.trim())))
    }

    /// Those that were added while the chat ran.
    #[must_use]
    pub fn added(&self) -> &[String] {
        &self.added
    }

    /// Whether a message of these words is hidden.
    #[must_use]
    pub fn hide(&self, text: &str) -> bool {
        // Nearly no text holds the brace without which there is no token.
        let may_be_token = || text::has(text, |byte| byte == b'{');
        self.made.iter().any(|made| made.is_match(text))
            || may_be_token() && ALWAYS.iter().any(|made| made.is_match(text))
    }

    fn all(&self) -> impl Iterator<Item = &Regex> {
        ALWAYS.iter().chain(&self.made)
    }
}

/// Whether an expression can be used.
///
/// # Errors
///
/// Why not.
pub fn check(pattern: &str) -> Result<(), FilterError> {
    made(pattern).map(drop)
}

fn made(pattern: &str) -> Result<Regex, FilterError> {
    if pattern.chars().count() > LONGEST {
        return Err(FilterError::TooLong);
    }
    RegexBuilder::new(pattern).size_limit(LARGEST).build().map_err(|_| FilterError::Unusable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_of_a_co_browsing_session_is_always_hidden() {
        let filters = Filters::new([]);
        assert!(filters.hide("{start:123456789}"));
        assert!(filters.hide("please join {start:123456789} now"));
        assert!(!filters.hide("{start:12345678}"), "eight digits are no token");
    }

    #[test]
    fn what_is_added_is_told_so_that_it_can_be_kept() {
        let mut filters = Filters::new(["^#"]);
        assert_eq!(filters.add("^#"), Ok(()), "the company hides it already");
        assert_eq!(filters.add("secret-[0-9]+"), Ok(()));
        assert_eq!(filters.added(), ["secret-[0-9]+"]);
        assert!(filters.hide("#internal") && filters.hide("a secret-7") && !filters.hide("no secret"));
    }

    #[test]
    fn words_are_hidden_where_they_stand_alone() {
        let mut filters = Filters::new([]);
        filters.add_words(" login (1+1) ").unwrap();
        assert!(filters.hide("login (1+1)\n"));
        assert!(!filters.hide("my login (1+1) does not work"), "somebody writes about it");
    }

    #[test]
    fn an_expression_is_bounded() {
        assert_eq!(check("("), Err(FilterError::Unusable));
        assert_eq!(check("(?:a{1000}){1000}"), Err(FilterError::Unusable));
        assert_eq!(check(&"x".repeat(LONGEST + 1)), Err(FilterError::TooLong));
        let mut filters = Filters::new([]);
        let last = (0..=MOST).map(|number| filters.add(&format!("x{number}"))).last();
        assert_eq!(last, Some(Err(FilterError::TooMany)));
    }
}
