//! From the service's entries to the normalised language: who, what and when, and what says that the session is over.

use super::wire::Entry;
use crate::event::{EntryKind, Person, Role};
use crate::kit::timestamp;
use crate::text;
use crate::view::EndReason;

/// Kinds of participants.
const ROLES: [(&str, Role); 7] = [
    ("Customer", Role::Me),
    ("Client", Role::Me),
    ("Agent", Role::Agent),
    ("Supervisor", Role::Supervisor),
    ("Bot", Role::Bot),
    ("External", Role::Automation),
    ("System", Role::System),
];

/// Types that tell programs something, whatever they carry.
const TECHNICAL: [&str; 4] = ["Notice", "ParticipantRejoined", "TranscriptSaveDone", "SessionEnded"];

/// When it happened, in milliseconds since 1970, if the entry says so.
pub(super) fn time(entry: &Entry<'_>) -> Option<i64> {
    timestamp::millis(entry.timestamp.text()?)
}

/// Who caused it. The service does not tell the person's own identifier, so own is what comes from a customer.
pub(super) fn person(entry: &Entry<'_>) -> Person {
    let Some(from) = &entry.from.0 else {
        return Person { id: String::new(), name: None, role: Role::Other };
    };
    let role = ROLES.iter().find(|(word, _)| from.kind.is(word)).map_or(Role::Other, |(_, role)| *role);
    let id = from.participant_id.owned().unwrap_or_default();
    Person { id, name: from.nickname.owned().and_then(text::name), role }
}

/// What it is: the words of the service, then those of the JavaScript API for the same. What is not known is something said if there
/// is anything in it.
pub(super) fn kind(entry: &Entry<'_>) -> EntryKind {
    let is = |words: [&str; 2]| words.iter().any(|word| entry.kind.is(word));
    if entry.from.0.is_none() {
        EntryKind::Other
    } else if is(["Text", "MessageReceived"]) {
        let words =
            entry.content.0.as_ref().map(|content| &content.text).filter(|text| text.text().is_some());
        words.unwrap_or(&entry.text).owned().map_or_else(|| beyond(entry), EntryKind::Text)
    } else if is(["ParticipantJoined", "AgentConnected"]) {
        EntryKind::Joined
    } else if is(["ParticipantLeft", "AgentDisconnected"]) {
        EntryKind::Left
    } else if entry.kind.is("AgentTyping") {
        EntryKind::typing(entry.is_typing.is("true"))
    } else if entry.kind.is("TypingStarted") {
        EntryKind::typing(true)
    } else if entry.kind.is("TypingStopped") {
        EntryKind::typing(false)
    } else if entry.kind.text().is_none() || TECHNICAL.iter().any(|word| entry.kind.is(word)) {
        EntryKind::Other
    } else {
        beyond(entry)
    }
}

fn beyond(entry: &Entry<'_>) -> EntryKind {
    let said = entry.content.0.is_some() || entry.text.text().is_some();
    if said { EntryKind::Unsupported } else { EntryKind::Other }
}

/// Why the session is over, if an entry says so or takes it back: the person's own place in the chat was given up, or taken.
pub(super) fn ending(entry: &Entry<'_>) -> Option<Option<EndReason>> {
    if entry.kind.is("SessionEnded") {
        let reason = entry.reason.0.as_ref();
        let is = |code: &str, flag: bool| flag || reason.is_some_and(|reason| reason.code.is(code));
        return Some(Some(if is("1", reason.is_some_and(|reason| reason.leave_request.is("true"))) {
            EndReason::EndedByMe
        } else if is("3", reason.is_some_and(|reason| reason.error.is("true"))) {
            EndReason::Lost
        } else {
            EndReason::EndedByThem
        }));
    }
    let own = person(entry).role == Role::Me;
    match kind(entry) {
        EntryKind::Left if own => Some(Some(EndReason::EndedByThem)),
        EntryKind::Joined if own => Some(None),
        _ if own && entry.kind.is("ParticipantRejoined") => Some(None),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> (Person, EntryKind, Option<Option<EndReason>>) {
        let entry: Entry<'_> = serde_json::from_str(json).unwrap();
        (person(&entry), kind(&entry), ending(&entry))
    }

    #[test]
    fn both_forms_of_an_entry_are_read() {
        let (who, what, _) = read(
            r#"{"from":{"nickname":"Tom","participantId":3,"type":"Agent"},"index":4,"type":"Text","text":"Hi"}"#,
        );
        assert_eq!((who.id.as_str(), who.name.as_deref(), who.role), ("3", Some("Tom"), Role::Agent));
        assert_eq!(what, EntryKind::Text("Hi".into()));
        let (who, what, _) = read(
            r#"{"party":{"id":"3","type":"Agent","name":"Tom"},"type":"MessageReceived",
                "content":{"text":"https://x.example","type":"url"}}"#,
        );
        assert_eq!((who.id.as_str(), who.name.as_deref(), who.role), ("3", Some("Tom"), Role::Agent));
        assert_eq!(what, EntryKind::Text("https://x.example".into()));
    }

    #[test]
    fn kinds_of_entries() {
        let kind =
            |word: &str| read(&format!(r#"{{"from":{{"type":"Agent"}},"type":"{word}","isTyping":true}}"#)).1;
        assert_eq!(kind("ParticipantJoined"), EntryKind::Joined);
        assert_eq!(kind("AgentDisconnected"), EntryKind::Left);
        assert_eq!(kind("TypingStarted"), EntryKind::typing(true));
        assert_eq!(kind("TypingStopped"), EntryKind::typing(false));
        assert_eq!(kind("AgentTyping"), EntryKind::typing(true));
        for other in ["Notice", "ParticipantRejoined", "TranscriptSaveDone", "Hologram", "", "Text"] {
            assert_eq!(kind(other), EntryKind::Other, "{other}");
        }
    }

    #[test]
    fn what_is_not_known_is_something_said_only_if_there_is_anything_in_it() {
        let kind = |json: &str| read(&format!(r#"{{"from":{{"type":"Agent"}},{json}}}"#)).1;
        for beyond in [
            r#""type":"Hologram","text":"a""#,
            r#""type":"Hologram","content":{"url":"a"}"#,
            r#""type":"MessageReceived","content":{"deep":[1]}"#,
        ] {
            assert_eq!(kind(beyond), EntryKind::Unsupported, "{beyond}");
        }
        for technical in
            [r#""type":"Notice","text":"a""#, r#""type":"SessionEnded","text":"a""#, r#""text":"a""#]
        {
            assert_eq!(kind(technical), EntryKind::Other, "{technical}");
        }
    }

    #[test]
    fn an_end_has_a_reason_and_may_be_taken_back() {
        let reason = |reason: &str| read(&format!(r#"{{"type":"SessionEnded","reason":{reason}}}"#)).2;
        assert_eq!(reason(r#"{"code":1}"#), Some(Some(EndReason::EndedByMe)));
        assert_eq!(reason(r#"{"agent":true}"#), Some(Some(EndReason::EndedByThem)));
        assert_eq!(reason(r#"{"code":"3"}"#), Some(Some(EndReason::Lost)));
        assert_eq!(reason(r#"{"error":true}"#), Some(Some(EndReason::Lost)));
        assert_eq!(reason(r#"{"code":9}"#), Some(Some(EndReason::EndedByThem)));
        let left =
            |who: &str, what: &str| read(&format!(r#"{{"from":{{"type":"{who}"}},"type":"{what}"}}"#)).2;
        assert_eq!(left("Agent", "ParticipantLeft"), None, "an agent who leaves ends nothing");
        assert_eq!(left("Customer", "ParticipantLeft"), Some(Some(EndReason::EndedByThem)));
        assert_eq!(left("Client", "ParticipantRejoined"), Some(None));
    }
}
