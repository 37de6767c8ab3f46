//! From the service's messages to the normalised language, and to what they say of the agent and of the banner.

use serde_json::{Map, Value};

use super::wire::{Body, Item, Sender};
use crate::event::{Banner, ChoiceGroup, EntryKind, Offer, Person, Role};
use crate::kit::banner::{self, WithPayload};
use crate::text;
use crate::view::Card;

/// Most cards, and choices of each.
const MOST: usize = 16;
/// Most bytes of the strings of one offer.
const ROOM: usize = 64 << 10;

/// Members that stand beside what is said.
const BESIDE: [&str; 2] = ["options", "fetchVariables"];

/// What a message comes to.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Meaning {
    pub(super) kind: EntryKind,
    pub(super) leg: Option<Leg>,
    /// What it says of the banner, if anything.
    pub(super) banner: Option<Option<Banner>>,
    /// It is a close event, which hides a banner and may also be the sign of an end.
    pub(super) closes: bool,
}

/// What a message says of the part of the conversation that a live agent handles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Leg {
    /// It has begun, or goes on, with somebody of this name.
    Agent(Option<String>),
    /// It is over.
    Ended,
}

/// What a message comes to.
pub(super) fn meaning(item: &Item, on_close: WithPayload) -> Meaning {
    let mut meaning = Meaning { kind: EntryKind::Other, leg: None, banner: None, closes: false };
    let Some(body) = item.body() else { return meaning };
    if item.sender() == Sender::Agent {
        meaning.leg = Some(Leg::Agent(item.agent().map(str::to_owned)));
    }
    match body {
        Body::Text(words) if item.sender() == Sender::Notification => meaning.leg = separator(&words),
        Body::Text(words) => meaning.kind = EntryKind::Text(words),
        Body::Object(object) => match object.get("event").and_then(Value::as_object) {
            Some(event) => {
                let code = event.get("code").and_then(Value::as_str).unwrap_or_default();
                let data = event.get("data").unwrap_or(&Value::Null);
                meaning.leg = leg(code, data);
                meaning.banner = banner::told(code, data, on_close);
                meaning.closes = code == banner::CLOSE;
            }
            None if item.sender() == Sender::Notification => {
                let words = object.get("message").and_then(Value::as_str);
                meaning.leg = words.and_then(separator);
            }
            None => {
                let kind = kind(&object);
                // Of an item without a message nobody knows which members are what is said.
                let unsure = kind == EntryKind::Unsupported && !item.has_message();
                meaning.kind = if unsure { EntryKind::Other } else { kind };
            }
        },
    }
    meaning
}

/// The line that is drawn when an agent comes or goes.
fn separator(words: &str) -> Option<Leg> {
    let words = words.trim();
    let without = |ending: &str| {
        let name = words.strip_suffix(ending)?.trim().trim_matches('*');
        Some((!name.is_empty()).then(|| name.to_owned()))
    };
    match (without("has joined the conversation"), without("has left the conversation")) {
        (Some(name), _) => Some(Leg::Agent(name)),
        (_, Some(_)) => Some(Leg::Ended),
        _ => None,
    }
}

/// What an event says of the ticket.
fn leg(code: &str, data: &Value) -> Option<Leg> {
    let word = |names: &[&str]| {
        names
            .iter()
            .find_map(|name| data.get(name)?.as_str())
            .filter(|name| !name.is_empty())
            .map(str::to_owned)
    };
    match code {
        "agent-ticket-connected" | "ticket-assigned" | "ticket-assigned-bot" => {
            Some(Leg::Agent(word(&["agentName", "displayName"])))
        }
        "agent-ticket-closed" | "ticket-closed" => Some(Leg::Ended),
        _ => None,
    }
}

/// Who sent a message. An agent is known by name only: no message names another identifier.
pub(super) fn person(sender: Sender, agent: Option<&str>) -> Person {
    let (id, role) = match sender {
        Sender::User => ("user", Role::Me),
        Sender::Bot => ("bot", Role::Bot),
        Sender::Agent => ("agent", Role::Agent),
        Sender::Notification => ("service", Role::System),
        Sender::Other => ("", Role::Other),
    };
    let name = agent.filter(|_| sender == Sender::Agent).and_then(|name| text::name(name.to_owned()));
    Person { id: id.to_owned(), name, role }
}

fn kind(object: &Map<String, Value>) -> EntryKind {
    if let Some(typing) = object.get("typing").and_then(Value::as_bool) {
        return EntryKind::typing(typing);
    }
    let nothing = Map::new();
    let words = object.get("message").and_then(Value::as_str);
    if let Some(replies) = object.get("quickReplies").and_then(Value::as_object) {
        return quick_replies(words, replies);
    }
    if let Some(cards) = object.get("cards").and_then(Value::as_array) {
        return offer(words, cards);
    }
    if let Some(words) = words {
        return EntryKind::Text(words.to_owned());
    }
    // Pictures and files stand on other computers, and are left there: the address is shown.
    let address = ["image", "file", "video", "audio"].iter().find_map(|name| {
        let mut room = ROOM;
        match object.get(*name)? {
            Value::Object(inner) => banner::address(inner, "url", &mut room),
            _ => banner::address(object, name, &mut room),
        }
    });
    let Some(address) = address else { return beyond(object) };
    let options = object.get("options").and_then(Value::as_object).unwrap_or(&nothing);
    let caption =
        [options, object].into_iter().find_map(|place| banner::string(place, "caption", &mut ROOM.clone()));
    EntryKind::Text(match caption {
        Some(caption) => format!("{caption}\n{address}"),
        None => address,
    })
}

/// What a message is that cannot be shown: something said, if there is anything in it.
fn beyond(object: &Map<String, Value>) -> EntryKind {
    let said =
        object.iter().filter(|(name, _)| !BESIDE.contains(&name.as_str())).any(|(_, value)| match value {
            Value::String(text) => !text.trim().is_empty(),
            Value::Array(list) => !list.is_empty(),
            Value::Object(members) => !members.is_empty(),
            _ => false,
        });
    if said { EntryKind::Unsupported } else { EntryKind::Other }
}

fn quick_replies(words: Option<&str>, replies: &Map<String, Value>) -> EntryKind {
    let mut room = ROOM;
    let title = banner::string(replies, "title", &mut room).or_else(|| words.map(str::to_owned));
    let options = replies.get("options").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let any = !options.is_empty();
    let options = options.iter().filter_map(Value::as_object).take(MOST).enumerate();
    let choices: Vec<_> =
        options.filter_map(|(number, given)| banner::choice(&number.to_string(), given, &mut room)).collect();
    if choices.is_empty() {
        let without = if any { EntryKind::Unsupported } else { EntryKind::Other };
        return title.map_or(without, EntryKind::Text);
    }
    let groups = vec![ChoiceGroup { title: None, multiple: false, choices }];
    EntryKind::Offer(Offer { text: title.unwrap_or_default(), groups, passing: true, ..Offer::default() })
}

fn offer(words: Option<&str>, cards: &[Value]) -> EntryKind {
    let mut room = ROOM;
    let any = !cards.is_empty();
    let cards = cards.iter().filter_map(Value::as_object).take(MOST).enumerate();
    let cards = cards.filter_map(|(number, given)| {
        let title = banner::string(given, "title", &mut room).unwrap_or_default();
        let text = banner::string(given, "text", &mut room);
        let actions = given.get("actions").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let actions = actions.iter().filter_map(Value::as_object).take(MOST).enumerate();
        let mut choices: Vec<_> = actions
            .filter_map(|(action, given)| banner::choice(&format!("{number}-{action}"), given, &mut room))
            .collect();
        let image = banner::address(given, "image", &mut room);
        choices.extend(image.map(|image| banner::way_to(format!("{number}-image"), image)));
        let empty = title.is_empty() && text.is_none() && choices.is_empty();
        (!empty).then_some(Card { title, text, picture: None, choices })
    });
    let cards: Vec<Card> = cards.collect();
    let text = words.unwrap_or_default().to_owned();
    match (cards.is_empty(), text.is_empty()) {
        (true, true) if any => EntryKind::Unsupported,
        (true, true) => EntryKind::Other,
        (true, false) => EntryKind::Text(text),
        _ => EntryKind::Offer(Offer { text, cards, ..Offer::default() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::ChoiceDoes;
    use serde_json::json;

    fn read(json: &Value) -> Meaning {
        meaning(&serde_json::from_value(json.clone()).unwrap(), WithPayload::Show)
    }

    fn bot(body: &Value) -> EntryKind {
        read(&json!({ "messageType": "BOT", "message": body.to_string() })).kind
    }

    #[test]
    fn kinds_of_messages() {
        let text = |words: &str| EntryKind::Text(words.to_owned());
        assert_eq!(read(&json!({ "messageType": "BOT", "message": "hi" })).kind, text("hi"));
        assert_eq!(bot(&json!({ "message": "hi" })), text("hi"));
        assert_eq!(
            bot(&json!({ "image": "https://e.test/a.png", "options": { "caption": "look" } })),
            text("look\nhttps://e.test/a.png")
        );
        assert_eq!(bot(&json!({ "video": { "url": "https://e.test/v" } })), text("https://e.test/v"));
        assert_eq!(bot(&json!({ "file": "https://e.test/f" })), text("https://e.test/f"));
        assert_eq!(bot(&json!({ "typing": true })), EntryKind::typing(true));
        for other in [
            json!({ "hologram": 1 }),
            json!({ "cards": [] }),
            json!({ "options": { "caption": "look" } }),
            json!({}),
        ] {
            assert_eq!(bot(&other), EntryKind::Other, "{other}");
        }
        for beyond in [
            json!({ "file": "javascript:x" }),
            json!({ "location": { "lat": 1, "lng": 2 } }),
            json!({ "quickReplies": { "options": [7] } }),
            json!({ "cards": [{ "tracker": [] }] }),
        ] {
            assert_eq!(bot(&beyond), EntryKind::Unsupported, "{beyond}");
        }
    }

    #[test]
    fn quick_replies_and_cards_are_offers() {
        let EntryKind::Offer(offer) = bot(&json!({ "quickReplies": { "title": "Where to?", "options": [
            { "title": "Agent", "text": "agent" }, { "title": "Page", "url": "https://e.test" }, 7] } }))
        else {
            panic!("an offer")
        };
        assert_eq!((offer.text.as_str(), offer.passing), ("Where to?", true));
        let say = ChoiceDoes::Say { text: "agent".into(), payload: None };
        assert_eq!(offer.groups[0].choices[0].does, say);
        assert_eq!(offer.groups[0].choices[1].does, ChoiceDoes::Open { href: "https://e.test".into() });
        let EntryKind::Offer(offer) = bot(
            &json!({ "cards": [{ "title": "A", "text": "b", "actions": [{ "title": "Go", "text": "go" }] }, {}] }),
        ) else {
            panic!("an offer")
        };
        assert_eq!(offer.cards.len(), 1);
        assert_eq!(offer.cards[0].choices[0].label, "Go");
        let pictured =
            json!({ "cards": [{ "image": "https://e.test/boat.png" }, { "image": "javascript:x" }] });
        let EntryKind::Offer(offer) = bot(&pictured) else { panic!("an offer") };
        let [Card { choices, .. }] = offer.cards.as_slice() else { panic!("{offer:?}") };
        let open = ChoiceDoes::Open { href: "https://e.test/boat.png".into() };
        assert_eq!((&choices[0].does, choices[0].label.as_str()), (&open, "e.test"));
    }

    #[test]
    fn who_is_there_is_told_by_messages_separators_and_events() {
        let leg = |json: Value| read(&json).leg;
        let agent = |name: &str| Some(Leg::Agent(Some(name.to_owned())));
        assert_eq!(leg(json!({ "messageType": "AGENT", "message": "hi" })), Some(Leg::Agent(None)));
        let note = |words: &str| leg(json!({ "messageType": "NOTIFICATION", "message": words }));
        assert_eq!(note("*Maya* has joined the conversation"), agent("Maya"));
        assert_eq!(note("Maya has left the conversation"), Some(Leg::Ended));
        assert_eq!(note("the customer wants to leave"), None);
        let event = |code: &str, data: Value| {
            leg(
                json!({ "messageType": "NOTIFICATION", "message": json!({ "event": { "code": code, "data": data } }).to_string() }),
            )
        };
        assert_eq!(event("ticket-assigned", json!({ "agentName": "Maya" })), agent("Maya"));
        assert_eq!(event("agent-ticket-connected", Value::Null), Some(Leg::Agent(None)));
        assert_eq!(event("ticket-closed", json!({})), Some(Leg::Ended));
        assert_eq!(event("ticket-queued", json!({})), None);
        let text = leg(json!({ "messageType": "USER", "message": "Maya has left the conversation" }));
        assert_eq!(text, None, "what people write is no sign");
    }

    #[test]
    fn an_event_may_be_about_the_banner() {
        let event = |code: &str, data: Value| {
            read(&json!({ "messageType": "BOT", "message": { "event": { "code": code, "data": data } } }))
        };
        let update = event(banner::UPDATE, json!({ "title": "x" }));
        assert!(matches!(update.banner, Some(Some(_))) && !update.closes);
        let close = event(banner::CLOSE, Value::Null);
        assert_eq!((close.banner, close.closes, close.kind), (Some(None), true, EntryKind::Other));
    }
}
