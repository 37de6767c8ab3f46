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
            if error.may_pass() {
                again();
            }
            eprintln!("envoi: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Starts the program once more in its own place: the one before was just dying, and its name on the message bus with it.
#[cfg(unix)]
fn again() {
    use std::os::unix::process::CommandExt as _;

    const TRIED: &str = "ENVOI_STARTED_AGAIN";
    if std::env::var_os(TRIED).is_some() {
        return;
    }
    std::thread::sleep(std::time::Duration::from_millis(500));
    if let Ok(program) = std::env::current_exe() {
        let failed =
            std::process::Command::new(program).args(std::env::args_os().skip(1)).env(TRIED, "1").exec();
        eprintln!("envoi: a second try could not be made: {failed}");
    }
}

/// Elsewhere the name of the single instance goes with its process.
#[cfg(not(unix))]
fn again() {}
