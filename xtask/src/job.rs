//! Running other programs: in the foreground with their own output, with a time limit, or for what they print. Every wait
//! notices Ctrl-C and a request to end, so that whoever holds background programs gets to end them.

use std::{
    env,
    ffi::{OsStr, OsString},
    fmt,
    path::PathBuf,
    process::{Child, Command, ExitStatus, Stdio},
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use crate::{stop::Stop, tree};

/// How often a wait looks again.
const LOOK_AGAIN: Duration = Duration::from_millis(20);
/// How long a program may take to end after it was asked to.
pub(crate) const GRACE: Duration = Duration::from_secs(5);

static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// From now on Ctrl-C and termination end the current job and unwind, instead of leaving programs behind.
pub(crate) fn watch_for_interruption() -> Result<(), Stop> {
    ctrlc::set_handler(|| INTERRUPTED.store(true, Ordering::SeqCst))
        .map_err(|error| Stop::Check(format!("cannot listen for Ctrl-C: {error}")))
}

/// Fails when the user asked to stop.
pub(crate) fn check_interruption() -> Result<(), Stop> {
    if INTERRUPTED.load(Ordering::SeqCst) { Err(Stop::Interrupted) } else { Ok(()) }
}

/// Looks at `condition` until it holds; false when it did not within `limit`.
pub(crate) fn wait_until(limit: Duration, mut condition: impl FnMut() -> bool) -> Result<bool, Stop> {
    let start = Instant::now();
    loop {
        check_interruption()?;
        if condition() {
            return Ok(true);
        }
        if start.elapsed() > limit {
            return Ok(false);
        }
        thread::sleep(LOOK_AGAIN);
    }
}

/// One call of another program.
#[derive(Debug, Clone)]
pub(crate) struct Job {
    program: OsString,
    args: Vec<OsString>,
    dir: PathBuf,
    env: Vec<(OsString, OsString)>,
    without: Vec<&'static str>,
    limit: Option<Duration>,
}

impl Job {
    /// A call of `program`, in the root of the source tree.
    pub(crate) fn new(program: impl Into<OsString>) -> Self {
        Self {
            program: program.into(),
            args: Vec::new(),
            dir: tree::root(),
            env: Vec::new(),
            without: Vec::new(),
            limit: None,
        }
    }

    /// A call of cargo, given its arguments in one line.
    pub(crate) fn cargo(line: &str) -> Self {
        Self::new(tree::cargo()).args(line.split_whitespace())
    }

    /// A call of npm in the interface's folder, given its arguments in one line.
    pub(crate) fn npm(line: &str) -> Self {
        Self::new(if cfg!(windows) { "npm.cmd" } else { "npm" }).args(line.split_whitespace()).dir(tree::ui())
    }

    /// Adds arguments.
    pub(crate) fn args(mut self, args: impl IntoIterator<Item = impl Into<OsString>>) -> Self {
        self.args.extend(args.into_iter().map(Into::into));
        self
    }

    /// Runs in this folder.
    pub(crate) fn dir(mut self, dir: PathBuf) -> Self {
        self.dir = dir;
        self
    }

    /// Sets one environment variable.
    pub(crate) fn env(mut self, key: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.env.push((key.into(), value.into()));
        self
    }

    /// Sets several environment variables.
    pub(crate) fn envs<K: Into<OsString>, V: Into<OsString>>(
        mut self,
        pairs: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        self.env.extend(pairs.into_iter().map(|(key, value)| (key.into(), value.into())));
        self
    }

    /// Does not hand on these environment variables of ours.
    pub(crate) fn without(mut self, keys: &[&'static str]) -> Self {
        self.without.extend(keys);
        self
    }

    /// Hands the whole call to another program, such as `sudo`.
    pub(crate) fn behind(mut self, program: &str) -> Self {
        self.args.insert(0, std::mem::replace(&mut self.program, program.into()));
        self
    }

    /// Ends the program, with everything it started, when it takes longer.
    pub(crate) fn limit(mut self, limit: Duration) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Runs in the foreground, with its own output, and fails unless it succeeds.
    pub(crate) fn run(&self) -> Result<(), Stop> {
        println!("$ {self}");
        let mut command = self.command();
        if self.limit.is_some() {
            // A group of its own can be ended as a whole, but may not read from the terminal.
            in_own_group(&mut command);
            command.stdin(Stdio::null());
        }
        let mut child = command.spawn().map_err(|source| self.cannot_start(source))?;
        let status = self.wait(&mut child)?;
        self.expect_success(status)
    }

    /// Runs and hands back what it printed; its errors are shown as they come.
    pub(crate) fn output(&self) -> Result<String, Stop> {
        let mut command = self.command();
        command.stdin(Stdio::null()).stderr(Stdio::inherit());
        let output = command.output().map_err(|source| self.cannot_start(source))?;
        check_interruption()?;
        self.expect_success(output.status)?;
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Runs without a word unless it fails.
    pub(crate) fn silent(&self) -> Result<(), Stop> {
        let mut command = self.command();
        let output = command.stdin(Stdio::null()).output().map_err(|source| self.cannot_start(source))?;
        if !output.status.success() {
            eprint!("{}", String::from_utf8_lossy(&output.stderr));
        }
        check_interruption()?;
        self.expect_success(output.status)
    }

    /// Runs out of sight; what it printed when it succeeded.
    pub(crate) fn probe(&self) -> Option<String> {
        let mut command = self.command();
        let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    /// The call as the standard library has it, with what cargo told us about ourselves taken out again: build scripts
    /// that look at it would otherwise run anew each time.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.args).current_dir(&self.dir);
        for (key, _) in env::vars_os().filter(|(key, _)| is_about_ourselves(key)) {
            command.env_remove(key);
        }
        self.without.iter().for_each(|key| _ = command.env_remove(key));
        command.envs(self.env.iter().map(|(key, value)| (key, value)));
        command
    }

    fn wait(&self, child: &mut Child) -> Result<ExitStatus, Stop> {
        let start = Instant::now();
        loop {
            if let Some(status) = child.try_wait().map_err(|source| self.cannot_start(source))? {
                check_interruption()?;
                return Ok(status);
            }
            if let Err(stop) = check_interruption() {
                end(child, self.limit.is_some());
                return Err(stop);
            }
            if let Some(limit) = self.limit.filter(|limit| start.elapsed() > *limit) {
                end(child, true);
                return Err(Stop::TimedOut { line: self.to_string(), limit });
            }
            thread::sleep(LOOK_AGAIN);
        }
    }

    fn expect_success(&self, status: ExitStatus) -> Result<(), Stop> {
        if status.success() {
            return Ok(());
        }
        Err(Stop::Failed { line: self.to_string(), status: status.to_string() })
    }

    pub(crate) fn cannot_start(&self, source: std::io::Error) -> Stop {
        Stop::Start { program: self.program.to_string_lossy().into_owned(), source }
    }
}

/// The call as one would type it.
impl fmt::Display for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let program = if self.program == tree::cargo() { OsStr::new("cargo") } else { &self.program };
        write!(f, "{}", quoted(program))?;
        for arg in &self.args {
            write!(f, " {}", quoted(arg))?;
        }
        Ok(())
    }
}

/// Puts a program into a process group of its own, so that it can be ended with everything it starts.
pub(crate) fn in_own_group(command: &mut Command) {
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(command, 0);
    #[cfg(not(unix))]
    let _ = command;
}

/// Asks a program (with `group`: everything in its group) to end, and ends it by force when it does not within [`GRACE`].
pub(crate) fn end(child: &mut Child, group: bool) {
    signal(child, group, Force::Ask);
    let start = Instant::now();
    while start.elapsed() < GRACE && matches!(child.try_wait(), Ok(None)) {
        thread::sleep(LOOK_AGAIN);
    }
    signal(child, group, Force::Kill);
    let _ = child.wait();
}

/// Ends a process by force, given its number in decimal.
pub(crate) fn kill(number: &str) {
    #[cfg(unix)]
    if let Some(pid) = number.parse().ok().and_then(rustix::process::Pid::from_raw) {
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
    }
    #[cfg(not(unix))]
    let _ = number;
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Force {
    Ask,
    Kill,
}

#[cfg(unix)]
fn signal(child: &mut Child, group: bool, force: Force) {
    use rustix::process::{Pid, Signal, kill_process, kill_process_group};
    let Some(pid) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) else { return };
    let signal = if force == Force::Ask { Signal::TERM } else { Signal::KILL };
    // The group outlives its first member, so it is signalled even after that one has ended.
    let _ = if group {
        kill_process_group(pid, signal)
    } else if matches!(child.try_wait(), Ok(None)) {
        kill_process(pid, signal)
    } else {
        Ok(())
    };
}

#[cfg(not(unix))]
fn signal(child: &mut Child, _group: bool, force: Force) {
    if force == Force::Kill {
        let _ = child.kill();
    }
}

fn is_about_ourselves(key: &OsStr) -> bool {
    let key = key.to_string_lossy();
    ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_"]
        .iter()
        .any(|prefix| key.starts_with(prefix))
        || key == "CARGO_PRIMARY_PACKAGE"
}

fn quoted(word: &OsStr) -> String {
    let word = word.to_string_lossy();
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,+@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.into_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_shown_as_one_would_type_it() {
        let job = Job::new("apt-get").args(["install", "two words", "pkgconfig(gtk+-3.0)", "it's"]);
        assert_eq!(job.to_string(), r"apt-get install 'two words' 'pkgconfig(gtk+-3.0)' 'it'\''s'");
    }

    #[test]
    fn a_failing_program_is_named_with_its_status() {
        let stop = Job::cargo("no-such-subcommand").run().unwrap_err();
        assert!(stop.to_string().contains("cargo no-such-subcommand"), "{stop}");
    }

    #[cfg(unix)]
    #[test]
    fn a_program_that_takes_too_long_is_ended_with_what_it_started() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("pid");
        let script = format!("sleep 60 & echo $! > '{}'; wait", file.display());
        let limit = Duration::from_secs(3);
        let stop = Job::new("sh").args(["-c", &script]).limit(limit).run().unwrap_err();
        assert!(matches!(stop, Stop::TimedOut { .. }), "{stop}");
        let pid = std::fs::read_to_string(file).unwrap();
        let gone = || Job::new("kill").args(["-0", pid.trim()]).probe().is_none();
        assert!(wait_until(Duration::from_secs(2), gone).unwrap());
    }

    #[test]
    fn what_cargo_says_about_this_package_is_not_handed_on() {
        assert!(is_about_ourselves(OsStr::new("CARGO_PKG_NAME")));
        assert!(is_about_ourselves(OsStr::new("CARGO_MANIFEST_DIR")));
        assert!(!is_about_ourselves(OsStr::new("CARGO_TARGET_DIR")));
        assert!(!is_about_ourselves(OsStr::new("CARGO_HOME")));
    }
}
