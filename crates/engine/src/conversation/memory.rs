//! What a conversation is picked up by: its token in the keyring and its entry in the index, written one after the other, in
//! the order in which the session asked, without holding the session up. What was said in it is in the archive.
//!
//! The entry is written before the token and removed after it: whatever instant the program dies at, no token is left that
//! nobody knows of, and no chat is lost whose token was kept.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use envoi_protocol::fault::FaultCode;
use envoi_protocol::kit::queue;
use envoi_protocol::stored::Stored;
use envoi_protocol::token::{ResumeToken, Secret};
use tokio::task::JoinHandle;

use crate::archive::Archive;
use crate::archive::shelf::Shelf;
use crate::index::{Entry, Index};
use crate::keyring::{Keyring, VaultError};

/// Where one conversation is remembered.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) conversation: String,
    pub(crate) deployment: String,
    pub(crate) company: String,
    pub(crate) created: i64,
    pub(crate) keyring: Keyring,
    pub(crate) index: Arc<Index>,
    pub(crate) shelf: Shelf,
}

/// Rows that a conversation begins with after a restart; older ones come as they are asked for.
const NEWEST: usize = 200;

/// Something to do.
#[derive(Debug)]
pub(crate) enum Job {
    /// Read the token and what the archive holds.
    Recall,
    /// Keep a token.
    Remember(ResumeToken),
    /// Delete token and entry.
    Forget,
    /// Delete token, entry and everything that was said.
    Delete,
}

/// What was found of a conversation.
#[derive(Debug)]
pub(crate) struct Recalled {
    pub(crate) token: Option<ResumeToken>,
    pub(crate) stored: Option<Stored>,
    pub(crate) archive: Archive,
}

/// Something that was done.
#[derive(Debug)]
pub(crate) enum Done {
    /// What there was, if it can be told.
    Recalled(Result<Box<Recalled>, VaultError>),
    /// Whether the token was kept.
    Remembered(Result<(), FaultCode>),
    /// Nothing that anybody waits for.
    Quiet,
}

/// Does the jobs of one conversation in their order.
#[derive(Debug)]
pub(crate) struct Memory {
    /// `None` for a conversation that is not to outlive the program.
    place: Option<Place>,
    jobs: VecDeque<Job>,
    running: Option<JoinHandle<Done>>,
}

impl Memory {
    pub(crate) fn new(place: Option<Place>) -> Self {
        Self { place, jobs: VecDeque::new(), running: None }
    }

    /// Puts a job at the end.
    pub(crate) fn ask(&mut self, job: Job) {
        self.jobs.push_back(job);
    }

    /// Whether something is under way or waits.
    pub(crate) fn is_busy(&self) -> bool {
        self.running.is_some() || !self.jobs.is_empty()
    }

    /// Does the next job and says what came of it.
    pub(crate) fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Done> {
        if self.running.is_none() {
            self.running = queue::next(&mut self.jobs).map(|job| self.start(job));
        }
        let Some(running) = &mut self.running else { return Poll::Pending };
        let done = ready!(Pin::new(running).poll(context));
        self.running = None;
        Poll::Ready(done.unwrap_or(Done::Quiet))
    }

    /// The same, and waits for it; for ever if there is none. May be dropped and called again.
    pub(crate) async fn next(&mut self) -> Done {
        poll_fn(|context| self.poll_next(context)).await
    }

    fn start(&self, job: Job) -> JoinHandle<Done> {
        let place = self.place.clone();
        tokio::spawn(async move {
            match (place, job) {
                (Some(place), job) => place.carry_out(job).await,
                (None, Job::Remember(_)) => Done::Remembered(Ok(())),
                (None, Job::Recall | Job::Forget | Job::Delete) => Done::Quiet,
            }
        })
    }
}

impl Place {
    async fn carry_out(self, job: Job) -> Done {
        match job {
            Job::Recall => Done::Recalled(self.recall().await.map(Box::new)),
            Job::Remember(token) => Done::Remembered(self.remember(token).await),
            Job::Forget => {
                self.forget().await;
                Done::Quiet
            }
            Job::Delete => {
                self.delete().await;
                Done::Quiet
            }
        }
    }

    async fn recall(&self) -> Result<Recalled, VaultError> {
        let token = match self.keyring.get(&self.conversation).await?.map(String::from_utf8) {
            None => None,
            Some(Ok(text)) => Some(ResumeToken { secret: Secret::new(text) }),
            Some(Err(_)) => return Err(VaultError::Failed(String::from("the entry is damaged"))),
        };
        // A store that gives tokens gives the key as well; it may have been locked when that was asked for.
        self.shelf.open().await;
        let archive = self.shelf.archive().await;
        let id = self.conversation.clone();
        let stored = match archive.on_thread(move |archive| archive.load(&id, NEWEST)).await {
            Ok(stored) => stored,
            Err(refused) => {
                tracing::warn!(%refused, "a conversation cannot be read from the archive");
                None
            }
        };
        Ok(Recalled { token, stored, archive })
    }

    async fn remember(&self, token: ResumeToken) -> Result<(), FaultCode> {
        let entry = Entry {
            deployment: self.deployment.clone(),
            company: self.company.clone(),
            created: self.created,
            ended: false,
            deleted: false,
        };
        if !self.on_disk(move |index, id| index.put(id, entry)).await {
            // A token that nobody would ever ask for is not to be left behind.
            let _ = self.keyring.delete(&self.conversation).await;
            return Err(FaultCode::DiskFailed);
        }
        let secret = token.secret.expose().as_bytes().to_vec();
        if let Err(refused) = self.keyring.set(&self.conversation, secret).await {
            self.on_disk(Index::remove).await;
            return Err(refused.code());
        }
        Ok(())
    }

    async fn forget(&self) {
        // Should the program die or the store be locked in between, the next start finishes this.
        self.on_disk(|index, id| index.edit(id, |entry| entry.ended = true)).await;
        match self.keyring.delete(&self.conversation).await {
            Ok(()) => {
                self.on_disk(Index::remove).await;
            }
            Err(refused) => tracing::warn!(%refused, "a token is still to be deleted"),
        }
    }

    async fn delete(&self) {
        // What dies in between is finished by the next start.
        let entry = Entry {
            deployment: self.deployment.clone(),
            company: self.company.clone(),
            created: self.created,
            ended: true,
            deleted: true,
        };
        self.on_disk(move |index, id| index.put(id, entry)).await;
        self.shelf.open().await;
        let Some(archive) = self.shelf.lasting() else {
            return tracing::warn!("a conversation is still to be deleted: the archive is not open");
        };
        let id = self.conversation.clone();
        match archive.on_thread(move |archive| archive.delete(&id)).await {
            Ok(()) => {
                // What was set aside may hold it as well, and nobody can tell.
                self.shelf.forget_set_aside(None).await;
                self.forget().await;
            }
            Err(refused) => tracing::warn!(%refused, "a conversation is still to be deleted"),
        }
    }

    async fn on_disk(&self, work: impl FnOnce(&Index, &str) -> std::io::Result<()> + Send + 'static) -> bool {
        let id = self.conversation.clone();
        let done = self.index.on_thread(move |index| work(index, &id)).await;
        if let Err(cause) = &done {
            tracing::warn!(%cause, "the list of conversations could not be written");
        }
        done.is_ok()
    }
}
