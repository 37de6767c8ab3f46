//! The ways into the sandbox: for each service of the registry, what a deployment file says to reach it.

use envoi_protocol::transports;

use crate::centre::Centre;

/// The settings of a deployment, each by its name.
pub type Settings = Vec<(&'static str, toml::Value)>;

/// A service, and how it is reached in the sandbox.
#[derive(Debug, Clone, Copy)]
pub struct Way {
    /// Name of the service in deployment files.
    pub service: &'static str,
    settings: fn(address: &str) -> Settings,
    haste: fn() -> Settings,
    pages: fn(entries: u16) -> Settings,
}

/// One entry for each service of the registry. Failures are tried again soon, because nothing of this is about waiting.
const WAYS: &[Way] = &[Way {
    service: "digital_channels",
    settings: |address| {
        vec![
            ("url", address.into()),
            ("api_key", "sandbox-key".into()),
            ("endpoint", "Support".into()),
            ("poll_gap_ms", 200.into()),
        ]
    },
    haste: || vec![("request_timeout_ms", 700.into()), ("poll_timeout_ms", 2_500.into())],
    pages: |entries| vec![("page", i64::from(entries).into())],
}];

impl Way {
    /// The way to every service of the registry.
    ///
    /// # Panics
    ///
    /// If the registry has a service that cannot be reached in the sandbox yet.
    pub fn all() -> impl Iterator<Item = Self> {
        transports::ALL.iter().map(|service| {
            let way = WAYS.iter().find(|way| way.service == service.id);
            *way.unwrap_or_else(|| panic!("{} has no way into the sandbox yet: add it to WAYS", service.id))
        })
    }

    /// Where the service is.
    #[must_use]
    pub fn address(&self, centre: &Centre) -> String {
        centre.service(self.service)
    }

    /// What a deployment file says of a service at this address.
    #[must_use]
    pub fn settings(&self, address: &str) -> Settings {
        (self.settings)(address)
    }

    /// The same, for a network on which answers get lost: what does not come is given up within seconds. `page` is the number of
    /// entries per page of history, if not the usual one.
    #[must_use]
    pub fn hasty_settings(&self, address: &str, page: Option<u16>) -> Settings {
        let mut settings = self.settings(address);
        settings.extend((self.haste)());
        settings.extend(page.map(self.pages).unwrap_or_default());
        settings
    }

    /// An entry of a deployment file.
    #[must_use]
    pub fn deployment(&self, id: &str, name: &str, mode: &str, more: &str, settings: &Settings) -> String {
        let service = self.service;
        let lines: String = settings.iter().map(|(name, value)| format!("{name} = {value}\n")).collect();
        format!(
            "[[deployment]]\nid = \"{id}\"\nname = \"{name}\"\nservice = \"{service}\"\nmode = \"{mode}\"\n{more}\n\
             [deployment.settings]\n{lines}"
        )
    }
}
