//! Tapes: small recorded conversations with a service, each for a few known facts, replayed against its transport.
//!
//! A tape is a file `src/transports/NAME/tapes/*.jsonl`, one JSON object per line. The first line says what it shows:
//!
//! ```text
//! {"tape": "...", "page": "digital-channels-v3.md", "facts": ["R4"], "settings": {...}, "asynchronous": true}
//! ```
//!
//! `facts` are numbers in `docs/protocols/PAGE`; a fact that is not there or is marked unknown makes the tape fail. `settings`
//! are added to the examples of the connect form. Every further line has one of these members, and perhaps a `note`:
//!
//! - `ask`: a request, for instance `{"send": {"local": 1, "text": "hi"}}`, `{"resume": "<token S1 P1>"}` or `"older"`
//! - `call`: the next thing the machine wants must be such a call. `query`, `form`, `json` and `headers` are compared whole, the
//!   rest as far as it is named; `*` stands for anything. `as` names the call for its reply, otherwise it is named by `what`.
//! - `cancel`: the next thing must be to abandon the call of that name
//! - `event`: the next thing must be such an event, as far as it is named
//! - `reply`: `{"to": NAME}` with `status` (200), and one of `data` (in a good envelope), `code` (in an envelope of an error),
//!   `json`, `text` or `base64`; or with `fault`. `retry_after_s`, `type`, `cookies`, and `after_ms`: how long it took.
//! - `open`: the next thing the machine wants must be such a socket; as `call` with `query` and `headers`
//! - `say`: `{"on": NAME, "json": {...}}`, or `text`: the next thing must be said on that socket; `json` is compared as far as it
//!   is named, `whole` in place of it as a whole. `keep`: `{NAME: "/pointer"}` keeps a text of what was said; `"<kept NAME>"`
//!   stands for it in later lines
//! - `sign_in`: the next thing the machine wants must be that the person signs in, as far as it is named; named by `as`, or `sign_in`
//! - `signed_in`: `{"to": NAME}` with `code`, `verifier` and `redirect_uri`, or with `fault`: `declined`, `timed_out`, `given_up`
//! - `shut`: the next thing must be to close the socket of that name, or to cut it
//! - `socket`: `{"to": NAME}` with `open`, `json`, `text`, `closed` (a code or null), `fault`, or `refused` (a status)
//! - `progress`: `{"to": NAME, "sent": bytes}`
//! - `wait`: `{"from_ms", "to_ms"}`: the deadline must lie there, and be the moment that was told for the next try if the link is
//!   down, or earlier if `hurried`; time goes on to it. `"never"`: there must be none.
//! - `idle_ms`: time goes on, and nothing must happen
//!
//! Whenever something is fed in, and at the end, everything that the machine wanted must have been named.

use std::collections::{BTreeMap, VecDeque};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use envoi_protocol::event::{Attachment, EntryForm, EntryKey, Event, LocalId};
use envoi_protocol::io::{
    CallId, Frame, HttpReply, IoFault, Moment, Now, SignInFault, SignedIn, SocketEvent, SocketFault, SocketId,
};
use envoi_protocol::kit::backoff::Urgency;
use envoi_protocol::link::Link;
use envoi_protocol::token::{ResumeToken, Secret};
use envoi_protocol::transport::{Action, Request, Settings, Transport};
use envoi_protocol::transports::{ALL, COMING, Service};
use serde_json::{Value, json};

use crate::show;

/// Members of a call that are compared whole.
const WHOLE: [&str; 4] = ["query", "form", "json", "headers"];

#[test]
fn every_tape_plays() {
    let mut failures = Vec::new();
    for service in ALL.iter().chain(COMING) {
        let tapes = tapes(service);
        assert!(!tapes.is_empty(), "{} has no tapes: its facts are untried", service.id);
        for tape in tapes {
            let text = fs::read_to_string(&tape).unwrap();
            if let Err((line, problem)) = play(service, &text) {
                failures.push(format!("{}:{line}: {problem}", tape.display()));
            }
        }
    }
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

#[test]
fn a_tape_that_is_wrong_fails() {
    let service = &ALL[0];
    let good = fs::read_to_string(tapes(service).remove(0)).unwrap();
    let (head, rest) = good.split_once('\n').unwrap();
    for wrong in [
        head.to_owned(),
        format!("{head}\n{{\"event\": {{\"event\": \"reconciled\"}}}}\n{rest}"),
        good.replace("\"facts\": [", "\"facts\": [\"Z99\", "),
        good.replace("\"facts\": [", "\"facts\": [\"R11\", "),
        good.lines().filter(|line| !line.contains("\"call\"")).collect::<Vec<_>>().join("\n"),
    ] {
        assert!(play(service, &wrong).is_err(), "this must not pass:\n{wrong}");
    }
}

fn tapes(service: &Service) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/transports").join(service.id).join("tapes");
    let entries =
        fs::read_dir(&folder).unwrap_or_else(|error| panic!("{} cannot be read: {error}", folder.display()));
    let mut tapes: Vec<PathBuf> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "jsonl"))
        .collect();
    tapes.sort();
    tapes
}

/// Plays a tape; the error names the line.
fn play(service: &Service, text: &str) -> Result<(), (usize, String)> {
    let mut lines = text.lines().enumerate().map(|(line, text)| (line + 1, text));
    let (_, head) = lines.next().ok_or((1, "the tape is empty".to_owned()))?;
    let mut player = Player::new(service, head).map_err(|problem| (1, problem))?;
    let mut last = 1;
    for (line, text) in lines.filter(|(_, text)| !text.trim().is_empty()) {
        last = line;
        player.line(text).map_err(|problem| (line, problem))?;
    }
    if last == 1 {
        return Err((1, "the tape has no lines".to_owned()));
    }
    player.nothing_left().map_err(|problem| (last, problem))
}

struct Player {
    machine: Box<dyn Transport>,
    now: Now,
    wanted: VecDeque<Action>,
    calls: BTreeMap<String, CallId>,
    sockets: BTreeMap<String, SocketId>,
    /// Texts of what was said, for later lines.
    kept: BTreeMap<String, String>,
    /// When the next try is due, as it was told last.
    promised: Option<Moment>,
    /// Where a later run would read on, as it was told last.
    cursor: String,
}

impl Player {
    fn new(service: &Service, head: &str) -> Result<Self, String> {
        let head: Value = serde_json::from_str(head).map_err(|error| error.to_string())?;
        if head["tape"].as_str().is_none_or(str::is_empty) {
            return Err("the first line says in \"tape\" what is shown".to_owned());
        }
        check_facts(&head)?;
        let mut settings = Settings::new();
        for field in (service.fields)() {
            settings.insert(field.name, json!(field.example.expect("every setting has an example")));
        }
        settings.extend(head["settings"].as_object().cloned().unwrap_or_default());
        let machine = (service.build)(&settings, head["asynchronous"].as_bool().unwrap_or(true), 7)
            .map_err(|errors| format!("{errors:?}"))?;
        let now = Now { at: Moment(1_000_000), wall: 1_767_607_200_000 };
        Ok(Self {
            machine,
            now,
            wanted: VecDeque::new(),
            calls: BTreeMap::new(),
            sockets: BTreeMap::new(),
            kept: BTreeMap::new(),
            promised: None,
            cursor: String::new(),
        })
    }

    fn line(&mut self, text: &str) -> Result<(), String> {
        let line: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let line = self.with_kept(&show::with_tokens(&line));
        let members = line.as_object().ok_or("a line is an object")?;
        let mut verbs = members.iter().filter(|(name, _)| *name != "note");
        let (verb, what) = verbs.next().ok_or("a line says what happens")?;
        match verb.as_str() {
            "call" => return self.expect_call(what),
            "cancel" => return self.expect_cancel(what),
            "event" => return self.expect_event(what),
            "open" => return self.expect_open(what),
            "sign_in" => return self.expect_sign_in(what),
            "say" => return self.expect_say(what),
            "shut" => return self.expect_shut(what),
            _ => self.nothing_left()?,
        }
        match verb.as_str() {
            "ask" => self.machine.request(self.now, request(what)?),
            "reply" => {
                let (call, result) = self.reply(what)?;
                self.machine.reply(self.now, call, result);
            }
            "socket" => {
                let (socket, event) = self.socket(what)?;
                self.machine.socket(self.now, socket, event);
            }
            "signed_in" => {
                let name = what["to"].as_str().ok_or("\"to\" names a sign-in")?;
                let call = *self.calls.get(name).ok_or(format!("no sign-in \"{name}\" was asked for"))?;
                self.machine.signed_in(self.now, call, signed_in(what)?);
            }
            "progress" => {
                let name = what["to"].as_str().ok_or("\"to\" names a call")?;
                let call = *self.calls.get(name).ok_or(format!("no call \"{name}\" was made"))?;
                self.machine.progress(self.now, call, what["sent"].as_u64().ok_or("\"sent\" in bytes")?);
            }
            "wait" => self.wait(what)?,
            "cursor" => self.expect_cursor(what)?,
            "idle_ms" => self.pass(what.as_u64().ok_or("a number of milliseconds")?),
            other => return Err(format!("\"{other}\" is no such line")),
        }
        while let Some(action) = self.machine.poll() {
            match action {
                // Told after most answers; a tape that is about it names the last one.
                Action::Event(Event::Cursor(cursor)) => self.cursor = cursor,
                action => self.wanted.push_back(action),
            }
        }
        if verb == "idle_ms" { self.nothing_left() } else { Ok(()) }
    }

    /// Replaces `<kept NAME>` by what was kept under that name.
    fn with_kept(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => {
                let name = text.strip_prefix("<kept ").and_then(|rest| rest.strip_suffix('>'));
                match name.and_then(|name| self.kept.get(name)) {
                    Some(kept) => json!(kept),
                    None => value.clone(),
                }
            }
            Value::Array(list) => list.iter().map(|value| self.with_kept(value)).collect(),
            Value::Object(map) => {
                Value::Object(map.iter().map(|(name, value)| (name.clone(), self.with_kept(value))).collect())
            }
            other => other.clone(),
        }
    }

    fn expect_cursor(&self, expected: &Value) -> Result<(), String> {
        let told: Value = serde_json::from_str(&self.cursor).unwrap_or_default();
        if told == *expected {
            Ok(())
        } else {
            Err(format!("expected the cursor {expected}\n  but there was {told}"))
        }
    }

    fn expect_call(&mut self, expected: &Value) -> Result<(), String> {
        match self.wanted.pop_front() {
            Some(Action::Call(call)) => {
                let found = show::call(&call);
                let mut named = expected.clone();
                if let Some(named) = named.as_object_mut() {
                    named.remove("as");
                }
                for part in WHOLE.into_iter().filter(|part| expected[*part].is_object()) {
                    same_names(part, &expected[part], &found[part])?;
                }
                if !show::matches(&named, &found) {
                    return Err(format!("expected the call {named}\n  but there was {found}"));
                }
                let name = expected["as"].as_str().unwrap_or(call.what);
                self.calls.insert(name.to_owned(), call.id);
                Ok(())
            }
            other => Err(format!("expected the call {expected}\n  but there was {}", shown(other.as_ref()))),
        }
    }

    fn expect_cancel(&mut self, expected: &Value) -> Result<(), String> {
        let name = expected.as_str().ok_or("the name of a call")?;
        match self.wanted.pop_front() {
            Some(Action::Cancel(id)) if self.calls.get(name) == Some(&id) => Ok(()),
            other => {
                Err(format!("expected \"{name}\" to be abandoned\n  but there was {}", shown(other.as_ref())))
            }
        }
    }

    fn expect_open(&mut self, expected: &Value) -> Result<(), String> {
        match self.wanted.pop_front() {
            Some(Action::Open(call)) => {
                let found = show::socket(&call);
                let mut named = expected.clone();
                if let Some(named) = named.as_object_mut() {
                    named.remove("as");
                }
                for part in WHOLE.into_iter().filter(|part| expected[*part].is_object()) {
                    same_names(part, &expected[part], &found[part])?;
                }
                if !show::matches(&named, &found) {
                    return Err(format!("expected the socket {named}\n  but there was {found}"));
                }
                let name = expected["as"].as_str().unwrap_or(call.what);
                self.sockets.insert(name.to_owned(), call.id);
                Ok(())
            }
            other => {
                Err(format!("expected the socket {expected}\n  but there was {}", shown(other.as_ref())))
            }
        }
    }

    fn expect_sign_in(&mut self, expected: &Value) -> Result<(), String> {
        match self.wanted.pop_front() {
            Some(Action::SignIn(call)) => {
                let found = show::sign_in(&call);
                let mut named = expected.clone();
                if let Some(named) = named.as_object_mut() {
                    named.remove("as");
                }
                if !show::matches(&named, &found) {
                    return Err(format!("expected the sign-in {named}\n  but there was {found}"));
                }
                self.calls.insert(expected["as"].as_str().unwrap_or("sign_in").to_owned(), call.id);
                Ok(())
            }
            other => {
                Err(format!("expected the sign-in {expected}\n  but there was {}", shown(other.as_ref())))
            }
        }
    }

    fn expect_say(&mut self, expected: &Value) -> Result<(), String> {
        let name = expected["on"].as_str().ok_or("\"on\" names a socket")?;
        let socket = self.sockets.get(name).copied();
        match self.wanted.pop_front() {
            Some(Action::Say(id, said)) if Some(id) == socket => {
                let found = show::frame(&said);
                if let Some(whole) = expected.get("whole") {
                    same_names("whole", whole, &found)?;
                }
                let wanted = ["json", "whole", "text"].iter().find_map(|kind| expected.get(kind));
                let wanted = wanted.ok_or("what is said")?;
                if !show::matches(wanted, &found) {
                    return Err(format!("expected {wanted} to be said\n  but there was {found}"));
                }
                for (name, pointer) in expected["keep"].as_object().into_iter().flatten() {
                    let kept = pointer.as_str().and_then(|pointer| found.pointer(pointer)?.as_str());
                    self.kept.insert(name.clone(), kept.ok_or("\"keep\" points to a text")?.to_owned());
                }
                Ok(())
            }
            other => {
                Err(format!("expected {expected} to be said\n  but there was {}", shown(other.as_ref())))
            }
        }
    }

    fn expect_shut(&mut self, expected: &Value) -> Result<(), String> {
        let name = expected.as_str().ok_or("the name of a socket")?;
        match self.wanted.pop_front() {
            Some(Action::Shut(id) | Action::Cut(id)) if self.sockets.get(name) == Some(&id) => Ok(()),
            other => Err(format!(
                "expected the socket \"{name}\" to be shut\n  but there was {}",
                shown(other.as_ref())
            )),
        }
    }

    fn socket(&mut self, what: &Value) -> Result<(SocketId, SocketEvent), String> {
        let name = what["to"].as_str().ok_or("\"to\" names a socket")?;
        let socket = *self.sockets.get(name).ok_or(format!("no socket \"{name}\" was opened"))?;
        self.now = later(self.now, what["after_ms"].as_u64().unwrap_or(0));
        let event = if what["open"] == true {
            SocketEvent::Open
        } else if let Some(json) = what.get("json") {
            SocketEvent::Text(Frame(json.to_string()))
        } else if let Some(text) = what["text"].as_str() {
            SocketEvent::Text(Frame(text.to_owned()))
        } else if let Some(fault) = what["fault"].as_str() {
            SocketEvent::Failed(SocketFault::Io(io_fault(fault)?))
        } else if let Some(status) = what["refused"].as_u64() {
            SocketEvent::Failed(SocketFault::Refused {
                status: u16::try_from(status).map_err(|error| error.to_string())?,
                retry_after: what["retry_after_s"].as_u64().map(Duration::from_secs),
            })
        } else if let Some(code) = what.get("closed") {
            SocketEvent::Closed(code.as_u64().and_then(|code| u16::try_from(code).ok()))
        } else {
            return Err("a socket opens, says, closes or fails".to_owned());
        };
        Ok((socket, event))
    }

    fn expect_event(&mut self, expected: &Value) -> Result<(), String> {
        match self.wanted.pop_front() {
            Some(Action::Event(event)) if show::matches(expected, &show::event(&event)) => {
                match event {
                    Event::Link(Link::Down { retry_at, .. }) => self.promised = Some(retry_at),
                    Event::Link(_) => self.promised = None,
                    _ => {}
                }
                Ok(())
            }
            other => Err(format!("expected the event {expected}\n  but there was {}", shown(other.as_ref()))),
        }
    }

    fn reply(&mut self, what: &Value) -> Result<(CallId, Result<HttpReply, IoFault>), String> {
        let name = what["to"].as_str().ok_or("\"to\" names a call")?;
        let call = *self.calls.get(name).ok_or(format!("no call \"{name}\" was made"))?;
        let after = what["after_ms"].as_u64().unwrap_or(0);
        self.now = later(self.now, after);
        if let Some(fault) = what["fault"].as_str() {
            return Ok((call, Err(io_fault(fault)?)));
        }
        let good = json!({ "code": "SUCCESS" });
        let body = if let Some(data) = what.get("data") {
            envelope(&good, data)
        } else if let Some(code) = what.get("code") {
            envelope(&json!({ "code": code, "message": "for people" }), &Value::Null)
        } else if let Some(json) = what.get("json") {
            json.to_string().into_bytes()
        } else if let Some(text) = what["base64"].as_str() {
            BASE64_STANDARD.decode(text).map_err(|error| error.to_string())?
        } else {
            what["text"].as_str().unwrap_or_default().as_bytes().to_vec()
        };
        let cookies = what["cookies"].as_array().cloned().unwrap_or_default();
        let reply = HttpReply {
            status: u16::try_from(what["status"].as_u64().unwrap_or(200))
                .map_err(|error| error.to_string())?,
            content_type: what["type"].as_str().unwrap_or("application/json").to_owned(),
            retry_after: what["retry_after_s"].as_u64().map(Duration::from_secs),
            cookies: cookies.iter().filter_map(|cookie| cookie.as_str().map(Secret::new)).collect(),
            body,
        };
        Ok((call, Ok(reply)))
    }

    fn wait(&mut self, what: &Value) -> Result<(), String> {
        let deadline = self.machine.deadline();
        if what == "never" {
            return match deadline {
                None => Ok(()),
                Some(deadline) => Err(format!("expected no deadline, but there is {deadline:?}")),
            };
        }
        let deadline = deadline.ok_or("there is no deadline to wait for")?;
        let hurried = what["hurried"] == true;
        let kept = |promised: Moment| if hurried { deadline.at < promised } else { deadline.at == promised };
        if let Some(promised) = self.promised.filter(|promised| !kept(*promised)) {
            return Err(format!("the next try was promised for {promised:?}, but it is due at {deadline:?}"));
        }
        let wait = u64::try_from(deadline.at.since(self.now.at).as_millis()).unwrap();
        let from = what["from_ms"].as_u64().ok_or("\"from_ms\"")?;
        let to = what["to_ms"].as_u64().ok_or("\"to_ms\"")?;
        if wait < from || wait > to {
            return Err(format!(
                "expected to wait {from} to {to} ms, but it is {wait} ms ({})",
                deadline.why
            ));
        }
        self.pass(wait);
        Ok(())
    }

    fn pass(&mut self, wait: u64) {
        self.now = later(self.now, wait);
        self.machine.tick(self.now);
    }

    fn nothing_left(&self) -> Result<(), String> {
        match self.wanted.front() {
            None => Ok(()),
            action => Err(format!("nothing more was expected, but there is {}", shown(action))),
        }
    }
}

fn same_names(part: &str, expected: &Value, found: &Value) -> Result<(), String> {
    let names = |value: &Value| -> Vec<String> {
        value.as_object().map(|map| map.keys().cloned().collect()).unwrap_or_default()
    };
    let (expected, found) = (names(expected), names(found));
    if expected == found {
        Ok(())
    } else {
        Err(format!("{part}: expected {expected:?}, but there is {found:?}"))
    }
}

fn shown(action: Option<&Action>) -> String {
    match action {
        None => "nothing".to_owned(),
        Some(Action::Call(call)) => format!("the call {}", show::call(call)),
        Some(Action::Cancel(id)) => format!("{id:?} to be abandoned"),
        Some(Action::SignIn(call)) => format!("the sign-in {}", show::sign_in(call)),
        Some(Action::Open(call)) => format!("the socket {}", show::socket(call)),
        Some(Action::Say(socket, frame)) => format!("{} said on {socket:?}", show::frame(frame)),
        Some(Action::Shut(socket)) => format!("{socket:?} to be shut"),
        Some(Action::Cut(socket)) => format!("{socket:?} to be cut"),
        Some(Action::Event(event)) => format!("the event {}", show::event(event)),
    }
}

fn later(now: Now, ms: u64) -> Now {
    Now { at: now.at.after(Duration::from_millis(ms)), wall: now.wall + i64::try_from(ms).unwrap() }
}

fn envelope(status: &Value, data: &Value) -> Vec<u8> {
    let mut whole = json!({ "status": status, "operationId": "echo", "referenceId": "5b1e0000" });
    if !data.is_null() {
        whole["data"] = data.clone();
    }
    whole.to_string().into_bytes()
}

fn io_fault(name: &str) -> Result<IoFault, String> {
    Ok(match name {
        "unreachable" => IoFault::Unreachable,
        "broken" => IoFault::Broken,
        "timeout" => IoFault::Timeout,
        "tls" => IoFault::Tls,
        "too_large" => IoFault::TooLarge,
        "bad_request" => IoFault::BadRequest,
        other => return Err(format!("\"{other}\" is no fault")),
    })
}

fn request(what: &Value) -> Result<Request, String> {
    let strings = |value: &Value| -> BTreeMap<String, String> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let map = value.as_object().cloned().unwrap_or_default();
        map.iter().map(|(name, value)| (name.clone(), text(value))).collect()
    };
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (name, with) = match what {
        Value::String(name) => (name.as_str(), &Value::Null),
        Value::Object(map) => {
            map.iter().next().map(|(name, with)| (name.as_str(), with)).ok_or("which request?")?
        }
        _ => return Err("a request is a word, or an object with one member".to_owned()),
    };
    let local = LocalId(with["local"].as_u64().unwrap_or_default());
    Ok(match name {
        "start" => Request::Start(EntryForm {
            fields: strings(&with["fields"]),
            user_data: strings(&with["user_data"]),
        }),
        "resume" => Request::Resume { token: ResumeToken { secret: Secret::new(text(with)) }, cursor: None },
        "resume_from" => Request::Resume {
            token: ResumeToken { secret: Secret::new(text(&with["token"])) },
            cursor: Some(text(&with["cursor"])),
        },
        "send" => Request::Send { local, text: text(&with["text"]) },
        "attach" => Request::Attach {
            local,
            attachment: Attachment {
                name: text(&with["name"]),
                mime: text(&with["mime"]),
                bytes: BASE64_STANDARD.decode(text(&with["base64"])).map_err(|error| error.to_string())?,
            },
        },
        "answer" => Request::Answer {
            local,
            text: text(&with["text"]),
            payloads: with["payloads"].as_array().cloned().unwrap_or_default().iter().map(text).collect(),
        },
        "withdraw" => Request::Withdraw { local },
        "read" => Request::Read {
            up_to: EntryKey {
                major: with["major"].as_u64().unwrap_or_default(),
                minor: with["minor"].as_u64().unwrap_or_default(),
            },
        },
        "nickname" => Request::Nickname(text(with)),
        "notice" => Request::Notice(text(with)),
        "stay_on" => Request::StayOn,
        "banner_closed" => Request::BannerClosed,
        "reconcile" => Request::Reconcile,
        "typing" => Request::Typing {
            on: with["on"].as_bool().unwrap_or_default(),
            preview: with["preview"].as_str().map(str::to_owned),
        },
        "older" => Request::Older,
        "user_data" => Request::UserData(strings(with)),
        "media" => Request::Media { url: text(with) },
        "urgency" => Request::Urgency(match with.as_str() {
            Some("watched") => Urgency::Watched,
            Some("background") => Urgency::Background,
            _ => return Err("urgency is \"watched\" or \"background\"".to_owned()),
        }),
        "try_now" => Request::TryNow,
        "wake" => Request::Wake,
        "leave" => Request::Leave,
        other => return Err(format!("\"{other}\" is no request")),
    })
}

fn signed_in(what: &Value) -> Result<Result<SignedIn, SignInFault>, String> {
    let text = |name: &str| what[name].as_str().unwrap_or_default().to_owned();
    Ok(match what["fault"].as_str() {
        None => Ok(SignedIn {
            code: Secret::new(text("code")),
            verifier: Secret::new(text("verifier")),
            redirect_uri: text("redirect_uri"),
        }),
        Some("declined") => Err(SignInFault::Declined),
        Some("timed_out") => Err(SignInFault::TimedOut),
        Some("given_up") => Err(SignInFault::GivenUp),
        Some(other) => return Err(format!("\"{other}\" is no fault of a sign-in")),
    })
}

/// A tape shows what the facts page knows.
fn check_facts(head: &Value) -> Result<(), String> {
    let page = head["page"].as_str().ok_or("\"page\" names a file in docs/protocols")?;
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/protocols").join(page);
    let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let facts = head["facts"].as_array().filter(|facts| !facts.is_empty());
    for fact in facts.ok_or("\"facts\" names what is shown")? {
        let fact = fact.as_str().ok_or("a fact is named by its number")?;
        let row = text.lines().find(|line| line.starts_with(&format!("| {fact} |")));
        let row = row.ok_or(format!("{page} has no fact {fact}"))?;
        if row.trim_end_matches('|').rsplit('|').next().is_some_and(|mark| mark.trim() == "unknown") {
            return Err(format!("{page} marks {fact} as unknown: no tape may show it"));
        }
    }
    Ok(())
}
