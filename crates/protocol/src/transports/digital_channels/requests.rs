//! The requests, exactly as the service's own client makes them: see `docs/protocols/digital-channels-v3.md`, "Requests".

use std::collections::BTreeMap;
use std::time::Duration;

use url::Url;

use super::desk::{Desk, Pass, Purpose, Write};
use super::settings::Settings;
use crate::event::{Attachment, EntryForm, LocalId};
use crate::io::{Body, CallId, HeaderValue, HttpCall, Method, Part};
use crate::kit::fields::Fields;
use crate::token::ResumeToken;
use crate::transport::Action;

/// Header that carries the token.
const CLIENT_KEY: &str = "x-nexus-client-key";
/// Most bytes of an answer.
const ANSWER: usize = 4 << 20;
/// Most bytes of a picture.
const PICTURE: usize = 20 << 20;
/// Pictures take their time on a slow line, in both directions.
const PICTURE_TIME: Duration = Duration::from_secs(120);
/// What we call ourselves towards the service.
const PRODUCT: &str = "Envoi";

impl Desk {
    /// Asks for a new session.
    pub(super) fn create(&mut self, form: &EntryForm, user_data: &BTreeMap<String, String>) {
        let mut fields = Fields::default();
        let value = |names: &[&str]| {
            let found = names.iter().find_map(|name| form.fields.get(*name));
            found.map(|value| value.trim().to_owned())
        };
        let first = value(&["firstname", "firstName"]);
        let nickname = value(&["nickname"]).filter(|name| !name.is_empty()).or_else(|| first.clone());
        let names =
            [("firstName", first), ("lastName", value(&["lastname", "lastName"])), ("nickname", nickname)];
        for (name, value) in names {
            if let Some(value) = value {
                fields.set(&["data", name], value);
            }
        }
        fields.set(&["data", "endpoint"], self.settings.endpoint.as_str());
        self.attach(&mut fields, &form.user_data, user_data);
        if let Some(stream) = &self.settings.stream {
            fields.set(&["data", "stream"], stream.as_str());
        }
        // What the configuration says about the service is not for the form to change.
        const OURS: [&str; 9] = [
            "firstname",
            "firstName",
            "lastname",
            "lastName",
            "nickname",
            "endpoint",
            "clientType",
            "stream",
            "userData",
        ];
        for (name, value) in form.fields.iter().filter(|(name, _)| !OURS.contains(&name.as_str())) {
            fields.set(&["data", name], value.as_str());
        }
        self.sessions(Purpose::Create, "create", fields, None, false);
    }

    /// Asks for a session again, with the token of old.
    pub(super) fn join(&mut self, token: &ResumeToken, user_data: &BTreeMap<String, String>, retry: bool) {
        let mut fields = Fields::default();
        fields.set(&["data", "endpoint"], self.settings.endpoint.as_str());
        self.attach(&mut fields, &BTreeMap::new(), user_data);
        self.sessions(Purpose::Join, "join", fields, Some(token), retry);
    }

    /// Attached data: what is configured, then what every client of this service tells of itself, then what was asked for.
    fn attach(
        &self,
        fields: &mut Fields,
        configured: &BTreeMap<String, String>,
        asked: &BTreeMap<String, String>,
    ) {
        let mut all = configured.clone();
        let own = [("_genesys_source", "web"), ("_genesys_browser", PRODUCT), ("_genesys_OS", system())];
        all.extend(own.map(|(key, value)| (key.to_owned(), value.to_owned())));
        all.extend(asked.clone());
        if let Some(phone) = all.get("phone").cloned() {
            all.insert("PhoneNumber".to_owned(), phone);
        }
        for (key, value) in all {
            fields.set(&["data", "userData", &key], value);
        }
        if let Some(client_type) = &self.settings.client_type {
            fields.set(&["data", "clientType"], client_type.as_str());
        }
    }

    fn sessions(
        &mut self,
        purpose: Purpose,
        what: &'static str,
        mut fields: Fields,
        token: Option<&ResumeToken>,
        retry: bool,
    ) {
        fields.set(&["operationId"], self.operation());
        let call = Draft {
            what,
            method: Method::Post,
            body: self.body(&fields),
            retry,
            ..Draft::to(self.settings.base.clone(), &self.settings)
        };
        self.send(purpose, call, token);
    }

    /// Reads entries; the query tells which.
    pub(super) fn read<'a>(
        &mut self,
        pass: &Pass,
        what: &'static str,
        query: impl Iterator<Item = (&'a str, &'a str)>,
        timeout: Duration,
        retry: bool,
    ) -> CallId {
        let mut url = pass.messages.clone();
        url.query_pairs_mut().extend_pairs(query).append_pair("operationId", &self.operation());
        let call = Draft { what, timeout, retry, ..Draft::to(url, &self.settings) };
        self.send(Purpose::Read, call, Some(&pass.token))
    }

    /// Sends a text, or tells that the person is typing.
    pub(super) fn message(&mut self, pass: &Pass, write: Write, kind: &str, text: &str) {
        let mut fields = Fields::default();
        fields.set(&["operationId"], self.operation());
        fields.set(&["data", "type"], kind);
        fields.set(&["data", "text"], text);
        let what = if write == Write::Typing { "typing" } else { "send" };
        self.write(pass, write, what, Method::Post, "messages", self.body(&fields));
    }

    /// Sends a picture.
    pub(super) fn picture(&mut self, pass: &Pass, local: LocalId, picture: Attachment) {
        let file = Part::File {
            name: "file".to_owned(),
            file: picture.name,
            mime: picture.mime,
            bytes: picture.bytes,
        };
        let operation = Part::Field { name: "operationId".to_owned(), value: self.operation() };
        let body = Body::Multipart(vec![file, operation]);
        self.write(pass, Write::Picture(local), "upload", Method::Post, "images", body);
    }

    /// Gives the service more data.
    pub(super) fn user_data(&mut self, pass: &Pass, data: BTreeMap<String, String>) {
        let mut fields = Fields::default();
        fields.set(&["operationId"], self.operation());
        for (key, value) in &data {
            fields.set(&["data", key], value.as_str());
        }
        let body = self.body(&fields);
        self.write(pass, Write::UserData(data), "user data", Method::Put, "userdata", body);
    }

    fn write(&mut self, pass: &Pass, write: Write, what: &'static str, method: Method, to: &str, body: Body) {
        let url = self.settings.address(&[&pass.ids.session_id, to]);
        let defaults = Draft::to(url, &self.settings);
        let timeout = if matches!(write, Write::Picture(_)) { PICTURE_TIME } else { defaults.timeout };
        let call = Draft { what, method, body, timeout, ..defaults };
        self.send(Purpose::Write(write), call, Some(&pass.token));
    }

    /// Takes the person out of the session.
    pub(super) fn leave(&mut self, pass: &Pass) {
        let mut fields = Fields::default();
        fields.set(&["operationId"], self.operation());
        let steps = [pass.ids.session_id.as_str(), "participants", pass.ids.participant_id.as_str()];
        let call = Draft {
            what: "leave",
            method: Method::Delete,
            body: self.body(&fields),
            ..Draft::to(self.settings.address(&steps), &self.settings)
        };
        self.send(Purpose::Leave, call, Some(&pass.token));
    }

    /// Loads a picture. `url` was resolved by [`Settings::media`].
    pub(super) fn media(&mut self, pass: &Pass, named: String, url: Url) {
        let defaults = Draft::to(url, &self.settings);
        let call = Draft { what: "picture", timeout: PICTURE_TIME, limit: PICTURE, ..defaults };
        self.send(Purpose::Media { url: named }, call, Some(&pass.token));
    }

    fn send(&mut self, purpose: Purpose, draft: Draft, token: Option<&ResumeToken>) -> CallId {
        let id = self.calls.open(purpose);
        let mut call = draft.call(id, &self.settings);
        if let Some(token) = token {
            call.headers.push((CLIENT_KEY.to_owned(), HeaderValue::Secret(token.secret.clone())));
        }
        self.out.push_back(Action::Call(call));
        id
    }

    fn body(&self, fields: &Fields) -> Body {
        if self.settings.json { Body::Json(fields.json()) } else { Body::Form(fields.form()) }
    }

    /// Names one request towards the service, which repeats it in its answer.
    fn operation(&mut self) -> String {
        operation(self.rng.u128(..))
    }
}

/// A number as the service's own client writes such names: 32 hexadecimal digits in five groups.
fn operation(number: u128) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    const GROUPS: [u32; 5] = [8, 4, 4, 4, 12];
    let mut name = String::with_capacity(36);
    let mut below = u128::BITS;
    for group in GROUPS {
        if !name.is_empty() {
            name.push('-');
        }
        for _ in 0..group {
            below -= 4;
            let digit = usize::try_from((number >> below) & 0xf).unwrap_or_default();
            name.push(DIGITS.get(digit).copied().map_or('0', char::from));
        }
    }
    name
}

/// A call that asks for the messages of a session that cannot exist: the answer tells whether this is the service, and whether
/// it takes the key.
pub(super) fn probe(settings: &Settings) -> HttpCall {
    let mut url = settings.address(&["00000000-0000-0000-0000-000000000000", "messages"]);
    url.query_pairs_mut().append_pair("operationId", "00000000-0000-0000-0000-000000000000");
    Draft { what: "probe", ..Draft::to(url, settings) }.call(CallId(0), settings)
}

/// A call that has no name yet, and no keys.
struct Draft {
    what: &'static str,
    method: Method,
    url: Url,
    body: Body,
    timeout: Duration,
    limit: usize,
    retry: bool,
}

impl Draft {
    /// A call to this address that is as most are.
    fn to(url: Url, settings: &Settings) -> Self {
        Self {
            what: "",
            method: Method::Get,
            url,
            body: Body::Empty,
            timeout: settings.request_timeout,
            limit: ANSWER,
            retry: false,
        }
    }

    fn call(self, id: CallId, settings: &Settings) -> HttpCall {
        HttpCall {
            id,
            what: self.what,
            method: self.method,
            url: self.url,
            headers: settings.headers.clone(),
            body: self.body,
            timeout: self.timeout,
            limit: self.limit,
            retry: self.retry,
            progress: false,
        }
    }
}

fn system() -> &'static str {
    match std::env::consts::OS {
        "linux" => "Linux",
        "macos" => "macOS",
        "windows" => "Windows",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_named_by_all_digits_of_its_number() {
        let number = 0x0123_4567_89ab_cdef_0011_2233_4455_6677;
        assert_eq!(operation(number), "01234567-89ab-cdef-0011-223344556677");
        assert_eq!(operation(0), "00000000-0000-0000-0000-000000000000");
    }
}
