//! A chat in the sandbox's own words, the same for every service: what the control API, the script and the console page go by.
//!
//! A model tells its chats in these forms and keeps its own beside them: [`Line::wire`] is what the customer's client gets.

use serde::Serialize;
use serde_json::{Map, Value};

/// Who somebody is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Who {
    /// The person whose client is tried.
    Customer,
    /// A person of the contact centre.
    Agent,
    /// A program of the contact centre that writes.
    Bot,
    /// A person of the contact centre who looks on.
    Supervisor,
    /// Somebody or something that the contact centre brought in.
    External,
    /// The service itself.
    System,
    /// A word that says none of these.
    Other,
}

impl Who {
    /// Who goes by this word, in whatever case. `Client`, `User` and `Guest` are words of services for the customer.
    #[must_use]
    pub fn named(word: &str) -> Self {
        match word.to_ascii_lowercase().as_str() {
            "customer" | "client" | "user" | "guest" => Self::Customer,
            "agent" => Self::Agent,
            "bot" => Self::Bot,
            "supervisor" => Self::Supervisor,
            "external" => Self::External,
            "system" => Self::System,
            _ => Self::Other,
        }
    }
}

/// What a line of a transcript is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Words.
    Text,
    /// A picture; `text` is its file name.
    Picture,
    /// Any other file; `text` is its name.
    File,
    /// An address to open; `text` is the address.
    Link,
    /// A notice of the service.
    Notice,
    /// Buttons, cards and the like; `text` is what stands for them where they cannot be shown.
    Structured,
    /// A banner is shown, changed or taken away; `text` is its event.
    Banner,
    /// Somebody joined.
    Joined,
    /// Somebody left.
    Left,
    /// Somebody types; `text` is the preview, if there is one.
    Typing,
    /// Somebody stopped typing.
    TypingStopped,
    /// The interaction came to a state; `text` is its word.
    State,
    /// The customer is told that nothing has happened for long.
    IdleAlert,
    /// The chat is over, in a line of its own.
    Ended,
    /// What none of these is.
    Other,
}

/// Where a line appears.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Lasting {
    /// Live and in history.
    Kept,
    /// Live for a short while: typing.
    Passing,
    /// Live once: a copy or a malformed entry that history does not know.
    Once,
}

/// One line of a transcript.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Line {
    /// The service's own name for it; empty where it has none.
    pub id: String,
    /// When it was made, unix ms.
    pub at: u64,
    /// Whose it is.
    pub who: Who,
    /// The name of who made it; empty where there is none.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// Its words; see [`Kind`] for what these are.
    pub text: String,
    /// Where it appears.
    pub lasting: Lasting,
    /// Whether the customer's client is given it: not what the customer types.
    pub to_customer: bool,
    /// The form in which the customer's client gets it.
    pub wire: Value,
}

/// Somebody who is or was in a chat.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Person {
    /// The service's own name for them.
    pub id: String,
    /// Who they are.
    pub who: Who,
    /// The service's own word for who they are.
    #[serde(rename = "type")]
    pub word: String,
    /// The name that is shown.
    pub name: String,
    /// Whether they have joined and not left.
    pub present: bool,
}

/// One chat without its transcript.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Chat {
    /// Unique over all services.
    pub id: String,
    /// The name of its model.
    pub service: &'static str,
    /// The entry point that it was begun through.
    pub endpoint: String,
    /// When it was created, unix ms.
    pub created: u64,
    /// When it was created or joined last, unix ms.
    pub touched: u64,
    /// The id that it had before the service gave it another one.
    pub moved_from: Option<String>,
    /// The customer's name.
    pub nickname: Option<String>,
    /// Everybody who ever was here.
    pub participants: Vec<Person>,
    /// How many lines the transcript has.
    pub entries: usize,
    /// The preview of what the customer is typing; `None` when nothing.
    pub customer_typing: Option<String>,
    /// Whether it is over.
    pub ended: bool,
    /// How it was lost, if it was.
    pub dead: Option<String>,
    /// What only this service has: each as its JSON.
    #[serde(skip)]
    pub more: Map<String, Value>,
}

impl Chat {
    /// Everybody of the contact centre who is here, in order of joining.
    pub fn centre_present(&self) -> impl DoubleEndedIterator<Item = &Person> {
        self.participants.iter().filter(|one| one.present && one.who != Who::Customer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_somebody_is_is_told_by_the_words_of_the_services() {
        for (word, who) in [
            ("Client", Who::Customer),
            ("CUSTOMER", Who::Customer),
            ("agent", Who::Agent),
            ("Bot", Who::Bot),
            ("Odd", Who::Other),
            ("", Who::Other),
        ] {
            assert_eq!(Who::named(word), who, "{word}");
        }
    }
}
