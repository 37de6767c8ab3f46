//! What every part of the machine works with: the settings, what the service has told of itself, the calls and sockets that are
//! out, shut gates, and the way out for actions.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::ops::{Deref, DerefMut};
use std::time::Duration;

use serde::Serialize;
use serde_json::{Value, json};
use url::Url;

use super::identity::Identity;
use super::map::{PLAIN, Style};
use super::settings::Settings;
use super::upgrade::Upgrade;
use super::wire::{Config, Uploads};
use crate::event::Event;
use crate::io::{
    Body, CallId, Frame, HeaderValue, HttpCall, HttpReply, IoFault, Method, Moment, Now, SignInCall,
    SignedIn, SocketCall, SocketId,
};
use crate::kit::budget::Budget;
use crate::kit::desk;
use crate::kit::pairs::Pairs;
use crate::kit::tries::Tries;
use crate::kit::window::Window;
use crate::seed::Seed;
use crate::token::{ResumeToken, Secret};
use crate::transport::{Action, Failure, FileKinds, FileRules};

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
/// Of all requests on a connection the service takes 60 in a minute. Spread, so that nobody who writes on and on has to wait for a
/// minute at once, and few enough for some that were held up on their way.
const REQUESTS: Budget = Budget::new(8, Duration::from_millis(1_200));
/// Of messages it takes five in a second. It counts when they arrive, which is only known to have been before it said so.
const MESSAGES: Window = Window::new(5, Duration::from_millis(1_050));
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
    /// Codes of the sign-in page for passes.
    Exchange,
    /// Passes made anew.
    Renewal,
}

#[derive(Debug)]
pub(super) struct Desk {
    kit: desk::Desk<Purpose, Lane>,
    pub(super) settings: Settings,
    /// The deployment's own configuration, once it was read.
    pub(super) config: Option<Config>,
    /// Which files the session takes.
    pub(super) session_files: Option<FileRules>,
    /// Most bytes of data about the person.
    pub(super) most_custom: u64,
    /// Data about the person that the service was not given yet.
    pub(super) user_data: Pairs,
    /// Who the person is; `None` for a guest.
    pub(super) identity: Option<Box<Identity>>,
    /// A guest is on the way to being somebody.
    pub(super) upgrade: Option<Upgrade>,
    /// The service may take the person for somebody or for a guest: see `upgrade.rs`.
    pub(super) doubtful: bool,
    /// A reconciliation was asked for before there was anything to read.
    pub(super) reconcile: bool,
    /// The person has left, and is signed out when all is said.
    pub(super) leaving: bool,
    /// Requests on the present connection.
    pub(super) requests: Budget,
    /// Messages that the service may have counted, from when it must have done so.
    pub(super) messages: Window,
    pub(super) reads: Window,
    /// Tokens are made from it, and so many were made.
    seed: Seed,
    tokens: u64,
    sockets: u64,
    /// Tells our requests from those of other runs and windows.
    nonce: u64,
    asked: u64,
    shown: Option<(bool, bool, bool, Option<FileRules>)>,
}

impl Desk {
    pub(super) fn new(settings: Settings, seed: Seed) -> Self {
        let mut kit = desk::Desk::new(seed.dice(), LEAST);
        Self {
            nonce: kit.rng.u64(..),
            kit,
            seed,
            tokens: 0,
            settings,
            config: None,
            session_files: None,
            most_custom: 2_048,
            user_data: Pairs::default(),
            identity: None,
            upgrade: None,
            doubtful: false,
            reconcile: false,
            leaving: false,
            requests: REQUESTS,
            messages: MESSAGES,
            reads: READS,
            sockets: 0,
            asked: 0,
            shown: None,
        }
    }

    /// A token for a new session: a UUID of version 4 that nobody can guess.
    pub(super) fn new_token(&mut self) -> String {
        self.tokens = self.tokens.saturating_add(1);
        let bits = self.seed.credential(self.tokens);
        let low = u64::try_from(bits & u128::from(u64::MAX)).unwrap_or_default();
        uuid(u64::try_from(bits >> 64).unwrap_or_default(), low)
    }

    /// A new identifier that is no secret: a UUID of version 4.
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
            Some(Uploads::Modes(rules)) => {
                // Endings that the session refuses are refused in every mode.
                let blocked = self.session_files.as_ref().map(|rules| &rules.kinds);
                let blocked = blocked.filter(|_| matches!(rules.kinds, FileKinds::AllBut { .. }));
                let kinds = match blocked {
                    Some(kinds @ FileKinds::AllBut { .. }) => kinds.clone(),
                    _ => rules.kinds.clone(),
                };
                Some(FileRules { kinds, ..rules.clone() })
            }
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

    /// How messages of the other side are shown.
    pub(super) fn style(&self) -> &Style {
        self.config.as_ref().map_or(PLAIN, |config| &config.style)
    }

    /// Tells that the service can do something else than before, if so.
    pub(super) fn show_abilities(&mut self) {
        let now = (self.typing(), self.clear(), self.upgradable(), self.files());
        if self.shown.as_ref() != Some(&now) {
            self.shown = Some(now);
            self.tell(Event::Capabilities);
        }
    }

    /// A try failed that will be repeated: gives back when.
    pub(super) fn next_try(&mut self, now: Now, lane: Lane, tries: &mut Tries, failure: &Failure) -> Moment {
        let least = if tries.is_hurried() { Duration::from_millis(1) } else { LEAST };
        self.kit.next_try(now, lane, tries, failure, least..Duration::MAX)
    }

    /// The same, and the connection does not work meanwhile.
    pub(super) fn failed(&mut self, now: Now, lane: Lane, tries: &mut Tries, failure: &Failure) -> Moment {
        let due = self.next_try(now, lane, tries, failure);
        self.down(tries, due, failure);
        due
    }

    /// Somebody has asked: what was told before is told again, if it is still so.
    pub(super) fn calm(&mut self) {
        self.kit.calm();
    }

    /// Keeps to a `Retry-After`, whatever else the answer says.
    pub(super) fn heed_reply(&mut self, now: Now, lane: Lane, result: &Result<HttpReply, IoFault>) {
        if let Ok(reply) = result {
            self.kit.heed_reply(now, lane, reply);
        }
    }

    /// Data that the service did not take is given again, unless newer values have come.
    pub(super) fn give_again(&mut self, data: Pairs) {
        for (key, value) in data {
            self.user_data.put_missing(key, value);
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
        let call = SocketCall {
            id,
            what: "messages",
            url: self.settings.socket.to_string(),
            headers: self.origin(),
            timeout: self.settings.request_timeout,
            ping: Some(PING),
            limit: FRAME,
            retry,
        };
        self.out.push_back(Action::Open(call));
        id
    }

    /// Closes a socket from this side.
    pub(super) fn shut(&mut self, socket: SocketId) {
        self.out.push_back(Action::Shut(socket));
    }

    /// Gives up a socket that does not answer.
    pub(super) fn cut(&mut self, socket: SocketId) {
        self.out.push_back(Action::Cut(socket));
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

    /// Asks for an echo. Many chats do little else for hours, so it is written without a detour over a tree of values.
    pub(super) fn echo(&mut self, now: Now, socket: SocketId, token: &ResumeToken) {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Echo<'a> {
            action: &'static str,
            tracing_id: &'static str,
            message: Words,
            token: &'a str,
        }
        #[derive(Serialize)]
        struct Words {
            #[serde(rename = "type")]
            kind: &'static str,
            text: &'static str,
        }
        let message = Words { kind: "Text", text: "ping" };
        let echo =
            Echo { action: "echo", tracing_id: super::pulse::PING, message, token: token.secret.expose() };
        let _ = self.requests.take(now);
        // A few texts can always be written.
        self.out.extend(serde_json::to_string(&echo).ok().map(|text| Action::Say(socket, Frame(text))));
    }

    /// Asks for the deployment's own configuration.
    pub(super) fn fetch_config(&mut self, retry: bool) {
        let url = self.settings.config.clone();
        self.get(Purpose::Config, "configuration", url, Vec::new(), ANSWER, retry);
    }

    /// Asks for a page of the history.
    pub(super) fn fetch_page(&mut self, page: u64, pass: &Secret, retry: bool) {
        let mut url = self.settings.history();
        url.query_pairs_mut()
            .append_pair("pageNumber", &page.to_string())
            .append_pair("pageSize", &PAGE.to_string());
        let mut headers = self.origin();
        let pass = Secret::new(format!("bearer {}", pass.expose()));
        headers.push(("authorization".to_owned(), HeaderValue::Secret(pass)));
        self.get(Purpose::History, "history", url, headers, ANSWER, retry);
    }

    /// Asks for a file. Its address is a key by itself.
    pub(super) fn fetch_file(&mut self, url: String, address: Url) {
        self.get(Purpose::File { url }, "file", address, Vec::new(), FILE, false);
    }

    /// Puts a file in its place.
    pub(super) fn put(
        &mut self,
        url: Url,
        headers: Vec<(String, String)>,
        mime: String,
        bytes: Vec<u8>,
    ) -> CallId {
        let id = self.calls.open(Purpose::Put);
        let secret = |(name, value): (String, String)| (name, HeaderValue::Secret(Secret::new(value)));
        let call = HttpCall {
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
        };
        self.out.push_back(Action::Call(call));
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
        let url = self.settings.passes(step);
        let mut headers = self.origin();
        headers.extend(pass.map(|pass| {
            let pass = Secret::new(format!("bearer {}", pass.expose()));
            ("authorization".to_owned(), HeaderValue::Secret(pass))
        }));
        let id = self.calls.open(purpose);
        let timeout = self.settings.request_timeout;
        self.out.push_back(Action::Call(HttpCall {
            id,
            what: "sign-in",
            method,
            url,
            headers,
            body: body.map_or(Body::Empty, |body| Body::Json(body.to_string())),
            timeout,
            limit: ANSWER,
            retry,
            progress: false,
        }));
    }

    fn origin(&self) -> Vec<(String, HeaderValue)> {
        let origin = self.settings.origin.clone();
        origin.map(|origin| ("origin".to_owned(), HeaderValue::Plain(origin.into()))).into_iter().collect()
    }

    fn get(
        &mut self,
        purpose: Purpose,
        what: &'static str,
        url: Url,
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

impl Deref for Desk {
    type Target = desk::Desk<Purpose, Lane>;

    fn deref(&self) -> &Self::Target {
        &self.kit
    }
}

impl DerefMut for Desk {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.kit
    }
}

/// A UUID of version 4 from so many bits.
fn uuid(high: u64, low: u64) -> String {
    let (a, b, c) = (high >> 32, (high >> 16) & 0xffff, high & 0xfff);
    let (d, e) = ((low >> 48) & 0x3fff | 0x8000, low & 0xffff_ffff_ffff);
    // Tokens and names stay: no longer than they are.
    let mut text = String::with_capacity(36);
    // A text takes whatever is written to it.
    let _ = write!(text, "{a:08x}-{b:04x}-4{c:03x}-{d:04x}-{e:012x}");
    text
}

/// The call that tells whether there is such a deployment, without starting a chat.
pub(super) fn probe(settings: &Settings) -> HttpCall {
    HttpCall {
        id: CallId(0),
        what: "probe",
        method: Method::Get,
        url: settings.config.clone(),
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
