//! What the service says, as it stands on the wire: frames of the socket, pages of the history, and the deployment's own
//! configuration.
//!
//! Everything is optional and may be of an unexpected kind; what is not known is dropped and the connection kept. See
//! `docs/protocols/web-messaging.md`, "Frames", "Errors" and "Configuration".

use std::time::Duration;

use serde_json::Value;

use super::map::{Markup, Style};
use crate::event::{Media, Trace};
use crate::io::{HttpReply, IoFault, SignInFault};
use crate::text;
use crate::token::Secret;
use crate::transport::{Failure, FileKinds, FileRules};

/// One frame.
#[derive(Debug)]
pub(super) struct Frame {
    /// Repeats that of the request that it answers.
    pub(super) tracing: Option<String>,
    pub(super) says: Says,
}

/// What a frame says.
#[derive(Debug)]
pub(super) enum Says {
    Session(Session),
    Message(Value),
    Jwt(Secret),
    /// A place for a file, or where one can be had.
    Place(Place),
    Stored {
        id: String,
    },
    NotStored {
        id: Option<String>,
        refusal: Refusal,
    },
    Expired,
    Cleared,
    /// The service is about to drop this connection.
    Dropped {
        signed_in: bool,
    },
    SignedOut,
    Refused(Refusal),
    /// A good answer without a body that matters, or something that is not known.
    Other,
}

/// The answer to a configuration of the session.
#[derive(Debug, Clone, Default)]
pub(super) struct Session {
    pub(super) connected: bool,
    pub(super) new: bool,
    pub(super) read_only: bool,
    /// Another chat of the person was ended for this one.
    pub(super) cleared_elsewhere: bool,
    pub(super) most_custom: Option<u64>,
    /// Which files are taken, as far as this says so.
    pub(super) files: Option<FileRules>,
    pub(super) lasts: Lasts,
}

/// How long a session lasts.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Lasts {
    /// From the last message on.
    pub(super) duration: Option<Duration>,
    /// Milliseconds since 1970.
    pub(super) until: Option<i64>,
}

/// Where a file goes, or is.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) id: String,
    pub(super) url: String,
    pub(super) headers: Vec<(String, String)>,
}

/// Why the service did not do something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) code: u64,
    after: Option<Duration>,
    /// The service says in words that it wants to know again who is there.
    again: bool,
}

impl Frame {
    /// Reads a frame; `None` if it is none.
    pub(super) fn read(text: &str) -> Option<Self> {
        let mut whole: Value = serde_json::from_str(text).ok()?;
        let class = text_of(&whole, "/class")?.to_owned();
        let code = whole.pointer("/code").and_then(number);
        let tracing = text_of(&whole, "/tracingId").map(str::to_owned);
        let body = whole.pointer_mut("/body").map(Value::take).unwrap_or_default();
        Some(Self { tracing, says: says(&class, code, body) })
    }
}

fn says(class: &str, code: Option<u64>, body: Value) -> Says {
    let id = || text_of(&body, "/attachmentId").map(str::to_owned);
    let bad = code.is_some_and(|code| code >= 300);
    match class {
        "UploadFailureEvent" | "GenerateUrlError" => {
            Says::NotStored { id: id(), refusal: Refusal::read(code, &body) }
        }
        "SessionExpiredEvent" => Says::Expired,
        "SessionClearedEvent" => Says::Cleared,
        "LogoutEvent" => Says::SignedOut,
        "ConnectionClosedEvent" => {
            let reason = text_of(&body, "/reason").or_else(|| text_of(&body, "/reasonCode"));
            Says::Dropped { signed_in: reason.is_some_and(|reason| reason.eq_ignore_ascii_case("signedIn")) }
        }
        "TooManyRequestsErrorMessage" | "Error" | "ErrorMessage" => Says::Refused(Refusal::read(code, &body)),
        _ if bad => Says::Refused(Refusal::read(code, &body)),
        "SessionResponse" => Says::Session(Session::read(&body)),
        "StructuredMessage" => Says::Message(body),
        "JwtResponse" => text_of(&body, "/jwt").map_or(Says::Other, |jwt| Says::Jwt(Secret::new(jwt))),
        "PresignedUrlResponse" => match (id(), text_of(&body, "/url")) {
            (Some(id), Some(url)) => {
                let headers = body.pointer("/headers").and_then(Value::as_object);
                let headers = headers.into_iter().flatten();
                let headers = headers
                    .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())))
                    .filter(|(name, value)| may_be_header(name, value))
                    .collect();
                Says::Place(Place { id, url: url.to_owned(), headers })
            }
            _ => Says::Other,
        },
        "UploadSuccessEvent" => id().map_or(Says::Other, |id| Says::Stored { id }),
        _ => Says::Other,
    }
}

/// Whether a header that the service wants to go along with a file may: what belongs to the connection is ours.
fn may_be_header(name: &str, value: &str) -> bool {
    const OURS: [&str; 8] = [
        "host",
        "content-length",
        "content-type",
        "connection",
        "transfer-encoding",
        "te",
        "upgrade",
        "expect",
    ];
    let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !name.is_empty()
        && name.bytes().all(token)
        && value.bytes().all(|byte| (b' '..=b'~').contains(&byte))
        && !OURS.contains(&name.to_ascii_lowercase().as_str())
}

impl Session {
    fn read(body: &Value) -> Self {
        let flag = |path: &str| body.pointer(path).and_then(Value::as_bool);
        let inbound = body.pointer("/allowedMedia/inbound");
        let blocked = body.pointer("/blockedExtensions");
        Self {
            connected: flag("/connected").unwrap_or(true),
            new: flag("/newSession").unwrap_or_default(),
            read_only: flag("/readOnly").unwrap_or_default(),
            cleared_elsewhere: flag("/clearedExistingSession").unwrap_or_default(),
            most_custom: body.pointer("/maxCustomDataBytes").and_then(number),
            files: inbound.and_then(|inbound| rules(inbound, blocked)),
            lasts: Lasts::read(body),
        }
    }
}

impl Lasts {
    /// From the body of an answer, or from the metadata of an echo, where numbers are texts.
    pub(super) fn read(from: &Value) -> Self {
        let at = |path: &str| from.pointer(path).and_then(number).filter(|seconds| *seconds > 0);
        let until = at("/expirationDate").and_then(|seconds| i64::try_from(seconds).ok());
        Self {
            duration: at("/durationSeconds").map(Duration::from_secs),
            until: until.map(|seconds| seconds.saturating_mul(1_000)),
        }
    }
}

impl Refusal {
    fn read(code: Option<u64>, body: &Value) -> Self {
        let after = body.pointer("/retryAfter").and_then(number).map(Duration::from_secs);
        let words = body.as_str().or_else(|| text_of(body, "/errorMessage")).unwrap_or_default();
        let words = words.trim().to_ascii_lowercase();
        let again = AGAIN.iter().any(|begins| words.starts_with(begins));
        let code = body.pointer("/errorCode").and_then(number).or(code).unwrap_or(400);
        Self { code, after, again }
    }

    /// Whether the pass of somebody who signed in is not taken any more.
    pub(super) fn is_about_the_pass(&self) -> bool {
        self.code == 401 || (self.code == 403 && self.again)
    }

    pub(super) fn failure(&self) -> Failure {
        match self.code {
            401 | 4017 => Failure::SignInAgain,
            409 | 4006 | 4007 => Failure::Gone,
            429 | 4029 => Failure::RateLimited { after: self.after },
            4000 => Failure::Unsupported,
            4001 | 4003 => Failure::FileType,
            4002 => Failure::FileSize,
            4004 | 4005 => Failure::FileName,
            4102 => Failure::FileEmpty,
            4011 => Failure::TooLong,
            408 => Failure::Service { status: 408 },
            5000 => Failure::Service { status: 500 },
            code @ 500..=599 => Failure::Service { status: u16::try_from(code).unwrap_or(500) },
            code => {
                let status = u16::try_from(code).ok().filter(|code| *code < 1_000).unwrap_or(400);
                Failure::Declined { status, code: code.to_string() }
            }
        }
    }

    /// What a message may have left with the service all the same.
    pub(super) fn trace(&self) -> Trace {
        match self.failure() {
            Failure::Service { status: 408 | 504 } => Trace::Lingering,
            Failure::Service { .. } => Trace::Transcript,
            _ => Trace::None,
        }
    }
}

/// How the service begins when it wants to know again who is there.
const AGAIN: [&str; 2] = ["session authentication failed", "try to authenticate again"];

/// What the service gives to somebody who signed in.
#[derive(Debug)]
pub(super) struct Given {
    pub(super) pass: Secret,
    /// Makes new passes.
    pub(super) refresh: Option<Secret>,
}

/// Judges the answer to an exchange or a renewal.
pub(super) fn judge_pass(result: &Result<HttpReply, IoFault>) -> Result<Given, Failure> {
    let refused =
        |reply: &HttpReply| matches!(reply.status, 400..=499 if ![407, 408, 429].contains(&reply.status));
    if result.as_ref().is_ok_and(refused) {
        return Err(Failure::SignIn(SignInFault::Declined));
    }
    let whole = json(result)?;
    let secret = |path: &str| text_of(&whole, path).filter(|text| !text.is_empty()).map(Secret::new);
    let pass = secret("/jwt").ok_or(Failure::Unreadable { why: "a pass for somebody who signed in" })?;
    Ok(Given { pass, refresh: secret("/refreshToken") })
}

/// The deployment's own configuration, as far as it matters here.
#[derive(Debug, Clone, Default)]
pub(super) struct Config {
    pub(super) active: bool,
    pub(super) typing: bool,
    pub(super) autostart: bool,
    pub(super) clear: bool,
    /// A guest may sign in while the chat runs.
    pub(super) upgrade: bool,
    pub(super) style: Style,
    /// Notifications must hold no words.
    pub(super) discreet: bool,
    pub(super) uploads: Uploads,
}

/// What the configuration says about files.
#[derive(Debug, Clone, Default)]
pub(super) enum Uploads {
    /// Whatever the session says.
    #[default]
    AsTheSession,
    Off,
    Modes(FileRules),
}

impl Config {
    fn read(whole: &Value) -> Self {
        let flag = |path: &str| whole.pointer(path).and_then(Value::as_bool);
        let conversations = |path: &str| flag(&format!("/messenger/apps/conversations{path}"));
        let status = text_of(whole, "/status");
        let shown = "/messenger/apps/conversations/notifications/notificationContentType";
        let quiet =
            text_of(whole, shown).is_some_and(|what| what.eq_ignore_ascii_case("ExcludeMessagesContent"));
        let uploads = match flag("/messenger/fileUpload/enableAttachments") {
            Some(true) => Uploads::AsTheSession,
            Some(false) => Uploads::Off,
            None => modes(whole).map_or(Uploads::Off, Uploads::Modes),
        };
        let markup =
            if conversations("/markdown/enabled").unwrap_or_default() { Markup::On } else { Markup::Off };
        let bot = text_of(whole, "/messenger/apps/conversations/humanize/bot/name")
            .filter(|_| conversations("/humanize/enabled").unwrap_or_default())
            .and_then(|name| text::name(name.to_owned()));
        Self {
            active: status.is_none_or(|status| status.eq_ignore_ascii_case("Active"))
                && flag("/messenger/enabled").unwrap_or(true)
                && conversations("/enabled").unwrap_or(true),
            typing: conversations("/showUserTypingIndicator").unwrap_or_default(),
            autostart: conversations("/autoStart/enabled").unwrap_or_default(),
            clear: conversations("/conversationClear/enabled").unwrap_or_default(),
            style: Style { markup, bot },
            upgrade: flag("/auth/enabled").unwrap_or_default()
                && flag("/auth/allowSessionUpgrade").unwrap_or_default(),
            discreet: conversations("/notifications/enabled").unwrap_or_default() && quiet,
            uploads,
        }
    }
}

/// Rules for files from the modes of a deployment: what any of them takes, up to the largest size of any. Which mode a file falls
/// under is the service's to judge.
fn modes(whole: &Value) -> Option<FileRules> {
    let modes = whole.pointer("/messenger/fileUpload/modes")?.as_array()?;
    modes.iter().filter_map(|mode| rules(mode, None)).reduce(|one, other| FileRules {
        kinds: either(one.kinds, other.kinds),
        largest: one.largest.max(other.largest),
        needs_agent: false,
    })
}

/// What either takes.
fn either(one: FileKinds, other: FileKinds) -> FileKinds {
    let endings = |kinds: FileKinds| match kinds {
        FileKinds::Pictures => endings_of(&["image/*"]),
        FileKinds::AllBut { endings } | FileKinds::Only { endings } => endings,
    };
    match (one, other) {
        (all @ FileKinds::AllBut { .. }, _) | (_, all @ FileKinds::AllBut { .. }) => all,
        (FileKinds::Pictures, FileKinds::Pictures) => FileKinds::Pictures,
        (one, other) => {
            let mut endings: Vec<String> = endings(one).into_iter().chain(endings(other)).collect();
            endings.sort_unstable();
            endings.dedup();
            FileKinds::Only { endings }
        }
    }
}

/// Rules for files from a list of media types and a size: `None` if no files are taken.
fn rules(from: &Value, blocked: Option<&Value>) -> Option<FileRules> {
    let types = from.pointer("/fileTypes")?.as_array()?;
    let types = types.iter().filter_map(|entry| entry.as_str().or_else(|| text_of(entry, "/type")));
    let types: Vec<String> = types.map(|kind| kind.trim().to_ascii_lowercase()).collect();
    let types: Vec<&str> = types.iter().map(String::as_str).collect();
    let kilobytes = from.pointer("/maxFileSizeKB").and_then(number).filter(|size| *size > 0)?;
    let is_known = |kind: &&str| ENDINGS.iter().any(|(mime, _)| fits(kind, mime));
    let kinds = if types.is_empty() {
        return None;
    } else if types.contains(&"image/*") && types.iter().all(|kind| kind.starts_with("image/")) {
        FileKinds::Pictures
    } else if types.contains(&"*/*") || !types.iter().all(is_known) {
        // Where a type has no ending that is known here, the service is the one to refuse.
        let blocked = blocked.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        let endings = blocked.map(|ending| ending.trim_start_matches('.').to_ascii_lowercase()).collect();
        FileKinds::AllBut { endings }
    } else {
        FileKinds::Only { endings: endings_of(&types) }
    };
    Some(FileRules { kinds, largest: Some(kilobytes.saturating_mul(1_024)), needs_agent: false })
}

/// The endings of files of these types.
fn endings_of(types: &[&str]) -> Vec<String> {
    let taken = |mime: &str| types.iter().any(|kind| fits(kind, mime));
    let endings = ENDINGS.iter().filter(|(mime, _)| taken(mime));
    let mut endings: Vec<String> = endings.map(|(_, ending)| (*ending).to_owned()).collect();
    endings.sort_unstable();
    endings.dedup();
    endings
}

/// Endings of the media types that deployments are known to name.
const ENDINGS: [(&str, &str); 43] = [
    ("image/jpeg", "jpg"),
    ("image/jpeg", "jpeg"),
    ("image/jpg", "jpg"),
    ("image/jpg", "jpeg"),
    ("image/pjpeg", "jpg"),
    ("image/pjpeg", "jpeg"),
    ("image/png", "png"),
    ("image/gif", "gif"),
    ("image/webp", "webp"),
    ("image/bmp", "bmp"),
    ("image/tiff", "tif"),
    ("image/tiff", "tiff"),
    ("image/heic", "heic"),
    ("image/heif", "heif"),
    ("image/svg+xml", "svg"),
    ("application/pdf", "pdf"),
    ("application/rtf", "rtf"),
    ("text/plain", "txt"),
    ("text/csv", "csv"),
    ("application/json", "json"),
    ("application/msword", "doc"),
    ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx"),
    ("application/vnd.ms-excel", "xls"),
    ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
    ("application/vnd.ms-powerpoint", "ppt"),
    ("application/vnd.openxmlformats-officedocument.presentationml.presentation", "pptx"),
    ("application/vnd.oasis.opendocument.text", "odt"),
    ("application/vnd.oasis.opendocument.spreadsheet", "ods"),
    ("application/vnd.oasis.opendocument.presentation", "odp"),
    ("application/zip", "zip"),
    ("video/mp4", "mp4"),
    ("video/mpeg", "mpeg"),
    ("video/mpeg", "mpg"),
    ("video/quicktime", "mov"),
    ("video/webm", "webm"),
    ("video/3gpp", "3gp"),
    ("audio/mpeg", "mp3"),
    ("audio/mp4", "m4a"),
    ("audio/wav", "wav"),
    ("audio/x-wav", "wav"),
    ("audio/ogg", "ogg"),
    ("audio/aac", "aac"),
    ("audio/amr", "amr"),
];

fn fits(pattern: &str, mime: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(family) => mime.starts_with(family),
        None => pattern == mime,
    }
}

/// Judges the answer to the call for the configuration.
pub(super) fn judge_config(result: &Result<HttpReply, IoFault>) -> Result<Config, Failure> {
    match json(result) {
        Ok(whole) if whole.is_object() => Ok(Config::read(&whole)),
        Ok(_) => Err(Failure::Unreadable { why: "the configuration of a deployment" }),
        // The store of configurations does not tell what is not there from what is not to be had.
        Err(Failure::Declined { status: 401 | 403 | 404 | 410, .. }) => Err(Failure::UnknownEndpoint),
        Err(failure) => Err(failure),
    }
}

/// Judges the answer to that call, made to find out whether there is such a deployment.
pub(super) fn judge_probe(result: &Result<HttpReply, IoFault>) -> Result<(), Failure> {
    let config = judge_config(result)?;
    let known = config_like(result);
    match (known, config.active) {
        (false, _) => Err(Failure::Unreadable { why: "the configuration of a deployment" }),
        (true, false) => Err(Failure::Closed),
        (true, true) => Ok(()),
    }
}

fn config_like(result: &Result<HttpReply, IoFault>) -> bool {
    json(result)
        .is_ok_and(|whole| ["/id", "/status", "/messenger"].iter().any(|path| whole.pointer(path).is_some()))
}

/// One page of the history.
#[derive(Debug)]
pub(super) struct Page {
    /// As they came.
    pub(super) messages: Vec<Value>,
    /// Whether nothing comes after it.
    pub(super) last: bool,
    /// Messages on all pages, if it is told.
    pub(super) total: Option<u64>,
}

/// Judges the answer to a call for a page of the history.
pub(super) fn judge_page(result: &Result<HttpReply, IoFault>, page: u64, size: u64) -> Result<Page, Failure> {
    let whole = json(result)?;
    let messages = whole.pointer("/entities").and_then(Value::as_array).cloned();
    let messages = messages.ok_or(Failure::Unreadable { why: "a page of messages" })?;
    let count = u64::try_from(messages.len()).unwrap_or(u64::MAX);
    let last = match (whole.pointer("/pageCount"), whole.pointer("/total")) {
        (Some(pages), _) if number(pages).is_some() => number(pages).is_some_and(|pages| page >= pages),
        (_, Some(total)) if number(total).is_some() => {
            number(total).is_some_and(|total| page.saturating_mul(size) >= total)
        }
        _ => count < size,
    };
    let total = whole.pointer("/total").and_then(number);
    Ok(Page { messages, last: last || count == 0, total })
}

/// Judges the answer to a call for a file.
pub(super) fn judge_file(result: &Result<HttpReply, IoFault>) -> Result<Media, Failure> {
    let reply = result.as_ref().map_err(|fault| Failure::Io(*fault))?;
    if !(200..300).contains(&reply.status) {
        return Err(by_status(reply));
    }
    let mime = reply.content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match reply.body.is_empty() {
        true => Err(Failure::Unreadable { why: "a file" }),
        false => Ok(Media { mime, bytes: reply.body.clone() }),
    }
}

/// Judges the answer to putting a file in its place. It proves nothing: the socket tells whether the file is there.
pub(super) fn judge_put(result: &Result<HttpReply, IoFault>) -> Result<(), Failure> {
    let reply = result.as_ref().map_err(|fault| Failure::Io(*fault))?;
    if (200..300).contains(&reply.status) { Ok(()) } else { Err(by_status(reply)) }
}

fn json(result: &Result<HttpReply, IoFault>) -> Result<Value, Failure> {
    let reply = result.as_ref().map_err(|fault| Failure::Io(*fault))?;
    let page = reply.body.trim_ascii_start().starts_with(b"<") || reply.content_type.contains("html");
    match reply.status {
        300..=399 | 407 | 511 => Err(Failure::NotTheService { status: reply.status }),
        200..=299 if page => Err(Failure::NotTheService { status: reply.status }),
        200..=299 => serde_json::from_slice(&reply.body).map_err(|_| Failure::Unreadable { why: "JSON" }),
        _ => Err(by_status(reply)),
    }
}

fn by_status(reply: &HttpReply) -> Failure {
    match reply.status {
        429 => Failure::RateLimited { after: reply.retry_after },
        300..=399 | 407 | 511 => Failure::NotTheService { status: reply.status },
        status @ (408 | 425 | 500..) => Failure::Service { status },
        status => Failure::Declined { status, code: String::new() },
    }
}

/// The text at a path, if there is one and it is not empty.
pub(super) fn text_of<'a>(from: &'a Value, path: &str) -> Option<&'a str> {
    from.pointer(path).and_then(Value::as_str).filter(|text| !text.is_empty())
}

/// A whole number, also as a text.
pub(super) fn number(from: &Value) -> Option<u64> {
    from.as_u64().or_else(|| from.as_str()?.trim().parse().ok())
}

#[cfg(test)]
mod tests;
