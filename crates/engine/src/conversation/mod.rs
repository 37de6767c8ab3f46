//! One conversation as the rest of the program holds it: a handle to the task that owns everything.
//!
//! [`owner`] is that task, [`memory`] keeps its token and notes in order, [`waiting`] is what is shown while the token cannot
//! be read.

use std::sync::Arc;

use envoi_protocol::attention::Watching;
use envoi_protocol::details::Tally;
use envoi_protocol::event::{Attachment, Media};
use envoi_protocol::fault::{Fault, FaultCode};
use envoi_protocol::session::Preferences;
use envoi_protocol::view::{Command, DeploymentView, Details, Item, Snapshot};
use futures_channel::mpsc;
use tokio::sync::oneshot;

use crate::archive::Archive;
use crate::deployments::Deployment;
use crate::net::Network;

mod calls;
pub(crate) mod memory;
pub(crate) mod owner;
mod sign_ins;
mod sockets;
mod tasks;
mod waiting;

/// A handle to one conversation. Clones are the same conversation.
#[derive(Debug, Clone)]
pub struct Conversation {
    id: Arc<str>,
    deployment: Arc<str>,
    /// Without a bound: nearly everybody who asks waits for the answer before asking more.
    owner: mpsc::UnboundedSender<Ask>,
}

/// What the owner can be asked.
#[derive(Debug)]
pub(crate) enum Ask {
    Command(Command, oneshot::Sender<Result<(), Fault>>),
    Attach(Attachment, oneshot::Sender<Result<(), Fault>>),
    Media(String, Option<String>, oneshot::Sender<Result<Media, Fault>>),
    Snapshot(oneshot::Sender<Snapshot>),
    Archive(oneshot::Sender<Archive>),
    Unsent(oneshot::Sender<bool>),
    Watching(Watching),
    Preferences(Preferences),
    Wake,
    Expired { before: i64, any: bool },
    Returned(Arc<Deployment>, Arc<dyn Network>),
    Withdrawn(Arc<DeploymentView>, Fault),
    Replaced,
    Delete(oneshot::Sender<()>),
    Close(oneshot::Sender<()>),
}

impl Conversation {
    pub(crate) fn new(id: &str, deployment: &str, owner: mpsc::UnboundedSender<Ask>) -> Self {
        Self { id: id.into(), deployment: deployment.into(), owner }
    }

    /// Its name, unique within the profile.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Id of the company.
    #[must_use]
    pub fn deployment(&self) -> &str {
        &self.deployment
    }

    /// Does what the person wants. The outcome arrives as updates.
    ///
    /// # Errors
    ///
    /// Why it was not done.
    pub async fn command(&self, command: Command) -> Result<(), Fault> {
        self.ask(|answer| Ask::Command(command, answer)).await?
    }

    /// Sends a picture or another file.
    ///
    /// # Errors
    ///
    /// Why it was not taken.
    pub async fn attach(&self, attachment: Attachment) -> Result<(), Fault> {
        self.ask(|answer| Ask::Attach(attachment, answer)).await?
    }

    /// The bytes of the picture or file in an item.
    ///
    /// # Errors
    ///
    /// Why they cannot be had.
    pub async fn media(&self, item: &str) -> Result<Media, Fault> {
        self.ask(|answer| Ask::Media(item.to_owned(), None, answer)).await?
    }

    /// The same of an item that may be kept in the archive alone, with where its bytes are.
    pub(crate) async fn media_at(&self, item: String, url: String) -> Result<Media, Fault> {
        self.ask(|answer| Ask::Media(item, Some(url), answer)).await?
    }

    /// The conversation as it stands.
    ///
    /// # Errors
    ///
    /// Only that the conversation was closed.
    pub async fn snapshot(&self) -> Result<Snapshot, Fault> {
        self.ask(Ask::Snapshot).await
    }

    /// Who was there and how much was said, as far as it is kept here.
    ///
    /// # Errors
    ///
    /// That the conversation was closed, or that the archive cannot be read.
    pub async fn details(&self) -> Result<Details, Fault> {
        let tally = self.read(Tally::default(), |tally, item| tally.row(&item)).await?;
        Ok(tally.details())
    }

    /// All rows that are kept here, oldest first. How far an own message has come is in the snapshot.
    ///
    /// # Errors
    ///
    /// As [`Conversation::details`].
    pub async fn transcript(&self) -> Result<Vec<Arc<Item>>, Fault> {
        self.read(Vec::new(), Vec::push).await
    }

    /// Takes all kept rows in.
    async fn read<T: Send + 'static>(
        &self,
        mut into: T,
        take: impl Fn(&mut T, Arc<Item>) + Send + 'static,
    ) -> Result<T, Fault> {
        let (archive, id) = (self.archive().await?, Arc::clone(&self.id));
        let read = tokio::task::spawn_blocking(move || {
            archive.rows(&id, &mut |row| take(&mut into, row.item)).map(|()| into)
        });
        let broken =
            |cause: tokio::task::JoinError| Fault::with_detail(FaultCode::DiskFailed, cause.to_string());
        read.await.map_err(broken)?.map_err(|refused| refused.fault())
    }

    /// Where what is said in it is kept.
    pub(crate) async fn archive(&self) -> Result<Archive, Fault> {
        self.ask(Ask::Archive).await
    }

    /// Whether own messages are still to be sent, or on their way.
    ///
    /// # Errors
    ///
    /// Only that the conversation was closed.
    pub async fn has_unsent(&self) -> Result<bool, Fault> {
        self.ask(Ask::Unsent).await
    }

    /// Whether the person sees this conversation.
    pub async fn watching(&self, watching: Watching) {
        self.tell(Ask::Watching(watching));
    }

    /// The person's choices have changed.
    pub async fn preferences(&self, preferences: Preferences) {
        self.tell(Ask::Preferences(preferences));
    }

    /// The computer woke up or the network changed.
    pub async fn wake(&self) {
        self.tell(Ask::Wake);
    }

    /// What is older was deleted from the archive, if there was any.
    pub(crate) async fn expired(&self, before: i64, any: bool) {
        self.tell(Ask::Expired { before, any });
    }

    /// Its company was removed from the configuration, for which this is what is told; interfaces see it so from here on.
    pub(crate) async fn withdrawn(&self, company: Arc<DeploymentView>, why: Fault) {
        self.tell(Ask::Withdrawn(company, why));
    }

    /// Its company is in the configuration again, or stands there otherwise.
    pub(crate) async fn returned(&self, company: Arc<Deployment>, network: Arc<dyn Network>) {
        self.tell(Ask::Returned(company, network));
    }

    /// The archive was replaced.
    pub(crate) async fn replaced(&self) {
        self.tell(Ask::Replaced);
    }

    /// Deletes everything of it: what was said, the token, the entry.
    pub(crate) async fn delete(&self) {
        let _ = self.ask(Ask::Delete).await;
    }

    /// Stops the task without ending the chat: open calls are abandoned, what has to be kept is kept first.
    pub async fn close(&self) {
        // A closed conversation is what was asked for.
        let _ = self.ask(Ask::Close).await;
    }

    fn tell(&self, ask: Ask) {
        if self.owner.unbounded_send(ask).is_err() {
            tracing::debug!(conversation = &*self.id, "already closed");
        }
    }

    async fn ask<T>(&self, ask: impl FnOnce(oneshot::Sender<T>) -> Ask) -> Result<T, Fault> {
        let closed = || Fault::with_detail(FaultCode::TooLate, "this conversation was closed");
        let (answer, answered) = oneshot::channel();
        self.owner.unbounded_send(ask(answer)).map_err(|_| closed())?;
        answered.await.map_err(|_| closed())
    }
}
