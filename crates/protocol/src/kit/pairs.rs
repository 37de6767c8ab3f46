//! A few names with a value each, for what is nearly always empty or small: a list takes as much room as there is in it, where the
//! smallest map has room for eleven.

use std::collections::BTreeMap;

/// Values by name, each name once.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pairs(Vec<(String, String)>);

impl Pairs {
    /// Puts a value under a name; another that was there is replaced.
    pub fn put(&mut self, name: String, value: String) {
        match self.0.iter_mut().find(|(known, _)| *known == name) {
            Some((_, old)) => *old = value,
            None => self.push(name, value),
        }
    }

    /// The same, unless there is one.
    pub fn put_missing(&mut self, name: String, value: String) {
        if !self.0.iter().any(|(known, _)| *known == name) {
            self.push(name, value);
        }
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = (&String, &String)> {
        self.0.iter().map(|(name, value)| (name, value))
    }

    /// Keeps those that are to stay.
    pub fn retain(&mut self, mut stays: impl FnMut(&str, &str) -> bool) {
        self.0.retain(|(name, value)| stays(name, value));
        self.0.shrink_to_fit();
    }

    fn push(&mut self, name: String, value: String) {
        self.0.reserve_exact(1);
        self.0.push((name, value));
    }
}

impl Extend<(String, String)> for Pairs {
    fn extend<I: IntoIterator<Item = (String, String)>>(&mut self, pairs: I) {
        for (name, value) in pairs {
            self.put(name, value);
        }
    }
}

impl From<BTreeMap<String, String>> for Pairs {
    fn from(map: BTreeMap<String, String>) -> Self {
        Self(map.into_iter().collect())
    }
}

impl IntoIterator for Pairs {
    type Item = (String, String);
    type IntoIter = std::vec::IntoIter<(String, String)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_one_value_and_the_newest_counts_unless_it_is_only_for_want_of_another() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let mut pairs = Pairs::from(BTreeMap::from([pair("plan", "gold")]));
        pairs.extend([pair("name", "Ann"), pair("plan", "silver")]);
        pairs.put_missing("plan".to_owned(), "none".to_owned());
        pairs.put_missing("language".to_owned(), "de".to_owned());
        let all: Vec<_> = pairs.clone().into_iter().collect();
        assert_eq!(all, [pair("plan", "silver"), pair("name", "Ann"), pair("language", "de")]);
        pairs.retain(|name, _| name == "name");
        assert_eq!(pairs.into_iter().collect::<Vec<_>>(), [pair("name", "Ann")]);
    }
}
