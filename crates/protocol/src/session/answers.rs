//! Offers and banners: what can be chosen, and what choosing leads to.
//!
//! A choice that says something becomes an ordinary own message, in the same outbox as every other, so that it survives a restart
//! and is tried again. The question about a stray "thanks" is not asked: whoever presses a button means it.

use super::*;

/// Most cards, groups, and choices of each that are shown. No service is known to send as many.
const MOST: usize = 64;
/// Longest address of a picture, in bytes.
const LONGEST_ADDRESS: usize = 2_048;

impl Session {
    /// The person answers an offer.
    pub(super) fn choose(&mut self, now: Now, item: &str, ids: &[String]) -> Result<(), Fault> {
        if !self.phase.may_write() {
            return Err(Fault::new(FaultCode::ChatOver));
        }
        let row = self.timeline.row(item).map(|row| &row.item.content);
        let Some(Content::Offer { offer, answered, .. }) = row else {
            return Err(Fault::new(FaultCode::TooLate));
        };
        if !answered.is_empty() || (offer.passing && self.last_said() != Some(item)) {
            return Err(Fault::new(FaultCode::TooLate));
        }
        let chosen = chosen(offer, ids).ok_or(Fault::with_detail(FaultCode::FieldBad, "choices"))?;
        let Answer { label, text, payloads } = chosen;
        let offer = Some(item.to_owned());
        self.say(now, label, ParcelContent::Answer { offer, text, payloads });
        self.timeline.answer(item, ids);
        Ok(())
    }

    /// The person presses a button of the banner.
    pub(super) fn choose_banner(&mut self, now: Now, id: &str) -> Result<(), Fault> {
        if !self.phase.may_write() {
            return Err(Fault::new(FaultCode::ChatOver));
        }
        let banner = self.banner.as_ref().filter(|banner| !banner.pending);
        let choice = banner.and_then(|banner| banner.choices().find(|choice| choice.id == id));
        let Some(ChoiceDoes::Say { text, payload }) = choice.map(|choice| choice.does.clone()) else {
            return Err(Fault::new(FaultCode::TooLate));
        };
        let payloads = payload.into_iter().collect();
        let local = self.say(now, text.clone(), ParcelContent::Answer { offer: None, text, payloads });
        self.wait_for_banner(local);
        Ok(())
    }

    /// The person puts the banner away.
    pub(super) fn close_banner(&mut self, now: Now) -> Result<(), Fault> {
        match &mut self.banner {
            Some(banner) if banner.minimised => return Err(Fault::new(FaultCode::TooLate)),
            Some(banner) if banner.minimises => banner.minimised = true,
            Some(_) => self.banner = None,
            None => return Err(Fault::new(FaultCode::TooLate)),
        }
        self.transport.request(now, Request::BannerClosed);
        Ok(())
    }

    /// The person wants to see a minimised banner.
    pub(super) fn open_banner(&mut self) -> Result<(), Fault> {
        let minimised = self.banner.as_mut().filter(|banner| banner.minimised);
        minimised.map(|banner| banner.minimised = false).ok_or(Fault::new(FaultCode::TooLate))
    }

    /// The service wants another banner, or none. The same again changes nothing that the person did with it.
    pub(super) fn banner_told(&mut self, banner: Option<Banner>) {
        self.leaving = None;
        let before = self.banner.take();
        self.banner = banner.filter(|_| !self.phase.is_over()).map(|banner| {
            let cards = banner.cards.into_iter().take(MOST).map(harmless_card).collect();
            let same = before.as_ref().is_some_and(|before| before.cards == cards);
            let minimised = same && before.is_some_and(|before| before.minimised) && banner.minimises;
            Banner { cards, minimised, pending: false, ..banner }
        });
    }

    /// The person wrote something by hand that a button of the banner says as well.
    pub(super) fn said_by_hand(&mut self, local: LocalId, text: &str) {
        let folded = text.trim().to_lowercase();
        let says = |choice: &Choice| match &choice.does {
            ChoiceDoes::Say { text, .. } => text.trim().to_lowercase() == folded,
            ChoiceDoes::Open { .. } | ChoiceDoes::Nothing => false,
        };
        if self.banner.as_ref().is_some_and(|banner| !banner.pending && banner.choices().any(says)) {
            self.wait_for_banner(local);
        }
    }

    /// Nobody is left whose going the banner could wait for.
    pub(super) fn agent_left(&mut self) {
        self.wait_no_more();
    }

    /// A message was taken back: what it answered is open again.
    pub(super) fn unsay(&mut self, local: LocalId, content: Option<&ParcelContent>) {
        if let Some(ParcelContent::Answer { offer: Some(offer), .. }) = content {
            self.timeline.answer(offer, &[]);
        }
        if self.leaving == Some(local) {
            self.wait_no_more();
        }
    }

    /// What follows from how the own messages stand.
    pub(super) fn look_after_sending(&mut self) {
        if let Some(fault) = self.outbox.give_up_hidden() {
            self.fault = Some(fault);
        }
        // It will not leave by itself, so nobody hears of it.
        let stuck = |local| matches!(self.outbox.delivery(local), Some(crate::outbox::Delivery::Stuck(_)));
        if self.leaving.is_some_and(stuck) {
            self.wait_no_more();
        }
    }

    /// The own words with which an offer was answered, elsewhere or before what is kept here.
    pub(super) fn answered_elsewhere(&mut self, words: &str) {
        if !self.timeline.has_offers() {
            return;
        }
        let said = |choice: &&Choice| matches!(&choice.does, ChoiceDoes::Say { text, .. } if text == words);
        let newest = self.timeline.items().rev().take(MOST);
        let offers = newest.filter_map(|item| match &item.content {
            Content::Offer { offer, answered, .. } if answered.is_empty() => Some((&item.id, offer)),
            _ => None,
        });
        let answer = |offer: &Offer| {
            let asked = offer.questions.as_ref().filter(|asked| asked.reply == words);
            let first = asked.and_then(|asked| asked.questions.first()).map(|question| question.id.clone());
            first.or_else(|| offer.choices().find(said).map(|choice| choice.id.clone()))
        };
        let found = offers.filter_map(|(id, offer)| Some((id.clone(), answer(offer)?))).next();
        if let Some((item, choice)) = found {
            self.timeline.answer(&item, &[choice]);
        }
    }

    fn wait_for_banner(&mut self, local: LocalId) {
        if let Some(banner) = &mut self.banner {
            banner.pending = true;
            self.leaving = Some(local);
        }
    }

    fn wait_no_more(&mut self) {
        self.leaving = None;
        if let Some(banner) = &mut self.banner {
            banner.pending = false;
        }
    }

    /// The last thing that anybody said.
    fn last_said(&self) -> Option<&str> {
        let mut said = self.timeline.items().rev().filter(|item| item.content.said_by().is_some());
        said.next().map(|item| item.id.as_str())
    }
}

/// What choosing says.
struct Answer {
    /// What the own row shows.
    label: String,
    /// The words for the service.
    text: String,
    payloads: Vec<String>,
}

/// The answer that these choices are: one of all that say something, or several of one group that allows it.
fn chosen(offer: &Offer, ids: &[String]) -> Option<Answer> {
    let mut choices: Vec<&Choice> = Vec::with_capacity(ids.len());
    for id in ids {
        let choice = offer.choices().find(|choice| choice.id == *id)?;
        if choices.iter().any(|other| other.id == *id) {
            return None;
        }
        choices.push(choice);
    }
    let together = |choice: &&Choice| {
        let mut many = offer.groups.iter().filter(|group| group.multiple);
        many.any(|group| {
            group.choices.contains(choice) && choices.iter().all(|one| group.choices.contains(one))
        })
    };
    if choices.is_empty() || (choices.len() > 1 && !choices.iter().all(together)) {
        return None;
    }
    let mut answer = Answer { label: String::new(), text: String::new(), payloads: Vec::new() };
    let plain = choices.iter().all(|choice| matches!(choice.does, ChoiceDoes::Say { payload: None, .. }));
    for choice in choices {
        let ChoiceDoes::Say { text, payload } = &choice.does else { return None };
        let label = if choice.label.trim().is_empty() { text } else { &choice.label };
        for (all, one) in [(&mut answer.label, label), (&mut answer.text, text)] {
            if !all.is_empty() {
                all.push_str(", ");
            }
            all.push_str(one);
        }
        if !plain {
            answer.payloads.push(payload.clone().unwrap_or_else(|| text.clone()));
        }
    }
    Some(answer)
}

/// An offer as it may be shown: cleaned, bounded, and without addresses that must not be opened.
pub(super) fn harmless(offer: Offer) -> Offer {
    let groups = offer.groups.into_iter().take(MOST).map(|mut group| {
        group.title = group.title.map(text::clean);
        group.choices = group.choices.into_iter().take(MOST).map(harmless_choice).collect();
        group
    });
    Offer {
        text: text::clean(offer.text),
        cards: offer.cards.into_iter().take(MOST).map(harmless_card).collect(),
        groups: groups.collect(),
        passing: offer.passing,
        questions: offer.questions.map(super::questions::harmless),
    }
}

fn harmless_card(mut card: view::Card) -> view::Card {
    card.title = text::clean(card.title);
    card.text = card.text.map(text::clean);
    // Fetched, and not opened: the transport says where it goes for files.
    card.picture =
        card.picture.filter(|address| address.len() <= LONGEST_ADDRESS && text::is_openable(address));
    card.choices = card.choices.into_iter().take(MOST).map(harmless_choice).collect();
    card
}

fn harmless_choice(mut choice: Choice) -> Choice {
    choice.label = text::clean(choice.label);
    choice.text = choice.text.map(text::clean);
    if matches!(&choice.does, ChoiceDoes::Open { href } if !text::is_openable(href)) {
        choice.does = ChoiceDoes::Nothing;
    }
    choice
}
