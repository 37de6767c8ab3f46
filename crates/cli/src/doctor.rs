//! Looks whether everything works that a chat needs, and says what to do about what does not. It asks each company's service
//! without starting a chat, and changes nothing but a probe entry in the password store, which it deletes again.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use envoi_engine::deployments::{Deployment, Deployments, check};
use envoi_engine::keyring::{Keyring, SystemVault};
use envoi_engine::net::http::HttpNetworks;
use envoi_engine::net::outlook::Outlook;
use envoi_engine::net::{Networks as _, proxy};
use envoi_engine::profile::{Profile, ProfileError};
use envoi_protocol::fault::{Fault, FaultCode};
use serde::Serialize;
use url::Url;

use crate::deployments::told;
use crate::reach::reach;
use crate::{Trouble, words};

/// Account of the probe entry in the password store.
const PROBE: &str = "doctor-probe";

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum State {
    Good,
    Note,
    Bad,
}

#[derive(Debug, Serialize)]
struct Finding {
    about: String,
    state: State,
    /// What was found, and what to do about it.
    found: String,
    /// Stable code, where there is one.
    code: Option<FaultCode>,
}

impl Finding {
    fn new(about: &str, state: State, found: impl Into<String>) -> Self {
        Self { about: about.to_owned(), state, found: found.into(), code: None }
    }

    fn fault(about: &str, fault: &Fault, company: &str) -> Self {
        let mut found = words::fault(fault, company);
        if let Some(advice) = advice(fault.code) {
            found.push(' ');
            found.push_str(advice);
        }
        Self { about: about.to_owned(), state: State::Bad, found, code: Some(fault.code) }
    }
}

/// Looks at everything, or at these companies alone.
pub(crate) async fn run(
    profile: Profile,
    companies: Option<Vec<Arc<Deployment>>>,
    json: bool,
) -> Result<ExitCode, Trouble> {
    let mut worst = false;
    let mut tell = |finding: Finding| -> Result<(), Trouble> {
        worst |= finding.state == State::Bad;
        if json {
            println!("{}", serde_json::to_string(&finding)?);
        } else {
            let sign = match finding.state {
                State::Good => "ok  ",
                State::Note => "note",
                State::Bad => "BAD ",
            };
            println!("{sign} {}: {}", finding.about, finding.found.replace('\n', "\n       "));
        }
        Ok(())
    };
    for finding in folders(&profile) {
        tell(finding)?;
    }
    tell(keyring(&profile).await)?;
    tell(network(Outlook::now()))?;
    let companies = match companies {
        Some(companies) => companies,
        None => {
            let read = Deployments::load(&profile.deployments_file());
            for fault in &read.faults {
                tell(Finding::new("configuration", State::Bad, told(fault)))?;
            }
            if read.list.is_empty() {
                let file = profile.deployments_file();
                let found = format!("no company yet: add one in the window, or in {}", file.display());
                tell(Finding::new("configuration", State::Note, found))?;
            }
            read.list
        }
    };
    let networks = HttpNetworks::new();
    for company in companies {
        for finding in ask(&networks, &company).await {
            tell(finding)?;
        }
    }
    Ok(if worst { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn folders(profile: &Profile) -> Vec<Finding> {
    let mut findings = Vec::new();
    match profile.lock() {
        Ok(_lock) => {}
        Err(used @ ProfileError::InUse { .. }) => {
            findings.push(Finding::new("profile", State::Note, used.to_string()));
        }
        Err(other) => return vec![Finding::new("profile", State::Bad, other.to_string())],
    }
    let mut folders = vec![profile.config(), profile.data()];
    folders.dedup();
    for folder in folders {
        findings.push(match writable(folder) {
            Ok(()) => Finding::new("profile", State::Good, format!("{} can be written to", folder.display())),
            Err(cause) => {
                let found = format!(
                    "{} cannot be written to: {cause}. Check its rights and the free space.",
                    folder.display()
                );
                Finding::new("profile", State::Bad, found)
            }
        });
    }
    findings
}

fn writable(folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let file = tempfile::NamedTempFile::new_in(folder)?;
    std::fs::write(file.path(), b"probe")
}

/// Whether any way leads out of this computer. Companies on the computer itself need none.
fn network(outlook: Outlook) -> Finding {
    match outlook.v4.or(outlook.v6) {
        Some(own) => {
            Finding::new("network", State::Good, format!("there is a way out of this computer, from {own}"))
        }
        None => {
            let found = "no way leads out of this computer: connect it to a network. What you write meanwhile is kept and goes out then.";
            Finding::new("network", State::Note, found)
        }
    }
}

/// What to do about a fault whose own words only say what is wrong.
const fn advice(code: FaultCode) -> Option<&'static str> {
    Some(match code {
        FaultCode::NotAnswering => {
            "Try again in a while; if it stays so, check the address, and the proxy if there is one."
        }
        FaultCode::AnswerTooLarge => "Check the address: this is hardly a chat service.",
        FaultCode::BadAddress => "Correct the address.",
        FaultCode::Declined => "Ask the company, with what stands in brackets.",
        FaultCode::KeyringFailed => {
            "Chats work and are forgotten when Envoi quits. Sign out and in again; if it stays so, ask whoever looks after this \
             computer, with what stands in brackets."
        }
        _ => return None,
    })
}

/// Writes, reads and deletes an entry, as a chat does.
async fn keyring(profile: &Profile) -> Finding {
    let about = "password store";
    let keyring = Keyring::new(Arc::new(SystemVault::new(profile.keyring_service())));
    let secret = b"a probe, to be deleted".to_vec();
    let tried = async {
        keyring.set(PROBE, secret.clone()).await?;
        let read = keyring.get(PROBE).await?;
        keyring.delete(PROBE).await?;
        Ok::<_, envoi_engine::keyring::VaultError>(read)
    };
    // A locked store may be asking for its password in a dialog.
    match tokio::time::timeout(std::time::Duration::from_secs(60), tried).await {
        Ok(Ok(Some(read))) if read == secret => {
            Finding::new(about, State::Good, "an entry was written, read and deleted")
        }
        Ok(Ok(_)) => Finding::fault(
            about,
            &Fault::with_detail(FaultCode::KeyringFailed, "what was written could not be read back"),
            "",
        ),
        Ok(Err(refused)) => Finding::fault(about, &refused.fault(), ""),
        Err(_) => Finding::fault(
            about,
            &Fault::with_detail(FaultCode::KeyringLocked, "it did not answer for a minute"),
            "",
        ),
    }
}

/// The way to one company, and what it answers.
async fn ask(networks: &HttpNetworks, company: &Deployment) -> Vec<Finding> {
    let about = company.view.id.as_str();
    let mut findings = Vec::new();
    let address = check::address(company.service, &company.settings);
    let proxy = address.as_ref().and_then(|address| proxy::in_force(&company.route, address));
    if let Some(address) = &address {
        let host = address.host_str().unwrap_or_default();
        let way = proxy.as_ref().map_or_else(
            || format!("{host} is reached directly"),
            |proxy| format!("{host} is reached through the proxy {proxy}"),
        );
        findings.push(Finding::new(about, State::Note, way));
    }
    match networks.along(&company.route) {
        Err(problem) => findings.push(Finding::new(about, State::Bad, problem.to_string())),
        Ok(network) => {
            let faults = check::ask(company.service, &company.settings, network.as_ref()).await;
            if faults.is_empty() {
                let secure = address.as_ref().is_some_and(|address| address.scheme() == "https");
                let trust = if secure { ", over a connection that can be trusted" } else { "" };
                let found = format!(
                    "\"{}\" answers and takes the key{trust}; what else is set shows when a chat begins",
                    company.view.name
                );
                findings.push(Finding::new(about, State::Good, found));
            }
            for fault in &faults {
                let mut finding = Finding::fault(about, &fault.fault, &company.view.name);
                if fault.fault.code == FaultCode::Offline
                    && let Some(address) = &address
                {
                    finding.found =
                        format!("{} {}", finding.found, obstacle(address, proxy.as_deref()).await);
                }
                findings.push(finding);
            }
        }
    }
    findings
}

/// What stands in the way: the host itself, or the proxy before it.
async fn obstacle(address: &Url, proxy: Option<&str>) -> String {
    let next = proxy.and_then(|proxy| Url::parse(proxy).ok());
    let next = next.as_ref().unwrap_or(address);
    let (host, port) = (next.host_str().unwrap_or_default(), next.port_or_known_default().unwrap_or(1080));
    let advice = reach(host, port).await.advice(host, port);
    if proxy.is_some() { format!("It is the proxy that is asked first. {advice}") } else { advice }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_computer_without_a_network_is_told_so() {
        let none = network(Outlook::default());
        assert!(none.state == State::Note && none.found.contains("connect it to a network"), "{none:?}");
        let some = network(Outlook { v4: "192.0.2.7".parse().ok(), v6: None });
        assert!(some.state == State::Good && some.found.contains("192.0.2.7"), "{some:?}");
    }

    #[test]
    fn what_only_says_what_is_wrong_says_what_to_do_as_well() {
        for code in [
            FaultCode::NotAnswering,
            FaultCode::AnswerTooLarge,
            FaultCode::BadAddress,
            FaultCode::KeyringFailed,
        ] {
            let plain = words::fault(&Fault::new(code), "Tidewater");
            let found = Finding::fault("tidewater", &Fault::new(code), "Tidewater").found;
            assert!(found.starts_with(&plain) && found.len() > plain.len() + 10, "{found}");
        }
    }
}
