//! The sign-in of one conversation, while a person is at it.

use std::sync::Arc;
use std::task::{Context, Poll, ready};

use envoi_protocol::io::{CallId, SignInCall, SignInEvent};
use tokio::sync::mpsc;
use tokio::task::AbortHandle;

use super::tasks::Tasks;
use crate::net::sign_in::{self, Page};

/// The sign-in that is under way, if there is one. Dropping it abandons it.
#[derive(Debug, Default)]
pub(super) struct SignIns {
    running: Option<(CallId, AbortHandle)>,
    tasks: Tasks<()>,
    /// Made with the first one: most conversations never have any.
    told: Option<Told>,
}

#[derive(Debug)]
struct Told {
    tell: mpsc::UnboundedSender<(CallId, SignInEvent)>,
    heard: mpsc::UnboundedReceiver<(CallId, SignInEvent)>,
}

impl SignIns {
    /// Begins one. Another that was under way is abandoned.
    pub(super) fn start(&mut self, call: SignInCall, page: Arc<Page>) {
        if let Some((id, _)) = self.running {
            self.cancel(id);
        }
        self.tasks.any();
        let told = self.told.get_or_insert_with(|| {
            let (tell, heard) = mpsc::unbounded_channel();
            Told { tell, heard }
        });
        let (id, tell) = (call.id, told.tell.clone());
        // Nobody is left to be told when this fails.
        let handle = self.tasks.spawn(sign_in::run(call, page, move |event| {
            let _ = tell.send((id, event));
        }));
        self.running = Some((id, handle));
    }

    /// Abandons it, if it is this one: nothing more is told of it.
    pub(super) fn cancel(&mut self, call: CallId) {
        if let Some((_, handle)) = self.running.take_if(|(running, _)| *running == call) {
            handle.abort();
        }
    }

    /// Abandons all.
    pub(super) fn cancel_all(&mut self) {
        self.running = None;
        self.tasks.abort_all();
    }

    /// The next thing that happens.
    pub(super) fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<(CallId, SignInEvent)> {
        let Some(told) = &mut self.told else { return Poll::Pending };
        // One end of the line is held here, so it does not end.
        while let Some((call, event)) = ready!(told.heard.poll_recv(context)) {
            if self.running.as_ref().is_some_and(|(running, _)| *running == call) {
                if !matches!(event, SignInEvent::Page { .. }) {
                    // The task still answers the browser.
                    self.running = None;
                }
                return Poll::Ready((call, event));
            }
        }
        Poll::Pending
    }
}
