use super::*;
use crate::action::Action;

const NOW: u64 = 1_700_000_000_000;

struct Customer {
    centre: Centre,
    who: Credentials,
    now: u64,
}

impl Customer {
    fn start(settings: Settings) -> Self {
        let mut centre = Centre::new(settings, Ids::seeded(1));
        let fields = json!({ "nickname": "Jane Roe", "userData": { "plan": "gold" }, "subject": "Bill" });
        let answer =
            centre.request_chat(NOW, "customer-support", fields.as_object().unwrap().clone()).unwrap();
        let who = Credentials {
            chat: Some(text(&answer, "chatId")),
            user: Some(text(&answer, "userId")),
            key: text(&answer, "secureKey"),
        };
        assert_eq!(answer["messages"][0]["type"], "ParticipantJoined");
        assert_eq!(answer["messages"][0]["from"]["participantId"], 1);
        Self { centre, who, now: NOW }
    }

    fn does(&mut self, position: Option<i64>, operation: Operation) -> Result<Value, Refusal> {
        self.now += 10;
        let answer = self.centre.perform(self.now, &self.who, position, operation)?;
        if answer["secureKey"].is_string() {
            self.who.key = text(&answer, "secureKey");
        }
        Ok(answer)
    }

    fn reads(&mut self, position: i64) -> Value {
        self.does(Some(position), Operation::Refresh { preview: None }).unwrap()
    }

    fn says(&mut self, words: &str) -> Result<Value, Refusal> {
        self.does(None, Operation::Send { text: words.to_owned(), kind: None, attributes: None })
    }

    fn agent(&mut self, actions: Value) {
        let actions: Vec<Action> = serde_json::from_value(actions).unwrap();
        self.centre.act_all("latest", self.now, actions).unwrap();
    }
}

fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap().to_owned()
}

fn types(answer: &Value) -> Vec<(u64, String)> {
    let messages = answer["messages"].as_array().unwrap();
    messages.iter().map(|one| (one["index"].as_u64().unwrap_or(0), text(one, "type"))).collect()
}

fn indexes(answer: &Value) -> Vec<u64> {
    types(answer).into_iter().map(|(index, _)| index).collect()
}

#[test]
fn one_transcript_is_read_from_any_position() {
    let mut jane = Customer::start(Settings::default());
    assert!(jane.says("Hello").unwrap().get("messages").is_none(), "no position was asked for");
    jane.agent(json!([{ "do": "join", "name": "Maya" }, { "do": "say", "text": "Hi" }]));
    assert_eq!(indexes(&jane.reads(1)), [1, 2, 3, 4]);
    assert_eq!(indexes(&jane.reads(3)), [3, 4]);
    assert_eq!(indexes(&jane.reads(-1)), [4]);
    assert_eq!(indexes(&jane.reads(0)), [0_u64; 0]);
    assert_eq!(jane.reads(5)["nextPosition"], 5);
    let answer = jane.does(Some(4), Operation::Typing { on: true, preview: None }).unwrap();
    assert_eq!(indexes(&answer), [4, 5], "any operation may ask for the transcript");
}

#[test]
fn a_key_that_was_replaced_is_taken_until_the_new_one_was_used() {
    let mut jane = Customer::start(Settings { key_turns: 2, ..Settings::default() });
    let old = jane.who.clone();
    jane.reads(1);
    jane.reads(1);
    jane.reads(1);
    assert_ne!(jane.who.key, old.key);
    let mut last = jane.who.clone();
    jane.now += 1;
    jane.centre.perform(jane.now, &last, Some(1), Operation::Refresh { preview: None }).unwrap();
    last.key = "wrong".to_owned();
    let refused = jane.centre.perform(jane.now, &last, None, Operation::Limits);
    assert_eq!(refused, Err(Refusal::Over { ended: false }));
    assert!(jane.centre.find("latest").unwrap().ended, "a wrong key puts the customer out");
}

#[test]
fn whoever_is_silent_for_too_long_is_taken_out() {
    let mut jane = Customer::start(Settings::default());
    jane.now += 44_000;
    assert_eq!(jane.reads(2)["chatEnded"], false);
    jane.now += 46_000;
    let answer = jane.reads(2);
    assert_eq!(answer["chatEnded"], true);
    assert_eq!(types(&answer), [(2, "ParticipantLeft".to_owned())]);
    assert_eq!(jane.says("Too late"), Err(Refusal::Over { ended: true }));
}

#[test]
fn silence_is_announced_and_ends_the_chat_unless_it_is_broken() {
    let mut jane = Customer::start(Settings { silence_ms: 0, ..Settings::default() });
    let alert = json!([{ "do": "idle_alert", "text": "Hello?", "seconds": 30 }]);
    jane.agent(alert.clone());
    let answer = jane.reads(2);
    assert_eq!(answer["idleTimerExpire"], 30);
    assert_eq!(answer["messages"][0]["userData"]["next-idle-timer-secs"], "30");
    let attributes = Some(json!({ "purpose": "cancel-idle-timer" }));
    jane.does(None, Operation::Notice { text: None, attributes }).unwrap();
    jane.now += 60_000;
    assert_eq!(jane.reads(2)["chatEnded"], false);
    jane.agent(alert);
    jane.now += 31_000;
    let answer = jane.reads(1);
    assert_eq!(answer["chatEnded"], true);
    assert_eq!(types(&answer).last().unwrap().1, "IdleClose");
}

#[test]
fn files_are_counted_weighed_and_taken_back() {
    let rules = Settings { files: 1, file_bytes: 4, ..Settings::default() };
    let mut jane = Customer::start(rules);
    let up = |name: &str, bytes: &'static [u8]| Operation::Upload {
        name: name.to_owned(),
        bytes: Bytes::from_static(bytes),
        data: Map::new(),
    };
    assert_eq!(jane.does(None, up("a.exe", b"1")), Err(Refusal::FileType));
    assert_eq!(jane.does(None, up("a.txt", b"12345")), Err(Refusal::FileSize { allowed: 4 }));
    let answer = jane.does(None, up("../a.txt", b"1234")).unwrap();
    let file = text(&answer["userData"], "file-id");
    assert_eq!(jane.does(None, up("b.txt", b"1")), Err(Refusal::FileCount { allowed: 1 }));
    let limits = jane.does(None, Operation::Limits).unwrap();
    assert_eq!(limits["messages"][0]["userData"]["used-upload-max-files"], "1");
    assert!(limits.get("secureKey").is_none());
    let found = jane.centre.download(jane.now, &jane.who, &file).unwrap();
    assert_eq!((found.name.as_str(), &found.bytes[..]), ("a.txt", &b"1234"[..]));
    jane.does(None, Operation::Delete { file: file.clone() }).unwrap();
    assert_eq!(types(&jane.reads(2)).last().unwrap().1, "FileDeleted");
    assert_eq!(jane.centre.download(jane.now, &jane.who, &file).unwrap_err(), Refusal::NotFound);
}

#[test]
fn a_chat_server_that_fails_is_replaced_by_another_one() {
    let mut jane = Customer::start(Settings::default());
    let alias = text(&jane.reads(1), "alias");
    jane.agent(json!([{ "do": "kill", "mode": "1" }]));
    for _ in 0..3 {
        assert_eq!(jane.says("Hello"), Err(Refusal::Away));
    }
    jane.agent(json!([{ "do": "revive" }]));
    let answer = jane.reads(2);
    assert_ne!(text(&answer, "alias"), alias);
    assert!(types(&answer).is_empty(), "nothing of what was refused has arrived");
}

#[test]
fn what_is_said_once_only_is_not_in_the_transcript() {
    let mut jane = Customer::start(Settings::default());
    jane.agent(
        json!([{ "do": "join", "name": "Maya" }, { "do": "say", "text": "Hi" }, { "do": "duplicate" }]),
    );
    assert_eq!(indexes(&jane.reads(3)), [3, 3]);
    assert_eq!(indexes(&jane.reads(3)), [3]);
    jane.agent(json!([{ "do": "push", "entry": { "odd": true }, "fill": false, "keep": false }]));
    assert_eq!(jane.reads(4)["messages"], json!([{ "odd": true }]));
    assert_eq!(jane.reads(4)["messages"], json!([]));
}

#[test]
fn a_start_says_what_it_lacks() {
    let mut centre = Centre::new(Settings { last_name: true, ..Settings::default() }, Ids::seeded(1));
    let mut start = |fields: Value| {
        centre.request_chat(NOW, "customer-support", fields.as_object().unwrap().clone()).map(|_| ())
    };
    assert_eq!(start(json!({})), Err(Refusal::NoName));
    assert_eq!(start(json!({ "lastName": "Roe" })), Err(Refusal::NoFirstName));
    assert_eq!(start(json!({ "firstName": "Jane" })), Err(Refusal::NoLastName));
    assert_eq!(start(json!({ "nickname": "J", "emailAddress": "x" })), Err(Refusal::BadEmail));
    assert_eq!(start(json!({ "firstName": "Jane", "lastName": "Roe" })), Ok(()));
    centre.settings.closed = true;
    let fields = json!({ "nickname": "J" }).as_object().unwrap().clone();
    assert_eq!(centre.request_chat(NOW, "customer-support", fields), Err(Refusal::Closed));
}
