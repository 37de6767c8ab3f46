//! Files, offers, choices and lines of this computer's own: kept, found, and on their way after a restart.

use envoi_protocol::view::{
    Banner, Card, Choice, ChoiceDoes, ChoiceGroup, Offer, Question, Questionnaire, Takes,
};

use super::*;

fn row(major: u64, content: Content) -> StoredRow {
    let item = Item { id: row_at(at(major).key), at: NOON, replayed: false, content };
    StoredRow { place: at(major), item: Arc::new(item), media_url: Some(format!("/f/{major}")) }
}

fn offer() -> Content {
    let does = ChoiceDoes::Say { text: "thursday".into(), payload: Some("{}".into()) };
    let choice = Choice {
        id: "t".into(),
        label: "Donnerstag".into(),
        text: None,
        at: Some(1),
        seconds: Some(2),
        does,
    };
    let group = ChoiceGroup { title: Some("Termine".into()), multiple: false, choices: vec![choice] };
    let number = Question {
        id: "n".into(),
        heading: None,
        label: "Zählernummer".into(),
        hint: None,
        required: true,
        takes: Takes::Words { lines: false, longest: 8 },
    };
    let questions = Questionnaire {
        questions: vec![number],
        button: None,
        reply: "Bitte sehr".into(),
        payload: "{}".into(),
    };
    let card =
        Card { title: "Zähler".into(), picture: Some("https://x.example/z.png".into()), ..Card::default() };
    let offer = Offer {
        text: "Wann passt es?".into(),
        cards: vec![card],
        groups: vec![group],
        questions: Some(questions),
        ..Offer::default()
    };
    Content::Offer { from: agent(), offer, answered: vec!["t".into()] }
}

fn file() -> Content {
    Content::File {
        from: agent(),
        name: "Rechnung-2026.pdf".into(),
        size: Some(7),
        mime: Some("application/pdf".into()),
        delivery: None,
        withdrawn: false,
    }
}

fn note() -> Content {
    Content::Local { text: runs("Fall 4711".to_owned()) }
}

#[test]
fn every_kind_of_row_and_parcel_comes_back_as_it_was() {
    let archive = Archive::in_memory().unwrap();
    let rows = vec![row(1, file()), row(2, offer()), row(3, note())];
    let attachment = Attachment { name: "a.zip".into(), mime: "application/zip".into(), bytes: vec![1, 2] };
    let contents = [
        ParcelContent::File(attachment),
        ParcelContent::Answer {
            offer: Some("e2-0".into()),
            text: "thursday".into(),
            payloads: vec!["{}".into()],
        },
        ParcelContent::Hidden("code 7".into()),
    ];
    let parcels: Vec<StoredParcel> = (0..)
        .zip(contents)
        .map(|(n, content)| StoredParcel { local: LocalId(n), turn: n, content, progress: queued() })
        .collect();
    let card = Card { title: "With an agent".into(), text: None, picture: None, choices: Vec::new() };
    let banner =
        Banner { cards: vec![card], minimises: true, minimised_text: None, minimised: true, pending: false };
    let state = StoredState { banner: Some(banner), hidden: vec!["^#".into()], ..state() };
    let commit = Commit {
        rows: rows.clone(),
        parcels: parcels.iter().cloned().map(ParcelChange::Put).collect(),
        state: Some(Box::new(state.clone())),
        ..Commit::default()
    };
    archive.commit("a", &commit).unwrap();
    let stored = archive.load("a", 10).unwrap().unwrap();
    assert_eq!(stored.rows, rows);
    assert_eq!(stored.parcels, parcels);
    assert_eq!(stored.state, state);
}

#[test]
fn a_state_that_an_older_version_wrote_is_read() {
    let mut json = serde_json::to_value(state()).unwrap();
    let fields = json.as_object_mut().unwrap();
    assert!(fields.remove("banner").is_some() && fields.remove("hidden").is_some());
    assert_eq!(serde_json::from_value::<StoredState>(json).unwrap(), state());
}

#[test]
fn an_offer_that_an_older_version_wrote_is_read() {
    let mut json = serde_json::to_value(offer()).unwrap();
    assert!(json["offer"].as_object_mut().unwrap().remove("questions").is_some());
    assert!(json["offer"]["cards"][0].as_object_mut().unwrap().remove("picture").is_some());
    let Content::Offer { offer, .. } = serde_json::from_value(json).unwrap() else { panic!("an offer") };
    assert_eq!((offer.questions, offer.cards[0].picture.as_deref()), (None, None));
}

#[test]
fn files_and_offers_are_found_by_what_stands_in_them_and_notes_are_not_somebodys_words() {
    let archive = Archive::in_memory().unwrap();
    let rows = vec![row(1, file()), row(2, offer()), row(3, note())];
    archive.commit("a", &with_rows(rows)).unwrap();
    assert_eq!(found(&archive, "rechnung"), ["e1-0"]);
    assert_eq!(found(&archive, "donnerstag"), ["e2-0"]);
    assert_eq!(found(&archive, "passt termine"), ["e2-0"]);
    assert_eq!(found(&archive, "zählernummer"), ["e2-0"]);
    assert_eq!(found(&archive, "4711"), Vec::<String>::new());
}
