//! Mistakes that a program could make, to be made on purpose: each must be found out, or the judge is worth nothing.
//!
//! They are made around the protocol crate, never in it: in what carries out its wishes, and in a transport that is put before
//! the real one.

mod liar;

use envoi_protocol::stored::{ProgressState, Stored};
use envoi_protocol::transport::Transport;

pub(crate) use liar::Liar;

macro_rules! breakages {
    ($( $(#[doc = $doc:literal])+ $name:ident = $text:literal ),+ $(,)?) => {
        /// One mistake.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Breakage { $( $(#[doc = $doc])+ $name ),+ }

        impl Breakage {
            /// All of them.
            pub const ALL: &'static [Self] = &[ $( Self::$name ),+ ];

            /// Its name on the command line.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $( Self::$name => $text ),+ }
            }
        }
    };
}

breakages! {
    /// The archive says yes, and writes a little later.
    AnswersBeforeWriting = "answers-before-writing",
    /// What has to survive a power cut is left to the operating system.
    NeverSyncs = "never-syncs",
    /// A full disk is taken for a good one.
    SwallowsWriteErrors = "swallows-write-errors",
    /// The place to read on from is kept before what was read.
    CursorBeforeRows = "cursor-before-rows",
    /// The place to read on from is not kept.
    DropsCursor = "drops-cursor",
    /// Messages on their way are not kept.
    ForgetsParcels = "forgets-parcels",
    /// After a restart, what was on its way counts as never sent.
    SendingBecomesQueued = "sending-becomes-queued",
    /// After a restart, the last message goes out first.
    RestoresBackwards = "restores-backwards",
    /// After a restart, names of messages are given out again.
    ForgetsNames = "forgets-names",
    /// After a restart, older rows are not looked for.
    ForgetsOlderRows = "forgets-older-rows",
    /// What was taken back may come back with a power cut.
    TakesBackSoftly = "takes-back-softly",
    /// The person is told that a message was taken back, whatever became of it.
    AlwaysTakesBack = "always-takes-back",
    /// The token is never kept.
    TokenNeverKept = "token-never-kept",
    /// The token is kept half a minute after the answer.
    TokenKeptLate = "token-kept-late",
    /// That the service may take a guest for somebody by now is not kept.
    ForgetsTheDoubt = "forgets-the-doubt",
    /// After a restart, somebody who signed in comes back as a guest.
    ReturnsAsAGuest = "returns-as-a-guest",
    /// What perhaps arrived is sent again as if it had not.
    ResendsAlways = "resends-always",
    /// What got no answer in time counts as not arrived.
    TimeoutIsNo = "timeout-is-no",
    /// A connection that breaks is tried again below, as some libraries do.
    RetriesBelow = "retries-below",
    /// A message counts as sent when it leaves.
    SentWhenItLeaves = "sent-when-it-leaves",
    /// The transcript counts as read before it was.
    ReconcilesBlindly = "reconciles-blindly",
    /// What comes again after a restart counts as new.
    NoDeduplication = "no-deduplication",
    /// Entries of a batch come in another order, under each other's places.
    ShufflesBatches = "shuffles-batches",
    /// `Retry-After` is not heard.
    IgnoresRetryAfter = "ignores-retry-after",
    /// Every read is made twice.
    ReadsTwice = "reads-twice",
    /// An update is lost now and then.
    LosesUpdates = "loses-updates",
    /// What is due is done ten seconds late.
    IsLate = "is-late",
}

impl Breakage {
    /// The service whose worlds show it.
    #[must_use]
    pub const fn transport(self) -> &'static str {
        match self {
            Self::ForgetsTheDoubt | Self::ReturnsAsAGuest => "web_messaging",
            _ => "digital_channels",
        }
    }

    /// Puts a liar before a transport, if the mistake is made there.
    pub(crate) fn wrap(self, transport: Box<dyn Transport>) -> Box<dyn Transport> {
        match self {
            Self::ResendsAlways
            | Self::TimeoutIsNo
            | Self::SentWhenItLeaves
            | Self::ReconcilesBlindly
            | Self::NoDeduplication
            | Self::ShufflesBatches => Box::new(Liar::new(self, transport)),
            _ => transport,
        }
    }

    /// Spoils what the archive gives at a start.
    pub(crate) fn spoil(self, stored: &mut Stored) {
        match self {
            Self::DropsCursor => stored.state.cursor = None,
            Self::ForgetsParcels => stored.parcels.clear(),
            Self::SendingBecomesQueued => {
                for parcel in &mut stored.parcels {
                    if !matches!(parcel.progress.state, ProgressState::Stuck(_) | ProgressState::Sent) {
                        parcel.progress.state = ProgressState::Queued;
                        parcel.progress.left = false;
                    }
                }
            }
            Self::RestoresBackwards => {
                let turns: Vec<u64> = stored.parcels.iter().map(|parcel| parcel.turn).collect();
                for (parcel, turn) in stored.parcels.iter_mut().zip(turns.into_iter().rev()) {
                    parcel.turn = turn;
                }
            }
            Self::ForgetsNames => stored.state.next_local = 0,
            Self::ForgetsOlderRows => stored.more = false,
            _ => {}
        }
    }
}

impl std::str::FromStr for Breakage {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let found = Self::ALL.iter().find(|breakage| breakage.name() == name);
        let names = || Self::ALL.iter().map(|breakage| breakage.name()).collect::<Vec<_>>().join(", ");
        found.copied().ok_or_else(|| format!("there is no such breakage; there are {}", names()))
    }
}
