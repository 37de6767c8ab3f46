//! Copies of what is in the archive.

use envoi_protocol::event::{Attachment, EntryKey, LocalId};
use envoi_protocol::stored::{Commit, ParcelChange, ParcelContent, Place, Progress, StoredParcel};
use envoi_protocol::text::runs;
use envoi_protocol::timeline::{me, row_at};
use envoi_protocol::view::{ChoiceDoes, ChoiceGroup};
use serde_json::Value;

use super::*;

const EVIL: &str = "<script>alert(1)</script> \"&' https://example.org/a?b=1&c=2";

fn archive() -> Archive {
    let maya = Person { id: "a1".into(), name: Some("Maya <b>\n".into()), role: Role::Agent };
    let row = |major: u64, id: String, content| {
        let item = Item { id, at: 60_000 * i64::try_from(major).unwrap(), replayed: false, content };
        StoredRow {
            place: Place { key: EntryKey { major, minor: 0 }, echo: 0 },
            item: Arc::new(item),
            media_url: None,
        }
    };
    let entry = |major| row_at(EntryKey { major, minor: 0 });
    let message =
        |from: Person, text: &str, delivery| Content::Message { from, text: runs(text.into()), delivery };
    let picture = |from: Person, name: &str| Content::Picture {
        from,
        name: name.into(),
        size: None,
        delivery: None,
        withdrawn: false,
    };
    let rows = vec![
        row(1, entry(1), Content::Joined { person: maya.clone() }),
        row(2, entry(2), message(maya.clone(), EVIL, None)),
        row(3, entry(3), picture(maya.clone(), "../../e\"vil.html")),
        row(4, entry(4), picture(maya.clone(), "never fetched.png")),
        row(5, "m1".into(), message(me(), "שלום", Some(DeliveryView::Sent))),
        row(6, "m2".into(), picture(me(), "mine.png")),
        row(7, entry(7), Content::CaseClosed { by: None }),
        row(8, entry(8), offer()),
        row(9, entry(9), file("Contract <1>.pdf")),
        row(10, "m3".into(), Content::Local { text: runs("Case 4711".into()) }),
        row(11, entry(11), Content::Unsupported { from: maya.clone() }),
    ];
    let attachment =
        Attachment { name: "mine.png".into(), mime: "image/png".into(), bytes: b"my picture".to_vec() };
    let progress = Progress { state: ProgressState::Queued, attempts: 0, left: false };
    let parcel =
        StoredParcel { local: LocalId(2), turn: 1, content: ParcelContent::Picture(attachment), progress };
    let archive = Archive::in_memory().unwrap();
    archive
        .commit("c", &Commit { rows, parcels: vec![ParcelChange::Put(parcel)], ..Commit::default() })
        .unwrap();
    let media = Media { mime: "image/svg+xml".into(), bytes: b"<svg/>".to_vec() };
    archive.put_picture("c", "e3-0", &media).unwrap();
    archive
}

fn offer() -> Content {
    let choice = |id: &str, label: &str| Choice {
        id: id.into(),
        label: label.into(),
        text: None,
        at: None,
        seconds: None,
        does: ChoiceDoes::Nothing,
    };
    let choices = vec![choice("y", "Yes"), choice("n", "No <i>")];
    let groups = vec![ChoiceGroup { title: None, multiple: false, choices }];
    let from = Person { id: "b".into(), name: None, role: Role::Bot };
    let offer = Offer { text: "Shall I?".into(), groups, ..Offer::default() };
    Content::Offer { from, offer, answered: vec!["y".into()] }
}

fn file(name: &str) -> Content {
    let from = Person { id: "a1".into(), name: Some("Maya".into()), role: Role::Agent };
    Content::File { from, name: name.into(), size: None, mime: None, delivery: None, withdrawn: false }
}

#[test]
fn what_is_more_than_words_is_in_every_copy() {
    let (_, _, text) = copy(CopyFormat::Text);
    let expected = "00:08  Bot: Shall I?\n       [x] Yes\n       [ ] No <i>\n00:09  Maya: [file: Contract <1>.pdf]\n\
                    00:10  Note: Case 4711\n00:11  Maya <b> sent something that cannot be shown here\n";
    assert!(text.ends_with(expected), "{text}");
    let (_, _, html) = copy(CopyFormat::Html);
    for part in [
        "[x] Yes",
        "No &lt;i&gt;",
        "[file: Contract &lt;1&gt;.pdf]",
        "00:10 Case 4711",
        "00:11 Maya &lt;b&gt; sent",
    ] {
        assert!(html.contains(part), "{part}");
    }
    let (_, _, json) = copy(CopyFormat::Json);
    let json: Value = serde_json::from_str(&json).unwrap();
    let kinds: Vec<&str> =
        json["rows"].as_array().unwrap().iter().map(|row| row["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds[7..], ["offer", "file", "local", "unsupported"]);
    assert_eq!(json["rows"][7]["answered"], serde_json::json!(["y"]));
}

fn copy(format: CopyFormat) -> (tempfile::TempDir, PathBuf, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = save(
        &archive(),
        &Copy {
            conversation: "c",
            company: "Tidewater <Energy>",
            format,
            folder: folder.path(),
            wall: 1_763_683_200_000,
            zone: &TimeZone::UTC,
        },
    )
    .unwrap();
    let content = fs::read_to_string(&path).unwrap();
    (folder, path, content)
}

#[test]
fn as_text() {
    let (folder, path, text) = copy(CopyFormat::Text);
    assert_eq!(path.file_name().unwrap(), "Envoi Tidewater Energy 2025-11-21.txt");
    assert!(
        text.starts_with("Chat with Tidewater <Energy>\n\n1970-01-01\n\n00:01  Maya <b> joined\n"),
        "{text}"
    );
    let files = "Envoi Tidewater Energy 2025-11-21 files";
    let own = format!(
        "00:05  You: שלום\n00:06  You: [picture: mine.png]  [not sent]\n       {files}/002-mine.png\n"
    );
    assert!(text.contains(&own), "{text}");
    assert_eq!(fs::read(folder.path().join(files).join("002-mine.png")).unwrap(), b"my picture");
}

#[test]
fn as_json_with_its_pictures() {
    let (folder, _, text) = copy(CopyFormat::Json);
    let copy: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(copy["company"], "Tidewater <Energy>");
    let rows = copy["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 11);
    assert_eq!(rows[1]["text"], EVIL);
    assert_eq!((&rows[4]["sent"], &rows[5]["sent"]), (&Value::Bool(true), &Value::Bool(false)));
    assert_eq!(rows[3].get("file"), None);
    let file = folder.path().join(rows[5]["file"].as_str().unwrap());
    assert_eq!(fs::read(file).unwrap(), b"my picture");
    assert!(rows[0]["at"].as_str().unwrap().parse::<Zoned>().is_ok());
}

#[test]
fn as_a_page_in_which_nothing_is_markup() {
    let (folder, _, page) = copy(CopyFormat::Html);
    assert!(page.contains("default-src 'none'"));
    assert!(!page.contains("<script") && !page.contains("<b>") && !page.contains("<Energy"));
    let words = "&lt;script&gt;alert(1)&lt;/script&gt; &quot;&amp;&#39; ";
    let link = "<a href=\"https://example.org/a?b=1&amp;c=2\" rel=\"noopener noreferrer\">";
    assert!(page.contains(&format!("<p dir=\"auto\">{words}{link}")), "{page}");
    let pictures = "Envoi%20Tidewater%20Energy%202025-11-21%20files";
    assert!(page.contains(&format!("<img src=\"{pictures}/002-mine.png\" alt=\"mine.png\">")), "{page}");
    assert!(
        page.contains(&format!("<a href=\"{pictures}/001-------e-vil.bin\">../../e&quot;vil.html</a>")),
        "{page}"
    );
    assert!(page.contains("[picture: never fetched.png]") && page.contains("<strong>not sent</strong>"));
    let mut names: Vec<_> = fs::read_dir(folder.path().join("Envoi Tidewater Energy 2025-11-21 files"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, ["001-------e-vil.bin", "002-mine.png"]);
}

#[test]
fn a_file_keeps_its_kind_unless_that_could_do_harm() {
    let folder = tempfile::tempdir().unwrap();
    let mut files = Files::beside(&folder.path().join("copy.txt"));
    let mut write = |name: &str, mime: &str| {
        let media = Media { mime: mime.into(), bytes: vec![1] };
        files.write(name, &media).unwrap().path
    };
    let word = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
    assert_eq!(write("Contract.DOCX", word), "copy files/001-Contract.docx");
    assert_eq!(write("readings.csv", "text/plain"), "copy files/002-readings.csv");
    assert_eq!(write("notes", "text/plain"), "copy files/003-notes.txt");
    for (name, mime) in
        [("a.html", "text/html"), ("a.exe", "application/octet-stream"), ("a.svg", "image/svg+xml")]
    {
        assert!(write(name, mime).ends_with("-a.bin"), "{name}");
    }
}

#[test]
fn a_copy_replaces_nothing() {
    let archive = archive();
    let folder = tempfile::tempdir().unwrap();
    let zone = &TimeZone::UTC;
    let copy = Copy {
        conversation: "c",
        company: "T",
        format: CopyFormat::Html,
        folder: folder.path(),
        wall: 0,
        zone,
    };
    let paths = [save(&archive, &copy).unwrap(), save(&archive, &copy).unwrap()];
    assert_ne!(paths[0], paths[1]);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 4, "each has its own files");
    let other = save(&archive, &Copy { format: CopyFormat::Json, ..copy }).unwrap();
    let json: Value = serde_json::from_slice(&fs::read(other).unwrap()).unwrap();
    assert_eq!(
        json["rows"][5]["file"], "Envoi T 1970-01-01 files (2)/002-mine.png",
        "in another form as well"
    );
}
