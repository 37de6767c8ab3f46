//! A client that talks to a server played by hand.

use std::time::Duration;

use serde_json::{Value, json};

use super::*;
use crate::io::{Body, HttpReply, Now, SocketEvent};

struct Bench {
    client: Client,
    now: Now,
}

pub(super) fn options(socket: bool) -> Options {
    Options {
        url: "https://chat.example.com/genesys/cometd".parse().unwrap(),
        socket: socket.then(|| "wss://chat.example.com/genesys/cometd".into()),
        headers: Vec::new(),
        timeout: Duration::from_secs(9),
        hold: Duration::from_secs(30),
        margin: Duration::from_secs(10),
        limit: 1_000_000,
    }
}

impl Bench {
    fn new(socket: bool) -> Self {
        let now = Now { at: Moment(1_000_000), wall: 0 };
        let mut bench = Self { client: Client::new(options(socket), 7), now };
        bench.client.start(now, vec!["/chat".into()]);
        bench
    }

    fn next(&mut self) -> Output {
        self.client.poll().expect("there is something to do")
    }

    fn call(&mut self, what: &str) -> (CallId, Value, HttpCall) {
        match self.next() {
            Output::Call(call) => {
                assert_eq!(call.what, what);
                let Body::Json(body) = &call.body else { panic!("messages are JSON") };
                let body: Value = serde_json::from_str(body).unwrap();
                (call.id, body, call)
            }
            other => panic!("expected the call {what}, but there was {other:?}"),
        }
    }

    fn quiet(&mut self) {
        assert_eq!(self.client.poll(), None);
        assert!(
            self.client.deadline().is_none_or(|deadline| deadline.at > self.now.at),
            "nothing is overdue"
        );
    }

    fn reply(&mut self, call: CallId, body: &Value) {
        self.reply_with(
            call,
            &HttpReply { status: 200, body: body.to_string().into_bytes(), ..HttpReply::default() },
        );
    }

    fn reply_with(&mut self, call: CallId, reply: &HttpReply) {
        assert!(self.client.reply(self.now, call, Ok(reply)));
    }

    fn pass(&mut self, ms: u64) {
        self.now.at = self.now.at.after(Duration::from_millis(ms));
        self.client.tick(self.now);
    }

    /// Goes on to the deadline and says how long that was.
    fn wait(&mut self) -> u64 {
        let deadline = self.client.deadline().expect("something is waited for");
        let wait = u64::try_from(deadline.at.since(self.now.at).as_millis()).unwrap();
        self.pass(wait);
        wait
    }

    /// Shakes hands and connects by request; the first held connect is then out.
    fn ready(&mut self, advice: &Value) -> CallId {
        let (call, said, _) = self.call("handshake");
        self.reply(call, &json!([shaken(&said, "c1", advice)]));
        let (call, said, _) = self.call("connect");
        assert_eq!(said[0]["advice"], json!({ "timeout": 0 }));
        self.reply(call, &json!([connected(&said)]));
        assert_eq!(self.next(), Output::Ready { fresh: true });
        let (held, said, _) = self.call("connect");
        assert!(said[0].get("advice").is_none(), "from here on it may be held");
        let (call, said, _) = self.call("publish");
        assert_eq!(said[0]["subscription"], "/chat");
        self.reply(call, &json!([{ "channel": "/meta/subscribe", "id": said[0]["id"], "successful": true }]));
        self.quiet();
        held
    }

    fn published(&mut self) -> Outcome {
        match self.next() {
            Output::Published(_, outcome) => outcome,
            other => panic!("expected the end of a publish, but there was {other:?}"),
        }
    }
}

fn shaken(said: &Value, client: &str, advice: &Value) -> Value {
    json!({
        "channel": "/meta/handshake", "id": said[0]["id"], "clientId": client, "successful": true, "version": "1.0",
        "supportedConnectionTypes": ["websocket", "long-polling"], "advice": advice,
    })
}

fn connected(said: &Value) -> Value {
    json!({ "channel": "/meta/connect", "id": said[0]["id"], "successful": true })
}

#[test]
fn a_session_begins_with_a_handshake_and_a_connect_that_is_not_held() {
    let mut bench = Bench::new(false);
    let (call, said, http) = bench.call("handshake");
    assert_eq!(http.url.as_str(), "https://chat.example.com/genesys/cometd/handshake");
    assert_eq!(said[0]["supportedConnectionTypes"], json!(["long-polling"]));
    assert_eq!(said[0]["ext"], json!({ "ack": true }));
    bench.quiet();
    let advice = json!({ "reconnect": "retry", "interval": 0, "timeout": 20_000 });
    let mut reply = HttpReply {
        status: 200,
        body: json!([shaken(&said, "c1", &advice)]).to_string().into_bytes(),
        ..HttpReply::default()
    };
    reply.cookies = vec![crate::token::Secret::new("BAYEUX_BROWSER=b1; Path=/")];
    bench.reply_with(call, &reply);
    let (call, said, http) = bench.call("connect");
    assert!(http.headers.iter().any(|(name, _)| name == "cookie"), "its cookie goes along");
    bench.quiet();
    bench.reply(call, &json!([connected(&said)]));
    assert_eq!(bench.next(), Output::Ready { fresh: true });
    let (_, said, http) = bench.call("connect");
    assert_eq!(said[0]["clientId"], "c1");
    assert_eq!(http.timeout, Duration::from_secs(30), "the hold that was advised, and ten seconds");
}

#[test]
fn an_answer_brings_messages_before_and_after_the_reply_or_one_alone() {
    let mut bench = Bench::new(false);
    let held = bench.ready(&json!({}));
    let delivery = |text: &str| json!({ "channel": "/chat", "data": { "text": text } });
    let told = |output: Output| match output {
        Output::Delivery(delivery) => delivery.data["text"].as_str().unwrap().to_owned(),
        other => panic!("expected a delivery, but there was {other:?}"),
    };
    bench.reply(
        held,
        &json!([delivery("a"), { "channel": "/meta/connect", "successful": true }, delivery("b")]),
    );
    assert_eq!((told(bench.next()), told(bench.next())), ("a".into(), "b".into()));
    let (held, said, _) = bench.call("connect");
    bench.reply(held, &json!([delivery("c"), connected(&said)]));
    assert_eq!(told(bench.next()), "c");
    bench.call("connect");
}

#[test]
fn connects_that_brought_nothing_are_followed_together_and_soon() {
    let mut bench = Bench::new(false);
    let held = bench.ready(&json!({}));
    bench.pass(30_001);
    bench.reply(held, &json!([{ "channel": "/meta/connect", "successful": true }]));
    bench.quiet();
    assert_eq!(bench.wait(), 99);
    bench.call("connect");
}

#[test]
fn the_interval_is_kept_and_an_answer_that_comes_at_once_with_nothing_is_no_reason_to_hurry() {
    let mut bench = Bench::new(false);
    let held = bench.ready(&json!({}));
    bench.pass(30_000);
    let two = json!([{ "channel": "/meta/connect", "successful": true, "advice": { "interval": 2000, "multiple-clients": true } }]);
    bench.reply(held, &two);
    bench.quiet();
    assert_eq!(bench.wait(), 2_000);
    let (held, ..) = bench.call("connect");
    bench.reply(held, &json!([{ "channel": "/meta/connect", "successful": true, "advice": {} }]));
    assert_eq!(bench.wait(), 1_000);
}

#[test]
fn a_lost_session_is_made_anew_whatever_its_loss_is_called() {
    for lost in [
        json!({ "error": "402::Unknown client" }),
        json!({ "error": "402::session_unknown" }),
        json!({ "error": "401:c1:Unknown client" }),
        json!({ "advice": { "reconnect": "handshake", "interval": 0 } }),
    ] {
        let mut bench = Bench::new(false);
        let held = bench.ready(&json!({}));
        let mut reply = lost.clone();
        reply["channel"] = "/meta/connect".into();
        reply["successful"] = false.into();
        bench.reply(held, &json!([reply]));
        let (call, said, _) = bench.call("handshake");
        bench.reply(call, &json!([shaken(&said, "c2", &json!({}))]));
        let (call, said, _) = bench.call("connect");
        assert_eq!(said[0]["clientId"], "c2", "{lost}");
        bench.reply(call, &json!([connected(&said)]));
        assert_eq!(bench.next(), Output::Ready { fresh: true });
    }
}

#[test]
fn a_publish_that_finds_the_session_lost_is_refused_and_a_new_one_is_made() {
    let mut bench = Bench::new(false);
    let held = bench.ready(&json!({}));
    bench.client.publish(bench.now, "/chat", json!({ "text": "hi" }));
    let (call, said, _) = bench.call("publish");
    assert_eq!(said[0]["data"], json!({ "text": "hi" }));
    let lost = json!([{ "channel": "/chat", "id": said[0]["id"], "successful": false, "error": "402::Unknown client" }]);
    bench.reply(call, &lost);
    assert!(matches!(bench.published(), Outcome::Refused(Refusal { lost: true, .. })));
    assert_eq!(bench.next(), Output::Cancel(held));
    bench.call("handshake");
}

#[test]
fn none_stops_everything_and_gives_back_what_waits() {
    let mut bench = Bench::new(false);
    let held = bench.ready(&json!({}));
    let none = json!([{ "channel": "/meta/connect", "successful": false, "error": "403::no", "advice": { "reconnect": "none" } }]);
    bench.reply(held, &none);
    assert!(matches!(bench.next(), Output::Stopped(Trouble::Refused(_))));
    bench.quiet();
    assert_eq!(bench.client.deadline(), None);
    bench.client.publish(bench.now, "/chat", json!({}));
    assert_eq!(bench.published(), Outcome::Unsent(Trouble::Stopped));
}

#[test]
fn an_outage_is_waited_out_with_the_same_session_and_then_told() {
    let mut bench = Bench::new(false);
    let held = bench.ready(&json!({ "maxInterval": 600_000 }));
    bench.client.reply(bench.now, held, Err(IoFault::Broken));
    let Output::Down { attempt: 1, retry_at, .. } = bench.next() else { panic!("it is told") };
    bench.client.publish(bench.now, "/chat", json!({ "text": "hi" }));
    bench.quiet();
    while bench.now.at < retry_at {
        bench.wait();
        let _ = bench.client.deadline();
        if bench.now.at < retry_at {
            assert!(matches!(bench.published(), Outcome::Unsent(Trouble::Io(IoFault::Broken))));
        }
    }
    let (call, said, http) = loop {
        if let Output::Call(call) = bench.next() {
            let Body::Json(body) = &call.body else { panic!() };
            break (call.id, serde_json::from_str::<Value>(body).unwrap(), call);
        }
    };
    assert!(http.retry, "nobody here asked for it");
    assert_eq!((&said[0]["clientId"], &said[0]["advice"]), (&json!("c1"), &json!({ "timeout": 0 })));
    bench.reply(call, &json!([connected(&said)]));
    assert_eq!(bench.next(), Output::Ready { fresh: false });
}

#[test]
fn a_server_that_has_forgotten_by_its_own_word_is_not_asked_for_the_old_session() {
    let mut bench = Bench::new(false);
    let held = bench.ready(&json!({ "maxInterval": 10_000, "timeout": 1_000 }));
    bench.pass(20_000);
    bench.client.reply(bench.now, held, Err(IoFault::Broken));
    assert!(matches!(bench.next(), Output::Down { .. }));
    bench.wait();
    bench.call("handshake");
}

#[test]
fn a_publish_says_what_is_known_of_it() {
    let outcome = |result: Result<HttpReply, IoFault>| {
        let mut bench = Bench::new(false);
        bench.ready(&json!({}));
        bench.client.publish(bench.now, "/chat", json!({}));
        let (call, ..) = bench.call("publish");
        bench.client.reply(bench.now, call, result.as_ref().map_err(|fault| *fault));
        loop {
            if let Output::Published(_, outcome) = bench.next() {
                return outcome;
            }
        }
    };
    let status = |status, body: &str| Ok(HttpReply { status, body: body.into(), ..HttpReply::default() });
    assert!(matches!(outcome(Err(IoFault::Unreachable)), Outcome::Unsent(_)));
    assert!(matches!(outcome(Err(IoFault::Timeout)), Outcome::Unknown(_)));
    assert!(matches!(outcome(status(502, "")), Outcome::Unknown(_)));
    assert!(matches!(outcome(status(429, "")), Outcome::Unsent(Trouble::Busy { .. })));
    assert!(matches!(outcome(status(302, "")), Outcome::Unsent(Trouble::Page(302))));
    assert!(matches!(outcome(status(200, "[]")), Outcome::Unknown(_)), "nobody said that it was taken");
    assert!(matches!(outcome(status(200, "[")), Outcome::Unknown(_)));
    let ack = r#"[{"channel":"/chat","successful":true}]"#;
    assert_eq!(outcome(status(200, ack)), Outcome::Done, "an acknowledgement without a name");
    let no = r#"[{"channel":"/chat","successful":false,"error":"403:no:publish_denied"}]"#;
    assert!(matches!(
        outcome(status(200, no)),
        Outcome::Refused(Refusal { code: Some(403), lost: false, .. })
    ));
}

#[test]
fn what_is_said_at_once_leaves_in_order_and_together() {
    let mut bench = Bench::new(false);
    bench.ready(&json!({}));
    bench.client.publish(bench.now, "/chat", json!("a"));
    let (call, said, _) = bench.call("publish");
    for text in ["b", "c"] {
        bench.client.publish(bench.now, "/chat", json!(text));
    }
    bench.quiet();
    bench.reply(call, &json!([{ "channel": "/chat", "id": said[0]["id"], "successful": true }]));
    assert_eq!(bench.published(), Outcome::Done);
    let (call, said, _) = bench.call("publish");
    assert_eq!((&said[0]["data"], &said[1]["data"]), (&json!("b"), &json!("c")));
    let acks = json!([
        { "channel": "/chat", "id": said[1]["id"], "successful": true },
        { "channel": "/chat", "id": said[0]["id"], "successful": false, "error": "404::message_deleted" },
    ]);
    bench.reply(call, &acks);
    assert_eq!(bench.published(), Outcome::Done);
    assert!(matches!(bench.published(), Outcome::Refused(_)));
}

#[test]
fn batches_are_acknowledged_if_the_server_numbers_them() {
    let mut bench = Bench::new(false);
    let (call, said, _) = bench.call("handshake");
    let mut reply = shaken(&said, "c1", &json!({}));
    reply["ext"] = json!({ "ack": true });
    bench.reply(call, &json!([reply]));
    let (call, said, _) = bench.call("connect");
    assert_eq!(said[0]["ext"], json!({ "ack": -1 }));
    let mut reply = connected(&said);
    reply["ext"] = json!({ "ack": 4 });
    bench.reply(call, &json!([reply]));
    bench.next();
    let (_, said, _) = bench.call("connect");
    assert_eq!(said[0]["ext"], json!({ "ack": 4 }));
}

#[test]
fn a_request_to_slow_down_is_kept_to() {
    let mut bench = Bench::new(false);
    let (call, ..) = bench.call("handshake");
    let busy = HttpReply { status: 429, retry_after: Some(Duration::from_secs(40)), ..HttpReply::default() };
    bench.reply_with(call, &busy);
    assert!(matches!(bench.next(), Output::Down { trouble: Trouble::Busy { .. }, .. }));
    bench.client.try_now(bench.now);
    bench.quiet();
    bench.pass(39_900);
    bench.quiet();
}

fn open(bench: &mut Bench) -> SocketId {
    let Output::Open(call) = bench.next() else { panic!("a socket is tried first") };
    assert_eq!(call.url, "wss://chat.example.com/genesys/cometd");
    call.id
}

fn said(bench: &mut Bench, on: SocketId) -> Value {
    match bench.next() {
        Output::Say(id, frame) if id == on => serde_json::from_str(&frame.0).unwrap(),
        other => panic!("expected something to be said, but there was {other:?}"),
    }
}

fn hear(bench: &mut Bench, on: SocketId, json: &Value) {
    assert!(bench.client.socket(bench.now, on, SocketEvent::Text(Frame(json.to_string()))));
}

/// Shakes hands and connects on a socket.
fn ready_on_socket(bench: &mut Bench) -> SocketId {
    let socket = open(bench);
    bench.quiet();
    bench.client.socket(bench.now, socket, SocketEvent::Open);
    let words = said(bench, socket);
    assert_eq!(words[0]["supportedConnectionTypes"], json!(["websocket", "long-polling"]));
    hear(bench, socket, &json!([shaken(&words, "c1", &json!({ "timeout": 30_000 }))]));
    let words = said(bench, socket);
    assert_eq!(words[0]["connectionType"], "websocket");
    hear(bench, socket, &json!([connected(&words)]));
    assert_eq!(bench.next(), Output::Ready { fresh: true });
    assert_eq!(said(bench, socket)[0]["channel"], "/meta/connect");
    assert_eq!(said(bench, socket)[0]["channel"], "/meta/subscribe");
    bench.quiet();
    socket
}

#[test]
fn everything_travels_on_the_socket_if_there_is_one() {
    let mut bench = Bench::new(true);
    let socket = ready_on_socket(&mut bench);
    hear(&mut bench, socket, &json!([{ "channel": "/chat", "data": 1 }]));
    assert!(matches!(bench.next(), Output::Delivery(_)), "without the connect being answered");
    bench.client.publish(bench.now, "/chat", json!("hi"));
    let words = said(&mut bench, socket);
    hear(&mut bench, socket, &json!([{ "channel": "/chat", "id": words[0]["id"], "successful": true }]));
    assert_eq!(bench.published(), Outcome::Done);
}

#[test]
fn a_socket_that_cannot_be_opened_gives_way_to_requests_for_good() {
    for failed in [true, false] {
        let mut bench = Bench::new(true);
        let socket = open(&mut bench);
        if failed {
            let refused = SocketFault::Refused { status: 403, retry_after: None };
            bench.client.socket(bench.now, socket, SocketEvent::Failed(refused));
        } else {
            // It opens, and nobody answers on it.
            bench.client.socket(bench.now, socket, SocketEvent::Open);
            said(&mut bench, socket);
            assert_eq!(bench.wait(), 9_000);
            assert_eq!(bench.next(), Output::Shut(socket));
        }
        let held = bench.ready(&json!({}));
        bench.reply(held, &json!([{ "channel": "/meta/connect", "successful": false, "error": "402::x" }]));
        bench.call("handshake");
    }
}

#[test]
fn when_nothing_is_reached_the_socket_is_tried_again_first() {
    let mut bench = Bench::new(true);
    let socket = open(&mut bench);
    bench.client.socket(bench.now, socket, SocketEvent::Failed(IoFault::Unreachable.into()));
    let (call, ..) = bench.call("handshake");
    bench.client.reply(bench.now, call, Err(IoFault::Unreachable));
    assert!(matches!(bench.next(), Output::Down { attempt: 1, .. }));
    bench.wait();
    open(&mut bench);
}

#[test]
fn a_socket_that_breaks_is_opened_again_for_the_same_session() {
    let mut bench = Bench::new(true);
    let socket = ready_on_socket(&mut bench);
    bench.client.publish(bench.now, "/chat", json!("hi"));
    said(&mut bench, socket);
    bench.client.socket(bench.now, socket, SocketEvent::Closed(Some(1006)));
    assert_eq!(bench.published(), Outcome::Unknown(Trouble::Io(IoFault::Broken)));
    assert!(matches!(bench.next(), Output::Down { .. }));
    bench.wait();
    let socket = open(&mut bench);
    bench.client.socket(bench.now, socket, SocketEvent::Open);
    let words = said(&mut bench, socket);
    assert_eq!((&words[0]["channel"], &words[0]["clientId"]), (&json!("/meta/connect"), &json!("c1")));
    hear(&mut bench, socket, &json!([connected(&words)]));
    assert_eq!(bench.next(), Output::Ready { fresh: false });
}

#[test]
fn a_connect_that_is_not_answered_on_a_socket_ends_it() {
    let mut bench = Bench::new(true);
    let socket = ready_on_socket(&mut bench);
    assert_eq!(bench.wait(), 9_000, "the subscription is given up");
    bench.quiet();
    assert_eq!(bench.wait(), 31_000, "thirty seconds of hold, ten of margin");
    assert_eq!(bench.next(), Output::Shut(socket));
    assert!(matches!(bench.next(), Output::Down { .. }));
}

#[test]
fn waking_up_asks_at_once_and_gives_what_was_on_its_way_two_seconds() {
    let mut bench = Bench::new(false);
    let held = bench.ready(&json!({}));
    bench.client.publish(bench.now, "/chat", json!("hi"));
    let (out, ..) = bench.call("publish");
    bench.client.wake(bench.now);
    assert_eq!(bench.next(), Output::Cancel(held));
    assert_eq!(bench.next(), Output::Gap);
    let (call, said, http) = bench.call("connect");
    assert_eq!(said[0]["advice"], json!({ "timeout": 0 }));
    assert!(!http.retry);
    assert_eq!(bench.wait(), 2_000);
    assert_eq!(bench.next(), Output::Cancel(out));
    assert_eq!(bench.published(), Outcome::Unknown(Trouble::Io(IoFault::Timeout)));
    bench.reply(call, &json!([connected(&said)]));
    assert_eq!(bench.next(), Output::Ready { fresh: false }, "what was given up may have held something");
}

#[test]
fn a_socket_that_owes_an_answer_has_two_seconds_for_it_after_waking_up() {
    let mut bench = Bench::new(true);
    let socket = ready_on_socket(&mut bench);
    bench.client.publish_vital(bench.now, "/chat", json!("hi"));
    let words = said(&mut bench, socket);
    bench.client.wake(bench.now);
    bench.quiet();
    hear(&mut bench, socket, &json!([{ "channel": "/chat", "id": words[0]["id"], "successful": true }]));
    assert_eq!(bench.published(), Outcome::Done);
    bench.quiet();

    bench.client.publish_vital(bench.now, "/chat", json!("still there?"));
    said(&mut bench, socket);
    bench.client.wake(bench.now);
    bench.quiet();
    assert_eq!(bench.wait(), 2_000);
    assert_eq!(bench.next(), Output::Shut(socket));
    assert_eq!(bench.published(), Outcome::Unknown(Trouble::Io(IoFault::Timeout)));
    assert!(matches!(bench.next(), Output::Down { .. }));

    let mut bench = Bench::new(true);
    let socket = ready_on_socket(&mut bench);
    bench.client.publish(bench.now, "/chat", json!("typing"));
    said(&mut bench, socket);
    bench.client.wake(bench.now);
    assert_eq!(bench.next(), Output::Shut(socket), "nothing hangs on what is in doubt");
}

#[test]
fn a_socket_that_leaves_something_vital_unanswered_is_given_up_before_that_is_told() {
    let mut bench = Bench::new(true);
    let socket = ready_on_socket(&mut bench);
    let words = bench.client.publish_vital(bench.now, "/chat", json!("hi"));
    said(&mut bench, socket);
    assert_eq!(bench.wait(), 9_000);
    assert_eq!(bench.next(), Output::Shut(socket));
    assert_eq!(bench.next(), Output::Published(words, Outcome::Unknown(Trouble::Io(IoFault::Timeout))));

    let mut bench = Bench::new(true);
    let socket = ready_on_socket(&mut bench);
    let words = bench.client.publish_vital(bench.now, "/chat", json!("hi"));
    said(&mut bench, socket);
    bench.client.settled(words);
    assert_eq!(bench.wait(), 9_000);
    assert_eq!(bench.next(), Output::Published(words, Outcome::Unknown(Trouble::Io(IoFault::Timeout))));
    bench.quiet();
}

#[test]
fn leaving_says_so_once_and_nothing_follows() {
    let mut bench = Bench::new(false);
    let held = bench.ready(&json!({}));
    bench.client.leave(bench.now, Some(&json!({ "transcriptPosition": "5" })));
    assert_eq!(bench.next(), Output::Cancel(held));
    let (call, words, _) = bench.call("disconnect");
    assert_eq!(
        (&words[0]["channel"], &words[0]["ext"]["transcriptPosition"]),
        (&json!("/meta/disconnect"), &json!("5"))
    );
    bench.client.reply(bench.now, call, Err(IoFault::Broken));
    bench.quiet();
    assert_eq!(bench.client.deadline(), None);

    let mut bench = Bench::new(true);
    let socket = ready_on_socket(&mut bench);
    bench.client.leave_saying(bench.now, "/chat", &json!("bye"));
    let words = said(&mut bench, socket);
    assert_eq!((&words[0]["data"], &words[1]["channel"]), (&json!("bye"), &json!("/meta/disconnect")));
    assert_eq!(bench.next(), Output::Shut(socket));
}

#[test]
fn nothing_secret_stands_in_a_print() {
    let mut bench = Bench::new(false);
    let (call, said, _) = bench.call("handshake");
    bench.reply(call, &json!([shaken(&said, "hush", &json!({}))]));
    bench.client.publish(bench.now, "/chat", json!("hush"));
    assert!(!format!("{:?}", bench.client).contains("hush"));
}
