//! All that a running sandbox holds, behind one lock, and the bell that rings when something changed.

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use tokio::sync::watch;

use crate::fault::Faults;
use crate::http::wire::Wires;
use crate::ids::Ids;
use crate::log::Log;
use crate::model::digital_channels::Centre;
use crate::model::digital_channels::settings::Settings;

/// The state of a running sandbox.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) centre: Centre,
    pub(crate) faults: Faults,
    pub(crate) log: Log,
    /// Transports with an open poll.
    pub(crate) polling: HashSet<String>,
    /// Grows each time open polls are to be answered with what there is.
    pub(crate) released: u64,
    /// Until when (unix ms) the service answers nobody.
    pub(crate) down_until: u64,
    /// Grows with each change that the console page shows.
    pub(crate) version: u64,
}

/// The state and those who wait for it to change.
#[derive(Debug)]
pub(crate) struct Shared {
    world: Mutex<World>,
    bell: watch::Sender<()>,
    pub(crate) wires: Wires,
    pub(crate) initial: Settings,
}

impl Shared {
    pub(crate) fn new(settings: Settings, ids: Ids) -> Self {
        let world = World {
            centre: Centre::new(settings.clone(), ids),
            faults: Faults::default(),
            log: Log::default(),
            polling: HashSet::new(),
            released: 0,
            down_until: 0,
            version: 1,
        };
        Self {
            world: Mutex::new(world),
            bell: watch::Sender::new(()),
            wires: Wires::default(),
            initial: settings,
        }
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
