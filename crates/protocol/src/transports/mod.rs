//! The registry: every service that Envoi speaks, one line each.
//!
//! A new service is one folder here and one entry in [`ALL`]; the connect form, the contract suite, the tapes and the fuzz
//! target go over this list.

use std::sync::{Arc, LazyLock};

use crate::io::{HttpCall, HttpReply, IoFault};
use crate::seed::Seed;
use crate::transport::{Failure, Settings, SettingsError, Transport};
use crate::view::{ServiceView, SettingField};

pub mod chat_session;
pub mod digital_channels;
pub mod gms;
pub mod gms_cometd;
pub mod web_messaging;
pub mod yellow;

/// All services.
pub const ALL: &[Service] = &[
    digital_channels::SERVICE,
    gms::SERVICE,
    gms_cometd::SERVICE,
    chat_session::SERVICE,
    web_messaging::SERVICE,
    yellow::SERVICE,
];

/// Services that are built and tried, and not offered while the simulation still finds worlds in which they lose something: nobody can
/// add a company with them. The tapes, the property tests and the fuzz target go over them as well. At present there are none.
pub const COMING: &[Service] = &[];

/// All services as an interface sees them: the same at any time, so they are put together once.
#[must_use]
pub fn views() -> Arc<[ServiceView]> {
    static VIEWS: LazyLock<Arc<[ServiceView]>> = LazyLock::new(|| ALL.iter().map(Service::view).collect());
    Arc::clone(&VIEWS)
}

/// A machine, or all that is wrong with its settings.
pub type Built = Result<Box<dyn Transport>, Vec<SettingsError>>;

/// A service, and how to make its machine.
#[derive(Debug, Clone, Copy)]
pub struct Service {
    /// Name in configuration files.
    pub id: &'static str,
    /// Name to show.
    pub name: &'static str,
    /// What a person has to know to add a company of this service.
    pub fields: fn() -> Vec<SettingField>,
    /// Makes the machine of one conversation: settings, whether the deployment is asynchronous, and all that is random.
    pub build: fn(&Settings, bool, &Seed) -> Built,
    /// A call that tells, without starting a chat, whether the service answers there and takes the key.
    pub probe: fn(&Settings) -> Result<HttpCall, Vec<SettingsError>>,
    /// Reads the answer to that call.
    pub judge: fn(Result<HttpReply, IoFault>) -> Result<(), Failure>,
}

impl Service {
    /// As an interface sees it.
    #[must_use]
    pub fn view(&self) -> ServiceView {
        ServiceView { id: self.id.to_owned(), name: self.name.to_owned(), fields: (self.fields)() }
    }
}

/// The service of this name in a configuration file.
#[must_use]
pub fn named(id: &str) -> Option<&'static Service> {
    ALL.iter().find(|service| service.id == id)
}
