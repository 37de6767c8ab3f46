//! What holds of the client whatever the server answers: arbitrary bytes are read as a story of answers, faults and time.
//!
//! - there is never more than one connect or handshake in flight, nor two sockets, and nothing is said on one that is not open
//! - requests never follow each other without a pause for long, and what is due is done
//! - each publish is answered exactly once

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use proptest::prelude::any;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

use super::*;
use crate::io::{Body, HttpReply, Moment, Now, SocketEvent};
use crate::kit::backoff::Urgency;

struct Source<'a>(&'a [u8]);

impl Source<'_> {
    fn byte(&mut self) -> u8 {
        let (first, rest) = self.0.split_first().map_or((0, self.0), |(first, rest)| (*first, rest));
        self.0 = rest;
        first
    }

    fn below(&mut self, end: u8) -> u8 {
        self.byte() % end
    }

    fn one_of<T: Clone>(&mut self, list: &[T]) -> T {
        list[usize::from(self.byte()) % list.len()].clone()
    }
}

struct Stage {
    client: Client,
    now: Now,
    calls: BTreeMap<CallId, (&'static str, Value)>,
    socket: Option<(SocketId, bool)>,
    /// Messages that were said on the socket and not answered.
    said: Vec<Value>,
    waiting: BTreeSet<Ticket>,
    answered: BTreeSet<Ticket>,
    /// When the server was asked for a session or for news, in the last minute.
    asked: VecDeque<Moment>,
    /// How often something here asked for a try.
    hurried: usize,
}

impl Stage {
    fn new(source: &mut Source<'_>) -> Self {
        let mut options = super::tests::options(source.below(2) == 0);
        options.timeout = Duration::from_secs(5);
        let mut stage = Self {
            client: Client::new(options, u64::from(source.byte())),
            now: Now { at: Moment(1_000), wall: 0 },
            calls: BTreeMap::new(),
            socket: None,
            said: Vec::new(),
            waiting: BTreeSet::new(),
            answered: BTreeSet::new(),
            asked: VecDeque::new(),
            hurried: 0,
        };
        stage.client.start(stage.now, vec!["/chat".into()]);
        stage.drain();
        stage
    }

    fn play(bytes: &[u8]) {
        let mut source = Source(bytes);
        let mut stage = Self::new(&mut source);
        while !source.0.is_empty() {
            stage.step(&mut source);
            stage.drain();
        }
        // However it ends, nothing stays without an answer.
        stage.client.leave(stage.now, None);
        stage.drain();
        let out: Vec<_> = stage.calls.keys().copied().collect();
        for call in out {
            stage.calls.remove(&call);
            stage.client.reply(stage.now, call, Err(IoFault::Broken));
            stage.drain();
        }
        assert!(stage.waiting.is_empty(), "a publish was lost silently");
    }

    /// A server that answers everything at once, in the same few ways over and over.
    fn hurry(bytes: &[u8]) {
        let mut stage = Self::new(&mut Source(bytes));
        let end = stage.now.at.after(Duration::from_secs(180));
        let mut source = Source(bytes);
        while stage.now.at < end {
            if source.0.is_empty() {
                source = Source(bytes);
            }
            if stage.socket.is_some() && (!stage.said.is_empty() || !stage.socket.unwrap().1) {
                stage.hears(&mut source);
            } else if let Some((id, (_, sent))) = stage.calls.pop_first() {
                let result = result(&mut source, &sent);
                stage.client.reply(stage.now, id, result.as_ref().map_err(|fault| *fault));
            } else {
                let Some(deadline) = stage.client.deadline() else { return };
                stage.now.at = deadline.at;
                stage.client.tick(stage.now);
            }
            stage.drain();
        }
    }

    fn step(&mut self, source: &mut Source<'_>) {
        match source.below(16) {
            0..=2 => {
                let ticket = self.client.publish(self.now, "/chat", json!({ "text": "hi" }));
                self.waiting.insert(ticket);
            }
            3 => match source.below(4) {
                0 => {
                    self.hurried += 1;
                    self.client.wake(self.now);
                }
                1 => {
                    self.hurried += 1;
                    self.client.try_now(self.now);
                }
                _ => {
                    self.hurried += 1;
                    self.client.urgency(self.now, source.one_of(&[Urgency::Watched, Urgency::Background]));
                }
            },
            4..=6 if self.socket.is_some() => self.hears(source),
            4..=11 => {
                let nth = usize::from(source.below(4));
                let Some(id) = self.calls.keys().nth(nth).or(self.calls.keys().next()).copied() else {
                    return;
                };
                let (_, sent) = self.calls.remove(&id).unwrap();
                let took = u64::from(source.byte()) * source.one_of(&[0, 1, 40, 200]);
                self.now.at = self.now.at.after(Duration::from_millis(took));
                let result = result(source, &sent);
                self.client.reply(self.now, id, result.as_ref().map_err(|fault| *fault));
            }
            12 if source.below(24) == 0 => {
                self.client.leave(self.now, None);
                self.client.start(self.now, vec!["/chat".into()]);
                self.hurried += 1;
            }
            12 | 13 => self.pass(u64::from(source.byte()) * 20),
            _ => {
                let wait = self.client.deadline().map_or(1_000, |deadline| {
                    u64::try_from(deadline.at.since(self.now.at).as_millis()).unwrap()
                });
                self.pass(wait);
            }
        }
    }

    fn pass(&mut self, ms: u64) {
        self.now.at = self.now.at.after(Duration::from_millis(ms));
        self.client.tick(self.now);
    }

    fn hears(&mut self, source: &mut Source<'_>) {
        let (id, open) = self.socket.unwrap();
        let event = match (open, source.below(8)) {
            (false, 0) => SocketEvent::Failed(SocketFault::Refused {
                status: 503,
                retry_after: Some(Duration::from_secs(4)),
            }),
            (false, 1) => SocketEvent::Failed(IoFault::Unreachable.into()),
            (false, _) => SocketEvent::Open,
            (true, 0) => SocketEvent::Closed(Some(1006)),
            (true, 1) => SocketEvent::Failed(IoFault::Timeout.into()),
            (true, 2) => SocketEvent::Text(Frame("[{".into())),
            (true, _) => {
                let said = std::mem::take(&mut self.said);
                SocketEvent::Text(Frame(Value::from(answers(source, &said)).to_string()))
            }
        };
        match &event {
            SocketEvent::Open => self.socket = Some((id, true)),
            SocketEvent::Text(_) => {}
            SocketEvent::Closed(_) | SocketEvent::Failed(_) => {
                self.socket = None;
                self.said.clear();
            }
        }
        self.client.socket(self.now, id, event);
    }

    fn drain(&mut self) {
        for _ in 0..100 {
            let Some(output) = self.client.poll() else {
                let deadline = self.client.deadline();
                assert!(
                    deadline.is_none_or(|deadline| deadline.at > self.now.at),
                    "what is due is done: {deadline:?}"
                );
                return;
            };
            match output {
                Output::Call(call) => {
                    let Body::Json(body) = &call.body else { panic!("messages are JSON") };
                    let alone = matches!(call.what, "handshake" | "connect");
                    assert!(
                        !alone
                            || !self
                                .calls
                                .values()
                                .any(|(what, _)| *what == "handshake" || *what == call.what),
                        "one {} at a time",
                        call.what
                    );
                    if alone {
                        self.asks();
                    }
                    self.calls.insert(call.id, (call.what, serde_json::from_str(body).unwrap()));
                }
                Output::Cancel(id) => {
                    assert!(self.calls.remove(&id).is_some(), "only a call that is out is abandoned");
                }
                Output::Open(call) => {
                    assert!(self.socket.is_none(), "one socket at a time");
                    self.asks();
                    self.socket = Some((call.id, false));
                }
                Output::Say(id, frame) => {
                    assert_eq!(self.socket, Some((id, true)), "only on an open socket is anything said");
                    let words: Value = serde_json::from_str(&frame.0).unwrap();
                    for message in words.as_array().unwrap() {
                        if message["channel"] == "/meta/connect" {
                            self.asks();
                            assert!(
                                !self.said.iter().any(|said| said["channel"] == "/meta/connect"),
                                "one connect at a time"
                            );
                        }
                        self.said.push(message.clone());
                    }
                }
                Output::Shut(id) => {
                    assert_eq!(self.socket.take().map(|(id, _)| id), Some(id));
                    self.said.clear();
                }
                Output::Published(ticket, _) => {
                    // A stopped client answers before its ticket was noted here.
                    assert!(self.answered.insert(ticket), "a publish is answered once");
                }
                Output::Down { retry_at, attempt, .. } => assert!(retry_at > self.now.at && attempt > 0),
                Output::Stopped(_) => {
                    self.client.start(self.now, vec!["/chat".into()]);
                    self.hurried += 1;
                }
                Output::Ready { .. } | Output::Delivery(_) | Output::Gap => {}
            }
            self.waiting.retain(|ticket| !self.answered.contains(ticket));
        }
        panic!("the client does not fall silent");
    }

    /// No more in any minute than the budgets hold, and three for whatever somebody here asked for.
    fn asks(&mut self) {
        self.asked.push_back(self.now.at);
        while self.asked.front().is_some_and(|first| self.now.at.since(*first) > Duration::from_secs(60)) {
            self.asked.pop_front();
        }
        let most = 2 * (5 + 30) + (12 + 240) + 4 * self.hurried;
        assert!(self.asked.len() <= most, "{} requests in a minute", self.asked.len());
    }
}

/// Answers to messages: most often good ones.
fn answers(source: &mut Source<'_>, sent: &[Value]) -> Vec<Value> {
    let mut list = Vec::new();
    for message in sent {
        let errors = ["402::Unknown client", "401:x:y", "403::denied", "500::", ""];
        let good = source.below(8) > 1;
        let mut reply = json!({ "channel": message["channel"], "id": message["id"], "successful": good });
        if message["channel"] == "/meta/handshake" && source.below(12) > 0 {
            reply["clientId"] = json!("c1");
            reply["supportedConnectionTypes"] = source.one_of(&[
                json!(["websocket", "long-polling"]),
                json!(["long-polling", "websocket"]),
                json!(["long-polling"]),
                json!([]),
                Value::Null,
            ]);
        }
        if !good {
            reply["error"] = json!(source.one_of(&errors));
        }
        if source.below(4) == 0 {
            let word = source.one_of(&["retry", "retry", "handshake", "handshake", "none", "what"]);
            let number =
                source.one_of(&[json!(0), json!(0), json!(2000), json!(-1), json!("7"), json!(1e300)]);
            reply["advice"] =
                json!({ "reconnect": word, "interval": number, "timeout": number, "maxInterval": number });
        }
        if source.below(6) == 0 {
            reply["ext"] = json!({ "ack": source.one_of(&[json!(true), json!(3), json!(-4), json!("x")]) });
        }
        match source.below(16) {
            0 => continue,
            1 => {
                reply.as_object_mut().unwrap().remove("id");
            }
            2 => list.push(json!({ "channel": "/meta/connect", "successful": true })),
            3 => list.push(json!({ "channel": "/meta/disconnect", "successful": true })),
            4 => list.push(json!({ "channel": "/chat", "data": [1] })),
            _ => {}
        }
        list.push(reply);
    }
    list
}

fn result(source: &mut Source<'_>, sent: &Value) -> Result<HttpReply, IoFault> {
    let faults = [IoFault::Unreachable, IoFault::Broken, IoFault::Timeout, IoFault::TooLarge];
    let mut reply = HttpReply { status: 200, ..HttpReply::default() };
    match source.below(16) {
        0 => return Err(source.one_of(&faults)),
        1 => {
            reply.status = source.one_of(&[302, 400, 404, 429, 500, 503]);
            reply.retry_after = source.one_of(&[None, Some(Duration::from_secs(3))]);
        }
        2 => reply.content_type = "text/html".into(),
        3 => reply.body = b"[{".to_vec(),
        _ => reply.body = Value::from(answers(source, sent.as_array().unwrap())).to_string().into_bytes(),
    }
    Ok(reply)
}

#[test]
fn no_server_is_asked_in_a_hot_loop() {
    let config = Config { cases: 600, failure_persistence: None, ..Config::default() };
    let manner = proptest::collection::vec(any::<u8>(), 4..40);
    let result = TestRunner::new(config).run(&manner, |bytes| {
        Stage::hurry(&bytes);
        Ok(())
    });
    if let Err(error) = result {
        panic!("{error}");
    }
}

#[test]
fn no_answer_makes_two_connects_a_hot_loop_or_a_lost_publish() {
    let config = Config { cases: 600, failure_persistence: None, ..Config::default() };
    let story = proptest::collection::vec(any::<u8>(), 200..1_200);
    let result = TestRunner::new(config).run(&story, |bytes| {
        Stage::play(&bytes);
        Ok(())
    });
    if let Err(error) = result {
        panic!("{error}");
    }
}
