//! Still there, seen, called otherwise; and lines of this computer's own.

use super::*;
use crate::stored::Place;

fn able_to_everything() -> Capabilities {
    Capabilities { read_receipts: true, nickname: true, notices: true, ..Capabilities::default() }
}

fn alert() -> Event {
    Event::Idle(Some(IdleAlert { ends_at: Some(Moment(60_000)), text: Some("Still there?".into()) }))
}

#[test]
fn the_person_says_that_they_are_still_there_with_a_button_or_by_writing() {
    let mut bench = Bench::open(setup(true));
    assert_eq!(bench.refusal(Command::StayOn), Some(FaultCode::TooLate), "nobody asks");
    bench.wait(1_000);
    bench.tell([alert()]);
    let idle = bench.snapshot().idle.unwrap();
    assert_eq!((idle.ends_at, idle.text.as_deref()), (Some(1_060_000), Some("Still there?")));
    assert_eq!(bench.notices(), [News::StillThere], "nobody looks");
    bench.tell([alert()]);
    assert_eq!(bench.notices(), [], "told once");
    bench.requests();
    bench.command(Command::StayOn);
    assert_eq!(bench.requests(), [Request::StayOn]);
    assert_eq!(bench.snapshot().idle, None);
    bench.tell([alert()]);
    bench.send("Yes");
    assert_eq!(bench.snapshot().idle, None);
    assert!(bench.requests().contains(&Request::StayOn));
}

#[test]
fn a_notification_holds_no_words_where_the_contact_centre_wants_none() {
    let mut bench = Bench::open(setup(true));
    bench.able(Capabilities { discreet: true, ..Capabilities::default() });
    bench.live(maya(), says("Your balance is 12"));
    bench.wait(1_000);
    assert_eq!(bench.notices(), [News::Message { who: Some("Maya".into()), text: None }]);
}

#[test]
fn what_was_read_is_told_once_if_the_person_allows_it() {
    let mut bench = Bench::open(setup(true));
    bench.live(maya(), says("One"));
    bench.command(Command::Seen);
    assert_eq!(bench.requests(), [Request::Start(EntryForm::default())], "this service cannot be told");
    bench.able(able_to_everything());
    let read = |major| Request::Read { up_to: EntryKey { major, minor: 0 } };
    assert_eq!(bench.requests(), [read(1)]);
    bench.command(Command::Seen);
    assert_eq!(bench.requests(), [], "nothing new");
    bench.live(maya(), says("Two"));
    bench.tell([Event::Link(Link::Restoring)]);
    bench.command(Command::Seen);
    assert_eq!(bench.requests(), [], "it cannot arrive");
    bench.tell([Event::Link(Link::Up)]);
    assert_eq!(bench.requests(), [read(2)]);
    bench.feed(Input::Preferences(Preferences { show_read: false, ..Preferences::default() }));
    bench.live(maya(), says("Three"));
    bench.command(Command::Seen);
    assert_eq!(bench.requests(), [], "the person does not want it");
}

#[test]
fn names_and_notices_go_to_services_that_take_them() {
    let mut bench = Bench::open(setup(true));
    let (name, notice) =
        (Command::Nickname { name: " Sam\n".into() }, Command::Notice { text: "{\"a\":1}".into() });
    assert_eq!(bench.refusal(name.clone()), Some(FaultCode::Unsupported));
    assert_eq!(bench.refusal(notice.clone()), Some(FaultCode::Unsupported));
    bench.able(able_to_everything());
    bench.requests();
    bench.command(name);
    bench.command(notice);
    assert_eq!(bench.requests(), [Request::Nickname("Sam".into()), Request::Notice("{\"a\":1}".into())]);
    bench.command(Command::Nickname { name: "  Samira ".into() });
    assert_eq!(bench.requests(), [Request::Nickname("Samira".into())]);
    assert_eq!(bench.refusal(Command::Nickname { name: " ".into() }), Some(FaultCode::FieldMissing));
}

#[test]
fn a_line_of_our_own_is_kept_in_its_place_and_never_sent() {
    let mut bench = Bench::new(setup(true));
    let line = || Command::Inject { text: "Case 4711".into() };
    assert_eq!(bench.refusal(line()), Some(FaultCode::ChatOver), "there is no chat to put it into");
    let mut bench = Bench::open(setup(true));
    bench.command(line());
    bench.live(maya(), says("Hello"));
    bench.command(line());
    bench.requests();
    let mut bench = bench.restarted();
    bench.live(maya(), says("Bye"));
    let shown: Vec<bool> =
        bench.snapshot().items.iter().map(|item| matches!(item.content, Content::Local { .. })).collect();
    assert_eq!(shown, [true, false, true, false]);
    assert!(!bench.requests().iter().any(|request| matches!(request, Request::Send { .. })));
    assert!(
        bench.archive.page(Place { key: Place::LAST, echo: 0 }, 10).0.len() == 4,
        "none waits at the end"
    );
    assert_eq!(bench.refusal(Command::Cancel { item: "m0".into() }), Some(FaultCode::TooLate));
}
