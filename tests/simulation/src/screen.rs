//! What the person sees: an interface that opens with a snapshot and applies updates, and trusts nothing else.

use std::sync::Arc;

use envoi_protocol::view::{
    Abilities, Banner, Change, Content, DeliveryView, Fault, Guard, HistoryView, Item, ItemsChange, LinkView,
    Memory, PhaseView, Placed, Snapshot, Update,
};

#[derive(Debug)]
pub(crate) struct Screen {
    seq: u64,
    pub(crate) items: Vec<Arc<Item>>,
    pub(crate) phase: PhaseView,
    pub(crate) link: LinkView,
    pub(crate) history: HistoryView,
    pub(crate) guard: Option<Guard>,
    pub(crate) memory: Memory,
    pub(crate) fault: Option<Fault>,
    banner: Option<Banner>,
    pub(crate) abilities: Abilities,
}

impl Screen {
    pub(crate) fn open(snapshot: Snapshot) -> Self {
        Self {
            seq: snapshot.seq,
            items: snapshot.items,
            phase: snapshot.phase,
            link: snapshot.link,
            history: snapshot.history,
            guard: snapshot.guard,
            memory: snapshot.memory,
            fault: snapshot.fault,
            banner: snapshot.banner,
            abilities: snapshot.abilities,
        }
    }

    /// Applies an update.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn apply(&mut self, update: &Update) -> Result<(), String> {
        let expected = self.seq + 1;
        if update.seq != expected {
            return Err(format!("update {} came where {expected} was due", update.seq));
        }
        self.seq = expected;
        match &update.change {
            Change::Phase(phase) => self.phase = phase.clone(),
            Change::Link(link) => self.link = link.clone(),
            Change::Items(items) => return self.edit(items),
            Change::History(history) => self.history = *history,
            Change::Guard(guard) => self.guard.clone_from(guard),
            Change::Memory(memory) => self.memory = *memory,
            Change::Fault(fault) => self.fault.clone_from(fault),
            Change::Banner(banner) => self.banner.clone_from(banner),
            Change::Abilities(abilities) => self.abilities.clone_from(abilities),
            Change::People(_)
            | Change::Typing(_)
            | Change::Unread(_)
            | Change::Idle(_)
            | Change::SignIn(_) => {}
        }
        Ok(())
    }

    fn edit(&mut self, change: &ItemsChange) -> Result<(), String> {
        if !change.removed.is_empty() {
            self.items.retain(|item| !change.removed.contains(&item.id));
        }
        for Placed { after, item } in &change.put {
            if let Some(at) = self.position(&item.id) {
                self.items.remove(at);
            }
            let at = match after {
                None => 0,
                Some(id) => {
                    1 + self.position(id).ok_or_else(|| format!("there is no item {id} to stand behind"))?
                }
            };
            self.items.insert(at, Arc::clone(item));
        }
        Ok(())
    }

    /// What changes is mostly at the end.
    fn position(&self, id: &str) -> Option<usize> {
        self.items.iter().rposition(|item| item.id == id)
    }

    /// Whether it shows what a snapshot shows.
    pub(crate) fn agrees(&self, snapshot: &Snapshot) -> bool {
        self.seq == snapshot.seq
            && self.items == snapshot.items
            && self.phase == snapshot.phase
            && self.history == snapshot.history
            && self.guard == snapshot.guard
            && self.memory == snapshot.memory
            && self.fault == snapshot.fault
            && self.banner == snapshot.banner
            && self.abilities == snapshot.abilities
    }

    pub(crate) fn is_up(&self) -> bool {
        self.link == LinkView::Up
    }

    pub(crate) fn is_over(&self) -> bool {
        matches!(self.phase, PhaseView::Over { .. })
    }

    /// Identifiers of own messages in this state of delivery.
    pub(crate) fn own(&self, of: impl Fn(&DeliveryView) -> bool) -> Vec<String> {
        let wanted = |item: &&Arc<Item>| message(item).is_some_and(|(_, delivery)| delivery.is_some_and(&of));
        self.items.iter().filter(wanted).map(|item| item.id.clone()).collect()
    }

    /// All messages, in their order.
    pub(crate) fn texts(&self) -> Vec<String> {
        self.items.iter().filter_map(|item| Some(message(item)?.0)).collect()
    }
}

/// Words and delivery of an item, if it is a message.
pub(crate) fn message(item: &Item) -> Option<(String, Option<&DeliveryView>)> {
    match &item.content {
        Content::Message { text, delivery, .. } => {
            Some((text.iter().map(|run| run.text.as_str()).collect(), delivery.as_ref()))
        }
        _ => None,
    }
}
