//! Where things are: the root of the source tree and what is built in it. Every path is absolute, so the commands work
//! from any folder.

use std::{
    env,
    ffi::OsString,
    path::{Path, PathBuf},
};

/// The root of the source tree.
pub(crate) fn root() -> PathBuf {
    let own = env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    own.parent().map_or_else(|| PathBuf::from("."), Path::to_path_buf)
}

/// The folder of the interface.
pub(crate) fn ui() -> PathBuf {
    root().join("ui")
}

/// The folder where cargo builds.
pub(crate) fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |dir| root().join(dir))
}

/// One of our own programs as built with a cargo profile (`debug`, `release`).
pub(crate) fn program(profile: &str, name: &str) -> PathBuf {
    target().join(profile).join(format!("{name}{}", env::consts::EXE_SUFFIX))
}

/// The cargo that runs us.
pub(crate) fn cargo() -> OsString {
    env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// A program of the interface's npm packages.
pub(crate) fn npm_program(name: &str) -> PathBuf {
    let file = if cfg!(windows) { format!("{name}.cmd") } else { name.to_owned() };
    ui().join("node_modules").join(".bin").join(file)
}

/// Finds a program on the search path, or where `cargo install` puts it, or where distributions hide it.
pub(crate) fn find_program(name: &str) -> Option<PathBuf> {
    let file = format!("{name}{}", env::consts::EXE_SUFFIX);
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .chain(extra_folders())
        .map(|folder| folder.join(&file))
        .find(|file| file.is_file())
}

fn extra_folders() -> Vec<PathBuf> {
    let cargo_home = env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| env::home_dir().map(|home| home.join(".cargo")))
        .map(|home| home.join("bin"));
    let system = ["/usr/bin", "/usr/sbin", "/sbin", "/usr/libexec"].into_iter().map(PathBuf::from);
    cargo_home.into_iter().chain(system.filter(|_| cfg!(unix))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_is_the_folder_with_the_workspace() {
        assert!(root().join("Cargo.toml").is_file());
        assert!(root().join("xtask").is_dir());
    }

    #[test]
    fn a_program_that_does_not_exist_is_not_found() {
        assert_eq!(find_program("envoi-no-such-program"), None);
    }
}
