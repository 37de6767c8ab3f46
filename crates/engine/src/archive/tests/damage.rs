//! Whatever stands where the archive should be, a start works; and nothing is ever half written.

use std::fs;

use super::*;

fn filled(kept: &Kept, messages: u64) {
    let (archive, _) = kept.open();
    let rows: Vec<_> =
        (1..=messages).map(|n| theirs(n, "Some words that take up a little room in the file")).collect();
    for rows in rows.chunks(50) {
        archive.commit("c", &with_rows(rows.to_vec())).unwrap();
    }
}

/// Opens, works, and opens again.
fn start_works(kept: &Kept) -> Opened {
    let (mut archive, mut opened) = kept.open();
    let commit = with_rows(vec![theirs(1, "fresh")]);
    if let Err(error) = archive.commit("new", &commit) {
        // Damage that only shows when this place is written to.
        assert_eq!(error.code(), FaultCode::ArchiveDamaged, "{error}");
        drop(archive);
        (archive, opened) = kept.open();
        assert!(matches!(opened, Opened::Rebuilt { .. }));
        archive.commit("new", &commit).unwrap();
    }
    drop(archive);
    let (archive, again) = kept.open();
    assert_eq!(again, Opened::Existing, "the second start finds what the first wrote");
    assert_eq!(archive.load("new", 10).unwrap().unwrap().rows.len(), 1);
    assert_eq!(found(&archive, "fresh"), ["e1-0"]);
    opened
}

#[test]
fn what_is_no_archive_is_set_aside() {
    type Spoil = fn(&Kept);
    let fill: &[(&str, Spoil)] = &[
        ("a text", |kept| fs::write(kept.file(), "Dear diary,".repeat(1_000)).unwrap()),
        ("a short text", |kept| fs::write(kept.file(), "x").unwrap()),
        ("zeros", |kept| fs::write(kept.file(), vec![0; 8_192]).unwrap()),
        ("a folder", |kept| fs::create_dir(kept.file()).unwrap()),
        ("a full folder", |kept| fs::create_dir_all(kept.file().join("x/y")).unwrap()),
        ("a log without its file", |kept| {
            fs::write(kept.file().with_file_name("archive.db-wal"), "leftover").unwrap();
        }),
        ("a database without encryption", |kept| {
            let connection = Connection::open(kept.file()).unwrap();
            connection.execute_batch("CREATE TABLE t (x); INSERT INTO t VALUES (1)").unwrap();
        }),
        ("an archive with another key", |kept| {
            Archive::open(&kept.file(), &ArchiveKey::from_bytes(&[8; 32]).unwrap()).unwrap();
        }),
        ("a newer archive", |kept| {
            let (archive, _) = kept.open();
            archive.inner.lock().unwrap().connection.execute_batch("PRAGMA user_version = 999").unwrap();
        }),
    ];
    for (what, fill) in fill {
        let kept = Kept::new();
        fs::create_dir(kept.file().parent().unwrap()).unwrap();
        fill(&kept);
        let Opened::Rebuilt { aside } = start_works(&kept) else { panic!("{what} is no archive") };
        assert!(aside.exists(), "{what}");
        assert!(aside.file_name().unwrap().to_str().unwrap().contains("unreadable-20"), "{what}");
    }
}

#[test]
fn an_empty_file_is_a_new_archive() {
    let kept = Kept::new();
    fs::create_dir(kept.file().parent().unwrap()).unwrap();
    fs::write(kept.file(), "").unwrap();
    assert_eq!(start_works(&kept), Opened::Fresh);
}

#[test]
fn a_file_that_was_set_aside_can_still_be_read_with_its_log() {
    let kept = Kept::new();
    let (archive, _) = kept.open();
    archive.commit("c", &with_rows(vec![theirs(1, "only in the log so far")])).unwrap();
    // As after a crash: the log was not emptied.
    let copies: Vec<_> = ["", "-wal"]
        .iter()
        .map(|ending| {
            let mut name = kept.file().into_os_string();
            name.push(ending);
            (PathBuf::from(&name), fs::read(&name).unwrap())
        })
        .collect();
    drop(archive);
    for (name, bytes) in copies {
        fs::write(name, bytes).unwrap();
    }
    let other = ArchiveKey::from_bytes(&[8; 32]).unwrap();
    let (_, opened) = Archive::open(&kept.file(), &other).unwrap();
    let Opened::Rebuilt { aside } = opened else { panic!("the key is another one") };
    let (archive, opened) = Archive::open(&aside, &key()).unwrap();
    assert_eq!(opened, Opened::Existing);
    assert_eq!(archive.load("c", 10).unwrap().unwrap().rows.len(), 1);
}

#[test]
fn damage_anywhere_never_stops_two_starts_in_a_row() {
    let mut random = fastrand::Rng::with_seed(5);
    let whole = Kept::new();
    filled(&whole, 400);
    let bytes = fs::read(whole.file()).unwrap();
    let mut rebuilt = 0;
    for round in 0..60 {
        let kept = Kept::new();
        fs::create_dir(kept.file().parent().unwrap()).unwrap();
        let mut damaged = bytes.clone();
        match round % 3 {
            0 => damaged.truncate(random.usize(1..bytes.len())),
            1 => (0..random.usize(1..4))
                .for_each(|_| damaged[random.usize(..bytes.len())] ^= 1 << random.u8(0..8)),
            _ => {
                let from = random.usize(..bytes.len() - 100);
                damaged[from..from + 100].fill(random.u8(..));
            }
        }
        fs::write(kept.file(), damaged).unwrap();
        let (archive, opened) = kept.open();
        rebuilt += i32::from(matches!(opened, Opened::Rebuilt { .. }));
        // Damage deep inside shows when it is read.
        let mut all = 0;
        let read = archive
            .load("c", 1_000)
            .map(drop)
            .and(archive.rows("c", &mut |_| all += 1))
            .and(archive.search("words", None, 1_000).map(drop))
            .and(archive.commit("c", &with_rows(vec![theirs(500, "more words")])));
        drop(archive);
        if let Err(error) = read {
            assert_eq!(error.code(), FaultCode::ArchiveDamaged, "{error}");
            let Opened::Rebuilt { aside } = start_works(&kept) else { panic!("{error} was not set aside") };
            assert!(aside.exists());
        } else {
            start_works(&kept);
        }
    }
    assert!(rebuilt > 0);
}

#[test]
fn a_damaged_log_costs_at_most_what_is_in_it() {
    let mut random = fastrand::Rng::with_seed(6);
    for _ in 0..20 {
        let kept = Kept::new();
        filled(&kept, 50);
        let (archive, _) = kept.open();
        for n in 51..=80 {
            archive.commit("c", &Commit { rows: vec![theirs(n, "logged")], ..Commit::default() }).unwrap();
        }
        let log = kept.file().with_file_name("archive.db-wal");
        let mut bytes = fs::read(&log).unwrap();
        let file = fs::read(kept.file()).unwrap();
        drop(archive);
        let from = random.usize(..bytes.len());
        if random.bool() {
            bytes.truncate(from);
        } else {
            bytes[from] ^= 0x55;
        }
        fs::write(&log, bytes).unwrap();
        fs::write(kept.file(), file).unwrap();
        let (archive, opened) = kept.open();
        assert_eq!(opened, Opened::Existing);
        let rows = archive.load("c", 1_000).unwrap().unwrap().rows;
        assert!((50..=80).contains(&rows.len()));
        assert!((1..).zip(&rows).all(|(n, row)| row.place == at(n)), "no gap");
        assert_eq!(archive.search("logged", None, 100).unwrap().len(), rows.len() - 50);
    }
}

#[test]
fn a_commit_is_there_whole_or_not_at_all() {
    let kept = Kept::new();
    let (archive, _) = kept.open();
    let copy = Kept::new();
    fs::create_dir(copy.file().parent().unwrap()).unwrap();
    for n in 1..=40_u64 {
        let firm = n % 2 == 0;
        let rows = (0..20).map(|k| theirs(20 * n + k, "together")).collect();
        let parcels = (0..5).map(|k| words(5 * n + k, n, "together")).collect();
        archive.commit("c", &Commit { parcels, firm, ..with_rows(rows) }).unwrap();
        // The program dies here: what is on the disk is all that is left, the newest part of it perhaps not whole.
        let log = fs::read(kept.file().with_file_name("archive.db-wal")).unwrap();
        let torn = log.len() - usize::try_from(n * 997).unwrap() % log.len();
        fs::write(copy.file(), fs::read(kept.file()).unwrap()).unwrap();
        fs::write(copy.file().with_file_name("archive.db-wal"), &log[..torn]).unwrap();
        let (again, opened) = copy.open();
        if opened == Opened::Existing {
            let stored = again.load("c", 10_000).unwrap();
            let (rows, parcels) = stored.map_or((0, 0), |stored| (stored.rows.len(), stored.parcels.len()));
            assert_eq!(rows % 20, 0);
            assert_eq!(parcels, rows / 4);
            assert_eq!(again.search("together", None, 10_000).unwrap().len(), rows);
        }
        drop(again);
        fs::remove_dir_all(copy.file().parent().unwrap()).unwrap();
        fs::create_dir(copy.file().parent().unwrap()).unwrap();
    }
}

#[test]
fn a_full_disk_is_told_and_costs_nothing() {
    let kept = Kept::new();
    filled(&kept, 100);
    let (archive, _) = kept.open();
    let room = |pages: i64| {
        let inner = archive.inner.lock().unwrap();
        let count: i64 = inner.connection.pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
        inner.connection.execute_batch(&format!("PRAGMA max_page_count = {}", count + pages)).unwrap();
    };
    let before = archive.load("c", 1_000).unwrap();
    room(3);
    let rows: Vec<_> = (200..400).map(|n| theirs(n, "no room for so many words")).collect();
    let commit = Commit { parcels: vec![words(1, 1, "x")], firm: true, ..with_rows(rows) };
    assert_eq!(archive.commit("c", &commit).unwrap_err(), ArchiveError::Full);
    assert_eq!(archive.commit("c", &commit).unwrap_err().code(), FaultCode::DiskFailed);
    assert_eq!(archive.load("c", 1_000).unwrap(), before);
    assert_eq!(found(&archive, "room").len(), 50, "only the earlier ones");
    room(1_000);
    archive.commit("c", &commit).unwrap();
    assert_eq!(archive.load("c", 1_000).unwrap().unwrap().rows.len(), 300);
    drop(archive);
    assert_eq!(kept.open().1, Opened::Existing);
}

#[test]
fn the_disk_holds_nothing_readable() {
    let kept = Kept::new();
    filled(&kept, 100);
    let (archive, _) = kept.open();
    archive.commit("c", &with_rows(vec![theirs(200, "Geheimnis")])).unwrap();
    for entry in fs::read_dir(kept.file().parent().unwrap()).unwrap() {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        for words in [b"words" as &[u8], b"eheimnis", b"SQLite format", b"Maya", b"conversation"] {
            assert!(!bytes.windows(words.len()).any(|window| window == words));
        }
    }
}

#[cfg(unix)]
#[test]
fn strangers_have_no_rights() {
    use std::os::unix::fs::PermissionsExt as _;
    let kept = Kept::new();
    let (archive, _) = kept.open();
    archive.commit("c", &with_rows(vec![theirs(1, "x")])).unwrap();
    let folder = kept.file().parent().unwrap().to_path_buf();
    assert_eq!(fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
    let mut files = 0;
    for entry in fs::read_dir(folder).unwrap() {
        assert_eq!(entry.unwrap().metadata().unwrap().permissions().mode() & 0o777, 0o600);
        files += 1;
    }
    assert!(files >= 2);
}
