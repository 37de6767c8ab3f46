//! Companies: checked, added, and the pretend one.

use std::time::Duration;

use envoi_engine::conversation::Conversation;
use envoi_engine::inbox::{DEMO, Inbox};
use envoi_engine::net::memory::Answer;
use envoi_engine::published::Published;
use envoi_protocol::fault::FaultCode;
use envoi_protocol::io::{HeaderValue, HttpCall, HttpReply, IoFault};
use envoi_protocol::view::{FieldFault, Memory, NewDeployment, PhaseView, Settings, Theme};

use crate::bench::{Bench, COMPANY, code, hear, new_company, send, start, until, words};

fn told(faults: &[FieldFault]) -> Vec<(Option<&str>, FaultCode)> {
    faults.iter().map(|fault| (fault.field.as_deref(), fault.fault.code)).collect()
}

#[tokio::test(start_paused = true)]
async fn the_service_is_really_asked_and_each_answer_is_about_a_field() {
    let page = HttpReply {
        status: 200,
        content_type: "text/html".into(),
        retry_after: None,
        cookies: Vec::new(),
        body: b"<html>Sign in to Cafe WiFi</html>".to_vec(),
    };
    let portal = Answer { after: Duration::ZERO, result: Ok(page) };
    let bench = Bench::new();
    let inbox = bench.open().await;
    for (answer, expected) in [
        (Answer::json(404, r#"{"status":{"code":"INVALID_SESSION"}}"#), vec![]),
        (
            Answer::json(403, r#"{"status":{"code":"INVALID_CONTACT_CENTER"}}"#),
            vec![(Some("api_key"), FaultCode::WrongKey)],
        ),
        (Answer::json(404, ""), vec![(Some("url"), FaultCode::UnknownAddress)]),
        (Answer::fault(IoFault::Unreachable), vec![(Some("url"), FaultCode::Offline)]),
        (Answer::fault(IoFault::Tls), vec![(Some("url"), FaultCode::UnsafeConnection)]),
        (Answer::fault(IoFault::TooLarge), vec![(Some("url"), FaultCode::AnswerTooLarge)]),
        (Answer::silence(), vec![(Some("url"), FaultCode::NotAnswering)]),
        (portal, vec![(Some("url"), FaultCode::CaptivePortal)]),
    ] {
        bench.centre().instead = Some(answer.clone());
        let faults = inbox.check_deployment(&new_company("Alder Bank")).await;
        assert_eq!(told(&faults), expected, "{answer:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn details_with_a_mistake_are_not_even_sent() {
    let bench = Bench::new();
    let inbox = bench.open().await;
    let mut new = new_company("Tidewater Energy");
    new.settings.insert("url".into(), "ftp://x".into());
    let faults = inbox.check_deployment(&new).await;
    assert_eq!(
        told(&faults),
        [(Some("name"), FaultCode::AlreadyThere), (Some("url"), FaultCode::BadAddress)]
    );
    assert!(bench.network.made().is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_added_company_can_be_written_to_at_once_and_after_a_restart() {
    let bench = Bench::new();
    let inbox = bench.open().await;
    let mut stream = inbox.subscribe();
    let view = inbox.add_deployment(&new_company("Alder Bank")).await.unwrap();
    assert_eq!((&*view.id, view.available), ("alder-bank", true));
    hear(&mut stream, |published| match published {
        Published::App(app) => app.deployments.iter().any(|company| company.id == "alder-bank").then_some(()),
        _ => None,
    })
    .await;
    let conversation = inbox.conversation(&inbox.open_conversation("alder-bank").unwrap()).unwrap();
    conversation.command(start()).await.unwrap();
    until(&conversation, |snapshot| snapshot.phase == PhaseView::Open).await;
    assert_eq!(
        told(&inbox.add_deployment(&new_company("Alder Bank")).await.unwrap_err()),
        [(Some("name"), FaultCode::AlreadyThere), (Some("url"), FaultCode::AlreadyThere)]
    );
    inbox.close().await;
    let inbox = bench.open().await;
    assert_eq!(inbox.app_view().deployments.len(), 2);
    assert_eq!(inbox.app_view().config_faults, []);
}

#[tokio::test(start_paused = true)]
async fn a_company_that_was_refused_is_corrected_and_its_chat_begins() {
    let bench = Bench::new();
    let inbox = bench.open().await;
    let id = inbox.open_conversation("tidewater").unwrap();
    let conversation = inbox.conversation(&id).unwrap();
    bench.centre().instead = Some(Answer::json(403, ""));
    conversation.command(start()).await.unwrap();
    until(&conversation, |snapshot| snapshot.phase == PhaseView::Fresh && snapshot.fault.is_some()).await;
    bench.centre().instead = None;

    let corrected = NewDeployment { id: Some("tidewater".into()), ..new_company("Tidewater Energy") };
    assert_eq!(inbox.add_deployment(&corrected).await.unwrap().id, "tidewater");
    assert_eq!(inbox.app_view().deployments.len(), 1);
    assert_eq!(inbox.open_conversation("tidewater").unwrap(), id, "the same chat");
    let snapshot = until(&conversation, |snapshot| snapshot.fault.is_none()).await;
    if snapshot.phase == PhaseView::Fresh {
        conversation.command(start()).await.unwrap();
    }
    until(&conversation, |snapshot| snapshot.phase == PhaseView::Open).await;
    let calls = bench.network.made();
    let shown = |call: &HttpCall| {
        call.headers.iter().any(|(_, value)| match value {
            HeaderValue::Plain(text) => text == "k-2",
            HeaderValue::Secret(secret) => secret.expose() == "k-2",
        })
    };
    assert!(calls.last().is_some_and(shown), "with the new key");
}

/// A chat with a company that the person added.
async fn added_chat(inbox: &Inbox) -> Conversation {
    inbox.add_deployment(&new_company("Alder Bank")).await.unwrap();
    let conversation = inbox.conversation(&inbox.open_conversation("alder-bank").unwrap()).unwrap();
    conversation.command(start()).await.unwrap();
    until(&conversation, |snapshot| snapshot.phase == PhaseView::Open && snapshot.memory == Memory::Kept)
        .await;
    conversation
}

#[tokio::test(start_paused = true)]
async fn a_company_that_was_added_is_removed_and_its_chat_can_be_read_until_it_is_added_again() {
    let bench = Bench::new();
    let inbox = bench.open().await;
    let conversation = added_chat(&inbox).await;
    for n in 0..250 {
        bench.centre().agent_says(&format!("number {n}"));
    }
    until(&conversation, |snapshot| words(snapshot).len() == 250).await;
    let mut stream = inbox.subscribe();
    let before = conversation.snapshot().await.unwrap();
    inbox.remove_deployment("alder-bank").await.unwrap();
    let first = hear(&mut stream, |published| match published {
        Published::Update(update) => Some(update),
        _ => None,
    })
    .await;
    assert!(first.seq > before.seq + 1, "every view notices a gap, and asks for the company as it is now");
    let read = until(&conversation, |snapshot| snapshot.phase == PhaseView::Shelved).await;
    assert_eq!(words(&read), words(&before));
    assert_eq!((read.deployment.available, read.fault.unwrap().code), (false, FaultCode::CompanyGone));
    assert_eq!(inbox.app_view().deployments.len(), 1);
    assert_eq!(
        std::fs::read_to_string(bench.profile().deployments_file()).unwrap().trim_end(),
        COMPANY.trim_end()
    );
    let calls = bench.network.made().len();
    tokio::time::sleep(Duration::from_secs(600)).await;
    assert_eq!(bench.network.made().len(), calls, "nobody is asked for anything");
    assert_eq!(code(conversation.command(send("Hi")).await.unwrap_err()), FaultCode::CompanyGone);
    assert_eq!(inbox.remove_deployment("alder-bank").await.unwrap_err().code, FaultCode::TooLate);

    inbox.add_deployment(&new_company("Alder Bank")).await.unwrap();
    let open = until(&conversation, |snapshot| snapshot.phase == PhaseView::Open).await;
    assert_eq!(words(&open).last(), words(&before).last());
    conversation.command(send("Back again")).await.unwrap();
    until(&conversation, |_| bench.centre().received.len() == 1).await;
}

#[tokio::test(start_paused = true)]
async fn a_company_that_is_changed_goes_on_with_what_is_right() {
    let bench = Bench::new();
    let inbox = bench.open().await;
    let conversation = added_chat(&inbox).await;
    bench.centre().agent_says("Good day");
    until(&conversation, |snapshot| words(snapshot).len() == 1).await;
    let mut changed = inbox.deployment_details("alder-bank").unwrap();
    assert_eq!((changed.id.as_deref(), changed.name.as_str()), (Some("alder-bank"), "Alder Bank"));
    changed.name = "Alder".into();
    changed.settings.insert("api_key".into(), "k-3".into());
    inbox.add_deployment(&changed).await.unwrap();
    let open = until(&conversation, |snapshot| {
        snapshot.phase == PhaseView::Open && snapshot.deployment.name == "Alder"
    })
    .await;
    assert_eq!(words(&open), ["Good day"]);
    conversation.command(send("Hello")).await.unwrap();
    until(&conversation, |_| bench.centre().received.len() == 1).await;
    let shown = bench.network.made().last().is_some_and(|call| {
        call.headers
            .iter()
            .any(|(_, value)| matches!(value, HeaderValue::Secret(key) if key.expose() == "k-3"))
    });
    assert!(shown, "with the new key");
    assert_eq!(inbox.app_view().deployments.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_company_of_the_contact_centre_is_neither_changed_nor_removed_and_what_was_not_begun_goes() {
    let bench = Bench::new();
    let inbox = bench.open().await;
    let view = inbox.app_view().deployments[0].clone();
    assert_eq!((view.id.as_str(), view.editable), ("tidewater", false));
    assert_eq!(inbox.deployment_details("tidewater").unwrap_err().code, FaultCode::TooLate);
    assert_eq!(inbox.remove_deployment("tidewater").await.unwrap_err().code, FaultCode::TooLate);
    assert_eq!(inbox.app_view().deployments.len(), 1);
    inbox.add_deployment(&new_company("Alder Bank")).await.unwrap();
    inbox.open_conversation("alder-bank").unwrap();
    assert_eq!(inbox.app_view().conversations.len(), 1);
    inbox.remove_deployment("alder-bank").await.unwrap();
    assert!(inbox.app_view().conversations.is_empty(), "nobody has said anything in it");
}

#[tokio::test(start_paused = true)]
async fn a_mistake_that_is_corrected_is_no_longer_told() {
    let bench = Bench::new();
    let file = bench.profile().deployments_file();
    std::fs::write(&file, COMPANY.replace("endpoint = \"Support\"\n", "")).unwrap();
    let inbox = bench.open().await;
    assert_eq!(inbox.app_view().config_faults.len(), 1);
    let corrected = NewDeployment { id: Some("tidewater".into()), ..new_company("Tidewater Energy") };
    inbox.add_deployment(&corrected).await.unwrap();
    assert_eq!(inbox.app_view().config_faults, []);
}

#[tokio::test(start_paused = true)]
async fn the_pretend_company_is_in_no_file_and_its_chat_is_gone_after_a_restart() {
    let bench = Bench::new();
    let inbox = bench.open().await;
    let view = inbox.add_demo(&new_company("Tidewater (demo)")).unwrap();
    assert!(view.demo && view.id == DEMO);
    let id = inbox.open_conversation(DEMO).unwrap();
    let conversation = inbox.conversation(&id).unwrap();
    conversation.command(start()).await.unwrap();
    until(&conversation, |snapshot| snapshot.phase == PhaseView::Open && snapshot.memory == Memory::Kept)
        .await;
    assert!(bench.vault.tokens().is_empty());
    inbox.add_demo(&new_company("Tidewater (demo)")).unwrap();
    assert_eq!(inbox.app_view().deployments.iter().filter(|company| company.demo).count(), 1);
    inbox.close().await;
    let inbox = bench.open().await;
    assert!(inbox.app_view().conversations.is_empty());
    assert!(inbox.app_view().deployments.iter().all(|company| !company.demo));
}

#[tokio::test(start_paused = true)]
async fn unknown_names_are_told() {
    let bench = Bench::new();
    let inbox = bench.open().await;
    assert!(inbox.open_conversation("nobody").unwrap_err().detail.unwrap().contains("nobody"));
    assert!(inbox.conversation("nothing").unwrap_err().detail.unwrap().contains("nothing"));
}

#[tokio::test(start_paused = true)]
async fn choices_are_kept_or_refused_as_a_whole() {
    let bench = Bench::new();
    let inbox = bench.open().await;
    let dark = Settings { theme: Theme::Dark, ..Settings::default() };
    inbox.set_settings(dark.clone()).await.unwrap();
    assert_eq!(inbox.app_view().settings, dark);
    inbox.close().await;
    let inbox = bench.open().await;
    assert_eq!(inbox.settings(), dark);
    std::fs::remove_file(bench.profile().settings_file()).unwrap();
    std::fs::create_dir_all(bench.profile().settings_file().join("in-the-way")).unwrap();
    assert_eq!(inbox.set_settings(Settings::default()).await.unwrap_err().code, FaultCode::DiskFailed);
    assert_eq!(inbox.settings(), dark);
}

#[tokio::test(start_paused = true)]
async fn a_bad_company_does_not_stop_the_good_one() {
    let bench = Bench::new();
    let file = bench.profile().deployments_file();
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, format!("{text}\n[[deployment]]\nid = 4\n")).unwrap();
    let (inbox, _conversation) = bench.chat().await;
    let faults = inbox.app_view().config_faults;
    assert!(
        faults.iter().any(|fault| fault.field == "deployment[2].id" && fault.line == Some(15)),
        "{faults:?}"
    );
}
