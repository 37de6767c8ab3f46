//! A person who is asked who they are: what is shown, the page that opens again, and giving up.

use super::*;
use crate::io::{SignInEvent, SignInFault};

const PAGE: &str = "https://id.example/authorize?state=s";

fn call() -> SignInCall {
    SignInCall {
        id: CallId(7),
        page: "https://id.example/authorize".into(),
        client: "envoi".into(),
        scope: String::new(),
        port: None,
        timeout: Duration::from_secs(300),
    }
}

/// A chat that waits for the browser.
fn asked() -> Bench {
    let mut bench = Bench::new(setup(true));
    bench.command(Command::Start { form: BTreeMap::new() });
    bench.script.0.lock().unwrap().actions.push_back(Action::SignIn(call()));
    bench.feed(Input::Tick);
    assert!(bench.outputs.contains(&Output::SignIn(call())));
    assert_eq!(bench.snapshot().sign_in, Some(SignInView::Preparing));
    let event = SignInEvent::Page { address: PAGE.into() };
    bench.feed(Input::SignIn { call: CallId(7), event });
    bench
}

#[test]
fn the_page_opens_and_opens_again_when_the_person_wants_it_back() {
    let mut bench = asked();
    assert_eq!(bench.snapshot().sign_in, Some(SignInView::Browser { address: PAGE.into() }));
    let opened =
        |bench: &Bench| bench.outputs.iter().filter(|one| **one == Output::Browse(PAGE.into())).count();
    assert_eq!(opened(&bench), 1);
    bench.command(Command::OpenSignIn);
    assert_eq!(opened(&bench), 2);
}

#[test]
fn whoever_gives_it_up_is_waited_for_no_longer() {
    let mut bench = asked();
    bench.command(Command::CancelSignIn);
    assert_eq!(bench.snapshot().sign_in, None);
    assert!(bench.outputs.contains(&Output::Cancel(CallId(7))));
    for command in [Command::CancelSignIn, Command::OpenSignIn] {
        assert_eq!(bench.refusal(command), Some(FaultCode::TooLate));
    }
}

#[test]
fn what_another_sign_in_says_is_not_heard() {
    let mut bench = asked();
    let event = SignInEvent::Failed(SignInFault::TimedOut);
    bench.feed(Input::SignIn { call: CallId(8), event: event.clone() });
    assert!(bench.snapshot().sign_in.is_some());
    bench.feed(Input::SignIn { call: CallId(7), event });
    assert_eq!(bench.snapshot().sign_in, None);
}

#[test]
fn a_guest_may_sign_in_while_the_chat_runs_where_that_can_be_done() {
    let mut bench = Bench::open(setup(true));
    assert_eq!(bench.refusal(Command::SignIn), Some(FaultCode::Unsupported));
    bench.able(Capabilities { sign_in: true, ..Capabilities::default() });
    assert!(bench.snapshot().abilities.sign_in);
    bench.requests();
    bench.command(Command::SignIn);
    assert_eq!(bench.requests(), [Request::SignIn]);
    bench.script.0.lock().unwrap().actions.push_back(Action::SignIn(call()));
    bench.feed(Input::Tick);
    assert_eq!(bench.refusal(Command::SignIn), Some(FaultCode::TooLate), "the page is open already");
}

#[test]
fn what_has_to_outlive_the_program_is_kept_before_it_has_consequences() {
    let kept = |bench: &Bench| bench.script.0.lock().unwrap().kept;
    let mut bench = Bench::open(setup(true));
    assert_eq!(kept(&bench), 1);
    bench.tell([Event::Token(token("t2")), Event::Token(token("t3"))]);
    bench.feed(Input::Remembered(Ok(())));
    assert_eq!(kept(&bench), 1, "that was the older one");
    bench.feed(Input::Remembered(Err(FaultCode::KeyringLocked)));
    assert_eq!(kept(&bench), 1, "a restart would begin with the older one");
    bench.command(Command::TryNow);
    bench.feed(Input::Remembered(Ok(())));
    assert_eq!(kept(&bench), 2);
}

#[test]
fn where_nothing_of_a_chat_can_be_kept_nothing_waits_for_that() {
    let mut bench = Bench::new(setup(true));
    bench.command(Command::Start { form: BTreeMap::new() });
    bench.tell([Event::Joined { token: token("t1"), resumed: false }, Event::Link(Link::Up)]);
    bench.feed(Input::Remembered(Err(FaultCode::KeyringFailed)));
    assert_eq!(bench.script.0.lock().unwrap().kept, 1);
    let mut bench = Bench::new(Setup { keeps: false, ..setup(true) });
    bench.command(Command::Start { form: BTreeMap::new() });
    bench.tell([Event::Joined { token: token("t1"), resumed: false }, Event::Link(Link::Up)]);
    assert_eq!(bench.script.0.lock().unwrap().kept, 1);
}
