//! Who handles the conversation: the bot, or an agent for a while. And the banner above it, with the way back that the person has
//! taken and the service has not confirmed.
//!
//! The rules: `docs/protocols/yellow.md`, "The agent leg". Asking to leave is not leaving: only the service's word ends the leg, and
//! the conversation with the bot goes on after it.

use crate::event::{Banner, EntryKind};
use crate::view::ChoiceDoes;

use super::map::{Leg, Meaning};
use super::wire::Sender;

/// Where the conversation stands between bot and agent.
#[derive(Debug, Clone, Default)]
pub(super) struct Standing {
    /// The agent who is there, by name if one was told.
    pub(super) agent: Option<Option<String>>,
    banner: Option<Banner>,
    leaving: Leaving,
    /// The banner is to be told: it is another one, or it stays after all.
    stale: bool,
}

/// How far the person's wish to leave the agent has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Leaving {
    #[default]
    No,
    /// The words were taken.
    Asked,
    /// Since then the banner was taken away.
    Closed,
}

/// What somebody did beside what the message says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Move {
    /// An agent is there from here on.
    Came(Option<String>),
    /// The agent is there no more.
    Went(Option<String>),
}

impl Standing {
    /// As it was when the cursor was kept.
    pub(super) fn with(agent: Option<Option<String>>) -> Self {
        Self { agent, ..Self::default() }
    }

    /// Takes a message in.
    pub(super) fn hear(&mut self, sender: Sender, meaning: &Meaning) -> Option<Move> {
        if let Some(banner) = &meaning.banner {
            self.stale |= self.banner != *banner;
            self.banner.clone_from(banner);
        }
        if meaning.closes && self.leaving == Leaving::Asked {
            self.leaving = Leaving::Closed;
        }
        // The bot alone is no sign: an agent may let it answer in between.
        let bot_is_back = self.leaving == Leaving::Closed
            && sender == Sender::Bot
            && matches!(meaning.kind, EntryKind::Text(_) | EntryKind::Offer(_));
        match &meaning.leg {
            Some(Leg::Agent(name)) => {
                if sender == Sender::Agent && std::mem::take(&mut self.leaving) != Leaving::No {
                    self.stale |= self.banner.is_some();
                }
                self.comes(name.as_deref())
            }
            Some(Leg::Ended) => self.goes(),
            None if bot_is_back => self.goes(),
            None => None,
        }
    }

    fn comes(&mut self, name: Option<&str>) -> Option<Move> {
        let name = name.map(str::to_owned);
        match &mut self.agent {
            Some(known) if name.is_none() || *known == name => None,
            // The same one, whose name is known now.
            Some(known @ None) => {
                *known = name;
                None
            }
            agent => {
                *agent = Some(name.clone());
                Some(Move::Came(name))
            }
        }
    }

    fn goes(&mut self) -> Option<Move> {
        let agent = self.agent.take()?;
        self.leaving = Leaving::No;
        self.stale |= self.banner.take().is_some();
        Some(Move::Went(agent))
    }

    /// The service took what the person said. The words of a banner's choice, pressed or typed, ask for leaving.
    pub(super) fn said(&mut self, text: &str) {
        let folded = text.trim().to_lowercase();
        let choices = self.banner.iter().flat_map(|banner| &banner.cards).flat_map(|card| &card.choices);
        let mut says = choices.filter_map(|choice| match &choice.does {
            ChoiceDoes::Say { text, .. } => Some(text.trim().to_lowercase()),
            ChoiceDoes::Open { .. } | ChoiceDoes::Nothing => None,
        });
        if self.agent.is_some() && says.any(|choice| choice == folded) {
            self.leaving = Leaving::Asked;
        }
    }

    /// The person put the banner away.
    pub(super) fn put_away(&mut self) {
        self.banner.take_if(|banner| !banner.minimises);
    }

    /// The banner, if it has to be told.
    pub(super) fn news(&mut self) -> Option<Option<Banner>> {
        std::mem::take(&mut self.stale).then(|| self.banner.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kit::banner::{CLOSE, UPDATE, WithPayload};
    use crate::transports::yellow::map::meaning;
    use serde_json::{Value, json};

    fn hear(standing: &mut Standing, kind: &str, message: &Value) -> Option<Move> {
        let item = serde_json::from_value(json!({ "messageType": kind, "message": message })).unwrap();
        let meaning = meaning(&item, WithPayload::Show);
        standing.hear(item.sender(), &meaning)
    }

    fn event(standing: &mut Standing, code: &str, data: &Value) -> Option<Move> {
        hear(standing, "NOTIFICATION", &json!({ "event": { "code": code, "data": data } }))
    }

    /// With an agent, a banner, and the wish to leave.
    fn leaving() -> Standing {
        let mut standing = Standing::default();
        assert_eq!(event(&mut standing, "ticket-assigned", &json!({ "agentName": "Maya" })), came("Maya"));
        let banner = json!({ "title": "Leave?", "options": [{ "title": "Exit", "text": " Talk to bot " }] });
        event(&mut standing, UPDATE, &banner);
        assert!(matches!(standing.news(), Some(Some(_))));
        standing.said("talk to BOT");
        assert_eq!(standing.leaving, Leaving::Asked);
        assert_eq!(standing.news(), None);
        standing
    }

    fn came(name: &str) -> Option<Move> {
        Some(Move::Came(Some(name.to_owned())))
    }

    fn went(name: &str) -> Option<Move> {
        Some(Move::Went(Some(name.to_owned())))
    }

    #[test]
    fn asking_to_leave_is_not_leaving() {
        let mut standing = leaving();
        assert_eq!(hear(&mut standing, "BOT", &json!("Hello")), None, "an agent may let the bot answer");
        assert!(standing.agent.is_some());
        assert_eq!(event(&mut standing, "ticket-closed", &Value::Null), went("Maya"));
        assert_eq!(standing.news(), Some(None), "and the banner goes with the agent");
    }

    #[test]
    fn a_banner_that_is_taken_away_is_a_sign_only_together_with_the_bot() {
        let mut standing = leaving();
        assert_eq!(event(&mut standing, CLOSE, &Value::Null), None);
        assert_eq!(standing.news(), Some(None));
        assert!(standing.agent.is_some());
        assert_eq!(hear(&mut standing, "BOT", &json!("Back again")), went("Maya"));
        let mut standing = Standing::with(Some(None));
        event(&mut standing, CLOSE, &Value::Null);
        assert_eq!(hear(&mut standing, "BOT", &json!("Hello")), None, "nobody asked to leave");
    }

    #[test]
    fn an_agent_who_writes_is_still_there_and_the_banner_can_be_used_again() {
        let mut standing = leaving();
        assert_eq!(hear(&mut standing, "AGENT", &json!("One moment")), None);
        assert_eq!(standing.leaving, Leaving::No);
        assert!(matches!(standing.news(), Some(Some(_))));
    }

    #[test]
    fn an_agent_comes_once_and_another_one_anew() {
        let mut standing = Standing::default();
        assert_eq!(hear(&mut standing, "AGENT", &json!("Hi")), Some(Move::Came(None)));
        assert_eq!(hear(&mut standing, "NOTIFICATION", &json!("Maya has joined the conversation")), None);
        assert_eq!(
            hear(&mut standing, "NOTIFICATION", &json!("Tom has joined the conversation")),
            came("Tom")
        );
        assert_eq!(hear(&mut standing, "NOTIFICATION", &json!("Tom has left the conversation")), went("Tom"));
        assert_eq!(event(&mut standing, "ticket-closed", &Value::Null), None, "nobody is left who could go");
    }

    #[test]
    fn words_of_a_banner_without_an_agent_leave_nobody() {
        let mut standing = Standing::default();
        event(&mut standing, UPDATE, &json!({ "title": "x", "options": [{ "text": "agent" }] }));
        standing.said("agent");
        assert_eq!(standing.leaving, Leaving::No);
    }
}
