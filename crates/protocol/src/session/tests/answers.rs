//! Offers and banners: what can be chosen, once, and what becomes of it.

use super::*;
use crate::view::{Card, ChoiceGroup};

fn choice(id: &str, label: &str, does: ChoiceDoes) -> Choice {
    Choice { id: id.into(), label: label.into(), text: None, at: None, seconds: None, does }
}

fn says_back(text: &str, payload: Option<&str>) -> ChoiceDoes {
    ChoiceDoes::Say { text: text.into(), payload: payload.map(Into::into) }
}

/// Two answers of which one can be chosen, and a link.
pub(super) fn quick(passing: bool) -> EntryKind {
    let choices = vec![
        choice("yes", "Yes, please", says_back("yes", Some("{\"y\":1}"))),
        choice("no", "No", says_back("no", None)),
        choice("more", "More", ChoiceDoes::Open { href: "https://tide.example/".into() }),
    ];
    let groups = vec![ChoiceGroup { title: None, multiple: false, choices }];
    EntryKind::Offer(Offer { text: "Shall I?".into(), groups, passing, ..Offer::default() })
}

/// Topics of which several can be chosen.
fn topics() -> EntryKind {
    let choices = ["a", "b", "c"].map(|id| choice(id, &id.to_uppercase(), says_back(id, Some(id)))).into();
    let groups = vec![ChoiceGroup { title: Some("Topics".into()), multiple: true, choices }];
    EntryKind::Offer(Offer { groups, ..Offer::default() })
}

fn way_back() -> Banner {
    let choices = vec![
        choice("out", "Leave the agent", says_back(" Talk to bot ", None)),
        choice("help", "Help", ChoiceDoes::Open { href: "https://tide.example/".into() }),
    ];
    let cards = vec![Card { title: "With an agent".into(), text: None, picture: None, choices }];
    Banner { cards, minimises: false, minimised_text: None, minimised: false, pending: false }
}

pub(super) fn choose(item: &str, choices: &[&str]) -> Command {
    Command::Choose { item: item.into(), choices: choices.iter().map(|id| (*id).to_owned()).collect() }
}

fn press(choice: &str) -> Command {
    Command::ChooseBanner { choice: choice.into() }
}

fn answered(bench: &Bench, item: &str) -> Vec<String> {
    let snapshot = bench.snapshot();
    let item = snapshot.items.iter().find(|one| one.id == item).unwrap();
    let Content::Offer { answered, .. } = &item.content else { panic!("{item:?}") };
    answered.clone()
}

fn banner(bench: &Bench) -> Option<Banner> {
    bench.snapshot().banner
}

#[test]
fn a_choice_is_sent_with_what_the_service_wants_back_and_shows_its_label() {
    let mut bench = Bench::open(setup(true));
    bench.live(maya(), quick(false));
    bench.requests();
    bench.command(choose("e1-0", &["yes"]));
    let payloads = vec!["{\"y\":1}".to_owned()];
    assert_eq!(bench.requests(), [Request::Answer { local: LocalId(0), text: "yes".into(), payloads }]);
    assert_eq!(texts(&bench.snapshot())[1], "Yes, please");
    assert_eq!(answered(&bench, "e1-0"), ["yes"]);
    assert_eq!(bench.refusal(choose("e1-0", &["no"])), Some(FaultCode::TooLate), "answered once");
    bench.tell([Event::Sent { local: LocalId(0) }]);
    bench.live(Person { role: Role::Me, ..maya() }, says("yes"));
    assert_eq!(bench.snapshot().items.len(), 2, "the service's copy is the same row");
}

#[test]
fn plain_words_are_sent_as_plain_words() {
    let mut bench = Bench::open(setup(true));
    bench.live(maya(), quick(false));
    bench.requests();
    bench.command(choose("e1-0", &["no"]));
    assert_eq!(bench.requests(), [Request::Send { local: LocalId(0), text: "no".into() }]);
}

#[test]
fn a_passing_offer_can_be_answered_only_while_it_is_the_last_thing_said() {
    let mut bench = Bench::open(setup(true));
    bench.live(maya(), quick(true));
    bench.live(maya(), EntryKind::typing(true));
    bench.live(Person { id: "b".into(), ..maya() }, EntryKind::Joined);
    bench.live(maya(), quick(true));
    assert_eq!(bench.refusal(choose("e1-0", &["no"])), Some(FaultCode::TooLate), "another came after it");
    bench.live(maya(), EntryKind::Left);
    assert_eq!(bench.refusal(choose("e4-0", &["no"])), None, "nobody said anything");
    bench.live(maya(), quick(true));
    bench.send("Something else");
    assert_eq!(bench.refusal(choose("e6-0", &["no"])), Some(FaultCode::TooLate), "the person went on");
}

#[test]
fn several_can_be_chosen_where_the_group_allows_it() {
    let mut bench = Bench::open(setup(true));
    bench.live(maya(), topics());
    bench.live(maya(), quick(false));
    bench.requests();
    for (item, choices) in [
        ("e2-0", &["yes", "no"][..]),
        ("e1-0", &["a", "a"]),
        ("e1-0", &["x"]),
        ("e1-0", &[]),
        ("e2-0", &["more"]),
    ] {
        assert_eq!(bench.refusal(choose(item, choices)), Some(FaultCode::FieldBad), "{choices:?}");
    }
    bench.command(choose("e1-0", &["c", "a"]));
    let payloads = vec!["c".to_owned(), "a".to_owned()];
    assert_eq!(bench.requests(), [Request::Answer { local: LocalId(0), text: "c, a".into(), payloads }]);
}

#[test]
fn a_choice_survives_a_restart_and_taking_it_back_opens_the_offer_again() {
    let mut bench = Bench::open(setup(true));
    bench.live(maya(), quick(false));
    bench.tell([Event::Link(Link::Restoring)]);
    bench.command(choose("e1-0", &["yes"]));
    let mut bench = bench.restarted();
    assert_eq!(answered(&bench, "e1-0"), ["yes"]);
    assert_eq!(texts(&bench.snapshot())[1], "Yes, please");
    bench.command(Command::Cancel { item: "m0".into() });
    assert_eq!(answered(&bench, "e1-0"), Vec::<String>::new());
    bench.command(choose("e1-0", &["yes"]));
    bench.tell([Event::Joined { token: token("t1"), resumed: true }, Event::Link(Link::Up)]);
    bench.feed(Input::Remembered(Ok(())));
    assert!(bench.requests().iter().any(|request| matches!(request, Request::Answer { .. })));
}

#[test]
fn an_answer_that_was_given_elsewhere_shows() {
    let mut bench = Bench::open(setup(true));
    let me = Person { role: Role::Me, ..maya() };
    bench.batch(Origin::Restored, [(maya(), quick(false)), (me, says("no"))]);
    assert_eq!(answered(&bench, "e1-0"), ["no"]);
}

#[test]
fn the_question_about_a_stray_thanks_is_not_asked_of_a_button() {
    let mut bench = Bench::open(setup(true));
    bench.live(maya(), quick(false));
    bench.live(system(), state(InteractionState::Completed));
    bench.command(choose("e1-0", &["no"]));
    assert_eq!(bench.snapshot().guard, None);
    assert_eq!(bench.snapshot().phase, PhaseView::Open);
}

#[test]
fn an_address_of_an_offer_is_opened_only_if_it_does_no_harm() {
    let mut bench = Bench::open(setup(true));
    let evil = choice("x", "Press me", ChoiceDoes::Open { href: "javascript:alert(1)".into() });
    let card = Card { title: "A\u{1b}[2J".into(), text: None, picture: None, choices: vec![evil] };
    bench.live(maya(), EntryKind::Offer(Offer { cards: vec![card], ..Offer::default() }));
    let Content::Offer { offer, .. } = &bench.snapshot().items[0].content else { panic!() };
    assert_eq!(offer.cards[0].title, "A[2J");
    assert_eq!(offer.cards[0].choices[0].does, ChoiceDoes::Nothing);
}

#[test]
fn the_picture_of_a_card_is_asked_for_by_the_number_of_the_card() {
    let mut bench = Bench::open(setup(true));
    let card = |picture: &str| Card { title: "A".into(), picture: Some(picture.into()), ..Card::default() };
    let cards = vec![card("https://x.example/a.png"), card("file:///etc/passwd")];
    bench.live(maya(), EntryKind::Offer(Offer { cards, ..Offer::default() }));
    bench.requests();
    bench.feed(Input::Media { item: "e1-0#0".into(), url: None });
    let url = "https://x.example/a.png".to_owned();
    assert_eq!(bench.requests(), [Request::Media { url: url.clone() }]);
    let content = Media { mime: "image/png".into(), bytes: vec![1] };
    bench.tell([Event::Media { url, content: Ok(content.clone()) }]);
    assert!(bench.outputs.contains(&Output::Media { item: "e1-0#0".into(), content: Ok(content) }));
    for item in ["e1-0#1", "e1-0#2", "e1-0#x", "e1-0", "e9-0#0"] {
        bench.feed(Input::Media { item: item.into(), url: None });
        let gone = Err(Fault::new(FaultCode::TooLate));
        assert!(bench.outputs.contains(&Output::Media { item: item.into(), content: gone }), "{item}");
    }
    assert_eq!(bench.requests(), []);
}

#[test]
fn a_button_of_the_banner_sends_its_exact_words_and_waits_for_the_agent_to_go() {
    let mut bench = Bench::open(setup(true));
    bench.live(maya(), EntryKind::Joined);
    bench.tell([Event::Banner(Some(way_back()))]);
    bench.requests();
    assert_eq!(bench.refusal(press("help")), Some(FaultCode::TooLate), "it opens something");
    bench.command(press("out"));
    assert_eq!(bench.requests(), [Request::Send { local: LocalId(0), text: " Talk to bot ".into() }]);
    assert!(banner(&bench).unwrap().pending);
    assert_eq!(bench.refusal(press("out")), Some(FaultCode::TooLate), "once");
    bench.tell([Event::Sent { local: LocalId(0) }]);
    assert!(banner(&bench).unwrap().pending, "sent is not gone");
    bench.live(maya(), EntryKind::Left);
    assert!(!banner(&bench).unwrap().pending);
    bench.tell([Event::Banner(None)]);
    assert_eq!(banner(&bench), None);
}

#[test]
fn the_banner_waits_no_more_when_its_words_cannot_be_sent_or_were_taken_back() {
    let mut bench = Bench::open(setup(true));
    bench.tell([Event::Banner(Some(way_back()))]);
    bench.command(press("out"));
    let (local, failure) = (LocalId(0), Failure::Unsupported);
    bench.tell([Event::NotSent { local, failure, trace: Trace::None }]);
    assert!(!banner(&bench).unwrap().pending);
    bench.tell([Event::Link(Link::Restoring)]);
    bench.command(press("out"));
    bench.command(Command::Cancel { item: "m1".into() });
    assert!(!banner(&bench).unwrap().pending);
}

#[test]
fn words_typed_by_hand_count_as_the_button() {
    let mut bench = Bench::open(setup(true));
    bench.tell([Event::Banner(Some(way_back()))]);
    bench.send("talk to BOT");
    assert!(banner(&bench).unwrap().pending);
    bench.tell([Event::Banner(Some(way_back()))]);
    assert!(!banner(&bench).unwrap().pending, "the service has said that it stays");
}

#[test]
fn a_banner_is_put_away_as_it_says_and_comes_back_as_it_was_after_a_restart() {
    let mut bench = Bench::open(setup(true));
    bench.tell([Event::Banner(Some(Banner { minimises: true, ..way_back() }))]);
    bench.requests();
    bench.command(Command::CloseBanner);
    assert_eq!(bench.requests(), [Request::BannerClosed]);
    let mut bench = bench.restarted();
    assert!(banner(&bench).unwrap().minimised);
    bench.tell([Event::Banner(Some(Banner { minimises: true, ..way_back() }))]);
    assert!(banner(&bench).unwrap().minimised, "the same again");
    bench.command(Command::OpenBanner);
    assert!(!banner(&bench).unwrap().minimised);
    bench.tell([Event::Banner(Some(way_back()))]);
    bench.command(Command::CloseBanner);
    assert_eq!(banner(&bench), None);
    assert_eq!(bench.refusal(Command::CloseBanner), Some(FaultCode::TooLate));
}
