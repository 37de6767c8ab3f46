//! What the outbox promises, promise by promise.

use std::time::Duration;

use super::*;
use crate::io::IoFault;

const A: LocalId = LocalId(1);
const B: LocalId = LocalId(2);

fn text(words: &str) -> ParcelContent {
    ParcelContent::Text(words.into())
}

fn two() -> Outbox {
    let mut outbox = Outbox::new(1);
    outbox.push(A, text("a"));
    outbox.push(B, text("b"));
    outbox
}

#[test]
fn one_at_a_time_and_in_order() {
    let mut outbox = two();
    assert_eq!(outbox.dispatch(Moment(0)), Some((A, text("a"))));
    assert_eq!(outbox.dispatch(Moment(0)), None, "a is on its way");
    outbox.sent(A);
    assert_eq!(outbox.dispatch(Moment(0)), Some((B, text("b"))));
}

#[test]
fn what_cannot_have_arrived_is_tried_again_before_the_next() {
    let mut outbox = two();
    outbox.dispatch(Moment(0));
    let unreachable = Failure::Io(IoFault::Unreachable);
    assert_eq!(outbox.failed(Moment(0), A, &unreachable, Trace::None), Aftermath::Nothing);
    assert_eq!(outbox.dispatch(Moment(0)), None, "b does not overtake a");
    let due = outbox.deadline().unwrap().at;
    assert_eq!(outbox.dispatch(due), Some((A, text("a"))));
}

#[test]
fn what_may_have_arrived_waits_for_the_transcript() {
    let mut outbox = two();
    outbox.dispatch(Moment(0));
    let broken = Failure::Io(IoFault::Broken);
    assert_eq!(outbox.failed(Moment(0), A, &broken, Trace::Transcript), Aftermath::Reconcile);
    outbox.hurry();
    assert_eq!(outbox.dispatch(Moment(u64::MAX)), None, "never on a guess");
    assert_eq!(outbox.claim(&text(" a\n")), Some((A, text("a"))), "the transcript has it");
    outbox.reconciled(Moment(0));
    assert_eq!(outbox.dispatch(Moment(0)), Some((B, text("b"))));
}

#[test]
fn what_the_transcript_does_not_have_goes_out_again() {
    let mut outbox = two();
    outbox.dispatch(Moment(0));
    outbox.failed(Moment(0), A, &Failure::Io(IoFault::Broken), Trace::Transcript);
    outbox.reconciled(Moment(0));
    let due = outbox.deadline().unwrap().at;
    assert_eq!(outbox.dispatch(due), Some((A, text("a"))));
}

#[test]
fn a_refused_message_is_stuck_and_holds_nobody_up() {
    let mut outbox = two();
    outbox.dispatch(Moment(0));
    outbox.failed(Moment(0), A, &Failure::FileType, Trace::None);
    assert!(outbox.stuck().is_some());
    assert_eq!(outbox.dispatch(Moment(0)), Some((B, text("b"))));
    assert!(outbox.retry(A));
    outbox.sent(B);
    assert_eq!(outbox.dispatch(Moment(0)), Some((A, text("a"))));
    assert!(!outbox.retry(A), "it is not stuck now");
}

#[test]
fn a_service_that_keeps_failing_needs_the_person_at_last() {
    let mut outbox = two();
    for _ in 0..PATIENCE {
        outbox.hurry();
        assert_eq!(outbox.dispatch(Moment(0)).map(|(local, _)| local), Some(A));
        outbox.failed(Moment(0), A, &Failure::Service { status: 500 }, Trace::None);
    }
    assert!(matches!(outbox.delivery(A), Some(Delivery::Stuck(_))));
}

#[test]
fn slowing_down_is_obeyed() {
    let mut outbox = two();
    outbox.dispatch(Moment(0));
    let limited = Failure::RateLimited { after: Some(Duration::from_secs(90)) };
    outbox.failed(Moment(0), A, &limited, Trace::None);
    assert_eq!(outbox.dispatch(Moment(89_999)), None);
    assert!(outbox.deadline().unwrap().at <= Moment(90_500));
    assert!(outbox.dispatch(Moment(90_500)).is_some());
}

#[test]
fn cancel_is_honest() {
    let mut outbox = two();
    outbox.dispatch(Moment(0));
    assert!(!outbox.cancel(A), "on its way");
    assert!(outbox.cancel(B));
    outbox.sent(A);
    assert!(!outbox.cancel(A), "arrived");
    assert_eq!(outbox.unsent(), 0);
}

#[test]
fn a_copy_belongs_to_what_was_acknowledged_before_what_is_in_doubt() {
    let mut outbox = Outbox::new(1);
    outbox.push(A, text("ok"));
    outbox.push(B, text("ok"));
    outbox.dispatch(Moment(0));
    outbox.failed(Moment(0), A, &Failure::Io(IoFault::Timeout), Trace::Lingering);
    outbox.reconciled(Moment(0));
    assert_eq!(outbox.dispatch(Moment(0)).map(|(local, _)| local), Some(B), "nobody waits for a stuck one");
    outbox.sent(B);
    assert_eq!(outbox.claim(&text("ok")).map(|(local, _)| local), Some(B));
    assert!(matches!(outbox.delivery(A), Some(Delivery::Stuck(_))), "nothing says that it arrived");
}

#[test]
fn a_message_never_sent_is_not_taken_for_its_twin() {
    let mut outbox = Outbox::new(1);
    outbox.push(A, text("ok"));
    assert_eq!(outbox.claim(&text("ok")), None, "somebody wrote the same on another device");
    outbox.dispatch(Moment(0));
    assert_eq!(outbox.claim(&text("ok")).map(|(local, _)| local), Some(A));
}
