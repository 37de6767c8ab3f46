//! Plain text, a line for each row, and one more for where its picture or file is.

use std::fmt::Write as _;
use std::io::{self, Write};

use envoi_protocol::view::{Content, DeliveryView, Item, Run, Snapshot};
use jiff::Zoned;
use jiff::tz::TimeZone;

use super::{Format, Picture, closer, file_line, is_sent, name, offer_lines, one_line, unsupported, zoned};

/// All rows that a snapshot has as text, with times in `zone`.
#[must_use]
pub fn text(snapshot: &Snapshot, zone: &TimeZone) -> String {
    let mut text = heading(&snapshot.deployment.name);
    let mut day = String::new();
    for item in &snapshot.items {
        line(&mut text, &mut day, item, &zoned(item.at, zone), None);
    }
    text
}

#[derive(Debug, Default)]
pub(super) struct Text {
    day: String,
    line: String,
}

impl Format for Text {
    fn begin(&mut self, out: &mut dyn Write, company: &str, _saved: &Zoned) -> io::Result<()> {
        out.write_all(heading(company).as_bytes())
    }

    fn row(
        &mut self,
        out: &mut dyn Write,
        item: &Item,
        at: &Zoned,
        file: Option<&Picture>,
    ) -> io::Result<()> {
        self.line.clear();
        line(&mut self.line, &mut self.day, item, at, file);
        out.write_all(self.line.as_bytes())
    }

    fn end(&mut self, _out: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }
}

fn heading(company: &str) -> String {
    format!("Chat with {}\n", one_line(company))
}

/// Adds a row, with its day before it if that is another one. Writing to a String cannot fail.
fn line(text: &mut String, day: &mut String, item: &Item, at: &Zoned, file: Option<&Picture>) {
    let today = at.strftime("%Y-%m-%d").to_string();
    if today != *day {
        let _ = write!(text, "\n{today}\n\n");
        *day = today;
    }
    let _ = writeln!(text, "{}  {}", at.strftime("%H:%M"), row(&item.content));
    if let Some(file) = file {
        let _ = writeln!(text, "       {}", file.path);
    }
}

fn row(content: &Content) -> String {
    match content {
        Content::Message { from, text, delivery } => {
            format!("{}: {}{}", name(from), set_in(&words(text)), sent(delivery.as_ref()))
        }
        Content::Picture { from, name: file, delivery, .. } => {
            format!("{}: [picture: {}]{}", name(from), one_line(file), sent(delivery.as_ref()))
        }
        Content::File { from, name: file, delivery, withdrawn, .. } => {
            format!("{}: {}{}", name(from), file_line(file, *withdrawn), sent(delivery.as_ref()))
        }
        Content::Offer { from, offer, answered } => {
            format!("{}: {}", name(from), set_in(&offer_lines(offer, answered).join("\n")))
        }
        Content::Unsupported { from } => unsupported(from),
        Content::Local { text } => format!("Note: {}", set_in(&words(text))),
        Content::Joined { person } => format!("{} joined", name(person)),
        Content::Left { person } => format!("{} left", name(person)),
        Content::CaseClosed { by } => format!("{} closed the case", closer(by.as_deref())),
    }
}

fn words(text: &[Run]) -> String {
    text.iter().map(|run| run.text.as_str()).collect()
}

/// Further lines are set in, so that nobody can write a line that looks like somebody else's.
fn set_in(text: &str) -> String {
    text.replace('\n', "\n       ")
}

const fn sent(delivery: Option<&DeliveryView>) -> &'static str {
    if is_sent(delivery) { "" } else { "  [not sent]" }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use envoi_protocol::fault::{Fault, FaultCode};
    use envoi_protocol::view::{
        Abilities, DeploymentView, HistoryView, LinkView, Memory, Person, PhaseView, Role,
    };

    fn person(name: Option<&str>, role: Role) -> Person {
        Person { id: "p".into(), name: name.map(str::to_owned), role }
    }

    fn message(id: &str, at: i64, from: Person, words: &str, delivery: Option<DeliveryView>) -> Arc<Item> {
        let text = vec![Run { text: words.to_owned(), href: None }];
        let content = Content::Message { from, text, delivery };
        Arc::new(Item { id: id.into(), at, replayed: false, content })
    }

    #[test]
    fn a_copy_says_who_wrote_what_and_when() {
        let maya = person(Some("Maya"), Role::Agent);
        let me = person(Some("Ann"), Role::Me);
        let stuck = DeliveryView::Stuck { fault: Fault::new(FaultCode::Declined) };
        let snapshot = Snapshot {
            conversation: "c".into(),
            seq: 0,
            deployment: Arc::new(DeploymentView {
                id: "tidewater".into(),
                name: "Tidewater\nEnergy".into(),
                brand: None,
                asynchronous: true,
                pictures: true,
                form: Vec::new(),
                demo: false,
                keep: None,
                available: true,
                editable: false,
            }),
            phase: PhaseView::Open,
            link: LinkView::Up,
            sign_in: None,
            people: Vec::new(),
            typing: Vec::new(),
            items: vec![
                Arc::new(Item {
                    id: "1".into(),
                    at: 0,
                    replayed: false,
                    content: Content::Joined { person: maya.clone() },
                }),
                message("2", 60_000, maya, "Good day.\n00:02  You: I agree", None),
                message("3", 86_400_000, me.clone(), "Thanks", Some(DeliveryView::Sent)),
                message("4", 86_460_000, me, "Bye", Some(stuck)),
            ],
            history: HistoryView::Complete,
            guard: None,
            memory: Memory::Nothing,
            unread: 0,
            fault: None,
            abilities: Abilities::default(),
            banner: None,
            idle: None,
            draft: String::new(),
        };
        let expected = "Chat with Tidewater Energy\n\n1970-01-01\n\n00:00  Maya joined\n00:01  Maya: Good day.\n       00:02  \
                        You: I agree\n\n1970-01-02\n\n00:00  You: Thanks\n00:01  You: Bye  [not sent]\n";
        assert_eq!(text(&snapshot, &TimeZone::UTC), expected);
    }
}
