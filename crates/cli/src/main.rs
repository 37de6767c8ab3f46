//! Envoi without a window: a terminal chat, the same as JSON lines for programs, and the doctor.
//!
//! - [`chat`] is both kinds of chat, [`target`] finds the company to chat with.
//! - [`doctor`] looks whether everything works, [`deployments`] checks a file of companies.
//! - [`reach`] finds out how far one gets towards a host.
//! - [`words`] says in plain English what is wrong and what to do.
//!
//! Exit codes: 0 all went well, 1 something did not (it was said on standard error, or in the report), 2 the arguments were
//! not understood.

mod chat;
mod deployments;
mod doctor;
mod reach;
mod target;
mod words;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};
use envoi_engine::profile::Profile;

/// Envoi without a window.
#[derive(Debug, Parser)]
#[command(name = "envoi-cli", version, max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Chat with a company. A chat that was left un-ended is picked up again.
    Chat(ChatArguments),
    /// Look whether profile, password store, network and companies work, and say what to do.
    Doctor(DoctorArguments),
    /// Work with files of companies.
    Deployments {
        #[command(subcommand)]
        command: DeploymentsCommand,
    },
    /// Print the JSON schema of deployments.toml.
    Schema,
}

#[derive(Debug, clap::Args)]
struct ChatArguments {
    /// The company: its id or name in the profile, or a file for it alone.
    #[arg(long, value_name = "FILE|NAME")]
    deployment: String,
    /// Speak JSON: one update per line out, one command per line in.
    #[arg(long)]
    json: bool,
    /// A value of the entry form, for instance firstname=Ann. May be given several times.
    #[arg(long = "form", value_name = "FIELD=VALUE", value_parser = field)]
    form: Vec<(String, String)>,
    /// How many seconds to wait for unsent messages once the input has ended.
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    patience: u64,
    /// Where configuration, stored data and password entries are: a name, or a folder.
    #[arg(long, value_name = "NAME|DIR")]
    profile: Option<String>,
}

#[derive(Debug, clap::Args)]
struct DoctorArguments {
    /// Look at this company alone: its id or name in the profile, or a file for it alone.
    #[arg(long, value_name = "FILE|NAME")]
    deployment: Option<String>,
    /// Report as JSON, one finding per line.
    #[arg(long)]
    json: bool,
    /// Where configuration, stored data and password entries are: a name, or a folder.
    #[arg(long, value_name = "NAME|DIR")]
    profile: Option<String>,
}

#[derive(Debug, Subcommand)]
enum DeploymentsCommand {
    /// Read a file and name every mistake with its line.
    Check {
        /// The file.
        file: PathBuf,
    },
}

/// Something that ends the program, in plain words.
#[derive(Debug)]
struct Trouble(String);

impl<T: std::fmt::Display> From<T> for Trouble {
    fn from(problem: T) -> Self {
        Self(problem.to_string())
    }
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    log();
    match run(arguments.command) {
        Ok(code) => code,
        Err(Trouble(problem)) => {
            eprintln!("envoi-cli: {problem}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<ExitCode, Trouble> {
    match command {
        Command::Chat(arguments) => {
            let profile = Profile::named(arguments.profile.as_deref())?;
            let company = target::find(&profile, &arguments.deployment)?;
            let plan = chat::Plan {
                form: arguments.form.into_iter().collect(),
                patience: Duration::from_secs(arguments.patience),
            };
            blocking(chat::run(profile, company, plan, arguments.json))?
        }
        Command::Doctor(arguments) => {
            let profile = Profile::named(arguments.profile.as_deref())?;
            let companies = match &arguments.deployment {
                Some(wanted) => Some(vec![target::find(&profile, wanted)?]),
                None => None,
            };
            blocking(doctor::run(profile, companies, arguments.json))?
        }
        Command::Deployments { command: DeploymentsCommand::Check { file } } => Ok(deployments::check(&file)),
        Command::Schema => {
            print!("{}", envoi_engine::deployments::file::schema());
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn blocking<T>(work: impl Future<Output = T>) -> Result<T, Trouble> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let result = runtime.block_on(work);
    // A dialog of the password store may still be open: nobody waits for it any more.
    runtime.shutdown_timeout(Duration::from_millis(200));
    Ok(result)
}

/// Logs go to standard error, and only when asked for: `ENVOI_LOG=debug`.
fn log() {
    let filter = std::env::var("ENVOI_LOG").unwrap_or_else(|_| String::from("error"));
    let filter = tracing_subscriber::EnvFilter::try_new(filter).unwrap_or_default();
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
}

fn field(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() => Ok((name.trim().to_owned(), value.to_owned())),
        _ => Err(String::from("write it as FIELD=VALUE, for instance firstname=Ann")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arguments_fit_together() {
        use clap::CommandFactory as _;
        Arguments::command().debug_assert();
    }

    #[test]
    fn a_form_value_may_hold_an_equals_sign() {
        assert_eq!(field("subject=a=b").unwrap(), ("subject".to_owned(), "a=b".to_owned()));
        assert!(field("Ann").is_err());
        assert!(field("=Ann").is_err());
    }
}
