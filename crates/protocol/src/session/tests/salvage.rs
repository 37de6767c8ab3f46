//! A lost archive costs nothing that is at hand.

use super::*;

#[test]
fn a_lost_archive_costs_nothing_that_is_at_hand() {
    let mut bench = Bench::open(setup(true));
    bench.live(maya(), says("Good day"));
    bench.send("Sent");
    bench.tell([Event::Sent { local: LocalId(0) }]);
    bench.live(me(), says("Sent"));
    bench.tell([Event::Cursor("c".into())]);
    bench.send("On its way");
    bench.send("Waits");
    bench.command(Command::Draft { text: "And".into() });
    let bench = bench.salvaged();
    assert_eq!(texts(&bench.snapshot()), ["Good day", "Sent", "On its way", "Waits"]);
    assert_eq!(bench.snapshot().draft, "And");
    assert_eq!(bench.requests(), [resume("t1")], "read again from the newest page on");
    // All of it is in the new archive, so that the next start finds it.
    let mut bench = bench.restarted();
    assert_eq!(texts(&bench.snapshot()), ["Good day", "Sent", "On its way", "Waits"]);
    bench.requests();
    bench.tell([Event::Joined { token: token("t2"), resumed: true }, Event::Link(Link::Up)]);
    bench.feed(Input::Remembered(Ok(())));
    assert_eq!(bench.requests(), [Request::Reconcile], "what was on its way is looked up");
    bench.tell([page(Origin::Restored, 1..2), Event::Reconciled]);
    bench.wait(60_000);
    assert_eq!(bench.requests(), [Request::Send { local: LocalId(1), text: "On its way".into() }]);
}

#[test]
fn what_was_held_back_when_the_archive_was_lost_is_simply_sent() {
    let mut bench = Bench::open(setup(true));
    bench.archive.full = true;
    bench.send("Hello");
    bench.act([Action::Call(bench.call(7))]);
    let mut bench = bench.salvaged();
    assert_eq!(deliveries(&bench.snapshot()), [DeliveryView::Queued]);
    bench.requests();
    bench.tell([Event::Joined { token: token("t2"), resumed: true }, Event::Link(Link::Up)]);
    bench.feed(Input::Remembered(Ok(())));
    assert_eq!(bench.requests(), [Request::Send { local: LocalId(0), text: "Hello".into() }]);
}
