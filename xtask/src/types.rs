//! The interface's TypeScript types, generated from `crates/protocol/src/view.rs`, so that both sides of the window cannot
//! disagree about what passes between them.

use std::fs;

use crate::{job::Job, stop::Stop, tree};

const GENERATOR: &str = "run --quiet --package envoi-protocol --features typescript --example types";

/// Writes the types, or with `check` fails when those in the tree are not what would be written.
pub(crate) fn run(check: bool) -> Result<(), Stop> {
    let file = tree::ui().join("src").join("host").join("view.ts");
    let wanted = Job::cargo(GENERATOR).output()?;
    let present = fs::read_to_string(&file).unwrap_or_default().replace("\r\n", "\n");
    if present == wanted {
        println!("types: {} is up to date", file.display());
        return Ok(());
    }
    if check {
        let message =
            format!("{} is stale: run `cargo xtask types` and commit what it writes", file.display());
        return Err(Stop::Check(message));
    }
    fs::write(&file, wanted).map_err(Stop::file(&file))?;
    println!("types: wrote {}", file.display());
    Ok(())
}
