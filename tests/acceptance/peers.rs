//! Envoi beside programs that others have written for the same protocols: its Bayeux client with CometD's own server, and CometD's
//! own client with the sandbox. What both sides of ours might misread in the same way, these do not.

use std::time::Duration;

use envoi_protocol::kit::bayeux::{Outcome, Output};
use envoi_sandbox::{Options, Script};
use envoi_tests::centre::Centre;
use envoi_tests::peer::{Bayeux, Peer};
use serde_json::{Value, json};

fn delivery(output: &Output) -> Option<&Value> {
    match output {
        Output::Delivery(delivery) => Some(&delivery.data),
        _ => None,
    }
}

#[tokio::test]
async fn our_client_talks_with_cometds_own_server() {
    let mut server = Peer::start("server.mjs", &[]);
    let url = server.hears("url").await;
    let mut client = Bayeux::start(url.as_str().unwrap(), "/service/echo");
    client.says("that it is ready", |output| *output == Output::Ready { fresh: true }).await;
    let first = server.hears("added").await;

    let ticket = client.ask(|client, now| client.publish(now, "/service/echo", json!({ "text": "Grüße" })));
    client.says("that it was taken", |output| *output == Output::Published(ticket, Outcome::Done)).await;
    let echo = json!({ "echo": { "text": "Grüße" } });
    client.says("the echo", |output| delivery(output) == Some(&echo)).await;
    assert_eq!(server.hears("heard").await, json!({ "text": "Grüße" }));

    // Several holds end and begin again, and what is delivered in between comes once.
    for number in 0..3 {
        server.tell(&json!({ "deliver": number })).await;
        client.says("a delivery", |output| delivery(output) == Some(&json!(number))).await;
    }

    server.tell(&json!({ "forget": true })).await;
    client.says("that it has a new session", |output| *output == Output::Ready { fresh: true }).await;
    let second = server.hears("added").await;
    assert_ne!(first, second);

    client.ask(|client, now| client.leave(now, None));
    let gone = tokio::time::timeout(
        Duration::from_secs(30),
        // The server says that the session is gone; what else the client says is nothing.
        async {
            tokio::select! {
                gone = server.says("that it is gone", |line| line["removed"] == second) => gone,
                _ = client.says("nothing", |_| false) => unreachable!("it has left"),
            }
        },
    );
    assert_eq!(
        gone.await.expect("it says so")["expired"],
        json!(false),
        "it was told, and did not have to wait"
    );
}

async fn story(transport: &str) {
    let centre = Centre::inside(Options { script: Script::None, ..Options::default() }).await;
    let mut client = Peer::start("client.mjs", &[&centre.service("gms_cometd"), transport]);
    let has = |text: &'static str| {
        move |line: &Value| {
            let messages = line["delivery"]["messages"].as_array();
            messages.is_some_and(|messages| messages.iter().any(|message| message["text"] == text))
        }
    };
    assert_eq!(client.hears("handshake").await, true);
    client.tell(&json!({ "operation": "requestChat", "nickname": "Ann" })).await;
    let begun = client.hears("delivery").await;
    assert_eq!(
        (&begun["statusCode"], &begun["messages"][0]["type"]),
        (&json!(0), &json!("ParticipantJoined"))
    );

    client.tell(&json!({ "operation": "sendMessage", "message": "hi" })).await;
    client.says("its own words", has("hi")).await;
    centre.act("join", json!({ "name": "Tom" })).await;
    centre.act("say", json!({ "text": "hello" })).await;
    client.says("the agent's words", has("hello")).await;

    // The server forgets everybody: the client comes back by itself and misses nothing.
    centre.set("gms_cometd", json!({ "generation": 1 })).await;
    centre.act("say", json!({ "text": "meanwhile" })).await;
    assert_eq!(client.hears("handshake").await, true);
    client.says("what was said meanwhile", has("meanwhile")).await;

    client.tell(&json!({ "operation": "disconnect" })).await;
    client.says("that the chat is over", |line| line["delivery"]["chatEnded"] == true).await;
}

#[tokio::test]
async fn cometds_own_client_chats_with_the_sandbox_by_requests() {
    story("long-polling").await;
}

#[tokio::test]
async fn cometds_own_client_chats_with_the_sandbox_over_a_socket() {
    story("websocket").await;
}
