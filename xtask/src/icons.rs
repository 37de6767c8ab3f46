//! The icons: every size that some system asks for, generated from the drawings in `icons/` and committed beside them, so
//! that building the app needs no drawing program.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{interface, job::Job, stop::Stop, tree};

/// From the app's drawing: what the generator calls it, and what we keep it as.
const APP: &[(&str, &str)] =
    &[("icon.ico", "icon.ico"), ("icon.icns", "icon.icns"), ("icon.png", "icon.png")];
/// Pictures of the app's drawing: their width in pixels and their file.
const SIZES: &[(u32, &str)] =
    &[(32, "32x32.png"), (64, "64x64.png"), (128, "128x128.png"), (256, "256x256.png"), (512, "512x512.png")];
/// Drawings that are needed in one size only: the tray scales them.
const TRAY: &[&str] = &["tray", "tray-unread", "tray-template"];
const TRAY_WIDTH: u32 = 64;

/// Generates everything anew.
pub(crate) fn run() -> Result<(), Stop> {
    interface::install()?;
    let icons = tree::root().join("icons");
    let scratch = tempfile::tempdir().map_err(Stop::file(std::env::temp_dir()))?;
    let drawing = icons.join("envoi.svg");
    generate(&drawing, scratch.path(), None)?;
    for (from, to) in APP {
        keep(&scratch.path().join(from), &icons.join(to))?;
    }
    for (width, file) in SIZES {
        keep(&generate(&drawing, scratch.path(), Some(*width))?, &icons.join(file))?;
    }
    for name in TRAY {
        let picture = generate(&icons.join(format!("{name}.svg")), scratch.path(), Some(TRAY_WIDTH))?;
        keep(&picture, &icons.join(format!("{name}.png")))?;
    }
    Ok(())
}

/// Calls the generator for one width, or for its own set of files; the picture of that width.
fn generate(drawing: &Path, folder: &Path, width: Option<u32>) -> Result<PathBuf, Stop> {
    let mut job =
        Job::new(tree::npm_program("tauri")).args(["icon"]).args([drawing]).args(["--output"]).args([folder]);
    if let Some(width) = width {
        job = job.args(["--png".to_owned(), width.to_string()]);
    }
    job.dir(tree::root().join("src-tauri")).silent()?;
    let width = width.unwrap_or_default();
    Ok(folder.join(format!("{width}x{width}.png")))
}

fn keep(from: &Path, to: &Path) -> Result<(), Stop> {
    let (mut new, mut old) = (fs::read(from).map_err(Stop::file(from))?, fs::read(to).unwrap_or_default());
    // The generator orders the entries of an .icns differently each time, which is no change worth committing.
    new.sort_unstable();
    old.sort_unstable();
    if new == old {
        println!("icons: {} is up to date", to.display());
        return Ok(());
    }
    fs::copy(from, to).map_err(Stop::file(to))?;
    println!("icons: wrote {}", to.display());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Width, height and colour type as the header of a PNG file has them.
    fn header(file: &str) -> (u32, u32, u8) {
        let bytes = fs::read(tree::root().join("icons").join(file)).unwrap();
        assert_eq!(&bytes[..8], b"\x89PNG\r\n\x1a\n", "{file}");
        let number = |at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap());
        (number(16), number(20), bytes[25])
    }

    #[test]
    fn every_picture_has_its_size_and_is_rgba() {
        const RGBA: u8 = 6;
        for (width, file) in SIZES {
            assert_eq!(header(file), (*width, *width, RGBA), "{file}");
        }
        for name in TRAY {
            assert_eq!(header(&format!("{name}.png")), (TRAY_WIDTH, TRAY_WIDTH, RGBA), "{name}");
        }
    }
}
