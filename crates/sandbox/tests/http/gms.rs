//! GMS chat over HTTP, by a client that only knows the wire.

use envoi_sandbox::Running;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use crate::harness::{Centre, centre};

struct Customer<'a> {
    centre: &'a Centre,
    chat: String,
    key: String,
}

fn base(running: &Running) -> String {
    running.directory().services["gms"].clone()
}

impl<'a> Customer<'a> {
    async fn start(centre: &'a Centre) -> Self {
        let form = [("nickname", "Jane Roe"), ("userData[plan]", "gold"), ("subject", "Bill"), ("text", "")];
        let url = format!("{}/", base(&centre.running));
        let answer: Value =
            centre.customers.post(url).form(&form).send().await.unwrap().json().await.unwrap();
        assert_eq!((&answer["statusCode"], &answer["messages"][0]["index"]), (&json!(0), &json!(1)));
        let text = |name: &str| answer[name].as_str().unwrap().to_owned();
        Self { centre, chat: text("chatId"), key: text("secureKey") }
    }

    async fn asks(&self, step: &str, form: &[(&str, &str)]) -> (u16, Value) {
        let mut form = form.to_vec();
        form.push(("secureKey", &self.key));
        let url = format!("{}/{}/{step}", base(&self.centre.running), self.chat);
        let answer = self.centre.customers.post(url).form(&form).send().await.unwrap();
        let status = answer.status().as_u16();
        (status, answer.json().await.unwrap_or(Value::Null))
    }

    async fn reads(&self, position: &str) -> Value {
        let (status, answer) = self.asks("refresh", &[("transcriptPosition", position)]).await;
        assert_eq!(status, 200);
        answer
    }
}

fn texts(answer: &Value) -> Vec<&str> {
    answer["messages"].as_array().unwrap().iter().filter_map(|one| one["text"].as_str()).collect()
}

#[tokio::test]
async fn a_chat_is_started_written_to_read_and_ended() {
    let centre = centre().await;
    let jane = Customer::start(&centre).await;
    let chat = centre.look("/sessions/latest").await;
    assert_eq!((&chat["nickname"], &chat["user_data"]["plan"]), (&json!("Jane Roe"), &json!("gold")));
    assert_eq!(chat["form"]["subject"], "Bill");
    centre.act("join", json!({ "name": "Maya" })).await;
    let attributes = r#"{"general-properties":{"related-event-id":"2"}}"#;
    let form = [("message", "a&b=[c]"), ("messageType", "text"), ("eventAttributes", attributes)];
    let (_, answer) = jane.asks("send", &form).await;
    assert!(answer.get("messages").is_none());
    centre.act("say", json!({ "text": "Hi" })).await;
    let answer = jane.reads("3").await;
    assert_eq!(texts(&answer), ["a&b=[c]", "Hi"]);
    assert_eq!(answer["messages"][0]["eventAttributes"]["general-properties"]["related-event-id"], "2");
    assert_eq!(answer["nextPosition"], 5);
    jane.asks("startTyping", &[("message", "Hel")]).await;
    assert_eq!(centre.look("/sessions/latest").await["customer_typing"], "Hel");
    jane.asks("updateData", &[("userData[meter]", "4711")]).await;
    jane.asks("readReceipt", &[("transcriptPosition", "4")]).await;
    let chat = centre.look("/sessions/latest").await;
    assert_eq!((&chat["user_data"]["meter"], &chat["read"]), (&json!("4711"), &json!(4)));
    assert_eq!(jane.asks("disconnect", &[]).await.1["chatEnded"], true);
    assert_eq!(jane.asks("send", &[("message", "x")]).await.1["statusCode"], 2);
    let log = centre.log("after=0").await;
    assert!(!json!(log).to_string().contains(&jane.key), "no key stands in the log");
    assert!(log.iter().all(|one| one["operation"] != "unknown"), "{log:?}");
}

#[tokio::test]
async fn files_go_both_ways() {
    let centre = centre().await;
    let jane = Customer::start(&centre).await;
    let limits = jane.asks("file/limits", &[]).await.1;
    assert_eq!(limits["messages"][0]["userData"]["upload-max-files"], "5");
    let upload = async |name: &'static str| {
        let part = Part::bytes(b"%PDF-1.7 hello".to_vec()).file_name(name);
        let form = Form::new().part("file", part).text("secureKey", jane.key.clone());
        let url = format!("{}/{}/file", base(&centre.running), jane.chat);
        let answer = centre.customers.post(url).multipart(form).send().await.unwrap();
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
    };
    let (status, refused) = upload("a.exe").await;
    assert_eq!((status, &refused["errors"][0]["code"]), (400, &json!(203)));
    let (_, answer) = upload("a.pdf").await;
    let file = answer["userData"]["file-id"].as_str().unwrap().to_owned();
    let url = format!("{}/{}/file/{file}/download", base(&centre.running), jane.chat);
    let form = [("secureKey", &jane.key)];
    let bytes = centre.customers.post(url).form(&form).send().await.unwrap().bytes().await.unwrap();
    assert_eq!(&bytes[..], b"%PDF-1.7 hello");
    jane.asks(&format!("file/{file}/delete"), &[]).await;
    let types: Vec<Value> =
        jane.reads("2").await["messages"].as_array().unwrap().iter().map(|one| one["type"].clone()).collect();
    assert_eq!(types, ["FileUploaded", "FileDeleted"]);
}

#[tokio::test]
async fn what_goes_wrong_is_told_in_the_services_words() {
    let centre = centre().await;
    let jane = Customer::start(&centre).await;
    centre.fault(json!({ "on": "poll", "service": "gms", "kind": "numeric_status", "value": 1 })).await;
    assert_eq!(jane.reads("2").await["statusCode"], 1);
    centre
        .fault(
            json!({ "on": "send", "kind": "status", "code": 400, "status_code": 204, "after_effect": true }),
        )
        .await;
    let (status, answer) = jane.asks("send", &[("message", "kept")]).await;
    assert_eq!((status, &answer["errors"][0]["code"]), (400, &json!(204)));
    assert_eq!(texts(&jane.reads("2").await), ["kept"], "it took effect before its answer was lost");
    centre.fault(json!({ "on": "poll", "kind": "status", "code": 502, "body": "html" })).await;
    assert_eq!(jane.asks("refresh", &[("transcriptPosition", "2")]).await, (502, Value::Null));
    centre.act("kill", json!({ "mode": "1" })).await;
    assert_eq!(jane.reads("2").await["statusCode"], 1);
    centre.act("revive", json!({})).await;
    let alias = jane.reads("2").await["alias"].clone();
    assert_ne!(alias, "204", "another chat server has it");
    let stranger = Customer { centre: &centre, chat: jane.chat.clone(), key: "wrong".into() };
    assert_eq!(stranger.asks("refresh", &[]).await.1["statusCode"], 2);
    assert_eq!(jane.reads("2").await["chatEnded"], true, "a wrong key puts the customer out");
    let nowhere = base(&centre.running).replace("customer-support", "nowhere");
    let answer = centre.customers.post(nowhere).form(&[("nickname", "J")]).send().await.unwrap();
    assert_eq!(answer.json::<Value>().await.unwrap()["errors"][0]["code"], 306);
}
