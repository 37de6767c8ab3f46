//! The customer's side: a profile of the engine in a temporary folder, over real sockets, with a password store in memory.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use envoi_engine::clock::SystemClock;
use envoi_engine::conversation::Conversation;
use envoi_engine::inbox::{Inbox, Options, World};
use envoi_engine::keyring::memory::MemoryVault;
use envoi_engine::net::http::HttpNetworks;
use envoi_engine::profile::Profile;
use envoi_engine::published::Published;
use envoi_protocol::attention::Notice;
use envoi_protocol::fault::Fault;
use envoi_protocol::view::{Command, Content, DeliveryView, Item, PhaseView, Role, Snapshot};
use tokio::sync::watch;

use crate::PATIENCE;

/// What outlives the program: a folder, and what the password store holds.
#[derive(Debug)]
pub struct Customer {
    folder: tempfile::TempDir,
    /// The password store.
    pub vault: MemoryVault,
}

impl Customer {
    /// A profile with this file of companies.
    #[must_use]
    pub fn new(deployments: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let customer = Self { folder, vault: MemoryVault::default() };
        customer.configure(deployments);
        customer
    }

    /// Replaces the file of companies; the next start reads it.
    pub fn configure(&self, deployments: &str) {
        std::fs::write(self.folder().join("deployments.toml"), deployments)
            .expect("the folder can be written to");
    }

    /// The profile's folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// What was said is no longer on this computer; what it is picked up with still is.
    pub fn lose_archive(&self) {
        for ending in ["", "-wal", "-shm"] {
            let file = self.folder().join("archive").join(format!("archive.db{ending}"));
            if let Err(problem) = std::fs::remove_file(&file) {
                assert_eq!(problem.kind(), std::io::ErrorKind::NotFound, "{}", file.display());
            }
        }
    }

    /// Starts the engine on the profile, as the app does.
    pub async fn inbox(&self) -> Inbox {
        let world = World {
            networks: Arc::new(HttpNetworks::new()),
            vault: Arc::new(self.vault.clone()),
            clock: Arc::new(SystemClock::start()),
        };
        let profile = Profile::folder(self.folder()).expect("the folder is there");
        Inbox::open(profile, world, Options::default()).await.expect("nobody else uses the profile")
    }

    /// Starts the engine, and takes up the live chat with the first company, or a fresh one.
    pub async fn open(&self) -> Chat {
        let inbox = self.inbox().await;
        let company = inbox.app_view().deployments.first().expect("there is a company").id.clone();
        Chat::with(inbox, &company)
    }

    /// Starts the engine and a chat with the first company, as Ann.
    pub async fn start(&self) -> Chat {
        let chat = self.open().await;
        chat.start().await;
        chat
    }
}

/// One conversation of a running engine, and everything that it publishes.
#[derive(Debug)]
pub struct Chat {
    /// The engine.
    pub inbox: Inbox,
    /// The conversation.
    pub conversation: Conversation,
    told: Arc<Mutex<Vec<Published>>>,
    news: watch::Receiver<()>,
}

impl Chat {
    /// Takes up the live chat with a company, or a fresh one.
    #[must_use]
    pub fn with(inbox: Inbox, company: &str) -> Self {
        let mut stream = inbox.subscribe();
        let id = inbox.open_conversation(company).expect("the company is there");
        let conversation = inbox.conversation(&id).expect("it was just opened");
        let (bell, news) = watch::channel(());
        let told: Arc<Mutex<Vec<Published>>> = Arc::default();
        let heard = Arc::clone(&told);
        tokio::spawn(async move {
            while let Some(published) = stream.next().await {
                heard.lock().unwrap_or_else(PoisonError::into_inner).push(published);
                bell.send_replace(());
            }
        });
        Self { inbox, conversation, told, news }
    }

    /// Does something, and gives back why it was not done.
    ///
    /// # Errors
    ///
    /// The engine's refusal.
    pub async fn does(&self, command: Command) -> Result<(), Fault> {
        self.conversation.command(command).await
    }

    /// Asks for a chat, as Ann, and does not wait for it.
    pub async fn ask(&self) {
        let form = BTreeMap::from([("firstname".to_owned(), "Ann".to_owned())]);
        self.does(Command::Start { form }).await.expect("it was not started before");
    }

    /// Starts the chat, as Ann.
    pub async fn start(&self) {
        self.ask().await;
        self.until("the chat to start", |snapshot| snapshot.phase == PhaseView::Open).await;
    }

    /// Has the chat in front: whoever looks is answered sooner when the connection is lost, and not notified.
    pub async fn looks(&self) {
        self.inbox.watching(Some(self.conversation.id()), true).await;
    }

    /// Writes, and does not wait for what becomes of it.
    pub async fn write(&self, text: &str) {
        self.does(Command::Send { text: text.to_owned() }).await.expect("it can be written");
    }

    /// Writes, and waits until the service has it.
    pub async fn send(&self, text: &str) {
        self.write(text).await;
        self.sent(text).await;
    }

    /// Waits until the service has everything that was written with these words.
    pub async fn sent(&self, text: &str) {
        self.until(&format!("{text:?} to be sent"), |snapshot| {
            let mut found = deliveries(snapshot, text).peekable();
            found.peek().is_some() && found.all(|delivery| *delivery == DeliveryView::Sent)
        })
        .await;
    }

    /// Waits until a message of this text is shown.
    pub async fn shows(&self, text: &str) -> Snapshot {
        self.until(&format!("{text:?} to be shown"), |snapshot| words(snapshot).iter().any(|one| one == text))
            .await
    }

    /// The conversation as it stands.
    pub async fn snapshot(&self) -> Snapshot {
        self.conversation.snapshot().await.expect("the conversation runs")
    }

    /// Waits until the conversation looks like this. Looks again whenever something was published.
    pub async fn until(&self, what: &str, met: impl Fn(&Snapshot) -> bool) -> Snapshot {
        let mut news = self.news.clone();
        let looking = async {
            loop {
                news.mark_unchanged();
                let snapshot = self.snapshot().await;
                if met(&snapshot) {
                    return snapshot;
                }
                news.changed().await.expect("the engine runs");
            }
        };
        match tokio::time::timeout(PATIENCE, looking).await {
            Ok(snapshot) => snapshot,
            Err(_) => panic!("waited in vain for {what}; at last: {:#?}", self.snapshot().await),
        }
    }

    /// Waits until something like this is published, or finds it among what was.
    pub async fn hears<T>(&self, what: &str, pick: impl Fn(&Published) -> Option<T>) -> T {
        let mut news = self.news.clone();
        let listening = async {
            loop {
                news.mark_unchanged();
                if let Some(found) = self.told().iter().find_map(&pick) {
                    return found;
                }
                news.changed().await.expect("the engine runs");
            }
        };
        tokio::time::timeout(PATIENCE, listening)
            .await
            .unwrap_or_else(|_| panic!("waited in vain for {what}"))
    }

    /// Everything that was published so far.
    #[must_use]
    pub fn told(&self) -> Vec<Published> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits until there was a notification, and gives back all so far.
    pub async fn notices(&self) -> Vec<Notice> {
        let notice = |published: &Published| match published {
            Published::Notice(notice) => Some(notice.clone()),
            _ => None,
        };
        self.hears("a notification", notice).await;
        self.told().iter().filter_map(notice).collect()
    }

    /// Quits without ending the chat. Every update so far must have been one more than the one before it.
    pub async fn quit(self) {
        self.inbox.close().await;
        let mut numbers = Vec::new();
        for published in self.told() {
            match published {
                Published::Update(update) if update.conversation == self.conversation.id() => {
                    numbers.push(update.seq);
                }
                Published::Missed => panic!("a listener that only listens missed something"),
                _ => {}
            }
        }
        let without_gap = numbers.windows(2).all(|pair| pair[0] + 1 == pair[1]);
        assert!(without_gap, "updates with a gap: {numbers:?}");
    }
}

/// The texts in the timeline, in its order.
#[must_use]
pub fn words(snapshot: &Snapshot) -> Vec<String> {
    snapshot.items.iter().filter_map(|item| text(item)).collect()
}

/// The texts in the timeline, each with who wrote it.
#[must_use]
pub fn said(snapshot: &Snapshot) -> Vec<(Role, String)> {
    let said = snapshot.items.iter().filter_map(|item| match &item.content {
        Content::Message { from, .. } => Some((from.role, text(item)?)),
        _ => None,
    });
    said.collect()
}

/// How far the messages with these words have come.
pub fn deliveries<'a>(snapshot: &'a Snapshot, words: &'a str) -> impl Iterator<Item = &'a DeliveryView> {
    snapshot.items.iter().filter(move |item| text(item).is_some_and(|text| text == words)).filter_map(
        |item| match &item.content {
            Content::Message { delivery, .. } => delivery.as_ref(),
            _ => None,
        },
    )
}

fn text(item: &Item) -> Option<String> {
    match &item.content {
        Content::Message { text, .. } => Some(text.iter().map(|run| run.text.as_str()).collect()),
        _ => None,
    }
}
