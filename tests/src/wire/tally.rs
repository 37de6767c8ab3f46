//! Counting what was lost, came twice, or came in another order.

use std::collections::HashMap;
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
        let mut places: HashMap<(&T, usize), usize> = HashMap::new();
        let mut times = HashMap::new();
        for (place, one) in said.iter().enumerate() {
            places.insert((one, count(&mut times, one)), place);
        }
        times.clear();
        let mut order = Vec::new();
        let mut found = 0;
        for one in heard {
            // Words that come again are told apart by how often they came before.
            if let Some(place) = places.get(&(one, count(&mut times, one))) {
                found += 1;
                if !exempt(one) {
                    order.push(*place);
                }
            }
        }
        Self {
            lost: said.len() - found,
            duplicated: heard.len() - found,
            reordered: order.len() - longest_rise(&order),
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
pub fn differences(said: &[String], heard: &[String]) -> Vec<String> {
    let (mut times, mut seen) = (HashMap::new(), HashMap::new());
    for one in said {
        count(&mut times, one);
    }
    for one in heard {
        count(&mut seen, one);
    }
    let mut found = Vec::new();
    for one in said.iter().chain(heard).collect::<std::collections::BTreeSet<_>>() {
        let of = |times: &HashMap<&String, usize>| times.get(one).copied().unwrap_or_default();
        let (said, heard) = (of(&times), of(&seen));
        if said != heard {
            found.push(format!("{one:?}: said {said}, heard {heard}"));
        }
    }
    found
}

/// How many of the first are not among the second, each counted as often as it stands there.
#[must_use]
pub fn surplus<T: Eq + Hash>(first: &[T], second: &[T]) -> usize {
    Tally::of(first, second, |_| true).lost
}

fn count<'a, T: Eq + Hash>(times: &mut HashMap<&'a T, usize>, one: &'a T) -> usize {
    let count = times.entry(one).or_default();
    *count += 1;
    *count
}

/// Length of the longest rising row that remains when some are left out.
fn longest_rise(order: &[usize]) -> usize {
    // The smallest end of a row of each length.
    let mut ends: Vec<usize> = Vec::new();
    for place in order {
        let at = ends.partition_point(|end| end < place);
        match ends.get_mut(at) {
            Some(end) => *end = *place,
            None => ends.push(*place),
        }
    }
    ends.len()
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
