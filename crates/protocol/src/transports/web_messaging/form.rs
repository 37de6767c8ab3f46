//! Forms: questions over several pages that are answered in one message. See `docs/protocols/web-messaging.md`, K5 and K11 to K13.
//!
//! A form with a part that is not known cannot be answered as a whole; then it is nothing but its words.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::map::{is, list, owned};
use super::wire::{number, text_of};
use crate::kit::timestamp;
use crate::transport::Answered;
use crate::view::{Choice, ChoiceDoes, Question, Questionnaire, Takes};

/// Most characters of an answer in words, as the vendor's own client bounds it.
const LINE: u32 = 30;
const LINES: u32 = 300;

/// What goes back with all answers of a form.
#[derive(Serialize, Deserialize)]
struct Returned {
    form: String,
    parent: String,
}

/// The questions of a form.
pub(super) fn questions(form: &Value, parent: &str) -> Option<Questionnaire> {
    let returned = Returned { form: owned(form, "/cannedResponseId")?, parent: parent.to_owned() };
    let mut questions = Vec::new();
    for page in list(form, "/formPages") {
        let heading = [owned(page, "/title"), owned(page, "/subtitle")];
        let heading: Vec<String> = heading.into_iter().flatten().collect();
        let mut heading = (!heading.is_empty()).then(|| heading.join("\n"));
        for component in list(page, "/pageComponents") {
            questions.push(Question { heading: heading.take(), ..question(component)? });
        }
    }
    let ids: BTreeSet<&str> = questions.iter().map(|question| question.id.as_str()).collect();
    if questions.is_empty() || ids.len() < questions.len() {
        return None;
    }
    let titles = ["/replyMessage/title", "/receivedMessage/title", "/introduction/title"];
    Some(Questionnaire {
        questions,
        button: owned(form, "/introduction/buttonText"),
        // Without words of its own the answer goes under the form's name.
        reply: titles.iter().find_map(|path| owned(form, path)).unwrap_or_else(|| returned.form.clone()),
        payload: serde_json::to_string(&returned).ok()?,
    })
}

fn question(component: &Value) -> Option<Question> {
    const KINDS: [&str; 4] = ["Input", "DatePicker", "ListPicker", "WheelPicker"];
    let kind = KINDS.into_iter().find(|kind| is(component, "/formComponentType", kind))?;
    let members = component.as_object()?;
    let (_, part) =
        members.iter().find(|(name, part)| name.eq_ignore_ascii_case(kind) && part.is_object())?;
    let flag = |path: &str| part.pointer(path).and_then(Value::as_bool).unwrap_or_default();
    let (takes, required) = match kind {
        "Input" => {
            let lines = flag("/isMultipleLine");
            (Takes::Words { lines, longest: if lines { LINES } else { LINE } }, flag("/isRequired"))
        }
        "DatePicker" => (day(part), true),
        "ListPicker" => {
            let sections = list(part, "/sections");
            let items = sections.flat_map(|section| list(section, "/items").filter_map(choice)).collect();
            let several = |section: &Value| section["multipleSelection"].as_bool().unwrap_or_default();
            (
                Takes::Choices { multiple: list(part, "/sections").any(several), choices: items },
                flag("/isRequired"),
            )
        }
        _ => {
            let items = list(part, "/items").filter_map(choice).collect();
            (Takes::Choices { multiple: false, choices: items }, flag("/isRequired"))
        }
    };
    if matches!(&takes, Takes::Choices { choices, .. } if choices.is_empty()) {
        return None;
    }
    let id = owned(part, "/id")?;
    let label =
        owned(part, "/title").or_else(|| owned(part, "/placeholderText")).unwrap_or_else(|| id.clone());
    let hint = owned(part, "/subtitle").or_else(|| owned(part, "/placeholderText"));
    let hint = hint.filter(|hint| *hint != label);
    Some(Question { id, heading: None, label, hint, required, takes })
}

fn choice(item: &Value) -> Option<Choice> {
    let id = owned(item, "/id").or_else(|| owned(item, "/title"))?;
    let label = owned(item, "/title").unwrap_or_else(|| id.clone());
    let does = ChoiceDoes::Say { text: label.clone(), payload: Some(id.clone()) };
    Some(Choice { id, label, text: owned(item, "/subtitle"), at: None, seconds: None, does })
}

/// A day between two, or one of the times that are named.
fn day(picker: &Value) -> Takes {
    let mut choices: Vec<Choice> = list(picker, "/availableTimes")
        .filter_map(|time| {
            let from = owned(time, "/dateTime")?;
            let at = timestamp::of_text(&from)?;
            let does = ChoiceDoes::Say { text: from.clone(), payload: Some(from.clone()) };
            let seconds = time.pointer("/duration").and_then(number);
            Some(Choice { id: from, label: String::new(), text: None, at: Some(at), seconds, does })
        })
        .collect();
    choices.sort_by_key(|choice| choice.at);
    if !choices.is_empty() {
        return Takes::Choices { multiple: false, choices };
    }
    let bound = |path: &str| {
        let text = text_of(picker, path)?;
        let date = text.get(..10)?.parse::<jiff::civil::Date>().ok()?;
        Some(date.to_string())
    };
    Takes::Day { first: bound("/dateMinimum"), last: bound("/dateMaximum") }
}

/// The message that answers a form; `None` if it answers something else.
pub(super) fn answer(text: &str, payloads: &[String]) -> Option<Value> {
    let (first, answers) = payloads.split_first()?;
    let returned: Returned = serde_json::from_str(first).ok()?;
    let answers = answers.iter().filter_map(|answer| serde_json::from_str::<Answered>(answer).ok());
    let response = answers.flat_map(|Answered { question, values }| {
        values.into_iter().map(move |(text, payload)| {
            let response = json!({ "type": "Form", "text": text, "payload": payload });
            json!({ "id": question, "component": { "contentType": "ButtonResponse", "buttonResponse": response } })
        })
    });
    let mut form = json!({ "cannedResponseId": returned.form, "response": response.collect::<Vec<_>>() });
    if let Some(form) = form.as_object_mut().filter(|_| !returned.parent.is_empty()) {
        form.insert("originatingMessageId".to_owned(), json!(returned.parent));
    }
    Some(json!({ "type": "Structured", "text": text, "content": [{ "contentType": "Form", "form": form }] }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::needless_pass_by_value, reason = "written out at each call")]
    fn form(components: Value) -> Option<Questionnaire> {
        let form = json!({
            "cannedResponseId": "c1", "introduction": { "title": "Your meter", "buttonText": "Go on" },
            "formPages": [{ "title": "Reading", "subtitle": "As it stands", "pageComponents": components }],
            "replyMessage": { "title": "Thank you" },
        });
        questions(&form, "m1")
    }

    #[test]
    fn every_kind_of_part_becomes_a_question() {
        let asked = form(json!([
            { "formComponentType": "Input", "input": { "id": "a", "title": "Number", "isRequired": true, "placeholderText": "4711" } },
            { "formComponentType": "Input", "Input": { "id": "b", "title": "Note", "isMultipleLine": true } },
            { "formComponentType": "DatePicker", "datePicker": { "id": "c", "title": "Day", "dateMinimum": "2026-01-05T00:00:00Z" } },
            { "formComponentType": "ListPicker", "listPicker": { "id": "d", "title": "What", "sections": [
                { "multipleSelection": true, "items": [{ "id": "i1", "title": "Power" }, { "id": "i2", "title": "Gas" }] }] } },
            { "formComponentType": "WheelPicker", "wheelPicker": { "id": "e", "items": [{ "id": "w1", "title": "One", "value": "1" }] } },
        ]))
        .unwrap();
        assert_eq!((asked.reply.as_str(), asked.button.as_deref()), ("Thank you", Some("Go on")));
        let [a, b, c, d, e] = asked.questions.as_slice() else { panic!("{asked:?}") };
        assert_eq!(a.heading.as_deref(), Some("Reading\nAs it stands"));
        assert_eq!((a.label.as_str(), a.hint.as_deref(), a.required), ("Number", Some("4711"), true));
        assert_eq!(a.takes, Takes::Words { lines: false, longest: 30 });
        assert_eq!((&b.takes, b.heading.as_deref()), (&Takes::Words { lines: true, longest: 300 }, None));
        assert_eq!(c.takes, Takes::Day { first: Some("2026-01-05".into()), last: None });
        assert!(c.required, "a day has to be given");
        assert!(matches!(&d.takes, Takes::Choices { multiple: true, choices } if choices.len() == 2));
        assert!(matches!(&e.takes, Takes::Choices { multiple: false, choices } if choices.len() == 1));
        assert_eq!(e.label, "e", "it has no title");
    }

    #[test]
    fn a_form_that_cannot_be_answered_as_a_whole_is_none() {
        for components in [
            json!([]),
            json!([{ "formComponentType": "Hologram", "hologram": { "id": "a" } }]),
            json!([{ "formComponentType": "Input", "input": { "title": "no id" } }]),
            json!([{ "formComponentType": "ListPicker", "listPicker": { "id": "a", "sections": [] } }]),
            json!([{ "formComponentType": "Input", "input": { "id": "a" } }, { "formComponentType": "Input", "input": { "id": "a" } }]),
            json!("odd"),
        ] {
            assert_eq!(form(components.clone()), None, "{components}");
        }
    }

    #[test]
    fn what_is_no_form_is_answered_otherwise() {
        assert_eq!(answer("Yes", &[]), None);
        assert_eq!(
            answer("Yes", &[r#"{"type":"Button","text":"Yes","payload":"y","parent":"m1"}"#.into()]),
            None
        );
    }
}
