//! The archive against plain SQLite from the same source, without encryption and in tables as simple as can be:
//! - receiving: batches as they come, each in a transaction of its own, encrypted and found by search at once, against one
//!   bulk insert with an index of words,
//! - starting: open and read the newest messages,
//! - searching, against reading through all messages.
//!
//! Both sides by turns, so that a busy computer slows both.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use envoi_engine::archive::{Archive, ArchiveKey};
use envoi_protocol::event::EntryKey;
use envoi_protocol::finalize::Closure;
use envoi_protocol::stored::{Commit, Place, StoredPhase, StoredRow, StoredState};
use envoi_protocol::text::runs;
use envoi_protocol::timeline::row_at;
use envoi_protocol::view::{Content, Item, Person, Role};
use rusqlite::{Connection, params};

use crate::{median, percentile, thread_time};

const MESSAGES: usize = 100_000;
/// Messages that come with one answer.
const BATCH: usize = 200;
const ROUNDS: usize = 3;
const STARTS: usize = 41;
const NEWEST: usize = 200;
/// Hits that a list of finds shows.
const HITS: usize = 50;
const CONVERSATIONS: usize = 10;

pub(crate) fn run() {
    let vocabulary = vocabulary();
    let rows = rows(&vocabulary);
    let folder = tempfile::tempdir().expect("a temporary folder");
    receive(folder.path(), &rows);
    start(folder.path(), &rows);
    search(folder.path(), &rows, &vocabulary);
}

fn receive(folder: &Path, rows: &[StoredRow]) {
    let [mut ours, mut firm, mut peer, mut lean] = [const { Vec::new() }; 4];
    let [mut ours_work, mut peer_work, mut lean_work] = [const { Vec::new() }; 3];
    let commits = commits(rows);
    let firm_commits: Vec<_> = commits.iter().map(|commit| Commit { firm: true, ..commit.clone() }).collect();
    for round in 0..ROUNDS {
        let file = folder.join(format!("{round}/archive.db"));
        let (archive, _) = Archive::open(&file, &key()).unwrap();
        let (seconds, work) = timed(|| fill(&archive, "main", &commits));
        ours.push(seconds);
        ours_work.push(work);
        drop(archive);
        let (archive, _) = Archive::open(&folder.join(format!("{round}/firm.db")), &key()).unwrap();
        firm.push(timed(|| fill(&archive, "main", &firm_commits)).0);
        let (seconds, work) = plain(&folder.join(format!("{round}.db")), "", rows);
        peer.push(seconds);
        peer_work.push(work);
        let (seconds, work) =
            plain(&folder.join(format!("{round}-lean.db")), "content='message', content_rowid='id',", rows);
        lean.push(seconds);
        lean_work.push(work);
    }
    let size = |name: &str| std::fs::metadata(folder.join(name)).unwrap().len() as f64 / 1e6;
    let [ours, firm, peer, lean] = [ours, firm, peer, lean].map(median);
    let [ours_work, peer_work, lean_work] = [ours_work, peer_work, lean_work].map(median);
    let messages = MESSAGES as f64;
    println!("archive, receive: {MESSAGES} messages, {BATCH} to a transaction; the peer takes all in one");
    println!("  envoi   {:>8.0} messages/s, {:.1} MB", messages / ours, size("0/archive.db"));
    println!("  sqlite  {:>8.0} messages/s, {:.1} MB", messages / peer, size("0.db"));
    println!(
        "  ratio   {:.2}, of processor time {:.2} (goal: at least 0.75)",
        peer / ours,
        peer_work / ours_work
    );
    println!(
        "  sqlite with an index that keeps no text of its own: {:.0} messages/s, ratio {:.2}, of processor time {:.2}",
        messages / lean,
        lean / ours,
        lean_work / ours_work
    );
    println!("  envoi with each transaction on the disk itself: {:.0} messages/s", messages / firm);
}

/// Takes all in, until all of it is found.
fn fill(archive: &Archive, conversation: &str, commits: &[Commit]) {
    for commit in commits {
        archive.commit(conversation, commit).unwrap();
    }
    archive.search("x", None, 1).unwrap();
}

/// The peer's bulk insert: seconds by the clock and of work. The texts are made before the clock starts.
fn plain(file: &Path, options: &str, rows: &[StoredRow]) -> (f64, f64) {
    let texts: Vec<_> =
        rows.iter().map(|row| (serde_json::to_string(&row.item).unwrap(), text(row))).collect();
    let mut connection = Connection::open(file).unwrap();
    connection
        .execute_batch(&format!(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
             CREATE TABLE message (id INTEGER PRIMARY KEY, major INTEGER, minor INTEGER, at INTEGER, item TEXT, text TEXT);
             CREATE VIRTUAL TABLE words USING fts5(
                 text, {options} tokenize='unicode61 remove_diacritics 2');",
        ))
        .unwrap();
    timed(|| {
        let transaction = connection.transaction().unwrap();
        {
            let mut message =
                transaction.prepare("INSERT INTO message VALUES (?1, ?2, ?3, ?4, ?5, ?6)").unwrap();
            let mut words = transaction.prepare("INSERT INTO words (rowid, text) VALUES (?1, ?2)").unwrap();
            for ((id, row), (item, text)) in (0_i64..).zip(rows).zip(&texts) {
                let EntryKey { major, minor } = row.place.key;
                message.execute(params![id, major as i64, minor as i64, row.item.at, item, text]).unwrap();
                words.execute(params![id, text]).unwrap();
            }
        }
        transaction.commit().unwrap();
    })
}

fn start(folder: &Path, rows: &[StoredRow]) {
    let (mut ours, mut peer) = (Vec::new(), Vec::new());
    let newest: Vec<_> = rows[MESSAGES - NEWEST..].iter().map(|row| row.item.id.clone()).collect();
    for _ in 0..STARTS {
        let begun = Instant::now();
        let (archive, _) = Archive::open(&folder.join("0/archive.db"), &key()).unwrap();
        let stored = archive.load("main", NEWEST).unwrap().unwrap();
        ours.push(begun.elapsed().as_secs_f64() * 1e3);
        assert!(stored.rows.iter().map(|row| &row.item.id).eq(&newest));
        drop(archive);
        let begun = Instant::now();
        let connection = Connection::open(folder.join("0.db")).unwrap();
        let mut select = connection.prepare("SELECT item FROM message ORDER BY id DESC LIMIT ?1").unwrap();
        let items = select.query_map([NEWEST as i64], |row| {
            Ok(serde_json::from_str::<Item>(row.get_ref(0)?.as_str()?).unwrap())
        });
        let items: Vec<_> = items.unwrap().map(Result::unwrap).collect();
        peer.push(begun.elapsed().as_secs_f64() * 1e3);
        assert!(items.iter().rev().map(|item| &item.id).eq(&newest));
    }
    let (ours, peer) = (median(ours), median(peer));
    println!("archive, start: open, decrypt and read the last {NEWEST} of {MESSAGES}");
    println!("  envoi   {ours:>8.2} ms");
    println!("  sqlite  {peer:>8.2} ms");
    println!("  more    {:>8.2} ms (goal: at most 10)", ours - peer);
}

fn search(folder: &Path, rows: &[StoredRow], vocabulary: &[String]) {
    let (archive, _) = Archive::open(&folder.join("search/archive.db"), &key()).unwrap();
    for (turn, commit) in commits(rows).iter().enumerate() {
        archive.commit(&format!("c{}", turn % CONVERSATIONS), commit).unwrap();
    }
    let mut scan = Vec::new();
    let queries = queries(vocabulary);
    let mut ours = vec![f64::MAX; queries.len()];
    // All of them several times over, and the shortest time of each: others use the computer as well.
    for _ in 0..ROUNDS {
        for (turn, (query, shortest)) in queries.iter().zip(&mut ours).enumerate() {
            // Whoever searches in one conversation stays there for a while.
            let within = (turn / 100 % 3 == 0).then(|| format!("c{}", turn / 100 % CONVERSATIONS));
            let begun = Instant::now();
            std::hint::black_box(archive.search(query, within.as_deref(), HITS).unwrap());
            *shortest = shortest.min(begun.elapsed().as_secs_f64() * 1e3);
        }
    }
    // Afterwards, because in one process the two would take each other's pages out of SQLite's memory.
    let peer = Connection::open(folder.join("0.db")).unwrap();
    let mut like = peer
        .prepare("SELECT item FROM message WHERE text LIKE '%' || ?1 || '%' ORDER BY id DESC LIMIT ?2")
        .unwrap();
    for query in queries.iter().step_by(10) {
        let shortest = (0..ROUNDS).map(|_| {
            let begun = Instant::now();
            let found = like.query_map(params![query, HITS as i64], |row| row.get::<_, String>(0)).unwrap();
            std::hint::black_box(found.map(Result::unwrap).count());
            begun.elapsed().as_secs_f64() * 1e3
        });
        scan.push(shortest.fold(f64::MAX, f64::min));
    }
    let (count, compared) = (ours.len(), scan.len());
    let (middle, ours) = (median(ours.clone()), percentile(ours, 0.99));
    let (scan_middle, scan) = (median(scan.clone()), percentile(scan, 0.99));
    println!(
        "archive, search: {count} queries in {MESSAGES} messages, as they are typed; {compared} of them by LIKE"
    );
    println!("  envoi   median {middle:>7.3} ms, p99 {ours:>7.3} ms (goal: at most 2)");
    println!("  sqlite  median {scan_middle:>7.3} ms, p99 {scan:>7.3} ms");
    println!("  ratio   {:.3} (goal: at most 0.1)", ours / scan);
}

/// What people type: words letter by letter, two words, and words that nobody said.
fn queries(vocabulary: &[String]) -> Vec<String> {
    let mut rng = fastrand::Rng::with_seed(23);
    let mut queries = Vec::new();
    for _ in 0..150 {
        let word = common(&mut rng, vocabulary).clone();
        queries.extend((1..=word.chars().count()).map(|end| word.chars().take(end).collect::<String>()));
        let rare = &vocabulary[rng.usize(..vocabulary.len())];
        queries.push(rare.clone());
        queries.push(format!(
            "{} {}",
            common(&mut rng, vocabulary),
            word.chars().take(2).collect::<String>()
        ));
        queries.push(format!("{word} {rare}"));
        queries.push(format!("{word}zzz"));
    }
    queries
}

/// Words of one to four syllables.
fn vocabulary() -> Vec<String> {
    let mut rng = fastrand::Rng::with_seed(17);
    let (heads, tails) = (b"bcdfghjklmnprstvwz", b"aeiou");
    let mut syllable = |word: &mut String| {
        word.push(char::from(heads[rng.usize(..heads.len())]));
        word.push(char::from(tails[rng.usize(..tails.len())]));
    };
    let words = (0..8_000).map(|number| {
        let mut word = String::new();
        (0..2 + number % 3).for_each(|_| syllable(&mut word));
        word
    });
    words.collect()
}

/// A word as often as words are: the first ones all the time.
fn common<'a>(rng: &mut fastrand::Rng, vocabulary: &'a [String]) -> &'a String {
    let at = (vocabulary.len() as f64).powf(rng.f64()) as usize - 1;
    &vocabulary[at.min(vocabulary.len() - 1)]
}

fn rows(vocabulary: &[String]) -> Vec<StoredRow> {
    let mut rng = fastrand::Rng::with_seed(19);
    let mut at = 1_767_607_200_000_u64;
    let maya = Person {
        id: "6a7b1c52-93de-4a40-8d8e-55f3f2f9a4c1".into(),
        name: Some("Maya".into()),
        role: Role::Agent,
    };
    let row = |_| {
        at += rng.u64(1..60_000);
        let key = EntryKey { major: at, minor: rng.u64(0..14) };
        let words: Vec<_> = (0..rng.usize(4..18)).map(|_| common(&mut rng, vocabulary).as_str()).collect();
        let text = runs(words.join(" "));
        let content = Content::Message { from: maya.clone(), text, delivery: None };
        let item = Item { id: row_at(key), at: at.cast_signed(), replayed: false, content };
        StoredRow { place: Place { key, echo: 0 }, item: Arc::new(item), media_url: None }
    };
    (0..MESSAGES).map(row).collect()
}

fn commits(rows: &[StoredRow]) -> Vec<Commit> {
    let commit = |rows: &[StoredRow]| {
        let newest = rows.last().map(|row| row.place.key);
        let cursor = newest.map(|key| format!("{}-{}", key.major, key.minor));
        let state = StoredState {
            deployment: "tidewater".into(),
            company: "Tidewater Energy".into(),
            created: 0,
            phase: StoredPhase::Open { people: Vec::new() },
            closure: Closure::default(),
            newest,
            seen: newest,
            unread: 0,
            last_agent: Some("Maya".into()),
            cursor,
            history_complete: false,
            next_local: 0,
            draft: String::new(),
            banner: None,
            hidden: Vec::new(),
        };
        Commit { rows: rows.to_vec(), state: Some(Box::new(state)), ..Commit::default() }
    };
    rows.chunks(BATCH).map(commit).collect()
}

fn text(row: &StoredRow) -> String {
    match &row.item.content {
        Content::Message { text, .. } => text.iter().map(|run| run.text.as_str()).collect(),
        _ => String::new(),
    }
}

fn key() -> ArchiveKey {
    ArchiveKey::from_bytes(&[7; 32]).expect("as long as a key")
}

/// Seconds by the clock, and of this thread's work.
fn timed(work: impl FnOnce()) -> (f64, f64) {
    let (begun, before) = (Instant::now(), thread_time());
    work();
    (begun.elapsed().as_secs_f64(), (thread_time() - before).as_secs_f64())
}
