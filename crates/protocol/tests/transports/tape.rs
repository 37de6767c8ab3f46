//! Tapes: small recorded conversations with a service, each for a few known facts, replayed against its transport.
//!
//! A tape is a file `src/transports/NAME/tapes/*.jsonl`, one JSON object per line. The first line says what it shows:
//!
//! ```text
//! {"tape": "...", "page": "digital-channels-v3.md", "facts": ["R4"], "settings": {...}, "asynchronous": true}
//! ```
//!
//! `facts` are numbers in `docs/protocols/PAGE`; a fact that is not there or is marked unknown makes the tape fail. `settings`
//! are added to the examples of the connect form. Every further line has one of these members, and perhaps a `note`:
//!
//! - `ask`: a request, for instance `{"send": {"local": 1, "text": "hi"}}`, `{"resume": "<token S1 P1>"}` or `"older"`
//! - `call`: the next thing the machine wants must be such a call. `query`, `form`, `json` and `headers` are compared whole, the
//!   rest as far as it is named; `*` stands for anything. `as` names the call for its reply, otherwise it is named by `what`.
//! - `cancel`: the next thing must be to abandon the call of that name
//! - `event`: the next thing must be such an event, as far as it is named
//! - `reply`: `{"to": NAME}` with `status` (200), and one of `data` (in a good envelope), `code` (in an envelope of an error),
//!   `json`, `text` or `base64`; or with `fault`. `retry_after_s`, `type`, `cookies`, and `after_ms`: how long it took.
//! - `open`: the next thing the machine wants must be such a socket; as `call` with `query` and `headers`
//! - `say`: `{"on": NAME, "json": {...}}`, or `text`: the next thing must be said on that socket; `json` is compared as far as it
//!   is named, `whole` in place of it as a whole. `keep`: `{NAME: "/pointer"}` keeps a text of what was said; `"<kept NAME>"`
//!   stands for it in later lines
//! - `sign_in`: the next thing the machine wants must be that the person signs in, as far as it is named; named by `as`, or `sign_in`
//! - `signed_in`: `{"to": NAME}` with `code`, `verifier` and `redirect_uri`, or with `fault`: `declined`, `timed_out`, `given_up`
//! - `kept`: the password store has the token that was told last
//! - `shut`: the next thing must be to close the socket of that name, or to cut it
//! - `socket`: `{"to": NAME}` with `open`, `json`, `text`, `closed` (a code or null), `fault`, or `refused` (a status)
//! - `progress`: `{"to": NAME, "sent": bytes}`
//! - `wait`: `{"from_ms", "to_ms"}`: the deadline must lie there, and be the moment that was told for the next try if the link is
//!   down, or earlier if `hurried`; time goes on to it. `"never"`: there must be none.
//! - `idle_ms`: time goes on, and nothing must happen
//! - `cursor`: where a later run would read on, as it was told last
//! - `capabilities`: what the service can do by now, as far as it is named
//!
//! Whenever something is fed in, and at the end, everything that the machine wanted must have been named.

mod player;
mod words;

use std::fs;
use std::path::{Path, PathBuf};

use envoi_protocol::transports::{ALL, COMING, Service};
use serde_json::Value;

use self::player::Player;

#[test]
fn every_tape_plays() {
    let mut failures = Vec::new();
    for service in ALL.iter().chain(COMING) {
        let tapes = tapes(service);
        assert!(!tapes.is_empty(), "{} has no tapes: its facts are untried", service.id);
        for tape in tapes {
            let text = fs::read_to_string(&tape).unwrap();
            if let Err((line, problem)) = play(service, &text) {
                failures.push(format!("{}:{line}: {problem}", tape.display()));
            }
        }
    }
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

#[test]
fn a_tape_that_is_wrong_fails() {
    let service = &ALL[0];
    let good = fs::read_to_string(tapes(service).remove(0)).unwrap();
    let (head, rest) = good.split_once('\n').unwrap();
    for wrong in [
        head.to_owned(),
        format!("{head}\n{{\"event\": {{\"event\": \"reconciled\"}}}}\n{rest}"),
        good.replace("\"facts\": [", "\"facts\": [\"Z99\", "),
        good.replace("\"facts\": [", "\"facts\": [\"R11\", "),
        good.lines().filter(|line| !line.contains("\"call\"")).collect::<Vec<_>>().join("\n"),
    ] {
        assert!(play(service, &wrong).is_err(), "this must not pass:\n{wrong}");
    }
}

fn tapes(service: &Service) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/transports").join(service.id).join("tapes");
    let entries =
        fs::read_dir(&folder).unwrap_or_else(|error| panic!("{} cannot be read: {error}", folder.display()));
    let mut tapes: Vec<PathBuf> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "jsonl"))
        .collect();
    tapes.sort();
    tapes
}

/// Plays a tape; the error names the line.
fn play(service: &Service, text: &str) -> Result<(), (usize, String)> {
    let mut lines = text.lines().enumerate().map(|(line, text)| (line + 1, text));
    let (_, head) = lines.next().ok_or((1, "the tape is empty".to_owned()))?;
    let mut player = Player::new(service, head).map_err(|problem| (1, problem))?;
    let mut last = 1;
    for (line, text) in lines.filter(|(_, text)| !text.trim().is_empty()) {
        last = line;
        player.line(text).map_err(|problem| (line, problem))?;
    }
    if last == 1 {
        return Err((1, "the tape has no lines".to_owned()));
    }
    player.nothing_left().map_err(|problem| (last, problem))
}

/// A tape shows what the facts page knows.
fn check_facts(head: &Value) -> Result<(), String> {
    let page = head["page"].as_str().ok_or("\"page\" names a file in docs/protocols")?;
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/protocols").join(page);
    let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let facts = head["facts"].as_array().filter(|facts| !facts.is_empty());
    for fact in facts.ok_or("\"facts\" names what is shown")? {
        let fact = fact.as_str().ok_or("a fact is named by its number")?;
        let row = text.lines().find(|line| line.starts_with(&format!("| {fact} |")));
        let row = row.ok_or(format!("{page} has no fact {fact}"))?;
        if row.trim_end_matches('|').rsplit('|').next().is_some_and(|mark| mark.trim() == "unknown") {
            return Err(format!("{page} marks {fact} as unknown: no tape may show it"));
        }
    }
    Ok(())
}
