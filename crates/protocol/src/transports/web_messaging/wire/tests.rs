//! What the service's answers and frames are read as.

use super::*;
use serde_json::json;

fn reply(status: u16, body: &str) -> Result<HttpReply, IoFault> {
    Ok(HttpReply { status, body: body.as_bytes().to_vec(), ..HttpReply::default() })
}

#[test]
fn a_probe_tells_a_deployment_from_anything_else() {
    assert_eq!(judge_probe(&reply(200, r#"{"id":"D","status":"Active"}"#)), Ok(()));
    assert_eq!(judge_probe(&reply(200, r#"{"id":"D","status":"Inactive"}"#)), Err(Failure::Closed));
    assert_eq!(judge_probe(&reply(403, "")), Err(Failure::UnknownEndpoint));
    assert_eq!(judge_probe(&reply(404, "<x/>")), Err(Failure::UnknownEndpoint));
    assert_eq!(judge_probe(&reply(200, "<html>")), Err(Failure::NotTheService { status: 200 }));
    assert_eq!(judge_probe(&reply(503, "")), Err(Failure::Service { status: 503 }));
    let nothing = Failure::Unreadable { why: "the configuration of a deployment" };
    assert_eq!(judge_probe(&reply(200, "{}")), Err(nothing));
}

#[test]
fn errors_come_as_words_or_as_objects() {
    let refused = |text: &str| match Frame::read(text).unwrap().says {
        Says::Refused(refusal) => refusal,
        other => panic!("{other:?}"),
    };
    let words = refused(r#"{"class":"string","code":409,"body":"Session is read-only"}"#);
    assert_eq!(words.failure(), Failure::Gone);
    let slow =
        r#"{"class":"TooManyRequestsErrorMessage","code":429,"body":{"retryAfter":3,"errorCode":4029}}"#;
    assert_eq!(refused(slow).failure(), Failure::RateLimited { after: Some(Duration::from_secs(3)) });
    assert_eq!(refused(r#"{"class":"Error","body":{"errorCode":4011}}"#).failure(), Failure::TooLong);
    assert_eq!(refused(r#"{"class":"string","code":5000}"#).trace(), Trace::Transcript);
}

#[test]
fn what_is_not_known_is_dropped() {
    assert!(Frame::read("what").is_none());
    assert!(Frame::read("[]").is_none());
    assert!(matches!(Frame::read(r#"{"class":"Hologram","code":200}"#).unwrap().says, Says::Other));
    assert!(matches!(Frame::read(r#"{"class":"string","code":200,"body":"ok"}"#).unwrap().says, Says::Other));
    assert!(matches!(Frame::read(r#"{"class":"SessionClearedEvent"}"#).unwrap().says, Says::Cleared));
}

#[test]
fn which_files_are_taken() {
    let read = |body: Value| Session::read(&body).files.map(|rules| (rules.kinds, rules.largest));
    let inbound =
        |types: Value| json!({ "allowedMedia": { "inbound": { "fileTypes": types, "maxFileSizeKB": 2 } } });
    assert_eq!(read(json!({ "connected": true })), None);
    assert_eq!(read(inbound(json!([]))), None);
    let mut all = inbound(json!([{ "type": "*/*" }]));
    all["blockedExtensions"] = json!([".ADE", ".exe"]);
    let but = FileKinds::AllBut { endings: vec!["ade".into(), "exe".into()] };
    assert_eq!(read(all), Some((but, Some(2_048))));
    assert_eq!(read(inbound(json!([{ "type": "image/*" }]))), Some((FileKinds::Pictures, Some(2_048))));
    let only = FileKinds::Only { endings: vec!["pdf".into(), "png".into()] };
    assert_eq!(
        read(inbound(json!([{ "type": "image/png" }, { "type": "Application/PDF" }]))),
        Some((only, Some(2_048)))
    );
    // What is not known by an ending is not refused here.
    let any = FileKinds::AllBut { endings: vec!["exe".into()] };
    let mut odd = inbound(json!([{ "type": "image/png" }, { "type": "application/x-hologram" }]));
    odd["blockedExtensions"] = json!([".exe"]);
    assert_eq!(read(odd), Some((any, Some(2_048))));
}

#[test]
fn every_mode_of_a_deployment_counts() {
    let mode = |types: &[&str], kilobytes: u64| json!({ "fileTypes": types, "maxFileSizeKB": kilobytes });
    let read =
        |modes: Value| match Config::read(&json!({ "messenger": { "fileUpload": { "modes": modes } } }))
            .uploads
        {
            Uploads::Modes(rules) => Some((rules.kinds, rules.largest)),
            Uploads::AsTheSession | Uploads::Off => None,
        };
    let two = json!([mode(&["image/png"], 2), mode(&["application/pdf", "image/png"], 1), mode(&[], 9)]);
    let only = FileKinds::Only { endings: vec!["pdf".into(), "png".into()] };
    assert_eq!(read(two), Some((only, Some(2_048))));
    let pictures = json!([mode(&["image/*"], 1), mode(&["image/*"], 3)]);
    assert_eq!(read(pictures), Some((FileKinds::Pictures, Some(3_072))));
    let Some((FileKinds::Only { endings }, _)) = read(json!([mode(&["image/*"], 1), mode(&["text/csv"], 1)]))
    else {
        panic!("both kinds")
    };
    assert!(["csv", "gif", "heic"].iter().all(|one| endings.iter().any(|ending| ending == one)));
    let all = json!([mode(&["image/png"], 1), mode(&["*/*"], 1)]);
    assert_eq!(read(all), Some((FileKinds::AllBut { endings: vec![] }, Some(1_024))));
    assert_eq!(read(json!([])), None);
    assert_eq!(read(json!("odd")), None);
}

#[test]
fn only_harmless_headers_go_along_with_a_file() {
    let text = r#"{"class":"PresignedUrlResponse","code":200,"body":{"attachmentId":"A","url":"https://x.example",
        "headers":{"x-amz-tagging":"a=b","Host":"evil.example","content-type":"x","bad name":"x","n":7}}}"#;
    let Says::Place(place) = Frame::read(text).unwrap().says else { panic!("a place") };
    assert_eq!(place.headers, [("x-amz-tagging".to_owned(), "a=b".to_owned())]);
}
