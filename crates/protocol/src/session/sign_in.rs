//! A person who is being asked who they are: what interfaces see of it, and what they may do meanwhile.

use super::*;
use crate::io::SignInFault;

impl Session {
    /// The service's machine wants the person to sign in.
    pub(super) fn sign_in(&mut self, call: SignInCall) {
        self.signing_in = Some((call.id, SignInView::Preparing));
        self.held.push_back(Output::SignIn(call));
    }

    /// Something happens on the way.
    pub(super) fn sign_in_told(&mut self, now: Now, call: CallId, event: SignInEvent) {
        let Some((_, view)) = self.signing_in.as_mut().filter(|(signing_in, _)| *signing_in == call) else {
            return;
        };
        let result = match event {
            SignInEvent::Page { address } => {
                *view = SignInView::Browser { address: address.clone() };
                self.held.push_back(Output::Browse(address));
                return;
            }
            SignInEvent::Done(signed_in) => Ok(signed_in),
            SignInEvent::Failed(fault) => Err(fault),
        };
        self.signing_in = None;
        self.transport.signed_in(now, call, result);
    }

    /// The person wants to sign in while the chat runs.
    pub(super) fn begin_sign_in(&mut self, now: Now) -> Result<(), Fault> {
        if self.signing_in.is_some() {
            return Err(Fault::new(FaultCode::TooLate));
        }
        self.signal(now, self.abilities.sign_in, Request::SignIn)?;
        self.fault = None;
        Ok(())
    }

    /// The person has closed the page and wants it back.
    pub(super) fn open_sign_in(&mut self) -> Result<(), Fault> {
        let Some((_, SignInView::Browser { address })) = &self.signing_in else {
            return Err(Fault::new(FaultCode::TooLate));
        };
        self.held.push_back(Output::Browse(address.clone()));
        Ok(())
    }

    /// The person does not want to sign in.
    pub(super) fn cancel_sign_in(&mut self, now: Now) -> Result<(), Fault> {
        let (call, _) = self.signing_in.take().ok_or(Fault::new(FaultCode::TooLate))?;
        self.abandon(call);
        self.transport.signed_in(now, call, Err(SignInFault::GivenUp));
        Ok(())
    }

    pub(super) fn sign_in_view(&self) -> Option<SignInView> {
        self.signing_in.as_ref().map(|(_, view)| view.clone())
    }
}
