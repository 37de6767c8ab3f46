//! All that a running sandbox holds, behind one lock, and the bell that rings when something changed.

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use tokio::sync::watch;

use crate::action::{Action, ActionError};
use crate::chat::{Chat, Line};
use crate::fault::Faults;
use crate::http::wire::Wires;
use crate::ids::Ids;
use crate::log::Log;
use crate::model::{Model, Models};
use crate::options::Options;

/// The state of a running sandbox.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) models: Models,
    pub(crate) faults: Faults,
    pub(crate) log: Log,
    /// Connections of customers with an open poll, by whatever their service names them.
    pub(crate) polling: HashSet<String>,
    /// Grows each time open polls are to be answered with what there is.
    pub(crate) released: u64,
    /// Until when (unix ms) the service answers nobody.
    pub(crate) down_until: u64,
    /// Grows with each change that the console page shows.
    pub(crate) version: u64,
}

impl World {
    /// All chats of all services; the one that was created or joined last stands last.
    pub(crate) fn chats(&self) -> Vec<Chat> {
        let mut chats: Vec<Chat> = self.models.all().into_iter().flat_map(Model::chats).collect();
        chats.sort_by_key(|chat| chat.touched);
        chats
    }

    /// A chat by its id, or the newest of all by the word `latest`.
    ///
    /// # Errors
    /// [`ActionError::NoSuchSession`].
    pub(crate) fn chat(&self, id: &str) -> Result<Chat, ActionError> {
        let found = match id {
            "latest" => self.latest(),
            id => self.models.all().into_iter().find_map(|model| model.chat(id)),
        };
        found.ok_or_else(|| ActionError::NoSuchSession(id.to_owned()))
    }

    fn latest(&self) -> Option<Chat> {
        // Of equally new ones, the last.
        let newest = self.models.all().into_iter().filter_map(|model| model.chats().pop());
        newest.max_by_key(|chat| chat.touched)
    }

    /// The lines of a chat from this one on.
    pub(crate) fn lines(&self, chat: &Chat, from: usize) -> Vec<Line> {
        let model = self.models.all().into_iter().find(|model| model.name() == chat.service);
        model.map(|model| model.lines(&chat.id, from)).unwrap_or_default()
    }

    /// Does something in a chat.
    ///
    /// # Errors
    /// The first [`ActionError`]; the actions before it stay done.
    pub(crate) fn act(&mut self, id: &str, now: u64, actions: Vec<Action>) -> Result<Vec<Line>, ActionError> {
        let chat = self.chat(id)?;
        let model = self.models.all_mut().into_iter().find(|model| model.name() == chat.service);
        model.ok_or_else(|| ActionError::NoSuchSession(chat.id.clone()))?.act(&chat.id, now, actions)
    }

    /// The switches of every model, by its name.
    pub(crate) fn settings(&self) -> serde_json::Map<String, serde_json::Value> {
        self.models.all().into_iter().map(|model| (model.name().to_owned(), model.settings())).collect()
    }
}

/// The state and those who wait for it to change.
#[derive(Debug)]
pub(crate) struct Shared {
    world: Mutex<World>,
    bell: watch::Sender<()>,
    pub(crate) wires: Wires,
    /// The switches of every model as they were at the start.
    pub(crate) initial: serde_json::Map<String, serde_json::Value>,
}

impl Shared {
    pub(crate) fn new(options: &Options, ids: &Ids) -> Self {
        let world = World {
            models: Models::start(options, ids),
            faults: Faults::default(),
            log: Log::default(),
            polling: HashSet::new(),
            released: 0,
            down_until: 0,
            version: 1,
        };
        let initial = world.settings();
        Self { world: Mutex::new(world), bell: watch::Sender::new(()), wires: Wires::default(), initial }
    }

    /// Looks at the state, or changes what nobody waits for. The second argument is the time in unix ms.
    pub(crate) fn with<R>(&self, look: impl FnOnce(&mut World, u64) -> R) -> R {
        look(&mut self.lock(), unix_ms())
    }

    /// Changes the chats, or what steers them, and wakes everybody who waits.
    pub(crate) fn change<R>(&self, change: impl FnOnce(&mut World, u64) -> R) -> R {
        let result = {
            let mut world = self.lock();
            world.version += 1;
            change(&mut world, unix_ms())
        };
        self.ring();
        result
    }

    /// Wakes everybody who waits.
    pub(crate) fn ring(&self) {
        self.bell.send_replace(());
    }

    /// Something to wait on for the next ring.
    pub(crate) fn listen(&self) -> watch::Receiver<()> {
        self.bell.subscribe()
    }

    fn lock(&self) -> MutexGuard<'_, World> {
        // A panic elsewhere must not take the sandbox down with it: the state stays usable.
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn unix_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
