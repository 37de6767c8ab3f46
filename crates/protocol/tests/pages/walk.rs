//! `docs/ADDING-A-SERVICE.md` is true: what it names is there.

use std::fs;

use envoi_protocol::transports::ALL;

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

/// Of what ships, a service's name stands in its own folder and in the registry alone: nothing asks which service it is.
#[test]
fn nothing_that_ships_knows_a_service() {
    let roots = ["crates/protocol/src", "crates/engine/src", "crates/cli/src", "src-tauri/src", "ui/src"];
    let shipped: Vec<_> = roots.iter().flat_map(|root| files(&place(root))).collect();
    let mut wrong = Vec::new();
    let mut looked_at = 0;
    for file in shipped {
        let path = file.to_string_lossy().replace('\\', "/");
        let ships = [".rs", ".ts", ".svelte"].iter().any(|ending| path.ends_with(ending));
        // The in-memory host of the browser tests, the demo, which is one company of one service, and tests.
        let exempt =
            ["/host/fake", "src-tauri/src/demo.rs", ".test.ts", "/tests.rs", "/tests/", "/transports/mod.rs"];
        if !ships || exempt.iter().any(|part| path.contains(part)) {
            continue;
        }
        looked_at += 1;
        let text = fs::read_to_string(&file).unwrap();
        let code: String = text.lines().filter(|line| !line.trim_start().starts_with(['/', '*'])).collect();
        let code = code.split("#[cfg(test)]").next().unwrap();
        for service in ALL {
            let own = format!("/transports/{}/", service.id);
            // What travels over CometD is what GMS says.
            let same = service.id == "gms" && path.contains("/transports/gms_cometd/");
            let names =
                code.contains(&format!("\"{}\"", service.id)) || code.contains(&format!("'{}'", service.id));
            let uses = code.contains(&format!("{}::", service.id));
            if !path.contains(&own) && !same && (names || uses) {
                wrong.push(format!("{path} knows {}", service.id));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    assert!(looked_at > 200, "the sources are found: {looked_at}");
}
