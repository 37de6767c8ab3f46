//! The invariants under many random stories, for every transport in the registry.

use std::cell::Cell;
use std::fs;
use std::path::Path;

use envoi_protocol::transports::{ALL, COMING, Service};
use proptest::prelude::any;
use proptest::test_runner::{Config, TestRunner};

use crate::invariants;

/// Stories for each transport.
const STORIES: u32 = 2_400;
/// Steps that they must have in all, for each transport.
const STEPS: usize = 100_000;

/// Side by side: each story of one service is independent of all others.
#[test]
fn invariants_hold_in_every_story() {
    std::thread::scope(|scope| {
        for service in ALL.iter().chain(COMING) {
            scope.spawn(|| tell_stories(service));
        }
    });
}

fn tell_stories(service: &Service) {
    let steps = Cell::new(0);
    let config = Config { cases: STORIES, failure_persistence: None, ..Config::default() };
    let story = proptest::collection::vec(any::<u8>(), 400..1_600);
    let result = TestRunner::new(config).run(&story, |bytes| {
        steps.set(steps.get() + invariants::play(service, &bytes));
        Ok(())
    });
    if let Err(error) = result {
        panic!("{}: {error}", service.id);
    }
    assert!(steps.get() >= STEPS, "{} took only {} steps", service.id, steps.get());
}

/// What the fuzzer found, or was given to start from.
#[test]
fn invariants_hold_in_every_kept_story() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fuzz/corpus/transports");
    let entries =
        fs::read_dir(&folder).unwrap_or_else(|error| panic!("{} cannot be read: {error}", folder.display()));
    let stories: Vec<Vec<u8>> = entries.map(|entry| fs::read(entry.unwrap().path()).unwrap()).collect();
    assert!(!stories.is_empty(), "the corpus is empty");
    let services = ALL.iter().chain(COMING);
    for (service, story) in services.flat_map(|service| stories.iter().map(move |story| (service, story))) {
        invariants::play(service, story);
    }
}
