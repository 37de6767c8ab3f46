//! A Web Messaging service that does nothing but keep sockets open and answer echoes, on a thread of its own: the sandbox looks
//! after each chat, and ten thousand of them would be its figures.

use std::net::SocketAddr;

use axum::Router;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::response::Response;
use axum::routing::get;
use serde_json::{Value, json};
use tokio::sync::oneshot;

/// Starts it; it ends with the process.
pub(crate) async fn start() -> SocketAddr {
    let (ready, address) = oneshot::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
            ready.send(listener.local_addr().expect("it has an address")).expect("somebody waits");
            let router = Router::new()
                .route("/webdeployments/v1/deployments/{id}/config.json", get(config))
                .route("/api/v2/webmessaging/messages", get(async || json!({ "entities": [] }).to_string()))
                .route(
                    "/v1",
                    get(async |upgrade: WebSocketUpgrade| -> Response { upgrade.on_upgrade(talk) }),
                );
            axum::serve(listener, router).await.expect("it serves");
        });
    });
    address.await.expect("the service starts")
}

async fn config() -> String {
    json!({
        "id": "Support", "version": "1", "status": "Active",
        "messenger": { "enabled": true, "apps": { "conversations": { "enabled": true } } },
        "auth": { "enabled": false },
    })
    .to_string()
}

async fn talk(mut socket: WebSocket) {
    while let Some(Ok(message)) = socket.recv().await {
        let Message::Text(text) = message else { continue };
        let request: Value = serde_json::from_str(&text).unwrap_or_default();
        let (class, body) = match request["action"].as_str() {
            Some("configureSession") => {
                ("SessionResponse", json!({ "connected": true, "newSession": true, "readOnly": false }))
            }
            Some("echo") => {
                let text = request["message"]["text"].clone();
                ("StructuredMessage", json!({ "type": "Text", "direction": "Inbound", "text": text }))
            }
            _ => continue,
        };
        let mut answer = json!({ "type": "response", "class": class, "code": 200, "body": body });
        if let Some(tracing) = request.get("tracingId") {
            answer["tracingId"] = tracing.clone();
        }
        if socket.send(Message::Text(answer.to_string().into())).await.is_err() {
            return;
        }
    }
}
