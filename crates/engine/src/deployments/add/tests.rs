//! Adding a company never harms what a person wrote.

use std::fs;

use super::*;

fn new(name: &str) -> NewDeployment {
    NewDeployment {
        id: None,
        service: "digital_channels".into(),
        name: name.into(),
        asynchronous: true,
        settings: [
            ("url", "https://chat.tidewater.example/nexus/v3/chat/sessions"),
            ("api_key", " k-1 "),
            ("endpoint", "Support"),
        ]
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .into(),
    }
}

fn codes(faults: &[FieldFault]) -> Vec<(Option<&str>, FaultCode)> {
    faults.iter().map(|fault| (fault.field.as_deref(), fault.fault.code)).collect()
}

#[test]
fn the_first_company_makes_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("new/deployments.toml");
    assert_eq!(append(&file, &new("Tidewater Energy")).unwrap(), "tidewater-energy");
    let read = Deployments::load(&file);
    assert_eq!(read.faults, []);
    assert_eq!(read.list[0].view.name, "Tidewater Energy");
    assert_eq!(read.list[0].settings["api_key"], "k-1");
}

#[test]
fn comments_order_and_style_stay_as_they_were() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("deployments.toml");
    let before = "# mine\n[[deployment]] # first\nname='Alder'   # odd spacing\nid = \"alder\"\nservice = \
                  \"digital_channels\"\nmode = \"synchronous\"\nsettings = { url = \"https://alder.example\", api_key = \
                  \"x\", endpoint = \"A\" }\n# the end\n";
    fs::write(&file, before).unwrap();
    append(&file, &new("Tidewater")).unwrap();
    let after = fs::read_to_string(&file).unwrap();
    let kept: Vec<&str> = before.lines().filter(|line| !after.lines().any(|other| other == *line)).collect();
    assert!(kept.is_empty(), "lost: {kept:?}\n{after}");
    assert!(after.starts_with("# mine\n[[deployment]] # first\nname='Alder'   # odd spacing\n"));
    let read = Deployments::load(&file);
    assert_eq!(read.faults, []);
    assert_eq!(read.list.len(), 2);
}

#[test]
fn a_file_that_cannot_be_read_is_left_alone_and_the_line_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("deployments.toml");
    for broken in ["[[deployment]]\nid = \n", "deployment = 3\n", "\u{1}"] {
        fs::write(&file, broken).unwrap();
        let faults = append(&file, &new("Tidewater")).unwrap_err();
        assert_eq!(codes(&faults), [(None, FaultCode::ConfigBroken)], "{broken}");
        let detail = faults[0].fault.detail.as_deref().unwrap();
        assert!(detail.contains("deployments.toml") && detail.contains("nothing was changed"), "{detail}");
        assert_eq!(fs::read_to_string(&file).unwrap(), broken);
    }
    fs::write(&file, [0xff, 0xfe]).unwrap();
    assert_eq!(codes(&append(&file, &new("Tidewater")).unwrap_err()), [(None, FaultCode::ConfigBroken)]);
    assert_eq!(fs::read(&file).unwrap(), [0xff, 0xfe]);
}

#[test]
fn the_mark_that_some_editors_put_in_front_is_no_mistake_and_stays() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("deployments.toml");
    fs::write(&file, "\u{feff}# mine\n").unwrap();
    append(&file, &new("Tidewater")).unwrap();
    assert!(fs::read_to_string(&file).unwrap().starts_with("\u{feff}# mine\n"));
    assert_eq!(Deployments::load(&file).list.len(), 1);
}

#[test]
fn what_was_entered_is_checked_field_by_field() {
    let nothing = Deployments::default();
    assert_eq!(codes(&faults(&new(" "), &nothing)), [(Some("name"), FaultCode::FieldMissing)]);
    assert_eq!(codes(&faults(&new(&"x".repeat(101)), &nothing)), [(Some("name"), FaultCode::FieldBad)]);
    let mut entered = new("Tidewater");
    entered.settings.insert("url".into(), "chat.example".into());
    entered.settings.insert("endpoint".into(), " ".into());
    let told = faults(&entered, &nothing);
    assert!(codes(&told).contains(&(Some("url"), FaultCode::BadAddress)), "{told:?}");
    assert!(codes(&told).contains(&(Some("endpoint"), FaultCode::FieldMissing)), "{told:?}");
    entered.service = "telex".into();
    assert_eq!(codes(&faults(&entered, &nothing)), [(Some("service"), FaultCode::Unsupported)]);
}

#[test]
fn the_same_company_is_not_added_twice() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("deployments.toml");
    append(&file, &new("Tidewater")).unwrap();
    let again = append(&file, &new("TIDEWATER")).unwrap_err();
    assert_eq!(
        codes(&again),
        [(Some("name"), FaultCode::AlreadyThere), (Some("url"), FaultCode::AlreadyThere)]
    );
    let mut other = new("Tidewater!");
    other.settings.insert("endpoint".into(), "Sales".into());
    assert_eq!(
        append(&file, &other).unwrap(),
        "tidewater-2",
        "another name and entry, the same id otherwise"
    );
}

#[test]
fn a_company_that_was_added_is_taken_out_and_nothing_else_changes() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("deployments.toml");
    let before = "\u{feff}# mine\n[[deployment]] # first\nname='Alder'   # odd spacing\nid = \"alder\"\nservice = \
                  \"digital_channels\"\nmode = \"synchronous\"\nsettings = { url = \"https://alder.example\", api_key = \
                  \"x\", endpoint = \"A\" }\n# the end\n";
    fs::write(&file, before).unwrap();
    append(&file, &new("Tidewater")).unwrap();
    let mut other = new("Harden");
    other.settings.insert("endpoint".into(), "Sales".into());
    append(&file, &other).unwrap();
    let present = Deployments::load(&file);
    let editable = present.list.iter().map(|company| company.view.editable);
    assert_eq!(editable.collect::<Vec<_>>(), [false, true, true]);
    assert_eq!(remove(&file, "alder").unwrap_err().code, FaultCode::TooLate, "the person did not add it");
    remove(&file, "tidewater").unwrap();
    assert_eq!(remove(&file, "tidewater").unwrap_err().code, FaultCode::TooLate);
    let left = Deployments::load(&file);
    let ids = left.list.iter().map(|company| company.view.id.as_str());
    assert_eq!((ids.collect::<Vec<_>>(), left.faults), (vec!["alder", "harden"], vec![]));
    remove(&file, "harden").unwrap();
    assert_eq!(fs::read_to_string(&file).unwrap().trim_end(), before.trim_end());
}

#[test]
fn what_stood_above_a_company_outlives_it_also_where_it_was_the_only_one() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("deployments.toml");
    fs::write(&file, "# mine\n").unwrap();
    append(&file, &new("Tidewater")).unwrap();
    remove(&file, "tidewater").unwrap();
    assert_eq!(fs::read_to_string(&file).unwrap().trim_end(), "# mine");
    assert_eq!(append(&file, &new("Tidewater")).unwrap(), "tidewater");
    assert_eq!(Deployments::load(&file).list[0].details().settings["api_key"], "k-1");
    fs::write(&file, "[[deployment]]\nid = \n").unwrap();
    assert_eq!(remove(&file, "tidewater").unwrap_err().code, FaultCode::ConfigBroken);
    assert_eq!(fs::read_to_string(&file).unwrap(), "[[deployment]]\nid = \n");
}

#[test]
fn a_company_is_corrected_where_it_stands_and_nothing_else_of_it_changes() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("deployments.toml");
    let before = "# mine\n[[deployment]]\nid = \"tide\" # ours\nname = \"Tidewater\" # as it is\nservice = \"digital_channels\"\n\
                  mode = \"asynchronous\"\nkeep = 30\n[deployment.settings]\nurl = \"https://wrong.example\" # ?\napi_key = \"old\"\n\
                  endpoint = \"Support\" # asked\npage = 40\n\n[[deployment]]\nid = \"other\"\n";
    fs::write(&file, before).unwrap();
    let corrected = NewDeployment { id: Some("tide".into()), ..new("Tidewater") };
    assert_eq!(append(&file, &corrected).unwrap(), "tide");
    let after = fs::read_to_string(&file).unwrap();
    for line in [
        "# mine",
        "id = \"tide\" # ours",
        "name = \"Tidewater\" # as it is",
        "endpoint = \"Support\" # asked",
        "page = 40",
    ] {
        assert!(after.contains(line), "{line} is gone: {after}");
    }
    let read = Deployments::load(&file);
    assert_eq!((read.list.len(), read.broken), (1, vec!["other".to_owned()]));
    assert_eq!(read.list[0].settings["api_key"], "k-1");
    assert_eq!(read.list[0].settings["url"], "https://chat.tidewater.example/nexus/v3/chat/sessions");
    assert_eq!(read.list[0].view.keep, Some(envoi_protocol::view::Keep::Days { days: 30 }));
}

#[test]
fn a_company_that_was_removed_comes_back_under_its_id_whatever_it_is_called_now() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("deployments.toml");
    let again = NewDeployment { id: Some("tide".into()), ..new("Tidewater Energy") };
    assert_eq!(append(&file, &again).unwrap(), "tide");
    assert_eq!(Deployments::load(&file).list[0].view.id, "tide");
    let odd = NewDeployment { id: Some("_demo".into()), ..new("Alder") };
    assert_eq!(
        append(
            &file,
            &NewDeployment {
                settings: odd
                    .settings
                    .clone()
                    .into_iter()
                    .map(|(key, text)| (key, format!("{text}2")))
                    .collect(),
                ..odd
            }
        )
        .unwrap(),
        "alder",
        "no id of a file"
    );
}

#[test]
fn ids_are_made_from_names() {
    assert_eq!(slug("Tidewater Energy"), "tidewater-energy");
    assert_eq!(slug("  --Äpfel & Birnen (GmbH)--"), "pfel-birnen-gmbh");
    assert_eq!(slug("東京電力"), "company");
    assert!(parse::is_slug(&slug(&"very long ".repeat(30))));
}

#[cfg(unix)]
#[test]
fn a_disk_that_refuses_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("in-the-way");
    fs::create_dir_all(file.join("x")).unwrap();
    assert_eq!(codes(&append(&file, &new("Tidewater")).unwrap_err()), [(None, FaultCode::DiskFailed)]);
}
