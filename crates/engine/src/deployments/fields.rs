//! Reads a table key by key, gathering one error per field with its line, and in the end names the keys that nobody knows.

use std::ops::Range;
use std::path::Path;

use envoi_protocol::view::ConfigFault;
use serde::de::{DeserializeOwned, IntoDeserializer as _};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The errors of one file.
#[derive(Debug)]
pub(super) struct Report<'a> {
    text: &'a str,
    file: String,
    faults: Vec<ConfigFault>,
}

impl<'a> Report<'a> {
    /// No errors so far.
    pub(super) fn new(text: &'a str, file: &Path) -> Self {
        Self { text, file: file.display().to_string(), faults: Vec::new() }
    }

    /// An error in `field` at this place of the text.
    pub(super) fn add(&mut self, span: &Range<usize>, field: impl Into<String>, message: impl Into<String>) {
        let line = Some(self.line(span.start));
        self.faults.push(ConfigFault {
            file: self.file.clone(),
            line,
            field: field.into(),
            message: message.into(),
        });
    }

    /// Number of the line at this place, counted from 1.
    pub(super) fn line(&self, at: usize) -> u32 {
        let before = self.text.as_bytes().iter().take(at);
        u32::try_from(before.filter(|byte| **byte == b'\n').count()).unwrap_or(u32::MAX).saturating_add(1)
    }

    /// How many errors there are.
    pub(super) fn count(&self) -> usize {
        self.faults.len()
    }

    /// The errors, in the order of the file.
    pub(super) fn finish(mut self) -> Vec<ConfigFault> {
        self.faults.sort_by_key(|fault| fault.line);
        self.faults
    }
}

/// One table while it is read.
#[derive(Debug)]
pub(super) struct Fields<'t, 'i> {
    table: &'t DeTable<'i>,
    span: Range<usize>,
    path: String,
    asked: Vec<&'static str>,
}

impl<'t, 'i> Fields<'t, 'i> {
    /// A table at this place, named `path` in errors; empty for the top of a file.
    pub(super) fn new(table: &'t DeTable<'i>, span: Range<usize>, path: String) -> Self {
        Self { table, span, path, asked: Vec::new() }
    }

    /// Where the table begins.
    pub(super) fn span(&self) -> &Range<usize> {
        &self.span
    }

    /// Name of a key in errors.
    pub(super) fn named(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    /// The raw value of a key.
    pub(super) fn raw(&mut self, key: &'static str) -> Option<&'t Spanned<DeValue<'i>>> {
        self.asked.push(key);
        self.table.get(key)
    }

    /// The value of a key that may be missing, and where it stands. `expects` completes "must be ...".
    pub(super) fn optional<T: DeserializeOwned>(
        &mut self,
        report: &mut Report<'_>,
        key: &'static str,
        expects: &str,
    ) -> Option<(T, Range<usize>)> {
        let value = self.raw(key)?;
        match T::deserialize(value.clone().into_deserializer()) {
            Ok(read) => Some((read, value.span())),
            Err(_) => {
                report.add(
                    &value.span(),
                    self.named(key),
                    format!("must be {expects}, not {}", found(value)),
                );
                None
            }
        }
    }

    /// The value of a key that has to be there.
    pub(super) fn required<T: DeserializeOwned>(
        &mut self,
        report: &mut Report<'_>,
        key: &'static str,
        expects: &str,
    ) -> Option<(T, Range<usize>)> {
        if self.table.contains_key(key) {
            return self.optional(report, key, expects);
        }
        self.asked.push(key);
        report.add(&self.span, self.named(key), format!("is missing; it must be {expects}"));
        None
    }

    /// Names every key that was not asked for, with the known one that it resembles most. `hint` may know better.
    pub(super) fn finish(&self, report: &mut Report<'_>, hint: impl Fn(&str) -> Option<String>) {
        for (key, _) in self.table {
            let name: &str = key.get_ref();
            if self.asked.contains(&name) {
                continue;
            }
            let message = hint(name)
                .or_else(|| nearest(name, &self.asked).map(|near| format!("did you mean `{near}`?")));
            let known = || format!("known here: {}", self.asked.join(", "));
            report.add(
                &key.span(),
                self.named(name),
                format!("is not a key that Envoi knows; {}", message.unwrap_or_else(known)),
            );
        }
    }
}

/// The known word that a mistyped one most likely meant.
pub(super) fn nearest<'a>(typed: &str, known: &[&'a str]) -> Option<&'a str> {
    known
        .iter()
        .map(|word| (strsim::damerau_levenshtein(typed, word), *word))
        .filter(|(distance, word)| *distance <= (word.len() / 3).max(1))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, word)| word)
}

/// What a value is, in words; short texts are quoted, since only kind words for a mistake name it.
fn found(value: &Spanned<DeValue<'_>>) -> String {
    match value.get_ref() {
        DeValue::String(text) if text.len() <= 40 => format!("\"{text}\""),
        DeValue::String(_) => String::from("this text"),
        DeValue::Integer(number) => number.as_str().to_owned(),
        DeValue::Float(_) => String::from("a number"),
        DeValue::Boolean(truth) => truth.to_string(),
        DeValue::Datetime(_) => String::from("a date"),
        DeValue::Array(_) => String::from("a list"),
        DeValue::Table(_) => String::from("a table"),
    }
}
