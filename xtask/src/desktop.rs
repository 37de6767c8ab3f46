//! A desktop of our own on a machine that has none: a display, a message bus, a window manager, a Secret Service and a
//! notification daemon, private to one run and gone after it. The window's tests run on it, and `--virtual-display` does.

use std::{
    fs::{self, File},
    io::{BufRead as _, BufReader, Write as _},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use tempfile::TempDir;

use crate::{
    job::{self, Job},
    stop::Stop,
    tree,
};

/// How long one program of the desktop may take to come up.
const START_LIMIT: Duration = Duration::from_secs(20);
/// Opens the keyring, which is thrown away with its folder.
const PASSWORD: &[u8] = b"throw-away";
/// The screen: room for the window at its first size, and for notifications beside it.
const SCREEN: &str = "1440x900x24";

/// Notifications stay until they are answered, and a click does what the notification is for, as on other desktops.
const DUNST_SETTINGS: &str = "[global]
    monitor = 0
    follow = none
    origin = top-right
    offset = 16x16
    font = DejaVu Sans 10
    mouse_left_click = do_action, close_current
    mouse_right_click = close_current
    idle_threshold = 0
    show_age_threshold = -1
    history_length = 200

[urgency_low]
    timeout = 0

[urgency_normal]
    timeout = 0

[urgency_critical]
    timeout = 0
";

/// What would lead a program to the desktop of the person at this machine.
const NOT_HANDED_ON: &[&str] = &["WAYLAND_DISPLAY", "XAUTHORITY", "SESSION_MANAGER", "DESKTOP_STARTUP_ID"];

/// A running desktop. Dropping it ends everything on it.
#[derive(Debug)]
pub(crate) struct VirtualDesktop {
    daemons: Vec<Daemon>,
    env: Vec<(String, String)>,
    logs: PathBuf,
    // Dropped last: the programs live in it.
    home: TempDir,
}

impl VirtualDesktop {
    /// Starts every part and waits until each answers.
    pub(crate) fn start() -> Result<Self, Stop> {
        if !cfg!(target_os = "linux") {
            return Err(Stop::Desktop("there are virtual displays on Linux only".to_owned()));
        }
        let home = tempfile::Builder::new()
            .prefix("envoi-desktop-")
            .tempdir()
            .map_err(Stop::file(std::env::temp_dir()))?;
        let logs = tree::target().join("xtask").join("desktop");
        fs::create_dir_all(&logs).map_err(Stop::file(&logs))?;
        let mut desktop = Self { daemons: Vec::new(), env: private_folders(home.path())?, logs, home };

        // The server picks a free display and says which.
        let server = ["-displayfd", "1", "-screen", "0", SCREEN, "-nolisten", "tcp", "-noreset"];
        let display = desktop.spawn_and_hear("Xvfb", &server)?;
        desktop.set("DISPLAY", &format!(":{display}"));
        let listen = format!("--address=unix:path={}", desktop.home.path().join("run").join("bus").display());
        let bus = ["--session", "--nofork", "--nopidfile", "--print-address=1", listen.as_str()];
        let address = desktop.spawn_and_hear("dbus-daemon", &bus)?;
        desktop.set("DBUS_SESSION_BUS_ADDRESS", &address);
        desktop.spawn("openbox", &["--sm-disable"], None)?;
        desktop.spawn(
            "gnome-keyring-daemon",
            &["--foreground", "--unlock", "--components=secrets"],
            Some(PASSWORD),
        )?;
        desktop.spawn("dunst", &[], None)?;
        desktop.wait_for_service("gnome-keyring-daemon", "org.freedesktop.secrets")?;
        desktop.wait_for_service("dunst", "org.freedesktop.Notifications")?;
        Ok(desktop)
    }

    /// The environment of a program on this desktop.
    pub(crate) fn env(&self) -> impl Iterator<Item = (&str, &str)> {
        self.env.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// The name of the display, such as `:3`.
    pub(crate) fn display(&self) -> &str {
        self.env().find_map(|(key, value)| (key == "DISPLAY").then_some(value)).unwrap_or_default()
    }

    /// The folder with what each part of the desktop printed.
    pub(crate) fn logs(&self) -> &Path {
        &self.logs
    }

    /// A call of a program on this desktop.
    pub(crate) fn job(&self, program: impl Into<std::ffi::OsString>) -> Job {
        Job::new(program).without(NOT_HANDED_ON).envs(self.env())
    }

    /// Starts a program in the background; it ends with the desktop at the latest.
    pub(crate) fn spawn(&mut self, name: &str, args: &[&str], input: Option<&[u8]>) -> Result<(), Stop> {
        let log = self.log(name)?;
        let daemon =
            Daemon::spawn(&self.part(name, args), name, Stdio::from(log), input, &self.log_file(name))?;
        self.daemons.push(daemon);
        Ok(())
    }

    /// True as long as the program of this name runs.
    pub(crate) fn runs(&mut self, name: &str) -> bool {
        let mut daemons = self.daemons.iter_mut();
        daemons.any(|daemon| daemon.name == name && matches!(daemon.child.try_wait(), Ok(None)))
    }

    /// Starts a program that says one line when it is ready, and hands back that line.
    fn spawn_and_hear(&mut self, name: &str, args: &[&str]) -> Result<String, Stop> {
        let mut daemon =
            Daemon::spawn(&self.part(name, args), name, Stdio::piped(), None, &self.log_file(name))?;
        let output = daemon.child.stdout.take();
        self.daemons.push(daemon);
        let line = output.and_then(first_line).filter(|line| !line.is_empty());
        line.ok_or_else(|| self.did_not_start(name))
    }

    fn wait_for_service(&mut self, name: &str, service: &str) -> Result<(), Stop> {
        let question =
            ["--session", "--print-reply=literal", "--dest=org.freedesktop.DBus", "/org/freedesktop/DBus"];
        let argument = format!("string:{service}");
        let ask = self
            .job("dbus-send")
            .args(question)
            .args(["org.freedesktop.DBus.NameHasOwner", argument.as_str()]);
        let there = || ask.probe().is_some_and(|answer| answer.contains("true"));
        if job::wait_until(START_LIMIT, there)? { Ok(()) } else { Err(self.did_not_start(name)) }
    }

    /// Ends what was started on this desktop and left behind, by whomever: it carries our private folder in its environment.
    fn sweep(&self) {
        let mark = format!("XDG_RUNTIME_DIR={}", self.home.path().join("run").display());
        for process in fs::read_dir("/proc").into_iter().flatten().flatten() {
            let env = fs::read(process.path().join("environ")).unwrap_or_default();
            if env.split(|byte| *byte == 0).any(|variable| variable == mark.as_bytes()) {
                job::kill(&process.file_name().to_string_lossy());
            }
        }
    }

    fn part(&self, name: &str, args: &[&str]) -> Job {
        let program = tree::find_program(name).unwrap_or_else(|| PathBuf::from(name));
        self.job(program).args(args.iter().copied())
    }

    fn set(&mut self, key: &str, value: &str) {
        self.env.push((key.to_owned(), value.to_owned()));
    }

    fn log_file(&self, name: &str) -> PathBuf {
        let name = Path::new(name).file_name().unwrap_or_default().to_string_lossy().into_owned();
        self.logs.join(format!("{name}.log"))
    }

    fn log(&self, name: &str) -> Result<File, Stop> {
        let file = self.log_file(name);
        File::options().create(true).append(true).open(&file).map_err(Stop::file(file))
    }

    fn did_not_start(&self, name: &str) -> Stop {
        let said = fs::read_to_string(self.log_file(name)).unwrap_or_default();
        Stop::Desktop(format!("{name} did not answer. It printed:\n{}", said.trim()))
    }
}

impl Drop for VirtualDesktop {
    fn drop(&mut self) {
        // What was started last needs what was started first.
        while let Some(daemon) = self.daemons.pop() {
            drop(daemon);
        }
        self.sweep();
    }
}

/// A program in the background, in a process group of its own.
#[derive(Debug)]
struct Daemon {
    name: String,
    child: Child,
}

impl Daemon {
    fn spawn(job: &Job, name: &str, output: Stdio, input: Option<&[u8]>, log: &Path) -> Result<Self, Stop> {
        let errors = File::create(log).map_err(Stop::file(log))?;
        let mut command = job.command();
        job::in_own_group(&mut command);
        let stdin = if input.is_some() { Stdio::piped() } else { Stdio::null() };
        let mut child = command
            .stdin(stdin)
            .stdout(output)
            .stderr(errors)
            .spawn()
            .map_err(|source| job.cannot_start(source))?;
        if let (Some(mut stdin), Some(input)) = (child.stdin.take(), input) {
            let _ = stdin.write_all(input);
        }
        Ok(Self { name: name.to_owned(), child })
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        job::end(&mut self.child, true);
    }
}

/// Folders for everything that a program would otherwise share with the user, and the variables that point to them.
fn private_folders(home: &Path) -> Result<Vec<(String, String)>, Stop> {
    let folders = [
        ("XDG_RUNTIME_DIR", "run"),
        ("XDG_DATA_HOME", "data"),
        ("XDG_CONFIG_HOME", "config"),
        ("XDG_STATE_HOME", "state"),
        ("XDG_CACHE_HOME", "cache"),
    ];
    let mut env = Vec::new();
    for (key, name) in folders {
        let folder = home.join(name);
        create_private(&folder)?;
        env.push((key.to_owned(), folder.display().to_string()));
    }
    let settings = home.join("config").join("dunst");
    create_private(&settings)?;
    fs::write(settings.join("dunstrc"), DUNST_SETTINGS).map_err(Stop::file(&settings))?;
    let fixed = [
        ("ENVOI_DESKTOP", "1"),
        ("GDK_BACKEND", "x11"),
        ("XDG_SESSION_TYPE", "x11"),
        ("GSETTINGS_BACKEND", "memory"),
        ("LC_ALL", "C.UTF-8"),
    ];
    env.extend(fixed.map(|(key, value)| (key.to_owned(), value.to_owned())));
    let logs = tree::target().join("xtask").join("desktop");
    env.push(("ENVOI_DESKTOP_LOGS".to_owned(), logs.display().to_string()));
    Ok(env)
}

fn create_private(folder: &Path) -> Result<(), Stop> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(Stop::file(folder))
}

/// The first line that a program prints, unless it takes longer than [`START_LIMIT`] or ends without one.
fn first_line(output: ChildStdout) -> Option<String> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut line = String::new();
        let mut output = BufReader::new(output);
        if output.read_line(&mut line).is_ok() {
            let _ = sender.send(line.trim().to_owned());
        }
        // Reads on, so that the program can go on writing.
        let _ = std::io::copy(&mut output, &mut std::io::sink());
    });
    receiver.recv_timeout(START_LIMIT).ok()
}
