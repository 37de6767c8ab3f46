//! All that a user interface sees of Envoi, and all that it may ask for.
//!
//! A view opens a conversation with a [`Snapshot`], applies each [`Update`] in the order of its `seq`, and asks for a new
//! snapshot when a number is missing. It sends [`Command`]s. The terminal client speaks the same words as JSON lines.
//! The TypeScript twins in `ui/src/host/view.ts` are generated from this file: `cargo xtask types`.
//!
//! One file on purpose, long as it is: it is the contract between the core and every interface, and is read as a whole.
//!
//! Times are milliseconds since 1970-01-01 UTC. No type here can hold a secret.

mod questions;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub use self::questions::{Question, Questionnaire, Takes};
pub use crate::fault::{Fault, FaultClass, FaultCode};
use crate::text;

/// One conversation as it stands after update number `seq`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Snapshot {
    /// Name of the conversation, unique within a profile.
    pub conversation: String,
    /// Number of the last update that is contained here; the next one carries `seq + 1`.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub seq: u64,
    /// Whom the conversation is with.
    pub deployment: Arc<DeploymentView>,
    /// Where the conversation stands.
    pub phase: PhaseView,
    /// Where the connection stands.
    pub link: LinkView,
    /// Everybody on the other side who is present.
    pub people: Vec<Person>,
    /// Who is typing at the moment; each of them is among `people` or has just left.
    pub typing: Vec<Person>,
    /// The timeline, oldest first.
    pub items: Vec<Arc<Item>>,
    /// What lies before the first item.
    pub history: HistoryView,
    /// The question that holds a message back, if one is open.
    pub guard: Option<Guard>,
    /// Whether the conversation comes back after a restart.
    pub memory: Memory,
    /// Messages from the other side that were not yet seen.
    pub unread: u32,
    /// What is wrong and needs the person; `None` when nothing does.
    pub fault: Option<Fault>,
    /// What can be done in this conversation. It may change while it runs.
    pub abilities: Abilities,
    /// What stands above the conversation, at the service's wish.
    pub banner: Option<Banner>,
    /// That the service is about to end the chat because nothing happens.
    pub idle: Option<IdleView>,
    /// That the person is being asked to sign in, in the system's browser.
    pub sign_in: Option<SignInView>,
    /// What stood in the composer when it was last kept: shown when the conversation is opened, and no update changes it.
    pub draft: String,
}

/// One step from a snapshot to the next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Update {
    /// Which conversation changed.
    pub conversation: String,
    /// One more than the update before it; a gap means that updates were lost and a snapshot is needed.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub seq: u64,
    /// What changed.
    pub change: Change,
}

/// What an [`Update`] changes. Each variant replaces one field of the [`Snapshot`], except `Items`, which edits the timeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "change", content = "to", rename_all = "snake_case")]
pub enum Change {
    /// The conversation moved to another phase.
    Phase(PhaseView),
    /// The connection changed.
    Link(LinkView),
    /// Somebody came or went.
    People(Vec<Person>),
    /// Somebody started or stopped typing.
    Typing(Vec<Person>),
    /// Items came, changed or vanished.
    Items(ItemsChange),
    /// More or less history can be asked for.
    History(HistoryView),
    /// A message is held back, or no longer.
    Guard(Option<Guard>),
    /// The conversation is, or is not, kept over a restart.
    Memory(Memory),
    /// The count of unseen messages.
    Unread(u32),
    /// Something is wrong, or no longer.
    Fault(Option<Fault>),
    /// Other things can be done.
    Abilities(Abilities),
    /// What stands above the conversation has changed.
    Banner(Option<Banner>),
    /// The chat is about to be ended because nothing happens, or no longer.
    Idle(Option<IdleView>),
    /// The person is being asked to sign in, or no longer.
    SignIn(Option<SignInView>),
}

/// What can be done in a conversation: an interface follows this and never asks which service it is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Abilities {
    /// Which files can be sent, with the most bytes of one always given; `None` if none can.
    pub files: Option<FileRules>,
    /// The other side can see typing, if the person allows it.
    pub typing: bool,
    /// Older pages can be loaded from the service.
    pub history: bool,
    /// More data about the person can be given while the chat runs.
    pub user_data: bool,
    /// The other side can be told what was read, if the person allows it.
    pub read_receipts: bool,
    /// The person can be called by another name while the chat runs.
    pub nickname: bool,
    /// Notices can be sent to the other side's programs.
    pub notices: bool,
    /// The chat can be ended for good. Where this is not so, it can only be put away.
    pub end: bool,
    /// The person is a guest, and may sign in while the chat runs: `SignIn`.
    pub sign_in: bool,
    /// Most characters of one message, counted as Unicode scalar values; `None` if there is no such limit.
    pub longest_text: Option<u32>,
}

/// That the service is about to end the chat because nothing happens. Answered by `StayOn`, or by writing anything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct IdleView {
    /// When it will be ended, if the service said so.
    #[cfg_attr(feature = "typescript", ts(type = "number | null"))]
    pub ends_at: Option<i64>,
    /// The service's own words.
    pub text: Option<String>,
}

/// That the person is being asked to sign in, on the company's page in the system's browser. The host has opened it when this comes;
/// `OpenSignIn` opens it again, `CancelSignIn` gives it up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum SignInView {
    /// The page is being prepared.
    Preparing,
    /// The page is open, and the answer is waited for.
    Browser {
        /// Where it is, for a browser that was not found. Good for this one sign-in.
        address: String,
    },
}

/// An edit of the timeline: first remove, then put each item in its place, in the given order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ItemsChange {
    /// Identifiers of items that are no longer there.
    pub removed: Vec<String>,
    /// New and changed items. An item whose identifier is known replaces (and, if need be, moves) the old one.
    pub put: Vec<Placed>,
}

/// An item and its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Placed {
    /// Identifier of the item directly before this one; `None` for the first place.
    pub after: Option<String>,
    /// The item itself.
    pub item: Arc<Item>,
}

/// One row of the timeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Item {
    /// Stable identifier within the conversation. A message keeps its identifier from its first echo to the service's copy.
    pub id: String,
    /// When it happened.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub at: i64,
    /// True if it came with replayed history: such an item is never announced and never notifies.
    pub replayed: bool,
    /// What it is.
    pub content: Content,
}

/// What a row of the timeline holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Content {
    /// Words of one person.
    Message {
        /// Who wrote it.
        from: Person,
        /// The text, cut where links begin and end. To be shown as text nodes, never as markup.
        text: Vec<Run>,
        /// How far an own message has come; `None` for others.
        delivery: Option<DeliveryView>,
    },
    /// A picture.
    Picture {
        /// Who sent it.
        from: Person,
        /// File name, for the label and for saving.
        name: String,
        /// Size in bytes, if known.
        #[cfg_attr(feature = "typescript", ts(type = "number | null"))]
        size: Option<u64>,
        /// How far an own picture has come; `None` for others.
        delivery: Option<DeliveryView>,
        /// True if it is no longer to be had.
        #[serde(default)]
        withdrawn: bool,
    },
    /// A file. It is never opened by itself: the person saves it.
    File {
        /// Who sent it.
        from: Person,
        /// File name, for the label and for saving.
        name: String,
        /// Size in bytes, if known.
        #[cfg_attr(feature = "typescript", ts(type = "number | null"))]
        size: Option<u64>,
        /// Media type, if known.
        mime: Option<String>,
        /// How far an own file has come; `None` for others.
        delivery: Option<DeliveryView>,
        /// True if it is no longer to be had.
        withdrawn: bool,
    },
    /// Words with answers to choose from, with `Choose`.
    Offer {
        /// Who asks.
        from: Person,
        /// The question and its answers. If it is `passing`, it can be answered only as long as it is the last thing said:
        /// no message, picture, file or offer stands after it.
        offer: Offer,
        /// What was chosen; empty if nothing was. An offer is answered once.
        answered: Vec<String>,
    },
    /// Something that the other side sent and that cannot be shown here.
    Unsupported {
        /// Who sent it.
        from: Person,
    },
    /// A line of this computer's own: never sent, seen by nobody else.
    Local {
        /// The text, cut where links begin and end.
        text: Vec<Run>,
    },
    /// Somebody joined.
    Joined {
        /// Who.
        person: Person,
    },
    /// Somebody left.
    Left {
        /// Who.
        person: Person,
    },
    /// The case on which the agents worked is closed; the chat goes on.
    CaseClosed {
        /// Who closed it, if that is known.
        by: Option<String>,
    },
}

impl Content {
    /// Who said it; `None` for what nobody says.
    #[must_use]
    pub const fn said_by(&self) -> Option<&Person> {
        match self {
            Self::Message { from, .. }
            | Self::Picture { from, .. }
            | Self::File { from, .. }
            | Self::Offer { from, .. }
            | Self::Unsupported { from } => Some(from),
            Self::Joined { .. } | Self::Left { .. } | Self::CaseClosed { .. } | Self::Local { .. } => None,
        }
    }

    /// How far an own message, picture or file has come.
    #[must_use]
    pub const fn delivery(&self) -> Option<&DeliveryView> {
        match self {
            Self::Message { delivery, .. } | Self::Picture { delivery, .. } | Self::File { delivery, .. } => {
                delivery.as_ref()
            }
            _ => None,
        }
    }

    /// Where the above stands; `None` for what is never sent.
    pub const fn delivery_mut(&mut self) -> Option<&mut Option<DeliveryView>> {
        match self {
            Self::Message { delivery, .. } | Self::Picture { delivery, .. } | Self::File { delivery, .. } => {
                Some(delivery)
            }
            _ => None,
        }
    }
}

impl Offer {
    /// All its choices: those of its cards, then those of its groups.
    pub fn choices(&self) -> impl Iterator<Item = &Choice> {
        let cards = self.cards.iter().flat_map(|card| &card.choices);
        cards.chain(self.groups.iter().flat_map(|group| &group.choices))
    }

    /// What stands for it in one line: what is said, or the first heading.
    #[must_use]
    pub fn line(&self) -> &str {
        let titles = self.cards.iter().map(|card| card.title.as_str());
        let titles = titles.chain(self.groups.iter().filter_map(|group| group.title.as_deref()));
        std::iter::once(self.text.as_str())
            .chain(titles)
            .find(|text| !text.trim().is_empty())
            .unwrap_or_default()
    }
}

impl Banner {
    /// All its choices.
    pub fn choices(&self) -> impl Iterator<Item = &Choice> {
        self.cards.iter().flat_map(|card| &card.choices)
    }
}

/// Words with answers to choose from: quick replies, cards, dates, lists.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Offer {
    /// What is said or asked. To be shown as text.
    pub text: String,
    /// Cards, side by side or below each other.
    pub cards: Vec<Card>,
    /// Answers, in groups.
    pub groups: Vec<ChoiceGroup>,
    /// True if an answer makes sense only as long as nothing else was said.
    pub passing: bool,
    /// Questions that are answered together, with `Fill`; then nothing else is offered.
    #[serde(default)]
    pub questions: Option<Questionnaire>,
}

/// A card.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Card {
    /// Heading.
    pub title: String,
    /// What stands below it.
    pub text: Option<String>,
    /// The address of a picture that stands above it. An interface does not go there: it asks for the bytes as those of the item
    /// `ITEM#NUMBER`, the cards of an offer being counted from 0.
    #[serde(default)]
    pub picture: Option<String>,
    /// Its buttons.
    pub choices: Vec<Choice>,
}

/// Answers that belong together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ChoiceGroup {
    /// Heading, if there is one.
    pub title: Option<String>,
    /// True if several can be chosen and are sent together.
    pub multiple: bool,
    /// The answers.
    pub choices: Vec<Choice>,
}

/// One answer, or a link.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Choice {
    /// Unique within its offer or banner.
    pub id: String,
    /// What stands on the button; empty for a date, which the interface words from `at`.
    pub label: String,
    /// What stands below the label.
    pub text: Option<String>,
    /// For a date: when it begins.
    #[cfg_attr(feature = "typescript", ts(type = "number | null"))]
    pub at: Option<i64>,
    /// For a date: how long it lasts, in seconds.
    #[cfg_attr(feature = "typescript", ts(type = "number | null"))]
    pub seconds: Option<u64>,
    /// What a press does.
    pub does: ChoiceDoes,
}

/// What choosing does.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "does", rename_all = "snake_case")]
pub enum ChoiceDoes {
    /// Sends these words as a message of the person, exactly as they are.
    Say {
        /// The words.
        text: String,
        /// What the service wants back with them, unread; `None` for plain words.
        payload: Option<String>,
    },
    /// Opens an address, through the host, which checks it again.
    Open {
        /// The address.
        href: String,
    },
    /// Nothing: it cannot be used here.
    Nothing,
}

/// What stands above a conversation, at the service's wish: a way back to the bot, for instance.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Banner {
    /// What it says, one card for each; their choices send or open something.
    pub cards: Vec<Card>,
    /// True if putting it away leaves a strip to open it again.
    pub minimises: bool,
    /// What that strip says.
    pub minimised_text: Option<String>,
    /// True while it is put away as a strip.
    pub minimised: bool,
    /// True from a choice until the service has said what became of it: no choice can be made.
    pub pending: bool,
}

/// Which files a service takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct FileRules {
    /// Of which kinds.
    pub kinds: FileKinds,
    /// Most bytes of one.
    #[cfg_attr(feature = "typescript", ts(type = "number | null"))]
    pub largest: Option<u64>,
    /// True if they are taken only while an agent is there.
    pub needs_agent: bool,
}

/// Kinds of files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "kinds", rename_all = "snake_case")]
pub enum FileKinds {
    /// Pictures of any kind.
    Pictures,
    /// All but these endings, lower case without the dot.
    AllBut {
        /// The endings.
        endings: Vec<String>,
    },
    /// Only these endings, lower case without the dot.
    Only {
        /// The endings.
        endings: Vec<String>,
    },
}

/// A stretch of text, with the address it leads to if it is a link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Run {
    /// The characters to show.
    pub text: String,
    /// An `https`, `http`, `mailto` or `tel` address. Opened only through the host, which checks it again.
    pub href: Option<String>,
}

/// Somebody in the conversation.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Person {
    /// The service's identifier for the participant; names are not unique.
    pub id: String,
    /// Name to show; `None` if the service gave none.
    pub name: Option<String>,
    /// In which capacity.
    pub role: Role,
}

/// The capacity in which somebody takes part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The person in front of this screen.
    Me,
    /// A human agent.
    Agent,
    /// A human who watches over agents.
    Supervisor,
    /// A conversational program.
    Bot,
    /// Workflow or automation of the service: shown without a face.
    Automation,
    /// The service itself.
    System,
    /// A kind that Envoi does not know.
    Other,
}

/// How far an own message has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum DeliveryView {
    /// Waits its turn, or for the connection.
    Queued,
    /// On its way. Show a sign of it only after 400 ms.
    Sending,
    /// A file is on its way, and so much of it has left, in bytes. `Cancel` gives it up, if it is not too late.
    Uploading {
        /// What has left.
        #[cfg_attr(feature = "typescript", ts(type = "number"))]
        sent: u64,
        /// All of it.
        #[cfg_attr(feature = "typescript", ts(type = "number"))]
        total: u64,
    },
    /// A try failed; another follows by itself.
    Waiting {
        /// When the next try is due.
        #[cfg_attr(feature = "typescript", ts(type = "number"))]
        until: i64,
    },
    /// The service has it.
    Sent,
    /// Will not be sent unless the person acts: `Retry` or `Cancel`. With the fault `perhaps_sent` nobody knows whether it
    /// arrived: ask whether to send it again, and expect that it may become `Sent` by itself.
    Stuck {
        /// Why.
        fault: Fault,
    },
}

/// Where a conversation stands. Trouble with the connection is in [`LinkView`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "phase", rename_all = "snake_case")]
pub enum PhaseView {
    /// Nothing was started: show the entry form, or a start button if the form is empty.
    Fresh,
    /// The service was asked for a chat and has not answered.
    Joining,
    /// Messages can be written.
    Open,
    /// The case is closed and the chat stays open: show the closing banner. Writing again starts a new case.
    Closing {
        /// Who closed the case, if known.
        by: Option<String>,
        /// The deployment's own words, or `None` to use ours.
        text: Option<String>,
    },
    /// The company was removed from the configuration, or its entry has a mistake; the snapshot's fault says which. What was
    /// said can be read, nothing can be written, and the chat goes on once the company is back: show that in place of the
    /// composer.
    Shelved,
    /// Nothing more will come: show the ended view.
    Over {
        /// Which end it is.
        reason: EndReason,
        /// Who ended it, if known.
        by: Option<String>,
        /// When it ended.
        #[cfg_attr(feature = "typescript", ts(type = "number"))]
        at: i64,
        /// Own messages that never left, for *Copy them*.
        unsent: u32,
        /// True if the deployment asks that the window goes away as well.
        closes_window: bool,
    },
}

/// Why a conversation is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    /// The person ended it.
    EndedByMe,
    /// The agent or the service ended it.
    EndedByThem,
    /// The service keeps it for reading only.
    ReadOnly,
    /// It was quiet for too long.
    Expired,
    /// The service no longer knows it.
    Lost,
    /// The person was signed out.
    SignedOut,
    /// The person has signed in elsewhere, where the chat goes on.
    SignedInElsewhere,
}

/// Where the connection stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "link", rename_all = "snake_case")]
pub enum LinkView {
    /// Not needed at the moment, because nothing was started or all is over.
    Idle,
    /// Works.
    Up,
    /// Does not work; tries go on by themselves. Show the strip after 3 s.
    Down {
        /// How many tries failed in a row.
        attempt: u32,
        /// When the next try is due.
        #[cfg_attr(feature = "typescript", ts(type = "number"))]
        retry_at: i64,
        /// What is in the way: `offline`, `not_answering`, `rate_limited`, `captive_portal`, `unsafe_connection` and the like.
        cause: FaultCode,
    },
    /// A kept conversation is being picked up.
    Restoring,
}

/// What lies before the first item of the timeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum HistoryView {
    /// There may be more; `Command::Older` asks for it.
    More,
    /// A page is on its way.
    Loading,
    /// The beginning is reached, or the service keeps no history.
    #[default]
    Complete,
}

/// A message that is held back by the question whether it is meant as a new case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Guard {
    /// The words that wait. They stay in the composer until the question is answered.
    pub text: String,
    /// Who closed the last case, if known.
    pub by: Option<String>,
}

/// Whether a conversation comes back after a restart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "memory", rename_all = "snake_case")]
pub enum Memory {
    /// Nothing to keep so far.
    #[default]
    Nothing,
    /// The system's password store is being asked; it may be waiting for the person.
    Asking,
    /// Kept.
    Kept,
    /// Not kept, because the password store is locked, missing or failing, or the archive cannot be written.
    NotKept {
        /// `keyring_locked`, `keyring_missing`, `keyring_failed`, or `disk_failed`: then nothing is sent or received until
        /// there is room again, which is tried by itself.
        why: FaultCode,
    },
    /// Not to be kept: the person or the company wants the conversation gone when the program is quit.
    Shared,
}

/// A company one can write to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct DeploymentView {
    /// Name in the configuration file.
    pub id: String,
    /// Name to show.
    pub name: String,
    /// Brand colour, `#rrggbb`.
    pub brand: Option<String>,
    /// True if a case may close while the chat stays open.
    pub asynchronous: bool,
    /// True if files can be sent when a chat begins; what holds while one runs is in [`Abilities`].
    pub pictures: bool,
    /// What is asked before the chat starts; empty if nothing is.
    pub form: Vec<FormField>,
    /// True for the pretend company on this computer.
    pub demo: bool,
    /// How long the company lets conversations be kept; `None` if it leaves that to the person. The shorter time counts.
    pub keep: Option<Keep>,
    /// True if it came from the configuration file as it was when the program started or was added since; false if it
    /// was removed and only its conversations remain.
    pub available: bool,
    /// True if the person may change and remove it: it was added in the window, or its entry says so.
    pub editable: bool,
}

/// One field of the entry form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct FormField {
    /// Wire name of the field, for instance `firstname`.
    pub name: String,
    /// Label from the configuration; `None` lets the interface word well-known names itself.
    pub label: Option<String>,
    /// What it holds.
    pub kind: FormFieldKind,
    /// True if the chat cannot start without it.
    pub required: bool,
    /// What it contains at first.
    pub value: Option<String>,
}

/// What a field of the entry form holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum FormFieldKind {
    /// One line of text.
    Text,
    /// An e-mail address.
    Email,
    /// A telephone number.
    Phone,
    /// Several lines of text.
    Area,
}

/// What a person may do in one conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Command {
    /// Start the chat with what the entry form holds.
    Start {
        /// Values by field name.
        form: BTreeMap<String, String>,
    },
    /// Send a text. In a closing phase it may be held back, see [`Guard`].
    Send {
        /// The words.
        text: String,
    },
    /// Answer of the guard: send the held words, which starts a new case.
    SendAnyway,
    /// Answer of the guard: keep the words in the composer.
    DontSend,
    /// Try a stuck message again.
    Retry {
        /// Identifier of its item.
        item: String,
    },
    /// Take back a message that has not left, or give up an upload. Too late is told by the message staying.
    Cancel {
        /// Identifier of its item.
        item: String,
    },
    /// A key was pressed in the composer.
    Typing {
        /// What the composer holds. It leaves the computer only if a deployment asks for previews.
        text: String,
    },
    /// Keep what stands in the composer, so that a restart finds it. Empty when it was emptied by hand; sending empties it.
    Draft {
        /// What it holds.
        text: String,
    },
    /// Load the page before the first item.
    Older,
    /// Load everything from this item on, as found by a search. It is in the timeline when the command has succeeded.
    Reveal {
        /// Identifier of the item.
        item: String,
    },
    /// Give the service more data about the person, now or with the start.
    UserData {
        /// Values by key.
        data: BTreeMap<String, String>,
    },
    /// Try the connection now.
    TryNow,
    /// End the chat for good.
    End,
    /// Everything so far was seen.
    Seen,
    /// Answer an offer. Several choices only out of one group that allows it.
    Choose {
        /// Identifier of the offer's item.
        item: String,
        /// Identifiers of the choices.
        choices: Vec<String>,
    },
    /// Answer the questions of an offer, all of them at once.
    Fill {
        /// Identifier of the offer's item.
        item: String,
        /// By the question's identifier: words, a day, or the identifiers of choices.
        answers: BTreeMap<String, Vec<String>>,
    },
    /// Press a button of the banner that sends something.
    ChooseBanner {
        /// Identifier of the choice.
        choice: String,
    },
    /// Put the banner away, or minimise it, as it says.
    CloseBanner,
    /// Show a minimised banner again.
    OpenBanner,
    /// The person is still there, see [`IdleView`].
    StayOn,
    /// Sign in while the chat runs, where that can be done.
    SignIn,
    /// Open the sign-in page in the browser again.
    OpenSignIn,
    /// Give up signing in.
    CancelSignIn,
    /// Be called by another name from here on.
    Nickname {
        /// The name.
        name: String,
    },
    /// Tell something to the other side's programs that is no part of the conversation.
    Notice {
        /// What to tell.
        text: String,
    },
    /// Put a line of this computer's own into the timeline. It is never sent.
    Inject {
        /// What it says.
        text: String,
    },
    /// Send words that the timeline does not show, now or later.
    SendHidden {
        /// The words.
        text: String,
        /// A regular expression of what to hide from here on; without one these words are hidden wherever they stand alone.
        pattern: Option<String>,
    },
    /// Hide messages in which one of these regular expressions is found, from here on and after a restart.
    Hide {
        /// The expressions.
        patterns: Vec<String>,
    },
}

/// Who was in a conversation and how much was said, as far as it is kept on this computer.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Details {
    /// Everybody of the other side, in the order in which they came.
    pub people: Vec<Attendance>,
    /// When the first thing was said.
    #[cfg_attr(feature = "typescript", ts(type = "number | null"))]
    pub started: Option<i64>,
    /// When the last thing was said.
    #[cfg_attr(feature = "typescript", ts(type = "number | null"))]
    pub ended: Option<i64>,
    /// Messages, pictures, files and offers of the other side, and what cannot be shown of it.
    pub received: u32,
    /// Those of the person.
    pub sent: u32,
}

/// Somebody's stay in a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Attendance {
    /// Who.
    pub person: Person,
    /// When they came, or were first heard of.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub from: i64,
    /// When they left; `None` if that was not told.
    #[cfg_attr(feature = "typescript", ts(type = "number | null"))]
    pub until: Option<i64>,
}

/// Everything outside of single conversations.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct AppView {
    /// All conversations, the one with the newest news first.
    pub conversations: Vec<Row>,
    /// All companies that can be written to.
    pub deployments: Vec<Arc<DeploymentView>>,
    /// What could not be read from the configuration file; the rest of it is in use.
    pub config_faults: Vec<ConfigFault>,
    /// Services that a company can be added with.
    pub services: Arc<[ServiceView]>,
    /// The person's choices.
    pub settings: Settings,
    /// Version of the program.
    pub version: String,
    /// Whether what is said is kept on this computer.
    pub archive: ArchiveView,
}

/// Whether what is said is kept on this computer, encrypted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "archive", rename_all = "snake_case")]
pub enum ArchiveView {
    /// The password store is being asked for the key; it may be asking the person.
    Opening,
    /// It is kept.
    Kept,
    /// It could not be read and was begun anew; conversations are read again from their services as far as those have them.
    Rebuilt {
        /// Where the unreadable file is now.
        aside: String,
    },
    /// Everything works, and what is said is gone when the program is quit.
    Memory {
        /// Why: what is wrong with the password store, or `disk_failed`.
        why: FaultCode,
    },
}

/// How long conversations are kept on this computer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "keep", rename_all = "snake_case")]
pub enum Keep {
    /// Until the person deletes them.
    Forever,
    /// What is older is deleted.
    Days {
        /// How many days, from 1.
        days: u16,
    },
    /// Until the program is quit, as on a computer that several people use: nothing is written to disk, and no token is kept.
    UntilQuit,
}

/// What a search found.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct SearchView {
    /// The newest messages that were found, newest first.
    pub hits: Vec<SearchHit>,
    /// True if there are more than these.
    pub more: bool,
}

/// A message found by a search.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct SearchHit {
    /// In which conversation.
    pub conversation: String,
    /// Name of the company.
    pub company: String,
    /// Identifier of the item, for `Command::Reveal`.
    pub item: String,
    /// When it happened.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub at: i64,
    /// Who wrote it.
    pub from: Person,
    /// The words around the find, cut where finds begin and end. To be shown as text nodes.
    pub snippet: Vec<SnippetRun>,
}

/// A stretch of the words around a find.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct SnippetRun {
    /// The characters to show.
    pub text: String,
    /// Whether they are what was looked for.
    pub found: bool,
}

/// As what a copy of a conversation is saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum CopyFormat {
    /// Plain text.
    Text,
    /// JSON, for programs.
    Json,
    /// A web page with its pictures beside it.
    Html,
}

/// One conversation in the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Row {
    /// Name of the conversation.
    pub conversation: String,
    /// Whom it is with.
    pub deployment: Arc<DeploymentView>,
    /// When something last happened; `None` if nothing did.
    #[cfg_attr(feature = "typescript", ts(type = "number | null"))]
    pub at: Option<i64>,
    /// Messages not yet seen.
    pub unread: u32,
    /// The line under the name.
    pub snippet: Snippet,
    /// The first words of what stands in the composer and was not sent; empty if nothing does.
    pub draft: String,
}

impl Snippet {
    /// What a row says in the list; `None` if it is nothing that somebody said.
    #[must_use]
    pub fn of(content: &Content) -> Option<Self> {
        let from = content.said_by()?.clone();
        Some(match content {
            Content::Message { text, .. } => {
                let text = Some(text::first_words(text.iter().map(|run| run.text.as_str())));
                Self::Message { from, text }
            }
            Content::Offer { offer, .. } => {
                Self::Message { from, text: Some(text::first_words([offer.line()])) }
            }
            Content::File { name, .. } => Self::File { from, name: name.clone() },
            Content::Unsupported { .. } => Self::Unsupported { from },
            _ => Self::Message { from, text: None },
        })
    }
}

/// The line under a name in the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(tag = "snippet", rename_all = "snake_case")]
pub enum Snippet {
    /// Nothing to say.
    Empty,
    /// The last message.
    Message {
        /// Who wrote it; role `me` is shown as "You".
        from: Person,
        /// Its first words; `None` for a picture.
        text: Option<String>,
    },
    /// The last thing was a file.
    File {
        /// Who sent it; role `me` is shown as "You".
        from: Person,
        /// Its name.
        name: String,
    },
    /// The last thing cannot be shown here.
    Unsupported {
        /// Who sent it.
        from: Person,
    },
    /// Own messages wait for the connection.
    Waiting {
        /// How many.
        count: u32,
    },
    /// An own message is stuck, and has not arrived.
    NotSent,
    /// Nobody knows whether an own message arrived, and the person is asked.
    PerhapsSent,
    /// The case is closed.
    CaseClosed,
    /// The chat is over.
    Over {
        /// Which end it is.
        reason: EndReason,
    },
}

/// A service that a company can be added with, and what has to be known of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ServiceView {
    /// Name in the configuration file, for instance `digital_channels`.
    pub id: String,
    /// Name to show, for instance "Genesys Digital Channels".
    pub name: String,
    /// What to ask for, in this order.
    pub fields: Vec<SettingField>,
}

/// One thing to know about a company's service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct SettingField {
    /// Name in the configuration file, for instance `url`.
    pub name: String,
    /// What it holds.
    pub kind: SettingKind,
    /// True if the service cannot be reached without it.
    pub required: bool,
    /// An example of a good value.
    pub example: Option<String>,
}

/// What a setting of a service holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum SettingKind {
    /// An `https` address (`http` only to this computer).
    Address,
    /// A key: shown as typed, never logged.
    Key,
    /// One line of text.
    Text,
}

/// What the person enters to add a company.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct NewDeployment {
    /// Id of the company that this is once more: its entry is corrected, or it comes back under that id. `None` for another company.
    #[serde(default)]
    pub id: Option<String>,
    /// One of [`AppView::services`].
    pub service: String,
    /// Name in the list.
    pub name: String,
    /// True if a case may close while the chat stays open.
    pub asynchronous: bool,
    /// Values of the service's fields.
    pub settings: BTreeMap<String, String>,
}

/// Something in the way of adding a company.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct FieldFault {
    /// Which field, or `None` if it is not about one.
    pub field: Option<String>,
    /// What is wrong with it.
    pub fault: Fault,
}

/// A part of the configuration file that could not be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ConfigFault {
    /// Path of the file.
    pub file: String,
    /// Line, counted from 1, if it can be told.
    pub line: Option<u32>,
    /// Field, for instance `deployment[2].url`; empty if the file as a whole is meant.
    pub field: String,
    /// What is wrong and what to do, in English.
    pub message: String,
}

/// The person's choices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(default)]
pub struct Settings {
    /// How much a notification tells.
    pub notify: NotifyLevel,
    /// Whether agents see that the person is typing.
    pub show_typing: bool,
    /// Whether agents see what the person has read.
    pub show_read: bool,
    /// Light, dark, or as the system has it.
    pub theme: Theme,
    /// Whether it was explained that hiding the window does not quit.
    pub hiding_explained: bool,
    /// How long conversations are kept on this computer.
    pub keep: Keep,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            notify: NotifyLevel::Full,
            show_typing: true,
            show_read: true,
            theme: Theme::System,
            hiding_explained: false,
            keep: Keep::Forever,
        }
    }
}

/// How much a notification tells to whoever looks at the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum NotifyLevel {
    /// Nothing is raised.
    Nothing,
    /// The company, and "New message".
    Company,
    /// The company and who wrote.
    Name,
    /// The company, who wrote, and what.
    Full,
}

/// Which of the two looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// As the system has it.
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}
