//! yellow.ai over HTTP: a customer's client behind a relay, and the agents' side, both of which only know the wire.

use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use crate::harness::{Centre, centre};

const BOT: &str = "x1657623696077";

impl Centre {
    fn yellow(&self, path: &str) -> String {
        format!("{}{path}", self.running.directory().services["yellow"])
    }

    async fn own_bot(&self, settings: Value) {
        let mut all = json!({ "bot": "own" });
        all.as_object_mut().unwrap().extend(settings.as_object().unwrap().clone());
        self.control(Method::PUT, "/settings/yellow", all).await;
    }
}

struct Customer<'a> {
    centre: &'a Centre,
    name: &'static str,
}

impl Customer<'_> {
    /// The status and what was answered.
    async fn asks(&self, method: Method, path: &str, body: &Value) -> (u16, Value) {
        let request = self.centre.customers.request(method, self.centre.yellow(path));
        let answer = request.header("x-api-key", "sandbox-key").json(body).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap_or(Value::Null))
    }

    async fn sends(&self, data: Value) -> Vec<Value> {
        let body = json!({ "botId": BOT, "sender": self.name, "data": data });
        let (status, answer) = self.asks(Method::POST, "/integrations/sync/v1/message", &body).await;
        assert_eq!((status, &answer["success"]), (200, &json!(true)), "{answer}");
        answer["data"]["messageArray"].as_array().cloned().unwrap_or_default()
    }

    async fn says(&self, text: &str) -> Vec<Value> {
        self.sends(json!({ "message": text })).await
    }

    /// Types and messages, oldest first.
    async fn reads(&self, more: &str) -> Vec<(String, String)> {
        let path = format!("/data/messages?bot={BOT}&uid={}&limit=100&offset=0{more}", self.name);
        let (status, answer) = self.asks(Method::GET, &path, &Value::Null).await;
        assert_eq!(status, 200);
        let text = |one: &Value, name: &str| one[name].as_str().unwrap().to_owned();
        let data = answer["data"].as_array().unwrap().iter().rev();
        data.map(|one| (text(one, "messageType"), text(one, "message"))).collect()
    }

    /// The events among the messages, oldest first: code and data.
    async fn events(&self) -> Vec<(String, Value)> {
        let read = self.reads("").await;
        let objects = read.iter().filter_map(|(_, text)| serde_json::from_str::<Value>(text).ok());
        objects
            .filter_map(|one| Some((one["event"]["code"].as_str()?.to_owned(), one["event"]["data"].clone())))
            .collect()
    }
}

/// A request of the agents' side.
async fn agent(centre: &Centre, method: Method, path: &str, body: Value) -> Value {
    let request = centre.http.request(method, centre.yellow(path)).header("x-auth-token", "sandbox-agent");
    let answer = request.json(&body).send().await.unwrap();
    assert_eq!(answer.status(), 200, "{path}");
    answer.json().await.unwrap()
}

const UPDATE: &str = "ui-event-update-promotion";
const CLOSE: &str = "ui-event-close-promotion";

#[tokio::test]
async fn the_way_to_an_agent_and_back_to_the_bot() {
    let centre = centre().await;
    centre.own_bot(json!({})).await;
    let ann = Customer { centre: &centre, name: "ann" };
    assert_eq!(ann.says("hi").await[0]["message"], "You said: hi");
    ann.says("agent").await;
    let events = ann.events().await;
    let codes: Vec<&str> = events.iter().map(|(code, _)| code.as_str()).collect();
    assert_eq!(codes, ["ticket-opened", "ticket-assigned", UPDATE]);
    assert_eq!(events[2].1["options"][0]["text"], "talk to bot");
    assert!(ann.says("are you there?").await.is_empty(), "the bot is silent");
    centre.act("say", json!({ "text": "I am" })).await;
    assert!(ann.reads("").await.contains(&("AGENT".into(), "I am".into())));
    let back = ann.says("Talk to bot").await;
    assert_eq!(back[0]["event"], json!({ "code": CLOSE }));
    assert_eq!(back[1]["message"], "I am back. What can I do for you?");
    let left = "*Maya* has left the conversation".to_owned();
    assert!(ann.reads("").await.contains(&("NOTIFICATION".into(), left)));
    assert_eq!(ann.says("hi").await[0]["message"], "You said: hi", "the conversation goes on");
    let leg = ann.reads("&ticketId=100001").await;
    assert!(leg.iter().any(|(_, text)| text == "I am"), "a ticket's messages can be asked for");
    assert!(leg.iter().all(|(_, text)| text != "hi"), "and are only those");
    assert!(ann.reads("&source=whatsapp").await.is_empty());
}

#[tokio::test]
async fn the_bot_gives_its_banner_in_every_printed_form_and_with_either_event() {
    let banner = "You are talking to an agent.";
    for (form, place) in [
        ("object", Some("/title")),
        ("text_only", None),
        ("array", Some("/0/title")),
        ("quick_replies", Some("/quickReplies/0/title")),
        ("set", Some("/banners/0/title")),
        ("text", None),
    ] {
        for (event, code) in [("update", UPDATE), ("close", CLOSE)] {
            let centre = centre().await;
            centre.own_bot(json!({ "form": form, "banner": event })).await;
            let ann = Customer { centre: &centre, name: "ann" };
            ann.says("agent").await;
            let events = ann.events().await;
            let (shown, data) = events.last().unwrap();
            assert_eq!(shown, code, "{form}");
            match place {
                Some(place) => assert_eq!(data.pointer(place), Some(&json!(banner)), "{form}"),
                None if form == "text" => {
                    let inner: Value = serde_json::from_str(data.as_str().unwrap()).unwrap();
                    assert_eq!(inner["title"], banner);
                }
                None => assert_eq!(data["options"], json!([]), "the words are to be typed"),
            }
        }
    }
}

#[tokio::test]
async fn any_banner_can_be_given_by_hand() {
    let centre = centre().await;
    let ann = Customer { centre: &centre, name: "ann" };
    ann.says("hi").await;
    let long = "x".repeat(10_000);
    for data in [
        json!({ "title": "A", "options": [] }),
        json!([{ "title": "\u{202e}B\u{1f600}", "options": [{ "title": "x", "url": "javascript:x" }] }]),
        json!({ "title": long, "options": [] }),
        json!({ "banners": [] }),
        Value::Null,
        json!("no JSON"),
    ] {
        centre.act("banner", json!({ "event": UPDATE, "data": data })).await;
    }
    centre.act("banner", json!({ "event": CLOSE, "data": { "title": "A" } })).await;
    centre.act("banner", json!({ "event": CLOSE })).await;
    let events = ann.events().await;
    assert_eq!(events.len(), 8);
    assert_eq!(events[2].1["title"], long);
    assert_eq!((&events[7].0, &events[7].1), (&CLOSE.to_owned(), &Value::Null));
    ann.sends(json!({ "event": { "code": "ym_closed_promotion" } })).await;
    let raised = centre.look("/sessions/latest").await["events"].clone();
    assert_eq!(raised[0]["code"], "ym_closed_promotion");
}

#[tokio::test]
async fn the_wish_to_leave_leads_to_what_was_set() {
    for (exit, status) in [
        ("closes", "RESOLVED"),
        ("agent_first", "RESOLVED"),
        ("asks_agent", "ASSIGNED"),
        ("silent", "ASSIGNED"),
    ] {
        let centre = centre().await;
        centre.own_bot(json!({ "exit": exit })).await;
        let ann = Customer { centre: &centre, name: "ann" };
        ann.says("agent").await;
        let said = ann.says("talk to bot").await;
        assert_eq!(centre.look("/sessions/latest").await["ticket"]["status"], status, "{exit}");
        if exit == "agent_first" {
            let read = ann.reads("").await;
            let place = |who: &str, text: &str| {
                read.iter().position(|(kind, one)| kind == who && one.contains(text)).unwrap()
            };
            assert!(
                place("NOTIFICATION", "has left") < place("USER", "talk to bot"),
                "the agent was gone before the words came"
            );
            assert_eq!(
                said.last().unwrap()["message"],
                "You said: talk to bot",
                "it is nobody's wish any more"
            );
        }
    }
}

#[tokio::test]
async fn agents_work_on_tickets_with_the_published_calls() {
    let centre = centre().await;
    centre.own_bot(json!({ "agents_online": false })).await;
    let ann = Customer { centre: &centre, name: "ann" };
    ann.says("agent").await;
    let queued = json!({ "filter": { "statuses": ["queued"] } });
    let list = agent(&centre, Method::POST, "/api/agents/tickets/filtered", queued.clone()).await;
    let ticket = list["data"][0]["ticketId"].as_str().unwrap().to_owned();
    assert_eq!((&list["data"][0]["uid"], &list["data"][0]["status"]), (&json!("ann"), &json!("QUEUED")));
    let status = "/api/agents/user/status?uid=ann";
    assert_eq!(agent(&centre, Method::GET, status, json!({})).await["data"]["paused"], false);
    let take = json!({ "ticketId": ticket, "agentId": "Tom" });
    agent(&centre, Method::POST, "/api/agents/tickets/reassign", take).await;
    assert_eq!(
        ann.events().await.last().unwrap().0,
        UPDATE,
        "the bot shows its banner once an agent is there"
    );
    assert_eq!(agent(&centre, Method::GET, status, json!({})).await["data"]["paused"], true);
    let words = json!({ "uid": "ann", "agentId": "Tom", "messageType": "AGENT", "type": "message",
        "message": json!({ "message": "Hello" }).to_string() });
    agent(&centre, Method::POST, "/api/agents/data/send", words).await;
    assert_eq!(ann.reads("").await.last().unwrap(), &("AGENT".into(), r#"{"message":"Hello"}"#.into()));
    let close = json!({ "ticketId": ticket, "comments": [], "customFields": {} });
    let closed = agent(&centre, Method::POST, "/api/agents/tickets/resolve", close.clone()).await;
    assert_eq!((&closed["success"], &closed["data"]["status"]), (&json!(true), &json!("RESOLVED")));
    assert!(ann.reads("").await.iter().any(|(_, text)| text.contains("*Tom* has left")));
    let again = agent(&centre, Method::POST, "/api/agents/tickets/resolve", close).await;
    assert_eq!(again["success"], false, "a ticket is closed once");
    ann.says("agent").await;
    let list = agent(&centre, Method::POST, "/api/agents/tickets/filtered", queued).await;
    assert_eq!(list["data"][0]["reopenedFrom"], ticket.as_str(), "a reopened one is another ticket");
    let path = format!("/api/agents/tickets/ticket/{ticket}");
    assert_eq!(agent(&centre, Method::GET, &path, json!({})).await["data"]["status"], "RESOLVED");
    let url = centre.yellow(&path);
    assert_eq!(centre.http.get(&url).send().await.unwrap().status(), 401);
    let stranger = centre.http.get(&url).header("x-auth-token", "x");
    assert_eq!(stranger.send().await.unwrap().status(), 403);
}

#[tokio::test]
async fn a_desk_of_somebody_elses_takes_a_chat_over_and_gives_it_back() {
    let centre = centre().await;
    centre.own_bot(json!({})).await;
    let ann = Customer { centre: &centre, name: "ann" };
    ann.says("hi").await;
    let tells = async |event: &str, more: Value| {
        let mut body = json!({ "event": event, "ticketId": 7, "senderId": "ann", "agentName": "Tom" });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let path = "/integrations/genericIntegration/custom-live-agent";
        let answer = agent(&centre, Method::POST, path, body.clone()).await;
        assert_eq!(answer["data"], body, "the answer says the request again");
        answer["status"].as_str().unwrap().to_owned()
    };
    let words = json!({ "message": { "type": "text", "payLoad": { "content": "Hello" } } });
    assert_eq!(tells("payload-received-from-agent", words.clone()).await, "failure", "nobody has the chat");
    assert_eq!(tells("ticket-assigned", json!({})).await, "success");
    assert_eq!(tells("payload-received-from-agent", words).await, "success");
    assert_eq!(ann.reads("").await.last().unwrap(), &("AGENT".into(), "Hello".into()));
    assert_eq!(tells("ticket-closed", json!({})).await, "success");
    assert_eq!(tells("ticket-closed", json!({})).await, "failure");
    assert_eq!(tells("something", json!({})).await, "failure");
    assert_eq!(ann.says("hi").await[0]["message"], "You said: hi");
}

#[tokio::test]
async fn a_customers_program_gets_a_token_a_count_a_place_for_files_and_a_look() {
    let centre = centre().await;
    centre.own_bot(json!({})).await;
    let ann = Customer { centre: &centre, name: "ann" };
    let unread = async |token: &str| {
        let body = json!({ "ymAuthenticationToken": token });
        let path = format!("/api/mobile-backend/message/unreadMsgs?bot={BOT}");
        let answer = centre.customers.post(centre.yellow(&path)).json(&body).send().await.unwrap();
        answer.json::<Value>().await.unwrap()
    };
    assert_eq!(unread("ann").await["success"], false, "the bot was never opened");
    ann.says("hi").await;
    let body = json!({ "ymAuthenticationToken": "ann", "botId": BOT });
    let (_, answer) = ann.asks(Method::POST, "/api/plugin/encryptYmAuth", &body).await;
    let token = answer["data"]["token"].as_str().unwrap().to_owned();
    assert_eq!(unread(&token).await["data"]["unreadCount"], "1");
    ann.reads("").await;
    assert_eq!(unread(&token).await["data"]["unreadCount"], "0");
    centre.own_bot(json!({ "auth_seconds": 0 })).await;
    let (_, answer) = ann.asks(Method::POST, "/api/plugin/encryptYmAuth", &body).await;
    assert_eq!(unread(answer["data"]["token"].as_str().unwrap()).await["success"], false, "it has run out");
    let device = json!({ "deviceToken": "d1", "ymAuthenticationToken": token });
    for (method, success) in [(Method::PUT, true), (Method::DELETE, true), (Method::DELETE, false)] {
        let answer =
            ann.asks(method, &format!("/api/mobile-backend/device-token?bot={BOT}"), &device).await.1;
        assert_eq!(answer["success"], success);
    }
    let presence = centre.yellow("/api/presence/usersPresence/log_user_profile");
    let form = [("user", "ann"), ("resource", "bot_x"), ("status", "offline")];
    assert_eq!(centre.customers.post(presence).form(&form).send().await.unwrap().status(), 200);
    assert_eq!(centre.look("/sessions/latest").await["participants"][0]["present"], false);
    let look = ann.asks(Method::GET, "/api/plugin/mapping?botId=x&onlyMapping=true", &Value::Null).await.1;
    assert_eq!(look["data"]["promotions"], json!([]));
    let log = json!(centre.log("after=0").await).to_string();
    assert!(!log.contains(&token) && !log.contains("\"d1\""), "no token stands in the log");
    assert!(!log.contains("\"unknown\""), "every request was known");
}

#[tokio::test]
async fn a_file_goes_up_and_is_sent_by_its_address() {
    let centre = centre().await;
    centre.own_bot(json!({})).await;
    let ann = Customer { centre: &centre, name: "ann" };
    let upload = async |bytes: Vec<u8>| {
        let part = Part::bytes(bytes).file_name("a.png").mime_str("image/png").unwrap();
        let url = centre.yellow(&format!("/api/chat/upload?bot={BOT}&uid=ann&secure=false"));
        let form = Form::new().part("images", part);
        let answer = centre.customers.post(url).multipart(form).send().await.unwrap();
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
    };
    let (status, answer) = upload(b"picture".to_vec()).await;
    let url = answer["url"].as_str().unwrap().to_owned();
    assert_eq!(status, 200);
    let file = centre.customers.get(&url).send().await.unwrap();
    assert_eq!(file.headers()["content-type"], "image/png");
    assert_eq!(&file.bytes().await.unwrap()[..], b"picture");
    assert_eq!(ann.sends(json!({ "image": url })).await[0]["message"], "You sent: image");
    let sent = ann.reads("").await.remove(0);
    assert_eq!(sent, ("USER".into(), json!({ "image": url }).to_string()));
    let line = centre.look("/sessions/latest").await["transcript"][0].clone();
    assert_eq!((&line["kind"], &line["text"]), (&json!("picture"), &json!(url)));
    assert_eq!(upload(vec![0; (20 << 20) + 1]).await.0, 413);
}

#[tokio::test]
async fn what_goes_wrong_is_told_in_the_services_words() {
    let centre = centre().await;
    centre.own_bot(json!({})).await;
    let ann = Customer { centre: &centre, name: "ann" };
    let path = "/integrations/sync/v1/message";
    for (key, status) in [(None, 401), (Some("wrong"), 403)] {
        let mut request = centre.customers.post(centre.yellow(path)).json(&json!({}));
        if let Some(key) = key {
            request = request.header("x-api-key", key);
        }
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), status);
        assert_eq!(answer.json::<Value>().await.unwrap()["success"], false);
    }
    for data in [json!({}), json!({ "event": {} }), json!({ "message": 1 })] {
        let body = json!({ "botId": BOT, "sender": "ann", "data": data });
        let (status, answer) = ann.asks(Method::POST, path, &body).await;
        assert_eq!((status, &answer["success"]), (400, &json!(false)), "{data}");
    }
    centre
        .fault(json!({ "on": "send", "service": "yellow", "kind": "status", "code": 429, "retry_after": 7 }))
        .await;
    let body = json!({ "botId": BOT, "sender": "ann", "data": { "message": "hi" } });
    let request = centre.customers.post(centre.yellow(path)).header("authorization", "Bearer sandbox-key");
    let refused = request.json(&body).send().await.unwrap();
    assert_eq!((refused.status().as_u16(), &refused.headers()["retry-after"]), (429, &"7".parse().unwrap()));
    assert!(ann.reads("").await.is_empty(), "it was not taken");
    centre.fault(json!({ "on": "send", "kind": "no_token" })).await;
    assert!(ann.says("hi").await.is_empty(), "what the bot says at once is left out");
    assert_eq!(ann.reads("").await.len(), 2, "and stands among the messages all the same");
    centre.own_bot(json!({ "array": "twice" })).await;
    let twice = ann.says("ho").await;
    assert_eq!((twice.len(), &twice[0]["_id"]), (2, &twice[1]["_id"]));
    centre.fault(json!({ "on": "poll", "kind": "truncated" })).await;
    let page = format!("/data/messages?bot={BOT}&uid=ann");
    assert_eq!(ann.asks(Method::GET, &page, &Value::Null).await, (200, Value::Null), "half of it is no JSON");
    let created =
        async || ann.asks(Method::GET, &page, &Value::Null).await.1["data"][0]["created"].as_u64().unwrap();
    let right = created().await;
    centre.own_bot(json!({ "skew_ms": -3_600_000 })).await;
    assert_eq!(created().await, right - 3_600_000, "its clock goes wrong by an hour");
    assert_eq!(ann.asks(Method::GET, "/nothing", &Value::Null).await.0, 404);
}
