//! What the owner of a conversation has written to the archive and read from it. The archive blocks, so it is always asked from
//! another thread.

use super::*;

impl Owner {
    /// The archive that this conversation is written to.
    pub(super) async fn archive(&mut self) -> Archive {
        if let Some(archive) = &self.archive {
            return archive.clone();
        }
        let shelf = &self.beginning.shelf;
        let archive = if self.beginning.lasts { shelf.archive().await } else { shelf.fleeting() };
        self.archive.insert(archive).clone()
    }

    pub(super) async fn commit(&mut self, commit: Arc<Commit>) -> Result<(), FaultCode> {
        let id = self.id().to_owned();
        self.in_archive(move |archive| archive.commit(&id, &commit)).await.map_err(|refused| {
            tracing::warn!(conversation = self.id(), %refused, "a conversation cannot be kept");
            refused.code()
        })
    }

    pub(super) async fn recall(&mut self, before: Place, count: usize, until: Option<String>) -> Input {
        let id = self.id().to_owned();
        let page = self
            .in_archive(move |archive| match until {
                Some(item) => archive.since(&id, &item, before),
                None => archive.page(&id, before, count).map(Some),
            })
            .await;
        let (rows, more): (Vec<StoredRow>, bool) = match page {
            Ok(Some(page)) => (page.rows, page.more),
            // Not there: nothing is known of what is.
            Ok(None) => (Vec::new(), true),
            Err(refused) => {
                tracing::warn!(conversation = self.id(), %refused, "older messages cannot be read");
                (Vec::new(), true)
            }
        };
        Input::Recalled { rows, more }
    }

    /// A picture that was seen before is shown without asking anybody.
    pub(super) async fn show_media(
        &mut self,
        item: String,
        url: Option<String>,
        answer: oneshot::Sender<Result<Media, Fault>>,
    ) {
        let (id, name) = (self.id().to_owned(), item.clone());
        let kept = self.in_archive(move |archive| archive.picture(&id, &name)).await;
        if let Ok(Some(media)) = kept {
            let _ = answer.send(Ok(media));
            return;
        }
        self.media.push((item.clone(), answer));
        self.feed(Input::Media { item, url }).await;
    }

    /// Keeps a picture for later. That it cannot be kept is no matter: the service has it.
    pub(super) fn keep_media(&self, item: &str, content: &Result<Media, Fault>) {
        if let (Ok(media), Some(archive)) = (content, &self.archive) {
            let (archive, id, item, media) =
                (archive.clone(), self.id().to_owned(), item.to_owned(), media.clone());
            tokio::task::spawn_blocking(move || {
                if let Err(refused) = archive.put_picture(&id, &item, &media) {
                    tracing::debug!(%refused, "a picture is not kept");
                }
            });
        }
    }

    async fn in_archive<T: Send + 'static>(
        &mut self,
        work: impl FnOnce(&Archive) -> Result<T, ArchiveError> + Send + 'static,
    ) -> Result<T, ArchiveError> {
        self.archive().await.on_thread(work).await
    }

    /// The archive was damaged, and another has taken its place. If this conversation is not in there, it begins once more with all
    /// that is at hand, which is written there first.
    pub(super) async fn replaced(&mut self) {
        if !self.archive.as_ref().is_some_and(Archive::is_retired) {
            return;
        }
        self.archive = None;
        let id = self.id().to_owned();
        let found = self.in_archive(move |archive| archive.load(&id, 1)).await;
        if matches!(found, Ok(Some(_))) {
            return;
        }
        self.begin_anew(Session::salvage, |_, setup| setup).await;
    }

    /// Begins once more with all that is at hand, as `take` gives it, with whatever `change` makes of it.
    pub(super) async fn begin_anew(
        &mut self,
        take: fn(Session) -> Setup,
        change: impl FnOnce(&Self, Setup) -> Setup,
    ) {
        let mut before = self.snapshot();
        // What waited was never told, and it stands in this snapshot all the same; what the company looks like is told by snapshots
        // alone: a number is left out, so that every view asks for a new one.
        before.seq += 1;
        let session = match std::mem::replace(&mut self.state, State::Waiting(Why::Asking)) {
            State::Running(session) => session,
            waiting => {
                self.state = waiting;
                return;
            }
        };
        // Whoever waits for a picture asks again; the service still has it.
        self.calls.cancel_all();
        self.sockets.cut_all();
        self.sign_ins.cancel_all();
        self.media.clear();
        let setup = change(self, take(*session));
        let mut session = self.over(setup);
        session.owe_all();
        self.state = State::Running(Box::new(session));
        self.bridge(&before);
        self.feed(Input::Watching(self.watching)).await;
    }
}
