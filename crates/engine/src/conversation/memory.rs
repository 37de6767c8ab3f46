//! What a conversation leaves behind for its next start: its token in the keyring and its entry in the index, written one after
//! the other, in the order in which the session asked, without holding the session up.
//!
//! The entry is written before the token and removed after it: whatever instant the program dies at, no token is left that
//! nobody knows of, and no chat is lost whose token was kept.

use std::collections::VecDeque;
use std::sync::Arc;

use envoi_protocol::fault::FaultCode;
use envoi_protocol::session::Kept;
use envoi_protocol::token::{ResumeToken, Secret};
use tokio::task::JoinHandle;

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
}

/// Something to do.
#[derive(Debug)]
pub(crate) enum Job {
    /// Read the token.
    Recall,
    /// Keep a token, and these notes if there are none yet.
    Remember(ResumeToken),
    /// Delete token and entry.
    Forget,
    /// Write notes down.
    Keep(Kept),
}

/// Something that was done.
#[derive(Debug)]
pub(crate) enum Done {
    /// The token, if there is one.
    Recalled(Result<Option<ResumeToken>, VaultError>),
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
    kept: Kept,
    jobs: VecDeque<Job>,
    running: Option<JoinHandle<Done>>,
}

impl Memory {
    pub(crate) fn new(place: Option<Place>, kept: Kept) -> Self {
        Self { place, kept, jobs: VecDeque::new(), running: None }
    }

    /// Puts a job at the end. Notes that were not yet written are replaced by newer ones.
    pub(crate) fn ask(&mut self, job: Job) {
        if let Job::Keep(kept) = &job {
            self.kept = kept.clone();
            if matches!(self.jobs.back(), Some(Job::Keep(_))) {
                self.jobs.pop_back();
            }
        }
        self.jobs.push_back(job);
    }

    /// Whether something is under way or waits.
    pub(crate) fn is_busy(&self) -> bool {
        self.running.is_some() || !self.jobs.is_empty()
    }

    /// Does the next job and says what came of it; waits for ever if there is none. May be dropped and called again.
    pub(crate) async fn next(&mut self) -> Done {
        if self.running.is_none() {
            match self.jobs.pop_front() {
                Some(job) => self.running = Some(self.start(job)),
                None => return std::future::pending().await,
            }
        }
        match &mut self.running {
            Some(running) => {
                let done = running.await;
                self.running = None;
                done.unwrap_or(Done::Quiet)
            }
            None => std::future::pending().await,
        }
    }

    fn start(&self, job: Job) -> JoinHandle<Done> {
        let kept = self.kept.clone();
        let place = self.place.clone();
        tokio::spawn(async move {
            match (place, job) {
                (Some(place), job) => place.carry_out(job, kept).await,
                (None, Job::Recall) => Done::Recalled(Ok(None)),
                (None, Job::Remember(_)) => Done::Remembered(Ok(())),
                (None, Job::Forget | Job::Keep(_)) => Done::Quiet,
            }
        })
    }
}

impl Place {
    async fn carry_out(self, job: Job, kept: Kept) -> Done {
        match job {
            Job::Recall => Done::Recalled(self.recall().await),
            Job::Remember(token) => Done::Remembered(self.remember(token, kept).await),
            Job::Forget => {
                self.forget().await;
                Done::Quiet
            }
            Job::Keep(kept) => {
                self.on_disk(move |index, id| index.edit(id, |entry| entry.kept = kept)).await;
                Done::Quiet
            }
        }
    }

    async fn recall(&self) -> Result<Option<ResumeToken>, VaultError> {
        let Some(bytes) = self.keyring.get(&self.conversation).await? else {
            return Ok(None);
        };
        match String::from_utf8(bytes) {
            Ok(text) => Ok(Some(ResumeToken { secret: Secret::new(text) })),
            Err(_) => Err(VaultError::Failed(String::from("the entry is damaged"))),
        }
    }

    async fn remember(&self, token: ResumeToken, kept: Kept) -> Result<(), FaultCode> {
        let entry = Entry {
            deployment: self.deployment.clone(),
            company: self.company.clone(),
            created: self.created,
            ended: false,
            kept,
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

    async fn on_disk(&self, work: impl FnOnce(&Index, &str) -> std::io::Result<()> + Send + 'static) -> bool {
        let (index, id) = (Arc::clone(&self.index), self.conversation.clone());
        let done = tokio::task::spawn_blocking(move || work(&index, &id)).await;
        match done {
            Ok(Ok(())) => true,
            Ok(Err(cause)) => {
                tracing::warn!(%cause, "the list of conversations could not be written");
                false
            }
            Err(_) => false,
        }
    }
}
