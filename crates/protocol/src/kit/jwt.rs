//! Reading what stands in a JSON Web Token that we carry for a service.
//!
//! The signature is the service's own matter (the key is its secret), so nothing here is a check. The middle part is taken as
//! base64url or plain base64, with or without padding.

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde::de::DeserializeOwned;

const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// The claims of a token, as far as `T` wants them; `None` if there are none to be read.
#[must_use]
pub fn claims<T: DeserializeOwned>(token: &str) -> Option<T> {
    let middle = token.split('.').nth(1)?;
    let plain: String = middle
        .chars()
        .map(|character| match character {
            '-' => '+',
            '_' => '/',
            other => other,
        })
        .collect();
    serde_json::from_slice(&LENIENT.decode(plain).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE, BASE64_URL_SAFE_NO_PAD};
    use serde_json::{Value, json};

    #[test]
    fn both_alphabets_and_any_padding_are_read() {
        let text = r#"{"name":"Zoë?>~"}"#;
        for middle in
            [BASE64_STANDARD.encode(text), BASE64_URL_SAFE.encode(text), BASE64_URL_SAFE_NO_PAD.encode(text)]
        {
            assert_eq!(claims(&format!("h.{middle}.s")), Some(json!({ "name": "Zoë?>~" })));
        }
    }

    #[test]
    fn what_is_no_token_has_no_claims() {
        for text in ["", "a", "a.b", "a.!!.c", "..", "a.e30"] {
            let found: Option<Value> = claims(text);
            assert!(found.is_none() || text == "a.e30", "{text} has no claims");
        }
    }
}
