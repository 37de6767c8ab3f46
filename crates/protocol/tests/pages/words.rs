//! Everything that can be wrong has its words in every language, and every code that a service is known to send has a reaction.

use std::collections::BTreeSet;

use envoi_protocol::fault::FaultCode;
use envoi_protocol::transports;
use envoi_protocol::view::SettingKind;
use serde_json::json;

use crate::{cells, files, place, read};

#[test]
fn every_fault_has_its_words_in_every_language() {
    for language in ["en", "de", "ar"] {
        let catalogue = read(&format!("ui/src/i18n/{language}.ftl"));
        for code in FaultCode::ALL {
            let name = json!(code);
            let text = format!("\nfault-{} = ", name.as_str().unwrap());
            assert!(catalogue.contains(&text), "{language}.ftl has no words for {name}");
        }
    }
}

#[test]
fn every_detail_of_a_service_has_its_label_in_every_language() {
    for language in ["en", "de", "ar"] {
        let catalogue = read(&format!("ui/src/i18n/{language}.ftl"));
        // An address and a key are called so whatever their names are.
        let fields = transports::ALL.iter().flat_map(|service| (service.fields)());
        for field in fields.filter(|field| field.kind == SettingKind::Text) {
            let text = format!("\nsetting-{} = ", field.name);
            assert!(catalogue.contains(&text), "{language}.ftl has no label for {}", field.name);
        }
    }
}

#[test]
fn the_outbox_says_of_every_service_what_proves_that_a_message_arrived() {
    let text = read("crates/protocol/src/outbox.rs");
    for service in transports::ALL {
        let row = format!("//! | `{}` | ", service.id);
        assert!(text.contains(&row), "{} is not in the essay of outbox.rs", service.id);
    }
}

#[test]
fn a_closed_case_is_called_the_same_in_the_window_and_outside_of_it() {
    let text = |file: String, name: &str| {
        let line = read(&file).lines().find_map(|line| line.strip_prefix(name).map(str::to_owned));
        line.unwrap_or_else(|| panic!("{file} has no {name}"))
    };
    for language in ["en", "de", "ar"] {
        let inside = text(format!("ui/src/i18n/{language}.ftl"), "snippet-case-closed = ");
        assert_eq!(text(format!("src-tauri/words/{language}.ftl"), "case-closed = "), inside, "{language}");
    }
}

#[test]
fn every_documented_code_of_a_service_is_known_to_its_transport() {
    let pages = [
        ("digital-channels-v3.md", "digital_channels", 8),
        ("gms-chat-v2.md", "gms", 15),
        ("web-messaging.md", "web_messaging", 15),
    ];
    for (page, service, least) in pages {
        let text = read(&format!("docs/protocols/{page}"));
        let (_, errors) = text.split_once("\n## Errors\n").unwrap();
        let errors = errors.split_once("\n## ").map_or(errors, |(section, _)| section);
        let signs = errors.lines().map(cells).filter(|row| row.len() == 4 && !row[0].starts_with(['N', '-']));
        // What is only declined, or not known, needs no reaction of its own.
        let signs = signs.filter(|row| !row[2].is_empty() && !row[2].starts_with("Declined"));
        let codes: BTreeSet<String> = signs.flat_map(|row| codes(row[1])).collect();
        assert!(codes.len() >= least, "{page} names codes: {codes:?}");
        let folder = place(&format!("crates/protocol/src/transports/{service}"));
        let sources =
            files(&folder).into_iter().filter(|file| file.extension().is_some_and(|kind| kind == "rs"));
        let code: String = sources.map(|file| std::fs::read_to_string(file).unwrap()).collect();
        let tapes: String = files(&folder.join("tapes"))
            .into_iter()
            .map(|tape| std::fs::read_to_string(tape).unwrap())
            .collect();
        let played: BTreeSet<&str> =
            tapes.split(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_')).collect();
        for known in codes {
            assert!(
                played.contains(known.as_str()),
                "{page} names {known}, and no tape of {service} plays it"
            );
            // `4013` may be written as `4_013`.
            let parted = format!("{}_{}", &known[..1], &known[1..]);
            let reacts = code.contains(&known) || code.contains(&parted);
            assert!(reacts, "{page} names {known}, and nothing in {service} reacts to it");
        }
    }
}

/// Numbers of three and four digits, and words in capitals.
fn codes(sign: &str) -> impl Iterator<Item = String> {
    let words = sign.split(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_'));
    let number = |word: &str| (3..=4).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_digit());
    let capitals =
        |word: &str| word.len() > 6 && word.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
    words.filter(move |word| number(word) || capitals(word)).map(str::to_owned)
}
