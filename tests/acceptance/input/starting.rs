//! A chat that cannot be started: the reason is told by its code, the form stays, and the same start works once the reason is gone.

use std::collections::BTreeMap;

use envoi_protocol::fault::FaultCode;
use envoi_protocol::view::{Command, FieldFault, LinkView, NewDeployment, PhaseView};
use envoi_tests::customer::Chat;
use envoi_tests::way::Ability;
use serde_json::{Value, json};

use crate::bench::{Bench, with};

#[tokio::test]
async fn each_answer_that_is_none_is_told_and_the_next_start_works() {
    for (fault, code) in [
        (json!({ "kind": "status", "code": 401, "body": "empty" }), FaultCode::SignInAgain),
        (json!({ "kind": "status", "code": 403, "body": "empty" }), FaultCode::WrongKey),
        (json!({ "kind": "status", "code": 404, "body": "empty" }), FaultCode::UnknownAddress),
        (json!({ "kind": "status", "code": 404, "body": "html" }), FaultCode::UnknownAddress),
        (json!({ "kind": "status", "code": 429 }), FaultCode::RateLimited),
        (json!({ "kind": "status", "code": 500 }), FaultCode::ServiceError),
        (json!({ "kind": "status", "code": 503, "body": "html" }), FaultCode::ServiceError),
        (json!({ "kind": "html" }), FaultCode::CaptivePortal),
        (
            json!({ "kind": "redirect", "location": "https://portal.example/sign-in" }),
            FaultCode::CaptivePortal,
        ),
        (json!({ "kind": "truncated" }), FaultCode::UnreadableAnswer),
        (json!({ "kind": "cut_body" }), FaultCode::NotAnswering),
        (json!({ "kind": "oversized" }), FaultCode::AnswerTooLarge),
        (json!({ "kind": "drop" }), FaultCode::NotAnswering),
        (json!({ "kind": "no_token" }), FaultCode::UnreadableAnswer),
    ] {
        with("asynchronous", "", &[Ability::Statuses], async |bench| {
            let chat = bench.customer.open().await;
            let data = BTreeMap::from([("page".to_owned(), "billing".to_owned())]);
            chat.does(Command::UserData { data }).await.unwrap();
            let mut fault: Value = fault.clone();
            fault["on"] = json!("start");
            bench.centre.fault(fault.clone()).await;
            is_told(&chat, code, &fault.to_string()).await;
            assert!(bench.customer.vault.tokens().is_empty(), "there is nothing to keep: {fault}");
            if code == FaultCode::RateLimited {
                // Who asks to slow down without saying for how long is given three seconds.
                tokio::time::sleep(std::time::Duration::from_millis(3_100)).await;
            }
            chat.start().await;
            assert_eq!(chat.snapshot().await.fault, None);
            assert_eq!(
                bench.centre.chat().await["user_data"]["page"],
                "billing",
                "what was given is not lost: {fault}"
            );
            chat.send("Now it works").await;
            chat.quit().await;
        })
        .await;
    }
}

#[tokio::test]
async fn a_service_that_never_answers_is_told() {
    with("asynchronous", "", &[Ability::Statuses], async |bench| {
        bench.customer.configure(&bench.hasty_deployments());
        let chat = bench.customer.open().await;
        bench.centre.fault(json!({ "on": "start", "kind": "hang" })).await;
        is_told(&chat, FaultCode::NotAnswering, "silence").await;
        chat.start().await;
        chat.quit().await;
    })
    .await;
}

#[tokio::test]
async fn a_key_that_is_not_accepted_is_told() {
    with("asynchronous", "", &[Ability::Statuses], async |bench| {
        let chat = bench.customer.open().await;
        bench.set(json!({ "api_keys": ["another-key"] })).await;
        is_told(&chat, FaultCode::WrongKey, "a withdrawn key").await;
        assert!(
            !format!("{:?}", chat.snapshot().await).contains("sandbox-key"),
            "the key is nowhere to be seen"
        );
        bench.set(json!({ "api_keys": ["sandbox-key"] })).await;
        chat.start().await;
        chat.quit().await;
    })
    .await;
}

#[tokio::test]
async fn an_endpoint_that_is_not_known_is_told() {
    with("asynchronous", "", &[Ability::Statuses], async |bench| {
        let chat = bench.customer.open().await;
        bench.set(json!({ "endpoints": ["Somewhere"] })).await;
        is_told(&chat, FaultCode::UnknownEndpoint, "an unknown endpoint").await;
        bench.set(json!({ "endpoints": ["Support"] })).await;
        chat.start().await;
        chat.quit().await;
    })
    .await;
}

#[tokio::test]
async fn a_missing_name_is_told_by_us_where_the_form_asks_for_it_and_by_the_service_where_not() {
    with("asynchronous", "", &[Ability::Statuses], async |bench| {
        let chat = bench.customer.open().await;
        for form in [BTreeMap::new(), BTreeMap::from([("firstname".to_owned(), "  ".to_owned())])] {
            let refused = chat.does(Command::Start { form }).await.unwrap_err();
            assert_eq!(
                (refused.code, refused.detail.as_deref()),
                (FaultCode::FieldMissing, Some("firstname"))
            );
        }
        assert!(bench.centre.requests("").await.is_empty(), "the service was not even asked");
        chat.start().await;
        chat.quit().await;
    })
    .await;
    with("asynchronous", "form = [{ name = \"firstname\" }]", &[Ability::Statuses], async |bench| {
        let chat = bench.customer.open().await;
        chat.does(Command::Start { form: BTreeMap::new() }).await.unwrap();
        let told = chat.until("the fault", |snapshot| snapshot.fault.is_some()).await;
        assert_eq!((told.fault.unwrap().code, told.phase), (FaultCode::NameMissing, PhaseView::Fresh));
        chat.start().await;
        chat.quit().await;
    })
    .await;
}

#[tokio::test]
async fn an_address_where_nobody_is_or_that_is_not_safe_is_told() {
    with("asynchronous", "", &[Ability::Statuses], async |bench| {
        for (address, code) in addresses(bench) {
            bench.customer.configure(&bench.deployments_with("url", address.as_str()));
            let chat = bench.customer.open().await;
            is_told(&chat, code, &address).await;
            chat.quit().await;
        }
        bench.customer.configure(&bench.deployments("asynchronous", ""));
        let chat = bench.customer.start().await;
        chat.quit().await;
    })
    .await;
}

#[tokio::test]
async fn a_company_is_only_added_if_its_service_answers() {
    with("asynchronous", "", &[Ability::Statuses], async |bench| {
        let inbox = bench.customer.inbox().await;
        let good = new_company(bench);
        assert_eq!(inbox.check_deployment(&good).await, []);
        for (address, code) in addresses(bench) {
            let faults = inbox.check_deployment(&changed(&good, "url", &address)).await;
            assert_eq!(told(&faults), [(Some("url"), code)], "{address}");
        }
        let faults = inbox.check_deployment(&changed(&good, "api_key", "another-key")).await;
        assert_eq!(told(&faults), [(Some("api_key"), FaultCode::WrongKey)]);
        for (setting, value, code) in [
            ("url", "chat.example", FaultCode::BadAddress),
            ("url", "http://chat.example/sessions", FaultCode::BadAddress),
            ("url", "", FaultCode::FieldMissing),
            ("api_key", "", FaultCode::FieldMissing),
            ("api_key", "two\nlines", FaultCode::FieldBad),
        ] {
            let faults = inbox.check_deployment(&changed(&good, setting, value)).await;
            assert_eq!(told(&faults), [(Some(setting), code)], "{setting} = {value:?}");
        }
        let unknown = NewDeployment { service: "telegraph".into(), ..good.clone() };
        assert_eq!(
            told(&inbox.check_deployment(&unknown).await),
            [(Some("service"), FaultCode::Unsupported)]
        );
        bench.centre.fault(json!({ "on": "any", "kind": "html" })).await;
        assert_eq!(told(&inbox.check_deployment(&good).await), [(Some("url"), FaultCode::CaptivePortal)]);
        assert!(bench.centre.get("").await["sessions"] == 0, "no chat was started for it");
        inbox.close().await;
    })
    .await;
}

/// Addresses that are well-formed and wrong.
fn addresses(bench: &Bench) -> Vec<(String, FaultCode)> {
    let good = bench.address();
    let nobody =
        std::net::TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).unwrap();
    vec![
        (format!("http://{nobody}/nexus/v3/chat/sessions"), FaultCode::Offline),
        (good.replace("http://", "https://"), FaultCode::UnsafeConnection),
        (good.replace("/nexus/", "/elsewhere/"), FaultCode::UnknownAddress),
    ]
}

/// Starts, and waits until this is told and the form is there again.
async fn is_told(chat: &Chat, code: FaultCode, what: &str) {
    chat.ask().await;
    let told = chat.until(&format!("{code:?} for {what}"), |snapshot| snapshot.fault.is_some()).await;
    let fault = told.fault.expect("it was waited for");
    assert_eq!((fault.code, told.phase, told.link), (code, PhaseView::Fresh, LinkView::Idle), "{what}");
}

fn new_company(bench: &Bench) -> NewDeployment {
    NewDeployment {
        id: None,
        service: bench.service().to_owned(),
        name: "Alder Bank".to_owned(),
        asynchronous: true,
        // Another endpoint: the same one would be there already.
        settings: [("url", &*bench.address()), ("api_key", "sandbox-key"), ("endpoint", "Sales")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into(),
    }
}

fn changed(company: &NewDeployment, setting: &str, value: &str) -> NewDeployment {
    let mut company = company.clone();
    company.settings.insert(setting.to_owned(), value.to_owned());
    company
}

fn told(faults: &[FieldFault]) -> Vec<(Option<&str>, FaultCode)> {
    faults.iter().map(|fault| (fault.field.as_deref(), fault.fault.code)).collect()
}
