//! From the service's messages to the normalised language: who, what and when. Which of them are new is `held.rs`'s matter.
//!
//! Live frames and the history carry the same shape. Words in brackets of kinds are compared without regard to upper and lower
//! case; what is not known becomes [`EntryKind::Unsupported`] if it is content, otherwise [`EntryKind::Other`]. See
//! `docs/protocols/web-messaging.md`, "Messages" and "Content".

use std::time::Duration;

use serde_json::{Value, json};
use url::Url;

use super::wire::{number, text_of};
use super::{form, markup};
use crate::event::{Card, Choice, ChoiceDoes, ChoiceGroup, EntryKind, InteractionState, Offer, Person, Role};
use crate::kit::timestamp;
use crate::text;

/// How long typing lasts if the service does not say.
const TYPING: Duration = Duration::from_secs(5);
/// Nobody is believed to type for longer without a word.
const LONGEST_TYPING: Duration = Duration::from_secs(30);

/// Before the identifier of an attachment, in the address of an entry.
pub(super) const ATTACHMENT: &str = "attachment:";

/// One message, read.
#[derive(Debug)]
pub(super) struct Message {
    /// What it is recognised by.
    pub(super) name: Option<String>,
    /// When it happened, milliseconds since 1970.
    pub(super) at: Option<i64>,
    pub(super) from: Person,
    /// Usually one thing; several files, or words beside a file, are several.
    pub(super) kinds: Vec<EntryKind>,
    /// Whether it counts as something said: then it moves the end of the session.
    pub(super) said: bool,
    /// Whether it stays: typing does not.
    pub(super) stays: bool,
    /// Files that can be had, with where.
    pub(super) files: Vec<(String, String)>,
    pub(super) event: Option<Presence>,
}

/// What an event says about the conversation as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Presence {
    /// The other side has ended it.
    Disconnect {
        read_only: bool,
    },
    Expired,
    /// The service has taken a guest for somebody.
    SignIn,
}

/// Whether the words of the other side are marked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Markup {
    On,
    #[default]
    Off,
}

/// How a deployment wants messages of the other side to be shown.
#[derive(Debug, Clone, Default)]
pub(super) struct Style {
    pub(super) markup: Markup,
    /// What programs are called, if they have a name of their own there.
    pub(super) bot: Option<String>,
}

/// Nothing is known of the deployment, or does not matter.
pub(super) const PLAIN: &Style = &Style { markup: Markup::Off, bot: None };

/// Whether a message comes from the person, from this computer or another.
pub(super) fn is_own(body: &Value) -> bool {
    is(body, "/direction", "Inbound")
}

/// Reads one message.
pub(super) fn message(body: &Value, style: &Style) -> Message {
    let own = is_own(body);
    let from = person(body, own, style);
    let name = text_of(body, "/channel/messageId").or_else(|| text_of(body, "/id")).map(str::to_owned);
    let at = text_of(body, "/channel/time").and_then(timestamp::of_text);
    let mut read = Message {
        name,
        at,
        from,
        kinds: Vec::new(),
        said: false,
        stays: true,
        files: Vec::new(),
        event: None,
    };
    if is(body, "/type", "Event") {
        events(body, own, &mut read);
    } else if is(body, "/type", "Receipt") {
        read.kinds.push(EntryKind::Other);
    } else {
        read.said = true;
        content(body, own, style.markup, &mut read);
    }
    read
}

pub(super) fn is(from: &Value, path: &str, word: &str) -> bool {
    text_of(from, path).is_some_and(|text| text.eq_ignore_ascii_case(word))
}

pub(super) fn list<'a>(from: &'a Value, path: &str) -> impl Iterator<Item = &'a Value> {
    from.pointer(path).and_then(Value::as_array).into_iter().flatten()
}

pub(super) fn owned(from: &Value, path: &str) -> Option<String> {
    text_of(from, path).map(str::to_owned)
}

fn person(body: &Value, own: bool, style: &Style) -> Person {
    let name = owned(body, "/channel/from/nickname").or_else(|| owned(body, "/channel/from/firstName"));
    let name = name.and_then(text::name);
    if own {
        return Person { id: "guest".to_owned(), name, role: Role::Me };
    }
    // Nothing but the name tells one from another.
    let role = if is(body, "/originatingEntity", "Bot") { Role::Bot } else { Role::Agent };
    let kind = if role == Role::Bot { "bot" } else { "agent" };
    let name = style.bot.clone().filter(|_| role == Role::Bot).or(name);
    let id = name.as_ref().map_or_else(|| kind.to_owned(), |name| format!("{kind}:{name}"));
    Person { id, name, role }
}

fn events(body: &Value, own: bool, read: &mut Message) {
    read.stays = false;
    for event in list(body, "/events") {
        if own && is(event, "/eventType", "Presence") && is(event, "/presence/type", "SignIn") {
            read.event = Some(Presence::SignIn);
        }
        let kind = if is(event, "/eventType", "Typing") {
            if own { EntryKind::Other } else { typing(event) }
        } else if is(event, "/eventType", "Presence") && is(event, "/presence/type", "Disconnect") && !own {
            let read_only = is(body, "/metadata/readOnly", "true")
                || body.pointer("/metadata/readOnly").and_then(Value::as_bool).unwrap_or_default();
            read.event = Some(Presence::Disconnect { read_only });
            read.stays = true;
            EntryKind::State(InteractionState::Completed)
        } else if is(event, "/eventType", "Presence") {
            if is(event, "/presence/type", "SessionExpired") {
                read.event = Some(Presence::Expired);
            }
            read.stays = true;
            EntryKind::Other
        } else {
            EntryKind::Other
        };
        read.kinds.push(kind);
    }
    if read.kinds.is_empty() {
        read.kinds.push(EntryKind::Other);
    }
}

/// Typing is told once, with how long it lasts.
fn typing(event: &Value) -> EntryKind {
    let told = ["/typing/duration", "/typing/durationMs"]
        .iter()
        .find_map(|path| event.pointer(path).and_then(number));
    let lasts = told.map_or(TYPING, Duration::from_millis).min(LONGEST_TYPING);
    EntryKind::Typing((!is(event, "/typing/type", "Off")).then_some(lasts))
}

fn content(body: &Value, own: bool, markup: Markup, read: &mut Message) {
    let name = read.name.clone().unwrap_or_default();
    let mut offer = Offer::default();
    let mut quick = Vec::new();
    let mut answers: Vec<String> = Vec::new();
    let mut more: Vec<String> = Vec::new();
    for item in list(body, "/content") {
        let Some(kind) = text_of(item, "/contentType") else { continue };
        match kind {
            "Attachment" => read.kinds.extend(attachment(item, &mut read.files)),
            "QuickReply" => {
                quick.extend(item.pointer("/quickReply").and_then(|reply| quick_reply(reply, &name)));
            }
            "QuickReplyV2" => {
                more.extend(owned(item, "/quickReplyV2/title"));
                quick.extend(
                    list(item, "/quickReplyV2/actions").filter_map(|reply| quick_reply(reply, &name)),
                );
            }
            "ButtonResponse" if !own && is(item, "/buttonResponse/type", "QuickReply") => {
                quick.extend(item.pointer("/buttonResponse").and_then(|reply| quick_reply(reply, &name)));
            }
            "ButtonResponse" => answers.extend(owned(item, "/buttonResponse/text")),
            "Card" => offer.cards.extend(item.pointer("/card").and_then(|card| self::card(card, &name))),
            "Carousel" => {
                offer.cards.extend(list(item, "/carousel/cards").filter_map(|card| self::card(card, &name)));
            }
            "GenericTemplate" => {
                offer.cards.extend(item.pointer("/generic").and_then(|card| generic(card, &name)));
            }
            "DatePicker" => {
                offer.groups.extend(item.pointer("/datePicker").map(|picker| dates(picker, &name)));
            }
            "ListPicker" => {
                more.extend(owned(item, "/listPicker/receivedMessage/title"));
                more.extend(owned(item, "/listPicker/receivedMessage/subtitle"));
                offer
                    .groups
                    .extend(list(item, "/listPicker/sections").map(|section| section_of(section, &name)));
            }
            "Form" => {
                let words = ["/form/introduction/title", "/form/introduction/subtitle"];
                more.extend(words.iter().filter_map(|path| owned(item, path)));
                let form = item.pointer("/form").filter(|_| !own);
                offer.questions = form.and_then(|form| form::questions(form, &name)).or(offer.questions);
            }
            "Text" => more.extend(owned(item, "/text/body").or_else(|| owned(item, "/text"))),
            _ => {}
        }
    }
    if !quick.is_empty() {
        offer.passing = true;
        offer.groups.push(ChoiceGroup { title: None, multiple: false, choices: quick });
    }
    offer.groups.retain(|group| !group.choices.is_empty());
    let said = owned(body, "/text");
    let said = if markup == Markup::On && !own { said.map(|text| markup::plain(&text)) } else { said };
    let words = said.filter(|text| !text.is_empty()).or_else(|| {
        let lines = if answers.is_empty() { &more } else { &answers };
        let between = if answers.is_empty() { "\n" } else { ", " };
        (!lines.is_empty()).then(|| lines.join(between))
    });
    if offer.cards.is_empty() && offer.groups.is_empty() && offer.questions.is_none() {
        read.kinds.extend(words.map(EntryKind::Text));
    } else {
        number_choices(&mut offer);
        offer.text = words.unwrap_or_default();
        read.kinds.push(EntryKind::Offer(offer));
    }
    if read.kinds.is_empty() {
        let said = list(body, "/content").next().is_some();
        read.kinds.push(if said { EntryKind::Unsupported } else { EntryKind::Other });
    }
}

/// Gives every choice a name of its own within the offer.
fn number_choices(offer: &mut Offer) {
    let cards = offer.cards.iter_mut().flat_map(|card| &mut card.choices);
    let groups = offer.groups.iter_mut().flat_map(|group| &mut group.choices);
    for (number, choice) in cards.chain(groups).enumerate() {
        choice.id = number.to_string();
    }
}

fn attachment(item: &Value, files: &mut Vec<(String, String)>) -> Option<EntryKind> {
    let file = item.pointer("/attachment")?;
    let link = owned(file, "/url");
    let url = match (owned(file, "/id"), link) {
        (Some(id), link) => {
            files.extend(link.map(|link| (id.clone(), link)));
            format!("{ATTACHMENT}{id}")
        }
        (None, Some(link)) => link,
        (None, None) => return None,
    };
    let mime = owned(file, "/mime");
    let size = ["/fileSize", "/contentSizeBytes"].iter().find_map(|path| file.pointer(path).and_then(number));
    let picture = is(file, "/mediaType", "Image")
        || mime.as_deref().is_some_and(|mime| mime.to_ascii_lowercase().starts_with("image/"));
    let plain = if picture { "image" } else { "file" };
    let name = owned(file, "/filename").unwrap_or_else(|| plain.to_owned());
    Some(if picture {
        EntryKind::Picture { name, size, url }
    } else {
        EntryKind::File { name, size, mime, url }
    })
}

/// What goes back with an answer, in our own words: only this transport reads it again.
fn payload(kind: &str, text: &str, payload: &str, parent: &str) -> String {
    json!({ "type": kind, "text": text, "payload": payload, "parent": parent }).to_string()
}

fn say(label: String, kind: &str, sent: &str, parent: &str) -> Choice {
    let payload = payload(kind, &label, sent, parent);
    let does = ChoiceDoes::Say { text: label.clone(), payload: Some(payload) };
    Choice { id: String::new(), label, text: None, at: None, seconds: None, does }
}

fn quick_reply(reply: &Value, parent: &str) -> Option<Choice> {
    let label = owned(reply, "/text").or_else(|| owned(reply, "/payload"))?;
    let sent = text_of(reply, "/payload").unwrap_or(&label).to_owned();
    Some(say(label, "QuickReply", &sent, parent))
}

fn card(card: &Value, parent: &str) -> Option<Card> {
    let mut choices: Vec<Choice> = list(card, "/actions").filter_map(|act| action(act, parent)).collect();
    if choices.is_empty() {
        choices.extend(card.pointer("/defaultAction").and_then(|act| action(act, parent)));
    }
    let title = owned(card, "/title").unwrap_or_default();
    let text = owned(card, "/description");
    let picture = owned(card, "/image");
    let empty = title.is_empty() && text.is_none() && picture.is_none() && choices.is_empty();
    (!empty).then_some(Card { title, text, picture, choices })
}

fn generic(from: &Value, parent: &str) -> Option<Card> {
    let mut made = card(from, parent).unwrap_or_default();
    let actions = from.pointer("/actions").filter(|actions| actions.is_object());
    made.choices.extend(actions.and_then(|act| action(act, parent)));
    made.choices
        .extend(list(from, "/components").filter_map(|part| action(part.pointer("/actions")?, parent)));
    (made != Card::default()).then_some(made)
}

fn action(action: &Value, parent: &str) -> Option<Choice> {
    let url = owned(action, "/url");
    let label = owned(action, "/text").or_else(|| owned(action, "/textback"));
    if is(action, "/type", "Link") || (action.pointer("/type").is_none() && url.is_some()) {
        let href = url?;
        let label = label.unwrap_or_else(|| href.clone());
        let does = if may_open(&href) { ChoiceDoes::Open { href } } else { ChoiceDoes::Nothing };
        return Some(Choice { id: String::new(), label, text: None, at: None, seconds: None, does });
    }
    let sent = owned(action, "/payload").or_else(|| owned(action, "/textback"));
    let label = label.or_else(|| sent.clone())?;
    let sent = sent.unwrap_or_else(|| label.clone());
    Some(say(label, "Button", &sent, parent))
}

fn may_open(href: &str) -> bool {
    Url::parse(href).is_ok_and(|url| matches!(url.scheme(), "https" | "http" | "mailto" | "tel"))
}

fn dates(picker: &Value, parent: &str) -> ChoiceGroup {
    let mut choices: Vec<Choice> = list(picker, "/availableTimes")
        .filter_map(|time| {
            let from = owned(time, "/dateTime")?;
            let at = timestamp::of_text(&from)?;
            let mut choice = say(from.clone(), "DatePicker", &from, parent);
            choice.label = String::new();
            choice.at = Some(at);
            choice.seconds = time.pointer("/duration").and_then(number);
            Some(choice)
        })
        .collect();
    choices.sort_by_key(|choice| choice.at);
    let lines = [owned(picker, "/title"), owned(picker, "/subtitle")];
    let lines: Vec<String> = lines.into_iter().flatten().collect();
    ChoiceGroup { title: (!lines.is_empty()).then(|| lines.join("\n")), multiple: false, choices }
}

fn section_of(section: &Value, parent: &str) -> ChoiceGroup {
    let choices = list(section, "/items").filter_map(|item| {
        let label = owned(item, "/title").or_else(|| owned(item, "/id"))?;
        let id = text_of(item, "/id").unwrap_or(&label).to_owned();
        let mut choice = say(label, "ListPicker", &id, parent);
        choice.text = owned(item, "/subtitle");
        Some(choice)
    });
    ChoiceGroup {
        title: owned(section, "/title"),
        multiple: section.pointer("/multipleSelection").and_then(Value::as_bool).unwrap_or_default(),
        choices: choices.collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::needless_pass_by_value, reason = "written out at each call")]
    fn read(body: Value) -> Message {
        message(&body, PLAIN)
    }

    #[expect(clippy::needless_pass_by_value, reason = "written out at each call")]
    fn kinds(content: Value) -> Vec<EntryKind> {
        read(json!({ "type": "Structured", "direction": "Outbound", "text": "Which?", "id": "M1", "content": content }))
            .kinds
    }

    fn only_offer(content: Value) -> Offer {
        match kinds(content).as_slice() {
            [EntryKind::Offer(offer)] => offer.clone(),
            other => panic!("{other:?}"),
        }
    }

    fn sent(choice: &Choice) -> Value {
        let ChoiceDoes::Say { payload: Some(payload), .. } = &choice.does else { panic!("{choice:?}") };
        serde_json::from_str(payload).unwrap()
    }

    #[test]
    fn who_says_it_and_when() {
        let from = |body: Value| read(body).from;
        assert_eq!(from(json!({ "direction": "Inbound" })).role, Role::Me);
        assert_eq!(from(json!({ "direction": "Outbound", "originatingEntity": "Bot" })).role, Role::Bot);
        let agent = from(
            json!({ "direction": "Outbound", "originatingEntity": "Human", "channel": { "from": { "nickname": "Tom" } } }),
        );
        assert_eq!((agent.role, agent.name.as_deref()), (Role::Agent, Some("Tom")));
        let at = |time: Value| read(json!({ "channel": { "time": time } })).at;
        assert_eq!(at(json!("2024-02-09T22:39:50.526Z")), Some(1_707_518_390_526));
        assert_eq!(at(json!("yesterday")), None);
        assert_eq!(at(Value::Null), None);
    }

    #[test]
    fn a_message_is_known_by_its_uuid_or_else_by_its_id() {
        assert_eq!(read(json!({ "id": "a", "channel": { "messageId": "b" } })).name.as_deref(), Some("b"));
        assert_eq!(read(json!({ "id": "a" })).name.as_deref(), Some("a"));
    }

    #[test]
    fn events() {
        let event = |event: Value, metadata: Value| {
            read(json!({ "type": "Event", "direction": "Outbound", "events": [event], "metadata": metadata }))
        };
        let typing =
            event(json!({ "eventType": "Typing", "typing": { "type": "On", "duration": 5000 } }), json!({}));
        assert_eq!(typing.kinds, [EntryKind::Typing(Some(Duration::from_secs(5)))]);
        assert!(!typing.stays);
        let disconnect = json!({ "eventType": "Presence", "presence": { "type": "Disconnect" } });
        let ended = event(disconnect.clone(), json!({ "readOnly": "true" }));
        assert_eq!(ended.event, Some(Presence::Disconnect { read_only: true }));
        let ended = event(disconnect, Value::Null);
        assert_eq!(ended.event, Some(Presence::Disconnect { read_only: false }));
        assert_eq!(ended.kinds, [EntryKind::State(InteractionState::Completed)]);
        assert_eq!(event(json!({ "eventType": "Hologram" }), json!({})).kinds, [EntryKind::Other]);
    }

    #[test]
    fn quick_replies_pass() {
        let offer = only_offer(json!([
            { "contentType": "QuickReply", "quickReply": { "text": "Yes", "payload": "y" } },
            { "contentType": "ButtonResponse", "buttonResponse": { "type": "QuickReply", "text": "No", "payload": "n" } },
        ]));
        assert!(offer.passing);
        assert_eq!(offer.text, "Which?");
        let labels: Vec<&str> = offer.groups[0].choices.iter().map(|choice| choice.label.as_str()).collect();
        assert_eq!(labels, ["Yes", "No"]);
        assert_eq!(
            sent(&offer.groups[0].choices[0]),
            json!({ "type": "QuickReply", "text": "Yes", "payload": "y", "parent": "M1" })
        );
    }

    #[test]
    fn cards_open_or_answer() {
        let card = json!({ "title": "Boat", "description": "Red", "actions": [
            { "type": "Link", "text": "Look", "url": "https://x.example" },
            { "type": "Link", "text": "Bad", "url": "javascript:alert(1)" },
            { "type": "postback", "text": "Take", "payload": "boat" } ] });
        let offer = only_offer(json!([{ "contentType": "Carousel", "carousel": { "cards": [card] } }]));
        let choices = &offer.cards[0].choices;
        assert_eq!(choices[0].does, ChoiceDoes::Open { href: "https://x.example".into() });
        assert_eq!(choices[1].does, ChoiceDoes::Nothing);
        assert_eq!(sent(&choices[2])["type"], "Button");
        assert_eq!(choices.iter().map(|choice| choice.id.as_str()).collect::<Vec<_>>(), ["0", "1", "2"]);
    }

    #[test]
    fn pickers() {
        let offer = only_offer(
            json!([{ "contentType": "DatePicker", "datePicker": { "title": "When?", "availableTimes": [
            { "dateTime": "2026-01-06T10:00:00Z", "duration": 1800 }, { "dateTime": "2026-01-05T10:00:00Z", "duration": 900 },
            { "dateTime": "soon" } ] } }]),
        );
        let times: Vec<_> =
            offer.groups[0].choices.iter().map(|choice| (choice.at, choice.seconds)).collect();
        assert_eq!(times, [(Some(1_767_607_200_000), Some(900)), (Some(1_767_693_600_000), Some(1_800))]);
        let offer = only_offer(json!([{ "contentType": "ListPicker", "listPicker": { "sections": [
            { "title": "Fruit", "multipleSelection": true, "items": [{ "id": "a", "title": "Apple", "subtitle": "Red" }] } ] } }]));
        assert!(offer.groups[0].multiple);
        assert_eq!(sent(&offer.groups[0].choices[0])["payload"], "a");
    }

    #[test]
    fn files_and_words() {
        let found = kinds(json!([
            { "contentType": "Attachment", "attachment": { "id": "A", "url": "https://x.example/a", "filename": "a.png", "mime": "image/png", "fileSize": 12 } },
            { "contentType": "Attachment", "attachment": { "url": "https://x.example/b", "mime": "application/pdf" } },
            { "contentType": "Attachment", "attachment": {} },
            { "contentType": "Hologram" },
        ]));
        assert_eq!(
            found,
            [
                EntryKind::Picture { name: "a.png".into(), size: Some(12), url: "attachment:A".into() },
                EntryKind::File {
                    name: "file".into(),
                    size: None,
                    mime: Some("application/pdf".into()),
                    url: "https://x.example/b".into()
                },
                EntryKind::Text("Which?".into()),
            ]
        );
    }

    #[test]
    fn content_of_which_nothing_can_be_shown_is_no_silence() {
        let kinds = |content: Value| {
            read(json!({ "type": "Structured", "direction": "Outbound", "content": content })).kinds
        };
        for beyond in [json!([{ "contentType": "Hologram" }]), json!([{ "contentType": "Attachment" }])] {
            assert_eq!(kinds(beyond.clone()), [EntryKind::Unsupported], "{beyond}");
        }
        for nothing in [json!([]), Value::Null, json!("words")] {
            assert_eq!(kinds(nothing.clone()), [EntryKind::Other], "{nothing}");
        }
    }

    #[test]
    fn an_answer_is_shown_by_its_words() {
        let body = json!({ "type": "Structured", "direction": "Inbound", "content": [
            { "contentType": "ButtonResponse", "buttonResponse": { "type": "ListPicker", "text": "Apple", "payload": "a" } },
            { "contentType": "ButtonResponse", "buttonResponse": { "type": "ListPicker", "text": "Pear", "payload": "p" } } ] });
        assert_eq!(read(body).kinds, [EntryKind::Text("Apple, Pear".into())]);
    }
}
