//! GMS chat over CometD, by a client that only knows the wire.

use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use reqwest_websocket::{Message, Upgrade as _, WebSocket};
use serde_json::{Value, json};

use crate::harness::{Centre, options, start};

/// Nothing takes so long, and a held connect takes longer.
const LONG: Duration = Duration::from_secs(20);
const CHANNEL: &str = "/service/chatV2/customer-support";

/// Connects are held for so long that nothing here is answered by the end of one.
async fn patient() -> Centre {
    start(envoi_sandbox::Options { poll_hold: Duration::from_secs(30), ..options() }).await
}

fn url(centre: &Centre) -> String {
    centre.running.directory().services["gms_cometd"].clone()
}

fn handshake() -> Value {
    json!({ "id": "1", "channel": "/meta/handshake", "version": "1.0",
            "supportedConnectionTypes": ["websocket", "long-polling"] })
}

fn publish(client: &Value, data: &Value) -> Value {
    json!({ "id": "p", "channel": CHANNEL, "clientId": client, "data": data })
}

fn connect(client: &Value, way: &str) -> Value {
    json!({ "id": "c", "channel": "/meta/connect", "clientId": client, "connectionType": way })
}

/// The types of the events in all deliveries of these messages, and whether the chat has ended.
fn told(messages: &[Value]) -> (Vec<String>, bool) {
    let deliveries = messages.iter().map(|message| &message["data"]).filter(|data| data.is_object());
    let mut types = Vec::new();
    let mut ended = false;
    for data in deliveries {
        ended |= data["chatEnded"] == true;
        let events = data["messages"].as_array().into_iter().flatten();
        types.extend(events.filter_map(|event| Some(event["type"].as_str()?.to_owned())));
    }
    (types, ended)
}

/// A client that asks by requests, with the cookie that it was given.
struct Customer<'a> {
    centre: &'a Centre,
    cookie: Option<String>,
    client: Value,
}

impl<'a> Customer<'a> {
    async fn begin(centre: &'a Centre) -> Self {
        let mut customer = Self { centre, cookie: None, client: Value::Null };
        let shaken = customer.asks(handshake()).await;
        customer.client = shaken[0]["clientId"].clone();
        let request =
            publish(&customer.client, &json!({ "operation": "requestChat", "nickname": "Jane Roe" }));
        let begun = customer.asks(request).await;
        assert_eq!(told(&begun).0, ["ParticipantJoined"]);
        customer
    }

    async fn asks(&mut self, message: Value) -> Vec<Value> {
        let mut request = self.centre.customers.post(url(self.centre)).json(&json!([message]));
        if let Some(cookie) = &self.cookie {
            request = request.header("cookie", cookie);
        }
        let answer = tokio::time::timeout(LONG, request.send()).await;
        let answer = answer.expect("something is said long before the connect ends").unwrap();
        if let Some(cookie) = answer.headers().get("set-cookie") {
            self.cookie = cookie.to_str().unwrap().split(';').next().map(str::to_owned);
        }
        answer.json().await.unwrap()
    }
}

#[tokio::test]
async fn a_held_connect_brings_what_happens_and_an_end_that_only_time_brings() {
    let centre = patient().await;
    let mut jane = Customer::begin(&centre).await;
    centre.act("join", json!({ "name": "Maya" })).await;
    centre.act("idle_alert", json!({ "text": "Still there?", "seconds": 1 })).await;
    let (mut types, mut ended) = (Vec::new(), false);
    while !ended {
        let heard = jane.asks(connect(&jane.client.clone(), "long-polling")).await;
        let (more, over) = told(&heard);
        types.extend(more);
        ended = over;
        assert!(types.len() < 20, "{types:?}");
    }
    assert_eq!(types, ["ParticipantJoined", "IdleAlert", "IdleClose"]);
}

#[tokio::test]
async fn on_a_socket_too_an_end_that_only_time_brings_is_told_at_once() {
    let centre = patient().await;
    let upgrade =
        centre.customers.get(url(&centre).replacen("http", "ws", 1)).upgrade().send().await.unwrap();
    let mut socket = upgrade.into_websocket().await.unwrap();
    let shaken = exchange(&mut socket, handshake()).await;
    let client = shaken[0]["clientId"].clone();
    let begin = publish(&client, &json!({ "operation": "requestChat", "nickname": "Jane Roe" }));
    let mut heard = exchange(&mut socket, begin).await;
    socket.send(Message::Text(json!([connect(&client, "websocket")]).to_string())).await.unwrap();
    centre.act("idle_alert", json!({ "seconds": 1 })).await;
    while !told(&heard).1 {
        heard.extend(hear(&mut socket).await);
    }
    assert_eq!(told(&heard).0, ["ParticipantJoined", "IdleAlert", "IdleClose"]);
}

async fn exchange(socket: &mut WebSocket, message: Value) -> Vec<Value> {
    socket.send(Message::Text(json!([message]).to_string())).await.unwrap();
    hear(socket).await
}

async fn hear(socket: &mut WebSocket) -> Vec<Value> {
    let heard = tokio::time::timeout(LONG, socket.next()).await;
    match heard.expect("something is said long before the connect ends") {
        Some(Ok(Message::Text(text))) => serde_json::from_str(&text).unwrap(),
        other => panic!("{other:?}"),
    }
}
