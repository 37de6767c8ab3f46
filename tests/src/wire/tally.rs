//! Counting what was lost, came twice, or came in another order.

use std::collections::{HashMap, HashSet};
use std::fmt::Debug;
use std::hash::Hash;
use std::ops::AddAssign;

/// How what was heard differs from what was said.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Said and not heard.
    pub lost: usize,
    /// Heard more often than said.
    pub duplicated: usize,
    /// Heard behind something that was said later.
    pub reordered: usize,
}

impl Tally {
    /// Compares the two. What is `exempt` may stand anywhere.
    #[must_use]
    pub fn of<T: Eq + Hash>(said: &[T], heard: &[T], exempt: impl Fn(&T) -> bool) -> Self {
        let found = common(said, heard);
        let said_bound: Vec<&T> = said.iter().filter(|one| !exempt(one)).collect();
        let heard_bound: Vec<&T> = heard.iter().filter(|one| !exempt(one)).collect();
        Self {
            lost: said.len() - found,
            duplicated: heard.len() - found,
            reordered: common(&said_bound, &heard_bound) - longest_common(&said_bound, &heard_bound),
        }
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.lost += other.lost;
        self.duplicated += other.duplicated;
        self.reordered += other.reordered;
    }
}

/// The differences one by one, for reading.
#[must_use]
pub fn differences<T: Eq + Hash + Debug>(said: &[T], heard: &[T]) -> Vec<String> {
    let (times_said, times_heard) = (counts(said), counts(heard));
    let all: HashSet<&T> = said.iter().chain(heard).collect();
    let of = |times: &HashMap<&T, usize>, one| times.get(one).copied().unwrap_or_default();
    let mut found: Vec<String> = all
        .into_iter()
        .map(|one| (one, of(&times_said, one), of(&times_heard, one)))
        .filter(|(_, said, heard)| said != heard)
        .map(|(one, said, heard)| format!("{one:?}: said {said}, heard {heard}"))
        .collect();
    found.sort_unstable();
    let first = said.iter().zip(heard).enumerate().find(|(_, (said, heard))| said != heard);
    found.extend(
        first.map(|(place, (said, heard))| format!("first difference at {place}: {said:?} and {heard:?}")),
    );
    found
}

/// How many of the first are not among the second, each counted as often as it stands there.
#[must_use]
pub fn surplus<T: Eq + Hash>(first: &[T], second: &[T]) -> usize {
    Tally::of(first, second, |_| true).lost
}

fn counts<T: Eq + Hash>(words: &[T]) -> HashMap<&T, usize> {
    let mut counts = HashMap::new();
    for one in words {
        *counts.entry(one).or_default() += 1;
    }
    counts
}

/// How many the two have in common, wherever they stand.
fn common<T: Eq + Hash>(first: &[T], second: &[T]) -> usize {
    let second = counts(second);
    counts(first).iter().map(|(one, count)| count.min(second.get(one).unwrap_or(&0))).sum()
}

/// How many can be kept of both, so that what is kept is the same and in the same order.
fn longest_common<T: Eq>(first: &[T], second: &[T]) -> usize {
    // Lengths for all of `first` so far and each beginning of `second`.
    let mut lengths = vec![0; second.len() + 1];
    for one in first {
        let mut before = 0;
        for (place, other) in second.iter().enumerate() {
            let above = lengths[place + 1];
            lengths[place + 1] = if one == other { before + 1 } else { above.max(lengths[place]) };
            before = above;
        }
    }
    lengths[second.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(said: &str, heard: &str) -> (usize, usize, usize) {
        let words = |text: &str| text.chars().collect::<Vec<_>>();
        let Tally { lost, duplicated, reordered } = Tally::of(&words(said), &words(heard), |_| false);
        (lost, duplicated, reordered)
    }

    #[test]
    fn every_difference_is_counted_as_what_it_is() {
        assert_eq!(tally("abcd", "abcd"), (0, 0, 0));
        assert_eq!(tally("abcd", "abd"), (1, 0, 0));
        assert_eq!(tally("abcd", "abbcd"), (0, 1, 0));
        assert_eq!(tally("abcd", "acbd"), (0, 0, 1));
        assert_eq!(tally("abcd", "bcda"), (0, 0, 1), "one is late, and not three early");
        assert_eq!(tally("abcd", "xabcd"), (0, 1, 0), "what nobody said is one too many");
        assert_eq!(tally("abab", "aabb"), (0, 0, 1));
        assert_eq!(tally("abcd", "dcba"), (0, 0, 3));
        assert_eq!(tally("abcd", ""), (4, 0, 0));
        assert_eq!(tally("xaxbx", "xxaxbx"), (0, 1, 0), "one too many, which moves no other");
    }

    #[test]
    fn what_is_exempt_still_has_to_come() {
        let tally = Tally::of(&['a', 'b', 'c'], &['b', 'c', 'a'], |one| *one == 'a');
        assert_eq!(tally, Tally::default());
        assert_eq!(Tally::of(&['a', 'b'], &['b'], |one| *one == 'a').lost, 1);
    }

    #[test]
    fn a_surplus_is_counted_word_by_word() {
        assert_eq!(surplus(&["ok", "ok", "yes"], &["yes", "ok", "no"]), 1);
    }
}
