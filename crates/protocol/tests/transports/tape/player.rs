//! Plays the lines of a tape: feeds a machine what stands there, and holds what it wants against what was to come.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use envoi_protocol::event::Event;
use envoi_protocol::io::{
    CallId, Frame, HttpReply, IoFault, Moment, Now, SocketEvent, SocketFault, SocketId,
};
use envoi_protocol::link::Link;
use envoi_protocol::token::Secret;
use envoi_protocol::transport::{Action, Settings, Transport};
use envoi_protocol::transports::Service;
use serde_json::{Value, json};

use super::words;
use crate::show;

/// Members of a call that are compared whole.
const WHOLE: [&str; 4] = ["query", "form", "json", "headers"];

pub(super) struct Player {
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
    pub(super) fn new(service: &Service, head: &str) -> Result<Self, String> {
        let head: Value = serde_json::from_str(head).map_err(|error| error.to_string())?;
        if head["tape"].as_str().is_none_or(str::is_empty) {
            return Err("the first line says in \"tape\" what is shown".to_owned());
        }
        super::check_facts(&head)?;
        let mut settings = Settings::new();
        for field in (service.fields)() {
            settings.insert(field.name, json!(field.example.expect("every setting has an example")));
        }
        settings.extend(head["settings"].as_object().cloned().unwrap_or_default());
        let machine = (service.build)(&settings, head["asynchronous"].as_bool().unwrap_or(true), &7.into())
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

    pub(super) fn line(&mut self, text: &str) -> Result<(), String> {
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
            "ask" => self.machine.request(self.now, words::request(what)?),
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
                self.machine.signed_in(self.now, call, words::signed_in(what)?);
            }
            "kept" => self.machine.kept(self.now),
            "progress" => {
                let name = what["to"].as_str().ok_or("\"to\" names a call")?;
                let call = *self.calls.get(name).ok_or(format!("no call \"{name}\" was made"))?;
                self.machine.progress(self.now, call, what["sent"].as_u64().ok_or("\"sent\" in bytes")?);
            }
            "wait" => self.wait(what)?,
            "cursor" => self.expect_cursor(what)?,
            "capabilities" => self.expect_capabilities(what)?,
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

    fn expect_capabilities(&self, expected: &Value) -> Result<(), String> {
        let found = show::capabilities(&self.machine.capabilities());
        if show::matches(expected, &found) {
            Ok(())
        } else {
            Err(format!("expected to be able to {expected}\n  but it is {found}"))
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
            SocketEvent::Failed(SocketFault::Io(words::io_fault(fault)?))
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
            return Ok((call, Err(words::io_fault(fault)?)));
        }
        let good = json!({ "code": "SUCCESS" });
        let body = if let Some(data) = what.get("data") {
            words::envelope(&good, data)
        } else if let Some(code) = what.get("code") {
            words::envelope(&json!({ "code": code, "message": "for people" }), &Value::Null)
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

    pub(super) fn nothing_left(&self) -> Result<(), String> {
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
