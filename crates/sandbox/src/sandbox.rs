//! Starting and stopping a contact centre on this computer.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use thiserror::Error;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::http::secure::SecureListener;
use crate::http::wire::{Wire, WireListener};
use crate::ids::Ids;
use crate::options::{Directory, Options, Script};
use crate::script::{Scenario, ScriptError};
use crate::world::Shared;

/// The contact centre; see [`Sandbox::start`].
#[derive(Debug)]
pub struct Sandbox;

/// Why a sandbox did not start.
#[derive(Debug, Error)]
pub enum Error {
    /// The address can be reached from other computers.
    #[error(
        "{0} is not a loopback address: the sandbox accepts anybody's key, so it listens on 127.0.0.1 or [::1] only"
    )]
    NotLoopback(SocketAddr),
    /// Nobody can listen there.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// An option is out of its bounds; the text names it.
    #[error("{0}")]
    Option(String),
    /// The script file cannot be read.
    #[error("cannot read the script {}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The certificate cannot be made or written.
    #[error("cannot write the certificate {}: {problem}", path.display())]
    Certificate {
        /// The file.
        path: PathBuf,
        /// Why.
        problem: String,
    },
    /// The script file is not understood.
    #[error("{}:{}: {}", path.display(), problem.line, problem.text)]
    Script {
        /// The file.
        path: PathBuf,
        /// Where in it, and what.
        problem: ScriptError,
    },
}

/// A running sandbox. It stops when this is dropped.
#[derive(Debug)]
pub struct Running {
    directory: Directory,
    shared: Arc<Shared>,
    tasks: Vec<JoinHandle<()>>,
}

impl Sandbox {
    /// Starts a contact centre on loopback. To be called inside a tokio runtime, which also runs it.
    ///
    /// # Errors
    /// [`enum@Error`]: an address that is not loopback or is taken, an option out of bounds, a script that cannot be used.
    pub async fn start(options: Options) -> Result<Running, Error> {
        check(&options)?;
        let scenario = scenario(&options.script)?;
        let failed = |source| Error::Listen { address: options.listen, source };
        let listener = TcpListener::bind(options.listen).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let ids = options.seed.map_or_else(Ids::unpredictable, Ids::seeded);
        let shared = Arc::new(Shared::new(&options, &ids));
        let mut tasks = Vec::new();
        let mut services = address;
        if let Some(secure) = &options.secure {
            let listener = SecureListener::bind(secure, &shared).await?;
            services = listener.address();
            let routes = crate::http::secure::router(&shared);
            tasks.push(tokio::spawn(serve(
                axum::serve(listener, routes.into_make_service_with_connect_info::<Wire>()).into_future(),
            )));
        }
        let routes = crate::http::router(&shared).into_make_service_with_connect_info::<Wire>();
        let listener = WireListener { listener, shared: Arc::clone(&shared) };
        tasks.push(tokio::spawn(serve(axum::serve(listener, routes).into_future())));
        if let Some(scenario) = scenario {
            let played = crate::script::play(Arc::clone(&shared), Arc::new(scenario), options.speed);
            tasks.push(tokio::spawn(played));
        }
        Ok(Running { directory: Directory::new(address, services, &options), shared, tasks })
    }
}

async fn serve(served: impl Future<Output = std::io::Result<()>>) {
    if let Err(error) = served.await {
        tracing::error!(%error, "the sandbox stopped serving");
    }
}

impl Running {
    /// Where the sandbox is and what it accepts.
    #[must_use]
    pub fn directory(&self) -> &Directory {
        &self.directory
    }

    /// Stops it: nothing listens any more and every connection is cut.
    pub async fn stop(mut self) {
        let tasks = std::mem::take(&mut self.tasks);
        for task in &tasks {
            task.abort();
        }
        for task in tasks {
            // An aborted task ends with an error that says just that.
            drop(task.await);
        }
        self.shared.wires.cut_all();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
        self.shared.wires.cut_all();
    }
}

fn check(options: &Options) -> Result<(), Error> {
    let secure = options.secure.as_ref().map(|secure| secure.listen);
    for address in [Some(options.listen), secure].into_iter().flatten() {
        if !address.ip().is_loopback() {
            return Err(Error::NotLoopback(address));
        }
    }
    if !(0.01..=1000.0).contains(&options.speed) {
        return Err(Error::Option(format!(
            "speed is {}; a number from 0.01 to 1000 was expected",
            options.speed
        )));
    }
    if options.api_keys.iter().all(String::is_empty) {
        return Err(Error::Option("no API key is given: nobody could open a chat".to_owned()));
    }
    if options.endpoints.iter().all(String::is_empty) {
        return Err(Error::Option("no endpoint is given: nobody could open a chat".to_owned()));
    }
    Ok(())
}

/// What the agents play; `None` when nobody plays them.
///
/// # Errors
/// A script that cannot be read or understood.
pub fn scenario(script: &Script) -> Result<Option<Scenario>, Error> {
    match script {
        Script::None => Ok(None),
        Script::BuiltIn => {
            let path = PathBuf::from("the built-in script");
            Scenario::built_in().map(Some).map_err(|problem| Error::Script { path, problem })
        }
        Script::File(path) => {
            let text = std::fs::read_to_string(path)
                .map_err(|source| Error::Unreadable { path: path.clone(), source })?;
            let folder = path.parent().unwrap_or(Path::new(""));
            Scenario::parse(&text, folder)
                .map(Some)
                .map_err(|problem| Error::Script { path: path.clone(), problem })
        }
    }
}
