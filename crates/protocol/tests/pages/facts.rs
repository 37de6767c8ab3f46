//! Every fact of a service that is known is shown by a tape, or its page says why no tape can show it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use envoi_protocol::transports::{ALL, COMING, Service};
use serde_json::Value;

use crate::{cells, files, place, read};

/// The section of a page for facts that are on no tape: `- R19: why, and what shows it instead`.
const ELSEWHERE: &str = "## Not on a tape";

/// The numbered facts of a page, each with its mark.
fn facts(page: &str) -> BTreeMap<String, String> {
    let text = read(&format!("docs/protocols/{page}"));
    let rows = text.lines().map(cells).filter(|row| row.len() > 2 && is_number(row[0]));
    let mut facts = BTreeMap::new();
    for row in rows {
        let known = facts.insert(row[0].to_owned(), row[row.len() - 1].to_owned());
        assert!(known.is_none(), "{page} has two facts {}", row[0]);
    }
    facts
}

fn is_number(text: &str) -> bool {
    let mut letters = text.chars();
    letters.next().is_some_and(|letter| letter.is_ascii_uppercase())
        && text.len() > 1
        && letters.all(|letter| letter.is_ascii_digit())
}

/// What a page says of facts that are on no tape.
fn elsewhere(page: &str) -> BTreeMap<String, String> {
    let text = read(&format!("docs/protocols/{page}"));
    let Some((_, section)) = text.split_once(ELSEWHERE) else { return BTreeMap::new() };
    let section = section.split_once("\n## ").map_or(section, |(section, _)| section);
    let reasons = section.lines().filter_map(|line| line.strip_prefix("- ")?.split_once(':'));
    reasons.map(|(fact, why)| (fact.to_owned(), why.trim().to_owned())).collect()
}

/// The page that the tapes of a service cite, and what they cite of it.
fn cited(service: &Service) -> (String, BTreeSet<String>) {
    let folder = place(&format!("crates/protocol/src/transports/{}/tapes", service.id));
    let (mut pages, mut facts) = (BTreeSet::new(), BTreeSet::new());
    for tape in files(&folder) {
        let text = fs::read_to_string(&tape).unwrap();
        let head: Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
        pages.insert(head["page"].as_str().unwrap().to_owned());
        let cites = head["facts"].as_array().unwrap();
        facts.extend(cites.iter().map(|fact| fact.as_str().unwrap().to_owned()));
    }
    assert_eq!(pages.len(), 1, "the tapes of {} cite one page: {pages:?}", service.id);
    (pages.pop_first().unwrap(), facts)
}

#[test]
fn every_known_fact_is_on_a_tape_or_its_page_says_why_not() {
    let mut wrong = Vec::new();
    for service in ALL.iter().chain(COMING) {
        let (page, cited) = cited(service);
        let (facts, elsewhere) = (facts(&page), elsewhere(&page));
        assert!(facts.len() > 20, "{page} is read as a page of facts");
        for (fact, mark) in &facts {
            let known = mark != "unknown";
            match (cited.contains(fact), elsewhere.get(fact)) {
                (false, None) if known => wrong.push(format!("{page}: no tape shows {fact} ({mark})")),
                (false, Some(why)) if why.len() < 20 => wrong.push(format!("{page}: {fact} needs a reason")),
                (true, Some(_)) => wrong.push(format!("{page}: {fact} is on a tape after all")),
                _ => {}
            }
        }
        wrong.extend(
            elsewhere
                .keys()
                .filter(|fact| !facts.contains_key(*fact))
                .map(|fact| format!("{page}: no fact {fact}")),
        );
        for span in elsewhere.values().flat_map(|why| why.split('`').skip(1).step_by(2)) {
            if span.contains('/') && !place(span).exists() {
                wrong.push(format!("{page}: there is no {span}"));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn every_mark_is_one_that_the_pages_explain() {
    const MARKS: [&str; 5] = ["sourced", "observed", "inferred", "choice", "unknown"];
    for page in files(&place("docs/protocols")) {
        let page = page.file_name().unwrap().to_str().unwrap().to_owned();
        for (fact, mark) in facts(&page) {
            let first = mark.split([' ', ',']).next().unwrap();
            assert!(MARKS.contains(&first), "{page}: {fact} is marked {mark:?}");
        }
    }
}
