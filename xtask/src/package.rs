//! The packages: built from the release profile, and tried by installing one, starting what it installed, and waiting until
//! its window shows something.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use crate::{
    desktop::VirtualDesktop,
    interface,
    job::{self, Job},
    stop::Stop,
    system::{self, Consent, Purpose},
    tree,
};

/// The kinds of package that can be built without any network.
const KINDS: &[&str] = &["deb", "rpm"];
/// What the package is called once it is installed.
const NAME: &str = "envoi";
/// From the start of the installed app to something on its window; the first start after installing reads it from disk.
const PAINT_LIMIT: Duration = Duration::from_secs(60);
/// A window that has drawn text has many shades; an empty one has one colour.
const MANY_COLOURS: u32 = 32;

/// Installs what building needs, and builds.
pub(crate) fn run(consent: Consent) -> Result<(), Stop> {
    system::ensure(&[Purpose::Run], consent)?;
    build()
}

/// Builds the packages and says where they are.
pub(crate) fn build() -> Result<(), Stop> {
    interface::build()?;
    // Packages of an older version would be taken for ours.
    for kind in KINDS {
        let folder = folder(kind);
        if folder.exists() {
            fs::remove_dir_all(&folder).map_err(Stop::file(&folder))?;
        }
    }
    Job::new(tree::npm_program("tauri"))
        .args(["build", "--ci", "--bundles", &KINDS.join(",")])
        .dir(tree::root().join("src-tauri"))
        .run()?;
    for kind in KINDS {
        let file = built(kind)?;
        let size = fs::metadata(&file).map_err(Stop::file(&file))?.len();
        println!("package: {} ({:.1} MiB)", file.display(), mebibytes(size));
    }
    Ok(())
}

/// Installs the built .deb, starts the app on a virtual desktop, waits until it has painted, and removes it again. Needs
/// root.
pub(crate) fn try_installed() -> Result<(), Stop> {
    if is_installed() {
        let message =
            format!("{NAME} is installed on this machine already, and would be lost: remove it first");
        return Err(Stop::Check(message));
    }
    let file = built("deb")?;
    Job::new("apt-get")
        .args(["install", "--yes", "--no-install-recommends"])
        .args([file])
        .env("DEBIAN_FRONTEND", "noninteractive")
        .run()?;
    let tried = starts_and_paints();
    let removed = Job::new("dpkg").args(["--purge", NAME]).run();
    tried.and(removed)?;
    if is_installed() { Err(Stop::Check(format!("{NAME} is still there after removing it"))) } else { Ok(()) }
}

fn starts_and_paints() -> Result<(), Stop> {
    const APP: &str = "/usr/bin/envoi";
    let profile = tempfile::tempdir().map_err(Stop::file(std::env::temp_dir()))?;
    let mut desktop = VirtualDesktop::start()?;
    desktop.spawn(APP, &["--demo", "--profile", &profile.path().to_string_lossy()], None)?;
    let picture = desktop.logs().join("installed.png");
    let find = desktop.job("xdotool").args(["search", "--onlyvisible", "--class", "^envoi$"]);
    let mut ended = false;
    let painted = job::wait_until(PAINT_LIMIT, || {
        ended = !desktop.runs(APP);
        let windows = find.probe().unwrap_or_default();
        ended || windows.lines().any(|window| colours(&desktop, window, &picture) >= MANY_COLOURS)
    })?;
    let log = desktop.logs().join("envoi.log");
    if ended {
        let said = fs::read_to_string(&log).unwrap_or_default();
        return Err(Stop::Check(format!("the installed app ended by itself. It printed:\n{}", said.trim())));
    }
    if !painted {
        return Err(Stop::Check(format!("the installed app has shown nothing, see {}", log.display())));
    }
    println!("package: the installed app has painted, see {}", picture.display());
    Ok(())
}

/// How many colours a window shows; its picture stays in `file`.
fn colours(desktop: &VirtualDesktop, window: &str, file: &Path) -> u32 {
    let take = desktop.job("import").args(["-window", window]).args([file]);
    let count = desktop.job("identify").args(["-format", "%k"]).args([file]);
    take.probe().and_then(|_| count.probe()).and_then(|count| count.parse().ok()).unwrap_or(0)
}

fn is_installed() -> bool {
    let state = Job::new("dpkg-query").args(["--show", "--showformat=${db:Status-Status}", NAME]).probe();
    state.is_some_and(|state| state == "installed")
}

fn folder(kind: &str) -> PathBuf {
    tree::target().join("release").join("bundle").join(kind)
}

fn built(kind: &str) -> Result<PathBuf, Stop> {
    let folder = folder(kind);
    let entries = fs::read_dir(&folder).map_err(Stop::file(&folder))?;
    let mut files = entries.flatten().map(|entry| entry.path());
    let found = files.find(|file| file.extension().is_some_and(|extension| extension == kind));
    found.ok_or_else(|| {
        Stop::Missing(format!("there is no .{kind} in {}: run `cargo xtask package`", folder.display()))
    })
}

fn mebibytes(bytes: u64) -> f64 {
    let tenths = u32::try_from(bytes * 10 / (1024 * 1024)).unwrap_or(u32::MAX);
    f64::from(tenths) / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_given_to_a_tenth() {
        assert!((mebibytes(2_621_440) - 2.5).abs() < f64::EPSILON);
    }
}
