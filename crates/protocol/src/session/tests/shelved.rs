//! A chat whose company is gone from the configuration can be read, and goes on when it is back.

use super::*;

#[test]
fn a_chat_whose_company_is_gone_can_be_read_and_goes_on_when_it_is_back() {
    let mut bench = Bench::open(setup(true));
    for n in 0..60 {
        bench.live(maya(), says(&n.to_string()));
    }
    bench.tell([Event::Link(Link::Restoring)]);
    bench.send("Never left");
    bench.command(Command::Draft { text: "And".into() });
    let gone = Fault::new(FaultCode::CompanyGone);
    let mut bench = bench.shelved(gone.clone());
    let snapshot = bench.snapshot();
    assert_eq!((&snapshot.phase, &snapshot.link), (&PhaseView::Shelved, &LinkView::Idle));
    assert_eq!(snapshot.fault.as_ref(), Some(&gone));
    assert_eq!(bench.session.row().draft, "And");
    bench.outputs.clear();
    bench.send("Hello?");
    assert_eq!(bench.outputs, [Output::Refused(gone.clone())], "nothing can be written");
    bench.command(Command::TryNow);
    bench.command(Command::End);
    bench.command(Command::Older);
    let all: Vec<String> = (0..60).map(|n| n.to_string()).chain(["Never left".into()]).collect();
    assert_eq!(texts(&bench.snapshot()), all, "to its beginning");
    assert_eq!(bench.snapshot().history, HistoryView::Complete);
    bench.command(Command::Seen);
    bench.feed(Input::Wake);
    bench.wait(600_000);
    assert_eq!(bench.snapshot().unread, 0);
    assert!(bench.requests().is_empty(), "nobody is asked for anything");

    let mut bench = bench.restarted();
    assert_eq!(bench.requests(), [Request::Resume { token: token("t1"), cursor: Some(String::new()) }]);
    bench.tell([Event::Joined { token: token("t2"), resumed: true }, Event::Link(Link::Up)]);
    bench.feed(Input::Remembered(Ok(())));
    assert_eq!(bench.requests(), [Request::Send { local: LocalId(0), text: "Never left".into() }]);
    assert_eq!(bench.snapshot().phase, PhaseView::Open);
}

#[test]
fn a_start_whose_company_is_gone_is_not_made_and_is_not_forgotten() {
    let mut bench = Bench::new(setup(true));
    bench.command(Command::Start { form: BTreeMap::from([("firstname".into(), "Ann".into())]) });
    bench.send("Early");
    let first = bench.requests();
    let mut bench = bench.shelved_with(None, Fault::new(FaultCode::CompanyGone));
    bench.wait(1_000);
    assert_eq!(bench.snapshot().phase, PhaseView::Shelved);
    assert_eq!(texts(&bench.snapshot()), ["Early"]);
    bench.command(Command::Cancel { item: "m0".into() });
    assert!(texts(&bench.snapshot()).is_empty(), "what has not left can be taken back");
    let bench = bench.restarted_with(None, 100);
    assert_eq!(bench.requests(), first);
}

#[test]
fn an_end_stays_an_end_whether_its_company_is_there_or_not() {
    let mut bench = Bench::open(setup(true));
    bench.live(maya(), says("Bye"));
    bench.tell([Event::Over(EndReason::EndedByThem)]);
    let bench = bench.shelved_with(None, Fault::new(FaultCode::CompanyGone));
    assert!(matches!(bench.snapshot().phase, PhaseView::Over { .. }));
    assert_eq!(bench.snapshot().fault, None);
    assert_eq!(texts(&bench.snapshot()), ["Bye"]);
}
