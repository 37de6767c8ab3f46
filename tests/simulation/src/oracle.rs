//! The judge: what the person was shown, held against what the service has on record.
//!
//! A message counts as accepted from the moment its row is on the screen, and as taken back when that row has gone. What the
//! service has is read from its model after every request. Nothing of the client's own state is asked.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use envoi_protocol::fault::FaultCode;
use envoi_protocol::view::{Change, DeliveryView, HistoryView, Item, Update};

use crate::centre::Spoken;
use crate::screen::{Screen, message};
use crate::verdict::Wrong;

#[derive(Debug, Default)]
pub(crate) struct Oracle {
    own: BTreeMap<String, Own>,
    /// Counts what was written.
    order: u64,
    record: Vec<Spoken>,
    /// How often the service has each text of the person.
    arrived: BTreeMap<String, usize>,
    /// Rows that are shown as sent, by their words.
    sent: BTreeMap<String, BTreeSet<String>>,
    /// Words that may have left, as far as anybody could know.
    left: BTreeSet<String>,
    /// What the person asked to take back, without an answer so far.
    asked_back: BTreeSet<String>,
    found: Vec<(Wrong, String)>,
    /// Whether requests may arrive late: then some things cannot be held against the client.
    late: bool,
    /// Messages that arrived a second time, out of turn or after they were taken back, because a request came late.
    unavoidable: u64,
}

/// A message whose row was on the screen.
#[derive(Debug)]
struct Own {
    text: String,
    /// Its place in the order of writing.
    order: u64,
    taken_back: bool,
    /// The person was told that it may have arrived.
    doubted: bool,
    /// The person had it sent again.
    retried: bool,
}

impl Oracle {
    pub(crate) fn new(late: bool) -> Self {
        Self { late, ..Self::default() }
    }

    /// What nobody could have avoided.
    pub(crate) fn unavoidable(&self) -> u64 {
        self.unavoidable
    }

    /// The service has more on record.
    pub(crate) fn heard(&mut self, news: Vec<Spoken>) {
        for spoken in &news {
            if spoken.mine {
                *self.arrived.entry(spoken.text.clone()).or_default() += 1;
            }
        }
        self.record.extend(news);
    }

    /// These words left, or it was kept that they were about to.
    pub(crate) fn may_have_left(&mut self, text: &str) {
        if !self.left.contains(text) {
            self.left.insert(text.to_owned());
        }
    }

    /// The program was started, and this is what is shown.
    pub(crate) fn opened(&mut self, screen: &Screen) {
        self.sent.clear();
        let shown: BTreeSet<&str> = screen.items.iter().map(|item| item.id.as_str()).collect();
        for id in std::mem::take(&mut self.asked_back) {
            let Some(own) = self.own.get_mut(&id).filter(|_| !shown.contains(id.as_str())) else { continue };
            // What is settled may stand further up than what is shown at a start: the person was not told yet that it was too late.
            if self.arrived.contains_key(&own.text) && screen.history != HistoryView::Complete {
                self.asked_back.insert(id);
            } else {
                own.taken_back = true;
            }
        }
        // What the service does not have can come from nowhere else.
        let missing = |(id, own): &(&String, &Own)| {
            let arrived = self.arrived.contains_key(&own.text);
            !own.taken_back && !arrived && !shown.contains(id.as_str())
        };
        for (id, own) in self.own.iter().filter(missing) {
            self.found.push((Wrong::Lost, format!("{id} \"{}\" is not there after a restart", own.text)));
        }
        for item in &screen.items {
            self.shown(item);
        }
    }

    /// An update was applied.
    pub(crate) fn updated(&mut self, update: &Update) {
        let Change::Items(change) = &update.change else { return };
        for id in &change.removed {
            if let Some(own) = self.own.get_mut(id) {
                own.taken_back = true;
            }
        }
        for placed in &change.put {
            self.asked_back.remove(&placed.item.id);
            self.shown(&placed.item);
        }
    }

    /// The person wants a stuck message to be sent again: it goes behind what waits, and may overtake what is stuck.
    pub(crate) fn retried(&mut self, id: &str) {
        if let Some(own) = self.own.get_mut(id) {
            own.retried = true;
        }
    }

    /// The person wants a message back, and was not told that it is too late.
    pub(crate) fn asked_back(&mut self, id: String) {
        self.asked_back.insert(id);
    }

    /// The person was told that a message was taken back, whatever the screen shows.
    pub(crate) fn told_taken_back(&mut self, id: &str) {
        if let Some(own) = self.own.get_mut(id) {
            own.taken_back = true;
        }
    }

    fn shown(&mut self, item: &Arc<Item>) {
        let Some((text, Some(delivery))) = message(item) else { return };
        let delivered = *delivery == DeliveryView::Sent;
        let doubted =
            matches!(delivery, DeliveryView::Stuck { fault } if fault.code == FaultCode::PerhapsSent);
        if doubted && !self.left.contains(&text) {
            let what = format!("the person is asked about \"{text}\", which has not left");
            self.found.push((Wrong::FalselyAsked, what));
        }
        if item.id.starts_with('m') {
            match self.own.get_mut(&item.id) {
                None => {
                    self.order += 1;
                    let own = Own {
                        text: text.clone(),
                        order: self.order,
                        taken_back: false,
                        doubted,
                        retried: false,
                    };
                    self.own.insert(item.id.clone(), own);
                }
                Some(own) if own.text != text => {
                    let what = format!("{} was \"{}\" and is \"{text}\"", item.id, own.text);
                    self.found.push((Wrong::Lost, what));
                }
                Some(own) if own.taken_back => {
                    self.found.push((Wrong::NotTakenBack, format!("\"{text}\" is back")));
                }
                Some(own) => own.doubted |= doubted,
            }
        }
        if !delivered {
            return;
        }
        let rows = self.sent.entry(text.clone()).or_default();
        rows.insert(item.id.clone());
        let arrived = self.arrived.get(&text).copied().unwrap_or_default();
        if rows.len() > arrived {
            let what =
                format!("\"{text}\" is shown as sent in {} rows, and the service has {arrived}", rows.len());
            self.found.push((Wrong::FalselySent, what));
        }
    }

    /// What was found since the last call.
    pub(crate) fn findings(&mut self) -> Vec<(Wrong, String)> {
        std::mem::take(&mut self.found)
    }

    /// Messages of the person that the service has.
    pub(crate) fn mine(&self) -> u64 {
        self.record.iter().filter(|spoken| spoken.mine).count() as u64
    }

    /// The last word, when all is quiet: what the person wrote against what the service has. When the chat is over, what has not
    /// arrived never will, and was never shown as sent.
    pub(crate) fn judge_mine(&mut self, over: bool) {
        if !over {
            // Everything was looked through, and what would have been there was seen.
            for id in std::mem::take(&mut self.asked_back) {
                self.told_taken_back(&id);
            }
        }
        let mut accepted: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
        for own in self.own.values() {
            let (stands, back) = accepted.entry(&own.text).or_default();
            *(if own.taken_back { back } else { stands }) += 1;
        }
        // Where the chat was begun anew, nobody can read any more what arrived in the old one: the person was told that it may have.
        let anew = self.record.last().is_some_and(|spoken| spoken.chat > 1);
        let told = |text: &str| self.own.values().any(|own| own.text == text && (own.doubted || own.retried));
        let mut found = Vec::new();
        for (text, (stands, back)) in &accepted {
            let arrived = self.arrived.get(*text).copied().unwrap_or_default();
            let what = format!("\"{text}\" was accepted {stands} times, arrived {arrived}");
            if arrived < *stands && !over {
                found.push((Wrong::Lost, what));
            } else if arrived > *stands && anew && told(text) {
                self.unavoidable += 1;
            } else if arrived > *stands {
                let wrong = if arrived <= stands + back { Wrong::NotTakenBack } else { Wrong::Duplicated };
                found.push((wrong, what));
            }
        }
        for text in self.arrived.keys().filter(|text| !accepted.contains_key(text.as_str())) {
            found.push((Wrong::Uncommitted, format!("\"{text}\" arrived and was never on the screen")));
        }
        let orders: BTreeMap<&str, u64> =
            self.own.values().map(|own| (own.text.as_str(), own.order)).collect();
        let mut last = 0;
        let chat = self.record.last().map_or(0, |spoken| spoken.chat);
        let again: BTreeSet<&str> =
            self.own.values().filter(|own| own.retried).map(|own| own.text.as_str()).collect();
        let told = self
            .record
            .iter()
            .filter(|spoken| spoken.chat == chat && spoken.mine && !again.contains(spoken.text.as_str()));
        for spoken in told.filter(|spoken| is_unique(&spoken.text)) {
            let order = orders.get(spoken.text.as_str()).copied().unwrap_or(last);
            if order < last {
                found.push((
                    Wrong::Reordered,
                    format!("\"{}\" arrived after what was written later", spoken.text),
                ));
            }
            last = last.max(order);
        }
        if self.late {
            let excused = [Wrong::Duplicated, Wrong::NotTakenBack, Wrong::Reordered];
            let before = found.len();
            found.retain(|(wrong, _)| !excused.contains(wrong));
            self.unavoidable += (before - found.len()) as u64;
        }
        self.found.extend(found);
    }

    /// Whether all that was said stands on the screen as it should; of a chat that was begun anew, this is not asked.
    pub(crate) fn is_all_shown(&self, screen: &Screen) -> bool {
        let anew = self.record.last().is_some_and(|spoken| spoken.chat > 1);
        anew || screen
            .texts()
            .iter()
            .map(String::as_str)
            .eq(self.record.iter().map(|spoken| spoken.text.as_str()))
    }

    /// The last word on the timeline, when all of it is on the screen.
    pub(crate) fn judge_timeline(&mut self, screen: &Screen) {
        let shown = screen.texts();
        let chat = self.record.last().map_or(0, |spoken| spoken.chat);
        let record: Vec<&str> = self.record.iter().map(|spoken| spoken.text.as_str()).collect();
        if chat > 1 {
            return self.judge_anew(&shown, chat);
        }
        if shown.iter().map(String::as_str).eq(record.iter().copied()) {
            return;
        }
        let count = |texts: &mut dyn Iterator<Item = &str>| {
            let mut counts: BTreeMap<String, usize> = BTreeMap::new();
            texts.for_each(|text| *counts.entry(text.to_owned()).or_default() += 1);
            counts
        };
        let (shown_counts, counts) =
            (count(&mut shown.iter().map(String::as_str)), count(&mut record.iter().copied()));
        let before = self.found.len();
        for (text, there) in &counts {
            let seen = shown_counts.get(text).copied().unwrap_or_default();
            if seen < *there {
                self.found.push((
                    Wrong::Lost,
                    format!("\"{text}\" is {there} times on record, {seen} on the screen"),
                ));
            }
        }
        for (text, seen) in &shown_counts {
            let there = counts.get(text).copied().unwrap_or_default();
            if *seen > there {
                let what = format!("\"{text}\" is {there} times on record, {seen} on the screen");
                self.found.push((Wrong::Duplicated, what));
            }
        }
        if self.found.len() == before {
            let at =
                shown.iter().zip(&record).position(|(shown, record)| shown != record).unwrap_or_default();
            let what = format!("\"{}\" stands where \"{}\" belongs", shown[at], record[at]);
            self.found.push((Wrong::Reordered, what));
        }
    }
}

impl Oracle {
    /// The chat was begun anew: all of the new one is there, in its order, and nothing more often than it was said.
    fn judge_anew(&mut self, shown: &[String], chat: u32) {
        let mut rest = shown.iter();
        for spoken in self.record.iter().filter(|spoken| spoken.chat == chat) {
            if !rest.any(|text| *text == spoken.text) {
                let what = format!("\"{}\" is not on the screen, or not in its place", spoken.text);
                self.found.push((Wrong::Lost, what));
                return;
            }
        }
        for text in shown {
            let said = self.record.iter().filter(|spoken| spoken.text == *text).count();
            if shown.iter().filter(|shown| *shown == text).count() > said {
                self.found.push((Wrong::Duplicated, format!("\"{text}\" was said {said} times")));
                return;
            }
        }
    }
}

/// Whether words are said only once.
pub(crate) fn is_unique(text: &str) -> bool {
    text.contains('#')
}
