//! Questions that are answered together, for a person at a terminal: one question at a time, one line for each. All answers leave at
//! once, when the last was given; the conversation judges them as it does everybody's.

use std::collections::BTreeMap;

use envoi_protocol::fault::Fault;
use envoi_protocol::view::{Command, Question, Questionnaire, Takes};

use super::screen::{clean, label, mark, one_line};

/// Questions that are being answered.
#[derive(Debug)]
pub(super) struct Filling {
    item: String,
    asked: Questionnaire,
    /// Which question is asked; behind the last when all were.
    at: usize,
    answers: BTreeMap<String, Vec<String>>,
}

impl Filling {
    /// The first question of this item is asked.
    pub(super) fn new(item: &str, asked: &Questionnaire) -> Self {
        Self { item: item.to_owned(), asked: asked.clone(), at: 0, answers: BTreeMap::new() }
    }

    /// The lines that ask what is asked now.
    pub(super) fn ask(&self) -> Vec<String> {
        let Some(question) = self.asked.questions.get(self.at) else { return Vec::new() };
        let mut lines: Vec<String> =
            question.heading.iter().map(|heading| mark(&one_line(heading))).collect();
        let of = self.asked.questions.len();
        lines.push(mark(&format!("{} of {of}: {}", self.at + 1, one_line(&question.label))));
        lines.extend(question.hint.iter().map(|hint| format!("    {}", clean(hint))));
        if let Takes::Choices { choices, .. } = &question.takes {
            let lined = choices.iter().enumerate();
            lines.extend(lined.map(|(number, choice)| format!("    {}) {}", number + 1, label(choice))));
        }
        let pass = if question.required { "" } else { ", or an empty line to pass over it" };
        lines.push(mark(&format!("Write {}{pass}. /cancel gives up.", wanted(&question.takes))));
        lines
    }

    /// Takes an answer to what is asked, as it was typed. With the last one come all of them.
    ///
    /// # Errors
    ///
    /// Why it is no answer; the question stays.
    pub(super) fn answer(&mut self, line: &str) -> Result<Option<Command>, String> {
        let Some(question) = self.asked.questions.get(self.at) else { return Ok(Some(self.all())) };
        let values = read(question, line.trim())?;
        if values.is_empty() {
            self.answers.remove(&question.id);
        } else {
            self.answers.insert(question.id.clone(), values);
        }
        self.at += 1;
        Ok((self.at >= self.asked.questions.len()).then(|| self.all()))
    }

    /// The answers were refused for this reason. Whether it is about a question of these, which is then asked once more.
    pub(super) fn again(&mut self, fault: &Fault) -> bool {
        let about = |question: &Question| Some(&question.id) == fault.detail.as_ref();
        let at = self.asked.questions.iter().position(about);
        self.at = at.unwrap_or(self.at);
        at.is_some()
    }

    fn all(&self) -> Command {
        Command::Fill { item: self.item.clone(), answers: self.answers.clone() }
    }
}

/// What is to be typed.
fn wanted(takes: &Takes) -> String {
    match takes {
        Takes::Words { longest, .. } => format!("at most {longest} characters"),
        Takes::Choices { multiple: false, .. } => "the number of one choice".to_owned(),
        Takes::Choices { multiple: true, .. } => "the numbers of your choices".to_owned(),
        Takes::Day { first, last } => {
            let bound = |word: &str, day: &Option<String>| {
                day.as_deref().map(|day| format!(" {word} {}", one_line(day))).unwrap_or_default()
            };
            format!("a day as YYYY-MM-DD{}{}", bound("from", first), bound("to", last))
        }
    }
}

/// What a line says to a question: identifiers for choices, the line itself for everything else.
fn read(question: &Question, line: &str) -> Result<Vec<String>, String> {
    if line.is_empty() {
        return if question.required {
            Err(String::from("this cannot be passed over"))
        } else {
            Ok(Vec::new())
        };
    }
    match &question.takes {
        Takes::Words { longest, .. } => {
            let count = u32::try_from(line.chars().count()).unwrap_or(u32::MAX);
            let over = count.saturating_sub(*longest);
            if over > 0 { Err(format!("this is {over} too long")) } else { Ok(vec![line.to_owned()]) }
        }
        Takes::Choices { multiple, choices } => {
            let mut ids = Vec::new();
            for number in line.split([' ', ',']).filter(|number| !number.is_empty()) {
                let at = number.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
                let choice = at.and_then(|at| choices.get(at));
                let choice =
                    choice.ok_or_else(|| format!("{} is not the number of a choice", one_line(number)))?;
                if !ids.contains(&choice.id) {
                    ids.push(choice.id.clone());
                }
            }
            if ids.len() > 1 && !multiple { Err(String::from("only one can be chosen")) } else { Ok(ids) }
        }
        Takes::Day { .. } => Ok(vec![line.to_owned()]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use envoi_protocol::fault::FaultCode;
    use envoi_protocol::view::{Choice, ChoiceDoes};

    fn question(id: &str, required: bool, takes: Takes) -> Question {
        Question { id: id.into(), heading: None, label: id.to_uppercase(), hint: None, required, takes }
    }

    fn choice(id: &str) -> Choice {
        let does = ChoiceDoes::Say { text: id.into(), payload: None };
        Choice { id: id.into(), label: format!("The {id}"), text: None, at: None, seconds: None, does }
    }

    fn filling() -> Filling {
        let choices = vec![choice("gas"), choice("power"), choice("water")];
        let questions = vec![
            question("number", true, Takes::Words { lines: false, longest: 4 }),
            question("which", false, Takes::Choices { multiple: true, choices }),
            question("day", true, Takes::Day { first: Some("2026-01-05".into()), last: None }),
        ];
        let asked = Questionnaire { questions, button: None, reply: "There".into(), payload: "{}".into() };
        Filling::new("e1", &asked)
    }

    #[test]
    fn each_question_is_asked_with_what_answers_it_and_all_answers_leave_at_once() {
        let mut filling = filling();
        assert_eq!(filling.ask(), ["* 1 of 3: NUMBER", "* Write at most 4 characters. /cancel gives up."]);
        assert_eq!(filling.answer(" 4711 "), Ok(None));
        assert_eq!(
            filling.ask(),
            [
                "* 2 of 3: WHICH",
                "    1) The gas",
                "    2) The power",
                "    3) The water",
                "* Write the numbers of your choices, or an empty line to pass over it. /cancel gives up."
            ]
        );
        assert_eq!(filling.answer("3, 1 3"), Ok(None));
        assert!(filling.ask()[1].contains("a day as YYYY-MM-DD from 2026-01-05"));
        let answers =
            [("number", vec!["4711"]), ("which", vec!["water", "gas"]), ("day", vec!["2026-01-06"])];
        let answers =
            answers.map(|(id, values)| (id.to_owned(), values.into_iter().map(str::to_owned).collect()));
        let all = Command::Fill { item: "e1".into(), answers: answers.into() };
        assert_eq!(filling.answer("2026-01-06"), Ok(Some(all)));
    }

    #[test]
    fn what_is_no_answer_is_said_and_the_question_stays() {
        let mut filling = filling();
        for (line, problem) in [("", "passed over"), ("47110", "1 too long")] {
            assert!(filling.answer(line).unwrap_err().contains(problem), "{line}");
        }
        filling.answer("4711").unwrap();
        for (line, problem) in [("4", "not the number"), ("0", "not the number"), ("gas", "not the number")] {
            assert!(filling.answer(line).unwrap_err().contains(problem), "{line}");
        }
        assert_eq!(filling.answer(""), Ok(None), "this one may be passed over");
        assert!(filling.ask()[0].contains("3 of 3"));
    }

    #[test]
    fn an_answer_that_is_refused_is_asked_for_once_more_and_the_others_stay() {
        let mut filling = filling();
        for line in ["4711", "", "soon"] {
            filling.answer(line).unwrap();
        }
        assert!(filling.again(&Fault::with_detail(FaultCode::FieldBad, "day")));
        assert!(filling.ask()[0].contains("3 of 3"));
        let Ok(Some(Command::Fill { answers, .. })) = filling.answer("2026-01-06") else {
            panic!("all are given")
        };
        assert_eq!(answers["number"], ["4711"]);
        assert!(!filling.again(&Fault::new(FaultCode::ChatOver)), "nothing here can mend that");
    }
}
