//! The client token: a JWT signed with HS256 that carries three ids and nothing else.
//!
//! The ids are UUIDs, so the middle part decodes with plain base64 as well as with its URL-safe form.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

/// Signs the tokens of this pretend contact centre. Public on purpose: a token of an earlier run is recognised as
/// genuine and then refused because its chat is gone, as with a real service.
const KEY: &[u8] = b"envoi-sandbox signs with a key that everybody may know";

const HEADER: &str = r#"{"alg":"HS256","typ":"JWT"}"#;

/// What a token says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Claims {
    /// The chat.
    pub session_id: String,
    /// The connection to it: one per join.
    pub transport_id: String,
    /// The customer in it.
    pub participant_id: String,
}

impl Claims {
    /// The signed token for these claims.
    #[must_use]
    pub fn sign(&self) -> String {
        let claims = serde_json::to_string(self).unwrap_or_default();
        let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(HEADER), URL_SAFE_NO_PAD.encode(claims));
        let signature = mac(&signed).map(|mac| mac.finalize().into_bytes().to_vec()).unwrap_or_default();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// Reads and verifies a token; `None` if it is malformed or signed with another key.
    #[must_use]
    pub fn verify(token: &str) -> Option<Self> {
        let (signed, signature) = token.rsplit_once('.')?;
        let (_, claims) = signed.split_once('.')?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        mac(signed)?.verify_slice(&signature).ok()?;
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()
    }
}

fn mac(signed: &str) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(KEY).ok()?;
    mac.update(signed.as_bytes());
    Some(mac)
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::STANDARD_NO_PAD;

    use super::*;
    use crate::ids::Ids;

    fn claims(seed: u64) -> Claims {
        let mut ids = Ids::seeded(seed);
        Claims { session_id: ids.uuid(), transport_id: ids.uuid(), participant_id: ids.uuid() }
    }

    #[test]
    fn a_token_is_verified_and_a_changed_one_is_refused() {
        let token = claims(1).sign();
        assert_eq!(Claims::verify(&token), Some(claims(1)));
        assert_eq!(Claims::verify(&token.replace('.', "")), None);
        let (signed, _) = token.rsplit_once('.').unwrap();
        let (_, other) =
            claims(2).sign().rsplit_once('.').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
        assert_eq!(Claims::verify(&format!("{signed}.{other}")), None);
    }

    #[test]
    fn the_middle_part_decodes_with_plain_base64_into_exactly_three_ids() {
        for seed in 0..200 {
            let token = claims(seed).sign();
            let middle = token.split('.').nth(1).unwrap();
            let json: serde_json::Value =
                serde_json::from_slice(&STANDARD_NO_PAD.decode(middle).unwrap()).unwrap();
            let mut names: Vec<&String> = json.as_object().unwrap().keys().collect();
            names.sort();
            assert_eq!(names, ["participantId", "sessionId", "transportId"]);
        }
    }
}
