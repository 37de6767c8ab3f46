//! Questions that are answered together. The answers become one own message: the service is given what it wants back with each,
//! and the person sees what they said.

use super::*;
use crate::transport::Answered;
use crate::view::{Question, Questionnaire, Takes};

/// Most questions of one questionnaire, and most choices of one question.
const MOST: usize = 64;

impl Session {
    /// The person answers the questions of an offer.
    pub(super) fn fill(
        &mut self,
        now: Now,
        item: &str,
        answers: &BTreeMap<String, Vec<String>>,
    ) -> Result<(), Fault> {
        if !self.phase.may_write() {
            return Err(Fault::new(FaultCode::ChatOver));
        }
        let row = self.timeline.row(item).map(|row| &row.item.content);
        let Some(Content::Offer { offer, answered, .. }) = row else {
            return Err(Fault::new(FaultCode::TooLate));
        };
        let asked = offer.questions.as_ref().filter(|_| answered.is_empty());
        let asked = asked.ok_or(Fault::new(FaultCode::TooLate))?;
        let given = answer_all(asked, answers)?;
        let ids: Vec<String> = given.iter().map(|answer| answer.question.clone()).collect();
        let (shown, text) = (summary(asked, &given), asked.reply.clone());
        let lines = given.iter().map(|answer| serde_json::to_string(answer).unwrap_or_default());
        let payloads = std::iter::once(asked.payload.clone()).chain(lines).collect();
        let offer = Some(item.to_owned());
        self.say(now, shown, ParcelContent::Answer { offer, text, payloads });
        self.timeline.answer(item, &ids);
        Ok(())
    }
}

/// What is said to each question that is answered, in their order.
///
/// # Errors
/// The first question that lacks an answer or was given a wrong one, by its identifier.
fn answer_all(
    asked: &Questionnaire,
    answers: &BTreeMap<String, Vec<String>>,
) -> Result<Vec<Answered>, Fault> {
    let known = |id: &String| asked.questions.iter().any(|question| question.id == *id);
    if let Some(stranger) = answers.keys().find(|id| !known(id)) {
        return Err(Fault::with_detail(FaultCode::FieldBad, stranger.clone()));
    }
    let mut given = Vec::new();
    for question in &asked.questions {
        let values = answers.get(&question.id).into_iter().flatten();
        let values: Vec<&str> = values.map(|value| value.trim()).filter(|value| !value.is_empty()).collect();
        if values.is_empty() && question.required {
            return Err(Fault::with_detail(FaultCode::FieldMissing, question.id.clone()));
        }
        if values.is_empty() {
            continue;
        }
        let values = answer(&question.takes, &values);
        let values = values.ok_or_else(|| Fault::with_detail(FaultCode::FieldBad, question.id.clone()))?;
        given.push(Answered { question: question.id.clone(), values });
    }
    if given.is_empty() {
        let first = asked.questions.first().map(|question| question.id.clone()).unwrap_or_default();
        return Err(Fault::with_detail(FaultCode::FieldMissing, first));
    }
    Ok(given)
}

/// Words and what the service wants back for each value; `None` if one of them is no answer to this.
fn answer(takes: &Takes, values: &[&str]) -> Option<Vec<(String, String)>> {
    match (takes, values) {
        (Takes::Words { longest, lines }, [words]) => {
            let fits = u32::try_from(words.chars().count()).is_ok_and(|count| count <= *longest);
            (fits && (*lines || !words.contains('\n')))
                .then(|| vec![((*words).to_owned(), (*words).to_owned())])
        }
        (Takes::Day { first, last }, [day]) => {
            let date: jiff::civil::Date = day.parse().ok()?;
            let bound = |bound: &Option<String>| bound.as_deref().and_then(|text| text.parse().ok());
            let inside =
                bound(first).is_none_or(|first| first <= date) && bound(last).is_none_or(|last| date <= last);
            inside.then(|| vec![(date.to_string(), date.to_string())])
        }
        (Takes::Choices { multiple, choices }, values) if *multiple || values.len() == 1 => {
            let mut found: Vec<(String, String)> = Vec::new();
            for (number, value) in values.iter().enumerate() {
                let choice = choices.iter().find(|choice| choice.id == *value)?;
                let ChoiceDoes::Say { text, payload } = &choice.does else { return None };
                if values.iter().take(number).any(|other| other == value) {
                    return None;
                }
                found.push((text.clone(), payload.clone().unwrap_or_else(|| text.clone())));
            }
            Some(found)
        }
        _ => None,
    }
}

/// What the own row shows: the words of the reply, and what was said to each question.
fn summary(asked: &Questionnaire, given: &[Answered]) -> String {
    let line = |answer: &Answered| {
        let question = asked.questions.iter().find(|question| question.id == answer.question)?;
        let words: Vec<&str> = answer.values.iter().map(|(words, _)| words.as_str()).collect();
        Some(format!("{}: {}", question.label, words.join(", ")))
    };
    std::iter::once(asked.reply.clone()).chain(given.iter().filter_map(line)).collect::<Vec<_>>().join("\n")
}

/// Questions as they may be shown: cleaned and bounded.
pub(super) fn harmless(mut asked: Questionnaire) -> Questionnaire {
    asked.button = asked.button.and_then(text::name);
    asked.reply = text::clean(asked.reply);
    asked.questions.truncate(MOST);
    for Question { heading, label, hint, takes, .. } in &mut asked.questions {
        *label = text::clean(std::mem::take(label));
        *heading = heading.take().map(text::clean);
        *hint = hint.take().map(text::clean);
        if let Takes::Choices { choices, .. } = takes {
            choices.truncate(MOST);
            for choice in choices {
                choice.label = text::clean(std::mem::take(&mut choice.label));
                choice.text = choice.text.take().map(text::clean);
            }
        }
    }
    asked
}
