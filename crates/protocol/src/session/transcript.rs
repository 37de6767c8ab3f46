//! Entries of the transcript: rows, presence, the finalization rule, and what to notify of.

use super::*;

/// Rows of the archive that are asked for at once.
const PAGE: usize = 50;

impl Session {
    pub(super) fn batch(&mut self, now: Now, batch: Batch) {
        // Rows for closed cases follow the same rule as the policy, entry by entry; what to do follows the whole batch.
        // After a restart that remembers, what is new follows on what was known.
        let follows = batch.origin == Origin::Live || self.past.is_some();
        let mut told = if follows { self.closure } else { Closure::Open };
        let mut last_state: Option<InteractionState> = None;
        let mut written_after = false;
        for mut entry in batch.entries {
            // Of a program, or of nobody knows whom, it is more likely something that was not meant for people.
            if entry.kind == EntryKind::Unsupported && !is_other_side(&entry.from) {
                entry.kind = EntryKind::Other;
            }
            let past = self.past.is_some_and(|past| entry.key <= past);
            if self.timeline.is_known(entry.key) || (past && !has_row(&entry)) {
                continue;
            }
            match &entry.kind {
                EntryKind::State(state) => {
                    let reading =
                        Reading { origin: Origin::Live, last_state: Some(state), written_after: false };
                    let (act, after) = finalize(Mode::Asynchronous, reading, told);
                    if act == Finalization::ShowBanner {
                        self.put_closed(&entry, batch.origin);
                    }
                    told = after;
                    last_state = Some(state.clone());
                    written_after = false;
                }
                said if said.is_said() => {
                    written_after |= entry.from.role != Role::System;
                    if entry.from.role == Role::Me {
                        told = told.after(Activity::Customer);
                    }
                }
                EntryKind::Joined if is_other_side(&entry.from) => {
                    told = told.after(Activity::OtherSideJoined);
                }
                _ => {}
            }
            self.entry(now, entry, batch.origin);
        }
        let mode = if self.setup.deployment.asynchronous { Mode::Asynchronous } else { Mode::Synchronous };
        let origin = match batch.origin {
            Origin::Restored if follows && !written_after => Origin::Live,
            origin => origin,
        };
        let reading = Reading { origin, last_state: last_state.as_ref(), written_after };
        let (act, closure) = finalize(mode, reading, self.closure);
        self.closure = closure;
        match act {
            Finalization::Nothing => {}
            Finalization::ShowBanner => self.show_banner(now, batch.origin),
            Finalization::EndChat => {
                self.ending = Some(EndReason::EndedByThem);
                self.transport.request(now, Request::Leave);
            }
        }
        if closure == Closure::Open {
            self.change_phase(Phase::reopened);
        }
    }

    pub(super) fn show_banner(&mut self, now: Now, origin: Origin) {
        let by = self.last_agent.clone();
        self.change_phase(|phase| phase.closing(by));
        let unwatched = !self.watching.sees() && self.setup.preferences.notify != NotifyLevel::Nothing;
        if origin == Origin::Live && unwatched {
            self.attention.flush(now.at);
            self.notify(News::CaseClosed);
        }
    }

    pub(super) fn put_closed(&mut self, entry: &Entry, origin: Origin) {
        if self.is_expired(entry.key, entry.at, origin) {
            return;
        }
        let content = Content::CaseClosed { by: self.last_agent.clone() };
        let row = timeline::plain(timeline::row_at(entry.key), entry.at, origin != Origin::Live, content);
        self.timeline.put(entry.key, row);
    }

    pub(super) fn entry(&mut self, now: Now, entry: Entry, origin: Origin) {
        if matches!(origin, Origin::Live | Origin::Restored) && is_other_side(&entry.from) {
            self.presence(now, &entry);
        }
        let mine = entry.from.role == Role::Me;
        let level = self.setup.preferences.notify;
        let hidden = matches!(&entry.kind, EntryKind::Text(words) if self.filters.hide(words));
        let notifies = !hidden && attention::deserves(&entry, origin, mine, self.watching, level);
        let Entry { key, at, from, kind } = entry;
        // An own message that is looked for is found, however old.
        if self.is_expired(key, at, origin) && !(mine && self.outbox.unsent() > 0) {
            // The service has nothing younger before it.
            self.history_complete |= origin == Origin::Older;
            return;
        }
        let origin = if self.timeline.is_beyond(key) { Origin::Older } else { origin };
        if !mine && kind.is_said() && !hidden {
            self.count(key, origin);
        }
        let delivery = mine.then_some(DeliveryView::Sent);
        let mut media_url = None;
        let content = match kind {
            EntryKind::Text(words) => {
                if mine && let Some((local, _)) = self.outbox.claim(&ParcelContent::Text(words.clone())) {
                    return self.timeline.merge(local, key, at, None);
                }
                if hidden {
                    return;
                }
                if mine {
                    self.answered_elsewhere(&words);
                }
                let words = text::clean(words);
                if notifies {
                    self.attention.message(now.at, from.name.clone(), Some(words.clone()));
                }
                Content::Message { from, text: text::runs(words), delivery }
            }
            EntryKind::Picture { name, size, url } => {
                if mine && let Some((local, _)) = self.outbox.claim(&files::any()) {
                    return self.timeline.merge(local, key, at, Some(url));
                }
                if notifies {
                    self.attention.message(now.at, from.name.clone(), None);
                }
                media_url = Some(url);
                Content::Picture { from, name: text::clean(name), size, delivery, withdrawn: false }
            }
            EntryKind::File { name, size, mime, url } => {
                if mine && let Some((local, _)) = self.outbox.claim(&files::any()) {
                    return self.timeline.merge(local, key, at, Some(url));
                }
                if notifies {
                    self.attention.message(now.at, from.name.clone(), None);
                }
                media_url = Some(url);
                let name = text::clean(name);
                Content::File { from, name, size, mime, delivery, withdrawn: false }
            }
            EntryKind::Offer(offer) => {
                let offer = answers::harmless(offer);
                if notifies {
                    self.attention.message(now.at, from.name.clone(), Some(offer.line().to_owned()));
                }
                Content::Offer { from, offer, answered: Vec::new() }
            }
            EntryKind::Unsupported => {
                if notifies {
                    self.attention.message(now.at, from.name.clone(), None);
                }
                Content::Unsupported { from }
            }
            EntryKind::Withdrawn { url } => return self.timeline.withdraw(&url),
            EntryKind::Joined if is_other_side(&from) => Content::Joined { person: from },
            EntryKind::Left if is_other_side(&from) => Content::Left { person: from },
            _ => return,
        };
        let row = timeline::plain(timeline::row_at(key), at, origin != Origin::Live, content);
        self.timeline.put(key, Row { media_url, ..row });
    }

    /// Who is there and who types.
    pub(super) fn presence(&mut self, now: Now, entry: &Entry) {
        let person = &entry.from;
        if person.role == Role::Agent && person.name.is_some() && entry.kind != EntryKind::Left {
            self.last_agent.clone_from(&person.name);
        }
        let Some(present) = self.phase.present_mut() else { return };
        match entry.kind {
            EntryKind::Joined => present.join(person.clone()),
            EntryKind::Left => {
                present.leave(&person.id);
                if person.role == Role::Agent {
                    self.agent_left();
                }
            }
            EntryKind::Typing(Some(_)) => {
                present.speak(person);
            }
            ref kind if kind.is_said() => {
                present.speak(person);
            }
            _ => {
                present.know(person);
            }
        }
        self.typing.retain(|(typist, _)| typist.id != person.id);
        if let EntryKind::Typing(Some(lasts)) = entry.kind {
            self.typing.push((person.clone(), now.at.after(lasts)));
        }
    }

    /// Counts what the person has not seen.
    pub(super) fn count(&mut self, key: EntryKey, origin: Origin) {
        let is_news = match origin {
            Origin::Live => true,
            Origin::Restored => self.seen.is_some_and(|seen| key > seen),
            Origin::Missed => self.seen.is_none_or(|seen| key > seen),
            Origin::Older => false,
        };
        if is_news {
            self.unread = self.unread.saturating_add(1);
        }
    }
}

/// Whether an entry is something to see, so that it is missed if it is not shown. The others have their effect, once.
fn has_row(entry: &Entry) -> bool {
    entry.kind.is_said() || matches!(entry.kind, EntryKind::Joined | EntryKind::Left)
}

fn is_other_side(person: &Person) -> bool {
    matches!(person.role, Role::Agent | Role::Supervisor | Role::Bot)
}

impl Session {
    /// The person wants what is before the first row: from the archive as long as that has more, then from the service.
    pub(super) fn older(&mut self, now: Now) {
        if self.loading {
            return;
        }
        if let Some(before) = self.timeline.horizon() {
            self.loading = true;
            self.held.push_back(Output::Recall { before, count: PAGE, until: None });
        } else if self.reaches_further() {
            self.loading = true;
            self.transport.request(now, Request::Older);
        }
    }

    /// The person wants to see an item that may be in the archive alone.
    pub(super) fn reveal(&mut self, item: String) -> Result<(), Fault> {
        match (self.timeline.row(&item), self.timeline.horizon()) {
            (Some(_), _) => Ok(()),
            (None, None) => Err(Fault::new(FaultCode::TooLate)),
            (None, Some(before)) => {
                self.revealing = Some(item.clone());
                self.held.push_back(Output::Recall { before, count: PAGE, until: Some(item) });
                Ok(())
            }
        }
    }

    /// The archive has given older rows.
    pub(super) fn recalled(&mut self, rows: Vec<StoredRow>, more: bool) {
        self.loading = false;
        self.timeline.recalled(rows, more);
        if let Some(item) = self.revealing.take()
            && self.timeline.row(&item).is_none()
        {
            self.held.push_back(Output::Refused(Fault::new(FaultCode::TooLate)));
        }
    }
}
