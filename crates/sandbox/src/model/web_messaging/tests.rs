use serde_json::{Value, json};

use super::settings::Settings;
use super::{Centre, Push};
use crate::action::Action;
use crate::ids::Ids;

const NOW: u64 = 1_767_607_200_000;

fn centre(settings: Settings) -> Centre {
    Centre::new(settings, Ids::seeded(7))
}

/// A connection that was configured with this token; gives its number and the answer.
fn configured(centre: &mut Centre, token: &str) -> (u64, Value) {
    let at = centre.connect(Some("Support"), None).unwrap();
    ask(
        centre,
        at,
        json!({ "action": "configureSession", "deploymentId": "Support", "token": token, "tracingId": "c" }),
    );
    let answer = frames(centre, at).remove(0);
    (at, answer)
}

#[expect(clippy::needless_pass_by_value, reason = "written out at each call")]
fn ask(centre: &mut Centre, at: u64, request: Value) -> u16 {
    centre.hear(NOW, at, &request.to_string())
}

fn say(centre: &mut Centre, at: u64, text: &str) -> u16 {
    ask(
        centre,
        at,
        json!({ "action": "onMessage", "token": "T", "tracingId": text, "message": { "type": "Text", "text": text } }),
    )
}

fn frames(centre: &mut Centre, at: u64) -> Vec<Value> {
    let due = centre.due(at).into_iter();
    due.filter_map(|push| if let Push::Frame(frame) = push { Some(frame) } else { None }).collect()
}

fn classes(frames: &[Value]) -> Vec<&str> {
    frames.iter().map(|frame| frame["class"].as_str().unwrap()).collect()
}

#[test]
fn a_session_begins_once_and_is_picked_up_by_its_token() {
    let mut centre = centre(Settings::default());
    assert_eq!(centre.connect(None, None), Err(403));
    assert_eq!(centre.connect(Some("Nowhere"), None), Err(403));
    let (_, first) = configured(&mut centre, "T");
    assert_eq!((&first["class"], &first["tracingId"]), (&json!("SessionResponse"), &json!("c")));
    assert_eq!(first["body"]["newSession"], true);
    assert_eq!(configured(&mut centre, "T").1["body"]["newSession"], false);
    assert_eq!(configured(&mut centre, "U").1["body"]["newSession"], true);
}

#[test]
fn a_message_comes_back_to_every_connection_with_the_name_of_the_request() {
    let mut centre = centre(Settings::default());
    let (one, _) = configured(&mut centre, "T");
    let (other, _) = configured(&mut centre, "T");
    assert_eq!(say(&mut centre, one, "Hello"), 200);
    for at in [one, other] {
        let frames = frames(&mut centre, at);
        assert_eq!(frames.len(), 1);
        assert_eq!(
            (&frames[0]["tracingId"], &frames[0]["body"]["direction"]),
            (&json!("Hello"), &json!("Inbound"))
        );
    }
}

#[test]
fn a_fourth_connection_closes_the_oldest() {
    let mut centre = centre(Settings::default());
    let (oldest, _) = configured(&mut centre, "T");
    for _ in 0..2 {
        configured(&mut centre, "T");
    }
    assert!(centre.due(oldest).is_empty());
    configured(&mut centre, "T");
    let due = centre.due(oldest);
    assert!(
        matches!(&due[..], [Push::Frame(frame), Push::Close(1000)] if frame["class"] == "ConnectionClosedEvent")
    );
}

#[test]
fn the_guest_ends_it_with_clear_and_the_token_opens_nothing_then() {
    let clear = json!({ "action": "onMessage", "token": "T", "tracingId": "x",
        "message": { "type": "Event", "events": [{ "eventType": "Presence", "presence": { "type": "Clear" } }] } });
    let mut centre = self::centre(Settings { clear: false, ..Settings::default() });
    let (at, _) = configured(&mut centre, "T");
    assert_eq!(ask(&mut centre, at, clear.clone()), 403);
    assert!(centre.session("T").is_some());
    centre.settings.clear = true;
    centre.due(at);
    assert_eq!(ask(&mut centre, at, clear), 200);
    let frames = frames(&mut centre, at);
    assert_eq!(classes(&frames), ["StructuredMessage", "SessionClearedEvent", "ConnectionClosedEvent"]);
    assert_eq!(configured(&mut centre, "T").1["body"]["newSession"], true);
}

#[test]
fn a_session_for_reading_only_takes_nothing_more_and_can_be_read() {
    let mut centre = centre(Settings::default());
    let (at, _) = configured(&mut centre, "T");
    say(&mut centre, at, "Hello");
    centre.perform_actions("latest", NOW, vec![Action::End { quiet: false }]).unwrap();
    let told = frames(&mut centre, at);
    assert_eq!(told.last().unwrap()["body"]["metadata"]["readOnly"], "true");
    assert_eq!(say(&mut centre, at, "Too late"), 409);
    let (at, answer) = configured(&mut centre, "T");
    assert_eq!(answer["body"]["readOnly"], true);
    ask(&mut centre, at, json!({ "action": "getJwt", "token": "T" }));
    let pass = frames(&mut centre, at)[0]["body"]["jwt"].as_str().unwrap().to_owned();
    let page = centre.history(NOW, Some(&pass), 1, 25).unwrap();
    assert_eq!(page["total"], 2);
    assert_eq!(page["entities"][1]["text"], "Hello", "newest first");
    assert_eq!(centre.history(NOW + 61_000, Some(&pass), 1, 25), Err(401), "a pass runs out");
    assert_eq!(centre.history(NOW, None, 1, 25), Err(401));
}

#[test]
fn limits_are_kept_to() {
    let mut centre = centre(Settings::default());
    let (at, _) = configured(&mut centre, "T");
    assert_eq!(say(&mut centre, at, &"ü".repeat(2_049)), 4011);
    let codes: Vec<u16> = (0..6).map(|number| say(&mut centre, at, &number.to_string())).collect();
    assert_eq!(codes, [200, 200, 200, 200, 200, 429]);
    let echo = json!({ "action": "echo", "message": { "type": "Text", "text": "ping" } });
    let codes: Vec<u16> = (0..3).map(|_| ask(&mut centre, at, echo.clone())).collect();
    assert_eq!(codes, [200, 200, 429]);
}

#[test]
fn a_file_is_put_in_its_place_with_the_headers_that_were_told() {
    let mut centre = centre(Settings::default());
    let (at, _) = configured(&mut centre, "T");
    ask(
        &mut centre,
        at,
        json!({ "action": "onAttachment", "token": "T", "attachmentId": "A", "fileName": "a.png", "fileType": "image/png", "fileSize": 3 }),
    );
    let place = frames(&mut centre, at).remove(0)["body"].clone();
    let key = place["url"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    let tag = place["headers"]["x-amz-tagging"].as_str();
    let bytes = bytes::Bytes::from_static(b"abc");
    assert_eq!(centre.put(NOW, &key, None, Some("image/png"), bytes.clone()), Err(403));
    assert_eq!(centre.put(NOW, &key, tag, Some("image/png"), bytes), Ok(()));
    assert_eq!(classes(&frames(&mut centre, at)), ["UploadSuccessEvent"]);
    let send = json!({ "action": "onMessage", "token": "T", "tracingId": "x",
        "message": { "content": [{ "contentType": "Attachment", "attachment": { "id": "A" } }] } });
    assert_eq!(ask(&mut centre, at, send), 200);
    let copy = frames(&mut centre, at).remove(0);
    let url = copy["body"]["content"][0]["attachment"]["url"].as_str().unwrap().to_owned();
    let key = url.split("key=").nth(1).unwrap();
    assert_eq!(centre.file(NOW, "A", key).unwrap().1, "abc");
    assert_eq!(centre.file(NOW + 600_000, "A", key), Err(404), "an address runs out");
}

#[test]
fn nothing_is_done_before_the_session_is_configured() {
    let mut centre = centre(Settings::default());
    let at = centre.connect(Some("Support"), None).unwrap();
    assert_eq!(say(&mut centre, at, "Hello"), 400);
    assert_eq!(centre.hear(NOW, at, "what"), 400);
}

#[test]
fn an_origin_is_compared_by_its_host() {
    let mut centre = centre(Settings { origins: vec!["shop.example".into()], ..Settings::default() });
    assert_eq!(centre.connect(Some("Support"), None), Err(403));
    assert_eq!(centre.connect(Some("Support"), Some("https://evil.example")), Err(403));
    assert!(centre.connect(Some("Support"), Some("https://www.shop.example:8443")).is_ok());
}
