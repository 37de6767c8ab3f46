//! Files: they travel over plain HTTP beside the chat, with its key and its cookies.

use std::time::Duration;

use url::form_urlencoded::Serializer;

use super::chat::Chat;
use super::desk::Desk;
use crate::event::{Attachment, Event, LocalId, Trace};
use crate::io::{Body, HttpCall, HttpReply, IoFault, Method, Now, Part};
use crate::transport::{Action, Failure, FileKinds, FileRules};
use crate::transports::gms::{map, wire};

/// Most bytes of an answer that is no file.
const ANSWER: usize = 1 << 20;
/// Most bytes of a file.
const FILE: usize = 100 << 20;
/// Files take their time on a slow line, in both directions.
const TIME: Duration = Duration::from_secs(300);

/// What a call was for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Errand {
    Limits,
    Upload { local: LocalId, total: u64, sent: u64 },
    Download { url: String },
    Delete,
}

/// Kinds of requests that may be asked to slow down. All go to one address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Lane {
    Files,
}

impl Errand {
    const fn what(&self) -> &'static str {
        match self {
            Self::Limits => "limits",
            Self::Upload { .. } => "upload",
            Self::Download { .. } => "download",
            Self::Delete => "delete file",
        }
    }
}

impl Desk {
    fn call(&mut self, errand: Errand, body: Body, timeout: Duration, limit: usize) {
        let Some(url) = self.settings.files.clone() else { return };
        let mut headers = self.settings.headers.clone();
        headers.extend(self.client.cookies(url.path()));
        let (what, progress) = (errand.what(), matches!(errand, Errand::Upload { .. }));
        let id = self.files.open(errand);
        self.out.push_back(Action::Call(HttpCall {
            id,
            what,
            method: Method::Post,
            url,
            headers,
            body,
            timeout,
            limit,
            retry: false,
            progress,
        }));
    }

    /// Which files are taken as long as the service has not said: any that it does not refuse.
    pub(super) fn rules(&self) -> Option<FileRules> {
        let kinds = FileKinds::AllBut { endings: Vec::new() };
        self.settings.files.is_some().then_some(FileRules { kinds, largest: None, needs_agent: false })
    }

    fn files_open(&self, now: Now) -> Result<(), Failure> {
        match (self.gates.shut_for(now, &Lane::Files), &self.settings.files) {
            (_, None) => Err(Failure::Unsupported),
            (Some(wait), _) => Err(Failure::RateLimited { after: Some(wait) }),
            (None, Some(_)) => Ok(()),
        }
    }
}

impl Chat {
    /// Which files are taken, as far as it is known.
    pub(super) fn rules(&self) -> Option<&FileRules> {
        self.rules.as_ref()
    }

    /// Asks which files are taken.
    pub(super) fn ask_limits(&self, desk: &mut Desk, now: Now) {
        if desk.files_open(now).is_ok() && !desk.files.any(|errand| *errand == Errand::Limits) {
            let body = form(&[("operation", "fileGetLimits"), ("secureKey", self.keys.key.expose())]);
            desk.call(Errand::Limits, body, desk.settings.request_timeout, ANSWER);
        }
    }

    pub(super) fn upload(&self, desk: &mut Desk, now: Now, local: LocalId, file: Attachment) {
        if let Err(failure) = desk.files_open(now) {
            return desk.tell(Event::NotSent { local, failure, trace: Trace::None });
        }
        let total = u64::try_from(file.bytes.len()).unwrap_or(u64::MAX);
        let field = |name: &str, value: &str| Part::Field { name: name.to_owned(), value: value.to_owned() };
        let Attachment { name, mime, bytes } = file;
        let parts = vec![
            Part::File { name: "file".to_owned(), file: name, mime, bytes },
            field("operation", "fileUpload"),
            field("secureKey", self.keys.key.expose()),
        ];
        desk.call(Errand::Upload { local, total, sent: 0 }, Body::Multipart(parts), TIME, ANSWER);
    }

    pub(super) fn download(&self, desk: &mut Desk, now: Now, url: String) {
        if desk.files.any(|errand| matches!(errand, Errand::Download { url: known } if *known == url)) {
            return;
        }
        let file = map::file_named(&url);
        match (desk.files_open(now), file) {
            (Err(failure), _) => desk.tell(Event::Media { url, content: Err(failure) }),
            (Ok(()), None) => {
                let failure = Failure::Declined { status: 0, code: "FOREIGN_ADDRESS".to_owned() };
                desk.tell(Event::Media { url, content: Err(failure) });
            }
            (Ok(()), Some(file)) => {
                let key = self.keys.key.expose();
                let body = form(&[("operation", "fileDownload"), ("secureKey", key), ("fileId", &file)]);
                desk.call(Errand::Download { url }, body, TIME, FILE);
            }
        }
    }

    /// Gives an upload up. What has left as a whole may have arrived: it is taken back when the service has named it.
    pub(super) fn withdraw(&mut self, desk: &mut Desk, local: LocalId) {
        let ours = |errand: &Errand| matches!(errand, Errand::Upload { local: known, total, sent } if *known == local && sent < total);
        let calls = desk.files.close_all(ours);
        for call in &calls {
            desk.out.push_back(Action::Cancel(*call));
        }
        if !calls.is_empty() {
            let failure = Failure::Io(IoFault::Broken);
            desk.tell(Event::NotSent { local, failure, trace: Trace::None });
        } else if desk
            .files
            .any(|errand| matches!(errand, Errand::Upload { local: known, .. } if *known == local))
        {
            self.withdrawn.insert(local);
        }
    }

    /// Takes a file back that the service has.
    fn delete(&self, desk: &mut Desk, now: Now, file: &str) {
        if desk.files_open(now).is_ok() {
            let key = self.keys.key.expose();
            let body = form(&[("operation", "fileDelete"), ("secureKey", key), ("fileId", file)]);
            desk.call(Errand::Delete, body, desk.settings.request_timeout, ANSWER);
        }
    }

    /// A call for a file has ended.
    pub(super) fn file_ended(
        &mut self,
        desk: &mut Desk,
        now: Now,
        errand: Errand,
        result: &Result<HttpReply, IoFault>,
    ) {
        if let Ok(reply) = result
            && !(200..300).contains(&reply.status)
        {
            let unnamed = (reply.status == 429).then_some(Duration::from_secs(3));
            if let Some(wait) = reply.retry_after.or(unnamed) {
                desk.gates.shut(now, Lane::Files, wait);
            }
        }
        match errand {
            Errand::Download { url } => {
                let content = wire::judge_file(result);
                desk.tell(Event::Media { url, content });
            }
            // It stays where it is if this failed, and is shown.
            Errand::Delete => {}
            // Without limits what was known stands; the next occasion to ask comes.
            Errand::Limits => {
                let told = wire::judge(result).ok().and_then(|envelope| map::limits(envelope.messages()));
                if let Some(limits) = told
                    && limits.rules != self.rules
                {
                    self.rules = limits.rules;
                    desk.tell(Event::Capabilities);
                }
            }
            Errand::Upload { local, .. } => match wire::judge(result) {
                Ok(envelope) => {
                    desk.tell(Event::Sent { local });
                    if self.withdrawn.remove(&local)
                        && let Some(file) = envelope.user_data.text("file-id")
                    {
                        self.delete(desk, now, file);
                    }
                    self.ask_limits(desk, now);
                }
                Err(refusal) => {
                    self.withdrawn.remove(&local);
                    let trace = refusal.trace();
                    desk.tell(Event::NotSent { local, failure: refusal.failure, trace });
                }
            },
        }
    }

    /// So much of an upload has left.
    pub(super) fn upload_goes_on(desk: &mut Desk, errand: Errand, now_sent: u64) -> Errand {
        match errand {
            Errand::Upload { local, total, .. } => {
                let sent = now_sent.min(total);
                desk.tell(Event::Progress { local, sent, total });
                Errand::Upload { local, total, sent }
            }
            other => other,
        }
    }
}

fn form(fields: &[(&str, &str)]) -> Body {
    let mut out = Serializer::new(String::new());
    out.extend_pairs(fields);
    Body::Form(out.finish())
}
