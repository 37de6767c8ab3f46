//! The one message that is on its way: words, an answer to an offer, or a file, which has to be put in its place first.
//!
//! The service confirms a message by repeating it with the name of the request. Until then nothing else is sent, for an error
//! may come without saying what it is about.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::chat::{Chat, Errand};
use super::desk::{Desk, Lane};
use super::form;
use super::wire::{self, Place, Refusal};
use crate::event::{Attachment, Event, LocalId, Trace};
use crate::io::{CallId, Deadline, HttpReply, IoFault, Moment, Now, SocketId};
use crate::kit::pairs::Pairs;
use crate::token::ResumeToken;
use crate::transport::{Action, Failure, FileKinds};

/// Most bytes of a text.
pub(super) const LONGEST: usize = 4_096;
/// How long the service may take to say that a file has arrived, after it was put.
const ARRIVAL: Duration = Duration::from_secs(60);
/// Code for a file that was taken back.
const WITHDRAWN: &str = "WITHDRAWN";

#[derive(Debug)]
pub(super) struct Parcel {
    local: LocalId,
    stage: Stage,
}

#[derive(Debug)]
enum Stage {
    /// To be said as soon as the service takes one more.
    Due(What),
    /// Said, and not confirmed so far.
    Said { what: What, data: BTreeMap<String, String>, name: String, until: Moment },
    /// A place for this file is to be asked for.
    Wanted(Attachment),
    /// A place was asked for.
    Asked { id: String, file: Attachment, name: String, until: Moment },
    /// The file is being put in its place.
    Putting { id: String, total: u64, call: Option<CallId>, stored: bool, until: Moment },
}

/// What is sent.
#[derive(Debug, Clone)]
pub(super) enum What {
    Text(String),
    Answer { text: String, payloads: Vec<String> },
    File { id: String },
}

/// What goes back with an answer, as `map.rs` wrote it.
#[derive(Deserialize)]
struct Payload {
    #[serde(rename = "type")]
    kind: String,
    text: String,
    payload: String,
    parent: String,
}

impl Parcel {
    pub(super) fn is_named(&self, name: Option<&str>) -> bool {
        match &self.stage {
            Stage::Said { name: asked, .. } | Stage::Asked { name: asked, .. } => {
                name == Some(asked.as_str())
            }
            _ => false,
        }
    }

    /// Whether an answer of the service is waited for.
    pub(super) fn is_out(&self) -> bool {
        matches!(self.stage, Stage::Said { .. } | Stage::Asked { .. })
    }

    /// A message that should have been confirmed by now.
    pub(super) fn is_overdue(&self, now: Now) -> bool {
        matches!(self.stage, Stage::Said { until, .. } if until <= now.at)
    }
}

impl What {
    fn message(&self) -> Map<String, Value> {
        let message = match self {
            Self::Text(text) => json!({ "type": "Text", "text": text }),
            Self::File { id } => {
                json!({ "content": [{ "contentType": "Attachment", "attachment": { "id": id } }] })
            }
            Self::Answer { text, payloads } => answer(text, payloads),
        };
        match message {
            Value::Object(message) => message,
            _ => Map::new(),
        }
    }
}

fn answer(text: &str, payloads: &[String]) -> Value {
    if let Some(message) = form::answer(text, payloads) {
        return message;
    }
    let read: Vec<Payload> =
        payloads.iter().filter_map(|payload| serde_json::from_str(payload).ok()).collect();
    let Some(first) = read.first() else { return json!({ "type": "Text", "text": text }) };
    let parent = first.parent.clone();
    let picked = matches!(first.kind.as_str(), "DatePicker" | "ListPicker");
    let response = |payload: &Payload| {
        let mut response = json!({ "type": payload.kind, "text": payload.text, "payload": payload.payload });
        if let Some(response) = response.as_object_mut().filter(|_| !payload.parent.is_empty()) {
            response.insert("originatingMessageId".to_owned(), json!(payload.parent));
        }
        json!({ "contentType": "ButtonResponse", "buttonResponse": response })
    };
    let content: Vec<Value> = read.iter().map(response).collect();
    let mut message = json!({ "type": "Structured", "text": text, "content": content });
    if let Some(message) = message.as_object_mut().filter(|_| picked && !parent.is_empty()) {
        message.insert("metadata".to_owned(), json!({ "parentMessageId": parent }));
    }
    message
}

impl Chat {
    /// A message is wanted to be sent.
    pub(super) fn send(&mut self, desk: &mut Desk, now: Now, local: LocalId, what: What) {
        let too_long = match &what {
            What::Text(text) | What::Answer { text, .. } => text.len() > LONGEST,
            What::File { .. } => false,
        };
        let refusal = if too_long { Some(Failure::TooLong) } else { self.cannot_send(desk, now) };
        match refusal {
            Some(failure) => desk.tell(Event::NotSent { local, failure, trace: Trace::None }),
            None => self.parcel = Some(Box::new(Parcel { local, stage: Stage::Due(what) })),
        }
    }

    /// A file is wanted to be sent.
    pub(super) fn attach(&mut self, desk: &mut Desk, now: Now, local: LocalId, file: Attachment) {
        match self.cannot_send(desk, now).or_else(|| not_taken(desk, &file)) {
            Some(failure) => desk.tell(Event::NotSent { local, failure, trace: Trace::None }),
            None => self.parcel = Some(Box::new(Parcel { local, stage: Stage::Wanted(file) })),
        }
    }

    fn cannot_send(&self, desk: &Desk, now: Now) -> Option<Failure> {
        if self.ready().is_none() || self.ending.is_some() {
            return Some(Failure::Io(IoFault::Unreachable));
        }
        if self.parcel.is_some() {
            return Some(Failure::RateLimited { after: None });
        }
        desk.open(now, &Lane::Messages).err()
    }

    /// Gives an upload up, unless the file was handed over already.
    pub(super) fn withdraw(&mut self, desk: &mut Desk, now: Now, local: LocalId) {
        let is_file = |stage: &Stage| {
            matches!(
                stage,
                Stage::Wanted(_)
                    | Stage::Asked { .. }
                    | Stage::Putting { .. }
                    | Stage::Due(What::File { .. })
            )
        };
        let Some(parcel) = self.parcel.take_if(|parcel| parcel.local == local && is_file(&parcel.stage))
        else {
            return;
        };
        self.forget_file(desk, now, parcel.stage);
        let failure = Failure::Declined { status: 0, code: WITHDRAWN.to_owned() };
        desk.tell(Event::NotSent { local, failure, trace: Trace::None });
    }

    /// The service need not keep a file that is not sent.
    fn forget_file(&mut self, desk: &mut Desk, now: Now, stage: Stage) {
        let id = match stage {
            Stage::Asked { id, .. } | Stage::Due(What::File { id }) => id,
            Stage::Putting { id, call, .. } => {
                if let Some(call) = call
                    && desk.calls.close(call).is_some()
                {
                    desk.out.push_back(Action::Cancel(call));
                }
                id
            }
            Stage::Wanted(_) | Stage::Due(_) | Stage::Said { .. } => return,
        };
        if let Some(socket) = self.ready() {
            let what = json!({ "action": "deleteAttachment", "attachmentId": id });
            let name = desk.say(now, socket, &self.token, what);
            self.errand(name, Errand::Other);
        }
    }

    /// Gives a file up that did not get on in time. Others may wait for that.
    pub(super) fn give_overdue_file_up(&mut self, desk: &mut Desk, now: Now) {
        let overdue = self.parcel.as_ref().is_some_and(|parcel| match &parcel.stage {
            Stage::Asked { until, .. } | Stage::Putting { until, .. } => *until <= now.at,
            _ => false,
        });
        if overdue {
            self.give_file_up(desk, now, Failure::Io(IoFault::Timeout));
        }
    }

    /// Does what is due for the message.
    pub(super) fn send_on(&mut self, desk: &mut Desk, now: Now, socket: SocketId) {
        if now.at < self.sending_opens(desk) {
            return;
        }
        let Some(parcel) = &mut self.parcel else { return };
        let local = parcel.local;
        let stage = match &parcel.stage {
            Stage::Due(what) => {
                let what = what.clone();
                said(desk, now, socket, &self.token, what)
            }
            Stage::Wanted(file) => {
                let file = file.clone();
                let id = desk.uuid();
                let mime = mime_of(&file);
                let ask = json!({ "action": "onAttachment", "attachmentId": id, "fileName": file.name,
                    "fileType": mime, "fileSize": file.bytes.len(), "errorsAsJson": true });
                let name = desk.say(now, socket, &self.token, ask);
                let until = now.at.after(desk.settings.confirm_timeout);
                Stage::Asked { id, file, name, until }
            }
            _ => return,
        };
        self.parcel = Some(Box::new(Parcel { local, stage }));
    }

    /// When the next message may be said, as far as the service's limits and its own words go.
    fn sending_opens(&self, desk: &Desk) -> Moment {
        match self.parcel.as_ref().map(|parcel| &parcel.stage) {
            Some(Stage::Due(_)) => desk
                .messages
                .opens()
                .max(desk.requests.opens(Moment(0)))
                .max(desk.gates.opens(&Lane::Messages))
                .max(desk.upgraded_by()),
            Some(Stage::Wanted(_)) => {
                desk.requests.opens(Moment(0)).max(desk.gates.opens(&Lane::Messages)).max(desk.upgraded_by())
            }
            _ => Moment(0),
        }
    }

    pub(super) fn parcel_deadline(&self, desk: &Desk) -> Option<Deadline> {
        Some(match &self.parcel.as_ref()?.stage {
            Stage::Due(_) | Stage::Wanted(_) => Deadline { at: self.sending_opens(desk), why: "message" },
            Stage::Said { until, .. } => Deadline { at: *until, why: "patience with a message" },
            Stage::Asked { until, .. } | Stage::Putting { until, .. } => {
                Deadline { at: *until, why: "patience with a file" }
            }
        })
    }

    /// A copy of a message came: perhaps of the one that is out.
    pub(super) fn confirm(&mut self, desk: &mut Desk, now: Now, name: &str) {
        let ours = |parcel: &mut Box<Parcel>| matches!(&parcel.stage, Stage::Said { name: said, .. } if said == name);
        let Some(parcel) = self.parcel.take_if(ours) else { return };
        if let Stage::Said { data, .. } = parcel.stage {
            desk.messages.take(now);
            desk.user_data.retain(|key, value| data.get(key).map(String::as_str) != Some(value));
        }
        desk.tell(Event::Sent { local: parcel.local });
    }

    /// The service did not take the message, or whatever has to come before it.
    pub(super) fn parcel_refused(&mut self, desk: &mut Desk, now: Now, refusal: &Refusal) {
        let failure = refusal.failure();
        let Some(parcel) = self.parcel.take() else {
            desk.heed(now, Lane::Messages, &failure);
            return;
        };
        match parcel.stage {
            // The data about the person was too much: the words are worth more.
            Stage::Said { what, data, .. } if refusal.code == 4_013 && !data.is_empty() => {
                desk.user_data = Pairs::default();
                self.parcel = Some(Box::new(Parcel { local: parcel.local, stage: Stage::Due(what) }));
            }
            Stage::Said { .. } => {
                desk.messages.take(now);
                desk.heed(now, Lane::Messages, &failure);
                desk.tell(Event::NotSent { local: parcel.local, failure, trace: refusal.trace() });
            }
            Stage::Asked { .. } => {
                desk.heed(now, Lane::Messages, &failure);
                desk.tell(Event::NotSent { local: parcel.local, failure, trace: Trace::None });
            }
            stage => self.parcel = Some(Box::new(Parcel { local: parcel.local, stage })),
        }
    }

    /// The connection is no more. A message that was said may have arrived.
    pub(super) fn drop_parcel(&mut self, desk: &mut Desk, now: Now, failure: &Failure) {
        let Some(parcel) = self.parcel.take() else { return };
        let said = matches!(parcel.stage, Stage::Said { .. });
        if said {
            desk.messages.take(now);
        }
        let trace = match failure {
            // Whoever waited has given up; what was said may still be under way.
            Failure::Io(IoFault::Timeout) if said => Trace::Lingering,
            _ if said => Trace::Transcript,
            _ => Trace::None,
        };
        if let Stage::Putting { call: Some(call), .. } = parcel.stage
            && desk.calls.close(call).is_some()
        {
            desk.out.push_back(Action::Cancel(call));
        }
        let failure = match failure {
            Failure::Io(fault) => Failure::Io(*fault),
            _ => Failure::Io(IoFault::Broken),
        };
        desk.tell(Event::NotSent { local: parcel.local, failure, trace });
    }

    /// A place for a file was told.
    pub(super) fn place_found(&mut self, desk: &mut Desk, now: Now, place: Place) {
        let asked =
            |parcel: &mut Box<Parcel>| matches!(&parcel.stage, Stage::Asked { id, .. } if *id == place.id);
        let Some(parcel) = self.parcel.take_if(asked) else { return };
        let Stage::Asked { id, file, .. } = parcel.stage else { return };
        let Some(url) = desk.settings.place_for_files(&place.url) else {
            let failure = Failure::Io(IoFault::Tls);
            desk.tell(Event::NotSent { local: parcel.local, failure, trace: Trace::None });
            return;
        };
        let total = u64::try_from(file.bytes.len()).unwrap_or(u64::MAX);
        let mime = mime_of(&file);
        let call = Some(desk.put(url, place.headers, mime, file.bytes));
        let until = now.at.after(desk.settings.upload_timeout).after(ARRIVAL);
        let stage = Stage::Putting { id, total, call, stored: false, until };
        self.parcel = Some(Box::new(Parcel { local: parcel.local, stage }));
    }

    /// So much of a file has left.
    pub(super) fn progress(&self, desk: &mut Desk, call: CallId, sent: u64) {
        if let Some(Parcel { local, stage: Stage::Putting { call: Some(out), total, .. } }) =
            self.parcel.as_deref()
            && *out == call
        {
            desk.tell(Event::Progress { local: *local, sent: sent.min(*total), total: *total });
        }
    }

    /// A file was put in its place, or not. A good answer proves nothing: the socket tells.
    pub(super) fn put(&mut self, desk: &mut Desk, now: Now, result: &Result<HttpReply, IoFault>) {
        desk.heed_reply(now, Lane::Files, result);
        let Some(Parcel { stage, .. }) = self.parcel.as_deref_mut() else { return };
        let Stage::Putting { id, call, stored, until, .. } = stage else { return };
        *call = None;
        if *stored {
            *stage = Stage::Due(What::File { id: std::mem::take(id) });
            return;
        }
        match wire::judge_put(result) {
            Ok(()) => *until = now.at.after(ARRIVAL),
            Err(failure) => self.give_file_up(desk, now, failure),
        }
    }

    /// The service has the file.
    pub(super) fn stored(&mut self, which: &str) {
        let Some(Parcel { stage, .. }) = self.parcel.as_deref_mut() else { return };
        match stage {
            Stage::Putting { id, call: None, .. } if id == which => {
                *stage = Stage::Due(What::File { id: std::mem::take(id) });
            }
            Stage::Putting { id, stored, .. } if id == which => *stored = true,
            _ => {}
        }
    }

    /// The service does not take the file.
    pub(super) fn not_stored(&mut self, desk: &mut Desk, now: Now, which: Option<&str>, refusal: &Refusal) {
        let ours = match self.parcel.as_ref().map(|parcel| &parcel.stage) {
            Some(Stage::Asked { id, .. } | Stage::Putting { id, .. }) => {
                which.is_none_or(|which| which == id)
            }
            _ => false,
        };
        if ours {
            let failure = refusal.failure();
            desk.heed(now, Lane::Messages, &failure);
            self.give_file_up(desk, now, failure);
        }
    }

    fn give_file_up(&mut self, desk: &mut Desk, now: Now, failure: Failure) {
        let Some(parcel) = self.parcel.take() else { return };
        let local = parcel.local;
        self.forget_file(desk, now, parcel.stage);
        desk.tell(Event::NotSent { local, failure, trace: Trace::None });
    }
}

fn said(desk: &mut Desk, now: Now, socket: SocketId, token: &ResumeToken, what: What) -> Stage {
    let mut message = what.message();
    let data = desk.data_that_fits();
    if !data.is_empty() {
        message.insert("channel".to_owned(), json!({ "metadata": { "customAttributes": data } }));
    }
    let name = desk.say(now, socket, token, json!({ "action": "onMessage", "message": message }));
    Stage::Said { what, data, name, until: now.at.after(desk.settings.confirm_timeout) }
}

fn mime_of(file: &Attachment) -> String {
    let good = file.mime.contains('/') && file.mime.bytes().all(|byte| (b'!'..=b'~').contains(&byte));
    if good { file.mime.clone() } else { "application/octet-stream".to_owned() }
}

/// Why a file need not even be offered to the service.
fn not_taken(desk: &Desk, file: &Attachment) -> Option<Failure> {
    let Some(rules) = desk.files() else { return Some(Failure::Unsupported) };
    let size = u64::try_from(file.bytes.len()).unwrap_or(u64::MAX);
    if size == 0 {
        return Some(Failure::FileEmpty);
    }
    if rules.largest.is_some_and(|largest| size > largest) {
        return Some(Failure::FileSize);
    }
    let ending = file.name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    let named = |endings: &[String]| ending.as_ref().is_some_and(|ending| endings.contains(ending));
    let taken = match &rules.kinds {
        FileKinds::Pictures => file.mime.starts_with("image/"),
        FileKinds::AllBut { endings } => !named(endings),
        FileKinds::Only { endings } => named(endings),
    };
    (!taken).then_some(Failure::FileType)
}
