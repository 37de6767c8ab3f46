//! What interfaces are told: snapshots, and numbered updates of what changed.

use super::*;

/// What interfaces were told last, so that only changes are told.
#[derive(Debug)]
pub(super) struct Published {
    pub(super) seq: u64,
    pub(super) phase: Phase,
    pub(super) link: Link,
    pub(super) people: Vec<Person>,
    pub(super) typing: Vec<Person>,
    pub(super) history: HistoryView,
    pub(super) guard: Option<Guard>,
    pub(super) memory: Memory,
    pub(super) unread: u32,
    pub(super) fault: Option<Fault>,
    pub(super) kept: Kept,
}

impl Session {
    /// Everything an interface needs to begin.
    #[must_use]
    pub fn snapshot(&self, now: Now) -> Snapshot {
        Snapshot {
            conversation: self.setup.conversation.clone(),
            seq: self.published.seq,
            deployment: self.setup.deployment.clone(),
            phase: self.phase_view(),
            link: self.link.view(now),
            people: self.phase.people(),
            typing: self.typing_people(),
            items: self.timeline.items().cloned().collect(),
            history: self.history,
            guard: self.guard.clone(),
            memory: self.memory,
            unread: self.unread,
            fault: self.fault.clone(),
            draft: self.draft.clone(),
        }
    }

    /// The conversation's row in the list.
    #[must_use]
    pub fn row(&self) -> view::Row {
        let last = self.timeline.items().next_back();
        let waiting = self.outbox.unsent();
        let message = self.timeline.items().rev().find_map(|item| match &item.content {
            Content::Message { from, text, .. } => {
                let text: String = text.iter().map(|run| run.text.as_str()).collect();
                let first_words: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
                Some(Snippet::Message {
                    from: from.clone(),
                    text: Some(first_words.chars().take(160).collect()),
                })
            }
            Content::Picture { from, .. } => Some(Snippet::Message { from: from.clone(), text: None }),
            _ => None,
        });
        let snippet = match &self.phase {
            Phase::Over(ending) => Snippet::Over { reason: ending.reason },
            _ if self.outbox.is_stuck() => Snippet::NotSent,
            _ if waiting > 0 && matches!(self.link, Link::Down { .. }) => Snippet::Waiting { count: waiting },
            Phase::Closing { .. } => Snippet::CaseClosed,
            _ => message.unwrap_or(Snippet::Empty),
        };
        view::Row {
            conversation: self.setup.conversation.clone(),
            deployment: self.setup.deployment.clone(),
            at: last.map(|item| item.at),
            unread: self.unread,
            snippet,
        }
    }

    /// Tells what changed, each field at most once, and keeps what has to be kept.
    pub(super) fn publish(&mut self, now: Now) {
        let locals: Vec<LocalId> = self.outbox.locals().collect();
        for local in locals {
            if let Some(delivery) = self.outbox.delivery(local).map(|delivery| delivery.view(now)) {
                self.timeline.deliver(local, &delivery);
            }
        }
        let current = Published {
            seq: self.published.seq,
            phase: self.phase.clone(),
            link: self.link,
            people: self.phase.people(),
            typing: self.typing_people(),
            history: self.history,
            guard: self.guard.clone(),
            memory: self.memory,
            unread: self.unread,
            fault: self.fault.clone(),
            kept: Kept { closure: self.closure, seen: self.seen.map(|key| (key.major, key.minor)) },
        };
        let before = std::mem::replace(&mut self.published, current);
        if let Some(items) = self.timeline.changes() {
            self.update(Change::Items(items));
        }
        if before.people != self.published.people {
            self.update(Change::People(self.published.people.clone()));
        }
        if before.typing != self.published.typing {
            self.update(Change::Typing(self.published.typing.clone()));
        }
        if before.history != self.history {
            self.update(Change::History(self.history));
        }
        if before.guard != self.guard {
            self.update(Change::Guard(self.guard.clone()));
        }
        if before.memory != self.memory {
            self.update(Change::Memory(self.memory));
        }
        if before.unread != self.unread {
            self.update(Change::Unread(self.unread));
        }
        if before.fault != self.fault {
            self.update(Change::Fault(self.fault.clone()));
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
        if before.kept != self.published.kept {
            self.outputs.push_back(Output::Keep(self.published.kept.clone()));
        }
    }

    pub(super) fn update(&mut self, change: Change) {
        self.published.seq += 1;
        let update =
            Update { conversation: self.setup.conversation.clone(), seq: self.published.seq, change };
        self.outputs.push_back(Output::Update(update));
    }
}
