//! Web Messaging over a real socket, by a client that only knows the wire.

use futures_util::{SinkExt as _, StreamExt as _};
use reqwest::Method;
use reqwest_websocket::{Message, Upgrade as _, WebSocket};
use serde_json::{Value, json};

use crate::harness::{Centre, centre};

struct Guest<'a> {
    centre: &'a Centre,
    socket: WebSocket,
}

impl<'a> Guest<'a> {
    async fn knock(centre: &'a Centre, query: &str) -> Result<Self, u16> {
        let url = format!("{}/v1?{query}", centre.origin().replacen("http", "ws", 1));
        let answer = centre.customers.get(url).upgrade().send().await.unwrap();
        if answer.status() != 101 {
            return Err(answer.status().as_u16());
        }
        Ok(Self { centre, socket: answer.into_websocket().await.unwrap() })
    }

    /// A guest whose session is configured.
    async fn with(centre: &'a Centre, token: &str) -> Self {
        let mut guest = Self::knock(centre, "deploymentId=Support").await.unwrap();
        guest.ask(json!({ "action": "configureSession", "deploymentId": "Support", "token": token })).await;
        assert_eq!(guest.hear().await["class"], "SessionResponse");
        guest
    }

    async fn ask(&mut self, request: Value) {
        self.socket.send(Message::Text(request.to_string())).await.unwrap();
    }

    async fn say(&mut self, text: &str) {
        let message = json!({ "type": "Text", "text": text });
        self.ask(json!({ "action": "onMessage", "token": "T", "tracingId": text, "message": message })).await;
    }

    /// The next frame; null when the socket is closed.
    async fn hear(&mut self) -> Value {
        match self.socket.next().await {
            Some(Ok(Message::Text(text))) => serde_json::from_str(&text).unwrap(),
            _ => Value::Null,
        }
    }

    async fn pass(&mut self) -> String {
        self.ask(json!({ "action": "getJwt", "token": "T" })).await;
        self.hear().await["body"]["jwt"].as_str().unwrap().to_owned()
    }

    async fn page(&self, pass: &str) -> (u16, Value) {
        let url = format!("{}/api/v2/webmessaging/messages?pageNumber=1&pageSize=25", self.centre.origin());
        let request = self.centre.customers.get(url).header("authorization", format!("Bearer {pass}"));
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }
}

#[tokio::test]
async fn a_deployment_has_a_configuration_and_nothing_else_has() {
    let centre = centre().await;
    let ask = async |id: &str| {
        let url = format!("{}/webdeployments/v1/deployments/{id}/config.json", centre.origin());
        let answer = centre.customers.get(url).send().await.unwrap();
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
    };
    let (status, config) = ask("Support").await;
    assert_eq!((status, &config["status"]), (200, &json!("Active")));
    assert_eq!(config["messenger"]["apps"]["conversations"]["conversationClear"]["enabled"], true);
    assert_eq!(ask("Nowhere").await.0, 403);
    assert_eq!(Guest::knock(&centre, "deploymentId=Nowhere").await.err(), Some(403));
    assert_eq!(Guest::knock(&centre, "").await.err(), Some(403));
}

#[tokio::test]
async fn words_go_both_ways_and_stand_in_the_history() {
    let centre = centre().await;
    let mut guest = Guest::with(&centre, "T").await;
    guest.say("Hello").await;
    let copy = guest.hear().await;
    assert_eq!((&copy["tracingId"], &copy["body"]["direction"]), (&json!("Hello"), &json!("Inbound")));
    centre.act("join", json!({ "name": "Maya" })).await;
    centre.act("say", json!({ "text": "Good day" })).await;
    let news = guest.hear().await;
    assert_eq!(
        (&news["body"]["text"], &news["body"]["channel"]["from"]["nickname"]),
        (&json!("Good day"), &json!("Maya"))
    );
    let pass = guest.pass().await;
    let (status, page) = guest.page(&pass).await;
    let texts: Vec<&str> =
        page["entities"].as_array().unwrap().iter().map(|one| one["text"].as_str().unwrap()).collect();
    assert_eq!((status, texts), (200, vec!["Good day", "Hello"]));
    assert_eq!(guest.page("nonsense").await.0, 401);
    assert_eq!(centre.log("on=send").await[0]["client_key"], "right");
}

#[tokio::test]
async fn a_file_goes_up_beside_the_socket_and_comes_down_again() {
    let centre = centre().await;
    let mut guest = Guest::with(&centre, "T").await;
    let file = json!({ "action": "onAttachment", "token": "T", "attachmentId": "A", "fileName": "a.txt", "fileType": "text/plain", "fileSize": 2 });
    guest.ask(file).await;
    let place = guest.hear().await["body"].clone();
    let put =
        centre.customers.put(place["url"].as_str().unwrap()).body("hi").header("content-type", "text/plain");
    let put = put.header("x-amz-tagging", place["headers"]["x-amz-tagging"].as_str().unwrap());
    assert_eq!(put.send().await.unwrap().status(), 200);
    assert_eq!(guest.hear().await["class"], "UploadSuccessEvent");
    let content = json!([{ "contentType": "Attachment", "attachment": { "id": "A" } }]);
    guest.ask(json!({ "action": "onMessage", "token": "T", "message": { "content": content } })).await;
    let copy = guest.hear().await;
    let url = copy["body"]["content"][0]["attachment"]["url"].as_str().unwrap().to_owned();
    assert_eq!(centre.customers.get(url).send().await.unwrap().text().await.unwrap(), "hi");
}

#[tokio::test]
async fn the_end_is_told_and_then_the_socket_is_closed() {
    let centre = centre().await;
    let mut guest = Guest::with(&centre, "T").await;
    let clear =
        json!({ "type": "Event", "events": [{ "eventType": "Presence", "presence": { "type": "Clear" } }] });
    guest.ask(json!({ "action": "onMessage", "token": "T", "message": clear })).await;
    let classes =
        [guest.hear().await, guest.hear().await, guest.hear().await].map(|frame| frame["class"].clone());
    assert_eq!(
        classes,
        ["StructuredMessage", "SessionClearedEvent", "ConnectionClosedEvent"].map(|class| json!(class))
    );
    assert_eq!(guest.hear().await, Value::Null);
    assert_eq!(centre.look("/sessions/latest").await["ended"], true);
    assert_eq!(centre.log("on=leave").await.len(), 1);
}

#[tokio::test]
async fn faults_refuse_a_socket_cut_it_or_make_it_dumb() {
    let centre = centre().await;
    centre.fault(json!({ "on": "socket", "kind": "status", "code": 503 })).await;
    assert_eq!(Guest::knock(&centre, "deploymentId=Support").await.err(), Some(503));
    let mut guest = Guest::with(&centre, "T").await;
    centre.fault(json!({ "on": "send", "kind": "drop", "after_effect": true })).await;
    guest.say("Perhaps").await;
    assert_eq!(guest.hear().await, Value::Null, "the socket is cut");
    let mut guest = Guest::with(&centre, "T").await;
    centre.fault(json!({ "on": "send", "kind": "hang" })).await;
    guest.say("Unheard").await;
    let answer = tokio::time::timeout(std::time::Duration::from_millis(200), guest.hear()).await;
    assert!(answer.is_err(), "nothing more is said on it");
    let texts = centre.look("/sessions/latest").await["transcript"].clone();
    assert_eq!(texts.as_array().unwrap().len(), 1, "only what had its effect is there");
    centre.control(Method::DELETE, "/faults", json!({})).await;
}

#[tokio::test]
async fn faults_answer_a_frame_with_an_error_or_with_words_as_they_stand_or_close_the_socket() {
    let centre = centre().await;
    let mut guest = Guest::with(&centre, "T").await;
    let texts = || async {
        let transcript = centre.look("/sessions/latest").await["transcript"].clone();
        transcript.as_array().unwrap().iter().map(|line| line["text"].clone()).collect::<Vec<_>>()
    };
    let status = |code: u64| json!({ "on": "send", "kind": "status", "code": 400, "status_code": code, "message": "no" });
    centre.fault(status(4011)).await;
    guest.say("Never taken").await;
    let refused = guest.hear().await;
    assert_eq!(
        (&refused["class"], &refused["code"], &refused["body"], &refused["tracingId"]),
        (&json!("string"), &json!(4011), &json!("no"), &json!("Never taken"))
    );
    assert_eq!(texts().await, Vec::<Value>::new());
    let mut late = status(5000);
    late["after_effect"] = json!(true);
    centre.fault(late).await;
    guest.say("Taken all the same").await;
    assert_eq!(guest.hear().await["code"], 5000, "its copy is kept back");
    assert_eq!(texts().await, ["Taken all the same"]);
    centre.fault(status(429)).await;
    guest.say("Too quick").await;
    assert_eq!(guest.hear().await["class"], "TooManyRequestsErrorMessage");
    let odd = json!({ "class": "Hologram", "code": 200, "body": [] }).to_string();
    centre.fault(json!({ "on": "send", "kind": "status", "code": 200, "body": "raw", "text": odd })).await;
    guest.say("Odd").await;
    assert_eq!(guest.hear().await["class"], "Hologram");
    centre.fault(json!({ "on": "send", "kind": "close", "value": 1011, "after_effect": true })).await;
    guest.say("And closed").await;
    match guest.socket.next().await {
        Some(Ok(Message::Close { code, .. })) => assert_eq!(u16::from(code), 1011),
        other => panic!("{other:?}"),
    }
    assert_eq!(texts().await, ["Taken all the same", "And closed"]);
}

#[tokio::test]
async fn what_is_held_up_on_its_way_is_lost_with_its_socket_and_keeps_its_order_otherwise() {
    let centre = centre().await;
    let mut guest = Guest::with(&centre, "T").await;
    centre.fault(json!({ "on": "send", "kind": "slow", "ms": 100, "times": 1 })).await;
    guest.say("First").await;
    guest.say("Second").await;
    assert_eq!(guest.hear().await["tracingId"], "First");
    assert_eq!(guest.hear().await["tracingId"], "Second");
    centre.fault(json!({ "on": "send", "kind": "slow", "ms": 60_000, "times": 1 })).await;
    guest.say("Never").await;
    while centre.log("on=send").await.len() < 3 {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    drop(guest);
    let mut guest = Guest::with(&centre, "T").await;
    guest.say("Third").await;
    assert_eq!(guest.hear().await["tracingId"], "Third");
    let texts = centre.look("/sessions/latest").await["transcript"].clone();
    let texts: Vec<&str> =
        texts.as_array().unwrap().iter().map(|line| line["text"].as_str().unwrap()).collect();
    assert_eq!(texts, ["First", "Second", "Third"]);
}

#[tokio::test]
async fn a_person_signs_in_on_a_page_and_their_session_is_nobody_elses() {
    let centre = centre().await;
    let browser = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    // The example of RFC 7636, appendix B.
    let (verifier, challenge) =
        ("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    let redirect = "http://127.0.0.1:9/";
    let page = format!(
        "{}/sign-in/authorize?response_type=code&client_id=envoi&state=a%26b&redirect_uri={redirect}\
         &code_challenge={challenge}&code_challenge_method=S256",
        centre.origin()
    );
    let elsewhere = page.replace("127.0.0.1:9", "evil.example:9");
    assert_eq!(browser.get(elsewhere).send().await.unwrap().status(), 400, "codes stay on this computer");
    let asks = browser.get(page).send().await.unwrap().text().await.unwrap();
    let yes = asks.split("href=\"").nth(1).unwrap().split('"').next().unwrap().replace("&amp;", "&");
    let goes = browser.get(format!("{}{yes}", centre.origin())).send().await.unwrap();
    assert_eq!(goes.status(), 302);
    let back = goes.headers()["location"].to_str().unwrap().to_owned();
    let code = back.strip_prefix("http://127.0.0.1:9/?code=").unwrap().strip_suffix("&state=a%26b").unwrap();

    let tokens = format!("{}/api/v2/webdeployments/token", centre.origin());
    let exchange = async |verifier: &str| {
        let oauth = json!({ "code": code, "redirectUri": redirect, "codeVerifier": verifier });
        let body = json!({ "deploymentId": "Support", "oauth": oauth }).to_string();
        let url = format!("{tokens}/oauthcodegrantjwtexchange");
        let answer = browser.post(url).body(body).send().await.unwrap();
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
    };
    let (status, given) = exchange(verifier).await;
    assert_eq!(status, 200, "{given}");
    assert_eq!(exchange(verifier).await.0, 401, "a code is good for one exchange");

    let configure = |pass: &Value| json!({ "action": "configureAuthenticatedSession", "deploymentId": "Support", "token": "T", "data": { "code": pass } });
    let mut guest = Guest::knock(&centre, "deploymentId=Support").await.unwrap();
    guest.ask(configure(&json!("guessed"))).await;
    assert_eq!(guest.hear().await["code"], 401);
    guest.ask(configure(&given["jwt"])).await;
    assert_eq!(guest.hear().await["class"], "SessionResponse");
    let mut other = Guest::knock(&centre, "deploymentId=Support").await.unwrap();
    other.ask(json!({ "action": "configureSession", "deploymentId": "Support", "token": "T" })).await;
    assert_eq!(other.hear().await["code"], 4017);

    let body = json!({ "refreshToken": given["refreshToken"] }).to_string();
    let renewed = browser.post(format!("{tokens}/refresh")).body(body.clone()).send().await.unwrap();
    let renewed: Value = renewed.json().await.unwrap();
    other.ask(configure(&renewed["jwt"])).await;
    assert_eq!(other.hear().await["body"]["newSession"], false);
    let revoke = browser.delete(format!("{tokens}/revoke"));
    let revoke = revoke.header("authorization", format!("bearer {}", renewed["jwt"].as_str().unwrap()));
    assert_eq!(revoke.send().await.unwrap().status(), 204);
    assert_eq!(guest.hear().await["class"], "LogoutEvent");
    let refused = browser.post(format!("{tokens}/refresh")).body(body).send().await.unwrap();
    assert_eq!(refused.status(), 401, "nothing makes passes any more");
}
