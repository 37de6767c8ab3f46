//! The forms of a banner as they are printed, and what else may come in their place: the nineteen cases of the facts page (B9), most
//! of them in a test of their own.

use super::*;
use serde_json::json;

fn update(data: &Value) -> Option<Option<Banner>> {
    told(UPDATE, data, WithPayload::Show)
}

fn shown(data: &Value) -> Banner {
    update(data).expect("something changes").expect("something is shown")
}

/// Form A: one object.
fn one() -> Value {
    json!({ "title": "Leave the agent?", "options": [{ "title": "Exit", "text": "talk to bot" }] })
}

/// Form D: a set with settings.
fn set(state: &str) -> Value {
    json!({
        "banners": [
            { "type": "text", "title": "News", "options": [{ "title": "More", "url": "https://e.test/" }] },
            { "type": "image", "imageURL": "https://e.test/b.png", "linkType": "url", "linkURL": "https://l.test/x" },
        ],
        "bannerSettings": { "state": state, "textOnMinimise": "Offers" },
    })
}

fn does(data: &Value) -> ChoiceDoes {
    shown(data).cards[0].choices[0].does.clone()
}

fn option(option: &Value) -> Value {
    json!({ "title": "t", "options": [option] })
}

fn say(text: &str) -> ChoiceDoes {
    ChoiceDoes::Say { text: text.to_owned(), payload: None }
}

#[test]
fn every_form_of_a_banner_is_read() {
    for data in [one(), json!([one()]), json!({ "quickReplies": [one()] }), json!(one().to_string())] {
        let banner = shown(&data);
        assert_eq!(banner.cards.len(), 1, "{data}");
        assert_eq!(banner.cards[0].title, "Leave the agent?");
        assert_eq!(banner.cards[0].choices[0].label, "Exit");
        assert_eq!(banner.cards[0].choices[0].does, say("talk to bot"));
        assert!(!banner.minimises && !banner.pending);
    }
    let bare = shown(&json!({ "title": "Type 'talk to bot'", "options": [] }));
    assert!(bare.cards[0].choices.is_empty());
}

#[test]
fn a_set_has_settings() {
    let banner = shown(&set("close"));
    assert_eq!(banner.cards.len(), 2);
    assert_eq!((banner.minimises, banner.minimised_text.as_deref()), (false, Some("Offers")));
    assert_eq!(banner.cards[1].choices[0].does, ChoiceDoes::Open { href: "https://l.test/x".into() });
    assert_eq!(banner.cards[1].choices[0].label, "l.test");
    assert!(shown(&set("minimise")).minimises && shown(&set("Minimize")).minimises);
}

#[test]
fn a_close_event_without_a_banner_hides() {
    for data in [json!(null), json!(""), json!({}), json!([]), json!({ "banners": [] }), json!(7), json!("x")]
    {
        for on_close in [WithPayload::Show, WithPayload::Hide] {
            assert_eq!(told(CLOSE, &data, on_close), Some(None), "{data}");
        }
    }
}

#[test]
fn a_close_event_with_a_banner_does_what_the_deployment_says() {
    assert_eq!(told(CLOSE, &one(), WithPayload::Show), update(&one()));
    assert_eq!(told(CLOSE, &one(), WithPayload::Hide), Some(None));
}

#[test]
fn an_update_with_nothing_usable_hides() {
    for data in
        [json!([]), json!(null), json!(""), json!({}), json!({ "banners": [] }), json!([{ "title": " " }])]
    {
        assert_eq!(update(&data), Some(None), "{data}");
    }
}

#[test]
fn what_is_no_banner_at_all_changes_nothing() {
    for data in [json!("talk to bot"), json!("7"), json!("{"), json!(7), json!(true)] {
        assert_eq!(update(&data), None, "{data}");
    }
    assert_eq!(told("ui-event-other", &one(), WithPayload::Show), None);
    assert_eq!(told("", &one(), WithPayload::Show), None);
}

#[test]
fn an_element_without_a_title_or_picture_is_left_out() {
    let banner = shown(&json!([{ "title": "", "options": [] }, { "title": "x" }, 7, { "type": "image" }]));
    assert_eq!(banner.cards.len(), 1);
    assert_eq!((banner.cards[0].title.as_str(), banner.cards[0].choices.len()), ("x", 0));
}

#[test]
fn a_text_is_sent_exactly_as_it_is() {
    assert_eq!(does(&option(&json!({ "title": "x", "text": " talk to bot " }))), say(" talk to bot "));
    let long = "x".repeat(STRING + 1);
    assert_eq!(does(&option(&json!({ "title": "x", "text": long }))), ChoiceDoes::Nothing, "not half of it");
    assert_eq!(
        does(&option(&json!({ "title": "x", "text": "a", "url": "https://e.test", "event": "e" }))),
        say("a")
    );
}

#[test]
fn addresses_are_trimmed_and_few_kinds_of_them_lead_anywhere() {
    let open = |href: &str| ChoiceDoes::Open { href: href.to_owned() };
    assert_eq!(does(&option(&json!({ "title": "x", "url": " https://e.test " }))), open("https://e.test"));
    assert_eq!(does(&option(&json!({ "title": "x", "url": "tel:+4930" }))), open("tel:+4930"));
    assert_eq!(
        does(&option(&json!({ "title": "x", "url": "http://127.0.0.1:1/" }))),
        open("http://127.0.0.1:1/")
    );
    for bad in
        ["javascript:alert(1)", "file:///etc/passwd", "http://e.test", "https://a@e.test", "data:x", "e.test"]
    {
        assert_eq!(does(&option(&json!({ "title": "x", "url": bad }))), ChoiceDoes::Nothing, "{bad}");
    }
}

#[test]
fn an_option_may_send_an_event() {
    let payload = Some("exit-chat-queue".to_owned());
    let event = ChoiceDoes::Say { text: "x".into(), payload };
    assert_eq!(does(&option(&json!({ "title": "x", "event": "exit-chat-queue" }))), event);
}

#[test]
fn a_label_falls_back_to_what_is_sent_or_opened() {
    let label = |given: Value| shown(&option(&given)).cards[0].choices[0].label.clone();
    assert_eq!(label(json!({ "text": "talk to bot" })), "talk to bot");
    assert_eq!(label(json!({ "url": "https://e.test/a" })), "e.test");
    assert!(shown(&option(&json!({}))).cards[0].choices.is_empty());
}

#[test]
fn markup_is_only_characters() {
    assert_eq!(shown(&json!({ "title": "<b>x</b>" })).cards[0].title, "<b>x</b>");
}

#[test]
fn what_is_too_much_is_cut() {
    let options: Vec<Value> = (0..50).map(|n| json!({ "title": n.to_string(), "text": "t" })).collect();
    let many: Vec<Value> = (0..50).map(|_| json!({ "title": "x", "options": options })).collect();
    let banner = shown(&json!(many));
    assert_eq!(banner.cards.len(), CARDS);
    assert!(banner.cards.iter().all(|card| card.choices.len() == CHOICES));
    let ids: std::collections::BTreeSet<_> =
        banner.cards.iter().flat_map(|card| &card.choices).map(|c| &c.id).collect();
    assert_eq!(ids.len(), CARDS * CHOICES, "every choice has a name of its own");
    let long = shown(&json!({ "title": "ä".repeat(10_000) }));
    assert_eq!(long.cards[0].title.len(), STRING);
    let huge: Vec<Value> = (0..16)
        .map(|_| json!({ "title": "y".repeat(STRING * 2), "options": [{ "title": "z".repeat(STRING) }] }))
        .collect();
    let all: usize = shown(&json!(huge))
        .cards
        .iter()
        .map(|c| c.title.len() + c.choices.iter().map(|c| c.label.len()).sum::<usize>())
        .sum();
    assert!(all <= ALL);
}

#[test]
fn the_last_event_wins_and_the_same_twice_is_the_same() {
    let other = json!({ "title": "Other" });
    assert_eq!(update(&one()), update(&one()));
    let steps = [(UPDATE, &one()), (UPDATE, &other), (CLOSE, &Value::Null)];
    let states: Vec<_> =
        steps.iter().filter_map(|(code, data)| told(code, data, WithPayload::Show)).collect();
    assert_eq!(states.len(), 3);
    assert_eq!(states[1].as_ref().unwrap().cards[0].title, "Other");
    assert_eq!(states[2], None);
}
