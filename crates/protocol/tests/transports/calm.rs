//! No hot loop, whatever the service answers: a conversation is played for minutes against a service that repeats any mixture of
//! good, odd and broken answers, each at once. However fast it answers, it is not asked more often than is stated here.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use envoi_protocol::attention::Watching;
use envoi_protocol::io::{CallId, HttpCall, HttpReply, IoFault, Method};
use envoi_protocol::session::{Input, Output};
use envoi_protocol::view::Command;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

use crate::kept::{now, session, token};

/// Most requests of one conversation in any minute: 120 reads that are there, 120 that come in, and 20 of all other kinds.
const A_MINUTE: usize = 260;
/// How long is played, in milliseconds.
const PLAYED: u64 = 240_000;
const CASES: u32 = 96;

/// An answer that a service may repeat.
#[derive(Debug, Clone, Copy)]
enum Answer {
    /// Something new, every time.
    News,
    /// The same entry, every time.
    Same,
    /// Entries before all others, which are not for the person.
    Older,
    Empty,
    Status(u16),
    /// With a `Retry-After` of no time.
    AtOnce(u16),
    /// With a `Retry-After` of so many seconds.
    Later(u16, u64),
    Code(&'static str),
    Text(&'static str),
    Page(u16),
    Fault(IoFault),
}

fn answer() -> impl Strategy<Value = Answer> {
    use Answer::{AtOnce, Code, Empty, Fault, Later, News, Older, Page, Same, Status, Text};
    prop::sample::select(vec![
        News,
        News,
        News,
        Same,
        Same,
        Older,
        Older,
        Empty,
        Empty,
        Status(200),
        Status(204),
        Status(302),
        Status(400),
        Status(401),
        Status(403),
        Status(408),
        Status(409),
        Status(429),
        Status(500),
        Status(503),
        AtOnce(429),
        AtOnce(503),
        Later(429, 5),
        Later(302, 5),
        Later(503, 5),
        Code("INVALID_CONTACT_CENTER"),
        Code("SOMETHING_NEW"),
        Text("nonsense"),
        Text("[]"),
        Text("{\"status\":{\"code\":\"SUCC"),
        Page(200),
        Page(404),
        Page(502),
        Fault(IoFault::Unreachable),
        Fault(IoFault::Broken),
        Fault(IoFault::Timeout),
        Fault(IoFault::Tls),
        Fault(IoFault::TooLarge),
    ])
}

struct Service {
    /// What is repeated.
    answers: Vec<Answer>,
    next: usize,
    entries: u64,
}

impl Service {
    fn answer(&mut self, call: &HttpCall) -> Result<HttpReply, IoFault> {
        let answer = self.answers[self.next % self.answers.len()];
        self.next += 1;
        self.entries += 1;
        let at = |index: u64, visibility: &str| {
            json!({ "type": "Text", "text": "words", "index": format!("{index}-0"), "visibility": visibility,
                    "from": { "participantId": "A1", "type": "Agent" } })
        };
        let good = |entries: Value| {
            let data = match call.method {
                Method::Get => json!({ "messages": entries }),
                _ => json!({ "clientToken": token(self.entries) }),
            };
            json!({ "status": { "code": "SUCCESS" }, "data": data }).to_string()
        };
        let (status, after, kind, body) = match answer {
            Answer::News => (200, None, "", good(json!([at(1_000_000 + self.entries, "All")]))),
            Answer::Same => (200, None, "", good(json!([at(1_000_000, "All")]))),
            Answer::Older => (200, None, "", good(json!([at(1_000_000 - self.entries, "Agent")]))),
            Answer::Empty => (200, None, "", good(json!([]))),
            Answer::Status(status) => (status, None, "", String::new()),
            Answer::AtOnce(status) => (status, Some(0), "", String::new()),
            Answer::Later(status, seconds) => (status, Some(seconds), "", String::new()),
            Answer::Code(code) => (400, None, "", json!({ "status": { "code": code } }).to_string()),
            Answer::Text(text) => (200, None, "", text.to_owned()),
            Answer::Page(status) => (status, None, "text/html", "<html>".to_owned()),
            Answer::Fault(fault) => return Err(fault),
        };
        Ok(HttpReply {
            status,
            content_type: kind.to_owned(),
            retry_after: after.map(Duration::from_secs),
            cookies: Vec::new(),
            body: body.into_bytes(),
        })
    }
}

/// When each request was made, in milliseconds.
fn play(seed: u64, joins: bool, answers: Vec<Answer>) -> Vec<u64> {
    let mut session = session(seed);
    let mut service = Service { answers, next: 0, entries: 0 };
    let mut asked = Vec::new();
    let mut at = 0;
    let mut first = joins;
    let mut waiting: VecDeque<(CallId, Result<HttpReply, IoFault>)> = VecDeque::new();
    let mut wishes = VecDeque::from([
        Input::Watching(Watching { shown: true, focused: true }),
        Input::Command(Command::Older),
        Input::Command(Command::Send { text: "Hello".into() }),
        Input::Wake,
        Input::Command(Command::Older),
    ]);
    while at <= PLAYED {
        let input = if let Some((call, result)) = waiting.pop_front() {
            Input::Reply { call, result }
        } else if let Some(wish) = wishes.pop_front() {
            wish
        } else {
            let Some(deadline) = session.deadline() else { break };
            at = deadline.at.0.max(at);
            Input::Tick
        };
        session.handle(now(at), input);
        while let Some(output) = session.poll() {
            match output {
                Output::Call(call) => {
                    asked.push(at);
                    assert!(asked.len() < 10_000, "this is a hot loop");
                    let result = match std::mem::take(&mut first) {
                        true => Ok(joined()),
                        false => service.answer(&call),
                    };
                    waiting.push_back((call.id, result));
                }
                Output::Cancel(call) => waiting.retain(|(id, _)| *id != call),
                Output::Commit(_) => session.handle(now(at), Input::Committed(Ok(()))),
                Output::Remember(_) => wishes.push_back(Input::Remembered(Ok(()))),
                _ => {}
            }
        }
    }
    asked
}

fn joined() -> HttpReply {
    let body = json!({ "status": { "code": "SUCCESS" }, "data": { "clientToken": token(0) } });
    let content_type = String::from("application/json");
    HttpReply {
        status: 200,
        content_type,
        retry_after: None,
        cookies: Vec::new(),
        body: body.to_string().into_bytes(),
    }
}

/// Most requests in any minute.
fn busiest_minute(asked: &[u64]) -> usize {
    let in_minute = |from: &u64| asked.iter().filter(|at| (*from..from + 60_000).contains(at)).count();
    asked.iter().map(in_minute).max().unwrap_or_default()
}

#[test]
fn a_service_is_not_asked_more_often_whatever_it_answers() {
    let config = Config { cases: CASES, failure_persistence: None, ..Config::default() };
    let cases = (any::<u64>(), prop::bool::weighted(0.9), prop::collection::vec(answer(), 1..6));
    TestRunner::new(config)
        .run(&cases, |(seed, joins, answers)| {
            let busiest = busiest_minute(&play(seed, joins, answers));
            prop_assert!(busiest <= A_MINUTE, "{busiest} requests in a minute");
            Ok(())
        })
        .unwrap();
}

/// The bounds of what is likely to be met, far below the one that holds of everything.
#[test]
fn what_says_nothing_is_asked_seldom() {
    let most = BTreeMap::from([
        ("empty", (vec![Answer::Empty], 30)),
        ("the same", (vec![Answer::Same], 30)),
        ("nothing", (vec![Answer::Status(204)], 30)),
        ("refused", (vec![Answer::Fault(IoFault::Unreachable)], 30)),
        ("a key withdrawn", (vec![Answer::Status(403)], 30)),
        ("slow down", (vec![Answer::Status(429)], 30)),
        ("slow down, no time", (vec![Answer::AtOnce(429)], 30)),
        ("failing", (vec![Answer::Status(500)], 30)),
        ("a page", (vec![Answer::Page(200)], 30)),
    ]);
    for (name, (answers, bound)) in most {
        for seed in 0..8 {
            let busiest = busiest_minute(&play(seed, true, answers.clone()));
            assert!((3..=bound).contains(&busiest), "{name}: {busiest} requests in a minute");
        }
    }
}
