//! A person signs in: the page that the program has opened, and what comes of it.

use envoi_protocol::io::{SignInCall, SignInEvent, SignInFault};
use envoi_protocol::view::PhaseView;

use super::*;
use crate::sign_in::{Outcome, Whim};

impl World {
    /// The program wants the person to sign in.
    pub(super) fn asks_to_sign_in(&mut self, program: &mut Program, call: SignInCall) {
        self.tally.sign_ins += 1;
        self.note(|| "the program wants to know who is there".to_owned());
        program.signing_in = Some(call.id);
        let wait = self.browser.opens_after();
        self.agenda.after(wait, Event::Page { life: self.life, call });
    }

    /// The program listens, and the browser is opened.
    pub(super) fn page(&mut self, life: u64, call: SignInCall) {
        if !self.waits_for(life, call.id) {
            return;
        }
        let event = SignInEvent::Page { address: format!("{}?state={life}", call.page) };
        self.feed(Input::SignIn { call: call.id, event });
        let wait = self.browser.takes(self.busy);
        self.agenda.after(wait, Event::Answers { life, call });
    }

    /// The person has made up their mind.
    pub(super) fn page_answers(&mut self, life: u64, call: SignInCall) {
        if !self.waits_for(life, call.id) {
            return;
        }
        if self.network.outage.is_some() {
            // The page does not load.
            self.agenda.after(2_000, Event::Answers { life, call });
            return;
        }
        let outcome = self.browser.outcome(self.busy);
        self.note(|| format!("the browser: {outcome:?}"));
        let event = match outcome {
            Outcome::Cancels => {
                self.tally.fault("sign-in given up");
                self.command(Command::CancelSignIn);
                return;
            }
            Outcome::Fails(fault) => {
                self.tally.fault("sign-in failed");
                SignInEvent::Failed(fault)
            }
            Outcome::SignsIn => {
                let verifier = self.browser.verifier();
                match self.centre.sign_in(&call, &verifier) {
                    Some(signed_in) => SignInEvent::Done(signed_in),
                    None => SignInEvent::Failed(SignInFault::BadPage),
                }
            }
        };
        if let Some(program) = &mut self.program {
            program.signing_in = None;
        }
        self.feed(Input::SignIn { call: call.id, event });
    }

    fn waits_for(&self, life: u64, call: CallId) -> bool {
        let waits = |program: &Program| program.signing_in == Some(call);
        life == self.life && self.program.as_ref().is_some_and(waits)
    }

    /// A pass is about to be had: this is when a program must not die.
    pub(super) fn strike_sign_in(&mut self) {
        if self.busy
            && self.plan.perils.is_some()
            && self.doom.is_none()
            && let Some(steps) = self.browser.doom()
        {
            self.tally.fault("process death");
            self.doom = Some((steps, Death::Killed));
        }
    }

    /// A guest may think of signing in.
    pub(super) fn may_sign_in(&mut self) -> Option<Command> {
        let due = self.plan.sign_in.as_ref().is_some_and(|sign_in| sign_in.at <= self.agenda.now());
        let able = self.program.as_ref().is_some_and(|program| program.screen.abilities.sign_in);
        (due && able && self.browser.wants()).then_some(Command::SignIn)
    }

    /// The service does something about those who sign in.
    pub(super) fn whim(&mut self) {
        if !self.busy || self.plan.sign_in.is_none() {
            return;
        }
        let (whim, wait) = self.browser.whim();
        if self.plan.perils.is_some() {
            self.note(|| format!("the service: {whim:?}"));
            match whim {
                Whim::PassesRunOut => self.tally.fault("passes run out"),
                Whim::NoRenewal => self.tally.fault("no pass is renewed"),
                Whim::NoExchange => self.tally.fault("no code is exchanged"),
                Whim::None => {}
            }
            self.centre.whim(whim);
        }
        self.agenda.after(wait, Event::Whim);
    }

    /// The person has to do something before the chat goes on, or is doing it; or a pass was asked for. That is waited for as long as
    /// its time limit allows, for whoever asks twice may use up a key whose successor is on the way.
    pub(super) fn waits_for_the_person(&self) -> bool {
        let asks = |flight: &Flight| flight.waited_for && flight.call.what == "sign-in";
        if self.network.flights.values().any(asks) {
            return true;
        }
        self.plan.sign_in.is_some()
            && self.program.as_ref().is_some_and(|program| {
                program.signing_in.is_some()
                    || (program.screen.link == LinkView::Idle && program.screen.fault.is_some())
                    || program.screen.phase == PhaseView::Fresh
            })
    }

    /// What is kept must say of the session what the service knows, and nothing that is shown may be a secret.
    pub(super) fn judge_identity(&mut self) {
        let Some(token) = &self.keyring.token else { return };
        if let Some(what) = self.centre.contradicts(token.secret.expose()) {
            self.blame(Wrong::Stuck, what);
        }
        let Some(program) = &self.program else { return };
        let shown = format!("{:?} {:?}", program.session, program.session.snapshot(self.agenda.told()));
        if self.centre.secrets().iter().any(|secret| shown.contains(secret.as_str())) {
            self.blame(Wrong::Told, "a secret stands in what is shown or printed".to_owned());
        }
    }
}
