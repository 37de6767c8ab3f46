//! Who the person is, as far as it can be told from outside, and what must hold of it where people sign in:
//!
//! - the page opens once for each time that the person asks for something
//! - what is told to the service never contradicts what is kept: no guest's word for somebody's session, no pass for a guest's. Only
//!   where the doubt is kept, and not merely told, either may be tried
//! - one chat has one token, and no pass and no key is used after a newer one
//! - a doubt ends as soon as the service says what it knows: as somebody, as a guest, or by asking the person

use std::time::Duration;

use envoi_protocol::event::Event;
use envoi_protocol::fault::FaultCode;
use envoi_protocol::io::{
    Body, CallId, Frame, HttpCall, HttpReply, SignInCall, SignInFault, SignedIn, SocketEvent, SocketId,
};
use envoi_protocol::link::Link;
use envoi_protocol::token::{ResumeToken, Secret};
use envoi_protocol::transport::{Request, Settings};
use serde_json::{Value, json};

use super::story::Source;
use super::{MARK, Stage};

/// Steps in which a doubt has to end.
const SOON: usize = 200;

/// Whose a session is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whose {
    Guest,
    Somebody,
    Doubt,
}

#[derive(Debug, Default)]
pub(super) struct Identity {
    page: bool,
    required: bool,
    /// The person has asked for something since the page was opened last.
    asked: bool,
    /// The sign-in that is waited for.
    pub(super) out: Option<CallId>,
    /// There is a chat, or there will be.
    begun: bool,
    whose: Option<Whose>,
    token: Option<String>,
    /// The token that was told last, and the one that outlives the program.
    told: Option<ResumeToken>,
    pub(super) kept: Option<ResumeToken>,
    passes: Vec<String>,
    keys: Vec<String>,
    /// The person was asked to sign in.
    needed: bool,
}

impl Identity {
    pub(super) fn new(settings: &Settings) -> Self {
        let optional = settings.get("sign_in_optional").and_then(Value::as_bool).unwrap_or_default();
        let page = settings.contains_key("sign_in_url");
        Self { page, required: page && !optional, ..Self::default() }
    }

    /// The program begins anew with what outlived it.
    pub(super) fn reborn(&self) -> Self {
        Self { page: self.page, required: self.required, kept: self.kept.clone(), ..Self::default() }
    }

    pub(super) fn requested(&mut self, request: &Request) {
        match request {
            Request::Start(_) if !self.begun => {
                self.begun = true;
                self.asked = true;
                self.whose = Some(if self.required { Whose::Somebody } else { Whose::Guest });
                (self.token, self.kept, self.told) = (None, None, None);
            }
            Request::Resume { token, .. } if !self.begun => {
                self.begun = true;
                let (bare, whose, key) = apart(token);
                (self.whose, self.token) = (Some(whose), Some(bare));
                self.keys.extend(key);
                self.kept = Some(token.clone());
                self.told = None;
            }
            // It may be taken in place of the first one, or not.
            Request::Resume { token, .. } => {
                self.asked = true;
                (self.whose, self.token) = (None, None);
                self.keys.extend(apart(token).2);
            }
            Request::TryNow | Request::SignIn => self.asked = true,
            _ => {}
        }
    }

    pub(super) fn signs_in(&mut self, call: &SignInCall) {
        assert!(self.page, "{call:?} although no sign-in page is configured");
        assert!(std::mem::take(&mut self.asked), "the page opens only when the person has asked");
        assert!(self.out.is_none(), "one sign-in at a time");
        assert!(!format!("{call:?}").contains(MARK), "no secret stands in a print of a sign-in");
        self.out = Some(call.id);
    }

    pub(super) fn called(&mut self, call: &HttpCall) {
        let request: Value = match &call.body {
            Body::Json(text) => serde_json::from_str(text).unwrap_or_default(),
            _ => Value::Null,
        };
        if let Some(key) = request["refreshToken"].as_str() {
            newest(&mut self.keys, key);
        }
    }

    /// The service has answered about passes.
    pub(super) fn answered(&mut self, reply: &HttpReply) {
        let given: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
        self.passes.extend(given["jwt"].as_str().map(str::to_owned));
        self.keys.extend(given["refreshToken"].as_str().map(str::to_owned));
    }

    pub(super) fn said(&mut self, frame: &Value) {
        let token = frame["token"].as_str().unwrap_or_default();
        let ours = self.token.get_or_insert_with(|| token.to_owned());
        assert_eq!(ours, token, "one chat has one token");
        match frame["action"].as_str() {
            Some("configureSession") => {
                assert_ne!(self.whose, Some(Whose::Somebody), "a guest's word for somebody's session");
            }
            Some("configureAuthenticatedSession") => {
                assert_ne!(self.whose, Some(Whose::Guest), "a pass, and only a guest's session is kept");
                newest(&mut self.passes, frame["data"]["code"].as_str().unwrap_or_default());
            }
            _ => {}
        }
    }

    pub(super) fn event(&mut self, event: &Event) {
        match event {
            Event::Joined { token, .. } | Event::Token(token) => {
                let (bare, whose, _) = apart(token);
                if let Some(ours) = &self.token {
                    assert_eq!(*ours, bare, "the token in use is the one that is kept");
                }
                self.token = Some(bare);
                // What the service has said is so at once; a doubt is there only when it is kept.
                if whose != Whose::Doubt {
                    self.whose = Some(whose);
                }
                self.told = Some(token.clone());
            }
            Event::NotJoined(_) => {
                self.begun = false;
                self.out = None;
            }
            Event::Trouble(fault) => self.needed |= fault.code == FaultCode::SignInNeeded,
            _ => {}
        }
    }

    /// The password store has the token that was told last.
    fn keeps(&mut self) {
        if let Some(told) = self.told.take() {
            self.whose = Some(apart(&told).1);
            self.kept = Some(told);
        }
    }
}

impl Stage<'_> {
    /// What was told last is kept.
    pub(super) fn keeps(&mut self) {
        self.identity.keeps();
        self.machine.kept(self.now);
    }

    /// The person signs in, or does not.
    pub(super) fn answers_page(&mut self, source: &mut Source<'_>, call: CallId) {
        self.identity.out = None;
        let faults = [SignInFault::Declined, SignInFault::TimedOut, SignInFault::GivenUp, SignInFault::Deaf];
        let result = match source.below(8) {
            0..=4 => Ok(SignedIn {
                code: Secret::new(format!("{MARK}.code")),
                verifier: Secret::new(format!("{MARK}.verifier")),
                redirect_uri: "http://127.0.0.1:8765/".to_owned(),
            }),
            _ => Err(source.one_of(&faults)),
        };
        self.machine.signed_in(self.now, call, result);
    }

    /// The program has ended, and begins with what was kept.
    pub(super) fn restart(&mut self) {
        let Some(token) = self.identity.kept.clone().filter(|_| !self.over) else { return };
        *self = self.reborn();
        let request = Request::Resume { token, cursor: self.cursor.clone() };
        self.identity.requested(&request);
        self.machine.request(self.now, request);
    }

    /// Should it be kept that nobody knows whose the session is, the service says so from here on, and the doubt has to end.
    pub(super) fn doubt_ends(&mut self, somebody: bool, good: bool) {
        let mut theirs = somebody;
        self.identity.needed = false;
        for _ in 0..SOON {
            self.keeps();
            self.drain();
            if self.identity.whose != Some(Whose::Doubt) || self.over || !self.identity.begun {
                return;
            }
            if self.identity.needed && self.link == Some(Link::Idle) {
                return;
            }
            self.answers_honestly(&mut theirs, good);
            self.drain();
        }
        panic!(
            "a doubt does not end though the service answers: somebody's {somebody}, passes are good {good}"
        );
    }

    /// One answer of a service that knows whose the session is.
    fn answers_honestly(&mut self, theirs: &mut bool, good: bool) {
        if let Some(call) = self.identity.out.take() {
            self.machine.signed_in(self.now, call, Err(SignInFault::GivenUp));
        } else if let Some((id, call)) = self.out.pop_first() {
            let (status, body) = match call.what {
                "sign-in" if good => (200, json!({ "jwt": format!("{MARK}.calm.{}", id.0) })),
                "sign-in" => (401, json!({})),
                "history" => (200, json!({ "entities": [], "pageSize": 25, "pageNumber": 1, "total": 0 })),
                _ => (404, json!({})),
            };
            let content_type = "application/json".to_owned();
            let body = body.to_string().into_bytes();
            let reply = HttpReply { status, content_type, retry_after: None, cookies: Vec::new(), body };
            if call.what == "sign-in" {
                self.identity.answered(&reply);
            }
            self.machine.reply(self.now, id, Ok(reply));
        } else if let Some((id, said)) = self.unheard() {
            let event = match said {
                None => SocketEvent::Open,
                Some(said) => SocketEvent::Text(Frame(honest(&said, theirs, good).to_string())),
            };
            self.machine.socket(self.now, id, event);
        } else if let Some(deadline) = self.machine.deadline() {
            let wait = deadline.at.since(self.now.at);
            self.now.at = self.now.at.after(wait.max(Duration::from_millis(1)));
            self.machine.tick(self.now);
        } else {
            self.identity.requested(&Request::TryNow);
            self.machine.request(self.now, Request::TryNow);
        }
    }

    /// A socket that is not open yet, or what was said on one and not answered.
    fn unheard(&mut self) -> Option<(SocketId, Option<Value>)> {
        let (id, socket) = self.sockets.iter_mut().next()?;
        if !std::mem::replace(&mut socket.open, true) {
            return Some((*id, None));
        }
        socket.said.take().map(|said| (*id, Some(said)))
    }
}

fn honest(said: &Value, theirs: &mut bool, good: bool) -> Value {
    let name = &said["tracingId"];
    let session = json!({ "class": "SessionResponse", "code": 200, "tracingId": name,
        "body": { "connected": true, "newSession": false, "readOnly": false } });
    let refused =
        |code: u16| json!({ "class": "string", "code": code, "tracingId": name, "body": "Unauthorized" });
    match said["action"].as_str() {
        Some("configureSession") if *theirs => refused(4_017),
        Some("configureSession") => session,
        Some("configureAuthenticatedSession") if good => {
            *theirs = true;
            session
        }
        Some("configureAuthenticatedSession") => refused(401),
        _ => refused(400),
    }
}

/// What is kept, taken apart: the session's own token, whose it is, and the key to new passes.
fn apart(token: &ResumeToken) -> (String, Whose, Option<String>) {
    let text = token.secret.expose();
    let whole: Value = serde_json::from_str(text).unwrap_or_default();
    let Some(bare) = whole["token"].as_str() else { return (text.to_owned(), Whose::Guest, None) };
    let whose = if whole.get("doubt").is_some() { Whose::Doubt } else { Whose::Somebody };
    (bare.to_owned(), whose, whole["refresh"].as_str().map(str::to_owned))
}

/// Nothing that is older than this is used from here on.
fn newest(all: &mut Vec<String>, used: &str) {
    let at = all.iter().rposition(|one| one == used).expect("what was given and not replaced is used");
    all.drain(..at);
}
