//! From the service's entries to the normalised language: who, what and when. Which entries are new is `held.rs`'s matter.
//!
//! Types, events and kinds of participants are compared without regard to upper and lower case; what is not known becomes
//! [`EntryKind::Unsupported`] if something was said with it, otherwise [`EntryKind::Other`]. See `docs/protocols/digital-channels-v3.md`, "Entries" and "Participants".

use super::wire::{Entry, Part};
use crate::event::{EntryKey, EntryKind, InteractionState, Person, Role};
use crate::kit::{digits, timestamp};
use crate::text;

/// Kinds of participants.
const ROLES: [(&str, Role); 7] = [
    ("Agent", Role::Agent),
    ("Customer", Role::Me),
    ("Client", Role::Me),
    ("Supervisor", Role::Supervisor),
    ("Bot", Role::Bot),
    ("External", Role::Automation),
    ("System", Role::System),
];

/// Types that tell programs something, whatever they carry.
const TECHNICAL: [&str; 6] =
    ["System", "Notice", "CustomNotice", "IdleAlert", "ParticipantRejoined", "TranscriptSaveDone"];

/// The place that an index names: milliseconds and a sequence number, compared as two integers.
pub(super) fn key(index: &str) -> Option<EntryKey> {
    let mut numbers = index.as_bytes().split(|byte| *byte == b'-').map(digits::number);
    let (major, minor) = (numbers.next()??, numbers.next().unwrap_or(Some(0))?);
    numbers.next().is_none().then_some(EntryKey { major, minor })
}

/// When it happened, in milliseconds since 1970: a text as documented, or a number as in the service's older relative.
pub(super) fn time(entry: &Entry<'_>) -> Option<i64> {
    timestamp::millis(entry.utc_time.text()?)
}

/// Whether the entry is meant for the person at all: agents and supervisors talk among themselves, too.
pub(super) fn visible(entry: &Entry<'_>) -> bool {
    entry.visibility.text().is_none() || entry.visibility.is("All")
}

/// Who caused it. Own is what carries the own identifier or comes from a customer: after picking a chat up again the
/// identifier may be another one.
pub(super) fn person(entry: &Entry<'_>, me: &str) -> Person {
    let Some(from) = &entry.from.0 else {
        return Person { id: String::new(), name: None, role: Role::Other };
    };
    let id = from.participant_id.owned().unwrap_or_default();
    let own = !id.is_empty() && id == me;
    let role = ROLES.iter().find(|(word, _)| from.kind.is(word)).map_or(Role::Other, |(_, role)| *role);
    let role = if own { Role::Me } else { role };
    let name = from.nickname.owned().or_else(|| from.first_name.owned()).and_then(text::name);
    Person { id, name, role }
}

/// What it is. Usually one thing; an entry with several pictures, or with a picture and words, is several: the others
/// follow in the list.
pub(super) fn kinds(entry: &Entry<'_>) -> (EntryKind, Vec<EntryKind>) {
    if entry.from.0.is_none() {
        return (EntryKind::Other, Vec::new());
    }
    let mut pictures = entry.content.items.iter().filter_map(picture);
    match pictures.next() {
        Some(first) => (first, pictures.chain(entry.text.owned().map(EntryKind::Text)).collect()),
        None => (kind(entry), Vec::new()),
    }
}

fn kind(entry: &Entry<'_>) -> EntryKind {
    let words = || entry.text.owned().map_or_else(|| beyond(entry), EntryKind::Text);
    let Some(kind) = entry.kind.text() else { return EntryKind::Other };
    let is = |word: &str| kind.eq_ignore_ascii_case(word);
    if is("Text") || is("Message") || is("Structured") {
        words()
    } else if is("ParticipantJoined") {
        EntryKind::Joined
    } else if is("ParticipantLeft") {
        EntryKind::Left
    } else if is("TypingStarted") {
        EntryKind::typing(true)
    } else if is("TypingStopped") {
        EntryKind::typing(false)
    } else if is("PushUrl") {
        entry.url.owned().map_or_else(words, EntryKind::Text)
    } else if is("System") && entry.event.is("InteractionStateChange") {
        state(entry)
    } else if TECHNICAL.iter().any(|word| is(word)) {
        EntryKind::Other
    } else if entry.content.was_object && entry.content_type.text().is_some() {
        // Cards, lists and quick replies: their words stand for them.
        words()
    } else {
        beyond(entry)
    }
}

/// What an entry is that cannot be shown: something said, if there is anything in it.
fn beyond(entry: &Entry<'_>) -> EntryKind {
    let content = entry.content.was_object || !entry.content.items.is_empty();
    let said = content || entry.text.text().is_some() || entry.url.text().is_some();
    if said { EntryKind::Unsupported } else { EntryKind::Other }
}

fn state(entry: &Entry<'_>) -> EntryKind {
    let Some(word) = entry.data.0.as_ref().and_then(|data| data.interaction_state.text()) else {
        return EntryKind::Other;
    };
    EntryKind::State(if word.eq_ignore_ascii_case("Finalizing") {
        InteractionState::Finalizing
    } else if word.eq_ignore_ascii_case("Completed") {
        InteractionState::Completed
    } else {
        InteractionState::Other(word.to_owned())
    })
}

fn picture(part: &Part<'_>) -> Option<EntryKind> {
    let image = part.kind.is("image")
        || part.kind.text().is_none() && part.mime.text().is_some_and(|mime| mime.starts_with("image/"));
    let url = part.url.owned().filter(|_| image)?;
    Some(EntryKind::Picture {
        name: part.name.owned().unwrap_or_else(|| "image".to_owned()),
        size: part.length.number(),
        url,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(json: &str) -> (Person, Vec<EntryKind>) {
        let entry: Entry<'_> = serde_json::from_str(json).unwrap();
        let (first, more) = kinds(&entry);
        (person(&entry, "P1"), std::iter::once(first).chain(more).collect())
    }

    #[test]
    fn an_index_is_two_integers() {
        let parsed = |text| key(text).map(|key| (key.major, key.minor));
        assert_eq!(parsed("1625826338845-0"), Some((1_625_826_338_845, 0)));
        assert_eq!(parsed("1625826338845"), Some((1_625_826_338_845, 0)));
        assert!(key("5-10").unwrap() > key("5-9").unwrap(), "sequence numbers are not text");
        assert!(key("50-1").unwrap() > key("5-12").unwrap(), "the hyphen is not to be dropped");
        for odd in ["", "-", "5-", "-5", "a-1", "1-2-3", "1.5", "+1-1", "99999999999999999999-1"] {
            assert_eq!(parsed(odd), None, "{odd}");
        }
    }

    #[test]
    fn the_time_may_be_a_text_or_a_number() {
        let at = |json| time(&serde_json::from_str(json).unwrap());
        assert_eq!(at(r#"{"utcTime":"2021-07-09T10:25:38.829Z"}"#), Some(1_625_826_338_829));
        assert_eq!(at(r#"{"utcTime":1625826338829}"#), Some(1_625_826_338_829));
        assert_eq!(at(r#"{"utcTime":"yesterday"}"#), None);
        assert_eq!(at(r#"{}"#), None);
    }

    #[test]
    fn roles_and_names() {
        let who = |from: &str| one(&format!(r#"{{"type":"Text","text":"x","from":{from}}}"#)).0;
        assert_eq!(who(r#"{"participantId":"P9","type":"CUSTOMER"}"#).role, Role::Me);
        assert_eq!(who(r#"{"participantId":"P1","type":"Whatever"}"#).role, Role::Me);
        assert_eq!(
            who(r#"{"participantId":"A","type":"agent","firstName":"Tom"}"#).name.as_deref(),
            Some("Tom")
        );
        assert_eq!(who(r#"{"type":"Agent","nickname":"T","firstName":"Tom"}"#).name.as_deref(), Some("T"));
        assert_eq!(who(r#"{"type":"Supervisor"}"#).role, Role::Supervisor);
        assert_eq!(who(r#"{"type":"External"}"#).role, Role::Automation);
        assert_eq!(who(r#"{"type":"Bot"}"#).role, Role::Bot);
        assert_eq!(who(r#"{"type":"System"}"#).role, Role::System);
        assert_eq!(who(r#"{"type":"Martian"}"#).role, Role::Other);
        assert_eq!(who("{}").role, Role::Other);
    }

    #[test]
    fn kinds_of_entries() {
        let kinds = |json: &str| one(&format!(r#"{{"from":{{"type":"Agent"}},{json}}}"#)).1;
        let text = |words: &str| vec![EntryKind::Text(words.to_owned())];
        assert_eq!(kinds(r#""type":"text","text":"a""#), text("a"));
        assert_eq!(kinds(r#""type":"Message","text":"a""#), text("a"));
        assert_eq!(kinds(r#""type":"PushUrl","url":"https://x.example""#), text("https://x.example"));
        assert_eq!(
            kinds(r#""type":"Structured","contentType":"generic","content":{},"text":"a""#),
            text("a")
        );
        assert_eq!(
            kinds(r#""type":"Card","contentType":"generic","content":{"a":[1]},"text":"a""#),
            text("a")
        );
        assert_eq!(kinds(r#""type":"TypingStarted","text":"preview""#), [EntryKind::typing(true)]);
        assert_eq!(kinds(r#""type":"PARTICIPANTLEFT""#), [EntryKind::Left]);
        for other in ["Notice", "CustomNotice", "ParticipantRejoined", "TranscriptSaveDone", "IdleAlert", ""]
        {
            assert_eq!(kinds(&format!(r#""type":"{other}","text":"a""#)), [EntryKind::Other], "{other}");
        }
        assert_eq!(one(r#"{"type":"Text","text":"a"}"#).1, [EntryKind::Other], "nobody said it");
    }

    #[test]
    fn what_is_not_known_is_something_said_only_if_there_is_anything_in_it() {
        let kinds = |json: &str| one(&format!(r#"{{"from":{{"type":"Agent"}},{json}}}"#)).1;
        for beyond in [
            r#""type":"Hologram","text":"a""#,
            r#""type":"Hologram","url":"https://x.example/a""#,
            r#""type":"FileUploaded","content":[{"type":"video","url":"/f/3"}]"#,
            r#""type":"Structured","contentType":"list","content":{"items":[1]}"#,
        ] {
            assert_eq!(kinds(beyond), [EntryKind::Unsupported], "{beyond}");
        }
        for technical in [
            r#""type":"Hologram""#,
            r#""type":"Hologram","text":"","content":[1]"#,
            r#""type":"Text","text":"" "#,
            r#""type":"TranscriptSaveDone","text":"a""#,
            r#""text":"a""#,
        ] {
            assert_eq!(kinds(technical), [EntryKind::Other], "{technical}");
        }
    }

    #[test]
    fn states_of_the_interaction() {
        let state = |event: &str, state: &str| {
            one(&format!(
                r#"{{"type":"System","from":{{"type":"System"}},"event":"{event}","data":{{"interactionState":"{state}"}}}}"#
            ))
            .1
        };
        assert_eq!(
            state("InteractionStateChange", "Finalizing"),
            [EntryKind::State(InteractionState::Finalizing)]
        );
        assert_eq!(
            state("interactionstatechange", "COMPLETED"),
            [EntryKind::State(InteractionState::Completed)]
        );
        assert_eq!(
            state("InteractionStateChange", "Routing"),
            [EntryKind::State(InteractionState::Other("Routing".into()))]
        );
        assert_eq!(state("SomethingElse", "Completed"), [EntryKind::Other]);
    }

    #[test]
    fn pictures_and_the_words_beside_them() {
        let (_, kinds) = one(r#"{"type":"Whatever","text":"look","from":{"type":"Agent"},"content":[
                {"type":"image","mime":"image/png","url":"/f/1","name":"a.png","length":12},
                {"mime":"image/gif","url":"/f/2"}, {"type":"video","url":"/f/3"}, {"type":"image"}, 7]}"#);
        let picture =
            |name: &str, size, url: &str| EntryKind::Picture { name: name.into(), size, url: url.into() };
        assert_eq!(
            kinds,
            [
                picture("a.png", Some(12), "/f/1"),
                picture("image", None, "/f/2"),
                EntryKind::Text("look".into())
            ]
        );
    }
}
