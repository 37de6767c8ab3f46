//! Finding words in what was said.
//!
//! The newest messages are looked through in memory. If there are not enough hits among them, the index says which other rows
//! have all the words; it keeps no positions, which halves the work of taking a message in. So each row is looked at again,
//! newest first, until there are enough: that is where the words to mark are found, and where it is seen whether the signs of
//! a script without spaces really stand side by side.

use std::cmp::Reverse;
use std::collections::hash_map::Entry;
use std::ops::Range;

use envoi_protocol::view::{SearchHit, SnippetRun};
use rusqlite::{Connection, params};

use super::error::ArchiveError;
use super::item::{self, People, columns, searchable};
use super::recent::Recent;
use super::words::{self, Piece};

/// Most words of a query that count.
const MOST_TERMS: usize = 16;

/// Most rows that are looked at again for one query.
const MOST_LOOKED_AT: usize = 10_000;

/// Messages of usual length for each page of the file.
const ROWS_PER_PAGE: usize = 20;

/// Characters of a snippet before its first find, and in all.
const LEAD: usize = 40;
const SNIPPET: usize = 160;

/// A part of a query.
#[derive(Debug, PartialEq, Eq)]
enum Term {
    Word(String),
    /// The beginning of a word: what is still being typed.
    Beginning(String),
    /// Signs that stand side by side.
    Signs(Vec<String>),
}

/// The conversation is a number here, and none means all of them.
pub(super) fn search(
    connection: &Connection,
    recent: &Recent,
    query: &str,
    conversation: Option<i64>,
    limit: usize,
) -> Result<Vec<SearchHit>, ArchiveError> {
    let terms = terms(query);
    let mut hits = Hits { connection, terms: &terms, people: People::new(), hits: Vec::new() };
    if terms.is_empty() {
        return Ok(hits.hits);
    }
    let parts: Vec<_> = terms.iter().flat_map(Term::parts).collect();
    for id in recent.with(&parts) {
        if hits.hits.len() >= limit {
            return Ok(hits.newest_first());
        }
        hits.look_at(id)?;
    }
    let mut found = connection
        .prepare_cached("SELECT rowid FROM words WHERE words MATCH ?1 ORDER BY rowid DESC LIMIT ?2")?;
    let question = question(&terms, conversation, recent, about(connection)?, limit - hits.hits.len());
    let most = i64::try_from(MOST_LOOKED_AT.saturating_add(limit)).unwrap_or(i64::MAX);
    let mut rows = found.query(params![question, most])?;
    while hits.hits.len() < limit
        && let Some(row) = rows.next()?
    {
        let id = row.get(0)?;
        if !recent.has(id) {
            hits.look_at(id)?;
        }
    }
    Ok(hits.newest_first())
}

/// About how many rows there are: counting them would take longer than searching.
fn about(connection: &Connection) -> Result<usize, ArchiveError> {
    let mut pages = connection.prepare_cached("PRAGMA page_count")?;
    let pages: i64 = pages.query_row([], |row| row.get(0))?;
    Ok(usize::try_from(pages).unwrap_or_default().saturating_mul(ROWS_PER_PAGE))
}

/// What was found so far.
struct Hits<'a> {
    connection: &'a Connection,
    terms: &'a [Term],
    people: People,
    hits: Vec<SearchHit>,
}

impl Hits<'_> {
    fn newest_first(mut self) -> Vec<SearchHit> {
        self.hits.sort_by_key(|hit| Reverse(hit.at));
        self.hits
    }

    /// Adds a row if it really has all that is looked for.
    fn look_at(&mut self, id: i64) -> Result<(), ArchiveError> {
        // Most rows that are looked at may not be hits: no more is read of them than their words.
        let mut select = self.connection.prepare_cached("SELECT text, whole FROM row WHERE id = ?1")?;
        let mut rows = select.query([id])?;
        let Some(row) = rows.next()? else { return Ok(()) };
        let text = |column| row.get_ref(column)?.as_str_or_null().map_err(rusqlite::Error::from);
        let Some(words) = searchable(text(0)?, text(1)?)? else { return Ok(()) };
        let Some(ranges) = finds(&words, self.terms) else { return Ok(()) };
        self.add(id, snippet(&words, &ranges))
    }

    fn add(&mut self, id: i64, snippet: Vec<SnippetRun>) -> Result<(), ArchiveError> {
        let mut select = self.connection.prepare_cached(concat!(
            "SELECT ",
            columns!(),
            ", conversation.name, conversation.company
             FROM row CROSS JOIN conversation ON conversation.number = row.conversation WHERE row.id = ?1"
        ))?;
        let mut rows = select.query([id])?;
        let Some(row) = rows.next()? else { return Ok(()) };
        if let Some(number) = row.get::<_, Option<i64>>(6)?
            && let Entry::Vacant(vacant) = self.people.entry(number)
            && let Some(person) = item::person(self.connection, number)?
        {
            vacant.insert(person);
        }
        let item = item::read(row, &self.people)?.item;
        let Some(from) = item.content.said_by() else { return Ok(()) };
        self.hits.push(SearchHit {
            conversation: row.get(10)?,
            company: row.get(11)?,
            from: from.clone(),
            at: item.at,
            item: item.id.clone(),
            snippet,
        });
        Ok(())
    }
}

fn terms(query: &str) -> Vec<Term> {
    let mut terms: Vec<Term> = Vec::new();
    words::cut(query, |piece| match piece {
        Piece::Word(word, _) => terms.push(Term::Word(word.to_owned())),
        Piece::Sign(sign, true, _) => terms.push(Term::Signs(vec![sign.to_owned()])),
        Piece::Sign(sign, false, _) => {
            if let Some(Term::Signs(signs)) = terms.last_mut() {
                signs.push(sign.to_owned());
            }
        }
    });
    if let Some(last) = terms.last_mut()
        && let Term::Word(word) = last
    {
        *last = Term::Beginning(std::mem::take(word));
    }
    terms.truncate(MOST_TERMS);
    terms
}

impl Term {
    /// What a folded text has if it has the term: words stand between blanks. For signs this says only that all pairs are there.
    fn parts(&self) -> Vec<String> {
        match self {
            Self::Word(word) => vec![format!(" {word} ")],
            Self::Beginning(word) => vec![format!(" {word}")],
            Self::Signs(signs) => match signs.as_slice() {
                [sign] => vec![format!(" {sign}")],
                signs => signs.iter().zip(signs.iter().skip(1)).map(|(a, b)| format!(" {a}{b} ")).collect(),
            },
        }
    }
}

/// The query in the words of the index. What a person types is never taken for syntax: it has no character left that could be.
///
/// For a beginning the index has to bring all rows into order that have it, before it gives the first. If looking again at the
/// rows that have the other words is likely to cost less, the beginning is left to that.
fn question(terms: &[Term], conversation: Option<i64>, recent: &Recent, rows: usize, limit: usize) -> String {
    let parts: Vec<_> = terms.iter().flat_map(Term::parts).collect();
    let share = |part: &String| recent.share(part);
    let (ends, whole): (Vec<_>, Vec<_>) = parts.iter().partition(|part| !part.ends_with(' '));
    #[allow(clippy::cast_precision_loss)]
    let (rows, limit) = (rows as f64, limit as f64);
    let rarest = whole.iter().map(|part| share(part)).fold(1.0, f64::min);
    let is_left_out = |part: &String| {
        let share = share(part);
        !whole.is_empty() && LOOK * (rarest * rows).min(limit / share) < ORDER * share * rows
    };
    let mark = conversation.map(|number| quote(&words::mark(number)));
    let beginnings = ends.into_iter().filter(|part| !is_left_out(part));
    let beginnings = beginnings.map(|part| format!("{}*", quote(part.trim())));
    let words = whole.iter().map(|part| quote(part.trim()));
    mark.into_iter().chain(words).chain(beginnings).collect::<Vec<_>>().join(" AND ")
}

/// What it costs to look at a row again, and to have the index bring a row into order, in microseconds.
const LOOK: f64 = 3.0;
const ORDER: f64 = 0.8;

fn quote(word: &str) -> String {
    format!("\"{word}\"")
}

/// The bytes of a text in which the terms are found, in order; `None` if one of them is not there.
fn finds(text: &str, terms: &[Term]) -> Option<Vec<Range<usize>>> {
    let mut ranges = Vec::new();
    let mut missing: Vec<bool> = vec![true; terms.len()];
    // The signs of the stretch so far.
    let mut stretch: Vec<(String, Range<usize>)> = Vec::new();
    words::cut(text, |piece| match piece {
        Piece::Word(word, range) => {
            let mut found = false;
            for (term, missing) in terms.iter().zip(&mut missing) {
                let fits = match term {
                    Term::Word(wanted) => word == wanted,
                    Term::Beginning(wanted) => word.starts_with(wanted.as_str()),
                    Term::Signs(_) => false,
                };
                *missing &= !fits;
                found |= fits;
            }
            if found {
                ranges.push(range);
            }
        }
        Piece::Sign(sign, first, range) => {
            if first {
                stretch.clear();
            }
            stretch.push((sign.to_owned(), range.clone()));
            for (term, missing) in terms.iter().zip(&mut missing) {
                if let Term::Signs(wanted) = term
                    && let Some(start) = stretch.len().checked_sub(wanted.len())
                    && let Some(tail) = stretch.get(start..)
                    && tail.iter().map(|(sign, _)| sign).eq(wanted)
                    && let Some((_, from)) = tail.first()
                {
                    *missing = false;
                    ranges.push(from.start..range.end);
                }
            }
        }
    });
    (!missing.contains(&true)).then(|| merged(ranges))
}

/// Ranges in order, those that overlap as one.
fn merged(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.sort_by_key(|range| range.start);
    let mut merged: Vec<Range<usize>> = Vec::new();
    for range in ranges {
        match merged.last_mut() {
            Some(last) if range.start < last.end => last.end = last.end.max(range.end),
            _ => merged.push(range),
        }
    }
    merged
}

/// The words around the first find, in one line.
fn snippet(text: &str, finds: &[Range<usize>]) -> Vec<SnippetRun> {
    let first = finds.first().map_or(0, |find| find.start);
    let start = first - cut_back(text.get(..first).unwrap_or_default());
    let rest = text.get(start..).unwrap_or_default();
    let end = start + cut_off(rest);
    let mut runs = Vec::new();
    let mut add = |range: Range<usize>, found: bool| {
        let Some(part) = text.get(range) else { return };
        if !part.is_empty() {
            runs.push(SnippetRun { text: part.replace(['\n', '\t'], " "), found });
        }
    };
    let mut at = start;
    for find in finds {
        let stop = find.end.min(end);
        if find.start >= stop {
            break;
        }
        add(at..find.start, false);
        add(find.start..stop, true);
        at = stop;
    }
    add(at..end, false);
    if start > 0 {
        match runs.first_mut() {
            Some(run) if !run.found => run.text.insert(0, '…'),
            _ => runs.insert(0, SnippetRun { text: "…".to_owned(), found: false }),
        }
    }
    if end < text.len() {
        match runs.last_mut() {
            Some(run) if !run.found => run.text.push('…'),
            _ => runs.push(SnippetRun { text: "…".to_owned(), found: false }),
        }
    }
    runs
}

/// How many bytes at the end of this text are shown: at most [`LEAD`] characters, from the beginning of a word if there is one.
fn cut_back(text: &str) -> usize {
    let Some((at, _)) = text.char_indices().rev().nth(LEAD) else { return text.len() };
    let tail = text.get(at..).unwrap_or_default();
    let word = tail.char_indices().find(|(_, c)| c.is_whitespace());
    word.map_or_else(
        || tail.len() - tail.chars().next().map_or(0, char::len_utf8),
        |(at, c)| tail.len() - at - c.len_utf8(),
    )
}

/// How many bytes at the beginning of this text are shown: at most [`SNIPPET`] characters, up to the end of a word if there is one.
fn cut_off(text: &str) -> usize {
    let Some((at, _)) = text.char_indices().nth(SNIPPET) else { return text.len() };
    let head = text.get(..at).unwrap_or_default();
    let word = head.char_indices().rev().take(LEAD).find(|(_, c)| c.is_whitespace());
    word.map_or(at, |(at, _)| at)
}
