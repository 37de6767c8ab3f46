//! What is deleted is not in the file any more. The file is encrypted, so these tests write one that is not, with the same tables
//! and the same code, and look for the words in its bytes.

use std::fs;

use super::*;

/// An archive in a file that anybody can read. There is no such thing outside of these tests.
struct Open {
    folder: tempfile::TempDir,
    archive: Archive,
}

impl Open {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut connection = Connection::open(folder.path().join("open.db")).unwrap();
        schema::prepare(&mut connection).unwrap();
        file::glance(&mut connection).unwrap();
        Self { archive: Archive::over(connection, None).unwrap(), folder }
    }

    /// Whether these bytes are in the file or its log.
    fn has(&self, words: &[u8]) -> bool {
        let all: Vec<u8> = ["open.db", "open.db-wal"]
            .iter()
            .flat_map(|name| fs::read(self.folder.path().join(name)).unwrap_or_default())
            .collect();
        all.windows(words.len()).any(|window| window == words)
    }
}

fn secretive(count: u64, word: &str) -> Vec<StoredRow> {
    (1..=count).map(|major| theirs(major, &format!("{word} number{major} said Zebrastreifen"))).collect()
}

#[test]
fn a_deleted_conversation_is_not_in_the_file() {
    // Few of many rows, most of few, and so many that the index is made anew.
    for (deleted, kept) in [(20, 3_000), (500, 10), (2_500, 100), (1, 0)] {
        let open = Open::new();
        let archive = &open.archive;
        archive
            .commit("stays", &with_rows((1..=kept).map(|n| theirs(n, "Harmless talk")).collect()))
            .unwrap();
        for rows in secretive(deleted, "Geheimnis").chunks(100) {
            let state =
                StoredState { draft: "Drafted secret".into(), cursor: Some("Cursor77".into()), ..state() };
            let commit = Commit { state: Some(Box::new(state)), ..with_rows(rows.to_vec()) };
            archive.commit("goes", &commit).unwrap();
        }
        let bytes = [b"PICTURE-".repeat(30), b"marker".to_vec()].concat();
        let attachment = Attachment { name: "Passfoto.png".into(), mime: "image/png".into(), bytes };
        let parcel = StoredParcel {
            local: LocalId(1),
            turn: 1,
            content: ParcelContent::Picture(attachment),
            progress: queued(),
        };
        let commit = Commit {
            rows: vec![mine(2, waiting(1), "Waiting words")],
            parcels: vec![ParcelChange::Put(parcel), words(2, 2, "Waiting words")],
            ..Commit::default()
        };
        archive.commit("goes", &commit).unwrap();
        assert!(!found(archive, "geheimnis").is_empty(), "the words are in the index");
        let traces: &[&str] = &[
            "Geheimnis",
            "geheimnis",
            "zebrastreifen",
            "Zebrastreifen",
            "Drafted secret",
            "Cursor77",
            "PICTURE-PICTURE",
            "Passfoto",
            "Waiting words",
            "goes",
        ];
        for trace in traces {
            // In the index, beginnings that a word shares with its neighbour are left out.
            let looked_for = if *trace == "geheimnis" { "eheimnis" } else { trace };
            assert!(open.has(looked_for.as_bytes()), "{trace} is there at first");
        }
        archive.delete("goes").unwrap();
        for trace in traces {
            assert!(!open.has(trace.as_bytes()), "{trace} of {deleted} rows is gone");
        }
        assert!(!open.has(b"ebrastreifen") && !open.has(b"eheimnis"));
        assert_eq!(archive.load("goes", 10).unwrap(), None);
        assert_eq!(found(archive, "geheimnis"), [""; 0]);
        assert_eq!(found(archive, "harmless").len(), usize::try_from(kept.min(50)).unwrap());
        archive.delete("goes").unwrap();
    }
}

#[test]
fn old_rows_go_and_what_is_on_its_way_stays() {
    let open = Open::new();
    let archive = &open.archive;
    let mut rows = secretive(10, "Geheimnis");
    rows.push(mine(1, at(3_000), "still on its way"));
    let commit = Commit { parcels: vec![words(1, 1, "still on its way")], ..with_rows(rows) };
    archive.commit("c", &commit).unwrap();
    archive.commit("d", &with_rows(secretive(10, "Geheimnis"))).unwrap();
    let before = NOON + 8_000;
    let expired = archive.expire(before, &["c".into(), "nobody".into()]).unwrap();
    assert_eq!(expired, Expired { rows: 7, gone: vec![] });
    let left = archive.load("c", 50).unwrap().unwrap();
    assert_eq!(ids(&left.rows), ["e8-0", "e9-0", "e10-0", "m1"]);
    assert!(left.state.history_complete, "what was deleted is not fetched again");
    assert!(!archive.load("d", 50).unwrap().unwrap().state.history_complete);
    assert_eq!(archive.load("d", 50).unwrap().unwrap().rows.len(), 10);
    assert!(open.has(b"umber1"));
    archive.expire(before, &["d".into()]).unwrap();
    assert!(!open.has(b"number2 ") && open.has(b"number8 "));
    assert_eq!(archive.expire(before, &["c".into(), "d".into()]).unwrap(), Expired::default());
}

#[test]
fn a_conversation_that_ended_goes_with_its_last_row() {
    let archive = Archive::in_memory().unwrap();
    let ended =
        |at| Commit { state: Some(Box::new(over(at))), rows: vec![theirs(1, "x")], ..Commit::default() };
    archive.commit("long over", &ended(NOON)).unwrap();
    archive.commit("just over", &ended(NOON + 90_000)).unwrap();
    archive.commit("unsent", &Commit { parcels: vec![words(1, 1, "x")], ..ended(NOON) }).unwrap();
    archive.commit("open", &with_rows(vec![theirs(1, "x")])).unwrap();
    let all: Vec<_> =
        archive.conversations().unwrap().into_iter().map(|listed| listed.conversation).collect();
    let expired = archive.expire(NOON + 60_000, &all).unwrap();
    assert_eq!(expired, Expired { rows: 4, gone: vec!["long over".into()] });
    assert_eq!(archive.conversations().unwrap().len(), 3);
}

#[test]
fn a_message_that_was_taken_back_cannot_be_found() {
    let archive = Archive::in_memory().unwrap();
    archive.commit("c", &with_rows(vec![mine(1, waiting(1), "too hasty")])).unwrap();
    assert_eq!(found(&archive, "hasty"), ["m1"]);
    archive.commit("c", &Commit { cleared: vec![waiting(1)], ..Commit::default() }).unwrap();
    assert_eq!(found(&archive, "hasty"), [""; 0]);
}
