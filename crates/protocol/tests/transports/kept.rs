//! A kept conversation with the service of the registry, for simulations.

use std::collections::BTreeMap;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use envoi_protocol::io::{Moment, Now};
use envoi_protocol::session::{Preferences, Session, Setup};
use envoi_protocol::token::{ResumeToken, Secret};
use envoi_protocol::transport::Settings;
use envoi_protocol::transports::ALL;
use envoi_protocol::view::DeploymentView;
use serde_json::json;

/// A token of this session; only its number differs.
pub(crate) fn token(number: u64) -> String {
    let claims = json!({ "sessionId": "S1", "participantId": "P1", "transportId": number });
    format!("e30.{}.x", BASE64_URL_SAFE_NO_PAD.encode(claims.to_string()))
}

pub(crate) fn now(at: u64) -> Now {
    Now { at: Moment(at), wall: 1_767_607_200_000 + i64::try_from(at).unwrap() }
}

/// A conversation to be picked up.
pub(crate) fn session(seed: u64) -> Session {
    let service = &ALL[0];
    let mut settings = Settings::new();
    for field in (service.fields)() {
        settings.insert(field.name, json!(field.example.unwrap()));
    }
    let transport = (service.build)(&settings, true, &seed.into()).unwrap();
    let deployment = DeploymentView {
        id: "tide".into(),
        name: "Tidewater".into(),
        brand: None,
        asynchronous: true,
        pictures: true,
        form: Vec::new(),
        demo: false,
        keep: None,
        available: true,
        editable: false,
    };
    let setup = Setup {
        conversation: "tide-1".into(),
        deployment: deployment.into(),
        closing_text: None,
        guard: true,
        closes_window: false,
        typing_preview: false,
        user_data: BTreeMap::new(),
        hidden: Vec::new(),
        preferences: Preferences::default(),
        token: Some(ResumeToken { secret: Secret::new(token(1)) }),
        created: 1,
        keeps: true,
        stored: None,
        seed: seed.into(),
    };
    Session::new(setup, transport)
}
