//! The judge can say no: every mistake that is made on purpose is found out within 200 worlds.

use envoi_simulation::{Breakage, Options, run};

const WORLDS: u64 = 200;

fn is_found_out(breakage: Breakage) {
    let transport = breakage.transport().to_owned();
    let options = Options { transport, breakage: Some(breakage), ..Options::default() };
    let caught =
        (0..WORLDS).find_map(|seed| Some((seed, run(seed, &options).violations.into_iter().next()?)));
    let (seed, violation) = caught.expect("a mistake that nobody finds");
    println!("{}: found in world {seed}, {violation}", breakage.name());
}

macro_rules! each {
    ($( $test:ident $breakage:ident ),+ $(,)?) => {
        $( #[test] fn $test() { is_found_out(Breakage::$breakage); } )+

        #[test]
        fn every_mistake_has_its_test() {
            assert_eq!([$( Breakage::$breakage ),+], Breakage::ALL);
        }
    };
}

each! {
    answers_before_writing AnswersBeforeWriting,
    never_syncs NeverSyncs,
    swallows_write_errors SwallowsWriteErrors,
    cursor_before_rows CursorBeforeRows,
    drops_cursor DropsCursor,
    forgets_parcels ForgetsParcels,
    sending_becomes_queued SendingBecomesQueued,
    restores_backwards RestoresBackwards,
    forgets_names ForgetsNames,
    forgets_older_rows ForgetsOlderRows,
    takes_back_softly TakesBackSoftly,
    always_takes_back AlwaysTakesBack,
    token_never_kept TokenNeverKept,
    token_kept_late TokenKeptLate,
    forgets_the_doubt ForgetsTheDoubt,
    returns_as_a_guest ReturnsAsAGuest,
    resends_always ResendsAlways,
    timeout_is_no TimeoutIsNo,
    retries_below RetriesBelow,
    sent_when_it_leaves SentWhenItLeaves,
    reconciles_blindly ReconcilesBlindly,
    no_deduplication NoDeduplication,
    shuffles_batches ShufflesBatches,
    ignores_retry_after IgnoresRetryAfter,
    reads_twice ReadsTwice,
    loses_updates LosesUpdates,
    is_late IsLate,
}
