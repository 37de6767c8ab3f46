//! People who sign in: the company's own sign-in page, and the passes that the service gives for what that page gave.
//!
//! The page belongs to an identity provider, which is another server in the real world; here both share one address. Exchange, renewal
//! and sign-out follow the service's facts; the page does what OAuth 2.0 with PKCE asks for and no more.

use std::collections::{BTreeMap, HashMap};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::Centre;

/// What was given to people who signed in.
#[derive(Debug, Default)]
pub(super) struct Identities {
    /// Codes of the page that were not exchanged yet.
    codes: BTreeMap<String, Code>,
    passes: BTreeMap<String, Pass>,
    /// What makes new passes, and whose it is.
    keys: BTreeMap<String, String>,
}

#[derive(Debug, Clone)]
struct Code {
    person: String,
    challenge: String,
    redirect: String,
}

#[derive(Debug, Clone)]
struct Pass {
    person: String,
    round: u64,
    until: u64,
}

/// What the page does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Page {
    /// It asks the person, whose yes goes here.
    Asks(String),
    /// It sends the browser here.
    Goes(String),
    /// The request is none that it knows: this is wrong with it.
    Refuses(&'static str),
}

impl Centre {
    /// A browser opens the page with this query; `agreed` once the person has pressed its button.
    pub fn sign_in_page(&mut self, query: &HashMap<String, String>, agreed: bool) -> Page {
        let of = |name: &str| query.get(name).map(String::as_str).unwrap_or_default();
        let redirect = of("redirect_uri");
        let wrong = [
            (!is_loopback(redirect), "redirect_uri must be an address of this computer"),
            (of("response_type") != "code", "response_type must be code"),
            (of("client_id").is_empty(), "client_id is missing"),
            (of("state").is_empty(), "state is missing"),
            (of("code_challenge_method") != "S256", "code_challenge_method must be S256"),
            (of("code_challenge").len() != 43, "code_challenge is not one"),
        ];
        if let Some((_, why)) = wrong.into_iter().find(|(wrong, _)| *wrong) {
            return Page::Refuses(why);
        }
        if !agreed && self.settings.sign_in_asks {
            let mut pairs: Vec<(String, String)> =
                query.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
            pairs.sort();
            return Page::Asks(format!("/sign-in/agree?{}", encoded(&pairs)));
        }
        let outcome = if self.settings.sign_in_declines {
            ("error".to_owned(), "access_denied".to_owned())
        } else {
            let code = Code {
                person: self.settings.person.clone(),
                challenge: of("code_challenge").to_owned(),
                redirect: redirect.to_owned(),
            };
            let name = self.ids.uuid();
            self.identities.codes.insert(name.clone(), code);
            ("code".to_owned(), name)
        };
        Page::Goes(format!(
            "{redirect}?{}",
            encoded(&[outcome, ("state".to_owned(), of("state").to_owned())])
        ))
    }

    /// A code is exchanged for a pass. It is used up by that, whatever comes of it.
    ///
    /// # Errors
    /// The HTTP status of the refusal.
    pub fn exchange(&mut self, now: u64, request: &Value) -> Result<Value, u16> {
        let text = |path: &str| request.pointer(path).and_then(Value::as_str).unwrap_or_default();
        let code = self.identities.codes.remove(text("/oauth/code"));
        if !self.settings.deployments.iter().any(|one| one == text("/deploymentId")) {
            return Err(400);
        }
        let code = code.filter(|_| !self.settings.exchange_refuses).ok_or(401_u16)?;
        let proven = URL_SAFE_NO_PAD.encode(Sha256::digest(text("/oauth/codeVerifier"))) == code.challenge;
        if !proven || text("/oauth/redirectUri") != code.redirect {
            return Err(401);
        }
        let mut given = json!({ "jwt": self.new_pass(now, &code.person) });
        if self.settings.refresh_tokens
            && let Some(given) = given.as_object_mut()
        {
            let key = self.ids.uuid();
            given.insert("refreshToken".to_owned(), json!(key));
            self.identities.keys.insert(key, code.person);
        }
        Ok(given)
    }

    /// A pass is made anew.
    ///
    /// # Errors
    /// The HTTP status of the refusal.
    pub fn renew(&mut self, now: u64, request: &Value) -> Result<Value, u16> {
        let key = request.pointer("/refreshToken").and_then(Value::as_str).unwrap_or_default();
        let person = self.identities.keys.get(key).filter(|_| !self.settings.renewal_refuses).cloned();
        let person = person.ok_or(401_u16)?;
        let mut given = json!({ "jwt": self.new_pass(now, &person) });
        if self.settings.rotates_keys
            && let Some(given) = given.as_object_mut()
        {
            self.identities.keys.remove(key);
            let next = self.ids.uuid();
            given.insert("refreshToken".to_owned(), json!(next));
            self.identities.keys.insert(next, person);
        }
        Ok(given)
    }

    /// A person is signed out, on every device.
    ///
    /// # Errors
    /// The HTTP status of the refusal.
    pub fn revoke(&mut self, now: u64, pass: Option<&str>) -> Result<(), u16> {
        let person = pass.and_then(|pass| self.bearer(now, pass)).ok_or(401_u16)?;
        self.identities.passes.retain(|_, pass| pass.person != person);
        self.identities.keys.retain(|_, owner| *owner != person);
        let theirs = self.sessions.iter().filter(|one| !one.gone && one.person.as_deref() == Some(&person));
        for token in theirs.map(|one| one.token.clone()).collect::<Vec<_>>() {
            self.lose(&token, "logout");
        }
        Ok(())
    }

    /// Whose pass it is, if it is good.
    pub(super) fn bearer(&self, now: u64, pass: &str) -> Option<String> {
        let pass = self.identities.passes.get(pass)?;
        (pass.round == self.settings.pass_round && now < pass.until).then(|| pass.person.clone())
    }

    fn new_pass(&mut self, now: u64, person: &str) -> String {
        let name = format!("e30.{}.signed-in", self.ids.uuid());
        let until = now + self.settings.signed_in_seconds * 1_000;
        let pass = Pass { person: person.to_owned(), round: self.settings.pass_round, until };
        self.identities.passes.insert(name.clone(), pass);
        name
    }
}

/// Whether an address is one that a program on the same computer may listen at: RFC 8252, section 7.3.
fn is_loopback(address: &str) -> bool {
    let host = address.strip_prefix("http://").and_then(|rest| rest.split('/').next()).unwrap_or_default();
    let port = host.strip_prefix("127.0.0.1:").or_else(|| host.strip_prefix("[::1]:"));
    port.is_some_and(|port| port.parse::<u16>().is_ok()) && !address.contains(['?', '#'])
}

/// Pairs as they stand in a query.
fn encoded(pairs: &[(String, String)]) -> String {
    let escaped = |text: &str| {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        let each = |byte: u8| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
        text.bytes().map(each).collect::<String>()
    };
    let pairs: Vec<String> =
        pairs.iter().map(|(name, value)| format!("{}={}", escaped(name), escaped(value))).collect();
    pairs.join("&")
}
