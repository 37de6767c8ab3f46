//! Files on their way, hidden words, and how long words may be.

use super::*;

fn pdf() -> Attachment {
    Attachment { name: "bill.pdf".into(), mime: "application/pdf".into(), bytes: vec![7; 100] }
}

fn takes_anything() -> Capabilities {
    let kinds = FileKinds::AllBut { endings: Vec::new() };
    Capabilities {
        files: Some(FileRules { kinds, largest: Some(1_000), needs_agent: false }),
        longest_text: Some(5),
        ..Capabilities::default()
    }
}

/// A chat in which a file is on its way.
fn uploading() -> Bench {
    let mut bench = Bench::open(setup(true));
    bench.able(takes_anything());
    bench.feed(Input::Attach(pdf()));
    bench.tell([Event::Progress { local: LocalId(0), sent: 50, total: 100 }]);
    bench
}

fn delivery(bench: &Bench) -> Option<DeliveryView> {
    bench.snapshot().items.first().and_then(|item| item.content.delivery().cloned())
}

fn cancel() -> Command {
    Command::Cancel { item: "m0".into() }
}

#[test]
fn what_can_be_done_follows_what_the_service_says_while_it_runs() {
    let mut bench = Bench::open(setup(true));
    let before = bench.snapshot().abilities;
    assert!(before.end && before.history && before.longest_text.is_none());
    bench.outputs.clear();
    bench.able(takes_anything());
    let after = bench.snapshot().abilities;
    assert_eq!((after.end, after.longest_text), (false, Some(5)));
    let told = bench.outputs.iter().any(|output| {
        matches!(output, Output::Update(Update { change: Change::Abilities(told), .. }) if *told == after)
    });
    assert!(told);
    assert_eq!(bench.refusal(Command::End), Some(FaultCode::Unsupported));
    assert_eq!(bench.refusal(Command::Send { text: "123456".into() }), Some(FaultCode::MessageTooLong));
    assert_eq!(
        bench.refusal(Command::Send { text: "äöü👍x".into() }),
        None,
        "characters are counted, not bytes"
    );
}

#[test]
fn a_file_shows_how_much_of_it_has_left_and_becomes_the_services_copy() {
    let mut bench = uploading();
    assert_eq!(delivery(&bench), Some(DeliveryView::Uploading { sent: 50, total: 100 }));
    bench.tell([Event::Sent { local: LocalId(0) }]);
    assert_eq!(delivery(&bench), Some(DeliveryView::Sent));
    let url = "/f/1".to_owned();
    let kind = EntryKind::File { name: "renamed.pdf".into(), size: None, mime: None, url: url.clone() };
    bench.live(Person { role: Role::Me, ..maya() }, kind);
    let snapshot = bench.snapshot();
    let [item] = snapshot.items.as_slice() else { panic!("one row") };
    assert!(matches!(&item.content, Content::File { name, size: Some(100), .. } if name == "bill.pdf"));
    bench.requests();
    bench.feed(Input::Media { item: "m0".into(), url: None });
    assert_eq!(bench.requests(), [Request::Media { url }]);
}

#[test]
fn an_upload_is_given_up_only_if_the_service_has_not_got_it() {
    let mut bench = uploading();
    bench.requests();
    bench.command(cancel());
    assert_eq!(bench.requests(), [Request::Withdraw { local: LocalId(0) }]);
    assert_eq!(bench.snapshot().items.len(), 1, "nobody knows yet");
    let (local, failure) = (LocalId(0), Failure::Io(IoFault::Broken));
    bench.tell([Event::NotSent { local, failure: failure.clone(), trace: Trace::None }]);
    assert_eq!(bench.snapshot().items.len(), 0);
    assert!(bench.restarted().snapshot().items.is_empty(), "it does not come back");

    let mut bench = uploading();
    bench.command(cancel());
    bench.tell([Event::Sent { local: LocalId(0) }]);
    assert_eq!(delivery(&bench), Some(DeliveryView::Sent), "too late");

    let mut bench = uploading();
    bench.command(cancel());
    bench.tell([Event::NotSent { local, failure, trace: Trace::Transcript }, Event::Reconciled]);
    assert_eq!(bench.snapshot().items.len(), 0, "the transcript does not have it, and it is not sent again");
}

#[test]
fn files_that_wait_have_a_limit_in_all_and_room_comes_back() {
    let mut bench = Bench::open(setup(true));
    let kinds = FileKinds::AllBut { endings: Vec::new() };
    let files = Some(FileRules { kinds, largest: None, needs_agent: false });
    let able = || Capabilities { files: files.clone(), ..takes_anything() };
    bench.able(able());
    let large = || Attachment { bytes: vec![7; usize::try_from(LARGEST_FILE).unwrap()], ..pdf() };
    let refused = |bench: &mut Bench, file: Attachment| {
        bench.outputs.clear();
        bench.feed(Input::Attach(file));
        bench.outputs.iter().find_map(|output| match output {
            Output::Refused(fault) => Some(fault.code),
            _ => None,
        })
    };
    for _ in 0..MOST_WAITING / LARGEST_FILE {
        assert_eq!(refused(&mut bench, large()), None);
    }
    assert_eq!(refused(&mut bench, pdf()), Some(FaultCode::FilesWaiting));
    assert_eq!(bench.snapshot().items.len(), 5, "what is refused has no row");
    let mut bench = bench.restarted();
    bench.tell([Event::Joined { token: token("t1"), resumed: true }]);
    bench.able(able());
    assert_eq!(refused(&mut bench, pdf()), Some(FaultCode::FilesWaiting), "what was kept counts as well");
    bench.command(Command::Cancel { item: "m4".into() });
    assert_eq!(refused(&mut bench, large()), None);
    bench.tell([Event::Sent { local: LocalId(0) }]);
    assert_eq!(refused(&mut bench, large()), None, "what the service has does not wait");
}

#[test]
fn words_on_their_way_cannot_be_given_up() {
    let mut bench = Bench::open(setup(true));
    bench.send("Hello");
    assert_eq!(bench.refusal(cancel()), Some(FaultCode::TooLate));
}

#[test]
fn a_file_that_is_withdrawn_is_no_longer_to_be_had() {
    let mut bench = Bench::open(setup(true));
    let url = "/f/1".to_owned();
    bench.live(maya(), EntryKind::File { name: "a.pdf".into(), size: Some(3), mime: None, url: url.clone() });
    bench.live(maya(), EntryKind::Withdrawn { url });
    let mut bench = bench.restarted();
    assert!(matches!(bench.snapshot().items[0].content, Content::File { withdrawn: true, .. }));
    bench.feed(Input::Media { item: "e1-0".into(), url: None });
    let gone = Err(Fault::new(FaultCode::TooLate));
    assert!(bench.outputs.contains(&Output::Media { item: "e1-0".into(), content: gone }));
}

#[test]
fn hidden_words_are_sent_and_never_shown_not_even_after_a_restart() {
    let mut bench = Bench::open(Setup { hidden: vec!["^#".into()], ..setup(true) });
    bench.requests();
    bench.command(Command::SendHidden { text: "code 7".into(), pattern: None });
    assert_eq!(bench.requests(), [Request::Send { local: LocalId(0), text: "code 7".into() }]);
    bench.tell([Event::Sent { local: LocalId(0) }]);
    let me = || Person { role: Role::Me, ..maya() };
    bench.live(me(), says("code 7"));
    bench.live(maya(), says("#internal"));
    bench.live(maya(), says("join {start:123456789}"));
    assert!(bench.snapshot().items.is_empty() && bench.snapshot().unread == 0 && bench.notices().is_empty());
    let mut bench = bench.restarted();
    bench.tell([Event::Joined { token: token("t1"), resumed: true }]);
    bench.batch(Origin::Restored, [(me(), says("code 7")), (maya(), says("Hello"))]);
    assert_eq!(texts(&bench.snapshot()), ["Hello"]);
}

#[test]
fn hidden_words_that_cannot_be_sent_are_told_and_given_up() {
    let mut bench = Bench::open(setup(true));
    bench.command(Command::SendHidden { text: "code".into(), pattern: Some("^code$".into()) });
    let (local, failure) = (LocalId(0), Failure::Unsupported);
    bench.tell([Event::NotSent { local, failure, trace: Trace::None }]);
    assert_eq!(bench.snapshot().fault.map(|fault| fault.code), Some(FaultCode::Unsupported));
    assert!(!bench.session.has_unsent());
}

#[test]
fn what_to_hide_is_taken_as_a_whole_or_not_at_all() {
    let mut bench = Bench::open(setup(true));
    let hide = |patterns: &[&str]| Command::Hide {
        patterns: patterns.iter().map(|one| (*one).to_owned()).collect(),
    };
    assert_eq!(bench.refusal(hide(&["^a", "("])), Some(FaultCode::FieldBad));
    bench.live(maya(), says("a"));
    assert_eq!(bench.refusal(hide(&["^a"])), None);
    bench.live(maya(), says("a again"));
    let mut bench = bench.restarted();
    bench.tell([Event::Joined { token: token("t1"), resumed: true }]);
    bench.live(maya(), says("a third time"));
    assert_eq!(texts(&bench.snapshot()), ["a"], "what was shown stays");
}
