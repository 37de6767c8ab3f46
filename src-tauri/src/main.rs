//! Envoi's desktop program: reads the command line and hands over to [`envoi::run`].

// Without this a console window would stand behind the program on Windows.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

use std::process::ExitCode;

use clap::Parser as _;

// Every entry of a transcript is a handful of short texts: see "The app brings its own allocator" in docs/DECISIONS.md.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let arguments = envoi::Arguments::parse();
    match envoi::run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("envoi: {error}");
            ExitCode::FAILURE
        }
    }
}
