//! The web interface: its npm packages, installed when the lock file changed, and its build, done when a source changed.

use std::{
    fs,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    path::{Path, PathBuf},
};

use crate::{
    job::Job,
    stop::Stop,
    system::{self, Consent},
    tree,
};

/// What a build does not depend on, by the name of the file or folder.
const NOT_SOURCES: &[&str] = &["node_modules", "dist", "dist-fake", "test-results", "coverage"];

/// Builds the interface, for `cargo xtask ui`.
pub(crate) fn run() -> Result<(), Stop> {
    system::ensure(&[], Consent::Ask)?;
    build()
}

/// Installs the interface's npm packages.
pub(crate) fn install() -> Result<(), Stop> {
    install_in(&tree::ui())
}

/// Installs the npm packages of the programs that the acceptance tests talk to.
pub(crate) fn install_peers() -> Result<(), Stop> {
    install_in(&tree::root().join("tests").join("peers"))
}

/// Installs the npm packages of a folder unless they are those of its lock file already.
fn install_in(folder: &Path) -> Result<(), Stop> {
    let lock = folder.join("package-lock.json");
    // The stamp lies in the installed packages, so that removing them removes it as well.
    let stamp = Stamp::new(
        folder.join("node_modules").join(".envoi-installed"),
        &[folder.join("package.json"), lock.clone()],
    )?;
    if stamp.holds() {
        return Ok(());
    }
    Job::npm(if lock.is_file() { "ci --no-audit --no-fund" } else { "install --no-audit --no-fund" })
        .dir(folder.to_owned())
        .run()?;
    Stamp::new(stamp.file, &[folder.join("package.json"), lock])?.set()
}

/// Builds the interface into `ui/dist` unless that is what the sources build to already: a new build would make cargo
/// build the app anew.
pub(crate) fn build() -> Result<(), Stop> {
    install()?;
    let dist = tree::ui().join("dist");
    let mut sources = Vec::new();
    collect_sources(&tree::ui(), &mut sources)?;
    sources.sort();
    let stamp = Stamp::new(tree::target().join("xtask").join("interface-built"), &sources)?;
    if stamp.holds() && dist.join("index.html").is_file() {
        println!("interface: built, nothing changed since");
        return Ok(());
    }
    Job::npm("run build").run()?;
    stamp.set()
}

/// A file that remembers which contents some work was done for.
struct Stamp {
    file: PathBuf,
    value: String,
}

impl Stamp {
    fn new(file: PathBuf, sources: &[PathBuf]) -> Result<Self, Stop> {
        let mut hasher = DefaultHasher::new();
        for source in sources.iter().filter(|source| source.is_file()) {
            source.hash(&mut hasher);
            fs::read(source).map_err(Stop::file(source))?.hash(&mut hasher);
        }
        Ok(Self { file, value: format!("{:016x}", hasher.finish()) })
    }

    fn holds(&self) -> bool {
        fs::read_to_string(&self.file).is_ok_and(|value| value == self.value)
    }

    fn set(&self) -> Result<(), Stop> {
        if let Some(folder) = self.file.parent() {
            fs::create_dir_all(folder).map_err(Stop::file(folder))?;
        }
        fs::write(&self.file, &self.value).map_err(Stop::file(&self.file))
    }
}

fn collect_sources(folder: &Path, found: &mut Vec<PathBuf>) -> Result<(), Stop> {
    for entry in fs::read_dir(folder).map_err(Stop::file(folder))? {
        let entry = entry.map_err(Stop::file(folder))?;
        let path = entry.path();
        if NOT_SOURCES.iter().any(|name| entry.file_name() == *name) {
            continue;
        }
        if path.is_dir() {
            collect_sources(&path, found)?;
        } else {
            found.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_holds_until_a_source_changes() {
        let folder = tempfile::tempdir().unwrap();
        let (file, source) = (folder.path().join("a/stamp"), folder.path().join("source"));
        fs::write(&source, "one").unwrap();
        let stamp = || Stamp::new(file.clone(), std::slice::from_ref(&source)).unwrap();
        assert!(!stamp().holds());
        stamp().set().unwrap();
        assert!(stamp().holds());
        fs::write(&source, "two").unwrap();
        assert!(!stamp().holds());
    }

    #[test]
    fn what_is_built_or_installed_is_no_source() {
        let folder = tempfile::tempdir().unwrap();
        for path in ["src/main.ts", "dist/index.html", "node_modules/a/index.js"] {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        let mut found = Vec::new();
        collect_sources(folder.path(), &mut found).unwrap();
        assert_eq!(found, [folder.path().join("src/main.ts")]);
    }
}
