//! What comes from elsewhere than the system's packages: Node.js, the Rust toolchain's components, and tools that cargo
//! builds.

use crate::{job::Job, stop::Stop, system::Purpose, tree};

/// The oldest Node.js that the interface's build accepts.
const NODE: (u32, u32) = (20, 19);

/// A program that cargo builds from its own registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CargoTool {
    program: &'static str,
    line: &'static str,
    purpose: Purpose,
}

const CARGO_TOOLS: &[CargoTool] = &[
    CargoTool { program: "cargo-nextest", line: "install cargo-nextest --locked", purpose: Purpose::Test },
    CargoTool {
        program: "tauri-driver",
        line: "install tauri-driver --version 2.1.0 --locked",
        purpose: Purpose::Drive,
    },
];

impl CargoTool {
    /// The call that builds and installs it for this user.
    pub(crate) fn install(&self) -> Job {
        // Built outside our tree, so that our own settings for cargo do not apply.
        Job::cargo(self.line).dir(std::env::temp_dir())
    }
}

/// Cargo tools for these purposes that are not there.
pub(crate) fn missing(purposes: &[Purpose]) -> Vec<CargoTool> {
    let wanted = CARGO_TOOLS.iter().filter(|tool| purposes.contains(&tool.purpose));
    wanted.filter(|tool| tree::find_program(tool.program).is_none()).copied().collect()
}

/// Fails with what to do when Node.js, npm or a component of the Rust toolchain is missing.
pub(crate) fn check_toolchain(purposes: &[Purpose]) -> Result<(), Stop> {
    node()?;
    if purposes.contains(&Purpose::Lint) {
        for (component, line) in [("rustfmt", "fmt --version"), ("clippy", "clippy --version")] {
            if Job::cargo(line).probe().is_none() {
                return Err(Stop::Missing(format!(
                    "the Rust component {component} is missing: run `rustup component add {component}`"
                )));
            }
        }
    }
    Ok(())
}

/// One line for each tool.
pub(crate) fn report() -> Vec<String> {
    let tools = CARGO_TOOLS.iter().map(|tool| match tree::find_program(tool.program) {
        Some(path) => format!("found    {} ({})", tool.program, path.display()),
        None => format!("MISSING  {}: {}", tool.program, tool.install()),
    });
    let node = node()
        .map_or_else(|stop| format!("MISSING  {stop}"), |version| format!("found    Node.js {version}"));
    std::iter::once(node).chain(tools).collect()
}

fn node() -> Result<String, Stop> {
    let wanted = format!("{}.{}", NODE.0, NODE.1);
    let advice = "get it from https://nodejs.org or your system's packages, and open a new terminal";
    let Some(version) = Job::new("node").args(["--version"]).probe() else {
        return Err(Stop::Missing(format!(
            "Node.js {wanted} or newer is needed to build the interface: {advice}"
        )));
    };
    if !new_enough(&version) {
        let message =
            format!("Node.js {version} is too old, the interface needs {wanted} or newer: {advice}");
        return Err(Stop::Missing(message));
    }
    if Job::npm("--version").dir(tree::root()).probe().is_none() {
        return Err(Stop::Missing(format!("npm, which belongs to Node.js, is missing: {advice}")));
    }
    Ok(version)
}

fn new_enough(version: &str) -> bool {
    let mut parts =
        version.trim().trim_start_matches('v').split('.').map_while(|part| part.parse::<u32>().ok());
    match (parts.next(), parts.next()) {
        (Some(major), Some(minor)) => (major, minor) >= NODE,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn node_versions_are_compared_as_numbers() {
        assert!(new_enough("v20.20.2"));
        assert!(new_enough("v20.19.0"));
        assert!(new_enough("v100.0.0\n"));
        assert!(!new_enough("v20.9.0"));
        assert!(!new_enough("v18.20.4"));
        assert!(!new_enough("unknown"));
        assert!(!new_enough(""));
    }

    #[test]
    fn the_driver_is_pinned() {
        let line =
            CARGO_TOOLS.iter().find(|tool| tool.program == "tauri-driver").unwrap().install().to_string();
        assert_eq!(line, "cargo install tauri-driver --version 2.1.0 --locked");
    }
}
