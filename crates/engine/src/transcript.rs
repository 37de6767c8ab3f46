//! A conversation as plain text, for "Save a copy". English throughout: it is a record, not an interface.

use std::fmt::Write as _;

use envoi_protocol::view::{Content, DeliveryView, Person, Role, Run, Snapshot};
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// The whole timeline as text, with times in `zone`.
#[must_use]
pub fn text(snapshot: &Snapshot, zone: &TimeZone) -> String {
    let mut text = format!("Chat with {}\n", one_line(&snapshot.deployment.name));
    let mut day = String::new();
    for item in &snapshot.items {
        let at = Timestamp::from_millisecond(item.at).unwrap_or_default().to_zoned(zone.clone());
        let today = at.strftime("%Y-%m-%d").to_string();
        if today != day {
            // Writing to a String cannot fail.
            let _ = write!(text, "\n{today}\n\n");
            day = today;
        }
        let _ = writeln!(text, "{}  {}", at.strftime("%H:%M"), row(&item.content));
    }
    text
}

fn row(content: &Content) -> String {
    match content {
        Content::Message { from, text, delivery } => {
            let words: String = text.iter().map(|Run { text, .. }| text.as_str()).collect();
            // Further lines are set in, so that nobody can write a line that looks like somebody else's.
            format!("{}: {}{}", name(from), words.replace('\n', "\n       "), sent(delivery.as_ref()))
        }
        Content::Picture { from, name: file, delivery, .. } => {
            format!("{}: [picture: {}]{}", name(from), one_line(file), sent(delivery.as_ref()))
        }
        Content::Joined { person } => format!("{} joined", name(person)),
        Content::Left { person } => format!("{} left", name(person)),
        Content::CaseClosed { by } => {
            format!("{} closed the case", by.as_deref().map_or_else(|| "The agent".to_owned(), one_line))
        }
    }
}

fn name(person: &Person) -> String {
    match (&person.name, person.role) {
        (_, Role::Me) => "You".to_owned(),
        (Some(name), Role::Bot) => format!("{} (bot)", one_line(name)),
        (Some(name), _) => one_line(name),
        (None, Role::Bot) => "Bot".to_owned(),
        (None, Role::Agent) => "Agent".to_owned(),
        (None, Role::Supervisor) => "Supervisor".to_owned(),
        (None, _) => "Service".to_owned(),
    }
}

const fn sent(delivery: Option<&DeliveryView>) -> &'static str {
    match delivery {
        None | Some(DeliveryView::Sent) => "",
        Some(_) => "  [not sent]",
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use envoi_protocol::fault::{Fault, FaultCode};
    use envoi_protocol::view::{DeploymentView, HistoryView, Item, LinkView, Memory, PhaseView};

    fn person(name: Option<&str>, role: Role) -> Person {
        Person { id: "p".into(), name: name.map(str::to_owned), role }
    }

    fn message(id: &str, at: i64, from: Person, words: &str, delivery: Option<DeliveryView>) -> Item {
        let text = vec![Run { text: words.to_owned(), href: None }];
        Item { id: id.into(), at, replayed: false, content: Content::Message { from, text, delivery } }
    }

    #[test]
    fn a_copy_says_who_wrote_what_and_when() {
        let maya = person(Some("Maya"), Role::Agent);
        let me = person(Some("Ann"), Role::Me);
        let stuck = DeliveryView::Stuck { fault: Fault::new(FaultCode::Declined) };
        let snapshot = Snapshot {
            conversation: "c".into(),
            seq: 0,
            deployment: DeploymentView {
                id: "tidewater".into(),
                name: "Tidewater\nEnergy".into(),
                brand: None,
                asynchronous: true,
                pictures: true,
                form: Vec::new(),
                demo: false,
                keep: None,
                available: true,
            },
            phase: PhaseView::Open,
            link: LinkView::Up,
            people: Vec::new(),
            typing: Vec::new(),
            items: vec![
                Item {
                    id: "1".into(),
                    at: 0,
                    replayed: false,
                    content: Content::Joined { person: maya.clone() },
                },
                message("2", 60_000, maya, "Good day.\n00:02  You: I agree", None),
                message("3", 86_400_000, me.clone(), "Thanks", Some(DeliveryView::Sent)),
                message("4", 86_460_000, me, "Bye", Some(stuck)),
            ],
            history: HistoryView::Complete,
            guard: None,
            memory: Memory::Nothing,
            unread: 0,
            fault: None,
            draft: String::new(),
        };
        let expected = "Chat with Tidewater Energy\n\n1970-01-01\n\n00:00  Maya joined\n00:01  Maya: Good day.\n       00:02  \
                        You: I agree\n\n1970-01-02\n\n00:00  You: Thanks\n00:01  You: Bye  [not sent]\n";
        assert_eq!(text(&snapshot, &TimeZone::UTC), expected);
    }
}
