//! Prepares what the `tauri` macros expect: the configuration, the icons and the permissions of the app's own commands.
//!
//! Every command that the web view may call is named here once; a command that is missing from this list has no
//! permission and cannot be called, whatever `capabilities/main.json` says.

use std::{path::Path, process::ExitCode};

use tauri_build::{AppManifest, Attributes};

/// The app's own commands, by the names of their functions.
const COMMANDS: &[&str] = &[
    "add_deployment",
    "app_view",
    "attach",
    "beginning",
    "check_deployment",
    "command",
    "delete_conversation",
    "deployment_details",
    "details",
    "hide_window",
    "media",
    "open_conversation",
    "open_demo",
    "open_link",
    "quit",
    "remove_deployment",
    "save_copy",
    "save_file",
    "search",
    "set_settings",
    "snapshot",
    "watching",
];

/// The folder with the built interface, from this package.
const INTERFACE: &str = "../ui/dist";

fn main() -> ExitCode {
    // The interface is packed into the program, so a new one means a new program.
    println!("cargo:rerun-if-changed={INTERFACE}");
    if !Path::new(INTERFACE).join("index.html").is_file() {
        println!("cargo:error=the interface is not built yet: run `cargo xtask ui` first");
        return ExitCode::FAILURE;
    }
    let attributes = Attributes::new().app_manifest(AppManifest::new().commands(COMMANDS));
    match tauri_build::try_build(attributes) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("cargo:error={error:#}");
            ExitCode::FAILURE
        }
    }
}
