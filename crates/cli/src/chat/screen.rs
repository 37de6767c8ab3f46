//! What a person reads in the terminal: turns snapshots and updates into lines. Control characters in other people's words are
//! taken out, since a terminal would obey them.

use std::collections::BTreeMap;

use envoi_protocol::fault::{Fault, FaultCode};
use envoi_protocol::view::{
    Banner, Card, Change, Choice, ChoiceDoes, Content, DeliveryView, Guard, IdleView, Item, LinkView, Memory,
    Person, PhaseView, Questionnaire, Role, Run, SignInView, Snapshot,
};

use super::filling::Filling;
use crate::words;

/// What was shown so far.
#[derive(Debug)]
pub(super) struct Screen {
    company: String,
    /// How each item was last shown.
    shown: BTreeMap<String, String>,
    last_stuck: Option<String>,
    /// The last file or picture of the other side, for /save.
    last_file: Option<String>,
    /// The last offer that was not answered, and its choices in the order of their numbers.
    last_offer: Option<(String, Vec<String>)>,
    /// The last questions that were not answered, and their item.
    last_questions: Option<(String, Questionnaire)>,
    /// The banner's buttons, in the order of their numbers.
    buttons: Vec<String>,
    phase: Option<PhaseView>,
    link_down: bool,
    asking: bool,
    /// What was last said to be wrong.
    fault: Option<Fault>,
}

impl Screen {
    pub(super) fn new(company: &str) -> Self {
        Self {
            company: one_line(company),
            shown: BTreeMap::new(),
            last_stuck: None,
            last_file: None,
            last_offer: None,
            last_questions: None,
            buttons: Vec::new(),
            phase: None,
            link_down: false,
            asking: false,
            fault: None,
        }
    }

    /// Whether the question about a stray "thanks" is open.
    pub(super) fn asks(&self) -> bool {
        self.asking
    }

    /// The question was answered; that it went away is told later.
    pub(super) fn answered(&mut self) {
        self.asking = false;
    }

    /// The message that was last stuck, for /retry.
    pub(super) fn last_stuck(&self) -> Option<&str> {
        self.last_stuck.as_deref()
    }

    /// The last file or picture of the other side.
    pub(super) fn last_file(&self) -> Option<&str> {
        self.last_file.as_deref()
    }

    /// The choices of these numbers in the last offer, and its item.
    pub(super) fn chosen(&self, numbers: &[usize]) -> Option<(String, Vec<String>)> {
        let (item, ids) = self.last_offer.as_ref()?;
        let chosen = numbers.iter().map(|number| ids.get(number.checked_sub(1)?).cloned());
        Some((item.clone(), chosen.collect::<Option<Vec<String>>>()?))
    }

    /// The last questions that were not answered, ready to be.
    pub(super) fn questions(&self) -> Option<Filling> {
        self.last_questions.as_ref().map(|(item, asked)| Filling::new(item, asked))
    }

    /// The banner's button of this number.
    pub(super) fn button(&self, number: usize) -> Option<&str> {
        self.buttons.get(number.checked_sub(1)?).map(String::as_str)
    }

    /// Where the chat stands.
    pub(super) fn phase(&self) -> Option<&PhaseView> {
        self.phase.as_ref()
    }

    /// The lines for everything in a snapshot that was not shown yet.
    pub(super) fn catch_up(&mut self, snapshot: &Snapshot) -> Vec<String> {
        let mut lines: Vec<String> = snapshot.items.iter().filter_map(|item| self.item(item)).collect();
        lines.extend(self.guard(snapshot.guard.as_ref()));
        lines.extend(self.move_to(&snapshot.phase));
        lines.extend(self.link(&snapshot.link));
        lines.extend(self.fault(snapshot.fault.as_ref()));
        lines.extend(self.banner(snapshot.banner.as_ref()));
        lines.extend(self.idle(snapshot.idle.as_ref()));
        lines.extend(sign_in(snapshot.sign_in.as_ref(), &self.company));
        lines
    }

    /// The lines for one change.
    pub(super) fn apply(&mut self, change: &Change) -> Vec<String> {
        match change {
            Change::Items(items) => items.put.iter().filter_map(|placed| self.item(&placed.item)).collect(),
            Change::Phase(phase) => self.move_to(phase),
            Change::Link(link) => self.link(link),
            Change::Guard(guard) => self.guard(guard.as_ref()),
            Change::Typing(people) => {
                people.iter().map(|person| format!("  … {} is typing", name(person))).collect()
            }
            Change::Memory(Memory::NotKept { why }) => {
                vec![mark(&words::fault(&Fault::new(*why), &self.company))]
            }
            Change::Fault(fault) => self.fault(fault.as_ref()),
            Change::Banner(banner) => self.banner(banner.as_ref()),
            Change::Idle(idle) => self.idle(idle.as_ref()),
            Change::SignIn(view) => sign_in(view.as_ref(), &self.company),
            Change::People(_)
            | Change::History(_)
            | Change::Memory(_)
            | Change::Unread(_)
            | Change::Abilities(_) => Vec::new(),
        }
    }

    fn item(&mut self, item: &Item) -> Option<String> {
        let line = match &item.content {
            Content::Message { from, text, delivery } => {
                let words: String = text.iter().map(|Run { text, .. }| text.as_str()).collect();
                self.said(item, from, &clean(&words), delivery.as_ref())
            }
            Content::Picture { from, name, delivery, withdrawn, .. } => {
                self.file(item, from, ("picture", name), delivery.as_ref(), *withdrawn)
            }
            Content::File { from, name, delivery, withdrawn, .. } => {
                self.file(item, from, ("file", name), delivery.as_ref(), *withdrawn)
            }
            Content::Offer { from, offer, answered } => {
                let choices: Vec<&Choice> = offer.choices().collect();
                if answered.is_empty() {
                    let ids = choices.iter().map(|choice| choice.id.clone()).collect();
                    self.last_offer = Some((item.id.clone(), ids));
                }
                if let Some(asked) = &offer.questions {
                    self.last_questions.take_if(|(known, _)| *known == item.id);
                    if answered.is_empty() {
                        self.last_questions = Some((item.id.clone(), asked.clone()));
                    }
                }
                let mut said = format!("{}: {}", name(from), clean(&offer.text));
                for card in &offer.cards {
                    said.push_str(&card_lines(card));
                }
                for title in offer.groups.iter().filter_map(|group| group.title.as_deref()) {
                    said.push_str(&format!("\n    {}", one_line(title)));
                }
                for (number, choice) in choices.iter().enumerate() {
                    let mark = if answered.contains(&choice.id) { "  [chosen]" } else { "" };
                    said.push_str(&format!("\n    {}) {}{mark}", number + 1, label(choice)));
                }
                for question in offer.questions.iter().flat_map(|asked| &asked.questions) {
                    let mark = if answered.contains(&question.id) { "  [answered]" } else { "" };
                    said.push_str(&format!("\n    - {}{mark}", one_line(&question.label)));
                }
                if answered.is_empty() {
                    let how = if offer.questions.is_some() {
                        "/fill answers this, one question at a time"
                    } else {
                        "/choose NUMBER answers"
                    };
                    said.push_str(&format!("\n    {how}"));
                }
                said
            }
            Content::Unsupported { from } => {
                mark(&format!("{} sent something that cannot be shown here", name(from)))
            }
            Content::Local { text } => {
                let words: String = text.iter().map(|Run { text, .. }| text.as_str()).collect();
                mark(&clean(&words))
            }
            Content::Joined { person } if person.role == Role::Me => return None,
            Content::Joined { person } => mark(&format!("{} joined", name(person))),
            Content::Left { person } => mark(&format!("{} left", name(person))),
            Content::CaseClosed { by } => mark(&format!(
                "{} has closed this case",
                by.as_deref().map_or_else(|| "The agent".into(), one_line)
            )),
        };
        if self.shown.insert(item.id.clone(), line.clone()).as_ref() == Some(&line) {
            None
        } else {
            Some(line)
        }
    }

    /// A picture or another file.
    fn file(
        &mut self,
        item: &Item,
        from: &Person,
        (kind, name): (&str, &str),
        delivery: Option<&DeliveryView>,
        withdrawn: bool,
    ) -> String {
        if withdrawn {
            self.last_file.take_if(|last| *last == item.id);
        } else if delivery.is_none() {
            self.last_file = Some(item.id.clone());
        }
        let gone = if withdrawn { ", no longer available" } else { "" };
        self.said(item, from, &format!("[{kind}: {}{gone}]", one_line(name)), delivery)
    }

    fn said(&mut self, item: &Item, from: &Person, words: &str, delivery: Option<&DeliveryView>) -> String {
        let status = match delivery {
            // Short-lived: a line for each would only be noise.
            None
            | Some(
                DeliveryView::Sent
                | DeliveryView::Queued
                | DeliveryView::Sending
                | DeliveryView::Uploading { .. },
            ) => String::new(),
            Some(DeliveryView::Waiting { .. }) => String::from("  [waiting to send]"),
            Some(DeliveryView::Stuck { fault }) => {
                self.last_stuck = Some(item.id.clone());
                // Of what may have arrived nobody can say that it was not sent.
                let head = if fault.code == FaultCode::PerhapsSent { "" } else { "not sent: " };
                format!(
                    "  [{head}{} /retry sends it again, /remove takes it out]",
                    words::fault(fault, &self.company)
                )
            }
        };
        format!("{}: {words}{status}", name(from))
    }

    fn move_to(&mut self, phase: &PhaseView) -> Vec<String> {
        if self.phase.as_ref() == Some(phase) {
            return Vec::new();
        }
        let before = self.phase.replace(phase.clone());
        match phase {
            // The fault says why nothing can be written.
            PhaseView::Fresh | PhaseView::Shelved => Vec::new(),
            PhaseView::Joining => vec![mark(&format!("Asking {} for a chat…", self.company))],
            PhaseView::Open if matches!(before, Some(PhaseView::Closing { .. })) => Vec::new(),
            PhaseView::Open => vec![mark("You can write. /help lists what else you can do.")],
            PhaseView::Closing { by, text } => {
                let own = || {
                    let who = by.as_deref().map_or_else(|| "The agent".into(), one_line);
                    format!(
                        "{who} has closed this case. You can still write. Your next message starts a new case."
                    )
                };
                vec![mark(&text.as_deref().map_or_else(own, clean))]
            }
            PhaseView::Over { reason, by, unsent, .. } => {
                let by = by.as_deref().map(one_line);
                let mut lines = vec![mark(&words::end(*reason, by.as_deref(), &self.company))];
                if *unsent > 0 {
                    lines.push(mark(&format!("{}.", words::not_sent(u64::from(*unsent)))));
                }
                lines
            }
        }
    }

    fn link(&mut self, link: &LinkView) -> Vec<String> {
        match link {
            LinkView::Down { cause, .. } if !self.link_down => {
                self.link_down = true;
                let fault = Fault::new(*cause);
                vec![mark(&format!(
                    "{} Trying again by itself; /again tries now.",
                    words::fault(&fault, &self.company)
                ))]
            }
            LinkView::Up if self.link_down => {
                self.link_down = false;
                vec![mark("Connected again.")]
            }
            _ => Vec::new(),
        }
    }

    fn guard(&mut self, guard: Option<&Guard>) -> Vec<String> {
        self.asking = guard.is_some();
        guard
            .map(|guard| {
                let who = guard.by.as_deref().map_or_else(|| "The agent".into(), one_line);
                mark(&format!(
                    "Send \"{}\" as a new case? {who} has closed this one. (y/n)",
                    clean(&guard.text)
                ))
            })
            .into_iter()
            .collect()
    }

    /// What the banner says, and its buttons with their numbers.
    fn banner(&mut self, banner: Option<&Banner>) -> Vec<String> {
        let Some(banner) = banner else {
            self.buttons.clear();
            return Vec::new();
        };
        self.buttons = banner.choices().map(|choice| choice.id.clone()).collect();
        if banner.pending {
            return vec![mark("Leaving the agent… The chat stays open.")];
        }
        let mut number = 0;
        let mut lines = Vec::new();
        for card in &banner.cards {
            lines.push(mark(&format!("{}{}", one_line(&card.title), text_line(card))));
            for choice in &card.choices {
                number += 1;
                lines.push(mark(&format!("  {number}) {}   /press {number}", label(choice))));
            }
        }
        lines
    }

    fn idle(&self, idle: Option<&IdleView>) -> Vec<String> {
        let Some(idle) = idle else { return Vec::new() };
        let own = || format!("Are you still there? {} will end this chat soon.", self.company);
        let text = idle.text.as_deref().map_or_else(own, clean);
        vec![mark(&format!("{text} /stay says that you are."))]
    }

    fn fault(&mut self, fault: Option<&Fault>) -> Vec<String> {
        if self.fault.as_ref() == fault {
            return Vec::new();
        }
        self.fault = fault.cloned();
        fault.map(|fault| mark(&words::fault(fault, &self.company))).into_iter().collect()
    }
}

/// Where to sign in. Nothing is opened: this terminal may be on another computer than the browser.
fn sign_in(view: Option<&SignInView>, company: &str) -> Vec<String> {
    match view {
        Some(SignInView::Browser { address }) => vec![
            mark(&format!("{company} wants to know who you are. Sign in with a browser on this computer:")),
            format!("    {}", one_line(address)),
            mark("The chat goes on by itself then; /cancel gives it up."),
        ],
        Some(SignInView::Preparing) | None => Vec::new(),
    }
}

fn card_lines(card: &Card) -> String {
    format!("\n    {}{}", one_line(&card.title), text_line(card))
}

fn text_line(card: &Card) -> String {
    card.text.as_deref().map(|text| format!("\n    {}", clean(text))).unwrap_or_default()
}

/// What stands for a choice: its label, the words it says, or the address it opens, which the person can copy.
pub(super) fn label(choice: &Choice) -> String {
    let own = one_line(&choice.label);
    match &choice.does {
        ChoiceDoes::Open { href } => format!("{own} ({})", one_line(href)).trim().to_owned(),
        ChoiceDoes::Say { text, .. } if own.is_empty() => one_line(text),
        ChoiceDoes::Say { .. } | ChoiceDoes::Nothing => own,
    }
}

pub(super) fn mark(line: &str) -> String {
    format!("* {line}")
}

fn name(person: &Person) -> String {
    match (&person.name, person.role) {
        (_, Role::Me) => String::from("You"),
        (Some(name), Role::Bot) => format!("{} (bot)", one_line(name)),
        (Some(name), _) => one_line(name),
        (None, Role::Bot) => String::from("Bot"),
        (None, Role::Agent) => String::from("Agent"),
        (None, _) => String::from("Service"),
    }
}

/// A name without what a terminal would obey, on one line.
pub(super) fn one_line(text: &str) -> String {
    clean(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// Words of others without what a terminal would obey. Further lines are set in, so that none can pass for somebody else's.
pub(super) fn clean(text: &str) -> String {
    let spaced: String = text.trim_end().replace("\r\n", "\n").replace('\n', "\n    ");
    spaced.chars().map(|c| if c == '\n' || !c.is_control() { c } else { '\u{fffd}' }).collect()
}

#[cfg(test)]
mod tests;
