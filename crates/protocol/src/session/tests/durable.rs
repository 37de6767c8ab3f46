//! First it is kept, then it has consequences; and what was kept is there after a restart.

use super::*;
use crate::view::DeploymentView;

#[test]
fn nothing_of_a_message_is_seen_before_it_is_kept() {
    let mut bench = Bench::open(setup(true));
    bench.outputs.clear();
    bench.archive.full = true;
    bench.send("Hello");
    let seen: Vec<_> = bench.outputs.drain(..).collect();
    let [Output::Commit(commit), Output::Update(update)] = seen.as_slice() else {
        panic!("nothing but the try to keep it and the news that it failed: {seen:?}")
    };
    assert!(commit.firm, "a power cut must not take a message that is shown as on its way");
    assert_eq!(update.change, Change::Memory(Memory::NotKept { why: FaultCode::DiskFailed }));
    assert_eq!(deliveries(&bench.snapshot()), [DeliveryView::Queued], "a snapshot claims no more");
    bench.archive.full = false;
    bench.wait(1_000);
    assert_eq!(deliveries(&bench.snapshot()), [DeliveryView::Sending]);
    assert_eq!(bench.snapshot().memory, Memory::Kept);
    let updates: Vec<u64> = bench
        .outputs
        .iter()
        .filter_map(|output| match output {
            Output::Update(update) => Some(update.seq),
            _ => None,
        })
        .collect();
    assert!(
        updates.is_sorted_by(|one, next| one + 1 == *next) && updates[0] == update.seq + 1,
        "no number is missing"
    );
}

#[test]
fn an_archive_that_stays_full_is_asked_less_and_less_often() {
    let mut bench = Bench::open(setup(true));
    bench.archive.full = true;
    bench.outputs.clear();
    bench.send("Hello");
    for _ in 0..60 {
        bench.wait(1_000);
    }
    let tries = bench.outputs.iter().filter(|output| matches!(output, Output::Commit(_))).count();
    assert!((6..=12).contains(&tries), "{tries} tries in a minute");
}

#[test]
fn what_changes_nothing_is_neither_kept_nor_told() {
    let mut bench = Bench::open(setup(true));
    bench.outputs.clear();
    bench.feed(Input::Tick);
    bench.feed(Input::Watching(Watching::default()));
    bench.tell([Event::Link(Link::Up)]);
    assert!(bench.outputs.is_empty(), "{:?}", bench.outputs);
}

#[test]
fn a_company_that_was_renamed_is_kept_under_its_new_name_once() {
    let mut bench = Bench::open(setup(true));
    bench.setup.deployment =
        Arc::new(DeploymentView { name: "Tidewater".into(), ..(*deployment(true)).clone() });
    let mut bench = bench.restarted();
    let names = |bench: &Bench| {
        let states = bench.outputs.iter().filter_map(|output| match output {
            Output::Commit(commit) => commit.state.as_ref().map(|state| state.company.clone()),
            _ => None,
        });
        states.collect::<Vec<_>>()
    };
    assert_eq!(names(&bench), ["Tidewater"]);
    bench.feed(Input::Tick);
    assert_eq!(names(&bench), ["Tidewater"], "and not again");
    let bench = bench.restarted();
    assert!(names(&bench).is_empty(), "nor by the next run: {:?}", names(&bench));
}

#[test]
fn unsent_messages_go_out_in_order_after_a_restart() {
    let mut bench = Bench::open(setup(true));
    bench.tell([Event::Link(Link::Down { attempt: 1, retry_at: Moment(9_000), cause: FaultCode::Offline })]);
    for text in ["one", "two", "three"] {
        bench.send(text);
    }
    let mut bench = bench.restarted();
    assert_eq!(texts(&bench.snapshot()), ["one", "two", "three"], "before there is any connection");
    assert_eq!(deliveries(&bench.snapshot()), vec![DeliveryView::Queued; 3]);
    bench.tell([Event::Joined { token: token("t2"), resumed: true }, Event::Link(Link::Up)]);
    bench.feed(Input::Remembered(Ok(())));
    bench.requests();
    for (local, text) in [(0, "one"), (1, "two"), (2, "three")] {
        let local = LocalId(local);
        bench.tell([]);
        let _ = text;
        bench.tell([Event::Sent { local }]);
    }
    assert_eq!(deliveries(&bench.snapshot()), vec![DeliveryView::Sent; 3]);
    bench.send("four");
    assert_eq!(bench.snapshot().items[3].id, "m3", "no name is given twice");
}

#[test]
fn what_was_on_its_way_when_the_program_died_is_looked_up() {
    for arrived in [true, false] {
        let mut bench = Bench::open(setup(true));
        bench.send("Once");
        let mut bench = bench.restarted();
        assert_eq!(deliveries(&bench.snapshot()), [DeliveryView::Sending]);
        bench.requests();
        bench.tell([Event::Joined { token: token("t2"), resumed: true }, Event::Link(Link::Up)]);
        bench.feed(Input::Remembered(Ok(())));
        assert_eq!(bench.requests(), [Request::Reconcile]);
        if arrived {
            bench.batch(Origin::Restored, [(me(), says("Once"))]);
        }
        bench.tell([Event::Reconciled]);
        bench.wait(60_000);
        let again = Request::Send { local: LocalId(0), text: "Once".into() };
        assert_eq!(bench.requests(), if arrived { vec![] } else { vec![again] });
        assert_eq!(texts(&bench.snapshot()), ["Once"]);
    }
}

#[test]
fn what_may_still_be_under_way_is_the_persons_to_decide() {
    let mut bench = Bench::open(setup(true));
    bench.send("Perhaps");
    bench.requests();
    let failure = Failure::Io(IoFault::Timeout);
    bench.tell([Event::NotSent { local: LocalId(0), failure, trace: Trace::Lingering }, Event::Reconciled]);
    let asked = DeliveryView::Stuck { fault: Fault::new(FaultCode::PerhapsSent) };
    assert_eq!(deliveries(&bench.snapshot()), [asked]);
    assert_eq!(bench.requests(), [Request::Reconcile]);
    bench.wait(600_000);
    assert!(bench.requests().is_empty(), "never on a guess");
    let mut bench = bench.restarted();
    bench.tell([Event::Joined { token: token("t2"), resumed: true }, Event::Link(Link::Up)]);
    bench.live(me(), says("Perhaps"));
    assert_eq!(deliveries(&bench.snapshot()), [DeliveryView::Sent], "it came after all");
    assert!(!bench.session.has_unsent());
}

#[test]
fn a_start_whose_answer_was_never_kept_begins_anew_with_the_same_form() {
    let mut bench = Bench::new(setup(true));
    bench.command(Command::Start { form: BTreeMap::from([("firstname".into(), "Ann".into())]) });
    bench.send("Early");
    let first = bench.requests();
    bench.tell([Event::Joined { token: token("t1"), resumed: false }, Event::Link(Link::Up)]);
    let mut bench = bench.restarted_with(None, 100);
    assert_eq!(bench.requests(), first, "the same start once more");
    bench.tell([Event::Joined { token: token("t2"), resumed: false }, Event::Link(Link::Up)]);
    bench.feed(Input::Remembered(Ok(())));
    assert_eq!(bench.requests(), [Request::Send { local: LocalId(0), text: "Early".into() }]);
}

#[test]
fn a_chat_whose_token_is_gone_is_over_and_keeps_its_words() {
    let mut bench = Bench::open(setup(true));
    bench.live(maya(), says("Good day"));
    bench.tell([Event::Link(Link::Restoring)]);
    bench.send("Never left");
    let bench = bench.restarted_with(None, 100);
    let PhaseView::Over { reason, unsent, .. } = bench.snapshot().phase else { panic!("it is over") };
    assert_eq!((reason, unsent), (EndReason::Lost, 1));
    assert_eq!(texts(&bench.snapshot()), ["Good day", "Never left"]);
    let again = bench.restarted();
    assert!(again.requests().is_empty(), "an end stays an end, whatever the password store still holds");
    assert!(matches!(again.snapshot().phase, PhaseView::Over { reason: EndReason::Lost, .. }));
}

#[test]
fn the_banner_and_the_draft_are_there_after_a_restart() {
    let mut bench = Bench::open(setup(true));
    bench.batch(Origin::Live, [(maya(), says("Bye")), (system(), state(InteractionState::Finalizing))]);
    bench.command(Command::Draft { text: "One more th".into() });
    let mut bench = bench.restarted();
    assert!(matches!(bench.snapshot().phase, PhaseView::Closing { .. }));
    assert_eq!(bench.snapshot().draft, "One more th");
    let closed = Entry {
        key: EntryKey { major: 2, minor: 0 },
        at: 2,
        from: system(),
        kind: state(InteractionState::Finalizing),
    };
    bench.send("Another question");
    bench.tell([Event::Joined { token: token("t2"), resumed: true }]);
    bench.tell([Event::Batch(Batch { origin: Origin::Restored, entries: vec![closed] })]);
    assert_eq!(
        bench.snapshot().phase,
        PhaseView::Open,
        "what was read before the restart had its effect then"
    );
    assert_eq!(bench.snapshot().draft, "", "sending empties it");
}

#[test]
fn older_rows_come_from_the_archive_and_then_from_the_service() {
    let mut bench = Bench::open(setup(true));
    for n in 0..120 {
        bench.live(maya(), says(&n.to_string()));
    }
    let mut bench = bench.restarted_with(Some(token("t1")), 20);
    assert_eq!(bench.snapshot().history, HistoryView::More);
    assert_eq!(texts(&bench.snapshot()).first().map(String::as_str), Some("100"));
    // The service tells an old entry again: it belongs among rows that are not here.
    bench.tell([Event::Batch(Batch {
        origin: Origin::Missed,
        entries: vec![Entry { key: EntryKey { major: 3, minor: 0 }, at: 3, from: maya(), kind: says("2") }],
    })]);
    assert_eq!(bench.snapshot().unread, 120, "and is no news");
    bench.command(Command::Older);
    bench.command(Command::Older);
    let all: Vec<String> = (0..120).map(|n| n.to_string()).collect();
    assert_eq!(texts(&bench.snapshot()), all);
    assert_eq!(bench.snapshot().history, HistoryView::Complete, "the chat began in this profile");
    let mut revealed = bench.restarted_with(Some(token("t1")), 20);
    revealed.command(Command::Reveal { item: "e81-0".into() });
    assert!(texts(&revealed.snapshot()).contains(&"80".to_owned()));
    revealed.outputs.clear();
    revealed.command(Command::Reveal { item: "e999-0".into() });
    assert!(revealed.outputs.contains(&Output::Refused(Fault::new(FaultCode::TooLate))));
}

#[test]
fn a_conversation_that_was_only_looked_at_leaves_nothing_behind() {
    let mut bench = Bench::new(setup(true));
    bench.feed(Input::Watching(Watching { shown: true, focused: true }));
    assert!(bench.archive.stored(10).is_none());
    bench.command(Command::Draft { text: "Hel".into() });
    assert_eq!(bench.restarted_with(None, 10).snapshot().draft, "Hel");
}

#[test]
fn a_shared_computer_keeps_no_token() {
    let mut bench = Bench::open(Setup { keeps: false, ..setup(true) });
    assert_eq!(bench.snapshot().memory, Memory::Shared);
    assert!(!bench.outputs.iter().any(|output| matches!(output, Output::Remember(_))));
    bench.send("Hello");
    assert_eq!(bench.requests().len(), 2, "the start and the message");
}

#[test]
fn a_token_that_the_end_of_a_chat_left_behind_is_forgotten() {
    let mut bench = Bench::open(setup(true));
    bench.send("Hello");
    bench.tell([Event::Over(EndReason::EndedByThem)]);
    // The program died when the end was kept, and before the password store was told.
    let bench = bench.restarted();
    assert!(bench.outputs.contains(&Output::Forget));
    assert!(bench.requests().is_empty(), "and nothing to ask of the service");
}

#[test]
fn the_list_tells_what_was_not_sent_from_what_nobody_knows_of() {
    let mut bench = Bench::open(setup(true));
    bench.send("Perhaps");
    let failure = Failure::Io(IoFault::Timeout);
    bench.tell([Event::NotSent { local: LocalId(0), failure, trace: Trace::Lingering }, Event::Reconciled]);
    assert_eq!(bench.session.row().snippet, Snippet::PerhapsSent);
    bench.send("Surely not");
    bench.tell([Event::NotSent { local: LocalId(1), failure: Failure::FileSize, trace: Trace::None }]);
    assert_eq!(bench.session.row().snippet, Snippet::NotSent, "what is certain is said first");
}

#[test]
fn a_request_that_waits_for_the_disk_and_is_given_up_never_leaves() {
    let mut bench = Bench::open(setup(true));
    bench.archive.full = true;
    bench.send("Hello");
    bench.act([Action::Call(bench.call(7))]);
    bench.outputs.clear();
    // The computer slept, and the transport has no patience with a message that was on its way.
    let failure = Failure::Io(IoFault::Timeout);
    let trace = Trace::Lingering;
    bench.act([
        Action::Cancel(CallId(7)),
        Action::Event(Event::NotSent { local: LocalId(0), failure, trace }),
        Action::Call(bench.call(8)),
    ]);
    bench.requests();
    bench.archive.full = false;
    bench.wait(1_000);
    let left: Vec<&Output> =
        bench.outputs.iter().filter(|output| matches!(output, Output::Call(_) | Output::Cancel(_))).collect();
    assert!(matches!(left.as_slice(), [Output::Call(call)] if call.id == CallId(8)), "{left:?}");
    assert_eq!(
        bench.requests(),
        [Request::Send { local: LocalId(0), text: "Hello".into() }],
        "it has not left, so nobody is asked whether it goes out again"
    );
}

#[test]
fn what_was_to_be_said_on_a_socket_that_broke_meanwhile_is_in_no_doubt() {
    for lives in [true, false] {
        let mut bench = Bench::open(setup(true));
        bench.archive.full = true;
        bench.send("Once");
        bench.requests();
        bench.outputs.clear();
        bench.act([Action::Say(SocketId(1), Frame("Once".into()))]);
        let not_sent = Event::NotSent {
            local: LocalId(0),
            failure: Failure::Io(IoFault::Broken),
            trace: Trace::Transcript,
        };
        bench.script.0.lock().unwrap().actions.push_back(Action::Event(not_sent));
        let socket = SocketId(if lives { 2 } else { 1 });
        bench.feed(Input::Socket { socket, event: SocketEvent::Closed(None) });
        bench.archive.full = false;
        bench.wait(60_000);
        let said = bench.outputs.iter().any(|output| matches!(output, Output::Say(..)));
        assert_eq!(said, lives, "on a socket that lives it leaves as soon as it is kept");
        let again = Request::Send { local: LocalId(0), text: "Once".into() };
        assert_eq!(bench.requests(), [if lives { Request::Reconcile } else { again }]);
    }
}

#[test]
fn a_socket_that_is_given_up_takes_along_what_was_to_be_said_on_it() {
    let ends = [
        (Action::Shut(SocketId(1)), Output::Shut(SocketId(1))),
        (Action::Cut(SocketId(1)), Output::Cut(SocketId(1))),
    ];
    for (end, expected) in ends {
        let mut bench = Bench::open(setup(true));
        bench.archive.full = true;
        bench.send("Once");
        bench.act([Action::Say(SocketId(1), Frame("Once".into()))]);
        bench.requests();
        bench.outputs.clear();
        let failure = Failure::Io(IoFault::Timeout);
        let trace = Trace::Lingering;
        bench.act([end, Action::Event(Event::NotSent { local: LocalId(0), failure, trace })]);
        bench.archive.full = false;
        bench.wait(60_000);
        assert!(!bench.outputs.iter().any(|output| matches!(output, Output::Say(..))));
        assert!(bench.outputs.contains(&expected));
        assert_eq!(bench.requests(), [Request::Send { local: LocalId(0), text: "Once".into() }]);
    }
}

#[test]
fn a_request_that_has_left_is_cancelled_and_its_message_in_doubt() {
    let mut bench = Bench::open(setup(true));
    bench.send("Hello");
    bench.act([Action::Call(bench.call(7))]);
    bench.outputs.clear();
    let failure = Failure::Io(IoFault::Timeout);
    let trace = Trace::Lingering;
    bench.act([
        Action::Cancel(CallId(7)),
        Action::Event(Event::NotSent { local: LocalId(0), failure, trace }),
    ]);
    assert!(bench.outputs.contains(&Output::Cancel(CallId(7))));
    assert_eq!(deliveries(&bench.snapshot()), [DeliveryView::Sending]);
    assert_eq!(bench.requests().last(), Some(&Request::Reconcile));
}
