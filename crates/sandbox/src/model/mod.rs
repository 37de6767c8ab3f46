//! The services as deterministic models: no I/O, no clock, no randomness. Time and the seed of the ids come in.
//!
//! Each model speaks its service's own language to its front, and the neutral one of [`Model`] to everything else in the sandbox.
//! The list at the end of this file is what there is.

pub mod chat_session;
pub mod digital_channels;
pub mod gms;
pub mod gms_cometd;
pub mod picture;
pub mod web_messaging;
pub mod yellow;

use std::fmt::Debug;

use serde_json::Value;

use crate::action::{Action, ActionError};
use crate::chat::{Chat, Line};
use crate::ids::Ids;
use crate::options::Options;

/// A service as the control API, the script, the console page and the log see it.
pub trait Model: Debug + Send {
    /// Its name: the key of its settings and of its chats.
    fn name(&self) -> &'static str;

    /// All chats; the one that was created or joined last stands last.
    fn chats(&self) -> Vec<Chat>;

    /// A chat by its id.
    fn chat(&self, id: &str) -> Option<Chat> {
        self.chats().into_iter().find(|one| one.id == id)
    }

    /// The lines of a chat from this one on, counted from 0, in order of arrival; none for a chat that is not known.
    fn lines(&self, id: &str, from: usize) -> Vec<Line>;

    /// The contact centre does something in a chat: all of it before anybody reads. Gives the lines that this made.
    ///
    /// # Errors
    /// The first [`ActionError`]; the actions before it stay done.
    fn act(&mut self, id: &str, now: u64, actions: Vec<Action>) -> Result<Vec<Line>, ActionError>;

    /// The switches.
    fn settings(&self) -> Value;

    /// Changes all switches.
    ///
    /// # Errors
    /// What is wrong with them, in words.
    fn configure(&mut self, settings: Value) -> Result<(), String>;

    /// Forgets all chats.
    fn clear(&mut self);
}

/// Declares the models of the sandbox, each `field: type`, where the type has `fn start(&Options, Ids) -> Self`.
macro_rules! models {
    ($($name:ident: $model:ty),* $(,)?) => {
        /// One model of each service that has chats of its own.
        #[derive(Debug)]
        pub(crate) struct Models {
            $(#[allow(missing_docs, reason = "each is named by its module")] pub(crate) $name: $model,)*
        }

        impl Models {
            /// Empty models. The ids of each follow from `ids` and are its own.
            pub(crate) fn start(options: &Options, ids: &Ids) -> Self {
                let mut number = 0;
                let mut own = || {
                    number += 1;
                    ids.branch(number - 1)
                };
                Self { $($name: <$model>::start(options, own()),)* }
            }

            /// All of them.
            pub(crate) fn all(&self) -> Vec<&dyn Model> {
                vec![$(&self.$name,)*]
            }

            /// All of them, to be changed.
            pub(crate) fn all_mut(&mut self) -> Vec<&mut dyn Model> {
                vec![$(&mut self.$name,)*]
            }
        }
    };
}

models! {
    digital_channels: digital_channels::Centre,
    gms: gms::Centre,
    gms_cometd: gms_cometd::Gateway,
    chat_session: chat_session::Centre,
    web_messaging: web_messaging::Centre,
    yellow: yellow::Centre,
}
