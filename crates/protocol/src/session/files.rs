//! Files that the person sends: what is taken, before it is queued.

use super::*;
use crate::transport::{FileKinds, FileRules};

/// Most bytes of one file, whatever a service takes: so much is kept of each, and held in memory while it is sent.
pub const LARGEST_FILE: u64 = 20 * 1024 * 1024;
/// Most bytes of all files of a conversation that have not been sent: each is held in memory until the service has it.
pub const MOST_WAITING: u64 = 5 * LARGEST_FILE;

impl Session {
    pub(super) fn attach(&mut self, now: Now, attachment: Attachment) -> Result<(), Fault> {
        if let Some(why) = &self.shelved {
            return Err(why.clone());
        }
        let Some(rules) = &self.abilities.files else { return Err(Fault::new(FaultCode::Unsupported)) };
        if !self.phase.may_write() {
            return Err(Fault::new(FaultCode::ChatOver));
        }
        let agent = |person: &Person| matches!(person.role, Role::Agent | Role::Supervisor);
        accepts(rules, &attachment, self.phase.people().iter().any(agent))?;
        let waiting = self.outbox.waiting_bytes();
        let with_it = waiting.saturating_add(size_of(&attachment));
        if with_it > MOST_WAITING {
            let detail = format!("{waiting} of {MOST_WAITING} bytes wait");
            return Err(Fault::with_detail(FaultCode::FilesWaiting, detail));
        }
        let (from, name) = (timeline::me(), text::clean(attachment.name.clone()));
        let size = Some(size_of(&attachment));
        let delivery = Some(DeliveryView::Queued);
        let picture = attachment.mime.starts_with("image/");
        let content = if picture {
            Content::Picture { from, name, size, delivery, withdrawn: false }
        } else {
            let mime = Some(attachment.mime.clone());
            Content::File { from, name, size, mime, delivery, withdrawn: false }
        };
        let local = self.take_local();
        self.timeline.echo(local, timeline::plain(timeline::row_of(local), now.wall, false, content));
        let content =
            if picture { ParcelContent::Picture(attachment) } else { ParcelContent::File(attachment) };
        self.outbox.push(local, content);
        self.spoke(now);
        Ok(())
    }
}

/// Whether a file may be sent under these rules.
fn accepts(rules: &FileRules, file: &Attachment, agent_is_there: bool) -> Result<(), Fault> {
    if rules.needs_agent && !agent_is_there {
        return Err(Fault::new(FaultCode::AgentNeeded));
    }
    let ending = ending(&file.name);
    let taken = match &rules.kinds {
        FileKinds::Pictures => file.mime.starts_with("image/"),
        FileKinds::AllBut { endings } => !ending.as_ref().is_some_and(|ending| endings.contains(ending)),
        FileKinds::Only { endings } => ending.as_ref().is_some_and(|ending| endings.contains(ending)),
    };
    if !taken {
        return Err(Fault::with_detail(FaultCode::FileType, ending.unwrap_or_else(|| file.mime.clone())));
    }
    let most = rules.largest.unwrap_or(LARGEST_FILE);
    let size = size_of(file);
    if size > most {
        return Err(Fault::with_detail(FaultCode::FileSize, format!("{size} of {most} bytes")));
    }
    Ok(())
}

fn size_of(file: &Attachment) -> u64 {
    u64::try_from(file.bytes.len()).unwrap_or(u64::MAX)
}

/// What stands behind the last dot, in lower case.
fn ending(name: &str) -> Option<String> {
    let (_, ending) = name.rsplit_once('.')?;
    (!ending.is_empty()).then(|| ending.to_lowercase())
}

/// What any file matches that the outbox waits for the copy of.
pub(super) fn any() -> ParcelContent {
    ParcelContent::File(Attachment { name: String::new(), mime: String::new(), bytes: Vec::new() })
}

/// What a transport can do, as an interface sees it.
pub(super) fn abilities(transport: &dyn Transport) -> Arc<Abilities> {
    let can = transport.capabilities();
    let files = can.files.map(|rules| {
        let largest = rules.largest.map_or(LARGEST_FILE, |largest| largest.min(LARGEST_FILE));
        FileRules { largest: Some(largest), ..rules }
    });
    Arc::new(Abilities {
        files,
        typing: can.typing,
        history: can.history,
        user_data: can.user_data,
        read_receipts: can.read_receipts,
        nickname: can.nickname,
        notices: can.notices,
        end: can.end,
        sign_in: can.sign_in,
        longest_text: can.longest_text.map(|longest| u32::try_from(longest).unwrap_or(u32::MAX)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, mime: &str, size: usize) -> Attachment {
        Attachment { name: name.into(), mime: mime.into(), bytes: vec![0; size] }
    }

    fn rules(kinds: FileKinds) -> FileRules {
        FileRules { kinds, largest: Some(10), needs_agent: false }
    }

    fn code(rules: &FileRules, file: &Attachment) -> Option<FaultCode> {
        accepts(rules, file, false).err().map(|fault| fault.code)
    }

    #[test]
    fn a_file_is_taken_by_its_ending_or_because_it_is_a_picture() {
        let endings = || vec!["exe".to_owned(), "zip".to_owned()];
        let (all_but, only) =
            (FileKinds::AllBut { endings: endings() }, FileKinds::Only { endings: endings() });
        for (kinds, name, mime, expected) in [
            (FileKinds::Pictures, "a.png", "image/png", None),
            (FileKinds::Pictures, "a.pdf", "application/pdf", Some(FaultCode::FileType)),
            (all_but.clone(), "a.pdf", "application/pdf", None),
            (all_but.clone(), "a.pdf.EXE", "application/pdf", Some(FaultCode::FileType)),
            (all_but, "README", "text/plain", None),
            (only.clone(), "a.zip", "application/zip", None),
            (only.clone(), "a.pdf", "application/pdf", Some(FaultCode::FileType)),
            (only, "README", "text/plain", Some(FaultCode::FileType)),
        ] {
            assert_eq!(code(&rules(kinds.clone()), &file(name, mime, 1)), expected, "{kinds:?} {name}");
        }
    }

    #[test]
    fn a_file_that_is_too_large_is_told_with_the_limit() {
        let refused = accepts(&rules(FileKinds::Pictures), &file("a.png", "image/png", 11), true);
        assert_eq!(refused, Err(Fault::with_detail(FaultCode::FileSize, "11 of 10 bytes")));
    }

    #[test]
    fn some_services_take_files_only_from_an_agents_customer() {
        let rules = FileRules { needs_agent: true, ..rules(FileKinds::Pictures) };
        let picture = file("a.png", "image/png", 1);
        assert_eq!(code(&rules, &picture), Some(FaultCode::AgentNeeded));
        assert_eq!(accepts(&rules, &picture, true), Ok(()));
    }
}
