//! `docs/ADDING-A-SERVICE.md` is true: what it names is there.

use std::fs;

use crate::{files, place, read};

/// Where the paths of the page begin.
const ROOTS: [&str; 9] = [
    "",
    "crates/",
    "crates/protocol/",
    "crates/protocol/src/transports/chat_session/",
    "crates/sandbox/",
    "crates/sandbox/src/",
    "tests/",
    "tests/simulation/",
    "docs/",
];

/// The code spans of the page that are true of every service: what stands for a name or for anything is left out.
fn spans(page: &str) -> Vec<&str> {
    let spans = page.split('`').skip(1).step_by(2);
    spans.filter(|span| !span.contains("NAME") && !span.contains("TheModel")).collect()
}

#[test]
fn every_file_that_is_named_is_there() {
    let page = read("docs/ADDING-A-SERVICE.md");
    let is_path = |span: &&str| {
        let ending = [".rs", ".md", ".jsonl", ".mjs", "/"].iter().any(|ending| span.ends_with(ending));
        ending && !span.contains([' ', '{', '"'])
    };
    let paths: Vec<&str> = spans(&page).into_iter().filter(is_path).collect();
    assert!(paths.len() > 20, "{paths:?}");
    for path in paths {
        assert!(ROOTS.iter().any(|root| place(&format!("{root}{path}")).exists()), "there is no {path}");
    }
}

#[test]
fn every_name_that_is_named_is_in_the_code() {
    let page = read("docs/ADDING-A-SERVICE.md");
    let code: String = ["crates", "tests", "xtask"]
        .iter()
        .flat_map(|folder| files(&place(folder)))
        .filter(|file| file.extension().is_some_and(|kind| kind == "rs"))
        .map(|file| fs::read_to_string(file).unwrap())
        .collect();
    let is_name = |letter: char| letter.is_alphanumeric() || letter == '_';
    let known: std::collections::HashSet<&str> = code.split(|letter| !is_name(letter)).collect();
    let facts = read("docs/protocols/chat-session.md");
    for span in spans(&page).into_iter().filter(|span| !span.contains('/') && !span.contains('.')) {
        for name in span.split(|letter| !is_name(letter)).filter(|name| name.len() > 1) {
            let fact = facts.contains(&format!("| {name} |"));
            assert!(fact || known.contains(name), "`{span}`: nothing is called {name}");
        }
    }
}
