//! From the service's messages to the normalised language: who, what and when. Which messages are new is `held.rs`'s matter.
//!
//! Used for both transports of this service. Types and kinds of participants are compared without regard to upper and lower
//! case; what is not known becomes [`EntryKind::Unsupported`] if something was said with it, otherwise [`EntryKind::Other`]. See
//! `docs/protocols/gms-chat-v2.md`, "Messages" and "Participants".

use std::collections::BTreeSet;

use url::form_urlencoded;

use super::wire::{Attributes, Message};
use crate::event::{EntryKind, Person, Role};
use crate::text;
use crate::transport::{FileKinds, FileRules};

/// Kinds of participants.
const ROLES: [(&str, Role); 7] = [
    ("Client", Role::Me),
    ("Customer", Role::Me),
    ("Agent", Role::Agent),
    ("Supervisor", Role::Supervisor),
    ("Bot", Role::Bot),
    ("External", Role::Automation),
    ("System", Role::System),
];

/// Types that tell programs something, whatever they carry.
const TECHNICAL: [&str; 6] = [
    "Notice",
    "NicknameUpdated",
    "IdleAlert",
    "PollConfirmation",
    "ParticipantRejoined",
    "TranscriptSaveDone",
];

/// Endings of files that are shown as pictures.
const PICTURES: [&str; 7] = ["png", "jpg", "jpeg", "gif", "webp", "bmp", "apng"];

/// In front of a file's identifier, in the address by which the rest of Envoi knows it.
const FILE: &str = "/file/";

/// Participants that said once that they are programs; later events may not say it again.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Bots(pub(crate) BTreeSet<String>);

/// Who caused an event. Own is what comes from a client: there is one in a chat.
pub(crate) fn person(message: &Message<'_>, bots: &mut Bots) -> Person {
    let Some(from) = &message.from.0 else {
        return Person { id: String::new(), name: None, role: Role::Other };
    };
    let id = from.participant_id.owned().unwrap_or_default();
    let name = from.nickname.owned().and_then(text::name);
    let role = ROLES.iter().find(|(word, _)| from.kind.is(word)).map_or(Role::Other, |(_, role)| *role);
    if role == Role::Me {
        return Person { id, name, role };
    }
    let bot = says_bot(&message.event_attributes);
    if bot && !id.is_empty() {
        bots.0.insert(id.clone());
    }
    let role = if bot || bots.0.contains(&id) { Role::Bot } else { role };
    Person { id, name, role }
}

fn says_bot(attributes: &Attributes) -> bool {
    let style = attributes.text(&["GCTI_SYSTEM", "party-info", "style"]);
    // The style itself may be a text in a text.
    style.is_some_and(|style| style.trim_matches(['"', ' ']).eq_ignore_ascii_case("BOT"))
}

/// When it happened, in milliseconds since 1970.
pub(crate) fn time(message: &Message<'_>) -> Option<i64> {
    message.utc_time.text()?.parse().ok()
}

/// What it is.
pub(crate) fn kind(message: &Message<'_>) -> EntryKind {
    let words = || message.text.owned().map_or_else(|| beyond(message), EntryKind::Text);
    let Some(kind) = message.kind.text().filter(|_| message.from.0.is_some()) else {
        return EntryKind::Other;
    };
    let is = |word: &str| kind.eq_ignore_ascii_case(word);
    if is("Message") || is("Text") {
        structured(message).map_or_else(words, EntryKind::Text)
    } else if is("PushUrl") || is("IdleClose") {
        words()
    } else if is("ParticipantJoined") {
        EntryKind::Joined
    } else if is("ParticipantLeft") {
        EntryKind::Left
    } else if is("TypingStarted") {
        EntryKind::typing(true)
    } else if is("TypingStopped") {
        EntryKind::typing(false)
    } else if is("FileUploaded") {
        file(message)
    } else if is("FileDeleted") {
        let id = message.user_data.text("file-id");
        id.map_or(EntryKind::Other, |id| EntryKind::Withdrawn { url: file_address(id) })
    } else if is("CustomNotice") {
        survey(message).map_or(EntryKind::Other, EntryKind::Text)
    } else if TECHNICAL.iter().any(|word| is(word)) {
        EntryKind::Other
    } else {
        beyond(message)
    }
}

/// What an event is that cannot be shown: something said, if there is anything in it.
fn beyond(message: &Message<'_>) -> EntryKind {
    let said = message.text.text().is_some() || message.event_attributes.has_content();
    if said { EntryKind::Unsupported } else { EntryKind::Other }
}

/// The words of a rich message.
fn structured(message: &Message<'_>) -> Option<String> {
    message.event_attributes.text(&["structured-content", "genesys-chat", "content", "text"])
}

/// The address of a survey, which a program of the contact centre offers in a notice.
fn survey(message: &Message<'_>) -> Option<String> {
    let from = message.from.0.as_ref()?;
    let offer: serde_json::Value = serde_json::from_str(message.text.text()?).ok()?;
    let address = offer.get("Survey_URL")?.as_str()?;
    (from.nickname.is("_GCTI_GSS") && text::is_openable(address)).then(|| address.to_owned())
}

fn file(message: &Message<'_>) -> EntryKind {
    // Somebody sent a file, and nothing says which.
    let Some(id) = message.user_data.text("file-id") else { return EntryKind::Unsupported };
    let url = file_address(id);
    let name = message.user_data.text("file-name").unwrap_or("file").to_owned();
    let size = message.user_data.number("file-size");
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    match ending {
        Some(ending) if PICTURES.contains(&ending.as_str()) => EntryKind::Picture { name, size, url },
        _ => EntryKind::File { name, size, mime: None, url },
    }
}

/// The address of a file within the service.
pub(crate) fn file_address(id: &str) -> String {
    form_urlencoded::byte_serialize(id.as_bytes()).fold(FILE.to_owned(), |address, part| address + part)
}

/// The file that such an address names; `None` if it is not one of them, or could lead elsewhere.
pub(crate) fn file_named(url: &str) -> Option<String> {
    // A field without a value: its name is the identifier.
    let (id, _) = form_urlencoded::parse(url.strip_prefix(FILE)?.as_bytes()).next()?;
    let usable = !matches!(&*id, "" | "." | "..") && file_address(&id) == url;
    usable.then(|| id.into_owned())
}

/// What an event says about the silence in the chat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Silence {
    /// It is about to end the chat: in so many seconds, if it said so.
    Ending { seconds: Option<u64>, text: Option<String> },
    /// It has ended the chat.
    Ended,
    /// It is over: somebody said something.
    Broken,
}

/// What an event says about the silence in the chat, if anything.
pub(crate) fn silence(message: &Message<'_>) -> Option<Silence> {
    let kind = message.kind.text()?;
    let is = |word: &str| kind.eq_ignore_ascii_case(word);
    if is("IdleAlert") {
        let closes = message.user_data.text("next-idle-timer-type");
        let closes = closes.is_some_and(|next| next.eq_ignore_ascii_case("CLOSE"));
        let seconds = message.user_data.number("next-idle-timer-secs").filter(|_| closes);
        Some(Silence::Ending { seconds, text: message.text.owned().map(text::clean) })
    } else if is("IdleClose") {
        Some(Silence::Ended)
    } else if ["Message", "Text", "PushUrl", "FileUploaded", "ParticipantJoined"].iter().any(|word| is(word))
    {
        Some(Silence::Broken)
    } else {
        None
    }
}

/// What the service says about files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Limits {
    /// What is taken; `None` if nothing is, or nothing more.
    pub(crate) rules: Option<FileRules>,
}

/// The limits that stand in an answer; `None` if there are none to be read. The last event that has any counts.
pub(crate) fn limits(messages: &[Message<'_>]) -> Option<Limits> {
    let told = messages.iter().rev().map(|message| &message.user_data);
    let told = told.into_iter().find(|told| told.0.iter().any(|(name, _)| name.starts_with("upload-")))?;
    let most = told.number("upload-max-files");
    let used = told.number("used-upload-max-files").unwrap_or_default();
    let left = told
        .number("upload-max-total-size")
        .map(|most| most.saturating_sub(told.number("used-upload-max-total-size").unwrap_or_default()));
    let one = told.number("upload-max-file-size");
    let largest = one.into_iter().chain(left).min();
    let endings: Vec<String> = told
        .text("upload-file-types")
        .unwrap_or_default()
        .split([':', ','])
        .map(|ending| ending.trim().trim_start_matches('.').to_ascii_lowercase())
        .filter(|ending| !ending.is_empty())
        .collect();
    let none_left = most.is_some_and(|most| used >= most) || largest == Some(0);
    let kinds = if endings.is_empty() {
        FileKinds::AllBut { endings: Vec::new() }
    } else {
        FileKinds::Only { endings }
    };
    let needs_agent = told.text("upload-need-agent").is_some_and(|need| need.eq_ignore_ascii_case("true"));
    Some(Limits { rules: (!none_left).then_some(FileRules { kinds, largest, needs_agent }) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(json: &str) -> Message<'_> {
        serde_json::from_str(json).unwrap()
    }

    fn kind_of(json: &str) -> EntryKind {
        kind(&message(&format!(r#"{{"from":{{"type":"Agent","participantId":2}},{json}}}"#)))
    }

    fn text(words: &str) -> EntryKind {
        EntryKind::Text(words.to_owned())
    }

    #[test]
    fn roles_and_names() {
        let who = |from: &str| person(&message(&format!(r#"{{"from":{from}}}"#)), &mut Bots::default());
        let jane = who(r#"{"nickname":"Jane Roe","participantId":1,"type":"client"}"#);
        assert_eq!((jane.id.as_str(), jane.name.as_deref(), jane.role), ("1", Some("Jane Roe"), Role::Me));
        assert_eq!(who(r#"{"participantId":"2","type":"Agent"}"#).id, "2");
        assert_eq!(who(r#"{"type":"Supervisor"}"#).role, Role::Supervisor);
        assert_eq!(who(r#"{"type":"External"}"#).role, Role::Automation);
        assert_eq!(who(r#"{"type":"Bot"}"#).role, Role::Bot);
        assert_eq!(who(r#"{"type":"Martian"}"#).role, Role::Other);
        assert_eq!(who("7").role, Role::Other);
    }

    #[test]
    fn a_bot_says_so_once() {
        let mut bots = Bots::default();
        for style in [
            r#"{"GCTI_SYSTEM":{"party-info":{"style":"BOT"}}}"#,
            r#"{"GCTI_SYSTEM":{"party-info":"{\"style\":\"BOT\"}"}}"#,
            r#"{"GCTI_SYSTEM":{"party-info":{"style":"\"BOT\""}}}"#,
        ] {
            let json =
                format!(r#"{{"from":{{"type":"Agent","participantId":3}},"eventAttributes":{style}}}"#);
            assert_eq!(person(&message(&json), &mut bots).role, Role::Bot, "{style}");
        }
        let later = r#"{"from":{"type":"Agent","participantId":3}}"#;
        assert_eq!(person(&message(later), &mut bots).role, Role::Bot);
        let other = r#"{"from":{"type":"Agent","participantId":4}}"#;
        assert_eq!(person(&message(other), &mut bots).role, Role::Agent);
    }

    #[test]
    fn kinds_of_events() {
        assert_eq!(kind_of(r#""type":"Message","text":"a""#), text("a"));
        assert_eq!(kind_of(r#""type":"MESSAGE","text":"a","messageType":"odd""#), text("a"));
        assert_eq!(kind_of(r#""type":"PushUrl","text":"https://x.example""#), text("https://x.example"));
        assert_eq!(kind_of(r#""type":"IdleClose","text":"Too quiet""#), text("Too quiet"));
        assert_eq!(kind_of(r#""type":"ParticipantJoined""#), EntryKind::Joined);
        assert_eq!(kind_of(r#""type":"participantleft""#), EntryKind::Left);
        assert_eq!(kind_of(r#""type":"TypingStarted","text":"prev""#), EntryKind::typing(true));
        assert_eq!(kind_of(r#""type":"TypingStopped""#), EntryKind::typing(false));
        for other in ["NicknameUpdated", "Notice", "CustomNotice", "IdleAlert", "PollConfirmation", ""] {
            assert_eq!(kind_of(&format!(r#""type":"{other}","text":"a""#)), EntryKind::Other, "{other}");
        }
        assert_eq!(kind(&message(r#"{"type":"Message","text":"a"}"#)), EntryKind::Other, "nobody said it");
        let rich = r#""type":"Message","text":"plain","eventAttributes":{"structured-content":{"genesys-chat":{"content":"{\"text\":\"rich\"}"}}}"#;
        assert_eq!(kind_of(rich), text("rich"));
    }

    #[test]
    fn a_survey_is_offered_by_its_own_program_only() {
        let json = |who: &str, text: &str| {
            let from = format!(r#"{{"nickname":"{who}","type":"External","participantId":5}}"#);
            format!(r#"{{"type":"CustomNotice","from":{from},"text":"{text}"}}"#)
        };
        let offer = r#"{\"Survey_URL\":\"https://s.example/1\",\"Cancel_URL\":\"https://s.example/0\"}"#;
        assert_eq!(kind(&message(&json("_GCTI_GSS", offer))), text("https://s.example/1"));
        assert_eq!(kind(&message(&json("Somebody", offer))), EntryKind::Other);
        let harm = r#"{\"Survey_URL\":\"javascript:alert(1)\"}"#;
        assert_eq!(kind(&message(&json("_GCTI_GSS", harm))), EntryKind::Other);
    }

    #[test]
    fn what_is_not_known_is_something_said_only_if_there_is_anything_in_it() {
        let rich = r#""eventAttributes":{"structured-content":{"genesys-chat":{"content":{"list":[1]}}}}"#;
        for beyond in [
            r#""type":"Hologram","text":"a""#.to_owned(),
            format!(r#""type":"Hologram",{rich}"#),
            format!(r#""type":"Message",{rich}"#),
        ] {
            assert_eq!(kind_of(&beyond), EntryKind::Unsupported, "{beyond}");
        }
        for nothing in [r#""type":"Hologram""#, r#""type":"Hologram","text":"" "#, r#""type":"Message""#] {
            assert_eq!(kind_of(nothing), EntryKind::Other, "{nothing}");
        }
    }

    #[test]
    fn files_come_and_go() {
        let up = |name: &str| {
            let data = format!(r#"{{"file-id":"a/1 b","file-name":"{name}","file-size":"12"}}"#);
            kind_of(&format!(r#""type":"FileUploaded","userData":{data}"#))
        };
        let url = "/file/a%2F1+b".to_owned();
        assert_eq!(
            up("Meter.PNG"),
            EntryKind::Picture { name: "Meter.PNG".into(), size: Some(12), url: url.clone() }
        );
        let file = EntryKind::File { name: "a.pdf".into(), size: Some(12), mime: None, url: url.clone() };
        assert_eq!(up("a.pdf"), file);
        assert_eq!(
            kind_of(r#""type":"FileDeleted","userData":{"file-id":"a/1 b"}"#),
            EntryKind::Withdrawn { url: url.clone() }
        );
        assert_eq!(file_named(&url).as_deref(), Some("a/1 b"));
        for foreign in ["/file/", "/file/..", "/file/a/b", "/file/a?b", "/f/1", "//evil.example", "/file/%2e"]
        {
            assert_eq!(file_named(foreign), None, "{foreign}");
        }
        assert_eq!(kind_of(r#""type":"FileUploaded","userData":{}"#), EntryKind::Unsupported);
    }

    #[test]
    fn what_is_said_of_the_silence() {
        let silence = |json: &str| silence(&message(&format!("{{{json}}}")));
        let alert = r#""type":"IdleAlert","text":"Hello?","userData":{"next-idle-timer-type":"CLOSE","next-idle-timer-secs":"45"}"#;
        let ending = |seconds| Some(Silence::Ending { seconds, text: Some("Hello?".into()) });
        assert_eq!(silence(alert), ending(Some(45)));
        let second = alert.replace("CLOSE", "ALERT");
        assert_eq!(silence(&second), ending(None), "another alert comes first");
        assert_eq!(silence(r#""type":"IdleClose""#), Some(Silence::Ended));
        assert_eq!(silence(r#""type":"Message","text":"x""#), Some(Silence::Broken));
        assert_eq!(silence(r#""type":"TypingStarted""#), None);
    }

    #[test]
    fn limits_of_files() {
        let read = |data: &str| {
            let json = format!(r#"{{"type":"Notice","text":"file-client-cfg-get","userData":{{{data}}}}}"#);
            limits(&[message(&json)])
        };
        let data = r#""upload-max-files":"5","upload-max-file-size":"1000","used-upload-max-files":"1",
            "used-upload-max-total-size":"200","upload-max-total-size":"3000","upload-need-agent":"true",
            "upload-file-types":"jpeg:.PNG:pdf:""#;
        let kinds = FileKinds::Only { endings: vec!["jpeg".into(), "png".into(), "pdf".into()] };
        let rules = |largest| Some(FileRules { kinds: kinds.clone(), largest, needs_agent: true });
        assert_eq!(read(data), Some(Limits { rules: rules(Some(1000)) }));
        let near = data.replace("\"200\"", "\"2400\"");
        assert_eq!(read(&near), Some(Limits { rules: rules(Some(600)) }), "no more than what is left of all");
        let full = data.replace("\"used-upload-max-files\":\"1\"", "\"used-upload-max-files\":\"5\"");
        assert_eq!(read(&full), Some(Limits { rules: None }));
        assert_eq!(read(r#""file-id":"x""#), None);
    }
}
