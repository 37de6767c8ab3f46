//! The program as a person or another program runs it, against the sandbox over real sockets.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests may fail loudly, also in their helpers"
)]

mod bench;

use std::path::Path;

use envoi_sandbox::Script;
use serde_json::{Value, json};

use bench::{Bench, phase, text, words};

#[test]
fn a_program_chats_in_json_lines() {
    let bench = Bench::new(Script::None);
    let mut chat = bench.chat(&["--json"]);
    let first = chat.json(|_| true);
    assert_eq!(first["snapshot"]["phase"]["phase"], "fresh");
    assert_eq!(first["snapshot"]["deployment"]["id"], "tidewater");
    chat.tell(&json!({"do": "start", "form": {"firstname": "Ann"}}));
    chat.json(|line| phase(line, "open"));
    chat.tell(&json!({"do": "send", "text": "Hello"}));
    chat.json(|line| {
        words(line, "Hello").is_some_and(|item| item.to_string().contains("\"state\":\"sent\""))
    });
    bench.control("sessions/latest/join", &json!({"name": "Maya"}));
    bench.control("sessions/latest/say", &json!({"text": "Good day"}));
    chat.json(|line| words(line, "Good day").is_some());
    bench.control("sessions/latest/state", &json!({"state": "Finalizing"}));
    chat.json(|line| phase(line, "closing"));
    chat.tell(&json!({"do": "send", "text": "Thanks!"}));
    chat.json(|line| line["change"]["change"] == "guard" && line["change"]["to"]["text"] == "Thanks!");
    chat.tell(&json!({"do": "dont_send"}));
    chat.tell(&json!({"do": "end"}));
    chat.json(|line| phase(line, "over"));
    let (code, seen, _) = chat.finish();
    assert_eq!(code, 0);
    let seqs: Vec<u64> = seen
        .iter()
        .map(|line| serde_json::from_str::<Value>(line).expect("every line is JSON"))
        .filter_map(|line| line["seq"].as_u64())
        .collect();
    let start = first["snapshot"]["seq"].as_u64().unwrap();
    assert!(seqs.iter().enumerate().all(|(at, seq)| *seq == start + 1 + at as u64), "{seqs:?}");
    bench.stop();
}

#[test]
fn who_was_there_and_what_was_said_can_be_asked() {
    let bench = Bench::new(Script::None);
    let mut chat = bench.chat(&["--json", "--form", "firstname=Ann"]);
    chat.json(|line| phase(line, "open"));
    bench.control("sessions/latest/join", &json!({"name": "Maya"}));
    bench.control("sessions/latest/say", &json!({"text": "Good day"}));
    chat.json(|line| words(line, "Good day").is_some());
    chat.tell(&json!({"do": "inject", "text": "Case 4711"}));
    chat.json(|line| words(line, "Case 4711").is_some_and(|item| item["content"]["kind"] == "local"));
    chat.tell(&json!({"do": "hide", "patterns": ["^#"]}));
    // What is hidden is hidden from there on: the word for it has to be done before the agent writes.
    chat.json(|line| line["done"]["line"] == 2);
    bench.control("sessions/latest/say", &json!({"text": "# for programs"}));
    chat.tell(&json!({"do": "send", "text": "Hello"}));
    chat.json(|line| {
        words(line, "Hello").is_some_and(|item| item.to_string().contains("\"state\":\"sent\""))
    });
    chat.tell(&json!({"do": "details"}));
    let details = chat.json(|line| line.get("details").is_some())["details"].clone();
    assert_eq!((&details["received"], &details["sent"]), (&json!(1), &json!(1)), "{details}");
    assert!(details["people"][0]["from"].is_i64(), "{details}");
    assert_eq!(details["people"][0]["person"]["name"], "Maya");
    chat.tell(&json!({"do": "transcript"}));
    let transcript = chat.json(|line| line.get("transcript").is_some())["transcript"].clone();
    let kinds: Vec<&str> =
        transcript.as_array().unwrap().iter().map(|item| item["content"]["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["joined", "message", "local", "message"]);
    chat.tell(&json!({"do": "nickname", "name": "Annie"}));
    let refused = chat.json(|line| line.get("error").is_some());
    assert_eq!(refused["error"]["fault"]["code"], "unsupported", "this service knows no other name");
    let (code, ..) = chat.finish();
    assert_eq!(code, 0);
    bench.stop();
}

#[test]
fn a_bad_line_is_named_and_nothing_is_lost() {
    let bench = Bench::new(Script::None);
    let mut chat = bench.chat(&["--json", "--form", "firstname=Ann"]);
    chat.json(|line| phase(line, "open"));
    for (bad, message) in [
        ("{\"do\":\"send\"", "not JSON"),
        ("[]", "an object with a \"do\""),
        ("{\"do\":\"sing\"}", "unknown variant `sing`"),
        ("{\"do\":\"send\"}", "missing field `text`"),
        ("{\"do\":\"attach\",\"path\":\"nowhere.png\"}", "nowhere.png cannot be read"),
        ("{\"do\":\"send\",\"text\":\" \"}", "not done"),
        ("\u{fffd}", "not JSON"),
    ] {
        chat.say(bad);
        let error = chat.json(|line| line.get("error").is_some());
        assert!(error["error"]["message"].as_str().unwrap().contains(message), "{bad}: {error}");
        assert!(error["error"]["line"].is_u64(), "{error}");
    }
    chat.say("");
    chat.tell(&json!({"do": "send", "text": "Still here"}));
    chat.json(|line| {
        words(line, "Still here").is_some_and(|item| item.to_string().contains("\"state\":\"sent\""))
    });
    let (code, seen, _) = chat.finish();
    assert_eq!(code, 0);
    let done: Vec<&String> = seen.iter().filter(|line| line.contains("\"done\"")).collect();
    assert_eq!(done, ["{\"done\":{\"line\":9}}"], "the good line alone, counted with the empty one");
    bench.stop();
}

#[test]
fn the_end_of_the_input_leaves_the_chat_open_and_sends_what_was_written() {
    let bench = Bench::new(Script::None);
    let mut chat = bench.chat(&["--json"]);
    chat.tell(&json!({"do": "start", "form": {"firstname": "Ann"}}));
    chat.tell(&json!({"do": "send", "text": "One"}));
    chat.tell(&json!({"do": "send", "text": "Two"}));
    let (code, seen, _) = chat.finish();
    assert_eq!(code, 0, "{seen:?}");
    let last = |text: &str| {
        let lines = seen.iter().map(|line| serde_json::from_str::<Value>(line).unwrap());
        lines.filter_map(|line| words(&line, text).map(Value::to_string)).next_back().unwrap()
    };
    assert!(last("One").contains("\"sent\"") && last("Two").contains("\"sent\""), "{seen:?}");
    assert!(!seen.iter().any(|line| line.contains("\"over\"")), "not ended: {seen:?}");
    bench.stop();
}

#[test]
fn without_a_password_store_that_is_said() {
    let bench = Bench::new(Script::None);
    let mut chat = bench.chat(&["--json", "--form", "firstname=Ann"]);
    chat.json(|line| {
        line["change"]["change"] == "memory" && line["change"]["to"]["why"] == "keyring_missing"
    });
    assert_eq!(chat.finish().0, 0);
    bench.stop();
}

#[test]
fn a_message_that_cannot_be_sent_is_not_passed_over_in_silence() {
    let bench = Bench::new(Script::None);
    let mut chat = bench.chat(&["--json", "--form", "firstname=Ann", "--patience", "2"]);
    chat.json(|line| phase(line, "open"));
    bench.control("faults", &json!({"on": "send", "kind": "status", "code": 503, "times": 100}));
    chat.tell(&json!({"do": "send", "text": "Lost?"}));
    let (code, seen, _) = chat.finish();
    assert_eq!(code, 1, "{seen:?}");
    assert!(seen.last().unwrap().contains("1 message was not sent"), "{seen:?}");
    bench.stop();
}

#[test]
fn a_chat_that_ends_with_words_unsent_says_so_with_its_exit_code() {
    let bench = Bench::new(Script::None);
    let mut chat = bench.chat(&["--form", "firstname=Ann"]);
    chat.until(|line| line.contains("You can write."));
    bench.control("faults", &json!({"on": "send", "kind": "status", "code": 401, "times": 100}));
    chat.say("Lost?");
    chat.until(|line| line.contains("This chat can't be picked up again"));
    let (code, seen, _) = chat.finish();
    assert_eq!(code, 1, "{seen:?}");
    assert!(seen.iter().any(|line| line == "* 1 message was not sent."), "{seen:?}");
    bench.stop();
}

#[test]
fn a_message_that_is_stuck_can_be_taken_out() {
    let bench = Bench::new(Script::None);
    let mut chat = bench.chat(&["--form", "firstname=Ann"]);
    chat.until(|line| line.contains("You can write."));
    bench.control("faults", &json!({"on": "send", "kind": "status", "code": 400, "times": 1}));
    chat.say("Never mind");
    chat.until(|line| line.contains("Never mind  [not sent:") && line.contains("/remove"));
    chat.say("/remove");
    let (code, seen, errors) = chat.finish();
    assert_eq!(code, 0, "nothing is left unsent: {seen:?} {errors}");
    bench.stop();
}

#[test]
fn a_file_of_the_profile_that_could_not_be_read_is_told() {
    let bench = Bench::new(Script::None);
    std::fs::create_dir_all(bench.profile()).unwrap();
    let damage = || std::fs::write(bench.profile().join("settings.json"), "{no").unwrap();
    damage();
    let mut chat = bench.chat(&["--form", "firstname=Ann"]);
    chat.until(|line| line.contains("settings.json: the settings could not be understood"));
    chat.until(|line| line.contains("You can write."));
    chat.finish();
    damage();
    let mut chat = bench.chat(&["--json"]);
    assert!(chat.json(|_| true).get("snapshot").is_some(), "the first line is the snapshot");
    let told = chat.json(|line| line.get("profile").is_some());
    let fault = &told["profile"]["config_faults"][0];
    assert!(fault["file"].as_str().unwrap().ends_with("settings.json"), "{told}");
    assert_eq!(told["profile"]["archive"], Value::Null);
    chat.finish();
    bench.stop();
}

#[test]
fn a_picture_is_sent_from_a_file() {
    let bench = Bench::new(Script::None);
    let mut chat = bench.chat(&["--json", "--form", "firstname=Ann"]);
    chat.json(|line| phase(line, "open"));
    let mut png = vec![0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a];
    png.extend([0; 64]);
    std::fs::write(bench.dir.path().join("meter.png"), png).unwrap();
    chat.tell(&json!({"do": "attach", "path": "meter.png"}));
    chat.json(|line| {
        let line = line.to_string();
        line.contains("meter.png") && line.contains("\"sent\"")
    });
    assert_eq!(chat.finish().0, 0);
    bench.stop();
}

#[test]
fn a_person_chats_in_plain_lines() {
    let bench = Bench::new(Script::None);
    let mut chat = bench.chat(&["--form", "firstname=Ann"]);
    chat.until(|line| line.contains("You can write"));
    chat.say("Hello");
    chat.until(|line| line == "You: Hello");
    bench.control("sessions/latest/join", &json!({"name": "Maya"}));
    bench.control("sessions/latest/typing", &json!({"on": true}));
    bench.control("sessions/latest/say", &json!({"text": "Good day"}));
    chat.until(|line| line == "* Maya joined");
    chat.until(|line| line == "Maya: Good day");
    chat.say("/dance");
    chat.until(|line| line.contains("/dance is not known"));
    bench.control("sessions/latest/state", &json!({"state": "Completed"}));
    chat.until(|line| line.contains("has closed this case"));
    chat.say("Thanks!");
    chat.until(|line| line.contains("as a new case? ") && line.ends_with("(y/n)"));
    chat.say("maybe");
    chat.until(|line| line.contains("y sends it"));
    chat.say("n");
    chat.say("/end");
    chat.until(|line| line == "* You ended this chat.");
    let (code, seen, errors) = chat.finish();
    assert_eq!((code, &*errors), (0, ""), "{seen:?}");
    assert_eq!(seen.iter().filter(|line| line.starts_with("You: Hello")).count(), 1, "{seen:?}");
    bench.stop();
}

#[test]
fn a_person_is_asked_for_what_the_form_needs() {
    let bench = Bench::new(Script::None);
    let mut chat = bench.chat(&[]);
    chat.say("");
    chat.say("Ann");
    chat.until(|line| line.contains("You can write"));
    chat.say("/quit");
    chat.until(|line| line.contains("The chat goes on"));
    assert_eq!(chat.finish().0, 0);
    bench.stop();
}

#[test]
fn a_key_or_entry_that_is_not_accepted_is_told_in_plain_words() {
    let bench = Bench::new(Script::None);
    let key = bench.sandbox.directory().api_keys[0].clone();
    for (from, to, said) in [
        (&*key, "not-the-key", "This key isn't accepted here."),
        ("endpoint = \"Support\"", "endpoint = \"Nowhere\"", "The service doesn't know this entry point."),
    ] {
        bench.write("company.toml", &bench.company().replace(from, to));
        let chat = bench.chat(&["--form", "firstname=Ann"]);
        let (code, seen, _) = {
            let mut chat = chat;
            chat.until(|line| line.contains(said));
            chat.finish()
        };
        assert_eq!(code, 1, "{seen:?}");
        let (code, seen, _) = bench.chat(&["--json", "--form", "firstname=Ann"]).finish();
        assert_eq!(code, 1, "{seen:?}");
        assert!(
            seen.iter().any(|line| line.contains("wrong_key") || line.contains("unknown_endpoint")),
            "{seen:?}"
        );
    }
    bench.stop();
}

#[test]
fn one_profile_is_for_one_program_at_a_time() {
    let bench = Bench::new(Script::None);
    let mut chat = bench.chat(&["--json"]);
    chat.json(|_| true);
    let profile = bench.profile();
    let second = bench.run(&[
        "chat",
        "--deployment",
        "company.toml",
        "--json",
        "--profile",
        profile.to_str().unwrap(),
    ]);
    let (out, errors) = text(&second);
    assert_eq!((second.status.code(), &*out), (Some(1), ""));
    assert!(errors.contains("already running with this profile"), "{errors}");
    assert_eq!(chat.finish().0, 0);
    bench.stop();
}

#[test]
fn a_company_is_found_by_id_and_by_name_and_its_absence_is_told() {
    let bench = Bench::new(Script::None);
    let profile = bench.profile();
    std::fs::create_dir_all(&profile).unwrap();
    let company =
        format!("[[deployment]]\n{}", bench.company().replace("[settings]", "[deployment.settings]"));
    std::fs::write(profile.join("deployments.toml"), company).unwrap();
    let profile = profile.to_str().unwrap().to_owned();
    for name in ["tidewater", "TIDEWATER ENERGY"] {
        let found = bench.run(&["chat", "--json", "--deployment", name, "--profile", &profile]);
        assert_eq!(found.status.code(), Some(0), "{found:?}");
    }
    let missing = bench.run(&["chat", "--deployment", "alder", "--profile", &profile]);
    let (_, errors) = text(&missing);
    assert_eq!(missing.status.code(), Some(1));
    assert!(
        errors.contains("no company \"alder\"") && errors.contains("tidewater (Tidewater Energy)"),
        "{errors}"
    );
    bench.stop();
}

#[test]
fn a_bad_file_is_told_with_its_lines_and_nothing_starts() {
    let bench = Bench::new(Script::None);
    bench.write("company.toml", "id = \"x\"\nnam = \"y\"\n");
    let chat = bench.run(&["chat", "--deployment", "company.toml"]);
    let (_, errors) = text(&chat);
    assert_eq!(chat.status.code(), Some(1));
    assert!(
        errors.contains("company.toml:2: nam is not a key that Envoi knows; did you mean `name`?"),
        "{errors}"
    );
    let check = bench.run(&["deployments", "check", "company.toml"]);
    let (out, _) = text(&check);
    assert_eq!(check.status.code(), Some(1));
    assert!(out.contains("company.toml:1: service is missing"), "{out}");
    bench.write("company.toml", &bench.company());
    let check = bench.run(&["deployments", "check", "company.toml"]);
    assert_eq!(check.status.code(), Some(0), "{:?}", text(&check));
    assert_eq!(bench.run(&["deployments", "check", "nothing.toml"]).status.code(), Some(1));
    bench.stop();
}

#[test]
fn the_doctor_looks_at_everything_and_says_what_to_do() {
    let bench = Bench::new(Script::None);
    let profile = bench.profile().to_str().unwrap().to_owned();
    let doctor = |json: bool| {
        let mut arguments = vec!["doctor", "--deployment", "company.toml", "--profile", &profile];
        if json {
            arguments.push("--json");
        }
        bench.run(&arguments)
    };
    let report = doctor(false);
    let (out, _) = text(&report);
    assert_eq!(report.status.code(), Some(1), "there is no password store: {out}");
    assert!(out.contains("BAD  password store: This computer has no password store"), "{out}");
    assert!(out.contains("gnome-keyring"), "it says what to do: {out}");
    assert!(out.contains("ok   tidewater: \"Tidewater Energy\" answers and takes the key"), "{out}");
    assert!(out.contains("note tidewater: 127.0.0.1 is reached directly"), "{out}");
    assert!(out.contains(" network: "), "{out}");
    assert!(out.contains("ok   profile:"), "{out}");

    bench.write("company.toml", &bench.company().replace("sandbox-key", "hush-hush"));
    let report = doctor(true);
    let (out, _) = text(&report);
    let findings: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(
        findings.iter().any(|finding| finding["code"] == "wrong_key" && finding["state"] == "bad"),
        "{out}"
    );
    assert!(!out.contains("hush-hush"), "{out}");
    bench.stop();
}

#[test]
fn the_doctor_names_a_service_that_cannot_be_reached() {
    let bench = Bench::new(Script::None);
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let base = bench.sandbox.directory().services["digital_channels"].clone();
    bench.write(
        "company.toml",
        &bench.company().replace(&base, &format!("http://{free}/nexus/v3/chat/sessions")),
    );
    let profile = bench.profile().to_str().unwrap().to_owned();
    let report = bench.run(&["doctor", "--deployment", "company.toml", "--profile", &profile]);
    let (out, _) = text(&report);
    assert!(out.contains("BAD  tidewater: You're offline, or the address is not reachable."), "{out}");
    assert!(out.contains(&format!("takes no connection on port {}", free.port())), "what to look at: {out}");

    let bank = format!(
        "id = \"bank\"\nname = \"Bank\"\nservice = \"web_messaging\"\nmode = \"asynchronous\"\nproxy = \"http://{free}\"\n\
         [settings]\ndomain = \"mypurecloud.example\"\ndeployment_id = \"x\"\n"
    );
    bench.write("bank.toml", &bank);
    let report = bench.run(&["doctor", "--deployment", "bank.toml", "--profile", &profile]);
    let (out, _) = text(&report);
    assert!(
        out.contains(&format!("mypurecloud.example is reached through the proxy http://{free}/")),
        "{out}"
    );
    assert!(out.contains("It is the proxy that is asked first."), "{out}");
    bench.stop();
}

#[test]
fn the_schema_is_printed_as_it_is_committed() {
    let bench = Bench::new(Script::None);
    let printed = bench.run(&["schema"]);
    let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/deployments.schema.json");
    assert!(
        text(&printed).0 == std::fs::read_to_string(committed).unwrap(),
        "docs/deployments.schema.json is stale"
    );
    bench.stop();
}

#[test]
fn arguments_that_are_not_understood_have_a_code_of_their_own() {
    let bench = Bench::new(Script::None);
    assert_eq!(bench.run(&["chat"]).status.code(), Some(2));
    assert_eq!(bench.run(&["chat", "--deployment", "x", "--form", "Ann"]).status.code(), Some(2));
    assert_eq!(bench.run(&["dance"]).status.code(), Some(2));
    bench.stop();
}
