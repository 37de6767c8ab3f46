//! The run over bad networks, by command: `cargo xtask wire` builds and calls this.
//!
//! It ends with an error if Envoi lost, doubled, reordered or falsely showed anything. What the plain client does is for
//! comparison.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use envoi_tests::way::{Ability, Way};
use envoi_tests::wire::{self, Plan, report};

// As in the app.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Sends messages through networks that break things, with Envoi and with a plain client, and counts what became of them.
#[derive(Debug, Parser)]
#[command(name = "wire")]
struct Arguments {
    /// Messages each way.
    #[arg(long, default_value_t = 10_000)]
    messages: usize,
    /// People who write at once, each over a network of their own.
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..))]
    people: u16,
    /// Seed of what goes wrong.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Entries per page of history that Envoi asks for, if not the usual number.
    #[arg(long, value_name = "ENTRIES")]
    page: Option<u16>,
    /// Writes down, in this folder, what went over the network of everybody with whom Envoi did something wrong.
    #[arg(long, value_name = "DIR")]
    stories: Option<PathBuf>,
    /// Only this service.
    #[arg(long)]
    service: Option<String>,
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let Arguments { messages, seed, page, .. } = arguments;
    let plan = Plan { messages, people: usize::from(arguments.people), seed, page };
    let mut clean = true;
    for way in Way::with(&[Ability::BadNetworks])
        .filter(|way| arguments.service.as_deref().is_none_or(|name| name == way.service))
    {
        let envoi = wire::envoi(way, plan).await;
        if let Some(folder) = &arguments.stories {
            write_down(folder, &format!("{}-{}", way.service, plan.seed), &envoi.stories);
        }
        let naive = if way.can(&[Ability::PlainClient]) { Some(wire::naive(way, plan).await) } else { None };
        println!("{}", report::table(way.service, plan, &envoi, naive.as_ref()));
        clean &= envoi.is_clean();
    }
    if clean { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn write_down(folder: &Path, name: &str, stories: &[String]) {
    std::fs::create_dir_all(folder).expect("the folder can be made");
    for (number, story) in stories.iter().enumerate() {
        let file = folder.join(format!("{name}-{number}.txt"));
        std::fs::write(file, story).expect("the folder can be written to");
    }
}
