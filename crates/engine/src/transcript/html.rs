//! A web page without a script, to be opened from where it was saved. What people wrote is only ever text in it, and its policy
//! lets it load nothing but the pictures beside it.

use std::fmt;
use std::io::{self, Write};

use envoi_protocol::text::is_openable;
use envoi_protocol::view::{Content, Item, Role, Run};
use jiff::Zoned;

use super::{Format, Picture, closer, file_line, is_sent, name, offer_lines, unsupported};

#[derive(Debug, Default)]
pub(super) struct Html {
    day: String,
}

const HEAD: &str = r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src 'self' file:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
:root { color-scheme: light dark; --ink: #1c1d21; --paper: #fff; --soft: #5b5e66; --theirs: #f0f1f4; --mine: #dcebff; }
@media (prefers-color-scheme: dark) { :root { --ink: #ececf0; --paper: #17181c; --soft: #a4a7b0; --theirs: #25272d; --mine: #16365c; } }
body { max-width: 44rem; margin: 2rem auto; padding: 0 1rem; color: var(--ink); background: var(--paper); font: 1rem/1.5 system-ui, sans-serif; }
h1 { font-size: 1.4rem; } h2 { font-size: 1rem; color: var(--soft); margin-block-start: 2rem; }
article { width: fit-content; max-width: 85%; margin-block: .75rem; padding: .5rem .75rem; border-radius: .75rem; background: var(--theirs); overflow-wrap: anywhere; }
article.mine { margin-inline-start: auto; background: var(--mine); }
header, .event { color: var(--soft); font-size: .875rem; } .event { text-align: center; }
article p { margin: 0; white-space: pre-wrap; } img { max-width: 100%; border-radius: .5rem; }
</style>
"#;

impl Format for Html {
    fn begin(&mut self, out: &mut dyn Write, company: &str, saved: &Zoned) -> io::Result<()> {
        let company = Plain(company);
        write!(
            out,
            "{HEAD}<title>Chat with {company}</title>\n</head>\n<body>\n<h1>Chat with <bdi>{company}</bdi></h1>\n\
             <p class=\"event\">Saved on {}</p>\n",
            saved.strftime("%Y-%m-%d at %H:%M")
        )
    }

    fn row(
        &mut self,
        out: &mut dyn Write,
        item: &Item,
        at: &Zoned,
        file: Option<&Picture>,
    ) -> io::Result<()> {
        let day = at.strftime("%Y-%m-%d").to_string();
        if day != self.day {
            writeln!(out, "<h2><time datetime=\"{day}\">{day}</time></h2>")?;
            self.day = day;
        }
        let event = match &item.content {
            Content::Message { from, text, delivery } => {
                open(out, from.role, &name(from), at, is_sent(delivery.as_ref()))?;
                write!(out, "<p dir=\"auto\">")?;
                for run in text {
                    write_run(out, run)?;
                }
                return writeln!(out, "</p></article>");
            }
            Content::Picture { from, name: label, delivery, .. } => {
                open(out, from.role, &name(from), at, is_sent(delivery.as_ref()))?;
                write_picture(out, label, file)?;
                return writeln!(out, "</article>");
            }
            Content::File { from, name: label, delivery, withdrawn, .. } => {
                open(out, from.role, &name(from), at, is_sent(delivery.as_ref()))?;
                match file {
                    Some(_) => write_picture(out, label, file)?,
                    None => write!(out, "<p dir=\"auto\">{}</p>", Plain(&file_line(label, *withdrawn)))?,
                }
                return writeln!(out, "</article>");
            }
            Content::Offer { from, offer, answered } => {
                open(out, from.role, &name(from), at, true)?;
                for line in offer_lines(offer, answered) {
                    write!(out, "<p dir=\"auto\">{}</p>", Plain(&line))?;
                }
                return writeln!(out, "</article>");
            }
            Content::Unsupported { from } => unsupported(from),
            Content::Local { text } => text.iter().map(|run| run.text.as_str()).collect(),
            Content::Joined { person } => format!("{} joined", name(person)),
            Content::Left { person } => format!("{} left", name(person)),
            Content::CaseClosed { by } => format!("{} closed the case", closer(by.as_deref())),
        };
        writeln!(out, "<p class=\"event\" dir=\"auto\">{} {}</p>", at.strftime("%H:%M"), Plain(&event))
    }

    fn end(&mut self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "</body>\n</html>")
    }
}

fn open(out: &mut dyn Write, role: Role, name: &str, at: &Zoned, sent: bool) -> io::Result<()> {
    let class = if role == Role::Me { " class=\"mine\"" } else { "" };
    write!(
        out,
        "<article{class}><header><bdi>{}</bdi> <time datetime=\"{}\">{}</time>{}</header>",
        Plain(name),
        at.strftime("%Y-%m-%dT%H:%M:%S%:z"),
        at.strftime("%H:%M"),
        if sent { "" } else { " <strong>not sent</strong>" }
    )
}

fn write_run(out: &mut dyn Write, Run { text, href }: &Run) -> io::Result<()> {
    match href.as_deref().filter(|address| is_openable(address)) {
        Some(address) => {
            write!(out, "<a href=\"{}\" rel=\"noopener noreferrer\">{}</a>", Plain(address), Plain(text))
        }
        None => write!(out, "{}", Plain(text)),
    }
}

fn write_picture(out: &mut dyn Write, label: &str, file: Option<&Picture>) -> io::Result<()> {
    let label = Plain(label);
    match file {
        Some(Picture { path, shown: true }) => write!(out, "<img src=\"{}\" alt=\"{label}\">", Address(path)),
        Some(Picture { path, shown: false }) => {
            write!(out, "<p dir=\"auto\"><a href=\"{}\">{label}</a></p>", Address(path))
        }
        None => write!(out, "<p dir=\"auto\">[picture: {label}]</p>"),
    }
}

/// Text in which nothing is markup, also within quotes.
struct Plain<'a>(&'a str);

impl fmt::Display for Plain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0;
        while let Some((before, after)) =
            rest.find(['&', '<', '>', '"', '\'']).and_then(|at| rest.split_at_checked(at))
        {
            f.write_str(before)?;
            let mut characters = after.chars();
            f.write_str(match characters.next() {
                Some('&') => "&amp;",
                Some('<') => "&lt;",
                Some('>') => "&gt;",
                Some('"') => "&quot;",
                _ => "&#39;",
            })?;
            rest = characters.as_str();
        }
        f.write_str(rest)
    }
}

/// A path as an address.
struct Address<'a>(&'a str);

impl fmt::Display for Address<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for byte in self.0.bytes() {
            if byte.is_ascii_alphanumeric() || b"-_./".contains(&byte) {
                write!(f, "{}", char::from(byte))?;
            } else {
                write!(f, "%{byte:02X}")?;
            }
        }
        Ok(())
    }
}
