//! Why a host cannot be reached, as far as it can be seen from here: what the doctor adds where the network says no more than that.

use std::io;
use std::net::{SocketAddr, TcpStream, ToSocketAddrs as _};
use std::time::Duration;

/// How long one address may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// How far one gets.
#[derive(Debug)]
pub(crate) enum Reach {
    /// Nobody knows a host of this name.
    NoName,
    /// The host is known and takes no connection.
    NoConnection(io::Error),
    /// Connections are taken.
    Connected,
}

/// Tries to connect, and sends nothing.
pub(crate) async fn reach(host: &str, port: u16) -> Reach {
    // An address of the newer kind stands in brackets where it is part of another.
    let host = host.trim_matches(['[', ']']).to_owned();
    let tried = tokio::task::spawn_blocking(move || match (host.as_str(), port).to_socket_addrs() {
        Ok(addresses) => connect(addresses),
        Err(_) => Reach::NoName,
    });
    tried.await.unwrap_or_else(|broken| Reach::NoConnection(io::Error::other(broken)))
}

fn connect(addresses: impl Iterator<Item = SocketAddr>) -> Reach {
    let mut failed = None;
    for address in addresses {
        match TcpStream::connect_timeout(&address, PATIENCE) {
            Ok(_) => return Reach::Connected,
            Err(cause) => failed = Some(cause),
        }
    }
    failed.map_or(Reach::NoName, Reach::NoConnection)
}

impl Reach {
    /// What that means for somebody who wants to get to `host`, and what can be done.
    pub(crate) fn advice(&self, host: &str, port: u16) -> String {
        match self {
            Self::NoName => format!(
                "The name {host} is not known here: check how it is written, and whether you are in the right network."
            ),
            Self::NoConnection(cause) => format!(
                "{host} takes no connection on port {port} ({cause}): check the address; if it is right, ask whoever runs {host} or \
                 this network."
            ),
            Self::Connected => format!("{host} takes connections on port {port}: try again."),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn it_is_told_how_far_one_gets() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        assert!(matches!(reach("127.0.0.1", port).await, Reach::Connected));
        drop(listener);
        let refused = reach("127.0.0.1", port).await;
        assert!(refused.advice("127.0.0.1", port).contains(&format!("takes no connection on port {port}")));
        let unknown = reach("no-such-host.invalid", 443).await;
        assert!(unknown.advice("no-such-host.invalid", 443).contains("is not known here"));
    }
}
