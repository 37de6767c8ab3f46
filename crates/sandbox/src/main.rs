//! `envoi-sandbox serve`: the sandbox as a program. Says in one line of JSON where it is, then serves until stopped.

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};
use envoi_sandbox::{Options, Sandbox, Script, Secure};
use tracing_subscriber::EnvFilter;

/// A contact centre on this computer, to try Envoi against.
#[derive(Debug, Parser)]
#[command(name = "envoi-sandbox", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serves until it is stopped. Prints one line of JSON when it is ready.
    Serve(Serve),
    /// Reads a script and says whether it can be played.
    Check {
        /// The script, a TOML file.
        script: PathBuf,
    },
}

#[derive(Debug, clap::Args)]
struct Serve {
    /// Loopback address and port; port 0 picks a free one.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// A script (TOML file) that plays the agents, or "none" to leave all to the control API. Without it, the demo's story.
    #[arg(long, value_name = "FILE|none")]
    script: Option<PathBuf>,
    /// How fast the script plays: 1 is a human pace.
    #[arg(long, default_value_t = 1.0)]
    speed: f64,
    /// Makes all ids the same on every run.
    #[arg(long)]
    seed: Option<u64>,
    /// How long a poll with nothing to say is held, in milliseconds.
    #[arg(long, default_value_t = 25_000)]
    poll_hold_ms: u64,
    /// An accepted API key. May be given several times.
    #[arg(long = "api-key", default_value = "sandbox-key")]
    api_keys: Vec<String>,
    /// An endpoint for chats. May be given several times.
    #[arg(long = "endpoint", default_values = ["Support", "Sales"])]
    endpoints: Vec<String>,
    /// Serves the services over TLS, by HTTP/2 too, on a port of their own, and writes the certificate to trust to this file.
    #[arg(long, value_name = "FILE")]
    tls: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> ExitCode {
    let filter = EnvFilter::try_from_env("ENVOI_LOG").unwrap_or_else(|_| EnvFilter::new("warn"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let result = match Arguments::parse().command {
        Command::Serve(serve) => run(serve).await,
        Command::Check { script } => {
            envoi_sandbox::scenario(&Script::File(script)).map(drop).map_err(Into::into)
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("envoi-sandbox: {problem}");
            ExitCode::FAILURE
        }
    }
}

async fn run(serve: Serve) -> Result<(), Box<dyn std::error::Error>> {
    let script = match serve.script {
        None => Script::BuiltIn,
        Some(path) if path.as_os_str() == "none" => Script::None,
        Some(path) => Script::File(path),
    };
    let running = Sandbox::start(Options {
        listen: serve.listen,
        script,
        speed: serve.speed,
        seed: serve.seed,
        poll_hold: Duration::from_millis(serve.poll_hold_ms),
        api_keys: serve.api_keys,
        endpoints: serve.endpoints,
        secure: serve
            .tls
            .map(|certificate| Secure { listen: SocketAddr::new(serve.listen.ip(), 0), certificate }),
    })
    .await?;
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}", serde_json::to_string(running.directory())?)?;
    out.flush()?;
    drop(out);
    stop_signal().await?;
    running.stop().await;
    Ok(())
}

#[cfg(unix)]
async fn stop_signal() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        result = tokio::signal::ctrl_c() => result,
        _ = terminate.recv() => Ok(()),
    }
}

#[cfg(not(unix))]
async fn stop_signal() -> std::io::Result<()> {
    tokio::signal::ctrl_c().await
}
