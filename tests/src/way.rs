//! The services in the sandbox: for each one of the registry, what a deployment file says to reach it, and what may be asked of it.
//!
//! The contract suite, the run over bad networks and the sudden deaths go over this table. A story names what it needs, and is
//! skipped on a service whose row says that it lacks that, and why.

mod chat_session;
mod digital_channels;
mod gms;
mod gms_cometd;
mod web_messaging;
mod yellow;

use envoi_protocol::transport::Transport;
use envoi_protocol::transports;
use serde_json::Value;

use crate::centre::Centre;

/// The settings of a deployment, each by its name.
pub type Settings = Vec<(&'static str, toml::Value)>;

/// A service, how it is reached in the sandbox, and what may be asked of it.
#[derive(Debug, Clone, Copy)]
pub struct Way {
    /// Name of the service in deployment files, and of its address in the sandbox's directory.
    pub service: &'static str,
    /// Name of the model that plays it in the sandbox, and of its settings there.
    pub model: &'static str,
    /// The entry point that a chat is begun through, as the contact centre names it.
    pub endpoint: &'static str,
    /// The modes of a deployment that it can be in.
    pub modes: &'static [&'static str],
    /// What it cannot do, and why. Everything else is asked of it.
    pub lacks: &'static [(Ability, &'static str)],
    /// How the client hears of news.
    pub listening: Listening,
    /// What the sandbox's log calls a request that asks for news: there is never more than one of these at a time.
    pub reads: &'static [&'static str],
    /// Words for `kill` that tell a running chat that it is lost.
    pub lost: &'static [&'static str],
    /// The same for a chat that was lost while the program was not running, by the mode of its deployment.
    pub lost_meanwhile: &'static [(&'static str, &'static str)],
    /// The setting that holds the address.
    pub url: &'static str,
    settings: fn(&Place<'_>) -> Settings,
    pace: fn() -> Settings,
    haste: fn() -> Settings,
    pages: fn(entries: u16) -> Settings,
    switches: fn() -> Vec<Value>,
    /// Settings of the sandbox with which nobody counts how often the program begins anew: one that dies every second asks for more
    /// than services that count allow.
    uncounted: fn() -> Value,
}

/// Where a service is.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// Its address, perhaps along another way than the straight one.
    pub url: &'a str,
    /// The sandbox's directory: for a service with more than one address.
    pub directory: &'a Value,
}

/// What a story may need of a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ability {
    /// Files can be sent; as the transport's capability. A picture is one.
    Files,
    /// Older pages can be loaded; as the transport's capability.
    History,
    /// Typing can be shown to the other side; as the transport's capability.
    Typing,
    /// More data can be given during a chat; as the transport's capability.
    UserData,
    /// Data given during a chat arrives by itself.
    DataAtOnce,
    /// The other side is told that the person has stopped typing.
    TypingEnds,
    /// The other side can be told what was read; as the transport's capability.
    Receipts,
    /// The person can change their name; as the transport's capability.
    Nickname,
    /// Notices can be sent; as the transport's capability.
    Notices,
    /// The person can end the chat, and the other side sees it; as the transport's capability.
    End,
    /// The form and attached data reach the contact centre with the start.
    Form,
    /// Typing of the other side is told.
    TheirTyping,
    /// The other side sends pictures, which can be loaded.
    TheirPictures,
    /// Files of any kind go in both directions, not pictures alone.
    AnyFiles,
    /// The other side's people are told of as they join and leave.
    People,
    /// The interaction has states: a case can be finalized.
    States,
    /// A chat is picked up again after a restart of the program.
    Restore,
    /// The transcript can be read back: what arrived can be told from what did not.
    Transcript,
    /// Every return brings a new token.
    Renewal,
    /// A return may put the chat under another name.
    Moves,
    /// The other side can end the chat.
    EndByThem,
    /// The service can lose a chat, and says so.
    Loss,
    /// Entries may arrive behind their place in the order.
    OutOfOrder,
    /// The same entry may come twice.
    Duplicates,
    /// Any entry can be pushed in the service's own form.
    Push,
    /// What is sent and read travels as HTTP requests, whose answers can be lost or spoilt one by one.
    Requests,
    /// Reads are held until there is news.
    HeldReads,
    /// News come over a socket.
    Sockets,
    /// An API key, an endpoint and the HTTP statuses 401, 403, 404 and 429 mean what the input suite takes them for.
    Statuses,
    /// It goes into the run over bad networks.
    BadNetworks,
    /// A plain client makes that run as well, for comparison.
    PlainClient,
    /// It goes into the sudden deaths.
    Kills,
}

/// How a client hears of news.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listening {
    /// By a read that is held.
    HeldReads,
    /// By asking again and again.
    ShortReads,
    /// Over a socket.
    Socket,
}

/// Where each read is a request that holds its own answer, whatever it reads.
const EVERY_READ: &[&str] = &["poll", "resume", "restore", "history"];

/// One row for each service of the registry.
const WAYS: &[Way] =
    &[digital_channels::WAY, gms::WAY, gms_cometd::WAY, chat_session::WAY, web_messaging::WAY, yellow::WAY];

impl Way {
    /// The way to every service of the registry.
    ///
    /// # Panics
    ///
    /// If the registry has a service that cannot be reached in the sandbox yet.
    pub fn all() -> impl Iterator<Item = Self> {
        transports::ALL.iter().map(|service| Self::named(service.id))
    }

    /// Those that can do all of this; of the others it is said why not.
    pub fn with(needs: &[Ability]) -> impl Iterator<Item = Self> {
        Self::all().filter(move |way| way.can(needs))
    }

    /// The way to a service.
    ///
    /// # Panics
    ///
    /// If it cannot be reached in the sandbox yet.
    #[must_use]
    pub fn named(service: &str) -> Self {
        let way = WAYS.iter().find(|way| way.service == service);
        *way.unwrap_or_else(|| panic!("{service} has no way into the sandbox yet: add it to WAYS"))
    }

    /// Whether it can do all of this; says why if not.
    #[must_use]
    pub fn can(&self, needs: &[Ability]) -> bool {
        let lacking = self.lacks.iter().find(|(ability, _)| needs.contains(ability));
        if let Some((ability, why)) = lacking {
            println!("skipped: {} lacks {ability:?}, because {why}", self.service);
        }
        lacking.is_none()
    }

    /// Whether its row says that it lacks this.
    #[must_use]
    pub fn lacks(&self, ability: Ability) -> bool {
        self.lacks.iter().any(|(one, _)| *one == ability)
    }

    /// Whether a deployment of it can be in this mode; says so if not.
    #[must_use]
    pub fn has_mode(&self, mode: &str) -> bool {
        let has = self.modes.contains(&mode);
        if !has {
            println!("skipped: {} has no {mode} deployments", self.service);
        }
        has
    }

    /// Where the service is.
    #[must_use]
    pub fn address(&self, centre: &Centre) -> String {
        centre.service(self.service)
    }

    /// What a deployment file says of a service at this address, at the pace of a test.
    #[must_use]
    pub fn settings(&self, centre: &Centre, address: &str) -> Settings {
        let mut settings = self.calm_settings(centre, address);
        settings.extend((self.pace)());
        settings
    }

    /// The same, at the pace that is usual.
    #[must_use]
    pub fn calm_settings(&self, centre: &Centre, address: &str) -> Settings {
        (self.settings)(&Place { url: address, directory: &centre.directory })
    }

    /// The same, for a network on which answers get lost: what does not come is given up within seconds. `page` is the number of
    /// entries per page of history, if not the usual one.
    #[must_use]
    pub fn hasty_settings(&self, centre: &Centre, address: &str, page: Option<u16>) -> Settings {
        let mut settings = self.settings(centre, address);
        settings.extend((self.haste)());
        settings.extend(page.map(self.pages).unwrap_or_default());
        settings
    }

    /// Settings of the sandbox with which a client has to come to terms, whatever they are: each to be tried.
    #[must_use]
    pub fn switches(&self) -> Vec<Value> {
        (self.switches)()
    }

    /// Sets the sandbox so that a program may begin anew as often as it likes.
    pub async fn stop_counting(&self, centre: &Centre) {
        let settings = (self.uncounted)();
        if !settings.is_null() {
            centre.set(self.model, settings).await;
        }
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

    /// The service's machine with settings as above.
    ///
    /// # Panics
    ///
    /// If these settings cannot be used.
    #[must_use]
    pub fn machine(&self, settings: &Settings, asynchronous: bool) -> Box<dyn Transport> {
        let service = transports::named(self.service).expect("it is in the registry");
        let json = settings.iter().map(|(name, value)| {
            ((*name).to_owned(), serde_json::to_value(value).expect("a setting can be written"))
        });
        (service.build)(&json.collect(), asynchronous, &1.into()).expect("its settings can be used")
    }
}
