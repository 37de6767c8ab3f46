//! "Save a copy": a conversation as plain text, as JSON for programs, or as a web page, each with its pictures and files, as far as
//! they are here, in a folder beside. English throughout: it is a record, not an interface.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use envoi_protocol::event::Media;
use envoi_protocol::stored::{ProgressState, StoredRow};
use envoi_protocol::timeline::row_of;
use envoi_protocol::view::{Choice, Content, CopyFormat, DeliveryView, Item, Offer, Person, Role};
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

use crate::archive::{Archive, ArchiveError};
use crate::disk;

mod html;
mod json;
mod text;

pub use text::text;

/// What is copied, and where to.
#[derive(Debug, Clone, Copy)]
pub struct Copy<'a> {
    /// The conversation's name in the archive.
    pub conversation: &'a str,
    /// With whom it is.
    pub company: &'a str,
    /// As what.
    pub format: CopyFormat,
    /// The folder to write into. It is made if need be, and nothing in it is overwritten.
    pub folder: &'a Path,
    /// The time in milliseconds since 1970-01-01 UTC.
    pub wall: i64,
    /// In which all times are written.
    pub zone: &'a TimeZone,
}

/// Why there is no copy.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// The archive could not be read.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// The copy could not be written.
    #[error("the copy cannot be written: {0}")]
    Io(#[from] io::Error),
}

/// Something that a row is written with.
trait Format {
    /// Writes what comes before the first row.
    fn begin(&mut self, out: &mut dyn Write, company: &str, saved: &Zoned) -> io::Result<()>;

    /// Writes a row. `file` is where its picture or file is, seen from the copy.
    fn row(&mut self, out: &mut dyn Write, item: &Item, at: &Zoned, file: Option<&Picture>)
    -> io::Result<()>;

    /// Writes what comes after the last row.
    fn end(&mut self, out: &mut dyn Write) -> io::Result<()>;
}

/// A picture or file that was written beside the copy.
struct Picture {
    /// Its folder and name, seen from the copy.
    path: String,
    /// Whether a browser shows it.
    shown: bool,
}

/// Writes a copy of all that is kept of a conversation, and says where.
///
/// # Errors
///
/// [`CopyError`]; part of the copy may be there then.
pub fn save(archive: &Archive, copy: &Copy<'_>) -> Result<PathBuf, CopyError> {
    let (ending, mut format): (_, Box<dyn Format>) = match copy.format {
        CopyFormat::Text => ("txt", Box::new(text::Text::default())),
        CopyFormat::Json => ("json", Box::new(json::Json::default())),
        CopyFormat::Html => ("html", Box::new(html::Html::default())),
    };
    let unsent: BTreeSet<String> = archive
        .parcels(copy.conversation)?
        .into_iter()
        .filter(|parcel| parcel.progress.state != ProgressState::Sent)
        .map(|parcel| row_of(parcel.local))
        .collect();
    let (path, file) = disk::create(copy.folder, copy.company, copy.wall, ending)?;
    let mut out = BufWriter::new(file);
    format.begin(&mut out, copy.company, &zoned(copy.wall, copy.zone))?;
    let mut files = Files::beside(&path);
    let mut failed = None;
    archive.rows(copy.conversation, &mut |row| {
        if failed.is_none() {
            failed = write_row(archive, copy, &unsent, &mut files, format.as_mut(), &mut out, row).err();
        }
    })?;
    if let Some(failed) = failed {
        return Err(failed);
    }
    format.end(&mut out)?;
    out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
    Ok(path)
}

fn write_row(
    archive: &Archive,
    copy: &Copy<'_>,
    unsent: &BTreeSet<String>,
    files: &mut Files,
    format: &mut dyn Format,
    out: &mut dyn Write,
    row: StoredRow,
) -> Result<(), CopyError> {
    let mut item = row.item;
    if unsent.contains(&item.id)
        && let Some(delivery) = Arc::make_mut(&mut item).content.delivery_mut()
    {
        *delivery = Some(DeliveryView::Queued);
    }
    let mut file = None;
    if let Content::Picture { name, .. } | Content::File { name, .. } = &item.content
        && let Some(media) = archive.picture(copy.conversation, &item.id)?
    {
        file = Some(files.write(name, &media)?);
    }
    format.row(out, &item, &zoned(item.at, copy.zone), file.as_ref())?;
    Ok(())
}

/// Endings of files that no system runs and no browser shows as a page.
const DOCUMENTS: &[&str] = &[
    "7z", "bmp", "csv", "doc", "docx", "gz", "heic", "ics", "m4a", "mov", "mp3", "mp4", "odp", "ods", "odt",
    "ogg", "pdf", "ppt", "pptx", "rtf", "tif", "tiff", "txt", "vcf", "wav", "webm", "xls", "xlsx", "zip",
];

/// The folder of pictures and files, made with the first of them.
struct Files {
    folder: PathBuf,
    count: u32,
}

impl Files {
    fn beside(copy: &Path) -> Self {
        let mut name = copy.file_stem().unwrap_or_default().to_os_string();
        name.push(" files");
        Self { folder: copy.with_file_name(name), count: 0 }
    }

    fn write(&mut self, name: &str, media: &Media) -> io::Result<Picture> {
        if self.count == 0 {
            self.make_folder()?;
        }
        self.count += 1;
        let (stem, given) = name.rsplit_once('.').unwrap_or((name, ""));
        let given = given.to_ascii_lowercase();
        // What kind of file it is says the service. The name that somebody gave it counts only where that can do no harm.
        let (ending, shown) = match media.mime.as_str() {
            "image/png" => ("png", true),
            "image/jpeg" => ("jpg", true),
            "image/gif" => ("gif", true),
            "image/webp" => ("webp", true),
            "application/pdf" => ("pdf", false),
            _ => match DOCUMENTS.iter().find(|known| **known == given) {
                Some(known) => (*known, false),
                None if media.mime == "text/plain" => ("txt", false),
                None => ("bin", false),
            },
        };
        let plain = |c: char| if c.is_alphanumeric() || matches!(c, '-' | '_') { c } else { '-' };
        let stem: String = stem.chars().take(40).map(plain).collect();
        let name = format!("{:03}-{stem}.{ending}", self.count);
        let mut file = File::create_new(self.folder.join(&name))?;
        file.write_all(&media.bytes)?;
        file.sync_all()?;
        let folder = self.folder.file_name().unwrap_or_default().to_string_lossy();
        Ok(Picture { path: format!("{folder}/{name}"), shown })
    }

    /// A copy in another form may have been saved on the same day: its files are its own.
    fn make_folder(&mut self) -> io::Result<()> {
        let first = self.folder.clone();
        for number in 2_u32.. {
            match fs::create_dir(&self.folder) {
                Err(taken) if taken.kind() == io::ErrorKind::AlreadyExists => {
                    let mut name = first.file_name().unwrap_or_default().to_os_string();
                    name.push(format!(" ({number})"));
                    self.folder = first.with_file_name(name);
                }
                made => return made,
            }
        }
        Err(io::Error::from(io::ErrorKind::AlreadyExists))
    }
}

fn zoned(at: i64, zone: &TimeZone) -> Zoned {
    Timestamp::from_millisecond(at).unwrap_or_default().to_zoned(zone.clone())
}

/// Who somebody is to the person that saves the copy.
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

/// What stands for something that could not be shown.
fn unsupported(from: &Person) -> String {
    format!("{} sent something that cannot be shown here", name(from))
}

/// A file in brackets, for where there is no more of it than its name.
fn file_line(name: &str, withdrawn: bool) -> String {
    format!("[file: {}{}]", one_line(name), if withdrawn { ", no longer available" } else { "" })
}

/// What is offered, a line each: the question, the cards, and the answers with a mark before those that were chosen.
fn offer_lines(offer: &Offer, answered: &[String]) -> Vec<String> {
    let mut lines = vec![offer.text.clone()];
    let choice = |choice: &Choice| {
        let mark = if answered.contains(&choice.id) { "[x]" } else { "[ ]" };
        let label = if choice.label.trim().is_empty() { &choice.id } else { &choice.label };
        format!("{mark} {}", one_line(label))
    };
    for card in &offer.cards {
        lines.push(one_line(&card.title));
        lines.extend(card.text.clone());
        lines.extend(card.choices.iter().map(choice));
    }
    for group in &offer.groups {
        lines.extend(group.title.as_deref().map(one_line));
        lines.extend(group.choices.iter().map(choice));
    }
    for question in offer.questions.iter().flat_map(|asked| &asked.questions) {
        lines.extend(question.heading.as_deref().map(one_line));
        let mark = if answered.contains(&question.id) { "[x]" } else { "[ ]" };
        lines.push(format!("{mark} {}", one_line(&question.label)));
    }
    lines.retain(|line| !line.trim().is_empty());
    lines
}

/// Who closed a case.
fn closer(by: Option<&str>) -> String {
    by.map_or_else(|| "The agent".to_owned(), one_line)
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether an own message is with the service; others are.
const fn is_sent(delivery: Option<&DeliveryView>) -> bool {
    matches!(delivery, None | Some(DeliveryView::Sent))
}

#[cfg(test)]
mod tests;
