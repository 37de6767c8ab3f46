//! What was committed comes back, in order, and only whole.

use super::*;

#[test]
fn what_was_committed_is_there_after_a_restart() {
    let kept = Kept::new();
    let (archive, opened) = kept.open();
    assert_eq!(opened, Opened::Fresh);
    let picture = Attachment { name: "leak.png".into(), mime: "image/png".into(), bytes: vec![9; 70_000] };
    let mut own = mine(1, waiting(1), "See the picture");
    own.media_url = Some("u".into());
    let commit = Commit {
        rows: vec![theirs(5, "Hello"), theirs((u64::MAX - 1) >> 20, "World"), own.clone()],
        parcels: vec![
            words(1, 20, "See the picture"),
            ParcelChange::Put(StoredParcel {
                local: LocalId(2),
                turn: 10,
                content: ParcelContent::Picture(picture.clone()),
                progress: Progress {
                    state: ProgressState::Stuck(Fault::new(FaultCode::FileSize)),
                    attempts: 3,
                    left: true,
                },
            }),
        ],
        state: Some(Box::new(state())),
        firm: true,
        ..Commit::default()
    };
    archive.commit("c", &commit).unwrap();
    drop(archive);

    let (archive, opened) = kept.open();
    assert_eq!(opened, Opened::Existing);
    let stored = archive.load("c", 100).unwrap().unwrap();
    assert_eq!(stored.state, state());
    assert_eq!(stored.rows, commit.rows);
    assert!(!stored.more);
    let parcels: Vec<_> = stored.parcels.iter().map(|parcel| (parcel.local.0, parcel.turn)).collect();
    assert_eq!(parcels, [(2, 10), (1, 20)], "in the order of their turns");
    assert_eq!(stored.parcels[0].content, ParcelContent::Picture(picture));
    assert!(matches!(stored.parcels[0].progress.state, ProgressState::Stuck(_)));
    assert_eq!(archive.load("another", 100).unwrap(), None);

    let listed = archive.conversations().unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!((listed[0].waiting, listed[0].stuck), (2, 1));
    assert_eq!(listed[0].newest.as_ref(), Some(&own));
}

#[test]
fn places_are_in_order_up_to_the_largest_numbers() {
    let archive = Archive::in_memory().unwrap();
    let place = |major, minor, echo| Place { key: EntryKey { major, minor }, echo };
    let places = [
        place(0, 0, 0),
        place(1, u64::MAX, 1 << 63),
        place(2, 0, 0),
        place(1 << 63, 0, 0),
        place(1 << 63, 1, 0),
        place(u64::MAX, u64::MAX - 1, 0),
        place(u64::MAX, u64::MAX, 1),
    ];
    for (number, place) in places.iter().enumerate().rev() {
        let row = said(row_of(LocalId(number as u64)), *place, NOON, me(), "x");
        archive.commit("c", &with_rows(vec![row])).unwrap();
    }
    let stored = archive.load("c", 100).unwrap().unwrap();
    assert_eq!(stored.rows.iter().map(|row| row.place).collect::<Vec<_>>(), places);
    assert_eq!(archive.page("c", places[4], 2).unwrap().rows[1].place, places[3]);
}

#[test]
fn an_own_message_moves_to_its_place_and_is_settled() {
    let archive = Archive::in_memory().unwrap();
    let mut row = mine(1, waiting(1), "Hello there");
    if let Content::Message { delivery, .. } = &mut Arc::make_mut(&mut row.item).content {
        *delivery = Some(DeliveryView::Sending);
    }
    archive
        .commit("c", &Commit { parcels: vec![words(1, 1, "Hello there")], ..with_rows(vec![row]) })
        .unwrap();
    let moved = Progress { state: ProgressState::Unsure, attempts: 2, left: true };
    let step = ParcelChange::Move { local: LocalId(1), turn: 7, progress: moved.clone() };
    archive.commit("c", &Commit { parcels: vec![step], ..Commit::default() }).unwrap();
    let parcel = archive.parcels("c").unwrap().remove(0);
    assert_eq!((parcel.turn, parcel.progress), (7, moved));

    let commit = Commit {
        cleared: vec![waiting(1)],
        rows: vec![mine(1, at(9), "Hello there")],
        parcels: vec![ParcelChange::Gone(LocalId(1))],
        ..Commit::default()
    };
    archive.commit("c", &commit).unwrap();
    let stored = archive.load("c", 100).unwrap().unwrap();
    assert_eq!(stored.rows, commit.rows, "as sent, whatever it said of its delivery");
    assert_eq!(stored.parcels, []);
    assert_eq!(found(&archive, "hello"), ["m1"]);
}

#[test]
fn messages_that_change_places_are_all_kept() {
    let archive = Archive::in_memory().unwrap();
    let rows = vec![mine(1, waiting(1), "one"), mine(2, waiting(2), "two"), mine(3, waiting(3), "three")];
    archive.commit("c", &with_rows(rows)).unwrap();
    // The first takes the place of the second, the second that of the third, the third goes.
    let rows = vec![mine(1, waiting(2), "one"), mine(2, waiting(3), "two changed")];
    archive
        .commit("c", &Commit { cleared: vec![waiting(1)], rows: rows.clone(), ..Commit::default() })
        .unwrap();
    assert_eq!(archive.load("c", 100).unwrap().unwrap().rows, rows);
    assert_eq!(found(&archive, "one"), ["m1"]);
    assert_eq!(found(&archive, "changed"), ["m2"]);
    assert_eq!(found(&archive, "three"), [""; 0]);
    // What is cleared and put in one commit is there.
    let commit =
        Commit { cleared: vec![waiting(3)], rows: vec![mine(9, waiting(3), "nine")], ..Commit::default() };
    archive.commit("c", &commit).unwrap();
    assert_eq!(ids(&archive.load("c", 100).unwrap().unwrap().rows), ["m1", "m9"]);
}

#[test]
fn late_rows_go_in_but_replace_nothing() {
    let archive = Archive::in_memory().unwrap();
    archive.commit("c", &with_rows(vec![mine(1, at(5), "mine"), theirs(9, "last")])).unwrap();
    let late = vec![theirs(3, "early"), theirs(5, "the service's copy of mine")];
    archive.commit("c", &Commit { late, ..Commit::default() }).unwrap();
    assert_eq!(ids(&archive.load("c", 100).unwrap().unwrap().rows), ["e3-0", "m1", "e9-0"]);
    assert_eq!(found(&archive, "copy"), [""; 0]);
}

#[test]
fn pages_reach_back_to_the_beginning() {
    let archive = Archive::in_memory().unwrap();
    let rows = (1..=100).map(|major| theirs(major, "x")).collect();
    archive.commit("c", &with_rows(rows)).unwrap();
    let stored = archive.load("c", 30).unwrap().unwrap();
    assert_eq!((stored.rows.len(), stored.more), (30, true));
    assert_eq!(stored.rows[0].item.id, "e71-0");
    let page = archive.page("c", stored.rows[0].place, 60).unwrap();
    assert_eq!((ids(&page.rows)[0], page.rows.len(), page.more), ("e11-0", 60, true));
    let page = archive.page("c", page.rows[0].place, 60).unwrap();
    assert_eq!((ids(&page.rows)[0], page.rows.len(), page.more), ("e1-0", 10, false));
    assert_eq!(archive.page("c", at(1), 60).unwrap(), Page::default());
    assert_eq!(archive.page("nobody", at(1), 60).unwrap(), Page::default());

    let page = archive.since("c", "e40-0", at(71)).unwrap().unwrap();
    assert_eq!((ids(&page.rows)[0], page.rows.len(), page.more), ("e20-0", 51, true));
    assert_eq!(archive.since("c", "e80-0", at(71)).unwrap().unwrap(), Page { rows: vec![], more: true });
    for unknown in ["e500-0", "m1", "nonsense", ""] {
        assert_eq!(archive.since("c", unknown, at(71)).unwrap(), None, "{unknown}");
    }

    let mut all = Vec::new();
    archive.rows("c", &mut |row| all.push(row.place.key.major)).unwrap();
    assert_eq!(all, (1..=100).collect::<Vec<_>>());
}

#[test]
fn a_start_reads_back_to_the_oldest_message_on_its_way() {
    let archive = Archive::in_memory().unwrap();
    let mut rows: Vec<_> = (1..=100).map(|major| theirs(major, "x")).collect();
    let behind = Place { echo: 1, ..at(40) };
    rows.push(mine(1, behind, "perhaps sent"));
    archive.commit("c", &Commit { parcels: vec![words(1, 1, "perhaps sent")], ..with_rows(rows) }).unwrap();
    let stored = archive.load("c", 10).unwrap().unwrap();
    assert_eq!((stored.rows[0].item.id.as_str(), stored.rows.len(), stored.more), ("m1", 61, true));
    assert_eq!(archive.load("c", 0).unwrap().unwrap().rows.len(), 61);
}

#[test]
fn a_picture_stays_for_as_long_as_its_row() {
    let archive = Archive::in_memory().unwrap();
    let put = |local: u64| {
        let attachment = Attachment { name: "a.png".into(), mime: "image/png".into(), bytes: vec![1, 2, 3] };
        let content = ParcelContent::Picture(attachment);
        ParcelChange::Put(StoredParcel { local: LocalId(local), turn: local, content, progress: queued() })
    };
    let rows = vec![mine(1, waiting(1), "a"), mine(2, waiting(2), "b")];
    archive.commit("c", &Commit { parcels: vec![put(1), put(2)], ..with_rows(rows) }).unwrap();
    // One is sent, the other is taken back.
    let commit = Commit {
        cleared: vec![waiting(1), waiting(2)],
        rows: vec![mine(1, at(4), "a")],
        parcels: vec![ParcelChange::Gone(LocalId(1)), ParcelChange::Gone(LocalId(2))],
        ..Commit::default()
    };
    archive.commit("c", &commit).unwrap();
    assert_eq!(archive.picture("c", "m1").unwrap().unwrap().bytes, [1, 2, 3]);
    assert_eq!(archive.picture("c", "m2").unwrap(), None);

    let media = Media { mime: "image/jpeg".into(), bytes: vec![5; 100] };
    archive.put_picture("c", "e4-0", &media).unwrap();
    assert_eq!(archive.picture("c", "e4-0").unwrap(), Some(media));
    let large = Media { mime: "image/jpeg".into(), bytes: vec![0; LARGEST_FILE + 1] };
    let refused = archive.put_picture("c", "e4-0", &large).unwrap_err();
    assert_eq!(refused.code(), FaultCode::FileSize);
}

#[test]
fn the_pictures_of_cards_go_with_the_row_that_has_them() {
    let archive = Archive::in_memory().unwrap();
    archive.commit("c", &with_rows(vec![theirs(7, "cards")])).unwrap();
    let media = Media { mime: "image/png".into(), bytes: vec![5; 10] };
    let items = ["e7-0", "e7-0#0", "e7-0#12", "e7-01", "e7-1#0"];
    for item in items {
        archive.put_picture("c", item, &media).unwrap();
    }
    archive.commit("c", &Commit { cleared: vec![at(7)], ..Commit::default() }).unwrap();
    let left = items.into_iter().filter(|item| archive.picture("c", item).unwrap().is_some());
    assert_eq!(left.collect::<Vec<_>>(), ["e7-01", "e7-1#0"]);
}

#[test]
fn clones_are_one_archive_for_all_threads() {
    let archive = Archive::in_memory().unwrap();
    std::thread::scope(|scope| {
        for writer in 0..4_u64 {
            let archive = archive.clone();
            scope.spawn(move || {
                for number in 0..25 {
                    archive.commit(&format!("c{writer}"), &with_rows(vec![theirs(number, "hello")])).unwrap();
                }
            });
        }
    });
    assert_eq!(archive.search("hello", None, 1_000).unwrap().len(), 100);
    assert_eq!(archive.conversations().unwrap().len(), 4);
}
