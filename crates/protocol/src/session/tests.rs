//! A conversation against a transport that says what a test tells it to say, on a clock that a test turns.

use std::collections::BTreeMap;
use std::sync::Arc;

use self::archive::Archive;
use self::bench::*;
use super::*;
use crate::event::InteractionState;
use crate::transport::{Capabilities, FileKinds, FileRules};
use crate::view::{FormField, FormFieldKind, LinkView, PhaseView};

mod answers;
mod archive;
mod bench;
mod durable;
mod expiry;
mod questions;
mod salvage;
mod sending;
mod shelved;
mod sign_in;
mod signals;
mod walk;

#[test]
fn the_token_is_kept_before_the_first_message_leaves() {
    let mut bench = Bench::new(setup(true));
    bench.command(Command::Start { form: BTreeMap::new() });
    bench.send("Hello");
    bench.tell([Event::Joined { token: token("t1"), resumed: false }, Event::Link(Link::Up)]);
    assert!(bench.outputs.contains(&Output::Remember(token("t1"))));
    assert!(
        !bench.requests().iter().any(|request| matches!(request, Request::Send { .. })),
        "not before it is kept"
    );
    assert_eq!(bench.snapshot().memory, Memory::Asking);
    bench.feed(Input::Remembered(Ok(())));
    assert_eq!(bench.requests(), [Request::Send { local: LocalId(0), text: "Hello".into() }]);
    assert_eq!(bench.snapshot().memory, Memory::Kept);
}

#[test]
fn a_password_store_that_does_not_answer_holds_up_for_a_while_only() {
    let mut bench = Bench::new(setup(true));
    bench.command(Command::Start { form: BTreeMap::new() });
    bench.send("Hello");
    bench.tell([Event::Joined { token: token("t1"), resumed: false }, Event::Link(Link::Up)]);
    bench.wait(8_000);
    assert!(bench.requests().iter().any(|request| matches!(request, Request::Send { .. })));
    bench.feed(Input::Remembered(Err(FaultCode::KeyringLocked)));
    assert_eq!(
        bench.snapshot().memory,
        Memory::NotKept { why: FaultCode::KeyringLocked },
        "and the person is told"
    );
    assert_eq!(bench.snapshot().phase, PhaseView::Open, "the chat works all the same");
}

#[test]
fn a_form_without_its_required_field_is_refused_by_name() {
    let mut with_form = setup(true);
    Arc::make_mut(&mut with_form.deployment).form = vec![FormField {
        name: "firstname".into(),
        label: None,
        kind: FormFieldKind::Text,
        required: true,
        value: None,
    }];
    let mut bench = Bench::new(with_form);
    bench.command(Command::Start { form: BTreeMap::from([("firstname".into(), "  ".into())]) });
    let refusal = Output::Refused(Fault::with_detail(FaultCode::FieldMissing, "firstname"));
    assert_eq!(bench.outputs, [refusal]);
    assert_eq!(bench.snapshot().phase, PhaseView::Fresh);
}

#[test]
fn a_failed_start_goes_back_to_the_form_and_says_why() {
    let mut bench = Bench::new(setup(true));
    bench.command(Command::Start { form: BTreeMap::new() });
    bench.tell([Event::NotJoined(Failure::WrongKey)]);
    let snapshot = bench.snapshot();
    assert_eq!(snapshot.phase, PhaseView::Fresh);
    assert_eq!(snapshot.fault.map(|fault| fault.code), Some(FaultCode::WrongKey));
}

#[test]
fn an_own_message_is_one_row_from_echo_to_copy() {
    let mut bench = Bench::open(setup(true));
    bench.send("Hello  there");
    let me = Person { id: "p1".into(), name: Some("Ann".into()), role: Role::Me };
    // The copy overtakes the answer to the request.
    bench.live(me, says("Hello there"));
    bench.tell([Event::Sent { local: LocalId(0) }]);
    let snapshot = bench.snapshot();
    assert_eq!(texts(&snapshot), ["Hello  there"]);
    assert_eq!(snapshot.items[0].id, "m0");
    assert!(matches!(snapshot.items[0].content, Content::Message { delivery: Some(DeliveryView::Sent), .. }));
    assert!(!bench.session.has_unsent());
}

#[test]
fn what_may_have_arrived_is_looked_up_and_not_sent_twice() {
    let mut bench = Bench::open(setup(true));
    bench.send("Once");
    bench.requests();
    let failure = Failure::Io(IoFault::Broken);
    bench.tell([Event::NotSent { local: LocalId(0), failure, trace: Trace::Transcript }]);
    assert_eq!(bench.requests(), [Request::Reconcile]);
    let me = Person { id: "p1".into(), name: None, role: Role::Me };
    bench.live(me, says("Once"));
    bench.tell([Event::Reconciled]);
    bench.wait(600_000);
    assert!(bench.requests().is_empty(), "it had arrived");
    assert_eq!(texts(&bench.snapshot()), ["Once"]);
}

#[test]
fn the_same_entry_twice_is_one_row() {
    let mut bench = Bench::open(setup(true));
    let entry = bench.entry(maya(), says("Hi"));
    for origin in [Origin::Live, Origin::Live, Origin::Restored, Origin::Older] {
        bench.tell([Event::Batch(Batch { origin, entries: vec![entry.clone()] })]);
    }
    assert_eq!(texts(&bench.snapshot()), ["Hi"]);
    assert_eq!(bench.snapshot().unread, 1);
}

#[test]
fn a_closed_case_shows_a_banner_until_the_person_writes() {
    let mut bench = Bench::open(setup(true));
    bench.live(maya(), says("Bye"));
    bench.live(system(), state(InteractionState::Finalizing));
    let closing = PhaseView::Closing { by: Some("Maya".into()), text: None };
    assert_eq!(bench.snapshot().phase, closing);
    bench.live(system(), state(InteractionState::Completed));
    assert_eq!(texts(&bench.snapshot()), ["Bye", "(case closed)"], "once per interaction");
    bench.send("One more question about the bill");
    assert_eq!(bench.snapshot().phase, PhaseView::Open);
    bench.live(maya(), says("Yes?"));
    bench.live(system(), state(InteractionState::Finalizing));
    assert_eq!(bench.snapshot().phase, closing, "the next interaction closes again");
}

#[test]
fn a_courtesy_after_the_banner_is_held_behind_one_question() {
    let mut bench = Bench::open(setup(true));
    bench.live(system(), state(InteractionState::Completed));
    bench.requests();
    bench.send("Thanks!");
    assert_eq!(bench.snapshot().guard.map(|guard| guard.text), Some("Thanks!".into()));
    assert!(bench.requests().is_empty());
    bench.command(Command::DontSend);
    assert_eq!(bench.snapshot().guard, None);
    assert!(matches!(bench.snapshot().phase, PhaseView::Closing { .. }), "nothing was started");
    bench.send("Thanks!");
    bench.command(Command::SendAnyway);
    assert_eq!(bench.requests(), [Request::Send { local: LocalId(0), text: "Thanks!".into() }]);
    assert_eq!(bench.snapshot().phase, PhaseView::Open);
    bench.send("ok");
    assert_eq!(bench.snapshot().guard, None, "only the first message after a banner is questioned");
}

#[test]
fn a_deployment_can_switch_the_question_off() {
    let mut bench = Bench::open(Setup { guard: false, ..setup(true) });
    bench.live(system(), state(InteractionState::Completed));
    bench.send("Thanks!");
    assert_eq!(bench.snapshot().guard, None);
    assert_eq!(bench.snapshot().phase, PhaseView::Open);
}

#[test]
fn a_synchronous_chat_is_ended_and_the_participant_removed() {
    let mut bench = Bench::open(Setup { closes_window: true, ..setup(false) });
    bench.live(maya(), says("Bye"));
    bench.requests();
    bench.live(system(), state(InteractionState::Completed));
    assert_eq!(bench.requests(), [Request::Leave]);
    let PhaseView::Over { reason, by, closes_window, .. } = bench.snapshot().phase else {
        panic!("it is over")
    };
    assert_eq!((reason, by.as_deref(), closes_window), (EndReason::EndedByThem, Some("Maya"), true));
    assert!(bench.outputs.contains(&Output::Forget));
    assert!(bench.outputs.contains(&Output::CloseWindow));
    assert_eq!(texts(&bench.snapshot()), ["Bye", "(case closed)"], "the transcript stays readable");
    bench.send("Hello?");
    assert!(bench.outputs.contains(&Output::Refused(Fault::new(FaultCode::ChatOver))));
}

#[test]
fn a_closing_inside_history_counts_when_a_chat_is_picked_up() {
    for (asynchronous, written_after) in [(true, false), (true, true), (false, false)] {
        let mut bench = Bench::new(Setup { token: Some(token("t1")), ..setup(asynchronous) });
        bench.feed(Input::Tick);
        assert_eq!(bench.requests(), [resume("t1")]);
        bench.tell([Event::Joined { token: token("t2"), resumed: true }]);
        let mut entries = vec![
            (maya(), says("Bye")),
            (system(), state(InteractionState::Finalizing)),
            (system(), state(InteractionState::Completed)),
        ];
        if written_after {
            entries.push((Person { role: Role::Me, ..maya() }, says("Still there?")));
        }
        bench.batch(Origin::Restored, entries);
        let phase = bench.snapshot().phase;
        match (asynchronous, written_after) {
            (true, false) => assert!(matches!(phase, PhaseView::Closing { .. }), "{phase:?}"),
            (true, true) => assert_eq!(phase, PhaseView::Open, "somebody wrote after it"),
            (false, _) => assert!(matches!(phase, PhaseView::Over { reason: EndReason::EndedByThem, .. })),
        }
        let news = bench.notices();
        assert!(
            news.iter().all(|news| *news == News::ChatEnded),
            "replayed history never notifies: {news:?}"
        );
    }
}

#[test]
fn an_older_page_never_changes_where_the_conversation_stands() {
    let mut bench = Bench::open(setup(true));
    bench.batch(Origin::Older, [(maya(), says("Old")), (system(), state(InteractionState::Completed))]);
    assert_eq!(bench.snapshot().phase, PhaseView::Open);
    assert_eq!(texts(&bench.snapshot()), ["Old", "(case closed)"]);
    assert!(bench.snapshot().people.is_empty());
}

#[test]
fn a_reply_notifies_once_while_nobody_looks() {
    let mut bench = Bench::open(setup(true));
    bench.live(maya(), says("One"));
    bench.live(maya(), says("Two"));
    bench.wait(700);
    assert_eq!(bench.notices(), [News::Messages { who: Some("Maya".into()), count: 2 }]);
    bench.feed(Input::Watching(Watching { shown: true, focused: true }));
    bench.live(maya(), says("Three"));
    bench.wait(60_000);
    assert!(bench.notices().is_empty(), "seen as it came");
}

#[test]
fn what_cannot_be_shown_is_one_row_that_counts_and_notifies_once() {
    let mut bench = Bench::open(setup(true));
    let odd = bench.entry(maya(), EntryKind::Unsupported);
    let again = Event::Batch(Batch { origin: Origin::Live, entries: vec![odd] });
    bench.tell([again.clone(), again]);
    bench.live(maya(), says("Did you see it?"));
    bench.wait(700);
    assert_eq!(bench.notices(), [News::Messages { who: Some("Maya".into()), count: 2 }]);
    let snapshot = bench.snapshot();
    assert_eq!(snapshot.unread, 2);
    assert_eq!(snapshot.items.len(), 2);
    assert_eq!(snapshot.items[0].content, Content::Unsupported { from: maya() });
    bench.live(maya(), EntryKind::Unsupported);
    assert_eq!(bench.session.row().snippet, view::Snippet::Unsupported { from: maya() });
    let unseen = bench.restarted().snapshot();
    assert_eq!((unseen.items.len(), unseen.unread), (3, 3), "it is kept");
}

#[test]
fn what_programs_tell_each_other_is_no_row() {
    let mut bench = Bench::open(setup(true));
    for role in [Role::Automation, Role::System, Role::Other, Role::Me] {
        bench.live(Person { id: "x".into(), name: None, role }, EntryKind::Unsupported);
    }
    bench.wait(700);
    assert_eq!((bench.snapshot().items.len(), bench.snapshot().unread), (0, 0));
    assert!(bench.notices().is_empty());
}

#[test]
fn the_end_is_told_and_nothing_can_be_written_after_it() {
    let mut bench = Bench::open(setup(true));
    bench.tell([Event::Over(EndReason::Lost), Event::Over(EndReason::EndedByThem)]);
    let PhaseView::Over { reason, .. } = bench.snapshot().phase else { panic!("it is over") };
    assert_eq!(reason, EndReason::Lost, "the first end counts");
    assert_eq!(bench.notices(), [News::ChatEnded]);
}

#[test]
fn typing_is_told_on_the_first_key_and_two_seconds_after_the_last() {
    let mut bench = Bench::open(setup(true));
    bench.requests();
    for text in ["H", "He", "Hel"] {
        bench.command(Command::Typing { text: text.into() });
        bench.wait(1_500);
    }
    assert_eq!(bench.requests(), [Request::Typing { on: true, preview: None }], "and the words stay here");
    bench.wait(500);
    assert_eq!(bench.requests(), [Request::Typing { on: false, preview: None }]);
    bench.command(Command::Typing { text: "x".into() });
    bench.send("x");
    bench.wait(10_000);
    let requests = bench.requests();
    assert!(
        !requests.contains(&Request::Typing { on: false, preview: None }),
        "sending says it: {requests:?}"
    );
}

#[test]
fn typing_of_the_other_side_is_forgotten_after_a_while() {
    let mut bench = Bench::open(setup(true));
    bench.live(maya(), EntryKind::typing(true));
    assert_eq!(bench.snapshot().typing, [maya()]);
    bench.wait(3_000);
    assert!(bench.snapshot().typing.is_empty());
    bench.live(maya(), EntryKind::typing(true));
    bench.live(maya(), says("Hi"));
    assert!(bench.snapshot().typing.is_empty(), "words end the typing");
    bench.live(maya(), EntryKind::Typing(Some(Duration::from_secs(5))));
    bench.wait(4_000);
    assert_eq!(bench.snapshot().typing, [maya()], "the service said how long");
    bench.wait(1_000);
    assert!(bench.snapshot().typing.is_empty());
}

#[test]
fn a_transfer_does_not_end_the_chat() {
    let mut bench = Bench::open(setup(false));
    bench.live(maya(), EntryKind::Joined);
    bench.live(maya(), EntryKind::Left);
    assert_eq!(bench.snapshot().phase, PhaseView::Open);
    assert!(bench.snapshot().people.is_empty());
}

#[test]
fn whoever_is_called_otherwise_is_shown_so_without_a_row() {
    let mut bench = Bench::open(setup(true));
    bench.live(maya(), EntryKind::Joined);
    let rows = bench.snapshot().items.len();
    let renamed = Person { name: Some("Maya R.".into()), ..maya() };
    bench.live(renamed.clone(), EntryKind::Other);
    let snapshot = bench.snapshot();
    assert_eq!((snapshot.people, snapshot.items.len()), (vec![renamed], rows));
}

#[test]
fn updates_lead_from_one_snapshot_to_the_next_without_gaps() {
    let mut bench = Bench::open(setup(true));
    bench.send("Hello");
    bench.live(maya(), EntryKind::Joined);
    bench.live(maya(), says("Hi"));
    bench.live(system(), state(InteractionState::Finalizing));
    let seqs: Vec<u64> = bench
        .outputs
        .iter()
        .filter_map(|output| match output {
            Output::Update(update) => Some(update.seq),
            _ => None,
        })
        .collect();
    assert!(seqs.len() > 5);
    assert!(seqs.iter().copied().eq(1..=seqs.len() as u64), "{seqs:?}");
    assert_eq!(bench.snapshot().seq, seqs.len() as u64);
}

#[test]
fn a_lost_token_ends_a_chat_that_is_picked_up() {
    for failure in [Failure::SignInAgain, Failure::Gone] {
        let mut bench = Bench::new(Setup { token: Some(token("t1")), ..setup(true) });
        bench.feed(Input::Tick);
        bench.tell([Event::NotJoined(failure)]);
        assert!(matches!(bench.snapshot().phase, PhaseView::Over { reason: EndReason::Lost, .. }));
        assert!(bench.outputs.contains(&Output::Forget));
    }
}

#[test]
fn a_key_that_is_refused_never_costs_the_chat() {
    let mut bench = Bench::new(Setup { token: Some(token("t1")), ..setup(true) });
    bench.feed(Input::Tick);
    bench.tell([Event::NotJoined(Failure::WrongKey)]);
    assert_eq!(bench.snapshot().phase, PhaseView::Joining);
    assert!(!bench.outputs.contains(&Output::Forget));
    bench.requests();
    bench.command(Command::TryNow);
    assert_eq!(bench.requests(), [resume("t1")]);
}

#[test]
fn a_fault_goes_when_the_service_takes_what_is_said() {
    let mut bench = Bench::open(setup(true));
    bench.tell([Event::Trouble(Fault::new(FaultCode::Declined))]);
    assert!(bench.snapshot().fault.is_some());
    bench.send("Hello");
    bench.tell([Event::Sent { local: LocalId(0) }]);
    assert_eq!(bench.snapshot().fault, None);
}

#[test]
fn a_picture_shows_its_own_bytes_until_the_service_has_a_copy() {
    let mut bench = Bench::open(setup(true));
    let picture = Attachment { name: "meter.png".into(), mime: "image/png".into(), bytes: vec![1, 2, 3] };
    bench.feed(Input::Attach(picture));
    bench.feed(Input::Media { item: "m0".into(), url: None });
    let bytes = Media { mime: "image/png".into(), bytes: vec![1, 2, 3] };
    assert!(bench.outputs.contains(&Output::Media { item: "m0".into(), content: Ok(bytes) }));
    let me = Person { role: Role::Me, ..maya() };
    bench.live(me, EntryKind::Picture { name: "meter.png".into(), size: Some(3), url: "/media/1".into() });
    bench.requests();
    bench.feed(Input::Media { item: "m0".into(), url: None });
    assert_eq!(bench.requests(), [Request::Media { url: "/media/1".into() }]);
    bench.feed(Input::Attach(Attachment {
        name: "a.zip".into(),
        mime: "application/zip".into(),
        bytes: vec![1],
    }));
    let refusal = Output::Refused(Fault::with_detail(FaultCode::FileType, "zip"));
    assert!(bench.outputs.contains(&refusal));
}

#[test]
fn unread_counts_what_came_since_it_was_last_seen_even_over_a_restart() {
    let mut bench = Bench::open(setup(true));
    bench.live(maya(), says("Seen"));
    bench.command(Command::Seen);
    let mut bench = bench.restarted();
    bench.tell([Event::Joined { token: token("t1"), resumed: true }]);
    bench.batch(Origin::Restored, [(maya(), says("New"))]);
    assert_eq!(bench.snapshot().unread, 1);
    let mut bench = bench.restarted();
    assert_eq!(bench.snapshot().unread, 1);
    bench.command(Command::Seen);
    assert_eq!(bench.snapshot().unread, 0);
}

#[test]
fn the_transport_knows_whether_somebody_looks_or_has_words_that_wait() {
    use Urgency::{Background, Watched};
    let mut bench = Bench::open(setup(true));
    let told = |bench: &Bench| std::mem::take(&mut bench.script.0.lock().unwrap().urgency);
    assert_eq!(told(&bench), []);
    bench.feed(Input::Watching(Watching { shown: true, focused: true }));
    bench.feed(Input::Watching(Watching { shown: true, focused: false }));
    assert_eq!(told(&bench), [Watched, Background]);
    bench.send("Hello");
    bench.wait(10);
    assert_eq!(told(&bench), [Watched], "nothing new, nothing told");
    bench.send("Are you there?");
    assert_eq!(told(&bench), [Watched], "another message is another reason to try");
    bench.tell([Event::Sent { local: LocalId(0) }]);
    bench.tell([Event::Sent { local: LocalId(1) }]);
    bench.wait(10);
    assert_eq!(told(&bench), [Background]);
}
