//! The project's pages keep their word: facts are tried, tests that are named exist, and nothing is left out.

// These are tests throughout: they may fail loudly wherever they stand.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic
)]

mod cli;
mod facts;
mod parity;
mod walk;
mod words;

use std::fs;
use std::path::{Path, PathBuf};

/// A place in the project, from its root on.
fn place(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

/// A text of the project.
fn read(path: &str) -> String {
    fs::read_to_string(place(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// All files below a place, without what is built or fetched.
fn files(below: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(below) else { return Vec::new() };
    let mut all = Vec::new();
    for entry in entries {
        let path = entry.unwrap().path();
        let skipped = ["target", "node_modules", "dist"].iter().any(|name| path.ends_with(name));
        if path.is_dir() && !skipped {
            all.extend(files(&path));
        } else if path.is_file() {
            all.push(path);
        }
    }
    all.sort();
    all
}

/// The cells of a table's row.
fn cells(line: &str) -> Vec<&str> {
    let row = line.trim().strip_prefix('|').and_then(|row| row.strip_suffix('|'));
    row.map(|row| row.split('|').map(str::trim).collect()).unwrap_or_default()
}
