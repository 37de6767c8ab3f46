//! Everything of one profile: its conversations, its companies, the person's choices. What the window and the terminal
//! client both stand on.

mod companies;
mod keeping;
mod shared;

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use envoi_protocol::attention::Watching;
use envoi_protocol::fault::{Fault, FaultCode};
use envoi_protocol::view::{AppView, Command, DeploymentView, PhaseView, Settings};

use self::shared::{Open, Shared, State, announce, look_out, mend_archive, watch_archive};
use crate::archive::shelf::Shelf;
use crate::clock::{Clock, SystemClock};
use crate::conversation::memory::{Job, Memory, Place};
use crate::conversation::{Conversation, owner};
use crate::deployments::{Deployment, Deployments};
use crate::index::Index;
use crate::keyring::{Keyring, SystemVault, Vault};
use crate::net::Networks;
use crate::net::budgets::Budgets;
use crate::net::http::HttpNetworks;
use crate::net::sign_in::Page;
use crate::profile::{Profile, ProfileError};
use crate::published::{Publisher, Subscription};
use crate::settings;

/// Id of the pretend company. No company of a file can have it: ids begin with a letter or digit.
pub const DEMO: &str = "_demo";

/// The outside world, as far as an inbox needs it.
#[derive(Debug, Clone)]
pub struct World {
    /// How companies are reached.
    pub networks: Arc<dyn Networks>,
    /// Where tokens are kept.
    pub vault: Arc<dyn Vault>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

impl World {
    /// The real one, for this profile.
    #[must_use]
    pub fn system(profile: &Profile) -> Self {
        Self {
            networks: Arc::new(HttpNetworks::new()),
            vault: Arc::new(SystemVault::new(profile.keyring_service())),
            clock: Arc::new(SystemClock::start()),
        }
    }
}

/// What an inbox may be told when it is opened.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Languages of the person, best first, for instance `de-AT`: for the companies' closing texts.
    pub languages: Vec<String>,
    /// Companies beside those of the profile's file. They come first; one of the file with the same id is not used.
    pub companies: Vec<Arc<Deployment>>,
    /// Pick up the conversations of this company alone. The others stay kept.
    pub only: Option<String>,
    /// What the browser shows to whoever has signed in.
    pub sign_in_page: Page,
    /// Seed of all that is random; `None` to have it drawn. A fixed one is for tests.
    pub seed: Option<u64>,
}

/// Everything of one profile. Clones are the same inbox; the conversations end with the last of them, or with
/// [`Inbox::close`].
#[derive(Debug, Clone)]
pub struct Inbox {
    shared: Arc<Shared>,
}

impl Inbox {
    /// Opens a profile: takes it for this process, reads its files, and picks up every kept conversation. Mistakes in files do
    /// not stop it; they are told in [`AppView::config_faults`].
    ///
    /// # Errors
    ///
    /// [`ProfileError`] if the profile is in use or its folders cannot be made.
    pub async fn open(profile: Profile, world: World, options: Options) -> Result<Self, ProfileError> {
        let lock = profile.lock()?;
        let Options { languages, companies: mut list, only, sign_in_page, seed } = options;
        let read = on_thread({
            let profile = profile.clone();
            move || {
                let deployments = Deployments::load(&profile.deployments_file());
                let settings = settings::load(&profile.settings_file());
                (deployments, settings, Index::load(&profile.conversations_file()))
            }
        });
        let (deployments, (settings, settings_fault), (index, index_fault)) = read
            .await
            .map_err(|cause| ProfileError::Folder { folder: profile.config().to_path_buf(), cause })?;
        let mut faults = deployments.faults.clone();
        faults.extend(settings_fault);
        faults.extend(index_fault);
        let known: Vec<String> = list.iter().map(|company| company.view.id.clone()).collect();
        list.extend(deployments.list.iter().filter(|company| !known.contains(&company.view.id)).cloned());
        let keyring = Keyring::new(Arc::clone(&world.vault));
        let shelf = Shelf::new(profile.archive_file(), keyring.clone())
            .map_err(|refused| ProfileError::Memory(refused.to_string()))?;
        let publisher = Arc::new(Publisher::new());
        let inbox = Self {
            shared: Arc::new(Shared {
                keyring,
                index: Arc::new(index),
                shelf,
                common: Arc::new(owner::Common {
                    clock: Arc::clone(&world.clock),
                    publisher: Arc::clone(&publisher),
                    budgets: Arc::new(Budgets::new(Arc::clone(&world.clock))),
                    sign_in_page: Arc::new(sign_in_page),
                    index_file: profile.conversations_file().display().to_string(),
                }),
                publisher,
                languages,
                state: Mutex::new(State {
                    companies: list,
                    file: deployments,
                    faults,
                    settings,
                    conversations: BTreeMap::new(),
                    shown: None,
                    foreseen: seed.is_some(),
                    dice: seed.map_or_else(fastrand::Rng::new, fastrand::Rng::with_seed),
                }),
                writing: tokio::sync::Mutex::default(),
                tasks: Mutex::default(),
                lock: Mutex::new(Some(lock)),
                profile,
                world,
            }),
        };
        inbox.watch();
        inbox.restore(only.as_deref());
        Ok(inbox)
    }

    /// Listens to everything from here on.
    #[must_use]
    pub fn subscribe(&self) -> Subscription {
        self.shared.publisher.subscribe()
    }

    /// Everything outside of single conversations, as it stands.
    #[must_use]
    pub fn app_view(&self) -> AppView {
        self.shared.app_view()
    }

    /// The conversation of this name.
    ///
    /// # Errors
    ///
    /// That there is none.
    pub fn conversation(&self, id: &str) -> Result<Conversation, Fault> {
        let state = self.shared.state();
        state.conversations.get(id).map(|open| open.handle.clone()).ok_or_else(|| missing("conversation", id))
    }

    /// Name of the live conversation with a company; a fresh one is begun if there is none.
    ///
    /// # Errors
    ///
    /// That there is no such company, or no way to it.
    pub fn open_conversation(&self, deployment: &str) -> Result<String, Fault> {
        let mut state = self.shared.state();
        let live = state
            .conversations
            .iter()
            .find(|(id, open)| open.handle.deployment() == deployment && !self.shared.publisher.is_over(id));
        if let Some((id, _)) = live {
            return Ok(id.clone());
        }
        let company = state.companies.iter().find(|company| company.view.id == deployment).cloned();
        let company = company.ok_or_else(|| missing("company", deployment))?;
        let network = self.shared.network(&company.route)?;
        let id = format!("{:016x}", state.dice.u64(..));
        let created = self.shared.world.clock.now().wall;
        let lasts = !company.view.demo && keeping::outlives_program(&state.settings, &company.view);
        let place = self.shared.place(&id, &company.view, created);
        let beginning = owner::Beginning {
            memory: Memory::new(lasts.then_some(place)),
            // A chat of the demo is told nothing of not being kept: its contact centre goes with it.
            particulars: self.shared.particulars(&mut state, &id, created, lasts || company.view.demo),
            company: company.view.clone(),
            reach: Ok((company, network)),
            recall: false,
            common: Arc::clone(&self.shared.common),
            shelf: self.shared.shelf.clone(),
            lasts,
        };
        state.conversations.insert(id.clone(), Open { handle: owner::begin(beginning), created });
        drop(state);
        self.shared.publisher.changed.notify_one();
        Ok(id)
    }

    /// Deletes a conversation: what was said, what would be searched, its pictures, its token. One that still goes on is
    /// ended first.
    ///
    /// # Errors
    ///
    /// That there is none.
    pub async fn delete(&self, id: &str) -> Result<(), Fault> {
        let conversation = self.conversation(id)?;
        let snapshot = conversation.snapshot().await?;
        if matches!(snapshot.phase, PhaseView::Open | PhaseView::Closing { .. } | PhaseView::Joining) {
            // That it cannot be ended, for instance because it cannot be opened, is no reason to keep it.
            let _ = conversation.command(Command::End).await;
        }
        conversation.delete().await;
        conversation.close().await;
        self.shared.state().conversations.remove(id);
        self.shared.publisher.gone(id);
        Ok(())
    }

    /// The person's choices.
    #[must_use]
    pub fn settings(&self) -> Settings {
        self.shared.state().settings.clone()
    }

    /// Keeps the person's choices and applies them.
    ///
    /// # Errors
    ///
    /// That they could not be written; they then stay as they were.
    pub async fn set_settings(&self, chosen: Settings) -> Result<(), Fault> {
        let _turn = self.shared.writing.lock().await;
        let file = self.shared.profile.settings_file();
        let disk = |cause: io::Error| Fault::with_detail(FaultCode::DiskFailed, cause.to_string());
        on_thread({
            let chosen = chosen.clone();
            move || settings::store(&file, &chosen)
        })
        .await
        .and_then(|stored| stored)
        .map_err(disk)?;
        let preferences = settings::preferences(&chosen);
        self.shared.state().settings = chosen;
        for conversation in self.shared.handles() {
            conversation.preferences(preferences).await;
        }
        self.shared.publisher.changed.notify_one();
        self.expire(keeping::Moment::Running).await;
        Ok(())
    }

    /// Which conversation is on screen, and whether its window is visible and has the focus.
    pub async fn watching(&self, shown: Option<&str>, focused: bool) {
        self.shared.state().shown = shown.map(str::to_owned);
        for conversation in self.shared.handles() {
            let shown = shown == Some(conversation.id());
            conversation.watching(Watching { shown, focused: focused && shown }).await;
        }
    }

    /// Whether this conversation is the one on screen, as [`Inbox::watching`] was last told.
    #[must_use]
    pub fn is_shown(&self, id: &str) -> bool {
        self.shared.state().shown.as_deref() == Some(id)
    }

    /// The computer woke up, or moved to another network.
    pub async fn wake(&self) {
        self.shared.wake().await;
    }

    /// Stops everything without ending a chat, and lets go of the profile. What has to be kept is kept first.
    pub async fn close(&self) {
        self.shared.tasks().abort_all();
        let handles = self.shared.handles();
        futures_util::future::join_all(handles.iter().map(Conversation::close)).await;
        self.forget_what_does_not_last().await;
        self.shared.lock.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    /// Picks up what was kept: at once what the list names, and what is only in the archive as soon as that is open.
    fn restore(&self, only: Option<&str>) {
        let shared = &self.shared;
        let mut named = false;
        for (id, entry) in shared.index.entries() {
            if only.is_some_and(|only| only != entry.deployment) {
                continue;
            }
            named = true;
            let mut state = shared.state();
            let company = state.companies.iter().find(|company| company.view.id == entry.deployment).cloned();
            let view = company
                .as_ref()
                .map_or_else(|| gone(&entry.deployment, &entry.company), |company| company.view.clone());
            let unwanted = entry.deleted || !keeping::outlives_program(&state.settings, &view);
            if unwanted || entry.ended {
                let place = shared.place(&id, &view, entry.created);
                finish(place, if unwanted { Job::Delete } else { Job::Forget });
            } else {
                self.pick_up(&mut state, &id, view, company, entry.created);
            }
        }
        if named || shared.profile.archive_file().exists() {
            let (inbox, only) = (Arc::downgrade(shared), only.map(str::to_owned));
            shared.tasks().spawn(async move {
                let Some(shared) = inbox.upgrade() else { return };
                Self { shared }.restore_archived(only.as_deref()).await;
            });
        }
    }

    /// Begins a conversation that was kept.
    fn pick_up(
        &self,
        state: &mut State,
        id: &str,
        view: Arc<DeploymentView>,
        company: Option<Arc<Deployment>>,
        created: i64,
    ) {
        let shared = &self.shared;
        let reach = match company {
            Some(company) => match shared.network(&company.route) {
                Ok(network) => Ok((company, network)),
                Err(refused) => Err(Fault { code: FaultCode::CompanyBroken, ..refused }),
            },
            None => Err(state.file.absence(&view.id)),
        };
        let beginning = owner::Beginning {
            memory: Memory::new(Some(shared.place(id, &view, created))),
            particulars: shared.particulars(state, id, created, true),
            company: view,
            reach,
            recall: true,
            common: Arc::clone(&shared.common),
            shelf: shared.shelf.clone(),
            lasts: true,
        };
        state.conversations.insert(id.to_owned(), Open { handle: owner::begin(beginning), created });
    }

    fn watch(&self) {
        let mut tasks = self.shared.tasks();
        tasks.spawn(announce(Arc::downgrade(&self.shared), Arc::clone(&self.shared.publisher)));
        tasks.spawn(watch_archive(self.shared.shelf.clone(), Arc::clone(&self.shared.publisher)));
        tasks.spawn(mend_archive(Arc::downgrade(&self.shared), self.shared.shelf.clone()));
        let world = &self.shared.world;
        let (clock, networks) = (Arc::clone(&world.clock), Arc::clone(&world.networks));
        tasks.spawn(look_out(Arc::downgrade(&self.shared), clock, networks));
    }
}

/// Finishes what an earlier run could not: a chat that ended, or was to be deleted, while the password store was locked.
fn finish(place: Place, job: Job) {
    tokio::spawn(async move {
        let mut memory = Memory::new(Some(place));
        memory.ask(job);
        memory.next().await;
    });
}

/// A company that is no longer in the configuration.
fn gone(id: &str, name: &str) -> Arc<DeploymentView> {
    Arc::new(DeploymentView {
        id: id.to_owned(),
        name: name.to_owned(),
        brand: None,
        asynchronous: true,
        pictures: false,
        form: Vec::new(),
        demo: false,
        keep: None,
        available: false,
        editable: false,
    })
}

fn missing(what: &str, id: &str) -> Fault {
    Fault::with_detail(FaultCode::TooLate, format!("there is no {what} \"{id}\""))
}

async fn on_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)
}
