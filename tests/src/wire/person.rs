//! A person in front of Envoi: writes, looks at what the window shows, and helps where help is asked for.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use envoi_engine::conversation::Conversation;
use envoi_engine::published::{Published, Subscription};
use envoi_protocol::fault::{Fault, FaultCode};
use envoi_protocol::view::{
    Change, Command, Content, DeliveryView, Item, ItemsChange, Placed, Role, Snapshot,
};

use super::{AFTERMATH, Account, Help, PATIENCE, transcript};
use crate::centre::Centre;

/// How long a person looks at a window in which nothing happens, before they look again for what is stuck.
const LOOK: Duration = Duration::from_millis(100);
/// Most messages that are written before those ahead of them have been sent.
const AHEAD: usize = 6;

pub(super) struct Person {
    centre: Arc<Centre>,
    chat: String,
    conversation: Conversation,
    stream: Subscription,
    dice: fastrand::Rng,
    words: Vec<String>,
    written: usize,
    /// Messages that the other side will write.
    expected: usize,
    window: Window,
    /// Own rows by what was last shown of them.
    own: HashMap<String, Own>,
    moved: HashSet<String>,
    help: Help,
    last_news: Instant,
}

struct Own {
    text: String,
    delivery: DeliveryView,
    /// It has been shown as sent.
    sent: bool,
}

impl Person {
    pub(super) async fn new(
        centre: Arc<Centre>,
        chat: String,
        conversation: Conversation,
        stream: Subscription,
        words: Vec<String>,
        expected: usize,
    ) -> Self {
        let snapshot = conversation.snapshot().await.expect("the conversation runs");
        Self {
            centre,
            dice: fastrand::Rng::with_seed(expected as u64),
            chat,
            conversation,
            stream,
            words,
            written: 0,
            expected,
            window: Window::of(snapshot),
            own: HashMap::new(),
            moved: HashSet::new(),
            help: Help::default(),
            last_news: Instant::now(),
        }
    }

    /// Writes everything, sees everything, and gives an account of it.
    pub(super) async fn run(mut self) -> Account {
        while !self.is_done() && self.last_news.elapsed() < PATIENCE {
            self.write().await;
            self.look(LOOK).await;
            self.help_where_stuck().await;
        }
        loop {
            self.settle().await;
            let end = Instant::now() + AFTERMATH;
            while Instant::now() < end {
                self.look(LOOK).await;
            }
            // What stood right by chance may have moved with what came since.
            if self.last_news.elapsed() >= PATIENCE || shown(&self.window.items) == self.transcript().await {
                break;
            }
        }
        self.account().await
    }

    /// The service's own copies of the last messages may still be on their way; until they are there, those stand where they were
    /// sent from. Only a window that differs is waited for.
    async fn settle(&mut self) {
        while self.last_news.elapsed() < PATIENCE && shown(&self.window.items) != self.transcript().await {
            for _ in 0..5 {
                self.look(LOOK).await;
            }
        }
    }

    async fn transcript(&self) -> Vec<(bool, String)> {
        transcript(&self.centre, &self.chat).await
    }

    async fn write(&mut self) {
        let ahead = if self.dice.u8(..4) == 0 { AHEAD } else { 1 };
        while self.written < self.words.len() && self.outstanding() < ahead {
            let text = self.words[self.written].clone();
            self.conversation.command(Command::Send { text }).await.expect("the chat is open");
            self.written += 1;
        }
    }

    /// Takes in what happened, or waits for it.
    async fn look(&mut self, patience: Duration) {
        let Ok(published) = tokio::time::timeout(patience, self.stream.next()).await else { return };
        match published.expect("the engine runs") {
            Published::Update(update) if update.conversation == self.conversation.id() => {
                if update.seq <= self.window.seq {
                    return;
                }
                assert_eq!(update.seq, self.window.seq + 1, "an update is missing");
                self.window.seq = update.seq;
                if let Change::Items(change) = update.change {
                    self.take(change);
                }
            }
            Published::Missed => {
                let snapshot = self.conversation.snapshot().await.expect("the conversation runs");
                self.window = Window::of(snapshot);
                let items = self.window.items.clone();
                self.own.retain(|id, _| items.iter().any(|item| item.id == *id));
                items.iter().for_each(|item| self.notice(item));
            }
            _ => {}
        }
    }

    fn take(&mut self, change: ItemsChange) {
        self.last_news = Instant::now();
        for id in &change.removed {
            self.own.remove(id);
        }
        for Placed { item, .. } in &change.put {
            self.notice(item);
        }
        self.window.apply(change);
    }

    fn notice(&mut self, item: &Item) {
        let Content::Message { delivery: Some(delivery), .. } = &item.content else { return };
        let sent = *delivery == DeliveryView::Sent;
        let own = self.own.entry(item.id.clone()).or_insert_with(|| Own {
            text: words(item).unwrap_or_default(),
            delivery: delivery.clone(),
            sent,
        });
        own.delivery = delivery.clone();
        own.sent |= sent;
    }

    /// How much was written that is not shown as sent. What was taken back, because it had arrived, is shown as the service's copy.
    fn outstanding(&self) -> usize {
        let sent = self.own.values().filter(|own| own.delivery == DeliveryView::Sent).count();
        self.written.saturating_sub(sent)
    }

    fn is_done(&self) -> bool {
        let settled = self.own.values().all(|own| own.delivery == DeliveryView::Sent);
        self.written == self.words.len()
            && settled
            && self.outstanding() == 0
            && self.window.theirs() >= self.expected
    }

    async fn help_where_stuck(&mut self) {
        let stuck = self.own.iter().find_map(|(id, own)| match &own.delivery {
            DeliveryView::Stuck { fault } => Some((id.clone(), own.text.clone(), fault.clone())),
            _ => None,
        });
        if let Some((item, text, fault)) = stuck {
            self.help(item, text, &fault).await;
        }
    }

    async fn help(&mut self, item: String, text: String, fault: &Fault) {
        let command = if fault.code != FaultCode::PerhapsSent {
            self.help.retried += 1;
            Command::Retry { item: item.clone() }
        } else {
            let twin = |(id, own): (&String, &Own)| {
                *id != item
                    && own.text == text
                    && !matches!(own.delivery, DeliveryView::Sent | DeliveryView::Queued)
            };
            if self.own.iter().any(twin) {
                // Nobody could tell which of the two the other side has got.
                return;
            }
            if self.has_arrived(&text).await {
                self.help.asked_and_taken_back += 1;
                Command::Cancel { item: item.clone() }
            } else {
                self.help.asked_and_retried += 1;
                Command::Retry { item: item.clone() }
            }
        };
        if matches!(command, Command::Retry { .. }) {
            self.moved.insert(text);
        }
        // Refused if it is stuck no more, which is as good.
        let _ = self.conversation.command(command).await;
        if let Some(own) = self.own.get_mut(&item) {
            // Until the window shows what became of it.
            own.delivery = DeliveryView::Queued;
        }
    }

    /// Asks the other side whether it has got a message with these words that is not shown as sent.
    async fn has_arrived(&self, text: &str) -> bool {
        let there = self.transcript().await;
        let there = there.iter().filter(|(own, words)| *own && words == text).count();
        let known =
            self.own.values().filter(|own| own.text == text && own.delivery == DeliveryView::Sent).count();
        there > known
    }

    async fn account(self) -> Account {
        let snapshot = self.conversation.snapshot().await.expect("the conversation runs");
        if self.window.seq == snapshot.seq {
            assert!(self.window.items == snapshot.items, "the updates do not add up to the snapshot");
        }
        let sent = self.own.values().filter(|own| own.sent).map(|own| own.text.clone());
        let unsettled = self.own.values().filter(|own| own.delivery != DeliveryView::Sent).count();
        Account {
            shown: shown(&snapshot.items),
            sent: sent.collect(),
            unsettled: unsettled + (self.words.len() - self.written),
            wrote: self.words,
            shows_own: true,
            moved: self.moved,
            help: self.help,
        }
    }
}

/// What the window shows, built from updates as an interface does.
struct Window {
    seq: u64,
    items: Vec<Arc<Item>>,
}

impl Window {
    fn of(snapshot: Snapshot) -> Self {
        Self { seq: snapshot.seq, items: snapshot.items }
    }

    fn apply(&mut self, change: ItemsChange) {
        for id in &change.removed {
            self.remove(id);
        }
        for Placed { after, item } in change.put {
            self.remove(&item.id);
            let at = match &after {
                None => 0,
                Some(id) => self.find(id).expect("it stands behind something that is there") + 1,
            };
            self.items.insert(at, item);
        }
    }

    fn remove(&mut self, id: &str) {
        if let Some(at) = self.find(id) {
            self.items.remove(at);
        }
    }

    /// What changes stands near the end.
    fn find(&self, id: &str) -> Option<usize> {
        self.items.iter().rposition(|item| item.id == id)
    }

    /// How many messages of the other side are shown.
    fn theirs(&self) -> usize {
        let theirs = |item: &&Arc<Item>| matches!(&item.content, Content::Message { from, .. } if from.role != Role::Me);
        self.items.iter().filter(theirs).count()
    }
}

/// All messages: whether they are by the person, and the words.
fn shown(items: &[Arc<Item>]) -> Vec<(bool, String)> {
    let message = |item: &Arc<Item>| match &item.content {
        Content::Message { from, .. } => Some((from.role == Role::Me, words(item)?)),
        _ => None,
    };
    items.iter().filter_map(message).collect()
}

fn words(item: &Item) -> Option<String> {
    match &item.content {
        Content::Message { text, .. } => Some(text.iter().map(|run| run.text.as_str()).collect()),
        _ => None,
    }
}
