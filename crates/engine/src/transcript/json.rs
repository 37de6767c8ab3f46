//! For programs: one object with all rows, oldest first.

use std::io::{self, Write};

use envoi_protocol::view::{Content, Item, Offer, Person, Run};
use jiff::Zoned;
use serde::Serialize;

use super::{Format, Picture, is_sent};

#[derive(Debug, Default)]
pub(super) struct Json {
    rows: u64,
}

/// A row. Times are those of RFC 9557.
#[derive(Debug, Serialize)]
struct Row<'a> {
    id: &'a str,
    at: String,
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<&'a Person>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    /// Where the picture or file is, seen from this file.
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
    /// Whether the service has it; for own messages.
    #[serde(skip_serializing_if = "Option::is_none")]
    sent: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    offer: Option<&'a Offer>,
    /// What was chosen of the offer.
    #[serde(skip_serializing_if = "Option::is_none")]
    answered: Option<&'a [String]>,
}

impl Format for Json {
    fn begin(&mut self, out: &mut dyn Write, company: &str, saved: &Zoned) -> io::Result<()> {
        write!(
            out,
            "{{\n\"company\": {},\n\"saved\": {},\n\"rows\": [",
            serde_json::to_string(company)?,
            serde_json::to_string(&saved.to_string())?
        )
    }

    fn row(
        &mut self,
        out: &mut dyn Write,
        item: &Item,
        at: &Zoned,
        file: Option<&Picture>,
    ) -> io::Result<()> {
        let mut row = Row {
            id: &item.id,
            at: at.to_string(),
            kind: "message",
            from: None,
            text: None,
            name: None,
            file: file.map(|file| file.path.as_str()),
            sent: None,
            by: None,
            offer: None,
            answered: None,
        };
        match &item.content {
            Content::Message { from, text, delivery } => {
                row.from = Some(from);
                row.text = Some(text.iter().map(|Run { text, .. }| text.as_str()).collect());
                row.sent = delivery.as_ref().map(|delivery| is_sent(Some(delivery)));
            }
            Content::Picture { from, name, delivery, .. } => {
                row.kind = "picture";
                row.from = Some(from);
                row.name = Some(name);
                row.sent = delivery.as_ref().map(|delivery| is_sent(Some(delivery)));
            }
            Content::File { from, name, delivery, .. } => {
                row.kind = "file";
                row.from = Some(from);
                row.name = Some(name);
                row.sent = delivery.as_ref().map(|delivery| is_sent(Some(delivery)));
            }
            Content::Offer { from, offer, answered } => {
                row.kind = "offer";
                row.from = Some(from);
                row.offer = Some(offer);
                row.answered = Some(answered);
            }
            Content::Local { text } => {
                row.kind = "local";
                row.text = Some(text.iter().map(|Run { text, .. }| text.as_str()).collect());
            }
            Content::Unsupported { from } => (row.kind, row.from) = ("unsupported", Some(from)),
            Content::Joined { person } => (row.kind, row.from) = ("joined", Some(person)),
            Content::Left { person } => (row.kind, row.from) = ("left", Some(person)),
            Content::CaseClosed { by } => (row.kind, row.by) = ("case_closed", by.as_deref()),
        }
        self.rows += 1;
        write!(out, "{}\n{}", if self.rows == 1 { "" } else { "," }, serde_json::to_string(&row)?)
    }

    fn end(&mut self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "\n]\n}}")
    }
}
