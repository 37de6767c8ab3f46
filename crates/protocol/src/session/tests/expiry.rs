//! What is too old leaves the screen and does not come back.

use super::*;

#[test]
fn what_became_too_old_leaves_the_screen_and_is_not_fetched_again() {
    let mut bench = Bench::new(Setup { token: Some(token("t1")), ..setup(true) });
    bench.feed(Input::Tick);
    bench.tell([Event::Joined { token: token("t2"), resumed: true }, Event::Link(Link::Up)]);
    bench.feed(Input::Remembered(Ok(())));
    bench.tell([page(Origin::Restored, 50..60), Event::Cursor("c".into())]);
    bench.command(Command::Seen);
    assert_eq!(bench.snapshot().history, HistoryView::More);
    bench.outputs.clear();
    bench.feed(Input::Expired { before: 53, any: true });
    let gone = bench.outputs.iter().find_map(|output| match output {
        Output::Update(Update { change: Change::Items(items), .. }) => Some(items.removed.clone()),
        _ => None,
    });
    assert_eq!(gone.unwrap(), ["e50-0", "e51-0", "e52-0"]);
    assert_eq!(texts(&bench.snapshot()).first().map(String::as_str), Some("53"));
    assert_eq!(bench.snapshot().history, HistoryView::Complete);
    bench.requests();
    bench.command(Command::Older);
    assert!(bench.requests().is_empty());
    let mut bench = bench.restarted();
    bench.tell([Event::Joined { token: token("t3"), resumed: true }, Event::Link(Link::Up)]);
    assert_eq!(bench.snapshot().history, HistoryView::Complete, "nor after a restart");
}

#[test]
fn a_page_of_history_is_shown_as_far_as_it_is_kept() {
    let mut bench = Bench::new(Setup { token: Some(token("t1")), ..setup(true) });
    bench.feed(Input::Tick);
    bench.tell([Event::Joined { token: token("t2"), resumed: true }, Event::Link(Link::Up)]);
    bench.feed(Input::Remembered(Ok(())));
    bench.tell([page(Origin::Restored, 50..60)]);
    bench.feed(Input::Expired { before: 45, any: false });
    assert_eq!(bench.snapshot().history, HistoryView::More, "there is some that may be kept");
    bench.command(Command::Older);
    bench.tell([page(Origin::Older, 40..50)]);
    assert_eq!(texts(&bench.snapshot()).first().map(String::as_str), Some("45"));
    assert_eq!(bench.snapshot().history, HistoryView::Complete);
}

#[test]
fn what_the_person_has_not_seen_is_shown_whatever_its_age() {
    let mut bench = Bench::open(setup(true));
    bench.send("On its way");
    bench.feed(Input::Expired { before: 2_000_000, any: false });
    assert_eq!(texts(&bench.snapshot()), ["On its way"], "and what is on its way stays");
    bench.tell([page(Origin::Missed, 30..31)]);
    assert_eq!(texts(&bench.snapshot()), ["30", "On its way"]);
    assert_eq!(bench.snapshot().unread, 1);
}
