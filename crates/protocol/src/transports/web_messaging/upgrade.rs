//! A guest who signs in while the chat runs: the same token and, if it holds, the same socket, configured once more with a pass.
//!
//! Until the service has answered, nobody knows whether the session is still a guest's. That doubt is kept with the token, and the
//! question waits until the password store has it: the next socket, of this run or a later one, tries the pass first, and then as a
//! guest. So neither a lost connection nor a sudden end costs the chat.

use super::chat::{Chat, End, Line, configure_as};
use super::desk::{Desk, Lane};
use super::identity::{self, Identity, Step};
use super::wire::Refusal;
use crate::event::Event;
use crate::io::{Deadline, IoFault, Moment, Now, SignInFault, SocketId};
use crate::link::Link;
use crate::transport::Failure;

/// How far a guest has come on the way to being somebody.
#[derive(Debug)]
pub(super) enum Upgrade {
    /// The person signs in, or what the page gave is being exchanged.
    Asked,
    /// The doubt is to be kept as soon as nothing else is under way.
    Given(Box<Identity>),
    /// The password store is asked to keep it.
    Noted(Box<Identity>),
    /// To be told to the service.
    Kept(Box<Identity>),
    /// Told under this name, and not answered so far, until then at the latest.
    Told { identity: Box<Identity>, name: String, until: Moment },
}

impl Desk {
    /// Whether a guest may sign in now.
    pub(super) fn upgradable(&self) -> bool {
        self.settings.sign_in.is_some()
            && self.identity.is_none()
            && self.upgrade.is_none()
            && self.config.as_ref().is_some_and(|config| config.upgrade)
    }

    /// Until when the service is to say whom it takes the person for. Nothing is sent meanwhile: an error may come without saying
    /// what it is about.
    pub(super) fn upgraded_by(&self) -> Moment {
        match &self.upgrade {
            Some(Upgrade::Told { until, .. }) => *until,
            _ => Moment(0),
        }
    }

    /// The socket is no more, and with it the answer.
    pub(super) fn upgrade_in_doubt(&mut self) {
        match self.upgrade.take() {
            Some(Upgrade::Told { identity, .. }) => self.identity = Some(identity),
            // Not asked so far: the next socket is a guest's, and after it the doubt is kept once more.
            Some(Upgrade::Noted(identity) | Upgrade::Kept(identity)) => {
                self.upgrade = Some(Upgrade::Given(identity));
            }
            other => self.upgrade = other,
        }
    }

    /// The password store has what it was given.
    pub(super) fn doubt_kept(&mut self) {
        self.upgrade = match self.upgrade.take() {
            Some(Upgrade::Noted(identity)) => Some(Upgrade::Kept(identity)),
            other => other,
        };
    }

    /// Nothing shows who the person is, and perhaps nothing has to.
    pub(super) fn guess_a_guest(&mut self) {
        if self.doubtful && matches!(self.step(), Step::SignIn | Step::Wait) {
            self.identity = None;
        }
    }
}

impl Chat {
    /// The person wants to sign in.
    pub(super) fn upgrade(&self, desk: &mut Desk, now: Now) {
        if !self.is_joined() || self.ending.is_some() || !desk.upgradable() {
            desk.tell(Event::Trouble(Failure::Unsupported.fault()));
            return;
        }
        if let Err(failure) = desk.open(now, &Lane::Exchange) {
            desk.tell(Event::Trouble(failure.fault()));
            return;
        }
        desk.calm();
        desk.upgrade = Some(Upgrade::Asked);
        desk.sign_in();
        desk.show_abilities();
    }

    /// Tells the service who the person is, if that is due.
    pub(super) fn upgrade_on(&mut self, desk: &mut Desk, now: Now, socket: SocketId) -> Option<End> {
        if self.upgrade_opens(desk).is_none_or(|opens| now.at < opens) {
            return None;
        }
        match desk.upgrade.take() {
            Some(Upgrade::Given(identity)) => {
                desk.tell(Event::Token(identity::kept(&self.token, Some(&identity), true)));
                desk.upgrade = Some(Upgrade::Noted(identity));
                None
            }
            Some(Upgrade::Kept(identity)) => {
                desk.doubtful = true;
                let configure = configure_as(desk, Some(&identity));
                let name = desk.say(now, socket, &self.token, configure);
                self.configured_at(now);
                let until = now.at.after(desk.settings.request_timeout);
                desk.upgrade = Some(Upgrade::Told { identity, name, until });
                None
            }
            Some(told @ Upgrade::Told { .. }) => {
                desk.upgrade = Some(told);
                self.lost(desk, now, &Failure::Io(IoFault::Timeout))
            }
            other => {
                desk.upgrade = other;
                None
            }
        }
    }

    fn upgrade_opens(&self, desk: &Desk) -> Option<Moment> {
        match &desk.upgrade {
            Some(Upgrade::Told { until, .. }) => Some(*until),
            Some(Upgrade::Given(_) | Upgrade::Kept(_))
                if !self.parcel.as_deref().is_some_and(super::parcel::Parcel::is_out) =>
            {
                Some(self.gap_ends().max(desk.gates.opens(&Lane::Socket)))
            }
            _ => None,
        }
    }

    pub(super) fn upgrade_deadline(&self, desk: &Desk) -> Option<Deadline> {
        self.upgrade_opens(desk).map(|at| Deadline { at, why: "signing in" })
    }

    /// The service has taken the guest for somebody.
    pub(super) fn upgraded(&mut self, desk: &mut Desk) {
        match desk.upgrade.take() {
            Some(Upgrade::Told { mut identity, .. }) => {
                identity.taken();
                desk.identity = Some(identity);
                self.doubt_ends(desk);
            }
            other => desk.upgrade = other,
        }
    }

    /// Whether an answer of this name may be the one that is waited for.
    pub(super) fn answers_upgrade(desk: &Desk, name: Option<&str>) -> bool {
        match &desk.upgrade {
            Some(Upgrade::Told { name: told, .. }) => name.is_none_or(|name| name == told),
            _ => false,
        }
    }

    /// The guest stays one, and the person is told why.
    pub(super) fn stays_a_guest(&mut self, desk: &mut Desk, failure: &Failure) {
        desk.upgrade = None;
        desk.tell(Event::Trouble(failure.fault()));
        if desk.doubtful {
            self.doubt_ends(desk);
        } else {
            desk.show_abilities();
        }
    }

    /// The service does not take the guest for somebody. Where it does not say clearly that it means this, the next socket tells.
    pub(super) fn upgrade_refused(
        &mut self,
        desk: &mut Desk,
        now: Now,
        name: Option<&str>,
        refusal: &Refusal,
    ) -> Option<End> {
        let failure = refusal.failure();
        if name.is_none() || matches!(failure, Failure::Service { .. }) {
            return self.lost(desk, now, &failure);
        }
        self.stays_a_guest(desk, &refusal_of(refusal));
        None
    }

    /// The service has said who it takes the person for.
    pub(super) fn doubt_ends(&mut self, desk: &mut Desk) {
        desk.doubtful = false;
        if self.is_joined() {
            self.keep_identity(desk);
            desk.show_abilities();
        }
    }

    /// On a new socket the pass is not taken: the session is still a guest's, or somebody else's pass would be wanted.
    pub(super) fn try_as_a_guest(&mut self, desk: &mut Desk, now: Now, refusal: &Refusal) -> Option<End> {
        desk.trouble(&refusal_of(refusal));
        self.begin_anew(desk, now);
        desk.identity = None;
        self.line = Line::Waiting { due: now.at };
        if self.is_joined() {
            desk.link(Link::Restoring);
        }
        None
    }

    /// Nor as a guest: it was taken, and the person has to show once more who they are.
    pub(super) fn was_upgraded(&mut self, desk: &mut Desk, now: Now) -> Option<End> {
        self.begin_anew(desk, now);
        desk.identity = Some(Box::default());
        self.doubt_ends(desk);
        self.wait_for_the_person(desk, &Failure::SignInNeeded)
    }

    fn begin_anew(&mut self, desk: &mut Desk, now: Now) {
        if let Some(socket) = self.line.socket() {
            desk.shut(socket);
        }
        self.drop_what_hung_on_it(desk, now, &Failure::Io(IoFault::Broken));
    }
}

/// A pass that is not taken is a sign-in that was not.
fn refusal_of(refusal: &Refusal) -> Failure {
    match refusal.code {
        401 | 403 => Failure::SignIn(SignInFault::Declined),
        _ => refusal.failure(),
    }
}
