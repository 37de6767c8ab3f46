//! What is looked for is found, in every script, and marked where it stands.

use super::*;

fn archive(texts: &[&str]) -> Archive {
    let archive = Archive::in_memory().unwrap();
    let rows = (1..).zip(texts).map(|(major, text)| theirs(major, text)).collect();
    archive.commit("c", &with_rows(rows)).unwrap();
    archive
}

#[test]
fn words_are_found_while_they_are_typed_whatever_their_accents() {
    let archive = archive(&[
        "Das Café in der Straße ist für Sie geöffnet",
        "İstanbul'da görüşürüz",
        "السَّلَامُ عَلَيْكُمْ",
        "请把发票寄给我",
        "Der Zähler steht bei 4711",
    ]);
    for (query, items) in [
        ("c", &["e1-0"] as &[_]),
        ("cafe", &["e1-0"]),
        ("CAFÉ", &["e1-0"]),
        ("strasse", &["e1-0"]),
        ("straß", &["e1-0"]),
        ("sie geoff", &["e1-0"]),
        ("geoff sie", &[]),
        ("istanbul", &["e2-0"]),
        ("ISTANBUL", &["e2-0"]),
        ("gorus", &["e2-0"]),
        ("السلام", &["e3-0"]),
        ("سلام", &[]),
        ("عليكم", &["e3-0"]),
        ("发票", &["e4-0"]),
        ("票", &["e4-0"]),
        ("我", &["e4-0"]),
        ("票发", &[]),
        ("471", &["e5-0"]),
        ("711", &[]),
        ("d", &["e5-0", "e1-0", "e2-0"]),
        ("steht nicht", &[]),
    ] {
        let mut expected = items.to_vec();
        expected.sort_unstable();
        let mut got = found(&archive, query);
        got.sort();
        assert_eq!(got, expected, "{query}");
    }
}

#[test]
fn signs_have_to_stand_side_by_side() {
    let archive = archive(&["发电和电票", "发票"]);
    assert_eq!(found(&archive, "发电票"), [""; 0], "each pair is there, the three together are not");
    assert_eq!(found(&archive, "发电和"), ["e1-0"]);
}

#[test]
fn nothing_that_is_typed_is_syntax_and_nothing_is_no_question() {
    let archive = archive(&["alpha AND beta", "NEAR the door", "it's \"quoted\" words:x"]);
    for query in [
        "",
        " ",
        "\"",
        "*",
        "()",
        "- ^ :",
        "\u{0}",
        "😀",
        "AND",
        "OR",
        "NOT",
        "\"AND\"",
        "words:",
        "{a b}:c",
        "a* OR b",
        "NEAR(a b)",
        "';--",
        "\u{e000}1",
        "%",
        "_",
    ] {
        let hits = archive.search(query, None, 10).unwrap();
        if !query.chars().any(char::is_alphanumeric) {
            assert!(hits.is_empty(), "{query}");
        }
    }
    assert_eq!(found(&archive, "AND"), ["e1-0"]);
    assert_eq!(found(&archive, "near door"), ["e2-0"]);
    assert_eq!(found(&archive, "it's \"quo"), ["e3-0"]);
    assert_eq!(found(&archive, &"x".repeat(100_000)), [""; 0]);
    assert_eq!(found(&archive, &"x ".repeat(100_000)), ["e3-0"]);
}

#[test]
fn the_newest_come_first_whenever_they_were_taken_in() {
    let archive = Archive::in_memory().unwrap();
    archive.commit("a", &with_rows((500..520).map(|n| theirs(n, "meter")).collect())).unwrap();
    archive.commit("b", &with_rows((100..120).map(|n| theirs(n, "meter")).collect())).unwrap();
    archive
        .commit("a", &Commit { late: (300..320).map(|n| theirs(n, "meter")).collect(), ..Commit::default() })
        .unwrap();
    let hits = archive.search("meter", None, 30).unwrap();
    let expected: Vec<_> = (500..520).rev().chain((310..320).rev()).map(|n| format!("e{n}-0")).collect();
    assert_eq!(hits.iter().map(|hit| hit.item.clone()).collect::<Vec<_>>(), expected);
    let hits = archive.search("meter", Some("b"), 5).unwrap();
    assert_eq!(hits.len(), 5);
    assert!(hits.iter().all(|hit| hit.conversation == "b" && hit.company == "Tidewater Energy"));
    assert_eq!(hits[0].item, "e119-0");
    assert!(archive.search("meter", Some("nobody"), 5).unwrap().is_empty());
}

#[test]
fn own_messages_and_names_of_pictures_are_found() {
    let archive = archive(&["hello"]);
    let content = Content::Picture {
        from: agent(),
        name: "Zähler-2026.png".into(),
        size: None,
        delivery: None,
        withdrawn: false,
    };
    let item = Arc::new(Item { id: "e7-0".into(), at: NOON, replayed: false, content });
    let picture = StoredRow { place: at(7), item, media_url: None };
    let joined = Content::Joined { person: agent() };
    let joined = Arc::new(Item { id: "e8-0".into(), at: NOON, replayed: false, content: joined });
    let rows = vec![
        picture,
        mine(1, at(9), "my own words"),
        StoredRow { place: at(8), item: joined, media_url: None },
    ];
    archive.commit("c", &Commit { rows, ..Commit::default() }).unwrap();
    assert_eq!(found(&archive, "zahler 2026"), ["e7-0"]);
    assert_eq!(found(&archive, "own"), ["m1"]);
    assert_eq!(found(&archive, "Maya"), [""; 0]);
    let hit = archive.search("own", None, 1).unwrap().remove(0);
    assert_eq!(hit.from.role, Role::Me);
}

#[test]
fn words_across_a_link_are_one_text() {
    let archive = archive(&["Siehe https://example.org/rechnung/42, bitte"]);
    assert_eq!(found(&archive, "rechnung"), ["e1-0"]);
    assert_eq!(found(&archive, "siehe bitte"), ["e1-0"]);
}

#[test]
fn a_snippet_marks_what_was_found_and_is_short() {
    let text = |snippet: &[envoi_protocol::view::SnippetRun]| {
        snippet
            .iter()
            .map(|run| if run.found { format!("[{}]", run.text) } else { run.text.clone() })
            .collect::<String>()
    };
    let long = format!("{}the Café\nin the street {}", "before ".repeat(40), "after ".repeat(200));
    let archive = archive(&[&long, "Café", "请把发票寄给我"]);
    let hits = archive.search("cafe", None, 10).unwrap();
    assert_eq!(text(&hits[0].snippet), "[Café]");
    let snippet = text(&hits[1].snippet);
    assert!(snippet.starts_with("…before before"), "{snippet}");
    assert!(snippet.contains("the [Café] in the street after"), "{snippet}");
    assert!(snippet.ends_with("after…") && snippet.chars().count() < SNIPPET_AT_MOST, "{snippet}");
    let hits = archive.search("发票", None, 10).unwrap();
    assert_eq!(text(&hits[0].snippet), "请把[发票]寄给我");
}

const SNIPPET_AT_MOST: usize = 170;

#[test]
fn a_text_that_changes_is_found_by_its_new_words_only() {
    let archive = archive(&["old words"]);
    archive.commit("c", &Commit { rows: vec![theirs(1, "new sentence")], ..Commit::default() }).unwrap();
    assert_eq!(found(&archive, "old"), [""; 0]);
    assert_eq!(found(&archive, "sentence"), ["e1-0"]);
}

#[test]
fn whatever_happens_the_index_says_what_the_rows_say() {
    let archive = Archive::in_memory().unwrap();
    let mut random = fastrand::Rng::with_seed(3);
    let vocabulary = ["red", "redder", "green", "grün", "blue", "سلام", "发票", "票发", "x", "42"];
    for round in 0..150 {
        let mut commit = with_rows(Vec::new());
        for _ in 0..random.usize(1..20) {
            let major = random.u64(1..60);
            let words: Vec<_> = (0..random.usize(0..6)).map(|_| random.choice(vocabulary).unwrap()).collect();
            match random.u8(0..4) {
                0 => commit.cleared.push(at(major)),
                1 => commit.late.push(theirs(major, &words.join(" "))),
                2 => commit.rows.push(mine(random.u64(0..5), at(major), &words.join(" "))),
                _ => commit.rows.push(theirs(major, &words.join(" "))),
            }
        }
        let conversation = if random.bool() { "a" } else { "b" };
        archive.commit(conversation, &commit).unwrap();
        if round % 50 == 49 {
            archive.delete("b").unwrap();
        }
        let mut rows = Vec::new();
        for name in ["a", "b"] {
            archive.rows(name, &mut |row| rows.push((name, row))).unwrap();
        }
        for query in vocabulary {
            let wanted = query.replace('ü', "u");
            let has = |row: &StoredRow| {
                let text = super::super::words::of(&row.item).unwrap().replace('ü', "u");
                text.split(' ').any(|word| word.starts_with(&wanted))
            };
            let mut expected: Vec<_> = rows
                .iter()
                .filter(|(_, row)| has(row))
                .map(|(name, row)| (*name, row.item.id.clone()))
                .collect();
            let hits = archive.search(query, None, 1_000).unwrap();
            let mut hits: Vec<_> =
                hits.iter().map(|hit| (hit.conversation.as_str(), hit.item.clone())).collect();
            expected.sort();
            hits.sort();
            assert_eq!(hits, expected, "{query} in round {round}");
        }
    }
}

#[test]
fn what_goes_before_anybody_searched_leaves_the_index_whole() {
    let archive = Archive::in_memory().unwrap();
    let mut random = fastrand::Rng::with_seed(7);
    for number in 0..400 {
        let words = format!("word number {number} of {}", random.u32(..));
        archive.commit("c", &with_rows(vec![mine(number, waiting(number), &words)])).unwrap();
        let change = match random.u8(0..3) {
            0 => Commit { cleared: vec![waiting(number)], ..Commit::default() },
            1 => with_rows(vec![mine(number, waiting(number), "other words")]),
            _ => continue,
        };
        archive.commit("c", &change).unwrap();
    }
    let mut rows = 0;
    archive.rows("c", &mut |_| rows += 1).unwrap();
    let hits = archive.search("word", None, 1_000).unwrap();
    assert_eq!(hits.len(), rows, "one find for each row that is there");
}
