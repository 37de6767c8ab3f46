//! Files that the conversation holds, and where they can be had. An address lasts about ten minutes, so it is not what a file is
//! known by: the service is asked for a new one.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::json;

use super::chat::{Chat, Errand};
use super::desk::{Desk, Lane, Purpose};
use super::map::ATTACHMENT;
use super::wire::{self, Place};
use crate::event::Event;
use crate::io::{Deadline, HttpReply, IoFault, Moment, Now};
use crate::transport::Failure;

/// How long an address is used.
const FRESH: Duration = Duration::from_secs(8 * 60);
/// Most addresses that are kept.
const KEPT: usize = 32;

#[derive(Debug, Default)]
pub(super) struct Shelf {
    /// Where a file can be had, and until when.
    places: BTreeMap<String, (String, Moment)>,
    /// Files whose address was asked for, until then.
    asked: BTreeMap<String, Moment>,
}

impl Shelf {
    /// Keeps addresses for a while.
    pub(super) fn keep(&mut self, now: Now, files: &[(String, String)]) {
        for (id, url) in files {
            if self.places.len() >= KEPT {
                self.places.retain(|_, (_, until)| *until > now.at);
            }
            if self.places.len() < KEPT {
                self.places.insert(id.clone(), (url.clone(), now.at.after(FRESH)));
            }
        }
    }

    /// An address came. Tells whether it was asked for here.
    pub(super) fn found(&mut self, desk: &mut Desk, now: Now, place: &Place) -> bool {
        if self.asked.remove(&place.id).is_none() {
            return false;
        }
        self.keep(now, &[(place.id.clone(), place.url.clone())]);
        fetch(desk, format!("{ATTACHMENT}{}", place.id), &place.url);
        true
    }

    /// Gives up on addresses that do not come.
    pub(super) fn go_on(&mut self, desk: &mut Desk, now: Now) {
        let overdue: Vec<String> =
            self.asked.iter().filter(|(_, until)| **until <= now.at).map(|(id, _)| id.clone()).collect();
        for id in overdue {
            self.asked.remove(&id);
            let url = format!("{ATTACHMENT}{id}");
            desk.tell(Event::Media { url, content: Err(Failure::Io(IoFault::Timeout)) });
        }
    }

    pub(super) fn deadline(&self) -> Option<Deadline> {
        self.asked.values().min().map(|at| Deadline { at: *at, why: "patience with a file" })
    }

    /// The connection is no more.
    pub(super) fn drop_asked(&mut self, desk: &mut Desk, failure: &Failure) {
        for id in std::mem::take(&mut self.asked).into_keys() {
            desk.tell(Event::Media { url: format!("{ATTACHMENT}{id}"), content: Err(failure.clone()) });
        }
    }
}

impl Chat {
    /// A file is wanted.
    pub(super) fn media(&mut self, desk: &mut Desk, now: Now, url: String) {
        if desk.calls.any(|purpose| matches!(purpose, Purpose::File { url: known } if *known == url)) {
            return;
        }
        if let Err(failure) = desk.open(now, &Lane::Files) {
            desk.tell(Event::Media { url, content: Err(failure) });
            return;
        }
        let Some(id) = url.strip_prefix(ATTACHMENT) else {
            let address = url.clone();
            return fetch(desk, url, &address);
        };
        if self.shelf.asked.contains_key(id) {
            return;
        }
        let known = self.shelf.places.get(id).filter(|(_, until)| *until > now.at);
        if let Some((address, _)) = known {
            let address = address.clone();
            return fetch(desk, url, &address);
        }
        let Some(socket) = self.ready() else {
            desk.tell(Event::Media { url, content: Err(Failure::Io(IoFault::Unreachable)) });
            return;
        };
        let id = id.to_owned();
        let ask = json!({ "action": "getAttachment", "attachmentId": id });
        let name = desk.say(now, socket, &self.token, ask);
        self.errand(name, Errand::Other);
        self.shelf.asked.insert(id, now.at.after(desk.settings.request_timeout));
    }

    /// A file came, or not.
    pub(super) fn file_came(
        &mut self,
        desk: &mut Desk,
        now: Now,
        url: String,
        result: &Result<HttpReply, IoFault>,
    ) {
        desk.heed_reply(now, Lane::Files, result);
        let content = wire::judge_file(result);
        if let (Err(failure), Some(id)) = (&content, url.strip_prefix(ATTACHMENT)) {
            desk.heed(now, Lane::Files, failure);
            // The address may have run out: the next time another is asked for.
            self.shelf.places.remove(id);
        }
        desk.tell(Event::Media { url, content });
    }
}

fn fetch(desk: &mut Desk, url: String, address: &str) {
    if let Some(address) = desk.settings.place_for_files(address) {
        desk.fetch_file(url, address);
    } else {
        let failure = Failure::Declined { status: 0, code: "FOREIGN_ADDRESS".to_owned() };
        desk.tell(Event::Media { url, content: Err(failure) });
    }
}
