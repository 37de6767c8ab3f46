//! Mistakes in files: each is named with its file, its line and its field, by the engine and by the terminal client alike.

use std::process::Command;

use envoi_protocol::view::PhaseView;
use envoi_tests::customer::{Chat, Customer};
use envoi_tests::program;

use crate::bench::with;

/// Lines put in place of the good entry's, the line at fault, and its field.
const MISTAKES: &[(&str, &str, u32, &str)] = &[
    ("not TOML", "[[deployment\n", 1, ""),
    (
        "an unknown service",
        "[[deployment]]\nid = \"x\"\nname = \"X\"\nservice = \"telegraph\"\nmode = \"asynchronous\"\n",
        4,
        "deployment[1].service",
    ),
    (
        "no service",
        "[[deployment]]\nid = \"x\"\nname = \"X\"\nmode = \"asynchronous\"\n",
        1,
        "deployment[1].service",
    ),
    (
        "a mode of its own",
        "[[deployment]]\nid = \"x\"\nname = \"X\"\nservice = \"digital_channels\"\nmode = \"sometimes\"\n",
        5,
        "deployment[1].mode",
    ),
    ("a number for a name", "[[deployment]]\nid = \"x\"\nname = 7\n", 3, "deployment[1].name"),
    ("an unknown key", "[[deployment]]\nid = \"x\"\nnam = \"X\"\n", 3, "deployment[1].nam"),
    (
        "an address that is none",
        "[[deployment]]\nid = \"x\"\nname = \"X\"\nservice = \"digital_channels\"\nmode = \"asynchronous\"\n\
         [deployment.settings]\nurl = \"chat.example\"\nendpoint = \"Support\"\napi_key = \"k\"\n",
        7,
        "deployment[1].settings.url",
    ),
    (
        "a setting that is missing",
        "[[deployment]]\nid = \"x\"\nname = \"X\"\nservice = \"digital_channels\"\nmode = \"asynchronous\"\n\
         [deployment.settings]\nurl = \"https://chat.example/sessions\"\nendpoint = \"Support\"\n",
        6,
        "deployment[1].settings.api_key",
    ),
];

#[tokio::test]
async fn every_mistake_is_named_with_file_line_and_field() {
    for (what, text, line, field) in MISTAKES {
        let customer = Customer::new(text);
        let inbox = customer.inbox().await;
        let faults = inbox.app_view().config_faults;
        let named = faults.iter().find(|fault| fault.line == Some(*line) && fault.field == *field);
        let named = named.unwrap_or_else(|| panic!("{what}: {faults:#?}"));
        let file = customer.folder().canonicalize().unwrap().join("deployments.toml");
        assert_eq!(named.file, file.display().to_string());
        assert!(inbox.app_view().deployments.is_empty(), "{what}");
        inbox.close().await;
        assert_eq!(std::fs::read_to_string(&file).unwrap(), *text, "the file is left as it is");

        let check =
            Command::new(program("envoi-cli")).args(["deployments", "check"]).arg(&file).output().unwrap();
        let said = String::from_utf8_lossy(&check.stdout).into_owned();
        assert_eq!(check.status.code(), Some(1), "{what}: {said}");
        let told = said.lines().any(|told| {
            told.contains(&format!("deployments.toml:{line}: {field}")) && told.ends_with(&named.message)
        });
        assert!(told, "{what}: {said}");
    }
}

#[tokio::test]
async fn a_mistake_does_not_take_the_good_company_with_it() {
    for (what, text, ..) in MISTAKES.iter().filter(|(what, ..)| *what != "not TOML") {
        with("asynchronous", "", &[], async |bench| {
            let good = bench.deployments("asynchronous", "");
            bench.customer.configure(&format!("{good}\n{text}"));
            let inbox = bench.customer.inbox().await;
            assert!(!inbox.app_view().config_faults.is_empty(), "{what}");
            let chat = Chat::with(inbox, "tidewater");
            chat.start().await;
            chat.send("It works").await;
            chat.quit().await;
        })
        .await;
    }
}

#[tokio::test]
async fn files_of_ours_that_are_damaged_are_set_aside_and_told() {
    with("asynchronous", "", &[], async |bench| {
        let folder = bench.customer.folder();
        std::fs::write(folder.join("conversations.json"), "{\"version\":1,\"conv").unwrap();
        std::fs::write(folder.join("settings.json"), "no").unwrap();
        let chat = bench.customer.start().await;
        assert_eq!(chat.inbox.app_view().config_faults.len(), 2);
        assert_eq!(chat.snapshot().await.phase, PhaseView::Open);
        let kept =
            std::fs::read_dir(folder).unwrap().filter_map(|entry| std::fs::read(entry.ok()?.path()).ok());
        assert_eq!(
            kept.filter(|bytes| bytes == b"no" || bytes == b"{\"version\":1,\"conv").count(),
            2,
            "nothing is thrown away"
        );
        chat.quit().await;
    })
    .await;
}
