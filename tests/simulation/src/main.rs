//! `cargo xtask simulate`: any number of worlds, or one of them line by line.

use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use clap::Parser;
use envoi_simulation::{Breakage, Options, Tally, Wrong, run};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Lets simulated worlds run their course, and judges them.
#[derive(Debug, Parser)]
#[command(name = "simulate")]
struct Cli {
    /// How many worlds.
    #[arg(long, default_value_t = 1_000)]
    seeds: u64,
    /// The number of the first one.
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// Run only this one, and write down what happens.
    #[arg(long)]
    seed: Option<u64>,
    /// Which service.
    #[arg(long, default_value = "digital_channels")]
    transport: String,
    /// Where what is said is kept: a journal on a simulated disk, or the real archive on a real one beside it.
    #[arg(long, value_enum, default_value = "journal")]
    archive: Kept,
    /// Let requests arrive after their client has given them up, against which nobody is safe with a service that does not drop
    /// duplicates: what comes of it is counted apart.
    #[arg(long)]
    late: bool,
    /// Nobody signs in, whatever the seed says.
    #[arg(long)]
    guests: bool,
    /// A mistake to be made on purpose.
    #[arg(long, value_name = "NAME")]
    broken: Option<Breakage>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Kept {
    Journal,
    Sqlite,
}

impl Cli {
    fn options(&self, log: bool) -> Options {
        Options {
            transport: self.transport.clone(),
            log,
            real_archive: self.archive == Kept::Sqlite,
            late: self.late,
            guests: self.guests,
            breakage: self.broken,
        }
    }
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    match cli.seed {
        Some(seed) => replay(&cli, seed),
        None => many(&cli),
    }
}

fn replay(cli: &Cli, seed: u64) -> ExitCode {
    let verdict = run(seed, &cli.options(true));
    for line in &verdict.log {
        println!("{line}");
    }
    for violation in &verdict.violations {
        println!("{violation}");
    }
    if verdict.violations.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn many(cli: &Cli) -> ExitCode {
    let start = Instant::now();
    let next = AtomicU64::new(cli.from);
    let until = cli.from + cli.seeds;
    let all = Mutex::new((Tally::default(), Vec::new()));
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    std::thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                let options = cli.options(false);
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= until {
                        break;
                    }
                    let verdict = run(seed, &options);
                    let mut all = all.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                    all.0.add(&verdict.tally);
                    all.1.extend(verdict.violations.into_iter().map(|violation| (seed, violation)));
                }
            });
        }
    });
    let (tally, mut violations) = all.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    let took = start.elapsed().as_secs_f64();
    violations.sort_by_key(|(seed, _)| *seed);
    println!(
        "{} worlds of {} in {took:.1} s: {:.0} a second",
        cli.seeds,
        cli.transport,
        cli.seeds as f64 / took
    );
    println!("messages: {} of the person, {} of the other side", tally.mine, tally.theirs);
    println!("requests: {}, restarts: {}, sign-ins: {}", tally.requests, tally.restarts, tally.sign_ins);
    if cli.late {
        println!("twice, out of turn or after all, by a late arrival: {}", tally.unavoidable);
    }
    println!("faults: {}", tally.faults.values().sum::<u64>());
    for (kind, count) in &tally.faults {
        println!("  {count:>9}  {kind}");
    }
    let count = |wrong: Wrong| violations.iter().filter(|(_, violation)| violation.wrong == wrong).count();
    let five: Vec<String> =
        Wrong::FIVE.iter().map(|(wrong, name)| format!("{name} {}", count(*wrong))).collect();
    println!("{}", five.join(", "));
    let others =
        violations.iter().filter(|(_, one)| Wrong::FIVE.iter().all(|(wrong, _)| *wrong != one.wrong)).count();
    println!("other breaches: {others}");
    violations.dedup_by_key(|(seed, _)| *seed);
    for (seed, violation) in violations.iter().take(20) {
        println!("  {violation}\n    cargo xtask simulate --transport {} --seed {seed}", cli.transport);
    }
    if violations.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
