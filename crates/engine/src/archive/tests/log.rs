//! The log goes into the file when nobody waits for it, and never gets longer than it may.

use std::fs;

use super::*;

/// Pages that are in the log alone.
fn logged(archive: &Archive) -> i64 {
    super::super::log::waiting(&archive.inner.lock().unwrap().connection).unwrap()
}

/// Words of the person that have to be on the disk before they leave. Each takes some pages of the log.
fn sent(local: u64) -> Commit {
    let row = mine(local, waiting(local), "Words that somebody has just written, and waits for");
    Commit {
        rows: vec![row],
        parcels: vec![words(local, local, "the same words")],
        firm: true,
        ..Commit::default()
    }
}

#[test]
fn what_somebody_waits_for_does_not_wait_for_the_log() {
    let kept = Kept::new();
    let (archive, _) = kept.open();
    archive.commit("c", &with_rows(Vec::new())).unwrap();
    let mut local = 0;
    while logged(&archive) < 1_500 {
        local += 1;
        let (before, length) = (logged(&archive), fs::metadata(kept.file()).unwrap().len());
        archive.commit("c", &sent(local)).unwrap();
        assert!(logged(&archive) > before, "message {local} was written to the log");
        assert_eq!(fs::metadata(kept.file()).unwrap().len(), length, "and to nothing else");
    }
    archive.commit("c", &with_rows(vec![theirs(1, "what nobody waits for")])).unwrap();
    assert!(logged(&archive) < 20, "everything before it is in the file now");
    drop(archive);
    let (archive, opened) = kept.open();
    assert_eq!(opened, Opened::Existing);
    assert_eq!(archive.load("c", 1).unwrap().unwrap().parcels.len(), usize::try_from(local).unwrap());
}

#[test]
fn the_log_of_a_long_talk_to_nobody_does_not_grow_without_end() {
    let kept = Kept::new();
    let (archive, _) = kept.open();
    archive.commit("c", &with_rows(Vec::new())).unwrap();
    let mut longest = 0;
    for local in 1..=1_500 {
        archive.commit("c", &sent(local)).unwrap();
        longest = longest.max(logged(&archive));
    }
    assert!((3_900..4_500).contains(&longest), "{longest} pages");
    let log = fs::metadata(kept.file().with_file_name("archive.db-wal")).unwrap().len();
    assert!(log < 4_500 * 4_200, "{log} bytes: it was begun anew");
    assert_eq!(archive.load("c", 1).unwrap().unwrap().parcels.len(), 1_500);
}

#[test]
fn pictures_go_into_the_file_as_well() {
    let kept = Kept::new();
    let (archive, _) = kept.open();
    archive.commit("c", &with_rows(Vec::new())).unwrap();
    for n in 0..3 {
        let media = Media { mime: "image/png".into(), bytes: vec![n; 5_000_000] };
        archive.put_picture("c", &format!("e{n}-0"), &media).unwrap();
        assert_eq!(logged(&archive), 0, "nothing is in the log alone");
    }
    assert!(fs::metadata(kept.file()).unwrap().len() > 15_000_000);
}
