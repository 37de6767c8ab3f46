//! What every part of the machine works with: the settings, what the service has told of itself, the calls and sockets that are
//! out, shut gates, and the way out for actions.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use serde_json::{Value, json};

use super::identity::Identity;
use super::map::Markup;
use super::settings::Settings;
use super::wire::{Config, Uploads};
use crate::event::Event;
use crate::fault::FaultCode;
use crate::io::{
    Body, CallId, Frame, HeaderValue, HttpCall, HttpReply, IoFault, Method, Moment, Now, SignInCall,
    SignedIn, SocketCall, SocketId,
};
use crate::kit::backoff::{AT_ONCE, Backoff, Urgency, within};
use crate::kit::budget::Budget;
use crate::kit::calls::Calls;
use crate::kit::gates::Gates;
use crate::kit::window::Window;
use crate::link::Link;
use crate::token::{ResumeToken, Secret};
use crate::transport::{Action, Failure, FileRules};

/// Messages on one page of the history.
pub(super) const PAGE: u64 = 25;
/// Most bytes of an answer over HTTP, of a frame, and of a file.
const ANSWER: usize = 4 << 20;
const FRAME: usize = 1 << 20;
const FILE: usize = 50 << 20;
/// How often the other side of a socket is looked for.
const PING: Duration = Duration::from_secs(15);
/// Least wait before a new connection.
const LEAST: Duration = Duration::from_secs(1);
/// Of all requests on a connection the service takes 60 in a minute, and of messages five in a second. Spread, so that nobody who
/// writes on and on has to wait for a minute at once.
const REQUESTS: Budget = Budget::new(8, Duration::from_millis(1_200));
const MESSAGES: Budget = Budget::new(1, Duration::from_millis(210));
/// Of reads of the history it takes ten in a minute.
const READS: Window = Window::new(9, Duration::from_secs(61));

/// What a call is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Purpose {
    Config,
    History,
    Put,
    File {
        url: String,
    },
    /// The person is being asked who they are.
    SignIn,
    /// What the sign-in page gave is exchanged for a pass.
    Exchange,
    /// A pass is made anew.
    Renew,
    /// The person is signed out.
    Revoke,
}

/// Kinds of requests that the service may ask to slow down, each for itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Lane {
    Config,
    Socket,
    History,
    Messages,
    Files,
}

/// Failures in a row, and the gap after each.
#[derive(Debug, Clone, Default)]
pub(super) struct Tries {
    backoff: Backoff,
    pub(super) failed: u32,
    /// The next try is one that somebody or something here asked for.
    hurried: bool,
}

impl Tries {
    pub(super) fn worked(&mut self) {
        self.backoff.worked();
        self.failed = 0;
    }

    /// Something happened here: what failed before says little about the next try.
    pub(super) fn anew(&mut self) {
        self.backoff.anew();
        self.hurried = true;
    }

    /// The next try is asked for.
    pub(super) fn hurry(&mut self) {
        self.hurried = true;
    }

    /// A try is made. Tells whether it is one more after failures, which nobody asked for.
    pub(super) fn made(&mut self) -> bool {
        let hurried = std::mem::take(&mut self.hurried);
        self.failed > 0 && !hurried
    }
}

#[derive(Debug)]
pub(super) struct Desk {
    pub(super) settings: Settings,
    pub(super) rng: fastrand::Rng,
    pub(super) calls: Calls<Purpose>,
    pub(super) gates: Gates<Lane>,
    pub(super) out: VecDeque<Action>,
    /// The deployment's own configuration, once it was read.
    pub(super) config: Option<Config>,
    /// Which files the session takes.
    pub(super) session_files: Option<FileRules>,
    /// Most bytes of data about the person.
    pub(super) most_custom: u64,
    /// Data about the person that the service was not given yet.
    pub(super) user_data: BTreeMap<String, String>,
    /// Who the person is; `None` for a guest.
    pub(super) identity: Option<Identity>,
    /// A reconciliation was asked for before there was anything to read.
    pub(super) reconcile: bool,
    /// Requests on the present connection.
    pub(super) requests: Budget,
    pub(super) messages: Budget,
    pub(super) reads: Window,
    sockets: u64,
    /// Tells our requests from those of other runs and windows.
    nonce: u64,
    asked: u64,
    urgency: Urgency,
    link: Link,
    trouble: Option<FaultCode>,
    shown: Option<(bool, bool, Option<FileRules>)>,
}

impl Desk {
    pub(super) fn new(settings: Settings, seed: u64) -> Self {
        let mut rng = fastrand::Rng::with_seed(seed);
        Self {
            nonce: rng.u64(..),
            settings,
            rng,
            calls: Calls::default(),
            gates: Gates::default(),
            out: VecDeque::new(),
            config: None,
            session_files: None,
            most_custom: 2_048,
            user_data: BTreeMap::new(),
            identity: None,
            reconcile: false,
            requests: REQUESTS,
            messages: MESSAGES,
            reads: READS,
            sockets: 0,
            asked: 0,
            urgency: Urgency::default(),
            link: Link::Idle,
            trouble: None,
            shown: None,
        }
    }

    pub(super) fn tell(&mut self, event: Event) {
        self.out.push_back(Action::Event(event));
    }

    /// Tells how the connection is, if that is news.
    pub(super) fn link(&mut self, link: Link) {
        if link == Link::Up {
            self.trouble = None;
        }
        if self.link != link {
            self.link = link;
            self.tell(Event::Link(link));
        }
    }

    /// A new identifier: a UUID of version 4.
    pub(super) fn uuid(&mut self) -> String {
        let (high, low) = (self.rng.u64(..), self.rng.u64(..));
        uuid(high, low)
    }

    /// A name for the next request, which its answer repeats.
    fn name(&mut self) -> String {
        self.asked = self.asked.wrapping_add(1);
        uuid(self.nonce, self.asked)
    }

    /// Which files can be sent.
    pub(super) fn files(&self) -> Option<FileRules> {
        match self.config.as_ref().map(|config| &config.uploads) {
            Some(Uploads::Off) => None,
            Some(Uploads::Modes(rules)) => Some(rules.clone()),
            Some(Uploads::AsTheSession) | None => self.session_files.clone(),
        }
    }

    pub(super) fn typing(&self) -> bool {
        self.config.as_ref().is_some_and(|config| config.typing)
    }

    /// Whether the person can end the conversation for good.
    pub(super) fn clear(&self) -> bool {
        self.config.as_ref().is_some_and(|config| config.clear)
    }

    /// Whether the words of the other side are marked up.
    pub(super) fn markup(&self) -> Markup {
        if self.config.as_ref().is_some_and(|config| config.markdown) { Markup::On } else { Markup::Off }
    }

    /// Tells that the service can do something else than before, if so.
    pub(super) fn show_abilities(&mut self) {
        let now = (self.typing(), self.clear(), self.files());
        if self.shown.as_ref() != Some(&now) {
            self.shown = Some(now);
            self.tell(Event::Capabilities);
        }
    }

    /// How much depends on the connection from here on. Gives back by when a try that is due later is to be made.
    pub(super) fn urgent(&mut self, now: Now, lane: Lane, urgency: Urgency) -> Option<Moment> {
        self.urgency = urgency;
        let hurries = urgency == Urgency::Watched && self.open(now, lane).is_ok();
        hurries.then(|| now.at.after(within(AT_ONCE, &mut self.rng)))
    }

    /// A try failed that will be repeated: gives back when. Where a moment was named to many at once, the wait begins there.
    pub(super) fn next_try(&mut self, now: Now, lane: Lane, tries: &mut Tries, failure: &Failure) -> Moment {
        self.heed(now, lane, failure);
        tries.failed = tries.failed.saturating_add(1);
        let least = if tries.hurried { Duration::from_millis(1) } else { LEAST };
        let wait = tries.backoff.fail(self.urgency, &mut self.rng).max(least);
        self.gates.opens(&lane).max(now.at).after(wait)
    }

    /// The same, and the connection does not work meanwhile.
    pub(super) fn failed(&mut self, now: Now, lane: Lane, tries: &mut Tries, failure: &Failure) -> Moment {
        let due = self.next_try(now, lane, tries, failure);
        self.link(Link::Down { attempt: tries.failed, retry_at: due, cause: failure.code() });
        self.trouble(failure);
        due
    }

    /// Tells of a failure that will not pass by itself, once until something works again.
    pub(super) fn trouble(&mut self, failure: &Failure) {
        let passes = failure.may_pass() || matches!(failure, Failure::Io(_));
        if !passes && self.trouble != Some(failure.code()) {
            self.trouble = Some(failure.code());
            self.tell(Event::Trouble(failure.fault()));
        }
    }

    /// Somebody has asked: what was told before is told again, if it is still so.
    pub(super) fn calm(&mut self) {
        self.trouble = None;
    }

    /// Shuts the gate that the service asked to be shut.
    pub(super) fn heed(&mut self, now: Now, lane: Lane, failure: &Failure) {
        // A request to slow down that names no time is one all the same.
        let unnamed = matches!(failure, Failure::RateLimited { .. }).then_some(LEAST);
        if let Some(wait) = failure.retry_after().or(unnamed) {
            self.gates.shut(now, lane, wait);
        }
    }

    /// Keeps to a `Retry-After`, whatever else the answer says.
    pub(super) fn heed_reply(&mut self, now: Now, lane: Lane, result: &Result<HttpReply, IoFault>) {
        let Ok(reply) = result else { return };
        if let Some(wait) = reply.retry_after.filter(|_| !(200..300).contains(&reply.status)) {
            self.gates.shut(now, lane, wait);
        }
    }

    /// Whether a request may be sent now; otherwise the answer it gets in place of the service's.
    pub(super) fn open(&self, now: Now, lane: Lane) -> Result<(), Failure> {
        match self.gates.shut_for(now, &lane) {
            Some(wait) => Err(Failure::RateLimited { after: Some(wait) }),
            None => Ok(()),
        }
    }

    /// Abandons calls.
    pub(super) fn cancel(&mut self, of: impl Fn(&Purpose) -> bool) {
        for id in self.calls.close_all(of) {
            self.out.push_back(Action::Cancel(id));
        }
    }

    /// Data that the service did not take is given again, unless newer values have come.
    pub(super) fn give_again(&mut self, data: BTreeMap<String, String>) {
        for (key, value) in data {
            self.user_data.entry(key).or_insert(value);
        }
    }

    /// As much of the data about the person as the service takes with one message.
    pub(super) fn data_that_fits(&self) -> BTreeMap<String, String> {
        let mut room = self.most_custom;
        let fits = |(key, value): &(&String, &String)| {
            let size = u64::try_from(key.len().saturating_add(value.len())).unwrap_or(u64::MAX);
            let fits = size <= room;
            room -= if fits { size } else { 0 };
            fits
        };
        let fitting = self.user_data.iter().filter(fits);
        fitting.map(|(key, value)| (key.clone(), value.clone())).collect()
    }

    /// Opens a socket.
    pub(super) fn connect(&mut self, retry: bool) -> SocketId {
        self.sockets = self.sockets.saturating_add(1);
        let id = SocketId(self.sockets);
        self.requests = REQUESTS;
        self.out.push_back(Action::Open(SocketCall {
            id,
            what: "messages",
            url: self.settings.socket.to_string(),
            headers: self.origin(),
            timeout: self.settings.request_timeout,
            ping: Some(PING),
            limit: FRAME,
            retry,
        }));
        id
    }

    /// Closes a socket from this side.
    pub(super) fn shut(&mut self, socket: SocketId) {
        self.out.push_back(Action::Shut(socket));
    }

    /// Says something, with the session's token and a name for the answer, which is given back.
    pub(super) fn say(&mut self, now: Now, socket: SocketId, token: &ResumeToken, mut what: Value) -> String {
        let name = self.name();
        if let Some(whole) = what.as_object_mut() {
            whole.insert("token".to_owned(), json!(token.secret.expose()));
            whole.entry("tracingId").or_insert_with(|| json!(name));
        }
        // What must be said is said; it leaves less for what can wait.
        let _ = self.requests.take(now);
        self.out.push_back(Action::Say(socket, Frame(what.to_string())));
        name
    }

    /// Asks for the deployment's own configuration.
    pub(super) fn fetch_config(&mut self, retry: bool) {
        let url = self.settings.config.to_string();
        self.get(Purpose::Config, "configuration", url, Vec::new(), ANSWER, retry);
    }

    /// Asks for a page of the history.
    pub(super) fn fetch_page(&mut self, page: u64, pass: &Secret, retry: bool) {
        let mut url = self.settings.history.clone();
        url.query_pairs_mut()
            .append_pair("pageNumber", &page.to_string())
            .append_pair("pageSize", &PAGE.to_string());
        let mut headers = self.origin();
        let pass = Secret::new(format!("bearer {}", pass.expose()));
        headers.push(("authorization".to_owned(), HeaderValue::Secret(pass)));
        self.get(Purpose::History, "history", url.into(), headers, ANSWER, retry);
    }

    /// Asks for a file. Its address is a key by itself.
    pub(super) fn fetch_file(&mut self, url: String, address: String) {
        self.get(Purpose::File { url }, "file", address, Vec::new(), FILE, false);
    }

    /// Puts a file in its place.
    pub(super) fn put(
        &mut self,
        url: String,
        headers: Vec<(String, String)>,
        mime: String,
        bytes: Vec<u8>,
    ) -> CallId {
        let id = self.calls.open(Purpose::Put);
        let secret = |(name, value): (String, String)| (name, HeaderValue::Secret(Secret::new(value)));
        self.out.push_back(Action::Call(HttpCall {
            id,
            what: "upload",
            method: Method::Put,
            url,
            headers: headers.into_iter().map(secret).collect(),
            body: Body::Bytes { mime, bytes },
            timeout: self.settings.upload_timeout,
            limit: ANSWER,
            retry: false,
            progress: true,
        }));
        id
    }

    /// Has the person sign in.
    pub(super) fn sign_in(&mut self) {
        let Some(sign_in) = self.settings.sign_in.clone() else { return };
        let id = self.calls.open(Purpose::SignIn);
        self.out.push_back(Action::SignIn(SignInCall {
            id,
            page: sign_in.page.into(),
            client: sign_in.client,
            scope: sign_in.scope,
            port: sign_in.port,
            timeout: sign_in.timeout,
        }));
    }

    /// Exchanges what the sign-in page gave for a pass.
    pub(super) fn exchange(&mut self, signed_in: &SignedIn) {
        let oauth = json!({
            "code": signed_in.code.expose(),
            "redirectUri": signed_in.redirect_uri,
            "codeVerifier": signed_in.verifier.expose(),
        });
        let body = json!({ "deploymentId": self.settings.deployment, "oauth": oauth });
        self.pass_call(
            Purpose::Exchange,
            Method::Post,
            "oauthcodegrantjwtexchange",
            Some(&body),
            None,
            false,
        );
    }

    /// Makes a pass anew.
    pub(super) fn renew(&mut self, refresh: &Secret, retry: bool) {
        let body = json!({ "deploymentId": self.settings.deployment, "refreshToken": refresh.expose() });
        self.pass_call(Purpose::Renew, Method::Post, "refresh", Some(&body), None, retry);
    }

    /// Signs the person out, if they are signed in. Nobody waits for the answer.
    pub(super) fn revoke(&mut self) {
        let Some(pass) = self.identity.take().and_then(|identity| identity.pass().cloned()) else { return };
        self.pass_call(Purpose::Revoke, Method::Delete, "revoke", None, Some(&pass), false);
    }

    fn pass_call(
        &mut self,
        purpose: Purpose,
        method: Method,
        step: &str,
        body: Option<&Value>,
        pass: Option<&Secret>,
        retry: bool,
    ) {
        let mut url = self.settings.passes.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.push(step);
        }
        let mut headers = self.origin();
        headers.extend(pass.map(|pass| {
            let pass = Secret::new(format!("bearer {}", pass.expose()));
            ("authorization".to_owned(), HeaderValue::Secret(pass))
        }));
        let id = self.calls.open(purpose);
        self.out.push_back(Action::Call(HttpCall {
            id,
            what: "sign-in",
            method,
            url: url.into(),
            headers,
            body: body.map_or(Body::Empty, |body| Body::Json(body.to_string())),
            timeout: self.settings.request_timeout,
            limit: ANSWER,
            retry,
            progress: false,
        }));
    }

    fn origin(&self) -> Vec<(String, HeaderValue)> {
        let origin = self.settings.origin.clone();
        origin.map(|origin| ("origin".to_owned(), HeaderValue::Plain(origin))).into_iter().collect()
    }

    fn get(
        &mut self,
        purpose: Purpose,
        what: &'static str,
        url: String,
        headers: Vec<(String, HeaderValue)>,
        limit: usize,
        retry: bool,
    ) {
        let timeout = match purpose {
            Purpose::File { .. } => self.settings.upload_timeout,
            _ => self.settings.request_timeout,
        };
        let id = self.calls.open(purpose);
        self.out.push_back(Action::Call(HttpCall {
            id,
            what,
            method: Method::Get,
            url,
            headers,
            body: Body::Empty,
            timeout,
            limit,
            retry,
            progress: false,
        }));
    }
}

/// A UUID of version 4 from so many bits.
fn uuid(high: u64, low: u64) -> String {
    let (a, b, c) = (high >> 32, (high >> 16) & 0xffff, high & 0xfff);
    let (d, e) = ((low >> 48) & 0x3fff | 0x8000, low & 0xffff_ffff_ffff);
    format!("{a:08x}-{b:04x}-4{c:03x}-{d:04x}-{e:012x}")
}

/// The call that tells whether there is such a deployment, without starting a chat.
pub(super) fn probe(settings: &Settings) -> HttpCall {
    HttpCall {
        id: CallId(0),
        what: "probe",
        method: Method::Get,
        url: settings.config.to_string(),
        headers: Vec::new(),
        body: Body::Empty,
        timeout: settings.request_timeout,
        limit: ANSWER,
        retry: false,
        progress: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_is_a_uuid_of_version_4() {
        assert_eq!(uuid(u64::MAX, u64::MAX), "ffffffff-ffff-4fff-bfff-ffffffffffff");
        assert_eq!(uuid(0, 7), "00000000-0000-4000-8000-000000000007");
    }
}
