//! A limit of so many requests within a span of time, as services word it: all of them at once, or spread, and never more.
//!
//! A [`Budget`](super::budget::Budget) is cheaper and spreads what it gives; this one gives as much as is allowed.

use std::collections::VecDeque;
use std::time::Duration;

use crate::io::{Moment, Now};

/// So many requests within any span of this length.
#[derive(Debug, Clone)]
pub struct Window {
    most: usize,
    span: Duration,
    /// When the last of them were made, oldest first.
    made: VecDeque<Moment>,
}

impl Window {
    /// Nothing was made so far. `most` is at least one.
    #[must_use]
    pub const fn new(most: usize, span: Duration) -> Self {
        Self { most, span, made: VecDeque::new() }
    }

    /// A request is made, whether there is room or not.
    pub fn take(&mut self, now: Now) {
        if self.made.len() >= self.most.max(1) {
            self.made.pop_front();
        }
        self.made.push_back(now.at);
    }

    /// When the next request may be made; the zero moment if there was always room.
    #[must_use]
    pub fn opens(&self) -> Moment {
        match self.made.front() {
            Some(first) if self.made.len() >= self.most.max(1) => first.after(self.span),
            _ => Moment(0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn within_any_span_there_are_never_more() {
        let mut window = Window::new(2, Duration::from_secs(1));
        let at = |ms| Now { at: Moment(ms), wall: 0 };
        assert_eq!(window.opens(), Moment(0));
        window.take(at(10_000));
        assert_eq!(window.opens(), Moment(0));
        window.take(at(10_400));
        assert_eq!(window.opens(), Moment(11_000));
        window.take(at(11_000));
        assert_eq!(window.opens(), Moment(11_400));
    }
}
