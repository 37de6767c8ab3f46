//! Questions that are answered together: what is taken, what is sent, and what is seen of it.

use super::*;
use crate::transport::Answered;
use crate::view::{Question, Questionnaire, Takes};

fn question(id: &str, required: bool, takes: Takes) -> Question {
    let (heading, hint) = (None, None);
    Question { id: id.into(), heading, label: id.to_uppercase(), hint, required, takes }
}

fn asked() -> EntryKind {
    let choice = |id: &str| Choice {
        id: id.into(),
        label: id.to_uppercase(),
        text: None,
        at: None,
        seconds: None,
        does: ChoiceDoes::Say { text: id.to_uppercase(), payload: Some(format!("p-{id}")) },
    };
    let day = Takes::Day { first: Some("2026-01-05".into()), last: Some("2026-02-01".into()) };
    let choices = ["x", "y"].map(choice).to_vec();
    let questions = vec![
        question("name", true, Takes::Words { lines: false, longest: 5 }),
        question("day", false, day),
        question("what", false, Takes::Choices { multiple: true, choices: choices.clone() }),
        question("one", false, Takes::Choices { multiple: false, choices }),
    ];
    let asked = Questionnaire { questions, button: None, reply: "Here you are".into(), payload: "F1".into() };
    EntryKind::Offer(Offer { text: "Please".into(), questions: Some(asked), ..Offer::default() })
}

fn fill(answers: &[(&str, &[&str])]) -> Command {
    let owned = |(id, values): &(&str, &[&str])| {
        ((*id).to_owned(), values.iter().map(|value| (*value).to_owned()).collect())
    };
    Command::Fill { item: "e1-0".into(), answers: answers.iter().map(owned).collect() }
}

fn open() -> Bench {
    let mut bench = Bench::open(setup(true));
    bench.live(maya(), asked());
    bench.requests();
    bench
}

fn answered(bench: &Bench) -> Vec<String> {
    let snapshot = bench.snapshot();
    let Content::Offer { answered, .. } = &snapshot.items[0].content else { panic!("an offer") };
    answered.clone()
}

#[test]
fn all_answers_leave_as_one_message_and_the_person_sees_what_they_said() {
    let mut bench = open();
    bench.command(fill(&[
        ("name", &[" Ann "]),
        ("day", &["2026-01-06"]),
        ("what", &["y", "x"]),
        ("one", &[""]),
    ]));
    let answer = |question: &str, values: &[(&str, &str)]| {
        let values =
            values.iter().map(|(text, payload)| ((*text).to_owned(), (*payload).to_owned())).collect();
        serde_json::to_string(&Answered { question: question.into(), values }).unwrap()
    };
    let payloads = vec![
        "F1".to_owned(),
        answer("name", &[("Ann", "Ann")]),
        answer("day", &[("2026-01-06", "2026-01-06")]),
        answer("what", &[("Y", "p-y"), ("X", "p-x")]),
    ];
    assert_eq!(
        bench.requests(),
        [Request::Answer { local: LocalId(0), text: "Here you are".into(), payloads }]
    );
    let shown = Content::Message {
        from: timeline::me(),
        text: text::runs("Here you are\nNAME: Ann\nDAY: 2026-01-06\nWHAT: Y, X".into()),
        delivery: Some(DeliveryView::Sending),
    };
    assert_eq!(bench.snapshot().items[1].content, shown);
    assert_eq!(answered(&bench), ["name", "day", "what"]);
    assert_eq!(bench.refusal(fill(&[("name", &["Bob"])])), Some(FaultCode::TooLate), "answered once");
    bench.live(me(), says("Here you are"));
    assert_eq!(bench.snapshot().items.len(), 2, "the service's copy is the same row");
}

#[test]
fn what_is_no_answer_is_refused_by_the_name_of_its_question() {
    let mut bench = open();
    for (answers, code, detail) in [
        (&[("day", &["2026-01-06"][..])][..], FaultCode::FieldMissing, "name"),
        (&[("name", &["  "])], FaultCode::FieldMissing, "name"),
        (&[("name", &["too long"])], FaultCode::FieldBad, "name"),
        (&[("name", &["a\nb"])], FaultCode::FieldBad, "name"),
        (&[("name", &["a", "b"])], FaultCode::FieldBad, "name"),
        (&[("name", &["a"]), ("day", &["soon"])], FaultCode::FieldBad, "day"),
        (&[("name", &["a"]), ("day", &["2026-01-04"])], FaultCode::FieldBad, "day"),
        (&[("name", &["a"]), ("what", &["x", "x"])], FaultCode::FieldBad, "what"),
        (&[("name", &["a"]), ("what", &["z"])], FaultCode::FieldBad, "what"),
        (&[("name", &["a"]), ("one", &["x", "y"])], FaultCode::FieldBad, "one"),
        (&[("name", &["a"]), ("more", &["x"])], FaultCode::FieldBad, "more"),
    ] {
        bench.outputs.clear();
        bench.command(fill(answers));
        let refusal = Output::Refused(Fault::with_detail(code, detail));
        assert!(bench.outputs.contains(&refusal), "{answers:?}: {:?}", bench.outputs);
    }
    assert!(bench.requests().is_empty() && answered(&bench).is_empty());
}

#[test]
fn what_is_taken_back_can_be_answered_again_and_what_was_answered_elsewhere_cannot() {
    let mut bench = open();
    bench.tell([Event::Link(Link::Down { attempt: 1, retry_at: Moment(9), cause: FaultCode::NotAnswering })]);
    bench.command(fill(&[("name", &["Ann"])]));
    bench.command(Command::Cancel { item: "m0".into() });
    assert!(answered(&bench).is_empty());
    bench.live(me(), says("Here you are"));
    assert_eq!(answered(&bench), ["name"], "on another device");
    assert_eq!(bench.refusal(fill(&[("name", &["Ann"])])), Some(FaultCode::TooLate));
}
