//! What a transcript says about a conversation as a whole: who was there and when, and how much was said. Pure: rows in, in their
//! order, and [`Details`] out.

use crate::view::{Attendance, Content, Details, Item, Person, Role};

/// Adds up rows.
#[derive(Debug, Clone, Default)]
pub struct Tally(Details);

impl Tally {
    /// Takes the next row in.
    pub fn row(&mut self, item: &Item) {
        match &item.content {
            Content::Joined { person } => self.is_there(person, item.at),
            Content::Left { person } => {
                if let Some(stay) = self.stay(person) {
                    stay.until = Some(item.at);
                }
            }
            content => {
                let Some(from) = content.said_by() else { return };
                let details = &mut self.0;
                details.started.get_or_insert(item.at);
                details.ended = details.ended.max(Some(item.at));
                let count = if from.role == Role::Me { &mut details.sent } else { &mut details.received };
                *count = count.saturating_add(1);
                self.is_there(from, item.at);
            }
        }
    }

    /// What the rows say.
    #[must_use]
    pub fn details(self) -> Details {
        self.0
    }

    /// Somebody who speaks is there, even if their coming was not told.
    fn is_there(&mut self, person: &Person, at: i64) {
        if !matches!(person.role, Role::Agent | Role::Supervisor | Role::Bot) {
            return;
        }
        match self.stay(person) {
            Some(stay) => stay.person = person.clone(),
            None => self.0.people.push(Attendance { person: person.clone(), from: at, until: None }),
        }
    }

    /// The stay of somebody who has not left.
    fn stay(&mut self, person: &Person) -> Option<&mut Attendance> {
        self.0.people.iter_mut().rev().find(|stay| stay.person.id == person.id && stay.until.is_none())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::runs;

    fn person(name: &str, role: Role) -> Person {
        Person { id: name.into(), name: Some(name.into()), role }
    }

    fn row(at: i64, content: Content) -> Item {
        Item { id: format!("e{at}-0"), at, replayed: false, content }
    }

    fn says(at: i64, from: Person) -> Item {
        row(at, Content::Message { from, text: runs("words".into()), delivery: None })
    }

    #[test]
    fn stays_messages_and_times_are_added_up() {
        let (maya, tide) = (person("Maya", Role::Agent), person("Tide", Role::Bot));
        let mut tally = Tally::default();
        for item in [
            says(10, tide.clone()),
            says(20, person("Sam", Role::Me)),
            row(30, Content::Joined { person: maya.clone() }),
            says(40, maya.clone()),
            row(50, Content::Left { person: maya.clone() }),
            row(60, Content::Local { text: runs("a note".into()) }),
            row(70, Content::Joined { person: maya.clone() }),
        ] {
            tally.row(&item);
        }
        let stay = |person: &Person, from, until| Attendance { person: person.clone(), from, until };
        let expected = Details {
            people: vec![stay(&tide, 10, None), stay(&maya, 30, Some(50)), stay(&maya, 70, None)],
            started: Some(10),
            ended: Some(40),
            received: 2,
            sent: 1,
        };
        assert_eq!(tally.details(), expected);
    }
}
