//! Nothing is lost, twice, out of order, falsely "sent" or stuck, whatever the network, the disk and the person do.

use std::ops::Range;

use envoi_protocol::transports;
use envoi_simulation::{Options, run};

fn all_is_well(seeds: Range<u64>) {
    let mut found = Vec::new();
    for service in transports::ALL {
        for seed in seeds.clone() {
            let options = Options { transport: service.id.to_owned(), ..Options::default() };
            for violation in run(seed, &options).violations {
                found.push(format!("--transport {} --seed {seed}: {violation:?}", service.id));
            }
        }
    }
    assert!(found.is_empty(), "look at each with cargo xtask simulate:\n{}", found.join("\n"));
}

#[test]
fn worlds_0_to_24() {
    all_is_well(0..25);
}

#[test]
fn worlds_25_to_49() {
    all_is_well(25..50);
}

#[test]
fn worlds_50_to_74() {
    all_is_well(50..75);
}

#[test]
fn worlds_75_to_99() {
    all_is_well(75..100);
}

#[test]
fn worlds_100_to_124() {
    all_is_well(100..125);
}

#[test]
fn worlds_125_to_149() {
    all_is_well(125..150);
}

#[test]
fn worlds_150_to_174() {
    all_is_well(150..175);
}

#[test]
fn worlds_175_to_199() {
    all_is_well(175..200);
}

#[test]
fn one_number_is_one_world() {
    for service in transports::ALL {
        let options = Options { transport: service.id.to_owned(), log: true, ..Options::default() };
        let (once, again) = (run(11, &options), run(11, &options));
        assert!(once.log.len() > 500, "something happens in it");
        assert_eq!(once, again, "it comes again line by line");
    }
}

#[test]
fn the_real_archive_gives_back_what_its_twin_does() {
    for seed in 200..206 {
        let options =
            Options { transport: "digital_channels".to_owned(), real_archive: true, ..Options::default() };
        let verdict = run(seed, &options);
        assert_eq!(verdict.violations, [], "cargo xtask simulate --archive sqlite --seed {seed}");
    }
}

#[test]
fn what_arrives_late_comes_twice_and_nothing_else_goes_wrong() {
    let mut unavoidable = 0;
    for seed in 300..330 {
        let options = Options { transport: "digital_channels".to_owned(), late: true, ..Options::default() };
        let verdict = run(seed, &options);
        assert_eq!(verdict.violations, [], "cargo xtask simulate --late --seed {seed}");
        unavoidable += verdict.tally.unavoidable;
    }
    assert!(
        unavoidable > 0,
        "a service without message keys cannot drop what comes late, and the model shows it"
    );
}
