//! What all parts of an inbox share, and the two tasks that look after it: one announces the application's view, one notices
//! that the computer slept or moved to another network.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use envoi_protocol::fault::{Fault, FaultCode};
use envoi_protocol::seed::Seed;
use envoi_protocol::transports;
use envoi_protocol::view::{AppView, ConfigFault, DeploymentView, Row, Settings};
use tokio::task::JoinSet;

use super::World;
use crate::archive::shelf::Shelf;
use crate::clock::Clock;
use crate::conversation::memory::Place;
use crate::conversation::{Conversation, owner};
use crate::deployments::{Deployment, Deployments, Particulars};
use crate::index::Index;
use crate::keyring::Keyring;
use crate::net::{Network, Networks, Route};
use crate::profile::{Profile, ProfileLock};
use crate::published::{Published, Publisher};
use crate::settings;
use crate::wake::{self, Doubt, Wake};

/// Wait between tries to replace a damaged archive.
const MEND_AGAIN: Duration = Duration::from_secs(5);
/// How far the clients of one network are spread when it comes back, in milliseconds.
const OFFICE_MS: u64 = 400;

#[derive(Debug)]
pub(super) struct Shared {
    pub(super) profile: Profile,
    pub(super) lock: Mutex<Option<ProfileLock>>,
    pub(super) world: World,
    pub(super) keyring: Keyring,
    pub(super) index: Arc<Index>,
    pub(super) shelf: Shelf,
    pub(super) publisher: Arc<Publisher>,
    pub(super) languages: Vec<String>,
    /// What the conversations share.
    pub(super) common: Arc<owner::Common>,
    pub(super) state: Mutex<State>,
    /// One change of the configuration at a time.
    pub(super) writing: tokio::sync::Mutex<()>,
    /// Watches the clock and announces the application's view; stopped with the inbox.
    pub(super) tasks: Mutex<JoinSet<()>>,
}

#[derive(Debug)]
pub(super) struct State {
    pub(super) companies: Vec<Arc<Deployment>>,
    /// What their file held when it was last read.
    pub(super) file: Deployments,
    pub(super) faults: Vec<ConfigFault>,
    pub(super) settings: Settings,
    pub(super) conversations: BTreeMap<String, Open>,
    pub(super) shown: Option<String>,
    pub(super) dice: fastrand::Rng,
    /// Whether all that is random follows from a number that was given, as in a test.
    pub(super) foreseen: bool,
}

impl State {
    /// A seed for one conversation. A guest's token may be made from it, so nobody may be able to guess it.
    fn seed(&mut self) -> Seed {
        let number = self.dice.u64(..);
        if self.foreseen {
            return number.into();
        }
        let mut secret = [0; 32];
        match getrandom::fill(&mut secret) {
            Ok(()) => Seed::new(number, secret),
            Err(refused) => {
                tracing::error!(%refused, "the system gives no random numbers");
                number.into()
            }
        }
    }
}

#[derive(Debug)]
pub(super) struct Open {
    pub(super) handle: Conversation,
    pub(super) created: i64,
}

impl Shared {
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn tasks(&self) -> MutexGuard<'_, JoinSet<()>> {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn handles(&self) -> Vec<Conversation> {
        self.state().conversations.values().map(|open| open.handle.clone()).collect()
    }

    pub(super) fn network(&self, route: &Route) -> Result<Arc<dyn Network>, Fault> {
        let refused =
            |problem: crate::net::RouteError| Fault::with_detail(FaultCode::BadAddress, problem.to_string());
        self.world.networks.along(route).map_err(refused)
    }

    pub(super) fn place(&self, id: &str, company: &DeploymentView, created: i64) -> Place {
        Place {
            conversation: id.to_owned(),
            deployment: company.id.clone(),
            company: company.name.clone(),
            created,
            keyring: self.keyring.clone(),
            index: Arc::clone(&self.index),
            shelf: self.shelf.clone(),
        }
    }

    pub(super) fn particulars(&self, state: &mut State, id: &str, created: i64, keeps: bool) -> Particulars {
        Particulars {
            conversation: id.to_owned(),
            languages: self.languages.clone(),
            preferences: settings::preferences(&state.settings),
            created,
            keeps,
            token: None,
            stored: None,
            seed: state.seed(),
        }
    }

    pub(super) async fn wake(&self) {
        self.world.networks.refresh();
        for conversation in self.handles() {
            conversation.wake().await;
        }
    }

    pub(super) fn app_view(&self) -> AppView {
        let mut standings = self.publisher.standings();
        let state = self.state();
        let mut rows: Vec<(i64, Row)> = state
            .conversations
            .iter()
            .filter_map(|(id, open)| {
                let row = standings.remove(id)?.row;
                Some((row.at.unwrap_or(open.created), row))
            })
            .collect();
        rows.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
        let mut config_faults = state.faults.clone();
        config_faults.extend(self.publisher.faults());
        AppView {
            conversations: rows.into_iter().map(|(_, row)| row).collect(),
            deployments: state.companies.iter().map(|company| company.view.clone()).collect(),
            config_faults,
            services: transports::views(),
            settings: state.settings.clone(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            archive: self.shelf.view(),
        }
    }
}

/// Publishes the application's view whenever it changed; several changes in one go are one.
pub(super) async fn announce(shared: Weak<Shared>, publisher: Arc<Publisher>) {
    loop {
        publisher.changed.notified().await;
        let Some(shared) = shared.upgrade() else { return };
        // Whoever comes later asks for the view first.
        if !publisher.is_heard() {
            continue;
        }
        publisher.send(Published::App(Box::new(shared.app_view())));
    }
}

/// Has the application's view published again when there is news of the archive.
pub(super) async fn watch_archive(shelf: Shelf, publisher: Arc<Publisher>) {
    loop {
        shelf.changed().await;
        publisher.changed.notify_one();
    }
}

/// Replaces an archive that has met damage, and has the conversations go on with the new one.
pub(super) async fn mend_archive(shared: Weak<Shared>, shelf: Shelf) {
    loop {
        shelf.damaged().await;
        while !shelf.mend().await {
            tokio::time::sleep(MEND_AGAIN).await;
        }
        let Some(shared) = shared.upgrade() else { return };
        for conversation in shared.handles() {
            conversation.replaced().await;
        }
    }
}

/// Wakes the conversations when the computer slept or moved.
pub(super) async fn look_out(shared: Weak<Shared>, clock: Arc<dyn Clock>, networks: Arc<dyn Networks>) {
    let start = tokio::time::Instant::now();
    let mut wake = Wake::new(clock.now(), start.elapsed(), networks.outlook());
    loop {
        tokio::time::sleep(wake::EVERY).await;
        let doubt = wake.look(clock.now(), start.elapsed(), networks.outlook());
        let Some(shared) = shared.upgrade() else { return };
        match doubt {
            None => continue,
            Some(Doubt::Slept) => tracing::info!("the computer slept or its clock was set"),
            Some(Doubt::Moved) => {
                tracing::info!("the computer moved to another network");
                // A whole office may have lost and found its network in the same instant.
                let pause = shared.state().dice.u64(0..=OFFICE_MS);
                tokio::time::sleep(Duration::from_millis(pause)).await;
            }
        }
        shared.wake().await;
    }
}
