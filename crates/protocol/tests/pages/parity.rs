//! `docs/PARITY.md` has every row, each with its place and what shows it; and every test, tape and file that it names exists.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::{cells, files, place, read};

/// What each table holds: the letter of its rows, and how many there are.
const ROWS: [(char, usize); 4] = [('C', 31), ('O', 23), ('E', 35), ('S', 17)];
/// Keys of the error texts of the browser client.
const ERRORS: [&str; 13] =
    ["102", "103", "161", "201", "202", "203", "204", "240", "364", "401", "404", "500", "503"];

/// Words that say where a named test is, and what is read there.
const PLACES: [(&str, &str); 7] = [
    ("conversation", "crates/protocol/src/session"),
    ("contract", "tests/acceptance/contract"),
    ("inbox", "crates/engine/tests/inbox"),
    ("e2e", "ui/e2e"),
    ("cli", "crates/cli/tests"),
    ("parse", "crates/engine/src/deployments/parse"),
    ("phase", "crates/protocol/src/phase.rs"),
];
/// Words that say whose tape is named.
const TAPES: [(&str, &str); 5] = [
    ("tape", "digital_channels"),
    ("tapes", "digital_channels"),
    ("gms", "gms"),
    ("cometd", "gms_cometd"),
    ("session", "chat_session"),
];

/// The numbered rows: `C1`, `E10, E11` and `O11-O16` all begin one.
fn rows(page: &str) -> Vec<(Vec<String>, Vec<&str>)> {
    let rows = page.lines().map(cells).filter(|row| row.len() > 3);
    rows.filter_map(|row| Some((numbers(row[0])?, row))).collect()
}

fn numbers(cell: &str) -> Option<Vec<String>> {
    let number = |text: &str| -> Option<(char, usize)> {
        let letter = text.chars().next().filter(char::is_ascii_uppercase)?;
        Some((letter, text.get(1..)?.parse().ok()?))
    };
    if let Some((from, to)) = cell.split_once('-') {
        let ((letter, from), (_, to)) = (number(from)?, number(to)?);
        return Some((from..=to).map(|row| format!("{letter}{row}")).collect());
    }
    cell.split(", ").map(|text| number(text).map(|(letter, row)| format!("{letter}{row}"))).collect()
}

#[test]
fn no_row_is_missing() {
    let page = read("docs/PARITY.md");
    let found: Vec<String> = rows(&page).into_iter().flat_map(|(numbers, _)| numbers).collect();
    let wanted = ROWS.iter().flat_map(|(letter, last)| (1..=*last).map(move |row| format!("{letter}{row}")));
    assert_eq!(found, wanted.collect::<Vec<_>>());
    let (_, errors) = page.split_once("## 1d.").unwrap();
    let keys: Vec<&str> = errors.lines().map(cells).filter(|row| row.len() == 4).map(|row| row[0]).collect();
    for key in ERRORS {
        assert!(keys.iter().any(|cell| cell.split(", ").any(|part| part == key)), "1d has no {key}");
    }
}

#[test]
fn every_row_has_a_state_and_is_shown_or_says_why_not() {
    let page = read("docs/PARITY.md");
    for (numbers, row) in rows(&page) {
        let state = row[2].split([',', ' ']).next().unwrap();
        assert!(matches!(state, "has" | "other" | "not"), "{numbers:?}: {:?} is no state", row[2]);
        assert!(row[3].len() > 5 || row[3].starts_with("As "), "{numbers:?} has no place or reason");
        let shown = row.get(4).copied().unwrap_or_default();
        assert!(state != "has" || (shown.len() > 1), "{numbers:?}: nothing shows it");
    }
}

#[test]
fn what_is_named_exists() {
    let page = read("docs/PARITY.md");
    let known: Vec<String> = rows(&page).into_iter().flat_map(|(numbers, _)| numbers).collect();
    let mut texts = BTreeMap::new();
    let (mut wrong, mut named) = (Vec::new(), 0);
    let tables = page.lines().skip_while(|line| !line.starts_with("## 1a"));
    let tables = tables.take_while(|line| !line.starts_with("### 2a")).map(cells);
    for row in tables.filter(|row| row.len() > 3 && row[0] != "#" && !row[0].starts_with("--")) {
        let mut place_word = String::new();
        for (at, part) in row[row.len() - 1].split('`').enumerate() {
            if at % 2 == 0 {
                for word in
                    part.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty())
                {
                    if PLACES.iter().chain(&TAPES).any(|(known, _)| *known == word) {
                        word.clone_into(&mut place_word);
                    } else if numbers(word).is_some_and(|row| !known.contains(&row[0])) {
                        wrong.push(format!("{}: there is no row {word}", row[0]));
                    }
                }
                continue;
            }
            named += 1;
            if !exists(&place_word, part, &mut texts) {
                wrong.push(format!("{}: {place_word} `{part}` is not there", row[0]));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    assert!(named > 100, "the tables are read: {named} names");
}

/// A story of the contract suite shows nothing of a service that is excused from it.
#[test]
fn a_story_that_is_named_is_played_on_a_service_that_the_row_is_about() {
    let page = read("docs/PARITY.md");
    let stories = all_of(&place("tests/acceptance/contract"));
    let lacks = |service: &str| {
        let row = read(&format!("tests/src/way/{service}.rs"));
        row.split("(Ability::")
            .skip(1)
            .filter_map(|rest| Some(rest.split_once(',')?.0.to_owned()))
            .collect::<Vec<_>>()
    };
    let (mut wrong, mut looked_at) = (Vec::new(), 0);
    for (numbers, row) in rows(&page) {
        // The second table is the older API's; the first that of the plugin, on any of its three ways.
        let services: &[&str] = if numbers[0].starts_with('S') {
            &["chat_session"]
        } else {
            &["digital_channels", "gms", "gms_cometd"]
        };
        let Some(shown) = row.get(4).filter(|_| row[2].starts_with("has")) else { continue };
        for name in shown.split('`').skip(1).step_by(2) {
            let begins = format!("async fn {}", name.trim_end_matches("...").trim_end_matches('_'));
            let Some((_, story)) = stories.split_once(&begins) else { continue };
            looked_at += 1;
            let story = story.split("\n}\n").next().unwrap();
            let needs: Vec<&str> = story
                .split("Ability::")
                .skip(1)
                .filter_map(|rest| rest.split(|letter: char| !letter.is_alphanumeric()).next())
                .collect();
            // What is asked in the middle of a story is a matter of that part alone.
            let head = story.split("async |bench|").next().unwrap();
            let needs = needs.iter().filter(|need| head.contains(&format!("Ability::{need}")));
            let needs: Vec<&&str> = needs.collect();
            let plays = |service: &&str| {
                let lacks = lacks(service);
                !needs.iter().any(|need| lacks.iter().any(|lack| lack == **need))
            };
            if !services.iter().any(plays) {
                wrong.push(format!("{}: {name} is not played on {services:?}", numbers[0]));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    assert!(looked_at > 15, "stories are found: {looked_at}");
}

/// Whether a test, tape or file is there. A name that ends with dots is the beginning of one; `leave*` stands for several tapes.
fn exists(place_word: &str, name: &str, texts: &mut BTreeMap<String, String>) -> bool {
    let is_file = name.contains('/') || [".rs", ".ts", ".js"].iter().any(|ending| name.ends_with(ending));
    if is_file {
        let roots = ["", "crates/", "crates/protocol/src/", "crates/protocol/src/transports/"];
        return roots.iter().any(|root| place(&format!("{root}{name}")).exists());
    }
    if let Some((_, service)) = TAPES.iter().find(|(word, _)| *word == place_word) {
        let tapes = files(&place(&format!("crates/protocol/src/transports/{service}/tapes")));
        let mut stems = tapes.iter().filter_map(|tape| tape.file_stem()?.to_str());
        return match name.strip_suffix('*') {
            Some(begins) => stems.any(|stem| stem.starts_with(begins)),
            None => stems.any(|stem| stem == name),
        };
    }
    let Some((_, folder)) = PLACES.iter().find(|(word, _)| *word == place_word) else { return false };
    let text = texts.entry(place_word.to_owned()).or_insert_with(|| all_of(&place(folder)));
    match name.strip_suffix("...") {
        Some(begins) => text.contains(begins.trim_end_matches([' ', '_'])),
        None if place_word == "e2e" => text.contains(name),
        None => text.contains(&format!("fn {name}(")),
    }
}

fn all_of(folder: &Path) -> String {
    let all = if folder.is_file() { vec![folder.to_owned()] } else { files(folder) };
    all.iter().filter_map(|file| fs::read_to_string(file).ok()).collect()
}
