//! The network behind a trait, so that everything above can be tried with paused time and without sockets.
//!
//! [`http`] is the real one ([`socket`] for what stays open), [`memory`] its twin for tests, [`proxy`] tells which proxy is in force, and [`outlook`] which way
//! leads out; [`trust`] is whom connections trust; [`sign_in`] waits for whoever signs in with a browser. The private `budgets` has retries of one host take turns, and `classify` turns what the HTTP library says into the
//! few faults the machines tell apart.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use envoi_protocol::io::{HttpCall, HttpReply, IoFault, SocketCall};
use futures_util::future::BoxFuture;
use outlook::Outlook;
use socket::Line;
use url::Url;

pub(crate) mod budgets;
mod classify;
pub mod http;
pub mod memory;
pub mod outlook;
pub mod proxy;
pub mod sign_in;
pub mod socket;
pub mod trust;

/// Carries out calls.
pub trait Network: fmt::Debug + Send + Sync {
    /// Carries out one call, within its own time and size limits. Dropping the future abandons the call.
    fn call(&self, call: HttpCall) -> BoxFuture<'static, Result<HttpReply, IoFault>>;

    /// As [`Network::call`], and tells how many bytes of the body have left, as they leave.
    fn call_telling(&self, call: HttpCall, told: Told) -> BoxFuture<'static, Result<HttpReply, IoFault>> {
        let _ = told;
        self.call(call)
    }

    /// Opens a socket, and keeps it until it ends or `line` does. Dropping the future cuts it.
    fn connect(&self, call: SocketCall, line: Line) -> BoxFuture<'static, ()>;
}

/// Is told how many bytes of a body have left.
pub type Told = Arc<dyn Fn(u64) + Send + Sync>;

/// Gives the network to reach one company by.
pub trait Networks: fmt::Debug + Send + Sync {
    /// The network of this route. The same route gives the same connections.
    ///
    /// # Errors
    ///
    /// [`RouteError`] if a part of the route cannot be used.
    fn along(&self, route: &Route) -> Result<Arc<dyn Network>, RouteError>;

    /// The computer woke up or moved to another network: kept connections are worthless, proxies may have changed.
    fn refresh(&self) {}

    /// Which way leads out of this computer.
    fn outlook(&self) -> Outlook;
}

/// How a company is reached, where this differs from what the system says.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Route {
    /// A proxy in place of the system's.
    pub proxy: Option<Url>,
    /// A file with certificates (PEM) that are trusted beside the system's.
    pub extra_ca_file: Option<PathBuf>,
}

/// Why a route cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RouteError {
    /// The proxy's address.
    #[error("the proxy address cannot be used: {0}")]
    Proxy(String),
    /// The file with certificates.
    #[error("the certificates in {file} cannot be used: {problem}")]
    ExtraCa {
        /// Which file.
        file: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// The library refuses to start.
    #[error("no network client could be made: {0}")]
    Client(String),
}

/// Whether an address leads to this computer, where proxies have no business.
#[must_use]
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}
