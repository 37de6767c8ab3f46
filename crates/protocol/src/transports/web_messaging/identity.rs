//! Who the person is, where the company wants to know: a pass of the service (a JWT) that every socket is configured with, how one
//! is had, and what of it is kept.
//!
//! A pass is exchanged for what the company's own sign-in page gave, and made anew with a second key (the refresh token) that is kept
//! in the password store together with the session's token. A pass that the service does not take any more is made anew, three
//! times in a row at most; then the person signs in again. The page is opened only when the person has asked for something: a
//! browser that opens by itself frightens.

use serde_json::{Value, json};

use super::chat::{Chat, End, Line};
use super::desk::{Desk, Lane, Purpose};
use super::upgrade::Upgrade;
use super::wire;
use crate::event::Event;
use crate::io::{HttpReply, IoFault, Now, SignInFault, SignedIn};
use crate::link::Link;
use crate::token::{ResumeToken, Secret, TOKEN_LIMIT};
use crate::transport::Failure;

/// How often in a row a pass is made anew before the person is asked.
const RENEWALS: u8 = 3;

/// Who the person is, in a chat that wants to know.
#[derive(Debug, Clone, Default)]
pub(super) struct Identity {
    pass: Option<Secret>,
    refresh: Option<Secret>,
    /// How often the pass was made anew since the service last took one.
    renewed: u8,
    /// The person has asked for the connection: the page may be opened.
    asked: bool,
}

/// What comes next on the way to a socket.
#[derive(Debug)]
pub(super) enum Step {
    /// Nothing is in the way.
    Go,
    /// The pass is to be made anew with this.
    Renew(Secret),
    /// The person is to sign in.
    SignIn,
    /// The person has to ask first.
    Wait,
}

impl Identity {
    pub(super) fn pass(&self) -> Option<&Secret> {
        self.pass.as_ref()
    }

    /// The person asks for the connection.
    pub(super) fn ask(&mut self) {
        self.asked = true;
    }

    /// The service has taken the pass.
    pub(super) fn taken(&mut self) {
        self.renewed = 0;
        self.asked = false;
    }

    /// The service does not take the pass.
    pub(super) fn refused(&mut self) {
        self.pass = None;
    }
}

/// What is kept of a session: its token alone, or with the key that makes new passes, and whether the service is in `doubt` about
/// who the person is.
pub(super) fn kept(token: &ResumeToken, identity: Option<&Identity>, doubt: bool) -> ResumeToken {
    if identity.is_none() && !doubt {
        return token.clone();
    }
    let refresh = identity.and_then(|identity| identity.refresh.as_ref()).map(Secret::expose);
    let whole = |refresh: Option<&str>| {
        let mut whole = json!({ "token": token.secret.expose(), "refresh": refresh });
        if let Some(whole) = whole.as_object_mut().filter(|_| doubt) {
            whole.insert("doubt".to_owned(), json!(true));
        }
        whole.to_string()
    };
    let text = whole(refresh);
    // A key that the password store cannot take is not kept: the person signs in again after a restart.
    let text = if text.len() <= TOKEN_LIMIT { text } else { whole(None) };
    ResumeToken { secret: Secret::new(text) }
}

/// What was kept, taken apart.
#[derive(Debug)]
pub(super) struct Recalled {
    pub(super) token: ResumeToken,
    pub(super) identity: Option<Box<Identity>>,
    /// The service may take the person for somebody or for a guest.
    pub(super) doubtful: bool,
}

/// Takes apart what was kept.
pub(super) fn recalled(kept: ResumeToken) -> Recalled {
    let whole: Option<Value> = serde_json::from_str(kept.secret.expose()).ok();
    let text = |name: &str| whole.as_ref()?.get(name)?.as_str().map(Secret::new);
    let Some(secret) = text("token") else {
        return Recalled { token: kept, identity: None, doubtful: false };
    };
    let doubtful = whole.as_ref().and_then(|whole| whole.get("doubt")).is_some();
    let identity = Some(Box::new(Identity { refresh: text("refresh"), ..Identity::default() }));
    Recalled { token: ResumeToken { secret }, identity, doubtful }
}

impl Desk {
    /// What is to be done before a socket is opened.
    pub(super) fn step(&self) -> Step {
        let Some(identity) = &self.identity else { return Step::Go };
        let renewal = identity.refresh.clone().filter(|_| identity.renewed < RENEWALS);
        match (&identity.pass, renewal) {
            (Some(_), _) => Step::Go,
            (None, Some(refresh)) => Step::Renew(refresh),
            (None, None) if identity.asked && self.settings.sign_in.is_some() => Step::SignIn,
            (None, None) => Step::Wait,
        }
    }

    /// Takes a try to make the pass anew in. Gives back why there is none, if so.
    pub(super) fn renewed(&mut self, result: &Result<HttpReply, IoFault>) -> Result<(), Failure> {
        let judged = wire::judge_pass(result);
        let Some(identity) = &mut self.identity else { return Ok(()) };
        match judged {
            Ok(given) => {
                identity.renewed = identity.renewed.saturating_add(1);
                identity.pass = Some(given.pass);
                identity.refresh = given.refresh.or(identity.refresh.take());
                Ok(())
            }
            // What made passes does not any more.
            Err(Failure::SignIn(_)) => {
                identity.refresh = None;
                Ok(())
            }
            Err(failure) => Err(failure),
        }
    }
}

impl Chat {
    /// Goes on with whatever has to come before a socket, and then with the socket.
    pub(super) fn connect(&mut self, desk: &mut Desk, now: Now, retry: bool) -> Option<End> {
        desk.guess_a_guest();
        match desk.step() {
            Step::Go => self.line = Line::Opening { socket: desk.connect(retry) },
            Step::Renew(_) if desk.open(now, &Lane::Renewal).is_err() => {
                self.line = Line::Waiting { due: desk.gates.opens(&Lane::Renewal) };
            }
            Step::Renew(refresh) => {
                desk.renew(&refresh, retry);
                self.line = Line::Identifying;
            }
            Step::SignIn => {
                // What the page gives could not be exchanged, and does not last.
                if let Err(failure) = desk.open(now, &Lane::Exchange) {
                    return self.wait_for_the_person(desk, &failure);
                }
                if let Some(identity) = &mut desk.identity {
                    **identity = Identity::default();
                }
                desk.sign_in();
                self.line = Line::Identifying;
            }
            Step::Wait => return self.wait_for_the_person(desk, &Failure::SignInNeeded),
        }
        None
    }

    /// The person signed in, or not.
    pub(super) fn signed_in(
        &mut self,
        desk: &mut Desk,
        result: Result<SignedIn, SignInFault>,
    ) -> Option<End> {
        match result {
            Ok(signed_in) => {
                desk.exchange(&signed_in);
                None
            }
            Err(fault) if desk.upgrade.is_some() => {
                self.stays_a_guest(desk, &Failure::SignIn(fault));
                None
            }
            Err(fault) => self.wait_for_the_person(desk, &Failure::SignIn(fault)),
        }
    }

    /// What the page gave was exchanged, or not. It is good for one try.
    pub(super) fn exchanged(
        &mut self,
        desk: &mut Desk,
        now: Now,
        result: &Result<HttpReply, IoFault>,
    ) -> Option<End> {
        desk.heed_reply(now, Lane::Exchange, result);
        match wire::judge_pass(result) {
            Ok(given) => {
                let pass = Some(given.pass);
                let identity = Box::new(Identity { pass, refresh: given.refresh, ..Identity::default() });
                if desk.upgrade.is_some() {
                    desk.upgrade = Some(Upgrade::Given(identity));
                    return None;
                }
                desk.identity = Some(identity);
                self.keep_identity(desk);
                self.connect(desk, now, false)
            }
            Err(failure) if desk.upgrade.is_some() => {
                self.stays_a_guest(desk, &failure);
                None
            }
            Err(failure) => self.wait_for_the_person(desk, &failure),
        }
    }

    /// The pass was made anew, or not.
    pub(super) fn renewed(
        &mut self,
        desk: &mut Desk,
        now: Now,
        result: &Result<HttpReply, IoFault>,
    ) -> Option<End> {
        // Without a pass there is no socket either.
        for lane in [Lane::Renewal, Lane::Socket] {
            desk.heed_reply(now, lane, result);
        }
        match desk.renewed(result) {
            Ok(()) => {
                self.keep_identity(desk);
                self.connect(desk, now, false)
            }
            Err(failure) => self.lost(desk, now, &failure),
        }
    }

    /// The service does not take the pass any more: another one, on another socket.
    pub(super) fn pass_refused(&mut self, desk: &mut Desk, now: Now) -> Option<End> {
        if let Some(socket) = self.line.socket() {
            desk.shut(socket);
        }
        self.drop_what_hung_on_it(desk, now, &Failure::Io(IoFault::Broken));
        if let Some(identity) = &mut desk.identity {
            identity.refused();
        }
        if self.is_joined() {
            desk.link(Link::Restoring);
        }
        self.line = Line::Waiting { due: now.at };
        None
    }

    pub(super) fn keep_identity(&self, desk: &mut Desk) {
        if self.is_joined() {
            let token = kept(&self.token, desk.identity.as_deref(), desk.doubtful);
            desk.tell(Event::Token(token));
        }
    }

    /// Nothing goes on until the person asks for it. A chat that has not begun does not begin.
    pub(super) fn wait_for_the_person(&mut self, desk: &mut Desk, failure: &Failure) -> Option<End> {
        if self.is_new() {
            return Some(End::NotJoined(failure.clone()));
        }
        self.line = Line::Idle;
        desk.link(Link::Idle);
        // Of what passes by itself nothing is told, but this does not: the person has to sign in.
        let passes = failure.may_pass() || matches!(failure, Failure::Io(_));
        let why = if passes { Failure::SignInNeeded } else { failure.clone() };
        desk.tell(Event::Trouble(why.fault()));
        None
    }

    /// What was kept is handed in once more. If it is another session's, so is everything that is known of the person.
    pub(super) fn recall(&mut self, desk: &mut Desk, token: ResumeToken) {
        let kept = recalled(token);
        if kept.token != self.token {
            self.token = kept.token;
            desk.identity = kept.identity;
            desk.doubtful = kept.doubtful;
        }
    }

    /// The person asks for the connection.
    pub(super) fn asked_for(&mut self, desk: &mut Desk) {
        if let Some(identity) = &mut desk.identity {
            identity.ask();
            desk.calm();
        }
    }

    /// A sign-in that is given up with the chat is told to nobody.
    pub(super) fn stop_identifying(desk: &mut Desk) {
        desk.cancel(|purpose| matches!(purpose, Purpose::SignIn | Purpose::Exchange | Purpose::Renew));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(text: &str) -> ResumeToken {
        ResumeToken { secret: Secret::new(text) }
    }

    #[test]
    fn what_is_kept_says_whether_somebody_signed_in() {
        let guest = kept(&token("T"), None, false);
        assert_eq!(guest.secret.expose(), "T");
        assert!(recalled(guest).identity.is_none());
        let identity = Identity { refresh: Some(Secret::new("R")), ..Identity::default() };
        for doubt in [false, true] {
            let recalled = recalled(kept(&token("T"), Some(&identity), doubt));
            assert_eq!(recalled.token.secret.expose(), "T");
            assert_eq!(recalled.identity.unwrap().refresh, Some(Secret::new("R")));
            assert_eq!(recalled.doubtful, doubt);
        }
    }

    #[test]
    fn a_key_that_the_password_store_cannot_take_is_not_kept() {
        let identity =
            Identity { refresh: Some(Secret::new("R".repeat(TOKEN_LIMIT))), ..Identity::default() };
        let kept = kept(&token("T"), Some(&identity), false);
        assert!(kept.secret.expose().len() <= TOKEN_LIMIT);
        let recalled = recalled(kept);
        assert_eq!(recalled.token.secret.expose(), "T");
        assert!(recalled.identity.unwrap().refresh.is_none(), "still somebody who signed in");
    }
}
