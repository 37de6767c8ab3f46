//! A transport that stands before the real one and does not tell all of the truth.

use std::collections::VecDeque;

use envoi_protocol::event::{EntryKey, Event, Origin, Trace};
use envoi_protocol::io::{CallId, Deadline, HttpReply, IoFault, Now};
use envoi_protocol::transport::{Action, Capabilities, Failure, Request, Transport};

use super::Breakage;

#[derive(Debug)]
pub(crate) struct Liar {
    breakage: Breakage,
    honest: Box<dyn Transport>,
    lies: VecDeque<Action>,
    renamed: u64,
}

impl Liar {
    pub(crate) fn new(breakage: Breakage, honest: Box<dyn Transport>) -> Self {
        Self { breakage, honest, lies: VecDeque::new(), renamed: 0 }
    }

    /// What is told in place of an event; nothing if it is kept secret.
    fn tell(&mut self, event: Event) -> Option<Event> {
        let unreachable = Failure::Io(IoFault::Unreachable);
        match (self.breakage, event) {
            (Breakage::ResendsAlways, Event::NotSent { local, trace, .. }) if trace != Trace::None => {
                Some(Event::NotSent { local, failure: unreachable, trace: Trace::None })
            }
            (Breakage::TimeoutIsNo, Event::NotSent { local, trace: Trace::Lingering, .. }) => {
                Some(Event::NotSent { local, failure: unreachable, trace: Trace::None })
            }
            (Breakage::SentWhenItLeaves, Event::NotSent { .. }) => None,
            (Breakage::NoDeduplication, Event::Batch(mut batch)) if batch.origin != Origin::Live => {
                for entry in &mut batch.entries {
                    self.renamed += 1;
                    entry.key.minor += self.renamed << 33;
                }
                Some(Event::Batch(batch))
            }
            (Breakage::ShufflesBatches, Event::Batch(mut batch)) => {
                let keys: Vec<EntryKey> = batch.entries.iter().map(|entry| entry.key).collect();
                batch.entries.reverse();
                for (entry, key) in batch.entries.iter_mut().zip(keys) {
                    entry.key = key;
                }
                Some(Event::Batch(batch))
            }
            (_, event) => Some(event),
        }
    }
}

impl Transport for Liar {
    fn capabilities(&self) -> Capabilities {
        self.honest.capabilities()
    }

    fn request(&mut self, now: Now, request: Request) {
        match (self.breakage, &request) {
            (Breakage::SentWhenItLeaves, Request::Send { local, .. }) => {
                self.lies.push_back(Action::Event(Event::Sent { local: *local }));
            }
            (Breakage::ReconcilesBlindly, Request::Reconcile) => {
                self.lies.push_back(Action::Event(Event::Reconciled));
            }
            _ => {}
        }
        self.honest.request(now, request);
    }

    fn reply(&mut self, now: Now, call: CallId, result: Result<HttpReply, IoFault>) {
        self.honest.reply(now, call, result);
    }

    fn tick(&mut self, now: Now) {
        self.honest.tick(now);
    }

    fn poll(&mut self) -> Option<Action> {
        if let Some(lie) = self.lies.pop_front() {
            return Some(lie);
        }
        loop {
            match self.honest.poll()? {
                Action::Event(event) => {
                    if let Some(event) = self.tell(event) {
                        return Some(Action::Event(event));
                    }
                }
                action => return Some(action),
            }
        }
    }

    fn deadline(&self) -> Option<Deadline> {
        self.honest.deadline()
    }
}
