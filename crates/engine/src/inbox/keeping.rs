//! What an inbox does with all that was said: brings it back, searches it, copies it, and deletes it when its time has come.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use envoi_protocol::fault::{Fault, FaultCode};
use envoi_protocol::view::{Content, CopyFormat, DeploymentView, Keep, LinkView, SearchView, Settings};

use super::{Inbox, gone, on_thread};
use crate::archive::{Archive, aside};
use crate::conversation::Conversation;
use crate::deployments::Deployment;
use crate::transcript::{self, Copy, CopyError};

/// How often it is looked for what has become too old.
const EXPIRY: Duration = Duration::from_secs(6 * 60 * 60);
/// Most finds of a search; that there are more is told.
const FINDS: usize = 100;
/// How long files are fetched for a copy.
const FETCHING: Duration = Duration::from_secs(60);
const DAY: i64 = 24 * 60 * 60 * 1_000;

/// When what is not to be kept is deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Moment {
    /// While conversations go on.
    Running,
    /// When none of them does any more.
    Quitting,
}

/// How long conversations with a company are kept: the shorter of the person's wish and the company's.
#[must_use]
pub(super) fn keep(settings: &Settings, company: &DeploymentView) -> Keep {
    match (settings.keep, company.keep.unwrap_or(Keep::Forever)) {
        (Keep::UntilQuit, _) | (_, Keep::UntilQuit) => Keep::UntilQuit,
        (Keep::Days { days: one }, Keep::Days { days: other }) => Keep::Days { days: one.min(other) },
        (Keep::Days { days }, Keep::Forever) | (Keep::Forever, Keep::Days { days }) => Keep::Days { days },
        (Keep::Forever, Keep::Forever) => Keep::Forever,
    }
}

pub(super) fn outlives_program(settings: &Settings, company: &DeploymentView) -> bool {
    keep(settings, company) != Keep::UntilQuit
}

impl Inbox {
    /// Messages in which all words of the text are found, newest first: in all conversations, or in one.
    ///
    /// # Errors
    ///
    /// That the archive cannot be read.
    pub async fn search(&self, text: &str, conversation: Option<&str>) -> Result<SearchView, Fault> {
        let archives = self.archives();
        let (text, conversation) = (text.to_owned(), conversation.map(str::to_owned));
        let found = on_thread(move || {
            let mut hits = Vec::new();
            for archive in archives {
                hits.extend(archive.search(&text, conversation.as_deref(), FINDS + 1)?);
            }
            Ok::<_, crate::archive::ArchiveError>(hits)
        });
        let mut hits =
            found.await.map_err(|cause| disk_failed(&cause))?.map_err(|refused| refused.fault())?;
        hits.sort_by_key(|hit| std::cmp::Reverse(hit.at));
        let more = hits.len() > FINDS;
        hits.truncate(FINDS);
        Ok(SearchView { hits, more })
    }

    /// Whether some conversation is to be gone once the program is quit: hiding the window leaves it readable for whoever
    /// comes next.
    #[must_use]
    pub fn goes_at_quit(&self) -> bool {
        let view = self.app_view();
        let mut companies = view.conversations.iter().map(|row| &row.deployment);
        companies.any(|company| !company.demo && !outlives_program(&view.settings, company))
    }

    /// Writes a copy of a whole conversation into a folder, under a name that is still free, and says which. Pictures and files
    /// that were never looked at are fetched first, as far as that can be done in a minute.
    ///
    /// # Errors
    ///
    /// That there is no such conversation, that the archive cannot be read, or that the file cannot be written.
    pub async fn save_copy(&self, id: &str, format: CopyFormat, folder: &Path) -> Result<PathBuf, Fault> {
        let conversation = self.conversation(id)?;
        let name = conversation.snapshot().await?.deployment.name.clone();
        let archive = conversation.archive().await?;
        let fetched = tokio::time::timeout(FETCHING, fetch_files(&conversation, &archive)).await;
        if fetched.is_err() {
            tracing::info!("not every file could be fetched for a copy in time");
        }
        let (id, folder, wall) = (id.to_owned(), folder.to_path_buf(), self.shared.world.clock.now().wall);
        on_thread(move || {
            let zone = jiff::tz::TimeZone::system();
            let copy = Copy { conversation: &id, company: &name, format, folder: &folder, wall, zone: &zone };
            transcript::save(&archive, &copy)
        })
        .await
        .map_err(|cause| disk_failed(&cause))?
        .map_err(|refused| match refused {
            CopyError::Archive(refused) => refused.fault(),
            CopyError::Io(cause) => disk_failed(&cause),
        })
    }

    /// Opens the archive, deletes what has become too old, and brings back the conversations that only it knows: those that
    /// are over, and those that were begun and never reached their service.
    pub(super) async fn restore_archived(&self, only: Option<&str>) {
        let shelf = &self.shared.shelf;
        shelf.open().await;
        let Some(archive) = shelf.lasting() else { return };
        self.expire(Moment::Running).await;
        let listed = match on_thread(move || archive.conversations()).await {
            Ok(Ok(listed)) => listed,
            Ok(Err(refused)) => return tracing::warn!(%refused, "the archive cannot be listed"),
            Err(_) => return,
        };
        for listed in listed {
            let (id, kept) = (listed.conversation, listed.state);
            if only.is_some_and(|only| only != kept.deployment) {
                continue;
            }
            let mut state = self.shared.state();
            let is_named = self.shared.index.entries().contains_key(&id);
            if is_named || state.conversations.contains_key(&id) {
                continue;
            }
            let company = state.companies.iter().find(|company| company.view.id == kept.deployment).cloned();
            let view = company
                .as_ref()
                .map_or_else(|| gone(&kept.deployment, &kept.company), |company| company.view.clone());
            self.pick_up(&mut state, &id, view, company, kept.created);
        }
        self.shared.publisher.changed.notify_one();
        loop {
            tokio::time::sleep(EXPIRY).await;
            self.expire(Moment::Running).await;
        }
    }

    /// Deletes what is older than it may become, and what was not to outlive an earlier run that could not delete it. Those who
    /// show it let go of it.
    pub(super) async fn expire(&self, moment: Moment) {
        let Some(archive) = self.shared.shelf.lasting() else { return };
        let settings = self.shared.state().settings.clone();
        let companies = self.shared.state().companies.clone();
        let running: BTreeSet<String> = match moment {
            Moment::Running => self.shared.state().conversations.keys().cloned().collect(),
            Moment::Quitting => BTreeSet::new(),
        };
        let wall = self.shared.world.clock.now().wall;
        let since = set_aside_since(&settings, &companies, moment, wall);
        self.shared.shelf.forget_set_aside(since).await;
        let done = on_thread(move || {
            let mut cuts = Vec::new();
            for listed in archive.conversations()? {
                let company = companies.iter().find(|company| company.view.id == listed.state.deployment);
                let view = company.map_or_else(
                    || gone(&listed.state.deployment, &listed.state.company),
                    |company| company.view.clone(),
                );
                let id = listed.conversation;
                match keep(&settings, &view) {
                    Keep::Forever => {}
                    Keep::Days { days } => {
                        let before = wall.saturating_sub(i64::from(days).saturating_mul(DAY));
                        let expired = archive.expire(before, std::slice::from_ref(&id))?;
                        cuts.push((id, before, expired.rows > 0));
                    }
                    // What goes on is deleted when the program is quit.
                    Keep::UntilQuit if running.contains(&id) => {}
                    Keep::UntilQuit => archive.delete(&id)?,
                }
            }
            Ok::<_, crate::archive::ArchiveError>(cuts)
        });
        match done.await {
            Ok(Ok(cuts)) => {
                for (id, before, any) in cuts {
                    if let Ok(conversation) = self.conversation(&id) {
                        conversation.expired(before, any).await;
                    }
                }
            }
            Ok(Err(refused)) => tracing::warn!(%refused, "old messages could not be deleted"),
            Err(_) => {}
        }
    }

    /// The last thing: what was not to outlive the program is deleted, with its tokens.
    pub(super) async fn forget_what_does_not_last(&self) {
        let settings = self.shared.state().settings.clone();
        for (id, entry) in self.shared.index.entries() {
            let company =
                self.shared.state().companies.iter().find(|one| one.view.id == entry.deployment).cloned();
            let view = company
                .map_or_else(|| gone(&entry.deployment, &entry.company), |company| Arc::clone(&company.view));
            if !outlives_program(&settings, &view) {
                let mut memory = super::Memory::new(Some(self.shared.place(&id, &view, entry.created)));
                memory.ask(super::Job::Delete);
                memory.next().await;
            }
        }
        if self.shared.shelf.lasting().is_some() {
            self.expire(Moment::Quitting).await;
        }
    }

    fn archives(&self) -> Vec<Archive> {
        let shelf = &self.shared.shelf;
        shelf.lasting().into_iter().chain([shelf.fleeting()]).collect()
    }
}

/// Brings the pictures and files of a conversation into its archive that were never looked at. What cannot be had is left out: the
/// copy names it all the same.
async fn fetch_files(conversation: &Conversation, archive: &Archive) {
    let up = conversation.snapshot().await.is_ok_and(|snapshot| snapshot.link == LinkView::Up);
    if !up {
        return;
    }
    let (from, id) = (archive.clone(), conversation.id().to_owned());
    let listed = on_thread(move || {
        let mut files = Vec::new();
        from.rows(&id, &mut |row| {
            let there =
                matches!(row.item.content, Content::Picture { .. } | Content::File { withdrawn: false, .. });
            if let Some(url) = row.media_url.filter(|_| there) {
                files.push((row.item.id.clone(), url));
            }
        })?;
        files.retain(|(item, _)| matches!(from.has_picture(&id, item), Ok(false)));
        Ok::<_, crate::archive::ArchiveError>(files)
    });
    let Ok(Ok(files)) = listed.await else { return };
    for (item, url) in files {
        let media = match conversation.media_at(item.clone(), url).await {
            Ok(media) => media,
            Err(fault) => {
                tracing::debug!(?fault, "a file cannot be fetched for a copy");
                continue;
            }
        };
        let (to, id) = (archive.clone(), conversation.id().to_owned());
        // It is put there by its conversation as well, which does not say when.
        let kept = on_thread(move || to.put_picture(&id, &item, &media)).await;
        if let Ok(Err(refused)) = kept {
            tracing::debug!(%refused, "a file is not in the copy");
        }
    }
}

/// Up to when what was set aside goes: whoever wants their conversations gone the soonest may be in there. Without a time all of it
/// goes.
fn set_aside_since(
    settings: &Settings,
    companies: &[Arc<Deployment>],
    moment: Moment,
    wall: i64,
) -> Option<i64> {
    if settings.keep == Keep::UntilQuit && moment == Moment::Quitting {
        return None;
    }
    let limits = companies.iter().filter_map(|company| company.view.keep).chain([settings.keep]);
    let days = limits.filter_map(|keep| match keep {
        Keep::Days { days } => Some(days),
        // What lasts until the program is quit was never written.
        Keep::Forever | Keep::UntilQuit => None,
    });
    let days = i64::from(days.fold(aside::DAYS, u16::min));
    Some(wall.saturating_sub(days.saturating_mul(DAY)))
}

fn disk_failed(cause: &std::io::Error) -> Fault {
    Fault::with_detail(FaultCode::DiskFailed, cause.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shorter_time_counts() {
        use Keep::{Days, Forever, UntilQuit};
        let days = |days| Days { days };
        for (mine, theirs, expected) in [
            (Forever, None, Forever),
            (Forever, Some(days(30)), days(30)),
            (days(7), Some(days(30)), days(7)),
            (days(90), Some(days(30)), days(30)),
            (days(7), None, days(7)),
            (UntilQuit, Some(days(30)), UntilQuit),
            (Forever, Some(UntilQuit), UntilQuit),
        ] {
            let settings = Settings { keep: mine, ..Settings::default() };
            let company = DeploymentView { keep: theirs, ..(*gone("t", "T")).clone() };
            assert_eq!(keep(&settings, &company), expected, "{mine:?} {theirs:?}");
        }
    }
}
