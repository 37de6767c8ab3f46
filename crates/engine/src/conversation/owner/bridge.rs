//! From one snapshot to another that no session's own updates lead to: from waiting to a session, or from one session to the next.

use std::collections::HashSet;
use std::sync::Arc;

use envoi_protocol::view::{Change, ItemsChange, Placed, Snapshot};

/// What an interface has to be told that knows the first and is to know the second.
pub(super) fn changes(before: &Snapshot, after: Snapshot) -> Vec<Change> {
    let mut changes = Vec::new();
    if before.items != after.items {
        let stay: HashSet<&str> = after.items.iter().map(|item| item.id.as_str()).collect();
        let gone = before.items.iter().filter(|item| !stay.contains(item.id.as_str()));
        let removed = gone.map(|item| item.id.clone()).collect();
        let mut above = None;
        let put = after.items.iter().map(|item| {
            let after = above.replace(item.id.clone());
            Placed { after, item: Arc::clone(item) }
        });
        changes.push(Change::Items(ItemsChange { removed, put: put.collect() }));
    }
    if before.people != after.people {
        changes.push(Change::People(after.people));
    }
    if before.typing != after.typing {
        changes.push(Change::Typing(after.typing));
    }
    if before.guard != after.guard {
        changes.push(Change::Guard(after.guard));
    }
    if before.unread != after.unread {
        changes.push(Change::Unread(after.unread));
    }
    if before.abilities != after.abilities {
        changes.push(Change::Abilities(after.abilities));
    }
    if before.banner != after.banner {
        changes.push(Change::Banner(after.banner));
    }
    if before.idle != after.idle {
        changes.push(Change::Idle(after.idle));
    }
    if before.sign_in != after.sign_in {
        changes.push(Change::SignIn(after.sign_in));
    }
    if before.phase != after.phase {
        changes.push(Change::Phase(after.phase));
    }
    if before.link != after.link {
        changes.push(Change::Link(after.link));
    }
    if before.memory != after.memory {
        changes.push(Change::Memory(after.memory));
    }
    if before.history != after.history {
        changes.push(Change::History(after.history));
    }
    if before.fault != after.fault {
        changes.push(Change::Fault(after.fault));
    }
    changes
}
