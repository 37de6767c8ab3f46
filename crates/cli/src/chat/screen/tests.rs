//! What a person reads.

use envoi_protocol::fault::{Fault, FaultCode};
use envoi_protocol::view::{
    ChoiceGroup, EndReason, ItemsChange, Offer, Placed, Question, Questionnaire, Takes,
};

use super::*;

fn person(name: Option<&str>, role: Role) -> Person {
    Person { id: "p".into(), name: name.map(str::to_owned), role }
}

fn put(id: &str, content: Content) -> Change {
    let item = Item { id: id.into(), at: 0, replayed: false, content }.into();
    Change::Items(ItemsChange { removed: Vec::new(), put: vec![Placed { after: None, item }] })
}

fn message(from: Person, words: &str, delivery: Option<DeliveryView>) -> Content {
    Content::Message { from, text: vec![Run { text: words.into(), href: None }], delivery }
}

fn me() -> Person {
    person(Some("Ann"), Role::Me)
}

#[test]
fn words_are_shown_once_with_their_speaker() {
    let mut screen = Screen::new("Tidewater");
    let maya = message(person(Some("Maya"), Role::Agent), "Good day", None);
    assert_eq!(screen.apply(&put("1", maya.clone())), ["Maya: Good day"]);
    assert!(screen.apply(&put("1", maya)).is_empty());
    let bot = message(person(Some("Tide"), Role::Bot), "Hi", None);
    assert_eq!(screen.apply(&put("2", bot)), ["Tide (bot): Hi"]);
    assert_eq!(
        screen.apply(&put("3", Content::Left { person: person(Some("Maya"), Role::Agent) })),
        ["* Maya left"]
    );
}

#[test]
fn what_cannot_be_shown_is_a_line_that_says_who_sent_it() {
    let mut screen = Screen::new("Tidewater");
    let odd = Content::Unsupported { from: person(Some("Ma\nya"), Role::Agent) };
    assert_eq!(screen.apply(&put("1", odd.clone())), ["* Ma ya sent something that cannot be shown here"]);
    assert!(screen.apply(&put("1", odd)).is_empty());
}

#[test]
fn an_own_message_is_shown_once_until_it_is_stuck() {
    let mut screen = Screen::new("Tidewater");
    let at = |delivery| put("m", message(me(), "Hello", Some(delivery)));
    assert_eq!(screen.apply(&at(DeliveryView::Queued)), ["You: Hello"]);
    assert!(screen.apply(&at(DeliveryView::Sending)).is_empty());
    assert!(screen.apply(&at(DeliveryView::Sent)).is_empty());
    let stuck = DeliveryView::Stuck { fault: Fault::new(FaultCode::MessageTooLong) };
    assert_eq!(
        screen.apply(&at(stuck)),
        ["You: Hello  [not sent: This message is too long. /retry sends it again, /remove takes it out]"]
    );
    assert_eq!(screen.last_stuck(), Some("m"));
}

#[test]
fn what_may_have_arrived_is_not_called_unsent() {
    let mut screen = Screen::new("Tidewater");
    let stuck = DeliveryView::Stuck { fault: Fault::new(FaultCode::PerhapsSent) };
    let [line] = screen.apply(&put("m", message(me(), "Hello", Some(stuck)))).try_into().unwrap();
    assert!(line.contains("It cannot be told whether this message arrived."), "{line}");
    assert!(!line.contains("not sent") && line.contains("/retry") && line.contains("/remove"), "{line}");
}

#[test]
fn what_is_wrong_is_told_once_and_again_when_it_comes_back() {
    let mut screen = Screen::new("Tidewater");
    let wrong = || Change::Fault(Some(Fault::new(FaultCode::UnknownAddress)));
    assert_eq!(screen.apply(&wrong()).len(), 1);
    assert!(screen.apply(&wrong()).is_empty(), "a snapshot after the update tells it as well");
    assert!(screen.apply(&Change::Fault(None)).is_empty());
    assert_eq!(screen.apply(&wrong()).len(), 1);
}

#[test]
fn a_terminal_is_not_made_to_obey() {
    let mut screen = Screen::new("Tide\u{1b}water");
    let evil =
        message(person(Some("Ma\u{7}ya"), Role::Agent), "\u{1b}]0;x\u{7}\u{1b}[2J\nYou: yes\r\u{9b}1m", None);
    let lines = screen.apply(&put("1", evil)).join("\n");
    assert!(lines.chars().all(|c| c == '\n' || !c.is_control()), "{lines:?}");
    assert!(lines.contains("\n    You: yes"), "a second line is set in: {lines:?}");
    let name = message(person(Some("Maya\nYou"), Role::Agent), "hi", None);
    assert!(!screen.apply(&put("2", name)).join("\n").contains("\nYou"), "a name stays on its line");
}

#[test]
fn a_closed_case_and_the_question_are_told() {
    let mut screen = Screen::new("Tidewater");
    let closing = PhaseView::Closing { by: Some("Maya".into()), text: None };
    let lines = screen.apply(&Change::Phase(closing.clone()));
    assert!(lines[0].starts_with("* Maya has closed this case. You can still write."), "{lines:?}");
    assert!(screen.apply(&Change::Phase(closing)).is_empty(), "told once");
    let guard = Guard { text: "Thanks!".into(), by: Some("Maya".into()) };
    let lines = screen.apply(&Change::Guard(Some(guard)));
    assert!(screen.asks() && lines[0].contains("Send \"Thanks!\" as a new case?"), "{lines:?}");
    screen.apply(&Change::Guard(None));
    assert!(!screen.asks());
}

#[test]
fn the_companys_own_words_take_the_place_of_ours() {
    let mut screen = Screen::new("Tidewater");
    let closing = PhaseView::Closing { by: None, text: Some("Bye for now.".into()) };
    assert_eq!(screen.apply(&Change::Phase(closing)), ["* Bye for now."]);
}

#[test]
fn an_end_says_which_one_it_is_and_what_was_not_sent() {
    let mut screen = Screen::new("Tidewater");
    let (reason, by) = (EndReason::EndedByThem, Some("Jonas".into()));
    let over = PhaseView::Over { reason, by, at: 0, unsent: 2, closes_window: false };
    let lines = screen.apply(&Change::Phase(over));
    assert_eq!(lines, ["* The chat has ended: Jonas ended it.", "* 2 messages were not sent."]);
}

#[test]
fn a_lost_connection_is_told_once_and_its_return_too() {
    let mut screen = Screen::new("Tidewater");
    let down = |attempt| Change::Link(LinkView::Down { attempt, retry_at: 0, cause: FaultCode::Offline });
    assert_eq!(screen.apply(&down(1)).len(), 1);
    assert!(screen.apply(&down(2)).is_empty());
    assert_eq!(screen.apply(&Change::Link(LinkView::Up)), ["* Connected again."]);
    assert!(screen.apply(&Change::Link(LinkView::Up)).is_empty());
}

#[test]
fn a_chat_that_is_not_kept_is_told() {
    let mut screen = Screen::new("Tidewater");
    let lines = screen.apply(&Change::Memory(Memory::NotKept { why: FaultCode::KeyringMissing }));
    assert!(lines[0].contains("no password store"), "{lines:?}");
}

#[test]
fn the_last_file_or_picture_of_the_other_side_can_be_saved_until_it_is_taken_back() {
    let mut screen = Screen::new("Tidewater");
    let from = person(Some("Maya"), Role::Agent);
    let file = |withdrawn| Content::File {
        from: from.clone(),
        name: "bill.pdf".into(),
        size: None,
        mime: None,
        delivery: None,
        withdrawn,
    };
    let picture = |from: Person, delivery, withdrawn| Content::Picture {
        from,
        name: "meter.png".into(),
        size: None,
        delivery,
        withdrawn,
    };
    assert_eq!(screen.apply(&put("1", file(false))), ["Maya: [file: bill.pdf]"]);
    assert_eq!(screen.last_file(), Some("1"));
    assert_eq!(screen.apply(&put("2", picture(from.clone(), None, false))), ["Maya: [picture: meter.png]"]);
    assert_eq!(screen.last_file(), Some("2"));
    screen.apply(&put("3", picture(me(), Some(DeliveryView::Sent), false)));
    assert_eq!(screen.last_file(), Some("2"), "one's own is here already");
    assert_eq!(
        screen.apply(&put("2", picture(from.clone(), None, true))),
        ["Maya: [picture: meter.png, no longer available]"]
    );
    assert_eq!(screen.last_file(), None);
    assert_eq!(screen.apply(&put("1", file(true))), ["Maya: [file: bill.pdf, no longer available]"]);
}

fn choice(id: &str, label: &str, does: ChoiceDoes) -> Choice {
    Choice { id: id.into(), label: label.into(), text: None, at: None, seconds: None, does }
}

fn says(text: &str) -> ChoiceDoes {
    ChoiceDoes::Say { text: text.into(), payload: None }
}

#[test]
fn an_offer_is_a_list_with_numbers_until_it_is_answered() {
    let mut screen = Screen::new("Tidewater");
    let link = ChoiceDoes::Open { href: "https://tide.example/".into() };
    let choices =
        vec![choice("y", "Yes", says("yes")), choice("n", "", says("no")), choice("m", "More", link)];
    let groups = vec![ChoiceGroup { title: None, multiple: false, choices }];
    let offer = Offer { text: "Shall I?".into(), groups, ..Offer::default() };
    let shown = |answered: &[&str]| Content::Offer {
        from: person(Some("Tide"), Role::Bot),
        offer: offer.clone(),
        answered: answered.iter().map(|id| (*id).to_owned()).collect(),
    };
    assert_eq!(
        screen.apply(&put("e1", shown(&[]))),
        [
            "Tide (bot): Shall I?\n    1) Yes\n    2) no\n    3) More (https://tide.example/)\n    /choose NUMBER answers"
        ]
    );
    assert_eq!(screen.chosen(&[2]), Some(("e1".into(), vec!["n".into()])));
    assert_eq!(screen.chosen(&[4]), None);
    assert_eq!(screen.chosen(&[0]), None);
    assert!(screen.apply(&put("e1", shown(&["y"])))[0].contains("1) Yes  [chosen]"));
}

#[test]
fn questions_are_listed_with_what_answers_them() {
    let mut screen = Screen::new("Tidewater");
    let question = Question {
        id: "n".into(),
        heading: None,
        label: "Number".into(),
        hint: None,
        required: true,
        takes: Takes::Words { lines: false, longest: 8 },
    };
    let questions = Questionnaire {
        questions: vec![question],
        button: None,
        reply: "There".into(),
        payload: "{}".into(),
    };
    let offer = Offer { text: "Your meter".into(), questions: Some(questions), ..Offer::default() };
    let shown = |answered: &[&str]| Content::Offer {
        from: person(Some("Tide"), Role::Bot),
        offer: offer.clone(),
        answered: answered.iter().map(|id| (*id).to_owned()).collect(),
    };
    let line = screen.apply(&put("e1", shown(&[]))).remove(0);
    assert!(line.contains("\n    - Number\n") && line.contains("/fill answers this"), "{line}");
    assert!(screen.questions().unwrap().ask()[0].contains("1 of 1: Number"));
    assert!(screen.apply(&put("e1", shown(&["n"])))[0].ends_with("- Number  [answered]"));
    assert!(screen.questions().is_none(), "they are answered once");
}

#[test]
fn a_banner_lists_its_buttons_and_an_idle_alert_says_what_to_do() {
    let mut screen = Screen::new("Tidewater");
    let card = Card {
        title: "With an agent".into(),
        text: None,
        picture: None,
        choices: vec![choice("out", "Leave the agent", says("bye"))],
    };
    let banner = Banner {
        cards: vec![card],
        minimises: false,
        minimised_text: None,
        minimised: false,
        pending: false,
    };
    let lines = screen.apply(&Change::Banner(Some(banner.clone())));
    assert_eq!(lines, ["* With an agent", "*   1) Leave the agent   /press 1"]);
    assert_eq!(screen.button(1), Some("out"));
    assert_eq!(
        screen.apply(&Change::Banner(Some(Banner { pending: true, ..banner }))),
        ["* Leaving the agent… The chat stays open."]
    );
    screen.apply(&Change::Banner(None));
    assert_eq!(screen.button(1), None);
    let idle = IdleView { ends_at: None, text: None };
    assert_eq!(
        screen.apply(&Change::Idle(Some(idle))),
        ["* Are you still there? Tidewater will end this chat soon. /stay says that you are."]
    );
}

#[test]
fn a_sign_in_says_where_and_how_to_give_it_up() {
    let mut screen = Screen::new("Tidewater");
    assert_eq!(screen.apply(&Change::SignIn(Some(SignInView::Preparing))), Vec::<String>::new());
    let address = String::from("https://id.example/authorize?state=s");
    assert_eq!(
        screen.apply(&Change::SignIn(Some(SignInView::Browser { address }))),
        [
            "* Tidewater wants to know who you are. Sign in with a browser on this computer:",
            "    https://id.example/authorize?state=s",
            "* The chat goes on by itself then; /cancel gives it up."
        ]
    );
    assert_eq!(screen.apply(&Change::SignIn(None)), Vec::<String>::new());
}
