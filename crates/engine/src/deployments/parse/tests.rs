//! What a person gets to read about each mistake in a deployment file, and what stays in use.

use std::path::Path;

use envoi_protocol::view::FormFieldKind;

use super::*;

const GOOD: &str = r##"# Companies of the household.
[[deployment]]
id = "tidewater"
name = "Tidewater Energy"
service = "digital_channels"
mode = "asynchronous"

[deployment.settings]
url = "https://chat.tidewater.example/nexus/v3/chat/sessions"
api_key = "k-1"
endpoint = "Support"
"##;

fn read(text: &str) -> Deployments {
    parse(text, Path::new("/home/ann/deployments.toml"))
}

/// The good company with one line put in before its settings.
fn with(line: &str) -> Deployments {
    read(&GOOD.replace("\n[deployment.settings]", &format!("{line}\n[deployment.settings]")))
}

/// The only error of a file, as line, field and message.
fn only_fault(deployments: &Deployments) -> (u32, &str, &str) {
    let [fault] = &*deployments.faults else { panic!("not one error: {:#?}", deployments.faults) };
    assert_eq!(fault.file, "/home/ann/deployments.toml");
    (fault.line.unwrap(), &fault.field, &fault.message)
}

#[test]
fn a_short_entry_is_enough_and_the_rest_is_as_usual() {
    let read = read(GOOD);
    assert_eq!(read.faults, []);
    let company = &read.list[0];
    assert_eq!((&*company.view.id, &*company.view.name), ("tidewater", "Tidewater Energy"));
    assert!(
        company.view.asynchronous && company.view.available && company.view.pictures && !company.view.demo
    );
    assert_eq!(company.view.form.len(), 1);
    assert!(company.view.form[0].name == "firstname" && company.view.form[0].required);
    assert!(company.follow_up_guard && !company.closes_window && !company.typing_preview);
    assert_eq!(company.route, Route::default());
    assert_eq!(company.closing_text, None);
}

#[test]
fn every_key_is_understood() {
    let dir = tempfile::tempdir().unwrap();
    let key = rcgen::generate_simple_self_signed(["chat.example".to_owned()]).unwrap();
    std::fs::write(dir.path().join("ca.pem"), key.cert.pem()).unwrap();
    let text = r##"
[[deployment]]
id = "alder-2"
name = "Alder Bank"
service = "digital_channels"
mode = "synchronous"
brand = "#0A6CFF"
closing_text = { en = "Done.", de = "Fertig." }
follow_up_guard = false
closes_window = true
typing_preview = true
proxy = "socks5://proxy.example:1080"
extra_ca_file = "ca.pem"
user_data = { plan = "gold", order = 4711, vip = true }
form = [
  { name = "firstname", required = true },
  { name = "email", kind = "email", label = "Your address", value = "ann@example.org" },
]
settings = { url = "https://chat.alder.example/x", api_key = "k", endpoint = "Support" }
"##;
    let read = parse(text, &dir.path().join("deployments.toml"));
    assert_eq!(read.faults, []);
    let company = &read.list[0];
    assert_eq!(company.view.brand.as_deref(), Some("#0a6cff"));
    assert!(
        !company.view.asynchronous
            && !company.follow_up_guard
            && company.closes_window
            && company.typing_preview
    );
    assert_eq!(company.closing_text.as_ref().unwrap().for_languages(&["de-AT".into()]).unwrap(), "Fertig.");
    assert_eq!(company.user_data["order"], "4711");
    assert_eq!(company.user_data["vip"], "true");
    assert_eq!(company.view.form[1].kind, FormFieldKind::Email);
    assert_eq!(company.view.form[1].label.as_deref(), Some("Your address"));
    assert_eq!(company.route.proxy.as_ref().unwrap().as_str(), "socks5://proxy.example:1080");
    assert_eq!(company.route.extra_ca_file.as_deref(), Some(&*dir.path().join("ca.pem")));
}

#[test]
fn each_missing_key_is_named() {
    let read = read("\n[[deployment]]\nname = \"x\"\n");
    assert!(read.list.is_empty());
    let fields: Vec<&str> = read.faults.iter().map(|fault| &*fault.field).collect();
    assert_eq!(fields, ["deployment[1].id", "deployment[1].service", "deployment[1].mode"]);
    assert!(read.faults.iter().all(|fault| fault.line == Some(2) && fault.message.contains("is missing")));
}

#[test]
fn settings_that_the_service_misses_are_named() {
    let read = read(&GOOD.replace("endpoint = \"Support\"\n", "").replace("api_key", "api_kee"));
    let told: Vec<(u32, &str)> =
        read.faults.iter().map(|fault| (fault.line.unwrap(), &*fault.field)).collect();
    assert!(told.contains(&(10, "deployment[1].settings.api_kee")), "{told:?}");
    assert!(told.contains(&(8, "deployment[1].settings.endpoint")), "{told:?}");
}

#[test]
fn a_bad_setting_is_told_with_its_own_line() {
    for (bad, line, field) in [
        ("url = \"chat.example\"", 9, "deployment[1].settings.url"),
        ("url = \"http://chat.example/sessions\"", 9, "deployment[1].settings.url"),
        ("url = 4", 9, "deployment[1].settings.url"),
    ] {
        let text = GOOD.replace("url = \"https://chat.tidewater.example/nexus/v3/chat/sessions\"", bad);
        let read = read(&text);
        assert_eq!((only_fault(&read).0, only_fault(&read).1), (line, field), "{bad}");
        assert!(read.list.is_empty());
    }
}

#[test]
fn a_header_that_cannot_be_sent_is_told_with_its_own_line() {
    let read = read(&format!("{GOOD}\n[deployment.settings.headers]\nx-good = \"1\"\n\"x bad\" = \"2\"\n"));
    let (line, field, _) = only_fault(&read);
    assert_eq!(line, 15);
    assert!(field.starts_with("deployment[1].settings.headers"), "{field}");
}

#[test]
fn a_value_of_the_wrong_kind_says_what_it_should_be() {
    for (line, field, must) in [
        ("follow_up_guard = \"no\"", "follow_up_guard", "must be true or false, not \"no\""),
        ("closes_window = 1", "closes_window", "must be true or false, not 1"),
        ("typing_preview = []", "typing_preview", "must be true or false, not a list"),
        ("brand = \"blue\"", "brand", "must be a colour like \"#0a6cff\""),
        ("brand = 7", "brand", "must be a colour like \"#0a6cff\", not 7"),
        ("closing_text = 3", "closing_text", "must be a text, or a table with one text per language, not 3"),
        (
            "user_data = { a = [1] }",
            "user_data",
            "must be a table of texts, whole numbers and true or false, not a table",
        ),
        ("form = \"firstname\"", "form", "must be a list of tables, each with a name"),
        ("form = [\"firstname\"]", "form[1]", "must be a table with a name, as in { name = \"firstname\" }"),
        ("form = [{ label = \"x\" }]", "form[1].name", "is missing; it must be a text in quotes"),
        ("form = [{ name = \" \" }]", "form[1].name", "must be between 1 and 100 characters long"),
        ("form = [{ name = \"a\" }, { name = \"a\" }]", "form[2].name", "\"a\" is in this form already"),
        (
            "form = [{ name = \"a\", kind = \"mail\" }]",
            "form[1].kind",
            "must be \"text\", \"email\", \"phone\" or \"area\", not \"mail\"",
        ),
        ("proxy = \"proxy.example\"", "proxy", "must be an address like \"http://proxy.example:3128\""),
        ("proxy = \"ftp://u:hush@h\"", "proxy", "must be an address like \"http://proxy.example:3128\""),
    ] {
        let read = with(line);
        let fault = only_fault(&read);
        assert_eq!(fault, (7, &*format!("deployment[1].{field}"), must), "{line}");
        assert!(read.list.is_empty(), "{line}");
    }
}

#[test]
fn a_wrong_mode_and_an_empty_name_are_told() {
    let read = read(&GOOD.replace("\"asynchronous\"", "\"async\"").replace("Tidewater Energy", " "));
    let messages: Vec<&str> = read.faults.iter().map(|fault| &*fault.message).collect();
    assert_eq!(
        messages,
        [
            "must be between 1 and 100 characters long",
            "must be \"asynchronous\" or \"synchronous\", not \"async\""
        ]
    );
}

#[test]
fn certificates_that_cannot_be_used_are_told() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("empty.pem"), "").unwrap();
    std::fs::write(dir.path().join("bad.pem"), "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n")
        .unwrap();
    for file in ["missing.pem", "empty.pem", "bad.pem"] {
        let line = format!("extra_ca_file = \"{file}\"\n[deployment.settings]");
        let read = parse(&GOOD.replace("[deployment.settings]", &line), &dir.path().join("deployments.toml"));
        assert_eq!(read.faults.len(), 1, "{file}");
        assert_eq!((read.faults[0].line, &*read.faults[0].field), (Some(8), "deployment[1].extra_ca_file"));
        assert!(read.faults[0].message.contains(file), "{}", read.faults[0].message);
    }
}

#[test]
fn an_unknown_key_is_told_with_the_one_it_resembles() {
    for (line, near) in [
        ("mod = \"x\"", "did you mean `mode`?"),
        ("folow_up_gaurd = true", "did you mean `follow_up_guard`?"),
        ("url = \"https://x.example\"", "it belongs under [deployment.settings]"),
        ("zebra = 1", "known here: id, name, service, mode"),
    ] {
        let read = with(line);
        let (at, field, message) = only_fault(&read);
        assert_eq!(at, 7);
        assert_eq!(field, format!("deployment[1].{}", line.split(' ').next().unwrap()));
        assert!(message.contains(near), "{message}");
    }
    let read = with("form = [{ name = \"a\", lable = \"b\" }]");
    assert!(only_fault(&read).2.contains("did you mean `label`?"));
}

#[test]
fn an_unknown_service_is_told_with_those_that_are_known() {
    let read = read(&GOOD.replace("digital_channels", "digital_chanels"));
    let (line, field, message) = only_fault(&read);
    assert_eq!((line, field), (5, "deployment[1].service"));
    assert!(message.contains("it speaks: digital_channels"), "{message}");
    assert!(message.contains("Did you mean \"digital_channels\"?"), "{message}");
}

#[test]
fn a_second_company_of_the_same_id_is_told_with_the_line_of_the_first() {
    let read = read(&format!("{GOOD}\n{GOOD}"));
    let (line, field, message) = only_fault(&read);
    assert_eq!((line, field), (15, "deployment[2].id"));
    assert!(message.contains("in line 3"), "{message}");
    assert_eq!(read.list.len(), 1);
}

#[test]
fn an_id_that_no_file_name_could_be_is_told() {
    for id in ["Tidewater", "", "a b", "-a", "_demo", "ä", &"x".repeat(65)] {
        let read = read(&GOOD.replace("\"tidewater\"", &format!("\"{id}\"")));
        assert_eq!(only_fault(&read).1, "deployment[1].id", "{id}");
    }
}

#[test]
fn the_good_companies_stay_in_use_beside_a_bad_one() {
    let other = GOOD.replace("tidewater", "alder");
    let bad = "[[deployment]]\nid = \"x\"\nname = 3\n";
    let read = read(&format!("{GOOD}\n{bad}\n{other}"));
    let ids: Vec<&str> = read.list.iter().map(|company| &*company.view.id).collect();
    assert_eq!(ids, ["tidewater", "alder"]);
    assert!(read.faults.iter().all(|fault| fault.field.starts_with("deployment[2]")));
}

#[test]
fn a_slip_in_the_toml_costs_only_the_company_it_is_in() {
    let other = GOOD.replace("tidewater", "alder");
    let slip = GOOD.replace("tidewater", "fern").replace("mode = ", "mode == ");
    let read = read(&format!("{GOOD}\n{slip}\n{other}"));
    let ids: Vec<&str> = read.list.iter().map(|company| &*company.view.id).collect();
    assert_eq!(ids, ["tidewater", "alder"]);
    assert_eq!(read.faults[0].line, Some(18));
    assert!(read.faults[0].message.contains("not TOML"), "{}", read.faults[0].message);
}

#[test]
fn what_is_no_list_of_companies_is_told() {
    assert!(only_fault(&read("deployment = 3")).2.contains("[[deployment]]"));
    assert!(only_fault(&read("[deployment]\nid = \"x\"")).2.contains("two brackets"));
    assert!(only_fault(&read("deployment = [1]")).2.contains("must be a table"));
    assert!(only_fault(&read("id = \"x\"")).2.contains("[[deployment]]"));
    assert!(read("# nothing yet\n").faults.is_empty());
}

#[test]
fn a_file_for_one_company_may_have_its_keys_at_the_top() {
    let top = GOOD.replace("[[deployment]]\n", "").replace("[deployment.settings]", "[settings]");
    let file = Path::new("/home/ann/deployments.toml");
    assert_eq!(parse_one(&top, file).list.len(), 1);
    assert_eq!(parse_one(GOOD, file).list.len(), 1);
    let typo = parse_one(&top.replace("mode", "mod"), file);
    assert!(typo.faults.iter().any(|fault| fault.field == "mod"), "{:?}", typo.faults);
    let two = parse_one(&format!("{GOOD}\n{}", GOOD.replace("tidewater", "b")), file);
    assert!(only_fault(&two).2.contains("one company"));
}

#[test]
fn what_is_hidden_is_a_list_of_expressions_each_checked() {
    let good = with("filters = [\"^#\", \"secret-[0-9]+\"]");
    assert_eq!(good.list[0].filters, ["^#", "secret-[0-9]+"]);
    let bad = with("filters = [\"^#\", \"(\"]");
    let (_, field, message) = only_fault(&bad);
    assert_eq!(field, "deployment[1].filters[2]");
    assert!(message.contains("regular expression"), "{message}");
}

#[test]
fn no_error_quotes_a_key_or_a_password() {
    let read = read(&GOOD.replace("endpoint", "endpint").replace("k-1", "hush-hush\\n"));
    assert!(!read.faults.is_empty());
    assert!(!format!("{:?}", read.faults).contains("hush"), "{:?}", read.faults);
}

#[test]
fn the_schema_knows_the_same_keys_as_the_reader() {
    let schema: serde_json::Value = serde_json::from_str(&super::super::file::schema()).unwrap();
    for (of, line) in
        [("DeploymentTable", "zebra = 1"), ("FormTable", "form = [{ name = \"a\", zebra = 1 }]")]
    {
        let properties = schema["$defs"][of]["properties"].as_object().unwrap();
        let mut in_schema: Vec<&str> = properties.keys().map(String::as_str).collect();
        let read = with(line);
        let known = only_fault(&read).2.split("known here: ").nth(1).unwrap().to_owned();
        let mut in_reader: Vec<&str> = known.split(", ").collect();
        in_schema.sort_unstable();
        in_reader.sort_unstable();
        assert_eq!(in_schema, in_reader);
    }
}
