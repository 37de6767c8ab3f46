//! A chat as the control API shows it: with everything that the customer's client never sees.

use serde_json::{Value, json};

use crate::model::digital_channels::entry::{Audience, Entry, Lasting};
use crate::model::digital_channels::session::{Participant, Session, Transport};

/// What a list of chats says about one.
pub(super) fn summary(session: &Session) -> Value {
    let participants: Vec<Value> = session.participants.iter().map(participant).collect();
    json!({
        "id": session.id,
        "endpoint": session.endpoint,
        "created": session.created,
        "nickname": session.customer().map(|one| one.nickname.as_str()),
        "participants": participants,
        "entries": session.entries.len(),
        "customer_typing": session.customer_typing,
        "ended": session.ended,
        "dead": session.death,
        "transports": session.transports.len(),
    })
}

/// All that is known about a chat.
pub(super) fn whole(session: &Session, faults: &[Value]) -> Value {
    let transports: Vec<Value> = session.transports.iter().map(transport).collect();
    let transcript: Vec<Value> = session.entries.iter().map(line).collect();
    let mut all = summary(session);
    let more = json!({
        "form": session.form,
        "user_data": session.user_data,
        "transports": transports,
        "transcript": transcript,
        "faults": faults,
    });
    if let (Value::Object(all), Value::Object(more)) = (&mut all, more) {
        all.extend(more);
    }
    all
}

fn participant(one: &Participant) -> Value {
    json!({ "id": one.id, "type": one.kind, "name": one.nickname, "present": one.present })
}

fn transport(one: &Transport) -> Value {
    json!({
        "id": one.id,
        "delivered": one.delivered,
        "last_index": one.last.map(|index| index.to_string()),
        "told_end": one.told_end,
    })
}

fn line(entry: &Entry) -> Value {
    let lasting = match entry.lasting {
        Lasting::Kept => "kept",
        Lasting::Passing => "passing",
        Lasting::Once => "once",
    };
    json!({
        "at": entry.at,
        "lasting": lasting,
        "to_customer": entry.audience == Audience::Everyone,
        "entry": entry.body,
    })
}
