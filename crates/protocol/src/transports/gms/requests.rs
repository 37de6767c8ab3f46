//! The requests: see `docs/protocols/gms-chat-v2.md`, "Requests". All are POST.

use std::collections::BTreeMap;
use std::time::Duration;

use url::Url;

use super::desk::{Desk, Errand, Purpose, Write};
use super::opening;
use super::pass::Pass;
use super::settings::Settings;
use crate::event::{Attachment, EntryForm, LocalId};
use crate::io::{Body, CallId, HttpCall, Method, Part};
use crate::kit::fields::Fields;
use crate::transport::Action;

/// Most bytes of an answer: one may hold a whole transcript.
const ANSWER: usize = 8 << 20;
/// Most bytes of a file.
const FILE: usize = 64 << 20;

impl Desk {
    /// Asks for a new chat.
    pub(super) fn start(&mut self, form: &EntryForm, asked: &BTreeMap<String, String>) {
        let mut fields = Fields::default();
        if let Some(subject) = &self.settings.subject {
            fields.set(&["subject"], subject.as_str());
        }
        for (name, value) in opening::fields(form) {
            fields.set(&[name], value);
        }
        let language = self.settings.language.as_deref();
        for (key, value) in opening::attached(form, asked, language, self.asynchronous) {
            fields.set(&["userData", &key], value);
        }
        if let Some(endpoint) = &self.settings.endpoint {
            fields.set(&["endpoint"], endpoint.as_str());
        }
        let call = Draft {
            what: "start",
            url: self.settings.start(),
            body: Body::Form(fields.form()),
            ..Draft::default_of(&self.settings)
        };
        self.send(Purpose::Start, 0, call);
    }

    /// Reads the transcript from a position on.
    pub(super) fn read(&mut self, pass: (&Pass, u32), position: u64, retry: bool) -> CallId {
        let mut fields = signed(pass.0);
        fields.set(&["transcriptPosition"], position.to_string());
        let call = Draft { retry, ..self.draft("refresh", pass.0, &["refresh"], &fields) };
        self.send(Purpose::Read, pass.1, call)
    }

    /// Sends a text. What was said meanwhile comes with the answer.
    pub(super) fn text(&mut self, pass: (&Pass, u32), position: u64, local: LocalId, text: &str) {
        let mut fields = signed(pass.0);
        fields.set(&["message"], text);
        fields.set(&["messageType"], "text");
        fields.set(&["transcriptPosition"], position.to_string());
        let call = self.draft("send", pass.0, &["send"], &fields);
        self.send(Purpose::Write(Write::Text(local)), pass.1, call);
    }

    /// Sends an address to open.
    pub(super) fn address(&mut self, pass: (&Pass, u32), local: LocalId, address: &str) {
        let mut fields = signed(pass.0);
        fields.set(&["pushUrl"], address);
        let call = self.draft("push url", pass.0, &["pushUrl"], &fields);
        self.send(Purpose::Write(Write::Address(local)), pass.1, call);
    }

    /// Tells that the person types, or has stopped.
    pub(super) fn typing(&mut self, pass: (&Pass, u32), on: bool, preview: Option<&str>) {
        let mut fields = signed(pass.0);
        if let Some(preview) = preview {
            fields.set(&["message"], preview);
        }
        let step = if on { "startTyping" } else { "stopTyping" };
        let call = self.draft("typing", pass.0, &[step], &fields);
        self.send(Purpose::Write(Write::Typing), pass.1, call);
    }

    /// Gives the service more data.
    pub(super) fn user_data(&mut self, pass: (&Pass, u32), data: BTreeMap<String, String>) {
        let mut fields = signed(pass.0);
        for (key, value) in &data {
            fields.set(&["userData", key], value.as_str());
        }
        let call = self.draft("user data", pass.0, &["updateData"], &fields);
        self.send(Purpose::Write(Write::UserData(data)), pass.1, call);
    }

    /// Calls the person otherwise.
    pub(super) fn nickname(&mut self, pass: (&Pass, u32), name: &str) {
        let mut fields = signed(pass.0);
        fields.set(&["nickname"], name);
        let call = self.draft("nickname", pass.0, &["updateNickname"], &fields);
        self.send(Purpose::Write(Write::Nickname), pass.1, call);
    }

    /// Tells the other side's programs something.
    pub(super) fn notice(&mut self, pass: (&Pass, u32), text: &str) {
        let mut fields = signed(pass.0);
        fields.set(&["message"], text);
        let call = self.draft("notice", pass.0, &["customNotice"], &fields);
        self.send(Purpose::Write(Write::Notice), pass.1, call);
    }

    /// Tells that the person is still there.
    pub(super) fn stay_on(&mut self, pass: (&Pass, u32)) {
        let mut fields = signed(pass.0);
        fields.set(&["eventAttributes"], r#"{"purpose":"cancel-idle-timer"}"#);
        let call = self.draft("stay on", pass.0, &["customNotice"], &fields);
        self.send(Purpose::Write(Write::StayOn), pass.1, call);
    }

    /// Tells that everything up to a position was read.
    pub(super) fn receipt(&mut self, pass: (&Pass, u32), position: u64) {
        let mut fields = signed(pass.0);
        fields.set(&["transcriptPosition"], position.to_string());
        let call = self.draft("receipt", pass.0, &["readReceipt"], &fields);
        self.send(Purpose::Write(Write::Receipt), pass.1, call);
    }

    /// Asks which files are taken.
    pub(super) fn limits(&mut self, pass: (&Pass, u32)) {
        let call = self.draft("file limits", pass.0, &["file", "limits"], &signed(pass.0));
        self.send(Purpose::Limits, pass.1, call);
    }

    /// Sends a file.
    pub(super) fn upload(&mut self, pass: (&Pass, u32), local: LocalId, file: Attachment) {
        let size = u64::try_from(file.bytes.len()).unwrap_or(u64::MAX);
        let field = |name: &str, value: &str| Part::Field { name: name.to_owned(), value: value.to_owned() };
        let parts = vec![
            Part::File { name: "file".to_owned(), file: file.name, mime: file.mime, bytes: file.bytes },
            field("alias", &pass.0.alias),
            field("userId", &pass.0.user),
            field("secureKey", pass.0.key.expose()),
        ];
        let call = Draft {
            body: Body::Multipart(parts),
            timeout: self.settings.file_timeout,
            progress: true,
            ..self.draft("upload", pass.0, &["file"], &Fields::default())
        };
        self.send(Purpose::Write(Write::File { local, size }), pass.1, call);
    }

    /// Takes a file back.
    pub(super) fn delete(&mut self, pass: (&Pass, u32), file: &str) {
        let call = self.draft("delete file", pass.0, &["file", file, "delete"], &signed(pass.0));
        self.send(Purpose::Write(Write::Delete), pass.1, call);
    }

    /// Loads a file.
    pub(super) fn media(&mut self, pass: (&Pass, u32), url: String, file: &str) {
        let call = Draft {
            timeout: self.settings.file_timeout,
            limit: FILE,
            ..self.draft("download", pass.0, &["file", file, "download"], &signed(pass.0))
        };
        self.send(Purpose::Media { url }, pass.1, call);
    }

    /// Takes the person out of the chat.
    pub(super) fn leave(&mut self, pass: &Pass) {
        let call = self.draft("leave", pass, &["disconnect"], &signed(pass));
        self.send(Purpose::Leave, 0, call);
    }

    fn draft(&self, what: &'static str, pass: &Pass, steps: &[&str], fields: &Fields) -> Draft {
        let steps: Vec<&str> = std::iter::once(pass.chat.as_str()).chain(steps.iter().copied()).collect();
        let url = self.settings.operation(&steps);
        Draft { what, url, body: Body::Form(fields.form()), ..Draft::default_of(&self.settings) }
    }

    fn send(&mut self, purpose: Purpose, pass: u32, draft: Draft) -> CallId {
        let id = self.calls.open(Errand { purpose, pass });
        let call = draft.call(id, &self.settings);
        self.out.push_back(Action::Call(call));
        id
    }
}

/// The fields by which the service knows the person.
fn signed(pass: &Pass) -> Fields {
    let mut fields = Fields::default();
    pass.sign(&mut fields);
    fields
}

/// A call that reads a chat that cannot exist: the answer tells whether this is the service, and whether it takes the key.
pub(super) fn probe(settings: &Settings) -> HttpCall {
    let mut fields = Fields::default();
    fields.set(&["secureKey"], "0000000000000000");
    fields.set(&["transcriptPosition"], "0");
    let url = settings.operation(&["0000000000000000", "refresh"]);
    let body = Body::Form(fields.form());
    Draft { what: "probe", url, body, ..Draft::default_of(settings) }.call(CallId(0), settings)
}

/// A call that has no name yet, and no headers.
struct Draft {
    what: &'static str,
    url: Url,
    body: Body,
    timeout: Duration,
    limit: usize,
    retry: bool,
    progress: bool,
}

impl Draft {
    fn default_of(settings: &Settings) -> Self {
        Self {
            what: "",
            url: settings.base.clone(),
            body: Body::Empty,
            timeout: settings.request_timeout,
            limit: ANSWER,
            retry: false,
            progress: false,
        }
    }

    fn call(self, id: CallId, settings: &Settings) -> HttpCall {
        HttpCall {
            id,
            what: self.what,
            method: Method::Post,
            url: self.url,
            headers: settings.headers.clone(),
            body: self.body,
            timeout: self.timeout,
            limit: self.limit,
            retry: self.retry,
            progress: self.progress,
        }
    }
}
