//! What interfaces are told: snapshots, and numbered updates of what changed.

use super::*;

/// What interfaces were told last, so that only changes are told.
#[derive(Debug, Default)]
pub(super) struct Published {
    pub(super) seq: u64,
    pub(super) phase: Phase,
    pub(super) link: Link,
    pub(super) typing: Vec<Person>,
    pub(super) history: HistoryView,
    pub(super) guard: Option<Guard>,
    pub(super) memory: Memory,
    pub(super) unread: u32,
    pub(super) fault: Option<Fault>,
    pub(super) abilities: Arc<Abilities>,
    pub(super) banner: Option<Box<Banner>>,
    pub(super) idle: Option<IdleAlert>,
    pub(super) sign_in: Option<SignInView>,
}

impl Session {
    /// Everything an interface needs to begin.
    #[must_use]
    pub fn snapshot(&self, now: Now) -> Snapshot {
        Snapshot {
            conversation: self.setup.conversation.clone(),
            seq: self.published.seq,
            deployment: Arc::clone(&self.setup.deployment),
            phase: self.phase_view(),
            link: self.link.view(now),
            people: self.phase.people(),
            typing: self.typing_people(),
            items: self.timeline.items().cloned().collect(),
            history: self.history(),
            guard: self.guard.clone(),
            memory: self.memory(),
            unread: self.unread,
            fault: self.fault.clone(),
            abilities: (*self.abilities).clone(),
            banner: self.banner.clone(),
            idle: self.idle_view(now),
            sign_in: self.sign_in_view(),
            draft: self.draft.clone(),
        }
    }

    /// The conversation's row in the list.
    #[must_use]
    pub fn row(&self) -> view::Row {
        let last = self.timeline.items().next_back();
        let waiting = self.outbox.unsent();
        let message = self.timeline.items().rev().find_map(|item| Snippet::of(&item.content));
        let stuck = self.outbox.stuck();
        let snippet = match &self.phase {
            Phase::Over(ending) => Snippet::Over { reason: ending.reason },
            _ if stuck == Some(FaultCode::PerhapsSent) => Snippet::PerhapsSent,
            _ if stuck.is_some() => Snippet::NotSent,
            _ if waiting > 0 && matches!(self.link, Link::Down { .. }) => Snippet::Waiting { count: waiting },
            Phase::Closing { .. } => Snippet::CaseClosed,
            _ => message.unwrap_or(Snippet::Empty),
        };
        view::Row {
            conversation: self.setup.conversation.clone(),
            deployment: Arc::clone(&self.setup.deployment),
            at: last.map(|item| item.at),
            unread: self.unread,
            snippet,
            draft: if self.phase.is_over() {
                String::new()
            } else {
                text::first_words([self.draft.as_str()])
            },
        }
    }

    /// What interfaces are told by now.
    pub(super) fn public(&self) -> Published {
        Published {
            seq: self.published.seq,
            phase: self.phase.clone(),
            link: self.link,
            typing: self.typing_people(),
            history: self.history(),
            guard: self.guard.clone(),
            memory: self.memory(),
            unread: self.unread,
            fault: self.fault.clone(),
            abilities: Arc::clone(&self.abilities),
            banner: self.banner.clone().map(Box::new),
            idle: self.idle.clone(),
            sign_in: self.sign_in_view(),
        }
    }

    /// Tells at once that the archive takes nothing; all else waits.
    pub(super) fn tell_memory(&mut self) {
        let memory = self.memory();
        if self.published.memory != memory {
            self.published.memory = memory;
            self.update(Change::Memory(memory));
        }
    }

    fn memory(&self) -> Memory {
        // A damaged archive is replaced at once, and that is told elsewhere.
        let refusal = self.ledger.refusal().filter(|why| *why != FaultCode::ArchiveDamaged);
        refusal.map_or(self.memory, |why| Memory::NotKept { why })
    }

    /// What lies before the first row: more of the archive, then more of the service.
    fn history(&self) -> HistoryView {
        let more = self.timeline.horizon().is_some() || self.reaches_further();
        match (self.loading, more) {
            (true, _) => HistoryView::Loading,
            (false, true) => HistoryView::More,
            (false, false) => HistoryView::Complete,
        }
    }

    /// Whether interfaces know all but the rows: so it is after nearly everything that happens, and then nothing is copied.
    pub(super) fn all_is_told(&self) -> bool {
        let Published {
            seq: _,
            phase,
            link,
            typing,
            history,
            guard,
            memory,
            unread,
            fault,
            abilities,
            banner,
            idle,
            sign_in,
        } = &self.published;
        *phase == self.phase
            && *link == self.link
            && typing.iter().eq(self.typing.iter().map(|(person, _)| person))
            && *history == self.history()
            && *guard == self.guard
            && *memory == self.memory()
            && *unread == self.unread
            && *fault == self.fault
            && *abilities == self.abilities
            && banner.as_deref() == self.banner.as_ref()
            && *idle == self.idle
            && sign_in.as_ref() == self.signing_in.as_ref().map(|(_, view)| view)
    }

    /// Tells what changed, each field at most once.
    pub(super) fn publish(&mut self, now: Now) {
        for (local, delivery) in self.outbox.deliveries() {
            self.timeline.deliver(local, &delivery.view(now));
        }
        if self.all_is_told() && !self.timeline.has_changes() {
            return;
        }
        let current = self.public();
        let before = std::mem::replace(&mut self.published, current);
        if let Some(items) = self.timeline.changes() {
            self.update(Change::Items(items));
        }
        let people = self.phase.people();
        if before.phase.people() != people {
            self.update(Change::People(people));
        }
        if before.typing != self.published.typing {
            self.update(Change::Typing(self.published.typing.clone()));
        }
        if before.history != self.published.history {
            self.update(Change::History(self.published.history));
        }
        if before.guard != self.guard {
            self.update(Change::Guard(self.guard.clone()));
        }
        if before.memory != self.published.memory {
            self.update(Change::Memory(self.published.memory));
        }
        if before.unread != self.unread {
            self.update(Change::Unread(self.unread));
        }
        if before.fault != self.fault {
            self.update(Change::Fault(self.fault.clone()));
        }
        if before.abilities != self.abilities {
            self.update(Change::Abilities((*self.abilities).clone()));
        }
        if before.banner.as_deref() != self.banner.as_ref() {
            self.update(Change::Banner(self.banner.clone()));
        }
        if before.idle != self.idle {
            self.update(Change::Idle(self.idle_view(now)));
        }
        if before.sign_in != self.published.sign_in {
            self.update(Change::SignIn(self.sign_in_view()));
        }
        if before.link != self.link {
            self.update(Change::Link(self.link.view(now)));
        }
        let phase = self.phase_view();
        if before.phase.view(None, false) != self.phase.view(None, false) {
            let closes = matches!(phase, view::PhaseView::Over { closes_window: true, .. });
            self.update(Change::Phase(phase));
            if closes {
                self.outputs.push_back(Output::CloseWindow);
            }
        }
    }

    pub(super) fn update(&mut self, change: Change) {
        self.published.seq += 1;
        let update =
            Update { conversation: self.setup.conversation.clone(), seq: self.published.seq, change };
        self.outputs.push_back(Output::Update(update));
    }
}
