//! The benchmarks: each case measures Envoi against a named peer or a limit in the same run, and prints both figures.
//!
//! `cargo xtask bench` builds and calls this; `cargo xtask bench -- reduce` runs one case. Nothing here fails on a missed goal:
//! a figure is for reading, and one machine's is not another's.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod archive;
mod bare;
mod crowd;
mod guests;
mod idle;
mod paint;
mod poll;
mod polls;
mod reduce;
mod send;
mod service;

use std::time::Duration;

// As in the app.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Case = (&'static str, fn());

const CASES: &[Case] = &[
    ("archive", archive::run),
    ("reduce", reduce::run),
    ("poll", poll::run),
    ("send", send::run),
    ("paint", paint::run),
    ("idle", idle::run),
    ("polls", polls::run),
];

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--").collect();
    match wanted.split_first().map(|(word, rest)| (word.as_str(), rest)) {
        Some((crowd::WORD, rest)) => return crowd::run(rest),
        Some((bare::WORD, rest)) => return bare::run(rest),
        _ => {}
    }
    for name in &wanted {
        assert!(CASES.iter().any(|(case, _)| case == name), "there is no case {name}: {:?}", names());
    }
    for (name, run) in CASES {
        if wanted.is_empty() || wanted.iter().any(|wanted| wanted == name) {
            run();
        }
    }
}

fn names() -> Vec<&'static str> {
    CASES.iter().map(|(name, _)| *name).collect()
}

/// The middle one.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// The value that this share of all values does not exceed.
fn percentile(mut values: Vec<f64>, share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let last = values.len() - 1;
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
    let at = (last as f64 * share).ceil() as usize;
    values[at.min(last)]
}

/// Processor time that this thread has used.
fn thread_time() -> Duration {
    let line = std::fs::read_to_string("/proc/thread-self/schedstat").expect("the system tells it");
    let nanoseconds = line.split(' ').next().and_then(|word| word.parse().ok()).expect("in nanoseconds");
    Duration::from_nanos(nanoseconds)
}
