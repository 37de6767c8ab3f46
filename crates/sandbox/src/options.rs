//! How a sandbox is started, and where it then is.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What a sandbox is started with. The default is what the demo uses.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// Where to listen. Loopback only; port 0 picks a free one.
    pub listen: SocketAddr,
    /// Who plays the agents.
    pub script: Script,
    /// How fast the script plays: 1 is a human pace, 2 twice as fast. Between 0.01 and 1000.
    pub speed: f64,
    /// Makes all ids the same on every run.
    pub seed: Option<u64>,
    /// How long a poll with nothing to say is held. At most a minute.
    pub poll_hold: Duration,
    /// Accepted API keys. At least one.
    pub api_keys: Vec<String>,
    /// Endpoints that a chat may be created through. At least one.
    pub endpoints: Vec<String>,
    /// Where the services are served over TLS, by HTTP/2 to whoever speaks it; `None` serves them in the clear. The control API and
    /// the console stay in the clear.
    pub secure: Option<Secure>,
}

/// How the services are served over TLS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Secure {
    /// Where to listen. Loopback only; port 0 picks a free one.
    pub listen: SocketAddr,
    /// Where the certificate is written that a client has to trust, in PEM. It is another one each time.
    pub certificate: PathBuf,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            script: Script::BuiltIn,
            speed: 1.0,
            seed: None,
            poll_hold: Duration::from_secs(25),
            api_keys: vec!["sandbox-key".to_owned()],
            endpoints: vec!["Support".to_owned(), "Sales".to_owned()],
            secure: None,
        }
    }
}

/// Who plays the agents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Script {
    /// The story that the demo tells.
    BuiltIn,
    /// A scenario in a TOML file.
    File(PathBuf),
    /// Nobody: the control API or the console page.
    None,
}

/// Where a running sandbox is and what it accepts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Directory {
    /// Accepted API keys.
    pub api_keys: Vec<String>,
    /// Accepted entry points.
    pub endpoints: Vec<String>,
    /// Base of the control API.
    pub control: String,
    /// The agent console page.
    pub console: String,
    /// The file with the certificate to trust, if the services are served over TLS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<PathBuf>,
    /// Where each service is, by its name in deployment files; a service that is reached in two places has two names.
    #[serde(flatten)]
    pub services: BTreeMap<String, String>,
}

impl Directory {
    /// Of a sandbox that is controlled at `address` and serves at `services`.
    pub(crate) fn new(address: SocketAddr, services: SocketAddr, options: &Options) -> Self {
        Self {
            api_keys: options.api_keys.clone(),
            endpoints: options.endpoints.clone(),
            control: format!("http://{address}/control"),
            console: format!("http://{address}/console"),
            certificate: options.secure.as_ref().map(|secure| secure.certificate.clone()),
            services: crate::http::addresses(services, options.secure.is_some()),
        }
    }

    /// Where a service is, by its name in deployment files; `None` if the sandbox does not serve it.
    #[must_use]
    pub fn service(&self, name: &str) -> Option<&str> {
        self.services.get(name).map(String::as_str)
    }
}
