//! Nothing is lost, twice, out of order, falsely "sent" or stuck, whatever the network, the disk and the person do.

use std::ops::Range;

use envoi_protocol::transports;
use envoi_simulation::{Options, run};

fn all_is_well(seeds: Range<u64>) {
    for service in transports::ALL {
        for seed in seeds.clone() {
            let options =
                Options { transport: service.id.to_owned(), log: false, late: false, breakage: None };
            let verdict = run(seed, &options);
            assert_eq!(
                verdict.violations,
                [],
                "look at it with: cargo xtask simulate --transport {} --seed {seed}",
                service.id
            );
        }
    }
}

#[test]
fn worlds_0_to_49() {
    all_is_well(0..50);
}

#[test]
fn worlds_50_to_99() {
    all_is_well(50..100);
}

#[test]
fn worlds_100_to_149() {
    all_is_well(100..150);
}

#[test]
fn worlds_150_to_199() {
    all_is_well(150..200);
}

#[test]
fn one_number_is_one_world() {
    for service in transports::ALL {
        let options = Options { transport: service.id.to_owned(), log: true, late: false, breakage: None };
        let (once, again) = (run(11, &options), run(11, &options));
        assert!(once.log.len() > 500, "something happens in it");
        assert_eq!(once, again, "it comes again line by line");
    }
}
